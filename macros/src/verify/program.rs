//! The invariants of loop nests and of plans.

use super::{Checked, Verify, exceeds, need};
use crate::nest::{Access, Body, BufId, Chosen, Kind, Nest, Place, Program, Reg};
use crate::plan::Plan;
use crate::shape::{Dim, Shape};

impl Verify for Program {
    fn check(&self) -> Checked {
        nests(self, &self.nests, 0)?;
        let mut late = self.nests.iter().map(|nest| nest.late);
        need(
            late.by_ref().skip_while(|late| !late).all(|late| late),
            "a late loop before an early one",
        )
    }

    fn text(&self) -> String {
        Program::text(self)
    }
}

fn nests(program: &Program, all: &[Nest], depth: usize) -> Checked {
    for (i, nest) in all.iter().enumerate() {
        one(program, nest, depth).map_err(|what| format!("loop {i}: {what}"))?;
    }
    Ok(())
}

fn one(program: &Program, nest: &Nest, depth: usize) -> Checked {
    let space = &nest.space;
    let over = |inner: &Shape| [space.as_slice(), inner].concat();
    let mut made = 0;
    match &nest.kind {
        Kind::Map => {}
        Kind::Reduce { inner, body: of, folds } => {
            made = folds.len();
            body(program, of, folds.iter().map(|(_, reg)| reg), 0, &over(inner))?;
        }
        Kind::Contract { inner, a, b, of, .. } => {
            made = 1;
            need(of.len() == space.len(), "not a side for each axis")?;
            access(program, a, &over(inner))?;
            access(program, b, &over(inner))?;
        }
        Kind::Gather { x, chosen } => {
            made = 1;
            access(program, x, space)?;
            choice(program, chosen, space)?;
        }
        Kind::Scatter { inner, body: of, value, chosen, axis, to } => {
            made = 1;
            body(program, of, std::iter::once(value), 0, inner)?;
            choice(program, chosen, inner)?;
            need(*axis < space.len() && to.len() == inner.len(), "the integers choose no axis")?;
            need(
                to.iter().flatten().all(|to| *to < space.len() && to != axis),
                "there is no such axis to add to",
            )?;
            need(
                nest.body.lines.is_empty() && nest.body.loads.is_empty(),
                "sums have no epilogue",
            )?;
        }
        Kind::Iota { .. } | Kind::Random { .. } | Kind::Custom { .. } => {
            made = 1;
            need(nest.stores.len() == 1, "not one array that is made")?;
            if let Kind::Custom { args, .. } = &nest.kind {
                need(args.iter().all(|(buf, _)| *buf < program.buffers.len()), "no such memory")?;
            }
        }
        Kind::Loop { step, nests: inner, carried, made, .. } => {
            need(*step == Dim::step(depth), "another name of the step")?;
            need(nest.stores.is_empty(), "a loop stores by its steps")?;
            let mut bufs = carried.iter().flat_map(|(a, b)| [a, b]).chain(made);
            need(bufs.all(|buf| *buf < program.buffers.len()), "no such memory")?;
            need(
                carried
                    .iter()
                    .all(|(a, b)| a != b && program.buffers[*a].size == program.buffers[*b].size),
                "what changes places has two sizes",
            )?;
            return nests(program, inner, depth + 1);
        }
    }
    need(!nest.stores.is_empty(), "it makes nothing")?;
    body(program, &nest.body, nest.stores.iter().map(|store| &store.value), made, space)?;
    nest.stores.iter().try_for_each(|store| access(program, &store.to, space))?;
    // In one pass nothing can be read that the same pass writes.
    let reads = nest.reads();
    need(nest.writes().iter().all(|buf| !reads.contains(buf)), "it reads what it writes")?;
    let is_source = |buf: &BufId| matches!(program.buffers[*buf].place, Place::Source(_));
    need(!nest.writes().iter().any(is_source), "it writes to a source")
}

fn body<'r>(
    program: &Program,
    body: &Body,
    wanted: impl Iterator<Item = &'r Reg>,
    made: usize,
    space: &[Dim],
) -> Checked {
    body.loads.iter().try_for_each(|load| access(program, load, space))?;
    let known = |reg: &Reg, line: usize| match reg {
        Reg::Num(_) => true,
        Reg::Load(i) => *i < body.loads.len(),
        Reg::Acc(i) => *i < made,
        Reg::Line(i) => *i < line,
    };
    for (line, (prim, args)) in body.lines.iter().enumerate() {
        need(args.len() == prim.arity(), "the function has another number of arguments")?;
        need(args.iter().all(|reg| known(reg, line)), "a line reads what is not there yet")?;
    }
    let lines = body.lines.len();
    need(wanted.into_iter().all(|reg| known(reg, lines)), "it stores what is not there")
}

fn choice(program: &Program, chosen: &Chosen, space: &[Dim]) -> Checked {
    access(program, &chosen.index, space)
}

/// That an access over a space is one of the buffer, as far as that can be decided.
fn access(program: &Program, access: &Access, space: &[Dim]) -> Checked {
    let Some(buffer) = program.buffers.get(access.buf) else { return Err("no such memory".into()) };
    need(access.strides.len() == space.len(), "not a stride for each axis")?;
    let one = Dim::known(1);
    let steps = access.strides.iter().zip(space);
    let last = steps.fold(access.offset.clone(), |last, (stride, length)| {
        last.add(&stride.mul(&length.sub(&one)))
    });
    need(!exceeds(&last.add(&one), &buffer.size), "it reaches beyond the end of the memory")
}

impl Verify for Plan {
    fn check(&self) -> Checked {
        for (buf, buffer) in self.program.buffers.iter().enumerate() {
            if let Some(slot) = self.slot_of[buf] {
                let Some(size) = self.slots.get(slot) else { return Err("no such slot".into()) };
                need(size.covers(&buffer.size), "a slot is smaller than what is in it")?;
            }
        }
        let lives = lives(&self.program);
        let mut in_slots: Vec<(usize, (usize, usize))> = lives
            .iter()
            .zip(&self.slot_of)
            .filter_map(|(life, slot)| Some(((*slot)?, (*life)?)))
            .collect();
        in_slots.sort_unstable();
        for pair in in_slots.windows(2) {
            let [(slot, (_, last)), (next, (first, _))] = pair else { continue };
            need(
                slot != next || last < first,
                &format!("two values that live at once are in slot {slot}"),
            )?;
        }
        let touched = |buf: usize| lives[buf].is_some();
        let is_placed = |(buf, place): (usize, Place)| {
            place != Place::Workspace || !touched(buf) || self.slot_of[buf].is_some()
        };
        let places = self.program.buffers.iter().map(|buffer| buffer.place);
        need(places.enumerate().all(is_placed), "a value has no slot")
    }

    fn text(&self) -> String {
        Plan::text(self)
    }
}

/// From which loop to which each buffer is needed, counted in the order in which they run. What a loop
/// over steps makes, keeps or finds lives through all of it.
fn lives(program: &Program) -> Vec<Option<(usize, usize)>> {
    fn touch(life: &mut Option<(usize, usize)>, at: usize) {
        *life = Some(life.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
    }
    fn walk(all: &[Nest], at: &mut usize, lives: &mut [Option<(usize, usize)>]) {
        for nest in all {
            if let Kind::Loop { nests, carried, made, .. } = &nest.kind {
                let start = *at;
                let before: Vec<bool> = lives.iter().map(Option::is_some).collect();
                *at += 1;
                walk(nests, at, lives);
                *at += 1;
                let inside = nest.reads().into_iter().chain(nest.writes());
                let kept = carried.iter().flat_map(|(a, b)| [*a, *b]).chain(made.iter().copied());
                for buf in inside.filter(|buf| before[*buf]).chain(kept) {
                    touch(&mut lives[buf], start);
                    touch(&mut lives[buf], *at);
                }
            } else {
                for buf in nest.reads().into_iter().chain(nest.writes()) {
                    touch(&mut lives[buf], *at);
                }
            }
            *at += 1;
        }
    }
    let mut lives = vec![None; program.buffers.len()];
    walk(&program.nests, &mut 0, &mut lives);
    lives
}
