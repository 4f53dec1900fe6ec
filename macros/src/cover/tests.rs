//! The file of models that rustc compiles is what it should be.

use super::{Candidate, candidates, chosen, kinds_of};
use crate::compile::compile_modes;
use crate::corpus;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// `BLESS=1` writes the file. If only the choice is another one, say by a new op whose text is like that of others, that is
/// no mistake: what is needed is that no kind is missing.
#[test]
fn every_kind_of_text_is_compiled() {
    let zoo: BTreeSet<String> =
        corpus::zoo().flat_map(|(_, typed)| kinds_of(&compile_modes(&typed)).0).collect();
    let all = candidates();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("tests/generated/models.rs");
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let compiled = |model: &&Candidate| found.contains(&declared(model));
    let mut covered: BTreeSet<&str> = zoo.iter().map(String::as_str).collect();
    for model in all.iter().filter(compiled) {
        covered.extend(model.kinds.iter().map(String::as_str));
    }
    let kinds = all.iter().flat_map(|model| &model.kinds);
    let missing: BTreeSet<&str> =
        kinds.map(String::as_str).filter(|kind| !covered.contains(kind)).collect();
    if missing.is_empty() && std::env::var_os("BLESS").is_none() {
        return;
    }
    let missing: Vec<&str> = missing.into_iter().collect();
    assert!(
        std::env::var_os("BLESS").is_some(),
        "text of these kinds is not compiled; `BLESS=1 cargo test -p pullback-macros cover` writes \
         tests/generated/models.rs:\n{}",
        missing.join("\n")
    );
    let chosen = chosen(&all, zoo.iter().map(String::as_str).collect());
    let length = |of: &mut dyn Iterator<Item = usize>| -> usize { of.map(|i| all[i].length).sum() };
    println!(
        "{} of {} models have all kinds of text that the zoo does not have ({}), in {} of {} bytes",
        chosen.len(),
        all.len(),
        zoo.len(),
        length(&mut chosen.iter().copied()),
        length(&mut (0..all.len())),
    );
    std::fs::write(&path, file(&all, chosen)).expect("the file is written");
}

/// A model as it stands in the file.
fn declared(model: &Candidate) -> String {
    format!(
        "    /// `{}` of {}\n    pub(crate) {}{}\n",
        model.key, model.suite, model.model, model.text
    )
}

fn file(all: &[Candidate], mut chosen: Vec<usize>) -> String {
    chosen.sort_unstable();
    let (mut models, mut list) = (String::new(), String::new());
    for model in chosen.into_iter().map(|i| &all[i]) {
        models += &declared(model);
        let Candidate { name, model: ty, suite, key, scalars, .. } = model;
        let mut line = |name: &str, ty: &str, kind: &str, key: &str| {
            let _ = writeln!(list, "            ({name} {ty} {kind} {suite} {key:?})");
        };
        line(name, ty, scalars, key);
        if let Some(has_values) = model.training {
            let end = if *suite == "ops" { "_training" } else { "Training" };
            let kind = if has_values { "real" } else { "valueless" };
            line(
                &format!("{name}_training"),
                &format!("{ty}Training"),
                kind,
                &format!("{key}{end}"),
            );
        }
    }
    format!(
        "//! Models that with the zoo become every kind of text that examples of ops and the suites of others do: written by
//! `BLESS=1 cargo test -p pullback-macros cover`.

pullback::model! {{
{models}}}

/// Calls a macro with all of them: what a test is called, the type, its scalars, and what its values are found by.
macro_rules! covered {{
    ($callback:ident) => {{
        $callback! {{
{list}        }}
    }};
}}
pub(crate) use covered;
"
    )
}
