//! Blocks on the heap.

#![expect(unsafe_code, reason = "memory that begins at a multiple of the widest vector")]

use super::{Block, copied, len, slice, views_mut};
use crate::info::Init;
use crate::scalar::Scalar;
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

/// Where a [`Boxed`] begins: at a multiple of the widest vector.
const ALIGN: usize = 64;

/// A model, a gradient, a tangent on the heap: a [`Box`] that begins at a multiple of 64 bytes.
///
/// The vectors of the kernels like it so: with weights that straddle cache lines, the forward map of a few
/// samples takes a quarter longer. It is not the struct that is aligned, because a model inside another
/// lies between the other parameters without a gap.
///
/// Two fields are borrowed at a time through the model itself: `let net = &mut *net;`.
///
/// A struct of one's own holds a `Boxed<Net>`, or the `Net` itself:
///
/// ```
/// use pullback::Boxed;
///
/// pullback::model! { pub Net: [2] -> [1] { hidden = linear -> [3], tanh, out = linear -> [1] } }
///
/// #[derive(Clone, Debug, Default, PartialEq)]
/// struct Robot {
///     policy: Boxed<Net>,
///     critic: Net,
/// }
/// let mut robot = Robot { policy: Net::zeros(), critic: Net::zeros().into_inner() };
/// assert_eq!(robot, Robot::default());
/// robot.policy.out.bias = [1.0];
/// let boxed: Box<Net> = robot.policy.clone().into();
/// assert_eq!(Boxed::from(boxed), robot.policy);
/// ```
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
        Boxed::from(&**self)
    }
}

impl<B: Block> Boxed<B> {
    /// The block by value: on the stack, where most threads have 2 MB.
    #[must_use]
    pub fn into_inner(self) -> B {
        copied(&*self)
    }
}

impl<B: PartialEq> PartialEq for Boxed<B> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// Parameters begin as 0, a state as PyTorch's.
impl<B: Block> Default for Boxed<B> {
    fn default() -> Self {
        let mut block: Boxed<B> = boxed(|_| B::Scalar::ZERO);
        for (array, info) in views_mut(&mut *block).zip(B::ARRAYS).filter(|_| B::STATE) {
            if let Init::Constant(x) = info.init {
                array.data.fill(B::Scalar::from_f64(x));
            }
        }
        block
    }
}

/// A copy.
impl<B: Block> From<&B> for Boxed<B> {
    fn from(block: &B) -> Self {
        let flat = slice(block);
        boxed(|i| flat[i])
    }
}

/// A copy, because a `Box` is not aligned as this is.
impl<B: Block> From<Box<B>> for Boxed<B> {
    fn from(block: Box<B>) -> Self {
        Boxed::from(&*block)
    }
}

impl<B> AsRef<B> for Boxed<B> {
    fn as_ref(&self) -> &B {
        self
    }
}

impl<B> AsMut<B> for Boxed<B> {
    fn as_mut(&mut self) -> &mut B {
        self
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

/// The same numbers as another scalar, by way of `f64`: for two structs of one model.
///
/// # Panics
/// If a number is none of `f64`.
#[doc(hidden)]
#[track_caller]
pub fn cast<A: Block<Scalar: num_traits::ToPrimitive>, B: Block>(block: &A) -> Boxed<B> {
    const { assert!(A::LEN == B::LEN, "two structs of one model") }
    let flat = slice(block);
    let number = |x: &A::Scalar| num_traits::ToPrimitive::to_f64(x);
    boxed(|i| match number(&flat[i]) {
        Some(x) => B::Scalar::from_f64(x),
        None => panic!("{:?} is no number of `f64`", flat[i]),
    })
}

/// A copy in a `Box`, which is not aligned as the other is.
#[doc(hidden)]
pub fn into_box<B: Block>(block: &B) -> Box<B> {
    let mut room = Box::<B>::new_uninit();
    // SAFETY: the room is for one `B`, and by the contract of `Block` a copy of its memory is another one. It never is on
    // the stack.
    unsafe {
        core::ptr::copy_nonoverlapping(block, room.as_mut_ptr(), 1);
        room.assume_init()
    }
}
