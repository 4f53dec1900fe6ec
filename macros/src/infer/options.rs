//! Reading the options of a call.

use super::*;
use crate::ast::Expr;
use crate::bug::{OrBug, bug};
use crate::ops::{Fallback, OpDef, Opt, OptDef, OptKind};

impl<'a> Infer<'a> {
    /// The options' values; `given` may be shorter than the op's list.
    pub(super) fn options(
        &mut self,
        op: &'static OpDef,
        span: Span,
        operands: &[Operand],
        given: &[Vec<&'a Expr>],
    ) -> Option<Vec<Opt>> {
        let shape = operands.iter().find_map(|operand| match operand {
            Operand::Value(id) => Some(self.typed.values[*id].shape.clone()),
            Operand::Number(_) => None,
        });
        let shape = shape.unwrap_or_default();
        let values: Vec<Option<Opt>> = op
            .options
            .iter()
            .zip(given)
            .map(|(option, given)| match given.as_slice() {
                [] => self.default(op, option, span, &shape),
                given => self.option(op, option, given, &shape),
            })
            .collect();
        values.into_iter().collect()
    }

    pub(super) fn default(
        &mut self,
        op: &OpDef,
        option: &OptDef,
        span: Span,
        shape: &Shape,
    ) -> Option<Opt> {
        match option.fallback {
            Fallback::Required(_) => {
                let what = match option.kind {
                    OptKind::Range => "a range",
                    _ => &format!("its argument `{}`", option.name),
                };
                self.error(
                    span,
                    format!("`{}` needs {what}", op.name),
                    Some(format!("it is written `{}`", op.signature())),
                );
                None
            }
            Fallback::Absent(_) => Some(Opt::Absent),
            Fallback::Text(text) => self.default_of(op, option.kind, text, span, shape),
        }
    }

    /// A default as its stanza has it.
    fn default_of(
        &mut self,
        op: &OpDef,
        kind: OptKind,
        text: &str,
        span: Span,
        shape: &Shape,
    ) -> Option<Opt> {
        let whole = || text.parse::<i64>().ok().or_bug(op.name, "whole number as a default");
        Some(match kind {
            OptKind::Number => Opt::Number(Num::read(text).or_bug(op.name, "number as a default")),
            OptKind::Size => Opt::Size(Dim::known(whole())),
            OptKind::Sizes | OptKind::Padding => Opt::Sizes(vec![Dim::known(whole())]),
            OptKind::Bool => Opt::Bool(text.parse().ok().or_bug(op.name, "flag as a default")),
            OptKind::Text | OptKind::OneOf(_) => Opt::Text(text.trim_matches('"').into()),
            OptKind::Axes if text == "all" => Opt::Axes((0..shape.len()).collect()),
            OptKind::NewAxis => return self.new_axis(op, whole(), shape, span),
            OptKind::Axis | OptKind::Axes | OptKind::Order => {
                let help = match shape.len() {
                    0 => "`reshape -> [1]` makes a vector of it".into(),
                    _ => format!("it is written `{}`", op.signature()),
                };
                Opt::Axes(vec![self.axis(op, whole(), shape, span, help)?])
            }
            OptKind::Range => bug!("infer", "a default range"),
        })
    }

    /// What is given for an option.
    pub(super) fn option(
        &mut self,
        op: &OpDef,
        option: &OptDef,
        given: &[&'a Expr],
        shape: &Shape,
    ) -> Option<Opt> {
        let expr = *given.first()?;
        let what = format!("the option `{}` of `{}`", option.name, op.name);
        let several =
            matches!(expr.kind, ExprKind::Bool(_) | ExprKind::List(_) | ExprKind::Range(..));
        match option.kind {
            OptKind::Number if several => self.expected(op, option, "a number", expr),
            OptKind::Number => match self.operand(expr)? {
                Operand::Number(num) => {
                    self.in_range(op, option, &num, expr.span).then_some(Opt::Number(num))
                }
                Operand::Value(_) => self.expected(op, option, "a number", expr),
            },
            OptKind::Size if several => self.expected(op, option, "a size", expr),
            OptKind::Size => self.dim_of_expr(expr, &what, &op.signature()).map(Opt::Size),
            OptKind::Bool => match expr.kind {
                ExprKind::Bool(flag) => Some(Opt::Bool(flag)),
                _ => self.expected(op, option, "`true` or `false`", expr),
            },
            OptKind::Padding if word(expr).is_some() => match word(expr).as_deref() {
                Some("same") => Some(Opt::Same),
                Some("valid") => Some(Opt::Sizes(vec![Dim::known(0)])),
                _ => {
                    let what = "`same`, `valid`, a number or a list of numbers";
                    self.expected(op, option, what, expr)
                }
            },
            OptKind::Sizes if word(expr).is_some() => {
                self.expected(op, option, "a number or a list of numbers", expr)
            }
            OptKind::Sizes | OptKind::Padding => {
                let dims: Option<Vec<Dim>> = items(expr)
                    .into_iter()
                    .map(|expr| self.dim_of_expr(expr, &what, &op.signature()))
                    .collect();
                dims.map(Opt::Sizes)
            }
            OptKind::Range => match &expr.kind {
                ExprKind::Range(start, end) => {
                    let (start, end) = (
                        self.dim_of_expr(start, "a range", "slice(0..2)"),
                        self.dim_of_expr(end, "a range", "slice(0..2)"),
                    );
                    Some(Opt::Range(start?, end?))
                }
                _ => self.expected(op, option, "a range such as `0..2`", expr),
            },
            OptKind::Axis | OptKind::NewAxis => {
                let Some(axis) = integer(expr) else {
                    return self.expected(op, option, "an axis such as 0 or -1", expr);
                };
                if option.kind == OptKind::NewAxis {
                    return self.new_axis(op, axis, shape, expr.span);
                }
                let axis = self.axis(op, axis, shape, expr.span, COUNTED.into())?;
                Some(Opt::Axes(vec![axis]))
            }
            OptKind::Text => match &expr.kind {
                ExprKind::Text(text) => Some(Opt::Text(text.as_str().into())),
                _ => self.expected(op, option, "a text in quotes", expr),
            },
            OptKind::OneOf(texts) => self.one_of(op, option, texts, expr),
            OptKind::Axes | OptKind::Order => match given {
                [list] => self.axes(op, option, &items(list), shape),
                _ => self.axes(op, option, given, shape),
            },
        }
    }

    /// Reports that an option was given something else than it takes.
    fn expected(&mut self, op: &OpDef, option: &OptDef, what: &str, expr: &Expr) -> Option<Opt> {
        let message = format!(
            "the option `{}` of `{}` takes {what}, found {}",
            option.name,
            op.name,
            found(expr)
        );
        self.error(expr.span, message, Some(format!("it is written `{}`", op.signature())));
        None
    }

    /// Axes, each of them once.
    fn axes(&mut self, op: &OpDef, option: &OptDef, given: &[&Expr], shape: &Shape) -> Option<Opt> {
        let mut axes = Vec::new();
        for expr in given {
            let Some(number) = integer(expr) else {
                return self.expected(op, option, "a list of axes such as `[0, 2]`", expr);
            };
            let axis = self.axis(op, number, shape, expr.span, COUNTED.into())?;
            if axes.contains(&axis) {
                let same =
                    if number < 0 { format!(": {number} is axis {axis}") } else { String::new() };
                let message =
                    format!("`{}` names axis {axis} of {} twice{same}", op.name, show(shape));
                self.error(expr.span, message, Some("remove one of them".into()));
                return None;
            }
            axes.push(axis);
        }
        if option.kind == OptKind::Axes {
            axes.sort_unstable();
        }
        Some(Opt::Axes(axes))
    }

    /// The place of a new axis among those there are.
    fn new_axis(&mut self, op: &OpDef, axis: i64, shape: &Shape, span: Span) -> Option<Opt> {
        let rank = shape.len() as i64;
        let index = if axis < 0 { axis.saturating_add(rank + 1) } else { axis };
        if (0..=rank).contains(&index) {
            return Some(Opt::Axes(vec![index as usize]));
        }
        let message = format!("`{}` cannot make axis {axis} of {}", op.name, show(shape));
        let help = format!("a new axis has one of the places 0 to {rank}, or -1 to be the last");
        self.error(span, message, Some(help));
        None
    }

    pub(super) fn axis(
        &mut self,
        op: &OpDef,
        axis: i64,
        shape: &Shape,
        span: Span,
        help: String,
    ) -> Option<usize> {
        let rank = shape.len() as i64;
        let index = if axis < 0 { axis.saturating_add(rank) } else { axis };
        if (0..rank).contains(&index) {
            return Some(index as usize);
        }
        let has = match rank {
            0 => "no axes".to_string(),
            1 => "only axis 0".to_string(),
            2 => "axes 0 and 1".to_string(),
            _ => format!("axes 0 to {}", rank - 1),
        };
        self.error(
            span,
            format!("`{}` works on axis {axis}, but {} has {has}", op.name, show(shape)),
            Some(help),
        );
        None
    }

    /// One of a few texts.
    fn one_of(&mut self, op: &OpDef, option: &OptDef, texts: &[&str], expr: &Expr) -> Option<Opt> {
        let found = match &expr.kind {
            ExprKind::Text(text) if texts.contains(&text.as_str()) => {
                return Some(Opt::Text(text.as_str().into()));
            }
            ExprKind::Text(text) => format!("`{text:?}`"),
            _ => word(expr).map_or_else(|| found(expr), |word| format!("`{word}`")),
        };
        let quoted: Vec<String> = texts.iter().map(|text| format!("`{text:?}`")).collect();
        let (last, others) = quoted.split_last()?;
        let message = format!(
            "the option `{}` of `{}` is {} or {last}, found {found}",
            option.name,
            op.name,
            others.join(", "),
        );
        let help = match word(expr) {
            Some(word) if texts.contains(&word.as_str()) => "write it in quotes".into(),
            _ => format!("it is written `{}`", op.signature()),
        };
        self.error(expr.span, message, Some(help));
        None
    }
}

pub(super) const COUNTED: &str =
    "axes are those of one sample, without the batch: they count from 0, and -1 is the last";

/// A name that is no constant: `same`.
fn word(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) if !is_const(name) => Some(name.to_string()),
        _ => None,
    }
}

/// What an expression is, for messages about what was found: article and noun.
pub(super) fn kind(expr: &Expr) -> (&'static str, &'static str) {
    match &expr.kind {
        ExprKind::Number(_) => ("a", "number"),
        ExprKind::Name(name) if is_const(name) => ("a", "constant"),
        ExprKind::Path { .. } => ("a", "constant"),
        ExprKind::Name(_)
        | ExprKind::Call { .. }
        | ExprKind::Member(_)
        | ExprKind::Method { .. }
        | ExprKind::Index { .. } => ("a", "value"),
        ExprKind::Bin(..) => ("an", "expression"),
        ExprKind::Neg(x) => kind(x),
        ExprKind::List(_) => ("a", "list"),
        ExprKind::Range(..) => ("a", "range"),
        ExprKind::Bool(true) => ("", "`true`"),
        ExprKind::Bool(false) => ("", "`false`"),
        ExprKind::Text(_) => ("a", "text"),
    }
}

pub(super) fn found(expr: &Expr) -> String {
    match (&expr.kind, kind(expr)) {
        (ExprKind::Number(n), _) if n.exponent < 0 => "a fraction".into(),
        (_, (article, noun)) => format!("{article} {noun}").trim_start().to_string(),
    }
}

/// A name in capitals is a `const` of the user's.
pub(super) fn is_const(name: &Ident) -> bool {
    name.to_string().starts_with(|c: char| c.is_uppercase())
}

pub(super) fn integer(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Number(n) if n.exponent == 0 => i64::try_from(n.digits).ok(),
        ExprKind::Neg(x) => integer(x)?.checked_neg(),
        _ => None,
    }
}

pub(super) fn option_spans(options: &[Vec<&Expr>]) -> Vec<Option<Span>> {
    options.iter().map(|given| given.first().map(|expr| expr.span)).collect()
}

/// The items of a list; what is none is one by itself.
fn items(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![expr],
    }
}
