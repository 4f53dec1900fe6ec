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

    pub Sums(x: [A + 5], y: [B, 2 * B]) -> [8, A + B] {
        h = linear(x) -> [8],
        z = h + x,
        wide = broadcast(z) -> [B + 3, 8],
        thin = slice(wide, 0..A + B, axis = 1),
        fc = linear(thin) -> [6, 9],
        fc * sum(h),
        flatten -> [A * 18],
        rest = reshape -> [B + 6, 2 * B],
        u = sum(y, axes = 1) + sum(rest),
        linear(u) -> [8 * 6],
        reshape -> [8, A + 3],
    }

    pub Product: [A, B] -> [9] {
        flatten: [A, 3],
        relu,
    }
}

fn main() {
    let mut sum = Sum::<f64>::zeros();
    sum.fc.bias = [1.0; 3];
    assert_eq!(sum.forward(&[1.0; 3], &[2.0; A]), [4.0; B]);
    let sums = Sums::<f64>::zeros();
    assert_eq!(sums.forward(&[1.0; 8], &[[1.0; 6]; 3]), [[0.0; 6]; 8]);
    assert_eq!(Product::<f64>::zeros().forward(&[[1.0; 3]; 3]), [1.0; 9]);
    let chain = Chain::<f64>::zeros();
    let (y, pullback) = chain.vjp(&[1.0; A]);
    assert_eq!(y, [0.0; 6]);
    assert_eq!(pullback(&[1.0; 6]).1.linear1.bias, [1.0; 6]);
}
