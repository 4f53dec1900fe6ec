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

    fn map_along<V: Lanes, A: Known + Default>(len: usize) {
        let mut rng = Rng64::new(41);
        let (x, one) = (numbers::<V::Scalar>(&mut rng, 3 * len), numbers(&mut rng, 1));
        let mut y = numbers::<V::Scalar>(&mut rng, 3 * len);
        let expected: Vec<V::Scalar> = y.iter().zip(&x).map(|(y, x)| *y + (*x + one[0])).collect();
        let (space, strides) = ([3, len], [len, 1]);
        let (ins, outs) = ([read(&x, strides), read(&one, [0, 0])], [write(&mut y, strides, true)]);
        map(on::<V>(), A::default(), space, ins, outs, Plus);
        assert_eq!(y, expected, "{len}");
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

    /// Of columns, of which there are `len`.
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
        let mut rng = Rng64::new(42);
        let [a, b] = [(); 2].map(|()| numbers::<V::Scalar>(&mut rng, outer * inner));
        let e = numbers::<V::Scalar>(&mut rng, outer);
        let mut y = numbers::<V::Scalar>(&mut rng, outer);
        let expected: Vec<V::Scalar> = (0..outer)
            .map(|o| {
                let at = |i: usize| o * so + i * si;
                let sum = (0..inner).fold(V::Scalar::ZERO, |sum, i| sum + a[at(i)] * b[at(i)]);
                let max =
                    (1..inner).fold(a[at(0)] + b[at(0)], |max, i| max.maximum(a[at(i)] + b[at(i)]));
                y[o] + (sum + e[o]) * (max * e[o])
            })
            .collect();
        reduce(
            on::<V>(),
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
        assert_eq!(y, expected, "{outer} of {inner}");
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
        contract_steps::<V, M, N, 5>(m, n);
        contract_steps::<V, M, N, 35>(m, n);
    }

    fn contract_steps<V: Lanes, M: Known + Default, N: Known + Default, const K: usize>(
        m: usize,
        n: usize,
    ) {
        let mut rng = Rng64::new(43);
        let (a, b) = (numbers::<V::Scalar>(&mut rng, m * K), numbers(&mut rng, K * n));
        let bias = numbers::<V::Scalar>(&mut rng, n);
        let mut y = vec![V::Scalar::ZERO; m * n];
        contract(
            on::<V>(),
            (M::default(), N::default()),
            &mut scratch(&mut [], 1, false, 1),
            [],
            [m, n, K],
            read2(&a, [], [K, 1]),
            read2(&b, [], [n, 1]),
            [read2(&bias, [], [0, 1])],
            [write2(&mut y, [], [n, 1], false)],
            Biased,
        );
        for [i, j] in indices([m, n]) {
            let sum = (0..K).fold(bias[j], |sum, p| sum + a[i * K + p] * b[p * n + j]);
            assert_eq!(y[i * n + j], sum, "[{m}, {n}] at {i}, {j}");
        }
    }
}
