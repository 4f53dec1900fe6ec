//! What random models have found: each failed once.

pub const FOUND: &[&str] = &[];
