//! How much memory plans take.

use super::lives::Lives;
use super::{Plan, plan};
use crate::corpus;
use crate::fuse::{Split, fuse};
use crate::programs::{programs, training_programs};
use crate::shape::Dim;

/// Samples of a tile.
const TILE: i64 = 16;

/// A size as a number, if it is one.
fn known(size: &Dim) -> Option<i64> {
    let (each, rest) = size.by_batch();
    Some(each.as_known()? * TILE + rest.as_known()?)
}

/// What a plan takes, and the most that lives at once.
fn taken(plan: &Plan) -> Option<(i64, i64)> {
    let sizes: Option<Vec<i64>> = plan.slots.iter().map(|slot| known(&slot.size)).collect();
    let lives = Lives::of(&plan.program);
    let mut events: Vec<i64> = Vec::new();
    for (buf, life) in lives.of_buffers(&plan.program) {
        let size = known(&plan.program.buffers[buf].size)?;
        events.resize(events.len().max(life.last + 1), 0);
        events[life.first..=life.last].iter_mut().for_each(|live| *live += size);
    }
    Some((sizes?.into_iter().sum(), events.into_iter().fold(0, i64::max)))
}

/// By a fifth where a few small buffers leave gaps, by a tenth where a loop swaps buffers, or what is of samples and
/// what is not are largest at different times; over all programs of the zoo by hardly anything.
#[test]
fn plans_take_little_more_than_what_lives_at_once() {
    let (mut sum, mut count) = (0.0, 0);
    for (name, typed) in corpus::zoo() {
        for programs in [Some(programs(&typed)), training_programs(&typed)].into_iter().flatten() {
            for (entry, func) in programs.functions() {
                let parts = if entry == "vjp" { Split::Halves } else { Split::Whole };
                let plan = plan(fuse(func, parts));
                let Some((taken, live)) = taken(&plan).filter(|(_, live)| *live > 0) else {
                    continue;
                };
                let ratio = taken as f64 / live as f64;
                assert!(ratio <= 1.2, "{name}, {entry}: {taken} for {live}\n{}", plan.text());
                (sum, count) = (sum + ratio, count + 1);
            }
        }
    }
    let mean = sum / f64::from(count);
    assert!(count > 70 && mean < 1.02, "{count} programs, {mean} of what lives at once");
}
