//! Running sums and products: loops along an axis, which may be long, or as long as only rustc knows.

use super::option::{Key, axis, flag};
use super::select::is_number;
use super::{Body, Call, Lowering, Mistake, OpDef, OptDef};
use crate::builder::V;
use crate::ir::{Passing, Var};
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape};
use crate::trace::{Loop, Slopes, Tracer, Value};

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "cumsum",
        doc: "The sum of the elements up to each along an axis.",
        body: Body::Lower(|t, l| {
            running(t, l.args[0], l.get(AXIS), Num::ZERO, |x, _| x[0] + x[1], None)
        }),
        examples: &[
            "(x: [7]) -> [7] { cumsum(0) }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { cumsum(axis = 1) }",
            "(x: [1]) -> [1] { cumsum(-1), tanh }",
        ],
        ..COMMON
    },
    OpDef {
        name: "cumprod",
        doc: "The product of the elements up to each along an axis.",
        body: Body::Lower(|t, l| running_product(t, l.args[0], l.get(AXIS))),
        examples: &[
            "(x: [7]) -> [7] { cumprod(0) }",
            "(x: [2, 3]) -> [2, 3] { cumprod(axis = 1) }",
        ],
        ..COMMON
    },
    OpDef {
        name: "logcumsumexp",
        doc: "`ln Σ eˣ` of the elements up to each along an axis, without overflow.",
        body: Body::Lower(|t, l| {
            let (x, axis) = (l.args[0], l.get(AXIS));
            let one = Dim::known(1);
            let rest = l.shape[axis].sub(&one);
            let first = t.slice(x, axis, Dim::known(0), one.clone());
            if rest.is(0) {
                return first;
            }
            let behind = t.slice(x, axis, one, rest);
            let sums = running_from(
                t,
                behind,
                axis,
                first,
                |x, _| super::math::log_add_exp(x[0], x[1]),
                None,
            );
            t.concat(&[first, sums], axis)
        }),
        examples: &[
            "(x: [7]) -> [7] { logcumsumexp(0) }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { sin, y = logcumsumexp(axis = 1), x * y }",
            "(x: [1, 3]) -> [1, 3] { logcumsumexp(axis = 0) }",
        ],
        ..COMMON
    },
    OpDef {
        name: "argmax",
        doc: "The index of the greatest element along an axis, as a number of the model's scalar type; of the first, if several are. It has no derivative.",
        options: OF_ONE,
        shape: one_of_axis,
        body: Body::Lower(|t, l| index_of_greatest(t, l, l.args[0])),
        examples: &[
            "(x: [5]) -> [] { argmax(0) }",
            "(x: [2, 3, 4]) -> [2, 4] { argmax(axis = 1) }",
            "(x: [2, 5]) -> [2, 5] { i = argmax(x, -1, keepdim = true), x * i }",
        ],
        ..COMMON
    },
    OpDef {
        name: "argmin",
        doc: "The index of the least element along an axis, as a number of the model's scalar type; of the first, if several are. It has no derivative.",
        options: OF_ONE,
        shape: one_of_axis,
        body: Body::Lower(|t, l| {
            let flipped = t.point(&[l.args[0]], &[], |x, _| -x[0], None);
            index_of_greatest(t, l, flipped)
        }),
        examples: &["(x: [2, 5]) -> [2] { argmin(axis = 1) }"],
        ..COMMON
    },
];

const AXIS: Key<usize> = axis("axis");
const KEEPDIM: Key<bool> = flag("keepdim");
const OF_ONE: &[OptDef] = &[AXIS.required(), KEEPDIM.or("false")];

/// What running sums and products have in common.
const COMMON: OpDef = OpDef { options: &[AXIS.required()], ..OpDef::PLAIN };

/// `y = f(y before, x)` from `first` along an axis, which may be long or a `const`: a loop.
fn running(t: &Tracer, x: Var, axis: usize, first: Num, f: Value, slopes: Option<Slopes>) -> Var {
    let mut shape = t.shape(x);
    shape[axis] = Dim::known(1);
    let start = t.fill(t.num(first), &shape);
    running_from(t, x, axis, start, f, slopes)
}

fn running_from(
    t: &Tracer,
    x: Var,
    axis: usize,
    start: Var,
    f: Value,
    slopes: Option<Slopes>,
) -> Var {
    let shape = t.shape(x);
    let each = Passing::Each { axis, width: Dim::known(1) };
    let args = [(x, each.clone()), (start, Passing::Carry)];
    let all = Loop {
        length: shape[axis].clone(),
        reverse: false,
        recompute: false,
        args: &args,
        out: each,
    };
    t.scan(&all, |t, args| {
        let next = t.point(&[args[1], args[0]], &[], f, slopes);
        (vec![next], next)
    })
}

pub(super) fn running_product(t: &Tracer, x: Var, axis: usize) -> Var {
    running(t, x, axis, Num::ONE, |x, _| x[0] * x[1], Some(factors))
}

/// The slopes of a product of two in a product of many: what one is multiplied by. A factor of 0 is a choice: the
/// derivative by another one is 0, even where the rest of the product overflows.
pub(super) fn factors<'b>(x: &[V<'b>], _: &[V<'b>], _: V<'b>) -> Vec<V<'b>> {
    let or_nothing = |x: V<'b>| {
        let (zero, one) = (x.int(0), x.int(1));
        // The last of the three is 0 where x is, and NaN.
        x.select_gt(zero, x, zero.select_gt(x, x, one.select_gt(x, zero, x)))
    };
    vec![or_nothing(x[1]), or_nothing(x[0])]
}

fn one_of_axis(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (mut out, axis) = (call.x().clone(), call.get(AXIS));
    if call.get(KEEPDIM) {
        out[axis] = Dim::known(1);
    } else {
        out.remove(axis);
    }
    Ok(out)
}

/// How many elements come before the first that is the greatest: after it the running product of
/// those that are less is 0.
fn index_of_greatest(t: &Tracer, l: &Lowering<'_>, x: Var) -> Var {
    let (shape, axis) = (t.shape(x), l.get(AXIS));
    let kept = (0..shape.len()).filter(|other| *other != axis).collect();
    let top = t.broadcast(t.amax(x, vec![axis]), kept, shape);
    // A number is less than NaN.
    let less: Value = |x, _| x[0].select_gt(x[1], x[0].int(1), is_number(x[1]) - is_number(x[0]));
    let less = t.point(&[top, x], &[], less, None);
    let before = running_product(t, less, axis);
    t.reshape(t.sum(before, vec![axis]), l.shape.clone())
}
