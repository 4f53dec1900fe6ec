//! What is read and written: structs of parameters and state.

use super::dtype::Element;
use crate::flat::{Block, Boxed, slice, slice_mut};
use crate::info::ParamInfo;

/// What [`save`](super::save) writes: `&net`, `&state`, or several such: `(&net, &state)`.
#[diagnostic::on_unimplemented(
    message = "weights are written of networks and their states, found `{Self}`",
    note = "`&net`, or `(&net, &state)`, whose numbers are `f32` or `f64`"
)]
pub trait Source {
    /// What the numbers are.
    type Scalar: Element;
    /// The arrays and their numbers.
    #[doc(hidden)]
    fn arrays(&self) -> Vec<(&'static ParamInfo, &[Self::Scalar])>;
}

/// What [`load`](super::load) reads: `&mut net`, `&mut state`, or several such: `(&mut net, &mut state)`.
#[diagnostic::on_unimplemented(
    message = "weights are read into networks and their states, found `{Self}`",
    note = "`&mut net`, or `(&mut net, &mut state)`, whose numbers are `f32` or `f64`"
)]
pub trait Target {
    /// What the numbers are.
    type Scalar: Element;
    /// The arrays and their numbers.
    #[doc(hidden)]
    fn arrays_mut(&mut self) -> Vec<(&'static ParamInfo, &mut [Self::Scalar])>;
}

impl<B: Block<Scalar: Element>> Source for &B {
    type Scalar = B::Scalar;
    fn arrays(&self) -> Vec<(&'static ParamInfo, &[B::Scalar])> {
        let flat = slice(*self);
        B::ARRAYS.iter().map(|info| (info, &flat[info.start..info.start + info.len()])).collect()
    }
}

impl<B: Block<Scalar: Element>> Source for &Boxed<B> {
    type Scalar = B::Scalar;
    fn arrays(&self) -> Vec<(&'static ParamInfo, &[B::Scalar])> {
        let flat = slice(&***self);
        B::ARRAYS.iter().map(|info| (info, &flat[info.start..info.start + info.len()])).collect()
    }
}

impl<A: Source, B: Source<Scalar = A::Scalar>> Source for (A, B) {
    type Scalar = A::Scalar;
    fn arrays(&self) -> Vec<(&'static ParamInfo, &[A::Scalar])> {
        let mut arrays = self.0.arrays();
        arrays.extend(self.1.arrays());
        arrays
    }
}

/// The arrays of a block, for writing.
fn of_block<B: Block>(block: &mut B) -> Vec<(&'static ParamInfo, &mut [B::Scalar])> {
    let mut rest = slice_mut(block);
    let mut arrays = Vec::with_capacity(B::ARRAYS.len());
    for info in B::ARRAYS {
        let (array, after) = rest.split_at_mut(info.len());
        rest = after;
        arrays.push((info, array));
    }
    arrays
}

impl<B: Block<Scalar: Element>> Target for &mut B {
    type Scalar = B::Scalar;
    fn arrays_mut(&mut self) -> Vec<(&'static ParamInfo, &mut [B::Scalar])> {
        of_block(*self)
    }
}

impl<B: Block<Scalar: Element>> Target for &mut Boxed<B> {
    type Scalar = B::Scalar;
    fn arrays_mut(&mut self) -> Vec<(&'static ParamInfo, &mut [B::Scalar])> {
        of_block(&mut ***self)
    }
}

impl<A: Target, B: Target<Scalar = A::Scalar>> Target for (A, B) {
    type Scalar = A::Scalar;
    fn arrays_mut(&mut self) -> Vec<(&'static ParamInfo, &mut [A::Scalar])> {
        let mut arrays = self.0.arrays_mut();
        arrays.extend(self.1.arrays_mut());
        arrays
    }
}
