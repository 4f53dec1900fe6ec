//! Numbers of the generated code: exact, so that models over exact scalars stay exact.

use crate::prim::Prim;
use crate::shape::Dim;
use std::fmt;
use std::rc::Rc;

/// A constant of a model.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Num {
    /// `numer / denom` in lowest terms, `denom > 0`.
    Ratio(i128, i128),
    /// `1 / dim`, for means over a dimension that only rustc knows.
    Inverse(Dim),
    /// A Rust expression of type `f64` (a `const` in scope), by the name of the generated constant.
    Named { text: Rc<str>, code: Rc<str> },
    /// A function of constants that is left to the generated code.
    Call(Prim, Vec<Num>),
}

impl Num {
    pub const ZERO: Num = Num::Ratio(0, 1);
    pub const ONE: Num = Num::Ratio(1, 1);

    pub fn int(n: i128) -> Num {
        Num::Ratio(n, 1)
    }

    /// Lowest terms; `None` for a zero denominator or where the result does not fit.
    pub fn ratio(numer: i128, denom: i128) -> Option<Num> {
        if denom == 0 || numer == i128::MIN || denom == i128::MIN {
            return None;
        }
        let divisor = gcd(numer.unsigned_abs(), denom.unsigned_abs()).max(1) as i128;
        Some(Num::Ratio(numer / divisor * denom.signum(), denom.abs() / divisor))
    }

    /// `digits · 10^exponent`; `None` where it does not fit.
    pub fn decimal(digits: i128, exponent: i32) -> Option<Num> {
        let power = 10i128.checked_pow(exponent.unsigned_abs())?;
        if exponent >= 0 {
            Num::ratio(digits.checked_mul(power)?, 1)
        } else {
            Num::ratio(digits, power)
        }
    }

    /// A decimal number as it is written: `-1.5e-3`.
    pub fn read(text: &str) -> Option<Num> {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(fraction.len() as i32)?;
        Num::decimal(format!("{whole}{fraction}").parse().ok()?, exponent)
    }

    /// `1 / dim`
    pub fn inverse(dim: &Dim) -> Num {
        match dim.as_known() {
            Some(n) => Num::ratio(1, n.into()).unwrap_or(Num::ONE),
            None => Num::Inverse(dim.clone()),
        }
    }

    /// Whether the generated code needs more than an ordered field for it.
    pub fn is_real(&self) -> bool {
        matches!(self, Num::Call(prim, args) if prim.real() || args.iter().any(Num::is_real))
    }

    pub fn is(&self, n: i128) -> bool {
        *self == Num::int(n)
    }

    /// Exact arithmetic on known numbers; `None` where a name is involved or the result does not fit.
    pub fn fold(op: char, a: &Num, b: &Num) -> Option<Num> {
        let (&Num::Ratio(p, q), &Num::Ratio(r, s)) = (a, b) else { return None };
        match op {
            '+' => Num::ratio(p.checked_mul(s)?.checked_add(r.checked_mul(q)?)?, q.checked_mul(s)?),
            '-' => Num::ratio(p.checked_mul(s)?.checked_sub(r.checked_mul(q)?)?, q.checked_mul(s)?),
            '*' => Num::ratio(p.checked_mul(r)?, q.checked_mul(s)?),
            '/' => Num::ratio(p.checked_mul(s)?, q.checked_mul(r)?),
            _ => None,
        }
    }

    /// The nearest `f64` of a known number.
    pub fn approx(&self) -> Option<f64> {
        let &Num::Ratio(p, q) = self else { return None };
        // Numbers come from decimals, so the denominator is usually `2^a 5^b`: the decimal expansion
        // is short, and parsing it rounds once.
        let mut scaled = p;
        for places in 0..=30 {
            if scaled % q == 0 {
                return format!("{}e-{places}", scaled / q).parse().ok();
            }
            match scaled.checked_mul(10) {
                Some(next) => scaled = next,
                None => break,
            }
        }
        Some(p as f64 / q as f64)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Num::Ratio(p, 1) => write!(f, "{p}"),
            Num::Ratio(..) => write!(f, "{}", self.approx().unwrap_or(f64::NAN)),
            Num::Inverse(dim) => write!(f, "1/({dim})"),
            Num::Named { text, .. } => f.write_str(text),
            Num::Call(prim, args) => {
                let args: Vec<String> = args.iter().map(Num::to_string).collect();
                write!(f, "{}({})", prim.name(), args.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Num;

    #[test]
    fn decimals_are_exact_and_round_once() {
        let k = Num::decimal(7_978_845_608_028_654, -16).unwrap();
        assert_eq!(k.approx(), Some(0.797_884_560_802_865_4));
        assert_eq!(Num::decimal(1, -6).unwrap().approx(), Some(1e-6));
        let read = ["1e-6", "-1.25e2", "0.5", "10000", "1e", "x"].map(Num::read);
        let wanted = [
            Num::decimal(1, -6),
            Num::decimal(-125, 0),
            Num::decimal(5, -1),
            Num::decimal(1, 4),
            None,
            None,
        ];
        assert_eq!(read, wanted);
        assert_eq!(Num::fold('*', &Num::decimal(5, -1).unwrap(), &Num::int(2)), Some(Num::ONE));
        assert_eq!(Num::fold('/', &Num::ONE, &Num::ZERO), None);
        assert_eq!(Num::ratio(1, 3).unwrap().approx(), Some(1.0 / 3.0));
    }
}
