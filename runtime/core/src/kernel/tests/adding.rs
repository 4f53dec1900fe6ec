//! Sums that are added to what is there, in place where the body only copies, and what passes no derivative on.

use super::*;
use crate::check::Dual;

over_lanes! {
    contract_in_place_adds
    contract_in_place_of_known_axes
    contract_through_a_body_adds
    convolve_adds_at_every_outer_index
    convolve_adds_through_a_body
    map_adds_with_every_stride
    gather_and_scatter_with_every_stride
}

/// What a derivative is not passed through is chosen like anything else, by one integer for a row or by one for each
/// element.
#[test]
fn a_skipped_derivative_is_zero() {
    generic::skipped_derivatives::<Pack<Dual<Gf>, 1>>();
    generic::skipped_derivatives::<Pack<Dual<Gf>, 4>>();
}

mod generic {
    use super::*;

    /// A product that is written or added where it belongs, between elements that stay.
    fn in_place<V: Lanes, M: Known + Default, N: Known + Default>(
        rng: &mut Rng64,
        [m, n, k]: [usize; 3],
        add: bool,
        turned: bool,
    ) {
        let (row, a, b) = (n + 3, numbers(rng, m * k), numbers(rng, k * n));
        let mut y = numbers::<V::Scalar>(rng, m * row);
        let mut wanted = y.clone();
        let of_b = if turned { [1, k] } else { [n, 1] };
        for [i, j] in indices([m, n]) {
            let sum = (0..k)
                .fold(V::Scalar::ZERO, |sum, p| sum + a[i * k + p] * b[p * of_b[0] + j * of_b[1]]);
            let y = &mut wanted[i * row + j];
            *y = if add { *y + sum } else { sum };
        }
        let mut packed = vec![V::Scalar::ONE; 64 * k];
        contract(
            lanes::<V>(),
            (M::default(), N::default()),
            &mut scratch(&mut packed, 1, false, 1),
            [],
            [m, n, k],
            read2(&a, [], [k, 1]),
            read2(&b, [], of_b),
            [],
            [write2(&mut y, [], [row, 1], add)],
            Copies,
        );
        assert_eq!(y, wanted, "[{m}, {n}, {k}], add {add}, turned {turned}");
    }

    pub(super) fn contract_in_place_adds<V: Lanes>() {
        let mut rng = Rng64::new(51);
        for m in [1, 2, 5, 8, 9, 13, 30] {
            for n in [1, 3, 8, 16, 17, 40, 64, 67, 131] {
                for (add, turned) in [(false, false), (true, false), (true, true)] {
                    in_place::<V, AnyAxis, AnyAxis>(&mut rng, [m, n, 11], add, turned);
                }
            }
        }
    }

    /// Rows that are known to be few: other tiles.
    pub(super) fn contract_in_place_of_known_axes<V: Lanes>() {
        let mut rng = Rng64::new(52);
        macro_rules! columns {
            ($($n:literal)*) => {$(
                for (k, add) in [(3, false), (3, true), (37, false), (37, true)] {
                    in_place::<V, Axis<1, 1, false>, Axis<$n, $n, true>>(&mut rng, [1, $n, k], add, false);
                    in_place::<V, Axis<5, 5, false>, Axis<$n, $n, true>>(&mut rng, [5, $n, k], add, false);
                }
            )*};
        }
        columns!(1 2 4 8 15 16 32 33 48 64 100);
        // Columns without a gap between rows, which take half of a vector and less.
        for (k, add) in [(3, true), (37, true), (64, true)] {
            let (a, b) = (numbers(&mut rng, k), numbers(&mut rng, 4 * k));
            let mut y = numbers::<V::Scalar>(&mut rng, 4);
            let mut wanted = y.clone();
            for [p, j] in indices([k, 4]) {
                wanted[j] = wanted[j] + a[p] * b[4 * p + j];
            }
            contract(
                lanes::<V>(),
                (Axis::<1, 1, false>, Axis::<4, 4, true>),
                &mut scratch(&mut [], 1, false, 1),
                [],
                [1, 4, k],
                read2(&a, [], [k, 1]),
                read2(&b, [], [4, 1]),
                [],
                [write2(&mut y, [], [4, 1], add)],
                Copies,
            );
            assert_eq!(y, wanted, "{k}");
        }
    }

    /// More rows than are made at a time, more columns than a panel, an epilogue of both.
    pub(super) fn contract_through_a_body_adds<V: Lanes>() {
        let mut rng = Rng64::new(53);
        for (outer, m, n, k) in [(1, 60, 70, 3), (2, 25, 130, 5), (3, 49, 5, 2), (3, 1, 9, 4)] {
            let a = numbers::<V::Scalar>(&mut rng, outer * m * k);
            let b = numbers::<V::Scalar>(&mut rng, outer * k * n);
            let c = numbers::<V::Scalar>(&mut rng, outer * m * n);
            let mut y = numbers::<V::Scalar>(&mut rng, outer * m * n);
            let mut wanted = y.clone();
            for [g, i, j] in indices([outer, m, n]) {
                let sum = (0..k).fold(V::Scalar::ZERO, |sum, p| {
                    sum + a[(g * m + i) * k + p] * b[(g * k + p) * n + j]
                });
                let at = (g * m + i) * n + j;
                wanted[at] = wanted[at] + (sum + c[at]);
            }
            contract(
                lanes::<V>(),
                (ANY, ANY),
                &mut scratch(&mut [], 1, false, 1),
                [outer],
                [m, n, k],
                read2(&a, [m * k], [k, 1]),
                read2(&b, [k * n], [n, 1]),
                [read2(&c, [m * n], [n, 1])],
                [write2(&mut y, [m * n], [n, 1], true)],
                Biased,
            );
            assert_eq!(y, wanted, "{outer} of [{m}, {n}, {k}]");
        }
    }

    /// Kernels of several groups, written in place: many steps, in stretches.
    pub(super) fn convolve_adds_at_every_outer_index<V: Lanes>() {
        let mut rng = Rng64::new(54);
        for (groups, [s, p], m, n) in [(2, [3, 100], 5, 7), (3, [1, 2], 1, 70), (1, [2, 300], 2, 3)]
        {
            let a = numbers::<V::Scalar>(&mut rng, groups * m * s * p);
            let b = numbers::<V::Scalar>(&mut rng, groups * s * p * n);
            for add in [false, true] {
                let mut y = numbers::<V::Scalar>(&mut rng, groups * m * n);
                let mut wanted = y.clone();
                for [g, i, j] in indices([groups, m, n]) {
                    let sum = (0..s * p).fold(V::Scalar::ZERO, |sum, q| {
                        // The first axis of the steps is the outermost of the left factor.
                        let of_a = (q / p * groups * m + g * m + i) * p + q % p;
                        sum + a[of_a] * b[(g * s * p + q) * n + j]
                    });
                    let y = &mut wanted[(g * m + i) * n + j];
                    *y = if add { *y + sum } else { sum };
                }
                let mut packed = vec![V::Scalar::ONE; im2col_len(s * p, true)];
                convolve(
                    lanes::<V>(),
                    ANY,
                    &mut scratch(&mut packed, 1, false, 1),
                    Windows { outer: [groups], steps: [s, p], columns: [n], out: ([m], [n]) },
                    read3(&a, [m * p], [p], [groups * m * p, 1]),
                    read3(&b, [s * p * n], [p * n, n], [1]),
                    [],
                    [write3(&mut y[..], [m * n], [n], [1], add)],
                    Copies,
                );
                assert_eq!(y, wanted, "{groups} [{m}, {n}], {s} of {p}, add {add}");
            }
        }
    }

    /// Two outputs of different strides, of which one is added to.
    pub(super) fn convolve_adds_through_a_body<V: Lanes>() {
        let mut rng = Rng64::new(55);
        for (m, [h, w], k) in [(30, [3, 21], 4), (2, [1, 70], 300), (1, [9, 2], 7)] {
            let n = h * w;
            let (a, b) = (numbers::<V::Scalar>(&mut rng, m * k), numbers(&mut rng, k * n));
            let c = numbers::<V::Scalar>(&mut rng, n);
            let mut y = numbers::<V::Scalar>(&mut rng, m * n);
            let mut z = numbers::<V::Scalar>(&mut rng, 2 * m * n);
            let (mut wanted_y, mut wanted_z) = (y.clone(), z.clone());
            for [i, j] in indices([m, n]) {
                let sum = (0..k).fold(V::Scalar::ZERO, |sum, p| sum + a[i * k + p] * b[p * n + j]);
                let at = i * n + j;
                wanted_y[at] = wanted_y[at] + (sum + c[j]);
                wanted_z[2 * at] = sum - c[j] * c[j];
            }
            let mut packed = vec![V::Scalar::ONE; im2col_len(k, false)];
            convolve(
                lanes::<V>(),
                ANY,
                &mut scratch(&mut packed, 1, false, 1),
                Windows { outer: [], steps: [k], columns: [h, w], out: ([m], [h, w]) },
                read3(&a, [], [k], [1]),
                read3(&b, [], [n], [w, 1]),
                [read3(&c, [], [0], [w, 1])],
                [
                    write3(&mut y[..], [], [n], [w, 1], true),
                    write3(&mut z[..], [], [2 * n], [2 * w, 2], false),
                ],
                BiasedTwo,
            );
            assert_eq!((y, z), (wanted_y, wanted_z), "[{m}, {n}, {k}]");
        }
    }

    pub(super) fn map_adds_with_every_stride<V: Lanes>() {
        let mut rng = Rng64::new(56);
        for len in (1..=70).chain([200]) {
            for (from, to) in [(1, 1), (2, 1), (3, 1), (0, 1), (1, 2), (1, 3), (2, 2)] {
                for add in [false, true] {
                    let x = numbers::<V::Scalar>(&mut rng, from * (len - 1) + 1);
                    let mut y = numbers::<V::Scalar>(&mut rng, to * (len - 1) + 1);
                    let mut wanted = y.clone();
                    for i in 0..len {
                        let y = &mut wanted[to * i];
                        *y = if add { *y + x[from * i] } else { x[from * i] };
                    }
                    map(
                        lanes::<V>(),
                        ANY,
                        [len],
                        [read(&x, [from])],
                        [write(&mut y, [to], add)],
                        Read,
                    );
                    assert_eq!(y, wanted, "{len}: {from} to {to}, add {add}");
                }
            }
        }
    }

    /// One integer for all of a row, and one for each element, of rows of every length.
    pub(super) fn gather_and_scatter_with_every_stride<V: Lanes>() {
        let mut rng = Rng64::new(57);
        for len in 1..=40 {
            for (of_index, add) in [(0, false), (0, true), (1, false), (1, true)] {
                let index: Vec<u32> =
                    (0..2 + len * of_index).map(|_| below(&mut rng, 4) as u32).collect();
                let at = |i: usize, j: usize| index[i + j * of_index] as usize;
                let x = numbers::<V::Scalar>(&mut rng, 4 * len);
                let mut y = numbers::<V::Scalar>(&mut rng, 2 * len);
                let mut wanted = y.clone();
                for [i, j] in indices([2, len]) {
                    let k = at(i, j);
                    let x = if k == 2 { V::Scalar::ZERO } else { x[k * len + j] };
                    let y = &mut wanted[i * len + j];
                    *y = if add { *y + x } else { x };
                }
                let chosen = || chosen(&index, [1, of_index], 4, len, Skip::Zero(2));
                let outs = [write(&mut y, [len, 1], add)];
                gather(lanes::<V>(), ANY, [2, len], read(&x, [0, 1]), chosen(), [], outs, Made);
                assert_eq!(y, wanted, "{len}: {of_index}, add {add}");

                let mut z = numbers::<V::Scalar>(&mut rng, 4 * len + 1);
                let mut wanted = z.clone();
                if !add {
                    wanted[..4 * len].fill(V::Scalar::ZERO);
                }
                for [i, j] in indices([2, len]) {
                    let k = at(i, j);
                    if k != 2 {
                        wanted[k * len + j] = wanted[k * len + j] + y[i * len + j];
                    }
                }
                let out = write(&mut z, [0, 1], add);
                let ins = [read(&y, [len, 1])];
                scatter(lanes::<V>(), [2, len], out, 4 * len, chosen(), ins, Read);
                assert_eq!(z, wanted, "{len}: {of_index}, add {add}, back");
            }
        }
    }

    pub(super) fn skipped_derivatives<V: Lanes<Scalar = Dual<Gf>>>() {
        let number = |value: u64, slope: u64| Dual { re: Gf::new(value), eps: Gf::new(slope) };
        let x: Vec<_> = (0..12).map(|i| number(i + 1, i + 20)).collect();
        // The axis that is chosen from is the outer one, the inner one, or all of it is the same element.
        for (of_x, stride) in [(1, 4), (3, 1), (1, 0)] {
            for (index, of_index) in [(vec![1; 4], 0), (vec![2; 4], 0), (vec![0, 1, 2, 1], 1)] {
                let mut y = vec![number(0, 0); 4];
                let chosen = chosen(&index, [of_index], 3, stride, Skip::Derivative(1));
                let outs = [write(&mut y, [1], false)];
                gather(lanes::<V>(), ANY, [4], read(&x, [of_x]), chosen, [], outs, Made);
                for (i, y) in y.iter().enumerate() {
                    let k = index[i * of_index];
                    let x = x[i * of_x + k as usize * stride];
                    let wanted = if k == 1 { Dual::constant_of(x.re) } else { x };
                    assert_eq!((y.re, y.eps), (wanted.re, wanted.eps), "{i}: {k}");
                }
            }
        }
    }
}
