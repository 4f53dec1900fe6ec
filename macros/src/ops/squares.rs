//! Squares of what may be huge: lengths, variances and what is divided by them.
//!
//! Beside the squares of numbers, those of much smaller numbers are added up, and where it matters those of much
//! greater ones; the sum counts that neither overflowed nor vanished. So nothing overflows where the result is
//! finite. (Three accumulators: Blue 1978, "A portable Fortran program to find the Euclidean norm of a vector".)

use crate::builder::{V, without};
use crate::ir::{Fold, Var};
use crate::lin::Lin;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Shape, size};
use crate::trace::Tracer;

/// A normalised value, and what it was normalised by.
pub struct Normal {
    pub y: Var,
    pub mean: Var,
    pub variance: Var,
}

/// The sum of the squares of what was multiplied by a number before.
struct Squares<'b> {
    sum: V<'b>,
    by: V<'b>,
}

/// `x` without its mean over axes. A rule for what does not depend on the mean may leave the mean out:
/// deviations add up to 0.
fn deviation(t: &Tracer, x: Var, axes: &[usize]) -> Var {
    let (b, ty) = (&t.b, t.ty(x));
    let kept = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
    let folded: Shape = axes.iter().map(|axis| ty[*axis].clone()).collect();
    let mean = b.v(b.reduce(Fold::Sum, x, axes.to_vec())) * b.num(Num::inverse(&size(&folded)));
    (b.v(x) - b.v(b.broadcast(mean.var, kept, ty))).var
}

/// The greatest magnitude over axes, or the `least` that is not 0, and 1 where it is 0 or infinite: what `x` may be
/// divided by. It counts as a constant.
pub fn scale_of(t: &Tracer, x: Var, axes: &[usize], least: bool) -> Var {
    let b = &t.b;
    let (zero, one) = (b.int(0), b.int(1));
    let magnitude = b.v(x).abs();
    let max = |x: V<'_>| b.v(b.reduce(Fold::Max, x.var, axes.to_vec()));
    let most = match least {
        false => max(magnitude),
        true => -max(magnitude.select_gt(zero, -magnitude, b.decimal(-1, 38))),
    };
    let most = most.stop_gradient();
    // 1, or NaN where it is infinite.
    let finite = most * zero + one;
    most.select_gt(zero, finite.select_gt(zero, most, one), one).var
}

/// The squares of `x`, added up over axes: as they are unless that overflows; those of `tiny` numbers, if they
/// matter, enlarged.
fn squares<'b>(t: &'b Tracer, x: V<'b>, axes: &[usize], tiny: bool) -> Squares<'b> {
    let b = &t.b;
    let sum = |x: V<'_>| b.v(b.reduce(Fold::Sum, (x * x).var, axes.to_vec()));
    let (zero, one) = (b.int(0), b.int(1));
    // In `f32` they are 10⁻³⁰ and 10³⁰. A type that has 10⁻⁶⁰ has the eighth power of them, too.
    let (thirty, square) = (b.decimal(1, -30), |x: V<'b>| x * x);
    let has_more = |yes: V<'b>, no: V<'b>| square(thirty).select_gt(zero, yes, no);
    let reduce = has_more(square(square(square(thirty))), thirty);
    let plain = sum(x);
    // Infinity times 0 is NaN, which is not greater than anything.
    let finite = |yes: V<'b>, no: V<'b>| (plain * zero + one).select_gt(zero, yes, no);
    let (mut all, mut by) = (plain, one);
    if tiny {
        let enlarge = one / reduce;
        all = plain.select_gt(reduce, all, sum(x * enlarge));
        by = plain.select_gt(reduce, by, enlarge);
    }
    Squares { sum: finite(all, sum(x * reduce)), by: finite(by, reduce) }
}

/// `Σ factor · (x − mean)²` over axes; `dy = Σ 2 · factor · (x − mean) ⊙ dx`. No square is taken that is greater
/// than its term.
pub fn squared_deviations(t: &Tracer, x: Var, axes: &[usize], factor: Num) -> Var {
    let b = &t.b;
    let deviation = deviation(t, x, axes);
    let scaled = (b.v(deviation) * b.num(factor)).var;
    let y = b.reduce(Fold::Sum, (b.v(deviation) * b.v(scaled)).var, axes.to_vec());
    let axes = axes.to_vec();
    t.rule(&[x], y, |s, d| Some((d[0] * (s.primal.int(2) * s.primal.v(scaled))).sum(axes.clone())))
}

/// `‖x‖` over axes, or with `centred` that of what is left without the mean; `dy = Σ x / ‖x‖ ⊙ dx`, and 0 where the
/// norm is 0. What is squared is at most 1.
pub fn length(t: &Tracer, x: Var, axes: &[usize], centred: bool) -> Var {
    let b = &t.b;
    let ty = b.ty(x);
    let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
    let deviation = b.v(if centred { deviation(t, x, axes) } else { x });
    let Squares { sum, by } = squares(t, deviation, axes, true);
    let mut root = sum.sqrt();
    if centred {
        // Equal elements may differ from their mean, which is rounded, but not from each other.
        let greatest = |x: V<'_>| b.v(b.reduce(Fold::Max, x.var, axes.to_vec())).stop_gradient();
        let (top, bottom) = (greatest(b.v(x)), -greatest(-b.v(x)));
        root = top.select_gt(bottom, root, top - bottom);
    }
    let y = (root / by).var;
    // The last is 0, or NaN where something is.
    let zero = b.int(0);
    let inverse = root.select_gt(zero, b.int(1) / root, root * zero);
    let of_each = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
    let slope = ((deviation * of_each(by)) * of_each(inverse)).var;
    let axes = axes.to_vec();
    t.rule(&[x], y, |s, d| Some((d[0] * s.primal.v(slope)).sum(axes.clone())))
}

/// `y = x / max(‖x‖, eps)` over axes; `dy = d − y Σ y ⊙ d` with `d = dx / max(‖x‖, eps)`, and where the norm is not
/// above `eps` nothing depends on it.
pub fn unit(t: &Tracer, x: Var, axes: &[usize], eps: Num) -> Var {
    let (b, ty) = (&t.b, t.ty(x));
    let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
    let of_each = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
    let Squares { sum, by } = squares(t, b.v(x), axes, true);
    let root = sum.sqrt();
    let (length, one, eps) = (root / by, b.int(1), b.num(eps));
    let by = length.select_gt(eps, by, one);
    let inverse = length.select_gt(eps, one / root, one / eps);
    let y = ((b.v(x) * of_each(by)) * of_each(inverse)).var;
    let above = length.gt(eps).var;
    let (factor, axes) = ((by * inverse).var, axes.to_vec());
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let d = dx * b.v(b.broadcast(factor, kept.clone(), dx.ty()));
        let along = (d * b.v(y)).sum(axes.clone()) * -b.v(above);
        Some(d + s.lin(along.broadcast(kept.clone(), dx.ty()).id) * b.v(y))
    })
}

/// `x̂ = (x − μ) / √(σ² + eps)` with mean `μ` and variance `σ²` over some axes; where it is not `centred`, `μ = 0`. The
/// deviations from a mean add up to zero, so the rule is `dx̂ = d − mean(d) − x̂ ⊙ mean(x̂ ⊙ d)` with
/// `d = dx / √(σ² + eps)`, and the deviations themselves need not be kept.
pub fn normalize(t: &Tracer, x: Var, axes: &[usize], eps: Num, centred: bool) -> Var {
    normalize_by(t, x, axes, eps, centred).y
}

/// [`normalize`], with mean and variance, which are not differentiated.
pub fn normalize_by(t: &Tracer, x: Var, axes: &[usize], eps: Num, centred: bool) -> Normal {
    let (b, ty) = (&t.b, t.ty(x));
    let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
    let of_mean = without(&ty, axes);
    let folded: Shape = axes.iter().map(|axis| ty[*axis].clone()).collect();
    let share = b.broadcast((b.int(1) / b.v(t.count(&folded))).var, Vec::new(), of_mean);
    let mean_of = |x: V<'_>| b.v(b.reduce(Fold::Sum, x.var, axes.to_vec())) * b.v(share);
    let spread = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
    let mean = if centred { mean_of(b.v(x)) } else { b.int(0) };
    let deviation = if centred { b.v(x) - spread(mean) } else { b.v(x) };
    // What is tiny is nothing beside `eps`.
    let Squares { sum, by } = squares(t, deviation, axes, false);
    let (square, by_square) = (sum * b.v(share), by * by);
    let factor = (by / (square + b.num(eps) * by_square).sqrt()).var;
    let y = (deviation * spread(b.v(factor))).var;
    let (mean, variance) = (mean.var, (square / by_square).var);
    let axes = axes.to_vec();
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
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
