//! Ops of the user's: how they are called and checked, and what they ask of the scalar.

use super::structs::camel;
use super::{text, type_shape};
use crate::shape::{Shape, show};
use crate::typed::{Custom, Typed};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use std::fmt::Write as _;

/// What the impls of a model ask of the scalar `T`.
pub struct Bounds {
    /// The trait.
    pub scalar: &'static str,
    /// `where` and what the ops of the user's ask for, or nothing.
    clause: String,
}

const REAL: &str = "__pb::Real";

impl Bounds {
    pub fn real() -> Bounds {
        Bounds { scalar: REAL, clause: String::new() }
    }

    pub fn of(real: bool, typed: &Typed) -> Bounds {
        // Whether some op's type cannot be told: then it is one over any `Real`.
        let untold = typed.customs.iter().any(|custom| type_of(&custom.value).is_none());
        let scalar = if real || untold { REAL } else { "__pb::Scalar" };
        let mut clause = String::new();
        for (i, _) in
            typed.customs.iter().enumerate().filter(|(_, op)| type_of(&op.value).is_some())
        {
            let _ = write!(
                clause,
                "{} __Op{i}: __pb::Op<T>,",
                if clause.is_empty() { "where" } else { "" }
            );
        }
        Bounds { scalar, clause }
    }

    /// `impl<T: Real> Trait for Net<T> where …`
    pub fn head(&self, what: &str) -> String {
        format!("impl<T: {}> {what} {} ", self.scalar, self.clause)
    }
}

/// The type of a value that says it: `Cubic {}`, `ops::Repeat::<3> {}`, `Times(0.5)`, `Times { by: 0.5 }`.
///
/// Not of a variant (`Kind::Relu {}`), of what a function makes (`Times::new(0.5)`), nor of what mentions
/// the scalar.
fn type_of(value: &TokenStream) -> Option<TokenStream> {
    let mut path: Vec<TokenTree> = value.clone().into_iter().collect();
    let Some(TokenTree::Group(fields)) = path.pop() else { return None };
    let made = matches!(fields.delimiter(), Delimiter::Brace | Delimiter::Parenthesis);
    let path: TokenStream = path.into_iter().collect();
    (made && names_type(&path) && !mentions_scalar(fields.stream())).then_some(path)
}

/// What stands in the braces of a value that says its type. For a tuple it is `0: a, 1: b`: the alias of a
/// type has braces only. `None` where a comma may be something else than the end of a field.
fn fields_of(value: &TokenStream) -> Option<TokenStream> {
    let Some(TokenTree::Group(group)) = value.clone().into_iter().last() else {
        return None;
    };
    if group.delimiter() == Delimiter::Brace {
        return Some(group.stream());
    }
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(p) if p.as_char() == c);
    if tokens.iter().any(|token| is(token, '<') || is(token, '|')) {
        return None;
    }
    let fields = tokens.split(|token| is(token, ','));
    let fields = fields.filter(|field| !field.is_empty()).enumerate().map(|(i, field)| {
        let (index, field) = (
            proc_macro2::Literal::usize_unsuffixed(i),
            TokenStream::from_iter(field.iter().cloned()),
        );
        quote!(#index: #field,)
    });
    Some(fields.collect())
}

fn mentions_scalar(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "T",
        TokenTree::Group(group) => mentions_scalar(group.stream()),
        _ => false,
    })
}

fn names_type(path: &TokenStream) -> bool {
    let camel =
        |name: &str| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    let (mut depth, mut last, mut before) = (0, String::new(), String::new());
    for token in path.clone() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '<' => depth += 1,
            TokenTree::Punct(p) if p.as_char() == '>' => depth -= 1,
            TokenTree::Ident(ident) if ident == "T" => return false,
            TokenTree::Ident(ident) if depth == 0 => {
                before = std::mem::replace(&mut last, ident.to_string());
            }
            TokenTree::Group(_) if depth == 0 => return false,
            _ => {}
        }
    }
    camel(&last) && !camel(&before)
}

/// A function for each op of the user's, and what asks rustc whether the op has the shapes that the
/// model takes it to have. The traits exist for their error messages.
///
/// A model of an op whose type is known is a model over the scalars of that op. Its shapes are checked
/// with `f32`: not over all scalars, or the mistake would be told again wherever the model is used.
pub fn customs(model: &Ident, typed: &Typed) -> TokenStream {
    let model = camel(&model.to_string());
    typed
        .customs
        .iter()
        .enumerate()
        .map(|(i, custom)| {
            let name = |what: &str| format_ident!("{what}{i}", span = custom.span);
            let (op, checked, alias) = (name("__op"), name("__checked"), name("__Op"));
            let (takes, gives) = (name(&format!("{model}Takes")), name(&format!("{model}Gives")));
            let (value, ty) = (&custom.value, |shape: &Shape| text(&type_shape(shape)));
            let (domain, codomain) = (ty(&custom.domain), ty(&custom.codomain));
            // The messages are format strings.
            let who = custom.text.replace('{', "{{").replace('}', "}}");
            let (given, promised) = (show(&custom.domain), show(&custom.codomain));
            let takes_message = format!("`{who}` is given {given}, but takes `{{Self}}`");
            let gives_message = format!("the arrow of `{who}` says {promised}, but it makes `{{Self}}`");
            let note = |shape: &str| format!("{shape} is the type `Shape!{shape}`");
            let (takes_note, gives_note) = (note(&given), note(&promised));
            if custom.scope.is_some() {
                // Its shapes were checked where it was written.
                return quote! { fn #op<T: __pb::Real>() -> impl __pb::Op<T> { #value } };
            }
            let make = if let Some(ty) = type_of(value) {
                // By the alias, so that a type that is none is told once.
                let value = match fields_of(value) {
                    Some(fields) => quote!(#alias { #fields }),
                    None => value.clone(),
                };
                quote_spanned! { custom.span =>
                    type #alias = #ty;
                    fn #op<T>() -> #alias {
                        #value
                    }
                    const _: fn() -> #alias = || #checked::<::core::primitive::f32, _>(#op::<::core::primitive::f32>());
                }
            } else {
                quote_spanned! { custom.span =>
                    fn #op<T: __pb::Real>() -> impl __pb::Op<T> {
                        #checked::<T, _>(#value)
                    }
                }
            };
            quote_spanned! { custom.span =>
                #[diagnostic::on_unimplemented(message = #takes_message, label = "its `Dom` is another shape", note = #takes_note)]
                #[allow(dead_code, reason = "it is there for its message")]
                trait #takes {}
                impl #takes for #domain {}
                #[diagnostic::on_unimplemented(message = #gives_message, label = "its `Cod` is another shape", note = #gives_note)]
                #[allow(dead_code, reason = "it is there for its message")]
                trait #gives {}
                impl #gives for #codomain {}
                fn #checked<T: __pb::Scalar, O: __pb::Op<T>>(op: O) -> O
                where
                    O::Dom: #takes,
                    O::Cod: #gives,
                {
                    op
                }
                #make
            }
        })
        .collect()
}

/// The function by which models of other modules make an op that only this one may name.
pub fn shared(custom: &Custom, number: usize, name: &Ident) -> TokenStream {
    let (op, alias) = (format_ident!("__op{number}"), format_ident!("__Op{number}"));
    if custom.scope.is_none() && type_of(&custom.value).is_some() {
        return quote! {
            #[doc(hidden)]
            #[allow(private_bounds, reason = "the op itself may be private")]
            pub fn #name<T: __pb::Scalar>() -> impl __pb::Op<T> where #alias: __pb::Op<T> {
                #op::<T>()
            }
        };
    }
    quote!(#[doc(hidden)] pub fn #name<T: __pb::Real>() -> impl __pb::Op<T> { #op::<T>() })
}
