//! Runs functions.

use super::array::{Array, Lengths, Value, View, chosen, indices};
use super::{World, function};
use crate::ir::{
    CustomCall, Def, Flow, Fold, Func, Inst, Part, Scan, Skip, Source, Target, Window,
};
use crate::ops::prim::MAXIMUM;
use crate::shape::Dim;
use pullback_core::Real;
use std::collections::BTreeMap;

/// What sources are, given their shapes.
pub type Given<'a, T> = &'a dyn Fn(Source, &[usize]) -> Value<T>;

/// What a function makes of its sources.
pub fn run<T: Real>(world: &World, func: &Func, given: Given<'_, T>) -> BTreeMap<Target, Array<T>> {
    let values = Run { world, given, steps: Vec::new() }.defs(&func.defs);
    summed(func.results.iter().map(|result| (result.target, values[result.value].real())))
}

/// What goes to each target: the sum of its values.
pub fn summed<'v, T: Real>(
    values: impl Iterator<Item = (Target, &'v Array<T>)>,
) -> BTreeMap<Target, Array<T>> {
    let mut results: BTreeMap<Target, Array<T>> = BTreeMap::new();
    for (target, value) in values {
        let sum = results.get(&target).map_or_else(|| value.clone(), |sum| add(sum, value));
        results.insert(target, sum);
    }
    results
}

/// The sources of a step: what it sees of the loop's arguments.
pub fn of_step<T: Clone>(inside: &[Value<T>]) -> impl Fn(Source, &[usize]) -> Value<T> {
    |source, _| match source {
        Source::Step(i) => inside[i].clone(),
        other => panic!("{other:?} in a step"),
    }
}

/// A run, or that of a step of a loop.
pub struct Run<'a, T> {
    pub world: &'a World,
    pub given: Given<'a, T>,
    /// The steps of the loops around it.
    pub steps: Vec<usize>,
}

impl<T> Value<T> {
    #[track_caller]
    pub fn real(&self) -> &Array<T> {
        match self {
            Value::Real(array) => array,
            _ => panic!("not an array of numbers"),
        }
    }

    #[track_caller]
    pub fn integers(&self) -> &Array<usize> {
        match self {
            Value::Integers(array) => array,
            _ => panic!("not an array of integers"),
        }
    }

    pub fn shape(&self) -> &[usize] {
        match self {
            Value::Real(array) => &array.shape,
            Value::Integers(array) => &array.shape,
            Value::Loop(_) => &[],
        }
    }
}

/// The same rearrangement of numbers or of integers.
macro_rules! rearranged {
    ($value:expr, $x:ident => $made:expr) => {
        match $value {
            Value::Real($x) => Value::Real($made),
            Value::Integers($x) => Value::Integers($made),
            Value::Loop(_) => panic!("a loop is no array"),
        }
    };
}

pub fn add<T: Real>(x: &Array<T>, y: &Array<T>) -> Array<T> {
    assert_eq!(x.shape, y.shape, "a sum of two shapes");
    Array {
        shape: x.shape.clone(),
        data: x.data.iter().zip(&y.data).map(|(a, b)| *a + *b).collect(),
    }
}

pub fn zeros<T: Real>(shape: &[usize]) -> Array<T> {
    Array::of(shape, |_| T::ZERO)
}

impl<T: Real> Run<'_, T> {
    /// What each instruction defines.
    pub fn defs(&self, defs: &[Def]) -> Vec<Value<T>> {
        let mut values: Vec<Value<T>> = Vec::with_capacity(defs.len());
        for (var, def) in defs.iter().enumerate() {
            let shape = self.world.shape(&def.ty);
            let value = self.inst(&def.inst, &shape, &values);
            assert_eq!(
                value.shape(),
                shape,
                "%{var} has another shape than it says: {:?}",
                def.inst
            );
            values.push(value);
        }
        values
    }

    fn dims(&self, dims: &[Dim]) -> Vec<usize> {
        self.world.shape(dims)
    }

    pub fn view(&self, window: &Window) -> View {
        let steps = window.steps.iter().map(|(axis, step)| (*axis, self.world.dim(step)));
        View { from: self.dims(&window.from), steps: steps.collect() }
    }

    fn inst(&self, inst: &Inst, shape: &[usize], values: &[Value<T>]) -> Value<T> {
        let world = self.world;
        let real = |x: &usize| values[*x].real();
        Value::Real(match inst {
            Inst::Source(source) => return (self.given)(*source, shape),
            Inst::Num(num) => Array { shape: Vec::new(), data: vec![world.num(num)] },
            Inst::Point { prim, args } => {
                let args: Vec<&Array<T>> = args.iter().map(real).collect();
                let function = function::<T>(*prim);
                Array::of(shape, |index| {
                    // A constant stands for an array of it.
                    let at =
                        |x: &&Array<T>| if x.shape.is_empty() { x.data[0] } else { x.at(index) };
                    let args: Vec<T> = args.iter().map(at).collect();
                    if *prim == MAXIMUM && args[0] == args[1] {
                        world.ties.set(true);
                    }
                    function(&args)
                })
            }
            Inst::Broadcast { x, axes } => {
                return rearranged!(&values[*x], x => x.broadcast(axes, shape));
            }
            Inst::Reduce { fold, x, axes } => {
                let (x, made) = (real(x), reduce(*fold, real(x), axes, shape));
                let greatest = x.data.iter().filter(|x| made.data.contains(x)).count();
                if *fold == Fold::Max && greatest > made.data.len() {
                    world.ties.set(true);
                }
                made
            }
            Inst::Permute { x, perm } => return rearranged!(&values[*x], x => x.permute(perm)),
            Inst::Reshape { x } => return rearranged!(&values[*x], x => x.reshape(shape)),
            Inst::Slice { x, axis, start } => {
                let start = world.dim(start);
                return rearranged!(&values[*x], x => x.slice(*axis, start, shape[*axis]));
            }
            Inst::Window { x, window } => {
                let view = self.view(window);
                return rearranged!(&values[*x], x => x.view(shape, |index| view.place(index)));
            }
            Inst::Overlap { parts } => {
                let parts = parts.iter().map(|(x, window)| (real(x), self.view(window)));
                parts.fold(zeros(shape), |sum, (x, view)| overlap(sum, x, &view))
            }
            Inst::Concat { parts, axis } => {
                let first = parts.iter().find_map(|part| match part {
                    Part::Value(x) => Some(&values[*x]),
                    Part::Zeros(_) => None,
                });
                if let Some(Value::Integers(_)) = first {
                    let parts: Vec<&Array<usize>> = parts
                        .iter()
                        .map(|part| match part {
                            Part::Value(x) => values[*x].integers(),
                            Part::Zeros(_) => panic!("zeros among integers"),
                        })
                        .collect();
                    return Value::Integers(concat(&parts, *axis, shape));
                }
                let parts: Vec<Array<T>> = parts
                    .iter()
                    .map(|part| match part {
                        Part::Value(x) => real(x).clone(),
                        Part::Zeros(length) => zeros_along(shape, *axis, world.dim(length)),
                    })
                    .collect();
                concat(&parts.iter().collect::<Vec<_>>(), *axis, shape)
            }
            Inst::Contract { a, b, labels } => {
                let (a, b) = (real(a), real(b));
                contract(a, b, [&labels.a, &labels.b, &labels.out], shape)
            }
            Inst::Gather { x, index, labels, skip } => {
                let still = match skip {
                    Some(Skip::Derivative(integer)) => Some(world.dim(integer)),
                    _ => None,
                };
                let zero = match skip {
                    Some(Skip::Zero(integer)) => Some(world.dim(integer)),
                    _ => None,
                };
                let (x, index) = (real(x), values[*index].integers());
                gather(x, index, labels, zero, still, shape)
            }
            Inst::Scatter { x, index, labels, skip } => {
                let skip = skip.as_ref().map(|skip| world.dim(skip));
                scatter(real(x), values[*index].integers(), labels, skip, shape)
            }
            Inst::Iota { repeat, cycle } => {
                let (repeat, cycle) = (world.dim(repeat), world.dim(cycle));
                Array::of(shape, |index| T::from_f64((index[0] / repeat % cycle) as f64))
            }
            Inst::Random { site } => world.random(*site, &self.steps, shape),
            Inst::Custom { op, call } => match call {
                CustomCall::Forward { x } => world.custom(*op, real(x), shape),
                CustomCall::Jvp { x, dx } => world.custom_jvp(*op, real(x), real(dx), shape),
                CustomCall::Vjp { x, y_bar } => world.custom_vjp(*op, real(x), real(y_bar)),
            },
            Inst::Scan { scan, args } => {
                let args: Vec<&Value<T>> = args.iter().map(|x| &values[*x]).collect();
                return Value::Loop(self.scan(scan, &args));
            }
            Inst::ScanResult { of, index } => match &values[*of] {
                Value::Loop(results) => return results[*index].clone(),
                _ => panic!("%{of} is no loop"),
            },
        })
    }

    fn scan(&self, scan: &Scan, args: &[&Value<T>]) -> Vec<Value<T>> {
        let body = &scan.body;
        let mut made: Vec<(Flow, Vec<usize>, usize)> = Vec::new();
        for (i, flow) in scan.results.iter().enumerate() {
            let value = body.results.iter().find(|res| res.target == Target::Step(i));
            let ty = &body.defs[value.expect("every result of a loop is made").value].ty;
            made.push((flow.clone(), self.dims(ty), self.width(flow)));
        }
        let steps = Steps { length: self.world.dim(&scan.length), reverse: scan.reverse };
        let flows: Vec<(Flow, usize)> =
            scan.args.iter().map(|flow| (flow.clone(), self.width(flow))).collect();
        steps.run(&flows, args, &made, |t, inside| {
            let given = of_step(inside);
            let values = self.step(t, &given).defs(&body.defs);
            (0..scan.results.len())
                .map(|i| {
                    let of = body.results.iter().filter(|res| res.target == Target::Step(i));
                    let terms = of.map(|res| values[res.value].real().clone());
                    terms.reduce(|sum, term| add(&sum, &term)).expect("every result is made")
                })
                .collect()
        })
    }

    /// The run of step `t` of a loop in this one.
    pub fn step<'s>(&'s self, t: usize, given: Given<'s, T>) -> Run<'s, T> {
        let steps = self.steps.iter().copied().chain([t]).collect();
        Run { world: self.world, given, steps }
    }

    pub fn width(&self, flow: &Flow) -> usize {
        match flow {
            Flow::Each { width, .. } => self.world.dim(width),
            _ => 1,
        }
    }
}

/// How a loop runs.
pub struct Steps {
    pub length: usize,
    pub reverse: bool,
}

impl Steps {
    /// Runs all steps: `step` is given what each sees of the arguments, and returns what it makes of each result, of which
    /// `made` says how it passes out, the shape in a step, and how much of an axis a step has.
    pub fn run<T: Real>(
        &self,
        flows: &[(Flow, usize)],
        args: &[&Value<T>],
        made: &[(Flow, Vec<usize>, usize)],
        step: impl Fn(usize, &[Value<T>]) -> Vec<Array<T>>,
    ) -> Vec<Value<T>> {
        let initial = flows.iter().zip(args).filter(|((flow, _), _)| *flow == Flow::Carry);
        let mut carried: Vec<Value<T>> = initial.map(|(_, x)| (*x).clone()).collect();
        let mut results: Vec<Array<T>> = made
            .iter()
            .map(|(flow, shape, width)| {
                let mut shape = shape.clone();
                match flow {
                    Flow::Each { axis, .. } => shape[*axis] = width * self.length,
                    Flow::Mirrored { axis } => shape[*axis] = self.length,
                    Flow::Whole | Flow::Carry => {}
                }
                zeros(&shape)
            })
            .collect();
        for k in 0..self.length {
            let t = if self.reverse { self.length - 1 - k } else { k };
            let mut states = carried.iter();
            let inside: Vec<Value<T>> = flows
                .iter()
                .zip(args)
                .map(|((flow, width), x)| match flow {
                    Flow::Carry => states.next().expect("a state").clone(),
                    _ => rearranged!(x, x => x.inside(flow, *width, t, self.length)),
                })
                .collect();
            carried.clear();
            for (((flow, _, width), result), new) in
                made.iter().zip(&mut results).zip(step(t, &inside))
            {
                let at = match flow {
                    Flow::Whole => {
                        *result = add(result, &new);
                        continue;
                    }
                    Flow::Carry => {
                        carried.push(Value::Real(new.clone()));
                        *result = new;
                        continue;
                    }
                    Flow::Each { axis, .. } => (*axis, t * width),
                    Flow::Mirrored { axis } => (*axis, self.length - 1 - t),
                };
                for mut index in indices(&new.shape) {
                    let x = new.at(&index);
                    index[at.0] += at.1;
                    *result.at_mut(&index) = x;
                }
            }
        }
        results.into_iter().map(Value::Real).collect()
    }
}

pub fn reduce<T: Real>(fold: Fold, x: &Array<T>, axes: &[usize], shape: &[usize]) -> Array<T> {
    let mut made: Array<Option<T>> = Array::of(shape, |_| None);
    for index in indices(&x.shape) {
        let kept = index.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
        let kept: Vec<usize> = kept.map(|(_, i)| *i).collect();
        let (x, so_far) = (x.at(&index), made.at_mut(&kept));
        *so_far = Some(match (fold, *so_far) {
            (_, None) => x,
            (Fold::Sum, Some(sum)) => sum + x,
            (Fold::Max, Some(max)) => max.maximum(x),
        });
    }
    made.map(|x| x.unwrap_or(T::ZERO))
}

pub fn overlap<T: Real>(mut sum: Array<T>, x: &Array<T>, view: &View) -> Array<T> {
    for index in indices(&x.shape) {
        let to = sum.at_mut(&view.place(&index));
        *to = *to + x.at(&index);
    }
    sum
}

pub fn zeros_along<T: Real>(shape: &[usize], axis: usize, length: usize) -> Array<T> {
    let mut shape = shape.to_vec();
    shape[axis] = length;
    zeros(&shape)
}

pub fn concat<T: Copy>(parts: &[&Array<T>], axis: usize, shape: &[usize]) -> Array<T> {
    Array::of(shape, |index| {
        let mut index = index.to_vec();
        for part in parts {
            if index[axis] < part.shape[axis] {
                return part.at(&index);
            }
            index[axis] -= part.shape[axis];
        }
        panic!("the parts are shorter than the whole")
    })
}

pub fn contract<T: Real>(
    a: &Array<T>,
    b: &Array<T>,
    [of_a, of_b, out]: [&[char]; 3],
    shape: &[usize],
) -> Array<T> {
    let lengths = Lengths::of(&[(of_a, &a.shape), (of_b, &b.shape), (out, shape)]);
    let mut made = zeros(shape);
    let of = [(of_a, a.shape.as_slice()), (of_b, &b.shape), (out, shape)];
    lengths.places(of, |i, j, to| made.data[to] = made.data[to] + a.data[i] * b.data[j]);
    made
}

pub fn gather<T: Real>(
    x: &Array<T>,
    index: &Array<usize>,
    labels: &crate::ir::Labels,
    zero: Option<usize>,
    still: Option<usize>,
    shape: &[usize],
) -> Array<T> {
    let by = chosen(&labels.a, labels, &labels.out);
    let place = labels.a.iter().position(|label| *label == by).expect("a label of x");
    let rest: Vec<char> = labels.a.iter().copied().filter(|label| *label != by).collect();
    let lengths = Lengths::of(&[(&labels.b, &index.shape), (&labels.out, shape)]);
    let mut made = zeros(shape);
    for at in lengths.all(&[&rest, &labels.b, &labels.out]) {
        let integer = index.at(&at[1]);
        if zero == Some(integer) {
            continue;
        }
        let mut from = at[0].clone();
        from.insert(place, integer);
        let value = x.at(&from);
        *made.at_mut(&at[2]) = if still == Some(integer) { value.stop_gradient() } else { value };
    }
    made
}

pub fn scatter<T: Real>(
    x: &Array<T>,
    index: &Array<usize>,
    labels: &crate::ir::Labels,
    skip: Option<usize>,
    shape: &[usize],
) -> Array<T> {
    let by = chosen(&labels.out, labels, &labels.a);
    let place = labels.out.iter().position(|label| *label == by).expect("a label of the result");
    let rest: Vec<char> = labels.out.iter().copied().filter(|label| *label != by).collect();
    let lengths = Lengths::of(&[(&labels.a, &x.shape), (&labels.b, &index.shape)]);
    let mut made = zeros(shape);
    for at in lengths.all(&[&labels.a, &labels.b, &rest]) {
        let integer = index.at(&at[1]);
        if skip == Some(integer) {
            continue;
        }
        let mut to = at[2].clone();
        to.insert(place, integer);
        let to = made.at_mut(&to);
        *to = *to + x.at(&at[0]);
    }
    made
}
