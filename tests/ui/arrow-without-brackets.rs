use pullback::model;

model! {
    pub Net: [64] -> [10] {
        fc1 = linear -> 32,
        relu,
        fc2 = linear(4 * 8) -> (10),
    }

    pub Missing: [64] -> [10] {
        fc1 = linear ->,
        relu,
        fc2 = linear [10],
    }
}

fn main() {
    let net = Net::<f32>::zeros();
    let _ = net.fc1.weight[0][31];
    let _: [f32; 10] = net.forward(&[0.0; 64]);
}
