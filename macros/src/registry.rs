//! The registry as seen from outside: the catalogue of ops.

use crate::ops;
use std::fmt::Write as _;

/// The catalogue of ops, as Markdown: a table for each family.
pub fn catalogue() -> String {
    let mut text = String::new();
    for (title, ops) in ops::families() {
        if !title.is_empty() {
            let _ = writeln!(text, "\n# {title}\n\n| op | value |\n|---|---|");
        }
        for op in ops {
            let doc: Vec<&str> = op.doc.split_whitespace().collect();
            let doc = plain(&doc.join(" "));
            let _ = writeln!(text, "| `{}` | {doc}{} |", op.signature(), elsewhere(op));
        }
    }
    text
}

/// What the op is called elsewhere, where that is another word.
fn elsewhere(op: &ops::OpDef) -> String {
    let own = |name: &&str| name.to_lowercase().replace('_', "") == op.name.replace('_', "");
    let names = op.elsewhere.iter().flat_map(|elsewhere| elsewhere.names.split_whitespace());
    let names: Vec<String> =
        names.filter(|name| !own(name)).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(" *Elsewhere:* {}.", names.join(", ")) }
}

/// Text in a cell of a table. What stands in brackets is a shape and no link.
fn plain(text: &str) -> String {
    let mut cell = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i > 0 {
            cell.push('`');
        }
        let part = part.replace('|', "\\|");
        cell.push_str(&if i % 2 == 0 { part.replace('[', "\\[") } else { part });
    }
    cell
}

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

    /// Compares a file with what the registry says, and writes it if `BLESS` is set.
    fn listed(path: &str, text: &str) {
        let file = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, text).expect("the folder is there");
        }
        let found = std::fs::read_to_string(file).expect("the file is there").replace("\r\n", "\n");
        let help = "`BLESS=1 cargo test -p pullback-macros registry` writes it";
        assert!(found == text, "{path} is out of date: {help}");
    }

    /// `tests/reference/make.py` reads the examples there, one op a line.
    #[test]
    fn examples_are_listed_for_other_systems() {
        let row = |op: &ops::OpDef| format!("{:?}: {:?}", op.name, op.examples);
        let rows: Vec<String> = ops::all().map(row).collect();
        listed("tests/reference/examples.json", &format!("{{\n{}\n}}\n", rows.join(",\n")));
    }

    /// It is the documentation of `pullback::ops`.
    #[test]
    fn the_catalogue_lists_the_ops() {
        let head = "All ops of [`model!`](crate::model!), family by family.\n\nNames and meanings are PyTorch's, in snake \
                    case. `x` is the value that flows in, τ a shape; an option is shown with its default.\n";
        listed("runtime/src/ops.md", &format!("{head}{}\n", catalogue().trim_end()));
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
