//! Arrays, blocks of parameters and indices as flat slices: the crate's only casts.

#![expect(unsafe_code, reason = "reinterpreting memory that is laid out alike")]

mod boxed;
mod impls;
#[cfg(feature = "serde")]
mod serial;
mod show;
mod value;

pub use boxed::{Boxed, boxed, cast, into_box};
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use serial::{deserialize, serialize};
pub(crate) use show::show;
pub use value::{Value, zeros};

use crate::info::{ParamInfo, View, ViewMut};
use crate::scalar::Scalar;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

/// A struct that is nothing but scalars, one after the other: the parameters of a model, those of one of its layers, its
/// state.
///
/// ```
/// use pullback::flat::{self, Block};
///
/// pullback::model! { pub Net: [2] -> [1] { hidden = linear -> [3], tanh, out = linear -> [1] } }
///
/// /// The root of the mean square of each array of a model or of a layer.
/// fn sizes<B: Block<Scalar = f32>>(block: &B) -> Vec<(&'static str, f32)> {
///     let size = |xs: &[f32]| (xs.iter().map(|x| x * x).sum::<f32>() / xs.len() as f32).sqrt();
///     flat::views(block).map(|array| (array.name, size(array.data))).collect()
/// }
/// let mut net = Net::<f32>::zeros();
/// net.out.bias = [2.0];
/// assert_eq!(sizes(&net.out), [("weight", 0.0), ("bias", 2.0)]);
/// assert_eq!(sizes(&*net)[3], ("out.bias", 2.0));
/// ```
///
/// # Safety
/// The type is `#[repr(C)]` and made only of `Self::Scalar`, arrays of it, and other such structs, so
/// that it is `LEN` scalars without padding.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the struct of a model",
    note = "what a `Boxed<Net>` holds is `&*net`, or `&mut *net`",
    note = "a model is a macro and a struct of one name: the name may stand for the macro of one and for another type"
)]
pub unsafe trait Block: Sized {
    /// What it is made of.
    type Scalar: Scalar;
    /// How many scalars it has.
    const LEN: usize;
    /// Its arrays, in the order of memory.
    const ARRAYS: &'static [ParamInfo];
    /// Whether they are state, which begins as [`ParamInfo::init`] says and not as 0.
    #[doc(hidden)]
    const STATE: bool = false;
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

/// The arrays of a block with their names and shapes.
pub fn views<B: Block>(block: &B) -> impl Iterator<Item = View<'_, B::Scalar>> {
    let flat = slice(block);
    B::ARRAYS.iter().map(move |info| View {
        name: info.name,
        shape: info.shape,
        data: &flat[info.start..info.start + info.len()],
    })
}

/// The arrays of a block with their names and shapes, for writing.
///
/// ```
/// use pullback::flat;
///
/// pullback::model! { pub Net: [2] -> [1] { hidden = linear -> [3], tanh, out = linear -> [1] } }
///
/// let mut net = Net::<f32>::zeros();
/// for array in flat::views_mut(&mut *net).filter(|array| array.name.ends_with("bias")) {
///     array.data.fill(0.5);
/// }
/// assert_eq!((net.hidden.bias, net.out.weight), ([0.5; 3], [[0.0]; 3]));
/// ```
pub fn views_mut<B: Block>(block: &mut B) -> impl Iterator<Item = ViewMut<'_, B::Scalar>> {
    let mut rest = slice_mut(block);
    B::ARRAYS.iter().map(move |info| {
        let (data, after) = core::mem::take(&mut rest).split_at_mut(info.len());
        rest = after;
        ViewMut { name: info.name, shape: info.shape, data }
    })
}

/// A copy of a block, by value: on the stack, as a copy of every struct.
#[inline(always)]
pub fn copied<B: Block>(block: &B) -> B {
    // SAFETY: by the contract of `Block` it is nothing but scalars, which are `Copy`.
    unsafe { core::ptr::read(block) }
}

/// Scalars seen as the block that they are; `None` if their number is another.
///
/// ```
/// use pullback::flat;
///
/// pullback::model! { pub Net: [2] -> [1] { linear -> [1] } }
///
/// static WEIGHTS: [f32; 3] = [2.0, 3.0, 0.5];
/// let net: &'static Net = flat::from_slice(&WEIGHTS).unwrap();
/// assert_eq!(net.forward(&[1.0, 10.0]), [32.5]);
/// assert!(flat::from_slice::<Net>(&WEIGHTS[..2]).is_none());
/// ```
pub fn from_slice<B: Block>(scalars: &[B::Scalar]) -> Option<&B> {
    const { assert!(align_of::<B>() == align_of::<B::Scalar>() || size_of::<B>() == 0) }
    if scalars.len() != const { len::<B>() } {
        return None;
    }
    let start: *const B = match size_of::<B>() {
        0 => core::ptr::NonNull::dangling().as_ptr(),
        _ => scalars.as_ptr().cast(),
    };
    // SAFETY: by the contract of `Block` it is `len` scalars, and any are valid; the lifetime and the sharing are
    // those of the borrow. A block without scalars takes no memory, and a dangling pointer to it is aligned.
    Some(unsafe { &*start })
}

/// Scalars seen as the block that they are, for writing ([`from_slice`]).
pub fn from_slice_mut<B: Block>(scalars: &mut [B::Scalar]) -> Option<&mut B> {
    const { assert!(align_of::<B>() == align_of::<B::Scalar>() || size_of::<B>() == 0) }
    if scalars.len() != const { len::<B>() } {
        return None;
    }
    let start: *mut B = match size_of::<B>() {
        0 => core::ptr::NonNull::dangling().as_ptr(),
        _ => scalars.as_mut_ptr().cast(),
    };
    // SAFETY: as in `from_slice`; the borrow is unique.
    Some(unsafe { &mut *start })
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
