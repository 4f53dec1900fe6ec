//! Models at their ties, zeros and thresholds: written by `tests/reference/ties.py`.

use crate::suites::suite;

suite! {
    MaxShort (x: [2, 6]) -> [2, 3] { max_pool1d(2) }
    MaxDilated (x: [1, 9]) -> [1, 4] { max_pool1d(3, stride = 2, padding = 1, dilation = 2) }
    MaxLong (x: [1, 14]) -> [1, 5] { max_pool1d(11, stride = 2, padding = 3) }
    MaxWhole (x: [1, 5, 5]) -> [1, 3, 3] { max_pool2d(3, stride = 2, padding = 1) }
    MaxCeil (x: [1, 6, 6]) -> [1, 3, 3] { max_pool2d(3, stride = 2, ceil_mode = true) }
    MaxSpread (x: [1, 6, 5]) -> [1, 4, 3] { max_pool2d([2, 3], stride = [2, 1], padding = 1, dilation = [1, 2]) }
    MaxByAxes (x: [1, 7, 7]) -> [1, 3, 3] { max_pool2d(4, stride = 2, padding = 1) }
    MaxByAxesCeil (x: [1, 7, 6]) -> [1, 3, 3] { max_pool2d([5, 4], stride = [3, 2], padding = 1, ceil_mode = true) }
    MaxVolume (x: [1, 3, 4, 2]) -> [1, 2, 3, 1] { max_pool3d(2, stride = 1) }
    MaxVolumeByAxes (x: [1, 4, 4, 3]) -> [1, 2, 2, 1] { max_pool3d(3, stride = 1) }
    AdaptiveLine (x: [1, 7]) -> [1, 3] { adaptive_max_pool1d(3) }
    AdaptivePlane (x: [1, 4, 5]) -> [1, 2, 3] { adaptive_max_pool2d([2, 3]) }
    AdaptiveSquare (x: [1, 6, 6]) -> [1, 2, 2] { adaptive_max_pool2d(2) }
    AdaptiveVolume (x: [1, 3, 4, 2]) -> [1, 2, 2, 1] { adaptive_max_pool3d([2, 2, 1]) }
    Norms (x: [4]) -> [8] { n0 = norm(x, p = 0), n1 = norm(x, p = 1), n2 = norm(x, p = 0.5), n3 = norm(x, p = 1.5), n4 = norm(x), n5 = norm(x, p = 3), n6 = norm(x, p = f64::INFINITY), n7 = norm(x, p = f64::NEG_INFINITY), stack(n0, n1, n2, n3, n4, n5, n6, n7) }
    NormsOfAxes (x: [3, 2]) -> [4, 2] { a = norm(x, axes = 0), b = norm(x, axes = 0, p = 3), c = norm(x, axes = 0, p = f64::INFINITY), d = norm(x, axes = 0, p = 1), stack(a, b, c, d) }
    NormOfOne (x: [1, 3]) -> [4, 3] { a = norm(x, axes = 0), b = norm(x, axes = 0, p = 3), c = norm(x, axes = 0, p = f64::INFINITY), d = norm(x, axes = 0, p = 1), stack(a, b, c, d) }
    Deviations (x: [3]) -> [4] { a = std(x), b = std(x, correction = 0), c = var(x), d = var(x, correction = 0), stack(a, b, c, d) }
    DeviationsOfFew (x: [2, 1]) -> [3, 2] { a = std(x, axes = 0), b = std(x, axes = 1, correction = 0), c = var(x, axes = 1, correction = 0), a2 = concat(a, a), stack(a2, b, c) }
    Extremes (x: [2, 3]) -> [12] { a = amax(x, axes = 1), b = amin(x, axes = 1), c = amax(x), d = amin(x), e = amax(x, axes = 0), f = amin(x, axes = 0), cd = stack(c, d), concat(a, b, cd, e, f) }
    Places (x: [2, 3]) -> [10] { a = argmax(x, 1), b = argmin(x, 1), c = argmax(x, 0), d = argmin(x, 0), concat(a, b, c, d) }
    Products (x: [5]) -> [6] { a = prod(x, keepdim = true), b = cumprod(x, 0), concat(a, b) }
    RunningOfOne (x: [1, 2]) -> [5, 2] { a = cumsum(x, 0), b = cumprod(x, 0), c = logcumsumexp(x, 0), d = prod(x, axes = 0), e = logsumexp(x, axes = 0), de = stack(d, e), concat(a, b, c, de) }
    LogsOfEqual (x: [3]) -> [4] { a = logsumexp(x, keepdim = true), b = logcumsumexp(x, 0), concat(a, b) }
    Softmaxes (x: [3]) -> [6] { a = softmax(x), b = log_softmax(x), concat(a, b) }
    SoftmaxOfHidden (x: [3]) -> [3] { softmax }
    SoftmaxOfOne (x: [2, 1]) -> [2, 4] { a = softmax(x), b = log_softmax(x), c = softmax(x, axis = 0), d = log_softmax(x, axis = 0), concat(a, b, c, d, axis = 1) }
    Normalized (x: [3]) -> [3] { normalize(eps = 0.25) }
    NormalizedTiny (x: [2, 2]) -> [2, 2] { normalize(axis = 1) }
    Layer (x: [4]) -> [8] { a = layer_norm(x), b = rms_norm(x), concat(a, b) }
    Groups (x: [4]) -> [12] { a = group_norm(x, 2), b = group_norm(x, 1), c = group_norm(x, 4), concat(a, b, c) }
    Instance (x: [2, 2]) -> [2, 2] { instance_norm(affine = true) }
    InstanceOfOne (x: [2, 1]) -> [2, 4] { a = instance_norm(x, affine = true), b = layer_norm(x), c = rms_norm(x), d = normalize(x, axis = 1), concat(a, b, c, d, axis = 1) }
    Kinks (x: [1]) -> [27] { o0 = relu(x), o1 = leaky_relu(x), o2 = elu(x, alpha = 0.7), o3 = selu(x), o4 = celu(x, alpha = 2), o5 = hardtanh(x, min = -0.5, max = 1.5), o6 = clamp(x, -1, 2.5), o7 = relu6(x), o8 = hard_sigmoid(x), o9 = hard_swish(x), o10 = threshold(x, 1, -2), o11 = hardshrink(x), o12 = softshrink(x), o13 = abs(x), o14 = sign(x), o15 = floor(x), o16 = ceil(x), o17 = round(x), o18 = trunc(x), o19 = frac(x), o20 = softsign(x), o21 = sinc(x), o22 = tanhshrink(x), o23 = pow(x, 0), o24 = pow(x, 1), o25 = pow(x, 2), o26 = pow(x, 3), concat(o0, o1, o2, o3, o4, o5, o6, o7, o8, o9, o10, o11, o12, o13, o14, o15, o16, o17, o18, o19, o20, o21, o22, o23, o24, o25, o26) }
    Steep (x: [1]) -> [7] { o0 = sqrt(x), o1 = log(x), o2 = log1p(x), o3 = pow(x, 0.5), o4 = pow(x, 1.5), o5 = asin(x), o6 = atanh(x), concat(o0, o1, o2, o3, o4, o5, o6) }
    SteepDown (x: [1]) -> [5] { o0 = reciprocal(x), o1 = rsqrt(x), o2 = pow(x, -1), o3 = pow(x, -2), o4 = pow(x, -0.5), concat(o0, o1, o2, o3, o4) }
    SafeRoot (x: [1]) -> [1] { safe_sqrt(x) }
    Bounded (x: [1]) -> [11] { o0 = relu(x), o1 = leaky_relu(x), o2 = elu(x, alpha = 0.7), o3 = hardtanh(x, min = -0.5, max = 1.5), o4 = clamp(x, -1, 2.5), o5 = relu6(x), o6 = threshold(x, 1, -2), o7 = hardshrink(x), o8 = softshrink(x), o9 = abs(x), o10 = sign(x), concat(o0, o1, o2, o3, o4, o5, o6, o7, o8, o9, o10) }
    Pairs (a: [1], b: [1]) -> [13] { o0 = maximum(a, b), o1 = minimum(a, b), o2 = logaddexp(a, b), o3 = gt(a, b), o4 = lt(a, b), o5 = ge(a, b), o6 = le(a, b), o7 = eq(a, b), o8 = ne(a, b), o9 = mae(a, b, reduction = "none"), o10 = mse(a, b, reduction = "none"), o11 = huber(a, b, delta = 0.5, reduction = "none"), o12 = bce_with_logits(a, b, reduction = "none"), concat(o0, o1, o2, o3, o4, o5, o6, o7, o8, o9, o10, o11, o12) }
    Planes (a: [1], b: [1]) -> [2] { o0 = hypot(a, b), o1 = atan2(a, b), concat(o0, o1) }
    Wholes (a: [1], b: [1]) -> [2] { o0 = fmod(a, b), o1 = remainder(a, b), concat(o0, o1) }
    Powers (a: [1], b: [1]) -> [1] { pow(a, b) }
    SteepPowers (a: [1], b: [1]) -> [1] { pow(a, b) }
    Entropies (a: [1], b: [1]) -> [1] { xlogy(a, b) }
    EntropyOfNone (a: [1], b: [1]) -> [1] { xlogy(a, b) }
    Origin (a: [1], b: [1]) -> [1] { atan2(a, b) }
    Sums (a: [1], b: [1]) -> [1] { logaddexp(a, b) }
    Chosen (m: [1], x: [1], y: [1]) -> [3] { a = where(m, x, y), b = masked_fill(x, m, -2), c = where(m, 1 / x, sqrt(y)), concat(a, b, c) }
    Classes (p: [3, 3], t: [3] of index(3)) -> [4] { a = cross_entropy(p, t), b = cross_entropy(p, t, ignore_index = 1), c = cross_entropy(p, t, label_smoothing = 0.3, ignore_index = 1), d = cross_entropy(p, t, ignore_index = 1, reduction = "sum"), stack(a, b, c, d) }
    Ignored (p: [3, 3], t: [3] of index(3)) -> [3] { a = cross_entropy(p, t, ignore_index = 1), b = cross_entropy(p, t, label_smoothing = 0.3, ignore_index = 1), c = cross_entropy(p, t, ignore_index = 1, reduction = "sum"), stack(a, b, c) }
    IgnoredWeighed (p: [3, 3], t: [3] of index(3), w: [3]) -> [2] { a = cross_entropy(p, t, weight = w, ignore_index = 1), b = cross_entropy(p, t, weight = w, label_smoothing = 0.3, ignore_index = 1), stack(a, b) }
    IgnoredEach (p: [3, 2], t: [3] of index(3)) -> [3] { cross_entropy(p, t, ignore_index = 2, reduction = "none") }
    NothingLeft (p: [2, 2], t: [2] of index(2)) -> [] { cross_entropy(p, t, ignore_index = 1, reduction = "sum") }
    OneClass (p: [2, 1], t: [2] of index(1), q: [2, 1]) -> [4] { a = cross_entropy(p, t), b = cross_entropy(p, q), c = cross_entropy(p, t, label_smoothing = 0.3), d = sum(one_hot(t)), stack(a, b, c, d) }
    OneSample (p: [3], t: index(3), q: [3]) -> [2] { a = cross_entropy(p, t), b = cross_entropy(p, q), stack(a, b) }
    HiddenClass (p: [3], t: index(3)) -> [] { cross_entropy(p, t) }
    Gathered (x: [3, 2], i: [3] of index(3), j: [4, 2] of index(3)) -> [9, 2] { a = index_select(x, i), b = gather(x, j), c = one_hot(i), d = matmul(c, x), e = slice(d, 0..2), concat(a, b, e) }
    Scattered (x: [3], i: [4] of index(3), s: [4]) -> [3] { scatter_add(x, i, s) }
    Embedded (i: [4] of index(3)) -> [4, 4] { a = embedding(i, padding_idx = 1) -> [4, 2], b = embedding(i) -> [4, 2], concat(a, b, axis = 1) }
    Attention (q: [2, 2], k: [3, 2], v: [3, 1], m: [2, 3]) -> [2, 1] { scaled_dot_product_attention(q, k, v, m) }
    AttentionOfOne (q: [1, 2], k: [1, 2], v: [1, 2], l: [3, 2]) -> [6, 2] { a = scaled_dot_product_attention(q, k, v), b = scaled_dot_product_attention(q, l, l), c = scaled_dot_product_attention(l, k, v), d = scaled_dot_product_attention(q, k, v, causal = true), concat(a, b, c, d) }
    PoolsOfOne (x: [2, 1, 1]) -> [2, 1, 7] { a = max_pool2d(x, 1), b = avg_pool2d(x, 1), c = adaptive_max_pool2d(x, 1), d = adaptive_avg_pool2d(x, 1), e = max_pool2d(x, 3, padding = 1), f = avg_pool2d(x, 3, padding = 1), g = avg_pool2d(x, 3, padding = 1, count_include_pad = false), concat(a, b, c, d, e, f, g, axis = 2) }
    ResizedOne (x: [1, 1, 1]) -> [3, 2, 3] { a = upsample_nearest2d(x) -> [1, 2, 3], b = upsample_bilinear2d(x) -> [1, 2, 3], c = upsample_bilinear2d(x, align_corners = true) -> [1, 2, 3], concat(a, b, c) }
    ResizedToOne (x: [1, 2, 3]) -> [3, 1, 1] { a = upsample_nearest2d(x) -> [1, 1, 1], b = upsample_bilinear2d(x) -> [1, 1, 1], c = upsample_bilinear2d(x, align_corners = true) -> [1, 1, 1], concat(a, b, c) }
    ProductsOfOne (a: [1, 1], b: [1, 3], c: [2, 1]) -> [12] { d = einsum("ij,jk->ik", a, b), e = matmul(c, b), f = einsum("ij,kj->ik", c, a), g = einsum("ii", a), h = matmul(c, a), fh = concat(f, h), ef = flatten(fh), df = flatten(d), eh = flatten(e), gs = unsqueeze(g, 0), w = slice(ef, 0..2), concat(df, eh, w, gs) }
    Recurrent (x: [1, 2]) -> [5, 2] { a = rnn(x) -> [1, 2], b = lstm(x) -> [1, 2], c = gru(x) -> [1, 2], d = lstm(x, reverse = true, bias = false) -> [1, 2], e = gru(x, reverse = true, bias = false) -> [1, 2], concat(a, b, c, d, e) }
}
