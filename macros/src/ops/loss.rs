//! Losses inside a model: of a prediction and a target, to a scalar. Means are over all elements, for
//! `cross_entropy` over all slices of the last axis, as in PyTorch.

use super::{
    Arity, At, Body, Call, Default, Lowering, Mistake, OpDef, Opt, OptDef, OptKind, Takes,
};
use crate::build::V;
use crate::ir::{Fold, Labels, Skip, Var};
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
        signature: "cross_entropy(target, label_smoothing = 0, ignore_index = none)",
        doc: "`−Σ target · log_softmax(logits)` over the last axis, mean over the others. The target holds \
              probabilities, or integers of an input `index(classes)` with an axis less. `label_smoothing` takes \
              that much of each target and shares it among all classes. Where the target is the integer \
              `ignore_index` there is no loss, and the mean is over the others.",
        arity: Arity::Exactly(2),
        options: &[
            OptDef {
                name: "label_smoothing",
                kind: OptKind::Number,
                default: Default::Number(0, 0),
            },
            OptDef { name: "ignore_index", kind: OptKind::Size, default: Default::Absent },
        ],
        shape: cross_entropy,
        params: |_, _| Vec::new(),
        body: Body::Indexed(&[Takes::Reals, Takes::Either], lower_cross_entropy),
        examples: &[
            "(p: [5], t: [5]) -> [] { cross_entropy(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { cross_entropy(p, t) }",
            "(p: [5], label: index(5)) -> [] { cross_entropy(p, label) }",
            "(p: [2, 3, 4], labels: [2, 3] of index(4)) -> [] { cross_entropy(p, labels) }",
            "(p: [3, 5], t: [3, 5]) -> [] { cross_entropy(p, t, label_smoothing = 0.1) }",
            "(p: [3, 5], labels: [3] of index(5)) -> [] { linear(p) -> [3, 5], cross_entropy(labels, label_smoothing = 0.2) }",
            "(p: [6, 3], labels: [6] of index(3)) -> [] { cross_entropy(p, labels, ignore_index = 1) }",
        ],
    },
];

fn cross_entropy(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (logits, target) = (call.x(), &call.args[1]);
    let Some((classes, lead)) = logits.split_last() else {
        let message =
            "`cross_entropy` works on an axis of classes, but its prediction is the scalar []";
        return Err(
            Mistake::new(At::Op, message).help("`bce_with_logits` is the loss of a single logit")
        );
    };
    let Some(bound) = call.bound(1) else {
        if matches!(call.options[1], Opt::Size(_)) {
            let message = "`ignore_index` of `cross_entropy` is one of the integers of its target, which holds real numbers";
            return Err(Mistake::new(At::Opt(1), message).help("leave it out"));
        }
        return scalar(call);
    };
    let fits = lead.len() == target.len() && lead.iter().zip(target).all(|(a, b)| call.fits(a, b));
    if !fits || !call.fits(bound, classes) {
        let message = format!(
            "`cross_entropy` compares a prediction of shape {} with integers, {}",
            show(logits),
            crate::infer::spell_integers(target, bound),
        );
        let help = format!("declare them as {}", crate::infer::spell_integers(lead, classes));
        return Err(Mistake::new(At::Arg(1), message).help(help));
    }
    if let Opt::Size(ignored) = &call.options[1]
        && bound.sub(ignored).as_known().is_some_and(|left| left <= 0)
    {
        let message = format!(
            "`cross_entropy` ignores the target {ignored}, but its integers are below {bound}"
        );
        return Err(Mistake::new(At::Opt(1), message).help("write one of them, or leave it out"));
    }
    Ok(Vec::new())
}

fn lower_cross_entropy(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (logits, target) = (l.args[0], l.args[1]);
    let axis = t.ty(logits).len() - 1;
    let slices = shape::size(&t.ty(logits)[1..axis]);
    let smoothing = l.number(0);
    if t.ty(target).len() > axis {
        let y = t.log_softmax(logits, axis);
        let terms = if smoothing.is(0) {
            t.point(&[y, target], &[], |x, _| x[0] * x[1], None)
        } else {
            let numbers = [t.num(smoothing), t.num(Num::inverse(&t.ty(logits)[axis]))];
            let value: Value = |x, n| x[0] * (x[1] * (n[0].int(1) - n[0]) + n[0] * n[1]);
            t.point(&[y, target], &numbers, value, None)
        };
        return scaled_sum(t, terms, &slices, -1);
    }
    let losses = t.cross_entropy(logits, target, Some(smoothing).filter(|s| !s.is(0)));
    let Some(ignored) = l.size_given(1) else { return scaled_sum(t, losses, &slices, 1) };
    // 1 where the target counts: a gather of ones that skips what is ignored.
    let classes = &t.ty(logits)[axis..];
    let lead: String = ('a'..).take(axis).collect();
    let ones = t.b.fill(t.num(Num::ONE), classes);
    let counts =
        t.b.gather(ones, target, Labels::new("V", &lead, &lead), Some(Skip::Zero(ignored)));
    let axes: Vec<usize> = (1..axis).collect();
    let total = t.b.reduce(Fold::Sum, counts, axes.clone());
    let sum = t.sum(t.point(&[losses, counts], &[], |x, _| x[0] * x[1], None), axes);
    t.point(&[sum, total], &[], |x, _| x[0] / x[1], None)
}

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
