//! The registry as seen from outside: the README's table of ops.
//!
//! A proc-macro crate exports nothing but macros, so other crates reach the registry through one.

use crate::ops;
use std::fmt::Write as _;

/// The table of ops, as Markdown.
pub fn table() -> String {
    let mut text = String::from("| op | value |\n|---|---|\n");
    for op in ops::all() {
        let doc: Vec<&str> = op.doc.split_whitespace().collect();
        let _ = writeln!(text, "| `{}` | {} |", op.signature(), doc.join(" ").replace('|', "\\|"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diags;
    use crate::infer::infer;
    use crate::library::Library;
    use crate::parse::parse;
    use proc_macro2::TokenStream;

    #[test]
    fn every_example_is_a_model_without_mistakes() {
        for op in ops::all() {
            assert!(!op.examples.is_empty(), "`{}` has no example", op.name);
            assert!(!op.doc.is_empty(), "`{}` has no documentation", op.name);
            for example in op.examples {
                let mut diags = Diags::default();
                let file = parse(format!("Example{example}").parse().expect("tokens"), &mut diags);
                let library = Library::new(file, TokenStream::new(), &mut diags);
                infer(&library, 0, &mut diags);
                assert!(diags.is_empty(), "`{}`: {example}: {:?}", op.name, diags.messages());
            }
        }
    }

    /// `tests/reference/make.py` reads the examples there, one op a line: `BLESS=1 cargo test -p pullback-macros registry`
    /// writes them.
    #[test]
    fn examples_are_listed_for_other_systems() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reference/examples.json");
        let row = |op: &ops::OpDef| format!("{:?}: {:?}", op.name, op.examples);
        let rows: Vec<String> = ops::all().map(row).collect();
        let text = format!("{{\n{}\n}}\n", rows.join(",\n"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &text).expect("tests/reference is there");
        }
        let listed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(listed == text, "tests/reference/examples.json is out of date: BLESS=1 writes it");
    }

    #[test]
    fn names_and_options_are_unique() {
        let names: Vec<&str> = ops::all().map(|op| op.name).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[..i].contains(name), "two ops are called `{name}`");
            assert!(
                crate::elsewhere::sentence(name).is_none(),
                "`{name}` is an op and needs no hint"
            );
        }
    }
}
