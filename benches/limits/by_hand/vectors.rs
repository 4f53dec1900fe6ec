//! A few registers of eight numbers at a time, and the elementary functions on them.
//!
//! Each step is done for all `N` registers before the next one: a polynomial is a chain in which every
//! operation waits four cycles for the one before it, and the scheduler of the processor holds too few
//! operations to find the next independent chain by itself.

use std::arch::x86_64::*;
use std::array;

/// Numbers in a register.
pub(crate) const LANES: usize = 8;

/// `N` registers.
#[derive(Clone, Copy)]
pub(crate) struct Vectors<const N: usize>(pub(crate) [__m256; N]);

/// All lanes of all registers are `x`.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn splat<const N: usize>(x: f32) -> Vectors<N> {
    Vectors([_mm256_set1_ps(x); N])
}

/// The elements from `at` on.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn load<const N: usize>(from: &[f32], at: usize) -> Vectors<N> {
    let from = &from[at..at + N * LANES];
    // SAFETY: the slice has so many elements.
    Vectors(array::from_fn(|i| unsafe { _mm256_loadu_ps(from.as_ptr().add(i * LANES)) }))
}

/// A polynomial, the leading coefficient first. A loop over the coefficients would read them from the stack.
macro_rules! polynomial {
    ($x:expr; $first:expr, $($c:expr),* $(,)?) => {{
        let x = $x;
        let sum = splat::<N>($first);
        $(let sum = sum.fma(x, splat($c));)*
        sum
    }};
}

impl<const N: usize> Vectors<N> {
    /// To the elements from `at` on.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn store(self, to: &mut [f32], at: usize) {
        let to = &mut to[at..at + N * LANES];
        for (i, x) in self.0.into_iter().enumerate() {
            // SAFETY: the slice has so many elements.
            unsafe { _mm256_storeu_ps(to.as_mut_ptr().add(i * LANES), x) };
        }
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn plus(self, y: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_add_ps(self.0[i], y.0[i])))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn minus(self, y: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_sub_ps(self.0[i], y.0[i])))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn times(self, y: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_mul_ps(self.0[i], y.0[i])))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn over(self, y: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_div_ps(self.0[i], y.0[i])))
    }

    /// `self · y + z`
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn fma(self, y: Self, z: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_fmadd_ps(self.0[i], y.0[i], z.0[i])))
    }

    /// `z − self · y`
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn from(self, y: Self, z: Self) -> Self {
        Vectors(array::from_fn(|i| _mm256_fnmadd_ps(self.0[i], y.0[i], z.0[i])))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn between(self, low: f32, high: f32) -> Self {
        let (low, high) = (_mm256_set1_ps(low), _mm256_set1_ps(high));
        Vectors(self.0.map(|x| _mm256_min_ps(_mm256_max_ps(x, low), high)))
    }

    /// `1 − self²`, the slope of tanh where its value is `self`.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn tanh_slope(self) -> Self {
        self.from(self, splat(1.0))
    }

    /// eˣ within 2 · 10⁻⁷, and 10⁻⁶ where it is nearly 0 or infinite.
    ///
    /// It is a power of two: of a whole number, which goes into the exponent, and of one between ±½.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn exp(self) -> Self {
        // Adding it rounds to whole numbers, which are the last bits then.
        const ROUND: f32 = 12_582_912.0;
        let x = self.between(-87.0, 88.0);
        let log2_e = splat::<N>(std::f32::consts::LOG2_E);
        let whole = x.fma(log2_e, splat(ROUND));
        let whole_number = whole.minus(splat(ROUND));
        let rest: Self =
            Vectors(array::from_fn(|i| _mm256_fmsub_ps(x.0[i], log2_e.0[i], whole_number.0[i])));
        let power = polynomial!(
            rest;
            0.001_327_647_8,
            0.009_675_541,
            0.055_507_13,
            0.240_221_2,
            0.693_146_94,
            1.000_000_1,
        );
        Vectors(array::from_fn(|i| {
            let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(whole.0[i]));
            let bits = _mm256_add_epi32(_mm256_castps_si256(power.0[i]), exponent);
            _mm256_castsi256_ps(bits)
        }))
    }

    /// tanh(x) within 3 · 10⁻⁷: the quotient of polynomials of degree 13 and 6 that Eigen has.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn tanh(self) -> Self {
        let x = self.between(-7.9, 7.9);
        let square = x.times(x);
        let above = polynomial!(
            square;
            -2.760_768_5e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297e-8,
            1.485_722_4e-5,
            6.372_619_3e-4,
            4.893_524_6e-3,
        );
        let below = polynomial!(
            square;
            1.198_258_4e-6,
            1.185_347_1e-4,
            2.268_434_6e-3,
            4.893_525e-3,
        );
        x.times(above).over(below)
    }

    /// ln(1 + x) for x between 0 and 1, within 3 · 10⁻⁷.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn log1p(self) -> Self {
        let quotient = polynomial!(
            self;
            -0.008_539_332,
            0.044_090_043,
            -0.107_682_24,
            0.177_452_76,
            -0.244_954_74,
            0.332_754_82,
            -0.499_974_04,
            0.999_999_8,
        );
        self.times(quotient)
    }

    /// `e^−|x|`, of which [`Self::softplus`] and [`Self::sigmoid`] are made.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn exp_of_minus_abs(self) -> Self {
        let sign = _mm256_set1_ps(-0.0);
        Vectors(self.0.map(|x| _mm256_or_ps(x, sign))).exp()
    }

    /// ln(1 + eˣ), given `e^−|x|`.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn softplus(self, exp: Self) -> Self {
        let zero = _mm256_setzero_ps();
        Vectors(self.0.map(|x| _mm256_max_ps(x, zero))).plus(exp.log1p())
    }

    /// `1 / (1 + e⁻ˣ)`, given `e^−|x|`.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn sigmoid(self, exp: Self) -> Self {
        let one = _mm256_set1_ps(1.0);
        // The mask of a blend is the sign.
        let above = Vectors(array::from_fn(|i| _mm256_blendv_ps(one, exp.0[i], self.0[i])));
        above.over(exp.plus(splat(1.0)))
    }

    /// `1 / (1 + e⁻ˣ)` and x times that.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn silu(self) -> (Self, Self) {
        let exp = self.times(splat(-1.0)).exp();
        let sigmoid = splat::<N>(1.0).over(exp.plus(splat(1.0)));
        (sigmoid, self.times(sigmoid))
    }

    /// The argument of the tanh, and the tanh.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn inside_gelu(self) -> (Self, Self) {
        let square = self.times(self);
        (square, self.times(square.fma(splat(SCALE * CUBE), splat(SCALE))).tanh())
    }

    /// `x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2`
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn gelu_tanh(self) -> Self {
        let (_, tanh) = self.inside_gelu();
        self.times(tanh.fma(splat(0.5), splat(0.5)))
    }

    /// That and its derivative.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn gelu_tanh_and_slope(self) -> (Self, Self) {
        let (square, tanh) = self.inside_gelu();
        let share = tanh.fma(splat(0.5), splat(0.5));
        let inner = square.fma(splat(1.5 * SCALE * CUBE), splat(0.5 * SCALE));
        let slope = self.times(tanh.tanh_slope()).fma(inner, share);
        (self.times(share), slope)
    }
}

/// √(2/π)
const SCALE: f32 = 0.797_884_6;
const CUBE: f32 = 0.044_715;

/// The sums of the lanes of eight registers, in order.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn sums_of_lanes(x: [__m256; 8]) -> __m256 {
    let pairs = |a, b, c, d| _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    let [a, b, c, d, e, f, g, h] = x;
    let (left, right) = (pairs(a, b, c, d), pairs(e, f, g, h));
    let low = _mm256_permute2f128_ps::<0x20>(left, right);
    let high = _mm256_permute2f128_ps::<0x31>(left, right);
    _mm256_add_ps(low, high)
}

/// The columns of eight rows of eight.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn transposed(rows: [__m256; 8]) -> [__m256; 8] {
    // Pairs of rows, then fours, each within the halves of a register; then the halves.
    let pairs: [__m256; 8] = array::from_fn(|i| {
        let (a, b) = (rows[i & 6], rows[i | 1]);
        if i % 2 == 0 { _mm256_unpacklo_ps(a, b) } else { _mm256_unpackhi_ps(a, b) }
    });
    let fours: [__m256; 8] = array::from_fn(|i| {
        let from = i / 4 * 4 + i % 4 / 2;
        let (a, b) = (pairs[from], pairs[from + 2]);
        match i % 2 {
            0 => _mm256_shuffle_ps::<0x44>(a, b),
            _ => _mm256_shuffle_ps::<0xee>(a, b),
        }
    });
    array::from_fn(|i| {
        let (a, b) = (fours[i % 4], fours[i % 4 + 4]);
        match i / 4 {
            0 => _mm256_permute2f128_ps::<0x20>(a, b),
            _ => _mm256_permute2f128_ps::<0x31>(a, b),
        }
    })
}
