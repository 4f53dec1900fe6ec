//! Losses inside a model: of a prediction and a target. The mean, unless another `reduction` is asked for, is over
//! all elements, for `cross_entropy` over all slices of the last axis, as in PyTorch.

use super::limits::{at_least_0, more_than_0, share};
use super::option::{Key, number, one_of, size};
use super::softmax::{Shifted, log_softmax};
use super::{Arity, At, Body, Call, Lowering, Mistake, OpDef, Takes, called, spread};
use crate::builder::{Builder, V};
use crate::ir::{Labels, Skip, Var};
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{self, Agree, Dim, Shape, show, spell_integers};
use crate::trace::{Slopes, Tracer, Value};
use std::rc::Rc;

pub(super) const REDUCTION: Key<Rc<str>> = one_of("reduction", &["mean", "sum", "none"]);
const DELTA: Key<Num> = number("delta").within(more_than_0("it is where the squares end"));
const BETA: Key<Num> = number("beta").within(at_least_0("it is where the squares end"));
const LABEL_SMOOTHING: Key<Num> =
    number("label_smoothing").within(share("it is the share of all classes"));
pub(super) const IGNORE_INDEX: Key<Dim> = size("ignore_index");
/// As a user writes it.
pub(super) const MEAN: &str = "\"mean\"";

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "mse",
        elsewhere: &[called(
            "MSELoss mse_loss MeanSquaredError mean_squared_error squared_error l2_loss",
            "",
        )],
        values: "target",
        doc: "Mean of `(prediction − target)²`. As in all losses, `reduction = \"sum\"` gives the sum, and `\"none\"` one loss for each element.",
        arity: Arity::Exactly(2),
        options: &[REDUCTION.or(MEAN)],
        shape: reduced,
        body: Body::Lower(|t, l| {
            let shape = t.shape(l.args[0]);
            let args: Vec<Var> = l.args.iter().map(|x| spread(t, *x, &shape)).collect();
            // Each has its share before it is squared: the mean may be smaller than the squares.
            let (count, reduction) = (shape::size(&shape), l.get(REDUCTION));
            let share = if &*reduction == "mean" { Num::inverse(&count) } else { Num::ONE };
            let terms = t.point(
                &args,
                &[t.num(share)],
                |x, share| (x[0] - x[1]) * share[0] * (x[0] - x[1]),
                Some(|x, share, _| {
                    let slope = x[0].int(2) * ((x[0] - x[1]) * share[0]);
                    vec![slope, -slope]
                }),
            );
            let reduction = if &*reduction == "mean" { "sum" } else { &*reduction };
            reduce(t, terms, shape.len(), reduction, &count, 1)
        }),
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { mse(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { mse(p, t, reduction = \"sum\") }",
            "(p: [2, 3], t: [2, 3]) -> [2, 3] { mse(p, t, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "mae",
        elsewhere: &[called("L1Loss l1_loss MeanAbsoluteError mean_absolute_error", "")],
        values: "target",
        doc: "Mean of `|prediction − target|`; the derivative at 0 is 0.",
        arity: Arity::Exactly(2),
        options: &[REDUCTION.or(MEAN)],
        shape: reduced,
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
        ..OpDef::PLAIN
    },
    OpDef {
        name: "huber",
        elsewhere: &[called("HuberLoss huber_loss", "reduction delta")],
        values: "target",
        doc: "Mean of `d²/2` where `|d| < delta`, else `delta · (|d| − delta/2)`, with `d = prediction − target`.",
        arity: Arity::Exactly(2),
        options: &[DELTA.or("1"), REDUCTION.or(MEAN)],
        shape: reduced,
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
        ..OpDef::PLAIN
    },
    OpDef {
        name: "smooth_l1",
        elsewhere: &[called("SmoothL1Loss smooth_l1_loss", "")],
        values: "target",
        doc: "Mean of `d²/(2·beta)` where `|d| < beta`, else `|d| − beta/2`, with `d = prediction − target`: `huber` divided by \
              its `delta`, and `mae` where `beta` is 0.",
        arity: Arity::Exactly(2),
        options: &[BETA.or("1"), REDUCTION.or(MEAN)],
        shape: reduced,
        body: Body::Lower(|t, l| {
            elementwise(
                t,
                l,
                |x, n| {
                    let (d, beta, half) = (x[0] - x[1], n[0], x[0].decimal(5, -1));
                    let size = magnitude(d);
                    beta.select_gt(size, half * d * d / beta, size - half * beta)
                },
                Some(|x, n, _| {
                    let (d, beta) = (x[0] - x[1], n[0]);
                    let slope = beta.select_gt(magnitude(d), d / beta, d.sign());
                    vec![slope, -slope]
                }),
            )
        }),
        examples: &[
            "(p: [2, 3], t: [2, 3]) -> [] { smooth_l1(p, t) }",
            "(p: [2, 3], t: [2, 3]) -> [] { smooth_l1(p, t, beta = 0.5, reduction = \"sum\") }",
            "(p: [2, 3], t: [2, 3]) -> [2, 3] { smooth_l1(p, t, beta = 0, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "bce_with_logits",
        elsewhere: &[called(
            "BCEWithLogitsLoss binary_cross_entropy_with_logits sigmoid_binary_cross_entropy sigmoid_cross_entropy_with_logits",
            "",
        )],
        values: "target",
        doc: "Mean of `weight · (pos_weight · t · softplus(−x) + (1 − t) · softplus(x))`: binary cross-entropy of logits, \
              without cancellation. The weights are numbers or values that broadcast.",
        arity: Arity::Weighted(2, &["weight", "pos_weight"]),
        options: &[REDUCTION.or(MEAN)],
        shape: |call| {
            for (i, name) in [(2, "weight"), (3, "pos_weight")] {
                check_weight(call, i, name, call.x())?;
            }
            reduced(call)
        },
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
        ..OpDef::PLAIN
    },
    OpDef {
        name: "cross_entropy",
        elsewhere: &[called(
            "CrossEntropyLoss cross_entropy_loss SparseCategoricalCrossentropy CategoricalCrossentropy softmax_cross_entropy softmax_cross_entropy_with_integer_labels softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits sparse_categorical_crossentropy categorical_crossentropy",
            "",
        )],
        values: "target",
        doc: "`−Σ target · log_softmax(logits)` over the last axis, mean over the others. The target holds \
              probabilities, or integers of an input `index(classes)` with an axis less. `label_smoothing` takes \
              that much of each target and shares it among all classes. Where the target is the integer \
              `ignore_index` there is no loss, and the mean is over the others; where padding has a label of its own, \
              that is `ignore_index = classes` of an input `index(classes + 1)` (PyTorch's -100). `weight: [classes]` weighs the \
              classes; with integers the mean is then the sum divided by the weights of the targets. It is a value, such as an \
              input or `#[frozen] w = parameter -> [classes]`.",
        arity: Arity::Weighted(2, &["weight"]),
        options: &[
            LABEL_SMOOTHING.or("0"),
            IGNORE_INDEX.optional_shown("none"),
            REDUCTION.or(MEAN),
        ],
        shape: of_classes_target,
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
        ..OpDef::PLAIN
    },
];

/// The shape of a loss of classes: of [`lower_classes`], or of probabilities.
pub(super) fn of_classes_target(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (op, logits, target) = (call.op, call.x(), &call.args[1]);
    let Some((classes, lead)) = logits.split_last() else {
        let message =
            format!("`{op}` works on an axis of classes, but its prediction is the scalar []");
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
            "the weights of the classes that `{op}` takes are [{classes}], one for each, found {}",
            show(weight)
        );
        return Err(Mistake::new(At::Arg(2), message)
            .help("weights of the samples are a product with `reduction = \"none\"`"));
    }
    let out = if &*call.get(REDUCTION) == "none" { lead.to_vec() } else { Vec::new() };
    let Some(bound) = call.bound(1) else {
        if call.given(IGNORE_INDEX).is_some() {
            let message = "`ignore_index` of `cross_entropy` is one of the integers of its target, which holds real numbers";
            return Err(Mistake::new(IGNORE_INDEX.at(), message).help("leave it out"));
        }
        return alike(call).map(|()| out);
    };
    let ignored = call.given(IGNORE_INDEX);
    // One integer more than there are classes is a label that is none, if it is the one without a loss.
    let spare = classes.add(&Dim::known(1));
    let has_spare = bound.agree(&spare) == Agree::Yes
        && ignored.as_ref().is_some_and(|ignored| ignored.agree(classes) == Agree::Yes);
    let fits = lead.len() == target.len() && lead.iter().zip(target).all(|(a, b)| call.fits(a, b));
    if !fits || !has_spare && !call.fits(bound, classes) {
        let message = format!(
            "`{op}` compares a prediction of shape {} with integers, {}",
            show(logits),
            spell_integers(target, bound),
        );
        let help = if bound.agree(&spare) == Agree::Yes {
            format!(
                "`ignore_index = {classes}` makes the last of them a label without a loss; otherwise declare {}",
                spell_integers(lead, classes)
            )
        } else {
            format!("declare them as {}", spell_integers(lead, classes))
        };
        return Err(Mistake::new(At::Arg(1), message).help(help));
    }
    if let Some(ignored) = ignored
        && !call.at_least(bound, &ignored.add(&Dim::known(1)))
    {
        let message =
            format!("`{op}` ignores the target {ignored}, but its integers are below {bound}");
        let help = format!(
            "write one of them; for a label that is no class declare {} and write `ignore_index = {classes}`",
            spell_integers(lead, &spare)
        );
        return Err(Mistake::new(IGNORE_INDEX.at(), message).help(help));
    }
    Ok(out)
}

fn lower_cross_entropy(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (logits, target, weight) = (l.args[0], l.args[1], l.args[2]);
    let shape = t.shape(logits);
    let axis = shape.len() - 1;
    let slices = shape::size(&shape[..axis]);
    let smoothing = Some(l.get(LABEL_SMOOTHING)).filter(|smoothing| !smoothing.is(0));
    let smoothing = smoothing.as_ref();
    if t.shape(target).len() > axis {
        let args = [log_softmax(t, logits, axis), target, spread(t, weight, &shape)];
        let terms = match smoothing {
            // A class that is impossible, and has a logit of −∞, costs nothing.
            None => t.point(&args, &[], |x, _| x[1].mul_strong(x[0]) * x[2], None),
            Some(smoothing) => {
                let value: Value = |x, n| {
                    let share = x[1] * (n[0].int(1) - n[0]) + n[0] * n[1];
                    share.mul_strong(x[0]) * x[2]
                };
                let numbers = [t.num(smoothing.clone()), t.num(Num::inverse(&shape[axis]))];
                t.point(&args, &numbers, value, None)
            }
        };
        return reduce(t, terms, axis, &l.get(REDUCTION), &slices, -1);
    }
    lower_classes(t, l, smoothing, &|t, logits, target, ignored| {
        of_classes(t, logits, target, smoothing.cloned(), ignored)
    })
}

/// What a loss is for an array whose last axis is that of the classes, for the integers that choose among them, and for an
/// integer that chooses none.
pub(super) type OfClass<'a> = &'a dyn Fn(&Tracer, Var, Var, Option<Skip>) -> Var;

/// A loss of classes that integers choose, with weights of the classes and an integer that is ignored. What is smoothed
/// is a loss of logits.
pub(super) fn lower_classes(
    t: &Tracer,
    l: &Lowering<'_>,
    smoothing: Option<&Num>,
    of_class: OfClass<'_>,
) -> Var {
    let (logits, target, weight) = (l.args[0], l.args[1], l.args[2]);
    let shape = t.shape(logits);
    let axis = shape.len() - 1;
    let slices = shape::size(&shape[..axis]);
    let one = t.b.as_num(weight).is_some();
    let ignored = l.given(IGNORE_INDEX).map(Skip::Zero);
    let all = ignored.is_none();
    if one && all {
        let losses = of_class(t, logits, target, ignored.clone());
        return reduce(t, losses, axis, &l.get(REDUCTION), &slices, 1);
    }
    // What each position counts: of a class's weight a lookup that skips what is ignored.
    let lead: String = ('a'..).take(axis).collect();
    let (classes, by_class) = (vec![shape[axis].clone()], Labels::new("V", &lead, &lead));
    let ones = t.fill_shared(t.num(Num::ONE), &classes);
    let present = t.gather(ones, target, by_class.clone(), ignored.clone());
    let counts = if one {
        present
    } else {
        let weights = spread(t, weight, &classes);
        t.gather(weights, target, by_class, ignored.clone())
    };
    let losses = match smoothing {
        // What is shared among the classes is weighed class by class.
        Some(smoothing) if !one => {
            let of_class = of_classes(t, logits, target, None, ignored.clone());
            let logs = [log_softmax(t, logits, axis), spread(t, weight, &shape)];
            let of_all = t.sum(t.point(&logs, &[], |x, _| x[0] * x[1], None), vec![axis]);
            let numbers = [t.num(smoothing.clone()), t.num(Num::inverse(&shape[axis]))];
            let value: Value = |x, n| (n[0].int(1) - n[0]) * (x[0] * x[1]) - n[0] * n[1] * x[2];
            t.point(&[of_class, counts, of_all], &numbers, value, None)
        }
        _ => {
            let losses = of_class(t, logits, target, ignored.clone());
            if one { losses } else { t.point(&[losses, counts], &[], |x, _| x[0] * x[1], None) }
        }
    };
    // Chosen, and not multiplied by 0: logits that are not numbers have no say where there is no loss.
    let chosen: Value = |x, _| x[1].select_gt(x[0].int(0), x[0], x[0].int(0));
    let losses = if all { losses } else { t.point(&[losses, present], &[], chosen, None) };
    if &*l.get(REDUCTION) != "mean" {
        return reduce(t, losses, axis, &l.get(REDUCTION), &slices, 1);
    }
    let axes: Vec<usize> = (0..axis).collect();
    let total = t.sum(counts, axes.clone());
    t.point(&[t.sum(losses, axes), total], &[], |x, _| x[0] / x[1], None)
}

/// `−log_softmax(x)` over the last axis at the classes that integers tell, or of targets smoothed by ε:
/// 1 − ε for that class and ε shared among all. As `log_softmax`, and nothing as large as `x` is kept
/// of the integers: `dy = Σ softmax ⊙ dx − (1 − ε) · dx[class] − ε · mean dx`.
///
/// Where `ignored` is the integer no class is looked up; what is computed there is to be left out.
fn of_classes(
    t: &Tracer,
    x: Var,
    classes: Var,
    smoothing: Option<Num>,
    ignored: Option<Skip>,
) -> Var {
    let axis = t.shape(x).len() - 1;
    let parts = Shifted::of(t, x, axis);
    let lead: String = ('a'..).take(axis).collect();
    let labels = Labels::new(&format!("{lead}V"), &lead, &lead);
    let count = Num::inverse(&t.shape(x)[axis]);
    let of_class = |b: &Builder| match &smoothing {
        Some(smoothing) => (b.int(1) - b.num(smoothing.clone())).var,
        None => b.int(1).var,
    };
    let of_all = |b: &Builder| {
        smoothing.as_ref().map(|smoothing| (b.num(smoothing.clone()) * b.num(count.clone())).var)
    };
    let b = &t.b;
    let (of_class, of_all) = (of_class(b), of_all(b));
    let picked = b.v(t.gather(x, classes, labels.clone(), ignored.clone())) - b.v(parts.max);
    let mut y = b.v(parts.sum).ln() - picked * b.v(of_class);
    if let Some(of_all) = of_all {
        y = y - parts.over.sum(b.v(parts.shifted)) * b.v(of_all);
    }
    let y = y.var;
    let (labels, ty) = (t.labels(x, classes, labels), b.ty(y));
    let skip = ignored.map(|skip| skip.integer().clone());
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let softmax = parts.softmax(b);
        let picked = dx.gather(classes, labels.clone(), skip.clone(), ty.clone());
        let dy = parts.over.sum_of(dx * softmax) + picked * -b.v(of_class);
        Some(match of_all {
            Some(of_all) => dy + parts.over.sum_of(dx) * -b.v(of_all),
            None => dy,
        })
    })
}

/// Whether a weight broadcasts to the elements.
pub(super) fn check_weight(
    call: &Call<'_>,
    arg: usize,
    name: &str,
    to: &Shape,
) -> Result<(), Mistake> {
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

/// The shape of an elementwise loss.
pub(super) fn reduced(call: &Call<'_>) -> Result<Shape, Mistake> {
    alike(call)?;
    Ok(if &*call.get(REDUCTION) == "none" { call.x().clone() } else { Vec::new() })
}

/// Whether prediction and target have one shape.
pub(super) fn alike(call: &Call<'_>) -> Result<(), Mistake> {
    equal_shapes(call, 1, ["prediction", "target"])
}

/// Whether the first value and another have one shape; what they are called.
pub(super) fn equal_shapes(
    call: &Call<'_>,
    arg: usize,
    [first, other]: [&str; 2],
) -> Result<(), Mistake> {
    let (prediction, target) = (&call.args[0], &call.args[arg]);
    let equal = prediction.len() == target.len()
        && prediction.iter().zip(target).all(|(a, b)| call.fits(a, b));
    if equal {
        return Ok(());
    }
    let message = format!(
        "`{}` compares a {first} of shape {} with a {other} of shape {}, which must be equal",
        call.op,
        show(prediction),
        show(target),
    );
    let (p, t) = (shape::size(prediction), shape::size(target));
    Err(Mistake::new(At::Arg(arg), message).help(if call.op == "cross_entropy" {
        // Labels that are numbers: what has no axis of classes.
        let (lead, classes) = prediction.split_at(prediction.len() - 1);
        let integers = spell_integers(lead, &classes[0]);
        format!("labels are integers, declared as {integers}; a target of real numbers has a probability for each class, {}", show(prediction))
    } else if p.agree(&t) == Agree::Yes {
        format!("both have {p} elements: `reshape` one of them")
    } else {
        format!(
            "give the {first} the shape {}, or the {other} the shape {}",
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

/// A loss of each element, reduced; its function is given the numbers among the options.
pub(super) fn elementwise(
    t: &Tracer,
    l: &Lowering<'_>,
    value: Value,
    slopes: Option<Slopes>,
) -> Var {
    let options: Vec<Var> = l.options.numbers().map(|num| t.num(num.clone())).collect();
    let shape = t.shape(l.args[0]);
    let args: Vec<Var> = l.args.iter().map(|x| spread(t, *x, &shape)).collect();
    let terms = t.point(&args, &options, value, slopes);
    reduce(t, terms, shape.len(), &l.get(REDUCTION), &shape::size(&shape), 1)
}

/// `sign · Σ x / count` over all axes of a sample. A sum is not divided by the count; of no reduction the sum is
/// over the axes after the first `kept` ones.
pub(super) fn reduce(
    t: &Tracer,
    x: Var,
    kept: usize,
    reduction: &str,
    count: &Dim,
    sign: i128,
) -> Var {
    let first = if reduction == "none" { kept } else { 0 };
    let sum = t.sum(x, (first..t.shape(x).len()).collect());
    let share = if reduction == "mean" { Num::inverse(count) } else { Num::ONE };
    let factor = [t.num(share), t.num(Num::int(sign))];
    t.point(&[sum], &factor, |x, f| x[0] * (f[0] * f[1]), None)
}
