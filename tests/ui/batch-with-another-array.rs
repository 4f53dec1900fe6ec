use pullback::model;

model! {
    pub Mlp: [784] -> [10] {
        fc = linear -> [10],
    }

    pub Other: [784] -> [10] {
        fc = linear -> [10],
    }
}

fn main() {
    let net = Mlp::<f32>::zeros();
    let mut ws = Mlp::workspace();
    net.forward_batch(&[[0.0; 64]; 32], &mut [[0.0; 10]; 32], &mut ws);
    net.forward_batch(&[[0.0; 784]; 32], &mut [[0.0; 784]; 32], &mut ws);
    net.forward_batch(&[0.0; 784], &mut [[0.0; 10]; 1], &mut ws);
    net.forward_batch(&[[0.0; 784]; 32], &mut [[0.0; 10]; 32], &mut Other::workspace());
}
