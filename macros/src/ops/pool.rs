//! Pooling: reductions over windows.

use super::window::{
    CEIL_MODE, DILATION, KERNEL, LEAD, PADDING, STRIDE, Slide, agree_on_windows, ceils, check_ceil,
    checked, counts, reaching, repeated, slides, windows_fit,
};
use super::{At, Body, Call, Lowering, Mistake, OpDef, elsewhere};
use crate::bug::OrBug;
use crate::ir::{Var, Window};
use crate::prim::Arith;
use crate::shape::{Dim, Shape};
use crate::trace::Tracer;
use crate::tuning::POOLED_TOGETHER;

/// The order of arguments without a name in other frameworks.
const POOL: &str = "kernel_size stride padding dilation";
pub const KERAS_POOL: &str = "pool_size strides padding";

macro_rules! max_pools {
    ($($name:ident $rank:literal $(also($($names:literal: $args:expr),+))? $doc:literal; $($example:literal),+;)*) => {
        pub static MAX_OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: &[
                KERNEL.required(),
                STRIDE.optional_shown("kernel"),
                PADDING.or("0"),
                DILATION.or("1"),
                CEIL_MODE.or("false"),
            ],
            shape: |call| max_shape(call, $rank),
            body: Body::Lower(|t, l| max_pool(t, l, $rank)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*];
    };
}

max_pools! {
    max_pool1d 1 also("MaxPool1d": POOL, "MaxPooling1D MaxPool1D": KERAS_POOL) "As `max_pool2d`, over one axis.";
        "(x: [2, 6]) -> [2, 3] { max_pool1d(2) }",
        "(x: [2, 9]) -> [2, 4] { max_pool1d(3, stride = 2, padding = 1, dilation = 2) }";
    max_pool2d 2 also("MaxPool2d": POOL, "MaxPooling2D MaxPool2D": KERAS_POOL) "The greatest element of each window; padding never is. The first of equal elements gets the gradient, and NaN is greater than any number, as in PyTorch. With `ceil_mode` a last window may reach beyond the end.";
        "(x: [2, 4, 6]) -> [2, 2, 3] { max_pool2d(2) }",
        "(x: [2, 5, 7]) -> [2, 3, 4] { tanh, max_pool2d(3, stride = 2, padding = 1), tanh }",
        "(x: [1, 5, 5]) -> [1, 2, 3] { max_pool2d([3, 2], stride = [2, 1], dilation = [1, 2]) }",
        "(x: [1, 9, 9]) -> [1, 2, 2] { max_pool2d(5, stride = 4) }",
        "(x: [1, 6, 7]) -> [1, 3, 4] { max_pool2d([3, 2], stride = 2, ceil_mode = true) }",
        "(x: [1, 7, 5]) -> [1, 3, 2] { max_pool2d(2, stride = 3, padding = 1, dilation = [2, 3], ceil_mode = true) }";
    max_pool3d 3 also("MaxPool3d": POOL, "MaxPooling3D MaxPool3D": KERAS_POOL) "As `max_pool2d`, over three axes.";
        "(x: [1, 4, 4, 2]) -> [1, 2, 2, 1] { max_pool3d(2) }",
        "(x: [1, 3, 4, 5]) -> [1, 2, 3, 2] { max_pool3d([2, 2, 3], stride = [2, 1, 3], padding = [1, 0, 1]) }";
}

fn max_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    let all = checked(call, rank)?;
    for (axis, slide) in all.iter().enumerate() {
        if slide.kernel.as_known().is_none_or(|kernel| kernel > MOST) {
            let message = format!(
                "the `kernel` of `{}` must be a number of at most {MOST}, found {}",
                call.op, slide.kernel
            );
            return Err(
                Mistake::new(KERNEL.at(), message).help("`amax` takes the maximum of a whole axis")
            );
        }
        // With dilation, the padding's elements come from several places.
        let padded = !slide.padding.0.is(0) || ceils(call.options);
        let dilated = !slide.dilation.is(1) && padded;
        let known = slide.dilation.as_known().zip(slide.padding.0.as_known());
        let fits = known.is_some_and(|(d, _)| {
            call.x()[axis + 1].sub(&Dim::known(d)).as_known().is_none_or(|rest| rest >= 0)
        });
        // A window that is too long anyway is reported as such.
        if dilated && !fits && slide.count(&call.x()[axis + 1]).is_some() {
            let message = format!(
                "`{}` with `dilation = {}` and padding cannot say which elements of axis {} its windows see",
                call.op,
                slide.dilation,
                axis + 1
            );
            return Err(Mistake::new(DILATION.at(), message).help(match known {
                Some(_) => format!(
                    "give that axis a dilation of at most its length, {}",
                    call.x()[axis + 1]
                ),
                None => "write both as numbers".into(),
            }));
        }
    }
    pooled(call, &all)
}

pub fn pooled(call: &Call<'_>, all: &[Slide]) -> Result<Shape, Mistake> {
    check_padding(call, all)?;
    windows_fit(call, all);
    check_ceil(call, all)?;
    let remake = |ceil: bool| {
        move |slides: &[Slide]| {
            let slides = reaching(ceil, slides.to_vec(), &call.x()[1..]);
            let counts = counts(call, &slides)?;
            Ok(call.x()[..1].iter().cloned().chain(counts).collect())
        }
    };
    agree_on_windows(call, all, remake(ceils(call.options))).map_err(|mistake| {
        let may = mistake.at == At::Arrow && call.options.has(CEIL_MODE) && !ceils(call.options);
        match may && agree_on_windows(call, all, remake(true)).is_ok() {
            true => mistake.help("`ceil_mode = true` would give that"),
            false => mistake,
        }
    })
}

/// Otherwise a window could lie in the padding alone.
fn check_padding(call: &Call<'_>, all: &[Slide]) -> Result<(), Mistake> {
    for slide in all {
        let twice = slide.padding.0.mul(&Dim::known(2));
        let window = slide.reach().add(&Dim::known(1));
        if !call.at_least(&window, &twice) {
            let message = format!(
                "`padding = {}` of `{}` is more than half of a window of {window}",
                slide.padding.0, call.op
            );
            return Err(Mistake::new(PADDING.at(), message)
                .help("with so much, some windows would see no element"));
        }
    }
    Ok(())
}

/// The longest window: each place of it is an operation.
const MOST: i64 = 64;

fn max_pool(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let mut x = l.args[0];
    let slides = reaching(ceils(l.options), slides(l.options, rank), &t.shape(x)[LEAD..]);
    for (axis, slide) in slides.iter().enumerate() {
        x = edge_padded(t, x, axis + LEAD, slide);
    }
    let kernels: Option<Vec<i64>> = slides.iter().map(|slide| slide.kernel.as_known()).collect();
    let kernels = kernels.or_bug("max_pool", "number for a kernel, which the shape rule asks for");
    if kernels.iter().product::<i64>() <= POOLED_TOGETHER {
        let mut views = vec![Vec::new()];
        for kernel in &kernels {
            views = views
                .into_iter()
                .flat_map(|at: Vec<i64>| (0..*kernel).map(move |i| [at.clone(), vec![i]].concat()))
                .collect();
        }
        let axes: Vec<(usize, &Slide)> =
            slides.iter().enumerate().map(|(i, s)| (i + LEAD, s)).collect();
        return greatest(t, x, &axes, &views, l.shape);
    }
    // Row by row first, then over rows: of equal elements the first one in row-major order wins.
    for (axis, slide) in slides.iter().enumerate().rev() {
        let mut shape = t.shape(x);
        shape[axis + LEAD] = l.shape[axis + LEAD].clone();
        let views: Vec<Vec<i64>> = (0..kernels[axis]).map(|i| vec![i]).collect();
        x = greatest(t, x, &[(axis + LEAD, slide)], &views, &shape);
    }
    x
}

/// The greatest of some places in every window; the first of equal ones.
pub fn greatest(
    t: &Tracer,
    x: Var,
    axes: &[(usize, &Slide)],
    places: &[Vec<i64>],
    shape: &Shape,
) -> Var {
    let view = |place: &Vec<i64>| {
        let mut window = Window::whole(shape.len());
        for ((axis, slide), at) in axes.iter().zip(place) {
            window.from[*axis] = slide.dilation.mul(&Dim::known(*at));
            window.steps[*axis].1 = slide.stride.clone();
        }
        t.window(x, window, shape.clone())
    };
    let mut best = view(&places[0]);
    for place in &places[1..] {
        best = t.point(
            &[best, view(place)],
            &[],
            |x, _| x[0].maximum(x[1]),
            Some(|x, _, _| {
                // NaN is greater than any number, as in PyTorch.
                let (zero, one) = (x[0].int(0), x[0].int(1));
                // Not `abs(x) > -1`: a field has no number below all magnitudes.
                let is_number = |yes, no| (x[1].abs() + one).select_gt(zero, yes, no);
                vec![
                    x[1].select_gt(x[0], zero, is_number(one, zero)),
                    x[1].select_gt(x[0], one, is_number(zero, one)),
                ]
            }),
        );
    }
    best
}

/// `x` with its own elements around an axis: every place of the padding holds the nearest element that
/// any window over it sees as well, so that it decides nothing.
fn edge_padded(t: &Tracer, x: Var, axis: usize, slide: &Slide) -> Var {
    let length = t.shape(x)[axis].clone();
    let element = |at: Dim| t.slice(x, axis, at, Dim::known(1));
    let around = |padding: &Dim, first: bool| match (padding.as_known(), slide.dilation.as_known())
    {
        (Some(0), _) => Vec::new(),
        // Windows step over `d` elements: the nearest one of the same residue.
        (Some(p), Some(d)) if d > 1 && first => {
            (-p..0).map(|q| element(Dim::known(q.rem_euclid(d)))).collect()
        }
        (Some(p), Some(d)) if d > 1 => {
            (0..p).map(|q| element(length.sub(&Dim::known(d - q.rem_euclid(d))))).collect()
        }
        _ => vec![repeated(t, x, axis, first, padding)],
    };
    let parts = [around(&slide.padding.0, true), vec![x], around(&slide.padding.1, false)].concat();
    if parts.len() == 1 { x } else { t.concat(&parts, axis) }
}
