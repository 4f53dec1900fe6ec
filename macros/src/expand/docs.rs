//! The documentation of a generated struct: its layers, shapes and sizes.

use crate::ast;
use crate::shape::{Dim, show, size};
use crate::typed::Typed;
use std::fmt::Write as _;

pub fn table(ast: &ast::Model, typed: &Typed) -> String {
    let inputs: Vec<String> = typed
        .inputs
        .iter()
        .map(|input| match &input.index {
            Some(bound) if input.shape.is_empty() => format!("{}: index({bound})", input.name),
            Some(bound) => format!("{}: {} of index({bound})", input.name, show(&input.shape)),
            None => format!("{}: {}", input.name, show(&input.shape)),
        })
        .collect();
    let mut text =
        format!("\n`{}({}) -> {}`\n\n", ast.name, inputs.join(", "), show(&typed.output));
    text.push_str("| step | op | from | to | parameters |\n|---|---|---|---|---:|\n");
    for row in &typed.rows {
        let from = row.from.as_ref().map_or(String::new(), |from| format!("`{}`", show(from)));
        let name = if row.name.is_empty() { String::new() } else { format!("`{}`", row.name) };
        let params = if row.params.is(0) { String::new() } else { row.params.to_string() };
        let _ = writeln!(
            text,
            "| {name} | `{}` | {from} | `{}` | {params} |",
            row.op.replace('|', "\\|"),
            show(&row.to)
        );
    }
    let total = typed.params.iter().fold(Dim::known(0), |sum, param| sum.add(&size(&param.shape)));
    let _ = write!(text, "\n{total} parameters.");
    text
}
