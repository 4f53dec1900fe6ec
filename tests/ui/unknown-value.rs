use pullback::model;

model! {
    pub Misspelt(hidden: [64]) -> [64] {
        out = linear -> [64],
        out + hiden,
    }

    pub Missing(x: [64]) -> [64] {
        x * attention,
    }

    pub Later(x: [64]) -> [64] {
        x + h,
        h = tanh(x),
    }
}

fn main() {}
