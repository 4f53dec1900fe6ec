//! Dimensions, shapes and arrows as written, to dimensions as polynomials.

use super::Infer;
use crate::ast::{self, DimKind, Expr, ExprKind};
use crate::shape::{Dim, Shape};
use crate::typed::{Const, ConstKind};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident};

impl Infer<'_> {
    /// A shape in which nothing is left to infer: that of an input or of the model's result.
    pub(super) fn full_shape(&mut self, shape: &ast::Shape) -> Shape {
        let dims: Shape =
            shape.dims.iter().map(|dim| self.dim(dim).unwrap_or_else(|| self.unknown())).collect();
        match self.check_size("an array", &dims, shape.span) {
            Some(()) => dims,
            None => dims.iter().map(|_| self.unknown()).collect(),
        }
    }

    /// The same of an input or a result: those who write the batch as well are told once, and it is left out.
    pub(super) fn one_sample(&mut self, shape: &ast::Shape, told: &mut bool) -> Shape {
        let is_batch = |dim: &ast::Dim| match &dim.kind {
            DimKind::Infer => true,
            DimKind::Const { text, .. } => {
                ["None", "batch", "batch_size", "n_batch", "bs"].contains(&text.as_str())
            }
            _ => false,
        };
        match shape.dims.as_slice() {
            [first, rest @ ..] if is_batch(first) && !rest.is_empty() => {
                let sample = ast::Shape { dims: rest.to_vec(), span: shape.span };
                if !*told {
                    let message = "a model is for one sample: the batch is not an axis of it";
                    let help = format!(
                        "write `{}`; a batch is a slice of samples, of any length",
                        written_shape(&sample)
                    );
                    self.error(first.span, message, Some(help));
                }
                *told = true;
                self.full_shape(&sample)
            }
            _ => self.full_shape(shape),
        }
    }

    /// The dimensions of an arrow; `None` inside stands for `_`.
    pub(super) fn arrow(&mut self, shape: &ast::Shape) -> Option<Vec<Option<Dim>>> {
        let dims: Option<Vec<Option<Dim>>> = shape
            .dims
            .iter()
            .map(|dim| match dim.kind {
                DimKind::Infer => Some(None),
                _ => self.dim(dim).map(Some),
            })
            .collect();
        let dims = dims?;
        let known: Shape = dims.iter().flatten().cloned().collect();
        self.check_size("an array", &known, shape.span)?;
        Some(dims)
    }

    /// A dimension, at least 1.
    pub(super) fn dim(&mut self, dim: &ast::Dim) -> Option<Dim> {
        let value = self.dim_value(dim)?;
        if value.as_known().is_some_and(|n| n < 1) {
            self.error(dim.span, format!("a dimension is at least 1, found {value}"), None);
            return None;
        }
        Some(value)
    }

    pub(super) fn dim_value(&mut self, dim: &ast::Dim) -> Option<Dim> {
        match &dim.kind {
            DimKind::Infer => {
                self.error(
                    dim.span,
                    "`_` cannot be inferred here",
                    Some("write the number; only steps may leave dimensions out".into()),
                );
                None
            }
            DimKind::Lit(n) => match i64::try_from(*n) {
                Ok(n) if n <= super::MOST_ELEMENTS => Some(Dim::known(n)),
                _ => {
                    self.too_large(dim.span, n);
                    None
                }
            },
            DimKind::Const { path, text } => Some(self.named_dim(path.clone(), text)),
            DimKind::Bin(op, a, b) => {
                let (a, b) = (self.dim_value(a)?, self.dim_value(b)?);
                if let ('/', Some(n), Some(d)) = (*op, a.as_known(), b.as_known())
                    && d != 0
                    && n % d != 0
                {
                    let text = format!("`{}`: {n} is not a multiple of {d}", written(dim));
                    self.context.inexact.get_or_insert(text);
                }
                self.arithmetic(*op, &a, &b, dim.span)
            }
        }
    }

    fn arithmetic(&mut self, op: char, a: &Dim, b: &Dim, span: Span) -> Option<Dim> {
        let result = match op {
            '+' => Some(a.add(b)),
            '-' => Some(a.sub(b)),
            '*' => Some(a.mul(b)),
            '/' => a.div(b),
            _ => a.rem(b),
        };
        if result.is_none() {
            self.error(span, "this dimension divides by zero", None);
        }
        result
    }

    /// A size of the generic model being read, or a `const` of type `usize`.
    fn named_dim(&mut self, path: TokenStream, text: &str) -> Dim {
        if let Some(size) = self.context.sizes.get(text) {
            return size.clone();
        }
        let name = self.const_dim(path, text);
        self.context.given(name)
    }

    /// A `const` of type `usize`, by its own name.
    pub(super) fn const_dim(&mut self, path: TokenStream, text: &str) -> Dim {
        let code = self.constant(path, text, ConstKind::Dim);
        Dim::named(text, &code)
    }

    /// The name under which generated code knows a Rust expression.
    pub(super) fn constant(&mut self, tokens: TokenStream, text: &str, kind: ConstKind) -> String {
        let (tokens, scope) = self.item(kind.into(), text, &tokens);
        let consts = &mut self.typed.consts;
        let same = |c: &&Const| c.text == text && c.kind == kind && c.scope == scope;
        if let Some(known) = consts.iter().find(same) {
            return known.code.clone();
        }
        let code = format!("__{}_CONST{}", self.model, consts.len());
        consts.push(Const { code: code.clone(), text: text.to_string(), tokens, kind, scope });
        code
    }

    /// Stands for a dimension that a mistake leaves open; it exists in stubs only.
    pub(super) fn unknown_const(&mut self) -> String {
        let consts = &mut self.typed.consts;
        let code = format!("__{}_CONST{}", self.model, consts.len());
        let tokens = format_ident!("__{}_UNKNOWN", self.model).into_token_stream();
        let (text, kind, scope) = ("_".into(), ConstKind::Dim, None);
        consts.push(Const { code: code.clone(), text, tokens, kind, scope });
        code
    }

    fn too_large(&mut self, span: Span, n: impl std::fmt::Display) {
        let help = format!("an array has at most {} elements", super::MOST_ELEMENTS);
        self.error(span, format!("the dimension {n} is too large"), Some(help));
    }

    /// A dimension written where expressions stand, as in `slice(0..D)`. `what` needs it, and
    /// `example` shows how it is written.
    pub(super) fn dim_of_expr(&mut self, expr: &Expr, what: &str, example: &str) -> Option<Dim> {
        let dim = self.sum_of_expr(expr, what, example)?;
        if dim.has_minus() && dim.as_known().is_none() {
            // It is no length of an array, of which that is asked anyway.
            self.bounded.borrow_mut().push(dim.plus_and_minus());
        }
        Some(dim)
    }

    fn sum_of_expr(&mut self, expr: &Expr, what: &str, example: &str) -> Option<Dim> {
        let help = || Some(format!("it is written `{example}`"));
        match &expr.kind {
            ExprKind::Number(n) if n.exponent == 0 => match i64::try_from(n.digits) {
                Ok(n) if n <= super::MOST_ELEMENTS => Some(Dim::known(n)),
                _ => {
                    self.too_large(expr.span, n.digits);
                    None
                }
            },
            ExprKind::Name(name) if self.lookup(&name.to_string()).is_some() => {
                let message =
                    format!("`{name}` is a value; {what} needs whole numbers or `const`s");
                self.error(expr.span, message, help());
                None
            }
            ExprKind::Name(name) => Some(self.named_dim(name.to_token_stream(), &name.to_string())),
            ExprKind::Path { path, text } => Some(self.named_dim(path.clone(), text)),
            ExprKind::Bin(op, a, b) => {
                let (a, b) =
                    (self.sum_of_expr(a, what, example)?, self.sum_of_expr(b, what, example)?);
                self.arithmetic(*op, &a, &b, expr.span)
            }
            ExprKind::Neg(number) if matches!(number.kind, ExprKind::Number(_)) => {
                self.error(expr.span, format!("{what} cannot be negative"), help());
                None
            }
            ExprKind::Text(text) => {
                let message = format!("{what} needs whole numbers or `const`s, found {text:?}");
                let help = match text.as_str() {
                    "same" | "valid" => Some(format!("words have no quotes: `{text}`")),
                    _ => help(),
                };
                self.error(expr.span, message, help);
                None
            }
            _ => {
                self.error(expr.span, format!("{what} needs whole numbers or `const`s"), help());
                None
            }
        }
    }
}

/// A shape as the user wrote it.
pub(super) fn written_shape(shape: &ast::Shape) -> String {
    format!("[{}]", shape.dims.iter().map(written).collect::<Vec<_>>().join(", "))
}

/// A dimension as the user wrote it, up to brackets.
fn written(dim: &ast::Dim) -> String {
    match &dim.kind {
        DimKind::Infer => "_".to_string(),
        DimKind::Lit(n) => n.to_string(),
        DimKind::Const { text, .. } => text.clone(),
        DimKind::Bin(op, a, b) => {
            let side = |dim: &ast::Dim| match dim.kind {
                DimKind::Bin(..) => format!("({})", written(dim)),
                _ => written(dim),
            };
            format!("{} {op} {}", side(a), side(b))
        }
    }
}
