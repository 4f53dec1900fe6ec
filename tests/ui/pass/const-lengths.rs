//! Ops that halve, repeat and run along axes whose lengths only rustc knows.

use pullback::model;

const D: usize = 6;

model! {
    pub Running: [D] -> [D] { cumprod(0), cumsum(0), roll(2, axis = 0) }
    pub Halves: [D] -> [D / 2] { glu }
    pub Parts: [D] -> [D / 3] { (a, b, c) = split, a + b - c }
    pub Trace: [D, D] -> [] { einsum("ii") }
    pub Product: [D] -> [] { prod }
    pub Spread: [D] -> [] { repeat_interleave(2, axis = 0), var(correction = 0) }
}

fn main() {
    let (halves, parts) = (Halves::<f64>::zeros(), Parts::<f64>::zeros());
    let product = Product::<f64>::zeros();
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(Running::<f64>::zeros().forward(&x), [153.0, 873.0, 1.0, 3.0, 9.0, 33.0]);
    let (half, pullback) = halves.vjp_inputs(&[1.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
    assert_eq!(half, [0.5, 1.0, 1.5]);
    assert_eq!(pullback(&[1.0, 1.0, 2.0]), [0.5, 0.5, 1.0, 0.25, 0.5, 1.5]);
    let (y, pullback) = parts.vjp_inputs(&x);
    assert_eq!((y, pullback(&[1.0, 2.0])), ([-1.0, 0.0], [1.0, 2.0, 1.0, 2.0, -1.0, -2.0]));
    assert_eq!(Trace::<f64>::zeros().forward(&[x; D]), 21.0);
    let (y, pullback) = product.vjp_inputs(&[1.0, 2.0, 0.0, 1.0, 1.0, 3.0]);
    assert_eq!((y, pullback(&1.0)), (0.0, [0.0, 0.0, 6.0, 0.0, 0.0, 0.0]));
    let variance = Spread::<f64>::zeros().forward(&x);
    assert!((variance - 35.0 / 12.0).abs() < 1e-12);
}
