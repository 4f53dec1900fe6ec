//! L-BFGS.

use super::wolfe::{Limits, Point, search};
use super::{Params, expect_lengths, non_negative, number, params, remembered, setting};
use crate::flat::{self, Flat};
use crate::info::ParamInfo;
use crate::model::Model;
use crate::scalar::Real;
use num_traits::ToPrimitive;
use std::collections::VecDeque;

/// L-BFGS, for losses without noise: of all samples, of a physical system. It goes along `−H·g`, where `H` is the inverse
/// of the second derivatives as far as the last moves and gradients tell:
///
/// ```text
/// s = p − p_before,  y = g − g_before,  ρ = 1/(y·s)      kept if y·s > 1e-10
/// q ← −g;    from the newest pair to the oldest:  α = ρ·(s·q),  q ← q − α·y
/// d ← q·(y·s)/(y·y);    from the oldest to the newest:  d ← d + s·(α − ρ·(y·d))
/// p ← p + t·d                     t = η, at first η·min(1, 1/Σ|g|)
/// ```
///
/// With [`strong_wolfe`](Self::strong_wolfe), t is searched for, beginning with that; it should be used unless each
/// evaluation counts. A step is several such iterations, and ends before the last if nothing changes any more. It has
/// neither groups nor weight decay. Scalars are `f64` whatever the parameters are. Liu and Nocedal 1989; PyTorch:
/// `torch.optim.LBFGS`.
///
/// ```
/// use pullback::optim::Lbfgs;
///
/// // Rosenbrock's valley.
/// let mut params = [-1.2, 1.0];
/// let mut optimizer = Lbfgs::new(params.len(), 1.0).strong_wolfe(true).iterations(50);
/// optimizer.step(&mut params, |p, gradient| {
///     let (across, along) = (p[1] - p[0] * p[0], 1.0 - p[0]);
///     gradient[0] = -400.0 * p[0] * across - 2.0 * along;
///     gradient[1] = 200.0 * across;
///     100.0 * across * across + along * along
/// });
/// assert!((params[0] - 1.0f64).abs() < 1e-4 && (params[1] - 1.0).abs() < 1e-4);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Lbfgs<T> {
    learning_rate: f64,
    iterations: usize,
    /// 5/4 of the iterations if there are none.
    evaluations: Option<usize>,
    gradient_tolerance: f64,
    change_tolerance: f64,
    history: usize,
    strong_wolfe: bool,
    /// What the last iteration left; `None` before the first.
    last: Option<Last>,
    /// Its direction, and the gradient that it began with.
    direction: Vec<T>,
    gradient: Vec<T>,
    /// From the oldest to the newest.
    pairs: VecDeque<Pair<T>>,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Last {
    /// The multiple of the direction that the parameters moved by.
    length: f64,
    /// `(y·s)/(y·y)` of the newest pair.
    scale: f64,
}

/// A move, what it changed of the gradient, and ρ.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Pair<T> {
    s: Vec<T>,
    y: Vec<T>,
    rho: f64,
}

impl<T: Real + ToPrimitive> Lbfgs<T> {
    /// The optimiser for this number of parameters, with PyTorch's defaults: 20 iterations and 25 evaluations in a step,
    /// a history of 100, tolerances of 1e-7 for the gradient and 1e-9 for a change, no search. PyTorch's learning
    /// rate is 1.
    ///
    /// # Panics
    /// If the learning rate is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn new(params: usize, learning_rate: f64) -> Self {
        Lbfgs {
            learning_rate: non_negative("learning rate", learning_rate),
            iterations: 20,
            evaluations: None,
            gradient_tolerance: 1e-7,
            change_tolerance: 1e-9,
            history: 100,
            strong_wolfe: false,
            last: None,
            direction: remembered(params),
            gradient: remembered(params),
            pairs: VecDeque::new(),
        }
    }

    /// Sets how many iterations a step has at most (`max_iter`).
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn iterations(self, iterations: usize) -> Self {
        assert!(iterations > 0, "a step has at least one iteration");
        Lbfgs { iterations, ..self }
    }

    /// Sets after how many evaluations of the loss a step ends (`max_eval`), at first 5/4 of the iterations. A
    /// search may take one more.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn evaluations(self, evaluations: usize) -> Self {
        assert!(evaluations > 0, "a step has at least one evaluation");
        Lbfgs { evaluations: Some(evaluations), ..self }
    }

    /// Sets of how many moves the second derivatives are made (`history_size`). Each takes as much memory as two
    /// gradients.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn history(self, history: usize) -> Self {
        assert!(history > 0, "the history has at least one move");
        Lbfgs { history, ..self }
    }

    setting! {
        /// A step ends if no element of the gradient is greater (`tolerance_grad`).
        gradient_tolerance, "tolerance of the gradient"
    }

    setting! {
        /// A step ends if neither the loss nor a parameter changes by more (`tolerance_change`).
        change_tolerance, "tolerance of a change"
    }

    /// Whether each iteration searches for a point that meets the strong conditions of Wolfe
    /// (`line_search_fn="strong_wolfe"`), which takes one evaluation of the loss or a few.
    #[must_use]
    pub fn strong_wolfe(self, strong_wolfe: bool) -> Self {
        Lbfgs { strong_wolfe, ..self }
    }

    /// One step, of several iterations. `loss` is given parameters, writes their gradient, and gives the loss, that of
    /// the parameters before the step first, which is what `step` gives. The `#[frozen]` parameters of a
    /// model stay as they are.
    ///
    /// A search takes a loss that is NaN for an infinite one. Unlike the steps of other optimisers, one of this
    /// allocates.
    ///
    /// # Panics
    /// If there is another number of parameters than the optimiser was made for.
    #[track_caller]
    pub fn step(
        &mut self,
        mut params: impl Params<T>,
        mut loss: impl FnMut(&[T], &mut [T]) -> f64,
    ) -> f64 {
        let (infos, params) = (params.infos(), params.all());
        expect_lengths(self.direction.len(), params.len(), params.len());
        let most = self.evaluations.unwrap_or(self.iterations * 5 / 4);
        let mut evaluations = 0;
        let mut evaluate = |params: &[T], gradient: &mut [T]| {
            evaluations += 1;
            let loss = loss(params, gradient);
            for info in infos.iter().filter(|info| info.frozen) {
                gradient[info.start..info.start + info.len()].fill(T::ZERO);
            }
            (loss, evaluations)
        };

        let mut gradient = vec![T::ZERO; params.len()];
        let (first, mut evaluated) = evaluate(params, &mut gradient);
        let mut loss = first;
        if self.is_small(&gradient) {
            return first;
        }
        for iteration in 1..=self.iterations {
            let before = loss;
            let mut length = self.turn(&gradient);
            let slope = dot(&gradient, &self.direction);
            // The direction leads no lower, or is not finite: nothing moves.
            if slope > -self.change_tolerance || slope.is_nan() {
                break;
            }
            let start = params.to_vec();
            let go = |params: &mut [T], length: f64, direction: &[T]| {
                moved(params, &start, T::from_f64(length), direction, infos);
            };
            if self.strong_wolfe {
                let direction = &self.direction;
                let limits = Limits { size: greatest(direction), points: most - evaluated };
                let here = Point { at: 0.0, loss, slope, gradient };
                let found = search(&here, length, &limits, |at| {
                    go(params, at, direction);
                    let mut gradient = vec![T::ZERO; params.len()];
                    let loss;
                    (loss, evaluated) = evaluate(params, &mut gradient);
                    let loss = if loss.is_nan() { f64::INFINITY } else { loss };
                    Point { at, loss, slope: dot(&gradient, direction), gradient }
                });
                (loss, length, gradient) = (found.loss, found.at, found.gradient);
                go(params, length, direction);
            } else {
                go(params, length, &self.direction);
                // The next step evaluates it, perhaps on other samples.
                if iteration < self.iterations {
                    (loss, evaluated) = evaluate(params, &mut gradient);
                }
            }
            if let Some(last) = &mut self.last {
                last.length = length;
            }
            let still = length * greatest(&self.direction) <= self.change_tolerance
                || (loss - before).abs() < self.change_tolerance;
            if evaluated >= most || still || self.is_small(&gradient) {
                break;
            }
        }
        first
    }

    /// One step of a model, whose loss is given the model and writes the gradient ([`step`](Self::step)).
    ///
    /// ```
    /// use pullback::{loss, model, optim::Lbfgs};
    ///
    /// model! { pub Net: [1] -> [1] { linear -> [8], tanh, out = linear -> [1] } }
    ///
    /// let xs: Vec<[f64; 1]> = (0..40).map(|i| [i as f64 / 10.0 - 2.0]).collect();
    /// let mut net = Net::<f64>::init(&mut rand::rng());
    /// let mut ws = Net::workspace();
    /// let mut optimizer = Lbfgs::new(Net::<f64>::PARAMS, 1.0).strong_wolfe(true);
    /// for _ in 0..20 {
    ///     optimizer.step_model(&mut *net, |net, grad| {
    ///         let mse = |i: usize, y: &[f64; 1]| loss::mse(y, &[xs[i][0].sin()]);
    ///         net.value_and_grad_batch(&xs, mse, grad, &mut ws)
    ///     });
    /// }
    /// assert!((net.forward(&[0.5])[0] - 0.5f64.sin()).abs() < 0.05);
    /// ```
    ///
    /// # Panics
    /// If the model has another number of parameters than the optimiser was made for.
    #[track_caller]
    pub fn step_model<M: Model<Scalar = T>>(
        &mut self,
        model: &mut M,
        mut loss: impl FnMut(&M, &mut M) -> f64,
    ) -> f64 {
        self.step(Flat::of(model), |params, gradient| {
            let all = "the parameters of a model are as many as it has";
            loss(flat::from_slice(params).expect(all), flat::from_slice_mut(gradient).expect(all))
        })
    }

    /// Makes the direction of an iteration, and gives the length to begin with.
    fn turn(&mut self, gradient: &[T]) -> f64 {
        let rate = self.learning_rate;
        let length = match self.last {
            None => rate * (1.0 / gradient.iter().map(size).sum::<f64>()).min(1.0),
            Some(last) => {
                self.remember(gradient, last.length);
                rate
            }
        };
        let scale = self.last.map_or(1.0, |last| last.scale);
        self.last = Some(Last { length, scale });
        self.gradient.copy_from_slice(gradient);

        let d = &mut self.direction;
        for (d, g) in d.iter_mut().zip(gradient) {
            *d = -*g;
        }
        let mut alphas = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let alpha = pair.rho * dot(&pair.s, d);
            add(d, -alpha, &pair.y);
            alphas.push(alpha);
        }
        let scale = T::from_f64(scale);
        d.iter_mut().for_each(|d| *d = *d * scale);
        for (pair, alpha) in self.pairs.iter().zip(alphas.into_iter().rev()) {
            let beta = pair.rho * dot(&pair.y, d);
            add(d, alpha - beta, &pair.s);
        }
        length
    }

    /// Keeps the last move and what it changed of the gradient, if the loss curves upwards along it.
    fn remember(&mut self, gradient: &[T], length: f64) {
        let difference = |(new, old): (&T, &T)| *new - *old;
        let y: Vec<T> = gradient.iter().zip(&self.gradient).map(difference).collect();
        let length = T::from_f64(length);
        let s: Vec<T> = self.direction.iter().map(|d| *d * length).collect();
        let curved = dot(&y, &s);
        if curved > 1e-10 {
            if self.pairs.len() == self.history {
                self.pairs.pop_front();
            }
            if let Some(last) = &mut self.last {
                last.scale = curved / dot(&y, &y);
            }
            self.pairs.push_back(Pair { s, y, rho: 1.0 / curved });
        }
    }

    /// Whether nothing of a gradient is greater than the tolerance. NaN is.
    fn is_small(&self, gradient: &[T]) -> bool {
        gradient.iter().all(|g| size(g) <= self.gradient_tolerance)
    }
}

fn size<T: ToPrimitive>(x: &T) -> f64 {
    number(x).abs()
}

fn greatest<T: ToPrimitive>(xs: &[T]) -> f64 {
    xs.iter().map(size).fold(0.0, f64::max)
}

fn dot<T: ToPrimitive>(xs: &[T], ys: &[T]) -> f64 {
    // Sums side by side, which do not wait for each other.
    let mut sums = [0.0; 8];
    for (xs, ys) in xs.chunks(8).zip(ys.chunks(8)) {
        for ((sum, x), y) in sums.iter_mut().zip(xs).zip(ys) {
            *sum += number(x) * number(y);
        }
    }
    sums.iter().sum()
}

/// `to += factor · by`.
fn add<T: Real>(to: &mut [T], factor: f64, by: &[T]) {
    let factor = T::from_f64(factor);
    for (to, by) in to.iter_mut().zip(by) {
        *to = by.mul_add(factor, *to);
    }
}

/// The parameters that are trained, at `start + length · direction`.
fn moved<T: Real>(
    to: &mut [T],
    start: &[T],
    length: T,
    direction: &[T],
    infos: &'static [ParamInfo],
) {
    for stretch in params::trained(start.len(), infos) {
        let from = start[stretch.clone()].iter().zip(&direction[stretch.clone()]);
        for (to, (start, d)) in to[stretch].iter_mut().zip(from) {
            *to = d.mul_add(length, *start);
        }
    }
}
