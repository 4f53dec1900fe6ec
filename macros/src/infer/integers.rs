//! Integers among the values: inputs, views of them and what joins these, for the ops that take them.

use super::Infer;
use crate::ops::{OpDef, Takes};
use crate::shape::{Dim, show, spell_integers};
use crate::typed::{Operand, Value, ValueId};
use proc_macro2::Span;

pub(super) const INTEGERS_HELP: &str =
    "`embedding` looks up a row for each of them, `one_hot` makes vectors of them";

impl Infer<'_> {
    /// How integers are spelled; `None` if the value is real.
    pub(super) fn integers(&self, id: ValueId) -> Option<String> {
        let Value { shape, index, .. } = &self.typed.values[id];
        index.as_ref().map(|bound| spell_integers(shape, bound))
    }

    /// What the integers among the arguments are below, if all are of the kind that the op takes.
    pub(super) fn bounds(
        &mut self,
        op: &'static OpDef,
        spelling: &str,
        args: &[Operand],
        spans: &[Span],
    ) -> Option<Vec<Option<Dim>>> {
        let mut bounds = Vec::new();
        for (i, (arg, span)) in args.iter().zip(spans).enumerate() {
            let (found, bound) = match arg {
                Operand::Value(id) if self.is_broken(*id) => {
                    let bound = (op.takes(i) == Takes::Integers).then(|| self.unknown());
                    bounds.push(bound);
                    continue;
                }
                Operand::Value(id) => {
                    let value = &self.typed.values[*id];
                    (format!("real numbers of shape {}", show(&value.shape)), value.index.clone())
                }
                Operand::Number(_) => ("a number".into(), None),
            };
            match (op.takes(i), &bound, arg) {
                (Takes::Reals, Some(bound), Operand::Value(id)) => {
                    let integers = spell_integers(&self.typed.values[*id].shape, bound);
                    let message = format!(
                        "`{spelling}` works on real numbers, but is given integers, {integers}"
                    );
                    let help = match op.arity.weights() {
                        [weight, ..] if i == 0 => {
                            format!(
                                "the prediction is the first value, and `{weight} = ..` has its name"
                            )
                        }
                        _ => INTEGERS_HELP.into(),
                    };
                    self.error(*span, message, Some(help));
                    return None;
                }
                (Takes::Integers, None, _) => {
                    let message = format!("`{spelling}` needs integers here, but is given {found}");
                    let help = "integers are inputs of the model: `tokens: [64] of index(10)` are 64 numbers below 10";
                    self.error(*span, message, Some(help.into()));
                    return None;
                }
                _ => bounds.push(bound),
            }
        }
        Some(bounds)
    }
}
