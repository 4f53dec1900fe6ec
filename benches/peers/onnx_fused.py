"""W5 and W9 as graphs of ONNX Runtime's own fused operators (domain com.microsoft: Attention, SkipLayerNormalization, BiasGelu, ...), which is
what its optimiser of transformers makes of a BERT whose pattern it knows. Written out node by node, because what torch's exporter writes now
is not among the patterns it knows."""
import numpy as np
import onnx
from onnx import TensorProto as TP, helper as oh, numpy_helper as nh
import peerkit as pk
import shapes

MS = "com.microsoft"


class Graph:
    def __init__(self):
        self.nodes, self.weights, self.n = [], [], 0

    def const(self, a):
        self.n += 1
        self.weights.append(nh.from_array(np.ascontiguousarray(a), f"c{self.n}"))
        return f"c{self.n}"

    def op(self, kind, *ins, domain="", outputs=1, name=None, **attr):
        self.n += 1
        outs = [name or f"v{self.n}"] + ([f"v{self.n}_{i}" for i in range(1, outputs)])
        self.nodes.append(oh.make_node(kind, list(ins), outs, domain=domain, **attr))
        return outs[0] if outputs == 1 else outs

    def save(self, path, ins, out_shape):
        g = oh.make_graph(self.nodes, "g", [oh.make_tensor_value_info(n, t, s) for n, t, s in ins], [oh.make_tensor_value_info("y", TP.FLOAT, out_shape)],
                          self.weights)
        m = oh.make_model(g, opset_imports=[oh.make_opsetid("", 18), oh.make_opsetid(MS, 1)])
        m.ir_version = 9
        onnx.save(m, path)


def w5(path, B):
    p, g = pk.params("w5"), Graph()
    c = {k: g.const(v.T if v.ndim == 2 else v) for k, v in p.items()}
    h = g.op("LayerNormalization", "x", c["ln1g"], c["ln1b"], axis=-1, epsilon=1e-5)
    a = g.op("Attention", h, c["Wqkv"], c["bqkv"], domain=MS, num_heads=4)
    a = g.op("MatMul", a, c["Wo"])
    h, _, _, x = g.op("SkipLayerNormalization", a, "x", c["ln2g"], c["ln2b"], c["bo"], domain=MS, outputs=4, epsilon=1e-5)
    h = g.op("FastGelu", g.op("MatMul", h, c["W1"]), c["b1"], domain=MS)
    h = g.op("Add", g.op("MatMul", h, c["W2"]), c["b2"])
    g.op("Add", h, x, name="y")
    g.save(path, [("x", TP.FLOAT, (B, 64, 128))], (B, 64, 128))


def w9(path, B):
    p, g, T, D = pk.params("w9"), Graph(), shapes.TOKENS, shapes.D
    c = lambda n: g.const(p[n].T if p[n].ndim == 2 else p[n])
    lengths = g.op("Cast", "mask", to=TP.INT32)
    # All tokens are of the first text, whose embedding is added to those of positions.
    where = g.const(p["position_embeddings.weight"] + p["token_type_embeddings.weight"][0])
    h = g.op("EmbedLayerNormalization", "tokens", "", g.const(p["word_embeddings.weight"]), where, "", c("embeddings_norm.weight"),
             c("embeddings_norm.bias"), domain=MS, outputs=2, epsilon=1e-12)[0]
    for i in range(6):
        l = f"layers.{i}."
        qkv = [p[l + n + ".weight"].T for n in ("query", "key", "value")]
        bias = [p[l + n + ".bias"] for n in ("query", "key", "value")]
        a = g.op("Attention", h, g.const(np.concatenate(qkv, 1)), g.const(np.concatenate(bias)), lengths, domain=MS, num_heads=shapes.HEADS)
        a = g.op("MatMul", a, c(l + "attention.weight"))
        h = g.op("SkipLayerNormalization", a, h, c(l + "attention_norm.weight"), c(l + "attention_norm.bias"), c(l + "attention.bias"), domain=MS, epsilon=1e-12)
        f = g.op("BiasGelu", g.op("MatMul", h, c(l + "intermediate.weight")), c(l + "intermediate.bias"), domain=MS)
        f = g.op("MatMul", f, c(l + "output.weight"))
        h = g.op("SkipLayerNormalization", f, h, c(l + "output_norm.weight"), c(l + "output_norm.bias"), c(l + "output.bias"), domain=MS, epsilon=1e-12)
    total = g.op("MatMul", g.op("Unsqueeze", "mask", g.const(np.array([1], np.int64))), h)  # [B, 1, D]
    total = g.op("Squeeze", total, g.const(np.array([1], np.int64)))
    mean = g.op("Div", total, g.op("ReduceSum", "mask", g.const(np.array([1], np.int64)), keepdims=1))
    g.op("LpNormalization", mean, name="y", axis=-1, p=2)
    g.save(path, [("tokens", TP.INT32, (B, T)), ("mask", TP.FLOAT, (B, T))], (B, D))
