//! Random models in the language, and what must hold of them.
//!
//! A model is a row of steps. A step applies an example of an op, of whatever shapes, to values that are
//! cut, repeated and reshaped until they fit; or it is arithmetic, a closure, a block, a loop, a shared
//! layer, a user's op. So a new op is tried in all kinds of company by having an example.
//!
//! Each model goes through the whole compiler, whose passes are verified in debug builds, and the
//! interpreter holds it to the laws, exactly, over the prime field ([`crate::eval::laws`]). What fails is made smaller
//! as long as it still fails.

mod compiled;
mod found;
mod generate;
mod tests;

use crate::compile::compile_modes;
use crate::corpus;
use crate::diag::Diags;
use crate::eval::laws::{Trial, hold};
use crate::eval::second::{is_exact, second};
use crate::eval::world::mixed;
use crate::infer::infer;
use crate::library::Library;
use crate::lower::{Lowered, lower, lower_training};
use crate::parse::parse;
use crate::programs::{Programs, programs, training_programs};
use crate::typed::Typed;
use generate::Model;
use proc_macro2::TokenStream;
use pullback_core::check::Gf;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a text.
pub enum Outcome {
    /// It is a model, and all that must hold does.
    Right,
    /// It is none: what the user is told.
    Refused(Vec<String>),
    /// A bug.
    Wrong(String),
}

/// The last model of a text, inferred.
fn inferred(text: &str) -> Result<Typed, Vec<String>> {
    let mut diags = Diags::default();
    let tokens: TokenStream = text.parse().unwrap_or_else(|_| panic!("tokens: {text}"));
    let file = parse(tokens, &mut diags);
    let own = file.models.len();
    let mut library = Library::new(file, TokenStream::new(), &mut diags);
    let mut last = None;
    for id in 0..own {
        let mut of_model = Diags::default();
        let typed = infer(&library, id, &mut of_model);
        library.models[id].broken |= !of_model.is_empty() || typed.broken.is_some();
        diags.append(of_model);
        last = Some(typed);
    }
    match last {
        Some(typed) if diags.is_empty() => Ok(typed),
        _ => Err(diags.messages()),
    }
}

/// Compiles a text and holds its last model to the laws.
pub fn outcome(text: &str) -> Outcome {
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let typed = match inferred(text) {
            Ok(typed) => typed,
            Err(messages) => return Outcome::Refused(messages),
        };
        compile_modes(&typed);
        let trial = Trial::new(&typed);
        // The derivatives of one in eight are differentiated as well.
        let deeply = mixed(&text).next_u64().is_multiple_of(8);
        let held = |mode: &str, programs: &Programs, model: &Lowered| {
            hold(mode, &trial, programs, model);
            if deeply && is_exact(model) {
                // A user's op in it may not have a second derivative.
                let _ = second::<Gf>(mode, &trial, model, &|a, b| a == b);
            }
        };
        held("evaluation", &programs(&typed), &lower(&typed));
        if let Some(training) = training_programs(&typed) {
            held("training", &training, &lower_training(&typed));
        }
        Outcome::Right
    }));
    tried.unwrap_or_else(|panic| {
        let why = panic.downcast_ref::<String>().map(String::as_str);
        let why = why.or_else(|| panic.downcast_ref::<&str>().copied());
        Outcome::Wrong(why.unwrap_or("no reason was given").to_string())
    })
}

/// The smallest model that still fails, found by leaving steps out, and why it does.
fn shrunk(mut model: Model, mut why: String) -> (Model, String) {
    loop {
        let smaller = model.smaller().find_map(|smaller| match outcome(&smaller.text()) {
            Outcome::Wrong(why) => Some((smaller, why)),
            _ => None,
        });
        match smaller {
            Some(found) => (model, why) = found,
            None => return (model, why),
        }
    }
}

/// The examples of all ops as models that others are made of.
fn examples() -> Vec<generate::Example> {
    let mut examples = Vec::new();
    for op in crate::ops::all() {
        for (i, text) in op.examples.iter().enumerate() {
            let stem: String = op.name.split('_').map(corpus::capital).collect();
            let name = format!("{stem}{i}");
            let (_, typed) = corpus::models(&format!("{name}{text}")).next().expect("an example");
            examples.push(generate::Example::new(name, text, &typed));
        }
    }
    examples
}
