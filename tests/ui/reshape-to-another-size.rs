use pullback::model;

model! {
    pub Reshape: [4, 6] -> [5, 5] {
        reshape -> [5, 5],
    }

    pub Computed: [4, 6] -> [5, 5] {
        reshape -> [5, _],
    }

    pub Arrow: [4, 6] -> [24] {
        reshape,
    }
}

fn main() {}
