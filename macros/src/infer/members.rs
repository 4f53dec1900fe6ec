//! Parameters as values: `table.weight` is that of the step `table`, wherever it is used again.

use super::{Binding, Infer};
use crate::typed::{Field, ValueDef, ValueId};
use crate::{elsewhere, ops};
use proc_macro2::{Ident, Span};

/// A message, where it points and how to go on.
type Wrong = (Span, String, Option<String>);

/// `block.fc1.weight`
pub fn spell(names: &[Ident]) -> String {
    let names: Vec<String> = names.iter().map(Ident::to_string).collect();
    names.join(".")
}

fn name(field: &Field) -> &str {
    match field {
        Field::Leaf { name, .. } | Field::Node { name, .. } => name,
    }
}

fn list(fields: &[Field]) -> String {
    fields.iter().map(name).collect::<Vec<_>>().join("`, `")
}

/// The array that names lead to, the first of which is that of the field; `Err(None)` if nothing is known
/// of it after a mistake.
fn walk(mut field: &Field, names: &[Ident]) -> Result<usize, Option<Wrong>> {
    for (i, next) in names.iter().enumerate().skip(1) {
        let (path, text) = (spell(&names[..i]), next.to_string());
        let inner: &[Field] = match field {
            Field::Node { fields, .. } if fields.is_empty() => return Err(None),
            Field::Node { fields, .. } => fields,
            Field::Leaf { .. } => {
                let message = format!("`{path}` is an array and has no parameter `{text}`");
                let code = match text.as_str() {
                    "T" | "mT" | "H" => format!("transpose({path})"),
                    _ if ops::find(&text).is_some() => format!("{text}({path})"),
                    _ => path,
                };
                return Err(Some((next.span(), message, Some(format!("write `{code}`")))));
            }
        };
        let Some(found) = inner.iter().find(|field| name(field) == text) else {
            let message = format!("`{path}` has no parameter called `{text}`");
            let help = match i {
                1 => format!("it has `{}`; its value is `{path}`", list(inner)),
                _ => format!("it has `{}`", list(inner)),
            };
            return Err(Some((next.span(), message, Some(help))));
        };
        field = found;
    }
    match field {
        Field::Leaf { param, .. } => Ok(*param),
        Field::Node { fields, .. } => {
            let path = spell(names);
            let outside = match names.len() {
                1 => "",
                _ => {
                    "; the value of a step in a block is not seen outside: the block's own is that of its last step"
                }
            };
            let help =
                fields.first().map(|field| format!("write `{path}.{}`{outside}", name(field)));
            let message = format!("`{path}` is not one array, it has `{}`", list(fields));
            Err(Some((names[0].span(), message, help)))
        }
    }
}

impl Infer<'_> {
    /// `step.parameter` as a value; several names lead into blocks.
    pub(super) fn member(&mut self, names: &[Ident]) -> Option<ValueId> {
        let first = names.first()?;
        let step = first.to_string();
        let fields =
            self.scopes.iter().rev().flat_map(|scope| scope.fields.iter().chain(&scope.again));
        let found =
            fields.filter(|field| name(field) == step).map(|field| walk(field, names)).next();
        match found {
            Some(Ok(param)) => {
                let shape = self.typed.params[param].shape.clone();
                return Some(self.push(shape, ValueDef::Param(param)));
            }
            Some(Err(Some((span, message, help)))) => self.error(span, message, help),
            Some(Err(None)) => {}
            None => self.no_parameters(first, &names[names.len() - 1]),
        }
        None
    }

    fn no_parameters(&mut self, first: &Ident, last: &Ident) {
        let step = first.to_string();
        let text = last.to_string();
        if self.lookup(&step).is_none() && elsewhere::is_namespace(&step) {
            let help = match elsewhere::number(&text) {
                Some(help) => help.to_string(),
                None => {
                    self.advice(&text, &[], None, None).unwrap_or_else(|| self.unknown_help(&text))
                }
            };
            let message = format!("there is no `{step}.{text}` in a model");
            self.error(first.span(), message, Some(help));
            return;
        }
        let (message, help) = match self.lookup(&step) {
            Some(Binding::Let(_)) => {
                self.use_shared(&step);
                (
                    format!("`{step}` has no parameters before it is applied for the first time"),
                    format!("apply it before: `{step}(value)`"),
                )
            }
            Some(Binding::Value(Some(_))) => {
                let help = match ops::find(&text) {
                    _ if ["T", "mT"].contains(&&*text) => format!("write `transpose({step})`"),
                    Some(_) => format!("an op is called as `{last}({step})`"),
                    None if elsewhere::sentence(&text).is_some() => {
                        elsewhere::sentence(&text).unwrap_or_default().to_string()
                    }
                    None => "steps such as `linear` and `embedding` have parameters".into(),
                };
                (format!("`{step}` has no parameters"), help)
            }
            Some(Binding::Value(None)) => return,
            None if text.starts_with(char::is_uppercase) => (
                format!("there is no value called `{step}`"),
                format!("a model in a module is written `{step}::{text}`"),
            ),
            None => {
                self.operand_named(first);
                return;
            }
        };
        self.error(first.span(), message, Some(help));
    }
}
