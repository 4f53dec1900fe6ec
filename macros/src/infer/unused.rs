//! What nothing depends on: a `let` that is never applied, a step whose parameters would never get a gradient.

use super::*;

/// A step with parameters.
pub(super) struct Made {
    span: Span,
    /// How errors call it.
    what: String,
    /// Its name, if it has one.
    name: Option<String>,
    params: Vec<usize>,
}

impl Infer<'_> {
    /// Reports each `let` of the innermost scope that is never applied.
    pub(super) fn unused_lets(&mut self) {
        let scope = self.scopes.last().into_iter().flat_map(|scope| scope.names.values());
        let mut unapplied: Vec<(&Ident, usize)> = scope
            .filter_map(|binding| match binding {
                Binding::Let(shared) if shared.first.is_none() => Some((shared.name, shared.uses)),
                _ => None,
            })
            .collect();
        unapplied.sort();
        for (name, uses) in unapplied {
            if uses == 0 && !self.missed.iter().any(|missed| name == missed) {
                let help = format!("apply it as `{name}` or `{name}(value)`, or remove it");
                self.error(name.span(), format!("`let {name}` is never used"), Some(help));
            }
            self.broken_field(name.to_string());
        }
    }

    /// Remembers a step by the parameters that it was given; the whole after its parts.
    pub(super) fn remember(&mut self, apply: &Apply, given: usize) {
        // What stands in another model was asked there.
        if self.used_at.is_some() || self.given.len() == given {
            return;
        }
        let name = apply.names.first().map(Ident::to_string);
        let op = match &apply.rhs {
            Rhs::Expr(ast::Expr {
                kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, ..
            }) => {
                format!("this `{op}`")
            }
            Rhs::Model { used, .. } => format!("this `{}`", used.text),
            Rhs::Scan(_) => "this `scan`".into(),
            _ => "this step".into(),
        };
        self.made.push(Made {
            span: apply.names.first().map_or(apply.span, Ident::span),
            what: name.as_ref().map_or(op, |name| format!("`{name}`")),
            name,
            params: self.given[given..].to_vec(),
        });
    }

    /// Reports the steps of whose parameters nothing reaches the result.
    pub(super) fn unused_steps(&mut self, result: ValueId) {
        let used = self.params_of(result);
        let steps = std::mem::take(&mut self.made);
        let mut reported: Vec<usize> = Vec::new();
        // The whole before its parts.
        let mut found = Vec::new();
        for step in steps.iter().rev() {
            let fresh = !step.params.iter().all(|param| reported.contains(param));
            if fresh && !step.params.iter().any(|param| used[*param]) {
                reported.extend(&step.params);
                found.push(step);
            }
        }
        for step in found.into_iter().rev() {
            let mut params: Vec<usize> = step.params.clone();
            params.sort_unstable();
            params.dedup();
            let trained =
                |param: &&usize| !matches!(self.typed.params[**param].init, ops::Init::State(_));
            let count = params
                .iter()
                .filter(trained)
                .fold(Dim::known(0), |sum, param| sum.add(&size(&self.typed.params[*param].shape)));
            if count.is(0) {
                continue;
            }
            let s = if count.is(1) { "" } else { "s" };
            let message = format!(
                "nothing uses the value of {}, so its {count} parameter{s} would never get a gradient",
                step.what
            );
            let help = match &step.name {
                Some(name) => format!("use `{name}` in a step after it, or remove this one"),
                None => "the next step takes another value: give this one a name, as in `y = ..`, and use it, or remove it".into(),
            };
            self.error(step.span, message, Some(help));
        }
    }

    /// For each parameter, whether a value is computed from it.
    fn params_of(&self, result: ValueId) -> Vec<bool> {
        let mut seen = vec![false; self.typed.values.len()];
        let mut open = vec![result];
        let mut params = vec![false; self.typed.params.len()];
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id], true) {
                continue;
            }
            let def = &self.typed.values[id].def;
            match def {
                ValueDef::Apply { params: own, .. } => own.iter().for_each(|i| params[*i] = true),
                ValueDef::Param(i) => params[*i] = true,
                _ => {}
            }
            open.extend(def.values());
        }
        params
    }
}
