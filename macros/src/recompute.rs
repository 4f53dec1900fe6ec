//! `recompute`: steps marked so keep nothing for the way back but what they were given.
//!
//! The adjoint program mentions primal values. Where such a value belongs to a marked step, it gets a copy
//! of the instructions that lead to it from what is kept, at the place where it is first mentioned: so the
//! copies of one step are used up before those of the step before it are made, and share their memory.
//! (Griewank and Walther 2000, "Revolve"; `jax.checkpoint`, `torch.utils.checkpoint`.)

use crate::builder::Builder;
use crate::ir::{Def, Inst, Var};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// The copies made so far.
pub struct Recompute<'b> {
    b: &'b Builder,
    /// Which instructions of the primal program are not kept.
    recomputed: &'b [bool],
    /// What stands for a value in the second half.
    copies: FxHashMap<Var, Var>,
    any: bool,
}

impl<'b> Recompute<'b> {
    pub fn new(b: &'b Builder, recomputed: &'b [bool]) -> Self {
        Recompute { b, recomputed, copies: FxHashMap::default(), any: recomputed.contains(&true) }
    }

    /// The value in the second half of a VJP.
    pub fn late(&mut self, var: Var) -> Var {
        if !self.any {
            return var;
        }
        // What it is made from, as far back as what is kept.
        let (mut needed, mut stack) = (BTreeSet::new(), vec![var]);
        while let Some(var) = stack.pop() {
            if !self.copies.contains_key(&var) && !self.is_kept(var) && needed.insert(var) {
                stack.extend(self.b.inst(var).args());
            }
        }
        for var in needed {
            let mut inst = self.b.inst(var);
            let known = |var: Var| self.copies.get(&var).copied().unwrap_or(var);
            // A slope of what is kept is the same as ever.
            let changes = inst.args().into_iter().any(|arg| known(arg) != arg);
            let mut copy = var;
            if changes || self.recomputed.get(var) == Some(&true) {
                inst.rename(known);
                copy = self.b.define(Def { inst, ty: self.b.ty(var), late: true });
            }
            self.copies.insert(var, copy);
        }
        self.copies.get(&var).copied().unwrap_or(var)
    }

    /// Whether it is part of the primal program and outside the marked steps, or nothing that would be computed. What
    /// linearisation added after it is looked into.
    fn is_kept(&self, var: Var) -> bool {
        self.recomputed.get(var) == Some(&false)
            || matches!(self.b.inst(var), Inst::Num(_) | Inst::Source(_))
    }
}
