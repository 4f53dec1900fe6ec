//! The laws of every example of every op and of the zoo, by the interpreter.

use super::laws::{Trial, fused, laws, linear_laws};
use crate::corpus;
use crate::fuse::Parts;
use crate::lower::{Lowered, lower, lower_training};
use crate::ops::prim::Prim;
use crate::programs::{Programs, programs, training_programs};
use pullback_core::check::Gf;

fn each_trial(mut check: impl FnMut(&str, &Trial<'_>, &Programs, &Lowered)) {
    for (name, typed) in corpus::all() {
        let trial = Trial::new(&typed);
        check(&name, &trial, &programs(&typed), &lower(&typed));
        if let Some(training) = training_programs(&typed) {
            check(&format!("{name}, training"), &trial, &training, &lower_training(&typed));
        }
    }
}

#[test]
fn laws_hold_exactly_over_the_field() {
    each_trial(|name, trial, programs, model| {
        laws::<Gf>(name, trial, programs, &|a, b| a == b);
        linear_laws::<Gf>(name, trial, model, &|a, b| a == b);
    });
}

#[test]
fn laws_hold_over_floats() {
    let same = |a: f64, b: f64| {
        (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())) || a.is_nan() && b.is_nan()
    };
    each_trial(|name, trial, programs, _| laws::<f64>(name, trial, programs, &same));
}

#[test]
fn loops_make_what_functions_make() {
    each_trial(|name, trial, programs, _| {
        for (entry, func) in programs.functions() {
            let name = format!("{name}, {entry}");
            fused(&name, trial, func, Parts::One);
            if entry == "vjp" {
                fused(&name, trial, func, Parts::Halves);
            }
        }
    });
}

#[test]
fn every_function_can_be_run() {
    for prim in Prim::all() {
        let args = [0.5, 0.25, 2.0, 3.0];
        super::function::<f64>(prim)(&args[..prim.arity()]);
    }
}
