//! Shapes as types.
//!
//! A shape is a list of dimensions at the level of types, outermost first:
//! `(Const<28>, (Const<14>, ()))`, written [`Shape![28, 14]`](crate::Shape!). The dimensions are
//! [`typenum::Const`] because rustc prints those in decimal; a bare typenum integer would print as
//! `UInt<UInt<…>>`.

pub use typenum::Const;

/// Writes a [shape](trait@Shape) as a type: `Shape![28, 14]`, a scalar as `Shape![]`.
///
/// A dimension is a literal, a `const`, a const parameter, or an expression in braces.
///
/// ```
/// use pullback::Shape;
///
/// const WIDTH: usize = 4;
/// type Image = Shape![3, WIDTH, { 2 * WIDTH }];
/// assert_eq!(Image::dims(), [3, 4, 8]);
/// assert!(<Shape![]>::dims().is_empty());
/// ```
#[macro_export]
macro_rules! Shape {
    [] => { () };
    [$head:tt $(, $tail:tt)* $(,)?] => {
        ($crate::shape::Const<$head>, $crate::Shape![$($tail),*])
    };
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<const N: usize, S: super::Shape> Sealed for (super::Const<N>, S) {}
}

/// A type-level list of dimensions; see [`Shape!`](crate::Shape!).
///
/// Implemented by `()` and by `(Const<N>, S)` where `S` is a shape, and by nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shape",
    label = "needs a list of dimensions",
    note = "a shape is written `Shape![28, 14]`, which is `(Const<28>, (Const<14>, ()))`; a scalar is `Shape![]`"
)]
pub trait Shape: Send + Sync + 'static + sealed::Sealed {
    /// The number of axes.
    const RANK: usize;
    /// The number of elements: the product of the dimensions, 1 for a scalar.
    const SIZE: usize;
    /// The last dimension, 1 for a scalar.
    const LAST: usize;
    /// The dimensions, for use in `const` contexts.
    const DIMS: Dims;

    /// The nested array of this shape: `[[T; 14]; 28]` for `Shape![28, 14]`, `T` for `Shape![]`.
    type Array<T: Copy>: Copy;

    /// The dimensions, outermost first.
    ///
    /// ```
    /// use pullback::Shape;
    /// assert_eq!(<Shape![28, 14]>::dims(), [28, 14]);
    /// ```
    fn dims() -> Vec<usize> {
        Self::DIMS.iter().collect()
    }

    /// The array with `value` in every place.
    ///
    /// ```
    /// use pullback::Shape;
    /// assert_eq!(<Shape![2, 3]>::filled(1.5), [[1.5; 3]; 2]);
    /// ```
    fn filled<T: Copy>(value: T) -> Self::Array<T>;

    /// All elements of several arrays, in row-major order.
    ///
    /// ```
    /// use pullback::Shape;
    /// let matrix = [[1, 2], [3, 4]];
    /// assert_eq!(<Shape![2, 2]>::flat(&[matrix]), [1, 2, 3, 4]);
    /// ```
    fn flat<T: Copy>(arrays: &[Self::Array<T>]) -> &[T];

    /// All elements of several arrays, in row-major order.
    fn flat_mut<T: Copy>(arrays: &mut [Self::Array<T>]) -> &mut [T];
}

impl Shape for () {
    const RANK: usize = 0;
    const SIZE: usize = 1;
    const LAST: usize = 1;
    const DIMS: Dims = Dims(None);
    type Array<T: Copy> = T;

    fn filled<T: Copy>(value: T) -> T {
        value
    }
    fn flat<T: Copy>(arrays: &[T]) -> &[T] {
        arrays
    }
    fn flat_mut<T: Copy>(arrays: &mut [T]) -> &mut [T] {
        arrays
    }
}

impl<const N: usize, S: Shape> Shape for (Const<N>, S) {
    const RANK: usize = 1 + S::RANK;
    const SIZE: usize = N * S::SIZE;
    const LAST: usize = if S::RANK == 0 { N } else { S::LAST };
    const DIMS: Dims = Dims(Some((N, &S::DIMS)));
    type Array<T: Copy> = [S::Array<T>; N];

    fn filled<T: Copy>(value: T) -> Self::Array<T> {
        [S::filled(value); N]
    }
    fn flat<T: Copy>(arrays: &[Self::Array<T>]) -> &[T] {
        S::flat(arrays.as_flattened())
    }
    fn flat_mut<T: Copy>(arrays: &mut [Self::Array<T>]) -> &mut [T] {
        S::flat_mut(arrays.as_flattened_mut())
    }
}

/// The dimensions of a [shape](trait@Shape) as a value that `const` code can walk: head and tail.
#[derive(Clone, Copy, Debug)]
pub struct Dims(Option<(usize, &'static Dims)>);

impl Dims {
    /// Dimension `axis`; 1 after the last axis.
    #[must_use]
    pub const fn get(&self, axis: usize) -> usize {
        match self.0 {
            None => 1,
            Some((head, _)) if axis == 0 => head,
            Some((_, tail)) => tail.get(axis - 1),
        }
    }

    /// The dimensions, outermost first.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let mut rest = self;
        core::iter::from_fn(move || {
            let (head, tail) = rest.0?;
            rest = tail;
            Some(head)
        })
    }
}

/// That axis `A` (counted from 0) exists, what it is and what is left without it.
///
/// Implemented for the first 8 axes.
///
/// ```
/// use pullback::{Shape, shape::{Axis, Const}};
/// fn rest<S: Axis<1>>() -> Vec<usize> {
///     S::Rest::dims()
/// }
/// assert_eq!(rest::<Shape![2, 3, 4]>(), [2, 4]);
/// ```
#[diagnostic::on_unimplemented(
    message = "the shape `{Self}` has no axis {A}",
    label = "needs a shape of more axes",
    note = "axes are counted from 0"
)]
pub trait Axis<const A: usize>: Shape {
    /// The dimension, as a type: `Const<N>`.
    type Len: Send + Sync + 'static;
    /// The shape without this axis.
    type Rest: Shape;
    /// The dimension.
    const LEN: usize;
    /// The product of the dimensions after it: the distance of neighbours along the axis.
    const STRIDE: usize;
}

macro_rules! axis {
    ($A:literal: $($N:ident)*) => {
        impl<$(const $N: usize,)* const LEN: usize, S: Shape> Axis<$A>
            for axis!(@list (Const<LEN>, S); $($N)*)
        {
            type Len = Const<LEN>;
            type Rest = axis!(@list S; $($N)*);
            const LEN: usize = LEN;
            const STRIDE: usize = S::SIZE;
        }
    };
    (@list $end:ty;) => { $end };
    (@list $end:ty; $N:ident $($tail:ident)*) => { (Const<$N>, axis!(@list $end; $($tail)*)) };
}
axis!(0:);
axis!(1: A0);
axis!(2: A0 A1);
axis!(3: A0 A1 A2);
axis!(4: A0 A1 A2 A3);
axis!(5: A0 A1 A2 A3 A4);
axis!(6: A0 A1 A2 A3 A4 A5);
axis!(7: A0 A1 A2 A3 A4 A5 A6);

/// That the list of axes `P` picks dimensions of this shape, and the shape they make in that order.
///
/// `Shape![2, 3, 4]: Pick<Shape![2, 0]>` with `Output = Shape![4, 2]`.
pub trait Pick<P: Shape>: Shape {
    /// The dimensions picked, in the order of `P`.
    type Output: Shape;
}

impl<S: Shape> Pick<()> for S {
    type Output = ();
}

impl<const A: usize, P: Shape, S: Axis<A> + Pick<P>> Pick<(Const<A>, P)> for S
where
    (<S as Axis<A>>::Len, <S as Pick<P>>::Output): Shape,
{
    type Output = (<S as Axis<A>>::Len, <S as Pick<P>>::Output);
}

/// Whether `P` names each of the axes `0..P::RANK` once.
#[must_use]
pub const fn is_permutation<P: Shape>() -> bool {
    let mut axis = 0;
    while axis < P::RANK {
        let (mut found, mut at) = (false, 0);
        while at < P::RANK {
            found |= P::DIMS.get(at) == axis;
            at += 1;
        }
        if !found {
            return false;
        }
        axis += 1;
    }
    true
}

/// Whether `From` broadcasts to `To` by NumPy's rule: the shapes are aligned at their last axes, and
/// each dimension of `From` is that of `To`, or 1, or missing.
#[must_use]
pub const fn broadcasts<From: Shape, To: Shape>() -> bool {
    if From::RANK > To::RANK {
        return false;
    }
    let mut axis = 0;
    while axis < From::RANK {
        let from = From::DIMS.get(axis);
        if from != 1 && from != To::DIMS.get(axis + To::RANK - From::RANK) {
            return false;
        }
        axis += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_a_shape() {
        type S = Shape![2, 3, { 2 + 2 }];
        assert_eq!((S::RANK, S::SIZE, S::LAST, S::dims()), (3, 24, 4, vec![2, 3, 4]));
        assert_eq!((<()>::RANK, <()>::SIZE, <()>::LAST, <()>::dims()), (0, 1, 1, vec![]));
        assert_eq!(<Shape![5, 0]>::SIZE, 0);
    }

    #[test]
    fn arrays_are_flat_in_row_major_order() {
        let mut a: <Shape![2, 3] as Shape>::Array<i32> = [[1, 2, 3], [4, 5, 6]];
        assert_eq!(<Shape![2, 3]>::flat(&[a]), [1, 2, 3, 4, 5, 6]);
        <Shape![2, 3]>::flat_mut(core::slice::from_mut(&mut a))[4] = 0;
        assert_eq!(a, [[1, 2, 3], [4, 0, 6]]);
        assert!(<Shape![0, 3]>::flat(&[<Shape![0, 3]>::filled(1)]).is_empty());
    }

    #[test]
    fn axes_and_permutations() {
        fn picked<S: Pick<P>, P: Shape>() -> Vec<usize> {
            S::Output::dims()
        }
        fn axis<S: Axis<A>, const A: usize>() -> (usize, usize, Vec<usize>) {
            (S::LEN, S::STRIDE, S::Rest::dims())
        }
        type S = Shape![2, 3, 4];
        assert_eq!(axis::<S, 0>(), (2, 12, vec![3, 4]));
        assert_eq!(axis::<S, 2>(), (4, 1, vec![2, 3]));
        assert_eq!(picked::<S, Shape![2, 0, 1]>(), [4, 2, 3]);
        assert!(is_permutation::<Shape![2, 0, 1]>());
        assert!(!is_permutation::<Shape![2, 0, 0]>());
        assert!(!is_permutation::<Shape![1]>());
    }

    #[test]
    fn broadcasting_follows_numpy() {
        assert!(broadcasts::<Shape![], S>());
        assert!(broadcasts::<Shape![4], S>());
        assert!(broadcasts::<Shape![3, 1], S>());
        assert!(!broadcasts::<Shape![3], S>());
        assert!(!broadcasts::<S, Shape![4]>());
        type S = Shape![2, 3, 4];
    }
}
