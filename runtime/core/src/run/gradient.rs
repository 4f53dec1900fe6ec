//! The gradient of a batch, added up tile by tile in levels.
//!
//! Each tile adds its own to what is there. Where there are many, every few of them make a gradient of their own, which goes on to
//! one of the next level: see `kernel::levels` for why. Up to [`FAN`] tiles there is one level, the result.

use crate::kernel::{Change, update};
use crate::lanes::Lanes;
use crate::scalar::Scalar;

/// How many gradients of one level make one of the next.
const FAN: usize = 32;

/// How many levels there are between so many tiles and their sum.
pub(super) fn levels(tiles: usize) -> usize {
    let (mut left, mut levels) = (tiles.div_ceil(FAN), 0);
    while left > 1 {
        left = left.div_ceil(FAN);
        levels += 1;
    }
    levels
}

/// The sum of a batch and the levels below it, each as long as the sum.
pub(super) struct Gradient<'a, T> {
    pub(super) sum: &'a mut [T],
    pub(super) levels: &'a mut [T],
}

impl<T: Scalar> Gradient<'_, T> {
    fn depth(&self) -> usize {
        if self.sum.is_empty() { 0 } else { self.levels.len() / self.sum.len() }
    }

    /// Where tile number `tile` writes its gradient, and whether it is added to what is there.
    #[inline(always)]
    pub(super) fn of_tile(&mut self, tile: usize) -> (&mut [T], bool) {
        if self.levels.is_empty() {
            return (self.sum, tile > 0);
        }
        let len = self.sum.len();
        (&mut self.levels[..len], !tile.is_multiple_of(FAN))
    }

    /// What follows that tile: levels that are full go on to the next.
    #[inline(always)]
    pub(super) fn done(&mut self, tile: usize) {
        if !self.levels.is_empty() && (tile + 1).is_multiple_of(FAN) {
            self.carry(tile + 1);
        }
    }

    #[cold]
    fn carry(&mut self, tiles: usize) {
        let (mut count, mut level) = (tiles, 0);
        while level < self.depth() && count.is_multiple_of(FAN) {
            count /= FAN;
            self.up(level, self.is_begun(level + 1, count - 1));
            level += 1;
        }
    }

    /// Adds what is left in the levels after so many tiles to the sum.
    pub(super) fn finish(&mut self, tiles: usize) {
        let (mut count, mut left) = (tiles, false);
        for level in 0..self.depth() {
            let has = left || !count.is_multiple_of(FAN);
            count /= FAN;
            if has {
                self.up(level, self.is_begun(level + 1, count));
            }
            left = has;
        }
    }

    /// Whether a level has something after it was given so many gradients.
    fn is_begun(&self, level: usize, given: usize) -> bool {
        if level == self.depth() { given > 0 } else { !given.is_multiple_of(FAN) }
    }

    /// Adds a level to the next, or begins that with it.
    fn up(&mut self, level: usize, add: bool) {
        let len = self.sum.len();
        let (below, above) = self.levels.split_at_mut((level + 1) * len);
        let from = &below[level * len..];
        let to = if above.is_empty() { &mut *self.sum } else { &mut above[..len] };
        if add { update([to], from, Plus) } else { to.copy_from_slice(from) }
    }
}

/// What is added to a sum.
#[derive(Clone, Copy)]
pub(super) struct Plus;

impl<T: Scalar> Change<T, 1> for Plus {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [sum]: [V; 1], x: V) -> [V; 1] {
        [sum + x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, whose sums are exact: every tile counts once, however many there are.
    #[test]
    fn every_tile_counts_once() {
        for tiles in
            [1, 2, 31, 32, 33, 64, 1000, 1023, 1024, 1025, 1056, 2048, 32_767, 32_769, 70_000]
        {
            let mut sum = [f64::NAN; 2];
            let mut more = vec![f64::NAN; 2 * levels(tiles)];
            let mut gradient = Gradient { sum: &mut sum, levels: &mut more };
            for tile in 0..tiles {
                let (to, add) = gradient.of_tile(tile);
                for (i, to) in to.iter_mut().enumerate() {
                    *to = if add { *to } else { 0.0 } + (tile * (i + 1)) as f64;
                }
                gradient.done(tile);
            }
            gradient.finish(tiles);
            let total = (tiles * (tiles - 1) / 2) as f64;
            assert_eq!(sum, [total, 2.0 * total], "{tiles} tiles");
        }
        assert_eq!([1, 32, 33, 1024, 1025, 32_768, 32_769].map(levels), [0, 0, 1, 1, 2, 2, 3]);
    }
}
