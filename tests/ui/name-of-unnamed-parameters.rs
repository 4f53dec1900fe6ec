use pullback::model;

model! {
    pub Net: [64] -> [10] {
        linear -> [32],
        linear1 = linear -> [10],
    }
}

fn main() {
    let _ = Net::<f32>::zeros().linear1.weight[0][0];
}
