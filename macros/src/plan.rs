//! `plan`: where in the workspace each buffer is.
//!
//! A buffer lives from the nest that writes it to the last one that reads it; when it is dead, its memory serves
//! again. Sizes depend on the batch and on `const`s. Buffers of so many numbers for each sample, and buffers of so
//! many numbers, lie side by side in two slots that they share: most often the large ones are placed first, each in
//! the tightest gap among those that live when it does. (Pisarchyk and Lee 2020, "Efficient memory management for
//! deep neural net inference", greedy by size.) Other sizes have whole slots, and a slot serves only what is certain
//! to fit. Before that, what is made element by element takes the place of what it is made from.

mod in_place;
mod lives;
mod offsets;
#[cfg(test)]
mod tests;

use crate::nest::{BufId, Place, Program};
use crate::shape::Dim;
use lives::{Life, Lives};
use offsets::{Block, arrange};
use std::ops::Range;

#[derive(Clone, Default, Debug)]
pub struct Plan {
    pub program: Program,
    /// Where each workspace buffer is.
    pub areas: Vec<Option<Area>>,
    pub slots: Vec<Slot>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Area {
    pub slot: usize,
    /// The stretch of a shared slot, in its unit.
    pub part: Option<Range<i64>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    /// In elements.
    pub size: Dim,
    /// If several buffers live in it at once, what they are measured in.
    pub shared: Option<Unit>,
}

/// What the size of a buffer is a multiple of: one number for each sample, or one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    Sample,
    Element,
}

impl Unit {
    /// So many of it, in elements.
    pub fn times(self, count: i64) -> Dim {
        match self {
            Unit::Sample => Dim::batch().mul(&Dim::known(count)),
            Unit::Element => Dim::known(count),
        }
    }
}

pub fn plan(mut program: Program) -> Plan {
    in_place::work_in_place(&mut program);
    let lives = Lives::of(&program);
    let mut plan = Plan { areas: vec![None; program.buffers.len()], slots: Vec::new(), program };
    for unit in [Unit::Sample, Unit::Element] {
        plan.share(unit, &lives);
    }
    plan.whole_slots(&lives);
    plan
}

impl Plan {
    /// The elements of workspace for a tile, as a dimension with the batch in it.
    pub fn elements(&self) -> Dim {
        self.slots.iter().fold(Dim::known(0), |sum, slot| sum.add(&slot.size))
    }

    /// Gives what is measured in a unit places in one slot.
    fn share(&mut self, unit: Unit, lives: &Lives) {
        let mut blocks: Vec<Block> = Vec::new();
        for (buf, life) in lives.of_buffers(&self.program) {
            if let (Some(size), false) = (self.size_in(unit, buf), life.changes_places) {
                blocks.push(Block { size, life, buffers: vec![buf] });
            }
        }
        if blocks.is_empty() {
            return;
        }
        // In a loop, memory is cut once: what is of a single step shares whole pieces.
        let (of_steps, mut others): (Vec<Block>, Vec<Block>) =
            blocks.into_iter().partition(|block| block.life.within.is_some());
        others.extend(offsets::pieces(of_steps, |within| lives.of_loop(within)));
        let (placed, size) = arrange(others);
        let slot = self.slots.len();
        self.slots.push(Slot { size: unit.times(size), shared: Some(unit) });
        for (block, start) in placed {
            for buf in block.buffers {
                let part = Some(start..start + block.size);
                self.areas[buf] = Some(Area { slot, part });
            }
        }
    }

    /// How many units a buffer has, if it is measured in them.
    fn size_in(&self, unit: Unit, buf: BufId) -> Option<i64> {
        let (each, rest) = self.program.buffers[buf].size.by_batch();
        let (count, other) = match unit {
            Unit::Sample => (each, rest),
            Unit::Element => (rest, each),
        };
        count.as_known().filter(|count| *count > 0 && other.is(0))
    }

    /// The other buffers: each in a slot that is free and large enough, or in a new one. Buffers that change places
    /// have their slots to themselves.
    fn whole_slots(&mut self, lives: &Lives) {
        let mut free: Vec<usize> = Vec::new();
        let mut ends: Vec<(usize, usize)> = Vec::new();
        let mut rest: Vec<(BufId, Life)> =
            lives.of_buffers(&self.program).filter(|(buf, _)| self.areas[*buf].is_none()).collect();
        rest.sort_by_key(|(_, life)| life.first);
        for (buf, life) in rest {
            ends.retain(|(last, slot)| {
                let is_over = *last < life.first;
                if is_over {
                    free.push(*slot);
                }
                !is_over
            });
            let size = &self.program.buffers[buf].size;
            let slots = &self.slots;
            // One of the same size, or else the tightest that is large enough.
            let same = free.iter().position(|slot| slots[*slot].size == *size);
            let place = same.or_else(|| {
                let fits = |slot: &usize| slots[*slot].size.covers(size);
                let tighter = |best: usize, next: usize| {
                    let covers = slots[free[best]].size.covers(&slots[free[next]].size);
                    if covers { next } else { best }
                };
                (0..free.len()).filter(|place| fits(&free[*place])).reduce(tighter)
            });
            let slot = match place.filter(|_| !life.changes_places) {
                Some(place) => free.swap_remove(place),
                None => {
                    self.slots.push(Slot { size: size.clone(), shared: None });
                    self.slots.len() - 1
                }
            };
            if !life.changes_places {
                ends.push((life.last, slot));
            }
            self.areas[buf] = Some(Area { slot, part: None });
        }
    }
}

impl Lives {
    /// The buffers of the workspace that are used, and from when to when.
    fn of_buffers(&self, program: &Program) -> impl Iterator<Item = (BufId, Life)> {
        let in_workspace =
            |(_, buffer): &(BufId, &crate::nest::Buffer)| buffer.place == Place::Workspace;
        let buffers = program.buffers.iter().enumerate().filter(in_workspace);
        buffers.filter_map(|(buf, _)| Some((buf, self.of[buf]?)))
    }
}
