//! What Rust would write, or what another order of steps would mean.

use pullback::model;

model! { pub Const<const N: usize>: [N] -> [N] { linear -> [N], relu } }
model! { pub Array: [f32; 3] -> [3] { relu } }
model! { pub Arrays(x: [[f32; 3]; 2], k: [f64; 3]) -> [2, 3] { x * k } }
model! { pub Arrow: [4] -> [3] { tanh -> relu, linear -> [3] } }
model! { pub Early: [4] -> [4] { lift, let lift = linear -> [4], relu } }
model! { pub Scalar: [4] -> [] { linear -> [] } }
model! { pub Scalars: [3, 4] -> [] { linear -> [] } }
model! { small: [4] -> [4] { relu } pub Large: [4] -> [4] { small, relu } }
model! { pub Sides: [3, 4] -> [3, 10] { constant_pad1d([1, 2, 3]) } }
model! { pub MoreSides: [3, 4, 5] -> [3, 4, 5] { reflection_pad2d([1, 2, 3]) } }

fn main() {}
