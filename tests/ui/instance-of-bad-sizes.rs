//! Sizes of a generic model that do not read, and a value of another rank, from which none follow.

use pullback::model;

model! {
    pub Square<D>: [D] -> [D] { linear -> [D] }
}
model! { pub Negative = Square<-1>; }
model! { pub Broken = Square<2.5>; }
model! { pub Unfinished = Square<2 + >; }
model! { pub Bare = Square; }

model! {
    pub Mlp<I, H, O>: [I] -> [O] { linear -> [H], linear -> [O] }

    pub OfAnotherRank(x: [2, 3]) -> [2, 4] { Mlp<_, 5, _>(x) -> [2, 4] }
    pub OfARow(x: [2, 3]) -> [4] { [linear -> [4]; 0] }
}

fn main() {}
