//! `infer`: names are resolved, shapes follow from the ops' rules, and every mistake of the user's is
//! found here.
//!
//! A step with a mistake still provides a value if its arrow promises a shape, so that the steps after
//! it are checked as well; otherwise what depends on it is skipped in silence. Where two shapes contradict
//! each other, the dimensions in question become unknown ones, which fit anything. So independent
//! mistakes are all reported, and one mistake once.

mod broken;
mod call;
mod checks;
mod custom;
mod dims;
mod foreign;
mod integers;
mod members;
mod models;
mod options;
mod ranges;
mod repeat;
mod scan;
mod scopes;
mod shared;
mod sort;
#[cfg(test)]
mod tests;
mod unused;

use integers::INTEGERS_HELP;
pub use members::spell;
use scopes::has_field;

use crate::ast::{self, Apply, ExprKind, ModelId, Rhs, Step};
use crate::diag::{Diag, Diags, did_you_mean};
use crate::library::Library;
use crate::number::Num;
use crate::ops;
use crate::shape::{Agree, Dim, Shape, show, show_arrow, size, spell_integers};
use crate::typed::{
    Assert, Field, Input, NodeKind, Operand, Param, Region, Row, Typed, Value, ValueDef, ValueId,
    leaves,
};
use models::Context;
use proc_macro2::{Ident, Span};
use std::cell::RefCell;
use std::collections::HashMap;

/// Shared blocks of shared blocks multiply: more steps than this is a slip as well.
const MOST_STEPS: usize = 20_000;
const MOST_DEPTH: usize = 64;

/// More elements than this in one array is a slip, not a network.
const MOST_ELEMENTS: i64 = 1 << 40;

/// Resolves one model. The result is complete if nothing was pushed to `diags` and it is not `broken`.
pub fn infer(library: &Library, id: ModelId, diags: &mut Diags) -> Typed {
    let model = &library.models[id].ast;
    let mut infer = Infer {
        diags,
        library,
        context: Context::of(id),
        inside: vec![id],
        open: Vec::new(),
        typed: Typed::default(),
        scopes: vec![Scope::default()],
        replay: None,
        assumed: RefCell::default(),
        bounded: RefCell::default(),
        settled: Vec::new(),
        unknown: Vec::new(),
        part: None,
        later: Vec::new(),
        missed: Vec::new(),
        given: Vec::new(),
        misfit: false,
        elsewhere: None,
        depth: 0,
        endless: false,
        cyclic: false,
        used_at: None,
        frozen: false,
        made: Vec::new(),
        model: model.name.to_string().trim_start_matches("r#").to_string(),
    };
    let of = match &model.instance_of {
        Some(used) => infer.instance(used),
        None => Some(model),
    };
    if let Some(of) = of {
        let before = infer.diags.len();
        infer.later = of.body.iter().flat_map(names_of).map(Ident::to_string).collect();
        infer.model(of);
        if let Some(used) = &model.instance_of {
            let context = std::mem::take(&mut infer.context);
            infer.blame_sizes(before, &used.text, used.span, of, &context);
        }
        infer.struct_names(model);
    }
    infer.typed
}

struct Infer<'a> {
    diags: &'a mut Diags,
    library: &'a Library,
    context: Context,
    /// The models being read, one inside the other.
    inside: Vec<ModelId>,
    /// While a generic model is read by itself: its sizes, which stand for themselves.
    open: Vec<Dim>,
    typed: Typed,
    scopes: Vec<Scope<'a>>,
    /// While a shared block is applied again: the parameters it got the first time.
    replay: Option<std::vec::IntoIter<usize>>,
    assumed: RefCell<Vec<(Dim, Dim)>>,
    /// What must be at least as much as something else.
    bounded: RefCell<Vec<(Dim, Dim)>>,
    /// Equalities that are assertions, or mistakes, by now.
    settled: Vec<(Dim, Dim)>,
    /// Dimensions that a mistake leaves open. They fit anything.
    unknown: Vec<Dim>,
    /// A result of the last `split`.
    part: Option<String>,
    /// The names that steps of the model's body define, early or late.
    later: Vec<String>,
    /// Those that were used too early.
    missed: Vec<String>,
    /// The parameters of all steps so far, again where they are shared.
    given: Vec<usize>,
    /// Whether parameters that are shared were found not to fit where they are used again.
    misfit: bool,
    /// In a shared block that is applied to another shape than the first time: those two shapes.
    elsewhere: Option<(Shape, Shape)>,
    /// How many shared blocks are being applied, one inside the other.
    depth: usize,
    /// Whether it was reported that shared blocks make too many steps.
    endless: bool,
    /// Whether a model was found to contain itself.
    cyclic: bool,
    /// Where the outermost model is used whose source is being read.
    used_at: Option<(Span, String)>,
    /// Whether parameters that are made now are frozen.
    frozen: bool,
    /// The steps with parameters.
    made: Vec<unused::Made>,
    /// The model's name, which keeps the names of generated constants apart.
    model: String,
}

/// A block under way.
#[derive(Default)]
struct Scope<'a> {
    names: HashMap<String, Binding<'a>>,
    /// Whether parameters made in it are fields of the scope around it, as those of a block without a name.
    open: bool,
    fields: Vec<Field>,
    /// The fields of a shared block that is applied again, which are those of the first time.
    again: Vec<Field>,
    /// How many unnamed steps of each op have parameters.
    numbered: HashMap<String, usize>,
    /// What the body of a scan carries from step to step.
    states: Option<Vec<scan::State>>,
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
    /// While it is being applied.
    busy: bool,
    /// Whether there was a mistake in it, which is reported once.
    broken: bool,
    /// What the first application was given, and the parameters it made.
    first: Option<(Taken, Vec<usize>)>,
}

/// The shape of a value and, of integers, what they are below.
type Taken = (Shape, Option<Dim>);

fn spell_taken((shape, bound): &Taken) -> String {
    bound.as_ref().map_or_else(|| show(shape), |bound| spell_integers(shape, bound))
}

/// The value that flows from step to step.
#[derive(Clone, Copy)]
enum Flow {
    /// There is none: at the start of a model of several inputs, and after `split`.
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
        if self.inside.len() == 1 && !model.sizes.is_empty() {
            self.open_sizes(&model.sizes);
        }
        let mut told = false;
        for (i, input) in model.inputs.iter().enumerate() {
            let (shape, index) = match &input.kind {
                ast::InputKind::Real => (self.one_sample(&input.shape, &mut told), None),
                ast::InputKind::Index { bound } => {
                    let bound = self.dim(bound).unwrap_or_else(|| self.unknown());
                    (self.one_sample(&input.shape, &mut told), Some(bound))
                }
            };
            let name = input.name.as_ref().map_or("x".into(), Ident::to_string);
            let id = self.push(shape.clone(), ValueDef::Input(i));
            self.typed.values[id].index = index.clone();
            if let Some(name) = &input.name {
                self.bind(name, Binding::Value(Some(id)));
            }
            self.typed.inputs.push(Input { name, shape, index });
        }
        if model.inputs.is_empty() {
            return; // the header could not be read
        }
        let output = self.one_sample(&model.output, &mut told);
        self.typed.header = true;
        let flow = match model.inputs.len() {
            1 => Flow::Value(0),
            _ => Flow::None("the model has several inputs"),
        };
        let result = self.steps(&model.body, flow);
        self.unused_lets();
        match result {
            Flow::Value(id) => {
                self.typed.result = id;
                let found = self.typed.values[id].shape.clone();
                if let Some(integers) = self.integers(id) {
                    let message = format!(
                        "`{}` returns real numbers, but its last step gives {integers}",
                        model.name
                    );
                    self.error(model.output.span, message, Some(INTEGERS_HELP.into()));
                } else if self.fits(&found, &output) {
                    // As it should be.
                } else if self.is_broken(id) {
                    self.assumed.take(); // what the last step would have given is a guess
                } else {
                    self.assumed.take();
                    self.error(
                        model.output.span,
                        format!(
                            "`{}` is declared to return {}, but its last step gives {}",
                            model.name,
                            show(&output),
                            show(&found)
                        ),
                        Some(format!("declare `-> {}`, or change the last step", show(&found))),
                    );
                }
                self.settle(model.output.span, &format!("the result of `{}`", model.name));
                if self.diags.is_empty() {
                    self.unused_steps(id);
                }
            }
            Flow::None(why) => self.error(
                model.name.span(),
                format!("`{}` has no result: {why}", model.name),
                Some("end the body with the value to return".into()),
            ),
            Flow::Broken => {}
        }
        self.typed.output = output;
        self.typed.fields = std::mem::take(&mut self.scopes[0].fields);
        self.order_params();
        if self.diags.is_empty() {
            self.substitute();
        }
    }

    /// Runs through a body and returns what flows out of it.
    fn steps(&mut self, steps: &'a [Step], mut flow: Flow) -> Flow {
        if steps.is_empty() {
            return Flow::Broken; // the parser has said so
        }
        let mut listed = 0;
        for (i, step) in steps.iter().enumerate() {
            // `a, b = split`: reported once, and nothing is known of any of them.
            if listed == 0 {
                listed = self.listed_names(&steps[i..]);
            }
            if let Step::Apply(apply) = step
                && listed > 0
            {
                listed -= 1;
                flow = Flow::Broken;
                apply.names.iter().for_each(|name| self.bind(name, Binding::Value(None)));
                continue;
            }
            match step {
                Step::Let { name, def } => {
                    let def =
                        SharedDef { def, name, uses: 0, busy: false, broken: false, first: None };
                    self.bind(name, Binding::Let(def));
                }
                Step::Apply(apply) => flow = self.step(apply, flow),
                Step::Next { state, def } => flow = self.next_state(state, def, flow),
            }
        }
        flow
    }

    fn step(&mut self, apply: &'a Apply, flow: Flow) -> Flow {
        let (errors, given) = (self.diags.len(), self.given.len());
        let (outer, start) = (self.frozen, self.typed.values.len());
        self.frozen |= apply.attrs.frozen;
        let mut whole = !matches!(flow, Flow::Broken);
        let flow = self.step_inside(apply, flow);
        whole &= !matches!(flow, Flow::Broken);
        self.remember(apply, given);
        self.frozen = outer;
        // In a row it is each by itself.
        if let (true, Flow::Value(id)) = (apply.attrs.recompute, flow)
            && !matches!(apply.rhs, Rhs::Repeat { .. })
        {
            self.recomputed(start, id);
        }
        if apply.attrs.frozen && whole && self.given.len() == given && self.diags.len() == errors {
            let help = "it stands before a step or a `let` with parameters";
            self.error(apply.span, "this step has no parameters to freeze", Some(help.into()));
        }
        flow
    }

    /// Marks the values since `start` but for the last as not to be kept.
    fn recomputed(&mut self, start: usize, result: ValueId) {
        let values = start..self.typed.values.len();
        self.typed.recomputed.push(Region { values, result });
    }

    fn step_inside(&mut self, apply: &'a Apply, flow: Flow) -> Flow {
        let before = self.diags.len();
        let flow = match (flow, &apply.domain) {
            // What a step is declared on is as good as what a broken one would have given it.
            (Flow::Broken, Some(domain)) if !matches!(apply.rhs, Rhs::Lost) => {
                let shape = self.promise(domain);
                Flow::Value(self.push(shape, ValueDef::Broken))
            }
            _ => flow,
        };
        let result = self.right_hand_side(apply, flow);
        let result = match result {
            Some(ids) if apply.names.len() > 1 && ids.len() == apply.names.len() => {
                for (name, id) in apply.names.iter().zip(ids) {
                    self.bind(name, Binding::Value(Some(id)));
                }
                self.part = apply.names.first().map(Ident::to_string);
                return Flow::None("`split` gives several values");
            }
            Some(ids) => ids.first().copied(),
            // Silent where the input was broken already, reported by now otherwise.
            None => {
                self.field_of_broken(apply);
                let shape = apply.codomain.as_ref().map(|arrow| {
                    let reported = self.diags.len();
                    let shape = self.promise(arrow);
                    if reported > before {
                        self.diags.truncate(reported);
                    }
                    shape
                });
                shape.map(|shape| self.push(shape, ValueDef::Broken))
            }
        };
        for name in &apply.names {
            self.bind(name, Binding::Value(result));
        }
        Flow::of(result)
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
                ExprKind::Method { receiver, name, given } => {
                    self.method(receiver, name, given, Some(apply), Some(flow))
                }
                _ => {
                    let value = self.operand(expr)?;
                    let id = self.value(value, expr.span, apply)?;
                    self.no_domain(apply);
                    let what = match &expr.kind {
                        ExprKind::Bin(op, ..) => format!("`{op}`"),
                        ExprKind::Neg(_) => "`-`".into(),
                        ExprKind::Member(names) => format!("`{}`", spell(names)),
                        _ => "the expression".into(),
                    };
                    one(self.check_arrow(apply, &what, None, id))
                }
            },
            Rhs::Closure { params, body } => {
                if params.len() != 1 {
                    self.error(
                        apply.span,
                        format!("a closure used as a step takes the flowing value, but this one has {} parameters", params.len()),
                        Some("give it a name with `let` and apply it: `let f = |a, b| a * b`, `f(u, v)`".into()),
                    );
                    return None;
                }
                let x = self.flowing(flow, apply.span, "this closure")?;
                let x = self.check_domain(apply, "this closure", x)?;
                let id = self.closure(params, body, vec![Operand::Value(x)])?;
                one(self.check_arrow(apply, "the closure", Some(x), id))
            }
            Rhs::Block { steps } => {
                let flow = match flow {
                    Flow::Value(x) => Flow::of(self.check_domain(apply, "this block", x)),
                    _ => flow,
                };
                let flow_out = self.block(steps, flow, apply.names.first());
                let Flow::Value(id) = flow_out else { return None };
                let from = if let Flow::Value(x) = flow { Some(x) } else { None };
                one(self.check_arrow(apply, "the block", from, id))
            }
            Rhs::Scan(scan) => one(self.scan(scan, apply, flow, apply.names.first())),
            Rhs::Model { used, args } => one(self.apply_model(apply, used, args, flow)),
            Rhs::Repeat { item, count } => one(self.repeat(apply, item, count, flow)),
            Rhs::Custom { value, text } => one(self.custom(apply, value, text, flow)),
            Rhs::Lost => None,
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
                self.no_domain(apply);
                self.check_arrow(apply, &format!("`{text}`"), None, id)
            }
            None => {
                self.unknown_op(name, &[], Some(apply), Some(flow));
                None
            }
        }
    }

    /// The name of a step with parameters, or of a named block, must be free among the fields.
    fn check_field(&mut self, name: &Ident) {
        let text = name.to_string();
        // A name that is taken by a step is reported by `bind`.
        if self.scopes.last().is_some_and(|scope| scope.names.contains_key(&text)) {
            return;
        }
        if self.owner().is_some_and(|owner| has_field(owner, &text)) {
            let op = text.trim_end_matches(|c: char| c.is_ascii_digit());
            self.error(
                name.span(),
                format!("the parameters of an unnamed `{op}` before this step are called `{text}` already"),
                Some("give one of the two steps another name".into()),
            );
        }
    }

    /// The flowing value, or an error that says why there is none.
    fn flowing(&mut self, flow: Flow, span: Span, what: &str) -> Option<ValueId> {
        match flow {
            Flow::Value(id) => Some(id),
            Flow::Broken => None,
            Flow::None(why) => {
                self.error(
                    span,
                    format!("{what} has no input here: {why}"),
                    Some(format!("name the value it takes{}", self.example_value())),
                );
                None
            }
        }
    }

    fn example_value(&self) -> String {
        let input = || self.typed.inputs.first().map(|input| input.name.clone());
        self.part.clone().or_else(input).map_or(String::new(), |name| format!(", such as `{name}`"))
    }

    fn push(&mut self, shape: Shape, def: ValueDef) -> ValueId {
        self.typed.values.push(Value { shape, index: None, def });
        self.typed.values.len() - 1
    }

    fn taken(&self, x: ValueId) -> Taken {
        let value = &self.typed.values[x];
        (value.shape.clone(), value.index.clone())
    }

    fn bind(&mut self, name: &'a Ident, binding: Binding<'a>) {
        let text = name.to_string();
        let Some(scope) = self.scopes.last_mut() else { return };
        if scope.names.insert(text.clone(), binding).is_some() {
            // Nobody knows which of the two is meant by those who use it.
            scope.names.insert(text.clone(), Binding::Value(None));
            self.error(
                name.span(),
                format!("the name `{text}` is already taken in this body"),
                Some("each name is for one value: write another one, or none where the next step takes the value anyway".into()),
            );
        }
    }

    fn lookup(&self, name: &str) -> Option<Binding<'a>> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name)).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.scopes.iter().flat_map(|scope| scope.names.keys().cloned()).collect()
    }
}

fn names_of(step: &Step) -> &[Ident] {
    match step {
        Step::Apply(apply) => &apply.names,
        Step::Let { name, .. } => std::slice::from_ref(name),
        Step::Next { .. } => &[],
    }
}

/// `Num` of a literal.
fn literal(number: ast::Number) -> Option<Num> {
    Num::decimal(number.digits, number.exponent)
}
