use pullback::model;

model! {
    pub Axis(a: [2, 3], b: [4, 5]) -> [6, 3] {
        concat(a, b),
    }

    pub Rank(a: [2, 3], b: [3]) -> [3, 3] {
        concat(a, b),
    }

    pub Third(a: [2, 3], b: [2, 1], c: [3, 3]) -> [2, 7] {
        concat(a, b, c, axis = 1),
    }
}

fn main() {}
