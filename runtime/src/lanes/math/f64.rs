//! Coefficients for `f64`.

#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "coefficients to the last digit"
)]

use super::{Numbers, bits, horner};
use crate::lanes::Float;

impl Numbers for f64 {
    bits!(f64, 52, 1023);

    const LOG2_E: Self = core::f64::consts::LOG2_E;
    const TWO_LOG2_E: Self = 2.0 * core::f64::consts::LOG2_E;
    const LN2_HIGH: Self = 0.693147180559663;
    const LN2_LOW: Self = 2.8235290563031577e-13;

    const EXP_LOW: Self = -746.0;
    const EXP_HIGH: Self = 711.0;
    const EXP_M1_LOW: Self = -38.0;
    const SIGMOID_HIGH: Self = 60.0;
    const TANH_HIGH: Self = 19.2;
    const SINH_HIGH: Self = 710.6;

    const TWO_OVER_PI: Self = core::f64::consts::FRAC_2_PI;
    const HALF_PI: [Self; 4] =
        [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];
    const TURNS: Self = 1.5e6;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_poly<V: Float<Scalar = Self>>(r: V) -> V {
        horner!(r; 1.0, 1.0, 0.5000000000000011, 0.16666666666666413, 0.041666666666530155, 0.008333333333494475, 0.001388888894363191, 0.00019841269506562634, 2.48014930968949e-5, 2.7557586379613516e-6, 2.7630249126165683e-7, 2.500006157777302e-8)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_m1_poly<V: Float<Scalar = Self>>(r: V) -> V {
        horner!(r; 0.5000000000000001, 0.1666666666666667, 0.04166666666665229, 0.008333333333326153, 0.0013888888895597208, 0.0001984126987476546, 2.480157453798907e-5, 2.755725546138989e-6, 2.7567927236168915e-7, 2.5105194387932558e-8, 1.7687721639210206e-9)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_poly<V: Float<Scalar = Self>>(f: V) -> V {
        horner!(f; 0.3333333333333375, -0.2500000000001058, 0.19999999999850238, -0.16666666663799928, 0.14285714299933583, -0.12500000290644261, 0.11111110772667476, -0.09999985542725026, 0.09090893022058014, -0.08333704394291884, 0.07693387185294585, -0.07138581936642674, 0.06643361232948047, -0.06249854315690187, 0.06083047671669276, -0.05968080898868228, 0.050695174440486254, -0.029388378972920015, 0.008090733726637492)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_1p_poly<V: Float<Scalar = Self>>(e: V) -> V {
        horner!(e; 1.0, -0.49999999999999906, 0.3333333333331395, -0.24999999998632216, 0.19999999950445427, -0.16666665578885004, 0.14285698378133915, -0.12499835240084932, 0.11109850196904, -0.09992647135742803, 0.09057474693073674, -0.0821264285967376, 0.07341419167650863, -0.06310946585969761, 0.05039075127742668, -0.03587743128226635, 0.021808469588338385, -0.010808087374920033, 0.00413991220269989, -0.0011396696685376485, 0.0001994519290735018, -1.6599317203688173e-5)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; -0.1666666666666663, 0.008333333333322108, -0.00019841269829580296, 2.7557313618041878e-6, -2.505074721961029e-8, 1.5896197612674962e-10)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; 0.041666666666666595, -0.001388888888887304, 2.4801587288841495e-5, -2.7557314176253536e-7, 2.0875700416496933e-9, -1.1358513915662581e-11)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erf_lanes<V: Float<Scalar = Self>>(x: V) -> V {
        V::from_fn(|i| crate::erf::erf(x.lane(i)))
    }
}
