//! The adjoint of a loop: the loop of the adjoint, in the opposite direction.
//!
//! What every step was given, every step adds to; what was carried from step to step, its cotangent is
//! carried back; what each step made, each is given the cotangent of.

use super::adjoint;
use crate::builder::Builder;
use crate::ir::{
    Inst, Labels, LinDef, LinFunc, LinOp, LinScan, LinVar, Passing, Source, Target, Var, View,
};
use crate::lin::{Lin, LinStream};
use crate::shape::{Dim, Shape};

/// Writes the adjoint of a loop, given the cotangents of some of its results. Returns those of its
/// arguments.
pub fn transpose<'s>(
    scan: &LinScan,
    with: &[Var],
    bars: &[(usize, LinVar)],
    stream: &'s LinStream<'s>,
) -> Vec<(usize, Lin<'s>)> {
    let first = scan.with.len();
    let primal = Builder::after(scan.primal.clone());
    let inner = LinStream::new(&primal);
    let results = adjoint(
        &scan.lin,
        &inner,
        |target| match target {
            Target::Step(i) => Source::Step(first + i),
            _ => Source::Cotangent,
        },
        |source| match source {
            Source::Step(i) => i.checked_sub(first).map(Target::Step),
            _ => None,
        },
    );
    let back = LinScan {
        reverse: !scan.reverse,
        args: scan.results.clone(),
        results: scan.args.clone(),
        lin: LinFunc { defs: inner.into_defs(), results },
        primal: primal.into_defs(),
        ..scan.clone()
    };
    let bar = |result: usize| bars.iter().filter(move |(i, _)| *i == result).map(|(_, bar)| *bar);
    let sums: Vec<Option<Lin<'s>>> = (0..scan.results.len())
        .map(|i| stream.sum(bar(i).map(|id| Some(stream.lin(id)))))
        .collect();
    let given: Vec<bool> = sums.iter().map(Option::is_some).collect();
    let (mut back, args, of_result) = back.prune(&given);
    let hoisted: Vec<Option<Vec<Sum>>> =
        (0..back.results.len()).map(|result| hoist(&mut back, with, result)).collect();
    let args = args.into_iter().map(|arg| sums[arg].map(|bar| bar.id)).collect();
    let made = stream.scan(back, with.to_vec(), args);
    let outside = |(result, arg): (usize, usize)| {
        let bar = match &hoisted[result] {
            None => made.scan_result(result),
            Some(terms) => stream.sum(terms.iter().map(|term| Some(term.outside(made))))?,
        };
        Some((arg, bar))
    };
    of_result.into_iter().enumerate().filter_map(outside).collect()
}

/// A sum over the steps that is computed after the loop from what each step made.
struct Sum {
    /// The result that holds it, for all steps along axis 1.
    result: usize,
    how: How,
    ty: Shape,
}

enum How {
    /// The product with a primal value, which has all steps along an axis as well.
    Contract { with: Var, labels: Labels },
    /// Over these axes.
    Axes(Vec<usize>),
}

impl Sum {
    fn outside<'s>(&self, made: Lin<'s>) -> Lin<'s> {
        let x = made.scan_result(self.result);
        match &self.how {
            How::Contract { with, labels } => x.contract(*with, labels.clone(), self.ty.clone()),
            How::Axes(axes) => x.sum(axes.clone()),
        }
    }
}

/// A weight's gradient is a sum over the steps of products of two things of the step. If both are known
/// when the loop is done, it is one contraction over samples and steps, and a large one.
///
/// `None` if that is not so, or would keep what a loop recomputes to save memory.
fn hoist(scan: &mut LinScan, with: &[Var], result: usize) -> Option<Vec<Sum>> {
    if scan.recompute || scan.results[result].0 != Passing::Whole {
        return None;
    }
    let ty = scan.results[result].1.clone();
    let place = scan.lin.results.iter().position(|(to, _)| *to == Target::Step(result))?;
    let mut terms = Vec::new();
    let mut stack = vec![scan.lin.results[place].1];
    while let Some(id) = stack.pop() {
        match &scan.lin.defs[id].op {
            LinOp::Add(x, y) => stack.extend([*x, *y]),
            LinOp::Sum { x, axes } => {
                let batched = scan.lin.defs[*x].ty.first() == Some(&Dim::batch());
                if !batched {
                    return None;
                }
                // Axis 1 becomes that of the steps.
                let axes = axes.iter().map(|axis| if *axis == 0 { 0 } else { axis + 1 });
                let mut axes: Vec<usize> = axes.chain([1]).collect();
                axes.sort_unstable();
                terms.push((*x, How::Axes(axes)));
            }
            LinOp::Contract { x, with: factor, labels } => {
                let (outer, axis) = of_each(scan, with, *factor)?;
                if scan.lin.defs[*x].ty.first() != Some(&Dim::batch()) {
                    return None;
                }
                let used = |label: &char| labels.a.contains(label) || labels.b.contains(label);
                let time = ('A'..).find(|label| !used(label))?;
                let mut labels = labels.clone();
                labels.a.insert(1, time);
                labels.b.insert(axis, time);
                terms.push((*x, How::Contract { with: outer, labels }));
            }
            _ => return None,
        }
    }
    // Everything fits: each step now makes its terms instead of their sum.
    scan.lin.results.remove(place);
    let mut sums = Vec::new();
    for (x, how) in terms {
        let result = made(scan, x);
        sums.push(Sum { result, how, ty: ty.clone() });
    }
    // Nobody asks for the sum any more.
    scan.results[result].1 = Vec::new();
    Some(sums)
}

/// The result that holds a value of each step along axis 1.
fn made(scan: &mut LinScan, x: LinVar) -> usize {
    let flow = Passing::Each { axis: 1, width: Dim::known(1) };
    let reshaped = |id: LinVar| matches!(scan.lin.defs[id].op, LinOp::Reshape { x: y } if y == x);
    let known = scan.lin.results.iter().find_map(|(target, id)| match target {
        Target::Step(i) if scan.results[*i].0 == flow && reshaped(*id) => Some(*i),
        _ => None,
    });
    known.unwrap_or_else(|| {
        let mut inside = scan.lin.defs[x].ty.clone();
        inside.insert(1, Dim::known(1));
        scan.lin.defs.push(LinDef { op: LinOp::Reshape { x }, ty: inside.clone() });
        let result = scan.results.len();
        scan.lin.results.push((Target::Step(result), scan.lin.defs.len() - 1));
        scan.results.push((flow, inside));
        result
    })
}

/// The array of which a step sees just its own part as `var`, and the axis of the steps.
fn of_each(scan: &LinScan, with: &[Var], var: Var) -> Option<(Var, usize)> {
    let Inst::View { x, view: View::Reshape } = scan.primal[var].inst else { return None };
    let Inst::Source(Source::Step(i)) = scan.primal[x].inst else { return None };
    let Some(Passing::Each { axis, width }) = scan.with.get(i) else { return None };
    let mut ty = scan.primal[x].ty.clone();
    ty.remove(*axis);
    (width.is(1) && ty == scan.primal[var].ty).then(|| (with[i], *axis))
}
