//! Models that are others in training: statistics over the batch with their running means, and random
//! ops with their keys.

use pullback::check::{self, Dual, Gf, Rng64};
use pullback::model::{Cotangents, Data, Wrt};
use pullback::{Key, Model, Scalar, Workspace, loss, model};

model! {
    /// Statistics in a named block, in an unnamed one, and shared.
    pub(crate) Normed(x: [2, 3]) -> [4] {
        stem = { conv = linear -> [2, 5], batch_norm },
        tanh,
        let norm = batch_norm(momentum = 0.5),
        a = norm,
        norm(a * a + 1),
        flatten,
        linear -> [4],
        batch_norm(affine = false),
    }

    /// Random ops of every kind.
    pub(crate) Noisy(x: [4, 3], key: [4, 3]) -> [4, 3] {
        dropout(x, 0.3),
        h = tanh,
        feature_dropout(0.25),
        branch = linear -> [4, 3],
        drop_path(0.5),
        alpha_dropout(0.1),
        gaussian_noise(0.2),
        h * dropout(key, 0.5) + branch,
    }

    /// Both.
    pub(crate) Both: [6] -> [3] {
        fc = linear -> [8],
        bn = batch_norm,
        relu,
        dropout(0.5),
        head = linear -> [3],
    }

    /// Nothing but dropout.
    pub(crate) Drop: [1000] -> [1000] { dropout(0.3) }
    /// Nothing but channels.
    pub(crate) Channels: [50, 20] -> [50, 20] { feature_dropout(0.3) }
    /// Nothing but whole samples.
    pub(crate) Paths: [10] -> [10] { drop_path(0.3) }
    /// Real numbers and an integer.
    pub(crate) Single(x: [4], label: index(5)) -> [3] {
        e = embedding(label) -> [4],
        dropout(x * e, 0.4),
        linear -> [3],
        gaussian_noise,
    }
    /// A mask for every step, of two places, in a loop in a loop.
    pub(crate) Steps(x: [3, 2, 4], h: [4]) -> [3, 2, 4] {
        scan(x, s: [4] = h) {
            rows = scan(x, t: [4] = s) {
                a = dropout(x, 0.4),
                u = linear(a) -> [4],
                t <- tanh(u) * t,
                dropout(t, 0.4) + u,
            },
            s <- sum(rows, axes = 0),
            dropout(rows * s, 0.4),
        }
    }
    /// The same, computed again on the way back.
    pub(crate) Again(x: [5, 4], h: [4]) -> [5, 4] {
        scan(x, s: [4] = h) {
            #[recompute]
            y = { a = dropout(x, 0.4), u = linear(a) -> [4], gaussian_noise, sin(u * s) },
            s <- y + 0.5 * s,
        }
    }
    /// Nothing but a mask for every step.
    pub(crate) Masks: [100, 10] -> [100, 10] { scan(last: [10]) { y = dropout(0.3), last <- y } }
    /// The limits of a probability.
    pub(crate) Limits(x: [9]) -> [18] { a = dropout(x, 0), b = dropout(x, 1), concat(a, b) }
    /// What `selu` networks use.
    pub(crate) Alpha: [1000] -> [1000] { alpha_dropout(0.3) }
    /// Noise.
    pub(crate) Noise: [1000] -> [1000] { gaussian_noise(2) }
}

#[test]
fn laws_of_whole_models() {
    check::exactly::<Normed<Gf>, Normed<Dual<Gf>>>();
    check::exactly::<NormedTraining<Gf>, NormedTraining<Dual<Gf>>>();
    check::exactly::<Noisy<Gf>, Noisy<Dual<Gf>>>();
    check::exactly::<NoisyTraining<Gf>, NoisyTraining<Dual<Gf>>>();
    check::exactly::<BothTraining<Gf>, BothTraining<Dual<Gf>>>();
    check::exactly::<StepsTraining<Gf>, StepsTraining<Dual<Gf>>>();
    check::exactly::<AgainTraining<Gf>, AgainTraining<Dual<Gf>>>();
}

#[test]
fn state_has_the_paths_of_parameters() {
    let (net, state) = (Normed::<f32>::zeros(), NormedState::<f32>::new());
    let names = |views: Vec<&'static str>| views.join(" ");
    assert_eq!(
        names(state.views().map(|view| view.name).collect()),
        "stem.batch_norm1.running_mean stem.batch_norm1.running_var norm.running_mean \
         norm.running_var batch_norm1.running_mean batch_norm1.running_var"
    );
    assert!(net.views().all(|view| !view.name.contains("running")));
    assert_eq!(Normed::<f32>::PARAMS, 3 * 5 + 5 + 4 + 4 + 10 * 4 + 4);
    assert_eq!(state.stem.batch_norm1.running_var, [1.0; 2]);
    assert_eq!(state.norm.running_mean, [0.0; 2]);
}

/// The mean and the variance of some numbers.
fn moments(xs: &[f64]) -> (f64, f64) {
    let mean = xs.iter().sum::<f64>() / xs.len() as f64;
    (mean, xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / xs.len() as f64)
}

#[test]
fn running_statistics_become_those_of_the_data() {
    model! { pub(crate) Bn: [1] -> [1] { batch_norm } }
    let (mut net, mut state) = (Bn::<f64>::zeros(), BnState::<f64>::new());
    net.batch_norm1.weight = [1.0];
    let mut ws = BnTraining::workspace(200);
    let mut rng = Rng64::new(1);
    let mut y = vec![[0.0]; 200];
    for _ in 0..200 {
        let x: Vec<[f64; 1]> = (0..200).map(|_| [5.0 + 3.0 * rng.unit_f64()]).collect();
        net.training().forward_batch(&x, &mut state, &mut y, &mut ws);
        let (mean, variance) = moments(y.as_flattened());
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-4);
    }
    assert!((state.batch_norm1.running_mean[0] - 6.5).abs() < 0.1);
    assert!((state.batch_norm1.running_var[0] - 0.75).abs() < 0.1);
    let before = state.flat().to_vec();
    assert!(net.forward(&[6.5], &state)[0].abs() < 0.1);
    assert_eq!(state.flat(), before, "evaluation reads the state");
}

/// As PyTorch's module that is called twice: the second call goes on from the statistics of the first.
#[test]
fn shared_statistics_are_changed_in_turn() {
    model! {
        pub(crate) Inner: [1] -> [1] { norm = batch_norm(momentum = 0.25) }
        pub(crate) Both(x: [1], z: [1]) -> [1] {
            let s = batch_norm,
            let inner = Inner,
            s(x) + s(z) + inner(x) + inner(z),
        }
    }
    let net = Both::<f64>::zeros();
    let mut state = BothState::<f64>::new();
    let (x, z) = ([[1.0], [3.0]], [[5.0], [9.0]]);
    let mut expected = [[0.0, 1.0]; 2];
    let mut ws = BothTraining::workspace(2);
    for _ in 0..20 {
        net.training().forward_batch(&x, &z, &mut state, &mut [[0.0]; 2], &mut ws);
        for ([mean, var], momentum) in expected.iter_mut().zip([0.1, 0.25]) {
            // Means and unbiased variances of both.
            for (new_mean, new_var) in [(2.0, 2.0), (7.0, 8.0)] {
                *mean += momentum * (new_mean - *mean);
                *var += momentum * (new_var - *var);
            }
        }
    }
    let norm = &state.inner.norm;
    let found = [
        [state.s.running_mean[0], state.s.running_var[0]],
        [norm.running_mean[0], norm.running_var[0]],
    ];
    for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }
}

/// A batch through everything a training call computes.
fn run<M: Model>(
    n: usize,
    key: Key,
    ws: &mut Workspace<M>,
    draw: impl Fn(&mut Rng64) -> M::Scalar,
) -> Vec<Vec<M::Scalar>> {
    let mut rng = Rng64::new(7);
    let mut numbers = |len: usize| (0..len).map(|_| draw(&mut rng)).collect::<Vec<_>>();
    let mut net = model::zeros::<M>();
    net.flat_mut().copy_from_slice(&numbers(M::PARAMS));
    let size = |shape: &[usize]| n * shape.iter().product::<usize>();
    let inputs: Vec<_> = M::INPUTS.iter().map(|input| numbers(size(input.shape))).collect();
    let mut data: Vec<Data<'_, M::Scalar>> = inputs.iter().map(|x| Data::Real(x)).collect();
    data.push(Data::key(key));
    let mut y = numbers(size(M::OUTPUT));
    let y_bar = numbers(y.len());
    net.forward_flat(&data, &mut y, ws);
    let mut bars = inputs.clone();
    let mut grad = numbers(M::PARAMS);
    let mut slices: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let mut loss = |i: usize, y: &[M::Scalar], bar: &mut [M::Scalar]| {
        bar.copy_from_slice(&y_bar[i * y.len()..(i + 1) * y.len()]);
    };
    let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
    net.vjp_flat(Wrt::All, &data, &mut loss, cotangents, ws);
    [y, grad].into_iter().chain(bars).collect()
}

#[test]
fn a_key_decides_whatever_the_tiles_and_threads() {
    fn decides<M: Model<Scalar = Gf>>() {
        let draw = |rng: &mut Rng64| Gf::from_f64((rng.next_u64() % 1000) as f64);
        let run = |key, mut ws| run::<M>(13, key, &mut ws, draw);
        let whole = run(Key::new(1), Workspace::with_tile(13));
        for (tile, threads) in [(1, 1), (4, 1), (2, 3), (3, 5)] {
            assert_eq!(whole, run(Key::new(1), Workspace::with_threads(tile, threads)));
        }
        assert_ne!(whole, run(Key::new(2), Workspace::with_tile(13)));
        assert_ne!(whole, run(Key::new(1).fold_in(0), Workspace::with_tile(13)));
    }
    decides::<NoisyTraining<Gf>>();
    decides::<StepsTraining<Gf>>();
}

/// Calls for one sample are those of a batch of one.
#[test]
fn one_sample_is_a_batch_of_one() {
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(3);
    let net = Single::<f64>::init(&mut rng);
    let (x, label, key) = ([0.3, -1.0, 2.0, 0.7], pullback::Index::new(2).unwrap(), Key::new(4));
    let train = net.training();
    let mut ws = SingleTraining::workspace();
    let (xs, labels) = (std::slice::from_ref(&x), std::slice::from_ref(&label));
    let (mut y, mut dy, mut x_bar) = ([[0.0; 3]], [[0.0; 3]], [[0.0; 4]]);
    train.forward_batch(xs, labels, key, &mut y, &mut ws);
    assert_eq!(train.forward(&x, &label, key), y[0]);
    assert_ne!(train.forward(&x, &label, key.fold_in(1)), y[0]);
    let (dx, y_bar) = ([1.0, 0.5, -2.0, 0.1], [0.2, -1.0, 3.0]);
    train.jvp_batch(xs, labels, key, &[dx], &mut y, &mut dy, &mut ws);
    assert_eq!(train.jvp(&x, &label, key, &dx), (y[0], dy[0]));
    let mut grad = Single::zeros();
    train.vjp_batch(xs, labels, key, &[y_bar], &mut y, &mut x_bar, &mut grad, &mut ws);
    let (again, pullback) = train.vjp(&x, &label, key);
    let (bar, of_params) = pullback(&y_bar);
    assert_eq!((again, bar, of_params.flat()), (y[0], x_bar[0], grad.flat()));
    let mse = |_: usize, y: &[f64; 3]| loss::mse(y, &[1.0, 0.0, 2.0]);
    let value = train.value_and_grad_batch(xs, labels, key, mse, &mut grad, &mut ws);
    let (of_one, grad_of_one) = train.value_and_grad(&x, &label, key, |y| mse(0, y));
    assert_eq!((of_one, grad_of_one.flat()), (value, grad.flat()));
}

/// Each step has a mask of its own, which has nothing to do with that of the step before, nor with that of
/// the sample before.
#[test]
fn every_step_has_its_mask() {
    let (x, mut y) = ([[[1.0; 10]; 100]; 10], [[[0.0; 10]; 100]; 10]);
    Masks::zeros().training().forward_batch(&x, Key::new(5), &mut y, &mut Workspace::new());
    let rows: Vec<[bool; 10]> = y.as_flattened().iter().map(|row| row.map(|y| y == 0.0)).collect();
    let count = |marks: &mut dyn Iterator<Item = bool>| marks.filter(|mark| *mark).count() as f64;
    // Five standard deviations around 10 000 · 0.3, and around 10 000 · (0.3² + 0.7²) equal neighbours.
    let dropped = count(&mut rows.iter().flatten().copied());
    assert!((dropped - 3000.0).abs() < 5.0 * 2100f64.sqrt(), "{dropped}");
    for apart in [1, 100] {
        let pairs = rows.iter().zip(&rows[apart..]);
        let equal = count(&mut pairs.flat_map(|(a, b)| (0..10).map(|i| a[i] == b[i])));
        let of = 10.0 * (rows.len() - apart) as f64;
        assert!((equal / of - 0.58).abs() < 5.0 * (0.58 * 0.42 / of).sqrt(), "{equal} of {of}");
    }
}

/// `f` of ones, for so many samples.
fn ones<const N: usize>(samples: usize, f: impl Fn(&[[f64; N]], &mut [[f64; N]])) -> Vec<[f64; N]> {
    let mut y = vec![[0.0; N]; samples];
    f(&vec![[1.0; N]; samples], &mut y);
    y
}

#[test]
fn as_many_are_dropped_as_should_be() {
    // Five standard deviations around what is expected.
    let fraction = |dropped: usize, of: usize| {
        let (found, n) = (dropped as f64 / of as f64, of as f64);
        assert!((found - 0.3).abs() < 5.0 * (0.21 / n).sqrt(), "{found} of {of}");
    };
    let kept = 1.0 / 0.7;
    let y = ones(40, |x, y| {
        Drop::zeros().training().forward_batch(x, Key::new(1), y, &mut Workspace::new());
    });
    assert!(y.as_flattened().iter().all(|y| *y == 0.0 || (y - kept).abs() < 1e-15));
    fraction(y.as_flattened().iter().filter(|y| **y == 0.0).count(), 40_000);
    assert!(y.iter().all(|sample| *sample != y[0] || std::ptr::eq(sample, &y[0])));

    let x = vec![[[1.0; 20]; 50]; 200];
    let mut y = x.clone();
    Channels::zeros().training().forward_batch(&x, Key::new(2), &mut y, &mut Workspace::new());
    let channels = y.as_flattened();
    assert!(channels.iter().all(|channel| channel.iter().all(|y| *y == channel[0])));
    fraction(channels.iter().filter(|channel| channel[0] == 0.0).count(), 10_000);

    let y = ones(10_000, |x, y| {
        Paths::zeros().training().forward_batch(x, Key::new(3), y, &mut Workspace::new());
    });
    assert!(y.iter().all(|sample| sample.iter().all(|y| *y == sample[0])));
    fraction(y.iter().filter(|sample| sample[0] == 0.0).count(), 10_000);

    let (x, mut y) = ([[f64::MAX; 9]], [[5.0; 18]]);
    Limits::zeros().training().forward_batch(&x, Key::new(4), &mut y, &mut Workspace::new());
    assert_eq!((y[0][..9].to_vec(), y[0][9..].to_vec()), (x[0].to_vec(), vec![0.0; 9]));
}

#[test]
fn mean_and_variance_stay() {
    let mut rng = Rng64::new(3);
    // Uniform with mean 0 and variance 1.
    let mut sample = || std::array::from_fn(|_| 12f64.sqrt() * (rng.unit_f64() - 0.5));
    let x: Vec<[f64; 1000]> = (0..100).map(|_| sample()).collect();
    let mut y = x.clone();
    Alpha::zeros().training().forward_batch(&x, Key::new(1), &mut y, &mut Workspace::new());
    let (mean, variance) = moments(y.as_flattened());
    assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");

    Noise::zeros().training().forward_batch(&x, Key::new(2), &mut y, &mut Workspace::new());
    let noise = y.as_flattened().iter().zip(x.as_flattened()).map(|(y, x)| (y - x) / 2.0);
    let noise: Vec<f64> = noise.collect();
    let (mean, variance) = moments(&noise);
    assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    // A normal distribution has 68.27 % within one standard deviation, 99.73 % within three.
    for (within, share) in [(1.0, 0.6827), (2.0, 0.9545), (3.0, 0.9973)] {
        let found = noise.iter().filter(|z| z.abs() < within).count() as f64 / noise.len() as f64;
        assert!((found - share).abs() < 0.01, "{found} within {within}");
    }
}

#[test]
fn a_loss_goes_down_with_both() {
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(1);
    let mut net = Both::<f64>::init(&mut rng);
    assert_eq!((net.bn.weight, net.bn.bias), ([1.0; 8], [0.0; 8]));
    let (mut grad, mut state) = (Both::zeros(), BothState::new());
    let mut ws = BothTraining::workspace(64);
    let mut rng = Rng64::new(5);
    let x: Vec<[f64; 6]> = (0..64).map(|_| std::array::from_fn(|_| rng.unit_f64() - 0.5)).collect();
    let target = |i: usize| [x[i][0], x[i][1] * 2.0, 1.0];
    let value = |net: &Both<f64>, state: &BothState<f64>| -> f64 {
        let loss = |i: usize| loss::mse(&net.forward(&x[i], state), &target(i)).0;
        (0..64).map(loss).sum::<f64>() / 64.0
    };
    let before = value(&net, &state);
    for step in 0..300 {
        let key = Key::new(9).fold_in(step);
        let mse = |i: usize, y: &[f64; 3]| loss::mse(y, &target(i));
        net.training().value_and_grad_batch(&x, &mut state, key, mse, &mut grad, &mut ws);
        for (w, g) in net.flat_mut().iter_mut().zip(grad.flat()) {
            *w -= 0.1 * g;
        }
    }
    let after = value(&net, &state);
    assert!(after < 0.3 * before, "{before} became {after}");
}

#[test]
#[should_panic = "`BothTraining` has statistics over the whole batch: 5 samples need a workspace for as many, but this one is for 4"]
fn a_batch_is_one_tile() {
    let (mut state, mut ws) = (BothState::<f32>::new(), BothTraining::workspace(4));
    let (x, mut y) = ([[0.0; 6]; 5], [[0.0; 3]; 5]);
    Both::zeros().training().forward_batch(&x, &mut state, Key::new(1), &mut y, &mut ws);
}

#[test]
#[should_panic = "`BothTraining`: a variance over the batch takes at least 2 samples, found 1"]
fn one_sample_has_no_variance() {
    let (mut state, mut ws) = (BothState::<f32>::new(), BothTraining::workspace(4));
    let (x, mut y) = ([[0.0; 6]; 1], [[0.0; 3]; 1]);
    Both::zeros().training().forward_batch(&x, &mut state, Key::new(1), &mut y, &mut ws);
}

#[test]
#[should_panic = "`BothTraining` has 1 input, a state and a key, found 2"]
fn a_key_that_is_missing() {
    let (x, mut y, state) = ([0.0; 12], [0.0; 6], BothState::<f32>::new());
    let data = [Data::Real(&x), Data::State(state.flat())];
    let net = Both::zeros();
    net.training().forward_flat(&data, &mut y, &mut BothTraining::workspace(2));
}

#[test]
#[should_panic = "`BothTraining` is given its inputs, then its state, then a key"]
fn a_key_in_the_place_of_the_state() {
    let (x, mut y, state) = ([0.0; 12], [0.0; 6], BothState::<f32>::new());
    let data = [Data::Real(&x), Data::key(Key::new(1)), Data::State(state.flat())];
    let net = Both::zeros();
    net.training().forward_flat(&data, &mut y, &mut BothTraining::workspace(2));
}
