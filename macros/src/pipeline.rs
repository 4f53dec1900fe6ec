//! The driver: from the text of models to items.

use crate::compile::compile_modes;
use crate::diag::Diags;
use crate::expand;
use crate::infer::infer;
use crate::library::{Library, collect, foreign};
use crate::parse::parse;
use crate::typed::Typed;
use proc_macro2::TokenStream;

/// `model! { … }`, given the path of the runtime crate and the definitions that were collected so far:
/// none in the first round, in which it is found out what there is to collect.
pub fn expand(
    krate: &TokenStream,
    definitions: Option<TokenStream>,
    tokens: TokenStream,
) -> TokenStream {
    // Nothing here should ever panic; if it does, that is an error message like any other.
    let run = std::panic::AssertUnwindSafe(|| passes(krate, definitions, tokens));
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let why = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
            (Some(text), _) => text,
            (_, Some(text)) => *text,
            _ => "no reason was given",
        };
        let message = format!("pullback has a bug, please report it with your model: {why}");
        quote::quote! { ::core::compile_error! { #message } }
    })
}

fn passes(
    krate: &TokenStream,
    definitions: Option<TokenStream>,
    tokens: TokenStream,
) -> TokenStream {
    let mut diags = Diags::default();
    let file = parse(tokens.clone(), &mut diags);
    let foreign = foreign(&file);
    if definitions.is_none() && !foreign.is_empty() {
        return collect(krate, &foreign, &tokens); // mistakes are reported in the next round
    }
    let own = file.models.len();
    let mut library = Library::new(file, definitions.unwrap_or_default(), &mut diags);
    let mut made: Vec<Option<Typed>> = (0..own).map(|_| None).collect();
    // What a model uses goes before it: after a mistake in the one, the other has nothing to add.
    for id in library.order(own) {
        let mut of_model = Diags::default();
        let typed = infer(&library, id, &mut of_model);
        library.models[id].broken |= !of_model.is_empty() || typed.broken.is_some();
        diags.append(of_model);
        made[id] = Some(typed);
    }
    // A name that no other call in this module uses.
    let error = library.models[..own].first().map(|m| expand::hidden(&m.ast.name, "ERROR"));
    let error = error.filter(|_| !diags.is_empty());
    let names = library.models[..own].iter().map(|entry| entry.ast.name.to_string());
    let mut taken: expand::Taken = names.collect();
    let mut items = TokenStream::new();
    for (id, typed) in made.into_iter().enumerate() {
        let (Some(typed), entry) = (typed, &library.models[id]) else { continue };
        let (ast, whole) = (&entry.ast, !entry.broken);
        items.extend(if whole && !ast.sizes.is_empty() {
            expand::generic(krate, ast, &typed)
        } else if whole {
            expand::model(krate, ast, &typed, &compile_modes(&typed), &mut taken)
        } else {
            expand::stub(krate, ast, &typed, error.as_ref(), &mut taken)
        });
        items.extend(library.definition(id, &typed, whole));
    }
    items.extend(diags.to_tokens(error.as_ref()));
    items
}
