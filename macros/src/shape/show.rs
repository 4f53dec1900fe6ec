//! How dimensions are written: for the user, and as code.

use super::{Atom, Dim, Repr};
use std::fmt::{self, Write as _};

/// What errors and generated code call the batch.
pub const BATCH: &str = "n";

impl Dim {
    /// The dimension as a Rust expression of type `usize`. Sums put positive terms first, so that
    /// no intermediate result is negative. What is negative itself counts as 0: one message tells of it,
    /// and not an overflow wherever it occurs.
    pub fn code(&self) -> String {
        self.render(Style::Code)
    }

    fn render(&self, style: Style<'_>) -> String {
        let mut text = String::new();
        self.write(style, &mut text);
        text
    }

    /// Adds what [`Self::code`] says to a text.
    pub fn write_code(&self, text: &mut String) {
        self.write(Style::Code, text);
    }

    /// Adds the dimension to a text, with a name of the caller's for each `const`, given how the user spells it and what
    /// the generated code calls it.
    pub fn write_as(&self, name: &dyn Fn(&str, &str) -> String, text: &mut String) {
        self.write(Style::As(name), text);
    }

    fn write(&self, style: Style<'_>, text: &mut String) {
        match self.0 {
            Repr::Linear { each: 0, rest } => {
                let _ = write!(text, "{rest}");
                return;
            }
            Repr::Linear { each: 1, rest: 0 } => return text.push_str(BATCH),
            Repr::Linear { each, rest: 0 } if each > 1 => {
                let _ = write!(text, "{each} * {BATCH}");
                return;
            }
            _ => {}
        }
        let terms = self.terms();
        let sum = |positive: bool, joint: &str| {
            let some = terms.iter().rev().filter(|(_, c)| (**c > 0) == positive);
            some.map(|(atoms, c)| product(atoms, c.unsigned_abs(), style))
                .collect::<Vec<_>>()
                .join(joint)
        };
        let plus = sum(true, " + ");
        if !self.has_minus() {
            text.push_str(&plus);
        } else if style.is_code() && !terms.keys().flatten().any(|atom| *atom == Atom::Batch) {
            let plus = if plus.is_empty() { "0" } else { &plus };
            let _ = write!(text, "usize::saturating_sub({plus}, {})", sum(false, " + "));
        } else {
            let minus = if plus.is_empty() { "-" } else { " - " };
            let _ = write!(text, "{plus}{minus}{}", sum(false, " - "));
        }
    }
}

/// What a text is for.
#[derive(Clone, Copy)]
enum Style<'a> {
    /// For the user.
    Shown,
    /// An expression of the generated code.
    Code,
    /// As for the user, with other names.
    As(&'a dyn Fn(&str, &str) -> String),
}

impl Style<'_> {
    fn is_code(self) -> bool {
        matches!(self, Style::Code)
    }
}

/// `3 * A * B`
fn product(atoms: &[Atom], c: u64, style: Style<'_>) -> String {
    let mut factors = Vec::new();
    if c != 1 || atoms.is_empty() {
        factors.push(c.to_string());
    }
    let bare = style.is_code() || c == 1 && atoms.len() == 1;
    factors.extend(atoms.iter().map(|atom| match atom {
        Atom::Quotient(..) if !bare => format!("({})", atom.render(style)),
        _ => atom.render(style),
    }));
    factors.join(" * ")
}

impl Atom {
    fn render(&self, style: Style<'_>) -> String {
        match self {
            Atom::Batch => BATCH.to_string(),
            Atom::Const { text, code } => match style {
                Style::Shown => text.to_string(),
                Style::Code => code.to_string(),
                Style::As(name) => name(text, code),
            },
            Atom::Quotient(op, parts) => {
                let side = |dim: &Dim| match dim.render(style) {
                    text if style.is_code() || dim.needs_parentheses() => format!("({text})"),
                    text => text,
                };
                let (left, mut right) = (side(&parts.0), side(&parts.1));
                if !style.is_code() {
                    return format!("{left} {op} {right}");
                }
                if parts.1.as_known().is_none() {
                    // One message tells that it is 0, and not every quotient.
                    right = format!("({right} + ({right} == 0) as usize)");
                }
                format!("({left} {op} {right})")
            }
        }
    }
}

impl Dim {
    fn needs_parentheses(&self) -> bool {
        let terms = self.terms();
        let whole = |m: &Vec<Atom>| matches!(m.as_slice(), [] | [Atom::Batch | Atom::Const { .. }]);
        self.as_known().is_none()
            && (terms.len() > 1 || terms.iter().any(|(m, c)| !whole(m) || *c != 1))
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Shown))
    }
}

/// `[8] of index(10)`
pub fn spell_integers(shape: &[Dim], bound: &Dim) -> String {
    match shape {
        [] => format!("`index({bound})`"),
        _ => format!("`{} of index({bound})`", show(shape)),
    }
}

/// `[28, _]`: an arrow, in which dimensions may be left out.
pub fn show_arrow(dims: &[Option<Dim>]) -> String {
    let dims: Vec<String> =
        dims.iter().map(|dim| dim.as_ref().map_or("_".into(), Dim::to_string)).collect();
    format!("[{}]", dims.join(", "))
}

/// `[28, 4 * D]`
pub fn show(shape: &[Dim]) -> String {
    let mut text = String::from("[");
    for (i, dim) in shape.iter().enumerate() {
        text.push_str(if i == 0 { "" } else { ", " });
        dim.write(Style::Shown, &mut text);
    }
    text.push(']');
    text
}
