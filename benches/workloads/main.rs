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
mod command;
mod data;
mod digits;
mod elementwise;
mod float;
mod gemm;
mod harness;
mod images;
mod mlp;
mod plain;
mod policy;
mod system;
mod table;

use harness::Workload;
use std::process::ExitCode;

fn workloads() -> Vec<Workload> {
    let nets = [policy::workloads(), digits::workloads(), images::workloads(), block::workloads()];
    nets.into_iter().chain([elementwise::workloads(), gemm::workloads()]).flatten().collect()
}

fn main() -> ExitCode {
    command::run(&workloads())
}
