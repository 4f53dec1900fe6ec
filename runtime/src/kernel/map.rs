//! Pointwise loops.

use super::{Body, In, On, Out, Walk, Wide2, Wide4, check, check_written, fetch, put};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// `outs[o] = body(ins…)[o]` at every index of `space`.
///
/// In full, for `i` in `space` in row-major order:
/// `outs[o].data[i · outs[o].strides] (= or +=) body([], [ins[0].data[i · ins[0].strides], …])[o]`.
///
/// The last axis is taken in vectors, several at a time: their computations are independent, and the
/// processor works on one while another waits.
///
/// # Panics
/// If a slice is too short for its access.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn map<V: Lanes, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
    space: [usize; R],
    ins: [In<'_, V::Scalar, R>; NI],
    mut outs: [Out<'_, V::Scalar, R>; NO],
    _: B,
) where
    B: Body<V::Scalar, 0, NI, NO>,
{
    // What lies behind a part of an axis may be nothing, where only rustc knows how long the axis is.
    if space.contains(&0) {
        return;
    }
    ins.iter().for_each(|x| check((space, []), (x.strides, []), x.len));
    outs.iter().for_each(|y| check_written((space, []), (y.strides, []), y.len));
    let (rank, len) = if R == 0 { (0, 1) } else { (R - 1, space[R - 1]) };
    let mut walk = Walk::new(space, rank);
    let along = |strides: &[usize; R]| if R == 0 { 0 } else { strides[R - 1] };
    let row = Row {
        len,
        from: ins.each_ref().map(|x| (x.data, along(&x.strides))),
        to: outs.each_mut().map(|y| (y.data, along(&y.strides), y.add)),
    };
    loop {
        let mut here = row;
        for (from, x) in here.from.iter_mut().zip(&ins) {
            from.0 = from.0.wrapping_add(walk.offset(&x.strides));
        }
        for (to, y) in here.to.iter_mut().zip(&outs) {
            to.0 = to.0.wrapping_add(walk.offset(&y.strides));
        }
        // SAFETY: the extents of all accesses were checked.
        unsafe {
            let mut at = 0;
            if V::N > 1 && V::VECTORS == 4 {
                at = here.run::<Wide4<V>, B>(at, true);
            } else if V::N > 1 {
                at = here.run::<Wide2<V>, B>(at, true);
            }
            here.run::<V, B>(at, false);
        }
        if !walk.step() {
            return;
        }
    }
}

/// A row of the innermost axis: where every access begins, and how far apart its elements are.
struct Row<T, const NI: usize, const NO: usize> {
    len: usize,
    from: [(*const T, usize); NI],
    to: [(*mut T, usize, bool); NO],
}

impl<T, const NI: usize, const NO: usize> Clone for Row<T, NI, NO> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const NI: usize, const NO: usize> Copy for Row<T, NI, NO> {}

impl<T: Scalar, const NI: usize, const NO: usize> Row<T, NI, NO> {
    /// Runs a body from `at` on, in whole vectors or to the end; returns how far it came.
    ///
    /// # Safety
    /// All elements of the row are there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn run<L: Lanes<Scalar = T>, B: Body<T, 0, NI, NO>>(
        self,
        mut at: usize,
        whole: bool,
    ) -> usize {
        while if whole { at + L::N <= self.len } else { at < self.len } {
            let left = if whole { L::N } else { self.len - at };
            let mut xs = [L::splat(T::ZERO); NI];
            for (lanes, (from, stride)) in xs.iter_mut().zip(&self.from) {
                // SAFETY: `left` elements are there from `at` on.
                *lanes = unsafe { fetch(from.add(at * stride), *stride, left) };
            }
            let ys = B::f([], xs);
            for ((to, stride, add), lanes) in self.to.iter().zip(&ys) {
                // A stride of 0 belongs to an axis of one element.
                let stride = (*stride).max(1);
                // SAFETY: the same.
                unsafe { put(to.add(at * stride), stride, left, *add, *lanes) };
            }
            at += L::N;
        }
        at
    }
}
