//! Exact rationals of the crate `num-rational`.

use super::Scalar;
use num_rational::Ratio;

macro_rules! ratio {
    ($I:ident) => {
        /// Exact rationals. Arithmetic panics where numerator or denominator overflow.
        impl Scalar for Ratio<$I> {
            const ZERO: Self = Ratio::new_raw(0, 1);
            const ONE: Self = Ratio::new_raw(1, 1);
            fn constant(_: f64, numer: i128, denom: i128) -> Self {
                let part =
                    |n: i128| $I::try_from(n).expect("the constant does not fit the rational type");
                Ratio::new(part(numer), part(denom))
            }
            fn from_f64(x: f64) -> Self {
                assert!(x.is_finite(), "a rational cannot be {x}");
                // x = mantissa · 2^exponent exactly, with the smallest mantissa.
                let (mut mantissa, mut exponent) = (x, 0);
                while mantissa.fract() != 0.0 {
                    mantissa *= 2.0;
                    exponent += 1;
                }
                assert!(exponent < $I::BITS - 1, "{x} does not fit the rational type");
                assert!(
                    mantissa.abs() < 2f64.powi($I::BITS as i32 - 1),
                    "{x} does not fit the rational type"
                );
                Ratio::new(mantissa as $I, (1 as $I) << exponent)
            }
        }
    };
}
ratio!(i64);
ratio!(i128);
