use pullback::model;

model! {
    pub Heads(q: [4, 5, 8], k: [2, 6, 8], v: [2, 6, 8], m: [2, 5, 6]) -> [4, 5, 8] {
        scaled_dot_product_attention(q, k, v, m)
    }

    pub Keys(q: [4, 5, 8], k: [4, 6, 8], v: [4, 6, 8], m: [4, 5, 1]) -> [4, 5, 8] {
        scaled_dot_product_attention(q, k, v, m, additive = true)
    }

    pub HeadsOfNone(q: [5, 8], k: [6, 8], v: [6, 8], m: [1, 5, 6]) -> [5, 8] {
        scaled_dot_product_attention(q, k, v, m)
    }

    pub Turned(x: [5, 8], memory: [6, 8], m: [2, 6, 5]) -> [5, 8] {
        multihead_attention(x, memory, m, heads = 2)
    }

    pub Missing(q: [5, 8], k: [6, 8], v: [6, 8]) -> [5, 8] {
        scaled_dot_product_attention(q, k, v, additive = true)
    }

    pub Alone: [5, 8] -> [5, 8] {
        multihead_attention(heads = 2, additive = true),
    }

    pub Capped(q: [5, 8], k: [6, 8], v: [6, 8]) -> [5, 8] {
        scaled_dot_product_attention(q, k, v, softcap = 0)
    }

    pub Scaled: [5, 8] -> [5, 8] {
        multihead_attention(heads = 2, scale = true),
    }
}

fn main() {}
