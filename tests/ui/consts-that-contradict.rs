use pullback::model;

const A: usize = 3;
const B: usize = 3;

model! {
    pub Literals(x: [A], y: [3], z: [4]) -> [A] {
        x + y + z,
    }

    pub Chain(x: [A], y: [B], z: [B, 2]) -> [8] {
        h = x + y,
        broadcast(y) -> [3, 3],
        linear(h) -> [A + 5],
    }
}

fn main() {}
