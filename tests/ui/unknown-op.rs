use pullback::model;

model! {
    pub Misspelt: [64] -> [10] {
        fc = liner -> [10],
        rleu,
    }

    pub Stranger: [64] -> [64] {
        whitening,
    }

    pub Inside(x: [64]) -> [64] {
        x * sigmod(x),
    }
}

fn main() {}
