//! The programs.

pub(crate) mod digits;
pub(crate) mod elementwise;
mod gemm;
pub(crate) mod policy;
mod vectors;
pub(crate) mod wide;
