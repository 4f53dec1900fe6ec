//! W5: a block of a transformer's encoder, one sequence and eight.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::{Float, n};
use crate::harness::{self, Family, Task, Workload};
use crate::plain::{Layer, dot, gelu_tanh};
use pullback::{Boxed, Workspace, model};

const T: usize = 64;
const D: usize = 128;
const WIDE: usize = 512;
const HEADS: usize = 4;
/// Numbers of a head.
const EACH: usize = D / HEADS;
/// Sequences that there are; the small workload takes the first.
const ALL: usize = 8;

model! {
    /// Attention and two layers, each after a norm and beside a skip connection.
    Block(x: [64, 128]) -> [64, 128] {
        look = { layer_norm, multihead_attention(heads = HEADS) },
        h = x + look,
        think = { layer_norm, linear -> [_, WIDE], gelu_tanh, linear -> [_, D] },
        h + think,
    }
}

const NAMES: [&str; 12] =
    ["ln1g", "ln1b", "Wqkv", "bqkv", "Wo", "bo", "ln2g", "ln2b", "W1", "b1", "W2", "b2"];

/// What the outputs and the gradients are called where there are so many sequences.
const fn names(sequences: usize) -> (&'static str, [&'static str; 12]) {
    if sequences == 1 {
        let gradients = [
            "gln1g_b1", "gln1b_b1", "gWqkv_b1", "gbqkv_b1", "gWo_b1", "gbo_b1", "gln2g_b1",
            "gln2b_b1", "gW1_b1", "gb1_b1", "gW2_b1", "gb2_b1",
        ];
        ("out_b1", gradients)
    } else {
        let gradients = [
            "gln1g_b8", "gln1b_b8", "gWqkv_b8", "gbqkv_b8", "gWo_b8", "gbo_b8", "gln2g_b8",
            "gln2b_b8", "gW1_b8", "gb1_b8", "gW2_b8", "gb2_b8",
        ];
        ("out_b8", gradients)
    }
}

type Sequence<S> = [[S; D]; T];

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        Workload::of::<BlockForward<1>>(),
        Workload::of::<BlockGrad<1>>(),
        Workload::of::<BlockForward<ALL>>(),
        Workload::of::<BlockGrad<ALL>>(),
    ]
}

fn sequences<S: Float>(group: &Group, name: &str, count: usize) -> Vec<Sequence<S>> {
    let rows: Vec<[S; D]> = group.samples(name, group.batch(ALL) * T, Fill::Wide);
    let mut all: Vec<Sequence<S>> = rows.as_chunks::<T>().0.to_vec();
    all.truncate(count);
    all
}

fn zeros<S: Float>(count: usize) -> Vec<Sequence<S>> {
    vec![[[S::ZERO; D]; T]; count]
}

/// The outputs.
struct BlockForward<const B: usize>;

impl<const B: usize> Family for BlockForward<B> {
    const NAME: &'static str = if B == 1 { "w5_block_b1_fwd" } else { "w5_block_b8_fwd" };
    const ABOUT: &'static str = if B == 1 {
        "transformer block, 64 × 128, 4 heads, one sequence"
    } else {
        "the same, eight sequences"
    };
    const GROUP: Option<&'static str> = Some("w5");
    type Ours<S: Float> = Forward<S, B>;
    type Plain<S: Float> = PlainForward<S, B>;
}

struct Forward<S: Float, const B: usize> {
    net: Boxed<Block<S>>,
    x: Vec<Sequence<S>>,
    y: Vec<Sequence<S>>,
    workspace: Workspace<Block<S>>,
}

impl<S: Float, const B: usize> Task for Forward<S, B> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = sequences(group, "x", B);
        let y = zeros(x.len());
        Forward { net: group.network(&NAMES), x, y, workspace: harness::workspace() }
    }
    fn call(&mut self) {
        self.net.forward_batch(&self.x, &mut self.y, &mut self.workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new(names(B).0, self.y.as_flattened().as_flattened())]
    }
}

/// The gradient by the parameters.
struct BlockGrad<const B: usize>;

impl<const B: usize> Family for BlockGrad<B> {
    const NAME: &'static str = if B == 1 { "w5_block_b1_grad" } else { "w5_block_b8_grad" };
    const ABOUT: &'static str = "the same: forward and the gradient by its 12 parameters";
    const GROUP: Option<&'static str> = Some("w5");
    type Ours<S: Float> = Grad<S, B>;
    type Plain<S: Float> = PlainGrad<S, B>;
}

struct Grad<S: Float, const B: usize> {
    net: Boxed<Block<S>>,
    x: Vec<Sequence<S>>,
    c: Vec<Sequence<S>>,
    y: Vec<Sequence<S>>,
    gradient: Boxed<Block<S>>,
    workspace: Workspace<Block<S>>,
}

impl<S: Float, const B: usize> Task for Grad<S, B> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = sequences(group, "x", B);
        Grad {
            net: group.network(&NAMES),
            c: sequences(group, "c", B),
            y: zeros(x.len()),
            x,
            gradient: Block::zeros(),
            workspace: harness::workspace(),
        }
    }
    fn call(&mut self) {
        let Grad { net, x, c, y, gradient, workspace } = self;
        net.vjp_params_batch(&*x, &*c, y, gradient, workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        Tensor::of_model(&names(B).1, &*self.gradient)
    }
}

/// A norm, or its gradient.
struct Norm<S> {
    gain: [S; D],
    bias: [S; D],
}

/// A row without mean, divided by its deviation, and 1 by the deviation.
type Normed<S> = ([S; D], S);

impl<S: Float> Norm<S> {
    fn read(group: &Group, gain: &str, bias: &str) -> Self {
        let read = |name| group.input(name, D, Fill::Wide).try_into().expect("a number a feature");
        Norm { gain: read(gain), bias: read(bias) }
    }

    fn zeros() -> Self {
        Norm { gain: [S::ZERO; D], bias: [S::ZERO; D] }
    }

    fn forward(&self, x: &[S; D]) -> ([S; D], Normed<S>) {
        let each = n::<S>(1.0 / D as f64);
        let mean = x.iter().fold(S::ZERO, |sum, x| sum + *x) * each;
        let centred = x.map(|x| x - mean);
        let scale = S::ONE / (dot(&centred, &centred) * each + n(1e-5)).sqrt();
        let unit = centred.map(|x| x * scale);
        (std::array::from_fn(|i| unit[i] * self.gain[i] + self.bias[i]), (unit, scale))
    }

    fn back(&self, (unit, scale): &Normed<S>, y_bar: &[S; D], gradient: &mut Self) -> [S; D] {
        let mut bar = [S::ZERO; D];
        for i in 0..D {
            gradient.gain[i] += y_bar[i] * unit[i];
            gradient.bias[i] += y_bar[i];
            bar[i] = y_bar[i] * self.gain[i];
        }
        let each = n::<S>(1.0 / D as f64);
        let mean = bar.iter().fold(S::ZERO, |sum, x| sum + *x) * each;
        let along = dot(&bar, unit) * each;
        std::array::from_fn(|i| (bar[i] - mean - unit[i] * along) * *scale)
    }
}

/// The network, or its gradient.
struct Plain<S> {
    norm1: Norm<S>,
    project: Layer<S, D, { 3 * D }>,
    out: Layer<S, D, D>,
    norm2: Norm<S>,
    up: Layer<S, D, WIDE>,
    down: Layer<S, WIDE, D>,
}

/// What `back` needs.
struct Hidden<S> {
    normed1: Vec<([S; D], Normed<S>)>,
    qkv: Vec<[S; 3 * D]>,
    /// For each head, and each query: what it makes of the keys.
    weights: Vec<[[S; T]; T]>,
    heads: Vec<[S; D]>,
    normed2: Vec<([S; D], Normed<S>)>,
    up: Vec<[S; WIDE]>,
}

/// A head's part of the queries (0), keys (1) or values (2).
fn part<S>(row: &[S; 3 * D], which: usize, head: usize) -> &[S; EACH] {
    row[which * D + head * EACH..].first_chunk().expect("a part")
}

fn part_mut<S>(row: &mut [S; 3 * D], which: usize, head: usize) -> &mut [S; EACH] {
    row[which * D + head * EACH..].first_chunk_mut().expect("a part")
}

fn head_of<S>(row: &[S; D], head: usize) -> &[S; EACH] {
    row[head * EACH..].first_chunk().expect("a head")
}

impl<S: Float> Plain<S> {
    fn read(group: &Group) -> Self {
        let bias = |name, inputs, len| group.input(name, len, Fill::FanIn(inputs));
        // Made-up biases of attention are those of `Group::network`.
        let wide = |name, len| group.input(name, len, Fill::Wide);
        Plain {
            norm1: Norm::read(group, "ln1g", "ln1b"),
            project: Layer::new(group.weight::<S, D, { 3 * D }>("Wqkv"), &wide("bqkv", 3 * D)),
            out: Layer::new(group.weight::<S, D, D>("Wo"), &wide("bo", D)),
            norm2: Norm::read(group, "ln2g", "ln2b"),
            up: Layer::new(group.weight::<S, D, WIDE>("W1"), &bias("b1", D, WIDE)),
            down: Layer::new(group.weight::<S, WIDE, D>("W2"), &bias("b2", WIDE, D)),
        }
    }

    fn zeros() -> Self {
        Plain {
            norm1: Norm::zeros(),
            project: Layer::zeros(),
            out: Layer::zeros(),
            norm2: Norm::zeros(),
            up: Layer::zeros(),
            down: Layer::zeros(),
        }
    }

    fn forward(&self, x: &Sequence<S>) -> (Sequence<S>, Hidden<S>) {
        let normed1: Vec<_> = x.iter().map(|x| self.norm1.forward(x)).collect();
        let qkv: Vec<_> = normed1.iter().map(|(x, _)| self.project.forward(x)).collect();
        let scale = n::<S>(1.0 / (EACH as f64).sqrt());
        let mut heads = vec![[S::ZERO; D]; T];
        let mut weights = vec![[[S::ZERO; T]; T]; HEADS];
        for (head, weights) in weights.iter_mut().enumerate() {
            for i in 0..T {
                let q = part(&qkv[i], 0, head);
                let row = &mut weights[i];
                *row = std::array::from_fn(|j| scale * dot(q, part(&qkv[j], 1, head)));
                let most = row.iter().fold(row[0], |most, x| if *x > most { *x } else { most });
                *row = row.map(|x| (x - most).std_exp());
                let sum = row.iter().fold(S::ZERO, |sum, x| sum + *x);
                *row = row.map(|x| x / sum);
                for j in 0..T {
                    let v = part(&qkv[j], 2, head);
                    (0..EACH).for_each(|e| heads[i][head * EACH + e] += row[j] * v[e]);
                }
            }
        }
        let mut h = *x;
        for (h, heads) in h.iter_mut().zip(&heads) {
            let look = self.out.forward(heads);
            (0..D).for_each(|d| h[d] += look[d]);
        }
        let normed2: Vec<_> = h.iter().map(|h| self.norm2.forward(h)).collect();
        let up: Vec<_> = normed2.iter().map(|(x, _)| self.up.forward(x)).collect();
        let mut y = h;
        for (y, up) in y.iter_mut().zip(&up) {
            let think = self.down.forward(&up.map(|x| gelu_tanh(x).0));
            (0..D).for_each(|d| y[d] += think[d]);
        }
        (y, Hidden { normed1, qkv, weights, heads, normed2, up })
    }

    /// Adds the cotangent of the parameters to `gradient`.
    fn back(&self, hidden: &Hidden<S>, y_bar: &Sequence<S>, gradient: &mut Self) {
        let mut h_bar = *y_bar;
        for (i, y_bar) in y_bar.iter().enumerate() {
            let acts = hidden.up[i].map(gelu_tanh);
            gradient.down.gather(&acts.map(|(value, _)| value), y_bar);
            let mut up_bar = self.down.back(y_bar);
            up_bar.iter_mut().zip(&acts).for_each(|(bar, (_, slope))| *bar = *bar * *slope);
            let (normed, of) = &hidden.normed2[i];
            gradient.up.gather(normed, &up_bar);
            let bar = self.norm2.back(of, &self.up.back(&up_bar), &mut gradient.norm2);
            (0..D).for_each(|d| h_bar[i][d] += bar[d]);
        }
        let mut heads_bar = [[S::ZERO; D]; T];
        for i in 0..T {
            gradient.out.gather(&hidden.heads[i], &h_bar[i]);
            heads_bar[i] = self.out.back(&h_bar[i]);
        }
        let scale = n::<S>(1.0 / (EACH as f64).sqrt());
        let mut qkv_bar = [[S::ZERO; 3 * D]; T];
        for (head, weights) in hidden.weights.iter().enumerate() {
            for i in 0..T {
                let bar = head_of(&heads_bar[i], head);
                let row = &weights[i];
                let row_bar: [S; T] =
                    std::array::from_fn(|j| dot(bar, part(&hidden.qkv[j], 2, head)));
                let along = dot(row, &row_bar);
                for j in 0..T {
                    let score_bar = scale * row[j] * (row_bar[j] - along);
                    let (q, k) = (part(&hidden.qkv[i], 0, head), part(&hidden.qkv[j], 1, head));
                    let v_bar = part_mut(&mut qkv_bar[j], 2, head);
                    (0..EACH).for_each(|e| v_bar[e] += row[j] * bar[e]);
                    let k_bar = part_mut(&mut qkv_bar[j], 1, head);
                    (0..EACH).for_each(|e| k_bar[e] += score_bar * q[e]);
                    let q_bar = part_mut(&mut qkv_bar[i], 0, head);
                    (0..EACH).for_each(|e| q_bar[e] += score_bar * k[e]);
                }
            }
        }
        for (bar, (normed, of)) in qkv_bar.iter().zip(&hidden.normed1) {
            gradient.project.gather(normed, bar);
            self.norm1.back(of, &self.project.back(bar), &mut gradient.norm1);
        }
    }

    fn tensors(&self, names: &[&'static str; 12]) -> Results {
        vec![
            Tensor::new(names[0], &self.norm1.gain),
            Tensor::new(names[1], &self.norm1.bias),
            Tensor::weight(names[2], &*self.project.weight),
            Tensor::new(names[3], &self.project.bias),
            Tensor::weight(names[4], &*self.out.weight),
            Tensor::new(names[5], &self.out.bias),
            Tensor::new(names[6], &self.norm2.gain),
            Tensor::new(names[7], &self.norm2.bias),
            Tensor::weight(names[8], &*self.up.weight),
            Tensor::new(names[9], &self.up.bias),
            Tensor::weight(names[10], &*self.down.weight),
            Tensor::new(names[11], &self.down.bias),
        ]
    }
}

struct PlainForward<S, const B: usize> {
    net: Plain<S>,
    x: Vec<Sequence<S>>,
    y: Vec<Sequence<S>>,
}

impl<S: Float, const B: usize> Task for PlainForward<S, B> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = sequences(group, "x", B);
        PlainForward { net: Plain::read(group), y: zeros(x.len()), x }
    }
    fn call(&mut self) {
        for (x, y) in self.x.iter().zip(&mut self.y) {
            *y = self.net.forward(x).0;
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new(names(B).0, self.y.as_flattened().as_flattened())]
    }
}

struct PlainGrad<S, const B: usize> {
    net: Plain<S>,
    x: Vec<Sequence<S>>,
    c: Vec<Sequence<S>>,
    gradient: Plain<S>,
}

impl<S: Float, const B: usize> Task for PlainGrad<S, B> {
    type Output = ();
    fn new(group: &Group) -> Self {
        PlainGrad {
            net: Plain::read(group),
            x: sequences(group, "x", B),
            c: sequences(group, "c", B),
            gradient: Plain::zeros(),
        }
    }
    fn call(&mut self) {
        self.gradient = Plain::zeros();
        for (x, c) in self.x.iter().zip(&self.c) {
            let (_, hidden) = self.net.forward(x);
            self.net.back(&hidden, c, &mut self.gradient);
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        self.gradient.tensors(&names(B).1)
    }
}
