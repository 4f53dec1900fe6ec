//! The numbers a network computes with.
//!
//! Generated code is generic over the scalar. [`Scalar`] is an ordered field: enough for linear
//! maps, products, sums, quotients, relu and the like, so those models also run over exact
//! rationals. [`Real`] adds the transcendental functions. A model asks for the weaker of the two
//! that its ops need.

mod erf;
mod functions;
mod gamma;
#[cfg(feature = "num-rational")]
mod rational;
mod single;

pub(crate) use functions::for_each_function;

use crate::lanes::{OnLanes, Pack};
use core::fmt::Debug;
use core::ops::Neg;
use num_traits::Num;

/// An ordered field: `f32`, `f64`, rationals, and the number types of [`crate::check`].
///
/// It is a [`num_traits::Num`], as many number types are, with negation, an order and constants.
/// Implementing it for a type of one's own takes those and the four items without a default.
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
    Copy + Debug + PartialOrd + Send + Sync + 'static + Num + Neg<Output = Self>
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
    #[doc(hidden)]
    #[inline(always)]
    fn dispatch<K: OnLanes<Self>>(kernel: K) -> K::Output {
        kernel.run::<Pack<Self, 1>>()
    }
}

macro_rules! real {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)*) => $y:ident {
        float: $float:expr,
        lanes: $lanes:path,
        slopes: [$($slope:expr),*],
        $(identity: $identity:expr,)?
        $(field: $field:expr,)?
    })*) => {
        /// A [`Scalar`] with the elementary functions, and those that round.
        ///
        /// Each must be accurate near 0 and at the ends of the range: `sigmoid`, `tanh` and `softplus`
        /// neither overflow nor turn into NaN for any finite argument.
        pub trait Real: Scalar {$(
            real! { @method [$(#[$doc])*] $name($x $(, $other)*) $($identity)? }
        )*}
    };
    (@method [$(#[$doc:meta])*] $name:ident($x:ident $(, $other:ident)*)) => {
        $(#[$doc])*
        #[must_use]
        fn $name(self $(, $other: Self)*) -> Self;
    };
    (@method [$(#[$doc:meta])*] $name:ident($x:ident $(, $other:ident)*) $identity:expr) => {
        $(#[$doc])*
        #[must_use]
        fn $name(self $(, $other: Self)*) -> Self {
            let $x = self;
            $identity
        }
    };
}
for_each_function!(real);

/// `1 / √(2π)`, as the decimal that the compiler has
pub(crate) fn inverse_sqrt_two_pi<T: Scalar>() -> T {
    T::constant(0.3989422804014327, 3_989_422_804_014_327, 10_000_000_000_000_000)
}

/// `ln 2`, as the decimal that the compiler has, so that exact checks agree on it
#[allow(clippy::approx_constant, reason = "a decimal for exact types")]
pub(crate) fn ln_2<T: Scalar>() -> T {
    T::constant(0.6931471805599453, 6_931_471_805_599_453, 10_000_000_000_000_000)
}

/// `2 / √π`, as the decimal that the compiler has
#[allow(clippy::approx_constant, reason = "a decimal for exact types")]
pub(crate) fn two_over_sqrt_pi<T: Scalar>() -> T {
    T::constant(1.1283791670955126, 11_283_791_670_955_126, 10_000_000_000_000_000)
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
