//! Linear loops.

use crate::builder::Builder;
use crate::ir::{Func, LinScan, Passing, Res, Scan, Target};
use crate::shape::Shape;

impl LinScan {
    /// The same loop as an ordinary one: primal arguments first.
    pub(super) fn write(&self) -> Scan {
        let b = Builder::after(self.primal.clone());
        let written = self.lin.write(&b, |primal| primal);
        let results = self.results.iter().enumerate().map(|(i, (_, ty))| {
            let target = Target::Step(i);
            let made = written.iter().find(|(t, _)| *t == target);
            Res { target, value: b.fill(made.map_or(b.int(0).var, |(_, var)| *var), ty) }
        });
        let results = results.collect();
        let flows = |of: &[(Passing, Shape)]| of.iter().map(|(flow, _)| flow.clone()).collect();
        let mut args = self.with.clone();
        args.extend::<Vec<Passing>>(flows(&self.args));
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
