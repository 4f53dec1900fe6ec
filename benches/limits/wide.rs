//! W7: one wide layer, which is all about multiplying matrices.

use crate::by_hand::wide::{Gradient, Layer, WIDTH};
use crate::harness::{Avx2, Limit, Pair, Table, numbers, parameters};
use pullback::{Boxed, Workspace, model};

const BATCH: usize = 256;
model! {
    /// A layer and its activation.
    Wide: [WIDTH] -> [WIDTH] { linear -> [WIDTH], gelu_tanh }
}

pub(crate) fn rows(table: &Table) {
    table.row::<Forward>();
    table.row::<Vjp>();
}

fn samples(name: &str, batch: usize) -> Vec<f32> {
    numbers(name, batch * WIDTH, -2.0, 2.0)
}

/// A model with the parameters of the layer.
fn network(layer: &Layer) -> Boxed<Wide> {
    let mut net = Wide::zeros();
    net.linear1.weight.as_flattened_mut().copy_from_slice(&layer.weight);
    net.linear1.bias.copy_from_slice(&layer.bias);
    net
}

fn zeros(batch: usize) -> Vec<[f32; WIDTH]> {
    vec![[0.0; WIDTH]; batch]
}

/// The outputs.
struct Forward {
    machine: Avx2,
    layer: Layer,
    net: Boxed<Wide>,
    workspace: Workspace<Wide>,
    x: Vec<f32>,
    y: [Vec<[f32; WIDTH]>; 2],
}

impl Limit for Forward {
    const NAME: &'static str = "w7_gemm_fwd";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let batch = batch.unwrap_or(BATCH);
        let layer =
            Layer::new(parameters("W", WIDTH, WIDTH * WIDTH), parameters("b", WIDTH, WIDTH));
        Forward {
            machine,
            net: network(&layer),
            layer,
            workspace: Wide::workspace(),
            x: samples("x", batch),
            y: [zeros(batch), zeros(batch)],
        }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        unsafe { self.layer.forward(&self.x, self.y[1].as_flattened_mut()) };
    }

    fn pullback(&mut self) {
        self.net.forward_batch(self.x.as_chunks().0, &mut self.y[0], &mut self.workspace);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        vec![Pair::new("y", self.y[0].as_flattened(), self.y[1].as_flattened())]
    }
}

/// The gradients by matrix, bias and input.
struct Vjp {
    machine: Avx2,
    layer: Layer,
    net: Boxed<Wide>,
    workspace: Workspace<Wide>,
    x: Vec<f32>,
    c: Vec<f32>,
    y: [Vec<[f32; WIDTH]>; 2],
    x_bar: Vec<[f32; WIDTH]>,
    net_bar: Boxed<Wide>,
    gradient: Gradient,
}

impl Limit for Vjp {
    const NAME: &'static str = "w7_gemm_vjp";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let batch = batch.unwrap_or(BATCH);
        let layer =
            Layer::new(parameters("W", WIDTH, WIDTH * WIDTH), parameters("b", WIDTH, WIDTH));
        Vjp {
            machine,
            net: network(&layer),
            layer,
            workspace: Wide::workspace(),
            x: samples("x", batch),
            c: samples("c", batch),
            y: [zeros(batch), zeros(batch)],
            x_bar: zeros(batch),
            net_bar: Wide::zeros(),
            gradient: Gradient {
                weight: vec![0.0; WIDTH * WIDTH],
                bias: vec![0.0; WIDTH],
                x: vec![0.0; batch * WIDTH],
            },
        }
    }

    fn by_hand(&mut self) {
        let Vjp { layer, x, c, y: [_, y], gradient, .. } = self;
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        unsafe { layer.vjp(x, c, y.as_flattened_mut(), gradient) };
    }

    fn pullback(&mut self) {
        let Vjp { net, workspace, x, c, y: [y, _], x_bar, net_bar, .. } = self;
        net.vjp_batch(x.as_chunks().0, c.as_chunks().0, y, x_bar, net_bar, workspace);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        let Gradient { weight, bias, x } = &self.gradient;
        let of_layer = &self.net_bar.linear1;
        vec![
            Pair::new("y", self.y[0].as_flattened(), self.y[1].as_flattened()),
            Pair::new("the gradient of W", of_layer.weight.as_flattened(), weight),
            Pair::new("the gradient of b", &of_layer.bias, bias),
            Pair::new("the gradient of x", self.x_bar.as_flattened(), x),
        ]
    }
}
