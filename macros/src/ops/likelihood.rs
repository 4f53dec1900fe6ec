//! Losses that are negative logarithms of probabilities under other distributions than that of `cross_entropy`.

use super::limits::EPS_LIMITS;
use super::loss::{
    IGNORE_INDEX, MEAN, REDUCTION, alike, check_weight, elementwise, lower_classes,
    of_classes_target, reduce, reduced,
};
use super::option::{Key, flag, number};
use super::{Arity, At, Body, Mistake, OpDef, Takes, called, math, spread};
use crate::builder::V;
use crate::ir::{Labels, Var};
use crate::number::Num;
use crate::prim::Arith;
use crate::shape;
use crate::trace::Value;

const LOG_TARGET: Key<bool> = flag("log_target");
const LOG_INPUT: Key<bool> = flag("log_input");
const FULL: Key<bool> = flag("full");
const EPS: Key<Num> = number("eps").within(EPS_LIMITS);

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "kl_div",
        elsewhere: &[called("KLDivLoss kl_divergence KLDivergence", "")],
        values: "target",
        doc: "Mean of `target · (ln target − x)`, the divergence of a distribution from one whose logarithms `x` holds; with \
              `log_target` the target holds logarithms, too. For one sample `reduction = \"sum\"` is the divergence itself, \
              PyTorch's `\"batchmean\"`.",
        arity: Arity::Exactly(2),
        options: &[LOG_TARGET.or("false"), REDUCTION.or(MEAN)],
        shape: reduced,
        body: Body::Lower(|t, l| {
            if l.get(LOG_TARGET) {
                return elementwise(t, l, |x, _| x[1].exp() * (x[1] - x[0]), None);
            }
            elementwise(
                t,
                l,
                |x, _| math::x_log_y(x[1], x[1]) - x[1] * x[0],
                Some(|x, _, _| {
                    let (zero, t) = (x[1].int(0), x[1]);
                    // What is impossible counts as constant there: its own slope is infinite.
                    let slope = t.ln() + t.int(1);
                    let own = t.select_gt(zero, slope, zero.select_gt(t, slope, t));
                    vec![-t, own - x[0]]
                }),
            )
        }),
        examples: &[
            "(x: [2, 3], t: [2, 3]) -> [] { log_softmax(x), kl_div(t) }",
            "(x: [2, 3], t: [2, 3]) -> [] { kl_div(x, t, reduction = \"sum\") }",
            "(x: [2, 3], t: [2, 3]) -> [2, 3] { kl_div(x, t, log_target = true, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "nll_loss",
        elsewhere: &[called("nll NLLLoss NegativeLogLikelihood", "")],
        values: "target",
        doc: "`−x[target]` over the last axis of logarithms of probabilities, for a target of integers `index(classes)`; mean, \
              `weight` and `ignore_index` as in `cross_entropy`, which takes logits and is the better choice where there are \
              some.",
        arity: Arity::Weighted(2, &["weight"]),
        options: &[IGNORE_INDEX.optional_shown("none"), REDUCTION.or(MEAN)],
        shape: |call| {
            if call.bound(1).is_none() {
                let message = "the target of `nll_loss` is integers, found real numbers";
                return Err(Mistake::new(At::Arg(1), message).help("`kl_div` takes probabilities"));
            }
            of_classes_target(call)
        },
        body: Body::Indexed(&[Takes::Reals, Takes::Integers], |t, l| {
            lower_classes(t, l, None, &|t, logs, target, ignored| {
                let lead: String = ('a'..).take(t.shape(logs).len() - 1).collect();
                let labels = Labels::new(&format!("{lead}V"), &lead, &lead);
                t.point(&[t.gather(logs, target, labels, ignored)], &[], |x, _| -x[0], None)
            })
        }),
        examples: &[
            "(x: [5], label: index(5)) -> [] { nll_loss(x, label) }",
            "(x: [2, 3], labels: [2] of index(3)) -> [] { log_softmax(x), nll_loss(labels) }",
            "(x: [4, 3], labels: [4] of index(3), w: [3]) -> [] { nll_loss(x, labels, weight = w, ignore_index = 1) }",
            "(x: [4, 3], labels: [4] of index(3)) -> [4] { nll_loss(x, labels, ignore_index = 0, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "poisson_nll",
        elsewhere: &[called("PoissonNLLLoss poisson_nll_loss", "log_input full size_average eps")],
        values: "target",
        doc: "Mean of `eˣ − target · x` for the logarithm `x` of the rate of a Poisson distribution; without `log_input`, of \
              `x − target · ln(x + eps)` for the rate itself. `full` adds Stirling's approximation of `ln target!`, \
              `t ln t − t + ln(2πt)/2`, to targets `t` above 1.",
        arity: Arity::Exactly(2),
        options: &[LOG_INPUT.or("true"), FULL.or("false"), EPS.or("1e-8"), REDUCTION.or(MEAN)],
        shape: reduced,
        body: Body::Lower(|t, l| {
            let value: Value = match (l.get(LOG_INPUT), l.get(FULL)) {
                (true, false) => |x, _| of_log_rate(x),
                (true, true) => |x, _| of_log_rate(x) + stirling(x[1]),
                (false, false) => of_rate,
                (false, true) => |x, n| of_rate(x, n) + stirling(x[1]),
            };
            elementwise(t, l, value, None)
        }),
        examples: &[
            "(x: [2, 3], t: [2, 3]) -> [] { poisson_nll(x, t) }",
            "(x: [2, 3], t: [2, 3]) -> [] { poisson_nll(x, t, full = true, reduction = \"sum\") }",
            "(x: [2, 3], t: [2, 3]) -> [] { exp(x), poisson_nll(t, log_input = false, eps = 0.1) }",
            "(x: [2, 3], t: [2, 3]) -> [2, 3] { exp(x), poisson_nll(t, log_input = false, full = true, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "gaussian_nll",
        elsewhere: &[called("GaussianNLLLoss gaussian_nll_loss", "full eps")],
        values: "target, variance",
        doc: "Mean of `(ln v + (x − target)² / v) / 2` with `v = max(variance, eps)`, for the mean `x` and the variance of a \
              normal distribution; `full` adds `ln(2π)/2`. The derivative by the variance is that by `v`. The variance \
              broadcasts.",
        arity: Arity::Exactly(3),
        options: &[FULL.or("false"), EPS.or("1e-6"), REDUCTION.or(MEAN)],
        shape: |call| {
            check_weight(call, 2, "variance", call.x())?;
            reduced(call)
        },
        body: Body::Lower(|t, l| {
            let value: Value = match l.get(FULL) {
                false => gaussian,
                true => |x, n| gaussian(x, n) + x[0].decimal(9_189_385_332_046_727, -16),
            };
            elementwise(t, l, value, None)
        }),
        examples: &[
            "(x: [2, 3], t: [2, 3], v: [2, 3]) -> [] { gaussian_nll(x, t, v) }",
            "(x: [2, 3], t: [2, 3], v: [2, 1]) -> [2, 3] { gaussian_nll(x, t, v, full = true, eps = 0.5, reduction = \"none\") }",
            "(x: [4], t: [4], s: []) -> [] { v = exp(s), gaussian_nll(x, t, v, reduction = \"sum\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "multilabel_soft_margin",
        elsewhere: &[called("MultiLabelSoftMarginLoss multilabel_soft_margin_loss", "")],
        values: "target",
        doc: "Mean of `bce_with_logits` over the classes of the last axis, each of which is there or not, then over the other \
              axes; `\"none\"` gives one loss for each row. `weight` weighs the classes.",
        arity: Arity::Weighted(2, &["weight"]),
        options: &[REDUCTION.or(MEAN)],
        shape: |call| {
            alike(call)?;
            let Some((_, lead)) = call.x().split_last() else {
                let message = "`multilabel_soft_margin` works on an axis of classes, but its prediction is the scalar []";
                return Err(Mistake::new(At::Op, message)
                    .help("`bce_with_logits` is the loss of a single logit"));
            };
            check_weight(call, 2, "weight", call.x())?;
            Ok(if &*call.get(REDUCTION) == "none" { lead.to_vec() } else { Vec::new() })
        },
        body: Body::Lower(|t, l| {
            let shape = t.shape(l.args[0]);
            let axis = shape.len() - 1;
            let args: Vec<Var> = l.args.iter().map(|x| spread(t, *x, &shape)).collect();
            let share = t.num(Num::inverse(&shape[axis]));
            let value: Value = |x, n| {
                let (of_one, of_zero) = (x[1] * (-x[0]).softplus(), x[0].softplus());
                x[2] * (of_one + (x[0].int(1) - x[1]) * of_zero) * n[0]
            };
            let terms = t.point(&args, &[share], value, None);
            reduce(t, terms, axis, &l.get(REDUCTION), &shape::size(&shape[..axis]), 1)
        }),
        examples: &[
            "(x: [3], t: [3]) -> [] { multilabel_soft_margin(x, t) }",
            "(x: [2, 3], t: [2, 3], w: [3]) -> [] { multilabel_soft_margin(x, t, weight = w) }",
            "(x: [2, 3], t: [2, 3]) -> [2] { multilabel_soft_margin(x, t, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
];

fn of_log_rate<'b>(x: &[V<'b>]) -> V<'b> {
    x[0].exp() - x[1] * x[0]
}

fn of_rate<'b>(x: &[V<'b>], eps: &[V<'b>]) -> V<'b> {
    x[0] - x[1] * (x[0] + eps[0]).ln()
}

/// Stirling's approximation of `ln t!`, for `t` above 1.
fn stirling(t: V<'_>) -> V<'_> {
    let (half, two_pi) = (t.decimal(5, -1), t.decimal(6_283_185_307_179_586, -15));
    let value = t * t.ln() - t + half * (two_pi * t).ln();
    t.select_gt(t.int(1), value, t.int(0))
}

/// The greater of the two, NaN if `x` is; its derivative is that of `x` in any case.
fn at_least<'b>(x: V<'b>, eps: V<'b>) -> V<'b> {
    eps.select_gt(x, eps + (x - x.stop_gradient()), x)
}

fn gaussian<'b>(x: &[V<'b>], eps: &[V<'b>]) -> V<'b> {
    let (v, d) = (at_least(x[2], eps[0]), x[0] - x[1]);
    d.decimal(5, -1) * (v.ln() + d / v * d)
}
