//! Arrays that change in place.

use crate::lanes::{Lanes, OnLanes};
use crate::scalar::Scalar;

/// How the elements of `N` arrays change by the element of another one.
pub(crate) trait Change<T: Scalar, const N: usize>: Copy + Sync {
    /// The new elements.
    fn f<V: Lanes<Scalar = T>>(self, old: [V; N], by: V) -> [V; N];
}

/// `arrays[a][i] = change(arrays[..][i], by[i])[a]` for every `i`, on the widest lanes there are.
///
/// # Panics
/// If the lengths differ.
pub(crate) fn update<T: Scalar, const N: usize>(
    arrays: [&mut [T]; N],
    by: &[T],
    change: impl Change<T, N>,
) {
    for array in &arrays {
        assert!(array.len() == by.len(), "arrays of {} and {} elements", array.len(), by.len());
    }
    T::dispatch(Update { arrays, by, change });
}

/// The arrays, all of one length.
pub(super) struct Update<'a, T, C, const N: usize> {
    pub(super) arrays: [&'a mut [T]; N],
    pub(super) by: &'a [T],
    pub(super) change: C,
}

impl<T: Scalar, C: Change<T, N>, const N: usize> OnLanes<T> for Update<'_, T, C, N> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        let Update { arrays, by, change } = self;
        let (to, by, len) = (arrays.map(<[T]>::as_mut_ptr), by.as_ptr(), by.len());
        let mut at = 0;
        while len - at >= V::N {
            // SAFETY: all slices are of this length, of which so many elements are left.
            unsafe {
                let old = to.map(|to| V::load(to.add(at)));
                let new = change.f(old, V::load(by.add(at)));
                for (to, new) in to.into_iter().zip(new) {
                    new.store(to.add(at));
                }
            }
            at += V::N;
        }
        if at < len {
            let rest = len - at;
            // SAFETY: as above.
            unsafe {
                let old = to.map(|to| V::load_part(to.add(at), rest));
                let new = change.f(old, V::load_part(by.add(at), rest));
                for (to, new) in to.into_iter().zip(new) {
                    new.store_part(to.add(at), rest);
                }
            }
        }
    }
}
