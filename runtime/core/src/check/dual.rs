//! Dual numbers: derivatives by arithmetic.

use crate::scalar::{Real, Scalar, for_each_function, ln_2, root_of_next_square, two_over_sqrt_pi};
use core::cmp::Ordering;
use core::fmt;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// The dual number `re + eps · ε`, with ε² = 0.
///
/// A function that is run over dual numbers computes its derivative along: `f(x + v·ε) =
/// f(x) + f′(x)·v·ε`. This is the second opinion the checks hold generated JVPs against, so the
/// derivatives of the primitives, which `scalar/functions.rs` lists, share nothing with the compiler's:
///
/// | `f(x)` | `f′(x)` | | `f(x)` | `f′(x)` |
/// |---|---|---|---|---|
/// | `exp` | `exp x` | | `cosh` | `sinh x` |
/// | `exp_m1` | `exp x` | | `tanh` | `tanh_slope x`, which is `1 − tanh² x` |
/// | `ln` | `1 / x` | | `sigmoid` | `sigmoid_slope x`, which is `s·(1 − s)`, `s = sigmoid x` |
/// | `ln_1p` | `1 / (1 + x)` | | `softplus` | `sigmoid x` |
/// | `sqrt` | `1 / (2·√x)` | | `erf` | `2/√π · gaussian x` |
/// | `sin` | `cos x` | | `powf(x, r)` | `r·powf(x, r − 1)·x′ + powf(x, r)·ln x·r′` |
/// | `cos` | `−sin x` | | `a / b` | `(a′ − (a / b)·b′) / b` |
/// | `normal_cdf` | `normal_pdf` | | `hypot(a, b)` | `(a·a′ + b·b′) / hypot(a, b)` |
/// | `normal_pdf`| `−x·normal_pdf x` | | `gaussian` | `−2·x·gaussian x` |
/// | `sigmoid_slope` | `(1 − 2s)·sigmoid_slope x` | | `tanh_slope` | `−2·tanh x·tanh_slope x` |
/// | `sinh` | `cosh x` | | `exp2` | `ln 2 · exp2 x` |
/// | `asin` | `1 / √((1 − x)·(1 + x))` | | `asinh` | `1 / √(x² + 1)` |
/// | `acos` | `−1 / √((1 − x)·(1 + x))` | | `acosh` | `1 / (√(x − 1)·√(x + 1))` |
/// | `atan` | `(1 / √(x² + 1))²` | | `atanh` | `1 / ((1 − x)·(1 + x))` |
/// | `erfc` | `−2/√π · gaussian x` | | `floor`, `round` | 0 |
/// | `atan2(y, x)` | `(x·y′ − y·x′) / hypot(y, x)²` | | `fmod(a, b)` | `a′ − round((a − fmod(a, b)) / b)·b′` |
/// | `lgamma` | `digamma x` | | `polygamma(x, n)` | `polygamma(x, n + 1)`, also of `digamma`, where `n` is 0 |
///
/// Where an argument of a function is constant it contributes 0, whatever the derivative: a negative number to a
/// constant power has a derivative, though its logarithm is NaN. Quotients follow plain arithmetic.
///
/// Comparisons look at `re` only, so that a branch goes the way it goes without ε. At a tie,
/// `maximum` takes its second argument with its `eps`: one of the two one-sided derivatives.
///
/// ```
/// use pullback::check::Dual;
///
/// let x = Dual { re: 3.0, eps: 1.0 };
/// assert_eq!((x * x * x).eps, 27.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<T> {
    /// The value.
    pub re: T,
    /// The derivative: the factor of ε.
    pub eps: T,
}

impl<T: Scalar> Dual<T> {
    /// A number that does not vary: `eps` is zero.
    pub fn constant_of(re: T) -> Self {
        Dual { re, eps: T::ZERO }
    }

    /// The value `re` of a function whose arguments have these tangents, and whose derivatives are `slopes`. What does
    /// not vary contributes nothing, even where the derivative is infinite or NaN.
    fn chain<const N: usize>(re: T, tangents: [T; N], slopes: [T; N]) -> Self {
        let terms =
            tangents.into_iter().zip(slopes).map(|(tangent, slope)| tangent.mul_strong(slope));
        Dual { re, eps: terms.fold(T::ZERO, |sum, term| sum + term) }
    }
}

/// As `re + eps·ε`.
impl<T: fmt::Display> fmt::Display for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {}·ε", self.re, self.eps)
    }
}

/// Compares `re` only.
impl<T: PartialEq> PartialEq for Dual<T> {
    fn eq(&self, other: &Self) -> bool {
        self.re == other.re
    }
}

/// Compares `re` only.
impl<T: PartialOrd> PartialOrd for Dual<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.re.partial_cmp(&other.re)
    }
}

impl<T: Scalar> Add for Dual<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Dual { re: self.re + other.re, eps: self.eps + other.eps }
    }
}

impl<T: Scalar> Sub for Dual<T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Dual { re: self.re - other.re, eps: self.eps - other.eps }
    }
}

impl<T: Scalar> Mul for Dual<T> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Dual { re: self.re * other.re, eps: self.eps * other.re + self.re * other.eps }
    }
}

impl<T: Scalar> Div for Dual<T> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let re = self.re / other.re;
        Dual { re, eps: (self.eps - re * other.eps) / other.re }
    }
}

impl<T: Scalar> Neg for Dual<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Dual { re: -self.re, eps: -self.eps }
    }
}

impl<T: Scalar> Scalar for Dual<T> {
    const ZERO: Self = Dual { re: T::ZERO, eps: T::ZERO };
    const ONE: Self = Dual { re: T::ONE, eps: T::ZERO };

    fn constant(approx: f64, numer: i128, denom: i128) -> Self {
        Dual::constant_of(T::constant(approx, numer, denom))
    }

    fn from_f64(x: f64) -> Self {
        Dual::constant_of(T::from_f64(x))
    }

    /// The argument whose `re` is the greater, with its `eps`; the second at a tie.
    #[expect(clippy::eq_op, reason = "the test for NaN of a generic number")]
    fn maximum(self, other: Self) -> Self {
        if self.re > other.re || self.re != self.re { self } else { other }
    }

    fn stop_gradient(self) -> Self {
        Self::constant_of(self.re)
    }

    /// `(re · s, eps · s + re · s′)`, each product strong.
    fn mul_strong(self, slope: Self) -> Self {
        Dual {
            re: self.re.mul_strong(slope.re),
            eps: self.eps.mul_strong(slope.re) + self.re.mul_strong(slope.eps),
        }
    }
}

macro_rules! real {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)?) => $y:ident {
        float: $float:expr,
        lanes: $lanes:path,
        slopes: [$($slope:expr),*],
        $($rest:tt)*
    })*) => {
        /// With the derivatives that [`Dual`] lists.
        impl<T: Real> Real for Dual<T> {$(
            fn $name(self $(, $other: Self)?) -> Self {
                let tangents = [self.eps $(, $other.eps)?];
                let $x = self.re;
                $(let $other = $other.re;)?
                let $y = $x.$name($($other)?);
                Dual::chain($y, tangents, [$($slope),*])
            }
        )*}
    };
}
for_each_function!(real);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Gf, Rng64};

    /// The variable itself, at `x`.
    fn at<T: Scalar>(x: T) -> Dual<T> {
        Dual { re: x, eps: T::ONE }
    }

    /// `∂xʳ/∂x` and `∂xʳ/∂r` at their edges, as the op `pow` has them.
    #[test]
    fn powers_of_zero_have_derivatives() {
        let slopes = |x: f64, r: f64| {
            let held = Dual::constant_of;
            (at(x).powf(held(r)).eps, held(x).powf(at(r)).eps)
        };
        assert_eq!(slopes(0.0, 2.0), (0.0, 0.0));
        assert_eq!(slopes(0.0, 1.0), (1.0, 0.0));
        assert_eq!(slopes(0.0, 0.0), (0.0, 0.0));
        assert_eq!(slopes(3.0, 0.0), (0.0, 3f64.ln()));
        assert_eq!(slopes(2.0, 3.0), (12.0, 8.0 * 2f64.ln()));
    }

    #[test]
    fn polynomials_have_exact_derivatives() {
        let mut rng = Rng64::new(3);
        for _ in 0..100 {
            let x = Gf::new(rng.next_u64());
            let coefficients: [Gf; 6] = [(); 6].map(|()| Gf::new(rng.next_u64()));
            let y =
                coefficients.iter().fold(Dual::ZERO, |sum, c| sum * at(x) + Dual::constant_of(*c));
            let (mut value, mut slope) = (Gf::ZERO, Gf::ZERO);
            for (i, c) in coefficients.iter().rev().enumerate() {
                let power = |e: usize| (0..e).fold(Gf::ONE, |p, _| p * x);
                value += *c * power(i);
                if i > 0 {
                    slope += *c * Gf::new(i as u64) * power(i - 1);
                }
            }
            assert_eq!((y.re, y.eps), (value, slope));
        }
    }

    #[test]
    fn quotients_follow_the_quotient_rule() {
        let mut rng = Rng64::new(4);
        for _ in 0..100 {
            let [a, da, b, db] = [(); 4].map(|()| Gf::new(rng.next_u64()));
            let y = Dual { re: a, eps: da } / Dual { re: b, eps: db };
            assert_eq!(y.eps, (da * b - a * db) / (b * b));
            // Dividing undoes multiplying, in both parts.
            let back = y * Dual { re: b, eps: db };
            assert_eq!((back.re, back.eps), (a, da));
        }
    }

    #[test]
    fn slopes_agree_with_differences() {
        fn check(name: &str, f: impl Fn(Dual<f64>) -> Dual<f64>) {
            let h = 1e-6;
            for x in [0.1, 0.5, 0.9, 1.7] {
                let value = |x: f64| f(Dual::constant_of(x)).re;
                let difference = (value(x + h) - value(x - h)) / (2.0 * h);
                let slope = f(at(x)).eps;
                let error = (slope - difference).abs();
                assert!(error < 1e-8 * (1.0 + slope.abs()), "{name}'({x}): {slope}, {difference}");
            }
        }
        check("exp", Real::exp);
        check("exp_m1", Real::exp_m1);
        check("ln", Real::ln);
        check("ln_1p", Real::ln_1p);
        check("sqrt", Real::sqrt);
        check("sin", Real::sin);
        check("cos", Real::cos);
        check("sinh", Real::sinh);
        check("cosh", Real::cosh);
        check("tanh", Real::tanh);
        check("sigmoid", Real::sigmoid);
        check("softplus", Real::softplus);
        check("erf", Real::erf);
        check("erfc", Real::erfc);
        check("exp2", Real::exp2);
        check("asin", |x| (x * Dual::from_f64(0.5)).asin());
        check("acos", |x| (x * Dual::from_f64(0.5)).acos());
        check("atan", Real::atan);
        check("asinh", Real::asinh);
        check("acosh", |x| (x + Dual::ONE).acosh());
        check("atanh", |x| (x * Dual::from_f64(0.5)).atanh());
        check("floor", |x| x * x.floor());
        check("round", |x| x * (x + Dual::from_f64(0.15)).round());
        check("atan2", |x| (x * x).atan2(x - Dual::from_f64(3.0)));
        check("fmod", |x| (x + Dual::from_f64(5.03)).fmod(x - Dual::from_f64(2.0)));
        check("powf", |x| x.powf(Dual::from_f64(2.5)));
        check("powf", |x| Dual::from_f64(2.5).powf(x));
        check("powf", |x| (x + Dual::ONE).powf(x * x));
        check("sigmoid_slope", Real::sigmoid_slope);
        check("tanh_slope", Real::tanh_slope);
        check("gaussian", Real::gaussian);
        check("normal_pdf", Real::normal_pdf);
        check("normal_cdf", Real::normal_cdf);
        check("hypot", |x| x.hypot(x * x - Dual::from_f64(3.0)));
        check("powf", |x| (-x).powf(Dual::from_f64(3.0)));
    }

    #[test]
    fn comparisons_and_maxima_look_at_the_value_only() {
        let [a, b] = [Dual { re: 1.0, eps: 5.0 }, Dual { re: 2.0, eps: -5.0 }];
        assert!(a < b && a == Dual::constant_of(1.0));
        assert_eq!(a.maximum(b).eps, -5.0);
        assert_eq!(b.maximum(a).eps, -5.0);
        assert_eq!(a.maximum(Dual::constant_of(1.0)).eps, 0.0);
        assert_eq!(Dual::constant_of(1.0).maximum(a).eps, 5.0);
        let nan = Dual { re: f64::NAN, eps: 1.0 };
        assert!(a.maximum(nan).re.is_nan() && nan.maximum(a).re.is_nan());
    }

    #[test]
    fn constants_do_not_vary() {
        assert_eq!(Dual::<Gf>::constant(0.5, 1, 2).eps, Gf::ZERO);
        assert_eq!(Dual::<Gf>::from_f64(0.5).re * Gf::new(2), Gf::ONE);
        assert_eq!(Dual { re: 1.5, eps: 2.0 }.to_string(), "1.5 + 2·ε");
    }
}
