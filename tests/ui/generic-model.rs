use pullback::model;

const WIDTH: usize = 10;

model! {
    /// Splits the last axis into heads.
    pub Heads<T, D, H>(x: [T, D]) -> [T, D] {
        linear -> [T, D],
        reshape -> [T, H, D / H],
        tanh,
        reshape -> [T, D],
    }

    pub Pair<D>(x: [D], y: [D]) -> [D] {
        x + y,
    }

    pub Mlp<I, H, O>: [I] -> [O] {
        linear -> [H],
        tanh,
        linear -> [O],
    }

    pub Remainder(x: [8, 10]) -> [8, 10] {
        tanh,
        heads = Heads<_, _, 3>,
    }

    pub Unlike(x: [4], y: [5]) -> [4] {
        Pair(x, y),
    }

    pub Open: [4] -> [2] {
        Mlp,
    }

    pub Rank(x: [2, 4]) -> [2] {
        Mlp<4, 3, 2>,
    }

    pub Count: [4] -> [2] {
        Mlp<3> -> [2],
    }

    pub Other: [4] -> [2] {
        Mlp<5, 3, 2>,
    }

    pub Instance = Heads<8, 9, 4>;

    pub Inferred = Mlp<_, 2, 3>;

    pub Undecided(x: [8, WIDTH]) -> [8, WIDTH] {
        Heads<8, WIDTH, 2>,
    }
}

fn main() {
    let _ = Instance::<f32>::zeros();
}
