//! Optimisers on flat parameters.
//!
//! A step takes all parameters of a model and their gradient as slices of equal length, and
//! changes the parameters. What an optimiser remembers is allocated when it is made; a step
//! allocates nothing, unless threads share it or it is one of [`Lbfgs`]. The formulas and defaults are those of
//! `torch.optim`. Settings are `f64` whatever the scalar, so that 1 − β and 1 − βᵗ keep their digits. With the feature
//! `rayon`, the method `threads` of each but that one shares its steps, which pays where there are many parameters.
//!
//! ```
//! use pullback::optim::{Optimizer, Sgd};
//!
//! // Minimise (p − 3)².
//! let mut p = [0.0f32];
//! let mut optimizer = Sgd::new(p.len(), 0.1).momentum(0.5);
//! for _ in 0..60 {
//!     let gradient = [2.0 * (p[0] - 3.0)];
//!     optimizer.step(&mut p, &gradient);
//! }
//! assert!((p[0] - 3.0).abs() < 1e-5);
//! ```

mod adagrad;
mod adam;
mod average;
mod clip;
mod group;
mod lbfgs;
mod lion;
mod params;
mod rmsprop;
mod schedule;
mod sgd;
mod wolfe;

pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use average::{EarlyStop, Ema, Verdict};
pub use clip::{clip_norm, clip_value};
pub use group::Group;
pub use lbfgs::Lbfgs;
pub use lion::Lion;
pub use params::Params;
pub use rmsprop::RmsProp;
pub use schedule::{Plateau, Schedule};
pub use sgd::Sgd;

use crate::info::ParamInfo;
use crate::kernel::{Change, update};
use crate::model::Model;
use crate::scalar::Real;
use group::{Groups, Settings};
use num_traits::ToPrimitive;

/// A rule that changes parameters by their gradient.
pub trait Optimizer<T: Real> {
    /// One step towards a smaller loss.
    ///
    /// # Panics
    /// If `params` or `gradient` has another length than the optimiser was made for.
    fn step(&mut self, params: &mut [T], gradient: &[T]);

    /// One step of a model, whose `#[frozen]` parameters stay as they are. It allocates if there are any; the methods
    /// `step` of the optimisers here do not.
    ///
    /// # Panics
    /// If the model has another number of parameters than the optimiser was made for.
    fn step_model<M: Model<Scalar = T>>(&mut self, model: &mut M, gradient: &M)
    where
        Self: Sized,
    {
        params::step_around(model, |params| self.step(params, gradient.flat()));
    }

    /// The learning rate that the next step uses.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate, for schedules.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    fn set_learning_rate(&mut self, learning_rate: f64);
}

/// What an optimiser remembers of each parameter, at first nothing.
fn remembered<T: Real>(params: usize) -> Vec<T> {
    // The environment is read now, which may allocate, and not by the first step.
    crate::lanes::isa();
    vec![T::ZERO; params]
}

/// Changes the parameters that are trained, and what is remembered of each, by their gradient: each stretch as the
/// settings say that hold for it.
fn change_trained<T: Real, const N: usize, C: Change<T, N>>(
    threads: usize,
    groups: &Groups,
    infos: &'static [ParamInfo],
    mut arrays: [&mut [T]; N],
    gradient: &[T],
    change: impl Fn(Settings) -> C,
) {
    for (stretch, settings) in groups.stretches(gradient.len(), infos) {
        let some = arrays.each_mut().map(|array| &mut array[stretch.clone()]);
        change_all(threads, some, &gradient[stretch], change(settings));
    }
}

/// Changes the parameters, and what is remembered of each, by their gradient, each thread some of them.
fn change_all<T: Real, const N: usize>(
    threads: usize,
    arrays: [&mut [T]; N],
    gradient: &[T],
    change: impl Change<T, N>,
) {
    #[cfg(feature = "rayon")]
    if threads > 1 {
        let mut rest = arrays;
        let parts = gradient
            .chunks(gradient.len().div_ceil(threads).max(crate::tuning::THREAD_PARAMS))
            .map(|gradient| {
                (rest.each_mut().map(|rest| crate::at_once::front(rest, gradient.len())), gradient)
            });
        let some = |(arrays, gradient): ([&mut [T]; N], &[T])| update(arrays, gradient, change);
        crate::at_once::at_once(parts, &some, crate::at_once::nothing);
        return;
    }
    debug_assert!(threads == 1, "there are others with the feature `rayon` only");
    update(arrays, gradient, change);
}

/// The method of an optimiser that says how many threads share a step.
macro_rules! shared_among_threads {
    ($($field:ident).+) => {
        /// Shares each step among so many threads, the calling one and those of the current `rayon` pool, of
        /// which each takes at least 2¹⁶ parameters. What a step computes does not depend on their number.
        ///
        /// # Panics
        /// If `threads` is 0.
        #[cfg(feature = "rayon")]
        #[must_use]
        #[track_caller]
        pub fn threads(mut self, threads: usize) -> Self {
            assert!(threads > 0, "a step is for at least one thread");
            self.$($field).+ = threads;
            self
        }
    };
}
use shared_among_threads;

/// The method of an optimiser that takes a group.
macro_rules! takes_groups {
    ($remembered:ident $(. $part:ident)*; $($field:ident).+) => {
        /// Some of the parameters have settings of their own.
        ///
        /// # Panics
        /// If the group is of a model with another number of parameters, or has an array of another group.
        #[must_use]
        #[track_caller]
        pub fn group(mut self, group: crate::optim::Group) -> Self {
            let params = self.$remembered $(.$part)*.len();
            self.$($field).+.add(group, params);
            self
        }
    };
}
use takes_groups;

/// The method that sets a field to a number of at least 0.
macro_rules! setting {
    ($(#[$doc:meta])* $name:ident, $said:literal) => {
        $(#[$doc])*
        ///
        /// # Panics
        /// If it is negative, infinite or NaN.
        #[must_use]
        #[track_caller]
        pub fn $name(mut self, $name: f64) -> Self {
            self.$name = crate::optim::non_negative($said, $name);
            self
        }
    };
}
use setting;

/// The trait, of an optimiser whose own `step` knows what is frozen.
macro_rules! is_optimizer {
    ($Name:ident) => {
        impl<T: Real> Optimizer<T> for $Name<T> {
            #[track_caller]
            fn step(&mut self, params: &mut [T], gradient: &[T]) {
                $Name::step(self, params, gradient);
            }

            fn step_model<M: crate::model::Model<Scalar = T>>(
                &mut self,
                model: &mut M,
                gradient: &M,
            ) {
                $Name::step(self, crate::flat::Flat::of(model), gradient.flat());
            }

            fn learning_rate(&self) -> f64 {
                self.learning_rate
            }

            #[track_caller]
            fn set_learning_rate(&mut self, learning_rate: f64) {
                self.learning_rate = non_negative("learning rate", learning_rate);
            }
        }
    };
}
use is_optimizer;

/// Checks a setting that must be finite and at least 0, and gives it back.
#[track_caller]
fn non_negative(name: &str, found: f64) -> f64 {
    assert!(
        found.is_finite() && found >= 0.0,
        "the {name} is {found}, needs a finite number of at least 0"
    );
    found
}

/// The number that a scalar is.
fn number<T: ToPrimitive>(x: &T) -> f64 {
    x.to_f64().unwrap_or(f64::NAN)
}

/// Checks the two slices of a step.
#[track_caller]
fn expect_lengths(expected: usize, params: usize, gradient: usize) {
    assert!(params == expected, "found {params} parameters, the optimizer was made for {expected}");
    assert!(
        gradient == expected,
        "the gradient has {gradient} elements, the optimizer was made for {expected}"
    );
}

/// The five steps of `torch.optim` in `f64` that the tests compare with: parameters that start at
/// (1, −2, 0.5) and the gradient (1.5, −0.25, 3)⊙p + 0.1·t at step t = 0, 1, ….
#[cfg(test)]
fn assert_run(mut optimizer: impl Optimizer<f64>, expected: [[f64; 3]; 5]) {
    let mut params = [1.0, -2.0, 0.5];
    for (t, expected) in expected.into_iter().enumerate() {
        let shift = 0.1 * t as f64;
        let gradient =
            [1.5 * params[0] + shift, -0.25 * params[1] + shift, 3.0 * params[2] + shift];
        optimizer.step(&mut params, &gradient);
        for (found, expected) in params.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "step {t}: {params:?}, not {expected:?}");
        }
    }
}
