//! Broadcasting: the shape of what is made of several values, and how each comes to have it.

use super::{At, Call, Mistake};
use crate::ir::Var;
use crate::shape::{self, Agree, Dim, Shape};
use crate::trace::Tracer;

/// The shape rule of elementwise ops: shapes are aligned at their last axis, and a missing or
/// unit axis repeats, as in NumPy and PyTorch.
pub fn broadcast(call: &Call<'_>) -> Result<Shape, Mistake> {
    call.args[1..].iter().enumerate().try_fold(call.args[0].clone(), |left, (i, right)| {
        let rank = left.len().max(right.len());
        let dim = |shape: &Shape, axis: usize| match (axis + shape.len()).checked_sub(rank) {
            Some(axis) => shape[axis].clone(),
            None => Dim::known(1),
        };
        (0..rank)
            .map(|axis| match (dim(&left, axis), dim(right, axis)) {
                (a, b) if a.is(1) => Ok(b),
                (a, b) if b.is(1) || call.fits(&a, &b) => Ok(a),
                (a, b) => Err(Mistake::new(
                    At::Op,
                    format!(
                        "`{}` cannot combine {} and {}: the {} is {a} on the left and {b} on the right",
                        call.op,
                        shape::show(&left),
                        shape::show(right),
                        match rank - axis {
                            _ if rank == 1 => "only axis".to_string(),
                            1 => "last axis".to_string(),
                            _ if left.len() == right.len() => format!("axis {axis}"),
                            back => format!("axis -{back}"),
                        },
                    ),
                )
                .help(unlike_shapes_help(&left, &call.args[i + 1]))),
            })
            .collect()
    })
}

fn unlike_shapes_help(left: &Shape, right: &Shape) -> String {
    let (a, b) = (shape::size(left), shape::size(right));
    if left.len() != right.len() && a.agree(&b) == Agree::Yes {
        format!("both have {a} elements: `reshape` or `flatten` one of them")
    } else {
        let padded: Shape = right.iter().cloned().chain([Dim::known(1)]).collect();
        if left.len() == padded.len() && left[..right.len()] == right[..] && !right.is_empty() {
            return format!(
                "shapes align at the last axis: `reshape -> {}` lets the right one repeat along it",
                shape::show(&padded)
            );
        }
        "make them equal; only a missing leading axis or one of length 1 repeats".to_string()
    }
}

/// Brings an argument to the shape of the result by repeating what [`broadcast`] allows. Constants
/// stay as they are.
pub fn spread(t: &Tracer, x: Var, shape: &Shape) -> Var {
    let from = t.shape(x);
    if t.b.as_num(x).is_some() || from == *shape {
        return x;
    }
    // Shapes align at the end.
    let shift = shape.len() - from.len();
    let kept: Vec<usize> =
        (0..from.len()).filter(|axis| from[*axis] == shape[axis + shift]).collect();
    let squeezed = t.reshape(x, kept.iter().map(|axis| from[*axis].clone()).collect());
    t.broadcast(squeezed, kept.into_iter().map(|axis| axis + shift).collect(), shape.clone())
}
