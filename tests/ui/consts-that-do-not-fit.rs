//! What numbers would be refused for is refused of `const`s as well, when rustc knows them: each once.

use pullback::model;

const C: usize = 3;
const G: usize = 2;
const H: usize = 4;
const K: usize = 7;
const P: usize = 5;

model! { pub Groups: [C, 4] -> [4, 2] { conv1d(3, groups = G) -> [4, _] } }
model! { pub Transposed: [3, 3] -> [4, 5] { conv_transpose1d(3, groups = G) -> [4, _] } }
model! { pub More: [1, 3] -> [] { conv_transpose1d(2, output_padding = G) -> [1, _], sum } }
model! { pub Max: [1, H] -> [1, H + 8] { max_pool1d(3, padding = P, stride = 1) } }
model! { pub Mean: [1, H] -> [1, H + 8] { avg_pool1d(3, padding = P, stride = 1) } }
model! { pub Row(i: [3] of index(H)) -> [3, 2] { embedding(padding_idx = K) -> [3, 2] } }
model! { pub Ignored(x: [H], i: index(H)) -> [] { cross_entropy(x, i, ignore_index = K) } }
model! { pub Slice: [C, H] -> [4, H] { slice(0..4) } }
model! { pub Window: [C, H] -> [] { max_pool1d(5), sum } }
model! { pub Negative: [C, H] -> [] { linear -> [C, C - H], sum } }
model! { pub Less: [1, H] -> [] { conv_transpose1d(1, padding = 3) -> [1, _], sum } }
model! { pub Stride: [1, H] -> [] { max_pool1d(2, stride = G - 2), sum } }
model! { pub Padding: [1, H] -> [] { conv1d(1, padding = G - 3) -> [1, _], sum } }
model! { pub Quotient: [H] -> [] { reshape -> [H / (G - 2), _], sum } }
model! { pub Start: [H] -> [] { slice(G - 3..H), sum } }
model! { pub Zeros: [1, H] -> [] { constant_pad1d(G - 3), sum } }
model! { pub NoRow(i: [3] of index(H)) -> [3, 2] { embedding(padding_idx = G - 3) -> [3, 2] } }

model! {
    /// These fit.
    pub Whole(x: [H, K], i: [4] of index(K)) -> [4, 2] {
        conv1d(x, 3, groups = G, stride = G) -> [H, _],
        avg_pool1d(G, stride = 1),
        slice(K - 7..H + 7 - K),
        z = linear -> [4, 2],
        w = embedding(i, padding_idx = P) -> [4, 2],
        reshape(w + z) -> [H / G, _],
        reshape -> [4, 2],
    }
}

fn main() {}
