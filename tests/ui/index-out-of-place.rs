use pullback::model;

model! {
    pub Loss(logits: [10], label: index(12)) -> [] {
        cross_entropy(logits, label),
    }

    pub Bound(label: index(0)) -> [3] {
        one_hot(label), linear -> [3],
    }

    pub Right(logits: [10], label: index(10)) -> [] {
        cross_entropy(logits, label),
    }
}

fn main() {
    let net = Right::<f32>::zeros();
    net.forward(&[0.0; 10], &3);
}
