use pullback::model;

model! {
    pub Encoder: [64] -> [10] {
        let encode = { linear -> [32], tanh },
        let head = linear -> [10],
        head,
    }
}

fn main() {}
