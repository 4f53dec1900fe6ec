//! Whole networks against PyTorch.

use crate::laws::reference::{compare, find};
use pullback::model;
use rand::SeedableRng;
use rand::rngs::SmallRng;

macro_rules! networks {
    ($($name:ident $Model:ident { $($model:tt)* })*) => {
        model! { $(#[doc = "A network of `models.json`."] pub(crate) $Model $($model)*)* }
        $(#[test]
        fn $name() {
            let cases = find(include_str!("../reference/models.json"), stringify!($name));
            assert_eq!(cases.len(), 1);
            compare::<$Model<f64>>(&cases[0]);
        })*
    };
}

networks! {
    mlp Mlp { (x: [6]) -> [4] { linear -> [16], tanh, linear -> [16], gelu, linear -> [4] } }
    residual Residual { (x: [8]) -> [4] {
        h = linear -> [8], skip = x + silu(h), linear -> [12], m = reshape -> [3, 4],
        gram = matmul(m, transpose(m)), tanh, flatten, out = linear -> [4], out + slice(skip, 2..6)
    } }
    siamese Siamese { (a: [5], b: [5]) -> [] {
        let encode = { linear -> [7], tanh, linear -> [4] },
        u = encode(a), v = encode(b), sigmoid(matmul(u, v) - mean(square(u - v)))
    } }
    attention Attention { (x: [4, 6]) -> [4, 6] {
        q = linear(bias = false) -> [4, 6], k = linear(x, bias = false) -> [4, 6], v = linear(x) -> [4, 6],
        scores = matmul(q, transpose(k)), scale(0.4), weights = softmax, mixed = matmul(weights, v),
        out = linear -> [4, 6], x + out
    } }
    classifier Classifier { (x: [8], label: index(5)) -> [] {
        hidden = linear(x) -> [12], relu, logits = linear -> [5], cross_entropy(logits, label)
    } }
    tokens Tokens { (text: [5] of index(7), class: [2] of index(3), x: [7]) -> [] {
        e = embedding(slice(text, 0..4)) -> [4, 6], c = embedding(class) -> [2, 6], both = concat(e, c), gelu,
        linear -> [6, 7], logits = slice(0..4), picked = gather(x, text),
        cross_entropy(logits + x, slice(text, 1..5)) + mean(square(picked))
    } }
    reader Reader { (text: [4] of index(5), gate: [4] of index(3), x: [3]) -> [4, 3] {
        scan(text, gate, h: [3] = x) {
            e = embedding(text) -> [3], a = linear -> [3], b = linear(h, bias = false) -> [3], next = tanh(a + b),
            h <- next, next * index_select(next, gate)
        }
    } }
    layout Layout { (x: [12], z: [2, 3]) -> [4, 3] {
        (a, b) = split(x), m = reshape(a) -> [2, 3], concat(m, z, axis = 1), permute(1, 0), linear -> [6, 4],
        softplus, slice(1..5), reshape -> [2, 2, 4], permute(2, 0, 1), middle = flatten,
        concat(middle, sin(b), a * b), reshape -> [4, _], linear(bias = false) -> [4, 3]
    } }
}

model! {
    /// Magnitudes of columns, and of kernels.
    pub(crate) Directions(x: [4, 5], z: [2, 6]) -> [] {
        fc = linear(x, weight_norm = true) -> [4, 3],
        conv = conv1d(z, kernel = 2, weight_norm = true) -> [4, 5],
        sum(fc) + sum(conv),
    }
}

/// So the weight begins as `weight_v`.
#[test]
fn magnitudes_begin_as_lengths() {
    let net = Directions::<f64>::init(&mut SmallRng::seed_from_u64(4));
    for (i, g) in net.fc.weight_g.iter().enumerate() {
        let square: f64 = net.fc.weight_v.iter().map(|row| row[i] * row[i]).sum();
        assert!(square > 0.0 && (g * g - square).abs() < 1e-14, "{g}");
    }
    for (kernel, g) in net.conv.weight_v.iter().zip(&net.conv.weight_g) {
        let square: f64 = kernel.as_flattened().iter().map(|x| x * x).sum();
        assert!(square > 0.0 && (g * g - square).abs() < 1e-14, "{g}");
    }
}
