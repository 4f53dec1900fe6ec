//! The registry of ops: what a user may write, one stanza per op.
//!
//! A stanza gives the name, the documentation, the options, the shape rule, and the value in the
//! vocabulary of [`Tracer`]; derivatives follow. Its `examples` are models: the law tests, the
//! reference values and the README's table are made from them, so that a new op is tested by existing.
//! Elementwise ops are rows of `pointwise!`; the others are rows of `ops!`.
//!
//! To add an op, add its row in the file of its family. To add a family, add a file and name it here.

mod activation;
mod attention;
mod average;
mod contract;
mod conv;
mod einsum;
mod gate;
mod gather;
mod layout;
mod loss;
mod math;
mod norm;
mod pool;
mod position;
pub mod prim;
mod random;
mod recurrent;
mod reduce;
mod resize;
mod rounding;
mod running;
mod select;
mod softmax;
mod spread;
mod weight;
mod window;

use crate::ir::Var;
use crate::number::Num;
use crate::shape::{Agree, Dim, Shape};
use crate::trace::{Slopes, Tracer, Value};
pub use spread::{broadcast, spread};
use std::cell::RefCell;
use std::rc::Rc;

/// All ops, family by family.
pub fn all() -> impl Iterator<Item = &'static OpDef> {
    [
        activation::OPS,
        math::OPS,
        rounding::OPS,
        select::OPS,
        gate::OPS,
        contract::OPS,
        conv::OPS,
        conv::TRANSPOSED_OPS,
        pool::MAX_OPS,
        average::WINDOW_OPS,
        average::ADAPTIVE_OPS,
        average::GLOBAL_OPS,
        resize::PAD_OPS,
        resize::UPSAMPLE_OPS,
        gather::OPS,
        einsum::OPS,
        layout::OPS,
        position::OPS,
        reduce::OPS,
        running::OPS,
        softmax::OPS,
        norm::OPS,
        random::OPS,
        loss::OPS,
        recurrent::OPS,
        attention::OPS,
    ]
    .into_iter()
    .flatten()
}

pub fn find(name: &str) -> Option<&'static OpDef> {
    all().find(|op| op.name == name)
}

pub struct OpDef {
    pub name: &'static str,
    /// How it is written: `leaky_relu(slope = 0.01)`.
    pub signature: &'static str,
    /// The formula, one paragraph.
    pub doc: &'static str,
    pub arity: Arity,
    pub options: &'static [OptDef],
    pub shape: ShapeRule,
    /// Parameters, given the input and the result.
    pub params: fn(&Call<'_>, &Shape) -> Vec<ParamDef>,
    pub body: Body,
    /// Models: `(x: [2, 3]) -> [2, 3] { relu }`.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests run them"))]
    pub examples: &'static [&'static str],
}

pub type ShapeRule = fn(&Call<'_>) -> Result<Shape, Mistake>;

pub enum Body {
    Point(Value, Option<Slopes>),
    Lower(fn(&Tracer, &Lowering<'_>) -> Var),
    /// The same of an op that only arranges its argument anew. Integers stay integers.
    Layout(fn(&Tracer, &Lowering<'_>) -> Var),
    /// The same of an op that takes integers.
    Indexed(&'static [Takes], fn(&Tracer, &Lowering<'_>) -> Var),
    /// The same of an op that does something else in training ([`Tracer::mode`]): it changes state,
    /// or is `random`.
    Modes {
        random: bool,
        lower: fn(&Tracer, &Lowering<'_>) -> Var,
    },
}

/// What an argument is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Reals,
    Integers,
    Either,
}

impl OpDef {
    /// What its argument `i` is made of.
    pub fn takes(&self, i: usize) -> Takes {
        match self.body {
            Body::Point(..) | Body::Lower(_) | Body::Modes { .. } => Takes::Reals,
            Body::Layout(_) => Takes::Either,
            Body::Indexed(takes, _) => takes.get(i).copied().unwrap_or(Takes::Reals),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    Exactly(usize),
    AtLeast(usize),
    /// The last ones may be left out.
    Between(usize, usize),
    /// So many, and behind them weights by their names, `weight = w`. Each is 1 where it is left out.
    Weighted(usize, &'static [&'static str]),
}

impl Arity {
    /// The values that are given by name.
    pub fn weights(self) -> &'static [&'static str] {
        match self {
            Arity::Weighted(_, names) => names,
            _ => &[],
        }
    }
}

pub struct OptDef {
    pub name: &'static str,
    pub kind: OptKind,
    pub default: Default,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OptKind {
    /// A number or a `const` of type `f64`.
    Number,
    /// A size: a number or a `const` of type `usize`.
    Size,
    /// An axis of the first value; negative ones count from the end.
    Axis,
    /// One axis or a list of them.
    Axes,
    /// The place of a new axis: one more than there are.
    NewAxis,
    /// `"text"`
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// `start..end` of dimensions.
    Range,
    Bool,
    /// A dimension for each axis of a window, or one for all.
    Sizes,
    /// The same, or `same`, or `valid`.
    Padding,
}

#[derive(Clone, Copy)]
pub enum Default {
    Required,
    /// `digits · 10^exponent`
    Number(i128, i32),
    Size(i64),
    Axis(i64),
    AllAxes,
    Bool(bool),
    Sizes(i64),
    Text(&'static str),
    /// What the op makes of [`Opt::Absent`].
    Absent,
}

/// An option's value, in the order of [`OpDef::options`].
#[derive(Clone, Debug)]
pub enum Opt {
    Number(Num),
    Size(Dim),
    Axes(Vec<usize>),
    Range(Dim, Dim),
    Bool(bool),
    /// One for each axis of a window, or one for all.
    Sizes(Vec<Dim>),
    /// `padding = same`
    Same,
    /// Not given.
    Absent,
    Text(Rc<str>),
}

impl Opt {
    fn sizes(&self) -> &[Dim] {
        match self {
            Opt::Sizes(sizes) => sizes,
            _ => &[],
        }
    }

    fn size(&self) -> Dim {
        match self {
            Opt::Size(dim) => dim.clone(),
            _ => Dim::known(1),
        }
    }

    fn text(&self) -> &str {
        match self {
            Opt::Text(text) => text,
            _ => "",
        }
    }
}

/// What a shape rule is given. Shapes are those of one sample.
pub struct Call<'a> {
    pub op: &'static str,
    pub args: &'a [Shape],
    /// What the integers of an argument are below; `None` for real numbers.
    pub bounds: &'a [Option<Dim>],
    pub options: &'a [Opt],
    /// What stands behind `->`; `None` for `_`.
    pub arrow: Option<&'a [Option<Dim>]>,
    /// Equalities that only rustc can decide; they become assertions of the generated code.
    pub assumed: &'a RefCell<Vec<(Dim, Dim)>>,
    /// The same for what must be at least as much as something else.
    pub bounded: &'a RefCell<Vec<(Dim, Dim)>>,
}

/// What a value is computed from. Every value has the batch as axis 0.
#[derive(Clone, Copy)]
pub struct Lowering<'a> {
    pub args: &'a [Var],
    pub options: &'a [Opt],
    pub params: &'a [Var],
    /// Of the result, with the batch.
    pub ty: &'a Shape,
}

pub struct ParamDef {
    pub name: &'static str,
    pub shape: Shape,
    pub init: Init,
}

/// How a parameter begins.
#[derive(Clone)]
pub enum Init {
    /// Uniform in `±1/√fan_in`: what `torch.nn.Linear` does to weight and bias.
    FanIn(Dim),
    /// Uniform in `±√(6 / (fan_in + fan_out))`: the projections of `torch.nn.MultiheadAttention`.
    Glorot(Dim, Dim),
    /// The same number everywhere.
    Constant(f64),
    /// The lengths of what the parameter before it has at each place of an axis.
    NormsOfLast { axis: usize },
    /// Normal, with one stretch of elements that begin as 0.
    Normal { mean: Num, std: Num, zeros: (Dim, Dim) },
    /// Not a parameter that is trained but state, which training calls change. It begins with the
    /// same number everywhere.
    State(f64),
}

/// What a shape rule complains about.
#[derive(Debug)]
pub struct Mistake {
    pub at: At,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    Op,
    /// The arrow, or the op if there is none.
    Arrow,
    Arg(usize),
    Opt(usize),
}

impl Mistake {
    pub fn new(at: At, message: impl Into<String>) -> Self {
        Mistake { at, message: message.into(), help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Call<'_> {
    pub fn x(&self) -> &Shape {
        &self.args[0]
    }

    /// Whether two dimensions may be equal; where that cannot be decided here it is assumed.
    pub fn fits(&self, a: &Dim, b: &Dim) -> bool {
        match a.agree(b) {
            Agree::Yes => true,
            Agree::No => false,
            Agree::Unknown => {
                self.assumed.borrow_mut().push((a.clone(), b.clone()));
                true
            }
        }
    }

    /// Whether the first may be at least the second; where that cannot be decided here it is assumed.
    pub fn at_least(&self, much: &Dim, least: &Dim) -> bool {
        match much.sub(least).as_known() {
            Some(rest) => rest >= 0,
            None => {
                // Of what is negative itself nothing could be seen.
                let (much, least) = match much.has_minus() || least.has_minus() {
                    true => much.sub(least).plus_and_minus(),
                    false => (much.clone(), least.clone()),
                };
                self.bounded.borrow_mut().push((much, least));
                true
            }
        }
    }

    pub fn axes(&self, option: usize) -> &[usize] {
        match &self.options[option] {
            Opt::Axes(axes) => axes,
            _ => &[],
        }
    }

    /// What the integers of an argument are below.
    pub fn bound(&self, arg: usize) -> Option<&Dim> {
        self.bounds.get(arg)?.as_ref()
    }

    pub fn number(&self, option: usize) -> Num {
        number(&self.options[option])
    }

    pub fn flag(&self, option: usize) -> bool {
        matches!(self.options[option], Opt::Bool(true))
    }

    pub fn text(&self, option: usize) -> &str {
        self.options[option].text()
    }

    pub fn size(&self, option: usize) -> Dim {
        self.options[option].size()
    }

    /// A size, if it is given.
    pub fn size_given(&self, option: usize) -> Option<Dim> {
        match &self.options[option] {
            Opt::Size(dim) => Some(dim.clone()),
            _ => None,
        }
    }
}

fn number(option: &Opt) -> Num {
    match option {
        Opt::Number(num) => num.clone(),
        _ => Num::ZERO,
    }
}

impl Lowering<'_> {
    pub fn flag(&self, option: usize) -> bool {
        matches!(self.options[option], Opt::Bool(true))
    }

    pub fn number(&self, option: usize) -> Num {
        number(&self.options[option])
    }

    pub fn text(&self, option: usize) -> &str {
        self.options[option].text()
    }

    /// A size, if it is given.
    pub fn size_given(&self, option: usize) -> Option<Dim> {
        match &self.options[option] {
            Opt::Size(dim) => Some(dim.clone()),
            _ => None,
        }
    }

    /// An option's axes as axes of the batched value.
    pub fn axes(&self, option: usize) -> Vec<usize> {
        match &self.options[option] {
            Opt::Axes(axes) => axes.iter().map(|axis| axis + 1).collect(),
            _ => Vec::new(),
        }
    }

    pub fn size(&self, option: usize) -> Dim {
        self.options[option].size()
    }
}

/// The shape rule of ops that keep their argument's shape.
pub fn same(call: &Call<'_>) -> Result<Shape, Mistake> {
    Ok(call.x().clone())
}

/// Rows of elementwise ops: `name(args; option = digits e exponent) = value` and, where the derived
/// one would not do, `slopes`.
macro_rules! pointwise {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident($($x:ident),* $(; $($option:ident $(= ($digits:literal, $exponent:literal))?),*)?) [$signature:literal]
            = $value:expr
            $(, slopes |$y:pat_param| $slopes:expr)?;
            $($example:literal),+;
    )*) => {
        pub static OPS: &[$crate::ops::OpDef] = &[$(
            $crate::ops::OpDef {
                name: stringify!($name),
                signature: $signature,
                doc: concat!($($doc),*),
                arity: $crate::ops::Arity::Exactly(0 $(+ { let _ = stringify!($x); 1 })*),
                options: &[$($(
                    $crate::ops::OptDef {
                        name: stringify!($option),
                        kind: $crate::ops::OptKind::Number,
                        default: $crate::ops::number_default!($($digits, $exponent)?),
                    }
                ),*)?],
                shape: $crate::ops::broadcast,
                params: |_, _| Vec::new(),
                body: $crate::ops::Body::Point(
                    |args, options| {
                        $crate::ops::bind!(args, options; $($x),* $(; $($option),*)?);
                        $value
                    },
                    $crate::ops::slopes!($($x),*; $($($option),*)?; $($y => $slopes)?),
                ),
                examples: &[$($example),+],
            }
        ),*];
    };
}

macro_rules! number_default {
    () => {
        $crate::ops::Default::Required
    };
    ($digits:literal, $exponent:literal) => {
        $crate::ops::Default::Number($digits, $exponent)
    };
}

macro_rules! bind {
    ($args:ident, $options:ident; $($x:ident),* $(; $($option:ident),*)?) => {
        let mut args = $args.iter().copied();
        $(let $x = args.next().expect("the arity was checked");)*
        let mut options = $options.iter().copied();
        $($(let $option = options.next().expect("every option has a value");)*)?
        let _ = (&mut args, &mut options $(, $x)* $($(, $option)*)?);
    };
}

macro_rules! slopes {
    ($($x:ident),*; $($option:ident),*; ) => {
        None
    };
    ($($x:ident),*; $($option:ident),*; $y:pat_param => $slopes:expr) => {
        Some(|args, options, $y| {
            $crate::ops::bind!(args, options; $($x),*; $($option),*);
            $slopes.to_vec()
        })
    };
}

use {bind, number_default, pointwise, slopes};
