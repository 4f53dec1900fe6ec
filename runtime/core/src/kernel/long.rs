//! Products of long rows and columns, whose sums are taken in levels.
//!
//! They run out of line, so that short ones need not make room for the levels.

use super::compiled;
use super::contract::COLUMNS;
use super::levels::FAN;
use super::panel::{Contiguous, Dots, Panel, all_dots};
use super::put;
use crate::lanes::{Lanes, OnLanes};
use crate::scalar::Scalar;
use crate::tuning::EPILOGUE_ROWS;
use core::mem::MaybeUninit;

/// The most products that are added up one after the other. Sums of more are taken in levels, as in
/// [`Levels`](super::levels::Levels): so many products, then so many sums of them.
pub(super) const LONG: usize = 1024;
const PRODUCTS: usize = 128;
const SUMS: usize = 32;

/// Steps of a dot product that are added up one after the other, before their sum goes to the next level.
pub(super) const STEPS: usize = 2 * FAN;

/// Whether the sums of a panel are taken in levels.
#[inline(always)]
pub(super) fn is_long<T>(job: &Panel<T>) -> bool {
    job.k > LONG || job.part && job.k > PRODUCTS
}

/// Dot products of many products each, of which everything is promised that [`super::panel::dots`] asks for.
pub(super) struct LongDots<'a, T>(pub &'a Dots<T>);

impl<T: Scalar> OnLanes<T> for LongDots<'_, T> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        // SAFETY: as promised.
        unsafe { all_dots::<V, true>(self.0) }
    }
}

/// A panel whose sums are of many products, with no more than [`COLUMNS`] columns, of which everything is promised
/// that [`super::panel::panel`] asks for.
pub(super) struct LongPanel<'a, T>(pub &'a Panel<T>);

impl<T: Scalar> OnLanes<T> for LongPanel<'_, T> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        let job = self.0;
        const { assert!(V::VECTORS * V::N <= COLUMNS) };
        debug_assert!(job.cols <= COLUMNS, "there is room for the columns of one panel");
        // Two levels below the sums themselves, for some rows at a time.
        let mut levels = [[const { MaybeUninit::<T>::uninit() }; EPILOGUE_ROWS * COLUMNS]; 2];
        let levels = levels.each_mut().map(|level| level.as_mut_ptr().cast::<T>());
        let mut row = 0;
        while row < job.rows {
            let rows = EPILOGUE_ROWS.min(job.rows - row);
            let (mut at, mut count) = (0, 0);
            while at < job.k {
                let k = PRODUCTS.min(job.k - at);
                let part = Panel {
                    rows,
                    k,
                    a: job.a.wrapping_add(row * job.a_row + at * job.a_step),
                    b: job.b.wrapping_add(at * job.b_step),
                    copy: job.copy_from(0, at * V::VECTORS * V::N),
                    to: levels[0],
                    to_row: COLUMNS,
                    roomy: true,
                    add: !count_is_first(count),
                    part: false,
                    ..*job
                };
                (at, count) = (at + k, count + 1);
                // SAFETY: as promised; a level has so many rows, with room for whole vectors.
                unsafe {
                    compiled::panel::<V>(&part);
                    let is_last = at == job.k;
                    if is_last || count.is_multiple_of(SUMS) {
                        let first = (count - 1) / SUMS;
                        add_rows::<V>(
                            job,
                            rows,
                            levels[0],
                            levels[1],
                            COLUMNS,
                            true,
                            !count_is_first(first),
                        );
                    }
                    if is_last || count.is_multiple_of(SUMS * SUMS) {
                        let to = job.to.add(row * job.to_row);
                        let add = job.add || count > SUMS * SUMS;
                        add_rows::<V>(job, rows, levels[1], to, job.to_row, job.roomy, add);
                    }
                }
            }
            row += rows;
        }
    }
}

/// Whether what is done for the so many-th time on a level begins it anew.
const fn count_is_first(count: usize) -> bool {
    count.is_multiple_of(SUMS)
}

/// Writes rows of sums to others, or adds them.
///
/// # Safety
/// The rows are there, those of `from` for whole vectors.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn add_rows<V: Lanes>(
    job: &Panel<V::Scalar>,
    rows: usize,
    from: *const V::Scalar,
    to: *mut V::Scalar,
    to_row: usize,
    roomy: bool,
    add: bool,
) {
    for row in 0..rows {
        let mut column = 0;
        while column < job.cols {
            let left = if roomy { V::N } else { V::N.min(job.cols - column) };
            // SAFETY: as promised.
            unsafe {
                let sums = V::load(from.add(row * COLUMNS + column));
                let to = to.add(row * to_row + column);
                put::<V, Contiguous>(to, 1, left, add, sums);
            }
            column += V::N;
        }
    }
}
