//! Layers and functions as PyTorch, Keras, flax and burn call them.

use pullback::model;

model! { pub Linear1: [8] -> [64] { fc1 = nn.Linear(8, 64), nn.ReLU(inplace = True) } }
model! { pub Bare: [784] -> [10] { Linear(784, 128), ReLU(), Linear(128, 10), LogSoftmax(dim = 1) } }
model! { pub Convolution: [3, 8, 8] -> [16, 8, 8] { Conv2d(3, 16, kernel_size = (3, 3), padding = 1, bias = False) } }
model! { pub Keras: [3, 8, 8] -> [16, 6, 6] { layers.Conv2D(16, 3, activation = "relu"), layers.MaxPooling2D((2, 2)) } }
model! { pub Dense1: [8] -> [4] { Dense(4, activation = "relu") } }
model! { pub Applied(x: [8]) -> [4] { Dense(4)(x) } }
model! { pub Flax(x: [8]) -> [4] { nn.Dense(features = 4, dtype = jnp.float32)(x) } }
model! { pub Rows(t: [5] of index(10)) -> [5, 8] { nn.Embedding(10, 8, padding_idx = 0) } }
model! { pub Slope: [8] -> [8] { LeakyReLU(0.1) } }
model! { pub Norms: [16, 4, 4] -> [16, 4, 4] { nn.BatchNorm2d(16), nn.GroupNorm(4, 16), nn.LayerNorm([16, 4, 4]) } }
model! { pub Dropped: [8] -> [8] { Dropout(0.3) } }
model! { pub Recurrent: [5, 8] -> [5, 16] { nn.LSTM(8, 16, num_layers = 2, batch_first = True) } }
model! { pub Attended: [5, 8] -> [5, 8] { nn.MultiheadAttention(8, num_heads = 2) } }
model! { pub Burn: [8] -> [4] { LinearConfig::new(8, 4).init(device) } }
model! { pub Candle: [8] -> [4] { candle_nn::linear(8, 4, vb.pp("fc")) } }
model! { pub Squares(x: [4], y: [4]) -> [] { linear(x) -> [4], MSELoss(y) } }
model! { pub Labels(x: [4], y: index(4)) -> [] { nn.CrossEntropyLoss()(x, y) } }
model! { pub Probabilities(x: [4], y: index(4)) -> [] { log_softmax(x), NLLLoss(y) } }
model! { pub Axis(x: [8]) -> [8] { F.softmax(x, dim = 1) } }
model! { pub Joined(x: [8], y: [8]) -> [16] { torch.cat([x, y], dim = -1) } }
model! { pub Chosen(x: [8]) -> [8] { jnp.where(x > 0, x, 0.1 * x) } }
model! { pub Method(x: [28, 28]) -> [784] { x.view(x.size(0), -1).relu() } }
model! { pub Rust: [8] -> [8] { |v| v.powi(2) + v.max(0.0) } }
model! { pub Chain1: [8] -> [4] { nn.Sequential(nn.Linear(8, 4), nn.Tanh()) } }
model! { pub Transposed(x: [5, 8]) -> [8, 5] { x.permute(0, 2, 1) } }
model! { pub Gelu: [8] -> [8] { nn.GELU(approximate = "tanh") } }
model! { pub Scores(q: [4, 4], mask: [4, 4]) -> [4, 4] { q.masked_fill(mask == 0, float("-inf")) } }

fn main() {}
