//! The tape: the primal program of a model, with the tangent rule of every step beside it.
//!
//! The methods of [`Tracer`] are the vocabulary in which ops are written (`ops/`): each computes a
//! value and, in the same place, says how a tangent passes through it. They are few. An op made of
//! them needs no rule of its own, and has one only where an identity makes it cheaper (softmax).

mod norms;
mod scan;

pub use scan::Loop;

use crate::bug::bug;
use crate::build::{Builder, V};
use crate::ir::{CustomCall, Fold, Inst, Labels, Part, Res, Skip, Source, Target, Var, Window};
use crate::lin::{Lin, LinPart, LinStream};
use crate::number::Num;
use crate::shape::{Dim, Shape};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// From the tangents of the arguments (`None` is zero) to that of the value.
type Rule = Rc<dyn for<'s> Fn(&'s LinStream<'s>, &[Option<Lin<'s>>]) -> Option<Lin<'s>>>;

/// An elementwise op: its value from arguments and numeric options.
pub type Value = for<'b> fn(&[V<'b>], &[V<'b>]) -> V<'b>;

/// `∂y/∂argᵢ` from arguments, options and the answer, where the one derived from the value would
/// differ at a kink, or keep or compute more than it must.
pub type Slopes = for<'b> fn(&[V<'b>], &[V<'b>], V<'b>) -> Vec<V<'b>>;

#[derive(Clone)]
pub struct Entry {
    pub args: Vec<Var>,
    pub value: Var,
    pub rule: Rule,
}

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
    pub tape: RefCell<Vec<Entry>>,
    pub mode: Mode,
    /// What arrays of state become.
    pub updates: RefCell<Vec<Res>>,
    /// In how many places random numbers are drawn.
    sites: Cell<usize>,
    /// Of statistics over the batch, how many values each takes from a sample.
    pub over_batch: RefCell<Vec<Dim>>,
}

impl Tracer {
    pub fn new(mode: Mode) -> Tracer {
        Tracer { mode, ..Tracer::default() }
    }

    fn record(
        &self,
        args: &[Var],
        value: Var,
        rule: impl for<'s> Fn(&'s LinStream<'s>, &[Option<Lin<'s>>]) -> Option<Lin<'s>> + 'static,
    ) -> Var {
        // A value that folded into a constant, or into one of its arguments, has nothing to add.
        if self.b.as_num(value).is_none() && !args.contains(&value) {
            self.tape.borrow_mut().push(Entry { args: args.to_vec(), value, rule: Rc::new(rule) });
        }
        value
    }

    pub fn ty(&self, x: Var) -> Shape {
        self.b.ty(x)
    }

    pub fn num(&self, num: Num) -> Var {
        self.b.num(num).var
    }

    /// A scalar function, element by element. Without `slopes` its derivative is derived.
    pub fn point(
        &self,
        args: &[Var],
        options: &[Var],
        value: Value,
        slopes: Option<Slopes>,
    ) -> Var {
        fn handles<'b>(b: &'b Builder, vars: &[Var]) -> Vec<V<'b>> {
            vars.iter().map(|x| b.v(*x)).collect()
        }
        let y = value(&handles(&self.b, args), &handles(&self.b, options)).var;
        let (xs, options) = (args.to_vec(), options.to_vec());
        let apart = slopes.is_none() && !is_made_of(&self.b, y, args);
        let apart = apart.then(|| Apart::new(&self.b, args, &options, value));
        self.record(args, y, move |s, tangents| {
            let (b, args) = (s.primal, handles(s.primal, &xs));
            let slopes: Vec<Option<V<'_>>> = match (slopes, &apart) {
                (Some(slopes), _) => {
                    slopes(&args, &handles(b, &options), b.v(y)).into_iter().map(Some).collect()
                }
                (None, Some(apart)) => apart.slopes(b, &xs),
                (None, None) => derive(&args, b.v(y), tangents),
            };
            s.sum(tangents.iter().zip(slopes).map(|(dx, slope)| {
                let (dx, slope) = ((*dx)?, slope?);
                let zero = b.as_num(slope.var).is_some_and(|num| num.is(0));
                (!zero).then(|| dx * slope)
            }))
        })
    }

    pub fn broadcast(&self, x: Var, axes: Vec<usize>, ty: Shape) -> Var {
        let y = self.b.broadcast(x, axes.clone(), ty.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.broadcast(axes.clone(), ty.clone())))
    }

    pub fn sum(&self, x: Var, axes: Vec<usize>) -> Var {
        let y = self.b.reduce(Fold::Sum, x, axes.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.sum(axes.clone())))
    }

    /// The maximum over axes; as `torch.amax`, elements that tie share the gradient.
    pub fn amax(&self, x: Var, axes: Vec<usize>) -> Var {
        let y = self.b.reduce(Fold::Max, x, axes.clone());
        self.record(&[x], y, move |s, d| {
            let b = s.primal;
            let (ty, dx) = (b.ty(x), d[0]?);
            let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
            // x ≤ y always, so `y > x` is everything but the winners.
            let top = b.v(b.broadcast(y, kept, ty));
            let wins = top.select_gt(b.v(x), b.int(0), b.int(1));
            let count = b.v(b.reduce(Fold::Sum, wins.var, axes.clone()));
            Some((dx * wins).sum(axes.clone()) * (b.int(1) / count))
        })
    }

    pub fn permute(&self, x: Var, perm: Vec<usize>) -> Var {
        // What repeats is arranged before it does: of a parameter that is a weight again, once.
        if let Inst::Broadcast { x: inner, axes } = self.b.inst(x)
            && self.b.as_num(inner).is_none()
        {
            let ty = self.ty(x);
            let ty = perm.iter().map(|axis| ty[*axis].clone()).collect();
            let from = |axis: &usize| axes.iter().position(|a| a == axis);
            let order = perm.iter().filter_map(from).collect();
            let to = (0..perm.len()).filter(|axis| from(&perm[*axis]).is_some()).collect();
            return self.broadcast(self.permute(inner, order), to, ty);
        }
        let y = self.b.permute(x, perm.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.permute(perm.clone())))
    }

    pub fn reshape(&self, x: Var, ty: Shape) -> Var {
        let y = self.b.reshape(x, ty.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.reshape(ty.clone())))
    }

    pub fn slice(&self, x: Var, axis: usize, start: Dim, length: Dim) -> Var {
        let y = self.b.slice(x, axis, start.clone(), length.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.slice(axis, start.clone(), length.clone())))
    }

    /// A strided view of shape `ty`.
    pub fn window(&self, x: Var, window: Window, ty: Shape) -> Var {
        let y = self.b.window(x, window.clone(), ty.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.window(window.clone(), ty.clone())))
    }

    /// Zeros of shape `ty`, and `x` added where the window lies.
    pub fn overlap(&self, x: Var, window: Window, ty: Shape) -> Var {
        let y = self.b.overlap(vec![(x, window.clone())], ty.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.overlap(window.clone(), ty.clone())))
    }

    pub fn concat(&self, xs: &[Var], axis: usize) -> Var {
        let mut ty = self.ty(xs[0]);
        let lengths: Vec<Dim> = xs.iter().map(|x| self.ty(*x)[axis].clone()).collect();
        ty[axis] = lengths.iter().fold(Dim::known(0), |sum, length| sum.add(length));
        let parts: Vec<Part> = xs.iter().map(|x| Part::Value(*x)).collect();
        let y = self.b.concat(&parts, axis, ty.clone());
        self.record(xs, y, move |s, d| {
            if d.iter().all(Option::is_none) {
                return None;
            }
            let part = |(d, length): (&Option<Lin<'_>>, &Dim)| match d {
                Some(d) => LinPart::Value(d.id),
                None => LinPart::Zeros(length.clone()),
            };
            Some(s.concat(d.iter().zip(&lengths).map(part).collect(), axis, ty.clone()))
        })
    }

    /// The operand of a contraction and its labels, without the axes along which it repeats if the other
    /// one has them: the same for every sample, it is a matrix and not a stack of them.
    fn once(&self, x: Var, of: &[char], other: &[char], out: &[char]) -> (Var, Vec<char>) {
        if let Inst::Broadcast { x: inner, axes } = self.b.inst(x)
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

    /// `Σ a·b` by labels: bilinear, so the rule is the contraction itself, twice.
    pub fn contract(&self, a: Var, b: Var, labels: Labels) -> Var {
        let (a, of_a) = self.once(a, &labels.a, &labels.b, &labels.out);
        let (b, of_b) = self.once(b, &labels.b, &of_a, &labels.out);
        let labels = Labels { a: of_a, b: of_b, out: labels.out };
        let y = self.b.contract(a, b, labels.clone());
        let ty = self.ty(y);
        self.record(&[a, b], y, move |s, d| {
            let swapped =
                Labels { a: labels.b.clone(), b: labels.a.clone(), out: labels.out.clone() };
            s.sum([
                d[0].map(|da| da.contract(b, labels.clone(), ty.clone())),
                d[1].map(|db| db.contract(a, swapped, ty.clone())),
            ])
        })
    }

    /// `ln Σ eˣ` over axes, shifted by the maximum so that nothing overflows; `dy = Σ softmax ⊙ dx`.
    pub fn logsumexp(&self, x: Var, axes: &[usize]) -> Var {
        let b = &self.b;
        let ty = b.ty(x);
        let kept: Vec<usize> = (0..ty.len()).filter(|axis| !axes.contains(axis)).collect();
        let max = b.v(b.reduce(Fold::Max, x, axes.to_vec()));
        let spread = |x: V<'_>| b.v(b.broadcast(x.var, kept.clone(), ty.clone()));
        // What equals the maximum differs from it by 0, also if both are infinite; NaN stays.
        let zero = b.int(0);
        let same = max.select_gt(zero, zero, zero.select_gt(max, zero, max * zero));
        let (top, x_) = (spread(max), b.v(x));
        let exp = top.select_gt(x_, x_ - top, spread(same)).exp().var;
        let sum = b.reduce(Fold::Sum, exp, axes.to_vec());
        let y = (max + b.v(sum).ln()).var;
        let (kept, axes, ty) = (kept.clone(), axes.to_vec(), ty.clone());
        self.record(&[x], y, move |s, d| {
            let (b, dx) = (s.primal, d[0]?);
            let share = b.broadcast((b.int(1) / b.v(sum)).var, kept.clone(), ty.clone());
            Some((dx * (b.v(exp) * b.v(share))).sum(axes.clone()))
        })
    }

    /// `softmax` over one axis, shifted by the maximum so that nothing overflows. The rule uses the
    /// answer: `dy = y ⊙ (dx − Σ y ⊙ dx)`; the shift cancels in it.
    pub fn softmax(&self, x: Var, axis: usize) -> Var {
        let parts = self.exp_shifted(x, axis);
        let b = &self.b;
        let y = (b.v(parts.exp) * parts.spread(b, (b.int(1) / b.v(parts.sum)).var)).var;
        let axes = parts.kept.clone();
        self.record(&[x], y, move |s, d| {
            let (y, dx) = (s.primal.v(y), d[0]?);
            let mean = (dx * y).sum(vec![axis]).broadcast(axes.clone(), dx.ty());
            Some((dx + mean * s.primal.int(-1)) * y)
        })
    }

    /// `softmax` of the elements where `keep` is positive; the others are 0, even if that is all of them.
    /// The rule is that of [`softmax`](Self::softmax).
    pub fn softmax_where(&self, x: Var, axis: usize, keep: Option<Var>) -> Var {
        let Some(keep) = keep else { return self.softmax(x, axis) };
        let b = &self.b;
        let (zero, keep) = (b.int(0), b.v(keep));
        // Lower than any score, and finite, so that no difference is NaN.
        let low = keep.select_gt(zero, b.v(x), b.decimal(-1, 38)).var;
        let parts = self.exp_shifted(low, axis);
        let exp = keep.select_gt(zero, b.v(parts.exp), zero);
        let sum = b.v(b.reduce(Fold::Sum, exp.var, vec![axis]));
        let chosen = keep.gt(zero).var;
        // Each part is at most the sum, which is 0 only if all are.
        let inverse = sum.select_gt(zero, b.int(1) / sum, zero);
        let y = (exp * parts.spread(b, inverse.var)).var;
        let axes = parts.kept.clone();
        self.record(&[x], y, move |s, d| {
            // What is not looked at has no say, whatever its tangent is.
            let (y, dx) = (s.primal.v(y), d[0]? * s.primal.v(chosen));
            let mean = (dx * y).sum(vec![axis]).broadcast(axes.clone(), dx.ty());
            Some((dx + mean * s.primal.int(-1)) * y)
        })
    }

    /// `log_softmax` over one axis: `dy = dx − Σ softmax ⊙ dx`.
    pub fn log_softmax(&self, x: Var, axis: usize) -> Var {
        let parts = self.exp_shifted(x, axis);
        let b = &self.b;
        let y = (b.v(parts.shifted) - parts.spread(b, b.v(parts.sum).ln().var)).var;
        self.record(&[x], y, move |s, d| {
            let (b, dx) = (s.primal, d[0]?);
            let softmax = b.v(parts.exp) * parts.spread(b, (b.int(1) / b.v(parts.sum)).var);
            let mean = (dx * softmax).sum(vec![axis]).broadcast(parts.kept.clone(), dx.ty());
            Some(dx + mean * b.int(-1))
        })
    }

    /// `−log_softmax(x)` over the last axis at the classes that integers tell, or of targets smoothed by ε:
    /// 1 − ε for that class and ε shared among all. As `log_softmax`, and nothing as large as `x` is kept
    /// of the integers: `dy = Σ softmax ⊙ dx − (1 − ε) · dx[class] − ε · mean dx`.
    ///
    /// Where `ignored` is the integer no class is looked up; what is computed there is to be left out.
    pub fn cross_entropy(
        &self,
        x: Var,
        classes: Var,
        smoothing: Option<Num>,
        ignored: Option<Skip>,
    ) -> Var {
        let axis = self.ty(x).len() - 1;
        let parts = self.exp_shifted(x, axis);
        let lead: String = ('a'..).take(axis).collect();
        let labels = Labels::new(&format!("{lead}V"), &lead, &lead);
        let count = Num::inverse(&self.ty(x)[axis]);
        let of_class = |b: &Builder| match &smoothing {
            Some(smoothing) => (b.int(1) - b.num(smoothing.clone())).var,
            None => b.int(1).var,
        };
        let of_all = |b: &Builder| {
            smoothing
                .as_ref()
                .map(|smoothing| (b.num(smoothing.clone()) * b.num(count.clone())).var)
        };
        let b = &self.b;
        let (of_class, of_all) = (of_class(b), of_all(b));
        let picked = b.v(b.gather(x, classes, labels.clone(), ignored.clone())) - b.v(parts.max);
        let mut y = b.v(parts.sum).ln() - picked * b.v(of_class);
        if let Some(of_all) = of_all {
            y = y - b.v(b.reduce(Fold::Sum, parts.shifted, vec![axis])) * b.v(of_all);
        }
        let y = y.var;
        let ty = self.ty(y);
        let skip = ignored.map(|skip| skip.integer().clone());
        self.record(&[x], y, move |s, d| {
            let (b, dx) = (s.primal, d[0]?);
            let softmax = b.v(parts.exp) * parts.spread(b, (b.int(1) / b.v(parts.sum)).var);
            let picked = dx.gather(classes, labels.clone(), skip.clone(), ty.clone());
            let dy = (dx * softmax).sum(vec![axis]) + picked * -b.v(of_class);
            Some(match of_all {
                Some(of_all) => dy + dx.sum(vec![axis]) * -b.v(of_all),
                None => dy,
            })
        })
    }

    fn exp_shifted(&self, x: Var, axis: usize) -> Shifted {
        let b = &self.b;
        let ty = b.ty(x);
        let kept: Vec<usize> = (0..ty.len()).filter(|a| *a != axis).collect();
        let max = b.reduce(Fold::Max, x, vec![axis]);
        let mut parts = Shifted { max, shifted: 0, exp: 0, sum: 0, kept, ty };
        let shifted = b.v(x) - parts.spread(b, max);
        parts.shifted = shifted.var;
        parts.exp = shifted.exp().var;
        parts.sum = b.reduce(Fold::Sum, parts.exp, vec![axis]);
        parts
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

    /// Uniform random numbers in [0, 1), new ones in every place; the first axis is the batch.
    pub fn random(&self, ty: Shape) -> Var {
        let site = self.sites.get();
        self.sites.set(site + 1);
        self.b.random(site, ty)
    }

    /// How many elements a shape has: a number, or where the batch is among the axes a scalar that is
    /// counted when the program runs.
    pub fn count(&self, shape: &[Dim]) -> Var {
        let (batch, rest): (Vec<&Dim>, Vec<&Dim>) = shape.iter().partition(|dim| dim.has_batch());
        let rest = rest.into_iter().fold(Dim::known(1), |size, dim| size.mul(dim));
        let b = &self.b;
        let rest = b.int(1) / b.num(Num::inverse(&rest));
        if batch.is_empty() {
            return rest.var;
        }
        let ones = b.fill(b.int(1).var, &[Dim::batch()]);
        (b.v(b.reduce(Fold::Sum, ones, vec![0])) * rest).var
    }

    /// A user's op; `ty` is its codomain.
    pub fn custom(&self, op: usize, x: Var, ty: Shape) -> Var {
        let y = self.b.custom(op, CustomCall::Forward { x }, ty.clone());
        self.record(&[x], y, move |_, d| Some(d[0]?.custom(op, x, false, ty.clone())))
    }

    /// What the integers `index` choose; linear in `x`. See [`Inst::Gather`].
    pub fn gather(&self, x: Var, index: Var, labels: Labels, skip: Option<Skip>) -> Var {
        let y = self.b.gather(x, index, labels.clone(), skip.clone());
        let ty = self.ty(y);
        self.record(&[x], y, move |_, d| {
            let skip = skip.as_ref().map(|skip| skip.integer().clone());
            Some(d[0]?.gather(index, labels.clone(), skip, ty.clone()))
        })
    }

    /// Sums into what the integers `index` choose, of shape `ty`; linear in `x`. See
    /// [`Inst::Scatter`].
    pub fn scatter(&self, x: Var, index: Var, labels: Labels, skip: Option<Dim>, ty: Shape) -> Var {
        let y = self.b.scatter(x, index, labels.clone(), skip.clone(), ty.clone());
        self.record(&[x], y, move |_, d| {
            Some(d[0]?.scatter(index, labels.clone(), skip.clone(), ty.clone()))
        })
    }
}

/// The maximum over the axis, `x − max`, `e^(x − max)` and its sum over the axis.
struct Shifted {
    max: Var,
    shifted: Var,
    exp: Var,
    sum: Var,
    /// The axes but the one folded away.
    kept: Vec<usize>,
    ty: Shape,
}

impl Shifted {
    fn spread<'b>(&self, b: &'b Builder, x: Var) -> V<'b> {
        // With an axis of length 1 nothing was folded away but a 1.
        b.v(b.broadcast(x, self.kept.clone(), self.ty.clone()))
    }
}

/// Whether a value is scalar functions of `args` and constants. It may be simpler than what was written, and
/// then be made of what the arguments are made of: `−(−x)` is `x`, and a sum of two concatenations one of them.
fn is_made_of(b: &Builder, y: Var, args: &[Var]) -> bool {
    let mut stack = vec![y];
    while let Some(var) = stack.pop() {
        if args.contains(&var) {
            continue;
        }
        match b.inst(var) {
            Inst::Num(_) => {}
            Inst::Point { args, .. } => stack.extend(args),
            Inst::Broadcast { x, .. } if b.as_num(x).is_some() => {}
            _ => return false,
        }
    }
    true
}

/// The slopes of an elementwise op, written about arguments of which nothing is known, so that nothing is
/// simplified away with them.
struct Apart {
    b: Builder,
    /// What stands for each argument.
    args: Vec<Var>,
    slopes: Vec<Option<Var>>,
}

impl Apart {
    fn new(around: &Builder, args: &[Var], options: &[Var], value: Value) -> Apart {
        let b = Builder::default();
        let opaque = |(i, arg): (usize, &Var)| match around.as_num(*arg) {
            Some(num) => b.num(num).var,
            None => b.source(Source::Step(i), around.ty(*arg)),
        };
        let args: Vec<Var> = args.iter().enumerate().map(opaque).collect();
        let options: Vec<V<'_>> =
            options.iter().filter_map(|option| Some(b.num(around.as_num(*option)?))).collect();
        let handles: Vec<V<'_>> = args.iter().map(|x| b.v(*x)).collect();
        let y = value(&handles, &options);
        let mut known = rustc_hash::FxHashMap::default();
        let slope = |x: &Var| {
            known.clear();
            slope(*x, &args, y, &mut known).map(|slope| slope.var)
        };
        let slopes = args.iter().map(slope).collect();
        Apart { slopes, args, b }
    }

    /// The slopes as values of another builder, in which these are the arguments.
    fn slopes<'b>(&self, b: &'b Builder, args: &[Var]) -> Vec<Option<V<'b>>> {
        let mut known: rustc_hash::FxHashMap<Var, Var> =
            self.args.iter().copied().zip(args.iter().copied()).collect();
        self.b.with_defs(|defs| {
            for (var, def) in defs.iter().enumerate() {
                if known.contains_key(&var) {
                    continue;
                }
                let new = match &def.inst {
                    Inst::Num(num) => b.num(num.clone()),
                    Inst::Point { prim, args } => {
                        let args: Vec<V<'b>> = args.iter().map(|arg| b.v(known[arg])).collect();
                        b.point(*prim, &args)
                    }
                    other => bug!("trace", "{other:?} in an elementwise op"),
                };
                known.insert(var, new.var);
            }
        });
        self.slopes.iter().map(|slope| slope.map(|slope| b.v(known[&slope]))).collect()
    }
}

/// The partial derivatives of a tree of scalar functions, in the primal stream and element by
/// element: a coefficient is selected, never a product with something infinite that is not.
fn derive<'b>(args: &[V<'b>], y: V<'b>, tangents: &[Option<Lin<'_>>]) -> Vec<Option<V<'b>>> {
    let vars: Vec<Var> = args.iter().map(|x| x.var).collect();
    // Of one function of them, all slopes at once.
    if let Inst::Point { prim, args: of } = y.builder().inst(y.var)
        && of == vars
        && prim != crate::ops::prim::SELECT_GT
        && (1..vars.len()).all(|i| !vars[..i].contains(&vars[i]))
    {
        let slopes = prim.slopes(args, y).into_iter().zip(tangents);
        return slopes.map(|(slope, dx)| dx.and(slope)).collect();
    }
    args.iter()
        .zip(tangents)
        .enumerate()
        .map(|(i, (arg, dx))| {
            // `x · x` has one argument, twice: its slope counts once.
            let first = !vars[..i].contains(&arg.var);
            let mut known = rustc_hash::FxHashMap::default();
            if first && dx.is_some() { slope(arg.var, &vars, y, &mut known) } else { None }
        })
        .collect()
}

/// `∂y/∂x`, where all of `args` count as independent.
fn slope<'b>(
    x: Var,
    args: &[Var],
    y: V<'b>,
    known: &mut rustc_hash::FxHashMap<Var, Option<Var>>,
) -> Option<V<'b>> {
    let b = y.builder();
    if args.contains(&y.var) {
        return (y.var == x).then(|| b.int(1));
    }
    if let Some(slope) = known.get(&y.var) {
        return slope.map(|var| b.v(var));
    }
    let Inst::Point { prim, args: inner } = b.inst(y.var) else { return None };
    let inner: Vec<V<'b>> = inner.into_iter().map(|var| b.v(var)).collect();
    let chained: Vec<Option<V<'b>>> = inner.iter().map(|arg| slope(x, args, *arg, known)).collect();
    let total = if prim == crate::ops::prim::SELECT_GT {
        // Select between the branches' slopes, so that the branch not taken cannot spoil the other.
        match (chained[2], chained[3]) {
            (None, None) => None,
            (yes, no) => {
                let zero = b.int(0);
                Some(inner[0].select_gt(inner[1], yes.unwrap_or(zero), no.unwrap_or(zero)))
            }
        }
    } else if chained.iter().all(Option::is_none) {
        None
    } else {
        prim.slopes(&inner, y)
            .into_iter()
            .zip(chained)
            .filter_map(|(outer, inner)| Some(b.compose(outer?, inner?)))
            .reduce(|sum, term| sum + term)
    };
    known.insert(y.var, total.map(|v| v.var));
    total
}
