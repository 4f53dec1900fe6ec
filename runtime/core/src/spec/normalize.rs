//! Softmax, its logarithm and layer normalization: ops along the last axis.
//!
//! A scalar counts as a last axis of one element.

use super::{Op, dot, expect_size, unit};
use crate::scalar::Real;
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

/// The greatest of some numbers, NaN if any is.
fn greatest<T: Real>(x: &[T]) -> T {
    x[1..].iter().fold(x[0], |max, x| max.maximum(*x))
}

fn sum<T: Real>(x: &[T]) -> T {
    x.iter().fold(T::ZERO, |sum, x| sum + *x)
}

/// y ← softmax(x) of one row
fn softmax<T: Real>(x: &[T], y: &mut [T]) {
    let max = greatest(x);
    for (y, x) in y.iter_mut().zip(x) {
        *y = (*x - max).exp();
    }
    let total = sum(y);
    for y in y {
        *y = *y / total;
    }
}

/// The last axes of two slices, row by row. The dimension of an empty axis counts as 1, since then
/// there are no rows.
fn rows<'a, S: Shape, T>(
    x: &'a [T],
    y: &'a mut [T],
) -> impl Iterator<Item = (&'a [T], &'a mut [T])> {
    x.chunks(S::LAST.max(1)).zip(y.chunks_mut(S::LAST.max(1)))
}

unit! {
    /// Softmax along the last axis: yᵢ = e^(xᵢ − m)/Σⱼ e^(xⱼ − m) with m = max x, which is the
    /// value of eˣⁱ/Σⱼ eˣʲ without overflow. PyTorch: `torch.softmax(dim=-1)`.
    ///
    /// Its Jacobian is symmetric: dy = y⊙(dx − ⟨y, dx⟩), x̄ = y⊙(ȳ − ⟨y, ȳ⟩). A row of nothing but
    /// −∞ gives NaN, as in PyTorch.
    pub Softmax [S: Shape] [S] (S)
}

impl<S: Shape> Softmax<S> {
    /// out ← y⊙(v − ⟨y, v⟩) with y = softmax(x)
    fn derivative<T: Real>(x: &[T], v: &[T], out: &mut [T]) {
        for (v, (x, out)) in v.chunks(S::LAST.max(1)).zip(rows::<S, T>(x, out)) {
            softmax(x, out);
            let mean = dot(out, v);
            for (out, v) in out.iter_mut().zip(v) {
                *out = *out * (*v - mean);
            }
        }
    }
}

impl<T: Real, S: Shape> Op<T> for Softmax<S> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y", y);
        for (x, y) in rows::<S, T>(x, y) {
            softmax(x, y);
        }
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("dx", dx);
        expect_size::<S, T>("dy", dy);
        Self::derivative(x, dx, dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y_bar", y_bar);
        expect_size::<S, T>("x_bar", x_bar);
        Self::derivative(x, y_bar, x_bar);
    }
}

unit! {
    /// The logarithm of [`Softmax`]: yᵢ = xᵢ − m − ln Σⱼ e^(xⱼ − m) with m = max x. PyTorch:
    /// `torch.log_softmax(dim=-1)`.
    ///
    /// With p = softmax(x): dyᵢ = dxᵢ − ⟨p, dx⟩, x̄ᵢ = ȳᵢ − pᵢ·Σⱼ ȳⱼ.
    pub LogSoftmax [S: Shape] [S] (S)
}

impl<T: Real, S: Shape> Op<T> for LogSoftmax<S> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y", y);
        for (x, y) in rows::<S, T>(x, y) {
            let max = greatest(x);
            let total = x.iter().fold(T::ZERO, |sum, x| sum + (*x - max).exp());
            let log = total.ln();
            for (y, x) in y.iter_mut().zip(x) {
                *y = *x - max - log;
            }
        }
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("dx", dx);
        expect_size::<S, T>("dy", dy);
        for (dx, (x, dy)) in dx.chunks(S::LAST.max(1)).zip(rows::<S, T>(x, dy)) {
            softmax(x, dy);
            let mean = dot(dy, dx);
            for (dy, dx) in dy.iter_mut().zip(dx) {
                *dy = *dx - mean;
            }
        }
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y_bar", y_bar);
        expect_size::<S, T>("x_bar", x_bar);
        for (y_bar, (x, x_bar)) in y_bar.chunks(S::LAST.max(1)).zip(rows::<S, T>(x, x_bar)) {
            softmax(x, x_bar);
            let total = sum(y_bar);
            for (x_bar, y_bar) in x_bar.iter_mut().zip(y_bar) {
                *x_bar = *y_bar - *x_bar * total;
            }
        }
    }
}

/// Layer normalization along the last axis, of length n, with captured γ and β:
/// yᵢ = γᵢ·x̂ᵢ + βᵢ with x̂ᵢ = (xᵢ − μ)/s, μ = Σ xᵢ/n and s = √(Σ(xᵢ − μ)²/n + ε).
///
/// The variance is divided by n, not by n − 1. With P(v) = (v − Σv/n − x̂·⟨x̂, v⟩/n)/s, which is
/// symmetric: dy = γ⊙P(dx), x̄ = P(γ⊙ȳ). Ba et al. 2016; PyTorch:
/// `torch.nn.functional.layer_norm`, whose default for ε is 1e-5; the formal development's is 1e-6.
#[derive(Clone, Debug)]
pub struct LayerNorm<S: Shape, T> {
    weight: Vec<T>,
    bias: Vec<T>,
    epsilon: T,
    shape: PhantomData<fn() -> S>,
}

impl<S: Shape, T: Real> LayerNorm<S, T> {
    /// Normalization with γ = `weight` and β = `bias`.
    ///
    /// # Panics
    /// If `weight` or `bias` is not as long as the last axis.
    #[must_use]
    #[track_caller]
    pub fn new(weight: Vec<T>, bias: Vec<T>, epsilon: T) -> Self {
        for (name, len) in [("weight", weight.len()), ("bias", bias.len())] {
            assert!(
                len == S::LAST,
                "`{name}` has {len} elements, the last axis of {:?} needs {}",
                S::dims(),
                S::LAST
            );
        }
        Self { weight, bias, epsilon, shape: PhantomData }
    }

    /// out ← x̂ of one row; returns s
    fn normalize(&self, x: &[T], out: &mut [T]) -> T {
        let n = T::from_f64(x.len() as f64);
        let mean = sum(x) / n;
        for (out, x) in out.iter_mut().zip(x) {
            *out = *x - mean;
        }
        let deviation = (dot(out, out) / n + self.epsilon).sqrt();
        for out in out {
            *out = *out / deviation;
        }
        deviation
    }

    /// out ← P(v) at the row x
    fn project(&self, x: &[T], v: impl Fn(usize) -> T, out: &mut [T]) {
        let n = T::from_f64(x.len() as f64);
        let deviation = self.normalize(x, out);
        let (mut mean, mut along) = (T::ZERO, T::ZERO);
        for (i, out) in out.iter().enumerate() {
            mean = mean + v(i) / n;
            along = along + *out * v(i) / n;
        }
        for (i, out) in out.iter_mut().enumerate() {
            *out = (v(i) - mean - *out * along) / deviation;
        }
    }
}

impl<T: Real, S: Shape> Op<T> for LayerNorm<S, T> {
    type Dom = S;
    type Cod = S;
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y", y);
        for (x, y) in rows::<S, T>(x, y) {
            self.normalize(x, y);
            for (i, y) in y.iter_mut().enumerate() {
                *y = self.weight[i] * *y + self.bias[i];
            }
        }
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("dx", dx);
        expect_size::<S, T>("dy", dy);
        for (dx, (x, dy)) in dx.chunks(S::LAST.max(1)).zip(rows::<S, T>(x, dy)) {
            self.project(x, |i| dx[i], dy);
            for (dy, weight) in dy.iter_mut().zip(&self.weight) {
                *dy = *weight * *dy;
            }
        }
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("y_bar", y_bar);
        expect_size::<S, T>("x_bar", x_bar);
        for (y_bar, (x, x_bar)) in y_bar.chunks(S::LAST.max(1)).zip(rows::<S, T>(x, x_bar)) {
            self.project(x, |i| self.weight[i] * y_bar[i], x_bar);
        }
    }
}
