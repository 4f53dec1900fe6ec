//! Everything of the crate `pullback` but the macro `model!`, under the same names: what a network is made of
//! while it runs, its kernels and checks.
//!
//! Nothing here needs the compiler of networks. Being a crate of its own, it is compiled beside that and not
//! after it, which is a quarter of the time that a clean build of a small network takes. Depend on `pullback`.

// A module imports from those above it (`tests/tidy.rs`). One thing points down: a scalar names the lanes it is
// computed in (`Scalar::dispatch`), which are lanes of scalars.

mod tuning;

// Numbers: what is computed with, one at a time and side by side.
pub mod shape;
pub mod scalar;
pub mod lanes;
pub mod random;
pub mod index;

// Kernels: the loops over arrays.
#[cfg(feature = "rayon")]
mod at_once;
mod kernel;

// Models: parameters, batches, training, and what checks all of it.
mod info;
pub mod flat;
pub mod data;
pub mod model;
mod run;
#[cfg(any(feature = "safetensors", feature = "npz"))]
pub mod weights;
pub mod loss;
pub mod optim;
mod elsewhere;
pub mod spec;
pub mod check;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use flat::Boxed;
pub use index::Index;
pub use model::{Forward, Model, Workspace};
pub use random::Key;
pub use scalar::{Real, Scalar};
pub use shape::Shape;
