//! What follows a mistake is not called another one.

use pullback::model;

model! {
    pub Net(x: [4], y: [4]) -> [4] {
        relu,
        #[frozen]
        f = linear -> [4],
        g = linear(f) -> [4],
    }
}

fn main() {}
