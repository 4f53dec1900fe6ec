//! What a user reads after a mistake, word for word, and models that must compile.
//!
//! `ui/*.rs` are mistakes, named by what is wrong, each with the errors rustc prints for it.
//! `ui/pass/*.rs` are programs that use every part of the language and run.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test --test ui`, and read every line of the
//! difference as somebody who never saw the macro.

use std::process::Command;

/// The compiler whose words the `.stderr` files hold.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    let version = rustc_version();
    if version.starts_with(RUSTC) {
        cases.compile_fail("tests/ui/*.rs");
    } else {
        println!(
            "note: the error messages were not compared: they are those of {RUSTC}x, this is {}",
            version.trim()
        );
    }
}

fn rustc_version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    output.map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}
