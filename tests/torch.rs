//! PyTorch's samples of its operators and modules (`tests/reference/torch_cases.py`): values, JVPs, and
//! the cotangents of inputs and parameters. `BLESS=1 cargo test --test torch` writes the table in
//! `tests/reference/SUITES.md`.

mod suites;

#[allow(dead_code, reason = "`batch_norm` has training calls, which the samples do not make")]
#[path = "suites/torch.rs"]
mod models;

use pullback::model::{Cotangents, Tangents, Wrt};
use pullback::{Model, Workspace};
use serde_json::Value;
use suites::{Given, close, lists, numbers, spread};

/// Relative to the greatest number of an array, where a case says nothing else.
const TOLERANCE: f64 = 1e-9;

fn run<M: Model<Scalar = f64>>(case: &Value) -> Result<(), String> {
    let (given, net) = Given::new::<M>(case)?;
    let tolerance = case.get("tolerance").and_then(Value::as_f64).unwrap_or(TOLERANCE);
    let agree = |what: &str, found: &[f64], wanted: Vec<f64>| {
        let finite = wanted.iter().filter(|x| x.is_finite());
        let scale = finite.fold(1e-3, |max: f64, x| max.max(x.abs()));
        close(what, found, &wanted, |_| tolerance * scale)
    };
    let mut y = suites::forward::<M>(&net, &given);
    agree("forward", &y, numbers(&case["y"]))?;

    let (data, mut ws) = (given.data::<M>(), Workspace::<M>::with_tile(2));
    let mut d_inputs = Vec::new();
    for ((dx, n), info) in lists(&case["d_inputs"]).into_iter().zip(&given.sizes).zip(M::INPUTS) {
        d_inputs.push(if info.index.is_some() { dx } else { spread(dx, *n, given.batch)? });
    }
    let (d_inputs, d_params): (Vec<&[f64]>, _) =
        (d_inputs.iter().map(Vec::as_slice).collect(), numbers(&case["d_params"]));
    let tangents = Tangents { inputs: &d_inputs, params: &d_params };
    let mut dy = vec![0.0; y.len()];
    net.jvp_flat(Wrt::All, &data, tangents, &mut y, &mut dy, &mut ws);
    agree("jvp", &dy, numbers(&case["dy"]))?;

    let mut bars: Vec<Vec<f64>> = d_inputs.iter().map(|dx| vec![0.0; dx.len()]).collect();
    let mut slices: Vec<&mut [f64]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let mut grad = vec![0.0; M::PARAMS];
    let y_bar = numbers(&case["y_bar"]);
    let mut loss = |i: usize, y: &[f64], bar: &mut [f64]| {
        bar.copy_from_slice(&y_bar[i * y.len()..(i + 1) * y.len()])
    };
    let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
    net.vjp_flat(Wrt::All, &data, &mut loss, cotangents, &mut ws);
    for (i, (bar, wanted)) in bars.iter().zip(lists(&case["input_bars"])).enumerate() {
        // Of what is given once, the sum over the samples.
        let mut sum = bar[..wanted.len()].to_vec();
        for sample in bar.chunks(wanted.len().max(1)).skip(1) {
            sum.iter_mut().zip(sample).for_each(|(sum, bar)| *sum += bar);
        }
        // A mask has no derivative to speak of; ours is 0.
        agree(&format!("cotangent of input {i}"), &sum, wanted)?;
    }
    agree("cotangent of the parameters", &grad, numbers(&case["params_bar"]))
}

#[test]
fn every_case_passes() {
    suites::run_all("torch", include_str!("reference/torch.json"), models::MODELS);
}
