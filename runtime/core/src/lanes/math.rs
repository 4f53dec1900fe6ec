//! The elementary functions, on all lanes at once.
//!
//! No function has a branch, sine and cosine of great numbers apart. Each is written once, over [`Float`],
//! for all instruction sets and for `f32` and `f64`, which differ in coefficients. Only AVX-512 has four for
//! `f64` that are its own, `exp`, `sigmoid`, `tanh` and `softplus`: it looks up numbers of tables in one
//! instruction.
//!
//! The coefficients are our own: minimax polynomials, for `f32` rounded one after the other, so that
//! later ones make up for the rounding of earlier ones.
//!
//! The functions are right at ±0 with its sign, at ±∞, NaN and subnormal numbers. `powf`, `fmod`, `asin`,
//! `acos`, `atan`, `atan2` and `cbrt` are those of the standard library, `lgamma`, `digamma` and `polygamma` our own for single
//! numbers. All of these are computed lane by lane; sine and cosine are as well, by the standard library, where a vector has a
//! number above 3000 (`f32`) or 1.5 million (`f64`) in magnitude.
//!
//! How exact they are is in the guide, `pullback::guide::accuracy`.

mod f32;
mod f64;
mod tables;

use super::{Float, Lanes};
use crate::scalar::{Real, for_each_function};

/// A function by name, for what is written once for all functions.
#[doc(hidden)]
pub trait Function {
    /// The function of lanes that have the operations it is made of
    fn float<V: Float>(x: V) -> V;
    /// The function of any lanes
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V;
}

macro_rules! names {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)?) => $y:ident {
        float: $float:expr,
        lanes: $($lanes:ident)::+,
        $($rest:tt)*
    })*) => {$(
        names! { @name $Name $name $($other)? }

        #[cfg_attr(not(debug_assertions), inline(always))]
        pub(super) fn $name<V: Float>($x: V $(, $other: V)?) -> V {
            names!(@lanes [$($lanes)::+] $name $x $(, $other)?)
        }
    )*};
    // Functions of one argument have names, by which what is written for all of them calls them.
    (@name $Name:ident $name:ident) => {
        #[doc = concat!("[`Lanes::", stringify!($name), "`]")]
        #[doc(hidden)]
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl Function for $Name {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn float<V: Float>(x: V) -> V {
                $name(x)
            }
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
                x.$name()
            }
        }
    };
    (@name $Name:ident $name:ident $other:ident) => {};
    (@lanes [each] $name:ident $x:ident $(, $other:ident)?) => {
        V::from_fn(|i| Real::$name($x.lane(i) $(, $other.lane(i))?))
    };
    (@lanes [$lanes:path] $name:ident $x:ident $(, $other:ident)?) => {
        $lanes($x $(, $other)?)
    };
}
for_each_function!(names);

/// The functions of [`Lanes`] for lanes that are [`Float`].
macro_rules! methods {
    ($T:ident) => {
        $crate::scalar::for_each_function!($crate::lanes::math::methods, @each $T);
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn side_by_side<F: $crate::lanes::math::Function, const C: usize>(xs: [Self; C]) -> [Self; C]
        where
            $T: $crate::scalar::Real,
        {
            $crate::lanes::Wide::<Self, C>::function::<F>(xs)
        }
    };
    ([@ each $T:ident] $(
        $(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)*) => $y:ident { $($rest:tt)* }
    )*) => {$(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $name(self $(, $other: Self)*) -> Self
        where
            $T: $crate::scalar::Real,
        {
            $crate::lanes::math::$name(self $(, $other)*)
        }
    )*};
}
pub(super) use methods;

/// The polynomial `c₀ + c₁·x + …`.
macro_rules! horner {
    ($x:expr; $c:expr) => { V::number($c) };
    ($x:expr; $c:expr, $($rest:expr),+ $(,)?) => {
        horner!($x; $($rest),+).mul_add($x, V::number($c))
    };
}
use horner;

/// Two polynomials of as many coefficients, pairs of which are given: the second where the mask says
/// yes.
macro_rules! both {
    ($mask:expr, $x:expr; $near:expr, $far:expr) => {
        V::choose($mask, V::number($far), V::number($near))
    };
    ($mask:expr, $x:expr; $near:expr, $far:expr; $($rest:tt)+) => {
        both!($mask, $x; $($rest)+).mul_add($x, both!($mask, $x; $near, $far))
    };
}
use both;

/// `f32` and `f64`: constants and polynomials.
#[doc(hidden)]
pub trait Numbers: Real {
    /// 0
    const NULL: Self;
    /// 1
    const UNIT: Self;
    /// ½
    const HALF: Self;
    /// 15/32
    const NEARLY_HALF: Self;
    /// ¼
    const QUARTER: Self;
    /// −2
    const MINUS_TWO: Self;
    /// 2
    const TWO: Self;
    /// 4
    const FOUR: Self;
    /// ¾
    const THREE_QUARTERS: Self;
    /// The sign bit
    const SIGN: Self;
    /// The bits of the mantissa
    const MANTISSA: Self;
    /// One quarter of the leading bit of the mantissa, as an integer: what carries from 1.5 on.
    const QUARTER_BITS: Self;
    /// The lower half of the mantissa: the square of a number without it is exact.
    const LOW_HALF: Self;
    /// The least normal number
    const TINY: Self;
    /// The greatest finite number
    const GREATEST: Self;
    /// −∞
    const MINUS_INFINITY: Self;
    /// Not a number
    const NAN: Self;
    /// 3/2 times two to the width of the mantissa: adding it rounds to integers, which are the low
    /// bits of the sum.
    const MAGIC: Self;
    /// Two to the width of the mantissa.
    const INTEGER: Self;
    /// [`Numbers::INTEGER`] plus the bias of the exponent
    const BIASED: Self;
    /// What makes subnormal numbers normal
    const UP: Self;
    /// The binary logarithm of [`Numbers::UP`]
    const UP_BITS: Self;
    /// A power of two with half the least exponent
    const DOWN: Self;
    /// Twice [`Numbers::DOWN`]
    const TWICE_DOWN: Self;
    /// The binary logarithm of 1 / [`Numbers::DOWN`]
    const DOWN_BITS: Self;

    /// Squares of what is not above it, and not below its inverse, are normal numbers.
    const SQUARABLE: Self;
    /// A power of two: times it, what is below the inverse of [`Numbers::SQUARABLE`] is squarable.
    const ENLARGE: Self;
    /// The inverse of [`Numbers::ENLARGE`]
    const REDUCE: Self;

    /// log₂ e
    const LOG2_E: Self;
    /// 2·log₂ e
    const TWO_LOG2_E: Self;
    /// ln 2
    const LN2: Self;
    /// ln 2, but for its last bits: the product with an exponent is exact.
    const LN2_HIGH: Self;
    /// ln 2 − [`Numbers::LN2_HIGH`]
    const LN2_LOW: Self;
    /// What [`Numbers::LN2`] lacks to ln 2, times [`Numbers::TWICE_DOWN`]
    const LN2_REST_DOWN: Self;

    /// Below it `eˣ` is 0.
    const EXP_LOW: Self;
    /// Above it `eˣ` is ∞.
    const EXP_HIGH: Self;
    /// Below it `eˣ − 1` is −1.
    const EXP_M1_LOW: Self;
    /// Above it 1 − tanh² is 0.
    const TANH_HIGH: Self;
    /// Where tanh is a half: above it, it is rather 1 minus something.
    const TANH_FAR: Self;
    /// Above it cosh and sinh are ∞; two to the exponent of a quarter of eˣ is finite up to it.
    const COSH_HIGH: Self;

    /// √½
    const SQRT_HALF: Self;
    /// 1/√(2π)
    const INVERSE_SQRT_TWO_PI: Self;
    /// Above it `e^(−x²)` is 0.
    const GAUSSIAN_HIGH: Self;
    /// Above it `e^(−x²/2)` is 0.
    const NORMAL_HIGH: Self;
    /// The `c` of [`Numbers::erfc_poly`]
    const ERFC_SHIFT: Self;
    /// About `2/√π·c²`
    const ERFC_SLOPE: Self;

    /// 2/π
    const TWO_OVER_PI: Self;
    /// π/2 in parts, whose products with the quotients up to [`Numbers::TURNS`] are exact but for
    /// the last.
    const HALF_PI: [Self; 4];
    /// Up to here sine and cosine work in lanes.
    const TURNS: Self;

    /// `(eʳ − 1 − r) / r²` of r and z = r² for |r| ≤ ln 2 / 2
    fn exp_m1_poly<V: Float<Scalar = Self>>(r: V, z: V) -> V;
    /// `(ln(1 + f) − f + f²/2) / f³` of f and z = f² for f in −¼ … ½
    fn ln_poly<V: Float<Scalar = Self>>(f: V, z: V) -> V;
    /// `(a − tanh a) / a³` of z = a² for |a| up to [`Numbers::TANH_FAR`]: a numerator and a denominator
    fn tanh_quotient<V: Float<Scalar = Self>>(z: V) -> (V, V);
    /// `ln(1 + e) − e + y` for e in 0 … 1
    fn ln_1p_rest<V: Float<Scalar = Self>>(e: V, y: V) -> V;
    /// `(sinh a − a) / a³` of z = a² for |a| ≤ 1
    fn sinh_poly<V: Float<Scalar = Self>>(z: V) -> V;
    /// `(sin r − r) / r³` of z = r² for |r| ≤ π/4
    fn sin_poly<V: Float<Scalar = Self>>(z: V) -> V;
    /// `(cos r − 1 + r²/2) / r⁴` of z = r² for |r| ≤ π/4
    fn cos_poly<V: Float<Scalar = Self>>(z: V) -> V;
    /// The error function
    fn erf_lanes<V: Float<Scalar = Self>>(x: V) -> V;
    /// `(a + c)·e^(a²)·erfc(a)` of v = 1/(a + c)
    fn erfc_poly<V: Float<Scalar = Self>>(v: V) -> V;

    /// `eˣ`
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::exp(x)
    }
    /// `e^(x + rest)` of what [`generic::exp_finite`] takes and a rest that rounding took from it
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_sum_lanes<V: Float<Scalar = Self>>(x: V, rest: V) -> V {
        generic::exp_sum(x, rest)
    }
    /// 1/(1 + e⁻ˣ)
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sigmoid_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::sigmoid(x)
    }
    /// The hyperbolic tangent
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tanh_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::tanh(x)
    }
    /// The derivative of the sigmoid
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sigmoid_slope_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::sigmoid_slope(x)
    }
    /// The derivative of the hyperbolic tangent
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tanh_slope_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::tanh_slope(x)
    }
    /// ln(1 + eˣ)
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn softplus_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        generic::softplus(x)
    }

    /// The lowest four bits
    fn low_bits(self) -> usize;

    /// The bits that both have
    fn bits_and(self, other: Self) -> Self;
    /// The bits of `self` without those of `other`
    fn bits_without(self, other: Self) -> Self;
    /// The bits that either has
    fn bits_or(self, other: Self) -> Self;
    /// The bits that just one has
    fn bits_xor(self, other: Self) -> Self;
    /// The sum of the bits
    fn bits_add(self, other: Self) -> Self;
    /// The bits, moved up by the width of the mantissa
    fn bits_up(self) -> Self;
    /// The bits, moved down by the width of the mantissa
    fn bits_down(self) -> Self;
}

/// The items of [`Numbers`] that say the same of both types.
macro_rules! bits {
    ($T:ident, $mantissa:literal, $bias:literal) => {
        const NULL: Self = 0.0;
        const UNIT: Self = 1.0;
        const HALF: Self = 0.5;
        const NEARLY_HALF: Self = 0.46875;
        const QUARTER: Self = 0.25;
        const TWO: Self = 2.0;
        const FOUR: Self = 4.0;
        const MINUS_TWO: Self = -2.0;
        const THREE_QUARTERS: Self = 0.75;
        const SIGN: Self = -0.0;
        const MANTISSA: Self = $T::from_bits((1 << $mantissa) - 1);
        const QUARTER_BITS: Self = $T::from_bits(1 << ($mantissa - 1));
        const LOW_HALF: Self = $T::from_bits((1 << (($mantissa + 2) / 2)) - 1);
        const TINY: Self = $T::MIN_POSITIVE;
        const GREATEST: Self = $T::MAX;
        const MINUS_INFINITY: Self = $T::NEG_INFINITY;
        const NAN: Self = $T::NAN;
        const MAGIC: Self = (3u64 << ($mantissa - 1)) as $T;
        const INTEGER: Self = (1u64 << $mantissa) as $T;
        const BIASED: Self = ((1u64 << $mantissa) + $bias) as $T;
        const UP: Self = (1u64 << ($mantissa + 1)) as $T;
        const UP_BITS: Self = ($mantissa + 1) as $T;
        const DOWN: Self = $T::from_bits(($bias / 2) << $mantissa);
        const TWICE_DOWN: Self = 2.0 * Self::DOWN;
        const DOWN_BITS: Self = ($bias / 2 + 1) as $T;
        const SQUARABLE: Self = $T::from_bits(($bias + $bias * 3 / 8) << $mantissa);
        const ENLARGE: Self = $T::from_bits(($bias + $bias * 3 / 4) << $mantissa);
        const REDUCE: Self = $T::from_bits(($bias - $bias * 3 / 4) << $mantissa);

        #[inline(always)]
        fn low_bits(self) -> usize {
            (self.to_bits() % 16) as usize
        }
        #[inline(always)]
        fn bits_and(self, other: Self) -> Self {
            $T::from_bits(self.to_bits() & other.to_bits())
        }
        #[inline(always)]
        fn bits_without(self, other: Self) -> Self {
            $T::from_bits(self.to_bits() & !other.to_bits())
        }
        #[inline(always)]
        fn bits_or(self, other: Self) -> Self {
            $T::from_bits(self.to_bits() | other.to_bits())
        }
        #[inline(always)]
        fn bits_xor(self, other: Self) -> Self {
            $T::from_bits(self.to_bits() ^ other.to_bits())
        }
        #[inline(always)]
        fn bits_add(self, other: Self) -> Self {
            $T::from_bits(self.to_bits().wrapping_add(other.to_bits()))
        }
        #[inline(always)]
        fn bits_up(self) -> Self {
            $T::from_bits(self.to_bits() << $mantissa)
        }
        #[inline(always)]
        fn bits_down(self) -> Self {
            $T::from_bits(self.to_bits() >> $mantissa)
        }
    };
}
use bits;

mod generic;
mod inverse;
mod normal;

/// Functions that `f32` and `f64`, or their lanes, have each their own of.
mod own {
    use super::{Float, Numbers};

    macro_rules! own {
        ($($name:ident = $lanes:ident),*) => {$(
            #[cfg_attr(not(debug_assertions), inline(always))]
            pub(super) fn $name<V: Float>(x: V) -> V {
                V::Scalar::$lanes(x)
            }
        )*};
    }
    own!(
        exp = exp_lanes,
        sigmoid = sigmoid_lanes,
        sigmoid_slope = sigmoid_slope_lanes,
        tanh = tanh_lanes,
        tanh_slope = tanh_slope_lanes,
        softplus = softplus_lanes,
        erf = erf_lanes
    );
}
