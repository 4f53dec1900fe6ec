//! Two ways to bring your own function: a closure, which is differentiated for you, and a struct
//! that says itself what its derivatives are.
//!
//! `cargo run --example 04_your_own_op`

use pullback::check::{self, Dual, Gf};
use pullback::spec::{Op, adjoint_gap};
use pullback::{Scalar, Shape, model};

/// The sums of all beginnings of a list: y₀ = x₀, y₁ = x₀ + x₁, y₂ = x₀ + x₁ + x₂ and so on.
///
/// The language has no such op, so this says what it does and what its two derivatives are, for
/// any type of numbers.
struct RunningSum;

impl<T: Scalar> Op<T> for RunningSum {
    type Dom = Shape![6];
    type Cod = Shape![6];

    fn forward(&self, x: &[T], y: &mut [T]) {
        let mut sum = T::ZERO;
        for (y, x) in y.iter_mut().zip(x) {
            sum = sum + *x;
            *y = sum;
        }
    }

    /// The op is linear: it is its own derivative.
    fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
        self.forward(dx, dy);
    }

    /// xᵢ goes into yᵢ and all after it, so its cotangent is a running sum from the end.
    fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
        let mut sum = T::ZERO;
        for (x_bar, y_bar) in x_bar.iter_mut().zip(y_bar).rev() {
            sum = sum + *y_bar;
            *x_bar = sum;
        }
    }
}

model! {
    /// Steps of a walk in, positions out: they never go back.
    pub Walk: [6] -> [6] {
        pace = linear -> [6],
        // A closure acts on each element. Its derivatives are found by the macro, and it becomes
        // one loop with its neighbours.
        |v| v * v / (1.0 + v * v),
        // A struct is used like any op; the arrow tells the macro its shape.
        RunningSum {} -> [6],
    }
}

fn main() {
    // Is the op's VJP the transpose of its JVP? ⟨jvp(x, dx), δ⟩ = ⟨dx, vjp(x, δ)⟩:
    let (x, dx, delta) =
        ([1.0; 6], [1.0, 0.0, -2.0, 0.5, 0.0, 3.0], [2.0, 1.0, 0.0, -1.0, 4.0, 1.0]);
    let (left, right) = adjoint_gap(&RunningSum, &x, &dx, &delta);
    println!("⟨jvp(x, dx), δ⟩ = {left} = {right} = ⟨dx, vjp(x, δ)⟩");
    assert_eq!(left, right);

    // The same for the whole network, exactly, with its parameters, the closure and the op in it.
    check::exactly::<Walk<Gf>, Walk<Dual<Gf>>>();
    println!("the network's derivatives are exact");

    // With the identity as `pace`, we see both at work.
    let mut net = Walk::<f64>::zeros();
    for i in 0..6 {
        net.pace.weight[i][i] = 1.0;
    }
    let steps = [1.0, -1.0, 0.0, 3.0, 0.5, -2.0];
    let (positions, pullback) = net.vjp_inputs(&steps);
    println!("\nsteps     {steps:>5.2?}\npositions {positions:>5.2?}");

    // How does the last position depend on each step?
    println!("slopes    {:>5.2?}", pullback(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]));
}
