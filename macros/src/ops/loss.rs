//! Losses inside a model: of a prediction and a target. The mean, unless another `reduction` is asked for, is over
//! all elements, for `cross_entropy` over all slices of the last axis, as in PyTorch.

use super::{
    Arity, At, Body, Call, Default, Lowering, Mistake, OpDef, Opt, OptDef, OptKind, Takes, spread,
};
use crate::build::V;
use crate::ir::{Labels, Skip, Var};
use crate::number::Num;
use crate::shape::{self, Agree, Dim, Shape, show};
use crate::trace::{Slopes, Tracer, Value};

const REDUCTION: OptDef = OptDef {
    name: "reduction",
    kind: OptKind::OneOf(&["mean", "sum", "none"]),
    default: Default::Text("mean"),
};

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "mse",
        signature: "mse(target, reduction = \"mean\")",
        doc: "Mean of `(prediction − target)²`. As in all losses, `reduction = \"sum\"` gives the sum, and `\"none\"` one loss for each element.",
        arity: Arity::Exactly(2),
        options: &[REDUCTION],
        shape: |call| reduced(call, 0),
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            elementwise(
                t,
                l,
                |x, _| (x[0] - x[1]) * (x[0] - x[1]),
                Some(|x, _, _| {
                    let slope = x[0].int(2) * (x[0] - x[1]);
                    vec![slope, -slope]
                }),
            )
        }),
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { mse(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { mse(p, t, reduction = \"sum\") }",
            "(p: [2, 3], t: [2, 3]) -> [2, 3] { mse(p, t, reduction = \"none\") }",
        ],
    },
    OpDef {
        name: "mae",
        signature: "mae(target, reduction = \"mean\")",
        doc: "Mean of `|prediction − target|`; the derivative at 0 is 0.",
        arity: Arity::Exactly(2),
        options: &[REDUCTION],
        shape: |call| reduced(call, 0),
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            elementwise(
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
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { mae(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { mae(p, t, reduction = \"sum\") }",
        ],
    },
    OpDef {
        name: "huber",
        signature: "huber(target, delta = 1, reduction = \"mean\")",
        doc: "Mean of `d²/2` where `|d| < delta`, else `delta · (|d| − delta/2)`, with `d = prediction − target`.",
        arity: Arity::Exactly(2),
        options: &[
            OptDef { name: "delta", kind: OptKind::Number, default: Default::Number(1, 0) },
            REDUCTION,
        ],
        shape: |call| reduced(call, 1),
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            elementwise(
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
            "(p: [2, 3], t: [2, 3]) -> [] { huber(p, t, reduction = \"sum\") }",
        ],
    },
    OpDef {
        name: "bce_with_logits",
        signature: "bce_with_logits(target, weight = 1, pos_weight = 1, reduction = \"mean\")",
        doc: "Mean of `weight · (pos_weight · t · softplus(−x) + (1 − t) · softplus(x))`: binary cross-entropy of logits, \
              without cancellation. The weights are numbers or values that broadcast.",
        arity: Arity::Weighted(2, &["weight", "pos_weight"]),
        options: &[REDUCTION],
        shape: |call| {
            for (i, name) in [(2, "weight"), (3, "pos_weight")] {
                check_weight(call, i, name, call.x())?;
            }
            reduced(call, 0)
        },
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            elementwise(
                t,
                l,
                |x, _| {
                    let (of_one, of_zero) = (x[1] * (-x[0]).softplus(), x[0].softplus());
                    x[2] * (x[3] * of_one + (x[0].int(1) - x[1]) * of_zero)
                },
                None,
            )
        }),
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { bce_with_logits(p, t) }",
            "(p: [2, 3], t: [2, 3], w: [3]) -> [] { bce_with_logits(p, t, pos_weight = w, reduction = \"sum\") }",
            "(p: [2, 3], t: [2, 3], w: [2, 1]) -> [2, 3] { bce_with_logits(p, t, weight = w, pos_weight = 2.5, reduction = \"none\") }",
        ],
    },
    OpDef {
        name: "cross_entropy",
        signature: "cross_entropy(target, weight = 1, label_smoothing = 0, ignore_index = none, reduction = \"mean\")",
        doc: "`−Σ target · log_softmax(logits)` over the last axis, mean over the others. The target holds \
              probabilities, or integers of an input `index(classes)` with an axis less. `label_smoothing` takes \
              that much of each target and shares it among all classes. Where the target is the integer \
              `ignore_index` there is no loss, and the mean is over the others. `weight: [classes]` weighs the \
              classes; with integers the mean is then the sum divided by the weights of the targets. It is a value, such as an \
              input or `#[frozen] w = parameter -> [classes]`.",
        arity: Arity::Weighted(2, &["weight"]),
        options: &[
            OptDef {
                name: "label_smoothing",
                kind: OptKind::Number,
                default: Default::Number(0, 0),
            },
            OptDef { name: "ignore_index", kind: OptKind::Size, default: Default::Absent },
            REDUCTION,
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
            "(p: [2, 3], t: [2, 3], w: [3]) -> [] { cross_entropy(p, t, weight = w, label_smoothing = 0.1) }",
            "(p: [4, 3], labels: [4] of index(3), w: [3]) -> [] { tanh(p), cross_entropy(labels, weight = w) }",
            "(p: [4, 3], labels: [4] of index(3), w: [3]) -> [] { cross_entropy(p, labels, weight = w, label_smoothing = 0.2, ignore_index = 1) }",
            "(p: [4, 3], labels: [4] of index(3)) -> [] { cross_entropy(p, labels, reduction = \"sum\") }",
            "(p: [2, 3], t: [2, 3]) -> [2] { cross_entropy(p, t, reduction = \"none\") }",
            "(p: [4, 3], labels: [4] of index(3)) -> [] { w = parameter -> [3], cross_entropy(p, labels, weight = exp(w)) }",
            "(p: [2, 2, 3], labels: [2, 2] of index(3), w: [3]) -> [2, 2] { cross_entropy(p, labels, weight = w, ignore_index = 0, reduction = \"none\") }",
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
    let weight = &call.args[2];
    let one_each = match weight.as_slice() {
        [] => true,
        [n] => call.fits(n, classes),
        _ => false,
    };
    if !one_each {
        let message = format!(
            "the weights of the classes that `cross_entropy` takes are [{classes}], one for each, found {}",
            show(weight)
        );
        return Err(Mistake::new(At::Arg(2), message)
            .help("weights of the samples are a product with `reduction = \"none\"`"));
    }
    let out = if call.text(2) == "none" { lead.to_vec() } else { Vec::new() };
    let Some(bound) = call.bound(1) else {
        if matches!(call.options[1], Opt::Size(_)) {
            let message = "`ignore_index` of `cross_entropy` is one of the integers of its target, which holds real numbers";
            return Err(Mistake::new(At::Opt(1), message).help("leave it out"));
        }
        return alike(call).map(|()| out);
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
        && !call.at_least(bound, &ignored.add(&Dim::known(1)))
    {
        let message = format!(
            "`cross_entropy` ignores the target {ignored}, but its integers are below {bound}"
        );
        return Err(Mistake::new(At::Opt(1), message).help("write one of them, or leave it out"));
    }
    Ok(out)
}

fn lower_cross_entropy(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (logits, target, weight) = (l.args[0], l.args[1], l.args[2]);
    let ty = t.ty(logits);
    let axis = ty.len() - 1;
    let slices = shape::size(&ty[1..axis]);
    let smoothing = Some(l.number(0)).filter(|smoothing| !smoothing.is(0));
    let one = t.b.as_num(weight).is_some();
    if t.ty(target).len() > axis {
        let args = [t.log_softmax(logits, axis), target, spread(t, weight, &ty)];
        let terms = match smoothing {
            None => t.point(&args, &[], |x, _| x[0] * x[1] * x[2], None),
            Some(smoothing) => {
                let value: Value = |x, n| x[0] * (x[1] * (n[0].int(1) - n[0]) + n[0] * n[1]) * x[2];
                let numbers = [t.num(smoothing), t.num(Num::inverse(&ty[axis]))];
                t.point(&args, &numbers, value, None)
            }
        };
        return reduce(t, terms, axis, l.text(2), &slices, -1);
    }
    let ignored = l.size_given(1).map(Skip::Zero);
    let all = ignored.is_none();
    if one && all {
        let losses = t.cross_entropy(logits, target, smoothing);
        return reduce(t, losses, axis, l.text(2), &slices, 1);
    }
    // What each position counts: of a class's weight a lookup that skips what is ignored.
    let lead: String = ('a'..).take(axis).collect();
    let classes = vec![ty[0].clone(), ty[axis].clone()];
    let ones = t.b.fill(t.num(Num::ONE), &classes[1..]);
    let present = t.b.gather(ones, target, Labels::new("V", &lead, &lead), ignored.clone());
    let counts = if one {
        present
    } else {
        let weights = spread(t, weight, &classes);
        t.gather(weights, target, Labels::new("aV", &lead, &lead), ignored)
    };
    let losses = match smoothing {
        // What is shared among the classes is weighed class by class.
        Some(smoothing) if !one => {
            let of_class = t.cross_entropy(logits, target, None);
            let logs = [t.log_softmax(logits, axis), spread(t, weight, &ty)];
            let of_all = t.sum(t.point(&logs, &[], |x, _| x[0] * x[1], None), vec![axis]);
            let numbers = [t.num(smoothing), t.num(Num::inverse(&ty[axis]))];
            let value: Value = |x, n| (n[0].int(1) - n[0]) * (x[0] * x[1]) - n[0] * n[1] * x[2];
            t.point(&[of_class, counts, of_all], &numbers, value, None)
        }
        smoothing => {
            let losses = t.cross_entropy(logits, target, smoothing);
            if one { losses } else { t.point(&[losses, counts], &[], |x, _| x[0] * x[1], None) }
        }
    };
    // Chosen, and not multiplied by 0: logits that are not numbers have no say where there is no loss.
    let chosen: Value = |x, _| x[1].select_gt(x[0].int(0), x[0], x[0].int(0));
    let losses = if all { losses } else { t.point(&[losses, present], &[], chosen, None) };
    if l.text(2) != "mean" {
        return reduce(t, losses, axis, l.text(2), &slices, 1);
    }
    let axes: Vec<usize> = (1..axis).collect();
    let total = t.sum(counts, axes.clone());
    t.point(&[t.sum(losses, axes), total], &[], |x, _| x[0] / x[1], None)
}

/// Whether a weight broadcasts to the elements.
fn check_weight(call: &Call<'_>, arg: usize, name: &str, to: &Shape) -> Result<(), Mistake> {
    let weight = &call.args[arg];
    let shift = to.len().checked_sub(weight.len());
    let fits = shift.is_some_and(|shift| {
        weight.iter().zip(&to[shift..]).all(|(a, b)| a.is(1) || call.fits(a, b))
    });
    if fits {
        return Ok(());
    }
    let message = format!(
        "`{name}` of `{}` repeats to the shape {} of the prediction, found {}",
        call.op,
        show(to),
        show(weight)
    );
    Err(Mistake::new(At::Arg(arg), message)
        .help("shapes align at the last axis; only a missing axis or one of length 1 repeats"))
}

/// The shape of an elementwise loss, whose reduction is option `option`.
fn reduced(call: &Call<'_>, option: usize) -> Result<Shape, Mistake> {
    alike(call)?;
    Ok(if call.text(option) == "none" { call.x().clone() } else { Vec::new() })
}

/// Whether prediction and target have one shape.
fn alike(call: &Call<'_>) -> Result<(), Mistake> {
    let (prediction, target) = (&call.args[0], &call.args[1]);
    let equal = prediction.len() == target.len()
        && prediction.iter().zip(target).all(|(a, b)| call.fits(a, b));
    if equal {
        return Ok(());
    }
    let message = format!(
        "`{}` compares a prediction of shape {} with a target of shape {}, which must be equal",
        call.op,
        show(prediction),
        show(target),
    );
    let (p, t) = (shape::size(prediction), shape::size(target));
    Err(Mistake::new(At::Arg(1), message).help(if call.op == "cross_entropy" {
        // Labels that are numbers: what has no axis of classes.
        let (lead, classes) = prediction.split_at(prediction.len() - 1);
        let integers = crate::infer::spell_integers(lead, &classes[0]);
        format!("labels are integers, declared as {integers}; a target of real numbers has a probability for each class, {}", show(prediction))
    } else if p.agree(&t) == Agree::Yes {
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

/// A loss of each element, reduced as the last option says.
fn elementwise(t: &Tracer, l: &Lowering<'_>, value: Value, slopes: Option<Slopes>) -> Var {
    let options: Vec<Var> = l
        .options
        .iter()
        .filter_map(|option| match option {
            Opt::Number(num) => Some(t.num(num.clone())),
            _ => None,
        })
        .collect();
    let ty = t.ty(l.args[0]);
    let args: Vec<Var> = l.args.iter().map(|x| spread(t, *x, &ty)).collect();
    let terms = t.point(&args, &options, value, slopes);
    reduce(t, terms, ty.len(), l.text(l.options.len() - 1), &shape::size(&ty[1..]), 1)
}

/// `sign · Σ x / count` over all axes but the batch. A sum is not divided by the count; of no reduction the sum is
/// over the axes behind the first `kept` ones.
fn reduce(t: &Tracer, x: Var, kept: usize, reduction: &str, count: &Dim, sign: i128) -> Var {
    let first = if reduction == "none" { kept } else { 1 };
    let sum = t.sum(x, (first..t.ty(x).len()).collect());
    let share = if reduction == "mean" { Num::inverse(count) } else { Num::ONE };
    let factor = [t.num(share), t.num(Num::int(sign))];
    t.point(&[sum], &factor, |x, f| x[0] * (f[0] * f[1]), None)
}
