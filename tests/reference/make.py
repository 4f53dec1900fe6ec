#!/usr/bin/env python3
"""Reference values by PyTorch, in f64: ops.json, models.json, grid.json and kinks.json beside this file.

    pip install torch numpy
    python tests/reference/make.py            # writes the files
    python tests/reference/make.py --check    # compares with the files there are, writes nothing

The files in the repository were made with torch 2.15 on x86-64 (CPU). Inputs depend on nothing but
the name of their case, so a new case changes one line. Results may differ in the last digits between machines and
versions of PyTorch: what is stored and agrees to 12 digits stays. All files are lists with one case per line.

ops.json: one case for each example of each op in macros/src/ops/*.rs, called `{op}_{i}`. They are listed in
examples.json, which `BLESS=1 cargo test -p pullback-macros registry` writes. The script stops if an example has no
entry in EXAMPLES below, or another text there.

    model         the text of the example
    inputs        for each input the numbers of 3 samples, row-major, sample after sample;
                  for an input of integers those
    state         flat, of an op that has one
    new_state     what a training call makes of it. Cases of training calls have `_training` after their name
    params        flat, in the order of the steps; of `linear` the weight [n, m] row-major (PyTorch's,
                  transposed), then the bias [m]; of convolutions as PyTorch has them
    d_inputs, d_params   a tangent; [] for integers
    y_bar         a cotangent
    y             forward
    dy            JVP: along d_inputs and d_params together
    input_bars    VJP of y_bar for each input; [] for integers
    params_bar    VJP of y_bar for the parameters, summed over the samples

models.json: whole networks in the same format. `model` begins with the model's name.
grid.json: the same, for the options of convolutions and pooling in all combinations that fit.

kinks.json: values and derivatives where these are a matter of convention.

    case          the example in ops.json whose op and options are meant
    group         "zero", "kink", "nan", "large", "infinite"
    x             one entry for each input. Elementwise ops: a number, the same in every element.
                  Others: the flat array of one sample
    y             a number or the flat result
    slope         one entry for each input: dy/dx. For an op that is not elementwise the gradient
                  of the sum of y. As PyTorch's backward gives it
    vector_slope  for elementwise ops, only where PyTorch's vector code (64 elements) gives another
                  number than its scalar code (1 element), from which `slope` is: that number
    forward_slope the same of PyTorch's forward mode, where `slope` is from its backward

PyTorch's derivative of `clamp` at its bounds is 0 in the version used here and 1 in earlier ones
(pytorch/pytorch#191142): with these, kinks.json is not reproduced.

Numbers that JSON does not have are the strings "NaN", "inf", "-inf".

Every case is checked: forward mode against backward, and both against central differences.
"""

import json
import math
import random
import re
import sys
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
import losses
from stored import close, kept
import windows

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
# `torch.func.jvp` uses a part of PyTorch that PyTorch has deprecated.
warnings.filterwarnings("ignore", category=FutureWarning)

HERE = Path(__file__).resolve().parent
SAMPLES = 3


# ---- What is drawn ------------------------------------------------------------------------------


class Draw:
    """Numbers between `low` and `high`, at least `gap` away from each of `avoid`."""

    def __init__(self, low=-2.5, high=2.5, avoid=(), gap=0.03):
        self.low, self.high, self.avoid, self.gap = low, high, avoid, gap

    def take(self, rng, count):
        """Evenly spread, so that every branch of an op is met: one number in each of `count` cells,
        in random order. Two numbers are never equal."""
        width = (self.high - self.low) / max(count, 1)
        numbers = []
        for cell in range(count):
            while True:
                x = round(self.low + (cell + rng.uniform(0.2, 0.8)) * width, 4)
                if all(abs(x - kink) > self.gap for kink in self.avoid):
                    break
                # The whole cell may lie too close to a kink.
                width_, low_ = self.high - self.low, self.low
                x = round(low_ + rng.random() * width_, 4)
                if x not in numbers and all(abs(x - kink) > self.gap for kink in self.avoid):
                    break
            numbers.append(x)
        rng.shuffle(numbers)
        return numbers


class Zeros(Draw):
    """Every third number is 0."""

    def take(self, rng, count):
        return [0.0 if i % 3 == 1 else x for i, x in enumerate(super().take(rng, count))]


class Hiding(Draw):
    """Every fifth number is −∞, and of every seven rows of `width` one whole."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def take(self, rng, count):
        hidden = lambda i: i % 5 == 2 or i // self.width % 7 == 2
        return [-INF if hidden(i) else x for i, x in enumerate(super().take(rng, count))]


class Index:
    """Integers below `bound`."""

    def __init__(self, bound):
        self.bound = bound


ANY = Draw()
POSITIVE = Draw(0.1, 3.0)
NONZERO = Draw(avoid=(0,), gap=0.3)
UNIT = Draw(-1.1, 1.1)
# Three times it is no integer and no half of one.
BROKEN = Draw(avoid=[i / 6 for i in range(-15, 16)], gap=0.01)


def apart(gap=0.05, delta=None):
    """That the two inputs differ by more than `gap`, and their distance from `delta` as well."""

    def fine(inputs):
        d = (inputs[0] - inputs[1]).abs()
        return bool((d > gap).all()) and (delta is None or bool(((d - delta).abs() > gap).all()))

    return fine


# ---- The ops ------------------------------------------------------------------------------------


def softplus(x):
    # `F.softplus` returns x itself above its threshold and overflows without one.
    return torch.logaddexp(x, torch.zeros_like(x))


def hard_sigmoid(x):
    # The derivative of `F.hardsigmoid` uses 1/6 in f32.
    return F.relu6(x + 3) / 6


def celu(x, alpha):
    # `F.celu` divides by alpha in f32.
    return torch.where(x > 0, x, alpha * torch.expm1(torch.where(x > 0, torch.zeros_like(x), x) / alpha))


def reflected(above, turned):
    """A function of positive numbers, and below 1 what `turned` makes of it at `1 − x`."""

    def f(x):
        low = x < -2
        return torch.where(low, turned(torch.where(low, x, -2.5), above), above(torch.where(low, 1.0, x)))

    return f


def turn(x):
    """π times what `x` is off the nearest integer."""
    return math.pi * (x - x.round().detach())


def digamma_above(x):
    y = x + 20
    terms = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]
    series = sum(c * y ** -(2 * k + 2) for k, c in enumerate(terms))
    return torch.log(y) - 0.5 / y - series - sum(1 / (x + k) for k in range(20))


def trigamma_above(x):
    y = x + 20
    terms = [1, 1 / 2, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30, 0, 5 / 66, 0, -691 / 2730]
    return sum(c * y ** -(k + 1) for k, c in enumerate(terms)) + sum((x + k) ** -2 for k in range(20))


# `torch.digamma` and `torch.polygamma(1, x)`, whose derivative and value PyTorch has to nine digits.
digamma = reflected(digamma_above, lambda x, above: above(1 - x) - math.pi / torch.tan(turn(x)))
trigamma = reflected(trigamma_above, lambda x, above: (math.pi / torch.sin(turn(x))) ** 2 - above(1 - x))


def mask(compare):
    """A comparison as numbers, which have a derivative of 0."""
    return lambda *xs: compare(*xs).to(torch.float64) + 0 * sum(torch.nan_to_num(x, 0, 0, 0).sum() for x in xs)


def equation(text):
    return lambda *xs: torch.einsum(text, *xs)


def whole_quotients(inputs):
    """That no quotient is near an integer, where a remainder jumps."""
    q = 3 * inputs[0] / inputs[1]
    return bool(((q - q.round()).abs() > 0.01).all())


def cbrt(x):
    # PyTorch has none. The derivative at 0 is infinite.
    below = x < 0
    root = torch.where(below, -x, x).pow(1 / 3)
    return torch.where(below, -root, root)


def safe_sqrt(x):
    # √max(x, 0) with derivative 0 where x ≤ 0: the root must not be taken there.
    inside = x <= 0
    return torch.where(inside, torch.zeros_like(x), torch.sqrt(torch.where(inside, torch.ones_like(x), x)))


def sinusoidal(positions, width, base=10000):
    # As in "Attention is all you need", and the tutorial of PyTorch's that has it.
    table = torch.zeros(positions, width)
    at = torch.arange(positions)[:, None]
    speed = torch.exp(torch.arange(0, width, 2) * (-math.log(base) / width))
    table[:, 0::2] = torch.sin(at * speed)
    table[:, 1::2] = torch.cos(at * speed[: width // 2])
    return table


def turns(x, base):
    *_, positions, width = x.shape
    return torch.arange(positions)[:, None] / base ** (torch.arange(0, width, 2) / width)


def rotary(x, base=10000):
    # As in Hugging Face's transformers: x * cos + rotate_half(x) * sin.
    angles = torch.cat((turns(x, base),) * 2, dim=-1)
    first, second = x.chunk(2, dim=-1)
    return x * torch.cos(angles) + torch.cat((-second, first), dim=-1) * torch.sin(angles)


def rotary_interleaved(x, base):
    # As in RoFormer and LLaMA: complex numbers of neighbours.
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * torch.exp(1j * turns(x, base))).flatten(-2)


# For each op its examples: the text, what the inputs are drawn from, and the function of one sample,
# given the inputs and after them the parameters. Optional: a condition on the drawn inputs of a sample.
def gates(count, n, m, bias=True):
    """The parameters of a recurrent layer: PyTorch's, the weights transposed."""
    return [(n, count * m), (m, count * m)] + [(count * m,)] * (2 if bias else 0)


def recurrent(layer, n, m, reverse=False):
    def run(x, *params):
        params = [p.T if p.dim() == 2 else p for p in params]
        module = layer(n, m, bias=len(params) == 4)
        names = [name for name, _ in module.named_parameters()]
        x = x.flip(0) if reverse else x
        y = torch.func.functional_call(module, dict(zip(names, params)), (x,))[0]
        return y.flip(0) if reverse else y

    return run


def gru_of_cho(reverse=False):
    """A GRU that resets its state before the matrix product (Cho et al. 2014), which PyTorch has not."""

    def run(x, of_x, of_h, bias_x=None, bias_h=None):
        m = of_h.shape[0]
        zero = torch.zeros(3 * m, dtype=x.dtype)
        bias_x, bias_h = (zero if bias is None else bias for bias in (bias_x, bias_h))
        h, states = zero[:m], []
        for row in x.flip(0) if reverse else x:
            a = row @ of_x + bias_x
            r, z = torch.sigmoid(a[: 2 * m] + h @ of_h[:, : 2 * m] + bias_h[: 2 * m]).chunk(2)
            n = torch.tanh(a[2 * m :] + (r * h) @ of_h[:, 2 * m :] + bias_h[2 * m :])
            h = (1 - z) * n + z * h
            states.append(h)
        return torch.stack(states[::-1] if reverse else states)

    return run


def dot_product(**options):
    """PyTorch's; a mask is positive where a query may look, and a query that may look nowhere gives 0."""

    def run(q, k, v, mask=None):
        # The other implementations have no forward mode.
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            y = F.scaled_dot_product_attention(
                q[None], k[None], v[None], attn_mask=None if mask is None else mask > 0, enable_gqa=q.dim() == 3, **options
            )[0]
        if mask is None:
            return y
        return torch.where((mask > 0).any(-1, keepdim=True), y, 0.0)

    return run


def scored(q, k, v, mask=None, scale=None, softcap=None, causal=False, additive=True):
    """`softmax(scores) · v` where PyTorch's function lacks an option, or has one only alone."""
    if q.dim() == 3:
        k, v = (x.repeat_interleave(q.shape[0] // x.shape[0], 0) for x in (k, v))
    scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    seen = torch.ones_like(scores, dtype=torch.bool)
    if mask is not None and additive:
        scores = scores + mask
    elif mask is not None:
        seen = seen & (mask > 0)
    if causal:
        seen = seen.tril()
    weights = torch.softmax(scores.masked_fill(~seen, -1e30), -1)
    return torch.where(seen, weights, 0.0) @ v


def biased(**options):
    """PyTorch's, with a mask that is added to the scores."""

    def run(q, k, v, mask):
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            return F.scaled_dot_product_attention(
                q[None], k[None], v[None], attn_mask=mask, enable_gqa=q.dim() == 3, **options
            )[0]

    return run


def multihead(x, memory, mask, heads, kv_heads, causal, weight, bias, out, out_bias, attend=None):
    width = x.shape[-1]
    size = width // heads
    qkv = lambda x: x @ weight if bias is None else x @ weight + bias
    q = qkv(x)[:, :width]
    k, v = torch.chunk(qkv(memory)[:, width:], 2, -1)
    split = lambda x, heads: x.reshape(x.shape[0], heads, size).transpose(0, 1)
    attend = attend or dot_product(is_causal=causal)
    y = attend(split(q, heads), split(k, kv_heads), split(v, kv_heads), mask)
    y = y.transpose(0, 1).reshape(x.shape) @ out
    return y if out_bias is None else y + out_bias


def weighted_cross_entropy(p, i, w, label_smoothing=0.0, ignore_index=-100, reduction="mean"):
    """`F.cross_entropy` of [n, classes], which has no derivative by the weights of classes when it is given integers."""
    kept = i != ignore_index
    i = torch.where(kept, i, 0)
    weight = torch.where(kept, w[i], 0.0)
    logs = torch.log_softmax(p, 1)
    of_class = -weight * logs.gather(1, i[:, None])[:, 0]
    of_all = -torch.where(kept, (w * logs).sum(1), 0.0) / p.shape[1]
    losses = (1 - label_smoothing) * of_class + label_smoothing * of_all
    return losses if reduction == "none" else losses.sum() / (weight.sum() if reduction == "mean" else 1)


def weighted_bce(p, t, weight=torch.tensor(1.0), pos_weight=torch.tensor(1.0)):
    """`F.binary_cross_entropy_with_logits` without a reduction, which has no derivative by its weights."""
    return weight * (-pos_weight * t * F.logsigmoid(p) - (1 - t) * F.logsigmoid(-p))


def check_weighted():
    """That the losses above are PyTorch's."""
    generator = torch.Generator().manual_seed(0)
    p, t, w = (torch.rand(4, 3, generator=generator) for _ in range(3))
    for options in ({"weight": w}, {"pos_weight": w[0]}, {"weight": w[:, :1], "pos_weight": w}):
        theirs = F.binary_cross_entropy_with_logits(p, t, reduction="none", **options)
        torch.testing.assert_close(weighted_bce(p, t, **options), theirs, rtol=1e-12, atol=0)
    p, i = torch.randn(9, 4, generator=generator), torch.randint(4, (9,), generator=generator)
    w = torch.rand(4, generator=generator)
    for reduction in ("mean", "sum", "none"):
        for options in ({}, {"label_smoothing": 0.3}, {"ignore_index": 2}, {"label_smoothing": 0.3, "ignore_index": 2}):
            ours = weighted_cross_entropy(p, i, w, reduction=reduction, **options)
            torch.testing.assert_close(ours, F.cross_entropy(p, i, w, reduction=reduction, **options), rtol=1e-12, atol=0)


EXAMPLES = {
    # activation.rs
    "relu": [("(x: [7]) -> [7] { relu }", [Draw(avoid=(0,))], F.relu)],
    # JAX has it: `jax.nn.squareplus`.
    "squareplus": [
        ("(x: [7]) -> [7] { squareplus }", [ANY], lambda x: (x + torch.sqrt(x * x + 4)) / 2),
        ("(x: [7]) -> [7] { squareplus(b = 0.5) }", [ANY], lambda x: (x + torch.sqrt(x * x + 0.5)) / 2),
    ],
    "leaky_relu": [
        ("(x: [7]) -> [7] { leaky_relu }", [Draw(avoid=(0,))], F.leaky_relu),
        ("(x: [7]) -> [7] { leaky_relu(0.2) }", [Draw(avoid=(0,))], lambda x: F.leaky_relu(x, 0.2)),
    ],
    "elu": [
        ("(x: [7]) -> [7] { elu }", [Draw(avoid=(0,))], F.elu),
        ("(x: [7]) -> [7] { elu(alpha = 0.7) }", [Draw(avoid=(0,))], lambda x: F.elu(x, alpha=0.7)),
    ],
    "selu": [("(x: [7]) -> [7] { selu }", [Draw(avoid=(0,))], F.selu)],
    "sigmoid": [("(x: [7]) -> [7] { sigmoid }", [ANY], torch.sigmoid)],
    # No op of PyTorch's: eˣ / (eˣ + 1), which is the sigmoid.
    "logistic": [("(x: [7]) -> [7] { logistic }", [ANY], lambda x: torch.special.expit(x))],
    "tanh": [("(x: [7]) -> [7] { tanh }", [ANY], torch.tanh)],
    "softplus": [("(x: [7]) -> [7] { softplus }", [ANY], softplus)],
    "silu": [("(x: [7]) -> [7] { silu }", [ANY], F.silu)],
    "gelu": [("(x: [7]) -> [7] { gelu }", [ANY], lambda x: F.gelu(x, approximate="none"))],
    "gelu_tanh": [("(x: [7]) -> [7] { gelu_tanh }", [ANY], lambda x: F.gelu(x, approximate="tanh"))],
    "mish": [("(x: [7]) -> [7] { mish }", [ANY], F.mish)],
    "hardtanh": [
        ("(x: [7]) -> [7] { hardtanh }", [Draw(avoid=(-1, 1))], F.hardtanh),
        (
            "(x: [7]) -> [7] { hardtanh(min = -0.5, max = 0.25) }",
            [Draw(avoid=(-0.5, 0.25))],
            lambda x: F.hardtanh(x, -0.5, 0.25),
        ),
    ],
    "relu6": [("(x: [7]) -> [7] { relu6(10 * x) }", [Draw(avoid=(0, 0.6))], lambda x: F.relu6(10 * x))],
    "hard_sigmoid": [
        ("(x: [7]) -> [7] { hard_sigmoid(5 * x) }", [Draw(avoid=(-0.6, 0.6))], lambda x: hard_sigmoid(5 * x))
    ],
    "hard_swish": [
        ("(x: [7]) -> [7] { hard_swish(5 * x) }", [Draw(avoid=(-0.6, 0.6))], lambda x: 5 * x * hard_sigmoid(5 * x))
    ],
    "celu": [
        ("(x: [7]) -> [7] { celu }", [Draw(avoid=(0,))], F.celu),
        ("(x: [7]) -> [7] { celu(alpha = 0.7) }", [Draw(avoid=(0,))], lambda x: celu(x, 0.7)),
    ],
    "log_sigmoid": [("(x: [7]) -> [7] { log_sigmoid }", [ANY], F.logsigmoid)],
    "softsign": [("(x: [7]) -> [7] { softsign }", [Draw(avoid=(0,))], F.softsign)],
    "tanhshrink": [("(x: [7]) -> [7] { tanhshrink }", [ANY], F.tanhshrink)],
    "softshrink": [
        ("(x: [7]) -> [7] { softshrink }", [Draw(avoid=(-0.5, 0.5))], F.softshrink),
        ("(x: [7]) -> [7] { softshrink(lambda = 0.2) }", [Draw(avoid=(-0.2, 0.2))], lambda x: F.softshrink(x, 0.2)),
    ],
    "hardshrink": [
        ("(x: [7]) -> [7] { hardshrink }", [Draw(avoid=(-0.5, 0.5))], F.hardshrink),
        ("(x: [7]) -> [7] { hardshrink(lambda = 0.2) }", [Draw(avoid=(-0.2, 0.2))], lambda x: F.hardshrink(x, 0.2)),
    ],
    "threshold": [
        ("(x: [7]) -> [7] { threshold(0.4, -1.5) }", [Draw(avoid=(0.4,))], lambda x: F.threshold(x, 0.4, -1.5))
    ],
    "safe_log": [("(x: [7]) -> [7] { safe_log }", [ANY], lambda x: torch.log(softplus(x) + 1e-6))],
    "smooth_abs": [("(x: [7]) -> [7] { smooth_abs }", [ANY], lambda x: torch.sqrt(x * x + 1e-6))],
    # math.rs
    "exp": [("(x: [7]) -> [7] { exp }", [ANY], torch.exp)],
    "expm1": [("(x: [7]) -> [7] { expm1 }", [ANY], torch.expm1)],
    "exp2": [("(x: [7]) -> [7] { exp2 }", [ANY], torch.exp2)],
    "log": [("(x: [7]) -> [7] { log }", [POSITIVE], torch.log)],
    "log1p": [("(x: [7]) -> [7] { log1p }", [Draw(-0.7, 2.5)], torch.log1p)],
    "log2": [("(x: [7]) -> [7] { log2 }", [POSITIVE], torch.log2)],
    "log10": [("(x: [7]) -> [7] { log10 }", [POSITIVE], torch.log10)],
    "logit": [("(x: [7]) -> [7] { logit(0.8 * x) }", [Draw(0.1, 1.2)], lambda x: torch.logit(0.8 * x))],
    "logaddexp": [("(a: [2, 3], b: [3]) -> [2, 3] { logaddexp(a, b) }", [ANY, ANY], torch.logaddexp)],
    "xlogy": [("(a: [2, 3], b: [3]) -> [2, 3] { xlogy(a, b) }", [ANY, POSITIVE], torch.xlogy)],
    "square": [("(x: [7]) -> [7] { square }", [ANY], torch.square)],
    "sqrt": [("(x: [7]) -> [7] { sqrt }", [POSITIVE], torch.sqrt)],
    "cbrt": [("(x: [7]) -> [7] { cbrt }", [Draw(avoid=(0,))], cbrt)],
    "rsqrt": [("(x: [7]) -> [7] { rsqrt }", [POSITIVE], torch.rsqrt)],
    "hypot": [("(a: [2, 3], b: [3]) -> [2, 3] { hypot(a, b) }", [NONZERO, ANY], torch.hypot)],
    "safe_sqrt": [("(x: [7]) -> [7] { safe_sqrt }", [Draw(avoid=(0,))], safe_sqrt)],
    "sin": [("(x: [7]) -> [7] { sin }", [ANY], torch.sin)],
    "cos": [("(x: [7]) -> [7] { cos }", [ANY], torch.cos)],
    "tan": [("(x: [7]) -> [7] { tan }", [Draw(-1.4, 1.4)], torch.tan)],
    "asin": [("(x: [7]) -> [7] { asin(0.8 * x) }", [UNIT], lambda x: torch.asin(0.8 * x))],
    "acos": [("(x: [7]) -> [7] { acos(0.8 * x) }", [UNIT], lambda x: torch.acos(0.8 * x))],
    "atan": [("(x: [7]) -> [7] { atan }", [ANY], torch.atan)],
    "atan2": [("(a: [2, 3], b: [3]) -> [2, 3] { atan2(a, b) }", [NONZERO, NONZERO], torch.atan2)],
    "sinc": [("(x: [7]) -> [7] { sinc }", [ANY], torch.sinc)],
    "sinh": [("(x: [7]) -> [7] { sinh }", [ANY], torch.sinh)],
    "cosh": [("(x: [7]) -> [7] { cosh }", [ANY], torch.cosh)],
    "logcosh": [("(x: [7]) -> [7] { logcosh }", [Draw(avoid=(1, -1))], lambda x: torch.logaddexp(x, -x) - math.log(2))],
    "asinh": [("(x: [7]) -> [7] { asinh }", [ANY], torch.asinh)],
    "acosh": [("(x: [7]) -> [7] { acosh(x + 1) }", [POSITIVE], lambda x: torch.acosh(x + 1))],
    "atanh": [("(x: [7]) -> [7] { atanh(0.8 * x) }", [UNIT], lambda x: torch.atanh(0.8 * x))],
    "erf": [("(x: [7]) -> [7] { erf }", [ANY], torch.erf)],
    "erfc": [("(x: [7]) -> [7] { erfc }", [ANY], torch.erfc)],
    "lgamma": [("(x: [7]) -> [7] { lgamma(x + 1.5) }", [Draw(avoid=(-1.5, -2.5))], lambda x: torch.lgamma(x + 1.5))],
    "digamma": [("(x: [7]) -> [7] { digamma(x + 1.5) }", [Draw(avoid=(-1.5, -2.5), gap=0.2)], lambda x: digamma(x + 1.5))],
    "polygamma": [
        (
            "(x: [7]) -> [7] { polygamma(x + 1.5, 1) }",
            [Draw(-1.4, 2.5, avoid=(-1.5,))],
            lambda x: trigamma(x + 1.5),
        )
    ],
    "abs": [("(x: [7]) -> [7] { abs }", [Draw(avoid=(0,))], torch.abs)],
    "reciprocal": [("(x: [7]) -> [7] { reciprocal }", [NONZERO], torch.reciprocal)],
    "safe_reciprocal": [("(x: [7]) -> [7] { safe_reciprocal(0.25) }", [NONZERO], lambda x: 1 / (x + 0.25))],
    "neg": [("(x: [7]) -> [7] { neg }", [ANY], torch.neg)],
    "scale": [("(x: [7]) -> [7] { scale(2.5) }", [ANY], lambda x: x * 2.5)],
    "pow": [
        ("(x: [7]) -> [7] { pow(3) }", [ANY], lambda x: torch.pow(x, 3)),
        ("(x: [7]) -> [7] { pow(-2) }", [NONZERO], lambda x: torch.pow(x, -2)),
        ("(x: [7]) -> [7] { pow(1.5) }", [POSITIVE], lambda x: torch.pow(x, 1.5)),
        ("(x: [2, 3], r: [3]) -> [2, 3] { pow(x, r) }", [POSITIVE, ANY], torch.pow),
        ("(r: [7]) -> [7] { pow(2, r) }", [ANY], lambda r: torch.pow(2, r)),
        ("(r: [7]) -> [7] { pow(0.3, r) }", [ANY], lambda r: torch.pow(0.3, r)),
    ],
    "clamp": [("(x: [7]) -> [7] { clamp(-0.5, 0.25) }", [Draw(avoid=(-0.5, 0.25))], lambda x: torch.clamp(x, -0.5, 0.25))],
    "add": [
        ("(a: [2, 3], b: [3]) -> [2, 3] { add(a, b) }", [ANY, ANY], torch.add),
        ("(a: [2, 1, 3], b: [4, 1]) -> [2, 4, 3] { a + b }", [ANY, ANY], torch.add),
    ],
    "sub": [("(a: [2, 3], b: [2, 1]) -> [2, 3] { sub(a, b) }", [ANY, ANY], torch.sub)],
    "mul": [("(a: [2, 3], b: [3]) -> [2, 3] { mul(a, b) }", [ANY, ANY], torch.mul)],
    "div": [("(a: [2, 3], b: [3]) -> [2, 3] { div(a, b) }", [ANY, NONZERO], torch.div)],
    "lerp": [("(a: [2, 3], b: [3]) -> [2, 3] { lerp(a, b, 0.3) }", [ANY, ANY], lambda a, b: torch.lerp(a, b, 0.3))],
    "maximum": [("(a: [2, 3], b: [3]) -> [2, 3] { maximum(a, b) }", [ANY, ANY], torch.maximum, apart())],
    "minimum": [("(a: [2, 3], b: [3]) -> [2, 3] { minimum(a, b) }", [ANY, ANY], torch.minimum, apart())],
    # rounding.rs: what is rounded stays away from integers and halves
    "floor": [
        ("(x: [7]) -> [7] { floor(3 * x) }", [BROKEN], lambda x: torch.floor(3 * x)),
        ("(x: [7]) -> [7] { x * floor(3 * x) }", [BROKEN], lambda x: x * torch.floor(3 * x)),
    ],
    "ceil": [("(x: [7]) -> [7] { ceil(3 * x) }", [BROKEN], lambda x: torch.ceil(3 * x))],
    "round": [("(x: [7]) -> [7] { round(3 * x) }", [BROKEN], lambda x: torch.round(3 * x))],
    "trunc": [("(x: [7]) -> [7] { trunc(3 * x) }", [BROKEN], lambda x: torch.trunc(3 * x))],
    "frac": [("(x: [7]) -> [7] { frac(3 * x) }", [BROKEN], lambda x: torch.frac(3 * x))],
    "sign": [("(x: [7]) -> [7] { sign(x - 0.5) }", [Draw(avoid=(0.5,))], lambda x: torch.sign(x - 0.5))],
    "fmod": [
        (
            "(a: [2, 3], b: [3]) -> [2, 3] { fmod(3 * a, b) }",
            [ANY, NONZERO],
            lambda a, b: torch.fmod(3 * a, b),
            whole_quotients,
        )
    ],
    "remainder": [
        (
            "(a: [2, 3], b: [3]) -> [2, 3] { remainder(3 * a, b) }",
            [ANY, NONZERO],
            lambda a, b: torch.remainder(3 * a, b),
            whole_quotients,
        )
    ],
    # select.rs
    "gt": [
        ("(a: [2, 3], b: [3]) -> [2, 3] { gt(a, b) }", [ANY, ANY], mask(torch.gt), apart()),
        ("(x: [7]) -> [7] { x + gt(x, 0.5) }", [Draw(avoid=(0.5,))], lambda x: x + (x > 0.5)),
    ],
    "lt": [("(a: [2, 3], b: [3]) -> [2, 3] { a + lt(a, b) }", [ANY, ANY], lambda a, b: a + (a < b), apart())],
    "ge": [("(a: [2, 3], b: [3]) -> [2, 3] { a * ge(a, b) }", [ANY, ANY], lambda a, b: a * (a >= b), apart())],
    "le": [("(a: [2, 3], b: [3]) -> [2, 3] { a * le(a, b) }", [ANY, ANY], lambda a, b: a * (a <= b), apart())],
    "eq": [("(a: [2, 3], b: [3]) -> [2, 3] { a * eq(a, b) }", [ANY, ANY], lambda a, b: a * (a == b), apart())],
    "ne": [("(a: [2, 3], b: [3]) -> [2, 3] { a * ne(a, b) }", [ANY, ANY], lambda a, b: a * (a != b), apart())],
    "where": [
        (
            "(m: [2, 3], x: [2, 3], y: [3]) -> [2, 3] { where(gt(m, 0), x, y) }",
            [Draw(avoid=(0,)), ANY, ANY],
            lambda m, x, y: torch.where(m > 0, x, y),
        ),
        (
            "(x: [7]) -> [7] { where(gt(x, 0.5), square(x), 0) }",
            [Draw(avoid=(0.5,))],
            lambda x: torch.where(x > 0.5, torch.square(x), 0.0),
        ),
    ],
    "masked_fill": [
        (
            "(x: [2, 3], m: [3]) -> [2, 3] { masked_fill(x, gt(m, 0), -1e4) }",
            [ANY, Draw(avoid=(0,))],
            lambda x, m: torch.masked_fill(x, m > 0, -1e4),
        )
    ],
    # contract.rs
    "linear": [
        ("(x: [5]) -> [3] { linear -> [3] }", [ANY], lambda x, w, b: F.linear(x, w.T, b), None, [(5, 3), (3,)]),
        ("(x: [5]) -> [3] { linear(bias = false) -> [3] }", [ANY], lambda x, w: F.linear(x, w.T), None, [(5, 3)]),
        (
            "(x: [2, 4, 5]) -> [2, 4, 3] { linear -> [2, 4, 3] }",
            [ANY],
            lambda x, w, b: F.linear(x, w.T, b),
            None,
            [(5, 3), (3,)],
        ),
        (
            "(x: [5]) -> [3] { linear(weight_norm = true) -> [3] }",
            [ANY],
            lambda x, v, g, b: F.linear(x, windows.weight_norm(v.T, g), b),
            None,
            [(5, 3), (3,), (3,)],
        ),
    ],
    "bilinear": [
        (
            "(a: [3], b: [4]) -> [2] { bilinear(a, b) -> [2] }",
            [ANY, ANY],
            F.bilinear,
            None,
            [(2, 3, 4), (2,)],
        ),
        (
            "(a: [2, 3], b: [2, 2]) -> [2, 4] { c = tanh(a), bilinear(c, b, bias = false) -> [2, 4] }",
            [ANY, ANY],
            lambda a, b, w: F.bilinear(torch.tanh(a), b, w),
            None,
            [(4, 3, 2)],
        ),
    ],
    "pixel_shuffle": [
        ("(x: [8, 2, 3]) -> [2, 4, 6] { pixel_shuffle(2) }", [ANY], lambda x: F.pixel_shuffle(x, 2)),
        (
            "(x: [9, 1, 2]) -> [1, 3, 6] { tanh, pixel_shuffle(factor = 3), square }",
            [ANY],
            lambda x: F.pixel_shuffle(torch.tanh(x), 3) ** 2,
        ),
    ],
    "pixel_unshuffle": [
        ("(x: [2, 4, 6]) -> [8, 2, 3] { pixel_unshuffle(2) }", [ANY], lambda x: F.pixel_unshuffle(x, 2)),
        (
            "(x: [1, 3, 6]) -> [9, 1, 2] { tanh, pixel_unshuffle(factor = 3), square }",
            [ANY],
            lambda x: F.pixel_unshuffle(torch.tanh(x), 3) ** 2,
        ),
    ],
    "unfold": [
        ("(x: [2, 4, 5]) -> [8, 12] { unfold(2) }", [ANY], lambda x: F.unfold(x[None], 2)[0]),
        (
            "(x: [1, 7, 4]) -> [6, 4] "
            "{ tanh, unfold([3, 2], stride = [2, 3], padding = [0, 1], dilation = [2, 1]), sin }",
            [ANY],
            lambda x: torch.sin(F.unfold(torch.tanh(x)[None], (3, 2), (2, 1), (0, 1), (2, 3))[0]),
        ),
    ],
    "fold": [
        ("(x: [8, 12]) -> [2, 4, 5] { fold(2) -> [2, 4, 5] }", [ANY], lambda x: F.fold(x[None], (4, 5), 2)[0]),
        (
            "(x: [6, 4]) -> [1, 7, 4] "
            "{ tanh, fold([3, 2], stride = [2, 3], padding = [0, 1], dilation = [2, 1]) -> [_, 7, 4], sin }",
            [ANY],
            lambda x: torch.sin(F.fold(torch.tanh(x)[None], (7, 4), (3, 2), (2, 1), (0, 1), (2, 3))[0]),
        ),
    ],
    "parameter": [
        (
            "(x: [3, 2]) -> [3, 2] { at = parameter(std = 0.02) -> [3, 2], x * at }",
            [ANY],
            torch.mul,
            None,
            [(3, 2)],
        ),
        (
            "(x: [4]) -> [5] { first = parameter -> [1], concat(first, x), tanh }",
            [ANY],
            lambda x, first: torch.tanh(torch.concat((first, x))),
            None,
            [(1,)],
        ),
        (
            "(x: [2, 3]) -> [2, 3] { up = linear(x) -> [2, 4], matmul(up, transpose(up.weight)) }",
            [ANY],
            lambda x, w, b: F.linear(x, w.T, b) @ w.T,
            None,
            [(3, 4), (4,)],
        ),
        (
            "(x: [4] of index(5)) -> [4, 5] { e = embedding -> [4, 3], h = sin(e), matmul(h, transpose(e.weight)) }",
            [Index(5)],
            lambda x, w: torch.sin(F.embedding(x, w)) @ w.T,
            None,
            [(5, 3)],
        ),
    ],
    "matmul": [
        ("(a: [2, 3], b: [3, 4]) -> [2, 4] { matmul(a, b) }", [ANY, ANY], torch.matmul),
        ("(a: [3], b: [3, 4]) -> [4] { matmul(a, b) }", [ANY, ANY], torch.matmul),
        ("(a: [2, 3], b: [3]) -> [2] { matmul(a, b) }", [ANY, ANY], torch.matmul),
        ("(a: [3], b: [3]) -> [] { matmul(a, b) }", [ANY, ANY], torch.matmul),
        ("(a: [2, 1, 3, 4], b: [5, 4, 2]) -> [2, 5, 3, 2] { matmul(a, b) }", [ANY, ANY], torch.matmul),
        ("(a: [4, 3]) -> [4, 4] { b = transpose(a), matmul(a, b) }", [ANY], lambda a: torch.matmul(a, a.T)),
    ],
    # gather.rs
    "embedding": [
        (
            "(tokens: [4] of index(5)) -> [4, 3] { embedding -> [4, 3] }",
            [Index(5)],
            F.embedding,
            None,
            [(5, 3)],
        ),
        ("(class: index(4)) -> [6] { embedding -> [6] }", [Index(4)], F.embedding, None, [(4, 6)]),
        # `F.embedding` with `padding_idx` blocks the gradient in its backward mode alone.
        (
            "(tokens: [2, 3] of index(5)) -> [2, 3, 9] { embedding(padding_idx = 1) -> [2, 3, 9], tanh }",
            [Index(5)],
            lambda i, w: torch.tanh(torch.where((i == 1)[..., None], F.embedding(i, w.detach()), F.embedding(i, w))),
            None,
            [(5, 9)],
        ),
        (
            "(text: [3] of index(4)) -> [2, 3] { let e = embedding(std = 0.02) -> [2, 3], u = e(slice(text, 0..2)), "
            "u * sin(e(slice(text, 1..3))) }",
            [Index(4)],
            lambda i, w: F.embedding(i[:2], w) * torch.sin(F.embedding(i[1:], w)),
            None,
            [(4, 3)],
        ),
    ],
    "one_hot": [
        (
            "(x: [5], label: index(5)) -> [5] { x * one_hot(label) }",
            [ANY, Index(5)],
            lambda x, i: x * F.one_hot(i, 5),
        ),
        (
            "(x: [2], tokens: [2, 3] of index(4)) -> [4, 2] { one_hot(tokens), y = sum(1), transpose(y) * x }",
            [ANY, Index(4)],
            lambda x, i: F.one_hot(i, 4).sum(1).T * x,
        ),
    ],
    "gather": [
        (
            "(x: [5, 3], i: [2, 3] of index(5)) -> [2, 3] { gather(x, i) }",
            [ANY, Index(5)],
            lambda x, i: torch.gather(x, 0, i),
        ),
        (
            "(x: [3, 5], i: [3, 4] of index(5)) -> [3, 4] { y = tanh(x), gather(y, i, axis = 1), square }",
            [ANY, Index(5)],
            lambda x, i: torch.gather(torch.tanh(x), 1, i) ** 2,
        ),
        (
            "(x: [7], i: [3] of index(7)) -> [3] { gather(x, i) }",
            [ANY, Index(7)],
            lambda x, i: torch.gather(x, 0, i),
        ),
    ],
    "index_select": [
        (
            "(x: [5, 3], i: [4] of index(5)) -> [4, 3] { index_select(x, i) }",
            [ANY, Index(5)],
            lambda x, i: torch.index_select(x, 0, i),
        ),
        (
            "(x: [2, 5, 3], i: [2, 2] of index(5)) -> [2, 2, 2, 3] { index_select(x, i, axis = 1), sin }",
            [ANY, Index(5)],
            lambda x, i: torch.sin(torch.index_select(x, 1, i.flatten()).reshape(2, 2, 2, 3)),
        ),
        (
            "(x: [3, 5], i: index(5)) -> [3] { linear(x) -> [3, 5], index_select(i, axis = -1) }",
            [ANY, Index(5)],
            lambda x, i, w, b: torch.index_select(F.linear(x, w.T, b), 1, i)[:, 0],
            None,
            [(5, 5), (5,)],
        ),
    ],
    "scatter_add": [
        (
            "(x: [5, 3], i: [2, 3] of index(5), s: [2, 3]) -> [5, 3] { scatter_add(x, i, s) }",
            [ANY, Index(5), ANY],
            lambda x, i, s: torch.scatter_add(x, 0, i, s),
        ),
        (
            "(x: [3, 4], i: [3, 6] of index(4), s: [3, 6]) -> [3, 4] { t = tanh(s), scatter_add(x, i, t, axis = 1) }",
            [ANY, Index(4), ANY],
            lambda x, i, s: torch.scatter_add(x, 1, i, torch.tanh(s)),
        ),
    ],
    # gate.rs
    "glu": [
        ("(x: [6]) -> [3] { glu }", [ANY], F.glu),
        ("(x: [2, 4, 3]) -> [2, 2, 3] { glu(axis = 1) }", [ANY], lambda x: F.glu(x, dim=1)),
    ],
    "prelu": [
        ("(x: [7]) -> [7] { prelu }", [Draw(avoid=(0,))], F.prelu, None, [(1,)]),
        (
            "(x: [3, 4]) -> [3, 4] { prelu(num_parameters = 3) }",
            [Draw(avoid=(0,))],
            lambda x, w: F.prelu(x[None], w)[0],
            None,
            [(3,)],
        ),
    ],
    # einsum.rs
    "einsum": [
        ('(a: [2, 3], b: [3, 4]) -> [2, 4] { einsum("ij,jk->ik", a, b) }', [ANY, ANY], equation("ij,jk->ik")),
        ('(a: [2, 3], b: [3, 4]) -> [4, 2] { einsum("ij, jk -> ki", a, b) }', [ANY, ANY], equation("ij,jk->ki")),
        (
            '(a: [5, 2, 3], b: [5, 4, 3]) -> [2, 5, 4] { einsum("bik,bjk->ibj", a, b) }',
            [ANY, ANY],
            equation("bik,bjk->ibj"),
        ),
        ('(a: [2], b: [2, 3], c: [3]) -> [] { einsum("i,ij,j", a, b, c) }', [ANY, ANY, ANY], equation("i,ij,j")),
        ('(a: [2, 3], b: [4]) -> [4, 2] { einsum("ij,k->ki", a, b) }', [ANY, ANY], equation("ij,k->ki")),
        ('(a: [2, 3], b: [2, 3]) -> [3, 2] { einsum("ij,ij->ji", a, b) }', [ANY, ANY], equation("ij,ij->ji")),
        ('(x: [3, 2, 3]) -> [2, 3] { einsum("iji->ji") }', [ANY], equation("iji->ji")),
        ('(x: [3, 3]) -> [] { einsum("ii") }', [ANY], equation("ii")),
        (
            '(a: [2, 3, 4], b: [4, 5]) -> [2, 3, 5] { einsum("...i,ij->...j", a, b) }',
            [ANY, ANY],
            equation("...i,ij->...j"),
        ),
    ],
    "outer": [("(a: [2], b: [3]) -> [2, 3] { outer(a, b) }", [ANY, ANY], torch.outer)],
    "dot": [("(a: [3], b: [3]) -> [] { dot(a, b) }", [ANY, ANY], torch.dot)],
    # layout.rs
    "reshape": [
        ("(x: [2, 6]) -> [3, 4] { reshape -> [3, _] }", [ANY], lambda x: torch.reshape(x, (3, -1))),
        (
            "(x: [2, 3]) -> [6] { tanh, reshape -> [6], tanh }",
            [ANY],
            lambda x: torch.tanh(torch.reshape(torch.tanh(x), (6,))),
        ),
    ],
    "flatten": [
        ("(x: [2, 3, 2]) -> [12] { flatten }", [ANY], torch.flatten),
        ("(x: [2, 3]) -> [6] { permute(1, 0), flatten, tanh }", [ANY], lambda x: torch.tanh(torch.flatten(x.T))),
    ],
    "permute": [
        ("(x: [2, 3, 4]) -> [4, 2, 3] { permute(2, 0, 1) }", [ANY], lambda x: torch.permute(x, (2, 0, 1))),
        ("(x: [2, 3]) -> [3, 2] { permute([1, 0]), tanh }", [ANY], lambda x: torch.tanh(torch.permute(x, (1, 0)))),
    ],
    "transpose": [
        ("(x: [2, 3]) -> [3, 2] { transpose }", [ANY], lambda x: torch.transpose(x, -2, -1)),
        ("(x: [2, 3, 4]) -> [4, 3, 2] { transpose(0, 2) }", [ANY], lambda x: torch.transpose(x, 0, 2)),
    ],
    "broadcast": [
        ("(x: [3, 1]) -> [2, 3, 4] { broadcast -> [2, 3, 4] }", [ANY], lambda x: torch.broadcast_to(x, (2, 3, 4)))
    ],
    "concat": [
        ("(a: [2], b: [3]) -> [5] { concat(a, b) }", [ANY, ANY], lambda a, b: torch.concat((a, b))),
        (
            "(a: [2, 3], b: [2, 1]) -> [2, 6] { c = tanh(b), concat(a, b, c, b, axis = -1) }",
            [ANY, ANY],
            lambda a, b: torch.concat((a, b, torch.tanh(b), b), dim=-1),
        ),
    ],
    "slice": [
        ("(x: [7]) -> [3] { slice(2..5) }", [ANY], lambda x: x[2:5]),
        ("(x: [2, 5]) -> [2, 2] { slice(3..5, axis = 1), tanh }", [ANY], lambda x: torch.tanh(x[:, 3:5])),
    ],
    "split": [
        (
            "(x: [6]) -> [2] { (a, b, c) = split, a * b + c * tanh(a) }",
            [ANY],
            lambda x: x[0:2] * x[2:4] + x[4:6] * torch.tanh(x[0:2]),
        )
    ],
    # position.rs
    "sinusoidal": [
        ("(x: [5, 6]) -> [5, 6] { sinusoidal }", [ANY], lambda x: x + sinusoidal(5, 6)),
        (
            "(x: [2, 4, 3]) -> [2, 4, 3] { tanh, sinusoidal(base = 100), square }",
            [ANY],
            lambda x: (torch.tanh(x) + sinusoidal(4, 3, 100)) ** 2,
        ),
    ],
    "rotary": [
        ("(x: [5, 6]) -> [5, 6] { rotary }", [ANY], rotary),
        (
            "(x: [2, 5, 4]) -> [2, 5, 4] { tanh, rotary(base = 100, interleaved = true), square }",
            [ANY],
            lambda x: rotary_interleaved(torch.tanh(x), 100) ** 2,
        ),
        (
            "(x: [3, 2, 4]) -> [3, 2, 4] { rotary(axis = 0) }",
            [ANY],
            lambda x: rotary(x.transpose(0, 1)).transpose(0, 1),
        ),
    ],
    "stack": [
        ("(a: [3], b: [3]) -> [2, 3] { stack(a, b) }", [ANY, ANY], lambda a, b: torch.stack((a, b))),
        (
            "(a: [2, 3], b: [2, 3]) -> [2, 3, 3] { c = tanh(b), stack(a, b, c, axis = -1) }",
            [ANY, ANY],
            lambda a, b: torch.stack((a, b, torch.tanh(b)), dim=-1),
        ),
    ],
    "squeeze": [
        ("(x: [2, 1, 3, 1]) -> [2, 3] { squeeze }", [ANY], torch.squeeze),
        (
            "(x: [2, 1, 3, 1]) -> [2, 3, 1] { squeeze(1), tanh }",
            [ANY],
            lambda x: torch.tanh(torch.squeeze(x, 1)),
        ),
    ],
    "unsqueeze": [
        ("(x: [2, 3]) -> [2, 1, 3] { unsqueeze(1) }", [ANY], lambda x: torch.unsqueeze(x, 1)),
        ("(x: [2, 3]) -> [2, 3, 1] { unsqueeze(-1), tanh }", [ANY], lambda x: torch.tanh(torch.unsqueeze(x, -1))),
    ],
    "roll": [
        ("(x: [7]) -> [7] { roll(2, axis = 0) }", [ANY], lambda x: torch.roll(x, 2, 0)),
        ("(x: [2, 5]) -> [2, 5] { roll(-6, axis = 1), tanh }", [ANY], lambda x: torch.tanh(torch.roll(x, -6, 1))),
    ],
    "flip": [
        ("(x: [7]) -> [7] { flip(0) }", [ANY], lambda x: torch.flip(x, (0,))),
        (
            "(x: [2, 3, 4]) -> [2, 3, 4] { tanh, flip([0, -1]), y = square, x * y }",
            [ANY],
            lambda x: x * torch.flip(torch.tanh(x), (0, 2)) ** 2,
        ),
    ],
    "repeat": [
        ("(x: [3]) -> [6] { repeat(2) }", [ANY], lambda x: x.repeat(2)),
        (
            "(x: [2, 3]) -> [2, 2, 9] { tanh, repeat([2, 1, 3]) }",
            [ANY],
            lambda x: torch.tanh(x).repeat(2, 1, 3),
        ),
    ],
    "repeat_interleave": [
        (
            "(x: [3]) -> [6] { repeat_interleave(2, axis = 0) }",
            [ANY],
            lambda x: torch.repeat_interleave(x, 2, 0),
        ),
        (
            "(x: [2, 3]) -> [2, 9] { tanh, repeat_interleave(3, axis = -1) }",
            [ANY],
            lambda x: torch.repeat_interleave(torch.tanh(x), 3, -1),
        ),
    ],
    # reduce.rs
    "sum": [
        ("(x: [2, 3, 4]) -> [] { sum }", [ANY], torch.sum),
        ("(x: [2, 3, 4]) -> [2, 4] { sum(axes = 1) }", [ANY], lambda x: torch.sum(x, dim=1)),
        (
            "(x: [2, 3, 4]) -> [1, 3, 1] { sum(axes = [0, 2], keepdim = true) }",
            [ANY],
            lambda x: torch.sum(x, dim=(0, 2), keepdim=True),
        ),
    ],
    "mean": [
        ("(x: [2, 3, 4]) -> [] { mean }", [ANY], torch.mean),
        ("(x: [2, 3, 4]) -> [2, 3] { mean(axes = -1) }", [ANY], lambda x: torch.mean(x, dim=-1)),
    ],
    "var": [
        ("(x: [2, 3, 4]) -> [] { var }", [ANY], torch.var),
        (
            "(x: [2, 3, 4]) -> [2, 1, 4] { var(axes = 1, correction = 0, keepdim = true) }",
            [ANY],
            lambda x: torch.var(x, 1, correction=0, keepdim=True),
        ),
    ],
    "std": [
        ("(x: [2, 3, 4]) -> [] { std }", [ANY], torch.std),
        (
            "(x: [2, 3, 4]) -> [2, 4] { std(axes = 1, correction = 0) }",
            [ANY],
            lambda x: torch.std(x, 1, correction=0),
        ),
    ],
    "norm": [
        ("(x: [2, 3, 4]) -> [] { norm }", [ANY], torch.linalg.vector_norm),
        (
            "(x: [2, 3, 4]) -> [2, 4] { norm(axes = 1, p = 1) }",
            [Draw(avoid=(0,))],
            lambda x: torch.linalg.vector_norm(x, 1, 1),
        ),
        ("(x: [2, 3]) -> [2] { norm(axes = 1, p = 3) }", [NONZERO], lambda x: torch.linalg.vector_norm(x, 3, 1)),
        ("(x: [2, 3]) -> [3] { norm(axes = 0, p = 1.5) }", [NONZERO], lambda x: torch.linalg.vector_norm(x, 1.5, 0)),
        (
            "(x: [2, 3]) -> [2] { norm(axes = 1, p = f64::INFINITY) }",
            [NONZERO],
            lambda x: torch.linalg.vector_norm(x, math.inf, 1),
        ),
        ("(x: [2, 3]) -> [2] { norm(axes = 1, p = 0) }", [NONZERO], lambda x: torch.linalg.vector_norm(x, 0, 1)),
    ],
    "logsumexp": [
        ("(x: [2, 3, 4]) -> [] { logsumexp }", [ANY], lambda x: torch.logsumexp(x, (0, 1, 2))),
        (
            "(x: [2, 3, 4]) -> [2, 1, 4] { logsumexp(axes = 1, keepdim = true) }",
            [ANY],
            lambda x: torch.logsumexp(x, 1, keepdim=True),
        ),
    ],
    "prod": [
        ("(x: [2, 3, 4]) -> [] { prod }", [NONZERO], torch.prod),
        ("(x: [2, 3, 4]) -> [2, 4] { prod(axes = 1) }", [Zeros()], lambda x: torch.prod(x, 1)),
        ("(x: [2, 5]) -> [2] { prod(axes = -1) }", [Zeros()], lambda x: torch.prod(x, -1)),
    ],
    "amax": [
        ("(x: [2, 3, 4]) -> [] { amax }", [ANY], torch.amax),
        ("(x: [2, 3, 4]) -> [2, 4] { amax(axes = 1) }", [ANY], lambda x: torch.amax(x, dim=1)),
    ],
    "amin": [("(x: [2, 3, 4]) -> [2, 3] { amin(axes = 2) }", [ANY], lambda x: torch.amin(x, dim=2))],
    # recurrent.rs
    "rnn": [
        ("(x: [4, 3]) -> [4, 2] { rnn -> [4, 2] }", [ANY], recurrent(torch.nn.RNN, 3, 2), None, gates(1, 3, 2)),
        (
            "(x: [3, 2]) -> [3, 4] { rnn(bias = false, reverse = true) -> [3, 4] }",
            [ANY],
            recurrent(torch.nn.RNN, 2, 4, reverse=True),
            None,
            gates(1, 2, 4, False),
        ),
    ],
    "lstm": [
        ("(x: [4, 3]) -> [4, 2] { lstm -> [4, 2] }", [ANY], recurrent(torch.nn.LSTM, 3, 2), None, gates(4, 3, 2)),
        (
            "(x: [3, 2]) -> [3, 3] { lstm(bias = false, reverse = true) -> [3, 3] }",
            [ANY],
            recurrent(torch.nn.LSTM, 2, 3, reverse=True),
            None,
            gates(4, 2, 3, False),
        ),
        (
            "(x: [3, 2]) -> [3, 2] { lstm -> [3, 3], lstm -> [3, 2] }",
            [ANY],
            lambda x, *p: recurrent(torch.nn.LSTM, 3, 2)(recurrent(torch.nn.LSTM, 2, 3)(x, *p[:4]), *p[4:]),
            None,
            gates(4, 2, 3) + gates(4, 3, 2),
        ),
    ],
    "gru": [
        ("(x: [4, 3]) -> [4, 2] { gru -> [4, 2] }", [ANY], recurrent(torch.nn.GRU, 3, 2), None, gates(3, 3, 2)),
        (
            "(x: [3, 2]) -> [3, 3] { gru(bias = false, reverse = true) -> [3, 3] }",
            [ANY],
            recurrent(torch.nn.GRU, 2, 3, reverse=True),
            None,
            gates(3, 2, 3, False),
        ),
        (
            "(x: [3, 2]) -> [3, 3] { gru(reset_after = false) -> [3, 3] }",
            [ANY],
            gru_of_cho(),
            None,
            gates(3, 2, 3),
        ),
        (
            "(x: [4, 2]) -> [4, 2] { gru(bias = false, reverse = true, reset_after = false) -> [4, 2] }",
            [ANY],
            gru_of_cho(reverse=True),
            None,
            gates(3, 2, 2, False),
        ),
    ],
    # running.rs
    "cumsum": [
        ("(x: [7]) -> [7] { cumsum(0) }", [ANY], lambda x: torch.cumsum(x, 0)),
        ("(x: [2, 3, 4]) -> [2, 3, 4] { cumsum(axis = 1) }", [ANY], lambda x: torch.cumsum(x, 1)),
        ("(x: [1]) -> [1] { cumsum(-1), tanh }", [ANY], torch.tanh),
    ],
    "logcumsumexp": [
        ("(x: [7]) -> [7] { logcumsumexp(0) }", [ANY], lambda x: torch.logcumsumexp(x, 0)),
        (
            "(x: [2, 3, 4]) -> [2, 3, 4] { sin, y = logcumsumexp(axis = 1), x * y }",
            [ANY],
            lambda x: x * torch.logcumsumexp(torch.sin(x), 1),
        ),
        ("(x: [1, 3]) -> [1, 3] { logcumsumexp(axis = 0) }", [ANY], lambda x: torch.logcumsumexp(x, 0)),
    ],
    "argmax": [
        ("(x: [5]) -> [] { argmax(0) }", [ANY], mask(lambda x: torch.argmax(x, 0))),
        ("(x: [2, 3, 4]) -> [2, 4] { argmax(axis = 1) }", [ANY], mask(lambda x: torch.argmax(x, 1))),
        (
            "(x: [2, 5]) -> [2, 5] { i = argmax(x, -1, keepdim = true), x * i }",
            [ANY],
            lambda x: x * torch.argmax(x, -1, keepdim=True),
        ),
    ],
    "argmin": [("(x: [2, 5]) -> [2] { argmin(axis = 1) }", [ANY], mask(lambda x: torch.argmin(x, 1)))],
    "cumprod": [
        ("(x: [7]) -> [7] { cumprod(0) }", [Zeros()], lambda x: torch.cumprod(x, 0)),
        ("(x: [2, 3]) -> [2, 3] { cumprod(axis = 1) }", [ANY], lambda x: torch.cumprod(x, 1)),
    ],
    # attention.rs
    "scaled_dot_product_attention": [
        (
            "(q: [3, 2], k: [4, 2], v: [4, 5]) -> [3, 5] { scaled_dot_product_attention(q, k, v) }",
            [ANY, ANY, ANY],
            dot_product(),
        ),
        (
            "(q: [2, 3, 2], k: [2, 3, 2], v: [2, 3, 3]) -> [2, 3, 3] { scaled_dot_product_attention(q, k, v, causal = true) }",
            [ANY, ANY, ANY],
            dot_product(is_causal=True),
        ),
        (
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }",
            [ANY, ANY, ANY, ANY],
            dot_product(),
        ),
        (
            "(q: [2, 160, 1], k: [1, 3, 1], v: [1, 3, 1], m: [1, 3]) -> [2, 160, 1] { scaled_dot_product_attention(q, k, v, m) }",
            [ANY, ANY, ANY, ANY],
            dot_product(),
        ),
        (
            "(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { scaled_dot_product_attention(q, k, v, causal = true) }",
            [ANY, ANY, ANY],
            dot_product(is_causal=True),
        ),
        (
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [4, 3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }",
            [ANY, ANY, ANY, ANY],
            dot_product(),
        ),
        (
            "(q: [2, 3, 2], k: [2, 4, 2], v: [2, 4, 1], m: [1, 3, 4]) -> [2, 3, 1] { scaled_dot_product_attention(q, k, v, m, scale = 0.5, additive = true) }",
            [ANY, ANY, ANY, Hiding(4)],
            biased(scale=0.5),
        ),
        (
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [4, 1, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m, causal = true, softcap = 1.5) }",
            [ANY, ANY, ANY, ANY],
            lambda q, k, v, m: scored(q, k, v, m, softcap=1.5, causal=True, additive=False),
        ),
        (
            "(q: [3, 2], k: [4, 2], v: [4, 5], m: [3, 4]) -> [3, 5] { scaled_dot_product_attention(q, k, v, m, causal = true, scale = 2, softcap = 3, additive = true) }",
            [ANY, ANY, ANY, ANY],
            lambda q, k, v, m: scored(q, k, v, m, scale=2, softcap=3, causal=True),
        ),
        (
            "(q: [2, 130, 1], k: [1, 3, 1], v: [1, 3, 1], m: [2, 130, 3]) -> [2, 130, 1] { scaled_dot_product_attention(q, k, v, m, additive = true) }",
            [ANY, ANY, ANY, Hiding(3)],
            biased(),
        ),
        (
            "(q: [2, 130, 1], k: [2, 3, 1], v: [2, 3, 1]) -> [2, 130, 1] { bias = parameter -> [2, 1, 3], scaled_dot_product_attention(q, k, v, bias, causal = true, softcap = 2, additive = true) }",
            [ANY, ANY, ANY],
            lambda q, k, v, bias: scored(q, k, v, bias, softcap=2, causal=True),
            None,
            [(2, 1, 3)],
        ),
        (
            "(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { bias = parameter -> [130, 3], scaled_dot_product_attention(q, k, v, bias, additive = true) }",
            [ANY, ANY, ANY],
            biased(),
            None,
            [(130, 3)],
        ),
    ],
    "multihead_attention": [
        (
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 2) }",
            [ANY],
            lambda x, *p: multihead(x, x, None, 2, 2, False, *p),
            None,
            [(4, 12), (12,), (4, 4), (4,)],
        ),
        (
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 4, kv_heads = 2, causal = true, bias = false) }",
            [ANY],
            lambda x, w, o: multihead(x, x, None, 4, 2, True, w, None, o, None),
            None,
            [(4, 8), (4, 4)],
        ),
        (
            "(x: [2, 4], memory: [3, 4], mask: [1, 3]) -> [2, 4] { multihead_attention(x, memory, mask, heads = 2) }",
            [ANY, ANY, ANY],
            lambda x, m, mask, *p: multihead(x, m, mask, 2, 2, False, *p),
            None,
            [(4, 12), (12,), (4, 4), (4,)],
        ),
        (
            "(x: [3, 4], bias: [2, 3, 3]) -> [3, 4] { multihead_attention(x, x, bias, heads = 2, scale = 0.5, softcap = 2, additive = true) }",
            [ANY, ANY],
            lambda x, bias, *p: multihead(
                x, x, bias, 2, 2, False, *p, attend=lambda *qkvm: scored(*qkvm, scale=0.5, softcap=2)
            ),
            None,
            [(4, 12), (12,), (4, 4), (4,)],
        ),
    ],
    # softmax.rs
    "softmax": [
        ("(x: [5]) -> [5] { softmax }", [ANY], lambda x: F.softmax(x, dim=-1)),
        ("(x: [2, 3, 4]) -> [2, 3, 4] { softmax(axis = 1) }", [ANY], lambda x: F.softmax(x, dim=1)),
    ],
    "log_softmax": [
        ("(x: [5]) -> [5] { log_softmax }", [ANY], lambda x: F.log_softmax(x, dim=-1)),
        ("(x: [2, 3, 4]) -> [2, 3, 4] { log_softmax(axis = 0) }", [ANY], lambda x: F.log_softmax(x, dim=0)),
    ],
    # norm.rs. PyTorch takes the channels from axis 1, after the batch.
    "layer_norm": [
        (
            "(x: [5]) -> [5] { layer_norm }",
            [ANY],
            lambda x, w, b: F.layer_norm(x, (5,), w, b),
            None,
            [(5,), (5,)],
        ),
        (
            "(x: [2, 3, 4]) -> [2, 3, 4] { layer_norm(axes = [1, 2], eps = 0.1) }",
            [ANY],
            lambda x, w, b: F.layer_norm(x, (3, 4), w, b, eps=0.1),
            None,
            [(3, 4), (3, 4)],
        ),
        (
            "(x: [2, 4]) -> [2, 4] { layer_norm(bias = false) }",
            [ANY],
            lambda x, w: F.layer_norm(x, (4,), w),
            None,
            [(4,)],
        ),
        ("(x: [2, 4]) -> [2, 4] { layer_norm(affine = false) }", [ANY], lambda x: F.layer_norm(x, (4,))),
    ],
    "rms_norm": [
        ("(x: [5]) -> [5] { rms_norm }", [ANY], lambda x, w: F.rms_norm(x, (5,), w, 1e-6), None, [(5,)]),
        (
            "(x: [2, 3, 4]) -> [2, 3, 4] { rms_norm(axes = [1, 2], affine = false) }",
            [ANY],
            lambda x: F.rms_norm(x, (3, 4), None, 1e-6),
        ),
    ],
    "group_norm": [
        (
            "(x: [6]) -> [6] { group_norm(2) }",
            [ANY],
            lambda x, w, b: F.group_norm(x[None], 2, w, b)[0],
            None,
            [(6,), (6,)],
        ),
        (
            "(x: [4, 3, 2]) -> [4, 3, 2] { group_norm(groups = 2) }",
            [ANY],
            lambda x, w, b: F.group_norm(x[None], 2, w, b)[0],
            None,
            [(4,), (4,)],
        ),
        (
            "(x: [4, 3]) -> [4, 3] { group_norm(4, eps = 0.1, affine = false) }",
            [ANY],
            lambda x: F.group_norm(x[None], 4, eps=0.1)[0],
        ),
    ],
    "instance_norm": [
        ("(x: [3, 4]) -> [3, 4] { instance_norm }", [ANY], lambda x: F.instance_norm(x[None])[0]),
        (
            "(x: [2, 3, 4]) -> [2, 3, 4] { instance_norm(affine = true) }",
            [ANY],
            lambda x, w, b: F.instance_norm(x[None], weight=w, bias=b)[0],
            None,
            [(2,), (2,)],
        ),
    ],
    # In evaluation; in training below.
    "batch_norm": [
        (
            "(x: [3]) -> [3] { batch_norm }",
            [ANY],
            lambda x, w, b, m, v: F.batch_norm(x[None], m, v, w, b)[0],
            None,
            [(3,), (3,)],
            [(3,), (3,)],
        ),
        (
            "(x: [2, 3, 2]) -> [2, 3, 2] { batch_norm(eps = 0.1, momentum = 0.3) }",
            [ANY],
            lambda x, w, b, m, v: F.batch_norm(x[None], m, v, w, b, eps=0.1)[0],
            None,
            [(2,), (2,)],
            [(2,), (2,)],
        ),
        (
            "(x: [2, 4]) -> [2, 4] { tanh, batch_norm(affine = false) }",
            [ANY],
            lambda x, m, v: F.batch_norm(torch.tanh(x)[None], m, v)[0],
            None,
            [],
            [(2,), (2,)],
        ),
    ],
    "normalize": [
        ("(x: [5]) -> [5] { normalize }", [ANY], lambda x: F.normalize(x[None])[0]),
        ("(x: [3, 4]) -> [3, 4] { normalize(axis = -1, eps = 0.5) }", [ANY], lambda x: F.normalize(x, dim=-1, eps=0.5)),
    ],
    # random.rs, in evaluation.
    "dropout": [
        ("(x: [5]) -> [5] { dropout }", [ANY], lambda x: F.dropout(x, training=False)),
        ("(x: [3, 4]) -> [3, 4] { tanh, dropout(0.2), square }", [ANY], lambda x: torch.tanh(x).square()),
    ],
    "feature_dropout": [("(x: [3, 2, 2]) -> [3, 2, 2] { feature_dropout(0.4) }", [ANY], lambda x: x * 1)],
    "drop_path": [("(x: [4]) -> [4] { tanh, h = drop_path(0.3), x + h }", [ANY], lambda x: x + torch.tanh(x))],
    "alpha_dropout": [
        ("(x: [5]) -> [5] { alpha_dropout(0.3) }", [ANY], lambda x: F.alpha_dropout(x, 0.3, training=False))
    ],
    "gaussian_noise": [("(x: [5]) -> [5] { gaussian_noise(0.1) }", [ANY], lambda x: x * 1)],
    # loss.rs
    "mse": [
        ("(p: [2, 3], t: [2, 3]) -> [] { mse(p, t) }", [ANY, ANY], F.mse_loss),
        (
            "(p: [2, 3], t: [2, 3]) -> [] { mse(p, t, reduction = \"sum\") }",
            [ANY, ANY],
            lambda p, t: F.mse_loss(p, t, reduction="sum"),
        ),
        (
            "(p: [2, 3], t: [2, 3]) -> [2, 3] { mse(p, t, reduction = \"none\") }",
            [ANY, ANY],
            lambda p, t: F.mse_loss(p, t, reduction="none"),
        ),
    ],
    "mae": [
        ("(p: [2, 3], t: [2, 3]) -> [] { mae(p, t) }", [ANY, ANY], F.l1_loss, apart()),
        (
            "(p: [2, 3], t: [2, 3]) -> [] { mae(p, t, reduction = \"sum\") }",
            [ANY, ANY],
            lambda p, t: F.l1_loss(p, t, reduction="sum"),
            apart(),
        ),
    ],
    "huber": [
        ("(p: [2, 3], t: [2, 3]) -> [] { huber(p, t) }", [ANY, ANY], F.huber_loss, apart(delta=1.0)),
        (
            "(p: [2, 3], t: [2, 3]) -> [] { huber(p, t, delta = 0.5) }",
            [ANY, ANY],
            lambda p, t: F.huber_loss(p, t, delta=0.5),
            apart(delta=0.5),
        ),
        (
            "(p: [2, 3], t: [2, 3]) -> [] { huber(p, t, reduction = \"sum\") }",
            [ANY, ANY],
            lambda p, t: F.huber_loss(p, t, reduction="sum"),
            apart(delta=1.0),
        ),
    ],
    "smooth_l1": [
        ("(p: [2, 3], t: [2, 3]) -> [] { smooth_l1(p, t) }", [ANY, ANY], F.smooth_l1_loss, apart(delta=1.0)),
        (
            "(p: [2, 3], t: [2, 3]) -> [] { smooth_l1(p, t, beta = 0.5, reduction = \"sum\") }",
            [ANY, ANY],
            lambda p, t: F.smooth_l1_loss(p, t, beta=0.5, reduction="sum"),
            apart(delta=0.5),
        ),
        (
            "(p: [2, 3], t: [2, 3]) -> [2, 3] { smooth_l1(p, t, beta = 0, reduction = \"none\") }",
            [ANY, ANY],
            lambda p, t: F.smooth_l1_loss(p, t, beta=0.0, reduction="none"),
            apart(),
        ),
    ],
    "bce_with_logits": [
        (
            "(p: [2, 3], t: [2, 3]) -> [] { bce_with_logits(p, t) }",
            [ANY, Draw(0.0, 1.0)],
            F.binary_cross_entropy_with_logits,
        ),
        (
            "(p: [2, 3], t: [2, 3], w: [3]) -> [] { bce_with_logits(p, t, pos_weight = w, reduction = \"sum\") }",
            [ANY, Draw(0.0, 1.0), POSITIVE],
            lambda p, t, w: weighted_bce(p, t, pos_weight=w).sum(),
        ),
        (
            "(p: [2, 3], t: [2, 3], w: [2, 1]) -> [2, 3] "
            "{ bce_with_logits(p, t, weight = w, pos_weight = 2.5, reduction = \"none\") }",
            [ANY, Draw(0.0, 1.0), POSITIVE],
            lambda p, t, w: weighted_bce(p, t, weight=w, pos_weight=torch.tensor(2.5)),
        ),
    ],
    # Of one sample: [5] are the logits of one prediction, [2, 3] those of two. The targets need not
    # add up to 1.
    "cross_entropy": [
        ("(p: [5], t: [5]) -> [] { cross_entropy(p, t) }", [ANY, Draw(0.05, 2.0)], F.cross_entropy),
        ("(p: [2, 3], t: [2, 3]) -> [] { cross_entropy(p, t) }", [ANY, Draw(0.05, 2.0)], F.cross_entropy),
        ("(p: [5], label: index(5)) -> [] { cross_entropy(p, label) }", [ANY, Index(5)], F.cross_entropy),
        # PyTorch has the classes in axis 1.
        (
            "(p: [2, 3, 4], labels: [2, 3] of index(4)) -> [] { cross_entropy(p, labels) }",
            [ANY, Index(4)],
            lambda p, i: F.cross_entropy(p.movedim(-1, 1), i),
        ),
        (
            "(p: [3, 5], t: [3, 5]) -> [] { cross_entropy(p, t, label_smoothing = 0.1) }",
            [ANY, Draw(0.05, 2.0)],
            lambda p, t: F.cross_entropy(p, t, label_smoothing=0.1),
        ),
        (
            "(p: [3, 5], labels: [3] of index(5)) -> [] { linear(p) -> [3, 5], "
            "cross_entropy(labels, label_smoothing = 0.2) }",
            [ANY, Index(5)],
            lambda p, i, w, b: F.cross_entropy(F.linear(p, w.T, b), i, label_smoothing=0.2),
            None,
            [(5, 5), (5,)],
        ),
        (
            "(p: [6, 3], labels: [6] of index(3)) -> [] { cross_entropy(p, labels, ignore_index = 1) }",
            [ANY, Index(3)],
            lambda p, i: F.cross_entropy(p, i, ignore_index=1),
        ),
        (
            "(p: [2, 3], t: [2, 3], w: [3]) -> [] { cross_entropy(p, t, weight = w, label_smoothing = 0.1) }",
            [ANY, Draw(0.05, 2.0), POSITIVE],
            lambda p, t, w: F.cross_entropy(p, t, weight=w, label_smoothing=0.1),
        ),
        (
            "(p: [4, 3], labels: [4] of index(3), w: [3]) -> [] { tanh(p), cross_entropy(labels, weight = w) }",
            [ANY, Index(3), POSITIVE],
            lambda p, i, w: weighted_cross_entropy(torch.tanh(p), i, w),
        ),
        (
            "(p: [4, 3], labels: [4] of index(3), w: [3]) -> [] "
            "{ cross_entropy(p, labels, weight = w, label_smoothing = 0.2, ignore_index = 1) }",
            [ANY, Index(3), POSITIVE],
            lambda p, i, w: weighted_cross_entropy(p, i, w, label_smoothing=0.2, ignore_index=1),
            # Not all are ignored.
            lambda inputs: (inputs[1] != 1).any(),
        ),
        (
            "(p: [4, 3], labels: [4] of index(3)) -> [] { cross_entropy(p, labels, reduction = \"sum\") }",
            [ANY, Index(3)],
            lambda p, i: F.cross_entropy(p, i, reduction="sum"),
        ),
        (
            "(p: [2, 3], t: [2, 3]) -> [2] { cross_entropy(p, t, reduction = \"none\") }",
            [ANY, Draw(0.05, 2.0)],
            lambda p, t: F.cross_entropy(p, t, reduction="none"),
        ),
        (
            "(p: [4, 3], labels: [4] of index(3)) -> [] "
            "{ w = parameter -> [3], cross_entropy(p, labels, weight = exp(w)) }",
            [ANY, Index(3)],
            lambda p, i, w: weighted_cross_entropy(p, i, torch.exp(w)),
            None,
            [(3,)],
        ),
        (
            "(p: [2, 2, 3], labels: [2, 2] of index(3), w: [3]) -> [2, 2] "
            "{ cross_entropy(p, labels, weight = w, ignore_index = 0, reduction = \"none\") }",
            [ANY, Index(3), POSITIVE],
            lambda p, i, w: weighted_cross_entropy(
                p.reshape(4, 3), i.flatten(), w, ignore_index=0, reduction="none"
            ).reshape(2, 2),
        ),
    ],
    "stop_gradient": [
        ("(x: [7]) -> [7] { c = stop_gradient(x), c * sin(x) }", [ANY], lambda x: x.detach() * torch.sin(x)),
    ],
}


EXAMPLES |= windows.examples(ANY) | windows.more_examples(ANY) | losses.examples(ANY, POSITIVE, Draw, Index, apart)


# In training: from a whole batch, parameters and state to the output and the new state.
def batch_norm(x, w, b, m, v, momentum=0.1, eps=1e-5):
    m, v = m.clone(), v.clone()
    # Running statistics are changed in place, which `torch.func` does not follow.
    F.batch_norm(x.detach(), m, v, training=True, momentum=momentum)
    return F.batch_norm(x, None, None, w, b, True, momentum, eps), m, v


TRAINING = {
    "batch_norm": [
        batch_norm,
        lambda *args: batch_norm(*args, momentum=0.3, eps=0.1),
        lambda x, m, v: batch_norm(torch.tanh(x), None, None, m, v),
    ]
}


# ---- The models ---------------------------------------------------------------------------------


def mlp(x, w1, b1, w2, b2, w3, b3):
    h = torch.tanh(F.linear(x, w1.T, b1))
    h = F.gelu(F.linear(h, w2.T, b2))
    return F.linear(h, w3.T, b3)


def residual(x, w1, b1, w2, b2, w3, b3):
    skip = x + F.silu(F.linear(x, w1.T, b1))
    m = torch.reshape(F.linear(skip, w2.T, b2), (3, 4))
    gram = torch.tanh(torch.matmul(m, m.T))
    return F.linear(gram.flatten(), w3.T, b3) + skip[2:6]


def siamese(a, b, w1, b1, w2, b2):
    def encode(x):
        return F.linear(torch.tanh(F.linear(x, w1.T, b1)), w2.T, b2)

    u, v = encode(a), encode(b)
    return torch.sigmoid(torch.matmul(u, v) - torch.mean(torch.square(u - v)))


def attention(x, wq, wk, wv, bv, wo, bo):
    q, k, v = F.linear(x, wq.T), F.linear(x, wk.T), F.linear(x, wv.T, bv)
    weights = F.softmax(torch.matmul(q, k.T) * 0.4, dim=-1)
    return x + F.linear(torch.matmul(weights, v), wo.T, bo)


def classifier(x, label, w1, b1, w2, b2):
    return F.cross_entropy(F.linear(F.relu(F.linear(x, w1.T, b1)), w2.T, b2), label)


def tokens(text, kind, x, we, wc, w, b):
    both = torch.concat((F.embedding(text[:4], we), F.embedding(kind, wc)))
    logits = F.linear(F.gelu(both), w.T, b)[:4] + x
    return F.cross_entropy(logits, text[1:]) + torch.mean(torch.square(torch.gather(x, 0, text)))


def reader(text, gate, h, we, w, b, u):
    steps = []
    for token, index in zip(text, gate):
        h = torch.tanh(F.linear(F.embedding(token, we), w.T, b) + h @ u)
        steps.append(h * torch.index_select(h, 0, index))
    return torch.stack(steps)


def layout(x, z, w1, b1, w2):
    a, b = torch.split(x, 6)
    rows = torch.permute(torch.concat((torch.reshape(a, (2, 3)), z), dim=1), (1, 0))
    wide = F.softplus(F.linear(rows, w1.T, b1), threshold=1e3)
    middle = torch.permute(torch.reshape(wide[1:5], (2, 2, 4)), (2, 0, 1)).flatten()
    both = torch.concat((middle, torch.sin(b), a * b))
    return F.linear(torch.reshape(both, (4, 7)), w2.T)


# The name of the case, its model, what the inputs are drawn from, the shapes of the parameters, and
# the function.
MODELS = [
    (
        "mlp",
        "Mlp(x: [6]) -> [4] { linear -> [16], tanh, linear -> [16], gelu, linear -> [4] }",
        [ANY],
        [(6, 16), (16,), (16, 16), (16,), (16, 4), (4,)],
        mlp,
    ),
    (
        "residual",
        "Residual(x: [8]) -> [4] { h = linear -> [8], skip = x + silu(h), linear -> [12], m = reshape -> [3, 4], "
        "gram = matmul(m, transpose(m)), tanh, flatten, out = linear -> [4], out + slice(skip, 2..6) }",
        [ANY],
        [(8, 8), (8,), (8, 12), (12,), (9, 4), (4,)],
        residual,
    ),
    (
        "siamese",
        "Siamese(a: [5], b: [5]) -> [] { let encode = { linear -> [7], tanh, linear -> [4] }, u = encode(a), "
        "v = encode(b), sigmoid(matmul(u, v) - mean(square(u - v))) }",
        [ANY, ANY],
        [(5, 7), (7,), (7, 4), (4,)],
        siamese,
    ),
    (
        "attention",
        "Attention(x: [4, 6]) -> [4, 6] { q = linear(bias = false) -> [4, 6], k = linear(x, bias = false) -> [4, 6], "
        "v = linear(x) -> [4, 6], scores = matmul(q, transpose(k)), scale(0.4), weights = softmax, "
        "mixed = matmul(weights, v), out = linear -> [4, 6], x + out }",
        [ANY],
        [(6, 6), (6, 6), (6, 6), (6,), (6, 6), (6,)],
        attention,
    ),
    (
        "classifier",
        "Classifier(x: [8], label: index(5)) -> [] { hidden = linear(x) -> [12], relu, logits = linear -> [5], "
        "cross_entropy(logits, label) }",
        [ANY, Index(5)],
        [(8, 12), (12,), (12, 5), (5,)],
        classifier,
    ),
    (
        "tokens",
        "Tokens(text: [5] of index(7), class: [2] of index(3), x: [7]) -> [] { e = embedding(slice(text, 0..4)) -> [4, 6], "
        "c = embedding(class) -> [2, 6], both = concat(e, c), gelu, linear -> [6, 7], logits = slice(0..4), "
        "picked = gather(x, text), cross_entropy(logits + x, slice(text, 1..5)) + mean(square(picked)) }",
        [Index(7), Index(3), ANY],
        [(7, 6), (3, 6), (6, 7), (7,)],
        tokens,
    ),
    (
        "reader",
        "Reader(text: [4] of index(5), gate: [4] of index(3), x: [3]) -> [4, 3] { scan(text, gate, h: [3] = x) { "
        "e = embedding(text) -> [3], a = linear -> [3], b = linear(h, bias = false) -> [3], next = tanh(a + b), "
        "h <- next, next * index_select(next, gate) } }",
        [Index(5), Index(3), ANY],
        [(5, 3), (3, 3), (3,), (3, 3)],
        reader,
    ),
    (
        "layout",
        "Layout(x: [12], z: [2, 3]) -> [4, 3] { (a, b) = split(x), m = reshape(a) -> [2, 3], "
        "concat(m, z, axis = 1), permute(1, 0), linear -> [6, 4], softplus, slice(1..5), reshape -> [2, 2, 4], "
        "permute(2, 0, 1), middle = flatten, concat(middle, sin(b), a * b), reshape -> [4, _], "
        "linear(bias = false) -> [4, 3] }",
        [ANY, ANY],
        [(2, 4), (4,), (7, 3)],
        layout,
    ),
]


# ---- Reading the registry -----------------------------------------------------------------------


def registry():
    """[(op, [text, ..])] as macros/src/ops has it."""
    return list(json.loads((HERE / "examples.json").read_text()).items())


def shapes(text):
    """The shapes of the inputs in a model's header."""
    header = text[: text.index("->")]
    return [[int(d) for d in dims.split(",") if d.strip()] for dims in re.findall(r": \[([^\]]*)\]|: index", header)]


# ---- Making a case ------------------------------------------------------------------------------


def tensor(flat, shape):
    return torch.tensor(flat).reshape(shape)


def make(case, text, draws, function, fine=None, param_shapes=(), state_shapes=(), training=False):
    rng = random.Random(f"pullback reference {case}")
    sizes = shapes(text)
    assert len(sizes) == len(draws), case
    params = []
    for i, shape in enumerate(param_shapes):
        scale = 1 / math.sqrt(param_shapes[i if len(shape) > 1 else i - 1][0])
        params.append(tensor([round(rng.uniform(-scale, scale), 4) for _ in range(math.prod(shape))], shape))
    # Of the running mean and variance: all positive.
    state = [tensor([round(rng.uniform(0.2, 1.5), 4) for _ in range(math.prod(s))], s) for s in state_shapes]
    for _ in range(10_000):
        inputs = []
        for draw, shape in zip(draws, sizes):
            if isinstance(draw, Index):
                integers = [rng.randrange(draw.bound) for _ in range(SAMPLES * math.prod(shape))]
                inputs.append(torch.tensor(integers).reshape([SAMPLES, *shape]))
            else:
                inputs.append(tensor(draw.take(rng, SAMPLES * math.prod(shape)), [SAMPLES, *shape]))
        if fine is None or all(fine([x[i] for x in inputs]) for i in range(SAMPLES)):
            break
    else:
        sys.exit(f"{case}: no inputs found that are away from the kinks")

    # Everything that has a derivative, in one list.
    real = [i for i, x in enumerate(inputs) if x.dtype == torch.float64]
    args = [inputs[i] for i in real] + params

    def batched(*args):
        whole = list(inputs)
        for i, x in zip(real, args):
            whole[i] = x
        after = [*args[len(real) :], *state]
        if training:
            return function(*whole, *after)[0]
        return torch.stack([function(*(x[s] for x in whole), *after) for s in range(SAMPLES)])

    def like(x):
        return tensor([round(rng.uniform(-1, 1), 4) for _ in range(x.numel())], x.shape)

    tangents = [like(x) for x in args]
    y, dy = torch.func.jvp(batched, tuple(args), tuple(tangents))
    y_bar = like(y)
    leaves = [x.clone().requires_grad_() for x in args]
    bars = torch.autograd.grad(batched(*leaves), leaves, y_bar, allow_unused=True, materialize_grads=True)

    check(case, batched, args, tangents, y, dy, y_bar, bars)

    def per_input(values):
        values = iter(values[: len(real)])
        return [next(values).flatten().tolist() if i in real else [] for i in range(len(inputs))]

    def flat(values):
        return [x for value in values for x in value.flatten().tolist()]

    return {
        "case": case,
        "model": text,
        "inputs": [(numbers if i in real else list)(x.flatten().tolist()) for i, x in enumerate(inputs)],
        "params": flat(params),
        **({"state": flat(state)} if state else {}),
        **({"new_state": flat(function(*inputs, *params, *state)[1:])} if training else {}),
        "d_inputs": per_input(tangents),
        "d_params": flat(tangents[len(real) :]),
        "y_bar": y_bar.flatten().tolist(),
        "y": y.flatten().tolist(),
        "dy": dy.flatten().tolist(),
        "input_bars": per_input(bars),
        "params_bar": flat(bars[len(real) :]),
    }


WORST = {}
# Where the derivative is by intention not that of the function.
NOT_DERIVATIVES = ["stop_gradient_0", "embedding_2", "gaussian_nll_1"]


def check(case, function, args, tangents, y, dy, y_bar, bars):
    """Duality, and central differences: of the JVP, and of every number of the VJP."""

    def compare(what, found, expected, tolerance):
        error = float(((found - expected).abs() / (1 + expected.abs())).max())
        WORST[what] = max(WORST.get(what, (0.0, "")), (error, case))
        if not error < tolerance:
            sys.exit(f"{case}: {what} is off by {error:e}")

    forward = (y_bar * dy).sum()
    backward = sum((bar * t).sum() for bar, t in zip(bars, tangents))
    compare("duality", forward, backward, 1e-13)
    if case in NOT_DERIVATIVES:
        return
    h = 1e-5
    moved = [function(*(x + s * h * t for x, t in zip(args, tangents))) for s in (1, -1)]
    compare("jvp by differences", dy, (moved[0] - moved[1]) / (2 * h), 1e-7)
    for i, bar in enumerate(bars):
        differences = torch.zeros_like(bar).flatten()
        for j in range(bar.numel()):
            ends = []
            for s in (1, -1):
                copy = [x.clone() for x in args]
                copy[i].view(-1)[j] += s * h
                ends.append((function(*copy) * y_bar).sum())
            differences[j] = (ends[0] - ends[1]) / (2 * h)
        compare("vjp by differences", bar.flatten(), differences, 1e-7)


# ---- Kinks --------------------------------------------------------------------------------------

NAN, INF = math.nan, math.inf
# What elementwise ops are asked for beside 0, NaN, ±1e4 and ±∞. The bounds of `clamp_0` and
# `hardtanh_1` are -0.5 and 0.25.
POINTS = {
    "hardtanh_0": [-1.0, 1.0],
    "hardtanh_1": [-0.5, 0.25],
    "clamp_0": [-0.5, 0.25],
    "log_0": [-1.0],
    "log1p_0": [-1.0, -2.0],
    "sqrt_0": [-1.0],
    "safe_sqrt_0": [-1.0],
    "pow_2": [-1.0],
    "pow_3": [(0.0, r) for r in (1.0, 2.0, 0.5, -1.0, -0.5)]
    + [(-2.0, r) for r in (3.0, -1.0, 0.0, 0.5)]
    + [(NAN, 0.0), (0.0, NAN), (0.0, INF), (INF, -1.0), (-0.0, 2.0)],
    "pow_4": [-1.5, 10.0],
    "pow_5": [-1.5, 10.0],
    "relu6_0": [0.6],
    "hard_sigmoid_0": [-0.6, 0.6],
    "hard_swish_0": [-0.6, 0.6],
    "softshrink_0": [-0.5, 0.5],
    "hardshrink_0": [-0.5, 0.5],
    "threshold_0": [0.4],
    "log2_0": [-1.0],
    "log10_0": [-1.0],
    "rsqrt_0": [-1.0],
    "logit_0": [1.25, -0.5, 0.625],
    "asin_0": [1.25, -1.25],
    "acos_0": [1.25, -1.25],
    "acosh_0": [-0.5],
    "atanh_0": [1.25],
    "gt_1": [0.5],
    "where_1": [0.5],
    "sign_0": [0.5],
    "sinc_0": [1e-3, 1.0],
    "erfc_0": [10.0],
    "elu_0": [-1e-300],
}
PAIRS = [
    ("kink", (0.0, 0.0)),
    ("kink", (1.5, 1.5)),
    ("kink", (-1.5, -1.5)),
    ("kink", (1.5, 0.0)),
    ("nan", (NAN, 1.0)),
    ("nan", (1.0, NAN)),
    ("nan", (NAN, NAN)),
    ("large", (1e4, -1e4)),
    ("large", (-1e4, 1e4)),
    ("large", (1e4, 1e4)),
    ("infinite", (INF, 1.0)),
    ("infinite", (1.0, INF)),
    ("infinite", (-INF, INF)),
    ("infinite", (INF, INF)),
]
BASE = [0.3, -1.2, 0.7, 2.0, -0.4, 1.1, 0.9, -2.1, 0.5, 1.6, -0.8, 0.1]
BASE = BASE + [x - 0.05 for x in BASE]


def put(numbers, **places):
    numbers = list(numbers)
    for place, x in places.items():
        numbers[int(place[1:])] = x
    return numbers


P, T = [0.5, -1.0, 2.0, 0.25, -3.0, 1.0], [0.25, 0.5, -1.0, 2.0, 1.0, -0.5]
ARRAYS = [
    ("amax_0", "kink", [put(BASE, i3=2.5, i17=2.5)]),
    ("amax_0", "kink", [put(BASE, i0=2.5, i8=2.5, i23=2.5)]),
    ("amax_0", "kink", [[0.5] * 24]),
    ("amax_0", "nan", [put(BASE, i5=NAN)]),
    ("amax_0", "nan", [put(BASE, i5=NAN, i9=NAN)]),
    ("amax_0", "infinite", [put(BASE, i5=INF, i9=INF)]),
    ("amax_1", "kink", [put(BASE, i0=3.0, i4=3.0, i13=3.0, i17=3.0, i21=3.0)]),
    ("amax_1", "nan", [put(BASE, i4=NAN)]),
    ("amin_0", "kink", [put(BASE, i0=-3.0, i1=-3.0, i8=-3.0, i9=-3.0, i11=-3.0)]),
    ("amin_0", "nan", [put(BASE, i4=NAN)]),
    ("softmax_0", "large", [[1e4, -1e4, 0.0, 1e4, 5.0]]),
    ("softmax_0", "nan", [[1.0, NAN, 0.0, 2.0, 5.0]]),
    ("softmax_0", "infinite", [[1.0, -INF, 0.0, 2.0, 5.0]]),
    ("softmax_0", "infinite", [[1.0, INF, 0.0, 2.0, 5.0]]),
    ("log_softmax_0", "large", [[1e4, -1e4, 0.0, 1e4, 5.0]]),
    ("log_softmax_0", "nan", [[1.0, NAN, 0.0, 2.0, 5.0]]),
    ("log_softmax_0", "infinite", [[1.0, -INF, 0.0, 2.0, 5.0]]),
    ("log_softmax_0", "infinite", [[1.0, INF, 0.0, 2.0, 5.0]]),
    ("mse_0", "nan", [put(P, i1=NAN), T]),
    ("mae_0", "kink", [put(P, i2=-1.0), put(T, i2=-1.0)]),
    ("mae_0", "kink", [P, P]),
    ("mae_0", "nan", [put(P, i1=NAN), T]),
    ("mae_0", "large", [put(P, i1=1e4, i2=-1e4), T]),
    ("huber_0", "kink", [[1.5, -0.5, 0.5, 2.0, -1.0, 0.0], [0.5, 0.5, 0.5, 0.5, 0.0, -1.0]]),
    ("huber_0", "nan", [put(P, i1=NAN), T]),
    ("huber_0", "large", [put(P, i1=1e4, i2=-1e4), T]),
    ("huber_1", "kink", [[1.0, 0.0, 0.5, 2.0, -0.5, 0.0], [0.5, 0.5, 0.5, 0.5, 0.0, -0.5]]),
    ("bce_with_logits_0", "kink", [[0.0] * 6, [0.0, 1.0, 0.5, 0.25, 0.0, 1.0]]),
    ("bce_with_logits_0", "large", [[1e4, -1e4, 1e4, -1e4, 1.0, -1.0], [1.0, 0.0, 0.0, 1.0, 0.5, 0.5]]),
    ("bce_with_logits_0", "nan", [put(P, i1=NAN), [0.0, 1.0, 0.5, 0.25, 0.0, 1.0]]),
    ("cross_entropy_0", "large", [[1e4, -1e4, 0.0, 1e4, 5.0], [0.0, 0.0, 0.0, 1.0, 0.0]]),
    ("cross_entropy_0", "nan", [[1.0, NAN, 0.0, 2.0, 5.0], [0.0, 0.0, 0.0, 1.0, 0.0]]),
    ("cross_entropy_0", "infinite", [[1.0, -INF, 0.0, 2.0, 5.0], [0.0, 0.0, 0.0, 1.0, 0.0]]),
]


def number(x):
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else ("inf" if x > 0 else "-inf")


def numbers(x):
    return number(x) if isinstance(x, float) else [numbers(y) for y in x]


def same(a, b):
    """Up to rounding."""
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-12 * abs(b) < INF


def pointwise(case, function, group, xs):
    def at(count):
        leaves = [torch.full((count,), x).requires_grad_() for x in xs]
        y = function(*leaves)
        slopes = torch.autograd.grad(y, leaves, torch.ones_like(y), allow_unused=True, materialize_grads=True)
        return y[0].item(), [slope[0].item() for slope in slopes]

    # One element takes PyTorch's scalar code, many take its vector code.
    (y, slopes), (many_y, many_slopes) = at(1), at(64)
    assert same(y, many_y), (case, xs, y, many_y)
    point = [torch.tensor([x]) for x in xs]
    ones = [[torch.full((1,), float(i == j)) for j in range(len(xs))] for i in range(len(xs))]
    forward = [torch.func.jvp(function, tuple(point), tuple(one))[1].item() for one in ones]
    entry = {"case": case, "group": group, "x": numbers(xs), "y": number(y), "slope": numbers(slopes)}
    if not all(map(same, many_slopes, slopes)):
        entry["vector_slope"] = numbers(many_slopes)
    if not all(map(same, forward, slopes)):
        entry["forward_slope"] = numbers(forward)
    return entry


def array(case, text, function, group, xs):
    sizes = shapes(text)
    leaves = [tensor(x, shape).requires_grad_() for x, shape in zip(xs, sizes)]
    y = function(*leaves)
    slopes = torch.autograd.grad(y.sum(), leaves, allow_unused=True, materialize_grads=True)
    y = y.tolist() if y.ndim == 0 else y.flatten().tolist()
    slopes = [slope.flatten().tolist() for slope in slopes]
    return {"case": case, "group": group, "x": numbers(xs), "y": numbers(y), "slope": numbers(slopes)}


def elementwise():
    """The ops that act element by element."""
    names = list(EXAMPLES)
    return names[: names.index("linear")]


def kinks():
    cases = []
    for op in elementwise():
        for i, (_, draws, function, *_) in enumerate(EXAMPLES[op]):
            case = f"{op}_{i}"
            if len(draws) == 3:
                continue
            if len(draws) == 2:
                points = PAIRS + [("kink", xs) for xs in POINTS.get(case, [])]
            else:
                points = [("zero", (0.0,))]
                points += [("kink", (x,)) for x in POINTS.get(case, [])]
                points += [("nan", (NAN,)), ("large", (1e4,)), ("large", (-1e4,))]
                points += [("infinite", (INF,)), ("infinite", (-INF,))]
            cases += [pointwise(case, function, group, list(xs)) for group, xs in points]
    for case, group, xs in ARRAYS:
        op, i = case.rsplit("_", 1)
        text, _, function, *_ = EXAMPLES[op][int(i)]
        cases.append(array(case, text, function, group, xs))
    return cases


# ---- Files --------------------------------------------------------------------------------------


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases) + "\n]\n"


def key(case):
    return case["case"], case.get("group"), str(case.get("x"))


def main():
    check_weighted()
    losses.check()
    ops = []
    found = registry()
    for op, texts in found:
        entries = EXAMPLES.get(op, [])
        if [entry[0] for entry in entries] != texts:
            sys.exit(f"the examples of `{op}` are {texts}: bring EXAMPLES in line")
        for i, (text, draws, function, *rest) in enumerate(entries):
            ops.append(make(f"{op}_{i}", text, draws, function, *rest))
        for i, function in enumerate(TRAINING.get(op, [])):
            text, draws, _, *rest = entries[i]
            ops.append(make(f"{op}_{i}_training", text, draws, function, *rest, training=True))
    missing = set(EXAMPLES) - {op for op, _ in found}
    if missing:
        sys.exit(f"there are no ops called {missing}")
    models = [make(case, text, draws, f, None, params) for case, text, draws, params, f in MODELS]
    grid = [make(case, text, draws, f, None, params) for case, text, draws, params, f in windows.grid(ANY)]
    for what, (error, case) in WORST.items():
        print(f"{what}: off by {error:.1e} at most, in {case}")

    stale = False
    for name, cases in [("ops.json", ops), ("models.json", models), ("grid.json", grid), ("kinks.json", kinks())]:
        path = HERE / name
        if sys.argv[1:] == ["--check"]:
            fresh = path.exists() and close(json.loads(lines(cases)), json.loads(path.read_text()), 1e-12)
            stale |= not fresh
            print(f"{name}: {'as it should be' if fresh else 'out of date'}")
        else:
            path.write_text(lines(kept(json.loads(lines(cases)), path, key, 1e-12)))
            print(f"{name}: {len(cases)} cases, {path.stat().st_size} bytes")
    sys.exit(stale)


if __name__ == "__main__":
    main()
