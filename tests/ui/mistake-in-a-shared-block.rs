use pullback::model;

model! {
    /// However often it is applied, the mistake is one.
    pub Distance(a: [64], b: [64]) -> [16] {
        let encode = { linear -> [32], tahn, linear -> [16] } -> [16],
        u = encode(a),
        v = encode(b),
        w = encode(a + b),
        u + v + w,
    }
}

fn main() {
    let net = Distance::<f32>::zeros();
    let _ = net.encode.linear1.weight[0][0] + net.encode.linear2.bias[0];
}
