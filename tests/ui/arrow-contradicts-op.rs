use pullback::model;

model! {
    pub Relu: [64] -> [32] {
        relu -> [32],
    }

    pub Softmax: [10] -> [] {
        softmax -> [],
    }

    pub Sum: [3, 4] -> [4] {
        sum(axes = 1) -> [4],
    }

    pub Expression(a: [3], b: [3]) -> [4] {
        a + b -> [4],
    }

    pub Closure: [3] -> [4] {
        |v| v * v -> [4],
    }

    pub Block: [3] -> [4] {
        { relu, linear -> [5] } -> [4],
    }

    pub Value(a: [3], b: [4]) -> [4] {
        tanh(b),
        a -> [4],
    }
}

fn main() {}
