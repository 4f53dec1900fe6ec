//! The tables of `tests/reference/SUITES.md`: which cases of others are run, and why the rest is not.

use super::{Json, text};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What is known about an operator of a suite.
#[derive(Default)]
struct Row {
    passed: usize,
    models: BTreeSet<String>,
    left_out: BTreeMap<String, u64>,
}

/// The reason that a whole operator is left out for.
const NO_SUCH_OP: &str = "no such op";

/// Compares the table of a suite, all of whose cases pass, with that in `SUITES.md`, and its total with what the guide says.
pub fn compare(suite: &str, rows: &[Json]) {
    let mut table = BTreeMap::<&str, Row>::new();
    for row in rows {
        let of_op = table.entry(text(row, "op").expect("an operator")).or_default();
        if let Some(reason) = text(row, "left_out") {
            let cases = row["cases"].as_u64().expect("a count");
            *of_op.left_out.entry(reason.to_string()).or_default() += cases;
        } else {
            of_op.passed += 1;
            of_op.models.insert(text(row, "model").expect("a model").to_string());
        }
    }
    let (table, total) = written(&table);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    page(suite, &table, &root.join("tests/reference/SUITES.md"));
    let guide = "runtime/src/guide/trust.md";
    let text = fs::read_to_string(root.join(guide)).expect("the guide can be read");
    assert!(text.contains(&total), "{guide} should say `{total}` of {suite}");
}

/// A table with a row for each operator that has a case, and one for those that have none; and how many
/// passed of how many.
fn written(rows: &BTreeMap<&str, Row>) -> (String, String) {
    let mut out =
        String::from("| operator | cases | passed | models | left out |\n|---|--:|--:|--:|---|\n");
    let (mut cases, mut passed, mut models) = (0, 0, BTreeSet::new());
    let (mut reasons, mut absent) = (BTreeMap::<&str, u64>::new(), Vec::new());
    for (op, row) in rows {
        let left: u64 = row.left_out.values().sum();
        for (reason, n) in &row.left_out {
            *reasons.entry(reason).or_default() += n;
        }
        let all = row.passed as u64 + left;
        (cases, passed) = (cases + all, passed + row.passed);
        models.extend(&row.models);
        if row.left_out.len() == 1 && row.left_out.contains_key(NO_SUCH_OP) {
            absent.push(format!("{op} {all}"));
            continue;
        }
        let why: Vec<String> =
            row.left_out.iter().map(|(reason, n)| format!("{n}: {reason}")).collect();
        let (count, why) = (row.models.len(), why.join("; "));
        out += &format!("| {op} | {all} | {} | {count} | {why} |\n", row.passed);
    }
    out += &format!(
        "| all, with those below | {cases} | {passed} | {} | {} |\n",
        models.len(),
        cases - passed as u64
    );
    if !absent.is_empty() {
        out += &format!("\nWithout an op of ours: {}.\n", absent.join(", "));
    }
    let mut reasons: Vec<(&str, u64)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(reason, n)| (std::cmp::Reverse(*n), *reason));
    out += "\n| left out because | cases |\n|---|--:|\n";
    for (reason, n) in reasons {
        out += &format!("| {reason} | {n} |\n");
    }
    (out, format!("({passed} of {cases})"))
}

fn page(suite: &str, table: &str, path: &Path) {
    let page = fs::read_to_string(path).expect("SUITES.md can be read").replace("\r\n", "\n");
    let (begin, end) = (format!("<!-- {suite} -->\n"), format!("<!-- /{suite} -->"));
    let (before, rest) = page.split_once(&begin).expect("SUITES.md has the first marker");
    let (old, after) = rest.split_once(&end).expect("SUITES.md has the second marker");
    if old.trim() == table.trim() {
        return;
    }
    assert!(
        std::env::var_os("BLESS").is_some(),
        "tests/reference/SUITES.md is out of date: `BLESS=1 cargo test -p pullback-macros suites` writes it"
    );
    let blessed = format!("{before}{begin}{}\n{end}{after}", table.trim());
    fs::write(path, blessed).expect("SUITES.md can be written");
}
