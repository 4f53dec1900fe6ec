//! Every op that has a struct in `pullback::spec`.
//!
//! - `exact`: equal over the prime field `Gf`, where both sides are the same rational function of the
//!   same scalar functions, and close over `f64`, where they may round in another order. Every number
//!   of the field counts as non-negative, so only `f64` sees both sides of a kink.
//! - `kinked`: also at numbers such as -3/2, 0 and 1, where kinks and equal values are likely.
//! - `ordered`: only over `f64`, at such numbers as well, for the reason given at the test.
//! - `close`: only over `f64`, for the reason given at the test.

use super::{Case, Plain, Spec, same};
use pullback_core::check::{Gf, Rng64};
use pullback_core::spec::{self, Each, Then};
use pullback_core::{Real, Shape};

fn field(rng: &mut Rng64) -> Gf {
    Gf::new(rng.next_u64())
}

/// Numbers of both signs, so that logarithms are NaN now and then, on both sides alike.
fn float(rng: &mut Rng64) -> f64 {
    6.0 * rng.unit_f64() - 3.0
}

/// −2, −3/2, …, 2: each value is likely, so kinks and ties occur; their sums and products are exact.
fn half(rng: &mut Rng64) -> f64 {
    (rng.next_u64() % 9) as f64 / 2.0 - 2.0
}

fn close(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()))
}

/// Compares with numbers of some kind, `rounds` times.
fn over<T: Real>(
    text: &str,
    draw: fn(&mut Rng64) -> T,
    equal: fn(T, T) -> bool,
    rounds: usize,
    spec: &Spec<T>,
) {
    let mut rng = Rng64::new(1);
    for _ in 0..rounds {
        same(text, spec, &mut || draw(&mut rng), &equal);
    }
}

/// `same!(kind test = spec; "model")`, or `same!(kind test(case) = …)` where the spec needs what is
/// captured. In the spec, `T` is the scalar.
macro_rules! same {
    ($kind:ident $test:ident $(($case:ident))? = $spec:expr; $model:literal) => {
        #[test]
        fn $test() {
            fn spec<T: Real>(_case: &Case<T>) -> Box<dyn Plain<T>> {
                $(let $case = _case;)?
                Box::new($spec)
            }
            same!(@$kind spec, $model);
        }
    };
    (@kinked $spec:ident, $model:literal) => {
        over::<f64>($model, half, close, 20, &$spec);
        same!(@exact $spec, $model);
    };
    (@ordered $spec:ident, $model:literal) => {
        over::<f64>($model, half, close, 20, &$spec);
        same!(@close $spec, $model);
    };
    (@exact $spec:ident, $model:literal) => {
        over::<Gf>($model, field, |a, b| a == b, 3, &$spec);
        same!(@close $spec, $model);
    };
    (@close $spec:ident, $model:literal) => {
        over::<f64>($model, float, close, 20, &$spec);
    };
}

type S = Shape![5];

// Elementary functions.
same!(exact exp = spec::Exp::<S>::new(); "Exp: [5] -> [5] { exp }");
same!(exact expm1 = spec::Expm1::<S>::new(); "Expm1: [5] -> [5] { expm1 }");
same!(exact log = spec::Log::<S>::new(); "Log: [5] -> [5] { log }");
same!(exact log1p = spec::Log1p::<S>::new(); "Log1p: [5] -> [5] { log1p }");
same!(kinked square = spec::Square::<S>::new(); "Square: [5] -> [5] { square }");
same!(exact sqrt = spec::Sqrt::<S>::new(); "Sqrt: [5] -> [5] { sqrt }");
same!(exact safe_sqrt = spec::SafeSqrt::<S>::new(); "SafeSqrt: [5] -> [5] { safe_sqrt }");
same!(exact sin = spec::Sin::<S>::new(); "Sin: [5] -> [5] { sin }");
same!(exact cos = spec::Cos::<S>::new(); "Cos: [5] -> [5] { cos }");
same!(exact sinh = spec::Sinh::<S>::new(); "Sinh: [5] -> [5] { sinh }");
same!(exact cosh = spec::Cosh::<S>::new(); "Cosh: [5] -> [5] { cosh }");
same!(exact erf = spec::Erf::<S>::new(); "Erf: [5] -> [5] { erf }");
same!(exact erfc = spec::Erfc::<S>::new(); "Erfc: [5] -> [5] { erfc }");
same!(exact exp2 = spec::Exp2::<S>::new(); "Exp2: [5] -> [5] { exp2 }");
same!(exact log2 = spec::Log2::<S>::new(); "Log2: [5] -> [5] { log2 }");
same!(exact log10 = spec::Log10::<S>::new(); "Log10: [5] -> [5] { log10 }");
same!(exact logit = spec::Logit::<S>::new(); "Logit: [5] -> [5] { logit }");
same!(exact rsqrt = spec::Rsqrt::<S>::new(); "Rsqrt: [5] -> [5] { rsqrt }");
same!(exact tan = spec::Tan::<S>::new(); "Tan: [5] -> [5] { tan }");
// The code reduces the argument of the sine, the struct does not.
same!(close sinc = spec::Sinc::<S>::new(); "Sinc: [5] -> [5] { sinc }");
same!(exact asin = spec::Asin::<S>::new(); "Asin: [5] -> [5] { asin }");
same!(exact acos = spec::Acos::<S>::new(); "Acos: [5] -> [5] { acos }");
same!(exact atan = spec::Atan::<S>::new(); "Atan: [5] -> [5] { atan }");
same!(exact asinh = spec::Asinh::<S>::new(); "Asinh: [5] -> [5] { asinh }");
same!(exact acosh = spec::Acosh::<S>::new(); "Acosh: [5] -> [5] { acosh }");
same!(exact atanh = spec::Atanh::<S>::new(); "Atanh: [5] -> [5] { atanh }");
same!(kinked abs = spec::Abs::<S>::new(); "Abs: [5] -> [5] { abs }");
same!(exact reciprocal = spec::Reciprocal::<S>::new(); "Reciprocal: [5] -> [5] { reciprocal }");
same!(exact safe_reciprocal = spec::SafeReciprocal::<S, T>::default();
    "SafeReciprocal: [5] -> [5] { safe_reciprocal }");
same!(kinked neg = spec::Neg::<S>::new(); "Neg: [5] -> [5] { neg }");
same!(kinked scale = spec::Scale::<S, T>::new(T::constant(2.5, 5, 2)); "Scale: [5] -> [5] { scale(2.5) }");
same!(kinked clamp = spec::Clamp::<S, T>::new(T::constant(-0.5, -1, 2), T::ONE);
    "Clamp: [5] -> [5] { clamp(-0.5, 1) }");
same!(exact pow = spec::Pow::<S, T>::new(T::constant(1.5, 3, 2)); "Pow: [5] -> [5] { pow(1.5) }");
// The model multiplies, the spec calls `powf`, which over the field is any function.
same!(close pow3 = spec::Pow::<S, T>::new(T::constant(3.0, 3, 1)); "Pow3: [5] -> [5] { pow(3) }");
same!(close pow_minus_2 = spec::Pow::<S, T>::new(T::constant(-2.0, -2, 1));
    "PowMinus2: [5] -> [5] { pow(-2) }");

// Activations.
same!(kinked relu = spec::Relu::<S>::new(); "Relu: [5] -> [5] { relu }");
same!(kinked leaky_relu = spec::LeakyRelu::<S, T>::default(); "LeakyRelu: [5] -> [5] { leaky_relu }");
same!(kinked hardtanh = spec::Hardtanh::<S, T>::default(); "Hardtanh: [5] -> [5] { hardtanh }");
same!(exact elu = spec::Elu::<S, T>::new(T::constant(0.7, 7, 10)); "Elu: [5] -> [5] { elu(alpha = 0.7) }");
same!(exact selu = spec::Selu::<S>::new(); "Selu: [5] -> [5] { selu }");
same!(exact sigmoid = spec::Sigmoid::<S>::new(); "Sigmoid: [5] -> [5] { sigmoid }");
same!(exact logistic = spec::Logistic::<S>::new(); "Logistic: [5] -> [5] { logistic }");
same!(exact tanh = spec::Tanh::<S>::new(); "Tanh: [5] -> [5] { tanh }");
same!(exact softplus = spec::Softplus::<S>::new(); "Softplus: [5] -> [5] { softplus }");
same!(exact log_sigmoid = spec::LogSigmoid::<S>::new(); "LogSigmoid: [5] -> [5] { log_sigmoid }");
same!(kinked relu6 = spec::Scale::<S, T>::new(T::constant(4.0, 4, 1)).then(spec::Relu6::<S>::new());
    "Relu6: [5] -> [5] { scale(4), relu6 }");
same!(kinked hard_sigmoid = spec::Scale::<S, T>::new(T::constant(2.0, 2, 1)).then(spec::Hardsigmoid::<S>::new());
    "HardSigmoid: [5] -> [5] { scale(2), hard_sigmoid }");
same!(kinked hard_swish = spec::Scale::<S, T>::new(T::constant(2.0, 2, 1)).then(spec::Hardswish::<S>::new());
    "HardSwish: [5] -> [5] { scale(2), hard_swish }");
same!(kinked softsign = spec::Softsign::<S>::new(); "Softsign: [5] -> [5] { softsign }");
same!(kinked softshrink = spec::Softshrink::<S, T>::default(); "Softshrink: [5] -> [5] { softshrink }");
same!(kinked hardshrink = spec::Hardshrink::<S, T>::default(); "Hardshrink: [5] -> [5] { hardshrink }");
same!(kinked threshold = spec::Threshold::<S, T>::new(T::constant(0.5, 1, 2), -T::ONE);
    "Threshold: [5] -> [5] { threshold(0.5, -1) }");
same!(exact celu = spec::Celu::<S, T>::new(T::constant(0.7, 7, 10));
    "Celu: [5] -> [5] { celu(alpha = 0.7) }");
same!(exact tanhshrink = spec::Tanhshrink::<S>::new(); "Tanhshrink: [5] -> [5] { tanhshrink }");
same!(exact silu = spec::Silu::<S>::new(); "Silu: [5] -> [5] { silu }");
same!(exact gelu = spec::Gelu::<S>::new(); "Gelu: [5] -> [5] { gelu }");
same!(exact gelu_tanh = spec::GeluTanh::<S>::new(); "GeluTanh: [5] -> [5] { gelu_tanh }");
same!(exact mish = spec::Mish::<S>::new(); "Mish: [5] -> [5] { mish }");
same!(exact safe_log = spec::SafeLog::<S, T>::default(); "SafeLog: [5] -> [5] { safe_log }");
same!(exact smooth_abs = spec::SmoothAbs::<S, T>::default(); "SmoothAbs: [5] -> [5] { smooth_abs }");

// Two operands, the second captured.
same!(kinked add(c) = spec::AddRhs::<S, T>::new(c.input(1)); "Add(x: [5], r: [5]) -> [5] { x + r }");
same!(kinked sub(c) = spec::SubRhs::<S, T>::new(c.input(1)); "Sub(x: [5], r: [5]) -> [5] { x - r }");
same!(kinked mul(c) = spec::MulRhs::<S, T>::new(c.input(1)); "Mul(x: [5], r: [5]) -> [5] { x * r }");
same!(exact div(c) = spec::DivRhs::<S, T>::new(c.input(1)); "Div(x: [5], r: [5]) -> [5] { x / r }");
same!(exact safe_div(c) = spec::SafeDivRhs::<S, T>::new(c.input(1));
    "SafeDiv(x: [5], r: [5]) -> [5] { x / (r + 1e-6) }");
same!(kinked maximum(c) = spec::Maximum::<S, T>::new(c.input(1));
    "Maximum(x: [5], r: [5]) -> [5] { maximum(x, r) }");
same!(kinked minimum(c) = spec::Minimum::<S, T>::new(c.input(1));
    "Minimum(x: [5], r: [5]) -> [5] { minimum(x, r) }");
same!(exact pow_rhs(c) = spec::PowRhs::<S, T>::new(c.input(1));
    "PowRhs(x: [5], r: [5]) -> [5] { pow(x, r) }");
same!(exact hypot(c) = spec::HypotRhs::<S, T>::new(c.input(1));
    "Hypot(x: [5], r: [5]) -> [5] { hypot(x, r) }");
same!(exact atan2(c) = spec::Atan2Rhs::<S, T>::new(c.input(1));
    "Atan2(x: [5], r: [5]) -> [5] { atan2(x, r) }");
same!(exact xlogy(c) = spec::XlogyRhs::<S, T>::new(c.input(1));
    "Xlogy(x: [5], r: [5]) -> [5] { xlogy(x, r) }");

// Contractions.
same!(kinked linear(c) = c.linear::<5, 3>(0); "Linear1: [5] -> [3] { linear -> [3] }");
same!(kinked linear_of_rows(c) = Each::<2, _>::new(c.linear::<5, 3>(0));
    "LinearOfRows: [2, 5] -> [2, 3] { linear -> [2, 3] }");
same!(kinked matmul_right(c) = spec::MatmulRight::<T, 2, 3, 4>::new(c.input(1));
    "MatmulRight(x: [2, 3], b: [3, 4]) -> [2, 4] { matmul(x, b) }");
same!(kinked matmul_left(c) = spec::MatmulLeft::<T, 4, 2, 3>::new(c.input(1));
    "MatmulLeft(x: [2, 3], a: [4, 2]) -> [4, 3] { matmul(a, x) }");
same!(kinked bmm_right(c) = spec::BmmRight::<T, 2, 2, 3, 4>::new(c.input(1));
    "BmmRight(x: [2, 2, 3], b: [2, 3, 4]) -> [2, 2, 4] { matmul(x, b) }");
same!(kinked bmm_left(c) = spec::BmmLeft::<T, 2, 4, 2, 3>::new(c.input(1));
    "BmmLeft(x: [2, 2, 3], a: [2, 4, 2]) -> [2, 4, 3] { matmul(a, x) }");

// Sums and layout.
type Cube = Shape![2, 3, 4];
same!(kinked sum = spec::Sum::<Cube>::new(); "Sum: [2, 3, 4] -> [] { sum }");
same!(kinked sum_of_axis = spec::SumAxis::<Cube, 1>::new();
    "SumOfAxis: [2, 3, 4] -> [2, 4] { sum(axes = 1) }");
same!(kinked mean = spec::Sum::<Cube>::new()
    .then(spec::Scale::<Shape![], T>::new(T::constant(1.0 / 24.0, 1, 24)));
    "Mean: [2, 3, 4] -> [] { mean }");
same!(kinked mean_of_axis = spec::SumAxis::<Cube, 2>::new()
    .then(spec::Scale::<Shape![2, 3], T>::new(T::constant(0.25, 1, 4)));
    "MeanOfAxis: [2, 3, 4] -> [2, 3] { mean(axes = -1) }");
same!(kinked amax = spec::Amax::<Cube, 1>::new(); "Amax: [2, 3, 4] -> [2, 4] { amax(axes = 1) }");
same!(kinked amax_of_all = spec::Reshape::<Cube, Shape![24]>::new().then(spec::Amax::<Shape![24], 0>::new());
    "AmaxOfAll: [2, 3, 4] -> [] { amax }");
// The model takes the opposite of the greatest opposite: not the same in the order of the field.
same!(ordered amin = spec::Amin::<Cube, 2>::new(); "Amin: [2, 3, 4] -> [2, 3] { amin(axes = 2) }");
same!(kinked reshape = spec::Reshape::<Cube, Shape![6, 4]>::new();
    "Reshape: [2, 3, 4] -> [6, 4] { reshape -> [6, _] }");
same!(kinked flatten = spec::Reshape::<Cube, Shape![24]>::new(); "Flatten: [2, 3, 4] -> [24] { flatten }");
same!(kinked identity = spec::Identity::<S>::new(); "Identity: [5] -> [5] { reshape -> [5] }");
same!(kinked transpose = spec::Transpose::<2, 3>::new(); "Transpose: [2, 3] -> [3, 2] { transpose }");
same!(kinked permute = spec::Permute::<Cube, Shape![2, 0, 1]>::new();
    "Permute: [2, 3, 4] -> [4, 2, 3] { permute(2, 0, 1) }");
same!(kinked replicate = spec::Replicate::<4, S>::new(); "Replicate: [5] -> [4, 5] { broadcast -> [4, 5] }");
same!(kinked broadcast = spec::Broadcast::<Shape![3, 1], Cube>::new();
    "Broadcast: [3, 1] -> [2, 3, 4] { broadcast -> [2, 3, 4] }");
same!(kinked slice = spec::SliceLeading::<5, 1, 3, Shape![2]>::new();
    "Slice: [5, 2] -> [3, 2] { slice(1..4) }");
same!(kinked concat(c) = spec::ConcatLeading::<T, 2, 6, Shape![3]>::new(c.input(1), c.input(2));
    "Concat(x: [2, 3], a: [1, 3], b: [3, 3]) -> [6, 3] { concat(a, x, b) }");

// Normalisation.
same!(exact softmax = spec::Softmax::<Shape![2, 3]>::new(); "Softmax: [2, 3] -> [2, 3] { softmax }");
same!(exact log_softmax = spec::LogSoftmax::<Shape![2, 3]>::new();
    "LogSoftmax: [2, 3] -> [2, 3] { log_softmax }");
same!(exact softmax_of_axis_0 = spec::Transpose::<2, 3>::new()
    .then(spec::Softmax::<Shape![3, 2]>::new())
    .then(spec::Transpose::<3, 2>::new());
    "SoftmaxOfAxis0: [2, 3] -> [2, 3] { softmax(axis = 0) }");
same!(exact layer_norm(c) = spec::LayerNorm::<Shape![2, 4], T>::new(c.input(1), c.input(2), T::constant(1e-5, 1, 100_000));
    "LayerNorm(x: [2, 4], weight: [4], bias: [4]) -> [2, 4] { d = x - mean(x, axes = 1, keepdim = true), variance = mean(d * d, axes = 1, keepdim = true), d / sqrt(variance + 1e-5) * weight + bias, }");

// Losses of the first input.
same!(kinked mse(c) = spec::MseLoss::<Shape![2, 3], T>::new(c.input(1));
    "Mse(x: [2, 3], t: [2, 3]) -> [] { mse(x, t) }");
same!(kinked mae(c) = spec::MaeLoss::<S, T>::new(c.input(1)); "Mae(x: [5], t: [5]) -> [] { mae(x, t) }");
same!(kinked huber(c) = spec::HuberLoss::<S, T>::new(c.input(1), T::ONE);
    "Huber(x: [5], t: [5]) -> [] { huber(x, t) }");
same!(kinked huber_of_half(c) = spec::HuberLoss::<S, T>::new(c.input(1), T::constant(0.5, 1, 2));
    "HuberOfHalf(x: [5], t: [5]) -> [] { huber(x, t, delta = 0.5) }");
same!(exact bce_with_logits(c) = spec::BceWithLogitsLoss::<Shape![2, 3], T>::new(c.input(1));
    "BceWithLogits(x: [2, 3], t: [2, 3]) -> [] { bce_with_logits(x, t) }");
same!(exact cross_entropy(c) = spec::CrossEntropyLoss::<Shape![2, 3], T>::new(c.input(1));
    "CrossEntropy(x: [2, 3], t: [2, 3]) -> [] { cross_entropy(x, t) }");
same!(exact cross_entropy_of_labels(c) = c.labelled::<4>(1);
    "CrossEntropyOfLabels(x: [4], label: index(4)) -> [] { cross_entropy(x, label) }");

// Compositions.
same!(exact linear_tanh_linear(c) = c.linear::<4, 6>(0)
    .then(spec::Tanh::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1));
    "LinearTanhLinear: [4] -> [3] { linear -> [6], tanh, linear -> [3] }");
same!(kinked linear_relu_linear(c) = c.linear::<4, 6>(0)
    .then(spec::Relu::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1));
    "LinearReluLinear: [4] -> [3] { linear -> [6], relu, linear -> [3] }");
same!(exact linear_relu_linear_softmax(c) = c.linear::<4, 6>(0)
    .then(spec::Relu::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1))
    .then(spec::Softmax::<Shape![3]>::new());
    "Classifier: [4] -> [3] { linear -> [6], relu, linear -> [3], softmax }");
same!(exact gelu_silu = spec::Gelu::<S>::new().then(spec::Silu::<S>::new());
    "GeluSilu: [5] -> [5] { gelu, silu }");
same!(exact flatten_linear_log_softmax(c) = spec::Reshape::<Shape![2, 3], Shape![6]>::new()
    .then(c.linear::<6, 4>(0))
    .then(spec::LogSoftmax::<Shape![4]>::new());
    "FlattenLinearLogSoftmax: [2, 3] -> [4] { flatten, linear -> [4], log_softmax }");
