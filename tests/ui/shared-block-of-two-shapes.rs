use pullback::model;

model! {
    pub Distance(a: [64], b: [32]) -> [] {
        let encode = { linear -> [16], tanh },
        u = encode(a),
        v = encode(b),
        sum(square(u - v)),
    }
}

fn main() {}
