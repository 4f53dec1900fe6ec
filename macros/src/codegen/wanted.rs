//! Of a VJP, less can be run: which nests, and what each writes.

use super::Emit;
use crate::ir::Target;
use crate::nest::{Nest, Place, Store};
use std::fmt::Write as _;

impl Emit<'_> {
    /// A nest, if somebody wants what it makes. One that makes cotangents and something else writes
    /// only those that are wanted: the others have no memory.
    pub(super) fn wanted(&mut self, nest: &Nest, text: &mut String) {
        let guard = match (nest.wanted.inputs, nest.wanted.params) {
            (true, false) if !nest.wanted.always => "W::I",
            (false, true) if !nest.wanted.always => "W::P",
            _ => "",
        };
        if !guard.is_empty() {
            let _ = write!(text, "if {guard} {{ ");
            self.nest(nest, text);
            text.push_str("}\n");
            return;
        }
        let place = |store: &Store| self.plan.program.buffers[store.to.buf].place;
        let of_inputs = |store: &Store| matches!(place(store), Place::Target(Target::Input(_)));
        let of_params = |store: &Store| matches!(place(store), Place::Target(Target::Param(_)));
        if !nest.stores.iter().any(|store| of_inputs(store) || of_params(store)) {
            return self.nest(nest, text);
        }
        let variants = [(true, true), (true, false), (false, true)].map(|(inputs, params)| {
            let mut nest = nest.clone();
            nest.stores.retain(|s| (inputs || !of_inputs(s)) && (params || !of_params(s)));
            nest
        });
        for (guard, nest) in ["if W::I && W::P", " else if W::I", " else"].iter().zip(&variants) {
            let _ = write!(text, "{guard} {{ ");
            if !nest.stores.is_empty() {
                self.nest(nest, text);
            }
            text.push('}');
        }
        text.push('\n');
    }
}
