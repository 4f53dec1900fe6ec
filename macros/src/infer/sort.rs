//! Sorting the arguments of a call into values and options.

use super::options::{integer, is_const, kind};
use super::*;
use crate::ast::{Arg, Expr};
use crate::ops::{Arity, Body, OpDef, OptKind};

/// The arguments of a call, sorted.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    /// With the place of each among the arguments.
    pub(super) operands: Vec<(usize, Operand, Span)>,
    /// For each of [`Arity::weights`], what is given for it.
    pub(super) weights: Vec<Option<(Operand, Span)>>,
    /// For each option, the expressions given for it.
    pub(super) options: Vec<Vec<&'a Expr>>,
}

/// What became of an argument with a name.
enum Named {
    Sorted,
    /// It has a mistake, which is reported.
    Broken,
    /// The op has no such option.
    Unknown,
}

impl<'a> Infer<'a> {
    /// Sorts arguments into values and options.
    pub(super) fn sort(
        &mut self,
        op: &'static OpDef,
        args: &'a [Arg],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) -> Option<Sorted<'a>> {
        let mut sorted = Sorted {
            operands: Vec::new(),
            weights: vec![None; op.arity.weights().len()],
            options: vec![Vec::new(); op.options.len()],
        };
        if let ops::Arity::AtLeast(_) = op.arity
            && let Some(list) = args.iter().find(|arg| self.lists_values(&arg.value))
        {
            let help = self.advice(op.name, args, step, flow);
            let message = format!("`{}` takes its values one by one, found a list", op.name);
            self.error(list.value.span, message, help);
            return None;
        }
        let mut broken = false;
        let mut loose: Vec<(usize, &'a Expr)> = Vec::new();
        for (place, arg) in args.iter().enumerate() {
            if let Some(name) = &arg.name {
                match self.named(op, &mut sorted, name, &arg.value) {
                    Named::Sorted => {}
                    Named::Broken => broken = true,
                    Named::Unknown => {
                        let text = name.to_string();
                        let elsewhere = self.option_elsewhere(op, &text, args, step, flow);
                        let whole =
                            elsewhere.as_ref().is_some_and(|help| help.starts_with("write"));
                        self.unknown_option(op, name, &arg.value, elsewhere);
                        broken = true;
                        if whole {
                            return None; // that is about all of them
                        }
                    }
                }
            } else if self.is_option(&arg.value) {
                loose.push((place, &arg.value));
            } else {
                match self.operand(&arg.value) {
                    Some(operand) => sorted.operands.push((place, operand, arg.value.span)),
                    None => broken = true,
                }
            }
        }
        if broken {
            return None;
        }
        if let Some(extra) = self.by_order(op, &mut sorted, loose)? {
            let x = match (sorted.operands.first(), flow) {
                (Some((_, Operand::Value(id), _)), _) => Some(*id),
                (None, Some(Flow::Value(id))) => Some(id),
                _ => None,
            };
            if !self.sizes_given(op, args, x, step) {
                self.one_too_many(op, extra);
            }
            return None;
        }
        Some(sorted)
    }

    /// Sorts an argument with a name.
    fn named(
        &mut self,
        op: &'static OpDef,
        sorted: &mut Sorted<'a>,
        name: &Ident,
        value: &'a Expr,
    ) -> Named {
        let text = name.to_string();
        let weight = op.arity.weights().iter().position(|weight| *weight == text);
        let option = op.options.iter().position(|option| option.name == text);
        let twice = weight.is_some_and(|i| sorted.weights[i].is_some())
            || option.is_some_and(|i| !sorted.options[i].is_empty());
        match (weight, option) {
            _ if twice => {
                self.error(
                    name.span(),
                    format!("the option `{text}` of `{}` is given twice", op.name),
                    Some("remove one of them".into()),
                );
                Named::Broken
            }
            (Some(_), _) if matches!(value.kind, ExprKind::List(_)) => {
                self.error(
                    value.span,
                    format!("`{text}` of `{}` is a value or a number, found a list", op.name),
                    Some(format!(
                        "make it an input, or `#[frozen] {text} = parameter -> [..]`, which the program fills"
                    )),
                );
                Named::Broken
            }
            (Some(i), _) => match self.operand(value) {
                Some(operand) => {
                    sorted.weights[i] = Some((operand, value.span));
                    Named::Sorted
                }
                None => Named::Broken,
            },
            (None, Some(i)) => {
                sorted.options[i].push(value);
                Named::Sorted
            }
            (None, None) => Named::Unknown,
        }
    }

    /// Sorts numbers and lists without a name: operands of elementwise ops that lack one, then options in order.
    /// Gives back the first that is too many.
    fn by_order(
        &mut self,
        op: &'static OpDef,
        sorted: &mut Sorted<'a>,
        loose: Vec<(usize, &'a Expr)>,
    ) -> Option<Option<&'a Expr>> {
        let free: Vec<usize> =
            (0..op.options.len()).filter(|i| sorted.options[*i].is_empty()).collect();
        let mut loose = loose.into_iter().peekable();
        if matches!(op.body, Body::Point(..)) && op.arity != Arity::Exactly(1) {
            for _ in 0..loose.len().saturating_sub(free.len()) {
                if let Some((place, expr)) = loose.next() {
                    let operand = self.operand(expr)?;
                    sorted.operands.push((place, operand, expr.span));
                }
            }
            // `maximum(0, x)`: as written.
            sorted.operands.sort_by_key(|(place, ..)| *place);
        }
        for i in free {
            let takes_all = matches!(op.options[i].kind, OptKind::Axes | OptKind::Order);
            match loose.next() {
                Some((_, expr)) => sorted.options[i].push(expr),
                None => break,
            }
            if takes_all {
                let axes =
                    std::iter::from_fn(|| loose.next_if(|(_, expr)| integer(expr).is_some()));
                sorted.options[i].extend(axes.map(|(_, expr)| expr));
            }
        }
        Some(loose.next().map(|(_, extra)| extra))
    }

    /// Reports an argument for which there is no option.
    fn one_too_many(&mut self, op: &OpDef, extra: &Expr) {
        let what = match op.options.len() {
            0 => "no options".to_string(),
            1 => "1 option".to_string(),
            n => format!("{n} options"),
        };
        let message =
            format!("`{}` has {what}, so this {} is one argument too many", op.name, kind(extra).1);
        let mut help = format!("it is written `{}`", op.signature());
        if integer(extra).is_some() && !op.options.is_empty() {
            help += "; several sizes of one option are a list, `[1, 2]`";
        }
        self.error(extra.span, message, Some(help));
    }

    /// Whether this is a list of values, `[a, b]`.
    fn lists_values(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::List(items) => items.iter().any(|item| !self.is_option(item)),
            _ => false,
        }
    }

    /// Whether an argument without a name can only be an option.
    pub(super) fn is_option(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Number(_)
            | ExprKind::List(_)
            | ExprKind::Range(..)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Path { .. } => true,
            ExprKind::Neg(x) => self.is_option(x),
            ExprKind::Bin(_, a, b) => self.is_option(a) && self.is_option(b),
            ExprKind::Name(name) => is_const(name) && self.lookup(&name.to_string()).is_none(),
            ExprKind::Call { .. }
            | ExprKind::Member(_)
            | ExprKind::Method { .. }
            | ExprKind::Index { .. } => false,
        }
    }

    /// Operands in their places, the flowing value first where one is missing.
    pub(super) fn complete(
        &mut self,
        op: &OpDef,
        span: Span,
        operands: Vec<(usize, Operand, Span)>,
        weights: Vec<Option<(Operand, Span)>>,
        flow: Option<Flow>,
    ) -> Option<(Vec<Operand>, Vec<Span>)> {
        let (operands, spans) =
            operands.into_iter().map(|(_, operand, span)| (operand, span)).unzip();
        let (mut operands, mut spans) =
            self.fill(op.name, op.arity, span, operands, spans, flow)?;
        for weight in weights {
            let (operand, span) = weight.unwrap_or((Operand::Number(Num::ONE), span));
            operands.push(operand);
            spans.push(span);
        }
        let value = |operand: &Operand| matches!(operand, Operand::Value(_));
        if !operands.iter().any(value) && op.arity != Arity::Exactly(0) {
            self.error(span, format!("`{}` needs a value, found only numbers", op.name), None);
            return None;
        }
        Some((operands, spans))
    }

    pub(super) fn fill(
        &mut self,
        name: &str,
        arity: Arity,
        span: Span,
        mut operands: Vec<Operand>,
        mut spans: Vec<Span>,
        flow: Option<Flow>,
    ) -> Option<(Vec<Operand>, Vec<Span>)> {
        let (least, most) = match arity {
            Arity::Exactly(n) | Arity::Weighted(n, _) => (n, n),
            Arity::AtLeast(n) => (n, usize::MAX),
            Arity::Between(least, most) => (least, most),
        };
        if operands.len() + 1 == least
            && let Some(flow) = flow
        {
            if let (Flow::None(why), true) = (flow, least > 1) {
                self.error(
                    span,
                    format!(
                        "`{name}` takes {least} values, found {}, and none flows into it: {why}",
                        operands.len()
                    ),
                    Some(format!("write the other one as well, as in `{name}(a, b)`")),
                );
                return None;
            }
            let what = format!("`{name}`");
            operands.insert(0, Operand::Value(self.flowing(flow, span, &what)?));
            spans.insert(0, span);
        }
        let count = |n: usize| if n == 1 { "1 value".to_string() } else { format!("{n} values") };
        let wants = match arity {
            Arity::Exactly(n) | Arity::Weighted(n, _) => count(n),
            Arity::AtLeast(n) => format!("at least {}", count(n)),
            Arity::Between(least, most) => format!("{least} to {}", count(most)),
        };
        if operands.len() < least {
            let help = match flow {
                Some(_) => {
                    "where one value is missing, that of the step before it is taken as the first"
                }
                None => "inside an expression every value is written out",
            };
            self.error(
                span,
                format!("`{name}` takes {wants}, found {}", operands.len()),
                Some(help.into()),
            );
            return None;
        }
        if operands.len() > most {
            let help = match arity.weights() {
                [] if ["rnn", "lstm", "gru"].contains(&name) => {
                    "its state begins as 0; a `scan(h: [16] = h0) { … }` begins where it is told"
                        .into()
                }
                [] => "remove this one".to_string(),
                names => format!("`{} = ..` is given by its name", names.join(" = ..` or `")),
            };
            self.error(
                spans[most],
                format!("`{name}` takes {wants}, found {}", operands.len()),
                Some(help),
            );
            return None;
        }
        Some((operands, spans))
    }
}
