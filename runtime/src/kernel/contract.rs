//! Matrix products with a fused epilogue.

use super::{In2, Out2, Walk, fetch, put};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// Rows of a register tile.
const ROWS: usize = 4;
/// Vectors in a row of a register tile.
const VECTORS: usize = 2;
/// Columns of `b` that share the loads of a row of `a` in dot products.
const DOTS: usize = 4;
/// The most lanes a vector may have.
const MAX_LANES: usize = 64;

/// `outs = body(a · b, ins…)`: a matrix product `[m, k] · [k, n]` with its epilogue, at every index
/// of `outer`.
///
/// In full, for `g` in `outer`, `i < m`, `j < n`:
///
/// ```text
/// acc     = Σₖ a.data[g · outer strides + (i, k) · inner strides] · b.data[… (k, j) …]
/// outs[o] = body(acc, [ins[0].data[… (i, j) …], …])[o]       (or +=)
/// ```
///
/// Fast if `b` is contiguous along `n` (register tiles), if `a` and `b` both are along `k` (dot
/// products), or if `a` is contiguous along `m` (the transposed problem is of the first kind).
/// Multiplication must commute.
///
/// # Panics
/// If a slice is too short for its access, and in debug builds if a size is 0.
#[cfg_attr(not(debug_assertions), inline(always))]
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn contract<V: Lanes, const R: usize, const NI: usize, const NO: usize>(
    outer: [usize; R],
    m: usize,
    n: usize,
    k: usize,
    a: In2<'_, V::Scalar, R, 2>,
    b: In2<'_, V::Scalar, R, 2>,
    mut ins: [In2<'_, V::Scalar, R, 2>; NI],
    mut outs: [Out2<'_, V::Scalar, R, 2>; NO],
    body: impl Fn(V, [V; NI]) -> [V; NO],
) {
    const { assert!(V::N <= MAX_LANES, "wider vectors than `contract` has room for") };
    debug_assert!(!outer.contains(&0), "contract over an empty outer space {outer:?}");
    debug_assert!(m > 0 && n > 0 && k > 0, "contract of empty matrices: [{m}, {k}] · [{k}, {n}]");

    let mut product = Product { m, n, k, a, b, rank: R };
    if product.worth_transposing() {
        product = product.transposed();
        for x in &mut ins {
            x.inner.swap(0, 1);
        }
        for y in &mut outs {
            y.inner.swap(0, 1);
        }
    }
    product.rank = product.merge_rows(&outer, &mut ins, &mut outs);
    let Product { m, n, rank, .. } = product;

    let mut walk = Walk::new(outer, rank);
    loop {
        let mut column = 0;
        while column < n {
            let columns = (n - column).min(VECTORS * V::N);
            let mut row = 0;
            while row < m {
                let rows = (m - row).min(ROWS);
                let mut block = [[V::splat(V::Scalar::ZERO); VECTORS]; ROWS];
                let a_at = walk.offset(&product.a.outer) + row * product.a.inner[0];
                let b_at = walk.offset(&product.b.outer) + column * product.b.inner[1];
                product.fill(&mut block, a_at, b_at, rows, columns);
                // The only place that calls the body, whatever computed the block.
                for (r, sums) in block.iter().enumerate().take(rows) {
                    for (v, sum) in sums.iter().enumerate() {
                        let (i, j) = (row + r, column + v * V::N);
                        if j >= n {
                            break;
                        }
                        let left = V::N.min(n - j);
                        let mut xs = [V::splat(V::Scalar::ZERO); NI];
                        for (lanes, x) in xs.iter_mut().zip(&ins) {
                            let at = walk.offset(&x.outer) + i * x.inner[0] + j * x.inner[1];
                            *lanes = fetch(x.data, at, x.inner[1], left);
                        }
                        for (y, lanes) in outs.iter_mut().zip(body(*sum, xs)) {
                            let at = walk.offset(&y.outer) + i * y.inner[0] + j * y.inner[1];
                            put(y.data, at, y.inner[1], left, y.add, lanes);
                        }
                    }
                }
                row += ROWS;
            }
            column += VECTORS * V::N;
        }
        if !walk.step() {
            return;
        }
    }
}

/// A block of results: a register tile.
type Block<V> = [[V; VECTORS]; ROWS];

/// The two factors. A stride along an axis of size 1 says nothing.
struct Product<'a, T, const R: usize> {
    m: usize,
    n: usize,
    k: usize,
    a: In2<'a, T, R, 2>,
    b: In2<'a, T, R, 2>,
    /// How many outer axes are left.
    rank: usize,
}

impl<T: Scalar, const R: usize> Product<'_, T, R> {
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

    /// Whether `bᵀ·aᵀ` is of a better kind than `a·b`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn worth_transposing(&self) -> bool {
        self.m > 1 && self.a.inner[0] == 1 && !self.is_tiled() && !self.is_dot()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn transposed(mut self) -> Self {
        self.a.inner.swap(0, 1);
        self.b.inner.swap(0, 1);
        Product { m: self.n, n: self.m, a: self.b, b: self.a, ..self }
    }

    /// Takes the last outer axes for rows of `a` where they are nothing else: `b` does not depend on
    /// them and one step along them is `m` rows in every other access. Returns how many are left.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn merge_rows<const NI: usize, const NO: usize>(
        &mut self,
        outer: &[usize; R],
        ins: &mut [In2<'_, T, R, 2>; NI],
        outs: &mut [Out2<'_, T, R, 2>; NO],
    ) -> usize {
        let mut rank = R;
        while rank > 0 {
            let axis = rank - 1;
            if outer[axis] > 1 {
                if self.b.outer[axis] != 0 {
                    break;
                }
                if self.m == 1 {
                    self.a.inner[0] = self.a.outer[axis];
                    for x in ins.iter_mut() {
                        x.inner[0] = x.outer[axis];
                    }
                    for y in outs.iter_mut() {
                        y.inner[0] = y.outer[axis];
                    }
                } else if self.a.outer[axis] != self.a.inner[0] * self.m
                    || ins.iter().any(|x| x.outer[axis] != x.inner[0] * self.m)
                    || outs.iter().any(|y| y.outer[axis] != y.inner[0] * self.m)
                {
                    break;
                }
                self.m *= outer[axis];
            }
            rank = axis;
        }
        rank
    }

    /// Computes `rows` × `columns` results: those of the rows from `a_at`, columns from `b_at`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fill<V: Lanes<Scalar = T>>(
        &self,
        block: &mut Block<V>,
        a_at: usize,
        b_at: usize,
        rows: usize,
        columns: usize,
    ) {
        let (a, b) = (&self.a.data[a_at..], &self.b.data[b_at..]);
        if self.is_tiled() {
            self.tiles(block, a, b, rows, columns);
        } else if self.is_dot() {
            self.dots(block, a, b, rows, columns);
        } else {
            self.gathers(block, a, b, rows, columns);
        }
    }

    /// Register tiles, of the widths that occur.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tiles<V: Lanes<Scalar = T>>(
        &self,
        block: &mut Block<V>,
        a: &[T],
        b: &[T],
        rows: usize,
        columns: usize,
    ) {
        if columns == VECTORS * V::N {
            self.strip::<V, VECTORS>(block, 0, a, b, rows);
        } else {
            for v in 0..columns.div_ceil(V::N) {
                self.strip::<V, 1>(block, v, a, &b[v * V::N..], rows);
            }
        }
    }

    /// `C` vectors of columns from vector `v` of the block on, in all `rows`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn strip<V: Lanes<Scalar = T>, const C: usize>(
        &self,
        block: &mut Block<V>,
        v: usize,
        a: &[T],
        b: &[T],
        rows: usize,
    ) {
        if rows == ROWS {
            let sums: [[V; C]; ROWS] = self.tile(a, b);
            for (to, sums) in block.iter_mut().zip(sums) {
                to[v..v + C].copy_from_slice(&sums);
            }
        } else {
            for (r, to) in block.iter_mut().enumerate().take(rows) {
                let [sums]: [[V; C]; 1] = self.tile(&a[r * self.a.inner[0]..], b);
                to[v..v + C].copy_from_slice(&sums);
            }
        }
    }

    /// `M` rows times `C` vectors of columns, accumulated in registers.
    ///
    /// The last vector may reach behind the columns that exist: it then holds whatever `b` goes on
    /// with, which is faster than a partial load, and nobody reads the results.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tile<V: Lanes<Scalar = T>, const M: usize, const C: usize>(
        &self,
        a: &[T],
        b: &[T],
    ) -> [[V; C]; M] {
        let mut acc = [[V::splat(T::ZERO); C]; M];
        for p in 0..self.k {
            let from = &b[p * self.b.inner[0]..];
            let mut ys = [V::splat(T::ZERO); C];
            if from.len() >= C * V::N {
                for (c, y) in ys.iter_mut().enumerate() {
                    *y = unsafe { V::load(from[c * V::N..][..V::N].as_ptr()) };
                }
            } else {
                for (c, y) in ys.iter_mut().enumerate() {
                    *y = unsafe {
                        let part = &from[(c * V::N).min(from.len())..];
                        V::load_part(part.as_ptr(), part.len())
                    };
                }
            }
            for (r, acc) in acc.iter_mut().enumerate() {
                let x = V::splat(a[r * self.a.inner[0] + p * self.a.inner[1]]);
                for (acc, y) in acc.iter_mut().zip(ys) {
                    *acc = x.mul_add(y, *acc);
                }
            }
        }
        acc
    }

    /// Dot products of rows of `a` with columns of `b`, several columns at once.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dots<V: Lanes<Scalar = T>>(
        &self,
        block: &mut Block<V>,
        a: &[T],
        b: &[T],
        rows: usize,
        columns: usize,
    ) {
        for (r, to) in block.iter_mut().enumerate().take(rows) {
            let row = &a[r * self.a.inner[0]..][..self.k];
            let mut sums = [T::ZERO; VECTORS * MAX_LANES];
            let mut j = 0;
            while j < columns {
                let b = &b[j * self.b.inner[1]..];
                if columns - j >= DOTS {
                    sums[j..j + DOTS].copy_from_slice(&self.dot::<V, DOTS>(row, b));
                    j += DOTS;
                } else {
                    [sums[j]] = self.dot::<V, 1>(row, b);
                    j += 1;
                }
            }
            for (v, to) in to.iter_mut().enumerate() {
                *to = unsafe { V::load(sums[v * V::N..][..V::N].as_ptr()) };
            }
        }
    }

    /// The dot products of `row` with the first `C` columns of `b`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dot<V: Lanes<Scalar = T>, const C: usize>(&self, row: &[T], b: &[T]) -> [T; C] {
        let mut columns = [row; C];
        for (c, column) in columns.iter_mut().enumerate() {
            *column = &b[c * self.b.inner[1]..][..row.len()];
        }
        let mut acc = [V::splat(T::ZERO); C];
        let mut p = 0;
        while p + V::N <= row.len() {
            let x = unsafe { V::load(row[p..].as_ptr()) };
            for (acc, column) in acc.iter_mut().zip(columns) {
                *acc = x.mul_add(unsafe { V::load(column[p..].as_ptr()) }, *acc);
            }
            p += V::N;
        }
        if p < row.len() {
            // Both factors are zero in the lanes behind the end.
            let x = unsafe { V::load_part(row[p..].as_ptr(), row.len() - p) };
            for (acc, column) in acc.iter_mut().zip(columns) {
                *acc =
                    x.mul_add(unsafe { V::load_part(column[p..].as_ptr(), row.len() - p) }, *acc);
            }
        }
        acc.map(V::sum)
    }

    /// Any strides: vectors of columns, gathered.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gathers<V: Lanes<Scalar = T>>(
        &self,
        block: &mut Block<V>,
        a: &[T],
        b: &[T],
        rows: usize,
        columns: usize,
    ) {
        for p in 0..self.k {
            for v in 0..VECTORS.min(columns.div_ceil(V::N)) {
                let at = p * self.b.inner[0] + v * V::N * self.b.inner[1];
                let y = fetch::<V>(b, at, self.b.inner[1], columns - v * V::N);
                for (r, to) in block.iter_mut().enumerate().take(rows) {
                    let x = V::splat(a[r * self.a.inner[0] + p * self.a.inner[1]]);
                    to[v] = x.mul_add(y, to[v]);
                }
            }
        }
    }
}
