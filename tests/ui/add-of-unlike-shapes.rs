use pullback::model;

model! {
    pub Operator(x: [64]) -> [64] {
        h = linear -> [32],
        x + h,
    }

    pub Named(a: [2, 3], b: [2, 4]) -> [2, 3] {
        add(a, b),
    }

    pub Flowing(a: [2, 3], b: [2, 4]) -> [2, 3] {
        tanh(a),
        add(b),
    }

    pub Column(a: [2, 3], b: [2]) -> [2, 3] {
        a - b,
    }

    pub SameSize(image: [4, 4], row: [16]) -> [4, 4] {
        image * row,
    }

    pub Nested(a: [3], b: [4], c: [3]) -> [3] {
        c * tanh(a - b),
    }
}

fn main() {}
