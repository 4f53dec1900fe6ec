//! What integers choose: gathers, and sums into what they choose.
//!
//! Integers are inputs of the model (and layouts of those), bounded by their type, so that none is out of
//! range here. What they choose is linear in the array they choose from; they have no derivative.

use super::limits::at_least_0;
use super::option::{Key, axis, number, size};
use super::{Arity, At, Body, Call, Init, Lowering, Mistake, OpDef, ParamDef, Takes, called};
use crate::ir::{Labels, Skip};
use crate::number::Num;
use crate::shape::{Dim, Shape, show, spell_integers};

const AXIS: Key<usize> = axis("axis");
const PADDING_IDX: Key<Dim> = size("padding_idx");
const STD: Key<Num> = number("std").within(at_least_0("it is a standard deviation"));

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "embedding",
        elsewhere: &[called(
            "Embedding Embed lookup embedding_lookup",
            "num_embeddings embedding_dim padding_idx",
        )],
        arrow: Some("[.., d]"),
        doc: "Row `i` of `weight: [n, d]` for each integer `i` of an input `index(n)`; the rows begin normal with \
              standard deviation `std`. Row `padding_idx` begins as 0 and has no gradient.",
        options: &[PADDING_IDX.optional_shown("none"), STD.or("1")],
        shape: embedding,
        params: |call, out| {
            let (Some(n), Some(d)) = (call.bound(0), out.last()) else { return Vec::new() };
            let zeros = match call.given(PADDING_IDX) {
                Some(row) => (row.mul(d), row.add(&Dim::known(1)).mul(d)),
                None => (Dim::known(0), Dim::known(0)),
            };
            let init = Init::Normal { mean: Num::ZERO, std: call.get(STD), zeros };
            vec![ParamDef::new("weight", vec![n.clone(), d.clone()], init)]
        },
        body: Body::Indexed(&[Takes::Integers], |t, l| {
            let lead = letters(l.shape.len() - 1);
            let labels = Labels::new("VD", &lead, &format!("{lead}D"));
            t.gather(l.params[0], l.args[0], labels, l.given(PADDING_IDX).map(Skip::Derivative))
        }),
        examples: &[
            "(tokens: [4] of index(5)) -> [4, 3] { embedding -> [4, 3] }",
            "(class: index(4)) -> [6] { embedding -> [6] }",
            "(tokens: [2, 3] of index(5)) -> [2, 3, 9] { embedding(padding_idx = 1) -> [2, 3, 9], tanh }",
            "(text: [3] of index(4)) -> [2, 3] { let e = embedding(std = 0.02) -> [2, 3], u = e(slice(text, 0..2)), u * sin(e(slice(text, 1..3))) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "one_hot",
        doc: "For each integer of an input `index(n)` a vector of length `n` with 1 at its place and 0 elsewhere.",
        shape: |call| Ok(call.x().iter().chain(call.bound(0)).cloned().collect()),
        body: Body::Indexed(&[Takes::Integers], |t, l| {
            let lead = letters(l.shape.len() - 1);
            let ones = t.fill(t.num(Num::ONE), &l.shape[..l.shape.len() - 1]);
            let labels = Labels::new(&lead, &lead, &format!("{lead}V"));
            t.scatter(ones, l.args[0], labels, None, l.shape.clone())
        }),
        examples: &[
            "(x: [5], label: index(5)) -> [5] { x * one_hot(label) }",
            "(x: [2], tokens: [2, 3] of index(4)) -> [4, 2] { one_hot(tokens), y = sum(1), transpose(y) * x }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "gather",
        elsewhere: &[called("take_along_axis", "index dim")],
        values: "index",
        doc: "`torch.gather`: the element of `x` at the integer in place of its coordinate along the axis, for each \
              integer of `index`, an input `index(n)` with `n` the length of that axis. All other axes are equal.",
        arity: Arity::Exactly(2),
        options: &[AXIS.or("0")],
        shape: |call| along_axis(call, 1).map(|()| call.args[1].clone()),
        body: Body::Indexed(&[Takes::Reals, Takes::Integers], |t, l| {
            let (x, index) = labels_along(l);
            t.gather(l.args[0], l.args[1], Labels::new(&x, &index, &index), None)
        }),
        examples: &[
            "(x: [5, 3], i: [2, 3] of index(5)) -> [2, 3] { gather(x, i) }",
            "(x: [3, 5], i: [3, 4] of index(5)) -> [3, 4] { y = tanh(x), gather(y, i, axis = 1), square }",
            "(x: [7], i: [3] of index(7)) -> [3] { gather(x, i) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "index_select",
        elsewhere: &[called("take gather_rows", "index dim")],
        values: "index",
        doc: "The slices of `x` along the axis that the integers of `index` choose: their axes take its place. \
              `index` is an input `index(n)` with `n` the length of the axis.",
        arity: Arity::Exactly(2),
        options: &[AXIS.or("0")],
        shape: |call| {
            let axis = call.get(AXIS);
            chooses(call, 1, axis)?;
            let (x, index) = (call.x(), &call.args[1]);
            Ok(x[..axis].iter().chain(index).chain(&x[axis + 1..]).cloned().collect())
        },
        body: Body::Indexed(&[Takes::Reals, Takes::Integers], |t, l| {
            let (axis, rank) = (l.get(AXIS), t.shape(l.args[0]).len());
            let index = t.shape(l.args[1]).len();
            // The axes before, those of the integers, those after.
            let all = letters(rank + index - 1);
            let (before, rest) = all.split_at(axis);
            let (chosen, behind) = rest.split_at(index);
            let labels = Labels::new(&format!("{before}V{behind}"), chosen, &all);
            t.gather(l.args[0], l.args[1], labels, None)
        }),
        examples: &[
            "(x: [5, 3], i: [4] of index(5)) -> [4, 3] { index_select(x, i) }",
            "(x: [2, 5, 3], i: [2, 2] of index(5)) -> [2, 2, 2, 3] { index_select(x, i, axis = 1), sin }",
            "(x: [3, 5], i: index(5)) -> [3] { linear(x) -> [3, 5], index_select(i, axis = -1) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "scatter_add",
        values: "index, source",
        doc: "`torch.scatter_add`: `x` with each element of `source` added to the element of `x` at the integer in \
              place of its coordinate along the axis. `index` is an input `index(n)` of the shape of `source`, with \
              `n` the length of the axis. All other axes are equal.",
        arity: Arity::Exactly(3),
        options: &[AXIS.or("0")],
        shape: |call| {
            along_axis(call, 1)?;
            let (index, source) = (&call.args[1], &call.args[2]);
            let fits = index.len() == source.len()
                && index.iter().zip(source).all(|(a, b)| call.fits(a, b));
            if fits {
                return Ok(call.x().clone());
            }
            let message = format!(
                "`scatter_add` adds a source of shape {} by integers of shape {}, which must be equal",
                show(source),
                show(index)
            );
            Err(Mistake::new(At::Arg(2), message)
                .help("each element of the source needs an integer of its own"))
        },
        body: Body::Indexed(&[Takes::Reals, Takes::Integers, Takes::Reals], |t, l| {
            let (x, index) = labels_along(l);
            let labels = Labels::new(&index, &index, &x);
            let sums = t.scatter(l.args[2], l.args[1], labels, None, l.shape.clone());
            t.point(&[l.args[0], sums], &[], |x, _| x[0] + x[1], None)
        }),
        examples: &[
            "(x: [5, 3], i: [2, 3] of index(5), s: [2, 3]) -> [5, 3] { scatter_add(x, i, s) }",
            "(x: [3, 4], i: [3, 6] of index(4), s: [3, 6]) -> [3, 4] { t = tanh(s), scatter_add(x, i, t, axis = 1) }",
        ],
        ..OpDef::PLAIN
    },
];

fn letters(count: usize) -> String {
    ('a'..).take(count).collect()
}

fn embedding(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (lead, n) = (call.x(), call.bound(0));
    let wide = |d: &str| {
        let dims: Vec<String> = lead.iter().map(Dim::to_string).chain([d.to_string()]).collect();
        format!("[{}]", dims.join(", "))
    };
    let integers = || n.map_or(String::new(), |n| spell_integers(lead, n));
    if let (Some(row), Some(n)) = (call.given(PADDING_IDX), n)
        && !call.at_least(n, &row.add(&Dim::known(1)))
    {
        let message =
            format!("`embedding` has the padding row {row}, but its integers are below {n}");
        return Err(
            Mistake::new(PADDING_IDX.at(), message).help("write one of them, or leave it out")
        );
    }
    let Some(arrow) = call.arrow else {
        let message = format!("`embedding` of {} does not say how wide its rows are", integers());
        let help = format!("write the width after an arrow, as in `embedding -> {}`", wide("64"));
        return Err(Mistake::new(At::Op, message).help(help));
    };
    if arrow.len() != lead.len() + 1 {
        let right =
            wide(&arrow.last().and_then(Option::as_ref).map_or("64".into(), Dim::to_string));
        let message = format!(
            "`embedding` maps {} to {right}, but its arrow says {}",
            integers(),
            crate::shape::show_arrow(arrow)
        );
        let help = format!("write `-> {right}`: a row for each integer");
        return Err(Mistake::new(At::Arrow, message).help(help));
    }
    match arrow.last() {
        Some(Some(d)) => Ok(lead.iter().chain([d]).cloned().collect()),
        _ => Err(Mistake::new(
            At::Arrow,
            format!("the width of `embedding` of {} cannot be inferred", integers()),
        )
        .help("write a number in place of the last `_`")),
    }
}

/// That the integers of an argument are below the length of an axis of `x`.
fn chooses(call: &Call<'_>, arg: usize, axis: usize) -> Result<(), Mistake> {
    let (x, Some(bound)) = (call.x(), call.bound(arg)) else { return Ok(()) };
    if call.fits(bound, &x[axis]) {
        return Ok(());
    }
    let message = format!(
        "`{}` chooses along axis {axis} of {}, which has length {}, by integers below {bound}",
        call.op,
        show(x),
        x[axis]
    );
    let fits = (0..x.len()).find(|axis| x[*axis] == *bound);
    Err(Mistake::new(At::Arg(arg), message).help(match fits {
        Some(axis) => format!("axis {axis} has that length: `axis = {axis}`"),
        None => format!("declare them as `index({})`", x[axis]),
    }))
}

/// The same, and that all other axes are equal.
fn along_axis(call: &Call<'_>, arg: usize) -> Result<(), Mistake> {
    let (x, index, axis) = (call.x(), &call.args[arg], call.get(AXIS));
    let equal = x.len() == index.len()
        && (0..x.len()).all(|other| other == axis || call.fits(&x[other], &index[other]));
    if !equal {
        let message = format!(
            "`{}` along axis {axis} needs all other axes equal, found {} and integers of shape {}",
            call.op,
            show(x),
            show(index)
        );
        let help = "`index_select` takes whole slices by integers of any shape";
        return Err(Mistake::new(At::Arg(arg), message).help(help));
    }
    chooses(call, arg, axis)
}

/// The labels of `x` and of the integers, which differ along the axis.
fn labels_along(l: &Lowering<'_>) -> (String, String) {
    let index: Vec<char> = letters(l.shape.len()).chars().collect();
    let mut x = index.clone();
    x[l.get(AXIS)] = 'V';
    (x.into_iter().collect(), index.into_iter().collect())
}
