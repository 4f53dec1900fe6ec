use pullback::model;

model! {
    pub Net: [64] -> [10] {
        fc1 = linear -> [32];
        relu;
        fc2 = linear -> [10];
    }

    pub Dimensions: [28; 28] -> [10] {
        flatten,
        linear -> [10],
    }
}

fn main() {
    let _: [f32; 10] = Net::<f32>::zeros().forward(&[0.0; 64]);
    let _: [f32; 10] = Dimensions::<f32>::zeros().forward(&[[0.0; 28]; 28]);
}
