"""PyTorch CPU: eager and torch.compile."""
import os, sys, warnings
warnings.filterwarnings("ignore")
T = int(sys.argv[2]) if len(sys.argv) > 2 else 1
import torch
torch.set_num_threads(T)
import torch.nn.functional as F
import peerkit as pk
import nets
from nets import w2, w3, w5, w7, w8, w9

NEED = False


def tp(group, grad=True):
    return {k: torch.tensor(v).requires_grad_(grad) for k, v in pk.params(group).items()}


def tt(group, name, shape):
    return torch.tensor(pk.f(group, name, shape))


def comp(fn, on):
    return torch.compile(fn, fullgraph=True) if on else fn


def N(t):
    return t.detach().numpy()


# --- models (params dict first)
def w1(p, x):
    h = torch.tanh(F.linear(x, p["W1"], p["b1"]))
    h = torch.tanh(F.linear(h, p["W2"], p["b2"]))
    return F.linear(h, p["W3"], p["b3"])


def w6(x):
    return F.silu(F.softplus(torch.tanh(F.gelu(x, approximate="tanh"))))


# --- makers
def fwd(group, model, xname, shape, refname="out", sl=None, c=False):
    def make(threads, ck):
        p = tp(group, False)
        x = tt(group, xname, shape)
        if sl:
            x = x[:sl].contiguous()
        fn = comp(lambda x: model(p, x), c)
        ctx = torch.inference_mode() if not c else torch.no_grad()
        ctx.__enter__()
        ck.rf(group, refname, N(fn(x)))
        return (lambda: fn(x)), None
    return make


def w1_vjp(c):
    def make(threads, ck):
        p = tp("w1")
        x = tt("w1", "x", (8,)).requires_grad_()
        ct = tt("w1", "c", (4,))
        ks = list(p)
        leaves = [p[k] for k in ks] + [x]
        fn = comp(lambda x: w1(p, x), c)
        body = lambda: torch.autograd.grad(fn(x), leaves, ct)
        for k, g in zip(ks + ["x"], body()):
            ck.rf("w1", "g" + k, N(g))
        return body, None
    return make


def w1_jvp(c):
    def make(threads, ck):
        p = tp("w1", False)
        x, tx = tt("w1", "x", (8,)), tt("w1", "tx", (8,))
        fn = comp(lambda x, tx: torch.func.jvp(lambda z: w1(p, z), (x,), (tx,)), c)
        torch.set_grad_enabled(False)
        ck.rf("w1", "out", N(fn(x, tx)[0]))
        ck.rf("w1", "jvp", N(fn(x, tx)[1]))
        return (lambda: fn(x, tx)), None
    return make


def step(group, model, shape, c, whole=False):
    """one SGD step. whole=True compiles the loss; the update is torch._foreach (in place)."""
    def make(threads, ck):
        x = tt(group, "x", shape)
        y = torch.tensor(pk.ints(group, "y")).long()

        def loss_fn(p, x, y):
            return F.cross_entropy(model(p, x), y)
        lf = comp(loss_fn, c)

        def one(p, ks, lr):
            ps = [p[k] for k in ks]
            loss = lf(p, x, y)
            gs = torch.autograd.grad(loss, ps)
            with torch.no_grad():
                torch._foreach_add_(ps, gs, alpha=-lr)
            return loss
        p = tp(group)
        p0 = {k: N(v).copy() for k, v in p.items()}
        ks = list(p)
        ck.rf(group, "loss", N(one(p, ks, 1.0)).reshape(1))
        for k in ks:
            ck.rf(group, "g" + k, p0[k] - N(p[k]))
        return (lambda: one(p, ks, 1e-4)), None
    return make


def resnet(c):
    def make(threads, ck):
        p, x = tp("w8", False), tt("w8", "x", (1, 3, 224, 224))
        fn = comp(lambda x: w8(p, x), c)
        (torch.inference_mode() if not c else torch.no_grad()).__enter__()
        ck.rf("w8", "out", N(fn(x)))
        return (lambda: fn(x)), None
    return make


def resnet_nhwc(c):
    """channels_last, which oneDNN likes for convolutions"""
    def make(threads, ck):
        cl = lambda t: t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t
        p, x = {k: cl(v) for k, v in tp("w8", False).items()}, cl(tt("w8", "x", (1, 3, 224, 224)))
        fn = comp(lambda x: w8(p, x), c)
        (torch.inference_mode() if not c else torch.no_grad()).__enter__()
        ck.rf("w8", "out", N(fn(x)))
        return (lambda: fn(x)), None
    return make


def minilm(B, c):
    def make(threads, ck):
        p = tp("w9", False)
        tokens = torch.tensor(pk.ints("w9", "tokens").reshape(16, 32)[:B].astype("int64"))
        mask = tt("w9", "mask", (16, 32))[:B].contiguous()
        fn = comp(lambda t, m: w9(p, t, m), c)
        (torch.inference_mode() if not c else torch.no_grad()).__enter__()
        ck.rf("w9", f"out_b{B}", N(fn(tokens, mask)))
        return (lambda: fn(tokens, mask)), None
    return make


def block_grad(B, c):
    def make(threads, ck):
        p = tp("w5")
        x = tt("w5", "x", (8, 64, 128))[:B].contiguous()
        ct = tt("w5", "c", (8, 64, 128))[:B].contiguous()
        ks = list(p)
        leaves = [p[k] for k in ks]
        fn = comp(lambda x: w5(p, x), c)
        body = lambda: torch.autograd.grad(fn(x), leaves, ct)
        for k, g in zip(ks, body()):
            ck.rf("w5", f"g{k}_b{B}", N(g))
        return body, None
    return make


def w6_fwd(c):
    def make(threads, ck):
        x = tt("w6", "x", (-1,))
        fn = comp(w6, c)
        (torch.inference_mode() if not c else torch.no_grad()).__enter__()
        ck.rf("w6", "out", N(fn(x)))
        return (lambda: fn(x)), None
    return make


def w6_vjp(c):
    def make(threads, ck):
        x = tt("w6", "x", (-1,)).requires_grad_()
        ct = tt("w6", "c", (-1,))
        fn = comp(w6, c)

        def body():
            y = fn(x)
            return y, torch.autograd.grad(y, x, ct)[0]
        ck.rf("w6", "out", N(body()[0]))
        ck.rf("w6", "gx", N(body()[1]))
        return body, None
    return make


def w7_vjp(c):
    def make(threads, ck):
        p = tp("w7")
        x = tt("w7", "x", (256, 1024)).requires_grad_()
        ct = tt("w7", "c", (256, 1024))
        fn = comp(lambda x: w7(p, x), c)
        body = lambda: torch.autograd.grad(fn(x), [p["W"], p["b"], x], ct)
        for k, g in zip(["W", "b", "x"], body()):
            ck.rf("w7", "g" + k, N(g))
        return body, None
    return make


NU = 0.01


def pinn_nested(threads, ck):
    p = tp("w4")
    xy = tt("w4", "xy", (1024, 2)).requires_grad_()
    ks = list(p)
    leaves = [p[k] for k in ks]

    def body():
        h = xy
        for i in "123":
            h = torch.tanh(F.linear(h, p["W" + i], p["b" + i]))
        u = F.linear(h, p["W4"], p["b4"])
        (g,) = torch.autograd.grad(u.sum(), xy, create_graph=True)
        ux, ut = g[:, 0], g[:, 1]
        uxx = torch.autograd.grad(ux.sum(), xy, create_graph=True)[0][:, 0]
        loss = ((ut + u[:, 0] * ux - NU * uxx) ** 2).mean()
        return loss, torch.autograd.grad(loss, leaves)
    l, gs = body()
    ck.rf("w4", "loss", N(l).reshape(1))
    for k, g in zip(ks, gs):
        ck.rf("w4", "g" + k, N(g))
    return body, None


def pinn_taylor(c):
    """derivatives u, u_x, u_t, u_xx carried forward by hand, one ordinary backward"""
    def make(threads, ck):
        p = tp("w4")
        xy = tt("w4", "xy", (1024, 2))
        ks = list(p)
        leaves = [p[k] for k in ks]

        def loss_fn(p, xy):
            W = p["W1"]
            a = F.linear(xy, W, p["b1"])
            ax, at, axx = W[:, 0], W[:, 1], None
            for i in "1234":
                if i != "1":
                    W = p["W" + i]
                    a, ax, at, axx = F.linear(a, W, p["b" + i]), F.linear(ax, W), F.linear(at, W), F.linear(axx, W)
                if i != "4":
                    h = torch.tanh(a)
                    s = 1 - h * h
                    hx = s * ax
                    axx = -2 * h * hx * ax + (s * axx if axx is not None else 0)
                    a, ax, at = h, hx, s * at
            r = at + a * ax - NU * axx
            return (r * r).mean()
        lf = comp(loss_fn, c)

        def body():
            l = lf(p, xy)
            return l, torch.autograd.grad(l, leaves, allow_unused=True)
        l, gs = body()
        ck.rf("w4", "loss", N(l).reshape(1))
        for k, g in zip(ks, gs):
            ck.rf("w4", "g" + k, N(g))
        return body, None
    return make


def ec(fn, *a):
    return {"eager": fn(*a, False), "compile": fn(*a, True)}


def ecf(*a, **k):
    return {"eager": fwd(*a, **k, c=False), "compile": fwd(*a, **k, c=True)}


X5 = ("w5", w5, "x", (8, 64, 128))
pk.main("torch", torch.__version__, {
    "w1_policy_fwd": ecf("w1", w1, "x", (8,)),
    "w1_policy_vjp": ec(w1_vjp),
    "w1_policy_jvp": ec(w1_jvp),
    "w2_mnist_fwd": ecf("w2", w2, "x", (64, 784)),
    "w2_mnist_step": ec(lambda c: step("w2", w2, (64, 784), c)),
    "w3_lenet_fwd": ecf("w3", w3, "x", (64, 1, 28, 28)),
    "w3_lenet_step": ec(lambda c: step("w3", w3, (64, 1, 28, 28), c)),
    "w4_pinn_grad": {"eager": pinn_nested, "eager-taylor": pinn_taylor(False), "compile-taylor": pinn_taylor(True)},
    "w5_block_b1_fwd": ecf(*X5, refname="out_b1", sl=1),
    "w5_block_b8_fwd": ecf(*X5, refname="out_b8", sl=8),
    "w5_block_b1_grad": ec(block_grad, 1),
    "w5_block_b8_grad": ec(block_grad, 8),
    "w6_elem_fwd": ec(w6_fwd),
    "w6_elem_vjp": ec(w6_vjp),
    "w7_gemm_fwd": ecf("w7", w7, "x", (256, 1024)),
    "w7_gemm_vjp": ec(w7_vjp),
    "w8_resnet18_fwd": {"eager": resnet(False), "compile": resnet(True), "eager-nhwc": resnet_nhwc(False), "compile-nhwc": resnet_nhwc(True)},
    "w9_minilm_b1_fwd": ec(minilm, 1),
    "w9_minilm_b16_fwd": ec(minilm, 16),
})
