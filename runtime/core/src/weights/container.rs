//! Files of named arrays.

use super::dtype::Dtype;
use std::borrow::Cow;

/// What a file says of an array.
pub(super) struct Found {
    /// What its numbers are; else what the file says instead.
    pub(super) dtype: Result<Dtype, String>,
    pub(super) shape: Vec<usize>,
    /// Whether they stand column by column: in the opposite order of axes.
    pub(super) reversed: bool,
}

/// A file that is read.
pub(super) trait Container {
    /// The arrays that it has.
    fn names(&self) -> Vec<String>;
    /// What it says of one of them.
    fn found(&mut self, name: &str) -> Result<Found, String>;
    /// The numbers of one of them, `len` bytes, no more and no fewer.
    fn data(&mut self, name: &str, len: usize) -> Result<Cow<'_, [u8]>, String>;
}

/// An array that is written.
pub(super) struct Written<'a> {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers<'a>,
}

/// Its numbers.
pub(super) enum Numbers<'a> {
    /// Their bytes are made when they are written.
    Real(Dtype, Box<dyn Fn() -> Vec<u8> + 'a>),
    /// An integer of 64 bits.
    Integer(i64),
}

impl Numbers<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Numbers::Real(_, bytes) => bytes(),
            Numbers::Integer(n) => n.to_le_bytes().to_vec(),
        }
    }
}
