//! The laws of a model: exactly, and closely over floating-point numbers; on every instruction set closely alone.

use crate::float::Float;
#[cfg(not(feature = "every-isa"))]
use num_rational::Ratio;
use pullback::check::{self, Rng64};
use pullback::{Model, Scalar};

/// Small rationals without zero, so that quotients exist and nothing overflows.
#[cfg(not(feature = "every-isa"))]
pub(crate) fn rational<M: Model<Scalar = Ratio<i128>>>() {
    let mut rng = Rng64::new(3);
    let mut draw = || {
        let sign = if rng.next_u64().is_multiple_of(2) { 1 } else { -1 };
        Ratio::new(sign * (1 + (rng.next_u64() % 4) as i128), 1 + (rng.next_u64() % 2) as i128)
    };
    check::laws::<M>(&mut draw, &|a, b| a == b);
}

/// Over positive numbers, so that logarithms and most roots exist.
pub(crate) fn close<M: Model<Scalar: Float>>() {
    let mut rng = Rng64::new(5);
    let mut draw = || M::Scalar::from_f64(0.1 + rng.unit_f64());
    check::laws::<M>(&mut draw, &|a, b| {
        let (a, b) = (a.to_f64(), b.to_f64());
        a.is_nan() && b.is_nan() || (a - b).abs() <= M::Scalar::CLOSE * (1.0 + a.abs().max(b.abs()))
    });
}

macro_rules! laws {
    ($(($name:ident $Model:ident $kind:ident $($values:tt)*))*) => {$(
        #[test]
        fn $name() {
            #[cfg(not(feature = "every-isa"))]
            {
                pullback::check::exactly::<
                    $Model<pullback::check::Gf>,
                    $Model<pullback::check::Dual<pullback::check::Gf>>,
                >();
                rationals!($kind $Model);
                $crate::laws::close::<$Model<f64>>();
            }
            // Values are compared over `f64`.
            #[cfg(feature = "every-isa")]
            $crate::laws::close::<$Model<f32>>();
        }
    )*};
}
#[cfg(not(feature = "every-isa"))]
macro_rules! rationals {
    (algebraic $Model:ident) => {
        $crate::laws::rational::<$Model<num_rational::Ratio<i128>>>();
    };
    ($kind:ident $Model:ident) => {};
}
