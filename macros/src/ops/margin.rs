//! Losses that are 0 beyond a margin.

use super::limits::EPS_LIMITS;
use super::loss::{MEAN, REDUCTION, elementwise, equal_shapes, reduce, reduced};
use super::option::{Key, flag, number};
use super::reduce::norm;
use super::{Arity, At, Body, Call, Mistake, OpDef, called};
use crate::builder::V;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{self, Shape};
use crate::trace::Value;

const MARGIN: Key<Num> = number("margin");
const P: Key<Num> = number("p");
const EPS: Key<Num> = number("eps").within(EPS_LIMITS);
const SWAP: Key<bool> = flag("swap");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "hinge_embedding",
        elsewhere: &[called("HingeEmbeddingLoss hinge_embedding_loss", "margin")],
        values: "target",
        doc: "Mean of `x` where the target is 1, and of `max(0, margin − x)` where it is −1: `x` is a distance, which is to \
              be small or not.",
        arity: Arity::Exactly(2),
        options: &[MARGIN.or("1"), REDUCTION.or(MEAN)],
        shape: reduced,
        body: Body::Lower(|t, l| {
            elementwise(
                t,
                l,
                |x, n| {
                    let (x, y, one) = (x[0], x[1], x[0].int(1));
                    unless(y, -one, x) + unless(y, one, positive(n[0] - x))
                },
                Some(|x, n, _| {
                    let (x, y, one) = (x[0], x[1], x[0].int(1));
                    let slope = unless(y, -one, one) - unless(y, one, (n[0] - x).gt(x.int(0)));
                    vec![slope, x.int(0)]
                }),
            )
        }),
        examples: &[
            "(x: [2, 3], y: [2, 3]) -> [] { t = sign(y), hinge_embedding(x, t) }",
            "(x: [5], y: [5]) -> [5] { t = sign(y), hinge_embedding(x, t, margin = 0.5, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "margin_ranking",
        elsewhere: &[called("MarginRankingLoss margin_ranking_loss", "margin")],
        values: "b, target",
        doc: "Mean of `max(0, margin − target · (a − b))`: where the target is 1, `a` is to be ranked higher than `b`, where it \
              is −1, lower.",
        arity: Arity::Exactly(3),
        options: &[MARGIN.or("0"), REDUCTION.or(MEAN)],
        shape: three,
        body: Body::Lower(|t, l| {
            elementwise(t, l, |x, n| positive(n[0] - x[2] * (x[0] - x[1])), None)
        }),
        examples: &[
            "(a: [2, 3], b: [2, 3], y: [2, 3]) -> [] { margin_ranking(a, b, y) }",
            "(a: [4], b: [4], y: [4]) -> [4] { t = sign(y), margin_ranking(a, b, t, margin = 0.5, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "triplet_margin",
        elsewhere: &[called("TripletMarginLoss triplet_margin_loss", "margin p eps swap")],
        values: "positive, negative",
        doc: "Mean of `max(0, d(a, positive) − d(a, negative) + margin)` with the distance `d(a, b) = ‖a − b + eps‖ₚ` over the \
              last axis. With `swap` the negative has the lesser of its distances from the other two (Balntas et al. 2016).",
        arity: Arity::Exactly(3),
        options: &[MARGIN.or("1"), P.or("2"), EPS.or("1e-6"), SWAP.or("false"), REDUCTION.or(MEAN)],
        shape: |call| {
            three(call)?;
            let Some((_, lead)) = call.x().split_last() else {
                let message = "`triplet_margin` compares vectors along the last axis, but its values are the scalar []";
                return Err(Mistake::new(At::Op, message).help("`margin_ranking` compares numbers"));
            };
            Ok(if &*call.get(REDUCTION) == "none" { lead.to_vec() } else { Vec::new() })
        },
        body: Body::Lower(|t, l| {
            let (shape, p) = (t.shape(l.args[0]), l.get(P));
            let (axis, eps) = (shape.len() - 1, t.num(l.get(EPS)));
            let distance = |a: usize, b: usize| {
                let apart =
                    t.point(&[l.args[a], l.args[b]], &[eps], |x, n| x[0] - x[1] + n[0], None);
                norm(t, apart, &[axis], &p)
            };
            let (near, mut far) = (distance(0, 1), distance(0, 2));
            if l.get(SWAP) {
                far = t.point(&[far, distance(1, 2)], &[], |x, _| -(-x[0]).maximum(-x[1]), None);
            }
            let value: Value = |x, n| positive(x[0] - x[1] + n[0]);
            let terms = t.point(&[near, far], &[t.num(l.get(MARGIN))], value, None);
            reduce(t, terms, axis, &l.get(REDUCTION), &shape::size(&shape[..axis]), 1)
        }),
        examples: &[
            "(a: [4], p: [4], n: [4]) -> [] { triplet_margin(a, p, n) }",
            "(a: [3, 4], p: [3, 4], n: [3, 4]) -> [3] { triplet_margin(a, p, n, margin = 0.5, p = 3, swap = true, reduction = \"none\") }",
        ],
        ..OpDef::PLAIN
    },
];

/// `x` where it is above 0, else 0; the derivative at 0 is 0.
fn positive(x: V<'_>) -> V<'_> {
    let zero = x.int(0);
    // The last of the three is 0, or NaN where x is.
    x.select_gt(zero, x, zero.select_gt(x, zero, x.stop_gradient()))
}

/// `value`, and 0 where `x` is `n`; NaN where `x` is.
fn unless<'b>(x: V<'b>, n: V<'b>, value: V<'b>) -> V<'b> {
    x.select_gt(n, value, n.select_gt(x, value, (x - n).stop_gradient()))
}

/// The shape of an elementwise loss of three values.
fn three(call: &Call<'_>) -> Result<Shape, Mistake> {
    equal_shapes(call, 1, ["value", "second value"])?;
    equal_shapes(call, 2, ["value", "third value"])?;
    Ok(if &*call.get(REDUCTION) == "none" { call.x().clone() } else { Vec::new() })
}
