//! `scan(x, h: [16] = h0, reverse = true) { steps }` and `h <- value`.

use super::tokens::{Parser, Result, operator_at};
use crate::ast::{Carried, Rhs, Scan};
use crate::diag::{Diag, did_you_mean};
use proc_macro2::{Delimiter, Ident};

/// Something between the parentheses of a scan.
enum Item {
    Each(Ident),
    Carried(Carried),
    Reverse(bool),
}

impl<'a> Parser<'a, '_> {
    /// Whether a scan begins here: the word, and braces behind its parentheses.
    pub(super) fn peek_scan(&self) -> bool {
        let Some((_, rest)) = self.at.ident().filter(|(ident, _)| ident == "scan") else {
            return false;
        };
        let rest = rest.group(Delimiter::Parenthesis).map_or(rest, |(_, _, rest)| rest);
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

    /// `h <-`: the name, if this is what comes next.
    pub(super) fn next_state(&mut self) -> Option<Ident> {
        let (name, rest) = self.at.ident()?;
        let (_, rest) = operator_at(rest).filter(|(operator, _)| *operator == "<-")?;
        self.at = rest;
        Some(name)
    }
}
