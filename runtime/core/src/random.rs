//! Random numbers of training calls, from an explicit key.
//!
//! A model with `dropout` draws nothing by itself: its training calls are given a [`Key`], and every
//! number is a function of that key, of the place in the model (and of the steps of the loops around it),
//! of the sample's index in the batch and of the element. So a call is repeated by its key, whatever the tiles and threads; forward and backward
//! pass see the same numbers; and evaluation calls, which take no key, cannot be random.
//!
//! The function is that of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", 2014), used as a counter-based generator: number `i` of a stream is the mixed
//! `seed + (i + 1) · γ`, and the seeds of streams are mixed from key, place and sample. Not for
//! cryptography.

use crate::scalar::Scalar;

/// A source of random bits, for parameters and the order of samples: every generator of `rand` 0.10 is one.
///
/// ```
/// use pullback::model;
/// use rand::{SeedableRng, rngs::StdRng};
///
/// model! { pub Net: [4] -> [2] { linear -> [2] } }
///
/// let net = Net::<f32>::init(&mut StdRng::seed_from_u64(1));
/// assert_ne!(net.flat()[0], 0.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no random generator of `rand` 0.10",
    label = "pullback takes the generators of `rand` 0.10",
    note = "a generator is made from a seed: `&mut StdRng::seed_from_u64(42)`",
    note = "write `rand = \"0.10\"` in Cargo.toml: generators of other versions of `rand` are other types with the same names"
)]
pub trait Generator {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;
}

#[diagnostic::do_not_recommend]
impl<R: rand_core::Rng + ?Sized> Generator for R {
    fn next_u64(&mut self) -> u64 {
        rand_core::Rng::next_u64(self)
    }
}

/// SplitMix64's increment: 2⁶⁴ divided by the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64: a bijection whose every output bit depends on every input bit.
#[inline(always)]
pub(crate) const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// What determines the random numbers of a training call.
///
/// The same key gives the same numbers, so every step of a training takes another one:
/// [`fold_in`](Self::fold_in) makes them from one seed.
///
/// ```
/// use pullback::{Key, Workspace, model};
///
/// model! { pub Net: [4] -> [4] { dropout(0.25) } }
///
/// let net = Net::<f32>::zeros();
/// let mut ws = Workspace::new();
/// let (x, mut y) = ([[3.0; 4]; 2], [[0.0; 4]; 2]);
/// let seed = Key::new(7);
/// for step in 0..3 {
///     net.training().forward_batch(&x, seed.fold_in(step), &mut y, &mut ws);
///     assert!(y.as_flattened().iter().all(|y| *y == 0.0 || *y == 4.0));
/// }
/// assert_eq!(net.forward(&x[0]), x[0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Key(u64);

impl Key {
    /// The key of a seed.
    pub const fn new(seed: u64) -> Self {
        Key(mix(seed.wrapping_add(GAMMA)))
    }

    /// The `n`-th of many keys that depend on this one.
    #[inline(always)]
    pub const fn fold_in(self, n: u64) -> Self {
        Key(mix(self.0.wrapping_add(mix(n.wrapping_add(GAMMA)))))
    }
}

/// A key, and the index in the batch of the first sample it is used for.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    pub(crate) key: Key,
    pub(crate) first: u64,
}

/// Fills samples of `per_sample` elements with the numbers of a place in a model, given as the number of
/// the place and those of the steps of the loops around it: uniform in [0, 1), of 24 bits, two from each
/// number of the generator.
#[inline(always)]
pub fn uniform<T: Scalar, const L: usize>(
    draws: Draws,
    place: [usize; L],
    per_sample: usize,
    out: &mut [T],
) {
    let of_site = place.iter().fold(draws.key, |key, n| key.fold_in(*n as u64));
    let unit = |bits: u64| T::from_f64((bits & 0xff_ffff) as f64 * (1.0 / 16_777_216.0));
    for (sample, out) in (draws.first..).zip(out.chunks_exact_mut(per_sample)) {
        let mut state = of_site.fold_in(sample).0;
        let mut next = || {
            state = state.wrapping_add(GAMMA);
            mix(state)
        };
        let (pairs, rest) = out.as_chunks_mut::<2>();
        for pair in pairs {
            let bits = next();
            *pair = [unit(bits >> 8), unit(bits >> 40)];
        }
        if let [last] = rest {
            *last = unit(next() >> 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(key: Key, site: usize, first: u64, samples: usize, per_sample: usize) -> Vec<f64> {
        let mut out = vec![0.0; samples * per_sample];
        uniform(Draws { key, first }, [site], per_sample, &mut out);
        out
    }

    #[test]
    fn a_stream_is_splitmix64() {
        // The first numbers of the reference implementation for the seed 1234567.
        let mut state = 1_234_567u64;
        let mut next = || {
            state = state.wrapping_add(GAMMA);
            mix(state)
        };
        assert_eq!([next(), next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn a_sample_has_its_numbers_wherever_it_is_computed() {
        let key = Key::new(3);
        let all = draw(key, 2, 0, 5, 7);
        assert_eq!(all[14..28], draw(key, 2, 2, 2, 7));
        assert_ne!(all[..7], all[7..14]);
        assert_ne!(all[..7], draw(key, 1, 0, 1, 7));
        assert_ne!(all[..7], draw(Key::new(4), 2, 0, 1, 7));
        assert_ne!(all[..7], draw(key.fold_in(0), 2, 0, 1, 7));
    }

    #[test]
    fn numbers_are_uniform_and_neighbours_independent() {
        let (samples, per_sample) = (64, 999);
        let xs = draw(Key::new(1), 0, 0, samples, per_sample);
        let n = xs.len() as f64;
        assert!(xs.iter().all(|x| (0.0..1.0).contains(x)));
        // Five standard deviations of what is tested, each time.
        let mean = xs.iter().sum::<f64>() / n;
        assert!((mean - 0.5).abs() < 5.0 * (1.0 / 12.0 / n).sqrt(), "{mean}");
        let mut bins = [0.0; 64];
        xs.iter().for_each(|x| bins[(x * 64.0) as usize] += 1.0);
        let expected = n / 64.0;
        let chi2: f64 = bins.iter().map(|b: &f64| (b - expected).powi(2) / expected).sum();
        assert!((chi2 - 63.0).abs() < 5.0 * (2.0 * 63.0f64).sqrt(), "{chi2}");
        // Next to each other in a sample, and in neighbouring samples.
        for distance in [1, 2, per_sample] {
            let pairs = xs.iter().zip(&xs[distance..]);
            let covariance = pairs.map(|(a, b)| (a - 0.5) * (b - 0.5)).sum::<f64>() / n;
            assert!(covariance.abs() < 5.0 / 12.0 / n.sqrt(), "{distance}: {covariance}");
        }
    }
}
