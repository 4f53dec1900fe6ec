//! What another library, or the interpreter, makes of a model, and what its generated code makes.

use crate::float::Float;
use pullback::flat::{Boxed, boxed};
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Scalar, Workspace};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    let number = |x: &Value| match x.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(_) => f64::NAN,
        None => x.as_f64().expect("a number"),
    };
    value.as_array().expect("a list of numbers").iter().map(number).collect()
}

fn lists(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

fn of<T: Float>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|x| T::from_f64(*x)).collect()
}

/// A case of a model, and what it gives it.
pub(crate) struct Case<'a, M: Model> {
    row: &'a Value,
    /// Whether samples are at other points, and compared one by one.
    one_by_one: bool,
    net: Boxed<M>,
    batch: usize,
    /// Numbers of a sample of each input.
    sizes: Vec<usize>,
    reals: Vec<Vec<M::Scalar>>,
    integers: Vec<Vec<u32>>,
    state: Vec<M::Scalar>,
}

impl<'a, M: Model<Scalar: Float>> Case<'a, M> {
    pub(crate) fn new(row: &'a Value, one_by_one: bool) -> Self {
        let params = of::<M::Scalar>(&numbers(&row["params"]));
        assert_eq!(params.len(), M::PARAMS, "parameters of {}", M::NAME);
        let sizes: Vec<usize> = M::INPUTS.iter().map(|info| info.shape.iter().product()).collect();
        let inputs = lists(&row["inputs"]);
        let batch = inputs.iter().zip(&sizes).map(|(x, n)| x.len() / n).max().unwrap_or(1);
        let inputs: Vec<_> =
            inputs.into_iter().zip(&sizes).map(|(x, n)| spread(x, *n, batch)).collect();
        Case {
            row,
            one_by_one,
            net: boxed::<M>(|i| params[i]),
            batch,
            sizes,
            reals: inputs.iter().map(|x| of(x)).collect(),
            integers: inputs.iter().map(|x| x.iter().map(|x| *x as u32).collect()).collect(),
            state: row.get("state").map_or(Vec::new(), |state| of(&numbers(state))),
        }
    }

    fn data(&self) -> Vec<Data<'_, M::Scalar>> {
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
        let mut found = vec![M::Scalar::ZERO; self.batch * M::OUTPUT.iter().product::<usize>()];
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
            |((dx, n), info)| {
                of(&if info.index.is_some() { dx } else { spread(dx, *n, self.batch) })
            },
        );
        let d_inputs: Vec<Vec<M::Scalar>> = spread.collect();
        let d_inputs: Vec<&[M::Scalar]> = d_inputs.iter().map(Vec::as_slice).collect();
        let d_params = of(&numbers(&self.row["d_params"]));
        let tangents = Tangents { inputs: &d_inputs, params: &d_params };
        let (mut found, mut dy) = (of(y), of(&vec![0.0; y.len()]));
        let mut ws = self.workspace(2);
        self.net.jvp_flat(Wrt::All, &self.data(), tangents, &mut found, &mut dy, &mut ws);
        self.agrees("value of the JVP", self.batch, &found, y);
        self.agrees("JVP", self.batch, &dy, &numbers(&self.row["dy"]));
    }

    fn vjp(&self) {
        let nothing = M::Scalar::from_f64(f64::NAN);
        let sizes = self.sizes.iter().zip(M::INPUTS);
        let sizes = sizes.map(|(n, info)| if info.index.is_some() { 0 } else { n * self.batch });
        let mut bars: Vec<Vec<M::Scalar>> = sizes.map(|size| vec![nothing; size]).collect();
        let mut slices: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let mut grad = vec![M::Scalar::ZERO; M::PARAMS];
        let y_bar: Vec<M::Scalar> = of(&numbers(&self.row["y_bar"]));
        let mut loss = |i: usize, y: &[M::Scalar], bar: &mut [M::Scalar]| {
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
                sum.iter_mut().zip(sample).for_each(|(sum, bar)| *sum = *sum + *bar);
            }
            let samples = if wanted.len() < bar.len() { 1 } else { self.batch };
            self.agrees(&format!("cotangent of input {i}"), samples, &sum, &wanted);
        }
        self.agrees("cotangent of the parameters", 1, &grad, &numbers(&self.row["params_bar"]));
    }

    /// To so much of the greatest number of an array, or of a sample where samples are at other points.
    fn agrees(&self, what: &str, samples: usize, found: &[M::Scalar], wanted: &[f64]) {
        let name = format!("{} of {}, {what}", self.row["case"], M::NAME);
        assert_eq!(found.len(), wanted.len(), "{name}");
        let told =
            ["tolerance", "rtol", "atol"].map(|key| self.row.get(key).and_then(Value::as_f64));
        let tolerance = told.into_iter().flatten().fold(100.0 * M::Scalar::CLOSE, f64::max);
        let size =
            if self.one_by_one { (wanted.len() / samples).max(1) } else { wanted.len().max(1) };
        for (found, wanted) in found.chunks(size).zip(wanted.chunks(size)) {
            let finite = wanted.iter().filter(|x| x.is_finite());
            let scale = finite.fold(1e-3, |max: f64, x| max.max(x.abs()));
            for (a, b) in found.iter().zip(wanted) {
                let a = a.to_f64();
                let same =
                    a == *b || a.is_nan() && b.is_nan() || (a - b).abs() <= tolerance * scale;
                assert!(same, "{name}: {a}, the suite has {b}");
            }
        }
    }
}

/// What is given once is the same for all samples.
fn spread(x: Vec<f64>, size: usize, batch: usize) -> Vec<f64> {
    if x.len() == size * batch {
        return x;
    }
    assert_eq!(x.len(), size, "numbers of an input");
    x.repeat(batch)
}
