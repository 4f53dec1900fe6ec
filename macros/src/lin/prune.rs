//! What is left of a linear program where some of its sources are zero.

use crate::bug::OrBug;
use crate::ir::{LinDef, LinFunc, LinOp, LinPart, LinScan, LinVar, Passing, Source, Target};
use crate::shape::Shape;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A loop and the arguments and results of a larger one that it has left.
pub type Pruned = (LinScan, Vec<usize>, Vec<usize>);

/// What is not zero.
struct Live {
    defs: Vec<bool>,
    /// What is left of the loops.
    loops: FxHashMap<LinVar, Pruned>,
}

impl LinFunc {
    /// The same program where only the `given` sources are not zero: without what is zero then.
    pub fn prune(&self, given: impl Fn(Source) -> bool) -> LinFunc {
        self.only(self.live(&given))
    }

    fn live(&self, given: &dyn Fn(Source) -> bool) -> Live {
        let mut live =
            Live { defs: Vec::with_capacity(self.defs.len()), loops: FxHashMap::default() };
        for (id, def) in self.defs.iter().enumerate() {
            let is_live = match &def.op {
                LinOp::Source(source) => given(*source),
                LinOp::Scan { scan, args, .. } => {
                    let given: Vec<bool> =
                        args.iter().map(|arg| arg.is_some_and(|x| live.defs[x])).collect();
                    let left = scan.prune(&given);
                    let any = !left.2.is_empty();
                    live.loops.insert(id, left);
                    any
                }
                LinOp::ScanResult { of, index } => live.loops[of].2.contains(index),
                _ => def.op.args().iter().any(|arg| live.defs[*arg]),
            };
            live.defs.push(is_live);
        }
        live
    }

    fn only(&self, live: Live) -> LinFunc {
        let Live { defs: live, mut loops } = live;
        let mut names: Vec<LinVar> = vec![0; live.len()];
        let mut defs: Vec<LinDef> = Vec::new();
        let mut results_of: FxHashMap<LinVar, Vec<usize>> = FxHashMap::default();
        for (id, def) in self.defs.iter().enumerate().filter(|(id, _)| live[*id]) {
            let mut op = def.op.clone();
            match &mut op {
                LinOp::Add(x, y) if !(live[*x] && live[*y]) => {
                    names[id] = names[if live[*x] { *x } else { *y }];
                    continue;
                }
                LinOp::Concat { parts, axis } => parts.iter_mut().for_each(|part| {
                    if let LinPart::Value(x) = part
                        && !live[*x]
                    {
                        *part = LinPart::Zeros(self.defs[*x].ty[*axis].clone());
                    }
                }),
                LinOp::Scan { scan, args, .. } => {
                    if let Some((small, left, of_result)) = loops.remove(&id) {
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
        let results = self.results.iter().filter(|(_, id)| live[*id]);
        LinFunc { results: results.map(|(target, id)| (*target, names[*id])).collect(), defs }
    }
}

impl LinScan {
    /// The same loop where only some arguments are not zero: without what is zero then. Returns the
    /// arguments and results that are left.
    pub fn prune(&self, given: &[bool]) -> Pruned {
        let carried = |of: &[(Passing, Shape)]| -> Vec<usize> {
            (0..of.len()).filter(|i| of[*i].0 == Passing::Carry).collect()
        };
        let pairs: Vec<(usize, usize)> =
            carried(&self.args).into_iter().zip(carried(&self.results)).collect();
        let first = self.with.len();
        let mut active = given.to_vec();
        // What is carried is not zero if a step may make it so.
        let live = loop {
            let live = self.lin.live(&|source| match source {
                Source::Step(i) => active[i - first],
                _ => true,
            });
            let makes = |result: usize| self.lin.makes(result, &live);
            let more: Vec<usize> =
                pairs.iter().filter(|(a, r)| !active[*a] && makes(*r)).map(|(a, _)| *a).collect();
            if more.is_empty() {
                break live;
            }
            more.into_iter().for_each(|arg| active[arg] = true);
        };
        let args: Vec<usize> = (0..active.len()).filter(|arg| active[*arg]).collect();
        let kept = |result: &usize| match pairs.iter().find(|(_, r)| r == result) {
            Some((arg, _)) => active[*arg],
            None => self.lin.makes(*result, &live),
        };
        let results: Vec<usize> = (0..self.results.len()).filter(kept).collect();
        let mut lin = self.lin.only(live);
        for def in &mut lin.defs {
            if let LinOp::Source(Source::Step(i)) = &mut def.op {
                let place = args.iter().position(|arg| arg + first == *i);
                *i = first + place.or_bug("prune", "argument that a step reads");
            }
        }
        lin.results = std::mem::take(&mut lin.results)
            .into_iter()
            .filter_map(|(target, id)| {
                let Target::Step(i) = target else { return None };
                let place = results.iter().position(|result| *result == i)?;
                Some((Target::Step(place), id))
            })
            .collect();
        let pick = |of: &[(Passing, Shape)], which: &[usize]| {
            which.iter().map(|i| of[*i].clone()).collect()
        };
        let scan = LinScan {
            args: pick(&self.args, &args),
            results: pick(&self.results, &results),
            lin,
            ..self.clone()
        };
        (scan, args, results)
    }
}

impl LinFunc {
    /// Whether a step makes a result that is not zero.
    fn makes(&self, result: usize, live: &Live) -> bool {
        self.results.iter().any(|(target, id)| *target == Target::Step(result) && live.defs[*id])
    }
}
