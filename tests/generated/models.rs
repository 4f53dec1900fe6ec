//! Models that with the zoo become every kind of text that examples of ops and the suites of others do: written by
//! `BLESS=1 cargo test -p pullback-macros cover`.

pullback::model! {
    /// `cbrt_0` of ops
    pub(crate) Cbrt0(x: [7]) -> [7] { cbrt }
    /// `parameter_1` of ops
    pub(crate) Parameter1(x: [4]) -> [5] { first = parameter -> [1], concat(first, x), tanh }
    /// `matmul_4` of ops
    pub(crate) Matmul4(a: [2, 1, 3, 4], b: [5, 4, 2]) -> [2, 5, 3, 2] { matmul(a, b) }
    /// `cosine_similarity_1` of ops
    pub(crate) CosineSimilarity1(a: [2, 3, 4], b: [3, 1]) -> [2, 4] { cosine_similarity(a, b, axis = 1) }
    /// `pairwise_distance_1` of ops
    pub(crate) PairwiseDistance1(a: [2, 3, 4], b: [3, 1]) -> [2, 3] { pairwise_distance(a, b, p = 1, eps = 0.1) }
    /// `conv2d_1` of ops
    pub(crate) Conv2d1(x: [1, 6, 5]) -> [2, 4, 3] { tanh, conv2d(kernel = [3, 5], padding = [0, 1]) -> [2, 4, 3], tanh }
    /// `conv2d_2` of ops
    pub(crate) Conv2d2(x: [4, 7, 7]) -> [6, 3, 4] { conv2d(kernel = [3, 2], stride = [3, 2], padding = 1, groups = 2, bias = false) -> [6, _, _] }
    /// `conv2d_5` of ops
    pub(crate) Conv2d5(x: [4, 5, 4]) -> [2, 2, 3] { conv2d([3, 2], stride = [2, 1], groups = 2, weight_norm = true) -> [2, 2, 3] }
    /// `conv_transpose1d_1` of ops
    pub(crate) ConvTranspose1d1(x: [4, 3]) -> [2, 8] { conv_transpose1d(4, stride = 3, padding = 2, groups = 2, output_padding = 2, bias = false) -> [2, 8] }
    /// `conv_transpose1d_2` of ops
    pub(crate) ConvTranspose1d2(x: [4, 3]) -> [2, 5] { conv_transpose1d(3, groups = 2, weight_norm = true) -> [2, 5] }
    /// `avg_pool2d_2` of ops
    pub(crate) AvgPool2d2(x: [1, 5, 4]) -> [1, 3, 5] { avg_pool2d([3, 2], stride = [2, 1], padding = 1, count_include_pad = false) }
    /// `adaptive_avg_pool1d_0` of ops
    pub(crate) AdaptiveAvgPool1d0(x: [2, 6]) -> [2, 4] { adaptive_avg_pool1d(4) }
    /// `adaptive_avg_pool3d_0` of ops
    pub(crate) AdaptiveAvgPool3d0(x: [1, 3, 2, 4]) -> [1, 2, 2, 2] { adaptive_avg_pool3d(2) }
    /// `reflection_pad1d_1` of ops
    pub(crate) ReflectionPad1d1(x: [2, 9]) -> [2, 20] { tanh, reflection_pad1d([5, 6]), square }
    /// `embedding_2` of ops
    pub(crate) Embedding2(tokens: [2, 3] of index(5)) -> [2, 3, 9] { embedding(padding_idx = 1) -> [2, 3, 9], tanh }
    /// `one_hot_1` of ops
    pub(crate) OneHot1(x: [2], tokens: [2, 3] of index(4)) -> [4, 2] { one_hot(tokens), y = sum(1), transpose(y) * x }
    /// `index_select_1` of ops
    pub(crate) IndexSelect1(x: [2, 5, 3], i: [2, 2] of index(5)) -> [2, 2, 2, 3] { index_select(x, i, axis = 1), sin }
    /// `einsum_7` of ops
    pub(crate) Einsum7(x: [3, 3]) -> [] { einsum("ii") }
    /// `flip_0` of ops
    pub(crate) Flip0(x: [7]) -> [7] { flip(0) }
    /// `rotary_2` of ops
    pub(crate) Rotary2(x: [3, 2, 4]) -> [3, 2, 4] { rotary(axis = 0) }
    /// `logcumsumexp_0` of ops
    pub(crate) Logcumsumexp0(x: [7]) -> [7] { logcumsumexp(0) }
    /// `group_norm_0` of ops
    pub(crate) GroupNorm0(x: [6]) -> [6] { group_norm(2) }
    /// `feature_dropout_0` of ops
    pub(crate) FeatureDropout0(x: [3, 2, 2]) -> [3, 2, 2] { feature_dropout(0.4) }
    /// `gaussian_noise_0` of ops
    pub(crate) GaussianNoise0(x: [5]) -> [5] { gaussian_noise(0.1) }
    /// `cross_entropy_7` of ops
    pub(crate) CrossEntropy7(p: [2, 3], t: [2, 3], w: [3]) -> [] { cross_entropy(p, t, weight = w, label_smoothing = 0.1) }
    /// `nll_loss_2` of ops
    pub(crate) NllLoss2(x: [4, 3], labels: [4] of index(3), w: [3]) -> [] { nll_loss(x, labels, weight = w, ignore_index = 1) }
    /// `nll_loss_3` of ops
    pub(crate) NllLoss3(x: [4, 3], labels: [4] of index(3)) -> [4] { nll_loss(x, labels, ignore_index = 0, reduction = "none") }
    /// `ctc_loss_1` of ops
    pub(crate) CtcLoss1(x: [4, 3], target: [1] of index(3)) -> [] { ctc_loss(x, target, blank = 2, reduction = "sum") }
    /// `scaled_dot_product_attention_2` of ops
    pub(crate) ScaledDotProductAttention2(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }
    /// `scaled_dot_product_attention_3` of ops
    pub(crate) ScaledDotProductAttention3(q: [2, 160, 1], k: [1, 3, 1], v: [1, 3, 1], m: [1, 3]) -> [2, 160, 1] { scaled_dot_product_attention(q, k, v, m) }
    /// `scaled_dot_product_attention_10` of ops
    pub(crate) ScaledDotProductAttention10(q: [2, 130, 1], k: [2, 3, 1], v: [2, 3, 1]) -> [2, 130, 1] { bias = parameter -> [2, 1, 3], scaled_dot_product_attention(q, k, v, bias, causal = true, softcap = 2, additive = true) }
    /// `scaled_dot_product_attention_11` of ops
    pub(crate) ScaledDotProductAttention11(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { bias = parameter -> [130, 3], scaled_dot_product_attention(q, k, v, bias, additive = true) }
    /// `multihead_attention_1` of ops
    pub(crate) MultiheadAttention1(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 4, kv_heads = 2, causal = true, bias = false) }
    /// `Acos0` of torch
    pub(crate) TorchAcos0(a: []) -> [] { acos }
    /// `Acosh0` of torch
    pub(crate) TorchAcosh0(a: []) -> [] { acosh }
    /// `ClampMin4` of torch
    pub(crate) TorchClampMin4(a: [10, 1, 5], b: [1, 10, 5]) -> [10, 10, 5] { maximum(a, b) }
    /// `Asinh0` of torch
    pub(crate) TorchAsinh0(a: []) -> [] { asinh }
    /// `Atan2_0` of torch
    pub(crate) TorchAtan2_0(a: [], b: []) -> [] { atan2(a, b) }
    /// `Cdist19` of torch
    pub(crate) TorchCdist19(a: [3, 5], b: [3, 5]) -> [3, 3] { cdist(a, b, p = 3) }
    /// `Cosh0` of torch
    pub(crate) TorchCosh0(a: []) -> [] { cosh }
    /// `Cumprod3` of torch
    pub(crate) TorchCumprod3(a: [1]) -> [1] { cumprod(0) }
    /// `Fmod0` of torch
    pub(crate) TorchFmod0(a: [], b: []) -> [] { fmod(a, b) }
    /// `Floor0` of torch
    pub(crate) TorchFloor0(a: []) -> [] { floor }
    /// `Flip0` of torch
    pub(crate) TorchFlip0(a: [5, 10, 5]) -> [5, 10, 5] { flip(axes = [0, 1, 2]) }
    /// `AdaptiveAvgPool2d3` of torch
    pub(crate) TorchAdaptiveAvgPool2d3(a: [8, 4, 3]) -> [8, 5, 5] { adaptive_avg_pool2d(5) }
    /// `AvgPool1d1` of torch
    pub(crate) TorchAvgPool1d1(a: [3, 9]) -> [3, 9] { avg_pool1d(3, stride = 1, padding = 1, ceil_mode = true, count_include_pad = false) }
    /// `ConvTranspose2d4` of torch
    pub(crate) TorchConvTranspose2d4(a: [2, 5, 5]) -> [4, 7, 7] { conv_transpose2d(3, bias = false) -> [4, 7, 7] }
    /// `Conv1d3` of torch
    pub(crate) TorchConv1d3(a: [2, 4]) -> [2, 4] { conv1d(4, padding = same, dilation = 2, groups = 2) -> [2, 4] }
    /// `Conv3d0` of torch
    pub(crate) TorchConv3d0(a: [1, 4, 4, 4]) -> [1, 4, 4, 4] { conv3d(1, padding = same) -> [1, 4, 4, 4] }
    /// `Conv3d1` of torch
    pub(crate) TorchConv3d1(a: [1, 4, 4, 4]) -> [1, 1, 1, 1] { conv3d(4, stride = 2) -> [1, 1, 1, 1] }
    /// `Conv3d2` of torch
    pub(crate) TorchConv3d2(a: [1, 5, 5, 5]) -> [1, 1, 1, 1] { conv3d(3, dilation = 2) -> [1, 1, 1, 1] }
    /// `Conv3d3` of torch
    pub(crate) TorchConv3d3(a: [1, 1, 1, 10]) -> [1, 1, 1, 7] { conv3d([1, 1, 4], padding = valid, bias = false) -> [1, 1, 1, 7] }
    /// `Conv3d4` of torch
    pub(crate) TorchConv3d4(a: [9, 3, 1, 9]) -> [3, 1, 1, 1] { conv3d([3, 1, 9], groups = 3) -> [3, 1, 1, 1] }
    /// `LocalResponseNorm1` of torch
    pub(crate) TorchLocalResponseNorm1(a: [6, 3]) -> [6, 3] { local_response_norm(2, beta = 0.5, k = 1.25) }
    /// `Unfold44` of torch
    pub(crate) TorchUnfold44(a: [1, 5, 5]) -> [9, 9] { unfold(3) }
    /// `Interpolate0` of torch
    pub(crate) TorchInterpolate0(a: [3, 4]) -> [3, 3] { upsample_nearest1d -> [3, 3] }
    /// `Bilinear3` of torch
    pub(crate) TorchBilinear3(a: [8], b: [8]) -> [8] { bilinear(a, b, bias = false) -> [8] }
    /// `BatchNorm2` of torch
    pub(crate) TorchBatchNorm2(a: [1]) -> [1] { batch_norm(eps = 1e-05) }
    /// `Mvlgamma0` of torch
    pub(crate) TorchMvlgamma0(a: []) -> [] { lgamma }
    /// `IndexSelect0` of torch
    pub(crate) TorchIndexSelect0(a: [1], b: [1] of index(1)) -> [1] { index_select(a, b, axis = 0) }
    /// `Tensordot1` of torch
    pub(crate) TorchTensordot1(a: [2, 2, 1], b: [2, 1, 2]) -> [1, 1] { einsum("abc,bqa->cq", a, b) }
    /// `Logcumsumexp0` of torch
    pub(crate) TorchLogcumsumexp0(a: [5, 5, 5]) -> [5, 5, 5] { logcumsumexp(0) }
    /// `Digamma0` of torch
    pub(crate) TorchDigamma0(a: []) -> [] { digamma }
    /// `Erf0` of torch
    pub(crate) TorchErf0(a: []) -> [] { erf }
    /// `Erfc0` of torch
    pub(crate) TorchErfc0(a: []) -> [] { erfc }
    /// `GridSample1` of torch
    pub(crate) TorchGridSample1(a: [3, 5, 5], b: [5, 5, 2]) -> [3, 5, 5] { grid_sample(a, b, align_corners = true) }
    /// `GridSample6` of torch
    pub(crate) TorchGridSample6(a: [3, 5, 5], b: [5, 5, 2]) -> [3, 5, 5] { grid_sample(a, b, mode = "nearest") }
    /// `CosineEmbeddingLoss2` of torch
    pub(crate) TorchCosineEmbeddingLoss2(a: [5, 5], b: [5, 5], c: [5]) -> [] { s1 = cosine_similarity(a, b, axis = 1), s2 = where(gt(c, 0), 1 - s1, maximum(s1 - 0.9329070713842775, 0)), sum(s2) }
    /// `NllLoss7` of torch
    pub(crate) TorchNllLoss7(a: [3], b: index(3)) -> [] { nll_loss(a, b, ignore_index = 1, reduction = "none") }
    /// `NnCTCLoss0` of torch
    pub(crate) TorchNnCTCLoss0(a: [50, 15], b: [30] of index(15), c: index(51), d: index(31)) -> [] { s1 = ctc_loss(a, b, c, d, reduction = "none"), s2 = exp(a), s3 = sum(s2), s1 + (s3 - stop_gradient(s3)) }
    /// `ConvTranspose3` of onnx
    pub(crate) OnnxConvTranspose3(a: [1, 3, 3]) -> [2, 10, 8] { conv_transpose2d(3, stride = [3, 2], bias = false, output_padding = 1) -> [2, 10, 8] }
    /// `ConvTranspose5` of onnx
    pub(crate) OnnxConvTranspose5(a: [1, 3, 3]) -> [1, 5, 5] { conv_transpose2d(2, dilation = 2, bias = false) -> [1, 5, 5] }
    /// `ConvTranspose6` of onnx
    pub(crate) OnnxConvTranspose6(a: [2, 3, 3]) -> [2, 5, 5] { conv_transpose2d(3, groups = 2, bias = false) -> [2, 5, 5] }
    /// `Dropout0` of onnx
    pub(crate) OnnxDropout0(a: []) -> [] { dropout(0.5) }
    /// `Gather2` of onnx
    pub(crate) OnnxGather2(a: [3, 3], b: [1, 2] of index(3)) -> [3, 1, 2] { index_select(a, b, axis = 1) }
    /// `GatherElements1` of onnx
    pub(crate) OnnxGatherElements1(a: [3, 3], b: [2, 3] of index(3)) -> [2, 3] { gather(a, b, axis = 0) }
    /// `GridSample0` of onnx
    pub(crate) OnnxGridSample0(a: [1, 4, 4], b: [6, 6, 2]) -> [1, 6, 6] { grid_sample(a, b) }
    /// `GridSample6` of onnx
    pub(crate) OnnxGridSample6(a: [1, 3, 2], b: [2, 4, 2]) -> [1, 2, 4] { grid_sample(a, b, mode = "nearest", align_corners = true) }
    /// `GroupNormalization1` of onnx
    pub(crate) OnnxGroupNormalization1(a: [4, 2, 2]) -> [4, 2, 2] { group_norm(2, eps = 0.01) }
    /// `GRU0` of onnx
    pub(crate) OnnxGRU0(a: [1, 2]) -> [1, 5] { gru(bias = false, reset_after = false) -> [1, 5] }
    /// `NegativeLogLikelihoodLoss7` of onnx
    pub(crate) OnnxNegativeLogLikelihoodLoss7(a: [3, 6, 6, 5], b: [3, 6, 6] of index(5), c: [5]) -> [] { nll_loss(a, b, ignore_index = 0, weight = c, reduction = "sum") }
    /// `NegativeLogLikelihoodLoss14` of onnx
    pub(crate) OnnxNegativeLogLikelihoodLoss14(a: [3, 6, 6, 5, 5], b: [3, 6, 6, 5] of index(6)) -> [3, 6, 6, 5] { nll_loss(a, b, ignore_index = 5, reduction = "none") }
    /// `NegativeLogLikelihoodLoss15` of onnx
    pub(crate) OnnxNegativeLogLikelihoodLoss15(a: [3, 5], b: [3] of index(6), c: [5]) -> [] { nll_loss(a, b, ignore_index = 5, weight = c, reduction = "sum") }
    /// `SoftmaxCrossEntropyLoss29` of onnx
    pub(crate) OnnxSoftmaxCrossEntropyLoss29(a: [3, 5], b: [3] of index(6), c: [5]) -> [16] { s1 = cross_entropy(a, b, ignore_index = 5, weight = c, reduction = "sum"), s2 = log_softmax(a), s3 = reshape(s1) -> [1], s4 = reshape(s2) -> [15], concat(s3, s4) }
    /// `Tile0` of onnx
    pub(crate) OnnxTile0(a: [2, 2]) -> [4, 4] { repeat([2, 2]) }
    /// `Conv10` of onnx
    pub(crate) OnnxConv10(a: [4, 1]) -> [4, 1] { conv1d(3, padding = 1) -> [4, 1] }
    /// `Tile1` of onnx
    pub(crate) OnnxTile1(a: [1, 2, 3, 4]) -> [1, 4, 9, 16] { repeat([1, 2, 3, 4]) }
    /// `LogsOfEqual` of ties
    pub(crate) TiesLogsOfEqual(x: [3]) -> [4] { a = logsumexp(x, keepdim = true), b = logcumsumexp(x, 0), concat(a, b) }
    /// `Instance` of ties
    pub(crate) TiesInstance(x: [2, 2]) -> [2, 2] { instance_norm(affine = true) }
    /// `InstanceOfOne` of ties
    pub(crate) TiesInstanceOfOne(x: [2, 1]) -> [2, 4] { a = instance_norm(x, affine = true), b = layer_norm(x), c = rms_norm(x), d = normalize(x, axis = 1), concat(a, b, c, d, axis = 1) }
    /// `Steep` of ties
    pub(crate) TiesSteep(x: [1]) -> [7] { o0 = sqrt(x), o1 = log(x), o2 = log1p(x), o3 = pow(x, 0.5), o4 = pow(x, 1.5), o5 = asin(x), o6 = atanh(x), concat(o0, o1, o2, o3, o4, o5, o6) }
    /// `OneClass` of ties
    pub(crate) TiesOneClass(p: [2, 1], t: [2] of index(1), q: [2, 1]) -> [4] { a = cross_entropy(p, t), b = cross_entropy(p, q), c = cross_entropy(p, t, label_smoothing = 0.3), d = sum(one_hot(t)), stack(a, b, c, d) }
    /// `OneSample` of ties
    pub(crate) TiesOneSample(p: [3], t: index(3), q: [3]) -> [2] { a = cross_entropy(p, t), b = cross_entropy(p, q), stack(a, b) }
    /// `AttentionOfOne` of ties
    pub(crate) TiesAttentionOfOne(q: [1, 2], k: [1, 2], v: [1, 2], l: [3, 2]) -> [6, 2] { a = scaled_dot_product_attention(q, k, v), b = scaled_dot_product_attention(q, l, l), c = scaled_dot_product_attention(l, k, v), d = scaled_dot_product_attention(q, k, v, causal = true), concat(a, b, c, d) }
    /// `ProductsOfOne` of ties
    pub(crate) TiesProductsOfOne(a: [1, 1], b: [1, 3], c: [2, 1]) -> [12] { d = einsum("ij,jk->ik", a, b), e = matmul(c, b), f = einsum("ij,kj->ik", c, a), g = einsum("ii", a), h = matmul(c, a), fh = concat(f, h), ef = flatten(fh), df = flatten(d), eh = flatten(e), gs = unsqueeze(g, 0), w = slice(ef, 0..2), concat(df, eh, w, gs) }
    /// `conv_s1_p0_d2_g4` of grid
    pub(crate) GridConvS1P0D2G4(x: [4, 5, 4]) -> [4, 1, 2] { conv2d([3, 2], stride = 1, padding = 0, dilation = 2, groups = 4) -> [4, _, _] }
    /// `conv_s2_p0_d2_g1` of grid
    pub(crate) GridConvS2P0D2G1(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 1) -> [4, _, _] }
    /// `conv_s2_p0_d2_g2` of grid
    pub(crate) GridConvS2P0D2G2(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 2) -> [4, _, _] }
    /// `conv_s2_p0_d2_g4` of grid
    pub(crate) GridConvS2P0D2G4(x: [4, 5, 4]) -> [4, 1, 1] { conv2d([3, 2], stride = 2, padding = 0, dilation = 2, groups = 4) -> [4, _, _] }
    /// `spread_s2_p0_d2_g2` of grid
    pub(crate) GridSpreadS2P0D2G2(x: [4, 3, 2]) -> [2, 7, 7] { conv_transpose2d([2, 3], stride = 2, padding = 0, dilation = 2, groups = 2, output_padding = 0) -> [2, _, _] }
    /// `mean_ceil_short` of grid
    pub(crate) GridMeanCeilShort(x: [1, 2, 3]) -> [1, 1, 1] { avg_pool2d(3, stride = [2, 1], ceil_mode = true) }
    /// `reader` of models
    pub(crate) ModelsReader(text: [4] of index(5), gate: [4] of index(3), x: [3]) -> [4, 3] { scan(text, gate, h: [3] = x) { e = embedding(text) -> [3], a = linear -> [3], b = linear(h, bias = false) -> [3], next = tanh(a + b), h <- next, next * index_select(next, gate) } }
}

/// Calls a macro with all of them: what a test is called, the type, its scalars, and what its values are found by.
macro_rules! covered {
    ($callback:ident) => {
        $callback! {
            (cbrt_0 Cbrt0 real ops "cbrt_0")
            (parameter_1 Parameter1 real ops "parameter_1")
            (matmul_4 Matmul4 algebraic ops "matmul_4")
            (cosine_similarity_1 CosineSimilarity1 real ops "cosine_similarity_1")
            (pairwise_distance_1 PairwiseDistance1 algebraic ops "pairwise_distance_1")
            (conv2d_1 Conv2d1 real ops "conv2d_1")
            (conv2d_2 Conv2d2 algebraic ops "conv2d_2")
            (conv2d_5 Conv2d5 real ops "conv2d_5")
            (conv_transpose1d_1 ConvTranspose1d1 algebraic ops "conv_transpose1d_1")
            (conv_transpose1d_2 ConvTranspose1d2 real ops "conv_transpose1d_2")
            (avg_pool2d_2 AvgPool2d2 algebraic ops "avg_pool2d_2")
            (adaptive_avg_pool1d_0 AdaptiveAvgPool1d0 algebraic ops "adaptive_avg_pool1d_0")
            (adaptive_avg_pool3d_0 AdaptiveAvgPool3d0 algebraic ops "adaptive_avg_pool3d_0")
            (reflection_pad1d_1 ReflectionPad1d1 real ops "reflection_pad1d_1")
            (embedding_2 Embedding2 real ops "embedding_2")
            (one_hot_1 OneHot1 algebraic ops "one_hot_1")
            (index_select_1 IndexSelect1 real ops "index_select_1")
            (einsum_7 Einsum7 algebraic ops "einsum_7")
            (flip_0 Flip0 algebraic ops "flip_0")
            (rotary_2 Rotary2 real ops "rotary_2")
            (logcumsumexp_0 Logcumsumexp0 real ops "logcumsumexp_0")
            (group_norm_0 GroupNorm0 real ops "group_norm_0")
            (feature_dropout_0 FeatureDropout0 algebraic ops "feature_dropout_0")
            (feature_dropout_0_training FeatureDropout0Training valueless ops "feature_dropout_0_training")
            (gaussian_noise_0 GaussianNoise0 real ops "gaussian_noise_0")
            (gaussian_noise_0_training GaussianNoise0Training valueless ops "gaussian_noise_0_training")
            (cross_entropy_7 CrossEntropy7 real ops "cross_entropy_7")
            (nll_loss_2 NllLoss2 algebraic ops "nll_loss_2")
            (nll_loss_3 NllLoss3 algebraic ops "nll_loss_3")
            (ctc_loss_1 CtcLoss1 real ops "ctc_loss_1")
            (scaled_dot_product_attention_2 ScaledDotProductAttention2 real ops "scaled_dot_product_attention_2")
            (scaled_dot_product_attention_3 ScaledDotProductAttention3 real ops "scaled_dot_product_attention_3")
            (scaled_dot_product_attention_10 ScaledDotProductAttention10 real ops "scaled_dot_product_attention_10")
            (scaled_dot_product_attention_11 ScaledDotProductAttention11 real ops "scaled_dot_product_attention_11")
            (multihead_attention_1 MultiheadAttention1 real ops "multihead_attention_1")
            (torch_acos0 TorchAcos0 real torch "Acos0")
            (torch_acosh0 TorchAcosh0 real torch "Acosh0")
            (torch_clampmin4 TorchClampMin4 algebraic torch "ClampMin4")
            (torch_asinh0 TorchAsinh0 real torch "Asinh0")
            (torch_atan2_0 TorchAtan2_0 real torch "Atan2_0")
            (torch_cdist19 TorchCdist19 real torch "Cdist19")
            (torch_cosh0 TorchCosh0 real torch "Cosh0")
            (torch_cumprod3 TorchCumprod3 algebraic torch "Cumprod3")
            (torch_fmod0 TorchFmod0 real torch "Fmod0")
            (torch_floor0 TorchFloor0 real torch "Floor0")
            (torch_flip0 TorchFlip0 algebraic torch "Flip0")
            (torch_adaptiveavgpool2d3 TorchAdaptiveAvgPool2d3 algebraic torch "AdaptiveAvgPool2d3")
            (torch_avgpool1d1 TorchAvgPool1d1 algebraic torch "AvgPool1d1")
            (torch_convtranspose2d4 TorchConvTranspose2d4 algebraic torch "ConvTranspose2d4")
            (torch_conv1d3 TorchConv1d3 algebraic torch "Conv1d3")
            (torch_conv3d0 TorchConv3d0 algebraic torch "Conv3d0")
            (torch_conv3d1 TorchConv3d1 algebraic torch "Conv3d1")
            (torch_conv3d2 TorchConv3d2 algebraic torch "Conv3d2")
            (torch_conv3d3 TorchConv3d3 algebraic torch "Conv3d3")
            (torch_conv3d4 TorchConv3d4 algebraic torch "Conv3d4")
            (torch_localresponsenorm1 TorchLocalResponseNorm1 real torch "LocalResponseNorm1")
            (torch_unfold44 TorchUnfold44 algebraic torch "Unfold44")
            (torch_interpolate0 TorchInterpolate0 algebraic torch "Interpolate0")
            (torch_bilinear3 TorchBilinear3 algebraic torch "Bilinear3")
            (torch_batchnorm2 TorchBatchNorm2 real torch "BatchNorm2")
            (torch_batchnorm2_training TorchBatchNorm2Training valueless torch "BatchNorm2Training")
            (torch_mvlgamma0 TorchMvlgamma0 real torch "Mvlgamma0")
            (torch_indexselect0 TorchIndexSelect0 algebraic torch "IndexSelect0")
            (torch_tensordot1 TorchTensordot1 algebraic torch "Tensordot1")
            (torch_logcumsumexp0 TorchLogcumsumexp0 real torch "Logcumsumexp0")
            (torch_digamma0 TorchDigamma0 real torch "Digamma0")
            (torch_erf0 TorchErf0 real torch "Erf0")
            (torch_erfc0 TorchErfc0 real torch "Erfc0")
            (torch_gridsample1 TorchGridSample1 algebraic torch "GridSample1")
            (torch_gridsample6 TorchGridSample6 real torch "GridSample6")
            (torch_cosineembeddingloss2 TorchCosineEmbeddingLoss2 real torch "CosineEmbeddingLoss2")
            (torch_nllloss7 TorchNllLoss7 algebraic torch "NllLoss7")
            (torch_nnctcloss0 TorchNnCTCLoss0 real torch "NnCTCLoss0")
            (onnx_convtranspose3 OnnxConvTranspose3 algebraic onnx "ConvTranspose3")
            (onnx_convtranspose5 OnnxConvTranspose5 algebraic onnx "ConvTranspose5")
            (onnx_convtranspose6 OnnxConvTranspose6 algebraic onnx "ConvTranspose6")
            (onnx_dropout0 OnnxDropout0 algebraic onnx "Dropout0")
            (onnx_dropout0_training OnnxDropout0Training valueless onnx "Dropout0Training")
            (onnx_gather2 OnnxGather2 algebraic onnx "Gather2")
            (onnx_gatherelements1 OnnxGatherElements1 algebraic onnx "GatherElements1")
            (onnx_gridsample0 OnnxGridSample0 algebraic onnx "GridSample0")
            (onnx_gridsample6 OnnxGridSample6 real onnx "GridSample6")
            (onnx_groupnormalization1 OnnxGroupNormalization1 real onnx "GroupNormalization1")
            (onnx_gru0 OnnxGRU0 real onnx "GRU0")
            (onnx_negativeloglikelihoodloss7 OnnxNegativeLogLikelihoodLoss7 algebraic onnx "NegativeLogLikelihoodLoss7")
            (onnx_negativeloglikelihoodloss14 OnnxNegativeLogLikelihoodLoss14 algebraic onnx "NegativeLogLikelihoodLoss14")
            (onnx_negativeloglikelihoodloss15 OnnxNegativeLogLikelihoodLoss15 algebraic onnx "NegativeLogLikelihoodLoss15")
            (onnx_softmaxcrossentropyloss29 OnnxSoftmaxCrossEntropyLoss29 real onnx "SoftmaxCrossEntropyLoss29")
            (onnx_tile0 OnnxTile0 algebraic onnx "Tile0")
            (onnx_conv10 OnnxConv10 algebraic onnx "Conv10")
            (onnx_tile1 OnnxTile1 algebraic onnx "Tile1")
            (ties_logsofequal TiesLogsOfEqual real ties "LogsOfEqual")
            (ties_instance TiesInstance real ties "Instance")
            (ties_instanceofone TiesInstanceOfOne real ties "InstanceOfOne")
            (ties_steep TiesSteep real ties "Steep")
            (ties_oneclass TiesOneClass real ties "OneClass")
            (ties_onesample TiesOneSample real ties "OneSample")
            (ties_attentionofone TiesAttentionOfOne real ties "AttentionOfOne")
            (ties_productsofone TiesProductsOfOne algebraic ties "ProductsOfOne")
            (grid_conv_s1_p0_d2_g4 GridConvS1P0D2G4 algebraic grid "conv_s1_p0_d2_g4")
            (grid_conv_s2_p0_d2_g1 GridConvS2P0D2G1 algebraic grid "conv_s2_p0_d2_g1")
            (grid_conv_s2_p0_d2_g2 GridConvS2P0D2G2 algebraic grid "conv_s2_p0_d2_g2")
            (grid_conv_s2_p0_d2_g4 GridConvS2P0D2G4 algebraic grid "conv_s2_p0_d2_g4")
            (grid_spread_s2_p0_d2_g2 GridSpreadS2P0D2G2 algebraic grid "spread_s2_p0_d2_g2")
            (grid_mean_ceil_short GridMeanCeilShort algebraic grid "mean_ceil_short")
            (models_reader ModelsReader real models "reader")
        }
    };
}
pub(crate) use covered;
