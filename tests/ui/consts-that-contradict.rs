use pullback::model;

const A: usize = 3;
const B: usize = 3;

model! {
    pub Literals(x: [A], y: [3], z: [4]) -> [A] {
        x + y + z,
    }

    pub Chain(x: [A], y: [B], z: [B, 2]) -> [8] {
        h = x + y,
        broadcast(y) -> [4, 4],
        linear(h) -> [A + 5],
    }

    pub Product: [A, B] -> [9] {
        flatten,
    }

    pub Odd: [2 * A] -> [7] {
        relu,
    }

    pub AtLeastFive: [A + 5] -> [B] {
        linear -> [3],
        relu -> [B + 4],
    }
}

fn main() {}
