//! What people type who know other libraries and have read only the README.

use pullback::model;

const D: usize = 4;

model! {
    SizeOfParts(x: [16, 96]) -> [16, 48] {
        (q, k) = split(x, 16, axis = 1), q + k,
    }
    UnequalParts(x: [16, 96]) -> [16, 48] {
        (q, k) = split(x, [32, 64], axis = 1), q + k,
    }
    Generic<f32>(x: [4, 8]) -> [4] {
        flatten, linear -> [4],
    }
    MethodOfNumber(x: [4]) -> [4] {
        x / 32.0.sqrt(),
    }
    RootOfNumber(x: [4]) -> [4] {
        x / sqrt(32.0),
    }
    RootOfTwo(x: [4]) -> [4] {
        tanh, sqrt(2),
    }
    Cast(x: [4]) -> [4] {
        x / (D as f64),
    }
    Members(x: [4], w: [4, 4], b: [4]) -> [4] {
        x @ self.w + self.b,
    }
    Label(x: [4], label: Index<3>) -> [4] {
        tanh,
    }
    ScanOfJax(x: [20, 4]) -> [20, 4] {
        (h, ys) = scan(cell, h0, xs), linear -> [20, 4],
    }
    SizesOfDfdx(x: [8]) -> [2] {
        (Linear<8, 16>, ReLU, Linear<16, 2>),
    }
    ScanWithArrow(x: [20, 4]) -> [20, 16] {
        scan(h: [16]) -> [20, 16] { z = linear -> [16], h <- tanh(z + h) },
    }
    TwoStates(x: [20, 4]) -> [20, 4] {
        scan(h: [4], c: [4]) { (h, c) <- (h, c) },
    }
    Unrolled(x: [20, 4]) -> [20, 16] {
        scan(h: [16], unroll = 4) { z = linear -> [16], h <- tanh(z + h) },
    }
    Positions(x: [64] of index(8)) -> [64, 32] {
        a = embedding(x) -> [64, 32], p = embedding(0..64) -> [64, 32], a + p,
    }
    Block: [8] -> [8] {
        linear -> [8],
    }
    Ff<N, H>(x: [N]) -> [N] {
        linear -> [H], relu, linear -> [N],
    }
    ModelMade(x: [8]) -> [8] {
        Block::new(8),
    }
    ModelWithOption(x: [8]) -> [8] {
        Block(dropout = 0.1),
    }
    Turbofish(x: [8]) -> [8] {
        Ff::<8, 32>(x),
    }
    ThreeNames(x: [4, 9]) -> [4, 3] {
        q, k, v = split(x, axis = 1), q + k + v,
    }
    FrozenWord(x: [4]) -> [2] {
        frozen b = linear -> [2],
    }
    RecomputeWord(x: [4]) -> [2] {
        recompute { linear -> [8], tanh }, linear -> [2],
    }
    FrozenCall(x: [4]) -> [2] {
        frozen(linear) -> [8], linear -> [2],
    }
    InnerAttribute(x: [4]) -> [2] {
        #![frozen] linear -> [2],
    }
    MemoryTwice(x: [4, 8], mem: [6, 8]) -> [4, 8] {
        multihead_attention(x, mem, mem, heads = 2),
    }
    InsideOfBlock(x: [4]) -> [2] {
        enc = { a = linear -> [8], tanh, b = linear -> [4] }, y = matmul(enc.a, enc.a), linear -> [2],
    }
    Transposed(x: [4] of index(9)) -> [4, 9] {
        tok = embedding -> [4, 8], matmul(tok, tok.weight.T),
    }
    SplitAlongDim(x: [6, 32]) -> [6, 16] {
        (q, k) = split(x, 16, dim = 1), q + k,
    }
}
fn main() {}
