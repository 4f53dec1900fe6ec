//! `linearize`: of a function, the tangents of its results, as a linear program.
//!
//! One arm for each instruction, and so one place where tangents are made; a value with a rule of its own
//! ([`Rule`]) follows that. Primal values that the tangents need are written after those of the function,
//! everything linear to a program of its own; a residual is whatever the tangents mention, and nothing else is
//! kept. The function itself changes only in what its loops keep.

mod rule;
mod scan;
pub mod slopes;

use crate::builder::Builder;
use crate::invariant::Verify;
use crate::ir::{
    CustomCall, Fold, Func, Inst, Labels, LinFunc, LinOp, LinPart, Part, Rule, Source, Target, Var,
    View,
};
use crate::lin::{Lin, LinStream, Linear};
use crate::prim::Arith;
use crate::shape::Shape;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The second derivative of a user's op, which tells only the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// Its number.
    pub op: usize,
}

/// The tangents of `outputs`, as a linear program in those of `wrt`: values and what their tangents are called. A
/// result that is not there is zero. Its primal values are those of the function, and after them what only
/// tangents need.
///
/// # Errors
///
/// Where the derivative of a user's op's derivative is needed.
pub fn linearize(
    func: &Func,
    wrt: &[(Var, Source)],
    outputs: &[(Target, Var)],
) -> Result<Linear, Unknown> {
    let rules = rules_of(func);
    let needed = needed(func, &rules, outputs);
    let changes = changes(func, &rules, wrt.iter().map(|(var, _)| *var));
    let mut defs = func.defs.clone();
    let mut loops: FxHashMap<Var, scan::Loop> = FxHashMap::default();
    for var in (0..defs.len()).filter(|var| needed[*var] && changes[*var]) {
        if let Inst::Scan { scan, args } = &func.defs[var].inst {
            let arg = |arg: &Var| (func.defs[*arg].ty.clone(), changes[*arg]);
            let args: Vec<(Shape, bool)> = args.iter().map(arg).collect();
            let (kept, tangent) = scan::linearize(scan, &args)?;
            if let Inst::Scan { scan, .. } = &mut defs[var].inst {
                *scan = Rc::new(kept);
            }
            loops.insert(var, tangent);
        }
    }
    let primal = Builder::after(defs);
    let stream = LinStream::new(&primal);
    let mut tangents = Tangents { of: vec![None; func.defs.len()], loops, stream: &stream };
    for (var, source) in wrt {
        tangents.of[*var] = Some(stream.source(*source, primal.ty(*var)));
    }
    for (var, def) in func.defs.iter().enumerate().filter(|(var, _)| needed[*var]) {
        if tangents.of[var].is_some() {
            continue;
        }
        tangents.of[var] = match rules.get(&var) {
            Some(rule) => {
                let args: Vec<Option<Lin<'_>>> =
                    rule.args.iter().map(|arg| tangents.of[*arg]).collect();
                rule::apply(rule, &args, &stream)
            }
            None => tangents.of_inst(var, &def.inst)?,
        };
    }
    let results = outputs.iter().filter_map(|(target, y)| Some((*target, tangents.of[*y]?.id)));
    let results = results.collect();
    let mut lin = LinFunc { defs: stream.into_defs(), results };
    compose_scales(&primal, &mut lin);
    Ok(Linear { primal, lin }.verified("linearize"))
}

/// The values whose tangents those of outputs are made of. What lies between the arguments of a rule and its value is
/// none of them.
fn needed(func: &Func, rules: &FxHashMap<Var, &Rule>, outputs: &[(Target, Var)]) -> Vec<bool> {
    let mut needed = vec![false; func.defs.len()];
    outputs.iter().for_each(|(_, y)| needed[*y] = true);
    for var in
        (0..func.defs.len()).rev().filter(|var| !matches!(func.defs[*var].inst, Inst::Source(_)))
    {
        if needed[var] {
            match rules.get(&var) {
                Some(rule) => rule.args.iter().for_each(|arg| needed[*arg] = true),
                None => func.defs[var].inst.each_arg(|arg| needed[arg] = true),
            }
        }
    }
    needed
}

/// The rules by the values that they are of.
fn rules_of(func: &Func) -> FxHashMap<Var, &Rule> {
    func.rules.iter().map(|rule| (rule.value, rule)).collect()
}

/// What may depend on any of `wrt`.
fn changes(
    func: &Func,
    rules: &FxHashMap<Var, &Rule>,
    wrt: impl Iterator<Item = Var>,
) -> Vec<bool> {
    let mut changes = vec![false; func.defs.len()];
    wrt.for_each(|var| changes[var] = true);
    for (var, def) in func.defs.iter().enumerate() {
        let mut of_args = false;
        match rules.get(&var) {
            Some(rule) => of_args = rule.args.iter().any(|arg| changes[*arg]),
            None => def.inst.each_arg(|arg| of_args |= changes[arg]),
        }
        changes[var] |= of_args;
    }
    changes
}

/// The tangents so far; `None` is zero.
struct Tangents<'s> {
    of: Vec<Option<Lin<'s>>>,
    /// The loops that have tangents.
    loops: FxHashMap<Var, scan::Loop>,
    stream: &'s LinStream<'s>,
}

impl<'s> Tangents<'s> {
    /// The tangent of the value `y` of an instruction.
    fn of_inst(&mut self, y: Var, inst: &Inst) -> Result<Option<Lin<'s>>, Unknown> {
        let (s, b) = (self.stream, self.stream.primal);
        let ty = b.ty(y);
        let of = |x: &Var| self.of[*x];
        Ok(match inst {
            Inst::Source(_) | Inst::Num(_) | Inst::Iota { .. } | Inst::Random { .. } => None,
            Inst::Point { args, .. } => {
                if args.iter().all(|x| of(x).is_none()) {
                    return Ok(None);
                }
                let handles: Vec<_> = args.iter().map(|x| b.v(*x)).collect();
                s.weighted(args.iter().map(of).zip(slopes::derive(&handles, b.v(y))))
            }
            Inst::View { x, view: View::Broadcast(axes) } => {
                of(x).map(|dx| dx.broadcast(axes.clone(), ty))
            }
            Inst::Reduce { fold: Fold::Sum, x, axes } => of(x).map(|dx| dx.sum(axes.clone())),
            // As `torch.amax`: elements that tie share the gradient.
            Inst::Reduce { fold: Fold::Max, x, axes } => of(x).map(|dx| {
                let of_x = b.ty(*x);
                let kept = (0..of_x.len()).filter(|axis| !axes.contains(axis)).collect();
                // x ≤ y always, so `y > x` is everything but the winners.
                let top = b.v(b.broadcast(y, kept, of_x));
                let wins = top.select_gt(b.v(*x), b.int(0), b.int(1));
                let count = b.v(b.reduce(Fold::Sum, wins.var, axes.clone()));
                (dx * wins).sum(axes.clone()) * (b.int(1) / count)
            }),
            Inst::View { x, view: View::Permute(perm) } => of(x).map(|dx| dx.permute(perm.clone())),
            Inst::View { x, view: View::Reshape } => of(x).map(|dx| dx.reshape(ty)),
            Inst::View { x, view: View::Slice { axis, start } } => {
                of(x).map(|dx| dx.slice(*axis, start.clone(), ty[*axis].clone()))
            }
            Inst::View { x, view: View::Window(window) } => {
                of(x).map(|dx| dx.window(window.clone(), ty))
            }
            Inst::Overlap { parts } => {
                let part = |(x, window): &(Var, _)| {
                    of(x).map(|dx| dx.overlap(Clone::clone(window), ty.clone()))
                };
                s.sum(parts.iter().map(part))
            }
            Inst::Concat { parts, axis } => {
                let part = |part: &Part| match part {
                    Part::Value(x) => match of(x) {
                        Some(dx) => LinPart::Value(dx.id),
                        None => LinPart::Zeros(b.ty(*x)[*axis].clone()),
                    },
                    Part::Zeros(length) => LinPart::Zeros(length.clone()),
                };
                let parts: Vec<LinPart> = parts.iter().map(part).collect();
                let any = parts.iter().any(|part| matches!(part, LinPart::Value(_)));
                any.then(|| s.concat(parts, *axis, ty))
            }
            // Bilinear, so it is the contraction itself, twice.
            Inst::Contract { a, b: c, labels } => {
                let swapped =
                    Labels { a: labels.b.clone(), b: labels.a.clone(), out: labels.out.clone() };
                s.sum([
                    of(a).map(|da| da.contract(*c, (**labels).clone(), ty.clone())),
                    of(c).map(|dc| dc.contract(*a, swapped, ty.clone())),
                ])
            }
            Inst::Gather { x, index, labels, skip } => of(x).map(|dx| {
                let skip = skip.as_ref().map(|skip| skip.integer().clone());
                dx.gather(*index, (**labels).clone(), skip, ty)
            }),
            Inst::Scatter { x, index, labels, skip } => {
                of(x).map(|dx| dx.scatter(*index, (**labels).clone(), skip.clone(), ty))
            }
            Inst::Custom { op, call } => {
                let (at, v, transposed) = match call {
                    CustomCall::Forward { x } => (x, x, false),
                    CustomCall::Jvp { x, dx } => (x, dx, false),
                    CustomCall::Vjp { x, y_bar } => (x, y_bar, true),
                };
                if !matches!(call, CustomCall::Forward { .. }) && of(at).is_some() {
                    return Err(Unknown { op: *op });
                }
                of(v).map(|dv| dv.custom(*op, *at, transposed, ty))
            }
            Inst::Scan { args, .. } => {
                let given: Vec<Option<Lin<'s>>> = args.iter().map(of).collect();
                if let Some(tangent) = self.loops.get_mut(&y) {
                    tangent.write(y, args, &given, s);
                }
                None
            }
            Inst::ScanResult { of, index } => {
                self.loops.get(of).and_then(|tangent| tangent.result(*index, s))
            }
        })
    }
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
