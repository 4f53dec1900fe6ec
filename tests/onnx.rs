//! ONNX's tests of single operators (`tests/reference/onnx_cases.py`): the values of `forward` in `f64`, to
//! the tolerance that ONNX asks of a case. `BLESS=1 cargo test --test onnx` writes the table in
//! `tests/reference/SUITES.md`.

mod suites;

#[allow(dead_code, reason = "`batch_norm` has training calls, which ONNX's cases do not make")]
#[path = "suites/onnx.rs"]
mod models;

use pullback::Model;
use serde_json::Value;
use suites::{Given, close, numbers};

fn run<M: Model<Scalar = f64>>(case: &Value) -> Result<(), String> {
    let (given, net) = Given::new::<M>(case)?;
    let (rtol, atol) = (case["rtol"].as_f64(), case["atol"].as_f64());
    let (rtol, atol) = (rtol.expect("a tolerance"), atol.expect("a tolerance"));
    let y = suites::forward::<M>(&net, &given);
    close("forward", &y, &numbers(&case["y"]), |y| atol + rtol * y.abs())
}

#[test]
fn every_case_passes() {
    suites::run_all("onnx", include_str!("reference/onnx.json"), models::MODELS);
}
