//! Structs of a model with state have its name in theirs.

use pullback::model;

model! {
    pub Net: [2] -> [2] { fc = linear -> [2], batch_norm }
    pub NetState: [2] -> [2] { linear -> [2] }
    pub NetTraining: [2] -> [2] { linear -> [2] }
    /// This one has neither.
    pub Plain: [2] -> [2] { linear -> [2] }
    pub PlainState: [2] -> [2] { linear -> [2] }
}

fn main() {}
