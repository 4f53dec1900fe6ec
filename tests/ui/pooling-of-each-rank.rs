use pullback::model;

model! {
    pub Sequence(x: [2, 9]) -> [2, 9] {
        smooth_max_pool1d(x, 3) -> [2, 9],
        adaptive_avg_pool1d(x, 3) -> [2, 9],
        adaptive_max_pool1d(x, 3) -> [2, 9],
    }

    pub Image(x: [2, 9, 9]) -> [2, 9, 9] {
        avg_pool2d(x, 3) -> [2, 9, 9],
        smooth_max_pool2d(x, 3) -> [2, 9, 9],
        adaptive_avg_pool2d(x, 3) -> [2, 9, 9],
        adaptive_max_pool2d(x, 3) -> [2, 9, 9],
        global_avg_pool(x) -> [2, 9, 9],
    }

    pub Volume(x: [2, 9, 9, 9]) -> [2, 9, 9, 9] {
        max_pool3d(x, 3) -> [2, 9, 9, 9],
        avg_pool3d(x, 3) -> [2, 9, 9, 9],
        smooth_max_pool3d(x, 3) -> [2, 9, 9, 9],
        adaptive_avg_pool3d(x, 3) -> [2, 9, 9, 9],
        adaptive_max_pool3d(x, 3) -> [2, 9, 9, 9],
    }

    pub Axes(x: [9, 9]) -> [2, 3, 3] {
        avg_pool2d(x, 3),
        smooth_max_pool2d(x, 3),
        adaptive_avg_pool2d(x, 3),
        adaptive_max_pool3d(x, 3),
        max_pool3d(x, 3),
    }
}

fn main() {}
