//! Adagrad.

use super::{
    Groups, Optimizer, Params, Settings, change_trained, expect_lengths, is_optimizer,
    non_negative, remembered, setting, shared_among_threads, takes_groups,
};
use crate::kernel::Change;
use crate::lanes::Lanes;
use crate::scalar::Real;

/// Adagrad with weight decay λ and learning rate η, which falls by δ, at step t = 0, 1, …:
///
/// ```text
/// g ← g + λ·p
/// s ← s + g²
/// p ← p − η/(1 + t·δ) · g/(√s + ε)
/// ```
///
/// s starts at 0. Duchi, Hazan and Singer 2011; PyTorch: `torch.optim.Adagrad`.
///
/// ```
/// use pullback::optim::{Adagrad, Optimizer};
///
/// let mut params = [1.0f32, -2.0];
/// let mut optimizer = Adagrad::new(params.len(), 1e-2);
/// optimizer.step(&mut params, &[0.5, -0.5]);
/// assert!((params[0] - 0.99).abs() < 1e-6 && (params[1] + 1.99).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adagrad<T> {
    learning_rate: f64,
    rate_decay: f64,
    epsilon: f64,
    weight_decay: f64,
    steps: u64,
    threads: usize,
    groups: Groups,
    squares: Vec<T>,
}

impl<T: Real> Adagrad<T> {
    /// The optimiser for this number of parameters, with PyTorch's defaults: δ = λ = 0, ε = 1e-10.
    ///
    /// # Panics
    /// If the learning rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(params: usize, learning_rate: f64) -> Self {
        Adagrad {
            learning_rate: non_negative("learning rate", learning_rate),
            rate_decay: 0.0,
            epsilon: 1e-10,
            weight_decay: 0.0,
            steps: 0,
            threads: 1,
            groups: Groups::default(),
            squares: remembered(params),
        }
    }

    setting! {
        /// Sets how fast the learning rate falls, δ.
        rate_decay, "decay of the learning rate"
    }

    setting! {
        /// Sets ε.
        epsilon, "epsilon"
    }

    setting! {
        /// Sets the weight decay λ, which is added to the gradient as λ·p.
        weight_decay, "weight decay"
    }

    /// Sets what the sums of squares begin with.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn begin_with(mut self, squares: f64) -> Self {
        self.squares.fill(T::from_f64(non_negative("sum of squares", squares)));
        self
    }

    takes_groups!(squares; groups);

    shared_among_threads!(threads);

    /// One step towards a smaller loss. The `#[frozen]` parameters of a model stay as they are, whatever the weight
    /// decay.
    ///
    /// # Panics
    /// If `params` or `gradient` has another length than the optimiser was made for.
    #[track_caller]
    pub fn step(&mut self, mut params: impl Params<T>, gradient: &[T]) {
        let (infos, params) = (params.infos(), params.all());
        expect_lengths(self.squares.len(), params.len(), gradient.len());
        let [rate, decay, epsilon] = [self.learning_rate, self.weight_decay, self.epsilon];
        let slower = 1.0 + self.steps as f64 * self.rate_decay;
        self.steps += 1;
        let rule = |settings: Settings| {
            let (rate, decay) = settings.of(rate, decay);
            Rule {
                rate: T::from_f64(rate / slower),
                decay: T::from_f64(decay),
                epsilon: T::from_f64(epsilon),
            }
        };
        let arrays = [params, &mut self.squares];
        change_trained(self.threads, &self.groups, infos, arrays, gradient, rule);
    }
}

is_optimizer!(Adagrad);

/// One step.
#[derive(Clone, Copy)]
struct Rule<T> {
    rate: T,
    decay: T,
    epsilon: T,
}

impl<T: Real> Change<T, 2> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, s]: [V; 2], g: V) -> [V; 2] {
        let g = p.mul_add(V::splat(self.decay), g);
        let s = g.mul_add(g, s);
        let direction = g / (s.sqrt() + V::splat(self.epsilon));
        [direction.mul_add(V::splat(-self.rate), p), s]
    }
}
