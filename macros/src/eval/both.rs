//! What a function makes, and what its loops make in planned memory.

use super::program::Machine;
use super::{Array, Value, World, run};
use crate::entries::ALL;
use crate::fuse::{Split, fuse};
use crate::invariant::Verify;
use crate::ir::{Func, Source, Target};
use crate::plan::plan;
use pullback_core::Real;
use std::collections::BTreeMap;

/// Results as their elements.
pub type Made<T> = BTreeMap<Target, Vec<T>>;

/// The elements of a source.
pub enum Data<T> {
    Real(Vec<T>),
    Integers(Vec<usize>),
}

/// Runs a function, and its loops in memory that is full of `unwritten` at first.
pub fn both<T: Real>(
    world: &World,
    func: &Func,
    given: &dyn Fn(Source) -> Data<T>,
    unwritten: T,
) -> [(&'static str, Made<T>); 2] {
    let shaped = |source: Source, shape: &[usize]| match given(source) {
        Data::Real(data) => Value::Real(Array { shape: shape.to_vec(), data }),
        Data::Integers(data) => Value::Integers(Array { shape: shape.to_vec(), data }),
    };
    let function = run(world, func, &shaped).into_iter().map(|(target, made)| (target, made.data));
    let plan = plan(fuse(func, Split::Whole).verified("fuse")).verified("plan");
    let flat = |source: Source, length: usize| shaped(source, &[length]);
    let mut machine = Machine::new(world, &plan, ALL, &flat, || unwritten);
    machine.run();
    [("function", function.collect()), ("loops", machine.targets())]
}
