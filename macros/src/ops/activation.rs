//! Activations. Kinks and names follow PyTorch; `logistic`, `safe_log` and `smooth_abs` come from the
//! formal development.

use super::limits::{EPS_LIMITS, more_than_0, not_0};
use super::pointwise;
use crate::builder::V;
use crate::prim::Arith;

pointwise! {
    /// `max(x, 0)`; the derivative at 0 is 0.
    relu(x) also("ReLU relu_": "inplace") = x.maximum(x.int(0)), slopes |y| [y.gt(y.int(0))];
        "(x: [7]) -> [7] { relu }";

    /// `x` where `x > 0`, else `slope · x`; the derivative at 0 is `slope`.
    leaky_relu(x; slope = 0.01) also("LeakyReLU": "negative_slope") = x.select_gt(x.int(0), x, slope * x);
        "(x: [7]) -> [7] { leaky_relu }", "(x: [7]) -> [7] { leaky_relu(0.2) }";

    /// `x` where `x > 0`, else `alpha · (eˣ − 1)`.
    elu(x; alpha = 1) also("ELU": "alpha") = x.select_gt(x.int(0), x, alpha * x.exp_m1());
        "(x: [7]) -> [7] { elu }", "(x: [7]) -> [7] { elu(alpha = 0.7) }";

    /// `λ · elu(x, α)` with the constants of Klambauer et al. 2017.
    selu(x) = {
        let (scale, alpha) = (x.decimal(10_507_009_873_554_805, -16), x.decimal(16_732_632_423_543_772, -16));
        scale * x.select_gt(x.int(0), x, alpha * x.exp_m1())
    };
        "(x: [7]) -> [7] { selu }";

    /// `1 / (1 + e⁻ˣ)`, without overflow.
    sigmoid(x) also("expit": "") = x.sigmoid();
        "(x: [7]) -> [7] { sigmoid }";

    /// `eˣ / (eˣ + 1)`: `sigmoid` under the name of the formal development, computed without overflow.
    logistic(x) = x.sigmoid();
        "(x: [7]) -> [7] { logistic }";

    /// Hyperbolic tangent.
    tanh(x) = x.tanh();
        "(x: [7]) -> [7] { tanh }";

    /// `ln(1 + eˣ)`, without overflow and without PyTorch's threshold.
    softplus(x) also("Softplus": "beta threshold") = x.softplus();
        "(x: [7]) -> [7] { softplus }";

    /// `(x + √(x² + b)) / 2`, a `softplus` without `exp` (Barron 2021); `b` is positive.
    squareplus(x; b = 4 in more_than_0("its root is twice the value at 0")) = {
        let (root, half) = (x.hypot(b.sqrt()), x.decimal(5, -1));
        // For negative numbers the sum of the two has no digits left; their product is −b.
        x.select_gt(x.int(0), x * half + root * half, b * half / (root - x))
    }, slopes |y| [y / x.hypot(b.sqrt())];
        "(x: [7]) -> [7] { squareplus }", "(x: [7]) -> [7] { squareplus(b = 0.5) }";

    /// `x · sigmoid(x)`.
    silu(x) also("SiLU swish SwishLayer": "inplace") = x * x.sigmoid(), slopes |y| {
        let s = x.sigmoid();
        [y.mul_add(s.int(1) - s, s)]
    };
        "(x: [7]) -> [7] { silu }";

    /// `x · (1 + erf(x / √2)) / 2`, PyTorch's default form; accurate where `1 + erf` is nearly 0.
    gelu(x) also("GELU": "approximate") = x * x.normal_cdf(), slopes |_| [x.mul_add(x.normal_pdf(), x.normal_cdf())];
        "(x: [7]) -> [7] { gelu }";

    /// `x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2`. For negative `x` it is nearly `x · e^(2z)` with the argument
    /// `z` of tanh, whose rounding counts: up to `|z|` units of the last place.
    gelu_tanh(x) = x * gate(x), slopes |y| {
        // y·(1 − gate) first: where the square of x overflows it is 0.
        let (gate, (a, b)) = (gate(x), twice_inner(x));
        let rest = y * (x.int(1) - gate);
        [(rest * x).mul_add(x.int(3) * b * x, rest.mul_add(a, gate))]
    };
        "(x: [7]) -> [7] { gelu_tanh }";

    /// `x · tanh(softplus(x))`.
    mish(x) = x * x.softplus().tanh();
        "(x: [7]) -> [7] { mish }";

    /// `x` between `min` and `max`, else the bound; the derivative at the bounds is 0.
    hardtanh(x; min = -1, max = 1) also("Hardtanh hard_tanh": "min_val max_val")
        = within(x, min, max), slopes |_| [inside(x, min, max)];
        "(x: [7]) -> [7] { hardtanh }", "(x: [7]) -> [7] { hardtanh(min = -0.5, max = 0.25) }";

    /// `min(max(x, 0), 6)`; the derivative at 0 and at 6 is 0.
    relu6(x) = within(x, x.int(0), x.int(6)), slopes |_| [inside(x, x.int(0), x.int(6))];
        "(x: [7]) -> [7] { relu6(10 * x) }";

    /// `min(max(x / 6 + 1/2, 0), 1)`; the derivative at ±3 is 0.
    hard_sigmoid(x) also("Hardsigmoid": "") = within(x + x.int(3), x.int(0), x.int(6)) / x.int(6),
        slopes |_| [inside(x, x.int(-3), x.int(3)) / x.int(6)];
        "(x: [7]) -> [7] { hard_sigmoid(5 * x) }";

    /// `x · hard_sigmoid(x)`.
    hard_swish(x) also("Hardswish hard_silu": "") = x * (within(x + x.int(3), x.int(0), x.int(6)) / x.int(6)),
        slopes |_| {
            let middle = x / x.int(3) + x.decimal(5, -1);
            [x.int(3).select_gt(x, x.select_gt(x.int(-3), middle, x.int(0)), x.int(1))]
        };
        "(x: [7]) -> [7] { hard_swish(5 * x) }";

    /// `x` where `x > 0`, else `alpha · (e^(x / alpha) − 1)`.
    celu(x; alpha = 1 in not_0("`x` is divided by it; `relu` is what it tends to near 0")) also("CELU": "alpha") = x.select_gt(x.int(0), x, alpha * (x / alpha).exp_m1());
        "(x: [7]) -> [7] { celu }", "(x: [7]) -> [7] { celu(alpha = 0.7) }";

    /// `ln(sigmoid(x))`, without overflow.
    log_sigmoid(x) also("LogSigmoid": "") = -(-x).softplus();
        "(x: [7]) -> [7] { log_sigmoid }";

    /// `x / (1 + |x|)`.
    softsign(x) = x / (x.int(1) + x.abs()), slopes |_| {
        let inverse = x.int(1) / (x.int(1) + x.abs());
        [inverse * inverse]
    };
        "(x: [7]) -> [7] { softsign }";

    /// `x − tanh(x)`.
    tanhshrink(x) = {
        // Near 0 the difference cancels. There tanh x = x/(1 + z/(3 + z/(5 + …))) with z = x², a fraction of
        // polynomials.
        let (z, one) = (x * x, x.int(1));
        let (above, below) = tanh_fraction(z);
        one.select_gt(x.abs(), x * z * below / (above + z * below), x - x.tanh())
    };
        "(x: [7]) -> [7] { tanhshrink }";

    /// `x − lambda` where `x > lambda`, `x + lambda` where `x < −lambda`, else 0.
    softshrink(x; lambda = 0.5) also("soft_shrink shrink": "lambd")
        = x.select_gt(lambda, x - lambda, (-lambda).select_gt(x, x + lambda, x * x.int(0))),
        slopes |_| [x.select_gt(lambda, x.int(1), (-lambda).gt(x))];
        "(x: [7]) -> [7] { softshrink }", "(x: [7]) -> [7] { softshrink(lambda = 0.2) }";

    /// `x` where `|x| > lambda`, else 0.
    hardshrink(x; lambda = 0.5) also("hard_shrink": "lambd")
        = x.select_gt(lambda, x, (-lambda).select_gt(x, x, x * x.int(0))),
        slopes |_| [x.select_gt(lambda, x.int(1), (-lambda).gt(x))];
        "(x: [7]) -> [7] { hardshrink }", "(x: [7]) -> [7] { hardshrink(lambda = 0.2) }";

    /// `x` where `x > threshold`, else `value`.
    threshold(x; threshold, value) = {
        // Where the two are equal their difference is 0; where x is NaN it is kept.
        let equal = (x - threshold) + value;
        x.select_gt(threshold, x, threshold.select_gt(x, value, equal))
    }, slopes |_| [x.gt(threshold)];
        "(x: [7]) -> [7] { threshold(0.4, -1.5) }";

    /// `ln(softplus(x) + eps)`.
    safe_log(x; eps = 1e-6 in EPS_LIMITS) = (x.softplus() + eps).ln();
        "(x: [7]) -> [7] { safe_log }";

    /// `√(x² + eps)`.
    smooth_abs(x; eps = 1e-6 in EPS_LIMITS) = x.hypot(eps.sqrt());
        "(x: [7]) -> [7] { smooth_abs }";
}

/// `3 + z/(5 + z/(7 + … z/19))`, as a numerator and a denominator.
fn tanh_fraction(z: V<'_>) -> (V<'_>, V<'_>) {
    // From the inside out, k + z/(n/d) = (k·n + z·d)/n.
    (1..=8).rev().fold((z.int(19), z.int(1)), |(n, d), k| (z.int(2 * k + 1) * n + z * d, n))
}

/// `a` and `b` of `2·√(2/π)·(x + 0.044715 x³) = a·x + b·x³`.
fn twice_inner(x: V<'_>) -> (V<'_>, V<'_>) {
    let a = x.decimal(15_957_691_216_057_308, -16);
    (a, a * x.decimal(44_715, -6))
}

/// `(1 + tanh(z)) / 2`, as `sigmoid(2z)`: less work, and right where tanh is nearly −1.
fn gate(x: V<'_>) -> V<'_> {
    let (a, b) = twice_inner(x);
    (x * (x * x).mul_add(b, a)).sigmoid()
}

/// `x` between two bounds, else the bound; NaN stays.
pub(super) fn within<'b>(x: V<'b>, min: V<'b>, max: V<'b>) -> V<'b> {
    let low = min.select_gt(x, min, x);
    low.select_gt(max, max, low)
}

/// 1 strictly between two bounds, else 0.
pub(super) fn inside<'b>(x: V<'b>, min: V<'b>, max: V<'b>) -> V<'b> {
    x.select_gt(min, max.gt(x), x.int(0))
}
