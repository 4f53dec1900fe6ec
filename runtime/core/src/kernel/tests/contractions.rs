//! Products of matrices against plain loops.

use super::*;

over_lanes! {
    contract_agrees_with_a_loop
    contract_of_all_shapes_and_transpositions
    contract_merges_a_batch_into_rows
    contract_over_rows_far_apart
}

mod generic {
    use super::*;

    pub(super) fn contract_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(15);
        for _ in 0..250 {
            let [m, n, k] = [(); 3].map(|()| 1 + below(&mut rng, 19));
            let [p, q] = [(); 2].map(|()| 1 + below(&mut rng, 3));
            contract_case::<V, 2, 0>(&mut rng, [], [m, n, k]);
            contract_case::<V, 3, 1>(&mut rng, [p], [m, n, k]);
            contract_case::<V, 4, 2>(&mut rng, [p, q], [m, n, k]);
            contract_case::<V, 3, 1>(&mut rng, [k], [1, n, m]);
        }
    }

    fn contract_case<V: Lanes, const R: usize, const RO: usize>(
        rng: &mut Rng64,
        outer: [usize; RO],
        [m, n, k]: [usize; 3],
    ) {
        let sizes = |rows, columns| -> [usize; R] {
            core::array::from_fn(|i| match R - i {
                1 => columns,
                2 => rows,
                _ => outer[i],
            })
        };
        let ((sa, la), (sb, lb)) = (layout(rng, sizes(m, k), true), layout(rng, sizes(k, n), true));
        let (sc, lc) = layout(rng, sizes(m, n), true);
        let [(sy, ly), (sz, lz)] = [(); 2].map(|()| layout(rng, sizes(m, n), false));
        let [a, b, c, mut y, mut z] =
            [la, lb, lc, ly, lz].map(|len| numbers::<V::Scalar>(rng, len));
        let (mut y2, mut z2) = (y.clone(), z.clone());
        let [a2, b2, c2, sy2, sz2] = [sa, sb, sc, sy, sz].map(split::<R, RO, 2>);
        let at = |g: &[usize; RO], i, j, (outer, inner): ([usize; RO], [usize; 2])| {
            dot(g, &outer) + dot(&[i, j], &inner)
        };
        for g in indices(outer) {
            for [i, j] in indices([m, n]) {
                let sum = (0..k).fold(V::Scalar::ZERO, |sum, p| {
                    sum + a[at(&g, i, p, a2)] * b[at(&g, p, j, b2)]
                });
                let c = c[at(&g, i, j, c2)];
                let (y, z) = (&mut y2[at(&g, i, j, sy2)], &mut z2[at(&g, i, j, sz2)]);
                (*y, *z) = (sum + c, *z + (sum - c * c));
            }
        }
        let room = if below(rng, 2) == 0 { 0 } else { 64 * k };
        let mut packed = numbers::<V::Scalar>(rng, room);
        contract(
            lanes::<V>(),
            (ANY, ANY),
            &mut scratch(&mut packed, 1, false, 1),
            outer,
            [m, n, k],
            read2(&a, a2.0, a2.1),
            read2(&b, b2.0, b2.1),
            [read2(&c, c2.0, c2.1)],
            [write2(&mut y, sy2.0, sy2.1, false), write2(&mut z, sz2.0, sz2.1, true)],
            BiasedTwo,
        );
        assert_eq!(y, y2, "{outer:?} [{m}, {n}, {k}], strides {sa:?} {sb:?} {sc:?} {sy:?}");
        assert_eq!(z, z2, "{outer:?} [{m}, {n}, {k}], strides {sa:?} {sb:?} {sc:?} {sz:?}");
    }

    pub(super) fn contract_of_all_shapes_and_transpositions<V: Lanes>() {
        let mut rng = Rng64::new(16);
        let sizes = [1, 2, 3, 5, 8, 9, 16, 17, 50];
        let x = numbers::<V::Scalar>(&mut rng, 50 * 50 * 2);
        let (a, b) = x.split_at(50 * 50);
        for [m, n, k] in indices([sizes.len(); 3]).into_iter().map(|i| i.map(|i| sizes[i])) {
            for (sa, sb) in [([k, 1], [n, 1]), ([k, 1], [1, k]), ([1, m], [n, 1]), ([1, m], [1, k])]
            {
                // Exactly as long as needed: nothing may be read past the end.
                let (a, b) = (&a[..m * k], &b[..k * n]);
                let bias = &x[..n];
                let mut y = vec![V::Scalar::ZERO; m * n];
                let mut packed = vec![V::Scalar::ONE; if m % 2 == 0 { 0 } else { 64 * k }];
                contract(
                    lanes::<V>(),
                    (ANY, ANY),
                    &mut scratch(&mut packed, 1, false, 1),
                    [],
                    [m, n, k],
                    read2(a, [], sa),
                    read2(b, [], sb),
                    [read2(bias, [], [0, 1])],
                    [write2(&mut y, [], [n, 1], false)],
                    Biased,
                );
                for [i, j] in indices([m, n]) {
                    let sum = (0..k)
                        .fold(bias[j], |sum, p| sum + a[dot(&[i, p], &sa)] * b[dot(&[p, j], &sb)]);
                    assert_eq!(y[i * n + j], sum, "[{m}, {n}, {k}] at {i}, {j}: {sa:?} {sb:?}");
                }
            }
        }
    }

    /// A batch of vectors, and a batch of sequences, times one matrix.
    pub(super) fn contract_merges_a_batch_into_rows<V: Lanes>() {
        let mut rng = Rng64::new(17);
        let (n, k) = (5, 6);
        for (batch, m) in [(1, 1), (7, 1), (1, 7), (3, 4), (4, 3)] {
            let rows = batch * m;
            let a = numbers::<V::Scalar>(&mut rng, rows * k);
            let b = numbers::<V::Scalar>(&mut rng, k * n);
            let mut y = vec![V::Scalar::ZERO; rows * n];
            let mut packed = vec![V::Scalar::ONE; 64 * k];
            contract(
                lanes::<V>(),
                (ANY, ANY),
                &mut scratch(&mut packed, 1, false, 1),
                [batch],
                [m, n, k],
                read2(&a, [m * k], [k, 1]),
                read2(&b, [0], [n, 1]),
                [],
                [write2(&mut y, [m * n], [n, 1], false)],
                Copies,
            );
            for [i, j] in indices([rows, n]) {
                let sum = (0..k).fold(V::Scalar::ZERO, |sum, p| sum + a[i * k + p] * b[p * n + j]);
                assert_eq!(y[i * n + j], sum);
            }
        }
    }

    /// So many rows of a right factor whose own lie so far apart that it is copied, if there is room.
    pub(super) fn contract_over_rows_far_apart<V: Lanes>() {
        let mut rng = Rng64::new(18);
        let (m, k, step) = (101, 9, 40_000);
        for n in [3, 64, 70] {
            let a = numbers::<V::Scalar>(&mut rng, m * k);
            let mut b = vec![V::Scalar::ONE; (k - 1) * step + n];
            for row in b.chunks_mut(step) {
                row[..n].copy_from_slice(&numbers(&mut rng, n));
            }
            for room in [0, 64 * k, 64 * (k + 1)] {
                let mut y = vec![V::Scalar::ZERO; m * n];
                let mut packed = vec![V::Scalar::ONE; room];
                contract(
                    lanes::<V>(),
                    (ANY, ANY),
                    &mut scratch(&mut packed, 1, false, 1),
                    [],
                    [m, n, k],
                    read2(&a, [], [k, 1]),
                    read2(&b, [], [step, 1]),
                    [],
                    [write2(&mut y, [], [n, 1], false)],
                    Copies,
                );
                for [i, j] in indices([m, n]) {
                    let sum =
                        (0..k).fold(V::Scalar::ZERO, |sum, p| sum + a[i * k + p] * b[p * step + j]);
                    assert_eq!(y[i * n + j], sum, "[{m}, {n}, {k}] at {i}, {j}");
                }
            }
        }
    }
}
