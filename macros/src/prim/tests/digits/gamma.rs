//! The gamma function: series for large arguments, and recurrences to them from all others.

use super::Big;
use super::exact::{PI, big, magnitude};
use std::sync::LazyLock;

/// From here on, `TERMS` terms of the series have 100 digits.
const LARGE: f64 = 60.0;
const TERMS: usize = 60;

/// The Bernoulli numbers B₂, B₄, … from the numbers of the tangent, which are sums of whole numbers above 0
/// (Brent and Harvey 2011).
static BERNOULLI: LazyLock<Vec<Big>> = LazyLock::new(|| {
    let mut tangent = vec![big(1.0)];
    for k in 1..TERMS {
        tangent.push(&tangent[k - 1] * big(k as f64));
    }
    for k in 1..TERMS {
        for j in k..TERMS {
            tangent[j] =
                &tangent[j - 1] * big((j - k) as f64) + &tangent[j] * big((j - k + 2) as f64);
        }
    }
    let numbers = tangent.into_iter().enumerate().map(|(i, tangent)| {
        let (twice, power) = (2.0 * (i + 1) as f64, big(4.0).powi((i + 1).into()));
        let sign = if i % 2 == 0 { twice } else { -twice };
        big(sign) * tangent / (&power * (&power - big(1.0)))
    });
    numbers.collect()
});

/// `x`, `x + 1`, …, and the first of them that is large.
fn steps(x: &Big) -> (Vec<Big>, Big) {
    let (mut small, mut x) = (Vec::new(), x.clone());
    while x < big(LARGE) {
        small.push(x.clone());
        x += big(1.0);
    }
    (small, x)
}

fn factorial(n: usize) -> Big {
    (1..=n).fold(big(1.0), |product, k| product * big(k as f64))
}

/// Σ B₂ₖ · (2k + n − 1)! / (2k)! / x²ᵏ⁺ⁿ
fn series(x: &Big, n: isize) -> Big {
    let mut sum = big(0.0);
    for (i, number) in BERNOULLI.iter().enumerate() {
        let k = 2 * (i as isize + 1);
        let factor = factorial((k + n - 1) as usize) / factorial(k as usize);
        sum += number * factor / x.powi((k + n).into());
    }
    sum
}

/// ln |Γ(x)|, by ln Γ(x) = (x − ½) · ln x − x + ½ · ln 2π + Σ B₂ₖ / (2k · (2k − 1) · x²ᵏ⁻¹)
pub(super) fn lgamma(x: &Big) -> Big {
    let (small, x) = steps(x);
    let product = small.iter().fold(big(1.0), |product, x| product * magnitude(x));
    (&x - big(0.5)) * x.ln() - &x + (big(2.0) * &*PI).ln() / big(2.0) + series(&x, -1)
        - product.ln()
}

/// ψ(x) = ln x − 1 / 2x − Σ B₂ₖ / (2k · x²ᵏ)
pub(super) fn digamma(x: &Big) -> Big {
    let (small, x) = steps(x);
    let sum = small.iter().fold(big(0.0), |sum, x| sum + big(1.0) / x);
    x.ln() - big(0.5) / &x - series(&x, 0) - sum
}

/// ψ⁽ⁿ⁾(x) = ± ((n − 1)! / xⁿ + n! / 2xⁿ⁺¹ + Σ B₂ₖ · (2k + n − 1)! / ((2k)! · x²ᵏ⁺ⁿ)), positive where `n` is odd
pub(super) fn polygamma(x: &Big, n: usize) -> Big {
    if n == 0 {
        return digamma(x);
    }
    let (small, x) = steps(x);
    let each = |x: &Big| factorial(n) / x.powi((n + 1).into());
    let sum = small.iter().fold(big(0.0), |sum, x| sum + each(x));
    let size =
        factorial(n - 1) / x.powi(n.into()) + each(&x) / big(2.0) + series(&x, n as isize) + sum;
    if n % 2 == 1 { size } else { -size }
}

/// Γ(½) = √π, ψ(½) = ψ(1) − 2 · ln 2, ψ′(½) = π² / 2
#[test]
fn known_values_are_met() {
    let near = |x: &Big, y: &Big| (x - y).to_f64().value().abs() < 1e-85;
    let (half, tenth) = (big(0.5), big(0.1));
    assert!(near(&lgamma(&half), &(PI.ln() / big(2.0))));
    assert!(near(&polygamma(&half, 1), &(&*PI * &*PI / big(2.0))));
    let twice = digamma(&half) - digamma(&big(1.0)) + big(2.0) * big(2.0).ln();
    assert!(near(&twice, &big(0.0)));
    // Γ(x) · Γ(1 − x) = π / sin πx
    let reflected = (&*PI / (&*PI * &tenth).sin()).ln();
    assert!(near(&(lgamma(&tenth) + lgamma(&(big(1.0) - &tenth))), &reflected));
}
