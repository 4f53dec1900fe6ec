//! AVX-512.

#![allow(unsafe_code, reason = "instructions that not every machine has")]

use super::super::registers::lanes;
use super::super::{Float, Lanes, OnLanes, Register, math, sealed};
use super::has_avx512;
use core::arch::{asm, x86_64::*};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// The lowest `min(len, 16)` bits.
#[inline(always)]
fn below(len: usize) -> u32 {
    (1 << len.min(16)) - 1
}

/// Every second bit below `2 · min(len, 16)`.
#[inline(always)]
fn twos_below(len: usize) -> u32 {
    0x5555_5555 & ((1u64 << (2 * len.min(16))) - 1) as u32
}

/// The even lanes of two vectors; and each lane of the lower, of the upper half of one, twice.
macro_rules! twos {
    ($EVENS:ident, $TWICE:ident, $I:ident, $N:literal) => {
        const $EVENS: [$I; $N] = {
            let mut lanes = [0; $N];
            let mut i = 0;
            while i < $N {
                lanes[i] = 2 * i as $I;
                i += 1;
            }
            lanes
        };
        const $TWICE: [[$I; $N]; 2] = {
            let mut lanes = [[0; $N]; 2];
            let mut i = 0;
            while i < $N {
                lanes[0][i] = (i / 2) as $I;
                lanes[1][i] = ((i + $N) / 2) as $I;
                i += 1;
            }
            lanes
        };
    };
}
twos!(EVENS_16, TWICE_16, i32, 16);
twos!(EVENS_8, TWICE_8, i64, 8);

const IOTA_16: [i32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const IOTA_8: [i64; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

/// For each bit of a row's number, which lanes of two rows make the first and which the second of them
/// when the bit changes places with that of the lane's number. Lanes of the second count from `N` on.
macro_rules! swaps {
    ($NAME:ident, $I:ident, $N:literal, $STAGES:literal) => {
        const $NAME: [[[$I; $N]; 2]; $STAGES] = {
            let mut swaps = [[[0; $N]; 2]; $STAGES];
            let mut stage = 0;
            while stage < $STAGES {
                let bit = 1 << stage;
                let mut lane = 0;
                while lane < $N {
                    let set = lane & bit != 0;
                    swaps[stage][0][lane as usize] = if set { $N + lane - bit } else { lane };
                    swaps[stage][1][lane as usize] = if set { $N + lane } else { lane + bit };
                    lane += 1;
                }
                stage += 1;
            }
            swaps
        };
    };
}
swaps!(SWAPS_16, i32, 16, 4);
swaps!(SWAPS_8, i64, 8, 3);

lanes! {
    F32x16: [f32; 16] in __m512 (zmm_reg), "16 numbers of type `f32` in an AVX-512 register.",
    vectors 4, features "avx2,fma,bmi1,bmi2,lzcnt,popcnt,f16c,avx512f,avx512bw,avx512cd,avx512dq,avx512vl", machine has_avx512,
    set _mm512_set1_ps, load _mm512_loadu_ps, store _mm512_storeu_ps,
    add _mm512_add_ps, sub _mm512_sub_ps, mul _mm512_mul_ps, div _mm512_div_ps, fma _mm512_fmadd_ps,
    min _mm512_min_ps, max _mm512_max_ps, sqrt _mm512_sqrt_ps,
    and _mm512_and_ps, andnot _mm512_andnot_ps, or _mm512_or_ps, xor _mm512_xor_ps,
    integers _mm512_castps_si512, _mm512_castsi512_ps, add _mm512_add_epi32,
    left _mm512_slli_epi32, right _mm512_srli_epi32 by 23,
    lanes {
        type Half = super::F32x8;
        const MASKS: bool = true;

        #[inline(always)]
        unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
            // Bit by bit, the number of the row and that of the lane change places.
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let mut rows = [Self::splat(0.0); 16];
                for (i, row) in rows.iter_mut().enumerate() {
                    *row = Self::load(from.add(i * from_row));
                }
                for (stage, [low, high]) in SWAPS_16.into_iter().enumerate() {
                    let low = core::mem::transmute::<[i32; 16], __m512i>(low);
                    let high = core::mem::transmute::<[i32; 16], __m512i>(high);
                    for i in 0..16 {
                        let j = i | 1 << stage;
                        if i != j {
                            let (a, b) = (rows[i].0, rows[j].0);
                            rows[i] = F32x16(_mm512_permutex2var_ps(a, low, b));
                            rows[j] = F32x16(_mm512_permutex2var_ps(a, high, b));
                        }
                    }
                }
                for (i, row) in rows.into_iter().enumerate() {
                    row.store(to.add(i * to_row));
                }
            }
        }
        const SPLATS_GROUPS: bool = true;
        #[inline(always)]
        fn splat_groups(self, first: usize, times: usize) -> Self {
            // SAFETY: the machine has the instructions.
            unsafe {
                let lanes = core::mem::transmute::<[i32; 16], __m512i>(IOTA_16);
                let shift = _mm_cvtsi32_si128(times.trailing_zeros() as i32);
                let first = _mm512_set1_epi32(first as i32);
                let lanes = _mm512_add_epi32(_mm512_srl_epi32(lanes, shift), first);
                F32x16(_mm512_permutexvar_ps(lanes, self.0))
            }
        }
        #[inline(always)]
        unsafe fn load_twos(from: *const f32, len: usize) -> Self {
            let mask = twos_below(len.min(16));
            // SAFETY: the elements are there, and what the masks leave out is not touched.
            unsafe {
                let evens = core::mem::transmute::<[i32; 16], __m512i>(EVENS_16);
                let low = _mm512_maskz_loadu_ps(mask as __mmask16, from);
                let high = _mm512_maskz_loadu_ps((mask >> 16) as __mmask16, from.wrapping_add(16));
                F32x16(_mm512_permutex2var_ps(low, evens, high))
            }
        }
        #[inline(always)]
        unsafe fn store_twos(self, to: *mut f32, len: usize) {
            let mask = twos_below(len.min(16));
            // SAFETY: the elements are there, and what the masks leave out is not touched.
            unsafe {
                let [low, high] = TWICE_16.map(|lanes| core::mem::transmute::<[i32; 16], __m512i>(lanes));
                _mm512_mask_storeu_ps(to, mask as __mmask16, _mm512_permutexvar_ps(low, self.0));
                let high = _mm512_permutexvar_ps(high, self.0);
                _mm512_mask_storeu_ps(to.wrapping_add(16), (mask >> 16) as __mmask16, high);
            }
        }
        #[inline(always)]
        unsafe fn load_part(from: *const f32, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            F32x16(unsafe { _mm512_maskz_loadu_ps(below(len) as __mmask16, from) })
        }
        #[inline(always)]
        unsafe fn load_between(self, from: *const f32, first: usize, end: usize) -> Self {
            let mask = (below(end) & !below(first)) as __mmask16;
            // SAFETY: these elements are there, and what the mask leaves out is not touched.
            F32x16(unsafe { _mm512_mask_loadu_ps(self.0, mask, from) })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f32, len: usize) {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            unsafe { _mm512_mask_storeu_ps(to, below(len) as __mmask16, self.0) }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x16(unsafe { _mm512_mask_blend_ps(below(len) as __mmask16, rest.0, self.0) })
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // The instruction has the second operand where either is NaN, which is right unless the
            // first is.
            // SAFETY: the machine has the instructions.
            unsafe {
                let ordered = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(self.0, self.0);
                F32x16(_mm512_mask_max_ps(self.0, ordered, self.0, other.0))
            }
        }
        #[inline(always)]
        fn sum(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_reduce_add_ps(self.0) }
        }
        #[inline(always)]
        fn max(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0);
                let max = _mm512_reduce_max_ps(self.0);
                if nan == 0 { max } else { f32::NAN }
            }
        }
    }
    float {
        type Mask = __mmask16;

        #[inline(always)]
        fn gt(self, other: Self) -> __mmask16 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> __mmask16 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> __mmask16 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn any(mask: __mmask16) -> bool {
            mask != 0
        }
        #[inline(always)]
        fn choose(mask: __mmask16, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x16(unsafe { _mm512_mask_blend_ps(mask, y.0, x.0) })
        }
        #[inline(always)]
        fn power(n: Self, t: Self) -> Self {
            Self::number(1.0).scale(n, t)
        }
        #[inline(always)]
        fn scale_normal(self, n: Self, t: Self) -> Self {
            self.scale(n, t)
        }
        #[inline(always)]
        fn scale(self, n: Self, _: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x16(unsafe { _mm512_scalef_ps(self.0, n.0) })
        }
        #[inline(always)]
        fn split(self) -> (Self, Self) {
            // SAFETY: the machine has the instructions.
            unsafe {
                let m = _mm512_getmant_ps::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_NAN>(self.0);
                let k = _mm512_sub_ps(_mm512_getexp_ps(self.0), _mm512_getexp_ps(m));
                (F32x16(m), F32x16(k))
            }
        }
        #[inline(always)]
        fn split_normal(self) -> (Self, Self) {
            self.split()
        }
        #[inline(always)]
        fn mend_ln(self, _: Self) -> Self {
            // The exponent of 0 is −∞ and that of ∞ is ∞, and the mantissa of what is negative NaN.
            self
        }
    }
}

lanes! {
    F64x8: [f64; 8] in __m512d (zmm_reg), "8 numbers of type `f64` in an AVX-512 register.",
    vectors 4, features "avx2,fma,bmi1,bmi2,lzcnt,popcnt,f16c,avx512f,avx512bw,avx512cd,avx512dq,avx512vl", machine has_avx512,
    set _mm512_set1_pd, load _mm512_loadu_pd, store _mm512_storeu_pd,
    add _mm512_add_pd, sub _mm512_sub_pd, mul _mm512_mul_pd, div _mm512_div_pd, fma _mm512_fmadd_pd,
    min _mm512_min_pd, max _mm512_max_pd, sqrt _mm512_sqrt_pd,
    and _mm512_and_pd, andnot _mm512_andnot_pd, or _mm512_or_pd, xor _mm512_xor_pd,
    integers _mm512_castpd_si512, _mm512_castsi512_pd, add _mm512_add_epi64,
    left _mm512_slli_epi64, right _mm512_srli_epi64 by 52,
    lanes {
        type Half = super::F64x4;
        const MASKS: bool = true;

        #[inline(always)]
        unsafe fn transpose(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
            // Bit by bit, the number of the row and that of the lane change places.
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let mut rows = [Self::splat(0.0); 8];
                for (i, row) in rows.iter_mut().enumerate() {
                    *row = Self::load(from.add(i * from_row));
                }
                for (stage, [low, high]) in SWAPS_8.into_iter().enumerate() {
                    let low = core::mem::transmute::<[i64; 8], __m512i>(low);
                    let high = core::mem::transmute::<[i64; 8], __m512i>(high);
                    for i in 0..8 {
                        let j = i | 1 << stage;
                        if i != j {
                            let (a, b) = (rows[i].0, rows[j].0);
                            rows[i] = F64x8(_mm512_permutex2var_pd(a, low, b));
                            rows[j] = F64x8(_mm512_permutex2var_pd(a, high, b));
                        }
                    }
                }
                for (i, row) in rows.into_iter().enumerate() {
                    row.store(to.add(i * to_row));
                }
            }
        }
        const SPLATS_GROUPS: bool = true;
        #[inline(always)]
        fn splat_groups(self, first: usize, times: usize) -> Self {
            // SAFETY: the machine has the instructions.
            unsafe {
                let lanes = core::mem::transmute::<[i64; 8], __m512i>(IOTA_8);
                let shift = _mm_cvtsi32_si128(times.trailing_zeros() as i32);
                let first = _mm512_set1_epi64(first as i64);
                let lanes = _mm512_add_epi64(_mm512_srl_epi64(lanes, shift), first);
                F64x8(_mm512_permutexvar_pd(lanes, self.0))
            }
        }
        #[inline(always)]
        unsafe fn load_twos(from: *const f64, len: usize) -> Self {
            let mask = twos_below(len.min(8));
            // SAFETY: the elements are there, and what the masks leave out is not touched.
            unsafe {
                let evens = core::mem::transmute::<[i64; 8], __m512i>(EVENS_8);
                let low = _mm512_maskz_loadu_pd(mask as __mmask8, from);
                let high = _mm512_maskz_loadu_pd((mask >> 8) as __mmask8, from.wrapping_add(8));
                F64x8(_mm512_permutex2var_pd(low, evens, high))
            }
        }
        #[inline(always)]
        unsafe fn store_twos(self, to: *mut f64, len: usize) {
            let mask = twos_below(len.min(8));
            // SAFETY: the elements are there, and what the masks leave out is not touched.
            unsafe {
                let [low, high] = TWICE_8.map(|lanes| core::mem::transmute::<[i64; 8], __m512i>(lanes));
                _mm512_mask_storeu_pd(to, mask as __mmask8, _mm512_permutexvar_pd(low, self.0));
                let high = _mm512_permutexvar_pd(high, self.0);
                _mm512_mask_storeu_pd(to.wrapping_add(8), (mask >> 8) as __mmask8, high);
            }
        }
        #[inline(always)]
        unsafe fn load_part(from: *const f64, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            F64x8(unsafe { _mm512_maskz_loadu_pd(below(len) as __mmask8, from) })
        }
        #[inline(always)]
        unsafe fn load_between(self, from: *const f64, first: usize, end: usize) -> Self {
            let mask = (below(end) & !below(first)) as __mmask8;
            // SAFETY: these elements are there, and what the mask leaves out is not touched.
            F64x8(unsafe { _mm512_mask_loadu_pd(self.0, mask, from) })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f64, len: usize) {
            // SAFETY: the first `len` elements are there, and what the mask leaves out is not touched.
            unsafe { _mm512_mask_storeu_pd(to, below(len) as __mmask8, self.0) }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x8(unsafe { _mm512_mask_blend_pd(below(len) as __mmask8, rest.0, self.0) })
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // The instruction has the second operand where either is NaN, which is right unless the
            // first is.
            // SAFETY: the machine has the instructions.
            unsafe {
                let ordered = _mm512_cmp_pd_mask::<_CMP_ORD_Q>(self.0, self.0);
                F64x8(_mm512_mask_max_pd(self.0, ordered, self.0, other.0))
            }
        }
        #[inline(always)]
        fn sum(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_reduce_add_pd(self.0) }
        }
        #[inline(always)]
        fn max(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe {
                let nan = _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(self.0, self.0);
                let max = _mm512_reduce_max_pd(self.0);
                if nan == 0 { max } else { f64::NAN }
            }
        }
    }
    float {
        type Mask = __mmask8;
        const TABLES: bool = true;

        #[inline(always)]
        fn look_up(self, table: &'static [f64; 16]) -> Self {
            // SAFETY: the table has so many numbers, and the machine has the instructions.
            unsafe {
                let low = _mm512_loadu_pd(table.as_ptr());
                let high = _mm512_loadu_pd(table.as_ptr().add(8));
                F64x8(_mm512_permutex2var_pd(low, _mm512_castpd_si512(self.0), high))
            }
        }
        #[inline(always)]
        fn scale_floor(self, m: Self) -> Self {
            // The instruction takes the floor.
            // SAFETY: the machine has the instructions.
            F64x8(unsafe { _mm512_scalef_pd(self.0, m.0) })
        }

        #[inline(always)]
        fn gt(self, other: Self) -> __mmask8 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> __mmask8 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_pd_mask::<_CMP_GE_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> __mmask8 {
            // SAFETY: the machine has the instructions.
            unsafe { _mm512_cmp_pd_mask::<_CMP_NEQ_UQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn any(mask: __mmask8) -> bool {
            mask != 0
        }
        #[inline(always)]
        fn choose(mask: __mmask8, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x8(unsafe { _mm512_mask_blend_pd(mask, y.0, x.0) })
        }
        #[inline(always)]
        fn power(n: Self, t: Self) -> Self {
            Self::number(1.0).scale(n, t)
        }
        #[inline(always)]
        fn scale_normal(self, n: Self, t: Self) -> Self {
            self.scale(n, t)
        }
        #[inline(always)]
        fn scale(self, n: Self, _: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x8(unsafe { _mm512_scalef_pd(self.0, n.0) })
        }
        #[inline(always)]
        fn split(self) -> (Self, Self) {
            // SAFETY: the machine has the instructions.
            unsafe {
                let m = _mm512_getmant_pd::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_NAN>(self.0);
                let k = _mm512_sub_pd(_mm512_getexp_pd(self.0), _mm512_getexp_pd(m));
                (F64x8(m), F64x8(k))
            }
        }
        #[inline(always)]
        fn split_normal(self) -> (Self, Self) {
            self.split()
        }
        #[inline(always)]
        fn mend_ln(self, _: Self) -> Self {
            // The exponent of 0 is −∞ and that of ∞ is ∞, and the mantissa of what is negative NaN.
            self
        }
    }
}
