use pullback::model;

model! {
    pub Misspelt: [3, 4] -> [3] {
        sum(axis = 1),
        softmax(dim = 0),
        leaky_relu(slop = 0.1),
    }

    pub Value(x: [3]) -> [3] {
        linear(input = x) -> [3],
    }

    pub None: [3] -> [3] {
        tanh(approximate = true),
    }

    pub Twice: [3] -> [3] {
        leaky_relu(slope = 0.1, slope = 0.2),
    }

    pub Shared: [3] -> [3] {
        let f = { tanh },
        f(bias = true),
    }
}

fn main() {}
