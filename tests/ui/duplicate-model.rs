use pullback::model;

model! {
    pub Net: [64] -> [10] {
        linear -> [10],
    }

    pub Net: [64] -> [20] {
        linear -> [20],
    }
}

fn main() {
    let net = Net::<f32>::zeros();
    let _: [f32; 10] = net.forward(&[0.0; 64]);
}
