//! What rustc and the kernels make of generated code: the laws, and the values of PyTorch and ONNX.
//!
//! The models are those of the zoo and those of `models.rs`, which together become every kind of text that the compiler
//! writes for the examples of all ops and for the suites of others. All of those are held to the same in the
//! compiler's own tests, which run its loops without rustc.
//!
//! - `cargo test` has the exact laws, over the prime field, dual numbers and rationals, and `f64` on portable lanes.
//! - `cargo test --release --test generated` has `f32` and `f64` on every instruction set of the machine.

#[path = "../zoo/mod.rs"]
mod zoo;

mod instructions;
#[macro_use]
mod laws;
mod models;
mod reference;

mod of_the_zoo {
    use crate::zoo::*;
    zoo_models!(laws);
}

mod of_covered_models {
    use crate::models::*;
    covered!(laws);
}

mod values {
    use crate::models::*;
    use crate::reference::values;
    covered!(values);
}
