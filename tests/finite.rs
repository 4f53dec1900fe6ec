//! Values and slopes at the ends of the range: what is finite does not overflow on the way, what is infinite or NaN
//! is treated as PyTorch does.

use pullback::check::{self, Dual, Gf};
use pullback::{Index, loss, model};

const INF: f32 = f32::INFINITY;
const NAN: f32 = f32::NAN;

/// The value, the slopes by JVP, one input after the other, and those of the VJP, which agree.
macro_rules! slopes {
    ($Model:ident, $x:expr) => {{
        let (net, x) = ($Model::<f32>::zeros(), $x);
        let (y, pullback) = net.vjp_inputs(&x);
        let back = pullback(&1.0);
        let mut forth = x;
        for i in 0..x.len() {
            let mut dx = [0.0; 3];
            dx[i] = 1.0;
            forth[i] = net.jvp(&x, &dx).1;
        }
        for (a, b) in back.iter().zip(&forth) {
            assert!(
                (a - b).abs() <= 1e-6 * b.abs() || a.to_bits() == b.to_bits(),
                "{back:?} {forth:?}"
            );
        }
        (y, back)
    }};
}

#[track_caller]
fn near(found: f32, expected: f32) {
    let fits = (found - expected).abs() <= 1e-6 * expected.abs();
    assert!(fits || found.is_nan() && expected.is_nan(), "{found}, not {expected}");
}

/// Where the squares overflow, or are too small for any number, and the result does neither.
#[test]
fn what_is_squared_does_not_overflow() {
    model! {
        Norm: [3] -> [] { norm }
        Cubes: [3] -> [] { norm(p = 3) }
        Std: [3] -> [] { std }
        Var: [3] -> [] { var }
        Mse(x: [3]) -> [] { mse(x, 0 * x) }
        Unit: [3] -> [3] { normalize }
        Layer: [3] -> [3] { layer_norm(affine = false) }
        Rms: [3] -> [3] { rms_norm(affine = false) }
        Channels: [3, 2] -> [3, 2] { instance_norm }
    }
    for big in [1e20f32, 1e-30, 3e37] {
        let (y, slope) = slopes!(Norm, [big, big * 1e-20, big * 1e-20]);
        near(y, big);
        near(slope[0], 1.0);
        near(slope[1], if big < 1.0 { slope[1] } else { 1e-20 });
        near(slopes!(Cubes, [big, big, big]).0, big * 3f32.powf(1.0 / 3.0));
        let (y, slope) = slopes!(Std, [big, -big, 0.0]);
        near(y, big);
        near(slope[0], 0.5);
        let unit = Unit::<f32>::zeros().forward(&[3.0 * big, 0.0, 4.0 * big]);
        if big > 1.0 {
            near(unit[0], 0.6);
            let layer = Layer::<f32>::zeros().forward(&[big, 0.0, -big]);
            near(layer[0], 1.5f32.sqrt());
            let rms = Rms::<f32>::zeros().forward(&[big, big, -big]);
            near(rms[2], -1.0);
            let channels = Channels::<f32>::zeros().forward(&[[big, -big]; 3]);
            near(channels[1][0], 1.0);
        }
    }
    // The squares of the first are 9e38, a third of which is a number.
    near(slopes!(Mse, [3e19, 0.0, 0.0]).0, 3e38);
    near(slopes!(Var, [2e19, 0.0, -1e19]).0, 2.333_333_3e38);
    let net = Layer::<f32>::zeros();
    let x = [1e20, 0.0, -1e20];
    let (_, pullback) = net.vjp_inputs(&x);
    let bar = pullback(&[1.0, -2.0, 1.0]);
    near(bar[1], -2.0 * 1.5f32.sqrt() * 1e-20);
    check::exactly::<Unit<Gf>, Unit<Dual<Gf>>>();
    check::exactly::<Norm<Gf>, Norm<Dual<Gf>>>();
    check::exactly::<Std<Gf>, Std<Dual<Gf>>>();
}

/// A factor of 0 makes nothing of the others, even if their product overflows.
#[test]
fn products_with_zeros() {
    model! {
        Prod: [5] -> [] { prod }
        Running: [5] -> [5] { cumprod(0) }
    }
    let (net, x) = (Prod::<f32>::zeros(), [1e13, 1e13, 1e13, 0.0, 0.0]);
    let (y, dy) = net.jvp(&x, &[0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!((y, dy), (0.0, 0.0));
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&1.0), [0.0; 5]);
    let (net, x) = (Running::<f32>::zeros(), [1e13, 1e13, 0.0, 1e13, 0.0]);
    let (_, dy) = net.jvp(&x, &[0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(dy, [0.0, 0.0, 1e13 * 1e13, INF, 0.0]);
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&[0.0, 0.0, 0.0, 0.0, 1.0]), [0.0; 5]);
}

#[test]
fn infinite_logits() {
    model! {
        Whole: [3] -> [] { logsumexp }
        Pair(x: [2]) -> [] { a = slice(x, 0..1), b = slice(x, 1..2), logaddexp(a, b), reshape -> [] }
        Both: [2] -> [] { logsumexp }
        Probabilities(x: [3], t: [3]) -> [] { cross_entropy(x, t) }
    }
    assert_eq!(slopes!(Whole, [-INF; 3]), (-INF, [1.0 / 3.0; 3]));
    assert_eq!(slopes!(Whole, [INF, 0.0, -INF]), (INF, [1.0, 0.0, 0.0]));
    assert_eq!(slopes!(Whole, [INF, 0.0, INF]), (INF, [0.5, 0.0, 0.5]));
    assert!(slopes!(Whole, [NAN, 0.0, 1.0]).0.is_nan());
    for x in [[-INF; 2], [INF; 2], [INF, -INF], [1.0, -INF]] {
        let (a, b) = (Pair::<f32>::zeros(), Both::<f32>::zeros());
        let ((y, back), (z, other)) = (a.vjp_inputs(&x), b.vjp_inputs(&x));
        assert_eq!((y, back(&1.0)), (z, other(&1.0)), "{x:?}");
    }
    let net = Probabilities::<f32>::zeros();
    let (x, t) = ([0.0, 0.0, -INF], [0.5, 0.5, 0.0]);
    near(net.forward(&x, &t), 2f32.ln());
    let (_, pullback) = net.vjp_inputs(&x, &t);
    assert_eq!(pullback(&1.0).0, [0.0; 3]);
    assert_eq!(net.jvp(&x, &t, &[1.0, 0.0, 0.0], &[0.0; 3]).1, 0.0);
}

/// A label that is no class, as padding has: PyTorch's −100.
#[test]
fn a_label_that_is_no_class() {
    model! {
        Padded(x: [3, 3], t: [3] of index(4)) -> [] { cross_entropy(x, t, ignore_index = 3) }
        Smooth(x: [3, 3], t: [3] of index(4), w: [3]) -> [] {
            cross_entropy(x, t, weight = w, label_smoothing = 0.1, ignore_index = 3)
        }
        Each(x: [3, 3], t: [3] of index(4)) -> [3] {
            cross_entropy(x, t, ignore_index = 3, reduction = "none")
        }
    }
    let t = [3, 1, 3].map(|i| Index::<4>::new(i).unwrap());
    let x = [[NAN; 3], [0.0; 3], [INF; 3]];
    let net = Padded::<f32>::zeros();
    near(net.forward(&x, &t), 3f32.ln());
    let (_, pullback) = net.vjp_inputs(&x, &t);
    let bar = pullback(&1.0);
    assert_eq!([bar[0], bar[2]], [[0.0; 3]; 2]);
    near(bar[1][1], -2.0 / 3.0);
    assert_eq!(Each::<f32>::zeros().forward(&x, &t)[2], 0.0);
    near(Smooth::<f32>::zeros().forward(&x, &t, &[1.0; 3]), 3f32.ln());
    // Without a label that counts the mean is 0 / 0, and nothing has a slope: as in PyTorch.
    let none = [3; 3].map(|i| Index::<4>::new(i).unwrap());
    let (y, pullback) = net.vjp_inputs(&x, &none);
    assert!(y.is_nan());
    assert_eq!(pullback(&1.0), [[0.0; 3]; 3]);
}

/// NaN is greater than any number, and the last of several, as in PyTorch.
#[test]
fn pools_give_nan_its_gradient() {
    model! {
        Pool: [1, 3] -> [1, 1] { max_pool1d(3) }
        Adaptive: [1, 3, 1] -> [1, 1, 1] { adaptive_max_pool2d([1, 1]) }
        Place: [3] -> [] { argmax(0) }
    }
    let pool = Pool::<f32>::zeros();
    for (x, bar) in [
        ([1.0, NAN, 2.0], [0.0, 1.0, 0.0]),
        ([NAN, 1.0, NAN], [0.0, 0.0, 1.0]),
        ([2.0, 2.0, 1.0], [1.0, 0.0, 0.0]),
        ([INF, INF, 0.0], [1.0, 0.0, 0.0]),
        ([-INF, -INF, -INF], [1.0, 0.0, 0.0]),
    ] {
        let rows = [x];
        let (y, pullback) = pool.vjp_inputs(&rows);
        assert_eq!(y[0][0].is_nan(), x.iter().any(|x| x.is_nan()));
        assert_eq!(pullback(&[[1.0]])[0], bar, "{x:?}");
        let adaptive = Adaptive::<f32>::zeros();
        let column = [x.map(|x| [x])];
        let (_, pullback) = adaptive.vjp_inputs(&column);
        assert_eq!(pullback(&[[[1.0]]])[0].map(|[x]| x), bar, "{x:?}");
    }
    assert_eq!(Place::<f32>::zeros().forward(&[1.0, NAN, 2.0]), 1.0);
}

/// A smooth minimum, and windows that are infinite.
#[test]
fn smooth_pools_of_either_sign() {
    model! {
        Least: [1, 4] -> [1, 2] { smooth_max_pool1d(2, beta = -1) }
        Most: [1, 4] -> [1, 2] { smooth_max_pool1d(2) }
    }
    let x = [[0.0f32, 200.0, 0.0, 1000.0]];
    let net = Least::<f32>::zeros();
    let (y, pullback) = net.vjp_inputs(&x);
    assert_eq!((y, pullback(&[[1.0; 2]])), ([[0.0; 2]], [[1.0, 0.0, 1.0, 0.0]]));
    assert_eq!(net.jvp(&x, &[[1.0; 4]]).1, [[1.0; 2]]);
    assert_eq!(Most::<f32>::zeros().forward(&[[-INF, -INF, INF, 0.0]]), [[-INF, INF]]);
}

/// Negative powers are those of the least element.
#[test]
fn norms_of_negative_powers() {
    model! {
        Harmonic: [3] -> [] { norm(p = -1) }
        Squares: [3] -> [] { norm(p = -2) }
    }
    let (y, slope) = slopes!(Harmonic, [1e-30f32, 1e30, 1e10]);
    near(y, 1e-30);
    assert_eq!(slope, [1.0, 0.0, 0.0]);
    near(slopes!(Harmonic, [1e30f32, 1e30, 1e10]).1[2], 1.0);
    let (y, slope) = slopes!(Squares, [1.0f32, 1e25, 1e30]);
    near(y, 1.0);
    near(slope[0], 1.0);
    assert_eq!(slopes!(Harmonic, [0.0f32, 1.0, 2.0]).0, 0.0);
}

/// The losses of single samples, where the sum of squares is too large or a class has no probability.
#[test]
fn losses_of_the_runtime() {
    let (value, cotangent) = loss::mse(&[3e19f32, 0.0, 0.0], &[0.0; 3]);
    near(value, 3e38);
    near(cotangent[0], 2e19);
    let (value, cotangent) = loss::cross_entropy_probs(&[0.0f32, 0.0, -INF], &[0.5, 0.5, 0.0]);
    near(value, 2f32.ln());
    assert_eq!(cotangent, [0.0; 3]);
}
