//! `expand`: the items a model becomes.
//!
//! The struct of parameters with its documentation, the functions of `Tiles`, the implementation of
//! `Model`, and the methods with arrays as types. What the user wrote (attributes, visibility, names,
//! `const`s, custom ops) is put in as tokens with its spans; the rest is text (see `codegen`).

mod docs;
mod methods;

use crate::ast;
use crate::pipeline::Compiled;
use crate::shape::{Dim, Shape, show, size};
use crate::typed::{ConstKind, Field, Typed};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::fmt::Write as _;

/// A model without mistakes.
pub fn model(krate: &TokenStream, ast: &ast::Model, typed: &Typed, compiled: &Compiled) -> TokenStream {
    let structs = structs(krate, ast, typed, true);
    let consts = consts(typed);
    let asserts = asserts(krate, typed);
    let ops = customs(typed);
    let real = compiled.real || !typed.customs.is_empty();
    let text = text(&implementation(&ast.name.to_string(), typed, compiled, real));
    quote! {
        #structs
        #consts
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as __pb;
            #asserts
            #ops
            #text
        };
    }
}

/// A model with mistakes: the same items around bodies that cannot run, so that nothing else in the
/// crate is "not found".
pub fn stub(krate: &TokenStream, ast: &ast::Model, typed: &Typed) -> TokenStream {
    let structs = structs(krate, ast, typed, false);
    let consts = consts(typed);
    if !typed.header {
        return quote! { #structs #consts };
    }
    let text = text(&implementation(&ast.name.to_string(), typed, &Compiled::broken(), true));
    quote! {
        #structs
        #consts
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as __pb;
            #text
        };
    }
}

/// Text that this crate wrote; it always parses.
fn text(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| {
        let message = format!("pullback wrote code that does not parse ({error}); this is a bug, please report it");
        quote! { ::core::compile_error! { #message } }
    })
}

fn structs(krate: &TokenStream, ast: &ast::Model, typed: &Typed, whole: bool) -> TokenStream {
    let (vis, name, attrs) = (&ast.vis, &ast.name, &ast.attrs);
    let table = if whole { docs::table(ast, typed) } else { String::new() };
    let mut out = TokenStream::new();
    let fields = struct_fields(ast, typed, &typed.fields, &ast.name.to_string(), &mut out);
    let fields = if typed.fields.is_empty() {
        quote! { #[doc(hidden)] pub scalar: #krate::__private::PhantomData<T>, }
    } else {
        fields
    };
    quote! {
        #out
        #(#attrs)*
        #[doc = #table]
        #[repr(C)]
        #vis struct #name<T = f32> { #fields }
    }
}

/// The fields of a struct; structs for nested ones go to `out`.
fn struct_fields(ast: &ast::Model, typed: &Typed, fields: &[Field], prefix: &str, out: &mut TokenStream) -> TokenStream {
    let vis = &ast.vis;
    fields
        .iter()
        .map(|field| match field {
            Field::Leaf { name, param } => {
                let shape = &typed.params[*param].shape;
                let (name, doc) = (identifier(name, &ast.name), format!("Shape `{}`.", show(shape)));
                let ty = text(&array("T", shape));
                quote! { #[doc = #doc] pub #name: #ty, }
            }
            Field::Node { name, fields } => {
                let nested = format!("{prefix}{}", camel(name));
                let ty = format_ident!("{nested}", span = ast.name.span().resolved_at(proc_macro2::Span::call_site()));
                let doc = format!("The parameters `{name}` of [`{}`].", ast.name);
                let inner = struct_fields(ast, typed, fields, &nested, out);
                out.extend(quote! { #[doc = #doc] #[repr(C)] #vis struct #ty<T> { #inner } });
                let (name, doc) = (identifier(name, &ast.name), format!("The parameters of `{name}`."));
                quote! { #[doc = #doc] pub #name: #ty<T>, }
            }
        })
        .collect()
}

fn identifier(name: &str, near: &Ident) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, near.span()),
        None => format_ident!("{name}", span = proc_macro2::Span::call_site()),
    }
}

/// `conv_1` → `Conv1`
fn camel(name: &str) -> String {
    name.trim_start_matches("r#")
        .split('_')
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect::<String>())
        })
        .collect()
}

fn consts(typed: &Typed) -> TokenStream {
    typed
        .consts
        .iter()
        .map(|c| {
            let (name, tokens) = (format_ident!("{}", c.code), &c.tokens);
            let ty = match c.kind {
                ConstKind::Dim => quote!(usize),
                ConstKind::Number => quote!(f64),
            };
            quote! {
                #[doc(hidden)]
                #[allow(non_upper_case_globals, dead_code)]
                const #name: #ty = #tokens;
            }
        })
        .collect()
}

/// What only rustc can compare.
fn asserts(krate: &TokenStream, typed: &Typed) -> TokenStream {
    typed
        .asserts
        .iter()
        .map(|assert| {
            let (left, right) = (text(&assert.left.code()), text(&assert.right.code()));
            let head = format!("{} needs `{}` and `{}` to be equal, found ", assert.context, assert.left, assert.right);
            quote_spanned! { assert.span =>
                const _: () = {
                    const LEFT: usize = #left;
                    const RIGHT: usize = #right;
                    const TEXT: &[u8] = &#krate::__private::unequal::<256>(#head, LEFT, RIGHT);
                    ::core::assert!(LEFT == RIGHT, "{}", #krate::__private::as_text(TEXT));
                };
            }
        })
        .collect()
}

/// A function for each op of the user's, whose type says what the model needs of it.
fn customs(typed: &Typed) -> TokenStream {
    typed
        .customs
        .iter()
        .enumerate()
        .map(|(i, custom)| {
            let (name, value) = (format_ident!("op{i}"), &custom.value);
            let shape = |shape: &Shape| text(&type_shape(shape));
            let (domain, codomain) = (shape(&custom.domain), shape(&custom.codomain));
            quote_spanned! { custom.span =>
                fn #name<T: __pb::Real>() -> impl __pb::Op<T, Dom = #domain, Cod = #codomain> { #value }
            }
        })
        .collect()
}

/// `(Const<28>, (Const<28>, ()))`
fn type_shape(shape: &[Dim]) -> String {
    shape.iter().rev().fold("()".to_string(), |rest, dim| format!("(__pb::Const<{{ {} }}>, {rest})", dim.code()))
}

/// `[[T; 28]; 28]`
fn array(scalar: &str, shape: &[Dim]) -> String {
    shape.iter().rev().fold(scalar.to_string(), |inner, dim| format!("[{inner}; {}]", dim.code()))
}

fn implementation(name: &str, typed: &Typed, compiled: &Compiled, real: bool) -> String {
    let bound = if real { "__pb::Real" } else { "__pb::Scalar" };
    let mut out = String::new();
    let _ = writeln!(out, "const N: usize = {};\nconst START0: usize = 0;", typed.inputs.len());
    for (i, param) in typed.params.iter().enumerate() {
        let _ = writeln!(out, "const START{}: usize = START{i} + {};", i + 1, size(&param.shape).code());
    }
    let per_sample: Vec<String> = compiled.workspace.iter().map(|len| len.by_batch().0.code()).collect();
    let fixed: Vec<String> = compiled.workspace.iter().map(|len| len.by_batch().1.code()).collect();
    let out_size = size(&typed.output).code();
    let sizes: Vec<String> = typed.inputs.iter().map(|input| size(&input.shape).code()).collect();
    let _ = writeln!(
        out,
        "const PER_SAMPLE: usize = __pb::greatest(&[{}]) + 2 * ({out_size});\n\
         const FIXED: usize = __pb::greatest(&[{}]);\n\
         // SAFETY: the struct and those inside it are `#[repr(C)]` and hold nothing but arrays of `T`.\n\
         #[allow(unsafe_code)] unsafe impl<T: __pb::Scalar> __pb::Block for {name}<T> {{ type Scalar = T; }}\n\
         const _: () = assert!(size_of::<{name}<f32>>() == START{} * size_of::<f32>());\n\
         impl<T: {bound}> __pb::Tiles<N> for {name}<T> {{\n\
         const SIZES: ([usize; N], usize) = ([{}], {out_size});\n{}}}",
        per_sample.join(", "),
        fixed.join(", "),
        typed.params.len(),
        sizes.join(", "),
        compiled.functions,
    );
    let inputs: Vec<String> = typed
        .inputs
        .iter()
        .map(|input| {
            let shape = list(&input.shape);
            let index = input.index.is_some();
            format!("__pb::InputInfo {{ name: {:?}, shape: &{shape}, index: {index} }}", input.name)
        })
        .collect();
    let params: Vec<String> = typed
        .params
        .iter()
        .enumerate()
        .map(|(i, param)| {
            let crate::ops::Init::FanIn(fan_in) = &param.init;
            format!(
                "__pb::ParamInfo {{ name: {:?}, shape: &{}, start: START{i}, fan_in: {} }}",
                param.path,
                list(&param.shape),
                fan_in.code()
            )
        })
        .collect();
    let domain: String = typed.inputs.iter().map(|input| type_shape(&input.shape) + ", ").collect();
    let _ = writeln!(
        out,
        "impl<T: {bound}> __pb::Model for {name}<T> {{\n\
         type Domain = ({domain});\n\
         type Codomain = {};\n\
         const NAME: &'static str = {name:?};\n\
         const FLOPS: usize = {};\n\
         const INPUTS: &'static [__pb::InputInfo] = &[{}];\n\
         const OUTPUT: &'static [usize] = &{};\n\
         const PARAM_INFO: &'static [__pb::ParamInfo] = &[{}];\n\
         fn workspace_len(n: usize) -> usize {{ FIXED + n * PER_SAMPLE }}\n\
         fn forward_flat(&self, inputs: &[__pb::Data<'_, T>], y: &mut [T], ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::forward_flat::<Self, N>(self, inputs, y, ws)\n}}\n\
         fn jvp_flat(&self, wrt: __pb::Wrt, inputs: &[__pb::Data<'_, T>], tangents: __pb::Tangents<'_, T>, \
             y: &mut [T], dy: &mut [T], ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::jvp_flat::<Self, N>(self, wrt, inputs, tangents, y, dy, ws)\n}}\n\
         fn vjp_flat(&self, wrt: __pb::Wrt, inputs: &[__pb::Data<'_, T>], \
             loss: &mut dyn ::core::ops::FnMut(usize, &[T], &mut [T]), \
             cotangents: __pb::Cotangents<'_, '_, T>, ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::vjp_flat::<Self, N>(self, wrt, inputs, loss, cotangents, ws)\n}}\n}}",
        type_shape(&typed.output),
        compiled.flops.by_batch().0.add(&compiled.flops.by_batch().1).code(),
        inputs.join(", "),
        list(&typed.output),
        params.join(", "),
    );
    out += &methods::methods(name, bound, typed, &compiled.explain);
    out
}

fn list(shape: &[Dim]) -> String {
    let dims: Vec<String> = shape.iter().map(Dim::code).collect();
    format!("[{}]", dims.join(", "))
}
