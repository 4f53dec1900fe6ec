//! The registers of AArch64, every one of which has NEON.

#![allow(unsafe_code, reason = "instructions have to be called so")]

use super::registers::lanes;
use super::{Float, Lanes, OnLanes, Register, math, sealed};
use core::arch::{aarch64::*, asm};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// Whether this machine runs [`F32x4`] and [`F64x2`].
fn has_neon() -> bool {
    true
}

/// Whether any bit is set.
#[inline(always)]
fn any(mask: uint32x4_t) -> bool {
    // The intrinsic would tell the compiler what it is, which makes of `a > x || b > x` `max(a, b) > x`, with
    // a maximum that is NaN if either is a signalling NaN.
    let any: u32;
    // SAFETY: the machine has the instructions, which do nothing else.
    unsafe {
        asm!(
            "umaxv {0:s}, {0:v}.4s", "fmov {1:w}, {0:s}", inout(vreg) mask => _, out(reg) any,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    any != 0
}

/// Operations that have another form elsewhere: those of bits, which are of integers here, and the
/// multiplication whose sum comes first.
macro_rules! like_elsewhere {
    (
        $Vector:ident: $to_integer:ident $of_integer:ident,
        $fma:ident $vfma:ident, $andnot:ident $bic:ident, $($name:ident $of_integers:ident),*
    ) => {
        /// `a · b + c`
        #[inline]
        #[target_feature(enable = "neon")]
        fn $fma(a: $Vector, b: $Vector, c: $Vector) -> $Vector {
            $vfma(c, a, b)
        }
        /// The bits of `b` without those of `a`
        #[inline]
        #[target_feature(enable = "neon")]
        fn $andnot(a: $Vector, b: $Vector) -> $Vector {
            $of_integer($bic($to_integer(b), $to_integer(a)))
        }
        $(
            #[inline]
            #[target_feature(enable = "neon")]
            fn $name(a: $Vector, b: $Vector) -> $Vector {
                $of_integer($of_integers($to_integer(a), $to_integer(b)))
            }
        )*
    };
}
like_elsewhere! {
    float32x4_t: vreinterpretq_u32_f32 vreinterpretq_f32_u32,
    fma_f32 vfmaq_f32, andnot_f32 vbicq_u32, and_f32 vandq_u32, or_f32 vorrq_u32, xor_f32 veorq_u32
}
like_elsewhere! {
    float64x2_t: vreinterpretq_u64_f64 vreinterpretq_f64_u64,
    fma_f64 vfmaq_f64, andnot_f64 vbicq_u64, and_f64 vandq_u64, or_f64 vorrq_u64, xor_f64 veorq_u64
}

// The register tile: of 32 registers, 6 rows of 4 vectors take 24 for their sums, a row of the right factor
// takes 4 and an element of the left one 1 or 2, so that nothing is spilled. That is 10 loads for 24
// multiplications; of the tiles that fit, 8 × 3 would take 11 for 24 and 5 × 5 as many for 25.
//
// An element of the left factor is loaded alone and multiplied by as a lane. The compiler would rather
// load it into all lanes (`ld1r`), which on many machines takes the time of a multiplication: a
// quarter more of it.
lanes! {
    F32x4: [f32; 4] in float32x4_t (vreg), "4 numbers of type `f32` in a NEON register.",
    vectors 4, features "neon", machine has_neon,
    set vdupq_n_f32, load vld1q_f32, store vst1q_f32,
    add vaddq_f32, sub vsubq_f32, mul vmulq_f32, div vdivq_f32, fma fma_f32,
    min vminq_f32, max vmaxq_f32, sqrt vsqrtq_f32,
    and and_f32, andnot andnot_f32, or or_f32, xor xor_f32,
    integers vreinterpretq_u32_f32, vreinterpretq_f32_u32, add vaddq_u32,
    left vshlq_n_u32, right vshrq_n_u32 by 23,
    lanes {
        type Half = Self;
        #[inline(always)]
        unsafe fn load_splat(from: *const f32) -> Self {
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let x: float32x4_t;
                asm!(
                    "ldr {x:s}, [{from}]", x = out(vreg) x, from = in(reg) from,
                    options(pure, readonly, nostack, preserves_flags)
                );
                F32x4(vdupq_laneq_f32::<0>(x))
            }
        }
        #[inline(always)]
        unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
            // Bit by bit, the number of the row and that of the lane change places.
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let row = |i: usize| vld1q_f32(from.add(i * from_row));
                let (a, b, c, d) = (row(0), row(1), row(2), row(3));
                let twos = |x: float32x4_t| vreinterpretq_f64_f32(x);
                let (ab, cd) = (twos(vtrn1q_f32(a, b)), twos(vtrn1q_f32(c, d)));
                let (ab_odd, cd_odd) = (twos(vtrn2q_f32(a, b)), twos(vtrn2q_f32(c, d)));
                let rows = [
                    vtrn1q_f64(ab, cd),
                    vtrn1q_f64(ab_odd, cd_odd),
                    vtrn2q_f64(ab, cd),
                    vtrn2q_f64(ab_odd, cd_odd),
                ];
                for (i, row) in rows.into_iter().enumerate() {
                    vst1q_f32(to.add(i * to_row), vreinterpretq_f32_f64(row));
                }
            }
        }
        #[inline(always)]
        unsafe fn load_part(from: *const f32, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and no others are touched.
            F32x4(unsafe {
                let none = vdupq_n_f32(0.0);
                match len {
                    0 => none,
                    1 => vld1q_lane_f32::<0>(from, none),
                    2 => vcombine_f32(vld1_f32(from), vget_low_f32(none)),
                    3 => {
                        let two = vcombine_f32(vld1_f32(from), vget_low_f32(none));
                        vld1q_lane_f32::<2>(from.add(2), two)
                    }
                    _ => vld1q_f32(from),
                }
            })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f32, len: usize) {
            // SAFETY: the first `len` elements are there, and no others are touched.
            unsafe {
                match len {
                    0 => {}
                    1 => vst1q_lane_f32::<0>(to, self.0),
                    2 => vst1_f32(to, vget_low_f32(self.0)),
                    3 => {
                        vst1_f32(to, vget_low_f32(self.0));
                        vst1q_lane_f32::<2>(to.add(2), self.0);
                    }
                    _ => vst1q_f32(to, self.0),
                }
            }
        }
        #[inline(always)]
        unsafe fn load_twos(from: *const f32, len: usize) -> Self {
            if len < 4 {
                // SAFETY: as promised.
                return Self::from_fn(|i| if i < len { unsafe { *from.add(2 * i) } } else { 0.0 });
            }
            // SAFETY: seven elements are there, and the machine has the instructions.
            unsafe {
                let (front, back) = (vld1q_f32(from), vld1q_f32(from.add(3)));
                F32x4(vuzp1q_f32(front, vextq_f32::<1>(back, back)))
            }
        }
        #[inline(always)]
        unsafe fn store_twos(self, to: *mut f32, len: usize) {
            // SAFETY: the first `len` of these are there, and no others are touched.
            unsafe {
                if len > 0 {
                    vst1q_lane_f32::<0>(to, self.0);
                }
                if len > 1 {
                    vst1q_lane_f32::<1>(to.add(2), self.0);
                }
                if len > 2 {
                    vst1q_lane_f32::<2>(to.add(4), self.0);
                }
                if len > 3 {
                    vst1q_lane_f32::<3>(to.add(6), self.0);
                }
            }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: there are four numbers to load, and the machine has the instructions.
            unsafe {
                let below = vcltq_u32(vld1q_u32([0, 1, 2, 3].as_ptr()), vdupq_n_u32(len.min(4) as u32));
                F32x4(vbslq_f32(below, self.0, rest.0))
            }
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x4(unsafe { vmaxq_f32(self.0, other.0) })
        }
        #[inline(always)]
        fn sum(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe { vaddvq_f32(self.0) }
        }
        #[inline(always)]
        fn max(self) -> f32 {
            // SAFETY: the machine has the instructions.
            unsafe { vmaxvq_f32(self.0) }
        }
    }
    float {
        type Mask = uint32x4_t;

        #[inline(always)]
        fn gt(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { vcgtq_f32(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { vcgeq_f32(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { vmvnq_u32(vceqq_f32(self.0, other.0)) }
        }
        #[inline(always)]
        fn any(mask: Self::Mask) -> bool {
            any(mask)
        }
        #[inline(always)]
        fn choose(mask: Self::Mask, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F32x4(unsafe { vbslq_f32(mask, x.0, y.0) })
        }
    }
}

lanes! {
    F64x2: [f64; 2] in float64x2_t (vreg), "2 numbers of type `f64` in a NEON register.",
    vectors 4, features "neon", machine has_neon,
    set vdupq_n_f64, load vld1q_f64, store vst1q_f64,
    add vaddq_f64, sub vsubq_f64, mul vmulq_f64, div vdivq_f64, fma fma_f64,
    min vminq_f64, max vmaxq_f64, sqrt vsqrtq_f64,
    and and_f64, andnot andnot_f64, or or_f64, xor xor_f64,
    integers vreinterpretq_u64_f64, vreinterpretq_f64_u64, add vaddq_u64,
    left vshlq_n_u64, right vshrq_n_u64 by 52,
    lanes {
        type Half = Self;
        #[inline(always)]
        unsafe fn load_splat(from: *const f64) -> Self {
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let x: float64x2_t;
                asm!(
                    "ldr {x:d}, [{from}]", x = out(vreg) x, from = in(reg) from,
                    options(pure, readonly, nostack, preserves_flags)
                );
                F64x2(vdupq_laneq_f64::<0>(x))
            }
        }
        #[inline(always)]
        unsafe fn transpose(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
            // SAFETY: as promised, and the machine has the instructions.
            unsafe {
                let (a, b) = (vld1q_f64(from), vld1q_f64(from.add(from_row)));
                vst1q_f64(to, vtrn1q_f64(a, b));
                vst1q_f64(to.add(to_row), vtrn2q_f64(a, b));
            }
        }
        #[inline(always)]
        unsafe fn load_part(from: *const f64, len: usize) -> Self {
            // SAFETY: the first `len` elements are there, and no others are touched.
            F64x2(unsafe {
                match len {
                    0 => vdupq_n_f64(0.0),
                    1 => vld1q_lane_f64::<0>(from, vdupq_n_f64(0.0)),
                    _ => vld1q_f64(from),
                }
            })
        }
        #[inline(always)]
        unsafe fn store_part(self, to: *mut f64, len: usize) {
            // SAFETY: the first `len` elements are there, and no others are touched.
            unsafe {
                match len {
                    0 => {}
                    1 => vst1q_lane_f64::<0>(to, self.0),
                    _ => vst1q_f64(to, self.0),
                }
            }
        }
        #[inline(always)]
        unsafe fn store_twos(self, to: *mut f64, len: usize) {
            // SAFETY: the first `len` of these are there, and no others are touched.
            unsafe {
                if len > 0 {
                    vst1q_lane_f64::<0>(to, self.0);
                }
                if len > 1 {
                    vst1q_lane_f64::<1>(to.add(2), self.0);
                }
            }
        }
        #[inline(always)]
        fn keep(self, len: usize, rest: Self) -> Self {
            // SAFETY: there are two numbers to load, and the machine has the instructions.
            unsafe {
                let below = vcltq_u64(vld1q_u64([0, 1].as_ptr()), vdupq_n_u64(len as u64));
                F64x2(vbslq_f64(below, self.0, rest.0))
            }
        }
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x2(unsafe { vmaxq_f64(self.0, other.0) })
        }
        #[inline(always)]
        fn sum(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe { vaddvq_f64(self.0) }
        }
        #[inline(always)]
        fn max(self) -> f64 {
            // SAFETY: the machine has the instructions.
            unsafe { vmaxvq_f64(self.0) }
        }
    }
    float {
        type Mask = uint64x2_t;

        #[inline(always)]
        fn gt(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { vcgtq_f64(self.0, other.0) }
        }
        #[inline(always)]
        fn ge(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { vcgeq_f64(self.0, other.0) }
        }
        #[inline(always)]
        fn ne(self, other: Self) -> Self::Mask {
            // SAFETY: the machine has the instructions.
            unsafe { veorq_u64(vceqq_f64(self.0, other.0), vdupq_n_u64(u64::MAX)) }
        }
        #[inline(always)]
        fn any(mask: Self::Mask) -> bool {
            // SAFETY: the machine has the instructions.
            any(unsafe { vreinterpretq_u32_u64(mask) })
        }
        #[inline(always)]
        fn choose(mask: Self::Mask, x: Self, y: Self) -> Self {
            // SAFETY: the machine has the instructions.
            F64x2(unsafe { vbslq_f64(mask, x.0, y.0) })
        }
    }
}
