//! A loss in the place of a state, and losses that are none.

use pullback::{Key, loss, model};

model! {
    pub Net: [4] -> [2] { linear -> [2] }
    pub Normed: [4] -> [2] { linear -> [2], batch_norm }
}

fn main() {
    let (xs, targets) = ([[0.0; 4]; 8], [[0.0; 2]; 8]);

    // Without the state.
    let (net, mut grad, mut ws) = (Normed::<f32>::zeros(), Normed::zeros(), Normed::workspace());
    net.value_and_grad_batch(&xs, |i, y| loss::mse(y, &targets[i]), &mut grad, &mut ws);

    // A target, a key and a value in place of a loss.
    let (net, mut grad, mut ws) = (Net::<f32>::zeros(), Net::zeros(), Net::workspace());
    net.value_and_grad(&xs[0], targets[0]);
    net.value_and_grad_batch(&xs, Key::new(1), &mut grad, &mut ws);
    net.value_and_grad_batch(&xs, |i, y| loss::mse(y, &targets[i]).0, &mut grad, &mut ws);
}
