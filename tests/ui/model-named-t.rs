use pullback::model;

model! {
    pub T: [8] -> [4] {
        linear,
    }

    pub Fine<T>: [T] -> [T] {
        relu,
    }
}

fn main() {
    let _ = FineOfEight::<f32>::zeros();
}

model! { FineOfEight = Fine<8>; }
