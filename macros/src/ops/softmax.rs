//! Softmax and its logarithm over one axis, shifted by the maximum: nothing overflows. They have rules of their own, which
//! use the answer.

use super::option::{Axis, Key, axis};
use super::{Body, OpDef, called};
use crate::builder::{Builder, V};
use crate::ir::{Fold, Var};
use crate::prim::Arith;
use crate::shape::Shape;
use crate::trace::Tracer;

const AXIS: Key<Axis> = axis("axis");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "softmax",
        elsewhere: &[called("Softmax", "dim")],
        doc: "`eˣ / Σ eˣ` over one axis.",
        options: &[AXIS.or("-1")],
        body: Body::Lower(|t, l| softmax(t, l.args[0], l.axis(AXIS))),
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
        body: Body::Lower(|t, l| log_softmax(t, l.args[0], l.axis(AXIS))),
        examples: &[
            "(x: [5]) -> [5] { log_softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { log_softmax(axis = 0) }",
        ],
        ..OpDef::PLAIN
    },
];

/// `ln Σ eˣ` over axes, shifted by the maximum so that nothing overflows; `dy = Σ softmax ⊙ dx`.
pub fn logsumexp(t: &Tracer, x: Var, axes: &[usize]) -> Var {
    let b = &t.b;
    let ty = b.ty(x);
    let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
    let max = b.v(b.reduce(Fold::Max, x, axes.to_vec()));
    let spread = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
    // What equals the maximum differs from it by 0, also if both are infinite; NaN stays.
    let zero = b.int(0);
    let same = max.select_gt(zero, zero, zero.select_gt(max, zero, max * zero));
    let (top, x_) = (spread(max), b.v(x));
    let exp = top.select_gt(x_, x_ - top, spread(same)).exp().var;
    let sum = b.reduce(Fold::Sum, exp, axes.to_vec());
    let y = (max + b.v(sum).ln()).var;
    let (kept, axes, ty) = (kept.clone(), axes.to_vec(), ty.clone());
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let share = b.broadcast((b.int(1) / b.v(sum)).var, kept.clone(), ty.clone());
        Some((dx * (b.v(exp) * b.v(share))).sum(axes.clone()))
    })
}

/// `softmax` over one axis, shifted by the maximum so that nothing overflows. The rule uses the
/// answer: `dy = y ⊙ (dx − Σ y ⊙ dx)`; the shift cancels in it.
pub fn softmax(t: &Tracer, x: Var, axis: usize) -> Var {
    let parts = Shifted::of(t, x, axis);
    let b = &t.b;
    let y = (b.v(parts.exp) * parts.spread(b, (b.int(1) / b.v(parts.sum)).var)).var;
    let axes = parts.kept.clone();
    t.rule(&[x], y, |s, d| {
        let (y, dx) = (s.primal.v(y), d[0]);
        let mean = (dx * y).sum(vec![axis]).broadcast(axes.clone(), dx.ty());
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
    let sum = b.v(b.reduce(Fold::Sum, exp.var, vec![axis]));
    let chosen = keep.gt(zero).var;
    // Each part is at most the sum, which is 0 only if all are.
    let inverse = sum.select_gt(zero, b.int(1) / sum, zero);
    let y = (exp * parts.spread(b, inverse.var)).var;
    let axes = parts.kept.clone();
    t.rule(&[x], y, |s, d| {
        // What is not looked at has no say, whatever its tangent is.
        let (y, dx) = (s.primal.v(y), d[0] * s.primal.v(chosen));
        let mean = (dx * y).sum(vec![axis]).broadcast(axes.clone(), dx.ty());
        Some((dx + mean * s.primal.int(-1)) * y)
    })
}

/// `log_softmax` over one axis: `dy = dx − Σ softmax ⊙ dx`.
pub fn log_softmax(t: &Tracer, x: Var, axis: usize) -> Var {
    let parts = Shifted::of(t, x, axis);
    let b = &t.b;
    let y = (b.v(parts.shifted) - parts.spread(b, b.v(parts.sum).ln().var)).var;
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let softmax = b.v(parts.exp) * parts.spread(b, (b.int(1) / b.v(parts.sum)).var);
        let mean = (dx * softmax).sum(vec![axis]).broadcast(parts.kept.clone(), dx.ty());
        Some(dx + mean * b.int(-1))
    })
}

/// The maximum over the axis, `x − max`, `e^(x − max)` and its sum over the axis.
pub struct Shifted {
    pub max: Var,
    pub shifted: Var,
    pub exp: Var,
    pub sum: Var,
    /// The axes but the one folded away.
    pub kept: Vec<usize>,
    ty: Shape,
}

impl Shifted {
    pub fn of(t: &Tracer, x: Var, axis: usize) -> Shifted {
        let b = &t.b;
        let ty = b.ty(x);
        let kept: Vec<usize> = (0..ty.len()).filter(|a| *a != axis).collect();
        let max = b.reduce(Fold::Max, x, vec![axis]);
        let mut parts = Shifted { max, shifted: 0, exp: 0, sum: 0, kept, ty };
        let shifted = b.v(x) - parts.spread(b, max);
        parts.shifted = shifted.var;
        parts.exp = shifted.exp().var;
        parts.sum = b.reduce(Fold::Sum, parts.exp, vec![axis]);
        parts
    }

    /// Along the axis again.
    pub fn spread<'b>(&self, b: &'b Builder, x: Var) -> V<'b> {
        // With an axis of length 1 nothing was folded away but a 1.
        b.v(b.broadcast(x, self.kept.clone(), self.ty.clone()))
    }
}
