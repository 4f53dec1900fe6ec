//! What the tests of the laws share. The ops are tested in several programs (`tests/ops_*.rs`), each with
//! its share of the registry, because one with all of them takes a compiler too much memory.
#![allow(dead_code, unused_macros, reason = "not every program uses all")]

#[path = "reference.rs"]
pub(crate) mod reference;

use num_rational::Ratio;
use pullback::Model;
use pullback::check::{self, Rng64};

/// Small rationals without zero, so that quotients exist and nothing overflows.
pub(crate) fn rationals<M: Model<Scalar = Ratio<i128>>>() {
    let mut rng = Rng64::new(3);
    let mut draw = || {
        let sign = if rng.next_u64().is_multiple_of(2) { 1 } else { -1 };
        Ratio::new(sign * (1 + (rng.next_u64() % 4) as i128), 1 + (rng.next_u64() % 2) as i128)
    };
    check::laws::<M>(&mut draw, &|a, b| a == b);
}

pub(crate) fn floats<M: Model<Scalar = f64>>() {
    let mut rng = Rng64::new(5);
    // Positive, so that logarithms and roots exist.
    let mut draw = || 0.1 + rng.unit_f64();
    check::laws::<M>(&mut draw, &|a, b| (a - b).abs() <= 1e-11 * (1.0 + a.abs().max(b.abs())));
}

macro_rules! laws_of_ops {
    ($(($name:ident $Model:ident $kind:ident))*) => {
        mod evaluation {
            use super::*;
            $(each!($kind evaluation { laws_of! { ($name $Model $kind) } });)*
        }
        mod training {
            use super::*;
            $(each!($kind training { laws_of! { ($name $Model real) } });)*
        }
        mod training_against_pytorch {
            $(only!($kind {
                #[test]
                fn $name() {
                    $crate::laws::reference::training::<super::$Model<f64>>(stringify!($name));
                }
            });)*
        }
        mod against_pytorch {
            $(each!($kind evaluation {
                #[test]
                fn $name() {
                    $crate::laws::reference::op::<super::$Model<f64>>(stringify!($name));
                }
            });)*
        }
    };
}

/// The items if the kind is one of training calls that are not random.
macro_rules! only {
    (training { $($items:tt)* }) => { $($items)* };
    ($kind:ident { $($items:tt)* }) => {};
}

/// The items if the kind is one of a mode.
macro_rules! each {
    (random $mode:ident $items:tt) => { each! { training $mode $items } };
    (training training { $($items:tt)* }) => { $($items)* };
    (training evaluation { $($items:tt)* }) => {};
    ($kind:ident training { $($items:tt)* }) => {};
    ($kind:ident evaluation { $($items:tt)* }) => { $($items)* };
}

macro_rules! laws_of {
    ($(($name:ident $Model:ident $kind:ident))*) => {$(
        #[test]
        fn $name() {
            pullback::check::exactly::<$Model<pullback::check::Gf>, $Model<pullback::check::Dual<pullback::check::Gf>>>();
            $crate::laws::floats::<$Model<f64>>();
            laws_of!($kind $Model);
        }
    )*};
    (algebraic $Model:ident) => {
        $crate::laws::rationals::<$Model<num_rational::Ratio<i128>>>();
    };
    (real $Model:ident) => {};
}
