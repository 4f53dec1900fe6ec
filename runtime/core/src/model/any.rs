//! Models whose type is not known until the program runs.

use super::{Cotangents, Data, InputInfo, Loss, Model, ParamInfo, Workspace, Wrt};
use crate::flat::{Boxed, slice, slice_mut};
use crate::scalar::Scalar;
use core::fmt;

/// Any model together with the memory of its calls: [`Model`] for a `Box<dyn AnyModel<f32>>`, made by [`any`].
///
/// ```
/// use pullback::model;
/// use pullback::model::{AnyModel, Data, any};
///
/// model! {
///     pub Small: [2] -> [1] { linear -> [1] }
///     pub Large: [2] -> [1] { linear -> [64], relu, linear -> [1] }
/// }
///
/// let mut rng = rand::rng();
/// let mut nets: Vec<Box<dyn AnyModel<f32>>> = vec![any(Small::init(&mut rng)), any(Large::init(&mut rng))];
/// for net in &mut nets {
///     // Two samples.
///     let (xs, mut y) = ([0.5, 1.0, -1.0, 2.0], [0.0; 2]);
///     net.forward(&[Data::Real(&xs)], &mut y);
///     println!("{} with {} parameters: {y:?}", net.name(), net.flat().len());
/// }
/// ```
pub trait AnyModel<T: Scalar>: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// Its inputs, in order.
    fn inputs(&self) -> &'static [InputInfo];
    /// The shape of its output.
    fn output(&self) -> &'static [usize];
    /// Its parameter arrays, in the order of memory.
    fn arrays(&self) -> &'static [ParamInfo];
    /// Its parameters as one slice.
    fn flat(&self) -> &[T];
    /// Its parameters as one slice, for writing.
    fn flat_mut(&mut self) -> &mut [T];

    /// `y ← f(x)` for each sample.
    ///
    /// # Panics
    /// As [`Model::forward_flat`].
    fn forward(&mut self, inputs: &[Data<'_, T>], y: &mut [T]);

    /// `loss(i, yᵢ, ȳᵢ)` is asked for the cotangent of each sample's output, and the sum of `Df(x)ᵀ·ȳ` over the batch, the
    /// cotangent of the parameters, is written to `gradient`.
    ///
    /// # Panics
    /// As [`Model::vjp_flat`].
    fn grad(&mut self, inputs: &[Data<'_, T>], loss: Loss<'_, T>, gradient: &mut [T]);
}

/// A model of any type ([`AnyModel`]).
pub fn any<M>(model: impl Into<Boxed<M>>) -> Box<dyn AnyModel<M::Scalar>>
where
    M: Model + fmt::Debug + Send + Sync + 'static,
{
    Box::new(Owned { model: model.into(), workspace: Workspace::new() })
}

/// A model and its memory.
struct Owned<M: Model> {
    model: Boxed<M>,
    workspace: Workspace<M>,
}

impl<M: Model + fmt::Debug> fmt::Debug for Owned<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<M: Model + fmt::Debug + Send + Sync> AnyModel<M::Scalar> for Owned<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn inputs(&self) -> &'static [InputInfo] {
        M::INPUTS
    }

    fn output(&self) -> &'static [usize] {
        M::OUTPUT
    }

    fn arrays(&self) -> &'static [ParamInfo] {
        M::ARRAYS
    }

    fn flat(&self) -> &[M::Scalar] {
        slice(&*self.model)
    }

    fn flat_mut(&mut self) -> &mut [M::Scalar] {
        slice_mut(&mut *self.model)
    }

    fn forward(&mut self, inputs: &[Data<'_, M::Scalar>], y: &mut [M::Scalar]) {
        self.model.forward_flat(inputs, y, &mut self.workspace);
    }

    fn grad(
        &mut self,
        inputs: &[Data<'_, M::Scalar>],
        loss: Loss<'_, M::Scalar>,
        gradient: &mut [M::Scalar],
    ) {
        let mut none: Vec<&mut [M::Scalar]> = inputs.iter().map(|_| &mut [][..]).collect();
        let cotangents = Cotangents { inputs: &mut none, params: gradient };
        self.model.vjp_flat(Wrt::Params, inputs, loss, cotangents, &mut self.workspace);
    }
}
