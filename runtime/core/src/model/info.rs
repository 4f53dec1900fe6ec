//! What a model says of its inputs and parameters.

use super::{Init, Model};

/// An input of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputInfo {
    /// Its name, `x` if it has none.
    pub name: &'static str,
    /// Its shape; of a single integer, `[]`.
    pub shape: &'static [usize],
    /// What each integer is below; `None` for real numbers.
    pub index: Option<usize>,
}

/// A parameter array of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamInfo {
    /// `fc1.weight`
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// Where it begins in the flat slice.
    pub start: usize,
    /// How it begins.
    pub init: Init,
    /// Whether it is `#[frozen]`: its gradient is zero, and its tangent is taken as zero.
    pub frozen: bool,
}

impl ParamInfo {
    /// How many scalars it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Never: every dimension is at least 1.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A parameter array seen in a model: its name, its shape, its scalars in row-major order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View<'a, T> {
    /// `fc1.weight`
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// Its scalars.
    pub data: &'a [T],
}

/// The parameter arrays of a model with their names and shapes.
pub fn views<M: Model>(model: &M) -> impl Iterator<Item = View<'_, M::Scalar>> {
    named(model.flat(), M::PARAM_INFO)
}

/// Stretches of a slice with their names and shapes.
#[doc(hidden)]
pub fn named<'a, T>(
    flat: &'a [T],
    infos: &'static [ParamInfo],
) -> impl Iterator<Item = View<'a, T>> {
    infos.iter().map(move |info| View {
        name: info.name,
        shape: info.shape,
        data: &flat[info.start..info.start + info.len()],
    })
}

/// How many scalars some arrays have.
pub(crate) fn len_of(infos: &[ParamInfo]) -> usize {
    infos.iter().map(ParamInfo::len).sum()
}
