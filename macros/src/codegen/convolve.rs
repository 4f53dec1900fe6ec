//! The call of the driver for contractions whose rows, columns or steps are several axes each.

use super::contract::shared;
use super::{Arg, Emit, add, all_strides, axis, dims, lines, reg_code};
use crate::bug::OrBug;
use crate::layout::merge;
use crate::nest::{Access, Nest, Side};
use crate::shape::{Dim, Shape, size};

/// Lengths of axes, and the strides of some accesses along them.
struct Group {
    space: Shape,
    strides: Vec<Vec<Dim>>,
}

impl Group {
    fn new(space: &[Dim], of: &[Side], side: Side, accesses: &[&[Dim]]) -> Group {
        let axes: Vec<usize> = (0..space.len()).filter(|axis| of[*axis] == side).collect();
        let pick = |dims: &[Dim]| axes.iter().map(|axis| dims[*axis].clone()).collect();
        Group { space: pick(space), strides: accesses.iter().map(|s| pick(s)).collect() }
    }

    /// As few axes as the accesses allow.
    fn merged(mut self) -> Group {
        merge(&mut self.space, &mut self.strides);
        self
    }

    /// Takes the axes from `at` on away.
    fn split_off(&mut self, at: usize) -> Group {
        Group {
            space: self.space.split_off(at),
            strides: self.strides.iter_mut().map(|s| s.split_off(at)).collect(),
        }
    }

    /// Only some of the accesses.
    fn of(&self, accesses: std::ops::Range<usize>) -> Group {
        Group { space: self.space.clone(), strides: self.strides[accesses].to_vec() }
    }

    fn extend(&mut self, more: Group) {
        self.space.extend(more.space);
        self.strides.iter_mut().zip(more.strides).for_each(|(all, more)| all.extend(more));
    }
}

impl Emit<'_> {
    pub(super) fn convolve(
        &mut self,
        nest: &Nest,
        inner: &Shape,
        [a, b]: [&Access; 2],
        of: &[Side],
    ) -> String {
        let rank = nest.space.len();
        let epilogue = all_strides(&nest.body, &nest.stores);
        let mut accesses: Vec<&[Dim]> = vec![&a.strides[..rank], &b.strides[..rank]];
        accesses.extend(epilogue.iter().map(Vec::as_slice));
        let all = 0..accesses.len();
        let mut outer = Group::new(&nest.space, of, Side::Both, &accesses);
        let mut rows = Group::new(&nest.space, of, Side::A, &accesses);
        let columns = Group::new(&nest.space, of, Side::B, &accesses);
        // The left factor has one axis of rows: leading ones that do not merge become loops.
        let one = |rows: &Group, at: usize| rows.of(0..1).split_off(at).merged().space.len() <= 1;
        let first = (0..=rows.space.len()).find(|at| one(&rows, *at));
        let first = first.or_bug("codegen", "axis of rows");
        let last = rows.split_off(first);
        outer.extend(rows);
        let outer = outer.merged();
        let row = last.of(0..1).merged().strides[0].first().cloned().unwrap_or(Dim::known(0));
        let rows = last.of(2..all.end).merged();
        let right = columns.of(1..2).merged();
        let columns = columns.of(2..all.end).merged();
        let mut steps = Group {
            space: inner.clone(),
            strides: vec![a.strides[rank..].to_vec(), b.strides[rank..].to_vec()],
        };
        steps = steps.merged();

        let left = format!(
            "__read3({}, {}, [{}], {})",
            self.arg(a, Arg::Read),
            dims(&outer.strides[0]),
            row.code(),
            dims(&steps.strides[0]),
        );
        let right_factor = format!(
            "__read3({}, {}, {}, {})",
            self.arg(b, Arg::Read),
            dims(&outer.strides[1]),
            dims(&steps.strides[1]),
            dims(&right.strides[0]),
        );
        let strides = |i: usize| {
            let (outer, end) = (&outer.strides[i + 2], &rows.strides[i]);
            format!("{}, {}, {}", dims(outer), dims(end), dims(&columns.strides[i]))
        };
        let loads = nest.body.loads.iter().enumerate();
        let ins: Vec<String> = loads
            .map(|(i, load)| format!("__read3({}, {})", self.arg(load, Arg::Read), strides(i)))
            .collect();
        let stores = nest.stores.iter().enumerate();
        let outs: Vec<String> = stores
            .map(|(i, store)| {
                let strides = strides(nest.body.loads.len() + i);
                format!("__write3({}, {strides}, {})", self.written(&store.to), add(store.add))
            })
            .collect();
        // As the driver decides it: whether sums are kept where they are stored.
        let values: Vec<String> = nest.stores.iter().map(|store| reg_code(&store.value)).collect();
        let copies = lines(&nest.body).is_empty() && values == ["a0"];
        let kept = copies
            && rows.space.len() <= 1
            && columns.space.len() <= 1
            && columns.strides[0].iter().all(|stride| stride.is(1));
        self.code.packed.insert(format!("__im2col_len({}, {kept})", size(&steps.space).code()));
        let body = self.epilogue(1, &nest.body, &nest.stores);
        let axis = axis(columns.space.last(), columns.strides.iter().map(|s| s.last()));
        let shared = shared(nest, inner);
        format!(
            "__convolve{shared}(v, {axis}, s, __Windows {{ outer: {}, steps: {}, columns: {}, out: ({}, {}) }}, \
             {left}, {right_factor}, [{}], [{}], {body})",
            dims(&outer.space),
            dims(&steps.space),
            dims(&right.space),
            dims(&rows.space),
            dims(&columns.space),
            ins.join(", "),
            outs.join(", "),
        )
    }
}
