//! Ops of the user's own in generated code: a model of such ops is their composition.

use num_rational::Ratio;
use pullback::check::{self, Dual, Gf, Rng64};
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::spec::{self, Linear, Op, Then};
use pullback::{Model, Real, Scalar, Shape, Workspace, model};

type Q = Ratio<i128>;

/// Longer than a tile and no multiple of it.
const SAMPLES: usize = 3;
const TILE: usize = 2;

/// Compares a model of one input, with linear layers or none, with what it is composed of.
#[track_caller]
fn same<M: Model, F: Op<M::Scalar>>(
    spec: impl Fn(&[M::Scalar]) -> F,
    mut draw: impl FnMut() -> M::Scalar,
    equal: impl Fn(M::Scalar, M::Scalar) -> bool,
) {
    assert_eq!((M::INPUTS[0].shape, M::OUTPUT), (&*F::Dom::dims(), &*F::Cod::dims()));
    let (dom, cod, zero) = (F::Dom::SIZE, F::Cod::SIZE, M::Scalar::ZERO);
    let net = pullback::flat::boxed::<M>(|_| draw());
    let mut vector = |n: usize| -> Vec<M::Scalar> { (0..n).map(|_| draw()).collect() };
    let (x, dx, y_bar) = (vector(SAMPLES * dom), vector(SAMPLES * dom), vector(SAMPLES * cod));
    let mut ws = Workspace::<M>::with_tile(TILE);
    let [mut forward, mut y, mut dy] = [(); 3].map(|()| vec![zero; SAMPLES * cod]);
    let mut x_bar = vec![zero; SAMPLES * dom];
    net.forward_flat(&[Data::Real(&x)], &mut forward, &mut ws);
    let tangents = Tangents { inputs: &[&dx], params: &[] };
    net.jvp_flat(Wrt::Inputs, &[Data::Real(&x)], tangents, &mut y, &mut dy, &mut ws);
    let mut loss = |i: usize, _: &[M::Scalar], bar: &mut [M::Scalar]| {
        bar.copy_from_slice(&y_bar[i * cod..][..cod]);
    };
    let cotangents = Cotangents { inputs: &mut [&mut x_bar], params: &mut [] };
    net.vjp_flat(Wrt::Inputs, &[Data::Real(&x)], &mut loss, cotangents, &mut ws);

    let op = spec(net.flat());
    for i in 0..SAMPLES {
        let compare = |what: &str, found: &[M::Scalar], wanted: &[M::Scalar]| {
            let found = &found[i * wanted.len()..][..wanted.len()];
            let same = found.iter().zip(wanted).all(|(a, b)| equal(*a, *b));
            assert!(same, "`{}`: {what}, sample {i}: {found:?}, not {wanted:?}", M::NAME);
        };
        let (x, dx, y_bar) =
            (&x[i * dom..][..dom], &dx[i * dom..][..dom], &y_bar[i * cod..][..cod]);
        let (mut in_cod, mut in_dom) = (vec![zero; cod], vec![zero; dom]);
        op.forward(x, &mut in_cod);
        compare("forward", &forward, &in_cod);
        compare("the output of jvp", &y, &in_cod);
        op.jvp(x, dx, &mut in_cod);
        compare("jvp", &dy, &in_cod);
        op.vjp(x, y_bar, &mut in_dom);
        compare("vjp", &x_bar, &in_dom);
    }
}

/// The linear layer whose parameters are the first of some. The spec has one row of weights for each output, the model
/// one for each input.
fn linear<T: Scalar, const IN: usize, const OUT: usize>(params: &[T]) -> Linear<T, IN, OUT> {
    let (weight, bias) = params.split_at(IN * OUT);
    let transposed = (0..IN * OUT).map(|j| weight[j % IN * OUT + j / IN]);
    Linear::new(transposed.collect(), bias[..OUT].to_vec())
}

fn field(rng: &mut Rng64) -> Gf {
    Gf::new(rng.next_u64())
}

fn float(rng: &mut Rng64) -> f64 {
    6.0 * rng.unit_f64() - 3.0
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()))
}

/// −2, −3/2, …, 2: each value is likely, so kinks and ties occur.
fn rational(rng: &mut Rng64) -> Q {
    Ratio::new((rng.next_u64() % 9) as i128 - 4, 2)
}

/// An op of the user's own, y = x·‖x‖²: `jvp(x, dx) = dx·‖x‖² + 2x·⟨x, dx⟩`, which is symmetric.
struct Cubic;

impl<T: Scalar> Op<T> for Cubic {
    type Dom = Shape![3];
    type Cod = Shape![3];
    fn forward(&self, x: &[T], y: &mut [T]) {
        y.iter_mut().zip(x).for_each(|(y, x_i)| *y = *x_i * dot(x, x));
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        for ((dy, dx_i), x_i) in dy.iter_mut().zip(dx).zip(x) {
            *dy = *dx_i * dot(x, x) + (T::ONE + T::ONE) * *x_i * dot(x, dx);
        }
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        self.jvp(x, y_bar, x_bar);
    }
}

fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (a, b)| sum + *a * *b)
}

model! {
    Custom: [3] -> [3] { Cubic {} -> [3] }
    CustomChain: [4] -> [2] { linear -> [3], Cubic {} -> [3], tanh, Cubic {} -> [3], linear -> [2] }
    // What constructs an op says its type as well: such a model is one over every scalar of the op.
    Constructed: [3] -> [3] { Times(3.0) -> [3], By { factor: -2.0 } -> [3] }
    LinearReluLinear: [4] -> [3] { linear -> [6], relu, linear -> [3] }
}

/// An op that holds a number, y = c·x; with a field that has a name, and without.
struct Times(f64);
struct By {
    factor: f64,
}

macro_rules! multiply {
    ($Op:ident, $field:tt) => {
        impl<T: Scalar> Op<T> for $Op {
            type Dom = Shape![3];
            type Cod = Shape![3];
            fn forward(&self, x: &[T], y: &mut [T]) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = T::from_f64(self.$field) * *x);
            }
            fn jvp(&self, _: &[T], dx: &[T], dy: &mut [T]) {
                <$Op as Op<T>>::forward(self, dx, dy);
            }
            fn vjp(&self, _: &[T], y_bar: &[T], x_bar: &mut [T]) {
                <$Op as Op<T>>::forward(self, y_bar, x_bar);
            }
        }
    };
}
multiply!(Times, 0);
multiply!(By, factor);

/// What `CustomChain` is composed of.
fn chain<T: Real>(params: &[T]) -> impl Op<T, Dom = Shape![4], Cod = Shape![2]> + use<T> {
    linear::<_, 4, 3>(params)
        .then(Cubic)
        .then(spec::Tanh::<Shape![3]>::new())
        .then(Cubic)
        .then(linear::<_, 3, 2>(&params[4 * 3 + 3..]))
}

#[test]
fn models_are_compositions() {
    let mut rng = Rng64::new(1);
    for _ in 0..20 {
        same::<Custom<Gf>, _>(|_| Cubic, || field(&mut rng), |a, b| a == b);
        same::<Custom<Q>, _>(|_| Cubic, || rational(&mut rng), |a, b| a == b);
        same::<Custom<f64>, _>(|_| Cubic, || float(&mut rng), close);
        let constructed = || Times(3.0).then(By { factor: -2.0 });
        same::<Constructed<Gf>, _>(|_| constructed(), || field(&mut rng), |a, b| a == b);
        same::<Constructed<f64>, _>(|_| constructed(), || float(&mut rng), close);
        same::<CustomChain<Gf>, _>(chain, || field(&mut rng), |a, b| a == b);
        same::<CustomChain<f64>, _>(chain, || float(&mut rng), close);
    }
}

#[test]
fn custom_ops_obey_the_laws() {
    check::exactly::<Custom<Gf>, Custom<Dual<Gf>>>();
    check::exactly::<Constructed<Gf>, Constructed<Dual<Gf>>>();
    // Rationals are not `Real`.
    let net = pullback::flat::boxed::<Constructed<Q>>(|_| Q::from(0));
    assert_eq!(net.forward(&[1, 2, 3].map(Q::from)), [-6, -12, -18].map(Q::from));
    check::exactly::<CustomChain<Gf>, CustomChain<Dual<Gf>>>();
}

/// The methods with arrays, and the cotangents of parameters, of a chain over the rationals.
#[test]
fn methods_of_one_sample() {
    let mut rng = Rng64::new(2);
    for _ in 0..20 {
        let mut draw = || rational(&mut rng);
        let net = pullback::flat::boxed::<LinearReluLinear<Q>>(|_| draw());
        let (x, dx): ([Q; 4], [Q; 4]) = ([(); 4].map(|()| draw()), [(); 4].map(|()| draw()));
        let y_bar: [Q; 3] = [(); 3].map(|()| draw());

        let hidden = linear::<_, 4, 6>(net.flat()).then(spec::Relu::<Shape![6]>::new());
        let op = (&hidden).then(linear::<_, 6, 3>(&net.flat()[4 * 6 + 6..]));
        let zero = Q::ZERO;
        let (mut y, mut dy, mut x_bar) = ([zero; 3], [zero; 3], [zero; 4]);
        op.forward(&x, &mut y);
        op.jvp(&x, &dx, &mut dy);
        op.vjp(&x, &y_bar, &mut x_bar);

        assert_eq!(net.forward(&x), y);
        assert_eq!(net.jvp(&x, &dx), (y, dy));
        let (found, pullback) = net.vjp(&x);
        let (found_bar, grad) = pullback(&y_bar);
        assert_eq!((found, found_bar), (y, x_bar));

        let mut h = [zero; 6];
        hidden.forward(&x, &mut h);
        let (mut weight_bar, mut bias_bar) = ([zero; 18], [zero; 3]);
        Linear::<Q, 6, 3>::vjp_params(&h, &y_bar, &mut weight_bar, &mut bias_bar);
        assert_eq!(grad.linear2.bias, bias_bar);
        for (i, row) in grad.linear2.weight.iter().enumerate() {
            for (j, found) in row.iter().enumerate() {
                assert_eq!(*found, weight_bar[j * 6 + i]);
            }
        }
    }
}
