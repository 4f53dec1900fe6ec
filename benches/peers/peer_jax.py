"""JAX CPU (jit)."""
import os, sys
T = int(sys.argv[2]) if len(sys.argv) > 2 else 1
os.environ.setdefault("JAX_PLATFORMS", "cpu")
if T == 1 and "XLA_FLAGS" not in os.environ:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
import jax, jax.numpy as jnp, numpy as np
from functools import partial
import peerkit as pk
import shapes

jax.config.update("jax_default_matmul_precision", "highest")
jax.config.update("jax_cpu_enable_async_dispatch", False)


def lin(p, i, x):
    return x @ p["W" + i].T + p["b" + i]


def w1(p, x):
    return lin(p, "3", jnp.tanh(lin(p, "2", jnp.tanh(lin(p, "1", x)))))


def w2(p, x):
    return lin(p, "3", jax.nn.relu(lin(p, "2", jax.nn.relu(lin(p, "1", x)))))


def conv(x, k, b):
    y = jax.lax.conv_general_dilated(x, k, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return y + b[None, :, None, None]


def pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def pool_reshape(x):  # same max-pool, as a reshape + max: XLA CPU's select_and_scatter gradient is slow
    B, C, H, W = x.shape
    return x.reshape(B, C, H // 2, 2, W // 2, 2).max((3, 5))


def w3(pool, p, x):
    h = pool(jax.nn.relu(conv(x, p["K1"], p["kb1"])))
    h = pool(jax.nn.relu(conv(h, p["K2"], p["kb2"])))
    h = h.reshape(h.shape[0], -1)
    return w2(p, h)


def convn(x, k, b):  # NHWC
    return jax.lax.conv_general_dilated(x, k.transpose(2, 3, 1, 0), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b


def pooln(x):
    B, H, W, C = x.shape
    return x.reshape(B, H // 2, 2, W // 2, 2, C).max((2, 4))


def w3n(p, x):
    h = x.transpose(0, 2, 3, 1)
    h = pooln(jax.nn.relu(convn(h, p["K1"], p["kb1"])))
    h = pooln(jax.nn.relu(convn(h, p["K2"], p["kb2"])))
    return w2(p, h.transpose(0, 3, 1, 2).reshape(h.shape[0], -1))


def ln(x, g, b):
    m = x.mean(-1, keepdims=True)
    v = ((x - m) ** 2).mean(-1, keepdims=True)
    return (x - m) * jax.lax.rsqrt(v + 1e-5) * g + b


def w5(p, x):
    B, Tn, d = x.shape
    H = 4
    h = ln(x, p["ln1g"], p["ln1b"])
    q, k, v = (h @ p["Wqkv"].T + p["bqkv"]).reshape(B, Tn, 3, H, d // H).transpose(2, 0, 3, 1, 4)
    a = jax.nn.softmax(q @ k.swapaxes(-1, -2) * (d // H) ** -0.5, -1) @ v
    x = x + a.swapaxes(1, 2).reshape(B, Tn, d) @ p["Wo"].T + p["bo"]
    h = ln(x, p["ln2g"], p["ln2b"])
    return x + jax.nn.gelu(h @ p["W1"].T + p["b1"], approximate=True) @ p["W2"].T + p["b2"]


def w6(x):
    return jax.nn.silu(jax.nn.softplus(jnp.tanh(jax.nn.gelu(x, approximate=True))))


def w7(p, x):
    return jax.nn.gelu(x @ p["W"].T + p["b"], approximate=True)


def w8(nhwc, p, x):
    """`nhwc`: the weights are HWIO and what flows has the channels last (converted at the entrance only)"""
    dn = ("NHWC", "HWIO", "NHWC") if nhwc else ("NCHW", "OIHW", "NCHW")

    def cn(h, c, n, stride, pad):
        k = p[c + ".weight"]
        h = jax.lax.conv_general_dilated(h, k, (stride, stride), [(pad, pad)] * 2, dimension_numbers=dn)
        g = p[n + ".weight"] * jax.lax.rsqrt(p[n + ".running_var"] + 1e-5)
        b = p[n + ".bias"] - p[n + ".running_mean"] * g
        return h * g + b if nhwc else h * g[:, None, None] + b[:, None, None]
    if nhwc:
        x = x.transpose(0, 2, 3, 1)
    win = lambda a: (1, a, a, 1) if nhwc else (1, 1, a, a)
    pad = ((0, 0), (1, 1), (1, 1), (0, 0)) if nhwc else ((0, 0), (0, 0), (1, 1), (1, 1))
    h = jax.nn.relu(cn(x, "conv1", "bn1", 2, 3))
    h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, win(3), win(2), pad)
    for b, i, o in shapes.BLOCKS:
        s = 1 if i == o else 2
        g = jax.nn.relu(cn(h, b + ".conv1", b + ".bn1", s, 1))
        g = cn(g, b + ".conv2", b + ".bn2", 1, 1)
        if i != o:
            h = cn(h, b + ".skip.conv", b + ".skip.bn", s, 0)
        h = jax.nn.relu(g + h)
    return h.mean((1, 2) if nhwc else (2, 3)) @ p["fc.weight"].T + p["fc.bias"]


def w9(p, tokens, mask):
    B, T = tokens.shape
    D, H = shapes.D, shapes.HEADS

    def ln(h, n):
        m = h.mean(-1, keepdims=True)
        v = ((h - m) ** 2).mean(-1, keepdims=True)
        return (h - m) * jax.lax.rsqrt(v + 1e-12) * p[n + ".weight"] + p[n + ".bias"]
    lin = lambda h, n: h @ p[n + ".weight"].T + p[n + ".bias"]
    split = lambda h: h.reshape(B, T, H, D // H).transpose(0, 2, 1, 3)
    h = p["word_embeddings.weight"][tokens] + p["position_embeddings.weight"][:T] + p["token_type_embeddings.weight"][0]
    h = ln(h, "embeddings_norm")
    for i in range(6):
        l = f"layers.{i}."
        q, k, v = (split(lin(h, l + n)) for n in ("query", "key", "value"))
        s = jnp.where(mask[:, None, None, :] > 0, q @ k.swapaxes(-1, -2) * (D // H) ** -0.5, -1e30)
        a = (jax.nn.softmax(s, -1) @ v).transpose(0, 2, 1, 3).reshape(B, T, D)
        h = ln(h + lin(a, l + "attention"), l + "attention_norm")
        h = ln(h + lin(jax.nn.gelu(lin(h, l + "intermediate"), approximate=False), l + "output"), l + "output_norm")
    m = mask[:, :, None]
    e = (h * m).sum(1) / m.sum(1)
    return e / jnp.maximum(jnp.linalg.norm(e, axis=-1, keepdims=True), 1e-12)


sync = jax.block_until_ready


def P(g):
    return jax.device_put({k: jnp.asarray(v) for k, v in pk.params(g).items()})


def A(g, n, s):
    return jnp.asarray(pk.f(g, n, s))


def body(fn, *a):
    # dispatch is asynchronous: wait for each call, as a caller that uses the result would
    return (lambda: sync(fn(*a)))


def fwd(group, model, shape, ref="out", sl=None):
    def make(threads, ck):
        p, x = P(group), A(group, "x", shape)[:sl]
        fn = jax.jit(model)
        ck.rf(group, ref, fn(p, x))
        return body(fn, p, x), None
    return {"jit": make}


def w1_vjp(threads, ck):
    p, x, c = P("w1"), A("w1", "x", (8,)), A("w1", "c", (4,))
    fn = jax.jit(jax.grad(lambda p, x, c: (w1(p, x) * c).sum(), (0, 1)))
    g, gx = fn(p, x, c)
    for k in g:
        ck.rf("w1", "g" + k, g[k])
    ck.rf("w1", "gx", gx)
    return body(fn, p, x, c), None


def w1_jvp(threads, ck):
    p, x, tx = P("w1"), A("w1", "x", (8,)), A("w1", "tx", (8,))
    fn = jax.jit(lambda p, x, t: jax.jvp(lambda z: w1(p, z), (x,), (t,)))
    ck.rf("w1", "out", fn(p, x, tx)[0])
    ck.rf("w1", "jvp", fn(p, x, tx)[1])
    return body(fn, p, x, tx), None


def step(group, model, shape):
    def make(threads, ck):
        p, x = P(group), A(group, "x", shape)
        y = jnp.asarray(pk.ints(group, "y"))

        def loss_fn(p):
            lg = model(p, x)
            return -jnp.take_along_axis(jax.nn.log_softmax(lg), y[:, None], 1).mean()

        @partial(jax.jit, donate_argnums=0)
        def one(p, lr):
            l, g = jax.value_and_grad(loss_fn)(p)
            return {k: p[k] - lr * g[k] for k in p}, l
        p0 = {k: np.array(v) for k, v in p.items()}
        st = {}
        st["p"], l = one(p, jnp.float32(1.0))
        ck.rf(group, "loss", np.asarray(l).reshape(1))
        for k in p0:
            ck.rf(group, "g" + k, p0[k] - np.asarray(st["p"][k]))
        lr = jnp.float32(1e-4)

        def b():
            st["p"], l = one(st["p"], lr)
            sync(l)
            sync(st["p"])
            return l
        return b, None
    return make


def pinn(kind):
    def make(threads, ck):
        p, xy = P("w4"), A("w4", "xy", (1024, 2))

        def net(p, h):
            for i in "123":
                h = jnp.tanh(lin(p, i, h))
            return lin(p, "4", h)[..., 0]
        if kind == "vmap-grad":
            def res(p, z):
                u = net(p, z)
                du = jax.grad(net, 1)(p, z)
                uxx = jax.grad(lambda z: jax.grad(net, 1)(p, z)[0])(z)[0]
                return du[1] + u * du[0] - 0.01 * uxx
            loss = lambda p, xy: (jax.vmap(res, (None, 0))(p, xy) ** 2).mean()
        elif kind == "jvp-jvp":
            def loss(p, xy):
                ex = jnp.zeros_like(xy).at[:, 0].set(1.0)
                et = jnp.zeros_like(xy).at[:, 1].set(1.0)
                fx = lambda z: jax.jvp(lambda z: net(p, z), (z,), (ex,))
                (u, ux), (_, uxx) = jax.jvp(fx, (xy,), (ex,))
                ut = jax.jvp(lambda z: net(p, z), (xy,), (et,))[1]
                return ((ut + u * ux - 0.01 * uxx) ** 2).mean()
        else:  # taylor by hand, as in peer_torch
            def loss(p, xy):
                W = p["W1"]
                a = lin(p, "1", xy)
                ax, at, axx = W[:, 0], W[:, 1], None
                for i in "1234":
                    if i != "1":
                        W = p["W" + i]
                        a, ax, at, axx = a @ W.T + p["b" + i], ax @ W.T, at @ W.T, axx @ W.T
                    if i != "4":
                        h = jnp.tanh(a)
                        s = 1 - h * h
                        hx = s * ax
                        axx = -2 * h * hx * ax + (s * axx if axx is not None else 0)
                        a, ax, at = h, hx, s * at
                r = at + a * ax - 0.01 * axx
                return (r * r).mean()
        fn = jax.jit(jax.value_and_grad(loss))
        l, g = fn(p, xy)
        ck.rf("w4", "loss", np.asarray(l).reshape(1))
        for k in g:
            ck.rf("w4", "g" + k, g[k])
        return body(fn, p, xy), None
    return make


def resnet(nhwc, baked=False):
    """`baked`: the weights are constants of the program, which XLA may fold (as ONNX Runtime folds batch norms)"""
    def make(threads, ck):
        p, x = P("w8"), A("w8", "x", (1, 3, 224, 224))
        if nhwc:
            p = {k: v.transpose(2, 3, 1, 0) if v.ndim == 4 else v for k, v in p.items()}
        if baked:
            fn = jax.jit(lambda x: w8(nhwc, p, x))
            ck.rf("w8", "out", fn(x))
            return body(fn, x), None
        fn = jax.jit(partial(w8, nhwc))
        ck.rf("w8", "out", fn(p, x))
        return body(fn, p, x), None
    return make


def minilm(B):
    def make(threads, ck):
        p, mask = P("w9"), A("w9", "mask", (16, 32))[:B]
        tokens = jnp.asarray(pk.ints("w9", "tokens").reshape(16, 32)[:B])
        fn = jax.jit(w9)
        ck.rf("w9", f"out_b{B}", fn(p, tokens, mask))
        return body(fn, p, tokens, mask), None
    return {"jit": make}


def block_grad(B):
    def make(threads, ck):
        p, x, c = P("w5"), A("w5", "x", (8, 64, 128))[:B], A("w5", "c", (8, 64, 128))[:B]
        fn = jax.jit(jax.grad(lambda p, x, c: (w5(p, x) * c).sum()))
        g = fn(p, x, c)
        for k in g:
            ck.rf("w5", f"g{k}_b{B}", g[k])
        return body(fn, p, x, c), None
    return make


def w6_fwd(threads, ck):
    x = A("w6", "x", (-1,))
    fn = jax.jit(w6)
    ck.rf("w6", "out", fn(x))
    return body(fn, x), None


def w6_vjp(threads, ck):
    x, c = A("w6", "x", (-1,)), A("w6", "c", (-1,))

    @jax.jit
    def fn(x, c):
        y, pb = jax.vjp(w6, x)
        return y, pb(c)[0]
    y, g = fn(x, c)
    ck.rf("w6", "out", y)
    ck.rf("w6", "gx", g)
    return body(fn, x, c), None


def w7_vjp(threads, ck):
    p, x, c = P("w7"), A("w7", "x", (256, 1024)), A("w7", "c", (256, 1024))
    fn = jax.jit(lambda p, x, c: jax.vjp(w7, p, x)[1](c))
    g, gx = fn(p, x, c)
    for k in g:
        ck.rf("w7", "g" + k, g[k])
    ck.rf("w7", "gx", gx)
    return body(fn, p, x, c), None


S3 = (64, 1, 28, 28)
S5 = (8, 64, 128)
pk.main("jax", jax.__version__, {
    "w1_policy_fwd": fwd("w1", w1, (8,)),
    "w1_policy_vjp": {"jit": w1_vjp},
    "w1_policy_jvp": {"jit": w1_jvp},
    "w2_mnist_fwd": fwd("w2", w2, (64, 784)),
    "w2_mnist_step": {"jit": step("w2", w2, (64, 784))},
    "w3_lenet_fwd": {"jit": fwd("w3", partial(w3, pool), S3)["jit"], "jit-nhwc": fwd("w3", w3n, S3)["jit"]},
    "w3_lenet_step": {"jit": step("w3", partial(w3, pool), S3), "jit-maxpool-reshape": step("w3", partial(w3, pool_reshape), S3),
                      "jit-nhwc": step("w3", w3n, S3)},
    "w4_pinn_grad": {"jit-vmap-grad": pinn("vmap-grad"), "jit-jvp-jvp": pinn("jvp-jvp"), "jit-taylor": pinn("taylor")},
    "w5_block_b1_fwd": fwd("w5", w5, S5, "out_b1", 1),
    "w5_block_b8_fwd": fwd("w5", w5, S5, "out_b8", 8),
    "w5_block_b1_grad": {"jit": block_grad(1)},
    "w5_block_b8_grad": {"jit": block_grad(8)},
    "w6_elem_fwd": {"jit": w6_fwd},
    "w6_elem_vjp": {"jit": w6_vjp},
    "w7_gemm_fwd": fwd("w7", w7, (256, 1024)),
    "w7_gemm_vjp": {"jit": w7_vjp},
    "w8_resnet18_fwd": {"jit": resnet(False), "jit-nhwc": resnet(True), "jit-nhwc-baked": resnet(True, True)},
    "w9_minilm_b1_fwd": minilm(1),
    "w9_minilm_b16_fwd": minilm(16),
})
