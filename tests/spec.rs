//! Generated code against the plain semantics: a model of one op, or of a chain, has the forward map,
//! the JVP and the VJP of the struct in [`pullback::spec`], or of the composition of such structs.
//!
//! - `exact`: equal over the prime field `Gf`, where both sides are the same rational function of the
//!   same scalar functions, and close over `f64`, where they may round in another order. Every number
//!   of the field counts as non-negative, so only `f64` sees both sides of a kink.
//! - `kinked`: also equal over the rationals, with numbers of both signs, zeros and ties.
//! - `ordered`: over the rationals and `f64` only, for the reason given at the test.
//! - `close`: only over `f64`, for the reason given at the test.

use num_rational::Ratio;
use pullback::check::{self, Dual, Gf, Rng64};
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::spec::{self, CrossEntropyLoss, Each, Linear, Op, Then};
use pullback::{Model, Real, Scalar, Shape, Workspace, model};

type Q = Ratio<i128>;

/// Longer than a tile and no multiple of it.
const SAMPLES: usize = 3;
const TILE: usize = 2;

/// What a spec captures: the inputs but the first of one sample, and the parameters.
struct Case<T> {
    /// Empty where the input is an integer.
    inputs: Vec<Vec<T>>,
    /// `None` where the input is real.
    labels: Vec<Option<usize>>,
    params: Vec<Vec<T>>,
}

impl<T: Scalar> Case<T> {
    fn input(&self, i: usize) -> Vec<T> {
        self.inputs[i].clone()
    }

    /// The loss towards the label that is input `i`.
    fn labelled<const CLASSES: usize>(&self, i: usize) -> CrossEntropyLoss<Shape![CLASSES], T>
    where
        T: Real,
    {
        let label = self.labels[i].expect("the input is an integer");
        CrossEntropyLoss::with_labels(&[label])
    }

    /// The model's `i`-th linear layer. The spec has one row of weights for each output, the model one
    /// for each input.
    fn linear<const IN: usize, const OUT: usize>(&self, i: usize) -> Linear<T, IN, OUT> {
        let weight = &self.params[2 * i];
        let transposed = (0..IN * OUT).map(|j| weight[j % IN * OUT + j / IN]);
        Linear::new(transposed.collect(), self.params[2 * i + 1].clone())
    }
}

/// Compares a model as a function of its first input with a spec that has captured the rest.
#[track_caller]
fn same<M: Model, F: Op<M::Scalar>>(
    spec: impl Fn(&Case<M::Scalar>) -> F,
    mut draw: impl FnMut() -> M::Scalar,
    equal: impl Fn(M::Scalar, M::Scalar) -> bool,
) {
    assert_eq!(M::INPUTS[0].shape, F::Dom::dims(), "`{}`: the domain", M::NAME);
    assert_eq!(M::OUTPUT, F::Cod::dims(), "`{}`: the codomain", M::NAME);
    let (dom, cod, zero) = (F::Dom::SIZE, F::Cod::SIZE, M::Scalar::ZERO);

    let net = pullback::flat::boxed::<M>(|_| draw());
    let mut vector = |n: usize| -> Vec<M::Scalar> { (0..n).map(|_| draw()).collect() };
    let sizes: Vec<usize> = M::INPUTS.iter().map(|input| input.shape.iter().product()).collect();
    let inputs: Vec<Vec<M::Scalar>> = sizes.iter().map(|size| vector(SAMPLES * size)).collect();
    // Of each class in turn.
    let label = |i: usize, sample: usize| (i + sample) % M::INPUTS[i].index.unwrap_or(1);
    let labels: Vec<Vec<u32>> = (0..sizes.len())
        .map(|i| (0..SAMPLES).map(|sample| label(i, sample) as u32).collect())
        .collect();
    let (dx, y_bar) = (vector(SAMPLES * dom), vector(SAMPLES * cod));

    let data = inputs.iter().zip(&labels).zip(M::INPUTS).map(|((input, labels), info)| {
        if info.index.is_some() { Data::Index(labels) } else { Data::Real(input) }
    });
    let data: Vec<Data<'_, M::Scalar>> = data.collect();
    let mut ws = Workspace::<M>::with_tile(TILE);
    let mut forward = vec![zero; SAMPLES * cod];
    net.forward_flat(&data, &mut forward, &mut ws);

    let mut tangents: Vec<Vec<M::Scalar>> = inputs.iter().map(|x| vec![zero; x.len()]).collect();
    tangents[0].copy_from_slice(&dx);
    let tangents: Vec<&[M::Scalar]> = tangents.iter().map(Vec::as_slice).collect();
    let tangents = Tangents { inputs: &tangents, params: &[] };
    let (mut y, mut dy) = (forward.clone(), forward.clone());
    net.jvp_flat(Wrt::Inputs, &data, tangents, &mut y, &mut dy, &mut ws);

    let mut bars: Vec<Vec<M::Scalar>> = inputs.iter().map(|x| vec![zero; x.len()]).collect();
    let mut slices: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let mut loss = |i: usize, _: &[M::Scalar], bar: &mut [M::Scalar]| {
        bar.copy_from_slice(&y_bar[i * cod..][..cod]);
    };
    let cotangents = Cotangents { inputs: &mut slices, params: &mut [] };
    net.vjp_flat(Wrt::Inputs, &data, &mut loss, cotangents, &mut ws);

    let params: Vec<Vec<M::Scalar>> =
        M::PARAM_INFO.iter().map(|info| net.flat()[info.start..][..info.len()].to_vec()).collect();
    for i in 0..SAMPLES {
        let part = |all: &[M::Scalar], size: usize| all[i * size..][..size].to_vec();
        let op = spec(&Case {
            inputs: inputs.iter().zip(&sizes).map(|(x, size)| part(x, *size)).collect(),
            labels: (0..sizes.len()).map(|j| M::INPUTS[j].index.map(|_| label(j, i))).collect(),
            params: params.clone(),
        });
        let compare = |what: &str, found: &[M::Scalar], size: usize, wanted: &[M::Scalar]| {
            for (j, (a, b)) in part(found, size).iter().zip(wanted).enumerate() {
                assert!(
                    equal(*a, *b),
                    "`{}`: {what}, sample {i}, element {j}: {a:?}, the spec has {b:?}",
                    M::NAME
                );
            }
        };
        let (x, dx, y_bar) = (part(&inputs[0], dom), part(&dx, dom), part(&y_bar, cod));
        let (mut in_cod, mut in_dom) = (vec![zero; cod], vec![zero; dom]);
        op.forward(&x, &mut in_cod);
        compare("forward", &forward, cod, &in_cod);
        compare("the output of jvp", &y, cod, &in_cod);
        op.jvp(&x, &dx, &mut in_cod);
        compare("jvp", &dy, cod, &in_cod);
        op.vjp(&x, &y_bar, &mut in_dom);
        compare("vjp", &bars[0], dom, &in_dom);
    }
}

fn field(rng: &mut Rng64) -> Gf {
    Gf::new(rng.next_u64())
}

/// Of both signs, so that logarithms are NaN now and then, on both sides alike.
fn float(rng: &mut Rng64) -> f64 {
    6.0 * rng.unit_f64() - 3.0
}

/// −2, −3/2, …, 2: each value is likely, so kinks and ties occur.
fn rational(rng: &mut Rng64) -> Q {
    Ratio::new((rng.next_u64() % 9) as i128 - 4, 2)
}

fn close(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()))
}

/// `same!(kind test = spec; model)`, or `same!(kind test(case) = …)` where the spec needs what is
/// captured. In the spec, `T` is the scalar.
macro_rules! same {
    ($kind:ident $test:ident $(($case:ident))? = $spec:expr; $Model:ident $($model:tt)*) => {
        model! { $Model $($model)* }
        #[test]
        fn $test() {
            same!(@$kind $Model [$($case)?] $spec);
        }
    };
    (@kinked $($rest:tt)*) => {
        same!(@over Q, rational, |a, b| a == b, 20, $($rest)*);
        same!(@exact $($rest)*);
    };
    (@ordered $($rest:tt)*) => {
        same!(@over Q, rational, |a, b| a == b, 20, $($rest)*);
        same!(@close $($rest)*);
    };
    (@exact $($rest:tt)*) => {
        same!(@over Gf, field, |a, b| a == b, 3, $($rest)*);
        same!(@close $($rest)*);
    };
    (@close $($rest:tt)*) => {
        same!(@over f64, float, close, 20, $($rest)*);
    };
    (@over $Scalar:ty, $draw:ident, $equal:expr, $rounds:literal, $Model:ident [$($case:ident)?] $spec:expr) => {{
        #[allow(dead_code, reason = "most specs do not name the scalar")]
        type T = $Scalar;
        let mut rng = Rng64::new(1);
        for _ in 0..$rounds {
            same::<$Model<$Scalar>, _>(
                |case| {
                    $(let $case = case;)?
                    let _ = case;
                    $spec
                },
                || $draw(&mut rng),
                $equal,
            );
        }
    }};
}

type S = Shape![5];

// Elementary functions.
same!(exact exp = spec::Exp::<S>::new(); Exp: [5] -> [5] { exp });
same!(exact expm1 = spec::Expm1::<S>::new(); Expm1: [5] -> [5] { expm1 });
same!(exact log = spec::Log::<S>::new(); Log: [5] -> [5] { log });
same!(exact log1p = spec::Log1p::<S>::new(); Log1p: [5] -> [5] { log1p });
same!(kinked square = spec::Square::<S>::new(); Square: [5] -> [5] { square });
same!(exact sqrt = spec::Sqrt::<S>::new(); Sqrt: [5] -> [5] { sqrt });
same!(exact safe_sqrt = spec::SafeSqrt::<S>::new(); SafeSqrt: [5] -> [5] { safe_sqrt });
same!(exact sin = spec::Sin::<S>::new(); Sin: [5] -> [5] { sin });
same!(exact cos = spec::Cos::<S>::new(); Cos: [5] -> [5] { cos });
same!(exact sinh = spec::Sinh::<S>::new(); Sinh: [5] -> [5] { sinh });
same!(exact cosh = spec::Cosh::<S>::new(); Cosh: [5] -> [5] { cosh });
same!(exact erf = spec::Erf::<S>::new(); Erf: [5] -> [5] { erf });
same!(exact erfc = spec::Erfc::<S>::new(); Erfc: [5] -> [5] { erfc });
same!(exact exp2 = spec::Exp2::<S>::new(); Exp2: [5] -> [5] { exp2 });
same!(exact log2 = spec::Log2::<S>::new(); Log2: [5] -> [5] { log2 });
same!(exact log10 = spec::Log10::<S>::new(); Log10: [5] -> [5] { log10 });
same!(exact logit = spec::Logit::<S>::new(); Logit: [5] -> [5] { logit });
same!(exact rsqrt = spec::Rsqrt::<S>::new(); Rsqrt: [5] -> [5] { rsqrt });
same!(exact tan = spec::Tan::<S>::new(); Tan: [5] -> [5] { tan });
// The code reduces the argument of the sine, the struct does not.
same!(close sinc = spec::Sinc::<S>::new(); Sinc: [5] -> [5] { sinc });
same!(exact asin = spec::Asin::<S>::new(); Asin: [5] -> [5] { asin });
same!(exact acos = spec::Acos::<S>::new(); Acos: [5] -> [5] { acos });
same!(exact atan = spec::Atan::<S>::new(); Atan: [5] -> [5] { atan });
same!(exact asinh = spec::Asinh::<S>::new(); Asinh: [5] -> [5] { asinh });
same!(exact acosh = spec::Acosh::<S>::new(); Acosh: [5] -> [5] { acosh });
same!(exact atanh = spec::Atanh::<S>::new(); Atanh: [5] -> [5] { atanh });
same!(kinked abs = spec::Abs::<S>::new(); Abs: [5] -> [5] { abs });
same!(exact reciprocal = spec::Reciprocal::<S>::new(); Reciprocal: [5] -> [5] { reciprocal });
same!(exact safe_reciprocal = spec::SafeReciprocal::<S, T>::default();
    SafeReciprocal: [5] -> [5] { safe_reciprocal });
same!(kinked neg = spec::Neg::<S>::new(); Neg: [5] -> [5] { neg });
same!(kinked scale = spec::Scale::<S, T>::new(T::constant(2.5, 5, 2)); Scale: [5] -> [5] { scale(2.5) });
same!(kinked clamp = spec::Clamp::<S, T>::new(T::constant(-0.5, -1, 2), T::ONE);
    Clamp: [5] -> [5] { clamp(-0.5, 1) });
same!(exact pow = spec::Pow::<S, T>::new(T::constant(1.5, 3, 2)); Pow: [5] -> [5] { pow(1.5) });
// The model multiplies, the spec calls `powf`, which over the field is any function.
same!(close pow3 = spec::Pow::<S, T>::new(3.0); Pow3: [5] -> [5] { pow(3) });
same!(close pow_minus_2 = spec::Pow::<S, T>::new(-2.0); PowMinus2: [5] -> [5] { pow(-2) });

// Activations.
same!(kinked relu = spec::Relu::<S>::new(); Relu: [5] -> [5] { relu });
same!(kinked leaky_relu = spec::LeakyRelu::<S, T>::default(); LeakyRelu: [5] -> [5] { leaky_relu });
same!(kinked hardtanh = spec::Hardtanh::<S, T>::default(); Hardtanh: [5] -> [5] { hardtanh });
same!(exact elu = spec::Elu::<S, T>::new(T::constant(0.7, 7, 10)); Elu: [5] -> [5] { elu(alpha = 0.7) });
same!(exact selu = spec::Selu::<S>::new(); Selu: [5] -> [5] { selu });
same!(exact sigmoid = spec::Sigmoid::<S>::new(); Sigmoid: [5] -> [5] { sigmoid });
same!(exact logistic = spec::Logistic::<S>::new(); Logistic: [5] -> [5] { logistic });
same!(exact tanh = spec::Tanh::<S>::new(); Tanh: [5] -> [5] { tanh });
same!(exact softplus = spec::Softplus::<S>::new(); Softplus: [5] -> [5] { softplus });
same!(exact log_sigmoid = spec::LogSigmoid::<S>::new(); LogSigmoid: [5] -> [5] { log_sigmoid });
same!(kinked relu6 = spec::Scale::<S, T>::new(T::constant(4.0, 4, 1)).then(spec::Relu6::<S>::new());
    Relu6: [5] -> [5] { scale(4), relu6 });
same!(kinked hard_sigmoid = spec::Scale::<S, T>::new(T::constant(2.0, 2, 1)).then(spec::Hardsigmoid::<S>::new());
    HardSigmoid: [5] -> [5] { scale(2), hard_sigmoid });
same!(kinked hard_swish = spec::Scale::<S, T>::new(T::constant(2.0, 2, 1)).then(spec::Hardswish::<S>::new());
    HardSwish: [5] -> [5] { scale(2), hard_swish });
same!(kinked softsign = spec::Softsign::<S>::new(); Softsign: [5] -> [5] { softsign });
same!(kinked softshrink = spec::Softshrink::<S, T>::default(); Softshrink: [5] -> [5] { softshrink });
same!(kinked hardshrink = spec::Hardshrink::<S, T>::default(); Hardshrink: [5] -> [5] { hardshrink });
same!(kinked threshold = spec::Threshold::<S, T>::new(T::constant(0.5, 1, 2), -T::ONE);
    Threshold: [5] -> [5] { threshold(0.5, -1) });
same!(exact celu = spec::Celu::<S, T>::new(T::constant(0.7, 7, 10)); Celu: [5] -> [5] { celu(alpha = 0.7) });
same!(exact tanhshrink = spec::Tanhshrink::<S>::new(); Tanhshrink: [5] -> [5] { tanhshrink });
same!(exact silu = spec::Silu::<S>::new(); Silu: [5] -> [5] { silu });
same!(exact gelu = spec::Gelu::<S>::new(); Gelu: [5] -> [5] { gelu });
same!(exact gelu_tanh = spec::GeluTanh::<S>::new(); GeluTanh: [5] -> [5] { gelu_tanh });
same!(exact mish = spec::Mish::<S>::new(); Mish: [5] -> [5] { mish });
same!(exact safe_log = spec::SafeLog::<S, T>::default(); SafeLog: [5] -> [5] { safe_log });
same!(exact smooth_abs = spec::SmoothAbs::<S, T>::default(); SmoothAbs: [5] -> [5] { smooth_abs });

// Two operands, the second captured.
same!(kinked add(c) = spec::AddRhs::<S, T>::new(c.input(1)); Add(x: [5], r: [5]) -> [5] { x + r });
same!(kinked sub(c) = spec::SubRhs::<S, T>::new(c.input(1)); Sub(x: [5], r: [5]) -> [5] { x - r });
same!(kinked mul(c) = spec::MulRhs::<S, T>::new(c.input(1)); Mul(x: [5], r: [5]) -> [5] { x * r });
same!(exact div(c) = spec::DivRhs::<S, T>::new(c.input(1)); Div(x: [5], r: [5]) -> [5] { x / r });
same!(exact safe_div(c) = spec::SafeDivRhs::<S, T>::new(c.input(1));
    SafeDiv(x: [5], r: [5]) -> [5] { x / (r + 1e-6) });
same!(kinked maximum(c) = spec::Maximum::<S, T>::new(c.input(1));
    Maximum(x: [5], r: [5]) -> [5] { maximum(x, r) });
same!(kinked minimum(c) = spec::Minimum::<S, T>::new(c.input(1));
    Minimum(x: [5], r: [5]) -> [5] { minimum(x, r) });
same!(exact pow_rhs(c) = spec::PowRhs::<S, T>::new(c.input(1));
    PowRhs(x: [5], r: [5]) -> [5] { pow(x, r) });
same!(exact hypot(c) = spec::HypotRhs::<S, T>::new(c.input(1));
    Hypot(x: [5], r: [5]) -> [5] { hypot(x, r) });
same!(exact atan2(c) = spec::Atan2Rhs::<S, T>::new(c.input(1));
    Atan2(x: [5], r: [5]) -> [5] { atan2(x, r) });
same!(exact xlogy(c) = spec::XlogyRhs::<S, T>::new(c.input(1));
    Xlogy(x: [5], r: [5]) -> [5] { xlogy(x, r) });

// Contractions.
same!(kinked linear(c) = c.linear::<5, 3>(0); Linear1: [5] -> [3] { linear -> [3] });
same!(kinked linear_of_rows(c) = Each::<2, _>::new(c.linear::<5, 3>(0));
    LinearOfRows: [2, 5] -> [2, 3] { linear -> [2, 3] });
same!(kinked matmul_right(c) = spec::MatmulRight::<T, 2, 3, 4>::new(c.input(1));
    MatmulRight(x: [2, 3], b: [3, 4]) -> [2, 4] { matmul(x, b) });
same!(kinked matmul_left(c) = spec::MatmulLeft::<T, 4, 2, 3>::new(c.input(1));
    MatmulLeft(x: [2, 3], a: [4, 2]) -> [4, 3] { matmul(a, x) });
same!(kinked bmm_right(c) = spec::BmmRight::<T, 2, 2, 3, 4>::new(c.input(1));
    BmmRight(x: [2, 2, 3], b: [2, 3, 4]) -> [2, 2, 4] { matmul(x, b) });
same!(kinked bmm_left(c) = spec::BmmLeft::<T, 2, 4, 2, 3>::new(c.input(1));
    BmmLeft(x: [2, 2, 3], a: [2, 4, 2]) -> [2, 4, 3] { matmul(a, x) });

// Sums and layout.
type Cube = Shape![2, 3, 4];
same!(kinked sum = spec::Sum::<Cube>::new(); Sum: [2, 3, 4] -> [] { sum });
same!(kinked sum_of_axis = spec::SumAxis::<Cube, 1>::new(); SumOfAxis: [2, 3, 4] -> [2, 4] { sum(axes = 1) });
same!(kinked mean = spec::Sum::<Cube>::new()
    .then(spec::Scale::<Shape![], T>::new(T::constant(1.0 / 24.0, 1, 24)));
    Mean: [2, 3, 4] -> [] { mean });
same!(kinked mean_of_axis = spec::SumAxis::<Cube, 2>::new()
    .then(spec::Scale::<Shape![2, 3], T>::new(T::constant(0.25, 1, 4)));
    MeanOfAxis: [2, 3, 4] -> [2, 3] { mean(axes = -1) });
same!(kinked amax = spec::Amax::<Cube, 1>::new(); Amax: [2, 3, 4] -> [2, 4] { amax(axes = 1) });
same!(kinked amax_of_all = spec::Reshape::<Cube, Shape![24]>::new().then(spec::Amax::<Shape![24], 0>::new());
    AmaxOfAll: [2, 3, 4] -> [] { amax });
// The model takes the opposite of the greatest opposite: not the same in the order of the field.
same!(ordered amin = spec::Amin::<Cube, 2>::new(); Amin: [2, 3, 4] -> [2, 3] { amin(axes = 2) });
same!(kinked reshape = spec::Reshape::<Cube, Shape![6, 4]>::new(); Reshape: [2, 3, 4] -> [6, 4] { reshape -> [6, _] });
same!(kinked flatten = spec::Reshape::<Cube, Shape![24]>::new(); Flatten: [2, 3, 4] -> [24] { flatten });
same!(kinked identity = spec::Identity::<S>::new(); Identity: [5] -> [5] { reshape -> [5] });
same!(kinked transpose = spec::Transpose::<2, 3>::new(); Transpose: [2, 3] -> [3, 2] { transpose });
same!(kinked permute = spec::Permute::<Cube, Shape![2, 0, 1]>::new();
    Permute: [2, 3, 4] -> [4, 2, 3] { permute(2, 0, 1) });
same!(kinked replicate = spec::Replicate::<4, S>::new(); Replicate: [5] -> [4, 5] { broadcast -> [4, 5] });
same!(kinked broadcast = spec::Broadcast::<Shape![3, 1], Cube>::new();
    Broadcast: [3, 1] -> [2, 3, 4] { broadcast -> [2, 3, 4] });
same!(kinked slice = spec::SliceLeading::<5, 1, 3, Shape![2]>::new(); Slice: [5, 2] -> [3, 2] { slice(1..4) });
same!(kinked concat(c) = spec::ConcatLeading::<T, 2, 6, Shape![3]>::new(c.input(1), c.input(2));
    Concat(x: [2, 3], a: [1, 3], b: [3, 3]) -> [6, 3] { concat(a, x, b) });

// Normalisation.
same!(exact softmax = spec::Softmax::<Shape![2, 3]>::new(); Softmax: [2, 3] -> [2, 3] { softmax });
same!(exact log_softmax = spec::LogSoftmax::<Shape![2, 3]>::new(); LogSoftmax: [2, 3] -> [2, 3] { log_softmax });
same!(exact softmax_of_axis_0 = spec::Transpose::<2, 3>::new()
    .then(spec::Softmax::<Shape![3, 2]>::new())
    .then(spec::Transpose::<3, 2>::new());
    SoftmaxOfAxis0: [2, 3] -> [2, 3] { softmax(axis = 0) });
same!(exact layer_norm(c) = spec::LayerNorm::<Shape![2, 4], T>::new(c.input(1), c.input(2), T::constant(1e-5, 1, 100_000));
LayerNorm(x: [2, 4], weight: [4], bias: [4]) -> [2, 4] {
    d = x - mean(x, axes = 1, keepdim = true),
    variance = mean(d * d, axes = 1, keepdim = true),
    d / sqrt(variance + 1e-5) * weight + bias,
});

// Losses of the first input.
same!(kinked mse(c) = spec::MseLoss::<Shape![2, 3], T>::new(c.input(1));
    Mse(x: [2, 3], t: [2, 3]) -> [] { mse(x, t) });
same!(kinked mae(c) = spec::MaeLoss::<S, T>::new(c.input(1)); Mae(x: [5], t: [5]) -> [] { mae(x, t) });
same!(kinked huber(c) = spec::HuberLoss::<S, T>::new(c.input(1), T::ONE);
    Huber(x: [5], t: [5]) -> [] { huber(x, t) });
same!(kinked huber_of_half(c) = spec::HuberLoss::<S, T>::new(c.input(1), T::constant(0.5, 1, 2));
    HuberOfHalf(x: [5], t: [5]) -> [] { huber(x, t, delta = 0.5) });
same!(exact bce_with_logits(c) = spec::BceWithLogitsLoss::<Shape![2, 3], T>::new(c.input(1));
    BceWithLogits(x: [2, 3], t: [2, 3]) -> [] { bce_with_logits(x, t) });
same!(exact cross_entropy(c) = spec::CrossEntropyLoss::<Shape![2, 3], T>::new(c.input(1));
    CrossEntropy(x: [2, 3], t: [2, 3]) -> [] { cross_entropy(x, t) });
same!(exact cross_entropy_of_labels(c) = c.labelled::<4>(1);
    CrossEntropyOfLabels(x: [4], label: index(4)) -> [] { cross_entropy(x, label) });

// Compositions.
same!(exact linear_tanh_linear(c) = c.linear::<4, 6>(0)
    .then(spec::Tanh::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1));
    LinearTanhLinear: [4] -> [3] { linear -> [6], tanh, linear -> [3] });
same!(kinked linear_relu_linear(c) = c.linear::<4, 6>(0)
    .then(spec::Relu::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1));
    LinearReluLinear: [4] -> [3] { linear -> [6], relu, linear -> [3] });
same!(exact linear_relu_linear_softmax(c) = c.linear::<4, 6>(0)
    .then(spec::Relu::<Shape![6]>::new())
    .then(c.linear::<6, 3>(1))
    .then(spec::Softmax::<Shape![3]>::new());
    Classifier: [4] -> [3] { linear -> [6], relu, linear -> [3], softmax });
same!(exact gelu_silu = spec::Gelu::<S>::new().then(spec::Silu::<S>::new()); GeluSilu: [5] -> [5] { gelu, silu });
same!(exact flatten_linear_log_softmax(c) = spec::Reshape::<Shape![2, 3], Shape![6]>::new()
    .then(c.linear::<6, 4>(0))
    .then(spec::LogSoftmax::<Shape![4]>::new());
    FlattenLinearLogSoftmax: [2, 3] -> [4] { flatten, linear -> [4], log_softmax });

/// An op of the user's own, y = x·‖x‖²: `jvp(x, dx) = dx·‖x‖² + 2x·⟨x, dx⟩`, which is symmetric.
struct Cubic;

impl<T: Scalar> Op<T> for Cubic {
    type Dom = Shape![3];
    type Cod = Shape![3];
    fn forward(&self, x: &[T], y: &mut [T]) {
        y.iter_mut().zip(x).for_each(|(y, x_i)| *y = *x_i * dot(x, x));
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        for ((dy, dx_i), x_i) in dy.iter_mut().zip(dx).zip(x) {
            *dy = *dx_i * dot(x, x) + (T::ONE + T::ONE) * *x_i * dot(x, dx);
        }
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        self.jvp(x, y_bar, x_bar);
    }
}

fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

same!(kinked custom_op = Cubic; Custom: [3] -> [3] { Cubic {} -> [3] });
same!(exact custom_op_in_a_chain(c) = c.linear::<4, 3>(0)
    .then(Cubic)
    .then(spec::Tanh::<Shape![3]>::new())
    .then(Cubic)
    .then(c.linear::<3, 2>(1));
    CustomChain: [4] -> [2] { linear -> [3], Cubic {} -> [3], tanh, Cubic {} -> [3], linear -> [2] });

/// An op that holds a number, y = c·x; with a field that has a name, and without.
struct Times(f64);
struct By {
    factor: f64,
}

macro_rules! multiply {
    ($Op:ident, $field:tt) => {
        impl<T: Scalar> Op<T> for $Op {
            type Dom = Shape![3];
            type Cod = Shape![3];
            fn forward(&self, x: &[T], y: &mut [T]) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = T::from_f64(self.$field) * *x);
            }
            fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
                <$Op as Op<T>>::forward(self, dx, dy);
            }
            fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
                <$Op as Op<T>>::forward(self, y_bar, x_bar);
            }
        }
    };
}
multiply!(Times, 0);
multiply!(By, factor);

// What constructs an op says its type as well: such a model is one over every scalar of the op.
same!(exact constructed_ops = Times(3.0).then(By { factor: -2.0 });
    Constructed: [3] -> [3] { Times(3.0) -> [3], By { factor: -2.0 } -> [3] });

#[test]
fn custom_ops_obey_the_laws() {
    check::exactly::<Custom<Gf>, Custom<Dual<Gf>>>();
    check::exactly::<Constructed<Gf>, Constructed<Dual<Gf>>>();
    // Rationals are not `Real`.
    let net = pullback::flat::boxed::<Constructed<Q>>(|_| Q::from(0));
    assert_eq!(net.forward(&[1, 2, 3].map(Q::from)), [-6, -12, -18].map(Q::from));
    check::exactly::<CustomChain<Gf>, CustomChain<Dual<Gf>>>();
}

/// The methods with arrays, and the cotangents of parameters, of a chain over the rationals.
#[test]
fn methods_of_one_sample() {
    let mut rng = Rng64::new(2);
    for _ in 0..20 {
        let mut draw = || rational(&mut rng);
        let net = pullback::flat::boxed::<LinearReluLinear<Q>>(|_| draw());
        let (x, dx): ([Q; 4], [Q; 4]) = ([(); 4].map(|()| draw()), [(); 4].map(|()| draw()));
        let y_bar: [Q; 3] = [(); 3].map(|()| draw());

        let params = net.views().map(|view| view.data.to_vec()).collect();
        let case = Case { inputs: Vec::new(), labels: Vec::new(), params };
        let hidden = case.linear::<4, 6>(0).then(spec::Relu::<Shape![6]>::new());
        let op = (&hidden).then(case.linear::<6, 3>(1));
        let zero = Q::ZERO;
        let (mut y, mut dy, mut x_bar) = ([zero; 3], [zero; 3], [zero; 4]);
        op.forward(&x, &mut y);
        op.jvp(&x, &dx, &mut dy);
        op.vjp(&x, &y_bar, &mut x_bar);

        assert_eq!(net.forward(&x), y);
        assert_eq!(net.jvp(&x, &dx), (y, dy));
        let (found, pullback) = net.vjp(&x);
        let (found_bar, grad) = pullback(&y_bar);
        assert_eq!((found, found_bar), (y, x_bar));

        let mut h = [zero; 6];
        hidden.forward(&x, &mut h);
        let (mut weight_bar, mut bias_bar) = ([zero; 18], [zero; 3]);
        Linear::<Q, 6, 3>::vjp_params(&h, &y_bar, &mut weight_bar, &mut bias_bar);
        assert_eq!(grad.linear2.bias, bias_bar);
        for (i, row) in grad.linear2.weight.iter().enumerate() {
            for (j, found) in row.iter().enumerate() {
                assert_eq!(*found, weight_bar[j * 6 + i]);
            }
        }
    }
}
