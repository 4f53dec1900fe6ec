use pullback::model;

model! {
    pub Independent<T, D>(x: [T, D]) -> [D, D] {
        matmul(transpose(x), transpose(x)),
    }

    pub Fixed<D>: [D] -> [D] {
        linear -> [4 * D],
        tanh -> [64],
        linear -> [D],
    }

    pub Unknown<D>: [D] -> [D] {
        rleu,
    }

    pub User: [4] -> [4] {
        Unknown,
        Fixed,
    }
}

mod other {
    pullback::model! {
        pub Elsewhere: [4] -> [4] {
            fixed = super::Fixed,
            linear -> [4],
        }
    }
}

fn main() {
    let net = other::Elsewhere::<f32>::zeros();
    let _ = net.forward(&[0.0; 4]);
}
