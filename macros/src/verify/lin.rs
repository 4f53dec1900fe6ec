//! The invariants of linear programs. They call those of functions and are called by them, because a rule of a function
//! has a linear program, and a loop of a linear program has a body that is a function.

use super::func::defs;
use super::{
    all_same, batch_first, broadcast, carried, chosen, concat, contract, labelled, need, passes,
    permute, reduce, reshape, slice, window,
};
use crate::invariant::{Checked, Verify};
use crate::ir::{Def, LinFunc, LinOp, LinPart, LinScan, LinVar, Source, Target};
use crate::lin::Linear;
use crate::shape::{Dim, Shape};

impl Verify for Linear {
    fn check(&self) -> Checked {
        self.primal.with_defs(|primal| lin_func(&self.lin, primal))
    }

    fn text(&self) -> String {
        self.lin.show()
    }
}

pub(super) fn lin_func(func: &LinFunc, primal: &[Def]) -> Checked {
    for (id, def) in func.defs.iter().enumerate() {
        let named = |what| format!("~{id}: {what}");
        let early = def.op.args().into_iter().all(|arg| arg < id);
        let known = def.op.primals().into_iter().all(|var| var < primal.len());
        need(early, "it reads a later value")
            .and_then(|()| need(known, "it mentions a primal value that nothing defines"))
            .and_then(|()| batch_first(&def.ty))
            .and_then(|()| lin_op(func, &def.op, &def.ty, primal))
            .map_err(named)?;
    }
    need(func.results.iter().all(|(_, id)| *id < func.defs.len()), "a result that nothing defines")
}

fn lin_op(func: &LinFunc, op: &LinOp, own: &[Dim], primal: &[Def]) -> Checked {
    let ty = |x: &LinVar| func.defs[*x].ty.as_slice();
    let with = |x: &usize| primal[*x].ty.as_slice();
    match op {
        LinOp::Source(_) => Ok(()),
        LinOp::Add(x, y) => need(ty(x) == own && ty(y) == own, "a sum of two shapes"),
        LinOp::Scale(x, slope) => need(
            ty(x) == own && (with(slope).is_empty() || with(slope) == own),
            "a slope of another shape",
        ),
        LinOp::Broadcast { x, axes } => broadcast(ty(x), axes, own),
        LinOp::Sum { x, axes } => reduce(ty(x), axes, own),
        LinOp::Permute { x, perm } => permute(ty(x), perm, own),
        LinOp::Reshape { x } => reshape(ty(x), own),
        LinOp::Slice { x, axis, start } => slice(ty(x), *axis, start, own),
        LinOp::Window { x, window: of } => window(of, own, ty(x)),
        LinOp::Overlap { x, window: of } => window(of, ty(x), own),
        LinOp::Concat { parts, axis } => {
            let part = |part: &LinPart| match part {
                LinPart::Value(x) => {
                    let ty = func.defs[*x].ty.as_slice();
                    Some((Some(ty), ty.get(*axis)?.clone()))
                }
                LinPart::Zeros(length) => Some((None, length.clone())),
            };
            let parts: Option<Vec<_>> = parts.iter().map(part).collect();
            let Some(parts) = parts else { return Err("a part has no such axis".into()) };
            concat(parts.into_iter(), *axis, own)
        }
        LinOp::Contract { x, with: factor, labels } => contract(labels, ty(x), with(factor), own),
        LinOp::Gather { x, index, labels, .. } => {
            labelled(labels, ty(x), with(index), own)?;
            chosen(&labels.a, &labels.out, labels)
        }
        LinOp::Scatter { x, index, labels, .. } => {
            labelled(labels, ty(x), with(index), own)?;
            chosen(&labels.out, &labels.a, labels)
        }
        LinOp::Custom { at, x, transposed, .. } => {
            let of_x = if *transposed { own } else { ty(x) };
            need(with(at) == of_x, "a tangent of another shape than the value")
        }
        LinOp::Scan { scan, with: given, args } => {
            let given: Vec<&[Dim]> = given.iter().map(with).collect();
            let args: Vec<Option<&[Dim]>> = args.iter().map(|arg| arg.as_ref().map(ty)).collect();
            looped(scan, &given, &args).map_err(|what| format!("in the loop, {what}"))
        }
        LinOp::ScanResult { of, index } => {
            let LinOp::Scan { scan, .. } = &func.defs[*of].op else {
                return Err("the result of what is no loop".into());
            };
            let Some((flow, ty)) = scan.results.get(*index) else {
                return Err("the loop has no such result".into());
            };
            need(all_same(&flow.outside(ty, &scan.length), own), "the steps make another shape")
        }
    }
}

fn looped(scan: &LinScan, with: &[&[Dim]], args: &[Option<&[Dim]>]) -> Checked {
    need(
        with.len() == scan.with.len() && args.len() == scan.args.len(),
        "not a way for each argument to pass",
    )?;
    need(
        carried(scan.args.iter().map(|(flow, _)| flow))
            == carried(scan.results.iter().map(|(flow, _)| flow)),
        "what is carried in is not carried out",
    )?;
    need(carried(scan.with.iter()) == 0, "a primal value is carried")?;
    for (ty, (flow, inside)) in args.iter().zip(&scan.args) {
        if let Some(ty) = ty {
            passes(flow, ty, inside, &scan.length)?;
        }
    }
    step(scan, &scan.primal, with, args.len())
}

/// A step, about its own primal values.
fn step(scan: &LinScan, primal: &[Def], with: &[&[Dim]], args: usize) -> Checked {
    defs(primal)?;
    for def in primal {
        if let crate::ir::Inst::Source(source) = &def.inst {
            let place = match source {
                Source::Step(i) => Some(*i).filter(|i| *i < with.len()),
                _ => None,
            };
            let Some(i) = place else { return Err("a step reads what it is not given".into()) };
            passes(&scan.with[i], with[i], &def.ty, &scan.length)?;
        }
    }
    lin_func(&scan.lin, primal)?;
    for def in &scan.lin.defs {
        if let LinOp::Source(source) = &def.op {
            let place = match source {
                Source::Step(i) => i.checked_sub(with.len()).filter(|i| *i < args),
                _ => None,
            };
            let Some(i) = place else { return Err("a step reads what it is not given".into()) };
            need(def.ty == scan.args[i].1, "a step sees another shape")?;
        }
    }
    for (target, id) in &scan.lin.results {
        let made: Option<&(_, Shape)> = match target {
            Target::Step(i) => scan.results.get(*i),
            _ => None,
        };
        let Some((_, ty)) = made else { return Err("a step makes what nobody is given".into()) };
        need(scan.lin.defs[*id].ty == *ty, "a step makes another shape")?;
    }
    Ok(())
}
