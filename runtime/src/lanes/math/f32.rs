//! Coefficients for `f32`.

#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "coefficients to the last digit"
)]

use super::{Numbers, bits, horner};
use crate::lanes::Float;

impl Numbers for f32 {
    bits!(f32, 23, 127);

    const LOG2_E: Self = core::f32::consts::LOG2_E;
    const TWO_LOG2_E: Self = 2.0 * core::f32::consts::LOG2_E;
    const LN2_HIGH: Self = 0.69314575;
    const LN2_LOW: Self = 1.4286068e-6;

    const EXP_LOW: Self = -104.5;
    const EXP_HIGH: Self = 89.0;
    const EXP_M1_LOW: Self = -18.0;
    const SIGMOID_HIGH: Self = 30.0;
    const TANH_HIGH: Self = 9.1;
    const SINH_HIGH: Self = 89.6;

    const TWO_OVER_PI: Self = core::f32::consts::FRAC_2_PI;
    const HALF_PI: [Self; 4] = [1.5705566, 0.00023967028, 1.5890691e-8, 2.563344e-12];
    const TURNS: Self = 3e3;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_poly<V: Float<Scalar = Self>>(r: V) -> V {
        horner!(r; 1.0, 1.0, 0.49999994, 0.16666521, 0.041668266, 0.008368684, 0.0013820946)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_m1_poly<V: Float<Scalar = Self>>(r: V) -> V {
        horner!(r; 0.49999997, 0.16666546, 0.041667435, 0.008366262, 0.0013870657)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_poly<V: Float<Scalar = Self>>(f: V) -> V {
        horner!(f; 0.3333345, -0.2500011, 0.19990848, -0.16646878, 0.1447763, -0.13163936, 0.10472552, -0.045152284)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_1p_poly<V: Float<Scalar = Self>>(e: V) -> V {
        horner!(e; 1.0, -0.4999993, 0.33330464, -0.24958019, 0.19692102, -0.1534488, 0.10661128, -0.05745723, 0.020086242, -0.0032904686)
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
        let high = V::number(3.925);
        let x = x.at_least(-high).at_most(high);
        let z = x * x;
        let p = horner!(z; 1.1283791457447996, 0.19059474562229306, 0.05276943420475629, 0.003772594201901415, 0.00028484481312203024, 2.04602348213504e-06);
        let q = horner!(z; 1.0, 0.5022429256240378, 0.1141831356012075, 0.014983285585954563, 0.001163869020596565, 3.80478012586167e-05);
        (x * p).over(q)
    }
}
