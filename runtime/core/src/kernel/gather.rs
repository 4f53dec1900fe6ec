//! Loops over what integers choose: gathers, and sums into what they choose.

use super::{
    AnyAxis, Body, In, Known, On, Out, Walk, check, check_length, check_stride, check_written,
    fetch, put,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// Integers as a read access, what each of them is below, and how far apart what two of them choose lies.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a, const R: usize> {
    /// One for every index of the loop.
    index: In<'a, u32, R>,
    /// Each is below this.
    bound: usize,
    /// The stride of the axis it chooses from.
    stride: usize,
    skip: Skip,
}

/// What an integer does not choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Every integer chooses.
    Nothing,
    /// In place of what this integer chooses there is 0.
    Zero(u32),
    /// What this integer chooses passes no derivative on: see [`Scalar::stop_gradient`].
    Derivative(u32),
}

/// Integers at `index[Σ i[d] · strides[d]]` that choose from an axis of length `bound` and this stride.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn chosen<const R: usize>(
    index: &[u32],
    strides: [usize; R],
    bound: usize,
    stride: usize,
    skip: Skip,
) -> Chosen<'_, R> {
    Chosen { index: super::read(index, strides), bound, stride, skip }
}

impl<const R: usize> Chosen<'_, R> {
    /// The integer at an offset, unless it chooses nothing.
    ///
    /// # Panics
    /// If the integer is not below the bound.
    ///
    /// # Safety
    /// There is an integer at the offset.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn at(&self, offset: usize) -> Option<usize> {
        // SAFETY: as promised.
        let chosen = unsafe { *self.index.data.add(offset) };
        if self.skip == Skip::Zero(chosen) {
            return None;
        }
        assert!((chosen as usize) < self.bound, "an index is not below {}", self.bound);
        Some(chosen as usize)
    }

    /// Whether what an integer chooses passes no derivative on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_still(&self, integer: usize) -> bool {
        matches!(self.skip, Skip::Derivative(skip) if integer == skip as usize)
    }
}

/// The last axis of an index space apart from the others, and the stride along it.
fn split<const R: usize>(space: &[usize; R]) -> (usize, usize) {
    if R == 0 { (0, 1) } else { (R - 1, space[R - 1]) }
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn last<const R: usize>(strides: &[usize; R]) -> usize {
    if R == 0 { 0 } else { strides[R - 1] }
}

/// `outs[o] = body([x at the index], ins…)[o]` at every index of `space`.
///
/// In full, for `i` in `space` in row-major order, and `k` the integer at `i`:
/// `outs[o].data[i · outs[o].strides] (= or +=) body([x.data[i · x.strides + k · stride]], [ins[0].data[…], …])[o]`,
/// with 0 in place of `x` where `k` is skipped, or `x` without its derivative.
///
/// Where the integer is the same along the last axis, that axis is taken in vectors. `A` is what is known
/// of it.
///
/// # Panics
/// If a slice is too short for its access, an integer is not below its bound, or what is said of the axis is not so.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn gather<V: Lanes, A: Known, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
    _: A,
    space: [usize; R],
    x: In<'_, V::Scalar, R>,
    chosen: Chosen<'_, R>,
    ins: [In<'_, V::Scalar, R>; NI],
    outs: [Out<'_, V::Scalar, R>; NO],
    _: B,
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    check((space, [chosen.bound]), (x.strides, [chosen.stride]), x.len);
    check((space, []), (chosen.index.strides, []), chosen.index.len);
    let (rank, len) = split(&space);
    check_length::<A>(len);
    check_stride::<A>(last(&x.strides));
    let mut i = 0;
    while i < NI {
        check((space, []), (ins[i].strides, []), ins[i].len);
        check_stride::<A>(last(&ins[i].strides));
        i += 1;
    }
    i = 0;
    while i < NO {
        check_written((space, []), (outs[i].strides, []), outs[i].len);
        check_stride::<A>(last(&outs[i].strides));
        i += 1;
    }
    let mut walk = Walk::new(space, rank);
    let of_index = last(&chosen.index.strides);
    loop {
        let from = x.data.wrapping_add(walk.offset(&x.strides));
        let index = walk.offset(&chosen.index.strides);
        // SAFETY: the extents of all accesses were checked.
        let row = if of_index == 0 { unsafe { chosen.at(index) } } else { None };
        let mut at = 0;
        while at < len {
            let left = len - at;
            // SAFETY: the same, and `Chosen::at` checks the integer: `left` elements are there.
            let made = unsafe {
                if of_index > 0 {
                    V::from_fn(|lane| {
                        let k = at + lane;
                        let integer =
                            if lane < left { chosen.at(index + k * of_index) } else { None };
                        match integer {
                            Some(i) => {
                                let x = *from.add(i * chosen.stride + k * last(&x.strides));
                                if chosen.is_still(i) { x.stop_gradient() } else { x }
                            }
                            None => V::Scalar::ZERO,
                        }
                    })
                } else if let Some(i) = row {
                    let stride = last(&x.strides);
                    let from = from.add(i * chosen.stride + at * stride);
                    let x = fetch::<V, A>(from, stride, left);
                    if chosen.is_still(i) { x.stop_gradient() } else { x }
                } else {
                    V::splat(V::Scalar::ZERO)
                }
            };
            let mut read = [V::splat(V::Scalar::ZERO); NI];
            let mut i = 0;
            while i < NI {
                let stride = last(&ins[i].strides);
                let from = ins[i].data.wrapping_add(walk.offset(&ins[i].strides) + at * stride);
                // SAFETY: `left` elements are there from `at` on.
                read[i] = unsafe { fetch::<V, A>(from, stride, left) };
                i += 1;
            }
            let values = B::f([made], read);
            i = 0;
            while i < NO {
                let y = &outs[i];
                // A stride of 0 belongs to an axis of one element.
                let stride = last(&y.strides).max(1);
                let to = y.data.wrapping_add(walk.offset(&y.strides) + at * stride);
                // SAFETY: the same.
                unsafe { put::<V, A>(to, stride, left, y.add, values[i]) };
                i += 1;
            }
            at += V::N;
        }
        if !walk.step() {
            return;
        }
    }
}

/// Sums of `body(ins…)` into what integers choose.
///
/// Unless `out` adds, its `size` elements become zero first. Then for `i` in `space` in row-major order, and
/// `k` the integer at `i`: `out.data[i · out.strides + k · stride] += body([], [ins[0].data[…], …])[0]`, and
/// nothing where `k` is skipped. Strides of `out` may be 0: what belongs to one element adds up.
///
/// # Panics
/// As [`gather`], or if `out` has fewer than `size` elements.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn scatter<V: Lanes, B, const R: usize, const NI: usize>(
    _: On<V>,
    space: [usize; R],
    out: Out<'_, V::Scalar, R>,
    size: usize,
    chosen: Chosen<'_, R>,
    ins: [In<'_, V::Scalar, R>; NI],
    _: B,
) where
    B: Body<V::Scalar, 0, NI, 1>,
{
    check((space, [chosen.bound]), (out.strides, [chosen.stride]), out.len);
    check((space, []), (chosen.index.strides, []), chosen.index.len);
    ins.iter().for_each(|x| check((space, []), (x.strides, []), x.len));
    assert!(size <= out.len, "an access reaches past the end of its slice");
    if !out.add {
        // SAFETY: `out` is a unique borrow of at least `size` scalars.
        unsafe { core::slice::from_raw_parts_mut(out.data, size) }.fill(V::Scalar::ZERO);
    }
    let (rank, len) = split(&space);
    let mut walk = Walk::new(space, rank);
    let (of_index, of_out) = (last(&chosen.index.strides), last(&out.strides));
    loop {
        let to = out.data.wrapping_add(walk.offset(&out.strides));
        let index = walk.offset(&chosen.index.strides);
        let mut at = 0;
        while at < len {
            let left = len - at;
            let mut read = [V::splat(V::Scalar::ZERO); NI];
            for (lanes, x) in read.iter_mut().zip(&ins) {
                let stride = last(&x.strides);
                let from = x.data.wrapping_add(walk.offset(&x.strides) + at * stride);
                // SAFETY: the extents of all accesses were checked: `left` elements are there.
                *lanes = unsafe { fetch::<V, AnyAxis>(from, stride, left) };
            }
            let [lanes] = B::f([], read);
            // SAFETY: the same, and `Chosen::at` checks the integer.
            unsafe {
                if of_index == 0 && of_out == 1 {
                    if let Some(i) = chosen.at(index) {
                        let to = to.add(i * chosen.stride + at);
                        put::<V, AnyAxis>(to, 1, left, true, lanes);
                    }
                } else {
                    for lane in 0..V::N.min(left) {
                        let k = at + lane;
                        if let Some(i) = chosen.at(index + k * of_index) {
                            let to = to.add(i * chosen.stride + k * of_out);
                            *to = *to + lanes.lane(lane);
                        }
                    }
                }
            }
            at += V::N;
        }
        if !walk.step() {
            return;
        }
    }
}

/// 0, 1, 2, … below `cycle`, each so many times, and again from 0.
pub fn iota<T: Scalar>(out: &mut [T], repeat: usize, cycle: usize) {
    for (i, x) in out.iter_mut().enumerate() {
        let i = i / repeat % cycle;
        *x = T::constant(i as f64, i as i128, 1);
    }
}
