//! Ops that halve, repeat and run along axes whose lengths only rustc knows.

use pullback::model;

const D: usize = 6;
const ONE: usize = 1;

model! {
    pub Running: [D] -> [D] { cumprod(0), cumsum(0), roll(2, axis = 0) }
    pub Halves: [D] -> [D / 2] { glu }
    pub Parts: [D] -> [D / 3] { (a, b, c) = split, a + b - c }
    pub Trace: [D, D] -> [] { einsum("ii") }
    pub Product: [D] -> [] { prod }
    pub Back: [2, D] -> [2, D] { flip([0, 1]), logcumsumexp(1) }
    pub One: [ONE] -> [ONE] { logcumsumexp(0), flip(0) }
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
    let back = Back::<f64>::zeros();
    let rows = [x, [0.0; D]];
    let (y, pullback) = back.vjp_inputs(&rows);
    assert_eq!((y[0][0], y[1][0]), (0.0, 6.0));
    assert!((y[0][5] - 6f64.ln()).abs() < 1e-12 && (y[1][5] - 6.456193316018122).abs() < 1e-12);
    let bars = pullback(&[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]);
    assert_eq!(bars[1], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let (five, six) = (1.0 / (1.0 + 1f64.exp()), 1.0 / (1.0 + (-1f64).exp()));
    assert!((bars[0][4] - five).abs() < 1e-12 && (bars[0][5] - six).abs() < 1e-12);
    assert_eq!(One::<f64>::zeros().forward(&[2.5]), [2.5]);
    let variance = Spread::<f64>::zeros().forward(&x);
    assert!((variance - 35.0 / 12.0).abs() < 1e-12);
}
