use pullback::model;

model! {
    pub Image: [28, 28] -> [10] {
        fc = linear -> [10],
    }

    pub Scalar: [] -> [10] {
        linear -> [10],
    }

    pub Sequence: [10, 64] -> [10, 4, 16] {
        linear -> [10, 4, 16],
    }
}

fn main() {}
