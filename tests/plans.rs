//! The plans of the zoo: how many contractions, loops and buffers each function takes. A change of the
//! compiler that computes something twice, or keeps what it need not, shows here.
//!
//! `BLESS=1 cargo test --test plans` writes `tests/plans.txt` anew.

mod zoo;

use std::fmt::Write as _;
use zoo::*;

pullback::model! {
    /// Statistics over the batch.
    pub(crate) Batch: [3, 5] -> [3, 5] { batch_norm }

    /// A step that is computed again, on the weight of a table as it is and on it turned over.
    pub(crate) Again(x: [6, 4]) -> [6, 4] {
        w = parameter -> [4, 4],
        #[recompute]
        { h = exp(x), matmul(h, w), tanh, square },
        square,
    }
    pub(crate) AgainTurned(x: [6, 4]) -> [6, 4] {
        w = parameter -> [4, 4],
        #[recompute]
        { h = exp(x), matmul(h, transpose(w)), tanh, square },
        square,
    }

    /// A norm by itself.
    pub(crate) Norm: [2, 9] -> [2, 9] { layer_norm(affine = false), scale(2) }
}

/// The first line of each function: the loops themselves are in `EXPLAIN`.
fn summaries(explain: &str) -> String {
    let lines = explain.lines().filter(|line| !line.starts_with(' '));
    lines.fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  {line}");
        text
    })
}

macro_rules! plans {
    ($(($name:ident $Model:ident $kind:ident))*) => {
        [$((stringify!($Model), $Model::<f32>::EXPLAIN)),*]
    };
}

#[test]
fn the_plans_of_the_zoo_are_as_they_were() {
    let mut found = String::new();
    for (name, explain) in zoo_models!(plans) {
        let _ = writeln!(found, "{name}\n{}", summaries(explain));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &found).expect("tests/plans.txt can be written");
    }
    let expected = std::fs::read_to_string(path).expect("tests/plans.txt can be read");
    assert_eq!(found, expected, "`BLESS=1 cargo test --test plans` if that is better");
}

#[test]
fn what_a_plan_should_be() {
    // An elementwise chain is one loop; on the way back one more, and one number per element is kept.
    assert!(Chain::<f32>::EXPLAIN.contains("forward: 0 contractions, 1 loop, 0 buffers"));
    assert!(Chain::<f32>::EXPLAIN.contains("vjp: 0 contractions, 2 loops, 1 buffer of 5 numbers"));
    // Bias and activation are in the contractions, and so is what the cotangent is multiplied by.
    assert!(Mlp::<f32>::EXPLAIN.contains("forward: 3 contractions, 0 loops"));
    // The slope of tanh is kept beside its value, which where it is nearly 1 does not tell it.
    assert!(Mlp::<f32>::EXPLAIN.contains("vjp: 9 contractions, 3 loops, 5 buffers"));
    // A norm takes three passes: mean, variance, and everything else. Back, it keeps two numbers per row
    // and takes two: the sums, and everything else.
    let norm = Norm::<f32>::EXPLAIN;
    // Over the batch one more pass counts the samples; the running statistics cost none, and back the
    // sums are those of the parameters' gradients.
    let batch = BatchTraining::<f32>::EXPLAIN;
    assert!(batch.contains("forward: 0 contractions, 4 loops, 4 buffers"), "{batch}");
    assert!(batch.contains("vjp: 0 contractions, 6 loops, 6 buffers"), "{batch}");
    // In evaluation it is a factor and a summand for each channel.
    assert!(Batch::<f32>::EXPLAIN.contains("forward: 0 contractions, 2 loops, 2 buffers"));
    assert!(norm.contains("forward: 0 contractions, 3 loops, 2 buffers of 4 numbers"), "{norm}");
    assert!(norm.contains("vjp: 0 contractions, 5 loops, 4 buffers of 8 numbers"), "{norm}");
}

/// What is computed again keeps nothing, whichever way its weights are turned.
#[test]
fn nothing_is_kept_of_what_is_computed_again() {
    let vjp = |explain: &'static str| {
        let line = explain.lines().find(|line| line.starts_with("vjp: ")).expect("a plan");
        line.split_once("buffers").expect("buffers").1
    };
    assert_eq!(vjp(Again::<f32>::EXPLAIN), vjp(AgainTurned::<f32>::EXPLAIN));
}
