//! Squares of what may be huge: lengths, variances and what is divided by them.
//!
//! A number is squared after it was divided by the greatest magnitude beside it, which counts as a constant: what
//! is made of the squares does not depend on it. So nothing overflows where the result is finite.

use super::Tracer;
use crate::build::{V, without};
use crate::ir::{Fold, Var};
use crate::lin::Lin;
use crate::number::Num;
use crate::shape::Shape;

/// A normalised value, and what it was normalised by.
pub struct Normal {
    pub y: Var,
    pub mean: Var,
    pub variance: Var,
}

impl Tracer {
    /// `x` without its mean over axes. Of what is the same whatever the mean is, the rule may leave the mean out:
    /// deviations add up to 0.
    fn deviation(&self, x: Var, axes: &[usize]) -> Var {
        let (b, ty) = (&self.b, self.ty(x));
        let kept = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        let folded: Shape = axes.iter().map(|axis| ty[*axis].clone()).collect();
        let mean = b.v(b.reduce(Fold::Sum, x, axes.to_vec()))
            * b.num(Num::inverse(&crate::shape::size(&folded)));
        (b.v(x) - b.v(b.broadcast(mean.var, kept, ty))).var
    }

    /// The greatest magnitude over axes, as a constant: what squares of huge and of tiny numbers are scaled by.
    fn magnitude(&self, x: Var, axes: &[usize]) -> V<'_> {
        let b = &self.b;
        b.v(b.reduce(Fold::Max, b.v(x).abs().var, axes.to_vec())).stop_gradient()
    }

    /// The same, and 1 where it is 0 or infinite: what `x` may be divided by.
    pub fn scale_of(&self, x: Var, axes: &[usize]) -> Var {
        let (most, zero, one) = (self.magnitude(x, axes), self.b.int(0), self.b.int(1));
        // 1, or NaN where it is infinite.
        let finite = most * zero + one;
        most.select_gt(zero, finite.select_gt(zero, most, one), one).var
    }

    /// `Σ factor · (x − mean)²` over axes; `dy = Σ 2 · factor · (x − mean) ⊙ dx`. No square is taken that is greater
    /// than its term.
    pub fn squared_deviations(&self, x: Var, axes: &[usize], factor: Num) -> Var {
        let b = &self.b;
        let deviation = self.deviation(x, axes);
        let scaled = (b.v(deviation) * b.num(factor)).var;
        let y = b.reduce(Fold::Sum, (b.v(deviation) * b.v(scaled)).var, axes.to_vec());
        let axes = axes.to_vec();
        self.record(&[x], y, move |s, d| {
            Some((d[0]? * (s.primal.int(2) * s.primal.v(scaled))).sum(axes.clone()))
        })
    }

    /// `‖x‖` over axes, or with `centred` that of what is left without the mean; `dy = Σ x / ‖x‖ ⊙ dx`, and 0 where the
    /// norm is 0. What is squared is at most 1.
    pub fn length(&self, x: Var, axes: &[usize], centred: bool) -> Var {
        let b = &self.b;
        let ty = b.ty(x);
        let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        let deviation = if centred { self.deviation(x, axes) } else { x };
        let by = b.v(self.scale_of(deviation, axes));
        let unit = b.v(deviation) / b.v(b.broadcast(by.var, kept.clone(), ty.clone()));
        let mut root = b.v(b.reduce(Fold::Sum, (unit * unit).var, axes.to_vec())).sqrt();
        if centred {
            // Equal elements may differ from their mean, which is rounded, but not from each other.
            let greatest =
                |x: V<'_>| b.v(b.reduce(Fold::Max, x.var, axes.to_vec())).stop_gradient();
            let (top, bottom) = (greatest(b.v(x)), -greatest(-b.v(x)));
            root = top.select_gt(bottom, root, top - bottom);
        }
        let y = (by * root).var;
        let (unit, root, axes) = (unit.var, root.var, axes.to_vec());
        self.record(&[x], y, move |s, d| {
            let b = s.primal;
            let (unit, zero) = (b.v(unit), b.int(0));
            let root = b.v(b.broadcast(root, kept.clone(), ty.clone()));
            // The last is 0, or NaN where something is.
            let slope = root.select_gt(zero, unit / root, root * zero);
            Some((d[0]? * slope).sum(axes.clone()))
        })
    }

    /// `y = x / max(‖x‖, eps)` over axes; `dy = d − y Σ y ⊙ d` with `d = dx / max(‖x‖, eps)`, and where the norm is not
    /// above `eps` nothing depends on it.
    pub fn unit(&self, x: Var, axes: &[usize], eps: Num) -> Var {
        let (b, ty) = (&self.b, self.ty(x));
        let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        let by = b.v(self.scale_of(x, axes));
        let of_each = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
        let part = b.v(x) / of_each(by);
        let length = by * b.v(b.reduce(Fold::Sum, (part * part).var, axes.to_vec())).sqrt();
        let (one, eps) = (b.int(1), b.num(eps));
        let factor = length.select_gt(eps, one / length, one / eps);
        let y = (b.v(x) * of_each(factor)).var;
        let above = length.gt(eps).var;
        let (factor, axes) = (factor.var, axes.to_vec());
        self.record(&[x], y, move |s, d| {
            let (b, dx) = (s.primal, d[0]?);
            let d = dx * b.v(b.broadcast(factor, kept.clone(), dx.ty()));
            let along = (d * b.v(y)).sum(axes.clone()) * -b.v(above);
            Some(d + s.lin(along.broadcast(kept.clone(), dx.ty()).id) * b.v(y))
        })
    }

    /// `x̂ = (x − μ) / √(σ² + eps)` with mean `μ` and variance `σ²` over some axes; where it is not `centred`, `μ = 0`. The deviations from a mean add up to
    /// zero, so the rule is `dx̂ = d − mean(d) − x̂ ⊙ mean(x̂ ⊙ d)` with `d = dx / √(σ² + eps)`, and
    /// the deviations themselves need not be kept.
    pub fn normalize(&self, x: Var, axes: &[usize], eps: Num, centred: bool) -> Var {
        self.normalize_by(x, axes, eps, centred).y
    }

    /// The same with mean and variance, which are not differentiated.
    pub fn normalize_by(&self, x: Var, axes: &[usize], eps: Num, centred: bool) -> Normal {
        let (b, ty) = (&self.b, self.ty(x));
        let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        let of_mean = without(&ty, axes);
        let folded: Shape = axes.iter().map(|axis| ty[*axis].clone()).collect();
        let share = b.broadcast((b.int(1) / b.v(self.count(&folded))).var, Vec::new(), of_mean);
        let mean_of = |x: V<'_>| b.v(b.reduce(Fold::Sum, x.var, axes.to_vec())) * b.v(share);
        let spread = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
        let mean = if centred { mean_of(b.v(x)) } else { b.int(0) };
        let deviation = if centred { b.v(x) - spread(mean) } else { b.v(x) };
        // What is squared is at most 2 where there are numbers greater than 1.
        let most = self.magnitude(x, axes).maximum(b.int(1));
        let inverse = b.int(1) / most;
        let part = deviation * spread(inverse);
        let square = mean_of(part * part);
        let factor = (inverse / (square + b.num(eps) * (inverse * inverse)).sqrt()).var;
        let y = (deviation * spread(b.v(factor))).var;
        let (mean, variance) = (mean.var, (square * most * most).var);
        let axes = axes.to_vec();
        self.record(&[x], y, move |s, d| {
            let (b, dx) = (s.primal, d[0]?);
            let d = dx * b.v(b.broadcast(factor, kept.clone(), dx.ty()));
            let less_mean = |d: Lin<'_>| {
                let mean = d.sum(axes.clone()) * -b.v(share);
                s.lin(mean.broadcast(kept.clone(), dx.ty()).id)
            };
            let along = less_mean(d * b.v(y)) * b.v(y);
            Some(if centred { d + less_mean(d) + along } else { d + along })
        });
        Normal { y, mean, variance }
    }
}
