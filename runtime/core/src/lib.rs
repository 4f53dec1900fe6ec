//! Everything of the crate `pullback` but the macro `model!`, under the same names: what a network is made of
//! while it runs, its kernels and checks.
//!
//! Nothing here needs the compiler of networks. Being a crate of its own, it is compiled beside that and not
//! after it, which is a quarter of the time that a clean build of a small network takes. Depend on `pullback`.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "rayon")]
mod at_once;
pub mod check;
pub mod data;
mod elsewhere;
pub mod flat;
pub mod index;
mod kernel;
pub mod lanes;
pub mod loss;
pub mod model;
pub mod optim;
pub mod random;
mod run;
pub mod scalar;
pub mod shape;
pub mod spec;

pub use flat::Boxed;
pub use index::Index;
pub use model::{Model, Workspace};
pub use random::Key;
pub use scalar::{Real, Scalar};
pub use shape::Shape;
