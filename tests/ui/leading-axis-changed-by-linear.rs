use pullback::model;

model! {
    pub Sequence: [10, 64] -> [12, 32] {
        up = linear -> [12, 32],
    }
}

fn main() {}
