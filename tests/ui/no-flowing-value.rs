use pullback::model;

model! {
    pub Several(a: [3], b: [3]) -> [3] {
        linear -> [3],
    }

    pub Closure(a: [3], b: [3]) -> [3] {
        |u, v| u * v,
    }

    pub Parts(a: [3], b: [3]) -> [3] {
        tanh(a * b),
        (u, v, w) = split,
    }
}

fn main() {}
