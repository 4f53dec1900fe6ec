//! Runs linear programs.

use super::array::{Array, Value};
use super::func::{
    Given, Run, Steps, add, concat, contract, gather, of_step, overlap, pointwise, reduce, scatter,
    summed, zeros, zeros_along,
};
use super::{World, function};
use crate::ir::{Fold, LinFunc, LinOp, LinPart, LinScan, Passing, Target};
use crate::prim;
use crate::shape::Shape;
use pullback_core::Real;
use std::collections::BTreeMap;

/// What a linear program makes of its sources, given the primal values that it mentions.
pub fn run_lin<T: Real>(
    world: &World,
    func: &LinFunc,
    primal: &[Value<T>],
    given: Given<'_, T>,
) -> BTreeMap<Target, Array<T>> {
    results(func, &Run { world, given, steps: Vec::new() }.lin(func, primal))
}

fn results<T: Real>(func: &LinFunc, values: &[Value<T>]) -> BTreeMap<Target, Array<T>> {
    summed(func.results.iter().map(|(target, id)| (*target, values[*id].real())))
}

impl<T: Real> Run<'_, T> {
    fn lin(&self, func: &LinFunc, primal: &[Value<T>]) -> Vec<Value<T>> {
        let mut values: Vec<Value<T>> = Vec::with_capacity(func.defs.len());
        for (id, def) in func.defs.iter().enumerate() {
            let shape = self.world.shape(&def.ty);
            let value = self.lin_op(&def.op, &shape, &values, primal);
            assert_eq!(value.shape(), shape, "~{id} has another shape than it says: {:?}", def.op);
            values.push(value);
        }
        values
    }

    fn lin_op(
        &self,
        op: &LinOp,
        shape: &[usize],
        values: &[Value<T>],
        primal: &[Value<T>],
    ) -> Value<T> {
        let world = self.world;
        let real = |x: &usize| values[*x].real();
        let with = |x: &usize| primal[*x].real();
        Value::Real(match op {
            LinOp::Source(source) => return (self.given)(*source, shape),
            LinOp::Add(x, y) => add(real(x), real(y)),
            LinOp::Scale(x, slope) => {
                let (x, slope) = (real(x), with(slope));
                pointwise(function::<T>(prim::MUL_STRONG), &[x, slope], shape, |_| {})
            }
            LinOp::Broadcast { x, axes } => real(x).broadcast(axes, shape),
            LinOp::Sum { x, axes } => reduce(Fold::Sum, real(x), axes, shape),
            LinOp::Permute { x, perm } => real(x).permute(perm),
            LinOp::Reshape { x } => real(x).reshape(shape),
            LinOp::Slice { x, axis, start } => real(x).slice(*axis, world.dim(start), shape[*axis]),
            LinOp::Window { x, window } => real(x).view(shape, &self.view(window)),
            LinOp::Overlap { x, window } => overlap(zeros(shape), real(x), &self.view(window)),
            LinOp::Concat { parts, axis } => {
                let part = |part: &LinPart| match part {
                    LinPart::Value(x) => real(x).clone(),
                    LinPart::Zeros(length) => zeros_along(shape, *axis, world.dim(length)),
                };
                let parts: Vec<Array<T>> = parts.iter().map(part).collect();
                concat(zeros(shape), &parts.iter().collect::<Vec<_>>(), *axis)
            }
            LinOp::Contract { x, with: factor, labels } => {
                contract(real(x), with(factor), [&labels.a, &labels.b, &labels.out], shape)
            }
            LinOp::Gather { x, index, labels, skip } => {
                let skip = skip.as_ref().map(|skip| world.dim(skip));
                gather(real(x), primal[*index].integers(), labels, skip, None, shape)
            }
            LinOp::Scatter { x, index, labels, skip } => {
                let skip = skip.as_ref().map(|skip| world.dim(skip));
                scatter(real(x), primal[*index].integers(), labels, skip, shape)
            }
            LinOp::Custom { op, at, x, transposed: false } => {
                world.custom_jvp(*op, with(at), real(x), shape)
            }
            LinOp::Custom { op, at, x, transposed: true } => {
                world.custom_vjp(*op, with(at), real(x))
            }
            LinOp::Scan { scan, with, args } => {
                let zero = |(flow, ty): &(Passing, Shape)| {
                    Value::Real(zeros(&world.shape(&flow.outside(ty, &scan.length))))
                };
                let args: Vec<Value<T>> = args
                    .iter()
                    .zip(&scan.args)
                    .map(|(arg, seen)| arg.map_or_else(|| zero(seen), |x| values[x].clone()))
                    .collect();
                let all: Vec<&Value<T>> = with.iter().map(|x| &primal[*x]).chain(&args).collect();
                return Value::Loop(self.lin_scan(scan, &all));
            }
            LinOp::ScanResult { of, index } => match &values[*of] {
                Value::Loop(results) => return results[*index].clone(),
                _ => panic!("~{of} is no loop"),
            },
        })
    }

    fn lin_scan(&self, scan: &LinScan, args: &[&Value<T>]) -> Vec<Value<T>> {
        let made: Vec<(Passing, Vec<usize>, usize)> = scan
            .results
            .iter()
            .map(|(flow, ty)| (flow.clone(), self.world.shape(ty), self.width(flow)))
            .collect();
        let steps = Steps { length: self.world.dim(&scan.length), reverse: scan.reverse };
        let flows = scan.with.iter().chain(scan.args.iter().map(|(flow, _)| flow));
        let flows: Vec<(Passing, usize)> =
            flows.map(|flow| (flow.clone(), self.width(flow))).collect();
        steps.run(&flows, args, &made, |t, inside| {
            let given = of_step(inside);
            let run = self.step(t, &given);
            let primal = run.defs(&scan.primal);
            let found = results(&scan.lin, &run.lin(&scan.lin, &primal));
            // What no step makes is zero.
            let result = |(i, (_, shape, _)): (usize, &(Passing, Vec<usize>, usize))| {
                found.get(&Target::Step(i)).cloned().unwrap_or_else(|| zeros(shape))
            };
            made.iter().enumerate().map(result).collect()
        })
    }
}
