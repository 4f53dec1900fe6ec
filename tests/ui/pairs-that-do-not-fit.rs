use pullback::model;

model! {
    pub Distances(x: [3, 4], y: [2, 5], z: [2, 2, 4]) -> [3, 2] {
        cdist(x, y),
        cdist(x, z),
    }

    pub Angles(x: [3, 4], y: [2, 4]) -> [3] {
        cosine_similarity(x, y),
        cosine_similarity(x, x, axis = 2),
    }

    pub Rows(x: [3, 4], y: [2, 4], s: []) -> [3] {
        pairwise_distance(x, y),
        pairwise_distance(s, s),
    }

    pub Forms(x: [2, 3], y: [2, 4], z: [3, 4]) -> [2, 5] {
        bilinear(x, y),
        bilinear(x, z) -> [2, 5],
        bilinear(x, y) -> [5],
        bilinear(x, y) -> [2, _],
    }
}

model! {
    pub Shuffled(x: [6, 4, 4], flat: [16]) -> [1, 8, 8] {
        pixel_shuffle(x, 2),
        pixel_shuffle(x, 0),
        pixel_shuffle(flat, 2),
        pixel_unshuffle(x, 3),
    }

    pub Unfolded(x: [2, 4, 5], columns: [8, 12]) -> [8, 12] {
        unfold(x, 6),
        unfold(columns, 2),
        fold(columns, 2),
        fold(columns, 2) -> [2, 20],
        fold(columns, 3) -> [_, 4, 5],
        fold(columns, 2) -> [3, 4, 5],
        fold(columns, 2) -> [2, 4, 6],
    }

    pub Sampled(x: [2, 4, 5], places: [3, 3], flat: [5], grid: [3, 3, 2]) -> [2, 3, 3] {
        grid_sample(x, places),
        grid_sample(flat, grid),
        grid_sample(x, grid, mode = "bicubic"),
    }

    pub Channels(x: [5, 2], s: []) -> [5, 2] {
        local_response_norm(x, 0),
        local_response_norm(s, 3),
    }
}

fn main() {}
