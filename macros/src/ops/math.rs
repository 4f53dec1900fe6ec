//! Elementary functions and arithmetic.

use super::activation::{inside, within};
use super::limits::{EPS_LIMITS, whole};
use super::pointwise;
use crate::builder::V;
use crate::number::Num;
use crate::prim;
use crate::prim::Arith;

pointwise! {
    /// `eˣ`.
    exp(x) = x.exp();
        "(x: [7]) -> [7] { exp }";

    /// `eˣ − 1`, accurate near 0.
    expm1(x) also("exp_m1": "") = x.exp_m1();
        "(x: [7]) -> [7] { expm1 }";

    /// `2ˣ`.
    exp2(x) = x.exp2();
        "(x: [7]) -> [7] { exp2 }";

    /// Natural logarithm; NaN below 0.
    log(x) also("ln": "") = x.ln();
        "(x: [7]) -> [7] { log }";

    /// `ln(1 + x)`, accurate near 0.
    log1p(x) also("ln_1p": "") = x.ln_1p();
        "(x: [7]) -> [7] { log1p }";

    /// Binary logarithm; NaN below 0.
    log2(x) = x.ln() * x.decimal(14_426_950_408_889_634, -16);
        "(x: [7]) -> [7] { log2 }";

    /// Decimal logarithm; NaN below 0.
    log10(x) = x.ln() * x.decimal(4_342_944_819_032_518, -16);
        "(x: [7]) -> [7] { log10 }";

    /// `ln(x / (1 − x))`, the inverse of `sigmoid`, accurate near 0, ½ and 1; NaN outside 0 … 1.
    /// `clamp(eps, 1 - eps)` before it is what PyTorch calls its option `eps`.
    logit(x) = {
        // Near ½ the logarithm is near 0 and its argument near 1; there 2x − 1 is exact.
        let (one, far) = (x.int(1), (x / (x.int(1) - x)).ln());
        let near = x.int(2) * (x + x - one).atanh();
        x.select_gt(x.decimal(25, -2), x.decimal(75, -2).select_gt(x, near, far), far)
    }, slopes |y| {
        let (slope, one) = (x.int(1) / (x * (x.int(1) - x)), x.int(1));
        // Outside y is NaN, and so is what is 0 elsewhere.
        let outside = slope + (y + -y);
        [x.int(0).select_gt(x, outside, x.select_gt(one, outside, slope))]
    };
        "(x: [7]) -> [7] { logit(0.8 * x) }";

    /// `ln(eᵃ + eᵇ)`, without overflow.
    logaddexp(a, b) = log_add_exp(a, b);
        "(a: [2, 3], b: [3]) -> [2, 3] { logaddexp(a, b) }";

    /// `a · ln b`, and 0 where `a` is 0, unless `b` is NaN.
    xlogy(a, b) = x_log_y(a, b), slopes |_| {
        let (zero, ln) = (a.int(0), b.ln());
        // Where ln b is no number, a = 0 makes it one.
        let masked = a.select_gt(zero, ln, zero.select_gt(a, ln, zero));
        [b.select_gt(zero, ln, masked), a / b]
    };
        "(a: [2, 3], b: [3]) -> [2, 3] { xlogy(a, b) }";

    /// `x`, which passes no derivative on: what it is computed from counts as constant. PyTorch's
    /// `Tensor.detach`.
    stop_gradient(x) also("detach lax_stop_gradient": "") = x.stop_gradient();
        "(x: [7]) -> [7] { c = stop_gradient(x), c * sin(x) }";

    /// `x²`.
    square(x) = x * x, slopes |_| [x + x];
        "(x: [7]) -> [7] { square }";

    /// `√x`; NaN below 0, and an infinite derivative at 0.
    sqrt(x) = x.sqrt();
        "(x: [7]) -> [7] { sqrt }";

    /// `∛x`, with the sign of `x`; its derivative is infinite at 0.
    cbrt(x) = x.cbrt();
        "(x: [7]) -> [7] { cbrt }";

    /// `1 / √x`; NaN below 0.
    rsqrt(x) = x.int(1) / x.sqrt(), slopes |y| [x.decimal(-5, -1) * (y * y * y)];
        "(x: [7]) -> [7] { rsqrt }";

    /// `√(a² + b²)`, also where the squares overflow or underflow.
    hypot(a, b) = a.hypot(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { hypot(a, b) }";

    /// `√max(x, 0)`, whose derivative is 0 where `x ≤ 0`: the formal development's square root.
    safe_sqrt(x) = x.maximum(x.int(0)).sqrt(),
        slopes |y| [x.select_gt(x.int(0), x.decimal(5, -1) / y, x.int(0))];
        "(x: [7]) -> [7] { safe_sqrt }";

    /// Sine.
    sin(x) = x.sin();
        "(x: [7]) -> [7] { sin }";

    /// Cosine.
    cos(x) = x.cos();
        "(x: [7]) -> [7] { cos }";

    /// Tangent.
    tan(x) = x.sin() / x.cos(), slopes |y| [x.int(1) + y * y];
        "(x: [7]) -> [7] { tan }";

    /// Inverse of the sine; NaN beyond ±1, where its derivative is infinite.
    asin(x) also("arcsin": "") = x.asin();
        "(x: [7]) -> [7] { asin(0.8 * x) }";

    /// Inverse of the cosine, in `0 … π`; NaN beyond ±1, where its derivative is infinite.
    acos(x) also("arccos": "") = x.acos();
        "(x: [7]) -> [7] { acos(0.8 * x) }";

    /// Inverse of the tangent.
    atan(x) also("arctan": "") = x.atan();
        "(x: [7]) -> [7] { atan }";

    /// The angle of the point `(b, a)`, in `−π … π`: the inverse tangent of `a / b` in the right quadrant.
    atan2(a, b) also("arctan2": "") = a.atan2(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { atan2(a, b) }";

    /// `sin(πx) / (πx)`, 1 at 0.
    sinc(x) = {
        // Near 0 the series: of its derivative nothing cancels.
        let (pi, half) = (x.decimal(3_141_592_653_589_793, -15), x.decimal(5, -1));
        let z = x * pi;
        let square = z * z;
        let term = |n: i128, sum| x.int(1) - square / x.int(2 * n * (2 * n + 1)) * sum;
        let series = (1..=7).rev().fold(x.int(1), |sum, n| term(n, sum));
        // The sine of π times what x is off the nearest integer n, which is exact, and with its sign if n is even.
        let n = x.round();
        let sin = ((x - n) * pi).sin();
        let odd = (n * half - (n * half).floor()) * x.int(4) - x.int(1);
        half.select_gt(z.abs(), series, odd.select_gt(x.int(0), -sin, sin) / z)
    };
        "(x: [7]) -> [7] { sinc }";

    /// Hyperbolic sine.
    sinh(x) = x.sinh();
        "(x: [7]) -> [7] { sinh }";

    /// Hyperbolic cosine.
    cosh(x) = x.cosh();
        "(x: [7]) -> [7] { cosh }";

    /// `ln cosh x`, also where `cosh x` overflows: `x²/2` near 0 and `|x| − ln 2` far from it. As a loss, write
    /// `mean(logcosh(p - t))`.
    logcosh(x) = {
        let (size, one) = (x.abs(), x.int(1));
        let (sinh, ln_2) = (x.sinh(), x.decimal(6_931_471_805_599_453, -16));
        let far = size + (-(size + size)).exp().ln_1p() - ln_2;
        one.select_gt(size, x.decimal(5, -1) * (sinh * sinh).ln_1p(), far)
    };
        "(x: [7]) -> [7] { logcosh }";

    /// Inverse of the hyperbolic sine.
    asinh(x) also("arcsinh": "") = x.asinh();
        "(x: [7]) -> [7] { asinh }";

    /// Inverse of the hyperbolic cosine; NaN below 1, and its derivative is infinite at 1.
    acosh(x) also("arccosh": "") = x.acosh();
        "(x: [7]) -> [7] { acosh(x + 1) }";

    /// Inverse of the hyperbolic tangent; NaN beyond ±1.
    atanh(x) also("arctanh": "") = x.atanh();
        "(x: [7]) -> [7] { atanh(0.8 * x) }";

    /// The error function, `2/√π ∫₀ˣ e^(−t²) dt`.
    erf(x) = x.erf();
        "(x: [7]) -> [7] { erf }";

    /// `1 − erf(x)`, accurate where that is small.
    erfc(x) = x.erfc();
        "(x: [7]) -> [7] { erfc }";

    /// `ln |Γ(x)|`, the logarithm of the gamma function; infinite at 0 and the negative integers. Its derivative is
    /// `digamma`.
    lgamma(x) also("gammaln ln_gamma loggamma": "") = x.lgamma();
        "(x: [7]) -> [7] { lgamma(x + 1.5) }";

    /// `ψ(x) = Γ′(x) / Γ(x)`; NaN at the negative integers.
    digamma(x) also("psi": "") = x.digamma();
        "(x: [7]) -> [7] { digamma(x + 1.5) }";

    /// `ψ⁽ⁿ⁾(x)`, the `n`-th derivative of `digamma`, for a whole `n` from 0 to 169.
    polygamma(x; n in whole(169.0, "a whole number up to 169", "it counts derivatives")) = x.polygamma(n);
        "(x: [7]) -> [7] { polygamma(x + 1.5, 1) }";

    /// `|x|`; the derivative at 0 is 0.
    abs(x) also("absolute fabs": "") = x.abs(), slopes |_| [x.sign()];
        "(x: [7]) -> [7] { abs }";

    /// `1 / x`.
    reciprocal(x) also("recip inv inverse": "") = x.int(1) / x, slopes |y| [-(y * y)];
        "(x: [7]) -> [7] { reciprocal }";

    /// `1 / (x + eps)`: the formal development's `safe_inv`.
    safe_reciprocal(x; eps = 1e-6 in EPS_LIMITS) = x.int(1) / (x + eps),
        slopes |y| [-(y * y)];
        "(x: [7]) -> [7] { safe_reciprocal(0.25) }";

    /// `−x`.
    neg(x) also("negative": "") = -x;
        "(x: [7]) -> [7] { neg }";

    /// `x · by`.
    scale(x; by) = x * by;
        "(x: [7]) -> [7] { scale(2.5) }";

    /// `x` to the power of `exponent`; either may be a number. Whole numbers up to ±16 are products. Where `x < 0`
    /// any exponent that is not whole gives NaN, and the derivative by the exponent is NaN.
    pow(x, r) ["exponent"] also("powf powi": "") = {
        let two = x.builder().as_num(x.var).is_some_and(|base| base.is(2));
        if two { r.exp2() } else { power(x, r) }
    }, slopes |y| {
        let number = |x: V<'_>| x.builder().as_num(x.var);
        if number(r).is_some() {
            vec![power_slope(x, r), x.int(0)]
        } else if number(x).is_some_and(|base| base.is(2)) {
            vec![x.int(0), r.decimal(6_931_471_805_599_453, -16) * y]
        } else {
            vec![prim::base_slope(x, r), prim::exponent_slope(x, r, y)]
        }
    };
        "(x: [7]) -> [7] { pow(3) }", "(x: [7]) -> [7] { pow(-2) }", "(x: [7]) -> [7] { pow(1.5) }",
        "(x: [2, 3], r: [3]) -> [2, 3] { pow(x, r) }", "(r: [7]) -> [7] { pow(2, r) }",
        "(r: [7]) -> [7] { pow(0.3, r) }";

    /// `x` between `min` and `max`, else the bound; the derivative at the bounds is 0.
    clamp(x; min, max) = within(x, min, max),
        slopes |_| [inside(x, min, max)];
        "(x: [7]) -> [7] { clamp(-0.5, 0.25) }";

    /// `a + b`, also written as an operator. Shapes broadcast, as in all ops of two values.
    add(a, b) = a + b;
        "(a: [2, 3], b: [3]) -> [2, 3] { add(a, b) }", "(a: [2, 1, 3], b: [4, 1]) -> [2, 4, 3] { a + b }";

    /// `a − b`.
    sub(a, b) also("subtract": "") = a - b;
        "(a: [2, 3], b: [2, 1]) -> [2, 3] { sub(a, b) }";

    /// `a · b`, element by element.
    mul(a, b) also("multiply": "") = a * b;
        "(a: [2, 3], b: [3]) -> [2, 3] { mul(a, b) }";

    /// `a / b`, element by element.
    div(a, b) also("divide true_divide": "") = a / b;
        "(a: [2, 3], b: [3]) -> [2, 3] { div(a, b) }";

    /// `a + weight · (b − a)`.
    lerp(a, b; weight) = a + weight * (b - a);
        "(a: [2, 3], b: [3]) -> [2, 3] { lerp(a, b, 0.3) }";

    /// The greater of two, NaN if either is; where they are equal each gets half the gradient.
    maximum(a, b) = a.maximum(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { maximum(a, b) }";

    /// The lesser of two, NaN if either is; where they are equal each gets half the gradient.
    minimum(a, b) = {
        -(-a).maximum(-b)
    };
        "(a: [2, 3], b: [3]) -> [2, 3] { minimum(a, b) }";
}

/// `a · ln b`, and 0 where `a` is 0, unless `b` is NaN.
pub(super) fn x_log_y<'b>(a: V<'b>, b: V<'b>) -> V<'b> {
    let (zero, product) = (a.int(0), a * b.ln());
    // 1, or NaN where b is.
    let one = b.select_gt(zero, a.int(1), zero.select_gt(b, a.int(1), b + a.int(1)));
    a.select_gt(zero, product, zero.select_gt(a, product, a * one))
}

/// `ln(eᵃ + eᵇ)`, without overflow.
pub(super) fn log_add_exp<'b>(a: V<'b>, b: V<'b>) -> V<'b> {
    // Where the two are equal, also if they are infinite, the difference is 0.
    let below = a.select_gt(b, b - a, b.select_gt(a, a - b, a.int(0)));
    a.maximum(b) + below.softplus()
}

/// `x^r` by multiplication where `r` is a small whole number.
pub(super) fn power<'b>(x: V<'b>, r: V<'b>) -> V<'b> {
    let b = x.builder();
    match b.as_num(r.var) {
        Some(Num::Ratio(n @ 0..=16, 1)) => product(x, n),
        Some(Num::Ratio(n @ -16..=-1, 1)) => inverse_product(x.int(1), x, -n),
        _ => x.powf(r),
    }
}

/// `r · x^(r − 1)`: a product where [`power`] is one, also if the exponent is not as small any more.
pub(super) fn power_slope<'b>(x: V<'b>, r: V<'b>) -> V<'b> {
    match x.builder().as_num(r.var) {
        Some(Num::Ratio(0, 1)) => x.int(0),
        Some(Num::Ratio(n @ 1..=16, 1)) => r * product(x, n - 1),
        Some(Num::Ratio(n @ -16..=-1, 1)) => inverse_product(r, x, 1 - n),
        _ => r * x.powf(r - r.int(1)),
    }
}

/// `a / xⁿ`, in two steps: `xⁿ` alone may overflow where that is not 0.
fn inverse_product<'b>(a: V<'b>, x: V<'b>, n: i128) -> V<'b> {
    match n {
        0 | 1 => a / product(x, n),
        _ => a / product(x, n / 2) / product(x, n - n / 2),
    }
}

fn product<'b>(x: V<'b>, n: i128) -> V<'b> {
    match n {
        0 => x.int(1),
        1 => x,
        _ => {
            let half = product(x, n / 2);
            if n % 2 == 0 { half * half } else { half * half * x }
        }
    }
}
