//! Gathers and scatters against plain loops.

use super::*;

over_lanes! {
    gather_agrees_with_a_loop
    scatter_agrees_with_a_loop
}

mod generic {
    use super::*;

    /// Integers for an index space, and their strides: some axes have the same for all of their elements.
    fn integers(rng: &mut Rng64, sizes: [usize; 2], bound: usize) -> (Vec<u32>, [usize; 2]) {
        let (strides, len) = layout(rng, sizes, true);
        ((0..len).map(|_| below(rng, bound) as u32).collect(), strides)
    }

    pub(super) fn gather_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(21);
        for case in 0..200 {
            let sizes = [(); 2].map(|()| 1 + below(&mut rng, 19));
            let bound = 1 + below(&mut rng, 5);
            let (at, along) = integers(&mut rng, sizes, bound);
            let skip = (case % 3 == 0).then(|| below(&mut rng, bound) as u32);
            let (all, len) = layout(&mut rng, [sizes[0], sizes[1], bound], true);
            let (strides, [stride]) = split::<3, 2, 1>(all);
            let x = numbers::<V::Scalar>(&mut rng, len);
            let (of_a, len) = layout(&mut rng, sizes, true);
            let a = numbers::<V::Scalar>(&mut rng, len);
            let (of_y, len) = layout(&mut rng, sizes, false);
            let mut y = numbers::<V::Scalar>(&mut rng, len);
            let mut z = numbers::<V::Scalar>(&mut rng, len);
            let (mut wanted_y, mut wanted_z) = (y.clone(), z.clone());
            for i in indices(sizes) {
                let k = at[dot(&i, &along)];
                let made = match skip == Some(k) {
                    true => V::Scalar::ZERO,
                    false => x[dot(&i, &strides) + k as usize * stride],
                };
                let (a, to) = (a[dot(&i, &of_a)], dot(&i, &of_y));
                wanted_y[to] = wanted_y[to] + (made + a);
                wanted_z[to] = made * a;
            }
            let outs = [write(&mut y, of_y, true), write(&mut z, of_y, false)];
            let index = chosen(&at, along, bound, stride, skip.map_or(Skip::Nothing, Skip::Zero));
            gather(
                lanes::<V>(),
                ANY,
                sizes,
                read(&x, strides),
                index,
                [read(&a, of_a)],
                outs,
                Offset,
            );
            assert_eq!((y, z), (wanted_y, wanted_z), "{sizes:?}");
        }
    }

    pub(super) fn scatter_agrees_with_a_loop<V: Lanes>() {
        let mut rng = Rng64::new(22);
        for case in 0..200 {
            let sizes = [(); 2].map(|()| 1 + below(&mut rng, 19));
            let bound = 1 + below(&mut rng, 5);
            let (at, along) = integers(&mut rng, sizes, bound);
            let skip = (case % 3 == 0).then(|| below(&mut rng, bound) as u32);
            let (all, len) = layout(&mut rng, [sizes[0], sizes[1], bound], true);
            let (strides, [stride]) = split::<3, 2, 1>(all);
            let (of_a, of_b) = (layout(&mut rng, sizes, true), layout(&mut rng, sizes, true));
            let a = numbers::<V::Scalar>(&mut rng, of_a.1);
            let b = numbers::<V::Scalar>(&mut rng, of_b.1);
            let (add, mut y) = (case % 2 == 0, numbers::<V::Scalar>(&mut rng, len + 2));
            let mut wanted = y.clone();
            if !add {
                wanted[..len].fill(V::Scalar::ZERO);
            }
            for i in indices(sizes) {
                let k = at[dot(&i, &along)];
                let to = dot(&i, &strides) + k as usize * stride;
                if skip != Some(k) {
                    wanted[to] = wanted[to] + (a[dot(&i, &of_a.0)] + b[dot(&i, &of_b.0)]);
                }
            }
            let index = chosen(&at, along, bound, stride, skip.map_or(Skip::Nothing, Skip::Zero));
            let ins = [read(&a, of_a.0), read(&b, of_b.0)];
            scatter(lanes::<V>(), sizes, write(&mut y, strides, add), len, index, ins, Plus);
            assert_eq!(y, wanted, "{sizes:?}");
        }
    }
}
