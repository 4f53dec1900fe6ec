//! `expand`: the items a model becomes.
//!
//! The struct of parameters with its documentation, the functions of `Tiles`, the implementation of
//! `Model`, and the methods with arrays as types. What the user wrote (attributes, visibility, names,
//! `const`s, custom ops) is put in as tokens with its spans; the rest is text (see `codegen`).

mod asserts;
mod customs;
mod docs;
mod hygiene;
mod methods;
mod parts;
mod shared;
mod signature;
mod structs;

use crate::ast;
use crate::compile::Compiled;
use crate::number::Num;
use crate::ops::{Init, Layout};
use crate::shape::{Dim, size};
use crate::trace::Mode;
use crate::typed::{ConstKind, Param, Typed};
use asserts::{asserts, positive};
use customs::{Bounds, customs};
pub use hygiene::hostile;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
pub use shared::generic;
use shared::shared;
use std::fmt::Write as _;
use structs::{held, structs};

/// The names of structs: those of all models of a call, and of the parameters within them.
pub type Taken = rustc_hash::FxHashSet<String>;

/// A model without mistakes.
pub fn model(
    krate: &TokenStream,
    ast: &ast::Model,
    typed: &Typed,
    compiled: &Compiled,
    taken: &mut Taken,
) -> TokenStream {
    let structs = structs(krate, ast, typed, true, taken);
    let consts = consts(typed);
    let (asserts, positive) = (asserts(krate, typed), positive(ast, typed));
    let (ops, parts) = (customs(&ast.name, typed), parts::parts(typed));
    let bounds = Bounds::of(compiled.real, typed);
    let name = ast.name.to_string();
    let layout = format!(
        "const _: () = ::core::assert!(::core::mem::size_of::<{name}<f32>>() == __PARAMS * ::core::mem::size_of::<f32>());"
    );
    let shared = shared(&ast.name, typed);
    let whole = whole(ast, typed, compiled, &bounds, &layout);
    quote! {
        #structs
        #consts
        #[allow(clippy::all, clippy::pedantic, reason = "lints are for what people write")]
        const _: () = {
            #[allow(unused_imports, reason = "not every model needs all")]
            use #krate::__private as __pb;
            #[allow(unused_imports, reason = "not every model needs all")]
            use __pb::k::*;
            #asserts
            #positive
            #ops
            #parts
            #shared
            #whole
        };
    }
}

/// The implementations and methods of a model, in a block in which nothing but them has a name.
fn whole(
    ast: &ast::Model,
    typed: &Typed,
    compiled: &Compiled,
    bounds: &Bounds,
    layout: &str,
) -> TokenStream {
    let name = ast.name.to_string();
    let items = implementation(&name, typed, compiled, bounds) + layout;
    let methods = methods::methods(&name, bounds, typed, &compiled.explain, Mode::Evaluation);
    let training = compiled.training.as_ref().map(|compiled| {
        let training = format!("{name}Training");
        let program = program(&training, typed, compiled, bounds, Mode::Training);
        let items = format!(
            "__pb::block_impls! {{ training {training}, {training:?}, __PARAMS, __PARAM_INFO }}\n{program}"
        );
        let methods = methods::methods(&name, bounds, typed, &compiled.explain, Mode::Training);
        (items, methods)
    });
    let texts = [&items, &methods].into_iter().chain(training.iter().flat_map(|(a, b)| [a, b]));
    let imports = hygiene::imports(texts.map(String::as_str));
    // Methods are placed at the model's name: there rustc points to when it tells of their types.
    let at = |methods: &str| located(text(methods), ast.name.span());
    let training = training.map(|(items, methods)| {
        let (items, methods) = (text(&items), at(&methods));
        quote! { const _: () = { #items #methods }; }
    });
    let (items, methods) = (text(&items), at(&methods));
    quote! { const _: () = { #imports #items #methods #training }; }
}

/// A model with mistakes: the same items around bodies that cannot run, so that nothing else in the
/// crate is "not found".
///
/// What is not known after a mistake depends on a `const` whose value is the `compile_error!`: rustc does
/// not complain about uses of arrays of such a length, whatever they are.
pub fn stub(
    krate: &TokenStream,
    ast: &ast::Model,
    typed: &Typed,
    error: Option<&Ident>,
    taken: &mut Taken,
) -> TokenStream {
    let unknown = hidden(&ast.name, "UNKNOWN");
    let value = match (error, &typed.broken) {
        (Some(error), _) => error.to_token_stream(),
        (None, Some(inner)) => quote!(::core::mem::size_of::<#inner>()),
        (None, None) => quote!(1),
    };
    let unknown_const = quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, reason = "named after the model")]
        const #unknown: ::core::primitive::usize = #value;
    };
    if !typed.header || !ast.sizes.is_empty() {
        let (vis, name, attrs) = (&ast.vis, &ast.name, &ast.attrs);
        return quote! { #unknown_const #(#attrs)* #vis type #name<T = ::core::primitive::f32> = [T; #unknown]; };
    }
    let structs = structs(krate, ast, typed, false, taken);
    let consts = consts(typed);
    let asserts = asserts(krate, typed);
    let compiled = Compiled::broken(typed.modes().is_some());
    let bounds = Bounds::real();
    let whole = whole(ast, typed, &compiled, &bounds, "");
    quote! {
        #unknown_const
        #structs
        #consts
        #[allow(clippy::all, clippy::pedantic, reason = "lints are for what people write")]
        const _: () = {
            #[allow(unused_imports, reason = "not every model needs all")]
            use #krate::__private as __pb;
            #[allow(unused_imports, reason = "not every model needs all")]
            use __pb::k::*;
            #asserts
            #whole
        };
    }
}

/// The same tokens, still resolved like those of the macro, at another place.
fn located(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = token {
                let inside = located(group.stream(), span);
                token = Group::new(group.delimiter(), inside).into();
            }
            token.set_span(Span::call_site().located_at(span));
            token
        })
        .collect()
}

/// The name of an item that users do not see.
pub fn hidden(model: &Ident, what: &str) -> Ident {
    format_ident!("__{}_{what}", model.to_string().trim_start_matches("r#"))
}

/// Text that this crate wrote; it always parses.
fn text(text: &str) -> TokenStream {
    crate::lex(text).unwrap_or_else(|error| {
        let message = format!(
            "pullback wrote code that does not parse ({error}); this is a bug, please report it"
        );
        quote! { ::core::compile_error! { #message } }
    })
}

/// A name, or several in a row, as people say it: `for`, which in Rust is `r#for`.
fn as_said(path: &str) -> String {
    path.replace("r#", "")
}

fn const_type(kind: ConstKind) -> TokenStream {
    match kind {
        ConstKind::Dim => quote!(::core::primitive::usize),
        ConstKind::Number => quote!(::core::primitive::f64),
    }
}

fn consts(typed: &Typed) -> TokenStream {
    typed
        .consts
        .iter()
        .map(|c| {
            let (name, tokens) = (format_ident!("{}", c.code), &c.tokens);
            let ty = const_type(c.kind);
            quote! {
                #[doc(hidden)]
                #[allow(non_upper_case_globals, dead_code, reason = "named after the model")]
                const #name: #ty = #tokens;
            }
        })
        .collect()
}

/// `(Const<28>, (Const<28>, ()))`
fn type_shape(shape: &[Dim]) -> String {
    shape
        .iter()
        .rev()
        .fold("()".to_string(), |rest, dim| format!("(__pb::Const<{{ {} }}>, {rest})", dim.code()))
}

/// `[[T; 28]; 28]`
fn array(scalar: &str, shape: &[Dim]) -> String {
    shape.iter().rev().fold(scalar.to_string(), |inner, dim| format!("[{inner}; {}]", dim.code()))
}

/// What all programs of a model share: sizes, loops, and its arrays as blocks.
fn implementation(name: &str, typed: &Typed, compiled: &Compiled, bounds: &Bounds) -> String {
    let mut out = String::new();
    let (params, param_info) = infos(typed.trained());
    let (state, state_info) = infos(typed.state());
    let items = match &compiled.training {
        Some(training) => &training.code.items,
        None => &compiled.code.items,
    };
    let _ = writeln!(
        out,
        "const __PARAMS: usize = {params};\n\
         const __PARAM_INFO: &[__pb::ParamInfo] = &[{param_info}];\n\
         __pb::block_impls! {{ {} {name}, {:?}, __PARAMS, __PARAM_INFO }}\n{}",
        held(typed.trained()),
        as_said(name),
        items.replace("__BOUND", bounds.scalar),
    );
    if !typed.state().is_empty() {
        let _ = writeln!(
            out,
            "const __STATE: usize = {state};\n\
             const __STATE_INFO: &[__pb::ParamInfo] = &[{state_info}];\n\
             __pb::block_impls! {{ state {name}State, {:?}, __STATE, __STATE_INFO }}\n{}",
            format!("{}State", as_said(name)),
            methods::state(name),
        );
    }
    out + &program(name, typed, compiled, bounds, Mode::Evaluation)
}

/// How many scalars some arrays have, and a list of their descriptions.
fn infos(params: &[Param]) -> (String, String) {
    let mut start = Dim::known(0);
    let mut text = String::new();
    for param in params {
        let init = match &param.init {
            Init::FanIn(fan_in) => format!("FanIn({})", fan_in.code()),
            Init::Glorot(a, b) => format!("Glorot({}, {})", a.code(), b.code()),
            Init::NormsOfLast { axis } => format!("NormsOfLast {{ axis: {axis} }}"),
            Init::Constant(n) | Init::State(n) => format!("Constant({n}f64)"),
            Init::Normal { mean, std, zeros: (start, end) } => format!(
                "Normal {{ mean: {}, std: {}, zeros: [{}, {}] }}",
                number(mean),
                number(std),
                start.code(),
                end.code()
            ),
        };
        let _ = write!(
            text,
            "__pb::ParamInfo {{ name: {:?}, shape: &{}, start: {}, init: __pb::Init::{init}, frozen: {}, op: {:?}, \
             torch: __pb::Torch {{ name: {:?}, shape: &{}, transposed: {}, beside: {:?} }} }}, ",
            as_said(&param.path),
            list(&param.shape),
            start.code(),
            param.frozen,
            param.op,
            param.torch.name,
            list(&param.torch.shape(&param.shape)),
            matches!(param.torch.layout, Layout::Transposed),
            param.torch.beside
        );
        start = start.add(&size(&param.shape));
    }
    (start.code(), text)
}

/// One program of a model: its functions for a tile, and what they make of a type.
fn program(name: &str, typed: &Typed, compiled: &Compiled, bounds: &Bounds, mode: Mode) -> String {
    let mut out = String::new();
    let extras = signature::extras(name, typed, mode);
    let sizes = typed.inputs.iter().map(|input| size(&input.shape).code());
    let sizes: Vec<String> = sizes.chain(extras.iter().map(|extra| extra.size.into())).collect();
    let per_sample: Vec<String> =
        compiled.workspace.iter().map(|len| len.by_batch().0.code()).collect();
    let fixed: Vec<String> = compiled.workspace.iter().map(|len| len.by_batch().1.code()).collect();
    let out_size = size(&typed.output).code();
    let _ = writeln!(
        out,
        "const __N: usize = {};\n\
         const __PER_SAMPLE: usize = __pb::greatest(&[{}]) + 2 * ({out_size});\n\
         const __FIXED: usize = __pb::greatest(&[{}]);\n\
         {}{{\n\
         const SIZES: ([usize; __N], usize) = ([{}], {out_size});\n{}}}",
        sizes.len(),
        per_sample.join(", "),
        fixed.join(", "),
        bounds.head(&format!("__pb::Tiles<__N> for {name}<T>")),
        sizes.join(", "),
        compiled.code.functions,
    );
    let packed: Vec<&str> = compiled.code.packed.iter().map(String::as_str).collect();
    let inputs: Vec<String> = typed
        .inputs
        .iter()
        .map(|input| {
            let shape = list(&input.shape);
            let index = match &input.index {
                Some(bound) => format!("::core::option::Option::Some({})", bound.code()),
                None => "::core::option::Option::None".to_string(),
            };
            format!(
                "__pb::InputInfo {{ name: {:?}, shape: &{shape}, index: {index} }}",
                as_said(&input.name)
            )
        })
        .collect();
    let mut modes = String::new();
    if !typed.state().is_empty() {
        modes += "const STATE_INFO: &'static [__pb::ParamInfo] = __STATE_INFO;\n";
    }
    if mode == Mode::Training && typed.modes() == Some(true) {
        modes += "const RANDOM: bool = true;\n";
    }
    if !compiled.over_batch.is_empty() {
        // A variance takes two values, from one sample or from two.
        let least = compiled.over_batch.iter().map(Dim::code);
        let least: Vec<String> =
            least.map(|values| format!("if {values} > 1 {{ 1 }} else {{ 2 }}")).collect();
        let _ =
            writeln!(modes, "const LEAST_BATCH: usize = __pb::greatest(&[{}]);", least.join(", "));
    }
    let domain: String = typed.inputs.iter().map(|input| type_shape(&input.shape) + ", ").collect();
    let _ = writeln!(
        out,
        "{}{{\n\
         type Domain = ({domain});\n\
         type Codomain = {};\n\
         const NAME: &'static str = {:?};\n\
         const FLOPS: usize = {};\n\
         const INPUTS: &'static [__pb::InputInfo] = &[{}];\n\
         const OUTPUT: &'static [usize] = &{};\n\
         {modes}\
         fn workspace_len(n: usize) -> usize {{ __FIXED + n * __PER_SAMPLE + __pb::greatest(&[{}]) }}\n\
         fn forward_flat(&self, inputs: &[__pb::Data<'_, T>], y: &mut [T], ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::forward_flat::<Self, __N>(self, inputs, y, ws)\n}}\n\
         fn jvp_flat(&self, wrt: __pb::Wrt, inputs: &[__pb::Data<'_, T>], tangents: __pb::Tangents<'_, T>, \
             y: &mut [T], dy: &mut [T], ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::jvp_flat::<Self, __N>(self, wrt, inputs, tangents, y, dy, ws)\n}}\n\
         fn vjp_flat(&self, wrt: __pb::Wrt, inputs: &[__pb::Data<'_, T>], \
             loss: &mut dyn ::core::ops::FnMut(usize, &[T], &mut [T]), \
             cotangents: __pb::Cotangents<'_, '_, T>, ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::vjp_flat::<Self, __N>(self, wrt, inputs, loss, cotangents, ws)\n}}\n\
         fn vjp_given_flat(&self, wrt: __pb::Wrt, inputs: &[__pb::Data<'_, T>], y_bar: &[T], y: &mut [T], \
             cotangents: __pb::Cotangents<'_, '_, T>, ws: &mut __pb::Workspace<Self>) {{\n\
             __pb::vjp_given_flat::<Self, __N>(self, wrt, inputs, y_bar, y, cotangents, ws)\n}}\n}}",
        bounds.head(&format!("__pb::Model for {name}<T>")),
        type_shape(&typed.output),
        as_said(name),
        compiled.flops.by_batch().0.add(&compiled.flops.by_batch().1).code(),
        inputs.join(", "),
        list(&typed.output),
        packed.join(", "),
    );
    out
}

/// A number that is no function of others, as a constant of type `f64`.
fn number(num: &Num) -> String {
    match num {
        Num::Named { code, .. } => code.to_string(),
        num => format!("{:?}f64", num.approx().unwrap_or(f64::NAN)),
    }
}

fn list(shape: &[Dim]) -> String {
    let dims: Vec<String> = shape.iter().map(Dim::code).collect();
    format!("[{}]", dims.join(", "))
}
