//! The compiler behind [`pullback::model!`](https://docs.rs/pullback).
#![allow(unreachable_pub, reason = "a proc-macro crate exports nothing but its macros")]

mod diag;
mod shape;
mod number;
mod ast;
mod typed;
mod ir;
mod build;
mod lin;
mod trace;
mod nest;
mod ops;
mod parse;
mod infer;
mod lower;
mod simplify;
mod linearize;
mod transpose;
mod fuse;
mod plan;
mod codegen;
mod expand;
mod pipeline;
mod registry;

use proc_macro::TokenStream;

/// `model!` with the path of the runtime crate in brackets before the models.
#[doc(hidden)]
#[proc_macro]
pub fn model_with(tokens: TokenStream) -> TokenStream {
    let (krate, rest) = split(tokens);
    pipeline::expand(&krate, rest).into()
}

/// Models of every op, for tests: `op_models_with! { [crate] callback }`.
#[doc(hidden)]
#[proc_macro]
pub fn op_models_with(tokens: TokenStream) -> TokenStream {
    let (krate, callback) = split(tokens);
    registry::models(&krate, &callback).into()
}

/// The table of ops as a string literal.
#[doc(hidden)]
#[proc_macro]
pub fn op_table(_: TokenStream) -> TokenStream {
    let table = registry::table();
    quote::quote!(#table).into()
}

/// The path of the runtime crate, and what follows it.
fn split(tokens: TokenStream) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    let mut tokens = proc_macro2::TokenStream::from(tokens).into_iter();
    let krate = match tokens.next() {
        Some(proc_macro2::TokenTree::Group(group)) => group.stream(),
        _ => quote::quote!(::pullback),
    };
    (krate, tokens.collect())
}
