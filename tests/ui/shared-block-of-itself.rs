use pullback::model;

model! {
    pub Loop: [64] -> [64] {
        let f = { tanh, f },
        f,
    }

    pub Others: [64] -> [64] {
        let f = { tanh, g },
        let g = { relu, f },
        g,
        f,
    }
}

fn main() {}
