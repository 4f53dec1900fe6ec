//! The text of loop nests and of plans.
//!
//! ```text
//! #2: n * 16, slot 0
//! contract over [n, 16], sum over [8]: #0[8, 0; 1] · #1[0, 1; 16] {
//!     c0 = add(a0, #3[0, 1])
//!     #2[16, 1] = c0
//! }
//! ```
//!
//! `#0[8, 0; 1]` is memory and its strides, over the space and after `;` over what is summed, with the offset before them
//! where there is one: `#0[4 + 8, 0]`. `a0` is what the loop makes (a product, a fold), `c0` what a line computes.

use super::{Names, source, target};
use crate::ir::{Fold, Skip};
use crate::nest::{Access, Add, Body, Chosen, Kind, Nest, Place, Program, Reg};
use crate::ops::prim::Prim;
use crate::plan::Plan;
use std::fmt::Write as _;

impl Program {
    /// The text of the program, to the last access.
    pub fn text(&self) -> String {
        let names = Names::default();
        let mut out = String::new();
        names.program(self, &|_| None, &mut out);
        names.header() + &out
    }
}

impl Plan {
    /// The text of the program, and in which slot each value is.
    pub fn text(&self) -> String {
        let names = Names::default();
        let mut out = String::new();
        for (slot, size) in self.slots.iter().enumerate() {
            let _ = write!(out, "slot {slot}: ");
            names.dim(size, &mut out);
            out.push('\n');
        }
        names.program(&self.program, &|buf| self.slot_of[buf], &mut out);
        names.header() + &out
    }
}

impl Names {
    fn program(&self, program: &Program, slot: &dyn Fn(usize) -> Option<usize>, out: &mut String) {
        for (buf, buffer) in program.buffers.iter().enumerate() {
            let _ = write!(out, "#{buf}: ");
            self.dim(&buffer.size, out);
            out.push_str(", ");
            match (buffer.place, slot(buf)) {
                (Place::Source(from), _) => source(from, out),
                (Place::Target(to), _) => {
                    out.push_str("to ");
                    target(to, out);
                }
                (Place::Workspace, Some(slot)) => {
                    let _ = write!(out, "slot {slot}");
                }
                (Place::Workspace, None) => out.push_str("workspace"),
            }
            out.push('\n');
        }
        self.nests(&program.nests, "", out);
    }

    fn nests(&self, nests: &[Nest], indent: &str, out: &mut String) {
        for nest in nests {
            out.push_str(indent);
            if nest.late {
                out.push_str("late ");
            }
            let rank = nest.space.len();
            match &nest.kind {
                Kind::Loop { step, length, reverse, nests, carried, made } => {
                    out.push_str("for ");
                    self.dim(step, out);
                    out.push_str(" below ");
                    self.dim(length, out);
                    out.push_str(if *reverse { ", backwards" } else { "" });
                    let _ = writeln!(out, ", carried {carried:?}, made {made:?} {{");
                    self.nests(nests, &format!("{indent}    "), out);
                    let _ = writeln!(out, "{indent}}}");
                    continue;
                }
                Kind::Map => self.over("map", nest, out),
                Kind::Reduce { inner, .. } => {
                    self.over("fold", nest, out);
                    out.push_str(", folded over ");
                    self.dims(inner, out);
                }
                Kind::Contract { inner, a, b, scattered, .. } => {
                    self.over(if *scattered { "convolve" } else { "contract" }, nest, out);
                    out.push_str(", sum over ");
                    self.dims(inner, out);
                    out.push_str(": ");
                    self.access(a, rank, out);
                    out.push_str(" · ");
                    self.access(b, rank, out);
                }
                Kind::Gather { x, chosen } => {
                    self.over("gather", nest, out);
                    out.push_str(": ");
                    self.access(x, rank, out);
                    self.chosen(chosen, out);
                }
                Kind::Scatter { inner, chosen, axis, to, .. } => {
                    self.over("scatter", nest, out);
                    out.push_str(" from ");
                    self.dims(inner, out);
                    let _ = write!(out, " to axes {to:?}, along axis {axis}");
                    self.chosen(chosen, out);
                }
                Kind::Iota { repeat, cycle } => {
                    self.over("iota", nest, out);
                    out.push_str(": repeat ");
                    self.dim(repeat, out);
                    out.push_str(", cycle ");
                    self.dim(cycle, out);
                }
                Kind::Random { site, steps, per_sample } => {
                    self.over("random", nest, out);
                    let _ = write!(out, ": site {site}, steps ");
                    self.dims(steps, out);
                    out.push_str(", of each sample ");
                    self.dim(per_sample, out);
                }
                Kind::Custom { op, call, args, per_sample } => {
                    self.over("custom", nest, out);
                    let _ = write!(out, ": {call} of op {op}, of each sample ");
                    self.dim(per_sample, out);
                    for (buf, size) in args {
                        let _ = write!(out, ", #{buf} ");
                        self.dim(size, out);
                    }
                }
            }
            let wanted = nest.wanted;
            let of =
                [(wanted.inputs, "inputs"), (wanted.params, "params"), (wanted.always, "always")];
            let of: Vec<&str> =
                of.iter().filter(|(wanted, _)| *wanted).map(|(_, of)| *of).collect();
            if !of.is_empty() {
                let _ = write!(out, ", wanted for {}", of.join(" and "));
            }
            out.push_str(" {\n");
            let inner = format!("{indent}    ");
            match &nest.kind {
                Kind::Reduce { body, folds, .. } => {
                    self.lines(body, rank, &inner, "b", out);
                    for (i, (fold, reg)) in folds.iter().enumerate() {
                        let fold = if *fold == Fold::Sum { "sum" } else { "max" };
                        let _ = write!(out, "{inner}a{i} = {fold} of ");
                        self.reg(reg, body, rank, "b", out);
                        out.push('\n');
                    }
                }
                Kind::Scatter { body, value, .. } => {
                    self.lines(body, usize::MAX, &inner, "b", out);
                    let _ = write!(out, "{inner}a0 = sum of ");
                    self.reg(value, body, usize::MAX, "b", out);
                    out.push('\n');
                }
                _ => {}
            }
            self.lines(&nest.body, rank, &inner, "c", out);
            for store in &nest.stores {
                out.push_str(&inner);
                self.access(&store.to, rank, out);
                out.push_str(match store.add {
                    Add::No => " = ",
                    Add::LaterTiles => " = in the first tile, += in later ones ",
                    Add::Yes => " += ",
                });
                self.reg(&store.value, &nest.body, rank, "c", out);
                out.push('\n');
            }
            let _ = writeln!(out, "{indent}}}");
        }
    }

    fn over(&self, what: &str, nest: &Nest, out: &mut String) {
        let _ = write!(out, "{what} over ");
        self.dims(&nest.space, out);
    }

    fn lines(&self, body: &Body, rank: usize, indent: &str, name: &str, out: &mut String) {
        for (i, (prim, args)) in body.lines.iter().enumerate() {
            let _ = write!(out, "{indent}{name}{i} = ");
            self.line(*prim, args, body, rank, name, out);
            out.push('\n');
        }
    }

    fn line(
        &self,
        prim: Prim,
        args: &[Reg],
        body: &Body,
        rank: usize,
        name: &str,
        out: &mut String,
    ) {
        let _ = write!(out, "{}(", prim.name());
        for (i, arg) in args.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { ", " });
            self.reg(arg, body, rank, name, out);
        }
        out.push(')');
    }

    fn reg(&self, reg: &Reg, body: &Body, rank: usize, name: &str, out: &mut String) {
        match reg {
            Reg::Num(num) => self.num(num, out),
            Reg::Load(i) => self.access(&body.loads[*i], rank, out),
            Reg::Acc(i) => {
                let _ = write!(out, "a{i}");
            }
            Reg::Line(i) => {
                let _ = write!(out, "{name}{i}");
            }
        }
    }

    /// Memory and strides: over a space of so many axes, and after `;` over the rest.
    fn access(&self, access: &Access, rank: usize, out: &mut String) {
        let _ = write!(out, "#{}[", access.buf);
        if !access.offset.is(0) {
            self.dim(&access.offset, out);
            out.push_str(" + ");
        }
        for (i, stride) in access.strides.iter().enumerate() {
            out.push_str(match i {
                0 => "",
                _ if i == rank => "; ",
                _ => ", ",
            });
            self.dim(stride, out);
        }
        out.push(']');
    }

    fn chosen(&self, chosen: &Chosen, out: &mut String) {
        out.push_str(", by ");
        self.access(&chosen.index, usize::MAX, out);
        out.push_str(" below ");
        self.dim(&chosen.bound, out);
        out.push_str(" times ");
        self.dim(&chosen.stride, out);
        match &chosen.skip {
            None => {}
            Some(Skip::Zero(integer)) => {
                out.push_str(", zero at ");
                self.dim(integer, out);
            }
            Some(Skip::Derivative(integer)) => {
                out.push_str(", still at ");
                self.dim(integer, out);
            }
        }
    }
}
