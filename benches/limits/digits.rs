//! W2: a classifier of images, forward and one step of training, on batches.

use crate::by_hand::digits::{CLASSES, Digits as ByHand, FIRST, IN, Layer, SECOND};
use crate::harness::{Avx2, Limit, Pair, Table, numbers, parameters};
use pullback::optim::{Optimizer, Sgd};
use pullback::{Boxed, Index, Workspace, model};

const BATCH: usize = 64;

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

pub(crate) fn rows(table: &Table) {
    table.row::<Forward>();
    table.row::<Step>();
}

/// The parameters of the network, matrix and bias by turns.
fn flat() -> Vec<f32> {
    let layer = |[weight, bias]: [&str; 2], inputs, outputs| {
        let mut numbers = parameters(weight, inputs, inputs * outputs);
        numbers.extend(parameters(bias, inputs, outputs));
        numbers
    };
    let first = layer(["W1", "b1"], IN, FIRST);
    let second = layer(["W2", "b2"], FIRST, SECOND);
    [first, second, layer(["W3", "b3"], SECOND, CLASSES)].concat()
}

/// A matrix, its bias, and what follows them.
fn split(flat: &[f32], inputs: usize, outputs: usize) -> (Layer, &[f32]) {
    let (weight, rest) = flat.split_at(inputs * outputs);
    let (bias, rest) = rest.split_at(outputs);
    (Layer::new(weight, bias), rest)
}

/// The network of the program with these parameters.
fn by_hand(flat: &[f32]) -> ByHand {
    let (first, rest) = split(flat, IN, FIRST);
    let (second, rest) = split(rest, FIRST, SECOND);
    let (third, rest) = split(rest, SECOND, CLASSES);
    assert!(rest.is_empty(), "there are no other parameters");
    ByHand::new([first, second, third])
}

fn images(batch: usize) -> Vec<[f32; IN]> {
    numbers("x", batch * IN, 0.0, 1.0).as_chunks().0.to_vec()
}

/// The logits.
struct Forward {
    machine: Avx2,
    net: Boxed<Digits>,
    workspace: Workspace<Digits>,
    by_hand: ByHand,
    x: Vec<[f32; IN]>,
    y: Vec<[f32; CLASSES]>,
}

impl Limit for Forward {
    const NAME: &'static str = "w2_mnist_fwd";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let (mut net, x) = (Digits::zeros(), images(batch.unwrap_or(BATCH)));
        net.flat_mut().copy_from_slice(&flat());
        Forward {
            machine,
            by_hand: by_hand(net.flat()),
            net,
            workspace: Digits::workspace(),
            y: vec![[0.0; CLASSES]; x.len()],
            x,
        }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        unsafe { self.by_hand.forward(self.x.as_flattened()) };
    }

    fn pullback(&mut self) {
        self.net.forward_batch(&self.x, &mut self.y, &mut self.workspace);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.pullback();
        // SAFETY: as above.
        let lines = unsafe { self.by_hand.forward(self.x.as_flattened()) };
        let by_hand: Vec<f32> = lines.iter().flat_map(|line| line.0[..CLASSES].to_vec()).collect();
        vec![Pair::new("the logits", self.y.as_flattened(), &by_hand)]
    }
}

/// So small that the network stays what it is however often a step is timed.
const TIMED_RATE: f32 = 1e-4;

/// Loss, gradient and descent.
struct Step {
    machine: Avx2,
    net: Boxed<Trained>,
    gradient: Boxed<Trained>,
    workspace: Workspace<Trained>,
    optimizer: Sgd<f32>,
    by_hand: ByHand,
    rate: f32,
    x: Vec<[f32; IN]>,
    labels: Vec<Index<CLASSES>>,
    numbers: Vec<usize>,
    loss: [f32; 2],
}

impl Limit for Step {
    const NAME: &'static str = "w2_mnist_step";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let (mut net, x) = (Trained::zeros(), images(batch.unwrap_or(BATCH)));
        net.flat_mut().copy_from_slice(&flat());
        let numbers: Vec<usize> = (0..x.len()).map(|i| i * 7 % CLASSES).collect();
        let labels = numbers.iter().map(|i| Index::new(*i).expect("a label is a class"));
        Step {
            machine,
            by_hand: by_hand(net.flat()),
            net,
            gradient: Trained::zeros(),
            workspace: Trained::workspace(),
            optimizer: Sgd::new(Trained::<f32>::PARAMS, f64::from(TIMED_RATE)),
            rate: TIMED_RATE,
            x,
            labels: labels.collect(),
            numbers,
            loss: [0.0; 2],
        }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        let Step { by_hand, x, numbers, rate, .. } = self;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        self.loss[1] = unsafe { by_hand.step(x.as_flattened(), numbers, *rate) };
    }

    fn pullback(&mut self) {
        let Step { net, x, labels, gradient, workspace, optimizer, .. } = self;
        self.loss[0] = net.value_and_grad_batch(x, labels, gradient, workspace);
        optimizer.step(net.flat_mut(), gradient.flat());
    }

    /// What a step with the rate 1 subtracts is the gradient.
    fn results(&mut self) -> Vec<Pair> {
        let before = self.net.flat().to_vec();
        (self.rate, self.loss) = (1.0, [0.0; 2]);
        self.by_hand();
        self.rate = TIMED_RATE;
        self.optimizer.set_learning_rate(1.0);
        self.pullback();
        self.optimizer.set_learning_rate(f64::from(TIMED_RATE));

        let layers = [&self.by_hand.first, &self.by_hand.second, &self.by_hand.third];
        let names = [
            ["the gradient of W1", "the gradient of b1"],
            ["the gradient of W2", "the gradient of b2"],
            ["the gradient of W3", "the gradient of b3"],
        ];
        let mut pairs = vec![Pair::new("the loss", &self.loss[..1], &self.loss[1..])];
        let mut at = 0;
        for (layer, names) in layers.iter().zip(names) {
            for (name, after) in names.into_iter().zip([layer.weight(), layer.bias().to_vec()]) {
                let range = at..at + after.len();
                let minus = |after: &[f32]| -> Vec<f32> {
                    before[range.clone()].iter().zip(after).map(|(x, y)| x - y).collect()
                };
                let (net, by_hand) = (minus(&self.net.flat()[range.clone()]), minus(&after));
                pairs.push(Pair::new(name, &net, &by_hand));
                at = range.end;
            }
        }
        pairs
    }
}
