//! Panels of several tiles' columns, worked on block by block.
//!
//! With 64 columns of `f32` a row of the left factor that was loaded once is multiplied often enough; the registers
//! of AVX2 have room for fewer. So a panel has several tiles side by side there, and goes by blocks of rows and
//! steps: what a tile reads of the right factor stays in the first-level cache for all rows of a block, and
//! the rows of the left factor in the second level (at most) for all tiles (Goto and van de Geijn, Anatomy of
//! High-Performance Matrix Multiplication, 2008).

use super::blocks::prefetch;
use super::compiled;
use super::panel::Panel;
use super::{AnyAxis, fetch};
use crate::lanes::{Lanes, OnLanes};
use crate::scalar::Scalar;
use crate::tuning::{AHEAD_ROWS, BLOCK_STEPS, COPIED_ROWS, COPIED_STEPS, EPILOGUE_ROWS};
use core::mem::MaybeUninit;

/// Whether a panel has several tiles side by side.
#[inline(always)]
pub(super) fn is_blocked<V: Lanes>(job: &Panel<V::Scalar>) -> bool {
    job.cols > V::VECTORS * V::N
}

/// Whether rows of the left factor lie side by side. They are columns in memory: a tile would find few elements
/// in each line, and lines at equal distances, which drive each other out of the caches. So they are copied.
#[inline(always)]
pub(super) fn lie_side_by_side(rows: usize, [row, step]: [usize; 2]) -> bool {
    rows >= COPIED_ROWS && row == 1 && step > 1
}

/// A panel of which everything is promised that [`super::panel::panel`] asks for.
pub(super) struct Blocked<'a, T>(pub &'a Panel<T>);

impl<T: Scalar> OnLanes<T> for Blocked<'_, T> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        let job = self.0;
        if lie_side_by_side(job.rows, [job.a_row, job.a_step]) {
            let mut room = [const { MaybeUninit::<T>::uninit() }; EPILOGUE_ROWS * COPIED_STEPS];
            blocks::<V>(job, COPIED_STEPS, Some(room.as_mut_ptr().cast()));
        } else {
            blocks::<V>(job, BLOCK_STEPS, None);
        }
    }
}

/// Goes through blocks of rows and so many steps, each with a copy of the left factor if there is room for it.
#[cfg_attr(not(debug_assertions), inline(always))]
fn blocks<V: Lanes>(job: &Panel<V::Scalar>, steps: usize, room: Option<*mut V::Scalar>) {
    let mut row = 0;
    while row < job.rows {
        let rows = EPILOGUE_ROWS.min(job.rows - row);
        let mut at = 0;
        while at < job.k {
            let k = steps.min(job.k - at);
            let mut block = Panel {
                rows,
                k,
                a: job.a.wrapping_add(row * job.a_row + at * job.a_step),
                b: job.b.wrapping_add(at * job.b_step),
                copy: job.copy_from(0, at * V::VECTORS * V::N),
                to: job.to.wrapping_add(row * job.to_row),
                add: job.add || at > 0,
                ..*job
            };
            // SAFETY: as promised; there is room for so many rows and steps.
            unsafe {
                if let Some(room) = room {
                    copy_rows::<V>(rows, k, block.a, block.a_step, room);
                    (block.a, block.a_step) = (room.cast_const(), EPILOGUE_ROWS);
                }
                tiles::<V>(&block);
            }
            at += k;
        }
        row += rows;
    }
}

/// A block, tile by tile.
///
/// # Safety
/// As for [`super::panel::panel`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn tiles<V: Lanes>(block: &Panel<V::Scalar>) {
    let width = V::VECTORS * V::N;
    let (mut tile, mut column) = (0, 0);
    while column < block.cols {
        let part = Panel {
            cols: width.min(block.cols - column),
            b: block.b.wrapping_add(tile * block.b_tile),
            copy: block.copy_from(tile, 0),
            to: block.to.wrapping_add(column),
            ..*block
        };
        // SAFETY: as promised.
        unsafe { compiled::panel::<V>(&part) };
        (tile, column) = (tile + 1, column + width);
    }
}

/// Copies rows that lie side by side, step by step.
///
/// # Safety
/// They are there, and room for [`EPILOGUE_ROWS`] in each step.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn copy_rows<V: Lanes>(
    rows: usize,
    k: usize,
    from: *const V::Scalar,
    step: usize,
    to: *mut V::Scalar,
) {
    for p in 0..k {
        let next = from.wrapping_add((p + AHEAD_ROWS) * step);
        prefetch::<true, _>(next);
        prefetch::<true, _>(next.wrapping_add(rows - 1));
        let mut at = 0;
        while at < rows {
            // SAFETY: as promised.
            unsafe {
                let x = fetch::<V, AnyAxis>(from.add(p * step + at), 1, rows - at);
                let to = to.add(p * EPILOGUE_ROWS + at);
                if at + V::N <= EPILOGUE_ROWS {
                    x.store(to)
                } else {
                    x.store_part(to, EPILOGUE_ROWS - at)
                }
            }
            at += V::N;
        }
    }
}
