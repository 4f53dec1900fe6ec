use pullback::model;

model! {
    pub Same: [1, 28, 28] -> [6, 26, 26] {
        conv2d(kernel = 5) -> [6, 26, 26],
    }

    pub Strided: [3, 32, 32] -> [8, 16, 16] {
        conv2d(kernel = 3, padding = 1) -> [8, 16, 16],
    }

    pub Neither: [3, 32, 32] -> [8, 40, 7] {
        conv2d([3, 5]) -> [8, 40, 7],
    }

    pub WithoutArrow: [3, 32, 32] -> [8, 30, 30] {
        conv2d(3),
    }

    pub WithoutChannels: [3, 32, 32] -> [8, 30, 30] {
        conv2d(3) -> [_, 30, 30],
    }

    pub ChannelsLast: [3, 32, 32] -> [8, 30] {
        conv2d(3) -> [8, 30],
    }

    pub Flat: [784] -> [8, 30, 30] {
        conv2d(3) -> [8, _, _],
    }

    pub OneImage: [28, 28] -> [8, 26, 26] {
        conv2d(3) -> [8, _, _],
    }

    pub TooLarge: [3, 4, 32] -> [8, 1, 28] {
        conv2d(5) -> [8, _, _],
    }
}

fn main() {}
