use pullback::model;

model! {
    pub Value(a: [3], b: [3], c: [3]) -> [3] {
        tanh(a, b),
        add(a, b, c),
    }

    pub Number: [3] -> [3] {
        tanh(2),
    }

    pub Option: [3] -> [3] {
        leaky_relu(0.1, 0.2),
    }

    pub Shared(a: [3], b: [3]) -> [3] {
        let f = { tanh },
        f(a, b),
    }
}

fn main() {}
