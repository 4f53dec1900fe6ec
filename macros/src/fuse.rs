//! `fuse`: instructions become loop nests.
//!
//! Three steps. *Roots*: which values are written to memory at all; the others are computed where they
//! are read, or are strided views. *Nests*: a root joins the nest that makes its last operand if the
//! index spaces are equal (that is an epilogue), or a loop over the same space after it, or opens a
//! nest of its own. *Bodies*: what each nest reads, computes and writes. Last, `wanted` says which calls run which nest.
//!
//! Each step is a value that sees the ones before it: `Input`, `Roots`, `Groups`, `Writer`.
//!
//! Decisions depend on the kind of an instruction, never on the op it came from.

mod body;
mod cost;
mod groups;
mod overlap;
mod place;
mod roots;
mod scan;
mod slopes;
mod view;
mod wanted;

use crate::ir::{Func, Inst, Part, Passing, Res, Source, Target, Var, View};
use crate::nest::{Access, Add, BufId, Buffer, Nest, Place, Program, Reg};
use crate::shape::{Dim, Shape, size};
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
