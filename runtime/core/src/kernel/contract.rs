//! Matrix products with a fused epilogue.

use super::blocked::lie_side_by_side;
use super::compiled;
use super::levels::Sum;
use super::long::LONG;
use super::panel::{row as row_panel, wide_row};
use super::{
    Body, Dots, In2, Known, On, Out2, Packing, Panel, Walk, Wide2, Wide4, check, check_length,
    check_stride, check_written, fetch_all, may_fill, may_leave, product, put_all,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use crate::tuning::{
    EPILOGUE_ROWS, PACK_ROWS, PANEL_BYTES, SCATTERED_BYTES, SCATTERED_TILES_BYTES, TURN_ROWS,
    WIDE_PANELS,
};
use core::mem::MaybeUninit;
use core::ptr::null_mut;

/// The most columns of a panel: [`Lanes::VECTORS`] vectors of the widest kind.
pub(crate) const COLUMNS: usize = 64;
/// Products that are added up one after the other where there are neither tiles nor dot products.
const STEPS: usize = 32;
/// The bytes of a cache line, and at least as many elements as lie in one.
pub(super) const LINE: usize = 64;

/// The columns of a panel: those of a whole number of tiles.
pub(super) const fn panel_columns<V: Lanes>() -> usize {
    let (tile, wanted) = (V::VECTORS * V::N, PANEL_BYTES / size_of::<V::Scalar>());
    let most = if wanted < COLUMNS { wanted } else { COLUMNS };
    if most > tile { most / tile * tile } else { tile }
}

/// What the loops of a function share: which tile it is, and memory for contractions.
#[derive(Debug)]
pub struct Scratch<'a, T> {
    /// Samples in the tile.
    pub n: usize,
    /// Whether what is summed over tiles is added to that of earlier ones.
    pub add: bool,
    /// Threads that large products may be shared among.
    pub(super) threads: usize,
    /// For a packed panel; if it is too short, nothing is packed.
    pub(super) packed: &'a mut [T],
    pub(super) sums: [MaybeUninit<T>; EPILOGUE_ROWS * COLUMNS],
}

/// Room for `len` elements in the memory for packing, from the beginning of a cache line on if there is
/// enough: whole vectors are stored there and loaded.
#[inline]
pub(super) fn room<T>(packed: &mut [T], len: usize) -> Option<*mut T> {
    let start = packed.as_ptr().align_offset(LINE);
    let aligned = start.checked_add(len).is_some_and(|end| end <= packed.len());
    let packed = &mut packed[if aligned { start } else { 0 }..];
    (packed.len() >= len).then_some(packed.as_mut_ptr())
}

/// What loops share for a tile of `n` samples; `packed` is what is left of the workspace, of each of the threads.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn scratch<T: Scalar>(packed: &mut [T], n: usize, add: bool, threads: usize) -> Scratch<'_, T> {
    Scratch {
        n,
        add,
        threads,
        packed,
        sums: [const { MaybeUninit::uninit() }; EPILOGUE_ROWS * COLUMNS],
    }
}

/// The elements that packing takes for a contraction of `m` rows and `k` steps, of which the rows of the left factor
/// may lie side by side.
pub const fn packed(m: usize, k: usize, side_by_side: bool) -> usize {
    let columns = if side_by_side { WIDE_PANELS * COLUMNS } else { COLUMNS };
    if m >= TURN_ROWS { k * columns + LINE } else { 0 }
}

/// `outs = body(a · b, ins…)`: a matrix product `[m, k] · [k, n]` with its epilogue, at every index
/// of `outer`.
///
/// In full, for `g` in `outer`, `i < m`, `j < n`:
///
/// ```text
/// acc     = Σₖ a.data[g · outer strides + (i, k) · inner strides] · b.data[… (k, j) …]
/// outs[o] = body([acc], [ins[0].data[… (i, j) …], …])[o]       (or +=)
/// ```
///
/// The product is made in panels of a few vectors of columns. Where the right factor is contiguous
/// along its columns, register tiles run over it as it lies, or over a packed copy if there are many
/// rows; where it is contiguous along `k`, over a transposed copy or, for few rows, in dot products.
/// The epilogue follows while the sums are in the first-level cache. `M` and `N` are what is known of the
/// rows, without those of `outer`, and of the columns, whose `Known::PLAIN` is said of `ins` and `outs`.
///
/// # Panics
/// If a slice is too short for its access, a size is 0, or what is said of the axes is not so.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn contract<V: Lanes, M: Known, N: Known, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
    (_, _): (M, N),
    scratch: &mut Scratch<'_, V::Scalar>,
    outer: [usize; R],
    [m, n, k]: [usize; 3],
    a: In2<'_, V::Scalar, R, 2>,
    b: In2<'_, V::Scalar, R, 2>,
    ins: [In2<'_, V::Scalar, R, 2>; NI],
    outs: [Out2<'_, V::Scalar, R, 2>; NO],
    _: B,
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    contract_of::<V, M, N, B, R, NI, NO>(scratch, outer, [m, n, k], a, b, ins, outs);
}

/// [`contract`] of a body that is known by its type.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn contract_of<
    V: Lanes,
    M: Known,
    N: Known,
    B,
    const R: usize,
    const NI: usize,
    const NO: usize,
>(
    scratch: &mut Scratch<'_, V::Scalar>,
    outer: [usize; R],
    [m, n, k]: [usize; 3],
    a: In2<'_, V::Scalar, R, 2>,
    b: In2<'_, V::Scalar, R, 2>,
    ins: [In2<'_, V::Scalar, R, 2>; NI],
    outs: [Out2<'_, V::Scalar, R, 2>; NO],
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    check_length::<M>(m);
    check_length::<N>(n);
    check_all(outer, [m, n, k], &a, &b, &ins, &outs);
    ins.iter().for_each(|x| check_stride::<N>(x.inner[1]));
    outs.iter().for_each(|y| check_stride::<N>(y.inner[1]));

    let mut product = Product { m, n, k, a, b, ins, outs };
    let rank = product.merge_rows(&outer);
    let mut walk = Walk::new(outer, rank);
    loop {
        // SAFETY: the extents of all accesses were checked, with sizes of 1 or more, and what is known of the
        // axes; taking outer axes for rows does not change which elements are touched.
        unsafe { product.at::<V, M, N, B>(scratch, &walk) };
        if !walk.step() {
            return;
        }
    }
}

/// Panics if a slice is too short for its access.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn check_all<T, const R: usize, const NI: usize, const NO: usize>(
    outer: [usize; R],
    [m, n, k]: [usize; 3],
    a: &In2<'_, T, R, 2>,
    b: &In2<'_, T, R, 2>,
    ins: &[In2<'_, T, R, 2>; NI],
    outs: &[Out2<'_, T, R, 2>; NO],
) {
    check((outer, [m, k]), (a.outer, a.inner), a.data.len());
    check((outer, [k, n]), (b.outer, b.inner), b.data.len());
    let mut i = 0;
    while i < NI {
        check((outer, [m, n]), (ins[i].outer, ins[i].inner), ins[i].data.len());
        i += 1;
    }
    i = 0;
    while i < NO {
        check_written((outer, [m, n]), (outs[i].outer, outs[i].inner), outs[i].data.len);
        i += 1;
    }
}

/// The factors of a product, and what its epilogue reads and writes. A stride along an axis of size 1 says nothing.
struct Product<'a, T, const R: usize, const NI: usize, const NO: usize> {
    m: usize,
    n: usize,
    k: usize,
    a: In2<'a, T, R, 2>,
    b: In2<'a, T, R, 2>,
    ins: [In2<'a, T, R, 2>; NI],
    outs: [Out2<'a, T, R, 2>; NO],
}

/// How a product is cut, and where the right factor is copied.
struct Blocking<T> {
    /// Whether it has one row, which is made in line.
    is_row: bool,
    /// Columns of a panel.
    width: usize,
    /// Room for the panel's columns of the right factor, if it pays to copy them.
    copy: Option<*mut T>,
    /// Whether register tiles can read the right factor, or its copy.
    direct: bool,
    /// Whether the sums are the output, and are written where they belong.
    in_place: bool,
}

impl<T: Scalar, const R: usize, const NI: usize, const NO: usize> Product<'_, T, R, NI, NO> {
    /// Whether the rows of `b` are contiguous.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_tiled(&self) -> bool {
        self.b.inner[1] == 1 && (self.n > 1 || self.k == 1)
    }

    /// Whether the rows of `a` and the columns of `b` are contiguous.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_dot(&self) -> bool {
        self.k > 1 && self.a.inner[1] == 1 && self.b.inner[0] == 1
    }

    /// Takes the last outer axes for rows of `a` where they are nothing else: `b` does not depend on
    /// them and one step along them is `m` rows in every other access. Returns how many are left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn merge_rows(&mut self, outer: &[usize; R]) -> usize {
        let mut rank = R;
        while rank > 0 {
            let axis = rank - 1;
            if outer[axis] > 1 {
                if self.b.outer[axis] != 0 {
                    break;
                }
                let first = self.m == 1;
                let mut fits = first || self.a.outer[axis] == self.a.inner[0] * self.m;
                let mut i = 0;
                while i < NI {
                    let x = &self.ins[i];
                    fits &= first || x.outer[axis] == x.inner[0] * self.m;
                    i += 1;
                }
                i = 0;
                while i < NO {
                    let y = &self.outs[i];
                    fits &= first || y.outer[axis] == y.inner[0] * self.m;
                    i += 1;
                }
                if !fits {
                    break;
                }
                if first {
                    self.a.inner[0] = self.a.outer[axis];
                    i = 0;
                    while i < NI {
                        self.ins[i].inner[0] = self.ins[i].outer[axis];
                        i += 1;
                    }
                    i = 0;
                    while i < NO {
                        self.outs[i].inner[0] = self.outs[i].outer[axis];
                        i += 1;
                    }
                }
                self.m = product(&[self.m, outer[axis]]);
            }
            rank = axis;
        }
        rank
    }

    /// How the product is cut, and where the right factor is copied.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn blocking<V: Lanes<Scalar = T>, M: Known, B: Body<T, 1, NI, NO>>(
        &self,
        packed: &mut [T],
    ) -> Blocking<T> {
        let tile = V::VECTORS * V::N;
        let most = const { panel_columns::<V>() };
        let tiled = self.is_tiled();
        // A single row is made in line, tile by tile or of eight vectors.
        let is_row = const { M::FACTOR == 1 } && self.m == 1 && self.k <= LONG;
        // Where a panel has several tiles, the first rows copy it while they read it, and fewer are enough.
        let pays = if !tiled {
            self.m >= TURN_ROWS
        } else {
            let (rows, far) = if most > tile {
                (EPILOGUE_ROWS, SCATTERED_TILES_BYTES)
            } else {
                (PACK_ROWS, SCATTERED_BYTES)
            };
            self.m >= rows && (self.k - 1) * self.b.inner[0] * size_of::<T>() >= far
        };
        let in_place = const { B::COPIES && NO == 1 } && self.outs[0].inner[1] == 1;
        // Sums in levels have room for the columns of one panel.
        let is_wide =
            most > tile && in_place && self.k <= LONG && lie_side_by_side(self.m, self.a.inner);
        let mut width = if is_row { tile } else { most };
        let mut copy = None;
        if pays && is_wide {
            copy = room(packed, product(&[self.k, WIDE_PANELS * most]));
            if copy.is_some() {
                width = WIDE_PANELS * most;
            }
        }
        if pays && copy.is_none() {
            copy = room(packed, product(&[self.k, width]));
        }
        let direct = copy.is_some() || tiled;
        Blocking { is_row, width, copy, direct, in_place: in_place && direct }
    }

    /// The product at one outer index.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn at<V: Lanes<Scalar = T>, M: Known, N: Known, B: Body<T, 1, NI, NO>>(
        &mut self,
        scratch: &mut Scratch<'_, T>,
        walk: &Walk<R>,
    ) {
        let tile = V::VECTORS * V::N;
        let blocking = self.blocking::<V, M, B>(scratch.packed);
        let mut column = 0;
        while column < self.n {
            let left = self.n - column;
            let width = match blocking.is_row {
                true if const { wide_row::<V, N>() } && left >= 8 * V::N => 8 * V::N,
                _ => blocking.width,
            };
            let cols = left.min(width);
            // SAFETY: as promised; rows and columns are in range.
            unsafe {
                let b = self.b.data.as_ptr().add(walk.offset(&self.b.outer));
                let b = b.add(column * self.b.inner[1]);
                // Contiguous rows are copied by the first tile that reads them, or if many follow, before.
                let (mut right, mut copy) = match blocking.copy {
                    None => ((b, self.b.inner[0], tile), null_mut()),
                    Some(to) if self.is_tiled() && self.m < PACK_ROWS => {
                        ((b, self.b.inner[0], tile), to)
                    }
                    Some(to) => {
                        let [step, column] = self.b.inner;
                        let job =
                            Packing { k: self.k, cols, from: b, step, column, to, width: tile };
                        compiled::pack::<V>(&job);
                        ((to.cast_const(), tile, tile * self.k), null_mut())
                    }
                };
                let mut row = 0;
                while row < self.m {
                    let left = self.m - row;
                    let all = blocking.in_place && copy.is_null();
                    let rows = if all { left } else { EPILOGUE_ROWS.min(left) };
                    let a = self.a.data.as_ptr().add(walk.offset(&self.a.outer));
                    let a = a.add(row * self.a.inner[0]);
                    let (to, to_row, add) = if blocking.in_place {
                        let y = &mut self.outs[0];
                        let at = walk.offset(&y.outer) + row * y.inner[0] + column;
                        (y.data.data.add(at), y.inner[0], y.add)
                    } else {
                        (scratch.sums.as_mut_ptr().cast(), width, false)
                    };
                    if blocking.direct {
                        let job = Panel {
                            rows,
                            cols,
                            k: self.k,
                            a,
                            a_row: self.a.inner[0],
                            a_step: self.a.inner[1],
                            b: right.0,
                            b_step: right.1,
                            b_tile: right.2,
                            copy,
                            copy_tile: tile * self.k,
                            padded: blocking.copy.is_some() && copy.is_null(),
                            to,
                            to_row,
                            roomy: !blocking.in_place,
                            add,
                            part: false,
                        };
                        if blocking.is_row {
                            row_panel::<V, N>(&job);
                        } else {
                            compiled::panel::<V>(&job);
                        }
                    } else {
                        self.sums::<V>(rows, cols, a, right.0, to, to_row);
                    }
                    if !blocking.in_place {
                        let (at, sums) = ([row, column], (to.cast_const(), to_row));
                        self.epilogue::<V, N, B>(walk, at, [rows, cols], sums, blocking.direct);
                    }
                    row += rows;
                    if !copy.is_null() {
                        (right, copy) = ((copy.cast_const(), tile, tile * self.k), null_mut());
                    }
                }
            }
            column += cols;
        }
    }

    /// A panel without register tiles: dot products, or one number after the other.
    ///
    /// # Safety
    /// As for a panel.
    // Out of line: it calls what has its own instructions, or has none that matter.
    #[inline(never)]
    unsafe fn sums<V: Lanes<Scalar = T>>(
        &self,
        rows: usize,
        cols: usize,
        a: *const T,
        b: *const T,
        to: *mut T,
        to_row: usize,
    ) {
        for row in 0..rows {
            // SAFETY: as promised.
            unsafe {
                let (a, to) = (a.add(row * self.a.inner[0]), to.add(row * to_row));
                if self.is_dot() {
                    compiled::dots::<V>(&Dots {
                        cols,
                        k: self.k,
                        a,
                        b,
                        b_col: self.b.inner[1],
                        to,
                    });
                    continue;
                }
                for column in 0..cols {
                    let (mut all, mut p) = (Sum::new(), 0);
                    while p < self.k {
                        let (mut sum, end) = (T::ZERO, self.k.min(p + STEPS));
                        while p < end {
                            let y = *b.add(p * self.b.inner[0] + column * self.b.inner[1]);
                            sum = (*a.add(p * self.a.inner[1])).mul_add(y, sum);
                            p += 1;
                        }
                        all.push(sum);
                    }
                    *to.add(column) = all.total();
                }
            }
        }
    }

    /// The body for a block of sums, row by row.
    ///
    /// # Safety
    /// The rows and columns are in range.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn epilogue<V: Lanes<Scalar = T>, N: Known, B: Body<T, 1, NI, NO>>(
        &mut self,
        walk: &Walk<R>,
        [row, column]: [usize; 2],
        [rows, cols]: [usize; 2],
        (sums, to_row): (*const T, usize),
        whole: bool,
    ) {
        let tile = V::VECTORS * V::N;
        for r in 0..rows {
            let sums = sums.wrapping_add(r * to_row);
            let mut from = [(core::ptr::null(), 0); NI];
            let mut i = 0;
            while i < NI {
                let x = &self.ins[i];
                let at = walk.offset(&x.outer) + (row + r) * x.inner[0] + column * x.inner[1];
                from[i] = (x.data.as_ptr().wrapping_add(at), x.inner[1]);
                i += 1;
            }
            let mut to = [(core::ptr::null_mut(), 0, false); NO];
            i = 0;
            while i < NO {
                let y = &mut self.outs[i];
                let at = walk.offset(&y.outer) + (row + r) * y.inner[0] + column * y.inner[1];
                to[i] = (y.data.data.wrapping_add(at), y.inner[1], y.add);
                i += 1;
            }
            // SAFETY: as promised; sums are there for whole vectors.
            unsafe {
                let mut at = 0;
                if const { V::VECTORS == 4 && may_fill::<N>(4 * V::N) } {
                    while at + tile <= cols {
                        epilogue_of::<Wide4<V>, N, B, NI, NO>(&from, &to, at, tile, sums, true);
                        at += tile;
                    }
                } else if const { V::VECTORS == 2 && may_fill::<N>(2 * V::N) } {
                    while at + tile <= cols {
                        epilogue_of::<Wide2<V>, N, B, NI, NO>(&from, &to, at, tile, sums, true);
                        at += tile;
                    }
                }
                if const { V::VECTORS == 1 || may_leave::<N>(V::VECTORS * V::N) } {
                    while at < cols {
                        epilogue_of::<V, N, B, NI, NO>(&from, &to, at, cols - at, sums, whole);
                        at += V::N;
                    }
                }
            }
        }
    }
}

/// The body for the sums of `left` columns from `at` on, at most a vector.
///
/// # Safety
/// All accesses are there, and the sums for a whole vector.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn epilogue_of<L: Lanes, A: Known, B, const NI: usize, const NO: usize>(
    from: &[(*const L::Scalar, usize); NI],
    to: &[(*mut L::Scalar, usize, bool); NO],
    at: usize,
    left: usize,
    sums: *const L::Scalar,
    whole: bool,
) where
    B: Body<L::Scalar, 1, NI, NO>,
{
    // SAFETY: as promised.
    unsafe {
        let xs = fetch_all::<L, A, NI>(from, at, left);
        let sums = sums.add(at);
        let made = if whole { L::load(sums) } else { L::load_part(sums, left) };
        let ys = B::f([made], xs);
        put_all::<L, A, NO>(to, at, left, &ys);
    }
}
