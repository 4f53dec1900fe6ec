use pullback::model;

struct Cubic;

model! {
    pub NoImpl: [3] -> [3] {
        Cubic {} -> [3],
    }

    pub NoType: [3] -> [3] {
        Quartic {} -> [3],
    }

    pub NoTuple: [3] -> [3] {
        Quintic(0.5) -> [3],
    }

    pub NoFields: [3] -> [3] {
        Sextic { factor: 0.5 } -> [3],
    }
}

fn main() {}
