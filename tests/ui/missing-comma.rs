use pullback::model;

model! {
    pub Net: [64] -> [10] {
        fc1 = linear -> [32]
        relu,
        fc2 = linear -> [10]
    }
}

fn main() {}
