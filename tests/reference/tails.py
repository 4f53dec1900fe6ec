"""tails.json: functions and slopes over the whole range of `f64`, and of `f32`, from mpmath (`pip install mpmath`).

    python3 tails.py > tails.json

Each row has the arguments, and for each the value and the derivative, to 20 digits. Nothing here is clever: the
formulas are the textbook's, over so many digits that what cancels does not matter.
"""

import struct

from mpmath import mp, mpf
import mpmath as m

# A difference of 1 and e^(-745) has 324 digits that cancel.
mp.dps = 800
HUGE = mpf(10) ** 4


def exp(x):
    """Beyond `HUGE` it is 0 or infinite in any type."""
    return m.exp(x) if abs(x) < HUGE else (mpf(0) if x < 0 else m.inf)


def sigmoid(x):
    return exp(x) / (1 + exp(x)) if x < 0 else 1 / (1 + exp(-x))


def sigmoid_slope(x):
    return exp(-abs(x)) / (1 + exp(-abs(x))) ** 2


def tanh(x):
    e = exp(-2 * abs(x))
    return m.sign(x) * (1 - e) / (1 + e)


def tanh_slope(x):
    return 4 * sigmoid_slope(2 * x)


def softplus(x):
    return max(x, mpf(0)) + m.log1p(exp(-abs(x)))


def erfc(x):
    """For large arguments 0, or 2."""
    return m.erfc(x) if abs(x) < 60 else mpf(0 if x > 0 else 2)


def gaussian(x):
    return exp(-x * x)


def erf_slope(x):
    return 2 / m.sqrt(m.pi) * gaussian(x)


def normal_cdf(x):
    return erfc(-x / m.sqrt(2)) / 2


def normal_pdf(x):
    return exp(-x * x / 2) / m.sqrt(2 * m.pi)


K = m.sqrt(2 / m.pi)
CUBIC = mpf(44715) / 10**6


def gate(x):
    return sigmoid(2 * K * (x + CUBIC * x**3))


def gelu_tanh_slope(x):
    z = 2 * K * (x + CUBIC * x**3)
    return gate(x) + x * sigmoid_slope(z) * 2 * K * (1 + 3 * CUBIC * x * x)


def elu(a):
    return (lambda x: x if x > 0 else a * m.expm1(max(x, -HUGE)), lambda x: mpf(1) if x > 0 else a * exp(x))


LAMBDA, ALPHA = mpf("1.0507009873554805"), mpf("1.6732632423543772")
EPS = mpf(1) / 10**6
BASE = elu(mpf(1))


def sinc(x):
    return m.sinpi(x) / (m.pi * x) if x else mpf(1)


def sinc_slope(x):
    return (m.pi * x * m.cospi(x) - m.sinpi(x)) / (m.pi * x * x) if x else mpf(0)


def mish_slope(x):
    return tanh(softplus(x)) + x * tanh_slope(softplus(x)) * sigmoid(x)


def hyperbolic(f, x):
    return f(x) if abs(x) < HUGE else m.inf * (m.sign(x) if f is m.sinh else 1)


# name: domain, value, slope
ROWS = {
    "sigmoid": ("line", sigmoid, sigmoid_slope),
    "logistic": ("line", sigmoid, sigmoid_slope),
    "tanh": ("line", tanh, tanh_slope),
    "softplus": ("line", softplus, sigmoid),
    "log_sigmoid": ("line", lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "silu": ("line", lambda x: x * sigmoid(x), lambda x: sigmoid(x) + x * sigmoid_slope(x)),
    "gelu": ("line", lambda x: x * normal_cdf(x), lambda x: normal_cdf(x) + x * normal_pdf(x)),
    "gelu_tanh": ("line", lambda x: x * gate(x), gelu_tanh_slope),
    "mish": ("line", lambda x: x * tanh(softplus(x)), mish_slope),
    "elu": ("line", *BASE),
    "celu": ("line", *BASE),
    "selu": ("line", lambda x: LAMBDA * (x if x > 0 else ALPHA * BASE[0](x)),
             lambda x: LAMBDA * (1 if x > 0 else ALPHA * exp(x))),
    "softsign": ("line", lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "tanhshrink": ("line", lambda x: x - tanh(x), lambda x: tanh(x) ** 2),
    "safe_log": ("line", lambda x: m.log(softplus(x) + EPS), lambda x: sigmoid(x) / (softplus(x) + EPS)),
    "smooth_abs": ("line", lambda x: m.sqrt(x * x + EPS), lambda x: x / m.sqrt(x * x + EPS)),
    "exp": ("line", exp, exp),
    "exp2": ("line", lambda x: exp(x * m.log(2)), lambda x: m.log(2) * exp(x * m.log(2))),
    "expm1": ("line", lambda x: m.expm1(x) if x < HUGE else m.inf, exp),
    "log": ("positive", m.log, lambda x: 1 / x),
    "log1p": ("above -1", m.log1p, lambda x: 1 / (1 + x)),
    "log2": ("positive", lambda x: m.log(x) / m.log(2), lambda x: 1 / (x * m.log(2))),
    "log10": ("positive", lambda x: m.log(x) / m.log(10), lambda x: 1 / (x * m.log(10))),
    "logit": ("unit", lambda x: m.log(x / (1 - x)), lambda x: 1 / (x * (1 - x))),
    "square": ("line", lambda x: x * x, lambda x: 2 * x),
    "sqrt": ("positive", m.sqrt, lambda x: 1 / (2 * m.sqrt(x))),
    "rsqrt": ("positive", lambda x: 1 / m.sqrt(x), lambda x: -1 / (2 * x * m.sqrt(x))),
    "reciprocal": ("line", lambda x: 1 / x, lambda x: -1 / (x * x)),
    "safe_reciprocal": ("positive", lambda x: 1 / (x + EPS), lambda x: -1 / (x + EPS) ** 2),
    "sin": ("turns", m.sin, m.cos),
    "cos": ("turns", m.cos, lambda x: -m.sin(x)),
    "tan": ("turns", m.tan, lambda x: 1 / m.cos(x) ** 2),
    "sinc": ("turns", sinc, sinc_slope),
    "sinh": ("line", lambda x: hyperbolic(m.sinh, x), lambda x: hyperbolic(m.cosh, x)),
    "cosh": ("line", lambda x: hyperbolic(m.cosh, x), lambda x: hyperbolic(m.sinh, x)),
    "asin": ("inside", m.asin, lambda x: 1 / m.sqrt(1 - x * x)),
    "acos": ("inside", m.acos, lambda x: -1 / m.sqrt(1 - x * x)),
    "atan": ("line", m.atan, lambda x: 1 / (1 + x * x)),
    "asinh": ("line", m.asinh, lambda x: 1 / m.sqrt(x * x + 1)),
    "acosh": ("above 1", m.acosh, lambda x: 1 / m.sqrt((x - 1) * (x + 1))),
    "atanh": ("inside", m.atanh, lambda x: 1 / ((1 - x) * (1 + x))),
    "erf": ("line", lambda x: 1 - erfc(x), erf_slope),
    "erfc": ("line", erfc, lambda x: -erf_slope(x)),
    "hard_swish": ("line", lambda x: x * min(max(x + 3, 0), 6) / 6,
                   lambda x: mpf(1) if x >= 3 else (x / 3 + mpf(1) / 2 if x > -3 else mpf(0))),
    "pow_half": ("positive", lambda x: x ** mpf(2.5), lambda x: mpf(2.5) * x ** mpf(1.5)),
    "pow_minus_three": ("line", lambda x: x**-3, lambda x: -3 * x**-4),
    # √(x² + 3²) and the angle of (3, x)
    "hypot": ("line", lambda x: m.sqrt(x * x + 9), lambda x: x / m.sqrt(x * x + 9)),
    "atan2": ("line", lambda x: m.atan2(x, 3), lambda x: 3 / (x * x + 9)),
    "logaddexp": ("line", lambda x: max(x, mpf(2)) + m.log1p(exp(-abs(x - 2))), lambda x: sigmoid(x - 2)),
    "xlogy": ("positive", lambda x: x * m.log(3), lambda x: m.log(3)),
    "glu": ("line", lambda x: 3 * sigmoid(x), lambda x: 3 * sigmoid_slope(x)),
    "bce_with_logits": ("line", lambda x: softplus(-x), lambda x: -sigmoid(-x)),
}

TINY = ["5e-324", "1e-320", "1e-310", "2.5e-308", "1e-300", "1e-200", "1e-160", "1e-150", "1e-100", "1e-50"]
SINGLE_TINY = ["1.4e-45", "1e-43", "1e-39", "1.2e-38", "1e-37", "1e-30", "1e-20", "3e-16", "1e-12"]
MIDDLE = ["1e-8", "1e-6", "3e-5", "1e-4", "1e-3", "0.01", "0.03", "0.1", "0.2", "0.3", "0.4", "0.45", "0.5", "0.53",
          "0.56", "0.6", "0.7", "0.8", "0.9", "0.98", "1", "1.1", "1.2", "1.35", "1.5", "1.75", "2", "2.4", "2.8", "3",
          "3.4", "3.8", "4", "4.3", "4.7", "5", "5.5", "6", "6.5", "7", "8", "9", "10", "11", "12.5", "13", "14", "16",
          "17", "18.5", "20", "22", "25", "26", "28", "30", "35", "36.5", "38", "40", "45", "52", "60", "80", "87", "88",
          "100", "150", "300", "350", "370", "500", "700", "708", "1e3", "1e4", "1e5", "1e6"]
GREAT = ["1e8", "3e9", "1e12", "1e15", "1e18", "3e19", "1e22", "1e25", "1e30", "1e37", "3e38"]
DOUBLE_GREAT = ["1e50", "1e100", "1e150", "1.2e154", "1.5e154", "1e160", "1e200", "1e300", "1.7e308"]


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def points(domain):
    words = TINY + SINGLE_TINY + MIDDLE + GREAT + DOUBLE_GREAT
    numbers = []
    for word in words:
        x = float(word)
        # So that single precision has it too, and its neighbourhood is not all round numbers.
        numbers.append(x if x < 1e-46 or x > 3.4e38 else single(x))
    if domain == "positive":
        return numbers
    if domain == "unit":
        small = [x for x in numbers if x < 0.55]
        return small + [1 - x for x in small if 1e-7 < x < 0.5]
    if domain == "inside":
        small = [x for x in numbers if x < 1] + [1 - 2.0**-k for k in (2, 8, 12, 20, 23)]
        return [y for x in small for y in (x, -x)]
    if domain == "above 1":
        return [single(1 + x) for x in numbers if 1e-6 < x < 1e8] + [x for x in numbers if x > 1e8]
    if domain == "above -1":
        return [y for x in numbers for y in (x, -x) if y > -1] + [-1 + 2.0**-k for k in (2, 8, 12, 20, 23)]
    if domain == "turns":
        return [y for x in numbers if x < 1e6 for y in (x, -x)]
    return [y for x in numbers for y in (x, -x)]


def write(x):
    if m.isinf(x):
        return "inf" if x > 0 else "-inf"
    return m.nstr(x, 20, min_fixed=1, max_fixed=0) if x else "0"


if __name__ == "__main__":
    rows = []
    for name, (domain, value, slope) in ROWS.items():
        xs = points(domain)
        lines = ",\n".join(
            f'  ["{x!r}", "{write(value(mpf(x)))}", "{write(slope(mpf(x)))}"]' for x in xs
        )
        rows.append(f'{{"op": "{name}", "points": [\n{lines}\n]}}')
    print("[" + ",\n".join(rows) + "]")
