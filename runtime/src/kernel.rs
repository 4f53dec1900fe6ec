//! Loop nests: all indexing of the generated code happens here.
//!
//! Generated code never indexes. It describes a loop nest by its sizes, hands over one *access* per
//! operand (a slice and one stride per axis, counted in elements) and a pointwise body over
//! [`Lanes`]. Three drivers cover every network:
//!
//! - [`map`]: `out = f(ins…)` for every index,
//! - [`reduce`]: a sum or maximum of `f(ins…)` over some axes, then `out = g(sums…, extra…)`,
//! - [`contract`]: a matrix product with its epilogue, `out = f(Σₖ a·b, ins…)`.
//!
//! They share a few rules.
//!
//! - Sizes are at least 1. An axis list may be empty: one element.
//! - A stride of 0 in an input broadcasts. An output may have stride 0 on axes of size 1 only.
//! - Slices may be longer than the access needs.
//! - A body treats every lane alike. Lanes behind the end of an axis hold arbitrary numbers whose
//!   results are dropped.
//! - Sums are taken in an unspecified order: exact over exact numbers, rounded differently from a
//!   plain loop over floating-point ones.
//!
//! In optimised builds all drivers are inlined into their caller (unoptimised ones would take long to
//! compile and gain nothing), so that constant sizes and strides decide at compile
//! time which of the code paths remain, and every driver calls the body in as few places as it can,
//! so that a long body is not compiled many times over.
//!
//! The bodies are plain loops in the shape that can be fast (register tiles, vectors along a
//! contiguous axis); hand-tuned ones can replace them behind the same signatures.

#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod contract;
mod map;
mod reduce;
#[cfg(test)]
mod tests;

pub use contract::contract;
pub use map::map;
pub use reduce::reduce;

use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// A read access over `R` axes: element `index · strides` of a slice.
#[derive(Clone, Copy, Debug)]
pub struct In<'a, T, const R: usize> {
    data: &'a [T],
    strides: [usize; R],
}

impl<'a, T, const R: usize> In<'a, T, R> {
    /// Reads `data[Σ index[d] · strides[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(data: &'a [T], strides: [usize; R]) -> Self {
        In { data, strides }
    }
}

/// A read access over `A` outer and `B` inner axes.
#[derive(Clone, Copy, Debug)]
pub struct In2<'a, T, const A: usize, const B: usize> {
    data: &'a [T],
    outer: [usize; A],
    inner: [usize; B],
}

impl<'a, T, const A: usize, const B: usize> In2<'a, T, A, B> {
    /// Reads `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(data: &'a [T], outer: [usize; A], inner: [usize; B]) -> Self {
        In2 { data, outer, inner }
    }
}

/// A write access over `R` axes.
#[derive(Debug)]
pub struct Out<'a, T, const R: usize> {
    data: &'a mut [T],
    strides: [usize; R],
    add: bool,
}

impl<'a, T, const R: usize> Out<'a, T, R> {
    /// Overwrites `data[Σ index[d] · strides[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn set(data: &'a mut [T], strides: [usize; R]) -> Self {
        Out { data, strides, add: false }
    }

    /// Adds to `data[Σ index[d] · strides[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn add(data: &'a mut [T], strides: [usize; R]) -> Self {
        Out { data, strides, add: true }
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

impl<'a, T, const A: usize, const B: usize> Out2<'a, T, A, B> {
    /// Overwrites `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn set(data: &'a mut [T], outer: [usize; A], inner: [usize; B]) -> Self {
        Out2 { data, outer, inner, add: false }
    }

    /// Adds to `data[Σ i[d] · outer[d] + Σ j[d] · inner[d]]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn add(data: &'a mut [T], outer: [usize; A], inner: [usize; B]) -> Self {
        Out2 { data, outer, inner, add: true }
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

/// The innermost loop after the trailing axes have been merged into one.
///
/// The axes before `rank` remain as a loop nest around it. The merged loop has `len` steps, and an
/// access moves by its stride on axis `last` in each.
#[derive(Clone, Copy)]
struct Merged<const R: usize> {
    rank: usize,
    last: usize,
    len: usize,
}

impl<const R: usize> Merged<R> {
    /// Merges axes from the last one outwards while `fits(axis, last, len)`: while one step along
    /// `axis` is `len` steps along `last` for every access.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(space: &[usize; R], fits: impl Fn(usize, usize, usize) -> bool) -> Self {
        if R == 0 {
            return Merged { rank: 0, last: 0, len: 1 };
        }
        let mut merged = Merged { rank: R - 1, last: R - 1, len: space[R - 1] };
        while merged.rank > 0 {
            let axis = merged.rank - 1;
            if merged.len == 1 {
                merged.last = axis;
                merged.len = space[axis];
            } else if space[axis] == 1 || fits(axis, merged.last, merged.len) {
                merged.len *= space[axis];
            } else {
                break;
            }
            merged.rank = axis;
        }
        merged
    }

    /// The step of an access along the merged loop; `alone` where there are no axes at all.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stride(&self, strides: &[usize; R], alone: usize) -> usize {
        if R == 0 { alone } else { strides[self.last] }
    }
}

/// Walks through all indices of the first `rank` axes in row-major order, from zero.
///
/// A struct rather than a function of a closure: a closure cannot be `#[cfg_attr(not(debug_assertions), inline(always))]`, and what
/// is not inlined loses the instruction set chosen by [`Scalar::dispatch`].
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

/// The lanes `data[at], data[at + stride], …`, `left` of them and at most all.
#[cfg_attr(not(debug_assertions), inline(always))]
fn fetch<V: Lanes>(data: &[V::Scalar], at: usize, stride: usize, left: usize) -> V {
    if stride == 0 {
        V::splat(data[at])
    } else if stride == 1 {
        unsafe { V::load_part(data[at..at + left.min(V::N)].as_ptr(), left) }
    } else {
        V::from_fn(|lane| if lane < left { data[at + lane * stride] } else { V::Scalar::ZERO })
    }
}

/// Writes the first `left ≤ N` lanes to `data[at], data[at + stride], …`, or adds them.
#[cfg_attr(not(debug_assertions), inline(always))]
fn put<V: Lanes>(
    data: &mut [V::Scalar],
    at: usize,
    stride: usize,
    left: usize,
    add: bool,
    value: V,
) {
    if stride == 1 {
        let to = &mut data[at..at + left];
        if left >= V::N {
            let value = if add { value + unsafe { V::load(to.as_ptr()) } } else { value };
            unsafe { value.store(to.as_mut_ptr()) };
        } else {
            let value =
                if add { value + unsafe { V::load_part(to.as_ptr(), left) } } else { value };
            unsafe { value.store_part(to.as_mut_ptr(), left) };
        }
    } else {
        for lane in 0..left {
            let to = &mut data[at + lane * stride];
            *to = if add { *to + value.lane(lane) } else { value.lane(lane) };
        }
    }
}
