//! The compiler behind `pullback::model!`.
//!
//! ```text
//! parse → infer → lower   → linearize → transpose → simplify → fuse → plan → codegen → expand
//! ast     typed   function linear programs         functions  nests  slots  text      items
//! ```
//!
//! What the middle makes of a model is one value, `programs`: functions, of which generated Rust is one reading.
//!
//! - *Data*: `diag`, `shape`, `number`, `ast`, `typed`, `ir`, `layout`, `lin`, `nest`; `builder` writes instructions of the `ir`, and
//!   simplifies while it does. `text` is how they are written down, `verify` what must hold of them.
//! - *Knowledge*: `prim`, the scalar functions; `ops`, one stanza for each op; `elsewhere`, what other frameworks call them,
//!   and `foreign`, how calls of theirs are written here.
//! - *Passes*: named in the picture; they do not know each other. `programs` knows the order of those up to functions,
//!   `compile` that of those up to text, `pipeline` that of all.
//!
//! Invariant: up to `infer` mistakes are the user's and go to `Diags`; after it any failure is a bug of
//! this crate, which `pipeline` turns into an error message that says so.
//!
//! Tests have more: `eval` runs functions, linear programs and loops without rustc, `goldens` are texts of what each
//! pass makes, `random` makes models, `plain` compares with the formulas of `pullback::spec`. `tests/README.md` says
//! which test sees what.
//!
//! Invariant: no op has a rule for its VJP. Ops give values and, where the derived tangent would not do,
//! tangents; the linear operations are a closed set, and `transpose` has one arm for each.
//!
//! Invariant: the batch is an axis like any other, always the first (`ir`).
//!
//! # Two layers that check shapes
//!
//! `infer` runs every op's rule σ → τ and reports what does not fit. rustc is asked for what a macro
//! cannot know, and for what must not rest on this crate alone:
//!
//! - the arrays in the signatures of all methods, and `Model::Domain` and `Codomain` as types;
//! - whether a user's op has the `Dom` and `Cod` that the model takes it to have (`expand::customs`);
//! - whether dimensions that only rustc can compare are equal, and that no `const` is 0 (`expand`);
//! - whether the struct is as large as its parameters.
//!
//! It is not asked to repeat the rule of each built-in step. Over the shapes that `infer` has found it could
//! only find this crate at odds with itself, and every build of a user's would pay for the types of every
//! step. That question is asked once, in the tests: `plain` compares each op with its struct
//! in `pullback::spec`, whose `Dom` and `Cod` are the same rule as types, and the kernels compare the
//! lengths they are given with what they are told to do.
#![allow(unreachable_pub, reason = "a proc-macro crate exports nothing but its macros")]

// A module imports from those above it (`tests/tidy.rs`).

// What everything is made of.
mod bug;
mod tuning;
mod prim;
mod shape;
mod number;

// Functions of arrays, and what writes them.
mod ir;
mod layout;
mod builder;
mod lin;
mod invariant;

// What makes other functions of them.
mod linearize;
mod transpose;
mod simplify;
mod recompute;

// Ops, and what they are called elsewhere.
mod trace;
mod ops;
mod elsewhere;

// The language: what a text says, and what is wrong with it.
mod ast;
mod diag;
mod parse;
mod foreign;
mod typed;
mod library;
mod infer;

// From there to functions.
mod lower;
mod entries;
mod programs;

// To loops in planned memory, and to the text of Rust.
mod nest;
mod fuse;
mod plan;
mod codegen;
mod compile;
mod expand;
mod pipeline;
#[cfg(test)]
mod registry;

// How functions and loops are written for people, and what must hold of them.
mod text;
mod verify;

// Tests have more.
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod eval;
#[cfg(test)]
mod suites;
#[cfg(test)]
mod cover;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod random;

use proc_macro::TokenStream;

/// `model!` with the path of the runtime crate in brackets before the models; or, at the end of a chain of
/// calls that collects definitions, `[] { [krate] definitions } { models }` (see `library`).
#[doc(hidden)]
#[proc_macro]
pub fn model_with(tokens: TokenStream) -> TokenStream {
    let (krate, rest) = split(tokens.into());
    if !krate.is_empty() {
        return pipeline::expand(&krate, None, rest).into();
    }
    let mut groups = rest.into_iter().map(|token| match token {
        proc_macro2::TokenTree::Group(group) => group.stream(),
        _ => proc_macro2::TokenStream::new(),
    });
    let collected = groups.next().unwrap_or_default();
    let (krate, definitions) = split(collected);
    pipeline::expand(&krate, Some(definitions), groups.next().unwrap_or_default()).into()
}

/// The models, in a scope in which every name of their expansion is taken, for tests.
#[doc(hidden)]
#[proc_macro]
pub fn hostile_scope_with(tokens: TokenStream) -> TokenStream {
    let expansion = proc_macro2::TokenStream::from(model_with(tokens));
    let scope = expand::hostile(expansion.clone());
    quote::quote!(#scope #expansion).into()
}

/// Text as tokens, read by rustc alone: `proc_macro2` would first try whether it can be read, with a
/// reader of its own, for a fifth of the time of an expansion.
fn lex(text: &str) -> Result<proc_macro2::TokenStream, String> {
    if proc_macro::is_available() {
        text.parse().map(TokenStream::into).map_err(|error| error.to_string())
    } else {
        text.parse().map_err(|error: proc_macro2::LexError| error.to_string())
    }
}

/// The path of the runtime crate, and what follows it.
fn split(tokens: proc_macro2::TokenStream) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    let mut tokens = tokens.into_iter();
    let krate = match tokens.next() {
        Some(proc_macro2::TokenTree::Group(group)) => group.stream(),
        _ => quote::quote!(::pullback),
    };
    (krate, tokens.collect())
}
