//! Lanes: several scalars that one instruction treats alike.
//!
//! The kernels and all generated arithmetic are written once, over [`Lanes`]; the scalar type says
//! in [`Scalar::dispatch`] which implementation runs:
//!
//! - for `f32` and `f64` what [`isa`] names, asked of the machine while the program runs and not of
//!   the compiler's flags: the registers of AVX-512, of AVX2 with FMA or of NEON, and arrays on every other
//!   machine;
//! - for all other scalars [`Pack`] of one lane.
//!
//! Which types these are is the crate's own affair: whoever has one could use instructions that the machine
//! lacks. So a computation is generic over them ([`OnLanes`]), and is run on lanes that the machine has; and nobody else implements
//! [`Lanes`], whose sizes the loops over memory rest on.
//!
//! The elementary functions are in [`math`]; the table of their errors is in `pullback::guide::accuracy`.

#![allow(unsafe_code, reason = "the lanes are read and written through pointers")]

mod array;
mod float;
mod isa;
pub mod math;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
mod pack;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod registers;
#[cfg(test)]
mod tests;
mod wide;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

#[doc(hidden)]
pub use float::Float;
pub use isa::{Isa, isa};
#[doc(hidden)]
pub use isa::{OnIsa, Register};
pub use pack::Pack;
#[doc(hidden)]
pub use wide::OnWide;

pub(crate) use isa::{dispatch, for_each_register};
pub(crate) use wide::Wide;

use array::Array;

use crate::scalar::{Real, Scalar, for_each_function};
use core::ops::{Add, Div, Mul, Neg, Sub};
use math::Function;

/// A computation that is generic over the lanes it runs on.
pub trait OnLanes<T: Scalar> {
    /// What it returns.
    type Output;
    /// Runs it. Implementations are `#[inline(always)]`, so that the caller's instruction set
    /// reaches every operation.
    fn run<V: Lanes<Scalar = T>>(self) -> Self::Output;
}

mod sealed {
    pub trait Lanes {}
}

macro_rules! functions {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)*) => $y:ident { $($rest:tt)* })*) => {$(
        #[doc = concat!("[`Real::", stringify!($name), "`]")]
        fn $name(self $(, $other: Self)*) -> Self
        where
            Self::Scalar: Real;
    )*};
}

/// A vector of [`Lanes::N`] scalars. All operations act lane by lane. Nobody else implements it.
pub trait Lanes:
    sealed::Lanes
    + Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// What one lane holds.
    type Scalar: Scalar;
    /// Vectors of half as many lanes that the same instructions work on, or these where there are none.
    ///
    /// What is shorter than a vector is written through a mask. Half a vector needs none for so many
    /// elements. Where short runs are added to memory that was just written, as a convolution's gradient
    /// does, that is faster; the likely reason is that loads wait for masked stores near them.
    type Half: Lanes<Scalar = Self::Scalar>;
    /// How many lanes there are, at least one.
    const N: usize;
    /// Vectors in a row of a register tile: what the number of registers allows.
    const VECTORS: usize;
    /// Rows of a register tile: 6, or 4 where there are few registers.
    const ROWS: usize = 4;
    /// Whether part of a vector is loaded like all of it, with a mask.
    const MASKS: bool = false;
    /// Which registers these are.
    #[doc(hidden)]
    const REGISTER: Register = Register::None;

    /// The lanes `f(0), f(1), …`
    fn from_fn(f: impl FnMut(usize) -> Self::Scalar) -> Self;
    /// Lane `i`. Panics if `i ≥ N`.
    fn lane(self, i: usize) -> Self::Scalar;
    /// `x` in every lane
    fn splat(x: Self::Scalar) -> Self;
    /// One element in every lane, to be multiplied with others soon.
    ///
    /// # Safety
    /// `from` points to an element.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_splat(from: *const Self::Scalar) -> Self {
        // SAFETY: as promised.
        Self::splat(unsafe { *from })
    }
    /// `N` elements.
    ///
    /// # Safety
    /// `from` points to `N` elements.
    unsafe fn load(from: *const Self::Scalar) -> Self;
    /// The first `min(N, len)` elements, zero in the lanes after them.
    ///
    /// # Safety
    /// `from` points to `min(N, len)` elements.
    unsafe fn load_part(from: *const Self::Scalar, len: usize) -> Self;
    /// `from[lane]` in the lanes `first .. end`, `self` in the others.
    ///
    /// # Safety
    /// These elements are there; others need not be.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_between(self, from: *const Self::Scalar, first: usize, end: usize) -> Self {
        Self::from_fn(|lane| {
            if (first..end).contains(&lane) {
                // SAFETY: as promised; before `first` there may be nothing.
                unsafe { *from.wrapping_add(lane) }
            } else {
                self.lane(lane)
            }
        })
    }
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
    /// The first `min(N, len)` of the elements `from[0], from[2], …`, zero in the lanes after them.
    ///
    /// # Safety
    /// They are there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_twos(from: *const Self::Scalar, len: usize) -> Self {
        Self::from_fn(|lane| match lane < len {
            // SAFETY: as promised.
            true => unsafe { *from.add(2 * lane) },
            false => Self::Scalar::ZERO,
        })
    }
    /// Writes the first `min(N, len)` lanes to `to[0], to[2], …` and nothing between them.
    ///
    /// # Safety
    /// They are there, and nobody else sees them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store_twos(self, to: *mut Self::Scalar, len: usize) {
        for lane in 0..Self::N.min(len) {
            // SAFETY: as promised.
            unsafe { *to.add(2 * lane) = self.lane(lane) };
        }
    }
    /// Whether [`Lanes::splat_groups`] is one instruction.
    const SPLATS_GROUPS: bool = false;
    /// Lane `first + i / times` in lane `i`, for a power of two.
    ///
    /// Panics if the last of them does not exist; instructions may take another one instead.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn splat_groups(self, first: usize, times: usize) -> Self {
        Self::from_fn(|i| self.lane(first + i / times))
    }
    /// The lanes below `len` of `self`, `rest` in the others.
    fn keep(self, len: usize, rest: Self) -> Self;

    /// `self · a + b`
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// [`Scalar::maximum`]
    fn maximum(self, other: Self) -> Self;
    /// [`Scalar::stop_gradient`]
    fn stop_gradient(self) -> Self;
    /// [`Scalar::mul_strong`]
    fn mul_strong(self, slope: Self) -> Self;
    /// `if a > b { x } else { y }`; `y` where either is NaN
    fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self;
    /// The sum of all lanes
    fn sum(self) -> Self::Scalar;
    /// The greatest of all lanes, NaN if any is
    fn max(self) -> Self::Scalar;

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

    for_each_function!(functions);

    /// Runs a kernel on these lanes with their instruction set enabled, whatever
    /// [`Scalar::dispatch`] would choose; `None` where the machine lacks it.
    #[doc(hidden)]
    fn call<K: OnLanes<Self::Scalar>>(kernel: K) -> Option<K::Output> {
        Some(kernel.run::<Self>())
    }
    /// Runs a kernel out of line, compiled once for these lanes. To be called from where these
    /// lanes already run.
    #[doc(hidden)]
    #[inline(never)]
    fn out_of_line<K: OnLanes<Self::Scalar>>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
    /// A number that the compiler does not recognise, where what it makes of sums of others is slower.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn opaque(x: usize) -> usize {
        x
    }
    /// Transposes `N` rows of `N` elements, given the first of each matrix and the distance of rows.
    ///
    /// # Safety
    /// All elements are there, and those at `to` nobody else sees.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn transpose(
        from: *const Self::Scalar,
        from_row: usize,
        to: *mut Self::Scalar,
        to_row: usize,
    ) {
        for i in 0..Self::N {
            for j in 0..Self::N {
                // SAFETY: as promised.
                unsafe { *to.add(j * to_row + i) = *from.add(i * from_row + j) };
            }
        }
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
