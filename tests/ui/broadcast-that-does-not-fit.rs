use pullback::model;

model! {
    pub Implicit(x: [4, 3], bias: [4]) -> [4, 3] {
        x + bias,
    }

    pub Exponent(x: [2, 4], r: [3]) -> [2, 4] {
        pow(x, r),
    }

    pub Explicit: [4] -> [4, 3] {
        broadcast -> [4, 3],
    }

    pub FewerAxes: [2, 3] -> [3] {
        broadcast -> [3],
    }

    pub Arrow: [4] -> [4, 4] {
        broadcast,
    }
}

fn main() {}
