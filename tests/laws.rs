//! placeholder
use pullback::model;
model! {
    /// Doc.
    pub Mlp: [4] -> [3] {
        fc1 = linear -> [8],
        tanh,
        fc2 = linear -> [3],
    }
}
#[test]
fn runs() {
    let net = Mlp::<f64>::zeros();
    println!("{:?} {}", net.forward(&[1.0; 4]), Mlp::<f64>::EXPLAIN);
}
