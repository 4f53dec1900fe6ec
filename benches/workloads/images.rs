//! W3: LeNet-5 on images of digits, forward and one step of training, on batches.

use crate::data::{Fill, Group, Results, Tensor};
use crate::digits::{TIMED_RATE, cross_entropy, gradient};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use crate::mlp::Mlp;
use crate::plain::Relu;
use pullback::optim::{Optimizer, Sgd};
use pullback::{Boxed, Index, Workspace, model};

model! {
    /// An image in, a logit for each digit out.
    LeNet: [1, 28, 28] -> [10] {
        conv2d(5) -> [6, 24, 24], relu, max_pool2d(2),
        conv2d(5) -> [16, 8, 8], relu, max_pool2d(2),
        flatten, linear -> [120], relu, linear -> [84], relu, linear -> [10],
    }

    /// The same to its loss.
    Trained(x: [1, 28, 28], label: index(10)) -> [] {
        LeNet(x),
        cross_entropy(label),
    }
}

const NAMES: [&str; 10] = ["K1", "kb1", "K2", "kb2", "W1", "b1", "W2", "b2", "W3", "b3"];
const GRADIENTS: [&str; 10] =
    ["gK1", "gkb1", "gK2", "gkb2", "gW1", "gb1", "gW2", "gb2", "gW3", "gb3"];

type Image<T, const C: usize, const N: usize> = [[[T; N]; N]; C];

pub(crate) fn workloads() -> Vec<Workload> {
    vec![Workload::of::<LeNetForward>(), Workload::of::<LeNetStep>()]
}

fn images<T: Float>(group: &Group) -> Vec<Image<T, 1, 28>> {
    let rows = group.samples::<T, 784>("x", group.batch(64), Fill::Unit);
    rows.iter().map(|x| [std::array::from_fn(|i| std::array::from_fn(|j| x[i * 28 + j]))]).collect()
}

/// The logits.
struct LeNetForward;

impl Family for LeNetForward {
    const NAME: &'static str = "w3_lenet_fwd";
    const ABOUT: &'static str = "LeNet-5 on 28 × 28 images, batch 64: logits";
    const GROUP: Option<&'static str> = Some("w3");
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = PlainForward<T>;
}

struct Forward<T: Float> {
    net: Boxed<LeNet<T>>,
    x: Vec<Image<T, 1, 28>>,
    y: Vec<[T; 10]>,
    workspace: Workspace<LeNet<T>>,
}

impl<T: Float> Task for Forward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = images(group);
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

/// Loss, gradient and descent.
struct LeNetStep;

impl Family for LeNetStep {
    const NAME: &'static str = "w3_lenet_step";
    const ABOUT: &'static str = "the same: cross-entropy, gradient, and the step of SGD";
    const GROUP: Option<&'static str> = Some("w3");
    type Ours<T: Float> = Step<T>;
    type Plain<T: Float> = PlainStep<T>;
}

struct Step<T: Float> {
    net: Boxed<Trained<T>>,
    x: Vec<Image<T, 1, 28>>,
    labels: Vec<Index<10>>,
    gradient: Boxed<Trained<T>>,
    workspace: Workspace<Trained<T>>,
    optimizer: Sgd<T>,
}

impl<T: Float> Task for Step<T> {
    type Output = T;
    fn new(group: &Group) -> Self {
        let x = images(group);
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

/// A convolution of `C` channels of `N` × `N` pixels to `O` of `M` × `M`, or its gradient.
struct Conv<T, const C: usize, const N: usize, const O: usize, const M: usize> {
    kernel: Box<[Image<T, C, 5>; O]>,
    bias: [T; O],
}

/// Pooled features, and for each the row and column of the pixel that it is.
type Pooled<T, const O: usize, const P: usize> = (Image<T, O, P>, Image<[usize; 2], O, P>);

impl<T: Float, const C: usize, const N: usize, const O: usize, const M: usize> Conv<T, C, N, O, M> {
    fn read(group: &Group, kernel: &str, bias: &str) -> Self {
        let numbers: Vec<T> = group.input(kernel, O * C * 25, Fill::FanIn(C * 25));
        let mut conv = Self::zeros();
        conv.kernel
            .as_flattened_mut()
            .as_flattened_mut()
            .as_flattened_mut()
            .copy_from_slice(&numbers);
        conv.bias.copy_from_slice(&group.input(bias, O, Fill::FanIn(C * 25)));
        conv
    }

    fn zeros() -> Self {
        Conv { kernel: Box::new([[[[T::ZERO; 5]; 5]; C]; O]), bias: [T::ZERO; O] }
    }

    fn forward(&self, x: &Image<T, C, N>) -> Image<T, O, M> {
        let mut y = self.bias.map(|bias| [[bias; M]; M]);
        for (y, kernel) in y.iter_mut().zip(self.kernel.iter()) {
            for (x, kernel) in x.iter().zip(kernel) {
                for (i, y) in y.iter_mut().enumerate() {
                    for (x, weights) in x[i..].iter().zip(kernel) {
                        for (a, weight) in weights.iter().enumerate() {
                            for (y, x) in y.iter_mut().zip(&x[a..]) {
                                *y += *weight * *x;
                            }
                        }
                    }
                }
            }
        }
        y
    }

    /// Adds the cotangent of the parameters to `gradient`, and that of the input to `x_bar`.
    fn back(
        &self,
        x: &Image<T, C, N>,
        y_bar: &Image<T, O, M>,
        gradient: &mut Self,
        x_bar: &mut Image<T, C, N>,
    ) {
        for (o, y_bar) in y_bar.iter().enumerate() {
            for c in 0..C {
                for (i, y_bar) in y_bar.iter().enumerate() {
                    for a in 0..5 {
                        for b in 0..5 {
                            let weight = self.kernel[o][c][a][b];
                            let mut sum = T::ZERO;
                            let row = x[c][i + a][b..].iter().zip(&mut x_bar[c][i + a][b..]);
                            for (y_bar, (x, x_bar)) in y_bar.iter().zip(row) {
                                sum += *y_bar * *x;
                                *x_bar += *y_bar * weight;
                            }
                            gradient.kernel[o][c][a][b] += sum;
                        }
                    }
                }
            }
            gradient.bias[o] += y_bar.as_flattened().iter().fold(T::ZERO, |sum, y| sum + *y);
        }
    }
}

/// The greatest pixel of each square of relu.
fn pooled<T: Float, const O: usize, const M: usize, const P: usize>(
    y: &Image<T, O, M>,
) -> Pooled<T, O, P> {
    let (mut top, mut at) = ([[[T::ZERO; P]; P]; O], [[[[0; 2]; P]; P]; O]);
    for (o, y) in y.iter().enumerate() {
        for i in 0..P {
            for j in 0..P {
                let mut place = [2 * i, 2 * j];
                for next in [[2 * i, 2 * j + 1], [2 * i + 1, 2 * j], [2 * i + 1, 2 * j + 1]] {
                    if y[next[0]][next[1]] > y[place[0]][place[1]] {
                        place = next;
                    }
                }
                let value = y[place[0]][place[1]];
                top[o][i][j] = if value > T::ZERO { value } else { T::ZERO };
                at[o][i][j] = place;
            }
        }
    }
    (top, at)
}

/// The cotangent of what was pooled.
fn unpooled<T: Float, const O: usize, const M: usize, const P: usize>(
    bar: &Image<T, O, P>,
    (top, at): &Pooled<T, O, P>,
) -> Image<T, O, M> {
    let mut y_bar = [[[T::ZERO; M]; M]; O];
    for o in 0..O {
        for i in 0..P {
            for j in 0..P {
                if top[o][i][j] > T::ZERO {
                    let [row, column] = at[o][i][j];
                    y_bar[o][row][column] = bar[o][i][j];
                }
            }
        }
    }
    y_bar
}

/// The network, or its gradient.
struct Plain<T> {
    first: Conv<T, 1, 28, 6, 24>,
    second: Conv<T, 6, 12, 16, 8>,
    head: Mlp<Relu, T, 256, 120, 84, 10>,
}

fn flat<T: Float>(x: &Image<T, 16, 4>) -> [T; 256] {
    std::array::from_fn(|i| x[i / 16][i / 4 % 4][i % 4])
}

impl<T: Float> Plain<T> {
    fn read(group: &Group) -> Self {
        Plain {
            first: Conv::read(group, "K1", "kb1"),
            second: Conv::read(group, "K2", "kb2"),
            head: Mlp::read(group),
        }
    }

    fn zeros() -> Self {
        Plain { first: Conv::zeros(), second: Conv::zeros(), head: Mlp::zeros() }
    }

    fn features(&self, x: &Image<T, 1, 28>) -> (Pooled<T, 6, 12>, Pooled<T, 16, 4>) {
        let first = pooled(&self.first.forward(x));
        let second = pooled(&self.second.forward(&first.0));
        (first, second)
    }

    fn back(
        &self,
        x: &Image<T, 1, 28>,
        (first, second): &(Pooled<T, 6, 12>, Pooled<T, 16, 4>),
        bar: &[T; 256],
        gradient: &mut Self,
    ) {
        let bar: Image<T, 16, 4> = std::array::from_fn(|c| {
            std::array::from_fn(|i| std::array::from_fn(|j| bar[c * 16 + i * 4 + j]))
        });
        let mut first_bar = [[[T::ZERO; 12]; 12]; 6];
        let bar = unpooled(&bar, second);
        self.second.back(&first.0, &bar, &mut gradient.second, &mut first_bar);
        let bar = unpooled(&first_bar, first);
        self.first.back(x, &bar, &mut gradient.first, &mut [[[T::ZERO; 28]; 28]; 1]);
    }

    fn tensors(&self) -> Results {
        let flat = |name, kernel: &[T]| Tensor::new(name, kernel);
        let first = self.first.kernel.as_flattened().as_flattened().as_flattened();
        let second = self.second.kernel.as_flattened().as_flattened().as_flattened();
        let mut all = vec![
            flat("gK1", first),
            flat("gkb1", &self.first.bias),
            flat("gK2", second),
            flat("gkb2", &self.second.bias),
        ];
        all.extend(self.head.tensors());
        all
    }
}

struct PlainForward<T> {
    net: Plain<T>,
    x: Vec<Image<T, 1, 28>>,
    y: Vec<[T; 10]>,
}

impl<T: Float> Task for PlainForward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = images(group);
        let y = vec![[T::ZERO; 10]; x.len()];
        PlainForward { net: Plain::read(group), x, y }
    }
    fn call(&mut self) {
        for (x, y) in self.x.iter().zip(&mut self.y) {
            *y = self.net.head.forward(&flat(&self.net.features(x).1.0));
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}

struct PlainStep<T> {
    net: Plain<T>,
    x: Vec<Image<T, 1, 28>>,
    labels: Vec<Index<10>>,
    rate: T,
}

impl<T: Float> Task for PlainStep<T> {
    type Output = T;
    fn new(group: &Group) -> Self {
        let x = images(group);
        let labels = group.labels("y", x.len());
        PlainStep { net: Plain::read(group), labels, x, rate: T::from_f64(TIMED_RATE) }
    }
    fn call(&mut self) -> T {
        let PlainStep { net, x, labels, rate } = self;
        let share = T::ONE / T::from_f64(x.len() as f64);
        let mut mean = T::ZERO;
        let mut gradient = Plain::zeros();
        for (x, label) in x.iter().zip(labels) {
            let features = net.features(x);
            let input = flat(&features.1.0);
            let (logits, hidden) = net.head.primal(&input);
            let (loss, cotangent) = cross_entropy(&logits, label.get());
            mean += loss * share;
            let bar =
                net.head.back(&input, &hidden, &cotangent.map(|c| c * share), &mut gradient.head);
            net.back(x, &features, &net.head.back_to_input(&bar), &mut gradient);
        }
        net.head.descend(&gradient.head, *rate);
        descend(&mut net.first, &gradient.first, *rate);
        descend(&mut net.second, &gradient.second, *rate);
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

fn descend<T: Float, const C: usize, const N: usize, const O: usize, const M: usize>(
    conv: &mut Conv<T, C, N, O, M>,
    gradient: &Conv<T, C, N, O, M>,
    rate: T,
) {
    let flat = gradient.kernel.as_flattened().as_flattened().as_flattened();
    let kernel = conv.kernel.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    for (p, g) in kernel.iter_mut().zip(flat).chain(conv.bias.iter_mut().zip(&gradient.bias)) {
        *p -= rate * *g;
    }
}
