//! The command line: that of the peer benchmarks, a table, and a test.

use crate::data::Data;
use crate::harness::{self, Workload};
use crate::{system, table};
use serde_json::json;
use std::process::ExitCode;

/// Does what the arguments of the program say.
pub(crate) fn run(workloads: &[Workload]) -> ExitCode {
    // What Cargo adds to the arguments: `--bench` unless it runs a test.
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] if flags.iter().any(|flag| flag == "--bench") => table::print(workloads),
        [] => check_all(workloads),
        ["list"] => list(workloads),
        [workload] => lines(workloads, workload, "1", None),
        [workload, threads] => lines(workloads, workload, threads, None),
        [workload, threads, variant] => lines(workloads, workload, threads, Some(variant)),
        _ => {
            eprintln!("arguments: [WORKLOAD|list [THREADS [VARIANT]]]");
            ExitCode::from(2)
        }
    }
}

/// Everything that the library does, on batches small enough for a debug build.
fn check_all(workloads: &[Workload]) -> ExitCode {
    let (allocs, bytes) = system::allocations(|| drop(std::hint::black_box(Box::new(1u64))));
    assert!(allocs >= 1 && bytes >= 8, "the allocator counts");
    let data = Data::few();
    let mut code = ExitCode::SUCCESS;
    for workload in workloads {
        for variant in workload.variants.iter().filter(|variant| variant.ours) {
            let (_, check) = workload.check(variant, &data);
            let verdict = check.verdict();
            let said = verdict.as_ref().map_or_else(String::as_str, |()| "ok");
            println!("{} {} ... {said}", workload.name, variant.name);
            if verdict.is_err() {
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn list(workloads: &[Workload]) -> ExitCode {
    for workload in workloads {
        for variant in workload.variants.iter().filter(|variant| variant.ours) {
            println!("{} {}", workload.name, variant.name);
        }
    }
    ExitCode::SUCCESS
}

/// The lines of one workload: of all variants that are the library's, or of the one that is named.
fn lines(workloads: &[Workload], name: &str, threads: &str, variant: Option<&str>) -> ExitCode {
    let Ok(threads) = threads.parse() else {
        eprintln!("`{threads}` is not a number of threads");
        return ExitCode::from(2);
    };
    let unsupported = |why: &str| {
        let mut line = harness::header(name, "-", threads);
        line["unsupported"] = json!(why);
        println!("{line}");
        ExitCode::SUCCESS
    };
    let Some(workload) = workloads.iter().find(|workload| workload.name == name) else {
        return unsupported("not implemented");
    };
    if !workload.supports(threads) {
        return unsupported("runs on one thread");
    }
    harness::share_among(threads);
    let data = Data::find();
    let wanted = workload.variants.iter().filter(|v| variant.map_or(v.ours, |name| name == v.name));
    let mut any = false;
    for variant in wanted {
        println!("{}", workload.report(variant, &data));
        any = true;
    }
    if any { ExitCode::SUCCESS } else { unsupported("not implemented") }
}
