//! A zoo of models: chains, skips, sharing, several inputs, expressions, closures, blocks, constants.
//! Other tests use it as a module.
#![allow(dead_code, unused_macros, unused_imports, reason = "each test uses a part of the zoo")]

use pullback::model;

/// Width of a hidden layer.
pub(crate) const WIDTH: usize = 3;
/// Tokens of a sequence.
pub(crate) const TOKENS: usize = 4;
/// Different tokens.
pub(crate) const VOCAB: usize = 5;
/// So many that attention takes them block by block, which only rustc knows.
pub(crate) const MANY: usize = 130;
/// A slope.
pub(crate) const SLOPE: f64 = 0.25;

model! {
    /// One layer.
    pub(crate) Affine: [3] -> [2] { linear -> [2] }

    /// A chain.
    pub(crate) Mlp: [4] -> [3] {
        fc1 = linear -> [6],
        tanh,
        fc2 = linear: [6] -> [5],
        relu,
        fc3 = linear -> [3],
    }

    /// No parameters at all.
    pub(crate) Chain: [5] -> [5] { gelu_tanh, tanh, softplus, silu }

    /// A skip connection and a scaled one.
    pub(crate) Residual(x: [4]) -> [4] {
        h = linear -> [4],
        gelu,
        g = linear -> [4],
        x + 0.5 * h + g,
        relu,
    }

    /// Two inputs and one shared encoder.
    pub(crate) Distance(a: [4], b: [4]) -> [] {
        let encode = { linear -> [5], tanh, linear -> [2] },
        u = encode(a),
        v = encode(b),
        sum(square(u - v)),
    }

    /// A layer used three times.
    pub(crate) Shared: [4] -> [4] {
        let layer = linear -> [4],
        layer,
        tanh,
        layer,
        layer,
    }

    /// Closures, named and not.
    pub(crate) Closures(x: [3], y: [3]) -> [3] {
        let gate = |u, v| u * sigmoid(1.702 * v),
        g = gate(x, y),
        h = gate(g, x),
        h,
        |v| v * v / (1.0 + v * v),
    }

    /// Linear layers over the last axis of a matrix, and a reduction.
    pub(crate) Tokens(x: [TOKENS, WIDTH]) -> [WIDTH] {
        up = linear -> [TOKENS, 2 * WIDTH],
        elu,
        down = linear -> [_, WIDTH],
        x + down,
        mean(axes = 0),
    }

    /// Attention without heads.
    pub(crate) Attention(x: [4, 3]) -> [4, 3] {
        q = linear(x) -> [4, 2],
        k = linear(x) -> [4, 2],
        v = linear(x) -> [4, 3],
        scores = matmul(q, transpose(k)),
        scale(0.7),
        softmax,
        matmul(v),
    }

    /// A classifier that contains its loss.
    pub(crate) Classifier(x: [4], label: index(3)) -> [] {
        linear(x) -> [5],
        mish,
        linear -> [3],
        cross_entropy(label),
    }

    /// Predicts each token from the one before it.
    pub(crate) Language(text: [TOKENS + 1] of index(VOCAB)) -> [] {
        embedding(slice(text, 0..TOKENS), padding_idx = 0) -> [TOKENS, WIDTH],
        linear -> [TOKENS, VOCAB],
        cross_entropy(slice(text, 1..TOKENS + 1)),
    }

    /// One table for what goes in and what comes out, and learned positions.
    pub(crate) Tied: [TOKENS] of index(VOCAB) -> [TOKENS, VOCAB] {
        table = embedding -> [TOKENS, WIDTH],
        at = parameter(std = 0.02) -> [TOKENS, WIDTH],
        h = table + at,
        let twice = { fc = linear -> [TOKENS, WIDTH], tanh, back = matmul(transpose(fc.weight)) },
        twice(h),
        rows = twice,
        scan(rows, h: [WIDTH]) { s = linear(h) -> [WIDTH], h <- tanh(s + rows), matmul(h, transpose(s.weight)) },
        matmul(transpose(table.weight)),
    }

    /// Losses of several kinds.
    pub(crate) Losses(x: [2, 3], t: [2, 3]) -> [] {
        a = mse(x, t),
        b = huber(x, t, delta = 0.5),
        c = bce_with_logits(x, t),
        d = mae(x, t),
        a + 2 * b - c / 3 + d * d,
    }

    /// Taking apart and putting together.
    pub(crate) Layout(x: [2, 6]) -> [3, 4] {
        (a, b) = split(axis = 1),
        c = concat(b, tanh(a), axis = 1),
        permute(c, 1, 0),
        slice(1..5),
        left = reshape -> [2, 4],
        top = slice(x, 0..1, axis = 0),
        reshape(top) -> [6],
        slice(2..6),
        reshape -> [1, 4],
        concat(left, tanh(slice(left, 0..1)) ) -> [3, 4],
    }

    /// Blocks with and without a name.
    pub(crate) Blocks: [3] -> [2] {
        encoder = { linear -> [4], { tanh, linear -> [4] }, head = linear -> [3] },
        { linear -> [3], sigmoid },
        linear -> [2],
    }

    /// Broadcasting and reductions of all kinds.
    pub(crate) Broadcasting(a: [2, 3], b: [3], c: [2, 1]) -> [2] {
        s = a * b + c,
        m = amax(s, axes = 1, keepdim = true),
        d = s - m,
        e = exp(d),
        z = sum(e, axes = 1, keepdim = true),
        p = e / z,
        sum(p * a, axes = 1) - amin(s, axes = 1),
    }

    /// Constants of the surrounding code.
    pub(crate) Constants: [WIDTH] -> [WIDTH * 2] {
        linear -> [WIDTH + 1],
        leaky_relu(SLOPE),
        linear -> [2 * WIDTH],
        |v| SLOPE * v + 1,
    }

    /// A normalised, gated block, all in arithmetic.
    pub(crate) Gated(x: [4]) -> [4] {
        mu = mean(x, keepdim = true),
        d = x - mu,
        v = mean(d * d, keepdim = true),
        n = d / sqrt(v + 1e-5),
        g = linear(n) -> [4],
        h = linear(n) -> [4],
        x + silu(g) * h,
    }

    /// Two states over two sequences, backwards, beginning with a value, with one from outside.
    pub(crate) Scanned(x: [4, 3], y: [4, 2], h0: [3], w: [3]) -> [4, 3] {
        scan(x, y, h: [3] = h0, c: [3], reverse = true) {
            z = concat(x, y),
            f = linear -> [3],
            c <- sigmoid(f) * c + w,
            g = linear(h) -> [3],
            h <- h * 0.5 + tanh(g) * c,
            h * x,
        }
    }

    /// Integers in a loop: those of the step, and the same ones in every step.
    pub(crate) Reader(text: [4] of index(5), every: [2] of index(5), part: [4] of index(2), x: [3], y: [4, 2]) -> [4, 3] {
        scan(text, part, y, h: [3] = x, reverse = true) {
            e = embedding(text, padding_idx = 2) -> [3],
            w = embedding(every) -> [2, 3],
            next = tanh(e * h + sum(w, axes = 0)),
            h <- next,
            one = one_hot(text),
            bias = linear(one) -> [3],
            next * square(next + bias) * index_select(y, part),
        }
    }

    /// A loop in a loop.
    pub(crate) Nested(x: [3, 4, 2]) -> [3, 4, 3] {
        scan(s: [3]) {
            rows = scan(t: [3] = s) { a = linear -> [3], t <- tanh(a) * t + s + a },
            s <- sum(rows, axes = 0),
            rows * 2.0,
        }
    }

    /// The output is the input.
    pub(crate) Same: [3] -> [3] { reshape -> [3] }

    /// The same value twice in the result, and a value used by nothing.
    pub(crate) Twice(x: [3]) -> [6] {
        unused = sum(square(x)),
        y = tanh(x),
        concat(y, y),
    }

    /// Products and what is computed from them, side by side, one below the other, and with their axes turned.
    pub(crate) Placed(x: [2, 3]) -> [3, 22] {
        a = linear(x) -> [2, 4],
        b = tanh(a),
        beside = concat(a, b, x, a, axis = 1),
        below = concat(a, b, a, axis = 0),
        tall = reshape(below) -> [3, 8],
        heads = linear(beside) -> [2, 6],
        cut = reshape(heads) -> [2, 3, 2],
        turned = permute(cut, 1, 0, 2),
        flat = reshape(turned) -> [3, 4],
        mixed = concat(flat, square(flat), axis = 1),
        each = linear(turned) -> [3, 2, 5],
        out = reshape(each) -> [3, 10],
        concat(mixed * tall, flat, out, axis = 1),
    }

    /// Attention to sequences whose length only rustc knows: at once, and block by block.
    pub(crate) Lengths(x: [MANY, 1], y: [TOKENS, 2]) -> [MANY, 2] {
        m = multihead_attention(y, heads = 2),
        keys = slice(m, 0..1, axis = 1),
        scaled_dot_product_attention(x, keys, m, causal = true),
    }

    /// Two layers and a skip connection, of any size.
    pub(crate) FeedForward<T, D>(x: [T, D]) -> [T, D] {
        up = linear -> [T, 2 * D],
        tanh,
        down = linear -> [T, D],
        x + down / D,
    }

    /// Models as ops.
    pub(crate) Block(x: [TOKENS, WIDTH]) -> [TOKENS, WIDTH] {
        attn = Attention,
        h = x + attn,
        ff = FeedForward,
        h * ff,
    }

    /// A row of models, and a row of steps.
    pub(crate) Encoder(x: [TOKENS, WIDTH]) -> [WIDTH] {
        blocks = [Block; 2],
        [{ linear -> [TOKENS, WIDTH], sigmoid }; 2],
        mean(axes = 0),
    }

    /// One model with the same parameters for several values, and one of two inputs.
    pub(crate) Siamese(a: [4], b: [4]) -> [] {
        let encode = Residual,
        u = encode(a),
        v = encode(b),
        far = Distance(u, v),
        near = Distance(u, u + v),
        far - near,
    }

    /// Parameters that are kept as they are, and a value that passes no derivative on.
    pub(crate) Frozen(x: [4]) -> [3] {
        #[frozen]
        base = { linear -> [5], tanh, linear -> [4] },
        #[frozen]
        let shared = linear -> [4],
        u = shared(base),
        head = linear(u) -> [4],
        v = shared(head),
        v * stop_gradient(v) + stop_gradient(head),
        linear -> [3],
    }

    /// Steps that keep nothing for the way back: a row of models, a block, a shared one, one inside another.
    pub(crate) Recomputed(x: [TOKENS, WIDTH]) -> [WIDTH] {
        #[recompute]
        blocks = [Block; 3],
        #[recompute]
        let shared = { linear -> [TOKENS, WIDTH], gelu_tanh, linear -> [TOKENS, WIDTH] },
        u = shared,
        v = shared(u),
        #[recompute]
        outer = { v + u, tanh, #[recompute] inner = { linear -> [TOKENS, 5], silu }, inner * inner },
        linear -> [TOKENS, WIDTH],
        mean(axes = 0),
    }

    /// A loop with a model in its cell, whose steps are computed again.
    pub(crate) Looped(x: [4, 3]) -> [4, 2] {
        scan(x, h: [2]) {
            #[recompute]
            cell = { u = Affine(x), w = linear(h) -> [2], tanh(u) * sigmoid(w) },
            h <- cell + 0.5 * h,
        },
    }

    /// The same, keeping everything.
    pub(crate) Kept(x: [TOKENS, WIDTH]) -> [WIDTH] {
        blocks = [Block; 3],
        let shared = { linear -> [TOKENS, WIDTH], gelu_tanh, linear -> [TOKENS, WIDTH] },
        u = shared,
        v = shared(u),
        outer = { v + u, tanh, inner = { linear -> [TOKENS, 5], silu }, inner * inner },
        linear -> [TOKENS, WIDTH],
        mean(axes = 0),
    }

    /// Values that fold into something inside the op before, or into one array of several ops.
    pub(crate) Folded(x: [1, 3], y: [1, 2]) -> [1, 5] {
        left = constant_pad1d(x, [0, 2]),
        right = constant_pad1d(y, [3, 0]),
        both = left + right,
        log_sigmoid(both),
        u = neg,
        u * both,
    }

    /// A generic model of given sizes.
    pub(crate) Wide = FeedForward<2, 5>;
}

/// Calls a macro with `(name Type algebraic|real)` for every model of the zoo.
macro_rules! zoo_models {
    ($callback:ident) => {
        $callback! {
            (affine Affine algebraic) (mlp Mlp real) (chain Chain real) (residual Residual real)
            (distance Distance real) (shared Shared real) (closures Closures real) (tokens Tokens real)
            (attention Attention real) (classifier Classifier real) (language Language real) (tied Tied real) (losses Losses real)
            (layout Layout real) (blocks Blocks real) (broadcasting Broadcasting real)
            (constants Constants algebraic) (gated Gated real) (scanned Scanned real) (reader Reader real) (nested Nested real)
            (same Same algebraic) (twice Twice real) (placed Placed real) (lengths Lengths real)
            (block Block real) (encoder Encoder real) (siamese Siamese real) (wide Wide real)
            (frozen Frozen real) (recomputed Recomputed real) (kept Kept real)
            (looped Looped real) (folded Folded real)
        }
    };
}
pub(crate) use zoo_models;
