//! Elementary functions and arithmetic.

use super::pointwise;
use crate::build::V;
use crate::number::Num;

pointwise! {
    /// `eˣ`.
    exp(x) ["exp"] = x.exp();
        "(x: [7]) -> [7] { exp }";

    /// `eˣ − 1`, accurate near 0.
    expm1(x) ["expm1"] = x.exp_m1();
        "(x: [7]) -> [7] { expm1 }";

    /// Natural logarithm; NaN below 0.
    log(x) ["log"] = x.ln();
        "(x: [7]) -> [7] { log }";

    /// `ln(1 + x)`, accurate near 0.
    log1p(x) ["log1p"] = x.ln_1p();
        "(x: [7]) -> [7] { log1p }";

    /// `x²`.
    square(x) ["square"] = x * x, slopes |_| [x + x];
        "(x: [7]) -> [7] { square }";

    /// `√x`; NaN below 0, and an infinite derivative at 0.
    sqrt(x) ["sqrt"] = x.sqrt();
        "(x: [7]) -> [7] { sqrt }";

    /// `√max(x, 0)`, whose derivative is 0 where `x ≤ 0`: the formal development's square root.
    safe_sqrt(x) ["safe_sqrt"] = x.maximum(x.int(0)).sqrt(),
        slopes |y| [x.select_gt(x.int(0), x.decimal(5, -1) / y, x.int(0))];
        "(x: [7]) -> [7] { safe_sqrt }";

    /// Sine.
    sin(x) ["sin"] = x.sin();
        "(x: [7]) -> [7] { sin }";

    /// Cosine.
    cos(x) ["cos"] = x.cos();
        "(x: [7]) -> [7] { cos }";

    /// Hyperbolic sine.
    sinh(x) ["sinh"] = x.sinh();
        "(x: [7]) -> [7] { sinh }";

    /// Hyperbolic cosine.
    cosh(x) ["cosh"] = x.cosh();
        "(x: [7]) -> [7] { cosh }";

    /// The error function, `2/√π ∫₀ˣ e^(−t²) dt`.
    erf(x) ["erf"] = x.erf();
        "(x: [7]) -> [7] { erf }";

    /// `|x|`; the derivative at 0 is 0.
    abs(x) ["abs"] = x.int(0).select_gt(x, -x, x),
        slopes |_| [x.select_gt(x.int(0), x.int(1), x.int(0).select_gt(x, x.int(-1), x.int(0)))];
        "(x: [7]) -> [7] { abs }";

    /// `1 / x`.
    reciprocal(x) ["reciprocal"] = x.int(1) / x, slopes |y| [-(y * y)];
        "(x: [7]) -> [7] { reciprocal }";

    /// `1 / (x + eps)`: the formal development's `safe_inv`.
    safe_reciprocal(x; eps = (1, -6)) ["safe_reciprocal(eps = 1e-6)"] = x.int(1) / (x + eps),
        slopes |y| [-(y * y)];
        "(x: [7]) -> [7] { safe_reciprocal(0.25) }";

    /// `−x`.
    neg(x) ["neg"] = -x;
        "(x: [7]) -> [7] { neg }";

    /// `x · by`.
    scale(x; by) ["scale(by)"] = x * by;
        "(x: [7]) -> [7] { scale(2.5) }";

    /// `x` to a constant power. Whole exponents up to 16 are products, others need `x > 0`.
    pow(x; exponent) ["pow(exponent)"] = power(x, exponent),
        slopes |_| [exponent * power(x, exponent - exponent.int(1))];
        "(x: [7]) -> [7] { pow(3) }", "(x: [7]) -> [7] { pow(-2) }", "(x: [7]) -> [7] { pow(1.5) }";

    /// `x` between `min` and `max`, else the bound; the derivative at the bounds is 0.
    clamp(x; min, max) ["clamp(min, max)"] = x.select_gt(max, max, min.select_gt(x, min, x)),
        slopes |_| [x.select_gt(min, max.gt(x), x.int(0))];
        "(x: [7]) -> [7] { clamp(-0.5, 0.25) }";

    /// `a + b`, also written as an operator. Shapes broadcast, as in all ops of two values.
    add(a, b) ["add(b)"] = a + b;
        "(a: [2, 3], b: [3]) -> [2, 3] { add(a, b) }", "(a: [2, 1, 3], b: [4, 1]) -> [2, 4, 3] { a + b }";

    /// `a − b`.
    sub(a, b) ["sub(b)"] = a - b;
        "(a: [2, 3], b: [2, 1]) -> [2, 3] { sub(a, b) }";

    /// `a · b`, element by element.
    mul(a, b) ["mul(b)"] = a * b;
        "(a: [2, 3], b: [3]) -> [2, 3] { mul(a, b) }";

    /// `a / b`, element by element.
    div(a, b) ["div(b)"] = a / b;
        "(a: [2, 3], b: [3]) -> [2, 3] { div(a, b) }";

    /// The greater of two, NaN if either is; where they are equal each gets half the gradient.
    maximum(a, b) ["maximum(b)"] = a.maximum(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { maximum(a, b) }";

    /// The lesser of two, NaN if either is; where they are equal each gets half the gradient.
    minimum(a, b) ["minimum(b)"] = {
        // Equal, or one of them NaN, which the mean keeps.
        let half = a.decimal(5, -1);
        a.select_gt(b, b, b.select_gt(a, a, half * a + half * b))
    };
        "(a: [2, 3], b: [3]) -> [2, 3] { minimum(a, b) }";
}

/// `x^r` by multiplication where `r` is a small whole number.
fn power<'b>(x: V<'b>, r: V<'b>) -> V<'b> {
    let b = x.builder();
    match b.as_num(r.var) {
        Some(Num::Ratio(n @ 0..=16, 1)) => product(x, n),
        Some(Num::Ratio(n @ -16..=-1, 1)) => x.int(1) / product(x, -n),
        _ => x.powf(r),
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
