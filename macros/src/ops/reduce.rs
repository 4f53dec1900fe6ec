//! Reductions over axes.

use super::option::{Key, axes, flag, number, size as size_option};
use super::squares::{length, scale_of, squared_deviations};
use super::{At, Body, Call, Lowering, Mistake, OpDef, OptDef, elsewhere, math, running};
use crate::builder::{V, without};
use crate::ir::Var;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show, size};
use crate::trace::{Tracer, Value};

const AXES: Key<Vec<usize>> = axes("axes");
const KEEPDIM: Key<bool> = flag("keepdim");
const CORRECTION: Key<Dim> = size_option("correction");
const P: Key<Num> = number("p");
const OF_AXES: &[OptDef] = &[AXES.or("all"), KEEPDIM.or("false")];

macro_rules! reductions {
    ($($(#[doc = $doc:literal])* $name:ident $(also($($names:literal: $args:expr),+))? = $lower:expr $(, with $option:ident = $default:literal, $shape:ident)?; $($example:literal),+;)*) => {
        pub static OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: concat!($($doc),*),
            options: &[OF_AXES[0], OF_AXES[1] $(, $option.or($default))?],
            shape: reductions!(@shape $($shape)?),
            body: Body::Lower(|t, l| {
                let lower: fn(&Tracer, &Lowering<'_>) -> Var = $lower;
                let y = lower(t, l);
                t.reshape(y, l.shape.clone())
            }),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*];
    };
    (@shape) => { reduced };
    (@shape $shape:ident) => { $shape };
}

reductions! {
    /// The sum over axes.
    sum also("reduce_sum": "axes") = |t, l| t.sum(l.args[0], l.get(AXES));
        "(x: [2, 3, 4]) -> [] { sum }", "(x: [2, 3, 4]) -> [2, 4] { sum(axes = 1) }",
        "(x: [2, 3, 4]) -> [1, 3, 1] { sum(axes = [0, 2], keepdim = true) }";

    /// The mean over axes.
    mean also("reduce_mean": "axes") = |t, l| {
        let count = size(&folded(t, l));
        let sum = t.sum(l.args[0], l.get(AXES));
        let factor = t.num(Num::inverse(&count));
        t.point(&[sum], &[factor], |x, f| x[0] * f[0], None)
    };
        "(x: [2, 3, 4]) -> [] { mean }", "(x: [2, 3, 4]) -> [2, 3] { mean(axes = -1) }";

    /// `Σ (x − mean)² / (n − correction)` over `n` elements: the unbiased variance, with `correction = 0` that
    /// of the population.
    var also("variance": "axes") = |t, l| variance(t, l), with CORRECTION = "1", corrected;
        "(x: [2, 3, 4]) -> [] { var }", "(x: [2, 3, 4]) -> [2, 1, 4] { var(axes = 1, correction = 0, keepdim = true) }";

    /// The square root of `var`; the derivative is 0 where that is 0.
    std = |t, l| deviation(t, l), with CORRECTION = "1", corrected;
        "(x: [2, 3, 4]) -> [] { std }", "(x: [2, 3, 4]) -> [2, 4] { std(axes = 1, correction = 0) }";

    /// `(Σ |x|ᵖ)^(1/p)` over axes; with `p = 0` the number of elements that are not 0, with
    /// `p = f64::INFINITY` the greatest magnitude and with `p = f64::NEG_INFINITY` the least. The derivative at 0 is 0.
    norm also("vector_norm l2_norm": "ord dim") = |t, l| norm(t, l.args[0], &l.get(AXES), &l.get(P)), with P = "2", reduced;
        "(x: [2, 3, 4]) -> [] { norm }", "(x: [2, 3, 4]) -> [2, 4] { norm(axes = 1, p = 1) }",
        "(x: [2, 3]) -> [2] { norm(axes = 1, p = 3) }", "(x: [2, 3]) -> [3] { norm(axes = 0, p = 1.5) }",
        "(x: [2, 3]) -> [2] { norm(axes = 1, p = f64::INFINITY) }", "(x: [2, 3]) -> [2] { norm(axes = 1, p = 0) }";

    /// `ln Σ eˣ` over axes, without overflow.
    logsumexp also("reduce_logsumexp": "axes") = |t, l| super::softmax::logsumexp(t, l.args[0], &l.get(AXES));
        "(x: [2, 3, 4]) -> [] { logsumexp }", "(x: [2, 3, 4]) -> [2, 1, 4] { logsumexp(axes = 1, keepdim = true) }";

    /// The product over axes. Its derivative divides by nothing, so zeros do no harm.
    prod also("reduce_prod": "axes") = |t, l| product(t, l);
        "(x: [2, 3, 4]) -> [] { prod }", "(x: [2, 3, 4]) -> [2, 4] { prod(axes = 1) }", "(x: [2, 5]) -> [2] { prod(axes = -1) }";

    /// The maximum over axes; elements that tie share the gradient, as in `torch.amax`.
    amax also("reduce_max": "axes") = |t, l| t.amax(l.args[0], l.get(AXES));
        "(x: [2, 3, 4]) -> [] { amax }", "(x: [2, 3, 4]) -> [2, 4] { amax(axes = 1) }";

    /// The minimum over axes; elements that tie share the gradient, as in `torch.amin`.
    amin also("reduce_min": "axes") = |t, l| {
        let flipped = t.point(&[l.args[0]], &[], |x, _| -x[0], None);
        let top = t.amax(flipped, l.get(AXES));
        t.point(&[top], &[], |x, _| -x[0], None)
    };
        "(x: [2, 3, 4]) -> [2, 3] { amin(axes = 2) }";
}

fn reduced(call: &Call<'_>) -> Result<Shape, Mistake> {
    let axes = call.get(AXES);
    Ok(if call.get(KEEPDIM) {
        let unit = |(axis, dim): (usize, &Dim)| {
            if axes.contains(&axis) { Dim::known(1) } else { dim.clone() }
        };
        call.x().iter().enumerate().map(unit).collect()
    } else {
        without(call.x(), &axes)
    })
}

fn corrected(call: &Call<'_>) -> Result<Shape, Mistake> {
    let lengths: Shape = call.get(AXES).iter().map(|axis| call.x()[*axis].clone()).collect();
    let (count, correction) = (size(&lengths), call.get(CORRECTION));
    if count.sub(&correction).as_known().is_none_or(|left| left > 0) {
        return reduced(call);
    }
    let elements = if count.is(1) { "1 element".into() } else { format!("{count} elements") };
    let message = format!(
        "`{}` of {elements} of {} with `correction = {correction}` divides by {count} − {correction}",
        call.op,
        show(call.x()),
    );
    Err(Mistake::new(At::Op, message).help("`correction = 0` divides by the number of elements"))
}

/// The lengths of the axes that are folded away.
fn folded(t: &Tracer, l: &Lowering<'_>) -> Shape {
    let shape = t.shape(l.args[0]);
    l.get(AXES).iter().map(|axis| shape[*axis].clone()).collect()
}

fn variance(t: &Tracer, l: &Lowering<'_>) -> Var {
    let factor = Num::inverse(&size(&folded(t, l)).sub(&l.get(CORRECTION)));
    squared_deviations(t, l.args[0], &l.get(AXES), factor)
}

/// The root of the variance, which may be greater than any number while the root is none.
fn deviation(t: &Tracer, l: &Lowering<'_>) -> Var {
    let factor = Num::inverse(&size(&folded(t, l)).sub(&l.get(CORRECTION)));
    let length = length(t, l.args[0], &l.get(AXES), true);
    t.point(&[length], &[t.num(factor)], |x, f| x[0] * f[0].sqrt(), None)
}

/// `x^(1/p)`, with a derivative of 0 where `x` is 0.
fn root(t: &Tracer, x: Var, p: &Num) -> Var {
    t.point(
        &[x],
        &[t.num(p.clone())],
        |x, p| x[0].powf(p[0].int(1) / p[0]),
        Some(|x, p, y| {
            let (zero, r) = (y.int(0), y.int(1) / p[0]);
            vec![x[0].select_gt(zero, r * x[0].powf(r - y.int(1)), x[0] * zero)]
        }),
    )
}

/// `(Σ |x|ᵖ)^(1/p)` over axes.
pub(super) fn norm(t: &Tracer, x: Var, axes: &[usize], p: &Num) -> Var {
    let magnitude =
        |t: &Tracer| t.point(&[x], &[], |x, _| x[0].abs(), Some(|x, _, _| vec![x[0].sign()]));
    match p {
        Num::Named { text, .. } if text.ends_with("::INFINITY") => {
            t.amax(magnitude(t), axes.to_vec())
        }
        Num::Named { text, .. } if text.ends_with("::NEG_INFINITY") => {
            let turned = t.point(&[magnitude(t)], &[], |x, _| -x[0], None);
            t.point(&[t.amax(turned, axes.to_vec())], &[], |x, _| -x[0], None)
        }
        p if p.is(0) => {
            let present: Value = |x, _| {
                let zero = x[0].int(0);
                x[0].select_gt(zero, x[0].int(1), zero.gt(x[0]))
            };
            t.sum(t.point(&[x], &[], present, None), axes.to_vec())
        }
        p if p.is(1) => t.sum(magnitude(t), axes.to_vec()),
        p if p.is(2) => length(t, x, axes, false),
        p => {
            let over = t.over(x, axes);
            let by = scale_of(t.b.v(x), &over, p.approx().is_some_and(|p| p < 0.0));
            let (along, by) = (over.spread(by).var, by.var);
            let part = t.point(&[x, along], &[], |x, _| x[0] / x[1], None);
            let power = t.point(
                &[part],
                &[t.num(p.clone())],
                |x, p| math::power(x[0].abs(), p[0]),
                Some(|x, p, y| {
                    let (zero, p, x) = (y.int(0), p[0], x[0]);
                    let slope = |x: V<'_>| math::power_slope(x.builder().v(x.var), p).var;
                    let (up, down) = (y.builder().v(slope(x)), -y.builder().v(slope(-x)));
                    vec![x.select_gt(zero, up, zero.select_gt(x, down, x * zero))]
                }),
            );
            let root = root(t, t.sum(power, axes.to_vec()), p);
            t.point(&[root, by], &[], |x, _| x[0] * x[1], None)
        }
    }
}

/// Pairs, pairs of pairs, and so on: few steps, and the derivatives are products of what was not
/// multiplied. Where only rustc knows how many factors there are, it is the last running product.
fn product(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (shape, axes) = (t.shape(l.args[0]), l.get(AXES));
    let kept: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
    let last = t.permute(l.args[0], kept.iter().chain(&axes).copied().collect());
    let mut lined: Shape = kept.iter().map(|axis| shape[*axis].clone()).collect();
    let (axis, count, one) = (lined.len(), size(&folded(t, l)), Dim::known(1));
    lined.push(count.clone());
    let mut x = t.reshape(last, lined);
    let Some(mut left) = count.as_known() else {
        return t.slice(running::running_product(t, x, axis), axis, count.sub(&one), one);
    };
    while left > 1 {
        let half = left / 2;
        let part = |from: i64, length: i64| t.slice(x, axis, Dim::known(from), Dim::known(length));
        let (a, b) = (part(0, half), part(half, half));
        let pairs = t.point(&[a, b], &[], |x, _| x[0] * x[1], Some(running::factors));
        x = if left % 2 == 1 { t.concat(&[pairs, part(left - 1, 1)], axis) } else { pairs };
        left -= half;
    }
    x
}
