//! Nothing that the user has in scope is captured or shadowed by what a model becomes, whatever its name.

#![allow(
    non_upper_case_globals,
    non_camel_case_types,
    unused_imports,
    reason = "names as locals have them"
)]

/// Every name that occurs in the expansions is a unit struct here: a type and a value that no pattern may
/// shadow.
mod taken {
    ::pullback::hostile_scope! {
        pub Net(X: [2, 3], h: [3], label: index(3), tokens: [2] of index(4)) -> [] {
            fc = linear(X) -> [2, 3],
            table = embedding(tokens) -> [2, 3],
            a = tanh(fc + h) + table,
            b = scan(a, s: [3] = h) { s <- sigmoid(a + s) },
            c = layer_norm(b),
            d = where(gt(c, 0), c, exp(c)),
            e = { linear(d) -> [2, 3], |v| v * v + 1 },
            f = softmax(e),
            mean(f, axes = 0),
            cross_entropy(label),
        }
        pub Trained: [4, 5, 5] -> [2] {
            conv2d(3, padding = 1) -> [4, 5, 5],
            bn = batch_norm,
            dropout(0.5),
            max_pool2d(2, stride = 1),
            flatten,
            linear -> [2],
        }
        pub Pair(a: [2], b: [2]) -> [2, 2] {
            q = outer(a, b),
            k = tanh,
            scaled_dot_product_attention(q, k, q, causal = true),
        }
    }
}

/// Constants and statics of any case with the names of parameters and locals; sizes among them.
mod constants {
    #![allow(dead_code, reason = "they are in the way")]
    pub(crate) const ws: usize = 3;
    pub(crate) const x: usize = 2;
    pub(crate) static y: f64 = 1.0;
    pub(crate) const h: f64 = 0.25;
    pub(crate) const grad: &str = "";
    pub(crate) const inputs: u8 = 1;
    pub(crate) static dy: () = ();
    pub(crate) const N: usize = 4;
    pub(crate) const T: usize = 5;
    pub(crate) struct loss;
    pub(crate) enum Choice {
        io,
        tile,
    }
    pub(crate) use Choice::{io, tile};
    ::pullback::model! {
        pub Sized(h: [x, ws]) -> [T] { flatten, linear -> [N], scale(0.25), linear -> [T] }
    }
}

#[test]
fn models_run_there() {
    use pullback::{Index, Key};
    let [one, two] = [1, 2].map(|i| Index::<3>::new(i).unwrap());
    let tokens = [Index::<4>::new(3).unwrap(); 2];
    let net = taken::Net::<f64>::zeros();
    let y = net.forward(&[[1.0; 3]; 2], &[0.5; 3], &one, &tokens);
    assert!((y - net.forward(&[[1.0; 3]; 2], &[0.5; 3], &two, &tokens)).abs() < 1e-12);
    let (trained, mut state) = (taken::Trained::<f64>::zeros(), taken::TrainedState::new());
    let mut out = [[0.0; 2]; 2];
    let mut ws = taken::TrainedTraining::workspace(2);
    let x = [[[[1.0; 5]; 5]; 4]; 2];
    trained.training().forward_batch(&x, &mut state, Key::new(1), &mut out, &mut ws);
    assert_eq!(out, [[0.0; 2]; 2]);
    let z = constants::Sized::<f64>::zeros().forward(&[[1.0; 3]; 2]);
    assert_eq!(z, [0.0; 5]);
}
