//! Squares of what may be huge: lengths, variances and what is divided by them.
//!
//! Beside the squares of numbers, those of much smaller numbers are added up, and where it matters those of much
//! greater ones; the sum counts that neither overflowed nor vanished. So nothing overflows where the result is
//! finite. (Three accumulators: Blue 1978, "A portable Fortran program to find the Euclidean norm of a vector".)

use crate::builder::V;
use crate::ir::Var;
use crate::lin::Lin;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::size;
use crate::trace::{Over, Tracer};

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

/// `x` without its mean. A rule for what does not depend on the mean may leave the mean out:
/// deviations add up to 0.
fn deviation<'b>(x: V<'b>, over: &Over) -> V<'b> {
    let mean = over.sum(x) * x.builder().num(Num::inverse(&size(&over.lengths())));
    x - over.spread(mean)
}

/// The greatest magnitude over axes, or the `least` that is not 0, and 1 where it is 0 or infinite: what `x` may be
/// divided by. It counts as a constant.
pub fn scale_of<'b>(x: V<'b>, over: &Over, least: bool) -> V<'b> {
    let (zero, one) = (x.int(0), x.int(1));
    let magnitude = x.abs();
    let most = match least {
        false => over.max(magnitude),
        true => -over.max(magnitude.select_gt(zero, -magnitude, x.decimal(-1, 38))),
    };
    let most = most.stop_gradient();
    // 1, or NaN where it is infinite.
    let finite = most * zero + one;
    most.select_gt(zero, finite.select_gt(zero, most, one), one)
}

/// The squares of `x`, added up over axes: as they are unless that overflows; those of `tiny` numbers, if they
/// matter, enlarged.
fn squares<'b>(x: V<'b>, over: &Over, tiny: bool) -> Squares<'b> {
    let sum = |x: V<'b>| over.sum(x * x);
    let (zero, one) = (x.int(0), x.int(1));
    // In `f32` they are 10⁻³⁰ and 10³⁰. A type that has 10⁻⁶⁰ has the eighth power of them, too.
    let (thirty, square) = (x.decimal(1, -30), |x: V<'b>| x * x);
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
    let (b, over) = (&t.b, t.over(x, axes));
    let deviation = deviation(b.v(x), &over);
    let scaled = deviation * b.num(factor);
    let (y, scaled) = (over.sum(deviation * scaled).var, scaled.var);
    t.rule(&[x], y, |s, d| Some(over.sum_of(d[0] * (s.primal.int(2) * s.primal.v(scaled)))))
}

/// `‖x‖` over axes, or with `centred` that of what is left without the mean; `dy = Σ x / ‖x‖ ⊙ dx`, and 0 where the
/// norm is 0. What is squared is at most 1.
pub fn length(t: &Tracer, x: Var, axes: &[usize], centred: bool) -> Var {
    let (b, over) = (&t.b, t.over(x, axes));
    let deviation = if centred { deviation(b.v(x), &over) } else { b.v(x) };
    let Squares { sum, by } = squares(deviation, &over, true);
    let mut root = sum.sqrt();
    if centred {
        // Equal elements may differ from their mean, which is rounded, but not from each other.
        let (top, bottom) = (over.max(b.v(x)).stop_gradient(), -over.max(-b.v(x)).stop_gradient());
        root = top.select_gt(bottom, root, top - bottom);
    }
    let y = (root / by).var;
    // The last is 0, or NaN where something is.
    let zero = b.int(0);
    let inverse = root.select_gt(zero, b.int(1) / root, root * zero);
    let slope = ((deviation * over.spread(by)) * over.spread(inverse)).var;
    t.rule(&[x], y, |s, d| Some(over.sum_of(d[0] * s.primal.v(slope))))
}

/// `y = x / max(‖x‖, eps)` over axes; `dy = d − y Σ y ⊙ d` with `d = dx / max(‖x‖, eps)`, and where the norm is not
/// above `eps` nothing depends on it.
pub fn unit(t: &Tracer, x: Var, axes: &[usize], eps: Num) -> Var {
    let (b, over) = (&t.b, t.over(x, axes));
    let Squares { sum, by } = squares(b.v(x), &over, true);
    let root = sum.sqrt();
    let (length, one, eps) = (root / by, b.int(1), b.num(eps));
    let by = length.select_gt(eps, by, one);
    let inverse = length.select_gt(eps, one / root, one / eps);
    let y = ((b.v(x) * over.spread(by)) * over.spread(inverse)).var;
    let above = length.gt(eps).var;
    let factor = (by * inverse).var;
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let d = dx * over.spread(b.v(factor));
        let along = over.sum_of(d * b.v(y)) * -b.v(above);
        Some(d + s.lin(over.spread_of(along).id) * b.v(y))
    })
}

/// `x̂ = (x − μ) / √(σ² + eps)` with mean `μ` and variance `σ²` over some axes; where it is not `centred`, `μ = 0`. The
/// deviations from a mean add up to zero, so the rule is `dx̂ = d − mean(d) − x̂ ⊙ mean(x̂ ⊙ d)` with
/// `d = dx / √(σ² + eps)`, and the deviations themselves need not be kept.
pub fn normalize(t: &Tracer, x: Var, axes: &[usize], eps: Num, centred: bool) -> Var {
    normalize_by(t, x, &t.over(x, axes), eps, centred).y
}

/// [`normalize`], with mean and variance, which are not differentiated.
pub fn normalize_by(t: &Tracer, x: Var, over: &Over, eps: Num, centred: bool) -> Normal {
    let b = &t.b;
    let share = over.fill(b.int(1) / b.v(t.count(&over.lengths())));
    let mean = if centred { over.sum(b.v(x)) * share } else { b.int(0) };
    let deviation = if centred { b.v(x) - over.spread(mean) } else { b.v(x) };
    // What is tiny is nothing beside `eps`.
    let Squares { sum, by } = squares(deviation, over, false);
    let (square, by_square) = (sum * share, by * by);
    let factor = by / (square + b.num(eps) * by_square).sqrt();
    let y = (deviation * over.spread(factor)).var;
    let (mean, variance) = (mean.var, (square / by_square).var);
    let (factor, share) = (factor.var, share.var);
    t.rule(&[x], y, |s, d| {
        let (b, dx) = (s.primal, d[0]);
        let d = dx * over.spread(b.v(factor));
        let less_mean = |d: Lin<'_>| {
            let mean = over.sum_of(d) * -b.v(share);
            s.lin(over.spread_of(mean).id)
        };
        let along = less_mean(d * b.v(y)) * b.v(y);
        Some(if centred { d + less_mean(d) + along } else { d + along })
    });
    Normal { y, mean, variance }
}
