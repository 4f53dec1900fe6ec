//! What each row says is so: of the value, the derivative, and where there is one.

mod digits;

use super::*;
use crate::eval::function;
use pullback_core::Real;
use pullback_core::check::{Dual, Gf, Rng64};

/// A number as what slopes are written in.
#[derive(Clone, Copy, Debug)]
struct Number<T>(T);

macro_rules! operators {
    ($($Trait:ident $method:ident $op:tt)*) => {$(
        impl<T: Real> $Trait for Number<T> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Number(self.0 $op other.0)
            }
        }
    )*};
}
operators!(Add add + Sub sub - Mul mul * Div div /);

impl<T: Real> Neg for Number<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Number(-self.0)
    }
}

impl<T: Real> Arith for Number<T> {
    fn int(self, n: i128) -> Self {
        Number(T::constant(n as f64, n, 1))
    }
    fn decimal(self, digits: i128, exponent: i32) -> Self {
        let power = 10i128.pow(exponent.unsigned_abs());
        let (numer, denom) = if exponent < 0 { (digits, power) } else { (digits * power, 1) };
        Number(T::constant(numer as f64 / denom as f64, numer, denom))
    }
    fn apply(prim: Prim, args: &[Self]) -> Self {
        let args: Vec<T> = args.iter().map(|x| x.0).collect();
        Number(function(prim)(&args))
    }
}

fn value<T: Real>(prim: Prim, args: &[T]) -> T {
    function(prim)(args)
}

fn slopes<T: Real>(prim: Prim, args: &[T]) -> Vec<Option<T>> {
    let args: Vec<Number<T>> = args.iter().copied().map(Number).collect();
    let y = Number(value(prim, &args.iter().map(|x| x.0).collect::<Vec<_>>()));
    prim.slopes(&args, y).into_iter().map(|slope| slope.map(|slope| slope.0)).collect()
}

/// Whether the condition holds at the point and `margin` around it: `None` where it does in part.
fn holds(condition: Condition<Number<f64>>, margin: f64) -> Option<bool> {
    let side = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
    let from_whole = |x: f64| (x - x.round()).abs();
    match condition {
        Positive(x) => side(x.0 > margin, x.0 < -margin),
        NotNegative(x) => side(x.0 > margin, x.0 < -margin),
        NotZero(x) => side(x.0.abs() > margin, x.0 == 0.0),
        NotWhole(x) => side(from_whole(x.0) > margin, from_whole(x.0) == 0.0),
        NotPole(x) => {
            side(x.0 > margin || from_whole(x.0) > margin, x.0 <= 0.0 && from_whole(x.0) == 0.0)
        }
    }
}

fn all_hold(conditions: Vec<Condition<Number<f64>>>, margin: f64) -> Option<bool> {
    let each: Vec<Option<bool>> = conditions.into_iter().map(|each| holds(each, margin)).collect();
    match each {
        each if each.contains(&Some(false)) => Some(false),
        each if each.contains(&None) => None,
        _ => Some(true),
    }
}

/// Points where something may happen, and others.
fn points(prim: Prim) -> Vec<Vec<f64>> {
    let mut rng = Rng64::new(5);
    let special = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0];
    let mut points = Vec::new();
    for i in 0..400 {
        let number = |rng: &mut Rng64| match rng.next_u64() % 3 {
            0 => special[(rng.next_u64() % 7) as usize],
            _ => 6.0 * rng.unit_f64() - 3.0,
        };
        let mut point: Vec<f64> = (0..prim.arity()).map(|_| number(&mut rng)).collect();
        if prim == POLYGAMMA {
            // Its order is a whole number.
            point[1] = f64::from(i % 4);
        }
        points.push(point);
    }
    points
}

/// Whether an argument is constant for the derivative, however the function depends on it.
fn is_held(prim: Prim, arg: usize) -> bool {
    prim == STOP_GRADIENT || (prim == POLYGAMMA && arg == 1)
}

#[test]
fn domains_are_where_there_are_values() {
    for prim in Prim::all() {
        let (mut inside, mut outside) = (0, 0);
        for point in points(prim) {
            let args: Vec<Number<f64>> = point.iter().copied().map(Number).collect();
            let finite = value(prim, &point).is_finite();
            match all_hold(prim.domain(&args), 0.0) {
                Some(true) => {
                    inside += 1;
                    assert!(finite, "`{}` has no value at {point:?}", prim.name());
                }
                // A whole power of a negative number is a value, though not one of a function of both.
                Some(false) if prim != POWF => {
                    outside += 1;
                    assert!(!finite, "`{}` has a value at {point:?}", prim.name());
                }
                _ => {}
            }
        }
        assert!(inside > 50, "`{}` was hardly tried", prim.name());
        let everywhere = prim
            .domain(&points(prim)[0].iter().copied().map(Number).collect::<Vec<_>>())
            .is_empty();
        assert!(
            everywhere || prim == POWF || outside > 10,
            "`{}` has a domain that hardly ends",
            prim.name()
        );
    }
}

/// Where a row says that there is no derivative, there is none, or it says so without need.
#[test]
fn kinks_are_where_differences_differ() {
    for prim in Prim::all() {
        for point in points(prim) {
            let args: Vec<Number<f64>> = point.iter().copied().map(Number).collect();
            if all_hold(prim.domain(&args), 0.0) != Some(true)
                || all_hold(prim.smooth(&args), 0.0) != Some(false)
            {
                continue;
            }
            let kink = (0..point.len()).any(|i| {
                let at = |h: f64| {
                    let mut point = point.clone();
                    point[i] += h;
                    value(prim, &point)
                };
                let (right, left) = ((at(1e-9) - at(0.0)) / 1e-9, (at(0.0) - at(-1e-9)) / 1e-9);
                !right.is_finite()
                    || !left.is_finite()
                    || (right - left).abs() > 0.1
                    || right.abs() > 1e4
            });
            // Branches that agree at a point, and a whole number of times of 0, hide it.
            let hidden = [SELECT_GT, FMOD].contains(&prim);
            assert!(kink || hidden, "`{}` is smooth at {point:?}", prim.name());
        }
    }
}

/// The slopes that are computed with dual numbers are not those of the table: two opinions agree over the field.
#[test]
fn dual_numbers_agree_over_the_field() {
    let mut rng = Rng64::new(6);
    for prim in Prim::all() {
        for _ in 0..20 {
            let point: Vec<Gf> = (0..prim.arity()).map(|_| Gf::new(rng.next_u64())).collect();
            let slopes = slopes(prim, &point);
            for (i, slope) in slopes.into_iter().enumerate() {
                let dual =
                    |(j, re): (usize, &Gf)| Dual { re: *re, eps: Gf::new(u64::from(i == j)) };
                let args: Vec<Dual<Gf>> = point.iter().enumerate().map(dual).collect();
                let slope = slope.unwrap_or(Gf::new(0));
                assert_eq!(value(prim, &args).eps, slope, "`{}`, argument {i}", prim.name());
            }
        }
    }
}
