use pullback::model;

model! {
    pub Widths(q: [5, 8], k: [6, 4], v: [6, 4]) -> [5, 4] {
        scaled_dot_product_attention(q, k, v)
    }

    pub Lengths(q: [5, 8], k: [6, 8], v: [7, 8]) -> [5, 8] {
        scaled_dot_product_attention(q, k, v)
    }

    pub Heads(q: [6, 5, 8], k: [4, 5, 8], v: [4, 5, 8]) -> [6, 5, 8] {
        scaled_dot_product_attention(q, k, v)
    }

    pub Ranks(q: [6, 5, 8], k: [5, 8], v: [5, 8]) -> [6, 5, 8] {
        scaled_dot_product_attention(q, k, v)
    }

    pub Mask(q: [5, 8], k: [6, 8], v: [6, 8], m: [5, 5]) -> [5, 8] {
        scaled_dot_product_attention(q, k, v, m)
    }

    pub Division: [10, 64] -> [10, 64] {
        multihead_attention(heads = 6),
    }

    pub Shared: [10, 64] -> [10, 64] {
        multihead_attention(heads = 8, kv_heads = 3),
    }

    pub Memory(x: [10, 64], memory: [7, 32]) -> [10, 64] {
        multihead_attention(x, memory, heads = 8),
    }
}

fn main() {}
