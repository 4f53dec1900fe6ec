//! W1: a control policy, one observation at a time.

use crate::by_hand::policy as by_hand;
use crate::harness::{Avx2, Limit, Pair, Table, numbers, parameters};
use pullback::{Boxed, Workspace, model};

model! {
    /// An observation in, an action out.
    Policy: [8] -> [4] {
        linear -> [64], tanh, linear -> [64], tanh, linear -> [4],
    }
}

pub(crate) fn rows(table: &Table) {
    table.row::<Forward>();
    table.row::<Vjp>();
    table.row::<Jvp>();
}

/// A network.
fn network() -> Boxed<Policy> {
    let mut net = Policy::zeros();
    net.linear1.weight.as_flattened_mut().copy_from_slice(&parameters("W1", 8, 8 * 64));
    net.linear2.weight.as_flattened_mut().copy_from_slice(&parameters("W2", 64, 64 * 64));
    net.linear3.weight.as_flattened_mut().copy_from_slice(&parameters("W3", 64, 64 * 4));
    net.linear1.bias.copy_from_slice(&parameters("b1", 8, 64));
    net.linear2.bias.copy_from_slice(&parameters("b2", 64, 64));
    net.linear3.bias.copy_from_slice(&parameters("b3", 64, 4));
    net
}

/// Its parameters in the order of the program.
fn ordered(net: &Policy) -> Box<by_hand::Policy> {
    let weight3 = &net.linear3.weight;
    Box::new(by_hand::Policy {
        weight1: net.linear1.weight,
        weight2: net.linear2.weight,
        weight3: std::array::from_fn(|o| std::array::from_fn(|i| weight3[i][o])),
        bias1: net.linear1.bias,
        bias2: net.linear2.bias,
        bias3: net.linear3.bias,
    })
}

fn observation<const N: usize>(name: &str) -> [f32; N] {
    numbers(name, N, -2.0, 2.0).try_into().expect("as many as asked for")
}

/// One forward pass.
struct Forward {
    machine: Avx2,
    net: Boxed<Policy>,
    ordered: Box<by_hand::Policy>,
    x: [f32; 8],
    y: [[f32; 4]; 2],
}

impl Limit for Forward {
    const NAME: &'static str = "w1_policy_fwd";

    fn new(machine: Avx2, _: Option<usize>) -> Self {
        let net = network();
        let ordered = ordered(&net);
        Forward { machine, net, ordered, x: observation("x"), y: [[0.0; 4]; 2] }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        self.y[1] = unsafe { self.ordered.forward(&self.x) };
    }

    fn pullback(&mut self) {
        self.y[0] = self.net.forward(&self.x);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        vec![Pair::new("y", &self.y[0], &self.y[1])]
    }
}

/// Output, and gradient by parameters and input.
struct Vjp {
    machine: Avx2,
    net: Boxed<Policy>,
    ordered: Box<by_hand::Policy>,
    workspace: Workspace<Policy>,
    x: [[f32; 8]; 1],
    c: [[f32; 4]; 1],
    y: [[[f32; 4]; 1]; 2],
    x_bar: [[[f32; 8]; 1]; 2],
    net_bar: Boxed<Policy>,
    ordered_bar: Box<by_hand::Policy>,
}

impl Limit for Vjp {
    const NAME: &'static str = "w1_policy_vjp";

    fn new(machine: Avx2, _: Option<usize>) -> Self {
        let net = network();
        Vjp {
            machine,
            ordered: ordered(&net),
            net,
            workspace: Workspace::with_tile(1),
            x: [observation("x")],
            c: [observation("c")],
            y: [[[0.0; 4]]; 2],
            x_bar: [[[0.0; 8]]; 2],
            net_bar: Policy::zeros(),
            ordered_bar: ordered(&Policy::zeros()),
        }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        let Vjp { ordered, x, c, y, x_bar, ordered_bar, .. } = self;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        y[1][0] = unsafe { ordered.vjp(&x[0], &c[0], ordered_bar, &mut x_bar[1][0]) };
    }

    fn pullback(&mut self) {
        let Vjp { net, workspace, x, c, y, x_bar, net_bar, .. } = self;
        net.vjp_batch(&*x, &*c, &mut y[0], &mut x_bar[0], net_bar, workspace);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        let (net, by_hand) = (ordered(&self.net_bar), &self.ordered_bar);
        let pair = |name, a: &[[f32; 64]], b: &[[f32; 64]]| {
            Pair::new(name, a.as_flattened(), b.as_flattened())
        };
        vec![
            Pair::new("y", &self.y[0][0], &self.y[1][0]),
            Pair::new("the gradient of x", &self.x_bar[0][0], &self.x_bar[1][0]),
            pair("the gradient of W1", &net.weight1, &by_hand.weight1),
            pair("the gradient of W2", &net.weight2, &by_hand.weight2),
            pair("the gradient of W3", &net.weight3, &by_hand.weight3),
            pair("the gradient of b1", &[net.bias1], &[by_hand.bias1]),
            pair("the gradient of b2", &[net.bias2], &[by_hand.bias2]),
            Pair::new("the gradient of b3", &net.bias3, &by_hand.bias3),
        ]
    }
}

/// Output and tangent along a direction of the input.
struct Jvp {
    machine: Avx2,
    net: Boxed<Policy>,
    ordered: Box<by_hand::Policy>,
    x: [f32; 8],
    dx: [f32; 8],
    y: [([f32; 4], [f32; 4]); 2],
}

impl Limit for Jvp {
    const NAME: &'static str = "w1_policy_jvp";

    fn new(machine: Avx2, _: Option<usize>) -> Self {
        let net = network();
        let ordered = ordered(&net);
        let (x, dx) = (observation("x"), observation("tx"));
        Jvp { machine, net, ordered, x, dx, y: [([0.0; 4], [0.0; 4]); 2] }
    }

    fn by_hand(&mut self) {
        let Avx2 { .. } = self.machine;
        // SAFETY: there is an `Avx2`, and so the machine has the instructions.
        self.y[1] = unsafe { self.ordered.jvp(&self.x, &self.dx) };
    }

    fn pullback(&mut self) {
        self.y[0] = self.net.jvp(&self.x, &self.dx);
    }

    fn results(&mut self) -> Vec<Pair> {
        self.by_hand();
        self.pullback();
        let [(y, dy), (by_hand, by_hand_dy)] = &self.y;
        vec![Pair::new("y", y, by_hand), Pair::new("the tangent", dy, by_hand_dy)]
    }
}
