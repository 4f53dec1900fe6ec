//! Pooling: reductions over windows.

use super::window::{Places, Slide, agree_on_windows, checked, counts, slides};
use super::{Arity, At, Body, Call, Default, Lowering, Mistake, OpDef, OptDef, OptKind};
use crate::ir::{Var, Window};
use crate::shape::{Dim, Shape};
use crate::trace::Tracer;

const MAX: Places = Places { kernel: 0, stride: 1, padding: Some(2), dilation: Some(3) };

/// The axes of the batch and the channels.
pub const LEAD: usize = 2;

macro_rules! max_pools {
    ($($name:ident $rank:literal $doc:literal; $($example:literal),+;)*) => {
        pub static MAX_OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            signature: concat!(stringify!($name), "(kernel, stride = kernel, padding = 0, dilation = 1)"),
            doc: $doc,
            arity: Arity::Exactly(1),
            options: &[
                OptDef { name: "kernel", kind: OptKind::Sizes, default: Default::Required },
                OptDef { name: "stride", kind: OptKind::Sizes, default: Default::Absent },
                OptDef { name: "padding", kind: OptKind::Sizes, default: Default::Sizes(0) },
                OptDef { name: "dilation", kind: OptKind::Sizes, default: Default::Sizes(1) },
            ],
            shape: |call| max_shape(call, $rank),
            params: |_, _| Vec::new(),
            body: Body::Lower(|t, l| max_pool(t, l, $rank)),
            examples: &[$($example),+],
        }),*];
    };
}

max_pools! {
    max_pool1d 1 "As `max_pool2d`, over one axis.";
        "(x: [2, 6]) -> [2, 3] { max_pool1d(2) }",
        "(x: [2, 9]) -> [2, 4] { max_pool1d(3, stride = 2, padding = 1, dilation = 2) }";
    max_pool2d 2 "The greatest element of each window; padding never is. Of equal elements the first one gets the gradient.";
        "(x: [2, 4, 6]) -> [2, 2, 3] { max_pool2d(2) }",
        "(x: [2, 5, 7]) -> [2, 3, 4] { tanh, max_pool2d(3, stride = 2, padding = 1), tanh }",
        "(x: [1, 5, 5]) -> [1, 2, 3] { max_pool2d([3, 2], stride = [2, 1], dilation = [1, 2]) }",
        "(x: [1, 9, 9]) -> [1, 2, 2] { max_pool2d(5, stride = 4) }";
    max_pool3d 3 "As `max_pool2d`, over three axes.";
        "(x: [1, 4, 4, 2]) -> [1, 2, 2, 1] { max_pool3d(2) }",
        "(x: [1, 3, 4, 5]) -> [1, 2, 3, 2] { max_pool3d([2, 2, 3], stride = [2, 1, 3], padding = [1, 0, 1]) }";
}

fn max_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    let all = checked(call, MAX, rank)?;
    for (axis, slide) in all.iter().enumerate() {
        if slide.kernel.as_known().is_none_or(|kernel| kernel > MOST) {
            let message = format!(
                "the `kernel` of `{}` must be a number of at most {MOST}, found {}",
                call.op, slide.kernel
            );
            return Err(
                Mistake::new(At::Opt(0), message).help("`amax` takes the maximum of a whole axis")
            );
        }
        // With dilation, the padding's elements come from several places.
        let dilated = !slide.dilation.is(1) && !slide.padding.0.is(0);
        let known = slide.dilation.as_known().zip(slide.padding.0.as_known());
        let fits = known.is_some_and(|(d, _)| {
            call.x()[axis + 1].sub(&Dim::known(d)).as_known().is_none_or(|rest| rest >= 0)
        });
        if dilated && !fits {
            let message = format!(
                "`{}` with `dilation = {}` and padding cannot say which elements of axis {} its windows see",
                call.op,
                slide.dilation,
                axis + 1
            );
            return Err(Mistake::new(At::Opt(3), message)
                .help("write both as numbers, with a dilation of at most the axis's length"));
        }
    }
    check_padding(call, &all)?;
    pooled(call, &all)
}

pub fn pooled(call: &Call<'_>, all: &[Slide]) -> Result<Shape, Mistake> {
    let made = |counts: Shape| -> Shape { call.x()[..1].iter().cloned().chain(counts).collect() };
    agree_on_windows(call, all, |slides| counts(call, slides).map(made))
}

/// Otherwise a window could lie in the padding alone.
pub fn check_padding(call: &Call<'_>, all: &[Slide]) -> Result<(), Mistake> {
    for slide in all {
        let twice = slide.padding.0.mul(&Dim::known(2));
        let window = slide.reach().add(&Dim::known(1));
        if window.sub(&twice).as_known().is_some_and(|rest| rest < 0) {
            let message = format!(
                "`padding = {}` of `{}` is more than half of a window of {window}",
                slide.padding.0, call.op
            );
            return Err(Mistake::new(At::Opt(2), message)
                .help("with so much, some windows would see no element"));
        }
    }
    Ok(())
}

/// The longest window: each place of it is an operation.
const MOST: i64 = 64;
/// A window of more elements is taken axis by axis.
const WHOLE: i64 = 9;

fn max_pool(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let slides = slides(l.options, MAX, rank);
    let mut x = l.args[0];
    for (axis, slide) in slides.iter().enumerate() {
        x = edge_padded(t, x, axis + LEAD, slide);
    }
    let kernels: Option<Vec<i64>> = slides.iter().map(|slide| slide.kernel.as_known()).collect();
    let kernels = kernels.unwrap_or_default();
    if kernels.iter().product::<i64>() <= WHOLE {
        let mut views = vec![Vec::new()];
        for kernel in &kernels {
            views = views
                .into_iter()
                .flat_map(|at: Vec<i64>| (0..*kernel).map(move |i| [at.clone(), vec![i]].concat()))
                .collect();
        }
        let axes: Vec<(usize, &Slide)> =
            slides.iter().enumerate().map(|(i, s)| (i + LEAD, s)).collect();
        return greatest(t, x, &axes, &views, l.ty);
    }
    // Row by row first, then over rows: of equal elements the first one in row-major order wins.
    for (axis, slide) in slides.iter().enumerate().rev() {
        let mut ty = t.ty(x);
        ty[axis + LEAD] = l.ty[axis + LEAD].clone();
        let views: Vec<Vec<i64>> = (0..kernels[axis]).map(|i| vec![i]).collect();
        x = greatest(t, x, &[(axis + LEAD, slide)], &views, &ty);
    }
    x
}

/// The greatest of some places in every window; the first of equal ones.
pub fn greatest(
    t: &Tracer,
    x: Var,
    axes: &[(usize, &Slide)],
    places: &[Vec<i64>],
    ty: &Shape,
) -> Var {
    let view = |place: &Vec<i64>| {
        let mut window = Window::whole(ty.len());
        for ((axis, slide), at) in axes.iter().zip(place) {
            window.from[*axis] = slide.dilation.mul(&Dim::known(*at));
            window.steps[*axis].1 = slide.stride.clone();
        }
        t.window(x, window, ty.clone())
    };
    let mut best = view(&places[0]);
    for place in &places[1..] {
        best = t.point(
            &[best, view(place)],
            &[],
            |x, _| x[0].maximum(x[1]),
            Some(|x, _, _| vec![x[1].select_gt(x[0], x[0].int(0), x[0].int(1)), x[1].gt(x[0])]),
        );
    }
    best
}

/// `x` with its own elements around an axis: every place of the padding holds the nearest element that
/// any window over it sees as well, so that it decides nothing.
fn edge_padded(t: &Tracer, x: Var, axis: usize, slide: &Slide) -> Var {
    let padding = &slide.padding.0;
    if padding.is(0) {
        return x;
    }
    let length = t.ty(x)[axis].clone();
    let one = Dim::known(1);
    let element = |at: Dim| t.slice(x, axis, at, one.clone());
    let (before, behind) = match (padding.as_known(), slide.dilation.as_known()) {
        // Windows step over `d` elements: the nearest one of the same residue.
        (Some(p), Some(d)) if d > 1 => (
            (-p..0).map(|q| element(Dim::known(q.rem_euclid(d)))).collect(),
            (0..p).map(|q| element(length.sub(&Dim::known(d - q.rem_euclid(d))))).collect(),
        ),
        _ => {
            let repeat = |at: Dim| {
                let mut ty = t.ty(x);
                ty.remove(axis);
                let flat = t.reshape(element(at), ty.clone());
                let kept = (0..=ty.len()).filter(|a| *a != axis).collect();
                ty.insert(axis, padding.clone());
                vec![t.broadcast(flat, kept, ty)]
            };
            (repeat(Dim::known(0)), repeat(length.sub(&one)))
        }
    };
    let parts: Vec<Var> = [before, vec![x], behind].concat();
    t.concat(&parts, axis)
}
