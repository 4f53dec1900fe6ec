use pullback::model;

model! {
    pub ThreeNumbers: [1, 28, 28] -> [6, 24, 24] {
        conv2d(kernel = [5, 5, 5]) -> [6, _, _],
    }

    pub NoKernel: [1, 28, 28] -> [6, 24, 24] {
        conv2d -> [6, _, _],
    }

    pub ZeroStride: [1, 28, 28] -> [6, 24, 24] {
        conv2d(5, stride = 0) -> [6, _, _],
    }

    pub SameAndStride: [1, 28, 28] -> [6, 14, 14] {
        conv2d(5, stride = 2, padding = same) -> [6, _, _],
    }

    pub Reflected: [1, 28, 28] -> [6, 28, 28] {
        conv2d(5, padding = reflect) -> [6, _, _],
    }

    pub Fraction: [1, 28, 28] -> [6, 24, 24] {
        conv2d(2.5) -> [6, _, _],
    }

    pub Groups: [6, 28, 28] -> [8, 24, 24] {
        conv2d(5, groups = 3) -> [8, _, _],
    }

    pub Word: [1, 28, 28] -> [6, 24, 24] {
        conv2d(kernel_size = 5) -> [6, _, _],
    }
}

fn main() {}
