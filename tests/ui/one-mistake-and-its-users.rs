use pullback::{Boxed, Model, model};

model! {
    /// The width of `fc1` is missing: whatever depends on it is not the user's mistake.
    pub Net: [784] -> [10] {
        fc1 = linear,
        relu,
        fc2 = linear -> [64],
        h = tanh,
        fc3 = linear(h) -> [10],
    }
}

/// Generic code and code that knows the shapes.
fn norm<M: Model<Scalar = f32>>(model: &M) -> f32 {
    model.flat().iter().map(|w| w * w).sum()
}

fn main() {
    let mut net = Net::<f32>::zeros();
    let mut grad: Boxed<Net> = Net::zeros();
    net.fc1.weight[0][0] = 1.0;
    net.fc2.weight[127][63] = 1.0;
    net.fc2.bias[63] = 1.0;
    net.fc3.bias = [0.0; 10];
    let y: [f32; 10] = net.forward(&[0.0; 784]);
    let (_, pullback) = net.vjp(&[0.0; 784]);
    let (x_bar, _): ([f32; 784], Boxed<Net>) = pullback(&y);
    let mut ws = Net::workspace();
    net.forward_batch(&[x_bar; 32], &mut [y; 32], &mut ws);
    let loss = |y: &[f32; 10]| (y[0], *y);
    let (_, g) = net.value_and_grad(&[0.0; 784], loss);
    grad.flat_mut().copy_from_slice(g.flat());
    println!("{} {} {:?}", norm(&*net), Net::<f32>::PARAMS, net);
}
