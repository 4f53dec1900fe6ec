//! What rustc is asked about numbers that only it knows.

use super::text;
use crate::ast;
use crate::shape::Dim;
use crate::typed::Typed;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use std::collections::BTreeSet;

/// What only rustc can compare.
pub fn asserts(krate: &TokenStream, typed: &Typed) -> TokenStream {
    let limits = typed.limits.iter().map(|limit| {
        let (holds, message) = (text(&limit.holds), &limit.message);
        quote_spanned! { limit.span => const _: () = ::core::assert!(#holds, #message); }
    });
    let limits: TokenStream = limits.collect();
    let equalities: TokenStream = typed
        .asserts
        .iter()
        .map(|assert| {
            let (left, right) = (text(&assert.left.code()), text(&assert.right.code()));
            let (context, l, r) = (&assert.context, &assert.left, &assert.right);
            let (needs, holds) = match assert.at_least {
                false => (format!("`{l}` and `{r}` to be equal"), quote!(LEFT == RIGHT)),
                true => (format!("`{l}` to be at least `{r}`"), quote!(LEFT >= RIGHT)),
            };
            let head = format!("{context} needs {needs}, found ");
            quote_spanned! { assert.span =>
                const _: () = {
                    const LEFT: ::core::primitive::usize = #left;
                    const RIGHT: ::core::primitive::usize = #right;
                    const TEXT: &[::core::primitive::u8] = &#krate::__private::unequal::<256>(#head, LEFT, RIGHT);
                    ::core::assert!(#holds, "{}", #krate::__private::as_text(TEXT));
                };
            }
        })
        .collect();
    quote! { #limits #equalities }
}

/// A dimension made of `const`s may turn out to be 0.
pub fn positive(ast: &ast::Model, typed: &Typed) -> TokenStream {
    let shapes = typed
        .values
        .iter()
        .map(|value| &value.shape)
        .chain(typed.params.iter().map(|param| &param.shape));
    let bounds = typed.inputs.iter().filter_map(|input| input.index.as_ref());
    let mut named: BTreeSet<Dim> = shapes.flatten().chain(bounds).cloned().collect();
    let mut divisors = BTreeSet::new();
    named.iter().for_each(|dim| dim.divisors(&mut divisors));
    named.extend(divisors);
    named
        .into_iter()
        .filter(|dim| dim.as_known().is_none())
        .map(|dim| {
            let found = if dim.has_minus() { "0 or less" } else { "0" };
            let (code, message) = (text(&dim.code()), format!("a dimension is at least 1, but `{dim}` is {found}"));
            quote_spanned! { ast.name.span() => const _: () = ::core::assert!(#code > 0, #message); }
        })
        .collect()
}
