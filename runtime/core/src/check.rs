//! Checks of generated code: number types over which its laws hold exactly.
//!
//! Whether a JVP and a VJP are adjoint is a matter of algebra, so it can be tested for equality
//! instead of closeness: over [`Gf`], a finite field. Whether a JVP is the derivative of its forward
//! function is tested with [`Dual`] numbers over that field.

mod arithmetic;
mod dual;
mod field;
mod laws;

use crate::random::mix;
pub use dual::Dual;
pub use field::Gf;
pub use laws::{derivative, exactly, laws};

/// The reproducible source of random numbers that the checks use: SplitMix64 (Steele, Lea and
/// Flood 2014). Not for cryptography.
///
/// ```
/// use pullback::check::Rng64;
///
/// let mut rng = Rng64::new(7);
/// let x = rng.unit_f64();
/// assert!((0.0..1.0).contains(&x));
/// assert_eq!(x, Rng64::new(7).unit_f64());
/// ```
#[derive(Clone, Debug)]
pub struct Rng64(u64);

impl Rng64 {
    /// A source that is determined by `seed`.
    pub fn new(seed: u64) -> Self {
        Rng64(seed)
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number, uniform in [0, 1).
    pub fn unit_f64(&mut self) -> f64 {
        // 53 bits fit the mantissa: no rounding up to 1.
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        let mut rng = Rng64::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([rng.next_u64(), rng.next_u64()], expected);
    }

    #[test]
    fn unit_numbers_stay_below_one() {
        let mut rng = Rng64::new(0);
        let numbers: Vec<f64> = (0..10_000).map(|_| rng.unit_f64()).collect();
        assert!(numbers.iter().all(|x| (0.0..1.0).contains(x)));
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        assert!((mean - 0.5).abs() < 0.02);
    }
}
