//! The interpreter: what functions and linear programs compute, without rustc.
//!
//! It is the second opinion on every pass of the middle: slow, written for reading, and sharing nothing
//! with kernels or generated code. It runs over any [`Real`]: `f64`, the prime field of the exact checks, and
//! dual numbers, which give derivatives that no pass has touched.

mod array;
pub mod both;
mod func;
pub mod laws;
mod lin;
pub mod program;
pub mod second;
mod tests;
pub mod world;

pub use array::{Array, Value};
pub use func::run;
pub use world::World;

use crate::prim::Prim;
use pullback_core::Real;

/// A scalar function, of a slice of its arguments.
pub fn function<T: Real>(prim: Prim) -> fn(&[T]) -> T {
    match prim.name() {
        "stop_gradient" => |x| x[0].stop_gradient(),
        "neg" => |x| -x[0],
        "add" => |x| x[0] + x[1],
        "sub" => |x| x[0] - x[1],
        "mul" => |x| x[0] * x[1],
        "div" => |x| x[0] / x[1],
        "mul_strong" => |x| x[0].mul_strong(x[1]),
        "mul_add" => |x| x[0] * x[1] + x[2],
        "maximum" => |x| x[0].maximum(x[1]),
        "select_gt" => |x| if x[0] > x[1] { x[2] } else { x[3] },
        "mask_gt" => |x| if x[0] > x[1] { T::ONE } else { T::ZERO },
        "exp" => |x| x[0].exp(),
        "exp2" => |x| x[0].exp2(),
        "exp_m1" => |x| x[0].exp_m1(),
        "ln" => |x| x[0].ln(),
        "ln_1p" => |x| x[0].ln_1p(),
        "sqrt" => |x| x[0].sqrt(),
        "sin" => |x| x[0].sin(),
        "cos" => |x| x[0].cos(),
        "sinh" => |x| x[0].sinh(),
        "cosh" => |x| x[0].cosh(),
        "tanh" => |x| x[0].tanh(),
        "tanh_slope" => |x| x[0].tanh_slope(),
        "sigmoid" => |x| x[0].sigmoid(),
        "sigmoid_slope" => |x| x[0].sigmoid_slope(),
        "softplus" => |x| x[0].softplus(),
        "erf" => |x| x[0].erf(),
        "erfc" => |x| x[0].erfc(),
        "gaussian" => |x| x[0].gaussian(),
        "normal_pdf" => |x| x[0].normal_pdf(),
        "normal_cdf" => |x| x[0].normal_cdf(),
        "asin" => |x| x[0].asin(),
        "acos" => |x| x[0].acos(),
        "atan" => |x| x[0].atan(),
        "asinh" => |x| x[0].asinh(),
        "acosh" => |x| x[0].acosh(),
        "atanh" => |x| x[0].atanh(),
        "atan2" => |x| x[0].atan2(x[1]),
        "hypot" => |x| x[0].hypot(x[1]),
        "floor" => |x| x[0].floor(),
        "round" => |x| x[0].round(),
        "fmod" => |x| x[0].fmod(x[1]),
        "powf" => |x| x[0].powf(x[1]),
        name => unreachable!("`{name}` is not a function of the interpreter"),
    }
}
