//! The drivers against plain loops: ragged sizes, every kind of stride, several lanes and scalars.
//!
//! All numbers are small integers, so that sums are exact over floats as well and every comparison
//! is one for equality.

use super::update::Update;
use super::*;
use crate::check::{Gf, Rng64};
use crate::lanes::{Isa, OnIsa, Pack};

/// Nothing is known.
const ANY: AnyAxis = Axis;

/// Bodies: what was made, what was read, what is written.
macro_rules! bodies {
    ($($Name:ident: [$($made:ident),*] [$($read:ident),*] => [$($value:expr),*];)*) => {$(
        struct $Name;
        impl<T: Scalar> Body<T, { count!($($made)*) }, { count!($($read)*) }, { [$(stringify!($value)),*].len() }>
            for $Name
        {
            fn f<V: Lanes<Scalar = T>>(
                [$($made),*]: [V; count!($($made)*)],
                [$($read),*]: [V; count!($($read)*)],
            ) -> [V; { [$(stringify!($value)),*].len() }] {
                [$($value),*]
            }
        }
    )*};
}
macro_rules! count {
    ($($x:ident)*) => { 0 $(+ { let _ = stringify!($x); 1 })* };
}
bodies! {
    Read: [] [x] => [x];
    Read2: [] [x] => [x, x];
    Cubic: [] [x] => [x * x * x + x];
    One: [] [] => [V::splat(T::ONE)];
    Two: [] [] => [V::splat(T::ONE + T::ONE)];
    Plus: [] [x, y] => [x + y];
    Ring: [] [a, b] => [a * b + a, a - b];
    Offset: [x] [a] => [x + a, x * a];
    Terms: [] [a, b] => [a * b, a + b];
    Product: [sum, max] [e] => [(sum + e) * (max * e)];
    Ends: [sum, max] [e] => [sum + e, max * e];
    Made: [sum] [] => [sum];
    Times: [sum, max] [] => [sum * max];
    Biased: [sum] [bias] => [sum + bias];
    BiasedTwo: [sum] [c] => [sum + c, sum - c * c];
}

/// The identity, which the driver of contractions treats apart.
struct Copies;
impl<T: Scalar> Body<T, 1, 0, 1> for Copies {
    const COPIES: bool = true;
    fn f<V: Lanes<Scalar = T>>(made: [V; 1], []: [V; 0]) -> [V; 1] {
        made
    }
}

/// Runs a test over the lanes that differ: one lane and a few of exact numbers, many of floating-point numbers, and
/// the registers of this machine.
macro_rules! over_lanes {
    ($($test:ident)*) => {$(
        #[test]
        fn $test() {
            generic::$test::<Pack<Gf, 1>>();
            generic::$test::<Pack<Gf, 4>>();
            generic::$test::<Pack<f32, 8>>();
            {
                on_registers! { $test f32 }
            }
            {
                on_registers! { $test f64 }
            }
        }
    )*};
}
/// Runs a test over the registers that this machine has, in builds without optimisation too.
macro_rules! on_registers {
    ($test:ident $T:ident) => {
        struct Test;
        impl OnLanes<$T> for Test {
            type Output = ();
            fn run<V: Lanes<Scalar = $T>>(self) {
                generic::$test::<V>();
            }
        }
        for isa in [Isa::Neon, Isa::Avx2, Isa::Avx512] {
            <$T>::on_isa(isa, Test);
        }
    };
}
over_lanes! {
    map_agrees_with_a_loop
    map_without_axes_or_inputs
    steps_agree_with_a_loop
    merged_axes_agree_with_a_loop
    reduce_agrees_with_a_loop
    reduce_along_contiguous_axes
    reduce_without_axes
    the_maximum_of_negative_numbers_is_negative
    updates_agree_with_a_loop
}

mod adding;
mod gather;
mod contractions;
mod in_place;
mod known;
mod long;
mod windows;

fn below(rng: &mut Rng64, n: usize) -> usize {
    (rng.next_u64() % n as u64) as usize
}

fn numbers<T: Scalar>(rng: &mut Rng64, len: usize) -> Vec<T> {
    (0..len).map(|_| T::from_f64(below(rng, 17) as f64 - 8.0)).collect()
}

/// A random layout of an array: its strides and the length of its slice.
///
/// Axes in row-major or any other order, sometimes with gaps; with `broadcast`, some strides are 0.
/// Axes of size 1 have any stride.
fn layout<const R: usize>(
    rng: &mut Rng64,
    sizes: [usize; R],
    broadcast: bool,
) -> ([usize; R], usize) {
    let mut order: Vec<usize> = (0..R).rev().collect();
    if below(rng, 2) == 0 {
        for i in (1..R).rev() {
            order.swap(i, below(rng, i + 1));
        }
    }
    let gaps = below(rng, 4) == 0;
    let (mut strides, mut stride, mut last) = ([0; R], 1, 0);
    for axis in order {
        if gaps {
            stride += below(rng, 3);
        }
        if broadcast && below(rng, 4) == 0 {
            continue;
        }
        strides[axis] = if sizes[axis] == 1 { below(rng, 3) } else { stride };
        last += strides[axis] * (sizes[axis] - 1);
        stride *= sizes[axis];
    }
    (strides, last + 1 + below(rng, 3))
}

/// All indices in row-major order.
fn indices<const R: usize>(sizes: [usize; R]) -> Vec<[usize; R]> {
    let count = sizes.iter().product::<usize>();
    let index = |mut i: usize| {
        let mut index = [0; R];
        for axis in (0..R).rev() {
            index[axis] = i % sizes[axis];
            i /= sizes[axis];
        }
        index
    };
    (0..count).map(index).collect()
}

fn dot<const R: usize>(index: &[usize; R], strides: &[usize; R]) -> usize {
    index.iter().zip(strides).map(|(i, s)| i * s).sum()
}

/// The first `A` and the last `B` of `R = A + B` numbers.
fn split<const R: usize, const A: usize, const B: usize>(
    all: [usize; R],
) -> ([usize; A], [usize; B]) {
    assert_eq!(A + B, R);
    (core::array::from_fn(|i| all[i]), core::array::from_fn(|i| all[A + i]))
}

#[test]
#[should_panic(expected = "stride 0")]
fn an_output_does_not_broadcast() {
    map(
        lanes::<Pack<f32, 4>>(),
        ANY,
        [9],
        [read(&[1.0; 9], [1])],
        [write(&mut [0.0], [0], false)],
        Read,
    );
}

#[test]
#[should_panic(expected = "past the end")]
fn strides_do_not_overflow() {
    let stride = usize::MAX / 2 + 2;
    map(
        lanes::<Pack<f32, 4>>(),
        ANY,
        [3],
        [read(&[1.0], [stride])],
        [write(&mut [0.0; 3], [1], false)],
        Read,
    );
}

#[test]
fn iota_repeats_and_begins_anew() {
    let mut y = [Gf::new(0); 7];
    iota(&mut y, 2, 3);
    assert_eq!(y, [0, 0, 1, 1, 2, 2, 0].map(Gf::new));
}

#[test]
#[should_panic(expected = "not below 3")]
fn an_index_behind_the_end_is_found() {
    let (x, mut y) = ([1.0f32; 9], [0.0; 2]);
    let index = chosen(&[0, 3], [1], 3, 1, Skip::Nothing);
    gather(
        lanes::<Pack<f32, 4>>(),
        ANY,
        [2],
        read(&x, [0]),
        index,
        [],
        [write(&mut y, [1], false)],
        Made,
    );
}

#[test]
#[should_panic(expected = "past the end")]
fn what_is_chosen_from_is_there() {
    let index = chosen(&[0, 2], [1], 3, 4, Skip::Nothing);
    let mut y = [0.0f32; 8];
    let out = write(&mut y, [0], false);
    scatter(lanes::<Pack<f32, 4>>(), [2], out, 8, index, [], One);
}

mod generic {
    use super::*;

    pub(super) fn map_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(11);
        for _ in 0..300 {
            let n = 1 + below(&mut rng, 19);
            map_case::<V, 1>(&mut rng, [n]);
            let sizes = [(); 2].map(|()| 1 + below(&mut rng, 19));
            map_case::<V, 2>(&mut rng, sizes);
            let sizes = [(); 3].map(|()| 1 + below(&mut rng, 7));
            map_case::<V, 3>(&mut rng, sizes);
            let sizes = [(); 4].map(|()| 1 + below(&mut rng, 4));
            map_case::<V, 4>(&mut rng, sizes);
        }
    }

    pub(super) fn merged_axes_agree_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(12);
        for sizes in [[5, 3, 7], [1, 3, 7], [5, 1, 7], [5, 3, 1], [1, 1, 9], [9, 1, 1], [1, 1, 1]] {
            let [_, b, c] = sizes;
            let x = numbers::<V::Scalar>(&mut rng, 120);
            let mut y = numbers::<V::Scalar>(&mut rng, 120);
            let mut expected = y.clone();
            for (i, y) in expected.iter_mut().enumerate().take(sizes.iter().product()) {
                *y = *y + (x[i] + x[0]);
            }
            let strides = [b * c, c, 1];
            map(
                lanes::<V>(),
                ANY,
                sizes,
                [read(&x, strides), read(&x, [0; 3])],
                [write(&mut y, strides, true)],
                Plus,
            );
            assert_eq!(y, expected);
        }
    }

    fn map_case<V: Lanes, const R: usize>(rng: &mut Rng64, sizes: [usize; R]) {
        let [(sa, la), (sb, lb)] = [(); 2].map(|()| layout(rng, sizes, true));
        let [(sy, ly), (sz, lz)] = [(); 2].map(|()| layout(rng, sizes, false));
        let [a, b, mut y, mut z] = [la, lb, ly, lz].map(|len| numbers::<V::Scalar>(rng, len));
        let (mut y2, mut z2) = (y.clone(), z.clone());
        for i in indices(sizes) {
            let (a, b) = (a[dot(&i, &sa)], b[dot(&i, &sb)]);
            y2[dot(&i, &sy)] = a * b + a;
            z2[dot(&i, &sz)] = z2[dot(&i, &sz)] + (a - b);
        }
        map(
            lanes::<V>(),
            ANY,
            sizes,
            [read(&a, sa), read(&b, sb)],
            [write(&mut y, sy, false), write(&mut z, sz, true)],
            Ring,
        );
        assert_eq!(y, y2, "{sizes:?}, strides {sa:?} {sb:?} {sy:?}");
        assert_eq!(z, z2, "{sizes:?}, strides {sa:?} {sb:?} {sz:?}");
    }

    pub(super) fn map_without_axes_or_inputs<V: Lanes>() {
        let one = V::Scalar::ONE;
        let mut y = [one; 3];
        map(lanes::<V>(), ANY, [], [read(&[one + one], [])], [write(&mut y, [], true)], Read);
        assert_eq!(y, [one + one + one, one, one]);
        map(lanes::<V>(), ANY, [2], [], [write(&mut y, [1], false)], Two);
        assert_eq!(y, [one + one, one + one, one]);
    }

    /// Two steps over blocks of all lengths that are taken in different ways.
    pub(super) fn steps_agree_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(18);
        let whole = block::<V::Scalar>();
        for len in (1..=100).chain([whole / 2, whole - 1, whole]) {
            // Exactly as long as needed, and not aligned.
            let x = numbers::<V::Scalar>(&mut rng, len + 1);
            let mut y = numbers::<V::Scalar>(&mut rng, len + 1);
            let expected: Vec<_> = x[1..].iter().map(|&x| x * x * x + x).collect();
            let expected: Vec<_> = y[1..].iter().zip(expected).map(|(&y, x)| y + x).collect();
            let mut between = temp::<V::Scalar>();
            let steps = Staged::<true>;
            map(lanes::<V>(), steps, [len], [read(&x[1..], [1])], [between.write(len)], Cubic);
            map(
                lanes::<V>(),
                steps,
                [len],
                [between.read()],
                [write(&mut y[1..], [1], true)],
                Read,
            );
            assert_eq!(y[1..], expected, "{len}");
        }
    }

    /// A Fibonacci step, and the gradient.
    #[derive(Clone, Copy)]
    struct Next;
    impl<T: Scalar> Change<T, 2> for Next {
        fn f<V: Lanes<Scalar = T>>(self, [a, b]: [V; 2], by: V) -> [V; 2] {
            [b, a * b + by]
        }
    }

    pub(super) fn updates_agree_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(19);
        for len in 0..70 {
            let mut numbers = || numbers::<V::Scalar>(&mut rng, len);
            let (mut a, mut b, by) = (numbers(), numbers(), numbers());
            let old = a.iter().zip(&b).zip(&by);
            let expected: (Vec<_>, Vec<_>) = old.map(|((a, b), by)| (*b, *a * *b + *by)).unzip();
            Update { arrays: [&mut a, &mut b], by: &by, change: Next }.run::<V>();
            assert_eq!((a, b), expected, "{len}");
        }
    }

    pub(super) fn reduce_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(13);
        for _ in 0..250 {
            let [p, q] = [(); 2].map(|()| 1 + below(&mut rng, 19));
            let [r, s] = [(); 2].map(|()| 1 + below(&mut rng, 6));
            reduce_case::<V, 2, 1, 1>(&mut rng, [p], [q]);
            reduce_case::<V, 3, 1, 2>(&mut rng, [p], [r, s]);
            reduce_case::<V, 3, 2, 1>(&mut rng, [r, p], [s]);
            reduce_case::<V, 4, 2, 2>(&mut rng, [r, s], [s, r]);
            reduce_case::<V, 2, 0, 2>(&mut rng, [], [p, q]);
            reduce_case::<V, 2, 2, 0>(&mut rng, [p, q], []);
        }
    }

    fn reduce_case<V: Lanes, const R: usize, const RO: usize, const RI: usize>(
        rng: &mut Rng64,
        outer: [usize; RO],
        inner: [usize; RI],
    ) {
        let sizes: [usize; R] =
            core::array::from_fn(|i| if i < RO { outer[i] } else { inner[i - RO] });
        let [(sa, la), (sb, lb)] = [(); 2].map(|()| layout(rng, sizes, true));
        let (se, le) = layout(rng, outer, true);
        let [(sy, ly), (sz, lz)] = [(); 2].map(|()| layout(rng, outer, false));
        let [a, b, e, mut y, mut z] =
            [la, lb, le, ly, lz].map(|len| numbers::<V::Scalar>(rng, len));
        let (mut y2, mut z2) = (y.clone(), z.clone());
        let [(ao, ai), (bo, bi)] = [sa, sb].map(split);
        for i in indices(outer) {
            let terms = indices(inner)
                .into_iter()
                .map(|j| (a[dot(&i, &ao) + dot(&j, &ai)], b[dot(&i, &bo) + dot(&j, &bi)]));
            let sum = terms.clone().fold(V::Scalar::ZERO, |sum, (a, b)| sum + a * b);
            let max = terms.map(|(a, b)| a + b).reduce(Scalar::maximum).unwrap();
            y2[dot(&i, &sy)] = sum + e[dot(&i, &se)];
            z2[dot(&i, &sz)] = z2[dot(&i, &sz)] + max * e[dot(&i, &se)];
        }
        reduce(
            lanes::<V>(),
            (ANY, ANY),
            outer,
            inner,
            [read2(&a, ao, ai), read2(&b, bo, bi)],
            [Fold::Sum, Fold::Max],
            Terms,
            [read(&e, se)],
            [write(&mut y, sy, false), write(&mut z, sz, true)],
            Ends,
        );
        assert_eq!(y, y2, "{outer:?} {inner:?}, strides {sa:?} {sb:?} {sy:?}");
        assert_eq!(z, z2, "{outer:?} {inner:?}, strides {sa:?} {sb:?} {sz:?}");
    }

    /// The sums of the rows and of the columns of a matrix: both vectorised ways.
    pub(super) fn reduce_along_contiguous_axes<V: Lanes>() {
        let mut rng = Rng64::new(14);
        for m in 1..=19 {
            for n in 1..=19 {
                let a = numbers::<V::Scalar>(&mut rng, m * n);
                let mut rows = numbers::<V::Scalar>(&mut rng, m);
                let mut columns = numbers::<V::Scalar>(&mut rng, n);
                let (mut rows2, mut columns2) = (rows.clone(), columns.clone());
                for (i, a) in a.iter().enumerate() {
                    rows2[i / n] = rows2[i / n] + *a;
                    columns2[i % n] = columns2[i % n] + *a;
                }
                reduce(
                    lanes::<V>(),
                    (ANY, ANY),
                    [m],
                    [n],
                    [read2(&a, [n], [1])],
                    [Fold::Sum],
                    Read,
                    [],
                    [write(&mut rows, [1], true)],
                    Made,
                );
                reduce(
                    lanes::<V>(),
                    (ANY, ANY),
                    [n],
                    [m],
                    [read2(&a, [1], [n])],
                    [Fold::Sum],
                    Read,
                    [],
                    [write(&mut columns, [1], true)],
                    Made,
                );
                assert_eq!((rows, columns), (rows2, columns2), "[{m}, {n}]");
            }
        }
    }

    pub(super) fn reduce_without_axes<V: Lanes>() {
        let one = V::Scalar::ONE;
        let mut y = [one; 2];
        reduce(
            lanes::<V>(),
            (ANY, ANY),
            [],
            [],
            [read2(&[one + one], [], [])],
            [Fold::Sum, Fold::Max],
            Read2,
            [],
            [write(&mut y, [], false)],
            Times,
        );
        assert_eq!(y, [one + one + one + one, one]);
    }

    pub(super) fn the_maximum_of_negative_numbers_is_negative<V: Lanes>() {
        // In the field, −1 is the greatest number: there the test is about −1 alone.
        for n in 1..=19 {
            let x: Vec<V::Scalar> = (1..=n).map(|i| V::Scalar::from_f64(-(i as f64))).collect();
            let mut y = [V::Scalar::ZERO];
            reduce(
                lanes::<V>(),
                (ANY, ANY),
                [],
                [n],
                [read2(&x, [], [1])],
                [Fold::Max],
                Read,
                [],
                [write(&mut y, [], false)],
                Made,
            );
            assert_eq!(y[0], V::Scalar::from_f64(-1.0));
        }
    }
}
