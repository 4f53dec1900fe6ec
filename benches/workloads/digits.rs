//! W2: a classifier of images, forward and one step of training, on batches.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use crate::mlp::{GRADIENTS, Mlp, NAMES};
use crate::plain::Relu;
use pullback::optim::{Optimizer, Sgd};
use pullback::{Boxed, Index, Workspace, model};

model! {
    /// An image in, a logit for each digit out.
    Digits: [784] -> [10] {
        linear -> [256], relu, linear -> [128], relu, linear -> [10],
    }

    /// The same to its loss.
    Trained(x: [784], label: index(10)) -> [] {
        Digits(x),
        cross_entropy(label),
    }
}

type PlainDigits<T> = Mlp<Relu, T, 784, 256, 128, 10>;

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        Workload::of::<DigitsForward>(),
        Workload::of::<DigitsStep>(),
        Workload::of::<DigitsStep512>(),
    ]
}

fn images<T: Float>(group: &Group, count: usize) -> Vec<[T; 784]> {
    group.samples("x", group.batch(count), Fill::Unit)
}

/// The logits.
struct DigitsForward;

impl Family for DigitsForward {
    const NAME: &'static str = "w2_mnist_fwd";
    const ABOUT: &'static str = "MLP 784-256-128-10 relu, batch 64: logits";
    const GROUP: Option<&'static str> = Some("w2");
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = PlainForward<T>;
}

struct Forward<T: Float> {
    net: Boxed<Digits<T>>,
    x: Vec<[T; 784]>,
    y: Vec<[T; 10]>,
    workspace: Workspace<Digits<T>>,
}

impl<T: Float> Task for Forward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = images(group, 64);
        let y = vec![[T::ZERO; 10]; x.len()];
        Forward { net: group.network(&NAMES), x, y, workspace: harness::workspace() }
    }
    fn call(&mut self) {
        self.net.forward_batch(&self.x, &mut self.y, &mut self.workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}

struct PlainForward<T> {
    net: PlainDigits<T>,
    x: Vec<[T; 784]>,
    y: Vec<[T; 10]>,
}

impl<T: Float> Task for PlainForward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = images(group, 64);
        let y = vec![[T::ZERO; 10]; x.len()];
        PlainForward { net: Mlp::read(group), x, y }
    }
    fn call(&mut self) {
        for (x, y) in self.x.iter().zip(&mut self.y) {
            *y = self.net.forward(x);
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}

/// Loss, gradient and descent.
struct DigitsStep;

impl Family for DigitsStep {
    const NAME: &'static str = "w2_mnist_step";
    const ABOUT: &'static str = "the same: cross-entropy, gradient, and the step of SGD";
    const GROUP: Option<&'static str> = Some("w2");
    type Ours<T: Float> = Step<T, 64>;
    type Plain<T: Float> = PlainStep<T, 64>;
}

/// The same on a batch that fills several tiles.
struct DigitsStep512;

impl Family for DigitsStep512 {
    const NAME: &'static str = "w2_512_step";
    const ABOUT: &'static str = "the same, batch 512";
    const GROUP: Option<&'static str> = None;
    type Ours<T: Float> = Step<T, 512>;
    type Plain<T: Float> = PlainStep<T, 512>;
}

/// So small that the network stays what it is however often a step is timed.
pub(crate) const TIMED_RATE: f64 = 1e-4;

/// The gradient that a step with the rate 1 has subtracted, from parameters before and after it.
pub(crate) fn gradient(before: Results, after: Results) -> Results {
    before.into_iter().zip(&after).map(|(before, after)| before.minus(after)).collect()
}

struct Step<T: Float, const BATCH: usize> {
    net: Boxed<Trained<T>>,
    x: Vec<[T; 784]>,
    labels: Vec<Index<10>>,
    gradient: Boxed<Trained<T>>,
    workspace: Workspace<Trained<T>>,
    optimizer: Sgd<T>,
}

impl<T: Float, const BATCH: usize> Task for Step<T, BATCH> {
    type Output = T;
    fn new(group: &Group) -> Self {
        let x = images(group, BATCH);
        Step {
            net: group.network(&NAMES),
            labels: group.labels("y", x.len()),
            x,
            gradient: Trained::zeros(),
            workspace: harness::workspace(),
            optimizer: harness::sgd(Trained::<T>::PARAMS, TIMED_RATE),
        }
    }
    fn call(&mut self) -> T {
        let Step { net, x, labels, gradient, workspace, optimizer } = self;
        let mean = net.value_and_grad_batch(x, labels, gradient, workspace);
        optimizer.step(net.flat_mut(), gradient.flat());
        mean
    }
    fn results(&mut self) -> Results {
        let before = Tensor::of_model(&GRADIENTS, &*self.net);
        self.optimizer.set_learning_rate(1.0);
        let loss = self.call();
        self.optimizer.set_learning_rate(TIMED_RATE);
        let mut results = gradient(before, Tensor::of_model(&GRADIENTS, &*self.net));
        results.push(Tensor::new("loss", &[loss]));
        results
    }
}

struct PlainStep<T, const BATCH: usize> {
    net: PlainDigits<T>,
    x: Vec<[T; 784]>,
    labels: Vec<Index<10>>,
    gradient: PlainDigits<T>,
    rate: T,
}

impl<T: Float, const BATCH: usize> Task for PlainStep<T, BATCH> {
    type Output = T;
    fn new(group: &Group) -> Self {
        let x = images(group, BATCH);
        PlainStep {
            net: Mlp::read(group),
            labels: group.labels("y", x.len()),
            x,
            gradient: Mlp::zeros(),
            rate: T::from_f64(TIMED_RATE),
        }
    }
    fn call(&mut self) -> T {
        let PlainStep { net, x, labels, gradient, rate } = self;
        let share = T::ONE / T::from_f64(x.len() as f64);
        let mut mean = T::ZERO;
        gradient.clear();
        for (x, label) in x.iter().zip(labels) {
            let (logits, hidden) = net.primal(x);
            let (loss, cotangent) = cross_entropy(&logits, label.get());
            mean += loss * share;
            net.back(x, &hidden, &cotangent.map(|c| c * share), gradient);
        }
        net.descend(gradient, *rate);
        mean
    }
    fn results(&mut self) -> Results {
        let before = self.net.tensors();
        self.rate = T::ONE;
        let loss = self.call();
        self.rate = T::from_f64(TIMED_RATE);
        let mut results = gradient(before, self.net.tensors());
        results.push(Tensor::new("loss", &[loss]));
        results
    }
}

pub(crate) fn cross_entropy<T: Float, const N: usize>(
    logits: &[T; N],
    label: usize,
) -> (T, [T; N]) {
    let max = logits.iter().fold(logits[0], |max, x| if *x > max { *x } else { max });
    let mut shares = logits.map(|x| (x - max).std_exp());
    let sum = shares.iter().fold(T::ZERO, |sum, x| sum + *x);
    for share in &mut shares {
        *share = *share / sum;
    }
    shares[label] -= T::ONE;
    (sum.std_ln() + max - logits[label], shares)
}
