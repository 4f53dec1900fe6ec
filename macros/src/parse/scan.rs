//! `scan(x, h: [16] = h0, reverse = true) { steps }` and `h <- value`.

use super::tokens::{Parser, Result, operator_at, spell};
use crate::ast::{Carried, Rhs, Scan};
use crate::diag::{Diag, did_you_mean};
use proc_macro2::{Delimiter, Ident};
use syn::buffer::Cursor;

/// Something between the parentheses of a scan.
enum Item {
    Each(Ident),
    Carried(Carried),
    Reverse(bool),
}

impl<'a> Parser<'a, '_> {
    /// Whether a scan begins here: the word, and braces after its parentheses.
    pub(super) fn peek_scan(&self) -> bool {
        let Some((_, rest)) = self.at.ident().filter(|(ident, _)| ident == "scan") else {
            return false;
        };
        let rest = rest.group(Delimiter::Parenthesis).map_or(rest, |(_, _, rest)| rest);
        let rest = after_arrow(rest).unwrap_or(rest);
        rest.group(Delimiter::Brace).is_some()
    }

    pub(super) fn scan(&mut self) -> Result<Rhs> {
        let span = self.span();
        self.skip();
        let items = self.enter(Delimiter::Parenthesis, |p, _| p.list("values", Self::scan_item));
        let mut scan =
            Scan { each: Vec::new(), carried: Vec::new(), reverse: false, steps: Vec::new(), span };
        for item in items.unwrap_or_else(|| Ok(Vec::new()))? {
            match item {
                Item::Each(name) => scan.each.push(name),
                Item::Carried(carried) => scan.carried.push(carried),
                Item::Reverse(reverse) => scan.reverse = reverse,
            }
        }
        if let Some(after) = after_arrow(self.at) {
            let start = self.at;
            self.at = after;
            let diag = Diag::new(start.span(), "a scan has no arrow: its state says its shape");
            self.diags.push(diag.help(format!("leave `{}` out", spell(self.since(start)))));
        }
        let steps = self.enter(Delimiter::Brace, |p, span| Ok(p.body("scan", span)));
        scan.steps = steps.unwrap_or_else(|| Ok(Vec::new()))?;
        Ok(Rhs::Scan(scan))
    }

    fn scan_item(&mut self) -> Result<Item> {
        let name = self.name("a sequence or a state")?;
        if name == "reverse" && self.eat("=").is_some() {
            let flag = self.at.ident().filter(|(flag, _)| flag == "true" || flag == "false");
            let Some((flag, rest)) = flag else {
                return Err(self.expected("`true` or `false`"));
            };
            self.at = rest;
            return Ok(Item::Reverse(flag == "true"));
        }
        if self.eat(":").is_none() {
            let value =
                operator_at(self.at).filter(|(operator, _)| *operator == "=").map(|(_, rest)| rest);
            let is_option = value.is_some_and(|at| {
                at.literal().is_some()
                    || at.ident().is_some_and(|(word, _)| word == "true" || word == "false")
            });
            if is_option && did_you_mean(&name.to_string(), ["reverse"].into_iter()).is_none() {
                let diag = Diag::new(name.span(), format!("`scan` has no option `{name}`"));
                return Err(
                    diag.help("it has `reverse = true`; a state is `h: [16]`, or `h: [16] = h0`")
                );
            }
            if self.peek("=") {
                let diag = Diag::new(self.span(), format!("the state `{name}` has no shape"));
                let close = did_you_mean(&name.to_string(), ["reverse"].into_iter());
                return Err(diag.help(match close {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("`{name}: [16] = …`"),
                }));
            }
            return Ok(Item::Each(name));
        }
        let shape = self.shape(":")?;
        let init = if self.eat("=").is_some() { Some(self.expr()?) } else { None };
        Ok(Item::Carried(Carried { name, shape, init }))
    }

    /// Reports `(h, c) <- (a, b)`.
    pub(super) fn reject_states(&self) -> Result<()> {
        let states = self.at.group(Delimiter::Parenthesis).filter(|(_, _, after)| {
            operator_at(*after).is_some_and(|(operator, _)| operator == "<-")
        });
        let Some((inside, ..)) = states else { return Ok(()) };
        let each = spell(inside.token_stream());
        let each: Vec<String> =
            each.split(',').map(|name| format!("{} <- ..", name.trim())).collect();
        Err(Diag::new(self.span(), "each state is given its next value by itself")
            .help(format!("`{}`", each.join(", "))))
    }

    /// `h <-`: the name, if this is what comes next.
    pub(super) fn next_state(&mut self) -> Option<Ident> {
        let (name, rest) = self.at.ident()?;
        let (_, rest) = operator_at(rest).filter(|(operator, _)| *operator == "<-")?;
        self.at = rest;
        Some(name)
    }
}

/// What follows `-> [20, 16]`, if that is here.
fn after_arrow(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let (_, rest) = operator_at(at).filter(|(operator, _)| *operator == "->")?;
    rest.group(Delimiter::Bracket).map(|(_, _, after)| after)
}
