use pullback::model;

model! {
    pub Misspelt(x: [4]) -> [2, 4] {
        up = linear -> [2],
        down = linear -> [4],
        matmul(up, transpose(up.wieght)),
    }

    pub Whole(x: [4]) -> [2] {
        up = linear -> [2],
        up * up.parameters.weight,
    }

    pub Step(x: [4]) -> [2] {
        up = linear -> [2],
        up * up.weight.first,
    }

    pub Without(x: [4]) -> [4] {
        y = tanh(x),
        y * x.weight,
    }

    pub Method(x: [4]) -> [4] {
        y = square(x),
        y + x.tanh,
    }

    pub Block(x: [4]) -> [4] {
        inner = { fc = linear -> [4], tanh },
        matmul(inner, inner.fc),
    }

    pub Early(x: [4]) -> [4] {
        let f = linear -> [4],
        y = matmul(x, f.weight),
        f(y),
    }

    pub Shapeless(x: [4]) -> [4] {
        at = parameter,
        x + at,
    }

    pub Unlike(x: [4]) -> [4] {
        up = linear -> [2],
        x + up.weight,
    }
}

fn main() {}
