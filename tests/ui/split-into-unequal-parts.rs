use pullback::model;

model! {
    pub Gate: [7] -> [3] {
        (a, b) = split,
        a * b,
    }

    pub Axis: [6, 5] -> [6, 1] {
        (a, b, c) = split(axis = 1),
        a * b * c,
    }

    pub Unnamed: [6] -> [3] {
        half = split,
    }

    pub NotSplit: [6] -> [3] {
        (a, b) = tanh,
        a * b,
    }

    pub Range: [6] -> [3] {
        (a, b) = split(0..3),
        a * b,
    }

    pub Arrow: [6] -> [3] {
        (a, b) = split -> [3],
        a * b,
    }

    pub Flow: [6] -> [3] {
        (a, b) = split,
        relu,
    }
}

fn main() {}
