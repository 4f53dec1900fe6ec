//! The numbers that is computed with.

use pullback::Real;
use std::ops::{AddAssign, SubAssign};

/// `f32` and `f64` with the functions of the standard library.
pub(crate) trait Float: Real + AddAssign + SubAssign + Into<f64> {
    fn std_exp(self) -> Self;
    fn std_ln(self) -> Self;
    fn std_ln_1p(self) -> Self;
    fn std_tanh(self) -> Self;
}

macro_rules! float {
    ($($T:ident)*) => { $(
        impl Float for $T {
            fn std_exp(self) -> Self {
                $T::exp(self)
            }
            fn std_ln(self) -> Self {
                $T::ln(self)
            }
            fn std_ln_1p(self) -> Self {
                $T::ln_1p(self)
            }
            fn std_tanh(self) -> Self {
                $T::tanh(self)
            }
        }
    )* };
}
float!(f32 f64);

/// A number of the source.
pub(crate) fn n<T: Float>(x: f64) -> T {
    T::from_f64(x)
}
