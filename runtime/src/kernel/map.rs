//! Pointwise loops.

use super::{In, Merged, Out, Walk, fetch, put};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// `outs[o] = body(ins…)[o]` at every index of `space`.
///
/// In full, for `i` in `space` in row-major order:
/// `outs[o].data[i · outs[o].strides] (= or +=) body([ins[0].data[i · ins[0].strides], …])[o]`.
///
/// The last axis is taken in vectors; together with the axes before it where all strides allow.
///
/// # Panics
/// If a slice is too short for its access, and in debug builds if a size is 0.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn map<V: Lanes, const R: usize, const NI: usize, const NO: usize>(
    space: [usize; R],
    ins: [In<'_, V::Scalar, R>; NI],
    mut outs: [Out<'_, V::Scalar, R>; NO],
    body: impl Fn([V; NI]) -> [V; NO],
) {
    debug_assert!(!space.contains(&0), "map over an empty space {space:?}");
    let row = Merged::new(&space, |axis, last, len| {
        ins.iter().all(|x| x.strides[axis] == x.strides[last] * len)
            && outs.iter().all(|y| y.strides[axis] == y.strides[last] * len)
    });
    let mut walk = Walk::new(space, row.rank);
    loop {
        let mut at = 0;
        while at < row.len {
            let left = V::N.min(row.len - at);
            let mut xs = [V::splat(V::Scalar::ZERO); NI];
            for (lanes, x) in xs.iter_mut().zip(&ins) {
                let stride = row.stride(&x.strides, 0);
                *lanes = fetch(x.data, walk.offset(&x.strides) + at * stride, stride, left);
            }
            let ys = body(xs);
            for (y, lanes) in outs.iter_mut().zip(ys) {
                let stride = row.stride(&y.strides, 1);
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
