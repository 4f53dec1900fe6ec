//! The plain semantics: every op as a struct with its value and its two derivatives written out.
//!
//! This is what the generated code is compared with, and what a user implements for an op of their
//! own. It is generic over the scalar, slow and obvious. For a differentiable f: σ → τ,
//!
//! * [`Op::forward`] is f,
//! * [`Op::jvp`] is `(x, dx) ↦ Df(x)·dx`, and
//! * [`Op::vjp`] is `(x, δ) ↦ Df(x)ᵀ·δ`.
//!
//! The law is adjointness, `⟨jvp(x, dx), δ⟩ = ⟨dx, vjp(x, δ)⟩` for all x, dx and δ, and
//! [composition](Compose) keeps it. [`adjoint_gap`] gives both sides.
//!
//! ```
//! use pullback::{Shape, spec::{Op, Linear, Relu, Sum, Then}};
//!
//! let net = Linear::<f64, 3, 2>::new(vec![1.0, 0.0, -1.0, 0.5, 0.5, 0.5], vec![0.0, 1.0])
//!     .then(Relu::<Shape![2]>::new())
//!     .then(Sum::<Shape![2]>::new());
//!
//! let (x, mut y, mut gradient) = ([3.0, 2.0, 1.0], [0.0], [0.0; 3]);
//! net.forward(&x, &mut y);
//! net.vjp(&x, &[1.0], &mut gradient);
//! assert_eq!((y, gradient), ([6.0], [1.5, 0.5, -0.5]));
//! ```

mod activation;
mod captured;
mod criterion;
mod elementary;
mod elementwise;
mod extremum;
mod linear;
mod normalize;
mod smooth;
mod structure;
#[cfg(test)]
mod tests;

pub use activation::*;
pub use captured::*;
pub use criterion::*;
pub use elementary::*;
pub use elementwise::*;
pub use extremum::*;
pub use linear::*;
pub use normalize::*;
pub use smooth::*;
pub use structure::*;

use crate::scalar::Scalar;
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

/// A differentiable function between two shapes.
///
/// Values are slices in row-major order, as long as the [`SIZE`](Shape::SIZE) of their shape. The
/// outputs are overwritten whatever they held.
///
/// The law that implementations obey is `⟨jvp(x, dx), δ⟩ = ⟨dx, vjp(x, δ)⟩`, where ⟨·,·⟩ sums the
/// products of corresponding elements; see [`adjoint_gap`].
///
/// As a step of a model, `Cubic {} -> [3]`, the model is one over the scalars that the op is implemented
/// for; `f32` must be one of them. If the step is more than the name of the type, as `Times(0.5) -> [3]`
/// is, the op must be implemented for any [`Real`](crate::Real), and so is the model.
///
/// # Panics
/// The three functions panic if a slice has another length than its shape.
///
/// # Example
/// An op of one's own, y = x·‖x‖² on ℝ³:
///
/// ```
/// use pullback::{Scalar, Shape, spec::{Op, adjoint_gap}};
///
/// struct Cubic;
///
/// impl<T: Scalar> Op<T> for Cubic {
///     type Dom = Shape![3];
///     type Cod = Shape![3];
///     fn forward(&self, x: &[T], y: &mut [T]) {
///         for i in 0..3 {
///             y[i] = x[i] * dot(x, x);
///         }
///     }
///     fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
///         let two = T::ONE + T::ONE;
///         for i in 0..3 {
///             dy[i] = dx[i] * dot(x, x) + x[i] * two * dot(x, dx);
///         }
///     }
///     fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
///         self.jvp(x, y_bar, x_bar) // its Jacobian is symmetric
///     }
/// }
///
/// fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
///     a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
/// }
///
/// let (left, right) = adjoint_gap(&Cubic, &[1.0, 2.0, 3.0], &[0.5, -1.0, 0.0], &[4.0, 0.0, 2.0]);
/// assert_eq!(left, right);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an op over the scalar `{T}`",
    label = "needs an implementation of `Op<{T}>`",
    note = "ops of exp, tanh and the like need `{T}: Real`; in a composition, the second op must take the shape that the first makes"
)]
pub trait Op<T: Scalar> {
    /// The shape σ of the input.
    type Dom: Shape;
    /// The shape τ of the output.
    type Cod: Shape;
    /// y ← f(x)
    fn forward(&self, x: &[T], y: &mut [T]);
    /// dy ← Df(x)·dx
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]);
    /// x̄ ← Df(x)ᵀ·ȳ
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]);
}

impl<T: Scalar, F: Op<T> + ?Sized> Op<T> for &F {
    type Dom = F::Dom;
    type Cod = F::Cod;
    fn forward(&self, x: &[T], y: &mut [T]) {
        (**self).forward(x, y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        (**self).jvp(x, dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        (**self).vjp(x, y_bar, x_bar);
    }
}

/// Both sides of the adjointness law: `(⟨jvp(x, dx), δ⟩, ⟨dx, vjp(x, δ)⟩)`.
///
/// They are equal over exact scalars, and equal up to rounding over floating-point ones.
///
/// # Panics
/// If `x` or `dx` do not have the size of the domain, or `delta` not that of the codomain.
pub fn adjoint_gap<T: Scalar, F: Op<T> + ?Sized>(op: &F, x: &[T], dx: &[T], delta: &[T]) -> (T, T) {
    expect_size::<F::Dom, T>("x", x);
    expect_size::<F::Dom, T>("dx", dx);
    expect_size::<F::Cod, T>("delta", delta);
    let mut dy = vec![T::ZERO; F::Cod::SIZE];
    let mut x_bar = vec![T::ZERO; F::Dom::SIZE];
    op.jvp(x, dx, &mut dy);
    op.vjp(x, delta, &mut x_bar);
    (dot(&dy, delta), dot(dx, &x_bar))
}

/// The inner product ⟨a, b⟩ = Σ aᵢ·bᵢ.
fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

/// Checks that the slice called `name` has the size of the shape `S`.
///
/// # Panics
/// If it has not.
#[track_caller]
pub fn expect_size<S: Shape, T>(name: &str, slice: &[T]) {
    let found = slice.len();
    assert!(
        found == S::SIZE,
        "`{name}` has {found} elements, the shape {:?} needs {}",
        S::dims(),
        S::SIZE
    );
}

/// First `F`, then `G`: x ↦ g(f(x)).
///
/// It is an [`Op`] only where the codomain of `F` is the domain of `G`. By the chain rule
/// `jvp(x, dx) = jvp_g(f(x), jvp_f(x, dx))` and `vjp(x, δ) = vjp_f(x, vjp_g(f(x), δ))`, so it
/// inherits adjointness: ⟨jvp_g(jvp_f dx), δ⟩ = ⟨jvp_f dx, vjp_g δ⟩ = ⟨dx, vjp_f(vjp_g δ)⟩.
///
/// Each call allocates the value between the two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compose<F, G> {
    first: F,
    second: G,
}

impl<F, G> Compose<F, G> {
    /// First `first`, then `second`.
    pub const fn new(first: F, second: G) -> Self {
        Self { first, second }
    }
}

impl<F, G> Compose<F, G> {
    /// f(x)
    fn between<T: Scalar>(&self, x: &[T]) -> Vec<T>
    where
        F: Op<T>,
    {
        let mut between = vec![T::ZERO; F::Cod::SIZE];
        self.first.forward(x, &mut between);
        between
    }
}

impl<T: Scalar, F: Op<T>, G: Op<T, Dom = F::Cod>> Op<T> for Compose<F, G> {
    type Dom = F::Dom;
    type Cod = G::Cod;
    fn forward(&self, x: &[T], y: &mut [T]) {
        self.second.forward(&self.between(x), y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        let mut between_dot = vec![T::ZERO; F::Cod::SIZE];
        self.first.jvp(x, dx, &mut between_dot);
        self.second.jvp(&self.between(x), &between_dot, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        let mut between_bar = vec![T::ZERO; F::Cod::SIZE];
        self.second.vjp(&self.between(x), y_bar, &mut between_bar);
        self.first.vjp(x, &between_bar, x_bar);
    }
}

/// `f.then(g)` for [`Compose::new(f, g)`](Compose).
///
/// Whether the shapes meet is checked where the composition is used as an [`Op`], because only
/// there the scalar is known.
pub trait Then: Sized {
    /// First this op, then `next`.
    fn then<G>(self, next: G) -> Compose<Self, G> {
        Compose::new(self, next)
    }
}

impl<F> Then for F {}

/// A struct without data whose parameters are shapes and sizes, with what every such struct has.
///
/// `derive` would ask the shapes to be `Clone`, `Debug` and so on. The types in parentheses are the
/// type parameters. The optional condition is checked at compile time, when `new` is instantiated.
macro_rules! unit {
    ($(#[$doc:meta])* pub $Name:ident [$($params:tt)*] [$($args:tt)*] ($($Type:ty),*)
     $(assert $condition:expr, $message:literal)?) => {
        $(#[$doc])*
        pub struct $Name<$($params)*>(PhantomData<fn() -> ($($Type,)*)>);

        impl<$($params)*> $Name<$($args)*> {
            /// The op.
            #[must_use]
            pub const fn new() -> Self {
                $(const { assert!($condition, $message) })?
                Self(PhantomData)
            }
        }
        impl<$($params)*> Default for $Name<$($args)*> {
            fn default() -> Self {
                Self::new()
            }
        }
        impl<$($params)*> Clone for $Name<$($args)*> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<$($params)*> Copy for $Name<$($args)*> {}
        impl<$($params)*> fmt::Debug for $Name<$($args)*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($Name))
            }
        }
    };
}
use unit;

unit! {
    /// The identity: y = x, dy = dx, x̄ = ȳ. Dropout is this in evaluation.
    pub Identity [S: Shape] [S] (S)
}

impl<T: Scalar, S: Shape> Op<T> for Identity<S> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y", y);
        y.copy_from_slice(x);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.forward(dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.forward(y_bar, x_bar);
    }
}
