//! Which values are written to memory: the others are computed where they are read, or are strided views.

use super::place::Destination;
use super::{Input, Leaf, Roots};
use crate::ir::{CustomCall, Inst, Source, Var, View};
use crate::layout::Layout;
use rustc_hash::FxHashMap;

impl<'f> Roots<'f> {
    pub(super) fn of(input: Input<'f>) -> Self {
        let count = input.func.defs.len();
        let mut roots = Roots {
            input,
            root: vec![false; count],
            placed: FxHashMap::default(),
            read: vec![false; count],
            in_place: vec![false; count],
        };
        roots.choose_roots();
        roots
    }

    /// Whether it is worth copying: all but what lies in order anyway.
    fn may_copy(&self, var: Var) -> bool {
        match self.inst(var) {
            Inst::Source(Source::Step(_)) => {
                !self.located(var).is_some_and(|at| at.layout.is_whole(self.ty(var)))
            }
            inst => !matches!(inst, Inst::Source(_)),
        }
    }

    /// In memory, at the latest when its nest has run.
    pub(super) fn is_stored(&self, var: Var) -> bool {
        self.root[var] || self.is_source(var)
    }

    pub(super) fn leaf(&self, var: Var) -> Option<Leaf> {
        match self.inst(var) {
            Inst::Num(_) => Some(Leaf::Num),
            _ if self.is_stored(var) => Some(Leaf::Direct(var)),
            Inst::View { x, view: View::Broadcast(_) } if matches!(self.inst(*x), Inst::Num(_)) => {
                Some(Leaf::Num)
            }
            Inst::View { .. } => Some(Leaf::View(self.base(var))),
            _ => None,
        }
    }

    /// What a view is a view of.
    pub(super) fn base(&self, var: Var) -> Var {
        match self.inst(var) {
            _ if self.is_stored(var) => var,
            Inst::View { x, .. } => self.base(*x),
            _ => var,
        }
    }

    /// The leaves below a scalar expression (the value itself, if it is one), each once.
    pub(super) fn leaves(&self, var: Var) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.walk(&[var], |var| {
            match self.leaf(var) {
                Some(Leaf::Num) => {}
                Some(leaf) => leaves.push(leaf),
                None => return true,
            }
            false
        });
        leaves
    }

    /// From the last instruction to the first: a value is written if something must find it in memory,
    /// or if several nests would otherwise compute it again and that is not cheap.
    fn choose_roots(&mut self) {
        let count = self.func.defs.len();
        // The roots that would compute the value in their body; two are enough to know.
        let mut readers: Vec<Vec<Var>> = vec![Vec::new(); count];
        let mut forced = vec![false; count];
        for result in &self.input.ends {
            forced[result.value] = true;
        }
        for (var, def) in self.func.defs.iter().enumerate() {
            match &def.inst {
                Inst::Scan { .. } => {
                    self.needs_memory(var).into_iter().for_each(|arg| forced[arg] = true);
                }
                Inst::Contract { .. }
                | Inst::Concat { .. }
                | Inst::Overlap { .. }
                | Inst::Custom { .. }
                | Inst::Gather { .. } => {
                    def.inst.args().into_iter().for_each(|arg| forced[arg] = true);
                }
                Inst::View { x, .. } => {
                    forced[*x] = true;
                }
                _ => {}
            }
            self.root[var] = matches!(
                def.inst,
                Inst::Reduce { .. }
                    | Inst::Contract { .. }
                    | Inst::Concat { .. }
                    | Inst::Overlap { .. }
                    | Inst::Custom { .. }
                    | Inst::Gather { .. }
                    | Inst::Scatter { .. }
                    | Inst::Iota { .. }
                    | Inst::Scan { .. }
                    | Inst::ScanResult { .. }
                    | Inst::Random { .. }
            );
        }
        // What the second half of a VJP multiplies by: if it took something costly to compute, it is the
        // residual, and not what it was computed from.
        for var in (0..count).filter(|var| self.late[*var]) {
            let Inst::Point { args, .. } = self.inst(var) else { continue };
            for arg in args.iter().filter(|arg| !self.late[**arg]) {
                forced[*arg] |= self.is_costly(*arg, &forced);
            }
        }
        for var in (0..count).rev() {
            let Inst::Point { prim, args } = self.inst(var) else {
                if let Inst::Reduce { x, .. } | Inst::Scatter { x, .. } = self.inst(var) {
                    add_reader(&mut readers[*x], var);
                }
                continue;
            };
            let dear = prim.costly() || self.reads_several(args);
            self.root[var] = forced[var]
                || readers[var].len() > 1 && dear
                || prim.is_slope() && self.is_beside(args[0], &readers[var]);
            let me = if self.root[var] { vec![var] } else { readers[var].clone() };
            for arg in args {
                me.iter().for_each(|reader| add_reader(&mut readers[*arg], *reader));
            }
        }
        for (var, def) in self.func.defs.iter().enumerate() {
            if let Inst::Overlap { parts } = &def.inst {
                for (x, window) in parts {
                    let Layout { offset, strides } = self.whole(var).layout.window(window);
                    self.place(*x, Destination { whole: var, offset, strides });
                    // The nest that makes it stores it there.
                    self.root[*x] |= !self.is_source(*x);
                }
            }
        }
        self.place_parts();
        self.choose_copies();
        self.place_copies();
    }

    /// Views that strides cannot express become copies. What is copied for one reader lies in memory of its own for all: a
    /// view of it that could be expressed before may not be any more, so they are looked at until nothing changes.
    fn choose_copies(&mut self) {
        let copies = |roots: &Self| roots.root.iter().filter(|root| **root).count();
        loop {
            let before = copies(self);
            self.choose_more_copies();
            if copies(self) == before {
                return;
            }
        }
    }

    fn choose_more_copies(&mut self) {
        for var in 0..self.func.defs.len() {
            // For one that is a copy already, such as a part of an overlap, it is what that copies.
            if self.is_view(var)
                && self.read[var]
                && !matches!(self.leaf(var), Some(Leaf::Num))
                && self.seen(var).is_none()
            {
                // Only a reshape of elements that lie apart has no strides: they are copied first, in order.
                match self.inst(var) {
                    Inst::View { x, view: View::Reshape } => self.root[*x] = true,
                    _ => self.root[var] = true,
                }
            }
            match self.inst(var) {
                Inst::Contract { a, b, labels } if !self.contracts_in_place(*a, *b, labels) => {
                    for x in [*a, *b] {
                        self.root[x] |= self.may_copy(x);
                    }
                }
                // A user's op takes contiguous slices.
                Inst::Custom { call, .. } => {
                    let args = match *call {
                        CustomCall::Forward { x } => vec![x],
                        CustomCall::Jvp { x, dx: v } | CustomCall::Vjp { x, y_bar: v } => {
                            vec![x, v]
                        }
                    };
                    for x in args {
                        let whole =
                            self.located(x).is_some_and(|at| at.layout.is_whole(self.ty(x)));
                        self.root[x] |= !whole && self.may_copy(x);
                    }
                }
                // Constants have no memory unless someone needs it.
                Inst::Reduce { .. } | Inst::Point { .. } => {}
                _ => {}
            }
            for arg in self.needs_memory(var) {
                let constant = matches!(self.inst(arg), Inst::View { x, view: View::Broadcast(_) } if matches!(self.inst(*x), Inst::Num(_)));
                self.root[arg] |= constant;
            }
        }
    }

    /// The source or root under a view that is itself copied.
    pub(super) fn base_of_copy(&self, var: Var) -> Var {
        match self.inst(var) {
            Inst::View { x, .. } => self.base(*x),
            _ => var,
        }
    }
}

fn add_reader(readers: &mut Vec<Var>, reader: Var) {
    if readers.len() < 2 && !readers.contains(&reader) {
        readers.push(reader);
    }
}
