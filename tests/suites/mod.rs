//! What the programs share that run the test suites of others (`tests/onnx.rs`, `tests/torch.rs`): the
//! models and fixtures that scripts in `tests/reference` made of them, and the table that says what came out.
#![allow(dead_code, reason = "not every program uses all")]

use pullback::flat::Boxed;
use pullback::model::Data;
use pullback::{Model, Workspace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The models of a suite, and a table of them by name.
macro_rules! suite {
    ($($Model:ident $input:tt -> $output:tt $body:tt)*) => {
        pullback::model! { $(#[doc = "A model of a suite."] pub(crate) $Model $input -> $output $body)* }
        pub(crate) const MODELS: &[(&str, $crate::suites::Run)] =
            &[$((stringify!($Model), $crate::run::<$Model<f64>>)),*];
    };
}
pub(crate) use suite;

/// Runs a model on a case: what is wrong, if something is.
pub(crate) type Run = fn(&Value) -> Result<(), String>;

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let number = |x: &Value| match x.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(_) => f64::NAN,
        None => x.as_f64().expect("a number"),
    };
    value.as_array().expect("a list of numbers").iter().map(number).collect()
}

pub(crate) fn lists(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

/// The inputs, parameters and state of a case.
pub(crate) struct Given {
    /// Samples of the batch.
    pub(crate) batch: usize,
    /// Numbers of a sample of each input.
    pub(crate) sizes: Vec<usize>,
    reals: Vec<Vec<f64>>,
    integers: Vec<Vec<u32>>,
    state: Vec<f64>,
}

impl Given {
    pub(crate) fn new<M: Model<Scalar = f64>>(case: &Value) -> Result<(Self, Boxed<M>), String> {
        let params = numbers(&case["params"]);
        if params.len() != M::PARAMS {
            return Err(format!("{} parameters, found {}", M::PARAMS, params.len()));
        }
        let sizes: Vec<usize> = M::INPUTS.iter().map(|info| info.shape.iter().product()).collect();
        let inputs = lists(&case["inputs"]);
        let batch = inputs.iter().zip(&sizes).map(|(x, n)| x.len() / n).max().unwrap_or(1);
        let mut reals: Vec<Vec<f64>> = Vec::new();
        for (x, n) in inputs.into_iter().zip(&sizes) {
            reals.push(spread(x, *n, batch)?);
        }
        let integers = reals.iter().map(|xs| xs.iter().map(|x| *x as u32).collect()).collect();
        let state = case.get("state").map_or(Vec::new(), numbers);
        let net = pullback::flat::boxed::<M>(|i| params[i]);
        Ok((Given { batch, sizes, reals, integers, state }, net))
    }

    pub(crate) fn data<M: Model<Scalar = f64>>(&self) -> Vec<Data<'_, f64>> {
        let inputs = M::INPUTS.iter().enumerate().map(|(i, info)| match info.index {
            Some(_) => Data::Index(&self.integers[i]),
            None => Data::Real(&self.reals[i]),
        });
        inputs.chain((!self.state.is_empty()).then_some(Data::State(&self.state))).collect()
    }
}

/// What is given once is the same for all samples.
pub(crate) fn spread(x: Vec<f64>, size: usize, batch: usize) -> Result<Vec<f64>, String> {
    match x.len() {
        len if len == size * batch => Ok(x),
        len if len == size => Ok(x.repeat(batch)),
        len => Err(format!("an input has {len} numbers, {batch} samples of {size} were needed")),
    }
}

/// `forward` of a case, in tiles that do not divide most batches.
pub(crate) fn forward<M: Model<Scalar = f64>>(net: &M, given: &Given) -> Vec<f64> {
    let mut y = vec![0.0; given.batch * M::OUTPUT.iter().product::<usize>()];
    net.forward_flat(&given.data::<M>(), &mut y, &mut Workspace::with_tile(3));
    y
}

/// That numbers are as close to those wanted as `bound` of each of them says; what is not finite is equal.
pub(crate) fn close(
    what: &str,
    found: &[f64],
    wanted: &[f64],
    bound: impl Fn(f64) -> f64,
) -> Result<(), String> {
    if found.len() != wanted.len() {
        return Err(format!("{what}: {} numbers, {} were needed", found.len(), wanted.len()));
    }
    for (i, (a, b)) in found.iter().zip(wanted).enumerate() {
        let same = a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= bound(*b);
        if !same {
            return Err(format!("{what}, element {i}: {a}, the suite has {b}"));
        }
    }
    Ok(())
}

/// What is known about an operator of a suite.
#[derive(Default)]
struct Row {
    passed: usize,
    models: Vec<String>,
    left_out: BTreeMap<String, u64>,
}

/// Runs all cases of a suite and compares the table of what came out with that in `SUITES.md`.
///
/// # Panics
/// If a case fails, or the table is another one.
pub(crate) fn run_all(suite: &str, fixture: &str, models: &[(&str, Run)]) {
    let entries: Vec<Value> = serde_json::from_str(fixture).expect("the fixture is JSON");
    let models: BTreeMap<&str, Run> = models.iter().copied().collect();
    let (mut rows, mut failed) = (BTreeMap::<String, Row>::new(), Vec::new());
    for entry in &entries {
        let text = |key: &str| entry[key].as_str().map(str::to_string);
        let row = rows.entry(text("op").expect("an operator")).or_default();
        if let Some(reason) = text("left_out") {
            *row.left_out.entry(reason).or_default() += entry["cases"].as_u64().expect("a count");
            continue;
        }
        let (case, model) = (text("case").expect("a name"), text("model").expect("a model"));
        let run = models.get(&*model).unwrap_or_else(|| panic!("{case}: no model {model}"));
        match run(entry) {
            Ok(()) => row.passed += 1,
            Err(what) => failed.push(format!("{case} ({model}): {what}")),
        }
        row.models.push(model);
    }
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
    let (table, total) = table(&rows);
    compare(suite, &table);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md can be read");
    assert!(readme.contains(&total), "README.md should say `{total}` of {suite}");
}

/// A table with a row for each operator that has a case, and one for those that have none; and how many
/// passed of how many.
fn table(rows: &BTreeMap<String, Row>) -> (String, String) {
    let mut out =
        String::from("| operator | cases | passed | models | left out |\n|---|--:|--:|--:|---|\n");
    let (mut cases, mut passed, mut models) = (0, 0, BTreeSet::new());
    let (mut reasons, mut absent) = (BTreeMap::<&str, u64>::new(), Vec::new());
    for (op, row) in rows {
        let left: u64 = row.left_out.values().sum();
        for (reason, n) in &row.left_out {
            *reasons.entry(reason).or_default() += n;
        }
        let distinct: BTreeSet<&String> = row.models.iter().collect();
        let all = row.passed as u64 + left;
        (cases, passed) = (cases + all, passed + row.passed);
        models.extend(distinct.iter().copied());
        if row.left_out.len() == 1 && row.left_out.contains_key(NO_SUCH_OP) {
            absent.push(format!("{op} {all}"));
            continue;
        }
        let why: Vec<String> =
            row.left_out.iter().map(|(reason, n)| format!("{n}: {reason}")).collect();
        let (count, why) = (distinct.len(), why.join("; "));
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

/// The reason that a whole operator is left out for.
const NO_SUCH_OP: &str = "no such op";

fn compare(suite: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/SUITES.md");
    let page = fs::read_to_string(&path).expect("SUITES.md can be read").replace("\r\n", "\n");
    let (begin, end) = (format!("<!-- {suite} -->\n"), format!("<!-- /{suite} -->"));
    let (before, rest) = page.split_once(&begin).expect("SUITES.md has the first marker");
    let (old, after) = rest.split_once(&end).expect("SUITES.md has the second marker");
    if old.trim() == table.trim() {
        return;
    }
    assert!(
        std::env::var_os("BLESS").is_some(),
        "tests/reference/SUITES.md is out of date: `BLESS=1 cargo test --test {suite}` writes it"
    );
    let blessed = format!("{before}{begin}{}\n{end}{after}", table.trim());
    fs::write(&path, blessed).expect("SUITES.md can be written");
}
