//! Positions in a sequence: tables of sines and cosines, which are made anew for every tile of samples from
//! nothing but their shape.

use super::limits::more_than_0;
use super::option::{Key, axis, flag, number};
use super::{At, Body, Call, Lowering, Mistake, OpDef};
use crate::builder::V;
use crate::ir::Var;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show};
use crate::trace::Tracer;

const BASE: Key<Num> = number("base").within(more_than_0("the usual one is 10000"));
const INTERLEAVED: Key<bool> = flag("interleaved");
const AXIS: Key<usize> = axis("axis");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "sinusoidal",
        doc: "`x` plus its positions (Vaswani et al. 2017): over the last two axes `[t, d]`, element `(p, 2i)` of the \
          table is `sin(p / base^(2i/d))`, and `(p, 2i + 1)` its cosine.",
        options: &[BASE.or("10000")],
        shape: |call| sequence(call, "positions and features").cloned(),
        body: Body::Lower(|t, l| {
            let (b, rank) = (&t.b, l.shape.len());
            let (positions, width) = (&l.shape[rank - 2], &l.shape[rank - 1]);
            let two = Dim::known(2);
            let pair = b.iota(width.clone(), two.clone(), width.clone());
            let odd = b.iota(width.clone(), Dim::known(1), two);
            let table = [positions.clone(), width.clone()];
            // The cosine is the sine a quarter of a turn ahead.
            let angles = angles(t, l, pair, &table);
            let turn = b.v(t.broadcast_shared(odd.var, vec![1], table.to_vec()));
            let is_sine = b.decimal(5, -1);
            let table = is_sine.select_gt(turn, angles.sin(), angles.cos());
            let table = t.broadcast(table.var, vec![rank - 2, rank - 1], l.shape.clone());
            t.point(&[l.args[0], table], &[], |x, _| x[0] + x[1], None)
        }),
        examples: &[
            "(x: [5, 6]) -> [5, 6] { sinusoidal }",
            "(x: [2, 4, 3]) -> [2, 4, 3] { tanh, sinusoidal(base = 100), square }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "rotary",
        doc: "Turns pairs of features by the angle `p / base^(2i/d)` of their position `p` along the axis (Su et al. \
              2021): feature `i` of the last axis with feature `i + d/2`, as GPT-NeoX and Hugging Face pair them, or \
              `2i` with `2i + 1` if `interleaved`.",
        options: &[BASE.or("10000"), INTERLEAVED.or("false"), AXIS.or("-2")],
        shape: rotary,
        body: Body::Lower(lower_rotary),
        examples: &[
            "(x: [5, 6]) -> [5, 6] { rotary }",
            "(x: [2, 5, 4]) -> [2, 5, 4] { tanh, rotary(base = 100, interleaved = true), square }",
            "(x: [3, 2, 4]) -> [3, 2, 4] { rotary(axis = 0) }",
        ],
        ..OpDef::PLAIN
    },
];

fn rotary(call: &Call<'_>) -> Result<Shape, Mistake> {
    let x = sequence(call, "positions and features")?;
    let (axis, width) = (call.get(AXIS), &x[x.len() - 1]);
    if axis + 1 == x.len() {
        let message = format!(
            "`rotary` turns the features, the last axis of {}, so positions are along another",
            show(x)
        );
        return Err(Mistake::new(AXIS.at(), message).help("`axis = -2` is the axis before it"));
    }
    let even = width.div(&Dim::known(2)).map(|half| half.mul(&Dim::known(2)));
    if even.is_some_and(|even| call.fits(width, &even)) {
        return Ok(x.clone());
    }
    let message = format!(
        "`rotary` turns pairs of features, but the last axis of {} has length {width}",
        show(x)
    );
    Err(Mistake::new(At::Op, message).help("make it even"))
}

/// `x ⊙ cos + partner(x) ⊙ ±sin`, where the first of a pair has the sine with a minus.
fn lower_rotary(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (b, shape, last) = (&t.b, l.shape, l.shape.len() - 1);
    let (axis, width) = (l.get(AXIS), &shape[last]);
    let (one, two) = (Dim::known(1), Dim::known(2));
    let half = width.div(&two).unwrap_or(one.clone());
    let (pair, second, partner) = if l.get(INTERLEAVED) {
        let pairs: Shape = shape[..last].iter().chain([&half, &two]).cloned().collect();
        let x = t.reshape(l.args[0], pairs);
        let parts = [1, 0].map(|part| t.slice(x, last + 1, Dim::known(part), one.clone()));
        let partner = t.reshape(t.concat(&parts, last + 1), shape.clone());
        (
            b.iota(width.clone(), two.clone(), width.clone()),
            b.iota(width.clone(), one, two),
            partner,
        )
    } else {
        let rest = width.sub(&half);
        let parts = [
            t.slice(l.args[0], last, half.clone(), rest),
            t.slice(l.args[0], last, Dim::known(0), half.clone()),
        ];
        let pair = b.iota(width.clone(), one, half.clone());
        (pair, b.iota(width.clone(), half, two), t.concat(&parts, last))
    };
    let table = [shape[axis].clone(), width.clone()];
    let angles = angles(t, l, pair, &table);
    let second = b.v(t.broadcast_shared(second.var, vec![1], table.to_vec()));
    let sign = second * b.int(2) - b.int(1);
    let spread = |x: V<'_>| t.broadcast(x.var, vec![axis, last], shape.clone());
    let tables = [spread(angles.cos()), spread(angles.sin() * sign)];
    t.point(
        &[l.args[0], partner, tables[0], tables[1]],
        &[],
        |x, _| x[0] * x[2] + x[1] * x[3],
        None,
    )
}

/// The shape, if it has two axes at least.
fn sequence<'a>(call: &Call<'a>, what: &str) -> Result<&'a Shape, Mistake> {
    let x = &call.args[0];
    if x.len() >= 2 {
        return Ok(x);
    }
    let message = format!("`{}` needs two axes, {what}, but its input is {}", call.op, show(x));
    Err(Mistake::new(At::Op, message).help("`reshape` it to [positions, features]"))
}

/// The angle of each position (first axis of the table) for the features (second) that turn as the `pair`s
/// say: `p / base^(2 · pair / d)`.
fn angles<'b>(t: &'b Tracer, l: &Lowering<'_>, pair: V<'b>, table: &[Dim; 2]) -> V<'b> {
    let (b, [positions, width]) = (&t.b, table);
    let base = b.num(l.get(BASE)).ln();
    let speed = (pair * (base * b.int(-2) * b.num(Num::inverse(width)))).exp();
    let at = b.iota(positions.clone(), Dim::known(1), positions.clone());
    let spread = |x: V<'b>, axis: usize| b.v(t.broadcast_shared(x.var, vec![axis], table.to_vec()));
    spread(at, 0) * spread(speed, 1)
}
