//! What is large: 50 million parameters on a thread with a stack of 2 MB, 200 steps, and chains of functions
//! over more numbers than are worked on at once.

use pullback::{loss, model};
use rand::{SeedableRng, rngs::SmallRng};
use std::thread;

model! {
    Wide: [5000] -> [10] {
        first = linear -> [5000],
        tanh,
        second = linear -> [5000],
        relu,
        last = linear -> [10],
    }
}

const STACK: usize = 2 << 20;
const TARGET: [f32; 10] = [0.5; 10];

#[test]
fn parameters_are_never_on_the_stack() {
    const { assert!(Wide::<f32>::PARAMS > 50_000_000) }
    let run = || {
        // The same sample twice, so that the mean over the batch is what one gives.
        let x: [[f32; 5000]; 2] = [core::array::from_fn(|i| (i % 13) as f32 / 13.0); 2];

        let net = Wide::<f32>::init(&mut SmallRng::seed_from_u64(1));
        let mut grad = Wide::<f32>::zeros();
        let y = net.forward(&x[0]);
        assert_eq!(grad.last.bias, [0.0; 10]);
        assert!(y.iter().all(|y| y.is_finite() && *y != 0.0));

        let (first, one) = net.value_and_grad(&x[0], |y| loss::mse(y, &TARGET));
        let (expected, cotangent) = loss::mse(&y, &TARGET);
        assert!((first - expected).abs() <= 1e-5);
        for (a, b) in one.last.bias.iter().zip(&cotangent) {
            assert!((a - b).abs() <= 1e-5);
        }
        assert!(one.first.weight[4999].iter().any(|x| *x != 0.0));
        drop(one);

        let mut ws = Wide::<f32>::workspace();
        let batch = |_: usize, y: &[f32; 10]| loss::mse(y, &TARGET);
        let mean = net.value_and_grad_batch(&x, batch, &mut grad, &mut ws);
        assert!((mean - first).abs() <= 1e-5);
        for (a, b) in grad.last.bias.iter().zip(&cotangent) {
            assert!((a - b).abs() <= 1e-5);
        }
        assert!(grad.first.weight[4999].iter().any(|x| *x != 0.0));
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread can be made");
    thread.join().expect("2 MB of stack are enough");
}

/// Ten times ten layers, each followed by an activation.
macro_rules! deep {
    ($($steps:tt)*) => {
        model! {
            /// 200 steps.
            pub(crate) Deep: [2] -> [2] {
                $($steps)* $($steps)* $($steps)* $($steps)* $($steps)*
                $($steps)* $($steps)* $($steps)* $($steps)* $($steps)*
            }
        }
    };
}

deep! {
    linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh,
    linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh, linear -> [2], tanh,
}

#[test]
fn a_model_of_two_hundred_steps_compiles_and_runs() {
    let mut net = Deep::<f64>::zeros();
    net.linear100.bias = [1.0, -1.0];
    let [up, down] = net.forward(&[0.5, 0.5]);
    assert!((up - 1f64.tanh()).abs() < 1e-15 && down == -up, "{up} {down}");
    assert_eq!(Deep::<f64>::PARAMS, 600);
}

model! {
    /// Long functions run block by block, and these are several blocks and a part of one.
    Chain: [1501] -> [1501] { tanh, softplus, sigmoid }

    First: [1501] -> [1501] { tanh }
    Second: [1501] -> [1501] { softplus }
    Third: [1501] -> [1501] { sigmoid }
}

/// The chain and its derivatives are those of its functions, one after the other.
macro_rules! chain_is_its_functions {
    ($T:ident, $bound:literal) => {{
        let x: [$T; 1501] = core::array::from_fn(|i| (i as $T * 0.618).sin() * 3.0);
        let c: [$T; 1501] = core::array::from_fn(|i| (i as $T * 0.377).cos());
        let chain = Chain::<$T>::zeros();
        let (first, second, third) =
            (First::<$T>::zeros(), Second::<$T>::zeros(), Third::<$T>::zeros());
        let near = |a: &[$T; 1501], b: &[$T; 1501]| {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                assert!((a - b).abs() <= $bound, "{i}: {a} {b}");
            }
        };

        let (u, u_dot) = first.jvp(&x, &c);
        let (v, v_dot) = second.jvp(&u, &u_dot);
        let (y, y_dot) = third.jvp(&v, &v_dot);
        near(&chain.forward(&x), &y);
        let both = chain.jvp(&x, &c);
        near(&both.0, &y);
        near(&both.1, &y_dot);
        // Every function is one of single numbers: the VJP is the JVP.
        let (value, pullback) = chain.vjp_inputs(&x);
        near(&value, &y);
        near(&pullback(&c), &y_dot);
    }};
}

#[test]
fn chains_over_many_numbers() {
    chain_is_its_functions!(f32, 1e-6);
    chain_is_its_functions!(f64, 1e-15);
}

/// So many that they come from memory, and the next block is asked for while one is worked on.
#[test]
fn chains_over_more_than_caches_hold() {
    let x: Vec<[f64; 1501]> =
        (0..350).map(|i| core::array::from_fn(|j| ((i * 1501 + j) as f64 * 0.618).sin())).collect();
    let chain = Chain::<f64>::zeros();
    let mut y = vec![[0.0; 1501]; 350];
    chain.forward_batch(&x, &mut y, &mut Chain::workspace());
    for i in [0, 1, 100, 349] {
        let single = chain.forward(&x[i]);
        assert!(y[i].iter().zip(&single).all(|(a, b)| (a - b).abs() < 1e-15), "{i}");
    }
}
