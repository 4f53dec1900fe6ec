//! Changes of size: padding and upsampling.

use super::layout::flipped;
use super::option::{Key, flag, number, sizes};
use super::window::{
    LEAD, Slide, check_rank, check_sides, check_sizes, for_each_axis, gcd, interleaved, repeated,
    zero_padded,
};
use super::{At, Body, Call, Lowering, Mistake, OpDef, OptDef, Options, elsewhere};
use crate::ir::{Var, Window};
use crate::number::Num;
use crate::shape::{Dim, Shape, show};
use crate::trace::Tracer;
use crate::tuning::MIRRORED_ONE_BY_ONE;

/// What lies around an array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Constant,
    Reflection,
    Replication,
}

const VALUE: Key<Num> = number("value");
const PADDING: Key<Shape> = sizes("padding");
const MARGINS: &[OptDef] = &[PADDING.required()];
const MARGINS_OF: &[OptDef] = &[PADDING.required(), VALUE.or("0")];

macro_rules! pads {
    ($($name:ident $rank:literal $edge:ident $options:ident $(also($($names:literal: $args:expr),+))?, $doc:literal; $($example:literal),+;)*) => {
        &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: $options,
            shape: |call| pad_shape(call, $rank, Edge::$edge),
            body: Body::Lower(|t, l| pad(t, l, $rank, Edge::$edge)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*]
    };
}

pub static PAD_OPS: &[OpDef] = pads! {
    constant_pad1d 1 Constant MARGINS_OF also("ZeroPad1d ZeroPadding1D": "padding"),
        "As `constant_pad2d`, along one axis.";
        "(x: [2, 3]) -> [2, 7] { constant_pad1d(2) }";
    constant_pad2d 2 Constant MARGINS_OF also("ZeroPad2d ZeroPadding2D": "padding"),
        "`padding` constants before and after every axis but the channels; or a list of one number for each axis, or of two, before and after.";
        "(x: [2, 3, 4]) -> [2, 5, 8] { tanh, constant_pad2d([1, 2]), tanh }",
        "(x: [1, 2, 3]) -> [1, 4, 4] { constant_pad2d([2, 0, 0, 1], value = 1.5) }";
    constant_pad3d 3 Constant MARGINS_OF also("ZeroPad3d ZeroPadding3D": "padding"),
        "As `constant_pad2d`, along three axes.";
        "(x: [1, 2, 2, 3]) -> [1, 4, 4, 5] { constant_pad3d(1) }";
    reflection_pad1d 1 Reflection MARGINS,
        "As `reflection_pad2d`, along one axis.";
        "(x: [2, 4]) -> [2, 9] { reflection_pad1d([3, 2]) }",
        "(x: [2, 9]) -> [2, 20] { tanh, reflection_pad1d([5, 6]), square }";
    reflection_pad2d 2 Reflection MARGINS,
        "The array mirrored at its first and last elements, which do not repeat; `padding` as in `constant_pad2d`.";
        "(x: [1, 3, 4]) -> [1, 7, 6] { tanh, reflection_pad2d([2, 1]) }";
    reflection_pad3d 3 Reflection MARGINS,
        "As `reflection_pad2d`, along three axes.";
        "(x: [1, 2, 3, 2]) -> [1, 4, 6, 3] { reflection_pad3d([1, 1, 2, 1, 0, 1]) }";
    replication_pad1d 1 Replication MARGINS,
        "As `replication_pad2d`, along one axis.";
        "(x: [2, 4]) -> [2, 7] { replication_pad1d([1, 2]) }";
    replication_pad2d 2 Replication MARGINS,
        "The first and last elements repeated; `padding` as in `constant_pad2d`.";
        "(x: [1, 3, 2]) -> [1, 5, 6] { tanh, replication_pad2d([1, 2]) }";
    replication_pad3d 3 Replication MARGINS,
        "As `replication_pad2d`, along three axes.";
        "(x: [1, 2, 2, 3]) -> [1, 4, 4, 5] { replication_pad3d(1) }";
};

/// How much is added before and after each axis.
fn margins(padding: &[Dim], rank: usize) -> Vec<(Dim, Dim)> {
    if padding.len() == 2 * rank {
        return padding.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    }
    for_each_axis(padding, rank).into_iter().map(|n| (n.clone(), n)).collect()
}

fn pad_shape(call: &Call<'_>, rank: usize, edge: Edge) -> Result<Shape, Mistake> {
    check_rank(call, rank)?;
    check_sides(call, rank)?;
    let mut out = call.x().clone();
    for (axis, (before, behind)) in margins(&call.get(PADDING), rank).iter().enumerate() {
        let length = &call.x()[axis + 1];
        for margin in [before, behind] {
            let least = edge != Edge::Reflection
                || length.sub(margin).as_known().is_some_and(|rest| rest > 0);
            if !least {
                let message = format!(
                    "`{}` cannot mirror {margin} of the {length} elements along axis {} of {}",
                    call.op,
                    axis + 1,
                    show(call.x())
                );
                return Err(Mistake::new(PADDING.at(), message)
                    .help("`padding` is less than the length, and both are numbers"));
            }
        }
        out[axis + 1] = before.add(length).add(behind);
    }
    Ok(out)
}

fn pad(t: &Tracer, l: &Lowering<'_>, rank: usize, edge: Edge) -> Var {
    let margins = margins(&l.get(PADDING), rank);
    let value = if edge == Edge::Constant { l.get(VALUE) } else { Num::ZERO };
    if edge == Edge::Constant && value.is(0) {
        let one = Dim::known(1);
        let slides: Vec<Slide> = margins
            .into_iter()
            .map(|padding| Slide { padding, ..Slide::plain(one.clone(), one.clone()) })
            .collect();
        return zero_padded(t, l.args[0], &slides);
    }
    let mut x = l.args[0];
    for (axis, (before, behind)) in margins.iter().enumerate() {
        let axis = axis + LEAD;
        let around = |margin: &Dim, first: bool| match edge {
            _ if margin.is(0) => Vec::new(),
            Edge::Constant => {
                let mut shape = t.shape(x);
                shape[axis] = margin.clone();
                vec![t.fill(t.num(value.clone()), &shape)]
            }
            Edge::Replication => vec![repeated(t, x, axis, first, margin)],
            Edge::Reflection => mirrored(t, x, axis, first, margin),
        };
        let parts = [around(before, true), vec![x], around(behind, false)].concat();
        if parts.len() > 1 {
            x = t.concat(&parts, axis);
        }
    }
    x
}

/// The elements after the first one, or before the last one, in reverse.
fn mirrored(t: &Tracer, x: Var, axis: usize, first: bool, count: &Dim) -> Vec<Var> {
    let one = Dim::known(1);
    let last = t.shape(x)[axis].sub(&one);
    let Some(few) = count.as_known().filter(|count| *count <= MIRRORED_ONE_BY_ONE) else {
        let from = if first { one } else { last.sub(count) };
        return vec![flipped(t, t.slice(x, axis, from, count.clone()), axis)];
    };
    let element = |at: Dim| t.slice(x, axis, at, one.clone());
    (1..=few)
        .map(|i| element(if first { Dim::known(few + 1 - i) } else { last.sub(&Dim::known(i)) }))
        .collect()
}

const SCALE: Key<Shape> = sizes("scale");
const ALIGN_CORNERS: Key<bool> = flag("align_corners");
const NEAREST: &[OptDef] = &[SCALE.optional()];
const LINEAR: &[OptDef] = &[SCALE.optional(), ALIGN_CORNERS.or("false")];

macro_rules! upsamples {
    ($($name:ident $rank:literal $options:ident, $doc:literal; $($example:literal),+;)*) => {
        &[$(OpDef {
            name: stringify!($name),
            doc: $doc,
            options: $options,
            shape: |call| upsample_shape(call, $rank),
            body: Body::Lower(upsample),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*]
    };
}

pub static UPSAMPLE_OPS: &[OpDef] = upsamples! {
    upsample_nearest1d 1 NEAREST,
        "As `upsample_nearest2d`, along one axis.";
        "(x: [2, 3]) -> [2, 6] { upsample_nearest1d(2) }",
        "(x: [2, 4]) -> [2, 6] { upsample_nearest1d -> [_, 6] }";
    upsample_nearest2d 2 NEAREST,
        "Every element `scale` times along each axis but the channels; without `scale`, to the size in the arrow: element `i` of `m` is that at `⌊i · n / m⌋` of `n`.";
        "(x: [2, 2, 3]) -> [2, 4, 6] { tanh, upsample_nearest2d(2), tanh }",
        "(x: [1, 4, 3]) -> [1, 3, 5] { upsample_nearest2d -> [_, 3, 5] }";
    upsample_nearest3d 3 NEAREST,
        "As `upsample_nearest2d`, along three axes.";
        "(x: [1, 2, 2, 1]) -> [1, 4, 2, 3] { upsample_nearest3d([2, 1, 3]) }";
    upsample_linear1d 1 LINEAR,
        "As `upsample_bilinear2d`, along one axis.";
        "(x: [2, 3]) -> [2, 6] { upsample_linear1d(2) }",
        "(x: [2, 3]) -> [2, 7] { upsample_linear1d(align_corners = true) -> [2, 7] }";
    upsample_bilinear2d 2 LINEAR,
        "Linear interpolation along each axis but the channels, `scale` times as many elements or as many as the arrow says; with `align_corners` the first and last elements stay where they are.";
        "(x: [1, 2, 3]) -> [1, 4, 6] { tanh, upsample_bilinear2d(2), tanh }",
        "(x: [1, 3, 4]) -> [1, 5, 6] { upsample_bilinear2d(align_corners = true) -> [1, 5, 6] }",
        "(x: [1, 5, 2]) -> [1, 3, 5] { upsample_bilinear2d -> [1, 3, 5] }";
    upsample_trilinear3d 3 LINEAR,
        "As `upsample_bilinear2d`, along three axes.";
        "(x: [1, 2, 1, 3]) -> [1, 4, 2, 6] { upsample_trilinear3d(2) }",
        "(x: [1, 2, 3, 2]) -> [1, 3, 4, 3] { upsample_trilinear3d(align_corners = true) -> [1, 3, 4, 3] }";
};

fn upsample_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    check_rank(call, rank)?;
    check_sizes(call, rank)?;
    let x = call.x();
    let out: Shape = if let Some(scales) = call.given(SCALE) {
        let scales = for_each_axis(&scales, rank);
        let spatial = x[1..].iter().zip(&scales).map(|(length, scale)| length.mul(scale));
        x[..1].iter().cloned().chain(spatial).collect()
    } else {
        let arrow = call.arrow.filter(|arrow| arrow.len() == x.len());
        let dims: Option<Shape> = arrow.and_then(|arrow| arrow[1..].iter().cloned().collect());
        let Some(dims) = dims else {
            let message =
                format!("`{}` of {} does not say how large its result is", call.op, show(x));
            let help = format!("give a scale, as in `{}(2)`, or all sizes after an arrow", call.op);
            return Err(Mistake::new(At::Arrow, message).help(help));
        };
        x[..1].iter().cloned().chain(dims).collect()
    };
    let (linear, aligned) = interpolates(call.options);
    for (axis, (from, to)) in x.iter().zip(&out).enumerate().skip(1) {
        if phases(from, to, linear, aligned).is_none() {
            let message = format!(
                "`{}` cannot map the {from} elements along axis {axis} of {} to {to}",
                call.op,
                show(x)
            );
            return Err(Mistake::new(At::Arrow, message).help(
                "it needs both as numbers, in a ratio of two numbers of which the first is at most 64",
            ));
        }
    }
    Ok(out)
}

/// Whether an op interpolates, and then whether the corners stay.
fn interpolates(options: Options<'_>) -> (bool, bool) {
    let linear = options.has(ALIGN_CORNERS);
    (linear, linear && options.get(ALIGN_CORNERS))
}

/// Where the elements of an axis come from. Those of one phase are `stride` apart.
struct Phases {
    /// For each phase the place of its first element, as a fraction.
    from: Vec<(i64, i64)>,
    stride: i64,
    count: i64,
    /// Whether the last element of the result is that of the input, and belongs to no phase.
    last: bool,
}

fn phases(from: &Dim, to: &Dim, linear: bool, aligned: bool) -> Option<Phases> {
    if from == to || from.is(1) {
        return Some(Phases { from: Vec::new(), stride: 1, count: 0, last: false });
    }
    let (n, m) = (from.as_known()?, to.as_known()?);
    if linear && aligned {
        if m == 1 {
            return Some(Phases { from: vec![(0, 1)], stride: 1, count: 1, last: false });
        }
        let count = gcd(n - 1, m - 1);
        let (period, stride) = ((m - 1) / count, (n - 1) / count);
        let from = (0..period).map(|i| (i * stride, period)).collect();
        return (period <= 64).then_some(Phases { from, stride, count, last: true });
    }
    let count = gcd(n, m);
    let (period, stride) = (m / count, n / count);
    let place = |i: i64| {
        if linear { ((2 * i + 1) * stride - period, 2 * period) } else { (i * stride / period, 1) }
    };
    let from = (0..period).map(place).collect();
    (period <= 64).then_some(Phases { from, stride, count, last: false })
}

fn upsample(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (linear, aligned) = interpolates(l.options);
    let mut x = l.args[0];
    for axis in LEAD..l.shape.len() {
        let length = t.shape(x)[axis].clone();
        let Some(phases) = phases(&length, &l.shape[axis], linear, aligned) else { return x };
        if length.is(1) {
            x = repeated(t, x, axis, true, &l.shape[axis]);
        } else if !phases.from.is_empty() {
            x = resized(t, x, axis, &phases);
        }
    }
    x
}

fn resized(t: &Tracer, x: Var, axis: usize, phases: &Phases) -> Var {
    let one = Dim::known(1);
    let whole = phases.from.iter().all(|(p, q)| p % q == 0);
    // Between the first element and what would lie before it, and at the other end, nothing changes.
    let (source, shift) = if whole {
        (x, 0)
    } else {
        let edge = |first| repeated(t, x, axis, first, &one);
        (t.concat(&[edge(true), x, edge(false)], axis), 1)
    };
    let view = |at: i64| {
        let mut shape = t.shape(source);
        let mut window = Window::whole(shape.len());
        window.from[axis] = Dim::known(at + shift);
        window.steps[axis].1 = Dim::known(phases.stride.max(1));
        shape[axis] = Dim::known(phases.count);
        t.window(source, window, shape)
    };
    let parts = phases.from.iter().map(|(p, q)| {
        let (at, rest) = (p.div_euclid(*q), p.rem_euclid(*q));
        if rest == 0 {
            return view(at);
        }
        let weight = |p: i64| t.num(Num::ratio(p.into(), (*q).into()).unwrap_or(Num::ZERO));
        let weights = [weight(q - rest), weight(rest)];
        t.point(&[view(at), view(at + 1)], &weights, |x, w| x[0] * w[0] + x[1] * w[1], None)
    });
    let all = interleaved(t, &parts.collect::<Vec<_>>(), axis);
    if !phases.last {
        return all;
    }
    let last = t.shape(x)[axis].sub(&one);
    t.concat(&[all, t.slice(x, axis, last, one)], axis)
}
