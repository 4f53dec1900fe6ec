use pullback::model;

struct Cubic;

model! {
    pub NoImpl: [3] -> [3] {
        Cubic {} -> [3],
    }

    pub NoType: [3] -> [3] {
        Quartic {} -> [3],
    }
}

fn main() {}
