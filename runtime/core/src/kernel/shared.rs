//! Products of one sample that are large enough to be shared among threads.
//!
//! Which products these may be the macro decides, by their size in a sample; how many threads there are for each, the
//! workspace: a batch is cut into samples first. What is cut here is the rows of a product, the columns of one in
//! windows, or one of its outer axes: heads of attention, groups of channels. No sum is cut, so the results depend on
//! the number of threads by rounding at most.

use super::contract::{self, contract_of};
use super::convolve::{In3, Out3, Windows, check_all, convolve_of};
use super::{AnyAxis, Body, In2, Known, On, Out2, Scratch, SharedOut, product, scratch};
use crate::lanes::{Lanes, OnLanes};
use crate::scalar::Scalar;
use crate::tuning::{THREAD_PRODUCTS, THREAD_ROWS};
use core::marker::PhantomData;
use core::ops::Range;

/// The most axes of an output.
const AXES: usize = 24;

/// Where a product is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    /// Along an outer axis.
    Outer(usize),
    /// Along the first axis of rows.
    Rows,
    /// Along the first axis of columns.
    Columns,
}

/// The parts of a product.
#[derive(Clone, Copy, Debug)]
struct Parts {
    cut: Cut,
    count: usize,
    /// The length of the axis that is cut.
    size: usize,
}

impl Parts {
    /// The indices of a part.
    fn range(&self, part: usize) -> Range<usize> {
        self.size * part / self.count..self.size * (part + 1) / self.count
    }

    /// As many parts as `work` multiplications are worth of so many threads, if there are two: along the first of
    /// these axes that is long enough for all of them, or along the longest.
    fn of(
        threads: usize,
        work: usize,
        axes: impl Iterator<Item = (Cut, usize, usize)>,
    ) -> Option<Parts> {
        let wanted = threads.min(work / THREAD_PRODUCTS);
        let mut best: Option<Parts> = None;
        for (cut, size, least) in axes {
            let count = wanted.min(size / least);
            if count >= 2 && best.is_none_or(|best| best.count < count) {
                best = Some(Parts { cut, count, size });
            }
        }
        best
    }
}

/// Multiplications, or very many.
fn work(sizes: &[&[usize]]) -> usize {
    sizes.iter().copied().flatten().fold(1, |work: usize, size| work.saturating_mul(*size))
}

/// What an output writes at two indices of an axis has nothing in common: all its elements are different, or those of
/// one index lie after those of the one before.
fn is_apart(sizes: &[&[usize]], strides: &[&[usize]], cut: [usize; 2]) -> bool {
    let mut axes = [(0, 1); AXES];
    let (mut count, mut span) = (0, 0usize);
    for (group, (sizes, strides)) in sizes.iter().zip(strides).enumerate() {
        for (axis, (size, stride)) in sizes.iter().zip(*strides).enumerate() {
            let Some(slot) = axes.get_mut(count) else { return false };
            (*slot, count) = ((*stride, *size), count + 1);
            if [group, axis] != cut {
                span = span.saturating_add((size - 1).saturating_mul(*stride));
            }
        }
    }
    if strides[cut[0]][cut[1]] > span {
        return true;
    }
    let axes = &mut axes[..count];
    axes.sort_unstable();
    let mut end = 0usize;
    axes.iter().filter(|(_, size)| *size > 1).all(|(stride, size)| {
        let fits = *stride > end;
        end = end.saturating_add((size - 1).saturating_mul(*stride));
        fits
    })
}

/// Whether no two of these have memory in common.
fn are_different<'a, T: 'a>(mut outs: impl Iterator<Item = &'a SharedOut<'a, T>> + Clone) -> bool {
    while let Some(one) = outs.next() {
        let end = one.data.wrapping_add(one.len);
        if outs
            .clone()
            .any(|other| other.data < end && one.data < other.data.wrapping_add(other.len))
        {
            return false;
        }
    }
    true
}

/// A part of a product.
struct Part<'a, T, N, B, const R: usize, const NI: usize, const NO: usize> {
    packed: &'a mut [T],
    outer: [usize; R],
    sizes: [usize; 3],
    a: In2<'a, T, R, 2>,
    b: In2<'a, T, R, 2>,
    ins: [In2<'a, T, R, 2>; NI],
    outs: [Out2<'a, T, R, 2>; NO],
    of: PhantomData<fn() -> (N, B)>,
}

// SAFETY: what a part writes no other one reads or writes; it is a unique borrow like `&mut [T]`.
unsafe impl<T: Scalar, N, B, const R: usize, const NI: usize, const NO: usize> Send
    for Part<'_, T, N, B, R, NI, NO>
{
}

impl<T: Scalar, N, B, const R: usize, const NI: usize, const NO: usize> OnLanes<T>
    for Part<'_, T, N, B, R, NI, NO>
where
    N: Known,
    B: Body<T, 1, NI, NO>,
{
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        let Part { packed, outer, sizes, a, b, ins, outs, .. } = self;
        let s = &mut scratch(packed, 1, false, 1);
        contract_of::<V, AnyAxis, N, B, R, NI, NO>(s, outer, sizes, a, b, ins, outs);
    }
}

/// `contract`, out of line, by as many threads as there are for it and are worth it.
///
/// # Panics
/// As `contract`.
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn contract_shared<V: Lanes, M, N: Known, B, const R: usize, const NI: usize, const NO: usize>(
    _: On<V>,
    _: (M, N),
    scratch: &mut Scratch<'_, V::Scalar>,
    outer: [usize; R],
    sizes: [usize; 3],
    a: In2<'_, V::Scalar, R, 2>,
    b: In2<'_, V::Scalar, R, 2>,
    ins: [In2<'_, V::Scalar, R, 2>; NI],
    outs: [Out2<'_, V::Scalar, R, 2>; NO],
    _: B,
) where
    B: Body<V::Scalar, 1, NI, NO>,
{
    let [m, n, _] = sizes;
    let axes = outer.iter().enumerate().map(|(axis, size)| (Cut::Outer(axis), *size, 1));
    let axes = core::iter::once((Cut::Rows, m, THREAD_ROWS)).chain(axes);
    let parts = Parts::of(scratch.threads, work(&[&outer, &sizes]), axes).filter(|parts| {
        let cut = match parts.cut {
            Cut::Outer(axis) => [0, axis],
            _ => [1, 0],
        };
        outs.iter().all(|y| is_apart(&[&outer, &[m, n]], &[&y.outer, &y.inner], cut))
            && are_different(outs.iter().map(|y| &y.data))
    });
    let packed = &mut *scratch.packed;
    let Some(parts) = parts else {
        let whole =
            Part::<_, N, B, R, NI, NO> { packed, outer, sizes, a, b, ins, outs, of: PhantomData };
        return V::out_of_line(whole);
    };
    contract::check_all(outer, sizes, &a, &b, &ins, &outs);
    let room = packed.len() / parts.count;
    let mut packed = packed.chunks_mut(room.max(1));
    let part = |part: usize| {
        let Range { start, end } = parts.range(part);
        let (mut outer, mut sizes) = (outer, sizes);
        match parts.cut {
            Cut::Outer(axis) => outer[axis] = end - start,
            _ => sizes[0] = end - start,
        }
        // How far an access moves along the axis that is cut.
        let at = |outer: &[usize; R], rows: usize| match parts.cut {
            Cut::Outer(axis) => start * outer[axis],
            _ => start * rows,
        };
        Part::<V::Scalar, N, B, R, NI, NO> {
            packed: packed.next().unwrap_or_default(),
            outer,
            sizes,
            a: In2 { data: &a.data[at(&a.outer, a.inner[0])..], ..a },
            b: In2 { data: &b.data[at(&b.outer, 0)..], ..b },
            ins: ins.map(|x| In2 { data: &x.data[at(&x.outer, x.inner[0])..], ..x }),
            outs: outs
                .each_ref()
                .map(|y| Out2 { data: y.data.from(at(&y.outer, y.inner[0])), ..*y }),
            of: PhantomData,
        }
    };
    on_threads::<V, _>((0..parts.count).map(part));
}

/// Runs each of some kernels on a thread.
fn on_threads<V: Lanes, K>(kernels: impl ExactSizeIterator<Item = K>)
where
    K: OnLanes<V::Scalar, Output = ()> + Send,
{
    #[cfg(feature = "rayon")]
    crate::at_once::at_once(kernels, &|kernel: K| V::out_of_line(kernel), crate::at_once::nothing);
    #[cfg(not(feature = "rayon"))]
    kernels.for_each(V::out_of_line);
}

/// A part of a product in windows.
struct Window<
    'a,
    T,
    L,
    B,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
> {
    packed: &'a mut [T],
    space: Windows<R, K, N, M, E>,
    a: In3<'a, T, R, 1, K>,
    b: In3<'a, T, R, K, N>,
    ins: [In3<'a, T, R, M, E>; NI],
    outs: [Out3<'a, T, R, M, E>; NO],
    of: PhantomData<fn() -> (L, B)>,
}

// SAFETY: as for `Part`.
unsafe impl<
    T: Scalar,
    L,
    B,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
> Send for Window<'_, T, L, B, R, K, N, M, E, NI, NO>
{
}

impl<
    T: Scalar,
    L: Known,
    B,
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
    const NI: usize,
    const NO: usize,
> OnLanes<T> for Window<'_, T, L, B, R, K, N, M, E, NI, NO>
where
    B: Body<T, 1, NI, NO>,
{
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = T>>(self) {
        let Window { packed, space, a, b, ins, outs, .. } = self;
        let s = &mut scratch(packed, 1, false, 1);
        convolve_of::<V, L, B, R, K, N, M, E, NI, NO>(s, space, a, b, ins, outs);
    }
}

/// How a product in windows is cut for threads.
fn parts_of_windows<
    const R: usize,
    const K: usize,
    const N: usize,
    const M: usize,
    const E: usize,
>(
    threads: usize,
    space: &Windows<R, K, N, M, E>,
) -> Option<Parts> {
    let Windows { outer, steps, columns, out } = space;
    let (m, n) = (product(&out.0), product(columns));
    let mut axes = [(Cut::Rows, 0, 1); AXES];
    let mut count = 0;
    let mut may = |cut, size, least| {
        if let Some(axis) = axes.get_mut(count) {
            (*axis, count) = ((cut, size, least), count + 1);
        }
    };
    // Threads that share columns copy their own; those that share rows all copy all columns. But the last axis of
    // columns is what the loops are compiled for.
    if E > 1 && N > 0 && columns[0] == out.1[0] {
        may(Cut::Columns, columns[0], (64 * columns[0]).div_ceil(n));
    }
    if M > 0 {
        may(Cut::Rows, out.0[0], (THREAD_ROWS * out.0[0]).div_ceil(m));
    }
    outer.iter().enumerate().for_each(|(axis, size)| may(Cut::Outer(axis), *size, 1));
    let work = work(&[outer, &out.0, columns, steps]);
    Parts::of(threads, work, axes[..count].iter().copied())
}

/// `convolve`, out of line, by as many threads as there are for it and are worth it.
///
/// # Panics
/// As `convolve`.
#[expect(clippy::too_many_arguments, reason = "a loop nest with its operands")]
pub fn convolve_shared<
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
    let sizes = [&space.outer[..], &space.out.0, &space.out.1];
    let parts = parts_of_windows(scratch.threads, &space).filter(|parts| {
        let cut = match parts.cut {
            Cut::Outer(axis) => [0, axis],
            Cut::Rows => [1, 0],
            Cut::Columns => [2, 0],
        };
        outs.iter().all(|y| is_apart(&sizes, &[&y.strides.0, &y.strides.1, &y.strides.2], cut))
            && are_different(outs.iter().map(|y| &y.data))
    });
    let packed = &mut *scratch.packed;
    let Some(parts) = parts else {
        let whole = Window::<_, L, B, R, K, N, M, E, NI, NO> {
            packed,
            space,
            a,
            b,
            ins,
            outs,
            of: PhantomData,
        };
        return V::out_of_line(whole);
    };
    check_all(&space, &a, &b, &ins, &outs);
    let room = packed.len() / parts.count;
    let mut packed = packed.chunks_mut(room.max(1));
    // Rows of the left factor in a step along the first axis of rows.
    let rows = space.out.0.iter().skip(1).product::<usize>();
    let part = |part: usize| {
        let Range { start, end } = parts.range(part);
        let mut space = space;
        match parts.cut {
            Cut::Outer(axis) => space.outer[axis] = end - start,
            Cut::Rows => space.out.0[0] = end - start,
            Cut::Columns => {
                space.columns[0] = end - start;
                space.out.1[0] = end - start;
            }
        }
        // How far an access moves along the axis that is cut.
        let at = |outer: &[usize; R], rows: usize, columns: usize| match parts.cut {
            Cut::Outer(axis) => start * outer[axis],
            Cut::Rows => start * rows,
            Cut::Columns => start * columns,
        };
        let first = |strides: &[usize]| strides.first().map_or(0, |stride| *stride);
        let of_a = at(&a.strides.0, rows * a.strides.1[0], 0);
        let of_b = at(&b.strides.0, 0, first(&b.strides.2));
        Window::<V::Scalar, L, B, R, K, N, M, E, NI, NO> {
            packed: packed.next().unwrap_or_default(),
            space,
            a: In3 { data: &a.data[of_a..], ..a },
            b: In3 { data: &b.data[of_b..], ..b },
            ins: ins.map(|x| {
                let (outer, rows, columns) = &x.strides;
                In3 { data: &x.data[at(outer, first(rows), first(columns))..], ..x }
            }),
            outs: outs.each_ref().map(|y| {
                let (outer, rows, columns) = &y.strides;
                Out3 { data: y.data.from(at(outer, first(rows), first(columns))), ..*y }
            }),
            of: PhantomData,
        }
    };
    on_threads::<V, _>((0..parts.count).map(part));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::shared_out;

    #[test]
    fn parts_are_worth_a_thread() {
        let axes = [(Cut::Rows, 30, THREAD_ROWS), (Cut::Outer(0), 4, 1), (Cut::Outer(1), 5, 1)];
        let parts = |threads, work| Parts::of(threads, work, axes.into_iter());
        let found = |threads, work| parts(threads, work).map(|parts| (parts.cut, parts.count));
        assert_eq!(found(1, 100 * THREAD_PRODUCTS), None);
        assert_eq!(found(8, 2 * THREAD_PRODUCTS - 1), None);
        assert_eq!(found(8, 2 * THREAD_PRODUCTS), Some((Cut::Rows, 2)));
        assert_eq!(found(3, 100 * THREAD_PRODUCTS), Some((Cut::Outer(0), 3)));
        assert_eq!(found(8, 100 * THREAD_PRODUCTS), Some((Cut::Outer(1), 5)));
        let ranges: Vec<_> =
            (0..3).map(|part| parts(3, 9 * THREAD_PRODUCTS).unwrap().range(part)).collect();
        assert_eq!(ranges, [0..1, 1..2, 2..4]);
    }

    #[test]
    fn parts_have_nothing_in_common() {
        let apart = |outer: [usize; 2], inner: [usize; 2], cut| {
            is_apart(&[&[4, 5], &[3, 7]], &[&outer, &inner], cut)
        };
        // Heads that lie side by side in each row.
        assert!(apart([28, 112], [560, 1], [0, 0]) && apart([7, 28], [140, 1], [0, 0]));
        assert!(apart([7, 28], [140, 1], [1, 0]));
        // Rows that overlap, within which others are written.
        assert!(apart([400, 1], [1, 1], [0, 0]) && !apart([400, 1], [1, 1], [0, 1]));
        assert!(!apart([7, 27], [140, 1], [0, 0]) && !apart([0, 28], [140, 1], [0, 0]));
        // So many axes that nobody looks at them.
        assert!(!is_apart(&[&[2; 25]], &[&[1; 25]], [0, 0]));
    }

    #[test]
    fn outputs_are_told_apart() {
        let mut numbers = [0.0; 10];
        let (a, b) = numbers.split_at_mut(5);
        let (a, b) = (shared_out(a), shared_out(b));
        assert!(are_different([a, b].iter()) && are_different([a].iter()));
        assert!(!are_different([a, b, a].iter()) && !are_different([b, b.from(4)].iter()));
        assert!(!are_different([b.from(4), b].iter()));
    }
}
