//! The prime field of the exact checks.

use super::mix;
use crate::scalar::{Real, Scalar, for_each_function, inverse_sqrt_two_pi};
use core::fmt;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// 2⁶¹ − 1, a Mersenne prime: a product of two elements fits `u128`, and powers of 2 are rotations.
const P: u64 = (1 << 61) - 1;

/// An element of the field of integers modulo the prime p = 2⁶¹ − 1.
///
/// Sums, products and quotients are exact, so two ways to compute a polynomial or a rational
/// function agree to the last bit or not at all, and different ones agree by chance with a
/// probability of about degree / p.
///
/// What a finite field lacks is replaced by something fixed, so that generated code runs to its end
/// and identities of plain algebra still hold:
///
/// - **Order** is the order of the representatives 0 … p − 1. It is total, but adding to both sides
///   does not keep it.
/// - **Division by zero** returns zero.
/// - **Infinities and NaN** among the constants of a model are fixed elements like any other, so that a model
///   with `masked_fill(mask, f64::NEG_INFINITY)` is checked as well: the laws are algebra, and hold
///   whatever a constant is.
/// - **`exp`, `sigmoid`, …** are pseudo-random functions, each independent of the others. Identities
///   between them do not hold: `exp(a + b) ≠ exp(a) · exp(b)`.
/// - **`tanh`** is `2 · sigmoid(2x) − 1`, as it is over the real numbers.
///
/// ```
/// use pullback::Scalar;
/// use pullback::check::Gf;
///
/// let third = Gf::new(1) / Gf::new(3);
/// assert_eq!(third + third + third, Gf::ONE);
/// assert_eq!(Gf::from_f64(0.75) * Gf::new(4), Gf::new(3));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gf(u64);

impl Gf {
    /// The element `x` modulo p.
    pub const fn new(x: u64) -> Self {
        Gf(x % P)
    }

    /// The representative, in 0 … p − 1.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// `self` to the power of `e`.
    fn pow(self, mut e: u64) -> Self {
        let (mut power, mut base) = (Gf::ONE, self);
        while e > 0 {
            if e & 1 == 1 {
                power *= base;
            }
            base *= base;
            e >>= 1;
        }
        power
    }

    /// The element `x` modulo p, for signed numbers.
    pub(super) fn from_i128(x: i128) -> Self {
        Gf(x.rem_euclid(i128::from(P)) as u64)
    }

    /// A pseudo-random function of the field, another one for every name.
    fn scramble(self, name: &str) -> Self {
        let start = name.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
        Gf::new(mix(mix(start ^ self.0)))
    }

    /// The same of two arguments: two rounds, so that exchanging them gives something else.
    fn scramble_with(self, other: Self, name: &str) -> Self {
        Gf(self.scramble("first").0 ^ other.0).scramble(name)
    }
}

impl fmt::Display for Gf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Add for Gf {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Gf::new(self.0 + other.0)
    }
}

impl Sub for Gf {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Gf::new(self.0 + P - other.0)
    }
}

impl Mul for Gf {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        // 2⁶¹ = 1, so the high part of the product is added to the low part.
        let product = u128::from(self.0) * u128::from(other.0);
        Gf::new((product >> 61) as u64 + (product as u64 & P))
    }
}

impl Div for Gf {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Fermat: the inverse is a power.
        self * other.pow(P - 2)
    }
}

impl Neg for Gf {
    type Output = Self;
    fn neg(self) -> Self {
        Gf::ZERO - self
    }
}

impl Scalar for Gf {
    const ZERO: Self = Gf(0);
    const ONE: Self = Gf(1);

    fn constant(_: f64, numer: i128, denom: i128) -> Self {
        Gf::from_i128(numer) / Gf::from_i128(denom)
    }

    fn from_f64(x: f64) -> Self {
        let bits = x.to_bits();
        if !x.is_finite() {
            return Gf::new(mix(bits));
        }
        let fraction = bits & ((1 << 52) - 1);
        let biased = (bits >> 52) as i64 & 0x7ff;
        // |x| = mantissa · 2^exponent
        let (mantissa, exponent) =
            if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        // 2⁶¹ = 1 holds for negative powers as well.
        let abs = Gf(mantissa) * Gf(1 << exponent.rem_euclid(61));
        if x < 0.0 { -abs } else { abs }
    }
}

macro_rules! real {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)?) => $y:ident {
        float: $float:expr,
        lanes: $lanes:path,
        slopes: [$($slope:expr),*],
        $(identity: $identity:expr,)?
        $(field: $field:expr,)?
    })*) => {
        /// Pseudo-random functions, and what is made of them: see [`Gf`].
        impl Real for Gf {$(
            fn $name(self $(, $other: Self)?) -> Self {
                let $x = self;
                real!(@value $name $x $($other)? $([$identity])? $([$field])?)
            }
        )*}
    };
    (@value $name:ident $x:ident) => {
        $x.scramble(stringify!($name))
    };
    (@value $name:ident $x:ident $other:ident) => {
        $x.scramble_with($other, stringify!($name))
    };
    (@value $name:ident $x:ident $($other:ident)? [$value:expr]) => {
        $value
    };
}
for_each_function!(real);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Rng64;

    fn random(rng: &mut Rng64) -> Gf {
        Gf::new(rng.next_u64())
    }

    #[test]
    fn the_axioms_of_a_field_hold() {
        let mut rng = Rng64::new(1);
        for _ in 0..1000 {
            let [a, b, c] = [(); 3].map(|()| random(&mut rng));
            assert_eq!(a + b, b + a);
            assert_eq!(a * b, b * a);
            assert_eq!((a + b) + c, a + (b + c));
            assert_eq!((a * b) * c, a * (b * c));
            assert_eq!(a * (b + c), a * b + a * c);
            assert_eq!(a + Gf::ZERO, a);
            assert_eq!(a * Gf::ONE, a);
            assert_eq!(a - a, Gf::ZERO);
            assert_eq!(a + -a, Gf::ZERO);
            assert_eq!(a / a, Gf::ONE);
            assert_eq!(a / b * b, a);
        }
    }

    #[test]
    fn products_agree_with_the_remainder() {
        let mut rng = Rng64::new(2);
        let edges = [0, 1, 2, P - 2, P - 1];
        let numbers = (0..500).map(|_| rng.next_u64() % P).chain(edges).collect::<Vec<_>>();
        for a in &numbers {
            for b in edges.iter().chain(&numbers[..20]) {
                let expected = u128::from(*a) * u128::from(*b) % u128::from(P);
                assert_eq!(u128::from((Gf::new(*a) * Gf::new(*b)).value()), expected);
            }
        }
    }

    #[test]
    fn representatives_are_reduced() {
        assert_eq!(Gf::new(P), Gf::ZERO);
        assert_eq!(Gf::new(u64::MAX).value(), u64::MAX % P);
        assert_eq!((-Gf::ZERO).value(), 0);
        assert_eq!((-Gf::ONE).to_string(), (P - 1).to_string());
    }

    #[test]
    fn division_by_zero_is_zero() {
        assert_eq!(Gf::new(5) / Gf::ZERO, Gf::ZERO);
        assert_eq!(Gf::constant(0.0, 1, i128::from(P)), Gf::ZERO);
    }

    #[test]
    fn floats_are_taken_exactly() {
        let two = Gf::new(2);
        assert_eq!(Gf::from_f64(0.5) * two, Gf::ONE);
        assert_eq!(Gf::from_f64(-0.75) * Gf::new(4), -Gf::new(3));
        assert_eq!(Gf::from_f64(0.0), Gf::ZERO);
        assert_eq!(Gf::from_f64(-0.0), Gf::ZERO);
        assert_eq!(Gf::from_f64(1e15), Gf::new(1_000_000_000_000_000));
        assert_eq!(Gf::from_f64(2f64.powi(61)), Gf::ONE);
        assert_eq!(Gf::from_f64(f64::from_bits(1)) * two.pow(1074), Gf::ONE);
        assert_eq!(Gf::from_f64(f64::MIN_POSITIVE) * two.pow(1022), Gf::ONE);
        assert_eq!(Gf::from_f64(f64::MAX), (two.pow(53) - Gf::ONE) * two.pow(971));
    }

    #[test]
    fn constants_are_quotients() {
        assert_eq!(Gf::constant(0.1, 1, 10) * Gf::new(10), Gf::ONE);
        assert_eq!(Gf::constant(-0.1, -1, 10), -Gf::constant(0.1, 1, 10));
        assert_eq!(Gf::constant(-0.1, 1, -10), Gf::constant(-0.1, -1, 10));
    }

    #[test]
    fn functions_are_fixed_and_independent() {
        let functions: [fn(Gf) -> Gf; 13] = [
            Gf::exp,
            Gf::exp_m1,
            Gf::ln,
            Gf::ln_1p,
            Gf::sqrt,
            Gf::sin,
            Gf::cos,
            Gf::sinh,
            Gf::cosh,
            Gf::tanh,
            Gf::sigmoid,
            Gf::softplus,
            Gf::erf,
        ];
        let mut values = Vec::new();
        for x in (0..50).map(Gf::new) {
            for f in functions {
                assert_eq!(f(x), f(x));
                values.push(f(x));
            }
            values.push(x.powf(Gf::new(100)));
            values.push(Gf::new(100).powf(x));
        }
        let count = values.len();
        values.sort();
        values.dedup();
        assert_eq!(values.len(), count);
        assert!(values.iter().all(|x| x.value() < P));
    }
}
