//! Models for tests: every example of every op, and the zoo.

use crate::ast::File;
use crate::diag::Diags;
use crate::infer::infer;
use crate::library::Library;
use crate::ops;
use crate::parse::parse;
use crate::typed::Typed;
use proc_macro2::{TokenStream, TokenTree};

/// The models of the zoo that other tests compile.
const ZOO: &str = include_str!("../../tests/zoo/mod.rs");

/// All of them with their names.
pub fn all() -> Vec<(String, Typed)> {
    examples().chain(zoo()).collect()
}

/// The examples of every op, called `{op}_{i}`.
pub fn examples() -> impl Iterator<Item = (String, Typed)> {
    ops::all().flat_map(|op| {
        let example = |(i, example): (usize, &&str)| {
            models(&format!("Example{example}"))
                .map(move |(_, typed)| (format!("{}_{i}", op.name), typed))
        };
        op.examples.iter().enumerate().flat_map(example).collect::<Vec<_>>()
    })
}

/// The models of the zoo with their names.
pub fn zoo() -> impl Iterator<Item = (String, Typed)> {
    in_file(ZOO)
}

/// The models of a Rust file with their names.
pub fn in_file(text: &str) -> impl Iterator<Item = (String, Typed)> + use<> {
    let mut found = Vec::new();
    collect(text.parse().expect("tokens"), &mut found);
    assert!(!found.is_empty(), "there are no models in the file");
    found.into_iter()
}

fn collect(file: TokenStream, found: &mut Vec<(String, Typed)>) {
    let mut tokens = file.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_model = matches!(&token, TokenTree::Ident(name) if name == "model")
            && matches!(tokens.peek(), Some(TokenTree::Punct(bang)) if bang.as_char() == '!');
        if is_model {
            tokens.next();
            if let Some(TokenTree::Group(group)) = tokens.next() {
                found.extend(of_tokens(group.stream()));
            }
        } else if let TokenTree::Group(group) = token {
            collect(group.stream(), found);
        }
    }
}

/// The models of a text without mistakes, with their names.
pub fn models(text: &str) -> impl Iterator<Item = (String, Typed)> + use<> {
    of_tokens(text.parse().expect("tokens"))
}

fn of_tokens(tokens: TokenStream) -> impl Iterator<Item = (String, Typed)> {
    let text = tokens.to_string();
    let mut diags = Diags::default();
    let file: File = parse(tokens, &mut diags);
    let own = file.models.len();
    let library = Library::new(file, TokenStream::new(), &mut diags);
    let typed: Vec<(String, Typed)> = (0..own)
        .filter(|id| library.models[*id].ast.sizes.is_empty())
        .map(|id| (library.models[id].ast.name.to_string(), infer(&library, id, &mut diags)))
        .collect();
    assert!(diags.is_empty(), "{text}\n{:?}", diags.messages());
    typed.into_iter()
}

/// A word as it is a part of the name of a type.
pub fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
