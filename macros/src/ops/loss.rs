//! Losses inside a model: of a prediction and a target, to a scalar. Means are over all elements, for
//! `cross_entropy` over all slices of the last axis, as in PyTorch.

use super::{Arity, At, Body, Call, Default, Lowering, Mistake, OpDef, Opt, OptDef, OptKind};
use crate::build::V;
use crate::ir::Var;
use crate::number::Num;
use crate::shape::{self, Agree, Dim, Shape, show};
use crate::trace::{Slopes, Tracer, Value};

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "mse",
        signature: "mse(target)",
        doc: "Mean of `(prediction − target)²`.",
        arity: Arity::Exactly(2),
        options: &[],
        shape: scalar,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            mean_of(
                t,
                l,
                |x, _| (x[0] - x[1]) * (x[0] - x[1]),
                Some(|x, _, _| {
                    let slope = x[0].int(2) * (x[0] - x[1]);
                    vec![slope, -slope]
                }),
            )
        }),
        examples: &["(p: [2, 3], t: [2, 3]) -> [] { mse(p, t) }"],
    },
    OpDef {
        name: "mae",
        signature: "mae(target)",
        doc: "Mean of `|prediction − target|`; the derivative at 0 is 0.",
        arity: Arity::Exactly(2),
        options: &[],
        shape: scalar,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            mean_of(
                t,
                l,
                |x, _| x[1].select_gt(x[0], x[1] - x[0], x[0] - x[1]),
                Some(|x, _, _| {
                    let below = x[1].select_gt(x[0], x[0].int(-1), x[0].int(0));
                    let slope = x[0].select_gt(x[1], x[0].int(1), below);
                    vec![slope, -slope]
                }),
            )
        }),
        examples: &["(p: [2, 3], t: [2, 3]) -> [] { mae(p, t) }"],
    },
    OpDef {
        name: "huber",
        signature: "huber(target, delta = 1)",
        doc: "Mean of `d²/2` where `|d| < delta`, else `delta · (|d| − delta/2)`, with `d = prediction − target`.",
        arity: Arity::Exactly(2),
        options: &[OptDef { name: "delta", kind: OptKind::Number, default: Default::Number(1, 0) }],
        shape: scalar,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            mean_of(
                t,
                l,
                huber,
                Some(|x, delta, _| {
                    let d = x[0] - x[1];
                    let side = d.int(0).select_gt(d, -delta[0], delta[0]);
                    let slope = delta[0].select_gt(magnitude(d), d, side);
                    vec![slope, -slope]
                }),
            )
        }),
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { huber(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { huber(p, t, delta = 0.5) }",
        ],
    },
    OpDef {
        name: "bce_with_logits",
        signature: "bce_with_logits(target)",
        doc: "Mean of `t · softplus(−x) + (1 − t) · softplus(x)`: binary cross-entropy of logits, without cancellation.",
        arity: Arity::Exactly(2),
        options: &[],
        shape: scalar,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            mean_of(
                t,
                l,
                |x, _| x[1] * (-x[0]).softplus() + (x[0].int(1) - x[1]) * x[0].softplus(),
                None,
            )
        }),
        examples: &["(p: [2, 3], t: [2, 3]) -> [] { bce_with_logits(p, t) }"],
    },
    OpDef {
        name: "cross_entropy",
        signature: "cross_entropy(target)",
        doc: "`−Σ target · log_softmax(logits)` over the last axis, mean over the others. The target holds \
              probabilities, or is an input `index(classes)`.",
        arity: Arity::Exactly(2),
        options: &[],
        shape: |call| {
            if call.x().is_empty() {
                return Err(Mistake::new(At::Op, "`cross_entropy` works on an axis of classes, but its prediction is the scalar []")
                    .help("`bce_with_logits` is the loss of a single logit"));
            }
            scalar(call)
        },
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            let axis = t.ty(l.args[0]).len() - 1;
            let slices = shape::size(&t.ty(l.args[0])[1..axis]);
            let y = t.log_softmax(l.args[0], axis);
            let terms = t.point(&[y, l.args[1]], &[], |x, _| x[0] * x[1], None);
            scaled_sum(t, terms, &slices, -1)
        }),
        examples: &[
            "(p: [5], t: [5]) -> [] { cross_entropy(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { cross_entropy(p, t) }",
            "(p: [5], label: index(5)) -> [] { cross_entropy(p, label) }",
        ],
    },
];

fn scalar(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (prediction, target) = (&call.args[0], &call.args[1]);
    let equal = prediction.len() == target.len()
        && prediction.iter().zip(target).all(|(a, b)| call.fits(a, b));
    if equal {
        return Ok(Vec::new());
    }
    let message = format!(
        "`{}` compares a prediction of shape {} with a target of shape {}, which must be equal",
        call.op,
        show(prediction),
        show(target),
    );
    let (p, t) = (shape::size(prediction), shape::size(target));
    Err(Mistake::new(At::Arg(1), message).help(if p.agree(&t) == Agree::Yes {
        format!("both have {p} elements: `reshape` one of them")
    } else {
        format!(
            "give the prediction the shape {}, or the target the shape {}",
            show(target),
            show(prediction)
        )
    }))
}

fn magnitude<'b>(d: V<'b>) -> V<'b> {
    d.int(0).select_gt(d, -d, d)
}

fn huber<'b>(x: &[V<'b>], delta: &[V<'b>]) -> V<'b> {
    let (d, delta) = (x[0] - x[1], delta[0]);
    let size = magnitude(d);
    let half = d.decimal(5, -1);
    delta.select_gt(size, half * d * d, delta * (size - half * delta))
}

fn mean_of(t: &Tracer, l: &Lowering<'_>, value: Value, slopes: Option<Slopes>) -> Var {
    let options: Vec<Var> = l
        .options
        .iter()
        .filter_map(|option| match option {
            Opt::Number(num) => Some(t.num(num.clone())),
            _ => None,
        })
        .collect();
    let count = shape::size(&t.ty(l.args[0])[1..]);
    let terms = t.point(l.args, &options, value, slopes);
    scaled_sum(t, terms, &count, 1)
}

/// `sign · Σ x / count` over all axes but the batch.
fn scaled_sum(t: &Tracer, x: Var, count: &Dim, sign: i128) -> Var {
    let sum = t.sum(x, (1..t.ty(x).len()).collect());
    let factor = [t.num(Num::inverse(count)), t.num(Num::int(sign))];
    t.point(&[sum], &factor, |x, f| x[0] * (f[0] * f[1]), None)
}
