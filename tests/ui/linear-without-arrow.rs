use pullback::model;

model! {
    pub Vector: [64] -> [10] {
        fc = linear,
    }

    pub Sequence: [7, 64] -> [7, 10] {
        linear,
    }

    pub Inside(x: [64]) -> [64] {
        x + linear(x),
    }
}

fn main() {}
