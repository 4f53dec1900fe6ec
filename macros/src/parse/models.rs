//! Models inside models: their names as ops, sizes, repetition; attributes of models and of steps.

use super::MODEL_HELP;
use super::tokens::{Parser, Result, is_capital, is_keyword, is_path_root, spell};
use crate::ast::{Arg, Dim, Expr, ExprKind, Rhs, StepAttrs, Use};
use crate::diag::{Diag, Diags, did_you_mean};
use proc_macro2::{Delimiter, Ident, TokenStream};

const STEP_ATTRS: [&str; 2] = ["frozen", "recompute"];

/// Attributes that do not work before a model, and what does.
const NO_ATTRS: [(&str, &str); 5] = [
    ("derive", "models have `Debug`, and `boxed` makes a copy"),
    ("cfg", "put it before `model!`"),
    ("cfg_attr", "put it before `model!`"),
    ("deprecated", "say so in the documentation"),
    ("repr", "leave it out: a model is its arrays, one after the other"),
];

impl Parser<'_, '_> {
    pub(super) fn model_name(&mut self) -> Result<Ident> {
        // A keyword here begins an item of Rust; it is not an unlucky name.
        let name = self.name("a model");
        let name = name.map_err(|_| self.expected("the name of a model").help(MODEL_HELP))?;
        // As in `def f(x)` and `class Net(…)`.
        if let Some((next, _)) = self.at.ident() {
            let message = format!("expected the name of a model, found `{name} {next}`");
            return Err(Diag::new(name.span(), message).help(MODEL_HELP));
        }
        if name == "T" {
            let message = "`T` is the scalar type of every model and cannot name one";
            return Err(
                Diag::new(name.span(), message).help("`Net`, and with its scalars `Net<T>`")
            );
        }
        Ok(name)
    }

    /// `<T, D>` after the name of a model.
    pub(super) fn size_names(&mut self, model: &Ident) -> Result<Vec<Ident>> {
        self.eat("<");
        let mut names: Vec<Ident> = Vec::new();
        while self.eat(">").is_none() {
            if self.at.ident().is_some_and(|(ident, _)| ident == "const") {
                let span = self.span();
                self.skip();
                let name = self.name("a size")?;
                let message = format!("the size `{name}` is declared without `const` and type");
                return Err(Diag::new(span, message).help(format!("`{model}<{name}>`")));
            }
            let name = self.name("a size")?;
            if name == "f32" || name == "f64" {
                let message =
                    format!("a model is of any type of numbers, found `{name}` among its sizes");
                let help = format!("leave it out here; in the program it is `{model}::<{name}>`");
                return Err(Diag::new(name.span(), message).help(help));
            }
            if self.peek(":") {
                let diag =
                    Diag::new(self.span(), format!("the size `{name}` has no type or bound"));
                return Err(diag.help(format!("every size is a dimension: `{model}<{name}>`")));
            }
            if names.contains(&name) {
                let message = format!("there are two sizes called `{name}`");
                return Err(Diag::new(name.span(), message).help("rename one of them"));
            }
            names.push(name);
            if self.peek("=") {
                let diag = Diag::new(
                    self.span(),
                    format!("the size `{}` has no default", names[names.len() - 1]),
                );
                return Err(
                    diag.help(format!("it is known from the inputs, or given: `{model}<8>`"))
                );
            }
            if self.eat(",").is_none() && !self.peek(">") {
                return Err(self.expected("`,` or `>`"));
            }
        }
        if names.is_empty() {
            let diag = Diag::new(model.span(), format!("`{model}<>` has no sizes"));
            return Err(diag.help(format!("`{model}<T, D>`, or leave `<>` out")));
        }
        Ok(names)
    }

    /// `Generic<64, 128>;` after `Name =`.
    pub(super) fn instance(&mut self, name: &Ident) -> Result<Use> {
        let help = format!("`{name} = Generic<64, 128>;` names a generic model with its sizes");
        let span = self.span();
        let Some(mut used) = self.bare_model() else {
            return Err(self.expected("a generic model").help(help));
        };
        if self.peek("<-") {
            return Err(Diag::new(self.span(), "a dimension cannot be negative"));
        }
        if !self.peek("<") {
            let text = &used.text;
            let diag = Diag::new(span, format!("`{text}` needs its sizes here"));
            return Err(diag
                .help(format!("`{name} = {text}<64, 128>;` with a number for each of its sizes")));
        }
        used.sizes = Some(self.sizes()?);
        self.eat(";");
        Ok(used)
    }

    /// `[path::]Name[<sizes>]`. Does not move if something else is next.
    fn model_path(&mut self) -> Option<Use> {
        let start = self.at;
        let mut used = self.bare_model()?;
        if self.peek("<") && self.after_generics().is_some() {
            let Ok(sizes) = self.sizes() else {
                self.at = start;
                return None;
            };
            used.sizes = Some(sizes);
        }
        Some(used)
    }

    /// `[path::]Name`. Does not move if something else is next.
    fn bare_model(&mut self) -> Option<Use> {
        let (start, span) = (self.at, self.span());
        self.eat("::");
        let last = loop {
            let usable = |ident: &Ident| !is_keyword(ident) || is_path_root(ident);
            let Some((ident, rest)) = self.at.ident().filter(|(ident, _)| usable(ident)) else {
                self.at = start;
                return None;
            };
            self.at = rest;
            if self.eat("::").is_none() {
                break ident;
            }
        };
        if !is_capital(&last) {
            self.at = start;
            return None;
        }
        let path = self.since(start);
        Some(Use { text: spell(path.clone()), path, sizes: None, span })
    }

    /// `<64, 4 * D, _>`
    fn sizes(&mut self) -> Result<Vec<Dim>> {
        self.eat("<");
        let mut sizes = Vec::new();
        while self.eat(">").is_none() {
            sizes.push(self.dim()?);
            if self.eat(",").is_none() && !self.peek(">") {
                return Err(self.expected("`,` or `>`"));
            }
        }
        Ok(sizes)
    }

    /// A bare path, or one applied to values. Does not move if this is a custom op or arithmetic.
    pub(super) fn used_model(&mut self) -> Option<Result<Rhs>> {
        let start = self.at;
        let used = self.model_path()?;
        let mut args = Ok(Vec::new());
        if let Some((inside, ..)) = self.at.group(Delimiter::Parenthesis) {
            let mut quiet = Diags::default();
            let given = Parser::new(inside, &mut quiet).list("arguments", |p| p.arg());
            if !given.is_ok_and(|args| args.iter().any(|arg| mentions_value(&arg.value))) {
                self.at = start;
                return None;
            }
            let read = self.enter(Delimiter::Parenthesis, |p, _| p.list("arguments", Self::arg));
            args = read.unwrap_or_else(|| Ok(Vec::<Arg>::new()));
        }
        let ends = self.operator().map_or(!self.peek_group(Delimiter::Brace), |next| {
            ["->", "=>", ":", ",", ";", "="].contains(&next)
        });
        if !ends {
            self.at = start;
            return None;
        }
        Some(args.map(|args| Rhs::Model { used, args }))
    }

    /// `[Block; 6]`
    pub(super) fn repeat(&mut self) -> Option<Result<Rhs>> {
        let (inside, ..) = self.at.group(Delimiter::Bracket)?;
        let mut quiet = Diags::default();
        let mut ahead = Parser::new(inside, &mut quiet);
        ahead.skip_to(&[";"]);
        if ahead.at.eof() {
            return None;
        }
        self.enter(Delimiter::Bracket, |p, _| {
            let item = Box::new(p.apply(Vec::new())?);
            if p.eat(";").is_none() {
                return Err(p.expected("`;`").help("six in a row are written `[Block; 6]`"));
            }
            p.operators = 0;
            let count = p.only(Self::dim)?;
            Ok(Rhs::Repeat { item, count })
        })
    }

    /// The attributes before a model.
    pub(super) fn attrs(&mut self) -> Result<Vec<TokenStream>> {
        let mut attrs = Vec::new();
        loop {
            let start = self.at;
            if self.eat("#").is_none() {
                return Ok(attrs);
            }
            if !self.peek_group(Delimiter::Bracket) {
                return Err(self.expected("an attribute `#[…]`"));
            }
            let said = self.at.group(Delimiter::Bracket).and_then(|(inside, ..)| inside.ident());
            self.skip();
            let attr = self.since(start);
            if let Some((name, _)) = said
                && let Some((_, help)) = NO_ATTRS.iter().find(|(no, _)| name == no)
            {
                let message =
                    format!("`#[{name}]` cannot stand before a model, which is more than one item");
                return Err(Diag::new(name.span(), message).help(*help));
            }
            attrs.push(attr);
        }
    }

    /// The attributes before a step; reports those that it cannot have, and doc comments.
    pub(super) fn step_attrs(&mut self) -> StepAttrs {
        let mut attrs = StepAttrs::default();
        let mut reported = false;
        loop {
            let span = self.span();
            if self.eat("#").is_none() {
                return attrs;
            }
            if let Some(bang) = self.eat("!") {
                let diag = Diag::new(bang, "the attributes of a step have no `!`");
                self.diags.push(diag.help("leave it out: `#[frozen]` stands before its step"));
            }
            let inside = self.at.group(Delimiter::Bracket).map(|(inside, ..)| inside);
            if inside.is_some() {
                self.skip();
            }
            let name = inside.and_then(|inside| Some((inside.ident()?.0, inside)));
            let known = name.as_ref().filter(|(name, inside)| {
                STEP_ATTRS.iter().any(|attr| name == attr)
                    && inside.token_tree().is_some_and(|(_, rest)| rest.eof())
            });
            match known {
                Some((name, _)) if name == "frozen" => attrs.frozen = true,
                Some(_) => attrs.recompute = true,
                None if reported => {}
                None => {
                    reported = true;
                    let name = name.map(|(name, _)| name.to_string()).unwrap_or_default();
                    let doc = name == "doc" || name.is_empty();
                    let message = if doc {
                        "a step has no doc comments".to_string()
                    } else if STEP_ATTRS.contains(&name.as_str()) {
                        format!("`#[{name}]` takes no arguments")
                    } else {
                        format!("a step has no attribute `{name}`")
                    };
                    let close = did_you_mean(&name, STEP_ATTRS.into_iter());
                    self.diags.push(Diag::new(span, message).help(match close {
                        _ if doc => "a plain comment begins with `//`".to_string(),
                        Some(close) => format!("`#[{close}]`"),
                        None => "there are `#[frozen]` and `#[recompute]`".to_string(),
                    }));
                }
            }
        }
    }
}

/// Whether an argument can only be meant for a model: Rust's constants are in capitals, and a custom op
/// is built from those and from numbers.
fn mentions_value(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => {
            !is_capital(name) && name.to_string().chars().any(char::is_alphabetic)
        }
        ExprKind::Call { args, .. } => args.iter().any(|arg| mentions_value(&arg.value)),
        ExprKind::Bin(_, a, b) => mentions_value(a) || mentions_value(b),
        ExprKind::Neg(a) => mentions_value(a),
        ExprKind::Member(_) | ExprKind::Method { .. } | ExprKind::Index { .. } => true,
        ExprKind::Number(_)
        | ExprKind::Path { .. }
        | ExprKind::List(_)
        | ExprKind::Range(..)
        | ExprKind::Text(_)
        | ExprKind::Bool(_) => false,
    }
}
