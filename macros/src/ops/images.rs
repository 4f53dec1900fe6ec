//! Rearrangements of images: blocks of elements that are channels elsewhere, and what lies in windows.

use super::conv::{inside, padded};
use super::option::{Key, size};
use super::window::{
    DILATION, KERNEL, PADDING, STRIDE, Slide, check_rank, check_sizes, checked, counts, slides,
    sliding, windows_fit, zero_padded,
};
use super::{At, Body, Call, Lowering, Mistake, OpDef, called};
use crate::bug::OrBug;
use crate::ir::Var;
use crate::shape::{self, Dim, Shape, show, show_arrow};
use crate::trace::Tracer;

const FACTOR: Key<Dim> = size("factor");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "pixel_shuffle",
        elsewhere: &[called("PixelShuffle", "upscale_factor")],
        doc: "`[channels · factor², height, width]` as `[channels, height · factor, width · factor]`: each group of \
              `factor²` channels becomes one block of every place in the image (`torch.nn.PixelShuffle`).",
        options: &[FACTOR.required()],
        shape: |call| {
            let [c, h, w] = image(call)?;
            let (factor, square) = factor(call)?;
            let Some(channels) = c.div(&square).filter(|_| divides(call, &c, &square)) else {
                return Err(indivisible(
                    call,
                    "a number of channels",
                    &c,
                    &format!("{square}, the square of `factor`"),
                ));
            };
            Ok(vec![channels, h.mul(&factor), w.mul(&factor)])
        },
        body: Body::Lower(|t, l| {
            let [c, h, w] = three(l.shape);
            let r = l.get(FACTOR);
            let (h, w) = (part(&h, &r), part(&w, &r));
            let blocks = t.reshape(l.args[0], vec![c, r.clone(), r, h, w]);
            t.reshape(t.permute(blocks, vec![0, 3, 1, 4, 2]), l.shape.clone())
        }),
        examples: &[
            "(x: [8, 2, 3]) -> [2, 4, 6] { pixel_shuffle(2) }",
            "(x: [9, 1, 2]) -> [1, 3, 6] { tanh, pixel_shuffle(factor = 3), square }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "pixel_unshuffle",
        elsewhere: &[called("PixelUnshuffle", "downscale_factor")],
        doc: "The inverse of `pixel_shuffle`: `[channels, height, width]` as `[channels · factor², height / factor, \
              width / factor]`.",
        options: &[FACTOR.required()],
        shape: |call| {
            let [c, h, w] = image(call)?;
            let (factor, square) = factor(call)?;
            let along = |what: &str, length: &Dim| {
                let part = length.div(&factor).filter(|_| divides(call, length, &factor));
                part.ok_or_else(|| {
                    indivisible(call, what, length, &format!("{factor}, its `factor`"))
                })
            };
            Ok(vec![c.mul(&square), along("a height", &h)?, along("a width", &w)?])
        },
        body: Body::Lower(|t, l| {
            let [_, h, w] = three(l.shape);
            let (c, r) = (t.shape(l.args[0])[0].clone(), l.get(FACTOR));
            let blocks = t.reshape(l.args[0], vec![c, h, r.clone(), w, r]);
            t.reshape(t.permute(blocks, vec![0, 2, 4, 1, 3]), l.shape.clone())
        }),
        examples: &[
            "(x: [2, 4, 6]) -> [8, 2, 3] { pixel_unshuffle(2) }",
            "(x: [1, 3, 6]) -> [9, 1, 2] { tanh, pixel_unshuffle(factor = 3), square }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "unfold",
        elsewhere: &[called(
            "Unfold im2col extract_patches",
            "kernel_size dilation padding stride",
        )],
        doc: "The windows of `[channels, height, width]` as the columns of a matrix `[channels · kernel², windows]` \
              (`torch.nn.Unfold`); the options are those of `conv2d`.",
        options: &[KERNEL.required(), STRIDE.or("1"), PADDING.or("0"), DILATION.or("1")],
        shape: |call| {
            let all = checked(call, 2)?;
            windows_fit(call, &all);
            let window =
                all.iter().fold(call.x()[0].clone(), |size, slide| size.mul(&slide.kernel));
            Ok(vec![window, shape::size(&counts(call, &all)?)])
        },
        body: Body::Lower(|t, l| {
            let slides = slides(l.options, 2);
            let counts = windows(&slides, &t.shape(l.args[0])[1..]);
            let x = zero_padded(t, l.args[0], &slides);
            let (window, shape) = sliding(&t.shape(x), &slides, &counts);
            t.reshape(t.window(x, window, shape), l.shape.clone())
        }),
        examples: &[
            "(x: [2, 4, 5]) -> [8, 12] { unfold(2) }",
            "(x: [1, 7, 4]) -> [6, 4] { tanh, unfold([3, 2], stride = [2, 3], padding = [0, 1], dilation = [2, 1]), sin }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "fold",
        elsewhere: &[called("Fold col2im", "output_size kernel_size dilation padding stride")],
        arrow: Some("[channels, height, width]"),
        doc: "The transpose of `unfold`: the columns of `[channels · kernel², windows]` added up where their windows lie in \
              `[channels, height, width]` (`torch.nn.Fold`).",
        options: &[KERNEL.required(), STRIDE.or("1"), PADDING.or("0"), DILATION.or("1")],
        shape: fold,
        body: Body::Lower(lower_fold),
        examples: &[
            "(x: [8, 12]) -> [2, 4, 5] { fold(2) -> [2, 4, 5] }",
            "(x: [6, 4]) -> [1, 7, 4] { tanh, fold([3, 2], stride = [2, 3], padding = [0, 1], dilation = [2, 1]) -> [_, 7, 4], sin }",
        ],
        ..OpDef::PLAIN
    },
];

/// Channels, height and width.
fn image(call: &Call<'_>) -> Result<[Dim; 3], Mistake> {
    check_rank(call, 2)?;
    Ok(three(call.x()))
}

fn three(shape: &[Dim]) -> [Dim; 3] {
    [0, 1, 2].map(|axis| shape[axis].clone())
}

/// The option, and its square.
fn factor(call: &Call<'_>) -> Result<(Dim, Dim), Mistake> {
    let factor = call.get(FACTOR);
    if !call.at_least(&factor, &Dim::known(1)) {
        let message = format!("`factor` of `{}` is at least 1, found {factor}", call.op);
        return Err(Mistake::new(FACTOR.at(), message));
    }
    Ok((factor.clone(), factor.mul(&factor)))
}

fn divides(call: &Call<'_>, length: &Dim, by: &Dim) -> bool {
    length.rem(by).is_none_or(|rest| call.fits(&rest, &Dim::known(0)))
}

/// `what` is to be a multiple of a number.
fn indivisible(call: &Call<'_>, what: &str, length: &Dim, of: &str) -> Mistake {
    let (op, found) = (call.op, show(call.x()));
    let message =
        format!("`{op}` needs {what} that is a multiple of {of}, found {length} in {found}");
    Mistake::new(FACTOR.at(), message)
        .help("the image is cut into blocks of `factor` times `factor` elements")
}

/// How many windows there are along axes of these lengths, which the shape rule has checked.
fn windows(slides: &[Slide], lengths: &[Dim]) -> Shape {
    let count = |(slide, length): (&Slide, &Dim)| slide.count(length).or_bug("images", "a window");
    slides.iter().zip(lengths).map(count).collect()
}

fn part(length: &Dim, factor: &Dim) -> Dim {
    length.div(factor).or_bug("images", "a whole number of blocks")
}

fn fold(call: &Call<'_>) -> Result<Shape, Mistake> {
    check_sizes(call, 2)?;
    let [rows, columns] = call.x().as_slice() else {
        let message = format!(
            "`fold` needs a matrix [channels · kernel², windows], found {}",
            show(call.x())
        );
        return Err(Mistake::new(At::Op, message).help("`unfold` makes one of an image"));
    };
    let slides = slides(call.options, 2);
    let window = shape::size(&slides.iter().map(|slide| slide.kernel.clone()).collect::<Vec<_>>());
    let Some([channels, Some(h), Some(w)]) = call.arrow else {
        let (message, help) = match call.arrow {
            None => (
                "`fold` does not say how large its image is".to_string(),
                "write it after an arrow, as in `fold(2) -> [_, 8, 8]`",
            ),
            Some(arrow) => (
                format!(
                    "`fold` makes [channels, height, width], but its arrow says {}",
                    show_arrow(arrow)
                ),
                "write three axes, of which only the channels may be `_`",
            ),
        };
        let at = if call.arrow.is_some() { At::Arrow } else { At::Op };
        return Err(Mistake::new(at, message).help(help));
    };
    let Some(made) = rows.div(&window).filter(|_| divides(call, rows, &window)) else {
        let message = format!(
            "`fold` takes windows of {window} elements, which do not divide the {rows} rows of {}",
            show(call.x())
        );
        return Err(Mistake::new(KERNEL.at(), message)
            .help("each channel has a row for every element of a window"));
    };
    if let Some(channels) = channels
        && !call.fits(channels, &made)
    {
        let message =
            format!("`fold` makes {made} channels of {rows} rows, but its arrow says {channels}");
        return Err(Mistake::new(At::Arrow, message).help(format!("write `-> [{made}, {h}, {w}]`")));
    }
    let image = [made.clone(), h.clone(), w.clone()];
    let of_image = Call { args: &[image.to_vec()], ..*call };
    let counted = counts(&of_image, &slides)?;
    windows_fit(&of_image, &slides);
    let windows = shape::size(&counted);
    if !call.fits(&windows, columns) {
        let message = format!(
            "`fold` puts {windows} windows into {}, but {} has {columns} columns",
            show(&image),
            show(call.x())
        );
        return Err(Mistake::new(At::Arrow, message)
            .help("the options and the image are those with which `unfold` makes these columns"));
    }
    Ok(image.to_vec())
}

fn lower_fold(t: &Tracer, l: &Lowering<'_>) -> Var {
    let slides = slides(l.options, 2);
    let counts = windows(&slides, &l.shape[1..]);
    let kernels = slides.iter().map(|slide| slide.kernel.clone());
    let parts: Shape = l.shape[..1].iter().cloned().chain(kernels).chain(counts.clone()).collect();
    let parts = t.reshape(l.args[0], parts);
    let whole = padded(l.shape, &slides);
    let (window, _) = sliding(&whole, &slides, &counts);
    inside(t, t.overlap(parts, window, whole), &slides, l.shape)
}
