//! W6: a chain of activations over 2²⁰ numbers.

use crate::by_hand::elementwise as by_hand;
use crate::harness::{Avx2, Limit, Pair, Table, numbers};
use pullback::{Boxed, Workspace, model};

/// Numbers in a sample.
const SAMPLE: usize = 1024;
/// Samples.
const BATCH: usize = 1024;
model! {
    /// No parameters.
    Chain: [SAMPLE] -> [SAMPLE] { gelu_tanh, tanh, softplus, silu }
}

pub(crate) fn rows(table: &Table) {
    table.row::<Forward>();
    table.row::<Vjp>();
}

/// The values.
struct Forward {
    machine: Avx2,
    net: Boxed<Chain>,
    workspace: Workspace<Chain>,
    x: Vec<f32>,
    y: [Vec<[f32; SAMPLE]>; 2],
}

fn zeros(batch: usize) -> Vec<[f32; SAMPLE]> {
    vec![[0.0; SAMPLE]; batch]
}

fn samples(name: &str, batch: usize) -> Vec<f32> {
    numbers(name, batch * SAMPLE, -2.0, 2.0)
}

impl Limit for Forward {
    const NAME: &'static str = "w6_elem_fwd";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let batch = batch.unwrap_or(BATCH);
        Forward {
            machine,
            net: Chain::zeros(),
            workspace: Chain::workspace(),
            x: samples("x", batch),
            y: [zeros(batch), zeros(batch)],
        }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        unsafe { by_hand::forward(&self.x, self.y[1].as_flattened_mut()) };
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

/// Values, and the derivatives times `c`.
struct Vjp {
    machine: Avx2,
    net: Boxed<Chain>,
    workspace: Workspace<Chain>,
    x: Vec<f32>,
    c: Vec<f32>,
    y: [Vec<[f32; SAMPLE]>; 2],
    x_bar: [Vec<[f32; SAMPLE]>; 2],
}

impl Limit for Vjp {
    const NAME: &'static str = "w6_elem_vjp";

    fn new(machine: Avx2, batch: Option<usize>) -> Self {
        let batch = batch.unwrap_or(BATCH);
        Vjp {
            machine,
            net: Chain::zeros(),
            workspace: Chain::workspace(),
            x: samples("x", batch),
            c: samples("c", batch),
            y: [zeros(batch), zeros(batch)],
            x_bar: [zeros(batch), zeros(batch)],
        }
    }

    fn by_hand(&mut self) {
        let Vjp { x, c, y: [_, y], x_bar: [_, x_bar], .. } = self;
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        unsafe { by_hand::vjp(x, c, y.as_flattened_mut(), x_bar.as_flattened_mut()) };
    }

    fn pullback(&mut self) {
        let Vjp { net, workspace, x, c, y: [y, _], x_bar: [x_bar, _], .. } = self;
        net.vjp_inputs_batch(x.as_chunks().0, c.as_chunks().0, y, x_bar, workspace);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        let [y, x_bar] =
            [&self.y, &self.x_bar].map(|both| both.each_ref().map(|x| x.as_flattened()));
        vec![Pair::new("y", y[0], y[1]), Pair::new("the gradient of x", x_bar[0], x_bar[1])]
    }
}
