use pullback::model;

model! {
    pub Shape: 784 -> [10] {
        fc = linear -> [10],
    }

    pub Output: [784] -> 10 {
        fc = linear -> [10],
    }

    pub NoOutput: [784] {
        fc = linear -> [10],
    }

    pub NoInput -> [10] {
        fc = linear -> [10],
    }

    pub Generic<D: usize>: [D] -> [10] {
        fc = linear -> [10],
    }

    pub Empty: [784] -> [10] {}

    pub Whole: [784] -> [10] {
        fc = linear -> [10],
    }
}

fn main() {
    let _ = Shape::<f32>::zeros().fc.weight[0][0];
    let _: [f32; 10] = Shape::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = Output::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = NoOutput::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = NoInput::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = Generic::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = Empty::<f32>::zeros().forward(&[0.0; 784]);
    let _: [f32; 10] = Whole::<f32>::zeros().forward(&[0.0; 784]);
}
