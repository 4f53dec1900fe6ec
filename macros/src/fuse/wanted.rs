//! `split`: which calls run which loops. A derivative is one program, for inputs and parameters; a call that asks for
//! one of them runs what that takes and no more.
//!
//! A VJP does not run what leads to cotangents that nobody asks for. In a JVP, tangents that are not given are zero:
//! what is made of them alone does not run, and a loop that adds them to others is written once more without them.

use crate::bug::OrBug;
use crate::entries::{ALL, INPUTS, PARAMS, Wrt};
use crate::ir::{Source, Target};
use crate::nest::{
    Add, Body, BufId, Buffer, Kind, Nest, Place, Program, Reg, Store, Wanted, is_asked,
};
use crate::number::Num;
use crate::prim::ADD;
use std::borrow::Cow;

/// Says of each nest which calls run it; nests that are another one for some calls become several.
pub fn mark_wanted(program: &mut Program) {
    let is_derivative = program.buffers.iter().any(|buffer| {
        matches!(
            buffer.place,
            Place::Source(Source::InputTangent(_) | Source::ParamTangent(_))
                | Place::Target(Target::Input(_) | Target::Param(_))
        )
    });
    if !is_derivative {
        return;
    }
    let roots = Roots::of(program);
    let cases = [ALL, INPUTS, PARAMS].map(|wrt| Case::new(program, &roots, wrt));
    let nests = merged(program.nests.clone(), &cases);
    program.nests = nests;
}

/// What each call runs, one list for all of them.
fn merged(nests: Vec<Nest>, cases: &[Case<'_>]) -> Vec<Nest> {
    let mut all = Vec::with_capacity(nests.len());
    for mut nest in nests {
        if let Kind::Loop { nests, .. } = &mut nest.kind {
            *nests = merged(std::mem::take(nests), cases);
            nest.wanted = nests.iter().fold(Wanted::NEVER, |all, nest| all.or(nest.wanted));
            all.extend((nest.wanted != Wanted::NEVER).then_some(nest));
            continue;
        }
        nest.wanted = Wanted::NEVER;
        let mut variants: Vec<(Nest, Wanted)> = Vec::new();
        for case in cases {
            let Some(made) = case.run(&nest) else { continue };
            let wanted = Wanted::only(case.wrt);
            match variants.iter_mut().find(|(nest, _)| *nest == *made) {
                Some((_, by)) => *by = by.or(wanted),
                None => variants.push((made.into_owned(), wanted)),
            }
        }
        all.extend(variants.into_iter().map(|(nest, wanted)| Nest { wanted, ..nest }));
    }
    all
}

impl Wanted {
    fn only(wrt: Wrt) -> Wanted {
        Wanted { inputs: wrt == INPUTS, params: wrt == PARAMS, both: wrt == ALL }
    }
}

/// Which tangents a value is linear in; of a primal value, none.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Roots {
    inputs: bool,
    params: bool,
}

impl Roots {
    fn or(self, other: Roots) -> Roots {
        Roots { inputs: self.inputs || other.inputs, params: self.params || other.params }
    }

    /// Whether it is zero where only those tangents are given.
    fn is_zero(self, wrt: Wrt) -> bool {
        let given = self.inputs && wrt.inputs || self.params && wrt.params;
        self != Roots::default() && !given
    }

    /// Those of all buffers.
    fn of(program: &Program) -> Vec<Roots> {
        let of_place = |buffer: &Buffer| match buffer.place {
            Place::Source(Source::InputTangent(_)) => Roots { inputs: true, params: false },
            Place::Source(Source::ParamTangent(_)) => Roots { inputs: false, params: true },
            _ => Roots::default(),
        };
        let mut roots: Vec<Roots> = program.buffers.iter().map(of_place).collect();
        // What a loop carries goes around.
        loop {
            let before = roots.clone();
            spread(&program.nests, &mut roots);
            if roots == before {
                return roots;
            }
        }
    }
}

fn spread(nests: &[Nest], roots: &mut [Roots]) {
    for nest in nests {
        if let Kind::Loop { nests, carried, .. } = &nest.kind {
            spread(nests, roots);
            for (before, now) in carried {
                let both = roots[*before].or(roots[*now]);
                (roots[*before], roots[*now]) = (both, both);
            }
            continue;
        }
        let made = made(nest, roots);
        let body = InBody::new(&nest.body, &made, roots);
        let stored: Vec<(BufId, Roots)> =
            nest.stores.iter().map(|store| (store.to.buf, body.of(&store.value))).collect();
        for (buf, of_store) in stored {
            roots[buf] = roots[buf].or(of_store);
        }
    }
}

/// The roots of what a nest makes before its epilogue.
fn made(nest: &Nest, roots: &[Roots]) -> Vec<Roots> {
    match &nest.kind {
        Kind::Map | Kind::Loop { .. } => Vec::new(),
        Kind::Iota { .. } | Kind::Random { .. } => vec![Roots::default()],
        Kind::Contract { a, b, .. } => vec![roots[a.buf].or(roots[b.buf])],
        Kind::Gather { x, .. } => vec![roots[x.buf]],
        Kind::Custom { args, .. } => {
            vec![args.iter().fold(Roots::default(), |all, (buf, _)| all.or(roots[*buf]))]
        }
        Kind::Reduce { body, folds, .. } => {
            let body = InBody::new(body, &[], roots);
            folds.iter().map(|(_, reg)| body.of(reg)).collect()
        }
        Kind::Scatter { body, value, .. } => vec![InBody::new(body, &[], roots).of(value)],
    }
}

/// The roots of all that a body works with.
#[derive(Default)]
struct InBody {
    loads: Vec<Roots>,
    made: Vec<Roots>,
    lines: Vec<Roots>,
}

impl InBody {
    fn new(body: &Body, made: &[Roots], roots: &[Roots]) -> InBody {
        let loads = body.loads.iter().map(|load| roots[load.buf]).collect();
        let mut all = InBody { loads, made: made.to_vec(), lines: Vec::new() };
        for (_, args) in &body.lines {
            let of_line = args.iter().fold(Roots::default(), |roots, arg| roots.or(all.of(arg)));
            all.lines.push(of_line);
        }
        all
    }

    fn of(&self, reg: &Reg) -> Roots {
        match reg {
            Reg::Num(_) => Roots::default(),
            Reg::Load(i) => self.loads[*i],
            Reg::Acc(i) => self.made[*i],
            Reg::Line(i) => self.lines[*i],
        }
    }
}

/// A program as calls that ask for certain derivatives run it.
struct Case<'p> {
    wrt: Wrt,
    buffers: &'p [Buffer],
    roots: &'p [Roots],
    /// The buffers that such a call reads or gives back.
    needed: Vec<bool>,
}

impl<'p> Case<'p> {
    fn new(program: &'p Program, roots: &'p [Roots], wrt: Wrt) -> Self {
        let buffers = &program.buffers;
        let needed = buffers.iter().map(|buffer| match buffer.place {
            Place::Target(target) => is_asked(target, wrt),
            Place::Source(_) | Place::Workspace => false,
        });
        let mut case = Case { wrt, buffers, roots, needed: needed.collect() };
        case.need(&program.nests);
        case
    }

    /// From the last nest to the first: needed is what goes to a target and what a needed nest reads.
    fn need(&mut self, nests: &[Nest]) {
        for nest in nests.iter().rev() {
            let Kind::Loop { nests, carried, .. } = &nest.kind else {
                if let Some(nest) = self.run(nest) {
                    nest.reads().into_iter().for_each(|buf| self.needed[buf] = true);
                }
                continue;
            };
            loop {
                let before = self.needed.clone();
                for (a, b) in carried {
                    let either = self.needed[*a] || self.needed[*b];
                    (self.needed[*a], self.needed[*b]) = (either, either);
                }
                self.need(nests);
                if self.needed == before {
                    break;
                }
            }
        }
    }

    /// What such a call runs in place of a nest, if anything.
    fn run<'n>(&self, nest: &'n Nest) -> Option<Cow<'n, Nest>> {
        let made = made(nest, self.roots);
        let known = InBody::new(&nest.body, &made, self.roots);
        let is_kept = |buf: BufId, adds: bool, value: &Reg| {
            let adds_zero = adds && known.of(value).is_zero(self.wrt);
            self.needed[buf] && !self.is_absent(buf) && !adds_zero
        };
        let mut stores = nest.stores.clone();
        stores.retain(|store| is_kept(store.to.buf, store.add == Add::Yes, &store.value));
        if stores.is_empty() {
            return None;
        }
        let inner = match &nest.kind {
            Kind::Reduce { body, .. } | Kind::Scatter { body, .. } => {
                InBody::new(body, &[], self.roots)
            }
            _ => InBody::default(),
        };
        let all = [&made, &known.loads, &known.lines, &inner.loads, &inner.lines];
        let mut all = all.into_iter().flatten();
        if stores.len() == nest.stores.len() && !all.any(|roots| roots.is_zero(self.wrt)) {
            return Some(Cow::Borrowed(nest));
        }
        Some(Cow::Owned(self.without_zeros(nest, stores, &made)))
    }

    /// Whether a buffer would hold nothing but zeros that nobody asks for.
    fn is_absent(&self, buf: BufId) -> bool {
        match self.buffers[buf].place {
            Place::Target(target) => !is_asked(target, self.wrt),
            Place::Source(_) | Place::Workspace => self.roots[buf].is_zero(self.wrt),
        }
    }

    /// A nest with some stores, that does not compute with tangents that are zero.
    fn without_zeros(&self, nest: &Nest, mut stores: Vec<Store>, made: &[Roots]) -> Nest {
        let values = stores.iter_mut().map(|store| &mut store.value);
        let mut body = self.body(&nest.body, made, values.collect());
        let used = |i: usize, body: &Body, stores: &[Store]| {
            let is = |reg: &Reg| *reg == Reg::Acc(i);
            let mut args = body.lines.iter().flat_map(|(_, args)| args);
            args.any(is) || stores.iter().any(|store| is(&store.value))
        };
        let left: Vec<usize> = (0..made.len()).filter(|i| used(*i, &body, &stores)).collect();
        let mut kind = nest.kind.clone();
        if left.is_empty() {
            kind = Kind::Map;
        } else if let Kind::Reduce { body: inner, folds, .. } = &mut kind {
            *folds = left.iter().map(|i| folds[*i].clone()).collect();
            *inner = self.body(inner, &[], folds.iter_mut().map(|(_, reg)| reg).collect());
            let rename = |reg: &mut Reg| {
                if let Reg::Acc(i) = reg {
                    *i = left.iter().position(|old| old == i).or_bug("fuse", "fold that is read");
                }
            };
            body.lines.iter_mut().flat_map(|(_, args)| args).for_each(rename);
            stores.iter_mut().for_each(|store| rename(&mut store.value));
        } else if let Kind::Scatter { body: inner, value, .. } = &mut kind {
            *inner = self.body(inner, &[], vec![value]);
        }
        Nest { kind, body, stores, ..nest.clone() }
    }

    /// A body where what is zero is left out, and what only that needs; `values` are what is made of it.
    fn body(&self, body: &Body, made: &[Roots], mut values: Vec<&mut Reg>) -> Body {
        let known = InBody::new(body, made, self.roots);
        let zero = Reg::Num(Num::ZERO);
        // What has become of each line.
        let mut names: Vec<Reg> = Vec::with_capacity(body.lines.len());
        let now = |reg: &Reg, names: &[Reg]| match reg {
            _ if known.of(reg).is_zero(self.wrt) => zero.clone(),
            Reg::Line(i) => names[*i].clone(),
            reg => reg.clone(),
        };
        let mut lines = Vec::new();
        for (i, (prim, args)) in body.lines.iter().enumerate() {
            let args: Vec<Reg> = args.iter().map(|arg| now(arg, &names)).collect();
            let name = match args.as_slice() {
                _ if known.lines[i].is_zero(self.wrt) => zero.clone(),
                // Nothing else takes several tangents together (`lin`).
                [a, b] if *prim == ADD && *b == zero => a.clone(),
                [a, b] if *prim == ADD && *a == zero => b.clone(),
                _ => {
                    lines.push((*prim, args));
                    Reg::Line(lines.len() - 1)
                }
            };
            names.push(name);
        }
        values.iter_mut().for_each(|value| **value = now(value, &names));
        alive(Body { loads: body.loads.clone(), lines }, values)
    }
}

/// A body without what nothing needs.
fn alive(body: Body, values: Vec<&mut Reg>) -> Body {
    let (mut loads, mut lines) = (vec![false; body.loads.len()], vec![false; body.lines.len()]);
    let mut mark = |reg: &Reg, lines: &mut [bool]| match reg {
        Reg::Load(i) => loads[*i] = true,
        Reg::Line(i) => lines[*i] = true,
        Reg::Num(_) | Reg::Acc(_) => {}
    };
    values.iter().for_each(|value| mark(value, &mut lines));
    for i in (0..body.lines.len()).rev() {
        if lines[i] {
            body.lines[i].1.iter().for_each(|arg| mark(arg, &mut lines));
        }
    }
    // How many are left of those before each.
    let places = |alive: &[bool]| -> Vec<usize> {
        let mut next = 0;
        let place = |alive: &bool| {
            let here = next;
            next += usize::from(*alive);
            here
        };
        alive.iter().map(place).collect()
    };
    let (load, line) = (places(&loads), places(&lines));
    let rename = |reg: &mut Reg| match reg {
        Reg::Load(i) => *i = load[*i],
        Reg::Line(i) => *i = line[*i],
        Reg::Num(_) | Reg::Acc(_) => {}
    };
    values.into_iter().for_each(rename);
    let kept = body.lines.into_iter().zip(&lines).filter_map(|(line, alive)| alive.then_some(line));
    let mut kept: Vec<_> = kept.collect();
    kept.iter_mut().flat_map(|(_, args)| args).for_each(rename);
    let read = body.loads.into_iter().zip(&loads).filter_map(|(load, alive)| alive.then_some(load));
    Body { loads: read.collect(), lines: kept }
}
