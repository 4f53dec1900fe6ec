//! Matrix products in windows, with a fused epilogue.

use super::compiled;
use super::contract::{COLUMNS, LINE, epilogue_of, panel_columns, room};
use super::im2col::{AXES, Axes, Im2col, all_places, runs};
use super::panel::Contiguous;
use super::{
    Body, Known, On, Panel, Scratch, SharedOut, Walk, check_length, check_stride, product, put,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use crate::tuning::{APART_ELEMENTS, EPILOGUE_ROWS, WINDOW_STEPS};
use core::mem::MaybeUninit;

/// From how many steps on the sums are taken in levels: so many chunks of [`WINDOW_STEPS`] add up to a part of their own.
const MANY: usize = 4 * WINDOW_STEPS;
const CHUNKS: usize = 32;
/// The most sums of which there is such a part.
const PARTS: usize = 4096;

/// The elements that copying takes for a product of `k` steps; `kept` says whether the sums of all steps
/// but the last few are kept in the output.
pub const fn im2col_len(k: usize, kept: bool) -> usize {
    COLUMNS * if kept && k > WINDOW_STEPS { WINDOW_STEPS } else { k } + LINE
}

/// A read access over `A`, `B` and `C` axes.
#[derive(Clone, Copy, Debug)]
pub struct In3<'a, T, const A: usize, const B: usize, const C: usize> {
    pub(super) data: &'a [T],
    pub(super) strides: ([usize; A], [usize; B], [usize; C]),
}

/// Reads `data[Σ i[d] · outer[d] + Σ j[d] · middle[d] + Σ l[d] · inner[d]]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read3<T, const A: usize, const B: usize, const C: usize>(
    data: &[T],
    outer: [usize; A],
    middle: [usize; B],
    inner: [usize; C],
) -> In3<'_, T, A, B, C> {
    In3 { data, strides: (outer, middle, inner) }
}

/// A write access over `A`, `B` and `C` axes.
#[derive(Debug)]
pub struct Out3<'a, T, const A: usize, const B: usize, const C: usize> {
    pub(super) data: SharedOut<'a, T>,
    pub(super) strides: ([usize; A], [usize; B], [usize; C]),
    pub(super) add: bool,
}

/// Overwrites what [`read3`] would read, or with `add` adds to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn write3<'a, T, const A: usize, const B: usize, const C: usize>(
    data: impl Into<SharedOut<'a, T>>,
    outer: [usize; A],
    middle: [usize; B],
    inner: [usize; C],
    add: bool,
) -> Out3<'a, T, A, B, C> {
    Out3 { data: data.into(), strides: (outer, middle, inner), add }
}

/// The index space of [`convolve`].
#[derive(Clone, Copy, Debug)]
pub struct Windows<const R: usize, const K: usize, const N: usize, const M: usize, const E: usize> {
    /// Products at every index of these.
    pub outer: [usize; R],
    /// What is summed over.
    pub steps: [usize; K],
    /// The columns, as the right factor has them.
    pub columns: [usize; N],
    /// The rows and the columns, as the epilogue has them.
    pub out: ([usize; M], [usize; E]),
}

/// `outs = body(a · b, ins…)`: a matrix product whose steps, columns and, in the epilogue, rows are
/// several axes each, at every index of `outer`. Where one of them overlaps, that is a convolution.
///
/// In full, for `g` in `outer`, row `i`, column `j` and step `p`, which are indices of their axes in
/// row-major order:
///
/// ```text
/// acc     = Σₚ a.data[g, i, p] · b.data[g, p, j]
/// outs[o] = body([acc], [ins[0].data[g, i, j], …])[o]       (or +=)
/// ```
///
/// `a` has one axis of rows. Elements of an output may coincide at different indices if it adds.
///
/// The right factor is copied panel by panel to where its rows follow one another, unless they lie so
/// already; register tiles run over the copy (`Panel`). No array of all windows ever exists. `L` is what
/// is known of the last axis of columns, as the epilogue has it.
/// Multiplication must commute.
///
/// # Panics
/// If a slice is too short for its access, or the memory for packing shorter than [`im2col_len`]; if a size is 0, or what
/// is said of the axis is not so.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn convolve<
    V: Lanes,
    L: Known,
    B,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
>(
    _: On<V>,
    _: L,
    scratch: &mut Scratch<'_, V::Scalar>,
    space: Windows<R, K, N, M, E>,
    a: In3<'_, V::Scalar, R, 1, K>,
    b: In3<'_, V::Scalar, R, K, N>,
    ins: [In3<'_, V::Scalar, R, M, E>; NI],
    outs: [Out3<'_, V::Scalar, R, M, E>; NO],
    _: B,
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    convolve_of::<V, L, B, R, K, N, M, E, NI, NO>(scratch, space, a, b, ins, outs);
}

/// [`convolve`] of a body that is known by its type.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn convolve_of<
    V: Lanes,
    L: Known,
    B,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
>(
    scratch: &mut Scratch<'_, V::Scalar>,
    space: Windows<R, K, N, M, E>,
    a: In3<'_, V::Scalar, R, 1, K>,
    b: In3<'_, V::Scalar, R, K, N>,
    ins: [In3<'_, V::Scalar, R, M, E>; NI],
    outs: [Out3<'_, V::Scalar, R, M, E>; NO],
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    const { assert!(K <= AXES && N <= AXES && M <= AXES && E <= AXES, "at most 8 axes each") }
    let Windows { outer, steps, columns, out } = space;
    let (m, n, k) = (product(&out.0), product(&columns), product(&steps));
    assert!(n == product(&out.1), "both see the same columns");
    check_all(&space, &a, &b, &ins, &outs);
    let last = if E == 0 { 1 } else { out.1[E - 1] };
    let along = |strides: &[usize; E]| if E == 0 { 0 } else { strides[E - 1] };
    check_length::<L>(last);
    ins.iter().for_each(|x| check_stride::<L>(along(&x.strides.2)));
    outs.iter().for_each(|y| check_stride::<L>(along(&y.strides.2)));

    let width = const { panel_columns::<V>() };
    let copies = const { B::COPIES && NO == 1 && M <= 1 && E <= 1 }
        && outs[0].strides.2.iter().all(|s| *s == 1);
    // Where the steps are in the right factor, the same for every product.
    let mut room = [0; WINDOW_STEPS];
    let b_offsets = &mut room[..if k <= WINDOW_STEPS { k } else { 0 }];
    Axes { sizes: &steps, strides: &b.strides.1 }.fill(0, b_offsets);
    let mut walk = Walk::new(outer, R);
    loop {
        // SAFETY: the extents of all accesses were checked, with sizes of 1 or more, and what is known of the axis.
        unsafe {
            let product = Product {
                a: a.data.as_ptr().add(walk.offset(&a.strides.0)),
                a_row: a.strides.1[0],
                a_steps: Axes { sizes: &steps, strides: &a.strides.2 },
                b: b.data.as_ptr().add(walk.offset(&b.strides.0)),
                b_steps: Axes { sizes: &steps, strides: &b.strides.1 },
                b_columns: Axes { sizes: &columns, strides: &b.strides.2 },
                b_offsets,
                m,
                n,
                k,
                packed: &mut *scratch.packed,
            };
            if copies {
                let y = &outs[0];
                let to = y.data.data.add(walk.offset(&y.strides.0));
                let to_row = y.strides.1.iter().sum();
                sums_in_place::<V>(product, to, to_row, y.add);
            } else {
                let sums: *mut V::Scalar = scratch.sums.as_mut_ptr().cast();
                let mut product = product;
                let mut column = 0;
                while column < n {
                    let cols = (n - column).min(width);
                    let right = copied::<V>(&mut product, column, cols);
                    let (runs, count) = runs(column, cols, last);
                    let runs = &runs[..count];
                    let offsets = (
                        all_places(runs, &out.1, ins.each_ref().map(|x| &x.strides.2)),
                        all_places(runs, &out.1, outs.each_ref().map(|y| &y.strides.2)),
                    );
                    let mut row = 0;
                    while row < m {
                        let rows = EPILOGUE_ROWS.min(m - row);
                        some_sums::<V>(&product, right, [row, rows], cols, sums);
                        for r in 0..rows {
                            let line = line(&walk, &out.0, row + r, &ins, &outs);
                            for (k, run) in runs.iter().enumerate() {
                                let from = sums.wrapping_add(r * width + run.at);
                                epilogue::<V, L, B, NI, NO>(&line, &offsets, k, run.len, from);
                            }
                        }
                        row += rows;
                    }
                    column += cols;
                }
            }
        }
        if !walk.step() {
            return;
        }
    }
}

/// Panics if a slice is too short for its access.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn check_all<
    T,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
>(
    space: &Windows<R, K, N, M, E>,
    a: &In3<'_, T, R, 1, K>,
    b: &In3<'_, T, R, K, N>,
    ins: &[In3<'_, T, R, M, E>; NI],
    outs: &[Out3<'_, T, R, M, E>; NO],
) {
    let Windows { outer, steps, columns, out } = space;
    let m = product(&out.0);
    check(a.data.len(), [outer, &[m], steps], [&a.strides.0, &a.strides.1, &a.strides.2], false);
    check(b.data.len(), [outer, steps, columns], [&b.strides.0, &b.strides.1, &b.strides.2], false);
    let sizes = [&outer[..], &out.0, &out.1];
    let mut i = 0;
    while i < NI {
        let (data, strides) = (ins[i].data, &ins[i].strides);
        check(data.len(), sizes, [&strides.0, &strides.1, &strides.2], false);
        i += 1;
    }
    i = 0;
    while i < NO {
        let (data, strides) = (outs[i].data, &outs[i].strides);
        check(data.len, sizes, [&strides.0, &strides.1, &strides.2], true);
        i += 1;
    }
}

/// Panics unless every index is inside a slice of `len`, and an output moves along every axis.
fn check(len: usize, sizes: [&[usize]; 3], strides: [&[usize]; 3], written: bool) {
    let mut last = Some(0usize);
    for (sizes, strides) in sizes.into_iter().zip(strides) {
        for (size, stride) in sizes.iter().zip(strides) {
            let along = size.checked_sub(1).and_then(|steps| steps.checked_mul(*stride));
            last = last.zip(along).and_then(|(last, along)| last.checked_add(along));
            assert!(
                !written || *size == 1 || *stride > 0,
                "an output has stride 0 along more than one element"
            );
        }
    }
    assert!(
        last.is_some_and(|last| last < len),
        "an access reaches past the end of its slice, or an axis is empty"
    );
}

/// The factors of a product at one outer index.
struct Product<'a, T> {
    a: *const T,
    a_row: usize,
    a_steps: Axes<'a>,
    b: *const T,
    b_steps: Axes<'a>,
    b_columns: Axes<'a>,
    /// Those of the first steps, if not of all.
    b_offsets: &'a [usize],
    m: usize,
    n: usize,
    k: usize,
    packed: &'a mut [T],
}

/// Columns of the right factor whose rows are contiguous.
#[derive(Clone, Copy)]
struct Right<T> {
    from: *const T,
    step: usize,
    /// From the columns of a tile to those of the next.
    tile: usize,
    padded: bool,
}

impl<T: Scalar> Product<'_, T> {
    /// The columns as they lie, if they lie side by side.
    ///
    /// # Safety
    /// They exist.
    unsafe fn in_place<V: Lanes<Scalar = T>>(
        &self,
        column: usize,
        cols: usize,
    ) -> Option<Right<T>> {
        let (length, stride) = self.b_columns.trailing();
        let (all, step) = self.b_steps.trailing();
        let whole = column % length + cols <= length && all == self.k;
        let near = step <= APART_ELEMENTS || self.m <= EPILOGUE_ROWS;
        (whole && (stride == 1 || cols == 1) && near).then(|| Right {
            // SAFETY: as promised.
            from: unsafe { self.b.add(self.b_columns.offset(column)) },
            step,
            tile: V::VECTORS * V::N,
            padded: false,
        })
    }

    /// # Safety
    /// The columns and steps exist.
    unsafe fn im2col<V: Lanes<Scalar = T>>(
        &mut self,
        [column, cols]: [usize; 2],
        [step, k]: [usize; 2],
    ) -> Right<T> {
        let width = V::VECTORS * V::N;
        let to = k.checked_mul(cols.next_multiple_of(width)).and_then(|len| room(self.packed, len));
        let to = to.expect("the memory for packing is large enough");
        let right = Right { from: to.cast_const(), step: width, tile: k * width, padded: true };
        let (mut to, mut at) = (to, 0);
        while at < cols {
            // SAFETY: as promised, and there is room for the copy.
            unsafe {
                compiled::im2col::<V>(&Im2col {
                    from: self.b,
                    columns: self.b_columns,
                    column: column + at,
                    cols: width.min(cols - at),
                    steps: self.b_steps,
                    offsets: self.b_offsets,
                    step,
                    k,
                    to,
                    width,
                });
            };
            (to, at) = (to.wrapping_add(right.tile), at + width);
        }
        right
    }

    /// # Safety
    /// As for [`compiled::panel`].
    unsafe fn panel<V: Lanes<Scalar = T>>(
        &self,
        right: Right<T>,
        [row, rows]: [usize; 2],
        cols: usize,
        [step, k]: [usize; 2],
        (to, to_row, add): (*mut T, usize, bool),
    ) {
        // SAFETY: as promised.
        unsafe {
            compiled::panel::<V>(&Panel {
                rows,
                cols,
                k,
                a: self.a.add(row * self.a_row + self.a_steps.offset(step)),
                a_row: self.a_row,
                a_step: self.a_steps.trailing().1,
                b: right.from,
                b_step: right.step,
                b_tile: right.tile,
                copy: core::ptr::null_mut(),
                copy_tile: 0,
                padded: right.padded,
                to,
                to_row,
                roomy: false,
                add,
                part: self.k > MANY,
            });
        }
    }
}

/// The product, written or added to where it belongs, some steps after the other.
///
/// # Safety
/// All indices are inside.
// Out of line: it knows nothing of the body.
#[inline(never)]
unsafe fn sums_in_place<V: Lanes>(
    mut product: Product<'_, V::Scalar>,
    to: *mut V::Scalar,
    to_row: usize,
    add: bool,
) {
    let width = const { panel_columns::<V>() };
    let (stretch, _) = product.a_steps.trailing();
    let (m, n) = (product.m, product.n);
    let mut parts = [const { MaybeUninit::<V::Scalar>::uninit() }; PARTS];
    let parts: *mut V::Scalar = parts.as_mut_ptr().cast();
    let in_parts = product.k > MANY && m.checked_mul(n).is_some_and(|sums| sums <= PARTS);
    let (mut step, mut chunk) = (0, 0);
    while step < product.k {
        // Within a stretch, the left factor has one stride.
        let steps = WINDOW_STEPS.min(stretch - step % stretch);
        let mut column = 0;
        while column < n {
            let cols = (n - column).min(width);
            // SAFETY: as promised; there is room for all parts.
            unsafe {
                let right = product.im2col::<V>([column, cols], [step, steps]);
                let to = match in_parts {
                    true => (parts.add(column), n, !chunk_is_first(chunk)),
                    false => (to.add(column), to_row, add || step > 0),
                };
                product.panel::<V>(right, [0, m], cols, [step, steps], to);
            }
            column += cols;
        }
        (step, chunk) = (step + steps, chunk + 1);
        if in_parts && (step == product.k || chunk_is_first(chunk)) {
            let add = add || chunk > CHUNKS;
            for row in 0..m {
                let mut column = 0;
                while column < n {
                    let left = V::N.min(n - column);
                    // SAFETY: the parts were written, and belong to the sums at the same places.
                    unsafe {
                        let (from, to) =
                            (parts.add(row * n + column), to.add(row * to_row + column));
                        put::<V, Contiguous>(to, 1, left, add, V::load_part(from, left));
                    }
                    column += V::N;
                }
            }
        }
    }
}

/// Whether a chunk begins a part of the sums.
const fn chunk_is_first(chunk: usize) -> bool {
    chunk.is_multiple_of(CHUNKS)
}

/// Columns of the right factor for all steps.
///
/// # Safety
/// They exist.
#[inline(never)]
unsafe fn copied<V: Lanes>(
    product: &mut Product<'_, V::Scalar>,
    column: usize,
    cols: usize,
) -> Right<V::Scalar> {
    // SAFETY: as promised.
    unsafe {
        match product.in_place::<V>(column, cols) {
            Some(right) => right,
            None => product.im2col::<V>([column, cols], [0, product.k]),
        }
    }
}

/// The sums of some rows.
///
/// # Safety
/// All indices are inside, and there is room.
#[inline(never)]
unsafe fn some_sums<V: Lanes>(
    product: &Product<'_, V::Scalar>,
    right: Right<V::Scalar>,
    rows: [usize; 2],
    cols: usize,
    sums: *mut V::Scalar,
) {
    let (stretch, _) = product.a_steps.trailing();
    let mut step = 0;
    while step < product.k {
        let here = Right { from: right.from.wrapping_add(step * right.step), ..right };
        let to = (sums, const { panel_columns::<V>() }, step > 0);
        // SAFETY: as promised.
        unsafe { product.panel::<V>(here, rows, cols, [step, stretch], to) };
        step += stretch;
    }
}

/// Where a row begins in every access, how far apart its elements are, and whether they are added to.
struct Line<T, const NI: usize, const NO: usize> {
    from: [(*const T, usize); NI],
    to: [(*mut T, usize, bool); NO],
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn line<T, const R: usize, const M: usize, const E: usize, const NI: usize, const NO: usize>(
    walk: &Walk<R>,
    sizes: &[usize; M],
    row: usize,
    ins: &[In3<'_, T, R, M, E>; NI],
    outs: &[Out3<'_, T, R, M, E>; NO],
) -> Line<T, NI, NO> {
    let along = |strides: &[usize; E]| if E == 0 { 0 } else { strides[E - 1] };
    let mut line =
        Line { from: [(core::ptr::null(), 0); NI], to: [(core::ptr::null_mut(), 0, false); NO] };
    let mut i = 0;
    while i < NI {
        let strides = &ins[i].strides;
        let at = walk.offset(&strides.0) + offset(sizes, &strides.1, row);
        line.from[i] = (ins[i].data.as_ptr().wrapping_add(at), along(&strides.2));
        i += 1;
    }
    i = 0;
    while i < NO {
        let strides = &outs[i].strides;
        let at = walk.offset(&strides.0) + offset(sizes, &strides.1, row);
        line.to[i] = (outs[i].data.data.wrapping_add(at), along(&strides.2), outs[i].add);
        i += 1;
    }
    line
}

/// The offset of an index of several axes, in row-major order.
#[cfg_attr(not(debug_assertions), inline(always))]
fn offset<const N: usize>(sizes: &[usize; N], strides: &[usize; N], at: usize) -> usize {
    let (mut rest, mut offset, mut axis) = (at, 0, N);
    while axis > 0 {
        axis -= 1;
        offset += if axis == 0 { rest } else { rest % sizes[axis] } * strides[axis];
        if axis > 0 {
            rest /= sizes[axis];
        }
    }
    offset
}

/// The body for run `k` of a row, of `len` columns, at these places after where the row begins.
///
/// # Safety
/// The run exists, and its sums up to a whole vector.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn epilogue<V: Lanes, L: Known, B, const NI: usize, const NO: usize>(
    line: &Line<V::Scalar, NI, NO>,
    places: &([[usize; COLUMNS]; NI], [[usize; COLUMNS]; NO]),
    k: usize,
    len: usize,
    sums: *const V::Scalar,
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    let (mut from, mut to) = (line.from, line.to);
    let mut i = 0;
    while i < NI {
        from[i].0 = from[i].0.wrapping_add(places.0[i][k]);
        i += 1;
    }
    i = 0;
    while i < NO {
        to[i].0 = to[i].0.wrapping_add(places.1[i][k]);
        i += 1;
    }
    if const { <V::Half as Lanes>::N < V::N } && len <= <V::Half as Lanes>::N {
        // SAFETY: as promised.
        unsafe { epilogue_of::<V::Half, L, B, NI, NO>(&from, &to, 0, len, sums, false) };
        return;
    }
    let mut at = 0;
    while at < len {
        // SAFETY: as promised.
        unsafe { epilogue_of::<V, L, B, NI, NO>(&from, &to, at, len - at, sums, false) };
        at += V::N;
    }
}
