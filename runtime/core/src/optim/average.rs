//! What is kept of a run besides its parameters: their average, and the best loss.

use super::setting;
use crate::flat::{Block, Boxed, slice, slice_mut};
use crate::scalar::{Real, Scalar};

/// An exponential moving average of the parameters of a model, which often predicts better than the last ones:
/// `a ← β·a + (1 − β)·p` after each step, from the parameters at first (PyTorch: `AveragedModel` with
/// `get_ema_multi_avg_fn`).
///
/// ```
/// use pullback::optim::Ema;
///
/// pullback::model! { pub Net: [1] -> [1] { out = linear -> [1] } }
///
/// let mut net = Net::<f32>::zeros();
/// let mut ema = Ema::new(&*net, 0.9);
/// net.out.bias = [1.0];
/// ema.update(&net);
/// assert!((ema.model().out.bias[0] - 0.1).abs() < 1e-7);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "Boxed<B>: serde::Serialize",
        deserialize = "Boxed<B>: serde::Deserialize<'de>"
    ))
)]
pub struct Ema<B: Block> {
    decay: f64,
    warm_up: bool,
    updates: u64,
    model: Boxed<B>,
}

impl<B: Block<Scalar: Real>> Ema<B> {
    /// The average of a model's parameters, of which each update keeps `decay`.
    ///
    /// # Panics
    /// If `decay` is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn new(model: &B, decay: f64) -> Self {
        assert!((0.0..=1.0).contains(&decay), "the decay is {decay}, needs a number from 0 to 1");
        Ema { decay, warm_up: false, updates: 0, model: Boxed::from(model) }
    }

    /// Whether the first updates keep less, so that what a long average began with is soon forgotten: update
    /// t = 0, 1, … keeps `min(β, (1 + t)/(10 + t))` (TensorFlow: `ExponentialMovingAverage` with `num_updates`).
    ///
    /// ```
    /// use pullback::optim::Ema;
    ///
    /// pullback::model! { pub Net: [1] -> [1] { out = linear -> [1] } }
    ///
    /// let mut net = Net::<f64>::zeros();
    /// let mut ema = Ema::new(&*net, 0.999).warm_up(true);
    /// net.out.bias = [1.0];
    /// ema.update(&net);
    /// assert_eq!(ema.model().out.bias, [0.9]);
    /// ```
    #[must_use]
    pub fn warm_up(self, warm_up: bool) -> Self {
        Ema { warm_up, ..self }
    }

    /// After a step.
    pub fn update(&mut self, model: &B) {
        let (t, mut decay) = (self.updates as f64, self.decay);
        self.updates += 1;
        if self.warm_up {
            decay = decay.min((1.0 + t) / (10.0 + t));
        }
        let [keep, new] = [decay, 1.0 - decay].map(B::Scalar::from_f64);
        for (average, x) in slice_mut(&mut *self.model).iter_mut().zip(slice(model)) {
            *average = keep * *average + new * *x;
        }
    }

    /// The average, as a model.
    pub fn model(&self) -> &B {
        &self.model
    }
}

/// Says when a loss has not become better for long.
///
/// ```
/// use pullback::optim::{EarlyStop, Verdict};
///
/// let mut stop = EarlyStop::new(1);
/// let verdicts = [0.5, 0.4, 0.45, 0.41].map(|loss| stop.see(loss));
/// assert_eq!(verdicts, [Verdict::Best, Verdict::Best, Verdict::Worse, Verdict::Stop]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EarlyStop {
    patience: usize,
    least_improvement: f64,
    best: f64,
    worse: usize,
}

/// What [`EarlyStop`] says of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the best so far: the time to save the parameters.
    Best,
    /// It is not.
    Worse,
    /// It is not, nor were the ones before it.
    Stop,
}

impl EarlyStop {
    /// So many losses in a row may be no better than the best.
    #[must_use]
    pub fn new(patience: usize) -> Self {
        EarlyStop { patience, least_improvement: 0.0, best: f64::INFINITY, worse: 0 }
    }

    setting! {
        /// A loss is better if it is less than the best one by more than this, at first 0 (Keras: `min_delta`).
        ///
        /// ```
        /// use pullback::optim::{EarlyStop, Verdict};
        ///
        /// let mut stop = EarlyStop::new(1).least_improvement(0.1);
        /// let verdicts = [0.5, 0.45, 0.35].map(|loss| stop.see(loss));
        /// assert_eq!(verdicts, [Verdict::Best, Verdict::Worse, Verdict::Best]);
        /// ```
        least_improvement, "least improvement"
    }

    /// The next loss. NaN is never better.
    pub fn see(&mut self, loss: f64) -> Verdict {
        if loss < self.best - self.least_improvement {
            (self.best, self.worse) = (loss, 0);
            return Verdict::Best;
        }
        self.worse += 1;
        if self.worse > self.patience { Verdict::Stop } else { Verdict::Worse }
    }

    /// The loss that was last the best; infinite before the first.
    pub fn best(&self) -> f64 {
        self.best
    }
}
