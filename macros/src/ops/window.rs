//! What convolution and pooling share: where their windows lie, and the arithmetic of it.

use super::option::{Around, Key, flag, padding, sizes as sizes_option};
use super::{At, Call, Fallback, Mistake, Opt, Options};
use crate::bug::OrBug;
use crate::ir::{Var, Window};
use crate::shape::{Dim, Shape, show, show_arrow};
use crate::trace::Tracer;

/// A window that slides along some axis of an array.
#[derive(Clone)]
pub struct Slide {
    pub kernel: Dim,
    pub stride: Dim,
    pub dilation: Dim,
    /// Zeros, or what does not count, before and after the axis.
    pub padding: (Dim, Dim),
}

impl Slide {
    /// Without dilation and padding.
    pub fn plain(kernel: Dim, stride: Dim) -> Slide {
        let none = (Dim::known(0), Dim::known(0));
        Slide { kernel, stride, dilation: Dim::known(1), padding: none }
    }

    /// How far the window reaches: `dilation · (kernel − 1)` after its first element.
    pub fn reach(&self) -> Dim {
        self.dilation.mul(&self.kernel.sub(&Dim::known(1)))
    }

    /// How long an axis is with its padding.
    pub fn padded(&self, length: &Dim) -> Dim {
        self.padding.0.add(length).add(&self.padding.1)
    }

    /// `(length + padding − dilation · (kernel − 1) − 1) / stride + 1`; `None` if there is no room for one
    /// window.
    pub fn count(&self, length: &Dim) -> Option<Dim> {
        let one = Dim::known(1);
        let room = self.padded(length).sub(&self.reach()).sub(&one);
        if room.as_known().is_some_and(|room| room < 0) {
            return None;
        }
        Some(room.div(&self.stride)?.add(&one))
    }

    /// With as much more after the axis as the last window needs that begins before the axis ends:
    /// `ceil_mode`. `None` where it takes a number that is not known here.
    fn to_the_end(&self, length: &Dim) -> Option<Slide> {
        if self.stride.is(1) {
            return Some(self.clone());
        }
        let (stride, window) = (self.stride.as_known()?, self.reach().as_known()? + 1);
        let (padded, begin) =
            (self.padded(length).as_known()?, self.padding.0.add(length).as_known()?);
        let last = (padded - window + stride - 1).div_euclid(stride) * stride;
        let last = if last < begin { last } else { last - stride };
        let more = if last < 0 { 0 } else { (last + window - padded).max(0) };
        let behind = self.padding.1.add(&Dim::known(more));
        Some(Slide { padding: (self.padding.0.clone(), behind), ..self.clone() })
    }
}

/// The axis of the channels is before those that windows slide along.
pub const LEAD: usize = 1;

pub const KERNEL: Key<Shape> = sizes_option("kernel");
pub const STRIDE: Key<Shape> = sizes_option("stride");
pub const PADDING: Key<Around> = padding("padding", false);
pub const PADDING_OR_SAME: Key<Around> = padding("padding", true);
pub const DILATION: Key<Shape> = sizes_option("dilation");
/// Whether a last window may reach beyond the end.
pub const CEIL_MODE: Key<bool> = flag("ceil_mode");

/// Whether `ceil_mode` is given to an op that has it.
pub fn ceils(options: Options<'_>) -> bool {
    options.has(CEIL_MODE) && options.get(CEIL_MODE)
}

/// One number for each axis, where one for all may be given.
pub fn for_each_axis(sizes: &[Dim], rank: usize) -> Shape {
    (0..rank).map(|axis| sizes.get(axis).unwrap_or(&sizes[0]).clone()).collect()
}

/// The windows along the axes of an op, one for each; the options were checked by [`checked`].
pub fn slides(options: Options<'_>, rank: usize) -> Vec<Slide> {
    let one = Dim::known(1);
    let kernels = for_each_axis(&options.get(KERNEL), rank);
    let strides = options.given(STRIDE).map_or(kernels.clone(), |all| for_each_axis(&all, rank));
    let dilations = match options.has(DILATION) {
        true => for_each_axis(&options.get(DILATION), rank),
        false => vec![one.clone(); rank],
    };
    let around = options.get(PADDING);
    (0..rank)
        .map(|axis| {
            let (kernel, dilation) = (kernels[axis].clone(), dilations[axis].clone());
            let padding = match &around {
                Around::Same => {
                    let all = dilation.mul(&kernel.sub(&one));
                    let before = all.div(&Dim::known(2)).or_bug("window", "half");
                    (before.clone(), all.sub(&before))
                }
                Around::Sizes(sizes) => {
                    let padding = sizes.get(axis).unwrap_or(&sizes[0]);
                    (padding.clone(), padding.clone())
                }
            };
            Slide { kernel, stride: strides[axis].clone(), dilation, padding }
        })
        .collect()
}

/// Checks the input's rank and the options of an op over `rank` spatial axes.
pub fn checked(call: &Call<'_>, rank: usize) -> Result<Vec<Slide>, Mistake> {
    check_rank(call, rank)?;
    check_sizes(call, rank)?;
    let slides = slides(call.options, rank);
    if matches!(call.get(PADDING), Around::Same)
        && slides.iter().any(|slide| slide.stride.as_known() != Some(1))
    {
        let message = format!("`padding = same` of `{}` needs a stride of 1", call.op);
        return Err(Mistake::new(PADDING.at(), message)
            .help("give `padding` as a number: for an odd kernel, half of it"));
    }
    Ok(slides)
}

/// Channels, and so many axes.
pub fn check_rank(call: &Call<'_>, rank: usize) -> Result<(), Mistake> {
    let x = call.x();
    let names = ["channels", "depth", "height", "width"];
    let axes: Vec<&str> = match rank {
        1 => vec!["channels", "length"],
        2 => vec!["channels", "height", "width"],
        _ => names.to_vec(),
    };
    if x.len() != rank + 1 {
        let mistake = Mistake::new(
            At::Op,
            format!(
                "`{}` needs a value of shape [{}], found {}",
                call.op,
                axes.join(", "),
                show(x)
            ),
        );
        return Err(mistake.help(if x.len() == rank {
            let with: Vec<String> =
                ["1".to_string()].into_iter().chain(x.iter().map(Dim::to_string)).collect();
            format!("`reshape -> [{}]` makes one channel of it", with.join(", "))
        } else {
            "`reshape` gives it these axes; the batch is not one of them".to_string()
        }));
    }
    Ok(())
}

/// Every option lists one number or one for each axis, and they are not too small.
pub fn check_sizes(call: &Call<'_>, rank: usize) -> Result<(), Mistake> {
    check_lists(call, rank, false)
}

/// The same, or two for each axis: one for each of its sides.
pub fn check_sides(call: &Call<'_>, rank: usize) -> Result<(), Mistake> {
    check_lists(call, rank, true)
}

fn check_lists(call: &Call<'_>, rank: usize, sides: bool) -> Result<(), Mistake> {
    for (def, option) in call.options.each() {
        let Opt::Sizes(sizes) = option else { continue };
        let axes = if def.name == "groups" { 1 } else { rank };
        let both = sides && sizes.len() == 2 * rank;
        if sizes.len() != 1 && sizes.len() != axes && !both {
            let message = format!(
                "`{}` of `{}` lists {} numbers, but {}",
                def.name,
                call.op,
                sizes.len(),
                match axes {
                    1 if sides => "there is one axis".into(),
                    1 => "it is one".into(),
                    _ => format!("there are {axes} axes"),
                }
            );
            let help = match axes {
                1 if sides => "write one number, or two: before and after".to_string(),
                1 => "write one number".to_string(),
                _ if sides => format!(
                    "write one number, or {axes}, or {}: before and after each axis",
                    2 * axes
                ),
                _ => format!("write one number for all axes, or {axes}"),
            };
            return Err(Mistake::new(At::Opt(def.name), message).help(help));
        }
        let least = if def.name.ends_with("padding") { 0 } else { 1 };
        let bound = Dim::known(least);
        let fits = |size: &Dim| least == 0 && !size.has_minus() || call.at_least(size, &bound);
        if let Some(wrong) = sizes.iter().find(|size| !fits(size)) {
            let message =
                format!("`{}` of `{}` is at least {least}, found {wrong}", def.name, call.op);
            return Err(Mistake::new(At::Opt(def.name), message));
        }
    }
    Ok(())
}

/// Along no axis is a window longer than that: what [`counts`] cannot decide is to be found by rustc.
pub fn windows_fit(call: &Call<'_>, slides: &[Slide]) {
    for (slide, length) in slides.iter().zip(&call.x()[1..]) {
        call.at_least(&slide.padded(length), &slide.reach().add(&Dim::known(1)));
    }
}

/// How many windows there are along each spatial axis.
pub fn counts(call: &Call<'_>, slides: &[Slide]) -> Result<Shape, Mistake> {
    let x = call.x();
    let count = |(axis, slide): (usize, &Slide)| {
        slide.count(&x[axis]).ok_or_else(|| {
            let reach = slide.reach().add(&Dim::known(1));
            let padded = slide.padded(&x[axis]);
            let with = if padded == x[axis] { String::new() } else { " with its padding".into() };
            Mistake::new(
                At::Op,
                format!(
                    "`{}` has a window of {reach} along axis {axis}, but that axis of {} has length {padded}{with}",
                    written(call),
                    show(x)
                ),
            )
            .help(channels_last(x).unwrap_or("use a smaller kernel, or more padding".into()))
        })
    };
    slides.iter().enumerate().map(|(i, slide)| count((i + 1, slide))).collect()
}

/// What to do with an image whose channels are its last axis, if it looks like one.
fn channels_last(x: &Shape) -> Option<String> {
    let (last, rest) = x.split_last()?;
    let few = last.as_known().filter(|n| *n <= 4)?;
    let image = rest.len() > 1 && rest.iter().all(|dim| dim.as_known().is_none_or(|n| n > few));
    let order: Vec<String> =
        (0..x.len()).map(|i| ((i + rest.len()) % x.len()).to_string()).collect();
    let first: Shape = [last].into_iter().chain(rest).cloned().collect();
    image.then(|| {
        format!(
            "channels are the first axis here: declare {}, or write `permute([{}])` before it",
            show(&first),
            order.join(", ")
        )
    })
}

/// The op with those of its options that say where windows lie, as its user would write them.
pub fn written(call: &Call<'_>) -> String {
    let list = |sizes: &[Dim]| {
        let all: Vec<String> = sizes.iter().map(Dim::to_string).collect();
        if all.len() == 1 { all[0].clone() } else { format!("[{}]", all.join(", ")) }
    };
    let given = call.options.each().filter_map(|(def, option)| {
        let value = match option {
            Opt::Sizes(sizes) => list(sizes),
            Opt::Same => "same".to_string(),
            _ => return None,
        };
        let is_default = matches!(def.fallback, Fallback::Text(default) if default == value);
        (!is_default).then(|| format!("{} = {value}", def.name))
    });
    let given: Vec<String> = given.collect();
    if given.is_empty() {
        call.op.to_string()
    } else {
        format!("{}({})", call.op, given.join(", "))
    }
}

/// What an op makes if an option has another value.
pub struct Remedy<'a> {
    pub option: &'static str,
    /// The values that may be suggested.
    pub values: std::ops::RangeInclusive<i64>,
    pub remake: &'a dyn Fn(&Dim) -> Option<Shape>,
}

/// The windows of an array with such axes, with `ceil_mode` if it is `given`.
pub fn reaching(given: bool, slides: Vec<Slide>, lengths: &[Dim]) -> Vec<Slide> {
    if !given {
        return slides;
    }
    let reach =
        |(slide, length): (&Slide, &Dim)| slide.to_the_end(length).unwrap_or_else(|| slide.clone());
    slides.iter().zip(lengths).map(reach).collect()
}

/// That the last window of `ceil_mode` is known.
pub fn check_ceil(call: &Call<'_>, slides: &[Slide]) -> Result<(), Mistake> {
    if !ceils(call.options) {
        return Ok(());
    }
    for (axis, slide) in slides.iter().enumerate() {
        if slide.to_the_end(&call.x()[axis + 1]).is_none() {
            let message = format!(
                "`ceil_mode` of `{}` needs numbers, found a length of {}, a window of {} and a stride of {} along axis {}",
                call.op,
                call.x()[axis + 1],
                slide.kernel,
                slide.stride,
                axis + 1
            );
            return Err(Mistake::new(CEIL_MODE.at(), message).help(
                "only rustc knows how many there are: write numbers, or leave `ceil_mode` out",
            ));
        }
    }
    Ok(())
}

/// Compares what the op makes with its arrow, and says which option would make them agree.
pub fn agree(call: &Call<'_>, made: Shape, remedies: &[Remedy<'_>]) -> Result<Shape, Mistake> {
    let Some(arrow) = call.arrow else { return Ok(made) };
    // What is not known here is compared where every op's arrow is.
    let unlike = |(a, b): (&Dim, &Option<Dim>)| {
        b.as_ref().is_some_and(|b| a.agree(b) == crate::shape::Agree::No)
    };
    if made.len() == arrow.len() && !made.iter().zip(arrow).any(unlike) {
        return Ok(made);
    }
    let fits = |made: Shape| {
        made.len() == arrow.len()
            && made.iter().zip(arrow).all(|(a, b)| b.as_ref().is_none_or(|b| a == b))
    };
    let help = remedies.iter().find_map(|remedy| {
        let value = remedy
            .values
            .clone()
            .find(|value| (remedy.remake)(&Dim::known(*value)).is_some_and(fits))?;
        Some(format!("`{} = {value}` would give that", remedy.option))
    });
    let help = help.or_else(|| channels_last(call.x())).unwrap_or_else(|| {
        format!("write `-> {}`, or `_` for dimensions to be computed", show(&made))
    });
    Err(Mistake::new(
        At::Arrow,
        format!(
            "`{}` maps {} to {}, but its arrow says {}",
            written(call),
            show(call.x()),
            show(&made),
            show_arrow(arrow)
        ),
    )
    .help(help))
}

/// The same for windows, given what is made of them.
pub fn agree_on_windows(
    call: &Call<'_>,
    slides: &[Slide],
    remake: impl Fn(&[Slide]) -> Result<Shape, Mistake>,
) -> Result<Shape, Mistake> {
    let made = remake(slides)?;
    let with = |change: &dyn Fn(&mut Slide)| {
        let mut slides = slides.to_vec();
        slides.iter_mut().for_each(change);
        remake(&slides).ok()
    };
    let most = slides.iter().filter_map(|slide| slide.reach().as_known()).max().unwrap_or(0);
    let padding = |n: &Dim| with(&|slide| slide.padding = (n.clone(), n.clone()));
    let stride = |n: &Dim| with(&|slide| slide.stride = n.clone());
    let remedies = [
        Remedy { option: "padding", values: 0..=most.min(64), remake: &padding },
        Remedy { option: "stride", values: 1..=16, remake: &stride },
    ];
    agree(call, made, &remedies)
}

/// `x` with zeros around its last axes.
pub fn zero_padded(t: &Tracer, x: Var, slides: &[Slide]) -> Var {
    let mut shape = t.shape(x);
    let lead = shape.len() - slides.len();
    let mut window = Window::whole(shape.len());
    for (slide, axis) in slides.iter().zip(lead..) {
        window.from[axis] = slide.padding.0.clone();
        shape[axis] = slide.padded(&shape[axis]);
    }
    t.overlap(x, window, shape)
}

/// Where windows lie in an array whose last axes they slide along: leading axes, then one axis for each
/// place in the window, then one for each window. `counts` says how many windows there are.
pub fn sliding(whole: &[Dim], slides: &[Slide], counts: &[Dim]) -> (Window, Shape) {
    let lead = whole.len() - slides.len();
    let mut window = Window::whole(whole.len());
    window.steps.truncate(lead);
    let mut shape = whole[..lead].to_vec();
    for (slide, axis) in slides.iter().zip(lead..) {
        window.steps.push((axis, slide.dilation.clone()));
        shape.push(slide.kernel.clone());
    }
    for ((slide, count), axis) in slides.iter().zip(counts).zip(lead..) {
        window.steps.push((axis, slide.stride.clone()));
        shape.push(count.clone());
    }
    (window, shape)
}

/// The first or the last element along an axis, so many times.
pub fn repeated(t: &Tracer, x: Var, axis: usize, first: bool, times: &Dim) -> Var {
    let one = Dim::known(1);
    let mut shape = t.shape(x);
    let at = if first { Dim::known(0) } else { shape[axis].sub(&one) };
    shape.remove(axis);
    let flat = t.reshape(t.slice(x, axis, at, one), shape.clone());
    let kept = (0..=shape.len()).filter(|a| *a != axis).collect();
    shape.insert(axis, times.clone());
    t.broadcast(flat, kept, shape)
}

/// Arrays whose elements take turns along an axis.
pub fn interleaved(t: &Tracer, parts: &[Var], axis: usize) -> Var {
    if let [one] = parts {
        return *one;
    }
    let mut shape = t.shape(parts[0]);
    shape.insert(axis + 1, Dim::known(1));
    let columns: Vec<Var> = parts.iter().map(|part| t.reshape(*part, shape.clone())).collect();
    let all = t.concat(&columns, axis + 1);
    shape.remove(axis + 1);
    shape[axis] = shape[axis].mul(&Dim::known(parts.len() as i64));
    t.reshape(all, shape)
}

/// The greatest common divisor.
pub fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
