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
        "neg" => |x| -x[0],
        "add" => |x| x[0] + x[1],
        "sub" => |x| x[0] - x[1],
        "mul" => |x| x[0] * x[1],
        "div" => |x| x[0] / x[1],
        "mul_add" => |x| x[0] * x[1] + x[2],
        "select_gt" => |x| if x[0] > x[1] { x[2] } else { x[3] },
        "mask_gt" => |x| if x[0] > x[1] { T::ONE } else { T::ZERO },
        name => prim
            .of_numbers()
            .unwrap_or_else(|| unreachable!("`{name}` is not a function of the interpreter")),
    }
}
