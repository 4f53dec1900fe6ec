//! Reductions over axes.

use super::{Arity, Body, Call, Default, Lowering, Mistake, OpDef, OptDef, OptKind};
use crate::build::without;
use crate::ir::Var;
use crate::number::Num;
use crate::shape::{Dim, Shape, size};
use crate::trace::Tracer;

macro_rules! reductions {
    ($($(#[doc = $doc:literal])* $name:ident = $lower:expr; $($example:literal),+;)*) => {
        pub static OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            signature: concat!(stringify!($name), "(axes = all, keepdim = false)"),
            doc: concat!($($doc),*),
            arity: Arity::Exactly(1),
            options: &[
                OptDef { name: "axes", kind: OptKind::Axes, default: Default::AllAxes },
                OptDef { name: "keepdim", kind: OptKind::Bool, default: Default::Bool(false) },
            ],
            shape: reduced,
            params: |_, _| Vec::new(),
            body: Body::Lower(|t, l| {
                let lower: fn(&Tracer, &Lowering<'_>) -> Var = $lower;
                let y = lower(t, l);
                t.reshape(y, l.ty.clone())
            }),
            examples: &[$($example),+],
        }),*];
    };
}

reductions! {
    /// The sum over axes.
    sum = |t, l| t.sum(l.args[0], l.axes(0));
        "(x: [2, 3, 4]) -> [] { sum }", "(x: [2, 3, 4]) -> [2, 4] { sum(axes = 1) }",
        "(x: [2, 3, 4]) -> [1, 3, 1] { sum(axes = [0, 2], keepdim = true) }";

    /// The mean over axes.
    mean = |t, l| {
        let count = size(&folded(t, l));
        let sum = t.sum(l.args[0], l.axes(0));
        let factor = t.num(Num::inverse(&count));
        t.point(&[sum], &[factor], |x, f| x[0] * f[0], None)
    };
        "(x: [2, 3, 4]) -> [] { mean }", "(x: [2, 3, 4]) -> [2, 3] { mean(axes = -1) }";

    /// The maximum over axes; elements that tie share the gradient, as in `torch.amax`.
    amax = |t, l| t.amax(l.args[0], l.axes(0));
        "(x: [2, 3, 4]) -> [] { amax }", "(x: [2, 3, 4]) -> [2, 4] { amax(axes = 1) }";

    /// The minimum over axes; elements that tie share the gradient, as in `torch.amin`.
    amin = |t, l| {
        let flipped = t.point(&[l.args[0]], &[], |x, _| -x[0], None);
        let top = t.amax(flipped, l.axes(0));
        t.point(&[top], &[], |x, _| -x[0], None)
    };
        "(x: [2, 3, 4]) -> [2, 3] { amin(axes = 2) }";
}

fn reduced(call: &Call<'_>) -> Result<Shape, Mistake> {
    let axes = call.axes(0);
    Ok(if call.flag(1) {
        let unit = |(axis, dim): (usize, &Dim)| {
            if axes.contains(&axis) { Dim::known(1) } else { dim.clone() }
        };
        call.x().iter().enumerate().map(unit).collect()
    } else {
        without(call.x(), axes)
    })
}

/// The lengths of the axes that are folded away.
fn folded(t: &Tracer, l: &Lowering<'_>) -> Shape {
    let ty = t.ty(l.args[0]);
    l.axes(0).iter().map(|axis| ty[*axis].clone()).collect()
}
