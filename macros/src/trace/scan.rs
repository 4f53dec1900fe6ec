//! Loops on the tape.
//!
//! A step is traced and linearized by itself, at once: what the tangents of a step mention is what the
//! loop keeps for them, step by step. A loop nobody differentiates loses it again (`simplify`).

use super::Tracer;
use crate::bug::OrBug;
use crate::build::Builder;
use crate::ir::{Flow, Func, Inst, Res, Scan, Source, Target, Var};
use crate::lin::{LinFunc, LinOp, LinScan};
use crate::linearize::linearize;
use crate::shape::{Dim, Shape};
use rustc_hash::FxHashMap;

/// A loop to be traced.
pub struct Loop<'a> {
    pub length: Dim,
    pub reverse: bool,
    /// Whether the way back computes what it needs of a step anew instead of keeping it.
    pub recompute: bool,
    /// What passes into it and how.
    pub args: &'a [(Var, Flow)],
    /// How a step's result passes out of it: [`Flow::Each`] or [`Flow::Whole`].
    pub out: Flow,
}

impl Tracer {
    /// A loop. `step` is given its arguments, and returns what it carries to the next one, in the
    /// order of the carried arguments, and its result.
    pub fn scan(&self, l: &Loop<'_>, step: impl FnOnce(&Tracer, &[Var]) -> (Vec<Var>, Var)) -> Var {
        let inner = Tracer::new(self.mode);
        // No place inside is one outside.
        inner.sites.set(self.sites.get());
        let tys: Vec<Shape> = l.args.iter().map(|(x, flow)| flow.inside(&self.ty(*x))).collect();
        let sources: Vec<Var> =
            (0..tys.len()).map(|i| inner.b.source(Source::Step(i), tys[i].clone())).collect();
        let (mut values, out) = step(&inner, &sources);
        self.sites.set(inner.sites.get());
        let carried = l.args.iter().zip(&tys).filter(|((_, flow), _)| *flow == Flow::Carry);
        for (next, (_, ty)) in values.iter_mut().zip(carried) {
            *next = inner.b.fill(*next, ty);
        }
        let out_index = values.len();
        values.push(out);
        let mut flows = vec![Flow::Carry; out_index];
        flows.push(l.out.clone());

        let active: Vec<(Var, Source)> =
            sources.iter().enumerate().map(|(i, x)| (*x, Source::Step(i))).collect();
        let outputs: Vec<(Target, Var)> =
            values.iter().enumerate().map(|(i, x)| (Target::Step(i), *x)).collect();
        let lin = linearize(&inner.b, &inner.tape.borrow(), &active, &outputs);
        let seen = |flows: &[Flow], vars: &[Var]| -> Vec<(Flow, Shape)> {
            flows.iter().cloned().zip(vars.iter().map(|x| inner.b.ty(*x))).collect()
        };
        let results = seen(&flows, &values);

        // What the tangents need of the step.
        let mut kept = Kept {
            l,
            inner: &inner.b,
            primal: Builder::default(),
            with: Vec::new(),
            known: FxHashMap::default(),
        };
        let lin = kept.lin(lin);
        let Kept { primal, with, .. } = kept;
        for (from, flow) in &with {
            if let From::Step(x) = from {
                let x = match flow {
                    Flow::Each { axis, .. } => {
                        inner.b.reshape(*x, with_unit(&inner.b.ty(*x), *axis))
                    }
                    _ => *x,
                };
                values.push(x);
                flows.push(flow.clone());
            }
        }
        let scan = Scan {
            length: l.length.clone(),
            reverse: l.reverse,
            args: l.args.iter().map(|(_, flow)| flow.clone()).collect(),
            results: flows,
            body: Func {
                defs: inner.b.defs(),
                results: values
                    .iter()
                    .enumerate()
                    .map(|(i, value)| Res { target: Target::Step(i), value: *value })
                    .collect(),
            },
        };
        let args: Vec<Var> = l.args.iter().map(|(x, _)| *x).collect();
        let made = self.b.scan(scan, args.clone());
        let y = self.b.scan_result(made, out_index);
        let mut exported = out_index + 1..;
        let outer: Vec<Var> = with
            .iter()
            .map(|(from, _)| match from {
                From::Arg(i) => args[*i],
                From::Step(_) => self.b.scan_result(
                    made,
                    exported.next().or_bug("trace", "result that the loop keeps"),
                ),
            })
            .collect();
        let flows: Vec<Flow> = l.args.iter().map(|(_, flow)| flow.clone()).collect();
        let first = with.len();
        let mut linear = LinScan {
            length: l.length.clone(),
            reverse: l.reverse,
            recompute: l.recompute,
            with: with.into_iter().map(|(_, flow)| flow).collect(),
            primal,
            args: flows.into_iter().zip(tys).collect(),
            results,
            lin,
        };
        // In the linear loop, the primal arguments come first.
        for def in &mut linear.lin.defs {
            if let LinOp::Source(Source::Step(i)) = &mut def.op {
                *i += first;
            }
        }
        self.record(&args, y, move |s, d| {
            let given: Vec<bool> = d.iter().map(Option::is_some).collect();
            let (scan, args, results) = linear.prune(&given);
            let index = results.iter().position(|result| *result == out_index)?;
            let args = args.into_iter().map(|arg| d[arg].map(|dx| dx.id)).collect();
            Some(s.scan(scan, outer.clone(), args).scan_result(index))
        })
    }
}

/// Where a primal argument of the linear loop is from.
enum From {
    /// An argument of the loop itself.
    Arg(usize),
    /// A value of the step, which the loop keeps.
    Step(Var),
}

/// What a linear loop keeps, under construction.
struct Kept<'a> {
    l: &'a Loop<'a>,
    inner: &'a Builder,
    /// The primal values of a linear step.
    primal: Builder,
    with: Vec<(From, Flow)>,
    known: FxHashMap<Var, Var>,
}

impl Kept<'_> {
    /// The linear program of a step, about values of `primal`.
    fn lin(&mut self, mut lin: LinFunc) -> LinFunc {
        for def in &mut lin.defs {
            let mentioned: Vec<(Var, Var)> =
                def.op.primals().into_iter().map(|x| (x, self.import(x))).collect();
            def.op.rename_primals(|x| {
                mentioned.iter().find(|(from, _)| *from == x).map_or(x, |(_, to)| *to)
            });
        }
        lin
    }

    /// A value of the step as one of `primal`: computed there if that is cheap, or asked for; otherwise
    /// kept.
    fn import(&mut self, var: Var) -> Var {
        if let Some(known) = self.known.get(&var) {
            return *known;
        }
        let inst = self.inner.inst(var);
        let ty = self.inner.ty(var);
        let new = match &inst {
            Inst::Source(Source::Step(i)) if self.l.args[*i].1 != Flow::Carry => {
                self.with.push((From::Arg(*i), self.l.args[*i].1.clone()));
                self.primal.source(Source::Step(self.with.len() - 1), ty)
            }
            _ if !matches!(inst, Inst::Source(_)) && (self.l.recompute || self.is_cheap(var)) => {
                let args: Vec<(Var, Var)> =
                    inst.args().into_iter().map(|x| (x, self.import(x))).collect();
                let def = crate::ir::Def { inst, ty, late: false };
                self.primal.copy(&def, |x| {
                    args.iter().find(|(from, _)| *from == x).map_or(x, |(_, to)| *to)
                })
            }
            _ => {
                let axis = usize::from(ty.first() == Some(&Dim::batch()));
                self.with.push((From::Step(var), Flow::Each { axis, width: Dim::known(1) }));
                let source = Source::Step(self.with.len() - 1);
                let kept = self.primal.source(source, with_unit(&ty, axis));
                self.primal.reshape(kept, ty)
            }
        };
        self.known.insert(var, new);
        new
    }

    /// Whether a value is but another view of arguments or constants, or a comparison of them.
    fn is_cheap(&self, var: Var) -> bool {
        match self.inner.inst(var) {
            Inst::Num(_) | Inst::Iota { .. } => true,
            Inst::Source(Source::Step(i)) => self.l.args[i].1 != Flow::Carry,
            Inst::Point { prim, args } => !prim.costly() && args.iter().all(|x| self.is_cheap(*x)),
            // What it is a view of is kept, if it has to be.
            Inst::Broadcast { .. }
            | Inst::Permute { .. }
            | Inst::Reshape { .. }
            | Inst::Slice { .. }
            | Inst::Window { .. } => true,
            _ => false,
        }
    }
}

fn with_unit(ty: &[Dim], axis: usize) -> Shape {
    let mut ty = ty.to_vec();
    ty.insert(axis, Dim::known(1));
    ty
}
