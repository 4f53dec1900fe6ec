//! `linearize`: one walk over the tape writes the tangent program of a model.
//!
//! Primal values that the rules need go to the primal stream, everything linear to its own; a residual
//! is whatever the rules mentioned, and nothing else is kept.

use crate::build::Builder;
use crate::ir::{Source, Target, Var};
use crate::lin::{Lin, LinFunc, LinOp, LinStream};
use crate::trace::Entry;

/// The tangents of `outputs`, as a linear program in those of `active`: primal sources and the tangents
/// that stand for them.
pub fn linearize(
    b: &Builder,
    tape: &[Entry],
    active: &[(Var, Source)],
    outputs: &[(Target, Var)],
) -> LinFunc {
    let stream = LinStream::new(b);
    let mut tangents: Vec<Option<Lin<'_>>> = vec![None; b.defs().len()];
    for (var, source) in active {
        tangents[*var] = Some(stream.source(*source, b.ty(*var)));
    }
    for entry in tape {
        let args: Vec<Option<Lin<'_>>> = entry.args.iter().map(|arg| tangents[*arg]).collect();
        if args.iter().any(Option::is_some) && tangents[entry.value].is_none() {
            tangents[entry.value] = (entry.rule)(&stream, &args);
        }
    }
    let results = outputs.iter().filter_map(|(target, y)| Some((*target, tangents[*y]?.id)));
    let results = results.collect();
    let mut linear = LinFunc { defs: stream.into_defs(), results };
    compose_scales(b, &mut linear);
    linear
}

/// Multiplies by `f · g` where a value is multiplied by `f` only to be multiplied by `g`.
///
/// The product belongs to the primal stream. So what a chain of scalar functions leaves for the way
/// back is one slope, however long it is.
fn compose_scales(b: &Builder, linear: &mut LinFunc) {
    let mut uses = vec![0; linear.defs.len()];
    let args = linear.defs.iter().flat_map(|def| def.op.args());
    args.chain(linear.results.iter().map(|(_, id)| *id)).for_each(|id| uses[id] += 1);
    for id in 0..linear.defs.len() {
        let LinOp::Scale(inner, g) = linear.defs[id].op else { continue };
        let LinOp::Scale(x, f) = linear.defs[inner].op else { continue };
        if uses[inner] == 1 {
            linear.defs[id].op = LinOp::Scale(x, b.compose(b.v(f), b.v(g)).var);
        }
    }
}
