//! Skips the nests of a derivative whose results nobody asked for.

use super::Emit;
use crate::nest::{Nest, Wanted};
use std::fmt::Write as _;

impl Emit<'_> {
    /// A nest, in the calls that want it; `around` are those that come here at all.
    pub(super) fn wanted(&mut self, nest: &Nest, around: Wanted, text: &mut String) {
        let Wanted { inputs, params, both } = nest.wanted;
        let guard = match (inputs, params, both) {
            _ if nest.wanted == around => return self.nest(nest, text),
            (true, true, true) => "true",
            (true, false, true) => "W::I",
            (false, true, true) => "W::P",
            (false, false, true) => "W::I && W::P",
            (true, false, false) => "!W::P",
            (false, true, false) => "!W::I",
            (true, true, false) => "W::I != W::P",
            (false, false, false) => "false",
        };
        let _ = write!(text, "if {guard} {{ ");
        self.nest(nest, text);
        text.push_str("}\n");
    }
}
