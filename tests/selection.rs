//! Selection is exact: what is not chosen gives nothing, in value, JVP and VJP, even where it or its slope is
//! infinite or NaN.

use pullback::check::{self, Dual, Gf};
use pullback::{Index, Scalar, model};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Value, JVP and VJP of a model of one input of three numbers and a mask at a point: the tangent and the cotangent
/// are ones.
macro_rules! at {
    ($($Model:ident ($x:expr, $m:expr) = $y:expr, $slope:expr;)*) => {$(
        let net = $Model::<f64>::zeros();
        let (x, m, y, slope): ([f64; 3], [f64; 3], [f64; 3], [f64; 3]) = ($x, $m, $y, $slope);
        let name = stringify!($Model);
        assert_eq!(net.forward(&x, &m), y, "{name}");
        let (_, dy) = net.jvp(&x, &m, &[1.0; 3], &[0.0; 3]);
        assert_eq!(dy, slope, "{name}: JVP");
        let (_, pullback) = net.vjp_inputs(&x, &m);
        assert_eq!(pullback(&[1.0; 3]).0, slope, "{name}: VJP");
    )*};
}

#[test]
fn what_is_not_chosen_gives_nothing() {
    model! {
        Root(x: [3], m: [3]) -> [3] { where(m, x, sqrt(x)) }
        Quotient(x: [3], m: [3]) -> [3] { where(m, x, 1 / x) }
        Log(x: [3], m: [3]) -> [3] { where(m, log(x), x) }
        Chain(x: [3], m: [3]) -> [3] { where(m, x, exp(sqrt(log(x)))) }
        Filled(x: [3], m: [3]) -> [3] { masked_fill(sqrt(log(x)), m, 2) }
        Twice(x: [3], m: [3]) -> [3] { h = sqrt(x), where(m, 0, h * h + h) }
        Nested(x: [3], m: [3]) -> [3] { where(m, x, where(gt(x, 1), log(x - 1), 2 * x)) }
        Choice(x: [3], m: [3]) -> [3] { h = x + 0 * m, |v| where(gt(v, 0), sqrt(v), 2 * v) }
        Power(x: [3], m: [3]) -> [3] { where(m, x, pow(x, 0.5)) }
        Total(x: [3], m: [3]) -> [3] { s = log(sum(sqrt(x))), where(m, x, s) }
        Wide(x: [3], m: [3]) -> [3] { where(m, x, softmax(1 / x)) }
        Made(x: [3], m: [3]) -> [3] { where(m, x, matmul(sqrt(x), outer(m, m))) }
        Before(x: [3], m: [3]) -> [3] { sqrt(where(m, 0, x)) }
    }
    let on = [1.0; 3];
    at! {
        Root([0.0, 4.0, -1.0], on) = [0.0, 4.0, -1.0], on;
        Quotient([0.0, 4.0, -1.0], on) = [0.0, 4.0, -1.0], on;
        Log([0.0, 1.0, -1.0], [0.0, 1.0, 0.0]) = [0.0, 0.0, -1.0], on;
        Chain([0.0, 1.0, -1.0], on) = [0.0, 1.0, -1.0], on;
        Filled([0.0, 1.0, NAN], on) = [2.0; 3], [0.0; 3];
        Twice([0.0, -1.0, NAN], on) = [0.0; 3], [0.0; 3];
        Nested([1.0, 0.0, 3.0], [0.0, 1.0, 1.0]) = [2.0, 0.0, 3.0], [2.0, 1.0, 1.0];
        Choice([0.0, 4.0, -1.0], on) = [0.0, 2.0, -2.0], [2.0, 0.25, 2.0];
        Power([0.0, 4.0, -1.0], on) = [0.0, 4.0, -1.0], on;
        Total([0.0, 4.0, -1.0], on) = [0.0, 4.0, -1.0], on;
        Wide([0.0, 4.0, 0.0], on) = [0.0, 4.0, 0.0], on;
        Made([0.0, 4.0, 0.0], on) = [0.0, 4.0, 0.0], on;
        Before([0.0, -1.0, NAN], on) = [0.0; 3], [0.0; 3];
        Before([4.0, INF, 0.25], [0.0, 1.0, 0.0]) = [2.0, 0.0, 0.5], [0.25, 0.0, 1.0];
    }
    check::exactly::<Nested<Gf>, Nested<Dual<Gf>>>();
    check::exactly::<Twice<Gf>, Twice<Dual<Gf>>>();
}

/// Parts of arrays are chosen too: by slices, padding, integers, maxima.
#[test]
fn parts_that_are_not_chosen_give_nothing() {
    model! {
        Sliced: [3] -> [2] { sqrt, slice(0..2) }
        Padded: [1, 3] -> [1, 5] { constant_pad1d([1, 1]), sqrt }
        Gathered(x: [3], i: index(3)) -> [] { h = sqrt(x), index_select(h, i) }
        Greatest: [3] -> [] { sqrt, amax }
        Pooled: [1, 3] -> [1, 1] { sqrt, max_pool1d(3) }
        Ignored(x: [3, 2], t: [3] of index(2)) -> [] {
            log(x),
            cross_entropy(t, ignore_index = 1),
        }
    }
    let x = [4.0, 1.0, 0.0];
    let net = Sliced::<f64>::zeros();
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&[1.0; 2]), [0.25, 0.5, 0.0]);
    let (y, dy) = Padded::<f64>::zeros().jvp(&[[4.0, 1.0, 4.0]], &[[1.0; 3]]);
    assert_eq!((y, dy), ([[0.0, 2.0, 1.0, 2.0, 0.0]], [[0.0, 0.25, 0.5, 0.25, 0.0]]));
    let index = Index::<3>::new(0).unwrap();
    let net = Gathered::<f64>::zeros();
    let (_, pullback) = net.vjp_inputs(&x, &index);
    assert_eq!(pullback(&1.0), [0.25, 0.0, 0.0]);
    let net = Greatest::<f64>::zeros();
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&1.0), [0.25, 0.0, 0.0]);
    let net = Pooled::<f64>::zeros();
    let rows = [x];
    let (_, pullback) = net.vjp_inputs(&rows);
    assert_eq!(pullback(&[[1.0]]), [[0.25, 0.0, 0.0]]);
    let [zero, one] = [0, 1].map(|i| Index::<2>::new(i).unwrap());
    let x = [[1.0, 1.0], [0.0, NAN], [-1.0, INF]];
    let (net, labels) = (Ignored::<f64>::zeros(), [zero, one, one]);
    assert!((net.forward(&x, &[zero, one, one]) - 2f64.ln()).abs() < 1e-15);
    let (_, dy) = net.jvp(&x, &[zero, one, one], &[[1.0, 0.0]; 3]);
    assert_eq!(dy, -0.5);
    let (_, pullback) = net.vjp_inputs(&x, &labels);
    assert_eq!(pullback(&1.0), [[-0.5, 0.5], [0.0; 2], [0.0; 2]]);
}

/// What no query may look at: scores that are infinite or NaN, and their slopes.
#[test]
fn scores_behind_a_mask_give_nothing() {
    model! {
        Causal(q: [2, 1], k: [2, 1], v: [2, 1]) -> [2, 1] {
            scaled_dot_product_attention(log(q), k, v, causal = true)
        }
        Masked(q: [2, 1], k: [2, 1], v: [2, 1], m: [2, 2]) -> [2, 1] {
            scaled_dot_product_attention(q, k, v, m)
        }
    }
    // The score of the second key is infinite for the first query, which may not look at it.
    let net = Masked::<f64>::zeros();
    let (q, k, v, m) = ([[1.0], [1.0]], [[1.0], [INF]], [[3.0], [5.0]], [[1.0, 0.0], [1.0, 0.0]]);
    assert_eq!(net.forward(&q, &k, &v, &m), [[3.0]; 2]);
    let (_, dy) = net.jvp(&q, &k, &v, &m, &[[1.0]; 2], &[[1.0]; 2], &[[1.0]; 2], &[[0.0; 2]; 2]);
    assert_eq!(dy, [[1.0]; 2]);
    let (_, pullback) = net.vjp_inputs(&q, &k, &v, &m);
    let (_, k_bar, v_bar, _) = pullback(&[[1.0]; 2]);
    assert_eq!((k_bar, v_bar), ([[0.0]; 2], [[2.0], [0.0]]));
    check::exactly::<Causal<Gf>, Causal<Dual<Gf>>>();
}

/// A zero that was not chosen has a derivative of its own: second derivatives are whole.
#[test]
fn second_derivatives_of_zeros_that_are_chosen() {
    model! { Cube: [1] -> [1] { relu, |v| v * v * v, slice(0..1) } Square(x: [1]) -> [] { h = relu(x - 1), sum(h * h) } }
    let net = Square::<Dual<f64>>::zeros();
    let x = [Dual { re: 2.0, eps: 1.0 }];
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&Dual { re: 1.0, eps: 0.0 })[0].eps, 2.0);
    let _ = Cube::<f64>::zeros();
    // A cotangent that happens to be 0 and changes.
    let (zero, one) = (Dual { re: 0.0, eps: 1.0 }, Dual { re: 3.0, eps: 0.0 });
    let product = zero.mul_strong(one);
    assert_eq!((product.re, product.eps), (0.0, 3.0));
}

/// Scores that are lower than any that is put in the place of what is not looked at.
#[test]
fn a_low_score_is_looked_at() {
    model! {
        Causal(q: [2, 1], k: [2, 1], v: [2, 1]) -> [2, 1] { scaled_dot_product_attention(q, k, v, causal = true) }
        Masked(q: [2, 1], k: [2, 1], v: [2, 1], m: [2, 2]) -> [2, 1] { scaled_dot_product_attention(q, k, v, m) }
    }
    let (q, k, v) = ([[1e17f32], [1.0]], [[-1e17], [1.0]], [[3.0], [5.0]]);
    let m = [[1.0, 0.0], [0.0, 1.0]];
    let net = Causal::<f32>::zeros();
    let (y, pullback) = net.vjp_inputs(&q, &k, &v);
    assert_eq!(y, [[3.0], [5.0]]);
    assert_eq!(pullback(&[[1.0], [1.0]]).2, [[1.0], [1.0]]);
    let zero = [[0.0]; 2];
    assert_eq!(net.jvp(&q, &k, &v, &zero, &zero, &[[1.0], [1.0]]).1, [[1.0], [1.0]]);
    assert_eq!(Masked::<f32>::zeros().forward(&q, &k, &v, &m), [[3.0], [5.0]]);
}

/// Queries in several blocks, of which the last is filled up: what fills it looks at nothing that is hidden from all.
#[test]
fn what_fills_a_block_looks_at_nothing() {
    model! {
        Causal(q: [130, 1], k: [150, 1], v: [150, 1]) -> [130, 1] { scaled_dot_product_attention(q, k, v, causal = true) }
        Added(q: [130, 1], k: [3, 1], v: [3, 1], m: [130, 3]) -> [130, 1] {
            scaled_dot_product_attention(q, k, v, m, additive = true)
        }
    }
    let q = [[0.5f32]; 130];
    let mut k = [[1.0]; 150];
    k[140] = [f32::INFINITY];
    let net = Causal::<f32>::zeros();
    let (y, pullback) = net.vjp_inputs(&q, &k, &[[1.0]; 150]);
    assert!(y.iter().all(|y| (y[0] - 1.0).abs() < 1e-5), "{y:?}");
    let (_, _, v_bar) = pullback(&[[1.0]; 130]);
    let mass: f32 = v_bar.iter().map(|v| v[0]).sum();
    assert!((mass - 130.0).abs() < 1e-3, "{v_bar:?}");

    let net = Added::<f32>::zeros();
    let m = [[0.0, 0.0, f32::NEG_INFINITY]; 130];
    let (_, pullback) = net.vjp_inputs(&q, &[[1.0], [1.0], [f32::INFINITY]], &[[1.0]; 3], &m);
    let (_, _, v_bar, _) = pullback(&[[1.0]; 130]);
    assert!((v_bar[0][0] - 65.0).abs() < 1e-3 && v_bar[2] == [0.0], "{v_bar:?}");
}
