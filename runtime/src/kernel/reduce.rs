//! Sums and maxima over some axes.

use super::{Body, Fold, In, In2, On, Out, Walk, Wide2, Wide4, check, check_written, fetch, put};
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
/// last outer one.
///
/// # Panics
/// If a slice is too short for its access, and in debug builds if a size is 0.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "two loop nests with their operands")]
pub fn reduce<
    V: Lanes,
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
    debug_assert!(!outer.contains(&0), "reduce over an empty outer space {outer:?}");
    debug_assert!(!inner.contains(&0), "reduce over an empty inner space {inner:?}");
    ins.iter().for_each(|x| check((outer, inner), (x.outer, x.inner), x.data.len()));
    extra.iter().for_each(|x| check((outer, []), (x.strides, []), x.len));
    outs.iter().for_each(|y| check_written((outer, []), (y.strides, []), y.len));
    let mut nest = Nest { outer, inner, ins, folds, extra, outs };
    let wide = if V::VECTORS == 4 { 4 * V::N } else { 2 * V::N };
    let columns = Nest::<V::Scalar, RO, RI, NI, NA, NE, NO>::last(&outer);
    let row = Nest::<V::Scalar, RO, RI, NI, NA, NE, NO>::last(&inner);
    // SAFETY: the extents of all accesses were checked.
    unsafe {
        if nest.prefers_inner(V::N) {
            if row < wide {
                nest.along_inner::<V, B, E>();
            } else if V::VECTORS == 4 {
                nest.along_inner::<Wide4<V>, B, E>();
            } else {
                nest.along_inner::<Wide2<V>, B, E>();
            }
        } else if columns < wide || V::N == 1 {
            nest.along_outer::<V, B, E>(0, false);
        } else {
            let at = if V::VECTORS == 4 {
                nest.along_outer::<Wide4<V>, B, E>(0, true)
            } else {
                nest.along_outer::<Wide2<V>, B, E>(0, true)
            };
            if at < columns {
                nest.along_outer::<V, B, E>(at, false);
            }
        }
    }
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
    /// The length of the last axis.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn last<const R: usize>(space: &[usize; R]) -> usize {
        if R == 0 { 1 } else { space[R - 1] }
    }

    /// The stride along the last axis.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn along<const R: usize>(strides: &[usize; R]) -> usize {
        if R == 0 { 0 } else { strides[R - 1] }
    }

    /// Whether vectors along the inner axes are the better choice: a loop is good if it fills a
    /// vector without gathers; where neither is, the longer one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefers_inner(&self, lanes: usize) -> bool {
        let (row, columns) = (Self::last(&self.inner), Self::last(&self.outer));
        let inner_loads = self.ins.iter().all(|x| Self::along(&x.inner) <= 1);
        let outer_loads = self.outs.iter().all(|y| Self::along(&y.strides) <= 1)
            && self.ins.iter().all(|x| Self::along(&x.outer) <= 1)
            && self.extra.iter().all(|x| Self::along(&x.strides) <= 1);
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

    /// Vectors along the last inner axis, one outer index after the other.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn along_inner<L, B, E>(&mut self)
    where
        L: Lanes<Scalar = T>,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let len = Self::last(&self.inner);
        let mut walk = Walk::new(self.outer, RO);
        loop {
            let mut acc = [L::splat(T::ZERO); NA];
            let mut first = true;
            let mut rows = Walk::new(self.inner, RI.saturating_sub(1));
            loop {
                let mut at = 0;
                while at < len {
                    let left = L::N.min(len - at);
                    let mut xs = [L::splat(T::ZERO); NI];
                    for (lanes, x) in xs.iter_mut().zip(&self.ins) {
                        let stride = Self::along(&x.inner);
                        let start = walk.offset(&x.outer) + rows.offset(&x.inner) + at * stride;
                        // SAFETY: as promised.
                        *lanes = unsafe { fetch(x.data.as_ptr().add(start), stride, left) };
                    }
                    let ys = B::f([], xs);
                    for ((acc, y), fold) in acc.iter_mut().zip(&ys).zip(&self.folds) {
                        let y = if left < L::N { y.keep(left, neutral(*fold, *y)) } else { *y };
                        *acc = combine(*fold, first, *acc, y);
                    }
                    first = false;
                    at += L::N;
                }
                if !rows.step() {
                    break;
                }
            }
            let mut made = [L::splat(T::ZERO); NA];
            for ((made, acc), fold) in made.iter_mut().zip(&acc).zip(&self.folds) {
                *made = L::splat(match fold {
                    Fold::Sum => acc.sum(),
                    Fold::Max => acc.max(),
                });
            }
            // SAFETY: as promised.
            unsafe { self.finish::<L, E>(&walk, 0, 1, made) };
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
    unsafe fn along_outer<L, B, E>(&mut self, begin: usize, whole: bool) -> usize
    where
        L: Lanes<Scalar = T>,
        B: Body<T, 0, NI, NA>,
        E: Body<T, NA, NE, NO>,
    {
        let columns = Self::last(&self.outer);
        let mut walk = Walk::new(self.outer, RO.saturating_sub(1));
        loop {
            let mut at = begin;
            while if whole { at + L::N <= columns } else { at < columns } {
                let left = if whole { L::N } else { columns - at };
                let mut acc = [L::splat(T::ZERO); NA];
                let mut first = true;
                let mut rows = Walk::new(self.inner, RI);
                loop {
                    let mut xs = [L::splat(T::ZERO); NI];
                    for (lanes, x) in xs.iter_mut().zip(&self.ins) {
                        let stride = Self::along(&x.outer);
                        let start = walk.offset(&x.outer) + rows.offset(&x.inner) + at * stride;
                        // SAFETY: as promised.
                        *lanes = unsafe { fetch(x.data.as_ptr().add(start), stride, left) };
                    }
                    let ys = B::f([], xs);
                    for ((acc, y), fold) in acc.iter_mut().zip(&ys).zip(&self.folds) {
                        *acc = combine(*fold, first, *acc, *y);
                    }
                    first = false;
                    if !rows.step() {
                        break;
                    }
                }
                // SAFETY: as promised.
                unsafe { self.finish::<L, E>(&walk, at, left, acc) };
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
    unsafe fn finish<L, E>(&mut self, walk: &Walk<RO>, at: usize, left: usize, made: [L; NA])
    where
        L: Lanes<Scalar = T>,
        E: Body<T, NA, NE, NO>,
    {
        let mut extra = [L::splat(T::ZERO); NE];
        for (lanes, x) in extra.iter_mut().zip(&self.extra) {
            let stride = if left == 1 { 0 } else { Self::along(&x.strides) };
            let start = walk.offset(&x.strides) + at * Self::along(&x.strides);
            // SAFETY: as promised.
            *lanes = unsafe { fetch(x.data.add(start), stride, left) };
        }
        let ys = E::f(made, extra);
        for (y, lanes) in self.outs.iter_mut().zip(&ys) {
            let stride = Self::along(&y.strides);
            let start = walk.offset(&y.strides) + at * stride;
            // SAFETY: the same. A stride of 0 belongs to an axis of one element.
            unsafe { put(y.data.add(start), stride.max(1), left, y.add, *lanes) };
        }
    }
}

/// One step of a fold. A maximum starts from the first value: a generic scalar has no −∞.
#[cfg_attr(not(debug_assertions), inline(always))]
fn combine<L: Lanes>(fold: Fold, first: bool, acc: L, y: L) -> L {
    match fold {
        Fold::Sum => acc + y,
        Fold::Max if first => y,
        Fold::Max => acc.maximum(y),
    }
}

/// What lanes behind the end of an axis hold so that a fold over all lanes of `y` does not notice
/// them. Lane 0 is never behind the end.
#[cfg_attr(not(debug_assertions), inline(always))]
fn neutral<L: Lanes>(fold: Fold, y: L) -> L {
    L::splat(match fold {
        Fold::Sum => L::Scalar::ZERO,
        Fold::Max => y.lane(0),
    })
}
