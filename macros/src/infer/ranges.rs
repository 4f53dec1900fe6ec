//! Numbers that are options, and out of their range.

use super::*;
use crate::number::Num;
use crate::ops::{OpDef, OptDef};

/// Numbers that an option can be, whichever op it is of: its name, which they are, and what is meant.
type Range = (&'static str, fn(f64) -> bool, &'static str, &'static str);
const RANGES: [Range; 6] = [
    // `batch_norm(64)` is what PyTorch's users write.
    (
        "eps",
        |x| (0.0..1.0).contains(&x),
        "from 0 to below 1",
        "sizes are those of the input; leave it out",
    ),
    (
        "momentum",
        |x| (0.0..=1.0).contains(&x),
        "from 0 to 1",
        "it is the share of the new statistics",
    ),
    (
        "label_smoothing",
        |x| (0.0..=1.0).contains(&x),
        "from 0 to 1",
        "it is the share of all classes",
    ),
    ("std", |x| x >= 0.0, "at least 0", "it is a standard deviation"),
    ("delta", |x| x > 0.0, "more than 0", "it is where the squares end"),
    ("base", |x| x > 0.0, "more than 0", "the usual one is 10000"),
];

impl Infer<'_> {
    /// Whether a number is one that the option can be.
    pub(super) fn in_range(&mut self, op: &OpDef, option: &OptDef, num: &Num, span: Span) -> bool {
        let range = RANGES.iter().find(|(name, ..)| *name == option.name);
        let (Some((name, fits, range, help)), Some(found)) = (range, num.approx()) else {
            return true;
        };
        if !fits(found) {
            let message = format!("`{name}` of `{}` is {range}, found {found}", op.name);
            self.error(span, message, Some((*help).to_string()));
        }
        fits(found)
    }
}
