//! The error function of a single number and its complement, which the standard library does not
//! have. The error function of lanes is in [`crate::lanes::math`]; this one is the more accurate.
//!
//! Piecewise polynomials: an odd one below 1, and above it `1 − erfc` with a polynomial for `erfc` on
//! each of four intervals; for the complement by itself one polynomial, which is multiplied by
//! `e^(−x²)`. The coefficients are our own: Chebyshev fits computed with mpmath at 60 digits
//! (`mpmath.chebyfit`). The greatest error found of `erf` against mpmath is 1.13 ulp.

/// The error function `2/√π · ∫₀ˣ e^(−t²) dt`, to 1.2 ulp.
pub(super) fn erf(x: f64) -> f64 {
    let a = x.abs();
    if a < 1.0 {
        // x + x·p rather than x·(1 + p): the small term carries the errors of the polynomial.
        return x + x * polynomial(x * x, &NEAR);
    }
    let complement = if a < 2.0 {
        polynomial(a - 1.5, &ONE_TO_TWO)
    } else if a < 3.0 {
        polynomial(a - 2.5, &TWO_TO_THREE)
    } else if a < 4.0 {
        polynomial(a - 3.5, &THREE_TO_FOUR)
    } else if a < 6.0 {
        polynomial(a - 5.0, &FOUR_TO_SIX)
    } else if a >= 6.0 {
        // 1 − erf(6) is below half an ulp of 1.
        0.0
    } else {
        return x; // NaN
    };
    (1.0 - complement).copysign(x)
}

/// `1 − erf(x)`, to 3 ulp.
pub(super) fn erfc(x: f64) -> f64 {
    if x < 0.5 {
        return 1.0 - erf(x);
    }
    gaussian(x, 1.0) * scaled(x)
}

/// `e^(x²)·erfc(x)` for x of at least 0.5.
fn scaled(x: f64) -> f64 {
    let x = x.min(28.0);
    polynomial((x - 3.75) / (x + 3.75), &SCALED) / (1.0 + 2.0 * x)
}

/// `e^(−factor·x²)` for a factor that is a power of two, to 2 ulp.
pub(super) fn gaussian(x: f64, factor: f64) -> f64 {
    // 0 beyond it, and nothing overflows.
    let a = if x.abs() > 40.0 { 40.0 } else { x.abs() };
    // The part of x² that is lost by rounding is a factor of its own: the square of a number of 26 bits is
    // exact.
    let high = f64::from_bits(a.to_bits() & !((1 << 27) - 1));
    let (great, small) = (high * high, (a - high) * (high + a));
    (-factor * great).exp() * (-factor * small).exp()
}

/// `erfc(−x/√2)/2`, to 3 ulp.
pub(super) fn normal_cdf(x: f64) -> f64 {
    let a = x.abs() * core::f64::consts::FRAC_1_SQRT_2;
    if a < 0.5 {
        return 0.5 + 0.5 * erf(x * core::f64::consts::FRAC_1_SQRT_2);
    }
    let tail = 0.5 * gaussian(x, 0.5) * scaled(a);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// `coefficients[0] + coefficients[1]·t + …`
#[inline(always)]
fn polynomial(t: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * t + c)
}

/// `erf(√z)/√z − 1` for z in 0 … 1, to 3·10⁻²¹.
const NEAR: [f64; 14] = [
    0.1283791670955126,
    -0.37612638903183754,
    0.1128379167095512,
    -0.02686617064512984,
    0.0052239776254232985,
    -0.000854832702193483,
    0.00012055332902888736,
    -1.4925647567519332e-05,
    1.6462045441468418e-06,
    -1.6364642158167616e-07,
    1.4792401209404813e-08,
    -1.216456005728345e-09,
    8.709045129053106e-11,
    -4.230945824295338e-12,
];

/// `1 − erf(1.5 + t)` for x in 1 … 2.
const ONE_TO_TWO: [f64; 20] = [
    0.033894853524689274,
    -0.11893028922362937,
    0.17839543383544404,
    -0.13875200409423427,
    0.04459885845886157,
    0.014866286152952818,
    -0.019326171998868175,
    0.004743053201224184,
    0.0023626776214740177,
    -0.0017098195527248622,
    9.291427749394218e-05,
    0.0002544484104441952,
    -7.768992174369104e-05,
    -1.7955436799289365e-05,
    1.4091845601479276e-05,
    -5.945663758763461e-07,
    -1.5306178650310634e-06,
    3.33097498557903e-07,
    1.008753271016733e-07,
    -4.4105890028319014e-08,
];

/// `1 − erf(2.5 + t)` for x in 2 … 3.
const TWO_TO_THREE: [f64; 18] = [
    0.00040695201744495957,
    -0.00217828423035271,
    0.005445710575881352,
    -0.008350089549685316,
    0.008622375078524626,
    -0.006117348213581381,
    0.002798490155194711,
    -0.0005424100610182815,
    -0.0002606701356729855,
    0.0002502853799157958,
    -7.880177146743523e-05,
    -5.136930251595918e-06,
    1.4083027495560623e-05,
    -4.691450500317399e-06,
    -1.9335667519029052e-07,
    6.432920674396747e-07,
    -1.533697992336162e-07,
    -2.2545440370103313e-08,
];

/// `1 − erf(3.5 + t)` for x in 3 … 4.
const THREE_TO_FOUR: [f64; 17] = [
    7.430983723414128e-07,
    -5.399426777369474e-06,
    1.8897993720844434e-05,
    -4.229550975912084e-05,
    6.771781083347744e-05,
    -8.211628207466108e-05,
    7.774424636559746e-05,
    -5.819275476495009e-05,
    3.4259176050786964e-05,
    -1.5330712903737695e-05,
    4.641009273791116e-06,
    -4.4512347306677516e-07,
    -4.4370947918973666e-07,
    3.034854952475126e-07,
    -9.259848442092831e-08,
    1.5461167890868776e-09,
    8.935225222316136e-09,
];

/// `1 − erf(5 + t)` for x in 4 … 6.
const FOUR_TO_SIX: [f64; 21] = [
    1.537459794428035e-12,
    -1.567086794675202e-11,
    7.835433288656268e-11,
    -2.559573828396691e-10,
    6.137755888000387e-10,
    -1.150766209068311e-09,
    1.7542668161380123e-09,
    -2.2320812732585375e-09,
    2.4142114741120834e-09,
    -2.2485622655141713e-09,
    1.8192674747880245e-09,
    -1.2855377281997666e-09,
    7.959018650600746e-10,
    -4.317485372236967e-10,
    2.0298604114913655e-10,
    -8.082089109645366e-11,
    2.7323201892259295e-11,
    -7.990553501799969e-12,
    1.2487693133448034e-12,
    5.067692026162455e-13,
    -2.440630242373827e-13,
];

/// `(1 + 2x)·e^(x²)·erfc(x)` of t = (x − 3.75)/(x + 3.75) for x in 0.5 … 28, to 5·10⁻¹⁹.
const SCALED: [f64; 23] = [
    1.2375126308378275,
    -0.14024059858554702,
    0.0035854154854636595,
    0.08227673849015017,
    -0.10880393014170636,
    0.0923043211602373,
    -0.05869339859054567,
    0.02836227742070009,
    -0.009746579548162297,
    0.0017556258418799954,
    0.00029371360428269433,
    -0.0002901540462281235,
    5.1649327115663387e-05,
    2.238421628349864e-05,
    -1.1444642657338937e-05,
    -9.737575162722984e-07,
    1.7521493143336468e-06,
    -5.648882545128533e-08,
    -2.5850383762693714e-07,
    2.2092545188283267e-08,
    3.758556054987387e-08,
    -2.800256565516931e-09,
    -4.021812318055577e-09,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Real;

    /// `(x, erf(x))`, computed with mpmath at 50 digits.
    const REFERENCE: &[(f64, f64)] = &[
        (1e-300, 1.1283791670955126e-300),
        (2.5e-16, 2.820947917738782e-16),
        (1e-08, 1.1283791670955126e-08),
        (0.001, 0.0011283787909692365),
        (0.01, 0.011283415555849618),
        (0.0625, 0.07043197772238707),
        (0.1, 0.1124629160182849),
        (0.2, 0.22270258921047847),
        (0.25, 0.27632639016823696),
        (0.3, 0.3286267594591274),
        (0.4, 0.42839235504666845),
        (0.5, 0.5204998778130465),
        (0.6, 0.6038560908479259),
        (0.7, 0.6778011938374184),
        (0.75, 0.7111556336535151),
        (0.8, 0.7421009647076605),
        (0.84375, 0.7672256612323416),
        (0.9, 0.7969082124228322),
        (0.95, 0.8208908072732779),
        (0.999, 0.8422852702064969),
        (1.0, 0.8427007929497149),
        (1.001, 0.8431154854780762),
        (1.1, 0.8802050695740817),
        (1.25, 0.9229001282564583),
        (1.3, 0.9340079449406524),
        (1.5, 0.9661051464753108),
        (1.7, 0.9837904585907745),
        (1.9, 0.9927904292352575),
        (1.999, 0.9953015566513705),
        (2.0, 0.9953222650189527),
        (2.1, 0.997020533343667),
        (2.5, 0.999593047982555),
        (2.9, 0.9999589021219005),
        (3.0, 0.9999779095030014),
        (3.3, 0.9999969422902035),
        (3.75, 0.9999998862727434),
        (4.0, 0.9999999845827421),
        (4.2, 0.9999999971445058),
        (4.7, 0.9999999999700474),
        (5.0, 0.9999999999984626),
        (5.5, 0.9999999999999927),
        (5.8, 0.9999999999999998),
        (5.92, 0.9999999999999999),
        (6.0, 1.0),
        (7.5, 1.0),
    ];

    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn agrees_with_high_precision_arithmetic() {
        for &(x, expected) in REFERENCE {
            assert!(ulps(erf(x), expected) <= 1, "erf({x}) = {} ≠ {expected}", erf(x));
        }
    }

    #[test]
    fn the_complement_agrees_with_high_precision_arithmetic() {
        // Computed with mpmath at 40 digits.
        let reference = [
            (-30.0, 2.0),
            (-1.5, 1.9661051464753108),
            (-0.25, 1.276326390168237),
            (0.0, 1.0),
            (1e-09, 0.9999999988716208),
            (0.25, 0.7236736098317631),
            (0.4375, 0.536101864250067),
            (0.5, 0.4795001221869535),
            (0.75, 0.28884436634648486),
            (1.0, 0.15729920705028513),
            (2.0, 0.004677734981047266),
            (3.1, 1.1648657367199589e-05),
            (4.5, 1.9661604415428876e-10),
            (6.0, 2.1519736712498913e-17),
            (8.75, 3.597115728647072e-35),
            (10.0, 2.088487583762545e-45),
            (13.3, 6.368006404723223e-79),
            (17.0, 1.0212280150942608e-127),
            (20.0, 5.395865611607901e-176),
            (25.0, 8.300172571196523e-274),
            (26.5, 2.2109076642637343e-307),
        ];
        for (x, expected) in reference {
            let y = erfc(x);
            assert!(ulps(y, expected) <= 3, "erfc({x}) = {y} ≠ {expected}");
            assert_eq!(Real::erfc(x as f32), erfc(f64::from(x as f32)) as f32);
        }
        assert_eq!(erfc(f64::INFINITY), 0.0);
        assert_eq!(erfc(f64::NEG_INFINITY), 2.0);
        assert!(erfc(f64::NAN).is_nan());
    }

    #[test]
    fn rounds_to_f32() {
        for &(x, _) in REFERENCE {
            let x = x as f32;
            assert_eq!(Real::erf(x), erf(f64::from(x)) as f32);
        }
        assert_eq!(Real::erf(0.5f32), 0.520_499_9);
        assert_eq!(Real::erf(4.0f32), 1.0);
        assert!(Real::erf(f32::NAN).is_nan());
        assert_eq!(Real::erf(f32::from_bits(1000)), f32::from_bits(1128));
    }

    #[test]
    fn is_odd() {
        for &(x, _) in REFERENCE {
            assert_eq!(erf(-x), -erf(x));
        }
    }

    #[test]
    fn special_values() {
        assert_eq!(erf(0.0).to_bits(), 0.0f64.to_bits());
        assert_eq!(erf(-0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(erf(f64::INFINITY), 1.0);
        assert_eq!(erf(f64::NEG_INFINITY), -1.0);
        assert_eq!(erf(f64::MAX), 1.0);
        assert!(erf(f64::NAN).is_nan());
        // 2/√π times a subnormal number.
        assert_eq!(erf(f64::from_bits(1000)), f64::from_bits(1128));
        assert_eq!(erf(f64::from_bits(1)), f64::from_bits(1));
    }

    #[test]
    fn is_monotonic_where_the_pieces_meet() {
        for x in [1.0f64, 2.0, 3.0, 4.0, 6.0] {
            let below = f64::from_bits(x.to_bits() - 1);
            assert!(erf(below) <= erf(x), "at {x}");
        }
    }
}
