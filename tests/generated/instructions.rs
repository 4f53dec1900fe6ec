//! With the feature `every-isa` everything runs once more on each smaller set of instructions.
#![cfg(feature = "every-isa")]

use pullback::lanes::{Isa, isa};
use std::process::Command;

/// Networks choose their instructions once in a process, so that each set has one of its own.
#[test]
fn smaller_sets_of_instructions() {
    if std::env::var_os("PULLBACK_ISA").is_some() {
        return;
    }
    println!("{}", isa());
    for smaller in [Isa::Portable, Isa::Avx2].into_iter().filter(|smaller| *smaller < isa()) {
        let program = std::env::current_exe().expect("a program");
        let run = Command::new(program).env("PULLBACK_ISA", smaller.to_string()).output();
        let run = run.expect("it runs");
        assert!(run.status.success(), "{smaller}:\n{}", String::from_utf8_lossy(&run.stdout));
        println!(
            "{smaller}: {}",
            String::from_utf8_lossy(&run.stdout).trim().lines().last().unwrap_or_default()
        );
    }
}
