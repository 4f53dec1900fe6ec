use pullback::model;

model! {
    pub Endless: [4] -> [4] {
        linear -> [4],
        Endless,
    }

    pub First: [4] -> [4] {
        Second,
    }

    pub Second: [4] -> [4] {
        [Third; 2],
    }

    pub Third: [4] -> [4] {
        tanh,
        First,
    }
}

fn main() {
    let _ = First::<f32>::zeros();
}
