//! Options as other libraries spell them, and numbers that are none here.

use pullback::model;

model! { pub Quoted: [1, 8] -> [1, 8] { conv1d(3, padding = "same") -> [1, 8] } }
model! { pub Ignored(x: [3], t: index(3)) -> [] { cross_entropy(x, t, ignore_index = -100) } }
model! { pub Lowest: [4] -> [4] { clamp(-3.4028235e38, 0) } }
model! { pub Approximate: [4] -> [4] { gelu(approximate = "tanh") } }
model! { pub Inferred: [4] -> [2, 2] { reshape -> [-1, 2] } }
model! { pub Often: [4] -> [4] { #[recompute(2)] tanh } }
model! { pub Backwards: [4, 3] -> [4, 3] { scan(h: [3], reversed = true) { x = linear -> [3], h <- x + h } } }
model! { pub Never: [2, 3] -> [] { repeat_interleave(0, 0), sum } }
model! { pub NeverAtAll: [2, 3] -> [] { repeat([0, 1]), sum } }
model! { pub Channels: [64] -> [64] { batch_norm(64) } }
model! { pub Groups: [4, 2] -> [4, 2] { group_norm(2, 4) } }
model! { pub Smooth(x: [3], t: [3]) -> [] { cross_entropy(x, t, label_smoothing = 1.5) } }
model! { pub Edge(x: [3], t: [3]) -> [] { huber(x, t, delta = 0) } }
model! { pub Noise: [3] -> [3] { gaussian_noise(std = -0.5) } }

fn main() {}
