//! Dropout and other ops that are random in training and the identity in evaluation.
//!
//! All are functions of uniform random numbers ([`Tracer::random`]); an element is dropped where its
//! number is below `p`.

use super::limits::{at_least_0, share};
use super::option::{Key, number};
use super::{At, Body, Lowering, Mistake, OpDef, elsewhere, same};
use crate::builder::V;
use crate::ir::Var;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::show;
use crate::trace::{Mode, Tracer};

const P: Key<Num> =
    number("p").within(share("it is the probability with which an element is dropped"));
const STD: Key<Num> = number("std").within(at_least_0("it is a standard deviation"));

/// A random op: in evaluation it gives back its argument.
macro_rules! random {
    ($($name:ident($key:ident = $default:literal) $(also($($names:literal: $args:expr),+))? $doc:literal, $shape:expr, $lower:expr; $($example:literal),+;)*) => {
        pub static OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: &[$key.or($default)],
            shape: $shape,
            body: Body::Modes {
                random: true,
                lower: |t, l| {
                    let lower: fn(&Tracer, &Lowering<'_>) -> Var = $lower;
                    if t.mode == Mode::Evaluation { l.args[0] } else { lower(t, l) }
                },
            },
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*];
    };
}

random! {
    dropout(P = "0.5") also("Dropout": "p")
    "In training each element is 0 with probability `p` and else `x / (1 − p)`; in evaluation `x`.",
    same, |t, l| {
        let u = t.random(l.shape);
        t.point(&[l.args[0], u], &[t.num(l.get(P))], |x, p| kept(x[1], p[0], x[0]), None)
    };
    "(x: [5]) -> [5] { dropout }",
    "(x: [3, 4]) -> [3, 4] { tanh, dropout(0.2), square }";

    feature_dropout(P = "0.5") also("Dropout1d Dropout2d Dropout3d SpatialDropout1D SpatialDropout2D SpatialDropout3D": "p")
    "`dropout` of whole channels (axis 0): PyTorch's `Dropout1d`, `Dropout2d` and `Dropout3d`.",
    |call| {
        if call.x().len() < 2 {
            let message = format!(
                "`feature_dropout` drops whole channels, but {} has no axes after axis 0",
                show(call.x())
            );
            return Err(Mistake::new(At::Op, message).help("`dropout` drops single elements"));
        }
        same(call)
    }, |t, l| drop_all(t, l, 1);
    "(x: [3, 2, 2]) -> [3, 2, 2] { feature_dropout(0.4) }";

    drop_path(P = "0.5") also("DropPath StochasticDepth": "p")
    "`dropout` of whole samples: a residual branch is dropped at once (stochastic depth).",
    same, |t, l| drop_all(t, l, 0);
    "(x: [4]) -> [4] { tanh, h = drop_path(0.3), x + h }";

    alpha_dropout(P = "0.5") also("FeatureAlphaDropout AlphaDropout": "p")
    "In training each element is `−1.758…`, the lower end of `selu`, with probability `p`, and all are scaled so that mean 0 and variance 1 stay; in evaluation `x`.",
    same, |t, l| {
        let u = t.random(l.shape);
        t.point(&[l.args[0], u], &[t.num(l.get(P))], |x, p| {
            // −scale · alpha of `selu`.
            let (p, low, one) = (p[0], x[0].decimal(-17_580_993_408_473_766, -16), x[0].int(1));
            let a = one / ((one - p) * (one + p * low * low)).sqrt();
            p.select_gt(x[1], low, x[0]) * a - a * low * p
        }, None)
    };
    "(x: [5]) -> [5] { alpha_dropout(0.3) }";

    gaussian_noise(STD = "1") also("GaussianNoise": "stddev")
    "In training `x + std · z` with `z` from the standard normal distribution; in evaluation `x`.",
    same, |t, l| {
        let (u, v) = (t.random(l.shape), t.random(l.shape));
        t.point(&[l.args[0], u, v], &[t.num(l.get(STD))], |x, std| {
            // Box and Muller (1958); 1 − u is never 0.
            let radius = (x[0].int(-2) * (x[0].int(1) - x[1]).ln()).sqrt();
            let angle = x[0].decimal(6_283_185_307_179_586, -15) * x[2];
            x[0] + std[0] * (radius * angle.cos())
        }, None)
    };
    "(x: [5]) -> [5] { gaussian_noise(0.1) }";
}

/// `x / (1 − p)`, or 0 where the random number is below `p`.
fn kept<'b>(u: V<'b>, p: V<'b>, x: V<'b>) -> V<'b> {
    p.select_gt(u, x.int(0), x * (x.int(1) / (x.int(1) - p)))
}

/// Dropout that treats alike all elements after the first `axes` axes of a sample.
fn drop_all(t: &Tracer, l: &Lowering<'_>, axes: usize) -> Var {
    let u = t.random(&l.shape[..axes]);
    let p = t.num(l.get(P));
    let factor = t.point(&[u], &[p], |u, p| kept(u[0], p[0], u[0].int(1)), None);
    let factor = t.broadcast(factor, (0..axes).collect(), l.shape.clone());
    t.point(&[l.args[0], factor], &[], |x, _| x[0] * x[1], None)
}
