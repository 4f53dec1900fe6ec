//! The models that a call of `model!` can see: its own, and those that they use as ops.
//!
//! A macro cannot look at another item. So beside its struct every model leaves a hidden `macro_rules!` of
//! the same name, and whoever can name the struct can name the macro, in any module or crate. It holds
//! the *definition*: the model's source and that of all models inside it. When a call uses models that it
//! does not contain, it expands to a chain of calls of their macros, which collects the definitions and
//! ends in the same call again with all of them at hand.
//!
//! Source is read where it is used, but the `const`s and custom ops in it belong to where it was written.
//! So those of a definition are also hidden items of its struct, which the user's own path leads to.
//!
//! ```text
//! definition   ( "version" entry … )           the model itself is the last entry
//! entry        { "id" whole (uses …) (consts …) (ops …) { source } }
//! use          "blocks::Attention" "id"
//! const, op    "WIDTH" dim 0                     the struct's `__CONST0`
//! ```

use crate::ast::{Apply, File, Model, ModelId, Rhs, Step, Use};
use crate::diag::{Diag, Diags};
use crate::elsewhere::{is_layer, is_namespace, is_no_model};
use crate::ops::{self, Body, OpDef};
use crate::parse;
use crate::typed::{Const, ConstKind, Typed};
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// What definitions of other versions of this crate may not be understood by.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Default)]
pub struct Library {
    pub models: Vec<Entry>,
}

pub struct Entry {
    pub ast: Model,
    /// The same for the same model, wherever it is read.
    id: String,
    /// What its source calls other models.
    pub uses: HashMap<String, ModelId>,
    /// Where the items of its source are to be found; `None` if they are in scope here.
    items: Option<Items>,
    /// A mistake in it was reported where it was written.
    pub broken: bool,
}

/// The path of a struct, and the numbers of its hidden items.
struct Items {
    of: TokenStream,
    numbers: HashMap<(String, ItemKind), usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemKind {
    Dim,
    Number,
    Op,
}

impl ItemKind {
    const ALL: [(ItemKind, &'static str); 3] =
        [(ItemKind::Dim, "dim"), (ItemKind::Number, "number"), (ItemKind::Op, "op")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl From<ConstKind> for ItemKind {
    fn from(kind: ConstKind) -> ItemKind {
        match kind {
            ConstKind::Dim => ItemKind::Dim,
            ConstKind::Number => ItemKind::Number,
        }
    }
}

/// The hidden item of a struct.
pub fn item(kind: ItemKind, number: usize) -> Ident {
    match kind {
        ItemKind::Dim | ItemKind::Number => format_ident!("__CONST{number}"),
        ItemKind::Op => format_ident!("__op{number}"),
    }
}

impl Library {
    /// The model of this call that has a name.
    pub fn of_this_call(&self, name: &str) -> Option<&Model> {
        let here = |entry: &&Entry| entry.items.is_none() && entry.ast.name == name;
        self.models.iter().find(here).map(|entry| &entry.ast)
    }
}

/// The models that a file uses and does not contain, in order, each once.
pub fn foreign(file: &File) -> Vec<&Use> {
    let mut found: Vec<&Use> = Vec::new();
    for used in file.models.iter().flat_map(uses) {
        let name = used.text.strip_prefix("self::").unwrap_or(&used.text);
        let own = file.models.iter().any(|model| model.name == name);
        if !own && !is_meant(used) && found.iter().all(|other| other.text != used.text) {
            found.push(used);
        }
    }
    found
}

/// Whether somebody who writes `ReLU`, `MSELoss` or `nn::LSTM` means an op, and no model. Other ops may well share
/// their name with a model, and what has sizes is one.
pub fn is_meant(used: &Use) -> bool {
    const LAYERS: [&str; 4] = ["linear", "flatten", "softmax", "log_softmax"];
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let elementwise = |op: &&OpDef| matches!(op.body, Body::Point(..)) || LAYERS.contains(&op.name);
    if used.sizes.is_some() {
        return false;
    }
    match used.text.rsplit_once("::") {
        Some((path, name)) => {
            let root = path.split("::").next().unwrap_or(path);
            root != "self" && is_namespace(root) && is_layer(name)
        }
        None => {
            ops::all().filter(elementwise).any(|op| plain(op.name) == plain(&used.text))
                || is_no_model(&used.text)
        }
    }
}

/// All uses of other models in a model.
fn uses(model: &Model) -> Vec<&Use> {
    fn of_steps<'a>(steps: &'a [Step], found: &mut Vec<&'a Use>) {
        for step in steps {
            match step {
                Step::Apply(apply)
                | Step::Let { def: apply, .. }
                | Step::Next { def: apply, .. } => of_apply(apply, found),
            }
        }
    }
    fn of_apply<'a>(apply: &'a Apply, found: &mut Vec<&'a Use>) {
        match &apply.rhs {
            Rhs::Model { used, .. } => found.push(used),
            Rhs::Repeat { item, .. } => of_apply(item, found),
            Rhs::Block { steps } => of_steps(steps, found),
            Rhs::Scan(scan) => of_steps(&scan.steps, found),
            Rhs::Expr(_) | Rhs::Closure { .. } | Rhs::Custom { .. } | Rhs::Lost => {}
        }
    }
    let mut found: Vec<&Use> = model.instance_of.iter().collect();
    of_steps(&model.body, &mut found);
    found
}

/// The call of the first of these models' macros, which leads back to this crate with all definitions.
pub fn collect(krate: &TokenStream, foreign: &[&Use], tokens: &TokenStream) -> TokenStream {
    let mut calls: Vec<TokenStream> = foreign.iter().map(|used| used.path.clone()).collect();
    calls.push(quote!(#krate::__private::model_with));
    let (first, rest) = (&calls[0], &calls[1..]);
    quote! { #first! { [ #([ #rest ])* ] { [#krate] } { #tokens } } }
}

impl Library {
    /// The models of a file, and the definitions of [`foreign`] ones in the same order.
    pub fn new(file: File, definitions: TokenStream, diags: &mut Diags) -> Library {
        let paths: Vec<(TokenStream, String, Span)> = foreign(&file)
            .into_iter()
            .map(|used| (used.path.clone(), used.text.clone(), used.span))
            .collect();
        let mut library = Library::default();
        let mut names: HashMap<String, ModelId> = HashMap::new();
        for ast in file.models {
            let (id, broken) = (identity(&ast.name), !ast.complete);
            for path in ["", "self::"] {
                names.insert(format!("{path}{}", ast.name), library.models.len());
            }
            library.models.push(Entry { ast, id, uses: HashMap::new(), items: None, broken });
        }
        let own = library.models.len();
        for ((path, text, span), definition) in paths.into_iter().zip(definitions) {
            match library.read(&path, definition) {
                Some(id) => drop(names.insert(text, id)),
                None => {
                    let message =
                        format!("`{text}` was declared with another version of `pullback`");
                    let help = format!("this is {VERSION}: the two crates should use the same one");
                    diags.push(Diag::new(span, message).help(help));
                }
            }
        }
        for entry in &mut library.models[..own] {
            let used = uses(&entry.ast).into_iter().map(|used| used.text.clone());
            entry.uses = used
                .filter_map(|text| Some((names.get(&text).copied()?, text)))
                .map(|(id, text)| (text, id))
                .collect();
        }
        library
    }

    /// The first `own` models, each after those that it uses.
    pub fn order(&self, own: usize) -> Vec<ModelId> {
        fn visit(
            library: &Library,
            id: ModelId,
            own: usize,
            seen: &mut [bool],
            order: &mut Vec<ModelId>,
        ) {
            if id >= own || std::mem::replace(&mut seen[id], true) {
                return;
            }
            let mut used: Vec<ModelId> = library.models[id].uses.values().copied().collect();
            used.sort_unstable();
            used.into_iter().for_each(|used| visit(library, used, own, seen, order));
            order.push(id);
        }
        let (mut seen, mut order) = (vec![false; own], Vec::new());
        (0..own).for_each(|id| visit(self, id, own, &mut seen, &mut order));
        order
    }

    /// Adds the entries of a definition and returns the model it is of.
    fn read(&mut self, path: &TokenStream, definition: TokenTree) -> Option<ModelId> {
        let mut entries = inside(definition)?.into_iter();
        if string(entries.next()?)? != VERSION {
            return None;
        }
        let mut ids: HashMap<String, ModelId> = HashMap::new();
        let mut last = None;
        for entry in entries {
            let mut parts = inside(entry)?.into_iter();
            let id = string(parts.next()?)?;
            if let Some(known) = self.models.iter().position(|model| model.id == id) {
                ids.insert(id, known);
                last = Some(known);
                continue;
            }
            let broken = parts.next()?.to_string() != "whole";
            let mut uses = HashMap::new();
            let mut pairs = inside(parts.next()?)?.into_iter();
            while let (Some(text), Some(id)) = (pairs.next(), pairs.next()) {
                uses.insert(string(text)?, *ids.get(&string(id)?)?);
            }
            let mut numbers = HashMap::new();
            let mut items = inside(parts.next()?)?.into_iter();
            while let (Some(text), Some(kind), Some(number)) =
                (items.next(), items.next(), items.next())
            {
                let kind = kind.to_string();
                let (kind, _) = ItemKind::ALL.into_iter().find(|(_, name)| *name == kind)?;
                numbers.insert((string(text)?, kind), number.to_string().parse().ok()?);
            }
            // Its mistakes were reported where it was written.
            let ast = parse::one(inside(parts.next()?)?)?;
            let items = Some(Items { of: path.clone(), numbers });
            ids.insert(id.clone(), self.models.len());
            last = Some(self.models.len());
            self.models.push(Entry { ast, id, uses, items, broken });
        }
        last
    }

    /// An item that the source of a model names, as it is reached from here, and whose scope it is in.
    pub fn item(
        &self,
        model: ModelId,
        kind: ItemKind,
        text: &str,
        written: &TokenStream,
    ) -> (TokenStream, Option<ModelId>) {
        let items = self.models[model].items.as_ref();
        match items.and_then(|items| Some((items, items.numbers.get(&(text.to_string(), kind))?))) {
            Some((items, number)) => {
                let (of, name) = (&items.of, item(kind, *number));
                // `T` is the scalar of the function around it (`expand::customs`).
                let call = (kind == ItemKind::Op).then(|| quote!(::<T>()));
                (quote!(<#of>::#name #call), Some(model))
            }
            None => (written.clone(), None),
        }
    }

    /// The macro that tells other calls of `model!` what this model is.
    pub fn definition(&self, model: ModelId, typed: &Typed, whole: bool) -> TokenStream {
        let Entry { ast, id, .. } = &self.models[model];
        let name = &ast.name;
        let hidden = format_ident!("__pullback_{}_{id}", name.to_string().trim_start_matches("r#"));
        let mut order = Vec::new();
        if whole {
            self.inner(model, &mut order);
        } else {
            order.push(model);
        }
        let entries = order.into_iter().map(|id| self.entry(id, typed, whole));
        let vis = &ast.vis;
        let exported = vis.to_string().trim() == "pub";
        let export = exported.then(|| quote!(#[macro_export]));
        quote! {
            #[doc(hidden)]
            #export
            #[allow(unused_macros, non_local_definitions, reason = "a model may stand anywhere")]
            macro_rules! #hidden {
                ([ [$($next:tt)*] $($later:tt)* ] { $($before:tt)* } $source:tt) => {
                    $($next)*! { [ $($later)* ] { $($before)* ( #VERSION #(#entries)* ) } $source }
                };
            }
            #[doc(hidden)]
            #[allow(unused_imports, reason = "not every model is used by another")]
            #vis use #hidden as #name;
        }
    }

    /// A model after all models inside it.
    fn inner(&self, model: ModelId, order: &mut Vec<ModelId>) {
        let mut used: Vec<ModelId> = self.models[model].uses.values().copied().collect();
        used.sort_unstable();
        for inner in used {
            if !order.contains(&inner) {
                self.inner(inner, order);
            }
        }
        order.push(model);
    }

    fn entry(&self, model: ModelId, typed: &Typed, whole: bool) -> TokenStream {
        let Entry { ast, id, uses, items, .. } = &self.models[model];
        let mut uses: Vec<(&String, &ModelId)> = uses.iter().filter(|_| whole).collect();
        uses.sort();
        let uses = uses.into_iter().map(|(text, used)| {
            let id = &self.models[*used].id;
            quote!(#text #id)
        });
        let scope = items.as_ref().map(|_| model);
        let consts = typed.consts.iter().enumerate().filter(|(_, c)| c.scope == scope);
        let consts = consts.map(|(i, Const { text, kind, .. })| (text, ItemKind::from(*kind), i));
        let ops = typed.customs.iter().enumerate().filter(|(_, op)| op.scope == scope);
        let ops = ops.map(|(i, op)| (&op.text, ItemKind::Op, i));
        let numbers = consts.chain(ops).map(|(text, kind, i)| {
            let kind = Ident::new(kind.name(), Span::call_site());
            let i = Literal::usize_unsuffixed(i);
            quote!(#text #kind #i)
        });
        let state = Ident::new(if whole { "whole" } else { "broken" }, Span::call_site());
        let name = &ast.name;
        let source = if whole { ast.source.clone() } else { quote!(#name: [1] -> [1] { relu }) };
        quote! { { #id #state (#(#uses)*) (#(#numbers)*) { #source } } }
    }
}

/// A name for a model that no other has: what it is called and where this call of `model!` stands.
fn identity(name: &Ident) -> String {
    let mut hash = std::collections::hash_map::DefaultHasher::new();
    let krate = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME"];
    krate.map(std::env::var).map(Result::ok).hash(&mut hash);
    name.to_string().hash(&mut hash);
    format!("{:?}", Span::call_site()).hash(&mut hash);
    format!("{:016x}", hash.finish())
}

fn inside(token: TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    }
}

fn string(token: TokenTree) -> Option<String> {
    syn::parse2::<syn::LitStr>(token.into_token_stream()).ok().map(|text| text.value())
}
