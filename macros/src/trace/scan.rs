//! Loops.

use super::Tracer;
use crate::ir::{Func, Passing, Res, Scan, Source, Target, Var};
use crate::shape::{Dim, Shape};

/// A loop to be traced.
pub struct Loop<'a> {
    pub length: Dim,
    pub reverse: bool,
    /// Whether the way back computes what it needs of a step anew instead of keeping it.
    pub recompute: bool,
    /// What passes into it and how, along axes of a sample.
    pub args: &'a [(Var, Passing)],
    /// How a step's result passes out of it: [`Passing::Each`] or [`Passing::Whole`].
    pub out: Passing,
}

impl Tracer {
    /// A loop. `step` is given its arguments, and returns what it carries to the next one, in the
    /// order of the carried arguments, and its result.
    pub fn scan(&self, l: &Loop<'_>, step: impl FnOnce(&Tracer, &[Var]) -> (Vec<Var>, Var)) -> Var {
        let inner = Tracer::new(self.mode);
        // No place inside is one outside.
        inner.sites.set(self.sites.get());
        let flow = |(x, flow): &(Var, Passing)| self.passing(*x, flow.clone());
        let args: Vec<Passing> = l.args.iter().map(flow).collect();
        let inside = |((x, _), flow): (&(Var, Passing), &Passing)| flow.inside(&self.b.ty(*x));
        let tys: Vec<Shape> = l.args.iter().zip(&args).map(inside).collect();
        let sources: Vec<Var> =
            (0..tys.len()).map(|i| inner.b.source(Source::Step(i), tys[i].clone())).collect();
        let (mut values, out) = step(&inner, &sources);
        self.sites.set(inner.sites.get());
        let carried = args.iter().zip(&tys).filter(|(flow, _)| **flow == Passing::Carry);
        for (next, (_, ty)) in values.iter_mut().zip(carried) {
            *next = inner.b.fill(*next, ty);
        }
        let out_index = values.len();
        let mut flows = vec![Passing::Carry; out_index];
        values.push(out);
        flows.push(inner.passing(out, l.out.clone()));
        let result = |(i, value)| Res { target: Target::Step(i), value };
        let scan = Scan {
            length: l.length.clone(),
            reverse: l.reverse,
            recompute: l.recompute,
            args,
            results: flows,
            body: Func {
                defs: inner.b.into_defs(),
                results: values.into_iter().enumerate().map(result).collect(),
                rules: inner.rules.into_inner(),
            },
        };
        let made = self.b.scan(scan, l.args.iter().map(|(x, _)| *x).collect());
        self.b.scan_result(made, out_index)
    }
}
