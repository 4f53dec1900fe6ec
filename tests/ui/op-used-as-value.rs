use pullback::model;

model! {
    pub Op(x: [3]) -> [3] {
        x + tanh,
    }

    pub Shared(x: [3]) -> [3] {
        let f = { linear -> [3] },
        x + f,
    }
}

fn main() {}
