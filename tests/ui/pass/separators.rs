//! What may be left out, and where line breaks may stand.
use pullback::model;

model! {
    pub NoCommaAtTheEnd: [3] -> [2] { linear -> [2] }

    pub Spread(
        a: [
            3,
        ],
        b: [3],
    )
        -> [2,]
    {
        // A comment before a step.
        h = linear(
            a,
            bias = false,
        )
            : [3]
            -> [2], /* and behind one */
        (
            u,
            v,
        ) = split(slice(b, 0..2)),
        h + u * v,
    }
}

fn main() {}
