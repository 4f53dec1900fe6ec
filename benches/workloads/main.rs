//! How long the workloads of the peer benchmarks take: those on which PyTorch, JAX and others are
//! timed, with the same inputs, the same checks and the same output.
//!
//! ```text
//! cargo bench --bench workloads                                   a table, beside hand-written loops
//! cargo bench --bench workloads -- WORKLOAD THREADS [VARIANT]     one line of JSON for each variant
//! cargo bench --bench workloads -- list                           what there is
//! ```
//!
//! Results are compared before anything is timed: with PyTorch's where the data of the peer
//! benchmarks are in `PEERS_DATA`, otherwise with those of the loops in `f64`. `PEERS_TOL` is the
//! error that `f32` may have (1e-4), and `PEERS_QUICK` makes timings short.
//!
//! It is built as a program is that says nothing about its profile. `CARGO_PROFILE_BENCH_LTO=fat` and
//! `CARGO_PROFILE_BENCH_CODEGEN_UNITS=1` in the environment show what there is to gain by that.
//!
//! As a test (`cargo test --benches`) it only compares, on small batches.

mod block;
mod check;
mod data;
mod digits;
mod elementwise;
mod gemm;
mod harness;
mod images;
mod mlp;
mod plain;
mod policy;
mod system;
mod table;

use data::Data;
use harness::Workload;
use serde_json::json;
use std::process::ExitCode;

fn workloads() -> Vec<Workload> {
    let nets = [policy::workloads(), digits::workloads(), images::workloads(), block::workloads()];
    nets.into_iter().chain([elementwise::workloads(), gemm::workloads()]).flatten().collect()
}

fn main() -> ExitCode {
    // What Cargo adds to the arguments: `--bench` unless it runs a test.
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] if flags.iter().any(|flag| flag == "--bench") => table::print(&workloads()),
        [] => check_all(),
        ["list"] => list(),
        [workload] => lines(workload, "1", None),
        [workload, threads] => lines(workload, threads, None),
        [workload, threads, variant] => lines(workload, threads, Some(variant)),
        _ => {
            eprintln!("usage: workloads [WORKLOAD|list [THREADS [VARIANT]]]");
            ExitCode::from(2)
        }
    }
}

/// Everything that the library does, on batches small enough for a debug build.
fn check_all() -> ExitCode {
    let (allocs, bytes) = system::allocations(|| drop(std::hint::black_box(Box::new(1u64))));
    assert!(allocs >= 1 && bytes >= 8, "the allocator counts");
    let data = Data::few();
    let mut code = ExitCode::SUCCESS;
    for workload in workloads() {
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

fn list() -> ExitCode {
    for workload in workloads() {
        for variant in workload.variants.iter().filter(|variant| variant.ours) {
            println!("{} {}", workload.name, variant.name);
        }
    }
    ExitCode::SUCCESS
}

/// The lines of one workload: of all variants that are the library's, or of the one that is named.
fn lines(name: &str, threads: &str, variant: Option<&str>) -> ExitCode {
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
    let workloads = workloads();
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
