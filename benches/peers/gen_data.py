"""Writes weights/inputs (f32, fixed seed) and PyTorch float64 reference outputs
as raw little-endian files under $PEERS_DATA (default ~/.cache/pullback-peers/data)."""
import os, sys
import numpy as np
import torch
import torch.nn.functional as F
import nets, shapes

ROOT = os.environ.get("PEERS_DATA", os.path.expanduser("~/.cache/pullback-peers/data"))


def main():
    rng = np.random.default_rng(20240607)

    def save(group, name, a, dt=np.float32):
        d = os.path.join(ROOT, group)
        os.makedirs(d, exist_ok=True)
        if isinstance(a, torch.Tensor):
            a = a.detach().numpy()
        np.ascontiguousarray(a, dtype=dt).tofile(os.path.join(d, name + (".f32" if dt == np.float32 else ".i32")))

    def uni(shape, fan_in):
        k = 1.0 / np.sqrt(fan_in)
        return rng.uniform(-k, k, shape).astype(np.float32)

    def T(a):
        return torch.tensor(np.asarray(a, dtype=np.float64), requires_grad=True)

    def grads(loss, ps):
        return torch.autograd.grad(loss, ps)

    # ---- W1 policy
    P = {}
    for i, (a, b) in enumerate([(8, 64), (64, 64), (64, 4)], 1):
        P[f"W{i}"], P[f"b{i}"] = uni((b, a), a), uni((b,), a)
    x, c, tx = (rng.standard_normal(n).astype(np.float32) for n in (8, 4, 8))
    for k, v in list(P.items()) + [("x", x), ("c", c), ("tx", tx)]:
        save("w1", k, v)
    t = {k: T(v) for k, v in P.items()}
    xt = T(x)
    f = lambda xx: torch.tanh(torch.tanh(xx @ t["W1"].T + t["b1"]) @ t["W2"].T + t["b2"]) @ t["W3"].T + t["b3"]
    out = f(xt)
    save("w1", "ref_out", out)
    ks = list(t)
    for k, g in zip(ks + ["x"], grads((out * torch.tensor(c, dtype=torch.float64)).sum(), [t[k] for k in ks] + [xt])):
        save("w1", "ref_g" + k, g)
    J = torch.func.jvp(lambda xx: torch.tanh(torch.tanh(xx @ t["W1"].T + t["b1"]) @ t["W2"].T + t["b2"]) @ t["W3"].T + t["b3"],
                       (torch.tensor(x, dtype=torch.float64),), (torch.tensor(tx, dtype=torch.float64),))[1]
    save("w1", "ref_jvp", J)

    # ---- W2 mnist mlp
    P = {}
    for i, (a, b) in enumerate([(784, 256), (256, 128), (128, 10)], 1):
        P[f"W{i}"], P[f"b{i}"] = uni((b, a), a), uni((b,), a)
    x = rng.uniform(0, 1, (64, 784)).astype(np.float32)
    y = rng.integers(0, 10, 64).astype(np.int32)
    for k, v in list(P.items()) + [("x", x)]:
        save("w2", k, v)
    save("w2", "y", y, np.int32)
    t = {k: T(v) for k, v in P.items()}
    h = torch.relu(torch.tensor(x, dtype=torch.float64) @ t["W1"].T + t["b1"])
    h = torch.relu(h @ t["W2"].T + t["b2"])
    out = h @ t["W3"].T + t["b3"]
    loss = F.cross_entropy(out, torch.tensor(y, dtype=torch.int64))
    save("w2", "ref_out", out)
    save("w2", "ref_loss", loss.reshape(1))
    for k, g in zip(t, grads(loss, list(t.values()))):
        save("w2", "ref_g" + k, g)

    # ---- W3 lenet
    P = {"K1": uni((6, 1, 5, 5), 25), "kb1": uni((6,), 25), "K2": uni((16, 6, 5, 5), 150), "kb2": uni((16,), 150)}
    for i, (a, b) in enumerate([(256, 120), (120, 84), (84, 10)], 1):
        P[f"W{i}"], P[f"b{i}"] = uni((b, a), a), uni((b,), a)
    x = rng.uniform(0, 1, (64, 1, 28, 28)).astype(np.float32)
    y = rng.integers(0, 10, 64).astype(np.int32)
    for k, v in list(P.items()) + [("x", x)]:
        save("w3", k, v)
    save("w3", "y", y, np.int32)
    t = {k: T(v) for k, v in P.items()}
    h = F.max_pool2d(torch.relu(F.conv2d(torch.tensor(x, dtype=torch.float64), t["K1"], t["kb1"])), 2)
    h = F.max_pool2d(torch.relu(F.conv2d(h, t["K2"], t["kb2"])), 2).flatten(1)
    h = torch.relu(h @ t["W1"].T + t["b1"])
    h = torch.relu(h @ t["W2"].T + t["b2"])
    out = h @ t["W3"].T + t["b3"]
    loss = F.cross_entropy(out, torch.tensor(y, dtype=torch.int64))
    save("w3", "ref_out", out)
    save("w3", "ref_loss", loss.reshape(1))
    for k, g in zip(t, grads(loss, list(t.values()))):
        save("w3", "ref_g" + k, g)

    # ---- W4 pinn (inputs: column 0 = x, column 1 = t), nu = 0.01
    P = {}
    for i, (a, b) in enumerate([(2, 64), (64, 64), (64, 64), (64, 1)], 1):
        P[f"W{i}"], P[f"b{i}"] = uni((b, a), a), uni((b,), a)
    xy = np.stack([rng.uniform(-1, 1, 1024), rng.uniform(0, 1, 1024)], 1).astype(np.float32)
    for k, v in list(P.items()) + [("xy", xy)]:
        save("w4", k, v)
    t = {k: T(v) for k, v in P.items()}
    xt = T(xy)
    h = xt
    for i in (1, 2, 3):
        h = torch.tanh(h @ t[f"W{i}"].T + t[f"b{i}"])
    u = h @ t["W4"].T + t["b4"]
    (g,) = torch.autograd.grad(u.sum(), xt, create_graph=True)
    ux, ut = g[:, 0], g[:, 1]
    (gg,) = torch.autograd.grad(ux.sum(), xt, create_graph=True)
    uxx = gg[:, 0]
    loss = ((ut + u[:, 0] * ux - 0.01 * uxx) ** 2).mean()
    save("w4", "ref_loss", loss.reshape(1))
    for k, g in zip(t, torch.autograd.grad(loss, list(t.values()), allow_unused=True)):
        save("w4", "ref_g" + k, g if g is not None else torch.zeros_like(t[k]))

    # ---- W5 block
    d, ff, H, Tn = 128, 512, 4, 64
    P = {
        "ln1g": (1 + 0.1 * rng.standard_normal(d)).astype(np.float32), "ln1b": (0.1 * rng.standard_normal(d)).astype(np.float32),
        "Wqkv": uni((3 * d, d), d), "bqkv": uni((3 * d,), d), "Wo": uni((d, d), d), "bo": uni((d,), d),
        "ln2g": (1 + 0.1 * rng.standard_normal(d)).astype(np.float32), "ln2b": (0.1 * rng.standard_normal(d)).astype(np.float32),
        "W1": uni((ff, d), d), "b1": uni((ff,), d), "W2": uni((d, ff), ff), "b2": uni((d,), ff),
    }
    x = rng.standard_normal((8, Tn, d)).astype(np.float32)
    c = rng.standard_normal((8, Tn, d)).astype(np.float32)
    for k, v in list(P.items()) + [("x", x), ("c", c)]:
        save("w5", k, v)
    t = {k: T(v) for k, v in P.items()}

    def block(xx):
        B = xx.shape[0]
        h = F.layer_norm(xx, (d,), t["ln1g"], t["ln1b"], 1e-5)
        q, k, v = (h @ t["Wqkv"].T + t["bqkv"]).reshape(B, Tn, 3, H, d // H).permute(2, 0, 3, 1, 4)
        a = torch.softmax(q @ k.transpose(-1, -2) / np.sqrt(d // H), -1) @ v
        xx = xx + a.transpose(1, 2).reshape(B, Tn, d) @ t["Wo"].T + t["bo"]
        h = F.layer_norm(xx, (d,), t["ln2g"], t["ln2b"], 1e-5)
        return xx + F.gelu(h @ t["W1"].T + t["b1"], approximate="tanh") @ t["W2"].T + t["b2"]

    for B in (1, 8):
        out = block(torch.tensor(x[:B], dtype=torch.float64))
        save("w5", f"ref_out_b{B}", out)
        for k, g in zip(t, grads((out * torch.tensor(c[:B], dtype=torch.float64)).sum(), list(t.values()))):
            save("w5", f"ref_g{k}_b{B}", g)

    # ---- W6 elementwise
    n = 1 << 20
    x = (2 * rng.standard_normal(n)).astype(np.float32)
    c = rng.standard_normal(n).astype(np.float32)
    save("w6", "x", x)
    save("w6", "c", c)
    xt = T(x)
    yv = F.silu(F.softplus(torch.tanh(F.gelu(xt, approximate="tanh"))))
    save("w6", "ref_out", yv)
    save("w6", "ref_gx", grads((yv * torch.tensor(c, dtype=torch.float64)).sum(), [xt])[0])

    # ---- W7 gemm layer
    W, b = uni((1024, 1024), 1024), uni((1024,), 1024)
    x = rng.standard_normal((256, 1024)).astype(np.float32)
    c = rng.standard_normal((256, 1024)).astype(np.float32)
    for k, v in [("W", W), ("b", b), ("x", x), ("c", c)]:
        save("w7", k, v)
    Wt, bt, xt = T(W), T(b), T(x)
    out = F.gelu(xt @ Wt.T + bt, approximate="tanh")
    save("w7", "ref_out", out)
    for k, g in zip(["W", "b", "x"], grads((out * torch.tensor(c, dtype=torch.float64)).sum(), [Wt, bt, xt])):
        save("w7", "ref_g" + k, g)
    # A generator of their own, so that what is above stays as it was.
    rng = np.random.default_rng(20261129)
    D = lambda P: {k: torch.tensor(v, dtype=torch.float64) for k, v in P.items()}

    def norm(n):
        return (1 + 0.1 * rng.standard_normal(n)).astype(np.float32), (0.1 * rng.standard_normal(n)).astype(np.float32)

    # ---- W8 resnet-18: running statistics are those of the image itself (so that no layer shrinks what flows), a little off
    P = {}
    for conv, bn, shape in shapes.w8_convs():
        P[conv + ".weight"] = uni(shape, int(np.prod(shape[1:])))
        P[bn + ".weight"], P[bn + ".bias"] = norm(shape[0])
        P[bn + ".running_mean"], P[bn + ".running_var"] = np.zeros(shape[0], np.float32), np.ones(shape[0], np.float32)
    P["fc.weight"], P["fc.bias"] = uni((1000, 512), 512), uni((1000,), 512)
    x = rng.standard_normal((1, 3, 224, 224)).astype(np.float32)
    with torch.no_grad():
        t = D(P)
        nets.w8(t, torch.tensor(x, dtype=torch.float64), training=True, momentum=1.0)
        for k in P:
            if "running" in k:
                P[k] = (t[k].numpy() * rng.uniform(0.9, 1.1, t[k].shape)).astype(np.float32)
        for k, v in list(P.items()) + [("x", x)]:
            save("w8", k, v)
        save("w8", "ref_out", nets.w8(D(P), torch.tensor(x, dtype=torch.float64)))

    # ---- W9 minilm: the first sentence fills its 32 tokens, others are padded
    P = {}
    for k, shape in shapes.w9_shapes().items():
        if k.endswith("norm.weight"):
            P[k], P[k[:-6] + "bias"] = norm(shape)
        elif k not in P:
            P[k] = uni(shape, shapes.FF if k.endswith(".output.weight") or k.endswith(".output.bias") else shapes.D)
    tokens = rng.integers(0, shapes.VOCAB, (16, shapes.TOKENS)).astype(np.int32)
    lens = np.concatenate([[shapes.TOKENS], rng.integers(8, shapes.TOKENS + 1, 15)])
    mask = (np.arange(shapes.TOKENS)[None, :] < lens[:, None]).astype(np.float32)
    for k, v in list(P.items()) + [("mask", mask)]:
        save("w9", k, v)
    save("w9", "tokens", tokens, np.int32)
    with torch.no_grad():
        t = D(P)
        for B in (1, 16):
            save("w9", f"ref_out_b{B}", nets.w9(t, torch.tensor(tokens[:B]), torch.tensor(mask[:B], dtype=torch.float64)))
    print("data written to", ROOT, "torch", torch.__version__)


main()
