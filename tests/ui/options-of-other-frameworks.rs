//! Options by the names that they have elsewhere, and such that there are not.

use pullback::model;

model! { pub Heads: [5, 8] -> [5, 8] { multihead_attention(num_heads = 4) } }
model! { pub Rate: [8] -> [8] { dropout(rate = 0.5) } }
model! { pub Slope: [8] -> [8] { leaky_relu(negative_slope = 0.1) } }
model! { pub Axis: [5, 8] -> [5] { mean(dim = 1, keepdims = false) } }
model! { pub Width: [8] -> [4] { linear(in_features = 8, out_features = 4) } }
model! { pub Channels: [3, 8, 8] -> [16, 6, 6] { conv2d(in_channels = 3, out_channels = 16, kernel_size = 3) } }
model! { pub Windows: [3, 8, 8] -> [3, 4, 4] { max_pool2d(pool_size = 2, strides = 2) } }
model! { pub Hidden: [5, 8] -> [5, 16] { lstm(hidden_size = 16) } }
model! { pub Batch: [5, 8] -> [5, 16] { gru(batch_first = true) -> [5, 16] } }
model! { pub Layers: [5, 8] -> [5, 16] { gru(num_layers = 2) -> [5, 16] } }
model! { pub Directions: [5, 8] -> [5, 16] { lstm(bidirectional = true) -> [5, 16] } }
model! { pub Inplace: [8] -> [8] { relu(inplace = true) } }
model! { pub Activated: [8] -> [4] { linear(activation = "relu") -> [4] } }
model! { pub Mode: [8] -> [8] { dropout(0.5, training = true) } }
model! { pub Elements: [8] -> [8] { layer_norm(normalized_shape = 8, elementwise_affine = false) } }
model! { pub Rows: [5] of index(10) -> [5, 8] { embedding(num_embeddings = 10, embedding_dim = 8) } }
model! { pub Last: [3, 8, 8] -> [16, 6, 6] { conv2d(3, data_format = "channels_last") -> [16, 6, 6] } }
model! { pub Started: [8] -> [4] { linear(kernel_init = "he_normal") -> [4] } }

fn main() {}
