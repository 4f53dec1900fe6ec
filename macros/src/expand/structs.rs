//! The structs of a model: its parameters, those of its steps, its state, and its name in training.

use super::{Taken, array, as_said, docs, hidden, text};
use crate::ast;
use crate::shape::show;
use crate::typed::{Field, NodeKind, Param, Typed, leaves};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

/// The structs of a model; `whole` if it has no mistakes.
pub fn structs(
    krate: &TokenStream,
    ast: &ast::Model,
    typed: &Typed,
    whole: bool,
    taken: &mut Taken,
) -> TokenStream {
    let (vis, name, attrs) = (&ast.vis, &ast.name, &ast.attrs);
    let table = if whole { docs::table(ast, typed) } else { String::new() };
    let (state_name, training) = (format_ident!("{name}State"), format_ident!("{name}Training"));
    let others = [(&state_name, !typed.state().is_empty()), (&training, typed.modes().is_some())]
        .map(|(name, is_made)| is_made && !taken.contains(&name.to_string()));
    taken.extend(others[0].then(|| state_name.to_string()));
    taken.extend(others[1].then(|| training.to_string()));
    let mut steps = Steps {
        krate,
        ast,
        typed,
        whole,
        taken,
        of: name.clone(),
        first: 0,
        out: TokenStream::new(),
    };
    let mut fields = steps.fields(&typed.fields_of(false), &name.to_string());
    if fields.is_empty() {
        fields = quote! { #[doc(hidden)] pub scalar: #krate::__private::PhantomData<T>, };
    }
    let state = others[0].then(|| {
        (steps.of, steps.first) = (state_name.clone(), typed.trained);
        let fields = steps.fields(&typed.fields_of(true), &state_name.to_string());
        let doc = format!(
            "The state of [`{name}`]: what its training calls change and its evaluation calls read."
        );
        quote! { #[doc = #doc] #[repr(C)] #vis struct #state_name<T = ::core::primitive::f32> { #fields } }
    });
    let steps = steps.out;
    let training = others[1].then(|| {
        let whole = match others[0] {
            true => {
                " Its statistics are those of a batch, so there are none for one sample: \
                 `forward_batch(std::slice::from_ref(&x), ..)` is that of a batch of one."
            }
            false => "",
        };
        let doc = format!(
            "[`{name}`] in training: the same parameters, and calls that compute what is to be \
             differentiated in training. Made by [`{name}::training`].{whole}"
        );
        quote! { #[doc = #doc] #[repr(transparent)] #vis struct #training<T = ::core::primitive::f32>(#name<T>); }
    });
    // Whoever asks how large a stub is meets its mistake again: models made of it do.
    let unknown = hidden(&ast.name, "UNKNOWN");
    let broken = (!whole).then(|| quote! { #[doc(hidden)] pub __unknown: [T; #unknown], });
    quote! {
        #steps
        #(#attrs)*
        #[doc = #table]
        #[repr(C)]
        #[allow(private_interfaces, reason = "of a private model there are parameters to see")]
        #vis struct #name<T = ::core::primitive::f32> { #fields #broken }
        #state
        #training
    }
}

/// What a struct of some parameters holds, in the words of the runtime's `block_impls`.
pub fn held<'p>(params: impl IntoIterator<Item = &'p Param>) -> Ident {
    let frozen = params.into_iter().any(|param| param.frozen);
    format_ident!("{}", if frozen { "frozen" } else { "params" })
}

/// The structs of the steps of a model.
struct Steps<'a> {
    krate: &'a TokenStream,
    ast: &'a ast::Model,
    typed: &'a Typed,
    /// Whether the model has no mistakes.
    whole: bool,
    taken: &'a mut Taken,
    /// The struct that they are parts of, of the model or of its state.
    of: Ident,
    /// Its first parameter.
    first: usize,
    out: TokenStream,
}

impl Steps<'_> {
    /// The fields of a struct; the structs of nested ones go to `out`, and what they are called to `taken`.
    fn fields(&mut self, fields: &[Field], prefix: &str) -> TokenStream {
        let near = &self.ast.name;
        // After a mistake, a name may stand for two fields, and a field may be all that is known of its type.
        let count = |name: &str| {
            fields
                .iter()
                .filter(|field| matches!(field, Field::Node { name: n, .. } if n == name))
                .count()
        };
        let mut seen: Vec<&str> = Vec::new();
        fields
            .iter()
            .map(|field| match field {
                Field::Node { name, .. } if seen.contains(&&**name) => TokenStream::new(),
                Field::Node { name, fields, .. } if fields.is_empty() || count(name) > 1 => {
                    seen.push(name);
                    let (name, unknown) = (identifier(name, near), hidden(near, "UNKNOWN"));
                    quote! { pub #name: [T; #unknown], }
                }
                Field::Leaf { name, param } => {
                    let shape = &self.typed.params[*param].shape;
                    let (name, doc) = (identifier(name, near), format!("Shape `{}`.", show(shape)));
                    let ty = text(&array("T", shape));
                    quote! { #[doc = #doc] pub #name: #ty, }
                }
                Field::Node { name, .. } => {
                    let ty = self.node_type(field, name, prefix);
                    let doc = self.about(field, name);
                    let name = identifier(name, near);
                    quote! { #[doc = #doc] pub #name: #ty, }
                }
            })
            .collect()
    }

    /// What the documentation says of a field: its arrays, because the struct that it is has no page of its own.
    fn about(&self, node: &Field, name: &str) -> String {
        let Field::Node { fields, kind, .. } = node else { return String::new() };
        let (of, times) = match (kind, fields.first()) {
            (NodeKind::Model(_), _) => return format!("The parameters of `{name}`."),
            (NodeKind::List, Some(Field::Node { kind: NodeKind::Model(_), .. })) => {
                return format!("The parameters of the {} `{name}`.", fields.len());
            }
            (NodeKind::List, Some(Field::Node { fields: inner, .. })) => {
                (inner, format!(" of each of the {}", fields.len()))
            }
            _ => (fields, String::new()),
        };
        let mut arrays = Vec::new();
        paths(of, "", &mut arrays);
        let more = if arrays.len() > SHOWN { ", …" } else { "" };
        let shown = arrays.iter().take(SHOWN);
        let list = shown
            .map(|(path, param)| format!("`{path}: {}`", show(&self.typed.params[*param].shape)));
        let list: Vec<String> = list.collect();
        format!("The parameters of `{name}`: {}{more}{times}.", list.join(", "))
    }

    /// The type of a node, whose struct is called after `name`.
    fn node_type(&mut self, node: &Field, name: &str, prefix: &str) -> TokenStream {
        let Field::Node { fields, kind, .. } = node else { return TokenStream::new() };
        match (kind, fields.first()) {
            (NodeKind::Model(path), _) => quote!(#path<T>),
            (NodeKind::List, Some(first)) => {
                let ty = self.node_type(first, name, prefix);
                let count = Literal::usize_unsuffixed(fields.len());
                quote!([#ty; #count])
            }
            _ => {
                let mut nested = format!("{prefix}{}", camel(name));
                // `fc1` and `fc_1`; `fc1` of `Net` and a model `NetFc1`
                while !self.taken.insert(nested.clone()) {
                    nested.push('x');
                }
                let span = self.ast.name.span().resolved_at(Span::call_site());
                let (ty, vis) = (format_ident!("{nested}", span = span), &self.ast.vis);
                let doc = format!("The parameters `{name}` of [`{}`].", self.ast.name);
                let inner = self.fields(fields, &nested);
                let impls = self.impls(&ty, fields);
                self.out.extend(quote! {
                    #[doc = #doc]
                    #[doc(hidden)]
                    #[repr(C)]
                    #[allow(private_interfaces, reason = "of a private model there are parameters to see")]
                    #vis struct #ty<T> { #inner }
                    #impls
                });
                quote!(#ty<T>)
            }
        }
    }

    /// The struct of a step as a block: its arrays are some of the model's.
    fn impls(&self, ty: &Ident, fields: &[Field]) -> TokenStream {
        let Steps { krate, typed, of, .. } = self;
        let arrays = leaves(fields);
        let (Some(first), true) = (arrays.first(), self.whole) else { return TokenStream::new() };
        let said = ty.to_string();
        let kind = match self.first {
            0 => held(arrays.iter().map(|param| &typed.params[*param])),
            _ => format_ident!("state"),
        };
        let prefix = as_said(&typed.params[*first].path).len() - first_path(fields).len();
        let [count, first, prefix] =
            [arrays.len(), first - self.first, prefix].map(Literal::usize_unsuffixed);
        quote! {
            #krate::__private::block_impls! {
                #kind #ty, #said, #krate::__private::len_of(<Self as #krate::__private::Block>::ARRAYS),
                &#krate::__private::arrays_of::<#count>(<#of<T> as #krate::__private::Block>::ARRAYS, #first, #prefix)
            }
        }
    }
}

/// How many arrays of a step the documentation of its field lists.
const SHOWN: usize = 6;

/// The arrays of a step with what they are called within it.
fn paths(fields: &[Field], before: &str, out: &mut Vec<(String, usize)>) {
    for field in fields {
        match field {
            Field::Leaf { name, param } => out.push((format!("{before}{}", as_said(name)), *param)),
            Field::Node { name, fields, .. } => {
                paths(fields, &format!("{before}{}.", as_said(name)), out);
            }
        }
    }
}

/// What the first array of a step is called within it: `attn.weight`.
fn first_path(fields: &[Field]) -> String {
    match fields.first() {
        Some(Field::Leaf { name, .. }) => as_said(name),
        Some(Field::Node { name, fields, .. }) => {
            format!("{}.{}", as_said(name), first_path(fields))
        }
        None => String::new(),
    }
}

fn identifier(name: &str, near: &Ident) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, near.span()),
        None => format_ident!("{name}", span = Span::call_site()),
    }
}

/// `conv_1` → `Conv1`
pub fn camel(name: &str) -> String {
    name.trim_start_matches("r#")
        .split('_')
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or(String::new(), |first| {
                first.to_uppercase().chain(chars).collect::<String>()
            })
        })
        .collect()
}
