//! Ops where they are a matter of convention, by hand: what the documentation says where PyTorch has another convention or
//! none, and products by masks. What PyTorch has at ties, zeros, thresholds and the like is compared with it in the
//! compiler's own tests (`macros/src/suites`).

use pullback::{Index, Key, model};

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

/// Products by masks are products, of every comparison: `0 · NaN` and `0 · ∞` are NaN, forward and in the derivatives, as in
/// PyTorch. `where` chooses.
macro_rules! masks {
    ($($name:ident $Model:ident $op:ident $held:literal $unheld:literal;)*) => {
        model! { $(#[doc = "A product by a mask."] $Model(a: [1], y: [1]) -> [1] { $op(a, 1.0) * y })* }
        $(#[test]
        fn $name() {
            let net = $Model::<f64>::zeros();
            let forward = |a: f64, y: f64| net.forward(&[a], &[y])[0];
            assert_eq!(forward($held, 3.0), 3.0);
            assert_eq!(forward($unheld, 3.0), 0.0);
            for infinite in [f64::NAN, f64::INFINITY] {
                assert!(forward($unheld, infinite).is_nan(), "0 · {infinite}");
                let (a, y) = ([$unheld], [3.0]);
                let (_, tangent) = net.jvp(&a, &y, &[0.0], &[infinite]);
                assert!(tangent[0].is_nan(), "jvp: 0 · {infinite}");
                let (_, pullback) = net.vjp_inputs(&a, &y);
                let (of_mask, of_y) = pullback(&[infinite]);
                assert!(of_y[0].is_nan(), "vjp: 0 · {infinite}");
                assert_eq!(of_mask, [0.0], "the choice has no derivative");
            }
        })*
    };
}

masks! {
    gt Gt gt 2.0 1.0;
    lt Lt lt 0.0 1.0;
    ge Ge ge 1.0 0.0;
    le Le le 1.0 2.0;
    eq Eq eq 1.0 2.0;
    ne Ne ne 2.0 1.0;
}

model! {
    /// A choice by a mask.
    Where(a: [1], y: [1]) -> [1] { where(gt(a, 1), y, 0) }
}

#[test]
fn where_chooses() {
    let net = Where::<f64>::zeros();
    assert_eq!(net.forward(&[1.0], &[f64::NAN]), [0.0]);
    assert_eq!(net.forward(&[2.0], &[3.0]), [3.0]);
}
