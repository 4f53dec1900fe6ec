//! Stochastic gradient descent.

use super::{
    Groups, Optimizer, Params, Settings, change_trained, expect_lengths, is_optimizer,
    non_negative, remembered, setting, shared_among_threads, takes_groups,
};
use crate::kernel::Change;
use crate::lanes::Lanes;
use crate::scalar::Real;

/// Stochastic gradient descent with momentum μ, dampening τ, weight decay λ and learning rate η:
///
/// ```text
/// g ← g + λ·p
/// v ← μ·v + (1 − τ)·g      (first: v ← g)
/// p ← p − η·v              (Nesterov: p ← p − η·(g + μ·v))
/// ```
///
/// Without further settings μ = τ = λ = 0. PyTorch: `torch.optim.SGD`.
///
/// ```
/// use pullback::optim::{Optimizer, Sgd};
///
/// let mut params = [1.0, -2.0];
/// let mut optimizer = Sgd::new(params.len(), 0.1).momentum(0.9).nesterov(true).weight_decay(1e-4);
/// optimizer.step(&mut params, &[0.5, 0.5]);
/// optimizer.set_learning_rate(0.01);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sgd<T> {
    learning_rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    /// Whether there was a step, so that there is a velocity.
    begun: bool,
    weight_decay: f64,
    threads: usize,
    groups: Groups,
    velocity: Vec<T>,
}

impl<T: Real> Sgd<T> {
    /// Plain gradient descent for this number of parameters.
    ///
    /// # Panics
    /// If the learning rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(params: usize, learning_rate: f64) -> Self {
        let learning_rate = non_negative("learning rate", learning_rate);
        let velocity = remembered(params);
        Self {
            learning_rate,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            begun: false,
            weight_decay: 0.0,
            threads: 1,
            groups: Groups::default(),
            velocity,
        }
    }

    setting! {
        /// Sets the momentum μ.
        momentum, "momentum"
    }

    /// Sets the dampening τ, how much of a gradient is left out of the velocity. It has no effect without momentum.
    ///
    /// # Panics
    /// If it is not from 0 to 1, or not 0 beside Nesterov's step, as in PyTorch.
    #[must_use]
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Self {
        assert!(
            (0.0..=1.0).contains(&dampening),
            "the dampening is {dampening}, needs a number from 0 to 1"
        );
        Self { dampening, ..self }.checked()
    }

    /// Whether the step looks ahead, after Nesterov. It has no effect without momentum.
    ///
    /// # Panics
    /// If there is dampening, as in PyTorch.
    #[must_use]
    #[track_caller]
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }.checked()
    }

    #[track_caller]
    fn checked(self) -> Self {
        let dampening = self.dampening;
        assert!(
            !self.nesterov || dampening == 0.0,
            "the dampening is {dampening}, Nesterov's step needs 0"
        );
        self
    }

    setting! {
        /// Sets the weight decay λ, which is added to the gradient as λ·p.
        weight_decay, "weight decay"
    }

    takes_groups!(velocity; groups);

    shared_among_threads!(threads);

    /// One step towards a smaller loss. The `#[frozen]` parameters of a model stay as they are, whatever
    /// the weight decay.
    ///
    /// # Panics
    /// If `params` or `gradient` has another length than the optimiser was made for.
    #[track_caller]
    pub fn step(&mut self, mut params: impl Params<T>, gradient: &[T]) {
        let (infos, params) = (params.infos(), params.all());
        expect_lengths(self.velocity.len(), params.len(), gradient.len());
        let (rate, decay, momentum) = (self.learning_rate, self.weight_decay, self.momentum);
        let nesterov = self.nesterov;
        let new = if self.begun { 1.0 - self.dampening } else { 1.0 };
        self.begun = true;
        let rule = |settings: Settings| {
            let (rate, decay) = settings.of(rate, decay);
            Rule {
                rate: T::from_f64(rate),
                momentum: T::from_f64(momentum),
                new: T::from_f64(new),
                decay: T::from_f64(decay),
                nesterov,
            }
        };
        if self.momentum == 0.0 {
            change_trained(self.threads, &self.groups, infos, [params], gradient, rule);
        } else {
            let arrays = [params, &mut self.velocity];
            change_trained(self.threads, &self.groups, infos, arrays, gradient, rule);
        }
    }
}

/// One step, η, μ, 1 − τ and λ.
#[derive(Clone, Copy)]
struct Rule<T> {
    rate: T,
    momentum: T,
    new: T,
    decay: T,
    nesterov: bool,
}

/// Without momentum.
impl<T: Real> Change<T, 1> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p]: [V; 1], g: V) -> [V; 1] {
        let g = p.mul_add(V::splat(self.decay), g);
        [g.mul_add(V::splat(-self.rate), p)]
    }
}

/// With momentum: parameters and velocity.
impl<T: Real> Change<T, 2> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, v]: [V; 2], g: V) -> [V; 2] {
        let g = p.mul_add(V::splat(self.decay), g);
        let momentum = V::splat(self.momentum);
        let v = v.mul_add(momentum, V::splat(self.new) * g);
        let direction = if self.nesterov { v.mul_add(momentum, g) } else { v };
        [direction.mul_add(V::splat(-self.rate), p), v]
    }
}

is_optimizer!(Sgd);

#[cfg(test)]
mod tests {
    use super::super::assert_run;
    use super::*;

    #[test]
    fn plain_as_pytorch() {
        assert_run(
            Sgd::new(3, 0.1),
            [
                [0.85, -2.05, 0.35],
                [0.7125, -2.1112499999999996, 0.235],
                [0.5856250000000001, -2.1840312499999994, 0.1445],
                [0.46778125000000004, -2.2686320312499992, 0.07114999999999998],
                [0.3576140625, -2.365347832031249, 0.00980499999999998],
            ],
        );
    }

    #[test]
    fn momentum_as_pytorch() {
        assert_run(
            Sgd::new(3, 0.1).momentum(0.9).weight_decay(0.01),
            [
                [0.849, -2.048, 0.3495],
                [0.574901, -2.1503520000000003, 0.09885049999999995],
                [0.22140184899999998, -2.3140772480000003, -0.17648805050000008],
                [-0.160179066099, -2.5469678251520005, -0.40116984274950007],
                [-0.519414850707151, -2.8576965723924483, -0.5226313331064505],
            ],
        );
    }

    #[test]
    fn nesterov_as_pytorch() {
        assert_run(
            Sgd::new(3, 0.1).momentum(0.9).weight_decay(0.01).nesterov(true),
            [
                [0.7131, -2.0912, 0.21405000000000002],
                [0.3672016099999999, -2.24443872, -0.04927019499999997],
                [0.01845320709099988, -2.468530053632, -0.2290946009795],
                [-0.28981188184250806, -2.7732973479944194, -0.312264659886374],
                [-0.5305956421383827, -3.169730022830691, -0.3195952813188898],
            ],
        );
    }

    #[test]
    #[should_panic(expected = "found 2 parameters, the optimizer was made for 3")]
    fn another_number_of_parameters_panics() {
        Sgd::new(3, 0.1).step(&mut [0.0; 2], &[0.0; 2]);
    }

    #[test]
    #[should_panic(expected = "the learning rate is -1, needs a finite number of at least 0")]
    fn a_negative_learning_rate_panics() {
        Sgd::<f32>::new(3, 0.1).set_learning_rate(-1.0);
    }
}
