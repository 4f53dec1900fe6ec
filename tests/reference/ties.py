#!/usr/bin/env python3
"""ties.json and ties.models: what ops do at ties, zeros, thresholds, infinities and axes of length 1, by PyTorch in f64.

    pip install torch numpy
    python tests/reference/ties.py

The files in the repository were made with torch 2.15 on x86-64 (CPU).

A case is a model and samples for it, chosen where its op is a matter of convention. `y` is PyTorch's; of the
derivatives PyTorch's backward gives every row of the Jacobian, and `dy` and the cotangents are products with these rows,
in which 0 times an infinite slope is 0. So JVP and VJP are compared with the same numbers, and with each other. The
format is that of torch.json (torch_cases.py); all samples have the same parameters, and tangents and cotangents are
positive, so that infinities of one sign do not cancel.

Some functions below are written out because PyTorch has none, or where ours has another convention, which the
documentation of the op states; each says so.
"""

import json
import math
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from make import dot_product, gates, recurrent, softplus, weighted_cross_entropy

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = Path(__file__).resolve().parent
NAN, INF = math.nan, math.inf
CASES = []


def case(name, text, samples, function, params=(), whole=False):
    """A model; for each sample a list of flat inputs (of an input of integers, of `int`s); and the function of one
    sample, with the parameters after the inputs, which gives one array or a tuple of them, flat one after the other.
    With `whole` the function takes the batch."""
    CASES.append((name, text, samples, function, params, whole))


def shapes(text):
    """The shapes of the inputs."""
    head = text[1 : text.index(") ->")]
    found = []
    for part in head.split(": ")[1:]:
        inside = part[1 : part.index("]")] if part.startswith("[") else ""
        found.append([int(n) for n in inside.split(",") if n])
    return found


def some(name, count, numbers, samples=3):
    """Samples of one input whose numbers are few."""
    rng = random.Random(name)
    return [[[rng.choice(numbers) for _ in range(count)]] for _ in range(samples)]


def equal(count, number=1.0):
    return [[[number] * count]]


# ---- Maxima of windows --------------------------------------------------------------------------


def batched(f, *args, **options):
    return lambda x: f(x[None], *args, **options)[0]


def pools(name, text, function, numbers=(0.0, 1.0, 2.0)):
    (shape,) = shapes(text)
    count = math.prod(shape)
    samples = equal(count) + some(name, count, numbers) + some(name + "!", count, [0.0, 1.0], 2)
    # Everything is −∞, and NaN is greater than anything; of several the last counts.
    samples += equal(count, -INF) + some(name + "?", count, [0.0, 1.0, INF, -INF], 2) + some(name + "n", count, [0.0, 1.0, NAN], 2)
    case(name, text, samples, function)


pools("MaxShort", "(x: [2, 6]) -> [2, 3] { max_pool1d(2) }", batched(F.max_pool1d, 2))
pools(
    "MaxDilated",
    "(x: [1, 9]) -> [1, 4] { max_pool1d(3, stride = 2, padding = 1, dilation = 2) }",
    batched(F.max_pool1d, 3, 2, 1, 2),
)
pools("MaxLong", "(x: [1, 14]) -> [1, 5] { max_pool1d(11, stride = 2, padding = 3) }", batched(F.max_pool1d, 11, 2, 3))
pools("MaxWhole", "(x: [1, 5, 5]) -> [1, 3, 3] { max_pool2d(3, stride = 2, padding = 1) }", batched(F.max_pool2d, 3, 2, 1))
pools(
    "MaxCeil",
    "(x: [1, 6, 6]) -> [1, 3, 3] { max_pool2d(3, stride = 2, ceil_mode = true) }",
    batched(F.max_pool2d, 3, 2, ceil_mode=True),
)
pools(
    "MaxSpread",
    "(x: [1, 6, 5]) -> [1, 4, 3] { max_pool2d([2, 3], stride = [2, 1], padding = 1, dilation = [1, 2]) }",
    batched(F.max_pool2d, (2, 3), (2, 1), 1, (1, 2)),
)
pools("MaxByAxes", "(x: [1, 7, 7]) -> [1, 3, 3] { max_pool2d(4, stride = 2, padding = 1) }", batched(F.max_pool2d, 4, 2, 1))
pools(
    "MaxByAxesCeil",
    "(x: [1, 7, 6]) -> [1, 3, 3] { max_pool2d([5, 4], stride = [3, 2], padding = 1, ceil_mode = true) }",
    batched(F.max_pool2d, (5, 4), (3, 2), 1, 1, True),
)
pools("MaxVolume", "(x: [1, 3, 4, 2]) -> [1, 2, 3, 1] { max_pool3d(2, stride = 1) }", batched(F.max_pool3d, 2, 1))
pools("MaxVolumeByAxes", "(x: [1, 4, 4, 3]) -> [1, 2, 2, 1] { max_pool3d(3, stride = 1) }", batched(F.max_pool3d, 3, 1))
pools("AdaptiveLine", "(x: [1, 7]) -> [1, 3] { adaptive_max_pool1d(3) }", batched(F.adaptive_max_pool1d, 3))
pools("AdaptivePlane", "(x: [1, 4, 5]) -> [1, 2, 3] { adaptive_max_pool2d([2, 3]) }", batched(F.adaptive_max_pool2d, (2, 3)))
pools("AdaptiveSquare", "(x: [1, 6, 6]) -> [1, 2, 2] { adaptive_max_pool2d(2) }", batched(F.adaptive_max_pool2d, 2))
pools("AdaptiveVolume", "(x: [1, 3, 4, 2]) -> [1, 2, 2, 1] { adaptive_max_pool3d([2, 2, 1]) }", batched(F.adaptive_max_pool3d, (2, 2, 1)))

# ---- Reductions ---------------------------------------------------------------------------------

norms = [1, 0.5, 1.5, 2, 3, INF, -INF]
VECTORS = [[0.0] * 4, [3.0, 0.0, -4.0, 0.0], [2.0, -2.0, 2.0, 2.0], [0.0, 0.0, 0.0, -3.0], [1.0, -1.0, 0.5, 0.5], [-0.0, 0.0, 5.0, -5.0]]
case(
    "Norms",
    "(x: [4]) -> [8] { n0 = norm(x, p = 0), n1 = norm(x, p = 1), n2 = norm(x, p = 0.5), n3 = norm(x, p = 1.5), n4 = norm(x), "
    "n5 = norm(x, p = 3), n6 = norm(x, p = f64::INFINITY), n7 = norm(x, p = f64::NEG_INFINITY), stack(n0, n1, n2, n3, n4, n5, n6, n7) }",
    [[v] for v in VECTORS],
    # The number of elements that are not 0 has no derivative.
    lambda x: ((x != 0).sum().to(x.dtype) + 0 * x.sum(), *(torch.linalg.vector_norm(x, p) for p in norms)),
)
case(
    "NormsOfAxes",
    "(x: [3, 2]) -> [4, 2] { a = norm(x, axes = 0), b = norm(x, axes = 0, p = 3), c = norm(x, axes = 0, p = f64::INFINITY), "
    "d = norm(x, axes = 0, p = 1), stack(a, b, c, d) }",
    [[[0.0, 3.0, 0.0, 0.0, 0.0, 4.0]], [[1.0, 0.0, -1.0, 0.0, 1.0, 0.0]]],
    lambda x: tuple(torch.linalg.vector_norm(x, p, 0) for p in (2, 3, INF, 1)),
)
case(
    "NormOfOne",
    "(x: [1, 3]) -> [4, 3] { a = norm(x, axes = 0), b = norm(x, axes = 0, p = 3), c = norm(x, axes = 0, p = f64::INFINITY), "
    "d = norm(x, axes = 0, p = 1), stack(a, b, c, d) }",
    [[[0.0, -2.0, 3.0]]],
    lambda x: tuple(torch.linalg.vector_norm(x, p, 0) for p in (2, 3, INF, 1)),
)
case(
    "Deviations",
    "(x: [3]) -> [4] { a = std(x), b = std(x, correction = 0), c = var(x), d = var(x, correction = 0), stack(a, b, c, d) }",
    [[[0.5] * 3], [[0.1] * 3], [[-0.7] * 3], [[0.0] * 3], [[1.0, 1.0, 4.0]], [[1e-9] * 3], [[1.1e9] * 3], [[0.1, 0.3, 0.2]]],
    # PyTorch's mean of equal elements may differ from them, and the derivative is then not 0.
    lambda x: tuple(f(x - x[0].detach(), correction=c) for f in (torch.std, torch.var) for c in (1, 0)),
)
case(
    "DeviationsOfFew",
    "(x: [2, 1]) -> [3, 2] { a = std(x, axes = 0), b = std(x, axes = 1, correction = 0), c = var(x, axes = 1, correction = 0), "
    "a2 = concat(a, a), stack(a2, b, c) }",
    [[[0.3, 0.3]], [[0.1, 0.4]], [[0.0, 0.0]]],
    lambda x: (
        torch.std(x, 0).repeat(2),
        torch.std(x, 1, correction=0),
        torch.var(x, 1, correction=0),
    ),
)
EXTREMES = equal(6, 2.0) + some("extremes", 6, [0.0, 1.0], 4) + [[[INF, 1.0, INF, -INF, -INF, 0.0]], [[0.0, -0.0, 0.0, -0.0, 0.0, -0.0]]]
case(
    "Extremes",
    "(x: [2, 3]) -> [12] { a = amax(x, axes = 1), b = amin(x, axes = 1), c = amax(x), d = amin(x), e = amax(x, axes = 0), f = amin(x, axes = 0), "
    "cd = stack(c, d), concat(a, b, cd, e, f) }",
    EXTREMES,
    lambda x: (torch.amax(x, 1), torch.amin(x, 1), torch.amax(x), torch.amin(x), torch.amax(x, 0), torch.amin(x, 0)),
)
case(
    "Places",
    "(x: [2, 3]) -> [10] { a = argmax(x, 1), b = argmin(x, 1), c = argmax(x, 0), d = argmin(x, 0), concat(a, b, c, d) }",
    EXTREMES + [[[NAN, 1.0, NAN, 2.0, NAN, 3.0]], [[-INF] * 6], [[INF] * 6]],
    lambda x: tuple(f(torch.nan_to_num(x.detach(), NAN, INF, -INF), dim=i).to(x.dtype) for f, i in ((torch.argmax, 1), (torch.argmin, 1), (torch.argmax, 0), (torch.argmin, 0))),
)
PRODUCTS = [[[2.0, 0.0, 3.0, -1.0, 0.5]], [[0.0, 2.0, 3.0, 0.0, 0.5]], [[0.0] * 5], [[1.0] * 5], [[2.0, 3.0, 4.0, 5.0, 0.0]], [[0.0, 0.0, 0.0, 2.0, 3.0]]]
case("Products", "(x: [5]) -> [6] { a = prod(x, keepdim = true), b = cumprod(x, 0), concat(a, b) }", PRODUCTS, lambda x: (torch.prod(x), torch.cumprod(x, 0)))
case(
    "RunningOfOne",
    "(x: [1, 2]) -> [5, 2] { a = cumsum(x, 0), b = cumprod(x, 0), c = logcumsumexp(x, 0), d = prod(x, axes = 0), e = logsumexp(x, axes = 0), "
    "de = stack(d, e), concat(a, b, c, de) }",
    [[[0.0, 2.0]], [[-3.0, 0.0]]],
    lambda x: (torch.cumsum(x, 0), torch.cumprod(x, 0), torch.logcumsumexp(x, 0), torch.prod(x, 0), torch.logsumexp(x, 0)),
)
case(
    "LogsOfEqual",
    "(x: [3]) -> [4] { a = logsumexp(x, keepdim = true), b = logcumsumexp(x, 0), concat(a, b) }",
    [[[0.0] * 3], [[1e3] * 3], [[0.0, -INF, 1.0]], [[-1e3] * 3]],
    lambda x: (torch.logsumexp(x, 0), torch.logcumsumexp(x, 0)),
)

# ---- Softmax and its like -----------------------------------------------------------------------

case(
    "Softmaxes",
    "(x: [3]) -> [6] { a = softmax(x), b = log_softmax(x), concat(a, b) }",
    [[[0.5] * 3], [[1e4, 1e4, -1e4]], [[0.0, 0.0, 1e-300]]],
    lambda x: (torch.softmax(x, 0), torch.log_softmax(x, 0)),
)
case("SoftmaxOfHidden", "(x: [3]) -> [3] { softmax }", [[[0.0, -INF, 0.0]], [[-INF, -INF, 2.0]]], lambda x: torch.softmax(x, 0))
case(
    "SoftmaxOfOne",
    "(x: [2, 1]) -> [2, 4] { a = softmax(x), b = log_softmax(x), c = softmax(x, axis = 0), d = log_softmax(x, axis = 0), concat(a, b, c, d, axis = 1) }",
    [[[0.3, 0.3]], [[1e4, -1e4]]],
    lambda x: (torch.cat((torch.softmax(x, 1), torch.log_softmax(x, 1), torch.softmax(x, 0), torch.log_softmax(x, 0)), 1),),
)

# ---- Normalisation ------------------------------------------------------------------------------

# Below eps², between that and eps, eps, between eps and its root, above.
LENGTHS = [0.0, 0.04, 0.1, 0.25, 0.3, 0.45, 0.7, 3.0]
case(
    "Normalized",
    "(x: [3]) -> [3] { normalize(eps = 0.25) }",
    [[[n, 0.0, 0.0]] for n in LENGTHS] + [[[0.0, 0.6 * n, -0.8 * n]] for n in LENGTHS],
    lambda x: F.normalize(x, dim=0, eps=0.25),
)
case(
    "NormalizedTiny",
    "(x: [2, 2]) -> [2, 2] { normalize(axis = 1) }",
    [[[0.0, 0.0, 3.0, 4.0]], [[3e-13, 4e-13, 6e-13, 8.5e-13]], [[3e-8, 4e-8, 1.0, 1.0]], [[0.6e-24, 0.8e-24, 1e-12, 0.0]]],
    lambda x: F.normalize(x, dim=1),
)
CONSTANT = [[[0.5] * 4], [[0.1] * 4], [[0.0] * 4], [[64.0] * 4], [[1.0, 1.0, 1.0, 2.0]]]
ones = (0.7, -1.2, 0.4, 1.5)
case(
    "Layer",
    "(x: [4]) -> [8] { a = layer_norm(x), b = rms_norm(x), concat(a, b) }",
    CONSTANT,
    lambda x, w, c, v: (F.layer_norm(x, (4,), w, c), F.rms_norm(x, (4,), v, 1e-6)),
    [(4,), (4,), (4,)],
)
case(
    "Groups",
    "(x: [4]) -> [12] { a = group_norm(x, 2), b = group_norm(x, 1), c = group_norm(x, 4), concat(a, b, c) }",
    CONSTANT,
    # PyTorch refuses groups of one number in training; the formula does not.
    lambda x, w, c, v, d, u, e: (F.group_norm(x[None], 2, w, c)[0], F.group_norm(x[None], 1, v, d)[0], (x - x) / math.sqrt(1e-5) * u + e),
    [(4,)] * 6,
)
case("Instance", "(x: [2, 2]) -> [2, 2] { instance_norm(affine = true) }", CONSTANT, lambda x, w, c: F.instance_norm(x[None], weight=w, bias=c)[0], [(2,)] * 2)
case(
    "InstanceOfOne",
    "(x: [2, 1]) -> [2, 4] { a = instance_norm(x, affine = true), b = layer_norm(x), c = rms_norm(x), d = normalize(x, axis = 1), concat(a, b, c, d, axis = 1) }",
    [[[0.5, -2.0]], [[0.0, 64.0]]],
    # PyTorch refuses channels of one number.
    lambda x, w, c, v, d, u: torch.cat(
        ((x - x) / math.sqrt(1e-5) * w[:, None] + c[:, None], F.layer_norm(x, (1,), v, d), F.rms_norm(x, (1,), u, 1e-6), F.normalize(x, dim=1)), 1
    ),
    [(2,), (2,), (1,), (1,), (1,)],
)
case(
    "BatchConstant",
    "(x: [2, 2]) -> [2, 2] { batch_norm }",
    [[[0.5, 0.5, 0.1, 0.1]]] * 3,
    lambda x, w, c: F.batch_norm(x, None, None, w, c, True),
    [(2,)] * 2,
    "Training",
)
case(
    "BatchOfOne",
    "(x: [2, 2]) -> [2, 2] { batch_norm(eps = 0.1) }",
    [[[0.5, 0.5, 0.1, 0.7]]],
    lambda x, w, c: F.batch_norm(x, None, None, w, c, True, eps=0.1),
    [(2,)] * 2,
    "Training",
)

# ---- Elementwise --------------------------------------------------------------------------------


def inside(x, low, high):
    return ((x > low) & (x < high)).to(x.dtype)


UNARY = [
    ("relu", F.relu),
    ("leaky_relu", F.leaky_relu),
    ("elu(alpha = 0.7)", lambda x: F.elu(x, 0.7)),
    ("selu", F.selu),
    ("celu(alpha = 2)", lambda x: F.celu(x, 2.0)),
    ("hardtanh(min = -0.5, max = 1.5)", lambda x: F.hardtanh(x, -0.5, 1.5)),
    ("clamp(-1, 2.5)", lambda x: torch.clamp(x, -1.0, 2.5)),
    ("relu6", F.relu6),
    ("hard_sigmoid", lambda x: F.relu6(x + 3) / 6),
    ("hard_swish", F.hardswish),
    ("threshold(1, -2)", lambda x: F.threshold(x, 1.0, -2.0)),
    ("hardshrink", F.hardshrink),
    ("softshrink", F.softshrink),
    ("abs", torch.abs),
    ("sign", torch.sign),
    ("floor", torch.floor),
    ("ceil", torch.ceil),
    ("round", torch.round),
    ("trunc", torch.trunc),
    ("frac", torch.frac),
    ("softsign", F.softsign),
    ("sinc", torch.sinc),
    ("tanhshrink", F.tanhshrink),
    ("pow(0)", lambda x: x**0),
    ("pow(1)", lambda x: x**1),
    ("pow(2)", lambda x: x**2),
    ("pow(3)", lambda x: x**3),
]


def row(ops, args):
    """Steps that apply ops to the inputs, one below the other."""
    call = lambda op: op[: op.index("(")] + f"({args}, " + op[op.index("(") + 1 :] if "(" in op else f"{op}({args})"
    if len(ops) == 1:
        return call(ops[0][0])
    steps = ", ".join(f"o{i} = {call(op)}" for i, (op, _) in enumerate(ops))
    return steps + ", concat(" + ", ".join(f"o{i}" for i in range(len(ops))) + ")"


def elementwise(name, ops, points):
    n = len(points[0])
    args = "xy"[:n] if n == 1 else "a, b"
    inputs = "x: [1]" if n == 1 else "a: [1], b: [1]"
    case(name, f"({inputs}) -> [{len(ops)}] {{ {row(ops, args)} }}", [[[x] for x in point] for point in points], lambda *xs: tuple(f(*xs) for _, f in ops))


BOUNDS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.5, -2.5, 3.0, -3.0, 6.0, -6.0, 3.5, 2.0, 1e-300, -1e-300]
elementwise("Kinks", UNARY, [[x] for x in BOUNDS])
elementwise(
    "Steep",
    [("sqrt", torch.sqrt), ("log", torch.log), ("log1p", torch.log1p), ("pow(0.5)", lambda x: x**0.5), ("pow(1.5)", lambda x: x**1.5), ("asin", torch.asin), ("atanh", torch.atanh)],
    [[0.0], [1.0]],
)
elementwise(
    "SteepDown",
    [("reciprocal", torch.reciprocal), ("rsqrt", torch.rsqrt), ("pow(-1)", lambda x: x**-1), ("pow(-2)", lambda x: x**-2), ("pow(-0.5)", lambda x: x**-0.5)],
    [[0.0], [1.0], [INF]],
)
elementwise("SafeRoot", [("safe_sqrt", lambda x: torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0))], [[0.0], [-0.0], [4.0], [-4.0]])
elementwise(
    "Bounded",
    [op for op in UNARY if op[0].split("(")[0] in ("relu", "leaky_relu", "elu", "hardtanh", "clamp", "relu6", "threshold", "hardshrink", "softshrink", "abs", "sign")],
    [[INF], [-INF]],
)


def less(compare):
    return lambda a, b: compare(a, b).to(a.dtype) + 0 * (a + b)


BINARY = [
    ("maximum", torch.maximum),
    ("minimum", torch.minimum),
    ("logaddexp", torch.logaddexp),
    ("gt", less(torch.gt)),
    ("lt", less(torch.lt)),
    ("ge", less(torch.ge)),
    ("le", less(torch.le)),
    ("eq", less(torch.eq)),
    ("ne", less(torch.ne)),
    ("hypot", lambda a, b: torch.hypot(a, b)),
    ("atan2", torch.atan2),
    ('mae(reduction = "none")', lambda a, b: F.l1_loss(a, b, reduction="none")),
    ('mse(reduction = "none")', lambda a, b: F.mse_loss(a, b, reduction="none")),
    ('huber(delta = 0.5, reduction = "none")', lambda a, b: F.huber_loss(a, b, delta=0.5, reduction="none")),
    ('bce_with_logits(reduction = "none")', lambda a, b: b * softplus(-a) + (1 - b) * softplus(a)),
]
elementwise(
    "Pairs",
    [op for op in BINARY if op[0] not in ("hypot", "atan2")],
    [[0.0, 0.0], [1.5, 1.5], [-2.0, -2.0], [1.0, 0.5], [0.5, 1.0], [0.0, -0.0], [0.5, 0.0], [-0.5, 0.0], [2.0, 0.0], [0.0, 1.0], [-1e3, 1.0], [1e3, 0.0]],
)
elementwise("Planes", BINARY[9:11], [[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0], [3.0, 4.0], [2.0, 2.0]])
elementwise(
    "Wholes",
    [("fmod", lambda a, b: torch.fmod(a, b)), ("remainder", lambda a, b: torch.remainder(a, b))],
    [[6.0, 3.0], [-6.0, 3.0], [6.0, -3.0], [0.0, 2.0], [-7.0, 2.0], [7.0, -2.0], [2.0, 2.0], [1.0, 2.0], [-1.0, 2.0], [-1.0, INF], [1.0, INF]],
)
elementwise("Powers", [("pow", torch.pow)], [[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [1.0, 0.0], [1.0, -1.0], [2.0, 0.0], [0.0, 1.5]])
elementwise("SteepPowers", [("pow", torch.pow)], [[0.0, 0.5], [4.0, 0.5], [4.0, -1.0]])
elementwise("Entropies", [("xlogy", torch.xlogy)], [[0.0, 1.0], [1.0, 1.0], [0.0, 2.0], [2.0, 3.0]])
elementwise("EntropyOfNone", [("xlogy", torch.xlogy)], [[0.0, 0.0], [0.0, -1.0], [1.0, 0.0]])
elementwise("Origin", [("atan2", torch.atan2)], [[0.0, 0.0]])
elementwise(
    "Sums",
    [("logaddexp", torch.logaddexp)],
    [[0.0, 0.0], [1e3, 1e3], [-1e3, 1e3], [-INF, 0.0], [0.0, -INF], [2.0, 2.0]],
)
case(
    "Chosen",
    "(m: [1], x: [1], y: [1]) -> [3] { a = where(m, x, y), b = masked_fill(x, m, -2), c = where(m, 1 / x, sqrt(y)), concat(a, b, c) }",
    [[[m], [x], [y]] for m, x, y in [(0.0, 0.0, 4.0), (-0.0, 0.0, 4.0), (1.0, 2.0, 0.0), (-1.0, 2.0, -1.0), (1e-300, 2.0, 0.0)]],
    # PyTorch's derivatives of what is not chosen may be NaN.
    lambda m, x, y: (torch.where(m != 0, x, y), torch.where(m != 0, -2.0, x), 1 / x if m != 0 else torch.sqrt(y)),
)

# ---- Losses of integers -------------------------------------------------------------------------


def classes(**options):
    return lambda p, t: F.cross_entropy(p, t, **options)


LOGITS = [0.2, 0.2, 0.2, -1.0, 0.0, 2.0, 5.0, 5.0, -5.0]
HIDDEN = [NAN, 1.0, INF]
case(
    "Classes",
    "(p: [3, 3], t: [3] of index(3)) -> [4] { a = cross_entropy(p, t), b = cross_entropy(p, t, ignore_index = 1), "
    'c = cross_entropy(p, t, label_smoothing = 0.3, ignore_index = 1), d = cross_entropy(p, t, ignore_index = 1, reduction = "sum"), stack(a, b, c, d) }',
    [[LOGITS, [0, 1, 2]], [[0.0] * 9, [0, 0, 2]], [LOGITS, [0, 1, 1]]],
    lambda p, t: (F.cross_entropy(p, t), F.cross_entropy(p, t, ignore_index=1), F.cross_entropy(p, t, label_smoothing=0.3, ignore_index=1), F.cross_entropy(p, t, ignore_index=1, reduction="sum")),
)


def left_out(f):
    """Without the rows that are ignored, of which PyTorch makes NaN where they are not numbers."""

    def run(p, t, *w):
        kept = t != 1
        return f(p[kept], t[kept], *w)

    return run


case(
    "Ignored",
    "(p: [3, 3], t: [3] of index(3)) -> [3] { a = cross_entropy(p, t, ignore_index = 1), "
    'b = cross_entropy(p, t, label_smoothing = 0.3, ignore_index = 1), c = cross_entropy(p, t, ignore_index = 1, reduction = "sum"), stack(a, b, c) }',
    [[LOGITS[:3] + HIDDEN + LOGITS[6:], [0, 1, 2]], [HIDDEN * 2 + LOGITS[6:], [1, 1, 0]], [LOGITS[:3] + [-INF] * 3 + [NAN] * 3, [2, 1, 1]]],
    left_out(lambda p, t: (F.cross_entropy(p, t), F.cross_entropy(p, t, label_smoothing=0.3), F.cross_entropy(p, t, reduction="sum"))),
)
case(
    "IgnoredWeighed",
    "(p: [3, 3], t: [3] of index(3), w: [3]) -> [2] { a = cross_entropy(p, t, weight = w, ignore_index = 1), "
    "b = cross_entropy(p, t, weight = w, label_smoothing = 0.3, ignore_index = 1), stack(a, b) }",
    [[LOGITS[:3] + HIDDEN + LOGITS[6:], [0, 1, 2], [0.5, 2.0, 1.0]], [HIDDEN * 2 + LOGITS[6:], [1, 1, 0], [0.5, 1.0, 2.0]]],
    left_out(lambda p, t, w: (weighted_cross_entropy(p, t, w), weighted_cross_entropy(p, t, w, 0.3))),
)
case(
    "IgnoredEach",
    '(p: [3, 2], t: [3] of index(3)) -> [3] { cross_entropy(p, t, ignore_index = 2, reduction = "none") }',
    [[[0.0, 0.0, NAN, INF, 1.0, 1.0], [0, 2, 1]], [[NAN] * 6, [2, 2, 2]]],
    lambda p, t: torch.stack([F.cross_entropy(p[i], t[i]) if t[i] != 2 else torch.tensor(0.0) for i in range(3)]),
)
case(
    "NothingLeft",
    '(p: [2, 2], t: [2] of index(2)) -> [] { cross_entropy(p, t, ignore_index = 1, reduction = "sum") }',
    [[[NAN, 0.0, 1.0, INF], [1, 1]], [[0.0] * 4, [1, 1]]],
    lambda p, t: 0 * torch.nan_to_num(p, 0, 0, 0).sum(),
)
case(
    "OneClass",
    "(p: [2, 1], t: [2] of index(1), q: [2, 1]) -> [4] { a = cross_entropy(p, t), b = cross_entropy(p, q), c = cross_entropy(p, t, label_smoothing = 0.3), "
    "d = sum(one_hot(t)), stack(a, b, c, d) }",
    [[[0.3, -0.3], [0, 0], [1.0, 0.5]]],
    lambda p, t, q: (F.cross_entropy(p, t), F.cross_entropy(p, q), F.cross_entropy(p, t, label_smoothing=0.3), torch.tensor(2.0) + 0 * p.sum()),
)
case(
    "OneSample",
    "(p: [3], t: index(3), q: [3]) -> [2] { a = cross_entropy(p, t), b = cross_entropy(p, q), stack(a, b) }",
    [[[0.5] * 3, [1], [0.5, 0.5, 0.0]], [[0.0, -1e4, 1e4], [1], [0.0, 0.0, 1.0]]],
    lambda p, t, q: (F.cross_entropy(p, t), F.cross_entropy(p, q)),
)
case(
    "HiddenClass",
    "(p: [3], t: index(3)) -> [] { cross_entropy(p, t) }",
    [[[0.0, 0.0, -INF], [0]], [[0.0, -INF, -INF], [0]]],
    lambda p, t: F.cross_entropy(p, t),
)

# ---- Integers that choose -----------------------------------------------------------------------

case(
    "Gathered",
    "(x: [3, 2], i: [3] of index(3), j: [4, 2] of index(3)) -> [9, 2] { a = index_select(x, i), b = gather(x, j), c = one_hot(i), d = matmul(c, x), "
    "e = slice(d, 0..2), concat(a, b, e) }",
    [[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 1, 1], [0, 0, 0, 2, 0, 0, 1, 0]], [[0.0] * 6, [2, 0, 2], [2] * 8]],
    lambda x, i, j: torch.cat((x[i], torch.gather(x, 0, j), (F.one_hot(i, 3).to(x.dtype) @ x)[:2])),
)
case(
    "Scattered",
    "(x: [3], i: [4] of index(3), s: [4]) -> [3] { scatter_add(x, i, s) }",
    [[[1.0, 2.0, 3.0], [1, 1, 1, 1], [1.0, 2.0, 3.0, 4.0]], [[0.0] * 3, [0, 2, 0, 2], [0.5] * 4]],
    lambda x, i, s: torch.scatter_add(x, 0, i, s),
)
case(
    "Embedded",
    "(i: [4] of index(3)) -> [4, 4] { a = embedding(i, padding_idx = 1) -> [4, 2], b = embedding(i) -> [4, 2], concat(a, b, axis = 1) }",
    [[[1, 0, 1, 0]], [[1, 1, 1, 1]], [[2, 2, 2, 0]]],
    lambda i, w, v: torch.cat((F.embedding(i, w, padding_idx=1), F.embedding(i, v)), 1),
    [(3, 2)] * 2,
)

# ---- Attention ----------------------------------------------------------------------------------

NUMBERS = [0.5, -1.0, 2.0, 0.25, 1.0, -0.5, 0.75, 1.5]
case(
    "Attention",
    "(q: [2, 2], k: [3, 2], v: [3, 1], m: [2, 3]) -> [2, 1] { scaled_dot_product_attention(q, k, v, m) }",
    [
        [NUMBERS[:4], NUMBERS[:6], [1.0, 2.0, 3.0], mask]
        for mask in ([0.0] * 3 + [1.0] * 3, [0.0] * 6, [1.0, 0.0, 0.0, 0.0, 0.0, 1.0], [1.0] * 6, [-1.0, 0.0, 1.0, -0.0, 0.5, 0.0])
    ]
    + [[[0.0] * 4, [0.0] * 6, [1.0, 1.0, 1.0], [1.0] * 6]],
    lambda q, k, v, m: dot_product()(q, k, v, m.detach()),
)
case(
    "AttentionOfOne",
    "(q: [1, 2], k: [1, 2], v: [1, 2], l: [3, 2]) -> [6, 2] { a = scaled_dot_product_attention(q, k, v), b = scaled_dot_product_attention(q, l, l), "
    "c = scaled_dot_product_attention(l, k, v), d = scaled_dot_product_attention(q, k, v, causal = true), concat(a, b, c, d) }",
    [[NUMBERS[:2], NUMBERS[2:4], NUMBERS[4:6], NUMBERS[:6]], [[0.0] * 2, [0.0] * 2, NUMBERS[:2], [1.0] * 6]],
    lambda q, k, v, l: torch.cat((dot_product()(q, k, v), dot_product()(q, l, l), dot_product()(l, k, v), dot_product(is_causal=True)(q, k, v))),
)

# ---- Axes of length 1 ---------------------------------------------------------------------------


def resized(mode, size, **options):
    return lambda x: F.interpolate(x[None], size, mode=mode, **options)[0].flatten()


case(
    "PoolsOfOne",
    "(x: [2, 1, 1]) -> [2, 1, 7] { a = max_pool2d(x, 1), b = avg_pool2d(x, 1), c = adaptive_max_pool2d(x, 1), d = adaptive_avg_pool2d(x, 1), "
    "e = max_pool2d(x, 3, padding = 1), f = avg_pool2d(x, 3, padding = 1), g = avg_pool2d(x, 3, padding = 1, count_include_pad = false), "
    "concat(a, b, c, d, e, f, g, axis = 2) }",
    [[[0.0, -2.0]], [[1.0, 1.0]]],
    lambda x: torch.cat(
        [
            f(x[None])[0]
            for f in (
                lambda x: F.max_pool2d(x, 1),
                lambda x: F.avg_pool2d(x, 1),
                lambda x: F.adaptive_max_pool2d(x, 1),
                lambda x: F.adaptive_avg_pool2d(x, 1),
                lambda x: F.max_pool2d(x, 3, padding=1),
                lambda x: F.avg_pool2d(x, 3, padding=1),
                lambda x: F.avg_pool2d(x, 3, padding=1, count_include_pad=False),
            )
        ],
        2,
    ),
)
case(
    "ResizedOne",
    "(x: [1, 1, 1]) -> [3, 2, 3] { a = upsample_nearest2d(x) -> [1, 2, 3], b = upsample_bilinear2d(x) -> [1, 2, 3], "
    "c = upsample_bilinear2d(x, align_corners = true) -> [1, 2, 3], concat(a, b, c) }",
    [[[0.0]], [[-2.5]]],
    lambda x: tuple(resized(mode, (2, 3), **o)(x) for mode, o in (("nearest", {}), ("bilinear", {}), ("bilinear", {"align_corners": True}))),
)
case(
    "ResizedToOne",
    "(x: [1, 2, 3]) -> [3, 1, 1] { a = upsample_nearest2d(x) -> [1, 1, 1], b = upsample_bilinear2d(x) -> [1, 1, 1], "
    "c = upsample_bilinear2d(x, align_corners = true) -> [1, 1, 1], concat(a, b, c) }",
    [[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]],
    lambda x: tuple(resized(mode, (1, 1), **o)(x) for mode, o in (("nearest", {}), ("bilinear", {}), ("bilinear", {"align_corners": True}))),
)
case(
    "ProductsOfOne",
    '(a: [1, 1], b: [1, 3], c: [2, 1]) -> [12] { d = einsum("ij,jk->ik", a, b), e = matmul(c, b), f = einsum("ij,kj->ik", c, a), g = einsum("ii", a), '
    "h = matmul(c, a), fh = concat(f, h), ef = flatten(fh), df = flatten(d), eh = flatten(e), gs = unsqueeze(g, 0), w = slice(ef, 0..2), concat(df, eh, w, gs) }",
    [[[2.0], [1.0, 0.0, 1.0], [0.5, 0.5]], [[0.0], [0.0] * 3, [1.0, -1.0]]],
    lambda a, b, c: (a @ b, c @ b, c @ a.T, torch.einsum("ii", a)),
)
case(
    "Recurrent",
    "(x: [1, 2]) -> [5, 2] { a = rnn(x) -> [1, 2], b = lstm(x) -> [1, 2], c = gru(x) -> [1, 2], d = lstm(x, reverse = true, bias = false) -> [1, 2], "
    "e = gru(x, reverse = true, bias = false) -> [1, 2], concat(a, b, c, d, e) }",
    [[[0.0, 0.0]], [[1.0, 1.0]], [[-0.5, 2.0]]],
    lambda x, *p: (
        recurrent(torch.nn.RNN, 2, 2)(x, *p[:4]),
        recurrent(torch.nn.LSTM, 2, 2)(x, *p[4:8]),
        recurrent(torch.nn.GRU, 2, 2)(x, *p[8:12]),
        recurrent(torch.nn.LSTM, 2, 2, True)(x, *p[12:14]),
        recurrent(torch.nn.GRU, 2, 2, True)(x, *p[14:]),
    ),
    gates(1, 2, 2) + gates(4, 2, 2) + gates(3, 2, 2) + gates(4, 2, 2, False) + gates(3, 2, 2, False),
)


# ---- Files --------------------------------------------------------------------------------------


def product(slopes, vector):
    """In which 0 times anything is 0."""
    terms = slopes * vector
    return float(torch.where((slopes == 0) | (vector == 0), 0.0, terms).sum())


def run(name, text, samples, function, params, whole):
    rng = random.Random(name)
    draw = lambda shape: torch.tensor([round(rng.uniform(0.2, 1), 3) for _ in range(math.prod(shape))]).reshape(shape)
    sizes, ints = shapes(text), ["index(" in part for part in text[1 : text.index(") ->")].split(": ")[1:]]
    params = [draw(shape) * 2 - 1.2 for shape in params]
    result = {"op": name, "case": name, "model": name + (whole or ""), "y": [], "dy": [], "y_bar": [], "inputs": [[] for _ in sizes]}
    result.update(d_inputs=[[] for _ in sizes], input_bars=[[] for _ in sizes], params=flat(params))
    d_params = [draw(p.shape) for p in params]
    params_bar = [torch.zeros(p.shape) for p in params]
    if whole:
        samples = [[sum((s[i] for s in samples), []) for i in range(len(sizes))]]
        sizes = [[-1, *size] for size in sizes]
    for sample in samples:
        xs = [torch.tensor(x, dtype=torch.int64 if integers else torch.float64).reshape(size) for x, size, integers in zip(sample, sizes, ints)]
        leaves = [x if integers else x.clone().requires_grad_() for x, integers in zip(xs, ints)] + [p.clone().requires_grad_() for p in params]
        real = [leaf for leaf in leaves if leaf.requires_grad]
        outputs = function(*leaves)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        numbers = [number for out in outputs for number in out.flatten()]
        tangents = [draw(x.shape) for x in real[: len(real) - len(params)]] + d_params
        bars = [torch.zeros(x.shape) for x in real]
        for number in numbers:
            rows = [None] * len(real)
            if number.requires_grad:
                rows = torch.autograd.grad(number, real, retain_graph=True, allow_unused=True)
            rows = [torch.zeros(x.shape) if row is None else row for row, x in zip(rows, real)]
            y_bar = float(draw([1])[0])
            result["y"].append(number.item())
            result["y_bar"].append(y_bar)
            result["dy"].append(product(torch.cat([r.flatten() for r in rows]), torch.cat([t.flatten() for t in tangents])) if rows else 0.0)
            bars = [bar + torch.where(row == 0, 0.0, row * y_bar) for bar, row in zip(bars, rows)]
        reals = iter(zip(tangents, bars))
        for i, (x, integers) in enumerate(zip(xs, ints)):
            result["inputs"][i] += x.flatten().tolist()
            if not integers:
                tangent, bar = next(reals)
                result["d_inputs"][i] += tangent.flatten().tolist()
                result["input_bars"][i] += bar.flatten().tolist()
        params_bar = [a + b for a, b in zip(params_bar, bars[len(real) - len(params) :])]
    if whole:
        channels = params[0].numel() if params else sizes[0][1]
        result["state"] = [0.0] * channels + [1.0] * channels
    result.update(d_params=flat(d_params), params_bar=flat(params_bar))
    return result


def flat(arrays):
    return [x for array in arrays for x in array.flatten().tolist()]


def write(value):
    if isinstance(value, list):
        return [write(x) for x in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def main():
    rows = [{key: write(value) for key, value in run(*case).items()} for case in CASES]
    models = "".join(f"{name} {text}\n" for name, text, *_ in CASES)
    head = "// Models at their ties, zeros and thresholds: written by `tests/reference/ties.py`."
    (HERE / "ties.models").write_text(f"{head}\n\n{models}")
    text = ",\n".join(json.dumps(row, separators=(",", ":"), allow_nan=False) for row in rows)
    (HERE / "ties.json").write_text(f"[\n{text}\n]\n")
    print(f"torch {torch.__version__}: {len(rows)} cases, {len(text)} bytes")


if __name__ == "__main__":
    main()
