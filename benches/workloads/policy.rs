//! W1: a control policy, one observation at a time. There is no batch to spread a cost over, so what
//! counts is what lies around the arithmetic. `tiny` is a network so small that nothing else is left.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{Family, Task, Workload};
use crate::mlp::{GRADIENTS, Mlp, NAMES};
use crate::plain::Tanh;
use pullback::{Boxed, Workspace, model};

model! {
    /// An observation in, an action out.
    Policy: [8] -> [4] {
        linear -> [64], tanh, linear -> [64], tanh, linear -> [4],
    }

    /// The same, tiny.
    Tiny: [6] -> [4] {
        linear -> [64], tanh, linear -> [8], tanh, linear -> [4],
    }
}

type PlainPolicy<T> = Mlp<Tanh, T, 8, 64, 64, 4>;
type PlainTiny<T> = Mlp<Tanh, T, 6, 64, 8, 4>;

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        Workload::of::<PolicyForward>(),
        Workload::of::<PolicyVjp>(),
        Workload::of::<PolicyJvp>(),
        Workload::of::<TinyForward>(),
    ]
}

fn observation<T: Float, const N: usize>(group: &Group, name: &str) -> [T; N] {
    group.samples(name, 1, Fill::Wide)[0]
}

/// One forward pass.
struct PolicyForward;

impl Family for PolicyForward {
    const NAME: &'static str = "w1_policy_fwd";
    const ABOUT: &'static str = "MLP 8-64-64-4 tanh, batch 1: the output";
    const GROUP: Option<&'static str> = Some("w1");
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = PlainForward<T>;
}

struct Forward<T> {
    net: Boxed<Policy<T>>,
    x: [T; 8],
}

impl<T: Float> Task for Forward<T> {
    type Output = [T; 4];
    fn new(group: &Group) -> Self {
        Forward { net: group.network(&NAMES), x: observation(group, "x") }
    }
    fn call(&mut self) -> [T; 4] {
        self.net.forward(&self.x)
    }
    fn results(&mut self) -> Results {
        vec![Tensor::new("out", &self.call())]
    }
}

struct PlainForward<T> {
    net: PlainPolicy<T>,
    x: [T; 8],
}

impl<T: Float> Task for PlainForward<T> {
    type Output = [T; 4];
    fn new(group: &Group) -> Self {
        PlainForward { net: Mlp::read(group), x: observation(group, "x") }
    }
    fn call(&mut self) -> [T; 4] {
        self.net.forward(&self.x)
    }
    fn results(&mut self) -> Results {
        vec![Tensor::new("out", &self.call())]
    }
}

/// The pullback of `c`.
struct PolicyVjp;

impl Family for PolicyVjp {
    const NAME: &'static str = "w1_policy_vjp";
    const ABOUT: &'static str = "the same: output, and gradient by parameters and input";
    const GROUP: Option<&'static str> = Some("w1");
    type Ours<T: Float> = Vjp<T>;
    type Plain<T: Float> = PlainVjp<T>;
}

/// Through the batched call, which writes to memory that is there already.
struct Vjp<T: Float> {
    net: Boxed<Policy<T>>,
    x: [[T; 8]; 1],
    c: [[T; 4]; 1],
    y: [[T; 4]; 1],
    x_bar: [[T; 8]; 1],
    gradient: Boxed<Policy<T>>,
    workspace: Workspace<Policy<T>>,
}

impl<T: Float> Task for Vjp<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        Vjp {
            net: group.network(&NAMES),
            x: [observation(group, "x")],
            c: [observation(group, "c")],
            y: [[T::ZERO; 4]],
            x_bar: [[T::ZERO; 8]],
            gradient: Policy::zeros(),
            workspace: Workspace::with_tile(1),
        }
    }
    fn call(&mut self) {
        let Vjp { net, x, c, y, x_bar, gradient, workspace } = self;
        net.vjp_batch(&*x, &*c, y, x_bar, gradient, workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        let mut results = Tensor::of_model(&GRADIENTS, &*self.gradient);
        results.push(Tensor::new("out", &self.y[0]));
        results.push(Tensor::new("gx", &self.x_bar[0]));
        results
    }
}

struct PlainVjp<T> {
    net: PlainPolicy<T>,
    x: [T; 8],
    c: [T; 4],
    gradient: PlainPolicy<T>,
}

impl<T: Float> Task for PlainVjp<T> {
    type Output = ([T; 4], [T; 8]);
    fn new(group: &Group) -> Self {
        PlainVjp {
            net: Mlp::read(group),
            x: observation(group, "x"),
            c: observation(group, "c"),
            gradient: Mlp::zeros(),
        }
    }
    fn call(&mut self) -> ([T; 4], [T; 8]) {
        self.gradient.clear();
        let (y, hidden) = self.net.primal(&self.x);
        let a_bar = self.net.back(&self.x, &hidden, &self.c, &mut self.gradient);
        (y, self.net.back_to_input(&a_bar))
    }
    fn results(&mut self) -> Results {
        let (y, x_bar) = self.call();
        let mut results = self.gradient.tensors();
        results.push(Tensor::new("out", &y));
        results.push(Tensor::new("gx", &x_bar));
        results
    }
}

/// The tangent along `tx`.
struct PolicyJvp;

impl Family for PolicyJvp {
    const NAME: &'static str = "w1_policy_jvp";
    const ABOUT: &'static str = "the same: output, and tangent by the input";
    const GROUP: Option<&'static str> = Some("w1");
    type Ours<T: Float> = Jvp<T>;
    type Plain<T: Float> = PlainJvp<T>;
}

struct Jvp<T> {
    net: Boxed<Policy<T>>,
    x: [T; 8],
    dx: [T; 8],
}

impl<T: Float> Task for Jvp<T> {
    type Output = ([T; 4], [T; 4]);
    fn new(group: &Group) -> Self {
        let (x, dx) = (observation(group, "x"), observation(group, "tx"));
        Jvp { net: group.network(&NAMES), x, dx }
    }
    fn call(&mut self) -> ([T; 4], [T; 4]) {
        self.net.jvp(&self.x, &self.dx)
    }
    fn results(&mut self) -> Results {
        let (y, dy) = self.call();
        vec![Tensor::new("out", &y), Tensor::new("jvp", &dy)]
    }
}

struct PlainJvp<T> {
    net: PlainPolicy<T>,
    x: [T; 8],
    dx: [T; 8],
}

impl<T: Float> Task for PlainJvp<T> {
    type Output = ([T; 4], [T; 4]);
    fn new(group: &Group) -> Self {
        let (x, dx) = (observation(group, "x"), observation(group, "tx"));
        PlainJvp { net: Mlp::read(group), x, dx }
    }
    fn call(&mut self) -> ([T; 4], [T; 4]) {
        self.net.jvp(&self.x, &self.dx)
    }
    fn results(&mut self) -> Results {
        let (y, dy) = self.call();
        vec![Tensor::new("out", &y), Tensor::new("jvp", &dy)]
    }
}

/// The tiny network.
struct TinyForward;

impl Family for TinyForward {
    const NAME: &'static str = "tiny_fwd";
    const ABOUT: &'static str = "MLP 6-64-8-4 tanh, batch 1: the output";
    const GROUP: Option<&'static str> = None;
    type Ours<T: Float> = ForwardTiny<T>;
    type Plain<T: Float> = PlainForwardTiny<T>;
}

struct ForwardTiny<T> {
    net: Boxed<Tiny<T>>,
    x: [T; 6],
}

impl<T: Float> Task for ForwardTiny<T> {
    type Output = [T; 4];
    fn new(group: &Group) -> Self {
        ForwardTiny { net: group.network(&NAMES), x: observation(group, "x") }
    }
    fn call(&mut self) -> [T; 4] {
        self.net.forward(&self.x)
    }
    fn results(&mut self) -> Results {
        vec![Tensor::new("out", &self.call())]
    }
}

struct PlainForwardTiny<T> {
    net: PlainTiny<T>,
    x: [T; 6],
}

impl<T: Float> Task for PlainForwardTiny<T> {
    type Output = [T; 4];
    fn new(group: &Group) -> Self {
        PlainForwardTiny { net: Mlp::read(group), x: observation(group, "x") }
    }
    fn call(&mut self) -> [T; 4] {
        self.net.forward(&self.x)
    }
    fn results(&mut self) -> Results {
        vec![Tensor::new("out", &self.call())]
    }
}
