//! Long pointwise functions in steps.
//!
//! A processor looks a few hundred instructions ahead. In a chain of several functions such as `exp`
//! that is less than one round of the loop, and it waits for the results of one function before it can
//! begin with the next. So a map with such a chain runs block by block, and over each block function by
//! function: what lies between them stays in the first-level cache.

use super::text::{add, plain, reg_code};
use super::{Arg, Emit};
use crate::bug::OrBug;
use crate::nest::{Access, Body, Nest, Reg, Store};
use crate::shape::Dim;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The step in which each line of a body is computed.
pub struct Stages {
    of_line: Vec<usize>,
    pub last: usize,
    /// The lines a later step reads.
    kept: BTreeSet<usize>,
}

/// A step: which loads and lines of earlier steps it reads, and which stores and lines it writes, in
/// the order of the arguments and results of its body.
pub struct Piece {
    pub loads: Vec<usize>,
    pub reads: Vec<usize>,
    pub stores: Vec<usize>,
    pub writes: Vec<usize>,
    pub lines: String,
}

impl Stages {
    /// The steps of a body; `None` if one is enough.
    pub fn of(body: &Body, stores: &[Store]) -> Option<Stages> {
        let mut of_line: Vec<usize> = Vec::with_capacity(body.lines.len());
        // How many long functions lie after each line.
        let mut behind: Vec<usize> = Vec::with_capacity(body.lines.len());
        for (prim, args) in &body.lines {
            let before = args.iter().filter_map(line).map(|line| behind[line]).max().unwrap_or(0);
            behind.push(before + usize::from(prim.is_long()));
            of_line.push(behind[behind.len() - 1].saturating_sub(1));
        }
        let last = of_line.iter().copied().max().filter(|last| *last > 0)?;
        let mut kept = BTreeSet::new();
        for (at, (_, args)) in body.lines.iter().enumerate() {
            kept.extend(args.iter().filter_map(line).filter(|arg| of_line[*arg] < of_line[at]));
        }
        // A store is written where its value is computed.
        debug_assert!(!stores.is_empty());
        Some(Stages { of_line, last, kept })
    }

    /// The lines that are kept between steps.
    pub fn temps(&self) -> impl Iterator<Item = usize> {
        self.kept.iter().copied()
    }

    pub fn piece(&self, step: usize, body: &Body, stores: &[Store]) -> Piece {
        let lines: Vec<usize> =
            (0..body.lines.len()).filter(|line| self.of_line[*line] == step).collect();
        let stores_here: Vec<usize> = (0..stores.len())
            .filter(|i| line(&stores[*i].value).map_or(0, |line| self.of_line[line]) == step)
            .collect();
        let args = lines.iter().flat_map(|line| &body.lines[*line].1);
        let regs: Vec<&Reg> = args.chain(stores_here.iter().map(|i| &stores[*i].value)).collect();
        let loads: BTreeSet<usize> = regs
            .iter()
            .filter_map(|reg| if let Reg::Load(i) = reg { Some(*i) } else { None })
            .collect();
        let reads: BTreeSet<usize> =
            regs.iter().filter_map(|reg| line(reg)).filter(|l| self.of_line[*l] < step).collect();
        let (loads, reads) = (Vec::from_iter(loads), Vec::from_iter(reads));
        let name = |reg: &Reg| match reg {
            Reg::Load(i) => {
                let load = loads.iter().position(|load| load == i);
                format!("l{}", load.or_bug("codegen", "load of a step"))
            }
            Reg::Line(i) => match reads.iter().position(|read| read == i) {
                Some(at) => format!("l{}", loads.len() + at),
                None => {
                    let line = lines.iter().position(|line| line == i);
                    format!("c{}", line.or_bug("codegen", "line of a step"))
                }
            },
            other => reg_code(other),
        };
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            let (prim, args) = &body.lines[*line];
            let _ = write!(text, " let c{at} = ");
            prim.write(&mut text, |arg, text| text.push_str(&name(&args[arg])));
            text.push(';');
        }
        let writes: Vec<usize> = lines.iter().copied().filter(|l| self.kept.contains(l)).collect();
        let values = stores_here.iter().map(|i| name(&stores[*i].value));
        let values: Vec<String> =
            values.chain(writes.iter().map(|line| name(&Reg::Line(*line)))).collect();
        let _ = write!(text, " [{}]", values.join(", "));
        Piece { loads, reads, stores: stores_here, writes, lines: text }
    }
}

impl Emit<'_> {
    /// A map in steps, block by block: see [`Stages`].
    pub(super) fn steps(
        &mut self,
        nest: &Nest,
        length: &Dim,
        strides: &[Vec<Dim>],
        steps: &Stages,
    ) -> String {
        let loads = nest.body.loads.len();
        // A block of an access; one whose stride is 0 stays where it is.
        let block = |this: &mut Self, access: &Access, strides: &[Dim], kind: Arg| {
            let written = kind == Arg::Written;
            let stride = strides.first().map_or("0".into(), Dim::code);
            if let (true, Some((name, offset))) = (written, this.shared_arg(access)) {
                return format!("{name}.from({offset} + at * ({stride})), [{stride}]");
            }
            let (name, from) = (this.arg(access, kind), if written { "&mut " } else { "&" });
            format!("{from}{name}[at * ({stride})..], [{stride}]")
        };
        let ins: Vec<String> =
            (0..loads).map(|i| block(self, &nest.body.loads[i], &strides[i], Arg::Read)).collect();
        let outs: Vec<String> = (0..nest.stores.len())
            .map(|i| block(self, &nest.stores[i].to, &strides[loads + i], Arg::Written))
            .collect();
        let temps = steps.temps().map(|line| format!("let mut t{line} = __temp::<T>(); "));
        let mut text = format!(
            "let length = {}; {}let mut at = 0; \
             while at < length {{ let m = (length - at).min(__block::<T>()); ",
            length.code(),
            temps.collect::<String>(),
        );
        // Where an access is of memory, its next block is on the way while this one is worked on.
        for (i, access) in nest.body.loads.iter().enumerate() {
            if strides[i].first().is_some_and(|stride| stride.is(1)) {
                let name = self.arg(access, Arg::Read);
                let _ = write!(text, "__prefetch_next(&{name}[at..], m, length); ");
            }
        }
        let axis = format!("__Staged::<{}>", plain(strides.iter().map(|s| s.last())));
        for step in 0..=steps.last {
            let piece = steps.piece(step, &nest.body, &nest.stores);
            let loads = piece.loads.iter().map(|load| format!("__read({})", ins[*load]));
            let reads = piece.reads.iter().map(|line| format!("t{line}.read()"));
            let reads: Vec<String> = loads.chain(reads).collect();
            let stores = piece.stores.iter().map(|store| {
                format!("__write({}, {})", outs[*store], add(nest.stores[*store].add))
            });
            let writes = piece.writes.iter().map(|line| format!("t{line}.write(m)"));
            let writes: Vec<String> = stores.chain(writes).collect();
            let body = self.code.body(0, reads.len(), writes.len(), &piece.lines);
            let (reads, writes) = (reads.join(", "), writes.join(", "));
            let _ = write!(text, "__map(v, {axis}, [m], [{reads}], [{writes}], {body}); ");
        }
        text.push_str("at += m; }");
        text
    }
}

fn line(reg: &Reg) -> Option<usize> {
    if let Reg::Line(line) = reg { Some(*line) } else { None }
}
