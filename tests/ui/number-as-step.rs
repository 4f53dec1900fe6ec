use pullback::model;

model! {
    pub Number: [3] -> [3] {
        tanh,
        2.0,
    }

    pub Named: [3] -> [3] {
        scale = 0.5,
        tanh,
    }

    pub Sum: [3] -> [3] {
        1 + 2,
    }

    pub Applied: [3] -> [3] {
        tanh,
        tanh(2.0),
    }
}

fn main() {}
