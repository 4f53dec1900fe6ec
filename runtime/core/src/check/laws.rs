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
use crate::model::{Cotangents, Data, Model, Tangents, Workspace, Wrt, len_of};
use crate::random::Key;
use crate::scalar::Scalar;
use std::cell::RefCell;

const SAMPLES: usize = 5;
const TILE: usize = 2;

/// A workspace as a law needs it.
fn workspace<M: Model>() -> Workspace<M> {
    Workspace::with_tile(if M::LEAST_BATCH > 0 { SAMPLES } else { TILE })
}

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
    let trial = Trial::<M>::new(draw);
    let forward = trial.forward();
    let (y, dy) = trial.jvp(Wrt::All);
    let (_, d_inputs) = trial.jvp(Wrt::Inputs);
    let (_, d_params) = trial.jvp(Wrt::Params);
    let (bars, grad) = trial.vjp(Wrt::All);
    let (bars_alone, _) = trial.vjp(Wrt::Inputs);
    let (_, grad_alone) = trial.vjp(Wrt::Params);
    let given = [Wrt::All, Wrt::Inputs, Wrt::Params].map(|wrt| trial.vjp_given(wrt));

    let check = |what: &str, left: &[M::Scalar], right: &[M::Scalar]| {
        assert!(
            left.len() == right.len(),
            "`{}`: {what}: {} and {} numbers",
            M::NAME,
            left.len(),
            right.len()
        );
        for (i, (a, b)) in left.iter().zip(right).enumerate() {
            assert!(same(*a, *b), "`{}`: {what}, element {i}: {a:?} and {b:?}", M::NAME);
        }
    };
    check("the outputs of `forward` and `jvp`", &forward, &y);
    let states = trial.states.borrow();
    states.iter().for_each(|state| check("the new state of two entries", &states[0], state));
    let sum: Vec<M::Scalar> = d_inputs.iter().zip(&d_params).map(|(a, b)| *a + *b).collect();
    check("the tangent towards both is the sum of both", &dy, &sum);
    for (all, alone) in bars.iter().zip(&bars_alone) {
        check("the cotangents of the inputs, with and without those of the parameters", all, alone);
    }
    check(
        "the cotangent of the parameters, with and without those of the inputs",
        &grad,
        &grad_alone,
    );

    let none: (&[Vec<M::Scalar>], &[M::Scalar]) = (&[], &[]);
    let asked = [(&*bars, &*grad), (&*bars, none.1), (none.0, &*grad)];
    for ((y, (of_inputs, of_params)), (bars, grad)) in given.iter().zip(asked) {
        check("the outputs of `forward` and `vjp`", &forward, y);
        let what = "a VJP with cotangents that are given, and with such that are asked for";
        of_inputs.iter().zip(bars).for_each(|(given, asked)| check(what, given, asked));
        if !grad.is_empty() {
            check(what, of_params, grad);
        }
    }

    let left = dot(&dy, &trial.y_bar);
    let right = trial
        .d_inputs
        .iter()
        .zip(&bars)
        .fold(dot(&trial.d_params, &grad), |sum, (dx, bar)| sum + dot(dx, bar));
    assert!(
        same(left, right),
        "`{}` is not adjoint: ⟨jvp, ȳ⟩ = {left:?}, ⟨dx, vjp⟩ = {right:?}",
        M::NAME
    );
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
    let trial = Trial::<M>::new(draw);
    let (y, dy) = trial.jvp(Wrt::All);
    let params = trial.model.flat();
    let mut d_params = trial.d_params.clone();
    for info in M::PARAM_INFO.iter().filter(|info| info.frozen) {
        d_params[info.start..info.start + info.len()].fill(M::Scalar::ZERO);
    }
    let dual = boxed::<D>(|i| Dual { re: params[i], eps: d_params[i] });
    let pair = |(x, dx): (&M::Scalar, &M::Scalar)| Dual { re: *x, eps: *dx };
    let inputs: Vec<Vec<Dual<M::Scalar>>> = trial
        .inputs
        .iter()
        .zip(&trial.d_inputs)
        .map(|(x, dx)| x.iter().zip(dx).map(pair).collect())
        .collect();
    let data: Vec<Data<'_, Dual<M::Scalar>>> = D::INPUTS
        .iter()
        .zip(inputs.iter().zip(&trial.indices))
        .map(
            |(info, (real, index))| {
                if info.index.is_some() { Data::Index(index) } else { Data::Real(real) }
            },
        )
        .collect();
    let state: Vec<Dual<M::Scalar>> = trial.state.iter().map(|x| Dual::constant_of(*x)).collect();
    let data = behind::<D>(data, &state);
    let mut out = vec![Dual::constant_of(M::Scalar::ZERO); y.len()];
    dual.forward_flat(&data, &mut out, &mut workspace());
    for (i, out) in out.iter().enumerate() {
        assert!(
            same(out.re, y[i]),
            "`{}`: output {i} is {:?}, over dual numbers {:?}",
            M::NAME,
            y[i],
            out.re
        );
        assert!(
            same(out.eps, dy[i]),
            "`{}`: `jvp` gives {:?} for output {i}, but its derivative is {:?}",
            M::NAME,
            dy[i],
            out.eps
        );
    }
}

fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

/// What a call is given: behind the inputs the state, if there is any, and a key, if one is needed.
fn behind<'a, M: Model>(
    mut data: Vec<Data<'a, M::Scalar>>,
    state: &'a [M::Scalar],
) -> Vec<Data<'a, M::Scalar>> {
    data.extend((!M::STATE_INFO.is_empty()).then_some(Data::State(state)));
    data.extend(M::RANDOM.then(|| Data::key(Key::new(SAMPLES as u64))));
    data
}

/// A random batch with tangents and cotangents.
struct Trial<M: Model> {
    model: Boxed<M>,
    d_params: Vec<M::Scalar>,
    inputs: Vec<Vec<M::Scalar>>,
    d_inputs: Vec<Vec<M::Scalar>>,
    indices: Vec<Vec<u32>>,
    y_bar: Vec<M::Scalar>,
    state: Vec<M::Scalar>,
    /// What each call so far made of the state.
    states: RefCell<Vec<Vec<M::Scalar>>>,
    out: usize,
}

impl<M: Model> Trial<M> {
    fn new(draw: &mut dyn FnMut() -> M::Scalar) -> Self {
        let model = boxed::<M>(|_| draw());
        let mut vector = |n: usize| -> Vec<M::Scalar> { (0..n).map(|_| draw()).collect() };
        let real = |info: &crate::model::InputInfo| {
            if info.index.is_some() { 0 } else { SAMPLES * info.shape.iter().product::<usize>() }
        };
        // All of them occur, and some several times in a sample.
        let index = |info: &crate::model::InputInfo| -> Vec<u32> {
            let Some(bound) = info.index else { return Vec::new() };
            let count = SAMPLES * info.shape.iter().product::<usize>();
            (0..count).map(|i| ((3 * i + i / 2 + 1) % bound) as u32).collect()
        };
        let out = M::OUTPUT.iter().product();
        Trial {
            d_params: vector(M::PARAMS),
            inputs: M::INPUTS.iter().map(|info| vector(real(info))).collect(),
            d_inputs: M::INPUTS.iter().map(|info| vector(real(info))).collect(),
            indices: M::INPUTS.iter().map(index).collect(),
            y_bar: vector(SAMPLES * out),
            state: vector(len_of(M::STATE_INFO)),
            states: RefCell::default(),
            model,
            out,
        }
    }

    fn data(&self) -> Vec<Data<'_, M::Scalar>> {
        let inputs = M::INPUTS
            .iter()
            .enumerate()
            .map(|(i, info)| {
                if info.index.is_some() {
                    Data::Index(&self.indices[i])
                } else {
                    Data::Real(&self.inputs[i])
                }
            })
            .collect();
        behind::<M>(inputs, &self.state)
    }

    /// Does something with a new workspace.
    fn with<R>(&self, f: impl FnOnce(&mut Workspace<M>) -> R) -> R {
        let mut ws = workspace();
        let result = f(&mut ws);
        self.states.borrow_mut().push(ws.state().to_vec());
        result
    }

    fn zeros(&self) -> Vec<M::Scalar> {
        vec![M::Scalar::ZERO; SAMPLES * self.out]
    }

    fn forward(&self) -> Vec<M::Scalar> {
        let mut y = self.zeros();
        self.with(|ws| self.model.forward_flat(&self.data(), &mut y, ws));
        y
    }

    fn jvp(&self, wrt: Wrt) -> (Vec<M::Scalar>, Vec<M::Scalar>) {
        let (mut y, mut dy) = (self.zeros(), self.zeros());
        let inputs: Vec<&[M::Scalar]> = self.d_inputs.iter().map(Vec::as_slice).collect();
        let tangents = Tangents { inputs: &inputs, params: &self.d_params };
        self.with(|ws| self.model.jvp_flat(wrt, &self.data(), tangents, &mut y, &mut dy, ws));
        (y, dy)
    }

    /// Cotangents of the inputs and of the parameters.
    fn vjp(&self, wrt: Wrt) -> (Vec<Vec<M::Scalar>>, Vec<M::Scalar>) {
        let mut bars: Vec<Vec<M::Scalar>> =
            self.inputs.iter().map(|input| vec![M::Scalar::ZERO; input.len()]).collect();
        let mut grad = vec![M::Scalar::ZERO; M::PARAMS];
        let mut slices: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let mut loss = |i: usize, _: &[M::Scalar], y_bar: &mut [M::Scalar]| {
            y_bar.copy_from_slice(&self.y_bar[i * self.out..(i + 1) * self.out]);
        };
        let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
        self.with(|ws| self.model.vjp_flat(wrt, &self.data(), &mut loss, cotangents, ws));
        (bars, grad)
    }

    /// The same for cotangents that are known beforehand; the outputs come first.
    #[expect(clippy::type_complexity, reason = "a result of the methods above and one more")]
    fn vjp_given(&self, wrt: Wrt) -> (Vec<M::Scalar>, (Vec<Vec<M::Scalar>>, Vec<M::Scalar>)) {
        let mut y = self.zeros();
        let mut bars: Vec<Vec<M::Scalar>> =
            self.inputs.iter().map(|input| vec![M::Scalar::ZERO; input.len()]).collect();
        let mut grad = vec![M::Scalar::ZERO; M::PARAMS];
        let mut slices: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let cotangents = Cotangents { inputs: &mut slices, params: &mut grad };
        self.with(|ws| {
            self.model.vjp_given_flat(wrt, &self.data(), &self.y_bar, &mut y, cotangents, ws);
        });
        (y, (bars, grad))
    }
}
