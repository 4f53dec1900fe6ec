//! The numbers a network computes with.
//!
//! Generated code is generic over the scalar. [`Scalar`] is an ordered field: enough for linear
//! maps, products, sums, quotients, relu and the like, so those models also run over exact
//! rationals. [`Real`] adds the transcendental functions. A model asks for the weaker of the two
//! that its ops need.

use crate::lanes::{self, Kernel, Pack};
use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// An ordered field: `f32`, `f64`, rationals, and the number types of [`crate::check`].
///
/// Implementing it for a type of one's own takes the five operators, an order and the four items
/// without a default.
///
/// ```
/// use pullback::Scalar;
///
/// fn mean<T: Scalar>(xs: &[T]) -> T {
///     let sum = xs.iter().fold(T::ZERO, |sum, x| sum + *x);
///     sum / T::from_f64(xs.len() as f64)
/// }
/// assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
/// ```
pub trait Scalar:
    Copy
    + Debug
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The neutral element of addition.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;

    /// The number `numer / denom`, of which `approx` is the nearest `f64`.
    ///
    /// Floating-point types take `approx`; exact types take the quotient.
    fn constant(approx: f64, numer: i128, denom: i128) -> Self;

    /// The number `x`; exact types take the rational that the `f64` stands for.
    ///
    /// # Panics
    /// Exact types may panic on infinities and NaN, which they do not have, and where `x` does not
    /// fit their range.
    fn from_f64(x: f64) -> Self;

    /// `self · a + b`. Floating-point lanes may round once instead of twice.
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    /// The greater of two; NaN if either is NaN, as `torch.maximum`.
    #[inline(always)]
    #[expect(clippy::eq_op, reason = "the test for NaN of a generic number")]
    fn maximum(self, other: Self) -> Self {
        if self > other || self != self { self } else { other }
    }

    /// `self · slope` for a tangent or cotangent `self`: 0 where `self` is 0, whatever the slope is. What was not
    /// chosen passes nothing on even where its slope is infinite or NaN (a "strong zero", as in Enzyme).
    ///
    /// Types without infinities and NaN have nothing to do for it; one that carries a derivative does it for each
    /// of its parts.
    #[inline(always)]
    #[must_use]
    fn mul_strong(self, slope: Self) -> Self {
        self * slope
    }

    /// The number alone, for numbers that carry a derivative.
    #[inline(always)]
    #[must_use]
    fn stop_gradient(self) -> Self {
        self
    }

    /// Runs a kernel on the widest lanes this scalar has on this machine, chosen once per call.
    #[inline(always)]
    fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
        kernel.run::<Pack<Self, 1>>()
    }
}

/// A [`Scalar`] with the elementary functions, and those that round.
///
/// Each must be accurate near 0 and at the ends of the range: `sigmoid`, `tanh` and `softplus`
/// neither overflow nor turn into NaN for any finite argument.
pub trait Real: Scalar {
    /// `eˣ`
    fn exp(self) -> Self;
    /// `eˣ − 1`, accurate near 0
    fn exp_m1(self) -> Self;
    /// Natural logarithm
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0
    fn ln_1p(self) -> Self;
    /// Square root
    fn sqrt(self) -> Self;
    /// Sine
    fn sin(self) -> Self;
    /// Cosine
    fn cos(self) -> Self;
    /// Hyperbolic sine
    fn sinh(self) -> Self;
    /// Hyperbolic cosine
    fn cosh(self) -> Self;
    /// Hyperbolic tangent
    fn tanh(self) -> Self;
    /// `1 / (1 + e⁻ˣ)`
    fn sigmoid(self) -> Self;
    /// `ln(1 + eˣ)`
    fn softplus(self) -> Self;
    /// `2/√π · ∫₀ˣ e^(−t²) dt`
    fn erf(self) -> Self;
    /// `2ˣ`
    fn exp2(self) -> Self;
    /// Inverse of the sine
    fn asin(self) -> Self;
    /// Inverse of the cosine, in 0 … π
    fn acos(self) -> Self;
    /// Inverse of the tangent
    fn atan(self) -> Self;
    /// Inverse of the hyperbolic sine
    fn asinh(self) -> Self;
    /// Inverse of the hyperbolic cosine; NaN below 1
    fn acosh(self) -> Self;
    /// Inverse of the hyperbolic tangent; NaN beyond ±1
    fn atanh(self) -> Self;
    /// `1 − erf(x)`, accurate where that is small
    fn erfc(self) -> Self;
    /// The greatest integer that is not above it
    fn floor(self) -> Self;
    /// The nearest integer, the even one of two that are equally near
    fn round(self) -> Self;
    /// The angle of the point `(x, self)`, in −π … π
    fn atan2(self, x: Self) -> Self;
    /// What is left of `self` after taking `b` from it a whole number of times; it has the sign of `self`
    fn fmod(self, b: Self) -> Self;
    /// `xʳ`
    fn powf(self, r: Self) -> Self;

    /// The derivative of [`Real::sigmoid`], `e⁻ˣ / (1 + e⁻ˣ)²`: the logistic density
    ///
    /// `y·(1 − y)` with `y = sigmoid x`, as it is by default, is 0 where `y` is rounded to 1. The floating-point
    /// types have it to a few units of the last place everywhere.
    #[must_use]
    fn sigmoid_slope(self) -> Self {
        let y = self.sigmoid();
        y * (Self::ONE - y)
    }
    /// The derivative of [`Real::tanh`], `1 / cosh² x`
    ///
    /// `1 − y²` with `y = tanh x`, as it is by default, is 0 where `y` is rounded to 1. The floating-point types
    /// have it to a few units of the last place everywhere.
    #[must_use]
    fn tanh_slope(self) -> Self {
        let y = self.tanh();
        Self::ONE - y * y
    }
    /// `e^(−x²)`. The floating-point types have it to a few units of the last place everywhere: they do not round
    /// `x²`.
    #[must_use]
    fn gaussian(self) -> Self {
        (-(self * self)).exp()
    }
    /// The density of the standard normal distribution, `e^(−x²/2) / √(2π)`; as accurate as
    /// [`Real::gaussian`]
    #[must_use]
    fn normal_pdf(self) -> Self {
        let half = Self::constant(0.5, 1, 2);
        inverse_sqrt_two_pi::<Self>() * (-(half * (self * self))).exp()
    }
    /// The distribution function of the standard normal distribution, `(1 + erf(x/√2)) / 2`, accurate where
    /// that is small
    #[must_use]
    fn normal_cdf(self) -> Self {
        let half = Self::constant(0.5, 1, 2);
        half * (-(self * half.sqrt())).erfc()
    }
    /// `√(self² + b²)`; the floating-point types compute no square that overflows or loses digits
    #[must_use]
    fn hypot(self, b: Self) -> Self {
        (self * self + b * b).sqrt()
    }
}

/// `1 / √(2π)`, as the decimal that the compiler has
pub(crate) fn inverse_sqrt_two_pi<T: Scalar>() -> T {
    T::constant(0.3989422804014327, 3_989_422_804_014_327, 10_000_000_000_000_000)
}

/// √(x² + 1), and |x| where the square overflows.
pub(crate) fn root_of_next_square<T: Real>(x: T) -> T {
    let square = x * x;
    // Infinity times 0 is NaN, which is not greater than anything.
    if square * T::ZERO + T::ONE > T::ZERO {
        (square + T::ONE).sqrt()
    } else if x < T::ZERO {
        -x
    } else {
        x
    }
}

// A single number has the functions of the standard library, which are within an ulp, and the rest is
// made of those. Networks compute with [`crate::lanes`], whose functions are our own.
macro_rules! float {
    ($T:ident, $erf:path, $erfc:path, $gaussian:path, $normal_cdf:path) => {
        impl Scalar for $T {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)]
            fn constant(approx: f64, _: i128, _: i128) -> Self {
                approx as $T
            }
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $T
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                // One instruction where every machine has it, a slow function elsewhere.
                if cfg!(target_arch = "aarch64") { $T::mul_add(self, a, b) } else { self * a + b }
            }
            #[inline(always)]
            fn mul_strong(self, slope: Self) -> Self {
                if self == 0.0 { self } else { self * slope }
            }
            #[inline(always)]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                lanes::dispatch::$T(kernel)
            }
        }

        impl Real for $T {
            #[inline(always)]
            fn exp(self) -> Self {
                $T::exp(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                $T::exp_m1(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $T::ln(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                $T::ln_1p(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $T::sqrt(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                $T::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $T::cos(self)
            }
            #[inline(always)]
            fn sinh(self) -> Self {
                $T::sinh(self)
            }
            #[inline(always)]
            fn cosh(self) -> Self {
                $T::cosh(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $T::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                // e^(−|x|) never overflows.
                let e = $T::exp(-self.abs());
                if self >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
            }
            #[inline(always)]
            fn softplus(self) -> Self {
                Scalar::maximum(self, 0.0) + $T::ln_1p($T::exp(-self.abs()))
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $erf(self)
            }
            #[inline(always)]
            fn exp2(self) -> Self {
                $T::exp2(self)
            }
            #[inline(always)]
            fn asin(self) -> Self {
                $T::asin(self)
            }
            #[inline(always)]
            fn acos(self) -> Self {
                $T::acos(self)
            }
            #[inline(always)]
            fn atan(self) -> Self {
                $T::atan(self)
            }
            #[inline(always)]
            fn asinh(self) -> Self {
                // Those of the standard library overflow, or lose their digits next to 1.
                let a = self.abs();
                let y = if a > 1e7 {
                    $T::ln(a) + core::$T::consts::LN_2
                } else {
                    $T::ln_1p(a + a * a / (1.0 + $T::sqrt(a * a + 1.0)))
                };
                y.copysign(self)
            }
            #[inline(always)]
            fn acosh(self) -> Self {
                let t = self - 1.0;
                if self > 1e7 {
                    $T::ln(self) + core::$T::consts::LN_2
                } else if self >= 1.0 {
                    $T::ln_1p(t + $T::sqrt(t * (t + 2.0)))
                } else {
                    $T::NAN
                }
            }
            #[inline(always)]
            fn atanh(self) -> Self {
                let a = self.abs();
                (0.5 * $T::ln_1p((a + a) / (1.0 - a))).copysign(self)
            }
            #[inline(always)]
            fn erfc(self) -> Self {
                $erfc(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                $T::floor(self)
            }
            #[inline(always)]
            fn round(self) -> Self {
                $T::round_ties_even(self)
            }
            #[inline(always)]
            fn atan2(self, x: Self) -> Self {
                $T::atan2(self, x)
            }
            #[inline(always)]
            fn fmod(self, b: Self) -> Self {
                self % b
            }
            #[inline(always)]
            fn powf(self, r: Self) -> Self {
                $T::powf(self, r)
            }
            #[inline(always)]
            fn sigmoid_slope(self) -> Self {
                let e = $T::exp(-self.abs());
                e / ((1.0 + e) * (1.0 + e))
            }
            #[inline(always)]
            fn tanh_slope(self) -> Self {
                4.0 * Real::sigmoid_slope(self + self)
            }
            #[inline(always)]
            fn gaussian(self) -> Self {
                $gaussian(self, 1.0)
            }
            #[inline(always)]
            fn normal_pdf(self) -> Self {
                inverse_sqrt_two_pi::<$T>() * $gaussian(self, 0.5)
            }
            #[inline(always)]
            fn normal_cdf(self) -> Self {
                $normal_cdf(self)
            }
            #[inline(always)]
            fn hypot(self, b: Self) -> Self {
                // Not a number beside infinity is none.
                if self.is_nan() || b.is_nan() { $T::NAN } else { $T::hypot(self, b) }
            }
        }
    };
}

float!(
    f32,
    crate::erf::erf_f32,
    crate::erf::erfc_f32,
    crate::erf::gaussian_f32,
    crate::erf::normal_cdf_f32
);
float!(f64, crate::erf::erf, crate::erf::erfc, crate::erf::gaussian, crate::erf::normal_cdf);

#[cfg(feature = "num-rational")]
mod rational {
    use super::Scalar;
    use num_rational::Ratio;

    macro_rules! ratio {
        ($I:ident) => {
            /// Exact rationals. Arithmetic panics where numerator or denominator overflow.
            impl Scalar for Ratio<$I> {
                const ZERO: Self = Ratio::new_raw(0, 1);
                const ONE: Self = Ratio::new_raw(1, 1);
                fn constant(_: f64, numer: i128, denom: i128) -> Self {
                    let part = |n: i128| {
                        $I::try_from(n).expect("the constant does not fit the rational type")
                    };
                    Ratio::new(part(numer), part(denom))
                }
                fn from_f64(x: f64) -> Self {
                    assert!(x.is_finite(), "a rational cannot be {x}");
                    // x = mantissa · 2^exponent exactly, with the smallest mantissa.
                    let (mut mantissa, mut exponent) = (x, 0);
                    while mantissa.fract() != 0.0 {
                        mantissa *= 2.0;
                        exponent += 1;
                    }
                    assert!(exponent < $I::BITS - 1, "{x} does not fit the rational type");
                    assert!(
                        mantissa.abs() < 2f64.powi($I::BITS as i32 - 1),
                        "{x} does not fit the rational type"
                    );
                    Ratio::new(mantissa as $I, (1 as $I) << exponent)
                }
            }
        };
    }
    ratio!(i64);
    ratio!(i128);
}
