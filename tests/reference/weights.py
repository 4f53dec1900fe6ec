#!/usr/bin/env python3
"""Modules of PyTorch in files, with what they compute: the folder `weights` beside this file.

    pip install torch==2.15.0 numpy safetensors
    python tests/reference/weights.py
    PULLBACK_WEIGHTS_OUT=out cargo test --test weights_torch
    python tests/reference/weights.py check out

For each module a `.safetensors` file of its `state_dict`, and in `outputs.json` the inputs and outputs of two samples, in
f64, in evaluation. Running statistics are those of some batches, so that none is 0 or 1, nor are the weights and biases
of norms and attention, as they are in a new module: equal ones could be mixed up, and nobody would see it. One file is
in f64, one in f16 and one in bf16, and one is an archive of NumPy's, compressed, with an array in the order of Fortran.

`check` reads what `tests/weights_torch.rs` wrote of the networks that it had read: `load_state_dict(strict=True)` has to
take each file, all parameters and statistics have to be the same, and the module has to compute what it did.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent / "weights"


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(12, 32), nn.Linear(32, 16), nn.Linear(16, 4)

    def forward(self, x):
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(16 * 3 * 3, 30), nn.Linear(30, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class BasicBlock(nn.Module):
    """That of He et al. 2016, named as in torchvision."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """ResNet-18 with an eighth of the channels for images of 32 × 32: the layers and names of torchvision's."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        layer = lambda i, o, s: nn.Sequential(BasicBlock(i, o, s), BasicBlock(o, o, 1))
        self.layer1, self.layer2 = layer(8, 8, 1), layer(8, 12, 2)
        self.layer3, self.layer4 = layer(12, 16, 2), layer(16, 24, 2)
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn, self.head = kind(6, 10, batch_first=True), nn.Linear(10, 3)

    def forward(self, x):
        return self.head(self.rnn(x)[0])


class Transformer(nn.Module):
    """A block whose norms come first."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 16)
        self.norm1, self.norm2 = nn.LayerNorm(16), nn.LayerNorm(16)
        self.attn = nn.MultiheadAttention(16, 4, batch_first=True)
        self.up, self.down = nn.Linear(16, 64), nn.Linear(64, 16)

    def forward(self, tokens):
        x = self.embed(tokens)
        y = self.norm1(x)
        x = x + self.attn(y, y, y)[0]
        return x + self.down(F.gelu(self.up(self.norm2(x))))


REALS = lambda *shape: torch.randn(2, *shape, dtype=torch.float64)
MODULES = {
    "mlp": (Mlp, lambda: REALS(12)),
    "lenet": (LeNet, lambda: REALS(1, 20, 20)),
    "resnet18": (ResNet18, lambda: REALS(3, 32, 32)),
    "lstm": (lambda: Recurrent(nn.LSTM), lambda: REALS(7, 6)),
    "gru": (lambda: Recurrent(nn.GRU), lambda: REALS(7, 6)),
    "transformer": (Transformer, lambda: torch.randint(0, 20, (2, 5))),
}
TYPES = {"mlp_f64": torch.float64, "mlp_f16": torch.float16, "mlp_bf16": torch.bfloat16}


def of_name(name):
    return MODULES[name.split("_")[0]]


def output(module, x):
    with torch.no_grad():
        return module.double().eval()(x)


def vary(module):
    """Moves what is all 0 or all 1 in a new module; numbers of its own, so that those of other modules stay."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            if (parameter == parameter.flatten()[0]).all():
                parameter.add_(torch.empty(parameter.shape).uniform_(-0.4, 0.4, generator=generator))
    return module


def make():
    HERE.mkdir(exist_ok=True)
    torch.manual_seed(20261201)
    outputs = {}
    for name in [*MODULES, *TYPES]:
        new, inputs = of_name(name)
        module = vary(new()).to(TYPES.get(name, torch.float32))
        if any(isinstance(layer, nn.BatchNorm2d) for layer in module.modules()):
            for _ in range(3):
                module.train()(2 * torch.randn(16, 3, 32, 32) + 0.3)
        # What is all one number could be mixed up with another.
        constant = [key for key, value in module.state_dict().items() if value.dim() and (value == value.flatten()[0]).all()]
        assert not constant, (name, constant)
        save_file(module.state_dict(), HERE / f"{name}.safetensors")
        x = inputs()
        y = output(module, x)
        outputs[name] = {"x": x.flatten().tolist(), "y": y.flatten().tolist()}
        if name == "mlp":
            arrays = {key: value.float().numpy() for key, value in module.state_dict().items()}
            arrays["fc2.weight"] = numpy.asfortranarray(arrays["fc2.weight"])
            numpy.savez_compressed(HERE / "mlp.npz", **arrays)
    (HERE / "outputs.json").write_text(json.dumps(outputs) + "\n")


def check(folder):
    outputs = json.loads((HERE / "outputs.json").read_text())
    for name, values in outputs.items():
        new, _ = of_name(name)
        tensors = load_file(Path(folder) / f"{name}.safetensors")
        before = load_file(HERE / f"{name}.safetensors")
        assert {key: value.dtype for key, value in tensors.items()} == {key: value.dtype for key, value in before.items()}, name
        module = new().to(TYPES.get(name, torch.float32))
        module.load_state_dict(tensors, strict=True)
        for key, value in module.state_dict().items():
            # How many batches there were is not kept.
            expected = 0 * before[key] if key.endswith("num_batches_tracked") else before[key]
            assert torch.equal(value, expected), (name, key)
        x = torch.tensor(values["x"], dtype=torch.float64)
        x = x.long().reshape(2, -1) if name == "transformer" else x.reshape(of_name(name)[1]().shape)
        y = torch.tensor(values["y"], dtype=torch.float64)
        difference = ((output(module, x).flatten() - y).abs().max() / y.abs().max()).item()
        # Another machine may add in another order.
        assert difference <= 1e-12, (name, difference)
        print(f"{name}: {len(tensors)} tensors taken and the same, outputs within {difference:.0e}")
    archive = numpy.load(Path(folder) / "mlp.npz")
    ours = numpy.load(HERE / "mlp.npz")
    assert sorted(archive.files) == sorted(ours.files)
    assert all((archive[key] == ours[key]).all() and archive[key].dtype == ours[key].dtype for key in ours.files)
    print("mlp.npz: taken by NumPy, numbers the same")


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else make()
