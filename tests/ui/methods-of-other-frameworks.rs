//! What a network is asked to do elsewhere.

use pullback::optim::AdamW;
use pullback::{Model, loss, model};

model! {
    pub Net: [4] -> [2] { linear -> [2] }
    pub Dropped: [4] -> [2] { linear -> [2], dropout(0.1) }
}

/// Methods of any model.
fn outputs<M: Model<Scalar = f32>>(model: &M) {
    model.forward(&[0.0; 4]);
}

/// Methods of one that is not on the heap.
fn unboxed(net: &mut Net<f32>) {
    net.backward();
    net.predict(&[0.0; 4]);
}

fn main() {
    let mut net = Net::<f32>::zeros();
    let batch = [[0.0; 4]; 3];
    net.backward();
    net.zero_grad();
    net.eval();
    Dropped::<f32>::zeros().train();
    net.fit(&batch, &[0, 1, 1], 32);
    net.compile("adam", "mse");
    net.predict(&batch);
    net.parameters();
    net.state_dict();
    net.load_state_dict(&[0.0; 10]);
    net.save("net.pt");
    net.cuda();
    net.to("cpu");
    net.summary();
    net.requires_grad_(false);
    net.add(0.5);
    net.reset_parameters();
    let mut optimizer = AdamW::<f32>::new(Net::<f32>::PARAMS, 1e-3);
    optimizer.zero_grad();
    optimizer.set_lr(1e-4);
    optimizer.step(&mut *net, &[0.0; 10]);
    AdamW::new(10, 1e-3).zero_grad();
    net.clip_grad_norm_(1.0);
    Net::<f32>::init(&mut 42);
    net.forward(&[0.0; 3]);
    loss::cross_entropy(&[0.0f32, 1.0], 1);
}
