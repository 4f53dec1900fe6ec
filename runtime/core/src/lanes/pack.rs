//! The lanes of any scalar: an array.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use super::{Lanes, sealed};
use crate::scalar::{Real, Scalar, for_each_function};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// `N` scalars in an array: the portable lanes.
#[derive(Clone, Copy, Debug)]
pub struct Pack<T, const N: usize>([T; N]);

impl<T: Copy, const N: usize> Pack<T, N> {
    #[inline(always)]
    fn map(self, f: impl Fn(T) -> T) -> Self {
        Pack(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(T, T) -> T) -> Self {
        Pack(core::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

macro_rules! operator {
    ($($Trait:ident $method:ident $op:tt),*) => {$(
        impl<T: Scalar, const N: usize> $Trait for Pack<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $op b)
            }
        }
    )*};
}
operator!(Add add +, Sub sub -, Mul mul *, Div div /);

impl<T: Scalar, const N: usize> Neg for Pack<T, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

macro_rules! functions {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)*) => $y:ident { $($rest:tt)* })*) => {$(
        #[inline(always)]
        fn $name(self $(, $other: Self)*) -> Self
        where
            T: Real,
        {
            Pack(core::array::from_fn(|i| T::$name(self.0[i] $(, $other.0[i])*)))
        }
    )*};
}

impl<T: Scalar, const N: usize> sealed::Lanes for Pack<T, N> {}
impl<T: Scalar, const N: usize> Lanes for Pack<T, N> {
    type Scalar = T;
    type Half = Self;
    const N: usize = {
        assert!(N > 0, "lanes without a lane");
        N
    };
    const VECTORS: usize = 2;

    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> T) -> Self {
        Pack(core::array::from_fn(f))
    }
    #[inline(always)]
    fn lane(self, i: usize) -> T {
        self.0[i]
    }
    #[inline(always)]
    fn splat(x: T) -> Self {
        Pack([x; N])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: N elements are there.
        Pack(core::array::from_fn(|i| unsafe { *from.add(i) }))
    }
    #[inline(always)]
    unsafe fn load_part(from: *const T, len: usize) -> Self {
        // SAFETY: `len` elements are there.
        Pack(core::array::from_fn(|i| if i < len { unsafe { *from.add(i) } } else { T::ZERO }))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: N elements are there.
        unsafe { to.cast::<[T; N]>().write(self.0) };
    }
    #[inline(always)]
    unsafe fn store_part(self, to: *mut T, len: usize) {
        for (i, x) in self.0.into_iter().enumerate().take(len) {
            // SAFETY: `len` elements are there.
            unsafe { *to.add(i) = x };
        }
    }
    #[inline(always)]
    fn keep(self, len: usize, rest: Self) -> Self {
        Pack(core::array::from_fn(|i| if i < len { self.0[i] } else { rest.0[i] }))
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Pack(core::array::from_fn(|i| self.0[i].mul_add(a.0[i], b.0[i])))
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        self.zip(other, T::maximum)
    }
    #[inline(always)]
    fn stop_gradient(self) -> Self {
        Pack(self.0.map(T::stop_gradient))
    }
    #[inline(always)]
    fn mul_strong(self, slope: Self) -> Self {
        self.zip(slope, T::mul_strong)
    }
    #[inline(always)]
    fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self {
        Pack(core::array::from_fn(|i| if a.0[i] > b.0[i] { x.0[i] } else { y.0[i] }))
    }
    #[inline(always)]
    fn sum(self) -> T {
        self.0.into_iter().fold(T::ZERO, |sum, x| sum + x)
    }
    #[inline(always)]
    fn max(self) -> T {
        let mut max = self.0[0];
        for x in &self.0[1..] {
            max = max.maximum(*x);
        }
        max
    }

    for_each_function!(functions);
}
