//! Blocks and whose fields the parameters are that are made in them.

use super::*;
use crate::typed::NodeKind;

impl<'a> Infer<'a> {
    /// A block of steps in a scope of its own; a named one has parameters of its own.
    pub(super) fn block(&mut self, steps: &'a [Step], flow: Flow, name: Option<&Ident>) -> Flow {
        self.scoped(Scope::default(), steps, flow, name).0
    }

    /// The same in a scope that has some names already, which is returned.
    pub(super) fn scoped(
        &mut self,
        mut scope: Scope<'a>,
        steps: &'a [Step],
        flow: Flow,
        name: Option<&Ident>,
    ) -> (Flow, Scope<'a>) {
        scope.open = name.is_none();
        self.scopes.push(scope);
        let flow = self.steps(steps, flow);
        self.unused_lets();
        let mut scope = self.scopes.pop().unwrap_or_default();
        let fields = std::mem::take(&mut scope.fields);
        if let Some(name) = name
            && !fields.is_empty()
            && self.replay.is_none()
            && let Some(owner) = self.owner()
        {
            let (name, kind) = (name.to_string(), NodeKind::Struct);
            owner.fields.push(Field::Node { name, fields, kind });
        }
        (flow, scope)
    }

    /// The scope whose fields the parameters are that are made here.
    pub(super) fn owner(&mut self) -> Option<&mut Scope<'a>> {
        self.scopes.iter_mut().rev().find(|scope| !scope.open)
    }

    /// The name of the parameters of a step without one.
    pub(super) fn numbered(&mut self, op: &str) -> String {
        loop {
            let Some(owner) = self.owner() else { return op.to_string() };
            let number = owner.numbered.entry(op.to_string()).or_insert(0);
            *number += 1;
            let name = format!("{op}{number}");
            let taken = has_field(owner, &name);
            // Names of the blocks around it, up to that whose fields they are.
            let mut scopes = self.scopes.iter().rev();
            let mut named = false;
            for scope in scopes.by_ref() {
                named |= scope.names.contains_key(&name);
                if !scope.open {
                    break;
                }
            }
            if !taken && !named {
                return name;
            }
        }
    }
}

pub(super) fn has_field(scope: &Scope<'_>, name: &str) -> bool {
    scope
        .fields
        .iter()
        .any(|field| matches!(field, Field::Node { name: other, .. } if other == name))
}
