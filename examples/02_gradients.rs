//! Three ways to ask a network for derivatives, and a law that ties them together.
//!
//! `cargo run --example 02_gradients`

use pullback::check::{self, Dual, Gf};
use pullback::{loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};

model! {
    /// A small network with a skip connection.
    pub Net(x: [3]) -> [2] {
        h = linear -> [3],
        tanh,
        x + h,
        out = linear -> [2],
    }
}

fn main() {
    let mut rng = StdRng::seed_from_u64(3);
    let net = Net::<f64>::init(&mut rng);
    let x: [f64; 3] = rng.random();

    // Forwards. The JVP answers: if the input moves along `dx`, how does the output move?
    let dx: [f64; 3] = rng.random();
    let (y, dy) = net.jvp(&x, &dx);
    println!("f(x) = {y:.4?}, and along dx it moves by {dy:.4?}");

    // A difference quotient says about the same.
    let h = 1e-6;
    let moved = net.forward(&[x[0] + h * dx[0], x[1] + h * dx[1], x[2] + h * dx[2]]);
    println!("a difference quotient says      {:.4?}", [0, 1].map(|i| (moved[i] - y[i]) / h));

    // Backwards. The VJP gives the output together with the pullback: a function that takes a
    // cotangent of the output to those of the input and of all parameters. The forward pass has
    // been done once; the pullback can be called as often as one likes.
    let (_, pullback) = net.vjp(&x);
    let y_bar: [f64; 2] = rng.random();
    let (x_bar, net_bar) = pullback(&y_bar);
    println!("\nthe pullback of {y_bar:.4?} is {x_bar:.4?} for x,");
    println!("and {:.4?} for `out.bias`", net_bar.out.bias);
    let jacobian = [[1.0, 0.0], [0.0, 1.0]].map(|row| pullback(&row).0);
    println!("row by row it gives the Jacobian {jacobian:.4?}");

    // The law: both are the same linear map, read from either side. ⟨jvp, ȳ⟩ = ⟨dx, vjp⟩.
    let (left, right) = (dot(&dy, &y_bar), dot(&dx, &x_bar));
    println!("\n⟨jvp, ȳ⟩ = {left:.15}\n⟨dx, vjp⟩ = {right:.15}");
    assert!((left - right).abs() < 1e-14);

    // Over `f64` that holds up to rounding. Over a finite field nothing is rounded, so this one
    // line tests it for equality, at random points, and also that the JVP is the derivative, with
    // dual numbers. It panics if a single bit is wrong.
    check::exactly::<Net<Gf>, Net<Dual<Gf>>>();
    println!("and exactly so over the integers modulo 2⁶¹ − 1");

    // For training there is a shorter way: a loss in, its value and gradient out.
    let target = [1.0, -1.0];
    let mut net = net.boxed(); // a copy: `pullback` still looks at the first
    println!("\nsteepest descent towards {target:?}");
    for step in 0..=20 {
        let (value, gradient) = net.value_and_grad(&x, |y| loss::mse(y, &target));
        if step % 5 == 0 {
            println!("  step {step:>2}: loss {value:.6}");
        }
        for (p, g) in net.flat_mut().iter_mut().zip(gradient.flat()) {
            *p -= 0.2 * g;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
