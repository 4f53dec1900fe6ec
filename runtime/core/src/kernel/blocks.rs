//! Blocks of a long pointwise function, which is done step by step.

use super::contract::LINE;
use super::{In, Out};
use crate::scalar::Scalar;
use crate::tuning::{BLOCK_BYTES, NEAR_BYTES};
use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// Elements of a block.
#[must_use]
pub const fn block<T>() -> usize {
    const { assert!(size_of::<T>() > 0 && size_of::<T>() <= BLOCK_BYTES && align_of::<T>() <= 64) };
    BLOCK_BYTES / size_of::<T>()
}

/// Begins to load the second `m` elements of what is left of an array of `length`, if that comes from memory.
///
/// The machine's own prefetching begins anew with every block; where others keep the memory busy, that is too
/// late. In caches it is early enough, and this would only cost.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn prefetch_next<T>(left: &[T], m: usize, length: usize) {
    if length * size_of::<T>() <= NEAR_BYTES {
        return;
    }
    let from = left.as_ptr().wrapping_add(m).cast::<u8>();
    let mut at = 0;
    while at < m * size_of::<T>() {
        prefetch::<false, u8>(from.wrapping_add(at));
        at += LINE;
    }
}

/// Begins to load a line of memory into the second-level cache, or the `FIRST`. Where there is no memory, and on
/// processors without a stable intrinsic for it, nothing happens.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn prefetch<const FIRST: bool, T>(from: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        // SAFETY: an address where there is no memory does nothing.
        unsafe {
            match FIRST {
                true => _mm_prefetch::<_MM_HINT_T0>(from.cast()),
                false => _mm_prefetch::<_MM_HINT_T1>(from.cast()),
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = from;
}

/// A block under way between two steps. Its elements are initialised: a step may write less than it has said.
#[derive(Debug)]
#[repr(align(64))]
pub struct Temp<T> {
    data: [MaybeUninit<u8>; BLOCK_BYTES],
    len: usize,
    of: PhantomData<T>,
}

/// Room for a block, which is zero.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn temp<T: Scalar>() -> Temp<T> {
    let mut temp = Temp { data: [MaybeUninit::uninit(); BLOCK_BYTES], len: 0, of: PhantomData };
    let start = temp.data.as_mut_ptr().cast::<T>();
    let mut i = 0;
    while i < block::<T>() {
        // SAFETY: a block of elements fits, and `block` is not for elements that are aligned to more.
        unsafe { start.add(i).write(T::ZERO) };
        i += 1;
    }
    temp
}

impl<T: Scalar> Temp<T> {
    /// For a step that writes `len` elements.
    ///
    /// # Panics
    /// If a block has fewer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write(&mut self, len: usize) -> Out<'_, T, 1> {
        assert!(len <= block::<T>(), "a step is not longer than a block");
        self.len = len;
        let data = self.data.as_mut_ptr().cast();
        Out { data, len, strides: [1], add: false, of: PhantomData }
    }

    /// What the step before wrote.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn read(&self) -> In<'_, T, 1> {
        let data = self.data.as_ptr().cast();
        In { data, len: self.len, strides: [1], of: PhantomData }
    }
}
