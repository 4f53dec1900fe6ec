//! What a network is asked to do elsewhere.

use pullback::optim::{AdamW, Optimizer};
use pullback::{Model, loss, model};

model! {
    pub Net: [4] -> [2] { linear -> [2] }
    pub Dropped: [4] -> [2] { linear -> [2], dropout(0.1) }
}

/// Of any model.
fn outputs<M: Model<Scalar = f32>>(model: &M) {
    model.forward(&[0.0; 4]);
}

fn main() {
    let mut net = Net::<f32>::zeros();
    net.backward();
    net.parameters();
    net.state_dict();
    net.load_state_dict(&[0.0; 10]);
    net.predict(&[0.0; 4]);
    net.eval();
    net.train();
    Dropped::<f32>::zeros().train();
    let mut optimizer = AdamW::<f32>::new(Net::<f32>::PARAMS, 1e-3);
    optimizer.zero_grad();
    net.forward(&[0.0; 3]);
    loss::cross_entropy(&[0.0f32, 1.0], 1);
}
