//! Products of so many numbers that their sums are taken in levels, up to the third and with ends of every length,
//! and of so many rows and columns that they go by blocks.

use super::*;

over_lanes! {
    contract_in_blocks
    contract_long_rows
    contract_rows_of_three_levels
}

mod generic {
    use super::*;

    /// Where the elements of both factors lie, along their rows or along their columns.
    type Lie = [bool; 2];
    const LIES: [Lie; 4] = [[false, false], [false, true], [true, false], [true, true]];

    /// Sums of `k` products, written and added between elements that stay, with a body and without.
    fn contract_long<V: Lanes>(rng: &mut Rng64, [m, n]: [usize; 2], k: usize, lies: &[Lie]) {
        let (a, b) = (numbers::<V::Scalar>(rng, m * k), numbers::<V::Scalar>(rng, k * n));
        let bias = numbers::<V::Scalar>(rng, n);
        for &[a_turned, b_turned] in lies {
            let sa = if a_turned { [1, m] } else { [k, 1] };
            let sb = if b_turned { [1, k] } else { [n, 1] };
            let before = numbers::<V::Scalar>(rng, m * (n + 2));
            let mut found = [(); 4].map(|()| before.clone());
            let room = [0, packed(m, k, false), packed(m, k, true)][below(rng, 3)];
            let mut packed = vec![V::Scalar::ONE; room];
            for (to, (add, copies)) in
                found.iter_mut().zip([(false, false), (true, false), (false, true), (true, true)])
            {
                let scratch = &mut scratch(&mut packed, 1, false, 1);
                let (a, b) = (read2(&a, [], sa), read2(&b, [], sb));
                let to = [write2(to, [], [n + 2, 1], add)];
                if copies {
                    contract(
                        lanes::<V>(),
                        (ANY, ANY),
                        scratch,
                        [],
                        [m, n, k],
                        a,
                        b,
                        [],
                        to,
                        Copies,
                    );
                } else {
                    let bias = [read2(&bias, [], [0, 1])];
                    contract(
                        lanes::<V>(),
                        (ANY, ANY),
                        scratch,
                        [],
                        [m, n, k],
                        a,
                        b,
                        bias,
                        to,
                        Biased,
                    );
                }
            }
            for [i, j] in indices([m, n + 2]) {
                let at = i * (n + 2) + j;
                let old = before[at];
                let mut expected = [old; 4];
                if j < n {
                    let sum = (0..k).fold(V::Scalar::ZERO, |sum, p| {
                        sum + a[dot(&[i, p], &sa)] * b[dot(&[p, j], &sb)]
                    });
                    expected = [sum + bias[j], old + (sum + bias[j]), sum, old + sum];
                }
                let found = found.each_ref().map(|found| found[at]);
                assert_eq!(found, expected, "[{m}, {n}, {k}] at {i}, {j}: {sa:?} {sb:?}");
            }
        }
    }

    /// Several tiles side by side, the last of them a part; blocks of steps; factors that are copied before or by
    /// the first rows, or whose rows lie side by side, for one panel or several.
    pub(super) fn contract_in_blocks<V: Lanes>() {
        let mut rng = Rng64::new(60);
        for (sizes, k, lies) in [
            ([25, 65], 140, &LIES[..]),
            ([24, 135], 130, &[LIES[0], LIES[2]]),
            ([26, 262], 131, &LIES[2..3]),
            ([9, 70], 300, &LIES[2..3]),
            ([100, 36], 270, &LIES[..1]),
            ([25, 68], 1030, &[LIES[0], LIES[2]]),
        ] {
            // With as much room for copies as chance gives.
            for _ in 0..2 {
                contract_long::<V>(&mut rng, sizes, k, lies);
            }
        }
    }

    pub(super) fn contract_long_rows<V: Lanes>() {
        let mut rng = Rng64::new(61);
        for k in [129, 1023, 1024 + 128, 4096, 4096 + 128 + 7] {
            for sizes in [[1, 1], [2, 3], [3, 9]] {
                contract_long::<V>(&mut rng, sizes, k, &LIES);
            }
        }
        // More rows and columns than any tile has.
        contract_long::<V>(&mut rng, [35, 67], 1029, &LIES[..1]);
    }

    pub(super) fn contract_rows_of_three_levels<V: Lanes>() {
        let mut rng = Rng64::new(62);
        let level = 1 << 17;
        for (sizes, k) in [([1, 2], level + 4096 + 130), ([2, 1], level)] {
            contract_long::<V>(&mut rng, sizes, k, &LIES[..2]);
        }
    }
}
