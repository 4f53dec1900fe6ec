//! What a matrix product spends its time in: register tiles and dot products.
//!
//! These are compiled out of line, once for each scalar and instruction set ([`compiled`]), with sizes known at run time only.

use super::blocked::{Blocked, is_blocked};
use super::blocks::prefetch;
use super::compiled;
use super::levels::Levels;
use super::long::{self, LongDots, LongPanel, STEPS};
use super::{Axis, Fold, Known, Packing, fetch, may_fill, put};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// A panel of a matrix product: `rows` × `cols` sums of `k` products each.
///
/// The columns are those of one or several tiles, of [`Lanes::VECTORS`] vectors each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel<T> {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Products in each sum; at least 1.
    pub k: usize,
    /// Element (row 0, step 0) of the left factor, and its strides.
    pub a: *const T,
    /// From row to row.
    pub a_row: usize,
    /// From step to step.
    pub a_step: usize,
    /// Element (step 0, column 0) of the right factor, whose rows are contiguous.
    pub b: *const T,
    /// From step to step.
    pub b_step: usize,
    /// From the columns of a tile to those of the next.
    pub b_tile: usize,
    /// Where the columns are copied on the way, as [`Packing`](super::Packing) does it, or null. A panel that is
    /// copied has no more than [`EPILOGUE_ROWS`](crate::tuning::EPILOGUE_ROWS) rows.
    pub copy: *mut T,
    /// From the copy of a tile to that of the next.
    pub copy_tile: usize,
    /// Whether the right factor goes on to a whole number of vectors.
    pub padded: bool,
    /// Where row 0 of the sums goes; its rows are contiguous.
    pub to: *mut T,
    /// From row to row.
    pub to_row: usize,
    /// Whether rows of sums go on to a whole number of vectors, with anything after the last column: what
    /// is written without a mask is there for the next load at once.
    pub roomy: bool,
    /// Whether the sums are added to what is there.
    pub add: bool,
    /// Whether they are parts of sums of many more products.
    pub part: bool,
}

impl<T> Panel<T> {
    /// Where the copy of a tile goes from so many elements on.
    #[inline(always)]
    pub(super) fn copy_from(&self, tile: usize, at: usize) -> *mut T {
        if self.copy.is_null() {
            self.copy
        } else {
            self.copy.wrapping_add(tile * self.copy_tile + at)
        }
    }
}

/// Dot products of one row with columns: `to[j] = Σₚ a[p] · b[j · b_col + p]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dots<T> {
    /// Columns.
    pub cols: usize,
    /// Products in each sum; at least 1.
    pub k: usize,
    /// The row.
    pub a: *const T,
    /// The first column.
    pub b: *const T,
    /// From column to column.
    pub b_col: usize,
    /// Where the sums go.
    pub to: *mut T,
}

/// Computes a panel.
///
/// # Safety
/// Everything that [`Panel`] describes is inside memory that may be read, or for `to` written, and
/// `to` overlaps with nothing else; so may the copy be written, if there is to be one.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn panel<V: Lanes>(job: &Panel<V::Scalar>) {
    // SAFETY: as promised.
    unsafe {
        if long::is_long(job) {
            V::out_of_line(LongPanel(job));
        } else if is_blocked::<V>(job) {
            V::out_of_line(Blocked(job));
        } else {
            short::<V>(job);
        }
    }
}

/// A panel of one tile's columns whose sums are of few products.
///
/// # Safety
/// As for [`panel`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn short<V: Lanes>(job: &Panel<V::Scalar>) {
    let vectors = job.cols.div_ceil(V::N);
    let whole = job.cols.is_multiple_of(V::N);
    let rest;
    let mut job = job;
    // SAFETY: as promised.
    unsafe {
        if !job.copy.is_null() {
            rest = copying::<V>(job);
            job = &rest;
        }
        match vectors {
            4 if V::VECTORS == 4 && !V::MASKS && whole => rows::<V, 4, false>(job),
            4 if V::VECTORS == 4 => rows::<V, 4, true>(job),
            3 if V::VECTORS == 4 => rows::<V, 3, true>(job),
            2 if V::VECTORS == 2 && V::ROWS == 6 && whole => rows::<V, 2, false>(job),
            2 => rows::<V, 2, true>(job),
            _ => rows::<V, 1, true>(job),
        }
    }
}

/// Computes the first rows of a panel of one tile's columns, and copies these. Returns what is left to be
/// done, on the copy.
///
/// # Safety
/// As for [`panel`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn copying<V: Lanes>(job: &Panel<V::Scalar>) -> Panel<V::Scalar> {
    let Panel { k, cols, b, b_step, copy, .. } = *job;
    let width = V::VECTORS * V::N;
    let mut rest =
        Panel { b: copy, b_step: width, copy: core::ptr::null_mut(), padded: true, ..*job };
    // SAFETY: as promised.
    unsafe {
        if V::VECTORS == 2 && V::ROWS == 6 && cols == width && job.rows >= 6 {
            tile::<V, 6, 2, 1, false, true>(job, 0);
            rest.rows -= 6;
            rest.a = rest.a.wrapping_add(6 * job.a_row);
            rest.to = rest.to.wrapping_add(6 * job.to_row);
        } else {
            compiled::pack::<V>(&Packing {
                k,
                cols,
                from: b,
                step: b_step,
                column: 1,
                to: copy,
                width,
            });
        }
    }
    rest
}

/// Computes a panel of one row.
///
/// It is little code, where a call would be felt, and only that: what is inlined is compiled before it
/// is found to be never reached.
///
/// # Safety
/// As for [`panel`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn row<V: Lanes, A: Known>(job: &Panel<V::Scalar>) {
    let vectors = job.cols.div_ceil(V::N);
    // SAFETY: as promised.
    unsafe {
        if const { V::SPLATS_GROUPS && is_narrow::<A>(V::N) }
            && job.k >= V::N
            && (job.a_step, job.b_step) == (1, A::LEN)
        {
            narrow::<V, A>(job);
        } else if const { wide_row::<V, A>() } && vectors == 8 {
            tile::<V, 1, 8, 1, false, false>(job, 0);
        } else if const { V::VECTORS == 4 && has_panel::<A>(4, V::VECTORS, V::N) } && vectors == 4 {
            tile::<V, 1, 4, 2, true, false>(job, 0);
        } else if const { V::VECTORS == 4 && has_panel::<A>(3, V::VECTORS, V::N) } && vectors == 3 {
            tile::<V, 1, 3, 2, true, false>(job, 0);
        } else if const { has_panel::<A>(2, V::VECTORS, V::N) } && vectors == 2 {
            tile::<V, 1, 2, 4, true, false>(job, 0);
        } else if const { has_panel::<A>(1, V::VECTORS, V::N) } {
            tile::<V, 1, 1, 8, true, false>(job, 0);
        }
    }
}

/// Whether a row may have eight vectors of columns that share the loads of the left factor. Tiles of two have four sums
/// for each instead, because an addition waits for the one before it.
pub(super) const fn wide_row<V: Lanes, A: Known>() -> bool {
    V::VECTORS == 2 && V::ROWS == 6 && may_fill::<A>(8 * V::N)
}

/// Whether one of the panels that these columns are cut into may have so many vectors, given how many a
/// whole panel has and the lanes of each.
const fn has_panel<A: Known>(vectors: usize, most: usize, lanes: usize) -> bool {
    if vectors == most {
        return may_fill::<A>((most - 1) * lanes + 1);
    }
    let rest = A::FACTOR % (most * lanes);
    // What is left after the whole panels is known if their width divides what is known to divide it.
    if A::LEN > 0 || rest == 0 { rest.div_ceil(lanes) == vectors } else { true }
}

/// Whether a vector holds several rows of so few columns.
const fn is_narrow<A: Known>(lanes: usize) -> bool {
    A::LEN > 1 && A::LEN < lanes && lanes.is_multiple_of(A::LEN)
}

/// One row of sums for few columns, `A::LEN`, over a right factor that is contiguous: a vector of it is
/// several steps, and each element of the left factor is spread over the lanes of its step.
///
/// # Safety
/// As for [`panel`]; both strides between steps are those of contiguous factors.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn narrow<V: Lanes, A: Known>(job: &Panel<V::Scalar>) {
    const MOST: usize = 16;
    const { assert!(V::N <= MOST) };
    let (cols, steps) = (A::LEN, V::N / A::LEN);
    let mut acc = [V::splat(V::Scalar::ZERO); MOST];
    let mut p = 0;
    // SAFETY: the steps exist, and the columns.
    unsafe {
        while p < job.k {
            let x = fetch::<V, Contiguous>(job.a.add(p), 1, job.k - p);
            let mut part = 0;
            while part < cols && p + part * steps < job.k {
                let at = (p + part * steps) * cols;
                let y = fetch::<V, Contiguous>(job.b.add(at), 1, job.k * cols - at);
                acc[part] = x.splat_groups(part * steps, cols).mul_add(y, acc[part]);
                part += 1;
            }
            p += V::N;
        }
        // What the lanes of all steps have is added up by way of memory.
        let mut sums = [V::Scalar::ZERO; MOST];
        in_pairs(&mut acc, cols).store(sums.as_mut_ptr());
        let mut step = 0;
        while step < steps {
            acc[step] = V::load_part(sums.as_ptr().add(step * cols), cols);
            step += 1;
        }
        let left = if job.roomy { V::N } else { cols };
        put::<V, Contiguous>(job.to, 1, left, job.add, in_pairs(&mut acc, steps));
    }
}

/// The sum of the first `count` vectors, a power of two, in pairs: an addition waits for the one before it.
#[cfg_attr(not(debug_assertions), inline(always))]
fn in_pairs<V: Lanes, const C: usize>(xs: &mut [V; C], count: usize) -> V {
    let mut left = count;
    while left > 1 {
        left /= 2;
        let mut i = 0;
        while i < left {
            xs[i] = xs[i] + xs[i + left];
            i += 1;
        }
    }
    xs[0]
}

/// The axis along which the rows of a tile lie.
pub(super) type Contiguous = Axis<0, 1, true>;

/// All rows of a panel of `C` vectors, of which the last may be a part: as many at a time as there are
/// registers for, then fewer.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn rows<V: Lanes, const C: usize, const PART: bool>(job: &Panel<V::Scalar>) {
    let mut row = 0;
    // SAFETY: the rows exist.
    unsafe {
        if C == 1 {
            while V::ROWS == 6 && row + 8 <= job.rows {
                tile::<V, 8, C, 1, PART, false>(job, row);
                row += 8;
            }
        } else {
            // Eight rows are twice four: two rows alone load more than they multiply.
            while V::ROWS == 6 && row + 6 <= job.rows && row + 8 != job.rows {
                tile::<V, 6, C, 1, PART, false>(job, row);
                row += 6;
            }
        }
        // With few rows, several sums run side by side: an addition waits for the one before it.
        while row + 4 <= job.rows {
            tile::<V, 4, C, 1, PART, false>(job, row);
            row += 4;
        }
        if V::ROWS == 6 && row + 2 <= job.rows {
            tile::<V, 2, C, 2, PART, false>(job, row);
            row += 2;
        }
        while row < job.rows {
            if C == 1 {
                tile::<V, 1, C, 8, PART, false>(job, row);
            } else {
                tile::<V, 1, C, 2, PART, false>(job, row);
            }
            row += 1;
        }
    }
}

/// `M` rows of `C` vectors in registers, in `S` sums that are added up at the end.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn tile<
    V: Lanes,
    const M: usize,
    const C: usize,
    const S: usize,
    const PART: bool,
    const COPY: bool,
>(
    job: &Panel<V::Scalar>,
    row: usize,
) {
    // SAFETY: all offsets are those of rows, steps and columns that exist.
    unsafe {
        let last = if PART { job.cols - (C - 1) * V::N } else { V::N };
        // Where masks cost nothing, one loop is enough.
        let masked = PART && (V::MASKS || !job.padded && last < V::N);
        let (mut a, mut b) = (job.a.add(row * job.a_row), job.b);
        let mut copy = job.copy;
        // Two pointers into the rows, which the compiler must not take for one and sums of strides: the
        // additions would wait for each other as long as the products take.
        let mut low = a.wrapping_add(V::opaque(M / 2 * job.a_row));
        let mut acc = [[[V::splat(V::Scalar::ZERO); C]; M]; S];
        let mut left = job.k;
        while left >= S {
            for acc in &mut acc {
                step::<V, M, C, COPY>(job, acc, [a, low], (b, copy), masked, last);
                if COPY {
                    copy = copy.add(C * V::N);
                }
                (a, low) = (a.wrapping_add(job.a_step), low.wrapping_add(job.a_step));
                b = b.wrapping_add(job.b_step);
            }
            left -= S;
        }
        for acc in acc.iter_mut().take(left) {
            step::<V, M, C, COPY>(job, acc, [a, low], (b, copy), masked, last);
            if COPY {
                copy = copy.add(C * V::N);
            }
            (a, low) = (a.wrapping_add(job.a_step), low.wrapping_add(job.a_step));
            b = b.wrapping_add(job.b_step);
        }
        // In pairs, as in `in_pairs`. By indices: iterators would keep the sums from registers.
        let mut sets = S;
        while sets > 1 {
            sets /= 2;
            for set in 0..sets {
                #[expect(clippy::needless_range_loop, reason = "registers")]
                for r in 0..M {
                    for c in 0..C {
                        acc[set][r][c] = acc[set][r][c] + acc[set + sets][r][c];
                    }
                }
            }
        }
        let sums = acc[0];
        for (r, sums) in sums.iter().enumerate() {
            let to = job.to.add((row + r) * job.to_row);
            for (c, sum) in sums.iter().enumerate() {
                let left = if PART && c == C - 1 && !job.roomy { last } else { V::N };
                put::<V, Contiguous>(to.add(c * V::N), 1, left, job.add, *sum);
            }
        }
    }
}

/// One product for every sum of a tile.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn step<V: Lanes, const M: usize, const C: usize, const COPY: bool>(
    job: &Panel<V::Scalar>,
    acc: &mut [[V; C]; M],
    [a, low]: [*const V::Scalar; 2],
    (b, copy): (*const V::Scalar, *mut V::Scalar),
    masked: bool,
    last: usize,
) {
    // SAFETY: the step exists.
    unsafe {
        let mut ys = [V::splat(V::Scalar::ZERO); C];
        if COPY {
            // The columns of the next tile, which are needed after those of this one.
            prefetch::<false, _>(b.wrapping_add(C * V::N));
        }
        for (c, y) in ys.iter_mut().enumerate() {
            let from = b.add(c * V::N);
            *y = if masked && c == C - 1 { V::load_part(from, last) } else { V::load(from) };
            if COPY {
                y.store(copy.add(c * V::N));
            }
        }
        for (r, acc) in acc.iter_mut().enumerate() {
            let half = M / 2;
            let a = if r < half { a.add(r * job.a_row) } else { low.add((r - half) * job.a_row) };
            let x = V::load_splat(a);
            for (acc, y) in acc.iter_mut().zip(&ys) {
                *acc = x.mul_add(*y, *acc);
            }
        }
    }
}

/// Columns that share the loads of the row.
const COLUMNS: usize = 8;

/// Computes dot products.
///
/// # Safety
/// Everything that [`Dots`] describes is inside memory that may be read, or for `to` written, and `to`
/// overlaps with nothing else.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn dots<V: Lanes>(job: &Dots<V::Scalar>) {
    // SAFETY: as promised.
    unsafe {
        if job.k > STEPS * V::N { V::out_of_line(LongDots(job)) } else { all_dots::<V, false>(job) }
    }
}

/// The dot products, of any number of products if they are `LONG`.
///
/// # Safety
/// As for [`dots`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn all_dots<V: Lanes, const LONG: bool>(job: &Dots<V::Scalar>) {
    let mut column = 0;
    // SAFETY: as promised.
    unsafe {
        while column + COLUMNS <= job.cols {
            dot::<V, COLUMNS, 1, LONG>(job, column);
            column += COLUMNS;
        }
        while column < job.cols {
            dot::<V, 1, 4, LONG>(job, column);
            column += 1;
        }
    }
}

/// `C` columns at a time, and `P` vectors of each.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn dot<V: Lanes, const C: usize, const P: usize, const LONG: bool>(
    job: &Dots<V::Scalar>,
    column: usize,
) {
    // SAFETY: the columns exist.
    unsafe {
        let b = job.b.add(column * job.b_col);
        let mut acc = [[V::splat(V::Scalar::ZERO); C]; P];
        let (mut levels, mut block) = (Levels::<V, C>::new([Fold::Sum; C]), 0);
        let mut p = 0;
        while p < job.k {
            if LONG && block == STEPS {
                levels.push(added(acc));
                (acc, block) = ([[V::splat(V::Scalar::ZERO); C]; P], 0);
            }
            block += 1;
            for acc in &mut acc {
                // After the end, both factors are zero.
                let left = job.k.saturating_sub(p);
                if P == 1 || left > 0 {
                    let x = fetch::<V, Contiguous>(job.a.add(p), 1, left);
                    for (c, acc) in acc.iter_mut().enumerate() {
                        let y = fetch::<V, Contiguous>(b.add(c * job.b_col + p), 1, left);
                        *acc = x.mul_add(y, *acc);
                    }
                }
                p += V::N;
            }
        }
        let mut acc = added(acc);
        if LONG {
            acc = levels.with(acc, block == 0);
        }
        for (c, acc) in acc.into_iter().enumerate() {
            *job.to.add(column + c) = acc.sum();
        }
    }
}

/// The sums of several vectors of each column.
#[cfg_attr(not(debug_assertions), inline(always))]
fn added<V: Lanes, const C: usize, const P: usize>(parts: [[V; C]; P]) -> [V; C] {
    let mut sums = parts[0];
    for part in &parts[1..] {
        for (sum, part) in sums.iter_mut().zip(part) {
            *sum = *sum + *part;
        }
    }
    sums
}
