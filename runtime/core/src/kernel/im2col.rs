//! Columns of a factor that are several axes, copied to where rows follow one another.

use super::{AnyAxis, fetch};
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use crate::tuning::WINDOW_STEPS;

/// The most axes that rows, columns or steps may have.
pub(super) const AXES: usize = 8;
/// The most columns of a copy.
const COLUMNS: usize = super::contract::COLUMNS;

/// Several axes as one, in row-major order: their lengths, and the strides of an access along them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axes<'a> {
    /// Lengths.
    pub sizes: &'a [usize],
    /// Distances in memory.
    pub strides: &'a [usize],
}

/// Columns on their way to rows of `width`, which are filled up to whole vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Im2col<'a, T> {
    /// The element at index zero of all axes.
    pub from: *const T,
    /// What becomes the columns of the copy, of which those from `column` on are copied.
    pub columns: Axes<'a>,
    /// The first column.
    pub column: usize,
    /// How many columns, at most `width`.
    pub cols: usize,
    /// What becomes the rows of the copy, of which those from `step` on are copied.
    pub steps: Axes<'a>,
    /// The offsets of the first steps, as many as are known.
    pub offsets: &'a [usize],
    /// The first step.
    pub step: usize,
    /// How many steps.
    pub k: usize,
    /// Row 0 of the copy.
    pub to: *mut T,
    /// From row to row of the copy: a whole number of vectors, at most 64.
    pub width: usize,
}

impl Axes<'_> {
    /// The offset of an element.
    pub(super) fn offset(&self, at: usize) -> usize {
        let (mut rest, mut offset) = (at, 0);
        for (size, stride) in self.sizes.iter().zip(self.strides).rev() {
            offset += rest % size * stride;
            rest /= size;
        }
        offset
    }

    /// The offsets of elements from `start` on.
    pub(super) fn fill(&self, start: usize, offsets: &mut [usize]) {
        let mut index = [0; AXES];
        let mut rest = start;
        for (index, size) in index.iter_mut().zip(self.sizes).rev() {
            *index = rest % size;
            rest /= size;
        }
        let mut at = self.offset(start);
        for slot in offsets {
            *slot = at;
            let mut axis = self.sizes.len();
            while axis > 0 {
                axis -= 1;
                index[axis] += 1;
                // The last index may lie after all that there is, and is not looked at.
                at = at.wrapping_add(self.strides[axis]);
                if index[axis] < self.sizes[axis] {
                    break;
                }
                index[axis] = 0;
                at = at.wrapping_sub(self.sizes[axis].wrapping_mul(self.strides[axis]));
            }
        }
    }

    /// The axes from the last one forward that are one axis in this access: how long it is, and its
    /// stride.
    pub(super) fn trailing(&self) -> (usize, usize) {
        let Some((mut length, stride)) =
            self.sizes.last().copied().zip(self.strides.last().copied())
        else {
            return (1, 0);
        };
        let mut stride = stride;
        for (size, outer) in self.sizes.iter().zip(self.strides).rev().skip(1) {
            if length == 1 {
                stride = *outer;
            } else if *size > 1 && *outer != length * stride {
                break;
            }
            length *= size;
        }
        (length, stride)
    }
}

/// Columns that follow one another along the last axis.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// The first one, counted from the first column of the panel.
    pub(super) at: usize,
    pub(super) len: usize,
    /// Among all columns.
    pub(super) index: usize,
}

/// The runs of `cols` columns from `column` on, and how many there are. Runs lie within the last axis, of
/// length `last`.
pub(super) fn runs(column: usize, cols: usize, last: usize) -> ([Run; COLUMNS], usize) {
    let mut runs = [Run::default(); COLUMNS];
    let (mut count, mut at) = (0, 0);
    while at < cols {
        let index = column + at;
        let len = (last - index % last).min(cols - at);
        runs[count] = Run { at, len, index };
        count += 1;
        at += len;
    }
    (runs, count)
}

/// The offsets of runs in each access to some axes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn all_places<const C: usize, const N: usize>(
    runs: &[Run],
    sizes: &[usize; C],
    strides: [&[usize; C]; N],
) -> [[usize; COLUMNS]; N] {
    let mut offsets = [[0; COLUMNS]; N];
    let mut i = 0;
    while i < N {
        places(Axes { sizes, strides: strides[i] }, runs, &mut offsets[i]);
        i += 1;
    }
    offsets
}

/// The offsets of runs in an access to these axes.
fn places(columns: Axes<'_>, runs: &[Run], offsets: &mut [usize; COLUMNS]) {
    let Some(first) = runs.first() else { return };
    offsets[0] = columns.offset(first.index);
    // The others begin where the last axis does.
    let (last, rows) =
        columns.sizes.split_last().map_or((1, &[][..]), |(last, rows)| (*last, rows));
    let rows = Axes { sizes: rows, strides: &columns.strides[..rows.len()] };
    rows.fill(first.index / last + 1, &mut offsets[1..runs.len()]);
}

/// Copies columns.
///
/// # Safety
/// The columns may be read, and `k · width` elements written at `to`, which overlap with nothing else.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn im2col<V: Lanes>(job: &Im2col<'_, V::Scalar>) {
    let (last, stride) =
        (job.columns.sizes.last().map_or(1, |n| *n), job.columns.strides.last().map_or(1, |s| *s));
    let (runs, count) = runs(job.column, job.cols, last);
    let runs = &runs[..count];
    let mut from = [0; COLUMNS];
    places(job.columns, runs, &mut from);
    let mut start = 0;
    while start < job.k {
        let mut room;
        let offsets = match job.offsets.get(job.step..job.step + job.k) {
            Some(known) => known,
            None => {
                room = [0; WINDOW_STEPS];
                let offsets = &mut room[..WINDOW_STEPS.min(job.k - start)];
                job.steps.fill(job.step + start, offsets);
                offsets
            }
        };
        let to = job.to.wrapping_add(start * job.width);
        start += offsets.len();
        if const { V::MASKS } && stride == 1 {
            // SAFETY: as promised.
            unsafe { assemble::<V>(job, (runs, &from), offsets, to) };
            continue;
        }
        for (run, from) in runs.iter().zip(from) {
            // SAFETY: as promised; the run is among the columns.
            unsafe {
                let from = job.from.add(from);
                copy::<V>(
                    from,
                    stride,
                    run.len,
                    offsets,
                    to.add(run.at),
                    job.width,
                    job.width - run.at,
                );
            }
        }
    }
}

/// The most pieces of a vector: as many as it has lanes, where masks cost nothing.
const PIECES: usize = 16;

/// Lanes of a vector of the copy that lie side by side: `first .. end`.
#[derive(Clone, Copy, Default)]
struct Piece {
    first: usize,
    end: usize,
    /// Where lane 0 would be, in elements from the beginning.
    at: usize,
}

/// Copies runs whose elements lie side by side, vector by vector of the copy: each is put together of what
/// runs have of it and stored once, where every run would be stored across the ends of cache lines.
///
/// # Safety
/// As for [`im2col`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assemble<V: Lanes>(
    job: &Im2col<'_, V::Scalar>,
    (runs, from): (&[Run], &[usize; COLUMNS]),
    offsets: &[usize],
    to: *mut V::Scalar,
) {
    const { assert!(!V::MASKS || V::N <= PIECES, "a piece has a lane at least") }
    let mut run = 0;
    let mut column = 0;
    while column < job.cols {
        let mut pieces = [Piece::default(); PIECES];
        let mut count = 0;
        while run < runs.len() && runs[run].at < column + V::N {
            let Run { at, len, .. } = runs[run];
            let (first, end) = (at.max(column), (at + len).min(column + V::N));
            let from = from[run].wrapping_add(column).wrapping_sub(at);
            pieces[count] = Piece { first: first - column, end: end - column, at: from };
            count += 1;
            if at + len > column + V::N {
                break; // it goes on in the next vector
            }
            run += 1;
        }
        let mut done = 0;
        while done < count {
            let rest = &pieces[done..count];
            let to = to.wrapping_add(column);
            let more = done > 0;
            // SAFETY: as promised.
            done += unsafe {
                match rest {
                    [a] => some::<V, 1>(job, [*a], offsets, to, more),
                    [a, b] => some::<V, 2>(job, [*a, *b], offsets, to, more),
                    [a, b, c] => some::<V, 3>(job, [*a, *b, *c], offsets, to, more),
                    [a, b, c, d, ..] => some::<V, 4>(job, [*a, *b, *c, *d], offsets, to, more),
                    [] => 0,
                }
            };
        }
        column += V::N;
    }
}

/// Puts some pieces of a vector into the copy, at every offset; `more` are there already, or else it is
/// filled up with zeros. Returns how many.
///
/// # Safety
/// The pieces exist, and the vector in every row of the copy.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn some<V: Lanes, const C: usize>(
    job: &Im2col<'_, V::Scalar>,
    pieces: [Piece; C],
    offsets: &[usize],
    to: *mut V::Scalar,
    more: bool,
) -> usize {
    let zero = V::splat(V::Scalar::ZERO);
    for (p, offset) in offsets.iter().enumerate() {
        // SAFETY: as promised.
        unsafe {
            let to = to.add(p * job.width);
            let mut x = if more { V::load(to) } else { zero };
            for piece in &pieces {
                let from = job.from.wrapping_add(*offset).wrapping_add(piece.at);
                x = x.load_between(from, piece.first, piece.end);
            }
            x.store(to);
        }
    }
    C
}

/// Copies a run: at every offset, `len` elements `stride` apart, to rows of `width`, which have `room` for
/// more after them, to be overwritten.
///
/// # Safety
/// As for [`im2col`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn copy<V: Lanes>(
    from: *const V::Scalar,
    stride: usize,
    len: usize,
    offsets: &[usize],
    to: *mut V::Scalar,
    width: usize,
    room: usize,
) {
    let mut at = 0;
    while at < len {
        let left = len - at;
        // SAFETY: as promised.
        unsafe {
            let (from, to) = (from.add(at * stride), to.add(at));
            if stride == 1 && left >= V::N {
                for (p, offset) in offsets.iter().enumerate() {
                    V::load(from.add(*offset)).store(to.add(p * width));
                }
            } else if stride == 1 && room - at >= V::N {
                for (p, offset) in offsets.iter().enumerate() {
                    V::load_part(from.add(*offset), left).store(to.add(p * width));
                }
            } else if stride > 2 && left >= V::N {
                turn::<V>(from, stride, offsets, to, width);
            } else {
                for (p, offset) in offsets.iter().enumerate() {
                    let x = fetch::<V, AnyAxis>(from.add(*offset), stride, left);
                    x.store_part(to.add(p * width), left);
                }
            }
        }
        at += V::N;
    }
}

/// Copies a vector of columns that are apart, in blocks that are contiguous along the steps.
///
/// # Safety
/// As for [`im2col`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn turn<V: Lanes>(
    from: *const V::Scalar,
    stride: usize,
    offsets: &[usize],
    to: *mut V::Scalar,
    width: usize,
) {
    let mut p = 0;
    while p < offsets.len() {
        // SAFETY: as promised.
        unsafe {
            let (from, to) = (from.add(offsets[p]), to.add(p * width));
            let end = p + V::N;
            if V::N > 1 && end <= offsets.len() && offsets[end - 1] == offsets[p] + V::N - 1 {
                V::transpose(from, stride, to, width);
                p = end;
            } else {
                for column in 0..V::N {
                    *to.add(column) = *from.add(column * stride);
                }
                p += 1;
            }
        }
    }
}
