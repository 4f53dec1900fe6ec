use pullback::model;

model! {
    pub Mlp: [784] -> [10] {
        fc1 = linear -> [128],
        relu,
        fc2 = linear -> [10],
    }
}

fn main() {
    let net = Mlp::<f32>::zeros();
    net.forward(&[0.0; 64]);
    net.forward(&[[0.0; 28]; 28]);
    net.forward(&[0.0f64; 784]);
    let _: [f32; 12] = net.forward(&[0.0; 784]);
}
