use pullback::model;

model! {
    pub Net(x: [64]) -> [64] {
        /// A doc comment.
        h = x.tanh(),
        if h { h },
        fc: linear -> [64],
        y = h % 2,
        |v| { v * v },
        |v: f32| v * v,
        vec![1.0] * h,
    }
}

fn main() {}
