//! The text of a function.

use super::{Names, labels, list, numbers, source, target};
use crate::ir::{CustomCall, Def, Fold, Func, Inst, Part, Rule, Skip, Var, View};
use std::fmt::Write as _;

impl Func {
    /// The text of the function (see [`text`](crate::text)).
    pub fn show(&self) -> String {
        let (names, mut out) = (Names::default(), String::new());
        names.func(self, "", &mut out);
        names.header() + &out
    }
}

impl Names {
    pub(super) fn func(&self, func: &Func, indent: &str, out: &mut String) {
        self.defs(&func.defs, 0, indent, out);
        for result in &func.results {
            let _ = write!(out, "{indent}return ");
            target(result.target, out);
            let _ = writeln!(out, " %{}", result.value);
        }
        func.rules.iter().for_each(|rule| self.rule(rule, indent, out));
    }

    fn rule(&self, rule: &Rule, indent: &str, out: &mut String) {
        let _ = write!(out, "{indent}rule %{} of ", rule.value);
        list(&rule.args, out, |arg, out| {
            let _ = write!(out, "%{arg}");
        });
        let _ = writeln!(out, " from %{} {{", rule.first);
        let inner = format!("{indent}    ");
        self.defs(&rule.primal, rule.first, &inner, out);
        self.lin_func(&rule.tangent, &inner, out);
        let _ = writeln!(out, "{indent}}}");
    }

    /// Instructions, of which the first defines `first`.
    pub(super) fn defs(&self, defs: &[Def], first: Var, indent: &str, out: &mut String) {
        for (i, def) in defs.iter().enumerate() {
            let var = first + i;
            let _ = write!(out, "{indent}%{var}: {}", if def.late { "late " } else { "" });
            self.dims(&def.ty, out);
            out.push_str(" = ");
            self.inst(&def.inst, indent, out);
            out.push('\n');
        }
    }

    fn inst(&self, inst: &Inst, indent: &str, out: &mut String) {
        match inst {
            Inst::Source(from) => source(*from, out),
            Inst::Num(num) => self.num(num, out),
            Inst::Point { prim, args } => call(prim.name(), args, out),
            Inst::View { x, view: View::Broadcast(axes) } => {
                call("broadcast", &[*x], out);
                told(out, |out| numbers(axes, out));
            }
            Inst::Reduce { fold, x, axes } => {
                let name = match fold {
                    Fold::Sum => "reduce_sum",
                    Fold::Max => "reduce_max",
                };
                call(name, &[*x], out);
                told(out, |out| numbers(axes, out));
            }
            Inst::View { x, view: View::Permute(perm) } => {
                call("permute", &[*x], out);
                told(out, |out| numbers(perm, out));
            }
            Inst::View { x, view: View::Reshape } => call("reshape", &[*x], out),
            Inst::View { x, view: View::Slice { axis, start } } => {
                call("slice", &[*x], out);
                told(out, |out| {
                    let _ = write!(out, "axis {axis} from ");
                    self.dim(start, out);
                });
            }
            Inst::View { x, view: View::Window(window) } => {
                call("window", &[*x], out);
                told(out, |out| self.window(window, out));
            }
            Inst::Overlap { parts } => {
                out.push_str("overlap(");
                for (i, (x, window)) in parts.iter().enumerate() {
                    let _ = write!(out, "{}%{x} ", if i == 0 { "" } else { ", " });
                    self.window(window, out);
                }
                out.push(')');
            }
            Inst::Concat { parts, axis } => {
                out.push_str("concat(");
                for (i, part) in parts.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    match part {
                        Part::Value(x) => {
                            let _ = write!(out, "%{x}");
                        }
                        Part::Zeros(length) => {
                            out.push_str("zeros ");
                            self.dim(length, out);
                        }
                    }
                }
                let _ = write!(out, "; axis {axis})");
            }
            Inst::Contract { a, b, labels: of } => {
                call("contract", &[*a, *b], out);
                told(out, |out| labels(of, out));
            }
            Inst::Gather { x, index, labels: of, skip } => {
                call("gather", &[*x, *index], out);
                told(out, |out| labels(of, out));
                if let Some(skip) = skip {
                    told(out, |out| {
                        out.push_str(match skip {
                            Skip::Zero(_) => "zero at ",
                            Skip::Derivative(_) => "still at ",
                        });
                        self.dim(skip.integer(), out);
                    });
                }
            }
            Inst::Scatter { x, index, labels: of, skip } => {
                call("scatter", &[*x, *index], out);
                told(out, |out| labels(of, out));
                if let Some(skip) = skip {
                    told(out, |out| {
                        out.push_str("zero at ");
                        self.dim(skip, out);
                    });
                }
            }
            Inst::Iota { repeat, cycle } => {
                out.push_str("iota(repeat ");
                self.dim(repeat, out);
                out.push_str(", cycle ");
                self.dim(cycle, out);
                out.push(')');
            }
            Inst::Random { site } => {
                let _ = write!(out, "random({site})");
            }
            Inst::Custom { op, call: of } => {
                match *of {
                    CustomCall::Forward { x } => call("custom", &[x], out),
                    CustomCall::Jvp { x, dx } => call("custom_jvp", &[x, dx], out),
                    CustomCall::Vjp { x, y_bar } => call("custom_vjp", &[x, y_bar], out),
                }
                told(out, |out| {
                    let _ = write!(out, "op {op}");
                });
            }
            Inst::Scan { scan, args } => {
                out.push_str("scan(");
                for (i, (x, flow)) in args.iter().zip(&scan.args).enumerate() {
                    let _ = write!(out, "{}%{x} ", if i == 0 { "" } else { ", " });
                    self.flow(flow, out);
                }
                out.push_str("; length ");
                self.dim(&scan.length, out);
                out.push_str(if scan.reverse { ", reverse" } else { "" });
                out.push_str(if scan.recompute { ", recompute" } else { "" });
                out.push_str(") -> ");
                list(&scan.results, out, |flow, out| self.flow(flow, out));
                out.push_str(" {\n");
                self.func(&scan.body, &format!("{indent}    "), out);
                let _ = write!(out, "{indent}}}");
            }
            Inst::ScanResult { of, index } => {
                call("result", &[*of], out);
                told(out, |out| {
                    let _ = write!(out, "{index}");
                });
            }
        }
    }
}

/// `name(%1, %2)`
fn call(name: &str, args: &[Var], out: &mut String) {
    let _ = write!(out, "{name}(");
    for (i, arg) in args.iter().enumerate() {
        let _ = write!(out, "{}%{arg}", if i == 0 { "" } else { ", " });
    }
    out.push(')');
}

/// Puts after `;` in the parentheses that were just closed what an instruction is told.
pub(super) fn told(out: &mut String, write: impl FnOnce(&mut String)) {
    out.pop();
    out.push_str("; ");
    write(out);
    out.push(')');
}
