//! The normal distribution and what is near it: functions with a factor `e^(−x²)`.
//!
//! Squares are not rounded here: what rounding takes from a square of 700 is a factor of its own. Tails are
//! products of that power and a polynomial, of which nothing cancels; so they are accurate down to where they
//! are 0.

use super::Numbers;
use crate::lanes::Float;

/// `e^(−a²)`, or with `halved` `e^(−a²/2)`, of an `a` beyond which the square leaves no range.
#[cfg_attr(not(debug_assertions), inline(always))]
fn power<V: Float>(a: V, halved: bool) -> V {
    let z = a * a;
    let rest = a.square_rest(z);
    let factor = -V::number(if halved { Numbers::HALF } else { Numbers::UNIT });
    V::Scalar::exp_sum_lanes(z * factor, rest * factor)
}

/// The magnitude, up to where `e^(−x²)` is 0
#[cfg_attr(not(debug_assertions), inline(always))]
fn within<V: Float>(x: V) -> V {
    x.magnitude().at_most(V::number(Numbers::GAUSSIAN_HIGH))
}

/// The magnitude, up to where `e^(−x²/2)` is 0
#[cfg_attr(not(debug_assertions), inline(always))]
fn within_normal<V: Float>(x: V) -> V {
    x.magnitude().at_most(V::number(Numbers::NORMAL_HIGH))
}

/// `e^(a²)·erfc(a)` of a positive number
#[cfg_attr(not(debug_assertions), inline(always))]
fn scaled<V: Float>(a: V) -> V {
    // With v = 1/(a + c), a polynomial of v times v. The number that v is the inverse of is a little off a, and
    // next to 0 that counts four times: the logarithm's derivative is nearly −k·v².
    let one = V::number(Numbers::UNIT);
    let sum = a + V::number(Numbers::ERFC_SHIFT);
    let v = one / sum;
    let off = v * (-v).mul_add(sum, one);
    V::Scalar::erfc_poly(v) * off.mul_add(v * V::number(Numbers::ERFC_SLOPE), v)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn gaussian<V: Float>(x: V) -> V {
    power(within(x), false)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn normal_pdf<V: Float>(x: V) -> V {
    power(within_normal(x), true) * V::number(Numbers::INVERSE_SQRT_TWO_PI)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn erfc<V: Float>(x: V) -> V {
    let a = within(x);
    let tail = power(a, false) * scaled(a);
    let null = V::number(Numbers::NULL);
    V::choose(null.gt(x), V::number(Numbers::TWO) - tail, tail)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn normal_cdf<V: Float>(x: V) -> V {
    let a = within_normal(x);
    let half = V::number(Numbers::HALF);
    let tail = (power(a, true) * half) * scaled(a * V::number(Numbers::SQRT_HALF));
    V::choose(x.gt(V::number(Numbers::NULL)), V::number(Numbers::UNIT) - tail, tail)
}
