//! Every example of every op and the zoo are held to the laws.

use super::laws::{Trial, hold, laws};
use crate::corpus;
use crate::lower::{Lowered, lower, lower_training};
use crate::ops::prim::Prim;
use crate::programs::{Programs, programs, training_programs};

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
    each_trial(hold);
}

#[test]
fn laws_hold_over_floats() {
    let same = |a: f64, b: f64| {
        (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())) || a.is_nan() && b.is_nan()
    };
    each_trial(|name, trial, programs, _| drop(laws::<f64>(name, trial, programs, &same)));
}

#[test]
fn every_function_can_be_run() {
    for prim in Prim::all() {
        let args = [0.5, 0.25, 2.0, 3.0];
        super::function::<f64>(prim)(&args[..prim.arity()]);
    }
}
