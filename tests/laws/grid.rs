//! The options of convolutions and pooling in all combinations that fit, against PyTorch
//! (`tests/reference/windows.py`).

use crate::laws::reference::{compare, find};
use pullback::model;

macro_rules! grid {
    ($($name:ident $Model:ident $input:tt -> $output:tt $body:tt)*) => {
        model! { $(#[doc = "A row of `grid.json`."] pub(crate) $Model $input -> $output $body)* }
        $(#[test]
        fn $name() {
            let cases = find(include_str!("../reference/grid.json"), stringify!($name));
            assert_eq!(cases.len(), 1);
            compare::<$Model<f64>>(&cases[0]);
        })*
    };
}

grid! {
    conv_s1_p0_d1_g1 ConvS1P0D1G1(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 1, padding = 0, dilation = 1, groups = 1) -> [4, _, _] }
    conv_s1_p0_d1_g2 ConvS1P0D1G2(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 1, padding = 0, dilation = 1, groups = 2) -> [4, _, _] }
    conv_s1_p0_d1_g4 ConvS1P0D1G4(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 1, padding = 0, dilation = 1, groups = 4) -> [4, _, _] }
    conv_s1_p0_d2_g1 ConvS1P0D2G1(x: [4, 5, 4]) -> [4, 1, 2] { conv2d([3, 2], stride = 1, padding = 0, dilation = 2, groups = 1) -> [4, _, _] }
    conv_s1_p0_d2_g2 ConvS1P0D2G2(x: [4, 5, 4]) -> [4, 1, 2] { conv2d([3, 2], stride = 1, padding = 0, dilation = 2, groups = 2) -> [4, _, _] }
    conv_s1_p0_d2_g4 ConvS1P0D2G4(x: [4, 5, 4]) -> [4, 1, 2] { conv2d([3, 2], stride = 1, padding = 0, dilation = 2, groups = 4) -> [4, _, _] }
    conv_s1_p1_d1_g1 ConvS1P1D1G1(x: [4, 5, 4]) -> [4, 5, 5] { conv2d([3, 2], stride = 1, padding = 1, dilation = 1, groups = 1) -> [4, _, _] }
    conv_s1_p1_d1_g2 ConvS1P1D1G2(x: [4, 5, 4]) -> [4, 5, 5] { conv2d([3, 2], stride = 1, padding = 1, dilation = 1, groups = 2) -> [4, _, _] }
    conv_s1_p1_d1_g4 ConvS1P1D1G4(x: [4, 5, 4]) -> [4, 5, 5] { conv2d([3, 2], stride = 1, padding = 1, dilation = 1, groups = 4) -> [4, _, _] }
    conv_s1_p1_d2_g1 ConvS1P1D2G1(x: [4, 5, 4]) -> [4, 3, 4] { conv2d([3, 2], stride = 1, padding = 1, dilation = 2, groups = 1) -> [4, _, _] }
    conv_s1_p1_d2_g2 ConvS1P1D2G2(x: [4, 5, 4]) -> [4, 3, 4] { conv2d([3, 2], stride = 1, padding = 1, dilation = 2, groups = 2) -> [4, _, _] }
    conv_s1_p1_d2_g4 ConvS1P1D2G4(x: [4, 5, 4]) -> [4, 3, 4] { conv2d([3, 2], stride = 1, padding = 1, dilation = 2, groups = 4) -> [4, _, _] }
    conv_s2_p0_d1_g1 ConvS2P0D1G1(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 0, dilation = 1, groups = 1) -> [4, _, _] }
    conv_s2_p0_d1_g2 ConvS2P0D1G2(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 0, dilation = 1, groups = 2) -> [4, _, _] }
    conv_s2_p0_d1_g4 ConvS2P0D1G4(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 0, dilation = 1, groups = 4) -> [4, _, _] }
    conv_s2_p0_d2_g1 ConvS2P0D2G1(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 1) -> [4, _, _] }
    conv_s2_p0_d2_g2 ConvS2P0D2G2(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 2) -> [4, _, _] }
    conv_s2_p0_d2_g4 ConvS2P0D2G4(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 4) -> [4, _, _] }
    conv_s2_p1_d1_g1 ConvS2P1D1G1(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 2, padding = 1, dilation = 1, groups = 1) -> [4, _, _] }
    conv_s2_p1_d1_g2 ConvS2P1D1G2(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 2, padding = 1, dilation = 1, groups = 2) -> [4, _, _] }
    conv_s2_p1_d1_g4 ConvS2P1D1G4(x: [4, 5, 4]) -> [4, 3, 3] { conv2d([3, 2], stride = 2, padding = 1, dilation = 1, groups = 4) -> [4, _, _] }
    conv_s2_p1_d2_g1 ConvS2P1D2G1(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 1, dilation = 2, groups = 1) -> [4, _, _] }
    conv_s2_p1_d2_g2 ConvS2P1D2G2(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 1, dilation = 2, groups = 2) -> [4, _, _] }
    conv_s2_p1_d2_g4 ConvS2P1D2G4(x: [4, 5, 4]) -> [4, 2, 2] { conv2d([3, 2], stride = 2, padding = 1, dilation = 2, groups = 4) -> [4, _, _] }
    spread_s1_p0_d1_g1 SpreadS1P0D1G1(x: [4, 3, 2]) -> [2, 4, 4] { conv_transpose2d([2, 3], stride = 1, padding = 0, dilation = 1, groups = 1, output_padding = 0) -> [2, _, _] }
    spread_s1_p0_d1_g2 SpreadS1P0D1G2(x: [4, 3, 2]) -> [2, 4, 4] { conv_transpose2d([2, 3], stride = 1, padding = 0, dilation = 1, groups = 2, output_padding = 0) -> [2, _, _] }
    spread_s1_p0_d2_g1 SpreadS1P0D2G1(x: [4, 3, 2]) -> [2, 5, 6] { conv_transpose2d([2, 3], stride = 1, padding = 0, dilation = 2, groups = 1, output_padding = 0) -> [2, _, _] }
    spread_s1_p0_d2_g2 SpreadS1P0D2G2(x: [4, 3, 2]) -> [2, 5, 6] { conv_transpose2d([2, 3], stride = 1, padding = 0, dilation = 2, groups = 2, output_padding = 0) -> [2, _, _] }
    spread_s1_p1_d1_g1 SpreadS1P1D1G1(x: [4, 3, 2]) -> [2, 2, 2] { conv_transpose2d([2, 3], stride = 1, padding = 1, dilation = 1, groups = 1, output_padding = 0) -> [2, _, _] }
    spread_s1_p1_d1_g2 SpreadS1P1D1G2(x: [4, 3, 2]) -> [2, 2, 2] { conv_transpose2d([2, 3], stride = 1, padding = 1, dilation = 1, groups = 2, output_padding = 0) -> [2, _, _] }
    spread_s1_p1_d2_g1 SpreadS1P1D2G1(x: [4, 3, 2]) -> [2, 4, 5] { conv_transpose2d([2, 3], stride = 1, padding = 1, dilation = 2, groups = 1, output_padding = 1) -> [2, _, _] }
    spread_s1_p1_d2_g2 SpreadS1P1D2G2(x: [4, 3, 2]) -> [2, 4, 5] { conv_transpose2d([2, 3], stride = 1, padding = 1, dilation = 2, groups = 2, output_padding = 1) -> [2, _, _] }
    spread_s2_p0_d1_g1 SpreadS2P0D1G1(x: [4, 3, 2]) -> [2, 6, 5] { conv_transpose2d([2, 3], stride = 2, padding = 0, dilation = 1, groups = 1, output_padding = 0) -> [2, _, _] }
    spread_s2_p0_d1_g2 SpreadS2P0D1G2(x: [4, 3, 2]) -> [2, 6, 5] { conv_transpose2d([2, 3], stride = 2, padding = 0, dilation = 1, groups = 2, output_padding = 0) -> [2, _, _] }
    spread_s2_p0_d2_g1 SpreadS2P0D2G1(x: [4, 3, 2]) -> [2, 7, 7] { conv_transpose2d([2, 3], stride = 2, padding = 0, dilation = 2, groups = 1, output_padding = 0) -> [2, _, _] }
    spread_s2_p0_d2_g2 SpreadS2P0D2G2(x: [4, 3, 2]) -> [2, 7, 7] { conv_transpose2d([2, 3], stride = 2, padding = 0, dilation = 2, groups = 2, output_padding = 0) -> [2, _, _] }
    spread_s2_p1_d1_g1 SpreadS2P1D1G1(x: [4, 3, 2]) -> [2, 5, 4] { conv_transpose2d([2, 3], stride = 2, padding = 1, dilation = 1, groups = 1, output_padding = 1) -> [2, _, _] }
    spread_s2_p1_d1_g2 SpreadS2P1D1G2(x: [4, 3, 2]) -> [2, 5, 4] { conv_transpose2d([2, 3], stride = 2, padding = 1, dilation = 1, groups = 2, output_padding = 1) -> [2, _, _] }
    spread_s2_p1_d2_g1 SpreadS2P1D2G1(x: [4, 3, 2]) -> [2, 6, 6] { conv_transpose2d([2, 3], stride = 2, padding = 1, dilation = 2, groups = 1, output_padding = 1) -> [2, _, _] }
    spread_s2_p1_d2_g2 SpreadS2P1D2G2(x: [4, 3, 2]) -> [2, 6, 6] { conv_transpose2d([2, 3], stride = 2, padding = 1, dilation = 2, groups = 2, output_padding = 1) -> [2, _, _] }
    max_s1_p0_d1 MaxS1P0D1(x: [2, 6, 5]) -> [2, 4, 4] { max_pool2d([3, 2], stride = 1, padding = 0, dilation = 1) }
    max_s1_p0_d2 MaxS1P0D2(x: [2, 6, 5]) -> [2, 2, 3] { max_pool2d([3, 2], stride = 1, padding = 0, dilation = 2) }
    max_s1_p1_d1 MaxS1P1D1(x: [2, 6, 5]) -> [2, 6, 6] { max_pool2d([3, 2], stride = 1, padding = 1, dilation = 1) }
    max_s1_p1_d2 MaxS1P1D2(x: [2, 6, 5]) -> [2, 4, 5] { max_pool2d([3, 2], stride = 1, padding = 1, dilation = 2) }
    max_s2_p0_d1 MaxS2P0D1(x: [2, 6, 5]) -> [2, 2, 2] { max_pool2d([3, 2], stride = 2, padding = 0, dilation = 1) }
    max_s2_p0_d2 MaxS2P0D2(x: [2, 6, 5]) -> [2, 1, 2] { max_pool2d([3, 2], stride = 2, padding = 0, dilation = 2) }
    max_s2_p1_d1 MaxS2P1D1(x: [2, 6, 5]) -> [2, 3, 3] { max_pool2d([3, 2], stride = 2, padding = 1, dilation = 1) }
    max_s2_p1_d2 MaxS2P1D2(x: [2, 6, 5]) -> [2, 2, 3] { max_pool2d([3, 2], stride = 2, padding = 1, dilation = 2) }
    max_ceil_s2_p0_d1 MaxCeilS2P0D1(x: [2, 6, 5]) -> [2, 3, 3] { max_pool2d([3, 2], stride = 2, padding = 0, dilation = 1, ceil_mode = true) }
    max_ceil_s2_p0_d2 MaxCeilS2P0D2(x: [2, 6, 5]) -> [2, 2, 2] { max_pool2d([3, 2], stride = 2, padding = 0, dilation = 2, ceil_mode = true) }
    max_ceil_s2_p1_d1 MaxCeilS2P1D1(x: [2, 6, 5]) -> [2, 4, 3] { max_pool2d([3, 2], stride = 2, padding = 1, dilation = 1, ceil_mode = true) }
    max_ceil_s2_p1_d2 MaxCeilS2P1D2(x: [2, 6, 5]) -> [2, 3, 3] { max_pool2d([3, 2], stride = 2, padding = 1, dilation = 2, ceil_mode = true) }
    max_ceil_s3_p0_d1 MaxCeilS3P0D1(x: [2, 6, 5]) -> [2, 2, 2] { max_pool2d([3, 2], stride = 3, padding = 0, dilation = 1, ceil_mode = true) }
    max_ceil_s3_p0_d2 MaxCeilS3P0D2(x: [2, 6, 5]) -> [2, 2, 2] { max_pool2d([3, 2], stride = 3, padding = 0, dilation = 2, ceil_mode = true) }
    max_ceil_s3_p1_d1 MaxCeilS3P1D1(x: [2, 6, 5]) -> [2, 3, 2] { max_pool2d([3, 2], stride = 3, padding = 1, dilation = 1, ceil_mode = true) }
    max_ceil_s3_p1_d2 MaxCeilS3P1D2(x: [2, 6, 5]) -> [2, 2, 2] { max_pool2d([3, 2], stride = 3, padding = 1, dilation = 2, ceil_mode = true) }
    mean_ceil_s2_p0_true MeanCeilS2P0True(x: [2, 6, 5]) -> [2, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = 0, ceil_mode = true, count_include_pad = true) }
    mean_ceil_s2_p0_false MeanCeilS2P0False(x: [2, 6, 5]) -> [2, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = 0, ceil_mode = true, count_include_pad = false) }
    mean_ceil_s2_p1_true MeanCeilS2P1True(x: [2, 6, 5]) -> [2, 4, 3] { avg_pool2d([3, 2], stride = 2, padding = 1, ceil_mode = true, count_include_pad = true) }
    mean_ceil_s2_p1_false MeanCeilS2P1False(x: [2, 6, 5]) -> [2, 4, 3] { avg_pool2d([3, 2], stride = 2, padding = 1, ceil_mode = true, count_include_pad = false) }
    mean_ceil_s3_p0_true MeanCeilS3P0True(x: [2, 6, 5]) -> [2, 2, 2] { avg_pool2d([3, 2], stride = 3, padding = 0, ceil_mode = true, count_include_pad = true) }
    mean_ceil_s3_p0_false MeanCeilS3P0False(x: [2, 6, 5]) -> [2, 2, 2] { avg_pool2d([3, 2], stride = 3, padding = 0, ceil_mode = true, count_include_pad = false) }
    mean_ceil_s3_p1_true MeanCeilS3P1True(x: [2, 6, 5]) -> [2, 3, 2] { avg_pool2d([3, 2], stride = 3, padding = 1, ceil_mode = true, count_include_pad = true) }
    mean_ceil_s3_p1_false MeanCeilS3P1False(x: [2, 6, 5]) -> [2, 3, 2] { avg_pool2d([3, 2], stride = 3, padding = 1, ceil_mode = true, count_include_pad = false) }
    mean_ceil_short MeanCeilShort(x: [1, 2, 3]) -> [1, 1, 1] { avg_pool2d(3, stride = [2, 1], ceil_mode = true) }
    max_ceil_short MaxCeilShort(x: [1, 2, 3]) -> [1, 1, 1] { max_pool2d(3, stride = [2, 1], ceil_mode = true) }
    mean_s1_p0_true MeanS1P0True(x: [2, 6, 5]) -> [2, 4, 4] { avg_pool2d([3, 2], stride = 1, padding = 0, count_include_pad = true) }
    mean_s1_p0_false MeanS1P0False(x: [2, 6, 5]) -> [2, 4, 4] { avg_pool2d([3, 2], stride = 1, padding = 0, count_include_pad = false) }
    mean_s1_p1_true MeanS1P1True(x: [2, 6, 5]) -> [2, 6, 6] { avg_pool2d([3, 2], stride = 1, padding = 1, count_include_pad = true) }
    mean_s1_p1_false MeanS1P1False(x: [2, 6, 5]) -> [2, 6, 6] { avg_pool2d([3, 2], stride = 1, padding = 1, count_include_pad = false) }
    mean_s2_p0_true MeanS2P0True(x: [2, 6, 5]) -> [2, 2, 2] { avg_pool2d([3, 2], stride = 2, padding = 0, count_include_pad = true) }
    mean_s2_p0_false MeanS2P0False(x: [2, 6, 5]) -> [2, 2, 2] { avg_pool2d([3, 2], stride = 2, padding = 0, count_include_pad = false) }
    mean_s2_p1_true MeanS2P1True(x: [2, 6, 5]) -> [2, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = 1, count_include_pad = true) }
    mean_s2_p1_false MeanS2P1False(x: [2, 6, 5]) -> [2, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = 1, count_include_pad = false) }
}
