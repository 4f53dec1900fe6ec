use pullback::model;

model! {
    pub Declared: [784] -> [10] {
        fc1 = linear: [784] -> [128],
        relu,
        fc2 = linear: [64] -> [10],
    }

    pub Block: [784] -> [10] {
        fc1 = linear -> [128],
        { relu, linear -> [10] }: [64] -> [10],
    }

    pub Closure: [8] -> [8] {
        |v| v * sigmoid(v): [4],
    }

    pub Value(a: [3], b: [4]) -> [3] {
        a: [4],
    }
}

fn main() {}
