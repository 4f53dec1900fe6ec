//! Copies that are none: what is put side by side, or in another order of its axes, is stored there by the
//! nest that makes it.
//!
//! Copied is the rest: what is in memory already, and what a matrix product would have to be cut into pieces
//! for.

use super::{Roots, Writer};
use crate::ir::{Inst, Part, Var, View};
use crate::layout::{merge, regroup};
use crate::nest::{Access, Add, Kind, Nest, Reg, Store, Wanted};
use crate::number::Num;
use crate::shape::{Dim, Shape, strides};

/// A place in another array.
#[derive(Clone)]
pub struct Destination {
    pub whole: Var,
    pub offset: Dim,
    pub strides: Vec<Dim>,
}

impl Roots<'_> {
    pub(super) fn place(&mut self, part: Var, to: Destination) {
        self.placed.entry(part).or_default().push(to);
    }

    /// Whether a part of an overlap: its axes may lie there in no order.
    pub(super) fn is_in_windows(&self, var: Var) -> bool {
        let mut placed = self.placed.get(&var).into_iter().flatten();
        placed.any(|to| matches!(self.inst(to.whole), Inst::Overlap { .. }))
    }

    /// Decides which parts of concatenations are stored by the nests that make them, and what is then still
    /// read.
    pub(super) fn place_parts(&mut self) {
        for end in &self.input.ends {
            self.read[end.value] = true;
        }
        for var in (0..self.func.defs.len()).rev() {
            match self.inst(var) {
                Inst::Concat { parts, .. } => {
                    let along = strides(self.ty(var));
                    for part in parts {
                        if let Part::Value(x) = part {
                            self.read[*x] |= self.maker(*x, &along).is_none();
                        }
                    }
                }
                _ if self.is_view(var) && !self.read[var] => {}
                inst => inst.each_arg(|arg| self.read[arg] = true),
            }
        }
        for whole in 0..self.func.defs.len() {
            let Inst::Concat { parts, axis } = self.inst(whole) else { continue };
            let along = strides(self.ty(whole));
            let mut start = Dim::known(0);
            for part in parts {
                if let Part::Value(x) = part
                    && let Some((x, strides)) = self.maker(*x, &along)
                {
                    let offset = start.mul(&along[*axis]);
                    self.place(x, Destination { whole, offset, strides });
                    self.root[x] = true;
                }
                start = start.add(&self.length(part, *axis));
            }
        }
    }

    /// Decides which copies of values with their axes in another order are stored so by the nests that make
    /// the values.
    pub(super) fn place_copies(&mut self) {
        for copy in 0..self.func.defs.len() {
            let is_copy = self.root[copy]
                && matches!(self.inst(copy), Inst::View { view: View::Permute(_), .. });
            // A result is stored where it is wanted by the loop that copies it.
            if !is_copy || self.ends.iter().any(|end| end.value == copy) {
                continue;
            }
            if let Some((x, strides)) = self.maker(copy, &strides(self.ty(copy))) {
                self.place(x, Destination { whole: copy, offset: Dim::known(0), strides });
                self.root[x] = true;
                self.in_place[copy] = true;
            }
        }
    }

    pub(super) fn length(&self, part: &Part, axis: usize) -> Dim {
        match part {
            Part::Value(x) => self.ty(*x)[axis].clone(),
            Part::Zeros(length) => length.clone(),
        }
    }

    /// The value under the views of a part, if it is not in memory before its nest stores it, and where
    /// that stores it.
    pub(super) fn maker(&self, mut x: Var, along: &[Dim]) -> Option<(Var, Vec<Dim>)> {
        let mut along = along.to_vec();
        loop {
            match self.inst(x) {
                Inst::View { x: from, view: View::Reshape } => {
                    along = regroup(self.ty(x), &along, self.ty(*from))?;
                    x = *from;
                }
                // Rows are written in order, whatever their order is.
                Inst::View { x: from, view: View::Permute(perm) }
                    if perm.last() == Some(&(perm.len() - 1)) =>
                {
                    let mut strides = along.clone();
                    perm.iter().zip(along).for_each(|(axis, stride)| strides[*axis] = stride);
                    (along, x) = (strides, *from);
                }
                _ => break,
            }
        }
        let fits = match self.inst(x) {
            Inst::Point { .. } | Inst::Reduce { .. } => true,
            Inst::Contract { labels, .. } => {
                // Rows, or columns, that were one axis stay one: otherwise the product would be cut up.
                let ty = self.ty(x);
                let merged = |of: &[char], other: &[char], along: &[Dim]| {
                    let label = |axis: &usize| &labels.out[*axis];
                    let is_own = |l: &char| of.contains(l) && !other.contains(l);
                    let axes = (0..ty.len()).filter(|axis| is_own(label(axis)));
                    let (mut space, strides): (Shape, Vec<Dim>) =
                        axes.map(|axis| (ty[axis].clone(), along[axis].clone())).unzip();
                    merge(&mut space, &mut [strides]);
                    space.len()
                };
                let own = strides(ty);
                [(&labels.a, &labels.b), (&labels.b, &labels.a)]
                    .iter()
                    .all(|(of, other)| merged(of, other, &along) == merged(of, other, &own))
            }
            _ => false,
        };
        fits.then_some((x, along))
    }
}

impl Writer<'_> {
    /// The other parts of a concatenation, a loop for each.
    pub(super) fn concat(
        &mut self,
        whole: Var,
        parts: &[Part],
        axis: usize,
        late: bool,
    ) -> Vec<Nest> {
        let ty = self.ty(whole).clone();
        let buf = self.buffer(whole);
        let along = strides(&ty);
        let mut start = Dim::known(0);
        let mut nests = Vec::new();
        for part in parts {
            let length = self.length(part, axis);
            let offset = start.mul(&along[axis]);
            start = start.add(&length);
            let mut scalars = self.scalars(usize::MAX);
            let value = match part {
                Part::Value(x) if self.maker(*x, &along).is_some() => continue,
                Part::Value(x) => self.reg(*x, &mut scalars),
                Part::Zeros(_) => Reg::Num(Num::ZERO),
            };
            let mut space = ty.clone();
            space[axis] = length;
            let to = Access { buf, offset, strides: along.clone() };
            let stores = vec![Store { to, add: Add::No, value }];
            let wanted = Wanted::ALWAYS;
            nests.push(Nest { space, kind: Kind::Map, body: scalars.body, stores, late, wanted });
        }
        nests
    }
}
