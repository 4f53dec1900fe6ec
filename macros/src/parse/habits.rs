//! What other languages write in expressions and this one does not: `x ** 2`, `a @ b`, `x[0]`, `self.fc1(x)`.

use super::tokens::{Parser, Result, VALUES_HELP, operator_at, spell};
use crate::ast::{Expr, ExprKind, Given};
use crate::diag::{Diag, Diags};
use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::buffer::Cursor;

/// What the keywords of other languages are here.
const KEYWORDS: [(&str, &str); 8] = [
    ("if", "`where(mask, a, b)` chooses for each element, as in `where(gt(x, 0), x, 0.1 * x)`"),
    ("match", "`where(mask, a, b)` chooses for each element"),
    (
        "for",
        "`[Block; 6]` is six blocks in a row, `scan` runs steps for every row, and a `let` can be applied several times",
    ),
    ("while", "`scan` runs steps for every row of a value"),
    ("loop", "`scan` runs steps for every row of a value"),
    ("return", "the value of the last step is the result: leave `return` out"),
    ("fn", "a part that is used again is a `let`, or a model of its own"),
    (
        "self",
        "a layer is declared where it is used, `fc1 = linear -> [64]`, or before by `let fc1 = linear -> [64]` and used as `fc1(x)`",
    ),
];

impl<'a> Parser<'a, '_> {
    /// Whether brackets come after an expression that take a part of it. Those of a shape stand at the
    /// end of a step, where an arrow was forgotten.
    pub(super) fn is_index(&self, expr: &Expr) -> bool {
        let Some((inside, _, after)) = self.at.group(Delimiter::Bracket) else { return false };
        let value = matches!(
            expr.kind,
            ExprKind::Name(_)
                | ExprKind::Call { .. }
                | ExprKind::Member(_)
                | ExprKind::Method { .. }
                | ExprKind::Index { .. }
        );
        let goes_on = operator_at(after)
            .is_some_and(|(next, _)| !["->", "=>", ":", ",", ";", "="].contains(&next));
        let text = spell(inside.token_stream());
        let of_value = match &expr.kind {
            ExprKind::Name(name) => crate::ops::find(&name.to_string()).is_none(),
            ExprKind::Index { .. } => true,
            _ => false,
        };
        let part = text == "0"
            || text.starts_with('-')
            || text.contains([':', '.'])
            || text.contains("None")
            || after.group(Delimiter::Bracket).is_some();
        value && !inside.eof() && (self.close == "`)`" || of_value || goes_on || part)
    }

    /// `x[0..4]`, where `x` was read since `start`.
    pub(super) fn index(&mut self, value: Expr, start: Cursor<'a>) -> Expr {
        let (text, span) = (spell(self.since(start)), value.span);
        let mut items = Vec::new();
        if let Some((mut inside, _, after)) = self.at.group(Delimiter::Bracket) {
            while !inside.eof() {
                let (item, rest) = up_to_comma(inside);
                items.push(item.replace(' ', ""));
                inside = rest;
            }
            self.at = after;
        }
        Expr { kind: ExprKind::Index { value: Box::new(value), text, items }, span }
    }

    /// The operand after the operator that is next, and all from `start` to its end, as they are written.
    fn next_operand(&self, start: Cursor<'a>, power: bool) -> Option<(String, String)> {
        let (_, rest) = operator_at(self.at)?;
        let mut quiet = Diags::default();
        let mut ahead = Parser::new(rest, &mut quiet);
        let read: Result<Expr> = if power { ahead.signed() } else { ahead.sum() };
        if read.is_err() {
            // `self.w`: as far as its names go.
            ahead.at = rest;
            while let Some((_, after)) = ahead.at.ident() {
                ahead.at = after;
                if ahead.eat(".").is_none() {
                    break;
                }
            }
        }
        let operand = spell(ahead.since(rest));
        let operand = operand.strip_prefix("self.").unwrap_or(&operand);
        (!operand.is_empty()).then(|| (operand.to_string(), spell(ahead.since(start))))
    }

    /// Reports `x ** 2`, whose base was read since `start`.
    pub(super) fn reject_power(&self, start: Cursor<'a>) -> Result<()> {
        if !self.peek("**") {
            return Ok(());
        }
        let written = spell(self.since(start));
        let base = match start.group(Delimiter::Parenthesis) {
            Some((inside, _, after)) if after == self.at => spell(inside.token_stream()),
            _ => written.clone(),
        };
        let (exponent, all) =
            self.next_operand(start, true).unwrap_or_else(|| ("2".into(), written.clone()));
        let code = match exponent.as_str() {
            "2" | "2.0" => format!("square({base})"),
            "0.5" => format!("sqrt({base})"),
            exponent => format!("pow({base}, {exponent})"),
        };
        Err(Diag::new(self.span(), "`**` is not an operation on values").instead(all, code))
    }

    /// Reports `a @ b` and `a % b`.
    pub(super) fn reject_product(&self, start: Cursor<'a>) -> Result<()> {
        let (operator, op) = match self.operator() {
            Some("@") => ("@", "matmul"),
            Some("%") => ("%", "remainder"),
            _ => return Ok(()),
        };
        let a = spell(self.since(start));
        let next = self.next_operand(start, true);
        let (b, all) = next.unwrap_or_else(|| ("b".into(), a.clone()));
        Err(Diag::new(self.span(), format!("`{operator}` is not an operation on values"))
            .instead(all, format!("{op}({a}, {b})")))
    }

    /// Adds to the report of an operator after what was read since `start` what is written for it.
    pub(super) fn instead_of(&self, operator: &str, start: Cursor<'a>, diag: Diag) -> Diag {
        let a = spell(self.since(start));
        let next = self.next_operand(start, false);
        let is_none = next.is_none();
        let (b, all) = next.unwrap_or_else(|| ("b".into(), a.clone()));
        let layer = a.starts_with(char::is_uppercase).then(|| crate::elsewhere::op(&a)).flatten();
        let op = layer.map_or(a.as_str(), |op| op.name);
        if crate::ops::find(op).is_some() {
            let a = op;
            return diag.help(match operator {
                "<" => format!(
                    "sizes are not written in `<..>`: those of its input are known, and the arrow says how wide the result is, as in `{a} -> [64]`"
                ),
                _ => format!("steps follow each other, separated by commas: `{a}, {b}`"),
            });
        }
        let op = match operator {
            ">" => "gt",
            "<" => "lt",
            ">=" => "ge",
            "<=" => "le",
            "==" => "eq",
            "!=" => "ne",
            "&&" | "&" => return diag.help(format!("of two masks of 0 and 1, write `{a} * {b}`")),
            "|" if is_none => {
                return diag
                    .help(format!("steps follow each other, separated by commas: `{a}, ..`"));
            }
            "||" | "|" => {
                return diag.help(format!("of two masks of 0 and 1, write `maximum({a}, {b})`"));
            }
            "^" if b == "2" => return diag.help(format!("a square is `square({a})`")),
            "^" => return diag.help(format!("a power is `pow({a}, {b})`")),
            "+=" | "-=" | "*=" | "/=" => {
                let operator = operator.trim_end_matches('=');
                return diag.help(format!("a step makes a new value: `{a}2 = {a} {operator} {b}`"));
            }
            "as" if a.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') => {
                return diag.help(format!(
                    "write `const SCALE: f64 = {a} as f64;` before `model!`, and `SCALE` here"
                ));
            }
            "as" => return diag.help("values are all of one type: leave `as` out"),
            "?" => return diag.help("ops cannot fail: leave `?` out"),
            _ => return diag.help(VALUES_HELP),
        };
        let mut diag = diag.instead(all, format!("{op}({a}, {b})"));
        if let Some(help) = &mut diag.help {
            *help += ", which is 1 where that is so, else 0";
        }
        diag
    }

    /// Reports what cannot begin a value: an operator, or a keyword of another language.
    pub(super) fn reject_prefix(&self) -> Result<()> {
        let found = |help: &str| Err(self.expected("an op or a value").help(help));
        match self.operator() {
            Some("!") => found("a mask is 0 or 1: write `1 - mask`"),
            Some("&" | "&&") => found("values are given by their name alone: leave `&` out"),
            Some("*" | "**") => found("values are given by their name alone: leave `*` out"),
            Some("+") => found("a sum names both its values, as in `h + x`"),
            Some("|" | "||") => found(
                "a closure is a step of its own, or a `let`: `let f = |v| v * sigmoid(v)`, `f(x)`",
            ),
            Some("..") => found(VALUES_HELP),
            Some("#") => {
                found("an attribute stands before the whole step: `#[frozen] a = linear -> [8]`")
            }
            _ => {
                let Some((ident, rest)) = self.at.ident() else { return Ok(()) };
                // Paths may begin with `self`, and `where` is an op.
                if operator_at(rest).is_some_and(|(next, _)| next == "::") {
                    return Ok(());
                }
                if ident == "if"
                    && rest.ident().is_some_and(|(word, _)| word.to_string().contains("train"))
                {
                    return found(
                        "`dropout`, `batch_norm` and the like know: those of `net.training()` train, those of `net` evaluate",
                    );
                }
                match KEYWORDS.iter().find(|(word, _)| ident == word) {
                    Some((_, help)) => found(help),
                    None => Ok(()),
                }
            }
        }
    }
}

/// An expression of another language in the words of this one, as far as its operators go.
pub fn corrected(text: &str) -> String {
    let mut text = text.to_string();
    for _ in 0..8 {
        let Ok(tokens) = text.parse() else { return text };
        let buffer = syn::buffer::TokenBuffer::new2(tokens);
        let mut quiet = Diags::default();
        let mut parser = Parser::new(buffer.begin(), &mut quiet);
        let Err(Diag { instead: Some((written, code)), .. }) = parser.expr() else { return text };
        text = spell(buffer.begin().token_stream()).replacen(&written, &code, 1);
    }
    text
}

/// The expression that a text is, if it is one.
pub fn expression(text: &str) -> Option<Expr> {
    let buffer = syn::buffer::TokenBuffer::new2(text.parse().ok()?);
    let mut quiet = Diags::default();
    let mut parser = Parser::new(buffer.begin(), &mut quiet);
    parser.expr().ok().filter(|_| parser.at.eof())
}

/// The arguments between parentheses as they are written.
pub fn given(mut at: Cursor<'_>) -> Vec<Given> {
    let mut given = Vec::new();
    while !at.eof() {
        let named = at.ident().and_then(|(name, rest)| {
            let (operator, rest) = operator_at(rest)?;
            ["=", ":"].contains(&operator).then(|| (name.to_string(), rest))
        });
        let (name, value) = named.map_or((None, at), |(name, rest)| (Some(name), rest));
        let (text, after) = up_to_comma(value);
        given.push(Given { name, text });
        at = after;
    }
    given
}

/// What stands before the next comma, and what after it.
fn up_to_comma(mut at: Cursor<'_>) -> (String, Cursor<'_>) {
    let mut tokens = Vec::new();
    while let Some((token, rest)) = at.token_tree() {
        at = rest;
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            break;
        }
        tokens.push(token);
    }
    (spell(tokens.into_iter().collect()), at)
}

/// The constructor in a Rust expression, by its name, and its arguments: of `nn::Linear::new(8, 64)` it is
/// `Linear`. Those that it is then called with, `Dense(4)(x)`, come first.
pub fn constructor(tokens: proc_macro2::TokenStream) -> Option<(String, Vec<Given>)> {
    let buffer = syn::buffer::TokenBuffer::new2(tokens);
    let (mut at, mut names) = (buffer.begin(), Vec::new());
    loop {
        if let Some((inside, _, after)) = at.group(Delimiter::Parenthesis) {
            let mut all =
                after.group(Delimiter::Parenthesis).map_or(Vec::new(), |(x, ..)| given(x));
            all.extend(given(inside));
            return Some((named(names)?, all));
        }
        let (token, rest) = at.token_tree()?;
        match token {
            TokenTree::Ident(ident) => names.push(ident),
            TokenTree::Group(_) => return Some((named(names)?, Vec::new())),
            _ => {}
        }
        at = rest;
    }
}

/// `f32::tanh`, `nn::functional::relu`: a function of another library, and where it is.
pub(super) fn foreign_path(path: &proc_macro2::TokenStream) -> Option<(String, Ident)> {
    let ident = |token| if let TokenTree::Ident(ident) = token { Some(ident) } else { None };
    let mut names: Vec<Ident> = path.clone().into_iter().filter_map(ident).collect();
    let name = names.pop()?;
    names.first().filter(|root| crate::elsewhere::is_namespace(&root.to_string()))?;
    let receiver: Vec<String> = names.iter().map(Ident::to_string).collect();
    Some((receiver.join("::"), name))
}

/// The last name of a path that begins with a capital; else, of a path of another library, the last.
fn named(names: Vec<Ident>) -> Option<String> {
    let foreign = |root: &Ident| crate::elsewhere::is_namespace(&root.to_string());
    let last = names.last().filter(|_| names.len() > 1 && names.first().is_some_and(foreign));
    names.iter().rev().find(|name| super::tokens::is_capital(name)).or(last).map(Ident::to_string)
}
