//! The logarithm of the gamma function and its derivatives, of a single number.
//!
//! From 1 to 2 polynomials: a factor for each root stands before them, so that values next to the roots are as
//! accurate as others. Recurrences lead there from 0 and from up to 8; above, series in `1/x`; below 0, the reflection
//! formulas. The coefficients are our own: Chebyshev fits computed with mpmath at 60 digits (`mpmath.chebyfit`), and
//! Bernoulli numbers.
//!
//! The greatest errors found against mpmath for positive numbers: `lgamma` and `digamma` 4 ulp, `polygamma` 6 ulp for orders up to 5.
//! Below 0, where each has a root between any two poles, errors are small beside the terms of the reflection formula.

use core::f64::consts::PI;

/// `ln |Γ(x)|`; infinite at 0 and the negative integers.
pub(super) fn lgamma(x: f64) -> f64 {
    if x < 0.0 {
        if x > -1e-17 {
            return -(-x).ln();
        }
        // Γ(x)·Γ(−x) = −π / (x · sin πx)
        let sine = sin_pi(x).abs();
        if sine == 0.0 || x == f64::NEG_INFINITY {
            return f64::INFINITY;
        }
        return (PI / sine).ln() - (-x).ln() - lgamma(-x);
    }
    if x >= 8.0 {
        // (x − ½)·ln x − x, of which no part overflows alone, + ½·ln 2π
        return (x - 0.5) * (x.ln() - 1.0) + (REST + polynomial(1.0 / (x * x), &STIRLING) / x);
    }
    if x >= 2.0 {
        let (mut y, mut product) = (x, 1.0);
        while y >= 2.0 {
            y -= 1.0;
            product *= y;
        }
        return product.ln() + lgamma_near(y - 1.0, y - 2.0);
    }
    if x >= 1.0 { lgamma_near(x - 1.0, x - 2.0) } else { lgamma_near(x, x - 1.0) - x.ln() }
}

/// `ln Γ(y)` where `y − 1` and `y − 2` are given, for `y` in 1 … 2.
fn lgamma_near(less_one: f64, less_two: f64) -> f64 {
    less_one * less_two * polynomial(less_one - 0.5, &LGAMMA)
}

/// `ψ(x)`, the derivative of `ln |Γ(x)|`; infinite at 0 with its sign turned, and no number at the negative integers.
pub(super) fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return -1.0 / x;
    }
    if x < 0.0 {
        // ψ(1 − x) − ψ(x) = π · cot πx, and ψ(1 − x) = ψ(−x) − 1/x.
        let sine = sin_pi(x);
        if sine == 0.0 || x == f64::NEG_INFINITY {
            return f64::NAN;
        }
        if x > -1e-17 {
            return -1.0 / x;
        }
        return digamma(-x) - 1.0 / x - PI * (cos_pi(x) / sine);
    }
    if x >= 8.0 {
        let square = 1.0 / (x * x);
        return x.ln() - 0.5 / x - square * polynomial(square, &ASYMPTOTIC);
    }
    if x < 1.0 {
        return digamma_near(x) - 1.0 / x;
    }
    let (mut y, mut sum) = (x, 0.0);
    while y >= 2.0 {
        y -= 1.0;
        sum += 1.0 / y;
    }
    sum + digamma_near(y - 1.0)
}

/// `ψ(y)` where `y − 1` is given, for `y` in 1 … 2.
fn digamma_near(less_one: f64) -> f64 {
    // The root in two parts.
    let from_root = less_one - (ROOT - 1.0) - ROOT_REST;
    from_root * polynomial(less_one - 0.5, &DIGAMMA)
}

/// The `n`-th derivative of `ψ`, for a whole `n` from 0 to 170; NaN for others.
pub(super) fn polygamma(x: f64, n: f64) -> f64 {
    if n == 0.0 {
        return digamma(x);
    }
    if !(1.0..=170.0).contains(&n) || n.fract() != 0.0 || x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    let order = n as i32;
    if x <= 0.0 && x.fract() == 0.0 {
        // To both sides of a pole of even order it is infinite with the same sign.
        return match order % 2 {
            1 => f64::INFINITY,
            _ if x == 0.0 => -1.0 / x,
            _ => f64::NAN,
        };
    }
    let sign = if order % 2 == 1 { 1.0 } else { -1.0 };
    sign * if x > 0.0 { zeta(order, x) } else { zeta_below(order, x) }
}

/// `n! / aⁿ`, of which neither part need be a number.
fn scaled(n: i32, a: f64) -> f64 {
    (1..=n).fold(1.0, |product, k| product * (f64::from(k) / a))
}

/// `n! · ζ(n + 1, x)` with Hurwitz's `ζ(s, x) = Σₖ (x + k)⁻ˢ` for `x > 0`: some terms, and the others by Euler and
/// Maclaurin.
fn zeta(n: i32, x: f64) -> f64 {
    let exponent = f64::from(n) + 1.0;
    let (mut a, mut sum) = (x, 0.0);
    while a < 10.0 + 0.5 * exponent {
        sum += scaled(n, a) / a;
        a += 1.0;
    }
    let (mut rest, mut factor) = (0.5, exponent / a);
    for (k, c) in EULER_MACLAURIN.iter().enumerate() {
        rest += c * factor;
        let k = 2.0 * k as f64 + 1.0;
        factor *= (exponent + k) / a * ((exponent + k + 1.0) / a);
    }
    sum + scaled(n, a) * (1.0 / f64::from(n) + rest / a)
}

/// `n! · Σₖ (x + k)⁻ⁿ⁻¹` for an `x < 0` that is not whole.
fn zeta_below(n: i32, x: f64) -> f64 {
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    // The sum over all integers, of which that from −∞ to −1 is taken away. It has the period 1: the term nearest to 0,
    // and both tails.
    let near = x - x.round();
    let all = scaled(n, near) / near + (zeta(n, 1.0 + near) + sign * zeta(n, 1.0 - near));
    all - sign * zeta(n, 1.0 - x)
}

/// `sin πx`, exactly 0 where `x` is whole.
fn sin_pi(x: f64) -> f64 {
    let near = x - x.round();
    let sine = (PI * near).sin();
    if x.round() % 2.0 == 0.0 { sine } else { -sine }
}

/// `cos πx`
fn cos_pi(x: f64) -> f64 {
    let cosine = (PI * (x - x.round())).cos();
    if x.round() % 2.0 == 0.0 { cosine } else { -cosine }
}

/// `c₀ + c₁·x + …`
fn polynomial(x: f64, c: &[f64]) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// `½·ln 2π − ½`
const REST: f64 = 0.4189385332046727;
/// Where `ψ` is 0.
const ROOT: f64 = 1.4616321449683622;
/// What is missing from [`ROOT`].
const ROOT_REST: f64 = 9.549995429965697e-17;
/// `ln Γ(y) / ((y − 1)(y − 2))` in `y − 3/2`, for `y` in 1 … 2.
#[rustfmt::skip]
const LGAMMA: [f64; 22] = [
    0.4831289505409809, -0.14595989591430608, 0.06291140107456439, -0.031308487501010646,
    0.01679709863127416, -0.009425622448525798, 0.005446457839126065, -0.0032120740737152814,
    0.0019229163127905161, -0.0011644145847310124, 0.000711519067515296, -0.00043799307479613914,
    0.00027131373861446925, -0.0001689178215524898, 0.00010535512483785591, -6.614136022346414e-05,
    4.30276814976503e-05, -2.7201673025504752e-05, 1.3186019073996835e-05, -8.355075869795273e-06,
    1.2140008083973407e-05, -7.760660152513446e-06,
];

/// `ψ(y) / (y − ROOT)` in `y − 3/2`, for `y` in 1 … 2.
#[rustfmt::skip]
const DIGAMMA: [f64; 23] = [
    0.9510558760318328, -0.4236274212814606, 0.24054248424078697, -0.14840492305388092,
    0.09498872445289039, -0.06192213327548831, 0.040760833940846085, -0.026975796659787055,
    0.017907248317313294, -0.011908220105959716, 0.007927021796868154, -0.005279937255532708,
    0.003518106563802472, -0.0023454947397380833, 0.0015633696313653504, -0.0010364584817312839,
    0.0006909255761282986, -0.00048595039220036254, 0.00032395945401345196, -0.00014480643368061614,
    9.653646261410062e-05, -0.0001782188548855923, 0.00011881232908510335,
];

/// `B₂ₖ / (2k(2k − 1))`, for k = 1, 2, …
#[rustfmt::skip]
const STIRLING: [f64; 10] = [
    0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
    0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
    0.17964437236883057, -1.3924322169059011,
];

/// `B₂ₖ / 2k`, for k = 1, 2, …
#[rustfmt::skip]
const ASYMPTOTIC: [f64; 11] = [
    0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667,
    0.007575757575757576, -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
    3.0539543302701198, -26.456212121212122, 281.46014492753625,
];

/// `B₂ₖ / (2k)!`, for k = 1, 2, …
#[rustfmt::skip]
const EULER_MACLAURIN: [f64; 14] = [
    0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07,
    2.08767569878681e-08, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
    8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
    3.534707039629467e-21, -8.953517427037546e-23,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `x`, `ln |Γ(x)|`, `ψ(x)`, `ψ′(x)` and `ψ″(x)`, by mpmath at 50 digits.
    #[rustfmt::skip]
    #[allow(clippy::approx_constant, reason = "what was computed")]
    const REFERENCE: &[(f64, f64, f64, [f64; 2])] = &[
        (1e-300, 690.7755278982137, -9.999999999999999e+299, [f64::INFINITY, f64::NEG_INFINITY]),
        (1e-20, 46.051701859880914, -1e+20, [1.0000000000000002e+40, -2.0000000000000003e+60]),
        (0.001, 6.907178885383853, -1000.5755719318103, [1000001.6425331958, -2000000002.3976321]),
        (0.3, 1.0957979948180756, -3.502524222200133, [12.245364546107732, -75.27253658872604]),
        (0.75, 0.20328095143129538, -1.0858608797864722, [2.5418796476716063, -5.3026332163376395]),
        (0.9999999, 5.772157468444193e-08, -0.5772158293949515, [1.6449343072596394, -2.4041144557132528]),
        (1.0000001, -5.772155829918507e-08, -0.5772155004081381, [1.6449338264368782, -2.4041131569253724]),
        (1.25, -0.09827183642181316, -0.22745353337626542, [1.1973291545071107, -1.3277399375369203]),
        (1.4616321449683622, -0.12148629053584961, -9.241265521729427e-17, [0.9676722454476212, -0.8855263379671844]),
        (1.5, -0.12078223763524522, 0.03648997397857652, [0.9348022005446793, -0.82879664423432]),
        (1.9999999, -4.2278430309861296e-08, 0.4227842706050584, [0.6449341072596095, -0.40411385571313324]),
        (2.0000001, 4.227843666532498e-08, 0.4227843995918717, [0.6449340264368484, -0.40411375692525286]),
        (2.5, 0.2846828704729192, 0.7031566406452432, [0.49035775610023485, -0.2362040516417274]),
        (3.0, 0.6931471805599453, 0.9227843350984671, [0.39493406684822646, -0.15411380631918858]),
        (5.5, 3.9578139676187165, 1.6110931485817512, [0.19934238698962767, -0.03960894752130204]),
        (7.99, 8.50501160608848, 2.014309222046224, [0.13331424565985758, -0.017746655198676027]),
        (8.0, 8.525161361065415, 2.01564147795561, [0.1331370146940314, -0.017699569195767775]),
        (12.25, 18.115669505710894, 2.464154655185369, [0.0850551429881632, -0.007230035788993344]),
        (100.5, 361.4355404677776, 4.605174352581845, [0.009999916669583104, -9.999750014581719e-05]),
        (100000.0, 1051287.7089736569, 11.512920464961896, [1.0000050000166667e-05, -1.00001000005e-10]),
        (1e+20, 4.505170185988091e+21, 46.051701859880914, [1e-20, -1e-40]),
        (1e+305, 7.012884533631839e+307, 702.288453363184, [1.0000000000000001e-305, -0.0]),
        (-1e-300, 690.7755278982137, 9.999999999999999e+299, [f64::INFINITY, f64::INFINITY]),
        (-1e-18, 41.44653167389282, 9.999999999999999e+17, [9.999999999999999e+35, 1.9999999999999995e+54]),
        (-0.25, 1.589575312551186, 2.9141391202135276, [18.541879647671607, 122.69736678366236]),
        (-0.5, 1.2655121234846454, 0.03648997397857652, [8.934802200544679, -0.82879664423432]),
        (-1.5, 0.860047015376481, 0.7031566406452432, [9.379246644989124, -0.2362040516417274]),
        (-2.75, 0.004487897535955773, -1.959055264977997, [19.433868949488463, -124.11765305971518]),
        (-7.3, -7.779101629826852, 4.33730730551005, [14.951383181433922, 68.82117406359033]),
        (-50.1, -146.550975969031, 13.59279583939839, [103.33607690756077, 1998.6592698025154]),
    ];

    /// To a few units of the last place, and below 0 of the terms of the reflection formula.
    fn close(name: &str, x: f64, y: f64, expected: f64) {
        let scale = if x < 0.0 { expected.abs().max(4.0) } else { expected.abs() };
        let right = y == expected || (y - expected).abs() <= 10.0 * f64::EPSILON * scale;
        assert!(right, "{name}({x}) = {y}, not {expected}");
    }

    #[test]
    fn agrees_with_mpmath() {
        for &(x, logarithm, slope, others) in REFERENCE {
            close("lgamma", x, lgamma(x), logarithm);
            close("digamma", x, digamma(x), slope);
            for (n, expected) in [1.0, 2.0].into_iter().zip(others) {
                close("polygamma", x, polygamma(x, n), expected);
            }
        }
    }

    #[test]
    fn factorials() {
        let mut factorial = 1.0f64;
        for n in 1..=20 {
            close("lgamma", f64::from(n), lgamma(f64::from(n)), factorial.ln());
            factorial *= f64::from(n);
        }
        assert_eq!((lgamma(1.0), lgamma(2.0)), (0.0, 0.0));
    }

    #[test]
    fn special_values() {
        let infinity = f64::INFINITY;
        for x in [0.0, -0.0, -1.0, -17.0, -1e300, infinity, -infinity] {
            assert_eq!(lgamma(x), infinity, "{x}");
        }
        assert_eq!(
            (digamma(0.0), digamma(-0.0), digamma(infinity)),
            (-infinity, infinity, infinity)
        );
        assert_eq!(
            (polygamma(0.0, 1.0), polygamma(-3.0, 1.0), polygamma(0.0, 2.0)),
            (infinity, infinity, -infinity)
        );
        assert_eq!((polygamma(infinity, 1.0), polygamma(1e300, 5.0)), (0.0, 0.0));
        assert_eq!((digamma(-1e-310), digamma(1e-310)), (infinity, -infinity));
        let nan = [
            digamma(-4.0),
            digamma(-infinity),
            polygamma(-4.0, 2.0),
            polygamma(1.0, 0.5),
            polygamma(1.0, -1.0),
            lgamma(f64::NAN),
            digamma(f64::NAN),
            polygamma(f64::NAN, 1.0),
        ];
        assert!(nan.iter().all(|y| y.is_nan()), "{nan:?}");
    }

    /// Where `n!` or the powers are no numbers; by sums with mpmath at 60 digits, whose own `zeta` has nine of them here.
    #[test]
    fn high_orders() {
        let close =
            |y: f64, expected: f64| assert!((y / expected - 1.0).abs() < 1e-13, "{y}, {expected}");
        close(polygamma(2000.0, 100.0), -7.547742835794974e-175);
        close(polygamma(167.0, 170.0), -9.35650302516032e-74);
    }

    /// `ψ⁽ⁿ⁾(x + 1) − ψ⁽ⁿ⁾(x) = (−1)ⁿ·n! / xⁿ⁺¹`, on both sides of 0.
    #[test]
    fn polygamma_of_any_order_follows_the_recurrence() {
        let mut factorial = 1.0;
        for n in 1..=30 {
            factorial *= -f64::from(n);
            for x in [-3.7, -0.4, 0.3, 1.6, 9.2] {
                let step = polygamma(x + 1.0, n.into()) - polygamma(x, n.into());
                let expected = factorial * f64::powi(x, -n - 1);
                let scale = polygamma(x, n.into()).abs().max(expected.abs());
                assert!((step - expected).abs() <= 1e-13 * scale, "{n}, {x}: {step}, {expected}");
            }
        }
    }
}
