//! Single numbers, `f32` and `f64`: the functions of the crate `num-traits`, and what is made of those.
//!
//! Those of the standard library are within an ulp. Networks compute with [`crate::lanes`], whose functions are our own.

use super::functions::for_each_function;
use super::{Real, Scalar, erf, gamma, inverse_sqrt_two_pi};
use crate::lanes::{self, OnLanes};
use num_traits::{Float, FloatConst};

/// `f32` or `f64`.
trait Single: Float + FloatConst {
    /// The nearest number.
    fn of(x: f64) -> Self;
    /// It as `f64`, exactly.
    fn wide(self) -> f64;
    /// A function of `f64`, rounded.
    #[inline(always)]
    fn through(self, f: impl FnOnce(f64) -> f64) -> Self {
        Self::of(f(self.wide()))
    }
}

macro_rules! real {
    ([$T:ident] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)*) => $y:ident {
        float: $float:expr, $($rest:tt)*
    })*) => {
        impl Real for $T {$(
            #[inline(always)]
            fn $name(self $(, $other: Self)*) -> Self {
                #[inline(always)]
                fn of<F: Single>($x: F $(, $other: F)*) -> F {
                    $float
                }
                of(self $(, $other)*)
            }
        )*}
    };
}

macro_rules! single {
    ($($T:ident),*) => {$(
        impl Single for $T {
            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $T
            }
            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }
        }

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
            fn dispatch<K: OnLanes<Self>>(kernel: K) -> K::Output {
                lanes::dispatch::$T(kernel)
            }
        }

        for_each_function!(real, $T);
    )*};
}
single!(f32, f64);
