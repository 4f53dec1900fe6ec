//! What random models have found, and what was found on the way: each failed once.

pub const FOUND: &[&str] = &[
    // A double negation that folds to a value inside an op.
    "M(x: [3]) -> [3] { log_sigmoid, neg }",
    // A sum that is written as one concatenation, or as one overlap.
    "M(x: [1, 3], y: [1, 2]) -> [1, 5] {
        p = constant_pad1d(x, [0, 2]), q = constant_pad1d(y, [3, 0]), p + q
    }",
    "M(x: [2, 3, 3], y: [2, 3, 3]) -> [1, 6, 6] {
        u = conv_transpose2d(x, 2, stride = 2) -> [1, 6, 6], v = conv_transpose2d(y, 2, stride = 2) -> [1, 6, 6], u + v
    }",
    // A user's op of an array that is another shape of a repeated one.
    "M(x0: []) -> [3] {
        v0 = reshape(x0) -> [1],
        v1 = repeat(v0, [2]),
        v5 = repeat(v1, [2]),
        v6 = reshape(v5) -> [2, 2],
        v6, v7 = Mine {} -> [3],
        v8 = reshape(v6) -> [4],
        v9 = repeat(v8, [2]),
        v10 = slice(v9, 0..6),
        v7 + 0.5 * sum(v10)
    }",
    // A minimum that folds to what was there before one of its arguments.
    "M(b: [3]) -> [3] {
        p = tanh(b), m = maximum(p, neg(b)), v = neg(m), a = neg(p), y = minimum(a, b), v + y
    }",
    // Equal values, one of which is held constant: dual numbers take the derivative of the second.
    "M(x: [4]) -> [2, 3] {
        r = repeat(x, [3]), v = reshape(r) -> [2, 6], v, h = stop_gradient, f = reshape(h) -> [12], s = slice(f, 1..4),
        p = max_pool1d(v, 2), maximum(p, s)
    }",
    // The magnitude of a difference that is 0, of a value and itself held constant: dual numbers take one side of the kink.
    "M(x: [3]) -> [1, 1] { h = stop_gradient, a = reshape(x) -> [1, 3], b = reshape(h) -> [1, 3], cdist(a, b, p = 1) }",
    // A power of exactly 0, to which dual numbers gave the logarithm of 0.
    "M(x: [3], r: [3]) -> [3] { more = x + 1, one = more - x, zero = one - 1, pow(zero, r) }",
    // Nothing but views, which strides cannot express.
    "M(x: [3]) -> [4, 2, 3] { repeat([8]), reshape -> [2, 3, 4], permute(2, 0, 1) }",
];
