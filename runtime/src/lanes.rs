//! Lanes: several scalars that one instruction treats alike.
//!
//! The kernels and all generated arithmetic are written once, over [`Lanes`]; the scalar type says
//! in [`Scalar::dispatch`] which implementation runs:
//!
//! - for `f32` and `f64` what [`isa`] names, asked of the machine while the program runs and not of
//!   the compiler's flags: [`x86`] has the registers of AVX-512 and of AVX2 with FMA, [`Array`]
//!   serves every other machine;
//! - for all other scalars [`Pack`] of one lane.
//!
//! [`Wide`] puts several vectors side by side. [`Float`] is what the implementations for `f32` and
//! `f64` share, and what the elementary functions in [`math`] are written over.

#![allow(unsafe_code, reason = "the lanes are read and written through pointers")]

mod array;
mod float;
mod isa;
pub mod math;
mod pack;
mod wide;
#[cfg(target_arch = "x86_64")]
pub mod x86;

pub use array::Array;
pub use float::Float;
pub use isa::{Isa, isa};
pub use pack::Pack;
pub use wide::Wide;

pub(crate) use isa::dispatch;

use crate::kernel::{Dots, Panel};
use crate::scalar::{Real, Scalar};
use core::ops::{Add, Div, Mul, Neg, Sub};
use math::Function;

/// A computation that is generic over the lanes it runs on.
pub trait Kernel<T: Scalar> {
    /// What it returns.
    type Output;
    /// Runs it. Implementations are `#[inline(always)]`, so that the caller's instruction set
    /// reaches every operation.
    fn run<V: Lanes<Scalar = T>>(self) -> Self::Output;
}

/// A vector of [`Lanes::N`] scalars. All operations act lane by lane.
pub trait Lanes:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// What one lane holds.
    type Scalar: Scalar;
    /// How many lanes there are.
    const N: usize;
    /// Vectors in a row of a register tile: what the number of registers allows.
    const VECTORS: usize;

    /// The lanes `f(0), f(1), …`
    fn from_fn(f: impl FnMut(usize) -> Self::Scalar) -> Self;
    /// Lane `i`. Panics if `i ≥ N`.
    fn lane(self, i: usize) -> Self::Scalar;
    /// `x` in every lane
    fn splat(x: Self::Scalar) -> Self;
    /// `N` elements.
    ///
    /// # Safety
    /// `from` points to `N` elements.
    unsafe fn load(from: *const Self::Scalar) -> Self;
    /// The first `min(N, len)` elements, zero in the lanes behind them.
    ///
    /// # Safety
    /// `from` points to `min(N, len)` elements.
    unsafe fn load_part(from: *const Self::Scalar, len: usize) -> Self;
    /// Writes all lanes.
    ///
    /// # Safety
    /// `to` points to `N` elements that nobody else sees.
    unsafe fn store(self, to: *mut Self::Scalar);
    /// Writes the first `min(N, len)` lanes.
    ///
    /// # Safety
    /// `to` points to `min(N, len)` elements that nobody else sees.
    unsafe fn store_part(self, to: *mut Self::Scalar, len: usize);
    /// The lanes below `len` of `self`, `rest` in the others.
    fn keep(self, len: usize, rest: Self) -> Self;

    /// `self · a + b`
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// [`Scalar::maximum`]
    fn maximum(self, other: Self) -> Self;
    /// `if a > b { x } else { y }`; `y` where either is NaN
    fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self;
    /// The sum of all lanes
    fn sum(self) -> Self::Scalar;
    /// The greatest of all lanes, NaN if any is
    fn max(self) -> Self::Scalar;

    /// Computes a panel of a matrix product, out of line.
    ///
    /// # Safety
    /// As for [`panel`](crate::kernel::panel).
    #[doc(hidden)]
    unsafe fn panel(job: &Panel<Self::Scalar>) {
        // SAFETY: as promised.
        unsafe { crate::kernel::panel::<Self>(job) }
    }
    /// Computes dot products, out of line.
    ///
    /// # Safety
    /// As for [`dots`](crate::kernel::dots).
    #[doc(hidden)]
    unsafe fn dots(job: &Dots<Self::Scalar>) {
        // SAFETY: as promised.
        unsafe { crate::kernel::dots::<Self>(job) }
    }

    /// [`Scalar::constant`] in every lane
    #[inline(always)]
    fn constant(approx: f64, numer: i128, denom: i128) -> Self {
        Self::splat(Self::Scalar::constant(approx, numer, denom))
    }
    /// [`Scalar::from_f64`] in every lane
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Self::splat(Self::Scalar::from_f64(x))
    }

    /// [`Real::exp`]
    fn exp(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::exp_m1`]
    fn exp_m1(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::ln`]
    fn ln(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::ln_1p`]
    fn ln_1p(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::sqrt`]
    fn sqrt(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::sin`]
    fn sin(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::cos`]
    fn cos(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::sinh`]
    fn sinh(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::cosh`]
    fn cosh(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::tanh`]
    fn tanh(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::sigmoid`]
    fn sigmoid(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::softplus`]
    fn softplus(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::erf`]
    fn erf(self) -> Self
    where
        Self::Scalar: Real;
    /// [`Real::powf`]
    fn powf(self, r: Self) -> Self
    where
        Self::Scalar: Real;

    /// Runs a kernel on these lanes with their instruction set enabled, whatever
    /// [`Scalar::dispatch`] would choose; `None` where the machine lacks it.
    #[doc(hidden)]
    fn call<K: Kernel<Self::Scalar>>(kernel: K) -> Option<K::Output> {
        Some(kernel.run::<Self>())
    }
    /// Runs a kernel out of line, compiled once for these lanes. To be called from where these
    /// lanes already run.
    #[doc(hidden)]
    #[inline(never)]
    fn apart<K: Kernel<Self::Scalar>>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
    /// An elementary function of several vectors. Lanes that are [`Float`] interleave them.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn side_by_side<F: Function, const C: usize>(mut xs: [Self; C]) -> [Self; C]
    where
        Self::Scalar: Real,
    {
        let mut i = 0;
        while i < C {
            xs[i] = F::lanes(xs[i]);
            i += 1;
        }
        xs
    }
}

// TEMPORARY
#[derive(Clone, Copy, Debug)]
/// wide
pub struct Wide<V, const C: usize>([V; C]);
macro_rules! wop { ($($Trait:ident $m:ident),*) => {$(
impl<V: Lanes, const C: usize> $Trait for Wide<V, C> { type Output = Self; fn $m(self, o: Self) -> Self { Wide(core::array::from_fn(|i| self.0[i].$m(o.0[i]))) } }
)*} }
wop!(Add add, Sub sub, Mul mul, Div div);
impl<V: Lanes, const C: usize> Neg for Wide<V, C> {
    type Output = Self;
    fn neg(self) -> Self {
        Wide(self.0.map(|x| -x))
    }
}
impl<V: Lanes, const C: usize> Lanes for Wide<V, C> {
    type Scalar = V::Scalar;
    const N: usize = C * V::N;
    const VECTORS: usize = 1;
    fn from_fn(mut f: impl FnMut(usize) -> V::Scalar) -> Self {
        Wide(core::array::from_fn(|c| V::from_fn(|i| f(c * V::N + i))))
    }
    fn lane(self, i: usize) -> V::Scalar {
        self.0[i / V::N].lane(i % V::N)
    }
    fn splat(x: V::Scalar) -> Self {
        Wide([V::splat(x); C])
    }
    unsafe fn load(from: *const V::Scalar) -> Self {
        Wide(core::array::from_fn(|c| unsafe { V::load(from.add(c * V::N)) }))
    }
    unsafe fn load_part(from: *const V::Scalar, len: usize) -> Self {
        Wide(core::array::from_fn(|c| unsafe {
            V::load_part(from.wrapping_add(c * V::N), len.saturating_sub(c * V::N))
        }))
    }
    unsafe fn store(self, to: *mut V::Scalar) {
        for c in 0..C {
            unsafe { self.0[c].store(to.add(c * V::N)) }
        }
    }
    unsafe fn store_part(self, to: *mut V::Scalar, len: usize) {
        for c in 0..C {
            unsafe { self.0[c].store_part(to.wrapping_add(c * V::N), len.saturating_sub(c * V::N)) }
        }
    }
    fn keep(self, len: usize, rest: Self) -> Self {
        Wide(core::array::from_fn(|c| self.0[c].keep(len.saturating_sub(c * V::N), rest.0[c])))
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        Wide(core::array::from_fn(|c| self.0[c].mul_add(a.0[c], b.0[c])))
    }
    fn maximum(self, o: Self) -> Self {
        Wide(core::array::from_fn(|c| self.0[c].maximum(o.0[c])))
    }
    fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self {
        Wide(core::array::from_fn(|c| V::select_gt(a.0[c], b.0[c], x.0[c], y.0[c])))
    }
    fn sum(self) -> V::Scalar {
        let mut s = self.0[0];
        for c in 1..C {
            s = s + self.0[c];
        }
        s.sum()
    }
    fn max(self) -> V::Scalar {
        let mut s = self.0[0];
        for c in 1..C {
            s = s.maximum(self.0[c]);
        }
        s.max()
    }
    fn exp(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::exp))
    }
    fn exp_m1(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::exp_m1))
    }
    fn ln(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::ln))
    }
    fn ln_1p(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::ln_1p))
    }
    fn sqrt(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::sqrt))
    }
    fn sin(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::sin))
    }
    fn cos(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::cos))
    }
    fn sinh(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::sinh))
    }
    fn cosh(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::cosh))
    }
    fn tanh(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::tanh))
    }
    fn sigmoid(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::sigmoid))
    }
    fn softplus(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::softplus))
    }
    fn erf(self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(self.0.map(V::erf))
    }
    fn powf(self, r: Self) -> Self
    where
        V::Scalar: Real,
    {
        Wide(core::array::from_fn(|c| self.0[c].powf(r.0[c])))
    }
}
