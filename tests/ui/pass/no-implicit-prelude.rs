//! Nothing of the prelude is in scope, and what is in scope has misleading names.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

struct Box;
struct Vec;
struct Option;
struct Result;
struct String;
struct Some;
struct Const;
struct Index;
struct Workspace;
mod core {}
mod std {}
mod pullback {}

::pullback::model! {
    /// A network among strangers.
    pub Net(x: [4], label: index(3)) -> [] {
        fc1 = linear(x) -> [5],
        gelu,
        fc2 = linear -> [3],
        cross_entropy(fc2, label),
    }

    /// Loops, forth and back.
    pub Loops: [6, 4] -> [130, 3] {
        scan(h: [4]) { q = linear -> [4], h <- tanh(q + h) },
        lstm -> [6, 3],
        repeat([22, 1]),
        slice(0..130),
        multihead_attention(heads = 3, causal = true),
        cumsum(0),
    }

    /// Another function in training.
    pub Modes: [2, 4] -> [2, 4] {
        let twice = batch_norm,
        twice, twice,
        #[recompute]
        blocks = [{ linear -> [2, 4], dropout(0.5) }; 2],
        #[frozen]
        conv1d(kernel = 3, padding = 1) -> [2, 4],
        max_pool1d(kernel = 1),
    }
}

fn main() {
    let net = Net::<f64>::zeros();
    let label = ::pullback::Index::<3>::new(0);
    if let ::core::result::Result::Ok(label) = label {
        net.forward(&[1.0; 4], &label);
    }
    let (loops, modes) = (Loops::<f64>::zeros(), Modes::<f64>::zeros());
    loops.forward(&[[1.0; 4]; 6]);
    modes.forward(&[[1.0; 4]; 2], &ModesState::new());
}
