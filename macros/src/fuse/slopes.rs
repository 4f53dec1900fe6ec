//! Slopes are written beside the functions they share their work with.

use super::Roots;
use crate::ir::{Inst, Var};

impl Roots<'_> {
    /// Whether the slope of a function of `x` is better written where `x` is than computed where it is read,
    /// because what reads it is computed from a contraction or a sum of its own: a tangent after a linear layer.
    /// There it would do the work of the function once more.
    pub(super) fn is_beside(&self, x: Var, readers: &[Var]) -> bool {
        let own = self.folds(&[x]);
        !own.is_empty()
            && readers.iter().any(|reader| {
                let args = self.inst(*reader).args();
                self.folds(&args).iter().any(|fold| !own.contains(fold))
            })
    }

    /// The contractions and sums that values are computed from element by element.
    fn folds(&self, from: &[Var]) -> Vec<Var> {
        let mut folds = Vec::new();
        self.walk(from, |var| match self.inst(var) {
            Inst::Contract { .. } | Inst::Reduce { .. } => {
                folds.push(var);
                false
            }
            _ => !self.is_stored(var),
        });
        folds
    }
}
