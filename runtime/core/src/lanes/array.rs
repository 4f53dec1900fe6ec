//! Lanes for machines that have no module of their own.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use super::math::{self, Numbers};
use super::{Float, Lanes, sealed};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// `N` numbers of type `f32` or `f64` in an array.
///
/// Like [`super::Pack`], but with the functions of [`super::math`] on all lanes at once. The
/// compiler's vectoriser turns the loops into what the target has at the least, such as SSE2 on x86-64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Array<T, const N: usize>([T; N]);

impl<T: Numbers, const N: usize> Array<T, N> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn map(mut self, f: impl Fn(T) -> T) -> Self {
        let mut i = 0;
        while i < N {
            self.0[i] = f(self.0[i]);
            i += 1;
        }
        self
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn zip(mut self, other: Self, f: impl Fn(T, T) -> T) -> Self {
        let mut i = 0;
        while i < N {
            self.0[i] = f(self.0[i], other.0[i]);
            i += 1;
        }
        self
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn compare(self, other: Self, f: impl Fn(&T, &T) -> bool) -> [bool; N] {
        let mut mask = [false; N];
        let mut i = 0;
        while i < N {
            mask[i] = f(&self.0[i], &other.0[i]);
            i += 1;
        }
        mask
    }
}

macro_rules! operator {
    ($($Trait:ident $method:ident $op:tt),*) => {$(
        impl<T: Numbers, const N: usize> $Trait for Array<T, N> {
            type Output = Self;
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $op b)
            }
        }
    )*};
}
operator!(Add add +, Sub sub -, Mul mul *, Div div /);

impl<T: Numbers, const N: usize> Neg for Array<T, N> {
    type Output = Self;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

impl<T: Numbers, const N: usize> sealed::Lanes for Array<T, N> {}
impl<T: Numbers, const N: usize> Lanes for Array<T, N> {
    type Scalar = T;
    type Half = Self;
    const N: usize = N;
    const VECTORS: usize = 2;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn from_fn(mut f: impl FnMut(usize) -> T) -> Self {
        let mut xs = [T::ZERO; N];
        let mut i = 0;
        while i < N {
            xs[i] = f(i);
            i += 1;
        }
        Array(xs)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lane(self, i: usize) -> T {
        self.0[i]
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn splat(x: T) -> Self {
        Array([x; N])
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: N elements are there, and an array has the alignment of its elements.
        Array(unsafe { from.cast::<[T; N]>().read() })
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_part(from: *const T, len: usize) -> Self {
        // SAFETY: `len` elements are there.
        Self::from_fn(|i| if i < len { unsafe { *from.add(i) } } else { T::ZERO })
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: N elements are there, and an array has the alignment of its elements.
        unsafe { to.cast::<[T; N]>().write(self.0) };
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store_part(self, to: *mut T, len: usize) {
        let mut i = 0;
        while i < N && i < len {
            // SAFETY: `len` elements are there.
            unsafe { *to.add(i) = self.0[i] };
            i += 1;
        }
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keep(self, len: usize, rest: Self) -> Self {
        Self::from_fn(|i| if i < len { self.0[i] } else { rest.0[i] })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Self::from_fn(|i| self.0[i].mul_add(a.0[i], b.0[i]))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn maximum(self, other: Self) -> Self {
        self.zip(other, T::maximum)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stop_gradient(self) -> Self {
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mul_strong(self, slope: Self) -> Self {
        self.zip(slope, T::mul_strong)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self {
        Self::choose(a.gt(b), x, y)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sum(self) -> T {
        let (mut sum, mut i) = (self.0[0], 1);
        while i < N {
            sum = sum + self.0[i];
            i += 1;
        }
        sum
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn max(self) -> T {
        let (mut max, mut i) = (self.0[0], 1);
        while i < N {
            max = max.maximum(self.0[i]);
            i += 1;
        }
        max
    }

    math::methods!(T);
}

impl<T: Numbers, const N: usize> Float for Array<T, N> {
    type Mask = [bool; N];

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gt(self, other: Self) -> Self::Mask {
        self.compare(other, T::gt)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ge(self, other: Self) -> Self::Mask {
        self.compare(other, T::ge)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ne(self, other: Self) -> Self::Mask {
        self.compare(other, T::ne)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn any(mask: Self::Mask) -> bool {
        let (mut any, mut i) = (false, 0);
        while i < N {
            any |= mask[i];
            i += 1;
        }
        any
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn choose(mask: Self::Mask, x: Self, y: Self) -> Self {
        Self::from_fn(|i| if mask[i] { x.0[i] } else { y.0[i] })
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at_least(self, low: Self) -> Self {
        self.zip(low, |x, low| if low > x { low } else { x })
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at_most(self, high: Self) -> Self {
        self.zip(high, |x, high| if high < x { high } else { x })
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn root(self) -> Self {
        self.map(T::sqrt)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn and(self, other: Self) -> Self {
        self.zip(other, T::bits_and)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn without(self, other: Self) -> Self {
        self.zip(other, T::bits_without)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn or(self, other: Self) -> Self {
        self.zip(other, T::bits_or)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn xor(self, other: Self) -> Self {
        self.zip(other, T::bits_xor)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn add_bits(self, other: Self) -> Self {
        self.zip(other, T::bits_add)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn to_exponent(self) -> Self {
        self.map(T::bits_up)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn of_exponent(self) -> Self {
        self.map(T::bits_down)
    }
}
