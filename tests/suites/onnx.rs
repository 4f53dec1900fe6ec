//! ONNX's tests of single operators: written by `tests/reference/onnx_cases.py`.

use crate::suites::suite;

suite! {
    Abs0 (a: []) -> [] { abs }
    Acos0 (a: []) -> [] { acos }
    Acosh0 (a: []) -> [] { acosh }
    Add0 (a: [], b: []) -> [] { add(a, b) }
    ArgMax0 (a: [2, 2]) -> [2] { argmax(1) }
    ArgMax2 (a: [2, 2]) -> [2, 1] { argmax(1, keepdim = true) }
    ArgMax4 (a: [2, 2]) -> [1, 2] { argmax(0, keepdim = true) }
    ArgMin1 (a: [2, 3, 4]) -> [2, 4] { argmin(1) }
    ArgMin3 (a: [2, 3, 4]) -> [2, 1, 4] { argmin(1, keepdim = true) }
    ArgMin5 (a: [2, 3, 4]) -> [1, 3, 4] { argmin(0, keepdim = true) }
    Asin0 (a: []) -> [] { asin }
    Asinh0 (a: []) -> [] { asinh }
    Atan0 (a: []) -> [] { atan }
    Atanh0 (a: []) -> [] { atanh }
    Attention1 (a: [9, 4, 8], b: [3, 6, 8], c: [3, 6, 8]) -> [9, 4, 8] { scaled_dot_product_attention(a, b, c) }
    Attention3 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 8]) -> [3, 4, 8] { scaled_dot_product_attention(a, b, c, scale = 0.01) }
    Attention9 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 8], d: [4, 6]) -> [3, 4, 8] { scaled_dot_product_attention(a, b, c, d, additive = true) }
    Attention11 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 8], d: [1, 4, 6]) -> [3, 4, 8] { scaled_dot_product_attention(a, b, c, d, causal = true, additive = true) }
    Attention12 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 8], d: [3, 4, 6]) -> [3, 4, 8] { scaled_dot_product_attention(a, b, c, d, additive = true) }
    Attention17 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 10], d: [4, 6]) -> [3, 4, 10] { scaled_dot_product_attention(a, b, c, d, additive = true) }
    Attention20 (a: [3, 4, 8], b: [3, 6, 8], c: [3, 6, 10]) -> [3, 4, 10] { scaled_dot_product_attention(a, b, c, softcap = 2) }
    Attention22 (a: [4, 72], b: [6, 24], c: [6, 24]) -> [4, 72] { s1 = reshape(a) -> [4, 9, 8], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [6, 3, 8], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [6, 3, 8], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [4, 72] }
    Attention23 (a: [4, 24], b: [6, 24], c: [6, 30]) -> [4, 30] { s1 = reshape(a) -> [4, 3, 8], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [6, 3, 8], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [6, 3, 10], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [4, 30] }
    Attention30 (a: [4, 24], b: [6, 24], c: [6, 24], d: [4, 6]) -> [4, 24] { s1 = reshape(a) -> [4, 3, 8], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [6, 3, 8], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [6, 3, 8], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6, d, additive = true), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [4, 24] }
    Attention32 (a: [4, 24], b: [6, 24], c: [6, 30], d: [4, 6]) -> [4, 30] { s1 = reshape(a) -> [4, 3, 8], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [6, 3, 8], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [6, 3, 10], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6, d, additive = true), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [4, 30] }
    Attention33 (a: [4, 24], b: [6, 24], c: [6, 24]) -> [4, 24] { s1 = reshape(a) -> [4, 3, 8], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [6, 3, 8], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [6, 3, 8], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6, softcap = 3), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [4, 24] }
    Attention36 (a: [2, 12], b: [2, 12], c: [2, 12]) -> [2, 12] { s1 = reshape(a) -> [2, 3, 4], s2 = permute(s1, 1, 0, 2), s3 = reshape(b) -> [2, 3, 4], s4 = permute(s3, 1, 0, 2), s5 = reshape(c) -> [2, 3, 4], s6 = permute(s5, 1, 0, 2), s7 = scaled_dot_product_attention(s2, s4, s6), s8 = permute(s7, 1, 0, 2), reshape(s8) -> [2, 12] }
    Attention37 (a: [1, 4, 8], b: [1, 6, 8], c: [1, 6, 8], d: [4, 6]) -> [1, 4, 8] { scaled_dot_product_attention(a, b, c, d, softcap = 0.5, additive = true) }
    Attention38 (a: [2, 2, 8], b: [2, 2, 8], c: [2, 2, 8], d: [2, 2]) -> [2, 2, 8] { scaled_dot_product_attention(a, b, c, d, causal = true) }
    AveragePool0 (a: [1, 5, 5]) -> [1, 5, 5] { avg_pool2d(5, stride = 1, padding = 2, count_include_pad = false) }
    AveragePool1 (a: [1, 5, 5]) -> [1, 5, 5] { avg_pool2d(5, stride = 1, padding = 2) }
    AveragePool2 (a: [1, 5, 5]) -> [1, 2, 2] { avg_pool2d(2, stride = 2) }
    AveragePool4 (a: [3, 32]) -> [3, 31] { avg_pool1d(2, stride = 1) }
    AveragePool5 (a: [3, 32, 32]) -> [3, 31, 31] { avg_pool2d(2, stride = 1) }
    AveragePool7 (a: [1, 4, 4]) -> [1, 2, 2] { avg_pool2d(3, stride = 2, ceil_mode = true) }
    AveragePool8 (a: [3, 2, 2]) -> [3, 1, 1] { avg_pool2d(3, stride = 3, padding = 1, ceil_mode = true) }
    BatchNormalization1 (a: [3, 4, 5]) -> [3, 4, 5] { batch_norm(eps = 0.01) }
    Ceil0 (a: []) -> [] { ceil }
    Celu0 (a: []) -> [] { celu(alpha = 2) }
    Clip0 (a: []) -> [] { clamp(-1, 1) }
    Clip1 (a: []) -> [] { clamp(-5, 5) }
    Concat0 (a: [2], b: [2]) -> [4] { concat(a, b, axis = 0) }
    Concat2 (a: [2, 2], b: [2, 2]) -> [2, 4] { concat(a, b, axis = 1) }
    Concat5 (a: [2, 2, 2], b: [2, 2, 2]) -> [2, 2, 4] { concat(a, b, axis = 2) }
    Conv2 (a: [1, 7, 5]) -> [1, 4, 3] { conv2d(3, stride = 2, padding = 1, bias = false) -> [1, 4, 3] }
    ConvTranspose0 (a: [1, 3, 3]) -> [2, 5, 5] { conv_transpose2d(3, bias = false) -> [2, 5, 5] }
    ConvTranspose1 (a: [1, 3]) -> [2, 5] { conv_transpose1d(3, bias = false) -> [2, 5] }
    ConvTranspose2 (a: [1, 3, 4, 5]) -> [2, 5, 6, 7] { conv_transpose3d(3, bias = false) -> [2, 5, 6, 7] }
    ConvTranspose3 (a: [1, 3, 3]) -> [2, 10, 8] { conv_transpose2d(3, stride = [3, 2], bias = false, output_padding = 1) -> [2, 10, 8] }
    ConvTranspose4 (a: [1, 3, 3]) -> [2, 7, 3] { conv_transpose2d(3, stride = [3, 2], padding = [1, 2], bias = false) -> [2, 7, 3] }
    ConvTranspose5 (a: [1, 3, 3]) -> [1, 5, 5] { conv_transpose2d(2, dilation = 2, bias = false) -> [1, 5, 5] }
    ConvTranspose6 (a: [2, 3, 3]) -> [2, 5, 5] { conv_transpose2d(3, groups = 2, bias = false) -> [2, 5, 5] }
    Cos0 (a: []) -> [] { cos }
    Cosh0 (a: []) -> [] { cosh }
    CumProd1 (a: [5]) -> [5] { s1 = flip(a, axes = [0]), s2 = cumprod(s1, 0), flip(s2, axes = [0]) }
    CumProd3 (a: [2, 3]) -> [2, 3] { cumprod(1) }
    CumSum1 (a: [5]) -> [5] { s1 = flip(a, axes = [0]), s2 = cumsum(s1, 0), flip(s2, axes = [0]) }
    CumSum3 (a: [2, 3]) -> [2, 3] { cumsum(1) }
    DepthToSpace0 (a: [8, 2, 3]) -> [2, 4, 6] { s1 = reshape(a) -> [2, 2, 2, 2, 3], s2 = permute(s1, 2, 3, 0, 4, 1), reshape(s2) -> [2, 4, 6] }
    DepthToSpace1 (a: [8, 2, 3]) -> [2, 4, 6] { s1 = reshape(a) -> [2, 2, 2, 2, 3], s2 = permute(s1, 0, 3, 1, 4, 2), reshape(s2) -> [2, 4, 6] }
    Div0 (a: [], b: []) -> [] { div(a, b) }
    Div1 (a: [3, 4, 5], b: [5]) -> [3, 4, 5] { div(a, b) }
    Dropout0 (a: []) -> [] { dropout(0.5) }
    Dropout1 (a: []) -> [] { dropout(0.10000000149011612) }
    Dropout2 (a: []) -> [] { dropout(0.2) }
    Einsum1 (a: [3, 4]) -> [3] { einsum("ij->i", a) }
    Einsum3 (a: [5], b: [5]) -> [] { einsum("i,i", a, b) }
    Einsum4 (a: [5, 2, 3], b: [5, 3, 4]) -> [5, 2, 4] { einsum("bij, bjk -> bik", a, b) }
    Elu0 (a: []) -> [] { elu(alpha = 2) }
    Elu1 (a: []) -> [] { elu }
    Erf0 (a: []) -> [] { erf }
    Exp0 (a: []) -> [] { exp }
    Expand0 (a: [3, 1]) -> [2, 3, 6] { broadcast -> [2, 3, 6] }
    Expand1 (a: [3, 1]) -> [3, 4] { broadcast -> [3, 4] }
    Flatten0 (a: [2, 3, 4, 5]) -> [1, 120] { reshape -> [1, 120] }
    Floor0 (a: []) -> [] { floor }
    Gather2 (a: [3, 3], b: [1, 2] of index(3)) -> [3, 1, 2] { index_select(a, b, axis = 1) }
    Gather3 (a: [10], b: [3] of index(10)) -> [3] { index_select(a, b, axis = 0) }
    GatherElements0 (a: [2, 2], b: [2, 2] of index(2)) -> [2, 2] { gather(a, b, axis = 1) }
    GatherElements1 (a: [3, 3], b: [2, 3] of index(3)) -> [2, 3] { gather(a, b, axis = 0) }
    Gelu0 (a: []) -> [] { gelu_tanh }
    Gelu1 (a: []) -> [] { gelu }
    Gemm8 (a: [3, 5], b: [5, 4], c: [1, 4]) -> [3, 4] { s1 = matmul(a, b), 0.5 * s1 + c }
    Gemm10 (a: [4, 3], b: [5, 4], c: [1, 5]) -> [3, 5] { s1 = transpose(a), s2 = transpose(b), s3 = matmul(s1, s2), 0.25 * s3 + 0.35 * c }
    GlobalAveragePool0 (a: [3, 5, 5]) -> [3] { global_avg_pool }
    GlobalAveragePool1 (a: [1, 3, 3]) -> [1] { global_avg_pool }
    GlobalMaxPool1 (a: [1, 3, 3]) -> [1, 1, 1] { amax(axes = [1, 2], keepdim = true) }
    Greater1 (a: [3, 4, 5], b: [5]) -> [3, 4, 5] { gt(a, b) }
    GreaterOrEqual1 (a: [3, 4, 5], b: [5]) -> [3, 4, 5] { ge(a, b) }
    GroupNormalization0 (a: [4, 2, 2]) -> [4, 2, 2] { group_norm(2, eps = 1e-05) }
    GroupNormalization1 (a: [4, 2, 2]) -> [4, 2, 2] { group_norm(2, eps = 0.01) }
    GRU0 (a: [1, 2]) -> [1, 5] { gru(bias = false, reset_after = false) -> [1, 5] }
    GRU2 (a: [2, 3]) -> [1, 5] { s1 = gru(a, reset_after = false) -> [2, 5], slice(s1, 1..2) }
    GRU4 (a: [3, 2]) -> [20] { s1 = gru(a, bias = false, reverse = true, reset_after = false) -> [3, 5], s2 = slice(s1, 0..1), s3 = reshape(s1) -> [15], s4 = reshape(s2) -> [5], concat(s3, s4) }
    HardSigmoid0 (a: []) -> [] { s1 = a * 0.5 + 0.6, clamp(s1, 0, 1) }
    HardSigmoid1 (a: []) -> [] { s1 = a * 0.2 + 0.5, clamp(s1, 0, 1) }
    HardSwish0 (a: []) -> [] { hard_swish }
    InstanceNormalization0 (a: [2, 1, 3]) -> [2, 1, 3] { instance_norm(eps = 1e-05, affine = true) }
    InstanceNormalization1 (a: [3, 4, 5]) -> [3, 4, 5] { instance_norm(eps = 0.01, affine = true) }
    LayerNormalization0 (a: [2, 3, 4, 5]) -> [122] { s1 = layer_norm(a, axes = [0, 1, 2, 3], eps = 1e-05), s2 = mean(a, axes = [0, 1, 2, 3], keepdim = true), s3 = var(a, axes = [0, 1, 2, 3], keepdim = true, correction = 0), s4 = rsqrt(s3 + 1e-05), s5 = reshape(s1) -> [120], s6 = reshape(s2) -> [1], s7 = reshape(s4) -> [1], concat(s5, s6, s7) }
    LayerNormalization4 (a: [3, 4]) -> [14] { s1 = layer_norm(a, axes = [0, 1], eps = 1e-05), s2 = mean(a, axes = [0, 1], keepdim = true), s3 = var(a, axes = [0, 1], keepdim = true, correction = 0), s4 = rsqrt(s3 + 1e-05), s5 = reshape(s1) -> [12], s6 = reshape(s2) -> [1], s7 = reshape(s4) -> [1], concat(s5, s6, s7) }
    LayerNormalization6 (a: [2, 3, 5]) -> [32] { s1 = layer_norm(a, axes = [0, 1, 2], eps = 0.1), s2 = mean(a, axes = [0, 1, 2], keepdim = true), s3 = var(a, axes = [0, 1, 2], keepdim = true, correction = 0), s4 = rsqrt(s3 + 0.1), s5 = reshape(s1) -> [30], s6 = reshape(s2) -> [1], s7 = reshape(s4) -> [1], concat(s5, s6, s7) }
    LeakyRelu0 (a: []) -> [] { leaky_relu(slope = 0.1) }
    LeakyRelu1 (a: []) -> [] { leaky_relu }
    Less1 (a: [3, 4, 5], b: [5]) -> [3, 4, 5] { lt(a, b) }
    LessOrEqual1 (a: [3, 4, 5], b: [5]) -> [3, 4, 5] { le(a, b) }
    Log0 (a: []) -> [] { log }
    LogSoftmax0 (a: [1, 3]) -> [1, 3] { log_softmax(1) }
    LogSoftmax2 (a: [3, 4, 5]) -> [3, 4, 5] { log_softmax(0) }
    LpNormalization0 (a: [2, 2, 3]) -> [2, 2, 3] { normalize(axis = 0) }
    LpNormalization2 (a: [2]) -> [2] { s1 = norm(a, axes = [0], keepdim = true, p = 1), a / s1 }
    LpNormalization3 (a: [2, 2]) -> [2, 2] { s1 = norm(a, axes = [1], keepdim = true, p = 1), a / s1 }
    LSTM1 (a: [1, 3]) -> [1, 4] { lstm -> [1, 4] }
    LSTM2 (a: [1, 2]) -> [14] { s1 = lstm(a, bias = false) -> [1, 7], s2 = reshape(s1) -> [7], s3 = reshape(s1) -> [7], concat(s2, s3) }
    MatMul0 (a: [3, 4], b: [4, 3]) -> [3, 3] { matmul(a, b) }
    MatMul4 (a: [4], b: [2, 4, 1]) -> [2, 1] { matmul(a, b) }
    MatMul5 (a: [1, 2, 4, 3], b: [3]) -> [1, 2, 4] { matmul(a, b) }
    Max0 (a: [], b: [], c: []) -> [] { s1 = maximum(a, b), maximum(s1, c) }
    MaxPool0 (a: [1, 5, 5]) -> [1, 5, 5] { max_pool2d(5, stride = 1, padding = 2) }
    MaxPool2 (a: [1, 5, 5]) -> [1, 3, 3] { max_pool2d(3, stride = 2, padding = 1) }
    MaxPool3 (a: [3, 32]) -> [3, 31] { max_pool1d(2, stride = 1) }
    MaxPool5 (a: [3, 32, 32]) -> [3, 10, 10] { max_pool2d(5, stride = 3) }
    MaxPool7 (a: [1, 2, 2]) -> [1, 1, 1] { max_pool2d(1, stride = 2, ceil_mode = true) }
    MaxPool8 (a: [1, 4, 4]) -> [1, 2, 2] { max_pool2d(2, stride = 1, dilation = 2) }
    MaxPool9 (a: [1, 4, 4, 4]) -> [1, 2, 2, 2] { max_pool3d(2, stride = 1, dilation = 2) }
    Mean0 (a: [], b: [], c: []) -> [] { s1 = add(a, b), s2 = add(s1, c), s2 / 3 }
    Mean1 (a: []) -> [] { a / 1 }
    Mean2 (a: [], b: []) -> [] { s1 = add(a, b), s1 / 2 }
    MeanVarianceNormalization0 (a: [3, 3, 3, 1]) -> [3, 3, 3, 1] { s1 = mean(a, axes = [0, 2, 3], keepdim = true), s2 = std(a, axes = [0, 2, 3], keepdim = true, correction = 0), (a - s1) / (s2 + 1e-9) }
    Min1 (a: [], b: []) -> [] { minimum(a, b) }
    Mod0 (a: [], b: []) -> [] { fmod(a, b) }
    Mul0 (a: [], b: []) -> [] { mul(a, b) }
    Neg0 (a: []) -> [] { neg }
    Pad3 (a: [3, 4, 5]) -> [3, 4, 12] { constant_pad2d([0, 0, 3, 4], value = 1.2000000476837158) }
    Pow0 (a: [], b: []) -> [] { pow(a, b) }
    Pow1 (a: []) -> [] { pow(2) }
    Reciprocal0 (a: []) -> [] { reciprocal }
    ReduceLogSum0 (a: [3, 4, 5]) -> [3] { s1 = sum(a, axes = [2, 1]), log(s1) }
    ReduceLogSum1 (a: [3, 4, 5]) -> [5] { s1 = sum(a, axes = [0, 1]), log(s1) }
    ReduceLogSum2 (a: [3, 4, 5]) -> [1, 1, 1] { s1 = sum(a, keepdim = true), log(s1) }
    ReduceLogSumExp0 (a: [3, 2, 2]) -> [3, 2] { logsumexp(axes = [1]) }
    ReduceLogSumExp1 (a: [3, 2, 2]) -> [3, 1, 2] { logsumexp(axes = [1], keepdim = true) }
    ReduceLogSumExp2 (a: [3, 2, 2]) -> [1, 1, 1] { logsumexp(keepdim = true) }
    ReduceL1_0 (a: [3, 2, 2]) -> [3, 2] { norm(p = 1, axes = [2]) }
    ReduceL1_1 (a: [3, 2, 2]) -> [3, 2, 1] { norm(p = 1, axes = [2], keepdim = true) }
    ReduceL1_2 (a: [3, 2, 2]) -> [1, 1, 1] { norm(p = 1, keepdim = true) }
    ReduceL2_0 (a: [3, 2, 2]) -> [3, 2] { norm(axes = [2]) }
    ReduceL2_1 (a: [3, 2, 2]) -> [3, 2, 1] { norm(axes = [2], keepdim = true) }
    ReduceL2_2 (a: [3, 2, 2]) -> [1, 1, 1] { norm(keepdim = true) }
    ReduceMax0 (a: [3, 2, 2]) -> [3, 2] { amax(axes = [1]) }
    ReduceMax1 (a: [3, 2, 2]) -> [3, 1, 2] { amax(axes = [1], keepdim = true) }
    ReduceMax2 (a: [3, 2, 2]) -> [1, 1, 1] { amax(keepdim = true) }
    ReduceMean0 (a: [3, 2, 2]) -> [3, 2] { mean(axes = [1]) }
    ReduceMean2 (a: [3, 2, 2]) -> [1, 1, 1] { mean(keepdim = true) }
    ReduceMin0 (a: [3, 2, 2]) -> [3, 2] { amin(axes = [1]) }
    ReduceMin1 (a: [3, 2, 2]) -> [3, 1, 2] { amin(axes = [1], keepdim = true) }
    ReduceMin2 (a: [3, 2, 2]) -> [1, 1, 1] { amin(keepdim = true) }
    ReduceProd0 (a: [3, 2, 2]) -> [3, 2] { prod(axes = [1]) }
    ReduceProd1 (a: [3, 2, 2]) -> [3, 1, 2] { prod(axes = [1], keepdim = true) }
    ReduceProd2 (a: [3, 2, 2]) -> [1, 1, 1] { prod(keepdim = true) }
    ReduceSum1 (a: [3, 2, 2]) -> [3, 1, 2] { sum(axes = [1], keepdim = true) }
    ReduceSum2 (a: [3, 2, 2]) -> [1, 1, 1] { sum(keepdim = true) }
    ReduceSumSquare0 (a: [3, 2, 2]) -> [3, 2] { s1 = square(a), sum(s1, axes = [1]) }
    ReduceSumSquare1 (a: [3, 2, 2]) -> [3, 1, 2] { s1 = square(a), sum(s1, axes = [1], keepdim = true) }
    ReduceSumSquare2 (a: [3, 2, 2]) -> [1, 1, 1] { s1 = square(a), sum(s1, keepdim = true) }
    Relu0 (a: []) -> [] { relu }
    Reshape0 (a: [2, 3, 4]) -> [4, 2, 3] { reshape -> [4, 2, 3] }
    Reshape1 (a: [2, 3, 4]) -> [2, 4, 3] { reshape -> [2, 4, 3] }
    Reshape2 (a: [2, 3, 4]) -> [2, 12] { reshape -> [2, 12] }
    Resize0 (a: [1, 2, 2]) -> [1, 4, 4] { upsample_bilinear2d -> [1, 4, 4] }
    Resize1 (a: [1, 2, 2]) -> [1, 4, 4] { upsample_bilinear2d(align_corners = true) -> [1, 4, 4] }
    RMSNormalization4 (a: [3, 4]) -> [3, 4] { rms_norm(axes = [0, 1], eps = 1e-05) }
    RMSNormalization5 (a: [3, 4]) -> [3, 4] { rms_norm(axes = [1], eps = 1e-05) }
    RMSNormalization6 (a: [2, 3, 5]) -> [2, 3, 5] { rms_norm(axes = [0, 1, 2], eps = 0.1) }
    RNN2 (a: [2, 3]) -> [1, 5] { s1 = rnn(a) -> [2, 5], slice(s1, 1..2) }
    RNN3 (a: [1, 2]) -> [8] { s1 = rnn(a, bias = false) -> [1, 4], s2 = reshape(s1) -> [4], s3 = reshape(s1) -> [4], concat(s2, s3) }
    RNN4 (a: [3, 2]) -> [1, 4] { s1 = rnn(a, bias = false, reverse = true) -> [3, 4], slice(s1, 0..1) }
    Round0 (a: []) -> [] { round }
    ScatterElements0 (a: [1, 5], b: [1, 2] of index(5), c: [1, 2]) -> [1, 5] { scatter_add(a, b, c, axis = 1) }
    Selu0 (a: []) -> [] { s1 = elu(a, alpha = 2), scale(s1, 3) }
    Selu1 (a: []) -> [] { selu }
    Shrink0 (a: []) -> [] { hardshrink(1.5) }
    Shrink1 (a: []) -> [] { softshrink(1.5) }
    Sigmoid0 (a: []) -> [] { sigmoid }
    Sign0 (a: []) -> [] { sign }
    Sin0 (a: []) -> [] { sin }
    Sinh0 (a: []) -> [] { sinh }
    Slice0 (a: [20, 10, 5]) -> [3, 10, 5] { slice(0..3, axis = 0) }
    Slice1 (a: [20, 10, 5]) -> [20, 9, 5] { slice(0..9, axis = 1) }
    Slice3 (a: [20, 10, 5]) -> [20, 10, 1] { slice(3..4, axis = 2) }
    Softmax0 (a: [1, 3]) -> [1, 3] { softmax(1) }
    Softmax2 (a: [3, 4, 5]) -> [3, 4, 5] { softmax(0) }
    Softmax4 (a: [3, 4, 5]) -> [3, 4, 5] { softmax(2) }
    SoftmaxCrossEntropyLoss0 (a: [3, 5], b: [3] of index(5)) -> [3] { cross_entropy(a, b, reduction = "none") }
    SoftmaxCrossEntropyLoss2 (a: [3, 5], b: [3] of index(5), c: [5]) -> [3] { cross_entropy(a, b, weight = c, reduction = "none") }
    SoftmaxCrossEntropyLoss3 (a: [3, 5], b: [3] of index(5), c: [5]) -> [18] { s1 = cross_entropy(a, b, weight = c, reduction = "none"), s2 = log_softmax(a), s3 = reshape(s2) -> [15], concat(s1, s3) }
    SoftmaxCrossEntropyLoss4 (a: [3, 5], b: [3] of index(5)) -> [] { cross_entropy(a, b, reduction = "sum") }
    SoftmaxCrossEntropyLoss8 (a: [3, 2, 5], b: [3, 2] of index(5)) -> [] { cross_entropy(a, b) }
    SoftmaxCrossEntropyLoss9 (a: [3, 2, 5], b: [3, 2] of index(5)) -> [31] { s1 = cross_entropy(a, b), s2 = log_softmax(a), s3 = permute(s2, 0, 2, 1), s4 = reshape(s1) -> [1], s5 = reshape(s3) -> [30], concat(s4, s5) }
    SoftmaxCrossEntropyLoss12 (a: [3, 5], b: [3] of index(5), c: [5]) -> [] { cross_entropy(a, b, ignore_index = 0, weight = c) }
    SoftmaxCrossEntropyLoss15 (a: [3, 5], b: [3] of index(5)) -> [16] { s1 = cross_entropy(a, b, ignore_index = 2), s2 = log_softmax(a), s3 = reshape(s1) -> [1], s4 = reshape(s2) -> [15], concat(s3, s4) }
    SoftmaxCrossEntropyLoss16 (a: [3, 2, 5], b: [3, 2] of index(5), c: [5]) -> [] { cross_entropy(a, b, ignore_index = 1, weight = c) }
    SoftmaxCrossEntropyLoss21 (a: [3, 2, 7, 5], b: [3, 2, 7] of index(5), c: [5]) -> [211] { s1 = cross_entropy(a, b, ignore_index = 2, weight = c), s2 = log_softmax(a), s3 = permute(s2, 0, 3, 1, 2), s4 = reshape(s1) -> [1], s5 = reshape(s3) -> [210], concat(s4, s5) }
    Softplus0 (a: []) -> [] { softplus }
    Softsign0 (a: []) -> [] { softsign }
    SpaceToDepth0 (a: [2, 6, 6]) -> [8, 3, 3] { s1 = reshape(a) -> [2, 3, 2, 3, 2], s2 = permute(s1, 2, 4, 0, 1, 3), reshape(s2) -> [8, 3, 3] }
    SpaceToDepth1 (a: [1, 4, 6]) -> [4, 2, 3] { s1 = reshape(a) -> [1, 2, 2, 3, 2], s2 = permute(s1, 2, 4, 0, 1, 3), reshape(s2) -> [4, 2, 3] }
    SpaceToDepth3 (a: [2, 4, 6]) -> [8, 2, 3] { s1 = reshape(a) -> [2, 2, 2, 3, 2], s2 = permute(s1, 0, 2, 4, 1, 3), reshape(s2) -> [8, 2, 3] }
    Split0 (a: [6]) -> [6] { (s1_0, s1_1, s1_2) = split(a, axis = 0), concat(s1_0, s1_1, s1_2) }
    Split4 (a: [7]) -> [7] { s1 = slice(a, 0..2, axis = 0), s2 = slice(a, 2..4, axis = 0), s3 = slice(a, 4..6, axis = 0), s4 = slice(a, 6..7, axis = 0), concat(s1, s2, s3, s4) }
    Split5 (a: [2, 8]) -> [16] { s1 = slice(a, 0..3, axis = 1), s2 = slice(a, 3..6, axis = 1), s3 = slice(a, 6..8, axis = 1), s4 = reshape(s1) -> [6], s5 = reshape(s2) -> [6], s6 = reshape(s3) -> [4], concat(s4, s5, s6) }
    Sqrt0 (a: []) -> [] { sqrt }
    Squeeze0 (a: [1, 3, 4, 5]) -> [3, 4, 5] { squeeze(axes = [0]) }
    Squeeze1 (a: [1, 3, 1, 5]) -> [1, 3, 5] { squeeze(axes = [2]) }
    Sub0 (a: [], b: []) -> [] { sub(a, b) }
    Swish0 (a: []) -> [] { silu }
    Tan0 (a: []) -> [] { tan }
    Tanh0 (a: []) -> [] { tanh }
    ThresholdedRelu0 (a: []) -> [] { threshold(2, 0) }
    ThresholdedRelu1 (a: []) -> [] { threshold(1, 0) }
    Tile0 (a: [2, 2]) -> [4, 4] { repeat([2, 2]) }
    Transpose0 (a: [2, 3, 4]) -> [4, 3, 2] { permute(2, 1, 0) }
    Transpose3 (a: [2, 3, 4]) -> [3, 2, 4] { permute(1, 0, 2) }
    Unsqueeze0 (a: [3, 4, 5]) -> [1, 3, 4, 5] { unsqueeze(0) }
    Unsqueeze4 (a: [3, 4, 5]) -> [3, 4, 1, 5, 1, 1] { s1 = unsqueeze(a, 2), s2 = unsqueeze(s1, 4), unsqueeze(s2, 5) }
    Unsqueeze5 (a: [1, 3, 1, 5]) -> [1, 3, 1, 1, 5] { unsqueeze(3) }
    Upsample0 (a: [1, 2, 2]) -> [1, 4, 6] { upsample_nearest2d -> [1, 4, 6] }
    Where0 (a: [], b: [], c: []) -> [] { where(a, b, c) }
    Several0 (a: [3, 6]) -> [3, 3] { s1 = unsqueeze(a, 2), s2 = avg_pool2d(s1, [2, 1], stride = [2, 1]), squeeze(s2, axes = [2]) }
    AveragePool9 (a: [3, 6, 6]) -> [3, 3, 3] { avg_pool2d(2, stride = 2) }
    AveragePool10 (a: [3, 4, 4, 4]) -> [3, 2, 2, 2] { avg_pool3d(2, stride = 2) }
    AveragePool12 (a: [3, 4, 4, 4]) -> [3, 2, 2, 2] { avg_pool3d(3, stride = 1) }
    BatchNormalization2 (a: [5, 3]) -> [5, 3] { batch_norm(eps = 1e-05) }
    BatchNormalization4 (a: [3, 6, 6]) -> [3, 6, 6] { batch_norm(eps = 0.001) }
    Pad4 (a: [3, 4, 4]) -> [3, 11, 7] { constant_pad2d([3, 4, 1, 2], value = 2) }
    Conv7 (a: [4, 10]) -> [5, 6] { conv1d(3, dilation = 2) -> [5, 6] }
    Conv8 (a: [4, 6]) -> [6, 4] { conv1d(3, groups = 2) -> [6, 4] }
    Conv10 (a: [4, 1]) -> [4, 1] { conv1d(3, padding = 1) -> [4, 1] }
    Conv11 (a: [4, 10]) -> [5, 10] { conv1d(5, padding = 2) -> [5, 10] }
    Conv13 (a: [4, 10]) -> [5, 4] { conv1d(3, stride = 2) -> [5, 4] }
    Conv20 (a: [4, 6, 5]) -> [6, 4, 4] { conv2d([3, 2], groups = 2) -> [6, 4, 4] }
    Conv26 (a: [3, 5, 5, 5]) -> [4, 2, 2, 2] { conv3d(2, stride = 2, dilation = 2) -> [4, 2, 2, 2] }
    Conv27 (a: [4, 4, 5, 4]) -> [6, 2, 3, 2] { conv3d(3, groups = 2) -> [6, 2, 3, 2] }
    Conv28 (a: [3, 3, 4, 5]) -> [4, 2, 2, 2] { conv3d([2, 3, 4], bias = false) -> [4, 2, 2, 2] }
    ConvTranspose7 (a: [3, 7, 6]) -> [4, 20, 12] { conv_transpose2d(3, stride = [3, 2], padding = 1, output_padding = 1) -> [4, 20, 12] }
    ConvTranspose8 (a: [3, 6, 7]) -> [4, 12, 20] { conv_transpose2d(3, stride = [2, 3], padding = 1, bias = false, output_padding = 1) -> [4, 12, 20] }
    Gather4 (a: [4, 3], b: [1, 4] of index(4)) -> [1, 4, 3] { index_select(a, b, axis = 0) }
    LeakyRelu2 (a: []) -> [] { leaky_relu(slope = 0.01) }
    MaxPool10 (a: [10, 4]) -> [10, 1] { max_pool1d(4, stride = 4) }
    MaxPool12 (a: [3, 5, 5, 5]) -> [3, 2, 2, 2] { max_pool3d(2, stride = 2) }
    MaxPool13 (a: [3, 5, 5, 5]) -> [3, 3, 3, 3] { max_pool3d(2, stride = 2, padding = 1) }
    PRelu0 (a: [3, 4]) -> [3, 4] { prelu(num_parameters = 1) }
    PRelu1 (a: [3, 4]) -> [3, 4] { prelu(num_parameters = 3) }
    Several4 (a: [1, 9, 4, 4]) -> [1, 1, 12, 12] { s1 = reshape(a) -> [1, 1, 3, 3, 4, 4], s2 = permute(s1, 0, 1, 4, 2, 5, 3), reshape(s2) -> [1, 1, 12, 12] }
    LogSoftmax6 (a: [2, 3, 4, 5]) -> [2, 3, 4, 5] { log_softmax(3) }
    Add2 (a: [2, 3], b: [3]) -> [2, 3] { add(a, b) }
    Add3 (a: [2, 3], b: [2, 1]) -> [2, 3] { add(a, b) }
    Add4 (a: [2, 3], b: [1, 3]) -> [2, 3] { add(a, b) }
    Several9 (a: [], b: []) -> [] { s1 = add(a, b), s2 = mul(a, s1), s3 = tanh(s2), s4 = sigmoid(s3), neg(s4) }
    Clip6 (a: []) -> [] { clamp(-0.5, 0.5) }
    ConvTranspose9 (a: [3, 4, 5]) -> [3, 12, 15] { conv_transpose2d(3, stride = 3, padding = 1, bias = false, output_padding = 2) -> [3, 12, 15] }
    Flatten5 (a: [1, 2, 3, 4]) -> [1, 24] { reshape -> [1, 24] }
    Gemm12 (a: [2, 3], b: [3, 4]) -> [2, 4] { matmul(a, b) }
    Pad8 (a: [1, 2, 4]) -> [1, 3, 9] { reflection_pad2d([0, 1, 2, 3]) }
    Transpose6 (a: [1, 1, 1, 1, 1, 1]) -> [1, 1, 1, 1, 1, 1] { permute(0, 1, 4, 2, 5, 3) }
    ReduceMean4 (a: [1, 2, 3, 4]) -> [1, 2, 1, 4] { mean(axes = [2], keepdim = true) }
    ReduceSum4 (a: [1, 2, 3, 4]) -> [1, 2, 4] { sum(axes = [2]) }
    Tile1 (a: [1, 2, 3, 4]) -> [1, 4, 9, 16] { repeat([1, 2, 3, 4]) }
    Flatten6 (a: [1]) -> [1, 1] { reshape -> [1, 1] }
}
