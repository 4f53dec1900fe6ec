//! Runs loop nests: what `fuse` and `plan` make of a function.

use super::array::each_index;
use super::{World, function};
use crate::entries::Wrt;
use crate::ir::{Fold, Skip, Source, Target};
use crate::nest::{
    Access, Add, Body, BufId, Chosen, Kind, Nest, Place, Program, Reg, Store, is_asked,
};
use crate::plan::{Area, Plan};
use crate::prim::Prim;
use crate::shape::Dim;
use pullback_core::Real;
use std::collections::BTreeMap;

/// Memory, area by area. What has not been written holds nonsense.
pub struct Machine<'a, T> {
    world: &'a World,
    program: &'a Program,
    asked: Wrt,
    /// Whether this is not the first tile: gradients of parameters add up.
    later: bool,
    reals: Vec<Vec<T>>,
    integers: Vec<Vec<usize>>,
    /// Where each buffer is: its area, and where in it.
    area: Vec<(usize, usize)>,
    /// The steps of the loops that are under way.
    steps: Vec<usize>,
}

/// Where an access reads or writes.
struct At {
    buf: BufId,
    area: usize,
    /// Where in the area it begins.
    start: usize,
    offset: usize,
    strides: Vec<usize>,
    /// How many elements there are.
    length: usize,
}

impl At {
    fn place(&self, index: &[usize]) -> usize {
        assert_eq!(self.strides.len(), index.len(), "strides of another rank");
        let at =
            self.strides.iter().zip(index).fold(self.offset, |at, (stride, i)| at + stride * i);
        assert!(at < self.length, "{at} of the {} elements of #{}", self.length, self.buf);
        self.start + at
    }
}

type Function<T> = fn(&[T]) -> T;

/// A body ready to be run.
struct Code<T> {
    loads: Vec<At>,
    lines: Vec<(Function<T>, Vec<Operand<T>>)>,
    wanted: Vec<Operand<T>>,
}

enum Operand<T> {
    Num(T),
    Load(usize),
    Made(usize),
    Line(usize),
}

/// What a nest does with what its kind makes.
struct End<T> {
    code: Code<T>,
    to: Vec<(At, Add)>,
}

/// What a body makes of an element: memory that the next element uses again.
struct Values<T> {
    loads: Vec<T>,
    lines: Vec<T>,
    wanted: Vec<T>,
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Values { loads: Vec::new(), lines: Vec::new(), wanted: Vec::new() }
    }
}

impl<'a, T: Real> Machine<'a, T> {
    /// Memory as a plan says, with what the sources are: `given` says it, told how many elements there are. What has no slot
    /// has memory of its own.
    pub fn new(
        world: &'a World,
        plan: &'a Plan,
        asked: Wrt,
        given: &dyn Fn(Source, usize) -> super::Value<T>,
        mut nonsense: impl FnMut() -> T,
    ) -> Self {
        let program = &plan.program;
        let (mut reals, mut integers, mut area) = (Vec::new(), Vec::new(), Vec::new());
        for slot in &plan.slots {
            reals.push((0..world.dim(&slot.size)).map(|_| nonsense()).collect());
            integers.push(Vec::new());
        }
        for (buf, buffer) in program.buffers.iter().enumerate() {
            if let Some(Area { slot, part }) = &plan.areas[buf] {
                let start = part.as_ref().map_or(0, |part| part.start);
                let unit = plan.slots[*slot].shared;
                area.push((*slot, unit.map_or(0, |unit| world.dim(&unit.times(start)))));
                continue;
            }
            area.push((reals.len(), 0));
            let length = world.dim(&buffer.size);
            let (mut numbers, mut whole) = (Vec::new(), Vec::new());
            match buffer.place {
                Place::Source(source) => match given(source, length) {
                    super::Value::Real(array) => numbers = array.data,
                    super::Value::Integers(array) => whole = array.data,
                    super::Value::Loop(_) => unreachable!("no source is a loop"),
                },
                _ => numbers = (0..length).map(|_| nonsense()).collect(),
            }
            reals.push(numbers);
            integers.push(whole);
        }
        Machine { world, program, asked, later: false, reals, integers, area, steps: Vec::new() }
    }

    /// Runs the program on the first tile.
    pub fn run(&mut self) {
        let program = self.program;
        program.nests.iter().for_each(|nest| self.wanted(nest));
    }

    /// Runs the program again, as on a later tile, on the same memory.
    pub fn run_again(&mut self) {
        self.later = true;
        self.run();
    }

    /// What the program has made.
    pub fn targets(&self) -> BTreeMap<Target, Vec<T>> {
        let made = self.program.buffers.iter().zip(&self.area).filter_map(|(buffer, area)| {
            let Place::Target(target) = buffer.place else { return None };
            is_asked(target, self.asked).then(|| (target, self.reals[area.0].clone()))
        });
        made.collect()
    }

    /// As the generated code chooses it: what nobody asks for is not run.
    fn wanted(&mut self, nest: &Nest) {
        if nest.wanted.by(self.asked) {
            self.nest(nest);
        }
    }

    fn dim(&self, dim: &Dim) -> usize {
        let steps = &self.steps;
        let step = |name: &str| (0..steps.len()).find(|depth| Dim::step(*depth).code() == name);
        self.world.dim_with(dim, &|name| step(name).map(|depth| steps[depth] as i64))
    }

    fn dims(&self, dims: &[Dim]) -> Vec<usize> {
        dims.iter().map(|dim| self.dim(dim)).collect()
    }

    /// An access with numbers in place of dimensions.
    fn at(&self, access: &Access) -> At {
        At {
            buf: access.buf,
            area: self.area[access.buf].0,
            start: self.area[access.buf].1,
            offset: self.dim(&access.offset),
            strides: self.dims(&access.strides),
            length: self.dim(&self.program.buffers[access.buf].size),
        }
    }

    fn code<'r>(&self, body: &Body, wanted: impl Iterator<Item = &'r Reg>) -> Code<T> {
        let line = |(prim, args): &(Prim, Vec<Reg>)| {
            (function(*prim), args.iter().map(|reg| self.operand(reg)).collect())
        };
        Code {
            loads: body.loads.iter().map(|load| self.at(load)).collect(),
            lines: body.lines.iter().map(line).collect(),
            wanted: wanted.map(|reg| self.operand(reg)).collect(),
        }
    }

    fn operand(&self, reg: &Reg) -> Operand<T> {
        match reg {
            Reg::Num(num) => Operand::Num(self.world.num(num)),
            Reg::Load(i) => Operand::Load(*i),
            Reg::Acc(i) => Operand::Made(*i),
            Reg::Line(i) => Operand::Line(*i),
        }
    }

    fn load(&self, at: &At, index: &[usize]) -> T {
        self.reals[at.area][at.place(index)]
    }

    fn write(&mut self, area: usize, at: usize, add: Add, x: T) {
        let adds = match add {
            Add::No => false,
            Add::LaterTiles => self.later,
            Add::Yes => true,
        };
        let to = &mut self.reals[area][at];
        *to = if adds { *to + x } else { x };
    }

    /// The values that a body is wanted for.
    fn values<'v>(
        &self,
        code: &Code<T>,
        made: &[T],
        index: &[usize],
        Values { loads, lines, wanted }: &'v mut Values<T>,
    ) -> &'v [T] {
        loads.clear();
        loads.extend(code.loads.iter().map(|load| self.load(load, index)));
        lines.clear();
        let value = |operand: &Operand<T>, lines: &[T]| match operand {
            Operand::Num(x) => *x,
            Operand::Load(i) => loads[*i],
            Operand::Made(i) => made[*i],
            Operand::Line(i) => lines[*i],
        };
        // No function has more arguments.
        let mut of_line = [T::ZERO; 4];
        for (function, args) in &code.lines {
            for (to, arg) in of_line.iter_mut().zip(args) {
                *to = value(arg, lines);
            }
            lines.push(function(&of_line[..args.len()]));
        }
        wanted.clear();
        wanted.extend(code.wanted.iter().map(|wanted| value(wanted, lines)));
        wanted
    }

    fn finish(&mut self, end: &End<T>, index: &[usize], made: &[T], values: &mut Values<T>) {
        let values = self.values(&end.code, made, index, values);
        for ((to, add), value) in end.to.iter().zip(values) {
            self.write(to.area, to.place(index), *add, *value);
        }
    }

    /// What an integer chooses; `None` where that is nothing.
    fn integer(&self, chosen: &Chosen, index: &At, at: &[usize]) -> Option<usize> {
        let integer = self.integers[index.area][index.place(at)];
        match &chosen.skip {
            Some(Skip::Zero(skip)) if integer == self.dim(skip) => return None,
            _ => {
                assert!(integer < self.dim(&chosen.bound), "an integer that is not below its bound")
            }
        }
        Some(integer)
    }

    fn nest(&mut self, nest: &Nest) {
        if !matches!(nest.kind, Kind::Loop { .. }) {
            let stretch = |buf: BufId| {
                let (area, start) = self.area[buf];
                (area, start, start + self.dim(&self.program.buffers[buf].size))
            };
            let read: Vec<_> = nest.reads().into_iter().map(stretch).collect();
            let apart = nest.writes().into_iter().filter(|buf| !nest.works_in_place(*buf));
            for (area, start, end) in apart.map(stretch) {
                let apart = |(other, from, to): &(usize, usize, usize)| {
                    area != *other || end <= *from || *to <= start
                };
                assert!(read.iter().all(apart), "a loop writes to what it reads");
            }
        }
        let space = self.dims(&nest.space);
        let end = End {
            code: self.code(&nest.body, nest.stores.iter().map(|store| &store.value)),
            to: nest.stores.iter().map(|store| (self.at(&store.to), store.add)).collect(),
        };
        let (first, mut memory) = (&mut Vec::new(), Values::default());
        match &nest.kind {
            Kind::Map => {
                each_index(first, &space, &mut |at| self.finish(&end, at, &[], &mut memory));
            }
            Kind::Reduce { inner, body, folds } => {
                let (inner, mut of_inner) = (self.dims(inner), Values::default());
                let code = self.code(body, folds.iter().map(|(_, reg)| reg));
                each_index(first, &space, &mut |index| {
                    let mut made: Vec<Option<T>> = vec![None; folds.len()];
                    each_index(&mut index.to_vec(), &inner, &mut |at| {
                        let values = self.values(&code, &[], at, &mut of_inner);
                        for (((fold, _), made), value) in folds.iter().zip(&mut made).zip(values) {
                            *made = Some(match (fold, *made) {
                                (_, None) => *value,
                                (Fold::Sum, Some(sum)) => sum + *value,
                                (Fold::Max, Some(max)) => max.maximum(*value),
                            });
                        }
                    });
                    let made: Vec<T> = made.into_iter().map(|x| x.unwrap_or(T::ZERO)).collect();
                    self.finish(&end, index, &made, &mut memory);
                });
            }
            Kind::Contract { inner, a, b, .. } => {
                let inner = self.dims(inner);
                let (a, b) = (self.at(a), self.at(b));
                each_index(first, &space, &mut |index| {
                    let mut sum = T::ZERO;
                    each_index(&mut index.to_vec(), &inner, &mut |at| {
                        sum = sum + self.load(&a, at) * self.load(&b, at);
                    });
                    self.finish(&end, index, &[sum], &mut memory);
                });
            }
            Kind::Gather { x, chosen } => {
                let (x, places) = (self.at(x), self.at(&chosen.index));
                let stride = self.dim(&chosen.stride);
                each_index(first, &space, &mut |index| {
                    let mut value = T::ZERO;
                    if let Some(integer) = self.integer(chosen, &places, index) {
                        value = self.reals[x.area][x.place(index) + integer * stride];
                        if let Some(Skip::Derivative(skip)) = &chosen.skip
                            && integer == self.dim(skip)
                        {
                            value = value.stop_gradient();
                        }
                    }
                    self.finish(&end, index, &[value], &mut memory);
                });
            }
            Kind::Scatter { inner, body, value, chosen, axis, to } => {
                let inner = self.dims(inner);
                for store in &nest.stores {
                    self.scatter(&space, &inner, (body, value), (chosen, *axis), to, store);
                }
            }
            Kind::Iota { repeat, cycle } => {
                let (repeat, cycle) = (self.dim(repeat), self.dim(cycle));
                each_index(first, &space, &mut |index| {
                    let k = T::from_f64((index[0] / repeat % cycle) as f64);
                    self.finish(&end, index, &[k], &mut memory);
                });
            }
            Kind::Random { site, steps, per_sample } => {
                let (steps, each) = (self.dims(steps), self.dim(per_sample));
                let numbers = self.world.random(*site, &steps, &[self.world.batch, each]);
                for (at, x) in numbers.data.into_iter().enumerate() {
                    let to = &end.to[0];
                    self.write(to.0.area, to.0.start + at, to.1, x);
                }
            }
            Kind::Custom { op, call, args, per_sample } => {
                let batch = self.world.batch;
                let arg = |i: usize| {
                    let (buf, each) = &args[i];
                    let (area, start) = self.area[*buf];
                    let data = self.reals[area][start..][..batch * self.dim(each)].to_vec();
                    super::Array { shape: vec![batch, self.dim(each)], data }
                };
                let shape = [batch, self.dim(per_sample)];
                let made = match *call {
                    "forward" => self.world.custom(*op, &arg(0), &shape),
                    "jvp" => self.world.custom_jvp(*op, &arg(0), &arg(1), &shape),
                    "vjp" => self.world.custom_vjp(*op, &arg(0), &arg(1)),
                    other => unreachable!("`{other}` of a foreign op"),
                };
                for (at, x) in made.data.into_iter().enumerate() {
                    let to = &end.to[0];
                    self.write(to.0.area, to.0.start + at, to.1, x);
                }
            }
            Kind::Loop { step, length, reverse, nests, carried, .. } => {
                let length = self.dim(length);
                assert_eq!(*step, Dim::step(self.steps.len()), "the name of a step");
                for k in 0..length {
                    self.steps.push(if *reverse { length - 1 - k } else { k });
                    nests.iter().for_each(|nest| self.wanted(nest));
                    self.steps.pop();
                    for (before, now) in carried {
                        self.reals.swap(self.area[*before].0, self.area[*now].0);
                    }
                }
            }
        }
    }

    fn scatter(
        &mut self,
        space: &[usize],
        inner: &[usize],
        (body, value): (&Body, &Reg),
        (chosen, axis): (&Chosen, usize),
        to: &[Option<usize>],
        store: &Store,
    ) {
        let (to_store, places) = (self.at(&store.to), self.at(&chosen.index));
        if store.add == Add::No || store.add == Add::LaterTiles && !self.later {
            for at in 0..space.iter().product() {
                self.write(to_store.area, to_store.start + to_store.offset + at, Add::No, T::ZERO);
            }
        }
        let code = self.code(body, std::iter::once(value));
        let mut memory = Values::default();
        each_index(&mut Vec::new(), inner, &mut |index| {
            let Some(integer) = self.integer(chosen, &places, index) else { return };
            let mut place = vec![0; space.len()];
            place[axis] = integer;
            for (i, axis) in index.iter().zip(to) {
                axis.iter().for_each(|axis| place[*axis] = *i);
            }
            let x = self.values(&code, &[], index, &mut memory)[0];
            self.write(to_store.area, to_store.place(&place), Add::Yes, x);
        });
    }
}
