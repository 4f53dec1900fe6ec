use pullback::model;

model! {
    pub Keras: [64] -> [10] {
        dense -> [10],
        swish,
    }

    pub Torch(a: [4, 4], b: [4, 4]) -> [8, 4] {
        cat(a, b),
        view -> [8, 4],
        x = max(b),
    }
}

fn main() {}
