mod blocks {
    pullback::model! {
        pub Broken: [4] -> [4] {
            linear -> [5],
            tanh -> [6],
        }

        pub Header: [4, ?] -> [4] {
            tanh,
        }
    }
}

pullback::model! {
    pub Net: [4] -> [4] {
        inner = blocks::Broken,
        blocks::Header -> [4],
        linear -> [4],
    }

    pub Outer: [4] -> [4] {
        [Net; 3],
    }
}

fn main() {
    let net = Outer::<f32>::zeros();
    let _ = net.forward(&[0.0; 4]);
    let _ = &net.net1[0].inner;
}
