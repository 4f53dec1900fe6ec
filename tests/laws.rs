//! What rustc and the kernels make of generated code: the laws of the models of the zoo.
//!
//! - `cargo test` has them exactly, over the prime field, dual numbers and rationals, and over `f64` on portable lanes.
//! - `cargo test --release --test laws --test covered` has `f32` and `f64` on every instruction set of the machine.

mod zoo;

#[path = "generated/instructions.rs"]
mod instructions;
#[path = "generated/laws.rs"]
#[macro_use]
mod laws;

mod models {
    use crate::zoo::*;
    zoo_models!(laws);
}
