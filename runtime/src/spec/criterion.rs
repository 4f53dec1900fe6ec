//! Losses as ops: from a prediction to a scalar, with the target captured.
//!
//! Training code calls [`crate::loss`], which gives value and cotangent at once.

use super::{Op, expect_size};
use crate::scalar::Scalar;
use crate::shape::Shape;
use core::marker::PhantomData;

/// Mean squared error towards a captured target t: y = Σ (xᵢ − tᵢ)²/N, with N the number of
/// elements, or 1 if there are none. PyTorch: `torch.nn.functional.mse_loss`.
///
/// dy = Σ 2(xᵢ − tᵢ)/N·dxᵢ, x̄ᵢ = 2(xᵢ − tᵢ)/N·ȳ.
#[derive(Clone, Debug)]
pub struct MseLoss<S: Shape, T> {
    target: Vec<T>,
    shape: PhantomData<fn() -> S>,
}

impl<S: Shape, T: Scalar> MseLoss<S, T> {
    /// The loss towards this target.
    ///
    /// # Panics
    /// If `target` does not have the size of the shape.
    #[must_use]
    #[track_caller]
    pub fn new(target: Vec<T>) -> Self {
        expect_size::<S, T>("target", &target);
        Self { target, shape: PhantomData }
    }

    fn count() -> T {
        T::from_f64(S::SIZE.max(1) as f64)
    }

    /// The gradient 2(x − t)/N.
    fn gradient<'a>(&'a self, x: &'a [T]) -> impl Iterator<Item = T> + 'a {
        x.iter().zip(&self.target).map(|(x, t)| (T::ONE + T::ONE) * (*x - *t) / Self::count())
    }
}

impl<S: Shape, T: Scalar> Op<T> for MseLoss<S, T> {
    type Dom = S;
    type Cod = ();
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<(), T>("y", y);
        let square = |(x, t): (&T, &T)| (*x - *t) * (*x - *t);
        let sum = x.iter().zip(&self.target).map(square).fold(T::ZERO, |sum, square| sum + square);
        y[0] = sum / Self::count();
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("dx", dx);
        expect_size::<(), T>("dy", dy);
        dy[0] = self.gradient(x).zip(dx).fold(T::ZERO, |sum, (slope, dx)| sum + slope * *dx);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<(), T>("y_bar", y_bar);
        expect_size::<S, T>("x_bar", x_bar);
        for (x_bar, slope) in x_bar.iter_mut().zip(self.gradient(x)) {
            *x_bar = slope * y_bar[0];
        }
    }
}
