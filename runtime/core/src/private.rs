//! What the expansion of `model!` refers to. Not part of the interface.
//!
//! Anybody can call it all the same, with any arguments, and must not reach undefined behaviour: what memory is read
//! and written rests on is checked here, or is of traits that nobody else implements.
#![allow(missing_docs, reason = "hidden")]

pub use crate::__block_impls as block_impls;
pub use crate::flat::{
    Block, Boxed, Flat, Value, boxed, cast, copied, into_box, slice, slice_mut, view, views,
    views_mut,
};
#[cfg(feature = "serde")]
pub use crate::flat::{deserialize, serialize};
pub use crate::index::Index;
pub use crate::info::len_of;
pub use crate::loss::{BatchCriterion, Criterion};
/// Types that are nothing but parameters: a struct that is parts of others asks whether they are.
pub const fn is_block<B: Block<Scalar = T>, T: Scalar>() {}

/// What the bodies of the generated functions call, by names that no user has.
pub mod k {
    pub use crate::kernel::{
        Axis as __Axis, Body as __Body, Fold, Scratch as __Scratch, Skip as __Skip,
        Staged as __Staged, Windows as __Windows, block as __block, chosen as __chosen,
        contract as __contract, contract_shared as __contract_shared, convolve as __convolve,
        convolve_shared as __convolve_shared, cut as __cut, cut_mut as __cut_mut,
        gather as __gather, im2col_len as __im2col_len, inline as __inline, iota as __iota,
        lanes as __lanes, map as __map, own as __own, packed as __packed, parts as __parts,
        prefetch_next as __prefetch_next, read as __read, read2 as __read2, read3 as __read3,
        reduce as __reduce, scatter as __scatter, scratch as __scratch, shared_out as __shared_out,
        temp as __temp, write as __write, write2 as __write2, write3 as __write3,
    };
    pub use crate::lanes::{Lanes as __Lanes, OnLanes as __OnLanes};
    /// The sum.
    pub const __SUM: Fold = Fold::Sum;
    /// The greatest.
    pub const __MAX: Fold = Fold::Max;
}
pub use crate::lanes::Lanes;
/// For what measures the lanes, and tests them.
pub mod lanes {
    pub use crate::lanes::{Float, Lanes, OnIsa, OnLanes, OnWide, Pack, math};
}
pub use crate::model::{
    Cotangents, Data, Forward, Init, InputInfo, Model, ParamInfo, Tangents, Torch, View, ViewMut,
    Workspace, Wrt, init, start, zeros,
};
pub use crate::random::{Generator, Key, uniform};
pub use crate::run::{
    Io, Tiles, Wanted, entry, forward, forward_flat, jvp, jvp_flat, mean_and_grad, primal,
    pullback, returned, value_and_grad, vjp, vjp_flat, vjp_given, vjp_given_flat, with_memory,
    written,
};
pub use crate::scalar::{Real, Scalar};
pub use crate::spec::Op;
pub use core::iter::Iterator;
pub use core::marker::PhantomData;
pub use core::mem::swap;
pub use num_traits::ToPrimitive;
#[cfg(feature = "serde")]
pub use serde;
pub use typenum::Const;

/// What generated code imports under the name of each of its variables, so that a `const` of that name outside is
/// no hindrance: a variable may have the name of a function.
pub fn nothing() {}

/// The value of a constant, whose definition then is no part of the documentation.
pub const fn told<T: Copy>(value: T) -> T {
    value
}

/// The greatest of some sizes.
pub const fn greatest(sizes: &[usize]) -> usize {
    let (mut i, mut greatest) = (0, 0);
    while i < sizes.len() {
        if sizes[i] > greatest {
            greatest = sizes[i];
        }
        i += 1;
    }
    greatest
}

/// How many queries of attention make a block: all of them, up to `all_at_once`.
pub const fn block(queries: usize, all_at_once: usize, block: usize) -> usize {
    if queries <= all_at_once { queries } else { block }
}

/// `head` followed by `left` and `right` in decimal, padded with zeros: the text of an assertion that
/// only rustc can decide.
pub const fn unequal<const LEN: usize>(head: &str, left: usize, right: usize) -> [u8; LEN] {
    let mut text = [0; LEN];
    let at = push(&mut text, 0, head.as_bytes());
    let at = push_number(&mut text, at, left);
    let at = push(&mut text, at, b" and ");
    push_number(&mut text, at, right);
    text
}

const fn push(text: &mut [u8], mut at: usize, more: &[u8]) -> usize {
    let mut i = 0;
    while i < more.len() && at < text.len() {
        text[at] = more[i];
        at += 1;
        i += 1;
    }
    at
}

const fn push_number(text: &mut [u8], at: usize, n: usize) -> usize {
    let at = if n >= 10 { push_number(text, at, n / 10) } else { at };
    push(text, at, &[b'0' + (n % 10) as u8])
}

/// The text without its padding.
pub const fn as_text(text: &[u8]) -> &str {
    let mut len = text.len();
    while len > 0 && text[len - 1] == 0 {
        len -= 1;
    }
    match core::str::from_utf8(text.split_at(len).0) {
        Ok(text) => text,
        Err(_) => "two dimensions differ",
    }
}

/// What a person reads of a block.
pub fn show<B: Block>(
    name: &str,
    block: &B,
    f: &mut core::fmt::Formatter<'_>,
) -> core::fmt::Result {
    crate::flat::show(name, block, f)
}

/// Those `N` arrays of a model that are a layer's, of which `first` is the first; a layer's names are what stands after
/// so many bytes of the model's.
pub const fn arrays_of<const N: usize>(
    all: &'static [ParamInfo],
    first: usize,
    prefix: usize,
) -> [ParamInfo; N] {
    let mut arrays = [all[first]; N];
    let mut i = 0;
    while i < N {
        let info = all[first + i];
        let (name, start) = (info.name.split_at(prefix).1, info.start - all[first].start);
        arrays[i] = ParamInfo { name, start, ..info };
        i += 1;
    }
    arrays
}

/// Running an op of the user's inside a model, sample by sample.
pub mod custom {
    use crate::scalar::Scalar;
    use crate::shape::Shape;
    use crate::spec::Op;

    fn each<T, F: Op<T>>(n: usize, f: impl Fn(core::ops::Range<usize>, core::ops::Range<usize>))
    where
        T: Scalar,
    {
        let (dom, cod) = (F::Dom::SIZE, F::Cod::SIZE);
        for i in 0..n {
            f(i * dom..(i + 1) * dom, i * cod..(i + 1) * cod);
        }
    }

    pub fn forward<T: Scalar, F: Op<T>>(op: &F, n: usize, x: &[T], y: &mut [T]) {
        let y = core::cell::RefCell::new(y);
        each::<T, F>(n, |dom, cod| op.forward(&x[dom], &mut y.borrow_mut()[cod]));
    }

    pub fn jvp<T: Scalar, F: Op<T>>(op: &F, n: usize, x: &[T], dx: &[T], dy: &mut [T]) {
        let dy = core::cell::RefCell::new(dy);
        each::<T, F>(n, |dom, cod| op.jvp(&x[dom.clone()], &dx[dom], &mut dy.borrow_mut()[cod]));
    }

    pub fn vjp<T: Scalar, F: Op<T>>(op: &F, n: usize, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        let x_bar = core::cell::RefCell::new(x_bar);
        each::<T, F>(n, |dom, cod| {
            op.vjp(&x[dom.clone()], &y_bar[cod], &mut x_bar.borrow_mut()[dom])
        });
    }
}
