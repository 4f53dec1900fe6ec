//! What convolution and pooling share: where their windows lie, and the arithmetic of it.

use super::{At, Call, Mistake, Opt};
use crate::ir::{Var, Window};
use crate::shape::{Dim, Shape, show, show_arrow};
use crate::trace::Tracer;

/// A window that slides along some axis of an array.
#[derive(Clone)]
pub struct Slide {
    pub kernel: Dim,
    pub stride: Dim,
    pub dilation: Dim,
    /// Zeros, or what does not count, before and behind the axis.
    pub padding: (Dim, Dim),
}

impl Slide {
    /// How far the window reaches: `dilation · (kernel − 1)` behind its first element.
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
}

/// The indices of the options of an op with windows; `None` for one that it lacks.
#[derive(Clone, Copy)]
pub struct Places {
    pub kernel: usize,
    pub stride: usize,
    pub padding: Option<usize>,
    pub dilation: Option<usize>,
}

/// The windows along the axes of an op, one for each; the options were checked by [`checked`].
pub fn slides(options: &[Opt], at: Places, rank: usize) -> Vec<Slide> {
    let one = Dim::known(1);
    let size = |option: Option<usize>, axis: usize, absent: &Dim| match option.map(|i| &options[i])
    {
        Some(Opt::Sizes(sizes)) => sizes.get(axis).or(sizes.first()).unwrap_or(absent).clone(),
        _ => absent.clone(),
    };
    (0..rank)
        .map(|axis| {
            let kernel = size(Some(at.kernel), axis, &one);
            let stride = size(Some(at.stride), axis, &kernel);
            let dilation = size(at.dilation, axis, &one);
            let padding = match at.padding.map(|i| &options[i]) {
                Some(Opt::Same) => {
                    let all = dilation.mul(&kernel.sub(&one));
                    let before = all.div(&Dim::known(2)).unwrap_or(Dim::known(0));
                    (before.clone(), all.sub(&before))
                }
                _ => {
                    let padding = size(at.padding, axis, &Dim::known(0));
                    (padding.clone(), padding)
                }
            };
            Slide { kernel, stride, dilation, padding }
        })
        .collect()
}

/// Checks the input's rank and the options of an op over `rank` spatial axes.
pub fn checked(call: &Call<'_>, at: Places, rank: usize) -> Result<Vec<Slide>, Mistake> {
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
    let options = [
        (Some(at.kernel), "kernel", 1),
        (Some(at.stride), "stride", 1),
        (at.dilation, "dilation", 1),
        (at.padding, "padding", 0),
    ];
    for (option, name, least) in options {
        let Some(option) = option else { continue };
        let Opt::Sizes(sizes) = &call.options[option] else { continue };
        if sizes.len() != 1 && sizes.len() != rank {
            let message = format!(
                "`{name}` of `{}` lists {} numbers, but there {}",
                call.op,
                sizes.len(),
                if rank == 1 { "is 1 axis".into() } else { format!("are {rank} axes") }
            );
            let help = format!("write one number for all axes, or {rank}");
            return Err(Mistake::new(At::Opt(option), message).help(help));
        }
        if sizes.iter().any(|size| size.as_known().is_some_and(|size| size < least)) {
            let message = format!("the `{name}` of `{}` must be at least {least}", call.op);
            return Err(Mistake::new(At::Opt(option), message).help("use a greater number"));
        }
    }
    let slides = slides(call.options, at, rank);
    if let Some(padding) = at.padding
        && matches!(call.options[padding], Opt::Same)
        && slides.iter().any(|slide| slide.stride.as_known() != Some(1))
    {
        let message = format!("`padding = same` of `{}` needs a stride of 1", call.op);
        return Err(Mistake::new(At::Opt(padding), message)
            .help("give `padding` as a number: for an odd kernel, half of it"));
    }
    Ok(slides)
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
            .help("use a smaller kernel, or more padding")
        })
    };
    slides.iter().enumerate().map(|(i, slide)| count((i + 1, slide))).collect()
}

/// The op with those of its options that say where windows lie, as its user would write them.
pub fn written(call: &Call<'_>) -> String {
    let Some(def) = super::find(call.op) else { return call.op.to_string() };
    let list = |sizes: &[Dim]| {
        let all: Vec<String> = sizes.iter().map(Dim::to_string).collect();
        if all.len() == 1 { all[0].clone() } else { format!("[{}]", all.join(", ")) }
    };
    let given = def.options.iter().zip(call.options).filter_map(|(def, option)| {
        let value = match (option, def.default) {
            (Opt::Sizes(sizes), super::Default::Sizes(n))
                if matches!(sizes.as_slice(), [one] if one.is(n)) =>
            {
                return None;
            }
            (Opt::Sizes(sizes), _) => list(sizes),
            (Opt::Same, _) => "same".to_string(),
            _ => return None,
        };
        Some(format!("{} = {value}", def.name))
    });
    let given: Vec<String> = given.collect();
    if given.is_empty() {
        call.op.to_string()
    } else {
        format!("{}({})", call.op, given.join(", "))
    }
}

/// Compares what the op makes with its arrow, and says which padding or stride would make them agree.
pub fn agree(
    call: &Call<'_>,
    slides: &[Slide],
    made: Shape,
    remake: impl Fn(&[Slide]) -> Option<Shape>,
) -> Result<Shape, Mistake> {
    let Some(arrow) = call.arrow else { return Ok(made) };
    let fits = |made: &Shape| {
        made.len() == arrow.len()
            && made.iter().zip(arrow).all(|(a, b)| b.as_ref().is_none_or(|b| a == b))
    };
    // What is not known here is compared where every op's arrow is.
    let unlike = |(a, b): (&Dim, &Option<Dim>)| {
        b.as_ref().is_some_and(|b| a.agree(b) == crate::shape::Agree::No)
    };
    if made.len() == arrow.len() && !made.iter().zip(arrow).any(unlike) {
        return Ok(made);
    }
    let with = |change: &dyn Fn(&mut Slide)| {
        let mut slides = slides.to_vec();
        slides.iter_mut().for_each(change);
        remake(&slides).is_some_and(|made| fits(&made))
    };
    let most = slides.iter().filter_map(|slide| slide.reach().as_known()).max().unwrap_or(0);
    let padding = (0..=most.min(64))
        .map(Dim::known)
        .find(|n| with(&|slide| slide.padding = (n.clone(), n.clone())));
    let stride = (1..=16).map(Dim::known).find(|n| with(&|slide| slide.stride = n.clone()));
    let help = match (padding, stride) {
        (Some(n), _) => format!("`padding = {n}` would give that"),
        (_, Some(n)) => format!("`stride = {n}` would give that"),
        _ => format!("write `-> {}`, or `_` for dimensions to be computed", show(&made)),
    };
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

/// `x` with zeros around its last axes.
pub fn zero_padded(t: &Tracer, x: Var, slides: &[Slide]) -> Var {
    let mut ty = t.ty(x);
    let lead = ty.len() - slides.len();
    let mut window = Window::whole(ty.len());
    for (slide, axis) in slides.iter().zip(lead..) {
        window.from[axis] = slide.padding.0.clone();
        ty[axis] = slide.padded(&ty[axis]);
    }
    t.overlap(x, window, ty)
}

/// Where windows lie in an array whose last axes they slide along: leading axes, then one axis for each
/// place in the window, then one for each window. `counts` says how many windows there are.
pub fn sliding(ty: &[Dim], slides: &[Slide], counts: &[Dim]) -> (Window, Shape) {
    let lead = ty.len() - slides.len();
    let mut window = Window::whole(ty.len());
    window.steps.truncate(lead);
    let mut shape = ty[..lead].to_vec();
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
