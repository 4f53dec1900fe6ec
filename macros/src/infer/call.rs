//! Applying an op: which argument is what, the op's shape rule, and the checks around it.

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
                    self.error(
                        expr.span,
                        "this number has too many digits to be kept exactly",
                        Some("38 significant digits are kept".into()),
                    );
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
                    x => self.arithmetic_op("neg", "-", vec![x], expr.span),
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
                let (name, spelling) = match op {
                    '+' => ("add", "+"),
                    '-' => ("sub", "-"),
                    '*' => ("mul", "*"),
                    _ => ("div", "/"),
                };
                self.arithmetic_op(name, spelling, vec![a, b], expr.span)
            }
            ExprKind::List(_) | ExprKind::Range(..) | ExprKind::Bool(_) => {
                self.error(
                    expr.span,
                    format!("expected a value or a number, found {}", found(expr)),
                    Some("lists, ranges and `true` are options of ops".into()),
                );
                None
            }
        }
    }

    fn operand_named(&mut self, name: &Ident) -> Option<Operand> {
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
            _ if self.later.contains(&text) => {
                format!("`{text}` comes later, and a step can only use what is before it")
            }
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
    fn arithmetic_op(
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
                None => self.unknown_op(name),
            }
            return None;
        };
        if op.name == "split" {
            self.error(
                name.span(),
                "`split` gives several values",
                Some("name them: `(a, b) = split`".into()),
            );
            return None;
        }
        let sorted = self.sort(op, args)?;
        let (mut operands, spans) = self.complete(op, name.span(), sorted.operands, flow)?;
        if let Some(step) = step
            && let Some(Operand::Value(x)) =
                operands.iter_mut().find(|operand| matches!(operand, Operand::Value(_)))
        {
            *x = self.check_domain(step, &format!("`{}`", op.name), *x)?;
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
    fn apply(
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
        let arrow_at = step.and_then(|step| step.codomain.as_ref());
        let arrow = match arrow_at {
            Some(arrow) => Some(self.arrow(arrow)?),
            None => None,
        };
        let call = Call {
            op: spelling,
            args: &shapes,
            options: &options,
            arrow: arrow.as_deref(),
            assumed: &self.assumed,
        };
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
                let help = if step.is_none() && op.signature.contains("->") {
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
        let count = defs.iter().fold(Dim::known(0), |sum, def| sum.add(&size(&def.shape)));
        self.settle(span, &format!("`{spelling}`"));
        let arrow_span = arrow_at.map_or(span, |arrow| arrow.span);
        let mut contradicted = None;
        if let (Some(arrow), Some(dims)) = (arrow_at, &arrow)
            && !self.fits_arrow(&shape, dims)
        {
            let from: Vec<String> = shapes.iter().map(|shape| show(shape)).collect();
            let gives = format!("`{}` maps {} to {}", op.name, from.join(" and "), show(&shape));
            // Where the arrow is a part of how the op is written, it cannot be left out.
            let optional = !op.signature.contains("->");
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
        Some(self.push(shape, ValueDef::Apply { op, args, options, params }))
    }

    /// Counts a use of `let name`.
    fn use_shared(&mut self, name: &str) {
        let scope = self.scopes.iter_mut().rev().find(|scope| scope.names.contains_key(name));
        if let Some(Binding::Let(shared)) = scope.and_then(|scope| scope.names.get_mut(name)) {
            shared.uses += 1;
        }
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
        self.use_shared(&text);
        let Some(Binding::Let(shared)) = self.scopes[depth].names.get(&text).cloned() else {
            return None;
        };
        if shared.busy {
            self.error(
                name.span(),
                format!("`{text}` is applied inside its own declaration"),
                Some("repeat the steps it is made of".into()),
            );
            return None;
        }
        let mut values = Vec::new();
        for arg in args {
            if let Some(option) = &arg.name {
                let help = "options stand where it is declared; values have no names";
                self.error(
                    option.span(),
                    format!("`{text}` is declared by `let` and has no options"),
                    Some(help.into()),
                );
                return None;
            }
            values.push(self.operand(&arg.value));
        }
        let values: Vec<Operand> = values.into_iter().collect::<Option<_>>()?;
        let wanted = match &shared.def.rhs {
            Rhs::Closure { params, .. } => params.len(),
            Rhs::Lost => return self.promised_by(shared.def),
            _ => 1,
        };
        let spans = args.iter().map(|arg| arg.value.span).collect();
        let (mut values, spans) =
            self.fill(&text, Arity::Exactly(wanted), name.span(), values, spans, flow)?;
        for (value, span) in values.iter().zip(&spans) {
            if matches!(value, Operand::Number(_)) {
                self.error(
                    *span,
                    format!("`{text}` is applied to a number; it needs a value"),
                    Some("write the number inside it".into()),
                );
                return None;
            }
        }
        let Some(Operand::Value(x)) = values.first_mut() else { return None };
        if let Some(step) = step {
            *x = self.check_domain(step, &format!("`{text}`"), *x)?;
        }
        let x = *x;
        if shared.broken {
            return self.promised_by(shared.def);
        }
        if self.too_many(name) {
            return None;
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
        let before = self.diags.len();
        let inner = self.scopes.split_off(depth + 1);
        let given = self.given.len();
        // A replay of an outer block hands out the parameters of the inner ones as well.
        let replay = if self.replay.is_none() { shared.first.as_ref() } else { None };
        let replays = replay.is_some();
        if let Some((_, params)) = replay {
            self.replay = Some(params.clone().into_iter());
        }
        self.depth += 1;
        self.set_busy(depth, &text, true);
        let result = match &shared.def.rhs {
            Rhs::Closure { params, body } => {
                self.shared_closure(shared.def, params, body, values, &text)
            }
            Rhs::Block { steps } => match self.check_domain(shared.def, &format!("`{text}`"), x) {
                Some(x) => match self.block(steps, Flow::Value(x), Some(shared.name)) {
                    Flow::Value(id) => {
                        self.check_arrow(shared.def, &format!("`{text}`"), Some(x), id)
                    }
                    _ => None,
                },
                None => None,
            },
            _ => self.shared_op(shared.name, shared.def, x),
        };
        self.set_busy(depth, &text, false);
        if self.diags.len() > before
            && let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(&text)
        {
            shared.broken = true;
        }
        self.depth -= 1;
        if replays {
            self.replay = None;
        }
        if shared.first.is_none() {
            if self.replay.is_none() && result.is_none() {
                self.broken_field(text.clone());
            }
            let params = self.given[given..].to_vec();
            if let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(&text) {
                shared.first = Some((shape, params));
            }
        }
        self.scopes.extend(inner);
        let id = result.or_else(|| self.promised_by(shared.def))?;
        match step {
            Some(step) => self.check_arrow(step, &format!("`{text}`"), Some(x), id),
            None => Some(id),
        }
    }

    /// What stands in for the result of a definition with a mistake, which is reported by now.
    fn promised_by(&mut self, def: &Apply) -> Option<ValueId> {
        let reported = self.diags.len();
        let shape = self.promise(def.codomain.as_ref()?);
        self.diags.truncate(reported);
        Some(self.push(shape, ValueDef::Broken))
    }

    fn set_busy(&mut self, depth: usize, name: &str, busy: bool) {
        if let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(name) {
            shared.busy = busy;
        }
    }

    /// Reports, once, that shared blocks make more steps than anybody can want.
    fn too_many(&mut self, name: &Ident) -> bool {
        let deep = self.depth >= super::MOST_DEPTH;
        if !deep && self.typed.values.len() < super::MOST_STEPS {
            return false;
        }
        if !self.endless {
            let message = if deep {
                format!("more than {} `let`s apply each other here", super::MOST_DEPTH)
            } else {
                format!(
                    "`{}` makes more than {} steps with all that `let`s repeat",
                    self.model,
                    super::MOST_STEPS
                )
            };
            self.error(name.span(), message, Some("apply fewer of them".into()));
        }
        self.endless = true;
        true
    }

    /// `let f = |u, v| ..`, whose `: σ` and `-> τ` are about its first argument and its result.
    fn shared_closure(
        &mut self,
        def: &'a Apply,
        params: &'a [Ident],
        body: &'a Expr,
        mut values: Vec<Operand>,
        text: &str,
    ) -> Option<ValueId> {
        let Some(Operand::Value(x)) = values.first_mut() else { return None };
        *x = self.check_domain(def, &format!("`{text}`"), *x)?;
        let x = *x;
        let id = self.closure(params, body, values)?;
        self.check_arrow(def, &format!("`{text}`"), Some(x), id)
    }

    /// `let f = linear -> [10]`: the op's parameters carry the name of the `let`.
    fn shared_op(&mut self, name: &'a Ident, def: &'a Apply, x: ValueId) -> Option<ValueId> {
        let before = self.typed.params.len();
        let fields = self.scopes.last().map_or(0, |scope| scope.fields.len());
        let id = self.right_hand_side(def, Flow::Value(x))?.first().copied();
        // The op numbered its parameters (`linear1`); here they have a better name.
        if self.typed.params.len() > before
            && let Some(scope) = self.scopes.last_mut()
            && let Some(crate::typed::Field::Node { name: field, .. }) =
                scope.fields.get_mut(fields)
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
        let sorted = self.sort(op, args)?;
        let (operands, _) = self.complete(op, name.span(), sorted.operands, Some(flow))?;
        let Some(Operand::Value(x)) = operands.first().cloned() else { return None };
        let x = self.check_domain(apply, "`split`", x)?;
        let options = self.options(op, name.span(), &operands, &sorted.options[..1])?;
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
            _ => shape[axis].div(&Dim::known(count))?,
        };
        let mut result = shape.clone();
        result[axis] = part.clone();
        self.row(apply, "split", Some(shape), result.clone(), Dim::known(0));
        let parts = (0..count).map(|i| {
            let start = part.mul(&Dim::known(i));
            let options = vec![options[0].clone(), Opt::Range(start.clone(), start.add(&part))];
            let def =
                ValueDef::Apply { op, args: vec![Operand::Value(x)], options, params: Vec::new() };
            self.push(result.clone(), def)
        });
        Some(parts.collect())
    }

    fn not_split<R>(&mut self, apply: &Apply) -> Option<R> {
        let what = match &apply.rhs {
            Rhs::Expr(Expr { kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, .. }) => {
                if ops::find(&op.to_string()).is_none() && self.lookup(&op.to_string()).is_none() {
                    self.unknown_op(op);
                    return None;
                }
                self.use_shared(&op.to_string());
                format!("`{op}`")
            }
            Rhs::Lost => return None,
            _ => "this step".into(),
        };
        self.error(
            apply.span,
            format!("{what} gives one value, but {} names are given to it", apply.names.len()),
            Some("only `split` gives several: `(a, b) = split`".into()),
        );
        None
    }

    /// Sorts arguments into values and options.
    fn sort(&mut self, op: &'static OpDef, args: &'a [Arg]) -> Option<Sorted<'a>> {
        let mut sorted =
            Sorted { operands: Vec::new(), options: vec![Vec::new(); op.options.len()] };
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
                    self.error(
                        name.span(),
                        format!("the option `{text}` of `{}` is given twice", op.name),
                        Some("remove one of them".into()),
                    );
                    broken = true;
                }
                Some(i) => sorted.options[i].push(&arg.value),
                None => {
                    self.unknown_option(op, name, &arg.value);
                    broken = true;
                }
            }
        }
        if broken {
            return None;
        }
        // Numbers without a name: operands of elementwise ops that lack one, then options in order.
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
            let takes_all = op.options[i].kind == OptKind::Axes;
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
        if let Some((_, extra)) = loose.next() {
            let what = match op.options.len() {
                0 => "no options".to_string(),
                1 => "1 option".to_string(),
                n => format!("{n} options"),
            };
            self.error(
                extra.span,
                format!(
                    "`{}` has {what}, so this {} is one argument too many",
                    op.name,
                    kind(extra).1
                ),
                Some(format!("it is written `{}`", op.signature)),
            );
            return None;
        }
        Some(sorted)
    }

    fn unknown_option(&mut self, op: &OpDef, name: &Ident, value: &Expr) {
        let text = name.to_string();
        let is_value = match &value.kind {
            ExprKind::Name(name) => {
                matches!(self.lookup(&name.to_string()), Some(Binding::Value(_)))
            }
            ExprKind::Call { .. } => true,
            _ => false,
        };
        let visible = |option: &&OptDef| !(op.name == "split" && option.name == "range");
        let names: Vec<&str> =
            op.options.iter().filter(visible).map(|option| option.name).collect();
        // What NumPy and PyTorch call them.
        let axis =
            names.iter().copied().find(|_| ["dim", "dims", "axis", "axes"].contains(&&*text));
        let axis =
            axis.and_then(|_| names.iter().copied().find(|name| ["axis", "axes"].contains(name)));
        let help = match axis.or_else(|| did_you_mean(&text, names.iter().copied())) {
            _ if is_value => "values are given without a name".to_string(),
            Some(close) => format!("did you mean `{close}`?"),
            None if names.is_empty() => format!("write `{}`", op.signature),
            None => format!("it has `{}`", names.join("`, `")),
        };
        self.error(name.span(), format!("`{}` has no option `{text}`", op.name), Some(help));
    }

    /// Whether an argument without a name can only be an option.
    fn is_option(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Number(_)
            | ExprKind::List(_)
            | ExprKind::Range(..)
            | ExprKind::Bool(_)
            | ExprKind::Path { .. } => true,
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
        let (operands, spans) =
            operands.into_iter().map(|(_, operand, span)| (operand, span)).unzip();
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
            Arity::Exactly(n) => count(n),
            Arity::AtLeast(n) => format!("at least {}", count(n)),
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
            self.error(
                spans[most],
                format!("`{name}` takes {wants}, found {}", operands.len()),
                Some("remove this one".into()),
            );
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
                let what = match option.kind {
                    OptKind::Range => "a range",
                    _ => &format!("its argument `{}`", option.name),
                };
                self.error(
                    span,
                    format!("`{}` needs {what}", op.name),
                    Some(format!("it is written `{}`", op.signature)),
                );
                None
            }
            Default::Number(digits, exponent) => Num::decimal(digits, exponent).map(Opt::Number),
            Default::Axis(axis) => {
                let help = match shape.len() {
                    0 => "`reshape -> [1]` makes a vector of it".into(),
                    _ => format!("it is written `{}`", op.signature),
                };
                self.axis(op, axis, shape, span, help).map(|axis| Opt::Axes(vec![axis]))
            }
            Default::AllAxes => Some(Opt::Axes((0..shape.len()).collect())),
            Default::Bool(flag) => Some(Opt::Bool(flag)),
        }
    }

    fn option(
        &mut self,
        op: &OpDef,
        option: &OptDef,
        given: &[&'a Expr],
        shape: &Shape,
    ) -> Option<Opt> {
        let expr = *given.first()?;
        let expected = |infer: &mut Self, what: &str, expr: &Expr| {
            let message = format!(
                "the option `{}` of `{}` takes {what}, found {}",
                option.name,
                op.name,
                found(expr)
            );
            infer.error(expr.span, message, Some(format!("it is written `{}`", op.signature)));
            None
        };
        match option.kind {
            OptKind::Number => match &expr.kind {
                ExprKind::Bool(_) | ExprKind::List(_) | ExprKind::Range(..) => {
                    expected(self, "a number", expr)
                }
                _ => match self.operand(expr)? {
                    Operand::Number(num) => Some(Opt::Number(num)),
                    Operand::Value(_) => expected(self, "a number", expr),
                },
            },
            OptKind::Bool => match expr.kind {
                ExprKind::Bool(flag) => Some(Opt::Bool(flag)),
                _ => expected(self, "`true` or `false`", expr),
            },
            OptKind::Range => match &expr.kind {
                ExprKind::Range(start, end) => {
                    let (start, end) = (self.dim_of_expr(start), self.dim_of_expr(end));
                    Some(Opt::Range(start?, end?))
                }
                _ => expected(self, "a range such as `0..2`", expr),
            },
            OptKind::Axis => match integer(expr) {
                Some(axis) => self
                    .axis(op, axis, shape, expr.span, COUNTED.into())
                    .map(|axis| Opt::Axes(vec![axis])),
                None => expected(self, "an axis such as 0 or -1", expr),
            },
            OptKind::Axes => {
                let all: Vec<&Expr> = match &expr.kind {
                    ExprKind::List(items) if given.len() == 1 => items.iter().collect(),
                    _ => given.to_vec(),
                };
                let mut axes = Vec::new();
                for expr in all {
                    let Some(number) = integer(expr) else {
                        return expected(self, "a list of axes such as `[0, 2]`", expr);
                    };
                    let axis = self.axis(op, number, shape, expr.span, COUNTED.into())?;
                    if axes.contains(&axis) {
                        let same = if number < 0 {
                            format!(": {number} is axis {axis}")
                        } else {
                            String::new()
                        };
                        self.error(
                            expr.span,
                            format!(
                                "`{}` names axis {axis} of {} twice{same}",
                                op.name,
                                show(shape)
                            ),
                            Some("remove one of them".into()),
                        );
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

    fn axis(
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
}

const COUNTED: &str = "axes count from 0, or from the end: -1 is the last";

/// What an expression is, for messages about what was found: article and noun.
fn kind(expr: &Expr) -> (&'static str, &'static str) {
    match &expr.kind {
        ExprKind::Number(_) => ("a", "number"),
        ExprKind::Name(name) if is_const(name) => ("a", "constant"),
        ExprKind::Path { .. } => ("a", "constant"),
        ExprKind::Name(_) | ExprKind::Call { .. } => ("a", "value"),
        ExprKind::Bin(..) => ("an", "expression"),
        ExprKind::Neg(x) => kind(x),
        ExprKind::List(_) => ("a", "list"),
        ExprKind::Range(..) => ("a", "range"),
        ExprKind::Bool(true) => ("", "`true`"),
        ExprKind::Bool(false) => ("", "`false`"),
    }
}

fn found(expr: &Expr) -> String {
    match (&expr.kind, kind(expr)) {
        (ExprKind::Number(n), _) if n.exponent < 0 => "a fraction".into(),
        (_, (article, noun)) => format!("{article} {noun}").trim_start().to_string(),
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
