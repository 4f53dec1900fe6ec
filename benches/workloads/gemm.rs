//! W7: one wide layer, which is all about multiplying matrices.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use crate::plain::{Layer, gelu_tanh};
use pullback::{Boxed, Workspace, model};

const WIDTH: usize = 1024;
const BATCH: usize = 256;
const NAMES: [&str; 2] = ["W", "b"];
const GRADIENTS: [&str; 2] = ["gW", "gb"];

model! {
    /// A layer and its activation.
    Wide: [WIDTH] -> [WIDTH] { linear -> [WIDTH], gelu_tanh }
}

pub(crate) fn workloads() -> Vec<Workload> {
    vec![Workload::of::<WideForward>(), Workload::of::<WideVjp>()]
}

fn samples<T: Float>(group: &Group, name: &str) -> Vec<[T; WIDTH]> {
    group.samples(name, group.batch(BATCH), Fill::Wide)
}

fn zeros<T: Float>(like: &[[T; WIDTH]]) -> Vec<[T; WIDTH]> {
    vec![[T::ZERO; WIDTH]; like.len()]
}

fn layer<T: Float>(group: &Group) -> Layer<T, WIDTH, WIDTH> {
    Layer::new(group.weight::<T, WIDTH, WIDTH>("W"), &group.input("b", WIDTH, Fill::FanIn(WIDTH)))
}

/// The outputs.
struct WideForward;

impl Family for WideForward {
    const NAME: &'static str = "w7_gemm_fwd";
    const ABOUT: &'static str = "gelu_tanh(x W + b), 1024 by 1024, batch 256";
    const GROUP: Option<&'static str> = Some("w7");
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = PlainForward<T>;
}

struct Forward<T: Float> {
    net: Boxed<Wide<T>>,
    x: Vec<[T; WIDTH]>,
    y: Vec<[T; WIDTH]>,
    workspace: Workspace<Wide<T>>,
}

impl<T: Float> Task for Forward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = samples(group, "x");
        Forward { net: group.network(&NAMES), y: zeros(&x), x, workspace: harness::workspace() }
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
    layer: Layer<T, WIDTH, WIDTH>,
    x: Vec<[T; WIDTH]>,
    y: Vec<[T; WIDTH]>,
}

impl<T: Float> Task for PlainForward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let x = samples(group, "x");
        PlainForward { layer: layer(group), y: zeros(&x), x }
    }
    fn call(&mut self) {
        for (x, y) in self.x.iter().zip(&mut self.y) {
            *y = self.layer.forward(x);
            for y in y {
                *y = gelu_tanh(*y).0;
            }
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}

/// The gradients by matrix, bias and input.
struct WideVjp;

impl Family for WideVjp {
    const NAME: &'static str = "w7_gemm_vjp";
    const ABOUT: &'static str = "the same: gradient by W, b and x";
    const GROUP: Option<&'static str> = Some("w7");
    type Ours<T: Float> = Vjp<T>;
    type Plain<T: Float> = PlainVjp<T>;
}

struct Vjp<T: Float> {
    net: Boxed<Wide<T>>,
    x: Vec<[T; WIDTH]>,
    c: Vec<[T; WIDTH]>,
    y: Vec<[T; WIDTH]>,
    x_bar: Vec<[T; WIDTH]>,
    gradient: Boxed<Wide<T>>,
    workspace: Workspace<Wide<T>>,
}

impl<T: Float> Task for Vjp<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let (x, c) = (samples(group, "x"), samples(group, "c"));
        Vjp {
            net: group.network(&NAMES),
            y: zeros(&x),
            x_bar: zeros(&x),
            x,
            c,
            gradient: Wide::zeros(),
            workspace: harness::workspace(),
        }
    }
    fn call(&mut self) {
        let Vjp { net, x, c, y, x_bar, gradient, workspace } = self;
        net.vjp_batch(&*x, &*c, y, x_bar, gradient, workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        let mut results = Tensor::of_model(&GRADIENTS, &*self.gradient);
        results.push(Tensor::new("out", self.y.as_flattened()));
        results.push(Tensor::new("gx", self.x_bar.as_flattened()));
        results
    }
}

struct PlainVjp<T> {
    layer: Layer<T, WIDTH, WIDTH>,
    x: Vec<[T; WIDTH]>,
    c: Vec<[T; WIDTH]>,
    y: Vec<[T; WIDTH]>,
    x_bar: Vec<[T; WIDTH]>,
    gradient: Layer<T, WIDTH, WIDTH>,
}

impl<T: Float> Task for PlainVjp<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let (x, c) = (samples(group, "x"), samples(group, "c"));
        PlainVjp {
            layer: layer(group),
            y: zeros(&x),
            x_bar: zeros(&x),
            x,
            c,
            gradient: Layer::zeros(),
        }
    }
    fn call(&mut self) {
        self.gradient.clear();
        let inputs = self.x.iter().zip(&self.c);
        for ((x, c), (y, x_bar)) in inputs.zip(self.y.iter_mut().zip(&mut self.x_bar)) {
            *y = self.layer.forward(x);
            let mut z_bar = *c;
            for (z_bar, y) in z_bar.iter_mut().zip(y) {
                let (value, slope) = gelu_tanh(*y);
                (*y, *z_bar) = (value, *z_bar * slope);
            }
            *x_bar = self.layer.back(&z_bar);
            self.gradient.gather(x, &z_bar);
        }
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![
            Tensor::weight("gW", &*self.gradient.weight),
            Tensor::new("gb", &self.gradient.bias),
            Tensor::new("out", self.y.as_flattened()),
            Tensor::new("gx", self.x_bar.as_flattened()),
        ]
    }
}
