//! The functions, for `f32` and `f64` alike.

use super::Numbers;
use crate::lanes::Float;

/// `x = n·ln 2 + r` with an integer `n`, and `t = n + MAGIC`.
struct Reduced<V> {
    n: V,
    t: V,
    r: V,
}

/// Takes a multiple of ln 2 from `x`, whose magnitude is below that of [`Numbers::EXP_LOW`].
#[cfg_attr(not(debug_assertions), inline(always))]
fn reduce<V: Float>(x: V) -> Reduced<V> {
    let magic = V::number(Numbers::MAGIC);
    let t = x.mul_add(V::number(Numbers::LOG2_E), magic);
    let n = t - magic;
    let r = n.mul_add(-V::number(Numbers::LN2_HIGH), x);
    let r = n.mul_add(-V::number(Numbers::LN2_LOW), r);
    Reduced { n, t, r }
}

/// `eʳ − 1` for |r| ≤ ln 2 / 2
#[cfg_attr(not(debug_assertions), inline(always))]
fn exp_m1_near<V: Float>(r: V) -> V {
    let z = r * r;
    V::Scalar::exp_m1_poly(r, z).mul_add(z, r)
}

/// `e^(x + rest)`, where rounding took the rest from `x`, for `x` as in [`exp_finite`]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_sum<V: Float>(x: V, rest: V) -> V {
    let Reduced { n, t, r } = reduce(x);
    (exp_m1_near(r + rest) + V::number(Numbers::UNIT)).scale(n, t)
}

/// `eˣ` of what is not above [`Numbers::EXP_HIGH`] or below [`Numbers::EXP_LOW`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_finite<V: Float>(x: V) -> V {
    let Reduced { n, t, r } = reduce(x);
    (exp_m1_near(r) + V::number(Numbers::UNIT)).scale(n, t)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp<V: Float>(x: V) -> V {
    let x = x.at_least(V::number(Numbers::EXP_LOW)).at_most(V::number(Numbers::EXP_HIGH));
    exp_finite(x)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp2<V: Float>(x: V) -> V {
    // Further out than results are finite and not 0, near enough for `scale`.
    let low = V::number(Numbers::EXP_LOW);
    let x = x.at_least(low + low).at_most(-(low + low));
    let magic = V::number(Numbers::MAGIC);
    let t = x + magic;
    let n = t - magic;
    let r = (x - n) * V::number(Numbers::LN2);
    (exp_m1_near(r) + V::number(Numbers::UNIT)).scale(n, t)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_m1<V: Float>(x: V) -> V {
    let y = x.at_least(V::number(Numbers::EXP_M1_LOW)).at_most(V::number(Numbers::EXP_HIGH));
    let Reduced { n, t, r } = reduce(y);
    // Half of 2ⁿ(eʳ − 1) + 2ⁿ − 1, because 2ⁿ may be too much; the greatest two parts of it first,
    // whose sum is exact where it cancels.
    let half = V::number(Numbers::HALF);
    let s = half.scale_normal(n, t);
    let z = r * r;
    let rest = V::Scalar::exp_m1_poly(r, z) * z;
    let e = rest.mul_add(s, r.mul_add(s, s - half));
    // Half of a subnormal number may not be a number.
    V::choose(V::number(Numbers::TINY).gt(x.magnitude()), x, e + e)
}

/// `e^(−|x|)` in parts: `2ⁿ` and `q`, for `2ⁿ(1 + q)`. Whoever takes [`softplus`] and its slope, [`sigmoid`],
/// of a number takes this once: the compiler sees the equal terms.
#[cfg_attr(not(debug_assertions), inline(always))]
fn lower_exp<V: Float>(x: V) -> (V, V) {
    let Reduced { n, t, r } =
        reduce(x.or(V::number(Numbers::SIGN)).at_least(V::number(Numbers::EXP_LOW)));
    (V::power(n, t), exp_m1_near(r))
}

/// The sigmoid of −|x|
#[cfg_attr(not(debug_assertions), inline(always))]
fn lower_sigmoid<V: Float>(x: V) -> V {
    // e/(1 + e) with e = e^(−|x|)
    let (s, q) = lower_exp(x);
    let e = q.mul_add(s, s);
    e / (e + V::number(Numbers::UNIT))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sigmoid<V: Float>(x: V) -> V {
    let y = lower_sigmoid(x);
    V::choose(x.gt(V::number(Numbers::NULL)), V::number(Numbers::UNIT) - y, y)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sigmoid_slope<V: Float>(x: V) -> V {
    let y = lower_sigmoid(x);
    y * (V::number(Numbers::UNIT) - y)
}

/// The tanh of |x|, and 1 − that
struct Tanh<V> {
    y: V,
    rest: V,
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn tanh_in_parts<V: Float>(x: V) -> Tanh<V> {
    let a = x.magnitude().at_most(V::number(Numbers::TANH_HIGH));
    let far = a.gt(V::number(Numbers::TANH_FAR));
    // 2a = n·ln 2 − r
    let magic = V::number(Numbers::MAGIC);
    let t = a.mul_add(V::number(Numbers::TWO_LOG2_E), magic);
    let n = t - magic;
    let twice = a * V::number(Numbers::MINUS_TWO);
    let (down, one) = (V::number(Numbers::DOWN), V::number(Numbers::UNIT));
    let mut factor = V::number(Numbers::TWICE_DOWN);
    let r = if V::FUSED {
        // What the last bit of ln 2 lacks counts where e⁻²ᵃ is alone, and later than here.
        factor = n.mul_add(V::number(Numbers::LN2_REST_DOWN), factor);
        n.mul_add(V::number(Numbers::LN2), twice)
    } else {
        n.mul_add(V::number(Numbers::LN2_LOW), n.mul_add(V::number(Numbers::LN2_HIGH), twice))
    };
    let q = exp_m1_near(r);
    // Far from 0, 1 − 2e/(1 + e) with e = e⁻²ᵃ = 2⁻ⁿ(1 + q); near it, a − a³·p/d. One division for both. Times 2ⁿ
    // above and below, and times what keeps that finite.
    let s = down.scale_normal(n, t);
    let z = a * a;
    let (p, d) = V::Scalar::tanh_quotient(z);
    let numerator = V::choose(far, q.mul_add(factor, factor), (a * z) * p);
    let denominator = V::choose(far, q.mul_add(down, s + down), d);
    let quotient = numerator / denominator;
    let null = V::number(Numbers::NULL);
    Tanh { y: V::choose(far, one, a) - quotient, rest: V::choose(far, null, one - a) + quotient }
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn tanh<V: Float>(x: V) -> V {
    tanh_in_parts(x).y.or(x.sign())
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn tanh_slope<V: Float>(x: V) -> V {
    // 1 − y² = (1 − y)(1 + y)
    let Tanh { y, rest } = tanh_in_parts(x);
    rest.mul_add(y, rest)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn softplus<V: Float>(x: V) -> V {
    // max(x, 0) + ln(1 + e) with e = e^(−|x|)
    let (s, q) = lower_exp(x);
    let e = q.mul_add(s, s).in_step();
    // Small parts first, and 2ⁿ last: e itself has been rounded.
    let small = q.mul_add(s, x.at_least(V::number(Numbers::NULL)));
    V::Scalar::ln_1p_rest(e, small) + s
}

/// `ln(1 + f) + k·ln 2`
#[cfg_attr(not(debug_assertions), inline(always))]
fn ln_near<V: Float>(f: V, k: V) -> V {
    let z = f * f;
    let y = V::Scalar::ln_poly(f, z) * (f * z);
    let y = k.mul_add(V::number(Numbers::LN2_LOW), y);
    let y = z.mul_add(-V::number(Numbers::HALF), y);
    k.mul_add(V::number(Numbers::LN2_HIGH), f + y)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn ln<V: Float>(x: V) -> V {
    let (m, k) = x.split();
    ln_near(m - V::number(Numbers::UNIT), k).mend_ln(x)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn ln_1p<V: Float>(x: V) -> V {
    let one = V::number(Numbers::UNIT);
    let (_, k) = (x + one).split_normal();
    // 1 + x = 2ᵏ(1 + f), and f from x itself, without the rounding of 1 + x. 2⁻ᵏ may be subnormal.
    let s = V::number(Numbers::FOUR).scale_normal(-k, V::number(Numbers::MAGIC) - k);
    let s = s * V::number(Numbers::QUARTER);
    let y = ln_near(x.mul_add(s, s - one), k);
    let (nan, pole) = (V::number(Numbers::NAN), V::number(Numbers::MINUS_INFINITY));
    let y = V::choose(x.gt(V::number(Numbers::GREATEST)), x, y);
    let y = V::choose(x.gt(-one), y, V::choose(x.ge(-one), pole, nan));
    y.or(x.sign())
}

/// A quarter of `e^|x|`, which for itself may be too much, and a quarter of its inverse.
#[cfg_attr(not(debug_assertions), inline(always))]
fn quarters<V: Float>(x: V) -> (V, V) {
    let Reduced { n, t, r } = reduce(x.magnitude().at_most(V::number(Numbers::COSH_HIGH)));
    let quarter = V::number(Numbers::QUARTER);
    let e = exp_m1_near(r) + V::number(Numbers::UNIT);
    let e = e * quarter.scale_normal(n, t);
    (e, quarter * quarter / e)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn cosh<V: Float>(x: V) -> V {
    let (e, inverse) = quarters(x);
    let sum = e + inverse;
    sum + sum
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sinh<V: Float>(x: V) -> V {
    let (e, inverse) = quarters(x);
    let (a, difference) = (x.magnitude(), e - inverse);
    let z = a * a;
    let near = V::Scalar::sinh_poly(z).mul_add(z * a, a);
    V::choose(a.gt(V::number(Numbers::UNIT)), difference + difference, near).or(x.sign())
}

/// The nearest integer, the even one of two.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn round<V: Float>(x: V) -> V {
    // From here on every number is an integer, and sums are rounded to integers.
    let (a, integer) = (x.magnitude(), V::number(Numbers::INTEGER));
    V::choose(integer.gt(a), (a + integer) - integer, a).or(x.sign())
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn floor<V: Float>(x: V) -> V {
    let y = round(x);
    V::choose(y.gt(x), y - V::number(Numbers::UNIT), y)
}

/// The sine of `x` and `quarters` quarter turns.
#[cfg_attr(not(debug_assertions), inline(always))]
fn wave<V: Float>(x: V, quarters: V) -> V {
    let (null, magic) = (V::number(Numbers::NULL), V::number(Numbers::MAGIC));
    let t = x.mul_add(V::number(Numbers::TWO_OVER_PI), magic);
    let n = t - magic;
    // The first difference is exact. What each of the next two lacks goes to the one after it, so
    // that one rounding counts.
    let parts = V::Scalar::HALF_PI;
    let first = n.mul_add(-V::number(parts[0]), x);
    let product = n * V::number(parts[1]);
    let second = first - product;
    let lost = (first - second) - product;
    let product = n.mul_add(V::number(parts[2]), -lost);
    let third = second - product;
    let lost = (second - third) - product;
    let r = third - n.mul_add(V::number(parts[3]), -lost);
    let z = r * r;
    let sin = V::Scalar::sin_poly(z).mul_add(z * r, r);
    let cos = V::Scalar::cos_poly(z).mul_add(z, -V::number(Numbers::HALF));
    let cos = cos.mul_add(z, V::number(Numbers::UNIT));
    // The last two bits of the number of quarters, as exponents.
    let turn = (t + quarters).to_exponent();
    let odd = turn.and(V::number(Numbers::TINY)).gt(null);
    let back = turn.and(V::number(Numbers::TINY) + V::number(Numbers::TINY)).gt(null);
    let y = V::choose(odd, cos, sin);
    V::choose(back, -y, y)
}

/// Lane by lane.
#[cold]
#[inline(never)]
fn one_by_one<V: Float>(x: &V, f: fn(V::Scalar) -> V::Scalar) -> V {
    V::from_fn(|i| f(x.lane(i)))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn sin<V: Float>(x: V) -> V {
    if V::any(x.magnitude().gt(V::number(Numbers::TURNS))) {
        return one_by_one(&x, crate::Real::sin);
    }
    // The sum of the parts has no sign where x is −0.
    wave(x, V::number(Numbers::NULL)).or(x.sign().and(V::choose(
        V::number(Numbers::TINY).gt(x.magnitude()),
        V::number(Numbers::SIGN),
        V::number(Numbers::NULL),
    )))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn cos<V: Float>(x: V) -> V {
    if V::any(x.magnitude().gt(V::number(Numbers::TURNS))) {
        return one_by_one(&x, crate::Real::cos);
    }
    wave(x, V::number(Numbers::UNIT))
}

/// `√(a² + b²)`
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn hypot<V: Float>(a: V, b: V) -> V {
    // Multiplied by a power of two where a square would overflow or lose digits.
    let (enlarge, reduce) = (V::number(Numbers::ENLARGE), V::number(Numbers::REDUCE));
    let (one, squarable) = (V::number(Numbers::UNIT), V::number(Numbers::SQUARABLE));
    let greater = a.magnitude().at_least(b.magnitude());
    let (great, small) = (greater.gt(squarable), (one / squarable).gt(greater));
    let scale = V::choose(great, reduce, V::choose(small, enlarge, one));
    let back = V::choose(great, enlarge, V::choose(small, reduce, one));
    let (a, b) = (a * scale, b * scale);
    a.mul_add(a, b * b).root() * back
}
