//! Lion.

use super::{
    Groups, Optimizer, Params, Settings, change_trained, expect_lengths, is_optimizer,
    non_negative, remembered, setting, shared_among_threads, takes_groups,
};
use crate::kernel::Change;
use crate::lanes::Lanes;
use crate::scalar::Real;

/// Lion with weight decay λ and learning rate η, which should be some tenth of that of AdamW:
///
/// ```text
/// p ← p − η·λ·p
/// p ← p − η·sign(β₁·m + (1 − β₁)·g)
/// m ← β₂·m + (1 − β₂)·g
/// ```
///
/// m starts at 0; the sign of 0 is 0, and of NaN is NaN. Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms".
///
/// ```
/// use pullback::optim::{Lion, Optimizer};
///
/// let mut params = [1.0f32, -2.0];
/// let mut optimizer = Lion::new(params.len(), 1e-2);
/// optimizer.step(&mut params, &[0.5, -0.25]);
/// assert_eq!(params, [0.99, -1.99]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Lion<T> {
    learning_rate: f64,
    betas: [f64; 2],
    weight_decay: f64,
    threads: usize,
    groups: Groups,
    mean: Vec<T>,
}

impl<T: Real> Lion<T> {
    /// The optimiser for this number of parameters, with the paper's β₁ = 0.9 and β₂ = 0.99, and λ = 0.
    ///
    /// # Panics
    /// If the learning rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(params: usize, learning_rate: f64) -> Self {
        Lion {
            learning_rate: non_negative("learning rate", learning_rate),
            betas: [0.9, 0.99],
            weight_decay: 0.0,
            threads: 1,
            groups: Groups::default(),
            mean: remembered(params),
        }
    }

    /// Sets how much of the mean is in the direction of a step, β₁, and how much the mean keeps of itself, β₂.
    ///
    /// # Panics
    /// If one of them is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn betas(mut self, direction: f64, mean: f64) -> Self {
        for beta in [direction, mean] {
            assert!((0.0..=1.0).contains(&beta), "beta is {beta}, needs a number from 0 to 1");
        }
        self.betas = [direction, mean];
        self
    }

    setting! {
        /// Sets the weight decay λ.
        weight_decay, "weight decay"
    }

    takes_groups!(mean; groups);

    shared_among_threads!(threads);

    /// One step towards a smaller loss. The `#[frozen]` parameters of a model stay as they are, whatever the weight
    /// decay.
    ///
    /// # Panics
    /// If `params` or `gradient` has another length than the optimiser was made for.
    #[track_caller]
    pub fn step(&mut self, mut params: impl Params<T>, gradient: &[T]) {
        let (infos, params) = (params.infos(), params.all());
        expect_lengths(self.mean.len(), params.len(), gradient.len());
        let [rate, decay] = [self.learning_rate, self.weight_decay];
        let betas = self.betas;
        let rule = |settings: Settings| {
            let (rate, decay) = settings.of(rate, decay);
            Rule {
                rate: T::from_f64(rate),
                shrink: T::from_f64(1.0 - rate * decay),
                keep: betas.map(T::from_f64),
                new: betas.map(|beta| T::from_f64(1.0 - beta)),
            }
        };
        let arrays = [params, &mut self.mean];
        change_trained(self.threads, &self.groups, infos, arrays, gradient, rule);
    }
}

is_optimizer!(Lion);

/// One step.
#[derive(Clone, Copy)]
struct Rule<T> {
    rate: T,
    shrink: T,
    keep: [T; 2],
    new: [T; 2],
}

impl<T: Real> Change<T, 2> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, m]: [V; 2], g: V) -> [V; 2] {
        let mixed = |i: usize| g.mul_add(V::splat(self.new[i]), V::splat(self.keep[i]) * m);
        let (zero, rate, direction) = (V::splat(T::ZERO), V::splat(self.rate), mixed(0));
        // What is neither less nor greater than 0 is 0 or NaN, which must not be lost.
        let back = V::select_gt(zero, direction, -rate, direction);
        let step = V::select_gt(direction, zero, rate, back);
        [p.mul_add(V::splat(self.shrink), -step), mixed(1)]
    }
}
