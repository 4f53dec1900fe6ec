//! Pooling that takes means: over windows, over everything, or over as many bins as are wanted; and the
//! smooth maximum.

use super::limits::not_0;
use super::option::{Key, flag, number, sizes};
use super::pool::{KERAS_POOL, greatest, pooled};
use super::softmax::logsumexp;
use super::window::{
    CEIL_MODE, KERNEL, LEAD, PADDING, STRIDE, Slide, ceils, check_rank, check_sizes, checked,
    for_each_axis, gcd, interleaved, reaching, slides, sliding, zero_padded,
};
use super::{At, Body, Call, Lowering, Mistake, OpDef, OptDef, called, elsewhere};
use crate::ir::Var;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show, size};
use crate::trace::Tracer;

const COUNT_INCLUDE_PAD: Key<bool> = flag("count_include_pad");
const BETA: Key<Num> = number("beta").within(not_0(
    "the logarithm is divided by it; an average is `avg_pool1d`, `avg_pool2d` or `avg_pool3d`",
));
const SIZE: Key<Shape> = sizes("size");

const AVERAGES: &[OptDef] = &[
    KERNEL.required(),
    STRIDE.optional_shown("kernel"),
    PADDING.or("0"),
    CEIL_MODE.or("false"),
    COUNT_INCLUDE_PAD.or("true"),
];
const SMOOTH: &[OptDef] =
    &[KERNEL.required(), STRIDE.optional_shown("kernel"), PADDING.or("0"), BETA.or("1")];

/// The order of arguments without a name in other frameworks.
const AVG_POOL: &str = "kernel_size stride padding ceil_mode count_include_pad";

macro_rules! windows {
    ($($name:ident $rank:literal $options:ident $lower:ident $(also($($names:literal: $args:expr),+))? $doc:literal; $($example:literal),+;)*) => {
        &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: $options,
            shape: |call| pooled(call, &checked(call, $rank)?),
            body: Body::Lower(|t, l| $lower(t, l, $rank)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*]
    };
}

pub static WINDOW_OPS: &[OpDef] = windows! {
    avg_pool1d 1 AVERAGES avg_pool also("AveragePooling1D AveragePool1D": KERAS_POOL, "AvgPool1d": AVG_POOL)
        "As `avg_pool2d`, over one axis.";
        "(x: [2, 6]) -> [2, 3] { avg_pool1d(2) }";
    avg_pool2d 2 AVERAGES avg_pool also("AveragePooling2D AveragePool2D": KERAS_POOL, "AvgPool2d": AVG_POOL)
        "The mean of each window, in which the zeros of the padding count as elements unless `count_include_pad = false`. With `ceil_mode` a last window may reach beyond the padding, where nothing counts.";
        "(x: [2, 4, 6]) -> [2, 2, 3] { avg_pool2d(2) }",
        "(x: [2, 5, 7]) -> [2, 3, 4] { tanh, avg_pool2d(3, stride = 2, padding = 1), tanh }",
        "(x: [1, 5, 4]) -> [1, 3, 5] { avg_pool2d([3, 2], stride = [2, 1], padding = 1, count_include_pad = false) }",
        "(x: [1, 6, 5]) -> [1, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = [0, 1], ceil_mode = true) }",
        "(x: [1, 6, 7]) -> [1, 4, 4] { avg_pool2d(3, stride = 2, padding = 1, ceil_mode = true, count_include_pad = false) }";
    avg_pool3d 3 AVERAGES avg_pool also("AveragePooling3D AveragePool3D": KERAS_POOL, "AvgPool3d": AVG_POOL)
        "As `avg_pool2d`, over three axes.";
        "(x: [1, 3, 4, 4]) -> [1, 2, 2, 2] { avg_pool3d([2, 2, 3], stride = [1, 2, 1]) }";
    smooth_max_pool1d 1 SMOOTH smooth_max_pool
        "As `smooth_max_pool2d`, over one axis.";
        "(x: [2, 7]) -> [2, 3] { smooth_max_pool1d(3, stride = 2, beta = 2) }";
    smooth_max_pool2d 2 SMOOTH smooth_max_pool
        "`ln Σ e^(beta · x) / beta` over each window, which tends to the maximum as `beta` grows; the padding counts as zeros.";
        "(x: [2, 4, 6]) -> [2, 2, 3] { smooth_max_pool2d(2) }",
        "(x: [1, 3, 4]) -> [1, 2, 3] { smooth_max_pool2d(2, padding = 1, beta = 0.5) }";
    smooth_max_pool3d 3 SMOOTH smooth_max_pool
        "As `smooth_max_pool2d`, over three axes.";
        "(x: [2, 3, 4, 2]) -> [2, 2, 2, 2] { smooth_max_pool3d([2, 2, 1], stride = [1, 2, 1], beta = 2) }";
};

macro_rules! adaptive {
    ($($name:ident $rank:literal $(also($($names:literal: $args:expr),+))? $doc:literal $lower:ident; $($example:literal),+;)*) => {
        &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: &[SIZE.required()],
            shape: |call| adaptive_shape(call, $rank),
            body: Body::Lower(|t, l| adaptive(t, l, $lower)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*]
    };
}

pub static ADAPTIVE_OPS: &[OpDef] = adaptive! {
    adaptive_avg_pool1d 1 also("AdaptiveAvgPool1d": "output_size") "As `adaptive_avg_pool2d`, over one axis." mean_of;
        "(x: [2, 6]) -> [2, 4] { adaptive_avg_pool1d(4) }";
    adaptive_avg_pool2d 2 also("AdaptiveAvgPool2d": "output_size") "The mean of each of `size` bins along each axis: bin `i` of `n` elements in `m` bins is `⌊i · n / m⌋ .. ⌈(i + 1) · n / m⌉`." mean_of;
        "(x: [2, 4, 6]) -> [2, 2, 3] { adaptive_avg_pool2d([2, 3]) }",
        "(x: [1, 7, 5]) -> [1, 3, 8] { tanh, adaptive_avg_pool2d([3, 8]), tanh }",
        "(x: [3, 4, 5]) -> [3, 1, 1] { adaptive_avg_pool2d(1) }";
    adaptive_avg_pool3d 3 also("AdaptiveAvgPool3d": "output_size") "As `adaptive_avg_pool2d`, over three axes." mean_of;
        "(x: [1, 3, 2, 4]) -> [1, 2, 2, 2] { adaptive_avg_pool3d(2) }";
    adaptive_max_pool1d 1 also("AdaptiveMaxPool1d": "output_size") "As `adaptive_max_pool2d`, over one axis." greatest_of;
        "(x: [2, 7]) -> [2, 3] { adaptive_max_pool1d(3) }";
    adaptive_max_pool2d 2 also("AdaptiveMaxPool2d": "output_size") "The greatest element of each bin; the bins are those of `adaptive_avg_pool2d`." greatest_of;
        "(x: [2, 4, 5]) -> [2, 2, 3] { adaptive_max_pool2d([2, 3]) }",
        "(x: [1, 6, 6]) -> [1, 4, 3] { tanh, adaptive_max_pool2d([4, 3]), tanh }";
    adaptive_max_pool3d 3 also("AdaptiveMaxPool3d": "output_size") "As `adaptive_max_pool2d`, over three axes." greatest_of;
        "(x: [1, 3, 4, 2]) -> [1, 2, 2, 2] { adaptive_max_pool3d(2) }";
};

pub static GLOBAL_OPS: &[OpDef] = &[OpDef {
    name: "global_avg_pool",
    elsewhere: &[called(
        "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool2D",
        "",
    )],
    doc: "The mean over all axes but the first, the channels.",
    shape: |call| match call.x().as_slice() {
        [channels, _, ..] => Ok(vec![channels.clone()]),
        _ => Err(Mistake::new(
            At::Op,
            format!(
                "`global_avg_pool` needs channels and an axis after them, found {}",
                show(call.x())
            ),
        )
        .help("`mean` takes the mean of everything")),
    },
    body: Body::Lower(|t, l| {
        let shape = t.shape(l.args[0]);
        mean(t, l.args[0], (LEAD..shape.len()).collect())
    }),
    examples: &["(x: [3, 4, 5]) -> [3] { global_avg_pool }"],
    ..OpDef::PLAIN
}];

/// The mean over axes.
fn mean(t: &Tracer, x: Var, axes: Vec<usize>) -> Var {
    let shape = t.shape(x);
    let count = size(&axes.iter().map(|axis| shape[*axis].clone()).collect::<Shape>());
    let factor = t.num(Num::inverse(&count));
    times(t, t.sum(x, axes), factor)
}

fn times(t: &Tracer, x: Var, factor: Var) -> Var {
    t.point(&[x], &[factor], |x, f| x[0] * f[0], None)
}

/// The windows of an array with its padding, and the axes of the places in them.
fn windows(t: &Tracer, x: Var, slides: &[Slide], counts: &[Dim]) -> (Var, Vec<usize>) {
    let x = zero_padded(t, x, slides);
    let shape = t.shape(x);
    let lead = shape.len() - slides.len();
    let (window, shape) = sliding(&shape, slides, counts);
    (t.window(x, window, shape), (lead..lead + slides.len()).collect())
}

fn avg_pool(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let inside = slides(l.options, rank);
    let (mut lengths, counts) = (t.shape(l.args[0])[LEAD..].to_vec(), &l.shape[LEAD..]);
    let slides = reaching(ceils(l.options), inside.clone(), &lengths);
    let (x, places) = windows(t, l.args[0], &slides, counts);
    // What counts though it is no element, and what does not.
    let mut beyond = slides.clone();
    if l.get(COUNT_INCLUDE_PAD) {
        for (axis, slide) in inside.iter().enumerate() {
            lengths[axis] = slide.padded(&lengths[axis]);
            let more = beyond[axis].padding.1.sub(&slide.padding.1);
            beyond[axis].padding = (Dim::known(0), more);
        }
    }
    if beyond.iter().all(|slide| slide.padding.0.is(0) && slide.padding.1.is(0)) {
        return mean(t, x, places);
    }
    // How many elements each window sees: the same sum over ones.
    let ones = t.fill_shared(t.num(Num::ONE), &lengths);
    let (ones, places_of_ones) = windows(t, ones, &beyond, counts);
    let seen = t.sum(ones, places_of_ones);
    let each = t.point(&[seen], &[], |x, _| x[0].int(1) / x[0], None);
    let each = t.broadcast(each, (LEAD..l.shape.len()).collect(), l.shape.clone());
    t.point(&[t.sum(x, places), each], &[], |x, _| x[0] * x[1], None)
}

fn smooth_max_pool(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let slides = slides(l.options, rank);
    let (x, places) = windows(t, l.args[0], &slides, &l.shape[LEAD..]);
    let beta = t.num(l.get(BETA));
    let sharpened = t.point(&[x], &[beta], |x, b| x[0] * b[0], None);
    t.point(&[logsumexp(t, sharpened, &places)], &[beta], |x, b| x[0] / b[0], None)
}

fn adaptive_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    check_rank(call, rank)?;
    check_sizes(call, rank)?;
    let sizes = for_each_axis(&call.get(SIZE), rank);
    for (axis, (length, bins)) in call.x()[1..].iter().zip(&sizes).enumerate() {
        if Bins::of(length, bins).is_none() {
            let message = format!(
                "`{}` cannot divide axis {} of {} into {bins} bins",
                call.op,
                axis + 1,
                show(call.x())
            );
            return Err(Mistake::new(SIZE.at(), message).help(match length.as_known() {
                Some(_) => "there may be at most 64 kinds of bins, of at most 1024 elements".into(),
                None => {
                    format!("`{length}` is known to rustc only: 1 bin is possible, or `{length}`")
                }
            }));
        }
    }
    Ok(call.x()[..1].iter().cloned().chain(sizes).collect())
}

/// The bins of an axis. They repeat: bin `i + period` is bin `i`, `stride` elements on.
struct Bins {
    /// Where the bins of one period begin, and how long they are.
    kinds: Vec<(Dim, Dim)>,
    stride: Dim,
    periods: Dim,
}

impl Bins {
    fn of(length: &Dim, bins: &Dim) -> Option<Bins> {
        let (zero, one) = (Dim::known(0), Dim::known(1));
        if bins.is(1) {
            return Some(Bins {
                kinds: vec![(zero, length.clone())],
                stride: one.clone(),
                periods: one,
            });
        }
        if length == bins {
            return Some(Bins {
                kinds: vec![(zero, one.clone())],
                stride: one,
                periods: bins.clone(),
            });
        }
        let (n, m) = (length.as_known()?, bins.as_known()?);
        let periods = gcd(n, m);
        let (period, stride) = (m / periods, n / periods);
        let kind = |i: i64| {
            let (start, end) = (i * stride / period, ((i + 1) * stride + period - 1) / period);
            (Dim::known(start), Dim::known(end - start))
        };
        (period <= 64 && stride <= 1024).then(|| Bins {
            kinds: (0..period).map(kind).collect(),
            stride: Dim::known(stride),
            periods: Dim::known(periods),
        })
    }
}

/// From an array, an axis, where windows begin and how they slide, and how many there are.
type OfBins = fn(&Tracer, Var, usize, &Dim, &Slide, &Dim) -> Var;

fn adaptive(t: &Tracer, l: &Lowering<'_>, of_bins: OfBins) -> Var {
    let mut x = l.args[0];
    // The last axis first: of equal elements the first one in row-major order wins.
    for axis in (LEAD..l.shape.len()).rev() {
        let Some(bins) = Bins::of(&t.shape(x)[axis], &l.shape[axis]) else { return x };
        let kinds = bins.kinds.iter().map(|(start, length)| {
            let slide = Slide::plain(length.clone(), bins.stride.clone());
            of_bins(t, x, axis, start, &slide, &bins.periods)
        });
        x = interleaved(t, &kinds.collect::<Vec<_>>(), axis);
    }
    x
}

fn mean_of(t: &Tracer, x: Var, axis: usize, start: &Dim, slide: &Slide, count: &Dim) -> Var {
    let shape = t.shape(x);
    let mut window = crate::ir::Window::whole(shape.len());
    let mut view = shape;
    window.from[axis] = start.clone();
    window.steps[axis].1 = slide.stride.clone();
    window.steps.insert(axis, (axis, Dim::known(1)));
    view[axis] = count.clone();
    view.insert(axis, slide.kernel.clone());
    mean(t, t.window(x, window, view), vec![axis])
}

fn greatest_of(t: &Tracer, x: Var, axis: usize, start: &Dim, slide: &Slide, count: &Dim) -> Var {
    let mut shape = t.shape(x);
    let length = slide.kernel.as_known().unwrap_or(1);
    let reach = slide.stride.mul(&count.sub(&Dim::known(1))).add(&slide.kernel);
    let part = t.slice(x, axis, start.clone(), reach);
    shape[axis] = count.clone();
    let places: Vec<Vec<i64>> = (0..length).map(|i| vec![i]).collect();
    greatest(t, part, &[(axis, slide)], &places, &shape)
}
