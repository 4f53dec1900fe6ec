use pullback::model;

model! {
    pub Mse(x: [64], target: [10]) -> [] {
        y = linear(x) -> [12],
        mse(y, target),
    }

    pub Unit(y: [10, 1], target: [10]) -> [] {
        huber(y, target),
    }
}

fn main() {}
