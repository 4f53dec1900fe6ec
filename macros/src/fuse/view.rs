//! Strided views: which layouts cost nothing.

use super::Fuse;
use crate::ir::{Inst, Labels, Source, Var, Window};
use crate::nest::Access;
use crate::shape::{Dim, Shape, strides};

/// Where the elements of a value are, relative to the memory of its base.
#[derive(Clone, Debug)]
pub struct View {
    pub base: Var,
    pub offset: Dim,
    pub strides: Vec<Dim>,
}

impl View {
    /// The view of a window of this one.
    pub fn window(&self, window: &Window) -> View {
        let from = window.from.iter().zip(&self.strides);
        View {
            base: self.base,
            offset: from.fold(self.offset.clone(), |sum, (at, stride)| sum.add(&at.mul(stride))),
            strides: window.steps.iter().map(|(axis, s)| self.strides[*axis].mul(s)).collect(),
        }
    }

    /// Whether it is the whole of its memory, in order.
    pub fn contiguous(&self, ty: &Shape) -> bool {
        self.offset.is(0)
            && strides(ty)
                .iter()
                .zip(&self.strides)
                .zip(ty)
                .all(|((a, b), dim)| dim.is(1) || a == b)
    }
}

impl Fuse<'_> {
    /// The value as a view of a source or root; `None` if strides cannot express it.
    pub fn strides(&self, var: Var) -> Option<View> {
        if self.is_stored(var) && (self.root[var] || !self.is_given(var)) {
            return Some(self.whole(var));
        }
        self.layout(var)
    }

    /// All of a value's own memory.
    pub fn whole(&self, var: Var) -> View {
        View { base: var, offset: Dim::known(0), strides: strides(self.ty(var)) }
    }

    fn is_given(&self, var: Var) -> bool {
        matches!(self.inst(var), Inst::Source(Source::Step(_)))
    }

    /// The same for a layout that is itself copied to memory: where its elements come from.
    pub fn layout(&self, var: Var) -> Option<View> {
        let ty = self.ty(var);
        match self.inst(var) {
            Inst::Source(Source::Step(i)) => {
                let Access { offset, strides, .. } = self.around.given[*i].clone();
                Some(View { base: var, offset, strides })
            }
            Inst::Broadcast { x, axes } => {
                let view = self.strides(*x)?;
                let mut strides = vec![Dim::known(0); ty.len()];
                for (axis, stride) in axes.iter().zip(view.strides) {
                    strides[*axis] = stride;
                }
                Some(View { strides, ..view })
            }
            Inst::Permute { x, perm } => {
                let view = self.strides(*x)?;
                Some(View {
                    strides: perm.iter().map(|axis| view.strides[*axis].clone()).collect(),
                    ..view
                })
            }
            Inst::Slice { x, axis, start } => {
                let view = self.strides(*x)?;
                let offset = view.offset.add(&start.mul(&view.strides[*axis]));
                Some(View { offset, ..view })
            }
            Inst::Window { x, window } => {
                let view = self.strides(*x)?;
                Some(view.window(window))
            }
            Inst::Reshape { x } => {
                let view = self.strides(*x)?;
                let from = self.ty(*x);
                if view.contiguous(from) {
                    return Some(View { strides: strides(ty), ..view });
                }
                let strides = regroup(from, &view.strides, ty)?;
                Some(View { strides, ..view })
            }
            _ => None,
        }
    }

    /// Whether a contraction can read its operands as they lie: as a matrix product, or in windows.
    pub fn contracts_in_place(&self, a: Var, b: Var, labels: &Labels) -> bool {
        self.strides(a).is_some()
            && self.strides(b).is_some()
            && (self.sees_window(a) || self.sees_window(b) || self.is_matrix_product(a, b, labels))
    }

    /// Whether the axes that are summed over merge into one axis in both operands, and those of a
    /// window into one beside the batch.
    pub fn is_matrix_product(&self, a: Var, b: Var, labels: &Labels) -> bool {
        let (Some(view_a), Some(view_b)) = (self.strides(a), self.strides(b)) else { return false };
        let merged = |group: &dyn Fn(&char) -> bool| {
            let (mut space, mut strides) = (Vec::new(), [Vec::new(), Vec::new()]);
            let of_b = labels.b.iter().filter(|label| !labels.a.contains(label));
            for label in labels.a.iter().chain(of_b).filter(|label| group(label)) {
                let axis = |of: &[char]| of.iter().position(|l| l == label);
                let (in_a, in_b) = (axis(&labels.a), axis(&labels.b));
                let length = in_a.map(|i| &self.ty(a)[i]).or(in_b.map(|i| &self.ty(b)[i]));
                space.extend(length.cloned());
                let stride = |view: &View, axis: Option<usize>| {
                    axis.map_or(Dim::known(0), |axis| view.strides[axis].clone())
                };
                strides[0].push(stride(&view_a, in_a));
                strides[1].push(stride(&view_b, in_b));
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
            Inst::Window { .. } => true,
            Inst::Broadcast { x, .. }
            | Inst::Permute { x, .. }
            | Inst::Reshape { x }
            | Inst::Slice { x, .. } => self.sees_window(*x),
            _ => false,
        }
    }
}

/// The strides of the same elements in another shape: axes of length 1 come and go, an axis is split
/// anywhere, and axes become one where one step of the outer is all of the inner.
pub fn regroup(from: &[Dim], along: &[Dim], to: &[Dim]) -> Option<Vec<Dim>> {
    let longer = |ty: &[Dim]| (0..ty.len()).filter(|axis| !ty[*axis].is(1)).collect::<Vec<_>>();
    let (old, new) = (longer(from), longer(to));
    let mut strides = vec![Dim::known(0); to.len()];
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        let (first_old, first_new) = (i, j);
        let (mut a, mut b) = (from[old[i]].clone(), to[new[j]].clone());
        while a != b {
            match (a.as_known(), b.as_known()) {
                (Some(less), Some(more)) if less < more => {
                    i += 1;
                    a = a.mul(&from[*old.get(i)?]);
                }
                (Some(_), Some(_)) => {
                    j += 1;
                    b = b.mul(&to[*new.get(j)?]);
                }
                // Only rustc knows how long they are. What is left of both is equally much.
                _ => {
                    (i, j) = (old.len() - 1, new.len() - 1);
                    break;
                }
            }
        }
        let merge = |pair: &[usize]| along[pair[0]] == along[pair[1]].mul(&from[pair[1]]);
        if !old[first_old..=i].windows(2).all(merge) {
            return None;
        }
        let mut stride = along[old[i]].clone();
        for axis in new[first_new..=j].iter().rev() {
            strides[*axis] = stride.clone();
            stride = stride.mul(&to[*axis]);
        }
        (i, j) = (i + 1, j + 1);
    }
    (i == old.len() && j == new.len()).then_some(strides)
}

/// Drops axes of length 1 and makes one axis of two where every access allows it.
pub fn merge(space: &mut Shape, accesses: &mut [Vec<Dim>]) {
    let mut axis = space.len();
    while axis > 0 {
        axis -= 1;
        let joins = axis + 1 < space.len()
            && accesses
                .iter()
                .all(|strides| strides[axis] == strides[axis + 1].mul(&space[axis + 1]));
        if joins {
            let length = space.remove(axis + 1);
            space[axis] = space[axis].mul(&length);
        } else if space[axis].is(1) {
            space.remove(axis);
        } else {
            continue;
        }
        // What remains is the stride of the inner axis.
        accesses.iter_mut().for_each(|strides| {
            strides.remove(axis);
        });
    }
}
