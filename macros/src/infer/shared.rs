//! Applying what `let` declared: the parameters of the first application serve all others.

use super::*;
use crate::ast::{Arg, Expr};
use crate::ops::Arity;

impl<'a> Infer<'a> {
    /// Counts a use of `let name`.
    pub(super) fn use_shared(&mut self, name: &str) {
        let scope = self.scopes.iter_mut().rev().find(|scope| scope.names.contains_key(name));
        if let Some(Binding::Let(shared)) = scope.and_then(|scope| scope.names.get_mut(name)) {
            shared.uses += 1;
        }
    }

    pub(super) fn apply_shared(
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
        let shared = self.shared(depth, &text)?;
        if shared.busy {
            self.error(
                name.span(),
                format!("`{text}` is applied inside its own declaration"),
                Some("repeat the steps it is made of".into()),
            );
            return None;
        }
        let values = self.shared_args(&text, args)?;
        if matches!(shared.def.rhs, Rhs::Lost) {
            return self.promised_by(shared.def);
        }
        let mut values = self.fill_shared(name, &shared, values, args, flow)?;
        let Some(Operand::Value(x)) = values.first_mut() else { return None };
        if let Some(step) = step {
            *x = self.check_domain(step, &format!("`{text}`"), *x)?;
        }
        let x = *x;
        // It may have been applied, for the first time, in its own arguments.
        let shared = self.shared(depth, &text)?;
        if shared.broken {
            return self.promised_by(shared.def);
        }
        if self.too_many(name) {
            return None;
        }
        self.settle(name.span(), &format!("`{text}`"));
        let inner = self.scopes.split_off(depth + 1);
        let result = self.apply_where_declared(name, &shared, x, values);
        self.scopes.extend(inner);
        let id = result.or_else(|| self.promised_by(shared.def))?;
        match step {
            Some(step) => self.check_arrow(step, &format!("`{text}`"), Some(x), id),
            None => Some(id),
        }
    }

    /// What `let` declared under a name, as it is now.
    fn shared(&self, depth: usize, text: &str) -> Option<SharedDef<'a>> {
        match self.scopes[depth].names.get(text)? {
            Binding::Let(shared) => Some(shared.clone()),
            _ => None,
        }
    }

    /// The arguments of an application, which have no names.
    fn shared_args(&mut self, text: &str, args: &'a [Arg]) -> Option<Vec<Operand>> {
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
        values.into_iter().collect()
    }

    /// The arguments with the flowing value, if it is one of them: as many as the declaration takes, and no number.
    fn fill_shared(
        &mut self,
        name: &Ident,
        shared: &SharedDef<'a>,
        values: Vec<Operand>,
        args: &[Arg],
        flow: Option<Flow>,
    ) -> Option<Vec<Operand>> {
        let text = name.to_string();
        let wanted = match &shared.def.rhs {
            Rhs::Closure { params, .. } => params.len(),
            _ => 1,
        };
        let spans = args.iter().map(|arg| arg.value.span).collect();
        let (values, spans) =
            self.fill(&text, Arity::Exactly(wanted), name.span(), values, spans, flow)?;
        let number = values.iter().position(|value| matches!(value, Operand::Number(_)));
        if let Some(number) = number {
            self.error(
                spans[number],
                format!("`{text}` is applied to a number; it needs a value"),
                Some("write the number inside it".into()),
            );
            return None;
        }
        Some(values)
    }

    /// An application in the scope of the declaration, the last one now, with the parameters of the first application.
    fn apply_where_declared(
        &mut self,
        name: &Ident,
        shared: &SharedDef<'a>,
        x: ValueId,
        values: Vec<Operand>,
    ) -> Option<ValueId> {
        let text = name.to_string();
        let depth = self.scopes.len() - 1;
        let taken = self.taken(x);
        let (reported, given, start) =
            (self.diags.len(), self.given.len(), self.typed.values.len());
        // A replay of an outer block hands out the parameters of the inner ones as well.
        let replay = if self.replay.is_none() { shared.first.as_ref() } else { None };
        let replays = replay.is_some();
        if let Some((_, params)) = replay {
            self.replay = Some(params.clone().into_iter());
        }
        self.depth += 1;
        self.set_busy(depth, &text, true);
        let misfit = std::mem::take(&mut self.misfit);
        let frozen = self.frozen;
        self.frozen |= shared.def.attrs.frozen;
        let other = shared.first.as_ref().filter(|(first, _)| *first != taken);
        let elsewhere = other.map(|(first, _)| (first.0.clone(), taken.0.clone()));
        let elsewhere = std::mem::replace(&mut self.elsewhere, elsewhere);

        let result = self.shared_body(shared, x, values, &text);

        self.frozen = frozen;
        if let (true, Some(id)) = (shared.def.attrs.recompute, result) {
            self.recomputed(start, id);
        }
        self.set_busy(depth, &text, false);
        self.elsewhere = elsewhere;
        if let Some((first, _)) = other {
            self.blame_shape(name, reported, first, &taken);
        }
        self.misfit = misfit;
        if self.diags.len() > reported
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
            self.remember_first(shared, &text, (taken, self.given[given..].to_vec()));
        }
        result
    }

    /// What the declaration makes of what it is applied to.
    fn shared_body(
        &mut self,
        shared: &SharedDef<'a>,
        x: ValueId,
        values: Vec<Operand>,
        text: &str,
    ) -> Option<ValueId> {
        let def = shared.def;
        match &def.rhs {
            Rhs::Closure { params, body } => self.shared_closure(def, params, body, values, text),
            Rhs::Block { steps } => {
                let x = self.check_domain(def, &format!("`{text}`"), x)?;
                match self.block(steps, Flow::Value(x), Some(shared.name)) {
                    Flow::Value(id) => self.check_arrow(def, &format!("`{text}`"), Some(x), id),
                    _ => None,
                }
            }
            Rhs::Scan(scan) => self.scan(scan, def, Flow::Value(x), Some(shared.name)),
            _ => self.shared_op(shared.name, def, x),
        }
    }

    /// Keeps what the first application was given, and the parameters it made, for all others.
    fn remember_first(&mut self, shared: &SharedDef<'a>, text: &str, first: (Taken, Vec<usize>)) {
        let fields = self.owner().map_or(&[][..], |owner| &owner.fields);
        let alike =
            fields.iter().filter(|field| matches!(field, Field::Node { name, .. } if name == text));
        if alike.count() > 1 {
            let message =
                format!("the parameters of a step before `let {text}` are called `{text}` already");
            let help =
                "a block without a name shares the names around it; give one of the two another";
            self.error(shared.name.span(), message, Some(help.into()));
        }
        let scope = self.scopes.last_mut().and_then(|scope| scope.names.get_mut(text));
        if let Some(Binding::Let(shared)) = scope {
            shared.first = Some(first);
        }
    }

    /// Reports where a shared block is applied that it does not fit another shape than the first.
    fn blame_shape(&mut self, name: &Ident, before: usize, first: &Taken, taken: &Taken) {
        let (first, here) = (spell_taken(first), spell_taken(taken));
        let inner = self.diags.split_off(before).into_iter().next();
        let message = match inner {
            _ if self.misfit => {
                format!("`{name}` has its parameters for {first}, but here it is applied to {here}")
            }
            Some(inner) => format!(
                "`{name}` was applied to {first} first and does not work on {here}: {}",
                inner.message
            ),
            None => return,
        };
        self.assumed.take();
        let help = format!("declare a second one for {here}, with parameters of its own");
        self.error(name.span(), message, Some(help));
    }

    /// What stands in for the result of a definition with a mistake, which is reported by now.
    pub(super) fn promised_by(&mut self, def: &Apply) -> Option<ValueId> {
        let reported = self.diags.len();
        let shape = self.promise(def.codomain.as_ref()?);
        self.diags.truncate(reported);
        Some(self.push(shape, ValueDef::Broken))
    }

    pub(super) fn set_busy(&mut self, depth: usize, name: &str, busy: bool) {
        if let Some(Binding::Let(shared)) = self.scopes[depth].names.get_mut(name) {
            shared.busy = busy;
        }
    }

    /// Reports, once, that shared blocks make more steps than anybody can want.
    pub(super) fn too_many(&mut self, name: &Ident) -> bool {
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
    pub(super) fn shared_closure(
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
    pub(super) fn shared_op(
        &mut self,
        name: &'a Ident,
        def: &'a Apply,
        x: ValueId,
    ) -> Option<ValueId> {
        let before = self.typed.params.len();
        let (fields, numbered) = self
            .owner()
            .map_or_else(Default::default, |owner| (owner.fields.len(), owner.numbered.clone()));
        let id = self.right_hand_side(def, Flow::Value(x))?.first().copied();
        // The op numbered its parameters (`linear1`); here they have a better name.
        if self.typed.params.len() > before
            && let Some(owner) = self.owner()
            && let Some(Field::Node { name: field, .. }) = owner.fields.get_mut(fields)
        {
            *field = name.to_string();
            owner.numbered = numbered;
        }
        id
    }
}
