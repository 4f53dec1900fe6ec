//! Models against the plain semantics: the function and the loops of a model of one op, or of a chain, make what the struct in
//! `pullback::spec` makes, or the composition of such structs; so do their derivatives.

mod tests;

use crate::corpus;
use crate::eval::both::{Data, Made, both};
use crate::eval::{World, laws};
use crate::ir::{Source, Target};
use crate::programs::programs;
use pullback_core::spec::{CrossEntropyLoss, Linear, Op};
use pullback_core::{Real, Scalar, Shape};

/// Samples of a batch.
const SAMPLES: usize = 3;

/// What a spec captures: the inputs but the first of one sample, and the parameters.
pub struct Case<T> {
    /// Empty where the input is an integer.
    inputs: Vec<Vec<T>>,
    /// `None` where the input is real.
    labels: Vec<Option<usize>>,
    params: Vec<Vec<T>>,
}

impl<T: Scalar> Case<T> {
    fn input(&self, i: usize) -> Vec<T> {
        self.inputs[i].clone()
    }

    /// The loss towards the label that is input `i`.
    fn labelled<const CLASSES: usize>(&self, i: usize) -> CrossEntropyLoss<Shape![CLASSES], T>
    where
        T: Real,
    {
        let label = self.labels[i].expect("the input is an integer");
        CrossEntropyLoss::with_labels(&[label])
    }

    /// The model's `i`-th linear layer. The spec has one row of weights for each output, the model one
    /// for each input.
    fn linear<const IN: usize, const OUT: usize>(&self, i: usize) -> Linear<T, IN, OUT> {
        let weight = &self.params[2 * i];
        let transposed = (0..IN * OUT).map(|j| weight[j % IN * OUT + j / IN]);
        Linear::new(transposed.collect(), self.params[2 * i + 1].clone())
    }
}

/// An [`Op`] of any shapes.
pub trait Plain<T> {
    /// The domain and the codomain.
    fn shapes(&self) -> [Vec<usize>; 2];
    fn forward(&self, x: &[T], y: &mut [T]);
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]);
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]);
}

impl<T: Scalar, F: Op<T>> Plain<T> for F {
    fn shapes(&self) -> [Vec<usize>; 2] {
        [F::Dom::dims(), F::Cod::dims()]
    }
    fn forward(&self, x: &[T], y: &mut [T]) {
        Op::forward(self, x, y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        Op::jvp(self, x, dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        Op::vjp(self, x, y_bar, x_bar);
    }
}

/// Makes the spec of a model from what it captures.
pub type Spec<T> = dyn Fn(&Case<T>) -> Box<dyn Plain<T>>;

/// Compares a model as a function of its first input with a spec that has captured the rest.
///
/// # Panics
/// If they differ.
pub fn same<T: Real>(
    text: &str,
    spec: &Spec<T>,
    draw: &mut dyn FnMut() -> T,
    equal: &dyn Fn(T, T) -> bool,
) {
    let (_, typed) = corpus::models(text).last().expect("a model");
    let programs = programs(&typed);
    let world = World::new(&typed, SAMPLES, &laws::known);
    let shapes: Vec<Vec<usize>> =
        typed.inputs.iter().map(|input| world.shape(&input.shape)).collect();
    let sizes: Vec<usize> = shapes.iter().map(|shape| shape.iter().product()).collect();
    let cod_shape = world.shape(&typed.output);
    let (dom, cod) = (sizes[0], cod_shape.iter().product::<usize>());

    let mut vector = |n: usize| -> Vec<T> { (0..n).map(|_| draw()).collect() };
    let params: Vec<Vec<T>> = typed
        .trained()
        .iter()
        .map(|param| vector(world.shape(&param.shape).iter().product()))
        .collect();
    let inputs: Vec<Vec<T>> = sizes.iter().map(|size| vector(SAMPLES * size)).collect();
    let (dx, y_bar) = (vector(SAMPLES * dom), vector(SAMPLES * cod));
    // Each class in turn.
    let label = |i: usize, sample: usize| {
        typed.inputs[i].index.as_ref().map(|bound| (i + sample) % world.dim(bound))
    };
    let given = |source: Source| match source {
        Source::Input(i) => Data::Real(inputs[i].clone()),
        Source::Integers(i) => {
            Data::Integers((0..SAMPLES).filter_map(|sample| label(i, sample)).collect())
        }
        Source::Param(i) => Data::Real(params[i].clone()),
        Source::InputTangent(0) => Data::Real(dx.clone()),
        Source::InputTangent(i) => Data::Real(vec![T::ZERO; inputs[i].len()]),
        Source::ParamTangent(i) => Data::Real(vec![T::ZERO; params[i].len()]),
        Source::Cotangent => Data::Real(y_bar.clone()),
        other => unreachable!("{other:?} of an op with a spec"),
    };
    let unwritten = T::from_f64(f64::from(1 << 20));
    let [forward, jvp, vjp] = [&programs.forward, &programs.jvp, &programs.vjp]
        .map(|func| both(&world, func, &given, unwritten));

    for sample in 0..SAMPLES {
        let part = |all: &[T]| all[sample * all.len() / SAMPLES..][..all.len() / SAMPLES].to_vec();
        let op = spec(&Case {
            inputs: inputs.iter().map(|x| part(x)).collect(),
            labels: (0..sizes.len()).map(|i| label(i, sample)).collect(),
            params: params.clone(),
        });
        assert_eq!(op.shapes(), [&*shapes[0], &*cod_shape], "{text}: its shapes");
        let compare = |entry: &str, runs: &[(&str, Made<T>); 2], target: Target, wanted: &[T]| {
            for (what, made) in runs {
                for (j, (a, b)) in part(&made[&target]).iter().zip(wanted).enumerate() {
                    assert!(
                        equal(*a, *b),
                        "{text}: {what} of {entry}, sample {sample}, element {j}: {a:?}, the spec has {b:?}",
                    );
                }
            }
        };
        let (x, dx, y_bar) = (part(&inputs[0]), part(&dx), part(&y_bar));
        let (mut in_cod, mut in_dom) = (vec![T::ZERO; cod], vec![T::ZERO; dom]);
        op.forward(&x, &mut in_cod);
        compare("forward", &forward, Target::Output, &in_cod);
        compare("jvp", &jvp, Target::Output, &in_cod);
        op.jvp(&x, &dx, &mut in_cod);
        compare("jvp", &jvp, Target::OutputTangent, &in_cod);
        op.vjp(&x, &y_bar, &mut in_dom);
        compare("vjp", &vjp, Target::Input(0), &in_dom);
    }
}
