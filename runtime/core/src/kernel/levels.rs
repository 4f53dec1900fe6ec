//! Sums of many numbers, added up in levels.
//!
//! A sum that grows rounds what is added to it ever more coarsely: of a million equal numbers of type `f32`, one
//! after the other, the third digit is wrong. So [`FAN`] of them make a sum, [`FAN`] of these a greater one, and
//! so on: no number goes through more than [`FAN`] additions on each of a few levels, and the error stays within some
//! units of the last place (blocked summation, Higham 2002, section 4.2).

use super::Fold;
use crate::lanes::Lanes;
use crate::scalar::Scalar;
use core::mem::MaybeUninit;

/// How many sums make one of the next level.
pub(crate) const FAN: usize = 16;
/// Levels; the last is as long as it has to be.
const DEPTH: usize = 5;

/// The levels of `NA` folds that go on at once, above the blocks that are folded where they are read.
pub(super) struct Levels<L, const NA: usize> {
    folds: [Fold; NA],
    /// Level `i` has something where `blocks / FANⁱ` is no multiple of [`FAN`].
    sums: [MaybeUninit<[L; NA]>; DEPTH],
    blocks: usize,
}

impl<L: Lanes, const NA: usize> Levels<L, NA> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn new(folds: [Fold; NA]) -> Self {
        Levels { folds, sums: [const { MaybeUninit::uninit() }; DEPTH], blocks: 0 }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn join(&self, mut a: [L; NA], b: [L; NA]) -> [L; NA] {
        let mut i = 0;
        while i < NA {
            a[i] = combine(self.folds[i], false, a[i], b[i]);
            i += 1;
        }
        a
    }

    /// Takes a block that is folded.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn push(&mut self, block: [L; NA]) {
        self.blocks += 1;
        let (mut item, mut count, mut level) = (block, self.blocks, 0);
        loop {
            // The last level is never emptied.
            let is_last = level + 1 == DEPTH;
            let has = if is_last { count > 1 } else { !(count - 1).is_multiple_of(FAN) };
            if has {
                // SAFETY: this level has something, which was written.
                item = self.join(unsafe { self.sums[level].assume_init() }, item);
            }
            if is_last || !count.is_multiple_of(FAN) {
                self.sums[level].write(item);
                return;
            }
            count /= FAN;
            level += 1;
        }
    }

    /// All blocks, and a part of one unless there is `nothing` in it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn with(&self, part: [L; NA], nothing: bool) -> [L; NA] {
        let (mut all, mut nothing) = (part, nothing);
        let (mut count, mut level) = (self.blocks, 0);
        while count > 0 {
            if level + 1 == DEPTH || !count.is_multiple_of(FAN) {
                // SAFETY: this level has something, which was written.
                let sum = unsafe { self.sums[level].assume_init() };
                all = if nothing { sum } else { self.join(sum, all) };
                nothing = false;
            }
            count = if level + 1 == DEPTH { 0 } else { count / FAN };
            level += 1;
        }
        all
    }
}

/// One step of a fold. A maximum starts from the first value: a generic scalar has no −∞.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn combine<L: Lanes>(fold: Fold, first: bool, acc: L, y: L) -> L {
    match fold {
        Fold::Sum => acc + y,
        Fold::Max if first => y,
        Fold::Max => acc.maximum(y),
    }
}

/// The same for single numbers, as many as there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum<T> {
    sums: [T; 16],
    count: u64,
}

impl<T: Scalar> Sum<T> {
    pub(crate) fn new() -> Self {
        Sum { sums: [T::ZERO; 16], count: 0 }
    }

    /// Adds a number.
    #[inline]
    pub(crate) fn push(&mut self, x: T) {
        self.count += 1;
        self.sums[0] = self.sums[0] + x;
        let (mut count, mut level) = (self.count, 0);
        while count.is_multiple_of(FAN as u64) {
            self.sums[level + 1] = self.sums[level + 1] + self.sums[level];
            self.sums[level] = T::ZERO;
            count /= FAN as u64;
            level += 1;
        }
    }

    /// The sum.
    pub(crate) fn total(&self) -> T {
        self.sums.iter().fold(T::ZERO, |total, sum| total + *sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Gf;
    use crate::lanes::Pack;

    /// Every block is in the sum once, wherever on the way up to the last level the blocks end.
    #[test]
    fn all_blocks_are_added() {
        type L = Pack<Gf, 1>;
        let mut levels = Levels::<L, 1>::new([Fold::Sum]);
        let (mut sum, mut singles) = (L::splat(Gf::from_f64(0.0)), Sum::new());
        let part = L::splat(Gf::from_f64(7.0));
        for blocks in 1..(FAN as u64).pow(5) + 300 {
            let block = Gf::from_f64((blocks % 1009) as f64);
            sum = sum + L::splat(block);
            levels.push([L::splat(block)]);
            singles.push(block);
            let near = blocks.next_power_of_two().abs_diff(blocks).min(blocks % 4096);
            if near < 3 || blocks < 300 {
                assert_eq!(levels.with([part], true)[0].sum(), sum.sum(), "{blocks} blocks");
                assert_eq!(
                    levels.with([part], false)[0].sum(),
                    (sum + part).sum(),
                    "{blocks} blocks and a part"
                );
                assert_eq!(singles.total(), sum.sum(), "{blocks} single numbers");
            }
        }
    }
}
