//! Sums and maxima over some axes.

use super::{Fold, In, In2, Merged, Out, Walk, fetch, put};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// `outs = finish(fold over inner of body(ins…), extra…)` at every index of `outer`.
///
/// In full, for `i` in `outer` and `j` in `inner`, with `fold` the sum or the maximum:
///
/// ```text
/// acc[a]  = fold over j of body([ins[0].data[i · outer strides + j · inner strides], …])[a]
/// outs[o] = finish(acc, [extra[0].data[i · strides], …])[o]       (or +=)
/// ```
///
/// Vectors run along the inner axes where those are contiguous and long enough, otherwise along the
/// outer ones.
///
/// # Panics
/// If a slice is too short for its access, and in debug builds if a size is 0.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "two loop nests with their operands")]
pub fn reduce<
    V: Lanes,
    const RO: usize,
    const RI: usize,
    const NI: usize,
    const NA: usize,
    const NE: usize,
    const NO: usize,
>(
    outer: [usize; RO],
    inner: [usize; RI],
    ins: [In2<'_, V::Scalar, RO, RI>; NI],
    folds: [Fold; NA],
    body: impl Fn([V; NI]) -> [V; NA],
    extra: [In<'_, V::Scalar, RO>; NE],
    outs: [Out<'_, V::Scalar, RO>; NO],
    finish: impl Fn([V; NA], [V; NE]) -> [V; NO],
) {
    debug_assert!(!outer.contains(&0), "reduce over an empty outer space {outer:?}");
    debug_assert!(!inner.contains(&0), "reduce over an empty inner space {inner:?}");
    let columns = Merged::new(&outer, |axis, last, len| {
        ins.iter().all(|x| x.outer[axis] == x.outer[last] * len)
            && extra.iter().all(|x| x.strides[axis] == x.strides[last] * len)
            && outs.iter().all(|y| y.strides[axis] == y.strides[last] * len)
    });
    let row = Merged::new(&inner, |axis, last, len| {
        ins.iter().all(|x| x.inner[axis] == x.inner[last] * len)
    });
    let nest = Nest { outer, inner, columns, row, ins, folds, extra };
    if nest.prefers_inner(V::N, outs.iter().all(|y| columns.stride(&y.strides, 1) == 1)) {
        nest.along_inner(body, outs, finish);
    } else {
        nest.along_outer(body, outs, finish);
    }
}

/// What both ways of running a reduction know.
struct Nest<
    'a,
    T,
    const RO: usize,
    const RI: usize,
    const NI: usize,
    const NA: usize,
    const NE: usize,
> {
    outer: [usize; RO],
    inner: [usize; RI],
    columns: Merged<RO>,
    row: Merged<RI>,
    ins: [In2<'a, T, RO, RI>; NI],
    folds: [Fold; NA],
    extra: [In<'a, T, RO>; NE],
}

impl<T: Scalar, const RO: usize, const RI: usize, const NI: usize, const NA: usize, const NE: usize>
    Nest<'_, T, RO, RI, NI, NA, NE>
{
    /// Whether vectors along the inner axes are the better choice: a loop is good if it fills a
    /// vector without gathers; where neither is, the longer one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefers_inner(&self, lanes: usize, outs_contiguous: bool) -> bool {
        let inner_loads = self.ins.iter().all(|x| self.row.stride(&x.inner, 0) <= 1);
        let outer_loads = outs_contiguous
            && self.ins.iter().all(|x| self.columns.stride(&x.outer, 0) <= 1)
            && self.extra.iter().all(|x| self.columns.stride(&x.strides, 0) <= 1);
        if lanes == 1 {
            false
        } else if inner_loads && self.row.len >= lanes {
            true
        } else if outer_loads && self.columns.len >= lanes {
            false
        } else {
            self.row.len > self.columns.len
        }
    }

    /// Vectors along the merged inner loop, one outer index after the other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn along_inner<V: Lanes<Scalar = T>, const NO: usize>(
        &self,
        body: impl Fn([V; NI]) -> [V; NA],
        mut outs: [Out<'_, T, RO>; NO],
        finish: impl Fn([V; NA], [V; NE]) -> [V; NO],
    ) {
        let mut walk = Walk::new(self.outer, RO);
        loop {
            let mut acc = [V::splat(T::ZERO); NA];
            let mut first = true;
            let mut rows = Walk::new(self.inner, self.row.rank);
            loop {
                let mut at = 0;
                while at < self.row.len {
                    let left = V::N.min(self.row.len - at);
                    let mut xs = [V::splat(T::ZERO); NI];
                    for (lanes, x) in xs.iter_mut().zip(&self.ins) {
                        let stride = self.row.stride(&x.inner, 0);
                        let start = walk.offset(&x.outer) + rows.offset(&x.inner) + at * stride;
                        *lanes = fetch(x.data, start, stride, left);
                    }
                    let ys = body(xs);
                    for ((acc, y), fold) in acc.iter_mut().zip(ys).zip(self.folds) {
                        let y = if left < V::N { y.keep(left, neutral(fold, y)) } else { y };
                        *acc = combine(fold, first, *acc, y);
                    }
                    first = false;
                    at += V::N;
                }
                if !rows.step() {
                    break;
                }
            }
            for (acc, fold) in acc.iter_mut().zip(self.folds) {
                *acc = V::splat(match fold {
                    Fold::Sum => acc.sum(),
                    Fold::Max => acc.max(),
                });
            }
            let mut extra = [V::splat(T::ZERO); NE];
            for (lanes, x) in extra.iter_mut().zip(&self.extra) {
                *lanes = V::splat(x.data[walk.offset(&x.strides)]);
            }
            for (y, lanes) in outs.iter_mut().zip(finish(acc, extra)) {
                put(y.data, walk.offset(&y.strides), 0, 1, y.add, lanes);
            }
            if !walk.step() {
                return;
            }
        }
    }

    /// Vectors along the merged outer loop: every lane folds for itself.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn along_outer<V: Lanes<Scalar = T>, const NO: usize>(
        &self,
        body: impl Fn([V; NI]) -> [V; NA],
        mut outs: [Out<'_, T, RO>; NO],
        finish: impl Fn([V; NA], [V; NE]) -> [V; NO],
    ) {
        let mut walk = Walk::new(self.outer, self.columns.rank);
        loop {
            let mut at = 0;
            while at < self.columns.len {
                let left = V::N.min(self.columns.len - at);
                let mut starts = [0; NI];
                for (start, x) in starts.iter_mut().zip(&self.ins) {
                    *start = walk.offset(&x.outer) + at * self.columns.stride(&x.outer, 0);
                }
                let mut acc = [V::splat(T::ZERO); NA];
                let mut first = true;
                let mut rows = Walk::new(self.inner, self.row.rank);
                loop {
                    for step in 0..self.row.len {
                        let mut places = starts;
                        for (place, x) in places.iter_mut().zip(&self.ins) {
                            *place += rows.offset(&x.inner) + step * self.row.stride(&x.inner, 0);
                        }
                        let ys = body(self.lanes_at(&places, left));
                        for ((acc, y), fold) in acc.iter_mut().zip(ys).zip(self.folds) {
                            *acc = combine(fold, first, *acc, y);
                        }
                        first = false;
                    }
                    if !rows.step() {
                        break;
                    }
                }
                let mut extra = [V::splat(T::ZERO); NE];
                for (lanes, x) in extra.iter_mut().zip(&self.extra) {
                    let stride = self.columns.stride(&x.strides, 0);
                    *lanes = fetch(x.data, walk.offset(&x.strides) + at * stride, stride, left);
                }
                for (y, lanes) in outs.iter_mut().zip(finish(acc, extra)) {
                    let stride = self.columns.stride(&y.strides, 1);
                    let start = walk.offset(&y.strides) + at * stride;
                    put(y.data, start, stride, left, y.add, lanes);
                }
                at += V::N;
            }
            if !walk.step() {
                return;
            }
        }
    }

    /// The inputs at `places`, in vectors along the merged outer loop.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lanes_at<V: Lanes<Scalar = T>>(&self, places: &[usize; NI], left: usize) -> [V; NI] {
        let mut xs = [V::splat(T::ZERO); NI];
        for ((lanes, x), place) in xs.iter_mut().zip(&self.ins).zip(places) {
            *lanes = fetch(x.data, *place, self.columns.stride(&x.outer, 0), left);
        }
        xs
    }
}

/// One step of a fold. A maximum starts from the first value: a generic scalar has no −∞.
#[cfg_attr(not(debug_assertions), inline(always))]
fn combine<V: Lanes>(fold: Fold, first: bool, acc: V, y: V) -> V {
    match fold {
        Fold::Sum => acc + y,
        Fold::Max if first => y,
        Fold::Max => acc.maximum(y),
    }
}

/// What lanes behind the end of an axis hold so that a fold over all lanes of `y` does not notice
/// them. Lane 0 is never behind the end.
#[cfg_attr(not(debug_assertions), inline(always))]
fn neutral<V: Lanes>(fold: Fold, y: V) -> V {
    V::splat(match fold {
        Fold::Sum => V::Scalar::ZERO,
        Fold::Max => y.lane(0),
    })
}
