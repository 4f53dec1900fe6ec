//! Matrix products with a fused epilogue.

use super::panel::row as row_panel;
use super::{
    Body, Dots, In2, On, Out2, Packing, Panel, Walk, Wide2, Wide4, check, check_written, fetch, put,
};
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use core::mem::MaybeUninit;

/// Rows that are computed before their epilogue runs: their sums stay in the first-level cache.
pub(super) const ROWS: usize = 24;
/// The most columns of a panel: [`Lanes::VECTORS`] vectors of the widest kind.
pub(crate) const COLUMNS: usize = 64;
/// From how many rows on it pays to copy the right factor, panel by panel, to where its rows follow one
/// another: if they are contiguous, and if they are not.
const PACK_ROWS: usize = 96;
const TURN_ROWS: usize = 8;

/// What the loops of a function share: which tile it is, and memory for contractions.
#[derive(Debug)]
pub struct Scratch<'a, T> {
    /// Samples in the tile.
    pub n: usize,
    /// Whether what is summed over tiles is added to that of earlier ones.
    pub add: bool,
    /// For a packed panel; if it is too short, nothing is packed.
    pub(super) packed: &'a mut [T],
    pub(super) sums: [MaybeUninit<T>; ROWS * COLUMNS],
}

/// Scratch memory for a tile of `n` samples; `packed` is what is left of the workspace.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn scratch<T: Scalar>(packed: &mut [T], n: usize, add: bool) -> Scratch<'_, T> {
    Scratch { n, add, packed, sums: [const { MaybeUninit::uninit() }; ROWS * COLUMNS] }
}

/// The elements that packing takes for a contraction of `m` rows and `k` steps.
pub const fn packed(m: usize, k: usize) -> usize {
    if m >= TURN_ROWS { k * COLUMNS } else { 0 }
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
/// The epilogue follows while the sums are in the first-level cache. Multiplication must commute.
///
/// # Panics
/// If a slice is too short for its access, and in debug builds if a size is 0.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn contract<V: Lanes, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
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
    debug_assert!(!outer.contains(&0), "contract over an empty outer space {outer:?}");
    debug_assert!(m > 0 && n > 0 && k > 0, "contract of empty matrices: [{m}, {k}] · [{k}, {n}]");
    check((outer, [m, k]), (a.outer, a.inner), a.data.len());
    check((outer, [k, n]), (b.outer, b.inner), b.data.len());
    ins.iter().for_each(|x| check((outer, [m, n]), (x.outer, x.inner), x.data.len()));
    outs.iter().for_each(|y| check_written((outer, [m, n]), (y.outer, y.inner), y.data.len()));

    let mut product = Product { m, n, k, a, b, ins, outs };
    product.turn_if_better();
    let rank = product.merge_rows(&outer);
    let mut walk = Walk::new(outer, rank);
    loop {
        // SAFETY: the extents of all accesses were checked, and neither turning the product nor taking
        // outer axes for rows changes which elements are touched.
        unsafe { product.at::<V, B>(scratch, &walk) };
        if !walk.step() {
            return;
        }
    }
}

/// The factors and the ends of a product. A stride along an axis of size 1 says nothing.
struct Product<'a, T, const R: usize, const NI: usize, const NO: usize> {
    m: usize,
    n: usize,
    k: usize,
    a: In2<'a, T, R, 2>,
    b: In2<'a, T, R, 2>,
    ins: [In2<'a, T, R, 2>; NI],
    outs: [Out2<'a, T, R, 2>; NO],
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

    /// Takes `(a·b)ᵀ = bᵀ·aᵀ` if that is of a better kind than `a·b`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn turn_if_better(&mut self) {
        if self.m > 1 && self.a.inner[0] == 1 && !self.is_tiled() && !self.is_dot() {
            core::mem::swap(&mut self.m, &mut self.n);
            core::mem::swap(&mut self.a, &mut self.b);
            self.a.inner.swap(0, 1);
            self.b.inner.swap(0, 1);
            self.ins.iter_mut().for_each(|x| x.inner.swap(0, 1));
            self.outs.iter_mut().for_each(|y| y.inner.swap(0, 1));
        }
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
                if self.m == 1 {
                    self.a.inner[0] = self.a.outer[axis];
                    self.ins.iter_mut().for_each(|x| x.inner[0] = x.outer[axis]);
                    self.outs.iter_mut().for_each(|y| y.inner[0] = y.outer[axis]);
                } else if self.a.outer[axis] != self.a.inner[0] * self.m
                    || self.ins.iter().any(|x| x.outer[axis] != x.inner[0] * self.m)
                    || self.outs.iter().any(|y| y.outer[axis] != y.inner[0] * self.m)
                {
                    break;
                }
                self.m *= outer[axis];
            }
            rank = axis;
        }
        rank
    }

    /// The product at one outer index.
    ///
    /// # Safety
    /// All accesses are inside their slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn at<V: Lanes<Scalar = T>, B: Body<T, 1, NI, NO>>(
        &mut self,
        scratch: &mut Scratch<'_, T>,
        walk: &Walk<R>,
    ) {
        let width = V::VECTORS * V::N;
        let packs = self.m >= if self.is_tiled() { PACK_ROWS } else { TURN_ROWS }
            && scratch.packed.len() >= self.k * width;
        let direct = packs || self.is_tiled();
        let copies = B::COPIES && self.outs.len() == 1 && self.outs[0].inner[1] == 1 && direct;
        let mut column = 0;
        while column < self.n {
            let cols = (self.n - column).min(width);
            // SAFETY: as promised; rows and columns are in range.
            unsafe {
                let b = self.b.data.as_ptr().add(walk.offset(&self.b.outer));
                let b = b.add(column * self.b.inner[1]);
                let (b, b_step) = if packs {
                    let to = scratch.packed.as_mut_ptr();
                    let [step, column] = self.b.inner;
                    V::pack(&Packing { k: self.k, cols, from: b, step, column, to, width });
                    (to.cast_const(), width)
                } else {
                    (b, self.b.inner[0])
                };
                let mut row = 0;
                while row < self.m {
                    let rows = if copies { self.m } else { ROWS.min(self.m - row) };
                    let a = self.a.data.as_ptr().add(walk.offset(&self.a.outer));
                    let a = a.add(row * self.a.inner[0]);
                    let (to, to_row, add) = if copies {
                        let y = &mut self.outs[0];
                        let at = walk.offset(&y.outer) + row * y.inner[0] + column;
                        (y.data.as_mut_ptr().add(at), y.inner[0], y.add)
                    } else {
                        (scratch.sums.as_mut_ptr().cast(), width, false)
                    };
                    if direct {
                        let [a_row, a_step] = self.a.inner;
                        let (k, padded) = (self.k, packs);
                        let job = Panel {
                            rows,
                            cols,
                            k,
                            a,
                            a_row,
                            a_step,
                            b,
                            b_step,
                            padded,
                            to,
                            to_row,
                            add,
                        };
                        if self.m == 1 {
                            row_panel::<V>(&job);
                        } else {
                            V::panel(&job);
                        }
                    } else {
                        self.sums::<V>(rows, cols, a, b, to, to_row);
                    }
                    if !copies {
                        self.epilogue::<V, B>(walk, [row, column], [rows, cols], to);
                    }
                    row += rows;
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
                    V::dots(&Dots { cols, k: self.k, a, b, b_col: self.b.inner[1], to });
                    continue;
                }
                for column in 0..cols {
                    let mut sum = T::ZERO;
                    for p in 0..self.k {
                        let y = *b.add(p * self.b.inner[0] + column * self.b.inner[1]);
                        sum = (*a.add(p * self.a.inner[1])).mul_add(y, sum);
                    }
                    *to.add(column) = sum;
                }
            }
        }
    }

    /// The body for a block of sums, row by row.
    ///
    /// # Safety
    /// The rows and columns are in range.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn epilogue<V: Lanes<Scalar = T>, B: Body<T, 1, NI, NO>>(
        &mut self,
        walk: &Walk<R>,
        [row, column]: [usize; 2],
        [rows, cols]: [usize; 2],
        sums: *const T,
    ) {
        let width = V::VECTORS * V::N;
        for r in 0..rows {
            let from = sums.wrapping_add(r * width);
            // SAFETY: as promised.
            unsafe {
                if cols == width && V::VECTORS == 4 {
                    self.ends::<Wide4<V>, B>(walk, row + r, column, width, from);
                } else if cols == width && V::VECTORS == 2 {
                    self.ends::<Wide2<V>, B>(walk, row + r, column, width, from);
                } else {
                    let mut at = 0;
                    while at < cols {
                        let from = from.add(at);
                        self.ends::<V, B>(walk, row + r, column + at, cols - at, from);
                        at += V::N;
                    }
                }
            }
        }
    }

    /// The body for the sums of `left` columns, at most a vector.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn ends<L: Lanes<Scalar = T>, B: Body<T, 1, NI, NO>>(
        &mut self,
        walk: &Walk<R>,
        i: usize,
        j: usize,
        left: usize,
        sums: *const T,
    ) {
        // SAFETY: as promised by the caller; sums are there for whole vectors.
        unsafe {
            let mut xs = [L::splat(T::ZERO); NI];
            for (lanes, x) in xs.iter_mut().zip(&self.ins) {
                let at = walk.offset(&x.outer) + i * x.inner[0] + j * x.inner[1];
                *lanes = fetch(x.data.as_ptr().add(at), x.inner[1], left);
            }
            let sums = L::load_part(sums, left);
            let ys = B::f([sums], xs);
            for (y, lanes) in self.outs.iter_mut().zip(&ys) {
                let at = walk.offset(&y.outer) + i * y.inner[0] + j * y.inner[1];
                // A stride of 0 belongs to an axis of one element.
                put(y.data.as_mut_ptr().add(at), y.inner[1].max(1), left, y.add, *lanes);
            }
        }
    }
}
