//! Views: which of them are read as they lie, and from where.

use super::Roots;
use crate::ir::{Inst, Labels, Source, Var, View};
use crate::layout::{Layout, merge};
use crate::nest::Access;
use crate::shape::Dim;

/// Where the elements of a value are, in the memory of its base.
#[derive(Clone, Debug)]
pub struct Located {
    pub base: Var,
    pub layout: Layout,
}

impl Roots<'_> {
    /// The value as a view of a source or root; `None` if strides cannot express it.
    pub fn located(&self, var: Var) -> Option<Located> {
        if self.is_stored(var) && (self.root[var] || !self.is_given(var)) {
            return Some(self.whole(var));
        }
        self.seen(var)
    }

    /// All of a value's own memory.
    pub fn whole(&self, var: Var) -> Located {
        Located { base: var, layout: Layout::whole(self.ty(var)) }
    }

    fn is_given(&self, var: Var) -> bool {
        matches!(self.inst(var), Inst::Source(Source::Step(_)))
    }

    /// Where the elements of a view come from, also of one that is itself copied to memory.
    pub fn seen(&self, var: Var) -> Option<Located> {
        match self.inst(var) {
            Inst::Source(Source::Step(i)) => {
                let Access { offset, strides, .. } = self.around.given[*i].clone();
                Some(Located { base: var, layout: Layout { offset, strides } })
            }
            Inst::View { x, view } => {
                let Located { base, layout } = self.located(*x)?;
                let layout = layout.view(view, self.ty(*x), self.ty(var))?;
                Some(Located { base, layout })
            }
            _ => None,
        }
    }

    /// Whether a contraction can read its operands as they lie: as a matrix product, or in windows.
    pub fn contracts_in_place(&self, a: Var, b: Var, labels: &Labels) -> bool {
        self.located(a).is_some()
            && self.located(b).is_some()
            && (self.sees_window(a) || self.sees_window(b) || self.is_matrix_product(a, b, labels))
    }

    /// Whether the axes that are summed over merge into one axis in both operands, and those of a
    /// window into one beside the batch.
    pub fn is_matrix_product(&self, a: Var, b: Var, labels: &Labels) -> bool {
        let (Some(at_a), Some(at_b)) = (self.located(a), self.located(b)) else { return false };
        let merged = |group: &dyn Fn(&char) -> bool| {
            let (mut space, mut strides) = (Vec::new(), [Vec::new(), Vec::new()]);
            let of_b = labels.b.iter().filter(|label| !labels.a.contains(label));
            for label in labels.a.iter().chain(of_b).filter(|label| group(label)) {
                let axis = |of: &[char]| of.iter().position(|l| l == label);
                let (in_a, in_b) = (axis(&labels.a), axis(&labels.b));
                let length = in_a.map(|i| &self.ty(a)[i]).or(in_b.map(|i| &self.ty(b)[i]));
                space.extend(length.cloned());
                let stride = |at: &Located, axis: Option<usize>| {
                    axis.map_or(Dim::known(0), |axis| at.layout.strides[axis].clone())
                };
                strides[0].push(stride(&at_a, in_a));
                strides[1].push(stride(&at_b, in_b));
            }
            merge(&mut space, &mut strides);
            space.len()
        };
        let is_column = |of: &[char], other: &[char], label: &char| {
            of.contains(label) && !other.contains(label)
        };
        merged(&|label| !labels.out.contains(label)) <= 1
            && (!self.sees_window(a) || merged(&|l| is_column(&labels.a, &labels.b, l)) <= 2)
            && (!self.sees_window(b) || merged(&|l| is_column(&labels.b, &labels.a, l)) <= 2)
    }

    /// Whether a window is among the views that lead to a value.
    fn sees_window(&self, var: Var) -> bool {
        match self.inst(var) {
            _ if self.is_stored(var) => false,
            Inst::View { view: View::Window(_), .. } => true,
            Inst::View { x, .. } => self.sees_window(*x),
            _ => false,
        }
    }
}
