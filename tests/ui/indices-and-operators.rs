//! Indices, slices and operators that models do not have.

use pullback::model;

model! { pub Part(x: [8], h: [4]) -> [4] { x[0..4] + h } }
model! { pub One(x: [4, 8]) -> [8] { x[1] } }
model! { pub Last(x: [4, 8]) -> [8] { y = lstm -> [4, 8], y[:, -1, :] } }
model! { pub Column(x: [4, 8]) -> [4] { relu(x[:, 0]) } }
model! { pub NewAxis(x: [4]) -> [1, 4] { x[None, :] } }
model! { pub Looked(x: [4, 8], i: index(4)) -> [8] { x[i] } }
model! { pub Shared(x: [4]) -> [4] { let f = linear -> [4], f [4] } }
model! { pub Square(x: [4]) -> [4] { 2 * x ** 2 } }
model! { pub Power(x: [4], y: [4]) -> [4] { (x - y) ** 3 } }
model! { pub Product(x: [4], w: [4, 3]) -> [3] { x @ w + 1 } }
model! { pub Compared(x: [4]) -> [4] { where(x > 0, x, 0) } }
model! { pub Equal(x: [4]) -> [4] { x == 1 } }
model! { pub Rest(x: [4]) -> [4] { x % 2 } }
model! { pub Caret(x: [4]) -> [4] { x ^ 2 } }
model! { pub Not(x: [4], m: [4]) -> [4] { x * !m } }
model! { pub Added(x: [4]) -> [4] { x += 1 } }
model! { pub Piped: [4] -> [4] { relu >> tanh } }
model! { pub Lowest(x: [4], m: [4]) -> [4] { masked_fill(x, m, -inf) } }
model! { pub Numpy(x: [4], m: [4]) -> [4] { masked_fill(x, m, -np.inf) } }
model! { pub Single(x: [4], m: [4]) -> [4] { masked_fill(x, m, f32::NEG_INFINITY) } }
model! { pub Circle(x: [4]) -> [4] { math.pi * x } }

fn main() {}
