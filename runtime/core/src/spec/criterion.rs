//! Losses as ops: from a prediction to a scalar, with the target captured.
//!
//! Training code calls [`crate::loss`], which gives value and cotangent at once.

use super::elementwise::half;
use super::{LogSoftmax, Op, Softmax, expect_size};
use crate::scalar::{Real, Scalar};
use crate::shape::Shape;
use core::marker::PhantomData;

/// A mean over all elements as an op, in one stanza: doc, name and fields, the scalar trait it needs,
/// and value and derivative towards the prediction x for one element with its target t.
macro_rules! criterion {
    ($(#[$doc:meta])* $Name:ident { $($(#[$field_doc:meta])* $field:ident),* }: $Scalar:ident,
     value($x:ident, $t:ident) $value:block
     derivative($dx:ident, $dt:ident) $derivative:block) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name<S: Shape, T> {
            target: Vec<T>,
            $($(#[$field_doc])* pub $field: T,)*
            shape: PhantomData<fn() -> S>,
        }

        impl<S: Shape, T: $Scalar> $Name<S, T> {
            /// The loss towards this target.
            ///
            /// # Panics
            /// If `target` does not have the size of the shape.
            #[must_use]
            #[track_caller]
            pub fn new(target: Vec<T>, $($field: T),*) -> Self {
                expect_size::<S, T>("target", &target);
                Self { target, $($field,)* shape: PhantomData }
            }

            fn value(&self, $x: T, $t: T) -> T {
                $(let $field = self.$field;)*
                $value
            }

            fn derivative(&self, $dx: T, $dt: T) -> T {
                $(let $field = self.$field;)*
                $derivative
            }
        }

        impl<S: Shape, T: $Scalar> Op<T> for $Name<S, T> {
            type Dom = S;
            type Cod = ();
            fn forward(&self, x: &[T], y: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<(), T>("y", y);
                let values = x.iter().zip(&self.target).map(|(x, t)| self.value(*x, *t));
                y[0] = values.fold(T::ZERO, |sum, value| sum + value) / count(S::SIZE);
            }
            fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S, T>("dx", dx);
                expect_size::<(), T>("dy", dy);
                let slopes = x.iter().zip(&self.target).map(|(x, t)| self.derivative(*x, *t));
                let terms = slopes.zip(dx).map(|(slope, dx)| slope * *dx);
                dy[0] = terms.fold(T::ZERO, |sum, term| sum + term) / count(S::SIZE);
            }
            fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<(), T>("y_bar", y_bar);
                expect_size::<S, T>("x_bar", x_bar);
                for (x_bar, (x, t)) in x_bar.iter_mut().zip(x.iter().zip(&self.target)) {
                    *x_bar = self.derivative(*x, *t) / count(S::SIZE) * y_bar[0];
                }
            }
        }
    };
}

/// What a mean over `n` divides by: 1 if there is nothing.
fn count<T: Scalar>(n: usize) -> T {
    let n = n.max(1);
    T::constant(n as f64, n as i128, 1)
}

criterion! {
    /// Mean squared error towards a captured target t: y = Σ (xᵢ − tᵢ)²/N, with N the number of
    /// elements, or 1 if there are none. PyTorch: `torch.nn.functional.mse_loss`.
    ///
    /// dy = Σ 2(xᵢ − tᵢ)/N·dxᵢ, x̄ᵢ = 2(xᵢ − tᵢ)/N·ȳ.
    MseLoss {}: Scalar,
    value(x, t) { (x - t) * (x - t) }
    derivative(x, t) { (T::ONE + T::ONE) * (x - t) }
}

criterion! {
    /// Mean absolute error towards a captured target t: y = Σ |xᵢ − tᵢ|/N, with N the number of
    /// elements, or 1 if there are none. PyTorch: `torch.nn.functional.l1_loss`.
    ///
    /// dy = Σ sign(xᵢ − tᵢ)/N·dxᵢ, x̄ᵢ = sign(xᵢ − tᵢ)/N·ȳ. Kink: sign 0 = 0.
    MaeLoss {}: Scalar,
    value(x, t) { if t > x { t - x } else { x - t } }
    derivative(x, t) {
        if x > t {
            T::ONE
        } else if t > x {
            -T::ONE
        } else {
            T::ZERO
        }
    }
}

criterion! {
    /// Huber's loss towards a captured target t: y = Σ h(xᵢ − tᵢ)/N with h(d) = d²/2 where |d| < δ,
    /// else δ(|d| − δ/2), and N the number of elements, or 1 if there are none. Huber 1964; PyTorch:
    /// `torch.nn.functional.huber_loss`.
    ///
    /// h′(d) = d where |d| < δ, else ±δ with the sign of d; dy = Σ h′(xᵢ − tᵢ)/N·dxᵢ,
    /// x̄ᵢ = h′(xᵢ − tᵢ)/N·ȳ.
    HuberLoss {
        /// δ, where the square becomes a line; PyTorch's default is 1
        delta
    }: Scalar,
    value(x, t) {
        let d = x - t;
        let size = if d < T::ZERO { -d } else { d };
        if size < delta { half::<T>() * d * d } else { delta * (size - half::<T>() * delta) }
    }
    derivative(x, t) {
        let d = x - t;
        let (size, side) = if d < T::ZERO { (-d, -delta) } else { (d, delta) };
        if size < delta { d } else { side }
    }
}

criterion! {
    /// Binary cross-entropy of logits towards captured probabilities t:
    /// y = Σ (tᵢ·softplus(−xᵢ) + (1 − tᵢ)·softplus(xᵢ))/N, with N the number of elements, or 1 if
    /// there are none. PyTorch: `torch.nn.functional.binary_cross_entropy_with_logits`.
    ///
    /// This is −t·ln s − (1 − t)·ln(1 − s) with s = sigmoid(x), without cancellation. Its derivative is
    /// s − t; here in the two parts of the formula, (1 − t)·sigmoid(x) − t·sigmoid(−x).
    BceWithLogitsLoss {}: Real,
    value(x, t) { t * (-x).softplus() + (T::ONE - t) * x.softplus() }
    derivative(x, t) { (T::ONE - t) * x.sigmoid() - t * (-x).sigmoid() }
}

/// Cross-entropy of logits along the last axis towards captured probabilities t:
/// y = −Σ tᵢ·log_softmax(x)ᵢ/R, with R the number of slices along that axis, or 1 if there are none.
/// PyTorch: `torch.nn.functional.cross_entropy`.
///
/// With p = softmax(x) and s the sum of t over the slice, which is 1 for probabilities:
/// dy = Σ (s·pᵢ − tᵢ)/R·dxᵢ, x̄ᵢ = (s·pᵢ − tᵢ)/R·ȳ.
#[derive(Clone, Debug)]
pub struct CrossEntropyLoss<S: Shape, T> {
    target: Vec<T>,
    shape: PhantomData<fn() -> S>,
}

impl<S: Shape, T: Real> CrossEntropyLoss<S, T> {
    /// The loss towards these probabilities of the classes, slice by slice.
    ///
    /// # Panics
    /// If `target` does not have the size of the shape.
    #[must_use]
    #[track_caller]
    pub fn new(target: Vec<T>) -> Self {
        expect_size::<S, T>("target", &target);
        Self { target, shape: PhantomData }
    }

    /// The loss towards one class for each slice: its probability is 1.
    ///
    /// # Panics
    /// If there are not as many labels as slices, or a label is not below the length of the last axis.
    #[must_use]
    #[track_caller]
    pub fn with_labels(labels: &[usize]) -> Self {
        let classes = S::LAST;
        assert!(
            labels.len() * classes == S::SIZE,
            "found {} labels, the shape {:?} needs {}",
            labels.len(),
            S::dims(),
            S::SIZE / classes.max(1),
        );
        let mut target = vec![T::ZERO; S::SIZE];
        for (i, label) in labels.iter().enumerate() {
            assert!(*label < classes, "found the label {label}, needs one below {classes}");
            target[i * classes + label] = T::ONE;
        }
        Self { target, shape: PhantomData }
    }

    fn slices() -> T {
        count(S::SIZE / S::LAST.max(1))
    }

    /// x̄ ← (s·softmax(x) − t)/R
    fn gradient(&self, x: &[T], x_bar: &mut [T]) {
        Softmax::<S>::new().forward(x, x_bar);
        let slices = self.target.chunks(S::LAST.max(1)).zip(x_bar.chunks_mut(S::LAST.max(1)));
        for (target, x_bar) in slices {
            let sum = target.iter().fold(T::ZERO, |sum, t| sum + *t);
            for (x_bar, t) in x_bar.iter_mut().zip(target) {
                *x_bar = (sum * *x_bar - *t) / Self::slices();
            }
        }
    }
}

impl<S: Shape, T: Real> Op<T> for CrossEntropyLoss<S, T> {
    type Dom = S;
    type Cod = ();
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<(), T>("y", y);
        let mut logs = vec![T::ZERO; S::SIZE];
        LogSoftmax::<S>::new().forward(x, &mut logs);
        y[0] = -super::dot(&self.target, &logs) / Self::slices();
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<S, T>("dx", dx);
        expect_size::<(), T>("dy", dy);
        let mut gradient = vec![T::ZERO; S::SIZE];
        self.gradient(x, &mut gradient);
        dy[0] = super::dot(&gradient, dx);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<S, T>("x", x);
        expect_size::<(), T>("y_bar", y_bar);
        expect_size::<S, T>("x_bar", x_bar);
        self.gradient(x, x_bar);
        x_bar.iter_mut().for_each(|x_bar| *x_bar = *x_bar * y_bar[0]);
    }
}
