//! Steps whose parameters would never get a gradient.

use pullback::model;

model! {
    pub Named(x: [3]) -> [3] {
        unused = linear(x) -> [48],
        tanh(x),
    }

    pub Unnamed(x: [3]) -> [3] {
        linear -> [48],
        tanh(x),
    }

    pub Block(x: [3]) -> [3] {
        side = { linear -> [4], tanh, linear -> [3] },
        inner = { y = linear(x) -> [3], x + x },
        inner * 2,
    }

    pub Shared(x: [3]) -> [3] {
        let f = linear -> [3],
        f(x),
        x * 2,
    }

    pub Steps: [5, 3] -> [5, 3] {
        scan(h: [3]) { z = linear -> [3], side = linear -> [2], h <- tanh(z + h) }
    }

    pub Generic<D>(x: [D]) -> [D] {
        side = linear(x) -> [2 * D],
        x * 2,
    }

    pub Inner: [3] -> [3] { linear -> [3] }
    pub Outer(x: [3]) -> [3] { a = Inner(x), b = Inner(x), a }
}

fn main() {}
