//! The registry of ops: what a user may write, one stanza per op.
//!
//! A stanza gives the name and those it has elsewhere, the documentation, the options, the shape rule, and the value
//! in the vocabulary of [`Tracer`]; how the op is written and its derivatives follow. Its `examples` are models: the law
//! tests, the reference values and the catalogue are made from them, so that a new op is tested by existing.
//! Elementwise ops are rows of `pointwise!`, the others are [`OpDef`]s.
//!
//! To add an op, add its row in the file of its family. To add a family, add a file and name it here.

mod activation;
mod attention;
mod average;
mod contract;
mod conv;
mod ctc;
mod einsum;
mod gate;
mod gather;
mod grid;
mod images;
mod layout;
mod limits;
mod likelihood;
mod loss;
mod margin;
mod math;
mod norm;
pub mod option;
mod pairs;
mod pool;
mod position;
mod random;
mod recurrent;
mod reduce;
mod resize;
mod rounding;
mod running;
mod select;
mod softmax;
mod spread;
mod squares;
mod weight;
mod window;

use crate::bug::bug;
use crate::ir::Var;
use crate::number::Num;
use crate::shape::{Agree, Dim, Shape};
use crate::trace::{Slopes, Tracer, Value};
pub use layout::slice;
use option::Key;
pub use option::{Fallback, Opt, OptDef, OptKind, Options};
pub use spread::{broadcast, spread};
use std::cell::RefCell;

/// All ops, family by family, with the title that a family has in the catalogue; what has none goes on with the one before.
pub fn families() -> impl Iterator<Item = (&'static str, &'static [OpDef])> {
    [
        ("Activations", activation::OPS),
        ("Elementary functions", math::OPS),
        ("", rounding::OPS),
        ("Comparisons and choices", select::OPS),
        ("Gates", gate::OPS),
        ("Linear maps, and what two values make together", contract::OPS),
        ("", pairs::OPS),
        ("Convolutions", conv::OPS),
        ("", conv::TRANSPOSED_OPS),
        ("Pooling", pool::MAX_OPS),
        ("", average::WINDOW_OPS),
        ("", average::ADAPTIVE_OPS),
        ("", average::GLOBAL_OPS),
        ("Padding, resizing and rearranging images", resize::PAD_OPS),
        ("", resize::UPSAMPLE_OPS),
        ("", images::OPS),
        ("", grid::OPS),
        ("What integers choose", gather::OPS),
        ("Sums of products", einsum::OPS),
        ("Layout", layout::OPS),
        ("Positions", position::OPS),
        ("Reductions and running sums", reduce::OPS),
        ("", running::OPS),
        ("Softmax and normalisation", softmax::OPS),
        ("", norm::OPS),
        ("Random in training", random::OPS),
        ("Losses", loss::OPS),
        ("", likelihood::OPS),
        ("", margin::OPS),
        ("", ctc::OPS),
        ("Recurrent layers", recurrent::OPS),
        ("Attention", attention::OPS),
    ]
    .into_iter()
}

/// All ops, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static OpDef> {
    families().flat_map(|(_, ops)| ops)
}

pub fn find(name: &str) -> Option<&'static OpDef> {
    all().find(|op| op.name == name)
}

pub struct OpDef {
    pub name: &'static str,
    /// Its values as the documentation shows them, without one that flows into it: `target`, or `a, b, ..`.
    pub values: &'static str,
    /// The shape that has to stand after `->`, as the documentation shows it: `[.., m]`.
    pub arrow: Option<&'static str>,
    /// What it is called elsewhere.
    pub elsewhere: &'static [Elsewhere],
    /// The formula, one paragraph.
    #[cfg_attr(not(test), expect(dead_code, reason = "the catalogue has it"))]
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

/// Names of other frameworks' constructors and functions: those of PyTorch (`torch.nn`, `torch.nn.functional`, `torch`),
/// Keras, flax and optax, burn, candle and dfdx. Capitals and underscores do not count where a spelling is not listed
/// itself.
pub struct Elsewhere {
    /// Separated by spaces.
    pub names: &'static str,
    /// What arguments without a name are, in order; [`crate::foreign::meaning`] says what each is here.
    pub args: &'static str,
}

const fn called(names: &'static str, args: &'static str) -> Elsewhere {
    Elsewhere { names, args }
}

pub type ShapeRule = fn(&Call<'_>) -> Result<Shape, Mistake>;

pub enum Body {
    Point(Value, Option<Slopes>),
    Lower(fn(&Tracer, &Lowering<'_>) -> Var),
    /// An op that only arranges its argument anew: integers stay integers.
    Layout(fn(&Tracer, &Lowering<'_>) -> Var),
    /// An op that gives several values, which `infer` makes of other ops.
    Several,
    /// An op that takes integers.
    Indexed(&'static [Takes], fn(&Tracer, &Lowering<'_>) -> Var),
    /// An op that does something else in training ([`Tracer::mode`]): it changes state,
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
    /// What a stanza need not say: an op of one value that keeps its shape, without options and parameters.
    const PLAIN: OpDef = OpDef {
        name: "",
        values: "",
        arrow: None,
        elsewhere: &[],
        doc: "",
        arity: Arity::Exactly(1),
        options: &[],
        shape: same,
        params: |_, _| Vec::new(),
        body: Body::Lower(|_, _| bug!("ops", "an op without a body")),
        examples: &[],
    };

    /// Whether its arrow says the whole shape of the result: `reshape -> [4]`.
    pub fn takes_shape(&self) -> bool {
        self.arrow == Some("τ")
    }

    pub fn is_several(&self) -> bool {
        matches!(self.body, Body::Several)
    }

    /// What its argument `i` is made of.
    pub fn takes(&self, i: usize) -> Takes {
        match self.body {
            Body::Point(..) | Body::Lower(_) | Body::Modes { .. } => Takes::Reals,
            Body::Layout(_) | Body::Several => Takes::Either,
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
    /// So many, and after them weights by their names, `weight = w`. Each is 1 where it is left out.
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

/// What a shape rule is given. Shapes are those of one sample.
pub struct Call<'a> {
    pub op: &'static str,
    pub args: &'a [Shape],
    /// What the integers of an argument are below; `None` for real numbers.
    pub bounds: &'a [Option<Dim>],
    pub options: Options<'a>,
    /// What stands after `->`; `None` for `_`.
    pub arrow: Option<&'a [Option<Dim>]>,
    /// Equalities that only rustc can decide; they become assertions of the generated code.
    pub assumed: &'a RefCell<Vec<(Dim, Dim)>>,
    /// The same for what must be at least as much as something else.
    pub bounded: &'a RefCell<Vec<(Dim, Dim)>>,
}

/// What a value is computed from. Shapes and axes are those of one sample here, too: [`Tracer`] knows which values there are
/// for each sample, as the arguments and the result, and which all samples share, as the parameters.
#[derive(Clone, Copy)]
pub struct Lowering<'a> {
    pub args: &'a [Var],
    pub options: Options<'a>,
    pub params: &'a [Var],
    /// The shape of the result.
    pub shape: &'a Shape,
}

pub struct ParamDef {
    pub name: &'static str,
    pub shape: Shape,
    pub init: Init,
    pub torch: Torch,
}

/// What a parameter is in the `state_dict` of PyTorch's layer.
#[derive(Clone)]
pub struct Torch {
    /// Its name after that of the layer; empty if it has the layer's own.
    pub name: &'static str,
    pub layout: Layout,
    /// A whole number that the layer has beside it; empty if there is none.
    pub beside: &'static str,
}

/// How the array of PyTorch's is made of ours.
#[derive(Clone, Copy)]
pub enum Layout {
    Same,
    /// Its axes are in the opposite order.
    Transposed,
    /// It has so many axes of length 1 besides, at its end.
    Ones(usize),
}

impl ParamDef {
    /// A parameter that PyTorch has under the same name, with the same axes.
    pub fn new(name: &'static str, shape: Shape, init: Init) -> Self {
        ParamDef { name, shape, init, torch: Torch { name, layout: Layout::Same, beside: "" } }
    }

    /// It has another name there.
    pub fn called(mut self, name: &'static str) -> Self {
        self.torch.name = name;
        self
    }

    /// The layer has a whole number beside it, which nothing here needs.
    pub fn beside(mut self, name: &'static str) -> Self {
        self.torch.beside = name;
        self
    }

    /// It has its axes in another order there, or more of them.
    pub fn laid_out(mut self, layout: Layout) -> Self {
        self.torch.layout = layout;
        self
    }
}

impl Torch {
    /// The shape of the array there.
    pub fn shape(&self, shape: &Shape) -> Shape {
        match self.layout {
            Layout::Same => shape.clone(),
            Layout::Transposed => shape.iter().rev().cloned().collect(),
            Layout::Ones(count) => {
                shape.iter().cloned().chain(std::iter::repeat_n(Dim::known(1), count)).collect()
            }
        }
    }
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
    /// An option, by its name.
    Opt(&'static str),
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
                // Nothing could be seen of what is negative itself.
                let (much, least) = match much.has_minus() || least.has_minus() {
                    true => much.sub(least).plus_and_minus(),
                    false => (much.clone(), least.clone()),
                };
                self.bounded.borrow_mut().push((much, least));
                true
            }
        }
    }

    /// The value of an option ([`Options::get`]).
    pub fn get<V>(&self, key: Key<V>) -> V {
        self.options.get(key)
    }

    /// The value of an option, if there is one ([`Options::given`]).
    pub fn given<V>(&self, key: Key<V>) -> Option<V> {
        self.options.given(key)
    }

    /// What the integers of an argument are below.
    pub fn bound(&self, arg: usize) -> Option<&Dim> {
        self.bounds.get(arg)?.as_ref()
    }
}

impl Lowering<'_> {
    /// The value of an option ([`Options::get`]).
    pub fn get<V>(&self, key: Key<V>) -> V {
        self.options.get(key)
    }

    /// The value of an option, if there is one ([`Options::given`]).
    pub fn given<V>(&self, key: Key<V>) -> Option<V> {
        self.options.given(key)
    }
}

/// The shape rule of ops that keep their argument's shape.
pub fn same(call: &Call<'_>) -> Result<Shape, Mistake> {
    Ok(call.x().clone())
}

/// Rows of elementwise ops: `name(args; option = default) = value` and, where the derived one would not do, `slopes`;
/// before the value perhaps `also("names elsewhere": "their arguments")`. The values but the first are shown to users by
/// the names they have here, or as `["…"]` says.
macro_rules! pointwise {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident($x:ident $(, $more:ident)* $(; $($option:ident $(= $default:literal)? $(in $limits:expr)?),*)?) $([$values:literal])?
            $(also($($names:literal: $args:expr),+))?
            = $value:expr
            $(, slopes |$y:pat_param| $slopes:expr)?;
            $($example:literal),+;
    )*) => {
        pub static OPS: &[$crate::ops::OpDef] = &[$(
            $crate::ops::OpDef {
                name: stringify!($name),
                values: $crate::ops::values!([$($values)?] $($more)*),
                arrow: None,
                elsewhere: $crate::ops::elsewhere!($($($names: $args),+)?),
                doc: concat!($($doc),*),
                arity: $crate::ops::Arity::Exactly(1 $(+ { let _ = stringify!($more); 1 })*),
                options: &[$($(
                    $crate::ops::number!($option $(= $default)? $(in $limits)?)
                ),*)?],
                shape: $crate::ops::broadcast,
                params: |_, _| Vec::new(),
                body: $crate::ops::Body::Point(
                    |args, options| {
                        $crate::ops::bind!(args, options; $x $(, $more)* $(; $($option),*)?);
                        $value
                    },
                    $crate::ops::slopes!($x $(, $more)*; $($($option),*)?; $($y => $slopes)?),
                ),
                examples: &[$($example),+],
            }
        ),*];
    };
}

/// What an op is called elsewhere.
macro_rules! elsewhere {
    ($($names:literal: $args:expr),*) => {
        &[$($crate::ops::called($names, $args)),*]
    };
}

/// How values after the first are shown.
macro_rules! values {
    ([]) => {
        ""
    };
    ([$values:literal] $($more:ident)*) => {
        $values
    };
    ([] $one:ident) => {
        stringify!($one)
    };
}

/// An option that is a number.
macro_rules! number {
    ($option:ident $(in $limits:expr)?) => {
        $crate::ops::option::number(stringify!($option))$(.within($limits))?.required()
    };
    ($option:ident = $default:literal $(in $limits:expr)?) => {
        $crate::ops::option::number(stringify!($option))$(.within($limits))?.or(stringify!($default))
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

use {bind, elsewhere, number, pointwise, slopes, values};
