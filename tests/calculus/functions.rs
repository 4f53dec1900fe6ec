//! The functions, with what is said to be their derivatives.

use crate::exact::{self, LN_2, PI, SQRT_HALF, TWO_OVER_SQRT_PI, big, magnitude, positive};
use crate::{Big, CLOSE, Domain::*, EXACT, Errors, Fact, One, Row, facts, ratio};
use pullback::model;
use pullback::spec::{self, Elementwise};
use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, LN_2 as LN_2_IN_F64};
use std::sync::LazyLock;

static SQRT_2_OVER_PI: LazyLock<Big> = LazyLock::new(|| (big(2.0) / &*PI).sqrt());
static LN_10: LazyLock<Big> = LazyLock::new(|| big(10.0).ln());
static EPSILON: LazyLock<Big> = LazyLock::new(|| ratio(1.0, 1e6));
static SLOPE: LazyLock<Big> = LazyLock::new(|| ratio(1.0, 100.0));
static CUBIC: LazyLock<Big> = LazyLock::new(|| ratio(44715.0, 1e6));
/// Beyond `f64`, the digits of Klambauer et al. 2017 do not matter here.
static LAMBDA: LazyLock<Big> = LazyLock::new(|| big(1.0507009873554805));
static ALPHA: LazyLock<Big> = LazyLock::new(|| big(1.6732632423543772));

/// tanh(ln(1 + eˣ)), by tanh(ln w) = (w² − 1)/(w² + 1)
fn tanh_softplus(x: &Big) -> Big {
    let w = big(1.0) + x.exp();
    let square = &w * &w;
    (&square - big(1.0)) / (square + big(1.0))
}

/// The inner part of `gelu_tanh`.
fn cubic(x: &Big) -> Big {
    &*SQRT_2_OVER_PI * (x + &*CUBIC * x * x * x)
}

/// x between two numbers, or the nearer one of them
fn between(x: &Big, low: f64, high: f64) -> Big {
    if *x < big(low) {
        big(low)
    } else if *x > big(high) {
        big(high)
    } else {
        x.clone()
    }
}

model! {
    pub Relu: [1] -> [1] { relu }
    pub LeakyRelu: [1] -> [1] { leaky_relu }
    pub Abs: [1] -> [1] { abs }
    pub Elu: [1] -> [1] { elu }
    pub Selu: [1] -> [1] { selu }
    pub Square: [1] -> [1] { square }
    pub Sqrt: [1] -> [1] { sqrt }
    pub SafeSqrt: [1] -> [1] { safe_sqrt }
    pub Reciprocal: [1] -> [1] { reciprocal }
    pub Exp: [1] -> [1] { exp }
    pub Log: [1] -> [1] { log }
    pub Sin: [1] -> [1] { sin }
    pub Cos: [1] -> [1] { cos }
    pub Sinh: [1] -> [1] { sinh }
    pub Cosh: [1] -> [1] { cosh }
    pub Tanh: [1] -> [1] { tanh }
    pub Sigmoid: [1] -> [1] { sigmoid }
    pub Logistic: [1] -> [1] { logistic }
    pub Softplus: [1] -> [1] { softplus }
    pub Silu: [1] -> [1] { silu }
    pub Mish: [1] -> [1] { mish }
    pub Gelu: [1] -> [1] { gelu }
    pub GeluTanh: [1] -> [1] { gelu_tanh }
    pub SafeLog: [1] -> [1] { safe_log }
    pub SmoothAbs: [1] -> [1] { smooth_abs }
    pub EluOfAlpha: [1] -> [1] { elu(0.75) }
    pub Exp2: [1] -> [1] { exp2 }
    pub Expm1: [1] -> [1] { expm1 }
    pub Log1p: [1] -> [1] { log1p }
    pub Log2: [1] -> [1] { log2 }
    pub Log10: [1] -> [1] { log10 }
    pub Logit: [1] -> [1] { logit }
    pub Rsqrt: [1] -> [1] { rsqrt }
    pub SafeReciprocal: [1] -> [1] { safe_reciprocal }
    pub Pow: [1] -> [1] { pow(2.5) }
    pub Tan: [1] -> [1] { tan }
    pub Sinc: [1] -> [1] { sinc }
    pub Asin: [1] -> [1] { asin }
    pub Acos: [1] -> [1] { acos }
    pub Atan: [1] -> [1] { atan }
    pub Asinh: [1] -> [1] { asinh }
    pub Acosh: [1] -> [1] { acosh }
    pub Atanh: [1] -> [1] { atanh }
    pub Erf: [1] -> [1] { erf }
    pub Erfc: [1] -> [1] { erfc }
    pub Hardtanh: [1] -> [1] { hardtanh }
    pub Relu6: [1] -> [1] { relu6 }
    pub HardSigmoid: [1] -> [1] { hard_sigmoid }
    pub HardSwish: [1] -> [1] { hard_swish }
    pub Celu: [1] -> [1] { celu(0.75) }
    pub LogSigmoid: [1] -> [1] { log_sigmoid }
    pub Softsign: [1] -> [1] { softsign }
    pub Tanhshrink: [1] -> [1] { tanhshrink }
    pub Softshrink: [1] -> [1] { softshrink }
    pub Hardshrink: [1] -> [1] { hardshrink }
    pub Threshold: [1] -> [1] { threshold(0.5, -1) }
}

facts! {
    relu: Relu, spec::Relu::<One>::new(), Nonzero,
        |x| if positive(x) { x.clone() } else { big(0.0) },
        |x| big(if positive(x) { 1.0 } else { 0.0 }),
        [(0.0, 0.0, 0.0), (-0.0, 0.0, 0.0)], EXACT;
    leaky_relu: LeakyRelu, spec::LeakyRelu::<One, f64>::default(), Nonzero,
        |x| if positive(x) { x.clone() } else { x * &*SLOPE },
        |x| if positive(x) { big(1.0) } else { SLOPE.clone() },
        [(0.0, 0.0, 0.01), (-0.0, 0.0, 0.01)], CLOSE;
    abs: Abs, spec::Abs::<One>::new(), Nonzero,
        |x| if positive(x) { x.clone() } else { -x },
        |x| big(if positive(x) { 1.0 } else { -1.0 }),
        [(0.0, 0.0, 0.0), (-0.0, 0.0, 0.0)], EXACT;
    elu: Elu, spec::Elu::<One, f64>::default(), Nonzero,
        |x| if positive(x) { x.clone() } else { x.exp() - big(1.0) },
        |x| if positive(x) { big(1.0) } else { x.exp() },
        [(0.0, 0.0, 1.0), (-0.0, 0.0, 1.0)], CLOSE;
    elu_of_alpha: EluOfAlpha, spec::Elu::<One, f64>::new(0.75), Nonzero,
        |x| if positive(x) { x.clone() } else { big(0.75) * (x.exp() - big(1.0)) },
        |x| if positive(x) { big(1.0) } else { big(0.75) * x.exp() },
        [(0.0, 0.0, 0.75), (-0.0, 0.0, 0.75)], CLOSE;
    selu: Selu, spec::Selu::<One>::new(), Nonzero,
        |x| &*LAMBDA * if positive(x) { x.clone() } else { &*ALPHA * (x.exp() - big(1.0)) },
        |x| if positive(x) { LAMBDA.clone() } else { &*LAMBDA * &*ALPHA * x.exp() },
        [(0.0, 0.0, 1.0507009873554805 * 1.6732632423543772)], CLOSE;
    square: Square, spec::Square::<One>::new(), Line, |x| x * x, |x| big(2.0) * x, [], [2e-7, 0.0];
    sqrt: Sqrt, spec::Sqrt::<One>::new(), Positive,
        |x| x.sqrt(), |x| big(1.0) / (big(2.0) * x.sqrt()),
        [(0.0, 0.0, f64::INFINITY)], CLOSE;
    safe_sqrt: SafeSqrt, spec::SafeSqrt::<One>::new(), Nonzero,
        |x| if positive(x) { x.sqrt() } else { big(0.0) },
        |x| if positive(x) { big(1.0) / (big(2.0) * x.sqrt()) } else { big(0.0) },
        [(0.0, 0.0, 0.0), (-0.0, 0.0, 0.0)], CLOSE;
    reciprocal: Reciprocal, spec::Reciprocal::<One>::new(), Nonzero,
        |x| big(1.0) / x, |x| -(big(1.0) / (x * x)), [], [2e-7, 4e-7];
    exp: Exp, spec::Exp::<One>::new(), Line, |x| x.exp(), |x| x.exp(), [], CLOSE;
    log: Log, spec::Log::<One>::new(), Positive, |x| x.ln(), |x| big(1.0) / x, [], CLOSE;
    sin: Sin, spec::Sin::<One>::new(), Line, |x| x.sin(), |x| x.cos(), [], CLOSE;
    cos: Cos, spec::Cos::<One>::new(), Line, |x| x.cos(), |x| -x.sin(), [], CLOSE;
    sinh: Sinh, spec::Sinh::<One>::new(), Line, |x| exact::sinh(x), |x| exact::cosh(x), [], CLOSE;
    cosh: Cosh, spec::Cosh::<One>::new(), Line, |x| exact::cosh(x), |x| exact::sinh(x), [], CLOSE;
    tanh: Tanh, spec::Tanh::<One>::new(), Line,
        |x| exact::tanh(x),
        |x| { let t = exact::tanh(x); big(1.0) - &t * &t },
        [], [2e-7, 5e-7];
    sigmoid: Sigmoid, spec::Sigmoid::<One>::new(), Line,
        |x| exact::sigmoid(x),
        |x| { let s = exact::sigmoid(x); &s * (big(1.0) - &s) },
        [], [2e-7, 5e-7];
    logistic: Logistic, spec::Logistic::<One>::new(), Line,
        |x| { let e = x.exp(); &e / (&e + big(1.0)) },
        |x| { let l = exact::sigmoid(x); &l * (big(1.0) - &l) },
        [], [2e-7, 5e-7];
    softplus: Softplus, spec::Softplus::<One>::new(), Line, |x| exact::softplus(x), |x| exact::sigmoid(x), [], CLOSE;
    silu: Silu, spec::Silu::<One>::new(), Line,
        |x| x * exact::sigmoid(x),
        |x| { let s = exact::sigmoid(x); &s + x * &s * (big(1.0) - &s) },
        [], [3e-7, 1.2e-5];
    mish: Mish, spec::Mish::<One>::new(), Line,
        |x| x * tanh_softplus(x),
        |x| { let t = tanh_softplus(x); &t + x * (big(1.0) - &t * &t) * exact::sigmoid(x) },
        [], [4e-7, 1.5e-5];
    gelu: Gelu, spec::Gelu::<One>::new(), Line,
        |x| x * (big(1.0) + exact::erf(&(x * &*SQRT_HALF))) / big(2.0),
        |x| {
            let density = &*TWO_OVER_SQRT_PI * &*SQRT_HALF / big(2.0) * (-(x * x / big(2.0))).exp();
            (big(1.0) + exact::erf(&(x * &*SQRT_HALF))) / big(2.0) + x * density
        },
        [], [6e-7, 2e-5];
    gelu_tanh: GeluTanh, spec::GeluTanh::<One>::new(), Line,
        |x| x * (big(1.0) + exact::tanh(&cubic(x))) / big(2.0),
        |x| {
            let t = exact::tanh(&cubic(x));
            let inner = &*SQRT_2_OVER_PI * (big(1.0) + big(3.0) * &*CUBIC * x * x);
            (big(1.0) + &t + x * (big(1.0) - &t * &t) * inner) / big(2.0)
        },
        [], [1e-5, 2e-5];
    safe_log: SafeLog, spec::SafeLog::<One, f64>::default(), Line,
        |x| (exact::softplus(x) + &*EPSILON).ln(),
        |x| exact::sigmoid(x) / (exact::softplus(x) + &*EPSILON),
        [], [1.5e-5, 0.02];
    smooth_abs: SmoothAbs, spec::SmoothAbs::<One, f64>::default(), Line,
        |x| (x * x + &*EPSILON).sqrt(),
        |x| x / (x * x + &*EPSILON).sqrt(),
        [], CLOSE;
    exp2: Exp2, spec::Exp2::<One>::new(), Line,
        |x| (x * &*LN_2).exp(), |x| &*LN_2 * (x * &*LN_2).exp(), [(3.0, 8.0, 8.0 * LN_2_IN_F64)], CLOSE;
    expm1: Expm1, spec::Expm1::<One>::new(), Line, |x| x.exp() - big(1.0), |x| x.exp(), [(0.0, 0.0, 1.0)], CLOSE;
    log1p: Log1p, spec::Log1p::<One>::new(), AboveMinusOne,
        |x| (big(1.0) + x).ln(), |x| big(1.0) / (big(1.0) + x),
        [(0.0, 0.0, 1.0), (-1.0, f64::NEG_INFINITY, f64::INFINITY)], CLOSE;
    log2: Log2, spec::Log2::<One>::new(), Positive,
        |x| x.ln() / &*LN_2, |x| big(1.0) / (x * &*LN_2),
        [(0.0, f64::NEG_INFINITY, f64::INFINITY)], CLOSE;
    log10: Log10, spec::Log10::<One>::new(), Positive,
        |x| x.ln() / &*LN_10, |x| big(1.0) / (x * &*LN_10),
        [(0.0, f64::NEG_INFINITY, f64::INFINITY)], CLOSE;
    logit: Logit, spec::Logit::<One>::new(), Unit,
        |x| (x / (big(1.0) - x)).ln(), |x| big(1.0) / (x * (big(1.0) - x)),
        [(0.5, 0.0, 4.0), (0.0, f64::NEG_INFINITY, f64::INFINITY), (1.0, f64::INFINITY, f64::INFINITY)], CLOSE;
    rsqrt: Rsqrt, spec::Rsqrt::<One>::new(), Positive,
        |x| big(1.0) / x.sqrt(), |x| big(-0.5) / (x * x.sqrt()),
        [(0.0, f64::INFINITY, f64::NEG_INFINITY)], [2e-7, 5e-7];
    safe_reciprocal: SafeReciprocal, spec::SafeReciprocal::<One, f64>::default(), Positive,
        |x| big(1.0) / (x + &*EPSILON), |x| -(big(1.0) / ((x + &*EPSILON) * (x + &*EPSILON))), [], [2e-7, 4e-7];
    pow: Pow, spec::Pow::<One, f64>::new(2.5), Positive,
        |x| x * x * x.sqrt(), |x| big(2.5) * x * x.sqrt(), [(0.0, 0.0, 0.0)], CLOSE;
    tan: Tan, spec::Tan::<One>::new(), Line,
        |x| x.sin() / x.cos(), |x| big(1.0) / (x.cos() * x.cos()), [(0.0, 0.0, 1.0)], [2e-7, 4e-7];
    sinc: Sinc, spec::Sinc::<One>::new(), Nonzero,
        |x| { let z = x * &*PI; z.sin() / z },
        |x| { let z = x * &*PI; &*PI * (&z * z.cos() - z.sin()) / (&z * &z) },
        [(0.0, 1.0, 0.0), (-0.0, 1.0, 0.0)], [5e-7, f64::INFINITY];
    asin: Asin, spec::Asin::<One>::new(), Inside,
        |x| x.asin(), |x| big(1.0) / ((big(1.0) - x) * (big(1.0) + x)).sqrt(),
        [(0.0, 0.0, 1.0), (1.0, FRAC_PI_2, f64::INFINITY), (-1.0, -FRAC_PI_2, f64::INFINITY)], CLOSE;
    acos: Acos, spec::Acos::<One>::new(), Inside,
        |x| x.acos(), |x| big(-1.0) / ((big(1.0) - x) * (big(1.0) + x)).sqrt(),
        [(0.0, FRAC_PI_2, -1.0), (1.0, 0.0, f64::NEG_INFINITY), (-1.0, std::f64::consts::PI, f64::NEG_INFINITY)], CLOSE;
    atan: Atan, spec::Atan::<One>::new(), Line,
        |x| x.atan(), |x| big(1.0) / (big(1.0) + x * x), [(0.0, 0.0, 1.0)], [2e-7, 4e-7];
    asinh: Asinh, spec::Asinh::<One>::new(), Line,
        |x| exact::asinh(x), |x| big(1.0) / (x * x + big(1.0)).sqrt(), [(0.0, 0.0, 1.0)], CLOSE;
    acosh: Acosh, spec::Acosh::<One>::new(), AboveOne,
        |x| exact::acosh(x), |x| big(1.0) / ((x - big(1.0)) * (x + big(1.0))).sqrt(),
        [(1.0, 0.0, f64::INFINITY)], CLOSE;
    atanh: Atanh, spec::Atanh::<One>::new(), Inside,
        |x| exact::atanh(x), |x| big(1.0) / ((big(1.0) - x) * (big(1.0) + x)),
        [(0.0, 0.0, 1.0), (1.0, f64::INFINITY, f64::INFINITY), (-1.0, f64::NEG_INFINITY, f64::INFINITY)], CLOSE;
    erf: Erf, spec::Erf::<One>::new(), Line,
        |x| exact::erf(x), |x| &*TWO_OVER_SQRT_PI * (-(x * x)).exp(), [(0.0, 0.0, FRAC_2_SQRT_PI)], [3e-7, 4e-7];
    erfc: Erfc, spec::Erfc::<One>::new(), Line,
        |x| exact::erfc(x), |x| -(&*TWO_OVER_SQRT_PI * (-(x * x)).exp()),
        [(0.0, 1.0, -FRAC_2_SQRT_PI)], [4e-7, 4e-7];
    hardtanh: Hardtanh, spec::Hardtanh::<One, f64>::default(), Nonzero,
        |x| between(x, -1.0, 1.0),
        |x| big(if magnitude(x) < big(1.0) { 1.0 } else { 0.0 }),
        [(1.0, 1.0, 0.0), (-1.0, -1.0, 0.0)], EXACT;
    relu6: Relu6, spec::Relu6::<One>::new(), Nonzero,
        |x| between(x, 0.0, 6.0),
        |x| big(if positive(x) && *x < big(6.0) { 1.0 } else { 0.0 }),
        [(0.0, 0.0, 0.0), (6.0, 6.0, 0.0)], EXACT;
    hard_sigmoid: HardSigmoid, spec::Hardsigmoid::<One>::new(), Nonzero,
        |x| between(&(x + big(3.0)), 0.0, 6.0) / big(6.0),
        |x| if magnitude(x) < big(3.0) { ratio(1.0, 6.0) } else { big(0.0) },
        [(3.0, 1.0, 0.0), (-3.0, 0.0, 0.0)], CLOSE;
    hard_swish: HardSwish, spec::Hardswish::<One>::new(), Nonzero,
        |x| x * between(&(x + big(3.0)), 0.0, 6.0) / big(6.0),
        |x| if *x >= big(3.0) { big(1.0) } else if *x > big(-3.0) { x / big(3.0) + big(0.5) } else { big(0.0) },
        [(3.0, 3.0, 1.0), (-3.0, 0.0, 0.0)], [2e-7, 4e-6];
    celu: Celu, spec::Celu::<One, f64>::new(0.75), Nonzero,
        |x| if positive(x) { x.clone() } else { big(0.75) * ((x / big(0.75)).exp() - big(1.0)) },
        |x| if positive(x) { big(1.0) } else { (x / big(0.75)).exp() },
        [(0.0, 0.0, 1.0), (-0.0, 0.0, 1.0)], [2e-7, 4e-6];
    log_sigmoid: LogSigmoid, spec::LogSigmoid::<One>::new(), Line,
        |x| -exact::softplus(&-x), |x| exact::sigmoid(&-x), [], CLOSE;
    softsign: Softsign, spec::Softsign::<One>::new(), Nonzero,
        |x| x / (big(1.0) + magnitude(x)),
        |x| { let s = big(1.0) + magnitude(x); big(1.0) / (&s * &s) },
        [(0.0, 0.0, 1.0)], [2e-7, 4e-7];
    tanhshrink: Tanhshrink, spec::Tanhshrink::<One>::new(), Line,
        |x| x - exact::tanh(x), |x| exact::tanh(x) * exact::tanh(x), [(0.0, 0.0, 0.0)], [5e-7, 6e-7];
    softshrink: Softshrink, spec::Softshrink::<One, f64>::default(), Nonzero,
        |x| x - between(x, -0.5, 0.5),
        |x| big(if magnitude(x) > big(0.5) { 1.0 } else { 0.0 }),
        [(0.5, 0.0, 0.0), (-0.5, 0.0, 0.0), (0.0, 0.0, 0.0)], CLOSE;
    hardshrink: Hardshrink, spec::Hardshrink::<One, f64>::default(), Nonzero,
        |x| if magnitude(x) > big(0.5) { x.clone() } else { big(0.0) },
        |x| big(if magnitude(x) > big(0.5) { 1.0 } else { 0.0 }),
        [(0.5, 0.0, 0.0), (-0.5, 0.0, 0.0), (0.0, 0.0, 0.0)], EXACT;
    threshold: Threshold, spec::Threshold::<One, f64>::new(0.5, -1.0), Nonzero,
        |x| if *x > big(0.5) { x.clone() } else { big(-1.0) },
        |x| big(if *x > big(0.5) { 1.0 } else { 0.0 }),
        [(0.5, -1.0, 0.0)], EXACT;
}
