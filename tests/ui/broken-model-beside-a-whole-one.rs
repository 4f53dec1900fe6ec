use pullback::model;

model! {
    pub Broken: [64] -> [10] {
        fc = linear -> [10],
        relu -> [12],
    }

    pub Whole: [64] -> [10] {
        fc = linear -> [10],
    }
}

fn main() {
    let net = Whole::<f32>::zeros();
    let y: [f32; 10] = net.forward(&[0.0; 64]);
    let _: [f32; 10] = Broken::<f32>::zeros().forward(&[0.0; 64]);

    // The types of the whole model are checked as always.
    net.forward(&y);
}
