//! Each row over 96 decimal digits. The values are formulas of their own, without a derivative anywhere; their differences
//! know the derivatives to more than 30 digits, which the slopes of the row have to have.

#[path = "../../../../tests/calculus/exact.rs"]
mod exact;
mod gamma;

use super::{Number, all_hold, is_held, slopes};
use crate::eval::function;
use crate::prim::*;
use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use exact::{LN_2, PI, SQRT_HALF, big, magnitude};
use pullback_core::check::Rng64;

type Big = FBig<HalfEven, 2>;

/// Bits of the significand.
const BITS: usize = 320;
/// The relative error that is allowed.
const DIGITS: f64 = 1e-30;
/// The step of differences, whose error is some h² beside the derivative.
const STEP: f64 = 1.0 / (1u128 << 106) as f64;
/// What rounding makes of a difference at most, where values are about 1.
const ROUNDING: f64 = STEP / (1u128 << 84) as f64;
/// Points for each row.
const POINTS: usize = 100;
/// How far points are from where there is no value, or no derivative.
const MARGIN: f64 = 1e-3;

/// Made of whole numbers, products and choices, so that differences have no error at all.
const EXACT: [Prim; 12] =
    [NEG, ADD, SUB, MUL, MUL_ADD, MUL_STRONG, SELECT_GT, MASK_GT, MAXIMUM, FLOOR, ROUND, FMOD];
/// A constant in the slope, ln 2 or 2/√π, is written to 16 digits, which is as far as `f64` goes. So these slopes are
/// their derivatives times a number next to 1, the same at all points.
const SHORT_CONSTANT: [Prim; 3] = [EXP2, ERF, ERFC];

/// A number for as long as the tests run, because slopes copy numbers.
#[derive(Clone, Copy)]
struct Kept(&'static Big);

fn kept(x: Big) -> Kept {
    // Whole numbers come without a precision.
    Kept(Box::leak(Box::new(x.with_precision(BITS).value())))
}

macro_rules! operators {
    ($($Trait:ident $method:ident $op:tt)*) => {$(
        impl $Trait for Kept {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                kept(self.0 $op other.0)
            }
        }
    )*};
}
operators!(Add add + Sub sub - Mul mul * Div div /);

impl Neg for Kept {
    type Output = Self;
    fn neg(self) -> Self {
        kept(-self.0)
    }
}

impl Arith for Kept {
    fn int(self, n: i128) -> Self {
        kept(Big::from(n))
    }
    fn decimal(self, digits: i128, exponent: i32) -> Self {
        let power = self.int(10i128.pow(exponent.unsigned_abs()));
        if exponent < 0 { self.int(digits) / power } else { self.int(digits) * power }
    }
    fn apply(prim: Prim, args: &[Self]) -> Self {
        kept(value(prim, &args.iter().map(|x| x.0.clone()).collect::<Vec<_>>()))
    }
}

fn value(prim: Prim, args: &[Big]) -> Big {
    let (one, two) = (big(1.0), big(2.0));
    let x = &args[0];
    match prim {
        NEG => -x,
        ADD => x + &args[1],
        SUB => x - &args[1],
        MUL | MUL_STRONG => x * &args[1],
        DIV => x / &args[1],
        MUL_ADD => x * &args[1] + &args[2],
        SELECT_GT => args[if *x > args[1] { 2 } else { 3 }].clone(),
        MASK_GT => big(if *x > args[1] { 1.0 } else { 0.0 }),
        STOP_GRADIENT => x.clone(),
        MAXIMUM => args[if *x > args[1] { 0 } else { 1 }].clone(),
        EXP => x.exp(),
        EXP2 => (x * &*LN_2).exp(),
        EXP_M1 => x.exp() - one,
        LN => x.ln(),
        LN_1P => (one + x).ln(),
        SQRT => x.sqrt(),
        CBRT => x.nth_root(3),
        SIN => x.sin(),
        COS => x.cos(),
        SINH => exact::sinh(x),
        COSH => exact::cosh(x),
        TANH => exact::tanh(x),
        TANH_SLOPE => one / exact::cosh(x).powi(2.into()),
        SIGMOID => exact::sigmoid(x),
        SIGMOID_SLOPE => one / (two * exact::cosh(&(x / big(2.0)))).powi(2.into()),
        SOFTPLUS => exact::softplus(x),
        ERF => exact::erf(x),
        ERFC => exact::erfc(x),
        GAUSSIAN => (-(x * x)).exp(),
        NORMAL_PDF => (-(x * x) / &two).exp() / (two * &*PI).sqrt(),
        NORMAL_CDF => exact::erfc(&(-x * &*SQRT_HALF)) / two,
        ASIN => x.asin(),
        ACOS => x.acos(),
        ATAN => x.atan(),
        ASINH => exact::asinh(x),
        ACOSH => exact::acosh(x),
        ATANH => exact::atanh(x),
        ATAN2 => x.atan2(&args[1]),
        HYPOT => (x * x + &args[1] * &args[1]).sqrt(),
        LGAMMA => gamma::lgamma(x),
        DIGAMMA => gamma::digamma(x),
        POLYGAMMA => gamma::polygamma(x, args[1].to_f64().value() as usize),
        FLOOR => x.floor(),
        ROUND => x.round(),
        FMOD => x - &args[1] * (x / &args[1]).trunc(),
        POWF => (&args[1] * x.ln()).exp(),
        _ => panic!("`{}` has no formula", prim.name()),
    }
}

/// Points between −8 and 8, many of them evenly in their logarithm, with a derivative some way around.
fn points(prim: Prim) -> Vec<Vec<f64>> {
    let mut rng = Rng64::new(7);
    let special = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0];
    let mut points = Vec::new();
    for _ in 0..20 * POINTS {
        let mut number = || {
            let sign = [8.0, -8.0][(rng.next_u64() % 2) as usize];
            match rng.next_u64() % 8 {
                0 => special[(rng.next_u64() % 7) as usize],
                1..4 => sign * (-7.0 * rng.unit_f64()).exp(),
                _ => sign * rng.unit_f64(),
            }
        };
        let mut point: Vec<f64> = (0..prim.arity()).map(|_| number()).collect();
        if prim == POLYGAMMA {
            // Its order is a whole number.
            point[1] = point[1].abs().floor();
        }
        let args: Vec<Number<f64>> = point.iter().copied().map(Number).collect();
        let conditions = [prim.domain(&args), prim.smooth(&args)].concat();
        if all_hold(conditions, MARGIN) == Some(true) {
            points.push(point);
        }
    }
    points.truncate(POINTS);
    assert_eq!(points.len(), POINTS, "`{}` was hardly tried", prim.name());
    points
}

/// The slopes of a row at a point: 0 where it says that there is none.
fn big_slopes(prim: Prim, point: &[f64]) -> Vec<Big> {
    let args: Vec<Kept> = point.iter().map(|x| kept(big(*x))).collect();
    let slopes = prim.slopes(&args, Kept::apply(prim, &args));
    slopes.into_iter().map(|slope| slope.map_or(big(0.0), |slope| slope.0.clone())).collect()
}

/// The central difference by the `i`-th argument, and how wrong it may be beside its own last digits.
fn difference(prim: Prim, point: &[f64], i: usize) -> (Big, Big) {
    let at = |step: f64| {
        let mut args: Vec<Big> = point.iter().copied().map(big).collect();
        args[i] += big(step);
        value(prim, &args)
    };
    let (above, below) = (at(STEP), at(-STEP));
    let rounding = if EXACT.contains(&prim) { 0.0 } else { ROUNDING };
    let wrong = (big(1.0) + magnitude(&above)) * big(rounding);
    ((above - below) / big(2.0 * STEP), wrong)
}

/// What is wrong with the slopes of a row.
fn follow_from_values(prim: Prim) -> Result<(), String> {
    let digits = big(if EXACT.contains(&prim) { 0.0 } else { DIGITS });
    let mut factor = None;
    for point in points(prim) {
        for (i, slope) in big_slopes(prim, &point).into_iter().enumerate() {
            let (mut expected, wrong) = match is_held(prim, i) {
                true => (big(0.0), big(0.0)),
                false => difference(prim, &point, i),
            };
            if SHORT_CONSTANT.contains(&prim) {
                let factor: &Big = factor.get_or_insert_with(|| &slope / &expected);
                expected *= factor;
            }
            let error = magnitude(&(&slope - &expected));
            if error > magnitude(&expected) * &digits + wrong {
                let (slope, error) = (slope.to_f64().value(), error.to_f64().value());
                return Err(format!("at {point:?}, argument {i}: {slope} is wrong by {error:.0e}"));
            }
        }
    }
    match factor.map(|factor| (factor - big(1.0)).to_f64().value().abs()) {
        Some(short) if short > 1e-16 => Err(format!("a constant is wrong by {short:.0e}")),
        _ => Ok(()),
    }
}

/// What is wrong with a row in `f64`.
fn is_so_of_single_numbers(prim: Prim) -> Result<(), String> {
    for point in points(prim) {
        let args: Vec<Big> = point.iter().copied().map(big).collect();
        let mut pairs = vec![(function(prim)(&point), value(prim, &args))];
        let single = slopes(prim, &point).into_iter().map(|slope| slope.unwrap_or(0.0));
        pairs.extend(single.zip(big_slopes(prim, &point)));
        for (single, many) in pairs {
            let many = many.to_f64().value();
            if (single - many).abs() > 1e-12 * many.abs() + ROUNDING {
                return Err(format!("at {point:?}: {single}, not {many}"));
            }
        }
    }
    Ok(())
}

fn all_rows(hold: fn(Prim) -> Result<(), String>) {
    let wrong = |prim: Prim| Some(format!("`{}` {}", prim.name(), hold(prim).err()?));
    let wrong: Vec<String> = Prim::all().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn slopes_are_derivatives_to_thirty_digits() {
    all_rows(follow_from_values);
}

/// What is so of the formulas here is then so of what the table computes with.
#[test]
fn single_numbers_have_the_same_values_and_slopes() {
    all_rows(is_so_of_single_numbers);
}

/// Two ways to the same, where either is at its worst.
#[test]
fn erfc_is_the_same_both_ways() {
    let (series, fraction) =
        (big(1.0) - exact::erf_series(&big(6.0)), exact::erfc_fraction(&big(6.0)));
    let error = (&series - &fraction) / fraction;
    assert!(error.to_f64().value().abs() < 1e-75, "{error}");
}
