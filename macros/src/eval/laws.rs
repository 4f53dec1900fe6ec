//! The laws of a program, and of what becomes of it.

use super::func::Given;
use super::lin::run_lin;
use super::program::Machine;
use super::world::{Draw, mixed};
use super::{Array, Value, World, run};
use crate::entries::{ALL, INPUTS, PARAMS, Wrt};
use crate::fuse::{Split, fuse};
use crate::invariant::Verify;
use crate::ir::{Func, Source, Target};
use crate::lower::Lowered;
use crate::nest::Place;
use crate::plan::{Plan, plan};
use crate::programs::{Programs, adjoint};
use crate::typed::Typed;
use pullback_core::check::{Dual, Gf};
use pullback_core::{Real, Scalar};
use std::collections::BTreeMap;

/// Samples of a batch.
pub const BATCH: usize = 3;

/// What the names of the corpus mean.
pub fn known(text: &str) -> Option<f64> {
    Some(match text {
        "WIDTH" => 3.0,
        "TOKENS" => 4.0,
        "VOCAB" => 5.0,
        "MANY" => 130.0,
        "SLOPE" => 0.25,
        "f64::INFINITY" => f64::INFINITY,
        "f64::NEG_INFINITY" => f64::NEG_INFINITY,
        _ => return None,
    })
}

/// What a function makes.
pub type Results<T> = BTreeMap<Target, Array<T>>;

/// A model's sources, tangents and cotangents.
pub struct Trial<'a> {
    typed: &'a Typed,
    world: World,
    /// Whether numbers have both signs.
    signed: bool,
}

impl<'a> Trial<'a> {
    pub fn new(typed: &'a Typed) -> Self {
        Trial { typed, world: World::new(typed, BATCH, &known), signed: false }
    }

    /// With numbers of both signs, for models that are defined for all.
    pub fn signed(typed: &'a Typed) -> Self {
        Trial { signed: true, ..Trial::new(typed) }
    }

    pub fn source<T: Draw>(&self, source: Source, shape: &[usize]) -> Value<T> {
        match source {
            Source::Integers(i) => {
                let bound = self.typed.inputs[i].index.as_ref().expect("integers");
                let (bound, mut rng) = (self.world.dim(bound), mixed(&i));
                Value::Integers(Array::of(shape, |_| rng.next_u64() as usize % bound))
            }
            source => {
                let (draw, mut rng) =
                    (if self.signed { T::draw_signed } else { T::draw }, mixed(&source));
                Value::Real(Array::of(shape, |_| draw(&mut rng)))
            }
        }
    }

    fn run<T: Draw>(&self, func: &Func) -> Results<T> {
        self.run_with(func, &|source| source)
    }

    /// Runs a function where some sources are others.
    pub fn run_with<T: Draw>(&self, func: &Func, name: &dyn Fn(Source) -> Source) -> Results<T> {
        self.run_of(func, &|source, shape| self.source(name(source), shape))
    }

    pub fn run_of<T: Real>(&self, func: &Func, given: Given<'_, T>) -> Results<T> {
        run(&self.world, func, given)
    }

    /// A function over dual numbers, given what the tangents of sources are called.
    pub fn dual<T: Draw>(
        &self,
        func: &Func,
        tangent: &dyn Fn(Source) -> Option<Source>,
    ) -> Results<Dual<T>> {
        self.run_of(func, &|source, shape| match (self.source::<T>(source, shape), tangent(source))
        {
            (Value::Real(x), Some(tangent)) => {
                let eps = self.source::<T>(tangent, shape);
                let both = x.data.iter().zip(&eps.real().data);
                let data = both.map(|(re, eps)| Dual { re: *re, eps: *eps }).collect();
                Value::Real(Array { shape: x.shape, data })
            }
            (Value::Real(x), None) => Value::Real(x.map(|x| Dual::constant_of(*x))),
            (Value::Integers(x), _) => Value::Integers(x),
            (Value::Loop(_), _) => unreachable!("no source is a loop"),
        })
    }

    /// Whether dual numbers have another derivative, after some run: of equal values they take that of the second, ops take the
    /// mean or neither; that differs if one of them is held constant.
    pub fn is_undecided(&self, func: &Func) -> bool {
        self.world.ties.get() && func.show().contains("stop_gradient")
    }

    /// What the tangent of a source of the model is called.
    fn tangent_of(&self, source: Source) -> Option<Source> {
        match source {
            Source::Input(i) => Some(Source::InputTangent(i)),
            Source::Param(i) if !self.typed.trained()[i].frozen => Some(Source::ParamTangent(i)),
            _ => None,
        }
    }
}

pub fn dot<T: Scalar>(a: &Array<T>, b: &Array<T>) -> T {
    a.data.iter().zip(&b.data).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

pub fn all_same<T: Real>(a: &Array<T>, b: &Array<T>, same: &impl Fn(T, T) -> bool) -> bool {
    a.shape == b.shape && a.data.iter().zip(&b.data).all(|(a, b)| same(*a, *b))
}

/// All that must hold of a program, exactly: its laws, those of its linear programs, and that its loops
/// make what its functions make.
pub fn hold(name: &str, trial: &Trial<'_>, programs: &Programs, model: &Lowered) {
    let made = laws::<Gf>(name, trial, programs, &|a, b| a == b);
    linear_laws::<Gf>(name, trial, model, &|a, b| a == b);
    let Made { forward, jvps, vjp } = &made;
    let fused = |entry: &str, func: &Func, split: Split, made: &[(Wrt, &Results<Gf>)]| {
        fused(&format!("{name}, {entry}"), trial, func, split, made);
    };
    let of_vjp = [ALL, INPUTS, PARAMS].map(|wrt| (wrt, vjp));
    let of_jvp: Vec<_> = jvps.iter().map(|(wrt, made)| (*wrt, made)).collect();
    fused("forward", &programs.forward, Split::Whole, &[(ALL, forward)]);
    fused("jvp", &programs.jvp, Split::Whole, &of_jvp);
    fused("vjp", &programs.vjp, Split::Whole, &of_vjp);
    fused("halves of the vjp", &programs.vjp, Split::Halves, &of_vjp);
}

/// What the functions of a model make; the JVP from some tangents or all, the others being zero.
pub struct Made<T> {
    pub forward: Results<T>,
    pub jvps: [(Wrt, Results<T>); 3],
    pub vjp: Results<T>,
}

/// The laws of a program: entries agree, tangents are those of dual numbers, and the adjoint is one.
pub fn laws<T: Draw>(
    name: &str,
    trial: &Trial<'_>,
    programs: &Programs,
    same: &impl Fn(T, T) -> bool,
) -> Made<T> {
    let forward = trial.run::<T>(&programs.forward);
    let y = &forward[&Target::Output];
    let states = |results: &Results<T>| -> Vec<Array<T>> {
        let state = results.iter().filter(|(target, _)| matches!(target, Target::State(_)));
        state.map(|(_, array)| array.clone()).collect()
    };
    let agrees = |entry: &str, results: &Results<T>| {
        assert!(all_same(y, &results[&Target::Output], same), "{name}: {entry} has another output");
        let (a, b) = (states(&forward), states(results));
        assert_eq!(a.len(), b.len(), "{name}: {entry} changes other states");
        assert!(a.iter().zip(&b).all(|(a, b)| all_same(a, b, same)), "{name}: states of {entry}");
    };
    let jvps = [INPUTS, PARAMS, ALL].map(|wrt| {
        let results = trial.run_of::<T>(&programs.jvp, &|source, shape| {
            let is_given = match source {
                Source::InputTangent(_) => wrt.inputs,
                Source::ParamTangent(_) => wrt.params,
                _ => true,
            };
            match is_given {
                true => trial.source(source, shape),
                false => Value::Real(Array::of(shape, |_| T::ZERO)),
            }
        });
        agrees(&format!("jvp, {}", wrt.words()), &results);
        (wrt, results)
    });
    let [inputs, params, all] = [0, 1, 2].map(|i| &jvps[i].1[&Target::OutputTangent]);
    let sum = super::func::add(inputs, params);
    assert!(all_same(&sum, all, same), "{name}: the JVPs do not add up");

    let dual = trial.dual::<T>(&programs.forward, &|source| trial.tangent_of(source));
    let dual = &dual[&Target::Output];
    assert!(all_same(&dual.map(|x| x.re), y, same), "{name}: another output over dual numbers");
    let derivative = dual.map(|x| x.eps);
    assert!(
        all_same(&derivative, all, same) || trial.is_undecided(&programs.forward),
        "{name}: the JVP is not the derivative\n{}",
        programs.jvp.show()
    );

    let vjp = trial.run::<T>(&programs.vjp);
    agrees("vjp", &vjp);
    let y_bar = trial.source::<T>(Source::Cotangent, &y.shape);
    let left = dot(y_bar.real(), all);
    let right = vjp.iter().fold(T::ZERO, |sum, (target, bar)| match target {
        Target::Input(i) => {
            sum + dot(bar, trial.source(Source::InputTangent(*i), &bar.shape).real())
        }
        Target::Param(i) if !trial.typed.trained()[*i].frozen => {
            sum + dot(bar, trial.source(Source::ParamTangent(*i), &bar.shape).real())
        }
        _ => sum,
    });
    assert!(same(left, right), "{name}: {left:?} is not {right:?}\n{}", programs.vjp.show());
    Made { forward, jvps, vjp }
}

/// What a linear program computes, it computes as a function as well; and its adjoint is one.
fn linear_laws<T: Draw>(
    name: &str,
    trial: &Trial<'_>,
    model: &Lowered,
    same: &impl Fn(T, T) -> bool,
) {
    let tangent = model.linearize(ALL);
    let adjoint = adjoint(tangent.clone());
    let given = |source: Source, shape: &[usize]| trial.source::<T>(source, shape);
    let run = super::func::Run { world: &trial.world, given: &given, steps: Vec::new() };
    let primal = tangent.primal.with_defs(|defs| run.defs(defs));
    let dy = run_lin(&trial.world, &tangent.lin, &primal, &given);
    let Some(dy) = dy.get(&Target::OutputTangent) else { return };
    let bars = run_lin(&trial.world, &adjoint.lin, &primal, &given);
    let left = dot(trial.source(Source::Cotangent, &dy.shape).real(), dy);
    let right = bars.iter().fold(T::ZERO, |sum, (target, bar)| {
        let source = match target {
            Target::Input(i) => Source::InputTangent(*i),
            Target::Param(i) => Source::ParamTangent(*i),
            other => unreachable!("{other:?} of an adjoint"),
        };
        sum + dot(bar, trial.source(source, &bar.shape).real())
    });
    assert!(same(left, right), "{name}: {left:?} is not {right:?}\n{}", adjoint.lin.show());
}

/// A fused function makes what the function makes, in planned memory; of a VJP, a part of it makes that part,
/// and the tiles of a batch add up.
fn fused(
    name: &str,
    trial: &Trial<'_>,
    func: &Func,
    split: Split,
    expected: &[(Wrt, &Results<Gf>)],
) {
    let plan = plan(fuse(func, split).verified("fuse")).verified("plan");
    let is_of = |target: &Target| matches!(target, Target::Input(_) | Target::Param(_));
    for (asked, expected) in expected {
        let adjoint = expected.keys().any(is_of);
        if let Err(target) = planned(name, trial, &plan, *asked, expected, adjoint) {
            // Memory of their own for all values tells whose fault it is.
            let mut apart = plan.clone();
            apart.areas.fill(None);
            let pass = match planned(name, trial, &apart, *asked, expected, adjoint) {
                Ok(()) => "plan",
                Err(_) => "fuse",
            };
            panic!(
                "{name}: `{pass}` makes something else of {target:?} of {}\n{}\n{}",
                asked.words(),
                func.show(),
                plan.text()
            );
        }
    }
    let made =
        plan.program.buffers.iter().filter(|buffer| matches!(buffer.place, Place::Target(_)));
    assert_eq!(made.count(), expected[0].1.len(), "{name}: targets");
}

/// Runs a plan; the target of which it makes something else, if there is one.
fn planned(
    name: &str,
    trial: &Trial<'_>,
    plan: &Plan,
    asked: Wrt,
    expected: &Results<Gf>,
    tiles: bool,
) -> Result<(), Target> {
    // Arrays are given flat: what they are does not depend on their shape.
    let given = |source: Source, length: usize| trial.source::<Gf>(source, &[length]);
    let mut rng = mixed(&name);
    let mut machine = Machine::new(&trial.world, plan, asked, &given, || Gf::draw(&mut rng));
    let check = |times: u64, made: BTreeMap<Target, Vec<Gf>>| {
        let wrong = made.into_iter().find(|(target, made)| {
            let times = if matches!(target, Target::Param(_)) { times } else { 1 };
            !expected[target].data.iter().map(|x| *x * Gf::new(times)).eq(made.iter().copied())
        });
        wrong.map_or(Ok(()), |(target, _)| Err(target))
    };
    machine.run();
    check(1, machine.targets())?;
    if tiles {
        machine.run_again();
        check(2, machine.targets())?;
    }
    Ok(())
}
