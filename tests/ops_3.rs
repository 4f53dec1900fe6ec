//! The laws of the ops of the registry and their values by PyTorch: the third of five shares.

#[path = "laws/mod.rs"]
#[macro_use]
mod laws;

pullback::op_models!(laws_of_ops, 2 of 5);
