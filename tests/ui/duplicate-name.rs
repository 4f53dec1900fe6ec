use pullback::model;

model! {
    pub Steps: [64] -> [10] {
        fc = linear -> [32],
        relu,
        fc = linear -> [10],
    }

    pub Input(x: [64]) -> [64] {
        x = tanh(x),
    }

    pub Inputs(a: [64], a: [64]) -> [64] {
        tanh(a),
    }

    pub Let(x: [64]) -> [64] {
        let f = { linear -> [64] },
        f = tanh,
        f(x),
    }

    pub Parts(x: [64]) -> [32] {
        (a, a) = split(x),
        tanh(a),
    }
}

fn main() {
    let net = Steps::<f32>::zeros();
    let _ = net.fc.weight[0][0];
}
