//! A `const` that is 0 is no dimension.

use pullback::model;

const WIDTH: usize = 0;

model! {
    /// Nothing in between.
    pub Net: [4] -> [2] {
        linear -> [2 * WIDTH],
        linear -> [2],
    }
}

fn main() {}
