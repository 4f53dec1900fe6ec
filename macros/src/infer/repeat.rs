//! Steps in a row, each with its own parameters.

use super::*;
use crate::typed::NodeKind;

/// More of them in a row than this is a slip.
const MOST_REPEATS: i64 = 1000;

impl<'a> Infer<'a> {
    /// `[Block; 6]`: what the first gives, the second takes.
    pub(super) fn repeat(
        &mut self,
        apply: &'a Apply,
        item: &'a Apply,
        count: &'a ast::Dim,
        flow: Flow,
    ) -> Option<ValueId> {
        let times = self.times(count)?;
        let what = "what is repeated";
        let x = self.flowing(flow, apply.span, what)?;
        let x = self.check_domain(apply, "the first of them", x)?;
        let shape = self.typed.values[x].shape.clone();
        let (rows, given) = (self.typed.rows.len(), self.given.len());
        let (mut value, mut fields) = (x, Vec::new());
        for i in 0..times {
            self.scopes.push(Scope::default());
            let start = self.typed.values.len();
            let result = self.step(item, Flow::Value(value));
            let scope = self.scopes.pop().unwrap_or_default();
            let Flow::Value(next) = result else { return None };
            if self.is_broken(next) {
                return None;
            }
            let found = self.typed.values[next].shape.clone();
            if times > 1 && !self.fits(&found, &shape) {
                self.assumed.take();
                self.error(
                    item.span,
                    format!(
                        "what is repeated must give what it takes, but this takes {} and gives {}",
                        show(&shape),
                        show(&found)
                    ),
                    Some("write the steps one after the other".into()),
                );
                return None;
            }
            self.settle(item.span, what);
            fields.extend(field_of_place(i, item, scope.fields));
            if apply.attrs.recompute {
                self.recomputed(start, next);
            }
            value = next;
        }
        self.typed.rows.truncate(rows);
        let count = self.given[given..]
            .iter()
            .fold(Dim::known(0), |sum, param| sum.add(&size(&self.typed.params[*param].shape)));
        let text = match &item.rhs {
            Rhs::Model { used, .. } => used.text.clone(),
            Rhs::Expr(ast::Expr {
                kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, ..
            }) => op.to_string(),
            _ => "{…}".into(),
        };
        let to = self.typed.values[value].shape.clone();
        self.row(apply, &format!("[{text}; {times}]"), Some(shape), to, count);
        if !fields.is_empty() && self.replay.is_none() {
            let unnamed = unnamed(&item.rhs).unwrap_or_else(|| "row".into());
            self.node(apply.names.first(), &unnamed, fields, NodeKind::List);
        }
        self.check_arrow(apply, "the row", Some(x), value)
    }

    /// How many there are in a row.
    fn times(&mut self, count: &'a ast::Dim) -> Option<i64> {
        let times = self.dim_value(count)?;
        match times.as_known() {
            Some(n) if n < 1 => {
                let message = format!("at least one is in a row, found {n}");
                self.error(count.span, message, None);
                None
            }
            Some(n) if n <= MOST_REPEATS => Some(n),
            Some(n) => {
                let message = format!("{n} in a row are too many, there can be {MOST_REPEATS}");
                self.error(count.span, message, None);
                None
            }
            // In a generic model by itself, one is like the other.
            None if !self.open.is_empty() => Some(2),
            None => {
                self.error(
                    count.span,
                    format!(
                        "the number of repetitions must be known here, and `{times}` is a `const`"
                    ),
                    Some("write the number itself".into()),
                );
                None
            }
        }
    }
}

/// The field of one place in a row, given those that its step made; the one step inside has the name of the place.
fn field_of_place(place: i64, item: &Apply, mut fields: Vec<Field>) -> Option<Field> {
    let name = place.to_string();
    match (fields.len(), fields.pop()?) {
        (1, Field::Node { fields, kind, .. }) if !matches!(item.rhs, Rhs::Block { .. }) => {
            Some(Field::Node { name, fields, kind })
        }
        (_, last) => {
            fields.push(last);
            Some(Field::Node { name, fields, kind: NodeKind::Struct })
        }
    }
}

/// What the parameters of a step without a name are called, but for a number.
pub(super) fn unnamed(rhs: &Rhs) -> Option<String> {
    match rhs {
        Rhs::Model { used, .. } => Some(snake_of(&used.text)),
        Rhs::Repeat { item, .. } => Some(unnamed(&item.rhs).unwrap_or_else(|| "row".into())),
        Rhs::Expr(ast::Expr { kind: ExprKind::Name(op) | ExprKind::Call { op, .. }, .. }) => {
            ops::find(&op.to_string()).map(|op| op.name.to_string())
        }
        _ => None,
    }
}

/// `blocks::FeedForward` → `feed_forward`
pub(super) fn snake_of(path: &str) -> String {
    let name = path.rsplit("::").next().unwrap_or_default().trim().trim_start_matches("r#");
    let mut text = String::new();
    let mut last = '_';
    for c in name.chars() {
        if c.is_uppercase() && !last.is_uppercase() && last != '_' {
            text.push('_');
        }
        text.extend(c.to_lowercase());
        last = c;
    }
    text
}
