//! Calls for one sample, beside the rows of a batch: for the tests of random models, whose texts the compiler's tests write
//! (`macros/src/random/compiled.rs`).

use crate::cases::{Case, lists, numbers};
use pullback::Model;
use pullback::flat::{Boxed, Value, boxed};

/// A value from its numbers.
fn value<Y: Value<f64> + Copy>(numbers: &[f64]) -> Y {
    Y::values(numbers)[0]
}

fn flat<Y: Value<f64>>(y: &Y) -> &[f64] {
    Y::flat(std::slice::from_ref(y))
}

impl<M: Model<Scalar = f64>> Case<'_, M> {
    /// The part of an array that belongs to one sample.
    fn part<'x>(&self, array: &'x [f64], sample: usize) -> &'x [f64] {
        let size = array.len() / self.batch;
        &array[sample * size..][..size]
    }

    /// An input and its tangent.
    pub(crate) fn input<X: Value<f64> + Copy>(&self, input: usize, sample: usize) -> [X; 2] {
        let tangents = &lists(&self.row["d_inputs"])[input];
        [&self.reals[input], tangents].map(|array| value(self.part(array, sample)))
    }

    /// One sample of an array of the row.
    pub(crate) fn one<X: Value<f64> + Copy>(&self, key: &str, sample: usize) -> X {
        value(self.part(&numbers(&self.row[key]), sample))
    }

    pub(crate) fn d_params(&self) -> Boxed<M> {
        let d_params = numbers(&self.row["d_params"]);
        boxed(|i| d_params[i])
    }

    /// # Panics
    /// If a result differs from that of the row; `are` and `bar` panic likewise.
    pub(crate) fn is<Y: Value<f64>>(&self, key: &str, sample: usize, found: &Y) {
        let wanted = numbers(&self.row[key]);
        let what = format!("{key} of sample {sample} alone");
        self.agrees(&what, 1, flat(found), self.part(&wanted, sample));
    }

    pub(crate) fn are<Y: Value<f64>>(&self, keys: [&str; 2], sample: usize, found: &(Y, Y)) {
        self.is(keys[0], sample, &found.0);
        self.is(keys[1], sample, &found.1);
    }

    pub(crate) fn bar<X: Value<f64>>(&self, input: usize, sample: usize, found: &X) {
        let wanted = &lists(&self.row["input_bars"])[input];
        let what = format!("cotangent of input {input}, sample {sample} alone");
        self.agrees(&what, 1, flat(found), self.part(wanted, sample));
    }
}

/// The sum of gradients.
#[derive(Default)]
pub(crate) struct Grads(Vec<f64>);

impl Grads {
    pub(crate) fn add(&mut self, grad: &[f64]) {
        self.0.resize(grad.len(), 0.0);
        self.0.iter_mut().zip(grad).for_each(|(sum, x)| *sum += x);
    }

    /// Compares the sum, to which each sample was added `times` times.
    pub(crate) fn check<M: Model<Scalar = f64>>(&self, case: &Case<'_, M>, times: usize) {
        let mean: Vec<f64> = self.0.iter().map(|x| x / times as f64).collect();
        case.agrees("sum of gradients", 1, &mean, &numbers(&case.row["params_bar"]));
    }
}
