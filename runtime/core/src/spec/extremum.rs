//! The greatest and the smallest element along an axis.

use super::elementwise::minimum;
use super::{Op, expect_size, unit};
use crate::scalar::Scalar;
use crate::shape::{Axis, Shape};
use core::fmt;
use core::marker::PhantomData;

/// One of the two in one stanza: doc, name, the better of two elements, and whether `a` loses to the
/// best element.
macro_rules! extremum {
    ($(#[$doc:meta])* $Name:ident, better($a:ident, $b:ident) $better:block
     loses($x:ident, $best:ident) $loses:block) => {
        unit! { $(#[$doc])* pub $Name [S: Axis<A>, const A: usize] [S, A] (S) }

        impl<S: Axis<A>, const A: usize> $Name<S, A> {
            fn better<T: Scalar>($a: T, $b: T) -> T $better
            fn loses<T: Scalar>($x: T, $best: T) -> bool $loses

            /// For each element of the output, where the elements it is chosen from are in the input.
            fn fibers() -> impl Iterator<Item = impl Iterator<Item = usize> + Clone> {
                (0..<S::Rest as Shape>::SIZE).map(|i| {
                    let first = i / S::STRIDE * S::STRIDE * S::LEN + i % S::STRIDE;
                    (0..S::LEN).map(move |k| first + k * S::STRIDE)
                })
            }

            fn best<T: Scalar>(x: &[T], mut fiber: impl Iterator<Item = usize>) -> T {
                let first = fiber.next().map(|i| x[i]);
                let first = first.expect("an axis of length 0 has no extremum");
                fiber.fold(first, |best, i| Self::better(best, x[i]))
            }

            /// The places that win, and the share of each.
            fn winners<T: Scalar>(
                x: &[T],
                fiber: impl Iterator<Item = usize> + Clone,
            ) -> (impl Iterator<Item = usize>, T) {
                let best = Self::best(x, fiber.clone());
                let wins = fiber.filter(move |i| !Self::loses(x[*i], best));
                (wins.clone(), T::ONE / wins.fold(T::ZERO, |count, _| count + T::ONE))
            }
        }

        impl<T: Scalar, S: Axis<A>, const A: usize> Op<T> for $Name<S, A> {
            type Dom = S;
            type Cod = S::Rest;
            fn forward(&self, x: &[T], y: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S::Rest, T>("y", y);
                for (y, fiber) in y.iter_mut().zip(Self::fibers()) {
                    *y = Self::best(x, fiber);
                }
            }
            fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S, T>("dx", dx);
                expect_size::<S::Rest, T>("dy", dy);
                for (dy, fiber) in dy.iter_mut().zip(Self::fibers()) {
                    let (winners, share) = Self::winners(x, fiber);
                    *dy = winners.fold(T::ZERO, |sum, i| sum + dx[i]) * share;
                }
            }
            fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
                expect_size::<S, T>("x", x);
                expect_size::<S::Rest, T>("y_bar", y_bar);
                expect_size::<S, T>("x_bar", x_bar);
                x_bar.fill(T::ZERO);
                for (y_bar, fiber) in y_bar.iter().zip(Self::fibers()) {
                    let (winners, share) = Self::winners(x, fiber);
                    winners.for_each(|i| x_bar[i] = share * *y_bar);
                }
            }
        }
    };
}

extremum! {
    /// The greatest element along axis `A`, which disappears: `y[a, c] = max_b x[a, b, c]`. NaN if
    /// any is NaN. PyTorch: `torch.amax(dim=A)`.
    ///
    /// With k elements that are equal to it, each has the share 1/k, as in PyTorch: `dy[a, c]` is the
    /// mean of their dx, and each gets `x̄[a, b, c] = ȳ[a, c]/k`.
    ///
    /// The greatest of all elements is that of their [`Reshape`](super::Reshape) to one axis.
    ///
    /// # Panics
    /// If the axis has length 0.
    Amax,
    better(a, b) { a.maximum(b) }
    loses(x, best) { best > x }
}

extremum! {
    /// The smallest element along axis `A`, which disappears: `y[a, c] = min_b x[a, b, c]`. NaN if
    /// any is NaN. PyTorch: `torch.amin(dim=A)`.
    ///
    /// Ties share as in [`Amax`].
    ///
    /// # Panics
    /// If the axis has length 0.
    Amin,
    better(a, b) { minimum(a, b) }
    loses(x, best) { x > best }
}
