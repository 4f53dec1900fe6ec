use pullback::{Key, model};

model! {
    pub Net: [4] -> [2] { linear -> [3], batch_norm, dropout(0.1), linear -> [2] }

    pub Plain: [4] -> [4] { tanh }
}

fn main() {
    let (net, mut state) = (Net::<f32>::zeros(), NetState::<f32>::new());
    let (x, mut y) = ([[0.0; 4]; 8], [[0.0; 2]; 8]);
    let mut training = NetTraining::workspace(8);
    let mut evaluation = Net::workspace();
    let key = Key::new(1);

    // Without a key.
    net.training().forward_batch(&x, &mut state, &mut y, &mut training);
    // With a state that it cannot change.
    net.training().forward_batch(&x, &state, key, &mut y, &mut training);
    // In the workspace of the other mode.
    net.training().forward_batch(&x, &mut state, key, &mut y, &mut evaluation);
    // In evaluation with a key, and without a state.
    net.forward_batch(&x, &state, key, &mut y, &mut evaluation);
    let _ = net.forward(&x[0]);
    // A model that is the same in both.
    let _ = Plain::<f32>::zeros().training();
}
