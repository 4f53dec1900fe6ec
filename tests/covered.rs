//! What rustc and the kernels make of generated code: the laws, and the values of PyTorch and ONNX, of models that together
//! become every kind of text that the compiler writes for the examples of all ops and for the suites of others
//! (`generated/models.rs`). All of those are held to the same in the compiler's own tests, which run its loops
//! without rustc. See `tests/laws.rs` for what is run when; in an optimised build it is the values.

#[path = "generated/cases.rs"]
mod cases;
#[cfg(not(feature = "every-isa"))]
#[path = "generated/float.rs"]
mod float;
#[path = "generated/instructions.rs"]
mod instructions;
#[cfg(not(feature = "every-isa"))]
#[path = "generated/laws.rs"]
#[macro_use]
mod laws;
#[path = "generated/models.rs"]
mod models;
#[path = "generated/reference.rs"]
mod reference;

// Over `f32` they would take as long again to compile; the zoo has them.
#[cfg(not(feature = "every-isa"))]
mod of_models {
    use crate::models::*;
    covered!(laws);
}

mod values {
    use crate::models::*;
    use crate::reference::values;
    covered!(values);
}
