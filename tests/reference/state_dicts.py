#!/usr/bin/env python3
"""Layers of PyTorch with their `state_dict`s, in f64: state_dicts.json beside this file.

    pip install torch numpy
    python tests/reference/state_dicts.py

A case:

    case, model   the model in the language of `model!`; its steps are called as the modules
    state_dict    for each tensor its shape and its numbers, row-major
    inputs        for each input the numbers of two samples
    y             what the module makes of them, as it is after training

What a stanza says of its parameters in PyTorch (`Torch` in macros/src/ops.rs) is held to these.
"""

import json
import warnings
from pathlib import Path

import torch
from torch import nn

from stored import kept

HERE = Path(__file__).parent
warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)


class One(nn.Module):
    """One layer, called `l`."""

    def __init__(self, layer, result=lambda y: y, inputs=1):
        super().__init__()
        self.l, self.result, self.copies = layer, result, inputs

    def forward(self, *xs):
        return self.result(self.l(*xs, *xs[:1] * (self.copies - 1)))


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.empty(3, 2))

    def forward(self, x):
        return x * self.table


class Nested(nn.Module):
    """Layers in layers."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.block = nn.ModuleDict({"norm": nn.LayerNorm(4), "up": nn.Linear(4, 6)})
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(torch.tanh(self.block["up"](self.block["norm"](self.embed(x)))))


def weight_norm(layer):
    return nn.utils.weight_norm(layer)


FIRST = {"result": lambda y: y[0]}

CASES = {
    "linear": ("(x: [5]) -> [3] { l = linear -> [3] }", One(nn.Linear(5, 3))),
    "linear_without_bias": ("(x: [2, 5]) -> [2, 3] { l = linear(bias = false) -> [2, 3] }", One(nn.Linear(5, 3, bias=False))),
    "linear_weight_norm": (
        "(x: [5]) -> [3] { l = linear(weight_norm = true) -> [3] }",
        One(weight_norm(nn.Linear(5, 3))),
    ),
    "bilinear": (
        "(a: [3], b: [4]) -> [2] { l = bilinear(a, b) -> [2] }",
        One(nn.Bilinear(3, 4, 2)),
    ),
    "conv1d": ("(x: [4, 6]) -> [6, 4] { l = conv1d(3, groups = 2) -> [6, _] }", One(nn.Conv1d(4, 6, 3, groups=2))),
    "conv2d_weight_norm": (
        "(x: [2, 4, 5]) -> [3, 3, 3] { l = conv2d([2, 3], weight_norm = true) -> [3, _, _] }",
        One(weight_norm(nn.Conv2d(2, 3, (2, 3)))),
    ),
    "conv3d": ("(x: [1, 3, 3, 3]) -> [2, 2, 2, 2] { l = conv3d(2) -> [2, _, _, _] }", One(nn.Conv3d(1, 2, 2))),
    "conv_transpose2d": (
        "(x: [2, 3, 3]) -> [4, 5, 5] { l = conv_transpose2d(3) -> [4, _, _] }",
        One(nn.ConvTranspose2d(2, 4, 3)),
    ),
    "conv_transpose3d": (
        "(x: [1, 2, 2, 2]) -> [2, 3, 3, 3] { l = conv_transpose3d(2) -> [2, _, _, _] }",
        One(nn.ConvTranspose3d(1, 2, 2)),
    ),
    "conv_transpose1d_weight_norm": (
        "(x: [2, 3]) -> [4, 5] { l = conv_transpose1d(3, weight_norm = true) -> [4, _] }",
        One(weight_norm(nn.ConvTranspose1d(2, 4, 3))),
    ),
    "embedding": ("(x: [3] of index(5)) -> [3, 2] { l = embedding -> [3, 2] }", One(nn.Embedding(5, 2))),
    "layer_norm": ("(x: [2, 4]) -> [2, 4] { l = layer_norm }", One(nn.LayerNorm(4))),
    "rms_norm": ("(x: [2, 4]) -> [2, 4] { l = rms_norm(eps = 1e-6) }", One(nn.RMSNorm(4, eps=1e-6))),
    "batch_norm": ("(x: [3, 4]) -> [3, 4] { l = batch_norm }", One(nn.BatchNorm1d(3))),
    "group_norm": ("(x: [4, 3]) -> [4, 3] { l = group_norm(2) }", One(nn.GroupNorm(2, 4))),
    "instance_norm": (
        "(x: [2, 5]) -> [2, 5] { l = instance_norm(affine = true) }",
        One(nn.InstanceNorm1d(2, affine=True)),
    ),
    "prelu": ("(x: [3, 4]) -> [3, 4] { l = prelu(num_parameters = 3) }", One(nn.PReLU(3))),
    "rnn": ("(x: [4, 3]) -> [4, 2] { l = rnn -> [4, 2] }", One(nn.RNN(3, 2, batch_first=True), **FIRST)),
    "lstm": ("(x: [4, 3]) -> [4, 2] { l = lstm -> [4, 2] }", One(nn.LSTM(3, 2, batch_first=True), **FIRST)),
    "gru": ("(x: [4, 3]) -> [4, 2] { l = gru -> [4, 2] }", One(nn.GRU(3, 2, batch_first=True), **FIRST)),
    "multihead_attention": (
        "(x: [3, 4]) -> [3, 4] { l = multihead_attention(heads = 2) }",
        One(nn.MultiheadAttention(4, 2, batch_first=True), inputs=3, **FIRST),
    ),
    "parameter": ("(x: [3, 2]) -> [3, 2] { table = parameter -> [3, 2], x * table }", Table()),
    "nested": (
        "(x: [3] of index(5)) -> [3, 2] { embed = embedding -> [3, 4], block = { norm = layer_norm, "
        "up = linear -> [3, 6] }, tanh, head = linear -> [3, 2] }",
        Nested(),
    ),
}


def inputs_of(model, generator):
    """Two samples of each input."""
    found = []
    for text in model[1 : model.index(") ->")].split("], "):
        dims = [int(d) for d in text[text.index("[") + 1 :].split("]")[0].split(",")]
        if "index(" in text:
            bound = int(text.split("index(")[1].rstrip(")"))
            found.append(torch.randint(bound, (2, *dims), generator=generator))
        else:
            found.append(torch.randn(2, *dims, generator=generator).round(decimals=3))
    return found


def main():
    rows = []
    for case, (model, module) in CASES.items():
        generator = torch.Generator().manual_seed(sum(case.encode()))
        with torch.no_grad():
            for name, tensor in module.state_dict().items():
                if tensor.dtype == torch.float64:
                    drawn = torch.randn(tensor.shape, generator=generator).round(decimals=3)
                    tensor.copy_(drawn.abs() + 0.5 if name.endswith(("running_var", "weight_g")) else drawn)
            inputs = inputs_of(model, generator)
            y = module.eval()(*inputs)
        tensors = module.state_dict().items()
        rows.append({
            "case": case,
            "model": "Net" + model,
            "state_dict": {name: {"shape": list(x.shape), "data": x.flatten().tolist()} for name, x in tensors},
            "inputs": [x.flatten().tolist() for x in inputs],
            "y": y.flatten().tolist(),
        })  # fmt: skip
    path = HERE / "state_dicts.json"
    rows = kept(rows, path, lambda row: row["case"], 1e-12)
    path.write_text("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    print(f"{path.name}: {len(rows)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
