//! Functions for `f64` on lanes that look up one of 16 numbers in one instruction: those of AVX-512.
//!
//! Arguments are reduced 16 times as far as by powers of two alone, and logarithms are those of numbers
//! near 1, so that polynomials need half as many coefficients. For `f32`, whose polynomials are short, that
//! would not pay.
//!
//! The powers `2^(j/16)` are not those but numbers nearby, so chosen that their inverses are numbers of type
//! `f64` but for a thousandth of a rounding error, and what their logarithms are off by, a table too, are
//! multiples of 2⁻⁵⁸ as nearly: subtracting that from the small rest of an argument is exact.
//!
//! Instructions that wait for nothing are cheap, and polynomials are in pairs of coefficients therefore.

#![allow(clippy::excessive_precision, reason = "coefficients to the last digit")]

use super::Numbers;
use crate::lanes::Float;

/// Nearly `2^(j/16)`, in 40 bits, such that the inverse is nearly a number of type `f64`
const POWERS: [f64; 16] = [
    1.0,
    1.0442735689885012,
    1.0905075111713813,
    1.1387885450003523,
    1.189207177829303,
    1.2418578049400821,
    1.2968395833195245,
    1.3542552364397125,
    1.4142134229859948,
    1.4768264687154442,
    1.5422104970166401,
    1.6104900185491715,
    1.6817926350304333,
    1.7562518524100597,
    1.8340077561060752,
    1.9152067946488387,
];
/// `ln POWERS[j] − j/16·ln 2`
const SHIFTS: [f64; 16] = [
    0.0,
    -2.0438982385045934e-07,
    -2.0311080075816057e-07,
    -7.881738554177398e-08,
    5.283064610436816e-08,
    -5.744137426128004e-09,
    2.2106446746078534e-08,
    -2.2927520331242346e-07,
    -9.856156862539378e-08,
    2.185605330121132e-07,
    -2.1293543673098214e-07,
    -1.94599189498601e-07,
    -1.1623132385729651e-07,
    -1.7535253409375895e-07,
    -1.8009914972902386e-07,
    1.2178930560227674e-07,
];

/// How many numbers around `1 + j/CELLS` share a row of the next two tables: so many that 1 is in the last.
const CELLS: f64 = 15.4;
/// Nearly `1 / (1 + j/CELLS)`, such that the logarithm is nearly a number of type `f64`
const INVERSES: [f64; 16] = [
    1.0,
    0.938812255859375,
    0.8842620849609375,
    0.837646484375,
    0.7941436767578125,
    0.755615234375,
    0.7193145751953125,
    0.688232421875,
    0.657867431640625,
    0.6309356689453125,
    0.60650634765625,
    0.583770751953125,
    0.5627899169921875,
    0.5417327880859375,
    0.523468017578125,
    0.5072021484375,
];
/// Minus the logarithms of [`INVERSES`]
const LOGARITHMS: [f64; 16] = [
    0.0,
    0.06313976027649068,
    0.12300178408472207,
    0.177159123860894,
    0.2304908810095562,
    0.28022298160064724,
    0.32945649928713083,
    0.37362867560523116,
    0.41875183962574597,
    0.4605513725965764,
    0.500040084607871,
    0.5382469212465261,
    0.5748488696945259,
    0.6129824100238832,
    0.6472793439893546,
    0.6788456399897405,
];

/// 3/2 times two to the width of the mantissa less four bits: adding it rounds to sixteenths, whose
/// number is in the low bits of the sum.
const MAGIC: f64 = f64::MAGIC / 16.0;

/// `x = m·ln 2 + ln p + r`: `m` is a number of sixteenths, which the low bits of `t` count, and `p` is what
/// [`POWERS`] have there, less the power of two.
struct Reduced<V> {
    m: V,
    t: V,
    r: V,
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn reduce<V: Float<Scalar = f64>>(x: V) -> Reduced<V> {
    let magic = V::number(MAGIC);
    let t = x.mul_add(V::number(f64::LOG2_E), magic);
    let m = t - magic;
    let r = m.mul_add(-V::number(f64::LN2_HIGH), x);
    let r = m.mul_add(-V::number(f64::LN2_LOW), r) - t.look_up(&SHIFTS);
    Reduced { m, t, r: r.in_step() }
}

/// `c + d·x`
#[cfg_attr(not(debug_assertions), inline(always))]
fn pair<V: Float<Scalar = f64>>(x: V, c: f64, d: f64) -> V {
    x.mul_add(V::number(d), V::number(c))
}

/// `eʳ − 1` for |r| ≤ ln 2 / 32, with an error below 2⁻⁵⁵, and 2⁻⁵⁷ for r > 0: little beside 1
#[cfg_attr(not(debug_assertions), inline(always))]
fn exp_m1_near<V: Float<Scalar = f64>>(r: V) -> V {
    let z = r * r;
    let p = pair(r, 0.04166666533158941, 0.008333471117383574);
    let p = z.mul_add(V::number(0.001390913086096063), p);
    let p = p.mul_add(z, pair(r, 0.5000000000001987, 0.16666666664451463));
    p.mul_add(z, r)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp<V: Float<Scalar = f64>>(x: V) -> V {
    let x = x.at_least(V::number(f64::EXP_LOW)).at_most(V::number(f64::EXP_HIGH));
    let Reduced { m, t, r } = reduce(x);
    let power = t.look_up(&POWERS);
    exp_m1_near(r).mul_add(power, power).scale_floor(m)
}

/// `e^(x + rest)`, where rounding took the rest from `x`, for `x` as in [`super::generic::exp_finite`]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_sum<V: Float<Scalar = f64>>(x: V, rest: V) -> V {
    let Reduced { m, t, r } = reduce(x);
    let power = t.look_up(&POWERS);
    exp_m1_near(r + rest).mul_add(power, power).scale_floor(m)
}

/// The sigmoid of −|x|
#[cfg_attr(not(debug_assertions), inline(always))]
fn lower_sigmoid<V: Float<Scalar = f64>>(x: V) -> V {
    // e/(1 + e) = e − e·e/(1 + e), where the division's error is a small part. `softplus` has the same e, for
    // its derivative to share.
    let a = x.or(V::number(f64::SIGN)).at_least(V::number(f64::EXP_LOW));
    let Reduced { m, t, r } = reduce(a);
    let power = t.look_up(&POWERS).scale_floor(m);
    let e = exp_m1_near(r).mul_add(power, power);
    (e / (e + V::number(1.0))).mul_add(-e, e)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sigmoid<V: Float<Scalar = f64>>(x: V) -> V {
    // For positive x what that of −|x| lacks to 1, as without tables.
    let y = lower_sigmoid(x);
    V::choose(x.gt(V::number(0.0)), V::number(1.0) - y, y)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sigmoid_slope<V: Float<Scalar = f64>>(x: V) -> V {
    let y = lower_sigmoid(x);
    y * (V::number(1.0) - y)
}

/// `e^(−2|x|)` as the sum of a first part, beside which 1 is exact, and a small one, and the tanh of |x|.
struct Tanh<V> {
    first: V,
    small: V,
    y: V,
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn tanh_in_parts<V: Float<Scalar = f64>>(x: V) -> Tanh<V> {
    let a = x.magnitude().at_most(V::number(f64::TANH_HIGH));
    let magic = V::number(MAGIC);
    let t = a.mul_add(V::number(-f64::TWO_LOG2_E), magic);
    let m = t - magic;
    let r = m.mul_add(V::number(-f64::LN2_HIGH), -(a + a));
    let r = m.mul_add(V::number(-f64::LN2_LOW), r) - t.look_up(&SHIFTS);
    let power = t.look_up(&POWERS).scale_floor(m);
    // (1 − e^(−2a)) / (1 + e^(−2a)). Where the power is above 2⁻¹², what 1 and it make is exact, and the
    // rest is added last; elsewhere, all of it is a small part.
    let (null, one) = (V::number(0.0), V::number(1.0));
    let great = power.gt(V::number(1.0 / 4096.0));
    let (first, last) = (V::choose(great, power, null), V::choose(great, null, power));
    // eʳ − 1 again, right to the last bit relative to r, and with the greatest part last: near 0, nothing
    // else counts.
    let z = r * r;
    let p = pair(r, 0.001388906347556763, 0.00019841463826261545);
    let p = p.mul_add(z, pair(r, 0.04166666666359425, 0.008333333332991954));
    let p = p.mul_add(z, pair(r, 0.5000000000000001, 0.16666666666666669));
    let small = r.mul_add(power, p.mul_add(power * z, last));
    Tanh { first, small, y: ((one - first) - small) / ((one + first) + small) }
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn tanh<V: Float<Scalar = f64>>(x: V) -> V {
    tanh_in_parts(x).y.or(x.sign())
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn tanh_slope<V: Float<Scalar = f64>>(x: V) -> V {
    let Tanh { first, small, y } = tanh_in_parts(x);
    // 4e/(1 + e)² with 2/(1 + e) = 1 + y
    let sum = y + V::number(1.0);
    (first + small) * (sum * sum)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn softplus<V: Float<Scalar = f64>>(x: V) -> V {
    // max(x, 0) + ln(1 + e^(−|x|))
    let y = x.or(V::number(f64::SIGN)).at_least(V::number(f64::EXP_LOW));
    let Reduced { m, t, r } = reduce(y);
    let power = t.look_up(&POWERS).scale_floor(m);
    // 1 + e^(−|x|) = (1 + f) / c, and c by the greatest part of the power, which is there early.
    let at = power.mul_add(V::number(CELLS), V::number(f64::MAGIC));
    let (c, logarithm) = (at.look_up(&INVERSES), at.look_up(&LOGARITHMS));
    let f = c.mul_add(exp_m1_near(r).mul_add(power, power), c - V::number(1.0)).in_step();
    let z = f * f;
    let p = pair(f, -0.12519729532772986, 0.11058951883602462);
    let p = p.mul_add(z, pair(f, -0.16666654474671675, 0.14285807728222413));
    let p = p.mul_add(z, pair(f, -0.2500000000241787, 0.19999999958856154));
    let p = p.mul_add(z, pair(f, -0.4999999999999992, 0.33333333333337584));
    (x.at_least(V::number(0.0)) + logarithm) + p.mul_add(z, f)
}
