//! Which nest makes each root: the one that makes its last operand if the index spaces are equal, a loop over the same space
//! after it, or one of its own.

use super::{Draft, DraftKind, Groups, Leaf, Roots};
use crate::ir::{Inst, Var};
use crate::tuning::FUSE_REACH;

impl<'f> Groups<'f> {
    pub(super) fn of(roots: Roots<'f>) -> Self {
        let nest_of = vec![usize::MAX; roots.func.defs.len()];
        let mut groups = Groups { roots, nest_of, drafts: Vec::new() };
        groups.assign_nests();
        groups
    }

    fn assign_nests(&mut self) {
        for var in 0..self.func.defs.len() {
            if !self.root[var] {
                continue;
            }
            self.nest_of[var] = match self.inst(var) {
                Inst::Contract { .. } => self.open(DraftKind::Contract, var),
                Inst::Gather { .. } => self.open(DraftKind::Gather, var),
                Inst::Scatter { .. } => self.open(DraftKind::Scatter, var),
                Inst::Concat { .. }
                | Inst::Overlap { .. }
                | Inst::Custom { .. }
                | Inst::Iota { .. }
                | Inst::Random { .. }
                | Inst::Scan { .. } => self.open(DraftKind::Alone, var),
                _ if self.in_place[var] => self.open(DraftKind::Alone, var),
                Inst::ScanResult { of, .. } => self.nest_of[*of],
                Inst::Reduce { x, axes, .. } => {
                    let kind = DraftKind::Reduce(self.ty(*x).clone(), axes.clone());
                    // Its body runs before the folds of the nest it joins are done.
                    let from = self.earliest(self.leaves(*x), 1);
                    match self
                        .find(from, |draft| draft.kind == kind && draft.late == self.late[var])
                    {
                        Some(nest) => self.join(nest, var),
                        None => self.open(kind, var),
                    }
                }
                _ => {
                    let leaves = if matches!(self.inst(var), Inst::Point { .. }) {
                        let mut leaves = Vec::new();
                        self.inst(var).each_arg(|arg| leaves.extend(self.leaves(arg)));
                        leaves
                    } else {
                        vec![Leaf::View(self.base_of_copy(var))]
                    };
                    let from = self.earliest(leaves, 0);
                    let fits = |draft: &Draft| {
                        draft.space == *self.ty(var) && draft.late == self.late[var]
                    };
                    let nest = match self.drafts.get(from) {
                        Some(draft) if draft.takes_epilogue() && fits(draft) => Some(from),
                        _ => self.find(from, |draft| draft.kind == DraftKind::Map && fits(draft)),
                    };
                    match nest {
                        Some(nest) => self.join(nest, var),
                        None => self.open(DraftKind::Map, var),
                    }
                }
            };
        }
    }

    /// The first nest in which all leaves are at hand: a direct leaf `later` nests after its own, a
    /// view when its base is in memory.
    fn earliest(&self, leaves: Vec<Leaf>, later: usize) -> usize {
        let nest = |var: Var, later: usize| match self.nest_of[var] {
            usize::MAX => 0,
            nest => nest + later,
        };
        leaves
            .into_iter()
            .map(|leaf| match leaf {
                Leaf::Num => 0,
                Leaf::Direct(var) => nest(var, later),
                Leaf::View(base) => nest(base, 1),
            })
            .max()
            .unwrap_or(0)
    }

    fn find(&self, from: usize, fits: impl Fn(&Draft) -> bool) -> Option<usize> {
        let from = from.max(self.drafts.len().saturating_sub(FUSE_REACH));
        (from..self.drafts.len()).find(|nest| fits(&self.drafts[*nest]))
    }

    fn join(&mut self, nest: usize, var: Var) -> usize {
        self.drafts[nest].members.push(var);
        nest
    }

    fn open(&mut self, kind: DraftKind, var: Var) -> usize {
        let draft =
            Draft { kind, space: self.ty(var).clone(), late: self.late[var], members: vec![var] };
        self.drafts.push(draft);
        self.drafts.len() - 1
    }
}
