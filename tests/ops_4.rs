//! The laws of the ops of the registry and their values by PyTorch: the fourth of five shares.

#[path = "laws/mod.rs"]
#[macro_use]
mod laws;

pullback::op_models!(laws_of_ops, 3 of 5);
