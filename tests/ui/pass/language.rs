//! Every part of the language, in one program that warns of nothing.
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    warnings,
    unused,
    unreachable_pub,
    missing_debug_implementations,
    non_camel_case_types
)]

use pullback::{Index, Model, model};

/// The width of `Widths`.
pub const WIDTH: usize = 6;
const SLOPE: f64 = 0.25;

/// Constants of another module.
pub mod config {
    /// The hidden width.
    pub const HIDDEN: usize = 8;
    pub(crate) const HALF: f64 = 0.5;
}

model! {
    /// A chain of ops, with and without names, domains and arrows.
    pub Chain: [2, 3] -> [4] {
        flatten: [2, 3] -> [6],
        fc1 = linear -> [8],
        leaky_relu(0.1),
        fc2 = linear: [8] -> [5],
        tanh,
        linear(bias = false): [_] -> [4],
        log_softmax(axis = -1),
    }

    /// Several inputs with names, named values and expressions.
    pub(crate) Several(a: [3], b: [3], scale: []) -> [3] {
        sum_ = a + b,
        gate = sigmoid(sum_),
        -gate * a + (1 - gate) * b / 2.0 + 1e-3 - scale * SLOPE,
        h = tanh,
        h * config::HALF + maximum(a, 0),
    }

    /// Shared ops, blocks and closures.
    Shared(a: [4], b: [4]) -> [] {
        let encode = { linear -> [6], tanh, inner = { linear -> [3], relu } },
        let head = linear: [3] -> [2],
        let swish = |v| v * sigmoid(1.702 * v),
        let mix = |u, v| 0.5 * u + 0.5 * v,
        let rms = { square, mean(axes = 0), sqrt },
        u = encode(a),
        v = encode(b),
        head(u),
        p = swish,
        q = swish(head(v)),
        mix(p, q),
        rms,
    }

    /// A block that shares inside, applied twice.
    Nested(a: [4], b: [4]) -> [4] {
        let twice = {
            let f = linear -> [4],
            f,
            tanh,
            f,
            last = linear -> [4],
        },
        u = twice(a),
        u + twice(b),
    }

    /// Blocks with and without names; the same step name in each.
    Blocks: [4] -> [2] {
        first = {
            fc = linear -> [5],
            relu,
            inner = { fc = linear -> [4], tanh } -> [4],
        },
        second = { fc = linear -> [3] }: [4] -> [3],
        { linear -> [3], |v| v * v },
        linear -> [2],
    }

    /// Names that are close together.
    Names: [2] -> [2] {
        fc1 = linear -> [2],
        fc_1 = linear -> [2],
        fc = { _1 = linear -> [2], r#type = linear -> [2] },
        r#fn = linear -> [2],
    }

    /// Dimensions that are constants, and arithmetic on them.
    pub Widths(x: [2, WIDTH]) -> [2, WIDTH] {
        up = linear -> [2, 4 * WIDTH],
        gelu_tanh,
        mid = linear -> [2, config::HIDDEN],
        down = linear -> [_, WIDTH],
        x + down,
        reshape -> [_, 2],
        reshape -> [WIDTH * 3 - 2 * WIDTH, 4 / 2],
        flatten -> [_],
        reshape -> [4 % 3 + 1, WIDTH],
    }

    /// Parts of a value, and layout.
    Layout(x: [2, 6], y: [2, 1]) -> [4, 3] {
        (a, b, c) = split(x, axis = 1),
        ab = concat(a, b, axis = 1),
        row = slice(x, 0..1),
        columns = slice(x, 2..4, axis = -1),
        all = transpose(concat(ab, columns, axis = 1)),
        permute(concat(x, row), [1, 0]),
        transpose(0, 1),
        full = amax(axes = [0], keepdim = true),
        wide = broadcast(y) -> [2, 6],
        product = matmul(wide, all),
        product * c + sum(full) + mean(ab, 1, true),
        concat(product, axis = 0),
        last = sum(axes = -1),
        broadcast(last) -> [3, 4],
        transpose,
    }

    /// An input that is an integer, and a loss as the result.
    Loss(x: [5], label: index(3)) -> [] {
        let head = linear -> [3],
        cross_entropy(head(x), label),
    }

    /// Only an integer.
    Embedding(token: index(WIDTH)) -> [4] {
        embedding(token) -> [4],
    }

    /// No parameters, no steps but a value.
    Identity(x: [3]) -> [3] {
        x,
    }

    /// Inputs with the names of things that the generated code uses.
    Shadow(self_: [2], y: [2], ws: [2], grad: [2], tile: [2], n: [2], x: [2], d_x: [2]) -> [2] {
        self_ + y + ws + grad + tile + n + x + d_x,
    }
}

fn main() {
    let chain = Chain::<f64>::zeros();
    assert_eq!(chain.forward(&[[1.0; 3]; 2]), [-(4.0f64.ln()); 4]);
    assert_eq!(chain.fc1.weight.len() * chain.fc1.weight[0].len(), 48);
    assert_eq!(Chain::<f32>::PARAMS, 48 + 8 + 40 + 5 + 20);
    assert_eq!(chain.linear1.weight, [[0.0; 4]; 5]);

    let _ = Several::<f32>::zeros().forward(&[1.0; 3], &[2.0; 3], &0.5);

    let names: Vec<&str> = Shared::<f32>::PARAM_INFO.iter().map(|info| info.name).collect();
    assert_eq!(
        names,
        [
            "encode.linear1.weight",
            "encode.linear1.bias",
            "encode.inner.linear1.weight",
            "encode.inner.linear1.bias",
            "head.weight",
            "head.bias"
        ]
    );
    assert_eq!(Nested::<f32>::PARAMS, 2 * (16 + 4));
    let mut nested = Nested::<f64>::zeros();
    nested.twice.last.bias = [1.0; 4];
    assert_eq!(nested.forward(&[1.0; 4], &[2.0; 4]), [2.0; 4]);

    let mut blocks = Blocks::<f32>::zeros();
    blocks.first.fc.bias[4] = 1.0;
    blocks.first.inner.fc.weight[4][3] = 1.0;
    blocks.second.fc.bias[2] = 1.0;
    blocks.linear1.bias[0] = 1.0;
    blocks.linear2.bias[1] = 2.0;
    assert_eq!(blocks.forward(&[0.0; 4]), [0.0, 2.0]);

    let mut near = Names::<f32>::zeros();
    (near.fc1.bias[0], near.fc_1.bias[0], near.fc._1.bias[0], near.fc.r#type.bias[0]) =
        (1.0, 2.0, 3.0, 4.0);
    near.r#fn.bias[1] = 5.0;
    assert_eq!(near.forward(&[0.0; 2]), [0.0, 5.0]);

    assert_eq!(Widths::<f32>::zeros().forward(&[[3.0; WIDTH]; 2]), [[3.0; WIDTH]; 2]);
    assert_eq!(Layout::<f32>::zeros().forward(&[[1.0; 6]; 2], &[[1.0]; 2]).len(), 4);

    let loss = Loss::<f64>::zeros();
    let label = Index::<3>::new(2).expect("below 3");
    let (value, _) = loss.value_and_grad(&[1.0; 5], &label);
    assert!((value - 3.0f64.ln()).abs() < 1e-15);
    let token = Index::<WIDTH>::new(1).expect("below the width");
    assert_eq!(Embedding::<f32>::zeros().forward(&token), [0.0; 4]);

    assert_eq!(Identity::<f32>::zeros().forward(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
    let one = &[1.0; 2];
    assert_eq!(Shadow::<f32>::zeros().forward(one, one, one, one, one, one, one, one), [8.0; 2]);
}
