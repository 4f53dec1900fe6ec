//! The calculus fact of every activation: what the model and the specification call its derivative is
//! its derivative.
//!
//! Each function is written down once more, as a formula for its value alone, over 67 decimal digits.
//! Its central difference with a relative step of 2⁻⁷⁴ knows at least 35 digits of the derivative
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

mod exact;
mod functions;

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use exact::big;
use pullback::Shape;
use pullback::check::Rng64;
use pullback::spec::{self, Elementwise};
use std::fmt;

type Big = FBig<HalfEven, 2>;
type One = Shape![1];

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
/// The bound on the errors in `f32` that are absolute below 1.
const SINGLE: f64 = 2e-6;

/// Where a function is tested.
#[derive(Clone, Copy)]
enum Domain {
    /// Both signs, and 0
    Line,
    /// Both signs without 0
    Nonzero,
    /// Positive numbers
    Positive,
    /// From −1 to 1
    Inside,
    /// From 0 to 1
    Unit,
    /// Above 1
    AboveOne,
    /// Above −1
    AboveMinusOne,
}
use Domain::{AboveMinusOne, AboveOne, Inside, Line, Nonzero, Positive, Unit};

impl Domain {
    /// Where it begins and ends.
    fn ends(self) -> [f64; 2] {
        match self {
            Line | Nonzero => [f64::NEG_INFINITY, f64::INFINITY],
            Positive => [0.0, f64::INFINITY],
            Inside => [-1.0, 1.0],
            Unit => [0.0, 1.0],
            AboveOne => [1.0, f64::INFINITY],
            AboveMinusOne => [-1.0, f64::INFINITY],
        }
    }

    fn has(self, x: f64) -> bool {
        let [low, high] = self.ends();
        low < x && x < high && (x != 0.0 || !matches!(self, Nonzero))
    }

    /// Half of them uniform, half of them evenly spaced in the logarithm of their distance from an end, or
    /// from 0.
    fn points(self) -> Vec<f64> {
        let mut rng = Rng64::new(17);
        let [low, high] = self.ends();
        let (from, to) = (low.max(-REACH), high.min(REACH));
        let mut points: Vec<f64> =
            (0..POINTS / 2).map(|_| from + (to - from) * rng.unit_f64().max(1e-9)).collect();
        let near = |i: usize, distance: f64| match [low, high].map(f64::is_finite) {
            [false, false] => distance * if i % 2 == 1 { -1.0 } else { 1.0 },
            [true, false] => low + distance,
            _ if i.is_multiple_of(2) => low + distance,
            _ => high - distance,
        };
        let most = if high.is_finite() { (high - low) / 2.0 } else { REACH };
        let distances = magnitudes(1e-6, most, POINTS / 2).enumerate();
        points.extend(distances.map(|(i, distance)| near(i, distance)));
        if matches!(self, Line) {
            points[0] = 0.0;
        }
        points
    }

    /// The step of a difference quotient at x, without its factor: far less than to the next end.
    fn step(self, x: f64) -> f64 {
        let size = if x == 0.0 { 1.0 } else { x.abs() };
        self.ends().iter().map(|end| (x - end).abs()).fold(size, f64::min)
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
        let step = big(self.domain.step(x) * 2f64.powi(-74));
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

fn ratio(numer: f64, denom: f64) -> Big {
    big(numer) / big(denom)
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
    assert!(error(&exact::erf(&big(1.0)), &exact) < 1e-62);
    let by_fraction = big(1.0) - exact::erfc_fraction(&big(6.0));
    assert!(error(&exact::erf_series(&big(6.0)), &by_fraction) < 1e-60);
}

/// The difference quotient does not follow the claim.
#[test]
fn a_wrong_claim_is_found() {
    let value = |x: &Big| x * exact::sigmoid(x);
    let claim = |x: &Big| {
        let s = exact::sigmoid(x);
        &s + x * &s * (big(1.0) - &s) * (big(1.0) + ratio(1.0, 1e30))
    };
    let net = functions::Silu::<f64>::zeros();
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
            if !domain.has(f64::from(x)) {
                continue;
            }
            let (single, double) = (single(x), double(f64::from(x)));
            for i in 0..2 {
                let (found, exact) = (f64::from(single[i]), double[i]);
                // Where the value does not fit, a derivative computed from it does not either.
                if [double[0], exact].iter().any(|x| x.abs() > f64::from(f32::MAX)) {
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

/// Tests for the facts. Each has its name, the model, the op of the specification, the domain, the
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
        pub(crate) fn rows() -> Vec<Row> {
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
pub(crate) use facts;

/// `f32` against `f64` at both signs of 10⁻⁴ … 10⁴.
#[test]
fn in_single_precision() {
    let rows = functions::rows();
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
