#!/usr/bin/env python3
"""ONNX's tests of single operators, as models and fixtures of ours: onnx.json, onnx.models.

    pip install onnx
    python tests/reference/onnx_cases.py

The files in the repository were made with onnx 1.23.2 (Apache-2.0, https://github.com/onnx/onnx). Two suites:

    node  onnx/backend/test/case/node: functions that make a model, its inputs and, with numpy, its outputs.
          Their `_expanded` twins are the same cases with the operator written out in others, and not counted.
    pt    onnx/backend/test/data/pytorch-*: models and values that PyTorch made.

Each case is the operator with its attributes, inputs and outputs. Attributes and integer inputs that say
what is computed (axes, shapes, ..) become options of ours; weights become parameters. Fields of onnx.json
besides those in suites.py:

    rtol, atol    how close the suite asks the values to be: |found − wanted| ≤ atol + rtol · |wanted|

The values are forward values; ONNX has no gradients.
"""

import re
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from suites import Case, LeftOut, Suite, Value, number, shape, sizes

# More numbers than so many in inputs and outputs make the fixture too large.
MOST = 12_000

UNARY = """Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Mish Neg Reciprocal Relu Round
Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Tan Tanh""".split()
UNARY = {name: name.lower() for name in UNARY} | {"HardSwish": "hard_swish"}
BINARY = {"Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Greater": "gt", "Less": "lt",
          "GreaterOrEqual": "ge", "LessOrEqual": "le", "Equal": "eq"}  # fmt: skip
VARIADIC = {"Max": "maximum", "Min": "minimum", "Sum": "add", "Mean": "add"}
REDUCE = {"ReduceSum": "sum", "ReduceMean": "mean", "ReduceMax": "amax", "ReduceMin": "amin", "ReduceProd": "prod",
          "ReduceL1": "norm", "ReduceL2": "norm", "ReduceLogSum": "sum", "ReduceLogSumExp": "logsumexp",
          "ReduceSumSquare": "sum"}  # fmt: skip
# Elementwise: every number is a sample, where the shapes are equal.
ELEMENTWISE = {*UNARY, *BINARY, *VARIADIC, "LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "Swish", "Gelu",
               "Clip", "Pow", "Where", "ThresholdedRelu", "Shrink", "Mod", "Dropout", "PRelu", "IsNaN",
               "SwiGLU"}  # fmt: skip
# Operators whose first axis is the batch.
BATCHED = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
           "BatchNormalization", "InstanceNormalization", "GroupNormalization", "Pad", "Attention", "DepthToSpace",
           "SpaceToDepth", "Upsample", "Resize", "LRN", "GridSample", "Col2Im"}  # fmt: skip
# How many models operators may have that have more options than others.
RICH = {"Conv": 10, "ConvTranspose": 10, "MaxPool": 10, "AveragePool": 10, "Attention": 15,
        "SoftmaxCrossEntropyLoss": 10, "NegativeLogLikelihoodLoss": 10, "GridSample": 10}  # fmt: skip
# One sample of these is all there is.
LOSSES = {"SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"}
# Integers in these are only moved.
MOVED = {"Pad", "Where", "Identity", "Transpose", "Reshape", "Concat"}


class Graph:
    """One case: values by name, and the model they are turned into."""

    def __init__(self, model, inputs, outputs):
        self.model, self.case = model, Case()
        self.version = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)
        graph = model.graph
        self.nodes = [n for n in graph.node if n.op_type != "Constant"]
        self.ops = {n.op_type for n in self.nodes}
        self.arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant":
                self.arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        free = [i.name for i in graph.input if i.name not in self.arrays]
        self.arrays.update(zip(free, map(np.asarray, inputs)))
        self.outputs = {o.name: np.asarray(a) for o, a in zip(graph.output, outputs)}
        self.values, self.shapes = {}, {k: v.shape for k, v in self.arrays.items()}
        inferred = onnx.shape_inference.infer_shapes(model).graph
        for info in [*inferred.value_info, *inferred.output]:
            self.shapes[info.name] = tuple(d.dim_value for d in info.type.tensor_type.shape.dim)
        self.shapes.update((k, v.shape) for k, v in self.outputs.items())
        self.mode = self.choose()

    def choose(self):
        """What a sample is: a number, what is after the first axis, or all there is."""
        if self.ops <= ELEMENTWISE:
            wide = max((self.shapes[o] for n in self.nodes for o in n.output), key=len)
            args = [i for n in self.nodes for i in n.input if i]
            if "PRelu" not in self.ops and all(self.shapes[a] in (wide, ()) for a in args):
                return "number"
        if self.ops & BATCHED or "PRelu" in self.ops:
            return "batch"
        return "all"

    def sample(self, dims):
        return {"number": (), "batch": tuple(dims[1:]), "all": tuple(dims)}[self.mode]

    def real(self, array, op):
        if array.dtype == np.float16 or array.dtype.name not in NUMBERS:
            raise LeftOut("numbers other than f32 and f64")
        if array.dtype.kind in "iu" and op not in MOVED:
            raise LeftOut("arithmetic of integers")
        if array.dtype.kind == "b" and op not in ("Where", "Attention"):
            raise LeftOut("booleans")
        return array

    def value(self, name, op):
        """A value of the model; an array that is none yet becomes an input."""
        if name not in self.values:
            array = self.real(self.arrays[name], op)
            self.values[name] = self.case.input(array, self.sample(array.shape))
        return self.values[name]

    def shared(self, name, op):
        """The same for all samples."""
        if name not in self.values:
            array = self.real(self.arrays[name], op)
            self.values[name] = self.case.input(array, array.shape)
        return self.values[name]

    def constant(self, name, op="MatMul"):
        if name not in self.arrays:
            raise LeftOut("an option that is computed")
        return self.arrays[name]


NUMBERS = {"float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}


class Node:
    """A node of a graph, with its attributes."""

    def __init__(self, graph, node):
        self.g, self.node, self.op = graph, node, node.op_type
        self.attributes = {}
        for a in node.attribute:
            value = helper.get_attribute_value(a)
            # Attributes are f32: the shortest number that is the same.
            self.attributes[a.name] = float(str(np.float32(value))) if isinstance(value, float) else value
            if isinstance(value, bytes):
                self.attributes[a.name] = value.decode()
        self.used = set()

    def __call__(self, name, default=None):
        self.used.add(name)
        value = self.attributes.get(name, default)
        return list(value) if isinstance(value, (list, tuple)) or hasattr(value, "__iter__") and not isinstance(value, str) else value

    def given(self, i):
        return i < len(self.node.input) and self.node.input[i] != ""

    def arg(self, i):
        return self.g.value(self.node.input[i], self.op)

    def dims(self, i):
        """The whole shape of an input."""
        return self.g.shapes[self.node.input[i]]

    def constant(self, i):
        return self.g.constant(self.node.input[i])

    @property
    def out(self):
        """The shape of a sample of the first output."""
        return self.g.sample(self.g.shapes[self.node.output[0]])

    def axis(self, axis, rank=None):
        """An axis of a sample."""
        rank = len(self.dims(0)) if rank is None else rank
        axis = int(axis) % rank
        if self.g.mode == "batch":
            if axis == 0:
                raise LeftOut("an axis that is the batch")
            axis -= 1
        return axis

    def only(self, *outputs):
        """That there are no other outputs than so many."""
        if sum(1 for o in self.node.output if o) > outputs[0]:
            raise LeftOut(outputs[1])

    def emit(self, op, args, *positional, dims=None, **named):
        return self.g.case.op(op, args, self.out if dims is None else dims, *positional, **named)

    def step(self, text, dims=None):
        return self.g.case.step(text, self.out if dims is None else dims)


def unary(n):
    return n.emit(UNARY[n.op], [n.arg(0)])


def binary(n):
    if n.g.version < 7 and n("axis") is not None:
        # Broadcasting of old: where the axes of the second begin.
        a, b = n.dims(0), n.dims(1)
        if n("axis") + len(b) != len(a):
            raise LeftOut("broadcasting of old versions")
    n("broadcast")
    return n.emit(BINARY[n.op], [n.arg(0), n.arg(1)])


def variadic(n):
    args = [n.arg(i) for i in range(len(n.node.input))]
    y = args[0]
    for x in args[1:]:
        dims = np.broadcast_shapes(y.shape, x.shape)
        y = n.emit(VARIADIC[n.op], [y, x], dims=dims)
    if n.op == "Mean":
        y = n.step(f"{y.name} / {len(args)}")
    elif len(args) == 1:
        y = n.step(y.name)
    return y


def activation(n):
    x = n.arg(0)
    a, b = n("alpha"), n("beta")
    if n.op == "LeakyRelu":
        return n.emit("leaky_relu", [x], slope=a)
    if n.op in ("Elu", "Celu"):
        return n.emit(n.op.lower(), [x], alpha=a)
    if n.op == "Selu":
        gamma = n("gamma")
        if a is None and gamma is None:
            return n.emit("selu", [x])
        return n.emit("scale", [n.emit("elu", [x], alpha=a)], number(gamma))
    if n.op == "HardSigmoid":
        a, b = 0.2 if a is None else a, 0.5 if b is None else b
        return n.emit("clamp", [n.step(f"{x.name} * {number(a)} + {number(b)}")], "0", "1")
    if n.op in ("Swish", "SwiGLU"):
        y = n.emit("silu", [x]) if a in (None, 1) else n.step(f"{x.name} * sigmoid({number(a)} * {x.name})")
        return y if n.op == "Swish" else n.step(f"{y.name} * {n.arg(1).name}")
    if n.op == "Gelu":
        return n.emit("gelu_tanh" if n("approximate") == "tanh" else "gelu", [x])
    if n.op == "ThresholdedRelu":
        return n.emit("threshold", [x], number(1 if a is None else a), "0")
    lambd, bias = n("lambd", 0.5), n("bias", 0.0)
    if bias == 0:
        return n.emit("hardshrink", [x], number(lambd))
    if bias == lambd:
        return n.emit("softshrink", [x], number(lambd))
    raise LeftOut("`softshrink` moves by its threshold")


def clip(n):
    x = n.arg(0)
    low, high = n("min"), n("max")
    if low is None and n.given(1):
        low = float(n.constant(1))
    if high is None and n.given(2):
        high = float(n.constant(2))
    if low is None and high is None:
        return n.step(x.name)
    if low is not None and high is not None:
        return n.emit("clamp", [x], number(low), number(high))
    return n.step(f"minimum({x.name}, {number(high)})" if low is None else f"maximum({x.name}, {number(low)})")


def power(n):
    name = n.node.input[1]
    exponent = n.g.arrays.get(name)
    if exponent is not None and n.dims(1) in ((), (1,)):
        return n.emit("pow", [n.arg(0)], number(exponent.reshape(())))
    base = n.g.arrays.get(n.node.input[0])
    if exponent is not None and base is not None and base.dtype.kind == "f":
        # The power has the type of its base; a whole exponent is a number like others.
        n.g.arrays[name] = exponent.astype(base.dtype)
    return n.emit("pow", [n.arg(0), n.arg(1)])


def where(n):
    return n.emit("where", [n.arg(0), n.arg(1), n.arg(2)])


def mod(n):
    if n("fmod", 0) == 0:
        raise LeftOut("arithmetic of integers")
    return n.emit("fmod", [n.arg(0), n.arg(1)])


def dropout(n):
    n("seed")
    if n.given(2) and bool(n.constant(2)):
        raise LeftOut("random numbers of another generator")
    n.only(1, "the mask of `dropout`, a boolean")
    ratio = n("ratio", 0.5) if not n.given(1) else float(n.constant(1))
    if n.version_of_old():
        ratio = n("ratio", 0.5)
    return n.emit("dropout", [n.arg(0)], number(ratio))


def prelu(n):
    slope = n.constant(1)
    dims = n.dims(0)
    channels = dims[1]
    # Old versions have a slope for each channel, later ones broadcast.
    per_channel = slope.size == 1 or slope.size == channels and (n.g.version < 7 or slope.ndim == len(dims) - 1)
    if not per_channel or slope.size != max(slope.shape, default=1):
        raise LeftOut("`prelu` has one slope, or one for each channel")
    return n.emit("prelu", [n.arg(0)], num_parameters=int(slope.size), params=[n.g.real(slope, n.op)])


def reduce(n):
    axes = n("axes") if n("axes") is not None else n.constant(1).tolist() if n.given(1) else []
    keep, x = bool(n("keepdims", 1)), n.arg(0)
    if not axes and n("noop_with_empty_axes", 0):
        return n.step(x.name)
    named = {"axes": [n.axis(a) for a in axes] if axes else None, "keepdim": keep or None}
    if n.op in ("ReduceL1", "ReduceL2"):
        return n.emit("norm", [x], p=1 if n.op == "ReduceL1" else None, **named)
    if n.op == "ReduceSumSquare":
        return n.emit("sum", [n.emit("square", [x], dims=x.shape)], **named)
    y = n.emit(REDUCE[n.op], [x], **named)
    return n.emit("log", [y]) if n.op == "ReduceLogSum" else y


def arg_extremum(n):
    if n("select_last_index", 0):
        raise LeftOut("the last of equal elements")
    return n.emit(n.op.lower(), [n.arg(0)], n.axis(n("axis", 0)), keepdim=bool(n("keepdims", 1)) or None)


def softmax(n):
    rank = len(n.dims(0))
    axis = n("axis", -1 if n.g.version >= 13 else 1) % rank
    if n.g.version < 13 and axis != rank - 1:
        raise LeftOut("the softmax over several axes of old versions")
    return n.emit("softmax" if n.op == "Softmax" else "log_softmax", [n.arg(0)], n.axis(axis))


def layer_norm(n):
    x, rank = n.arg(0), len(n.dims(0))
    axes = list(range(n("axis", -1) % rank, rank))
    eps, weight = n("epsilon", 1e-5), n.constant(1)
    n("stash_type")
    if n.op == "RMSNormalization":
        return n.emit("rms_norm", [x], axes=axes, eps=eps, params=[weight])
    params = [weight] + ([n.constant(2)] if n.given(2) else [])
    y = n.emit("layer_norm", [x], axes=axes, eps=eps, bias=None if n.given(2) else False, params=params)
    more = [o for o in n.node.output[1:] if o]
    if more:
        # Its other outputs are the mean and one over the standard deviation.
        thin = [1 if i in axes else d for i, d in enumerate(n.dims(0))]
        n.g.values[more[0]] = n.emit("mean", [x], axes=axes, keepdim=True, dims=thin)
        var = n.emit("var", [x], axes=axes, keepdim=True, correction=0, dims=thin)
        n.g.values[more[1]] = n.step(f"rsqrt({var.name} + {number(eps)})", thin)
    return y


def batch_norm(n):
    if n("training_mode", 0):
        raise LeftOut("in training, the running variance takes up the population's, ours PyTorch's unbiased one")
    n("momentum"), n("is_test"), n("spatial")
    arrays = [n.constant(i) for i in range(1, 5)]
    return n.emit("batch_norm", [n.arg(0)], eps=n("epsilon", 1e-5), params=arrays[:2], state=arrays[2:])


def group_norm(n):
    params, eps = [n.constant(1), n.constant(2)], n("epsilon", 1e-5)
    n("stash_type")
    if n.op == "InstanceNormalization":
        return n.emit("instance_norm", [n.arg(0)], eps=eps, affine=True, params=params)
    return n.emit("group_norm", [n.arg(0)], str(n("num_groups")), eps=eps, params=params)


def lp_normalization(n):
    x, axis = n.arg(0), n.axis(n("axis", -1))
    if n("p", 2) == 2:
        return n.emit("normalize", [x], axis=axis)
    thin = [1 if i == axis else d for i, d in enumerate(x.shape)]
    norm = n.emit("norm", [x], axes=[axis], keepdim=True, p=1, dims=thin)
    return n.step(f"{x.name} / {norm.name}")


def mean_variance(n):
    x, axes = n.arg(0), n("axes", [0, 2, 3])
    thin = [1 if i in axes else d for i, d in enumerate(x.shape)]
    mean = n.emit("mean", [x], axes=axes, keepdim=True, dims=thin)
    std = n.emit("std", [x], axes=axes, keepdim=True, correction=0, dims=thin)
    return n.step(f"({x.name} - {mean.name}) / ({std.name} + 1e-9)")


def padding(n, kernel, stride, dilation):
    """Before and after each axis."""
    rank = len(kernel)
    auto = n("auto_pad", "NOTSET")
    pads = n("pads", [0] * 2 * rank)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        pads = []
        for size, k, s, d in zip(n.dims(0)[2:], kernel, stride, dilation):
            pads.append(max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0))
        less, more = [p // 2 for p in pads], [p - p // 2 for p in pads]
        return (less, more) if auto == "SAME_UPPER" else (more, less)
    return (pads[:rank], pads[rank:])


def window(n):
    """The options of a window; the shape of the kernel may be that of the weight."""
    kernel = n("kernel_shape") or list(n.dims(1)[2:])
    ones = [1] * len(kernel)
    return kernel, n("strides", ones), n("dilations", ones)


def not_one(xs):
    return None if all(x == 1 for x in xs) else sizes(xs)


def not_zero(xs):
    return None if all(x == 0 for x in xs) else sizes(xs)


def convolution(n):
    x, (kernel, stride, dilation) = n.arg(0), window(n)
    before, after = padding(n, kernel, stride, dilation)
    if before != after:
        pads = [p for pair in zip(before, after) for p in pair]
        dims = [x.shape[0]] + [d + p + q for d, p, q in zip(x.shape[1:], before, after)]
        x = n.emit(f"constant_pad{len(kernel)}d", [x], shape(pads), dims=dims)
        before = [0] * len(kernel)
    params = [n.constant(i) for i in range(1, len(n.node.input))]
    return n.emit(
        f"conv{len(kernel)}d", [x], sizes(kernel), stride=not_one(stride), padding=not_zero(before),
        dilation=not_one(dilation), groups=None if n("group", 1) == 1 else n("group"),
        bias=None if len(params) == 2 else False, arrow=True, params=params,
    )  # fmt: skip


def transposed_convolution(n):
    x, (kernel, stride, dilation) = n.arg(0), window(n)
    rank = len(kernel)
    whole = [(i - 1) * s + d * (k - 1) + 1 for i, k, s, d in zip(x.shape[1:], kernel, stride, dilation)]
    before, after = n("pads", [0] * 2 * rank)[:rank], n("pads", [0] * 2 * rank)[rank:]
    n("auto_pad"), n("output_shape"), n("output_padding")
    if n("output_shape") or n("auto_pad", "NOTSET") != "NOTSET":
        surplus = [max(w - o, 0) for w, o in zip(whole, n.out[1:])]
        less, more = [s // 2 for s in surplus], [s - s // 2 for s in surplus]
        before, after = (less, more) if n("auto_pad") == "SAME_UPPER" else (more, less)
    if before != after:
        raise LeftOut("padding of a transposed convolution that is not the same on both sides")
    more = [o - (w - p - q) for o, w, p, q in zip(n.out[1:], whole, before, after)]
    if any(m < 0 for m in more):
        raise LeftOut("padding of a transposed convolution that is not the same on both sides")
    params = [n.constant(i) for i in range(1, len(n.node.input))]
    return n.emit(
        f"conv_transpose{rank}d", [x], sizes(kernel), stride=not_one(stride), padding=not_zero(before),
        dilation=not_one(dilation), groups=None if n("group", 1) == 1 else n("group"),
        bias=None if len(params) == 2 else False, output_padding=not_zero(more), arrow=True, params=params,
    )  # fmt: skip


def pool(n):
    n.only(1, "the places of the maxima")
    x, (kernel, stride, dilation) = n.arg(0), window(n)
    n("storage_order")
    before, after = padding(n, kernel, stride, dilation)
    if before != after:
        raise LeftOut("padding of a pool that is not the same on both sides")
    if any(2 * p > k for p, k in zip(before, kernel)):
        raise LeftOut("padding of more than half a window, which PyTorch and we refuse")
    named = {"stride": sizes(stride), "padding": not_zero(before), "ceil_mode": bool(n("ceil_mode", 0)) or None}
    if n.op == "MaxPool":
        return n.emit(f"max_pool{len(kernel)}d", [x], sizes(kernel), **named, dilation=not_one(dilation))
    if not_one(dilation):
        raise LeftOut("no `dilation` of average pools")
    count = None if n("count_include_pad", 0) or not any(before) else False
    return n.emit(f"avg_pool{len(kernel)}d", [x], sizes(kernel), **named, count_include_pad=count)


def global_pool(n):
    # ONNX keeps axes of length 1 after the channels.
    x = n.arg(0)
    if n.op == "GlobalAveragePool":
        return n.emit("global_avg_pool", [x], dims=x.shape[:1])
    return n.emit("amax", [x], axes=list(range(1, x.rank)), keepdim=True)


def local_response_norm(n):
    size, named = n("size"), {"alpha": (n("alpha", 1e-4), 1e-4), "beta": (n("beta", 0.75), 0.75), "k": (n("bias", 1.0), 1)}
    if size % 2 == 0:
        raise LeftOut("an even number of neighbours, of which ONNX has one more after the channel")
    return n.emit("local_response_norm", [n.arg(0)], size, **{k: v for k, (v, d) in named.items() if v != d})


def grid_sample(n):
    mode, padding, corners = n("mode", "linear"), n("padding_mode", "zeros"), n("align_corners", 0)
    if len(n.dims(0)) != 4:
        raise LeftOut("a grid of volumes")
    if "cubic" in mode:
        raise LeftOut("cubic interpolation")
    return n.emit("grid_sample", [n.arg(0), n.arg(1)], mode='"nearest"' if mode == "nearest" else None,
                  padding_mode=None if padding == "zeros" else f'"{padding}"',
                  align_corners=True if corners else None)  # fmt: skip


def fold(n):
    image, kernel = (n.constant(i).tolist() for i in (1, 2))
    rank = len(kernel)
    stride, dilation, pads = n("strides", [1] * rank), n("dilations", [1] * rank), n("pads", [0] * 2 * rank)
    if rank != 2:
        raise LeftOut("windows of other than two axes")
    if pads[:2] != pads[2:]:
        raise LeftOut("padding of windows that is not the same on both sides")
    return n.emit("fold", [n.arg(0)], sizes(kernel), stride=not_one(stride), padding=not_zero(pads[:2]),
                  dilation=not_one(dilation), arrow=True)  # fmt: skip


def is_nan(n):
    x = n.arg(0)
    return n.step(f"ne({x.name}, {x.name})")


def matmul(n):
    return n.emit("matmul", [n.arg(0), n.arg(1)])


def gemm(n):
    a, b = n.arg(0), n.arg(1)
    alpha, beta = n("alpha", 1.0), n("beta", 1.0)
    n("broadcast")
    if n("transA", 0):
        a = n.emit("transpose", [a], dims=a.shape[::-1])
    if n("transB", 0):
        b = n.emit("transpose", [b], dims=b.shape[::-1])
    y = n.emit("matmul", [a, b])
    text = y.name if alpha == 1 else f"{number(alpha)} * {y.name}"
    if n.given(2) and beta != 0:
        c = n.arg(2)
        return n.step(f"{text} + {c.name}" if beta == 1 else f"{text} + {number(beta)} * {c.name}")
    return y if alpha == 1 else n.step(text)


def einsum(n):
    args = [n.arg(i) for i in range(len(n.node.input))]
    equation = n("equation")
    return n.step(f'einsum("{equation}", {", ".join(a.name for a in args)})')


def attention(n):
    """Queries, keys and values of one sample are [heads, length, width]."""
    for i, reason in [(4, "keys and values of the past"), (6, "lengths of the keys at run time")]:
        if n.given(i):
            raise LeftOut(reason)
    n.only(1, "the scores of an attention as an output")
    if max(n("left_window_size", -1), n("right_window_size", -1)) >= 0:
        raise LeftOut("a window of keys")
    n("softmax_precision"), n("qk_matmul_output_mode")
    names = ["q_num_heads", "kv_num_heads", "kv_num_heads"]
    args = []
    for i, name in enumerate(names):
        x, heads = n.arg(i), n(name)
        if x.rank == 2:
            split = [x.shape[0], heads, x.shape[1] // heads]
            x = n.emit("reshape", [x], dims=split, arrow=True)
            x = n.emit("permute", [x], "1", "0", "2", dims=[heads, split[0], split[2]])
        args.append(x)
    q, k, v = args
    masks, additive = [], None
    if n.given(3):
        mask = n.constant(3)
        if mask.shape[-1] != k.shape[1]:
            raise LeftOut("a mask of fewer keys")
        additive = mask.dtype.kind != "b" or None
        n.g.real(mask, n.op)
        # The first of four axes is the batch; less are the same for all samples.
        dims = mask.shape[1:] if mask.ndim == 4 else (1,) * (2 - mask.ndim) + mask.shape
        masks = [n.g.case.input(mask, dims)]
    dims = [q.shape[0], q.shape[1], v.shape[2]]
    y = n.emit("scaled_dot_product_attention", [q, k, v, *masks], causal=bool(n("is_causal", 0)) or None,
               scale=n("scale"), softcap=n("softcap", 0.0) or None, additive=additive, dims=dims)  # fmt: skip
    if n.arg(0).rank == 2:
        y = n.emit("permute", [y], "1", "0", "2", dims=[dims[1], dims[0], dims[2]])
        y = n.emit("reshape", [y], dims=[dims[1], dims[0] * dims[2]], arrow=True)
    return y


def cross_entropy(n):
    """The classes are axis 1 of the logits, and the last of ours."""
    logits, target = n.constant(0), n.constant(1)
    classes, reduction, ignored = logits.shape[1], n("reduction", "mean"), n("ignore_index")
    bound = classes
    if ignored is not None and not 0 <= ignored < classes:
        if (target == ignored).any():
            # A label of its own is the one after the classes.
            target, bound = np.where(target == ignored, classes, target), classes + 1
        ignored = classes if bound > classes else None
    rows = np.moveaxis(logits, 1, -1)
    lead = list(rows.shape[:-1])
    x = n.g.case.input(rows, [*lead, classes])
    i = n.g.case.input(target, lead, bound=bound)
    options = {"ignore_index": None if ignored is None else str(ignored)}
    if n.given(2):
        options["weight"] = n.g.case.input(n.constant(2), [classes]).name
    if reduction != "mean":
        options["reduction"] = f'"{reduction}"'
    op = "cross_entropy" if n.op == "SoftmaxCrossEntropyLoss" else "nll_loss"
    y = n.emit(op, [x, i], **options, dims=lead if reduction == "none" else [])
    if len([o for o in n.node.output if o]) > 1:
        log = n.emit("log_softmax", [x], dims=x.shape)
        back = [log.rank - 1 if a == 1 else a - (a > 1) for a in range(log.rank)]
        n.g.values[n.node.output[1]] = n.emit("permute", [log], *back, dims=logits.shape) if log.rank > 2 else log
    return y


def recurrent(n):
    """One sample is [steps, width]; of the gates' weights, PyTorch's order and transposed."""
    if n("direction", "forward") == "bidirectional":
        raise LeftOut("both directions")
    if any(n.given(i) for i in range(4, 8)):
        raise LeftOut("lengths, states or peepholes of a recurrent layer")
    n("hidden_size")
    names = list(n.node.output) + [""] * 3
    if names[2]:
        raise LeftOut("the cell's last state")
    x = n.constant(0) if n("layout", 0) else n.constant(0).swapaxes(0, 1)
    w, r = n.constant(1)[0], n.constant(2)[0]
    m, gates = r.shape[1], r.shape[0] // r.shape[1]
    # ONNX has the output's gate second, PyTorch last; the update gate first, PyTorch the reset gate.
    order = {"LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2]}.get(n.op, range(gates))
    turned = lambda a: np.concatenate([a.reshape(gates, m, -1)[i] for i in order]).T
    params = [turned(w), turned(r)]
    if n.given(3):
        params += [turned(b) for b in np.split(n.constant(3)[0], 2)]
    steps = x.shape[1]
    value = n.g.case.input(x, x.shape[1:])
    reverse = n("direction", "forward") == "reverse"
    before = n.op == "GRU" and not n("linear_before_reset", 0)
    y = n.emit(n.op.lower(), [value], bias=None if n.given(3) else False, reverse=reverse or None,
               reset_after=False if before else None, dims=[steps, m], arrow=True, params=params)  # fmt: skip
    last = 0 if reverse else steps - 1
    if names[0]:
        n.g.values[names[0]] = y
        n.g.outputs[names[0]] = n.g.outputs[names[0]].reshape(x.shape[0], steps, m) if n("layout", 0) else (
            n.g.outputs[names[0]].reshape(steps, x.shape[0], m).swapaxes(0, 1)
        )  # fmt: skip
    if names[1]:
        n.g.values[names[1]] = n.emit("slice", [y], f"{last}..{last + 1}", dims=[1, m]) if steps > 1 else y
    n.g.mode = "batch"
    return None


def concat(n):
    return n.emit("concat", [n.arg(i) for i in range(len(n.node.input))], axis=n.axis(n("axis", 1)))


def split(n):
    x, axis = n.arg(0), n.axis(n("axis", 0))
    pieces = [n.g.sample(n.g.shapes[o]) for o in n.node.output]
    n("num_outputs"), n("split")
    if len(set(pieces)) == 1:
        values = n.g.case.split("split", [x], pieces, axis=axis)
    else:
        values, start = [], 0
        for dims in pieces:
            values.append(n.emit("slice", [x], f"{start}..{start + dims[axis]}", axis=axis, dims=dims))
            start += dims[axis]
    n.g.values.update(zip(n.node.output, values))


def cut(n):
    x = n.arg(0)
    given = [n("starts"), n("ends"), n("axes"), None] if n("starts") else [
        n.constant(i).tolist() if n.given(i) else None for i in range(1, 5)
    ]  # fmt: skip
    starts, ends, axes, steps = given
    if any(s != 1 for s in steps or []):
        raise LeftOut("steps of a slice other than 1")
    for start, end, axis in zip(starts, ends, axes or range(len(starts))):
        axis = n.axis(axis)
        size = x.shape[axis]
        start, end, _ = slice(int(start), int(end)).indices(size)
        if (start, end) != (0, size):
            dims = [max(end - start, 0) if i == axis else d for i, d in enumerate(x.shape)]
            x = n.emit("slice", [x], f"{start}..{end}", axis=axis, dims=dims)
    return x


def transpose(n):
    rank = len(n.dims(0))
    return n.emit("permute", [n.arg(0)], *n("perm", list(range(rank))[::-1]))


def reshape(n):
    n("allowzero"), n("axis"), n("shape")
    return n.emit("reshape", [n.arg(0)], arrow=True)


def squeeze(n):
    axes = n("axes") or (n.constant(1).tolist() if n.given(1) else None)
    return n.emit("squeeze", [n.arg(0)], axes=None if axes is None else [n.axis(a) for a in axes])


def unsqueeze(n):
    x, rank = n.arg(0), len(n.g.shapes[n.node.output[0]])
    axes = n("axes") or n.constant(1).tolist()
    for axis in sorted(n.axis(a, rank) for a in axes):
        dims = [*x.shape[:axis], 1, *x.shape[axis:]]
        x = n.emit("unsqueeze", [x], axis, dims=dims)
    return x


def expand(n):
    n.constant(1)
    return n.emit("broadcast", [n.arg(0)], arrow=True)


def tile(n):
    return n.emit("repeat", [n.arg(0)], shape(n.constant(1).tolist()))


def pad(n):
    pads = n("pads") or n.constant(1).tolist()
    value = n("value", 0.0) if not n.given(2) else float(n.constant(2))
    rank, mode = len(n.dims(0)), n("mode", "constant")
    axes = [a % rank for a in n.constant(3).tolist()] if n.given(3) else list(range(rank))
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[i + len(axes)]
    if min(before + after) < 0:
        raise LeftOut("padding that takes away")
    ops = {"constant": "constant_pad", "reflect": "reflection_pad", "edge": "replication_pad"}
    if mode not in ops:
        raise LeftOut("padding that wraps around")
    x, spatial = n.arg(0), rank - 2
    if before[0] or after[0]:
        raise LeftOut("padding of the batch")
    inner = [p for a in range(2, rank) for p in (before[a], after[a])]
    if before[1] or after[1]:
        # Channels are an axis like others, if there is one more in front.
        x = n.emit("unsqueeze", [x], "0", dims=[1, *x.shape])
        inner, spatial = [before[1], after[1], *inner], spatial + 1
    named = {"value": value} if mode == "constant" and value else {}
    dims = [x.shape[0]] + [d + p + q for d, p, q in zip(x.shape[1:], inner[::2], inner[1::2])]
    x = n.emit(f"{ops[mode]}{spatial}d", [x], shape(inner), **named, dims=dims)
    return n.emit("squeeze", [x], axes=[0]) if len(dims) > rank - 1 else x


def gather(n):
    axis = n.axis(n("axis", 0))
    x, indices = n.arg(0), n.constant(1)
    bound = x.shape[axis]
    i = n.g.case.input(indices % bound, indices.shape, bound=bound)
    op = "gather" if n.op == "GatherElements" else "index_select"
    return n.emit(op, [x, i], axis=axis)


def scatter(n):
    if n("reduction", "none") != "add":
        raise LeftOut("a scatter that does not add")
    axis = n.axis(n("axis", 0))
    x, indices = n.arg(0), n.constant(1)
    bound = x.shape[axis]
    i = n.g.case.input(indices % bound, indices.shape, bound=bound)
    return n.emit("scatter_add", [x, i, n.arg(2)], axis=axis)


def cumulative(n):
    if n("exclusive", 0):
        raise LeftOut("a sum or product that excludes its own element")
    axis, x = n.axis(int(n.constant(1).reshape(()))), n.arg(0)
    x = n.emit("flip", [x], axes=[axis]) if n("reverse", 0) else x
    y = n.emit("cumsum" if n.op == "CumSum" else "cumprod", [x], axis)
    return n.emit("flip", [y], axes=[axis]) if n("reverse", 0) else y


def rearrange(n):
    x, b = n.arg(0), n("blocksize")
    c, h, w = x.shape
    mode = n("mode", "DCR")
    if mode == "CRD":
        return n.emit("pixel_shuffle" if n.op == "DepthToSpace" else "pixel_unshuffle", [x], b)
    if n.op == "DepthToSpace":
        c //= b * b
        inner, order = (b, b, c, h, w), (2, 3, 0, 4, 1)
    else:
        inner, order = (c, h // b, b, w // b, b), (2, 4, 0, 1, 3)
    x = n.emit("reshape", [x], dims=inner, arrow=True)
    x = n.emit("permute", [x], *order, dims=[inner[i] for i in order])
    return n.emit("reshape", [x], arrow=True)


def resize(n):
    mode, x = n("mode", "nearest"), n.arg(0)
    rank = x.rank - 1
    upsample = n.op == "Upsample"
    scales = n("scales") or (n.constant(1 if upsample else 2).tolist() if n.given(1 if upsample else 2) else None)
    where = "asymmetric" if upsample else n("coordinate_transformation_mode", "half_pixel")
    round_ = "floor" if upsample else n("nearest_mode", "round_prefer_floor")
    if n("antialias", 0) or n("axes") or n("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise LeftOut("a resize with anti-aliasing, chosen axes or the ratio kept")
    n("cubic_coeff_a"), n("exclude_outside"), n("extrapolation_value")
    if mode == "nearest" and (where, round_) != ("asymmetric", "floor"):
        raise LeftOut("a resize that chooses the nearest element otherwise than PyTorch")
    if mode == "cubic":
        raise LeftOut("cubic interpolation")
    if mode == "linear" and (where not in ("half_pixel", "align_corners")):
        raise LeftOut("linear interpolation otherwise than PyTorch's")
    if scales and any(s * d != int(s * d) for s, d in zip(scales, n.dims(0))):
        raise LeftOut("a scale that does not give a whole size")
    if scales and scales[:2] != [1, 1]:
        raise LeftOut("a resize of the batch or the channels")
    linear = ["upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"]
    op = f"upsample_nearest{rank}d" if mode == "nearest" else linear[rank - 1]
    return n.emit(op, [x], align_corners=True if where == "align_corners" else None, arrow=True)


OPS = {name: unary for name in UNARY} | {name: binary for name in BINARY} | {name: variadic for name in VARIADIC}
OPS |= {name: reduce for name in REDUCE}
OPS |= dict.fromkeys(["LeakyRelu", "Elu", "Celu", "Selu", "HardSigmoid", "Swish", "SwiGLU", "Gelu", "ThresholdedRelu",
                      "Shrink"], activation)  # fmt: skip
OPS |= {"Clip": clip, "Pow": power, "Where": where, "Mod": mod, "Dropout": dropout, "PRelu": prelu,
        "ArgMax": arg_extremum, "ArgMin": arg_extremum, "Softmax": softmax, "LogSoftmax": softmax,
        "LayerNormalization": layer_norm, "RMSNormalization": layer_norm, "BatchNormalization": batch_norm,
        "InstanceNormalization": group_norm, "GroupNormalization": group_norm, "LpNormalization": lp_normalization,
        "MeanVarianceNormalization": mean_variance, "Conv": convolution, "ConvTranspose": transposed_convolution,
        "MaxPool": pool, "AveragePool": pool, "GlobalAveragePool": global_pool, "GlobalMaxPool": global_pool,
        "MatMul": matmul, "Gemm": gemm, "Einsum": einsum, "Attention": attention,
        "SoftmaxCrossEntropyLoss": cross_entropy, "NegativeLogLikelihoodLoss": cross_entropy,
        "LRN": local_response_norm, "GridSample": grid_sample, "Col2Im": fold, "IsNaN": is_nan, "RNN": recurrent, "LSTM": recurrent, "GRU": recurrent,
        "Concat": concat, "Split": split, "Slice": cut, "Transpose": transpose, "Reshape": reshape, "Flatten": reshape,
        "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Expand": expand, "Tile": tile, "Pad": pad, "Gather": gather,
        "GatherElements": gather, "ScatterElements": scatter, "CumSum": cumulative, "CumProd": cumulative,
        "DepthToSpace": rearrange, "SpaceToDepth": rearrange, "Upsample": resize, "Resize": resize}  # fmt: skip
# Why some of the operators are left out as a whole.
NONE = {
    "RotaryEmbedding": "angles as tables; our `rotary` computes them",
    "Identity": "nothing to compute",
    "OneHot": "values other than 0 and 1, or integers out of bounds",
}


def translate(suite, op, name, model, inputs, outputs, rtol, atol):
    for array in [*inputs, *outputs]:
        if not isinstance(array, np.ndarray) and not np.isscalar(array):
            raise LeftOut("sequences, optional values and strings")
    if sum(np.size(a) for a in [*inputs, *outputs]) > MOST:
        raise LeftOut("large (more than 12000 numbers)")
    if any(np.size(a) == 0 and np.asarray(a).dtype.kind == "f" for a in [*inputs, *outputs]):
        raise LeftOut("empty tensors")
    for array in [*inputs, *outputs]:
        if np.asarray(array).dtype.name not in NUMBERS:
            raise LeftOut("numbers other than f32 and f64")
    g = Graph(model, inputs, outputs)
    for node in g.nodes:
        n = Node(g, node)
        value = OPS[n.op](n)
        if value is not None:
            g.values[node.output[0]] = value
        unknown = set(n.attributes) - n.used
        if unknown:
            raise AssertionError(f"{name}: {unknown}")
    wanted = list(g.outputs)
    result = g.case.flat([g.values[o] for o in wanted])
    if result.name in [i.split(":")[0] for i in g.case.inputs]:
        raise LeftOut("nothing to compute")
    if g.case.steps[-1][0] != result.name:
        result = g.case.step(result.name, result.shape)
    batch = 1
    if g.mode != "all" or n.op in LOSSES:
        batch = max(d.size // max(int(np.prod(dims)), 1) for d, dims in zip(g.case.data, g.input_shapes()))
    y = np.concatenate([np.asarray(g.outputs[o]).reshape(batch, -1) for o in wanted], axis=1)
    suite.add(op, name, g.case, result, y=y, rtol=rtol, atol=atol)


def input_shapes(self):
    return [[int(d) for d in re.findall(r"\d+", text.split(":")[1].split("of")[0].split("index")[0])] for text in self.case.inputs]


Graph.input_shapes = input_shapes
Node.version_of_old = lambda self: self.g.version < 12


def from_pytorch():
    """Name, model, inputs and outputs of the cases that PyTorch made."""
    root = Path(onnx.__file__).parent / "backend" / "test" / "data"
    load = lambda path: numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))
    for folder in sorted(root.glob("pytorch-*/*/")):
        data = folder / "test_data_set_0"
        arrays = lambda kind: [load(p) for p in sorted(data.glob(f"{kind}_*.pb"), key=lambda p: int(p.stem.split("_")[1]))]
        yield folder.name, onnx.load(folder / "model.onnx"), arrays("input"), arrays("output")


def main():
    warnings.filterwarnings("ignore")
    from onnx.backend.test.case.node import collect_testcases

    suite = Suite("onnx", "ONNX's tests of single operators: written by `tests/reference/onnx_cases.py`.")
    cases = [
        (test.name.removeprefix("test_"), test.model, inputs, outputs, test.rtol, test.atol)
        for test in collect_testcases(None)
        if "_expanded" not in test.name
        for inputs, outputs in test.data_sets
    ]
    # What ONNX's runner takes where a case does not say.
    cases += [(f"pt_{name.removeprefix('test_')}", *case, 1e-3, 1e-7) for name, *case in from_pytorch()]
    for name, model, inputs, outputs, rtol, atol in cases:
        ops = [n.op_type for n in model.graph.node if n.op_type != "Constant"]
        op = ops[0] if len(ops) == 1 else "several" if ops else "Constant"
        missing = sorted({o for o in ops if o not in OPS})
        if missing or not ops:
            reason = NONE.get(missing[0] if missing else "", "no such op")
            suite.leave(op, reason)
            continue
        try:
            translate(suite, op, name, model, inputs, outputs, rtol, atol)
        except LeftOut as reason:
            suite.leave(op, str(reason))
    suite.thin(lambda op: RICH.get(op, 3))
    suite.write()


if __name__ == "__main__":
    main()
