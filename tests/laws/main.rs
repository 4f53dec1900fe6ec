//! The laws of generated code for a zoo of models: exactly over a prime field, exactly over the rationals
//! where the ops are algebraic, and closely over `f64`. `tests/ops_*.rs` has them for every op.

mod grid;
#[path = "mod.rs"]
#[macro_use]
mod laws;
mod masks;
mod networks;
#[path = "../zoo/mod.rs"]
mod zoo;

mod models {
    use crate::zoo::*;
    zoo_models!(laws_of);
}
