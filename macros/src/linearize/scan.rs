//! Loops: the tangents of a loop are a loop, over what it was given and what it kept of its steps.

use super::Unknown;
use crate::bug::OrBug;
use crate::builder::Builder;
use crate::ir::{
    Def, Inst, LinFunc, LinOp, LinScan, LinVar, Passing, Res, Scan, Source, Target, Var,
};
use crate::lin::{Lin, LinStream, Linear};
use crate::shape::{Dim, Shape};
use rustc_hash::FxHashMap;

/// The tangents of a loop.
pub struct Loop {
    tangent: LinScan,
    /// Where its primal arguments are from.
    with: Vec<From>,
    /// Where it was written, and which of its results are left.
    written: Option<(LinVar, Vec<usize>)>,
}

/// Where a primal argument of the linear loop is from.
enum From {
    /// An argument of the loop itself.
    Arg(usize),
    /// A result of it: what it keeps of a value of each step.
    Kept(usize),
}

/// The loop, which also keeps what its tangents need of each step, and the tangents. `args` are the shapes of its
/// arguments, and whether each has a tangent.
pub fn linearize(scan: &Scan, args: &[(Shape, bool)]) -> Result<(Scan, Loop), Unknown> {
    let body = &scan.body;
    let wrt = active(scan, args.iter().map(|(_, active)| *active).collect());
    let outputs: Vec<(Target, Var)> =
        body.results.iter().map(|res| (res.target, res.value)).collect();
    let Linear { primal: inner, lin: tangent } = super::linearize(body, &wrt, &outputs)?;
    let results = scan.results.iter().enumerate().map(|(i, flow)| {
        let made = body.results.iter().find(|res| res.target == Target::Step(i));
        let made = made.or_bug("linearize", "result of a step");
        (flow.clone(), inner.ty(made.value))
    });
    let results = results.collect();

    let mut kept = Kept {
        scan,
        inner: &inner,
        primal: Builder::default(),
        with: Vec::new(),
        known: FxHashMap::default(),
    };
    let mut lin = kept.lin(tangent);
    let Kept { primal, with, .. } = kept;
    // In the linear loop, the primal arguments come first.
    for def in &mut lin.defs {
        if let LinOp::Source(Source::Step(i)) = &mut def.op {
            *i += with.len();
        }
    }
    let mut keeps = scan.clone();
    let from = with
        .iter()
        .map(|(place, flow)| match (place, flow) {
            (Place::Arg(i), _) => From::Arg(*i),
            (Place::Step(x), flow) => {
                let value = match flow {
                    Passing::Each { axis, .. } => {
                        inner.reshape(*x, with_unit(&inner.ty(*x), *axis))
                    }
                    _ => *x,
                };
                let result = keeps.results.len();
                keeps.results.push(flow.clone());
                keeps.body.results.push(Res { target: Target::Step(result), value });
                From::Kept(result)
            }
        })
        .collect();
    keeps.body.defs = inner.into_defs();
    let inside = |(flow, (ty, _)): (&Passing, &(Shape, bool))| (flow.clone(), flow.inside(ty));
    let tangent = LinScan {
        length: scan.length.clone(),
        reverse: scan.reverse,
        recompute: scan.recompute,
        with: with.into_iter().map(|(_, flow)| flow).collect(),
        primal: primal.into_defs(),
        args: scan.args.iter().zip(args).map(inside).collect(),
        results,
        lin,
    };
    Ok((keeps, Loop { tangent, with: from, written: None }))
}

/// The arguments of a step that have tangents: those that are given one, and what a step carries on of them.
fn active(scan: &Scan, mut active: Vec<bool>) -> Vec<(Var, Source)> {
    let body = &scan.body;
    let carried = |flows: &[Passing]| -> Vec<usize> {
        (0..flows.len()).filter(|i| flows[*i] == Passing::Carry).collect()
    };
    let pairs: Vec<(usize, usize)> =
        carried(&scan.args).into_iter().zip(carried(&scan.results)).collect();
    let rules = super::rules_of(body);
    loop {
        let sources = body.defs.iter().enumerate().filter_map(|(var, def)| match def.inst {
            Inst::Source(Source::Step(i)) if active[i] => Some((var, Source::Step(i))),
            _ => None,
        });
        let wrt: Vec<(Var, Source)> = sources.collect();
        let changes = super::changes(body, &rules, wrt.iter().map(|(var, _)| *var));
        let made = |result: usize| {
            let mut of = body.results.iter().filter(|res| res.target == Target::Step(result));
            of.any(|res| changes[res.value])
        };
        let more: Vec<usize> = pairs
            .iter()
            .filter(|(arg, res)| !active[*arg] && made(*res))
            .map(|(a, _)| *a)
            .collect();
        if more.is_empty() {
            return wrt;
        }
        more.into_iter().for_each(|arg| active[arg] = true);
    }
}

impl Loop {
    /// Writes the tangents of the loop `of`, given those of its arguments.
    pub fn write<'s>(
        &mut self,
        of: Var,
        args: &[Var],
        given: &[Option<Lin<'s>>],
        stream: &'s LinStream<'s>,
    ) {
        let active: Vec<bool> = given.iter().map(Option::is_some).collect();
        let (scan, left, results) = self.tangent.prune(&active);
        if results.is_empty() {
            return;
        }
        let with = self.with.iter().map(|from| match from {
            From::Arg(i) => args[*i],
            From::Kept(result) => stream.primal.scan_result(of, *result),
        });
        let args = left.into_iter().map(|arg| given[arg].map(|dx| dx.id)).collect();
        let made = stream.scan(scan, with.collect(), args);
        self.written = Some((made.id, results));
    }

    /// The tangent of a result.
    pub fn result<'s>(&self, index: usize, stream: &'s LinStream<'s>) -> Option<Lin<'s>> {
        let (made, results) = self.written.as_ref()?;
        let place = results.iter().position(|result| *result == index)?;
        Some(stream.lin(*made).scan_result(place))
    }
}

/// A primal argument of the linear loop, under construction.
enum Place {
    Arg(usize),
    /// A value of the step, which the loop keeps.
    Step(Var),
}

/// What a linear loop keeps, under construction.
struct Kept<'a> {
    scan: &'a Scan,
    inner: &'a Builder,
    /// The primal values of a linear step.
    primal: Builder,
    with: Vec<(Place, Passing)>,
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
            Inst::Source(Source::Step(i)) if self.scan.args[*i] != Passing::Carry => {
                self.with.push((Place::Arg(*i), self.scan.args[*i].clone()));
                self.primal.source(Source::Step(self.with.len() - 1), ty)
            }
            _ if !matches!(inst, Inst::Source(_))
                && (self.scan.recompute || self.is_cheap(var)) =>
            {
                let args: Vec<(Var, Var)> =
                    inst.args().into_iter().map(|x| (x, self.import(x))).collect();
                let def = Def { inst, ty, late: false };
                self.primal.copy(&def, |x| {
                    args.iter().find(|(from, _)| *from == x).map_or(x, |(_, to)| *to)
                })
            }
            _ => {
                let axis = usize::from(ty.first() == Some(&Dim::batch()));
                self.with.push((Place::Step(var), Passing::Each { axis, width: Dim::known(1) }));
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
            Inst::Source(Source::Step(i)) => self.scan.args[i] != Passing::Carry,
            Inst::Point { prim, args } => !prim.costly() && args.iter().all(|x| self.is_cheap(*x)),
            // What it is a view of is kept, if it has to be.
            Inst::View { .. } => true,
            _ => false,
        }
    }
}

fn with_unit(ty: &[Dim], axis: usize) -> Shape {
    let mut ty = ty.to_vec();
    ty.insert(axis, Dim::known(1));
    ty
}
