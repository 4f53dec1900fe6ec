//! Gradients that are too large.

use crate::scalar::Real;
use num_traits::ToPrimitive;

/// Scales a gradient whose Euclidean norm is greater than `most` down to that, and gives the norm that it had: PyTorch's
/// `clip_grad_norm_`, whose factor is `min(1, most / (norm + 1e-6))`. A norm that is not finite leaves numbers that are
/// none: it is worth a look.
///
/// ```
/// let mut gradient = [3.0f32, 4.0];
/// assert_eq!(pullback::optim::clip_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] - 0.8).abs() < 1e-6);
/// ```
///
/// # Panics
/// If `most` is negative, infinite or NaN.
#[track_caller]
pub fn clip_norm<T: Real + ToPrimitive>(gradient: &mut [T], most: f64) -> f64 {
    super::non_negative("norm", most);
    let size = |x: &T| super::number(x).abs();
    // Squares of numbers of `f64` may be too large, those of what they are to the greatest are not.
    let greatest = gradient.iter().map(size).fold(0.0, f64::max);
    let scale = if greatest > 0.0 && greatest.is_finite() { greatest } else { 1.0 };
    let squares: f64 = gradient.iter().map(|x| (size(x) / scale).powi(2)).sum();
    let norm = scale * squares.sqrt();
    let factor = most / (norm + 1e-6);
    if factor < 1.0 || factor.is_nan() {
        let factor = T::from_f64(factor);
        gradient.iter_mut().for_each(|x| *x = *x * factor);
    }
    norm
}

/// Takes every element of a gradient that lies outside `-most..=most` to the nearer end: PyTorch's `clip_grad_value_`.
/// NaN stays.
///
/// ```
/// let mut gradient = [0.5, -7.0, 2.0];
/// pullback::optim::clip_value(&mut gradient, 1.0);
/// assert_eq!(gradient, [0.5, -1.0, 1.0]);
/// ```
///
/// # Panics
/// If `most` is negative, infinite or NaN.
#[track_caller]
pub fn clip_value<T: Real>(gradient: &mut [T], most: f64) {
    let most = T::from_f64(super::non_negative("value", most));
    for x in gradient {
        if *x > most {
            *x = most;
        } else if *x < -most {
            *x = -most;
        }
    }
}
