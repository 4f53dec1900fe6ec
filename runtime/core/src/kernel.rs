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
//! - [`gather`]: what integers choose, `out = f(x[index], ins…)`, and its transpose [`scatter`],
//!   `out[index] += f(ins…)`.
//!
//! And one for optimisers: `update`, `arrays = f(arrays…, gradient)` in place.
//!
//! They share a few rules.
//!
//! - Sizes are at least 1. An axis list may be empty: one element.
//! - A stride of 0 in an input broadcasts. An output may have stride 0 on axes of size 1 only.
//! - Slices may be longer than the access needs; every driver checks once, before its loops, that none
//!   is shorter, and then works with pointers.
//! - A body treats every lane alike. Lanes past the end of an axis hold arbitrary numbers whose
//!   results are dropped.
//! - Sums are taken in an unspecified order: exact over exact numbers, rounded differently from a
//!   plain loop over floating-point ones; the same for the same sizes and lanes.
//!
//! The small loops around a body are inlined into their caller in optimised builds (unoptimised ones
//! would take long to compile and gain nothing), so that constant sizes and strides decide at compile
//! time which code paths remain. What is [`Known`] of an axis decides before that, so that the other
//! paths are never compiled. The large loops, the register tiles of [`contract`] and what packs its
//! factors, exist once for each scalar and instruction set and are compiled with this crate: a network of
//! many layers costs its user little more to compile than a small one.
#![allow(unsafe_code, reason = "loops over pointers whose ranges are checked before the loop")]

mod blocked;
mod blocks;
mod compiled;
mod contract;
mod convolve;
mod gather;
mod im2col;
mod levels;
mod long;
mod map;
mod pack;
mod panel;
mod reduce;
mod shared;
#[cfg(test)]
mod tests;
mod update;

pub use blocks::{block, prefetch_next, temp};
pub use contract::{Scratch, contract, packed, scratch};
pub use convolve::{Windows, convolve, im2col_len, read3, write3};
pub use gather::{Skip, chosen, gather, iota, scatter};
pub(crate) use im2col::{Im2col, im2col};
pub(crate) use levels::Sum;
pub use map::map;
pub(crate) use pack::{Packing, pack};
pub(crate) use panel::{Dots, Panel, dots, panel};
pub use reduce::reduce;
pub use shared::{contract_shared, convolve_shared};
pub(crate) use update::{Change, update};

use crate::lanes::{Lanes, OnLanes, Wide};
use crate::scalar::Scalar;
use core::marker::PhantomData;

/// The lanes a driver runs on, whose panels fit the memory for sums.
#[derive(Clone, Copy, Debug)]
pub struct On<V>(PhantomData<V>);

/// The lanes `V`, as a value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn lanes<V: Lanes>() -> On<V> {
    const { assert!(V::N > 0 && V::VECTORS * V::N <= contract::COLUMNS, "a panel is too wide") }
    On(PhantomData)
}

/// Runs a loop where it stands; [`Lanes::out_of_line`] runs it out of line.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn inline<V: Lanes, K: OnLanes<V::Scalar>>(kernel: K) -> K::Output {
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

/// What is known, when a loop is compiled, of an axis that its vectors may run along.
///
/// Constants that a driver is given as numbers decide in the optimiser which of its ways remain, after
/// all of them were compiled. What it is told here decides before: of a way that cannot be taken there is
/// nothing to compile. A driver panics where it is told what is not so. Nobody else implements it.
pub trait Known: sealed::Known {
    /// Its length; 0 if that is not known.
    const LEN: usize;
    /// A number that divides its length: the length itself, if it is known, and 1 where nothing is.
    const FACTOR: usize;
    /// Whether every access moves along it by at most 1; `false` where that is not known.
    const PLAIN: bool;
    /// Whether it is that of the blocks on which a long pointwise function is done step by step.
    const STEPS: bool = false;
}

mod sealed {
    pub trait Known {}
    impl<const LEN: usize, const FACTOR: usize, const PLAIN: bool> Known
        for super::Axis<LEN, FACTOR, PLAIN>
    {
    }
    impl<const PLAIN: bool> Known for super::Staged<PLAIN> {}
}

/// An axis of which this is known: see `Known`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Axis<const LEN: usize, const FACTOR: usize, const PLAIN: bool>;

impl<const LEN: usize, const FACTOR: usize, const PLAIN: bool> Known for Axis<LEN, FACTOR, PLAIN> {
    const LEN: usize = LEN;
    const FACTOR: usize = FACTOR;
    const PLAIN: bool = PLAIN;
}

/// An axis of which nothing is known.
pub(crate) type AnyAxis = Axis<0, 1, false>;

/// The axis of blocks that a long pointwise function works on, step by step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Staged<const PLAIN: bool>;

impl<const PLAIN: bool> Known for Staged<PLAIN> {
    const LEN: usize = 0;
    const FACTOR: usize = 1;
    const PLAIN: bool = PLAIN;
    const STEPS: bool = true;
}

/// Whether an axis may have a whole vector of so many lanes.
const fn may_fill<A: Known>(lanes: usize) -> bool {
    A::LEN == 0 || A::LEN >= lanes
}

/// Whether something of an axis may be left after the last whole vector.
const fn may_leave<A: Known>(lanes: usize) -> bool {
    !A::FACTOR.is_multiple_of(lanes)
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

/// Reads what a map writes over: element by element, each before it is written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn own<T, const R: usize>(data: SharedOut<'_, T>, strides: [usize; R]) -> In<'_, T, R> {
    In { data: data.data, len: data.len, strides, of: PhantomData }
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
    data: impl Into<SharedOut<'a, T>>,
    strides: [usize; R],
    add: bool,
) -> Out<'a, T, R> {
    let SharedOut { data, len, of } = data.into();
    Out { data, len, strides, add, of }
}

/// Memory that is written through. Several outputs of one loop may have it: the loop writes one vector
/// after the other. So may inputs of a [`map`] ([`own`]), which reads all of a vector's inputs before it writes.
#[derive(Debug)]
pub struct SharedOut<'a, T> {
    data: *mut T,
    len: usize,
    of: PhantomData<&'a mut [T]>,
}

impl<T> Clone for SharedOut<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for SharedOut<'_, T> {}

impl<'a, T> From<&'a mut [T]> for SharedOut<'a, T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn from(data: &'a mut [T]) -> Self {
        shared_out(data)
    }
}

impl<'a, T> From<&'a mut Vec<T>> for SharedOut<'a, T> {
    #[inline(always)]
    fn from(data: &'a mut Vec<T>) -> Self {
        shared_out(data)
    }
}

impl<'a, T, const N: usize> From<&'a mut [T; N]> for SharedOut<'a, T> {
    #[inline(always)]
    fn from(data: &'a mut [T; N]) -> Self {
        shared_out(data)
    }
}

/// A slice for several outputs.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn shared_out<T>(data: &mut [T]) -> SharedOut<'_, T> {
    SharedOut { data: data.as_mut_ptr(), len: data.len(), of: PhantomData }
}

impl<T> SharedOut<'_, T> {
    /// What is after the first `offset` elements.
    ///
    /// # Panics
    /// If there are fewer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    pub fn from(self, offset: usize) -> Self {
        assert!(offset <= self.len, "an output begins past the end of its slice");
        SharedOut { data: self.data.wrapping_add(offset), len: self.len - offset, of: self.of }
    }
}

/// A write access over `A` outer and `B` inner axes.
#[derive(Debug)]
pub struct Out2<'a, T, const A: usize, const B: usize> {
    data: SharedOut<'a, T>,
    outer: [usize; A],
    inner: [usize; B],
    add: bool,
}

/// Overwrites `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`, or with `add` adds to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write2<'a, T, const A: usize, const B: usize>(
    data: impl Into<SharedOut<'a, T>>,
    outer: [usize; A],
    inner: [usize; B],
    add: bool,
) -> Out2<'a, T, A, B> {
    Out2 { data: data.into(), outer, inner, add }
}

/// How `reduce` combines what its body returns.
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

/// Parts of a slice from where to where, one after the other.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn parts<T, const C: usize>(data: &mut [T], places: [[usize; 2]; C]) -> [&mut [T]; C] {
    let (mut rest, mut at) = (data, 0);
    places.map(|[start, end]| {
        let (front, behind) = core::mem::take(&mut rest).split_at_mut(end - at);
        let part = &mut front[start - at..];
        (rest, at) = (behind, end);
        part
    })
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
    let mut axis = 0;
    while axis < A + B {
        let (size, stride) = match axis.checked_sub(A) {
            None => (sizes[axis], strides[axis]),
            Some(more) => (more_sizes[more], more_strides[more]),
        };
        last = match (last, size.checked_sub(1)) {
            (Some(last), Some(steps)) => match steps.checked_mul(stride) {
                Some(along) => last.checked_add(along),
                None => None,
            },
            _ => None,
        };
        axis += 1;
    }
    assert!(
        last.is_some_and(|last| last < len),
        "an access reaches past the end of its slice, or an axis is empty"
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
    let mut moves = true;
    let mut axis = 0;
    while axis < A {
        moves &= sizes.0[axis] == 1 || strides.0[axis] > 0;
        axis += 1;
    }
    axis = 0;
    while axis < B {
        moves &= sizes.1[axis] == 1 || strides.1[axis] > 0;
        axis += 1;
    }
    assert!(moves, "an output has stride 0 along more than one element");
}

/// Panics unless the length of an axis is what is said to be known of it: which parts of the axis there is code for
/// depends on that.
#[cfg_attr(not(debug_assertions), inline(always))]
fn check_length<A: Known>(len: usize) {
    if const { A::LEN > 0 } {
        assert!(A::LEN == len, "an axis is said to have another length");
    }
    if const { A::FACTOR != 1 } {
        assert!(
            len.is_multiple_of(A::FACTOR),
            "an axis is said to be a multiple of what does not divide it"
        );
    }
}

/// Panics unless the stride of an access along an axis is what is said to be known of it.
#[cfg_attr(not(debug_assertions), inline(always))]
fn check_stride<A: Known>(stride: usize) {
    if const { A::PLAIN } {
        assert!(stride <= 1, "an access is said to be along its axis");
    }
}

/// How many indices some axes have.
///
/// # Panics
/// If a `usize` does not hold it.
fn product(sizes: &[usize]) -> usize {
    let all = sizes.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
    all.expect("axes have more indices than there are numbers")
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
        let (mut offset, mut axis) = (0, 0);
        while axis < R {
            offset += self.index[axis] * strides[axis];
            axis += 1;
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
/// They are there, and the stride is 0 or 1 if the axis is [`Known::PLAIN`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn fetch<V: Lanes, A: Known>(from: *const V::Scalar, stride: usize, left: usize) -> V {
    // SAFETY: as promised.
    unsafe {
        if stride == 0 {
            return V::splat(*from);
        }
        if const { A::PLAIN } || stride == 1 {
            return if left >= V::N { V::load(from) } else { V::load_part(from, left) };
        }
        if stride == 2 {
            return V::load_twos(from, left);
        }
        V::from_fn(|lane| if lane < left { *from.add(lane * stride) } else { V::Scalar::ZERO })
    }
}

/// The same of every access, given where it begins and its stride.
///
/// # Safety
/// The same.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn fetch_all<V: Lanes, A: Known, const N: usize>(
    from: &[(*const V::Scalar, usize); N],
    at: usize,
    left: usize,
) -> [V; N] {
    let mut all = [V::splat(V::Scalar::ZERO); N];
    let mut i = 0;
    while i < N {
        let (from, stride) = from[i];
        // SAFETY: as promised.
        all[i] = unsafe { fetch::<V, A>(from.add(at * stride), stride, left) };
        i += 1;
    }
    all
}

/// Writes the first `left` lanes, at most all, to `to[0], to[stride], …`, or adds them.
///
/// # Safety
/// They are there, no other thread and no reference sees them, and the stride is 1 if the axis is [`Known::PLAIN`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn put<V: Lanes, A: Known>(
    to: *mut V::Scalar,
    stride: usize,
    left: usize,
    add: bool,
    value: V,
) {
    // SAFETY: as promised.
    unsafe {
        if const { A::PLAIN } || stride == 1 {
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
            let mut lane = 0;
            while lane < V::N && lane < left {
                let to = to.add(lane * stride);
                *to = if add { *to + value.lane(lane) } else { value.lane(lane) };
                lane += 1;
            }
        }
    }
}

/// The same to every output, given where it begins, its stride and whether it is added to.
///
/// # Safety
/// The same.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn put_all<V: Lanes, A: Known, const N: usize>(
    to: &[(*mut V::Scalar, usize, bool); N],
    at: usize,
    left: usize,
    values: &[V; N],
) {
    let mut i = 0;
    while i < N {
        let (to, stride, add) = to[i];
        // A stride of 0 belongs to an axis of one element.
        let stride = if stride == 0 { 1 } else { stride };
        // SAFETY: as promised.
        unsafe { put::<V, A>(to.add(at * stride), stride, left, add, values[i]) };
        i += 1;
    }
}

/// Several vectors side by side, whose chains of dependent operations overlap: as many as there are
/// in a row of a register tile.
type Wide4<V> = Wide<V, 4>;
type Wide2<V> = Wide<V, 2>;
/// As many as the registers hold of a chain with one number in and one out.
type Wide6<V> = Wide<V, 6>;
