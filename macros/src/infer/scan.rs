//! Scans: a body that runs for every element of a sequence, with a state from one to the next.

use super::integers::INTEGERS_HELP;
use super::*;
use crate::ast::{Carried, Scan};
use crate::typed::Value;

/// A state of the scan whose body is under way.
pub(super) struct State {
    pub name: String,
    pub shape: Shape,
    pub inside: ValueId,
    /// What the next step is given; `None` inside if that step has a mistake.
    pub next: Option<Option<ValueId>>,
}

/// A state at the beginning: its shape, and what it is, if not zeros.
type Beginning = (Shape, Option<ValueId>);

impl<'a> Infer<'a> {
    pub(super) fn scan(
        &mut self,
        scan: &'a Scan,
        apply: &'a Apply,
        flow: Flow,
        name: Option<&Ident>,
    ) -> Option<ValueId> {
        let sequences = self.sequences(scan, apply, flow)?;
        let length = self.length_of(scan, &sequences)?;
        let begins: Vec<Beginning> =
            scan.carried.iter().map(|carried| self.beginning(carried)).collect::<Option<_>>()?;
        // The values of the body stand side by side.
        let start = self.typed.values.len();
        let (scope, each) = self.scope_of_a_step(scan, &sequences, &begins);
        let flow = match each.as_slice() {
            [(_, inside)] => Flow::Value(*inside),
            _ => Flow::None("the scan runs over several values"),
        };
        let (flow, scope) = self.scoped(scope, &scan.steps, flow, name);
        self.changes_no_state(scan, start)?;
        let mut carried = Vec::new();
        for ((state, decl), (_, init)) in
            scope.states.unwrap_or_default().iter().zip(&scan.carried).zip(begins)
        {
            let Some(next) = state.next else {
                let message = format!("the state `{}` never changes", state.name);
                let help = format!("`{} <- …` says what the next step is given", state.name);
                self.error(decl.name.span(), message, Some(help));
                return None;
            };
            carried.push((init, state.inside, next?));
        }
        let out = self.result_of_a_step(scan, flow)?;
        let mut shape = self.typed.values[out].shape.clone();
        shape.insert(0, length);
        let body = start..self.typed.values.len();
        let def = ValueDef::Scan { body, each, carried, out, reverse: scan.reverse };
        let id = self.push(shape, def);
        self.check_arrow(apply, "the scan", None, id)
    }

    /// What it runs over: the values that it names, or the one that flows in.
    fn sequences(&mut self, scan: &'a Scan, apply: &'a Apply, flow: Flow) -> Option<Vec<ValueId>> {
        if scan.each.is_empty() {
            let x = self.flowing(flow, scan.span, "`scan`")?;
            return Some(vec![self.check_domain(apply, "this scan", x)?]);
        }
        self.no_domain(apply);
        let mut sequences = Vec::new();
        for name in &scan.each {
            let Some(Binding::Value(id)) = self.lookup(&name.to_string()) else {
                let known = self.names();
                let close = did_you_mean(&name.to_string(), known.iter().map(String::as_str));
                self.error(
                    name.span(),
                    format!("there is no value called `{name}` to run over"),
                    Some(close.map_or("a state has a shape: `h: [16]`".into(), |close| {
                        format!("did you mean `{close}`? a state has a shape: `{name}: [16]`")
                    })),
                );
                return None;
            };
            sequences.push(id?);
        }
        Some(sequences)
    }

    /// The first axis of what it runs over, which is that of all.
    fn length_of(&mut self, scan: &Scan, sequences: &[ValueId]) -> Option<Dim> {
        let mut length: Option<(Dim, ValueId)> = None;
        for (i, x) in sequences.iter().enumerate() {
            let span = scan.each.get(i).map_or(scan.span, Ident::span);
            let shape = self.typed.values[*x].shape.clone();
            let Some(first) = shape.first().cloned() else {
                let (what, help) = match self.typed.values[*x].index.clone() {
                    None => {
                        ("the scalar []".into(), "`reshape -> [1]` makes a vector of it".into())
                    }
                    Some(bound) => {
                        (format!("`index({bound})`"), format!("many are `[64] of index({bound})`"))
                    }
                };
                let message =
                    format!("a scan runs over the first axis of a value, but {what} has none");
                self.error(span, message, Some(help));
                return None;
            };
            let Some((known, of)) = &length else {
                length = Some((first, *x));
                continue;
            };
            if !self.fits(std::slice::from_ref(known), std::slice::from_ref(&first)) {
                let message = format!(
                    "a scan runs over values of one length: {known} steps in {}, but {first} in {}",
                    show(&self.typed.values[*of].shape),
                    show(&shape)
                );
                self.assumed.take();
                self.error(span, message, Some("make their first axes equal".into()));
                return None;
            }
        }
        self.settle(scan.span, "the sequences of a scan");
        length.map(|(length, _)| length)
    }

    /// How a state begins, as seen from outside.
    fn beginning(&mut self, carried: &'a Carried) -> Option<Beginning> {
        let shape = self.full_shape(&carried.shape);
        let Some(expr) = &carried.init else { return Some((shape, None)) };
        let Operand::Value(id) = self.operand(expr)? else {
            let help = "leave it out to begin with zeros, or name a value of that shape";
            let message = format!("the state `{}` begins as a number", carried.name);
            self.error(expr.span, message, Some(help.into()));
            return None;
        };
        if let Some(integers) = self.integers(id) {
            let message = format!(
                "the state `{}` holds real numbers, but it begins as integers, {integers}",
                carried.name
            );
            self.error(expr.span, message, Some(INTEGERS_HELP.into()));
            return None;
        }
        let found = self.typed.values[id].shape.clone();
        if !self.fits(&found, &shape) {
            self.assumed.take();
            let message = format!(
                "the state `{}` is {}, but it begins as {}",
                carried.name,
                show(&shape),
                show(&found)
            );
            self.error(expr.span, message, Some("make the two shapes equal".into()));
            return None;
        }
        self.settle(expr.span, &format!("the beginning of `{}`", carried.name));
        Some((shape, Some(id)))
    }

    /// The names that a step sees: an element of each sequence, which is given back beside it, and the states.
    fn scope_of_a_step(
        &mut self,
        scan: &'a Scan,
        sequences: &[ValueId],
        begins: &[Beginning],
    ) -> (Scope<'a>, Vec<(ValueId, ValueId)>) {
        let mut scope = Scope::default();
        let mut each = Vec::new();
        for (i, x) in sequences.iter().enumerate() {
            let Value { shape, index, .. } = &self.typed.values[*x];
            let (row, index) = (shape[1..].to_vec(), index.clone());
            let inside = self.push(row, ValueDef::Inside);
            self.typed.values[inside].index = index;
            each.push((*x, inside));
            if let Some(name) = scan.each.get(i) {
                scope.names.insert(name.to_string(), Binding::Value(Some(inside)));
            }
        }
        let mut states = Vec::new();
        for (carried, (shape, _)) in scan.carried.iter().zip(begins) {
            let inside = self.push(shape.clone(), ValueDef::Inside);
            let name = carried.name.to_string();
            if scope.names.insert(name.clone(), Binding::Value(Some(inside))).is_some() {
                let message = format!("the name `{name}` is already taken in this scan");
                let help = "give the state another name".into();
                self.error(carried.name.span(), message, Some(help));
            }
            states.push(State { name, shape: shape.clone(), inside, next: None });
        }
        scope.states = Some(states);
        (scope, each)
    }

    /// Reports an op of the body that has a state of its own, which all steps would write.
    fn changes_no_state(&mut self, scan: &Scan, start: ValueId) -> Option<()> {
        let with_state = self.typed.values[start..].iter().find_map(|value| match &value.def {
            ValueDef::Apply { op, .. } => match op.body {
                ops::Body::Modes { random: false, .. } => Some(op.name),
                _ => None,
            },
            _ => None,
        });
        let Some(op) = with_state else { return Some(()) };
        let message = format!(
            "`{op}` changes its state in training, once in a call, and cannot be inside a scan"
        );
        let help = format!(
            "apply `{op}` to the whole sequence, before the scan or after it; `layer_norm` has no state"
        );
        self.error(scan.span, message, Some(help));
        None
    }

    /// What a step ends with.
    fn result_of_a_step(&mut self, scan: &Scan, flow: Flow) -> Option<ValueId> {
        let out = match flow {
            Flow::Value(id) => id,
            Flow::Broken => return None,
            Flow::None(why) => {
                let help = "end its body with the value of the step".to_string();
                self.error(scan.span, format!("this scan has no result: {why}"), Some(help));
                return None;
            }
        };
        if let Some(integers) = self.integers(out) {
            let message =
                format!("a step of a scan makes real numbers, but this one ends with {integers}");
            self.error(scan.span, message, Some(INTEGERS_HELP.into()));
            return None;
        }
        Some(out)
    }

    /// `h <- value`
    pub(super) fn next_state(&mut self, name: &'a Ident, apply: &'a Apply, flow: Flow) -> Flow {
        let flow = self.step(apply, flow);
        let text = name.to_string();
        // A state of the nearest scan: what is around it does not change while it runs.
        let scan = self.scopes.iter_mut().rev().find_map(|scope| scope.states.as_mut());
        let Some(state) = scan.and_then(|states| states.iter_mut().find(|s| s.name == text)) else {
            let message = format!("`{text}` is not a state of a scan around this step");
            let help = format!("declare it where the scan begins: `scan({text}: [16]) {{ … }}`");
            self.error(name.span(), message, Some(help));
            return flow;
        };
        let (twice, shape) = (state.next.is_some(), state.shape.clone());
        let value = if let Flow::Value(id) = flow { Some(id) } else { None };
        state.next = Some(value);
        if twice {
            let message = format!("the next `{text}` is given twice");
            self.error(name.span(), message, Some("remove one of them".into()));
        }
        if let Some(id) = value {
            if let Some(integers) = self.integers(id) {
                let message = format!(
                    "the state `{text}` holds real numbers, but the next one is integers, {integers}"
                );
                self.error(name.span(), message, Some(INTEGERS_HELP.into()));
                return flow;
            }
            let found = self.typed.values[id].shape.clone();
            if self.fits(&found, &shape) {
                self.settle(name.span(), &format!("the state `{text}`"));
            } else {
                self.assumed.take();
                let message = format!(
                    "the state `{text}` is {}, but the next one {}",
                    show(&shape),
                    show(&found)
                );
                self.error(name.span(), message, Some("make the two shapes equal".into()));
            }
        }
        flow
    }
}
