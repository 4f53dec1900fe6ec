//! Rounding and division with remainder. Integers do not vary: what rounding yields has no derivative.

use super::pointwise;
use crate::prim::Arith;

pointwise! {
    /// The greatest integer that is not above `x`; its derivative is 0.
    floor(x) = x.floor();
        "(x: [7]) -> [7] { floor(3 * x) }", "(x: [7]) -> [7] { x * floor(3 * x) }";

    /// The least integer that is not below `x`; its derivative is 0.
    ceil(x) = -(-x).floor();
        "(x: [7]) -> [7] { ceil(3 * x) }";

    /// The nearest integer, the even one of two that are equally near; its derivative is 0.
    round(x) = x.round();
        "(x: [7]) -> [7] { round(3 * x) }";

    /// The integer next to `x` in the direction of 0; its derivative is 0.
    trunc(x) also("fix": "") = x.trunc();
        "(x: [7]) -> [7] { trunc(3 * x) }";

    /// `x − trunc(x)`, with the derivative 1.
    frac(x) = x - x.trunc();
        "(x: [7]) -> [7] { frac(3 * x) }";

    /// 1 where `x > 0`, −1 where `x < 0`, else 0; its derivative is 0.
    sign(x) also("sgn signum": "") = x.sign();
        "(x: [7]) -> [7] { sign(x - 0.5) }";

    /// `a − trunc(a / b) · b`, exactly: what is left of `a`, with its sign.
    fmod(a, b) = a.fmod(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { fmod(3 * a, b) }";

    /// `a − floor(a / b) · b`, exactly: what is left of `a`, with the sign of `b`.
    remainder(a, b) = {
        let (zero, left) = (a.int(0), a.fmod(b));
        let up = zero.select_gt(left, left + b, left);
        let down = left.select_gt(zero, left + b, left);
        b.select_gt(zero, up, zero.select_gt(b, down, left))
    };
        "(a: [2, 3], b: [3]) -> [2, 3] { remainder(3 * a, b) }";
}
