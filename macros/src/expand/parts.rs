//! Whether a model's struct is made of what it is said to be made of.

use crate::typed::{Field, NodeKind, Typed};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

/// Asks rustc whether the structs of other models are what their macros say: nothing but parameters. A name may
/// stand for the macro of a model and for another type.
pub fn parts(typed: &Typed) -> TokenStream {
    fn models<'f>(fields: &'f [Field], out: &mut Vec<&'f TokenStream>) {
        for field in fields {
            match field {
                Field::Node { kind: NodeKind::Model(path), .. } => out.push(path),
                Field::Node { fields, .. } => models(fields, out),
                Field::Leaf { .. } => {}
            }
        }
    }
    let (trained, state) = (typed.fields_of(false), typed.fields_of(true));
    let mut paths = Vec::new();
    models(&trained, &mut paths);
    models(&state, &mut paths);
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(path.to_string()));
    paths
        .iter()
        .map(|path| quote! { const _: () = { const fn block<T: __pb::Scalar>() { __pb::is_block::<#path<T>, T>() } }; })
        .collect()
}
