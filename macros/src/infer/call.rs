//! Applying an op: which argument is what, the op's shape rule, and the checks around it.

use super::dims::show_arrow;
use super::{Binding, Flow, Infer, literal};
use crate::ast::{Apply, Arg, Expr, ExprKind, Rhs};
use crate::diag::did_you_mean;
use crate::number::Num;
use crate::ops::{self, Arity, At, Body, Call, Default, OpDef, Opt, OptDef, OptKind};
use crate::shape::{Dim, Shape, show, size};
use crate::typed::{ConstKind, Operand, ValueDef, ValueId};
use proc_macro2::{Ident, Span};
use quote::ToTokens;

/// The arguments of a call, sorted.
#[derive(Default)]
struct Sorted<'a> {
    /// With the place of each among the arguments.
    operands: Vec<(usize, Operand, Span)>,
    /// For each option, the expressions given for it.
    options: Vec<Vec<&'a Expr>>,
}

impl<'a> Infer<'a> {
    /// An expression as an operand; `None` after a mistake.
    pub(super) fn operand(&mut self, expr: &'a Expr) -> Option<Operand> {
        match &expr.kind {
            ExprKind::Number(n) => match literal(*n) {
                Some(num) => Some(Operand::Number(num)),
                None => {
                    self.error(expr.span, "this number has too many digits to be kept exactly", None);
                    None
                }
            },
            ExprKind::Name(name) => self.operand_named(name),
            ExprKind::Path { path, text } => Some(self.number_named(path.clone(), text)),
            ExprKind::Call { op, args } => self.call(op, args, None, None).map(Operand::Value),
            ExprKind::Neg(x) => {
                let x = self.operand(x)?;
                match x {
                    Operand::Number(ref num) if let Some(neg) = Num::fold('-', &Num::ZERO, num) => {
                        Some(Operand::Number(neg))
                    }
                    x => self.arithmetic_op("neg", vec![x], expr.span),
                }
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
                let name = match op {
                    '+' => "add",
                    '-' => "sub",
                    '*' => "mul",
                    _ => "div",
                };
                self.arithmetic_op(name, vec![a, b], expr.span)
            }
            ExprKind::List(_) | ExprKind::Range(..) | ExprKind::Bool(_) => {
                self.error(expr.span, "expected a value or a number here", None);
                None
            }
        }
    }

    fn operand_named(&mut self, name: &Ident) -> Option<Operand> {
        let text = name.to_string();
        match self.lookup(&text) {
            Some(Binding::Value(id)) => return id.map(Operand::Value),
            Some(Binding::Let(_)) => {
                let help = format!("apply it: `{text}(value)`");
                self.error(name.span(), format!("`{text}` is a shared block, not a value"), Some(help));
                return None;
            }
            None => {}
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
            Some(close) => format!("did you mean `{close}`?"),
            None => "values are the model's inputs and the named steps before this one".into(),
        };
        self.error(name.span(), format!("there is no value called `{text}`"), Some(help));
        None
    }

    fn number_named(&mut self, tokens: proc_macro2::TokenStream, text: &str) -> Operand {
        let code = self.constant(tokens, text, ConstKind::Number);
        Operand::Number(Num::Named { text: text.into(), code: code.into() })
    }

    /// An operator of an expression.
    fn arithmetic_op(&mut self, name: &'static str, args: Vec<Operand>, span: Span) -> Option<Operand> {
        let op = ops::find(name)?;
        if !args.iter().any(|arg| matches!(arg, Operand::Value(_))) {
            self.error(span, "an expression needs at least one value", Some("combine the numbers in a `const`".into()));
            return None;
        }
        let spans = vec![span; args.len()];
        self.apply(op, span, args, &spans, Vec::new(), &[], None).map(Operand::Value)
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
        if let Some(Binding::Let(_)) = self.lookup(&text) {
            return self.apply_shared(name, args, step, flow);
        }
        let Some(op) = ops::find(&text) else {
            for arg in args {
                if matches!(arg.value.kind, ExprKind::Call { .. } | ExprKind::Bin(..)) {
                    self.operand(&arg.value);
                }
            }
            self.unknown_op(name);
            return None;
        };
        let sorted = self.sort(op, args)?;
        if op.name == "split" {
            self.error(name.span(), "`split` gives several values", Some("name them: `(a, b) = split`".into()));
            return None;
        }
        let (operands, spans) = self.complete(op, name.span(), sorted.operands, flow)?;
        let option_spans = option_spans(&sorted.options);
        let options = self.options(op, name.span(), &operands, &sorted.options)?;
        if let Some(step) = step {
            let x = operands.iter().find_map(|operand| match operand {
                Operand::Value(id) => Some(*id),
                Operand::Number(_) => None,
            });
            self.check_domain(step, x);
        }
        self.apply(op, name.span(), operands, &spans, options, &option_spans, step)
    }

    /// Applies an op whose arguments are known.
    #[expect(clippy::too_many_arguments, reason = "what an error may have to point at")]
    fn apply(
        &mut self,
        op: &'static OpDef,
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
        let arrow_at = step.and_then(|step| step.codomain.as_ref());
        let arrow = match arrow_at {
            Some(arrow) => Some(self.arrow(arrow)?),
            None => None,
        };
        let call =
            Call { op: op.name, args: &shapes, options: &options, arrow: arrow.as_deref(), assumed: &self.assumed };
        let shape = match (op.shape)(&call) {
            Ok(shape) => shape,
            Err(mistake) => {
                let at = match mistake.at {
                    At::Op => span,
                    At::Arrow => arrow_at.map_or(span, |arrow| arrow.span),
                    At::Arg(i) => spans.get(i).copied().unwrap_or(span),
                    At::Opt(i) => option_spans.get(i).copied().flatten().unwrap_or(span),
                };
                self.assumed.take();
                self.error(at, mistake.message, mistake.help);
                return None;
            }
        };
        let defs = (op.params)(&call, &shape);
        let count = defs.iter().fold(Dim::known(0), |sum, def| sum.add(&size(&def.shape)));
        self.settle(span, &format!("`{}`", op.name));
        if let (Some(arrow), Some(dims)) = (arrow_at, &arrow)
            && !self.fits_arrow(&shape, dims)
        {
            let from: Vec<String> = shapes.iter().map(|shape| show(shape)).collect();
            self.assumed.take();
            self.error(
                arrow.span,
                format!("`{}` maps {} to {}, but its arrow says {}", op.name, from.join(" and "), show(&shape), show_arrow(dims)),
                Some(format!("write `-> {}`, or leave the arrow out", show(&shape))),
            );
            return None;
        }
        self.settle(arrow_at.map_or(span, |arrow| arrow.span), &format!("the arrow of `{}`", op.name));
        self.check_size(&shape, arrow_at.map_or(span, |arrow| arrow.span))?;
        let params = if defs.is_empty() {
            Vec::new()
        } else {
            self.params(op.name, step.and_then(|step| step.names.first()), defs)
        };
        if let Some(step) = step {
            self.row(step, op.name, shapes.first().cloned(), shape.clone(), count);
        }
        Some(self.push(shape, ValueDef::Apply { op, args, options, params }))
    }

    fn apply_shared(
        &mut self,
        name: &'a Ident,
        args: &'a [Arg],
        step: Option<&'a Apply>,
        flow: Option<Flow>,
    ) -> Option<ValueId> {
        let text = name.to_string();
        // Where it was declared: names and parameters of the definition belong there.
        let depth = self.scopes.iter().rposition(|scope| scope.names.contains_key(&text))?;
        let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(&text) else { return None };
        shared.uses += 1;
        let shared = shared.clone();
        let mut values = Vec::new();
        for arg in args {
            if let Some(option) = &arg.name {
                self.error(option.span(), format!("`{text}` has no options"), None);
                return None;
            }
            values.push(self.operand(&arg.value));
        }
        let values: Vec<Operand> = values.into_iter().collect::<Option<_>>()?;
        let wanted = match &shared.def.rhs {
            Rhs::Closure { params, .. } => params.len(),
            _ => 1,
        };
        let spans = vec![name.span(); values.len()];
        let (values, _) = self.fill(&text, Arity::Exactly(wanted), name.span(), values, spans, flow)?;
        let Some(Operand::Value(x)) = values.first().cloned() else {
            self.error(name.span(), format!("`{text}` is applied to a number; it needs a value"), None);
            return None;
        };
        if let Some(step) = step {
            self.check_domain(step, Some(x));
        }
        let shape = self.typed.values[x].shape.clone();
        if let Some((first, params)) = &shared.first
            && !params.is_empty()
            && !self.fits(first, &shape)
        {
            self.assumed.take();
            self.error(
                name.span(),
                format!("`{text}` has its parameters for {}, but here it is applied to {}", show(first), show(&shape)),
                Some(format!("shared parameters need the same shape everywhere; declare a second block for {}", show(&shape))),
            );
            return None;
        }
        self.settle(name.span(), &format!("`{text}`"));
        let inner = self.scopes.split_off(depth + 1);
        let known = self.typed.params.len();
        let outer_replay = self.replay.take();
        self.replay = shared.first.as_ref().map(|(_, params)| params.clone().into_iter());
        let result = match &shared.def.rhs {
            Rhs::Closure { params, body } => self.closure(params, body, values),
            Rhs::Block { steps, .. } => {
                self.check_domain(shared.def, Some(x));
                match self.block(steps, Flow::Value(x), Some(shared.name)) {
                    Flow::Value(id) => self.check_arrow(shared.def, &format!("`{text}`"), Some(x), id),
                    _ => None,
                }
            }
            _ => self.shared_op(shared.name, shared.def, x),
        };
        self.replay = outer_replay;
        self.scopes.extend(inner);
        if shared.first.is_none()
            && let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(&text)
        {
            shared.first = Some((shape, (known..self.typed.params.len()).collect()));
        }
        let id = result?;
        match step {
            Some(step) => self.check_arrow(step, &format!("`{text}`"), Some(x), id),
            None => Some(id),
        }
    }

    /// `let f = linear -> [10]`: the op's parameters carry the name of the `let`.
    fn shared_op(&mut self, name: &'a Ident, def: &'a Apply, x: ValueId) -> Option<ValueId> {
        let before = self.typed.params.len();
        let fields = self.scopes.last().map_or(0, |scope| scope.fields.len());
        let id = self.right_hand_side(def, Flow::Value(x))?.first().copied();
        // The op numbered its parameters (`linear1`); here they have a better name.
        if self.typed.params.len() > before
            && let Some(scope) = self.scopes.last_mut()
            && let Some(crate::typed::Field::Node { name: field, .. }) = scope.fields.get_mut(fields)
        {
            *field = name.to_string();
            scope.numbered.clear();
        }
        id
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
            Some(op) if op.name == "split" => op,
            _ => return self.not_split(apply),
        };
        let mut sorted = self.sort(op, args)?;
        if let Some(arrow) = &apply.codomain {
            self.error(arrow.span, "`split` gives several values, so it has no single arrow", Some("leave it out".into()));
            return None;
        }
        if let Some(range) = sorted.options[1].pop() {
            self.error(range.span, "`split` makes equal parts", Some("use `slice(start..end)` for others".into()));
            return None;
        }
        let (operands, _) = self.complete(op, name.span(), sorted.operands, Some(flow))?;
        let Some(Operand::Value(x)) = operands.first().cloned() else { return None };
        self.check_domain(apply, Some(x));
        let options = self.options(op, name.span(), &operands, &sorted.options[..1])?;
        let Some(Opt::Axes(axes)) = options.first() else { return None };
        let (axis, count) = (axes[0], apply.names.len() as i64);
        let shape = self.typed.values[x].shape.clone();
        let part = match shape[axis].as_known() {
            Some(n) if n % count != 0 => {
                self.error(
                    name.span(),
                    format!("`split` makes {count} equal parts, but axis {axis} of {} has length {n}", show(&shape)),
                    Some("use `slice(start..end)` for unequal parts".into()),
                );
                return None;
            }
            _ => shape[axis].div(&Dim::known(count))?,
        };
        let mut result = shape.clone();
        result[axis] = part.clone();
        self.row(apply, "split", Some(shape), result.clone(), Dim::known(0));
        let parts = (0..count).map(|i| {
            let start = part.mul(&Dim::known(i));
            let options = vec![options[0].clone(), Opt::Range(start.clone(), start.add(&part))];
            let def = ValueDef::Apply { op, args: vec![Operand::Value(x)], options, params: Vec::new() };
            self.push(result.clone(), def)
        });
        Some(parts.collect())
    }

    fn not_split<R>(&mut self, apply: &Apply) -> Option<R> {
        self.error(apply.span, "only `split` gives several values", Some("give this step one name".into()));
        None
    }

    /// Sorts arguments into values and options.
    fn sort(&mut self, op: &'static OpDef, args: &'a [Arg]) -> Option<Sorted<'a>> {
        let mut sorted = Sorted { operands: Vec::new(), options: vec![Vec::new(); op.options.len()] };
        let mut broken = false;
        let mut loose: Vec<(usize, &'a Expr)> = Vec::new();
        for (place, arg) in args.iter().enumerate() {
            let Some(name) = &arg.name else {
                if self.is_option(&arg.value) {
                    loose.push((place, &arg.value));
                } else {
                    match self.operand(&arg.value) {
                        Some(operand) => sorted.operands.push((place, operand, arg.value.span)),
                        None => broken = true,
                    }
                }
                continue;
            };
            let text = name.to_string();
            match op.options.iter().position(|option| option.name == text) {
                Some(i) if !sorted.options[i].is_empty() => {
                    self.error(name.span(), format!("the option `{text}` is given twice"), None);
                    broken = true;
                }
                Some(i) => sorted.options[i].push(&arg.value),
                None => {
                    self.unknown_option(op, name);
                    broken = true;
                }
            }
        }
        if broken {
            return None;
        }
        // Numbers without a name: operands of elementwise ops that lack one, then options in order.
        let free: Vec<usize> = (0..op.options.len()).filter(|i| sorted.options[*i].is_empty()).collect();
        let mut loose = loose.into_iter();
        if matches!(op.body, Body::Point(..)) {
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
            let takes_all = op.options[i].kind == OptKind::Axes;
            match loose.next() {
                Some((_, expr)) => sorted.options[i].push(expr),
                None => break,
            }
            if takes_all {
                sorted.options[i].extend(loose.by_ref().map(|(_, expr)| expr));
            }
        }
        if let Some((_, extra)) = loose.next() {
            let what = if op.options.is_empty() { "has no options" } else { "has fewer options" };
            self.error(
                extra.span,
                format!("`{}` {what}, so this argument is one too many", op.name),
                Some(format!("it is written `{}`", op.signature)),
            );
            return None;
        }
        Some(sorted)
    }

    fn unknown_option(&mut self, op: &OpDef, name: &Ident) {
        let text = name.to_string();
        let visible = |option: &&OptDef| !(op.name == "split" && option.name == "range");
        let names: Vec<&str> = op.options.iter().filter(visible).map(|option| option.name).collect();
        let help = match did_you_mean(&text, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None if names.is_empty() => format!("write `{}`", op.signature),
            None => format!("it has `{}`", names.join("`, `")),
        };
        self.error(name.span(), format!("`{}` has no option `{text}`", op.name), Some(help));
    }

    /// Whether an argument without a name can only be an option.
    fn is_option(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::List(_) | ExprKind::Range(..) | ExprKind::Bool(_) | ExprKind::Path { .. } => true,
            ExprKind::Neg(x) => self.is_option(x),
            ExprKind::Bin(_, a, b) => self.is_option(a) && self.is_option(b),
            ExprKind::Name(name) => is_const(name) && self.lookup(&name.to_string()).is_none(),
            ExprKind::Call { .. } => false,
        }
    }

    /// Operands in their places, the flowing value first where one is missing.
    fn complete(
        &mut self,
        op: &OpDef,
        span: Span,
        operands: Vec<(usize, Operand, Span)>,
        flow: Option<Flow>,
    ) -> Option<(Vec<Operand>, Vec<Span>)> {
        let (operands, spans) = operands.into_iter().map(|(_, operand, span)| (operand, span)).unzip();
        let (operands, spans) = self.fill(op.name, op.arity, span, operands, spans, flow)?;
        if !operands.iter().any(|operand| matches!(operand, Operand::Value(_))) {
            self.error(span, format!("`{}` needs a value, found only numbers", op.name), None);
            return None;
        }
        Some((operands, spans))
    }

    fn fill(
        &mut self,
        name: &str,
        arity: Arity,
        span: Span,
        mut operands: Vec<Operand>,
        mut spans: Vec<Span>,
        flow: Option<Flow>,
    ) -> Option<(Vec<Operand>, Vec<Span>)> {
        let (least, most) = match arity {
            Arity::Exactly(n) => (n, n),
            Arity::AtLeast(n) => (n, usize::MAX),
        };
        if operands.len() + 1 == least
            && let Some(flow) = flow
        {
            let what = format!("`{name}`");
            operands.insert(0, Operand::Value(self.flowing(flow, span, &what)?));
            spans.insert(0, span);
        }
        let count = |n: usize| if n == 1 { "1 value".to_string() } else { format!("{n} values") };
        let wants = match arity {
            Arity::Exactly(n) => count(n),
            Arity::AtLeast(n) => format!("at least {}", count(n)),
        };
        if operands.len() < least {
            let help = if flow.is_some() { "the value of the step before it counts as the first" } else { "inside an expression every value is written" };
            self.error(span, format!("`{name}` takes {wants}, found {}", operands.len()), Some(help.into()));
            return None;
        }
        if operands.len() > most {
            self.error(spans[most], format!("`{name}` takes {wants}, found {}", operands.len()), Some("remove what is too much".into()));
            return None;
        }
        Some((operands, spans))
    }

    /// The options' values; `given` may be shorter than the op's list.
    fn options(
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

    fn default(&mut self, op: &OpDef, option: &OptDef, span: Span, shape: &Shape) -> Option<Opt> {
        match option.default {
            Default::Required => {
                self.error(
                    span,
                    format!("`{}` needs its option `{}`", op.name, option.name),
                    Some(format!("it is written `{}`", op.signature)),
                );
                None
            }
            Default::Number(digits, exponent) => Num::decimal(digits, exponent).map(Opt::Number),
            Default::Axis(axis) => self.axis(op, axis, shape, span).map(|axis| Opt::Axes(vec![axis])),
            Default::AllAxes => Some(Opt::Axes((0..shape.len()).collect())),
            Default::Bool(flag) => Some(Opt::Bool(flag)),
        }
    }

    fn option(&mut self, op: &OpDef, option: &OptDef, given: &[&'a Expr], shape: &Shape) -> Option<Opt> {
        let expr = *given.first()?;
        let expected = |infer: &mut Self, what: &str| {
            infer.error(expr.span, format!("the option `{}` of `{}` is {what}", option.name, op.name), Some(format!("it is written `{}`", op.signature)));
            None
        };
        match option.kind {
            OptKind::Number => match &expr.kind {
                ExprKind::Bool(_) | ExprKind::List(_) | ExprKind::Range(..) => expected(self, "a number"),
                _ => match self.operand(expr)? {
                    Operand::Number(num) => Some(Opt::Number(num)),
                    Operand::Value(_) => expected(self, "a number, not a value"),
                },
            },
            OptKind::Bool => match expr.kind {
                ExprKind::Bool(flag) => Some(Opt::Bool(flag)),
                _ => expected(self, "`true` or `false`"),
            },
            OptKind::Range => match &expr.kind {
                ExprKind::Range(start, end) => {
                    let (start, end) = (self.dim_of_expr(start), self.dim_of_expr(end));
                    Some(Opt::Range(start?, end?))
                }
                _ => expected(self, "a range such as `0..2`"),
            },
            OptKind::Axis => match integer(expr) {
                Some(axis) => self.axis(op, axis, shape, expr.span).map(|axis| Opt::Axes(vec![axis])),
                None => expected(self, "an axis, a whole number"),
            },
            OptKind::Axes => {
                let all: Vec<&Expr> = match &expr.kind {
                    ExprKind::List(items) if given.len() == 1 => items.iter().collect(),
                    _ => given.to_vec(),
                };
                let mut axes = Vec::new();
                for expr in all {
                    let Some(axis) = integer(expr) else { return expected(self, "a list of axes such as `[0, 2]`") };
                    let axis = self.axis(op, axis, shape, expr.span)?;
                    if axes.contains(&axis) {
                        self.error(expr.span, format!("axis {axis} is named twice"), None);
                        return None;
                    }
                    axes.push(axis);
                }
                if op.name != "permute" {
                    axes.sort_unstable();
                }
                Some(Opt::Axes(axes))
            }
        }
    }

    fn axis(&mut self, op: &OpDef, axis: i64, shape: &Shape, span: Span) -> Option<usize> {
        let rank = shape.len() as i64;
        let index = if axis < 0 { axis.saturating_add(rank) } else { axis };
        if (0..rank).contains(&index) {
            return Some(index as usize);
        }
        let has = match rank {
            0 => "no axes".to_string(),
            1 => "only axis 0".to_string(),
            _ => format!("axes 0 to {}", rank - 1),
        };
        self.error(span, format!("`{}` works on axis {axis}, but {} has {has}", op.name, show(shape)), None);
        None
    }
}

/// A name in capitals is a `const` of the user's.
fn is_const(name: &Ident) -> bool {
    name.to_string().starts_with(|c: char| c.is_uppercase())
}

fn integer(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Number(n) if n.exponent == 0 => i64::try_from(n.digits).ok(),
        ExprKind::Neg(x) => integer(x)?.checked_neg(),
        _ => None,
    }
}

fn option_spans(options: &[Vec<&Expr>]) -> Vec<Option<Span>> {
    options.iter().map(|given| given.first().map(|expr| expr.span)).collect()
}
