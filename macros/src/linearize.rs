//! `linearize`: one walk over the tape writes the tangent program of a model.
//!
//! Primal values that the rules need go to the primal stream, everything linear to its own; a residual
//! is whatever the rules mentioned, and nothing else is kept.

use crate::build::Builder;
use crate::ir::{Source, Target, Var};
use crate::lin::{Lin, LinFunc, LinStream};
use crate::trace::Entry;

/// The tangent of `output`, as a linear program in those of `active`: primal sources and the tangents
/// that stand for them.
pub fn linearize(b: &Builder, tape: &[Entry], active: &[(Var, Source)], output: Var) -> LinFunc {
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
    let results = tangents[output].map(|dy| (Target::OutputTangent, dy.id));
    LinFunc { defs: stream.into_defs(), results: results.into_iter().collect() }
}
