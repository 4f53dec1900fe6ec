//! Linear loops.

use super::{LinDef, LinFunc, LinOp, LinPart, LinVar};
use crate::bug::OrBug;
use crate::build::Builder;
use crate::ir::{Flow, Func, Res, Scan, Source, Target};
use crate::shape::{Dim, Shape};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A linear loop: a linear program for each step over primal values.
#[derive(Clone, PartialEq, Debug)]
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

/// A loop and the arguments and results of a larger one that it has left.
pub type Pruned = (LinScan, Vec<usize>, Vec<usize>);

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
            args,
            results: flows(&self.results),
            body: Func { defs: b.defs(), results },
        }
    }

    /// The same loop where only some arguments are not zero: without what is zero then. Returns the
    /// arguments and results that are left.
    pub fn prune(&self, given: &[bool]) -> Pruned {
        let carried = |of: &[(Flow, Shape)]| -> Vec<usize> {
            (0..of.len()).filter(|i| of[*i].0 == Flow::Carry).collect()
        };
        let pairs: Vec<(usize, usize)> =
            carried(&self.args).into_iter().zip(carried(&self.results)).collect();
        let mut active = given.to_vec();
        // What is carried is not zero if a step may make it so.
        let (live, inner) = loop {
            let (live, inner) = self.live(&active);
            let made = |result: usize| {
                let of =
                    |(target, id): &(Target, LinVar)| *target == Target::Step(result) && live[*id];
                self.lin.results.iter().any(of)
            };
            let more: Vec<usize> =
                pairs.iter().filter(|(a, r)| !active[*a] && made(*r)).map(|(a, _)| *a).collect();
            if more.is_empty() {
                break (live, inner);
            }
            more.into_iter().for_each(|arg| active[arg] = true);
        };
        let args: Vec<usize> = (0..active.len()).filter(|arg| active[*arg]).collect();
        let kept = |result: &usize| match pairs.iter().find(|(_, r)| r == result) {
            Some((arg, _)) => active[*arg],
            None => self
                .lin
                .results
                .iter()
                .any(|(target, id)| *target == Target::Step(*result) && live[*id]),
        };
        let results: Vec<usize> = (0..self.results.len()).filter(kept).collect();
        let lin = self.restrict(&live, inner, &args, &results);
        let pick =
            |of: &[(Flow, Shape)], which: &[usize]| which.iter().map(|i| of[*i].clone()).collect();
        let scan = LinScan {
            args: pick(&self.args, &args),
            results: pick(&self.results, &results),
            lin,
            ..self.clone()
        };
        (scan, args, results)
    }

    /// Which definitions are not zero, and what is left of the loops among them.
    fn live(&self, active: &[bool]) -> (Vec<bool>, FxHashMap<LinVar, Pruned>) {
        let mut live: Vec<bool> = Vec::with_capacity(self.lin.defs.len());
        let mut inner: FxHashMap<LinVar, Pruned> = FxHashMap::default();
        for (id, def) in self.lin.defs.iter().enumerate() {
            live.push(match &def.op {
                LinOp::Source(Source::Step(i)) => active[i - self.with.len()],
                LinOp::Source(_) => true,
                LinOp::Scan { scan, args, .. } => {
                    let given: Vec<bool> =
                        args.iter().map(|arg| arg.is_some_and(|x| live[x])).collect();
                    let left = scan.prune(&given);
                    let any = !left.2.is_empty();
                    inner.insert(id, left);
                    any
                }
                LinOp::ScanResult { of, index } => inner[of].2.contains(index),
                _ => def.op.args().iter().any(|arg| live[*arg]),
            });
        }
        (live, inner)
    }

    fn restrict(
        &self,
        live: &[bool],
        mut inner: FxHashMap<LinVar, Pruned>,
        args: &[usize],
        results: &[usize],
    ) -> LinFunc {
        let first = self.with.len();
        let mut names: Vec<LinVar> = vec![0; live.len()];
        let mut defs: Vec<LinDef> = Vec::new();
        let mut results_of: FxHashMap<LinVar, Vec<usize>> = FxHashMap::default();
        for (id, def) in self.lin.defs.iter().enumerate().filter(|(id, _)| live[*id]) {
            let mut op = def.op.clone();
            match &mut op {
                LinOp::Source(Source::Step(i)) => {
                    let place = args.iter().position(|arg| arg + first == *i);
                    *i = first + place.or_bug("prune", "argument that a step reads");
                }
                LinOp::Add(x, y) if !(live[*x] && live[*y]) => {
                    names[id] = names[if live[*x] { *x } else { *y }];
                    continue;
                }
                LinOp::Concat { parts, axis } => parts.iter_mut().for_each(|part| {
                    if let LinPart::Value(x) = part
                        && !live[*x]
                    {
                        *part = LinPart::Zeros(self.lin.defs[*x].ty[*axis].clone());
                    }
                }),
                LinOp::Scan { scan, args, .. } => {
                    if let Some((small, left, of_result)) = inner.remove(&id) {
                        // What is not zero, and states that become so.
                        let given = |arg: &usize| args[*arg].filter(|x| live[*x]);
                        *args = left.iter().map(given).collect();
                        *scan = Rc::new(small);
                        results_of.insert(id, of_result);
                    }
                }
                LinOp::ScanResult { of, index } => {
                    let left = &results_of[of];
                    let place = left.iter().position(|result| result == index);
                    *index = place.or_bug("prune", "result that is read");
                }
                _ => {}
            }
            op.rename(|x| names[x]);
            names[id] = defs.len();
            defs.push(LinDef { op, ty: def.ty.clone() });
        }
        let result = |(target, id): &(Target, LinVar)| {
            let Target::Step(i) = target else { return None };
            let place = results.iter().position(|result| result == i)?;
            live[*id].then(|| (Target::Step(place), names[*id]))
        };
        LinFunc { results: self.lin.results.iter().filter_map(result).collect(), defs }
    }
}
