//! Every example of every op and the zoo are held to the laws.

use super::laws::{Trial, hold, laws};
use super::second::{is_exact, second};
use super::{Array, Value};
use crate::compile::compile_modes;
use crate::corpus;
use crate::ir::{Source, Target, Var};
use crate::linearize::{Unknown, linearize};
use crate::lower::{Lowered, lower, lower_training};
use crate::prim::Prim;
use crate::programs::{Programs, programs, training_programs};
use crate::text::read;
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

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())) || a.is_nan() && b.is_nan()
}

#[test]
fn laws_hold_exactly_over_the_field() {
    each_trial(hold);
}

#[test]
fn laws_hold_over_floats() {
    each_trial(|name, trial, programs, _| drop(laws::<f64>(name, trial, programs, &close)));
}

/// The field cannot tell one side of a kink from the other: every number of it counts as positive.
#[test]
fn laws_hold_on_both_sides_of_kinks() {
    let mut count = 0;
    for (name, typed) in corpus::all() {
        // A logarithm or a root is not defined on both.
        if !compile_modes(&typed).real {
            laws::<f64>(&name, &Trial::signed(&typed), &programs(&typed), &close);
            count += 1;
        }
    }
    assert!(count > 100, "only {count} models are algebraic");
}

/// `linearize` and `transpose` of what they made.
#[test]
fn derivatives_have_derivatives() {
    each_trial(|name, trial, _, model| {
        let known = if is_exact(model) {
            second::<Gf>(name, trial, model, &|a, b| a == b)
        } else {
            second::<f64>(name, trial, model, &close)
        };
        assert_eq!(known, Ok(()), "{name}");
    });
}

/// What is linear in a tangent is differentiated in that, and nothing else is known of a user's op.
#[test]
fn a_second_derivative_of_a_users_op_is_unknown() {
    let of = |call: &str, var: Var| {
        let func = read::func(&format!(
            "%0: [n, 3] = input 0\n%1: [n, 3] = input_tangent 0\n%2: [n, 3] = {call}(%0, %1; op 7)\nreturn output %2"
        ));
        let func = func.expect("a function");
        let made = linearize(&func, &[(var, Source::Step(0))], &[(Target::Output, 2)]);
        made.map(|linear| linear.lin.show())
    };
    for (call, transposed) in [("custom_jvp", ""), ("custom_vjp", ", transposed")] {
        assert_eq!(of(call, 0), Err(Unknown { op: 7 }));
        let expected = format!(
            "~0: [n, 3] = step 0\n~1: [n, 3] = custom(~0, %0; op 7{transposed})\nreturn output ~1\n"
        );
        assert_eq!(of(call, 1), Ok(expected));
    }
}

/// Only some of what a loop is given may have a tangent.
#[test]
fn what_a_loop_does_not_change_is_no_obstacle() {
    let func = read::func(
        "%0: [n, 2] = input 0\n%1: [n, 4, 2] = input 1\n%2: [n, 2] = input 2
        %3: [] = scan(%0 whole, %1 each 1 by 1, %2 carry; length 4) -> [carry] {
            %0: [n, 2] = step 0\n%1: [n, 1, 2] = step 1\n%2: [n, 2] = step 2\n%3: [n, 2] = reshape(%1)
            %4: [n, 2] = custom_jvp(%0, %3; op 7)\n%5: [n, 2] = add(%2, %4)\nreturn step 0 %5
        }
        %4: [n, 2] = result(%3; 0)\nreturn output %4",
    );
    let func = func.expect("a function");
    let of = |var: Var| linearize(&func, &[(var, Source::Step(0))], &[(Target::Output, 4)]);
    assert!(of(1).is_ok() && of(2).is_ok());
    assert_eq!(of(0).err(), Some(Unknown { op: 7 }));
}

/// Two functions with one value that differ at a kink keep their derivatives.
#[test]
fn values_at_a_kink_keep_their_slopes() {
    for (body, slope) in [
        ("a = relu(x), b = maximum(x, 0), a + 4 * b", 2.0),
        ("b = maximum(x, 0), a = relu(x), a + 4 * b", 2.0),
        (
            "a = relu(x), b = relu(x), c = maximum(x, 0), d = maximum(x, 0), a + b + 4 * c + 2 * d",
            3.0,
        ),
    ] {
        let (_, typed) =
            corpus::models(&format!("M(x: [1]) -> [1] {{ {body} }}")).next().expect("a model");
        let trial = Trial::new(&typed);
        let results = trial.run_of::<f64>(&programs(&typed).vjp, &|source, shape| {
            let x = if source == Source::Cotangent { 1.0 } else { 0.0 };
            Value::Real(Array::of(shape, |_| x))
        });
        let bar = &results[&Target::Input(0)];
        assert!(bar.data.iter().all(|x| *x == slope), "{body}: {bar:?}");
    }
}

#[test]
fn every_function_can_be_run() {
    for prim in Prim::all() {
        let args = [0.5, 0.25, 2.0, 3.0];
        super::function::<f64>(prim)(&args[..prim.arity()]);
    }
}
