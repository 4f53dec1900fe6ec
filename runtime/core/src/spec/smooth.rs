//! Smooth activations.

use super::elementwise::{Elementwise, elementwise, elementwise_op, epsilon, half, whole};
use super::{Op, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

elementwise! {
    /// Sigmoid: f(x) = 1/(1 + e⁻ˣ) = s, f′(x) = s(1 − s). PyTorch: `torch.sigmoid`.
    Sigmoid: Real,
    value(x) { x.sigmoid() }
    derivative(x) {
        x.sigmoid_slope()
    }
}

elementwise! {
    /// Logistic function: f(x) = eˣ/(eˣ + 1) = l, f′(x) = l(1 − l).
    ///
    /// The same function as [`Sigmoid`] and computed as that. The formal development divides the
    /// two, which is NaN for large x in floating point.
    Logistic: Real,
    value(x) { x.sigmoid() }
    derivative(x) {
        x.sigmoid_slope()
    }
}

elementwise! {
    /// f(x) = ln(1/(1 + e⁻ˣ)) = −softplus(−x), f′(x) = sigmoid(−x). PyTorch:
    /// `torch.nn.functional.logsigmoid`.
    LogSigmoid: Real,
    value(x) { -(-x).softplus() }
    derivative(x) { (-x).sigmoid() }
}

elementwise! {
    /// Hyperbolic tangent: f(x) = tanh x = y, f′(x) = 1 − y². PyTorch: `torch.tanh`.
    Tanh: Real,
    value(x) { x.tanh() }
    derivative(x) {
        x.tanh_slope()
    }
}

elementwise! {
    /// f(x) = x − tanh x, f′(x) = tanh² x. PyTorch: `torch.nn.functional.tanhshrink`.
    Tanhshrink: Real,
    value(x) { x - x.tanh() }
    derivative(x) { x.tanh() * x.tanh() }
}

elementwise! {
    /// f(x) = ln(1 + eˣ), f′(x) = sigmoid(x). PyTorch: `torch.nn.functional.softplus` with β = 1.
    ///
    /// PyTorch replaces it by x above its threshold of 20, which differs by less than 2.1e-9; here
    /// the formula holds everywhere.
    Softplus: Real,
    value(x) { x.softplus() }
    derivative(x) { x.sigmoid() }
}

elementwise! {
    /// Sigmoid linear unit, or swish: f(x) = x·s with s = sigmoid(x), f′(x) = s + x·s·(1 − s).
    /// PyTorch: `torch.nn.functional.silu`.
    Silu: Real,
    value(x) { x * x.sigmoid() }
    derivative(x) {
        let s = x.sigmoid();
        s + x * x.sigmoid_slope()
    }
}

elementwise! {
    /// Misra 2019: f(x) = x·t with t = tanh(softplus(x)), f′(x) = t + x·(1 − t²)·sigmoid(x).
    /// PyTorch: `torch.nn.functional.mish`.
    Mish: Real,
    value(x) { x * x.softplus().tanh() }
    derivative(x) {
        let y = x.softplus();
        y.tanh() + x * y.tanh_slope() * x.sigmoid()
    }
}

elementwise! {
    /// Gaussian error linear unit: f(x) = x·(1 + erf(x/√2))/2, that is x times the probability that
    /// a standard normal variable is below x.
    ///
    /// f′(x) = (1 + erf(x/√2))/2 + x·exp(−x²/2)/√(2π). Both are accurate where 1 + erf is nearly 0.
    ///
    /// Hendrycks and Gimpel 2016; PyTorch: `torch.nn.functional.gelu`. The formal development's
    /// `gelu` is [`GeluTanh`].
    Gelu: Real,
    value(x) { x * x.normal_cdf() }
    derivative(x) {
        x.normal_cdf() + x * x.normal_pdf()
    }
}

elementwise! {
    /// The approximation of [`Gelu`] by tanh: f(x) = x·(1 + t)/2 with t = tanh(√(2/π)·(x + k·x³))
    /// and k = 0.044715.
    ///
    /// f′(x) = (1 + t + x·(1 − t²)·√(2/π)·(1 + 3k·x²))/2.
    ///
    /// PyTorch: `torch.nn.functional.gelu(approximate='tanh')`; the formal development's `gelu`.
    GeluTanh: Real,
    value(x) {
        let t = (sqrt_2_over_pi::<T>() * (x + cubic::<T>() * x * x * x)).tanh();
        x * (T::ONE + t) * half()
    }
    derivative(x) {
        let t = (sqrt_2_over_pi::<T>() * (x + cubic::<T>() * x * x * x)).tanh();
        let inner = sqrt_2_over_pi::<T>() * (T::ONE + whole::<T>(3) * cubic() * x * x);
        (T::ONE + t + x * (T::ONE - t * t) * inner) * half()
    }
}

/// √(2/π)
fn sqrt_2_over_pi<T: Scalar>() -> T {
    T::constant(0.7978845608028654, 7978845608028654, 10000000000000000)
}

/// The coefficient k of the cubic term in [`GeluTanh`].
fn cubic<T: Scalar>() -> T {
    T::constant(0.044715, 44715, 1_000_000)
}

elementwise! {
    /// A logarithm that takes any number: f(x) = ln(softplus(x) + ε),
    /// f′(x) = sigmoid(x)/(softplus(x) + ε). From the formal development; not in PyTorch.
    SafeLog {
        /// ε, by default 1e-6
        epsilon = epsilon()
    }: Real,
    value(x) { (x.softplus() + epsilon).ln() }
    derivative(x) { x.sigmoid() / (x.softplus() + epsilon) }
}

elementwise! {
    /// A smooth absolute value: f(x) = √(x·x + ε), f′(x) = x/√(x·x + ε). From the formal
    /// development; not in PyTorch.
    SmoothAbs {
        /// ε, by default 1e-6
        epsilon = epsilon()
    }: Real,
    value(x) { x.hypot(epsilon.sqrt()) }
    derivative(x) { x / x.hypot(epsilon.sqrt()) }
}
