//! The invariants of the four forms: [`Func`](crate::ir::Func), [`LinFunc`](crate::ir::LinFunc),
//! [`Program`](crate::nest::Program) and [`Plan`](crate::plan::Plan).
//!
//! In debug builds they are checked after every pass that makes one. What breaks one is a bug of the
//! pass; the panic names it, and `pipeline` makes it a message that asks for a report. Where only
//! rustc knows a dimension, what could be is taken to be.

mod func;
mod lin;
mod program;
#[cfg(test)]
mod tests;

use crate::invariant::Checked;
use crate::ir::{Labels, Passing, Window};
use crate::shape::{Agree, Dim};

fn need(holds: bool, what: &str) -> Checked {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Whether two dimensions may be one, for every batch.
fn same(a: &Dim, b: &Dim) -> bool {
    let zero = Dim::known(0);
    let may_be_zero = |dim: Dim| dim.agree(&zero) != Agree::No;
    a == b || {
        let (each, rest) = a.sub(b).by_batch();
        may_be_zero(each) && may_be_zero(rest)
    }
}

fn all_same(a: &[Dim], b: &[Dim]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// Whether one dimension is certainly greater than another. There is at least one sample.
fn exceeds(a: &Dim, b: &Dim) -> bool {
    let (each, rest) = a.sub(b).by_batch();
    let known = each.as_known().zip(rest.as_known());
    known.is_some_and(|(each, rest)| each >= 0 && each + rest > 0)
}

fn is_increasing(axes: &[usize]) -> bool {
    axes.windows(2).all(|pair| pair[0] < pair[1])
}

fn batch_first(ty: &[Dim]) -> Checked {
    need(!ty.iter().skip(1).any(Dim::has_batch), "the batch is not the first axis")
}

fn broadcast(from: &[Dim], axes: &[usize], to: &[Dim]) -> Checked {
    need(axes.len() == from.len() && is_increasing(axes), "not an axis of the result for each")?;
    let fits = |(axis, dim): (&usize, &Dim)| to.get(*axis).is_some_and(|to| same(to, dim));
    need(axes.iter().zip(from).all(fits), "an axis has another length than what is repeated")
}

fn reduce(from: &[Dim], axes: &[usize], to: &[Dim]) -> Checked {
    need(
        is_increasing(axes) && axes.iter().all(|axis| *axis < from.len()),
        "there are no such axes to fold",
    )?;
    let left = crate::builder::without(from, axes);
    need(all_same(&left, to), "the shape is not what is left after folding")
}

fn permute(from: &[Dim], perm: &[usize], to: &[Dim]) -> Checked {
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    need(sorted.into_iter().eq(0..from.len()), "not an order of the axes")?;
    let fits = |(axis, dim): (&usize, &Dim)| same(&from[*axis], dim);
    need(
        perm.len() == to.len() && perm.iter().zip(to).all(fits),
        "the shape is not that of the axes in this order",
    )
}

fn reshape(from: &[Dim], to: &[Dim]) -> Checked {
    // An assertion of the generated code says that `D` and `2 * (D / 2)` are equal.
    need(
        same(&crate::shape::size(from), &crate::shape::size(to)),
        "the result has another number of elements",
    )
}

fn slice(from: &[Dim], axis: usize, start: &Dim, to: &[Dim]) -> Checked {
    need(axis < from.len() && from.len() == to.len(), "there is no such axis to cut")?;
    let others = (0..from.len()).filter(|other| *other != axis);
    need(others.into_iter().all(|i| same(&from[i], &to[i])), "another axis has another length")?;
    need(!exceeds(&start.add(&to[axis]), &from[axis]), "it reaches beyond the end")
}

/// Whether a view of shape `view` lies inside an array of shape `ty`, as far as that can be decided.
fn window(window: &Window, view: &[Dim], ty: &[Dim]) -> Checked {
    let one = Dim::known(1);
    need(
        window.from.len() == ty.len()
            && window.steps.len() == view.len()
            && window.steps.iter().all(|(axis, _)| *axis < ty.len()),
        "the window is over other axes",
    )?;
    let inside = |(axis, length): (usize, &Dim)| {
        let steps = window.steps.iter().zip(view).filter(|((along, _), _)| *along == axis);
        let last = steps.fold(window.from[axis].clone(), |last, ((_, step), length)| {
            last.add(&step.mul(&length.sub(&one)))
        });
        !exceeds(&last.add(&one), length)
    };
    need(ty.iter().enumerate().all(inside), "the window reaches beyond the end")
}

fn concat<'d>(
    lengths: impl Iterator<Item = (Option<&'d [Dim]>, Dim)>,
    axis: usize,
    to: &[Dim],
) -> Checked {
    need(axis < to.len(), "there is no such axis to put parts along")?;
    let mut whole = Dim::known(0);
    for (part, length) in lengths {
        if let Some(part) = part {
            let others = (0..to.len()).filter(|other| *other != axis);
            need(
                part.len() == to.len() && others.into_iter().all(|i| same(&part[i], &to[i])),
                "a part has another shape",
            )?;
        }
        whole = whole.add(&length);
    }
    need(same(&whole, &to[axis]), "the parts are not as long as the whole")
}

/// That labels and shapes belong together.
fn labelled(labels: &Labels, a: &[Dim], b: &[Dim], out: &[Dim]) -> Checked {
    let of = [(&labels.a, a), (&labels.b, b), (&labels.out, out)];
    for (labels, shape) in of {
        need(labels.len() == shape.len(), "not a label for each axis")?;
        let again = |(i, label): (usize, &char)| labels[..i].contains(label);
        need(!labels.iter().enumerate().any(again), "a label stands twice")?;
    }
    let lengths = of.iter().flat_map(|(labels, shape)| labels.iter().zip(*shape));
    let lengths: Vec<(&char, &Dim)> = lengths.collect();
    let differs = |(i, (label, dim)): (usize, &(&char, &Dim))| {
        lengths[..i].iter().any(|(other, of)| other == label && !same(of, dim))
    };
    need(!lengths.iter().enumerate().any(differs), "axes of one label have different lengths")
}

fn contract(labels: &Labels, a: &[Dim], b: &[Dim], out: &[Dim]) -> Checked {
    labelled(labels, a, b, out)?;
    let known = |of: &[char], one: &[char], other: &[char]| {
        of.iter().all(|label| one.contains(label) || other.contains(label))
    };
    need(
        known(&labels.a, &labels.b, &labels.out)
            && known(&labels.b, &labels.a, &labels.out)
            && known(&labels.out, &labels.a, &labels.b),
        "a label stands alone",
    )
}

/// That just one label of `by` is neither in `others` nor that of an integer.
fn chosen(by: &[char], others: &[char], labels: &Labels) -> Checked {
    let free = by.iter().filter(|label| !others.contains(label) && !labels.b.contains(label));
    need(free.count() == 1, "not one axis for the integers to choose from")
}

/// That an array passes into a step or out of it as `inside`.
fn passes(flow: &Passing, outside: &[Dim], inside: &[Dim], length: &Dim) -> Checked {
    let axis = match flow {
        Passing::Each { axis, .. } | Passing::Mirrored { axis } => Some(*axis),
        Passing::Whole | Passing::Carry => None,
    };
    need(axis.is_none_or(|axis| axis < outside.len()), "there is no such axis to go along")?;
    need(all_same(&flow.inside(outside), inside), "a step sees another shape")?;
    need(all_same(&flow.outside(inside, length), outside), "the steps make another shape")
}

fn carried<'f>(flows: impl Iterator<Item = &'f Passing>) -> usize {
    flows.filter(|flow| **flow == Passing::Carry).count()
}
