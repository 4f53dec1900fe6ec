//! Activations that are no function of one number: gates, and slopes that are learned.

use super::option::{Key, axis, size};
use super::{At, Body, Init, Mistake, OpDef, ParamDef, called, same};
use crate::bug::OrBug;
use crate::prim::Arith;
use crate::shape::{Dim, show};

const AXIS: Key<usize> = axis("axis");
const NUM_PARAMETERS: Key<Dim> = size("num_parameters");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "glu",
        elsewhere: &[called("GLU", "dim")],
        doc: "`a · sigmoid(b)`, where `a` and `b` are the halves of `x` along an axis.",
        options: &[AXIS.or("-1")],
        shape: |call| {
            let (axis, mut out) = (call.get(AXIS), call.x().clone());
            let half = out[axis].div(&Dim::known(2)).or_bug("glu", "half");
            let rest = out[axis].rem(&Dim::known(2)).or_bug("glu", "half");
            if !call.fits(&rest, &Dim::known(0)) {
                let message = format!(
                    "`glu` halves an axis, but axis {axis} of {} has length {}",
                    show(call.x()),
                    out[axis]
                );
                return Err(Mistake::new(At::Op, message).help("its length must be even"));
            }
            out[axis] = half;
            Ok(out)
        },
        body: Body::Lower(|t, l| {
            let axis = l.get(AXIS);
            let half = l.shape[axis].clone();
            let a = t.slice(l.args[0], axis, Dim::known(0), half.clone());
            let b = t.slice(l.args[0], axis, half.clone(), half);
            t.point(&[a, b], &[], |x, _| x[0] * x[1].sigmoid(), None)
        }),
        examples: &["(x: [6]) -> [3] { glu }", "(x: [2, 4, 3]) -> [2, 2, 3] { glu(axis = 1) }"],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "prelu",
        elsewhere: &[called("PReLU", "num_parameters")],
        doc: "`x` where `x > 0`, else `weight · x`, with one learned slope for all or one for each channel (axis 0 of a sample); it begins as 0.25.",
        options: &[NUM_PARAMETERS.or("1")],
        shape: |call| {
            let count = call.get(NUM_PARAMETERS);
            match call.x().first() {
                _ if count.is(1) => same(call),
                Some(channels) if call.fits(channels, &count) => same(call),
                channels => {
                    let has = match channels {
                        Some(channels) => format!("{channels} channels, the length of axis 0"),
                        None => "no channels".into(),
                    };
                    let message =
                        format!("`prelu` has {count} slopes, but {} has {has}", show(call.x()));
                    Err(Mistake::new(NUM_PARAMETERS.at(), message)
                        .help("one slope for all, or one for each channel"))
                }
            }
        },
        params: |call, _| {
            vec![ParamDef::new("weight", vec![call.get(NUM_PARAMETERS)], Init::Constant(0.25))]
        },
        body: Body::Lower(|t, l| {
            let (x, weight) = (l.args[0], l.params[0]);
            // One slope repeats everywhere, several along axis 0.
            let one = t.shape(weight)[0].is(1);
            let slope = if one { t.reshape(weight, Vec::new()) } else { weight };
            let slope = t.broadcast(slope, if one { vec![] } else { vec![0] }, l.shape.clone());
            t.point(&[x, slope], &[], |x, _| x[0].select_gt(x[0].int(0), x[0], x[1] * x[0]), None)
        }),
        examples: &[
            "(x: [7]) -> [7] { prelu }",
            "(x: [3, 4]) -> [3, 4] { prelu(num_parameters = 3) }",
        ],
        ..OpDef::PLAIN
    },
];
