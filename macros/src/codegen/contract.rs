//! The call of the driver for matrix products.

use super::{Arg, Emit, all_strides, axis, dims};
use crate::layout::merge;
use crate::nest::{Access, Nest, Side};
use crate::shape::{Dim, Shape, size};
use crate::tuning::SHARED_PRODUCTS;

/// The end of the driver's name for a product, which may be one that is shared among threads.
pub(super) fn shared(nest: &Nest, inner: &Shape) -> &'static str {
    let all = size(&nest.space).mul(&size(inner));
    let in_a_sample = if all.has_batch() { all.by_batch().0 } else { all };
    if in_a_sample.as_known().is_some_and(|n| n >= SHARED_PRODUCTS) { "_shared" } else { "" }
}

impl Emit<'_> {
    pub(super) fn contract(
        &mut self,
        nest: &Nest,
        inner: &Shape,
        a: &Access,
        b: &Access,
        of: &[Side],
    ) -> String {
        let rank = nest.space.len();
        let axes =
            |side: Side| -> Vec<usize> { (0..rank).filter(|axis| of[*axis] == side).collect() };
        let pick = |strides: &[Dim], axes: &[usize]| -> Vec<Dim> {
            axes.iter().map(|axis| strides[*axis].clone()).collect()
        };
        let epilogue = all_strides(&nest.body, &nest.stores);
        // For a group of axes: its lengths, and the strides of both operands and of all accesses of the epilogue.
        let group = |axes: &[usize]| {
            let mut space = pick(&nest.space, axes);
            let mut strides = vec![pick(&a.strides, axes), pick(&b.strides, axes)];
            strides.extend(epilogue.iter().map(|access| pick(access, axes)));
            merge(&mut space, &mut strides);
            (space, strides)
        };
        let (mut outer, mut over_outer) = group(&axes(Side::Both));
        // One axis of rows and one of columns go to the kernel, what does not merge with it is a loop.
        let mut last = |side: Side| {
            let (mut space, mut strides) = group(&axes(side));
            let length = space.pop().unwrap_or(Dim::known(1));
            let inner: Vec<Dim> =
                strides.iter_mut().map(|s| s.pop().unwrap_or(Dim::known(0))).collect();
            outer.extend(space);
            over_outer.iter_mut().zip(strides).for_each(|(all, more)| all.extend(more));
            (length, inner)
        };
        let (mut m, mut of_m) = last(Side::A);
        let (mut n, mut of_n) = last(Side::B);
        let mut summed = inner.clone();
        let mut over_summed = vec![a.strides[rank..].to_vec(), b.strides[rank..].to_vec()];
        merge(&mut summed, &mut over_summed);
        let k = summed.pop().unwrap_or(Dim::known(1));
        let mut of_k: Vec<Dim> =
            over_summed.iter_mut().map(|s| s.pop().unwrap_or(Dim::known(0))).collect();
        debug_assert!(summed.is_empty(), "fuse copies what does not merge");
        // The driver likes a right factor whose rows are contiguous, or columns and the left one's rows.
        // Where they are neither, but the left factor's columns are, the transposed product has one.
        let (mut a, mut b) = (a, b);
        let tiled = of_n[1].is(1) && (!n.is(1) || k.is(1));
        let dots = of_k.iter().all(|stride| stride.is(1)) && !k.is(1);
        let turned = of_m[0].is(1) && !m.is(1) && !tiled && !dots;
        if turned {
            std::mem::swap(&mut m, &mut n);
            std::mem::swap(&mut of_m, &mut of_n);
            std::mem::swap(&mut a, &mut b);
            [&mut of_m, &mut of_n, &mut of_k].iter_mut().for_each(|strides| strides.swap(0, 1));
            over_outer.swap(0, 1);
        }
        let two = |x: &Dim, y: &Dim| format!("[{}, {}]", x.code(), y.code());
        let mut operand = |access: &Access, i: usize, x: &Dim, y: &Dim| {
            let name = self.arg(access, Arg::Read);
            format!("__read2({name}, {}, {})", dims(&over_outer[i]), two(x, y))
        };
        let (a, b) = (operand(a, 0, &of_m[0], &of_k[0]), operand(b, 1, &of_k[1], &of_n[1]));
        let ni = nest.body.loads.len();
        let ins: Vec<String> = (0..ni)
            .map(|i| operand(&nest.body.loads[i], i + 2, &of_m[i + 2], &of_n[i + 2]))
            .collect();
        let outs = (0..nest.stores.len())
            .map(|i| i + 2 + ni)
            .map(|i| format!("{}, {}", dims(&over_outer[i]), two(&of_m[i], &of_n[i])));
        let outs = self.outs("__write2", &nest.stores, outs);
        let rows = if turned { m.clone() } else { size(&outer).mul(&m) };
        let side_by_side = of_m[0].is(1) && !of_k[0].is(1);
        self.code.packed.insert(format!("__packed({}, {}, {side_by_side})", rows.code(), k.code()));
        let body = self.epilogue(1, &nest.body, &nest.stores);
        let rows = axis(Some(&m), std::iter::empty());
        let columns = axis(Some(&n), of_n[2..].iter().map(Some));
        let shared = shared(nest, inner);
        format!(
            "__contract{shared}(v, ({rows}, {columns}), s, {}, [{}, {}, {}], {a}, {b}, [{}], [{outs}], {body})",
            dims(&outer),
            m.code(),
            n.code(),
            k.code(),
            ins.join(", "),
        )
    }
}
