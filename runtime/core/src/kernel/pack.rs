//! Factors of matrix products, copied to where their rows follow one another.

use super::{AnyAxis, fetch};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// Columns of a factor on their way to rows of `width`, which are filled up to whole vectors.
#[derive(Clone, Copy, Debug)]
pub struct Packing<T> {
    /// Rows of the copy.
    pub k: usize,
    /// Columns, at most `width`.
    pub cols: usize,
    /// Element (row 0, column 0).
    pub from: *const T,
    /// From row to row.
    pub step: usize,
    /// From column to column.
    pub column: usize,
    /// Row 0 of the copy.
    pub to: *mut T,
    /// From row to row of the copy; a whole number of vectors.
    pub width: usize,
}

/// Copies columns.
///
/// # Safety
/// The columns may be read, and `k · width` elements written at `to`, which overlap with nothing else.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn pack<V: Lanes>(job: &Packing<V::Scalar>) {
    let Packing { k, cols, from, step, column, to, width } = *job;
    // SAFETY: as promised.
    unsafe {
        if column == 1 {
            for p in 0..k {
                let (from, to) = (from.add(p * step), to.add(p * width));
                let mut at = 0;
                while at < cols {
                    fetch::<V, AnyAxis>(from.add(at), 1, cols - at).store(to.add(at));
                    at += V::N;
                }
            }
            return;
        }
        let mut at = 0;
        while at < cols {
            let columns = V::N.min(cols - at);
            let mut p = 0;
            if step == 1 && columns == V::N {
                while p + V::N <= k {
                    let from = from.add(at * column + p);
                    V::transpose(from, column, to.add(p * width + at), width);
                    p += V::N;
                }
            }
            while p < k {
                for c in 0..V::N {
                    let x = from.wrapping_add((at + c) * column + p * step);
                    *to.add(p * width + at + c) = if c < columns { *x } else { V::Scalar::ZERO };
                }
                p += 1;
            }
            at += V::N;
        }
    }
}
