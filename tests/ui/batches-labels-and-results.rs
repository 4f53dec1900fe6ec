//! Batches, labels and results as other frameworks have them.

use pullback::model;

model! { pub Batch: [_, 784] -> [_, 10] { linear -> [10] } }
model! { pub Unknown(x: [None, 784]) -> [10] { linear -> [10] } }
model! { pub Minus: [-1, 784] -> [10] { linear -> [10] } }
model! { pub Axis: [10] -> [10] { softmax(axis = 1) } }
model! { pub Label(x: [8], y: [1]) -> [] { linear(x) -> [4], cross_entropy(y) } }
model! { pub Integer(x: [4], y: usize) -> [] { cross_entropy(x, y) } }
model! { pub Typed(x: f32[4]) -> [4] { relu } }
model! { pub Tuple: [8] -> ([4], [1]) { linear -> [5] } }
model! { pub Colours: [32, 32, 3] -> [16, 30, 30] { conv2d(3) -> [16, 30, 30] } }
model! { pub Last: [28, 28, 1] -> [8, 24, 24] { conv2d(5) -> [8, 24, 24] } }
model! { pub States(x: [5, 8], h0: [16], c0: [16]) -> [5, 16] { lstm(x, h0, c0) -> [5, 16] } }
model! { pub Both: [5, 8] -> [5, 16] { (y, h) = lstm -> [5, 16], y } }
model! { pub Listed(x: [4]) -> [2] { a, b = split(x), a } }
model! { pub Gradient(x: [4]) -> [4] { u = sum(square(x)), grad(u, x) } }
model! { pub Short: [1, 1, 8] -> [1, 1, 8] { max_pool2d(3, padding = 1, dilation = 2) } }
model! { pub Own(x: [4]) -> [4] { relu(self.fc1(x)) } }
model! { pub Branch(x: [4]) -> [4] { |v| if v > 0 { v } else { 0 } } }
model! { pub Again: [4] -> [4] { for i in 0..3 { linear -> [4] } } }
model! { pub Returned(x: [4]) -> [4] { return relu(x) } }
model! { pub Same(x: [4]) -> [4] { x = relu(x), x } }
model! { pub Changed(x: [4]) -> [4] { let mut y = relu(x) } }
model! { pub Steps: [4] -> [4] { [relu, tanh] } }

fn main() {}
