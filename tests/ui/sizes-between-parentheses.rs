//! Sizes that an op knows from its value and its arrow.

use pullback::model;

model! { pub Both: [8] -> [64] { linear(8, 64) } }
model! { pub One: [8] -> [64] { linear(64) -> [64] } }
model! { pub Channels: [3, 32, 32] -> [16, 30, 30] { conv2d(3, 16, 3) } }
model! { pub Filters: [3, 32, 32] -> [16, 30, 30] { conv2d(16, kernel = 3) -> [16, 30, 30] } }
model! { pub Rows: [5] of index(100) -> [5, 32] { embedding(100, 32) } }
model! { pub Widths: [5, 8] -> [5, 16] { lstm(8, 16) } }
model! { pub Norm: [8] -> [8] { layer_norm(8) } }
model! { pub Groups: [8, 4] -> [8, 4] { group_norm(2, 8) } }
model! { pub Heads: [5, 8] -> [5, 8] { multihead_attention(8, 2) } }
model! { pub Shape: [4, 4] -> [2, 8] { reshape(2, 8) } }
model! { pub Start: [4, 4] -> [16] { flatten(1) } }
model! { pub Range(x: [4]) -> [2] { slice(x, 0, 2) } }
model! { pub List(x: [4]) -> [8] { concat([x, x]) } }
model! { pub Generics: [4] -> [4] { linear<4, 4> } }

fn main() {}
