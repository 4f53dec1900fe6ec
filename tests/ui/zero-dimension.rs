use pullback::model;

model! {
    pub Arrow: [64] -> [10] {
        fc1 = linear -> [0],
        fc2 = linear -> [10],
    }

    pub Header: [0] -> [10] {
        linear -> [10],
    }

    pub Negative: [3] -> [3] {
        reshape -> [3 - 4],
    }

    pub Division: [3] -> [3] {
        reshape -> [3 / 0],
    }
}

fn main() {
    let _: [f32; 10] = Arrow::<f32>::zeros().forward(&[0.0; 64]);
    let _: [f32; 10] = Header::<f32>::zeros().forward(&[]);
}
