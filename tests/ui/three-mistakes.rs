use pullback::model;

model! {
    pub Net: [784] -> [10] {
        fc1 = linear: [64] -> [128],
        rleu -> [128],
        fc2 = linear -> [64],
        softmax(axis = 1),
        fc3 = linear -> [10],
    }
}

fn main() {
    let mut net = Net::<f32>::zeros();
    net.fc1.weight[0][0] = 1.0;
    net.fc2.bias[0] = 1.0;
    net.fc3.weight[63][9] = 1.0;
    let _: [f32; 10] = net.forward(&[0.0; 784]);
}
