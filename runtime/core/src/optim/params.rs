//! Parameters as the steps of an optimiser are given them, with or without what is frozen.

use crate::flat::{Block, Flat, slice_mut};
use crate::info::ParamInfo;
use crate::model::Model;
use crate::scalar::Real;
use core::ops::Range;

/// Parameters that a step changes: a slice, an array or a `Vec`, all of whose elements are trained, or the
/// [`Flat`] of a model, whose `#[frozen]` parameters are left as they are.
#[diagnostic::on_unimplemented(
    message = "a step changes a slice of parameters, found `{Self}`",
    label = "the parameters of a network are `net.flat_mut()`",
    note = "write `optimizer.step(net.flat_mut(), grad.flat())`: the parameters, then the gradient"
)]
pub trait Params<T> {
    /// All of them.
    fn all(&mut self) -> &mut [T];
    /// What is known of the arrays among them; empty if nothing is.
    fn infos(&self) -> &'static [ParamInfo] {
        &[]
    }
}

impl<T> Params<T> for &mut [T] {
    fn all(&mut self) -> &mut [T] {
        self
    }
}

impl<T, const N: usize> Params<T> for &mut [T; N] {
    fn all(&mut self) -> &mut [T] {
        *self
    }
}

impl<T> Params<T> for &mut Vec<T> {
    fn all(&mut self) -> &mut [T] {
        self
    }
}

impl<T> Params<T> for &mut Box<[T]> {
    fn all(&mut self) -> &mut [T] {
        self
    }
}

impl<B: Block> Params<B::Scalar> for &mut Flat<B> {
    fn all(&mut self) -> &mut [B::Scalar] {
        self
    }
    fn infos(&self) -> &'static [ParamInfo] {
        B::ARRAYS
    }
}

/// The stretches of so many parameters that are not frozen.
pub(super) fn trained(
    len: usize,
    infos: &'static [ParamInfo],
) -> impl Iterator<Item = Range<usize>> {
    let frozen = infos.iter().filter(|info| info.frozen).map(|info| {
        let elements: usize = info.shape.iter().product();
        info.start..info.start + elements
    });
    let mut start = 0;
    let ends = frozen.chain(core::iter::once(len..len));
    ends.map(move |frozen| core::mem::replace(&mut start, frozen.end)..frozen.start)
        .filter(|stretch| !stretch.is_empty())
}

/// What is frozen of a model, kept through a step that does not know of it.
pub(super) fn step_around<M: Model>(model: &mut M, step: impl FnOnce(&mut [M::Scalar]))
where
    M::Scalar: Real,
{
    let frozen = || M::PARAM_INFO.iter().filter(|info| info.frozen);
    let range = |info: &ParamInfo| info.start..info.start + info.shape.iter().product::<usize>();
    let params = slice_mut(model);
    let kept: Vec<M::Scalar> =
        frozen().flat_map(|info| params[range(info)].iter().copied()).collect();
    step(params);
    let mut kept = kept.as_slice();
    for info in frozen() {
        let (of_info, rest) = kept.split_at(range(info).len());
        params[range(info)].copy_from_slice(of_info);
        kept = rest;
    }
}
