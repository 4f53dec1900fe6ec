//! Sums, and ops that only move elements.
//!
//! An op that moves elements is a *gather*: `y[i] = x[source(i)]`. Its transpose is the scatter that
//! adds: `x̄[source(i)] += ȳ[i]`.

use super::linear::linear;
use super::{Op, expect_size, unit};
use crate::Shape;
use crate::scalar::Scalar;
use crate::shape::{Axis, Const, Pick, broadcasts, is_permutation};
use core::fmt;
use core::marker::PhantomData;

unit! {
    /// The sum of all elements: y = Σ xᵢ; dy = Σ dxᵢ; x̄ᵢ = ȳ. PyTorch: `torch.sum`.
    pub Sum [S: Shape] [S] (S)
}

impl<S: Shape> Sum<S> {
    fn apply<T: Scalar>(&self, x: &[T], y: &mut [T]) {
        y[0] = x.iter().fold(T::ZERO, |sum, x| sum + *x);
    }
    fn transposed<T: Scalar>(&self, y_bar: &[T], x_bar: &mut [T]) {
        x_bar.fill(y_bar[0]);
    }
}

unit! {
    /// The sum along axis `A`, which disappears: `y[a, c] = Σ_b x[a, b, c]`; `x̄[a, b, c] = ȳ[a, c]`.
    /// PyTorch: `torch.sum(dim=A)`.
    pub SumAxis [S: Axis<A>, const A: usize] [S, A] (S)
}

impl<S: Axis<A>, const A: usize> SumAxis<S, A> {
    /// Where element `i` of x is added in y.
    fn target(i: usize) -> usize {
        i / (S::LEN * S::STRIDE) * S::STRIDE + i % S::STRIDE
    }
    fn apply<T: Scalar>(&self, x: &[T], y: &mut [T]) {
        y.fill(T::ZERO);
        for (i, x) in x.iter().enumerate() {
            let y = &mut y[Self::target(i)];
            *y = *y + *x;
        }
    }
    fn transposed<T: Scalar>(&self, y_bar: &[T], x_bar: &mut [T]) {
        for (i, x_bar) in x_bar.iter_mut().enumerate() {
            *x_bar = y_bar[Self::target(i)];
        }
    }
}

unit! {
    /// The same elements in another shape of the same size: y = x. PyTorch: `torch.reshape`.
    ///
    /// Two shapes of different sizes are an error when `new` is compiled.
    pub Reshape [From: Shape, To: Shape] [From, To] (From, To)
    assert From::SIZE == To::SIZE, "`Reshape` needs two shapes of the same size"
}

/// `[N, S]` as `[N, 1, S]`.
pub type ExpandToCol<const N: usize, S> = Reshape<(Const<N>, S), (Const<N>, (Const<1>, S))>;

/// `[N, 1, S]` as `[N, S]`.
pub type SqueezeCol<const N: usize, S> = Reshape<(Const<N>, (Const<1>, S)), (Const<N>, S)>;

impl<From: Shape, To: Shape> Reshape<From, To> {
    fn source(&self, i: usize) -> usize {
        i
    }
}

unit! {
    /// The transpose of a matrix, `[M, N]` to `[N, M]`: `y[j, i] = x[i, j]`. PyTorch: `torch.t`.
    pub Transpose [const M: usize, const N: usize] [M, N] ()
}

impl<const M: usize, const N: usize> Transpose<M, N> {
    fn source(&self, i: usize) -> usize {
        let (row, column) = (i / M, i % M);
        column * N + row
    }
}

unit! {
    /// The axes in another order: axis i of the output is axis Pᵢ of the input. PyTorch:
    /// `torch.permute`.
    ///
    /// `Permute::<Shape![2, 3, 4], Shape![2, 0, 1]>` has the codomain `Shape![4, 2, 3]`. A list of
    /// axes that is not a permutation of them is an error when `new` is compiled.
    pub Permute [S: Pick<P>, P: Shape] [S, P] (S, P)
    assert S::RANK == P::RANK && is_permutation::<P>(), "`Permute` needs each axis of the shape once"
}

impl<S: Pick<P>, P: Shape> Permute<S, P> {
    /// Takes the index apart from the last axis to the first, and puts it together by the strides of
    /// the input.
    fn source(&self, mut i: usize) -> usize {
        let mut source = 0;
        for axis in (0..P::RANK).rev() {
            let from = P::DIMS.get(axis);
            let dim = S::DIMS.get(from);
            let stride: usize = (from + 1..S::RANK).map(|behind| S::DIMS.get(behind)).product();
            source += i % dim * stride;
            i /= dim;
        }
        source
    }
}

unit! {
    /// N copies along a new first axis, S to `[N, S]`: `y[n, i] = x[i]`; `x̄[i] = Σₙ ȳ[n, i]`.
    ///
    /// PyTorch: `x.expand(N, …)`. With S = `Shape![]` it replicates a scalar, and its transpose is
    /// the sum.
    pub Replicate [const N: usize, S: Shape] [N, S] (S)
}

impl<const N: usize, S: Shape> Replicate<N, S> {
    fn source(&self, i: usize) -> usize {
        i % S::SIZE
    }
}

unit! {
    /// Repetition by NumPy's rule: the shapes are aligned at their last axes, dimensions that are 1
    /// or missing are repeated. Its transpose sums over what was repeated. PyTorch:
    /// `torch.broadcast_to`.
    ///
    /// A shape that does not broadcast is an error when `new` is compiled.
    pub Broadcast [From: Shape, To: Shape] [From, To] (From, To)
    assert broadcasts::<From, To>(), "`Broadcast` needs dimensions that are equal, 1 or missing"
}

impl<From: Shape, To: Shape> Broadcast<From, To> {
    fn source(&self, mut i: usize) -> usize {
        let (mut source, mut stride) = (0, 1);
        for behind in 1..=From::RANK {
            let (from, to) = (From::DIMS.get(From::RANK - behind), To::DIMS.get(To::RANK - behind));
            source += if from == 1 { 0 } else { i % to * stride };
            stride *= from;
            i /= to;
        }
        source
    }
}

unit! {
    /// LEN items from item START of the first axis, `[N, S]` to `[LEN, S]`: `y[i] = x[START + i]`; x̄ is
    /// zero outside. PyTorch: `torch.narrow(dim=0)`.
    ///
    /// A slice that does not fit is an error when `new` is compiled.
    pub SliceLeading
    [const N: usize, const START: usize, const LEN: usize, S: Shape] [N, START, LEN, S] (S)
    assert START + LEN <= N, "`SliceLeading` needs a slice that ends within the axis"
}

impl<const N: usize, const START: usize, const LEN: usize, S: Shape>
    SliceLeading<N, START, LEN, S>
{
    fn source(&self, i: usize) -> usize {
        START * S::SIZE + i
    }
}

/// `apply` and `transposed` of ops that have a `source`.
macro_rules! gather {
    ($([$($params:tt)*] $Type:ty: $Dom:ty => $Cod:ty;)*) => {$(
        impl<$($params)*> $Type {
            fn apply<T: Scalar>(&self, x: &[T], y: &mut [T]) {
                for (i, y) in y.iter_mut().enumerate() {
                    *y = x[self.source(i)];
                }
            }
            fn transposed<T: Scalar>(&self, y_bar: &[T], x_bar: &mut [T]) {
                x_bar.fill(T::ZERO);
                for (i, y_bar) in y_bar.iter().enumerate() {
                    let x_bar = &mut x_bar[self.source(i)];
                    *x_bar = *x_bar + *y_bar;
                }
            }
        }
        linear! { [$($params)*] $Type: $Dom => $Cod; }
    )*};
}

gather! {
    [From: Shape, To: Shape] Reshape<From, To>: From => To;
    [const M: usize, const N: usize] Transpose<M, N>: Shape![M, N] => Shape![N, M];
    [S: Pick<P>, P: Shape] Permute<S, P>: S => S::Output;
    [const N: usize, S: Shape] Replicate<N, S>: S => (Const<N>, S);
    [From: Shape, To: Shape] Broadcast<From, To>: From => To;
    [const N: usize, const START: usize, const LEN: usize, S: Shape]
    SliceLeading<N, START, LEN, S>: (Const<N>, S) => (Const<LEN>, S);
}
linear! {
    [S: Shape] Sum<S>: S => ();
    [S: Axis<A>, const A: usize] SumAxis<S, A>: S => S::Rest;
}

/// The input between captured items along the first axis, `[N, S]` to `[TOTAL, S]`.
///
/// y = (before, x, after); dy = (0, dx, 0); x̄ = the part of ȳ in the middle. With nothing before it
/// is the left operand of `torch.cat`, with nothing after the right one.
#[derive(Clone, Debug)]
pub struct ConcatLeading<T, const N: usize, const TOTAL: usize, S: Shape> {
    before: Vec<T>,
    after: Vec<T>,
    shape: PhantomData<fn() -> S>,
}

impl<T: Scalar, const N: usize, const TOTAL: usize, S: Shape> ConcatLeading<T, N, TOTAL, S> {
    /// The concatenation with these items, each of shape S, in row-major order.
    ///
    /// # Panics
    /// If `before` or `after` is not a whole number of items, or if with the N of the input there
    /// are not TOTAL.
    #[must_use]
    #[track_caller]
    pub fn new(before: Vec<T>, after: Vec<T>) -> Self {
        const { assert!(S::SIZE > 0, "`ConcatLeading` needs items that are not empty") }
        for (name, part) in [("before", &before), ("after", &after)] {
            let len = part.len();
            assert!(
                len.is_multiple_of(S::SIZE),
                "`{name}` has {len} elements, needs items of {}",
                S::SIZE
            );
        }
        let total = before.len() / S::SIZE + N + after.len() / S::SIZE;
        assert!(total == TOTAL, "the parts have {total} items together, needs {TOTAL}");
        Self { before, after, shape: PhantomData }
    }

    /// The part of y that x becomes.
    fn middle(&self) -> core::ops::Range<usize> {
        self.before.len()..self.before.len() + N * S::SIZE
    }
}

impl<T: Scalar, const N: usize, const TOTAL: usize, S: Shape> Op<T>
    for ConcatLeading<T, N, TOTAL, S>
{
    type Dom = (Const<N>, S);
    type Cod = (Const<TOTAL>, S);
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y", y);
        let middle = self.middle();
        y[..middle.start].copy_from_slice(&self.before);
        y[middle.end..].copy_from_slice(&self.after);
        y[middle].copy_from_slice(x);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Dom, T>("dx", dx);
        expect_size::<Self::Cod, T>("dy", dy);
        dy.fill(T::ZERO);
        dy[self.middle()].copy_from_slice(dx);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y_bar", y_bar);
        expect_size::<Self::Dom, T>("x_bar", x_bar);
        x_bar.copy_from_slice(&y_bar[self.middle()]);
    }
}

/// An op applied to each of N items along a new first axis: if f: σ → τ, then `[N, σ]` → `[N, τ]`.
///
/// `torch.vmap`. A linear map of the rows of a matrix is `Each::<ROWS, _>::new(Linear::new(…))`.
#[derive(Clone, Copy, Debug)]
pub struct Each<const N: usize, F>(F);

impl<const N: usize, F> Each<N, F> {
    /// `op` for each of N items.
    pub const fn new(op: F) -> Self {
        Self(op)
    }
}

impl<T: Scalar, const N: usize, F: Op<T>> Op<T> for Each<N, F> {
    type Dom = (Const<N>, F::Dom);
    type Cod = (Const<N>, F::Cod);
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y", y);
        for n in 0..N {
            self.0.forward(item::<F::Dom, T>(x, n), item_mut::<F::Cod, T>(y, n));
        }
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Dom, T>("dx", dx);
        expect_size::<Self::Cod, T>("dy", dy);
        for n in 0..N {
            let dy = item_mut::<F::Cod, T>(dy, n);
            self.0.jvp(item::<F::Dom, T>(x, n), item::<F::Dom, T>(dx, n), dy);
        }
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y_bar", y_bar);
        expect_size::<Self::Dom, T>("x_bar", x_bar);
        for n in 0..N {
            let x_bar = item_mut::<F::Dom, T>(x_bar, n);
            self.0.vjp(item::<F::Dom, T>(x, n), item::<F::Cod, T>(y_bar, n), x_bar);
        }
    }
}

fn item<S: Shape, T>(items: &[T], n: usize) -> &[T] {
    &items[n * S::SIZE..][..S::SIZE]
}

fn item_mut<S: Shape, T>(items: &mut [T], n: usize) -> &mut [T] {
    &mut items[n * S::SIZE..][..S::SIZE]
}
