use pullback::model;

model! {
    /// One input.
    pub Inner(x: [4, 8]) -> [4, 8] {
        linear -> [4, 8],
    }

    /// Two inputs, one of them an index.
    pub Loss(x: [8], label: index(8)) -> [] {
        cross_entropy(x, label),
    }

    pub WrongShape: [4, 6] -> [4, 6] {
        Inner,
    }

    pub WrongRank: [8] -> [8] {
        inner = Inner -> [8],
    }

    pub WrongArrow: [4, 8] -> [4, 6] {
        Inner -> [4, 6],
    }

    pub Missing(a: [8], b: [8]) -> [] {
        Loss(a),
    }

    pub NotAnIndex(a: [8], b: [8]) -> [] {
        Loss(a, b),
    }

    pub Surplus(x: [4, 8]) -> [4, 8] {
        Inner(x, x),
    }

    pub Option(x: [4, 8]) -> [4, 8] {
        Inner(x = x),
    }

    pub NotGeneric(x: [4, 8]) -> [4, 8] {
        Inner<4, 8>,
    }

    pub Uneven(x: [4, 8]) -> [4, 9] {
        [linear -> [4, 9]; 3],
    }

    pub Repeated(x: [4, 8]) -> [4, 8] {
        [Inner; N],
    }

    pub Capital(x: [4, 8]) -> [4, 8] {
        ReLU,
    }

    pub Part(x: [4, 8]) -> [4, 8] {
        x + Inner(x),
    }
}

const N: usize = 3;

fn main() {}
