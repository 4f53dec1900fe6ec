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
    let x = [0.0; 784];

    // A tangent of the input has the shape of the input.
    net.jvp(&x, &[0.0; 64]);

    // A cotangent of the output has the shape of the output.
    let (_, pullback) = net.vjp(&x);
    pullback(&[1.0; 784]);
}
