//! Layout: the same elements, arranged anew. Linear, and free where a strided view will do.

use super::option::{Key, axes, axis, new_axis, number, order, range, size as size_option, sizes};
use super::{Arity, At, Body, Call, Mistake, OpDef, Opt, called, spread};
use crate::bug::OrBug;
use crate::builder::without;
use crate::ir::{Passing, Var};
use crate::number::Num;
use crate::shape::{Dim, Shape, show, size};
use crate::trace::{Loop, Tracer};

const AXES: Key<Vec<usize>> = axes("axes");
const ORDER: Key<Vec<usize>> = order("axes");
const AXIS: Key<usize> = axis("axis");
const NEW_AXIS: Key<usize> = new_axis("axis");
const FIRST: Key<usize> = axis("first");
const SECOND: Key<usize> = axis("second");
const RANGE: Key<(Dim, Dim)> = range("range");
const SHIFT: Key<Num> = number("shift");
const TIMES: Key<Shape> = sizes("times");
const REPEATS: Key<Dim> = size_option("repeats");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "reshape",
        elsewhere: &[called("view", "shape")],
        arrow: Some("τ"),
        doc: "The same elements in row-major order under another shape; one dimension may be `_`.",
        shape: reshape,
        body: Body::Lower(|t, l| t.reshape(l.args[0], l.shape.clone())),
        examples: &[
            "(x: [2, 6]) -> [3, 4] { reshape -> [3, _] }",
            "(x: [2, 3]) -> [6] { tanh, reshape -> [6], tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "flatten",
        elsewhere: &[called("ravel", "")],
        doc: "All axes in one, row-major.",
        shape: |call| Ok(vec![size(call.x())]),
        body: Body::Lower(|t, l| t.reshape(l.args[0], l.shape.clone())),
        examples: &[
            "(x: [2, 3, 2]) -> [12] { flatten }",
            "(x: [2, 3]) -> [6] { permute(1, 0), flatten, tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "permute",
        doc: "Axis `i` of the result is axis `axes[i]` of `x`.",
        options: &[ORDER.required()],
        shape: |call| {
            let (x, axes) = (call.x(), call.get(ORDER));
            let mut sorted = axes.clone();
            sorted.sort_unstable();
            if sorted != (0..x.len()).collect::<Vec<_>>() {
                let all: Vec<String> = (0..x.len()).rev().map(|axis| axis.to_string()).collect();
                return Err(Mistake::new(
                    ORDER.at(),
                    format!("`permute` must name each of the {} axes of {} once", x.len(), show(x)),
                )
                .help(format!("as in `permute({})`", all.join(", "))));
            }
            Ok(axes.iter().map(|axis| x[*axis].clone()).collect())
        },
        body: Body::Layout(|t, l| t.permute(l.args[0], l.get(ORDER))),
        examples: &[
            "(x: [2, 3, 4]) -> [4, 2, 3] { permute(2, 0, 1) }",
            "(x: [2, 3]) -> [3, 2] { permute([1, 0]), tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "transpose",
        elsewhere: &[
            called("t mT adjoint matrix_transpose", ""),
            called("swapaxes swapdims", "dim0 dim1"),
        ],
        doc: "Swaps two axes.",
        options: &[FIRST.or("-2"), SECOND.or("-1")],
        shape: |call| {
            let mut out = call.x().clone();
            out.swap(call.get(FIRST), call.get(SECOND));
            Ok(out)
        },
        body: Body::Layout(|t, l| {
            let mut perm: Vec<usize> = (0..l.shape.len()).collect();
            perm.swap(l.get(FIRST), l.get(SECOND));
            t.permute(l.args[0], perm)
        }),
        examples: &[
            "(x: [2, 3]) -> [3, 2] { transpose }",
            "(x: [2, 3, 4]) -> [4, 3, 2] { transpose(0, 2) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "broadcast",
        elsewhere: &[called("expand broadcast_to", "shape")],
        arrow: Some("τ"),
        doc: "Repeats missing axes and axes of length 1 until the shape is `τ`; shapes align at the end.",
        shape: broadcast_to,
        body: Body::Lower(|t, l| spread(t, l.args[0], l.shape)),
        examples: &["(x: [3, 1]) -> [2, 3, 4] { broadcast -> [2, 3, 4] }"],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "concat",
        elsewhere: &[called("cat concatenate hconcat", "dim")],
        values: "a, b, ..",
        doc: "Values one after the other along an axis.",
        arity: Arity::AtLeast(2),
        options: &[AXIS.or("0")],
        shape: concat,
        body: Body::Lower(|t, l| t.concat(l.args, l.get(AXIS))),
        examples: &[
            "(a: [2], b: [3]) -> [5] { concat(a, b) }",
            "(a: [2, 3], b: [2, 1]) -> [2, 6] { c = tanh(b), concat(a, b, c, b, axis = -1) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "slice",
        doc: "The elements `start..end` along an axis.",
        options: &[RANGE.required_shown("start..end"), AXIS.or("0")],
        shape: sliced,
        body: Body::Layout(|t, l| {
            let (start, end) = l.get(RANGE);
            let length = end.sub(&start);
            t.slice(l.args[0], l.get(AXIS), start, length)
        }),
        examples: &[
            "(x: [7]) -> [3] { slice(2..5) }",
            "(x: [2, 5]) -> [2, 2] { slice(3..5, axis = 1), tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "split",
        doc: "Equal parts along an axis, as many as there are names.",
        options: &[AXIS.or("0")],
        body: Body::Several,
        examples: &["(x: [6]) -> [2] { (a, b, c) = split, a * b + c * tanh(a) }"],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "stack",
        values: "a, b, ..",
        doc: "Values of one shape side by side along a new axis.",
        arity: Arity::AtLeast(2),
        options: &[NEW_AXIS.or("0")],
        shape: |call| {
            for (i, part) in call.args.iter().enumerate().skip(1) {
                let x = call.x();
                if part.len() != x.len() || x.iter().zip(part).any(|(a, b)| !call.fits(a, b)) {
                    let message =
                        format!("`stack` needs equal shapes, found {} and {}", show(x), show(part));
                    return Err(Mistake::new(At::Arg(i), message)
                        .help("`concat` joins along an axis there is, and lets that one differ"));
                }
            }
            let mut out = call.x().clone();
            out.insert(call.get(NEW_AXIS), Dim::known(call.args.len() as i64));
            Ok(out)
        },
        body: Body::Lower(|t, l| {
            let axis = l.get(NEW_AXIS);
            let mut part = l.shape.clone();
            part[axis] = Dim::known(1);
            let parts: Vec<Var> = l
                .args
                .iter()
                .map(|x| t.reshape(t.fill(*x, &without(&part, &[axis])), part.clone()))
                .collect();
            t.concat(&parts, axis)
        }),
        examples: &[
            "(a: [3], b: [3]) -> [2, 3] { stack(a, b) }",
            "(a: [2, 3], b: [2, 3]) -> [2, 3, 3] { c = tanh(b), stack(a, b, c, axis = -1) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "squeeze",
        doc: "Without axes of length 1: those named, or all there are.",
        options: &[AXES.or("all")],
        shape: |call| {
            let (x, axes) = (call.x(), call.get(AXES));
            let long = axes.iter().find(|axis| !x[**axis].is(1));
            if let (Some(axis), true) = (long, axes.len() < x.len()) {
                let message = format!(
                    "`squeeze` drops axes of length 1, but axis {axis} of {} has length {}",
                    show(x),
                    x[*axis]
                );
                return Err(Mistake::new(AXES.at(), message)
                    .help("`slice` makes an axis shorter, `reshape` merges axes"));
            }
            let gone: Vec<usize> = axes.iter().copied().filter(|axis| x[*axis].is(1)).collect();
            Ok(without(x, &gone))
        },
        body: Body::Lower(|t, l| t.reshape(l.args[0], l.shape.clone())),
        examples: &[
            "(x: [2, 1, 3, 1]) -> [2, 3] { squeeze }",
            "(x: [2, 1, 3, 1]) -> [2, 3, 1] { squeeze(1), tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "unsqueeze",
        elsewhere: &[called("expand_dims", "dim")],
        doc: "With a new axis of length 1, which becomes axis `axis` of the result.",
        options: &[NEW_AXIS.required()],
        shape: |call| {
            let mut out = call.x().clone();
            out.insert(call.get(NEW_AXIS), Dim::known(1));
            Ok(out)
        },
        body: Body::Lower(|t, l| t.reshape(l.args[0], l.shape.clone())),
        examples: &[
            "(x: [2, 3]) -> [2, 1, 3] { unsqueeze(1) }",
            "(x: [2, 3]) -> [2, 3, 1] { unsqueeze(-1), tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "roll",
        doc: "Every element `shift` places on along an axis, those at the end back at the start; backwards if `shift` is negative.",
        options: &[SHIFT.required(), AXIS.required()],
        shape: |call| match call.get(SHIFT) {
            Num::Ratio(shift, 1) if i64::try_from(shift.unsigned_abs()).is_ok() => {
                Ok(call.x().clone())
            }
            _ => Err(Mistake::new(SHIFT.at(), "`roll` moves by a whole number of places")
                .help("as in `roll(1, axis = 0)`")),
        },
        body: Body::Lower(|t, l| {
            let (x, axis) = (l.args[0], l.get(AXIS));
            let Num::Ratio(shift, _) = l.get(SHIFT) else { return x };
            let (length, shift) = (l.shape[axis].clone(), shift as i64);
            // Where what comes first begins. The remainder of a length that only rustc knows is its to compute.
            let places = Dim::known(shift.abs()).rem(&length).unwrap_or_else(|| Dim::known(0));
            if places.is(0) {
                return x;
            }
            let start = if shift < 0 { places } else { length.sub(&places) };
            let end = t.slice(x, axis, start.clone(), length.sub(&start));
            let head = t.slice(x, axis, Dim::known(0), start);
            t.concat(&[end, head], axis)
        }),
        examples: &[
            "(x: [7]) -> [7] { roll(2, axis = 0) }",
            "(x: [2, 5]) -> [2, 5] { roll(-6, axis = 1), tanh }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "flip",
        elsewhere: &[called("reverse", "dims")],
        doc: "In reverse order along axes.",
        options: &[AXES.required()],
        body: Body::Lower(|t, l| {
            l.get(AXES).into_iter().fold(l.args[0], |x, axis| flipped(t, x, axis))
        }),
        examples: &[
            "(x: [7]) -> [7] { flip(0) }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { tanh, flip([0, -1]), y = square, x * y }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "repeat",
        elsewhere: &[called("tile", "dims")],
        doc: "The whole of `x` again and again along each axis; further numbers in front make new axes.",
        options: &[TIMES.required_shown("[times, ..]")],
        shape: |call| {
            let (x, times) = (call.x(), call.get(TIMES));
            let Some(new) = times.len().checked_sub(x.len()) else {
                let message = format!(
                    "`repeat` needs a number for each axis of {}, found {}",
                    show(x),
                    show(&times)
                );
                return Err(Mistake::new(TIMES.at(), message).help("1 leaves an axis as it is"));
            };
            at_least_once(call, &times, TIMES.at())?;
            let old = |i: usize| i.checked_sub(new).map_or(Dim::known(1), |i| x[i].clone());
            Ok(times.iter().enumerate().map(|(i, times)| times.mul(&old(i))).collect())
        },
        body: Body::Lower(|t, l| {
            let (x, times) = (l.args[0], l.get(TIMES));
            let from = t.shape(x);
            let new = times.len().saturating_sub(from.len());
            // Before every axis one to repeat along.
            let (mut shape, mut axes) = (Vec::new(), Vec::new());
            for (i, times) in times.iter().enumerate() {
                shape.push(times.clone());
                if let Some(old) = i.checked_sub(new) {
                    axes.push(shape.len());
                    shape.push(from[old].clone());
                }
            }
            t.reshape(t.broadcast(x, axes, shape), l.shape.clone())
        }),
        examples: &[
            "(x: [3]) -> [6] { repeat(2) }",
            "(x: [2, 3]) -> [2, 2, 9] { tanh, repeat([2, 1, 3]) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "repeat_interleave",
        doc: "Every element of an axis `repeats` times in a row.",
        options: &[REPEATS.required(), AXIS.required()],
        shape: |call| {
            let (mut out, axis, repeats) = (call.x().clone(), call.get(AXIS), call.get(REPEATS));
            at_least_once(call, std::slice::from_ref(&repeats), REPEATS.at())?;
            out[axis] = out[axis].mul(&repeats);
            Ok(out)
        },
        body: Body::Lower(|t, l| {
            let (x, axis) = (l.args[0], l.get(AXIS));
            let mut shape = t.shape(x);
            let axes = (0..shape.len()).map(|i| if i > axis { i + 1 } else { i }).collect();
            shape.insert(axis + 1, l.get(REPEATS));
            t.reshape(t.broadcast(x, axes, shape), l.shape.clone())
        }),
        examples: &[
            "(x: [3]) -> [6] { repeat_interleave(2, axis = 0) }",
            "(x: [2, 3]) -> [2, 9] { tanh, repeat_interleave(3, axis = -1) }",
        ],
        ..OpDef::PLAIN
    },
];

/// From both ends at once, element by element: strides are not negative.
pub(super) fn flipped(t: &Tracer, x: Var, axis: usize) -> Var {
    let (from, to) = (Passing::Mirrored { axis }, Passing::Each { axis, width: Dim::known(1) });
    let length = t.shape(x)[axis].clone();
    let all = Loop { length, reverse: false, recompute: false, args: &[(x, from)], out: to };
    t.scan(&all, |_, args| (Vec::new(), args[0]))
}

fn reshape(call: &Call<'_>) -> Result<Shape, Mistake> {
    let from = call.x();
    let Some(arrow) = call.arrow else {
        return Err(Mistake::new(
            At::Op,
            format!("`reshape` of {} does not say what shape it makes", show(from)),
        )
        .help(format!("write the shape after an arrow, as in `reshape -> [{}]`", size(from))));
    };
    let known = arrow.iter().flatten().fold(Dim::known(1), |size, dim| size.mul(dim));
    let missing = || {
        let total = size(from);
        match (total.as_known(), known.as_known()) {
            (Some(a), Some(b)) => (a % b == 0).then(|| Dim::known(a / b)),
            _ => total.div(&known),
        }
    };
    let wild = arrow.iter().filter(|dim| dim.is_none()).count();
    if wild > 1 {
        return Err(Mistake::new(
            At::Arrow,
            format!(
                "`reshape` of {} can infer one dimension, but its arrow leaves out {wild}",
                show(from)
            ),
        )
        .help(format!(
            "write all dimensions but one; {} has {} elements",
            show(from),
            size(from)
        )));
    }
    let fill = if wild == 1 { missing() } else { Some(Dim::known(1)) };
    let to: Option<Shape> = arrow.iter().map(|dim| dim.clone().or_else(|| fill.clone())).collect();
    match to {
        Some(to) if call.fits(&size(&to), &size(from)) => Ok(to),
        Some(to) => Err(Mistake::new(
            At::Arrow,
            format!(
                "`reshape` keeps the number of elements, but {} has {} and {} has {}",
                show(from),
                size(from),
                show(&to),
                size(&to)
            ),
        )
        .help("change a dimension, or write one as `_` to have it computed")),
        None => Err(Mistake::new(
            At::Arrow,
            format!(
                "`reshape` of {} cannot fill in `_`: {} elements do not divide by {known}",
                show(from),
                size(from)
            ),
        )
        .help("change the other dimensions")),
    }
}

fn broadcast_to(call: &Call<'_>) -> Result<Shape, Mistake> {
    let from = call.x();
    let to: Option<Shape> = call.arrow.and_then(|arrow| arrow.iter().cloned().collect());
    let Some(to) = to else {
        let example: Vec<String> =
            ["2".into()].into_iter().chain(from.iter().map(Dim::to_string)).collect();
        return Err(Mistake::new(
            At::Arrow,
            format!("`broadcast` of {} does not say what shape it makes", show(from)),
        )
        .help(format!(
            "write every dimension after an arrow, as in `broadcast -> [{}]`",
            example.join(", ")
        )));
    };
    let fits = from.len() <= to.len()
        && from.iter().rev().zip(to.iter().rev()).all(|(a, b)| a.is(1) || call.fits(a, b));
    if fits {
        return Ok(to);
    }
    Err(Mistake::new(
        At::Arrow,
        format!("`broadcast` cannot repeat {} to make {}", show(from), show(&to)),
    )
    .help("shapes align at the last axis; only a missing axis or one of length 1 repeats"))
}

fn concat(call: &Call<'_>) -> Result<Shape, Mistake> {
    let axis = call.get(AXIS);
    let mut out = call.x().clone();
    for (i, part) in call.args.iter().enumerate().skip(1) {
        let unlike = |along: usize| {
            part.len() != out.len()
                || (0..out.len()).any(|a| a != along && !call.fits(&out[a], &part[a]))
        };
        if unlike(axis) {
            let message = format!(
                "`concat` along axis {axis} needs all other axes equal, found {} and {}",
                show(call.x()),
                show(part),
            );
            let other = (0..out.len()).find(|along| call.args.len() == 2 && !unlike(*along));
            return Err(Mistake::new(At::Arg(i), message).help(match other {
                Some(other) => format!("they fit along axis {other}: `axis = {other}`"),
                None if part.len() != out.len() => {
                    "`reshape` one of them to the rank of the other".to_string()
                }
                None => format!("only axis {axis} may differ"),
            }));
        }
        out[axis] = out[axis].add(&part[axis]);
    }
    Ok(out)
}

/// What is repeated 0 times is not there.
fn at_least_once(call: &Call<'_>, times: &[Dim], at: At) -> Result<(), Mistake> {
    match times.iter().find(|times| !call.at_least(times, &Dim::known(1))) {
        None => Ok(()),
        Some(found) => {
            let message = format!("`{}` repeats at least once, found {found}", call.op);
            Err(Mistake::new(at, message).help("1 leaves an axis as it is"))
        }
    }
}

fn sliced(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (axis, (start, end)) = (call.get(AXIS), call.get(RANGE));
    let mut out = call.x().clone();
    let length = end.sub(&start);
    let beyond = !call.at_least(&out[axis], &end);
    let empty = length.as_known().is_some_and(|length| length <= 0);
    if beyond || empty || start.as_known().is_some_and(|start| start < 0) {
        let backwards = length.as_known().is_some_and(|length| length < 0);
        let (what, help) = if backwards {
            ("runs backwards", format!("`{end}..{start}`"))
        } else if empty {
            (
                "is empty",
                format!(
                    "a range excludes its end: `{start}..{}` is one element",
                    start.add(&Dim::known(1))
                ),
            )
        } else {
            let last = out[axis].sub(&start).as_known().is_none_or(|rest| rest > 0);
            let example = if last { start.clone() } else { Dim::known(0) };
            ("reaches beyond the end", format!("`{example}..{}` ends with the axis", out[axis]))
        };
        return Err(Mistake::new(
            RANGE.at(),
            format!(
                "`{start}..{end}` of `slice` {what}: axis {axis} of {} has length {}",
                show(call.x()),
                out[axis]
            ),
        )
        .help(help));
    }
    out[axis] = length;
    Ok(out)
}

/// `slice(start..end, axis)`: the op and its options.
pub fn slice(axis: usize, start: Dim, end: Dim) -> (&'static OpDef, Vec<Opt>) {
    let op = super::find("slice").or_bug("split", "`slice`");
    // In the order of its stanza.
    (op, vec![Opt::Range(start, end), Opt::Axes(vec![axis])])
}
