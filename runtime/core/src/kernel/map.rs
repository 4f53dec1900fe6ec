//! Pointwise loops.

use super::{
    Body, In, Known, On, Out, Walk, Wide2, Wide4, Wide6, check, check_length, check_stride,
    check_written, fetch_all, may_fill, may_leave, put_all,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// `outs[o] = body(ins…)[o]` at every index of `space`.
///
/// In full, for `i` in `space` in row-major order:
/// `outs[o].data[i · outs[o].strides] (= or +=) body([], [ins[0].data[i · ins[0].strides], …])[o]`.
///
/// The last axis is taken in vectors, several at a time: their computations are independent, and the
/// processor works on one while another waits. `A` is what is known of it.
///
/// # Panics
/// If a slice is too short for its access, or what is said of the axis is not so.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn map<V: Lanes, A: Known, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
    _: A,
    space: [usize; R],
    ins: [In<'_, V::Scalar, R>; NI],
    outs: [Out<'_, V::Scalar, R>; NO],
    _: B,
) where
    B: Body<V::Scalar, 0, NI, NO>,
{
    // A tail may be empty where only rustc knows how long the axis is.
    if space.contains(&0) {
        return;
    }
    let (rank, len) = if R == 0 { (0, 1) } else { (R - 1, space[R - 1]) };
    let along = |strides: &[usize; R]| if R == 0 { 0 } else { strides[R - 1] };
    let mut row = Row {
        len,
        from: [(core::ptr::null(), 0); NI],
        to: [(core::ptr::null_mut(), 0, false); NO],
    };
    check_length::<A>(len);
    let mut i = 0;
    while i < NI {
        let x = &ins[i];
        check((space, []), (x.strides, []), x.len);
        row.from[i] = (x.data, along(&x.strides));
        check_stride::<A>(row.from[i].1);
        i += 1;
    }
    i = 0;
    while i < NO {
        let y = &outs[i];
        check_written((space, []), (y.strides, []), y.len);
        row.to[i] = (y.data, along(&y.strides), y.add);
        check_stride::<A>(row.to[i].1);
        i += 1;
    }
    let mut walk = Walk::new(space, rank);
    loop {
        let mut here = row;
        let mut i = 0;
        while i < NI {
            here.from[i].0 = here.from[i].0.wrapping_add(walk.offset(&ins[i].strides));
            i += 1;
        }
        i = 0;
        while i < NO {
            here.to[i].0 = here.to[i].0.wrapping_add(walk.offset(&outs[i].strides));
            i += 1;
        }
        // SAFETY: the extents of all accesses were checked, and what is known of the axis.
        unsafe {
            let mut at = 0;
            if const { takes_six::<V, A, NI, NO>() } && len.is_multiple_of(6 * V::N) {
                at = here.run::<Wide6<V>, A, B>(at, true);
            }
            if const { V::N > 1 && most::<V, A>() == 4 && may_fill::<A>(4 * V::N) } {
                at = here.run::<Wide4<V>, A, B>(at, true);
            } else if const { V::N > 1 && most::<V, A>() == 2 && may_fill::<A>(2 * V::N) } {
                at = here.run::<Wide2<V>, A, B>(at, true);
            }
            if const { V::N == 1 || may_leave::<A>(most::<V, A>() * V::N) } {
                here.run::<V, A, B>(at, false);
            }
        }
        if !walk.step() {
            return;
        }
    }
}

/// How many vectors are taken at once: four, or two where there are few registers; but four of a long chain all
/// the same, in which waiting costs more than memory does, if not on portable lanes.
const fn most<V: Lanes, A: Known>() -> usize {
    if V::VECTORS == 4 || A::STEPS && V::ROWS == 6 { 4 } else { 2 }
}

/// Whether whole blocks are taken in six vectors: a step whose chain is as long as those of `f64` are, where
/// there are 32 registers and no second value to keep. For `f32` that would gain 4 % in cache and hardly anything
/// over memory, and another copy of every body is to be compiled.
const fn takes_six<V: Lanes, A: Known, const NI: usize, const NO: usize>() -> bool {
    A::STEPS && NI == 1 && NO == 1 && V::VECTORS == 4 && size_of::<V::Scalar>() == 8
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
    /// All elements of the row are there, and what is [`Known`] is so.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn run<L: Lanes<Scalar = T>, A: Known, B: Body<T, 0, NI, NO>>(
        &self,
        mut at: usize,
        whole: bool,
    ) -> usize {
        while if whole { at + L::N <= self.len } else { at < self.len } {
            let left = if whole { L::N } else { self.len - at };
            // SAFETY: `left` elements are there from `at` on.
            unsafe {
                let xs = fetch_all::<L, A, NI>(&self.from, at, left);
                put_all::<L, A, NO>(&self.to, at, left, &B::f([], xs));
            }
            at += L::N;
        }
        at
    }
}
