//! Ops of the user's own: a struct, a struct with data, one that is built, one in another module.
use pullback::{Real, Scalar, Shape, model, spec::Op};

/// y = factor · x, for any shape of three elements.
#[derive(Clone, Copy)]
struct Times(f64);

impl Times {
    fn twice() -> Times {
        Times(2.0)
    }

    fn more(self, by: f64) -> Times {
        Times(self.0 * by)
    }
}

impl<T: Scalar> Op<T> for Times {
    type Dom = Shape![3];
    type Cod = Shape![3];
    fn forward(&self, x: &[T], y: &mut [T]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = T::from_f64(self.0) * *x);
    }
    fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
        <Times as Op<T>>::forward(self, dx, dy);
    }
    fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
        <Times as Op<T>>::forward(self, y_bar, x_bar);
    }
}

mod ops {
    use pullback::{Scalar, Shape, spec::Op};

    /// Four times the same number.
    pub struct Repeat;

    impl<T: Scalar> Op<T> for Repeat {
        type Dom = Shape![];
        type Cod = Shape![2, 2];
        fn forward(&self, x: &[T], y: &mut [T]) {
            y.fill(x[0]);
        }
        fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
            dy.fill(dx[0]);
        }
        fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
            x_bar[0] = y_bar.iter().fold(T::ZERO, |sum, y| sum + *y);
        }
    }
}

mod exact {
    use pullback::{Real, Scalar, Shape, spec::Op};

    /// Two axes in the other order, over any numbers.
    pub struct Swap<const M: usize>;

    impl<T: Scalar, const M: usize> Op<T> for Swap<M> {
        type Dom = Shape![M, 2];
        type Cod = Shape![2, M];
        fn forward(&self, x: &[T], y: &mut [T]) {
            x.iter().enumerate().for_each(|(i, x)| y[i % 2 * M + i / 2] = *x);
        }
        fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
            self.forward(dx, dy);
        }
        fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
            x_bar.iter_mut().enumerate().for_each(|(i, x)| *x = y_bar[i % 2 * M + i / 2]);
        }
    }

    /// For real numbers only.
    pub struct Angle;

    impl<T: Real> Op<T> for Angle {
        type Dom = Shape![];
        type Cod = Shape![];
        fn forward(&self, x: &[T], y: &mut [T]) {
            y[0] = x[0].sin();
        }
        fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
            dy[0] = x[0].cos() * dx[0];
        }
        fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
            self.jvp(x, y_bar, x_bar);
        }
    }
}

model! {
    pub OverAnyScalar: [3, 2] -> [2, 3] {
        exact::Swap::<3> {} -> [2, 3],
        square,
    }

    pub OverReals: [2, 2] -> [] {
        exact::Swap::<2> {} -> [2, 2],
        sum,
        exact::Angle {} -> [],
    }

    pub Net(x: [3]) -> [2, 2] {
        a = Times(0.5): [3] -> [3],
        a + x,
        Times::twice() -> [3],
        Times { 0: 4.0 }.more(0.25) -> [3],
        sum,
        ops::Repeat {} -> [2, 2],
    }
}

fn main() {
    let net = Net::<f64>::zeros();
    let (y, dy) = net.jvp(&[1.0, 2.0, 3.0], &[1.0, 0.0, 0.0]);
    assert_eq!((y, dy), ([[18.0; 2]; 2], [[3.0; 2]; 2]));

    // What is generic over the scalars of the op is so for the model.
    fn over_any<T: Scalar>(x: &[[T; 2]; 3]) -> [[T; 3]; 2] {
        OverAnyScalar::<T>::zeros().forward(x)
    }
    assert_eq!(over_any(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), [[1.0, 9.0, 25.0], [4.0, 16.0, 36.0]]);
    fn over_reals<T: Real>() -> T {
        OverReals::<T>::zeros().forward(&[[T::ZERO; 2]; 2])
    }
    assert_eq!(over_reals::<f32>(), 0.0);

    let (_, pullback) = net.vjp_inputs(&[1.0, 2.0, 3.0]);
    assert_eq!(pullback(&[[1.0; 2]; 2]), [12.0; 3]);
}
