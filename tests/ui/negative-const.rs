//! A `const` that makes a dimension negative: reported by the op and by the arrow, once each.

use pullback::model;

const WIDTH: usize = 2;

model! {
    /// More is taken away than there is.
    pub Net: [WIDTH] -> [WIDTH - 3] {
        slice(0..WIDTH - 3),
    }
}

fn main() {}
