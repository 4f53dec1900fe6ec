use pullback::model;

const A: usize = 3;
const B: usize = 4;

mod config {
    pub const HIDDEN: usize = 128;
}

model! {
    pub Sum(x: [A], y: [B]) -> [A] {
        x + y,
    }

    pub Arrow: [A] -> [B] {
        relu -> [B],
    }

    pub Result: [A] -> [B] {
        relu,
    }

    pub Domain: [A] -> [config::HIDDEN] {
        fc1 = linear -> [2 * config::HIDDEN],
        fc2 = linear: [B] -> [config::HIDDEN],
    }

    pub Size: [A, B] -> [13] {
        flatten -> [13],
    }

    pub Halves: [A] -> [A / 2] {
        glu,
    }

    pub Parts: [A] -> [A / 2] {
        (a, b) = split,
        a * b,
    }
}

fn main() {}
