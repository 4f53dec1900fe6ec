//! Linear loops.

use super::LinFunc;
use crate::build::Builder;
use crate::ir::{Flow, Func, Res, Scan, Target};
use crate::shape::{Dim, Shape};

/// A linear loop: a linear program for each step over primal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LinScan {
    pub length: Dim,
    pub reverse: bool,
    /// Whether its steps compute from the primal arguments what they mention.
    pub recompute: bool,
    /// How the primal arguments pass into the steps. In a step they are the first sources.
    pub with: Vec<Flow>,
    /// The primal values that `lin` mentions.
    pub primal: Builder,
    /// How the linear arguments pass into the steps and the results out of them, and what a step sees.
    pub args: Vec<(Flow, Shape)>,
    pub results: Vec<(Flow, Shape)>,
    pub lin: LinFunc,
}

impl LinScan {
    /// The same loop as an ordinary one: primal arguments first.
    pub(super) fn write(&self) -> Scan {
        let b = self.primal.clone();
        let written = self.lin.write(&b, |primal| primal);
        let results = self.results.iter().enumerate().map(|(i, (_, ty))| {
            let target = Target::Step(i);
            let made = written.iter().find(|(t, _)| *t == target);
            Res { target, value: b.fill(made.map_or(b.int(0).var, |(_, var)| *var), ty) }
        });
        let results = results.collect();
        let flows = |of: &[(Flow, Shape)]| of.iter().map(|(flow, _)| flow.clone()).collect();
        let mut args = self.with.clone();
        args.extend::<Vec<Flow>>(flows(&self.args));
        Scan {
            length: self.length.clone(),
            reverse: self.reverse,
            recompute: self.recompute,
            args,
            results: flows(&self.results),
            body: Func { defs: b.into_defs(), results, rules: Vec::new() },
        }
    }
}
