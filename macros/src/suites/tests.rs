//! Every case of every suite passes, and the models of the suites are held to the laws.

use super::case::{Agrees, Case, as_told, relative, sample_by_sample};
use super::{GRID, Json, NETWORKS, ONNX, TIES, TORCH, by_name, kinks, rows, table, text};
use crate::corpus;
use crate::eval::laws::{Trial, hold};
use crate::lower::{Lowered, lower, lower_training};
use crate::ops::{self, Layout};
use crate::programs::{Programs, programs, training_programs};
use crate::shape::Shape;
use crate::typed::{Param, Typed};
use std::collections::{BTreeMap, BTreeSet};

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

/// What the stanzas say of parameters in PyTorch: the tensors of a layer's `state_dict`, put where they say, make what the
/// layer makes, and none is left over (`state_dicts.py`).
#[test]
fn parameters_are_those_of_a_state_dict() {
    let mut failed = Vec::new();
    let mut ops = Vec::new();
    for row in &rows(include_str!("../../../tests/reference/state_dicts.json")) {
        let case = text(row, "case").expect("a name");
        let (_, typed) = corpus::models(text(row, "model").expect("a model")).next().expect("one");
        ops.extend(typed.params.iter().map(|param| param.op));
        let checked = loaded(&typed, row).and_then(|row| {
            let case = Case::new(&typed, &row, relative)?;
            case.check(&programs(&typed))
        });
        if let Err(why) = checked {
            failed.push(format!("{case}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
    // Every op that has parameters in an example is here.
    let examples: Vec<(String, Typed)> = corpus::examples().collect();
    let params = examples.iter().flat_map(|(_, typed)| &typed.params);
    let missing: BTreeSet<&str> =
        params.map(|param| param.op).filter(|op| !ops.contains(op)).collect();
    assert!(missing.is_empty(), "{missing:?} need a case in tests/reference/state_dicts.py");
}

/// A case with its parameters and state, taken from the tensors of a `state_dict`.
fn loaded(typed: &Typed, row: &Json) -> Result<Json, String> {
    let mut tensors = row["state_dict"].as_object().ok_or("no tensors")?.clone();
    let mut flat = |params: &[Param]| -> Result<Vec<Json>, String> {
        let mut flat = Vec::new();
        for Param { path, shape, torch, .. } in params {
            let layer = path.rsplit_once('.').map_or("", |(layer, _)| layer);
            let names = [layer, torch.name].into_iter().filter(|name| !name.is_empty());
            let name = names.collect::<Vec<_>>().join(".");
            let tensor = tensors.remove(&name).ok_or(format!("no tensor `{name}`"))?;
            let sizes = |shape: &Shape| -> Vec<i64> {
                shape.iter().map(|dim| dim.as_known().expect("a number")).collect()
            };
            let wanted = sizes(&torch.shape(shape));
            if tensor["shape"] != Json::from(wanted.clone()) {
                return Err(format!("`{name}` is {}, not {wanted:?}", tensor["shape"]));
            }
            let data = tensor["data"].as_array().ok_or("no numbers")?;
            match (torch.layout, wanted.as_slice()) {
                (Layout::Transposed, [rows, columns]) => {
                    let places =
                        (0..*columns).flat_map(|j| (0..*rows).map(move |i| i * columns + j));
                    flat.extend(places.map(|place| data[place as usize].clone()));
                }
                (Layout::Transposed, _) => return Err(format!("`{name}` is no matrix")),
                _ => flat.extend(data.iter().cloned()),
            }
        }
        Ok(flat)
    };
    let (params, state) = (flat(typed.trained())?, flat(typed.state())?);
    tensors.retain(|name, _| !name.ends_with("num_batches_tracked"));
    if let Some((name, _)) = tensors.iter().next() {
        return Err(format!("nothing is read from `{name}`"));
    }
    let mut row = row.clone();
    row["params"] = params.into();
    row["state"] = state.into();
    Ok(row)
}
