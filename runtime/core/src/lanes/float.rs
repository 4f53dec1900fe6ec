//! What lanes of floating-point numbers can do besides arithmetic.

use super::Lanes;
use super::math::Numbers;

/// Lanes of `f32` or `f64`: the operations that the functions in [`super::math`] are made of.
///
/// Where an argument is called *bits*, the operation is one of the representation as an integer.
pub trait Float: Lanes<Scalar: Numbers> {
    /// One answer per lane.
    type Mask: Copy;

    /// `self > other`; no where either is NaN
    fn gt(self, other: Self) -> Self::Mask;
    /// `self ≥ other`; no where either is NaN
    fn ge(self, other: Self) -> Self::Mask;
    /// Whether the two differ, or either is NaN
    fn ne(self, other: Self) -> Self::Mask;
    /// Whether any lane says yes
    fn any(mask: Self::Mask) -> bool;
    /// `x` where the mask says yes, `y` elsewhere
    fn choose(mask: Self::Mask, x: Self, y: Self) -> Self;

    /// The greater of the two; `self` where that is NaN
    fn at_least(self, low: Self) -> Self;
    /// The less of the two; `self` where that is NaN
    fn at_most(self, high: Self) -> Self;
    /// The square root
    fn root(self) -> Self;

    /// The bits that both have
    fn and(self, other: Self) -> Self;
    /// The bits of `self` without those of `other`
    fn without(self, other: Self) -> Self;
    /// The bits that either has
    fn or(self, other: Self) -> Self;
    /// The bits that just one has
    fn xor(self, other: Self) -> Self;
    /// The sum of the bits as integers
    fn add_bits(self, other: Self) -> Self;
    /// The bits moved up by the width of the mantissa: a low integer becomes an exponent
    fn to_exponent(self) -> Self;
    /// The bits moved down by the width of the mantissa
    fn of_exponent(self) -> Self;

    /// `self · 2ⁿ` for `self` and result normal numbers or the result infinite, an integer `n` and
    /// `t = n + Numbers::MAGIC`; if `n` is NaN, any number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn scale_normal(self, n: Self, t: Self) -> Self {
        let _ = n;
        self.add_bits(t.to_exponent())
    }

    /// `self · 2ⁿ`, rounded once, for an integer `n` within twice the range of exponents and
    /// `t = n + Numbers::MAGIC`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn scale(self, n: Self, t: Self) -> Self {
        let _ = t;
        // Two factors, because 2ⁿ itself need not be a normal number. The first product is exact
        // or overflows.
        let (magic, one) = (Self::number(Numbers::MAGIC), Self::number(Numbers::UNIT));
        let half = n.mul_add(Self::number(Numbers::HALF), magic);
        let rest = (n - (half - magic)) + magic;
        self * one.add_bits(half.to_exponent()) * one.add_bits(rest.to_exponent())
    }

    /// Whether [`Lanes::mul_add`] rounds once.
    const FUSED: bool = false;

    /// What rounding took from the square `z` of `self`: `self² − z`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn square_rest(self, z: Self) -> Self {
        if Self::FUSED {
            return self.mul_add(self, -z);
        }
        // Dekker 1971: products of halves are exact.
        let high = self.without(Self::number(Numbers::LOW_HALF));
        let low = self - high;
        ((high * high - z) + (high + high) * low) + low * low
    }

    /// Whether [`Float::look_up`] and [`Float::scale_floor`] are one instruction each, so that functions
    /// better use tables.
    const TABLES: bool = false;

    /// The number of a table that the lowest four bits of `self` count.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn look_up(self, table: &'static [Self::Scalar; 16]) -> Self {
        Self::from_fn(|i| table[self.lane(i).low_bits()])
    }

    /// `self · 2ⁿ`, rounded once, where `n` is the greatest integer up to a number `m` of sixteenths
    /// within twice the range of exponents.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn scale_floor(self, m: Self) -> Self {
        // Not quite one half less, so that none of 16 neighbours is rounded to another integer.
        let t = (m - Self::number(Numbers::NEARLY_HALF)) + Self::number(Numbers::MAGIC);
        self.scale(t - Self::number(Numbers::MAGIC), t)
    }

    /// `2ⁿ`, rounded once, for an integer `n` of at most 0 within twice the range of exponents and
    /// `t = n + Numbers::MAGIC`; if `n` is NaN, any number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn power(n: Self, t: Self) -> Self {
        let _ = n;
        // A greater power is a normal number; what is exact is made smaller.
        let up = (t + Self::number(Numbers::DOWN_BITS)).to_exponent();
        Self::number(Numbers::UNIT).add_bits(up) * Self::number(Numbers::DOWN)
    }

    /// A number `m` in 0.75 … 1.5 and an integer `k` with `self = m · 2ᵏ`, for positive `self`,
    /// subnormal ones too. Whatever else `self` is, [`Float::mend_ln`] knows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split(self) -> (Self, Self) {
        let tiny = Self::number(Numbers::TINY).gt(self);
        let up = self * Self::number(Numbers::UP);
        let (m, k) = Self::choose(tiny, up, self).split_normal();
        (m, k - Self::choose(tiny, Self::number(Numbers::UP_BITS), Self::number(Numbers::NULL)))
    }

    /// [`Float::split`] of normal numbers.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split_normal(self) -> (Self, Self) {
        // Where the mantissa is 1.5 or more this carries into the exponent.
        let carried = self.add_bits(Self::number(Numbers::QUARTER_BITS));
        let m = carried.and(Self::number(Numbers::MANTISSA));
        // The exponent with its bias, as an integer after the leading bit of 2²³ or 2⁵².
        let e = carried.of_exponent().or(Self::number(Numbers::INTEGER));
        (m.add_bits(Self::number(Numbers::THREE_QUARTERS)), e - Self::number(Numbers::BIASED))
    }

    /// The logarithm of `x` where `self` is what came of [`Float::split`] of it: the limits at 0 and
    /// ∞, NaN below 0.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mend_ln(self, x: Self) -> Self {
        let null = Self::number(Numbers::NULL);
        let (nan, pole) = (Self::number(Numbers::NAN), Self::number(Numbers::MINUS_INFINITY));
        let finite = Self::choose(x.gt(Self::number(Numbers::GREATEST)), x, self);
        Self::choose(x.gt(null), finite, Self::choose(x.ge(null), pole, nan))
    }

    /// `self`. Several vectors side by side wait here for each other.
    ///
    /// A scheduler that is short of registers for constants would rather compute one vector after
    /// the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn in_step(self) -> Self {
        self
    }
    /// [`Float::in_step`] of several vectors
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn all_in_step<const C: usize>(xs: [Self; C]) -> [Self; C] {
        xs
    }

    /// A constant in all lanes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn number(x: Self::Scalar) -> Self {
        Self::splat(x)
    }
    /// The bits of `self` without the sign
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn magnitude(self) -> Self {
        self.without(Self::number(Numbers::SIGN))
    }
    /// The sign of `self`, alone
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sign(self) -> Self {
        self.and(Self::number(Numbers::SIGN))
    }
}
