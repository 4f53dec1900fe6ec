#!/usr/bin/env python3
"""PyTorch's samples of its operators and modules, as models and fixtures of ours: torch.json, torch.models.

    pip install torch numpy expecttest
    python tests/reference/torch_cases.py

The files in the repository were made with torch 2.15 (BSD-3-Clause, https://github.com/pytorch/pytorch) on
x86-64 (CPU). Its own tests draw their inputs from two lists, `op_db` of operators (OpInfo) and `module_db` of
modules (ModuleInfo), which are inside the package. The samples for f64 of each entry are taken, and those of
evaluation of modules. All numbers of a sample are first rounded to 6 significant digits, so that the fixture is small;
then PyTorch computes in f64. Results have 11 digits, which is more than the comparison needs.

Fields of torch.json besides those in suites.py:

    d_inputs, d_params      a tangent; [] for integers, and none of masks
    y_bar                   a cotangent
    dy                      JVP, PyTorch's forward mode
    input_bars, params_bar  VJP, PyTorch's backward mode
    tolerance               where PyTorch itself is not as close as 1e-9
"""

import math
import random
import re
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

from suites import Case, LeftOut, Suite, number, shape, sizes

# More numbers than so many in arguments and result make the fixture too large.
MOST = 800
# Of which all samples are larger.
LARGE = {"nn.CTCLoss": 3000}
# So many numbers of an elementwise operator are kept, where each is a sample.
POINTS = 60
# Samples of one operator that share a model, and how many numbers all but the first may have.
ROWS, FEW = 2, 150
# Operators that only move numbers.
LAYOUTS = """reshape view flatten unflatten permute transpose t movedim squeeze unsqueeze expand broadcast_to cat stack
narrow select split chunk repeat tile roll flip T H mT mH ravel view_as reshape_as expand_as expand_copy view_copy
permute_copy transpose_copy t_copy squeeze_copy unsqueeze_copy narrow_copy unsafe_chunk unsafe_split split_with_sizes
split_with_sizes_copy tensor_split hsplit vsplit dsplit unbind unbind_copy hstack vstack dstack column_stack atleast_1d
atleast_2d atleast_3d fliplr flipud rot90 nn.functional.channel_shuffle""".split()


def most(op):
    """How many models an operator may have: modules call operators, layouts are all alike."""
    rich = r"conv|pool|functional.(pad|cross_entropy|grid_sample|unfold|.*nll_loss|kl_div|triplet_margin_loss)|^cdist|linalg.(vector_)?norm"
    if op.startswith("nn.") and "functional" not in op or op in LAYOUTS:
        return 1
    return 8 if "interpolate" in op else 6 if re.search(rich, op.lower()) else 2


class Sample(Case):
    """A sample on its way to a model: what becomes of each of its tensors."""

    def __init__(self):
        super().__init__()
        self.input_uses, self.param_uses, self.turn_out = [], [], lambda y: y

    def real(self, t, dims, turn=lambda a: a):
        """An input. `turn` puts the numbers in our order."""
        if t.dtype != torch.float64:
            raise LeftOut("integers and booleans")
        self.input_uses.append((t, turn))
        return self.input(turn(t.detach().numpy()), dims)

    def number(self, t):
        """An input of which every number is a sample."""
        return self.real(t, ())

    def all(self, t):
        """An input that is one sample as it is."""
        return self.real(t, t.shape)

    def batch(self, t):
        """An input whose first axis is the batch."""
        return self.real(t, t.shape[1:])

    def target(self, t):
        """Reals or integers that are one sample as they are; integers have no derivative."""
        return self.all(t) if t.dtype == torch.float64 else self.fixed(t)

    def fixed(self, t):
        """An input that is one sample as it is, by which PyTorch has no derivative."""
        return self.step(f"stop_gradient({self.mask(t, t.shape).name})", t.shape)

    def mask(self, t, dims):
        """Ones and zeros, without a derivative."""
        self.input_uses.append((None, None))
        return self.input(t.numpy().astype(np.float64), dims)

    def integers(self, t, dims, bound, turn=lambda a: a):
        self.input_uses.append((None, None))
        array = turn(t.numpy())
        if array.size and not (0 <= array.min() and array.max() < bound):
            raise LeftOut("integers out of bounds")
        return self.input(array, dims, bound=bound)

    def weight(self, t, turn=lambda a: a):
        """A parameter."""
        self.param_uses.append((t, turn))
        return turn(t.detach().numpy())


def given(args, kwargs, *names, **defaults):
    """Arguments by name, in the order of PyTorch's signature."""
    names = [*names, *defaults]
    values = dict(defaults) | dict(zip(names, args)) | {k: v for k, v in kwargs.items() if k != "inplace"}
    unknown = set(values) - set(names)
    if len(args) > len(names) or unknown:
        raise LeftOut(f"`{sorted(unknown)[0]}`" if unknown else "an argument that is not known")
    return [values.get(n) for n in names]


def no(reason):
    def run(c, *args, **kwargs):
        raise LeftOut(reason)

    return run


# ---- Elementwise --------------------------------------------------------------------------------


def unary(op):
    def run(c, x, *args, **kwargs):
        if args or {k: v for k, v in kwargs.items() if k not in ("inplace",)}:
            raise LeftOut("an option of an elementwise operator")
        return c.op(op, [c.number(x)], ())

    return run


def with_options(op, *names, **defaults):
    """An elementwise operator with numbers as options."""

    def run(c, x, *args, **kwargs):
        values = given(args, kwargs, **defaults)
        if not names and values != list(defaults.values()):
            raise LeftOut("decimals other than 0")
        named = {n: v for n, v, d in zip(names, values, defaults.values()) if v != d}
        return c.op(op, [c.number(x)], (), **named)

    return run


def threshold(c, x, *args, **kwargs):
    at, value = given(args, kwargs, "threshold", "value")
    return c.op("threshold", [c.number(x)], (), number(at), number(value))


def softplus(c, x, *args, **kwargs):
    beta, limit = given(args, kwargs, beta=1, threshold=20)
    if limit != 20:
        raise LeftOut("a threshold of `softplus` other than 20")
    x = c.number(x)
    if beta == 1:
        return c.op("softplus", [x], ())
    return c.step(f"softplus({number(beta)} * {x.name}) / {number(beta)}", ())


def gelu(c, x, *args, **kwargs):
    (approximate,) = given(args, kwargs, approximate="none")
    return c.op("gelu_tanh" if approximate == "tanh" else "gelu", [c.number(x)], ())


def logit(c, x, *args, **kwargs):
    (eps,) = given(args, kwargs, eps=None)
    x = c.number(x)
    if eps is not None:
        if eps > 0.5:
            raise LeftOut("an `eps` of `logit` above 1/2")
        x = c.op("clamp", [x], (), number(eps), number(1 - eps))
    return c.op("logit", [x], ())


def polygamma(c, x, n):
    return c.op("polygamma", [c.number(x)], (), n)


def mvlgamma(c, x, p):
    x = c.number(x)
    terms = [f"lgamma({x.name} - {number(j / 2)})" if j else f"lgamma({x.name})" for j in range(p)]
    constant = p * (p - 1) / 4 * math.log(math.pi)
    return c.step(" + ".join([*terms, *([number(constant)] if constant else [])]), ())


def rrelu(c, x, lower=1 / 8, upper=1 / 3, training=False):
    if training:
        raise LeftOut("random numbers of another generator")
    return c.op("leaky_relu", [c.number(x)], (), slope=(lower + upper) / 2)


def text(written):
    """An operator of a value, written with `a` in it."""

    def run(c, x):
        return c.step(written.replace("{a}", c.number(x).name), ())

    return run


def together(c, tensors):
    """Inputs of an elementwise operator, and the shape of a sample."""
    dims = torch.broadcast_shapes(*(t.shape for t in tensors))
    if all(t.shape in (dims, ()) for t in tensors):
        return [c.number(t) if t.dtype == torch.float64 else c.mask(t, ()) for t in tensors], ()
    return [c.all(t) if t.dtype == torch.float64 else c.mask(t, t.shape) for t in tensors], dims


def binary(text):
    """An operator of two values, written with `a` and `b` in it."""

    def run(c, x, y, *args, **kwargs):
        if args or kwargs:
            raise LeftOut("an option of an elementwise operator")
        if not isinstance(y, torch.Tensor):
            raise LeftOut("a number for a tensor")
        (a, b), dims = together(c, [x, y])
        return c.step(text.replace("{a}", a.name).replace("{b}", b.name), dims)

    return run


def power(c, x, y):
    if not isinstance(y, torch.Tensor):
        return c.op("pow", [c.number(x)], (), number(y))
    (a, b), dims = together(c, [x, y])
    return c.op("pow", [a, b], dims)


def scaled(sign, reverse=False):
    """`add`, `sub` and `rsub` with their `alpha`."""

    def run(c, x, y, *args, **kwargs):
        (alpha,) = given(args, kwargs, alpha=1)
        if not isinstance(y, torch.Tensor):
            raise LeftOut("a number for a tensor")
        (a, b), dims = together(c, [x, y])
        a, b = (b.name, a.name) if reverse else (a.name, b.name)
        return c.step(f"{a} {sign} {b}" if alpha == 1 else f"{a} {sign} {number(alpha)} * {b}", dims)

    return run


def divide(c, x, y, *args, **kwargs):
    (mode,) = given(args, kwargs, rounding_mode=None)
    (a, b), dims = together(c, [x, y])
    return c.step(f"{mode}({a.name} / {b.name})" if mode else f"div({a.name}, {b.name})", dims)


def ldexp(c, x, y):
    if y.dtype != torch.float64:
        raise LeftOut("integers and booleans")
    return binary("{a} * exp2({b})")(c, x, y)


def with_product(operator):
    """`addcmul` and `addcdiv`."""

    def run(c, x, y, z, *args, **kwargs):
        (value,) = given(args, kwargs, value=1)
        (x, y, z), dims = together(c, [x, y, z])
        return c.step(f"{x.name} + {times(value, y.name)} {operator} {z.name}", dims)

    return run


def times(factor, name):
    return name if factor == 1 else f"{number(factor)} * {name}"


def lerp(c, x, y, weight):
    if not isinstance(weight, torch.Tensor):
        (a, b), dims = together(c, [x, y])
        return c.op("lerp", [a, b], dims, number(weight))
    (a, b, w), dims = together(c, [x, y, weight])
    return c.step(f"{a.name} + {w.name} * ({b.name} - {a.name})", dims)


def where(c, x, mask, y):
    (m, a, b), dims = together(c, [mask, x, y])
    return c.op("where", [m, a, b], dims)


def masked_fill(c, x, mask, value):
    if isinstance(value, torch.Tensor):
        raise LeftOut("`masked_fill` takes a number")
    (a, m), dims = together(c, [x, mask])
    return c.op("masked_fill", [a, m], dims, number(value))


def clamp(c, x, *args, **kwargs):
    low, high = given(args, kwargs, min=None, max=None)
    if not all(b is None or isinstance(b, torch.Tensor) and b.dtype == torch.float64 for b in (low, high)):
        raise LeftOut("integers and booleans")
    values, dims = together(c, [t for t in (x, low, high) if t is not None])
    y, rest = values[0], values[1:]
    if low is not None:
        y = c.op("maximum", [y, rest.pop(0)], dims)
    return c.op("minimum", [y, rest.pop(0)], dims) if high is not None else y


# ---- Reductions ---------------------------------------------------------------------------------


def axes_of(x, dim):
    """All axes, or those that are given."""
    if x.dim() == 0:
        raise LeftOut("axes of a number")
    if dim is None or isinstance(dim, (list, tuple)) and not dim:
        return None
    dim = [dim] if isinstance(dim, int) else list(dim)
    return [d % x.dim() for d in dim]


def reduced(x, axes, keep):
    return reduced_shape(x.shape, axes, keep)


def reduced_shape(dims, axes, keep):
    axes = range(len(dims)) if axes is None else axes
    return [1 if i in axes else d for i, d in enumerate(dims) if keep or i not in axes]


def reduce(op, **more):
    def run(c, x, *args, **kwargs):
        dim, keep, dtype = given(args, kwargs, dim=None, keepdim=False, dtype=None)
        if x.dim() == 0:
            raise LeftOut("axes of a number")
        axes = axes_of(x, dim)
        return c.op(op, [c.all(x)], reduced(x, axes, keep), axes=axes, keepdim=keep or None, **more)

    return run


def not_nan(c, x, *args, **kwargs):
    """`nansum`."""
    dim, keep, dtype = given(args, kwargs, dim=None, keepdim=False, dtype=None)
    axes = axes_of(x, dim)
    x = c.all(x)
    x = c.step(f"where(ne({x.name}, {x.name}), 0, {x.name})", x.shape)
    return c.op("sum", [x], reduced_shape(x.shape, axes, keep), axes=axes, keepdim=keep or None)


def count_nonzero(c, x, *args, **kwargs):
    (dim,) = given(args, kwargs, dim=None)
    axes = axes_of(x, dim)
    x = c.all(x)
    return c.op("sum", [c.step(f"ne({x.name}, 0)", x.shape)], reduced_shape(x.shape, axes, False), axes=axes)


def extrema(c, x, *args, **kwargs):
    """`aminmax`."""
    dim, keep = given(args, kwargs, dim=None, keepdim=False)
    axes = axes_of(x, dim)
    dims, x = reduced(x, axes, keep), c.all(x)
    return c.flat([c.op(op, [x], dims, axes=axes, keepdim=keep or None) for op in ("amin", "amax")])


def variance(op, mean=False):
    """Where `mean`, that as well."""

    def run(c, x, *args, **kwargs):
        if args and isinstance(args[0], bool):
            args, kwargs = (None, args[0], *args[1:]), kwargs
        if "correction" in kwargs:
            dim, keep, correction = given(args, kwargs, dim=None, keepdim=False, correction=1)
        else:
            dim, unbiased, keep = given(args, kwargs, dim=None, unbiased=True, keepdim=False)
            correction = 1 if unbiased else 0
        correction = 1 if correction is None else correction
        if correction < 0:
            raise LeftOut("a negative correction of a variance")
        axes = axes_of(x, dim)
        count = math.prod(x.shape[a] for a in (range(x.dim()) if axes is None else axes))
        if correction != int(correction) or correction >= count:
            raise LeftOut("a variance of too few numbers")
        dims, x, named = reduced(x, axes, keep), c.all(x), {"axes": axes, "keepdim": keep or None}
        y = c.op(op, [x], dims, **named, correction=None if correction == 1 else int(correction))
        return c.flat([y, c.op("mean", [x], dims, **named)]) if mean else y

    return run


def place(op):
    def run(c, x, *args, **kwargs):
        dim, keep = given(args, kwargs, dim=None, keepdim=False)
        axes = axes_of(x, dim)
        if axes is None:
            raise LeftOut("an axis that is not given")
        return c.op(op, [c.all(x)], reduced(x, axes, keep), axes[0], keepdim=keep or None)

    return run


def norm(c, x, *args, **kwargs):
    p, dim, keep, dtype = given(args, kwargs, p="fro", dim=None, keepdim=False, dtype=None)
    if p == "nuc" or p == "fro" and dim is not None and len(np.atleast_1d(dim)) > 2:
        raise LeftOut("a norm of matrices")
    return vector_norm(c, x, 2 if p in ("fro", None) else p, dim, keep)


def vector_norm(c, x, *args, **kwargs):
    p, dim, keep, dtype = given(args, kwargs, ord=2, dim=None, keepdim=False, dtype=None)
    axes = axes_of(x, dim)
    return c.op("norm", [c.all(x)], reduced(x, axes, keep), axes=axes, keepdim=keep or None, p=power_of(p))


def power_of(p):
    """The option `p` of a norm, where it is not the default."""
    if math.isinf(p):
        return "f64::INFINITY" if p > 0 else "f64::NEG_INFINITY"
    return None if p == 2 else p


def norm_of_all(c, x, *args, **kwargs):
    """`linalg.norm`, of vectors or matrices."""
    p, dim, keep, dtype = given(args, kwargs, ord=None, dim=None, keepdim=False, dtype=None)
    if p is not None and (len(dim) == 2 if isinstance(dim, (list, tuple)) else dim is None and x.dim() == 2):
        return matrix_norm(c, x, p, (0, 1) if dim is None else dim, keep)
    return vector_norm(c, x, 2 if p is None else p, dim, keep)


def matrix_norm(c, x, *args, **kwargs):
    p, dim, keep, dtype = given(args, kwargs, ord="fro", dim=(-2, -1), keepdim=False, dtype=None)
    if p != "fro":
        raise LeftOut("a norm of matrices")
    return vector_norm(c, x, 2, dim, keep)


def dist(c, x, y, p=2):
    dims = torch.broadcast_shapes(x.shape, y.shape)
    difference = c.step(f"{c.all(x).name} - {c.all(y).name}", dims)
    return c.op("norm", [difference], (), p=power_of(p))


def pairwise_distance(c, x, y, p=2.0, eps=1e-6, keepdim=False):
    dims = torch.broadcast_shapes(x.shape, y.shape)
    p, keep, axis = power_of(p), keepdim or None, len(dims) - 1
    if not keepdim:
        eps = None if eps == 1e-6 else eps
        return c.op("pairwise_distance", [c.all(x), c.all(y)], reduced_shape(dims, [axis], False), p=p, eps=eps)
    difference = c.step(f"{c.all(x).name} - {c.all(y).name} + {number(eps)}", dims)
    return c.op("norm", [difference], reduced_shape(dims, [axis], keepdim), axes=[axis], keepdim=keep, p=p)


def cdist(c, x, y, p=2.0, compute_mode=None):
    if x.shape[:-2] != y.shape[:-2]:
        raise LeftOut("batches that broadcast")
    p = power_of(p)
    return c.op("cdist", [c.all(x), c.all(y)], [*x.shape[:-1], y.shape[-2]], p=p)


def cosine_similarity(c, x, y, dim=1, eps=1e-8):
    some(x)
    dims = torch.broadcast_shapes(x.shape, y.shape)
    at = dim % len(dims)
    axis = at - (len(dims) - x.dim())
    if axis < 0:
        raise LeftOut("an axis that the first value has not")
    return c.op("cosine_similarity", [c.all(x), c.all(y)], reduced_shape(dims, [at], False), axis=axis,
                eps=None if eps == 1e-8 else eps)  # fmt: skip


def differences(c, x, *args, **kwargs):
    """`diff`."""
    n, dim, before, after = given(args, kwargs, n=1, dim=-1, prepend=None, append=None)
    some(x)
    axis, parts = dim % x.dim(), [t for t in (before, x, after) if t is not None]
    dims = list(x.shape)
    dims[axis] = sum(t.shape[axis] for t in parts)
    if n == 0:
        raise LeftOut("nothing to compute")
    values = [c.all(t) for t in parts]
    y = values[0] if len(values) == 1 else c.op("concat", values, dims, axis=axis)
    for _ in range(n):
        dims[axis] -= 1
        size = dims[axis]
        later, earlier = (c.op("slice", [y], dims, f"{s}..{s + size}", axis=axis) for s in (1, 0))
        y = c.step(f"{later.name} - {earlier.name}", dims)
    return y


def along(op, negate=False):
    """An operator along one axis that keeps the shape."""

    def run(c, x, *args, **kwargs):
        kwargs = {k: v for k, v in kwargs.items() if k not in ("dtype", "_stacklevel")}
        (dim,) = given(args, kwargs, dim=None)
        axes = axes_of(x, dim)
        if axes is None:
            raise LeftOut("an axis that is not given")
        a = c.all(x)
        a = c.op("neg", [a], x.shape) if negate else a
        return c.op(op, [a], x.shape, axes[0])

    return run


# ---- Products -----------------------------------------------------------------------------------


def matmul(c, a, b):
    if min(a.dim(), b.dim()) == 0:
        raise LeftOut("axes of a number")
    return c.op("matmul", [c.all(a), c.all(b)], torch.matmul(a, b).shape)


def vectors(op, dims):
    return lambda c, a, b: c.op(op, [c.all(a), c.all(b)], dims(a, b))


def einsum(c, operands, equation):
    args = [c.all(t) for t in operands]
    return c.step(f'einsum("{equation}", {", ".join(a.name for a in args)})', torch.einsum(equation, *operands).shape)


def plus_product(product, dims):
    """`addmm` and the like: `beta` times the first value, and `alpha` times a product of the others."""

    def run(c, x, a, b, *args, **kwargs):
        beta, alpha = given(args, kwargs, beta=1, alpha=1)
        if 0 in (beta, alpha):
            raise LeftOut("a factor of 0, without which PyTorch computes nothing")
        x, a, b = (c.all(t) for t in (x, a, b))
        y = c.step(product.replace("{a}", a.name).replace("{b}", b.name), dims(a.shape, b.shape))
        return c.step(f"{times(beta, x.name)} + {times(alpha, y.name)}", y.shape)

    return run


def multi_dot(c, tensors):
    y, *rest = [c.all(t) for t in tensors]
    for x in rest:
        y = c.op("matmul", [y, x], [*y.shape[:-1], *x.shape[1:]])
    return y


def vecdot(c, x, y, dim=-1):
    some(x)
    dims = torch.broadcast_shapes(x.shape, y.shape)
    product = c.step(f"{c.all(x).name} * {c.all(y).name}", dims)
    axis = dim % len(dims)
    return c.op("sum", [product], reduced_shape(dims, [axis], False), axes=[axis])


def inner(c, a, b):
    if (a.dim(), b.dim()) != (1, 1):
        raise LeftOut("axes of a number")
    return c.op("dot", [c.all(a), c.all(b)], ())


def tensordot(c, a, b, dims=2):
    left, right = (range(a.dim() - dims, a.dim()), range(dims)) if isinstance(dims, int) else dims
    of_a, of_b = "abcdefgh"[: a.dim()], list("pqrstuvw"[: b.dim()])
    for i, j in zip(left, right):
        if a.shape[i] != b.shape[j]:
            raise LeftOut("axes of a product that broadcast")
        of_b[j] = of_a[i]
    out = "".join(x for x in (*of_a, *of_b) if (x in of_a) != (x in of_b))
    equation = f"{of_a},{''.join(of_b)}->{out}"
    return einsum(c, [a, b], equation)


def cross(c, x, y, dim=None):
    dims = torch.broadcast_shapes(x.shape, y.shape)
    axis = dims.index(3) if dim is None else dim % len(dims)
    if not x.dim() == y.dim() == len(dims):
        raise LeftOut("axes that are missing")
    a, b = c.all(x).name, c.all(y).name
    return c.step(f"roll({a}, -1, {axis}) * roll({b}, 1, {axis}) - roll({a}, 1, {axis}) * roll({b}, -1, {axis})", dims)


def diagonal(c, x, offset=0, dim1=0, dim2=1):
    a, b = dim1 % x.dim(), dim2 % x.dim()
    starts = {a: max(-offset, 0), b: max(offset, 0)}
    length = min(x.shape[axis] - start for axis, start in starts.items())
    dims, y = list(x.shape), c.all(x)
    for axis, start in starts.items():
        if dims[axis] != length:
            dims[axis] = length
            y = c.op("slice", [y], dims, f"{start}..{start + length}", axis=axis)
    letters = ["z" if i in (a, b) else "abcdefgh"[i] for i in range(x.dim())]
    rest = [i for i in range(x.dim()) if i not in (a, b)]
    equation = f"{''.join(letters)}->{''.join(letters[i] for i in rest)}z"
    return c.step(f'einsum("{equation}", {y.name})', [*(dims[i] for i in rest), length])


def diag(c, x, offset=0):
    if x.dim() == 1:
        raise LeftOut("a matrix of a diagonal")
    return diagonal(c, x, offset)


def trace(c, x):
    y = diagonal(c, x)
    return c.op("sum", [y], ())


def bilinear(c, a, b, weight, bias=None):
    m, n, k = weight.shape
    params = [c.weight(weight)] + ([c.weight(bias)] if bias is not None else [])
    values = [c.real(a, [n]), c.real(b, [k])]
    return c.op("bilinear", values, [m], bias=None if bias is not None else False, arrow=True, params=params)


def linear(c, x, weight, bias=None):
    if weight.dim() == 1:
        if bias is not None:
            raise LeftOut("`linear` makes an axis")
        return c.op("matmul", [c.real(x, x.shape[-1:]), c.real(weight, weight.shape)], ())
    m, n = weight.shape
    params = [c.weight(weight, lambda w: w.T)] + ([c.weight(bias)] if bias is not None else [])
    value = c.real(x, [n])
    return c.op("linear", [value], [m], bias=None if bias is not None else False, arrow=True, params=params)


# ---- Layouts ------------------------------------------------------------------------------------


def layout(function):
    """A `reshape` to the shape that PyTorch gives."""

    def run(c, x, *args, **kwargs):
        return c.op("reshape", [c.all(x)], function(x, *args, **kwargs).shape, arrow=True)

    return run


def some(x):
    if x.dim() == 0:
        raise LeftOut("axes of a number")


def at_least(function):
    """One tensor with as many axes as that."""

    def run(c, x):
        if not isinstance(x, torch.Tensor):
            raise LeftOut("several tensors")
        return layout(function)(c, x)

    return run


def stacked(function, axis):
    """`hstack` and the like: tensors with as many axes as `function` gives them, one after the other."""

    def run(c, tensors):
        shapes, values = [function(t).shape for t in tensors], []
        for t, dims in zip(tensors, shapes):
            value = c.all(t)
            values.append(value if dims == t.shape else c.op("reshape", [value], dims, arrow=True))
        at = axis(shapes[0])
        dims = [sum(s[i] for s in shapes) if i == at else d for i, d in enumerate(shapes[0])]
        return c.op("concat", values, dims, axis=at)

    return run


def ravel(c, x):
    some(x)
    return c.op("flatten", [c.all(x)], [x.numel()])


def sum_to_size(c, x, *dims):
    dims = dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    if len(dims) != x.dim():
        raise LeftOut("a sum without its axes")
    axes = [i for i, (a, b) in enumerate(zip(x.shape, dims)) if a != b]
    if not axes:
        raise LeftOut("nothing to compute")
    return c.op("sum", [c.all(x)], dims, axes=axes, keepdim=True)


def permute(c, x, dims):
    some(x)
    dims = [d % x.dim() for d in dims]
    return c.op("permute", [c.all(x)], [x.shape[d] for d in dims], *dims)


def transpose(c, x, a=0, b=1):
    if x.dim() < 2:
        raise LeftOut("nothing to compute")
    a, b = a % x.dim(), b % x.dim()
    return c.op("transpose", [c.all(x)], torch.transpose(x, a, b).shape, a, b)


def movedim(c, x, source, destination):
    # A tensor whose lengths are the numbers of its axes.
    moved = torch.movedim(torch.empty(list(range(x.dim()))), source, destination).shape
    return permute(c, x, moved)


def squeeze(c, x, *args, **kwargs):
    (dim,) = given(args, kwargs, dim=None)
    axes = axes_of(x, dim)
    if axes is not None:
        # PyTorch passes over axes that are longer.
        axes = [a for a in axes if x.shape[a] == 1]
        if not axes:
            raise LeftOut("nothing to compute")
    return c.op("squeeze", [c.all(x)], (torch.squeeze(x) if axes is None else torch.squeeze(x, axes)).shape, axes=axes)


def unsqueeze(c, x, dim):
    return c.op("unsqueeze", [c.all(x)], torch.unsqueeze(x, dim).shape, dim % (x.dim() + 1))


def broadcast(c, x, *dims):
    dims = dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    return c.op("broadcast", [c.all(x)], x.expand(dims).shape, arrow=True)


def joined(op, function):
    def run(c, tensors, *args, **kwargs):
        (dim,) = given(args, kwargs, dim=0)
        if any(t.dim() == 0 for t in tensors) or any(t.numel() == 0 for t in tensors):
            raise LeftOut("axes of a number")
        if len(tensors) == 1:
            raise LeftOut(f"`{op}` of one tensor")
        out = function(tensors, dim=dim).shape
        return c.op(op, [c.all(t) for t in tensors], out, axis=dim % len(out))

    return run


def narrow(c, x, dim, start, length):
    start = int(start)
    dim, dims = dim % x.dim(), list(x.shape)
    start, dims[dim] = start % x.shape[dim], length
    return c.op("slice", [c.all(x)], dims, f"{start}..{start + length}", axis=dim)


def select(c, x, dim, index):
    dim, dims = dim % x.dim(), list(x.shape)
    index, dims[dim] = index % x.shape[dim], 1
    y = c.op("slice", [c.all(x)], dims, f"{index}..{index + 1}", axis=dim)
    return c.op("squeeze", [y], dims[:dim] + dims[dim + 1 :], axes=[dim])


def pieces(function):
    """Several results, one after the other."""

    def run(c, x, *args, **kwargs):
        some(x)
        parts = function(x, *args, **kwargs)
        args = args[1:] if function is not torch.unbind else args
        (dim,) = given(args, {k: v for k, v in kwargs.items() if k == "dim"}, dim=0)
        dim = dim % x.dim()
        value = c.all(x)
        lengths = [p.shape[dim] for p in parts]
        if len(lengths) == 1:
            raise LeftOut("nothing to compute")
        if len(set(lengths)) == 1:
            values = c.split("split", [value], [p.shape for p in parts], axis=dim)
        else:
            starts = np.cumsum([0, *lengths]).tolist()
            values = [
                c.op("slice", [value], p.shape, f"{s}..{s + n}", axis=dim) for p, s, n in zip(parts, starts, lengths)
            ]
        return c.flat(values)

    return run


def tensor_split(c, x, at, *dim):
    if isinstance(at, torch.Tensor):
        raise LeftOut("places that are a tensor")
    return pieces(torch.tensor_split)(c, x, at, *dim)


def repeat(function):
    def run(c, x, *args, **kwargs):
        some(x)
        times = args[0] if isinstance(args[0], (tuple, list)) else args
        times = [1] * (x.dim() - len(times)) + list(times)
        return c.op("repeat", [c.all(x)], function(x, *args, **kwargs).shape, shape(times))

    return run


def flip(c, x, dims):
    axes = axes_of(x, dims)
    if axes is None:
        raise LeftOut("nothing to compute")
    return c.op("flip", [c.all(x)], x.shape, axes=axes)


def rot90(c, x, k=1, dims=(0, 1)):
    a, b = (d % x.dim() for d in dims)
    axes = {1: [b], 2: [a, b], 3: [a]}.get(k % 4)
    if axes is None:
        raise LeftOut("nothing to compute")
    y = c.op("flip", [c.all(x)], x.shape, axes=axes)
    return y if k % 4 == 2 else c.op("transpose", [y], torch.transpose(x, a, b).shape, a, b)


def channel_shuffle(c, x, groups):
    channels, *rest = x.shape[1:]
    y = c.op("reshape", [c.batch(x)], [groups, channels // groups, *rest], arrow=True)
    y = c.op("transpose", [y], [channels // groups, groups, *rest], 0, 1)
    return c.op("reshape", [y], [channels, *rest], arrow=True)


def take_flat(c, x, index):
    """`take`: of all elements in order."""
    some(x)
    flat = c.op("flatten", [c.all(x)], [x.numel()])
    i = c.integers(index, index.shape, x.numel(), lambda a: a % x.numel())
    return c.op("index_select", [flat, i], index.shape)


def take_along_dim(c, x, index, dim=None):
    if dim is not None:
        return gather(c, x, dim, index)
    flat = c.op("flatten", [c.all(x)], [x.numel()])
    i = c.integers(index, [index.numel()], x.numel())
    return c.op("gather", [flat, i], [index.numel()])


def repeat_interleave(c, x, repeats, dim=None, output_size=None):
    if not isinstance(repeats, int) or dim is None or x.dim() == 0:
        raise LeftOut("repeats that differ, or no axis")
    return c.op("repeat_interleave", [c.all(x)], torch.repeat_interleave(x, repeats, dim).shape, repeats, dim % x.dim())


def cut(c, x, dim=0, start=None, end=None, step=1):
    some(x)
    start, end, _ = slice(start, end).indices(x.shape[dim])
    if step != 1:
        raise LeftOut("steps of a slice other than 1")
    return c.op("slice", [c.all(x)], [end - start if i == dim % x.dim() else d for i, d in enumerate(x.shape)],
                f"{start}..{end}", axis=dim % x.dim())  # fmt: skip


def roll(c, x, *args, **kwargs):
    shifts, dims = given(args, kwargs, "shifts", dims=None)
    if not isinstance(shifts, int) or not isinstance(dims, int) or x.dim() == 0:
        raise LeftOut("`roll` of several axes")
    return c.op("roll", [c.all(x)], x.shape, shifts, dims % x.dim())


def gather(c, x, dim, index, **kwargs):
    some(x)
    if index.dim() != x.dim() or any(a != b for i, (a, b) in enumerate(zip(x.shape, index.shape)) if i != dim % x.dim()):
        raise LeftOut("`gather` of a part of the other axes")
    i = c.integers(index, index.shape, x.shape[dim])
    return c.op("gather", [c.all(x), i], index.shape, axis=dim % x.dim())


def index_select(c, x, dim, index):
    some(x)
    value = c.all(x)
    i = c.integers(index, index.shape, x.shape[dim])
    return c.op("index_select", [value, i], torch.index_select(x, dim, index).shape, axis=dim % x.dim())


def scatter_add(c, x, dim, index, source):
    some(x)
    dim = dim % x.dim()
    rest = lambda t: [d for i, d in enumerate(t.shape) if i != dim]
    if index.shape != source.shape or rest(index) != rest(x):
        raise LeftOut("`scatter_add` to a part of the other axes")
    value = c.all(x)
    i = c.integers(index, index.shape, x.shape[dim])
    return c.op("scatter_add", [value, i, c.all(source)], x.shape, axis=dim)


def embedding(c, index, weight, *args, **kwargs):
    if index.dtype == torch.float64:
        # The sample has the table first, the module the integers.
        index, weight = weight, index
    padding_idx, *rest = given(args, kwargs, padding_idx=None, max_norm=None, norm_type=2.0,
                               scale_grad_by_freq=False, sparse=False)  # fmt: skip
    if padding_idx is not None:
        raise LeftOut("the row of `padding_idx` is read as 0 here, as it stands in PyTorch")
    if rest[0] is not None or rest[2]:
        raise LeftOut("an embedding that changes its table or its gradient")
    i = c.integers(index, index.shape, weight.shape[0])
    d = weight.shape[1]
    return c.op("embedding", [i], [*index.shape, d], arrow=True, params=[c.weight(weight)])


def pad(c, x, pads, mode="constant", value=None):
    op = {"constant": "constant_pad", "reflect": "reflection_pad", "replicate": "replication_pad"}.get(mode)
    if op is None:
        raise LeftOut("padding that wraps around")
    if min(pads) < 0:
        raise LeftOut("padding that takes away")
    spatial = len(pads) // 2
    # PyTorch has the last axis first.
    inner = [p for i in reversed(range(spatial)) for p in pads[2 * i : 2 * i + 2]]
    sample = x.shape[len(x.shape) - spatial :]
    value = {"value": float(value)} if mode == "constant" and value else {}
    dims = [1] + [d + p + q for d, p, q in zip(sample, inner[::2], inner[1::2])]
    if not any(inner):
        raise LeftOut("nothing to compute")
    return c.op(f"{op}{spatial}d", [c.real(x, [1, *sample])], dims, shape(inner), **value)


# ---- Layers -------------------------------------------------------------------------------------


def several(x, n):
    """One number or a list: a list of `n`."""
    xs = list(x) if isinstance(x, (tuple, list)) else [x]
    return [int(v) for v in (xs * n if len(xs) == 1 else xs)]


def unless(xs, usual):
    return None if all(x == usual for x in xs) else sizes(xs)


def batched(c, x, rank):
    """[channels, ..] of a tensor with or without a batch."""
    return c.real(x, x.shape[-rank - 1 :])


def convolution(rank, transposed=False):
    def run(c, x, weight, bias=None, *args, **kwargs):
        if transposed:
            stride, padding, more, groups, dilation = given(args, kwargs, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
        else:
            stride, padding, dilation, groups = given(args, kwargs, stride=1, padding=0, dilation=1, groups=1)
            more = 0
        function = getattr(F, f"conv_transpose{rank}d" if transposed else f"conv{rank}d")
        out = function(x, weight, bias, *args, **kwargs).shape[-rank - 1 :]
        if not isinstance(padding, str):
            padding = unless(several(padding, rank), 0)
        params = [c.weight(weight)] + ([c.weight(bias)] if bias is not None else [])
        return c.op(
            function.__name__, [batched(c, x, rank)], out, sizes(weight.shape[2:]),
            stride=unless(several(stride, rank), 1), padding=padding, dilation=unless(several(dilation, rank), 1),
            groups=None if groups == 1 else groups, bias=None if bias is not None else False,
            output_padding=unless(several(more, rank), 0), arrow=True, params=params,
        )  # fmt: skip

    return run


def pool(rank, average=False):
    def run(c, x, *args, **kwargs):
        if average:
            kernel, stride, padding, ceil, count, divisor = given(args, kwargs, "kernel_size", stride=None, padding=0,
                                                                  ceil_mode=False, count_include_pad=True, divisor_override=None)  # fmt: skip
            dilation = 1
            if divisor is not None:
                raise LeftOut("a divisor that is given")
        else:
            kernel, stride, padding, dilation, ceil, indices = given(args, kwargs, "kernel_size", stride=None, padding=0,
                                                                     dilation=1, ceil_mode=False, return_indices=False)  # fmt: skip
            if indices:
                raise LeftOut("the places of the maxima")
        stride = kernel if stride is None or stride == () else stride
        k, s, p, d = (several(v, rank) for v in (kernel, stride, padding, dilation))
        name = f"{'avg' if average else 'max'}_pool{rank}d"
        out = getattr(F, name)(x, *args, **kwargs).shape[-rank - 1 :]
        named = {"stride": None if s == k else sizes(s), "padding": unless(p, 0), "ceil_mode": ceil or None}
        if average:
            named["count_include_pad"] = None if count or not any(p) else False
        else:
            named["dilation"] = unless(d, 1)
        return c.op(name, [batched(c, x, rank)], out, sizes(k), **named)

    return run


def adaptive(rank, average):
    def run(c, x, size, return_indices=False):
        if return_indices:
            raise LeftOut("the places of the maxima")
        size = list(size) if isinstance(size, (tuple, list)) else [size] * rank
        size = [n if s is None else s for s, n in zip(size, x.shape[-rank:])]
        op = f"adaptive_{'avg' if average else 'max'}_pool{rank}d"
        return c.op(op, [batched(c, x, rank)], [x.shape[-rank - 1], *size], sizes(size))

    return run


def unfold(c, x, *args, **kwargs):
    kernel, dilation, padding, stride = given(args, kwargs, "kernel_size", dilation=1, padding=0, stride=1)
    out = F.unfold(x, *args, **kwargs).shape[-2:]
    return c.op("unfold", [batched(c, x, 2)], out, sizes(several(kernel, 2)), stride=unless(several(stride, 2), 1),
                padding=unless(several(padding, 2), 0), dilation=unless(several(dilation, 2), 1))  # fmt: skip


def pixels(op):
    def run(c, x, *args, **kwargs):
        (factor,) = [*args, *kwargs.values()]
        return c.op(op, [batched(c, x, 2)], getattr(F, op)(x, factor).shape[-3:], factor)

    return run


def grid_sample(c, x, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    if mode == "bicubic":
        raise LeftOut("interpolation that is bicubic")
    if x.dim() != 4:
        raise LeftOut("a grid of volumes")
    return c.op("grid_sample", [c.batch(x), c.batch(grid)], [x.shape[1], *grid.shape[1:3]],
                mode=None if mode == "bilinear" else f'"{mode}"',
                padding_mode=None if padding_mode == "zeros" else f'"{padding_mode}"',
                align_corners=True if align_corners else None)  # fmt: skip


def grid_sampler_2d(c, x, grid, mode, padding, align_corners):
    """With numbers for the options."""
    modes, paddings = ["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"]
    return grid_sample(c, x, grid, modes[mode], paddings[padding], align_corners)


def local_response_norm(c, x, *args, **kwargs):
    size, alpha, beta, k = given(args, kwargs, "size", alpha=1e-4, beta=0.75, k=1.0)
    named = {"alpha": (alpha, 1e-4), "beta": (beta, 0.75), "k": (k, 1)}
    return c.op("local_response_norm", [c.batch(x)], x.shape[1:], size, **{n: v for n, (v, d) in named.items() if v != d})


def interpolate(c, x, *args, **kwargs):
    size, factor, mode, corners, again, antialias = given(args, kwargs, size=None, scale_factor=None, mode="nearest",
                                                          align_corners=None, recompute_scale_factor=None, antialias=False)  # fmt: skip
    rank = x.dim() - 2
    op = {"nearest": f"upsample_nearest{rank}d", "linear": "upsample_linear1d", "bilinear": "upsample_bilinear2d",
          "trilinear": "upsample_trilinear3d"}.get(mode)  # fmt: skip
    if op is None or antialias:
        raise LeftOut(f"interpolation that is {mode}")
    if factor is not None and not again and not corners and np.any(np.mod(factor, 1)):
        raise LeftOut("a scale that is no whole number")
    out = F.interpolate(x, size, factor, mode, corners, again).shape[1:]
    return c.op(op, [c.batch(x)], out, align_corners=True if corners else None, arrow=True)


def positive(eps):
    if eps < 0:
        raise LeftOut("a negative `eps`")
    return float(eps)


def layer_norm(c, x, dims, weight=None, bias=None, eps=1e-5):
    axes = list(range(x.dim() - len(dims), x.dim()))
    params = [c.weight(t) for t in (weight, bias) if t is not None]
    if weight is None and bias is not None:
        raise LeftOut("a bias without a weight")
    return c.op("layer_norm", [c.all(x)], x.shape, axes=axes, eps=positive(eps), affine=None if weight is not None else False,
                bias=None if bias is not None or weight is None else False, params=params)  # fmt: skip


def rms_norm(c, x, dims, weight=None, eps=None):
    axes = list(range(x.dim() - len(dims), x.dim()))
    eps = torch.finfo(torch.float64).eps if eps is None else eps
    return c.op("rms_norm", [c.all(x)], x.shape, axes=axes, eps=positive(eps), affine=None if weight is not None else False,
                params=[] if weight is None else [c.weight(weight)])  # fmt: skip


def both(c, weight, bias):
    if (weight is None) != (bias is None):
        raise LeftOut("a weight without a bias")
    return [] if weight is None else [c.weight(weight), c.weight(bias)]


def group_norm(c, x, groups, weight=None, bias=None, eps=1e-5):
    params = both(c, weight, bias)
    return c.op("group_norm", [c.batch(x)], x.shape[1:], str(groups), eps=positive(eps),
                affine=None if params else False, params=params)  # fmt: skip


def instance_norm(c, x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5,
                  rank=None):  # fmt: skip
    if running_mean is not None and not use_input_stats:
        raise LeftOut("running statistics of `instance_norm`")
    params = both(c, weight, bias)
    dims = x.shape[1:] if rank is None else x.shape[-rank - 1 :]
    return c.op("instance_norm", [c.real(x, dims)], dims, eps=positive(eps), affine=True if params else None, params=params)


def batch_norm(c, x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if training or running_mean is None:
        raise LeftOut("in training, what becomes of the running statistics is another result")
    params = both(c, weight, bias)
    state = [t.detach().numpy() for t in (running_mean, running_var)]
    return c.op("batch_norm", [c.batch(x)], x.shape[1:], eps=positive(eps), affine=None if params else False,
                params=params, state=state)  # fmt: skip


def normalize(c, x, *args, **kwargs):
    p, dim, eps = given(args, kwargs, p=2.0, dim=1, eps=1e-12)
    some(x)
    axis = dim % x.dim()
    if p == 2:
        return c.op("normalize", [c.all(x)], x.shape, axis=axis, eps=None if eps == 1e-12 else eps)
    p, x = power_of(p), c.all(x)
    norm = c.op("norm", [x], reduced_shape(x.shape, [axis], True), axes=[axis], keepdim=True, p=p)
    return c.step(f"{x.name} / maximum({norm.name}, {number(eps)})", x.shape)


def glu(c, x, dim=-1):
    some(x)
    return c.op("glu", [c.all(x)], F.glu(x, dim).shape, axis=dim % x.dim())


def prelu(c, x, weight):
    n = weight.numel()
    if n == 1:
        return c.op("prelu", [c.number(x)], (), params=[c.weight(weight)])
    return c.op("prelu", [c.batch(x)], x.shape[1:], num_parameters=n, params=[c.weight(weight)])


def attention(c, q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    if dropout_p:
        raise LeftOut("random numbers of another generator")
    if not q.dim() == k.dim() == v.dim():
        raise LeftOut("queries that are broadcast")
    out = [*q.shape[1:-1], v.shape[-1]]
    args, additive = [c.batch(q), c.batch(k), c.batch(v)], None
    if attn_mask is not None:
        # The first of four axes is the batch; less are the same for all samples.
        dims = attn_mask.shape[1:] if attn_mask.dim() == 4 else attn_mask.shape
        additive = attn_mask.dtype != torch.bool or None
        args.append(c.real(attn_mask, dims) if additive else c.mask(attn_mask, dims))
    return c.op("scaled_dot_product_attention", args, out, causal=is_causal or None, scale=scale, additive=additive)


# ---- Losses -------------------------------------------------------------------------------------


def reduction_of(reduction):
    """The option, where it is not the default."""
    return None if reduction == "mean" else f'"{reduction}"'


def constant(c, t):
    """A weight, by which PyTorch has no derivative. One of the sample's tensors, or a module's."""
    return f"stop_gradient({c.mask(t, t.shape).name})"


def loss(op, **names):
    """A loss of two tensors of one shape; `names` are those of its option, PyTorch's and ours."""

    def run(c, x, y, *args, reduction="mean", weight=None, pos_weight=None, size_average=None, reduce=None, **kwargs):
        if x.shape != y.shape:
            raise LeftOut("a loss that broadcasts")
        option = {ours: kwargs.pop(theirs) for theirs, ours in names.items() if theirs in kwargs}
        option = {k: v for k, v in option.items() if v != 1}
        if args or kwargs:
            raise LeftOut("an option of a loss")
        values = [c.all(x), c.all(y)]
        weights = {"weight": weight, "pos_weight": pos_weight}
        if op != "bce_with_logits" and weight is not None:
            raise LeftOut("weights in a loss")
        option |= {name: constant(c, t) for name, t in weights.items() if t is not None}
        return c.op(op, values, x.shape if reduction == "none" else (), **option, reduction=reduction_of(reduction))

    return run


def smooth_l1(c, x, y, reduction="mean", beta=1.0, size_average=None, reduce=None):
    if x.shape != y.shape:
        raise LeftOut("a loss that broadcasts")
    return c.op("smooth_l1", [c.all(x), c.all(y)], x.shape if reduction == "none" else (),
                beta=None if beta == 1 else beta, reduction=reduction_of(reduction))  # fmt: skip


def loss_of(op, tensors, *names, **defaults):
    """A loss of so many tensors of one shape; `defaults` are its options, whose names are the same."""

    def run(c, *args, reduction="mean", weight=None, size_average=None, reduce=None, **kwargs):
        args, options = args[:tensors], given(args[tensors:], kwargs, **defaults)
        x = args[0]
        if any(t.shape != x.shape for t in args[1:]):
            raise LeftOut("a loss that broadcasts")
        named = {n: v for n, v, d in zip(defaults, options, defaults.values()) if v != d}
        values = [c.target(t) for t in args]
        if weight is not None:
            named["weight"] = constant(c, weight)
        dims = () if reduction != "none" else x.shape[: x.dim() - rows]
        return c.op(op, values, dims, **named, reduction=reduction_of(reduction))

    # Without a reduction there is one loss for each row of classes, or vector.
    rows = 1 if op in ("multilabel_soft_margin", "triplet_margin") else 0
    return run


def reduced_by(c, value, reduction):
    return value if reduction == "none" else c.op(reduction, [value], ())


def kl_div(c, x, y, reduction="mean", log_target=False):
    if reduction != "batchmean":
        return loss_of("kl_div", 2, log_target=False)(c, x, y, reduction=reduction, log_target=log_target)
    value = loss_of("kl_div", 2, log_target=False)(c, x, y, reduction="sum", log_target=log_target)
    return c.step(f"{value.name} / {x.shape[0]}", ()) if x.dim() else value


def gaussian_nll(c, x, y, var, full=False, eps=1e-6, reduction="mean"):
    if x.shape != y.shape:
        raise LeftOut("a loss that broadcasts")
    a, b = c.all(x), c.all(y)
    # An axis of length 1 may be missing at the end.
    v = c.real(var, [*var.shape, 1] if var.shape != x.shape and var.shape == x.shape[:-1] else var.shape)
    return c.op("gaussian_nll", [a, b, v], x.shape if reduction == "none" else (), full=full or None,
                eps=None if eps == 1e-6 else eps, reduction=reduction_of(reduction))  # fmt: skip


def soft_margin(c, x, y, reduction="mean"):
    if x.shape != y.shape:
        raise LeftOut("a loss that broadcasts")
    a, b = c.all(x), c.fixed(y)
    return reduced_by(c, c.step(f"softplus(-{a.name} * {b.name})", x.shape), reduction)


def binary_cross_entropy(c, x, y, weight=None, reduction="mean"):
    if x.shape != y.shape:
        raise LeftOut("a loss that broadcasts")
    a, b = c.all(x).name, c.all(y).name
    value = f"({b} * log({a}) + (1 - {b}) * log1p(-{a}))"
    weight = "" if weight is None else f" * {constant(c, weight)}"
    return reduced_by(c, c.step(f"-{value}{weight}", x.shape), reduction)


def cosine_embedding(c, x, y, target, margin=0.0, reduction="mean"):
    a, b, t = c.all(x), c.all(y), c.target(target)
    s = c.op("cosine_similarity", [a, b], x.shape[:-1], axis=x.dim() - 1).name
    beyond = f"{s} - {number(margin)}" if margin else s
    value = c.step(f"where(gt({t.name}, 0), 1 - {s}, maximum({beyond}, 0))", x.shape[:-1])
    return reduced_by(c, value, reduction)


def multi_margin(c, x, target, p=1, margin=1.0, weight=None, reduction="mean"):
    some(x)
    if weight is not None:
        raise LeftOut("weights of the classes in a loss with a margin")
    classes, lead = x.shape[-1], list(x.shape[:-1])
    a, i = c.all(x), c.integers(target, [*lead, 1], classes)
    own = c.op("gather", [a, i], [*lead, 1], axis=x.dim() - 1)
    terms = c.step(f"maximum({a.name} - {own.name} + {number(margin)}, 0)", x.shape)
    terms = c.op("square", [terms], x.shape) if p == 2 else terms
    total = c.op("sum", [terms], lead, axes=[x.dim() - 1])
    # What the class itself adds.
    value = c.step(f"({total.name} - {number(max(margin, 0.0) ** p)}) / {classes}", lead)
    return reduced_by(c, value, reduction) if lead else value


def triplet_with_distance(c, x, y, z, distance_function=None, **kwargs):
    d = distance_function
    if not isinstance(d, torch.nn.PairwiseDistance) or d.keepdim:
        raise LeftOut("a distance that is given")
    return OPS["nn.functional.triplet_margin_loss"](c, x, y, z, p=d.norm, eps=d.eps, **kwargs)


def ctc(c, x, target, lengths, labels, blank=0, reduction="mean", zero_infinity=False):
    if reduction != "none" and x.dim() == 3:
        raise LeftOut("a sum or mean of the losses of several sequences")
    steps, classes = x.shape[0], x.shape[-1]
    lengths, labels = torch.as_tensor(lengths).reshape(-1), torch.as_tensor(labels).reshape(-1)
    if target.dim() == 1 and x.dim() == 3:
        # One after the other.
        rows = target.split(labels.tolist())
        target = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    most = target.shape[-1]
    values = [c.real(x, [steps, classes], (lambda a: a.swapaxes(0, 1)) if x.dim() == 3 else (lambda a: a)),
              c.integers(target, [most], classes), c.integers(lengths, [], steps + 1),
              c.integers(labels, [], most + 1)]  # fmt: skip
    y = c.op("ctc_loss", values, (), blank=None if blank == 0 else blank, zero_infinity=zero_infinity or None,
             reduction=reduction_of(reduction))  # fmt: skip
    if reduction != "none" or lengths.tolist() != [steps] * len(lengths):
        raise LeftOut("a derivative by logits")
    # PyTorch's derivative is that by logits whose `log_softmax` was taken: it has the probabilities as well.
    p = c.op("sum", [c.op("exp", [values[0]], values[0].shape)], ())
    return c.step(f"{y.name} + ({p.name} - stop_gradient({p.name}))", ())


def of_classes(op):
    def run(c, x, target, weight=None, reduction="mean", ignore_index=-100, label_smoothing=0.0,
            size_average=None, reduce=None):  # fmt: skip
        if x.dim() == 1:
            turn, lead = (lambda a: a), []
        else:
            turn, lead = (lambda a: np.moveaxis(a, 1, -1)), [x.shape[0], *x.shape[2:]]
        classes = x.shape[0 if x.dim() == 1 else 1]
        indexed = target.dtype != torch.float64
        ignored, bound, labels = None, classes, (lambda a: a)
        if indexed and ignore_index is not None:
            if (target == ignore_index).all() and reduction == "mean":
                raise LeftOut("a mean of nothing")
            if 0 <= ignore_index < classes:
                ignored = str(ignore_index)
            elif (target == ignore_index).any():
                # A label of its own is the one after the classes.
                ignored, bound, labels = str(classes), classes + 1, lambda a: np.where(a == ignore_index, classes, a)
        a = c.real(x, [*lead, classes], turn)
        b = c.integers(target, lead, bound, labels) if indexed else c.real(target, [*lead, classes], turn)
        return c.op(op, [a, b], lead if reduction == "none" else (),
                    weight=None if weight is None else constant(c, weight), label_smoothing=label_smoothing or None,
                    ignore_index=ignored, reduction=reduction_of(reduction))  # fmt: skip

    return run


cross_entropy, nll = of_classes("cross_entropy"), of_classes("nll_loss")


# ---- Modules ------------------------------------------------------------------------------------


def functional(function, *names):
    """A module that calls a function with its attributes."""

    def run(c, m, *args, **kwargs):
        return function(c, *args, **kwargs, **{n: getattr(m, n) for n in names})

    return run


def module_conv(rank, transposed=False):
    def run(c, m, x):
        if m.padding_mode != "zeros":
            raise LeftOut("padding of a convolution with other than zeros")
        named = {"stride": m.stride, "padding": m.padding, "dilation": m.dilation, "groups": m.groups}
        if transposed:
            named["output_padding"] = m.output_padding
        return convolution(rank, transposed)(c, x, m.weight, m.bias, **named)

    return run


def module_pad(mode):
    def run(c, m, x):
        return pad(c, x, list(m.padding), mode, getattr(m, "value", 0.0))

    return run


def module_loss(op, **names):
    def run(c, m, x, y):
        options = {theirs: getattr(m, theirs) for theirs in names}
        extra = {n: getattr(m, n, None) for n in ("weight", "pos_weight")}
        return loss(op, **names)(c, x, y, reduction=m.reduction, **options, **extra)

    return run


def with_attributes(function, *names):
    """A loss that has its attributes as options."""

    def run(c, m, *args):
        return function(c, *args, **{n: getattr(m, n) for n in (*names, "reduction")})

    return run


def module_recurrent(op):
    def run(c, m, x, h=None):
        if h is not None:
            raise LeftOut("a state that is given")
        if m.bidirectional or getattr(m, "proj_size", 0) or m.dropout:
            raise LeftOut("both directions, a projection or dropout in a recurrent module")
        if getattr(m, "nonlinearity", "tanh") != "tanh":
            raise LeftOut("a recurrent layer with `relu`")
        # Without `batch_first` the steps come first, if there is a batch.
        steps_first = x.dim() == 3 and not m.batch_first
        c.turn_out = (lambda a: np.swapaxes(a, 0, 1)) if steps_first else (lambda a: a)
        steps = x.shape[0] if x.dim() == 2 or steps_first else x.shape[1]
        value = c.real(x, [steps, m.input_size], c.turn_out)
        for layer in range(m.num_layers):
            names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if m.bias else [])
            params = [c.weight(getattr(m, f"{n}_l{layer}"), lambda a: a.T) for n in names]
            value = c.op(op, [value], [steps, m.hidden_size], bias=None if m.bias else False, arrow=True, params=params)
        return value

    return run


def module_attention(c, m, q, k, v, **kwargs):
    if k is not v:
        raise LeftOut("keys and values that are made of two tensors")
    raise AssertionError("an attention module that ours could say")


def softmax2d(c, m, x):
    return along("softmax")(c, x, -3)


UNARY = """abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf erfc exp exp2 expm1 floor frac lgamma log log10
log1p log2 neg reciprocal rsqrt sigmoid sign sin sinc sinh sqrt square tan tanh trunc""".split()
OPS = {name: unary(name) for name in UNARY}
SAME = "alias_copy clone conj conj_physical contiguous positive real resolve_conj resolve_neg".split()
OPS |= dict.fromkeys(SAME, no("nothing to compute"))
OPS |= dict.fromkeys(
    ["nn.functional." + name for name in "dropout alpha_dropout dropout2d dropout3d feature_alpha_dropout".split()],
    no("random numbers of another generator"),
)
# Their results are integers or booleans, which have no derivative.
OPS |= {name: binary(f"{name}({{a}}, {{b}})") for name in ["gt", "lt", "ge", "le", "eq", "ne"]}
OPS |= {
    "nn.functional." + theirs: unary(ours)
    for theirs, ours in {
        "relu": "relu", "relu6": "relu6", "silu": "silu", "mish": "mish", "softsign": "softsign",
        "tanhshrink": "tanhshrink", "logsigmoid": "log_sigmoid", "hardsigmoid": "hard_sigmoid",
        "hardswish": "hard_swish", "selu": "selu",
    }.items()
}  # fmt: skip
OPS |= {
    "round": with_options("round", decimals=0), "logit": logit,
    "nn.functional.elu": with_options("elu", "alpha", alpha=1.0),
    "nn.functional.celu": with_options("celu", "alpha", alpha=1.0),
    "nn.functional.leaky_relu": with_options("leaky_relu", "slope", negative_slope=0.01),
    "nn.functional.hardtanh": with_options("hardtanh", "min", "max", min_val=-1.0, max_val=1.0),
    "nn.functional.softshrink": with_options("softshrink", "lambda", lambd=0.5),
    "nn.functional.hardshrink": with_options("hardshrink", "lambda", lambd=0.5),
    "nn.functional.threshold": threshold, "nn.functional.softplus": softplus, "nn.functional.gelu": gelu,
    "add": scaled("+"), "sub": scaled("-"), "rsub": scaled("-", reverse=True), "mul": binary("mul({a}, {b})"),
    "div": divide, "true_divide": divide, "max": None, "min": None,
    "maximum": binary("maximum({a}, {b})"), "minimum": binary("minimum({a}, {b})"),
    "clamp_min": binary("maximum({a}, {b})"), "clamp_max": binary("minimum({a}, {b})"), "clamp": clamp,
    "atan2": binary("atan2({a}, {b})"), "hypot": binary("hypot({a}, {b})"),
    "logaddexp": binary("logaddexp({a}, {b})"), "xlogy": binary("xlogy({a}, {b})"),
    "fmod": binary("fmod({a}, {b})"), "remainder": binary("remainder({a}, {b})"),
    "lerp": lerp, "where": where, "masked_fill": masked_fill,
    "sum": reduce("sum"), "mean": reduce("mean"), "amax": reduce("amax"), "amin": reduce("amin"),
    "prod": reduce("prod"), "logsumexp": reduce("logsumexp"), "var": variance("var"), "std": variance("std"),
    "linalg.vector_norm": vector_norm, "norm": norm, "argmax": place("argmax"), "argmin": place("argmin"),
    "pow": power, "float_power": power, "repeat_interleave": repeat_interleave, "slice": cut,
    "cumsum": along("cumsum"), "cumprod": along("cumprod"),
    "logcumsumexp": along("logcumsumexp"),
    "softmax": along("softmax"), "log_softmax": along("log_softmax"),
    "nn.functional.softmin": along("softmax", negate=True),
    "matmul": matmul, "mm": matmul, "bmm": matmul, "mv": matmul,
    "dot": vectors("dot", lambda a, b: ()), "vdot": vectors("dot", lambda a, b: ()),
    "outer": vectors("outer", lambda a, b: (a.shape[0], b.shape[0])),
    "einsum": einsum, "nn.functional.linear": linear,
    "reshape": layout(torch.reshape), "view": layout(torch.Tensor.view), "flatten": layout(torch.flatten),
    "unflatten": layout(torch.unflatten), "permute": permute, "transpose": transpose, "t": transpose,
    "movedim": movedim, "squeeze": squeeze, "unsqueeze": unsqueeze, "expand": broadcast, "broadcast_to": broadcast,
    "cat": joined("concat", torch.cat), "stack": joined("stack", torch.stack), "narrow": narrow, "select": select,
    "split": pieces(torch.split), "chunk": pieces(torch.chunk), "repeat": repeat(torch.Tensor.repeat),
    "tile": repeat(torch.tile), "roll": roll, "flip": flip, "gather": gather, "index_select": index_select,
    "scatter_add": scatter_add, "nn.functional.embedding": embedding, "nn.functional.pad": pad,
    "nn.functional.interpolate": interpolate, "nn.functional.layer_norm": layer_norm,
    "nn.functional.rms_norm": rms_norm, "nn.functional.group_norm": group_norm,
    "nn.functional.instance_norm": instance_norm, "nn.functional.batch_norm": batch_norm,
    "nn.functional.normalize": normalize, "nn.functional.glu": glu, "nn.functional.prelu": prelu,
    "nn.functional.scaled_dot_product_attention": attention, "nn.functional.mse_loss": loss("mse"),
    "nn.functional.l1_loss": loss("mae"), "nn.functional.huber_loss": loss("huber", delta="delta"),
    "nn.functional.smooth_l1_loss": smooth_l1, "nn.functional.cross_entropy": cross_entropy,
    "nn.functional.binary_cross_entropy_with_logits": loss("bce_with_logits"),
}  # fmt: skip
OPS |= {
    "sgn": unary("sign"), "polygamma": polygamma, "special.polygamma": polygamma, "mvlgamma": mvlgamma,
    "deg2rad": text(f"scale({{a}}, {number(math.pi / 180)})"), "rad2deg": text(f"scale({{a}}, {number(180 / math.pi)})"),
    "isnan": text("ne({a}, {a})"), "logical_not": text("eq({a}, 0)"),
    "special.ndtr": text(f"erfc({{a}} * {number(-(0.5**0.5))}) / 2"),
    "special.log_ndtr": text(f"log(erfc({{a}} * {number(-(0.5**0.5))}) / 2)"),
    "special.xlog1py": binary("xlogy({a}, 1 + {b})"), "nn.functional.rrelu": rrelu,
    "__radd__": binary("add({b}, {a})"), "__rsub__": binary("sub({b}, {a})"), "__rmul__": binary("mul({b}, {a})"),
    "__rdiv__": binary("div({b}, {a})"), "__rmod__": binary("remainder({b}, {a})"), "__rpow__": binary("pow({b}, {a})"),
    "__rmatmul__": lambda c, a, b: matmul(c, b, a), "floor_divide": binary("floor({a} / {b})"),
    "logaddexp2": binary("logaddexp({a} * LN_2, {b} * LN_2) / LN_2".replace("LN_2", number(math.log(2)))),
    "heaviside": binary("gt({a}, 0) + eq({a}, 0) * {b}"), "ldexp": ldexp,
    "logical_and": binary("ne({a}, 0) * ne({b}, 0)"), "logical_or": binary("maximum(ne({a}, 0), ne({b}, 0))"),
    "logical_xor": binary("ne(ne({a}, 0), ne({b}, 0))"),
    "addcmul": with_product("*"), "addcdiv": with_product("/"),
    "nansum": not_nan, "count_nonzero": count_nonzero, "aminmax": extrema, "dist": dist, "diff": differences,
    "std_mean": variance("std", mean=True), "var_mean": variance("var", mean=True),
    "linalg.norm": norm_of_all, "linalg.matrix_norm": matrix_norm, "cdist": cdist,
    "nn.functional.pairwise_distance": pairwise_distance, "nn.functional.cosine_similarity": cosine_similarity,
    "addmm": plus_product("matmul({a}, {b})", lambda a, b: [a[0], b[1]]),
    "addmv": plus_product("matmul({a}, {b})", lambda a, b: [a[0]]),
    "addr": plus_product("outer({a}, {b})", lambda a, b: [a[0], b[0]]),
    "baddbmm": plus_product("matmul({a}, {b})", lambda a, b: [*a[:2], b[2]]),
    "addbmm": plus_product('einsum("bij,bjk->ik", {a}, {b})', lambda a, b: [a[1], b[2]]),
    "linalg.multi_dot": multi_dot, "linalg.vecdot": vecdot, "inner": inner, "tensordot": tensordot, "cross": cross,
    "linalg.cross": lambda c, x, y, dim=-1: cross(c, x, y, dim), "diagonal": diagonal, "diagonal_copy": diagonal,
    "linalg.diagonal": lambda c, x, offset=0, dim1=-2, dim2=-1: diagonal(c, x, offset, dim1, dim2), "diag": diag,
    "trace": trace, "nn.functional.bilinear": bilinear,
    "T": lambda c, x: permute(c, x, range(x.dim())[::-1]), "H": transpose, "t_copy": transpose,
    "transpose_copy": transpose, "mT": lambda c, x: transpose(c, x, -2, -1), "mH": lambda c, x: transpose(c, x, -2, -1),
    "permute_copy": permute, "squeeze_copy": squeeze, "unsqueeze_copy": unsqueeze, "narrow_copy": narrow,
    "expand_copy": broadcast, "expand_as": lambda c, x, like: broadcast(c, x, *like.shape),
    "view_copy": layout(torch.Tensor.view), "view_as": layout(torch.Tensor.view_as),
    "reshape_as": layout(torch.Tensor.reshape_as), "ravel": ravel, "sum_to_size": sum_to_size,
    "atleast_1d": at_least(torch.atleast_1d), "atleast_2d": at_least(torch.atleast_2d),
    "atleast_3d": at_least(torch.atleast_3d), "unsafe_chunk": pieces(torch.chunk), "unsafe_split": pieces(torch.split),
    "split_with_sizes": pieces(torch.split), "split_with_sizes_copy": pieces(torch.split),
    "tensor_split": tensor_split,
    "hsplit": lambda c, x, at: pieces(torch.tensor_split)(c, x, at, min(x.dim() - 1, 1)),
    "vsplit": lambda c, x, at: pieces(torch.tensor_split)(c, x, at, 0),
    "dsplit": lambda c, x, at: pieces(torch.tensor_split)(c, x, at, 2),
    "unbind": lambda c, x, dim=0: pieces(torch.split)(c, x, 1, dim),
    "unbind_copy": lambda c, x, dim=0: pieces(torch.split)(c, x, 1, dim),
    "hstack": stacked(torch.atleast_1d, lambda dims: min(len(dims) - 1, 1)),
    "vstack": stacked(torch.atleast_2d, lambda dims: 0), "dstack": stacked(torch.atleast_3d, lambda dims: 2),
    "column_stack": stacked(lambda t: t if t.dim() > 1 else t.reshape(-1, 1), lambda dims: 1),
    "fliplr": lambda c, x: flip(c, x, [1]), "flipud": lambda c, x: flip(c, x, [0]), "rot90": rot90,
    "take": take_flat, "take_along_dim": take_along_dim,
    "constant_pad_nd": lambda c, x, pads, value=0: pad(c, x, pads, value=value),
    "nn.functional.channel_shuffle": channel_shuffle, "nn.functional.unfold": unfold,
    "nn.functional.pixel_shuffle": pixels("pixel_shuffle"), "nn.functional.pixel_unshuffle": pixels("pixel_unshuffle"),
    "nn.functional.grid_sample": grid_sample, "grid_sampler_2d": grid_sampler_2d,
    "nn.functional.local_response_norm": local_response_norm,
    "nn.functional.upsample_nearest": interpolate,
    "nn.functional.upsample_bilinear": lambda c, x, **more: interpolate(c, x, mode="bilinear", align_corners=True, **more),
    "nn.functional.kl_div": kl_div, "nn.functional.nll_loss": nll, "nn.functional.gaussian_nll_loss": gaussian_nll,
    "nn.functional.poisson_nll_loss": loss_of("poisson_nll", 2, log_input=True, full=False, eps=1e-8),
    "nn.functional.multilabel_soft_margin_loss": loss_of("multilabel_soft_margin", 2),
    "nn.functional.hinge_embedding_loss": loss_of("hinge_embedding", 2, margin=1.0),
    "nn.functional.margin_ranking_loss": loss_of("margin_ranking", 3, margin=0.0),
    "nn.functional.triplet_margin_loss": loss_of("triplet_margin", 3, margin=1.0, p=2.0, eps=1e-6, swap=False),
    "nn.functional.triplet_margin_with_distance_loss": triplet_with_distance,
    "nn.functional.soft_margin_loss": soft_margin, "nn.functional.binary_cross_entropy": binary_cross_entropy,
    "nn.functional.cosine_embedding_loss": cosine_embedding, "nn.functional.multi_margin_loss": multi_margin,
    "nn.functional.ctc_loss": ctc,
}  # fmt: skip
MODULES = {
    name: functional(OPS["nn.functional." + f], *names)
    for name, f, *names in [
        ("ReLU", "relu"), ("ReLU6", "relu6"), ("SiLU", "silu"), ("Mish", "mish"), ("Softsign", "softsign"),
        ("Tanhshrink", "tanhshrink"), ("LogSigmoid", "logsigmoid"), ("Hardsigmoid", "hardsigmoid"),
        ("Hardswish", "hardswish"), ("SELU", "selu"), ("ELU", "elu", "alpha"), ("CELU", "celu", "alpha"),
        ("LeakyReLU", "leaky_relu", "negative_slope"), ("Hardtanh", "hardtanh", "min_val", "max_val"),
        ("Softshrink", "softshrink", "lambd"), ("Hardshrink", "hardshrink", "lambd"),
        ("Threshold", "threshold", "threshold", "value"), ("Softplus", "softplus", "beta", "threshold"),
        ("GELU", "gelu", "approximate"), ("GLU", "glu", "dim"), ("PReLU", "prelu", "weight"),
        ("Linear", "linear", "weight", "bias"), ("Softmin", "softmin", "dim"),
    ]
}  # fmt: skip
MODULES |= {
    "Sigmoid": functional(OPS["sigmoid"]), "Tanh": functional(OPS["tanh"]),
    "Softmax": functional(OPS["softmax"], "dim"), "LogSoftmax": functional(OPS["log_softmax"], "dim"),
    "Softmax2d": softmax2d,
    "LayerNorm": lambda c, m, x: layer_norm(c, x, m.normalized_shape, m.weight, m.bias, m.eps),
    "RMSNorm": lambda c, m, x: rms_norm(c, x, m.normalized_shape, m.weight, m.eps),
    "GroupNorm": lambda c, m, x: group_norm(c, x, m.num_groups, m.weight, m.bias, m.eps),
    "Embedding": lambda c, m, i: embedding(c, i, m.weight, m.padding_idx, m.max_norm),
    "MSELoss": module_loss("mse"), "L1Loss": module_loss("mae"), "HuberLoss": module_loss("huber", delta="delta"),
    "SmoothL1Loss": lambda c, m, x, y: smooth_l1(c, x, y, m.reduction, m.beta),
    "BCEWithLogitsLoss": module_loss("bce_with_logits"),
    "CrossEntropyLoss": lambda c, m, x, y: cross_entropy(c, x, y, m.weight, m.reduction, m.ignore_index, m.label_smoothing),
    "KLDivLoss": with_attributes(kl_div, "log_target"), "GaussianNLLLoss": with_attributes(gaussian_nll, "full", "eps"),
    "NLLLoss": with_attributes(nll, "weight", "ignore_index"),
    "PoissonNLLLoss": with_attributes(OPS["nn.functional.poisson_nll_loss"], "log_input", "full", "eps"),
    "MultiLabelSoftMarginLoss": with_attributes(OPS["nn.functional.multilabel_soft_margin_loss"], "weight"),
    "HingeEmbeddingLoss": with_attributes(OPS["nn.functional.hinge_embedding_loss"], "margin"),
    "MarginRankingLoss": with_attributes(OPS["nn.functional.margin_ranking_loss"], "margin"),
    "SoftMarginLoss": with_attributes(soft_margin), "BCELoss": with_attributes(binary_cross_entropy, "weight"),
    "CosineEmbeddingLoss": with_attributes(cosine_embedding, "margin"),
    "MultiMarginLoss": with_attributes(multi_margin, "p", "margin", "weight"),
    "CTCLoss": with_attributes(ctc, "blank", "zero_infinity"),
    "Bilinear": lambda c, m, a, b: bilinear(c, a, b, m.weight, m.bias),
    "LocalResponseNorm": functional(local_response_norm, "size", "alpha", "beta", "k"),
    "RNN": module_recurrent("rnn"), "LSTM": module_recurrent("lstm"), "GRU": module_recurrent("gru"),
    "MultiheadAttention": module_attention,
}  # fmt: skip
for rank in (1, 2, 3):
    d = f"{rank}d"
    OPS |= {f"nn.functional.conv{d}": convolution(rank), f"nn.functional.conv_transpose{d}": convolution(rank, True),
            f"nn.functional.max_pool{d}": pool(rank), f"nn.functional.avg_pool{d}": pool(rank, average=True),
            f"nn.functional.adaptive_avg_pool{d}": adaptive(rank, True),
            f"nn.functional.adaptive_max_pool{d}": adaptive(rank, False)}  # fmt: skip
    norm = lambda c, m, x, rank=rank: batch_norm(c, x, m.running_mean, m.running_var, m.weight, m.bias, eps=m.eps)
    instance = lambda c, m, x, rank=rank: instance_norm(
        c, x, m.running_mean, m.running_var, m.weight, m.bias, not m.track_running_stats, eps=m.eps, rank=rank
    )  # fmt: skip
    MODULES |= {f"Conv{d}": module_conv(rank), f"ConvTranspose{d}": module_conv(rank, True),
                f"MaxPool{d}": functional(pool(rank), "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
                f"AvgPool{d}": functional(pool(rank, True), "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
                                          *(["divisor_override"] if rank > 1 else [])),
                f"AdaptiveAvgPool{d}": lambda c, m, x, rank=rank: adaptive(rank, True)(c, x, m.output_size),
                f"AdaptiveMaxPool{d}": lambda c, m, x, rank=rank: adaptive(rank, False)(c, x, m.output_size),
                f"BatchNorm{d}": norm, f"InstanceNorm{d}": instance,
                f"ConstantPad{d}": module_pad("constant"), f"ZeroPad{d}": module_pad("constant"),
                f"ReflectionPad{d}": module_pad("reflect"), f"ReplicationPad{d}": module_pad("replicate"),
                f"CircularPad{d}": module_pad("circular")}  # fmt: skip
# Where PyTorch is not exact: softplus is x itself above its threshold, the other two have a 1/6 in f32.
INEXACT = {"softplus": 1e-8, "hardsigmoid": 1e-7, "hardswish": 1e-7}


# ---- Numbers ------------------------------------------------------------------------------------


def digits(x, n):
    """Rounded to so many significant digits."""
    x = np.asarray(x, dtype=np.float64)
    return np.array([float(f"{v:.{n}g}") for v in x.reshape(-1)]).reshape(x.shape)


def tensors_of(tree):
    if isinstance(tree, torch.Tensor):
        return [tree]
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [t for x in tree for t in tensors_of(x)]
    return []


def replaced(tree, new):
    """The tree with other tensors."""
    if isinstance(tree, torch.Tensor):
        return new.get(id(tree), tree)
    if isinstance(tree, dict):
        return {k: replaced(v, new) for k, v in tree.items()}
    if isinstance(tree, (list, tuple)) and not hasattr(tree, "_fields"):
        return type(tree)(replaced(v, new) for v in tree)
    return tree


def rounded(tree):
    """The tree with all its reals rounded; a tensor that occurs twice stays one."""
    new = {}
    for t in tensors_of(tree):
        if t.dtype == torch.float64:
            new.setdefault(id(t), torch.from_numpy(digits(t.detach().numpy(), 6)))
    return replaced(tree, new)


def one(y):
    """A result, or several one after the other."""
    if isinstance(y, torch.Tensor):
        return y
    if any(part.dtype != torch.float64 for part in y):
        raise LeftOut("results that are integers, such as the places of maxima")
    return torch.cat([part.reshape(-1) for part in y])


def differentiate(name, function, c, leaves, tolerance):
    """PyTorch's values for a sample whose model is made."""
    rng = random.Random(f"pullback suites {name}")
    like = lambda t: torch.tensor([round(rng.uniform(-1, 1), 2) for _ in range(t.numel())], dtype=torch.float64).reshape(t.shape)
    ids = [id(t) for t in leaves]
    call = lambda *xs: one(function({i: x for i, x in zip(ids, xs)}))
    xs = tuple(t.detach() for t in leaves)
    y = call(*xs)
    whole = y.dtype != torch.float64
    y = y.to(torch.float64)
    tangents, y_bar = [like(t) for t in leaves], like(y)
    if whole:
        # Integers and booleans have no derivative.
        bars, dy = [torch.zeros_like(x) for x in xs], torch.zeros_like(y)
    elif leaves:
        try:
            _, pull = torch.func.vjp(call, *xs)
            bars = [b.to_dense() for b in pull(y_bar)]
        except (RuntimeError, NotImplementedError):
            raise LeftOut("PyTorch has no derivative") from None
        try:
            _, dy = torch.func.jvp(call, xs, tuple(tangents))
        except (RuntimeError, NotImplementedError):
            dy = without_forward_mode(call, xs, y, tangents)
        forward, backward = (dy * y_bar).sum(), sum((t * b).sum() for t, b in zip(tangents, bars))
        if not abs(forward - backward) <= 1e-8 * (1 + abs(forward)):
            raise LeftOut("PyTorch's forward mode and backward mode disagree, or are not finite")
    else:
        bars, dy = [], torch.zeros_like(y)
    of = {i: (t.numpy(), digits(b.numpy(force=True), 11)) for i, t, b in zip(ids, tangents, bars)}
    row = {"y": digits(c.turn_out(y.detach().numpy()), 11), "dy": digits(c.turn_out(dy.numpy(force=True)), 11)}
    row["y_bar"] = c.turn_out(y_bar.numpy())
    for key, which in (("d_inputs", 0), ("input_bars", 1)):
        row[key] = []
        for (t, turn), data in zip(c.input_uses, c.data):
            empty = [] if data.dtype.kind in "iu" else np.zeros(data.size)
            row[key].append(empty if t is None else turn(of[id(t)][which]))
    for key, which in (("d_params", 0), ("params_bar", 1)):
        parts = [np.asarray(turn(of[id(t)][which])).reshape(-1) for t, turn in c.param_uses]
        row[key] = np.concatenate(parts) if parts else []
    if tolerance:
        row["tolerance"] = tolerance
    return row


def without_forward_mode(call, xs, y, tangents):
    """A JVP by VJPs."""
    try:
        # The VJP is linear in its cotangent, and transposed once more.
        _, twice = torch.func.vjp(lambda u: torch.func.vjp(call, *xs)[1](u), torch.zeros_like(y))
        return twice(tuple(tangents))[0]
    except (RuntimeError, NotImplementedError):
        # Or number by number.
        dy, (_, pull) = torch.zeros_like(y), torch.func.vjp(call, *xs)
        for i in range(y.numel()):
            one = torch.zeros_like(y)
            one.view(-1)[i] = 1
            dy.view(-1)[i] = sum((t * b).sum() for t, b in zip(tangents, pull(one)))
        return dy


def fewer(c, row):
    """The first numbers of an elementwise operator, where each is a sample."""
    if any(not text.endswith(": []") for text in c.inputs) or c.params or any(x.size != row["y"].size for x in c.data):
        return row
    first = lambda x: np.asarray(x).reshape(-1)[:POINTS]
    c.data = [first(x) for x in c.data]
    of = {list: lambda v: [first(x) for x in v], np.ndarray: first}
    return {k: of.get(type(v), lambda v: v)(v) for k, v in row.items()}


def take(suite, op, name, translate, tree, call):
    """Adds a sample, or counts why not. `tree` holds its tensors, `call(tree)` is PyTorch's result."""
    tensors = tensors_of(tree)
    if any(t.dtype.is_complex or t.numel() == 0 for t in tensors):
        raise LeftOut("empty or complex tensors")
    y = one(call(tree))
    if y.numel() == 0:
        raise LeftOut("empty or complex tensors")
    if sum(t.numel() for t in tensors) + y.numel() > LARGE.get(op, MOST):
        raise LeftOut(f"large (more than {MOST} numbers)")
    c = Sample()
    result = translate(c, tree)
    leaves = [t for t, _ in [*c.input_uses, *c.param_uses] if t is not None]
    if len({id(t) for t in leaves}) != len(leaves):
        raise LeftOut("a tensor that is two arguments")
    if not {id(t) for t in leaves} <= {id(t) for t in tensors}:
        raise AssertionError(f"{name}: another tensor than the sample's")
    tolerance = INEXACT.get(op.split(".")[-1].lower())
    row = differentiate(name, lambda new: call(replaced(tree, new)), c, leaves, tolerance)
    c.text(result)
    suite.add(op, name, c, result, **fewer(c, row))


def operators(suite):
    for op in op_db:
        name = op.name
        if torch.float64 not in op.supported_dtypes("cpu"):
            continue
        run = OPS.get(name)
        if name in ("max", "min"):
            run = binary(f"{name}imum({{a}}, {{b}})") if op.variant_test_name == "binary" else reduce(f"a{name}")
        torch.manual_seed(0)
        try:
            samples = list(op.sample_inputs("cpu", torch.float64, requires_grad=False))
        except Exception:
            suite.leave(name, "PyTorch makes no samples here", 1)
            continue
        if run is None:
            suite.leave(name, "no such op", len(samples))
            continue
        for k, sample in enumerate(samples):
            full = ".".join(filter(None, [name, op.variant_test_name, str(k)]))
            tree = rounded([[sample.input, *sample.args], dict(sample.kwargs)])
            try:
                take(suite, name, full, lambda c, t: run(c, *t[0], **t[1]), tree, lambda t: op.op(*t[0], **t[1]))
            except LeftOut as reason:
                suite.leave(name, str(reason))


def modules(suite):
    for info in module_db:
        name = info.name
        run = MODULES.get(name.removeprefix("nn."))
        torch.manual_seed(0)
        try:
            inputs = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=False, training=False)
        except Exception:
            suite.leave(name, "PyTorch makes no samples here", 1)
            continue
        if run is None:
            suite.leave(name, "no such op", len(inputs))
            continue
        for k, sample in enumerate(inputs):
            new = sample.constructor_input
            m = info.module_cls(*new.args, **new.kwargs).to(torch.float64).eval()
            with torch.no_grad():
                for t in [*m.parameters(), *m.buffers()]:
                    if t.dtype == torch.float64:
                        t.copy_(torch.from_numpy(digits(t.numpy(), 6)))
            for key, t in list(vars(m).items()):
                if isinstance(t, torch.Tensor):
                    setattr(m, key, rounded(t))
            given = sample.forward_input
            first = [given.kwargs["input"]] if "input" in given.kwargs else []
            tree = rounded([[*first, *given.args], {k: v for k, v in given.kwargs.items() if k != "input"}])
            tree.append(dict(m.named_parameters()))

            def call(t, m=m):
                y = torch.func.functional_call(m, t[2], tuple(t[0]), t[1])
                # Of recurrent layers the states, whose last is their second result.
                return y[0] if type(m).__name__ in ("RNN", "LSTM", "GRU") else y

            try:
                take(suite, name, f"{name}.{k}", lambda c, t: run(c, m, *t[0], **t[1]), tree, call)
            except LeftOut as reason:
                suite.leave(name, str(reason))


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    suite = Suite("torch", "PyTorch's samples of its operators and modules: written by `tests/reference/torch_cases.py`.")
    # The other implementations of attention have no forward mode.
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        operators(suite)
        modules(suite)
    suite.thin(most, ROWS, FEW)
    suite.write()


if __name__ == "__main__":
    main()
