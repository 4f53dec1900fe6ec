//! Inverses of the trigonometric and the hyperbolic functions.

use super::Numbers;
use super::generic::ln_1p;
use crate::lanes::Float;

/// `ln(1 + t)`, or where the mask says yes `ln 2x`, of an `x` beside which 1 is nothing.
#[cfg_attr(not(debug_assertions), inline(always))]
fn ln_1p_or_twice<V: Float>(great: V::Mask, x: V, t: V) -> V {
    let more = V::choose(great, V::number(Numbers::LN2), V::number(Numbers::NULL));
    ln_1p(V::choose(great, x, t)) + more
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn asinh<V: Float>(x: V) -> V {
    // ln(a + √(a² + 1)), less 1 in the logarithm: a + a²/(1 + √(a² + 1)), which has no difference.
    let (a, one) = (x.magnitude(), V::number(Numbers::UNIT));
    let square = x * x;
    let t = a + square / (one + (square + one).root());
    ln_1p_or_twice(a.gt(V::number(Numbers::INTEGER)), a, t).or(x.sign())
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn acosh<V: Float>(x: V) -> V {
    // ln(x + √(x² − 1)) with x² − 1 = t(t + 2).
    let one = V::number(Numbers::UNIT);
    let t = x - one;
    let t = t + t.mul_add(t, t + t).root();
    let y = ln_1p_or_twice(x.gt(V::number(Numbers::INTEGER)), x, t);
    V::choose(x.ge(one), y, V::number(Numbers::NAN))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn atanh<V: Float>(x: V) -> V {
    // ln((1 + a)/(1 − a))/2, less 1 in the logarithm. Beyond 1 it is the logarithm of a negative number.
    let a = x.magnitude();
    let t = (a + a) / (V::number(Numbers::UNIT) - a);
    (ln_1p(t) * V::number(Numbers::HALF)).or(x.sign())
}
