//! What a driver is told of its axes changes nothing but what is compiled.

use super::*;

over_lanes! {
    map_of_known_axes
    reduce_of_known_axes
    contract_of_known_axes
}

/// Calls a test with everything that can be said of axes of these lengths.
macro_rules! for_lengths {
    ($test:ident::<$V:ident>: $($len:literal)*) => {$(
        $test::<$V, Axis<$len, $len, true>>($len);
        $test::<$V, Axis<$len, $len, false>>($len);
        $test::<$V, Axis<0, $len, true>>($len);
        $test::<$V, Axis<0, $len, true>>(3 * $len);
        $test::<$V, Axis<0, 1, true>>($len);
    )*};
}

mod generic {
    use super::*;

    pub(super) fn map_of_known_axes<V: Lanes>() {
        for_lengths!(map_along::<V>: 1 2 3 4 5 8 15 16 17 24 32 33 48 64 65 80 100 128);
    }

    // The data and the results are made by functions that do not know the axes: those are compiled once for each kind of
    // lanes, and what stands here a thousand times.

    fn map_along<V: Lanes, A: Known + Default>(len: usize) {
        let MapData { x, one, mut y, expected } = map_data(len);
        let (space, strides) = ([3, len], [len, 1]);
        let (ins, outs) = ([read(&x, strides), read(&one, [0, 0])], [write(&mut y, strides, true)]);
        map(lanes::<V>(), A::default(), space, ins, outs, Plus);
        equal(&y, &expected, [3, len]);
    }

    struct MapData<T> {
        x: Vec<T>,
        one: Vec<T>,
        y: Vec<T>,
        expected: Vec<T>,
    }

    fn map_data<T: Scalar>(len: usize) -> MapData<T> {
        let mut rng = Rng64::new(41);
        let (x, one) = (numbers::<T>(&mut rng, 3 * len), numbers::<T>(&mut rng, 1));
        let y = numbers::<T>(&mut rng, 3 * len);
        let expected = y.iter().zip(&x).map(|(y, x)| *y + (*x + one[0])).collect();
        MapData { x, one, y, expected }
    }

    fn equal<T: Scalar>(y: &[T], expected: &[T], sizes: [usize; 2]) {
        assert_eq!(y, expected, "{sizes:?}");
    }

    pub(super) fn reduce_of_known_axes<V: Lanes>() {
        for_lengths!(reduce_inner::<V>: 1 2 3 4 8 15 16 17 24 32 33 64 65 100 128);
        for_lengths!(reduce_outer::<V>: 1 2 3 4 8 15 16 17 24 32 33 64 65 100 128);
    }

    /// Sums and maxima of rows of `len`, which is what is known of them.
    fn reduce_inner<V: Lanes, A: Known + Default>(len: usize) {
        reduce_case::<V, Axis<3, 3, false>, A>(3, len, [len, 1]);
        reduce_case::<V, Axis<3, 3, true>, A>(3, len, [len, 1]);
        reduce_case::<V, AnyAxis, A>(3, len, [len, 1]);
    }

    /// Sums and maxima of `len` columns.
    fn reduce_outer<V: Lanes, A: Known + Default>(len: usize) {
        reduce_case::<V, A, Axis<3, 3, false>>(len, 3, [1, len]);
        reduce_case::<V, A, Axis<0, 3, false>>(len, 3, [1, len]);
        reduce_case::<V, A, AnyAxis>(len, 3, [1, len]);
    }

    fn reduce_case<V: Lanes, O: Known + Default, I: Known + Default>(
        outer: usize,
        inner: usize,
        [so, si]: [usize; 2],
    ) {
        // An access along an axis that moves farther than it is said to is refused.
        if O::PLAIN && so > 1 || I::PLAIN && si > 1 {
            return;
        }
        let ReduceData { a, b, e, mut y, expected } = reduce_data(outer, inner, [so, si]);
        reduce(
            lanes::<V>(),
            (O::default(), I::default()),
            [outer],
            [inner],
            [read2(&a, [so], [si]), read2(&b, [so], [si])],
            [Fold::Sum, Fold::Max],
            Terms,
            [read(&e, [1])],
            [write(&mut y, [1], true)],
            Product,
        );
        equal(&y, &expected, [outer, inner]);
    }

    struct ReduceData<T> {
        a: Vec<T>,
        b: Vec<T>,
        e: Vec<T>,
        y: Vec<T>,
        expected: Vec<T>,
    }

    fn reduce_data<T: Scalar>(outer: usize, inner: usize, [so, si]: [usize; 2]) -> ReduceData<T> {
        let mut rng = Rng64::new(42);
        let [a, b] = [(); 2].map(|()| numbers::<T>(&mut rng, outer * inner));
        let [e, y] = [(); 2].map(|()| numbers::<T>(&mut rng, outer));
        let row = |o: usize| {
            let at = |i: usize| o * so + i * si;
            let sum = (0..inner).fold(T::ZERO, |sum, i| sum + a[at(i)] * b[at(i)]);
            let max = (0..inner).map(|i| a[at(i)] + b[at(i)]).reduce(Scalar::maximum).unwrap();
            y[o] + (sum + e[o]) * (max * e[o])
        };
        let expected = (0..outer).map(row).collect();
        ReduceData { a, b, e, y, expected }
    }

    pub(super) fn contract_of_known_axes<V: Lanes>() {
        for_lengths!(contract_columns::<V>: 1 2 4 8 15 16 17 24 32 33 48 64 65 80 100 112 128);
        for_lengths!(contract_rows::<V>: 1 2 3 8 25);
    }

    fn contract_columns<V: Lanes, A: Known + Default>(n: usize) {
        for m in [1, 2, 7] {
            contract_known::<V, AnyAxis, A>(m, n);
        }
        contract_known::<V, Axis<1, 1, false>, A>(1, n);
        contract_known::<V, Axis<0, 7, false>, A>(14, n);
    }

    fn contract_rows<V: Lanes, A: Known + Default>(m: usize) {
        contract_known::<V, A, AnyAxis>(m, 37);
        contract_known::<V, A, Axis<64, 64, true>>(m, 64);
    }

    fn contract_known<V: Lanes, M: Known + Default, N: Known + Default>(m: usize, n: usize) {
        // Fewer than a vector of any kind, and two of the widest and a part.
        for k in [5, 35] {
            let ContractData { a, b, bias, mut y, expected } = contract_data([m, n, k]);
            contract(
                lanes::<V>(),
                (M::default(), N::default()),
                &mut scratch(&mut [], 1, false, 1),
                [],
                [m, n, k],
                read2(&a, [], [k, 1]),
                read2(&b, [], [n, 1]),
                [read2(&bias, [], [0, 1])],
                [write2(&mut y, [], [n, 1], false)],
                Biased,
            );
            equal(&y, &expected, [m, n]);
        }
    }

    struct ContractData<T> {
        a: Vec<T>,
        b: Vec<T>,
        bias: Vec<T>,
        y: Vec<T>,
        expected: Vec<T>,
    }

    fn contract_data<T: Scalar>([m, n, k]: [usize; 3]) -> ContractData<T> {
        let mut rng = Rng64::new(43);
        let (a, b) = (numbers::<T>(&mut rng, m * k), numbers::<T>(&mut rng, k * n));
        let bias = numbers::<T>(&mut rng, n);
        let sum =
            |[i, j]: [usize; 2]| (0..k).fold(bias[j], |sum, p| sum + a[i * k + p] * b[p * n + j]);
        let expected = indices([m, n]).into_iter().map(sum).collect();
        ContractData { a, b, bias, y: vec![T::ZERO; m * n], expected }
    }
}
