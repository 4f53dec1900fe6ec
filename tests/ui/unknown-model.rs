use pullback::model;

mod blocks {
    pullback::model! {
        pub Attention: [4] -> [4] { linear -> [4] }
    }
}

struct Cubic;

const FACTOR: f64 = 0.5;

model! {
    pub Unknown: [4] -> [4] {
        blocks::Atention,
    }
}

model! {
    pub Op: [4] -> [4] {
        Cubic -> [4],
    }
}

model! {
    pub Constant: [4] -> [4] {
        FACTOR,
    }
}

fn main() {
    let _ = Unknown::<f32>::zeros();
}
