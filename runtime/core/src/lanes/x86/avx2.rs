//! AVX2 with FMA.

#![allow(unsafe_code, reason = "instructions that not every machine has")]

use super::super::registers::lanes;
use super::super::{Float, Lanes, OnLanes, Register, math, sealed};
use super::has_avx2;
use core::arch::{asm, x86_64::*};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// All bits in the first `min(len, 8)` lanes.
#[inline(always)]
fn below_32(len: usize) -> __m256i {
    // SAFETY: the machine has the instructions.
    unsafe {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(len.min(8) as i32), lanes)
    }
}

/// All bits in the first `min(len, 4)` lanes.
#[inline(always)]
fn below_64(len: usize) -> __m256i {
    // SAFETY: the machine has the instructions.
    unsafe {
        let lanes = _mm256_setr_epi64x(0, 1, 2, 3);
        _mm256_cmpgt_epi64(_mm256_set1_epi64x(len.min(4) as i64), lanes)
    }
}

lanes! {
    F32x8: [f32; 8] in __m256 (ymm_reg), "8 numbers of type `f32` in an AVX register, with the instructions of AVX2 and FMA.",
    vectors 2, features "avx2,fma,bmi1,bmi2,lzcnt,popcnt,f16c", machine has_avx2,
    set _mm256_set1_ps, load _mm256_loadu_ps, store _mm256_storeu_ps,
    add _mm256_add_ps, sub _mm256_sub_ps, mul _mm256_mul_ps, div _mm256_div_ps, fma _mm256_fmadd_ps,
    min _mm256_min_ps, max _mm256_max_ps, sqrt _mm256_sqrt_ps,
    and _mm256_and_ps, andnot _mm256_andnot_ps, or _mm256_or_ps, xor _mm256_xor_ps,
    integers _mm256_castps_si256, _mm256_castsi256_ps, add _mm256_add_epi32,
    left _mm256_slli_epi32, right _mm256_srli_epi32 by 23,
    lanes {
        type Half = Self;
        #[inline(always)]
        unsafe fn load_part(from: *const f32, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            F32x8(unsafe { _mm256_maskload_ps(from, below_32(len)) })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f32, len: usize) {
            // The instruction that stores through a mask takes some 20 cycles on processors of AMD.
            // SAFETY: the first `len` elements are there, and what is not among them is not touched.
            unsafe {
                if len >= 8 {
                    return self.store(to);
                }
                let (mut half, mut to) = (_mm256_castps256_ps128(self.0), to);
                if len & 4 > 0 {
                    _mm_storeu_ps(to, half);
                    (half, to) = (_mm256_extractf128_ps::<1>(self.0), to.add(4));
                }
                if len & 2 > 0 {
                    _mm_storel_pd(to.cast(), _mm_castps_pd(half));
                    (half, to) = (_mm_movehl_ps(half, half), to.add(2));
                }
                if len & 1 > 0 {
                    _mm_store_ss(to, half);
                }
            }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: the machine has the instructions.
            unsafe {
                let mask = _mm256_castsi256_ps(below_32(len));
                F32x8(_mm256_blendv_ps(rest.0, self.0, mask))
            }
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // The instruction has the second operand where either is NaN, which is right unless the
            // first is.
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0);
                F32x8(_mm256_blendv_ps(_mm256_max_ps(self.0, other.0), self.0, nan))
            }
        }
        #[inline(always)]
        unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
            // Four rows and the four below them side by side, so that no element changes sides any more.
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                for half in 0..2 {
                    let four = |i: usize| {
                        let from = from.add(i * from_row + 4 * half);
                        let low = _mm256_castps128_ps256(_mm_loadu_ps(from));
                        _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(from.add(4 * from_row)))
                    };
                    let (a, b, c, d) = (four(0), four(1), four(2), four(3));
                    let twos = |x: __m256| _mm256_castps_pd(x);
                    let low = (twos(_mm256_unpacklo_ps(a, b)), twos(_mm256_unpacklo_ps(c, d)));
                    let high = (twos(_mm256_unpackhi_ps(a, b)), twos(_mm256_unpackhi_ps(c, d)));
                    let rows = [
                        _mm256_unpacklo_pd(low.0, low.1),
                        _mm256_unpackhi_pd(low.0, low.1),
                        _mm256_unpacklo_pd(high.0, high.1),
                        _mm256_unpackhi_pd(high.0, high.1),
                    ];
                    for (i, row) in rows.into_iter().enumerate() {
                        let to = to.add((4 * half + i) * to_row);
                        _mm256_storeu_ps(to, _mm256_castpd_ps(row));
                    }
                }
            }
        }
        #[inline(always)]
        fn sum(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let x = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
                let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
                _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
            }
        }
        #[inline(always)]
        fn max(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = Self::any(_mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0));
                let x = _mm_max_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
                let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
                let max = _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
                if nan { f32::NAN } else { max }
            }
        }
    }
    float {
        type Mask = __m256;

        #[inline(always)]
        fn gt(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_ps::<_CMP_GE_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_ps::<_CMP_NEQ_UQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn any(mask: Self::Mask) -> bool {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_movemask_ps(mask) != 0 }
        }
        #[inline(always)]
        fn choose(mask: Self::Mask, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x8(unsafe { _mm256_blendv_ps(y.0, x.0, mask) })
        }
    }
}

lanes! {
    F64x4: [f64; 4] in __m256d (ymm_reg), "4 numbers of type `f64` in an AVX register, with the instructions of AVX2 and FMA.",
    vectors 2, features "avx2,fma,bmi1,bmi2,lzcnt,popcnt,f16c", machine has_avx2,
    set _mm256_set1_pd, load _mm256_loadu_pd, store _mm256_storeu_pd,
    add _mm256_add_pd, sub _mm256_sub_pd, mul _mm256_mul_pd, div _mm256_div_pd, fma _mm256_fmadd_pd,
    min _mm256_min_pd, max _mm256_max_pd, sqrt _mm256_sqrt_pd,
    and _mm256_and_pd, andnot _mm256_andnot_pd, or _mm256_or_pd, xor _mm256_xor_pd,
    integers _mm256_castpd_si256, _mm256_castsi256_pd, add _mm256_add_epi64,
    left _mm256_slli_epi64, right _mm256_srli_epi64 by 52,
    lanes {
        type Half = Self;
        #[inline(always)]
        unsafe fn load_part(from: *const f64, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            F64x4(unsafe { _mm256_maskload_pd(from, below_64(len)) })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f64, len: usize) {
            // As for `f32`.
            // SAFETY: the first `len` elements are there, and what is not among them is not touched.
            unsafe {
                if len >= 4 {
                    return self.store(to);
                }
                let (mut half, mut to) = (_mm256_castpd256_pd128(self.0), to);
                if len & 2 > 0 {
                    _mm_storeu_pd(to, half);
                    (half, to) = (_mm256_extractf128_pd::<1>(self.0), to.add(2));
                }
                if len & 1 > 0 {
                    _mm_store_sd(to, half);
                }
            }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: the machine has the instructions.
            unsafe {
                let mask = _mm256_castsi256_pd(below_64(len));
                F64x4(_mm256_blendv_pd(rest.0, self.0, mask))
            }
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // The instruction has the second operand where either is NaN, which is right unless the
            // first is.
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = _mm256_cmp_pd::<_CMP_UNORD_Q>(self.0, self.0);
                F64x4(_mm256_blendv_pd(_mm256_max_pd(self.0, other.0), self.0, nan))
            }
        }
        #[inline(always)]
        unsafe fn transpose(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
            // As for `f32`, by twos.
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                for half in 0..2 {
                    let two = |i: usize| {
                        let from = from.add(i * from_row + 2 * half);
                        let low = _mm256_castpd128_pd256(_mm_loadu_pd(from));
                        _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(from.add(2 * from_row)))
                    };
                    let (a, b) = (two(0), two(1));
                    let rows = [_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)];
                    for (i, row) in rows.into_iter().enumerate() {
                        _mm256_storeu_pd(to.add((2 * half + i) * to_row), row);
                    }
                }
            }
        }
        #[inline(always)]
        fn sum(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let x = _mm_add_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
                _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)))
            }
        }
        #[inline(always)]
        fn max(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = Self::any(_mm256_cmp_pd::<_CMP_UNORD_Q>(self.0, self.0));
                let x = _mm_max_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
                let max = _mm_cvtsd_f64(_mm_max_sd(x, _mm_unpackhi_pd(x, x)));
                if nan { f64::NAN } else { max }
            }
        }
    }
    float {
        type Mask = __m256d;

        #[inline(always)]
        fn gt(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_pd::<_CMP_GT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_pd::<_CMP_GE_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_cmp_pd::<_CMP_NEQ_UQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn any(mask: Self::Mask) -> bool {
            // SAFETY: the machine has the instructions.
            unsafe { _mm256_movemask_pd(mask) != 0 }
        }
        #[inline(always)]
        fn choose(mask: Self::Mask, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x4(unsafe { _mm256_blendv_pd(y.0, x.0, mask) })
        }
    }
}
