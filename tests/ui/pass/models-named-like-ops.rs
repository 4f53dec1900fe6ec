//! Models that are called as ops are elsewhere: sizes or a path tell that they are models.

use pullback::{Model, model};

mod layers {
    pullback::model! {
        pub Linear<I, O>: [I] -> [O] { w = linear(bias = false) -> [O] }
        pub Softmax: [4] -> [4] { scale(2), softmax }
        pub Mish: [4] -> [4] { mish, scale(2) }
    }
}
use layers::{Linear, Softmax};

model! {
    pub Net: [3] -> [4] { Linear<3, 4>, self::Softmax, layers::Mish, softmax }
}

fn main() {
    assert_eq!(Net::<f32>::PARAMS, 12);
}
