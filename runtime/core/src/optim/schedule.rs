//! Learning rates that change from step to step.

use super::{Optimizer, non_negative};
use crate::scalar::Real;
use core::f64::consts::PI;

/// The learning rate of each step, 0, 1, 2, …
///
/// ```
/// use pullback::optim::{AdamW, Optimizer, Schedule};
///
/// // 100 steps up to 1e-3, then 900 down to 1e-5 along a cosine.
/// let schedule = Schedule::cosine(1e-3, 1e-5, 900).warm_up(100);
/// let mut optimizer = AdamW::<f32>::new(10, 1e-3);
/// for step in 0..1000 {
///     schedule.apply(&mut optimizer, step);
///     // … a step of the optimiser
/// }
/// assert!(optimizer.learning_rate() < 1.1e-5);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule {
    curve: Curve,
    warm_up: usize,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Curve {
    Cosine { from: f64, to: f64, steps: usize },
    Steps { rate: f64, every: usize, factor: f64 },
    OneCycle { most: f64, steps: usize },
}

/// `from` at 0, `to` at 1, between them half a cosine.
fn half_cosine(from: f64, to: f64, at: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * at).cos()) / 2.0
}

impl Schedule {
    fn new(curve: Curve) -> Self {
        Schedule { curve, warm_up: 0 }
    }

    /// The same rate always.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn constant(rate: f64) -> Self {
        Self::steps(rate, usize::MAX, 1.0)
    }

    /// `to + (from − to) · (1 + cos(π · step / steps)) / 2`, and `to` from then on (Loshchilov and Hutter 2017; PyTorch:
    /// `CosineAnnealingLR`).
    ///
    /// # Panics
    /// If a rate is negative, infinite or NaN, or `steps` is 0.
    #[must_use]
    #[track_caller]
    pub fn cosine(from: f64, to: f64, steps: usize) -> Self {
        let [from, to] = [from, to].map(|rate| non_negative("learning rate", rate));
        assert!(steps > 0, "a cosine takes at least one step");
        Self::new(Curve::Cosine { from, to, steps })
    }

    /// `rate · factor^⌊step / every⌋` (PyTorch: `StepLR`, and `ExponentialLR` with `every = 1`).
    ///
    /// # Panics
    /// If rate or factor is negative, infinite or NaN, or `every` is 0.
    #[must_use]
    #[track_caller]
    pub fn steps(rate: f64, every: usize, factor: f64) -> Self {
        let rate = non_negative("learning rate", rate);
        assert!(every > 0, "the rate changes after at least one step");
        Self::new(Curve::Steps { rate, every, factor: non_negative("factor", factor) })
    }

    /// From `most / 25` up to `most` in three tenths of the steps, and down to `most / 250,000`, both along a cosine (Smith
    /// and Topin 2018; PyTorch: `OneCycleLR`, whose defaults these are).
    ///
    /// # Panics
    /// If the rate is negative, infinite or NaN, or there are fewer than 4 steps.
    #[must_use]
    #[track_caller]
    pub fn one_cycle(most: f64, steps: usize) -> Self {
        assert!(steps >= 4, "one cycle takes at least 4 steps, found {steps}");
        Self::new(Curve::OneCycle { most: non_negative("learning rate", most), steps })
    }

    /// Before all that, so many steps whose rate rises to the first one's: in step `i` of `n` it is `(i + 1) / n` of it.
    #[must_use]
    pub fn warm_up(mut self, steps: usize) -> Self {
        self.warm_up = steps;
        self
    }

    /// The learning rate of a step.
    pub fn rate(&self, step: usize) -> f64 {
        match step.checked_sub(self.warm_up) {
            Some(step) => self.curve.rate(step),
            None => self.curve.rate(0) * (step + 1) as f64 / self.warm_up as f64,
        }
    }

    /// Sets the learning rate of an optimiser to that of a step.
    pub fn apply<T: Real>(&self, optimizer: &mut impl Optimizer<T>, step: usize) {
        optimizer.set_learning_rate(self.rate(step));
    }
}

impl Curve {
    fn rate(&self, step: usize) -> f64 {
        match *self {
            Curve::Cosine { from, to, steps } => {
                half_cosine(from, to, step.min(steps) as f64 / steps as f64)
            }
            Curve::Steps { rate, every, factor } => rate * factor.powf((step / every) as f64),
            Curve::OneCycle { most, steps } => {
                let (step, last) = (step.min(steps - 1) as f64, steps as f64 - 1.0);
                let top = 0.3 * steps as f64 - 1.0;
                match step <= top {
                    true => half_cosine(most / 25.0, most, step / top),
                    false => half_cosine(most, most / 250_000.0, (step - top) / (last - top)),
                }
            }
        }
    }
}

/// A learning rate that falls when a loss does not any more (PyTorch: `ReduceLROnPlateau`).
///
/// A loss is better if it is less than `1 − threshold` of the best one, with a threshold of 1e-4. After more than
/// `patience` in a row that are not, the rate is multiplied by the factor.
///
/// ```
/// use pullback::optim::Plateau;
///
/// let mut plateau = Plateau::new(0.1, 0.5, 1);
/// let rates = [1.0, 0.9, 0.9, 0.95, 0.9].map(|loss| plateau.next(loss));
/// assert_eq!(rates, [0.1, 0.1, 0.1, 0.05, 0.05]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plateau {
    rate: f64,
    factor: f64,
    patience: usize,
    threshold: f64,
    best: f64,
    worse: usize,
}

impl Plateau {
    /// A rate, what it is multiplied by, and how many losses may be no better before that.
    ///
    /// # Panics
    /// If rate or factor is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(rate: f64, factor: f64, patience: usize) -> Self {
        let (rate, factor) = (non_negative("learning rate", rate), non_negative("factor", factor));
        Plateau { rate, factor, patience, threshold: 1e-4, best: f64::INFINITY, worse: 0 }
    }

    /// Sets the threshold, by what part of the best loss a better one is less.
    ///
    /// ```
    /// use pullback::optim::Plateau;
    ///
    /// let mut plateau = Plateau::new(0.1, 0.5, 0).threshold(0.1);
    /// let rates = [1.0, 0.95, 0.85].map(|loss| plateau.next(loss));
    /// assert_eq!(rates, [0.1, 0.05, 0.05]);
    /// ```
    ///
    /// # Panics
    /// If it is not from 0 to below 1.
    #[must_use]
    #[track_caller]
    pub fn threshold(self, threshold: f64) -> Self {
        assert!(
            (0.0..1.0).contains(&threshold),
            "the threshold is {threshold}, needs a number from 0 to below 1"
        );
        Plateau { threshold, ..self }
    }

    /// The learning rate after this loss.
    pub fn next(&mut self, loss: f64) -> f64 {
        if loss < self.best * (1.0 - self.threshold) {
            (self.best, self.worse) = (loss, 0);
        } else {
            self.worse += 1;
        }
        if self.worse > self.patience {
            (self.rate, self.worse) = (self.rate * self.factor, 0);
        }
        self.rate
    }
}
