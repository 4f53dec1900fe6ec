use pullback::model;

model! {
    pub Sequence(x: [2, 9]) -> [2, 9] {
        constant_pad1d(x, 1) -> [2, 9],
        replication_pad1d(x, 1) -> [2, 9],
        upsample_nearest1d(x, 2) -> [2, 9],
        upsample_linear1d(x, 2) -> [2, 9],
    }

    pub Image(x: [2, 9, 9]) -> [2, 9, 9] {
        constant_pad2d(x, 1) -> [2, 9, 9],
        reflection_pad2d(x, 1) -> [2, 9, 9],
        replication_pad2d(x, 1) -> [2, 9, 9],
        upsample_nearest2d(x, 2) -> [2, 9, 9],
        upsample_bilinear2d(x, 2) -> [2, 9, 9],
    }

    pub Volume(x: [2, 9, 9, 9]) -> [2, 9, 9, 9] {
        constant_pad3d(x, 1) -> [2, 9, 9, 9],
        reflection_pad3d(x, 1) -> [2, 9, 9, 9],
        replication_pad3d(x, 1) -> [2, 9, 9, 9],
        upsample_nearest3d(x, 2) -> [2, 9, 9, 9],
        upsample_trilinear3d(x, 2) -> [2, 9, 9, 9],
    }

    pub Axes(x: [9, 9]) -> [2, 9, 9] {
        constant_pad2d(x, 1),
        reflection_pad3d(x, 1),
        replication_pad2d(x, 1),
        upsample_nearest2d(x, 2),
        upsample_bilinear2d(x, 2),
        upsample_trilinear3d(x, 2),
    }

    pub Positions(x: [9]) -> [9] {
        sinusoidal(x),
        rotary(x),
    }

    pub Odd(x: [4, 9]) -> [4, 9] {
        sinusoidal(x),
        rotary(x),
    }
}

fn main() {}
