//! Overlaps: arrays to which several nests add their parts.
//!
//! A part is stored by the nest that makes it, where its window lies; so what a convolution hands back to
//! its image, or max-pooling to its input, is never in memory by itself. The zeros below the parts are
//! written first, and not at all where the parts are known to cover everything once.

use super::place::Destination;
use super::{Groups, Input, Writer};
use crate::bug::OrBug;
use crate::ir::{Inst, Var, Window};
use crate::layout::Layout;
use crate::nest::{Access, Add, Kind, Nest, Reg, Store, Wanted};
use crate::number::Num;
use crate::shape::{Dim, Shape, size, strides};
use rustc_hash::FxHashMap;

/// How the overlaps of a function are written.
pub struct Overlaps {
    /// Whether the parts of an overlap must add.
    add: FxHashMap<Var, Add>,
    /// The loops that write zeros, before the nest of the first part.
    zeros: FxHashMap<usize, Vec<Nest>>,
}

impl Overlaps {
    /// What must have run before a nest.
    pub fn zeros(&mut self, nest: usize) -> Vec<Nest> {
        self.zeros.remove(&nest).unwrap_or_default()
    }
}

impl Input<'_> {
    /// Whether no element gets two parts, or one part twice.
    fn are_apart(&self, parts: &[(Var, Window)]) -> bool {
        let apart = |(x, a): &(Var, Window), (y, b): &(Var, Window)| {
            a.is_apart(self.ty(*x), b, self.ty(*y))
        };
        parts.iter().all(|(_, window)| window.is_distinct())
            && parts
                .iter()
                .enumerate()
                .all(|(i, part)| parts[..i].iter().all(|other| apart(part, other)))
    }

    /// Whether a value lies in memory before any part of it could be stored elsewhere.
    fn is_whole(&self, x: Var) -> bool {
        matches!(
            self.inst(x),
            Inst::Source(_)
                | Inst::Concat { .. }
                | Inst::Overlap { .. }
                | Inst::Custom { .. }
                | Inst::Scatter { .. }
                | Inst::Iota { .. }
                | Inst::Scan { .. }
                | Inst::ScanResult { .. }
        )
    }
}

impl Groups<'_> {
    /// The nest that stores a part.
    fn stored_in(&self, part: Var, overlap: Var) -> usize {
        self.nest_of[if self.is_whole(part) { overlap } else { part }]
    }
}

impl Writer<'_> {
    pub(super) fn overlaps(&mut self) -> Overlaps {
        let mut overlaps = Overlaps { add: FxHashMap::default(), zeros: FxHashMap::default() };
        for var in 0..self.func.defs.len() {
            let Inst::Overlap { parts } = self.inst(var) else { continue };
            let distinct = self.are_apart(parts);
            overlaps.add.insert(var, if distinct { Add::No } else { Add::Yes });
            let elements = |x: Var| size(self.ty(x));
            let covered = parts.iter().fold(Dim::known(0), |sum, (x, _)| sum.add(&elements(*x)));
            if distinct && covered == elements(var) {
                continue;
            }
            let ty = self.ty(var).clone();
            let first = parts.iter().map(|(x, _)| self.stored_in(*x, var)).min();
            let first = first.or_bug("fuse", "part of an overlap");
            let to = Access { buf: self.buffer(var), offset: Dim::known(0), strides: strides(&ty) };
            let stores = vec![Store { to, add: Add::No, value: Reg::Num(Num::ZERO) }];
            let late = parts.iter().all(|(x, _)| self.late[*x]);
            overlaps.zeros.entry(first).or_default().push(map(ty, stores, late));
        }
        overlaps
    }

    /// What the nest that makes a part stores for it.
    pub(super) fn placements(&mut self, part: Var, value: &Reg, overlaps: &Overlaps) -> Vec<Store> {
        let placed = self.placed.get(&part).cloned().unwrap_or_default();
        placed
            .into_iter()
            .map(|Destination { whole, offset, strides }| Store {
                to: Access { buf: self.buffer(whole), offset, strides },
                // Parts of a concatenation have nothing in common.
                add: overlaps.add.get(&whole).copied().unwrap_or(Add::No),
                value: value.clone(),
            })
            .collect()
    }

    /// Loops for the parts that lie in memory already.
    pub(super) fn overlap_copies(
        &mut self,
        overlap: Var,
        parts: &[(Var, Window)],
        late: bool,
    ) -> Vec<Nest> {
        let add = if self.are_apart(parts) { Add::No } else { Add::Yes };
        let whole: Vec<&(Var, Window)> = parts.iter().filter(|(x, _)| self.is_whole(*x)).collect();
        let copy = |(x, window): &(Var, Window)| {
            let mut scalars = self.scalars(usize::MAX);
            let value = self.reg(*x, &mut scalars);
            let body = scalars.body;
            let Layout { offset, strides } = self.whole(overlap).layout.window(window);
            let to = Access { buf: self.buffer(overlap), offset, strides };
            let stores = vec![Store { to, add, value }];
            Nest { body, ..map(self.ty(*x).clone(), stores, late) }
        };
        whole.into_iter().map(copy).collect()
    }
}

fn map(space: Shape, stores: Vec<Store>, late: bool) -> Nest {
    let (kind, wanted) = (Kind::Map, Wanted::ALWAYS);
    Nest { space, kind, body: Default::default(), stores, late, wanted }
}
