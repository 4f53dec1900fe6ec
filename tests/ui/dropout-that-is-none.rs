use pullback::model;

model! {
    pub Surely: [4] -> [4] { dropout(1.5) }

    pub Negative: [4] -> [4] { alpha_dropout(p = -0.1) }

    pub Vector: [4] -> [4] { feature_dropout }

    pub Scalar: [] -> [] { batch_norm }

    pub OtherNames: [4, 2, 2] -> [4, 2, 2] { batch_norm2d, dropout2d(0.1) }

    // What stands in for it has calls for training as well.
    pub Broken: [4] -> [4] { batch_norm, dropout(0.2), linear -> [5] }
}

fn main() {
    let (net, mut state) = (Broken::<f32>::zeros(), BrokenState::<f32>::new());
    let (x, mut y) = ([[0.0; 4]; 8], [[0.0; 4]; 8]);
    let mut ws = BrokenTraining::workspace(8);
    let key = pullback::Key::new(1);
    net.training().forward_batch(&x, &mut state, key, &mut y, &mut ws);
}
