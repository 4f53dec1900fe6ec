//! Numbers that are options, and out of their limits.

use super::*;
use crate::number::Num;
use crate::ops::{OpDef, OptDef};
use crate::typed::Limit;

impl Infer<'_> {
    /// Whether a number is one that the option can be. For a `const`, rustc is asked.
    pub(super) fn in_range(&mut self, op: &OpDef, option: &OptDef, num: &Num, span: Span) -> bool {
        let Some(limits) = option.limits else { return true };
        let (name, is) = (option.name, limits.is);
        match num.approx() {
            Some(found) if !limits.hold(found) => {
                let message = format!("`{name}` of `{}` is {is}, found {found}", op.name);
                self.error(span, message, Some(limits.help.to_string()));
                return false;
            }
            None => {
                if let Num::Named { text, code } = num {
                    let message = format!(
                        "`{name}` of `{}` is {is}, which `{text}` is not: {}",
                        op.name, limits.help
                    );
                    let limit = Limit { holds: limits.code(code), message, span };
                    self.typed.limits.push(limit);
                }
            }
            Some(_) => {}
        }
        true
    }
}
