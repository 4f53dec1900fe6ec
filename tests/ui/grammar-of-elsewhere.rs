//! Grammar that other languages have and this one does not.

use pullback::model;

model! {
    NestedArrow(x: [4]) -> [2] {
        linear(relu(linear(x) -> [16])) -> [2],
    }
    StatesOfLstm(x: [5, 4]) -> [2] {
        (out, (h, c)) = lstm -> [5, 8], out,
    }
    TwoLists(x: [4][8]) -> [4, 8] {
        tanh,
    }
    ArrayOfIntegers(t: [index(10); 4]) -> [4, 8] {
        embedding -> [4, 8],
    }
    IndexedType(t: index(10)[4]) -> [4, 8] {
        embedding -> [4, 8],
    }
    NamedOutput(x: [4]) -> (y: [2]) {
        linear -> [2],
    }
    SizeWithDefault<D = 8>(x: [D]) -> [2] {
        linear -> [2],
    }
    SizeWithBound<D>(x: [D]) -> [2] where D: usize {
        linear -> [2],
    }
    FrozenInput(#[frozen] x: [8]) -> [2] {
        linear -> [2],
    }
    FrozenBehindName(x: [8]) -> [2] {
        a = #[frozen] linear -> [2],
    }
    ScanIn(x: [5, 8]) -> [5, 2] {
        scan(t in x, h: [2]) { z = linear(t) -> [2], h <- z + h },
    }
    FrozenOption(x: [8]) -> [2] {
        linear(frozen = true) -> [2],
    }
    IfTraining(x: [8]) -> [2] {
        if training { dropout(0.1) }, linear -> [2],
    }
    VecOfModels(x: [8]) -> [8] {
        vec![Ff; 4],
    }
    DotBeforeModel(x: [8]) -> [8] {
        a.Block,
    }
    LooseSizes(x: [1, 8, 8]) -> [1, 10, 10] {
        constant_pad2d(x, 1, 1, 1, 1),
    }
    LocalSize(x: [8], b: [8]) -> [8] {
        h = 3, linear -> [h],
    }
    UnknownFactor(x: [4]) -> [4] {
        sigmoid(beta * x),
    }
    Walrus(x: [4]) -> [4] {
        h := tanh(x), h,
    }
    WalrusOfState(x: [20, 4]) -> [20, 4] {
        scan(h: [4]) { h := tanh(h), },
    }
    ShapeOfValue(x: [6, 8]) -> [4, 12] {
        reshape(x, [x.shape[0] * 2, 4]),
    }
    StateOfScan(x: [20, 4]) -> [16] {
        s = scan(h: [16]) { z = linear -> [16], h <- tanh(z + h) }, s.h,
    }
    TrailingWhere(x: [4, 8]) -> [2] {
        mean(x, 0), linear -> [2] where x > 0,
    }
}

fn main() {}
