use pullback::{Index, model};

model! {
    pub Reals(x: [4], tokens: [4] of index(10)) -> [4] {
        x + tokens,
    }

    pub Arrowless: [4] of index(10) -> [4, 8] {
        embedding,
    }

    pub Wide: [4] of index(10) -> [4, 8] {
        embedding -> [8],
    }

    pub Padded: [4] of index(10) -> [4, 8] {
        embedding(padding_idx = 10) -> [4, 8],
    }

    pub NoIntegers: [4] -> [4, 8] {
        embedding -> [4, 8],
    }

    pub Hot: [4] -> [4, 10] {
        one_hot -> [4, 10],
    }

    pub Chosen(x: [3, 5], i: [2] of index(5)) -> [2, 5] {
        index_select(x, i),
    }

    pub Along(x: [3, 5], i: [2] of index(5)) -> [2] {
        gather(x, i),
    }

    pub Labels(logits: [4, 10], labels: [4] of index(12)) -> [] {
        cross_entropy(logits, labels),
    }

    pub Ignored(logits: [4, 10], labels: [4] of index(10)) -> [] {
        cross_entropy(logits, labels, ignore_index = 10),
    }

    pub Shared(a: [4] of index(10), b: [4] of index(12)) -> [4, 8] {
        let table = embedding -> [4, 8],
        table(a) + table(b),
    }

    pub Returned: [4] of index(10) -> [2] {
        slice(0..2),
    }

    pub Unbounded(tokens: [4] of usize) -> [4, 8] {
        embedding -> [4, 8],
    }

    pub Right: [4] of index(10) -> [4, 8] {
        table = embedding -> [4, 8],
    }
}

fn main() {
    let net = Right::<f32>::zeros();
    net.forward(&[3, 1, 4, 1]);
    let tokens: [Index<12>; 4] = Index::array([3, 1, 4, 1]).unwrap();
    net.forward(&tokens);
}
