//! Class labels and other indices that are known to be in range.

use core::fmt;

/// A number below `N`: the label of one of `N` classes.
///
/// Data loaders make one with [`Index::new`], so that a wrong label is found where it is read and
/// not in the middle of a training step.
///
/// ```
/// use pullback::index::Index;
///
/// let label = Index::<10>::new(7)?;
/// assert_eq!(label.get(), 7);
///
/// let error = Index::<10>::new(10).unwrap_err();
/// assert_eq!(error.to_string(), "found the index 10, needs one from 0 to 9");
/// # Ok::<(), pullback::index::IndexError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Index<const N: usize>(u32);

impl<const N: usize> Index<N> {
    /// The index `i`.
    ///
    /// # Errors
    /// If `i ≥ N`.
    pub const fn new(i: usize) -> Result<Self, IndexError> {
        const { assert!(N as u64 <= 1 << 32, "an index has 32 bits: `N` must be at most 2³²") }
        if i < N { Ok(Self(i as u32)) } else { Err(IndexError { found: i, len: N }) }
    }

    /// The number, which is below `N`.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// All indices from 0 to `N − 1`.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..N).map(|i| Self(i as u32))
    }
}

impl<const N: usize> TryFrom<usize> for Index<N> {
    type Error = IndexError;
    fn try_from(i: usize) -> Result<Self, IndexError> {
        Self::new(i)
    }
}

impl<const N: usize> From<Index<N>> for usize {
    fn from(i: Index<N>) -> usize {
        i.get()
    }
}

impl<const N: usize> fmt::Display for Index<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An index is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexError {
    found: usize,
    len: usize,
}

impl IndexError {
    /// The number that was given.
    #[must_use]
    pub const fn found(&self) -> usize {
        self.found
    }

    /// How many indices there are: valid ones are below.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no valid index at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len.checked_sub(1) {
            Some(last) => write!(f, "found the index {}, needs one from 0 to {last}", self.found),
            None => write!(f, "found the index {}, but there is none among 0 classes", self.found),
        }
    }
}

impl core::error::Error for IndexError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_below_n() {
        assert_eq!(Index::<3>::all().map(Index::get).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(Index::<3>::try_from(2).map(usize::from), Ok(2));
        assert_eq!(Index::<3>::new(3), Err(IndexError { found: 3, len: 3 }));
        assert!(Index::<3>::new(usize::MAX).is_err());
        assert!(Index::<0>::new(0).unwrap_err().to_string().contains("0 classes"));
    }
}
