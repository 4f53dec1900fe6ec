//! What a person reads of a block.

use super::{Block, views};
use crate::info::View;
use crate::scalar::Scalar;
use core::fmt;

/// How many numbers are written out.
const FEW: usize = 4;

/// A block by its arrays: of each its numbers if they are few, else its shape and what they lie between.
pub(crate) fn show<B: Block>(name: &str, block: &B, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(name);
    for array in views(block) {
        out.field(array.name, &Summary(array));
    }
    out.finish()
}

/// An array in one line.
struct Summary<'a, T>(View<'a, T>);

impl<T: Scalar> fmt::Debug for Summary<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let View { shape, data, .. } = self.0;
        if data.len() <= FEW && shape.len() == 1 {
            return write!(f, "{data:?}");
        }
        write!(f, "{shape:?}")?;
        #[expect(clippy::eq_op, reason = "the test for NaN of a generic number")]
        let mut numbers = data.iter().filter(|x| **x == **x);
        let nan = data.len() - numbers.clone().count();
        if let Some(first) = numbers.next() {
            let (mut least, mut most) = (first, first);
            for x in numbers {
                if x < least {
                    least = x;
                }
                if x > most {
                    most = x;
                }
            }
            if least == most && nan == 0 {
                return write!(f, " all {least:?}");
            }
            write!(f, " from {least:?} to {most:?}")?;
        }
        match nan {
            0 => Ok(()),
            _ => write!(f, ", {nan} NaN"),
        }
    }
}
