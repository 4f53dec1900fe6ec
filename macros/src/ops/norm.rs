//! Normalisation: over axes of a sample, and over groups of channels.
//!
//! Samples are channels-first, as in PyTorch: of `[C, H, W]` the first axis is that of the channels.

use super::{
    Arity, At, Body, Call, Default, Init, Lowering, Mistake, OpDef, OptDef, OptKind, ParamDef, same,
};
use crate::bug::OrBug;
use crate::build::V;
use crate::ir::Var;
use crate::shape::{Dim, Shape, show, size};
use crate::trace::{Mode, Tracer};

const EPS: OptDef = OptDef { name: "eps", kind: OptKind::Number, default: Default::Number(1, -5) };

const fn flag(name: &'static str, default: bool) -> OptDef {
    OptDef { name, kind: OptKind::Bool, default: Default::Bool(default) }
}

const fn last_axes() -> OptDef {
    OptDef { name: "axes", kind: OptKind::Axes, default: Default::Axis(-1) }
}

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "layer_norm",
        signature: "layer_norm(axes = -1, eps = 1e-5, affine = true, bias = true)",
        doc: "`(x − μ) / √(σ² + eps) · weight + bias`, with mean `μ` and population variance `σ²` over the axes, whose shape `weight` and `bias` have.",
        arity: Arity::Exactly(1),
        options: &[last_axes(), EPS, flag("affine", true), flag("bias", true)],
        shape: same,
        params: |call, _| {
            let shape: Shape = call.axes(0).iter().map(|axis| call.x()[*axis].clone()).collect();
            affine(&shape, call.flag(2), call.flag(2) && call.flag(3))
        },
        body: Body::Lower(|t, l| {
            let y = t.normalize(l.args[0], &l.axes(0), l.number(1), true);
            scaled(t, l, y, &l.axes(0))
        }),
        examples: &[
            "(x: [5]) -> [5] { layer_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { layer_norm(axes = [1, 2], eps = 0.1) }",
            "(x: [2, 4]) -> [2, 4] { layer_norm(bias = false) }",
            "(x: [2, 4]) -> [2, 4] { layer_norm(affine = false) }",
        ],
    },
    OpDef {
        name: "rms_norm",
        signature: "rms_norm(axes = -1, eps = 1e-6, affine = true)",
        doc: "`x / √(mean x² + eps) · weight` over the axes, whose shape `weight` has. PyTorch's default `eps` is the machine epsilon.",
        arity: Arity::Exactly(1),
        options: &[
            last_axes(),
            OptDef { name: "eps", kind: OptKind::Number, default: Default::Number(1, -6) },
            flag("affine", true),
        ],
        shape: same,
        params: |call, _| {
            let shape: Shape = call.axes(0).iter().map(|axis| call.x()[*axis].clone()).collect();
            affine(&shape, call.flag(2), false)
        },
        body: Body::Lower(|t, l| {
            let y = t.normalize(l.args[0], &l.axes(0), l.number(1), false);
            scaled(t, l, y, &l.axes(0))
        }),
        examples: &[
            "(x: [5]) -> [5] { rms_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { rms_norm(axes = [1, 2], affine = false) }",
        ],
    },
    OpDef {
        name: "group_norm",
        signature: "group_norm(groups, eps = 1e-5, affine = true)",
        doc: "`layer_norm` over each of `groups` groups of channels (axis 0) and all other axes; `weight` and `bias` have one number per channel.",
        arity: Arity::Exactly(1),
        options: &[
            OptDef { name: "groups", kind: OptKind::Size, default: Default::Required },
            EPS,
            flag("affine", true),
        ],
        shape: grouped,
        params: |call, _| affine(&call.x()[..1], call.flag(2), call.flag(2)),
        body: Body::Lower(normalize_groups),
        examples: &[
            "(x: [6]) -> [6] { group_norm(2) }",
            "(x: [4, 3, 2]) -> [4, 3, 2] { group_norm(groups = 2) }",
            "(x: [4, 3]) -> [4, 3] { group_norm(4, eps = 0.1, affine = false) }",
        ],
    },
    OpDef {
        name: "instance_norm",
        signature: "instance_norm(eps = 1e-5, affine = false)",
        doc: "`layer_norm` of each channel (axis 0) over all other axes; `weight` and `bias`, if any, have one number per channel.",
        arity: Arity::Exactly(1),
        options: &[EPS, flag("affine", false)],
        shape: |call| {
            match call.x().as_slice() {
            [_, _, ..] => same(call),
            x => Err(Mistake::new(
                At::Op,
                format!(
                    "`instance_norm` normalises each channel over the axes behind it, but {} has {}",
                    show(x),
                    if x.is_empty() { "no axes" } else { "only one axis" }
                ),
            )
            .help("`layer_norm` normalises a vector")),
        }
        },
        params: |call, _| affine(&call.x()[..1], call.flag(1), call.flag(1)),
        body: Body::Lower(|t, l| {
            let axes: Vec<usize> = (2..l.ty.len()).collect();
            let y = t.normalize(l.args[0], &axes, l.number(0), true);
            scaled(t, l, y, &[1])
        }),
        examples: &[
            "(x: [3, 4]) -> [3, 4] { instance_norm }",
            "(x: [2, 3, 4]) -> [2, 3, 4] { instance_norm(affine = true) }",
        ],
    },
    OpDef {
        name: "batch_norm",
        signature: "batch_norm(eps = 1e-5, momentum = 0.1, affine = true)",
        doc: "`(x − μ) / √(σ² + eps) · weight + bias` for each channel (axis 0). In training, mean and variance are those of the channel over the batch and all other axes, and the running ones move towards them by `momentum` (the unbiased variance); in evaluation they are the running ones.",
        arity: Arity::Exactly(1),
        options: &[
            EPS,
            OptDef { name: "momentum", kind: OptKind::Number, default: Default::Number(1, -1) },
            flag("affine", true),
        ],
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
            let state =
                |name, start| ParamDef { name, shape: channels.to_vec(), init: Init::State(start) };
            let mut params = affine(channels, call.flag(2), call.flag(2));
            params.extend([state("running_mean", 0.0), state("running_var", 1.0)]);
            params
        },
        body: Body::Modes { random: false, lower: batch_norm },
        examples: &[
            "(x: [3]) -> [3] { batch_norm }",
            "(x: [2, 3, 2]) -> [2, 3, 2] { batch_norm(eps = 0.1, momentum = 0.3) }",
            "(x: [2, 4]) -> [2, 4] { tanh, batch_norm(affine = false) }",
        ],
    },
    OpDef {
        name: "normalize",
        signature: "normalize(axis = 0, eps = 1e-12)",
        doc: "`x / max(‖x‖₂, eps)` along one axis; PyTorch's default `dim = 1` is axis 0 of a sample.",
        arity: Arity::Exactly(1),
        options: &[
            OptDef { name: "axis", kind: OptKind::Axis, default: Default::Axis(0) },
            OptDef { name: "eps", kind: OptKind::Number, default: Default::Number(1, -12) },
        ],
        shape: same,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| t.unit(l.args[0], &l.axes(0), l.number(1))),
        examples: &[
            "(x: [5]) -> [5] { normalize }",
            "(x: [3, 4]) -> [3, 4] { normalize(axis = -1, eps = 0.5) }",
        ],
    },
];

/// `weight` and `bias` of a normalised value: it begins as it is.
pub fn affine(shape: &[Dim], weight: bool, bias: bool) -> Vec<ParamDef> {
    let param =
        |name, start: f64| ParamDef { name, shape: shape.to_vec(), init: Init::Constant(start) };
    let weight = weight.then(|| param("weight", 1.0));
    weight.into_iter().chain(bias.then(|| param("bias", 0.0))).collect()
}

/// `y · weight + bias`, as far as there are any; their axes are these axes of `y`.
pub fn scaled(t: &Tracer, l: &Lowering<'_>, y: Var, axes: &[usize]) -> Var {
    let along = |param: &Var| t.broadcast(*param, axes.to_vec(), l.ty.clone());
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
            &[t.num(l.number(0))],
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
        return scaled(t, &Lowering { params: &[factor, summand], ..*l }, x, &[1]);
    }
    let axes: Vec<usize> = (0..l.ty.len()).filter(|axis| *axis != 1).collect();
    let normal = t.normalize_by(x, &axes, l.number(0), true);
    t.over_batch.borrow_mut().push(size(&l.ty[2..]));
    let momentum = b.num(l.number(1));
    let count = b.v(t.count(&axes.iter().map(|axis| l.ty[*axis].clone()).collect::<Shape>()));
    let unbiased = b.broadcast((count / (count - b.int(1))).var, Vec::new(), vec![l.ty[1].clone()]);
    let towards = |old: Var, new: V<'_>| ((b.int(1) - momentum) * b.v(old) + momentum * new).var;
    t.update(mean, |old| towards(old, b.v(normal.mean)));
    t.update(variance, |old| towards(old, b.v(normal.variance) * b.v(unbiased)));
    scaled(t, &Lowering { params, ..*l }, normal.y, &[1])
}

fn grouped(call: &Call<'_>) -> Result<Shape, Mistake> {
    let groups = call.size(0);
    let Some(channels) = call.x().first() else {
        let message = "`group_norm` groups the channels on axis 0, but the scalar [] has no axes";
        return Err(Mistake::new(At::Op, message));
    };
    let divides = channels.rem(&groups).is_some_and(|rest| call.fits(&rest, &Dim::known(0)));
    if !divides {
        let axis = format!("axis 0 of {} has length {channels}", show(call.x()));
        let message = format!("`group_norm` makes {groups} equal groups of channels, but {axis}");
        return Err(
            Mistake::new(At::Opt(0), message).help("the channels are a multiple of the groups")
        );
    }
    same(call)
}

fn normalize_groups(t: &Tracer, l: &Lowering<'_>) -> Var {
    let groups = l.size(0);
    // The shape rule has excluded a division by zero.
    let each = l.ty[1].div(&groups).or_bug("group_norm", "size of a group");
    let of_channels = vec![groups, each];
    let apart: Shape = l.ty[..1].iter().chain(&of_channels).chain(&l.ty[2..]).cloned().collect();
    let x = t.reshape(l.args[0], apart.clone());
    let axes: Vec<usize> = (2..apart.len()).collect();
    let y = t.normalize(x, &axes, l.number(1), true);
    // Scaled while it is apart, in the same loop.
    let params: Vec<Var> = l.params.iter().map(|p| t.reshape(*p, of_channels.clone())).collect();
    let y = scaled(t, &Lowering { params: &params, ty: &apart, ..*l }, y, &[1, 2]);
    t.reshape(y, l.ty.clone())
}
