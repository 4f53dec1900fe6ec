//! What an op says itself about the tangent of a value.

use crate::bug::OrBug;
use crate::builder::Builder;
use crate::ir::{LinOp, Rule, Source, Target, Var};
use crate::lin::{Lin, LinStream};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// The tangent of a value, given those of the rule's arguments.
pub fn apply<'s>(
    rule: &Rule,
    tangents: &[Option<Lin<'s>>],
    stream: &'s LinStream<'s>,
) -> Option<Lin<'s>> {
    let is_given = |source: Source| match source {
        Source::Step(i) => tangents[i].is_some(),
        _ => false,
    };
    let lin = rule.tangent.prune(is_given);
    let (_, result) = lin.results.iter().find(|(target, _)| *target == Target::Step(0))?;
    let names = import(rule, lin.defs.iter().flat_map(|def| def.op.primals()), stream.primal);
    let mut written: Vec<Lin<'s>> = Vec::with_capacity(lin.defs.len());
    for def in &lin.defs {
        if let LinOp::Source(Source::Step(i)) = def.op {
            written.push(tangents[i].or_bug("linearize", "tangent of an argument"));
            continue;
        }
        let mut op = def.op.clone();
        op.rename(|x| written[x].id);
        op.rename_primals(|x| names.get(&x).copied().unwrap_or(x));
        written.push(stream.push(op, def.ty.clone()));
    }
    Some(written[*result])
}

/// Writes of the rule's own primal values those that are mentioned; what they are now.
fn import(
    rule: &Rule,
    mentioned: impl Iterator<Item = Var>,
    primal: &Builder,
) -> FxHashMap<Var, Var> {
    let own = |var: &Var| *var >= rule.first;
    let mut stack: Vec<Var> = mentioned.filter(own).collect();
    let mut needed: BTreeSet<Var> = BTreeSet::new();
    while let Some(var) = stack.pop() {
        if needed.insert(var) {
            stack.extend(rule.primal[var - rule.first].inst.args().into_iter().filter(own));
        }
    }
    let mut names = FxHashMap::default();
    for var in needed {
        let def = &rule.primal[var - rule.first];
        let new = primal.copy(def, |x| names.get(&x).copied().unwrap_or(x));
        names.insert(var, new);
    }
    names
}
