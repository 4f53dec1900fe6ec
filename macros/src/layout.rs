//! Where the elements of an array are in memory, and which views of it cost nothing.

use crate::ir::{View, Window};
use crate::shape::{Dim, Shape, strides};

/// An offset, and how far it is from element to element along each axis.
#[derive(Clone, Debug)]
pub struct Layout {
    pub offset: Dim,
    pub strides: Vec<Dim>,
}

impl Layout {
    /// An array in order, that is alone in its memory.
    pub fn whole(ty: &[Dim]) -> Layout {
        Layout { offset: Dim::known(0), strides: strides(ty) }
    }

    /// Whether the elements lie so: in order, alone in their memory.
    pub fn is_whole(&self, ty: &[Dim]) -> bool {
        self.offset.is(0)
            && strides(ty)
                .iter()
                .zip(&self.strides)
                .zip(ty)
                .all(|((a, b), dim)| dim.is(1) || a == b)
    }

    /// The layout of a view of shape `to` of an array of shape `from`; `None` if strides cannot express it.
    pub fn view(self, view: &View, from: &[Dim], to: &[Dim]) -> Option<Layout> {
        Some(match view {
            View::Broadcast(axes) => {
                let mut strides = vec![Dim::known(0); to.len()];
                for (axis, stride) in axes.iter().zip(self.strides) {
                    strides[*axis] = stride;
                }
                Layout { strides, ..self }
            }
            View::Permute(perm) => {
                let strides = perm.iter().map(|axis| self.strides[*axis].clone()).collect();
                Layout { strides, ..self }
            }
            View::Slice { axis, start } => {
                Layout { offset: self.offset.add(&start.mul(&self.strides[*axis])), ..self }
            }
            View::Window(window) => self.window(window),
            View::Reshape if self.is_whole(from) => Layout::whole(to),
            View::Reshape => Layout { strides: regroup(from, &self.strides, to)?, ..self },
        })
    }

    /// The layout of a window.
    pub fn window(&self, window: &Window) -> Layout {
        let from = window.from.iter().zip(&self.strides);
        Layout {
            offset: from.fold(self.offset.clone(), |sum, (at, stride)| sum.add(&at.mul(stride))),
            strides: window.steps.iter().map(|(axis, s)| self.strides[*axis].mul(s)).collect(),
        }
    }

    /// The same elements with other axes: those that are named, or one along which they repeat.
    pub fn along(self, axes: impl Iterator<Item = Option<usize>>) -> Layout {
        let stride =
            |axis: Option<usize>| axis.map_or(Dim::known(0), |axis| self.strides[axis].clone());
        Layout { strides: axes.map(stride).collect(), ..self }
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
