//! What a call is given, and where it writes derivatives.

use crate::index::Indices;
use crate::random::{Draws, Key};

/// A batch of one input, or what else a call is given: state and key of models that have them.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a, T> {
    /// Real arrays, sample by sample.
    Real(&'a [T]),
    /// Integers, each below the input's bound, sample by sample.
    Index(&'a [u32]),
    /// The state, whatever the batch.
    State(&'a [T]),
    /// What random numbers are made from.
    Draws(Draws),
}

impl<'a, T> Data<'a, T> {
    /// The key of a call of a random model.
    pub fn key(key: Key) -> Self {
        Data::Draws(Draws { key, first: 0 })
    }

    /// Checked indices.
    pub fn index(indices: &'a [impl Indices]) -> Self {
        Data::Index(Indices::numbers(indices))
    }

    #[inline(always)]
    pub(crate) fn part(self, from: usize, to: usize, per_sample: usize) -> Self {
        match self {
            Data::Real(xs) => Data::Real(&xs[from * per_sample..to * per_sample]),
            Data::Index(xs) => Data::Index(&xs[from * per_sample..to * per_sample]),
            Data::State(state) => Data::State(state),
            Data::Draws(draws) => Data::Draws(Draws { first: draws.first + from as u64, ..draws }),
        }
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn real(self) -> &'a [T] {
        match self {
            Data::Real(xs) => xs,
            _ => panic!("something else where a real input was needed"),
        }
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn integers(self) -> &'a [u32] {
        match self {
            Data::Index(xs) => xs,
            _ => panic!("something else where an integer input was needed"),
        }
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn state(self) -> &'a [T] {
        match self {
            Data::State(state) => state,
            _ => panic!("something else where the state was needed"),
        }
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn draws(self) -> Draws {
        match self {
            Data::Draws(draws) => draws,
            _ => panic!("something else where a key was needed"),
        }
    }
}

/// Tangents, sample by sample: of the inputs (of integer ones, empty) and of the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Tangents<'a, T> {
    /// One slice for each input.
    pub inputs: &'a [&'a [T]],
    /// As long as the parameters.
    pub params: &'a [T],
}

/// Where cotangents are written.
#[derive(Debug)]
pub struct Cotangents<'a, 'b, T> {
    /// One slice for each input; of integer ones, empty.
    pub inputs: &'a mut [&'b mut [T]],
    /// As long as the parameters.
    pub params: &'a mut [T],
}
