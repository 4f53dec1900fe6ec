//! The laws of a model's generated code, on random batches.
//!
//! 1. *adjointness*: ⟨Df(x)·dx, ȳ⟩ = ⟨dx, Df(x)ᵀ·ȳ⟩, where `dx` is the tangent of inputs and
//!    parameters together;
//! 2. *the JVP is the derivative*: `forward` over dual numbers gives the value and the tangent that
//!    `jvp` gives;
//! 3. *entries agree*: the derivatives towards inputs or parameters alone are those towards both with
//!    the other tangent zero, and all entries compute the same output.
//!
//! All entries of a call that changes state make the same of it.
//!
//! Batches are longer than a tile and no multiple of it, so cutting and summing are tested with them;
//! but of a model with statistics over the batch, they are one tile.

use super::{Dual, Gf, Rng64};
use crate::flat::{Boxed, boxed};
use crate::info::len_of;
use crate::model::{Cotangents, Data, InputInfo, Loss, Model, ParamInfo, Tangents, Workspace, Wrt};
use crate::random::Key;
use crate::scalar::Scalar;
use std::cell::RefCell;

const SAMPLES: usize = 5;
const TILE: usize = 2;

/// Tests all laws of a model exactly, over the field [`Gf`] and dual numbers over it.
///
/// ```
/// use pullback::check::{self, Dual, Gf};
/// use pullback::model;
///
/// model! { pub Net: [3] -> [2] { linear -> [4], |v| v * sigmoid(1.702 * v), linear -> [2] } }
///
/// check::exactly::<Net<Gf>, Net<Dual<Gf>>>();
/// ```
///
/// # Panics
/// If a law does not hold; the message names the model and both sides.
#[track_caller]
pub fn exactly<M: Model<Scalar = Gf>, D: Model<Scalar = Dual<Gf>>>() {
    for seed in 0..3 {
        let mut rng = Rng64::new(seed);
        let mut draw = || Gf::new(rng.next_u64());
        laws::<M>(&mut draw, &|a, b| a == b);
        derivative::<M, D>(&mut draw, &|a, b| a == b);
    }
}

/// Tests adjointness and agreement of the entries with numbers from `draw`, up to `same`: for exact
/// scalars equality, for floating-point ones closeness.
///
/// ```
/// use pullback::check::{self, Rng64};
/// use pullback::model;
///
/// model! { pub Net: [3] -> [2] { linear -> [4], tanh, linear -> [2] } }
///
/// let mut rng = Rng64::new(1);
/// let mut draw = || rng.unit_f64() - 0.5;
/// check::laws::<Net<f64>>(&mut draw, &|a, b| (a - b).abs() <= 1e-12 * (1.0 + a.abs()));
/// ```
///
/// # Panics
/// If a law does not hold; the message names the model and both sides.
#[track_caller]
pub fn laws<M: Model>(
    draw: &mut dyn FnMut() -> M::Scalar,
    same: &dyn Fn(M::Scalar, M::Scalar) -> bool,
) {
    let calls = calls::<M>(draw);
    Trial::new(&calls, &facts::<M>(), draw).laws(same);
}

/// Tests that `jvp` of `M` is the derivative of `forward`, by running the same model over dual numbers.
///
/// # Panics
/// If it is not; the message names the model and both sides.
#[track_caller]
pub fn derivative<M: Model, D: Model<Scalar = Dual<M::Scalar>>>(
    draw: &mut dyn FnMut() -> M::Scalar,
    same: &dyn Fn(M::Scalar, M::Scalar) -> bool,
) {
    let calls = calls::<M>(draw);
    let params = calls.flat();
    let dual =
        |d_params: &[M::Scalar], data: &[Data<'_, Dual<M::Scalar>>], y: &mut [Dual<M::Scalar>]| {
            let model = boxed::<D>(|i| Dual { re: params[i], eps: d_params[i] });
            model.forward_flat(data, y, &mut workspace());
        };
    Trial::new(&calls, &facts::<M>(), draw).derivative(&dual, same);
}

fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

/// The calls of a model, each of which says what it made of the state. What is done with them does not know the model:
/// it is compiled once for each scalar.
trait Calls<T: Scalar> {
    fn forward(&self, data: &[Data<'_, T>], y: &mut [T]) -> Vec<T>;
    fn jvp(
        &self,
        wrt: Wrt,
        data: &[Data<'_, T>],
        tangents: Tangents<'_, T>,
        y: &mut [T],
        dy: &mut [T],
    ) -> Vec<T>;
    fn vjp(
        &self,
        wrt: Wrt,
        data: &[Data<'_, T>],
        loss: Loss<'_, T>,
        cotangents: Cotangents<'_, '_, T>,
    ) -> Vec<T>;
    fn vjp_given(
        &self,
        wrt: Wrt,
        data: &[Data<'_, T>],
        y_bar: &[T],
        y: &mut [T],
        cotangents: Cotangents<'_, '_, T>,
    ) -> Vec<T>;
}

fn calls<M: Model>(draw: &mut dyn FnMut() -> M::Scalar) -> Boxed<M> {
    boxed::<M>(|_| draw())
}

/// A workspace as a law needs it.
fn workspace<M: Model>() -> Workspace<M> {
    Workspace::with_tile(if M::LEAST_BATCH > 0 { SAMPLES } else { TILE })
}

/// Does something with a new workspace.
fn with<M: Model>(f: impl FnOnce(&mut Workspace<M>)) -> Vec<M::Scalar> {
    let mut ws = workspace();
    f(&mut ws);
    ws.state().to_vec()
}

impl<M: Model> Calls<M::Scalar> for Boxed<M> {
    fn forward(&self, data: &[Data<'_, M::Scalar>], y: &mut [M::Scalar]) -> Vec<M::Scalar> {
        with(|ws| M::forward_flat(self, data, y, ws))
    }
    fn jvp(
        &self,
        wrt: Wrt,
        data: &[Data<'_, M::Scalar>],
        tangents: Tangents<'_, M::Scalar>,
        y: &mut [M::Scalar],
        dy: &mut [M::Scalar],
    ) -> Vec<M::Scalar> {
        with(|ws| M::jvp_flat(self, wrt, data, tangents, y, dy, ws))
    }
    fn vjp(
        &self,
        wrt: Wrt,
        data: &[Data<'_, M::Scalar>],
        loss: Loss<'_, M::Scalar>,
        cotangents: Cotangents<'_, '_, M::Scalar>,
    ) -> Vec<M::Scalar> {
        with(|ws| M::vjp_flat(self, wrt, data, loss, cotangents, ws))
    }
    fn vjp_given(
        &self,
        wrt: Wrt,
        data: &[Data<'_, M::Scalar>],
        y_bar: &[M::Scalar],
        y: &mut [M::Scalar],
        cotangents: Cotangents<'_, '_, M::Scalar>,
    ) -> Vec<M::Scalar> {
        with(|ws| M::vjp_given_flat(self, wrt, data, y_bar, y, cotangents, ws))
    }
}

/// A forward map over dual numbers, told the tangents of the parameters.
type OverDual<'f, T> = dyn Fn(&[T], &[Data<'_, Dual<T>>], &mut [Dual<T>]) + 'f;

/// What a model says of itself.
struct Facts {
    name: &'static str,
    inputs: &'static [InputInfo],
    params: &'static [ParamInfo],
    /// Elements of its parameters, its output and its state.
    sizes: [usize; 3],
    random: bool,
}

fn facts<M: Model>() -> Facts {
    Facts {
        name: M::NAME,
        inputs: M::INPUTS,
        params: M::PARAM_INFO,
        sizes: [M::PARAMS, M::OUTPUT.iter().product(), len_of(M::STATE_INFO)],
        random: M::RANDOM,
    }
}

/// A random batch with tangents and cotangents.
struct Trial<'a, T> {
    calls: &'a dyn Calls<T>,
    facts: &'a Facts,
    d_params: Vec<T>,
    inputs: Vec<Vec<T>>,
    d_inputs: Vec<Vec<T>>,
    indices: Vec<Vec<u32>>,
    y_bar: Vec<T>,
    state: Vec<T>,
    /// What each call so far made of the state.
    states: RefCell<Vec<Vec<T>>>,
}

/// Cotangents of the inputs and of the parameters.
type Bars<T> = (Vec<Vec<T>>, Vec<T>);

impl<'a, T: Scalar> Trial<'a, T> {
    fn new(calls: &'a dyn Calls<T>, facts: &'a Facts, draw: &mut dyn FnMut() -> T) -> Self {
        let mut vector = |n: usize| -> Vec<T> { (0..n).map(|_| draw()).collect() };
        let real = |info: &InputInfo| {
            if info.index.is_some() { 0 } else { SAMPLES * info.shape.iter().product::<usize>() }
        };
        // All of them occur, and some several times in a sample.
        let index = |info: &InputInfo| -> Vec<u32> {
            let Some(bound) = info.index else { return Vec::new() };
            let count = SAMPLES * info.shape.iter().product::<usize>();
            (0..count).map(|i| ((3 * i + i / 2 + 1) % bound) as u32).collect()
        };
        let [params, out, state] = facts.sizes;
        Trial {
            d_params: vector(params),
            inputs: facts.inputs.iter().map(|info| vector(real(info))).collect(),
            d_inputs: facts.inputs.iter().map(|info| vector(real(info))).collect(),
            indices: facts.inputs.iter().map(index).collect(),
            y_bar: vector(SAMPLES * out),
            state: vector(state),
            states: RefCell::default(),
            calls,
            facts,
        }
    }

    fn data(&self) -> Vec<Data<'_, T>> {
        self.data_of(&self.inputs, &self.state)
    }

    /// What a call is given: the inputs, after them the state, if there is any, and a key, if one is needed.
    fn data_of<'d, S>(&'d self, inputs: &'d [Vec<S>], state: &'d [S]) -> Vec<Data<'d, S>> {
        let inputs = inputs.iter().zip(&self.indices).zip(self.facts.inputs);
        let data = inputs.map(|((real, index), info)| match info.index {
            Some(_) => Data::Index(index),
            None => Data::Real(real),
        });
        data.chain((!state.is_empty()).then_some(Data::State(state)))
            .chain(self.facts.random.then(|| Data::key(Key::new(SAMPLES as u64))))
            .collect()
    }

    fn zeros(&self) -> Vec<T> {
        vec![T::ZERO; self.y_bar.len()]
    }

    fn forward(&self) -> Vec<T> {
        let mut y = self.zeros();
        let state = self.calls.forward(&self.data(), &mut y);
        self.states.borrow_mut().push(state);
        y
    }

    fn jvp(&self, wrt: Wrt) -> (Vec<T>, Vec<T>) {
        let (mut y, mut dy) = (self.zeros(), self.zeros());
        let inputs: Vec<&[T]> = self.d_inputs.iter().map(Vec::as_slice).collect();
        let tangents = Tangents { inputs: &inputs, params: &self.d_params };
        let state = self.calls.jvp(wrt, &self.data(), tangents, &mut y, &mut dy);
        self.states.borrow_mut().push(state);
        (y, dy)
    }

    /// Has cotangents written to memory for them.
    fn bars(&self, run: impl FnOnce(Cotangents<'_, '_, T>) -> Vec<T>) -> Bars<T> {
        let mut bars: Vec<Vec<T>> =
            self.inputs.iter().map(|input| vec![T::ZERO; input.len()]).collect();
        let mut grad = vec![T::ZERO; self.d_params.len()];
        let mut slices: Vec<&mut [T]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let state = run(Cotangents { inputs: &mut slices, params: &mut grad });
        self.states.borrow_mut().push(state);
        (bars, grad)
    }

    fn vjp(&self, wrt: Wrt) -> Bars<T> {
        let mut loss = |i: usize, y: &[T], y_bar: &mut [T]| {
            y_bar.copy_from_slice(&self.y_bar[i * y.len()..(i + 1) * y.len()]);
        };
        self.bars(|cotangents| self.calls.vjp(wrt, &self.data(), &mut loss, cotangents))
    }

    /// The same for cotangents that are known beforehand; the outputs come first.
    fn vjp_given(&self, wrt: Wrt) -> (Vec<T>, Bars<T>) {
        let (mut y, y_bar) = (self.zeros(), &self.y_bar);
        let bars = self
            .bars(|cotangents| self.calls.vjp_given(wrt, &self.data(), y_bar, &mut y, cotangents));
        (y, bars)
    }

    #[track_caller]
    fn laws(&self, same: &dyn Fn(T, T) -> bool) {
        let forward = self.forward();
        let (y, dy) = self.jvp(Wrt::All);
        let (_, d_inputs) = self.jvp(Wrt::Inputs);
        let (_, d_params) = self.jvp(Wrt::Params);
        let (bars, grad) = self.vjp(Wrt::All);
        let (bars_alone, _) = self.vjp(Wrt::Inputs);
        let (_, grad_alone) = self.vjp(Wrt::Params);
        let given = [Wrt::All, Wrt::Inputs, Wrt::Params].map(|wrt| self.vjp_given(wrt));

        let check = |what: &str, left: &[T], right: &[T]| {
            assert!(
                left.len() == right.len(),
                "`{}`: {what}: {} and {} numbers",
                self.facts.name,
                left.len(),
                right.len()
            );
            for (i, (a, b)) in left.iter().zip(right).enumerate() {
                assert!(
                    same(*a, *b),
                    "`{}`: {what}, element {i}: {a:?} and {b:?}",
                    self.facts.name
                );
            }
        };
        check("the outputs of `forward` and `jvp`", &forward, &y);
        let states = self.states.borrow();
        states.iter().for_each(|state| check("the new state of two entries", &states[0], state));
        let sum: Vec<T> = d_inputs.iter().zip(&d_params).map(|(a, b)| *a + *b).collect();
        check("the tangent towards both is the sum of both", &dy, &sum);
        for (all, alone) in bars.iter().zip(&bars_alone) {
            check(
                "the cotangents of the inputs, with and without those of the parameters",
                all,
                alone,
            );
        }
        check(
            "the cotangent of the parameters, with and without those of the inputs",
            &grad,
            &grad_alone,
        );

        let none: (&[Vec<T>], &[T]) = (&[], &[]);
        let asked = [(&*bars, &*grad), (&*bars, none.1), (none.0, &*grad)];
        for ((y, (of_inputs, of_params)), (bars, grad)) in given.iter().zip(asked) {
            check("the outputs of `forward` and `vjp`", &forward, y);
            let what = "a VJP with cotangents that are given, and with such that are asked for";
            of_inputs.iter().zip(bars).for_each(|(given, asked)| check(what, given, asked));
            if !grad.is_empty() {
                check(what, of_params, grad);
            }
        }

        let left = dot(&dy, &self.y_bar);
        let right = self
            .d_inputs
            .iter()
            .zip(&bars)
            .fold(dot(&self.d_params, &grad), |sum, (dx, bar)| sum + dot(dx, bar));
        assert!(
            same(left, right),
            "`{}` is not adjoint: ⟨jvp, ȳ⟩ = {left:?}, ⟨dx, vjp⟩ = {right:?}",
            self.facts.name
        );
    }

    /// That tangents are those of dual numbers.
    #[track_caller]
    fn derivative(&self, dual: &OverDual<'_, T>, same: &dyn Fn(T, T) -> bool) {
        let (y, dy) = self.jvp(Wrt::All);
        let mut d_params = self.d_params.clone();
        for info in self.facts.params.iter().filter(|info| info.frozen) {
            d_params[info.start..info.start + info.len()].fill(T::ZERO);
        }
        let pair = |(x, dx): (&T, &T)| Dual { re: *x, eps: *dx };
        let inputs: Vec<Vec<Dual<T>>> = self
            .inputs
            .iter()
            .zip(&self.d_inputs)
            .map(|(x, dx)| x.iter().zip(dx).map(pair).collect())
            .collect();
        let state: Vec<Dual<T>> = self.state.iter().map(|x| Dual::constant_of(*x)).collect();
        let mut out = vec![Dual::constant_of(T::ZERO); y.len()];
        dual(&d_params, &self.data_of(&inputs, &state), &mut out);
        for (i, out) in out.iter().enumerate() {
            assert!(
                same(out.re, y[i]),
                "`{}`: output {i} is {:?}, over dual numbers {:?}",
                self.facts.name,
                y[i],
                out.re
            );
            assert!(
                same(out.eps, dy[i]),
                "`{}`: `jvp` gives {:?} for output {i}, but its derivative is {:?}",
                self.facts.name,
                dy[i],
                out.eps
            );
        }
    }
}
