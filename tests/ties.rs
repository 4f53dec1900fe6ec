//! Ops where they are a matter of convention: ties, zeros, equal elements, thresholds, infinities, what is left out,
//! axes of length 1, one class, one sample. Values, JVPs and VJPs are compared with PyTorch's
//! (`tests/reference/ties.py`), and with each other; what the documentation says where PyTorch has another convention
//! or none is tested by hand.

mod suites;

#[path = "suites/ties.rs"]
mod models;

use pullback::model::{Cotangents, Tangents, Wrt};
use pullback::{Index, Key, Model, Workspace, model};
use serde_json::Value;
use suites::{Given, Run, close, lists, numbers};

model! {
    /// Channels whose elements are all equal.
    BatchConstant(x: [2, 2]) -> [2, 2] { batch_norm }
    /// A batch of one.
    BatchOfOne(x: [2, 2]) -> [2, 2] { batch_norm(eps = 0.1) }
}

const TRAINING: &[(&str, Run)] = &[
    ("BatchConstantTraining", run::<BatchConstantTraining<f64>>),
    ("BatchOfOneTraining", run::<BatchOfOneTraining<f64>>),
];

/// Sample by sample, relative to the greatest number of each.
fn agree(what: &str, found: &[f64], wanted: &[f64], samples: usize) -> Result<(), String> {
    let size = (wanted.len() / samples).max(1);
    for (i, (found, wanted)) in found.chunks(size).zip(wanted.chunks(size)).enumerate() {
        let scale =
            wanted.iter().filter(|x| x.is_finite()).fold(1.0, |max: f64, x| max.max(x.abs()));
        close(&format!("{what}, sample {i}"), found, wanted, |x| 1e-12 * scale + 1e-10 * x.abs())?;
    }
    if found.len() == wanted.len() {
        Ok(())
    } else {
        Err(format!("{what}: {} numbers", found.len()))
    }
}

fn run<M: Model<Scalar = f64>>(case: &Value) -> Result<(), String> {
    let (given, net) = Given::new::<M>(case)?;
    let (samples, data) = (given.batch, given.data::<M>());
    // Tiles that do not divide most batches; one where samples depend on each other.
    let tile = if M::LEAST_BATCH > 0 { samples } else { 2 };
    let mut ws = Workspace::<M>::with_tile(tile);
    let (wanted, y_bar) = (numbers(&case["y"]), numbers(&case["y_bar"]));
    let mut y = vec![0.0; wanted.len()];
    net.forward_flat(&data, &mut y, &mut ws);
    agree("forward", &y, &wanted, samples)?;

    let (d_inputs, d_params) = (lists(&case["d_inputs"]), numbers(&case["d_params"]));
    let d_inputs: Vec<&[f64]> = d_inputs.iter().map(Vec::as_slice).collect();
    let tangents = Tangents { inputs: &d_inputs, params: &d_params };
    let mut dy = vec![0.0; y.len()];
    net.jvp_flat(Wrt::All, &data, tangents, &mut y, &mut dy, &mut ws);
    agree("value of the JVP", &y, &wanted, samples)?;
    agree("JVP", &dy, &numbers(&case["dy"]), samples)?;

    let wanted = lists(&case["input_bars"]);
    let mut bars: Vec<Vec<f64>> = wanted.iter().map(|bar| vec![f64::NAN; bar.len()]).collect();
    let mut slices: Vec<&mut [f64]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let mut grad = vec![0.0; M::PARAMS];
    let mut loss = |i: usize, y: &[f64], bar: &mut [f64]| {
        bar.copy_from_slice(&y_bar[i * y.len()..(i + 1) * y.len()])
    };
    let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
    net.vjp_flat(Wrt::All, &data, &mut loss, cotangents, &mut ws);
    for (i, (bar, wanted)) in bars.iter().zip(&wanted).enumerate() {
        agree(&format!("VJP, input {i}"), bar, wanted, samples)?;
    }
    agree("VJP, parameters", &grad, &numbers(&case["params_bar"]), 1)
}

#[test]
fn every_case_agrees_with_pytorch() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("reference/ties.json")).expect("the file is JSON");
    let models: Vec<&(&str, Run)> = models::MODELS.iter().chain(TRAINING).collect();
    assert_eq!(cases.len(), models.len(), "a case for each model");
    let mut failed = Vec::new();
    for case in &cases {
        let name = case["model"].as_str().expect("a name");
        let (_, run) = models.iter().find(|(model, _)| *model == name).expect("a model");
        if let Err(what) = run(case) {
            failed.push(format!("{name}: {what}"));
        }
    }
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
}

/// Value, JVP of ones and VJP of ones of a model of one vector.
macro_rules! at {
    ($($Model:ident $x:expr => $y:expr, $dy:expr, $x_bar:expr;)*) => {$(
        let (net, x) = ($Model::<f64>::zeros(), $x);
        let (y, dy) = net.jvp(&x, &x.map(|_| 1.0));
        let (again, pullback) = net.vjp_inputs(&x);
        let same = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14 || a == b || a.is_nan() && b.is_nan())
        };
        let check = |what: &str, found: &[f64], wanted: &[f64]| {
            assert!(same(found, wanted), "{} at {x:?}: {what} {found:?}", stringify!($Model));
        };
        check("value", &y, &$y);
        check("value again", &again, &$y);
        check("JVP", &dy, &$dy);
        check("VJP", &pullback(&y.map(|_| 1.0)), &$x_bar);
    )*};
}

const INF: f64 = f64::INFINITY;

/// PyTorch's derivatives are NaN here. What ties shares, also at infinity.
#[test]
fn infinite_ties_share() {
    model! {
        LogSum: [3] -> [1] { logsumexp(keepdim = true) }
        Running: [2] -> [2] { logcumsumexp(0) }
        Two(x: [2]) -> [1] { a = slice(x, 0..1), b = slice(x, 1..2), logaddexp(a, b) }
        Top(x: [2]) -> [2] { a = amax(x, keepdim = true), b = amin(x, keepdim = true), concat(a, b) }
    }
    at! {
        LogSum [-INF; 3] => [-INF], [1.0], [1.0 / 3.0; 3];
        LogSum [INF, 0.0, INF] => [INF], [1.0], [0.5, 0.0, 0.5];
        Running [-INF; 2] => [-INF; 2], [1.0; 2], [1.5, 0.5];
        Two [-INF; 2] => [-INF], [1.0], [0.5; 2];
        Two [INF; 2] => [INF], [1.0], [0.5; 2];
        Two [INF, -INF] => [INF], [1.0], [1.0, 0.0];
        Top [INF; 2] => [INF; 2], [1.0; 2], [1.0; 2];
        Top [-INF; 2] => [-INF; 2], [1.0; 2], [1.0; 2];
    }
}

/// A length that is infinite is one, and not NaN.
#[test]
fn infinite_lengths() {
    model! {
        Lengths(x: [2]) -> [4] {
            a = norm(x, keepdim = true), b = norm(x, p = 3, keepdim = true),
            c = norm(x, p = 1, keepdim = true), d = norm(x, p = f64::INFINITY, keepdim = true),
            concat(a, b, c, d),
        }
        Plane(x: [2]) -> [1] { a = slice(x, 0..1), b = slice(x, 1..2), hypot(a, b) }
        Unit: [2] -> [2] { normalize }
    }
    assert_eq!(Lengths::<f64>::zeros().forward(&[2.0, -INF]), [INF; 4]);
    assert_eq!(Plane::<f64>::zeros().forward(&[2.0, -INF]), [INF]);
    assert_eq!(Plane::<f64>::zeros().forward(&[0.0, -0.0]), [0.0]);
    let [zero, unknown] = Unit::<f64>::zeros().forward(&[2.0, -INF]);
    assert!(zero == 0.0 && unknown.is_nan());
}

/// Equal elements deviate by nothing, also where their mean is rounded to another number.
#[test]
fn equal_elements_do_not_deviate() {
    model! {
        Deviation(x: [7]) -> [2] { a = std(x), b = std(x, correction = 0), stack(a, b) }
        Rows: [6, 3] -> [6] { std(axes = 1) }
    }
    macro_rules! check {
        ($T:ident) => {
            let (net, rows) = (Deviation::<$T>::zeros(), Rows::<$T>::zeros());
            for i in 1..200 {
                let number = 1.0 / i as $T;
                let x = [number; 7];
                assert_eq!(
                    net.jvp(&x, &std::array::from_fn(|i| i as $T)),
                    ([0.0; 2], [0.0; 2]),
                    "{number}"
                );
                let (_, pullback) = net.vjp_inputs(&x);
                assert_eq!(pullback(&[1.0; 2]), [0.0; 7], "{number}");
                let x = [[number; 3]; 6];
                assert_eq!(rows.jvp(&x, &[[1.0, 2.0, 4.0]; 6]), ([0.0; 6], [0.0; 6]), "{number}");
            }
        };
    }
    check!(f32);
    check!(f64);
}

/// A query that may look nowhere gives 0, also where the mask is added.
#[test]
fn queries_that_look_nowhere() {
    model! {
        Added(q: [2, 1], k: [2, 1], v: [2, 1], m: [2, 2]) -> [2, 1] {
            scaled_dot_product_attention(q, k, v, m, additive = true)
        }
    }
    let net = Added::<f64>::zeros();
    let (q, k, v, m) = ([[1.0], [2.0]], [[3.0], [3.0]], [[4.0], [8.0]], [[-INF; 2], [0.0; 2]]);
    let d = [[1.0]; 2];
    assert_eq!(
        net.jvp(&q, &k, &v, &m, &d, &d, &d, &[[0.0; 2]; 2]),
        ([[0.0], [6.0]], [[0.0], [1.0]])
    );
    let (_, pullback) = net.vjp_inputs(&q, &k, &v, &m);
    let (q_bar, k_bar, v_bar, m_bar) = pullback(&d);
    assert_eq!((q_bar, v_bar), ([[0.0]; 2], [[0.5]; 2]));
    assert_eq!((k_bar, m_bar), ([[-2.0], [2.0]], [[0.0; 2], [-1.0, 1.0]]));
}

/// Where nothing is dropped, training is evaluation.
#[test]
fn nothing_is_dropped() {
    model! {
        Whole: [2, 2] -> [2, 2] {
            dropout(0), feature_dropout(0), drop_path(0), alpha_dropout(0), gaussian_noise(0),
        }
    }
    let (net, x) = (Whole::<f64>::zeros(), [[0.0, -3.0], [1.0, 1.0]]);
    assert_eq!(net.training().forward(&x, Key::new(3)), x);
    let (y, dy) = net.training().jvp(&x, Key::new(4), &x);
    assert_eq!((y, dy), (x, x));
}

/// Running statistics of channels that never varied.
#[test]
fn statistics_of_constants() {
    model! { Constant: [2, 2] -> [2, 2] { batch_norm(eps = 0.25, affine = false) } }
    let (net, mut state) = (Constant::<f64>::zeros(), ConstantState::new());
    state.batch_norm1.running_mean = [3.0, 0.0];
    state.batch_norm1.running_var = [0.0; 2];
    let x = [[3.0, 4.0], [0.0, -1.0]];
    let (y, dy) = net.jvp(&x, &state, &[[1.0; 2]; 2]);
    assert_eq!((y, dy), ([[0.0, 2.0], [0.0, -2.0]], [[2.0; 2]; 2]));
    let mut ws = ConstantTraining::workspace(2);
    let x = [[[3.0; 2], [0.5; 2]]; 2];
    net.training().forward_batch(&x, &mut state, &mut [[[0.0; 2]; 2]; 2], &mut ws);
    assert_eq!(state.batch_norm1.running_var, [0.0; 2]);
}

/// The loss of a model, and its mean, where all is ignored: 0, and NaN as in PyTorch.
#[test]
fn losses_of_nothing() {
    model! {
        Sum(p: [1, 2], t: [1] of index(2)) -> [] { cross_entropy(p, t, ignore_index = 0, reduction = "sum") }
        Mean(p: [1, 2], t: [1] of index(2)) -> [] { cross_entropy(p, t, ignore_index = 0) }
    }
    let (p, t) = ([[f64::NAN, INF]], [Index::<2>::new(0).unwrap()]);
    let net = Sum::<f64>::zeros();
    assert_eq!(net.jvp(&p, &t, &[[1.0; 2]]), (0.0, 0.0));
    let (_, pullback) = net.vjp_inputs(&p, &t);
    assert_eq!(pullback(&1.0), [[0.0; 2]]);
    assert!(Mean::<f64>::zeros().forward(&p, &t).is_nan());
}
