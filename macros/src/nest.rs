//! Loop nests: what a fused function does, loop by loop.
//!
//! A nest is one call of a driver of the runtime (the module `kernel` of `pullback-core`): it reads arrays through strided
//! accesses, computes a straight-line scalar body, and writes. Contractions and reductions carry their
//! epilogue in the same nest. A tile of samples is an axis like any other.

use crate::entries::{INPUTS, PARAMS, Wrt};
use crate::ir::{Fold, Skip, Source, Target};
use crate::number::Num;
use crate::prim::Prim;
use crate::shape::{Dim, Shape};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A memory area, by its index in [`Program::buffers`].
pub type BufId = usize;

#[derive(Clone, PartialEq, Debug)]
pub struct Buffer {
    pub place: Place,
    /// In elements; of a tile where the batch occurs.
    pub size: Dim,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Source(Source),
    Target(Target),
    /// In the workspace; `plan` says where.
    Workspace,
}

/// Element `index · strides + offset` of a buffer.
#[derive(Clone, PartialEq, Debug)]
pub struct Access {
    pub buf: BufId,
    pub offset: Dim,
    pub strides: Vec<Dim>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Store {
    pub to: Access,
    pub add: Add,
    pub value: Reg,
}

/// Whether a store adds to what is there or overwrites it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Add {
    No,
    /// From the second tile of a batch on: the first sum of a parameter's gradient.
    LaterTiles,
    Yes,
}

/// An operand of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Reg {
    Num(Num),
    /// What an access reads.
    Load(usize),
    /// What the contraction or the i-th fold made.
    Acc(usize),
    /// What an earlier line computed.
    Line(usize),
}

/// A straight-line scalar program.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Body {
    pub loads: Vec<Access>,
    pub lines: Vec<(Prim, Vec<Reg>)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Nest {
    /// The index space of body and stores.
    pub space: Shape,
    pub kind: Kind,
    /// The epilogue; of a map, everything.
    pub body: Body,
    pub stores: Vec<Store>,
    /// Whether it depends on the cotangent of the output: the second half of a VJP.
    pub late: bool,
    pub wanted: Wanted,
}

/// Which calls run a nest. A derivative is one program, of which less runs if less is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Those that ask for derivatives towards the inputs alone.
    pub inputs: bool,
    /// Towards the parameters alone.
    pub params: bool,
    /// Towards both.
    pub both: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    Map,
    /// Folds over `inner`. The accesses of `body` have strides over the space and then `inner`.
    Reduce {
        inner: Shape,
        body: Body,
        folds: Vec<(Fold, Reg)>,
    },
    /// `Σ a·b` over `inner`; both accesses have strides over the space and then `inner`. Where it is
    /// windowed, rows, columns or steps are several axes each that do not merge into one: windows.
    Contract {
        inner: Shape,
        a: Access,
        b: Access,
        of: Vec<Side>,
        windowed: bool,
    },
    /// What integers choose of `x`; strides of `x` and of the integers are over the space.
    Gather {
        x: Access,
        chosen: Chosen,
    },
    /// Sums of `value` over the index space `inner` into what integers choose along an axis of the space.
    /// Strides of `body` and of the integers are over `inner`.
    Scatter {
        inner: Shape,
        body: Body,
        value: Reg,
        chosen: Chosen,
        /// The axis of the space that the integers choose from.
        axis: usize,
        /// The axis of the space that each axis of `inner` becomes; `None` where it is summed over.
        to: Vec<Option<usize>>,
    },
    /// Positions: `k / repeat % cycle`.
    Iota {
        repeat: Dim,
        cycle: Dim,
    },
    /// Uniform random numbers.
    Random {
        site: usize,
        /// The lengths of the loops around it.
        steps: Vec<Dim>,
        per_sample: Dim,
    },
    /// A user's op: forward, JVP (`x`, `dx`) or VJP (`x`, `y_bar`), sample by sample.
    Custom {
        op: usize,
        call: &'static str,
        args: Vec<(BufId, Dim)>,
        per_sample: Dim,
    },
    /// Nests step by step; their accesses mention the step.
    Loop {
        /// What the step is called.
        step: Dim,
        length: Dim,
        reverse: bool,
        nests: Vec<Nest>,
        /// What the step before made and what this one makes: they change places after each step.
        carried: Vec<(BufId, BufId)>,
        /// What several steps write to, and what is read after the loop.
        made: Vec<BufId>,
    },
}

/// Integers that choose.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen {
    pub index: Access,
    /// What they are below.
    pub bound: Dim,
    /// The stride of what is gathered along the axis they choose from.
    pub stride: Dim,
    pub skip: Option<Skip>,
}

/// Which operand of a contraction an axis of its space belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    A,
    B,
    Both,
}

/// A function as nests, in order.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Program {
    pub buffers: Vec<Buffer>,
    pub nests: Vec<Nest>,
}

impl Nest {
    /// The buffers it reads.
    pub fn reads(&self) -> Vec<BufId> {
        let mut reads: Vec<BufId> = self.body.loads.iter().map(|load| load.buf).collect();
        match &self.kind {
            Kind::Map | Kind::Iota { .. } | Kind::Random { .. } => {}
            Kind::Reduce { body, .. } => reads.extend(body.loads.iter().map(|load| load.buf)),
            Kind::Gather { x, chosen } => reads.extend([x.buf, chosen.index.buf]),
            Kind::Scatter { body, chosen, .. } => {
                reads.extend(body.loads.iter().map(|load| load.buf).chain([chosen.index.buf]));
            }
            Kind::Contract { a, b, .. } => reads.extend([a.buf, b.buf]),
            Kind::Custom { args, .. } => reads.extend(args.iter().map(|(buf, _)| *buf)),
            Kind::Loop { nests, carried, .. } => {
                reads.extend(nests.iter().flat_map(Nest::reads));
                reads.extend(carried.iter().map(|(before, _)| *before));
            }
        }
        reads
    }

    /// The buffers it writes.
    pub fn writes(&self) -> Vec<BufId> {
        let mut writes: Vec<BufId> = self.stores.iter().map(|store| store.to.buf).collect();
        if let Kind::Loop { nests, carried, .. } = &self.kind {
            writes.extend(nests.iter().flat_map(Nest::writes));
            writes.extend(carried.iter().flat_map(|(before, now)| [*before, *now]));
        }
        writes
    }

    /// Renames the buffers it reads and writes.
    pub fn rename(&mut self, name: &impl Fn(BufId) -> BufId) {
        let each = |accesses: &mut [Access]| {
            accesses.iter_mut().for_each(|access| access.buf = name(access.buf));
        };
        each(&mut self.body.loads);
        self.stores.iter_mut().for_each(|store| store.to.buf = name(store.to.buf));
        match &mut self.kind {
            Kind::Map | Kind::Iota { .. } | Kind::Random { .. } => {}
            Kind::Reduce { body, .. } => each(&mut body.loads),
            Kind::Gather { x, chosen } => {
                x.buf = name(x.buf);
                chosen.index.buf = name(chosen.index.buf);
            }
            Kind::Scatter { body, chosen, .. } => {
                each(&mut body.loads);
                chosen.index.buf = name(chosen.index.buf);
            }
            Kind::Contract { a, b, .. } => (a.buf, b.buf) = (name(a.buf), name(b.buf)),
            Kind::Custom { args, .. } => args.iter_mut().for_each(|(buf, _)| *buf = name(*buf)),
            Kind::Loop { nests, carried, made, .. } => {
                nests.iter_mut().for_each(|nest| nest.rename(name));
                carried.iter_mut().for_each(|(a, b)| (*a, *b) = (name(*a), name(*b)));
                made.iter_mut().for_each(|buf| *buf = name(*buf));
            }
        }
    }

    /// Whether it reads a buffer element by element where it writes it, in order: each element is read before it is
    /// written over. Several long functions may run one after the other over a block, which is then read several times.
    pub fn works_in_place(&self, buf: BufId) -> bool {
        let mut stores = self.stores.iter().filter(|store| store.to.buf == buf);
        let (Some(store), None) = (stores.next(), stores.next()) else { return false };
        let in_order = store.to.strides == crate::shape::strides(&self.space);
        let long = self.body.lines.iter().filter(|(prim, _)| prim.is_long()).count();
        let mut loads = self.body.loads.iter().filter(|load| load.buf == buf).peekable();
        self.kind == Kind::Map
            && in_order
            && store.add == Add::No
            && long <= 1
            && loads.peek().is_some()
            && loads.all(|load| *load == store.to)
    }

    /// Itself, or what it does in each step.
    pub fn flat(&self) -> Vec<&Nest> {
        match &self.kind {
            Kind::Loop { nests, .. } => nests.iter().flat_map(Nest::flat).collect(),
            _ => vec![self],
        }
    }
}

/// How many loops calls run that ask for certain derivatives.
pub fn loops<'n>(nests: impl IntoIterator<Item = &'n Nest>, wrt: Wrt) -> usize {
    nests.into_iter().flat_map(Nest::flat).filter(|nest| nest.wanted.by(wrt)).count()
}

/// Whether a call that asks for certain derivatives gives a target back.
pub fn is_asked(target: Target, wrt: Wrt) -> bool {
    match target {
        Target::Input(_) => wrt.inputs,
        Target::Param(_) => wrt.params,
        _ => true,
    }
}

impl Wanted {
    /// All calls, as in a program that is no derivative.
    pub const ALWAYS: Wanted = Wanted { inputs: true, params: true, both: true };
    pub const NEVER: Wanted = Wanted { inputs: false, params: false, both: false };

    pub fn by(self, wrt: Wrt) -> bool {
        match wrt {
            INPUTS => self.inputs,
            PARAMS => self.params,
            _ => self.both,
        }
    }

    pub fn or(self, other: Wanted) -> Wanted {
        Wanted {
            inputs: self.inputs || other.inputs,
            params: self.params || other.params,
            both: self.both || other.both,
        }
    }
}

impl Program {
    /// What is written to a target twice adds up, and a parameter's gradient does over tiles as well.
    pub fn mark_sums(&mut self) {
        let mut seen = rustc_hash::FxHashSet::default();
        for store in self.nests.iter_mut().flat_map(|nest| &mut nest.stores) {
            if let Place::Target(target) = self.buffers[store.to.buf].place {
                store.add = match target {
                    _ if !seen.insert(store.to.buf) => Add::Yes,
                    Target::Param(_) => Add::LaterTiles,
                    _ => Add::No,
                };
            }
        }
    }

    /// Whether some line needs more than an ordered field.
    pub fn is_real(&self) -> bool {
        self.nests.iter().flat_map(Nest::flat).any(|nest| {
            let number = |reg: &Reg| matches!(reg, Reg::Num(num) if num.is_real());
            let real = |body: &Body| {
                body.lines.iter().any(|(prim, args)| prim.real() || args.iter().any(number))
            };
            let inner =
                matches!(&nest.kind, Kind::Reduce { body, .. } | Kind::Scatter { body, .. } if real(body));
            real(&nest.body) || inner
        })
    }

    /// What calls run that ask for certain derivatives.
    pub fn asked(&self, wrt: Wrt) -> Program {
        fn of(nests: &[Nest], wrt: Wrt) -> Vec<Nest> {
            let mut nests: Vec<Nest> =
                nests.iter().filter(|nest| nest.wanted.by(wrt)).cloned().collect();
            for nest in &mut nests {
                if let Kind::Loop { nests, .. } = &mut nest.kind {
                    *nests = of(nests, wrt);
                }
            }
            nests
        }
        Program { buffers: self.buffers.clone(), nests: of(&self.nests, wrt) }
    }

    /// How many contractions, loops and workspace buffers there are.
    pub fn summary(&self) -> String {
        let nests: Vec<&Nest> = self.nests.iter().flat_map(Nest::flat).collect();
        let contractions =
            nests.iter().filter(|nest| matches!(nest.kind, Kind::Contract { .. })).count();
        let touched = nests.iter().flat_map(|nest| nest.reads().into_iter().chain(nest.writes()));
        let in_workspace = |buf: &BufId| self.buffers[*buf].place == Place::Workspace;
        let buffers = touched.filter(in_workspace).collect::<BTreeSet<BufId>>().len();
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        format!(
            "{}, {}, {}",
            count(contractions, "contraction"),
            count(nests.len() - contractions, "loop"),
            count(buffers, "buffer")
        )
    }

    /// A few words per nest.
    pub fn show(&self) -> String {
        let mut text = String::new();
        self.show_nests(&self.nests, "    ", &mut text);
        text
    }

    fn show_nests(&self, nests: &[Nest], indent: &str, text: &mut String) {
        for nest in nests {
            let what = match &nest.kind {
                Kind::Loop { length, reverse, nests, .. } => {
                    let back = if *reverse { " back" } else { "" };
                    let _ = writeln!(text, "{indent}{length} steps{back}:");
                    self.show_nests(nests, &format!("{indent}  "), text);
                    continue;
                }
                Kind::Map => "map".to_string(),
                Kind::Reduce { inner, .. } => format!("reduce {}", crate::shape::show(inner)),
                Kind::Contract { inner, .. } => format!("contract {}", crate::shape::show(inner)),
                Kind::Gather { .. } => "gather".to_string(),
                Kind::Scatter { inner, .. } => format!("scatter {}", crate::shape::show(inner)),
                Kind::Iota { .. } => "iota".to_string(),
                Kind::Random { .. } => "random".to_string(),
                Kind::Custom { call, .. } => format!("custom {call}"),
            };
            let _ = write!(text, "{indent}{what} over {}: ", crate::shape::show(&nest.space));
            self.show_buffers(&nest.reads(), text);
            text.push_str(" → ");
            self.show_buffers(&nest.writes(), text);
            let inner = match &nest.kind {
                Kind::Reduce { body, .. } | Kind::Scatter { body, .. } => body.lines.len(),
                _ => 0,
            };
            let _ = writeln!(text, " ({} operations)", nest.body.lines.len() + inner);
        }
    }

    fn show_buffers(&self, ids: &[BufId], text: &mut String) {
        for (i, id) in ids.iter().enumerate() {
            text.push_str(if i == 0 { "" } else { ", " });
            let _ = match self.buffers.get(*id).map(|buffer| buffer.place) {
                Some(Place::Source(source)) => write!(text, "{source:?}"),
                Some(Place::Target(target)) => write!(text, "{target:?}"),
                Some(Place::Workspace) | None => write!(text, "#{id}"),
            };
        }
    }
}
