//! `plan`: where in the workspace each buffer is.
//!
//! A buffer lives from the nest that writes it to the last one that reads it; a slot whose buffer is
//! dead serves again. Sizes may depend on the batch and on `const`s, so a slot serves only what is
//! certain to fit.

use crate::nest::{BufId, Kind, Nest, Place, Program};
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
    let mut events = Vec::new();
    let mut pinned = vec![false; count];
    flatten(&program.nests, &mut vec![false; count], &mut pinned, &mut events);
    let mut last_use = vec![0; count];
    for (at, event) in events.iter().enumerate() {
        event.touched.iter().for_each(|buf| last_use[*buf] = at);
    }
    let mut slot_of: Vec<Option<usize>> = vec![None; count];
    let mut slots: Vec<Dim> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        for buf in event.writes.iter().copied() {
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
            slot_of[buf] = Some(match place.filter(|_| !pinned[buf]) {
                Some(place) => free.swap_remove(place),
                None => {
                    slots.push(buffer.size.clone());
                    slots.len() - 1
                }
            });
        }
        let is_done = |buf: &BufId| last_use[*buf] == at && !pinned[*buf];
        let mut done: Vec<BufId> = event.touched.iter().copied().filter(is_done).collect();
        done.sort_unstable();
        done.dedup();
        free.extend(done.into_iter().filter_map(|buf| slot_of[buf]));
    }
    Plan { program, slot_of, slots }
}

/// What happens to buffers at one time.
struct Event {
    writes: Vec<BufId>,
    /// These among them.
    touched: Vec<BufId>,
}

/// The nests in order. What a loop reads or makes lives from its beginning to its end; only what is of
/// a single step can share memory inside it. Buffers that change places have their slots to themselves.
fn flatten(nests: &[Nest], seen: &mut [bool], pinned: &mut [bool], events: &mut Vec<Event>) {
    for nest in nests {
        let writes = nest.writes();
        let touched: Vec<BufId> = nest.reads().into_iter().chain(writes.iter().copied()).collect();
        if let Kind::Loop { nests, carried, made, .. } = &nest.kind {
            let across: Vec<BufId> = touched.iter().copied().filter(|buf| seen[*buf]).collect();
            let pairs = carried.iter().flat_map(|(before, now)| [*before, *now]);
            pairs.clone().for_each(|buf| pinned[buf] = true);
            let made: Vec<BufId> = made.iter().copied().chain(pairs).collect();
            events.push(Event { writes: made.clone(), touched: made.clone() });
            made.iter().for_each(|buf| seen[*buf] = true);
            flatten(nests, seen, pinned, events);
            events.push(Event { writes: Vec::new(), touched: [across, made].concat() });
        } else {
            touched.iter().for_each(|buf| seen[*buf] = true);
            events.push(Event { writes, touched });
        }
    }
}

impl Plan {
    /// The elements of workspace for a tile, as a dimension with the batch in it.
    pub fn elements(&self) -> Dim {
        self.slots.iter().fold(Dim::known(0), |sum, slot| sum.add(slot))
    }
}
