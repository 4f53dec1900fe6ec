//! What rustc and the kernels make of generated code: the laws of the models of the zoo.
//!
//! - `cargo test` has them exactly, over the prime field, dual numbers and rationals, and over `f64` on portable lanes.
//! - `.ci/optimised` has them over `f32` in an optimised build, on every instruction set of the machine.

mod zoo;

#[path = "generated/float.rs"]
mod float;
#[path = "generated/instructions.rs"]
mod instructions;
#[path = "generated/laws.rs"]
#[macro_use]
mod laws;

mod models {
    use crate::zoo::*;
    zoo_models!(laws);
}
