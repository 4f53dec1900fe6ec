//! The text of loop nests and of plans.
//!
//! ```text
//! #2: 16 * n, workspace
//! contract over [n, 16], sides ab, sum over [8]: #0[8, 0; 1] * #1[0, 1; 16] {
//!     l0 = #3[0, 1]
//!     c0 = add(a0, l0)
//!     #2[16, 1] = c0
//! }
//! ```
//!
//! `#0[8, 0; 1]` is memory and its strides, over the space and after `;` over what is summed; an offset stands before
//! them, as in `#0[4: 8, 0]`. `a0` is what the loop makes (a product, a fold), `l0` what is read, `c0` what a line computes. The
//! sides of a product say of each axis whether it is one of the left factor (`a`), of the right one (`b`) or of both (`*`).

use super::{Names, list, source, target};
use crate::ir::{Fold, Skip};
use crate::nest::{Access, Add, Body, Chosen, Kind, Nest, Place, Program, Reg, Side, Wanted};
use crate::plan::{Area, Plan, Unit};
use std::fmt::Write as _;

impl Program {
    /// The text of the program, to the last access.
    pub fn text(&self) -> String {
        let names = Names::default();
        let mut out = String::new();
        names.program(self, &[], &mut out);
        names.header() + &out
    }
}

impl Plan {
    /// The text of the program, and in which slot each value is.
    pub fn text(&self) -> String {
        let names = Names::default();
        let mut out = String::new();
        for (i, slot) in self.slots.iter().enumerate() {
            let _ = write!(out, "slot {i}: ");
            names.dim(&slot.size, &mut out);
            out.push_str(match slot.shared {
                Some(Unit::Sample) => ", shared by the sample",
                Some(Unit::Element) => ", shared",
                None => "",
            });
            out.push('\n');
        }
        names.program(&self.program, &self.areas, &mut out);
        names.header() + &out
    }
}

impl Names {
    fn program(&self, program: &Program, areas: &[Option<Area>], out: &mut String) {
        for (buf, buffer) in program.buffers.iter().enumerate() {
            let _ = write!(out, "#{buf}: ");
            self.dim(&buffer.size, out);
            out.push_str(", ");
            match (buffer.place, areas.get(buf).and_then(Option::as_ref)) {
                (Place::Source(from), _) => source(from, out),
                (Place::Target(to), _) => {
                    out.push_str("to ");
                    target(to, out);
                }
                (Place::Workspace, Some(Area { slot, part })) => {
                    let _ = write!(out, "slot {slot}");
                    if let Some(part) = part {
                        let _ = write!(out, " at {}", part.start);
                    }
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
            let inner = format!("{indent}    ");
            self.kind(nest, out);
            self.wanted(nest, out);
            out.push_str(" {\n");
            match &nest.kind {
                Kind::Loop { nests, .. } => self.nests(nests, &inner, out),
                Kind::Reduce { body, folds, .. } => {
                    let folds = folds.iter().map(|(fold, reg)| (*fold, reg));
                    self.folded(body, folds, nest.space.len(), &inner, out);
                }
                Kind::Scatter { body, value, .. } => {
                    let sum = std::iter::once((Fold::Sum, value));
                    self.folded(body, sum, usize::MAX, &inner, out);
                }
                _ => {}
            }
            self.body(&nest.body, nest.space.len(), &inner, out);
            for store in &nest.stores {
                out.push_str(&inner);
                self.access(&store.to, nest.space.len(), out);
                out.push_str(match store.add {
                    Add::No => " = ",
                    Add::LaterTiles => " = or, in later tiles, += ",
                    Add::Yes => " += ",
                });
                self.reg(&store.value, out);
                out.push('\n');
            }
            let _ = writeln!(out, "{indent}}}");
        }
    }

    fn kind(&self, nest: &Nest, out: &mut String) {
        let rank = nest.space.len();
        match &nest.kind {
            Kind::Map => self.over("map", nest, out),
            Kind::Reduce { inner, .. } => {
                self.over("fold", nest, out);
                out.push_str(", folded over ");
                self.dims(inner, out);
            }
            Kind::Contract { inner, a, b, of, windowed } => {
                self.over(if *windowed { "convolve" } else { "contract" }, nest, out);
                out.push_str(", sides ");
                out.extend(of.iter().map(|side| match side {
                    Side::A => 'a',
                    Side::B => 'b',
                    Side::Both => '*',
                }));
                out.push_str(", sum over ");
                self.dims(inner, out);
                out.push_str(": ");
                self.access(a, rank, out);
                out.push_str(" * ");
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
                out.push_str(" to axes ");
                list(to, out, |axis, out| {
                    let _ = match axis {
                        Some(axis) => write!(out, "{axis}"),
                        None => write!(out, "none"),
                    };
                });
                let _ = write!(out, " along {axis}");
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
                out.push_str(", given ");
                list(args, out, |(buf, size), out| {
                    let _ = write!(out, "#{buf} ");
                    self.dim(size, out);
                });
            }
            Kind::Loop { step, length, reverse, carried, made, .. } => {
                out.push_str("for ");
                self.dim(step, out);
                out.push_str(" below ");
                self.dim(length, out);
                out.push_str(if *reverse { " backwards" } else { "" });
                out.push_str(", carried ");
                list(carried, out, |(before, now), out| {
                    let _ = write!(out, "#{before} #{now}");
                });
                out.push_str(", made ");
                list(made, out, |buf, out| {
                    let _ = write!(out, "#{buf}");
                });
            }
        }
    }

    fn over(&self, what: &str, nest: &Nest, out: &mut String) {
        let _ = write!(out, "{what} over ");
        self.dims(&nest.space, out);
    }

    fn wanted(&self, nest: &Nest, out: &mut String) {
        let wanted = nest.wanted;
        let of = [(wanted.inputs, "inputs"), (wanted.params, "params"), (wanted.both, "both")];
        let of: Vec<&str> = of.iter().filter(|(wanted, _)| *wanted).map(|(_, of)| *of).collect();
        if wanted != Wanted::ALWAYS {
            let _ = write!(out, ", wanted for {}", of.join(" and "));
        }
    }

    /// What is folded, in braces of its own.
    fn folded<'r>(
        &self,
        body: &Body,
        folds: impl Iterator<Item = (Fold, &'r Reg)>,
        rank: usize,
        indent: &str,
        out: &mut String,
    ) {
        let _ = writeln!(out, "{indent}each {{");
        let inner = format!("{indent}    ");
        self.body(body, rank, &inner, out);
        for (fold, reg) in folds {
            let _ = write!(out, "{inner}{} ", if fold == Fold::Sum { "sum" } else { "max" });
            self.reg(reg, out);
            out.push('\n');
        }
        let _ = writeln!(out, "{indent}}}");
    }

    fn body(&self, body: &Body, rank: usize, indent: &str, out: &mut String) {
        for (i, load) in body.loads.iter().enumerate() {
            let _ = write!(out, "{indent}l{i} = ");
            self.access(load, rank, out);
            out.push('\n');
        }
        for (i, (prim, args)) in body.lines.iter().enumerate() {
            let _ = write!(out, "{indent}c{i} = {}(", prim.name());
            for (i, arg) in args.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                self.reg(arg, out);
            }
            out.push_str(")\n");
        }
    }

    fn reg(&self, reg: &Reg, out: &mut String) {
        let _ = match reg {
            Reg::Num(num) => return self.num(num, out),
            Reg::Load(i) => write!(out, "l{i}"),
            Reg::Acc(i) => write!(out, "a{i}"),
            Reg::Line(i) => write!(out, "c{i}"),
        };
    }

    /// Memory and strides: over a space of so many axes, and after `;` over the rest.
    fn access(&self, access: &Access, rank: usize, out: &mut String) {
        let _ = write!(out, "#{}[", access.buf);
        if !access.offset.is(0) {
            self.dim(&access.offset, out);
            out.push_str(": ");
        }
        for (i, stride) in access.strides.iter().enumerate() {
            out.push_str(match i {
                _ if i == rank => "; ",
                0 => "",
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
        if let Some(skip) = &chosen.skip {
            out.push_str(match skip {
                Skip::Zero(_) => ", zero at ",
                Skip::Derivative(_) => ", still at ",
            });
            self.dim(skip.integer(), out);
        }
    }
}
