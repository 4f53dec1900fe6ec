use pullback::model;

const HIDDEN: u32 = 128;
const SCALE: f32 = 0.5;

model! {
    pub Mlp: [784] -> [10] {
        fc1 = linear -> [HIDDEN],
        relu,
        fc2 = linear -> [10],
        SCALE * fc2,
    }
}

fn main() {
    let net = Mlp::<f32>::zeros();
    let _: [f32; 10] = net.forward(&[0.0; 784]);
}
