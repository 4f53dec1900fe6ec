//! Products of matrices: register tiles of 6 × 16 sums over panels of 16 columns.
//!
//! The sums of a tile are 12 of the 16 registers, and every step of it takes two loads of a line of the
//! panel and six broadcasts of the left factor for 12 FMAs, of which the processor begins two in a cycle.
//! The steps are cut into blocks of at most 256, so that the part of a panel that all rows use stays in the
//! first-level cache, and that of the left factor in the second.

use super::vectors::{LANES, transposed};
use std::arch::x86_64::*;
use std::ops::Range;

/// Rows of a tile.
pub(crate) const ROWS: usize = 6;
/// Columns of a tile and of a panel.
pub(crate) const COLUMNS: usize = 16;
/// The most steps of a block.
const STEPS: usize = 256;

/// Panels that are copied together. A single one of a wide factor would take one line from each of many pages.
const WIDE: usize = 4;

/// A row of a panel or a tile, which is one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Line(pub(crate) [f32; COLUMNS]);

impl Line {
    pub(crate) const ZERO: Line = Line([0.0; COLUMNS]);

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn load(&self) -> [__m256; 2] {
        // SAFETY: a line is two registers.
        unsafe { [_mm256_load_ps(&raw const self.0[0]), _mm256_load_ps(&raw const self.0[LANES])] }
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub(crate) fn store(&mut self, [x, y]: [__m256; 2]) {
        // SAFETY: a line is two registers.
        unsafe {
            _mm256_store_ps(&raw mut self.0[0], x);
            _mm256_store_ps(&raw mut self.0[LANES], y);
        }
    }

    /// The first of these elements, and zeros if they are fewer.
    pub(crate) fn of(elements: &[f32]) -> Line {
        let mut line = Line::ZERO;
        for (x, y) in line.0.iter_mut().zip(elements) {
            *x = *y;
        }
        line
    }
}

/// The sixteen elements from `at` on.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn load_two(from: &[f32], at: usize) -> [__m256; 2] {
    let from = &from[at..at + COLUMNS];
    // SAFETY: the slice has so many elements.
    unsafe { [_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(LANES))] }
}

/// To the sixteen elements from `at` on.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn store_two(to: &mut [f32], at: usize, [x, y]: [__m256; 2]) {
    let to = &mut to[at..at + COLUMNS];
    // SAFETY: the slice has so many elements.
    unsafe {
        _mm256_storeu_ps(to.as_mut_ptr(), x);
        _mm256_storeu_ps(to.as_mut_ptr().add(LANES), y);
    }
}

/// Some rows of a left factor: where they begin, and how far apart rows and steps are.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) row: usize,
    pub(crate) step: usize,
}

/// A right factor.
#[derive(Clone, Copy)]
pub(crate) enum Right<'a> {
    /// Panel after panel, each with a line for every step.
    Panels(&'a [Line]),
    /// Step after step, with so many columns.
    Rows(&'a [f32], usize),
    /// Column after column, with so many steps.
    Columns(&'a [f32], usize),
}

/// Sizes of a product.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) rows: usize,
    /// Panels of columns.
    pub(crate) panels: usize,
    pub(crate) steps: usize,
    /// Panels that are taken through all blocks of steps before the next ones: with few, unfinished sums
    /// stay in cache, with many, the block of the left factor does.
    pub(crate) group: usize,
}

/// The blocks of so many steps, as equal as they can be.
pub(crate) fn blocks(steps: usize) -> impl Iterator<Item = Range<usize>> {
    let len = steps.div_ceil(steps.div_ceil(STEPS));
    (0..steps).step_by(len).map(move |start| start..steps.min(start + len))
}

/// What a product needs besides its factors.
#[derive(Default)]
pub(crate) struct Scratch {
    /// The parts of panels that are worked on and come next, where the right factor has no panels.
    parts: [Vec<Line>; 2],
    /// Sums that are not finished, tile by tile.
    sums: Vec<Line>,
}

/// Calls `finish` for every tile of a product, or two rows of it, with its first row, its panel and its rows. `left` gives the
/// left factor from a row on for a block of steps.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(crate) fn product<'a>(
    sizes: Sizes,
    scratch: &mut Scratch,
    left: impl Fn(usize, Range<usize>) -> Left<'a>,
    right: Right<'_>,
    mut finish: impl FnMut(usize, usize, &[Line]),
) {
    let Sizes { rows, panels, steps, group } = sizes;
    let Scratch { parts: [part, next_part], sums } = scratch;
    part.resize(WIDE * STEPS, Line::ZERO);
    next_part.resize(WIDE * STEPS, Line::ZERO);
    // Rows that are finished for one panel only would be written line by line to many pages.
    let is_staged = group >= WIDE;
    if steps > STEPS || is_staged {
        sums.resize(rows * group, Line::ZERO);
    }
    let mut tile = [Line::ZERO; ROWS];
    let mut parts = (0..panels).step_by(group).flat_map(|first| {
        let end = panels.min(first + group);
        blocks(steps).flat_map(move |block| {
            let of = move |first| Part { first, end: end.min(first + WIDE), block: block.clone() };
            (first..end).step_by(WIDE).map(of)
        })
    });
    let mut coming = parts.next();
    if let Some(coming) = &coming {
        right.prepare(coming, 0..right.chunks(coming), part);
    }
    while let Some(Part { first, end, block }) = coming {
        coming = parts.next();
        let (is_first, is_last) = (block.start == 0, block.end == steps);
        // What there is to do for the next part, and how much of it is done at each tile.
        let chunks = coming.as_ref().map_or(0, |coming| right.chunks(coming));
        let at_each = chunks.div_ceil((end - first) * rows.div_ceil(ROWS));
        let mut done = 0;
        for panel in first..end {
            let lines = match right {
                Right::Panels(lines) => &lines[panel * steps..][block.clone()],
                _ => &part[(panel - first) * block.len()..][..block.len()],
            };
            let mut row = 0;
            while row < rows {
                if let Some(coming) = &coming {
                    let (end, farther) = (done + at_each, done + 2 * at_each);
                    right.fetch(steps, coming, end.min(chunks)..farther.min(chunks));
                    right.prepare(coming, done.min(chunks)..end.min(chunks), next_part);
                    done = end;
                }
                let left = left(row, block.clone());
                let kept = match is_first && is_last && !is_staged {
                    true => &mut [][..],
                    false => &mut sums[panel % group * rows + row..],
                };
                let ends = [is_first, is_last && !is_staged];
                let taken = match rows - row {
                    0..2 => tile_of::<1>(left, lines, kept, ends, &mut tile),
                    2..4 => tile_of::<2>(left, lines, kept, ends, &mut tile),
                    4..6 => tile_of::<4>(left, lines, kept, ends, &mut tile),
                    _ => tile_of::<6>(left, lines, kept, ends, &mut tile),
                };
                if is_last && !is_staged {
                    finish(row, panel, &tile[..taken]);
                }
                row += taken;
            }
        }
        if is_last && is_staged {
            for row in (0..rows).step_by(2) {
                for panel in first..end {
                    let lines = &sums[panel % group * rows..][..rows];
                    finish(row, panel, &lines[row..rows.min(row + 2)]);
                }
            }
        }
        std::mem::swap(part, next_part);
    }
}

/// Some panels for a block of steps.
struct Part {
    first: usize,
    end: usize,
    block: Range<usize>,
}

/// A tile of `R` rows over a block of steps; returns how many rows it has.
///
/// Sums of earlier blocks are added at the end: until then they have come from a farther cache.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn tile_of<const R: usize>(
    left: Left<'_>,
    right: &[Line],
    kept: &mut [Line],
    [is_first, is_last]: [bool; 2],
    to: &mut [Line; ROWS],
) -> usize {
    if !is_first {
        for kept in &kept[..R] {
            _mm_prefetch::<_MM_HINT_T0>(kept.0.as_ptr().cast());
        }
    }
    let mut sums = products::<R>(left, right);
    if !is_first {
        for (sums, kept) in sums.iter_mut().zip(&kept[..R]) {
            let kept = kept.load();
            *sums = [_mm256_add_ps(sums[0], kept[0]), _mm256_add_ps(sums[1], kept[1])];
        }
    }
    let to = if is_last { &mut to[..R] } else { &mut kept[..R] };
    for (to, sums) in to.iter_mut().zip(sums) {
        to.store(sums);
    }
    R
}

/// The sums of a tile over all steps.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn products<const R: usize>(left: Left<'_>, right: &[Line]) -> [[__m256; 2]; R] {
    let Left { data, row, step } = left;
    assert!((R - 1) * row + (right.len() - 1) * step < data.len());
    let mut sums = [[_mm256_setzero_ps(); 2]; R];
    let mut from = data.as_ptr();
    for line in right {
        let [y, z] = line.load();
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the last step of the last row is inside the factor.
            let x = unsafe { _mm256_broadcast_ss(&*from.add(r * row)) };
            sums[0] = _mm256_fmadd_ps(x, y, sums[0]);
            sums[1] = _mm256_fmadd_ps(x, z, sums[1]);
        }
        from = from.wrapping_add(step);
    }
    sums
}

/// What is done for the panels that come next, in chunks between the tiles. Lines at equal distances share few
/// places in a cache: they are fetched only shortly before they are copied.
impl Right<'_> {
    /// How many chunks there are: the lines of one step, or of eight steps of one panel.
    fn chunks(self, part: &Part) -> usize {
        match self {
            Right::Rows(..) => part.block.len(),
            _ => part.block.len().div_ceil(LANES) * (part.end - part.first),
        }
    }

    /// Begins to load some chunks.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn fetch(self, steps: usize, part: &Part, chunks: Range<usize>) {
        let fetch = |from: *const f32| _mm_prefetch::<_MM_HINT_T0>(from.cast());
        let of_panel = part.block.len().div_ceil(LANES);
        for chunk in chunks {
            let panel = part.first + chunk / of_panel;
            let start = part.block.start + chunk % of_panel * LANES;
            match self {
                Right::Panels(lines) => {
                    let from = lines.as_ptr().wrapping_add(panel * steps + start);
                    (0..LANES).for_each(|i| fetch(from.wrapping_add(i).cast()));
                }
                Right::Rows(data, columns) => {
                    let start = (part.block.start + chunk) * columns + part.first * COLUMNS;
                    let from = data.as_ptr().wrapping_add(start);
                    let panels = part.end - part.first;
                    (0..panels).for_each(|i| fetch(from.wrapping_add(i * COLUMNS)));
                }
                Right::Columns(data, steps) => {
                    // Prefetches the panel after this one, column by column.
                    let per_column = of_panel.div_ceil(COLUMNS);
                    let (column, part_of_it) = (chunk % of_panel / per_column, chunk % per_column);
                    let column = (panel + 1) * COLUMNS + column;
                    let start = part.block.start + part_of_it * LANES * COLUMNS;
                    let from = data.as_ptr().wrapping_add(column * steps + start);
                    (0..LANES).for_each(|i| fetch(from.wrapping_add(i * COLUMNS)));
                }
            }
        }
    }

    /// Copies some chunks.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn prepare(self, part: &Part, chunks: Range<usize>, to: &mut [Line]) {
        let len = part.block.len();
        let of_panel = len.div_ceil(LANES);
        for chunk in chunks {
            match self {
                Right::Panels(_) => {}
                Right::Rows(data, columns) => {
                    let from = (part.block.start + chunk) * columns + part.first * COLUMNS;
                    for i in 0..part.end - part.first {
                        to[i * len + chunk].store(load_two(data, from + i * COLUMNS));
                    }
                }
                Right::Columns(data, steps) => {
                    let (panel, start) = (chunk / of_panel, chunk % of_panel * LANES);
                    let from = (part.first + panel) * COLUMNS * steps + part.block.start + start;
                    turn(&data[from..], steps, &mut to[panel * len + start..][..LANES]);
                }
            }
        }
    }
}

/// Sixteen columns of eight steps.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn turn(from: &[f32], steps: usize, to: &mut [Line]) {
    let half = |column: usize| {
        transposed(std::array::from_fn(|c| {
            let from = &from[(column + c) * steps..][..LANES];
            // SAFETY: the slice has so many elements.
            unsafe { _mm256_loadu_ps(from.as_ptr()) }
        }))
    };
    let (left, right) = (half(0), half(LANES));
    for ((line, left), right) in to.iter_mut().zip(left).zip(right) {
        line.store([left, right]);
    }
}

/// Where the row of a left factor begins that is made of panels of six rows, with the steps of a block one
/// after the other: `rows` rows, and a block from step `start` with `steps` of them.
pub(crate) fn in_sixes(rows: usize, row: usize, block: &Range<usize>) -> usize {
    rows.next_multiple_of(ROWS) * block.start + row * block.len()
}

/// A left factor with contiguous rows, copied to panels of six rows.
#[target_feature(enable = "avx2,fma")]
pub(crate) fn sixes(from: &[f32], rows: usize, steps: usize, to: &mut Vec<f32>) {
    // Eight are stored where six belong.
    to.resize(rows.next_multiple_of(ROWS) * steps + 2, 0.0);
    for block in blocks(steps) {
        for row in (0..rows).step_by(ROWS) {
            let start = in_sixes(rows, row, &block);
            for step in block.clone().step_by(LANES) {
                let eight = transposed(std::array::from_fn(|r| {
                    if r >= ROWS.min(rows - row) {
                        return _mm256_setzero_ps();
                    }
                    let from = &from[(row + r) * steps + step..][..LANES];
                    // SAFETY: the slice has so many elements.
                    unsafe { _mm256_loadu_ps(from.as_ptr()) }
                }));
                for (i, x) in eight.into_iter().enumerate() {
                    let to = &mut to[start + (step - block.start + i) * ROWS..][..LANES];
                    // SAFETY: the slice has so many elements.
                    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), x) };
                }
            }
        }
    }
}
