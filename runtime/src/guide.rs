//! The guide: chapters that explain the library in reading order. Every block of code in them is tested.
//!
//! 1. [`language`]: how a network is written.
//! 2. [`mistakes`]: what the compiler says.
//! 3. [`models`]: networks made of networks.
//! 4. [`training`]: statistics of batches, random numbers, optimizers.
//! 5. [`weights`]: parameters in files, and a network as a value.
//! 6. [`trust`]: how the derivatives are tested, and what the numbers are worth.
//! 7. [`speed`]: how fast it runs.
//! 8. [`accuracy`]: how exact `exp` and the others are.
//! 9. [`glossary`]: what the words mean.
//!
//! [`crate::ops`] lists all ops.

#[doc = include_str!("guide/language.md")]
pub mod language {}

#[doc = include_str!("guide/mistakes.md")]
pub mod mistakes {}

#[doc = include_str!("guide/models.md")]
pub mod models {}

#[doc = include_str!("guide/training.md")]
pub mod training {}

// Its blocks need the feature.
#[cfg(any(feature = "safetensors", not(doctest)))]
#[doc = include_str!("guide/weights.md")]
pub mod weights {}

#[doc = include_str!("guide/trust.md")]
pub mod trust {}

#[doc = include_str!("guide/speed.md")]
pub mod speed {}

#[doc = include_str!("guide/accuracy.md")]
pub mod accuracy {}

#[doc = include_str!("guide/glossary.md")]
pub mod glossary {}
