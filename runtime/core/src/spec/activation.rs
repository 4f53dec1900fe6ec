//! Activations with kinks: piecewise functions. What each does at its kink is what PyTorch does,
//! checked against PyTorch 2.15.

use super::elementwise::{Elementwise, elementwise, elementwise_op, half, minimum, whole};
use super::{Op, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

elementwise! {
    /// Rectified linear unit: f(x) = max(x, 0), f′(x) = 1 where x > 0, else 0.
    ///
    /// Kink: f′(0) = 0, as `torch.relu` and the formal development have it. f(NaN) is NaN.
    Relu: Scalar,
    value(x) { x.maximum(T::ZERO) }
    derivative(x) { if x > T::ZERO { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// Leaky rectified linear unit: f(x) = x where x > 0, else a·x; f′(x) = 1 where x > 0, else a.
    /// PyTorch: `torch.nn.functional.leaky_relu`.
    ///
    /// Kink: f′(0) = a, as PyTorch and the formal development have it. The latter has no default
    /// for the slope.
    LeakyRelu {
        /// The slope a below 0, by default 0.01
        slope = T::constant(0.01, 1, 100)
    }: Scalar,
    value(x) { if x > T::ZERO { x } else { slope * x } }
    derivative(x) { if x > T::ZERO { T::ONE } else { slope } }
}

elementwise! {
    /// Rectified linear unit cut at 6: f(x) = min(max(x, 0), 6). PyTorch:
    /// `torch.nn.functional.relu6`.
    ///
    /// Kinks: f′(0) = f′(6) = 0.
    Relu6: Scalar,
    value(x) { minimum(x.maximum(T::ZERO), whole(6)) }
    derivative(x) { if x > T::ZERO && x < whole(6) { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// Restriction to an interval: f(x) = min(max(x, low), high), f′(x) = 1 where low < x < high,
    /// else 0. PyTorch: `torch.clamp` with numbers.
    ///
    /// Kinks: f′(low) = f′(high) = 0, as measured with PyTorch 2.15, in reverse and in forward mode;
    /// the formal development has the same. f(NaN) is NaN.
    Clamp {
        /// The lower bound
        low,
        /// The upper bound; where it is below the lower one, f is constantly the upper one
        high
    }: Scalar,
    value(x) { minimum(x.maximum(low), high) }
    derivative(x) { if x > low && x < high { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// [`Clamp`] to [−1, 1] by default. PyTorch: `torch.nn.functional.hardtanh`.
    ///
    /// Kinks: f′(low) = f′(high) = 0.
    Hardtanh {
        /// The lower bound, by default −1
        low = -T::ONE,
        /// The upper bound, by default 1
        high = T::ONE
    }: Scalar,
    value(x) { minimum(x.maximum(low), high) }
    derivative(x) { if x > low && x < high { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// Piecewise linear sigmoid: f(x) = min(max(x + 3, 0), 6)/6, f′(x) = 1/6 where −3 < x < 3,
    /// else 0. PyTorch: `torch.nn.functional.hardsigmoid`.
    ///
    /// Kinks: f′(−3) = f′(3) = 0.
    Hardsigmoid: Scalar,
    value(x) { minimum((x + whole(3)).maximum(T::ZERO), whole(6)) / whole(6) }
    derivative(x) { if x > whole(-3) && x < whole(3) { T::ONE / whole(6) } else { T::ZERO } }
}

elementwise! {
    /// f(x) = x·min(max(x + 3, 0), 6)/6. PyTorch: `torch.nn.functional.hardswish`.
    ///
    /// f′(x) = 0 where x ≤ −3, x/3 + 1/2 where −3 < x < 3, else 1. Kinks: f′(−3) = 0, f′(3) = 1.
    Hardswish: Scalar,
    value(x) { x * minimum((x + whole(3)).maximum(T::ZERO), whole(6)) / whole(6) }
    derivative(x) {
        if x >= whole(3) {
            T::ONE
        } else if x > whole(-3) {
            x / whole(3) + half()
        } else {
            T::ZERO
        }
    }
}

elementwise! {
    /// f(x) = x/(1 + |x|), f′(x) = 1/(1 + |x|)². PyTorch: `torch.nn.functional.softsign`.
    Softsign: Scalar,
    value(x) { x / (T::ONE + if x > T::ZERO { x } else { -x }) }
    derivative(x) {
        let scale = T::ONE + if x > T::ZERO { x } else { -x };
        T::ONE / (scale * scale)
    }
}

elementwise! {
    /// Exponential linear unit: f(x) = x where x > 0, else α(eˣ − 1); f′(x) = 1 where x > 0, else
    /// αeˣ. PyTorch: `torch.nn.functional.elu`.
    ///
    /// Kink: f′(0) = α, as PyTorch and the formal development have it.
    Elu {
        /// α, by default 1
        alpha = T::ONE
    }: Real,
    value(x) { if x > T::ZERO { x } else { alpha * x.exp_m1() } }
    derivative(x) { if x > T::ZERO { T::ONE } else { alpha * x.exp() } }
}

elementwise! {
    /// Continuously differentiable exponential linear unit: f(x) = x where x > 0, else α(e^(x/α) − 1);
    /// f′(x) = 1 where x > 0, else e^(x/α). Barron 2017; PyTorch: `torch.nn.functional.celu`.
    Celu {
        /// α, by default 1
        alpha = T::ONE
    }: Real,
    value(x) { if x > T::ZERO { x } else { alpha * (x / alpha).exp_m1() } }
    derivative(x) { if x > T::ZERO { T::ONE } else { (x / alpha).exp() } }
}

elementwise! {
    /// f(x) = x − λ where x > λ, x + λ where x < −λ, else 0. PyTorch: `torch.nn.functional.softshrink`.
    ///
    /// f′(x) = 1 where |x| > λ, else 0. Kinks: f′(±λ) = 0. f(NaN) is NaN.
    Softshrink {
        /// λ, by default 1/2
        lambda = half()
    }: Scalar,
    value(x) {
        if x > lambda {
            x - lambda
        } else if x < -lambda {
            x + lambda
        } else {
            x * T::ZERO
        }
    }
    derivative(x) { if x > lambda || x < -lambda { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// f(x) = x where |x| > λ, else 0. PyTorch: `torch.nn.functional.hardshrink`.
    ///
    /// f′(x) = 1 where |x| > λ, else 0. Jumps: f′(±λ) = 0. f(NaN) is NaN.
    Hardshrink {
        /// λ, by default 1/2
        lambda = half()
    }: Scalar,
    value(x) { if x > lambda || x < -lambda { x } else { x * T::ZERO } }
    derivative(x) { if x > lambda || x < -lambda { T::ONE } else { T::ZERO } }
}

elementwise! {
    /// f(x) = x where x > t, else v; f′(x) = 1 where x > t, else 0. PyTorch:
    /// `torch.nn.functional.threshold`.
    ///
    /// Jump: f(t) = v, f′(t) = 0. f(NaN) is NaN.
    Threshold {
        /// The number t that x must be above to stay
        threshold,
        /// What stands in its place
        value
    }: Scalar,
    value(x) {
        if x > threshold {
            x
        } else if x < threshold {
            value
        } else {
            (x - threshold) + value
        }
    }
    derivative(x) {
        let _ = value;
        if x > threshold { T::ONE } else { T::ZERO }
    }
}

elementwise! {
    /// Scaled exponential linear unit: f(x) = λx where x > 0, else λα(eˣ − 1), with
    /// λ = 1.0507009873554805 and α = 1.6732632423543772; f′(x) = λ where x > 0, else λαeˣ.
    /// Klambauer et al. 2017; PyTorch: `torch.nn.functional.selu`.
    ///
    /// Kink: f′(0) = λα.
    Selu: Real,
    value(x) { if x > T::ZERO { selu_lambda::<T>() * x } else { selu_lambda::<T>() * (selu_alpha::<T>() * x.exp_m1()) } }
    derivative(x) { if x > T::ZERO { selu_lambda() } else { selu_lambda::<T>() * (selu_alpha::<T>() * x.exp()) } }
}

fn selu_lambda<T: Scalar>() -> T {
    T::constant(1.0507009873554805, 10507009873554805, 10000000000000000)
}

fn selu_alpha<T: Scalar>() -> T {
    T::constant(1.6732632423543772, 16732632423543772, 10000000000000000)
}
