//! Batches that threads share: what they compute is what one thread computes.

#[path = "zoo/mod.rs"]
mod zoo;

use pullback::check::{Gf, Rng64};
use pullback::model::{Cotangents, Data, Tangents, Wrt, zeros};
use pullback::optim::{Adam, AdamW, Optimizer, Sgd};
use pullback::{Index, Model, Scalar, Workspace, loss, model};
use zoo::*;

/// Everything a model computes of a batch.
#[derive(PartialEq, Debug)]
struct Results<T> {
    y: Vec<T>,
    dy: Vec<T>,
    input_bars: Vec<Vec<T>>,
    grad: Vec<T>,
    /// Output, input cotangents and gradient where the cotangent of the output is given beforehand.
    given: (Vec<T>, Vec<Vec<T>>, Vec<T>),
}

fn run<M: Model>(
    n: usize,
    ws: &mut Workspace<M>,
    draw: impl Fn(&mut Rng64) -> M::Scalar,
) -> Results<M::Scalar> {
    let mut rng = Rng64::new(7);
    let mut net = zeros::<M>();
    net.flat_mut().iter_mut().for_each(|w| *w = draw(&mut rng));
    let size = |shape: &[usize]| shape.iter().product::<usize>();
    let mut numbers = |len: usize| (0..len).map(|_| draw(&mut rng)).collect::<Vec<_>>();
    let sizes: Vec<usize> =
        M::INPUTS.iter().map(|i| if i.index.is_some() { 0 } else { n * size(i.shape) }).collect();
    let inputs: Vec<_> = sizes.iter().map(|len| numbers(*len)).collect();
    let tangents: Vec<_> = sizes.iter().map(|len| numbers(*len)).collect();
    let labels: Vec<Vec<u32>> = M::INPUTS
        .iter()
        .map(|input| {
            let bound = input.index.unwrap_or(1);
            (0..n * size(input.shape)).map(|i| (i % bound) as u32).collect()
        })
        .collect();
    let data: Vec<Data<'_, M::Scalar>> =
        M::INPUTS
            .iter()
            .enumerate()
            .map(|(i, input)| {
                if input.index.is_some() { Data::Index(&labels[i]) } else { Data::Real(&inputs[i]) }
            })
            .collect();
    let d_params = numbers(M::PARAMS);
    let out = n * size(M::OUTPUT);
    let (mut y, mut dy, y_bar) = (numbers(out), numbers(out), numbers(out));
    let tangents: Vec<&[M::Scalar]> = tangents.iter().map(Vec::as_slice).collect();
    net.jvp_flat(
        Wrt::All,
        &data,
        Tangents { inputs: &tangents, params: &d_params },
        &mut y,
        &mut dy,
        ws,
    );
    let mut forward = vec![M::Scalar::ZERO; out];
    net.forward_flat(&data, &mut forward, ws);
    // The forward map and the JVP have loops of their own.
    let per_sample = size(M::OUTPUT);
    let mut input_bars: Vec<Vec<M::Scalar>> = sizes.iter().map(|len| numbers(*len)).collect();
    let mut grad = numbers(M::PARAMS);
    let mut seen = 0;
    {
        let mut bars: Vec<&mut [M::Scalar]> =
            input_bars.iter_mut().map(Vec::as_mut_slice).collect();
        let mut loss = |i: usize, _: &[M::Scalar], bar: &mut [M::Scalar]| {
            seen += 1;
            bar.copy_from_slice(&y_bar[i * per_sample..(i + 1) * per_sample]);
        };
        let cotangents = Cotangents { inputs: &mut bars, params: &mut grad };
        net.vjp_flat(Wrt::All, &data, &mut loss, cotangents, ws);
    }
    assert_eq!(seen, n, "a loss for every sample");
    let mut given = (
        numbers(out),
        sizes.iter().map(|len| numbers(*len)).collect::<Vec<Vec<M::Scalar>>>(),
        numbers(M::PARAMS),
    );
    {
        let (y, bars, grad) = (&mut given.0, &mut given.1, &mut given.2);
        let mut bars: Vec<&mut [M::Scalar]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
        let cotangents = Cotangents { inputs: &mut bars, params: grad };
        net.vjp_given_flat(Wrt::All, &data, &y_bar, y, cotangents, ws);
    }
    Results { y: forward, dy, input_bars, grad, given }
}

fn field(rng: &mut Rng64) -> Gf {
    Gf::from_f64((rng.next_u64() % 1000) as f64)
}

fn float(rng: &mut Rng64) -> f32 {
    0.1 + rng.unit_f64() as f32
}

fn agrees<M: Model<Scalar = Gf>>() {
    let sizes = [(2, 1), (1, 2), (2, 2), (3, 3), (2, 7), (20, 4)];
    let mut spaces = sizes.map(|(tile, threads)| Workspace::with_threads(tile, threads));
    // The largest first, so that the others find what it left.
    for n in [13, 5, 2, 1, 0] {
        let alone = run::<M>(n, &mut Workspace::with_tile(n.max(1)), field);
        for (ws, (tile, threads)) in spaces.iter_mut().zip(sizes) {
            let shared = run::<M>(n, ws, field);
            assert_eq!(alone, shared, "{} samples in tiles of {tile} on {threads} threads", n);
        }
    }
}

fn repeats<M: Model<Scalar = f32>>() {
    let mut first = Workspace::with_threads(3, 2);
    let mut second = Workspace::with_threads(3, 2);
    let (a, b) = (run::<M>(25, &mut first, float), run::<M>(25, &mut second, float));
    // Bit for bit, and so is a second run in the same memory.
    assert_eq!(a, b);
    assert_eq!(a, run::<M>(25, &mut first, float));
    // With these models and tiles, a sample is computed alike wherever it is.
    let alone = run::<M>(25, &mut Workspace::with_tile(3), float);
    assert_eq!((a.y, a.dy, a.input_bars), (alone.y, alone.dy, alone.input_bars));
    assert_eq!((a.given.0, a.given.1), (alone.given.0, alone.given.1));
}

macro_rules! tests {
    ($(($name:ident $Model:ident $kind:ident))*) => {$(
        #[test]
        fn $name() {
            agrees::<$Model<Gf>>();
            repeats::<$Model<f32>>();
        }
    )*};
}
// What shares a batch knows of a model only how many inputs there are, of what kind, and what its tiles are.
tests! {
    (mlp Mlp real) (distance Distance real) (tokens Tokens real) (classifier Classifier real)
    (language Language real) (losses Losses real) (attention Attention real) (constants Constants algebraic)
    (scanned Scanned real) (nested Nested real) (encoder Encoder real) (wide Wide real) (frozen Frozen real)
}

model! {
    Scores: [5] -> [3] {
        linear -> [4],
        tanh,
        linear -> [3],
    }

    /// The same to its loss.
    Scored(x: [5], label: index(3)) -> [] {
        Scores(x),
        cross_entropy(label),
    }
}

/// The mean of a loss and its gradient: declared in the model, it is what a function says of the outputs.
#[test]
fn means_of_losses() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let mut rng = Rng64::new(9);
    let mut draw = || rng.unit_f64() - 0.5;
    let (mut scores, mut scored) = (Scores::<f64>::zeros(), Scored::<f64>::zeros());
    scores.flat_mut().iter_mut().for_each(|w| *w = draw());
    scored.flat_mut().copy_from_slice(scores.flat());
    let (mut expected, mut found) = (Scores::zeros(), Scored::zeros());
    for (tile, threads) in [(2, 1), (20, 1), (1, 2), (2, 2), (3, 3), (2, 7), (20, 4)] {
        let mut ws = Workspace::<Scored<f64>>::with_threads(tile, threads);
        for n in [13, 5, 2, 1] {
            let x: Vec<[f64; 5]> = (0..n).map(|_| std::array::from_fn(|_| draw())).collect();
            let labels: Vec<Index<3>> = (0..n).map(|i| Index::new(i % 3).unwrap()).collect();
            let loss = |i: usize, y: &[f64; 3]| loss::cross_entropy(y, labels[i]);
            let memory = &mut Scores::workspace();
            let mean = scores.value_and_grad_batch(&x, loss, &mut expected, memory);
            let value = scored.value_and_grad_batch(&x, &labels, &mut found, &mut ws);
            let what = format!("{n} samples in tiles of {tile} on {threads} threads");
            assert!(near(value, mean), "{what}: {value} is not {mean}");
            for (found, expected) in found.flat().iter().zip(expected.flat()) {
                assert!(near(*found, *expected), "{what}: {found} is not {expected}");
            }
            // Again, to the bit.
            let (mut again, mut ws) = (Scored::zeros(), Workspace::with_threads(tile, threads));
            assert_eq!(value, scored.value_and_grad_batch(&x, &labels, &mut again, &mut ws));
            assert_eq!(found.flat(), again.flat(), "{what}");
            if n == 1 {
                let (value, gradient) = scored.value_and_grad(&x[0], &labels[0]);
                assert!(near(value, mean), "one sample: {value} is not {mean}");
                assert!(found.flat().iter().zip(gradient.flat()).all(|(a, b)| near(*a, *b)));
            }
        }
    }
}

model! {
    /// Products that are large in one sample: of rows, of heads, in windows.
    Rows: [48, 64] -> [48, 700] { linear -> [48, 700] }
    Heads: [130, 128] -> [130, 128] { multihead_attention(heads = 8, causal = true) }
    Window: [8, 36, 36] -> [26, 34, 34] { conv2d(3) -> [26, _, _] }
    Groups: [24, 24, 24] -> [120, 22, 22] { conv2d(3, groups = 2) -> [120, _, _] }
    Statistics: [3, 24, 24] -> [110, 22, 22] { conv2d(3) -> [110, _, _], batch_norm }
}

/// More threads than samples: those that are left share the large products of each sample.
#[test]
fn large_samples() {
    fn agree<M: Model<Scalar = Gf>>() {
        for n in [1, 2] {
            let alone = run::<M>(n, &mut Workspace::with_tile(n), field);
            let shared = run::<M>(n, &mut Workspace::with_threads(n, 5), field);
            assert!(alone == shared, "{}: {n} samples on five threads", M::NAME);
        }
    }
    agree::<Rows<Gf>>();
    agree::<Window<Gf>>();
    agree::<Groups<Gf>>();
}

/// Attention has exponentials, and a batch with statistics of its own is not divided among threads.
#[test]
fn large_samples_of_numbers() {
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11);
    let mut rng = Rng64::new(3);
    let mut draw = |len: usize| (0..len).map(|_| rng.unit_f64() - 0.5).collect::<Vec<f64>>();
    let mut heads = Heads::<f64>::zeros();
    let params = draw(heads.flat().len());
    heads.flat_mut().copy_from_slice(&params);
    let (x, bar) = (draw(130 * 128), draw(130 * 128));
    let results = |threads| {
        let mut ws = Workspace::<Heads<f64>>::with_threads(1, threads);
        let (mut y, mut x_bar, mut grad) = (x.clone(), x.clone(), params.clone());
        let mut bars = [&mut x_bar[..]];
        let cotangents = Cotangents { inputs: &mut bars, params: &mut grad };
        heads.vjp_given_flat(Wrt::All, &[Data::Real(&x)], &bar, &mut y, cotangents, &mut ws);
        [y, x_bar, grad].concat()
    };
    let alone = results(1);
    for threads in [2, 3] {
        assert!(near(&alone, &results(threads)), "attention on {threads} threads");
    }

    let mut net = Statistics::<f64>::zeros();
    let params = draw(net.flat().len());
    net.flat_mut().copy_from_slice(&params);
    let x: Vec<[[[f64; 24]; 24]; 3]> =
        vec![[[[0.0; 24]; 24]; 3].map(|c| c.map(|r| r.map(|_| draw(1)[0]))); 2];
    let results = |threads| {
        let mut ws = Workspace::<StatisticsTraining<f64>>::with_threads(2, threads);
        let (mut state, mut grad) = (StatisticsState::new(), Statistics::zeros());
        let loss = |_: usize, y: &[[[f64; 22]; 22]; 110]| (y[0][0][0] * y[1][2][3], *y);
        let mean = net.training().value_and_grad_batch(&x, &mut state, loss, &mut grad, &mut ws);
        [&[mean], grad.flat()].concat()
    };
    let alone = results(1);
    assert!(near(&alone, &results(3)), "statistics of a batch on three threads");
}

#[test]
#[should_panic(expected = "`Scored`: an empty batch has no mean loss")]
fn no_mean_without_a_sample() {
    let net = Scored::<f32>::zeros();
    net.value_and_grad_batch(&[], &[], &mut Scored::zeros(), &mut Workspace::with_threads(2, 2));
}

/// Parameters after three steps.
fn descended(mut optimizer: impl Optimizer<f32>, len: usize) -> Vec<f32> {
    let mut rng = Rng64::new(5);
    let mut draw = |_| float(&mut rng);
    let mut params: Vec<f32> = (0..len).map(&mut draw).collect();
    for _ in 0..3 {
        let gradient: Vec<f32> = (0..len).map(&mut draw).collect();
        optimizer.step(&mut params, &gradient);
    }
    params
}

/// Steps are those of one thread to the last bit, also where the threads have unequal parts.
#[test]
fn optimizers() {
    fn agree<O: Optimizer<f32>>(make: impl Fn(usize) -> O, shared: impl Fn(O, usize) -> O) {
        for len in [0, 1, 1 << 16, 200_001] {
            let expected = descended(make(len), len);
            for threads in [1, 2, 3, 100] {
                let found = descended(shared(make(len), threads), len);
                assert!(found == expected, "{len} parameters, {threads} threads");
            }
        }
    }
    agree(|len| Sgd::new(len, 0.1).weight_decay(0.01), Sgd::threads);
    agree(|len| Sgd::new(len, 0.1).momentum(0.9).nesterov(true), Sgd::threads);
    agree(|len| Adam::new(len, 0.1).weight_decay(0.01), Adam::threads);
    agree(|len| AdamW::new(len, 0.1), AdamW::threads);
}

#[test]
#[should_panic(expected = "a step is for at least one thread")]
fn no_step_without_a_thread() {
    let _ = Sgd::<f32>::new(3, 0.1).threads(0);
}
