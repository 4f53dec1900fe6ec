//! Losses: value and cotangent towards the prediction at once.
//!
//! The plain names take the arrays that a model returns, and give `(value, cotangent)`, which is
//! what training code hands on to the backward pass: `|y| loss::cross_entropy(y, label)`. The
//! functions ending in `_into` take slices of any length and write the cotangent to a third one;
//! [`Shape::flat`](crate::Shape::flat) makes a slice of nested arrays.
//!
//! All are losses of *one* sample; those called *means* divide by the number N of its elements, or
//! by 1 if there are none. Whoever wants the mean over a batch divides by its length, once.
//!
//! NaN in a prediction, or in a target, makes both the value and the cotangent NaN where it has an
//! influence. The value and the cotangent are finite for all logits of a moderate size, at least up
//! to ±1e4 in `f32`.
//!
//! ```
//! use pullback::{index::Index, loss};
//!
//! let logits = [1.0f32, 3.0, -2.0];
//! let label = Index::new(1)?;
//! let (value, cotangent) = loss::cross_entropy(&logits, label);
//! assert!((value - 0.1328).abs() < 1e-4);
//! assert!(cotangent[1] < 0.0 && cotangent[0] > 0.0);
//! # Ok::<(), pullback::index::IndexError>(())
//! ```

use crate::index::Index;
use crate::scalar::{Real, Scalar};

/// A loss of one sample's output: a function from an output `Y` to the loss and its cotangent, such as
/// `|y| loss::mse(y, &target)`.
///
/// Every function `FnMut(&Y) -> (T, Y)` is one. A closure that is kept in a variable has to name the type
/// of its argument, `|y: &[f32; 2]| ..` or `|y: &_| ..`, so that rustc takes it for a function of outputs of any
/// lifetime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss, which is a function such as `|y| loss::mse(y, &target)`",
    label = "a loss was needed here",
    note = "it gives the loss and its cotangent `({T}, {Y})`, as the functions of `pullback::loss` do",
    note = "a model with `batch_norm` is given its state before the loss, and a random one in training its key"
)]
pub trait Criterion<T, Y>: FnMut(&Y) -> (T, Y) {}

#[diagnostic::do_not_recommend]
impl<T, Y, F: FnMut(&Y) -> (T, Y)> Criterion<T, Y> for F {}

/// A loss of the outputs of a batch, by the index of the sample: a function such as
/// `|i, y| loss::mse(y, &targets[i])`.
///
/// Every function `FnMut(usize, &Y) -> (T, Y)` is one. A closure that is kept in a variable has to name the
/// types of its arguments:
///
/// ```
/// use pullback::{loss, model};
///
/// model! { pub Net: [4] -> [2] { linear -> [2] } }
///
/// let (net, xs, targets) = (Net::<f32>::zeros(), [[1.0; 4]; 3], [[0.5; 2]; 3]);
/// let criterion = |i: usize, y: &_| loss::mse(y, &targets[i]);
/// let mean = net.value_and_grad_batch(&xs, criterion, &mut Net::zeros(), &mut Net::workspace());
/// assert_eq!(mean, 0.25);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss, which is a function such as `|i, y| loss::mse(y, &targets[i])`",
    label = "a loss was needed here",
    note = "it gives the loss and its cotangent `({T}, {Y})`, as the functions of `pullback::loss` do",
    note = "a model with `batch_norm` is given its state before the loss, and a random one in training its key"
)]
pub trait BatchCriterion<T, Y>: FnMut(usize, &Y) -> (T, Y) {}

#[diagnostic::do_not_recommend]
impl<T, Y, F: FnMut(usize, &Y) -> (T, Y)> BatchCriterion<T, Y> for F {}

/// The array version of a loss, from its slice version.
macro_rules! array_version {
    ($(#[$doc:meta])* $name:ident<$Scalar:ident>($prediction:ident; $($argument:ident: $Type:ty $(=> $value:expr)?),*) = $into:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $name<T: $Scalar, const N: usize>($prediction: &[T; N], $($argument: $Type),*) -> (T, [T; N]) {
            let mut cotangent = [T::ZERO; N];
            let value = $into($prediction, $(array_version!(@ $argument $($value)?),)* &mut cotangent);
            (value, cotangent)
        }
    };
    (@ $argument:ident) => { $argument };
    (@ $argument:ident $value:expr) => { $value };
}

/// Checks the lengths of a target and a cotangent.
#[track_caller]
#[inline(always)]
fn expect_lengths(prediction: usize, target: usize, cotangent: usize) {
    assert!(target == prediction, "the target has {target} elements, the prediction {prediction}");
    assert!(
        cotangent == prediction,
        "the cotangent has {cotangent} elements, the prediction {prediction}"
    );
}

/// So many numbers are added up one after the other.
const BLOCK: usize = 16;

/// `Σ f(x, t, x̄)` over elements, each half by itself: as exact as pairwise sums are. `f` may write to `x̄`.
#[inline(always)]
fn sum<T: Scalar>(x: &[T], t: &[T], x_bar: &mut [T], f: &mut impl FnMut(T, T, &mut T) -> T) -> T {
    if x.len() > BLOCK { halves(x, t, x_bar, f) } else { block(x, t, x_bar, f) }
}

#[inline(always)]
fn block<T: Scalar>(x: &[T], t: &[T], x_bar: &mut [T], f: &mut impl FnMut(T, T, &mut T) -> T) -> T {
    let elements = x.iter().zip(t).zip(x_bar);
    elements.fold(T::ZERO, |sum, ((x, t), x_bar)| sum + f(*x, *t, x_bar))
}

// Out of line, so that short ones are a loop.
#[inline(never)]
fn halves<T: Scalar>(
    x: &[T],
    t: &[T],
    x_bar: &mut [T],
    f: &mut impl FnMut(T, T, &mut T) -> T,
) -> T {
    if x.len() <= BLOCK {
        return block(x, t, x_bar, f);
    }
    let at = x.len() / 2;
    let ((x1, x2), (t1, t2), (x1_bar, x2_bar)) =
        (x.split_at(at), t.split_at(at), x_bar.split_at_mut(at));
    let first = halves(x1, t1, x1_bar, f);
    first + halves(x2, t2, x2_bar, f)
}

/// The mean over elements of a loss that acts on each of them, given as (value, derivative).
#[inline(always)]
fn mean<T: Scalar>(
    prediction: &[T],
    target: &[T],
    cotangent: &mut [T],
    f: impl Fn(T, T) -> (T, T),
) -> T {
    let count = T::from_f64(prediction.len().max(1) as f64);
    let all = sum(prediction, target, cotangent, &mut |x, t, x_bar| {
        let (value, derivative) = f(x, t);
        *x_bar = derivative / count;
        value
    });
    all / count
}

array_version! {
    /// Mean squared error: Σ d²/N with d = x − t; cotangent 2d/N. PyTorch:
    /// `torch.nn.functional.mse_loss`.
    ///
    /// ```
    /// use pullback::loss;
    /// assert_eq!(loss::mse(&[3.0, 1.0], &[1.0, 1.0]), (2.0, [2.0, 0.0]));
    /// ```
    mse<Scalar>(prediction; target: &[T; N]) = mse_into
}

/// [`mse`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn mse_into<T: Scalar>(prediction: &[T], target: &[T], cotangent: &mut [T]) -> T {
    expect_lengths(prediction.len(), target.len(), cotangent.len());
    let count = T::from_f64(prediction.len().max(1) as f64);
    sum(prediction, target, cotangent, &mut |x, t, x_bar| {
        // Divided before it is squared: the sum may be too large, the mean is not.
        let d = x - t;
        let share = d / count;
        *x_bar = share + share;
        d * share
    })
}

array_version! {
    /// Mean absolute error: Σ |d|/N with d = x − t; cotangent sign(d)/N, 0 where d = 0. PyTorch:
    /// `torch.nn.functional.l1_loss`.
    ///
    /// ```
    /// use pullback::loss;
    /// assert_eq!(loss::mae(&[3.0, 1.0], &[1.0, 1.0]), (1.0, [0.5, 0.0]));
    /// ```
    mae<Scalar>(prediction; target: &[T; N]) = mae_into
}

/// [`mae`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn mae_into<T: Scalar>(prediction: &[T], target: &[T], cotangent: &mut [T]) -> T {
    expect_lengths(prediction.len(), target.len(), cotangent.len());
    mean(prediction, target, cotangent, |x, t| {
        let d = x - t;
        if d > T::ZERO {
            (d, T::ONE)
        } else if d < T::ZERO {
            (-d, -T::ONE)
        } else {
            (d, d) // 0 or NaN
        }
    })
}

array_version! {
    /// Huber's loss, the mean of d²/2 where |d| < δ and of δ(|d| − δ/2) elsewhere, with d = x − t;
    /// cotangent d/N and ±δ/N. Huber 1964; PyTorch: `torch.nn.functional.huber_loss`, with δ = 1 by
    /// default.
    ///
    /// # Panics
    /// If `delta` is not above 0.
    ///
    /// ```
    /// use pullback::loss;
    /// assert_eq!(loss::huber(&[3.0, 0.5], &[0.0, 0.0], 1.0), (1.3125, [0.5, 0.25]));
    /// ```
    #[track_caller]
    huber<Scalar>(prediction; target: &[T; N], delta: T) = huber_into
}

/// [`huber`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ, or `delta` is not above 0.
#[track_caller]
pub fn huber_into<T: Scalar>(prediction: &[T], target: &[T], delta: T, cotangent: &mut [T]) -> T {
    expect_lengths(prediction.len(), target.len(), cotangent.len());
    assert!(delta > T::ZERO, "delta is {delta:?}, needs a number above 0");
    let half = T::constant(0.5, 1, 2);
    mean(prediction, target, cotangent, |x, t| {
        let d = x - t;
        if d >= delta {
            (delta * (d - half * delta), delta)
        } else if d <= -delta {
            (delta * (-d - half * delta), -delta)
        } else {
            (half * d * d, d)
        }
    })
}

array_version! {
    /// Binary cross-entropy of the probability sigmoid(x) towards the probability t, a number from 0
    /// to 1: the mean of t·softplus(−x) + (1 − t)·softplus(x); cotangent
    /// ((1 − t)·sigmoid(x) − t·sigmoid(−x))/N. PyTorch:
    /// `torch.nn.functional.binary_cross_entropy_with_logits`.
    ///
    /// Neither subtracts numbers that cancel: the loss of a confident and right prediction keeps its
    /// digits.
    ///
    /// ```
    /// use pullback::loss;
    /// let (value, cotangent) = loss::bce_with_logits(&[0.0], &[1.0]);
    /// assert_eq!((value, cotangent), (2f64.ln(), [-0.5]));
    /// ```
    bce_with_logits<Real>(logits; target: &[T; N]) = bce_with_logits_into
}

/// [`bce_with_logits`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn bce_with_logits_into<T: Real>(logits: &[T], target: &[T], cotangent: &mut [T]) -> T {
    expect_lengths(logits.len(), target.len(), cotangent.len());
    mean(logits, target, cotangent, |x, t| {
        let value = t * (-x).softplus() + (T::ONE - t) * x.softplus();
        let derivative = (T::ONE - t) * x.sigmoid() - t * (-x).sigmoid();
        (value, derivative)
    })
}

/// Writes softmax(logits); returns ln Σ e^(xⱼ − m) and m = max x. Both are finite for finite logits.
fn softmax_into<T: Real>(logits: &[T], probabilities: &mut [T]) -> (T, T) {
    let Some(first) = logits.first() else { return (T::ZERO, T::ZERO) };
    let max = logits.iter().fold(*first, |max, x| max.maximum(*x));
    let all = sum(logits, logits, probabilities, &mut |x, _, p| {
        *p = (x - max).exp();
        *p
    });
    for p in probabilities {
        *p = *p / all;
    }
    (all.ln(), max)
}

array_version! {
    /// Cross-entropy of softmax(x) towards a class: `−ln softmax(x)[label]`, computed as
    /// `ln Σⱼ e^(xⱼ − m) − (x[label] − m)` with m = max x; cotangent softmax(x) − onehot(label).
    /// PyTorch: `torch.nn.functional.cross_entropy` of one sample.
    ///
    /// It is the loss of the sample, not divided by the number of classes. That `label` is below N
    /// is what [`Index`] stands for.
    ///
    /// ```
    /// use pullback::{index::Index, loss};
    /// let (value, cotangent) = loss::cross_entropy(&[0.0, 0.0], Index::new(1)?);
    /// assert_eq!((value, cotangent), (2f64.ln(), [0.5, -0.5]));
    /// # Ok::<(), pullback::index::IndexError>(())
    /// ```
    cross_entropy<Real>(logits; label: Index<N> => label.get()) = cross_entropy_into
}

/// [`cross_entropy`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ, or `label` is not below them.
#[track_caller]
pub fn cross_entropy_into<T: Real>(logits: &[T], label: usize, cotangent: &mut [T]) -> T {
    let classes = logits.len();
    expect_lengths(classes, classes, cotangent.len());
    assert!(
        label < classes,
        "the label is {label}, needs one below {classes}, the number of logits"
    );
    let (log_sum, max) = softmax_into(logits, cotangent);
    cotangent[label] = cotangent[label] - T::ONE;
    log_sum - (logits[label] - max)
}

array_version! {
    /// Cross-entropy of softmax(x) towards probabilities t: −Σ tᵢ·ln softmax(x)ᵢ; cotangent
    /// softmax(x)·Σⱼ tⱼ − t. PyTorch: `torch.nn.functional.cross_entropy` of one sample with class
    /// probabilities.
    ///
    /// It is the loss of the sample, not divided by the number of classes. The probabilities are
    /// expected to sum to 1; if they do not, the cotangent is still the derivative of the value.
    ///
    /// ```
    /// use pullback::loss;
    /// let (value, cotangent) = loss::cross_entropy_probs(&[0.0, 0.0], &[0.25, 0.75]);
    /// assert_eq!((value, cotangent), (2f64.ln(), [0.25, -0.25]));
    /// ```
    cross_entropy_probs<Real>(logits; target: &[T; N]) = cross_entropy_probs_into
}

/// [`cross_entropy_probs`] on slices: returns the value and overwrites `cotangent`.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn cross_entropy_probs_into<T: Real>(logits: &[T], target: &[T], cotangent: &mut [T]) -> T {
    expect_lengths(logits.len(), target.len(), cotangent.len());
    let (log_sum, max) = softmax_into(logits, cotangent);
    let mass = sum(target, target, cotangent, &mut |t, _, _| t);
    sum(logits, target, cotangent, &mut |x, t, x_bar| {
        *x_bar = *x_bar * mass - t;
        // A class of probability 0 gives nothing, even if its logit is −∞.
        t.mul_strong(log_sum - (x - max))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 4] = [0.5, -1.0, 2.0, 0.0];
    const T: [f64; 4] = [0.1, 0.2, 0.3, 0.4];

    #[track_caller]
    fn assert_close(left: f64, right: f64, tolerance: f64) {
        assert!((left - right).abs() <= tolerance * (1.0 + right.abs()), "{left} is not {right}");
    }

    /// The cotangent against the central difference quotient of the value.
    #[track_caller]
    fn check(loss: impl Fn(&[f64; 4]) -> (f64, [f64; 4])) {
        let (_, cotangent) = loss(&X);
        for i in 0..4 {
            let (mut above, mut below) = (X, X);
            above[i] += 1e-5;
            below[i] -= 1e-5;
            assert_close(cotangent[i], (loss(&above).0 - loss(&below).0) / 2e-5, 1e-9);
        }
    }

    #[test]
    fn cotangents_are_the_derivatives() {
        check(|x| mse(x, &T));
        check(|x| mae(x, &T));
        check(|x| huber(x, &T, 0.7));
        check(|x| bce_with_logits(x, &T));
        check(|x| cross_entropy_probs(x, &T));
        check(|x| cross_entropy_probs(x, &[1.0, 1.0, 0.0, 0.0]));
        for label in Index::all() {
            check(|x| cross_entropy(x, label));
        }
    }

    #[test]
    fn values_are_those_of_pytorch() {
        let (value, cotangent) = cross_entropy(&X, Index::new(2).unwrap());
        assert_close(value, 0.342349582389822, 1e-14);
        let expected =
            [0.15844470951497974, 0.03535379340874887, -0.2899000771138257, 0.09610157419009721];
        for (found, expected) in cotangent.iter().zip(expected) {
            assert_close(*found, expected, 1e-14);
        }
        let (value, cotangent) = cross_entropy_probs(&X, &T);
        assert_close(value, 1.892349582389822, 1e-14);
        let expected =
            [0.05844470951497974, -0.16464620659125115, 0.4100999228861743, -0.3038984258099028];
        for (found, expected) in cotangent.iter().zip(expected) {
            assert_close(*found, expected, 1e-14);
        }
        // Not normalised
        let (value, cotangent) = cross_entropy_probs(&[1.0, 2.0, 3.0], &[1.0, 1.0, 0.0]);
        assert_close(value, 3.815211928888761, 1e-14);
        assert_close(cotangent[2], 1.3304819115496436, 1e-14);
        let (value, cotangent) = bce_with_logits(&[1e4, 1e4, -1e4], &[1.0, 0.0, 0.25]);
        assert_close(value, 4166.666666666667, 1e-14);
        assert_close(cotangent[1], 0.3333333333333333, 1e-14);
        assert_close(cotangent[2], -0.08333333333333333, 1e-14);
        let (value, cotangent) = huber(&[1.0, -1.0, 2.0], &[0.0; 3], 1.0);
        assert_close(value, 0.8333333333333334, 1e-14);
        assert_eq!(cotangent, [1.0 / 3.0, -1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(mae(&[0.0, 1.0, -2.0], &[0.0; 3]), (1.0, [0.0, 1.0 / 3.0, -1.0 / 3.0]));
    }

    #[test]
    fn finite_at_ten_thousand_in_f32() {
        let x = [1e4f32, -1e4, 0.0];
        let finite = |(value, cotangent): (f32, [f32; 3])| {
            assert!(
                value.is_finite() && cotangent.iter().all(|x| x.is_finite()),
                "{value} {cotangent:?}"
            );
        };
        finite(bce_with_logits(&x, &[0.0, 1.0, 0.5]));
        finite(cross_entropy_probs(&x, &[0.2, 0.3, 0.5]));
        finite(huber(&x, &[0.0; 3], 1.0));
        finite(mse(&x, &[0.0; 3]));
        assert_eq!(cross_entropy(&x, Index::new(1).unwrap()), (2e4, [1.0, -1.0, 0.0]));
        assert_eq!(cross_entropy(&x, Index::new(0).unwrap()).0, 0.0);
        // Confident and right: no cancellation.
        assert_eq!(bce_with_logits(&[30.0f32], &[1.0]).0, (-30.0f32).exp());
    }

    #[test]
    fn nan_goes_through() {
        let is_nan = |(value, [cotangent]): (f64, [f64; 1])| value.is_nan() && cotangent.is_nan();
        let x = [f64::NAN];
        assert!(
            is_nan(mse(&x, &[0.0])) && is_nan(mae(&x, &[0.0])) && is_nan(huber(&x, &[0.0], 1.0))
        );
        assert!(is_nan(bce_with_logits(&x, &[0.0])) && is_nan(cross_entropy_probs(&x, &[1.0])));
        assert!(is_nan(cross_entropy(&x, Index::new(0).unwrap())));
    }

    #[test]
    fn no_elements_no_loss() {
        assert_eq!(mse::<f32, 0>(&[], &[]), (0.0, []));
        assert_eq!(cross_entropy_probs::<f32, 0>(&[], &[]), (0.0, []));
    }

    #[test]
    #[should_panic(expected = "the label is 2, needs one below 2")]
    fn a_label_out_of_range_panics() {
        cross_entropy_into(&[0.0f32, 1.0], 2, &mut [0.0; 2]);
    }

    #[test]
    #[should_panic(expected = "the target has 1 elements, the prediction 2")]
    fn lengths_that_differ_panic() {
        mse_into(&[0.0f32, 1.0], &[2.0], &mut [0.0; 2]);
    }
}
