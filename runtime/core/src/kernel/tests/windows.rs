//! Products over several axes against plain loops.

use super::*;

over_lanes! {
    convolve_agrees_with_a_loop
    convolve_adds_where_windows_overlap
    convolve_sums_in_place
    convolve_images_and_kernels
}

mod generic {
    use super::*;

    /// Any strides: the elements of an input may coincide.
    fn strides<const R: usize>(rng: &mut Rng64) -> [usize; R] {
        [0; R].map(|_| [0, 1, 1, 2, 3, 7, 20][below(rng, 7)])
    }

    /// Numbers for an access of three groups of axes.
    fn numbers_for<T: Scalar>(
        rng: &mut Rng64,
        sizes: [&[usize]; 3],
        strides: [&[usize]; 3],
    ) -> Vec<T> {
        let last =
            sizes.concat().iter().zip(strides.concat()).map(|(n, s)| (n - 1) * s).sum::<usize>();
        // Exactly as long as needed: nothing may be read past the end.
        numbers(rng, last + 1)
    }

    pub(super) fn convolve_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(21);
        for _ in 0..150 {
            let mut upto = |n: usize| 1 + below(&mut rng, n);
            let (outer, rows, steps) = ([upto(2)], [upto(3), upto(12)], [upto(3), upto(9)]);
            let columns = [upto(5), upto(if V::N > 1 { 40 } else { 9 })];
            let m = rows[0] * rows[1];
            let sa: ([usize; 1], [usize; 1], [usize; 2]) =
                (strides(&mut rng), strides(&mut rng), strides(&mut rng));
            let sb: ([usize; 1], [usize; 2], [usize; 2]) =
                (strides(&mut rng), strides(&mut rng), strides(&mut rng));
            let sc: ([usize; 1], [usize; 2], [usize; 2]) =
                (strides(&mut rng), strides(&mut rng), strides(&mut rng));
            let sizes = [outer[0], rows[0], rows[1], columns[0], columns[1]];
            let (sy, ly) = layout(&mut rng, sizes, false);
            let sy = ([sy[0]], [sy[1], sy[2]], [sy[3], sy[4]]);
            let a: Vec<V::Scalar> =
                numbers_for(&mut rng, [&outer, &[m], &steps], [&sa.0, &sa.1, &sa.2]);
            let b: Vec<V::Scalar> =
                numbers_for(&mut rng, [&outer, &steps, &columns], [&sb.0, &sb.1, &sb.2]);
            let c: Vec<V::Scalar> =
                numbers_for(&mut rng, [&outer, &rows, &columns], [&sc.0, &sc.1, &sc.2]);
            let mut y: Vec<V::Scalar> = numbers(&mut rng, ly);
            let mut wanted = y.clone();
            for [g] in indices(outer) {
                for i in indices(rows) {
                    for j in indices(columns) {
                        let row = i[0] * rows[1] + i[1];
                        let mut sum = V::Scalar::ZERO;
                        for p in indices(steps) {
                            let x = a[g * sa.0[0] + row * sa.1[0] + dot(&p, &sa.2)];
                            sum = sum + x * b[g * sb.0[0] + dot(&p, &sb.1) + dot(&j, &sb.2)];
                        }
                        let c = c[g * sc.0[0] + dot(&i, &sc.1) + dot(&j, &sc.2)];
                        wanted[g * sy.0[0] + dot(&i, &sy.1) + dot(&j, &sy.2)] = sum + c;
                    }
                }
            }
            let mut packed = vec![V::Scalar::ONE; im2col_len(steps[0] * steps[1], false)];
            convolve(
                lanes::<V>(),
                ANY,
                &mut scratch(&mut packed, 1, false, 1),
                Windows { outer, steps, columns, out: (rows, columns) },
                read3(&a, sa.0, sa.1, sa.2),
                read3(&b, sb.0, sb.1, sb.2),
                [read3(&c, sc.0, sc.1, sc.2)],
                [write3(&mut y[..], sy.0, sy.1, sy.2, false)],
                Biased,
            );
            assert_eq!(y, wanted, "{outer:?} {rows:?} {steps:?} {columns:?}: {sa:?} {sb:?} {sc:?}");
        }
    }

    /// A transposed convolution: every row is added somewhere else.
    pub(super) fn convolve_adds_where_windows_overlap<V: Lanes>() {
        let mut rng = Rng64::new(22);
        for (length, kernel, stride, k) in
            [(5, 3, 1, 2), (40, 4, 2, 3), (70, 30, 3, 1), (64, 2, 1, 5)]
        {
            let (a, b): (Vec<V::Scalar>, Vec<V::Scalar>) =
                (numbers(&mut rng, k * kernel), numbers(&mut rng, k * length));
            let size = (length - 1) * stride + kernel;
            let mut y: Vec<V::Scalar> = numbers(&mut rng, size);
            let mut wanted = y.clone();
            for [i, j, p] in indices([kernel, length, k]) {
                let x = a[p * kernel + i] * b[p * length + j];
                wanted[j * stride + i] = wanted[j * stride + i] + x;
            }
            let mut packed = vec![V::Scalar::ONE; im2col_len(k, false)];
            convolve(
                lanes::<V>(),
                ANY,
                &mut scratch(&mut packed, 1, false, 1),
                Windows { outer: [], steps: [k], columns: [length], out: ([kernel], [length]) },
                read3(&a, [], [1], [kernel]),
                read3(&b, [], [length], [1]),
                [],
                [write3(&mut y[..], [], [1], [stride], true)],
                Copies,
            );
            assert_eq!(y, wanted, "{length} {kernel} {stride} {k}");
        }
    }

    /// The gradient of a kernel: many steps, of which the left factor has some at a time.
    pub(super) fn convolve_sums_in_place<V: Lanes>() {
        let mut rng = Rng64::new(23);
        let short = [(1, 3, 2, 1), (2, 300, 5, 7), (3, 40, 70, 3), (5, 1, 3, 30)];
        // More than 1024 steps are added up in parts of 8192 steps, if there are no more than 4096 of them.
        let long = [
            (2, 530, 2, 26),
            (1, 1025, 67, 3),
            (1, 8192, 1, 1),
            (1, 8453, 2, 2),
            (1, 1030, 64, 65),
        ];
        for (samples, length, kernel, m) in short.into_iter().chain(long) {
            let size = length + kernel - 1;
            let a: Vec<V::Scalar> = numbers(&mut rng, samples * m * length);
            let b: Vec<V::Scalar> = numbers(&mut rng, samples * size);
            for add in [false, true] {
                let mut y: Vec<V::Scalar> = numbers(&mut rng, m * kernel);
                let mut wanted = y.clone();
                for [i, j] in indices([m, kernel]) {
                    let mut sum = if add { y[i * kernel + j] } else { V::Scalar::ZERO };
                    for [s, p] in indices([samples, length]) {
                        sum = sum + a[(s * m + i) * length + p] * b[s * size + p + j];
                    }
                    wanted[i * kernel + j] = sum;
                }
                let steps = [samples, length];
                let mut packed = vec![V::Scalar::ONE; im2col_len(samples * length, true)];
                convolve(
                    lanes::<V>(),
                    ANY,
                    &mut scratch(&mut packed, 1, false, 1),
                    Windows { outer: [], steps, columns: [kernel], out: ([m], [kernel]) },
                    read3(&a, [], [length], [m * length, 1]),
                    read3(&b, [], [size, 1], [1]),
                    [],
                    [write3(&mut y[..], [], [kernel], [1], add)],
                    Copies,
                );
                assert_eq!(y, wanted, "{samples} {length} {kernel} {m} {add}");
            }
        }
    }

    /// Rows of images and of kernels, of all lengths: a vector of the copy has pieces of several.
    pub(super) fn convolve_images_and_kernels<V: Lanes>() {
        let mut rng = Rng64::new(24);
        let widths = [1, 2, 3, 5, 7, 10, 15, 16, 17, 28, 31];
        let shapes = widths.map(|width| (2, [9, width], [3, 2 + width % 4], 2));
        // More steps, or more columns, than offsets are known of.
        let long = [(32, [3, 11], [3, 3], 1), (1, [20, 20], [2, 5], 3)];
        for (channels, [h, w], [kh, kw], m) in shapes.into_iter().chain(long) {
            let (height, width) = (h + kh - 1, w + kw - 1);
            let image: Vec<V::Scalar> = numbers(&mut rng, channels * height * width);
            let of_image = [height * width, width, 1];
            let (places, taps) = ([h, w], [channels, kh, kw]);
            let kernel: Vec<V::Scalar> = numbers(&mut rng, m * channels * kh * kw);
            let result: Vec<V::Scalar> = numbers(&mut rng, m * h * w);
            let (mut wanted, mut wanted_bar) =
                (vec![V::Scalar::ZERO; m * h * w], vec![V::Scalar::ZERO; kernel.len()]);
            for [i, y, x, c, u, v] in indices([m, h, w, channels, kh, kw]) {
                let at = image[dot(&[c, y + u, x + v], &of_image)];
                let (place, tap) = ((i * h + y) * w + x, ((i * channels + c) * kh + u) * kw + v);
                wanted[place] = wanted[place] + kernel[tap] * at;
                wanted_bar[tap] = wanted_bar[tap] + result[place] * at;
            }
            let mut found = vec![V::Scalar::ZERO; m * h * w];
            let mut packed = vec![V::Scalar::ONE; im2col_len(channels * kh * kw, false)];
            convolve(
                lanes::<V>(),
                ANY,
                &mut scratch(&mut packed, 1, false, 1),
                Windows { outer: [], steps: taps, columns: places, out: ([m], places) },
                read3(&kernel, [], [channels * kh * kw], [kh * kw, kw, 1]),
                read3(&image, [], of_image, [width, 1]),
                [],
                [write3(&mut found[..], [], [h * w], [w, 1], false)],
                Copies,
            );
            assert_eq!(found, wanted, "{channels} {places:?} {taps:?}");
            let mut found = vec![V::Scalar::ZERO; kernel.len()];
            let mut packed = vec![V::Scalar::ONE; im2col_len(h * w, false)];
            convolve(
                lanes::<V>(),
                ANY,
                &mut scratch(&mut packed, 1, false, 1),
                Windows { outer: [], steps: places, columns: taps, out: ([m], taps) },
                read3(&result, [], [h * w], [w, 1]),
                read3(&image, [], [width, 1], of_image),
                [],
                [write3(&mut found[..], [], [channels * kh * kw], [kh * kw, kw, 1], false)],
                Copies,
            );
            assert_eq!(found, wanted_bar, "{channels} {places:?} {taps:?}, back");
        }
    }
}
