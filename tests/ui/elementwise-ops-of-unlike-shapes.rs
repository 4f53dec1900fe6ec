use pullback::model;

model! {
    pub Pairs(x: [3], y: [4]) -> [3] {
        atan2(x, y),
        div(x, y),
        eq(x, y),
        fmod(x, y),
        ge(x, y),
        gt(x, y),
        hypot(x, y),
        le(x, y),
        logaddexp(x, y),
        lt(x, y),
        maximum(x, y),
        minimum(x, y),
        mul(x, y),
        ne(x, y),
        remainder(x, y),
        sub(x, y),
        xlogy(x, y),
    }

    pub Loss(x: [3], y: [4]) -> [] {
        mae(x, y),
    }

    pub More(x: [3], y: [4], mask: [5]) -> [3] {
        lerp(x, y, 0.5),
        where(mask, x, x),
        masked_fill(x, mask, 0),
    }
}

fn main() {}
