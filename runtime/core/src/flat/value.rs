//! Nested arrays as flat slices.

#![expect(unsafe_code, reason = "a large array that never was on the stack")]

use crate::scalar::Scalar;

/// A value on the heap that is zero everywhere and never was on the stack: room for one that is large.
///
/// ```
/// use pullback::flat;
///
/// let mut image: Box<[[[f32; 600]; 600]; 1]> = flat::zeros();
/// image[0][599][599] = 1.0;
/// assert_eq!(image[0][0][0], 0.0);
/// ```
#[must_use]
pub fn zeros<T: Scalar, Y: Value<T>>() -> Box<Y> {
    let memory = Box::into_raw(vec![T::ZERO; Y::SIZE].into_boxed_slice());
    // SAFETY: nobody else implements `Value`, so `Y` is `SIZE` scalars in nested arrays, of their alignment; the
    // memory is so many, is initialised, and was allocated with the layout that the box will free it with.
    unsafe { Box::from_raw(memory.cast::<Y>()) }
}

mod sealed {
    pub trait Value<T> {}
    impl<T: super::Scalar> Value<T> for T {}
    impl<T: super::Scalar, A: super::Value<T>, const N: usize> Value<T> for [A; N] {}
}

/// Nested arrays of scalars, as a model takes and gives them: `T`, `[T; N]`, `[[T; N]; M]`, … Nobody else implements
/// it.
pub trait Value<T>: sealed::Value<T> + Sized {
    /// How many scalars it has.
    const SIZE: usize;
    /// All scalars of several values, in row-major order.
    fn flat(values: &[Self]) -> &[T];
    /// The same, for writing.
    fn flat_mut(values: &mut [Self]) -> &mut [T];
    /// The values that some scalars are, in row-major order; what is left over is no value.
    fn values(flat: &[T]) -> &[Self];
    /// The same, for writing.
    fn values_mut(flat: &mut [T]) -> &mut [Self];
}

impl<T: Scalar> Value<T> for T {
    const SIZE: usize = 1;
    #[inline(always)]
    fn flat(values: &[T]) -> &[T] {
        values
    }
    #[inline(always)]
    fn flat_mut(values: &mut [T]) -> &mut [T] {
        values
    }
    #[inline(always)]
    fn values(flat: &[T]) -> &[T] {
        flat
    }
    #[inline(always)]
    fn values_mut(flat: &mut [T]) -> &mut [T] {
        flat
    }
}

impl<T: Scalar, A: Value<T>, const N: usize> Value<T> for [A; N] {
    const SIZE: usize = N * A::SIZE;
    #[inline(always)]
    fn flat(values: &[[A; N]]) -> &[T] {
        A::flat(values.as_flattened())
    }
    #[inline(always)]
    fn flat_mut(values: &mut [[A; N]]) -> &mut [T] {
        A::flat_mut(values.as_flattened_mut())
    }
    #[inline(always)]
    fn values(flat: &[T]) -> &[Self] {
        A::values(flat).as_chunks().0
    }
    #[inline(always)]
    fn values_mut(flat: &mut [T]) -> &mut [Self] {
        A::values_mut(flat).as_chunks_mut().0
    }
}
