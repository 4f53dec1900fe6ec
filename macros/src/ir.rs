//! The intermediate representation: straight-line SSA over whole arrays.
//!
//! Evaluation: instructions run in order; each defines one array whose shape is `ty`. The batch is an
//! ordinary axis of size [`Dim::batch`], always the first; parameters and constants do not have it. A
//! parameter gradient is therefore nothing but a contraction or a sum over axis 0, and statistics over
//! the batch are sums over it (a tile is then the whole batch: `Model::LEAST_BATCH`). State and random
//! numbers are sources without tangents; new state is a result.
//!
//! The set of instructions is closed and small; ops (`ops/`) are written in terms of it. Models inside
//! models are gone by now (`infer` has put their steps in their place), user ops are [`Inst::Custom`]. A
//! loop, [`Inst::Scan`], owns the function of its step; every pass goes into it. Derivatives are functions
//! again: what `linearize` and `transpose` make is written after any function, and can be linearized itself.

mod linear;

pub use linear::{LinDef, LinFunc, LinOp, LinPart, LinScan, LinVar};

use crate::number::Num;
use crate::prim::Prim;
use crate::shape::{Dim, Shape};
use std::rc::Rc;

/// A value: the index of the instruction that defines it.
pub type Var = usize;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Inst {
    /// What the function is given.
    Source(Source),
    /// A constant; its type is `[]` and it may stand wherever a [`Inst::Point`] takes an array.
    Num(Num),
    /// A scalar function, element by element. Arrays have the result's shape.
    Point { prim: Prim, args: Vec<Var> },
    /// The elements of `x` in another order, some of them, or several times.
    View { x: Var, view: View },
    /// Folds the given axes (increasing) away.
    Reduce { fold: Fold, x: Var, axes: Vec<usize> },
    /// The transpose of windows: zeros, to which each part is added where its window lies.
    Overlap { parts: Vec<(Var, Window)> },
    /// Arrays one after the other along an axis; a part is a value or so many zeros.
    Concat { parts: Vec<Part>, axis: usize },
    /// `Σ a·b` over every label that `out` lacks. Each label of `a` is in `b` or in `out`, and the
    /// same for `b`; labels of one operand are distinct.
    Contract { a: Var, b: Var, labels: Rc<Labels> },
    /// What integers choose: `out = Σ_v [index = v] · x` for the label `v` that `out` lacks. The others of
    /// `x` and all of the integers are in `out`.
    Gather { x: Var, index: Var, labels: Rc<Labels>, skip: Option<Skip> },
    /// The transpose: sums into what integers choose, `out = Σ [index = v] · x` over every label that
    /// `out` lacks, where `v` is the label that only `out` has; its length is the integers' bound.
    Scatter { x: Var, index: Var, labels: Rc<Labels>, skip: Option<Dim> },
    /// Positions, a vector that does not depend on the sample: element `k` is `k / repeat % cycle`, so with
    /// 1 and its length `0, 1, 2, …`.
    Iota { repeat: Dim, cycle: Dim },
    /// Uniform random numbers in [0, 1), determined by the key of the call, by the place in the model
    /// where they are drawn, by the steps of the loops around it, and by sample and element. The batch is
    /// the first axis.
    Random { site: usize },
    /// A user's op, sample by sample: `f(x)`, `Df(x)·dx`, `Df(x)ᵀ·δ`.
    Custom { op: usize, call: CustomCall },
    /// A loop; its type says nothing, its results are [`Inst::ScanResult`]s.
    Scan { scan: Rc<Scan>, args: Vec<Var> },
    /// What a loop leads to.
    ScanResult { of: Var, index: usize },
}

/// How the elements of an array are seen as another array.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum View {
    /// The axis of the result that each axis becomes, increasing; the others repeat.
    Broadcast(Vec<usize>),
    /// Axis `i` of the result is this axis of the array.
    Permute(Vec<usize>),
    /// The same elements in row-major order.
    Reshape,
    /// `start .. start + ty[axis]` along one axis.
    Slice { axis: usize, start: Dim },
    /// Strided, with axes that may overlap: `y[i] = x[from + Σₐ i[a] · step[a] along axis[a]]`.
    Window(Window),
}

/// A loop over steps `0 .. length`, or from the last to the first: how values of a sequence are
/// computed one after the other, or many of them a few at a time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Scan {
    pub length: Dim,
    pub reverse: bool,
    /// Whether the way back computes what it needs of a step anew instead of keeping it.
    pub recompute: bool,
    pub args: Vec<Passing>,
    pub results: Vec<Passing>,
    /// One step, from [`Source::Step`]s to [`Target::Step`]s.
    pub body: Func,
}

/// How an array passes into the steps of a loop, or out of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Passing {
    /// In: every step is given all of it. Out: the sum over the steps.
    Whole,
    /// Step `t` is given, or makes, the elements `t · width .. (t + 1) · width` of an axis.
    Each { axis: usize, width: Dim },
    /// Step `t` is given, or makes, the element that is as far from the end of an axis as `t` is from
    /// its beginning.
    Mirrored { axis: usize },
    /// In: what the step before made, or for the first what the loop is given. Out: what the next step
    /// is given, or what the last made. The i-th carried result belongs to the i-th carried argument.
    Carry,
}

impl Passing {
    /// The shape that a step sees of an array.
    pub fn inside(&self, ty: &[Dim]) -> Shape {
        let mut ty = ty.to_vec();
        match self {
            Passing::Each { axis, width } => ty[*axis] = width.clone(),
            Passing::Mirrored { axis } => ty[*axis] = Dim::known(1),
            Passing::Whole | Passing::Carry => {}
        }
        ty
    }

    /// The shape of an array of which a step sees so much.
    pub fn outside(&self, ty: &[Dim], length: &Dim) -> Shape {
        let mut ty = ty.to_vec();
        match self {
            Passing::Each { axis, width } => ty[*axis] = width.mul(length),
            Passing::Mirrored { axis } => ty[*axis] = length.clone(),
            Passing::Whole | Passing::Carry => {}
        }
        ty
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Source {
    /// A parameter array, by its index in the model.
    Param(usize),
    /// An input of the model.
    Input(usize),
    /// An input of integers. There are views of it, and loops are given it; nothing else reads it but as
    /// an index.
    Integers(usize),
    /// The tangent of a parameter, of an input.
    ParamTangent(usize),
    InputTangent(usize),
    /// The cotangent of the output.
    Cotangent,
    /// An argument of the loop whose step this is.
    Step(usize),
    /// An array of state, which has no tangent.
    State(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fold {
    Sum,
    Max,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    Value(Var),
    /// This many zeros along the axis.
    Zeros(Dim),
}

/// Which elements of an array a strided view sees, and in what order. Convolution and pooling see
/// each of their axes twice: once for where the window is, once for where in the window.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Window {
    /// The element at index zero: one number for each axis of the array.
    pub from: Vec<Dim>,
    /// For each axis of the view, along which axis of the array it runs and how far a step is.
    pub steps: Vec<(usize, Dim)>,
}

/// What an integer does not choose.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Skip {
    /// Anything: the value is 0.
    Zero(Dim),
    /// A derivative: over dual numbers the value has none.
    Derivative(Dim),
}

impl Skip {
    pub fn integer(&self) -> &Dim {
        match self {
            Skip::Zero(dim) | Skip::Derivative(dim) => dim,
        }
    }
}

/// The index equation of a contraction: `bi, io -> bo`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Labels {
    pub a: Vec<char>,
    pub b: Vec<char>,
    pub out: Vec<char>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CustomCall {
    Forward { x: Var },
    Jvp { x: Var, dx: Var },
    Vjp { x: Var, y_bar: Var },
}

impl Labels {
    pub fn new(a: &str, b: &str, out: &str) -> Labels {
        Labels { a: a.chars().collect(), b: b.chars().collect(), out: out.chars().collect() }
    }
}

impl Window {
    /// The whole of an array of so many axes.
    pub fn whole(rank: usize) -> Window {
        Window {
            from: vec![Dim::known(0); rank],
            steps: (0..rank).map(|axis| (axis, Dim::known(1))).collect(),
        }
    }

    /// Whether no element of an array is seen twice by a view of shape `view`, as far as can be said
    /// without knowing more: each axis of the array is run through once at most.
    pub fn is_distinct(&self) -> bool {
        let axes: Vec<usize> = self.steps.iter().map(|(axis, _)| *axis).collect();
        axes.iter().enumerate().all(|(i, axis)| !axes[..i].contains(axis))
    }

    /// Whether the views of two windows certainly have no element in common: along some axis they
    /// are on different residues, or apart.
    pub fn is_apart(&self, view: &[Dim], other: &Window, other_view: &[Dim]) -> bool {
        let along = |window: &Window, view: &[Dim], axis: usize| -> Option<(i64, i64, i64)> {
            let from = window.from[axis].as_known()?;
            let mut steps = window.steps.iter().zip(view).filter(|((a, _), _)| *a == axis);
            match (steps.next(), steps.next()) {
                (None, _) => Some((from, 1, 1)),
                (Some(((_, step), length)), None) => {
                    Some((from, step.as_known()?, length.as_known()?))
                }
                _ => None,
            }
        };
        (0..self.from.len()).any(|axis| {
            match (along(self, view, axis), along(other, other_view, axis)) {
                (Some((a, p, m)), Some((b, q, n))) => {
                    let apart = a + (m - 1) * p < b || b + (n - 1) * q < a;
                    apart || p == q && p > 1 && (a - b) % p != 0
                }
                _ => false,
            }
        })
    }
}

impl Inst {
    /// The values it reads.
    pub fn args(&self) -> Vec<Var> {
        let mut args = Vec::new();
        self.each_arg(|arg| args.push(arg));
        args
    }

    /// The values it reads, one by one.
    pub fn each_arg(&self, mut see: impl FnMut(Var)) {
        match self {
            Inst::Source(_) | Inst::Num(_) | Inst::Iota { .. } | Inst::Random { .. } => {}
            Inst::Point { args, .. } | Inst::Scan { args, .. } => {
                args.iter().for_each(|x| see(*x));
            }
            Inst::View { x, .. } | Inst::Reduce { x, .. } | Inst::ScanResult { of: x, .. } => {
                see(*x)
            }
            Inst::Overlap { parts } => parts.iter().for_each(|(x, _)| see(*x)),
            Inst::Concat { parts, .. } => {
                for part in parts {
                    if let Part::Value(x) = part {
                        see(*x);
                    }
                }
            }
            Inst::Contract { a: x, b: y, .. }
            | Inst::Gather { x, index: y, .. }
            | Inst::Scatter { x, index: y, .. } => {
                see(*x);
                see(*y);
            }
            Inst::Custom { call, .. } => match *call {
                CustomCall::Forward { x } => see(x),
                CustomCall::Jvp { x, dx: v } | CustomCall::Vjp { x, y_bar: v } => {
                    see(x);
                    see(v);
                }
            },
        }
    }

    /// Renames the values it reads.
    pub fn rename(&mut self, name: impl Fn(Var) -> Var) {
        match self {
            Inst::Source(_) | Inst::Num(_) | Inst::Iota { .. } | Inst::Random { .. } => {}
            Inst::Point { args, .. } => args.iter_mut().for_each(|x| *x = name(*x)),
            Inst::View { x, .. } | Inst::Reduce { x, .. } => *x = name(*x),
            Inst::Overlap { parts } => parts.iter_mut().for_each(|(x, _)| *x = name(*x)),
            Inst::Concat { parts, .. } => {
                for part in parts {
                    if let Part::Value(x) = part {
                        *x = name(*x);
                    }
                }
            }
            Inst::Contract { a, b, .. } => (*a, *b) = (name(*a), name(*b)),
            Inst::Scan { args, .. } => args.iter_mut().for_each(|x| *x = name(*x)),
            Inst::ScanResult { of, .. } => *of = name(*of),
            Inst::Gather { x, index, .. } | Inst::Scatter { x, index, .. } => {
                (*x, *index) = (name(*x), name(*index));
            }
            Inst::Custom { call, .. } => match call {
                CustomCall::Forward { x } => *x = name(*x),
                CustomCall::Jvp { x, dx: v } | CustomCall::Vjp { x, y_bar: v } => {
                    (*x, *v) = (name(*x), name(*v));
                }
            },
        }
    }
}

/// An instruction and the shape of what it defines.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Def {
    pub inst: Inst,
    pub ty: Shape,
    /// It belongs to the second half of a VJP, though it does not depend on the cotangent: what is
    /// computed again there must not be merged with what it repeats.
    pub late: bool,
}

/// A function: instructions and the values they lead to.
#[derive(Clone, Default, Debug, PartialEq, Eq, Hash)]
pub struct Func {
    pub defs: Vec<Def>,
    pub results: Vec<Res>,
    /// What `linearize` follows instead of instructions. `simplify` drops them: who wants to differentiate a function
    /// does it before.
    pub rules: Vec<Rule>,
}

/// How the tangent of a value is made of those of some values before it, where an identity makes that cheaper
/// than what its instructions would say, or where it is another one at a kink. (`jax.custom_jvp`) A value has one rule
/// at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    pub value: Var,
    pub args: Vec<Var>,
    /// Primal values that only the tangent needs: `first`, `first + 1`, …. What is less than `first` is a value of
    /// the function.
    pub first: Var,
    pub primal: Vec<Def>,
    /// From [`Source::Step`]s, the tangents of the arguments, to [`Target::Step`] 0, that of the value. Without a
    /// result it is zero.
    pub tangent: LinFunc,
}

/// Where a value goes. Several results with the same target add up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Res {
    pub target: Target,
    pub value: Var,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Target {
    Output,
    OutputTangent,
    /// The cotangent of an input, of a parameter.
    Input(usize),
    Param(usize),
    /// A result of the loop whose step this is.
    Step(usize),
    /// What an array of state becomes.
    State(usize),
}
