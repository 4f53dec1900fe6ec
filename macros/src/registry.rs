//! The registry as seen from outside: models of every op for the tests, and the README's table.
//!
//! A proc-macro crate exports nothing but macros, so tests in other crates reach the registry through
//! these.

use crate::diag::Diags;
use crate::infer::infer;
use crate::library::Library;
use crate::ops;
use crate::parse::parse;
use crate::pipeline::{self, compile_modes};
use proc_macro2::TokenStream;
use std::fmt::Write as _;

/// Declares a model for each example of each op, and calls `callback!` with
/// `(name Type algebraic|real)` for every one of them, and behind all with
/// `(name Type training|random)` for those that have calls for training, where the type is that of
/// these.
///
/// There are many of them. Who works on a few sets `PULLBACK_OPS=conv2d,linear` and touches the test.
///
/// `call` is the callback and which share of how many: they are too many for one crate.
pub fn models(krate: &TokenStream, call: &TokenStream) -> TokenStream {
    let mut call = call.clone().into_iter();
    let callback = call.next();
    let mut number = || call.next().and_then(|token| token.to_string().parse::<usize>().ok());
    let (share, shares) = (number().unwrap_or(0), number().unwrap_or(1).max(1));
    let only = std::env::var("PULLBACK_OPS").ok();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.split(',').any(|op| op == name));
    let mut models = String::new();
    let (mut list, mut training) = (String::new(), String::new());
    let ours = ops::all().enumerate().filter(|(i, _)| i % shares == share).map(|(_, op)| op);
    for op in ours.filter(|op| wanted(op.name)) {
        for (i, example) in op.examples.iter().enumerate() {
            let doc = format!("`{}`: {example}", op.name);
            let ty: String = op.name.split('_').map(capital).collect();
            let model = format!("#[doc = {doc:?}] pub(crate) {ty}{i}{example}\n");
            let kind = if is_real(&model) { "real" } else { "algebraic" };
            let _ = writeln!(list, "({}_{i} {ty}{i} {kind})", op.name);
            if let ops::Body::Modes { random, .. } = op.body {
                let kind = if random { "random" } else { "training" };
                let _ = writeln!(training, "({}_{i} {ty}{i}Training {kind})", op.name);
            }
            models += &model;
        }
    }
    let models: TokenStream = models.parse().unwrap_or_default();
    let list: TokenStream = (list + &training).parse().unwrap_or_default();
    let models = pipeline::expand(krate, None, models);
    quote::quote! { #models #callback! { #list } }
}

fn is_real(model: &str) -> bool {
    let mut diags = Diags::default();
    let file = parse(model.parse().unwrap_or_default(), &mut diags);
    let library = Library::new(file, TokenStream::new(), &mut diags);
    let typed = infer(&library, 0, &mut diags);
    diags.is_empty() && compile_modes(&typed).real
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// The table of ops, as Markdown.
pub fn table() -> String {
    let mut text = String::from("| op | value |\n|---|---|\n");
    for op in ops::all() {
        let doc: Vec<&str> = op.doc.split_whitespace().collect();
        let _ = writeln!(text, "| `{}` | {} |", op.signature, doc.join(" ").replace('|', "\\|"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_model_without_mistakes() {
        for op in ops::all() {
            assert!(!op.examples.is_empty(), "`{}` has no example", op.name);
            for example in op.examples {
                let mut diags = Diags::default();
                let file = parse(format!("Example{example}").parse().expect("tokens"), &mut diags);
                let library = Library::new(file, TokenStream::new(), &mut diags);
                infer(&library, 0, &mut diags);
                assert!(diags.is_empty(), "`{}`: {example}: {:?}", op.name, diags.messages());
            }
        }
    }

    #[test]
    fn names_and_options_are_unique() {
        let names: Vec<&str> = ops::all().map(|op| op.name).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[..i].contains(name), "two ops are called `{name}`");
            assert!(crate::foreign::words(name).is_none(), "`{name}` is an op and needs no hint");
        }
    }
}
