//! Normalisation: over axes of a sample, and over groups of channels.
//!
//! Samples are channels-first, as in PyTorch: of `[C, H, W]` the first axis is that of the channels.

use super::limits::{EPS_LIMITS, share};
use super::option::{Key, axes, axis, flag, number, size as size_option};
use super::squares::{normalize, normalize_by, unit};
use super::window::{Slide, sliding, zero_padded};
use super::{At, Body, Call, Init, Lowering, Mistake, OpDef, ParamDef, called, same};
use crate::bug::OrBug;
use crate::builder::V;
use crate::ir::Var;
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show, size};
use crate::trace::{Mode, Tracer, Value};

const AXES: Key<Vec<usize>> = axes("axes");
const AXIS: Key<usize> = axis("axis");
const GROUPS: Key<Dim> = size_option("groups");
const EPS: Key<Num> = number("eps").within(EPS_LIMITS);
const MOMENTUM: Key<Num> =
    number("momentum").within(share("it is the share of the new statistics"));
const SIZE: Key<Dim> = size_option("size");
const ALPHA: Key<Num> = number("alpha");
const BETA: Key<Num> = number("beta");
const K: Key<Num> = number("k");
const AFFINE: Key<bool> = flag("affine");
const BIAS: Key<bool> = flag("bias");

/// The order of arguments without a name in other frameworks.
const BATCH_NORM: &str = "num_features eps momentum affine track_running_stats";

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "layer_norm",
        elsewhere: &[
            called("LayerNormalization", "axis epsilon"),
            called("LayerNorm", "normalized_shape eps elementwise_affine bias"),
        ],
        doc: "`(x − μ) / √(σ² + eps) · weight + bias`, with mean `μ` and population variance `σ²` over the axes, whose shape `weight` and `bias` have.",
        options: &[AXES.or("-1"), EPS.or("1e-5"), AFFINE.or("true"), BIAS.or("true")],
        params: |call, _| {
            let shape: Shape = call.get(AXES).iter().map(|axis| call.x()[*axis].clone()).collect();
            affine(&shape, call.get(AFFINE), call.get(AFFINE) && call.get(BIAS))
        },
        body: Body::Lower(|t, l| {
            let y = normalize(t, l.args[0], &l.get(AXES), l.get(EPS), true);
            scaled(t, l, y, &l.get(AXES))
        }),
        examples: &[
            "(x: [5]) -> [5] { layer_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { layer_norm(axes = [1, 2], eps = 0.1) }",
            "(x: [2, 4]) -> [2, 4] { layer_norm(bias = false) }",
            "(x: [2, 4]) -> [2, 4] { layer_norm(affine = false) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "rms_norm",
        elsewhere: &[called("RMSNorm RMSNormalization", "normalized_shape eps elementwise_affine")],
        doc: "`x / √(mean x² + eps) · weight` over the axes, whose shape `weight` has. PyTorch's default `eps` is the machine epsilon.",
        options: &[AXES.or("-1"), EPS.or("1e-6"), AFFINE.or("true")],
        params: |call, _| {
            let shape: Shape = call.get(AXES).iter().map(|axis| call.x()[*axis].clone()).collect();
            affine(&shape, call.get(AFFINE), false)
        },
        body: Body::Lower(|t, l| {
            let y = normalize(t, l.args[0], &l.get(AXES), l.get(EPS), false);
            scaled(t, l, y, &l.get(AXES))
        }),
        examples: &[
            "(x: [5]) -> [5] { rms_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { rms_norm(axes = [1, 2], affine = false) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "group_norm",
        elsewhere: &[
            called("GroupNormalization", "groups axis_ epsilon"),
            called("GroupNorm", "num_groups num_channels eps affine"),
        ],
        doc: "`layer_norm` over each of `groups` groups of channels (axis 0) and all other axes; `weight` and `bias` have one number per channel.",
        options: &[GROUPS.required(), EPS.or("1e-5"), AFFINE.or("true")],
        shape: grouped,
        params: |call, _| affine(&call.x()[..1], call.get(AFFINE), call.get(AFFINE)),
        body: Body::Lower(normalize_groups),
        examples: &[
            "(x: [6]) -> [6] { group_norm(2) }",
            "(x: [4, 3, 2]) -> [4, 3, 2] { group_norm(groups = 2) }",
            "(x: [4, 3]) -> [4, 3] { group_norm(4, eps = 0.1, affine = false) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "instance_norm",
        elsewhere: &[called(
            "InstanceNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d",
            BATCH_NORM,
        )],
        doc: "`layer_norm` of each channel (axis 0) over all other axes; `weight` and `bias`, if any, have one number per channel.",
        options: &[EPS.or("1e-5"), AFFINE.or("false")],
        shape: |call| match call.x().as_slice() {
            [_, _, ..] => same(call),
            x => Err(Mistake::new(
                At::Op,
                format!(
                    "`instance_norm` normalises each channel over the axes after it, but {} has {}",
                    show(x),
                    if x.is_empty() { "no axes" } else { "only one axis" }
                ),
            )
            .help("`layer_norm` normalises a vector")),
        },
        params: |call, _| affine(&call.x()[..1], call.get(AFFINE), call.get(AFFINE)),
        body: Body::Lower(|t, l| {
            let axes: Vec<usize> = (1..l.shape.len()).collect();
            let y = normalize(t, l.args[0], &axes, l.get(EPS), true);
            scaled(t, l, y, &[0])
        }),
        examples: &[
            "(x: [3, 4]) -> [3, 4] { instance_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { instance_norm(affine = true) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "batch_norm",
        elsewhere: &[
            called("BatchNormalization", "axis_ momentum epsilon"),
            called(
                "BatchNorm BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm BatchNorm1D BatchNorm2D",
                BATCH_NORM,
            ),
        ],
        doc: "`(x − μ) / √(σ² + eps) · weight + bias` for each channel (axis 0). In training, mean and variance are those of the channel over the batch and all other axes, and the running ones move towards them by `momentum` (the unbiased variance); in evaluation they are the running ones.",
        options: &[EPS.or("1e-5"), MOMENTUM.or("0.1"), AFFINE.or("true")],
        shape: |call| {
            if call.x().is_empty() {
                let message = "`batch_norm` normalises the channels on axis 0, but [] has no axes";
                return Err(
                    Mistake::new(At::Op, message).help("`reshape -> [1]` makes it a channel")
                );
            }
            same(call)
        },
        params: |call, _| {
            let channels = &call.x()[..1];
            let state = |name, start| ParamDef::new(name, channels.to_vec(), Init::State(start));
            let mut params = affine(channels, call.get(AFFINE), call.get(AFFINE));
            let variance = state("running_var", 1.0).beside("num_batches_tracked");
            params.extend([state("running_mean", 0.0), variance]);
            params
        },
        body: Body::Modes { random: false, lower: batch_norm },
        examples: &[
            "(x: [3]) -> [3] { batch_norm }",
            "(x: [2, 3, 2]) -> [2, 3, 2] { batch_norm(eps = 0.1, momentum = 0.3) }",
            "(x: [2, 4]) -> [2, 4] { tanh, batch_norm(affine = false) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "local_response_norm",
        elsewhere: &[called("LocalResponseNorm lrn", "size alpha beta k")],
        doc: "`x / (k + alpha · m)^beta` with `m` the sum of the squares of `size` neighbours along the first axis, the \
              channels, divided by `size` (`torch.nn.LocalResponseNorm`; Krizhevsky et al. 2012). Beyond the first and last \
              channels are zeros.",
        options: &[SIZE.required(), ALPHA.or("1e-4"), BETA.or("0.75"), K.or("1")],
        shape: |call| {
            if call.x().is_empty() {
                let message =
                    "`local_response_norm` works on channels, but its input is the scalar []";
                return Err(
                    Mistake::new(At::Op, message).help("`reshape -> [1]` makes a vector of it")
                );
            }
            if !call.at_least(&call.get(SIZE), &Dim::known(1)) {
                let message = format!(
                    "`size` of `local_response_norm` is at least 1, found {}",
                    call.get(SIZE)
                );
                return Err(Mistake::new(SIZE.at(), message));
            }
            Ok(call.x().clone())
        },
        body: Body::Lower(local_response_norm),
        examples: &[
            "(x: [5, 2, 3]) -> [5, 2, 3] { local_response_norm(3) }",
            "(x: [4, 2]) -> [4, 2] { tanh, local_response_norm(size = 4, alpha = 0.5, beta = 0.6, k = 2) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "normalize",
        doc: "`x / max(‖x‖₂, eps)` along one axis; PyTorch's default `dim = 1` is axis 0 of a sample.",
        options: &[AXIS.or("0"), EPS.or("1e-12")],
        body: Body::Lower(|t, l| unit(t, l.args[0], &[l.get(AXIS)], l.get(EPS))),
        examples: &[
            "(x: [5]) -> [5] { normalize }",
            "(x: [3, 4]) -> [3, 4] { normalize(axis = -1, eps = 0.5) }",
        ],
        ..OpDef::PLAIN
    },
];

/// `weight` and `bias` of a normalised value: it begins as it is.
pub fn affine(shape: &[Dim], weight: bool, bias: bool) -> Vec<ParamDef> {
    let param = |name, start: f64| ParamDef::new(name, shape.to_vec(), Init::Constant(start));
    let weight = weight.then(|| param("weight", 1.0));
    weight.into_iter().chain(bias.then(|| param("bias", 0.0))).collect()
}

/// `y · weight + bias`, as far as there are any; their axes are these axes of `y`.
pub fn scaled(t: &Tracer, l: &Lowering<'_>, y: Var, axes: &[usize]) -> Var {
    let along = |param: &Var| t.broadcast(*param, axes.to_vec(), l.shape.clone());
    let params: Vec<Var> = l.params.iter().map(along).collect();
    match params.as_slice() {
        [weight, bias] => t.point(&[y, *weight, *bias], &[], |x, _| x[0] * x[1] + x[2], None),
        [weight] => t.point(&[y, *weight], &[], |x, _| x[0] * x[1], None),
        _ => y,
    }
}

fn batch_norm(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (b, x) = (&t.b, l.args[0]);
    let (params, state) = l.params.split_at(l.params.len() - 2);
    let [mean, variance] = [state[0], state[1]];
    if t.mode == Mode::Evaluation {
        // A channel's factor and summand, and one multiplication and addition for each element.
        let factor = t.point(
            &[variance],
            &[t.num(l.get(EPS))],
            |v, eps| v[0].int(1) / (v[0] + eps[0]).sqrt(),
            None,
        );
        let factor = match params {
            [weight, ..] => t.point(&[factor, *weight], &[], |x, _| x[0] * x[1], None),
            _ => factor,
        };
        let summand = match params {
            [_, bias] => t.point(&[*bias, mean, factor], &[], |x, _| x[0] - x[1] * x[2], None),
            _ => t.point(&[mean, factor], &[], |x, _| -(x[0] * x[1]), None),
        };
        return scaled(t, &Lowering { params: &[factor, summand], ..*l }, x, &[0]);
    }
    let axes: Vec<usize> = (1..l.shape.len()).collect();
    let over = t.over_batch_and(x, &axes);
    let normal = normalize_by(t, x, &over, l.get(EPS), true);
    t.over_batch.borrow_mut().push(size(&l.shape[1..]));
    let momentum = b.num(l.get(MOMENTUM));
    let count = b.v(t.count(&over.lengths()));
    let unbiased = over.fill(count / (count - b.int(1)));
    let towards = |old: Var, new: V<'_>| ((b.int(1) - momentum) * b.v(old) + momentum * new).var;
    t.update(mean, |old| towards(old, b.v(normal.mean)));
    t.update(variance, |old| towards(old, b.v(normal.variance) * unbiased));
    scaled(t, &Lowering { params, ..*l }, normal.y, &[0])
}

fn grouped(call: &Call<'_>) -> Result<Shape, Mistake> {
    let groups = call.get(GROUPS);
    let Some(channels) = call.x().first() else {
        let message = "`group_norm` groups the channels on axis 0, but the scalar [] has no axes";
        return Err(Mistake::new(At::Op, message));
    };
    let divides = channels.rem(&groups).is_some_and(|rest| call.fits(&rest, &Dim::known(0)));
    if !divides {
        let axis = format!("axis 0 of {} has length {channels}", show(call.x()));
        let message = format!("`group_norm` makes {groups} equal groups of channels, but {axis}");
        return Err(
            Mistake::new(GROUPS.at(), message).help("the channels are a multiple of the groups")
        );
    }
    same(call)
}

fn normalize_groups(t: &Tracer, l: &Lowering<'_>) -> Var {
    let groups = l.get(GROUPS);
    // The shape rule has excluded a division by zero.
    let each = l.shape[0].div(&groups).or_bug("group_norm", "size of a group");
    let of_channels = vec![groups, each];
    let apart: Shape = of_channels.iter().chain(&l.shape[1..]).cloned().collect();
    let x = t.reshape(l.args[0], apart.clone());
    let axes: Vec<usize> = (1..apart.len()).collect();
    let y = normalize(t, x, &axes, l.get(EPS), true);
    // Scaled while it is apart, in the same loop.
    let params: Vec<Var> = l.params.iter().map(|p| t.reshape(*p, of_channels.clone())).collect();
    let y = scaled(t, &Lowering { params: &params, shape: &apart, ..*l }, y, &[0, 1]);
    t.reshape(y, l.shape.clone())
}

fn local_response_norm(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (size, rank) = (l.get(SIZE), l.shape.len());
    // The channels last, where windows slide.
    let to_last: Vec<usize> = (1..rank).chain([0]).collect();
    let back: Vec<usize> = [rank - 1].into_iter().chain(0..rank - 1).collect();
    let before = size.div(&Dim::known(2)).or_bug("norm", "half");
    let after = size.sub(&before).sub(&Dim::known(1));
    let slide = Slide { padding: (before, after), ..Slide::plain(size.clone(), Dim::known(1)) };
    let squares = t.point(&[l.args[0]], &[], |x, _| x[0] * x[0], None);
    let squares = zero_padded(t, t.permute(squares, to_last), std::slice::from_ref(&slide));
    let (window, shape) = sliding(&t.shape(squares), &[slide], &l.shape[..1]);
    let sums = t.permute(t.sum(t.window(squares, window, shape), vec![rank - 1]), back);
    let numbers = [l.get(ALPHA), Num::inverse(&size), l.get(BETA), l.get(K)].map(|num| t.num(num));
    let value: Value = |x, n| x[0] * (n[3] + n[0] * n[1] * x[1]).powf(-n[2]);
    t.point(&[l.args[0], sums], &numbers, value, None)
}
