use pullback::model;

model! {
    pub Reduction(p: [10], t: [10]) -> [] {
        mse(p, t, reduction = "average"),
    }

    pub Word(p: [10], t: [10]) -> [] {
        mse(p, t, reduction = sum),
    }

    pub Result(p: [10], t: [10]) -> [] {
        mae(p, t, reduction = "none"),
    }

    pub OfSamples(p: [4, 10], labels: [4] of index(10), w: [4]) -> [] {
        cross_entropy(p, labels, weight = w),
    }

    pub ByPlace(p: [4, 10], labels: [4] of index(10), w: [10]) -> [] {
        cross_entropy(p, labels, w),
    }

    pub Flowing(p: [4, 10], labels: [4] of index(10), w: [10]) -> [] {
        tanh(p),
        cross_entropy(labels, w),
    }

    pub PosWeight(p: [4, 3], t: [4, 3], w: [4]) -> [] {
        bce_with_logits(p, t, pos_weight = w),
    }

    pub Name(p: [4, 3], t: [4, 3], w: [3]) -> [] {
        bce_with_logits(p, t, weights = w),
    }

    pub Twice(p: [3], t: [3], w: [3]) -> [] {
        bce_with_logits(p, t, weight = w, weight = 2),
    }

    pub Integers(p: [3], t: [3], w: [3] of index(2)) -> [] {
        bce_with_logits(p, t, weight = w),
    }

    pub List(p: [3], label: index(3)) -> [] {
        cross_entropy(p, label, weight = [1, 2, 0.5]),
    }
}

fn main() {}
