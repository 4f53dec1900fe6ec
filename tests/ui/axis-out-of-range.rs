use pullback::model;

model! {
    pub Sum: [3, 4] -> [3] {
        sum(axes = 2),
    }

    pub Negative: [3, 4] -> [3] {
        sum(axes = [0, -3]),
    }

    pub Vector: [3] -> [3] {
        softmax(axis = 1),
    }

    pub Scalar: [] -> [] {
        softmax,
    }

    pub Default: [3] -> [3] {
        transpose,
    }

    pub Twice: [3, 4] -> [3] {
        sum(axes = [1, -1]),
    }

    pub Permutation: [2, 3, 4] -> [3, 2, 4] {
        permute(1, 0),
    }
}

fn main() {}
