//! Runs functions.

use super::array::{Array, Lengths, Strided, Value, chosen, each_place, strides};
use super::{World, function};
use crate::ir::{
    CustomCall, Def, Fold, Func, Inst, Part, Passing, Scan, Skip, Source, Target, View, Window,
};
use crate::prim::{MAXIMUM, SELECT_GT};
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
    Array { shape: shape.to_vec(), data: vec![T::ZERO; shape.iter().product()] }
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

    pub fn view(&self, window: &Window) -> Strided {
        let steps = window.steps.iter().map(|(axis, step)| (*axis, self.world.dim(step)));
        Strided { from: self.dims(&window.from), steps: steps.collect() }
    }

    fn inst(&self, inst: &Inst, shape: &[usize], values: &[Value<T>]) -> Value<T> {
        let world = self.world;
        let real = |x: &usize| values[*x].real();
        Value::Real(match inst {
            Inst::Source(source) => return (self.given)(*source, shape),
            Inst::Num(num) => Array { shape: Vec::new(), data: vec![world.num(num)] },
            Inst::Point { prim, args } => {
                let args: Vec<&Array<T>> = args.iter().map(real).collect();
                pointwise(function::<T>(*prim), &args, shape, |args| {
                    if [MAXIMUM, SELECT_GT].contains(prim) && args[0] == args[1] {
                        world.ties.set(true);
                    }
                })
            }
            Inst::View { x, view: View::Broadcast(axes) } => {
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
            Inst::View { x, view: View::Permute(perm) } => {
                return rearranged!(&values[*x], x => x.permute(perm));
            }
            Inst::View { x, view: View::Reshape } => {
                return rearranged!(&values[*x], x => x.reshape(shape));
            }
            Inst::View { x, view: View::Slice { axis, start } } => {
                let start = world.dim(start);
                return rearranged!(&values[*x], x => x.slice(*axis, start, shape[*axis]));
            }
            Inst::View { x, view: View::Window(window) } => {
                let view = self.view(window);
                return rearranged!(&values[*x], x => x.view(shape, &view));
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
                    return Value::Integers(concat(Array::of(shape, |_| 0), &parts, *axis));
                }
                let parts: Vec<Array<T>> = parts
                    .iter()
                    .map(|part| match part {
                        Part::Value(x) => real(x).clone(),
                        Part::Zeros(length) => zeros_along(shape, *axis, world.dim(length)),
                    })
                    .collect();
                concat(zeros(shape), &parts.iter().collect::<Vec<_>>(), *axis)
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
        let mut made: Vec<(Passing, Vec<usize>, usize)> = Vec::new();
        for (i, flow) in scan.results.iter().enumerate() {
            let value = body.results.iter().find(|res| res.target == Target::Step(i));
            let ty = &body.defs[value.expect("every result of a loop is made").value].ty;
            made.push((flow.clone(), self.dims(ty), self.width(flow)));
        }
        let steps = Steps { length: self.world.dim(&scan.length), reverse: scan.reverse };
        let flows: Vec<(Passing, usize)> =
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

    pub fn width(&self, flow: &Passing) -> usize {
        match flow {
            Passing::Each { width, .. } => self.world.dim(width),
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
        flows: &[(Passing, usize)],
        args: &[&Value<T>],
        made: &[(Passing, Vec<usize>, usize)],
        step: impl Fn(usize, &[Value<T>]) -> Vec<Array<T>>,
    ) -> Vec<Value<T>> {
        let initial = flows.iter().zip(args).filter(|((flow, _), _)| *flow == Passing::Carry);
        let mut carried: Vec<Value<T>> = initial.map(|(_, x)| (*x).clone()).collect();
        let mut results: Vec<Array<T>> = made
            .iter()
            .map(|(flow, shape, width)| {
                let mut shape = shape.clone();
                match flow {
                    Passing::Each { axis, .. } => shape[*axis] = width * self.length,
                    Passing::Mirrored { axis } => shape[*axis] = self.length,
                    Passing::Whole | Passing::Carry => {}
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
                    Passing::Carry => states.next().expect("a state").clone(),
                    _ => rearranged!(x, x => x.inside(flow, *width, t, self.length)),
                })
                .collect();
            carried.clear();
            for (((flow, _, width), result), new) in
                made.iter().zip(&mut results).zip(step(t, &inside))
            {
                let at = match flow {
                    Passing::Whole => {
                        *result = add(result, &new);
                        continue;
                    }
                    Passing::Carry => {
                        carried.push(Value::Real(new.clone()));
                        *result = new;
                        continue;
                    }
                    Passing::Each { axis, .. } => (*axis, t * width),
                    Passing::Mirrored { axis } => (*axis, self.length - 1 - t),
                };
                result.put(&new, at.0, at.1);
            }
        }
        results.into_iter().map(Value::Real).collect()
    }
}

/// A function of each element. A constant stands for an array of it.
pub fn pointwise<T: Real>(
    function: fn(&[T]) -> T,
    args: &[&Array<T>],
    shape: &[usize],
    mut see: impl FnMut(&[T]),
) -> Array<T> {
    for arg in args {
        assert!(arg.shape.is_empty() || arg.shape == shape, "{:?} in {shape:?}", arg.shape);
    }
    // No function has more arguments.
    let mut of_element = [T::ZERO; 4];
    let mut element = |at: usize| {
        for (to, arg) in of_element.iter_mut().zip(args) {
            *to = arg.data[if arg.shape.is_empty() { 0 } else { at }];
        }
        let args = &of_element[..args.len()];
        see(args);
        function(args)
    };
    Array { shape: shape.to_vec(), data: (0..shape.iter().product()).map(&mut element).collect() }
}

pub fn reduce<T: Real>(fold: Fold, x: &Array<T>, axes: &[usize], shape: &[usize]) -> Array<T> {
    let mut made: Vec<Option<T>> = vec![None; shape.iter().product()];
    let mut kept = strides(shape);
    for axis in 0..x.shape.len() {
        if axes.contains(&axis) {
            kept.insert(axis, 0);
        }
    }
    each_place(&x.shape, [&strides(&x.shape), &kept], [0; 2], &mut |[from, to]| {
        let x = x.data[from];
        made[to] = Some(match (fold, made[to]) {
            (_, None) => x,
            (Fold::Sum, Some(sum)) => sum + x,
            (Fold::Max, Some(max)) => max.maximum(x),
        });
    });
    let data = made.into_iter().map(|x| x.unwrap_or(T::ZERO)).collect();
    Array { shape: shape.to_vec(), data }
}

pub fn overlap<T: Real>(mut sum: Array<T>, x: &Array<T>, view: &Strided) -> Array<T> {
    let (start, along) = view.within(&x.shape, &sum.shape);
    each_place(&x.shape, [&strides(&x.shape), &along], [0, start], &mut |[from, to]| {
        sum.data[to] = sum.data[to] + x.data[from];
    });
    sum
}

pub fn zeros_along<T: Real>(shape: &[usize], axis: usize, length: usize) -> Array<T> {
    let mut shape = shape.to_vec();
    shape[axis] = length;
    zeros(&shape)
}

/// Arrays one after the other, in one that begins as `whole`.
pub fn concat<T: Clone>(mut whole: Array<T>, parts: &[&Array<T>], axis: usize) -> Array<T> {
    let mut start = 0;
    for part in parts {
        whole.put(part, axis, start);
        start += part.shape[axis];
    }
    assert_eq!(start, whole.shape[axis], "the parts are shorter than the whole");
    whole
}

pub fn contract<T: Real>(
    a: &Array<T>,
    b: &Array<T>,
    [of_a, of_b, out]: [&[char]; 3],
    shape: &[usize],
) -> Array<T> {
    let of = [(of_a, a.shape.as_slice()), (of_b, &b.shape), (out, shape)];
    let mut made = zeros(shape);
    Lengths::of(&of).places(of, None, |[i, j, to]| {
        made.data[to] = made.data[to] + a.data[i] * b.data[j];
    });
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
    let (stride, bound) = along(&labels.a, by, &x.shape);
    let lengths = Lengths::of(&[(&labels.b, &index.shape), (&labels.out, shape)]);
    let of: [(&[char], &[usize]); 3] =
        [(&labels.a, &x.shape), (&labels.b, &index.shape), (&labels.out, shape)];
    let mut made = zeros(shape);
    lengths.places(of, Some(by), |[from, place, to]| {
        let integer = index.data[place];
        if zero != Some(integer) {
            assert!(integer < bound, "{integer} is not below {bound}");
            let value = x.data[from + integer * stride];
            made.data[to] = if still == Some(integer) { value.stop_gradient() } else { value };
        }
    });
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
    let (stride, bound) = along(&labels.out, by, shape);
    let lengths = Lengths::of(&[(&labels.a, &x.shape), (&labels.b, &index.shape)]);
    let of: [(&[char], &[usize]); 3] =
        [(&labels.a, &x.shape), (&labels.b, &index.shape), (&labels.out, shape)];
    let mut made = zeros(shape);
    lengths.places(of, Some(by), |[from, place, to]| {
        let integer = index.data[place];
        if skip != Some(integer) {
            assert!(integer < bound, "{integer} is not below {bound}");
            let to = to + integer * stride;
            made.data[to] = made.data[to] + x.data[from];
        }
    });
    made
}

/// How far elements move along the axis that has a label, and how long it is.
fn along(labels: &[char], by: char, shape: &[usize]) -> (usize, usize) {
    let axis = labels.iter().position(|label| *label == by).expect("a label of the array");
    (strides(shape)[axis], shape[axis])
}
