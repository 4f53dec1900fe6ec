//! Elementwise ops of two operands of which one, the right-hand side, is captured: they are
//! functions of the other, and give no derivative towards the captured one.

use super::elementwise::{epsilon, half, minimum};
use super::{Op, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

/// One op in one stanza: doc, name, value and derivative towards x for one pair of elements.
macro_rules! captured {
    ($(#[$doc:meta])* $Name:ident: $Scalar:ident,
     value($x:ident, $r:ident) $value:block
     derivative($dx:ident, $dr:ident) $derivative:block) => {
        $(#[$doc])*
        pub struct $Name<S, T> {
            rhs: Vec<T>,
            shape: PhantomData<fn() -> S>,
        }

        impl<S: Shape, T: $Scalar> $Name<S, T> {
            /// The op with this right-hand side, in row-major order.
            ///
            /// # Panics
            /// If `rhs` does not have the size of the shape.
            #[must_use]
            #[track_caller]
            pub fn new(rhs: Vec<T>) -> Self {
                expect_size::<S, T>("rhs", &rhs);
                Self { rhs, shape: PhantomData }
            }

            /// f(x, r)
            pub fn value($x: T, $r: T) -> T $value

            /// ∂f/∂x at (x, r)
            pub fn derivative($dx: T, $dr: T) -> T $derivative
        }
        impl<S: Shape, T: Clone> Clone for $Name<S, T> {
            fn clone(&self) -> Self {
                Self { rhs: self.rhs.clone(), shape: PhantomData }
            }
        }
        impl<S: Shape, T: fmt::Debug> fmt::Debug for $Name<S, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($Name)).field(&self.rhs).finish()
            }
        }
        impl<S: Shape, T: $Scalar> Op<T> for $Name<S, T> {
            type Dom = S;
            type Cod = S;
            fn forward(&self, x: &[T], y: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S, T>("y", y);
                for ((y, x), r) in y.iter_mut().zip(x).zip(&self.rhs) {
                    *y = Self::value(*x, *r);
                }
            }
            fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S, T>("dx", dx);
                expect_size::<S, T>("dy", dy);
                for (((dy, dx), x), r) in dy.iter_mut().zip(dx).zip(x).zip(&self.rhs) {
                    *dy = Self::derivative(*x, *r) * *dx;
                }
            }
            fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S, T>("y_bar", y_bar);
                expect_size::<S, T>("x_bar", x_bar);
                for (((x_bar, y_bar), x), r) in x_bar.iter_mut().zip(y_bar).zip(x).zip(&self.rhs) {
                    *x_bar = Self::derivative(*x, *r) * *y_bar;
                }
            }
        }
    };
}

captured! {
    /// f(x) = x + r, ∂f/∂x = 1. PyTorch: `torch.add`.
    ///
    /// A smaller right-hand side is broadcast first, by [`Broadcast`](super::Broadcast).
    AddRhs: Scalar,
    value(x, r) { x + r }
    derivative(_x, _r) { T::ONE }
}

captured! {
    /// f(x) = x − r, ∂f/∂x = 1. PyTorch: `torch.sub`.
    SubRhs: Scalar,
    value(x, r) { x - r }
    derivative(_x, _r) { T::ONE }
}

captured! {
    /// f(x) = x·r, ∂f/∂x = r. PyTorch: `torch.mul`.
    ///
    /// A smaller right-hand side is broadcast first, by [`Broadcast`](super::Broadcast).
    MulRhs: Scalar,
    value(x, r) { x * r }
    derivative(_x, r) { r }
}

captured! {
    /// f(x) = x/r, ∂f/∂x = 1/r. PyTorch: `torch.div`.
    DivRhs: Scalar,
    value(x, r) { x / r }
    derivative(_x, r) { T::ONE / r }
}

captured! {
    /// f(x) = x/(r + ε) with ε = 1e-6, ∂f/∂x = 1/(r + ε). From the formal development; not in
    /// PyTorch.
    SafeDivRhs: Scalar,
    value(x, r) { x / (r + epsilon()) }
    derivative(_x, r) { T::ONE / (r + epsilon()) }
}

captured! {
    /// f(x) = max(x, r), ∂f/∂x = 1 where x > r, 0 where x < r. NaN if either is. PyTorch:
    /// `torch.maximum`.
    ///
    /// Ties: 1/2, as in PyTorch, so that x and r get the same share. The formal development gives
    /// all of it to x.
    Maximum: Scalar,
    value(x, r) { x.maximum(r) }
    derivative(x, r) {
        if x > r {
            T::ONE
        } else if x < r {
            T::ZERO
        } else {
            half()
        }
    }
}

captured! {
    /// f(x) = min(x, r), ∂f/∂x = 1 where x < r, 0 where x > r. NaN if either is. PyTorch:
    /// `torch.minimum`.
    ///
    /// Ties: 1/2, as in PyTorch, so that x and r get the same share. The formal development gives
    /// all of it to x.
    Minimum: Scalar,
    value(x, r) { minimum(x, r) }
    derivative(x, r) {
        if x < r {
            T::ONE
        } else if x > r {
            T::ZERO
        } else {
            half()
        }
    }
}

captured! {
    /// f(x) = xʳ, ∂f/∂x = r·xʳ⁻¹. PyTorch: `torch.pow`.
    ///
    /// ∂f/∂x is 0 for r = 0 also at x = 0, where the formula of the formal development is 0·∞.
    PowRhs: Real,
    value(x, r) { x.powf(r) }
    derivative(x, r) { if r == T::ZERO { T::ZERO } else { r * x.powf(r - T::ONE) } }
}

captured! {
    /// f(x) = √(x² + r²) = y, ∂f/∂x = x/y. PyTorch: `torch.hypot`.
    HypotRhs: Real,
    value(x, r) { x.hypot(r) }
    derivative(x, r) { x / x.hypot(r) }
}

captured! {
    /// The angle of the point (r, x), in −π … π: ∂f/∂x = r/(x² + r²), and 0 at the origin. PyTorch:
    /// `torch.atan2`.
    Atan2Rhs: Real,
    value(x, r) { x.atan2(r) }
    derivative(x, r) {
        let radius = x.hypot(r);
        if radius > T::ZERO { r / radius / radius } else { r + radius }
    }
}

captured! {
    /// f(x) = x·ln r, and 0 where x is 0 unless r is NaN; ∂f/∂x = ln r, and 0 where x is 0 and ln r no
    /// number. PyTorch: `torch.xlogy`.
    XlogyRhs: Real,
    value(x, r) {
        if x != T::ZERO {
            x * r.ln()
        } else if r.partial_cmp(&T::ZERO).is_some() {
            x
        } else {
            x * (r + T::ONE)
        }
    }
    derivative(x, r) {
        if r > T::ZERO || x > T::ZERO || x < T::ZERO { r.ln() } else { T::ZERO }
    }
}

/// Keeps some elements and sets the others to 0, also where they are infinite or NaN.
///
/// y = x where the mask is true, else 0. It is linear and its own transpose.
pub struct Mask<S> {
    keep: Vec<bool>,
    shape: PhantomData<fn() -> S>,
}

impl<S: Shape> Mask<S> {
    /// The mask that keeps the elements where `keep` is true.
    ///
    /// # Panics
    /// If `keep` does not have the size of the shape.
    #[must_use]
    #[track_caller]
    pub fn new(keep: Vec<bool>) -> Self {
        expect_size::<S, bool>("keep", &keep);
        Self { keep, shape: PhantomData }
    }

    /// y = m·x·factor
    fn apply<T: Scalar>(&self, factor: T, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("input", x);
        expect_size::<S, T>("output", y);
        for ((y, x), keep) in y.iter_mut().zip(x).zip(&self.keep) {
            *y = if *keep { *x * factor } else { T::ZERO };
        }
    }
}

impl<S: Shape> Clone for Mask<S> {
    fn clone(&self) -> Self {
        Self { keep: self.keep.clone(), shape: PhantomData }
    }
}

impl<S: Shape> fmt::Debug for Mask<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mask").field(&self.keep).finish()
    }
}

impl<T: Scalar, S: Shape> Op<T> for Mask<S> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        self.apply(T::ONE, x, y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.apply(T::ONE, dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.apply(T::ONE, y_bar, x_bar);
    }
}

/// Inverted dropout with a given mask: y = x/max(1 − p, ε) where the mask is true, else 0, with
/// ε = 1e-6. PyTorch: `torch.nn.functional.dropout`, which draws the mask; in evaluation it is the
/// [`Identity`](super::Identity).
#[derive(Clone, Debug)]
pub struct Dropout<S: Shape, T> {
    mask: Mask<S>,
    factor: T,
}

impl<S: Shape, T: Scalar> Dropout<S, T> {
    /// Dropout of the elements where `keep` is false, which were drawn with probability `p`.
    ///
    /// # Panics
    /// If `keep` does not have the size of the shape, or `p` is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn new(keep: Vec<bool>, p: T) -> Self {
        assert!(
            p >= T::ZERO && p <= T::ONE,
            "the probability of dropping is {p:?}, needs one from 0 to 1"
        );
        Self { mask: Mask::new(keep), factor: T::ONE / (T::ONE - p).maximum(epsilon()) }
    }
}

impl<S: Shape, T: Scalar> Op<T> for Dropout<S, T> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        self.mask.apply(self.factor, x, y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.mask.apply(self.factor, dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        self.mask.apply(self.factor, y_bar, x_bar);
    }
}
