//! What two values make together: bilinear forms, angles and distances.

use super::limits::EPS_LIMITS;
use super::option::{Key, axis, flag, number};
use super::reduce::norm;
use super::squares::unit;
use super::{Arity, At, Body, Call, Init, Mistake, OpDef, ParamDef, broadcast, called, spread};
use crate::bug::OrBug;
use crate::ir::{Labels, Var};
use crate::number::Num;
use crate::shape::{Dim, Shape, show, show_arrow};
use crate::trace::Tracer;

const BIAS: Key<bool> = flag("bias");
const AXIS: Key<usize> = axis("axis");
const EPS: Key<Num> = number("eps").within(EPS_LIMITS);
const P: Key<Num> = number("p");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "bilinear",
        elsewhere: &[called("Bilinear", "in1_features in2_features out_features bias")],
        values: "b",
        arrow: Some("[.., m]"),
        doc: "`aᵀ · weightₒ · b + biasₒ` over the last axes, with `weight: [m, n, k]` for `a: [.., n]` and `b: [.., k]`, and \
              `bias: [m]` (`torch.nn.Bilinear`).",
        arity: Arity::Exactly(2),
        options: &[BIAS.or("true")],
        shape: bilinear,
        params: |call, out| {
            let (Some(n), Some(k), Some(m)) =
                (call.args[0].last(), call.args[1].last(), out.last())
            else {
                return Vec::new();
            };
            let param = |name, shape| ParamDef::new(name, shape, Init::FanIn(n.clone()));
            let mut params = vec![param("weight", vec![m.clone(), n.clone(), k.clone()])];
            params.extend(call.get(BIAS).then(|| param("bias", vec![m.clone()])));
            params
        },
        body: Body::Lower(|t, l| {
            let lead: String = ('a'..).take(l.shape.len() - 1).collect();
            let of_a = Labels::new(&format!("{lead}Y"), "ZYX", &format!("{lead}ZX"));
            let rows = t.contract(l.args[0], l.params[0], of_a);
            let of_b = Labels::new(&format!("{lead}ZX"), &format!("{lead}X"), &format!("{lead}Z"));
            let y = t.contract(rows, l.args[1], of_b);
            let Some(bias) = l.params.get(1) else { return y };
            let bias = t.broadcast(*bias, vec![l.shape.len() - 1], l.shape.clone());
            t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
        }),
        examples: &[
            "(a: [3], b: [4]) -> [2] { bilinear(a, b) -> [2] }",
            "(a: [2, 3], b: [2, 2]) -> [2, 4] { c = tanh(a), bilinear(c, b, bias = false) -> [2, 4] }",
        ],
    },
    OpDef {
        name: "cosine_similarity",
        elsewhere: &[called("CosineSimilarity", "dim eps")],
        values: "b",
        doc: "`Σ a·b / (max(‖a‖, eps) · max(‖b‖, eps))` over an axis of the first value: the cosine of the angle between two \
              vectors. PyTorch's axis 1 is axis 0 of a sample.",
        arity: Arity::Exactly(2),
        options: &[AXIS.or("0"), EPS.or("1e-8")],
        shape: |call| {
            let whole = broadcast(call)?;
            let axis = whole.len() - (call.x().len() - call.get(AXIS));
            Ok(whole
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != axis)
                .map(|(_, dim)| dim.clone())
                .collect())
        },
        body: Body::Lower(|t, l| {
            let rank = t.shape(l.args[0]).len().max(t.shape(l.args[1]).len());
            let from_end = t.shape(l.args[0]).len() - l.get(AXIS);
            let (axis, mut shape) = (rank - from_end, l.shape.clone());
            shape.insert(axis, of_either(t, l.args, from_end));
            let unit = |x: Var| unit(t, spread(t, x, &shape), &[axis], l.get(EPS));
            let product =
                t.point(&[unit(l.args[0]), unit(l.args[1])], &[], |x, _| x[0] * x[1], None);
            t.sum(product, vec![axis])
        }),
        examples: &[
            "(a: [5], b: [5]) -> [] { cosine_similarity(a, b) }",
            "(a: [2, 3, 4], b: [3, 1]) -> [2, 4] { cosine_similarity(a, b, axis = 1) }",
            "(a: [2, 3], b: [2, 3]) -> [2] { c = tanh(a), cosine_similarity(c, b, axis = -1, eps = 0.9) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "cdist",
        elsewhere: &[called("pairwise_distances euclidean_distances", "")],
        values: "b",
        doc: "The distance `‖aᵢ − bⱼ‖ₚ` of every row of `a: [.., n, d]` from every row of `b: [.., m, d]`: `[.., n, m]` \
              (`torch.cdist`). `p` is that of `norm`; the derivative is 0 where two rows are equal.",
        arity: Arity::Exactly(2),
        options: &[P.or("2")],
        shape: cdist,
        body: Body::Lower(|t, l| {
            let rank = l.shape.len();
            let width = t.shape(l.args[0])[rank - 1].clone();
            let shape: Shape = l.shape.iter().cloned().chain([width]).collect();
            // All axes but that of the other's rows.
            let along = |x: Var, without: usize| {
                t.broadcast(x, (0..=rank).filter(|axis| *axis != without).collect(), shape.clone())
            };
            let rows = [along(l.args[0], rank - 1), along(l.args[1], rank - 2)];
            let difference = t.point(&rows, &[], |x, _| x[0] - x[1], None);
            norm(t, difference, &[rank], &l.get(P))
        }),
        examples: &[
            "(a: [3, 4], b: [2, 4]) -> [3, 2] { cdist(a, b) }",
            "(a: [2, 3, 2], b: [2, 1, 2]) -> [2, 3, 1] { cdist(a, b, p = 1) }",
            "(a: [2, 3], b: [4, 3]) -> [2, 4] { c = tanh(a), cdist(c, b, p = f64::INFINITY) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "pairwise_distance",
        elsewhere: &[called("PairwiseDistance", "p eps keepdim")],
        values: "b",
        doc: "`‖a − b + eps‖ₚ` over the last axis: the distance of each row from the one at the same place. `p` is that of \
              `norm`.",
        arity: Arity::Exactly(2),
        options: &[P.or("2"), EPS.or("1e-6")],
        shape: pairwise_distance,
        body: Body::Lower(|t, l| {
            let width = of_either(t, l.args, 1);
            let shape: Shape = l.shape.iter().cloned().chain([width]).collect();
            let rows = [spread(t, l.args[0], &shape), spread(t, l.args[1], &shape)];
            let eps = t.num(l.get(EPS));
            let difference = t.point(&rows, &[eps], |x, eps| x[0] - x[1] + eps[0], None);
            norm(t, difference, &[l.shape.len()], &l.get(P))
        }),
        examples: &[
            "(a: [5], b: [5]) -> [] { pairwise_distance(a, b) }",
            "(a: [2, 3, 4], b: [3, 1]) -> [2, 3] { pairwise_distance(a, b, p = 1, eps = 0.1) }",
            "(a: [2, 3], b: [2, 3]) -> [2] { c = tanh(a), pairwise_distance(c, b, p = 3) }",
        ],
        ..OpDef::PLAIN
    },
];

/// The length of an axis, counted from the end, of values that broadcast.
fn of_either(t: &Tracer, args: &[Var], from_end: usize) -> Dim {
    let lengths = args.iter().filter_map(|x| {
        let shape = t.shape(*x);
        shape.len().checked_sub(from_end).map(|axis| shape[axis].clone())
    });
    let longer = |a: Dim, b: Dim| if a.is(1) { b } else { a };
    lengths.reduce(longer).or_bug("pairs", "an axis of neither value")
}

/// That all axes but the last `free` ones are equal.
fn alike(call: &Call<'_>, free: usize) -> Result<(), Mistake> {
    let (a, b) = (&call.args[0], &call.args[1]);
    let equal = a.len() == b.len()
        && a.len() >= free
        && a.iter().zip(b).take(a.len() - free).all(|(a, b)| call.fits(a, b));
    if equal {
        return Ok(());
    }
    let last = if free == 1 { "axis".to_string() } else { format!("{free} axes") };
    let message = format!(
        "`{}` needs two values alike but for their last {last}, found {} and {}",
        call.op,
        show(a),
        show(b)
    );
    Err(Mistake::new(At::Op, message).help("`reshape` or `broadcast` one of them"))
}

fn bilinear(call: &Call<'_>) -> Result<Shape, Mistake> {
    alike(call, 1)?;
    let lead = &call.x()[..call.x().len() - 1];
    let wide = |m: &str| {
        let dims: Vec<String> = lead.iter().map(Dim::to_string).chain([m.to_string()]).collect();
        format!("[{}]", dims.join(", "))
    };
    match call.arrow {
        Some(arrow) if arrow.len() == lead.len() + 1 => match &arrow[lead.len()] {
            Some(m) => Ok(lead.iter().chain([m]).cloned().collect()),
            None => {
                let message =
                    format!("the width of `bilinear` on {} cannot be inferred", show(call.x()));
                Err(Mistake::new(At::Arrow, message)
                    .help("write a number in place of the last `_`"))
            }
        },
        Some(arrow) => {
            let message = format!(
                "`bilinear` maps {} and {} to {}, but its arrow says {}",
                show(call.x()),
                show(&call.args[1]),
                wide("_"),
                show_arrow(arrow)
            );
            Err(Mistake::new(At::Arrow, message).help(format!("write `-> {}`", wide("10"))))
        }
        None => {
            let message =
                format!("`bilinear` on {} does not say how wide its result is", show(call.x()));
            let help =
                format!("write the width after an arrow, as in `bilinear(b) -> {}`", wide("10"));
            Err(Mistake::new(At::Op, message).help(help))
        }
    }
}

fn cdist(call: &Call<'_>) -> Result<Shape, Mistake> {
    alike(call, 2)?;
    let (a, b) = (&call.args[0], &call.args[1]);
    let rank = a.len();
    if !call.fits(&a[rank - 1], &b[rank - 1]) {
        let message = format!(
            "`cdist` compares rows of {} numbers in {} with rows of {} in {}",
            a[rank - 1],
            show(a),
            b[rank - 1],
            show(b)
        );
        return Err(Mistake::new(At::Op, message).help("make the last axes equal"));
    }
    Ok(a[..rank - 1].iter().chain([&b[rank - 2]]).cloned().collect())
}

fn pairwise_distance(call: &Call<'_>) -> Result<Shape, Mistake> {
    let mut whole = broadcast(call)?;
    if whole.pop().is_none() {
        let message = "`pairwise_distance` needs rows of numbers, found two single numbers";
        return Err(Mistake::new(At::Op, message).help("write `abs(a - b)`"));
    }
    Ok(whole)
}
