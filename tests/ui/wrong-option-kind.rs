use pullback::model;

model! {
    pub Bool: [3] -> [3] {
        linear(bias = 1) -> [3],
    }

    pub Number: [3] -> [3] {
        leaky_relu(slope = true),
    }

    pub Value(x: [3]) -> [3] {
        leaky_relu(x, slope = x),
    }

    pub Axis: [3] -> [3] {
        softmax(axis = 0.5),
    }

    pub Axes: [3, 4] -> [] {
        sum(axes = true),
    }

    pub Range: [3] -> [3] {
        slice(2),
    }

    pub List(x: [3]) -> [3] {
        x + [0, 1],
    }
}

fn main() {}
