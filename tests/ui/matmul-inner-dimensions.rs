use pullback::model;

model! {
    pub Unlike(a: [2, 3], b: [4, 5]) -> [2, 5] {
        matmul(a, b),
    }

    pub Transposed(q: [10, 64], k: [10, 64]) -> [10, 10] {
        matmul(q, k),
    }

    pub Vector(a: [2, 3], v: [2]) -> [2] {
        matmul(a, v),
    }

    pub Scalar(a: [2, 3], s: []) -> [2, 3] {
        matmul(a, s),
    }

    pub Leading(a: [2, 4, 3], b: [5, 3, 4]) -> [2, 4, 4] {
        matmul(a, b),
    }
}

fn main() {}
