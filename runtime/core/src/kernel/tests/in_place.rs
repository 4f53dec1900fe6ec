//! Memory that loops share: parts of a slice, and what a map writes over.

use super::*;

over_lanes! {
    a_map_works_in_place
}

mod generic {
    use super::*;

    pub(super) fn a_map_works_in_place<V: Lanes>() {
        let mut rng = Rng64::new(11);
        for _ in 0..40 {
            let sizes = [1 + below(&mut rng, 5), 1 + below(&mut rng, 70)];
            let strides = [sizes[1], 1];
            let len = sizes[0] * sizes[1];
            let x: Vec<V::Scalar> = numbers(&mut rng, len + 3);
            let other: Vec<V::Scalar> = numbers(&mut rng, sizes[1]);
            let mut y = x.clone();
            let y_out = shared_out(&mut y);
            map(
                lanes::<V>(),
                ANY,
                sizes,
                [own(y_out.from(3), strides), read(&other, [0, 1])],
                [write(y_out.from(3), strides, false)],
                Plus,
            );
            let expected = (0..len).map(|i| x[3 + i] + other[i % sizes[1]]);
            assert!(y[3..].iter().copied().eq(expected), "{sizes:?}");
            assert!(y[..3] == x[..3], "{sizes:?}");
        }
    }
}

#[test]
fn parts_are_cut() {
    let mut numbers = [0, 1, 2, 3, 4, 5, 6, 7];
    let [a, b, none, c] = parts(&mut numbers, [[1, 3], [3, 4], [4, 4], [6, 8]]);
    assert_eq!((&*a, &*b, &*none, &*c), (&[1, 2][..], &[3][..], &[][..], &[6, 7][..]));
    a[0] = 9;
    assert_eq!(numbers, [0, 9, 2, 3, 4, 5, 6, 7]);
}

#[test]
#[should_panic]
fn parts_do_not_overlap() {
    parts(&mut [0; 8], [[0, 4], [3, 5]]);
}

#[test]
#[should_panic]
fn parts_are_inside() {
    parts(&mut [0; 8], [[0, 4], [4, 9]]);
}
