//! What is written is read back, to the last detail.

use super::read;
use crate::corpus;
use crate::entries::ALL;
use crate::fuse::{Split, fuse};
use crate::lin::Linear;
use crate::lower::{Lowered, lower, lower_training};
use crate::programs::{adjoint, programs, training_programs};

#[test]
fn functions_are_read_as_they_were() {
    let mut count = 0;
    for (name, typed) in corpus::all() {
        for programs in [Some(programs(&typed)), training_programs(&typed)].into_iter().flatten() {
            for (entry, func) in programs.functions() {
                let text = func.show();
                let again = read::func(&text);
                let again =
                    again.unwrap_or_else(|error| panic!("{name}, {entry}: {error}\n{text}"));
                assert!(again == *func, "{name}, {entry}\n{text}\n{}", again.show());
                count += 1;
            }
        }
    }
    assert!(count > 1000, "only {count} functions");
}

/// Before they are differentiated they have rules, and so have the steps of their loops.
#[test]
fn rules_are_read_as_they_were() {
    let mut count = 0;
    for (name, typed) in corpus::all() {
        let training = typed.modes().map(|_| lower_training(&typed));
        for Lowered { func, .. } in [Some(lower(&typed)), training].into_iter().flatten() {
            let text = func.show();
            let again = read::func(&text);
            let again = again.unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            assert!(again == func, "{name}\n{text}\n{}", again.show());
            count += text.matches("rule %").count();
        }
    }
    assert!(count > 200, "only {count} rules");
}

#[test]
fn linear_programs_are_read_as_they_were() {
    let mut count = 0;
    for (name, typed) in corpus::all() {
        let training = typed.modes().map(|_| lower_training(&typed));
        for model in [Some(lower(&typed)), training].into_iter().flatten() {
            let tangent = model.linearize(ALL);
            let adjoint = adjoint(tangent.clone());
            for Linear { lin: func, .. } in [tangent, adjoint] {
                let text = func.show();
                let again = read::lin_func(&text);
                let again = again.unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
                assert!(again == func, "{name}\n{text}\n{}", again.show());
                count += 1;
            }
        }
    }
    assert!(count > 600, "only {count} linear programs");
}

#[test]
fn loops_are_read_as_they_were() {
    let mut count = 0;
    for (name, typed) in corpus::all() {
        for programs in [Some(programs(&typed)), training_programs(&typed)].into_iter().flatten() {
            for (entry, func) in programs.functions() {
                let parts = if entry == "vjp" { Split::Halves } else { Split::Whole };
                let program = fuse(func, parts);
                let text = program.text();
                let again = read::program(&text);
                let again =
                    again.unwrap_or_else(|error| panic!("{name}, {entry}: {error}\n{text}"));
                assert!(again == program, "{name}, {entry}\n{text}\n{}", again.text());
                count += 1;
            }
        }
    }
    assert!(count > 1000, "only {count} programs");
}

/// Texts of people: comments, names of `const`s, and a place for each mistake.
#[test]
fn texts_are_read_as_they_are_meant() {
    let text = r#"
        // Two of one name, one with a name that is none.
        const D = "__A_CONST0"
        const D#2 = "__B_CONST0" of "D"
        const block_D_ = "__pb::block(__A_CONST0, 128, 64)" of "block(D)"
        %0: [n, D] = input 0 // what is given
        %1: [] = 0.25
        %2: [] = -1/3
        %3: [] = 1/(2 * D#2)
        %4: [] = const block_D_
        %5: [n, D] = mul(%0, %1)
        %6: [n, (D + 1) / 2] = slice(%5; axis 1 from D - (D + 1) / 2)
        return output %6
    "#;
    let func = read::func(text).expect("it can be read");
    let lines = func.show();
    let expected: Vec<&str> =
        text.lines().map(|line| line.split("//").next().unwrap_or("").trim()).collect();
    let expected: Vec<&str> = expected.into_iter().filter(|line| !line.is_empty()).collect();
    // Names are given again in the order in which they are met.
    assert_eq!(lines.lines().count(), expected.len());
    for line in expected {
        assert!(lines.lines().any(|l| l == line), "`{line}` is not in\n{lines}");
    }
    for (text, expected) in [
        (
            "%0: [n] = input 0\n%1: [n] = tanhh(%0)",
            "line 2: expected a function, found `tanhh(%0)`",
        ),
        ("%1: [n] = input 0", "line 1: expected the definition of %0 before this one"),
        ("%0: [n / 0] = input 0", "expected no division by 0"),
        ("%0: [n] = input 0 %", "expected"),
    ] {
        let error = read::func(text).expect_err("it cannot be read");
        assert!(error.contains(expected), "{error}");
    }
}
