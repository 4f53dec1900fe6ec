//! The numbers of the checks in code of others, which knows them by the traits of the crate `num-traits` alone.

use num_complex::Complex;
use num_traits::{Float, FloatConst, FromPrimitive, Inv, Num, NumAssign, NumCast, ToPrimitive};
use pullback::check::{Dual, Gf};

fn at(x: f64) -> Dual<f64> {
    Dual { re: x, eps: 1.0 }
}

fn polynomial<T: NumAssign + Copy>(coefficients: &[T], x: T) -> T {
    let mut sum = T::zero();
    for c in coefficients {
        sum *= x;
        sum += *c;
    }
    sum
}

#[test]
fn a_polynomial_of_any_number() {
    let three = Gf::new(3);
    assert_eq!(polynomial(&[Gf::new(1), Gf::new(4), Gf::new(5)], three), Gf::new(9 + 12 + 5));
    let y = polynomial(&[1.0, 4.0, 5.0].map(|c| Dual { re: c, eps: 0.0 }), at(3.0));
    assert_eq!((y.re, y.eps), (26.0, 10.0));
    assert_eq!(num_traits::pow(Gf::new(3), 5), Gf::new(243));
}

/// The root of `x³ = a` by Newton's method: the derivative passes through all steps.
fn cubic_root<T: Float>(a: T) -> T {
    let three = <T as NumCast>::from(3).expect("small numbers are there");
    let mut x = a;
    for _ in 0..60 {
        x = x - (x * x * x - a) / (three * x * x);
    }
    x
}

#[test]
fn an_algorithm_of_floats_has_a_derivative() {
    let y = cubic_root(at(5.0));
    let expected = 5f64.cbrt();
    assert!(
        (y.re - expected).abs() < 1e-15
            && (y.eps - 1.0 / (3.0 * expected * expected)).abs() < 1e-15
    );
}

#[test]
fn complex_numbers_of_dual_numbers() {
    // |e^z| is e^(Re z), and the derivative by the real part the same; by the imaginary part it is 0.
    let (x, y) = (0.3, 1.1);
    let held = |re: f64| Dual { re, eps: 0.0 };
    let by_real = Complex::new(at(x), held(y)).exp().norm();
    let by_imaginary = Complex::new(held(x), at(y)).exp().norm();
    assert!((by_real.re - x.exp()).abs() < 1e-15 && (by_real.eps - x.exp()).abs() < 1e-15);
    assert!(by_imaginary.eps.abs() < 1e-15);
}

/// Whether a function of any floats has the derivative that differences tell.
macro_rules! slopes {
    ($($point:literal: |$x:ident| $f:expr;)*) => {$({
        fn f<T: Float + FloatConst>($x: T) -> T {
            $f
        }
        let (x, h) = ($point, 1e-6);
        let difference = (f(x + h) - f(x - h)) / (2.0 * h);
        let (y, slope) = (f(at(x)).re, f(at(x)).eps);
        assert_eq!(y, f(x), "{}", stringify!($f));
        assert!((slope - difference).abs() < 1e-8 * (1.0 + difference.abs()), "{}: {slope}, {difference}", stringify!($f));
    })*};
}

#[test]
fn functions_of_floats_have_slopes() {
    slopes! {
        1.7: |x| x.cbrt();
        1.7: |x| x.powi(3);
        -1.7: |x| x.powi(-2);
        0.7: |x| x * x.powi(0);
        1.7: |x| x.log(x + x);
        1.7: |x| x.log2() + x.log10();
        0.4: |x| x.tan();
        -0.4: |x| x.abs() * x.signum();
        2.3: |x| x.fract() * x.trunc() + x.ceil() * x;
        0.4: |x| x.mul_add(x, x.recip());
        0.4: |x| x.max(T::PI() - x) * x.min(x * x);
        0.4: |x| { let (sin, cos) = x.sin_cos(); sin / cos };
        0.4: |x| x.asin() + x.acos() * x.atan();
        0.4: |x| x.sinh() / x.cosh() + x.tanh();
        0.4: |x| x.asinh() + (x + T::one()).acosh() * x.atanh();
        0.4: |x| x.exp() * x.exp2() * x.exp_m1() + x.ln() * x.ln_1p() * x.sqrt();
        0.43: |x| x.atan2(x * x) + x.hypot(x * x) + x.powf(x) + (x + x) % (x * x);
        0.4: |x| x.abs_sub(T::one()) + T::one().abs_sub(x);
        2.4: |x| x.round() * x.floor() * x;
    }
}

#[test]
fn numbers_are_read_and_told() {
    assert_eq!(Gf::from_str_radix("-1", 10), Ok(-Gf::new(1)));
    assert_eq!(Gf::from_str_radix("ff", 16), Ok(Gf::new(255)));
    assert!(Gf::from_str_radix("one", 10).is_err());
    assert_eq!(Gf::from_f64(0.5).map(|half| half + half), Some(Gf::new(1)));
    assert_eq!(Gf::from_f64(f64::NAN), None);
    assert_eq!((Gf::new(7) % Gf::new(5), Gf::new(7) % Gf::new(0)), (Gf::new(0), Gf::new(7)));
    assert_eq!(Gf::new(4).inv() * Gf::new(4), Gf::new(1));
    let read = Dual::<f64>::from_str_radix("2.5", 10).expect("a number");
    assert_eq!((read.re, read.eps, read.to_f64()), (2.5, 0.0, Some(2.5)));
    assert!(Dual::<f64>::nan().is_nan() && Dual::<f64>::infinity().is_infinite());
    let rest = at(7.5) % Dual { re: 2.0, eps: 1.0 };
    assert_eq!((rest.re, rest.eps), (1.5, 1.0 - 3.0));
}
