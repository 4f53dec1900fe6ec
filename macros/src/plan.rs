//! `plan`: where in the workspace each buffer is.
//!
//! A buffer lives from the nest that writes it to the last one that reads it; a slot whose buffer is
//! dead serves again. Sizes may depend on the batch and on `const`s, so a slot serves only what is
//! certain to fit.

use crate::nest::{BufId, Nest, Place, Program};
use crate::shape::Dim;

#[derive(Clone, Default, Debug)]
pub struct Plan {
    pub program: Program,
    /// The slot of each workspace buffer.
    pub slot_of: Vec<Option<usize>>,
    /// Their sizes, in elements.
    pub slots: Vec<Dim>,
}

pub fn plan(program: Program) -> Plan {
    let count = program.buffers.len();
    let mut last_use = vec![0; count];
    for (at, nest) in program.nests.iter().enumerate() {
        touched(nest).for_each(|buf| last_use[buf] = at);
    }
    let mut slot_of: Vec<Option<usize>> = vec![None; count];
    let mut slots: Vec<Dim> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    for (at, nest) in program.nests.iter().enumerate() {
        for buf in nest.writes() {
            let buffer = &program.buffers[buf];
            if buffer.place != Place::Workspace || slot_of[buf].is_some() {
                continue;
            }
            // One of the same size, or else the tightest that is large enough.
            let same = free.iter().position(|slot| slots[*slot] == buffer.size);
            let place = same.or_else(|| {
                let fits = |slot: &usize| slots[*slot].covers(&buffer.size);
                let tighter = |best: usize, next: usize| {
                    if slots[free[best]].covers(&slots[free[next]]) { next } else { best }
                };
                (0..free.len()).filter(|place| fits(&free[*place])).reduce(tighter)
            });
            slot_of[buf] = Some(match place {
                Some(place) => free.swap_remove(place),
                None => {
                    slots.push(buffer.size.clone());
                    slots.len() - 1
                }
            });
        }
        let mut done: Vec<BufId> = touched(nest).filter(|buf| last_use[*buf] == at).collect();
        done.sort_unstable();
        done.dedup();
        free.extend(done.into_iter().filter_map(|buf| slot_of[buf]));
    }
    Plan { program, slot_of, slots }
}

fn touched(nest: &Nest) -> impl Iterator<Item = BufId> {
    nest.reads().into_iter().chain(nest.writes())
}

impl Plan {
    /// The elements of workspace for a tile, as a dimension with the batch in it.
    pub fn elements(&self) -> Dim {
        self.slots.iter().fold(Dim::known(0), |sum, slot| sum.add(slot))
    }
}
