//! A name that is the macro of a model and another type.
mod blocks {
    pullback::model! {
        pub Scale: [1] -> [1] { act = prelu }
    }
}
use blocks::*;

/// It has the size of the model's one parameter, but not any number is one.
pub struct Scale<T>(core::num::NonZeroU32, core::marker::PhantomData<T>);

pullback::model! {
    Net: [1] -> [1] { first = self::Scale }
}

fn main() {}
