//! Moving over tokens: what every part of the parser is made of.

use crate::ast::StepAttrs;
use crate::diag::{Diag, Diags};
use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};
use syn::buffer::Cursor;

pub(super) type Result<T> = std::result::Result<T, Diag>;

/// Every operator of Rust a user may type, by its length. The longest is meant: `->` is never seen as `-`.
#[rustfmt::skip]
const OPERATORS: [&[&str]; 3] = [
    &[
        ",", ":", "+", "-", "*", "/", "%", "=", "<", ">", "!", "&", "|", "^", ";", ".", "#", "$", "?",
        "@", "~",
    ],
    &[
        "<-", "->", "=>", "::", "..", "==", "!=", "<=", ">=", "&&", "||", "<<", ">>", "+=", "-=",
        "*=", "/=", "%=", "**",
    ],
    &["..=", "..."],
];

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What `close` is outside of every group.
const END: &str = "the end of the macro";
/// Said where something else of Rust stands for a value.
pub(super) const VALUES_HELP: &str = "values are combined by `+`, `-`, `*`, `/` and ops";

pub(super) fn is_keyword(ident: &Ident) -> bool {
    let text = ident.to_string(); // once: an identifier is spelled by the compiler
    KEYWORDS.contains(&text.as_str())
}

/// The keywords a path may begin with.
pub(super) fn is_path_root(ident: &Ident) -> bool {
    ["crate", "self", "super", "Self"].contains(&ident.to_string().as_str())
}

pub(super) fn is_capital(ident: &Ident) -> bool {
    ident.to_string().trim_start_matches("r#").starts_with(char::is_uppercase)
}

/// The operator at `at` and what follows it.
pub(super) fn operator_at(at: Cursor<'_>) -> Option<(&'static str, Cursor<'_>)> {
    // What is joined without a space, up to the length of the longest, and what follows each.
    let (mut spelled, mut after) = ([0u8; 3], [at; 3]);
    let (mut end, mut length) = (at, 0);
    while length < spelled.len() {
        let Some((punct, rest)) = end.punct() else { break };
        spelled[length] = u8::try_from(punct.as_char()).unwrap_or(0);
        after[length] = rest;
        (end, length) = (rest, length + 1);
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    (1..=length).rev().find_map(|length| {
        let found = OPERATORS[length - 1].iter().find(|text| text.as_bytes() == &spelled[..length]);
        found.map(|text| (*text, after[length - 1]))
    })
}

pub(super) struct Parser<'a, 'd> {
    pub(super) at: Cursor<'a>,
    /// What stands at the end of the group being read, as errors spell it.
    pub(super) close: &'static str,
    /// Operators read in this step.
    pub(super) operators: usize,
    /// Whether every step of this model could be read.
    pub(super) complete: bool,
    /// The attributes before the step that is read next.
    pub(super) pending: StepAttrs,
    pub(super) diags: &'d mut Diags,
}

impl<'a, 'd> Parser<'a, 'd> {
    pub(super) fn new(at: Cursor<'a>, diags: &'d mut Diags) -> Self {
        let pending = StepAttrs::default();
        Parser { at, close: END, operators: 0, complete: true, pending, diags }
    }

    pub(super) fn operator(&self) -> Option<&'static str> {
        operator_at(self.at).map(|(operator, _)| operator)
    }

    pub(super) fn peek(&self, operator: &str) -> bool {
        self.operator() == Some(operator)
    }

    /// Steps over `operator` and returns its span, if it is next.
    pub(super) fn eat(&mut self, operator: &str) -> Option<Span> {
        let (_, rest) = operator_at(self.at).filter(|(found, _)| *found == operator)?;
        let span = self.at.span();
        self.at = rest;
        Some(span)
    }

    pub(super) fn peek_group(&self, delimiter: Delimiter) -> bool {
        self.at.group(delimiter).is_some()
    }

    pub(super) fn skip(&mut self) {
        if let Some((_, rest)) = self.at.token_tree() {
            self.at = rest;
        }
    }

    /// To the next of `operators` in this group.
    pub(super) fn skip_to(&mut self, operators: &[&str]) {
        while !self.at.eof() && self.operator().is_none_or(|next| !operators.contains(&next)) {
            self.skip();
        }
    }

    /// Reads inside the next group, which must have this delimiter, and ends after it even
    /// if that fails. `None` if something else is next.
    pub(super) fn enter<T>(
        &mut self,
        delimiter: Delimiter,
        read: impl FnOnce(&mut Self, Span) -> Result<T>,
    ) -> Option<Result<T>> {
        let (inside, span, after) = self.at.group(delimiter)?;
        let close = match delimiter {
            Delimiter::Parenthesis => "`)`",
            Delimiter::Bracket => "`]`",
            Delimiter::Brace => "`}`",
            // A fragment such as `$e` of the macro that wrote this call.
            Delimiter::None => "the end of the fragment",
        };
        let outside = std::mem::replace(&mut self.close, close);
        self.at = inside;
        let result = read(self, span.join());
        self.at = after;
        self.close = outside;
        Some(result)
    }

    /// The items up to the end of the group, separated by commas.
    pub(super) fn list<T>(
        &mut self,
        what: &str,
        item: impl Fn(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let (mut items, mut semicolons) = (Vec::new(), 0);
        while !self.at.eof() {
            items.push(item(self)?);
            if self.eat(",").is_some() || self.at.eof() {
                continue;
            }
            let Some(span) = self.eat(";") else {
                let diag = self.expected(&format!("`,` or {}", self.close));
                return Err(match self.no_separator(what) {
                    Some(help) => diag.help(help),
                    None => diag,
                });
            };
            semicolons += 1;
            if semicolons == 1 {
                let message = format!("{what} are separated by `,`, not by `;`");
                self.diags.push(Diag::new(span, message));
            }
        }
        Ok(items)
    }

    /// What to say of what stands where an item of a list should end.
    fn no_separator(&self, what: &str) -> Option<&'static str> {
        let word = self.at.ident().map(|(word, _)| word.to_string()).unwrap_or_default();
        match (what, self.operator()) {
            ("arguments", Some("->")) => {
                Some("an op with an arrow is a step of its own: `h = linear(x) -> [16]`")
            }
            ("dimensions", Some(":")) => Some("the output has no name: `-> [2]`"),
            ("inputs", _) if self.peek_group(Delimiter::Bracket) => {
                Some("a shape is one list of sizes, `[4, 8]`; integers are `[4] of index(10)`")
            }
            ("dimensions", _) if self.peek_group(Delimiter::Parenthesis) => Some(
                "a size is a number, a `const` or arithmetic on them; integers are `[4] of index(10)`",
            ),
            ("values", _) if word == "in" => Some(
                "a scan runs over the rows of the value before it, or of `x` in `scan(x, h: [16])`",
            ),
            _ => None,
        }
    }

    /// The one item of a group.
    pub(super) fn only<T>(&mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        let item = item(self)?;
        if self.at.eof() { Ok(item) } else { Err(self.expected(self.close)) }
    }

    /// The next token; at the end of a group its closing bracket, at the very end the last token.
    pub(super) fn span(&self) -> Span {
        if self.at.eof() && self.close == END { self.at.prev_span() } else { self.at.span() }
    }

    pub(super) fn expected(&self, what: &str) -> Diag {
        Diag::new(self.span(), format!("expected {what}, found {}", self.found()))
    }

    pub(super) fn found(&self) -> String {
        if let Some((ident, _)) = self.at.ident() {
            return if is_keyword(&ident) {
                format!("the keyword `{ident}`")
            } else {
                format!("`{ident}`")
            };
        }
        if let Some((literal, _)) = self.at.literal() {
            let text = literal.to_string();
            return if text.ends_with('"') {
                format!("the string `{text}`")
            } else {
                format!("`{text}`")
            };
        }
        if let Some(operator) = self.operator() {
            return format!("`{operator}`");
        }
        match self.at.token_tree() {
            None => self.close.to_string(),
            Some(_) if self.peek_group(Delimiter::Parenthesis) => "`(…)`".to_string(),
            Some(_) if self.peek_group(Delimiter::Bracket) => "`[…]`".to_string(),
            Some(_) if self.peek_group(Delimiter::Brace) => "`{…}`".to_string(),
            Some((token, _)) => format!("`{token}`"),
        }
    }

    /// The tokens from `start` up to here.
    pub(super) fn since(&self, start: Cursor<'a>) -> TokenStream {
        let mut at = start;
        let next = || {
            let (token, rest) = at.token_tree().filter(|_| at != self.at)?;
            at = rest;
            Some(token)
        };
        std::iter::from_fn(next).collect()
    }

    /// A new name. `of` says what it names: `a step`.
    pub(super) fn name(&mut self, of: &str) -> Result<Ident> {
        match self.at.ident() {
            Some((ident, _)) if is_keyword(&ident) => {
                let message = format!("`{ident}` is a keyword of Rust and cannot name {of}");
                Err(Diag::new(ident.span(), message).help(format!("`{ident}_`")))
            }
            Some((ident, rest)) if ident != "_" => {
                self.at = rest;
                Ok(ident)
            }
            _ => Err(self.expected(&format!("the name of {of}"))),
        }
    }

    /// `D`, `Self::D`, `config::WIDTH`; the identifier too if it is a single one. `what` is needed
    /// if there is no path.
    pub(super) fn path(&mut self, what: &str) -> Result<(TokenStream, Option<Ident>)> {
        let start = self.at;
        let mut single = self.eat("::").is_none();
        let mut what = if single { what } else { "a name after `::`" };
        loop {
            let named = |ident: &Ident| ident != "_" && (!is_keyword(ident) || is_path_root(ident));
            // An op with the name of a keyword.
            let is_op = |ident: &Ident, rest: Cursor<'_>| {
                single && ident == "where" && rest.group(Delimiter::Parenthesis).is_some()
            };
            let Some((ident, rest)) =
                self.at.ident().filter(|(ident, rest)| named(ident) || is_op(ident, *rest))
            else {
                return Err(self.expected(what));
            };
            if is_op(&ident, rest) {
                self.at = rest;
                return Ok((self.since(start), Some(ident)));
            }
            let more = operator_at(rest).filter(|(operator, _)| *operator == "::");
            // `self` and its kin are no values by themselves.
            if more.is_none() && single && is_keyword(&ident) {
                return Err(self.expected(what));
            }
            let Some((_, rest)) = more else {
                self.at = rest;
                return Ok((self.since(start), single.then_some(ident)));
            };
            (self.at, single, what) = (rest, false, "a name after `::`");
        }
    }

    /// What follows `<…>`. `None` if there is no `<`, or if nothing closes it: a comparison.
    pub(super) fn after_generics(&self) -> Option<Cursor<'a>> {
        let (mut at, mut depth, mut shaft) = (self.at, 0usize, false);
        loop {
            let (token, rest) = at.token_tree()?;
            at = rest;
            let c = if let TokenTree::Punct(punct) = token { punct.as_char() } else { ' ' };
            match c {
                '<' => depth += 1,
                // Not the tip of `->` or `=>`.
                '>' if !shaft => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return (c == '>').then_some(at);
            }
            shaft = matches!(c, '-' | '=');
        }
    }
}

/// Tokens as a person would write them: `TokenStream` puts spaces around everything.
pub(super) fn spell(tokens: TokenStream) -> String {
    let mut text = String::new();
    // Whether a space is due, whether an operand just ended, and the operator being spelled.
    let (mut gap, mut operand, mut joint) = (false, false, false);
    for token in tokens {
        let spaced = |text: &mut String, wanted: bool| {
            if wanted && !text.is_empty() {
                text.push(' ');
            }
        };
        match token {
            TokenTree::Group(group) => {
                let inside = spell(group.stream());
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace if inside.is_empty() => ("{", "}"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                spaced(&mut text, gap || group.delimiter() == Delimiter::Brace);
                text.extend([open, &inside, close]);
                (gap, operand, joint) = (false, true, false);
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                spaced(&mut text, gap || operand);
                text.push_str(&token.to_string());
                (gap, operand, joint) = (false, true, false);
            }
            TokenTree::Punct(punct) => {
                let c = punct.as_char();
                let arrow = c == '>' && joint && text.ends_with(['-', '=']);
                let infix = arrow || "+-*/%=".contains(c) && (operand || joint);
                spaced(&mut text, !joint && (gap || infix));
                text.push(c);
                let first = !(joint && text.ends_with(':'));
                joint = punct.spacing() == Spacing::Joint;
                gap = ",;".contains(c) || !joint && (infix || c == ':' && first);
                operand = false;
            }
        }
    }
    text
}
