//! Arrays, blocks of parameters and indices as flat slices: the crate's only casts.

#![expect(unsafe_code, reason = "reinterpreting memory that is laid out alike")]

use crate::scalar::Scalar;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

/// A struct that is nothing but scalars, one after the other: the parameters of a model.
///
/// # Safety
/// The type is `#[repr(C)]` and made only of `Self::Scalar`, arrays of it, and other such structs, so
/// that it is `LEN` scalars without padding.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the struct of a model",
    note = "a model is a macro and a struct of one name: the name may stand for the macro of one and for another type"
)]
pub unsafe trait Block: Sized {
    /// What it is made of.
    type Scalar: Scalar;
    /// How many scalars it has.
    const LEN: usize;
}

/// How many scalars a block has.
pub const fn len<B: Block>() -> usize {
    assert!(
        B::LEN * size_of::<B::Scalar>() == size_of::<B>(),
        "a block is as large as its scalars"
    );
    B::LEN
}

/// All scalars of a block, in the order of its fields.
#[inline(always)]
pub fn slice<B: Block>(block: &B) -> &[B::Scalar] {
    const { assert!(align_of::<B>() >= align_of::<B::Scalar>() || size_of::<B>() == 0) }
    if const { len::<B>() } == 0 {
        return &[];
    }
    // SAFETY: by the contract of `Block` the memory of `block` is `len` initialised scalars; the
    // lifetime and the sharing are those of the borrow.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(block).cast(), len::<B>()) }
}

/// The same, for writing.
#[inline(always)]
pub fn slice_mut<B: Block>(block: &mut B) -> &mut [B::Scalar] {
    const { assert!(align_of::<B>() >= align_of::<B::Scalar>() || size_of::<B>() == 0) }
    if const { len::<B>() } == 0 {
        return &mut [];
    }
    // SAFETY: as in `slice`; the borrow is unique, and any scalars make a valid block.
    unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(block).cast(), len::<B>()) }
}

/// All scalars of the model `M` as one slice, which knows whose they are: what `flat_mut` of a model with
/// `#[frozen]` parameters gives, so that optimisers leave those as they are. It is a `&mut [T]` wherever one is taken.
#[repr(transparent)]
pub struct Flat<M: Block> {
    of: PhantomData<fn() -> M>,
    scalars: [M::Scalar],
}

impl<M: Block> Flat<M> {
    /// The scalars of a model.
    ///
    /// ```
    /// use pullback::flat::Flat;
    /// use pullback::optim::AdamW;
    ///
    /// pullback::model! {
    ///     pub Net: [2] -> [1] { #[frozen] base = linear -> [2], tanh, head = linear -> [1] }
    /// }
    /// let (mut net, grad) = (Net::<f32>::zeros(), Net::zeros());
    /// net.base.weight = [[0.5; 2]; 2];
    /// let mut optimizer = AdamW::new(Net::<f32>::PARAMS, 1e-2);
    /// optimizer.step(net.flat_mut(), grad.flat()); // or `Flat::of(&mut *net)`
    /// assert_eq!(net.base.weight, [[0.5; 2]; 2]);
    /// ```
    pub fn of(model: &mut M) -> &mut Flat<M> {
        let scalars: *mut [M::Scalar] = slice_mut(model);
        // SAFETY: `Flat` is `repr(transparent)` over the slice; the borrow is the one that was given.
        unsafe { &mut *(scalars as *mut Flat<M>) }
    }
}

impl<M: Block> Deref for Flat<M> {
    type Target = [M::Scalar];
    fn deref(&self) -> &[M::Scalar] {
        &self.scalars
    }
}

impl<M: Block> DerefMut for Flat<M> {
    fn deref_mut(&mut self) -> &mut [M::Scalar] {
        &mut self.scalars
    }
}

impl<M: Block> fmt::Debug for Flat<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scalars.fmt(f)
    }
}

impl<'a, M: Block> IntoIterator for &'a Flat<M> {
    type Item = &'a M::Scalar;
    type IntoIter = core::slice::Iter<'a, M::Scalar>;
    fn into_iter(self) -> Self::IntoIter {
        self.scalars.iter()
    }
}

impl<'a, M: Block> IntoIterator for &'a mut Flat<M> {
    type Item = &'a mut M::Scalar;
    type IntoIter = core::slice::IterMut<'a, M::Scalar>;
    fn into_iter(self) -> Self::IntoIter {
        self.scalars.iter_mut()
    }
}

/// A block seen as another one of the same scalars: a model in training.
#[doc(hidden)]
#[inline(always)]
pub fn view<A: Block, B: Block<Scalar = A::Scalar>>(block: &A) -> &B {
    const {
        assert!(len::<A>() == len::<B>());
        assert!(size_of::<A>() == size_of::<B>() && align_of::<A>() == align_of::<B>());
    }
    // SAFETY: both are laid out alike, and by the contract of `Block` any scalars make a valid one;
    // the lifetime and the sharing are those of the borrow.
    unsafe { &*std::ptr::from_ref(block).cast() }
}

/// Where a [`Boxed`] begins: at a multiple of the widest vector.
const ALIGN: usize = 64;

/// A model, a gradient, a tangent on the heap: a [`Box`] that begins at a multiple of 64 bytes.
///
/// The vectors of the kernels like it so: with weights that straddle cache lines, the forward map of a few
/// samples takes a quarter longer. It is not the struct that is aligned, because a model inside another
/// lies between the other parameters without a gap.
///
/// Two fields are borrowed at a time through the model itself: `let net = &mut *net;`.
pub struct Boxed<B> {
    start: NonNull<B>,
}

// SAFETY: it owns its block as a `Box` does.
unsafe impl<B: Send> Send for Boxed<B> {}
// SAFETY: as above.
unsafe impl<B: Sync> Sync for Boxed<B> {}

impl<B> Boxed<B> {
    /// The layout of the memory it owns.
    fn layout() -> Layout {
        let layout = Layout::new::<B>();
        layout.align_to(ALIGN).map_or(layout, |aligned| aligned)
    }
}

impl<B> Deref for Boxed<B> {
    type Target = B;
    #[inline(always)]
    fn deref(&self) -> &B {
        // SAFETY: `start` points to a valid block that `self` owns.
        unsafe { self.start.as_ref() }
    }
}

impl<B> DerefMut for Boxed<B> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut B {
        // SAFETY: as in `deref`; the borrow is unique.
        unsafe { self.start.as_mut() }
    }
}

impl<B> Drop for Boxed<B> {
    fn drop(&mut self) {
        let layout = Self::layout();
        // SAFETY: the memory came from `alloc` with this layout, if it has a size. Nothing but `boxed`
        // makes one, of scalars, which are `Copy` and need no drop of their own.
        unsafe {
            if layout.size() > 0 {
                dealloc(self.start.as_ptr().cast(), layout);
            }
        }
    }
}

impl<B: Block> Clone for Boxed<B> {
    fn clone(&self) -> Self {
        let flat = slice(&**self);
        boxed(|i| flat[i])
    }
}

impl<B: fmt::Debug> fmt::Debug for Boxed<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A block on the heap that never was on the stack, its scalars made in order by `fill`.
pub fn boxed<B: Block>(mut fill: impl FnMut(usize) -> B::Scalar) -> Boxed<B> {
    let layout = Boxed::<B>::layout();
    if layout.size() == 0 {
        // There is no memory to ask for: `alloc` must not be asked for it, and the dangling pointer is aligned.
        return Boxed { start: NonNull::dangling() };
    }
    // SAFETY: a layout of some size is allocated with the global allocator and every scalar of it is
    // written before the box takes it over, which frees it with the same layout. If `fill` panics the
    // memory leaks, and scalars are `Copy`, so nothing is dropped wrongly.
    unsafe {
        let start = alloc(layout).cast::<B::Scalar>();
        let Some(block) = NonNull::new(start.cast()) else { handle_alloc_error(layout) };
        for i in 0..len::<B>() {
            start.add(i).write(fill(i));
        }
        Boxed { start: block }
    }
}

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
