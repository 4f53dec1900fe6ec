//! A first network.
fn main(){ use rand::{SeedableRng, rngs::StdRng}; let net = Irises::<f32>::init(&mut StdRng::seed_from_u64(1)); println!("{}", Irises::<f32>::EXPLAIN); for v in net.views() { println!("{v:?}"); } println!("{} {} {}", Irises::<f32>::PARAMS, Irises::<f32>::FLOPS, Irises::<f32>::WORKSPACE_BYTES); println!("{:?}\n{net:?}", net.forward(&[0.1,0.2,0.3,0.4])); }
pullback::model! {
    /// a
    pub Irises: [4] -> [3] { hidden = linear -> [8], tanh, out = linear -> [3], softmax }
}
