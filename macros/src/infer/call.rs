//! Applying an op: which argument is what, the op's shape rule, and the checks around it.

use super::options::{found, is_const, option_spans};
use super::{Binding, Flow, Infer, literal};
use crate::ast::{Apply, Arg, Expr, ExprKind, Rhs};
use crate::bug::OrBug;
use crate::diag::did_you_mean;
use crate::elsewhere;
use crate::number::Num;
use crate::ops::{self, At, Body, Call, OpDef, Opt, Options};
use crate::shape::{Dim, Shape, show, size};
use crate::typed::{ConstKind, Operand, ValueDef, ValueId};
use proc_macro2::{Ident, Span};
use quote::ToTokens;

/// Whether an expression is an op by itself.
fn is_op(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Call { op: name, .. } => {
            ops::find(&name.to_string()).is_some()
        }
        _ => false,
    }
}

impl<'a> Infer<'a> {
    /// Reports a name that is nothing.
    pub(super) fn unknown_op(
        &mut self,
        name: &Ident,
        args: &[Arg],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) {
        let text = name.to_string();
        let help = if self.later.contains(&text) {
            self.missed.push(text.clone());
            format!("`{text}` comes later, and a step can only use what is before it")
        } else {
            let advice = self.advice(&text, args, step, flow);
            advice.unwrap_or_else(|| self.unknown_help(&text))
        };
        self.error(name.span(), format!("there is no op or value called `{text}`"), Some(help));
    }

    /// What to say about a name that nothing is known of.
    pub(super) fn unknown_help(&self, text: &str) -> String {
        if text.starts_with(char::is_uppercase) {
            return format!("a model is a step of its own: `y = {text}(x)`");
        }
        if self.library.of_this_call(text).is_some() {
            return format!("`{text}` is a model; as a step, its name has to begin with a capital");
        }
        let known = self.names();
        let names = ops::all().map(|op| op.name).chain(known.iter().map(String::as_str));
        match did_you_mean(text, names) {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                "`pullback::ops` lists all ops; a closure makes a new one: `|x| x * sigmoid(x)`"
                    .into()
            }
        }
    }

    /// An expression as an operand; `None` after a mistake.
    pub(super) fn operand(&mut self, expr: &'a Expr) -> Option<Operand> {
        match &expr.kind {
            ExprKind::Number(n) => match literal(*n) {
                Some(num) => Some(Operand::Number(num)),
                None => {
                    let message =
                        "this number is too large, or has too many digits, to be kept exactly";
                    let help = "a number has 38 digits before and after its point together; a `const` may be any `f64`";
                    self.error(expr.span, message, Some(help.into()));
                    None
                }
            },
            ExprKind::Name(name) => self.operand_named(name),
            ExprKind::Path { text, .. } if text.split("::").any(|part| part == "f32") => {
                let message = format!("numbers of a model are `f64`, found `{text}`");
                let help = format!("write `{}`", text.replace("f32", "f64"));
                self.error(expr.span, message, Some(help));
                None
            }
            ExprKind::Path { path, text } => Some(self.number_named(path.clone(), text)),
            ExprKind::Member(names) => self.member(names).map(Operand::Value),
            ExprKind::Call { op, args } => self.call(op, args, None, None).map(Operand::Value),
            ExprKind::Method { receiver, name, given } => {
                self.method(receiver, name, given, None, None)
            }
            ExprKind::Index { value, text, items } => self.index(value, text, items),
            ExprKind::Neg(x) => {
                let x = self.operand(x)?;
                if let Operand::Number(num) = &x
                    && let Some(neg) = Num::fold('-', &Num::ZERO, num)
                {
                    return Some(Operand::Number(neg));
                }
                self.arithmetic_op("neg", "-", vec![x], expr.span)
            }
            ExprKind::Bin(op, a, b) => {
                // Both sides are looked at before either gives up: two mistakes are two errors.
                let (a, b) = (self.operand(a), self.operand(b));
                let (a, b) = (a?, b?);
                if let (Operand::Number(x), Operand::Number(y)) = (&a, &b)
                    && let Some(num) = Num::fold(*op, x, y)
                {
                    return Some(Operand::Number(num));
                }
                let (name, spelling) = match op {
                    '+' => ("add", "+"),
                    '-' => ("sub", "-"),
                    '*' => ("mul", "*"),
                    _ => ("div", "/"),
                };
                self.arithmetic_op(name, spelling, vec![a, b], expr.span)
            }
            ExprKind::List(_) | ExprKind::Range(..) | ExprKind::Bool(_) | ExprKind::Text(_) => {
                self.error(
                    expr.span,
                    format!("expected a value or a number, found {}", found(expr)),
                    Some(match &expr.kind {
                        ExprKind::List(items) if items.iter().all(is_op) => {
                            "steps follow each other, separated by commas: `linear -> [64], relu`"
                        }
                        ExprKind::List(items) if !items.iter().all(|item| self.is_option(item)) => {
                            "`concat(a, b)` joins values along an axis, `stack(a, b)` along a new one"
                        }
                        _ => "lists, ranges, texts and `true` are options of ops",
                    }
                    .into()),
                );
                None
            }
        }
    }

    pub(super) fn operand_named(&mut self, name: &Ident) -> Option<Operand> {
        let text = name.to_string();
        match self.lookup(&text) {
            Some(Binding::Value(id)) => return id.map(Operand::Value),
            Some(Binding::Let(_)) => {
                self.use_shared(&text);
                let help = format!("apply it: `{text}(value)`");
                self.error(
                    name.span(),
                    format!("`{text}` is declared by `let`, so it is not a value"),
                    Some(help),
                );
                return None;
            }
            None => {}
        }
        if let Some(size) = self.size_as_number(&text) {
            return Some(size);
        }
        if is_const(name)
            && let Some(help) =
                elsewhere::number(&text).filter(|_| text.chars().any(char::is_lowercase))
        {
            self.error(
                name.span(),
                format!("there is no value called `{text}`"),
                Some(help.into()),
            );
            return None;
        }
        if is_const(name) {
            return Some(self.number_named(name.to_token_stream(), &text));
        }
        if ops::find(&text).is_some() {
            let help = format!("apply it: `{text}(value)`");
            self.error(name.span(), format!("`{text}` is an op, not a value"), Some(help));
            return None;
        }
        let known = self.names();
        let help = match did_you_mean(&text, known.iter().map(String::as_str)) {
            _ if elsewhere::number(&text).is_some() => {
                elsewhere::number(&text).unwrap_or_default().to_string()
            }
            _ if self.later.contains(&text) => {
                format!("`{text}` comes later, and a step can only use what is before it")
            }
            Some(close) => format!("did you mean `{close}`?"),
            None => "values are the model's inputs and the named steps before this one".into(),
        };
        self.error(name.span(), format!("there is no value called `{text}`"), Some(help));
        None
    }

    pub(super) fn number_named(&mut self, tokens: proc_macro2::TokenStream, text: &str) -> Operand {
        let code = self.constant(tokens, text, ConstKind::Number);
        Operand::Number(Num::Named { text: text.into(), code: code.into() })
    }

    /// An operator of an expression.
    pub(super) fn arithmetic_op(
        &mut self,
        name: &str,
        spelling: &'static str,
        args: Vec<Operand>,
        span: Span,
    ) -> Option<Operand> {
        let op = ops::find(name)?;
        if !args.iter().any(|arg| matches!(arg, Operand::Value(_))) {
            let help = "give their result a name: `const C: f64 = ..;`";
            self.error(
                span,
                format!("`{spelling}` needs at least one value, found only numbers"),
                Some(help.into()),
            );
            return None;
        }
        let spans = vec![span; args.len()];
        self.apply(op, spelling, span, args, &spans, Vec::new(), &[], None).map(Operand::Value)
    }

    /// `op(args)` or a shared block. `step` is the step it stands for, if it is one by itself, and
    /// `flow` then the value that stands in for a missing one.
    pub(super) fn call(
        &mut self,
        name: &'a Ident,
        args: &'a [Arg],
        step: Option<&'a Apply>,
        flow: Option<Flow>,
    ) -> Option<ValueId> {
        let text = name.to_string();
        let binding = self.lookup(&text);
        if let Some(Binding::Let(_)) = binding {
            return self.apply_shared(name, args, step, flow);
        }
        let Some(op) = ops::find(&text) else {
            for arg in args {
                if matches!(arg.value.kind, ExprKind::Call { .. } | ExprKind::Bin(..)) {
                    self.operand(&arg.value);
                }
            }
            match binding {
                Some(Binding::Value(Some(_))) => {
                    let help = format!(
                        "combine it with others, as in `{text} * x`, or declare an op: `let {text} = ..`"
                    );
                    self.error(
                        name.span(),
                        format!("`{text}` is a value, so it cannot be applied"),
                        Some(help),
                    );
                }
                Some(_) => {}
                None => self.unknown_op(name, args, step, flow),
            }
            return None;
        };
        if op.is_several() {
            self.error(
                name.span(),
                "`split` gives several values",
                Some("name them: `(a, b) = split`".into()),
            );
            return None;
        }
        let sorted = self.sort(op, args, step, flow)?;
        let (mut operands, spans) =
            self.complete(op, name.span(), sorted.operands, sorted.weights, flow)?;
        let first = operands.iter().find_map(|operand| match operand {
            Operand::Value(id) => Some(*id),
            Operand::Number(_) => None,
        });
        if self.sizes_given(op, args, first, step) {
            return None;
        }
        if let ("multihead_attention", [_, Operand::Value(keys), Operand::Value(values), ..]) =
            (op.name, operands.as_slice())
            && keys == values
        {
            let help = "keys and values are both made from the second value, which is given once: `multihead_attention(x, memory, heads = 4)`";
            self.error(spans[2], "the memory is given twice", Some(help.into()));
            return None;
        }
        if let Some(step) = step {
            let value = operands.iter_mut().find(|operand| matches!(operand, Operand::Value(_)));
            match value {
                Some(Operand::Value(x)) => {
                    *x = self.check_domain(step, &format!("`{}`", op.name), *x)?;
                }
                _ => self.no_domain(step),
            }
        }
        let option_spans = option_spans(&sorted.options);
        let Some(options) = self.options(op, name.span(), &operands, &sorted.options) else {
            // Options of elementwise ops have no influence on the shape.
            let x = match (&op.body, operands.as_slice()) {
                (Body::Point(..), [Operand::Value(x)]) => *x,
                _ => return None,
            };
            let shape = self.typed.values[x].shape.clone();
            return Some(self.push(shape, ValueDef::Broken));
        };
        self.apply(op, op.name, name.span(), operands, &spans, options, &option_spans, step)
    }

    /// Applies an op whose arguments are known.
    #[expect(clippy::too_many_arguments, reason = "what an error may have to point at")]
    pub(super) fn apply(
        &mut self,
        op: &'static OpDef,
        spelling: &'static str,
        span: Span,
        args: Vec<Operand>,
        spans: &[Span],
        options: Vec<Opt>,
        option_spans: &[Option<Span>],
        step: Option<&Apply>,
    ) -> Option<ValueId> {
        let shapes: Vec<Shape> = args
            .iter()
            .map(|arg| match arg {
                Operand::Value(id) => self.typed.values[*id].shape.clone(),
                Operand::Number(_) => Vec::new(),
            })
            .collect();
        let bounds = self.bounds(op, spelling, &args, spans)?;
        let arrow_at = step.and_then(|step| step.codomain.as_ref());
        let arrow = match arrow_at {
            Some(arrow) => Some(self.arrow(arrow)?),
            None => None,
        };
        let call = Call {
            op: spelling,
            args: &shapes,
            bounds: &bounds,
            options: Options::new(op, &options),
            arrow: arrow.as_deref(),
            assumed: &self.assumed,
            bounded: &self.bounded,
        };
        let shape = match (op.shape)(&call) {
            Ok(shape) => shape,
            Err(mistake) => {
                let at = match mistake.at {
                    At::Op => span,
                    At::Arrow => arrow_at.map_or(span, |arrow| arrow.span),
                    At::Arg(i) => spans.get(i).copied().unwrap_or(span),
                    At::Opt(name) => {
                        let place = op.options.iter().position(|option| option.name == name);
                        let place = place.or_bug(op.name, name);
                        option_spans.get(place).copied().flatten().unwrap_or(span)
                    }
                };
                self.assumed.take();
                self.bounded.take();
                let help = if step.is_none() && op.arrow.is_some() {
                    Some(format!(
                        "an op with an arrow is a step of its own: `y = {} -> [..]`",
                        op.name
                    ))
                } else {
                    mistake.help
                };
                self.error(at, mistake.message, help);
                return None;
            }
        };
        let defs = (op.params)(&call, &shape);
        let trained = defs.iter().filter(|def| !matches!(def.init, ops::Init::State(_)));
        let count = trained.fold(Dim::known(0), |sum, def| sum.add(&size(&def.shape)));
        self.settle(span, &format!("`{spelling}`"));
        let arrow_span = arrow_at.map_or(span, |arrow| arrow.span);
        let mut contradicted = None;
        if let (Some(arrow), Some(dims)) = (arrow_at, &arrow)
            && !self.fits_arrow(&shape, dims)
        {
            let from: Vec<String> = shapes.iter().map(|shape| show(shape)).collect();
            let gives = format!("`{}` maps {} to {}", op.name, from.join(" and "), show(&shape));
            // Where the arrow is a part of how the op is written, it cannot be left out.
            let optional = op.arrow.is_none();
            contradicted = Some(self.contradiction(arrow, &gives, &shape, dims, optional));
        }
        self.settle(arrow_span, &format!("the arrow of `{}`", op.name));
        self.check_size(&format!("the result of `{spelling}`"), &shape, arrow_span)?;
        for def in &defs {
            self.check_size(&format!("the {} of `{spelling}`", def.name), &def.shape, arrow_span)?;
        }
        let params = if defs.is_empty() {
            Vec::new()
        } else {
            self.params(op.name, step.and_then(|step| step.names.first()), defs)
        };
        if let Some(shape) = contradicted {
            return shape.map(|shape| self.push(shape, ValueDef::Broken));
        }
        if let Some(step) = step {
            self.row(step, op.name, shapes.first().cloned(), shape.clone(), count);
        }
        let id = self.push(shape, ValueDef::Apply { op, args, options, params });
        if let (Body::Layout(_), [bound]) = (&op.body, bounds.as_slice()) {
            self.typed.values[id].index = bound.clone();
        }
        Some(id)
    }

    /// `(a, b) = split(axis = 0)`
    pub(super) fn split(&mut self, apply: &'a Apply, flow: Flow) -> Option<Vec<ValueId>> {
        let none: &[Arg] = &[];
        let (name, args) = match &apply.rhs {
            Rhs::Expr(Expr { kind: ExprKind::Name(name), .. }) => (name, none),
            Rhs::Expr(Expr { kind: ExprKind::Call { op, args }, .. }) => (op, args.as_slice()),
            _ => return self.not_split(apply),
        };
        let op = match ops::find(&name.to_string()) {
            Some(op) if op.is_several() => op,
            _ => return self.not_split(apply),
        };
        if let Some(arrow) = &apply.codomain {
            self.error(
                arrow.span,
                "`split` gives several values, so it has no single arrow",
                Some("leave it out".into()),
            );
            return None;
        }
        let range = |arg: &&Arg| {
            matches!(arg.value.kind, ExprKind::Range(..))
                || arg.name.as_ref().is_some_and(|name| name == "range")
        };
        if let Some(arg) = args.iter().find(range) {
            self.error(
                arg.value.span,
                "`split` makes equal parts, as many as there are names, and takes no range",
                Some("use `slice(start..end)` for other parts".into()),
            );
            return None;
        }
        let mut loose = args.iter().filter(|arg| arg.name.is_none() && self.is_option(&arg.value));
        let named: Vec<bool> =
            args.iter().filter_map(|arg| Some(arg.name.as_ref()? == "axis")).collect();
        if !named.contains(&false)
            && let Some(extra) = loose.nth(usize::from(named.is_empty()))
        {
            let what = super::options::kind(&extra.value).1;
            self.error(
                extra.value.span,
                format!("`split` makes equal parts, as many as there are names: this {what} is one argument too many"),
                Some("leave it out; other parts are `slice(start..end, axis = 0)`".into()),
            );
            return None;
        }
        let sorted = self.sort(op, args, Some(apply), Some(flow))?;
        let (operands, _) =
            self.complete(op, name.span(), sorted.operands, sorted.weights, Some(flow))?;
        let Some(Operand::Value(x)) = operands.first().cloned() else { return None };
        let x = self.check_domain(apply, "`split`", x)?;
        let options = self.options(op, name.span(), &operands, &sorted.options)?;
        let Some(Opt::Axes(axes)) = options.first() else { return None };
        let (axis, count) = (axes[0], apply.names.len() as i64);
        let shape = self.typed.values[x].shape.clone();
        let part = match shape[axis].as_known() {
            Some(n) if n % count != 0 => {
                self.error(
                    name.span(),
                    format!(
                        "`split` makes {count} equal parts, but axis {axis} of {} has length {n}",
                        show(&shape)
                    ),
                    Some("use `slice(start..end)` for unequal parts".into()),
                );
                return None;
            }
            _ => {
                let count = Dim::known(count);
                self.assumed.borrow_mut().push((shape[axis].rem(&count)?, Dim::known(0)));
                self.settle(name.span(), "`split`");
                shape[axis].div(&count)?
            }
        };
        let mut result = shape.clone();
        result[axis] = part.clone();
        self.row(apply, "split", Some(shape), result.clone(), Dim::known(0));
        let parts = (0..count).map(|i| {
            let start = part.mul(&Dim::known(i));
            let (op, options) = ops::slice(axis, start.clone(), start.add(&part));
            let def =
                ValueDef::Apply { op, args: vec![Operand::Value(x)], options, params: Vec::new() };
            let id = self.push(result.clone(), def);
            self.typed.values[id].index = self.typed.values[x].index.clone();
            id
        });
        Some(parts.collect())
    }

    pub(super) fn not_split<R>(&mut self, apply: &Apply) -> Option<R> {
        let what = match &apply.rhs {
            Rhs::Expr(Expr { kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, .. }) => {
                if ops::find(&op.to_string()).is_none() && self.lookup(&op.to_string()).is_none() {
                    self.unknown_op(op, &[], Some(apply), None);
                    return None;
                }
                self.use_shared(&op.to_string());
                format!("`{op}`")
            }
            Rhs::Lost => return None,
            _ => "this step".into(),
        };
        let recurrent = ["`rnn`", "`lstm`", "`gru`"].contains(&&*what);
        let help = match apply.names.first() {
            Some(name) if recurrent => format!(
                "it gives the states of all steps, `{name}`; the last of them is a `slice` of its axis 0"
            ),
            _ => "only `split` gives several: `(a, b) = split`".into(),
        };
        self.error(
            apply.span,
            format!("{what} gives one value, but {} names are given to it", apply.names.len()),
            Some(help),
        );
        None
    }
}
