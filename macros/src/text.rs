//! How programs are written: the texts of a [`Func`](crate::ir::Func), a [`LinFunc`](crate::ir::LinFunc), a
//! [`Program`](crate::nest::Program) and a [`Plan`](crate::plan::Plan), which people read; tests read the first three back.
//!
//! ```text
//! const D = "__Net_CONST0"
//! %0: [n, D] = input 0
//! %1: [D, 4] = param 0
//! %2: [n, 4] = contract(%0, %1; ni,io->no)
//! %3: [n, 4] = tanh(%2)
//! return output %3
//! ```
//!
//! A line is an instruction: what it defines, its shape, its name with the values it reads, and after `;`
//! what else it is told. Values of functions are written `%3`, linear values `~3`. `n` is the batch. The
//! steps of a loop stand in braces. A `const` has the name that the user gave it; the first lines say what
//! the generated code calls it. `late` before a shape marks what is computed again for the way back.
//!
//! Reading (`text::read`, in tests) gives what was written, to the last detail: that is tested with every
//! example of every op.

mod func;
mod lin;
mod program;
#[cfg(test)]
pub mod read;
#[cfg(test)]
mod tests;

use crate::ir::{Labels, Passing, Source, Target, Window};
use crate::number::Num;
use crate::shape::{BATCH, Dim};
use std::cell::RefCell;
use std::fmt::Write as _;

/// The names that a text has for `const`s.
#[derive(Default)]
pub struct Names(RefCell<Vec<Name>>);

struct Name {
    text: String,
    code: String,
    shown: String,
}

impl Names {
    /// The name of a `const`: the user's own spelling if it can be one and is not another's.
    fn of(&self, text: &str, code: &str) -> String {
        let mut names = self.0.borrow_mut();
        if let Some(name) = names.iter().find(|name| name.text == text && name.code == code) {
            return name.shown.clone();
        }
        let plain = |c: char| if c.is_alphanumeric() || c == ':' { c } else { '_' };
        let stem: String = text.chars().map(plain).collect();
        let stem =
            if stem.starts_with(|c: char| c.is_ascii_digit()) { format!("_{stem}") } else { stem };
        let taken = |shown: &str| shown == BATCH || names.iter().any(|name| name.shown == shown);
        let mut shown = stem.clone();
        let mut next = 2;
        while taken(&shown) {
            shown = format!("{stem}#{next}");
            next += 1;
        }
        names.push(Name { text: text.into(), code: code.into(), shown: shown.clone() });
        shown
    }

    /// What the generated code calls each of them, and where the name is not the user's spelling, that.
    fn header(&self) -> String {
        let mut header = String::new();
        for Name { text, code, shown } in &*self.0.borrow() {
            let _ = if text != shown {
                writeln!(header, "const {shown} = {code:?} of {text:?}")
            } else if code != shown {
                writeln!(header, "const {shown} = {code:?}")
            } else {
                Ok(())
            };
        }
        header
    }

    fn dim(&self, dim: &Dim, out: &mut String) {
        dim.write_as(&|text, code| self.of(text, code), out);
    }

    fn dims<'d>(&self, dims: impl IntoIterator<Item = &'d Dim>, out: &mut String) {
        list(dims, out, |dim, out| self.dim(dim, out));
    }

    fn num(&self, num: &Num, out: &mut String) {
        let _ = match num {
            Num::Ratio(p, q) => match decimal(*p, *q) {
                Some(decimal) => write!(out, "{decimal}"),
                None => write!(out, "{p}/{q}"),
            },
            Num::Inverse(dim) => {
                out.push_str("1/(");
                self.dim(dim, out);
                write!(out, ")")
            }
            Num::Named { text, code } => write!(out, "const {}", self.of(text, code)),
            Num::Call(prim, args) => {
                let _ = write!(out, "{}(", prim.name());
                for (i, arg) in args.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    self.num(arg, out);
                }
                write!(out, ")")
            }
        };
    }

    fn flow(&self, flow: &Passing, out: &mut String) {
        match flow {
            Passing::Whole => out.push_str("whole"),
            Passing::Carry => out.push_str("carry"),
            Passing::Mirrored { axis } => {
                let _ = write!(out, "mirrored {axis}");
            }
            Passing::Each { axis, width } => {
                let _ = write!(out, "each {axis} by ");
                self.dim(width, out);
            }
        }
    }

    fn window(&self, window: &Window, out: &mut String) {
        out.push_str("from ");
        self.dims(&window.from, out);
        out.push_str(" steps ");
        list(&window.steps, out, |(axis, step), out| {
            let _ = write!(out, "{axis} by ");
            self.dim(step, out);
        });
    }
}

/// The decimal that a quotient is, if it is a short one.
fn decimal(p: i128, q: i128) -> Option<String> {
    const MOST_PLACES: usize = 36;
    let (mut scaled, mut places) = (p, 0);
    while scaled % q != 0 {
        places += 1;
        scaled = scaled.checked_mul(10).filter(|_| places <= MOST_PLACES)?;
    }
    let digits = (scaled / q).unsigned_abs().to_string();
    let sign = if p < 0 { "-" } else { "" };
    // What is tiny is read better so than after a row of zeros.
    if places > digits.len() + 5 {
        return Some(format!("{sign}{digits}e-{places}"));
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// `[a, b]`
fn list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('[');
    for (i, item) in items.into_iter().enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        write(item, out);
    }
    out.push(']');
}

fn numbers(items: &[usize], out: &mut String) {
    list(items, out, |item, out| {
        let _ = write!(out, "{item}");
    });
}

/// `ni,io->no`
fn labels(labels: &Labels, out: &mut String) {
    out.extend(&labels.a);
    out.push(',');
    out.extend(&labels.b);
    out.push_str("->");
    out.extend(&labels.out);
}

/// A name, and what it means with a number.
type Numbered<T> = (&'static str, fn(usize) -> T);

/// What sources are called, where each has a number.
const SOURCES: [Numbered<Source>; 7] = [
    ("param", Source::Param),
    ("input", Source::Input),
    ("integers", Source::Integers),
    ("param_tangent", Source::ParamTangent),
    ("input_tangent", Source::InputTangent),
    ("step", Source::Step),
    ("state", Source::State),
];

fn source(source: Source, out: &mut String) {
    let number = match source {
        Source::Cotangent => return out.push_str("cotangent"),
        Source::Param(i)
        | Source::Input(i)
        | Source::Integers(i)
        | Source::ParamTangent(i)
        | Source::InputTangent(i)
        | Source::Step(i)
        | Source::State(i) => i,
    };
    let name = SOURCES.iter().find(|(_, make)| make(number) == source).map_or("", |(name, _)| name);
    let _ = write!(out, "{name} {number}");
}

/// What targets are called, where each has a number.
const TARGETS: [Numbered<Target>; 4] = [
    ("input", Target::Input),
    ("param", Target::Param),
    ("step", Target::Step),
    ("state", Target::State),
];

fn target(target: Target, out: &mut String) {
    let number = match target {
        Target::Output => return out.push_str("output"),
        Target::OutputTangent => return out.push_str("output_tangent"),
        Target::Input(i) | Target::Param(i) | Target::Step(i) | Target::State(i) => i,
    };
    let name = TARGETS.iter().find(|(_, make)| make(number) == target).map_or("", |(name, _)| name);
    let _ = write!(out, "{name} {number}");
}
