use pullback::model;

model! {
    // Values that are compared have one shape.
    pub Compared(x: [2, 3], y: [4], t: [3, 2]) -> [] {
        smooth_l1(x, y),
        kl_div(x, t),
        poisson_nll(x, y),
        hinge_embedding(x, y),
        margin_ranking(x, y, x),
        margin_ranking(x, x, y),
        triplet_margin(x, x, y),
        gaussian_nll(x, x, y),
        multilabel_soft_margin(x, y),
    }

    // They need an axis, of vectors or of classes.
    pub Scalars(x: [], y: [], z: []) -> [] {
        triplet_margin(x, y, z),
        multilabel_soft_margin(x, y),
    }

    pub Targets(x: [2, 3], t: [2, 3], labels: [2] of index(4), label: index(3)) -> [] {
        nll_loss(x, t),
        nll_loss(x, labels),
        nll_loss(x, label),
    }

    // Numbers out of their range.
    pub Ranges(x: [3], y: [3]) -> [] {
        smooth_l1(x, y, beta = -1),
        polygamma(x, 0.5),
        squareplus(x, b = 0),
    }
}

model! {
    pub Aligned(x: [5, 4], long: [2] of index(4), wide: [2] of index(5), real: [2]) -> [] {
        ctc_loss(x, real),
        ctc_loss(x, wide),
        ctc_loss(x, long, blank = 4),
    }

    pub OfVectors(x: [4], target: [2] of index(4)) -> [] {
        ctc_loss(x, target),
    }

    pub Lengths(x: [5, 4], target: [2] of index(4), n: index(5), m: index(3)) -> [] {
        ctc_loss(x, target, n, m),
        ctc_loss(x, target, m, n),
    }
}

fn main() {}
