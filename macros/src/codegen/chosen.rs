//! Loops over what integers choose.

use super::{Arg, Emit, add, all_strides, axis, body_code, dims};
use crate::ir::Skip;
use crate::layout::merge;
use crate::nest::{Access, Body, Chosen, Nest, Reg};
use crate::shape::{Dim, Shape, size};

impl Emit<'_> {
    pub(super) fn gather(&mut self, nest: &Nest, x: &Access, chosen: &Chosen) -> String {
        let mut space = nest.space.clone();
        let mut strides = vec![x.strides.clone(), chosen.index.strides.clone()];
        strides.extend(all_strides(&nest.body, &nest.stores));
        merge(&mut space, &mut strides);
        let from = format!("__read({}, {})", self.arg(x, Arg::Read), dims(&strides[0]));
        let chosen = self.chosen(chosen, &strides[1], &chosen.stride);
        let (loads, stores) = strides[2..].split_at(nest.body.loads.len());
        let ins = self.ins(&nest.body.loads, loads);
        let outs = self.outs("__write", &nest.stores, stores.iter().map(|s| dims(s)));
        let body = self.epilogue(1, &nest.body, &nest.stores);
        let values = strides.iter().take(1).chain(&strides[2..]);
        let axis = axis(space.last(), values.map(|s| s.last()));
        format!(
            "__gather(v, {axis}, {}, {from}, {chosen}, [{ins}], [{outs}], {body})",
            dims(&space)
        )
    }

    /// One call for each array that is written.
    pub(super) fn scatter(
        &mut self,
        nest: &Nest,
        inner: &Shape,
        (body, value): (&Body, &Reg),
        chosen: &Chosen,
        axis: usize,
        to: &[Option<usize>],
    ) -> String {
        let mut text = String::new();
        for store in &nest.stores {
            let mut space = inner.clone();
            let of_store = |axis: &Option<usize>| match axis {
                Some(axis) => store.to.strides[*axis].clone(),
                None => Dim::known(0),
            };
            let mut strides: Vec<Vec<Dim>> =
                vec![to.iter().map(of_store).collect(), chosen.index.strides.clone()];
            strides.extend(body.loads.iter().map(|load| load.strides.clone()));
            merge(&mut space, &mut strides);
            let add = add(store.add);
            let into = self.written(&store.to);
            let into = format!("__write({into}, {}, {add})", dims(&strides[0]));
            let chosen = self.chosen(chosen, &strides[1], &store.to.strides[axis]);
            let ins = self.ins(&body.loads, &strides[2..]);
            let lines = body_code(body, std::iter::once(value));
            let body = self.code.body(0, body.loads.len(), 1, &lines);
            text += &format!(
                "__scatter(v, {}, {into}, {}, {chosen}, [{ins}], {body}); ",
                dims(&space),
                size(&nest.space).code()
            );
        }
        text
    }

    fn chosen(&mut self, chosen: &Chosen, strides: &[Dim], stride: &Dim) -> String {
        let skip = match &chosen.skip {
            Some(Skip::Zero(integer)) => format!("__Skip::Zero(({}) as u32)", integer.code()),
            Some(Skip::Derivative(integer)) => {
                format!("__Skip::Derivative(({}) as u32)", integer.code())
            }
            None => "__Skip::Nothing".into(),
        };
        format!(
            "__chosen({}, {}, {}, {}, {skip})",
            self.arg(&chosen.index, Arg::Integers),
            dims(strides),
            chosen.bound.code(),
            stride.code()
        )
    }
}
