//! What is generated for users who allow little: no prelude, edition 2021, every item documented, and clippy's pedantic
//! lints. `cargo clippy --workspace` checks it.

#![no_implicit_prelude]
#![deny(missing_docs, unreachable_pub, unused, rust_2018_idioms, missing_debug_implementations)]
#![deny(clippy::all, clippy::pedantic)]

::pullback::model! {
    /// Two layers.
    pub Net: [4] -> [2] {
        hidden = linear -> [8],
        tanh,
        out = linear -> [2],
    }

    /// A layer of any width.
    pub Wide<W>(x: [4]) -> [W] { layer = linear -> [W], relu }

    /// With state, and random in training.
    pub Trained(x: [2, 4], label: index(3)) -> [] {
        norm = batch_norm(x),
        dropout(0.3),
        flatten,
        scores = linear -> [3],
        cross_entropy(label),
    }

    /// A loop, shared weights and a model of models.
    pub Composed(x: [3, 4], y: [4]) -> [2] {
        let encode = linear -> [4],
        states = scan(x, h: [4]) { z = encode, h <- tanh(z + h) },
        mean(axes = 0),
        both = encode(y) + mean(states, axes = 0),
        wide = Wide<6>(both),
        #[frozen]
        linear -> [4],
        Net,
    }

    /// Seen in this crate only.
    pub(crate) Hidden: [2] -> [2] { exp }
}

/// The sum of what the networks give.
#[must_use]
pub fn sum(x: f64) -> f64 {
    let first = Net::<f64>::zeros().forward(&[x; 4]);
    let [hidden, _] = Hidden::<f64>::zeros().forward(&first);
    let [composed, _] = Composed::<f64>::zeros().forward(&[[x; 4]; 3], &[x; 4]);
    hidden + composed
}

#[cfg(test)]
mod tests {
    #[test]
    fn networks_run() {
        ::std::assert_eq!(super::sum(0.5).to_bits(), 1f64.to_bits());
    }
}
