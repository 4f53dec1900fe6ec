use pullback::model;

model! {
    /// What depends on a step that cannot be read is not reported.
    pub Net(x: [64]) -> [10] {
        fc1 = linear(bias = !true) -> [32],
        h = fc1.relu(),
        (a, b) = split(h: 2),
        let head = linear -> [10 = 3],
        tanh(a * b),
        head,
        fc2 = linear: [10] -> [10],
        fc2 + missing,
    }
}

fn main() {
    let net = Net::<f32>::zeros();
    let _ = net.fc1.weight[0][31];
    let _: [f32; 10] = net.forward(&[0.0; 64]);
}
