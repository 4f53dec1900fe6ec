//! W6: a chain of activations over 2²⁰ numbers, which is all about passing over memory once.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use crate::plain::gelu_tanh;
use pullback::{Boxed, Workspace, model};

/// Numbers in a sample.
const SAMPLE: usize = 1024;
/// Samples.
const BATCH: usize = 1024;

model! {
    /// No parameters.
    Chain: [SAMPLE] -> [SAMPLE] { gelu_tanh, tanh, softplus, silu }
}

pub(crate) fn workloads() -> Vec<Workload> {
    vec![Workload::of::<ChainForward>(), Workload::of::<ChainVjp>()]
}

fn samples<T: Float>(group: &Group, name: &str) -> Vec<[T; SAMPLE]> {
    group.samples(name, group.batch(BATCH), Fill::Wide)
}

fn zeros<T: Float>(like: &[[T; SAMPLE]]) -> Vec<[T; SAMPLE]> {
    vec![[T::ZERO; SAMPLE]; like.len()]
}

/// The value and the derivative of the chain at one number.
fn chain<T: Float>(x: T) -> (T, T) {
    let (gelu, gelu_slope) = gelu_tanh(x);
    let tanh = gelu.std_tanh();
    let tanh_slope = T::ONE - tanh * tanh;
    // `tanh` is at most 1, so that nothing overflows.
    let softplus = tanh.std_exp().std_ln_1p();
    let softplus_slope = T::ONE / (T::ONE + (-tanh).std_exp());
    let sigmoid = T::ONE / (T::ONE + (-softplus).std_exp());
    let silu_slope = sigmoid * (T::ONE + softplus * (T::ONE - sigmoid));
    (softplus * sigmoid, silu_slope * softplus_slope * tanh_slope * gelu_slope)
}

/// The values.
struct ChainForward;

impl Family for ChainForward {
    const NAME: &'static str = "w6_elem_fwd";
    const ABOUT: &'static str = "silu(softplus(tanh(gelu_tanh(x)))) of 2^20 numbers";
    const GROUP: Option<&'static str> = Some("w6");
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = PlainForward<T>;
}

struct Forward<T: Float> {
    net: Boxed<Chain<T>>,
    x: Vec<[T; SAMPLE]>,
    y: Vec<[T; SAMPLE]>,
    workspace: Workspace<Chain<T>>,
}

impl<T: Float> Task for Forward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = samples(group, "x");
        Forward { net: group.network(&[]), y: zeros(&x), x, workspace: harness::workspace() }
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
    x: Vec<[T; SAMPLE]>,
    y: Vec<[T; SAMPLE]>,
}

impl<T: Float> Task for PlainForward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = samples(group, "x");
        PlainForward { y: zeros(&x), x }
    }
    fn call(&mut self) {
        for (x, y) in self.x.as_flattened().iter().zip(self.y.as_flattened_mut()) {
            *y = chain(*x).0;
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}

/// Values, and the derivatives times `c`.
struct ChainVjp;

impl Family for ChainVjp {
    const NAME: &'static str = "w6_elem_vjp";
    const ABOUT: &'static str = "the same, and its derivative times a cotangent";
    const GROUP: Option<&'static str> = Some("w6");
    type Ours<T: Float> = Vjp<T>;
    type Plain<T: Float> = PlainVjp<T>;
}

struct Vjp<T: Float> {
    net: Boxed<Chain<T>>,
    x: Vec<[T; SAMPLE]>,
    c: Vec<[T; SAMPLE]>,
    y: Vec<[T; SAMPLE]>,
    x_bar: Vec<[T; SAMPLE]>,
    workspace: Workspace<Chain<T>>,
}

impl<T: Float> Task for Vjp<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let (x, c) = (samples(group, "x"), samples(group, "c"));
        let (y, x_bar) = (zeros(&x), zeros(&x));
        Vjp { net: group.network(&[]), x, c, y, x_bar, workspace: harness::workspace() }
    }
    fn call(&mut self) {
        let Vjp { net, x, c, y, x_bar, workspace } = self;
        net.vjp_inputs_batch(&*x, &*c, y, x_bar, workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![
            Tensor::new("out", self.y.as_flattened()),
            Tensor::new("gx", self.x_bar.as_flattened()),
        ]
    }
}

struct PlainVjp<T> {
    x: Vec<[T; SAMPLE]>,
    c: Vec<[T; SAMPLE]>,
    y: Vec<[T; SAMPLE]>,
    x_bar: Vec<[T; SAMPLE]>,
}

impl<T: Float> Task for PlainVjp<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let (x, c) = (samples(group, "x"), samples(group, "c"));
        PlainVjp { y: zeros(&x), x_bar: zeros(&x), x, c }
    }
    fn call(&mut self) {
        let inputs = self.x.as_flattened().iter().zip(self.c.as_flattened());
        let outputs = self.y.as_flattened_mut().iter_mut().zip(self.x_bar.as_flattened_mut());
        for ((x, c), (y, x_bar)) in inputs.zip(outputs) {
            let (value, slope) = chain(*x);
            (*y, *x_bar) = (value, *c * slope);
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![
            Tensor::new("out", self.y.as_flattened()),
            Tensor::new("gx", self.x_bar.as_flattened()),
        ]
    }
}
