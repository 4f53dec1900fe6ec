//! The tracer: writes the function of a model, and the rules of the values that have one.
//!
//! The methods of [`Tracer`] are the vocabulary in which ops are written (`ops/`). They are few. An op made of
//! them needs no rule of its own, and has one only where an identity makes it cheaper (softmax): it computes a
//! value and, in the same place, says how a tangent passes through it ([`Tracer::rule`]).
//!
//! Shapes, axes and labels are those of one sample, as in shape rules. The tracer sees of a value whether there is one for
//! each sample, and puts the batch in front (`trace/samples.rs`). Only rules are written about whole values, with what
//! [`Tracer::over`] and [`Tracer::labels`] say of them.

mod samples;
mod scan;

use samples::BATCH;
pub use samples::{Over, batched};
pub use scan::Loop;

use crate::builder::{Builder, V};
use crate::ir::{
    CustomCall, Fold, Inst, Labels, LinFunc, Part, Res, Rule, Skip, Source, Target, Var, View,
    Window,
};
use crate::lin::{Lin, LinStream};
use crate::linearize::slopes::derive;
use crate::number::Num;
use crate::shape::{Dim, Shape};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};

/// An elementwise op: its value from arguments and numeric options.
pub type Value = for<'b> fn(&[V<'b>], &[V<'b>]) -> V<'b>;

/// `∂y/∂argᵢ` from arguments, options and the answer, where the one derived from the value would
/// differ at a kink, or keep or compute more than it must.
pub type Slopes = for<'b> fn(&[V<'b>], &[V<'b>], V<'b>) -> Vec<V<'b>>;

/// What a program is for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Evaluation,
    Training,
}

#[derive(Default)]
pub struct Tracer {
    pub b: Builder,
    pub rules: RefCell<Vec<Rule>>,
    /// The values of scalar functions that have slopes of their own.
    with_slopes: RefCell<FxHashSet<Var>>,
    /// Where two functions have one value, one of them with slopes of its own and the other without: the instruction
    /// of the second.
    twins: RefCell<FxHashMap<Var, Var>>,
    pub mode: Mode,
    /// What arrays of state become.
    pub updates: RefCell<Vec<Res>>,
    /// In how many places random numbers are drawn.
    sites: Cell<usize>,
    /// For each statistic over the batch, how many values it takes from a sample.
    pub over_batch: RefCell<Vec<Dim>>,
}

impl Tracer {
    pub fn new(mode: Mode) -> Tracer {
        Tracer { mode, ..Tracer::default() }
    }

    /// Says what the tangent of a value is, given those of `args`. `tangent` may write primal values that only it
    /// needs.
    pub fn rule(
        &self,
        args: &[Var],
        value: Var,
        tangent: impl for<'s> FnOnce(&'s LinStream<'s>, &[Lin<'s>]) -> Option<Lin<'s>>,
    ) -> Var {
        // A value that folded into a constant, into one of its arguments, or into what was there before one of them,
        // has nothing to add.
        let known = |rule: &Rule| rule.value == value;
        let folded = self.b.as_num(value).is_some() || args.iter().any(|arg| *arg >= value);
        if folded || self.rules.borrow().iter().any(known) {
            return value;
        }
        let first = self.b.len();
        let stream = LinStream::new(&self.b);
        let source = |(i, x): (usize, &Var)| stream.source(Source::Step(i), self.b.ty(*x));
        let tangents: Vec<Lin<'_>> = args.iter().enumerate().map(source).collect();
        let made = tangent(&stream, &tangents);
        let results = made.map(|dy| (Target::Step(0), dy.id)).into_iter().collect();
        let tangent = LinFunc { defs: stream.into_defs(), results };
        let primal = self.b.split_off(first);
        self.rules.borrow_mut().push(Rule { value, args: args.to_vec(), first, primal, tangent });
        value
    }

    pub fn num(&self, num: Num) -> Var {
        self.b.num(num).var
    }

    /// A scalar function, element by element. Without `slopes` its derivative is derived: in one piece if it is made
    /// of several functions.
    pub fn point(
        &self,
        args: &[Var],
        options: &[Var],
        value: Value,
        slopes: Option<Slopes>,
    ) -> Var {
        let handles = |vars: &[Var]| vars.iter().map(|x| self.b.v(*x)).collect::<Vec<V<'_>>>();
        let (xs, options, before) = (handles(args), handles(options), self.b.len());
        let y = value(&xs, &options);
        let is_arg = args.contains(&y.var);
        let y = if is_arg { y } else { self.b.v(self.apart(y.var, before, slopes.is_some())) };
        if slopes.is_none() && !is_made_of(&self.b, y.var, args) {
            return y.var;
        }
        let mut of: Vec<Var> = Vec::new();
        for x in args {
            if self.b.as_num(*x).is_none() && !of.contains(x) {
                of.push(*x);
            }
        }
        self.rule(&of, y.var, |s, tangents| {
            let of_arg = |x: &Var| Some(s.lin(tangents[of.iter().position(|y| y == x)?].id));
            let slopes = match slopes {
                Some(slopes) => slopes(&xs, &options, y).into_iter().map(Some).collect(),
                None => derive(&xs, y),
            };
            let renewed = slopes.into_iter().map(|slope| Some(s.primal.v(slope?.var)));
            s.weighted(args.iter().map(of_arg).zip(renewed))
        })
    }

    /// The value of a function, which has slopes of its own or not. Where two functions have one value
    /// and different slopes, such as `relu(x)` and `maximum(x, 0)` at 0, the second has an instruction of its own.
    fn apart(&self, y: Var, before: Var, has_slopes: bool) -> Var {
        let (mut with_slopes, mut twins) = (self.with_slopes.borrow_mut(), self.twins.borrow_mut());
        let is_new = y >= before;
        if has_slopes && is_new {
            with_slopes.insert(y);
        }
        if is_new || with_slopes.contains(&y) == has_slopes {
            return y;
        }
        if !matches!(self.b.inst(y), Inst::Point { .. }) {
            return y;
        }
        let twin = *twins.entry(y).or_insert_with(|| self.b.again(y));
        if has_slopes {
            with_slopes.insert(twin);
        }
        twin
    }

    /// `x` for each sample, and along all axes of it but these. A number stays as it is.
    pub fn broadcast(&self, x: Var, axes: Vec<usize>, shape: Shape) -> Var {
        self.b.broadcast(x, self.places_of_each(x, &axes), batched(&shape))
    }

    /// The same of what all samples share, which they still do.
    pub fn broadcast_shared(&self, x: Var, axes: Vec<usize>, shape: Shape) -> Var {
        self.b.broadcast(x, axes, shape)
    }

    /// A number as an array for each sample, where one is needed.
    pub fn fill(&self, x: Var, shape: &[Dim]) -> Var {
        self.b.fill(x, &batched(shape))
    }

    /// A number as an array that all samples share.
    pub fn fill_shared(&self, x: Var, shape: &[Dim]) -> Var {
        self.b.fill(x, shape)
    }

    pub fn sum(&self, x: Var, axes: Vec<usize>) -> Var {
        self.b.reduce(Fold::Sum, x, self.places(x, &axes))
    }

    /// The maximum over axes; as `torch.amax`, elements that tie share the gradient.
    pub fn amax(&self, x: Var, axes: Vec<usize>) -> Var {
        self.b.reduce(Fold::Max, x, self.places(x, &axes))
    }

    pub fn permute(&self, x: Var, perm: Vec<usize>) -> Var {
        self.permute_all(x, self.all_places(x, &perm))
    }

    /// The same of all axes of a value, that of the batch as well.
    fn permute_all(&self, x: Var, perm: Vec<usize>) -> Var {
        // What repeats is arranged before it does: of a parameter that is a weight again, once.
        if let Inst::View { x: inner, view: View::Broadcast(axes) } = self.b.inst(x)
            && self.b.as_num(inner).is_none()
        {
            let ty = self.b.ty(x);
            let ty = perm.iter().map(|axis| ty[*axis].clone()).collect();
            let from = |axis: &usize| axes.iter().position(|a| a == axis);
            let order = perm.iter().filter_map(from).collect();
            let to = (0..perm.len()).filter(|axis| from(&perm[*axis]).is_some()).collect();
            return self.b.broadcast(self.permute_all(inner, order), to, ty);
        }
        self.b.permute(x, perm)
    }

    pub fn reshape(&self, x: Var, shape: Shape) -> Var {
        self.b.reshape(x, self.like(x, shape))
    }

    pub fn slice(&self, x: Var, axis: usize, start: Dim, length: Dim) -> Var {
        self.b.slice(x, self.place(x, axis), start, length)
    }

    /// A strided view of such a shape.
    pub fn window(&self, x: Var, window: Window, shape: Shape) -> Var {
        self.b.window(x, self.whole_window(x, window), self.like(x, shape))
    }

    /// Zeros of such a shape, and `x` added where the window lies.
    pub fn overlap(&self, x: Var, window: Window, shape: Shape) -> Var {
        self.b.overlap(vec![(x, self.whole_window(x, window))], self.like(x, shape))
    }

    pub fn concat(&self, xs: &[Var], axis: usize) -> Var {
        let (mut ty, axis) = (self.b.ty(xs[0]), self.place(xs[0], axis));
        let lengths = xs.iter().map(|x| self.b.ty(*x)[axis].clone());
        ty[axis] = lengths.fold(Dim::known(0), |sum, length| sum.add(&length));
        let parts: Vec<Part> = xs.iter().map(|x| Part::Value(*x)).collect();
        self.b.concat(&parts, axis, ty)
    }

    /// The operand of a contraction and its labels, without the axes along which it repeats if the other
    /// one has them: the same for every sample, it is a matrix and not a stack of them.
    fn once(&self, x: Var, of: &[char], other: &[char], out: &[char]) -> (Var, Vec<char>) {
        if let Inst::View { x: inner, view: View::Broadcast(axes) } = self.b.inst(x)
            && self.b.as_num(inner).is_none()
        {
            let repeats = |axis: &usize| !axes.contains(axis);
            let dropped = |label: &char| other.contains(label) && out.contains(label);
            if (0..of.len()).filter(repeats).all(|axis| dropped(&of[axis])) {
                return (inner, axes.iter().map(|axis| of[*axis]).collect());
            }
        }
        (x, of.to_vec())
    }

    /// `Σ a·b` by labels.
    pub fn contract(&self, a: Var, b: Var, labels: Labels) -> Var {
        let labels = self.labels(a, b, labels);
        let (a, of_a) = self.once(a, &labels.a, &labels.b, &labels.out);
        let (b, of_b) = self.once(b, &labels.b, &of_a, &labels.out);
        self.b.contract(a, b, Labels { a: of_a, b: of_b, out: labels.out })
    }

    /// What an array of state becomes, from what it has become so far: of an op with shared parameters, each
    /// application changes it in turn.
    pub fn update(&self, state: Var, next: impl FnOnce(Var) -> Var) {
        if let Inst::Source(Source::State(i)) = self.b.inst(state) {
            let target = Target::State(i);
            let mut updates = self.updates.borrow_mut();
            match updates.iter_mut().find(|update| update.target == target) {
                Some(update) => update.value = next(update.value),
                None => updates.push(Res { target, value: next(state) }),
            }
        }
    }

    /// Uniform random numbers in [0, 1), new ones in every place and for each sample.
    pub fn random(&self, shape: &[Dim]) -> Var {
        let site = self.sites.get();
        self.sites.set(site + 1);
        self.b.random(site, batched(shape))
    }

    /// How many elements there are of such lengths: a number, or where the batch is one of them a scalar that is
    /// counted when the program runs.
    pub fn count(&self, shape: &[Dim]) -> Var {
        let (batch, rest): (Vec<&Dim>, Vec<&Dim>) = shape.iter().partition(|dim| dim.has_batch());
        let rest = rest.into_iter().fold(Dim::known(1), |size, dim| size.mul(dim));
        let b = &self.b;
        let rest = b.int(1) / b.num(Num::inverse(&rest));
        if batch.is_empty() {
            return rest.var;
        }
        let ones = self.fill(b.int(1).var, &[]);
        (b.v(b.reduce(Fold::Sum, ones, vec![BATCH])) * rest).var
    }

    /// A user's op; `shape` is its codomain.
    pub fn custom(&self, op: usize, x: Var, shape: &[Dim]) -> Var {
        self.b.custom(op, CustomCall::Forward { x }, batched(shape))
    }

    /// What the integers `index` choose; linear in `x`. See [`Inst::Gather`].
    pub fn gather(&self, x: Var, index: Var, labels: Labels, skip: Option<Skip>) -> Var {
        self.b.gather(x, index, self.labels(x, index, labels), skip)
    }

    /// Sums into what the integers `index` choose, of such a shape; linear in `x`. See
    /// [`Inst::Scatter`].
    pub fn scatter(
        &self,
        x: Var,
        index: Var,
        labels: Labels,
        skip: Option<Dim>,
        shape: Shape,
    ) -> Var {
        let labels = self.labels(x, index, labels);
        self.b.scatter(x, index, labels, skip, self.like(index, shape))
    }
}

/// Whether a value is several scalar functions of `args` and constants. It may be simpler than what was written,
/// and then be made of what the arguments are made of: `−(−x)` is `x`, and a sum of two concatenations one of them.
fn is_made_of(b: &Builder, y: Var, args: &[Var]) -> bool {
    let (mut stack, mut functions) = (vec![y], 0);
    while let Some(var) = stack.pop() {
        if args.contains(&var) {
            continue;
        }
        match b.inst(var) {
            Inst::Num(_) => {}
            Inst::Point { args, .. } => {
                functions += 1;
                stack.extend(args);
            }
            Inst::View { x, view: View::Broadcast(_) } if b.as_num(x).is_some() => {}
            _ => return false,
        }
    }
    functions > 1
}
