//! The calculus fact of every activation: what the model and the specification call its derivative is
//! its derivative.
//!
//! Each function is written down once more, as a formula for its value alone, over 67 decimal digits.
//! Its central difference with a relative step of 2⁻⁷⁰ knows at least 35 digits of the derivative
//! without knowing any formula for it. At [`POINTS`] points away from kinks it is compared with
//!
//! * the formula that is claimed for the derivative, over the same 67 digits,
//! * the derivative that the generated code computes in `f64`, forward and reverse, and
//! * the derivative of `pullback::spec` in `f64`,
//!
//! and the values likewise. At kinks and at the ends of domains the documented number is expected
//! exactly. A last test compares the generated code in `f32` with that in `f64` far from 0.
//!
//! `cargo test --test calculus -- --nocapture` prints the errors.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use pullback::check::Rng64;
use pullback::spec::{self, Elementwise};
use pullback::{Shape, model};
use std::fmt;
use std::sync::LazyLock;

type Big = FBig<HalfEven, 2>;
type One = Shape![1];

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
}

/// Bits of the significand: 67 digits.
const BITS: usize = 224;
/// Points for each function.
const POINTS: usize = 1000;
/// The greatest argument in `f64`.
const REACH: f64 = 30.0;

/// The error of the claimed formula against the difference quotient. Like the other two it is
/// relative for numbers above 1, else absolute.
const CLAIM: f64 = 1e-35;
/// The error of values in `f64`.
const VALUE: f64 = 1e-14;
/// The error of derivatives in `f64`.
const DERIVATIVE: f64 = 1e-13;

/// Bounds on the relative errors of value and derivative in `f32`.
const EXACT: [f64; 2] = [0.0; 2];
const CLOSE: [f64; 2] = [2e-7; 2];
/// Derivatives such as 1 − t² cancel where the function saturates: no relative bound.
const SATURATING: [f64; 2] = [2e-7, f64::INFINITY];
/// So do the values of those that are a product with 1 + t.
const TAILED: [f64; 2] = [f64::INFINITY; 2];
/// The bound on the errors in `f32` that are absolute below 1.
const SINGLE: f64 = 1e-6;

fn big(x: f64) -> Big {
    Big::try_from(x).expect("a finite number").with_precision(BITS).value()
}

fn ratio(numer: f64, denom: f64) -> Big {
    big(numer) / big(denom)
}

fn positive(x: &Big) -> bool {
    *x > Big::ZERO
}

static TWO_OVER_SQRT_PI: LazyLock<Big> = LazyLock::new(|| big(2.0) / Big::pi(BITS).sqrt());
static SQRT_2_OVER_PI: LazyLock<Big> = LazyLock::new(|| (big(2.0) / Big::pi(BITS)).sqrt());
static SQRT_HALF: LazyLock<Big> = LazyLock::new(|| big(0.5).sqrt());
static EPSILON: LazyLock<Big> = LazyLock::new(|| ratio(1.0, 1e6));
static SLOPE: LazyLock<Big> = LazyLock::new(|| ratio(1.0, 100.0));
static CUBIC: LazyLock<Big> = LazyLock::new(|| ratio(44715.0, 1e6));
/// Beyond `f64`, the digits of Klambauer et al. 2017 do not matter here.
static LAMBDA: LazyLock<Big> = LazyLock::new(|| big(1.0507009873554805));
static ALPHA: LazyLock<Big> = LazyLock::new(|| big(1.6732632423543772));

/// From exponential and logarithm.
mod exact {
    use super::{Big, big, positive};

    pub(super) fn sigmoid(x: &Big) -> Big {
        big(1.0) / (big(1.0) + (-x).exp())
    }

    pub(super) fn tanh(x: &Big) -> Big {
        let square = (big(2.0) * x).exp();
        (&square - big(1.0)) / (square + big(1.0))
    }

    pub(super) fn sinh(x: &Big) -> Big {
        let e = x.exp();
        (&e - big(1.0) / &e) / big(2.0)
    }

    pub(super) fn cosh(x: &Big) -> Big {
        let e = x.exp();
        (&e + big(1.0) / &e) / big(2.0)
    }

    pub(super) fn softplus(x: &Big) -> Big {
        if positive(x) { x + (big(1.0) + (-x).exp()).ln() } else { (big(1.0) + x.exp()).ln() }
    }

    /// tanh(ln(1 + eˣ)), by tanh(ln w) = (w² − 1)/(w² + 1)
    pub(super) fn tanh_softplus(x: &Big) -> Big {
        let w = big(1.0) + x.exp();
        let square = &w * &w;
        (&square - big(1.0)) / (square + big(1.0))
    }
}

/// The inner part of `gelu_tanh`.
fn cubic(x: &Big) -> Big {
    &*SQRT_2_OVER_PI * (x + &*CUBIC * x * x * x)
}

/// 2/√π · e^(−z²) · Σ 2ⁿz²ⁿ⁺¹/(2n+1)!!, of which no term cancels another.
fn erf_series(z: &Big) -> Big {
    let twice = big(2.0) * z * z;
    let (mut term, mut sum) = (z.clone(), z.clone());
    let mut odd = 1.0;
    // Terms fall as soon as 2n + 1 > 2z².
    while Big::from(odd as i64) < twice || (&term / &sum).to_f64().value() > 1e-70 {
        odd += 2.0;
        term = term * &twice / big(odd);
        sum += &term;
    }
    &*TWO_OVER_SQRT_PI * (-(z * z)).exp() * sum
}

/// 1 − e^(−z²)/√π · 1/(z + (1/2)/(z + (2/2)/(z + (3/2)/(z + …)))), for large z
fn erf_fraction(z: &Big) -> Big {
    let denominator =
        (1..=250).rev().fold(z.clone(), |below, k| z + big(f64::from(k) / 2.0) / below);
    big(1.0) - &*TWO_OVER_SQRT_PI / big(2.0) * (-(z * z)).exp() / denominator
}

fn erf(z: &Big) -> Big {
    if *z == Big::ZERO {
        big(0.0)
    } else if !positive(z) {
        -erf(&-z)
    } else if *z < big(6.0) {
        erf_series(z)
    } else {
        erf_fraction(z)
    }
}

/// Where a function is tested.
#[derive(Clone, Copy)]
enum Domain {
    /// Both signs, and 0
    Line,
    /// Both signs without 0
    Nonzero,
    /// Positive numbers
    Positive,
}
use Domain::{Line, Nonzero, Positive};

impl Domain {
    /// Half of them uniform, half of them evenly spaced in the logarithm.
    fn points(self) -> Vec<f64> {
        let mut rng = Rng64::new(17);
        let sign = |odd: bool, x: f64| if odd && !matches!(self, Positive) { -x } else { x };
        let uniform = (0..POINTS / 2).map(|i| sign(i % 2 == 1, REACH * rng.unit_f64().max(1e-9)));
        let mut points: Vec<f64> = uniform.collect();
        points.extend(
            magnitudes(1e-6, REACH, POINTS / 2).enumerate().map(|(i, x)| sign(i % 2 == 1, x)),
        );
        if matches!(self, Line) {
            points[0] = 0.0;
        }
        points
    }
}

/// `n` numbers from `low` to `high`, evenly spaced in the logarithm.
fn magnitudes(low: f64, high: f64, n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| low * (high / low).powf(i as f64 / (n - 1) as f64))
}

/// A function over many digits.
struct Fact {
    domain: Domain,
    /// f
    value: fn(&Big) -> Big,
    /// What is said to be f′
    claim: fn(&Big) -> Big,
}

impl Fact {
    /// Value and derivative up to about h²·f″ and h²·f‴ for a step h, without the claim
    fn evaluate(&self, x: f64) -> [Big; 2] {
        let step = big(if x == 0.0 { 1.0 } else { x.abs() } * 2f64.powi(-70));
        let [above, below] = [big(x) + &step, big(x) - &step].map(|x| (self.value)(&x));
        [(&above + &below) / big(2.0), (above - below) / (big(2.0) * step)]
    }
}

/// The greatest errors over all points.
#[derive(Debug, Default)]
struct Errors {
    claim: f64,
    value: f64,
    jvp: f64,
    vjp: f64,
    spec_value: f64,
    spec_derivative: f64,
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Errors { claim, value, jvp, vjp, spec_value, spec_derivative } = self;
        write!(f, "claim {claim:.1e}, value {value:.1e}, jvp {jvp:.1e}, vjp {vjp:.1e}, ")?;
        write!(f, "spec: value {spec_value:.1e}, derivative {spec_derivative:.1e}")
    }
}

impl Errors {
    fn check(&self) {
        assert!(self.claim <= CLAIM, "{self}");
        assert!(self.value.max(self.spec_value) <= VALUE, "{self}");
        assert!(self.jvp.max(self.vjp).max(self.spec_derivative) <= DERIVATIVE, "{self}");
    }

    /// `generated` gives the value, the forward derivative and the reverse one.
    fn of(
        fact: &Fact,
        generated: impl Fn(f64) -> [f64; 3],
        spec: &impl Elementwise<f64>,
    ) -> Errors {
        let mut worst = Errors::default();
        for x in fact.domain.points() {
            let [value, derivative] = fact.evaluate(x);
            let [y, jvp, vjp] = generated(x);
            for (worst, found, exact) in [
                (&mut worst.value, y, &value),
                (&mut worst.jvp, jvp, &derivative),
                (&mut worst.vjp, vjp, &derivative),
                (&mut worst.spec_value, spec.value(x), &value),
                (&mut worst.spec_derivative, spec.derivative(x), &derivative),
            ] {
                assert!(found.is_finite(), "{found} at {x}");
                *worst = worst.max(error(&big(found), exact));
            }
            worst.claim = worst.claim.max(error(&(fact.claim)(&big(x)), &derivative));
        }
        worst
    }
}

/// Relative where `exact` is above 1, else absolute.
fn error(found: &Big, exact: &Big) -> f64 {
    let error = (found - exact).to_f64().value().abs();
    let scale = exact.to_f64().value().abs();
    error / scale.max(1.0)
}

#[test]
fn erf_over_many_digits() {
    let digits = "0.84270079294971486934122063508260925929606699796630290845993789783";
    let (whole, fraction) = digits.split_once('.').expect("a point");
    let exact = fraction
        .bytes()
        .rev()
        .fold(big(0.0), |sum, d| (sum + big(f64::from(d - b'0'))) / big(10.0));
    assert_eq!(whole, "0");
    assert!(error(&erf(&big(1.0)), &exact) < 1e-62);
    assert!(error(&erf_series(&big(6.0)), &erf_fraction(&big(6.0))) < 1e-60);
}

/// The difference quotient does not follow the claim.
#[test]
fn a_wrong_claim_is_found() {
    let value = |x: &Big| x * exact::sigmoid(x);
    let claim = |x: &Big| {
        let s = exact::sigmoid(x);
        &s + x * &s * (big(1.0) - &s) * (big(1.0) + ratio(1.0, 1e30))
    };
    let net = Silu::<f64>::zeros();
    let generated = |x: f64| [net.forward(&[x])[0]; 3];
    let errors =
        Errors::of(&Fact { domain: Line, value, claim }, generated, &spec::Silu::<One>::new());
    assert!(errors.claim > 1e-31 && errors.claim < 1e-29, "{errors:?}");
    assert!(errors.jvp > 0.1 && errors.vjp > 0.1, "{errors:?}");
    assert!(
        errors.value < VALUE && errors.spec_value < VALUE && errors.spec_derivative < DERIVATIVE,
        "{errors:?}"
    );
}

/// The error of `f32` against `f64`.
struct Row {
    name: &'static str,
    /// The greatest relative errors of value and derivative, over those that are normal in `f32`
    relative: [f64; 2],
    /// The greatest errors, absolute below 1
    mixed: [f64; 2],
    /// What they may be
    bounds: [f64; 2],
    /// Arguments at which `f32` is not finite although `f64` has a number that fits
    lost: Vec<f32>,
}

impl Row {
    /// Both functions give value and derivative.
    fn of(
        name: &'static str,
        domain: Domain,
        bounds: [f64; 2],
        single: impl Fn(f32) -> [f32; 2],
        double: impl Fn(f64) -> [f64; 2],
    ) -> Row {
        let mut row = Row { name, relative: [0.0; 2], mixed: [0.0; 2], bounds, lost: Vec::new() };
        for x in magnitudes(1e-4, 1e4, POINTS / 2).flat_map(|x| [x as f32, -x as f32]) {
            if matches!(domain, Positive) && x < 0.0 {
                continue;
            }
            let (single, double) = (single(x), double(f64::from(x)));
            for i in 0..2 {
                let (found, exact) = (f64::from(single[i]), double[i]);
                if exact.abs() > f64::from(f32::MAX) {
                    continue;
                }
                if !found.is_finite() {
                    row.lost.push(x);
                    continue;
                }
                let error = (found - exact).abs();
                row.mixed[i] = row.mixed[i].max(error / exact.abs().max(1.0));
                if exact.abs() >= f64::from(f32::MIN_POSITIVE) {
                    row.relative[i] = row.relative[i].max(error / exact.abs());
                }
            }
        }
        row
    }
}

/// Tests for the facts. Of each: its name, the model, the op of the specification, the domain, the
/// value, the claimed derivative, what holds exactly as `(x, f(x), f′(x))`, and the bounds on the
/// relative errors of value and derivative in `f32`.
macro_rules! facts {
    ($($name:ident: $Model:ident, $spec:expr, $domain:ident, |$x:ident| $value:expr, |$dx:ident| $claim:expr,
       [$($kink:expr),*], $bounds:expr;)*) => {
        mod fact {
            use super::*;
        $(
            #[test]
            fn $name() {
                let value = |$x: &Big| -> Big { $value };
                let claim = |$dx: &Big| -> Big { $claim };
                let net = $Model::<f64>::zeros();
                let generated = |x: f64| {
                    let ([y], [forward]) = net.jvp(&[x], &[1.0]);
                    let x = [x];
                    let (again, pullback) = net.vjp_inputs(&x);
                    assert_eq!([y], again);
                    [y, forward, pullback(&[1.0])[0]]
                };
                let spec = $spec;
                let errors = Errors::of(&Fact { domain: $domain, value, claim }, generated, &spec);
                println!("{:<13}{errors}", stringify!($name));
                errors.check();
                let kinks: &[(f64, f64, f64)] = &[$($kink),*];
                for &(x, y, slope) in kinks {
                    assert_eq!(generated(x), [y, slope, slope], "generated code at {x}");
                    assert_eq!([spec.value(x), spec.derivative(x)], [y, slope], "the specification at {x}");
                }
            }
        )*
        }

        /// The accuracy in `f32` for every function.
        fn rows() -> Vec<Row> {
            vec![$({
                let (single, double) = ($Model::<f32>::zeros(), $Model::<f64>::zeros());
                Row::of(
                    stringify!($name),
                    $domain,
                    $bounds,
                    |x| {
                        let ([y], [dy]) = single.jvp(&[x], &[1.0]);
                        [y, dy]
                    },
                    |x| {
                        let ([y], [dy]) = double.jvp(&[x], &[1.0]);
                        [y, dy]
                    },
                )
            }),*]
        }
    };
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
        [], SATURATING;
    sigmoid: Sigmoid, spec::Sigmoid::<One>::new(), Line,
        |x| exact::sigmoid(x),
        |x| { let s = exact::sigmoid(x); &s * (big(1.0) - &s) },
        [], SATURATING;
    logistic: Logistic, spec::Logistic::<One>::new(), Line,
        |x| { let e = x.exp(); &e / (&e + big(1.0)) },
        |x| { let l = exact::sigmoid(x); &l * (big(1.0) - &l) },
        [], SATURATING;
    softplus: Softplus, spec::Softplus::<One>::new(), Line, |x| exact::softplus(x), |x| exact::sigmoid(x), [], CLOSE;
    silu: Silu, spec::Silu::<One>::new(), Line,
        |x| x * exact::sigmoid(x),
        |x| { let s = exact::sigmoid(x); &s + x * &s * (big(1.0) - &s) },
        [], [3e-7, 2e-5];
    mish: Mish, spec::Mish::<One>::new(), Line,
        |x| x * exact::tanh_softplus(x),
        |x| { let t = exact::tanh_softplus(x); &t + x * (big(1.0) - &t * &t) * exact::sigmoid(x) },
        [], [4e-7, 3e-5];
    gelu: Gelu, spec::Gelu::<One>::new(), Line,
        |x| x * (big(1.0) + erf(&(x * &*SQRT_HALF))) / big(2.0),
        |x| {
            let density = &*TWO_OVER_SQRT_PI * &*SQRT_HALF / big(2.0) * (-(x * x / big(2.0))).exp();
            (big(1.0) + erf(&(x * &*SQRT_HALF))) / big(2.0) + x * density
        },
        [], TAILED;
    gelu_tanh: GeluTanh, spec::GeluTanh::<One>::new(), Line,
        |x| x * (big(1.0) + exact::tanh(&cubic(x))) / big(2.0),
        |x| {
            let t = exact::tanh(&cubic(x));
            let inner = &*SQRT_2_OVER_PI * (big(1.0) + big(3.0) * &*CUBIC * x * x);
            (big(1.0) + &t + x * (big(1.0) - &t * &t) * inner) / big(2.0)
        },
        [], TAILED;
    safe_log: SafeLog, spec::SafeLog::<One, f64>::default(), Line,
        |x| (exact::softplus(x) + &*EPSILON).ln(),
        |x| exact::sigmoid(x) / (exact::softplus(x) + &*EPSILON),
        [], [1.5e-5, 0.02];
    smooth_abs: SmoothAbs, spec::SmoothAbs::<One, f64>::default(), Line,
        |x| (x * x + &*EPSILON).sqrt(),
        |x| x / (x * x + &*EPSILON).sqrt(),
        [], CLOSE;
}

/// `f32` against `f64` at both signs of 10⁻⁴ … 10⁴.
#[test]
fn in_single_precision() {
    let rows = rows();
    println!(
        "op            relative: value  derivative  absolute below 1: value  derivative  not finite"
    );
    for Row { name, relative: [y, dy], mixed: [z, dz], lost, .. } in &rows {
        println!("{name:<13} {y:>15.1e} {dy:>11.1e} {z:>24.1e} {dz:>11.1e} {:>11}", lost.len());
    }
    for Row { name, relative, mixed, bounds, lost } in rows {
        assert!(lost.is_empty(), "{name} is not finite at {lost:?}");
        assert!(mixed.iter().all(|error| *error <= SINGLE), "{name}: {mixed:?}");
        assert!(relative[0] <= bounds[0] && relative[1] <= bounds[1], "{name}: {relative:?}");
    }
}
