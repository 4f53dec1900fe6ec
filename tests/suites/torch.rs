//! PyTorch's samples of its operators and modules: written by `tests/reference/torch_cases.py`.

use crate::suites::suite;

suite! {
    Abs0 (a: []) -> [] { abs }
    Acos0 (a: []) -> [] { acos }
    Acosh0 (a: []) -> [] { acosh }
    Add5 (a: [], b: []) -> [] { a + 2 * b }
    Add6 (a: [], b: []) -> [] { a + -3.125 * b }
    ClampMax0 (a: [], b: []) -> [] { minimum(a, b) }
    ClampMax1 (a: [5, 1], b: [5]) -> [5, 5] { minimum(a, b) }
    ClampMax3 (a: [10, 1, 5], b: [10, 5]) -> [10, 10, 5] { minimum(a, b) }
    ClampMin0 (a: [], b: []) -> [] { maximum(a, b) }
    ClampMin2 (a: [5, 10, 5], b: [10, 5]) -> [5, 10, 5] { maximum(a, b) }
    ClampMin4 (a: [10, 1, 5], b: [1, 10, 5]) -> [10, 10, 5] { maximum(a, b) }
    Mul0 (a: [], b: []) -> [] { mul(a, b) }
    Sub5 (a: [], b: []) -> [] { a - 2 * b }
    Sub6 (a: [], b: []) -> [] { a - -3.125 * b }
    Dot0 (a: [5], b: [5]) -> [] { dot(a, b) }
    Mv0 (a: [5, 10], b: [10]) -> [5] { matmul(a, b) }
    Asin0 (a: []) -> [] { asin }
    Asinh0 (a: []) -> [] { asinh }
    Atan0 (a: []) -> [] { atan }
    Atan2_0 (a: [], b: []) -> [] { atan2(a, b) }
    Atanh0 (a: []) -> [] { atanh }
    BroadcastTo3 (a: [1]) -> [5, 5, 5] { broadcast -> [5, 5, 5] }
    BroadcastTo6 (a: []) -> [1, 3, 2] { broadcast -> [1, 3, 2] }
    Ceil0 (a: []) -> [] { ceil }
    Chunk0 (a: [5, 5, 5]) -> [125] { s1 = slice(a, 0..3, axis = 0), s2 = slice(a, 3..5, axis = 0), s3 = reshape(s1) -> [75], s4 = reshape(s2) -> [50], concat(s3, s4) }
    Clamp0 (a: [5, 10, 5], b: [10, 5], c: [10, 5]) -> [5, 10, 5] { s1 = maximum(a, b), minimum(s1, c) }
    Clamp1 (a: [5, 10, 5], b: [5, 1, 5]) -> [5, 10, 5] { maximum(a, b) }
    Cos0 (a: []) -> [] { cos }
    Cosh0 (a: []) -> [] { cosh }
    Cumsum0 (a: [5, 5, 5]) -> [5, 5, 5] { cumsum(0) }
    Cumsum1 (a: [5, 5, 5]) -> [5, 5, 5] { cumsum(1) }
    Cumprod1 (a: [5, 5, 5]) -> [5, 5, 5] { cumprod(1) }
    Cumprod3 (a: [1]) -> [1] { cumprod(0) }
    Div0 (a: [], b: []) -> [] { div(a, b) }
    Div5 (a: [], b: []) -> [] { trunc(a / b) }
    Exp0 (a: []) -> [] { exp }
    Eq0 (a: [], b: []) -> [] { eq(a, b) }
    Fmod0 (a: [], b: []) -> [] { fmod(a, b) }
    Remainder0 (a: [], b: []) -> [] { remainder(a, b) }
    Frac0 (a: []) -> [] { frac }
    Floor0 (a: []) -> [] { floor }
    Flip0 (a: [5, 10, 5]) -> [5, 10, 5] { flip(axes = [0, 1, 2]) }
    Log1p0 (a: []) -> [] { log1p }
    Ge0 (a: [], b: []) -> [] { ge(a, b) }
    Gt0 (a: [], b: []) -> [] { gt(a, b) }
    Le0 (a: [], b: []) -> [] { le(a, b) }
    Log0 (a: []) -> [] { log }
    Log10_0 (a: []) -> [] { log10 }
    Log2_0 (a: []) -> [] { log2 }
    Logaddexp0 (a: [], b: []) -> [] { logaddexp(a, b) }
    Lt0 (a: [], b: []) -> [] { lt(a, b) }
    MaskedFill1 (a: [5, 5], b: [5]) -> [5, 5] { masked_fill(a, b, 10) }
    MaskedFill2 (a: [5], b: [5, 5]) -> [5, 5] { masked_fill(a, b, 10) }
    Matmul1 (a: [10], b: [10, 5]) -> [5] { matmul(a, b) }
    Matmul2 (a: [5, 10], b: [10, 5]) -> [5, 5] { matmul(a, b) }
    Max0 (a: [5, 5, 5]) -> [] { amax }
    Min0 (a: [5, 5, 5]) -> [] { amin }
    Softmax0 (a: [5]) -> [5] { softmax(0) }
    Softmax2 (a: [5, 5]) -> [5, 5] { softmax(1) }
    Softmin0 (a: [5]) -> [5] { s1 = neg(a), softmax(s1, 0) }
    Softmin2 (a: [5, 5]) -> [5, 5] { s1 = neg(a), softmax(s1, 1) }
    CrossEntropy2 (a: [2, 1, 3], b: [2, 1] of index(3)) -> [] { cross_entropy(a, b) }
    CrossEntropy8 (a: [2, 3], b: [2] of index(3)) -> [] { cross_entropy(a, b, reduction = "sum") }
    CrossEntropy10 (a: [2, 3], b: [2] of index(3)) -> [2] { cross_entropy(a, b, reduction = "none") }
    CrossEntropy14 (a: [2, 3], b: [2] of index(3), c: [3]) -> [] { cross_entropy(a, b, weight = stop_gradient(c), reduction = "sum") }
    CrossEntropy16 (a: [2, 3], b: [2] of index(3), c: [3]) -> [2] { cross_entropy(a, b, weight = stop_gradient(c), reduction = "none") }
    CrossEntropy18 (a: [2, 3], b: [2] of index(3)) -> [] { cross_entropy(a, b, ignore_index = 1) }
    Normalize0 (a: [2, 3, 4, 5]) -> [2, 3, 4, 5] { normalize(axis = 1) }
    Normalize1 (a: [2, 3, 4, 5]) -> [2, 3, 4, 5] { normalize(axis = 1, eps = 0.0001) }
    AdaptiveAvgPool1d0 (a: [8, 8]) -> [8, 5] { adaptive_avg_pool1d(5) }
    AdaptiveAvgPool1d1 (a: [8, 8]) -> [8, 1] { adaptive_avg_pool1d(1) }
    AdaptiveAvgPool2d0 (a: [8, 8, 8]) -> [8, 5, 7] { adaptive_avg_pool2d([5, 7]) }
    AdaptiveAvgPool2d1 (a: [8, 4, 3]) -> [8, 5, 3] { adaptive_avg_pool2d([5, 3]) }
    AdaptiveAvgPool2d2 (a: [8, 4, 3]) -> [8, 4, 3] { adaptive_avg_pool2d([4, 3]) }
    AdaptiveAvgPool2d3 (a: [8, 4, 3]) -> [8, 5, 5] { adaptive_avg_pool2d(5) }
    AdaptiveAvgPool3d0 (a: [8, 4, 3, 7]) -> [8, 1, 1, 1] { adaptive_avg_pool3d(1) }
    AdaptiveMaxPool1d0 (a: [4, 4]) -> [4, 3] { adaptive_max_pool1d(3) }
    AdaptiveMaxPool1d1 (a: [4, 4]) -> [4, 1] { adaptive_max_pool1d(1) }
    AdaptiveMaxPool1d2 (a: [3, 7]) -> [3, 4] { adaptive_max_pool1d(4) }
    AdaptiveMaxPool2d0 (a: [4, 4, 4]) -> [4, 2, 3] { adaptive_max_pool2d([2, 3]) }
    AdaptiveMaxPool2d2 (a: [4, 4, 4]) -> [4, 1, 1] { adaptive_max_pool2d(1) }
    AdaptiveMaxPool2d3 (a: [4, 4, 3]) -> [4, 3, 3] { adaptive_max_pool2d(3) }
    AdaptiveMaxPool2d4 (a: [4, 4, 3]) -> [4, 4, 3] { adaptive_max_pool2d([4, 3]) }
    AdaptiveMaxPool2d6 (a: [3, 4, 10]) -> [3, 8, 5] { adaptive_max_pool2d([8, 5]) }
    AdaptiveMaxPool2d7 (a: [3, 7, 7]) -> [3, 4, 4] { adaptive_max_pool2d(4) }
    AdaptiveMaxPool3d0 (a: [4, 4, 3, 5]) -> [4, 4, 3, 5] { adaptive_max_pool3d([4, 3, 5]) }
    AdaptiveMaxPool3d1 (a: [4, 4, 3, 5]) -> [4, 1, 1, 1] { adaptive_max_pool3d(1) }
    AdaptiveMaxPool3d2 (a: [3, 4, 4, 6]) -> [3, 2, 3, 6] { adaptive_max_pool3d([2, 3, 6]) }
    AdaptiveMaxPool3d3 (a: [3, 4, 4, 6]) -> [3, 3, 4, 2] { adaptive_max_pool3d([3, 4, 2]) }
    AdaptiveMaxPool3d4 (a: [3, 4, 4, 6]) -> [3, 4, 3, 2] { adaptive_max_pool3d([4, 3, 2]) }
    AvgPool1d1 (a: [3, 9]) -> [3, 9] { avg_pool1d(3, stride = 1, padding = 1, ceil_mode = true, count_include_pad = false) }
    AvgPool1d2 (a: [3, 9]) -> [3, 4] { avg_pool1d(6, stride = 3, padding = 2, ceil_mode = true) }
    AvgPool1d4 (a: [2, 9]) -> [2, 3] { avg_pool1d(7, stride = 3, padding = 2) }
    AvgPool1d5 (a: [2, 9]) -> [2, 4] { avg_pool1d(7, stride = 3, padding = 3, ceil_mode = true) }
    AvgPool1d6 (a: [2, 9]) -> [2, 1] { avg_pool1d(7, stride = 3) }
    AvgPool1d7 (a: [2, 9]) -> [2, 2] { avg_pool1d(7, stride = 3, ceil_mode = true) }
    AvgPool3d0 (a: [3, 3, 4, 4]) -> [3, 1, 2, 2] { avg_pool3d(2) }
    AvgPool3d1 (a: [2, 5, 5, 5]) -> [2, 4, 3, 3] { avg_pool3d([2, 3, 4], stride = [1, 2, 2], padding = [0, 1, 2]) }
    AvgPool3d2 (a: [1, 6, 5, 6]) -> [1, 4, 3, 3] { avg_pool3d([4, 5, 6], stride = [2, 3, 2], padding = 2, ceil_mode = true) }
    BinaryCrossEntropyWithLogits5 (a: [5, 5], b: [5, 5]) -> [] { bce_with_logits(a, b, reduction = "sum") }
    BinaryCrossEntropyWithLogits23 (a: [5, 5], b: [5, 5], c: [5, 5], d: [5]) -> [] { bce_with_logits(a, b, weight = stop_gradient(c), pos_weight = stop_gradient(d), reduction = "sum") }
    Relu0 (a: []) -> [] { relu }
    ConvTranspose1d0 (a: [3, 4]) -> [3, 6] { conv_transpose1d(3, stride = 2, padding = 2, output_padding = 1) -> [3, 6] }
    ConvTranspose1d1 (a: [2, 4]) -> [4, 22] { conv_transpose1d(4, stride = 3, padding = 1, dilation = 4, groups = 2, output_padding = 2) -> [4, 22] }
    ConvTranspose1d2 (a: [1, 4]) -> [1, 12] { conv_transpose1d(4, stride = 2, padding = 1, dilation = 2, output_padding = 1) -> [1, 12] }
    ConvTranspose1d3 (a: [1, 4]) -> [2, 8] { conv_transpose1d(3, stride = 2, padding = 1, bias = false, output_padding = 1) -> [2, 8] }
    ConvTranspose1d4 (a: [4, 5]) -> [8, 7] { conv_transpose1d(3, bias = false) -> [8, 7] }
    ConvTranspose2d0 (a: [3, 4, 4]) -> [3, 6, 6] { conv_transpose2d(3, stride = 2, padding = 2, output_padding = 1) -> [3, 6, 6] }
    ConvTranspose2d1 (a: [1, 4, 5]) -> [1, 12, 14] { conv_transpose2d([4, 3], stride = 2, padding = 1, dilation = [2, 3], output_padding = 1) -> [1, 12, 14] }
    ConvTranspose2d2 (a: [1, 4, 3]) -> [2, 8, 7] { conv_transpose2d([3, 4], stride = 2, padding = 1, bias = false, output_padding = 1) -> [2, 8, 7] }
    ConvTranspose2d3 (a: [4, 4, 4]) -> [4, 6, 6] { conv_transpose2d(3, groups = 4, bias = false) -> [4, 6, 6] }
    ConvTranspose2d4 (a: [2, 5, 5]) -> [4, 7, 7] { conv_transpose2d(3, bias = false) -> [4, 7, 7] }
    ConvTranspose3d0 (a: [1, 4, 5, 2]) -> [1, 12, 14, 2] { conv_transpose3d([4, 3, 1], stride = 2, padding = 1, dilation = [2, 3, 2], output_padding = 1) -> [1, 12, 14, 2] }
    Conv1d0 (a: [3, 4]) -> [3, 3] { conv1d(3, stride = 2, padding = 2) -> [3, 3] }
    Conv1d1 (a: [4, 8]) -> [2, 2] { conv1d(3, stride = 3, padding = 1, dilation = 2, groups = 2) -> [2, 2] }
    Conv1d2 (a: [4, 5]) -> [1, 2] { conv1d(3, stride = 2, padding = valid, bias = false) -> [1, 2] }
    Conv1d3 (a: [2, 4]) -> [2, 4] { conv1d(4, padding = same, dilation = 2, groups = 2) -> [2, 4] }
    Conv1d4 (a: [4, 5]) -> [3, 3] { conv1d(3, bias = false) -> [3, 3] }
    Conv2d0 (a: [3, 4, 4]) -> [3, 3, 3] { conv2d(3, stride = 2, padding = 2) -> [3, 3, 3] }
    Conv2d1 (a: [4, 8, 8]) -> [2, 2, 1] { conv2d(3, stride = [3, 2], padding = [2, 1], dilation = 4, groups = 2) -> [2, 2, 1] }
    Conv2d2 (a: [4, 5, 5]) -> [1, 3, 1] { conv2d([2, 3], stride = 2, padding = 1, dilation = [2, 3]) -> [1, 3, 1] }
    Conv2d3 (a: [2, 4, 3]) -> [4, 2, 1] { conv2d([3, 4], stride = 2, padding = 1, bias = false) -> [4, 2, 1] }
    Conv2d5 (a: [4, 5, 5]) -> [1, 5, 5] { conv2d([2, 3], padding = same, dilation = 3) -> [1, 5, 5] }
    Conv2d11 (a: [4, 5, 5]) -> [4, 3, 3] { conv2d(2, dilation = 2, groups = 4) -> [4, 3, 3] }
    Conv3d0 (a: [1, 4, 4, 4]) -> [1, 4, 4, 4] { conv3d(1, padding = same) -> [1, 4, 4, 4] }
    Conv3d1 (a: [1, 4, 4, 4]) -> [1, 1, 1, 1] { conv3d(4, stride = 2) -> [1, 1, 1, 1] }
    Conv3d2 (a: [1, 5, 5, 5]) -> [1, 1, 1, 1] { conv3d(3, dilation = 2) -> [1, 1, 1, 1] }
    Conv3d3 (a: [1, 1, 1, 10]) -> [1, 1, 1, 7] { conv3d([1, 1, 4], padding = valid, bias = false) -> [1, 1, 1, 7] }
    Conv3d4 (a: [9, 3, 1, 9]) -> [3, 1, 1, 1] { conv3d([3, 1, 9], groups = 3) -> [3, 1, 1, 1] }
    Conv3d5 (a: [9, 3, 1, 9]) -> [3, 1, 1, 1] { conv3d([3, 1, 9], stride = 2, groups = 3) -> [3, 1, 1, 1] }
    GroupNorm0 (a: [6, 3]) -> [6, 3] { group_norm(2, eps = 0.5) }
    GroupNorm5 (a: [2]) -> [2] { group_norm(1, eps = 1e-05, affine = false) }
    InstanceNorm1 (a: [2, 4]) -> [2, 4] { instance_norm(eps = 1e-05, affine = true) }
    InstanceNorm4 (a: [2, 3]) -> [2, 3] { instance_norm(eps = 1e-05) }
    LayerNorm0 (a: [1, 2, 3]) -> [1, 2, 3] { layer_norm(axes = [0, 1, 2], eps = 0.5) }
    LayerNorm4 (a: [1, 2]) -> [1, 2] { layer_norm(axes = [1], eps = 1e-05, affine = false) }
    RmsNorm0 (a: [1, 2, 3]) -> [1, 2, 3] { rms_norm(axes = [0, 1, 2], eps = 0.5) }
    RmsNorm4 (a: [1, 2]) -> [1, 2] { rms_norm(axes = [1], eps = 2.220446049250313e-16, affine = false) }
    Pad1 (a: [1, 3]) -> [1, 6] { constant_pad1d([1, 2], value = 1) }
    Pad3 (a: [1, 1, 3]) -> [1, 2, 5] { constant_pad2d([0, 1, 0, 2], value = 1) }
    Pad5 (a: [1, 1, 3, 3]) -> [1, 3, 5, 5] { constant_pad3d([1, 1, 1, 1, 1, 1], value = 1) }
    Pad11 (a: [1, 3]) -> [1, 4] { constant_pad1d([0, 1], value = 2) }
    Pad21 (a: [1, 3, 3]) -> [1, 4, 5] { reflection_pad2d([0, 1, 0, 2]) }
    Pad23 (a: [1, 3, 3, 3]) -> [1, 5, 5, 5] { reflection_pad3d([1, 1, 1, 1, 1, 1]) }
    Hardswish0 (a: []) -> [] { hard_swish }
    Interpolate0 (a: [3, 4]) -> [3, 3] { upsample_nearest1d -> [3, 3] }
    Interpolate6 (a: [3, 4, 5]) -> [3, 3, 4] { upsample_nearest2d -> [3, 3, 4] }
    Interpolate11 (a: [3, 4, 3, 5]) -> [3, 3, 2, 4] { upsample_nearest3d -> [3, 3, 2, 4] }
    Interpolate13 (a: [3, 4]) -> [3, 3] { upsample_linear1d(align_corners = true) -> [3, 3] }
    Interpolate17 (a: [3, 4]) -> [3, 3] { upsample_linear1d -> [3, 3] }
    Interpolate24 (a: [3, 4, 5]) -> [3, 5, 6] { upsample_bilinear2d(align_corners = true) -> [3, 5, 6] }
    Interpolate33 (a: [3, 4, 4, 4]) -> [3, 3, 3, 3] { upsample_trilinear3d(align_corners = true) -> [3, 3, 3, 3] }
    Interpolate38 (a: [3, 4, 4, 4]) -> [3, 2, 2, 2] { upsample_trilinear3d -> [3, 2, 2, 2] }
    LeakyRelu0 (a: []) -> [] { leaky_relu }
    AvgPool2d0 (a: [2, 6, 6]) -> [2, 4, 4] { avg_pool2d(4, stride = 2, padding = 2, ceil_mode = true) }
    AvgPool2d1 (a: [3, 9, 9]) -> [3, 3, 3] { avg_pool2d(3) }
    MaxPool1d0 (a: [2, 3]) -> [2, 1] { max_pool1d(3, stride = 2, ceil_mode = true) }
    MaxPool1d1 (a: [2, 3]) -> [2, 2] { max_pool1d(3, stride = 2, padding = 1, ceil_mode = true) }
    MaxPool1d2 (a: [2, 3]) -> [2, 1] { max_pool1d(3, stride = 2) }
    MaxPool1d3 (a: [2, 3]) -> [2, 2] { max_pool1d(3, stride = 2, padding = 1) }
    MaxPool1d4 (a: [2, 3]) -> [2, 1] { max_pool1d(3, ceil_mode = true) }
    MaxPool1d5 (a: [2, 3]) -> [2, 2] { max_pool1d(3, padding = 1, ceil_mode = true) }
    MaxPool2d1 (a: [2, 3, 6]) -> [2, 1, 2] { max_pool2d(3, stride = 2, ceil_mode = true, dilation = [1, 2]) }
    MaxPool2d5 (a: [2, 3, 6]) -> [2, 1, 1] { max_pool2d(3, stride = 2, dilation = [1, 2]) }
    MaxPool2d7 (a: [2, 3, 6]) -> [2, 2, 2] { max_pool2d(3, stride = 2, padding = 1, dilation = [1, 2]) }
    MaxPool2d18 (a: [2, 3, 6]) -> [2, 2, 6] { max_pool2d(3, stride = [2, 1], padding = 1, ceil_mode = true) }
    MaxPool2d19 (a: [2, 3, 6]) -> [2, 2, 4] { max_pool2d(3, stride = [2, 1], padding = 1, ceil_mode = true, dilation = [1, 2]) }
    MaxPool2d24 (a: [2, 3, 6]) -> [2, 1, 3] { max_pool2d([3, 2], stride = 2, ceil_mode = true) }
    MaxPool3d1 (a: [2, 3, 6, 5]) -> [2, 1, 2, 2] { max_pool3d(3, stride = 2, ceil_mode = true, dilation = [1, 2, 1]) }
    MaxPool3d2 (a: [2, 3, 6, 5]) -> [2, 2, 4, 3] { max_pool3d(3, stride = 2, padding = 1, ceil_mode = true) }
    MaxPool3d3 (a: [2, 3, 6, 5]) -> [2, 2, 3, 3] { max_pool3d(3, stride = 2, padding = 1, ceil_mode = true, dilation = [1, 2, 1]) }
    MaxPool3d5 (a: [2, 3, 6, 5]) -> [2, 1, 1, 2] { max_pool3d(3, stride = 2, dilation = [1, 2, 1]) }
    MaxPool3d7 (a: [2, 3, 6, 5]) -> [2, 2, 2, 3] { max_pool3d(3, stride = 2, padding = 1, dilation = [1, 2, 1]) }
    MaxPool3d40 (a: [2, 3, 6, 5]) -> [2, 1, 5, 2] { max_pool3d([3, 2, 3], stride = [2, 1, 2], ceil_mode = true) }
    Linear0 (a: [3]) -> [4] { linear -> [4] }
    Linear2 (a: [3]) -> [4] { linear(bias = false) -> [4] }
    Glu0 (a: [2]) -> [1] { glu(axis = 0) }
    Glu4 (a: [2, 3, 2]) -> [2, 3, 1] { glu(axis = 2) }
    Elu0 (a: []) -> [] { elu }
    Prelu0 (a: []) -> [] { prelu }
    Prelu1 (a: [5]) -> [5] { prelu(num_parameters = 5) }
    Celu0 (a: []) -> [] { celu }
    Selu0 (a: []) -> [] { selu }
    ScaledDotProductAttention0 (a: [3, 8], b: [6, 8], c: [6, 8]) -> [3, 8] { scaled_dot_product_attention(a, b, c, causal = true) }
    ScaledDotProductAttention1 (a: [3, 8], b: [6, 8], c: [6, 8]) -> [3, 8] { scaled_dot_product_attention(a, b, c) }
    Silu0 (a: []) -> [] { silu }
    Hardsigmoid0 (a: []) -> [] { hard_sigmoid }
    Logsigmoid0 (a: []) -> [] { log_sigmoid }
    Mish0 (a: []) -> [] { mish }
    Softsign0 (a: []) -> [] { softsign }
    Tanhshrink0 (a: []) -> [] { tanhshrink }
    Threshold0 (a: []) -> [] { threshold(-7.582430495695129, -0.6046891126565539) }
    Threshold1 (a: []) -> [] { threshold(-4.146041530864057, -5.4215280659972755) }
    BatchNorm1 (a: [2, 3, 4]) -> [2, 3, 4] { batch_norm(eps = 0.5) }
    BatchNorm2 (a: [1]) -> [1] { batch_norm(eps = 1e-05) }
    Softshrink0 (a: []) -> [] { softshrink(lambda = 0) }
    Softshrink1 (a: []) -> [] { softshrink }
    Hardshrink0 (a: []) -> [] { hardshrink(lambda = -0.5) }
    Hardshrink2 (a: []) -> [] { hardshrink }
    Hardtanh0 (a: []) -> [] { hardtanh(min = -0.5, max = 0.5) }
    Hardtanh2 (a: []) -> [] { hardtanh }
    Gelu0 (a: []) -> [] { gelu }
    Gelu1 (a: []) -> [] { gelu_tanh }
    Relu6_0 (a: []) -> [] { relu6 }
    Ne0 (a: [], b: []) -> [] { ne(a, b) }
    Narrow0 (a: [5, 5, 5]) -> [5, 2, 5] { slice(2..4, axis = 1) }
    Neg0 (a: []) -> [] { neg }
    Outer0 (a: [5], b: [10]) -> [5, 10] { outer(a, b) }
    Permute0 (a: [1, 2, 3, 4]) -> [1, 3, 4, 2] { permute(0, 2, 3, 1) }
    Pow0 (a: [], b: []) -> [] { pow(a, b) }
    Roll0 (a: [5, 5, 5]) -> [5, 5, 5] { roll(0, 0) }
    Round0 (a: []) -> [] { round }
    Sin0 (a: []) -> [] { sin }
    Sinc0 (a: []) -> [] { sinc }
    Sinh0 (a: []) -> [] { sinh }
    Sign0 (a: []) -> [] { sign }
    Split0 (a: [5, 5, 5]) -> [125] { s1 = slice(a, 0..2, axis = 0), s2 = slice(a, 2..4, axis = 0), s3 = slice(a, 4..5, axis = 0), s4 = reshape(s1) -> [50], s5 = reshape(s2) -> [50], s6 = reshape(s3) -> [25], concat(s4, s5, s6) }
    Rsub5 (a: [], b: []) -> [] { b - 2 * a }
    Rsub6 (a: [], b: []) -> [] { b - -3.125 * a }
    Select5 (a: [5]) -> [] { s1 = slice(a, 2..3, axis = 0), squeeze(s1, axes = [0]) }
    Slice0 (a: [3]) -> [3] { slice(0..3, axis = 0) }
    Tan0 (a: []) -> [] { tan }
    Tanh0 (a: []) -> [] { tanh }
    Trunc0 (a: []) -> [] { trunc }
    Exp2_0 (a: []) -> [] { exp2 }
    Expm1_0 (a: []) -> [] { expm1 }
    Reciprocal0 (a: []) -> [] { reciprocal }
    Rsqrt0 (a: []) -> [] { rsqrt }
    Sqrt0 (a: []) -> [] { sqrt }
    Square0 (a: []) -> [] { square }
    Lerp3 (a: [5, 5], b: [5, 1], c: [5]) -> [5, 5] { a + c * (b - a) }
    Lerp5 (a: [5, 1], b: [5, 5]) -> [5, 5] { lerp(a, b, 0.4) }
    Einsum8 (a: [1, 3, 1]) -> [3] { einsum("iji->j", a) }
    Einsum10 (a: [1, 2, 3], b: [3]) -> [2, 3] { einsum("...ik, ...j -> ij", a, b) }
    Reshape0 (a: [5, 5, 5]) -> [25, 5] { reshape -> [25, 5] }
    Reshape5 (a: []) -> [1] { reshape -> [1] }
    Flatten2 (a: [5, 5]) -> [25] { reshape -> [25] }
    Unflatten1 (a: [8]) -> [4, 2] { reshape -> [4, 2] }
    Gather0 (a: [5, 5] of index(10), b: [10, 5]) -> [5, 5] { gather(b, a, axis = 0) }
    Gather1 (a: [10, 2] of index(5), b: [10, 5]) -> [10, 2] { gather(b, a, axis = 1) }
    IndexSelect0 (a: [1], b: [1] of index(1)) -> [1] { index_select(a, b, axis = 0) }
    IndexSelect1 (a: [5, 5], b: [5] of index(5)) -> [5, 5] { index_select(a, b, axis = 1) }
    ScatterAdd0 (a: [10, 5], b: [5, 5] of index(10), c: [5, 5]) -> [10, 5] { scatter_add(a, b, c, axis = 0) }
    ScatterAdd1 (a: [10, 5], b: [10, 2] of index(5), c: [10, 2]) -> [10, 5] { scatter_add(a, b, c, axis = 1) }
    Stack0 (a: [1, 2, 1, 4], b: [1, 2, 1, 4], c: [1, 2, 1, 4]) -> [1, 2, 1, 4, 3] { stack(a, b, c, axis = 4) }
    Hypot0 (a: [], b: []) -> [] { hypot(a, b) }
    Cat3 (a: [1], b: [1]) -> [2] { concat(a, b, axis = 0) }
    Movedim0 (a: [4, 3, 2, 1]) -> [1, 2, 3, 4] { permute(3, 2, 1, 0) }
    Repeat1 (a: [2]) -> [1, 2] { repeat([1, 1]) }
    Repeat3 (a: [2]) -> [2, 6] { repeat([2, 3]) }
    Squeeze1 (a: [1, 1, 1, 1]) -> [] { squeeze }
    Unsqueeze4 (a: [1]) -> [1, 1] { unsqueeze(0) }
    Xlogy0 (a: [], b: []) -> [] { xlogy(a, b) }
    Logsumexp0 (a: [5, 5]) -> [5, 1] { logsumexp(axes = [1], keepdim = true) }
    Logsumexp2 (a: [5, 5]) -> [5] { logsumexp(axes = [0]) }
    Transpose0 (a: [1, 2, 3]) -> [1, 3, 2] { transpose(2, 1) }
    Logcumsumexp0 (a: [5, 5, 5]) -> [5, 5, 5] { logcumsumexp(0) }
    Sigmoid0 (a: []) -> [] { sigmoid }
    Erf0 (a: []) -> [] { erf }
    Erfc0 (a: []) -> [] { erfc }
    SmoothL1Loss3 (a: [5], b: [5]) -> [5] { huber(a, b, reduction = "none") }
    SmoothL1Loss6 (a: [5, 5], b: [5, 5]) -> [] { s1 = huber(a, b, delta = 5), s1 / 5 }
    L1Loss2 (a: [5], b: [5]) -> [] { mae(a, b, reduction = "sum") }
    L1Loss4 (a: [5, 5, 5], b: [5, 5, 5]) -> [] { mae(a, b) }
    LogSoftmax0 (a: [5]) -> [5] { log_softmax(0) }
    LogSoftmax2 (a: [5, 5]) -> [5, 5] { log_softmax(1) }
    Logit1 (a: []) -> [] { s1 = clamp(a, 0.2, 0.8), logit(s1) }
    Where0 (a: [], b: [], c: []) -> [] { where(a, b, c) }
    Where1 (a: [2], b: [], c: [1, 1]) -> [1, 2] { where(a, b, c) }
    Norm12 (a: [5, 5, 5]) -> [5, 1, 5] { norm(axes = [1], keepdim = true, p = 3) }
    Norm19 (a: [5, 5, 5]) -> [5, 5] { norm(axes = [2], p = 1.5) }
    T0 (a: [1, 2]) -> [2, 1] { transpose(0, 1) }
    Embedding0 (a: index(10)) -> [5] { embedding -> [5] }
    Embedding3 (a: [2, 2] of index(5)) -> [2, 2, 5] { embedding -> [2, 2, 5] }
    MseLoss0 (a: [], b: []) -> [] { mse(a, b) }
    MseLoss2 (a: [5], b: [5]) -> [] { mse(a, b, reduction = "sum") }
    Amax8 (a: [3, 2, 1, 2]) -> [] { amax }
    Amax9 (a: [3, 2, 1, 2]) -> [1, 2, 1, 2] { amax(axes = [0], keepdim = true) }
    Amin10 (a: [3, 2, 1, 2]) -> [3, 2, 1] { amin(axes = [3]) }
    Amin11 (a: [3, 2, 1, 2]) -> [3, 2, 1, 2] { amin(axes = [2], keepdim = true) }
    Argmax2 (a: [3, 5]) -> [1, 5] { argmax(0, keepdim = true) }
    Argmax3 (a: [3, 5]) -> [3] { argmax(1) }
    Argmin0 (a: [2]) -> [1] { argmin(0, keepdim = true) }
    Argmin5 (a: [3, 2, 1, 2]) -> [3, 2, 1] { argmin(3) }
    Mean13 (a: [3, 2, 1, 2]) -> [1, 2, 1, 1] { mean(axes = [0, 3], keepdim = true) }
    Mean14 (a: [3, 2, 1, 2]) -> [3, 1] { mean(axes = [1, 3]) }
    Std6 (a: [5, 5, 5]) -> [1, 1, 1] { std(keepdim = true, correction = 0) }
    Std10 (a: [5, 5]) -> [] { std }
    Var3 (a: [5]) -> [1] { var(axes = [0], keepdim = true) }
    Var5 (a: [5, 5, 5]) -> [5, 5] { var(axes = [1], correction = 2) }
    Prod4 (a: [1]) -> [] { prod }
    Prod6 (a: [5, 5, 5]) -> [1, 5, 5] { prod(axes = [0], keepdim = true) }
    Sum3 (a: [3, 5]) -> [] { sum }
    Sum7 (a: [3, 5]) -> [1, 1] { sum(axes = [0, 1], keepdim = true) }
    HuberLoss1 (a: [5], b: [5]) -> [] { huber(a, b, delta = 8.698115367693557) }
    HuberLoss3 (a: [5, 5], b: [5, 5]) -> [5, 5] { huber(a, b, delta = 8.698115367693557, reduction = "none") }
    RepeatInterleave0 (a: [2, 3, 4]) -> [2, 6, 4] { repeat_interleave(2, 1) }
    LinalgVectorNorm6 (a: [2]) -> [1] { norm(axes = [0], keepdim = true, p = 6) }
    LinalgVectorNorm61 (a: [3, 2, 1, 2]) -> [3, 2, 1] { norm(axes = [3], p = 4) }
    Bmm0 (a: [3, 7, 1], b: [3, 1, 11]) -> [3, 7, 11] { matmul(a, b) }
    NnAdaptiveAvgPool1d0 (a: [3, 5]) -> [3, 3] { adaptive_avg_pool1d(3) }
    NnAdaptiveAvgPool2d0 (a: [3, 5, 6]) -> [3, 3, 3] { adaptive_avg_pool2d(3) }
    NnAdaptiveAvgPool3d1 (a: [1, 3, 2, 6]) -> [1, 3, 2, 2] { adaptive_avg_pool3d([3, 2, 2]) }
    NnAdaptiveMaxPool1d0 (a: [3, 5]) -> [3, 3] { adaptive_max_pool1d(3) }
    NnAdaptiveMaxPool2d0 (a: [3, 5, 6]) -> [3, 3, 3] { adaptive_max_pool2d(3) }
    NnAdaptiveMaxPool3d0 (a: [3, 5, 6, 7]) -> [3, 3, 3, 3] { adaptive_max_pool3d(3) }
    NnAvgPool1d1 (a: [3, 6]) -> [3, 4] { avg_pool1d(2, padding = 1) }
    NnAvgPool2d1 (a: [3, 6, 6]) -> [3, 4, 4] { avg_pool2d(2, padding = 1) }
    NnAvgPool3d2 (a: [3, 2, 4, 8]) -> [3, 3, 3, 5] { avg_pool3d([2, 4, 8], stride = 1, padding = [1, 1, 2]) }
    NnBatchNorm1d3 (a: [10]) -> [10] { batch_norm(eps = 0.001, affine = false) }
    NnBatchNorm2d2 (a: [3, 6, 6]) -> [3, 6, 6] { batch_norm(eps = 0.001, affine = false) }
    NnBatchNorm3d2 (a: [3, 4, 4, 4]) -> [3, 4, 4, 4] { batch_norm(eps = 0.001, affine = false) }
    NnCELU0 (a: []) -> [] { celu(alpha = 2) }
    NnConv1d1 (a: [4, 3]) -> [5, 3] { conv1d(3, padding = same) -> [5, 3] }
    NnConv2d1 (a: [4, 3, 4]) -> [5, 3, 4] { conv2d(3, padding = same) -> [5, 3, 4] }
    NnConvTranspose1d0 (a: [4, 3]) -> [5, 5] { conv_transpose1d(3) -> [5, 5] }
    NnConvTranspose2d0 (a: [4, 3, 4]) -> [5, 5, 6] { conv_transpose2d(3) -> [5, 5, 6] }
    NnL1Loss0 (a: [2, 3, 4], b: [2, 3, 4]) -> [] { mae(a, b) }
    NnSmoothL1Loss0 (a: [5, 10], b: [5, 10]) -> [] { huber(a, b) }
    NnSmoothL1Loss3 (a: [5, 10], b: [5, 10]) -> [5, 10] { huber(a, b, reduction = "none") }
    NnLinear2 (a: [3]) -> [5] { linear -> [5] }
    NnMaxPool1d0 (a: [10, 4]) -> [10, 1] { max_pool1d(4) }
    NnMaxPool2d0 (a: [3, 7, 7]) -> [3, 4, 4] { max_pool2d(3, stride = 2, padding = 1) }
    NnMaxPool3d0 (a: [3, 5, 5, 5]) -> [3, 2, 2, 2] { max_pool3d(2) }
    NnMSELoss0 (a: [2, 3, 4, 5], b: [2, 3, 4, 5]) -> [] { mse(a, b) }
    NnBCEWithLogitsLoss4 (a: [15, 10], b: [15, 10], c: []) -> [] { bce_with_logits(a, b, weight = stop_gradient(c)) }
    NnCrossEntropyLoss35 (a: [3], b: index(3), c: [3]) -> [] { cross_entropy(a, b, weight = stop_gradient(c), reduction = "sum") }
    NnGLU2 (a: [4]) -> [2] { glu(axis = 0) }
    NnGroupNorm3 (a: [10]) -> [10] { group_norm(1, eps = 0.001, affine = false) }
    NnInstanceNorm1d1 (a: [3, 15]) -> [3, 15] { instance_norm(eps = 0.001, affine = true) }
    NnInstanceNorm2d0 (a: [3, 6, 6]) -> [3, 6, 6] { instance_norm(eps = 0.001) }
    NnInstanceNorm3d0 (a: [3, 4, 4, 4]) -> [3, 4, 4, 4] { instance_norm(eps = 0.001) }
    NnLayerNorm3 (a: [4, 2, 2, 5]) -> [4, 2, 2, 5] { layer_norm(axes = [1, 2, 3], eps = 0.001, affine = false) }
    NnRMSNorm3 (a: [4, 2, 2, 5]) -> [4, 2, 2, 5] { rms_norm(axes = [1, 2, 3], eps = 0.001, affine = false) }
    NnEmbedding0 (a: [2, 3] of index(4)) -> [2, 3, 3] { embedding -> [2, 3, 3] }
    NnSoftmax1 (a: [4, 5]) -> [4, 5] { softmax(1) }
    NnSoftmax2d0 (a: [3, 4, 5]) -> [3, 4, 5] { softmax(0) }
    NnLogSoftmax1 (a: [4, 5]) -> [4, 5] { log_softmax(1) }
    NnSoftmin2 (a: [3, 4, 10]) -> [3, 4, 10] { s1 = neg(a), softmax(s1, 2) }
    NnSoftplus1 (a: []) -> [] { softplus(2 * a) / 2 }
    NnThreshold0 (a: []) -> [] { threshold(2, 1) }
    NnRNN0 (a: [3, 2]) -> [3, 2] { s1 = rnn(a, bias = false) -> [3, 2], rnn(s1, bias = false) -> [3, 2] }
    NnGRU0 (a: [3, 2]) -> [3, 2] { s1 = gru(a, bias = false) -> [3, 2], gru(s1, bias = false) -> [3, 2] }
    NnLSTM0 (a: [2, 2]) -> [2, 3] { s1 = lstm(a, bias = false) -> [2, 3], lstm(s1, bias = false) -> [2, 3] }
    NnReflectionPad1d0 (a: [1, 3]) -> [1, 5] { reflection_pad1d([1, 1]) }
    NnReflectionPad2d0 (a: [1, 4, 5]) -> [1, 6, 7] { reflection_pad2d([1, 1, 1, 1]) }
    NnReflectionPad3d0 (a: [1, 3, 4, 5]) -> [1, 5, 6, 7] { reflection_pad3d([1, 1, 1, 1, 1, 1]) }
    NnReplicationPad1d0 (a: [1, 4]) -> [1, 6] { replication_pad1d([1, 1]) }
    NnReplicationPad2d0 (a: [1, 4, 5]) -> [1, 6, 7] { replication_pad2d([1, 1, 1, 1]) }
    NnZeroPad1d0 (a: [1, 4]) -> [1, 6] { constant_pad1d([1, 1]) }
    NnZeroPad2d0 (a: [1, 2, 3]) -> [1, 4, 5] { constant_pad2d([1, 1, 1, 1]) }
    NnConstantPad1d0 (a: [1, 4]) -> [1, 6] { constant_pad1d([1, 1], value = 2) }
    NnConstantPad2d1 (a: [1, 3, 4]) -> [1, 10, 7] { constant_pad2d([3, 4, 1, 2], value = 5) }
}
