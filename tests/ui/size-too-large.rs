use pullback::model;

model! {
    pub Dimension: [9999999999999] -> [10] {
        linear -> [10],
    }

    pub Elements: [2000000, 2000000] -> [10] {
        flatten,
        linear -> [10],
    }

    pub Weight: [2000000] -> [2000000] {
        linear -> [2000000],
    }
}

fn main() {}
