//! Axes of samples and axes of values.
//!
//! Ops count axes as their shape rules do: those of one sample. A value of the IR has the batch in front of them if there
//! is one for each sample; what all samples share has not, as parameters and numbers and what is made of nothing else. Here
//! the one is made of the other, for the methods of [`Tracer`].

use super::Tracer;
use crate::builder::{V, without};
use crate::ir::{Fold, Inst, Labels, Passing, Var, View, Window};
use crate::lin::Lin;
use crate::shape::{Dim, Shape};

/// The axis of the batch, and its label, which no op has.
pub const BATCH: usize = 0;
const LABEL: char = '*';

/// The shape of a value of samples with such a shape.
pub fn batched(shape: &[Dim]) -> Shape {
    let mut ty = shape.to_vec();
    ty.insert(BATCH, Dim::batch());
    ty
}

impl Tracer {
    /// Whether it is one for all samples.
    pub fn is_shared(&self, x: Var) -> bool {
        self.b.with_defs(|defs| defs[x].ty.get(BATCH) != Some(&Dim::batch()))
    }

    /// The shape that a sample has of a value.
    pub fn shape(&self, x: Var) -> Shape {
        self.b.ty(x).split_off(self.before(x))
    }

    /// How many axes a value has before those of a sample.
    fn before(&self, x: Var) -> usize {
        usize::from(!self.is_shared(x))
    }

    /// Where an axis of a sample is in a value.
    pub(super) fn place(&self, x: Var, axis: usize) -> usize {
        axis + self.before(x)
    }

    /// Where axes of a sample are in a value.
    pub(super) fn places(&self, x: Var, axes: &[usize]) -> Vec<usize> {
        axes.iter().map(|axis| self.place(x, *axis)).collect()
    }

    /// The same, and before them that of the batch, if the value has it.
    pub(super) fn all_places(&self, x: Var, axes: &[usize]) -> Vec<usize> {
        (0..self.before(x)).chain(self.places(x, axes)).collect()
    }

    /// Where axes of a sample are in what repeats `x` for each of them, after that of the batch if `x` has it.
    pub(super) fn places_of_each(&self, x: Var, axes: &[usize]) -> Vec<usize> {
        (0..self.before(x)).chain(axes.iter().map(|axis| axis + 1)).collect()
    }

    /// The shape of what there is for each sample if `x` is.
    pub(super) fn like(&self, x: Var, shape: Shape) -> Shape {
        if self.is_shared(x) { shape } else { batched(&shape) }
    }

    /// A window into a value, from one into a sample.
    pub(super) fn whole_window(&self, x: Var, mut window: Window) -> Window {
        if !self.is_shared(x) {
            let Window { from, steps } = Window::whole(1);
            window.from.splice(BATCH..BATCH, from);
            window.steps.iter_mut().for_each(|(axis, _)| *axis += 1);
            window.steps.splice(BATCH..BATCH, steps);
        }
        window
    }

    /// How a value passes into a loop, or out of it, from how a sample does.
    pub(super) fn passing(&self, x: Var, mut passing: Passing) -> Passing {
        match &mut passing {
            Passing::Each { axis, .. } | Passing::Mirrored { axis } => *axis = self.place(x, *axis),
            Passing::Whole | Passing::Carry => {}
        }
        passing
    }

    /// The labels of values, from those of samples. [`Tracer::contract`] and the like put them in place themselves.
    pub fn labels(&self, a: Var, b: Var, mut labels: Labels) -> Labels {
        for (x, of) in [(a, &mut labels.a), (b, &mut labels.b)] {
            if !self.is_shared(x) {
                of.insert(BATCH, LABEL);
            }
        }
        if !self.is_shared(a) || !self.is_shared(b) {
            labels.out.insert(BATCH, LABEL);
        }
        labels
    }

    /// What a value repeats, and the axis of a sample that each of its axes becomes.
    pub fn unrepeated(&self, x: Var) -> (Var, Vec<usize>) {
        match self.b.inst(x) {
            Inst::View { x: inner, view: View::Broadcast(axes) }
                if self.b.as_num(inner).is_none() =>
            {
                let of_sample = &axes[self.before(inner)..];
                let first = self.before(x);
                (inner, of_sample.iter().map(|axis| axis - first).collect())
            }
            _ => (x, (0..self.shape(x).len()).collect()),
        }
    }

    /// Axes of a sample that `x` is folded over.
    pub fn over(&self, x: Var, axes: &[usize]) -> Over {
        Over::new(self.b.ty(x), self.places(x, axes))
    }

    /// The same, and the batch.
    pub fn over_batch_and(&self, x: Var, axes: &[usize]) -> Over {
        Over::new(self.b.ty(x), self.all_places(x, axes))
    }
}

/// Axes that values of one shape are folded over, and how what is left is seen along them again: what rules are written
/// with, which are about values.
#[derive(Clone)]
pub struct Over {
    ty: Shape,
    axes: Vec<usize>,
    kept: Vec<usize>,
}

impl Over {
    fn new(ty: Shape, axes: Vec<usize>) -> Over {
        let kept = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        Over { ty, axes, kept }
    }

    /// The lengths of the axes.
    pub fn lengths(&self) -> Shape {
        self.axes.iter().map(|axis| self.ty[*axis].clone()).collect()
    }

    pub fn sum<'b>(&self, x: V<'b>) -> V<'b> {
        self.fold(Fold::Sum, x)
    }

    pub fn max<'b>(&self, x: V<'b>) -> V<'b> {
        self.fold(Fold::Max, x)
    }

    fn fold<'b>(&self, fold: Fold, x: V<'b>) -> V<'b> {
        let b = x.builder();
        b.v(b.reduce(fold, x.var, self.axes.clone()))
    }

    /// What is left, along the axes again.
    pub fn spread<'b>(&self, x: V<'b>) -> V<'b> {
        let b = x.builder();
        b.v(b.broadcast(x.var, self.kept.clone(), self.ty.clone()))
    }

    /// The same number in all that is left.
    pub fn fill<'b>(&self, x: V<'b>) -> V<'b> {
        let b = x.builder();
        b.v(b.broadcast(x.var, Vec::new(), without(&self.ty, &self.axes)))
    }

    /// The sum of a tangent.
    pub fn sum_of<'s>(&self, dx: Lin<'s>) -> Lin<'s> {
        dx.sum(self.axes.clone())
    }

    /// The tangent of what is left, along the axes again.
    pub fn spread_of<'s>(&self, dx: Lin<'s>) -> Lin<'s> {
        dx.broadcast(self.kept.clone(), self.ty.clone())
    }
}
