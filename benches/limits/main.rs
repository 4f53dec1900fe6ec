//! What a program written by hand for one workload takes on AVX2, which is the limit for the library.
//!
//! `cargo bench --bench limits [-- NAME]` compares the results of both and prints how long they take, in `f32`
//! on one thread, at workloads of `cargo bench --bench workloads`. The programs are made of intrinsics: register
//! tiles, panels of weights in the order in which they are read, functions that only have the accuracy that the
//! comparison asks for. Where a workload says nothing about the order of its parameters in memory, a program has
//! them in the one that suits it, from the start and at the end.
//!
//! On a machine with AVX-512 the library would take that; `PULLBACK_ISA=avx2` keeps it from doing so. As a
//! test (`cargo test --benches`) it compares small batches and times nothing.

#![allow(unsafe_code, reason = "the programs are made of intrinsics")]

#[cfg(target_arch = "x86_64")]
mod by_hand;
#[cfg(target_arch = "x86_64")]
mod digits;
#[cfg(target_arch = "x86_64")]
mod elementwise;
#[cfg(target_arch = "x86_64")]
mod harness;
#[cfg(target_arch = "x86_64")]
mod policy;
#[cfg(target_arch = "x86_64")]
mod wide;

#[cfg(target_arch = "x86_64")]
fn main() {
    let Some(machine) = harness::Avx2::found() else {
        println!("the programs are for AVX2, which this machine does not have");
        return;
    };
    // Cargo calls a bench target with `--bench` when it is to be timed, and without as a test.
    let (options, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let is_timed = options.iter().any(|option| option == "--bench");
    let table = harness::Table::new(machine, is_timed, names);
    policy::rows(&table);
    digits::rows(&table);
    elementwise::rows(&table);
    wide::rows(&table);
}

#[cfg(not(target_arch = "x86_64"))]
fn main() {
    println!("the programs are for AVX2, which this machine does not have");
}
