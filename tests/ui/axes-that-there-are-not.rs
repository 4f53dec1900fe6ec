use pullback::model;

model! {
    pub Reductions(x: [3, 4]) -> [3] {
        amax(x, axes = 2),
        amin(x, axes = 2),
        logsumexp(x, axes = 2),
        mean(x, axes = 2),
        norm(x, axes = 2),
        prod(x, axes = 2),
        argmax(x, axis = 2),
        argmin(x, axis = 2),
    }

    pub Along(x: [3, 4], i: [3, 4] of index(4), source: [3, 4]) -> [3, 4] {
        cumprod(x, axis = 2),
        flip(x, axes = 2),
        logcumsumexp(x, axis = -3),
        log_softmax(x, axis = 2),
        normalize(x, axis = 2),
        repeat_interleave(x, 2, axis = 2),
        rms_norm(x, axes = 2),
        rotary(x, axis = 2),
        scatter_add(x, i, source, axis = 2),
    }
}

fn main() {}
