use pullback::model;

model! {
    pub Arrow: [6, 24, 24] -> [6, 11, 11] {
        max_pool2d(2) -> [6, 11, 11],
    }

    pub Padding: [6, 24, 24] -> [6, 14, 14] {
        max_pool2d(2, padding = 2),
    }

    pub Same: [6, 24, 24] -> [6, 24, 24] {
        max_pool2d(3, padding = same),
    }

    pub Huge: [6, 100] -> [6, 1] {
        max_pool1d(100),
    }

    pub Flat: [24] -> [12] {
        max_pool1d(2),
    }

    pub Ceil: [6, 24, 24] -> [6, 12, 12] {
        max_pool2d(3, stride = 2) -> [6, 12, 12],
    }

    pub Unknown: [6, LENGTH] -> [6, HALF] {
        avg_pool1d(3, stride = 2, ceil_mode = true) -> [6, HALF],
    }

    pub Mirror: [1, 4] -> [1, 12] {
        reflection_pad1d(4),
    }

    pub Reverse: [6, 24] -> [6, 24] {
        reverse(1),
    }
}

const LENGTH: usize = 24;
const HALF: usize = 12;

fn main() {}
