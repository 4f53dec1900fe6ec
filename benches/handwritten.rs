//! Small networks beside the loops that one would write by hand.
//!
//! `cargo bench --bench handwritten [-- NAME]` prints how long both take, on one sample in `f32`. The loops
//! are straightforward: they read the parameters of the network as the arrays that they are, call the
//! functions of the standard library, and are left to the compiler. What they compute is compared first.
//!
//! `cargo bench --bench workloads` has larger networks and batches.

use divan::{Bencher, black_box};
use pullback::{Boxed, Workspace, model};

fn main() {
    divan::main();
}

/// Numbers of both signs below 0.6 in magnitude, with no pattern that a sum would show.
fn numbers(to: &mut [f32]) {
    for (i, x) in to.iter_mut().enumerate() {
        *x = ((i * 7919 + 31) % 1009) as f32 / 841.0 - 0.6;
    }
}

#[track_caller]
fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{a} is not {b}");
    }
}

/// `x · weight + bias`
fn linear<const I: usize, const O: usize>(
    weight: &[[f32; O]; I],
    bias: &[f32; O],
    x: &[f32; I],
) -> [f32; O] {
    let mut y = *bias;
    for (x, row) in x.iter().zip(weight) {
        for (y, w) in y.iter_mut().zip(row) {
            *y += x * w;
        }
    }
    y
}

/// The cotangent of the input of [`linear`]; those of its parameters are written.
fn linear_back<const I: usize, const O: usize>(
    weight: &[[f32; O]; I],
    x: &[f32; I],
    y_bar: &[f32; O],
    weight_bar: &mut [[f32; O]; I],
    bias_bar: &mut [f32; O],
) -> [f32; I] {
    *bias_bar = *y_bar;
    std::array::from_fn(|i| {
        let mut x_bar = 0.0;
        for o in 0..O {
            weight_bar[i][o] = x[i] * y_bar[o];
            x_bar += weight[i][o] * y_bar[o];
        }
        x_bar
    })
}

/// A control policy: an observation in, an action out.
mod policy {
    use super::*;

    model! {
        /// The policy.
        Policy: [8] -> [4] { linear -> [64], tanh, linear -> [64], tanh, linear -> [4] }
    }

    fn example() -> (Boxed<Policy>, [f32; 8]) {
        let (mut net, mut x) = (Policy::zeros(), [0.0; 8]);
        numbers(net.flat_mut());
        numbers(&mut x);
        (net, x)
    }

    mod forward {
        use super::*;

        fn loops(net: &Policy, x: &[f32; 8]) -> [f32; 4] {
            let a = linear(&net.linear1.weight, &net.linear1.bias, x).map(f32::tanh);
            let b = linear(&net.linear2.weight, &net.linear2.bias, &a).map(f32::tanh);
            linear(&net.linear3.weight, &net.linear3.bias, &b)
        }

        #[divan::bench]
        fn pullback(bencher: Bencher<'_, '_>) {
            let (net, x) = example();
            near(&net.forward(&x), &loops(&net, &x));
            bencher.bench_local(|| black_box(&net).forward(black_box(&x)));
        }

        #[divan::bench]
        fn by_hand(bencher: Bencher<'_, '_>) {
            let (net, x) = example();
            bencher.bench_local(|| loops(black_box(&net), black_box(&x)));
        }
    }

    /// Its output, and the cotangents of its input and parameters along one of its output.
    mod gradient {
        use super::*;

        const Y_BAR: [f32; 4] = [1.0, -0.5, 0.25, 2.0];

        fn loops(net: &Policy, x: &[f32; 8], grad: &mut Policy) -> ([f32; 4], [f32; 8]) {
            let a = linear(&net.linear1.weight, &net.linear1.bias, x).map(f32::tanh);
            let b = linear(&net.linear2.weight, &net.linear2.bias, &a).map(f32::tanh);
            let y = linear(&net.linear3.weight, &net.linear3.bias, &b);
            let slope = |bar: [f32; 64], y: [f32; 64]| -> [f32; 64] {
                std::array::from_fn(|i| bar[i] * (1.0 - y[i] * y[i]))
            };
            let to = &mut grad.linear3;
            let bar = linear_back(&net.linear3.weight, &b, &Y_BAR, &mut to.weight, &mut to.bias);
            let (bar, to) = (slope(bar, b), &mut grad.linear2);
            let bar = linear_back(&net.linear2.weight, &a, &bar, &mut to.weight, &mut to.bias);
            let (bar, to) = (slope(bar, a), &mut grad.linear1);
            let x_bar = linear_back(&net.linear1.weight, x, &bar, &mut to.weight, &mut to.bias);
            (y, x_bar)
        }

        #[divan::bench]
        fn pullback(bencher: Bencher<'_, '_>) {
            let ((net, x), mut grad) = (example(), Policy::zeros());
            let (mut y, mut x_bar) = ([[0.0; 4]], [[0.0; 8]]);
            let mut workspace = Workspace::with_tile(1);
            let mut call = || {
                let (x, y_bar) = ([x], [Y_BAR]);
                let (x, y_bar) = (black_box(&x), black_box(&y_bar));
                net.vjp_batch(x, y_bar, &mut y, &mut x_bar, &mut grad, &mut workspace);
            };
            call();
            bencher.bench_local(call);
            let mut right = Policy::zeros();
            let (right_y, right_x_bar) = loops(&net, &x, &mut right);
            near(&y[0], &right_y);
            near(&x_bar[0], &right_x_bar);
            near(grad.flat(), right.flat());
        }

        #[divan::bench]
        fn by_hand(bencher: Bencher<'_, '_>) {
            let ((net, x), mut grad) = (example(), Policy::zeros());
            bencher.bench_local(|| loops(black_box(&net), black_box(&x), &mut grad));
        }
    }
}

/// A network so small that little but the call is left.
mod tiny {
    use super::*;

    model! {
        /// 1004 parameters.
        Tiny: [6] -> [4] { linear -> [64], tanh, linear -> [8], tanh, linear -> [4] }
    }

    fn example() -> (Boxed<Tiny>, [f32; 6]) {
        let (mut net, mut x) = (Tiny::zeros(), [0.0; 6]);
        numbers(net.flat_mut());
        numbers(&mut x);
        (net, x)
    }

    fn loops(net: &Tiny, x: &[f32; 6]) -> [f32; 4] {
        let a = linear(&net.linear1.weight, &net.linear1.bias, x).map(f32::tanh);
        let b = linear(&net.linear2.weight, &net.linear2.bias, &a).map(f32::tanh);
        linear(&net.linear3.weight, &net.linear3.bias, &b)
    }

    #[divan::bench]
    fn pullback(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        near(&net.forward(&x), &loops(&net, &x));
        bencher.bench_local(|| black_box(&net).forward(black_box(&x)));
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        bencher.bench_local(|| loops(black_box(&net), black_box(&x)));
    }
}

/// Elementwise functions, one after the other.
mod chain {
    use super::*;

    model! {
        /// 4096 numbers.
        Chain: [4096] -> [4096] { gelu_tanh, tanh, softplus, silu }
    }

    fn example() -> (Boxed<Chain>, [f32; 4096]) {
        let mut x = [0.0; 4096];
        numbers(&mut x);
        (Chain::zeros(), x.map(|x| 6.0 * x))
    }

    fn loops(x: &[f32; 4096]) -> [f32; 4096] {
        const SQRT_2_PI: f32 = 0.797_884_6;
        x.map(|x| {
            let gelu = 0.5 * x * (1.0 + (SQRT_2_PI * (x + 0.044_715 * x * x * x)).tanh());
            let softplus = gelu.tanh().exp().ln_1p();
            softplus / (1.0 + (-softplus).exp())
        })
    }

    #[divan::bench]
    fn pullback(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        near(&net.forward(&x), &loops(&x));
        bencher.bench_local(|| black_box(&net).forward(black_box(&x)));
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let (_, x) = example();
        bencher.bench_local(|| loops(black_box(&x)));
    }
}

/// Rows that are normalised and become probabilities: what an attention has besides products.
mod rows {
    use super::*;

    model! {
        /// 16 rows of 256.
        Rows: [16, 256] -> [16, 256] { layer_norm, softmax }
    }

    type Data = [[f32; 256]; 16];

    fn example() -> (Boxed<Rows>, Data) {
        let (mut net, mut x) = (Rows::zeros(), [[0.0; 256]; 16]);
        numbers(net.flat_mut());
        numbers(x.as_flattened_mut());
        (net, x)
    }

    fn loops(net: &Rows, x: &Data) -> Data {
        let (weight, bias) = (&net.layer_norm1.weight, &net.layer_norm1.bias);
        x.map(|mut row| {
            let mean = row.iter().sum::<f32>() / 256.0;
            let var = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 256.0;
            let scale = 1.0 / (var + 1e-5).sqrt();
            for ((x, w), b) in row.iter_mut().zip(weight).zip(bias) {
                *x = (*x - mean) * scale * w + b;
            }
            let max = row.iter().fold(f32::NEG_INFINITY, |max, x| max.max(*x));
            let exp = row.map(|x| (x - max).exp());
            let sum = exp.iter().sum::<f32>();
            exp.map(|x| x / sum)
        })
    }

    #[divan::bench]
    fn pullback(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        near(net.forward(&x).as_flattened(), loops(&net, &x).as_flattened());
        bencher.bench_local(|| black_box(&net).forward(black_box(&x)));
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        bencher.bench_local(|| loops(black_box(&net), black_box(&x)));
    }
}

/// A convolution of an image.
mod conv {
    use super::*;

    model! {
        /// The first layers of a classifier of digits.
        Conv: [1, 28, 28] -> [8, 12, 12] { conv2d(kernel = 5) -> [8, 24, 24], relu, max_pool2d(2) }
    }

    type Image = [[[f32; 28]; 28]; 1];
    type Features = [[[f32; 12]; 12]; 8];

    fn example() -> (Boxed<Conv>, Image) {
        let (mut net, mut x) = (Conv::zeros(), [[[0.0; 28]; 28]; 1]);
        numbers(net.flat_mut());
        numbers(x.as_flattened_mut().as_flattened_mut());
        (net, x)
    }

    fn loops(net: &Conv, x: &Image) -> Features {
        let (weight, bias) = (&net.conv2d1.weight, &net.conv2d1.bias);
        std::array::from_fn(|m| {
            let mut sums = [[bias[m]; 24]; 24];
            for (row, sums) in sums.iter_mut().enumerate() {
                for i in 0..5 {
                    for j in 0..5 {
                        for (sum, x) in sums.iter_mut().zip(&x[0][row + i][j..]) {
                            *sum += weight[m][0][i][j] * x;
                        }
                    }
                }
            }
            std::array::from_fn(|row| {
                std::array::from_fn(|column| {
                    let (upper, lower) = (&sums[2 * row], &sums[2 * row + 1]);
                    let upper = upper[2 * column].max(upper[2 * column + 1]);
                    upper.max(lower[2 * column]).max(lower[2 * column + 1]).max(0.0)
                })
            })
        })
    }

    #[divan::bench]
    fn pullback(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        let (y, right) = (net.forward(&x), loops(&net, &x));
        near(y.as_flattened().as_flattened(), right.as_flattened().as_flattened());
        bencher.bench_local(|| black_box(&net).forward(black_box(&x)));
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let (net, x) = example();
        bencher.bench_local(|| loops(black_box(&net), black_box(&x)));
    }
}
