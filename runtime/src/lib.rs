//! Neural networks whose shapes are checked and whose gradients are generated while the crate compiles.

pub mod check;
mod erf;
pub mod flat;
pub mod index;
pub mod kernel;
pub mod lanes;
pub mod model;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod run;
pub mod scalar;
pub mod shape;

pub use index::Index;
pub use model::{Model, Workspace};
pub use scalar::{Real, Scalar};


/// Declares networks.
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => { $crate::__private::model_with! { [$crate] $($tokens)* } };
}
