//! Neural networks whose shapes are checked and whose gradients are generated while the crate compiles.

pub mod check;
pub mod data;
mod erf;
pub mod flat;
pub mod index;
pub mod kernel;
pub mod lanes;
pub mod loss;
pub mod model;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod optim;
mod run;
pub mod scalar;
pub mod shape;
pub mod spec;

pub use index::Index;
pub use model::{Model, Workspace};
pub use scalar::{Real, Scalar};
pub use shape::Shape;


/// Declares networks.
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => { $crate::__private::model_with! { [$crate] $($tokens)* } };
}

/// Models of every op in the registry, for tests: `op_models!(callback)`.
#[doc(hidden)]
#[macro_export]
macro_rules! op_models {
    ($callback:ident) => { $crate::__private::op_models_with! { [$crate] $callback } };
}
