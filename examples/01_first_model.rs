//! A first network: declare it, make it, run it, look at what it holds.
//!
//! `cargo run --example 01_first_model`

use pullback::model;
use rand::{SeedableRng, rngs::StdRng};

model! {
    /// Four measures of a flower in, probabilities of three species out.
    ///
    /// Shapes are in brackets. A step begins with what the one before it gives, and a step that
    /// has parameters can have a name. All of it is checked while this file compiles.
    pub Iris: [4] -> [3] {
        hidden = linear -> [8],
        tanh,
        out = linear -> [3],
        softmax,
    }
}

fn main() {
    // `Iris` is a struct, generic over the number type. `init` draws what PyTorch would draw.
    let mut net = Iris::<f32>::init(&mut StdRng::seed_from_u64(7));

    // An array in, an array out; `&[0.0; 5]` would not compile.
    let flower = [5.1, 3.5, 1.4, 0.2];
    let species: [f32; 3] = net.forward(&flower);
    println!("before: {species:.3?}");

    // Parameters are plain arrays in plain fields.
    net.out.bias = [0.0, 5.0, 0.0];
    println!("after:  {:.3?}, having favoured the second\n", net.forward(&flower));

    // The same parameters as a table, in the order in which they lie in memory,
    println!("{:<15}{:<10}{:>7}{:>9}{:>9}", "parameter", "shape", "count", "least", "largest");
    for view in net.views() {
        let least = view.data.iter().copied().fold(f32::INFINITY, f32::min);
        let largest = view.data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (shape, count) = (format!("{:?}", view.shape), view.data.len());
        println!("{:<15}{shape:<10}{count:>7}{least:>9.3}{largest:>9.3}", view.name);
    }
    // and as one slice, which is what an optimiser takes.
    assert_eq!(net.flat().len(), Iris::<f32>::PARAMS);
    println!(
        "in all {} parameters; a forward pass takes {} operations\n",
        Iris::<f32>::PARAMS,
        Iris::<f32>::FLOPS
    );

    // What the macro has made of the declaration: each function's loops, and what they read and
    // write. There is no graph at run time, only this code.
    let forward = Iris::<f32>::EXPLAIN.lines().enumerate();
    let forward = forward.take_while(|(i, line)| *i == 0 || line.starts_with(' '));
    forward.for_each(|(_, line)| println!("{line}"));
    println!("… and so on for the derivatives: print all of `Iris::<f32>::EXPLAIN` to see them");
}
