//! Strided views: which layouts cost nothing.

use super::Fuse;
use crate::ir::{Inst, Labels, Source, Var};
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
            return Some(View { base: var, offset: Dim::known(0), strides: strides(self.ty(var)) });
        }
        self.layout(var)
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
            Inst::Reshape { x } => {
                let view = self.strides(*x)?;
                let from = self.ty(*x);
                if view.contiguous(from) {
                    return Some(View { strides: strides(ty), ..view });
                }
                // Axes of length 1 come and go.
                let solid =
                    |ty: &Shape| ty.iter().filter(|dim| !dim.is(1)).cloned().collect::<Shape>();
                if solid(from) != solid(ty) {
                    return None;
                }
                let mut rest = view
                    .strides
                    .iter()
                    .zip(from)
                    .filter(|(_, dim)| !dim.is(1))
                    .map(|(s, _)| s.clone());
                let strides: Option<Vec<Dim>> = ty
                    .iter()
                    .map(|dim| if dim.is(1) { Some(Dim::known(0)) } else { rest.next() })
                    .collect();
                Some(View { base: view.base, offset: view.offset.clone(), strides: strides? })
            }
            _ => None,
        }
    }

    /// Whether the kernels can run over the operands as they lie: the axes that are summed over must
    /// merge into one axis in both.
    pub fn contracts_in_place(&self, a: Var, b: Var, labels: &Labels) -> bool {
        let (Some(view_a), Some(view_b)) = (self.strides(a), self.strides(b)) else { return false };
        let summed: Vec<char> =
            labels.a.iter().copied().filter(|label| !labels.out.contains(label)).collect();
        let axis = |of: &[char], label: char| of.iter().position(|l| *l == label);
        summed.windows(2).all(|pair| {
            let length =
                axis(&labels.a, pair[1]).map_or(Dim::known(1), |axis| self.ty(a)[axis].clone());
            [(&labels.a, &view_a), (&labels.b, &view_b)].into_iter().all(|(of, view)| {
                match (axis(of, pair[0]), axis(of, pair[1])) {
                    (Some(outer), Some(inner)) => {
                        view.strides[outer] == length.mul(&view.strides[inner])
                    }
                    _ => false,
                }
            })
        })
    }
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
