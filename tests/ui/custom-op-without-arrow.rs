use pullback::model;

struct Cubic;

model! {
    pub NoArrow: [3] -> [3] {
        Cubic {},
    }

    pub Inferred: [3] -> [3] {
        y = Cubic {} -> [_],
    }

    pub Domain: [3] -> [3] {
        Cubic {}: [4] -> [3],
    }

    pub Capital: [3] -> [3] {
        ReLU,
    }

    pub Flow(a: [3], b: [3]) -> [3] {
        Cubic {} -> [3],
    }
}

fn main() {}
