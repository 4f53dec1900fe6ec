//! Shapes that do not fit are compile errors, at the very number that is wrong.
//!
//! `cargo run --example 03_shapes_caught`
//!
//! This network has a mistake, the kind one makes when changing the width of a layer:
//!
//! ```text
//! model! {
//!     pub Classifier: [784] -> [10] {
//!         fc1 = linear: [784] -> [128],
//!         relu,
//!         fc2 = linear: [64] -> [10],
//!     }
//! }
//! ```
//!
//! And this is all that the compiler has to say:
//!
//! ```text
//! error: `fc2 = linear` is declared on [64], but its input is [128]
//!
//!        help: write `: [128]`, or change what comes before
//!  --> src/main.rs:7:23
//!   |
//! 7 |         fc2 = linear: [64] -> [10],
//!   |                       ^^^^
//! ```
//!
//! A skip connection `x + h` past a layer `h = linear -> [32]` that changes the width:
//!
//! ```text
//! error: `+` cannot combine [64] and [32]: the only axis is 64 on the left and 32 on the right
//!
//!        help: make them equal; only a missing leading axis or one of length 1 repeats
//!  --> src/main.rs:6:11
//!   |
//! 6 |         x + h,
//!   |           ^
//! ```
//!
//! And since inputs are arrays, so are calls with another shape: `net.forward(&[0.0; 64])`
//!
//! ```text
//! error[E0308]: mismatched types
//!   --> src/main.rs:11:17
//!    |
//! 11 |     net.forward(&[0.0; 64]);
//!    |         ------- ^^^^^^^^^^ expected an array with a size of 784, found one with a size of 64
//!    |         |
//!    |         arguments to this method are incorrect
//!    |
//! ```
//!
//! Below is what was meant. Try it: change a number and compile.

use pullback::model;
use rand::{SeedableRng, rngs::StdRng};

const PIXELS: usize = 28 * 28;

model! {
    /// `: [..]` before an arrow declares what goes in. It is optional, and checked where it is
    /// given; most shapes follow from the ones before. Sizes can be constants of your program.
    pub Classifier: [PIXELS] -> [10] {
        fc1 = linear: [784] -> [128],
        relu,
        fc2 = linear: [128] -> [64],
        { h = linear -> [64], relu },
        out = linear -> [10],
    }

    /// A skip connection: `x` is the input, `h` the layer, and they have the same shape.
    pub Residual(x: [64]) -> [64] {
        h = linear -> [64],
        relu,
        x + h,
    }
}

fn main() {
    let mut rng = StdRng::seed_from_u64(0);
    let classifier = Classifier::<f32>::init(&mut rng);
    let logits: [f32; 10] = classifier.forward(&[0.5; PIXELS]);
    println!("10 logits: {logits:.3?}");

    let residual = Residual::<f32>::init(&mut rng);
    let y: [f32; 64] = residual.forward(&[0.5; 64]);
    println!("64 numbers, the first of them {:.3?}", &y[..4]);

    // The fields of the struct are arrays of the same shapes, so wrong weights are caught as well.
    let weight: &[[f32; 10]; 64] = &classifier.out.weight;
    println!("`out.weight` is {} by {}", weight.len(), weight[0].len());
}
