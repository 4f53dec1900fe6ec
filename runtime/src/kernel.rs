//! Loop nests: all indexing of the generated code happens here.
//!
//! Generated code never indexes. It describes a loop nest by its sizes, hands over one *access* per
//! operand (a slice and one stride per axis, counted in elements) and a pointwise [`Body`]. A few
//! drivers cover every network:
//!
//! - [`map`]: `out = f(ins…)` for every index,
//! - [`reduce`]: a sum or maximum of `f(ins…)` over some axes, then `out = g(sums…, extra…)`,
//! - [`contract`]: a matrix product with its epilogue, `out = f(Σₖ a·b, ins…)`,
//! - [`convolve`]: the same over windows,
//! - [`lookup`]: what integers choose, `out = f(x[index], ins…)`, and its transpose [`scatter`],
//!   `out[index] += f(ins…)`.
//!
//! They share a few rules.
//!
//! - Sizes are at least 1. An axis list may be empty: one element.
//! - A stride of 0 in an input broadcasts. An output may have stride 0 on axes of size 1 only.
//! - Slices may be longer than the access needs; every driver checks once, before its loops, that none
//!   is shorter, and then works with pointers.
//! - A body treats every lane alike. Lanes behind the end of an axis hold arbitrary numbers whose
//!   results are dropped.
//! - Sums are taken in an unspecified order: exact over exact numbers, rounded differently from a
//!   plain loop over floating-point ones; the same for the same sizes and lanes.
//!
//! The small loops around a body are inlined into their caller in optimised builds (unoptimised ones
//! would take long to compile and gain nothing), so that constant sizes and strides decide at compile
//! time which code paths remain. The large ones, the register tiles of [`contract`] and what packs its factors, exist once for
//! each scalar and instruction set and are compiled with this crate: a network of many layers costs
//! its user little more to compile than a small one.
#![allow(unsafe_code, reason = "loops over pointers whose ranges are checked before the loop")]

mod chosen;
mod contract;
mod convolve;
mod gather;
mod map;
mod pack;
mod panel;
mod reduce;
#[cfg(test)]
mod tests;

pub use chosen::{Chosen, Skip, chosen, iota, lookup, scatter};
pub use contract::{Scratch, contract, packed, scratch};
pub use convolve::{In3, Out3, Windows, convolve, gathered, read3, write3};
pub use gather::{Axes, Gather, gather};
pub use map::map;
pub use pack::{Packing, pack};
pub use panel::{Dots, Panel, dots, panel};
pub use reduce::reduce;

use crate::lanes::{Kernel, Lanes, Wide};
use crate::scalar::Scalar;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// The lanes a driver runs on.
#[derive(Clone, Copy, Debug)]
pub struct On<V>(PhantomData<V>);

/// The lanes `V`, as a value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn on<V: Lanes>() -> On<V> {
    On(PhantomData)
}

/// Runs a loop where it stands; [`Lanes::apart`] runs it out of line.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn here<V: Lanes, K: Kernel<V::Scalar>>(kernel: K) -> K::Output {
    kernel.run::<V>()
}

/// A pointwise function from what a contraction or the folds of a reduction made, and from what its
/// accesses read, to what is written. It has no state, and is generic over the lanes, because a driver
/// runs it on wide ones in the middle of a row and on narrow ones at its end.
pub trait Body<T: Scalar, const NA: usize, const NI: usize, const NO: usize> {
    /// Whether it gives back the first of `made` and does nothing else.
    const COPIES: bool = false;
    /// Runs it.
    fn f<V: Lanes<Scalar = T>>(made: [V; NA], read: [V; NI]) -> [V; NO];
}

/// A read access over `R` axes: element `index · strides` of a slice.
#[derive(Clone, Copy, Debug)]
pub struct In<'a, T, const R: usize> {
    data: *const T,
    len: usize,
    strides: [usize; R],
    of: PhantomData<&'a [T]>,
}

/// Reads `data[Σ index[d] · strides[d]]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read<T, const R: usize>(data: &[T], strides: [usize; R]) -> In<'_, T, R> {
    In { data: data.as_ptr(), len: data.len(), strides, of: PhantomData }
}

/// A read access over `A` outer and `B` inner axes.
#[derive(Clone, Copy, Debug)]
pub struct In2<'a, T, const A: usize, const B: usize> {
    data: &'a [T],
    outer: [usize; A],
    inner: [usize; B],
}

/// Reads `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read2<T, const A: usize, const B: usize>(
    data: &[T],
    outer: [usize; A],
    inner: [usize; B],
) -> In2<'_, T, A, B> {
    In2 { data, outer, inner }
}

/// A write access over `R` axes.
#[derive(Debug)]
pub struct Out<'a, T, const R: usize> {
    data: *mut T,
    len: usize,
    strides: [usize; R],
    add: bool,
    of: PhantomData<&'a mut [T]>,
}

/// Overwrites `data[Σ index[d] · strides[d]]`, or with `add` adds to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write<'a, T, const R: usize>(
    data: impl Into<Memory<'a, T>>,
    strides: [usize; R],
    add: bool,
) -> Out<'a, T, R> {
    let Memory { data, len, of } = data.into();
    Out { data, len, strides, add, of }
}

/// Memory that is written through. Several outputs of one loop may have it: the loop writes one vector
/// after the other.
#[derive(Debug)]
pub struct Memory<'a, T> {
    data: *mut T,
    len: usize,
    of: PhantomData<&'a mut [T]>,
}

impl<T> Clone for Memory<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Memory<'_, T> {}

impl<'a, T> From<&'a mut [T]> for Memory<'a, T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn from(data: &'a mut [T]) -> Self {
        memory(data)
    }
}

impl<'a, T> From<&'a mut Vec<T>> for Memory<'a, T> {
    #[inline(always)]
    fn from(data: &'a mut Vec<T>) -> Self {
        memory(data)
    }
}

impl<'a, T, const N: usize> From<&'a mut [T; N]> for Memory<'a, T> {
    #[inline(always)]
    fn from(data: &'a mut [T; N]) -> Self {
        memory(data)
    }
}

/// A slice for several outputs.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn memory<T>(data: &mut [T]) -> Memory<'_, T> {
    Memory { data: data.as_mut_ptr(), len: data.len(), of: PhantomData }
}

impl<T> Memory<'_, T> {
    /// What is behind the first `offset` elements.
    ///
    /// # Panics
    /// If there are fewer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn from(self, offset: usize) -> Self {
        assert!(offset <= self.len, "an output begins behind the end of its slice");
        Memory { data: self.data.wrapping_add(offset), len: self.len - offset, of: self.of }
    }
}

/// A write access over `A` outer and `B` inner axes.
#[derive(Debug)]
pub struct Out2<'a, T, const A: usize, const B: usize> {
    data: &'a mut [T],
    outer: [usize; A],
    inner: [usize; B],
    add: bool,
}

/// Overwrites `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`, or with `add` adds to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write2<T, const A: usize, const B: usize>(
    data: &mut [T],
    outer: [usize; A],
    inner: [usize; B],
    add: bool,
) -> Out2<'_, T, A, B> {
    Out2 { data, outer, inner, add }
}

/// Elements of a block: what one step of a long pointwise function makes for the next one, while all
/// of it is in the first-level cache.
pub const BLOCK: usize = 512;

/// A block under way between two steps.
#[derive(Debug)]
#[repr(align(64))]
pub struct Temp<T> {
    data: [MaybeUninit<T>; BLOCK],
    len: usize,
}

/// Room for a block.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn temp<T: Scalar>() -> Temp<T> {
    Temp { data: [const { MaybeUninit::uninit() }; BLOCK], len: 0 }
}

impl<T: Scalar> Temp<T> {
    /// For a step that writes `len` elements, all of them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write(&mut self, len: usize) -> Out<'_, T, 1> {
        assert!(len <= BLOCK, "a step is not longer than a block");
        self.len = len;
        let data = self.data.as_mut_ptr().cast();
        Out { data, len, strides: [1], add: false, of: PhantomData }
    }

    /// What the step before wrote.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn read(&self) -> In<'_, T, 1> {
        let data = self.data.as_ptr().cast();
        In { data, len: self.len, strides: [1], of: PhantomData }
    }
}

/// How [`reduce`] combines what its body returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// The sum.
    Sum,
    /// The greatest, by [`Lanes::maximum`]: NaN if any is.
    Max,
}

/// Cuts a slice into pieces of the given lengths from its front; an empty slice into empty pieces.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn cut<T, const C: usize>(data: &[T], lengths: [usize; C]) -> [&[T]; C] {
    let mut pieces = [&data[..0]; C];
    let mut rest = data;
    for (piece, length) in pieces.iter_mut().zip(&lengths) {
        (*piece, rest) = rest.split_at(if data.is_empty() { 0 } else { *length });
    }
    pieces
}

/// The same for writing; the last piece is what is left over.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn cut_mut<T, const C: usize>(
    data: &mut [T],
    lengths: [usize; C],
) -> ([&mut [T]; C], &mut [T]) {
    let empty = data.is_empty();
    let mut pieces: [&mut [T]; C] = core::array::from_fn(|_| Default::default());
    let mut rest = data;
    for (piece, length) in pieces.iter_mut().zip(&lengths) {
        let (front, behind) =
            core::mem::take(&mut rest).split_at_mut(if empty { 0 } else { *length });
        (*piece, rest) = (front, behind);
    }
    (pieces, rest)
}

/// Panics unless every index of the axes, given as sizes and strides, is inside a slice of `len`. All that
/// the drivers do with pointers rests on it.
#[cfg_attr(not(debug_assertions), inline(always))]
fn check<const A: usize, const B: usize>(
    (sizes, more_sizes): ([usize; A], [usize; B]),
    (strides, more_strides): ([usize; A], [usize; B]),
    len: usize,
) {
    let mut last = Some(0usize);
    let more = more_sizes.iter().zip(&more_strides);
    for (size, stride) in sizes.iter().zip(&strides).chain(more) {
        let along = size.checked_sub(1).and_then(|steps| steps.checked_mul(*stride));
        last = last.zip(along).and_then(|(last, along)| last.checked_add(along));
    }
    assert!(
        last.is_some_and(|last| last < len),
        "an access reaches behind the end of its slice, or an axis is empty"
    );
}

/// The same for an output, whose elements are distinct along every axis.
#[cfg_attr(not(debug_assertions), inline(always))]
fn check_written<const A: usize, const B: usize>(
    sizes: ([usize; A], [usize; B]),
    strides: ([usize; A], [usize; B]),
    len: usize,
) {
    check(sizes, strides, len);
    let more = sizes.1.iter().zip(&strides.1);
    for (size, stride) in sizes.0.iter().zip(&strides.0).chain(more) {
        assert!(*size == 1 || *stride > 0, "an output has stride 0 along more than one element");
    }
}

/// Walks through all indices of the first `rank` axes in row-major order, from zero.
struct Walk<const R: usize> {
    space: [usize; R],
    rank: usize,
    index: [usize; R],
}

impl<const R: usize> Walk<R> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(space: [usize; R], rank: usize) -> Self {
        Walk { space, rank, index: [0; R] }
    }

    /// The offset of the current index in an access.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn offset(&self, strides: &[usize; R]) -> usize {
        let mut offset = 0;
        for (index, stride) in self.index.iter().zip(strides) {
            offset += index * stride;
        }
        offset
    }

    /// Moves on; `false` when there was no index left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self) -> bool {
        let mut axis = self.rank;
        while axis > 0 {
            axis -= 1;
            self.index[axis] += 1;
            if self.index[axis] < self.space[axis] {
                return true;
            }
            self.index[axis] = 0;
        }
        false
    }
}

/// The lanes `from[0], from[stride], …`, `left` of them and at most all.
///
/// # Safety
/// They are there.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn fetch<V: Lanes>(from: *const V::Scalar, stride: usize, left: usize) -> V {
    // SAFETY: as promised.
    unsafe {
        if stride == 0 {
            V::splat(*from)
        } else if stride == 1 {
            if left >= V::N { V::load(from) } else { V::load_part(from, left) }
        } else if stride == 2 {
            V::load_twos(from, left)
        } else {
            V::from_fn(|lane| if lane < left { *from.add(lane * stride) } else { V::Scalar::ZERO })
        }
    }
}

/// Writes the first `left` lanes, at most all, to `to[0], to[stride], …`, or adds them.
///
/// # Safety
/// They are there, and nobody else sees them.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn put<V: Lanes>(to: *mut V::Scalar, stride: usize, left: usize, add: bool, value: V) {
    // SAFETY: as promised.
    unsafe {
        if stride == 1 {
            if left >= V::N {
                let value = if add { V::load(to) + value } else { value };
                value.store(to);
            } else {
                let value = if add { V::load_part(to, left) + value } else { value };
                value.store_part(to, left);
            }
        } else if stride == 2 {
            let value = if add { V::load_twos(to, left) + value } else { value };
            value.store_twos(to, left);
        } else {
            for lane in 0..V::N.min(left) {
                let to = to.add(lane * stride);
                *to = if add { *to + value.lane(lane) } else { value.lane(lane) };
            }
        }
    }
}

/// Several vectors side by side, whose chains of dependent operations overlap: as many as there are
/// in a row of a register tile.
type Wide4<V> = Wide<V, 4>;
type Wide2<V> = Wide<V, 2>;
