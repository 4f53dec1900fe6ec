//! The functions once more, for their values alone, over `BITS` binary digits: from what `dashu` has, and from
//! series. The compiler holds its table of slopes to them as well (`macros/src/prim/tests/digits.rs`).

use super::{BITS, Big};
use std::sync::LazyLock;

pub(crate) fn big(x: f64) -> Big {
    Big::try_from(x).expect("a finite number").with_precision(BITS).value()
}

pub(crate) fn positive(x: &Big) -> bool {
    *x > Big::ZERO
}

pub(crate) static PI: LazyLock<Big> = LazyLock::new(|| Big::pi(BITS));
pub(crate) static TWO_OVER_SQRT_PI: LazyLock<Big> = LazyLock::new(|| big(2.0) / PI.sqrt());
pub(crate) static SQRT_HALF: LazyLock<Big> = LazyLock::new(|| big(0.5).sqrt());
pub(crate) static LN_2: LazyLock<Big> = LazyLock::new(|| big(2.0).ln());

pub(crate) fn sigmoid(x: &Big) -> Big {
    big(1.0) / (big(1.0) + (-x).exp())
}

pub(crate) fn tanh(x: &Big) -> Big {
    let square = (big(2.0) * x).exp();
    (&square - big(1.0)) / (square + big(1.0))
}

pub(crate) fn sinh(x: &Big) -> Big {
    let e = x.exp();
    (&e - big(1.0) / &e) / big(2.0)
}

pub(crate) fn cosh(x: &Big) -> Big {
    let e = x.exp();
    (&e + big(1.0) / &e) / big(2.0)
}

pub(crate) fn softplus(x: &Big) -> Big {
    if positive(x) { x + (big(1.0) + (-x).exp()).ln() } else { (big(1.0) + x.exp()).ln() }
}

/// 2/√π · e^(−z²) · Σ 2ⁿz²ⁿ⁺¹/(2n+1)!!, of which no term cancels another.
pub(crate) fn erf_series(z: &Big) -> Big {
    let twice = big(2.0) * z * z;
    let (mut term, mut sum) = (z.clone(), z.clone());
    let (mut odd, last) = (1.0, 2f64.powi(-(BITS as i32)));
    // Terms fall as soon as 2n + 1 > 2z².
    while Big::from(odd as i64) < twice || (&term / &sum).to_f64().value() > last {
        odd += 2.0;
        term = term * &twice / big(odd);
        sum += &term;
    }
    &*TWO_OVER_SQRT_PI * (-(z * z)).exp() * sum
}

/// e^(−z²)/√π · 1/(z + (1/2)/(z + (2/2)/(z + (3/2)/(z + …)))), for large z
pub(crate) fn erfc_fraction(z: &Big) -> Big {
    let denominator =
        (1..=250).rev().fold(z.clone(), |below, k| z + big(f64::from(k) / 2.0) / below);
    &*TWO_OVER_SQRT_PI / big(2.0) * (-(z * z)).exp() / denominator
}

pub(crate) fn erf(z: &Big) -> Big {
    if *z == Big::ZERO {
        big(0.0)
    } else if !positive(z) {
        -erf(&-z)
    } else if *z < big(6.0) {
        erf_series(z)
    } else {
        big(1.0) - erfc_fraction(z)
    }
}

/// Below 6, 17 digits at most are lost to the difference.
pub(crate) fn erfc(z: &Big) -> Big {
    if *z < big(6.0) { big(1.0) - erf(z) } else { erfc_fraction(z) }
}

pub(crate) fn magnitude(x: &Big) -> Big {
    if positive(x) { x.clone() } else { -x }
}

/// ln(x + √(x² + 1)), of which nothing cancels where x > 0
pub(crate) fn asinh(x: &Big) -> Big {
    let size = magnitude(x);
    let y = (&size + (&size * &size + big(1.0)).sqrt()).ln();
    if positive(x) { y } else { -y }
}

/// ln(x + √(x² − 1))
pub(crate) fn acosh(x: &Big) -> Big {
    (x + ((x - big(1.0)) * (x + big(1.0))).sqrt()).ln()
}

/// ln((1 + x)/(1 − x))/2
pub(crate) fn atanh(x: &Big) -> Big {
    ((big(1.0) + x) / (big(1.0) - x)).ln() / big(2.0)
}
