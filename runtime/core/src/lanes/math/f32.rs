//! Coefficients for `f32`.

#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "coefficients to the last digit"
)]

use super::{Numbers, bits, both, horner};
use crate::lanes::Float;

impl Numbers for f32 {
    bits!(f32, 23, 127);

    const LOG2_E: Self = core::f32::consts::LOG2_E;
    const TWO_LOG2_E: Self = 2.0 * core::f32::consts::LOG2_E;
    const LN2: Self = core::f32::consts::LN_2;
    const LN2_HIGH: Self = 0.69314575;
    const LN2_LOW: Self = 1.4286068e-6;
    const LN2_REST_DOWN: Self = -1.904654300e-09 * Self::TWICE_DOWN;

    const EXP_LOW: Self = -104.5;
    const EXP_HIGH: Self = 89.0;
    const EXP_M1_LOW: Self = -18.0;
    const TANH_HIGH: Self = 52.5;
    const TANH_FAR: Self = 0.5494;
    const COSH_HIGH: Self = 89.6;

    const SQRT_HALF: Self = core::f32::consts::FRAC_1_SQRT_2;
    const INVERSE_SQRT_TWO_PI: Self = 0.39894228;
    const GAUSSIAN_HIGH: Self = 10.3;
    const NORMAL_HIGH: Self = 14.55;
    const ERFC_SHIFT: Self = 3.0;
    const ERFC_SLOPE: Self = 10.0;

    const TWO_OVER_PI: Self = core::f32::consts::FRAC_2_PI;
    const HALF_PI: [Self; 4] = [1.5705566, 0.00023967028, 1.5890691e-8, 2.563344e-12];
    const TURNS: Self = 3e3;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_m1_poly<V: Float<Scalar = Self>>(r: V, z: V) -> V {
        let odd = horner!(z; 0.16666546, 0.008366262);
        odd.mul_add(r, horner!(z; 0.49999997, 0.041667435, 0.0013870657))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_poly<V: Float<Scalar = Self>>(f: V, z: V) -> V {
        let odd = horner!(z; -0.2500011, -0.16646878, -0.13163936, -0.045152284);
        odd.mul_add(f, horner!(z; 0.3333345, 0.19990848, 0.1447763, 0.10472552))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_1p_rest<V: Float<Scalar = Self>>(e: V, y: V) -> V {
        let p = horner!(e; -0.4999993, 0.33330464, -0.24958019, 0.19692102, -0.1534488, 0.10661128, -0.05745723, 0.020086242, -0.0032904686);
        p.mul_add(e * e, y)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sinh_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; 0.16666667, 0.0083333105, 0.00019842896, 2.7822132e-6)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; -0.16666655, 0.008332187, -0.00019517897)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; 0.041666646, -0.001388731, 2.4432327e-5)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erf_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        // Two polynomials with one evaluation: a + a·p(v) with v = a² − 1.625 up to 1.8 and
        // c + v·p(v) with v = a − 2.86 above it, up to where the result is 1.
        let a = x.magnitude().at_most(V::number(3.925));
        let far = a.gt(V::number(1.8));
        let u = a - V::number(2.859375);
        let v = V::choose(far, u, a.mul_add(a, V::number(-1.625)));
        let p = both!(far, v; -0.27156463, 0.00031743356; -0.15576749, -0.00090818625; 0.037709482, 0.0016260302; -0.007943786, -0.002017222; 0.0014287748, 0.0018102236; -0.0002215972, -0.0012042837; 3.0061292e-5, 0.00057807245; -3.6246292e-6, -0.00012826268; 4.029361e-7, -5.6953053e-5; -3.7343142e-8, 3.56472e-5);
        let (factor, base) = (V::choose(far, u, a), V::choose(far, V::number(0.9999474), a));
        p.mul_add(factor, base).or(x.sign())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erfc_poly<V: Float<Scalar = Self>>(v: V) -> V {
        let w = v - V::number(0.20418517291545868);
        horner!(w; 1.3066424, 7.212711, 30.21173, 93.123436, 191.17844, 168.77908, -301.2224, -941.723, 298.644, 3332.5103)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tanh_quotient<V: Float<Scalar = Self>>(z: V) -> (V, V) {
        (V::number(1.0), horner!(z; 3.0000002, 1.1999871, -0.005600535))
    }
}
