//! Writing linear programs ([`LinFunc`]), and writing them as functions.
//!
//! Linearity is a type. A [`Lin`] can be added to another, multiplied by a primal value, contracted
//! with one, or rearranged; there is no product of two, so a tangent rule that is not linear does not
//! compile.

mod prune;
mod scan;

use crate::builder::{Builder, V, without};
use crate::ir::{
    Labels, LinDef, LinFunc, LinOp, LinPart, LinScan, LinVar, Passing, Source, Target, Var, Window,
};
use crate::shape::{Dim, Shape};
use std::cell::RefCell;
use std::ops::{Add, Mul};
use std::rc::Rc;

/// A linear program and the primal values that it mentions: what `linearize` and `transpose` make.
#[derive(Clone, Debug)]
pub struct Linear {
    pub primal: Builder,
    pub lin: LinFunc,
}

/// The stream that handles write to, beside the builder of the primal values.
pub struct LinStream<'b> {
    pub primal: &'b Builder,
    defs: RefCell<Vec<LinDef>>,
}

/// A linear value under construction.
#[derive(Clone, Copy)]
pub struct Lin<'s> {
    pub id: LinVar,
    stream: &'s LinStream<'s>,
}

impl<'b> LinStream<'b> {
    pub fn new(primal: &'b Builder) -> Self {
        LinStream { primal, defs: RefCell::default() }
    }

    pub fn into_defs(self) -> Vec<LinDef> {
        self.defs.into_inner()
    }

    pub fn lin(&self, id: LinVar) -> Lin<'_> {
        Lin { id, stream: self }
    }

    pub fn push(&self, op: LinOp, ty: Shape) -> Lin<'_> {
        let mut defs = self.defs.borrow_mut();
        defs.push(LinDef { op, ty });
        self.lin(defs.len() - 1)
    }

    pub fn source(&self, source: Source, ty: Shape) -> Lin<'_> {
        self.push(LinOp::Source(source), ty)
    }

    pub fn concat(&self, parts: Vec<LinPart>, axis: usize, ty: Shape) -> Lin<'_> {
        self.push(LinOp::Concat { parts, axis }, ty)
    }

    /// A loop whose results are had one by one.
    pub fn scan(&self, scan: LinScan, with: Vec<Var>, args: Vec<Option<LinVar>>) -> Lin<'_> {
        self.push(LinOp::Scan { scan: Rc::new(scan), with, args }, Vec::new())
    }

    /// The sum of products with slopes. `None` is zero; what a slope of 0 belongs to is left out.
    pub fn weighted<'s>(
        &'s self,
        terms: impl IntoIterator<Item = (Option<Lin<'s>>, Option<V<'s>>)>,
    ) -> Option<Lin<'s>> {
        self.sum(terms.into_iter().map(|(dx, slope)| {
            let (dx, slope) = (dx?, slope?);
            let zero = self.primal.as_num(slope.var).is_some_and(|num| num.is(0));
            (!zero).then(|| dx * slope)
        }))
    }

    /// The sum of those that are not zero.
    pub fn sum<'s>(&'s self, terms: impl IntoIterator<Item = Option<Lin<'s>>>) -> Option<Lin<'s>> {
        terms.into_iter().flatten().reduce(|a, b| a + b)
    }
}

impl<'s> Lin<'s> {
    pub fn ty(self) -> Shape {
        self.stream.defs.borrow()[self.id].ty.clone()
    }

    pub fn broadcast(self, axes: Vec<usize>, ty: Shape) -> Lin<'s> {
        if self.ty() == ty {
            self
        } else {
            self.stream.push(LinOp::Broadcast { x: self.id, axes }, ty)
        }
    }

    pub fn sum(self, axes: Vec<usize>) -> Lin<'s> {
        if axes.is_empty() {
            return self;
        }
        let ty = without(&self.ty(), &axes);
        self.stream.push(LinOp::Sum { x: self.id, axes }, ty)
    }

    pub fn permute(self, perm: Vec<usize>) -> Lin<'s> {
        let ty = self.ty();
        let ty = perm.iter().map(|axis| ty[*axis].clone()).collect();
        self.stream.push(LinOp::Permute { x: self.id, perm }, ty)
    }

    pub fn reshape(self, ty: Shape) -> Lin<'s> {
        if self.ty() == ty { self } else { self.stream.push(LinOp::Reshape { x: self.id }, ty) }
    }

    pub fn slice(self, axis: usize, start: Dim, length: Dim) -> Lin<'s> {
        let mut ty = self.ty();
        ty[axis] = length;
        self.stream.push(LinOp::Slice { x: self.id, axis, start }, ty)
    }

    /// `ty` is the shape of the view.
    pub fn window(self, window: Window, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Window { x: self.id, window }, ty)
    }

    /// `ty` is the shape of what `self` is added to.
    pub fn overlap(self, window: Window, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Overlap { x: self.id, window }, ty)
    }

    /// `labels.a` are the axes of `self`; `ty` is the shape of the result.
    pub fn contract(self, with: Var, labels: Labels, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Contract { x: self.id, with, labels }, ty)
    }

    /// A result of the loop `self`.
    pub fn scan_result(self, index: usize) -> Lin<'s> {
        let ty = match &self.stream.defs.borrow()[self.id].op {
            LinOp::Scan { scan, .. } => {
                let (flow, ty) = &scan.results[index];
                flow.outside(ty, &scan.length)
            }
            _ => Vec::new(),
        };
        self.stream.push(LinOp::ScanResult { of: self.id, index }, ty)
    }

    /// As [`Self::contract`].
    pub fn gather(self, index: Var, labels: Labels, skip: Option<Dim>, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Gather { x: self.id, index, labels, skip }, ty)
    }

    /// As [`Self::contract`].
    pub fn scatter(self, index: Var, labels: Labels, skip: Option<Dim>, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Scatter { x: self.id, index, labels, skip }, ty)
    }

    pub fn custom(self, op: usize, at: Var, transposed: bool, ty: Shape) -> Lin<'s> {
        self.stream.push(LinOp::Custom { op, at, x: self.id, transposed }, ty)
    }
}

impl<'s> Add for Lin<'s> {
    type Output = Lin<'s>;
    fn add(self, other: Lin<'s>) -> Lin<'s> {
        let ty = self.ty();
        self.stream.push(LinOp::Add(self.id, other.id), ty)
    }
}

impl<'s> Mul<V<'_>> for Lin<'s> {
    type Output = Lin<'s>;
    fn mul(self, factor: V<'_>) -> Lin<'s> {
        if self.stream.primal.as_num(factor.var).is_some_and(|num| num.is(1)) {
            return self;
        }
        let ty = self.ty();
        self.stream.push(LinOp::Scale(self.id, factor.var), ty)
    }
}

impl LinFunc {
    /// The same computation as ordinary instructions, written after the primal ones. `primal` says
    /// which instruction stands for a primal value.
    pub fn write(&self, b: &Builder, mut primal: impl FnMut(Var) -> Var) -> Vec<(Target, Var)> {
        use crate::ir::{CustomCall, Fold, Part, Skip};
        let mut vars: Vec<Var> = Vec::with_capacity(self.defs.len());
        let mut uses = vec![0; self.defs.len()];
        let args = self.defs.iter().flat_map(|def| def.op.args());
        args.chain(self.results.iter().map(|(_, id)| *id)).for_each(|id| uses[id] += 1);
        for def in &self.defs {
            let ty = def.ty.clone();
            let var = match &def.op {
                LinOp::Source(source) => b.source(*source, ty),
                LinOp::Add(x, y) => (b.v(vars[*x]) + b.v(vars[*y])).var,
                LinOp::Scale(x, slope) => b.scale(b.v(vars[*x]), b.v(primal(*slope))).var,
                LinOp::Broadcast { x, axes } => b.broadcast(vars[*x], axes.clone(), ty),
                LinOp::Sum { x, axes } => b.reduce(Fold::Sum, vars[*x], axes.clone()),
                LinOp::Permute { x, perm } => match &self.defs[*x].op {
                    // Written where it belongs at once: the gradient of a transposed weight.
                    LinOp::Contract { x: y, with, labels } if uses[*x] == 1 => {
                        let out = perm.iter().map(|axis| labels.out[*axis]).collect();
                        let (a, b_) = (labels.a.clone(), labels.b.clone());
                        b.contract(vars[*y], primal(*with), Labels { a, b: b_, out })
                    }
                    _ => b.permute(vars[*x], perm.clone()),
                },
                LinOp::Reshape { x } => b.reshape(vars[*x], ty),
                LinOp::Slice { x, axis, start } => {
                    b.slice(vars[*x], *axis, start.clone(), ty[*axis].clone())
                }
                LinOp::Window { x, window } => b.window(vars[*x], window.clone(), ty),
                LinOp::Overlap { x, window } => b.overlap(vec![(vars[*x], window.clone())], ty),
                LinOp::Concat { parts, axis } => {
                    let part = |part: &LinPart| match part {
                        LinPart::Value(x) => Part::Value(vars[*x]),
                        LinPart::Zeros(length) => Part::Zeros(length.clone()),
                    };
                    b.concat(&parts.iter().map(part).collect::<Vec<_>>(), *axis, ty)
                }
                LinOp::Contract { x, with, labels } => {
                    b.contract(vars[*x], primal(*with), labels.clone())
                }
                LinOp::Gather { x, index, labels, skip } => {
                    b.gather(vars[*x], primal(*index), labels.clone(), skip.clone().map(Skip::Zero))
                }
                LinOp::Scatter { x, index, labels, skip } => {
                    b.scatter(vars[*x], primal(*index), labels.clone(), skip.clone(), ty)
                }
                LinOp::Custom { op, at, x, transposed } => {
                    let (x, v) = (primal(*at), vars[*x]);
                    let call = if *transposed {
                        CustomCall::Vjp { x, y_bar: v }
                    } else {
                        CustomCall::Jvp { x, dx: v }
                    };
                    b.custom(*op, call, ty)
                }
                LinOp::Scan { scan, with, args } => {
                    let zero = |(arg, (flow, ty)): (&Option<LinVar>, &(Passing, Shape))| match arg {
                        Some(x) => vars[*x],
                        None => b.fill(b.int(0).var, &flow.outside(ty, &scan.length)),
                    };
                    let with: Vec<Var> = with.iter().map(|x| primal(*x)).collect();
                    let args = args.iter().zip(&scan.args).map(zero);
                    b.scan(scan.write(), with.into_iter().chain(args).collect())
                }
                LinOp::ScanResult { of, index } => b.scan_result(vars[*of], *index),
            };
            vars.push(var);
        }
        self.results.iter().map(|(target, id)| (*target, vars[*id])).collect()
    }
}
