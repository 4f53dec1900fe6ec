//! Softmax and its logarithm over one axis, shifted by the maximum: nothing overflows. They have rules of their own, which
//! use the answer.

use super::option::{Key, axis};
use super::{Body, OpDef, called};
use crate::builder::{Builder, V};
use crate::ir::Var;
use crate::prim::Arith;
use crate::trace::{Over, Tracer};

const AXIS: Key<usize> = axis("axis");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "softmax",
        elsewhere: &[called("Softmax", "dim")],
        doc: "`eˣ / Σ eˣ` over one axis.",
        options: &[AXIS.or("-1")],
        body: Body::Lower(|t, l| softmax(t, l.args[0], l.get(AXIS))),
        examples: &[
            "(x: [5]) -> [5] { softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { softmax(axis = 1) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "log_softmax",
        elsewhere: &[called("LogSoftmax", "dim")],
        doc: "`x − ln Σ eˣ` over one axis.",
        options: &[AXIS.or("-1")],
        body: Body::Lower(|t, l| log_softmax(t, l.args[0], l.get(AXIS))),
        examples: &[
            "(x: [5]) -> [5] { log_softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { log_softmax(axis = 0) }",
        ],
        ..OpDef::PLAIN
    },
];

/// `ln Σ eˣ` over axes, shifted by the maximum so that nothing overflows; `dy = Σ softmax ⊙ dx`.
pub fn logsumexp(t: &Tracer, x: Var, axes: &[usize]) -> Var {
    let (b, over) = (&t.b, t.over(x, axes));
    let max = over.max(b.v(x));
    // What equals the maximum differs from it by 0, also if both are infinite; NaN stays.
    let zero = b.int(0);
    let same = max.select_gt(zero, zero, zero.select_gt(max, zero, max * zero));
    let (top, x_) = (over.spread(max), b.v(x));
    let exp = top.select_gt(x_, x_ - top, over.spread(same)).exp();
    let sum = over.sum(exp);
    let y = (max + sum.ln()).var;
    let (exp, sum) = (exp.var, sum.var);
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let share = over.spread(b.int(1) / b.v(sum));
        Some(over.sum_of(dx * (b.v(exp) * share)))
    })
}

/// `softmax` over one axis, shifted by the maximum so that nothing overflows. The rule uses the
/// answer: `dy = y ⊙ (dx − Σ y ⊙ dx)`; the shift cancels in it.
pub fn softmax(t: &Tracer, x: Var, axis: usize) -> Var {
    let parts = Shifted::of(t, x, axis);
    let b = &t.b;
    let y = parts.softmax(b).var;
    t.rule(&[x], y, |s, d| {
        let (y, dx) = (s.primal.v(y), d[0]);
        let mean = parts.over.spread_of(parts.over.sum_of(dx * y));
        Some((dx + mean * s.primal.int(-1)) * y)
    })
}

/// `softmax` of the elements where `keep` is positive; the others are 0, even if that is all of them.
/// The rule is that of [`softmax`].
pub fn softmax_where(t: &Tracer, x: Var, axis: usize, keep: Option<Var>) -> Var {
    let Some(keep) = keep else { return softmax(t, x, axis) };
    let b = &t.b;
    let (zero, keep) = (b.int(0), b.v(keep));
    // Lower than any score, and finite, so that no difference is NaN.
    let low = keep.select_gt(zero, b.v(x), b.decimal(-1, 38)).var;
    let parts = Shifted::of(t, low, axis);
    let exp = keep.select_gt(zero, b.v(parts.exp), zero);
    let sum = parts.over.sum(exp);
    let chosen = keep.gt(zero).var;
    // Each part is at most the sum, which is 0 only if all are.
    let inverse = sum.select_gt(zero, b.int(1) / sum, zero);
    let y = (exp * parts.over.spread(inverse)).var;
    t.rule(&[x], y, |s, d| {
        // What is not looked at has no say, whatever its tangent is.
        let (y, dx) = (s.primal.v(y), d[0] * s.primal.v(chosen));
        let mean = parts.over.spread_of(parts.over.sum_of(dx * y));
        Some((dx + mean * s.primal.int(-1)) * y)
    })
}

/// `log_softmax` over one axis: `dy = dx − Σ softmax ⊙ dx`.
pub fn log_softmax(t: &Tracer, x: Var, axis: usize) -> Var {
    let parts = Shifted::of(t, x, axis);
    let b = &t.b;
    let y = (b.v(parts.shifted) - parts.over.spread(b.v(parts.sum).ln())).var;
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let softmax = parts.softmax(b);
        let mean = parts.over.spread_of(parts.over.sum_of(dx * softmax));
        Some(dx + mean * b.int(-1))
    })
}

/// The maximum over the axis, `x − max`, `e^(x − max)` and its sum over the axis.
pub struct Shifted {
    pub max: Var,
    pub shifted: Var,
    pub exp: Var,
    pub sum: Var,
    /// The axis.
    pub over: Over,
}

impl Shifted {
    pub fn of(t: &Tracer, x: Var, axis: usize) -> Shifted {
        let (x, over) = (t.b.v(x), t.over(x, &[axis]));
        let max = over.max(x);
        let shifted = x - over.spread(max);
        let exp = shifted.exp();
        let sum = over.sum(exp).var;
        Shifted { max: max.var, shifted: shifted.var, exp: exp.var, sum, over }
    }

    pub fn softmax<'b>(&self, b: &'b Builder) -> V<'b> {
        b.v(self.exp) * self.over.spread(b.int(1) / b.v(self.sum))
    }
}
