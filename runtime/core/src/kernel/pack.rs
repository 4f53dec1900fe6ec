//! Factors of matrix products, copied to where their rows follow one another.

use super::blocks::prefetch;
use super::contract::LINE;
use super::{AnyAxis, fetch};
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use crate::tuning::{AHEAD_ROWS, APART_BYTES};

/// Columns of a factor on their way to tiles: rows of `width` one after the other, for each `width` of columns.
/// The last are filled up to whole vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing<T> {
    /// Rows of the copy.
    pub k: usize,
    /// Columns.
    pub cols: usize,
    /// Element (row 0, column 0).
    pub from: *const T,
    /// From row to row.
    pub step: usize,
    /// From column to column.
    pub column: usize,
    /// Row 0 of the first tile.
    pub to: *mut T,
    /// From row to row of a tile; a whole number of vectors.
    pub width: usize,
}

/// Copies columns.
///
/// # Safety
/// The columns may be read, and for every tile `k · width` elements written at `to`, which overlap with nothing
/// else.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn pack<V: Lanes>(job: &Packing<V::Scalar>) {
    let Packing { k, cols, from, step, column, to, width } = *job;
    // SAFETY: as promised.
    unsafe {
        if column == 1 {
            // Row by row, and not tile by tile: what is side by side is read at once.
            // Rows that are far from each other come one by one from where they are, unless they are asked for.
            let ahead = if step * size_of::<V::Scalar>() >= APART_BYTES { AHEAD_ROWS } else { 0 };
            for p in 0..k {
                if ahead > 0 {
                    let next = from.wrapping_add((p + ahead) * step).cast::<u8>();
                    let mut line = 0;
                    while line < cols * size_of::<V::Scalar>() {
                        prefetch::<true, u8>(next.wrapping_add(line));
                        line += LINE;
                    }
                }
                let (from, mut to) = (from.add(p * step), to.add(p * width));
                let mut first = 0;
                while first < cols {
                    let end = cols.min(first + width);
                    let mut at = first;
                    while at < end {
                        fetch::<V, AnyAxis>(from.add(at), 1, end - at).store(to.add(at - first));
                        at += V::N;
                    }
                    (first, to) = (end, to.wrapping_add(k * width));
                }
            }
            return;
        }
        let mut at = 0;
        while at < cols {
            let columns = V::N.min(cols - at);
            let to = to.add(at / width * k * width + at % width);
            let mut p = 0;
            if step == 1 && columns == V::N {
                while p + V::N <= k {
                    V::transpose(from.add(at * column + p), column, to.add(p * width), width);
                    p += V::N;
                }
            }
            while p < k {
                for c in 0..V::N {
                    let x = from.wrapping_add((at + c) * column + p * step);
                    *to.add(p * width + c) = if c < columns { *x } else { V::Scalar::ZERO };
                }
                p += 1;
            }
            at += V::N;
        }
    }
}
