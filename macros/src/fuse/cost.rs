//! What it costs to compute a value again where it is read, instead of keeping it.

use super::Input;
use crate::ir::{Inst, Var, View};
use crate::prim;

impl Input<'_> {
    /// Whether values are more than one array to read. A value and its negative are one.
    pub(super) fn reads_several(&self, values: &[Var]) -> bool {
        let mut arrays = values.iter().filter(|value| !self.is_cheap(**value)).map(|value| {
            match self.inst(*value) {
                Inst::Point { prim: prim::NEG, args } => args[0],
                _ => *value,
            }
        });
        arrays.next().is_some_and(|first| arrays.any(|array| array != first))
    }

    /// A constant, or one number for each row of the innermost loop: reading it costs nothing beside
    /// reading an array.
    pub(super) fn is_cheap(&self, var: Var) -> bool {
        match self.inst(var) {
            Inst::Num(_) => true,
            Inst::View { view: View::Broadcast(axes), .. } => {
                self.ty(var).len().checked_sub(1).is_some_and(|last| !axes.contains(&last))
            }
            _ => false,
        }
    }

    /// Whether computing the value from what is in memory anyway takes a costly function.
    pub(super) fn is_costly(&self, var: Var, stored: &[bool]) -> bool {
        let mut costly = false;
        self.walk(&[var], |below| {
            let Inst::Point { prim, .. } = self.inst(below) else { return false };
            let computed = below == var || !stored[below];
            costly |= computed && prim.costly();
            computed && !costly
        });
        costly
    }
}
