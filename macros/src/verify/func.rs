//! The invariants of functions.

use super::lin::lin_func;
use super::{
    all_same, batch_first, broadcast, carried, chosen, concat, contract, labelled, need, passes,
    permute, reduce, reshape, slice, window,
};
use crate::invariant::{Checked, Verify};
use crate::ir::{
    CustomCall, Def, Func, Inst, LinFunc, LinOp, Part, Passing, Rule, Scan, Source, Target, Var,
    View,
};
use crate::shape::Dim;

impl Verify for Func {
    fn check(&self) -> Checked {
        defs(&self.defs)?;
        for result in &self.results {
            need(result.value < self.defs.len(), "a result that nothing defines")?;
        }
        rules(self)
    }

    fn text(&self) -> String {
        self.show()
    }
}

/// That rules are linear programs from the tangents of their arguments to that of their value.
fn rules(func: &Func) -> Checked {
    // The function, and after it what the rules write, as if all of it were written.
    let mut written = func.defs.clone();
    let mut tangents = Vec::new();
    for rule in &func.rules {
        let named = |what: &str| format!("the rule of %{}: {what}", rule.value);
        let is_defined = rule.value < func.defs.len();
        let known = is_defined && rule.args.iter().all(|arg| *arg < rule.value);
        need(known, "its arguments do not precede it").map_err(|what| named(&what))?;
        need(rule.first <= func.defs.len(), "it mentions what nothing defines")
            .map_err(|what| named(&what))?;
        let start = written.len();
        let name = |x: Var| if x < rule.first { x } else { x - rule.first + start };
        written.extend(rule.primal.iter().map(|def| {
            let mut def = def.clone();
            def.inst.rename(name);
            def
        }));
        let mut tangent = rule.tangent.clone();
        tangent.defs.iter_mut().for_each(|def| def.op.rename_primals(name));
        tangents.push((rule, tangent));
    }
    if func.rules.is_empty() {
        return Ok(());
    }
    defs(&written)?;
    tangents.into_iter().try_for_each(|(rule, tangent)| {
        tangent_of(rule, &tangent, &written)
            .map_err(|what| format!("the rule of %{}: {what}", rule.value))
    })
}

fn tangent_of(rule: &Rule, tangent: &LinFunc, written: &[Def]) -> Checked {
    lin_func(tangent, written)?;
    for def in &tangent.defs {
        if let LinOp::Source(source) = &def.op {
            let arg = match source {
                Source::Step(i) => rule.args.get(*i),
                _ => None,
            };
            let Some(arg) = arg else { return Err("it reads what it is not given".into()) };
            need(written[*arg].ty == def.ty, "a tangent of another shape than the argument")?;
        }
    }
    let ty = |id: &usize| &tangent.defs[*id].ty;
    match tangent.results.as_slice() {
        [] => Ok(()),
        [(Target::Step(0), id)] => {
            need(*ty(id) == written[rule.value].ty, "a tangent of another shape than the value")
        }
        _ => Err("not one tangent".into()),
    }
}

/// That instructions read what is defined before them, and have the shapes that they say.
pub(super) fn defs(defs: &[Def]) -> Checked {
    let mut integers = vec![false; defs.len()];
    for (var, def) in defs.iter().enumerate() {
        let mut early = true;
        def.inst.each_arg(|arg| early &= arg < var);
        integers[var] = early && holds_integers(&def.inst, &integers);
        need(early, "it reads a later value")
            .and_then(|()| batch_first(&def.ty))
            .and_then(|()| only_as_index(&def.inst, integers[var], &integers))
            .and_then(|()| inst(defs, def))
            .map_err(|what| format!("%{var}: {what}"))?;
    }
    Ok(())
}

/// Whether an instruction defines integers: those that are given, views of them, and what joins these.
fn holds_integers(inst: &Inst, integers: &[bool]) -> bool {
    match inst {
        Inst::Source(Source::Integers(_)) => true,
        Inst::View { .. } | Inst::Concat { .. } => inst.args().iter().any(|arg| integers[*arg]),
        _ => false,
    }
}

/// That integers are read by what makes integers of them, as an index, and by loops, and by nothing else. What a step
/// is given may be either.
fn only_as_index(inst: &Inst, makes_integers: bool, integers: &[bool]) -> Checked {
    let is_index = |var: Var| match inst {
        Inst::Gather { x, index, .. } | Inst::Scatter { x, index, .. } => {
            var == *index && var != *x
        }
        Inst::Scan { .. } => true,
        _ => makes_integers,
    };
    let mut fits = true;
    inst.each_arg(|arg| fits &= !integers[arg] || is_index(arg));
    need(fits, "it computes with integers")
}

fn inst(defs: &[Def], def: &Def) -> Checked {
    let ty = |x: &Var| defs[*x].ty.as_slice();
    let own = def.ty.as_slice();
    match &def.inst {
        Inst::Source(_) => Ok(()),
        Inst::Num(_) => need(own.is_empty(), "a constant has axes"),
        Inst::Point { prim, args } => {
            need(args.len() == prim.arity(), "the function has another number of arguments")?;
            let is_num = |x: &Var| matches!(defs[*x].inst, Inst::Num(_));
            let fits = |x: &Var| is_num(x) || ty(x) == own;
            need(args.iter().all(fits), "an argument has another shape than the result")?;
            need(!args.iter().all(is_num), "a function of constants is a constant")
        }
        Inst::View { x, view: View::Broadcast(axes) } => broadcast(ty(x), axes, own),
        Inst::Reduce { x, axes, .. } => reduce(ty(x), axes, own),
        Inst::View { x, view: View::Permute(perm) } => permute(ty(x), perm, own),
        Inst::View { x, view: View::Reshape } => reshape(ty(x), own),
        Inst::View { x, view: View::Slice { axis, start } } => slice(ty(x), *axis, start, own),
        Inst::View { x, view: View::Window(of) } => window(of, own, ty(x)),
        Inst::Overlap { parts } => parts.iter().try_for_each(|(x, of)| window(of, ty(x), own)),
        Inst::Concat { parts, axis } => {
            let part = |part: &Part| match part {
                Part::Value(x) => {
                    Some((Some(defs[*x].ty.as_slice()), defs[*x].ty.get(*axis)?.clone()))
                }
                Part::Zeros(length) => Some((None, length.clone())),
            };
            let parts: Option<Vec<_>> = parts.iter().map(part).collect();
            let Some(parts) = parts else { return Err("a part has no such axis".into()) };
            concat(parts.into_iter(), *axis, own)
        }
        Inst::Contract { a, b, labels } => contract(labels, ty(a), ty(b), own),
        Inst::Gather { x, index, labels, .. } => {
            labelled(labels, ty(x), ty(index), own)?;
            chosen(&labels.a, &labels.out, labels)
        }
        Inst::Scatter { x, index, labels, .. } => {
            labelled(labels, ty(x), ty(index), own)?;
            chosen(&labels.out, &labels.a, labels)
        }
        Inst::Iota { .. } => {
            need(own.len() == 1 && !own[0].has_batch(), "positions are a vector without the batch")
        }
        Inst::Random { .. } => {
            need(own.first() == Some(&Dim::batch()), "random numbers are those of samples")
        }
        Inst::Custom { call, .. } => {
            let x = match call {
                CustomCall::Forward { x }
                | CustomCall::Jvp { x, .. }
                | CustomCall::Vjp { x, .. } => x,
            };
            need(
                own.first() == Some(&Dim::batch()) && ty(x).first() == Some(&Dim::batch()),
                "a user's op is given samples",
            )?;
            match call {
                CustomCall::Forward { .. } => Ok(()),
                CustomCall::Jvp { x, dx } => need(ty(x) == ty(dx), "the tangent has another shape"),
                CustomCall::Vjp { x, .. } => need(ty(x) == own, "the cotangent has another shape"),
            }
        }
        Inst::Scan { scan, args } => {
            let args: Vec<&[Dim]> = args.iter().map(ty).collect();
            looped(scan, &args).map_err(|what| format!("in the loop, {what}"))
        }
        Inst::ScanResult { of, index } => {
            let Inst::Scan { scan, .. } = &defs[*of].inst else {
                return Err("the result of what is no loop".into());
            };
            let Some(flow) = scan.results.get(*index) else {
                return Err("the loop has no such result".into());
            };
            let made = made(scan, *index)?;
            need(all_same(&flow.outside(made, &scan.length), own), "the steps make another shape")
        }
    }
}

/// The shape in which a step makes a result.
fn made(scan: &Scan, index: usize) -> Result<&[Dim], String> {
    let mut of = scan.body.results.iter().filter(|res| res.target == Target::Step(index));
    match (of.next(), of.next()) {
        (Some(result), None) => Ok(&scan.body.defs[result.value].ty),
        (None, _) => Err(format!("no step makes result {index}")),
        _ => Err(format!("a step makes result {index} twice")),
    }
}

fn looped(scan: &Scan, args: &[&[Dim]]) -> Checked {
    need(args.len() == scan.args.len(), "not a way for each argument to pass")?;
    need(
        carried(scan.args.iter()) == carried(scan.results.iter()),
        "what is carried in is not carried out",
    )?;
    scan.body.check()?;
    let mut states: Vec<&[Dim]> = Vec::new();
    for (i, (ty, flow)) in args.iter().zip(&scan.args).enumerate() {
        if *flow == Passing::Carry {
            states.push(ty);
        }
        let source = Inst::Source(Source::Step(i));
        if let Some(inside) = scan.body.defs.iter().find(|def| def.inst == source) {
            passes(flow, ty, &inside.ty, &scan.length)
                .map_err(|what| format!("argument {i}: {what}"))?;
        }
    }
    let mut states = states.into_iter();
    for (i, flow) in scan.results.iter().enumerate() {
        let ty = made(scan, i)?;
        if *flow == Passing::Carry {
            need(states.next() == Some(ty), "a state changes its shape")?;
        }
    }
    let mut steps = scan.body.defs.iter().filter_map(|def| match def.inst {
        Inst::Source(Source::Step(i)) => Some(i < args.len()),
        Inst::Source(_) => Some(false),
        _ => None,
    });
    need(steps.all(|known| known), "a step reads what it is not given")
}
