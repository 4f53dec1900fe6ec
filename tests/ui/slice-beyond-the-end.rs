use pullback::model;

model! {
    pub Beyond: [10] -> [4] {
        slice(8..12),
    }

    pub Empty: [10] -> [4] {
        slice(4..4),
    }

    pub Backwards: [3, 10] -> [3, 4] {
        slice(7..3, axis = 1),
    }
}

fn main() {}
