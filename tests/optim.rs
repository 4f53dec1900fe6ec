//! Optimisers, groups, clipping, schedules and averages against PyTorch's numbers (`reference/optim.py`).

use pullback::optim::{
    Adagrad, Adam, AdamW, EarlyStop, Ema, Group, Lbfgs, Lion, Optimizer, Plateau, RmsProp,
    Schedule, Sgd, Verdict, clip_norm, clip_value,
};
use pullback::{flat::Flat, loss, model};
use serde_json::Value;

model! {
    pub Net: [2] -> [1] { base = linear -> [2], norm = layer_norm, head = linear -> [1] }
    pub Line: [2] -> [1] { out = linear -> [1] }
}

const PARAMS: usize = Net::<f64>::PARAMS;

fn reference(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("reference/optim.json")).unwrap();
    all[name].clone()
}

fn rows(name: &str) -> Vec<Vec<f64>> {
    serde_json::from_value(reference(name)).unwrap()
}

fn row(name: &str) -> Vec<f64> {
    serde_json::from_value(reference(name)).unwrap()
}

fn close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-12 * expected.abs().max(1.0),
            "{what}: {found}, PyTorch has {expected}"
        );
    }
}

/// The steps of the script, on the parameters of a model: `step` is given the gradient.
fn run(name: &str, mut step: impl FnMut(&mut Net<f64>, &mut [f64]) -> Option<f64>) {
    let mut net = Net::<f64>::zeros();
    assert_eq!(PARAMS, 13);
    net.flat_mut().iter_mut().enumerate().for_each(|(i, x)| *x = i as f64 / 10.0 - 0.5);
    for (t, expected) in rows(name).iter().enumerate() {
        let mut gradient: Vec<f64> =
            net.flat().iter().map(|p| 1.5 * p + 0.1 * t as f64 - 0.2).collect();
        let mut found: Vec<f64> = step(&mut net, &mut gradient).into_iter().collect();
        found.extend(net.flat());
        close(name, &found, expected);
    }
}

fn groups() -> [Group; 2] {
    [
        Group::of::<Net<f64>>(|array| {
            array.name != "base.weight" && !array.name.starts_with("head")
        })
        .weight_decay(0.0),
        Group::of::<Net<f64>>(|array| array.name.starts_with("head"))
            .rate_factor(10.0)
            .weight_decay(0.3),
    ]
}

#[test]
fn groups_have_their_own_rates_and_decays() {
    let [plain, head] = groups();
    let mut adamw = AdamW::new(PARAMS, 0.05).weight_decay(0.1).group(head).group(plain);
    run("adamw_groups", |net, gradient| {
        adamw.step(net.flat_mut(), gradient);
        None
    });
    let [plain, head] = groups();
    let mut adam = Adam::new(PARAMS, 0.05).weight_decay(0.1).group(plain).group(head);
    run("adam_groups", |net, gradient| {
        Optimizer::step(&mut adam, net.flat_mut(), gradient);
        None
    });
    let [plain, head] = groups();
    let mut sgd = Sgd::new(PARAMS, 0.05).momentum(0.9).weight_decay(0.1).group(plain).group(head);
    run("sgd_groups", |net, gradient| {
        sgd.step(Flat::of(net), gradient);
        None
    });
}

/// One of the optimisers with both groups.
macro_rules! steps {
    ($name:literal, $optimizer:expr) => {{
        let [plain, head] = groups();
        let mut optimizer = $optimizer.weight_decay(0.1).group(plain).group(head);
        run($name, |net, gradient| {
            optimizer.step(net.flat_mut(), gradient);
            None
        });
    }};
}

#[test]
fn optimisers_take_the_steps_of_pytorch() {
    steps!("sgd_dampened", Sgd::new(PARAMS, 0.05).momentum(0.9).dampening(0.4));
    let rms = || RmsProp::new(PARAMS, 0.05);
    steps!("rmsprop", rms().smoothing(0.9));
    steps!("rmsprop_momentum", rms().momentum(0.8));
    steps!("rmsprop_centered", rms().centered(true));
    steps!("rmsprop_both", rms().centered(true).momentum(0.8).epsilon(1e-4));
    steps!("adagrad", Adagrad::new(PARAMS, 0.05));
    steps!(
        "adagrad_decay",
        Adagrad::new(PARAMS, 0.05).rate_decay(0.2).begin_with(0.5).epsilon(1e-3)
    );
    steps!("lion", Lion::new(PARAMS, 0.01));
    let mut params = [1.0, 1.0, 1.0];
    Lion::new(3, 0.5).step(&mut params, &[f64::NAN, f64::INFINITY, 0.0]);
    assert!(params[0].is_nan() && params[1..] == [0.5, 1.0], "{params:?}");
}

fn bowl(p: &[f64], gradient: &mut [f64]) -> f64 {
    let excess = p.iter().sum::<f64>() - 1.0;
    let mut loss = excess * excess / 2.0;
    for (i, (x, g)) in p.iter().zip(gradient).enumerate() {
        let i = (i + 1) as f64;
        loss += i * x * x / 2.0 + x.powi(4) / 4.0;
        *g = i * x + x.powi(3) + excess;
    }
    loss
}

/// Rosenbrock's function.
fn valley(p: &[f64], gradient: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    gradient.fill(0.0);
    for i in 0..p.len() - 1 {
        let (across, along) = (p[i + 1] - p[i] * p[i], 1.0 - p[i]);
        loss += 100.0 * across * across + along * along;
        gradient[i] += -400.0 * p[i] * across - 2.0 * along;
        gradient[i + 1] += 200.0 * across;
    }
    loss
}

#[test]
fn lbfgs_takes_the_steps_of_pytorch() {
    type Function = fn(&[f64], &mut [f64]) -> f64;
    let new = |rate| Lbfgs::new(4, rate);
    let wolfe = |rate| new(rate).strong_wolfe(true);
    let cases: [(&str, Function, Lbfgs<f64>); 14] = [
        ("lbfgs", bowl, new(0.5).iterations(3)),
        ("lbfgs_short", bowl, new(0.8).iterations(2).history(2)),
        ("lbfgs_few", bowl, new(0.5).iterations(6).evaluations(3)),
        ("lbfgs_done", bowl, new(1.0).iterations(50)),
        ("lbfgs_least_gradient", bowl, new(1.0).gradient_tolerance(0.05).change_tolerance(0.0)),
        (
            "lbfgs_least_fall",
            bowl,
            new(0.2).iterations(50).gradient_tolerance(0.0).change_tolerance(1e-2),
        ),
        ("lbfgs_least_move", valley, new(1e-3).gradient_tolerance(0.0).change_tolerance(1e-2)),
        ("lbfgs_iterations", bowl, new(0.5).iterations(3).evaluations(10)),
        ("wolfe", bowl, wolfe(1.0).iterations(3)),
        ("wolfe_valley", valley, wolfe(1.0).iterations(4).history(3)),
        ("wolfe_short_steps", valley, wolfe(1e-3).iterations(3)),
        ("wolfe_long_steps", valley, wolfe(30.0).iterations(8)),
        ("wolfe_few", valley, wolfe(1e-3).iterations(4).evaluations(4)),
        ("wolfe_done", valley, wolfe(1.0).iterations(100).gradient_tolerance(1e-3)),
    ];
    for (name, function, mut lbfgs) in cases {
        let (mut params, mut evaluations) = ([-1.2, 1.0, -0.5, 0.8], 0);
        for expected in rows(name) {
            let loss = lbfgs.step(&mut params, |p, gradient| {
                evaluations += 1;
                function(p, gradient)
            });
            close(name, &[&[loss, f64::from(evaluations)], &params[..]].concat(), &expected);
        }
    }
}

#[test]
fn searches_decide_as_pytorch() {
    for (i, case) in reference("searches").as_array().unwrap().iter().enumerate() {
        let told: Vec<[f64; 2]> = serde_json::from_value(case["told"].clone()).unwrap();
        let expected: Vec<f64> = serde_json::from_value(case["at"].clone()).unwrap();
        let (mut params, mut at) = ([0.5], Vec::new());
        let lbfgs = Lbfgs::new(1, case["rate"].as_f64().unwrap()).iterations(1);
        lbfgs.evaluations(told.len() - 1).strong_wolfe(true).step(&mut params, |p, gradient| {
            at.push(p[0]);
            let [loss, slope] = told[at.len() - 1];
            gradient[0] = slope;
            loss
        });
        at.push(params[0]);
        close(&format!("search {i}"), &at, &expected);
    }
}

#[test]
fn lbfgs_takes_models_of_both_scalars() {
    macro_rules! fits {
        ($T:ty, $within:literal) => {
            let (xs, mut ws) =
                ([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], Line::workspace());
            let mut net = Line::<$T>::zeros();
            let mut lbfgs = Lbfgs::new(Line::<$T>::PARAMS, 1.0).strong_wolfe(true);
            let mut step = |net: &mut _| {
                lbfgs.step_model(net, |net: &Line<$T>, grad| {
                    let mse = |i: usize, y: &[$T; 1]| {
                        let [a, b] = xs[i];
                        loss::mse(y, &[2.0 * a - 3.0 * b + 0.5])
                    };
                    net.value_and_grad_batch(&xs, mse, grad, &mut ws).into()
                })
            };
            assert_eq!(step(&mut *net), 3.25);
            assert!(step(&mut *net) < $within);
            let error = |(x, y): (&$T, $T)| (x - y).abs();
            let worst = net.flat().iter().zip([2.0, -3.0, 0.5]).map(error).fold(0.0, <$T>::max);
            assert!(worst < $within, "{net:?}");
        };
    }
    fits!(f32, 1e-5);
    fits!(f64, 1e-7);
}

/// Where the loss is infinite or NaN, a search turns back.
#[test]
fn a_search_stays_where_there_is_a_loss() {
    for beyond in [f64::NAN, f64::INFINITY] {
        let mut params = [0.1];
        let mut lbfgs = Lbfgs::new(1, 100.0).strong_wolfe(true);
        for _ in 0..3 {
            lbfgs.step(&mut params, |p, gradient| {
                let inside = p[0] < 1.0;
                gradient[0] = if inside { 1.0 / (1.0 - p[0]) - 2.0 } else { beyond };
                if inside { -(1.0 - p[0]).ln() - 2.0 * p[0] } else { beyond }
            });
        }
        assert!((params[0] - 0.5f64).abs() < 1e-6, "{params:?}");
    }
    // A gradient of NaN moves nothing and is not taken for a small one, nor remembered.
    let mut params = [0.5, 0.5];
    let mut lbfgs = Lbfgs::new(2, 1.0).strong_wolfe(true);
    let loss = lbfgs.step(&mut params, |_, gradient| {
        gradient.fill(f64::NAN);
        f64::NAN
    });
    assert!(loss.is_nan() && params == [0.5; 2]);
    lbfgs.step(&mut params, bowl);
    lbfgs.step(&mut params, bowl);
    let mut gradient = [0.0; 2];
    bowl(&params, &mut gradient);
    assert!(gradient.iter().all(|g| g.abs() < 1e-4), "{gradient:?}");
}

#[test]
fn biases_and_norms_are_known_by_their_ops() {
    let mut net = Net::<f64>::zeros();
    net.flat_mut().fill(1.0);
    let group = Group::biases_and_norms::<Net<f64>>().weight_decay(0.0);
    let mut optimizer = AdamW::new(PARAMS, 0.1).weight_decay(1.0).group(group);
    optimizer.step(net.flat_mut(), &[0.0; PARAMS]);
    let moved = |xs: &[f64]| xs.iter().all(|x| *x < 1.0);
    assert!(moved(net.base.weight.as_flattened()) && moved(net.head.weight.as_flattened()));
    let kept: Vec<&str> =
        net.views().filter(|v| v.data.iter().all(|x| *x == 1.0)).map(|v| v.name).collect();
    assert_eq!(kept, ["base.bias", "norm.weight", "norm.bias", "head.bias"]);
}

#[test]
fn frozen_arrays_stay_in_whatever_group() {
    model! { pub Half: [2] -> [2] { #[frozen] base = linear -> [2], head = linear -> [2] } }
    let mut net = Half::<f32>::zeros();
    net.views_mut().for_each(|array| array.data.fill(1.0));
    let group = Group::of::<Half>(|array| array.name.ends_with("weight")).weight_decay(0.5);
    let mut optimizer = AdamW::new(Half::<f32>::PARAMS, 0.1).weight_decay(0.0).group(group);
    optimizer.step(net.flat_mut(), &[0.0; Half::<f32>::PARAMS]);
    assert_eq!((net.base.weight, net.head.bias), ([[1.0; 2]; 2], [1.0; 2]));
    assert_eq!(net.head.weight, [[0.95; 2]; 2]);
}

#[test]
#[should_panic(expected = "the dampening is 0.5, Nesterov's step needs 0")]
fn dampening_is_not_for_nesterov() {
    let _ = Sgd::<f64>::new(3, 0.1).momentum(0.9).dampening(0.5).nesterov(true);
}

#[test]
#[should_panic(expected = "found 2 parameters, the optimizer was made for 3")]
fn lbfgs_is_for_its_parameters() {
    Lbfgs::new(3, 1.0).step(&mut [0.0; 2], bowl);
}

#[test]
#[should_panic(expected = "the tolerance of a change is NaN, needs a finite number of at least 0")]
fn settings_of_lbfgs_are_checked() {
    let _ = Lbfgs::<f32>::new(3, 1.0).change_tolerance(f64::NAN);
}

#[test]
#[should_panic(expected = "`base.bias` is in two groups")]
fn an_array_is_in_one_group() {
    let group = Group::of::<Net<f64>>(|array| array.name.starts_with("base"));
    let _ = Sgd::<f64>::new(PARAMS, 0.1).group(Group::biases_and_norms::<Net<f64>>()).group(group);
}

#[test]
#[should_panic(expected = "the group is of 13 parameters, the optimizer was made for 3")]
fn a_group_is_of_the_same_model() {
    let _ = AdamW::<f64>::new(3, 0.1).group(Group::biases_and_norms::<Net<f64>>());
}

#[test]
fn gradients_are_clipped() {
    let mut sgd = Sgd::new(PARAMS, 0.05);
    run("sgd_clipped", |net, gradient| {
        let norm = clip_norm(gradient, 1.0);
        sgd.step(net.flat_mut(), gradient);
        Some(norm)
    });
    // Squares that are too large, or too small, for the type.
    for large in [1e200, 1e-200] {
        let mut gradient = [3.0 * large, 4.0 * large];
        assert!((clip_norm(&mut gradient, 1e-300) / (5.0 * large) - 1.0).abs() < 1e-15);
    }
    let mut gradient = [1e30f32, 1e30];
    clip_norm(&mut gradient, 1.0);
    assert!((gradient[0] - 0.5f32.sqrt()).abs() < 1e-6);
    let mut gradient = [0.1, 0.0];
    assert_eq!((clip_norm(&mut gradient, 1.0), gradient), (0.1, [0.1, 0.0]));
    assert_eq!(clip_norm::<f64>(&mut [0.0; 2], 1.0), 0.0);
    let mut gradient = [f64::NAN, 1.0];
    assert!(clip_norm(&mut gradient, 1.0).is_nan() && gradient[1].is_nan());
    let mut gradient = [f64::NAN, f64::INFINITY, -3.0, 0.5];
    clip_value(&mut gradient, 1.0);
    assert!(gradient[0].is_nan());
    assert_eq!(gradient[1..], [1.0, -1.0, 0.5]);
}

#[test]
fn rates_follow_their_schedules() {
    for (name, schedule) in [
        ("cosine", Schedule::cosine(0.1, 0.01, 8)),
        ("steps", Schedule::steps(0.1, 3, 0.5)),
        ("exponential", Schedule::steps(0.1, 1, 0.9)),
        ("one_cycle", Schedule::one_cycle(0.1, 20)),
    ] {
        let expected = row(name);
        let found: Vec<f64> = (0..expected.len()).map(|step| schedule.rate(step)).collect();
        close(name, &found, &expected);
        let warm = schedule.clone().warm_up(4);
        let first = (0..4).map(|step| expected[0] * (step + 1) as f64 / 4.0);
        let expected: Vec<f64> = first.chain(expected.iter().copied()).collect();
        let found: Vec<f64> = (0..expected.len()).map(|step| warm.rate(step)).collect();
        close(name, &found, &expected);
    }
    let mut sgd = Sgd::<f32>::new(1, 1.0);
    Schedule::constant(0.25).apply(&mut sgd, 1000);
    assert_eq!(sgd.learning_rate(), 0.25);
    assert_eq!(Schedule::cosine(0.1, 0.01, 8).rate(1000), 0.01);
    let mut plateau = Plateau::new(0.1, 0.3, 2);
    let found: Vec<f64> = row("losses").into_iter().map(|loss| plateau.next(loss)).collect();
    close("plateau", &found, &row("plateau"));
    let mut plateau = Plateau::new(0.1, 0.3, 2).threshold(0.15);
    let found: Vec<f64> = row("losses").into_iter().map(|loss| plateau.next(loss)).collect();
    close("plateau_threshold", &found, &row("plateau_threshold"));
}

#[test]
fn parameters_are_averaged() {
    for (name, decay, warm_up) in [("ema", 0.9, false), ("ema_warm_up", 0.15, true)] {
        let mut net = Line::<f64>::zeros();
        (net.out.weight, net.out.bias) = ([[0.5], [-1.0]], [2.0]);
        let mut ema = Ema::new(&*net, decay).warm_up(warm_up);
        for (t, expected) in rows(name).iter().enumerate() {
            net.out.weight.iter_mut().for_each(|w| w[0] += 0.3 * (t + 1) as f64);
            net.out.bias[0] -= 0.7;
            ema.update(&net);
            close(name, ema.model().flat(), expected);
        }
    }
}

#[test]
fn a_loss_that_is_no_better_for_long_stops_the_run() {
    let mut stop = EarlyStop::new(2);
    let verdicts = [3.0, f64::NAN, 2.0, 2.0, 2.5, f64::NAN].map(|loss| stop.see(loss));
    use Verdict::{Best, Stop, Worse};
    assert_eq!(verdicts, [Best, Worse, Best, Worse, Worse, Stop]);
    assert_eq!(stop.best(), 2.0);
    let mut stop = EarlyStop::new(1).least_improvement(0.5);
    assert_eq!([3.0, 2.5, 2.4, 2.4].map(|loss| stop.see(loss)), [Best, Worse, Best, Worse]);
}
