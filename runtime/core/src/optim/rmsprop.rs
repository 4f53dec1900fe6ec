//! RMSprop.

use super::{
    Groups, Optimizer, Params, Settings, change_trained, expect_lengths, is_optimizer,
    non_negative, remembered, setting, shared_among_threads, takes_groups,
};
use crate::kernel::Change;
use crate::lanes::Lanes;
use crate::scalar::Real;

/// RMSprop with smoothing α, momentum μ, weight decay λ and learning rate η:
///
/// ```text
/// g ← g + λ·p
/// v ← α·v + (1 − α)·g²
/// b ← μ·b + g/(√v + ε)        (centered: g/(√(v − a²) + ε) with a ← α·a + (1 − α)·g)
/// p ← p − η·b
/// ```
///
/// v, b and a start at 0. Tieleman and Hinton 2012, Graves 2013; PyTorch: `torch.optim.RMSprop`.
///
/// ```
/// use pullback::optim::{Optimizer, RmsProp};
///
/// let mut params = [1.0f32, -2.0];
/// let mut optimizer = RmsProp::new(params.len(), 1e-2).momentum(0.9);
/// optimizer.step(&mut params, &[0.5, -0.5]);
/// assert!((params[0] - 0.9).abs() < 1e-6 && (params[1] + 1.9).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RmsProp<T> {
    learning_rate: f64,
    smoothing: f64,
    epsilon: f64,
    weight_decay: f64,
    momentum: f64,
    threads: usize,
    groups: Groups,
    squares: Vec<T>,
    /// Empty without momentum.
    velocity: Vec<T>,
    /// Empty if it is not centered.
    mean: Vec<T>,
}

impl<T: Real> RmsProp<T> {
    /// The optimiser for this number of parameters, with PyTorch's defaults: α = 0.99, ε = 1e-8, λ = μ = 0.
    ///
    /// # Panics
    /// If the learning rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(params: usize, learning_rate: f64) -> Self {
        RmsProp {
            learning_rate: non_negative("learning rate", learning_rate),
            smoothing: 0.99,
            epsilon: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            threads: 1,
            groups: Groups::default(),
            squares: remembered(params),
            velocity: Vec::new(),
            mean: Vec::new(),
        }
    }

    /// Sets how much the mean of the squares keeps of itself, α.
    ///
    /// # Panics
    /// If it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        assert!(
            (0.0..=1.0).contains(&smoothing),
            "the smoothing is {smoothing}, needs a number from 0 to 1"
        );
        self.smoothing = smoothing;
        self
    }

    setting! {
        /// Sets ε.
        epsilon, "epsilon"
    }

    setting! {
        /// Sets the weight decay λ, which is added to the gradient as λ·p.
        weight_decay, "weight decay"
    }

    /// Sets the momentum μ.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = non_negative("momentum", momentum);
        self.velocity = remembered(if momentum > 0.0 { self.squares.len() } else { 0 });
        self
    }

    /// Whether the gradient is divided by its standard deviation and not by the root of its mean square.
    #[must_use]
    pub fn centered(mut self, centered: bool) -> Self {
        self.mean = remembered(if centered { self.squares.len() } else { 0 });
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
        let (infos, p) = (params.infos(), params.all());
        expect_lengths(self.squares.len(), p.len(), gradient.len());
        let [rate, decay] = [self.learning_rate, self.weight_decay];
        let [keep, epsilon, momentum] = [self.smoothing, self.epsilon, self.momentum];
        let rule = |settings: Settings| {
            let (rate, decay) = settings.of(rate, decay);
            Rule {
                rate: T::from_f64(rate),
                decay: T::from_f64(decay),
                keep: T::from_f64(keep),
                new: T::from_f64(1.0 - keep),
                epsilon: T::from_f64(epsilon),
                momentum: T::from_f64(momentum),
            }
        };
        let (threads, groups) = (self.threads, &self.groups);
        let (v, b, a) = (&mut self.squares[..], &mut self.velocity[..], &mut self.mean[..]);
        match (b.is_empty(), a.is_empty()) {
            (true, true) => change_trained(threads, groups, infos, [p, v], gradient, rule),
            (false, true) => change_trained(threads, groups, infos, [p, v, b], gradient, rule),
            (true, false) => {
                change_trained(threads, groups, infos, [p, v, a], gradient, |s| Centered(rule(s)));
            }
            (false, false) => change_trained(threads, groups, infos, [p, v, b, a], gradient, rule),
        }
    }
}

is_optimizer!(RmsProp);

/// One step.
#[derive(Clone, Copy)]
struct Rule<T> {
    rate: T,
    decay: T,
    keep: T,
    new: T,
    epsilon: T,
    momentum: T,
}

/// One step of a centered optimiser.
#[derive(Clone, Copy)]
struct Centered<T>(Rule<T>);

impl<T: Real> Rule<T> {
    /// The gradient, and the mean of its squares.
    #[inline(always)]
    fn squares<V: Lanes<Scalar = T>>(self, p: V, v: V, g: V) -> (V, V) {
        let g = p.mul_add(V::splat(self.decay), g);
        (g, (g * g).mul_add(V::splat(self.new), V::splat(self.keep) * v))
    }

    /// The mean of the gradient.
    #[inline(always)]
    fn mean<V: Lanes<Scalar = T>>(self, a: V, g: V) -> V {
        (g - a).mul_add(V::splat(self.new), a)
    }

    /// The gradient by the root of `squares`.
    #[inline(always)]
    fn scaled<V: Lanes<Scalar = T>>(self, g: V, squares: V) -> V {
        g / (squares.sqrt() + V::splat(self.epsilon))
    }

    #[inline(always)]
    fn moved<V: Lanes<Scalar = T>>(self, p: V, direction: V) -> V {
        direction.mul_add(V::splat(-self.rate), p)
    }
}

impl<T: Real> Change<T, 2> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, v]: [V; 2], g: V) -> [V; 2] {
        let (g, v) = self.squares(p, v, g);
        [self.moved(p, self.scaled(g, v)), v]
    }
}

/// With momentum.
impl<T: Real> Change<T, 3> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, v, b]: [V; 3], g: V) -> [V; 3] {
        let (g, v) = self.squares(p, v, g);
        let b = b.mul_add(V::splat(self.momentum), self.scaled(g, v));
        [self.moved(p, b), v, b]
    }
}

impl<T: Real> Change<T, 3> for Centered<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, v, a]: [V; 3], g: V) -> [V; 3] {
        let (g, v) = self.0.squares(p, v, g);
        let a = self.0.mean(a, g);
        [self.0.moved(p, self.0.scaled(g, v - a * a)), v, a]
    }
}

/// Centered, with momentum.
impl<T: Real> Change<T, 4> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, v, b, a]: [V; 4], g: V) -> [V; 4] {
        let (g, v) = self.squares(p, v, g);
        let a = self.mean(a, g);
        let b = b.mul_add(V::splat(self.momentum), self.scaled(g, v - a * a));
        [self.moved(p, b), v, b, a]
    }
}
