//! What another library, or the interpreter, makes of a model, and what its generated code makes.

use pullback::flat::{Boxed, boxed};
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Workspace};
use serde_json::Value;

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let number = |x: &Value| match x.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(_) => f64::NAN,
        None => x.as_f64().expect("a number"),
    };
    value.as_array().expect("a list of numbers").iter().map(number).collect()
}

pub(crate) fn lists(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

/// A case of a model, and what it gives it.
pub(crate) struct Case<'a, M: Model> {
    pub(crate) row: &'a Value,
    close: Close,
    pub(crate) net: Boxed<M>,
    pub(crate) batch: usize,
    /// Numbers of a sample of each input.
    sizes: Vec<usize>,
    pub(crate) reals: Vec<Vec<f64>>,
    pub(crate) integers: Vec<Vec<u32>>,
    pub(crate) state: Vec<f64>,
}

impl<'a, M: Model<Scalar = f64>> Case<'a, M> {
    pub(crate) fn new(row: &'a Value, close: Close) -> Self {
        let params = numbers(&row["params"]);
        assert_eq!(params.len(), M::PARAMS, "parameters of {}", M::NAME);
        let sizes: Vec<usize> = M::INPUTS.iter().map(|info| info.shape.iter().product()).collect();
        let inputs = lists(&row["inputs"]);
        let batch = inputs.iter().zip(&sizes).map(|(x, n)| x.len() / n).max().unwrap_or(1);
        let inputs: Vec<_> =
            inputs.into_iter().zip(&sizes).map(|(x, n)| spread(x, *n, batch)).collect();
        Case {
            row,
            close,
            net: boxed::<M>(|i| params[i]),
            batch,
            sizes,
            integers: inputs.iter().map(|x| x.iter().map(|x| *x as u32).collect()).collect(),
            reals: inputs,
            state: row.get("state").map_or(Vec::new(), numbers),
        }
    }

    fn data(&self) -> Vec<Data<'_, f64>> {
        let inputs = M::INPUTS.iter().enumerate().map(|(i, info)| match info.index {
            Some(_) => Data::Index(&self.integers[i]),
            None => Data::Real(&self.reals[i]),
        });
        inputs.chain((!self.state.is_empty()).then_some(Data::State(&self.state))).collect()
    }

    /// In tiles that do not divide most batches, or in one where samples depend on each other.
    fn workspace(&self, tile: usize) -> Workspace<M> {
        Workspace::with_tile(if M::LEAST_BATCH > 0 { self.batch } else { tile })
    }

    /// # Panics
    /// If a call makes something else.
    pub(crate) fn check(&self) {
        let y = numbers(&self.row["y"]);
        let mut found = vec![0.0; self.batch * M::OUTPUT.iter().product::<usize>()];
        let mut ws = self.workspace(3);
        self.net.forward_flat(&self.data(), &mut found, &mut ws);
        self.agrees("forward", self.batch, &found, &y);
        if let Some(state) = self.row.get("new_state") {
            self.agrees("new state", 1, ws.state(), &numbers(state));
        }
        if self.row.get("dy").is_some() {
            self.jvp(&y);
            self.vjp();
        }
    }

    fn jvp(&self, y: &[f64]) {
        let spread = lists(&self.row["d_inputs"]).into_iter().zip(&self.sizes).zip(M::INPUTS).map(
            |((dx, n), info)| if info.index.is_some() { dx } else { spread(dx, *n, self.batch) },
        );
        let d_inputs: Vec<Vec<f64>> = spread.collect();
        let d_inputs: Vec<&[f64]> = d_inputs.iter().map(Vec::as_slice).collect();
        let d_params = numbers(&self.row["d_params"]);
        let tangents = Tangents { inputs: &d_inputs, params: &d_params };
        let (mut found, mut dy) = (vec![f64::NAN; y.len()], vec![f64::NAN; y.len()]);
        let mut ws = self.workspace(2);
        self.net.jvp_flat(Wrt::All, &self.data(), tangents, &mut found, &mut dy, &mut ws);
        self.agrees("value of the JVP", self.batch, &found, y);
        self.agrees("JVP", self.batch, &dy, &numbers(&self.row["dy"]));
    }

    fn vjp(&self) {
        let sizes = self.sizes.iter().zip(M::INPUTS);
        let sizes = sizes.map(|(n, info)| if info.index.is_some() { 0 } else { n * self.batch });
        let mut bars: Vec<Vec<f64>> = sizes.map(|size| vec![f64::NAN; size]).collect();
        let mut slices: Vec<&mut [f64]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let mut grad = vec![0.0; M::PARAMS];
        let y_bar = numbers(&self.row["y_bar"]);
        let mut loss = |i: usize, y: &[f64], bar: &mut [f64]| {
            bar.copy_from_slice(&y_bar[i * y.len()..(i + 1) * y.len()])
        };
        let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
        self.net.vjp_flat(Wrt::All, &self.data(), &mut loss, cotangents, &mut self.workspace(2));
        for (i, (bar, wanted)) in bars.iter().zip(lists(&self.row["input_bars"])).enumerate() {
            if M::INPUTS[i].index.is_some() {
                continue;
            }
            // The sum over the samples of what is given once.
            let mut sum = bar[..wanted.len()].to_vec();
            for sample in bar.chunks(wanted.len().max(1)).skip(1) {
                sum.iter_mut().zip(sample).for_each(|(sum, bar)| *sum += *bar);
            }
            let samples = if wanted.len() < bar.len() { 1 } else { self.batch };
            self.agrees(&format!("cotangent of input {i}"), samples, &sum, &wanted);
        }
        self.agrees("cotangent of the parameters", 1, &grad, &numbers(&self.row["params_bar"]));
    }

    pub(crate) fn agrees(&self, what: &str, samples: usize, found: &[f64], wanted: &[f64]) {
        let name = format!("{} of {}, {what}", self.row["case"], M::NAME);
        assert_eq!(found.len(), wanted.len(), "{name}");
        let told = |key: &str| self.row.get(key).and_then(Value::as_f64);
        // The error allowed, relative to the greatest number and to the number itself.
        let (size, [of_all, of_one], least) = match self.close {
            Close::Relative => (wanted.len(), [told("tolerance").unwrap_or(1e-9), 0.0], 1e-3),
            Close::SampleBySample => (wanted.len() / samples, [1e-12, 1e-10], 1.0),
            Close::AsTold => (wanted.len(), [0.0, told("rtol").expect("a tolerance")], 0.0),
        };
        let absolute =
            if let Close::AsTold = self.close { told("atol").expect("a tolerance") } else { 0.0 };
        for (found, wanted) in found.chunks(size.max(1)).zip(wanted.chunks(size.max(1))) {
            let finite = wanted.iter().filter(|x| x.is_finite());
            let greatest = finite.fold(least, |max: f64, x| max.max(x.abs()));
            for (a, b) in found.iter().zip(wanted) {
                let bound = absolute + of_all * greatest + of_one * b.abs();
                let same = a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= bound;
                assert!(same, "{name}: {a}, the suite has {b}");
            }
        }
    }
}

/// How close numbers are to those of a suite.
#[derive(Clone, Copy)]
pub(crate) enum Close {
    /// To 1e-9 of the greatest number of an array, or what a case says.
    Relative,
    /// Sample by sample, which are at other points.
    SampleBySample,
    /// As a case says.
    AsTold,
}

/// What is given once is the same for all samples.
fn spread(x: Vec<f64>, size: usize, batch: usize) -> Vec<f64> {
    if x.len() == size * batch {
        return x;
    }
    assert_eq!(x.len(), size, "numbers of an input");
    x.repeat(batch)
}
