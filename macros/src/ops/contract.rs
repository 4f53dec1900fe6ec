//! Contractions: sums of products over a shared axis.

use super::{Arity, At, Body, Call, Default, Init, Lowering, Mistake, OpDef, OptDef, OptKind, ParamDef};
use crate::ir::{Labels, Var};
use crate::shape::{Agree, Dim, Shape, show};
use crate::trace::Tracer;

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "linear",
        signature: "linear(bias = true) -> [.., m]",
        doc: "`x · weight + bias` over the last axis, with `weight: [n, m]` and `bias: [m]`.",
        arity: Arity::Exactly(1),
        options: &[OptDef { name: "bias", kind: OptKind::Bool, default: Default::Bool(true) }],
        shape: |call| {
            let Some((n, lead)) = call.x().split_last() else {
                return Err(Mistake::new(At::Op, "`linear` needs a last axis to contract, found the scalar shape []")
                    .help("`reshape -> [1]` makes a vector of it"));
            };
            let wanted = || {
                let mut text: Vec<String> = lead.iter().map(Dim::to_string).collect();
                text.push("10".into());
                format!("`linear -> [{}]`", text.join(", "))
            };
            let Some(arrow) = call.arrow else {
                return Err(Mistake::new(At::Op, "`linear` does not say how wide its result is")
                    .help(format!("write the width behind an arrow, for example {}", wanted())));
            };
            if arrow.len() != call.x().len() {
                return Err(Mistake::new(
                    At::Arrow,
                    format!(
                        "`linear` keeps all axes of {} but the last, so its result has rank {}, but its arrow has \
                         rank {}",
                        show(call.x()),
                        call.x().len(),
                        arrow.len(),
                    ),
                )
                .help(if arrow.len() == 1 {
                    format!("{}, or `flatten` first: {} → [{}]", wanted(), show(call.x()), crate::shape::size(call.x()))
                } else {
                    wanted()
                }));
            }
            match arrow.last() {
                Some(Some(m)) => Ok(lead.iter().chain([m]).cloned().collect()),
                _ => Err(Mistake::new(At::Arrow, format!("the width of `linear` cannot be inferred from {}", show(call.x())))
                    .help("write a number in place of the last `_`")),
            }
        },
        params: |call, out| {
            let (Some(n), Some(m)) = (call.x().last(), out.last()) else { return Vec::new() };
            let init = Init::FanIn(n.clone());
            let weight = ParamDef { name: "weight", shape: vec![n.clone(), m.clone()], init: init.clone() };
            let bias = ParamDef { name: "bias", shape: vec![m.clone()], init };
            if call.flag(0) { vec![weight, bias] } else { vec![weight] }
        },
        body: Body::Lower(|t, l| {
            let lead = letters('a', l.ty.len() - 1);
            let y = t.contract(l.args[0], l.params[0], Labels::new(&format!("{lead}y"), "yz", &format!("{lead}z")));
            match l.params.get(1) {
                None => y,
                Some(bias) => {
                    let bias = t.broadcast(*bias, vec![l.ty.len() - 1], l.ty.clone());
                    t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
                }
            }
        }),
        examples: &[
            "(x: [5]) -> [3] { linear -> [3] }",
            "(x: [5]) -> [3] { linear(bias = false) -> [3] }",
            "(x: [2, 4, 5]) -> [2, 4, 3] { linear -> [2, 4, 3] }",
        ],
    },
    OpDef {
        name: "matmul",
        signature: "matmul(b)",
        doc: "Matrix product over the last axis of `a` and the last but one of `b`; vectors and leading axes as in `torch.matmul`.",
        arity: Arity::Exactly(2),
        options: &[],
        shape: |call| Ok(product(call)?.0),
        params: |_, _| Vec::new(),
        body: Body::Lower(lower_matmul),
        examples: &[
            "(a: [2, 3], b: [3, 4]) -> [2, 4] { matmul(a, b) }",
            "(a: [3], b: [3, 4]) -> [4] { matmul(a, b) }",
            "(a: [2, 3], b: [3]) -> [2] { matmul(a, b) }",
            "(a: [3], b: [3]) -> [] { matmul(a, b) }",
            "(a: [2, 1, 3, 4], b: [5, 4, 2]) -> [2, 5, 3, 2] { matmul(a, b) }",
            "(a: [4, 3]) -> [4, 4] { b = transpose(a), matmul(a, b) }",
        ],
    },
];

fn letters(from: char, count: usize) -> String {
    (from..).take(count).collect()
}

/// The shape of a matrix product, and that of its leading axes.
fn product(call: &Call<'_>) -> Result<(Shape, Shape), Mistake> {
    let (a, b) = (&call.args[0], &call.args[1]);
    if a.is_empty() || b.is_empty() {
        return Err(Mistake::new(
            At::Op,
            format!("`matmul` needs vectors or matrices, found {} and {}", show(a), show(b)),
        )
        .help("`mul` or `*` multiplies by a scalar"));
    }
    let inner = (a[a.len() - 1].clone(), b[b.len().saturating_sub(2)].clone());
    if !call.fits(&inner.0, &inner.1) {
        let mut mistake = Mistake::new(
            At::Op,
            format!(
                "`matmul` of {} and {}: the last axis of the first is {}, but the {} of the second is {}",
                show(a),
                show(b),
                inner.0,
                if b.len() == 1 { "only axis" } else { "last axis but one" },
                inner.1,
            ),
        );
        if b.len() >= 2 && b[b.len() - 1].agree(&inner.0) == Agree::Yes {
            mistake = mistake.help("`transpose` the second one first");
        }
        return Err(mistake);
    }
    let lead = |shape: &Shape| shape[..shape.len().saturating_sub(2)].to_vec();
    let leads = [lead(a), lead(b)];
    let batch = super::broadcast(&Call { args: &leads, ..*call })?;
    let mut out = batch.clone();
    if a.len() >= 2 {
        out.push(a[a.len() - 2].clone());
    }
    if b.len() >= 2 {
        out.push(b[b.len() - 1].clone());
    }
    Ok((out, batch))
}

fn lower_matmul(t: &Tracer, l: &Lowering<'_>) -> Var {
    // Axis 0 is the batch of samples; the other leading axes get a letter each, aligned at the end.
    let (a, b) = (l.args[0], l.args[1]);
    let core = |x: Var| (t.ty(x).len() - 1).min(2);
    let lead = t.ty(a).len().max(t.ty(b).len()).max(3) - 3;
    let labels = |x: Var, matrix: &str| {
        let count = t.ty(x).len() - 1 - core(x);
        format!("N{}{matrix}", &letters('a', lead)[lead - count..])
    };
    let (rows, columns) = (if core(a) == 2 { "i" } else { "" }, if core(b) == 2 { "j" } else { "" });
    let (of_a, of_b) = (labels(a, &format!("{rows}k")), labels(b, &format!("k{columns}")));
    let out = format!("N{}{rows}{columns}", letters('a', l.ty.len() - 1 - rows.len() - columns.len()));
    // An axis of length 1 against a longer one repeats: drop it, and its label with it.
    let size = |label: char| out.find(label).map(|axis| l.ty[axis].clone());
    let drop_units = |x: Var, labels: String| {
        let ty = t.ty(x);
        let keep = |(label, dim): &(char, &Dim)| !"Nijk".contains(*label) && size(*label).as_ref() != Some(*dim);
        let kept: Vec<(char, &Dim)> = labels.chars().zip(&ty).filter(|pair| !keep(pair)).collect();
        let shape = kept.iter().map(|(_, dim)| (*dim).clone()).collect();
        (t.reshape(x, shape), kept.into_iter().map(|(label, _)| label).collect::<String>())
    };
    let ((a, of_a), (b, of_b)) = (drop_units(a, of_a), drop_units(b, of_b));
    t.contract(a, b, Labels::new(&of_a, &of_b, &out))
}
