use pullback::model;

model! {
    pub Sequence(x: [2, 9]) -> [4, 9] {
        conv1d(x, kernel = 3) -> [4, 9],
        conv_transpose1d(x, kernel = 3) -> [4, 9],
    }

    pub Image(x: [2, 9, 9]) -> [4, 9, 9] {
        conv_transpose2d(x, kernel = 3) -> [4, 9, 9],
    }

    pub Volume(x: [2, 9, 9, 9]) -> [4, 9, 9, 9] {
        conv3d(x, kernel = 3) -> [4, 9, 9, 9],
        conv_transpose3d(x, kernel = 3) -> [4, 9, 9, 9],
    }

    pub Axes(x: [9, 9]) -> [4, 9, 9] {
        conv3d(x, kernel = 3) -> [4, _, _, _],
        conv_transpose2d(x, kernel = 3) -> [4, _, _],
        conv_transpose3d(x, kernel = 3) -> [4, _, _, _],
    }
}

fn main() {}
