//! Contractions: sums of products over a shared axis.

use super::limits::at_least_0;
use super::option::{Key, flag, number};
use super::weight;
use super::{Arity, At, Body, Call, Init, Layout, Lowering, Mistake, OpDef, ParamDef, called};
use crate::ir::{Labels, Var};
use crate::number::Num;
use crate::shape::{self, Agree, Dim, Shape, show, size};
use crate::trace::Tracer;

const BIAS: Key<bool> = flag("bias");
const STD: Key<Num> = number("std").within(at_least_0("it is a standard deviation"));
const MEAN: Key<Num> = number("mean");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "linear",
        elsewhere: &[
            called("Linear NNLinear", "in_features out_features bias"),
            called(
                "LazyLinear Dense dense fc affine fully_connected FullyConnected",
                "units activation use_bias",
            ),
        ],
        arrow: Some("[.., m]"),
        doc: "`x · weight + bias` over the last axis, with `weight: [n, m]` and `bias: [m]`. With `weight_norm` the \
              weight is `weight_g · v / ‖v‖` for each of its `m` columns `v` of `weight_v` (`torch.nn.utils.weight_norm`).",
        options: &[BIAS.or("true"), weight::NORM.or("false")],
        shape: |call| {
            let Some((_, lead)) = call.x().split_last() else {
                return Err(Mistake::new(
                    At::Op,
                    "`linear` contracts the last axis of its input, but the scalar [] has none",
                )
                .help("`reshape -> [1]` makes a vector of it"));
            };
            let wide = |m: &str| {
                let mut dims: Vec<String> = lead.iter().map(Dim::to_string).collect();
                dims.push(m.into());
                format!("[{}]", dims.join(", "))
            };
            let Some(arrow) = call.arrow else {
                let message =
                    format!("`linear` on {} does not say how wide its result is", show(call.x()));
                return Err(Mistake::new(At::Op, message).help(format!(
                    "write the width after an arrow, as in `linear -> {}`",
                    wide("10")
                )));
            };
            if arrow.len() != call.x().len() {
                let width = arrow.last().and_then(Option::as_ref).map(Dim::to_string);
                let message = format!(
                    "`linear` maps {} to {}, but its arrow says {}",
                    show(call.x()),
                    wide(width.as_deref().unwrap_or("_")),
                    shape::show_arrow(arrow),
                );
                let right = wide(width.as_deref().unwrap_or("10"));
                return Err(Mistake::new(At::Arrow, message).help(
                    if arrow.is_empty() && lead.is_empty() {
                        "write `-> [1]`; `reshape -> []` after it makes a scalar of that"
                            .to_string()
                    } else if arrow.len() == 1 {
                        format!(
                            "write `-> {right}`, or `flatten` before it: {} has {} elements",
                            show(call.x()),
                            size(call.x())
                        )
                    } else {
                        format!("write `-> {right}`: all axes but the last stay as they are")
                    },
                ));
            }
            match arrow.last() {
                Some(Some(m)) => Ok(lead.iter().chain([m]).cloned().collect()),
                _ => Err(Mistake::new(
                    At::Arrow,
                    format!("the width of `linear` on {} cannot be inferred", show(call.x())),
                )
                .help("write a number in place of the last `_`")),
            }
        },
        params: |call, out| {
            let (Some(n), Some(m)) = (call.x().last(), out.last()) else { return Vec::new() };
            let init = Init::FanIn(n.clone());
            let (shape, norm) = (vec![n.clone(), m.clone()], call.get(weight::NORM));
            let mut params = weight::params(shape, &init, 1, norm, Layout::Transposed);
            let bias = ParamDef::new("bias", vec![m.clone()], init);
            params.extend(call.get(BIAS).then_some(bias));
            params
        },
        body: Body::Lower(|t, l| {
            let lead = letters('a', l.shape.len() - 1);
            let (weight, rest) = weight::of(t, l.params, 1, l.get(weight::NORM));
            let labels = Labels::new(&format!("{lead}y"), "yz", &format!("{lead}z"));
            let y = t.contract(l.args[0], weight, labels);
            match rest.first() {
                None => y,
                Some(bias) => {
                    let bias = t.broadcast(*bias, vec![l.shape.len() - 1], l.shape.clone());
                    t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
                }
            }
        }),
        examples: &[
            "(x: [5]) -> [3] { linear -> [3] }",
            "(x: [5]) -> [3] { linear(bias = false) -> [3] }",
            "(x: [2, 4, 5]) -> [2, 4, 3] { linear -> [2, 4, 3] }",
            "(x: [5]) -> [3] { linear(weight_norm = true) -> [3] }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "parameter",
        elsewhere: &[called("Parameter param get_parameter add_weight", "shape")],
        arrow: Some("τ"),
        doc: "A learned array `weight: τ`, the same for every sample (`torch.nn.Parameter`). It begins normal, or as \
              `mean` everywhere.",
        arity: Arity::Exactly(0),
        options: &[STD.or("0"), MEAN.or("0")],
        shape: |call| {
            let whole: Option<Shape> = call.arrow.and_then(|arrow| arrow.iter().cloned().collect());
            whole.ok_or_else(|| {
                Mistake::new(At::Arrow, "`parameter` does not say what shape it has")
                    .help("write every dimension after an arrow, as in `parameter -> [10]`")
            })
        },
        params: |call, out| {
            let none = (Dim::known(0), Dim::known(0));
            let init = Init::Normal { mean: call.get(MEAN), std: call.get(STD), zeros: none };
            vec![ParamDef::new("weight", out.clone(), init).called("")]
        },
        body: Body::Lower(|t, l| {
            t.broadcast(l.params[0], (0..l.shape.len()).collect(), l.shape.clone())
        }),
        examples: &[
            "(x: [3, 2]) -> [3, 2] { at = parameter(std = 0.02) -> [3, 2], x * at }",
            "(x: [4]) -> [5] { first = parameter -> [1], concat(first, x), tanh }",
            "(x: [2, 3]) -> [2, 3] { up = linear(x) -> [2, 4], matmul(up, transpose(up.weight)) }",
            "(x: [4] of index(5)) -> [4, 5] { e = embedding -> [4, 3], h = sin(e), matmul(h, transpose(e.weight)) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "matmul",
        elsewhere: &[called("bmm mm mv dense_matmul", "")],
        values: "b",
        doc: "Matrix product over the last axis of `a` and the last but one of `b`; vectors and leading axes as in `torch.matmul`.",
        arity: Arity::Exactly(2),
        shape: |call| Ok(product(call)?.0),
        body: Body::Lower(lower_matmul),
        examples: &[
            "(a: [2, 3], b: [3, 4]) -> [2, 4] { matmul(a, b) }",
            "(a: [3], b: [3, 4]) -> [4] { matmul(a, b) }",
            "(a: [2, 3], b: [3]) -> [2] { matmul(a, b) }",
            "(a: [3], b: [3]) -> [] { matmul(a, b) }",
            "(a: [2, 1, 3, 4], b: [5, 4, 2]) -> [2, 5, 3, 2] { matmul(a, b) }",
            "(a: [4, 3]) -> [4, 4] { b = transpose(a), matmul(a, b) }",
        ],
        ..OpDef::PLAIN
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
        let axis = |shape: &Shape, last: &'static str, only: &'static str| {
            if shape.len() == 1 { only } else { last }
        };
        let message = format!(
            "`matmul` cannot multiply {} by {}: the {} of the first is {}, but the {} of the second is {}",
            show(a),
            show(b),
            axis(a, "last axis", "only axis"),
            inner.0,
            axis(b, "last axis but one", "only axis"),
            inner.1,
        );
        let fits = |shape: &Shape, from_end: usize, dim: &Dim| {
            shape.len() >= 2 && shape[shape.len() - from_end].agree(dim) == Agree::Yes
        };
        return Err(Mistake::new(At::Op, message).help(if fits(b, 1, &inner.0) {
            "`transpose` the second one first"
        } else if fits(a, 2, &inner.1) {
            "`transpose` the first one first"
        } else {
            "make the two axes equal"
        }));
    }
    let lead = |shape: &Shape| shape[..shape.len().saturating_sub(2)].to_vec();
    let leads = [lead(a), lead(b)];
    let batch = super::broadcast(&Call { args: &leads, ..*call }).map_err(|_| {
        let message = format!(
            "`matmul` cannot multiply {} by {}: their leading axes {} and {} do not match",
            show(a),
            show(b),
            show(&leads[0]),
            show(&leads[1]),
        );
        Mistake::new(At::Op, message).help("leading axes are equal, or missing, or of length 1")
    })?;
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
    // Leading axes get a letter each, aligned at the end.
    let (a, b) = (l.args[0], l.args[1]);
    let core = |x: Var| t.shape(x).len().min(2);
    let lead = t.shape(a).len().max(t.shape(b).len()).max(2) - 2;
    let labels = |x: Var, matrix: &str| {
        let count = t.shape(x).len() - core(x);
        format!("{}{matrix}", &letters('a', lead)[lead - count..])
    };
    let (rows, columns) =
        (if core(a) == 2 { "i" } else { "" }, if core(b) == 2 { "j" } else { "" });
    let (of_a, of_b) = (labels(a, &format!("{rows}k")), labels(b, &format!("k{columns}")));
    let out =
        format!("{}{rows}{columns}", letters('a', l.shape.len() - rows.len() - columns.len()));
    // An axis of length 1 against a longer one repeats: drop it, and its label with it.
    let size = |label: char| out.find(label).map(|axis| l.shape[axis].clone());
    let drop_units = |x: Var, labels: String| {
        let shape = t.shape(x);
        let keep = |(label, dim): &(char, &Dim)| {
            !"ijk".contains(*label) && size(*label).as_ref() != Some(*dim)
        };
        let kept: Vec<(char, &Dim)> =
            labels.chars().zip(&shape).filter(|pair| !keep(pair)).collect();
        let shape = kept.iter().map(|(_, dim)| (*dim).clone()).collect();
        (t.reshape(x, shape), kept.into_iter().map(|(label, _)| label).collect::<String>())
    };
    let ((a, of_a), (b, of_b)) = (drop_units(a, of_a), drop_units(b, of_b));
    t.contract(a, b, Labels::new(&of_a, &of_b, &out))
}
