//! Values made by PyTorch in f64 (`tests/reference/make.py`): forward, JVP, and the cotangents of inputs
//! and parameters, of every op of the registry and of whole models.

use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Workspace};
use serde_json::Value;

/// Relative to the greatest number of an array.
const TOLERANCE: f64 = 1e-9;

fn numbers(value: &Value) -> Vec<f64> {
    let number = |x: &Value| match x.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(_) => f64::NAN,
        None => x.as_f64().expect("a number"),
    };
    match value.as_array() {
        Some(list) => list.iter().map(number).collect(),
        None => vec![number(value)],
    }
}

fn lists(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

#[track_caller]
fn close(case: &str, what: &str, found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{case}: {what}");
    let scale = wanted.iter().fold(1e-3, |max: f64, x| max.max(x.abs()));
    for (i, (a, b)) in found.iter().zip(wanted).enumerate() {
        assert!(
            (a - b).abs() <= TOLERANCE * scale,
            "{case}: {what}, element {i}: {a}, PyTorch has {b}"
        );
    }
}

pub(crate) fn find(file: &str, case: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(file).expect("the reference file is JSON");
    cases.into_iter().filter(|value| value["case"] == case).collect()
}

/// Compares a model with its case.
#[track_caller]
pub(crate) fn compare<M: Model<Scalar = f64>>(case: &Value) {
    let name = case["case"].as_str().expect("a name");
    let (inputs, d_inputs) = (lists(&case["inputs"]), lists(&case["d_inputs"]));
    let (params, d_params) = (numbers(&case["params"]), numbers(&case["d_params"]));
    assert_eq!(params.len(), M::PARAMS, "{name}: parameters");
    let net = pullback::flat::boxed::<M>(|i| params[i]);
    let indices: Vec<Vec<u32>> =
        inputs.iter().map(|xs| xs.iter().map(|x| *x as u32).collect()).collect();
    let data: Vec<Data<'_, f64>> =
        M::INPUTS
            .iter()
            .enumerate()
            .map(|(i, info)| {
                if info.index.is_some() { Data::Index(&indices[i]) } else { Data::Real(&inputs[i]) }
            })
            .collect();
    let state = case.get("state").map_or(Vec::new(), numbers);
    let data: Vec<_> =
        data.into_iter().chain((!state.is_empty()).then_some(Data::State(&state))).collect();
    // Three samples in tiles of two, or in one where they depend on each other.
    let mut ws = Workspace::<M>::with_tile(if M::LEAST_BATCH > 0 { 3 } else { 2 });
    let (wanted_y, wanted_dy) = (numbers(&case["y"]), numbers(&case["dy"]));
    let (mut y, mut dy) = (vec![0.0; wanted_y.len()], vec![0.0; wanted_y.len()]);
    net.forward_flat(&data, &mut y, &mut ws);
    close(name, "forward", &y, &wanted_y);
    let tangents: Vec<&[f64]> = d_inputs.iter().map(Vec::as_slice).collect();
    let tangents = Tangents { inputs: &tangents, params: &d_params };
    net.jvp_flat(Wrt::All, &data, tangents, &mut y, &mut dy, &mut ws);
    close(name, "jvp", &dy, &wanted_dy);
    let wanted_bars = lists(&case["input_bars"]);
    let mut bars: Vec<Vec<f64>> = wanted_bars.iter().map(|bar| vec![0.0; bar.len()]).collect();
    let mut grad = vec![0.0; M::PARAMS];
    let y_bar = numbers(&case["y_bar"]);
    let mut loss = |i: usize, y: &[f64], bar: &mut [f64]| {
        bar.copy_from_slice(&y_bar[i * y.len()..(i + 1) * y.len()])
    };
    let mut slices: Vec<&mut [f64]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
    net.vjp_flat(Wrt::All, &data, &mut loss, cotangents, &mut ws);
    for (bar, wanted) in bars.iter().zip(&wanted_bars) {
        close(name, "input cotangent", bar, wanted);
    }
    close(name, "parameter cotangent", &grad, &numbers(&case["params_bar"]));
    if let Some(new_state) = case.get("new_state") {
        close(name, "new state", ws.state(), &numbers(new_state));
    }
}

/// The training calls of an example.
#[track_caller]
pub(crate) fn training<M: Model<Scalar = f64>>(name: &str) {
    let cases = find(include_str!("../reference/ops.json"), &format!("{name}_training"));
    assert_eq!(cases.len(), 1, "{name} needs a reference: run tests/reference/make.py");
    compare::<M>(&cases[0]);
}

/// An example of an op, by its name in the registry; also at its kinks and at ±1e4.
#[track_caller]
pub(crate) fn op<M: Model<Scalar = f64>>(name: &str) {
    let cases = find(include_str!("../reference/ops.json"), name);
    assert_eq!(cases.len(), 1, "{name} needs a reference: run tests/reference/make.py");
    compare::<M>(&cases[0]);
    for kink in find(include_str!("../reference/kinks.json"), name) {
        let group = kink["group"].as_str().expect("a group");
        // Torch's derivatives at NaN and infinity differ between its own code paths.
        if matches!(group, "zero" | "kink" | "large") {
            at_point::<M>(name, &kink);
        } else if group == "nan" {
            let y = kink["y"].as_str() == Some("NaN");
            let data: Vec<Vec<f64>> = spread::<M>(&kink);
            assert!(!y || forward::<M>(&data).iter().any(|y| y.is_nan()), "{name}: NaN is lost");
        }
    }
}

/// Inputs that hold a point's numbers everywhere.
fn spread<M: Model<Scalar = f64>>(kink: &Value) -> Vec<Vec<f64>> {
    let x = kink["x"].as_array().expect("points");
    M::INPUTS
        .iter()
        .zip(x)
        .map(|(info, x)| {
            let (len, x) = (info.shape.iter().product(), numbers(x));
            if x.len() == len { x } else { vec![x[0]; len] }
        })
        .collect()
}

fn forward<M: Model<Scalar = f64>>(inputs: &[Vec<f64>]) -> Vec<f64> {
    let data: Vec<Data<'_, f64>> = inputs.iter().map(|x| Data::Real(x)).collect();
    let mut y = vec![0.0; M::OUTPUT.iter().product()];
    pullback::model::zeros::<M>().forward_flat(&data, &mut y, &mut Workspace::new());
    y
}

#[track_caller]
fn at_point<M: Model<Scalar = f64>>(name: &str, kink: &Value) {
    let same = |a: f64, b: f64| {
        a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * (1.0 + b.abs())
    };
    let scalar = kink["x"].as_array().is_some_and(|xs| xs.iter().all(|x| !x.is_array()));
    // Points of elementwise ops; losses and reductions have whole arrays.
    if !scalar || M::OUTPUT.is_empty() {
        return;
    }
    let inputs = spread::<M>(kink);
    let (y, slopes) = (numbers(&kink["y"])[0], numbers(&kink["slope"]));
    let net = pullback::model::zeros::<M>();
    let data: Vec<Data<'_, f64>> = inputs.iter().map(|x| Data::Real(x)).collect();
    let size: usize = M::OUTPUT.iter().product();
    let (mut out, mut tangent) = (vec![0.0; size], vec![0.0; size]);
    for (i, slope) in slopes.iter().enumerate() {
        let dx: Vec<Vec<f64>> = inputs
            .iter()
            .enumerate()
            .map(|(j, x)| vec![if i == j { 1.0 } else { 0.0 }; x.len()])
            .collect();
        let dx: Vec<&[f64]> = dx.iter().map(Vec::as_slice).collect();
        let tangents = Tangents { inputs: &dx, params: &[] };
        net.jvp_flat(Wrt::Inputs, &data, tangents, &mut out, &mut tangent, &mut Workspace::new());
        assert!(same(out[0], y), "{name} at {:?}: {}, PyTorch has {y}", kink["x"], out[0]);
        // A zero tangent beside an infinite slope is NaN, in PyTorch's forward mode as well.
        let other_infinite = slopes.iter().enumerate().any(|(j, s)| j != i && !s.is_finite());
        assert!(
            other_infinite || same(tangent[0], *slope),
            "{name} at {:?}: the slope is {}, PyTorch has {slope}",
            kink["x"],
            tangent[0]
        );
    }
}
