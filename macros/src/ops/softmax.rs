//! Softmax and its logarithm over one axis, shifted by the maximum: nothing overflows.

use super::{Arity, Body, Default, OpDef, OptDef, OptKind, same};

const AXIS: &[OptDef] = &[OptDef { name: "axis", kind: OptKind::Axis, default: Default::Axis(-1) }];

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "softmax",
        signature: "softmax(axis = -1)",
        doc: "`eˣ / Σ eˣ` over one axis.",
        arity: Arity::Exactly(1),
        options: AXIS,
        shape: same,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| t.softmax(l.args[0], l.axes(0)[0])),
        examples: &[
            "(x: [5]) -> [5] { softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { softmax(axis = 1) }",
        ],
    },
    OpDef {
        name: "log_softmax",
        signature: "log_softmax(axis = -1)",
        doc: "`x − ln Σ eˣ` over one axis.",
        arity: Arity::Exactly(1),
        options: AXIS,
        shape: same,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| t.log_softmax(l.args[0], l.axes(0)[0])),
        examples: &[
            "(x: [5]) -> [5] { log_softmax }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { log_softmax(axis = 0) }",
        ],
    },
];
