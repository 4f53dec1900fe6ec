//! The text of a linear program.

use super::func::told;
use super::{Names, labels, list, numbers, source, target};
use crate::ir::{LinFunc, LinOp, LinPart, LinScan, LinVar};
use std::fmt::Write as _;

impl LinFunc {
    /// The text of the program (see [`text`](crate::text)); `%3` is a primal value.
    pub fn show(&self) -> String {
        let (names, mut out) = (Names::default(), String::new());
        names.lin_func(self, "", &mut out);
        names.header() + &out
    }
}

impl Names {
    pub(super) fn lin_func(&self, func: &LinFunc, indent: &str, out: &mut String) {
        for (id, def) in func.defs.iter().enumerate() {
            let _ = write!(out, "{indent}~{id}: ");
            self.dims(&def.ty, out);
            out.push_str(" = ");
            self.lin_op(&def.op, indent, out);
            out.push('\n');
        }
        for (to, id) in &func.results {
            let _ = write!(out, "{indent}return ");
            target(*to, out);
            let _ = writeln!(out, " ~{id}");
        }
    }

    fn lin_op(&self, op: &LinOp, indent: &str, out: &mut String) {
        match op {
            LinOp::Source(from) => source(*from, out),
            LinOp::Add(x, y) => {
                let _ = write!(out, "add(~{x}, ~{y})");
            }
            LinOp::Scale(x, with) => {
                let _ = write!(out, "scale(~{x}, %{with})");
            }
            LinOp::Broadcast { x, axes } => with_numbers("broadcast", *x, axes, out),
            LinOp::Sum { x, axes } => with_numbers("sum", *x, axes, out),
            LinOp::Permute { x, perm } => with_numbers("permute", *x, perm, out),
            LinOp::Reshape { x } => {
                let _ = write!(out, "reshape(~{x})");
            }
            LinOp::Slice { x, axis, start } => {
                let _ = write!(out, "slice(~{x}; axis {axis} from ");
                self.dim(start, out);
                out.push(')');
            }
            LinOp::Window { x, window } => {
                let _ = write!(out, "window(~{x}; ");
                self.window(window, out);
                out.push(')');
            }
            LinOp::Overlap { x, window } => {
                let _ = write!(out, "overlap(~{x}; ");
                self.window(window, out);
                out.push(')');
            }
            LinOp::Concat { parts, axis } => {
                out.push_str("concat(");
                for (i, part) in parts.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    match part {
                        LinPart::Value(x) => {
                            let _ = write!(out, "~{x}");
                        }
                        LinPart::Zeros(length) => {
                            out.push_str("zeros ");
                            self.dim(length, out);
                        }
                    }
                }
                let _ = write!(out, "; axis {axis})");
            }
            LinOp::Contract { x, with, labels: of } => {
                let _ = write!(out, "contract(~{x}, %{with}; ");
                labels(of, out);
                out.push(')');
            }
            LinOp::Gather { x, index, labels: of, skip }
            | LinOp::Scatter { x, index, labels: of, skip } => {
                let name = if matches!(op, LinOp::Gather { .. }) { "gather" } else { "scatter" };
                let _ = write!(out, "{name}(~{x}, %{index}; ");
                labels(of, out);
                out.push(')');
                if let Some(skip) = skip {
                    told(out, |out| {
                        out.push_str("zero at ");
                        self.dim(skip, out);
                    });
                }
            }
            LinOp::Custom { op, at, x, transposed } => {
                let turned = if *transposed { ", transposed" } else { "" };
                let _ = write!(out, "custom(~{x}, %{at}; op {op}{turned})");
            }
            LinOp::Scan { scan, with, args } => self.lin_scan(scan, with, args, indent, out),
            LinOp::ScanResult { of, index } => {
                let _ = write!(out, "result(~{of}; {index})");
            }
        }
    }

    fn lin_scan(
        &self,
        scan: &LinScan,
        with: &[usize],
        args: &[Option<LinVar>],
        indent: &str,
        out: &mut String,
    ) {
        out.push_str("scan(");
        let mut first = true;
        let mut comma = |out: &mut String| {
            out.push_str(if std::mem::take(&mut first) { "" } else { ", " });
        };
        for (x, flow) in with.iter().zip(&scan.with) {
            comma(out);
            let _ = write!(out, "%{x} ");
            self.flow(flow, out);
        }
        for (arg, (flow, ty)) in args.iter().zip(&scan.args) {
            comma(out);
            let _ = match arg {
                Some(x) => write!(out, "~{x} "),
                None => write!(out, "zero "),
            };
            self.flow(flow, out);
            out.push(' ');
            self.dims(ty, out);
        }
        out.push_str("; length ");
        self.dim(&scan.length, out);
        out.push_str(if scan.reverse { ", reverse" } else { "" });
        out.push_str(if scan.recompute { ", recompute" } else { "" });
        out.push_str(") -> ");
        list(&scan.results, out, |(flow, ty), out| {
            self.flow(flow, out);
            out.push(' ');
            self.dims(ty, out);
        });
        out.push_str(" {\n");
        let inner = format!("{indent}    ");
        self.defs(&scan.primal, 0, &inner, out);
        self.lin_func(&scan.lin, &inner, out);
        let _ = write!(out, "{indent}}}");
    }
}

/// `name(~1; [0, 1])`
fn with_numbers(name: &str, x: LinVar, of: &[usize], out: &mut String) {
    let _ = write!(out, "{name}(~{x}; ");
    numbers(of, out);
    out.push(')');
}
