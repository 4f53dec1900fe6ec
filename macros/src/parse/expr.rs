//! Arithmetic: expressions over values, dimensions of shapes, numbers.

use super::habits::{foreign_path, given};
use super::tokens::{Parser, Result, VALUES_HELP, operator_at, spell};
use crate::ast::{Arg, Dim, DimKind, Expr, ExprKind, Number};
use crate::diag::Diag;
use proc_macro2::{Delimiter, Literal, Span};
use syn::buffer::Cursor;

/// In one step, or one dimension. A chain of operators is a tree as deep as it is long, and trees are walked (and
/// dropped) recursively.
const MAX_OPERATORS: usize = 256;
/// Whoever computes with a number may raise 10 to its exponent: `1e999999999` must not cost.
const MAX_EXPONENT: i32 = 400;

/// What `+ - * /` join: expressions and dimensions.
pub(super) trait Operand: Sized {
    /// The operators that bind tighter than `+` and `-`.
    const PRODUCTS: &'static [&'static str];
    fn read(parser: &mut Parser) -> Result<Self>;
    fn join(operator: char, span: Span, left: Self, right: Self) -> Result<Self>;
    /// Reports an operator that is not among them, after what was read since `start`.
    fn reject<'a>(_: &Parser<'a, '_>, _start: Cursor<'a>) -> Result<()> {
        Ok(())
    }
}

impl<'a> Parser<'a, '_> {
    pub(super) fn sum<T: Operand>(&mut self) -> Result<T> {
        let mut left = self.product()?;
        while let Some((operator, span)) = self.infix(&["+", "-"])? {
            left = T::join(operator, span, left, self.product()?)?;
        }
        Ok(left)
    }

    fn product<T: Operand>(&mut self) -> Result<T> {
        let start = self.at;
        let mut left = T::read(self)?;
        while let Some((operator, span)) = self.infix(T::PRODUCTS)? {
            left = T::join(operator, span, left, T::read(self)?)?;
        }
        T::reject(self, start)?;
        Ok(left)
    }

    /// Steps over one of the operators.
    fn infix(&mut self, operators: &[&str]) -> Result<Option<(char, Span)>> {
        let (span, operator) =
            (self.at.span(), self.operator().filter(|found| operators.contains(found)));
        let Some(operator) = operator else { return Ok(None) };
        self.eat(operator);
        if operator == "-" && self.peek(">") {
            return Err(
                Diag::new(span, "expected `->`, found `- >`").help("write `->` without a space")
            );
        }
        self.count(span)?;
        Ok(operator.chars().next().map(|c| (c, span)))
    }

    fn count(&mut self, span: Span) -> Result<()> {
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            return Ok(());
        }
        let diag = Diag::new(span, format!("an expression has at most {MAX_OPERATORS} operators"));
        Err(diag.help("give a part of it a name of its own"))
    }

    /// Whether a fragment of an outer macro (`$e`) is next that has to stay one operand. Every other
    /// fragment is seen through.
    fn is_operand_fragment(&self) -> bool {
        let mut inside = self.at.group(Delimiter::None).map(|(inside, ..)| inside);
        while let Some(at) = inside {
            if operator_at(at)
                .is_some_and(|(operator, _)| ["+", "-", "*", "/", "%"].contains(&operator))
            {
                return true;
            }
            inside = at.token_tree().map(|(_, rest)| rest);
        }
        false
    }

    /// `(…)`, or a fragment that stands for one.
    fn parenthesised<T: Operand>(&mut self, item: fn(&mut Self) -> Result<T>) -> Option<Result<T>> {
        let fragment = self.is_operand_fragment();
        let delimiter = if fragment { Delimiter::None } else { Delimiter::Parenthesis };
        self.enter(delimiter, |p, _| p.only(item))
    }
}

/// Expressions.
impl<'a> Parser<'a, '_> {
    pub(super) fn expr(&mut self) -> Result<Expr> {
        let start = self.at;
        let expr = self.sum()?;
        let rejected = self.reject_operator(start);
        if rejected.is_err() && self.peek("<") {
            self.at = self.after_generics().unwrap_or(self.at);
        }
        rejected.map(|()| expr)
    }

    /// Reports an operator that the language does not have, or does not have here, after what was read
    /// since `start`.
    fn reject_operator(&self, start: Cursor<'a>) -> Result<()> {
        let operator = match self.operator() {
            Some(".." | "..=") => {
                let diag = Diag::new(self.span(), "a range can only be an argument");
                return Err(diag.help("`slice(0..32)`"));
            }
            // For the caller, who knows what it needs instead.
            Some("," | ";" | ":" | "::" | "->" | "=>" | "=" | "#" | "$" | "~") => {
                return Ok(());
            }
            Some(operator) => operator,
            None if self.at.ident().is_some_and(|(ident, _)| ident == "as") => "as",
            None => return Ok(()),
        };
        let diag = Diag::new(self.span(), format!("`{operator}` is not an operation on values"));
        Err(self.instead_of(operator, start, diag))
    }

    pub(super) fn arg(&mut self) -> Result<Arg> {
        let operator = self.at.ident().and_then(|(name, rest)| Some((name, operator_at(rest)?)));
        match operator {
            Some((_, ("=", value))) => {
                let name = self.name("an argument")?;
                self.at = value;
                Ok(Arg { name: Some(name), value: self.arg_value()? })
            }
            Some((name, (":", value))) => {
                self.at = value;
                self.arg_value()?;
                let help = format!("`{name} = {}`", spell(self.since(value)));
                Err(Diag::new(name.span(), "a named argument is written with `=`").help(help))
            }
            _ => Ok(Arg { name: None, value: self.arg_value()? }),
        }
    }

    /// An expression, a range or a text.
    fn arg_value(&mut self) -> Result<Expr> {
        let open_range = |span| Diag::new(span, "a range needs both its ends").help("`0..32`");
        let (start, span) = (self.at, self.span());
        if let Some((text, rest)) =
            self.at.literal().and_then(|(text, rest)| Some((text_of(&text)?, rest)))
        {
            self.at = rest;
            return Ok(Expr { kind: ExprKind::Text(text), span });
        }
        if self.peek("..") || self.peek("..=") {
            return Err(open_range(span));
        }
        let first: Expr = self.sum()?;
        let (end, span) = (self.at, self.span());
        if self.eat("..").is_some() {
            if self.at.eof() || self.peek(",") {
                return Err(open_range(span));
            }
            let last = self.expr()?;
            return Ok(Expr { kind: ExprKind::Range(Box::new(first), Box::new(last)), span });
        }
        if let Some((_, rest)) = operator_at(end).filter(|(operator, _)| *operator == "..=") {
            let from = spell(self.since(start));
            self.at = rest;
            let to = match self.sum::<Expr>()?.kind {
                ExprKind::Number(Number { digits, exponent: 0 }) => {
                    digits.saturating_add(1).to_string()
                }
                _ => format!("{} + 1", spell(self.since(rest))),
            };
            return Err(Diag::new(span, "a range excludes its end").help(format!("`{from}..{to}`")));
        }
        self.reject_operator(start)?;
        Ok(first)
    }

    /// What operators join: a number, a name, a call, a list, a parenthesis.
    fn atom(&mut self) -> Result<Expr> {
        const WHAT: &str = "an op or a value";
        let (start, span) = (self.at, self.span());
        let expr = |kind| Expr { kind, span };
        if let Some(inside) = self.parenthesised(Self::whole) {
            return inside;
        }
        if let Some((literal, rest)) = self.at.literal() {
            let Some((number, _)) = number(&literal)? else { return Err(self.expected(WHAT)) };
            self.at = rest;
            return Ok(expr(ExprKind::Number(number)));
        }
        if let Some(list) =
            self.enter(Delimiter::Bracket, |p, _| p.list("the elements of a list", Self::expr))
        {
            return Ok(expr(ExprKind::List(list?)));
        }
        if let Some((ident, rest)) =
            self.at.ident().filter(|(ident, _)| ident == "true" || ident == "false")
        {
            self.at = rest;
            return Ok(expr(ExprKind::Bool(ident == "true")));
        }
        self.reject_prefix()?;
        let (path, name) = self.path(WHAT)?;
        if let Some(bang) = self.eat("!") {
            let name = spell(path);
            let message = format!("`{name}!` is a Rust macro, which a model cannot call");
            return Err(Diag::new(bang, message).help(match name.as_str() {
                "vec" => "a list is written `[1, 2]`, and several models in a row `[Block; 4]`",
                _ => VALUES_HELP,
            }));
        }
        if let (Some((receiver, name)), Some((args, _, after))) =
            (foreign_path(&path), self.at.group(Delimiter::Parenthesis))
        {
            self.at = after;
            return Ok(expr(ExprKind::Method { receiver, name, given: given(args) }));
        }
        match name {
            Some(op) => {
                match self.enter(Delimiter::Parenthesis, |p, _| p.list("arguments", Self::arg)) {
                    Some(args) => Ok(expr(ExprKind::Call { op, args: args? })),
                    None => Ok(expr(ExprKind::Name(op))),
                }
            }
            None if self.peek_group(Delimiter::Parenthesis) => {
                let message = format!("`{}` cannot be called inside an expression", spell(path));
                self.skip();
                let call = spell(self.since(start));
                Err(Diag::new(span, message)
                    .help(format!("a custom op is a step of its own: `y = {call}`")))
            }
            None => Ok(expr(ExprKind::Path { text: spell(path.clone()), path })),
        }
    }

    /// All that stands in parentheses, which are not for lists.
    fn whole(&mut self) -> Result<Expr> {
        let start = self.at;
        let expr = self.expr()?;
        if !self.peek(",") {
            return Ok(expr);
        }
        let comma = self.span();
        let list = spell(start.token_stream());
        Err(Diag::new(comma, "a list is written in brackets, not in parentheses")
            .help(format!("`[{}]`", list.trim_end_matches(','))))
    }

    /// An atom with its signs and the names after its dots.
    pub(super) fn signed(&mut self) -> Result<Expr> {
        let mut minuses = Vec::new();
        while let Some(minus) = self.eat("-") {
            self.count(minus)?;
            minuses.push(minus);
        }
        let start = self.at;
        let mut expr = self.atom()?;
        loop {
            if self.peek(".") {
                self.count(self.span())?;
                let receiver = spell(self.since(start));
                expr = self.member(expr, &receiver)?;
            } else if self.is_index(&expr) {
                self.count(expr.span)?;
                expr = self.index(expr, start);
            } else if let (ExprKind::Method { given: inner, .. }, Some((args, _, after))) =
                (&mut expr.kind, self.at.group(Delimiter::Parenthesis))
            {
                // `nn.Linear(8, 64)(x)`
                inner.splice(..0, given(args));
                self.at = after;
            } else {
                break;
            }
        }
        self.reject_power(start)?;
        while let Some(span) = minuses.pop() {
            expr = Expr { kind: ExprKind::Neg(Box::new(expr)), span };
        }
        Ok(expr)
    }

    /// `step.parameter`; `receiver.method(args)` is a mistake.
    fn member(&mut self, before: Expr, receiver: &str) -> Result<Expr> {
        let dot = self.span();
        self.eat(".");
        let Some((name, rest)) = self.at.ident() else {
            let diag = Diag::new(dot, "values have no fields");
            return Err(diag.help("the parts of a result get names: `(a, b) = …`"));
        };
        if let Some((args, _, after)) = rest.group(Delimiter::Parenthesis) {
            let (receiver, given, span) = (receiver.to_string(), given(args), name.span());
            self.at = after;
            return Ok(Expr { kind: ExprKind::Method { receiver, name, given }, span });
        }
        self.at = rest;
        let mut names = match before.kind {
            ExprKind::Name(first) => vec![first],
            ExprKind::Member(names) => names,
            _ => {
                let diag = Diag::new(dot, "only steps have parameters");
                return Err(diag.help(format!("an op is called as `{name}({receiver})`")));
            }
        };
        names.push(name);
        Ok(Expr { kind: ExprKind::Member(names), span: before.span })
    }
}

impl Operand for Expr {
    const PRODUCTS: &'static [&'static str] = &["*", "/"];

    fn read(parser: &mut Parser) -> Result<Self> {
        parser.signed()
    }

    fn reject<'a>(parser: &Parser<'a, '_>, start: Cursor<'a>) -> Result<()> {
        parser.reject_product(start)
    }

    fn join(operator: char, span: Span, left: Self, right: Self) -> Result<Self> {
        Ok(Expr { kind: ExprKind::Bin(operator, Box::new(left), Box::new(right)), span })
    }
}

impl Operand for Dim {
    const PRODUCTS: &'static [&'static str] = &["*", "/", "%"];

    fn read(parser: &mut Parser) -> Result<Self> {
        parser.dim_atom()
    }

    fn join(operator: char, span: Span, left: Self, right: Self) -> Result<Self> {
        for side in [&left, &right] {
            if matches!(side.kind, DimKind::Infer) {
                let diag = Diag::new(side.span, "`_` cannot be a part of an expression");
                return Err(diag.help("it stands for a whole dimension: `[_]`"));
            }
        }
        Ok(Dim { kind: DimKind::Bin(operator, Box::new(left), Box::new(right)), span })
    }
}

/// Dimensions.
impl Parser<'_, '_> {
    pub(super) fn dim(&mut self) -> Result<Dim> {
        self.operators = 0;
        self.sum()
    }

    fn dim_atom(&mut self) -> Result<Dim> {
        const WHAT: &str = "a dimension";
        let span = self.span();
        if let Some(inside) = self.parenthesised(Self::sum) {
            return inside;
        }
        if let Some((_, rest)) = self.at.ident().filter(|(ident, _)| ident == "_") {
            self.at = rest;
            return Ok(Dim { kind: DimKind::Infer, span });
        }
        let minus = self.eat("-").is_some();
        if let Some((literal, rest)) = self.at.literal() {
            let Some((number, is_float)) = number(&literal)? else {
                return Err(self.expected(WHAT));
            };
            self.at = rest;
            if minus || number.digits < 0 {
                let positive = literal.to_string().trim_start_matches('-').to_string();
                // As NumPy and PyTorch say it.
                let help = match positive.as_str() {
                    "1" => "in an arrow, `_` is a dimension that is inferred; the batch is none: a model is for one sample".to_string(),
                    _ => format!("`{positive}`"),
                };
                return Err(Diag::new(span, "a dimension cannot be negative").help(help));
            }
            if is_float {
                let diag = Diag::new(span, format!("a dimension is an integer, found `{literal}`"));
                return Err(match whole(number) {
                    Some(integer) => diag.help(format!("`{integer}`")),
                    None => diag.help("sizes are whole numbers"),
                });
            }
            let too_large =
                |_| Diag::new(span, format!("`{literal}` is too large for a dimension"));
            return Ok(Dim {
                kind: DimKind::Lit(u64::try_from(number.digits).map_err(too_large)?),
                span,
            });
        }
        if minus {
            return Err(Diag::new(span, "a dimension cannot be negative"));
        }
        let (path, _) = self.path(WHAT)?;
        Ok(Dim { kind: DimKind::Const { text: spell(path.clone()), path }, span })
    }
}

/// What stands between the quotes of a string without escapes.
fn text_of(literal: &Literal) -> Option<String> {
    let text = literal.to_string();
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains('\\')).then(|| inside.to_string())
}

/// The integer that this number is, if it is one.
fn whole(number: Number) -> Option<i128> {
    let scale = 10i128.checked_pow(number.exponent.unsigned_abs())?;
    if number.exponent >= 0 {
        return number.digits.checked_mul(scale);
    }
    (number.digits % scale == 0).then_some(number.digits / scale)
}

/// The exact value of a literal and whether it is written as a float; `None` if it is no number.
fn number(literal: &Literal) -> Result<Option<(Number, bool)>> {
    let text = literal.to_string();
    let plain = text.replace('_', "");
    // A macro can make a literal `-1`; in source text the sign is a token of its own.
    let unsigned = plain.trim_start_matches('-');
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(None);
    }
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let prefixed =
        radixes.iter().find_map(|(prefix, radix)| Some((*radix, unsigned.strip_prefix(prefix)?)));
    let (radix, rest) = prefixed.unwrap_or((10, unsigned));
    let (integer, mut rest) = split_digits(rest, radix);
    let (mut fraction, mut exponent, mut is_float) = ("", "", false);
    if let Some(after) = rest.strip_prefix('.').filter(|_| radix == 10) {
        (fraction, rest) = split_digits(after, 10);
        is_float = true;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']).filter(|_| radix == 10) {
        let sign = usize::from(after.starts_with(['+', '-']));
        let digits = after.get(sign..).unwrap_or_default();
        let (_, suffix) = split_digits(digits, 10);
        exponent = after.strip_suffix(suffix).unwrap_or(after);
        (rest, is_float) = (suffix, true);
    }
    let suffixes: &[&str] =
        if is_float { &["", "f32", "f64"] } else { &["", "f32", "f64", "usize"] };
    if !suffixes.contains(&rest) {
        let diag = Diag::new(literal.span(), format!("a number cannot have the suffix `{rest}`"));
        return Err(diag.help(format!(
            "`{}`",
            text.strip_suffix(rest).unwrap_or(&text).trim_end_matches('_')
        )));
    }
    is_float |= rest.starts_with('f');

    let negative = plain.len() != unsigned.len();
    let digits = integer.chars().chain(fraction.chars()).try_fold(0i128, |digits, c| {
        let digit = i128::from(c.to_digit(radix)?);
        digits.checked_mul(i128::from(radix))?.checked_add(if negative { -digit } else { digit })
    });
    let Some(digits) = digits else {
        let diag = Diag::new(literal.span(), format!("`{text}` has too many digits"));
        return Err(diag.help("38 significant digits are kept exactly"));
    };
    let written = if exponent.is_empty() { Some(0) } else { exponent.parse::<i32>().ok() };
    let shift = i32::try_from(fraction.len()).ok();
    let exponent = written.zip(shift).and_then(|(written, shift)| written.checked_sub(shift));
    match exponent.filter(|exponent| exponent.abs() <= MAX_EXPONENT) {
        Some(exponent) => Ok(Some((Number { digits, exponent }, is_float))),
        None => Err(Diag::new(literal.span(), format!("`{text}` is beyond the range of `f64`"))),
    }
}

fn split_digits(text: &str, radix: u32) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_digit(radix)).unwrap_or(text.len()))
}
