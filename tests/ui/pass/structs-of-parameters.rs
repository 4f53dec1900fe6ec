//! The structs inside a model's struct never take a name that a model has, or each other's.
use pullback::model;

model! {
    pub Net: [2] -> [2] {
        fc1 = linear -> [2],
        fc_1 = linear -> [2],
        enc_a = { b = linear -> [2] },
        enc = { a_b = linear -> [2] },
    }

    pub NetFc1: [3] -> [3] {
        weight = linear -> [3],
    }
}

fn main() {
    let mut net = Net::<f64>::zeros();
    net.fc1.bias = [1.0, 2.0];
    net.fc_1.weight = [[1.0, 0.0], [0.0, 1.0]];
    net.enc_a.b.weight = [[2.0, 0.0], [0.0, 2.0]];
    net.enc.a_b.weight = [[0.0, 1.0], [1.0, 0.0]];
    assert_eq!(net.forward(&[0.0; 2]), [4.0, 2.0]);
    let mut other = NetFc1::<f64>::zeros();
    other.weight.bias = [1.0; 3];
    assert_eq!(other.forward(&[0.0; 3]), [1.0; 3]);
}
