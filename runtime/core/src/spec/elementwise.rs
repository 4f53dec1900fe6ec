//! What all elementwise ops share: y = f(x) for every element, so the Jacobian is diagonal and both
//! derivatives are products with f′(x).

use super::{Op, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::fmt;
use core::marker::PhantomData;

/// A function of one number with its derivative, which an elementwise [`Op`] applies to every
/// element: y = f(x), dy = f′(x)·dx, x̄ = f′(x)·ȳ.
///
/// ```
/// use pullback::{Shape, spec::{Elementwise, LeakyRelu, Tanh}};
///
/// assert_eq!(Tanh::<Shape![8]>::new().derivative(0.0), 1.0);
/// assert_eq!(LeakyRelu::<Shape![8], f32>::new(0.1).derivative(0.0), 0.1);
/// ```
pub trait Elementwise<T: Scalar> {
    /// f(x)
    fn value(&self, x: T) -> T;
    /// f′(x), at a kink the value that the op documents
    fn derivative(&self, x: T) -> T;
}

/// The bodies of an elementwise [`Op`].
macro_rules! elementwise_op {
    () => {
        type Dom = S;
        type Cod = S;
        fn forward(&self, x: &[T], y: &mut [T]) {
            expect_size::<S, T>("x", x);
            expect_size::<S, T>("y", y);
            for (y, x) in y.iter_mut().zip(x) {
                *y = self.value(*x);
            }
        }
        fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
            expect_size::<S, T>("x", x);
            expect_size::<S, T>("dx", dx);
            expect_size::<S, T>("dy", dy);
            for ((dy, dx), x) in dy.iter_mut().zip(dx).zip(x) {
                *dy = self.derivative(*x) * *dx;
            }
        }
        fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
            expect_size::<S, T>("x", x);
            expect_size::<S, T>("y_bar", y_bar);
            expect_size::<S, T>("x_bar", x_bar);
            for ((x_bar, y_bar), x) in x_bar.iter_mut().zip(y_bar).zip(x) {
                *x_bar = self.derivative(*x) * *y_bar;
            }
        }
    };
}

/// One elementwise op in one stanza: doc, name and fields (with their documentation, and a default
/// if all have one), the scalar trait it needs, value, derivative.
macro_rules! elementwise {
    ($(#[$doc:meta])* $Name:ident: $Scalar:ident,
     value($x:ident) $value:block
     derivative($dx:ident) $derivative:block) => {
        super::unit! { $(#[$doc])* pub $Name [S: Shape] [S] (S) }

        impl<T: $Scalar, S: Shape> Elementwise<T> for $Name<S> {
            fn value(&self, $x: T) -> T $value
            fn derivative(&self, $dx: T) -> T $derivative
        }
        impl<T: $Scalar, S: Shape> Op<T> for $Name<S> {
            elementwise_op!();
        }
    };
    ($(#[$doc:meta])* $Name:ident { $($(#[$field_doc:meta])* $field:ident $(= $default:expr)?),+ }: $Scalar:ident,
     value($x:ident) $value:block
     derivative($dx:ident) $derivative:block) => {
        $(#[$doc])*
        pub struct $Name<S, T> {
            $($(#[$field_doc])* pub $field: T,)+
            shape: PhantomData<fn() -> S>,
        }

        impl<S: Shape, T> $Name<S, T> {
            /// The op with these constants.
            #[must_use]
            pub const fn new($($field: T),+) -> Self
            where
                T: Copy,
            {
                Self { $($field,)+ shape: PhantomData }
            }
        }
        elementwise!(@default $Name: $Scalar, $($($default)?),+);
        impl<S: Shape, T: Copy> Clone for $Name<S, T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<S: Shape, T: Copy> Copy for $Name<S, T> {}
        impl<S: Shape, T: fmt::Debug> fmt::Debug for $Name<S, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Name))$(.field(stringify!($field), &self.$field))+.finish()
            }
        }
        impl<T: $Scalar, S: Shape> Elementwise<T> for $Name<S, T> {
            fn value(&self, $x: T) -> T {
                let Self { $($field,)+ .. } = *self;
                $value
            }
            fn derivative(&self, $dx: T) -> T {
                let Self { $($field,)+ .. } = *self;
                $derivative
            }
        }
        impl<T: $Scalar, S: Shape> Op<T> for $Name<S, T> {
            elementwise_op!();
        }
    };
    (@default $Name:ident: $Scalar:ident, $($default:expr),+) => {
        /// PyTorch's defaults, and ε = 1e-6.
        impl<S: Shape, T: $Scalar> Default for $Name<S, T> {
            fn default() -> Self {
                Self::new($($default),+)
            }
        }
    };
    // Without defaults only the commas are left.
    (@default $Name:ident: $Scalar:ident, $(,)*) => {};
}
pub(super) use {elementwise, elementwise_op};

/// 1/2
pub(super) fn half<T: Scalar>() -> T {
    T::constant(0.5, 1, 2)
}

/// The default ε of the guarded functions, 1e-6.
pub(super) fn epsilon<T: Scalar>() -> T {
    T::constant(1e-6, 1, 1_000_000)
}

/// The whole number `n`.
pub(super) fn whole<T: Scalar>(n: i32) -> T {
    T::constant(f64::from(n), i128::from(n), 1)
}

/// The smaller of two; NaN if either is NaN, as `torch.minimum`.
///
/// Written with `<` rather than as −max(−a, −b), so that it holds for any total order.
#[expect(clippy::eq_op, reason = "the test for NaN of a generic number")]
pub(super) fn minimum<T: Scalar>(a: T, b: T) -> T {
    if a < b || a != a { a } else { b }
}

elementwise! {
    /// Opposite: f(x) = −x, f′(x) = −1. PyTorch: `torch.neg`.
    Neg: Scalar,
    value(x) { -x }
    derivative(_x) { -T::ONE }
}

elementwise! {
    /// Multiple: f(x) = x·c, f′(x) = c. PyTorch: `torch.mul` with a number.
    Scale {
        /// The factor
        c
    }: Scalar,
    value(x) { x * c }
    derivative(_x) { c }
}

elementwise! {
    /// Constant: f(x) = v, f′(x) = 0.
    Constant {
        /// The value
        v
    }: Scalar,
    value(_x) { v }
    derivative(_x) {
        let _ = v;
        T::ZERO
    }
}

elementwise! {
    /// Square: f(x) = x·x, f′(x) = 2x. PyTorch: `torch.square`.
    Square: Scalar,
    value(x) { x * x }
    derivative(x) { (T::ONE + T::ONE) * x }
}

elementwise! {
    /// Absolute value: f(x) = |x|, f′(x) = sign x.
    ///
    /// Kink: f′(0) = 0, as `torch.abs` and the formal development have it.
    Abs: Scalar,
    value(x) { if x < T::ZERO { -x } else { x } }
    derivative(x) {
        if x > T::ZERO {
            T::ONE
        } else if x < T::ZERO {
            -T::ONE
        } else {
            T::ZERO
        }
    }
}

elementwise! {
    /// Reciprocal: f(x) = 1/x, f′(x) = −1/x². PyTorch: `torch.reciprocal`; the formal development
    /// calls it `inv`.
    Reciprocal: Scalar,
    value(x) { T::ONE / x }
    derivative(x) { -(T::ONE / (x * x)) }
}

elementwise! {
    /// Reciprocal of a shifted number: f(x) = 1/(x + ε), f′(x) = −1/(x + ε)². From the formal
    /// development; not in PyTorch. It keeps numbers x ≥ 0 from dividing by 0.
    SafeReciprocal {
        /// ε, by default 1e-6
        epsilon = epsilon()
    }: Scalar,
    value(x) { T::ONE / (x + epsilon) }
    derivative(x) { -(T::ONE / ((x + epsilon) * (x + epsilon))) }
}

elementwise! {
    /// Exponential: f(x) = eˣ = f′(x). PyTorch: `torch.exp`.
    Exp: Real,
    value(x) { x.exp() }
    derivative(x) { x.exp() }
}

elementwise! {
    /// f(x) = eˣ − 1, f′(x) = eˣ. PyTorch: `torch.expm1`.
    Expm1: Real,
    value(x) { x.exp_m1() }
    derivative(x) { x.exp() }
}

elementwise! {
    /// Natural logarithm: f(x) = ln x, f′(x) = 1/x. NaN below 0. PyTorch: `torch.log`.
    Log: Real,
    value(x) { x.ln() }
    derivative(x) { T::ONE / x }
}

elementwise! {
    /// f(x) = ln(1 + x), f′(x) = 1/(1 + x). PyTorch: `torch.log1p`.
    Log1p: Real,
    value(x) { x.ln_1p() }
    derivative(x) { T::ONE / (T::ONE + x) }
}

elementwise! {
    /// Square root: f(x) = √x, f′(x) = 1/(2√x).
    ///
    /// NaN below 0 and f′(0) = ∞, as `torch.sqrt`. The formal development's `sqrt` is
    /// [`SafeSqrt`].
    Sqrt: Real,
    value(x) { x.sqrt() }
    derivative(x) { half::<T>() / x.sqrt() }
}

elementwise! {
    /// Square root that is 0 below 0: f(x) = √max(x, 0), f′(x) = 1/(2√x) where x > 0, else 0.
    ///
    /// The `sqrt` of the formal development; PyTorch's is [`Sqrt`].
    SafeSqrt: Real,
    value(x) { x.maximum(T::ZERO).sqrt() }
    derivative(x) { if x > T::ZERO { half::<T>() / x.sqrt() } else { T::ZERO } }
}

elementwise! {
    /// Power with one exponent: f(x) = xʳ, f′(x) = r·xʳ⁻¹. PyTorch: `torch.pow` with a number.
    ///
    /// f′ is 0 for r = 0 also at x = 0, where the formula of the formal development is 0·∞.
    /// Exponents of the elements' own: [`PowRhs`](super::PowRhs).
    Pow {
        /// The exponent
        r
    }: Real,
    value(x) { x.powf(r) }
    derivative(x) { if r == T::ZERO { T::ZERO } else { r * x.powf(r - T::ONE) } }
}

elementwise! {
    /// Sine: f(x) = sin x, f′(x) = cos x. PyTorch: `torch.sin`.
    Sin: Real,
    value(x) { x.sin() }
    derivative(x) { x.cos() }
}

elementwise! {
    /// Cosine: f(x) = cos x, f′(x) = −sin x. PyTorch: `torch.cos`.
    Cos: Real,
    value(x) { x.cos() }
    derivative(x) { -x.sin() }
}

elementwise! {
    /// Hyperbolic sine: f(x) = sinh x, f′(x) = cosh x. PyTorch: `torch.sinh`.
    Sinh: Real,
    value(x) { x.sinh() }
    derivative(x) { x.cosh() }
}

elementwise! {
    /// Hyperbolic cosine: f(x) = cosh x, f′(x) = sinh x. PyTorch: `torch.cosh`.
    Cosh: Real,
    value(x) { x.cosh() }
    derivative(x) { x.sinh() }
}

elementwise! {
    /// Error function: f(x) = 2/√π · ∫₀ˣ e^(−t²) dt, f′(x) = 2/√π · e^(−x²). PyTorch: `torch.erf`.
    Erf: Real,
    value(x) { x.erf() }
    derivative(x) { two_over_sqrt_pi::<T>() * x.gaussian() }
}

/// 2/√π, the slope of erf at 0
#[expect(clippy::approx_constant, reason = "the compiler has these very digits")]
pub(super) fn two_over_sqrt_pi<T: Scalar>() -> T {
    T::constant(1.1283791670955126, 11283791670955126, 10000000000000000)
}
