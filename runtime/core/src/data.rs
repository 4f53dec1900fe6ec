//! Mini-batches and splits of a data set, by index.
//!
//! All randomness comes from a generator that the caller passes, so a seeded one gives the same
//! batches on every machine.
//!
//! ```
//! use pullback::data::{Shuffle, gather};
//! use rand::{SeedableRng, rngs::SmallRng};
//!
//! let samples: [[f32; 2]; 10] = core::array::from_fn(|i| [i as f32, 0.0]);
//! let mut rng = SmallRng::seed_from_u64(0);
//! let mut shuffle = Shuffle::new(samples.len(), 4)?;
//! let mut buffer = [[0.0; 2]; 4];
//! for epoch in 0..3 {
//!     for indices in shuffle.epoch(&mut rng) {
//!         let batch = gather(&samples, indices, &mut buffer);
//!         assert!(batch.len() == 4 || batch.len() == 2); // the last one is short
//!     }
//! }
//! # Ok::<(), pullback::data::DataError>(())
//! ```

use crate::random::Generator;
use core::fmt;
use core::iter::FusedIterator;

/// Makes mini-batches of sample indices in an order that is new in every epoch.
///
/// It allocates once; an epoch allocates nothing.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shuffle {
    order: Vec<usize>,
    batch: usize,
    drop_last: bool,
}

impl Shuffle {
    /// For `len` samples in batches of `batch`; the last batch of an epoch holds what is left.
    ///
    /// # Errors
    /// If there are no samples, or batches of none.
    pub fn new(len: usize, batch: usize) -> Result<Self, DataError> {
        if len == 0 {
            return Err(DataError::NoSamples);
        }
        if batch == 0 {
            return Err(DataError::EmptyBatch);
        }
        Ok(Self { order: (0..len).collect(), batch, drop_last: false })
    }

    /// Leaves the last batch out if it is shorter than the others. With fewer samples than make one
    /// batch, an epoch then has no batch at all.
    #[must_use]
    pub fn drop_last(self) -> Self {
        Self { drop_last: true, ..self }
    }

    /// The number of batches in an epoch.
    #[must_use]
    pub fn batches(&self) -> usize {
        if self.drop_last {
            self.order.len() / self.batch
        } else {
            self.order.len().div_ceil(self.batch)
        }
    }

    /// The batches of one epoch: each sample once, all orders equally likely. The order depends on
    /// nothing but the state of the generator.
    pub fn epoch<R: Generator + ?Sized>(&mut self, rng: &mut R) -> Batches<'_> {
        for (i, index) in self.order.iter_mut().enumerate() {
            *index = i;
        }
        shuffle(&mut self.order, rng);
        let used = if self.drop_last { self.batches() * self.batch } else { self.order.len() };
        Batches(self.order[..used].chunks(self.batch))
    }
}

/// The mini-batches of one epoch, as slices of sample indices; see [`Shuffle::epoch`].
#[derive(Clone, Debug)]
pub struct Batches<'a>(core::slice::Chunks<'a, usize>);

impl<'a> Iterator for Batches<'a> {
    type Item = &'a [usize];
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Batches<'_> {}
impl FusedIterator for Batches<'_> {}

/// Copies the samples at `indices` to the front of `batch`, and returns that part of it.
///
/// # Panics
/// If there are more indices than places in `batch`, or an index is not below `samples.len()`.
///
/// ```
/// use pullback::data::gather;
/// let mut batch = [0; 3];
/// assert_eq!(gather(&[10, 11, 12, 13], &[3, 1], &mut batch), [13, 11]);
/// ```
#[track_caller]
pub fn gather<'a, X: Copy>(samples: &[X], indices: &[usize], batch: &'a mut [X]) -> &'a [X] {
    let (needed, found, len) = (indices.len(), batch.len(), samples.len());
    assert!(needed <= found, "found {needed} indices, the batch buffer has only {found} places");
    let batch = &mut batch[..needed];
    for (place, i) in batch.iter_mut().zip(indices) {
        assert!(*i < len, "found the index {i}, there are {len} samples");
        *place = samples[*i];
    }
    batch
}

/// Sample indices for training and for testing; no index is in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The indices to train with
    pub train: Vec<usize>,
    /// The indices to test with
    pub test: Vec<usize>,
}

/// Splits `len` samples at random: `len·test_fraction`, rounded to the nearest whole number, are for
/// testing.
///
/// # Errors
/// If there are no samples, the fraction is not between 0 and 1, or one side would be empty.
///
/// ```
/// use pullback::data::train_test_split;
/// use rand::{SeedableRng, rngs::SmallRng};
///
/// let split = train_test_split(150, 0.2, &mut SmallRng::seed_from_u64(0))?;
/// assert_eq!((split.train.len(), split.test.len()), (120, 30));
/// # Ok::<(), pullback::data::DataError>(())
/// ```
pub fn train_test_split<R: Generator + ?Sized>(
    len: usize,
    test_fraction: f64,
    rng: &mut R,
) -> Result<Split, DataError> {
    let size = test_size(len, test_fraction)?;
    let mut test: Vec<usize> = (0..len).collect();
    shuffle(&mut test, rng);
    let train = test.split_off(size);
    Ok(Split { train, test })
}

/// Splits samples at random so that each label has the same share on both sides, up to one sample.
///
/// In all, `labels.len()·test_fraction`, rounded to the nearest whole number, are for testing.
///
/// # Errors
/// If there are no samples, the fraction is not between 0 and 1, or one side would be empty.
///
/// ```
/// use pullback::data::stratified_split;
/// use rand::{SeedableRng, rngs::SmallRng};
///
/// let species: Vec<u8> = (0..150).map(|i| i / 50).collect();
/// let split = stratified_split(&species, 0.2, &mut SmallRng::seed_from_u64(0))?;
/// assert_eq!(split.test.iter().filter(|i| species[**i] == 2).count(), 10);
/// # Ok::<(), pullback::data::DataError>(())
/// ```
pub fn stratified_split<L: Ord, R: Generator + ?Sized>(
    labels: &[L],
    test_fraction: f64,
    rng: &mut R,
) -> Result<Split, DataError> {
    let size = test_size(labels.len(), test_fraction)?;
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|i| &labels[*i]);
    let mut split =
        Split { train: Vec::with_capacity(labels.len() - size), test: Vec::with_capacity(size) };
    let mut seen = 0;
    for class in order.chunk_by_mut(|a, b| labels[*a] == labels[*b]) {
        shuffle(class, rng);
        // Rounding the running total gives each class its share up to one, and the exact total.
        seen += class.len();
        let (test, train) = class.split_at(rounded(seen, test_fraction) - split.test.len());
        split.test.extend_from_slice(test);
        split.train.extend_from_slice(train);
    }
    shuffle(&mut split.train, rng);
    shuffle(&mut split.test, rng);
    Ok(split)
}

/// `len·fraction`, rounded to the nearest whole number.
fn rounded(len: usize, fraction: f64) -> usize {
    (len as f64 * fraction).round() as usize
}

fn test_size(len: usize, test_fraction: f64) -> Result<usize, DataError> {
    if len == 0 {
        return Err(DataError::NoSamples);
    }
    if !(test_fraction > 0.0 && test_fraction < 1.0) {
        return Err(DataError::TestFraction(test_fraction));
    }
    let test = rounded(len, test_fraction);
    if test == 0 || test >= len { Err(DataError::EmptySide { len, test }) } else { Ok(test) }
}

/// Fisher and Yates' shuffle: all orders are equally likely.
fn shuffle<X, R: Generator + ?Sized>(items: &mut [X], rng: &mut R) {
    for last in (1..items.len()).rev() {
        let other = below(last as u64 + 1, rng);
        items.swap(last, other as usize);
    }
}

/// A number below `bound`, each equally likely.
///
/// Lemire 2019, "Fast random integer generation in an interval": the upper half of x·bound, without
/// those x that would give some numbers one chance more than others.
fn below<R: Generator + ?Sized>(bound: u64, rng: &mut R) -> u64 {
    let excess = bound.wrapping_neg() % bound; // 2⁶⁴ mod bound
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= excess {
            return (product >> 64) as u64;
        }
    }
}

/// Batches or a split that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum DataError {
    /// There are no samples.
    NoSamples,
    /// The batch size is 0.
    EmptyBatch,
    /// The test fraction is this, which is not between 0 and 1.
    TestFraction(f64),
    /// All samples would be on one side.
    EmptySide {
        /// The number of samples
        len: usize,
        /// How many of them would be for testing
        test: usize,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSamples => f.write_str("found no samples, needs at least one"),
            Self::EmptyBatch => f.write_str("found a batch size of 0, needs at least 1"),
            Self::TestFraction(found) => {
                write!(
                    f,
                    "found a test fraction of {found}, needs one between 0 and 1, such as 0.2"
                )
            }
            Self::EmptySide { len, test } => {
                let train = len - test;
                write!(
                    f,
                    "{len} samples would be split into {train} for training and {test} for testing"
                )?;
                f.write_str(", needs at least one of each: use more samples or another fraction")
            }
        }
    }
}

impl core::error::Error for DataError {}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;
    use rand_core::TryRng;

    /// SplitMix64
    struct Generator(u64);

    impl TryRng for Generator {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            self.try_next_u64().map(|x| (x >> 32) as u32)
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
            Ok(z ^ (z >> 31))
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            for byte in bytes {
                *byte = self.try_next_u32()? as u8;
            }
            Ok(())
        }
    }

    #[test]
    fn an_epoch_has_each_sample_once() {
        let mut rng = Generator(1);
        let mut shuffle = Shuffle::new(10, 4).unwrap();
        for _ in 0..5 {
            let batches = shuffle.epoch(&mut rng);
            assert_eq!(batches.len(), 3);
            let lengths: Vec<usize> = batches.clone().map(<[usize]>::len).collect();
            assert_eq!(lengths, [4, 4, 2]);
            let mut all: Vec<usize> = batches.flatten().copied().collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..10));
        }
    }

    #[test]
    fn the_last_batch_can_be_dropped() {
        let mut rng = Generator(1);
        let mut shuffle = Shuffle::new(10, 4).unwrap().drop_last();
        assert_eq!((shuffle.batches(), shuffle.epoch(&mut rng).count()), (2, 2));
        assert!(shuffle.epoch(&mut rng).all(|batch| batch.len() == 4));
        assert_eq!(Shuffle::new(3, 4).unwrap().drop_last().epoch(&mut rng).count(), 0);
        assert_eq!(Shuffle::new(3, 4).unwrap().epoch(&mut rng).count(), 1);
    }

    #[test]
    fn an_epoch_depends_on_the_generator_alone() {
        let mut shuffle = Shuffle::new(10, 10).unwrap();
        let first: Vec<usize> = shuffle.epoch(&mut Generator(3)).flatten().copied().collect();
        let again: Vec<usize> = shuffle.epoch(&mut Generator(3)).flatten().copied().collect();
        assert_eq!(first, again);
        assert_ne!(first, shuffle.epoch(&mut Generator(4)).flatten().copied().collect::<Vec<_>>());
    }

    #[test]
    fn all_orders_are_equally_likely() {
        let mut rng = Generator(5);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, &mut rng);
            counts[items[0] * 2 + usize::from(items[1] > items[2])] += 1;
        }
        // Five standard deviations of a binomial count
        assert!(counts.iter().all(|n| n.abs_diff(10_000) < 460), "{counts:?}");
    }

    #[test]
    fn numbers_below_a_bound_are_rejected_where_they_would_be_uneven() {
        /// Gives 0, then the largest number.
        struct Extremes(bool);
        impl TryRng for Extremes {
            type Error = Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Infallible> {
                unreachable!()
            }
            fn try_next_u64(&mut self) -> Result<u64, Infallible> {
                Ok(if core::mem::replace(&mut self.0, true) { u64::MAX } else { 0 })
            }
            fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
                unreachable!()
            }
        }
        assert_eq!(below(3, &mut Extremes(false)), 2); // 0 is the one too many
        assert_eq!(below(4, &mut Extremes(false)), 0); // 4 divides 2⁶⁴
        assert_eq!(below(1, &mut Extremes(true)), 0);
    }

    #[test]
    fn splits_share_nothing_and_miss_nothing() {
        let mut rng = Generator(2);
        let labels: Vec<u8> = (0..101).map(|i| if i < 7 { 9 } else { i % 3 }).collect();
        for split in [
            train_test_split(101, 0.3, &mut rng).unwrap(),
            stratified_split(&labels, 0.3, &mut rng).unwrap(),
        ] {
            assert_eq!(split.test.len(), 30);
            let mut all = [split.train, split.test].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..101));
        }
    }

    #[test]
    fn stratified_shares_are_right_up_to_one() {
        let labels: Vec<u32> = (0..97u32).map(|i| i * i % 7).collect();
        let split = stratified_split(&labels, 0.25, &mut Generator(8)).unwrap();
        for class in 0..7 {
            let count =
                |indices: &[usize]| indices.iter().filter(|i| labels[**i] == class).count() as f64;
            let (train, test) = (count(&split.train), count(&split.test));
            assert!((test - 0.25 * (train + test)).abs() <= 1.0);
        }
    }

    #[test]
    fn what_cannot_be_made_is_an_error() {
        let mut rng = Generator(0);
        assert_eq!(Shuffle::new(0, 4).unwrap_err(), DataError::NoSamples);
        assert_eq!(Shuffle::new(4, 0).unwrap_err(), DataError::EmptyBatch);
        assert_eq!(train_test_split(0, 0.5, &mut rng), Err(DataError::NoSamples));
        assert_eq!(train_test_split(9, 1.0, &mut rng), Err(DataError::TestFraction(1.0)));
        assert!(train_test_split(9, f64::NAN, &mut rng).is_err());
        assert_eq!(
            train_test_split(2, 0.1, &mut rng),
            Err(DataError::EmptySide { len: 2, test: 0 })
        );
        assert!(stratified_split::<u8, _>(&[], 0.5, &mut rng).is_err());
    }

    #[test]
    #[should_panic(expected = "found the index 3, there are 3 samples")]
    fn an_index_out_of_range_panics() {
        gather(&[1, 2, 3], &[0, 3], &mut [0; 2]);
    }

    #[test]
    #[should_panic(expected = "found 2 indices, the batch buffer has only 1 places")]
    fn a_short_buffer_panics() {
        gather(&[1, 2, 3], &[0, 1], &mut [0; 1]);
    }
}
