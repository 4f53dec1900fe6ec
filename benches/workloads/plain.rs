//! Loops as one writes them by hand, without a library: what the models are compared with. In `f64`
//! they also tell what the results should be.

use crate::float::{Float, n};

/// `Σ aᵢ·bᵢ`, in several sums, which the compiler may put side by side.
pub(crate) fn dot<T: Float, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    let mut sums = [T::ZERO; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(T::ZERO, |sum, (a, b)| sum + *a * *b);
    sums.into_iter().fold(rest, |sum, x| sum + x)
}

/// `y += a·x`
pub(crate) fn axpy<T: Float, const N: usize>(a: T, x: &[T; N], y: &mut [T; N]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * *x;
    }
}

/// A linear layer, or its gradient.
#[derive(Clone)]
pub(crate) struct Layer<T, const I: usize, const O: usize> {
    pub(crate) weight: Box<[[T; O]; I]>,
    pub(crate) bias: [T; O],
}

impl<T: Float, const I: usize, const O: usize> Layer<T, I, O> {
    pub(crate) fn new(weight: Vec<[T; O]>, bias: &[T]) -> Self {
        Layer {
            weight: weight.try_into().expect("as many rows as inputs"),
            bias: bias.try_into().expect("as many biases as outputs"),
        }
    }

    pub(crate) fn zeros() -> Self {
        Layer::new(vec![[T::ZERO; O]; I], &[T::ZERO; O])
    }

    pub(crate) fn clear(&mut self) {
        self.weight.fill([T::ZERO; O]);
        self.bias = [T::ZERO; O];
    }

    /// `x·weight`
    pub(crate) fn times(&self, x: &[T; I]) -> [T; O] {
        let mut y = [T::ZERO; O];
        for (x, row) in x.iter().zip(self.weight.iter()) {
            axpy(*x, row, &mut y);
        }
        y
    }

    /// `x·weight + bias`
    pub(crate) fn forward(&self, x: &[T; I]) -> [T; O] {
        let mut y = self.bias;
        for (x, row) in x.iter().zip(self.weight.iter()) {
            axpy(*x, row, &mut y);
        }
        y
    }

    /// The cotangent of the input.
    pub(crate) fn back(&self, y_bar: &[T; O]) -> [T; I] {
        let mut x_bar = [T::ZERO; I];
        for (x_bar, row) in x_bar.iter_mut().zip(self.weight.iter()) {
            *x_bar = dot(row, y_bar);
        }
        x_bar
    }

    /// Adds the cotangent of the parameters to `self`, which is a gradient.
    pub(crate) fn gather(&mut self, x: &[T; I], y_bar: &[T; O]) {
        for (x, row) in x.iter().zip(self.weight.iter_mut()) {
            axpy(*x, y_bar, row);
        }
        axpy(T::ONE, y_bar, &mut self.bias);
    }

    /// Descends by `rate` along a gradient.
    pub(crate) fn descend(&mut self, gradient: &Self, rate: T) {
        for (row, gradient) in self.weight.iter_mut().zip(gradient.weight.iter()) {
            axpy(-rate, gradient, row);
        }
        axpy(-rate, &gradient.bias, &mut self.bias);
    }
}

/// An activation: its value, and its derivative from that value.
pub(crate) trait Activation: 'static {
    fn value<T: Float>(x: T) -> T;
    fn slope<T: Float>(y: T) -> T;
}

pub(crate) enum Tanh {}

impl Activation for Tanh {
    fn value<T: Float>(x: T) -> T {
        x.std_tanh()
    }
    fn slope<T: Float>(y: T) -> T {
        T::ONE - y * y
    }
}

pub(crate) enum Relu {}

impl Activation for Relu {
    fn value<T: Float>(x: T) -> T {
        if x > T::ZERO { x } else { T::ZERO }
    }
    fn slope<T: Float>(y: T) -> T {
        if y > T::ZERO { T::ONE } else { T::ZERO }
    }
}

/// `x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2` and its derivative.
pub(crate) fn gelu_tanh<T: Float>(x: T) -> (T, T) {
    let (k, c) = (n::<T>((2.0 / std::f64::consts::PI).sqrt()), n::<T>(0.044715));
    let t = (k * (x + c * x * x * x)).std_tanh();
    let half = n::<T>(0.5) * (T::ONE + t);
    let inner = k * (T::ONE + n::<T>(3.0) * c * x * x);
    (x * half, half + n::<T>(0.5) * x * (T::ONE - t * t) * inner)
}
