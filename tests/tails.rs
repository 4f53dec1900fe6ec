//! Functions and slopes over the whole range of `f32` and `f64`, in units of the last place, against what mpmath
//! made of textbook formulas (`tests/reference/tails.py`).
//!
//! `cargo test --test tails -- --nocapture` prints the greatest errors. With `--release` it runs on the instructions
//! that `PULLBACK_ISA` allows.

use pullback::model;
use serde_json::Value;

/// A number type: how to read a number of it, and its last place.
trait Number: Copy + 'static {
    /// The least normal number.
    const TINY: f64;
    /// The number, if it is one of this type.
    fn exactly(x: f64) -> Option<Self>;
    /// The distance of `self` from `right`, in units of the last place of `right`, or of `least` where that is
    /// greater.
    fn ulps(self, right: f64, least: f64) -> f64;
}

macro_rules! number {
    ($T:ident, $mantissa:literal, $least:literal) => {
        impl Number for $T {
            const TINY: f64 = $T::MIN_POSITIVE as f64;
            fn exactly(x: f64) -> Option<$T> {
                (f64::from(x as $T) == x).then_some(x as $T)
            }
            fn ulps(self, right: f64, least: f64) -> f64 {
                let rounded = right as $T;
                if self == rounded {
                    return 0.0;
                }
                if !self.is_finite() || !rounded.is_finite() {
                    // One step from the greatest number is a rounding error.
                    let step = self.to_bits().abs_diff(rounded.to_bits());
                    return if step <= 8 && !self.is_nan() { step as f64 } else { f64::INFINITY };
                }
                let exponent = |x: f64| (x.abs().to_bits() >> 52) as i32 - 1023;
                let exponent = exponent(right).max(exponent(least)).max($least);
                // In two steps: the last place may be subnormal.
                (f64::from(self) - right).abs() * 2f64.powi($mantissa) / 2f64.powi(exponent)
            }
        }
    };
}
number!(f32, 23, -126);
number!(f64, 52, -1022);

/// The greatest error and where it is.
#[derive(Clone, Copy, Default)]
struct Worst {
    ulps: f64,
    at: f64,
}

impl Worst {
    fn see(&mut self, ulps: f64, at: f64) {
        if ulps > self.ulps || ulps.is_nan() {
            *self = Worst { ulps, at };
        }
    }
}

/// How great value and slope are to be taken at the least, given an argument and the least normal number.
type Scale = fn(f64, f64) -> [f64; 2];

/// Value, JVP and VJP of a function at its points, `[y, forward, reverse]` of each.
fn errors<T: Number>(points: &[[f64; 3]], scale: Scale, f: impl Fn(T) -> [T; 3]) -> [Worst; 3] {
    let mut worst = [Worst::default(); 3];
    for [x, y, slope] in points {
        let Some(number) = T::exactly(*x) else { continue };
        let found = f(number);
        let [a, b] = scale(*x, T::TINY);
        for (i, (right, least)) in [(y, a), (slope, b), (slope, b)].into_iter().enumerate() {
            worst[i].see(found[i].ulps(*right, least), *x);
        }
    }
    worst
}

fn points(op: &str) -> Vec<[f64; 3]> {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("reference/tails.json")).expect("the file is JSON");
    let row = rows.iter().find(|row| row["op"] == op).expect("a row for each op");
    let number = |x: &Value| x.as_str().expect("a string").parse().expect("a number");
    let list = row["points"].as_array().expect("a list");
    list.iter().map(|point| std::array::from_fn(|i| number(&point[i]))).collect()
}

macro_rules! tails {
    ($($name:ident $Model:ident $body:tt $bounds:expr, $scale:expr;)*) => {
        model! { $(
            #[doc = "A row."]
            $Model(x: [1]) -> [1] $body
        )* }
        $(
            #[test]
            fn $name() {
                macro_rules! at {
                    ($net:expr, $x:expr) => {{
                        let x = [$x];
                        let ([y], [forward]) = $net.jvp(&x, &[1.0]);
                        let (again, pullback) = $net.vjp_inputs(&x);
                        assert!([y] == again || y.is_nan());
                        [y, forward, pullback(&[1.0])[0]]
                    }};
                }
                let points = points(stringify!($name));
                let (single, double) = ($Model::<f32>::zeros(), $Model::<f64>::zeros());
                let single = errors::<f32>(&points, $scale, |x| at!(single, x));
                let double = errors::<f64>(&points, $scale, |x| at!(double, x));
                let show = |worst: [Worst; 3]| {
                    worst.map(|worst| format!("{:.2} at {:e}", worst.ulps, worst.at)).join(", ")
                };
                println!("{:<16} f32: {:<66} f64: {}", stringify!($name), show(single), show(double));
                let [value, slope]: [f64; 2] = $bounds;
                for [y, forward, reverse] in [single, double] {
                    assert!(y.ulps <= value, "value: {} ulp at {:e}", y.ulps, y.at);
                    for dy in [forward, reverse] {
                        assert!(dy.ulps <= slope, "slope: {} ulp at {:e}", dy.ulps, dy.at);
                    }
                }
            }
        )*
    };
}

/// Relative errors count at every argument.
const EVERYWHERE: Scale = |_, _| [0.0; 2];

/// A product of `x` and of something that ends among the subnormal numbers, whose slope is 0 somewhere between −2
/// and −⅓.
const GATED: Scale = |x, tiny| {
    let least = (1.0 + x.abs()) * tiny;
    [least, if x > -2.0 && x < -1.0 / 3.0 { 0.25 } else { least }]
};

tails! {
    sigmoid Sigmoid { sigmoid } [3.0, 6.0], EVERYWHERE;
    logistic Logistic { logistic } [3.0, 6.0], EVERYWHERE;
    tanh Tanh { tanh } [3.0, 6.0], EVERYWHERE;
    softplus Softplus { softplus } [3.0, 6.0], EVERYWHERE;
    log_sigmoid LogSigmoid { log_sigmoid } [3.0, 6.0], EVERYWHERE;
    silu Silu { silu } [3.0, 6.0], GATED;
    gelu Gelu { gelu } [6.0, 6.0], GATED;
    // The error of z is a relative one of eᶻ, and in a tail z is up to 700.
    gelu_tanh GeluTanh { gelu_tanh } [300.0, 300.0], GATED;
    mish Mish { mish } [3.0, 6.0], GATED;
    elu Elu { elu } [3.0, 6.0], EVERYWHERE;
    celu Celu { celu } [3.0, 6.0], EVERYWHERE;
    selu Selu { selu } [3.0, 6.0], EVERYWHERE;
    softsign Softsign { softsign } [3.0, 6.0], EVERYWHERE;
    tanhshrink Tanhshrink { tanhshrink } [3.0, 6.0], EVERYWHERE;
    // The logarithm is 0 near ½, and what is divided by `eps` may be subnormal.
    safe_log SafeLog { safe_log } [6.0, 6.0], |x, tiny| [if x > 0.25 && x < 1.0 { 0.25 } else { 0.0 }, 1e6 * tiny];
    smooth_abs SmoothAbs { smooth_abs } [3.0, 6.0], EVERYWHERE;
    exp Exp { exp } [3.0, 6.0], EVERYWHERE;
    exp2 Exp2 { exp2 } [3.0, 6.0], EVERYWHERE;
    expm1 Expm1 { expm1 } [3.0, 6.0], EVERYWHERE;
    log Log { log } [3.0, 6.0], EVERYWHERE;
    log1p Log1p { log1p } [3.0, 6.0], EVERYWHERE;
    log2 Log2 { log2 } [3.0, 6.0], EVERYWHERE;
    log10 Log10 { log10 } [3.0, 6.0], EVERYWHERE;
    logit Logit { logit } [3.0, 6.0], EVERYWHERE;
    square Square { square } [3.0, 6.0], EVERYWHERE;
    sqrt Sqrt { sqrt } [3.0, 6.0], EVERYWHERE;
    rsqrt Rsqrt { rsqrt } [3.0, 6.0], EVERYWHERE;
    reciprocal Reciprocal { reciprocal } [3.0, 6.0], EVERYWHERE;
    safe_reciprocal SafeReciprocal { safe_reciprocal } [3.0, 6.0], EVERYWHERE;
    sin Sin { sin } [3.0, 6.0], EVERYWHERE;
    cos Cos { cos } [3.0, 6.0], EVERYWHERE;
    tan Tan { tan } [3.0, 6.0], EVERYWHERE;
    // Extrema
    sinc Sinc { sinc } [3.0, 6.0], |x, _| [0.0, 1.0 / x.abs().max(1.0)];
    sinh Sinh { sinh } [3.0, 6.0], EVERYWHERE;
    cosh Cosh { cosh } [3.0, 6.0], EVERYWHERE;
    asin Asin { asin } [3.0, 6.0], EVERYWHERE;
    acos Acos { acos } [3.0, 6.0], EVERYWHERE;
    atan Atan { atan } [3.0, 6.0], EVERYWHERE;
    asinh Asinh { asinh } [3.0, 6.0], EVERYWHERE;
    acosh Acosh { acosh } [3.0, 6.0], EVERYWHERE;
    atanh Atanh { atanh } [3.0, 6.0], EVERYWHERE;
    erf Erf { erf } [3.0, 6.0], EVERYWHERE;
    erfc Erfc { erfc } [4.0, 6.0], EVERYWHERE;
    hard_swish HardSwish { hard_swish } [3.0, 6.0], EVERYWHERE;
    pow_half PowHalf { pow(2.5) } [3.0, 6.0], EVERYWHERE;
    pow_minus_three PowMinusThree { pow(-3) } [3.0, 6.0], EVERYWHERE;
    hypot Hypot { c = 0 * x + 3, hypot(x, c) } [3.0, 6.0], EVERYWHERE;
    atan2 Atan2 { c = 0 * x + 3, atan2(x, c) } [3.0, 6.0], EVERYWHERE;
    logaddexp Logaddexp { c = 0 * x + 2, logaddexp(x, c) } [3.0, 6.0], EVERYWHERE;
    xlogy Xlogy { c = 0 * x + 3, xlogy(x, c) } [3.0, 6.0], EVERYWHERE;
    glu Glu { c = 0 * x + 3, concat(c, x), glu } [3.0, 6.0], EVERYWHERE;
    bce_with_logits BceWithLogits { t = 0 * x + 1, bce_with_logits(x, t, reduction = "none") } [3.0, 6.0], EVERYWHERE;
}
