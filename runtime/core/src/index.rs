//! Class labels, tokens and other indices that are known to be in range.

#![allow(unsafe_code, reason = "indices are the numbers that they are made of")]

use core::fmt;

/// A number below `N`: the label of one of `N` classes, a token of a vocabulary of `N`.
///
/// An input `index(N)` of a model is one, an input `[T] of index(N)` an array of them. Data loaders make
/// them with [`Index::new`], [`Index::array`] and [`Index::slice`], so that a wrong number is found where
/// it is read and not in the middle of a training step.
///
/// ```
/// use pullback::index::Index;
///
/// let label = Index::<10>::new(7)?;
/// assert_eq!(label.get(), 7);
///
/// let error = Index::<10>::new(10).unwrap_err();
/// assert_eq!(error.to_string(), "found the index 10, needs one from 0 to 9");
///
/// // A sequence of tokens, and a batch of sequences cut from a long text.
/// let tokens: [Index<50>; 3] = Index::array([4, 0, 49])?;
/// let (batch, rest) = Index::<50>::slice(&[1, 2, 3, 4, 5, 6, 7])?.as_chunks::<3>();
/// assert_eq!((batch.len(), rest.len(), batch[1][0].get()), (2, 1, 4));
///
/// let error = Index::<50>::slice(&[7, 8, 50]).unwrap_err();
/// assert_eq!(error.to_string(), "found the index 50 at position 2, needs one from 0 to 49");
/// # let _ = tokens;
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
        if i < N { Ok(Self(i as u32)) } else { Err(IndexError { found: i, len: N, at: None }) }
    }

    /// All of some numbers as indices, as they lie: nothing is copied.
    ///
    /// `as_chunks` of what it gives is a batch of arrays.
    ///
    /// # Errors
    /// If one is not below `N`: the first, and its position.
    pub fn slice(numbers: &[u32]) -> Result<&[Self], IndexError> {
        match numbers.iter().position(|number| *number as usize >= N) {
            None => Ok(indices(numbers)),
            Some(at) => Err(IndexError { found: numbers[at] as usize, len: N, at: Some(at) }),
        }
    }

    /// An array of numbers as indices.
    ///
    /// # Errors
    /// As [`slice`](Self::slice).
    pub fn array<const LEN: usize>(numbers: [usize; LEN]) -> Result<[Self; LEN], IndexError> {
        let mut indices = [Self(0); LEN];
        for (at, (index, number)) in indices.iter_mut().zip(numbers).enumerate() {
            *index = Self::new(number).map_err(|error| IndexError { at: Some(at), ..error })?;
        }
        Ok(indices)
    }

    /// The place of the greatest number, the first of them if several are: the class that logits tell.
    /// A NaN counts as the greatest, as in `torch.argmax`.
    ///
    /// ```
    /// use pullback::Index;
    ///
    /// assert_eq!(Index::argmax(&[0.5, 2.0, -1.0]).get(), 1);
    /// ```
    #[must_use]
    #[expect(clippy::eq_op, reason = "the test for NaN of a generic number")]
    pub fn argmax<T: PartialOrd>(numbers: &[T; N]) -> Self {
        const { assert!(N > 0 && N as u64 <= 1 << 32, "the greatest of 1 to 2³² numbers") }
        let mut best = 0;
        for (i, x) in numbers.iter().enumerate() {
            let (nan, settled) = (x != x, numbers[best] != numbers[best]);
            if *x > numbers[best] || nan && !settled {
                best = i;
            }
        }
        Self(best as u32)
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
    at: Option<usize>,
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

    /// Where it stands, if it is one of several.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        self.at
    }

    /// Whether there is no valid index at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found the index {}", self.found)?;
        if let Some(at) = self.at {
            write!(f, " at position {at}")?;
        }
        match self.len.checked_sub(1) {
            Some(last) => write!(f, ", needs one from 0 to {last}"),
            None => write!(f, ", but there is none among 0 classes"),
        }
    }
}

impl core::error::Error for IndexError {}

/// Indices as plain numbers, each below `N`.
#[inline(always)]
fn numbers<const N: usize>(indices: &[Index<N>]) -> &[u32] {
    // SAFETY: `Index` is `#[repr(transparent)]` over `u32`.
    unsafe { core::slice::from_raw_parts(indices.as_ptr().cast(), indices.len()) }
}

/// Plain numbers as indices; the caller has checked that each is below `N`, which nothing unsafe rests on.
#[inline(always)]
fn indices<const N: usize>(numbers: &[u32]) -> &[Index<N>] {
    // SAFETY: as above.
    unsafe { core::slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) }
}

/// Nested arrays of indices: `Index<N>`, `[Index<N>; T]`, …
pub trait Indices: Sized {
    /// All indices of several values as plain numbers, in row-major order.
    fn numbers(values: &[Self]) -> &[u32];
}

impl<const N: usize> Indices for Index<N> {
    #[inline(always)]
    fn numbers(values: &[Self]) -> &[u32] {
        numbers(values)
    }
}

impl<A: Indices, const N: usize> Indices for [A; N] {
    #[inline(always)]
    fn numbers(values: &[Self]) -> &[u32] {
        A::numbers(values.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_below_n() {
        assert_eq!(Index::<3>::all().map(Index::get).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(Index::<3>::try_from(2).map(usize::from), Ok(2));
        assert_eq!(Index::<3>::new(3), Err(IndexError { found: 3, len: 3, at: None }));
        assert!(Index::<3>::new(usize::MAX).is_err());
        assert!(Index::<0>::new(0).unwrap_err().to_string().contains("0 classes"));
    }
    #[test]
    fn many_at_once() {
        let numbers = [2, 0, 1, 2];
        let indices = Index::<3>::slice(&numbers).unwrap();
        assert_eq!(indices.iter().map(|i| i.get()).collect::<Vec<_>>(), [2, 0, 1, 2]);
        assert_eq!(Index::<3>::array([2, 0, 1, 2]).unwrap(), indices);
        let error = Index::<3>::slice(&[0, 4, 5]).unwrap_err();
        assert_eq!((error.found(), error.position(), error.len()), (4, Some(1), 3));
        assert_eq!(Index::<3>::array([0, 4, 5]), Err(error));
        assert!(Index::<0>::slice(&[]).unwrap().is_empty());
        assert!(Index::<3>::slice(&[u32::MAX]).is_err());
    }

    #[test]
    fn the_greatest() {
        assert_eq!(Index::argmax(&[1, 3, 3, 2]).get(), 1);
        assert_eq!(Index::argmax(&[f32::NEG_INFINITY]).get(), 0);
        assert_eq!(Index::argmax(&[1.0, f32::NAN, 3.0, f32::NAN]).get(), 1);
        assert_eq!(Index::argmax(&[f32::NAN, f32::INFINITY]).get(), 0);
    }
}
