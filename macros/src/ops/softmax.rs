//! Softmax and its logarithm over one axis, shifted by the maximum: nothing overflows.

use super::option::{Key, axis};
use super::{Body, OpDef};

const AXIS: Key<usize> = axis("axis");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "softmax",
        doc: "`eˣ / Σ eˣ` over one axis.",
        options: &[AXIS.or("-1")],
        body: Body::Lower(|t, l| t.softmax(l.args[0], l.axis(AXIS))),
        examples: &[
            "(x: [5]) -> [5] { softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { softmax(axis = 1) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "log_softmax",
        doc: "`x − ln Σ eˣ` over one axis.",
        options: &[AXIS.or("-1")],
        body: Body::Lower(|t, l| t.log_softmax(l.args[0], l.axis(AXIS))),
        examples: &[
            "(x: [5]) -> [5] { log_softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { log_softmax(axis = 0) }",
        ],
        ..OpDef::PLAIN
    },
];
