//! Sums of a million numbers keep a relative 1e-6 in `f32`: sums, means, dot products, losses and gradients of large
//! batches, compared with the same in `f64`.

use pullback::model::{Cotangents, Data, Wrt, zeros};
use pullback::{Model, Workspace, loss, model};

const MANY: usize = 1_000_000;

/// Numbers that are all the same, which is where rounding errors add up, and numbers that are not.
fn inputs(len: usize) -> [Vec<f32>; 2] {
    let mut state = 1u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    [vec![0.1; len], (0..len).map(|_| uniform()).collect()]
}

#[track_caller]
fn near(what: &str, found: f32, expected: f64) {
    let error = (f64::from(found) - expected).abs() / expected.abs();
    assert!(error < 1e-6, "{what}: {found}, not {expected}: {error:.1e}");
}

/// The output of a model of one input in `f32` and in `f64`.
fn outputs<M, D>(x: &[f32]) -> (Vec<f32>, Vec<f64>)
where
    M: Model<Scalar = f32>,
    D: Model<Scalar = f64>,
{
    let len = M::OUTPUT.iter().product();
    let (mut y, mut z) = (vec![0.0; len], vec![0.0; len]);
    let wide: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
    zeros::<M>().forward_flat(&[Data::Real(x)], &mut y, &mut Workspace::with_tile(1));
    zeros::<D>().forward_flat(&[Data::Real(&wide)], &mut z, &mut Workspace::with_tile(1));
    (y, z)
}

#[test]
fn sums_and_means() {
    model! {
        Sum: [MANY] -> [] { sum }
        Mean: [MANY] -> [] { mean }
        Rows: [1000, 1000] -> [1000] { sum(axes = 1) }
        Columns: [1000, 1000] -> [1000] { mean(axes = 0) }
        Tall: [200000, 5] -> [5] { sum(axes = 0) }
        Middle: [5, 200000, 1] -> [5, 1] { sum(axes = 1) }
        Both: [100, 10000] -> [] { square, sum }
        Spread: [MANY] -> [] { std }
        Length: [MANY] -> [] { norm }
        Logs: [MANY] -> [] { logsumexp }
    }
    macro_rules! each {
        ($($Sum:ident)*) => {$(
            for x in inputs(MANY) {
                let (y, z) = outputs::<$Sum<f32>, $Sum<f64>>(&x);
                for (y, z) in y.into_iter().zip(z) {
                    // The deviation of equal numbers is 0, up to what the mean is rounded by.
                    if z > 1e-6 {
                        near(stringify!($Sum), y, z);
                    }
                }
            }
        )*};
    }
    each! { Sum Mean Rows Columns Tall Middle Both Spread Length Logs }
    let (y, _) = outputs::<Sum<f32>, Sum<f64>>(&inputs(MANY)[0]);
    assert!((y[0] - 100_000.0).abs() < 0.1, "{y:?}");
}

#[test]
fn products() {
    const K: usize = 200_000;
    model! {
        Dot(a: [K], b: [K]) -> [] { dot(a, b) }
        Product(a: [2, K], b: [K, 3]) -> [2, 3] { matmul(a, b) }
        Turned(a: [2, K], b: [3, K]) -> [2, 3] { matmul(a, transpose(b)) }
        Strided(a: [K, 2], b: [3, K]) -> [2, 3] { matmul(transpose(a), transpose(b)) }
        Wide(a: [30, 2500], b: [2500, 70]) -> [30, 70] { matmul(a, b) }
    }
    macro_rules! each {
        ($($Product:ident $a:expr, $b:expr;)*) => {$(
            for (x, y) in inputs($a).into_iter().zip(inputs($b)) {
                let len = <$Product<f32> as Model>::OUTPUT.iter().product();
                let (mut out, mut exact) = (vec![0.0f32; len], vec![0.0f64; len]);
                let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
                let (p, q) = (wide(&x), wide(&y));
                let data = [Data::Real(&x), Data::Real(&y)];
                $Product::<f32>::zeros().forward_flat(&data, &mut out, &mut Workspace::new());
                let data = [Data::Real(&p), Data::Real(&q)];
                $Product::<f64>::zeros().forward_flat(&data, &mut exact, &mut Workspace::new());
                for (y, z) in out.into_iter().zip(exact) {
                    near(stringify!($Product), y, z);
                }
            }
        )*};
    }
    each! {
        Dot K, K;
        Product 2 * K, 3 * K;
        Turned 2 * K, 3 * K;
        Strided 2 * K, 3 * K;
        Wide 75_000, 175_000;
    }
}

/// Gradients and losses over a batch, in tiles of several sizes.
#[test]
fn batches() {
    model! {
        Net(x: [1], t: [1]) -> [] { y = linear(x) -> [1], mse(y, t) }
        Plain: [1] -> [1] { linear -> [1] }
    }
    let n = 300_000;
    for x in inputs(n) {
        let xs: Vec<[f32; 1]> = x.iter().map(|x| [*x]).collect();
        let wide: Vec<[f64; 1]> = x.iter().map(|x| [f64::from(*x)]).collect();
        let (targets, wide_targets) = (vec![[-1.0f32]; n], vec![[-1.0f64]; n]);
        let mut exact = Net::<f64>::zeros();
        let mut ws = Net::<f64>::workspace();
        let value =
            Net::<f64>::zeros().value_and_grad_batch(&wide, &wide_targets, &mut exact, &mut ws);
        for (tile, threads) in [(4, 1), (256, 1), (n, 1), (7, 3)] {
            let mut ws = Workspace::<Net<f32>>::with_threads(tile, threads);
            let mut grad = Net::<f32>::zeros();
            let net = Net::<f32>::zeros();
            let found = net.value_and_grad_batch(&xs, &targets, &mut grad, &mut ws);
            near("the loss", found, value);
            for (found, exact) in grad.flat().iter().zip(exact.flat()) {
                near("a gradient", *found, *exact);
            }
            let mut ws = Workspace::<Plain<f32>>::with_threads(tile, threads);
            let mut grad = Plain::<f32>::zeros();
            let loss = |i: usize, y: &[f32; 1]| {
                let d = y[0] - targets[i][0];
                (d * d, [2.0 * d])
            };
            let found = Plain::<f32>::zeros().value_and_grad_batch(&xs, loss, &mut grad, &mut ws);
            near("the loss", found, value);
            for (found, exact) in grad.flat().iter().zip(exact.flat()) {
                near("a gradient", *found, *exact);
            }
        }
    }
}

/// Weights of a convolution, whose gradient is a sum over places.
#[test]
fn places() {
    model! { Net: [1, 500, 500] -> [1, 498, 498] { conv2d(3) -> [1, _, _] } }
    for x in inputs(250_000) {
        let ones = vec![1.0f32; 498 * 498];
        let (mut y, mut grad) = (vec![0.0f32; 498 * 498], vec![0.0f32; 10]);
        let net = Net::<f32>::zeros();
        let cotangents = Cotangents { inputs: &mut [&mut []], params: &mut grad };
        let wrt = Wrt::Params;
        let mut ws = Workspace::with_tile(1);
        net.vjp_given_flat(wrt, &[Data::Real(&x)], &ones, &mut y, cotangents, &mut ws);
        let mut exact = 0.0;
        for row in 0..498 {
            exact += x[row * 500..][..498].iter().map(|x| f64::from(*x)).sum::<f64>();
        }
        near("a weight", grad[0], exact);
    }
}

/// Losses on slices, whose elements are one sample's.
#[test]
fn losses_of_long_samples() {
    let (x, zeros, mut x_bar) = (vec![0.1f32; MANY], vec![0.0; MANY], vec![0.0; MANY]);
    let tenth = f64::from(0.1f32);
    near("mse", loss::mse_into(&x, &zeros, &mut x_bar), tenth * tenth);
    near("mae", loss::mae_into(&x, &zeros, &mut x_bar), tenth);
    near("huber", loss::huber_into(&x, &zeros, 1.0, &mut x_bar), tenth * tenth / 2.0);
    near("bce", loss::bce_with_logits_into(&x, &zeros, &mut x_bar), tenth.exp().ln_1p());
    let mut logits = vec![0.0f32; MANY];
    logits[0] = 15.0;
    let right = ((MANY - 1) as f64 * (-15f64).exp()).ln_1p();
    // The logarithm of a sum that is near 1 has its error more than once.
    let found = f64::from(loss::cross_entropy_into(&logits, 0, &mut x_bar));
    assert!((found - right).abs() < 5e-6 * right, "{found}, not {right}");
    let even = vec![1.0 / MANY as f32; MANY];
    let mass = f64::from(even[0]) * MANY as f64;
    let right = mass * (15.0 + right) - 15.0 * f64::from(even[0]);
    near("probabilities", loss::cross_entropy_probs_into(&logits, &even, &mut x_bar), right);
}
