//! The invariants of loop nests and of plans.

use super::{exceeds, need};
use crate::entries::{ALL, INPUTS, PARAMS, Wrt};
use crate::invariant::{Checked, Verify};
use crate::nest::{Access, Body, BufId, Chosen, Kind, Nest, Place, Program, Reg};
use crate::plan::{Area, Plan};
use crate::shape::{Dim, Shape};
use std::ops::Range;

impl Verify for Program {
    fn check(&self) -> Checked {
        nests(self, &self.nests, 0)?;
        let mut late = self.nests.iter().map(|nest| nest.late);
        need(
            late.by_ref().skip_while(|late| !late).all(|late| late),
            "a late loop before an early one",
        )?;
        [INPUTS, PARAMS, ALL]
            .into_iter()
            .try_for_each(|wrt| made(self, &self.nests, wrt, &mut vec![false; self.buffers.len()]))
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

/// That calls which ask for certain derivatives read nothing that they have not made.
fn made(program: &Program, all: &[Nest], wrt: Wrt, filled: &mut [bool]) -> Checked {
    for nest in all.iter().filter(|nest| nest.wanted.by(wrt)) {
        if let Kind::Loop { nests, carried, .. } = &nest.kind {
            made(program, nests, wrt, filled)?;
            carried.iter().flat_map(|(a, b)| [*a, *b]).for_each(|buf| filled[buf] = true);
            continue;
        }
        let in_workspace = |buf: &BufId| program.buffers[*buf].place == Place::Workspace;
        let what = "it reads what was not made, where derivatives are taken towards";
        let are_filled = nest.reads().iter().all(|buf| filled[*buf] || !in_workspace(buf));
        need(are_filled, &format!("{what} the {}", wrt.words()))?;
        nest.writes().into_iter().for_each(|buf| filled[buf] = true);
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
    // In one pass nothing can be read that the same pass writes, but where it is written.
    let reads = nest.reads();
    let is_apart = |buf: &BufId| !reads.contains(buf) || nest.works_in_place(*buf);
    need(nest.writes().iter().all(is_apart), "it reads what it writes")?;
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
        let mut placed: Vec<Placed> = Vec::new();
        let lives = lives(&self.program);
        for (buf, buffer) in self.program.buffers.iter().enumerate() {
            if let Some(area) = &self.areas[buf] {
                let Some(slot) = self.slots.get(area.slot) else {
                    return Err("no such slot".into());
                };
                let (start, room) = match (&area.part, slot.shared) {
                    (Some(part), Some(unit)) => {
                        let fits = slot.size.covers(&unit.times(part.end));
                        need(fits, "a part of a slot that reaches beyond its end")?;
                        (part.clone(), unit.times(part.end - part.start))
                    }
                    (None, None) => (0..1, slot.size.clone()),
                    _ => return Err("a part of a slot that is not shared, or all of one".into()),
                };
                need(room.covers(&buffer.size), "a slot is smaller than what is in it")?;
                if let Some(life) = lives[buf] {
                    placed.push(Placed { slot: area.slot, part: start, life });
                }
            }
        }
        placed.sort_by_key(|placed| (placed.slot, placed.life));
        for (i, one) in placed.iter().enumerate() {
            let same = placed[i + 1..].iter().take_while(|other| other.slot == one.slot);
            let mut at_once = same.take_while(|other| other.life.0 <= one.life.1);
            let apart = |other: &Placed| {
                one.part.end <= other.part.start || other.part.end <= one.part.start
            };
            need(
                at_once.all(apart),
                &format!("two values that live at once are in one place of slot {}", one.slot),
            )?;
        }
        for nest in &self.program.nests {
            self.is_cut_once(nest)?;
        }
        let is_placed = |(buf, place): (usize, Place)| {
            place != Place::Workspace || lives[buf].is_none() || self.areas[buf].is_some()
        };
        let places = self.program.buffers.iter().map(|buffer| buffer.place);
        need(places.enumerate().all(is_placed), "a value has no slot")
    }

    fn text(&self) -> String {
        Plan::text(self)
    }
}

/// A value in the workspace.
struct Placed {
    slot: usize,
    part: Range<i64>,
    life: (usize, usize),
}

impl Plan {
    /// That what a nest works on, in all its steps, are pieces of shared slots that do not overlap.
    fn is_cut_once(&self, nest: &Nest) -> Checked {
        let touched = nest.reads().into_iter().chain(nest.writes());
        let mut pieces: Vec<(usize, i64, i64)> = touched
            .filter_map(|buf| {
                let Area { slot, part } = self.areas[buf].as_ref()?;
                part.as_ref().map(|part| (*slot, part.start, part.end))
            })
            .collect();
        pieces.sort_unstable();
        pieces.dedup();
        let apart = |pair: &[(usize, i64, i64)]| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1;
        need(pieces.windows(2).all(apart), "a loop works on pieces of a slot that overlap")
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
