//! Elementwise ops at their kinks, at zero, at ±1e4 and at NaN: `kinks.json`.

use super::{Json, number, text};
use crate::eval::both::{Data, both};
use crate::eval::{World, laws};
use crate::ir::{Source, Target};
use crate::programs::Programs;
use crate::typed::Typed;

/// That an op has PyTorch's value and slopes at a point; derivatives at NaN and infinity differ between PyTorch's own code
/// paths.
pub fn check(typed: &Typed, programs: &Programs, row: &Json) -> Result<(), String> {
    let world = World::new(typed, 1, &laws::known);
    let points = row["x"].as_array().expect("points");
    let length = |i: usize| world.shape(&typed.inputs[i].shape).iter().product::<usize>();
    // The point in every element; what is an array there is given whole.
    let input = |i: usize| match points[i].as_array() {
        Some(list) if list.len() == length(i) => list.iter().map(number).collect(),
        Some(list) => vec![number(&list[0]); length(i)],
        None => vec![number(&points[i]); length(i)],
    };
    let run = |func, towards: Option<usize>| {
        let given = |source| {
            Data::Real(match source {
                Source::Input(i) => input(i),
                Source::InputTangent(i) => vec![f64::from(towards == Some(i)); length(i)],
                other => panic!("{other:?} of an elementwise op"),
            })
        };
        both(&world, func, &given, f64::NAN)
    };
    let group = text(row, "group").expect("a group");
    if group == "nan" {
        let lost = text(row, "y") == Some("NaN")
            && !run(&programs.forward, None)
                .iter()
                .all(|(_, made)| made[&Target::Output].iter().any(|y| y.is_nan()));
        return if lost { Err("NaN is lost".into()) } else { Ok(()) };
    }
    let one_point = points.iter().all(|x| !x.is_array()) && !typed.output.is_empty();
    if !one_point || !matches!(group, "zero" | "kink" | "large") {
        return Ok(());
    }
    let y = match &row["y"] {
        Json::Array(list) => number(&list[0]),
        y => number(y),
    };
    let slopes: Vec<f64> = row["slope"].as_array().expect("slopes").iter().map(number).collect();
    for (i, slope) in slopes.iter().enumerate() {
        // A zero tangent beside an infinite slope is NaN, in PyTorch's forward mode as well.
        let other_infinite = slopes.iter().enumerate().any(|(j, s)| j != i && !s.is_finite());
        for (what, made) in run(&programs.jvp, Some(i)) {
            let (found, tangent) = (made[&Target::Output][0], made[&Target::OutputTangent][0]);
            if !same(found, y) {
                return Err(format!("{what} at {:?}: {found}, PyTorch has {y}", row["x"]));
            }
            if !other_infinite && !same(tangent, *slope) {
                return Err(format!(
                    "{what} at {:?}: the slope is {tangent}, PyTorch has {slope}",
                    row["x"]
                ));
            }
        }
    }
    Ok(())
}

fn same(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * (1.0 + b.abs())
}
