//! Batches that threads share: what they compute is what one thread computes.

#[path = "zoo/mod.rs"]
mod zoo;

use pullback::check::{Gf, Rng64};
use pullback::model::{self, Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Scalar, Workspace};
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
    let mut net = model::zeros::<M>();
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
    // A sample is computed alike wherever it is.
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
zoo_models!(tests);
