use pullback::model;

model! {
    pub Statistics: [5, 3] -> [5, 3] {
        scan(h: [3]) { batch_norm, h <- h * 0.5 },
    }

    pub Ends(tokens: [5, 2] of index(10)) -> [5] {
        scan(tokens, h: [3]) { h <- h * 0.5, slice(tokens, 0..1) },
    }

    pub Begins(x: [5, 3], tokens: [3] of index(10)) -> [5, 3] {
        scan(x, h: [3] = tokens) { h <- h + x },
    }

    pub Next(tokens: [5, 3] of index(10)) -> [5, 3] {
        scan(tokens, h: [3]) { e = embedding(tokens) -> [3, 3], h <- slice(tokens, 0..3), sum(e, axes = 0) },
    }

    // Whatever it runs over.
    pub Whole(x: [5, 3], tokens: [4] of index(10), steps: [5] of index(3)) -> [5, 4, 3] {
        scan(x, steps, h: [3]) {
            e = embedding(tokens) -> [4, 3],
            h <- h + x * index_select(h, steps),
            e * h,
        },
    }
}

fn main() {}
