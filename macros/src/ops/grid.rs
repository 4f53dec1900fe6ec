//! Sampling of an image at places that are computed.

use super::option::{Key, flag, one_of};
use super::{Arity, At, Body, Call, Lowering, Mistake, OpDef};
use crate::builder::V;
use crate::ir::{Labels, Var};
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show};
use crate::trace::{Tracer, Value};
use std::rc::Rc;

const MODE: Key<Rc<str>> = one_of("mode", &["bilinear", "nearest"]);
const PADDING_MODE: Key<Rc<str>> = one_of("padding_mode", &["zeros", "border", "reflection"]);
const ALIGN_CORNERS: Key<bool> = flag("align_corners");

pub static OPS: &[OpDef] = &[OpDef {
    name: "grid_sample",
    values: "grid",
    doc: "The image `[channels, height, width]` at the places `(x, y)` of a grid `[h, w, 2]`, from −1 at its first to 1 at its \
          last edges, or with `align_corners` elements: `[channels, h, w]` (`torch.nn.functional.grid_sample`). Between \
          elements it interpolates, or takes the nearest; outside are zeros, the border, or the image mirrored. \
          Every place is a weighted sum of the whole image, so that it takes `channels · height · width · h · w` products.",
    arity: Arity::Exactly(2),
    options: &[MODE.or("\"bilinear\""), PADDING_MODE.or("\"zeros\""), ALIGN_CORNERS.or("false")],
    shape: |call: &Call<'_>| {
        let [channels, _, _] = call.x().as_slice() else {
            let message = format!(
                "`grid_sample` needs an image [channels, height, width], found {}",
                show(call.x())
            );
            return Err(Mistake::new(At::Op, message)
                .help("`reshape` gives it these axes; the batch is not one of them"));
        };
        match call.args[1].as_slice() {
            [h, w, two] if call.fits(two, &Dim::known(2)) => {
                Ok(vec![channels.clone(), h.clone(), w.clone()])
            }
            grid => {
                let message = format!(
                    "the grid of `grid_sample` has two numbers for each place, [h, w, 2], found {}",
                    show(grid)
                );
                Err(Mistake::new(At::Arg(1), message)
                    .help("they are where to look along the width, and along the height"))
            }
        }
    },
    body: Body::Lower(lower),
    examples: &[
        "(x: [2, 3, 4], grid: [2, 2, 2]) -> [2, 2, 2] { grid_sample(x, grid) }",
        "(x: [1, 4, 3], grid: [2, 3, 2]) -> [1, 2, 3] { grid_sample(x, grid, padding_mode = \"border\", align_corners = true) }",
        "(x: [1, 4, 3], grid: [2, 3, 2]) -> [1, 2, 3] { grid_sample(x, grid, padding_mode = \"reflection\") }",
        "(x: [2, 4, 3], grid: [1, 5, 2]) -> [2, 1, 5] { grid_sample(x, grid, padding_mode = \"reflection\", align_corners = true) }",
        "(x: [1, 4, 5], grid: [3, 2, 2]) -> [1, 3, 2] { grid_sample(x, grid, mode = \"nearest\") }",
    ],
    ..OpDef::PLAIN
}];

fn lower(t: &Tracer, l: &Lowering<'_>) -> Var {
    let image = t.shape(l.args[0]);
    let places = l.shape[1].mul(&l.shape[2]);
    let along = |coordinate: i64, length: &Dim| {
        let one = t.slice(l.args[1], 2, Dim::known(coordinate), Dim::known(1));
        let one = t.reshape(one, vec![places.clone()]);
        weights(t, l, one, length)
    };
    // `p` is a place, `c` a channel.
    let columns = t.contract(l.args[0], along(0, &image[2]), Labels::new("cyx", "px", "cyp"));
    let sampled = t.contract(columns, along(1, &image[1]), Labels::new("cyp", "py", "cp"));
    t.reshape(sampled, l.shape.clone())
}

/// What each element of an axis contributes at each place, from the coordinates along it: `[places, length]`.
fn weights(t: &Tracer, l: &Lowering<'_>, at: Var, length: &Dim) -> Var {
    let count = t.count(std::slice::from_ref(length));
    let place: Value = match l.get(ALIGN_CORNERS) {
        true => |x, n| (x[0] + x[0].int(1)) * ((n[0] - n[0].int(1)) * n[0].decimal(5, -1)),
        false => |x, n| ((x[0] + x[0].int(1)) * n[0] - n[0].int(1)) * n[0].decimal(5, -1),
    };
    let mut place = t.point(&[at], &[count], place, None);
    let mirror: Value = match l.get(ALIGN_CORNERS) {
        true => |x, n| mirrored(x[0], n[0].int(0), n[0] - n[0].int(1)),
        false => |x, n| mirrored(x[0], n[0].decimal(-5, -1), n[0]),
    };
    let outside = l.get(PADDING_MODE);
    if &*outside == "reflection" {
        place = t.point(&[place], &[count], mirror, None);
    }
    if &*outside != "zeros" {
        let inside: Value = |x, n| {
            let (zero, last) = (n[0].int(0), n[0] - n[0].int(1));
            let below = zero.select_gt(x[0], zero, x[0].stop_gradient());
            x[0].select_gt(zero, last.select_gt(x[0], x[0], last), below)
        };
        place = t.point(&[place], &[count], inside, None);
    }
    let shape: Shape = vec![t.shape(at)[0].clone(), length.clone()];
    let element = t.b.iota(length.clone(), Dim::known(1), length.clone()).var;
    let pairs = [t.broadcast(place, vec![0], shape.clone()), t.broadcast(element, vec![1], shape)];
    if &*l.get(MODE) == "nearest" {
        let nearest: Value = |x, _| {
            let (off, half) = ((x[0].round() - x[1]).abs(), x[0].decimal(5, -1));
            half.gt(off)
        };
        return t.point(&pairs, &[], nearest, None);
    }
    let hat: Value = |x, _| {
        let (off, one) = ((x[0] - x[1]).abs(), x[0].int(1));
        off.select_gt(one, x[0].int(0), one - off)
    };
    t.point(
        &pairs,
        &[],
        hat,
        // At an element and one before it the slope is that to the right, as in PyTorch.
        Some(|x, _, _| {
            let (d, zero, one) = (x[0] - x[1], x[0].int(0), x[0].int(1));
            let up = (-one).select_gt(d, zero, one);
            let slope = zero.select_gt(d, up, one.select_gt(d, -one, zero));
            vec![slope, zero]
        }),
    )
}

/// `x` mirrored at `low` and `low + span`, as often as it takes.
fn mirrored<'b>(x: V<'b>, low: V<'b>, span: V<'b>) -> V<'b> {
    let (zero, two) = (x.int(0), x.int(2));
    // One element is its own mirror image; by 0 nothing is divided.
    let span = span.select_gt(zero, span, zero);
    let whole = span.select_gt(zero, span, x.int(1));
    let off = (x - low).abs();
    let rest = off.fmod(two * whole);
    let there = rest.select_gt(whole, two * whole - rest, rest);
    span.select_gt(zero, there + low, zero)
}
