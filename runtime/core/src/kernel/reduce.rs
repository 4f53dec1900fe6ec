//! Sums and maxima over some axes.

use super::levels::{FAN, Levels, combine};
use super::{
    Axis, Body, Fold, In, In2, Known, On, Out, Walk, Wide2, Wide4, check, check_length,
    check_stride, check_written, fetch, may_fill, may_leave, put,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// `outs = finish(fold over inner of body(ins…), extra…)` at every index of `outer`.
///
/// In full, for `i` in `outer` and `j` in `inner`, with `fold` the sum or the maximum:
///
/// ```text
/// acc[a]  = fold over j of body([], [ins[0].data[i · outer strides + j · inner strides], …])[a]
/// outs[o] = finish(acc, [extra[0].data[i · strides], …])[o]       (or +=)
/// ```
///
/// Vectors run along the last inner axis where that is contiguous and long enough, otherwise along the
/// last outer one. `O` and `I` are what is known of these two.
///
/// # Panics
/// If a slice is too short for its access, a size is 0, or what is said of the axes is not so.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "two loop nests with their operands")]
pub fn reduce<
    V: Lanes,
    O: Known,
    I: Known,
    B,
    E,
    const RO: usize,
    const RI: usize,
    const NI: usize,
    const NA: usize,
    const NE: usize,
    const NO: usize,
>(
    _: On<V>,
    (_, _): (O, I),
    outer: [usize; RO],
    inner: [usize; RI],
    ins: [In2<'_, V::Scalar, RO, RI>; NI],
    folds: [Fold; NA],
    _: B,
    extra: [In<'_, V::Scalar, RO>; NE],
    outs: [Out<'_, V::Scalar, RO>; NO],
    _: E,
) where
    B: Body<V::Scalar, 0, NI, NA>,
    E: Body<V::Scalar, NA, NE, NO>,
{
    assert!(!outer.contains(&0) && !inner.contains(&0), "a reduction over an empty axis");
    let (columns, row) = (last(&outer), last(&inner));
    check_length::<O>(columns);
    check_length::<I>(row);
    let mut i = 0;
    while i < NI {
        let x = &ins[i];
        check((outer, inner), (x.outer, x.inner), x.data.len());
        check_stride::<O>(along(&x.outer));
        check_stride::<I>(along(&x.inner));
        i += 1;
    }
    i = 0;
    while i < NE {
        check((outer, []), (extra[i].strides, []), extra[i].len);
        check_stride::<O>(along(&extra[i].strides));
        i += 1;
    }
    i = 0;
    while i < NO {
        check_written((outer, []), (outs[i].strides, []), outs[i].len);
        check_stride::<O>(along(&outs[i].strides));
        i += 1;
    }
    let mut nest = Nest { outer, inner, ins, folds, extra, outs };
    // SAFETY: the extents of all accesses were checked, and what is known of the axes.
    unsafe {
        match const { direction::<O, I>(V::N) } {
            Some(Along::Inner) => nest.inwards::<V, I, B, E>(),
            Some(Along::Outer) => nest.outwards::<V, O, I, B, E>(),
            None if nest.prefers_inner(V::N) => nest.inwards::<V, I, B, E>(),
            None => nest.outwards::<V, O, I, B, E>(),
        }
    }
}

/// Which axes vectors run along.
#[derive(Clone, Copy)]
enum Along {
    Inner,
    Outer,
}

/// What [`Nest::prefers_inner`] would say, if that is known.
const fn direction<O: Known, I: Known>(lanes: usize) -> Option<Along> {
    if lanes == 1 {
        return Some(Along::Outer);
    }
    // A number that divides a length which is not known says that it is long enough.
    let (row_fills, columns_fill) = (I::FACTOR >= lanes, O::FACTOR >= lanes);
    let row_is_short = I::LEN > 0 && I::LEN < lanes;
    if I::PLAIN && row_fills {
        Some(Along::Inner)
    } else if I::PLAIN && !row_is_short {
        None
    } else if I::PLAIN && !O::PLAIN && 2 * I::LEN > lanes {
        Some(Along::Inner)
    } else if O::PLAIN && columns_fill {
        Some(Along::Outer)
    } else if I::LEN > 0 && O::LEN > 0 {
        Some(if I::LEN > O::LEN { Along::Inner } else { Along::Outer })
    } else {
        None
    }
}

/// The last of some lengths; 1 if there are none.
#[cfg_attr(not(debug_assertions), inline(always))]
fn last<const R: usize>(sizes: &[usize; R]) -> usize {
    if R == 0 { 1 } else { sizes[R - 1] }
}

/// The stride along the last axis; 0 if there is none.
#[cfg_attr(not(debug_assertions), inline(always))]
fn along<const R: usize>(strides: &[usize; R]) -> usize {
    if R == 0 { 0 } else { strides[R - 1] }
}

/// The operands of a reduction.
struct Nest<
    'a,
    T,
    const RO: usize,
    const RI: usize,
    const NI: usize,
    const NA: usize,
    const NE: usize,
    const NO: usize,
> {
    outer: [usize; RO],
    inner: [usize; RI],
    ins: [In2<'a, T, RO, RI>; NI],
    folds: [Fold; NA],
    extra: [In<'a, T, RO>; NE],
    outs: [Out<'a, T, RO>; NO],
}

impl<
    T: Scalar,
    const RO: usize,
    const RI: usize,
    const NI: usize,
    const NA: usize,
    const NE: usize,
    const NO: usize,
> Nest<'_, T, RO, RI, NI, NA, NE, NO>
{
    /// Whether vectors along the inner axes are the better choice: a loop is good if it fills a
    /// vector without gathers; where neither is, the longer one.
    fn prefers_inner(&self, lanes: usize) -> bool {
        let (row, columns) = (last(&self.inner), last(&self.outer));
        let inner_loads = self.ins.iter().all(|x| along(&x.inner) <= 1);
        let outer_loads = self.outs.iter().all(|y| along(&y.strides) <= 1)
            && self.ins.iter().all(|x| along(&x.outer) <= 1)
            && self.extra.iter().all(|x| along(&x.strides) <= 1);
        if lanes == 1 {
            false
        } else if inner_loads && (row >= lanes || !outer_loads && 2 * row > lanes) {
            true
        } else if outer_loads && columns >= lanes {
            false
        } else {
            row > columns
        }
    }

    /// Vectors along the last inner axis, as wide as it is long.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn inwards<V, I, B, E>(&mut self)
    where
        V: Lanes<Scalar = T>,
        I: Known,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let row = last(&self.inner);
        // SAFETY: as promised.
        unsafe {
            if const { V::VECTORS == 4 && may_fill::<I>(4 * V::N) } && row >= 4 * V::N {
                self.along_inner::<Wide4<V>, I, B, E>();
            } else if const { V::VECTORS != 4 && may_fill::<I>(2 * V::N) } && row >= 2 * V::N {
                self.along_inner::<Wide2<V>, I, B, E>();
            } else if const { I::FACTOR < if V::VECTORS == 4 { 4 } else { 2 } * V::N } {
                self.along_inner::<V, I, B, E>();
            }
        }
    }

    /// Vectors along the last outer axis, several at a time as far as that goes.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn outwards<V, O, I, B, E>(&mut self)
    where
        V: Lanes<Scalar = T>,
        O: Known,
        I: Known,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let columns = last(&self.outer);
        let mut at = 0;
        // SAFETY: as promised.
        unsafe {
            if const { V::N > 1 && V::VECTORS == 4 && may_fill::<O>(4 * V::N) }
                && columns >= 4 * V::N
            {
                at = self.along_outer::<Wide4<V>, O, I, B, E>(0, true);
            } else if const { V::N > 1 && V::VECTORS != 4 && may_fill::<O>(2 * V::N) }
                && columns >= 2 * V::N
            {
                at = self.along_outer::<Wide2<V>, O, I, B, E>(0, true);
            }
            if const { V::N == 1 || may_leave::<O>(if V::VECTORS == 4 { 4 } else { 2 } * V::N) }
                && at < columns
            {
                self.along_outer::<V, O, I, B, E>(at, false);
            }
        }
    }

    /// Vectors along the last inner axis, one outer index after the other.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn along_inner<L, I, B, E>(&mut self)
    where
        L: Lanes<Scalar = T>,
        I: Known,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let len = last(&self.inner);
        let mut walk = Walk::new(self.outer, RO);
        loop {
            let mut acc = [L::splat(T::ZERO); NA];
            let (mut levels, mut block) = (Levels::<L, NA>::new(self.folds), 0);
            let mut rows = Walk::new(self.inner, RI.saturating_sub(1));
            loop {
                let mut at = 0;
                while at < len {
                    if const { is_long::<I>(RI, L::N) } && block == FAN {
                        levels.push(acc);
                        (acc, block) = ([L::splat(T::ZERO); NA], 0);
                    }
                    let left = if L::N < len - at { L::N } else { len - at };
                    let mut xs = [L::splat(T::ZERO); NI];
                    let mut i = 0;
                    while i < NI {
                        let x = &self.ins[i];
                        let stride = along(&x.inner);
                        let start = walk.offset(&x.outer) + rows.offset(&x.inner) + at * stride;
                        // SAFETY: as promised.
                        xs[i] = unsafe { fetch::<L, I>(x.data.as_ptr().add(start), stride, left) };
                        i += 1;
                    }
                    let ys = B::f([], xs);
                    i = 0;
                    while i < NA {
                        let (fold, y) = (self.folds[i], ys[i]);
                        let y = match const { may_leave::<I>(L::N) } && left < L::N {
                            true => y.keep(left, neutral(fold, y)),
                            false => y,
                        };
                        acc[i] = combine(fold, block == 0, acc[i], y);
                        i += 1;
                    }
                    block += 1;
                    at += L::N;
                }
                if !rows.step() {
                    break;
                }
            }
            if const { is_long::<I>(RI, L::N) } {
                acc = levels.with(acc, block == 0);
            }
            let mut i = 0;
            while i < NA {
                acc[i] = L::splat(match self.folds[i] {
                    Fold::Sum => acc[i].sum(),
                    Fold::Max => acc[i].max(),
                });
                i += 1;
            }
            // SAFETY: as promised. An axis of one element has any stride.
            unsafe { self.finish::<L, OneElement, E>(&walk, 0, 1, acc) };
            if !walk.step() {
                return;
            }
        }
    }

    /// Vectors along the last outer axis, from `at` on, whole ones or to the end: every lane folds for
    /// itself. Returns how far it came.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn along_outer<L, O, I, B, E>(&mut self, begin: usize, whole: bool) -> usize
    where
        L: Lanes<Scalar = T>,
        O: Known,
        I: Known,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let columns = last(&self.outer);
        let mut walk = Walk::new(self.outer, RO.saturating_sub(1));
        loop {
            let mut at = begin;
            while if whole { at + L::N <= columns } else { at < columns } {
                let left = if whole { L::N } else { columns - at };
                let mut acc = [L::splat(T::ZERO); NA];
                let (mut levels, mut block) = (Levels::<L, NA>::new(self.folds), 0);
                let mut rows = Walk::new(self.inner, RI);
                loop {
                    if const { is_long::<I>(RI, 1) } && block == FAN {
                        levels.push(acc);
                        (acc, block) = ([L::splat(T::ZERO); NA], 0);
                    }
                    let mut xs = [L::splat(T::ZERO); NI];
                    let mut i = 0;
                    while i < NI {
                        let x = &self.ins[i];
                        let stride = along(&x.outer);
                        let start = walk.offset(&x.outer) + rows.offset(&x.inner) + at * stride;
                        // SAFETY: as promised.
                        xs[i] = unsafe { fetch::<L, O>(x.data.as_ptr().add(start), stride, left) };
                        i += 1;
                    }
                    let ys = B::f([], xs);
                    i = 0;
                    while i < NA {
                        acc[i] = combine(self.folds[i], block == 0, acc[i], ys[i]);
                        i += 1;
                    }
                    block += 1;
                    if !rows.step() {
                        break;
                    }
                }
                if const { is_long::<I>(RI, 1) } {
                    acc = levels.with(acc, block == 0);
                }
                // SAFETY: as promised.
                unsafe { self.finish::<L, O, E>(&walk, at, left, acc) };
                at += L::N;
            }
            if !walk.step() {
                return at;
            }
        }
    }

    /// The epilogue for `left` outer indices from `at` on.
    ///
    /// # Safety
    /// They exist.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn finish<L, O, E>(&mut self, walk: &Walk<RO>, at: usize, left: usize, made: [L; NA])
    where
        L: Lanes<Scalar = T>,
        O: Known,
        E: Body<T, NA, NE, NO>,
    {
        let one = const { O::LEN == 1 };
        let mut extra = [L::splat(T::ZERO); NE];
        let mut i = 0;
        while i < NE {
            let x = &self.extra[i];
            let start = walk.offset(&x.strides) + at * along(&x.strides);
            let stride = if one { 0 } else { along(&x.strides) };
            // SAFETY: as promised.
            extra[i] = unsafe { fetch::<L, O>(x.data.add(start), stride, left) };
            i += 1;
        }
        let ys = E::f(made, extra);
        i = 0;
        while i < NO {
            let y = &self.outs[i];
            let stride = along(&y.strides);
            let start = walk.offset(&y.strides) + at * stride;
            // A stride of 0 belongs to an axis of one element.
            let stride = if one || stride == 0 { 1 } else { stride };
            // SAFETY: the same.
            unsafe { put::<L, O>(y.data.add(start), stride, left, y.add, ys[i]) };
            i += 1;
        }
    }
}

/// Whether a fold along an axis, of so many, may take more vectors than make a block.
const fn is_long<I: Known>(axes: usize, lanes: usize) -> bool {
    axes > 1 || I::LEN == 0 || I::LEN > FAN * lanes
}

/// One index of the outer axes.
type OneElement = Axis<1, 1, true>;

/// What lanes past the end of an axis hold so that a fold over all lanes of `y` does not notice
/// them. Lane 0 is never past the end.
#[cfg_attr(not(debug_assertions), inline(always))]
fn neutral<L: Lanes>(fold: Fold, y: L) -> L {
    L::splat(match fold {
        Fold::Sum => L::Scalar::ZERO,
        Fold::Max => y.lane(0),
    })
}
