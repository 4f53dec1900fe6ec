//! All workloads at a glance.

use crate::data::Data;
use crate::harness::Workload;
use serde_json::Value;
use std::process::ExitCode;

/// Prints what each workload takes, and how much longer a hand-written loop takes for it, if there is one.
pub(crate) fn print(workloads: &[Workload]) -> ExitCode {
    let data = Data::find();
    println!("Microseconds of processor time per call, the median of several batches.");
    if workloads.iter().any(|workload| workload.variants.iter().any(|variant| !variant.ours)) {
        println!("`loop`: the same written by hand, as plain loops over arrays.");
    }
    println!("Results in f32 are compared with {}.\n", data.reference());
    println!(
        "{:17} {:4} {:>10} {:>10} {:>7} {:>8} {:>6}  what",
        "workload", "", "pullback", "loop", "ratio", "error", "allocs"
    );
    let mut code = ExitCode::SUCCESS;
    for workload in workloads {
        let mut about = workload.about;
        for variant in workload.variants.iter().filter(|variant| variant.ours) {
            let named = format!("plain-{}", variant.name);
            let plain = workload.variants.iter().find(|variant| variant.name == named);
            let ours = workload.report(variant, &data);
            let plain = plain.map(|plain| workload.report(plain, &data));
            let row = |line: &str| println!("{:17} {:4} {line}", workload.name, variant.name);
            let loop_failure = plain.as_ref().and_then(failure);
            match (failure(&ours), loop_failure) {
                (None, None) => {
                    let us = number(&ours, "cpu_median_us");
                    let loop_us = plain.as_ref().map(|line| number(line, "cpu_median_us"));
                    row(&format!(
                        "{:>10} {:>10} {:>7} {:>8.1e} {:>6}  {about}",
                        micros(us),
                        loop_us.map_or_else(String::new, micros),
                        loop_us.map_or_else(String::new, |loop_us| format!("{:.2}x", loop_us / us)),
                        number(&ours, "check_err"),
                        ours["allocs_per_call"].to_string()
                    ));
                }
                (Some(error), _) => row(error),
                (_, Some(error)) => row(&format!("the loop: {error}")),
            }
            if failure(&ours).or(loop_failure).is_some() {
                code = ExitCode::FAILURE;
            }
            about = "";
        }
    }
    code
}

fn failure(line: &Value) -> Option<&str> {
    line.get("error").and_then(Value::as_str)
}

fn number(line: &Value, key: &str) -> f64 {
    line[key].as_f64().unwrap_or(f64::NAN)
}

/// With three digits or more.
fn micros(us: f64) -> String {
    let decimals = if us < 10.0 {
        3
    } else if us < 1000.0 {
        1
    } else {
        0
    };
    format!("{us:.decimals$}")
}
