//! What other libraries compute: values and derivatives of PyTorch and ONNX in `tests/reference`, against what the
//! interpreter makes of our functions over `f64`, and of their loops in planned memory.

mod case;
mod kinks;
mod table;
mod tests;

use crate::corpus;
use crate::typed::Typed;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Models whose cases name them.
pub const TORCH: &str = include_str!("../../tests/reference/torch.models");
pub const ONNX: &str = include_str!("../../tests/reference/onnx.models");
pub const TIES: &str = include_str!("../../tests/reference/ties.models");
/// Cases that have their models in them: options of windows in all combinations that fit, and whole networks.
pub const GRID: &str = include_str!("../../tests/reference/grid.json");
pub const NETWORKS: &str = include_str!("../../tests/reference/models.json");

/// The rows of a file of cases.
pub fn rows(file: &str) -> Vec<Json> {
    serde_json::from_str(file).expect("the file is JSON")
}

/// The models of a text by their names.
fn by_name(text: &str) -> BTreeMap<String, Typed> {
    corpus::models(text).collect()
}

fn text<'a>(row: &'a Json, key: &str) -> Option<&'a str> {
    row[key].as_str()
}

/// A number, or a word for what JSON has none for.
fn number(value: &Json) -> f64 {
    match value.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(_) => f64::NAN,
        None => value.as_f64().expect("a number"),
    }
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().expect("a list of numbers").iter().map(number).collect()
}

fn lists(value: &Json) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}
