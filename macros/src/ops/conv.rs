//! Convolutions: contractions over windows.

use super::option::{Key, flag, sizes};
use super::weight;
use super::window::{
    DILATION, KERNEL, LEAD, PADDING, PADDING_OR_SAME, Remedy, STRIDE, Slide, agree,
    agree_on_windows, checked, counts, for_each_axis, slides, sliding, windows_fit, written,
    zero_padded,
};
use super::{At, Body, Call, Init, Layout, Lowering, Mistake, OpDef, Options, ParamDef, elsewhere};
use crate::ir::{Labels, Var, Window};
use crate::shape::{Dim, Shape, show, show_arrow, size};
use crate::trace::Tracer;

const GROUPS: Key<Shape> = sizes("groups");
const BIAS: Key<bool> = flag("bias");
const OUTPUT_PADDING: Key<Shape> = sizes("output_padding");

// The order of arguments without a name in other frameworks.
const CONV: &str = "in_channels out_channels kernel_size stride padding dilation groups bias";
const KERAS_CONV: &str =
    "filters kernel_size strides padding data_format dilation_rate groups activation use_bias";
const UNCONV: &str =
    "in_channels out_channels kernel_size stride padding output_padding groups bias dilation";

macro_rules! convolutions {
    ($($name:ident $rank:literal [$arrow:literal] $(also($($names:literal: $args:expr),+))? $doc:literal; $($example:literal),+;)*) => {
        pub static OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            arrow: Some($arrow),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: &[
                KERNEL.required(),
                STRIDE.or("1"),
                PADDING_OR_SAME.or("0"),
                DILATION.or("1"),
                GROUPS.or("1"),
                BIAS.or("true"),
                weight::NORM.or("false"),
            ],
            shape: |call| conv_shape(call, $rank),
            params: |call, out| conv_params(call, out, $rank),
            body: Body::Lower(|t, l| conv(t, l, $rank)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*];
    };
}

convolutions! {
    conv1d 1 ["[m, _]"] also("Conv1d": CONV, "Conv1D Convolution1D": KERAS_CONV, "LazyConv1d": "out_channels kernel_size stride padding")
        "As `conv2d`, over one axis: [channels, length].";
        "(x: [2, 7]) -> [3, 5] { conv1d(kernel = 3) -> [3, 5] }",
        "(x: [4, 9]) -> [6, 4] { conv1d(kernel = 3, stride = 2, padding = 1, dilation = 2, groups = 2) -> [6, _] }",
        "(x: [2, 6]) -> [2, 6] { conv1d(kernel = 4, padding = same, bias = false) -> [2, _] }";
    conv2d 2 ["[m, _, _]"] also("Conv2d": CONV, "Conv2D Convolution2D": KERAS_CONV, "LazyConv2d": "out_channels kernel_size stride padding")
        "Cross-correlation of [channels, height, width] with `weight: [m, channels / groups, kernel, kernel]`, plus `bias: [m]`. A kernel, stride, dilation or padding is one number or a list of one for each axis; `padding` may be `same` or `valid`. With `weight_norm`, as in `linear`, for each of the `m` kernels.";
        "(x: [2, 5, 6]) -> [3, 3, 4] { conv2d(kernel = 3) -> [3, 3, 4] }",
        "(x: [1, 6, 5]) -> [2, 4, 3] { tanh, conv2d(kernel = [3, 5], padding = [0, 1]) -> [2, 4, 3], tanh }",
        "(x: [4, 7, 7]) -> [6, 3, 4] { conv2d(kernel = [3, 2], stride = [3, 2], padding = 1, groups = 2, bias = false) -> [6, _, _] }",
        "(x: [3, 5, 5]) -> [3, 5, 5] { conv2d(kernel = 3, padding = same, groups = 3) -> [3, 5, 5], relu, conv2d(kernel = 1) -> [3, _, _] }",
        "(x: [2, 8, 7]) -> [2, 4, 3] { conv2d(kernel = 3, dilation = 2) -> [2, 4, 3] }",
        "(x: [4, 5, 4]) -> [2, 2, 3] { conv2d([3, 2], stride = [2, 1], groups = 2, weight_norm = true) -> [2, 2, 3] }";
    conv3d 3 ["[m, _, _, _]"] also("Conv3d": CONV, "Conv3D Convolution3D": KERAS_CONV, "LazyConv3d": "out_channels kernel_size stride padding")
        "As `conv2d`, over [channels, depth, height, width].";
        "(x: [2, 3, 4, 4]) -> [2, 2, 4, 2] { conv3d(kernel = [2, 3, 2], stride = [1, 1, 2], padding = [0, 1, 0]) -> [2, 2, 4, 2] }",
        "(x: [2, 2, 3, 3]) -> [4, 1, 2, 2] { conv3d(kernel = 2, groups = 2, bias = false) -> [4, _, _, _] }";
}

macro_rules! transposed {
    ($($name:ident $rank:literal [$arrow:literal] $(also($($names:literal: $args:expr),+))? $doc:literal; $($example:literal),+;)*) => {
        pub static TRANSPOSED_OPS: &[OpDef] = &[$(OpDef {
            name: stringify!($name),
            arrow: Some($arrow),
            elsewhere: elsewhere!($($($names: $args),+)?),
            doc: $doc,
            options: &[
                KERNEL.required(),
                STRIDE.or("1"),
                PADDING.or("0"),
                DILATION.or("1"),
                GROUPS.or("1"),
                BIAS.or("true"),
                OUTPUT_PADDING.or("0"),
                weight::NORM.or("false"),
            ],
            shape: |call| transposed_shape(call, $rank),
            params: |call, out| transposed_params(call, out, $rank),
            body: Body::Lower(|t, l| conv_transpose(t, l, $rank)),
            examples: &[$($example),+],
            ..OpDef::PLAIN
        }),*];
    };
}

transposed! {
    conv_transpose1d 1 ["[m, _]"] also("ConvTranspose1d deconv1d": UNCONV, "Conv1DTranspose conv1d_transpose": KERAS_CONV)
        "As `conv_transpose2d`, over one axis.";
        "(x: [2, 4]) -> [3, 6] { conv_transpose1d(3) -> [3, 6] }",
        "(x: [4, 3]) -> [2, 8] { conv_transpose1d(4, stride = 3, padding = 2, groups = 2, output_padding = 2, bias = false) -> [2, 8] }",
        "(x: [4, 3]) -> [2, 5] { conv_transpose1d(3, groups = 2, weight_norm = true) -> [2, 5] }";
    conv_transpose2d 2 ["[m, _, _]"] also("ConvTranspose2d deconv2d": UNCONV, "Conv2DTranspose conv2d_transpose": KERAS_CONV)
        "The transpose of `conv2d` in its input, with `weight: [channels, m / groups, kernel, kernel]`, plus `bias: [m]`: every element of the input is spread over a window. `weight_norm` is for each channel of the input, as PyTorch has it.";
        "(x: [2, 3, 4]) -> [3, 5, 6] { conv_transpose2d(3) -> [3, 5, 6] }",
        "(x: [2, 3, 3]) -> [2, 6, 6] { tanh, conv_transpose2d(4, stride = 2, padding = 1) -> [2, _, _], tanh }",
        "(x: [4, 3, 2]) -> [6, 8, 5] { conv_transpose2d([2, 3], stride = [2, 3], padding = [0, 1], dilation = [2, 1], groups = 2, output_padding = 1) -> [6, _, _], relu }";
    conv_transpose3d 3 ["[m, _, _, _]"] also("ConvTranspose3d deconv3d": UNCONV, "Conv3DTranspose conv3d_transpose": KERAS_CONV)
        "As `conv_transpose2d`, over three axes.";
        "(x: [2, 2, 2, 3]) -> [1, 3, 4, 3] { conv_transpose3d([2, 2, 1], stride = [1, 2, 1]) -> [1, _, _, _] }";
}

/// The size of the result along each axis:
/// `(length − 1) · stride − 2 · padding + dilation · (kernel − 1) + output_padding + 1`.
fn spread_counts(
    call: &Call<'_>,
    slides: &[Slide],
    more: &dyn Fn(usize) -> Dim,
) -> Result<Shape, Mistake> {
    let one = Dim::known(1);
    let count = |(axis, slide): (usize, &Slide)| {
        let length = &call.x()[axis + 1];
        let whole = length.sub(&one).mul(&slide.stride).add(&slide.reach()).add(&one);
        let count = whole.add(&more(axis)).sub(&slide.padding.0).sub(&slide.padding.1);
        if count.as_known().is_some_and(|count| count < 1) {
            let message = format!(
                "`{}` makes {whole} elements of the {length} along axis {} of {}, and its padding takes as many away",
                written(call),
                axis + 1,
                show(call.x())
            );
            return Err(Mistake::new(At::Op, message).help("use less padding"));
        }
        Ok(count)
    };
    slides.iter().enumerate().map(count).collect()
}

fn transposed_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    let all = checked(call, rank)?;
    let m = channels(call, rank)?;
    check_groups(call, &m)?;
    let more = for_each_axis(&call.get(OUTPUT_PADDING), rank);
    for (slide, more) in all.iter().zip(&more) {
        // The greater of two numbers bounds it; of two `const`s, that which may.
        let (a, b) = (&slide.stride, &slide.dilation);
        let may = |bound: &Dim| bound.sub(more).as_known().is_none_or(|rest| rest > 0);
        let greater = match a.sub(b).as_known() {
            Some(rest) => Some(if rest < 0 { b } else { a }),
            None if may(a) && may(b) => None,
            None => Some(if may(a) { a } else { b }),
        };
        if greater.is_some_and(|bound| !call.at_least(bound, &more.add(&Dim::known(1)))) {
            let message = format!(
                "`output_padding = {more}` of `{}` must be less than its stride or its dilation",
                call.op
            );
            return Err(Mistake::new(OUTPUT_PADDING.at(), message)
                .help("it chooses among the sizes that a strided `conv` maps to the same one"));
        }
    }
    let made = |counts: Shape| -> Shape { [m.clone()].into_iter().chain(counts).collect() };
    let out = made(spread_counts(call, &all, &|axis| more[axis].clone())?);
    let with = |change: &dyn Fn(&mut Slide)| {
        let mut slides = all.clone();
        slides.iter_mut().for_each(change);
        spread_counts(call, &slides, &|axis| more[axis].clone()).ok().map(made)
    };
    let padding = |n: &Dim| with(&|slide| slide.padding = (n.clone(), n.clone()));
    let stride = |n: &Dim| with(&|slide| slide.stride = n.clone());
    let output_padding = |n: &Dim| spread_counts(call, &all, &|_| n.clone()).ok().map(made);
    let most = all.iter().filter_map(|slide| slide.stride.as_known()).min().unwrap_or(1);
    let remedies = [
        Remedy { option: "output_padding", values: 0..=most - 1, remake: &output_padding },
        Remedy { option: "padding", values: 0..=16, remake: &padding },
        Remedy { option: "stride", values: 1..=16, remake: &stride },
    ];
    agree(call, out, &remedies)
}

fn transposed_params(call: &Call<'_>, out: &Shape, rank: usize) -> Vec<ParamDef> {
    let Some(per_group) = out[0].div(&groups(call.options)) else { return Vec::new() };
    let mut shape = vec![call.x()[0].clone(), per_group];
    shape.extend(slides(call.options, rank).into_iter().map(|slide| slide.kernel));
    parameters(shape, &out[0], call.options)
}

/// The parameters of a layer. PyTorch takes all axes of the weight but the first for its inputs, in
/// transposed convolutions as well.
fn parameters(shape: Shape, channels: &Dim, options: Options<'_>) -> Vec<ParamDef> {
    let init = Init::FanIn(size(&shape[1..]));
    let mut params = weight::params(shape, &init, 0, options.get(weight::NORM), Layout::Same);
    let of_bias = ParamDef::new("bias", vec![channels.clone()], init);
    params.extend(options.get(BIAS).then_some(of_bias));
    params
}

fn conv_transpose(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let slides = slides(l.options, rank);
    let groups = groups(l.options);
    let x = split(t, l.args[0], 0, &groups);
    let (weight, rest) = weight::of(t, l.params, 0, l.get(weight::NORM));
    let weight = split(t, weight, 0, &groups);
    let (g, i, u) = labels(&groups, rank);
    let (of_x, of_weight, of_y) = (format!("{g}c{u}"), format!("{g}co{i}"), format!("{g}o{i}{u}"));
    let parts = t.contract(x, weight, Labels::new(&of_x, &of_weight, &of_y));
    let whole = padded(
        &[&t.shape(parts)[..t.shape(parts).len() - 2 * rank], &l.shape[LEAD..]].concat(),
        &slides,
    );
    let lengths: Shape = t.shape(l.args[0])[LEAD..].to_vec();
    let (window, _) = sliding(&whole, &slides, &lengths);
    let shape = [&whole[..whole.len() - rank], &l.shape[LEAD..]].concat();
    biased(t, inside(t, t.overlap(parts, window, whole), &slides, &shape), rest, l.shape, &groups)
}

/// A shape with the padding along its last axes.
pub(super) fn padded(shape: &[Dim], slides: &[Slide]) -> Shape {
    let lead = shape.len() - slides.len();
    let lengths = slides.iter().zip(&shape[lead..]).map(|(slide, length)| slide.padded(length));
    shape[..lead].iter().cloned().chain(lengths).collect()
}

/// What is left of an array without the padding.
pub(super) fn inside(t: &Tracer, x: Var, slides: &[Slide], shape: &[Dim]) -> Var {
    let mut inside = Window::whole(shape.len());
    for (slide, axis) in slides.iter().zip(shape.len() - slides.len()..) {
        inside.from[axis] = slide.padding.0.clone();
    }
    t.window(x, inside, shape.to_vec())
}

fn groups(options: Options<'_>) -> Dim {
    options.get(GROUPS)[0].clone()
}

/// The arrow's number of channels.
fn channels(call: &Call<'_>, rank: usize) -> Result<Dim, Mistake> {
    let blanks = ", _".repeat(rank);
    let Some(arrow) = call.arrow else {
        let message = format!(
            "`{}` on {} does not say how many channels it makes",
            written(call),
            show(call.x())
        );
        return Err(Mistake::new(At::Op, message).help(format!(
            "write the number in an arrow, as in `{} -> [8{blanks}]`",
            written(call)
        )));
    };
    if arrow.len() != rank + 1 {
        let message = format!(
            "`{}` makes a value of {} axes, but its arrow says {}",
            written(call),
            rank + 1,
            show_arrow(arrow)
        );
        let m = arrow.first().and_then(Option::as_ref).map_or("8".into(), Dim::to_string);
        return Err(Mistake::new(At::Arrow, message)
            .help(format!("channels come first: `-> [{m}{blanks}]`")));
    }
    arrow[0].clone().ok_or_else(|| {
        Mistake::new(
            At::Arrow,
            format!("the number of channels of `{}` cannot be inferred", written(call)),
        )
        .help("write a number in place of the first `_`")
    })
}

/// Channels in and out must be whole groups.
fn check_groups(call: &Call<'_>, channels: &Dim) -> Result<(), Mistake> {
    let groups = groups(call.options);
    if groups.as_known().is_some_and(|g| g < 1) {
        let message = format!("the `groups` of `{}` must be at least 1", call.op);
        return Err(Mistake::new(GROUPS.at(), message).help("1 is for all channels together"));
    }
    for (what, dim) in [("takes", &call.x()[0]), ("makes", channels)] {
        if dim.rem(&groups).is_some_and(|rest| !call.fits(&rest, &Dim::known(0))) {
            let message = format!(
                "`groups = {groups}` of `{}` must divide its channels, but it {what} {dim}",
                call.op
            );
            return Err(Mistake::new(GROUPS.at(), message)
                .help("`groups` must divide the channels on both sides"));
        }
    }
    Ok(())
}

fn conv_shape(call: &Call<'_>, rank: usize) -> Result<Shape, Mistake> {
    let all = checked(call, rank)?;
    let m = channels(call, rank)?;
    check_groups(call, &m)?;
    windows_fit(call, &all);
    let made = |counts: Shape| -> Shape { [m.clone()].into_iter().chain(counts).collect() };
    agree_on_windows(call, &all, |slides| counts(call, slides).map(made))
}

fn conv_params(call: &Call<'_>, out: &Shape, rank: usize) -> Vec<ParamDef> {
    let Some(per_group) = call.x()[0].div(&groups(call.options)) else { return Vec::new() };
    let mut shape = vec![out[0].clone(), per_group];
    shape.extend(slides(call.options, rank).into_iter().map(|slide| slide.kernel));
    parameters(shape, &out[0], call.options)
}

/// The axis `axis` as two, of which the first has length `groups`; nothing if that is 1.
fn split(t: &Tracer, x: Var, axis: usize, groups: &Dim) -> Var {
    let mut shape = t.shape(x);
    let each = if groups.is(1) { None } else { shape[axis].div(groups) };
    let Some(each) = each else { return x };
    shape.splice(axis..=axis, [groups.clone(), each]);
    t.reshape(x, shape)
}

/// The labels of groups, of places in windows and of windows.
fn labels(groups: &Dim, rank: usize) -> (&'static str, &'static str, &'static str) {
    (if groups.is(1) { "" } else { "g" }, &"ijk"[..rank], &"uvw"[..rank])
}

fn conv(t: &Tracer, l: &Lowering<'_>, rank: usize) -> Var {
    let slides = slides(l.options, rank);
    let groups = groups(l.options);
    let x = split(t, zero_padded(t, l.args[0], &slides), 0, &groups);
    let (weight, rest) = weight::of(t, l.params, 0, l.get(weight::NORM));
    let weight = split(t, weight, 0, &groups);
    let (window, shape) = sliding(&t.shape(x), &slides, &l.shape[LEAD..]);
    let x = t.window(x, window, shape);
    let (g, i, u) = labels(&groups, rank);
    let (of_x, of_weight, of_y) = (format!("{g}c{i}{u}"), format!("{g}oc{i}"), format!("{g}o{u}"));
    let y = t.contract(x, weight, Labels::new(&of_x, &of_weight, &of_y));
    biased(t, y, rest, l.shape, &groups)
}

/// Adds the bias, if there is one, to every channel, and joins the groups.
fn biased(t: &Tracer, y: Var, bias: &[Var], whole: &Shape, groups: &Dim) -> Var {
    let y = match bias.first() {
        None => y,
        Some(bias) => {
            let shape = t.shape(y);
            // As the channels of `y` are spelled, which is not always how their number is.
            let (bias, axes) = match groups.is(1) {
                true => (*bias, vec![0]),
                false => (t.reshape(*bias, shape[..2].to_vec()), vec![0, 1]),
            };
            let bias = t.broadcast(bias, axes, shape);
            t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
        }
    };
    t.reshape(y, whole.clone())
}
