//! Models in a crate of their own, for those in another to be made of.
//!
//! What their sources name is private here: users reach it through the models alone.
#![deny(warnings, missing_docs, unreachable_pub)]

use pullback::model;

/// Constants and an op that nobody else can name.
mod private {
    use pullback::{Scalar, Shape, spec::Op};

    pub(crate) const WIDTH: usize = 3;
    pub(crate) const SLOPE: f64 = 0.25;

    /// y = 3 · x
    pub(crate) struct Triple;

    impl<T: Scalar> Op<T> for Triple {
        type Dom = Shape![2, 3];
        type Cod = Shape![2, 3];
        fn forward(&self, x: &[T], y: &mut [T]) {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = T::from_f64(3.0) * *x);
        }
        fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
            <Triple as Op<T>>::forward(self, dx, dy);
        }
        fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
            <Triple as Op<T>>::forward(self, y_bar, x_bar);
        }
    }
}

/// Attention, and a block made of it.
pub mod attention {
    use super::private::{self, WIDTH};
    use pullback::model;

    const TOKENS: usize = 2;

    model! {
        /// Attention of one head.
        pub Attention(x: [TOKENS, WIDTH]) -> [TOKENS, WIDTH] {
            q = linear(x) -> [TOKENS, 2 * WIDTH],
            k = linear(x) -> [_, 2 * WIDTH],
            v = linear(x) -> [_, WIDTH],
            scores = matmul(q, transpose(k)),
            softmax,
            matmul(v),
        }
    }

    model! {
        /// Attention and a gate, each with a skip connection.
        pub Block(x: [TOKENS, WIDTH]) -> [TOKENS, WIDTH] {
            attn = Attention,
            h = x + attn,
            up = super::FeedForward,
            private::Triple {} -> [TOKENS, WIDTH],
            leaky_relu(private::SLOPE),
            h + 0.5 * up,
        }
    }
}

model! {
    /// Two layers and a skip connection, of any size.
    pub FeedForward<T, D>(x: [T, D]) -> [T, D] {
        up = linear -> [T, 4 * D],
        leaky_relu(private::SLOPE),
        down = linear -> [T, D],
        x + down / D,
    }

    /// A perceptron: its inner width is for its user to say.
    pub Mlp<I, H, O>: [I] -> [O] {
        fc1 = linear -> [H],
        tanh,
        fc2 = linear -> [O],
    }

    /// A model of given sizes.
    pub Narrow = Mlp<3, 2, 4>;
}
