//! Which models rustc compiles for the tests.
//!
//! The interpreter holds every model to the laws and to the values of other libraries, as far as loops in planned memory. What
//! is left is whether the text that is generated says the same as the loops, and what rustc and kernels make of
//! it. So those models are compiled that together have every kind of text: each kernel with each kind of each of
//! its arguments, each function of lanes, each condition and statement around them. They are in
//! `tests/generated/models.rs`, which `BLESS=1 cargo test -p pullback-macros cover` writes.

mod kinds;
mod tests;

use crate::compile::{Compiled, compile_modes};
use crate::corpus::{self, capital};
use crate::ops;
use crate::suites;
use std::collections::BTreeSet;

/// A model that may be compiled.
struct Candidate {
    /// What a test of it is called.
    name: String,
    /// The type, and its declaration without its name.
    model: String,
    text: String,
    /// The file of its values, and what they are found by.
    suite: &'static str,
    key: String,
    kinds: BTreeSet<String>,
    /// How much text it becomes.
    length: usize,
    /// `algebraic` or `real`.
    scalars: &'static str,
    /// If it has calls for training, whether they have values.
    training: Option<bool>,
}

impl Candidate {
    fn new(suite: &'static str, key: &str, name: String, model: String, text: &str) -> Candidate {
        let (_, typed) = corpus::models(&format!("{model}{text}")).last().expect("a model");
        let made = compile_modes(&typed);
        let (kinds, length) = kinds_of(&made);
        Candidate {
            name,
            model,
            text: text.to_string(),
            suite,
            key: key.to_string(),
            kinds,
            length,
            scalars: if made.real { "real" } else { "algebraic" },
            training: typed.modes().map(|random| !random && matches!(suite, "ops" | "ties")),
        }
    }
}

/// The kinds of text that a model becomes, and how long it is.
fn kinds_of(made: &Compiled) -> (BTreeSet<String>, usize) {
    let (mut kinds, mut length) = (BTreeSet::new(), 0);
    for made in [Some(made), made.training.as_deref()].into_iter().flatten() {
        for text in [&made.code.functions, &made.code.items] {
            length += text.len();
            kinds::collect(text.parse().expect("tokens"), &mut kinds);
        }
    }
    (kinds, length)
}

/// The examples of all ops, and the models of the suites.
fn candidates() -> Vec<Candidate> {
    let mut all = Vec::new();
    for op in ops::all() {
        for (i, example) in op.examples.iter().enumerate() {
            let model: String = op.name.split('_').map(capital).collect();
            let name = format!("{}_{i}", op.name);
            all.push(Candidate::new("ops", &name, name.clone(), format!("{model}{i}"), example));
        }
    }
    for (suite, file) in [("torch", suites::TORCH), ("onnx", suites::ONNX), ("ties", suites::TIES)]
    {
        for line in file.lines().filter(|line| !line.starts_with("//") && !line.is_empty()) {
            let (model, text) = line.split_once(' ').expect("a name and a model");
            let name = format!("{suite}_{}", model.to_lowercase());
            all.push(Candidate::new(
                suite,
                model,
                name,
                format!("{}{model}", capital(suite)),
                text,
            ));
        }
    }
    for (suite, file) in [("grid", suites::GRID), ("models", suites::NETWORKS)] {
        for row in suites::rows(file) {
            let [case, model] = ["case", "model"].map(|key| row[key].as_str().expect("a text"));
            let (model, text) = model.split_once('(').expect("inputs");
            let text = format!("({text}");
            let model = format!("{}{model}", capital(suite));
            all.push(Candidate::new(suite, case, format!("{suite}_{case}"), model, &text));
        }
    }
    all
}

/// Models that have all kinds of text that `covered` does not, greedily: the next is that with the most that is new for its
/// length.
fn chosen<'a>(all: &'a [Candidate], mut covered: BTreeSet<&'a str>) -> Vec<usize> {
    let mut chosen = Vec::new();
    loop {
        let worth = |candidate: &Candidate| {
            let new = candidate.kinds.iter().filter(|kind| !covered.contains(&***kind)).count();
            new as f64 / (candidate.length as f64).powf(0.8)
        };
        let worths = all.iter().map(worth).enumerate();
        let best = worths.reduce(|a, b| if b.1 > a.1 { b } else { a });
        match best {
            Some((best, worth)) if worth > 0.0 => {
                chosen.push(best);
                covered.extend(all[best].kinds.iter().map(String::as_str));
            }
            _ => return chosen,
        }
    }
}
