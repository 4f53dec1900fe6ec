use pullback::model;

model! {
    pub Value(a: [3], b: [3]) -> [3] {
        add(a),
    }

    pub Flow(a: [3], b: [3]) -> [3] {
        relu,
    }

    pub Option: [3] -> [3] {
        scale,
    }

    pub Two: [3] -> [3] {
        clamp(0.0),
    }

    pub Exponent: [3] -> [3] {
        pow,
    }

    pub Numbers: [3] -> [3] {
        pow(2, 3),
    }

    pub Inside(x: [3]) -> [3] {
        x + tanh(),
    }

    pub Range: [3] -> [2] {
        slice,
    }

    pub Closure(a: [3], b: [3]) -> [3] {
        let gate = |u, v| u * sigmoid(v),
        x = tanh(a),
        y = x * b,
        gate(a) + y,
    }
}

fn main() {}
