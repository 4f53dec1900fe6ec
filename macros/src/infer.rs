//! `infer`: names are resolved, shapes follow from the ops' rules, and every mistake of the user's is
//! found here.
//!
//! A step with a mistake still provides a value if its arrow promises a shape, so that the steps behind
//! it are checked as well; otherwise what depends on it is skipped in silence. So independent
//! mistakes are all reported, and one mistake once.

mod call;
mod dims;

use crate::ast::{self, Apply, ExprKind, Rhs, Step};
use crate::diag::{Diag, Diags, did_you_mean};
use crate::number::Num;
use crate::ops;
use crate::shape::{Dim, Shape, show, size};
use crate::typed::{Assert, Custom, Field, Input, Operand, Param, Row, Typed, Value, ValueDef, ValueId, leaves};
use proc_macro2::{Ident, Span};
use std::cell::RefCell;
use std::collections::HashMap;

/// More elements than this in one array is a slip, not a network.
const MOST_ELEMENTS: i64 = 1 << 40;

/// Resolves one model. The result is complete if nothing was pushed to `diags`.
pub fn infer(model: &ast::Model, diags: &mut Diags) -> Typed {
    let mut infer = Infer {
        diags,
        typed: Typed::default(),
        scopes: vec![Scope::default()],
        replay: None,
        assumed: RefCell::default(),
        model: model.name.to_string(),
    };
    infer.model(model);
    infer.typed
}

struct Infer<'a> {
    diags: &'a mut Diags,
    typed: Typed,
    scopes: Vec<Scope<'a>>,
    /// While a shared block is applied again: the parameters it got the first time.
    replay: Option<std::vec::IntoIter<usize>>,
    assumed: RefCell<Vec<(Dim, Dim)>>,
    /// The model's name, which keeps the names of generated constants apart.
    model: String,
}

/// A block under way.
#[derive(Default)]
struct Scope<'a> {
    names: HashMap<String, Binding<'a>>,
    fields: Vec<Field>,
    /// How many unnamed steps of each op have parameters.
    numbered: HashMap<&'static str, usize>,
}

#[derive(Clone)]
enum Binding<'a> {
    /// `None` if it comes from a step with a mistake.
    Value(Option<ValueId>),
    Let(SharedDef<'a>),
}

#[derive(Clone)]
struct SharedDef<'a> {
    def: &'a Apply,
    name: &'a Ident,
    uses: usize,
    /// What the first application was given, and the parameters it made.
    first: Option<(Shape, Vec<usize>)>,
}

/// The value that flows from step to step.
#[derive(Clone, Copy)]
enum Flow {
    /// There is none: at the start of a model of several inputs, and behind `split`.
    None(&'static str),
    /// It comes from a step with a mistake.
    Broken,
    Value(ValueId),
}

impl Flow {
    fn of(value: Option<ValueId>) -> Flow {
        value.map_or(Flow::Broken, Flow::Value)
    }
}

impl<'a> Infer<'a> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        let diag = Diag::new(span, message);
        self.diags.push(match help {
            Some(help) => diag.help(help),
            None => diag,
        });
    }

    fn model(&mut self, model: &'a ast::Model) {
        let mut known = true;
        for (i, input) in model.inputs.iter().enumerate() {
            let (shape, index) = match &input.kind {
                ast::InputKind::Real => (self.full_shape(&input.shape), None),
                ast::InputKind::Index { bound } => {
                    let bound = self.dim(bound);
                    (bound.clone().map(|bound| vec![bound]), bound)
                }
            };
            let name = input.name.as_ref().map_or("x".into(), Ident::to_string);
            let id = shape.clone().map(|shape| self.push(shape, ValueDef::Input(i)));
            if let Some(name) = &input.name {
                self.bind(name, Binding::Value(id));
            }
            known &= shape.is_some();
            self.typed.inputs.push(Input { name, shape: shape.unwrap_or_default(), index });
        }
        let output = self.full_shape(&model.output);
        self.typed.header = known && output.is_some();
        let flow = match model.inputs.len() {
            1 => match self.typed.values.first() {
                Some(_) => Flow::Value(0),
                None => Flow::Broken,
            },
            _ => Flow::None("the model has several inputs"),
        };
        let result = self.steps(&model.body, flow);
        self.unused_lets();
        match (result, &output) {
            (Flow::Value(id), Some(output)) => {
                self.typed.result = id;
                let found = self.typed.values[id].shape.clone();
                if !self.fits(&found, output) {
                    self.error(
                        model.output.span,
                        format!(
                            "`{}` is declared to return {}, but its last step gives {}",
                            model.name,
                            show(output),
                            show(&found)
                        ),
                        Some(format!("declare `-> {}`, or change the last step", show(&found))),
                    );
                }
                self.settle(model.output.span, &format!("the result of `{}`", model.name));
            }
            (Flow::None(why), _) => self.error(
                model.name.span(),
                format!("`{}` has no result: {why}", model.name),
                Some("end the body with the value to return".into()),
            ),
            _ => {}
        }
        self.typed.output = output.unwrap_or_default();
        self.typed.fields = std::mem::take(&mut self.scopes[0].fields);
        self.order_params();
        if self.diags.is_empty() {
            self.substitute();
        }
    }

    /// Runs through a body and returns what flows out of it.
    fn steps(&mut self, steps: &'a [Step], mut flow: Flow) -> Flow {
        for step in steps {
            match step {
                Step::Let { name, def } => {
                    let def = SharedDef { def, name, uses: 0, first: None };
                    self.bind(name, Binding::Let(def));
                }
                Step::Apply(apply) => flow = self.step(apply, flow),
            }
        }
        flow
    }

    fn unused_lets(&mut self) {
        let scope = self.scopes.last().into_iter().flat_map(|scope| scope.names.values());
        let mut unused: Vec<&Ident> = scope
            .filter_map(|binding| match binding {
                Binding::Let(shared) if shared.uses == 0 => Some(shared.name),
                _ => None,
            })
            .collect();
        unused.sort();
        for name in unused {
            let help = format!("apply it as `{name}` or `{name}(value)`, or remove it");
            self.diags.push(Diag::new(name.span(), format!("`let {name}` is never used")).help(help));
        }
    }

    fn step(&mut self, apply: &'a Apply, flow: Flow) -> Flow {
        let before = self.diags.len();
        let result = self.right_hand_side(apply, flow);
        let result = match result {
            Some(ids) if apply.names.len() > 1 && ids.len() == apply.names.len() => {
                for (name, id) in apply.names.iter().zip(ids) {
                    self.bind(name, Binding::Value(Some(id)));
                }
                return Flow::None("`split` gives several values");
            }
            Some(ids) => ids.first().copied(),
            // Silent where the input was broken already, reported by now otherwise.
            None => self.promised(apply, before),
        };
        for name in &apply.names {
            self.bind(name, Binding::Value(result));
        }
        Flow::of(result)
    }

    /// What a step with a mistake would have given: the shape of its arrow.
    fn promised(&mut self, apply: &Apply, before: usize) -> Option<ValueId> {
        let arrow = apply.codomain.as_ref()?;
        if self.diags.len() == before {
            self.arrow(arrow);
        }
        let quiet = self.diags.len();
        let shape: Option<Shape> = self.arrow(arrow)?.into_iter().collect();
        debug_assert!(self.diags.len() >= quiet);
        Some(self.push(shape?, ValueDef::Broken))
    }

    fn right_hand_side(&mut self, apply: &'a Apply, flow: Flow) -> Option<Vec<ValueId>> {
        if apply.names.len() > 1 {
            return self.split(apply, flow);
        }
        let one = |id: Option<ValueId>| id.map(|id| vec![id]);
        match &apply.rhs {
            Rhs::Expr(expr) => match &expr.kind {
                ExprKind::Name(name) => one(self.named_step(name, apply, flow)),
                ExprKind::Call { op, args } => one(self.call(op, args, Some(apply), Some(flow))),
                _ => {
                    let value = self.operand(expr)?;
                    let id = self.value(value, expr.span)?;
                    self.check_domain(apply, None);
                    one(self.check_arrow(apply, "the expression", None, id))
                }
            },
            Rhs::Closure { params, body } => {
                let x = self.flowing(flow, apply.span, "a closure")?;
                if params.len() != 1 {
                    self.error(
                        apply.span,
                        format!("a closure used as a step takes the flowing value, but this one has {} parameters", params.len()),
                        Some("give it a name with `let` and apply it: `let f = |a, b| a * b`, `f(u, v)`".into()),
                    );
                    return None;
                }
                self.check_domain(apply, Some(x));
                let id = self.closure(params, body, vec![Operand::Value(x)])?;
                one(self.check_arrow(apply, "the closure", Some(x), id))
            }
            Rhs::Block { steps, .. } => {
                if let Flow::Value(x) = flow {
                    self.check_domain(apply, Some(x));
                }
                let flow_out = self.block(steps, flow, apply.names.first());
                let Flow::Value(id) = flow_out else { return None };
                let from = if let Flow::Value(x) = flow { Some(x) } else { None };
                one(self.check_arrow(apply, "the block", from, id))
            }
            Rhs::Custom { value, text } => one(self.custom(apply, value, text, flow)),
        }
    }

    /// A bare name: a shared block, an op, or a value.
    fn named_step(&mut self, name: &'a Ident, apply: &'a Apply, flow: Flow) -> Option<ValueId> {
        let text = name.to_string();
        match self.lookup(&text) {
            Some(Binding::Let(_)) => self.call(name, &[], Some(apply), Some(flow)),
            _ if ops::find(&text).is_some() => self.call(name, &[], Some(apply), Some(flow)),
            Some(Binding::Value(id)) => {
                let id = id?;
                self.check_arrow(apply, &format!("`{text}`"), None, id)
            }
            None => {
                self.unknown_op(name);
                None
            }
        }
    }

    fn unknown_op(&mut self, name: &Ident) {
        let text = name.to_string();
        let help = match ops::hint(&text) {
            Some(hint) => Some(hint.to_string()),
            None => {
                let known = self.names();
                did_you_mean(&text, ops::all().map(|op| op.name).chain(known.iter().map(String::as_str)))
                    .map(|close| format!("did you mean `{close}`?"))
            }
        };
        let help = help.unwrap_or_else(|| "the README lists all ops; a closure makes a new one: `|x| x * sigmoid(x)`".into());
        self.error(name.span(), format!("there is no op or value called `{text}`"), Some(help));
    }

    /// A block of steps in a scope of its own; a named one has parameters of its own.
    fn block(&mut self, steps: &'a [Step], flow: Flow, name: Option<&Ident>) -> Flow {
        let mut scope = Scope::default();
        if name.is_none()
            && let Some(outer) = self.scopes.last_mut()
        {
            scope.fields = std::mem::take(&mut outer.fields);
            scope.numbered = std::mem::take(&mut outer.numbered);
        }
        self.scopes.push(scope);
        let flow = self.steps(steps, flow);
        self.unused_lets();
        let scope = self.scopes.pop().unwrap_or_default();
        if let Some(outer) = self.scopes.last_mut() {
            match name {
                None => {
                    outer.fields = scope.fields;
                    outer.numbered = scope.numbered;
                }
                Some(name) if !scope.fields.is_empty() => {
                    outer.fields.push(Field::Node { name: name.to_string(), fields: scope.fields });
                }
                Some(_) => {}
            }
        }
        flow
    }

    fn closure(&mut self, params: &'a [Ident], body: &'a ast::Expr, args: Vec<Operand>) -> Option<ValueId> {
        let mut scope = Scope::default();
        for (param, arg) in params.iter().zip(args) {
            if let Operand::Value(id) = arg {
                scope.names.insert(param.to_string(), Binding::Value(Some(id)));
            }
        }
        self.scopes.push(scope);
        let result = self.operand(body).and_then(|operand| self.value(operand, body.span));
        self.scopes.pop();
        result
    }

    fn custom(
        &mut self,
        apply: &Apply,
        value: &proc_macro2::TokenStream,
        text: &str,
        flow: Flow,
    ) -> Option<ValueId> {
        let x = self.flowing(flow, apply.span, &format!("`{text}`"))?;
        self.check_domain(apply, Some(x));
        let codomain: Option<Shape> = match &apply.codomain {
            Some(arrow) => self.arrow(arrow)?.into_iter().collect(),
            None => None,
        };
        let Some(codomain) = codomain else {
            self.error(
                apply.span,
                format!("`{text}` is an op of yours, so its step needs the full shape of its result"),
                Some(format!("write `{text} -> [..]`; rustc checks it against the op's `Cod`")),
            );
            return None;
        };
        let domain = self.typed.values[x].shape.clone();
        let op = self.typed.customs.len();
        self.row(apply, text, Some(domain.clone()), codomain.clone(), Dim::known(0));
        self.typed.customs.push(Custom {
            value: value.clone(),
            text: text.to_string(),
            span: apply.span,
            domain,
            codomain: codomain.clone(),
        });
        Some(self.push(codomain, ValueDef::Custom { op, x }))
    }

    /// The flowing value, or an error that says why there is none.
    fn flowing(&mut self, flow: Flow, span: Span, what: &str) -> Option<ValueId> {
        match flow {
            Flow::Value(id) => Some(id),
            Flow::Broken => None,
            Flow::None(why) => {
                self.error(span, format!("{what} has no input here: {why}"), Some(format!("name the value it takes{}", self.example_value())));
                None
            }
        }
    }

    fn example_value(&self) -> String {
        self.typed.inputs.first().map_or(String::new(), |input| format!(", such as `{}`", input.name))
    }

    fn push(&mut self, shape: Shape, def: ValueDef) -> ValueId {
        self.typed.values.push(Value { shape, def });
        self.typed.values.len() - 1
    }

    fn bind(&mut self, name: &'a Ident, binding: Binding<'a>) {
        let text = name.to_string();
        let scope = self.scopes.last_mut();
        if let Some(scope) = scope
            && scope.names.insert(text.clone(), binding).is_some()
        {
            self.error(
                name.span(),
                format!("the name `{text}` is already taken in this body"),
                Some("names of inputs, steps and `let` must differ".into()),
            );
        }
    }

    fn lookup(&self, name: &str) -> Option<Binding<'a>> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name)).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.scopes.iter().flat_map(|scope| scope.names.keys().cloned()).collect()
    }

    fn row(&mut self, apply: &Apply, op: &str, from: Option<Shape>, to: Shape, params: Dim) {
        let name = apply.names.first().map_or(String::new(), Ident::to_string);
        if self.replay.is_none() {
            self.typed.rows.push(Row { name, op: op.to_string(), from, to, params });
        }
    }

    /// The parameters of an op: new ones under the step's name, or those of the first application.
    fn params(&mut self, op: &'static str, name: Option<&Ident>, defs: Vec<ops::ParamDef>) -> Vec<usize> {
        if let Some(replay) = &mut self.replay {
            return replay.by_ref().take(defs.len()).collect();
        }
        let Some(scope) = self.scopes.last_mut() else { return Vec::new() };
        let taken = |scope: &Scope<'_>, name: &str| {
            scope.names.contains_key(name)
                || scope.fields.iter().any(|field| matches!(field, Field::Node { name: other, .. } if other == name))
        };
        let name = name.map_or_else(
            || loop {
                let number = scope.numbered.entry(op).or_insert(0);
                *number += 1;
                let name = format!("{op}{number}");
                if !taken(scope, &name) {
                    break name;
                }
            },
            Ident::to_string,
        );
        let mut fields = Vec::new();
        let mut ids = Vec::new();
        for def in defs {
            let param = self.typed.params.len();
            fields.push(Field::Leaf { name: def.name.to_string(), param });
            ids.push(param);
            self.typed.params.push(Param { path: String::new(), shape: def.shape, init: def.init });
        }
        scope.fields.push(Field::Node { name, fields });
        ids
    }

    /// Numbers the parameters in the order of the fields and gives them their paths.
    fn order_params(&mut self) {
        fn path(fields: &[Field], prefix: &str, params: &mut [Param]) {
            for field in fields {
                match field {
                    Field::Leaf { name, param } => params[*param].path = format!("{prefix}{name}"),
                    Field::Node { name, fields } => path(fields, &format!("{prefix}{name}."), params),
                }
            }
        }
        fn renumber(fields: &mut [Field], place: &[usize]) {
            for field in fields {
                match field {
                    Field::Leaf { param, .. } => *param = place[*param],
                    Field::Node { fields, .. } => renumber(fields, place),
                }
            }
        }
        let typed = &mut self.typed;
        path(&typed.fields, "", &mut typed.params);
        let order = leaves(&typed.fields);
        if order.len() != typed.params.len() {
            return; // only after a mistake
        }
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
        renumber(&mut typed.fields, &place);
        let mut params: Vec<Option<Param>> = std::mem::take(&mut typed.params).into_iter().map(Some).collect();
        typed.params = order.iter().filter_map(|old| params[*old].take()).collect();
        for value in &mut typed.values {
            if let ValueDef::Apply { params, .. } = &mut value.def {
                params.iter_mut().for_each(|param| *param = place[*param]);
            }
        }
    }

    /// Whether two shapes may be equal; what only rustc can decide is assumed.
    fn fits(&self, a: &[Dim], b: &[Dim]) -> bool {
        let call = ops::Call { op: "", args: &[], options: &[], arrow: None, assumed: &self.assumed };
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| call.fits(a, b))
    }

    /// Turns the equalities assumed so far into assertions that name `context`.
    fn settle(&mut self, span: Span, context: &str) {
        for (left, right) in self.assumed.take() {
            if left.solve(&right).is_none() {
                self.error(
                    span,
                    format!("{context} needs `{left}` and `{right}` to be equal, which cannot be decided here"),
                    Some("give one of them a name: `const D: usize = ..;`".into()),
                );
                continue;
            }
            let known = |a: &Assert| (a.left == left && a.right == right) || (a.left == right && a.right == left);
            if !self.typed.asserts.iter().any(known) {
                self.typed.asserts.push(Assert { left, right, span, context: context.to_string() });
            }
        }
    }

    /// Where two dimensions are asserted to be equal, the compiler works with one of them.
    fn substitute(&mut self) {
        let pairs: Vec<(Dim, Dim)> =
            self.typed.asserts.iter().map(|a| (a.left.clone(), a.right.clone())).collect();
        for (left, right) in pairs {
            let Some((name, by)) = left.solve(&right) else { continue };
            let all = |shape: &mut Shape| shape.iter_mut().for_each(|dim| *dim = dim.replace(&name, &by));
            let typed = &mut self.typed;
            typed.inputs.iter_mut().for_each(|input| all(&mut input.shape));
            typed.params.iter_mut().for_each(|param| all(&mut param.shape));
            typed.customs.iter_mut().for_each(|custom| {
                all(&mut custom.domain);
                all(&mut custom.codomain);
            });
            all(&mut typed.output);
            for value in &mut typed.values {
                all(&mut value.shape);
                if let ValueDef::Apply { options, .. } = &mut value.def {
                    for option in options {
                        if let ops::Opt::Range(start, end) = option {
                            (*start, *end) = (start.replace(&name, &by), end.replace(&name, &by));
                        }
                    }
                }
            }
        }
    }

    /// Checks `: σ` of a step against the value it takes.
    fn check_domain(&mut self, apply: &Apply, x: Option<ValueId>) {
        let Some(domain) = &apply.domain else { return };
        let Some(dims) = self.arrow(domain) else { return };
        let Some(x) = x else {
            self.error(domain.span, "this step has no single input, so `: σ` cannot be checked", Some("leave it out".into()));
            return;
        };
        let found = self.typed.values[x].shape.clone();
        if !self.fits_arrow(&found, &dims) {
            let name = apply.names.first().map_or("this step".to_string(), |name| format!("`{name}`"));
            self.error(
                domain.span,
                format!("{name} is declared on {}, but what flows into it is {}", dims::show_arrow(&dims), show(&found)),
                Some(format!("write `: {}`, or change the step before it", show(&found))),
            );
        }
        self.settle(domain.span, "the declared domain");
    }

    /// Checks `-> τ` of a step against the value it gives, and turns it over.
    fn check_arrow(&mut self, apply: &Apply, what: &str, from: Option<ValueId>, id: ValueId) -> Option<ValueId> {
        let Some(arrow) = &apply.codomain else { return Some(id) };
        let dims = self.arrow(arrow)?;
        let found = self.typed.values[id].shape.clone();
        if !self.fits_arrow(&found, &dims) {
            let verb = match from {
                Some(x) => format!("maps {} to {}", show(&self.typed.values[x].shape), show(&found)),
                None => format!("gives {}", show(&found)),
            };
            self.error(
                arrow.span,
                format!("{what} {verb}, but its arrow says {}", dims::show_arrow(&dims)),
                Some(format!("write `-> {}`, or leave the arrow out", show(&found))),
            );
            return None;
        }
        self.settle(arrow.span, &format!("the arrow of {what}"));
        Some(id)
    }

    fn fits_arrow(&self, found: &[Dim], arrow: &[Option<Dim>]) -> bool {
        let call = ops::Call { op: "", args: &[], options: &[], arrow: None, assumed: &self.assumed };
        found.len() == arrow.len()
            && found.iter().zip(arrow).all(|(dim, arrow)| arrow.as_ref().is_none_or(|arrow| call.fits(dim, arrow)))
    }

    /// A value from an operand; a lone number is none.
    fn value(&mut self, operand: Operand, span: Span) -> Option<ValueId> {
        match operand {
            Operand::Value(id) => Some(id),
            Operand::Number(num) => {
                self.error(span, format!("the number {num} is not a value that can flow on"), Some("combine it with one, as in `2.0 * x`".into()));
                None
            }
        }
    }

    /// Refuses arrays that no machine holds.
    fn check_size(&mut self, shape: &Shape, span: Span) -> Option<()> {
        if size(shape).as_known().is_some_and(|n| n > MOST_ELEMENTS) {
            self.error(span, format!("{} has too many elements", show(shape)), None);
            return None;
        }
        Some(())
    }
}

/// `Num` of a literal.
fn literal(number: ast::Number) -> Option<Num> {
    Num::decimal(number.digits, number.exponent)
}
