//! What a model has for others that are made of it: the items that its source names.

use super::customs::{self, customs};
use super::{const_type, consts};
use crate::ast;
use crate::library::{ItemKind, item};
use crate::typed::Typed;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// A generic model is known by its definition; a type carries the items of its source.
pub fn generic(krate: &TokenStream, ast: &ast::Model, typed: &Typed) -> TokenStream {
    let (attrs, vis, name) = (&ast.attrs, &ast.vis, &ast.name);
    let sizes: Vec<String> = ast.sizes.iter().map(Ident::to_string).collect();
    let about = format!(
        "\nA generic model: an op `{name}<{}>` of other models, or a model with given sizes by \
         `Name = {name}<…>;`.",
        sizes.join(", ")
    );
    let (consts, shared) = (consts(typed), shared(&ast.name, typed));
    let ops = customs(&ast.name, typed);
    quote! {
        #(#attrs)*
        #[doc = #about]
        #[allow(dead_code, reason = "it is used by its name alone")]
        #vis enum #name {}
        #consts
        const _: () = {
            #[allow(unused_imports, reason = "not every model needs all")]
            use #krate::__private as __pb;
            #ops
            #shared
        };
    }
}

/// The items of a model's source, for those who use it: they go by the path of its struct.
pub fn shared(name: &Ident, typed: &Typed) -> TokenStream {
    let consts = typed.consts.iter().enumerate().map(|(i, c)| {
        let (shared, code) = (item(c.kind.into(), i), format_ident!("{}", c.code));
        let ty = const_type(c.kind);
        quote!(#[doc(hidden)] pub const #shared: #ty = #code;)
    });
    let ops = typed.customs.iter().enumerate();
    let ops = ops.map(|(i, op)| customs::shared(op, i, &item(ItemKind::Op, i)));
    if typed.consts.is_empty() && typed.customs.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[allow(dead_code, reason = "not every model is used by another")]
        impl #name { #(#consts)* #(#ops)* }
    }
}
