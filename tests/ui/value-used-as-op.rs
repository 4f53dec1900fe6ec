use pullback::model;

model! {
    pub Call(x: [3], gate: [3]) -> [3] {
        gate(x),
    }

    pub Step(x: [3]) -> [3] {
        h = linear -> [3],
        x * h(x),
    }
}

fn main() {}
