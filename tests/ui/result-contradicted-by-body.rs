use pullback::model;

model! {
    pub Mlp: [784] -> [10] {
        fc1 = linear -> [128],
        relu,
        fc2 = linear -> [12],
    }

    pub Scalar: [3] -> [] {
        square,
    }
}

fn main() {}
