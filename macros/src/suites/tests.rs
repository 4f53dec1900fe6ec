//! Every case of every suite passes, and the models of the suites are held to the laws.

use super::case::{Agrees, Case, as_told, relative, sample_by_sample};
use super::{GRID, Json, NETWORKS, ONNX, TIES, TORCH, by_name, kinks, rows, table, text};
use crate::corpus;
use crate::eval::laws::{Trial, hold};
use crate::lower::{Lowered, lower, lower_training};
use crate::ops;
use crate::programs::{Programs, programs, training_programs};
use crate::typed::Typed;
use std::collections::BTreeMap;

/// A model's programs of one mode.
struct Mode<'a> {
    typed: &'a Typed,
    programs: Programs,
    lowered: Lowered,
}

/// What cases call a model, or, with `Training` or `_training` after it, its training calls.
struct Models<'a>(BTreeMap<String, Mode<'a>>);

impl<'a> Models<'a> {
    fn new(models: &'a BTreeMap<String, Typed>) -> Self {
        let mut modes = BTreeMap::new();
        for (name, typed) in models {
            modes.insert(
                name.clone(),
                Mode { typed, programs: programs(typed), lowered: lower(typed) },
            );
            if let Some(programs) = training_programs(typed) {
                let end = if name.contains('_') { "_training" } else { "Training" };
                let lowered = lower_training(typed);
                modes.insert(format!("{name}{end}"), Mode { typed, programs, lowered });
            }
        }
        Models(modes)
    }

    /// Runs all cases.
    fn run<'r>(&self, rows: impl IntoIterator<Item = &'r Json>, key: &str, agrees: Agrees) {
        let mut failed = Vec::new();
        for row in rows {
            let (case, model) =
                (text(row, "case").expect("a name"), text(row, key).expect("a model"));
            let Some(mode) = self.0.get(model) else {
                failed.push(format!("{case}: no model {model}"));
                continue;
            };
            let checked = Case::new(mode.typed, row, agrees);
            if let Err(why) = checked.and_then(|case| case.check(&mode.programs)) {
                failed.push(format!("{case} ({model}): {why}"));
            }
        }
        assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
    }

    /// Holds each model to the laws.
    fn hold(&self) {
        for (name, mode) in &self.0 {
            hold(name, &Trial::new(mode.typed), &mode.programs, &mode.lowered);
        }
    }
}

/// A suite of others, of which `SUITES.md` has a table; and its models are held to the laws.
fn suite(name: &str, models: &str, rows: &[Json], agrees: Agrees) {
    let models = by_name(models);
    let models = Models::new(&models);
    models.run(rows.iter().filter(|row| row.get("left_out").is_none()), "model", agrees);
    table::compare(name, rows);
    models.hold();
}

/// PyTorch's samples of its operators and modules (`torch_cases.py`).
#[test]
fn torch() {
    suite("torch", TORCH, &rows(include_str!("../../../tests/reference/torch.json")), relative);
}

/// ONNX's tests of single operators (`onnx_cases.py`).
#[test]
fn onnx() {
    suite("onnx", ONNX, &rows(include_str!("../../../tests/reference/onnx.json")), as_told);
}

/// Ties, zeros, equal elements, thresholds, infinities, axes of length 1, by PyTorch (`ties.py`).
#[test]
fn ties() {
    let (models, rows) = (by_name(TIES), rows(include_str!("../../../tests/reference/ties.json")));
    let models = Models::new(&models);
    models.run(&rows, "model", sample_by_sample);
    let cases: Vec<&str> = rows.iter().filter_map(|row| text(row, "case")).collect();
    for name in models.0.keys().map(|name| name.trim_end_matches("Training")) {
        assert!(cases.contains(&name), "{name} has no case");
    }
    models.hold();
}

/// The options of convolutions and pooling in all combinations that fit, and whole networks (`windows.py`, `make.py`).
#[test]
fn grid_and_networks() {
    for file in [GRID, NETWORKS] {
        let rows = rows(file);
        let named = rows.iter().map(|row| {
            let model = corpus::models(text(row, "model").expect("a model")).next();
            (text(row, "case").expect("a name").to_string(), model.expect("a model").1)
        });
        let models = named.collect();
        let models = Models::new(&models);
        models.run(&rows, "case", relative);
        models.hold();
    }
}

/// The examples of every op, in training as well where that is not random; and elementwise ops at their kinks.
#[test]
fn examples_of_ops() {
    let models: BTreeMap<String, Typed> = corpus::examples().collect();
    let models = Models::new(&models);
    let rows = rows(include_str!("../../../tests/reference/ops.json"));
    models.run(&rows, "case", relative);
    let mut names: Vec<&str> = rows.iter().filter_map(|row| text(row, "case")).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|names| names[0] < names[1]), "a case twice");
    for (name, mode) in &models.0 {
        let is_random = name.ends_with("_training") && mode.typed.modes() == Some(true);
        let has_case = names.binary_search(&name.as_str()).is_ok();
        assert!(has_case || is_random, "{name} needs a reference: run tests/reference/make.py");
    }
    let kinks = super::rows(include_str!("../../../tests/reference/kinks.json"));
    let mut failed = Vec::new();
    for row in &kinks {
        let name = text(row, "case").expect("a name");
        let Some(mode) = models.0.get(name) else {
            failed.push(format!("{name} is no example"));
            continue;
        };
        if let Err(why) = kinks::check(mode.typed, &mode.programs, row) {
            failed.push(format!("{name}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{} points fail:\n{}", failed.len(), failed.join("\n"));
    assert!(ops::all().count() > 100 && kinks.len() > 500, "files are not whole");
}
