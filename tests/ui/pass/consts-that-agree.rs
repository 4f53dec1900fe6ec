//! Different constants of one value: rustc compares what the macro cannot.
use pullback::model;

const A: usize = 3;
const B: usize = 3;

trait Sized {
    const SIZE: usize;
}

struct Config;

impl Sized for Config {
    const SIZE: usize = 2 * A;
}

model! {
    pub Sum(x: [A], y: [B]) -> [A] {
        h = x + y,
        linear -> [B],
        fc = linear -> [3],
        h + fc,
    }

    pub Chain: [A] -> [Config::SIZE] {
        relu: [B] -> [3],
        linear -> [2 * B],
    }
}

fn main() {
    let mut sum = Sum::<f64>::zeros();
    sum.fc.bias = [1.0; 3];
    assert_eq!(sum.forward(&[1.0; 3], &[2.0; A]), [4.0; B]);
    let chain = Chain::<f64>::zeros();
    let (y, pullback) = chain.vjp(&[1.0; A]);
    assert_eq!(y, [0.0; 6]);
    assert_eq!(pullback(&[1.0; 6]).1.linear1.bias, [1.0; 6]);
}
