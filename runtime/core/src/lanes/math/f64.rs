//! Coefficients for `f64`.

#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "coefficients to the last digit"
)]

use super::{Numbers, bits, generic, horner, tables};
use crate::lanes::Float;

/// By tables where lanes are good at that.
macro_rules! own {
    ($($lanes:ident $name:ident($($x:ident)*)),*) => {$(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $lanes<V: Float<Scalar = Self>>($($x: V),*) -> V {
            if V::TABLES { tables::$name($($x),*) } else { generic::$name($($x),*) }
        }
    )*};
}

impl Numbers for f64 {
    bits!(f64, 52, 1023);

    const LOG2_E: Self = core::f64::consts::LOG2_E;
    const TWO_LOG2_E: Self = 2.0 * core::f64::consts::LOG2_E;
    const LN2: Self = core::f64::consts::LN_2;
    const LN2_HIGH: Self = 0.693147180559663;
    const LN2_LOW: Self = 2.8235290563031577e-13;
    const LN2_REST_DOWN: Self = 2.3190468138462996e-17 * Self::TWICE_DOWN;

    const EXP_LOW: Self = -746.0;
    const EXP_HIGH: Self = 709.9;
    const EXP_M1_LOW: Self = -38.0;
    const TANH_HIGH: Self = 373.0;
    const TANH_FAR: Self = 0.5494;
    const COSH_HIGH: Self = 710.6;

    const SQRT_HALF: Self = core::f64::consts::FRAC_1_SQRT_2;
    const INVERSE_SQRT_TWO_PI: Self = 0.3989422804014327;
    const GAUSSIAN_HIGH: Self = 27.3;
    const NORMAL_HIGH: Self = 38.62;
    const ERFC_SHIFT: Self = 3.75;
    const ERFC_SLOPE: Self = 15.0;

    const TWO_OVER_PI: Self = core::f64::consts::FRAC_2_PI;
    const HALF_PI: [Self; 4] =
        [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];
    const TURNS: Self = 1.5e6;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_m1_poly<V: Float<Scalar = Self>>(r: V, z: V) -> V {
        let odd = horner!(z; 0.1666666666666667, 0.008333333333326153, 0.0001984126987476546, 2.755725546138989e-6, 2.5105194387932558e-8);
        odd.mul_add(r, horner!(z; 0.5000000000000001, 0.04166666666665229, 0.0013888888895597208, 2.480157453798907e-5, 2.7567927236168915e-7, 1.7687721639210206e-9))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_poly<V: Float<Scalar = Self>>(f: V, z: V) -> V {
        let odd = horner!(z; -0.2500000000001058, -0.16666666663799928, -0.12500000290644261, -0.09999985542725026, -0.08333704394291884, -0.07138581936642674, -0.06249854315690187, -0.05968080898868228, -0.029388378972920015);
        odd.mul_add(f, horner!(z; 0.3333333333333375, 0.19999999999850238, 0.14285714299933583, 0.11111110772667476, 0.09090893022058014, 0.07693387185294585, 0.06643361232948047, 0.06083047671669276, 0.050695174440486254, 0.008090733726637492))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ln_1p_rest<V: Float<Scalar = Self>>(e: V, y: V) -> V {
        // ln(1 + e) = 2 artanh t with t = e/(2 + e), and 2t = e − e·t.
        let t = e / (e + V::number(2.0));
        let z = t * t;
        let z2 = z * z;
        let p = horner!(z2; 0.40000000000155117, 0.22222223953648487, 0.15386548393587003, 0.12104945115014965, 0.17009759520929073);
        let p = p.mul_add(z, horner!(z2; 0.6666666666666631, 0.28571428548117971, 0.18181744479043635, 0.13301121360732949, 0.083449702620491862));
        t.mul_add(p.mul_add(z, -e), y)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sinh_poly<V: Float<Scalar = Self>>(z: V) -> V {
        horner!(z; 0.16666666666666666, 0.008333333333333333, 0.000198412698412696, 2.7557319224116285e-6, 2.5052108346510365e-8, 1.6059050601107425e-10, 7.646482904712578e-13, 2.8482327994445784e-15)
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
        // a + a·p(a²) up to 1, and above it 1 − e^(−a²)·q(1/(2 + a)).
        let a = x.magnitude().at_most(V::number(6.0));
        let (one, z) = (V::number(1.0), a * a);
        let z2 = z * z;
        let p = horner!(z2; 0.1283791670955126, 0.1128379167095512, 0.0052239776254232985, 0.00012055332902888736, 1.6462045441468418e-6, 1.4792401209404813e-8, 8.709045129053106e-11);
        let p = horner!(z2; -0.37612638903183754, -0.02686617064512984, -0.000854832702193483, -1.4925647567519332e-5, -1.6364642158167616e-7, -1.216456005728345e-9, -4.230945824295338e-12).mul_add(z, p);
        let near = p.mul_add(a, a);
        let v = one / (a + V::number(2.0)) - V::number(0.22764227642276424);
        let v2 = v * v;
        let q = horner!(v2; 0.21906860662095715, 3.5311531253788697, 1.7244028846130057, -5.903810636525331, 12.46611654129493, -5.484016228700392, -212.13265019543996);
        let q = horner!(v2; 1.543378119965851, 4.934264567221195, -6.534298262417632, 14.727494913381259, -48.57436285300192, 168.53039778926106).mul_add(v, q);
        let power = if V::TABLES { tables::exp(-z) } else { generic::exp_finite(-z) };
        let far = one - power * q;
        V::choose(a.gt(one), far, near).or(x.sign())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erfc_poly<V: Float<Scalar = Self>>(v: V) -> V {
        // The last steps one after the other: the odd and the even part cancel.
        let w = v - V::number(0.14941050375133605);
        let w2 = w * w;
        let p = horner!(w2; 4067.2225027970894, 17350.26799856064, -90708.49887765558, 216189.18176333274, 289987.1174513072, -8851954.529911758, 86490062.18824555, -626272758.2424725, 2826935224.0378637);
        let q = horner!(w2; 1171.052473854988, 10673.141193389607, -1033.2092873467323, -181943.63810014352, 1454019.108554738, -9817210.749521356, 69777552.39056347, -545683652.8996583, 4206902568.824321, -21903906868.486176);
        let p = p.mul_add(w, q);
        let p = p.mul_add(w, V::number(272.559773515238)).mul_add(w, V::number(52.90649029501439));
        p.mul_add(w, V::number(8.698558675456702)).mul_add(w, V::number(1.2191546813860874))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tanh_quotient<V: Float<Scalar = Self>>(z: V) -> (V, V) {
        let p = horner!(z; 1612.7553392297066, 99.194126507415119, 0.96436243748524309);
        (p, horner!(z; 4838.2660176891198, 2232.8887865978888, 112.71029432593212, 1.0))
    }

    own!(
        exp_lanes exp(x), exp_sum_lanes exp_sum(x rest), sigmoid_lanes sigmoid(x),
        sigmoid_slope_lanes sigmoid_slope(x), tanh_lanes tanh(x), tanh_slope_lanes tanh_slope(x),
        softplus_lanes softplus(x)
    );
}
