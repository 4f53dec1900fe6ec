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
}

fn main() {
    let net = Net::<f64>::zeros();
    let label = ::pullback::Index::<3>::new(0);
    if let ::core::result::Result::Ok(label) = label {
        net.forward(&[1.0; 4], &label);
    }
}
