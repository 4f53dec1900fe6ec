//! Shared slots of the workspace: they are cut anew where other values lie in them.

use super::Emit;
use super::text::dims;
use crate::bug::OrBug;
use crate::nest::{BufId, Nest};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A stretch of a shared slot: the slot, where it begins and where it ends.
type Stretch = (usize, i64, i64);

impl Emit<'_> {
    /// The name of the memory of a value in the workspace.
    pub(super) fn area_name(&self, buf: BufId) -> String {
        let area = self.plan.areas[buf].as_ref().or_bug("codegen", "place of a value");
        match &area.part {
            None => format!("w{}", area.slot),
            Some(part) => format!("w{}_{}", area.slot, part.start),
        }
    }

    /// Before each nest, how the shared slots are cut for it and those after it, as long as they fit the same cuts.
    pub(super) fn cuts(&self, nests: &[&Nest]) -> Vec<String> {
        let mut cuts = vec![String::new(); nests.len()];
        let (mut start, mut group): (usize, BTreeSet<Stretch>) = (0, BTreeSet::new());
        for (at, nest) in nests.iter().enumerate() {
            let stretches = self.stretches(nest);
            let both: BTreeSet<Stretch> = group.union(&stretches).copied().collect();
            let mut neighbours = both.iter().zip(both.iter().skip(1));
            if neighbours.all(|((slot, _, end), (next, begin, _))| slot != next || end <= begin) {
                group = both;
            } else {
                cuts[start] = self.cut(&group);
                (start, group) = (at, stretches);
            }
        }
        if let Some(cut) = cuts.get_mut(start) {
            *cut = self.cut(&group);
        }
        cuts
    }

    /// The stretches of shared slots that a nest works on.
    fn stretches(&self, nest: &Nest) -> BTreeSet<Stretch> {
        let touched = nest.reads().into_iter().chain(nest.writes());
        touched
            .filter_map(|buf| {
                let area = self.plan.areas[buf].as_ref()?;
                let part = area.part.as_ref()?;
                Some((area.slot, part.start, part.end))
            })
            .collect()
    }

    fn cut(&self, group: &BTreeSet<Stretch>) -> String {
        let mut text = String::new();
        for (slot, of) in self.plan.slots.iter().enumerate() {
            let Some(unit) = of.shared else { continue };
            let here: Vec<&Stretch> = group.iter().filter(|(of, ..)| *of == slot).collect();
            if here.is_empty() {
                continue;
            }
            let names: Vec<String> =
                here.iter().map(|(_, start, _)| format!("w{slot}_{start}")).collect();
            let places: Vec<String> = here
                .iter()
                .map(|(_, start, end)| dims(&[unit.times(*start), unit.times(*end)]))
                .collect();
            let _ = writeln!(
                text,
                "let [{}] = __parts(w{slot}, [{}]);",
                names.join(", "),
                places.join(", ")
            );
        }
        text
    }
}
