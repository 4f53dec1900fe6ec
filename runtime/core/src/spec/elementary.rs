//! The other elementary functions: inverses of the trigonometric and hyperbolic ones, logarithms and powers
//! of other bases, and what is near them.

use super::elementwise::{Elementwise, elementwise, elementwise_op, half, two_over_sqrt_pi, whole};
use super::{Op, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

elementwise! {
    /// f(x) = 2ˣ, f′(x) = ln 2 · 2ˣ. PyTorch: `torch.exp2`.
    Exp2: Real,
    value(x) { x.exp2() }
    derivative(x) { ln_2::<T>() * x.exp2() }
}

elementwise! {
    /// Binary logarithm: f(x) = ln x / ln 2, f′(x) = 1/(x·ln 2). NaN below 0. PyTorch: `torch.log2`.
    Log2: Real,
    value(x) { x.ln() * log2_e() }
    derivative(x) { log2_e::<T>() / x }
}

elementwise! {
    /// Decimal logarithm: f(x) = ln x / ln 10, f′(x) = 1/(x·ln 10). NaN below 0. PyTorch: `torch.log10`.
    Log10: Real,
    value(x) { x.ln() * log10_e() }
    derivative(x) { log10_e::<T>() / x }
}

elementwise! {
    /// Inverse of the sigmoid: f(x) = ln(x/(1 − x)), f′(x) = 1/(x·(1 − x)). PyTorch: `torch.logit`.
    ///
    /// Both are NaN outside 0 … 1. Near 1/2, where the logarithm is near 0, f(x) = 2·artanh(2x − 1).
    Logit: Real,
    value(x) {
        if x > T::constant(0.25, 1, 4) && x < T::constant(0.75, 3, 4) {
            whole::<T>(2) * (x + x - T::ONE).atanh()
        } else {
            (x / (T::ONE - x)).ln()
        }
    }
    derivative(x) {
        let slope = T::ONE / (x * (T::ONE - x));
        if x < T::ZERO || x > T::ONE {
            // NaN in floating point: the logarithm is.
            let value = (x / (T::ONE - x)).ln();
            slope + (value + -value)
        } else {
            slope
        }
    }
}

elementwise! {
    /// f(x) = 1/√x = y, f′(x) = −y³/2. NaN below 0. PyTorch: `torch.rsqrt`.
    Rsqrt: Real,
    value(x) { T::ONE / x.sqrt() }
    derivative(x) {
        let y = T::ONE / x.sqrt();
        -(half::<T>() * (y * y * y))
    }
}

elementwise! {
    /// Tangent: f(x) = sin x/cos x = y, f′(x) = 1 + y². PyTorch: `torch.tan`.
    Tan: Real,
    value(x) { x.sin() / x.cos() }
    derivative(x) {
        let y = x.sin() / x.cos();
        T::ONE + y * y
    }
}

elementwise! {
    /// f(x) = sin z/z with z = πx, f(0) = 1; f′(x) = π·(z·cos z − sin z)/z², f′(0) = 0. PyTorch:
    /// `torch.sinc`.
    ///
    /// Where |z| < 1/2 both are their series, of which no terms cancel: Σ (−1)ⁿ z²ⁿ/(2n + 1)! up to n = 7.
    Sinc: Real,
    value(x) {
        let z = x * pi();
        if half::<T>() > magnitude(z) {
            T::ONE + series(|_| T::ONE, z) * z
        } else {
            z.sin() / z
        }
    }
    derivative(x) {
        let z = x * pi();
        if half::<T>() > magnitude(z) {
            pi::<T>() * series(|n| whole(2 * n), z)
        } else {
            pi::<T>() * (z * z.cos() - z.sin()) / (z * z)
        }
    }
}

/// Σ c(n)·(−1)ⁿ·z²ⁿ⁻¹/(2n + 1)! for n = 1 … 7
fn series<T: Scalar>(c: impl Fn(i32) -> T, z: T) -> T {
    let (mut sum, mut term) = (T::ZERO, -(z / whole(6)));
    for n in 1..=7 {
        sum = sum + c(n) * term;
        term = -(term * z * z / whole((2 * n + 2) * (2 * n + 3)));
    }
    sum
}

fn magnitude<T: Scalar>(x: T) -> T {
    if x < T::ZERO { -x } else { x }
}

elementwise! {
    /// Inverse of the sine: f′(x) = 1/√(1 − x²). NaN beyond ±1, where f′ is infinite. PyTorch: `torch.asin`.
    Asin: Real,
    value(x) { x.asin() }
    derivative(x) { T::ONE / ((T::ONE - x) * (T::ONE + x)).sqrt() }
}

elementwise! {
    /// Inverse of the cosine: f′(x) = −1/√(1 − x²). NaN beyond ±1, where f′ is infinite. PyTorch:
    /// `torch.acos`.
    Acos: Real,
    value(x) { x.acos() }
    derivative(x) { -(T::ONE / ((T::ONE - x) * (T::ONE + x)).sqrt()) }
}

elementwise! {
    /// Inverse of the tangent: f′(x) = 1/(1 + x²). PyTorch: `torch.atan`.
    Atan: Real,
    value(x) { x.atan() }
    derivative(x) {
        let cosine = T::ONE / crate::scalar::root_of_next_square(x);
        cosine * cosine
    }
}

elementwise! {
    /// Inverse of the hyperbolic sine: f′(x) = 1/√(x² + 1). PyTorch: `torch.asinh`.
    Asinh: Real,
    value(x) { x.asinh() }
    derivative(x) { T::ONE / crate::scalar::root_of_next_square(x) }
}

elementwise! {
    /// Inverse of the hyperbolic cosine: f′(x) = 1/√(x² − 1), infinite at 1. NaN below 1, but f′
    /// below −1 has the value of its formula, as in PyTorch: `torch.acosh`.
    Acosh: Real,
    value(x) { x.acosh() }
    derivative(x) {
        let (less, more) = (x - T::ONE, x + T::ONE);
        // The product of roots does not overflow; below −1 neither root is a number.
        if x < T::ZERO { T::ONE / (less * more).sqrt() } else { T::ONE / (less.sqrt() * more.sqrt()) }
    }
}

elementwise! {
    /// Inverse of the hyperbolic tangent: f′(x) = 1/(1 − x²). NaN beyond ±1. PyTorch: `torch.atanh`.
    Atanh: Real,
    value(x) { x.atanh() }
    derivative(x) { T::ONE / ((T::ONE - x) * (T::ONE + x)) }
}

elementwise! {
    /// Complement of the error function: f(x) = 1 − erf x, f′(x) = −2/√π · e^(−x²). PyTorch: `torch.erfc`.
    Erfc: Real,
    value(x) { x.erfc() }
    derivative(x) { -(two_over_sqrt_pi::<T>() * x.gaussian()) }
}

#[expect(clippy::approx_constant, reason = "the compiler has these very digits")]
fn ln_2<T: Scalar>() -> T {
    T::constant(0.6931471805599453, 6931471805599453, 10000000000000000)
}

#[expect(clippy::approx_constant, reason = "the compiler has these very digits")]
fn log2_e<T: Scalar>() -> T {
    T::constant(1.4426950408889634, 14426950408889634, 10000000000000000)
}

#[expect(clippy::approx_constant, reason = "the compiler has these very digits")]
fn log10_e<T: Scalar>() -> T {
    T::constant(0.4342944819032518, 4342944819032518, 10000000000000000)
}

#[expect(clippy::approx_constant, reason = "the compiler has these very digits")]
fn pi<T: Scalar>() -> T {
    T::constant(3.141592653589793, 3141592653589793, 1000000000000000)
}
