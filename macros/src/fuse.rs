//! `fuse`: instructions become loop nests.
//!
//! Three steps. *Roots*: which values are written to memory at all; the others are computed where they
//! are read, or are strided views. *Nests*: a root joins the nest that makes its last operand if the
//! index spaces are equal (that is an epilogue), or a loop over the same space after it, or opens a
//! nest of its own. *Bodies*: what each nest reads, computes and writes. Last, `wanted` says which calls run which nest.
//!
//! Decisions depend on the kind of an instruction, never on the op it came from.

mod body;
mod cost;
mod overlap;
mod place;
mod scan;
mod slopes;
mod view;
mod wanted;

use crate::ir::{CustomCall, Func, Inst, Part, Passing, Res, Source, Target, Var, View};
use crate::layout::Layout;
use crate::nest::{Access, Add, BufId, Buffer, Nest, Place, Program, Reg};
use crate::shape::{Dim, Shape, size};
use crate::tuning::FUSE_REACH;
use place::Destination;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use wanted::mark_wanted;

/// Which instructions may share a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Any.
    Whole,
    /// The nests of a VJP that need the cotangent of the output run when the others have: in between a loss
    /// may be asked for it.
    Halves,
}

pub fn fuse(func: &Func, split: Split) -> Program {
    let (mut program, mut nests) =
        written(Input::new(func, Around::default(), split), Program::default());
    // The halves of a VJP: what does not depend on the cotangent comes first.
    nests.sort_by_key(|nest| nest.late);
    program.nests = nests;
    program.mark_sums();
    mark_wanted(&mut program);
    program
}

/// The nests of a function, and the program with their buffers.
fn written(input: Input<'_>, program: Program) -> (Program, Vec<Nest>) {
    let mut writer = Writer::of(Groups::of(Roots::of(input)), program);
    let nests = writer.write_nests();
    (writer.program, nests)
}

/// The loop around a step.
#[derive(Default)]
struct Around {
    /// How many loops there are around it.
    depth: usize,
    late: bool,
    /// Where its arguments are and its results go.
    given: Vec<Access>,
    made: Vec<(Access, Add)>,
}

/// A function, and what is around it.
struct Input<'f> {
    func: &'f Func,
    /// Depends on the cotangent of the output, or is computed again where that is known.
    late: Vec<bool>,
    around: Around,
    /// The results of the function, each as it is computed: what is only another shape of an array is
    /// written as that array is.
    ends: Vec<Res>,
    /// The results of loops, by the loop.
    results: FxHashMap<Var, Vec<(usize, Var)>>,
    /// Which walk over values came by last; they are counted.
    walks: RefCell<(usize, Vec<usize>)>,
}

/// Which values are written to memory.
struct Roots<'f> {
    input: Input<'f>,
    /// Whether the value is written to memory, or at least the result of a nest.
    root: Vec<bool>,
    /// For each part of an overlap or of a concatenation that its nest stores there, where that is.
    placed: FxHashMap<Var, Vec<Destination>>,
    /// Whether something reads it other than a concatenation whose part its nest stores.
    read: Vec<bool>,
    /// Whether it is a copy that the nest of what it copies stores.
    in_place: Vec<bool>,
}

/// Which nest makes each root.
struct Groups<'f> {
    roots: Roots<'f>,
    nest_of: Vec<usize>,
    drafts: Vec<Draft>,
}

/// What the nests become.
struct Writer<'f> {
    groups: Groups<'f>,
    program: Program,
    /// Where a source or a root is.
    buffer: Vec<Option<BufId>>,
    /// Whether some nest reads it from memory.
    loaded: Vec<bool>,
    /// The register that last held it, and in which scalar program; they are counted.
    registers: Vec<(usize, Reg)>,
    bodies: usize,
}

/// Each of them sees what was decided before it, and changes none of it.
macro_rules! after {
    ($($later:ident.$field:ident: $earlier:ident),*) => {$(
        impl<'f> std::ops::Deref for $later<'f> {
            type Target = $earlier<'f>;
            fn deref(&self) -> &$earlier<'f> {
                &self.$field
            }
        }
    )*};
}
after!(Roots.input: Input, Groups.roots: Roots, Writer.groups: Groups);

/// A nest under way.
struct Draft {
    kind: DraftKind,
    space: Shape,
    late: bool,
    /// The roots it makes, in order; the contraction or reductions first.
    members: Vec<Var>,
}

#[derive(PartialEq)]
enum DraftKind {
    Map,
    /// The shape that is folded and the axes that go.
    Reduce(Shape, Vec<usize>),
    Contract,
    Gather,
    /// Complete only when all of it has run: nothing joins it.
    Scatter,
    /// Concatenation, random numbers, a user's op, and where an overlap is whole: nothing joins it.
    Alone,
}

impl Draft {
    /// Whether what it makes is at hand in registers.
    fn takes_epilogue(&self) -> bool {
        !matches!(self.kind, DraftKind::Alone | DraftKind::Scatter)
    }
}

/// What a scalar body reads at a leaf.
enum Leaf {
    Num,
    /// A source or a root, element by element.
    Direct(Var),
    /// The same through a strided view.
    View(Var),
}

impl<'f> Input<'f> {
    fn new(func: &'f Func, mut around: Around, split: Split) -> Self {
        let count = func.defs.len();
        let mut late = vec![around.late; count];
        let mut results: FxHashMap<Var, Vec<(usize, Var)>> = FxHashMap::default();
        for (var, def) in func.defs.iter().enumerate() {
            let mut is_late = late[var] || def.late;
            is_late |=
                split == Split::Halves && matches!(def.inst, Inst::Source(Source::Cotangent));
            def.inst.each_arg(|arg| is_late |= late[arg]);
            late[var] = is_late;
            if let Inst::ScanResult { of, index } = def.inst {
                results.entry(of).or_default().push((index, var));
            }
        }
        let walks = RefCell::new((0, vec![0; count]));
        Input { func, late, ends: ends(func, &mut around), around, results, walks }
    }

    fn inst(&self, var: Var) -> &'f Inst {
        &self.func.defs[var].inst
    }

    fn ty(&self, var: Var) -> &'f Shape {
        &self.func.defs[var].ty
    }

    fn is_source(&self, var: Var) -> bool {
        matches!(self.inst(var), Inst::Source(_))
    }

    /// Values and what they are computed from, each once. `goes_on` says of a value whether the walk does
    /// below it.
    fn walk(&self, from: &[Var], mut goes_on: impl FnMut(Var) -> bool) {
        let (walk, seen) = &mut *self.walks.borrow_mut();
        *walk += 1;
        let mut stack = from.to_vec();
        while let Some(var) = stack.pop() {
            if std::mem::replace(&mut seen[var], *walk) != *walk && goes_on(var) {
                self.inst(var).each_arg(|arg| stack.push(arg));
            }
        }
    }

    fn is_view(&self, var: Var) -> bool {
        matches!(self.inst(var), Inst::View { .. })
    }

    /// The arguments that cannot be a constant in a register.
    fn needs_memory(&self, var: Var) -> Vec<Var> {
        match self.inst(var) {
            Inst::Contract { .. } | Inst::Custom { .. } => self.inst(var).args(),
            // What is carried is copied at the start.
            Inst::Scan { scan, args } => {
                let args = args.iter().zip(&scan.args);
                args.filter(|(_, flow)| **flow != Passing::Carry).map(|(arg, _)| *arg).collect()
            }
            Inst::Concat { parts, .. } => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Value(x) => Some(*x),
                    Part::Zeros(_) => None,
                })
                .collect(),
            Inst::View {
                x,
                view: View::Permute(_) | View::Reshape | View::Slice { .. } | View::Window(_),
            }
            | Inst::Gather { x, .. } => vec![*x],
            _ => Vec::new(),
        }
    }
}

impl<'f> Roots<'f> {
    fn of(input: Input<'f>) -> Self {
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
    fn is_stored(&self, var: Var) -> bool {
        self.root[var] || self.is_source(var)
    }

    fn leaf(&self, var: Var) -> Option<Leaf> {
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
    fn base(&self, var: Var) -> Var {
        match self.inst(var) {
            _ if self.is_stored(var) => var,
            Inst::View { x, .. } => self.base(*x),
            _ => var,
        }
    }

    /// The leaves below a scalar expression (the value itself, if it is one), each once.
    fn leaves(&self, var: Var) -> Vec<Leaf> {
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
        let copies = |fuse: &Self| fuse.root.iter().filter(|root| **root).count();
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
                // Only a reshape of windowed elements has no strides: gather them first.
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
    fn base_of_copy(&self, var: Var) -> Var {
        match self.inst(var) {
            Inst::View { x, .. } => self.base(*x),
            _ => var,
        }
    }
}

impl<'f> Groups<'f> {
    fn of(roots: Roots<'f>) -> Self {
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

    /// The first nest in which all leaves are at hand: a direct leaf `behind` nests after its own, a
    /// view when its base is in memory.
    fn earliest(&self, leaves: Vec<Leaf>, behind: usize) -> usize {
        let nest = |var: Var, behind: usize| match self.nest_of[var] {
            usize::MAX => 0,
            nest => nest + behind,
        };
        leaves
            .into_iter()
            .map(|leaf| match leaf {
                Leaf::Num => 0,
                Leaf::Direct(var) => nest(var, behind),
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

impl<'f> Writer<'f> {
    /// Adds the nests of a function to a program.
    fn of(groups: Groups<'f>, program: Program) -> Self {
        let count = groups.func.defs.len();
        Writer {
            groups,
            program,
            buffer: vec![None; count],
            loaded: vec![false; count],
            registers: vec![(0, Reg::Acc(0)); count],
            bodies: 0,
        }
    }

    /// The buffer of a source or root, made on first use.
    fn buffer(&mut self, var: Var) -> BufId {
        if let Some(id) = self.buffer[var] {
            return id;
        }
        let place = match self.inst(var) {
            _ if self.root[var] => Place::Workspace,
            Inst::Source(Source::Step(i)) => return self.around.given[*i].buf,
            Inst::Source(source) => Place::Source(*source),
            _ => Place::Workspace,
        };
        let id = self.new_buffer(place, size(self.ty(var)));
        self.buffer[var] = Some(id);
        id
    }

    fn new_buffer(&mut self, place: Place, size: Dim) -> BufId {
        self.program.buffers.push(Buffer { place, size });
        self.program.buffers.len() - 1
    }
}

/// The results without reshapes. A target lies in order; where a step writes it may not, and only axes of
/// length 1 come and go.
fn ends(func: &Func, around: &mut Around) -> Vec<Res> {
    let mut ends = func.results.clone();
    for end in &mut ends {
        if let Target::Step(index) = end.target {
            let strides = &mut around.made[index].0.strides;
            (end.value, *strides) = scan::solid(&func.defs, end.value, strides);
            continue;
        }
        while let Inst::View { x, view: View::Reshape } = func.defs[end.value].inst {
            end.value = x;
        }
    }
    ends
}

fn add_reader(readers: &mut Vec<Var>, reader: Var) {
    if readers.len() < 2 && !readers.contains(&reader) {
        readers.push(reader);
    }
}
