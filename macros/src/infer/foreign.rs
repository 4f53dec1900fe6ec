//! What other frameworks write, where it is found: calls, options, sizes between parentheses, indices.

use super::options::integer;
use super::*;
use crate::ast::{Arg, Expr, Given};
use crate::elsewhere;
use crate::foreign::{self, Advice, Meaning, Seen};
use crate::library;
use crate::ops::{Arity, Body, OpDef};
use crate::parse::constructor;

/// What to write for a function of a number.
fn number_help(op: &str, number: &str) -> String {
    let Ok(x) = number.parse::<f64>() else { return "write the number it gives".into() };
    let y = match op {
        "sqrt" => x.sqrt(),
        "rsqrt" => 1.0 / x.sqrt(),
        "exp" => x.exp(),
        "log" | "ln" => x.ln(),
        "square" => x * x,
        "reciprocal" | "recip" => 1.0 / x,
        "abs" => x.abs(),
        _ => return "write the number it gives".into(),
    };
    format!("write the number it gives, `{y}`")
}

impl<'a> Infer<'a> {
    /// What a call of another framework means here. `flow` is the value that would be taken.
    fn translated(
        &self,
        name: &str,
        given: &[Given],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) -> Option<Advice> {
        // What is a value to nobody here, such as the `vb` of candle, is left out.
        let is_known = |given: &Given| {
            let root: String =
                given.text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if given.text.starts_with("self.") {
                return given.text.contains('(');
            }
            let value = given.name.is_none() && root.starts_with(char::is_lowercase);
            !value
                || ["float", "true", "false", "f32", "f64", "self"].contains(&&*root)
                || elsewhere::is_namespace(&root)
                || self.lookup(&root).is_some()
                || elsewhere::op(&root).is_some()
        };
        let given: Vec<Given> = given.iter().filter(|given| is_known(given)).cloned().collect();
        let of_value = |text: &str| match self.lookup(text) {
            Some(Binding::Value(Some(id))) => Some(id),
            _ => None,
        };
        let first = given.iter().find_map(|given| of_value(&given.text));
        let flowing = match flow {
            Some(Flow::Value(id)) => Some(id),
            _ => None,
        };
        let x = first.or(flowing).filter(|id| !self.is_broken(*id));
        let arrow = step.and_then(|step| step.codomain.as_ref()).map(dims::written_shape);
        let seen = Seen {
            shape: x.map(|id| self.typed.values[id].shape.as_slice()),
            arrow: arrow.as_deref(),
        };
        foreign::translate(name, &given, seen)
    }

    /// What to say about a name that is no op.
    pub(super) fn advice(
        &self,
        name: &str,
        args: &[Arg],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) -> Option<String> {
        self.translated(name, &foreign::given(args), step, flow).map(|advice| advice.help())
    }

    /// How many steps these begin with that were meant as one, `a, b = split`: to the parser, the names before the
    /// last one are steps, which nobody knows.
    pub(super) fn listed_names(&mut self, steps: &'a [Step]) -> usize {
        let bare = |step: &'a Step| match step {
            Step::Apply(Apply {
                names,
                domain: None,
                codomain: None,
                rhs: Rhs::Expr(Expr { kind: ExprKind::Name(name), .. }),
                ..
            }) if names.is_empty() => Some(name),
            _ => None,
        };
        let names: Vec<&Ident> = steps.iter().map_while(bare).collect();
        let Some(Step::Apply(last)) = steps.get(names.len()) else { return 0 };
        let ([first, ..], [named]) = (names.as_slice(), last.names.as_slice()) else { return 0 };
        let splits = match &last.rhs {
            Rhs::Expr(Expr { kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, .. }) => {
                op == "split"
            }
            Rhs::Expr(Expr { kind: ExprKind::Method { name, .. }, .. }) => {
                name == "split" || name == "chunk"
            }
            _ => false,
        };
        let known = self.names();
        let ops: Vec<&str> =
            ops::all().map(|op| op.name).chain(known.iter().map(String::as_str)).collect();
        let unknown = |name: &&Ident| {
            let text = name.to_string();
            self.lookup(&text).is_none()
                && !self.later.contains(&text)
                && ops::find(&text).is_none()
                && elsewhere::sentence(&text).is_none()
                && (splits
                    || elsewhere::op(&text).is_none()
                        && did_you_mean(&text, ops.iter().copied()).is_none())
        };
        if !names.iter().all(unknown) {
            return 0;
        }
        let list: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        let help =
            format!("write `({}, {named}) = split`; other ops give one value", list.join(", "));
        self.error(first.span(), "several names stand in parentheses", Some(help));
        names.iter().for_each(|name| self.bind(name, Binding::Value(None)));
        names.len() + 1
    }

    /// `nn.Linear(8, 64)`, `x.relu()`
    pub(super) fn method<R>(
        &mut self,
        receiver: &str,
        name: &Ident,
        args: &[Given],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) -> Option<R> {
        let text = name.to_string();
        let root = receiver.split(['.', '(', ':']).next().unwrap_or(receiver);
        let bound = self.lookup(root);
        if bound.is_none() && elsewhere::is_namespace(root) {
            let dot =
                if receiver.contains(':') || ["f32", "f64"].contains(&root) { "::" } else { "." };
            let call = format!("{receiver}{dot}{text}");
            let help = match self.translated(&text, args, step, flow) {
                Some(advice) => advice.help(),
                None => self.unknown_help(&text),
            };
            self.error(name.span(), format!("there is no `{call}` in a model"), Some(help));
            return None;
        }
        if let Some(Binding::Value(None)) = bound {
            return None;
        }
        if receiver.parse::<f64>().is_ok() {
            let message = format!("`{text}` is for values, and `{receiver}` is a number");
            self.error(name.span(), message, Some(number_help(&text, receiver)));
            return None;
        }
        let mut all = vec![Given { name: None, text: receiver.to_string() }];
        all.extend(args.iter().cloned());
        let help = match self.translated(&text, &all, step, None) {
            Some(advice) => advice.help(),
            None if matches!(self.lookup(&text), Some(Binding::Let(_))) => {
                format!("write `{text}({receiver})`")
            }
            None => format!("there is none called `{text}`: {}", self.unknown_help(&text)),
        };
        self.error(name.span(), "ops are called as functions", Some(help));
        None
    }

    /// A Rust expression without an arrow, or one that can only be a layer with parameters: `nn::Linear::new(8, 64)`.
    pub(super) fn constructed(
        &self,
        apply: &Apply,
        value: &proc_macro2::TokenStream,
        flow: Flow,
    ) -> Option<(String, String)> {
        let (name, args) = constructor(value.clone())?;
        let op = elsewhere::op(&name);
        if apply.codomain.is_some() {
            // An op of the user's has no parameters, and its arguments no names.
            let learns = op.is_some_and(|op| op.arrow.is_some());
            let named = args.iter().any(|given| given.name.is_some());
            let sizes =
                args.len() > 1 && args.iter().all(|given| given.text.parse::<u64>().is_ok());
            let bare = value.clone().into_iter().count() == 2;
            if !(bare && (named && op.is_some() || learns && sizes)) {
                return None;
            }
        }
        let advice = self.translated(&name, &args, Some(apply), Some(flow))?;
        Some((name, advice.help()))
    }

    /// Another model by the name of a layer: `MSELoss(y)`.
    pub(super) fn meant_layer(
        &mut self,
        apply: &Apply,
        used: &ast::Use,
        args: &[Arg],
        flow: Flow,
    ) -> bool {
        if self.library.models[self.context.at].uses.contains_key(&used.text)
            || !library::is_meant(used)
        {
            return false;
        }
        let name = used.text.rsplit(':').next().unwrap_or(&used.text).trim();
        let Some(help) = self.advice(name, args, Some(apply), Some(flow)) else { return false };
        let text = &used.text;
        let own = if text.contains(':') {
            ""
        } else {
            &*format!("; a model of that name is `self::{text}`")
        };
        self.error(
            used.span,
            format!("there is no model or op called `{text}`"),
            Some(format!("{help}{own}")),
        );
        true
    }

    /// Sizes between the parentheses of an op, which knows them from its value and its arrow: `linear(8, 64)`. `x`
    /// is the value it is applied to.
    pub(super) fn sizes_given(
        &mut self,
        op: &'static OpDef,
        args: &'a [Arg],
        x: Option<ValueId>,
        step: Option<&Apply>,
    ) -> bool {
        let loose: Vec<&Arg> =
            args.iter().filter(|arg| arg.name.is_none() && self.is_option(&arg.value)).collect();
        let Some(first) = loose.first() else { return false };
        let numbers: Vec<i64> = loose.iter().map_while(|arg| integer(&arg.value)).collect();
        if self.no_sizes(op, args, &first.value, &numbers) {
            return true;
        }
        if !self.are_sizes(op, args, &first.value, &numbers, x, step) {
            return false;
        }
        let flow = x.map(Flow::Value);
        let help = self.advice(op.name, args, step, flow);
        let how = match op.arrow.is_some() {
            true => "its value and its arrow",
            false => "its value",
        };
        let message = format!("`{}` is given no sizes: it knows them from {how}", op.name);
        self.error(first.value.span, message, help);
        true
    }

    /// Reports numbers and ranges that are a mistake whatever the value is.
    fn no_sizes(
        &mut self,
        op: &'static OpDef,
        args: &'a [Arg],
        first: &Expr,
        numbers: &[i64],
    ) -> bool {
        if let ("slice", [start, end, ..]) = (op.name, numbers) {
            let values: Vec<String> = foreign::given(args)
                .into_iter()
                .filter(|given| given.name.is_none() && given.text.starts_with(char::is_lowercase))
                .map(|given| format!("{}, ", given.text))
                .collect();
            let help = format!("write `slice({}{start}..{end})`", values.concat());
            self.error(first.span, "`slice` takes a range, found two numbers", Some(help));
            return true;
        }
        if let ("embedding", ExprKind::Range(_, end)) = (op.name, &first.kind) {
            let help = format!(
                "a table of positions is a parameter: `pos = parameter -> [{}, 32]`, `tokens + pos`",
                foreign::spell(end)
            );
            self.error(first.span, "`embedding` looks up integers, found a range", Some(help));
            return true;
        }
        if let ([arg], Body::Point(..), Arity::Exactly(1), ExprKind::Number(_)) =
            (args, &op.body, op.arity, &first.kind)
            && op.options.is_empty()
        {
            let text = foreign::spell(&arg.value);
            let message = format!("`{}` is for values, and `{text}` is a number", op.name);
            self.error(first.span, message, Some(number_help(op.name, &text)));
            return true;
        }
        false
    }

    /// Whether the numbers are sizes, as other libraries want them.
    fn are_sizes(
        &self,
        op: &'static OpDef,
        args: &[Arg],
        first: &Expr,
        numbers: &[i64],
        x: Option<ValueId>,
        step: Option<&Apply>,
    ) -> bool {
        let shape = x.map_or(&[][..], |x| &self.typed.values[x].shape);
        let bound = x.and_then(|x| self.typed.values[x].index.as_ref());
        let known = |dim: Option<&Dim>| dim.and_then(Dim::as_known);
        let arrow = step.and_then(|step| step.codomain.as_ref());
        let wide = |at: fn(&[ast::Dim]) -> Option<&ast::Dim>| match at(&arrow?.dims)?.kind {
            ast::DimKind::Lit(n) => i64::try_from(n).ok(),
            _ => None,
        };
        let is =
            |number: Option<&i64>, dim: Option<i64>| number.is_some() && number.copied() == dim;
        let (one, two) = (numbers.first(), numbers.get(1));
        match op.name {
            "flatten" => true,
            _ if op.takes_shape() && op.options.is_empty() => true,
            "linear" | "rnn" | "lstm" | "gru" => !matches!(first.kind, ExprKind::Bool(_)),
            "embedding" => {
                is(one, known(bound))
                    || is(two, wide(|dims| dims.last()))
                    || is(one, wide(|dims| dims.last()))
                    || arrow.is_none() && !numbers.is_empty()
            }
            name if name.starts_with("conv") => {
                let (kernel, stride) = (*one.unwrap_or(&0), *two.unwrap_or(&1));
                let given = |name: &str| {
                    args.iter().any(|arg| arg.name.as_ref().is_some_and(|own| own == name))
                };
                let filters = is(one, wide(|dims| dims.first()));
                let torch = is(one, known(shape.first())) && is(two, wide(|dims| dims.first()));
                // As the op reads them, there would be another number of windows than the arrow says.
                let padding = numbers.get(2).copied().unwrap_or(0);
                let plain = args.len() == numbers.len() && !name.contains("transpose");
                let made = known(shape.get(1)).and_then(|length| {
                    (length + 2 * padding - kernel).checked_div(stride).map(|last| last + 1)
                });
                let other = plain
                    && made.zip(wide(|dims| dims.get(1))).is_some_and(|(made, says)| made != says);
                match arrow {
                    None => kernel > 7 || is(one, known(shape.first())) && stride > 2,
                    Some(_) if given("kernel") => filters && kernel > 3,
                    Some(_) => two.is_some() && other && (filters || torch),
                }
            }
            "layer_norm" | "rms_norm" => one.is_some_and(|n| *n > 1 && *n >= shape.len() as i64),
            "batch_norm" | "instance_norm" => one.is_some_and(|n| *n > 0),
            "group_norm" => two.is_some_and(|n| *n > 0),
            "multihead_attention" => two.is_some() && is(one, known(shape.last())),
            _ => false,
        }
    }

    /// `x[0..4]`, `x[:, -1]`
    pub(super) fn index<R>(&mut self, value: &'a Expr, text: &str, items: &[String]) -> Option<R> {
        if let ExprKind::Name(name) = &value.kind {
            match self.lookup(&name.to_string()) {
                Some(Binding::Let(_)) => {
                    self.use_shared(&name.to_string());
                    let shape = items.join(", ");
                    let message = format!("expected `->` before the shape `[{shape}]`");
                    self.error(value.span, message, Some(format!("`-> [{shape}]`")));
                    return None;
                }
                None if !super::options::is_const(name) => {
                    self.unknown_op(name, &[], None, None);
                    return None;
                }
                _ => {}
            }
        }
        let Operand::Value(x) = self.operand(value)? else { return None };
        if self.is_broken(x) {
            return None;
        }
        let shape = self.typed.values[x].shape.clone();
        // `x[None, :]`
        if let Some(axis) = items.iter().position(|item| item == "None") {
            let help = format!("write `unsqueeze({text}, {axis})`");
            self.error(value.span, "values are not indexed by brackets", Some(help));
            return None;
        }
        let mut items: Vec<&str> = items.iter().map(String::as_str).collect();
        let mut note = "";
        if items.len() > shape.len() && items.len() > 1 && [":", "..", "0"].contains(&items[0]) {
            note = "; the batch is not an axis";
            items.remove(0);
        }
        if items.len() > shape.len() && !items.contains(&"...") {
            let message =
                format!("values are not indexed, and `{text}` has no {} axes", items.len());
            let help = format!(
                "`{text}` is {}: a part of it is `slice({text}, start..end, axis = 0)`",
                show(&shape)
            );
            self.error(value.span, message, Some(help));
            return None;
        }
        // `x[..., 0]`: the last axes are meant.
        let mut at: Vec<(usize, &str)> = items.iter().copied().enumerate().collect();
        if let Some(dots) = items.iter().position(|item| *item == "...") {
            let skipped = (shape.len() + 1).saturating_sub(items.len());
            at.retain(|(i, _)| *i != dots);
            for (axis, _) in &mut at {
                if *axis > dots {
                    *axis += skipped - 1.min(skipped);
                }
            }
        }
        let mut code = text.to_string();
        let mut all = true;
        for (axis, item) in at.into_iter().rev() {
            let Some(length) = shape.get(axis) else { continue };
            match self.part(&code, axis, item, length) {
                Some(part) => code = part,
                None => all = false,
            }
        }
        let help = if all && code != text {
            format!("write `{code}`{note}")
        } else {
            format!(
                "a part of it is `slice({text}, start..end, axis = 0)`, with an index that is an input `index_select({text}, i, axis = 0)`"
            )
        };
        self.error(value.span, "values are not indexed by brackets", Some(help));
        None
    }

    /// One index of a value as a call of `slice` and the like.
    fn part(&self, value: &str, axis: usize, item: &str, length: &Dim) -> Option<String> {
        let place = |text: &str| match text.parse::<i64>() {
            Ok(n) if n < 0 => Some(length.sub(&Dim::known(-n)).to_string()),
            Ok(n) => Some(n.to_string()),
            Err(_) if text.starts_with(char::is_uppercase) => Some(text.to_string()),
            Err(_) => None,
        };
        let by = |axis: usize| if axis == 0 { String::new() } else { format!(", axis = {axis}") };
        if [":", "..", ""].contains(&item) {
            return Some(value.to_string());
        }
        if let Some((start, end)) = item.split_once("..").or_else(|| item.split_once(':')) {
            if end.contains(':') {
                return None;
            }
            let start = if start.is_empty() { "0".into() } else { place(start)? };
            let end = match end.strip_prefix('=') {
                Some(last) => (last.parse::<i64>().ok()? + 1).to_string(),
                None if end.is_empty() => length.to_string(),
                None => place(end)?,
            };
            return Some(format!("slice({value}, {start}..{end}{})", by(axis)));
        }
        if let Some(Binding::Value(Some(id))) = self.lookup(item) {
            let bound = self.typed.values[id].index.as_ref();
            return bound.map(|_| format!("index_select({value}, {item}, axis = {axis})"));
        }
        let start = place(item)?;
        let end = match start.parse::<i64>() {
            Ok(n) => (n + 1).to_string(),
            Err(_) => format!("{start} + 1"),
        };
        Some(format!("squeeze(slice({value}, {start}..{end}{}), {axis})", by(axis)))
    }

    /// Reports an option that an op lacks. `elsewhere` is what it is of another framework's.
    pub(super) fn unknown_option(
        &mut self,
        op: &OpDef,
        name: &Ident,
        value: &Expr,
        elsewhere: Option<String>,
    ) {
        let text = name.to_string();
        let is_value = match &value.kind {
            ExprKind::Name(name) => {
                matches!(self.lookup(&name.to_string()), Some(Binding::Value(_)))
            }
            ExprKind::Call { .. } | ExprKind::Member(_) => true,
            _ => false,
        };
        let options = op.options.iter().map(|option| option.name);
        let names: Vec<&str> = op.arity.weights().iter().copied().chain(options).collect();
        let help = match did_you_mean(&text, names.iter().copied()) {
            _ if is_value && op.arity.weights().is_empty() => {
                "values are given without a name".to_string()
            }
            _ if elsewhere.is_some() => elsewhere.unwrap_or_default(),
            Some(close) => format!("did you mean `{close}`?"),
            None if names.is_empty() => format!("write `{}`", op.signature()),
            None => format!("it has `{}`", names.join("`, `")),
        };
        self.error(name.span(), format!("`{}` has no option `{text}`", op.name), Some(help));
    }

    /// What to say about an option that an op lacks; the whole call is written anew where an arrow says it.
    pub(super) fn option_elsewhere(
        &self,
        op: &'static OpDef,
        name: &str,
        args: &[Arg],
        step: Option<&Apply>,
        flow: Option<Flow>,
    ) -> Option<String> {
        match foreign::meaning(op, name)? {
            Meaning::Option(own) => Some(format!("did you mean `{own}`?")),
            Meaning::Width | Meaning::Input | Meaning::Shape => {
                self.advice(op.name, args, step, flow)
            }
            Meaning::Without(why) if op.name == "gelu" && name == "approximate" => {
                Some(why.replace("approximation", "approximation by tanh"))
            }
            Meaning::Without(why) => Some(format!("leave it out: {why}")),
        }
    }
}
