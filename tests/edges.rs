//! Edges: values worked out by hand where PyTorch's reference files have nothing to compare, and inputs of the
//! wrong kind.

use pullback::check::{self, Dual, Gf};
use pullback::model::{Cotangents, Data, Tangents, Wrt, zeros};
use pullback::{Index, Model, Workspace, loss, model};
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// What is ignored has no loss, whatever its logits are.
#[test]
fn ignored_logits_may_be_no_numbers() {
    model! {
        Each(x: [3, 2], t: [3] of index(2)) -> [3] {
            cross_entropy(x, t, ignore_index = 1, reduction = "none")
        }
        Weighed(x: [3, 2], t: [3] of index(2), w: [2]) -> [] {
            cross_entropy(x, t, weight = w, label_smoothing = 0.25, ignore_index = 1)
        }
    }
    let x = [[1.0, 2.0], [f64::NAN, 0.0], [0.0, f64::INFINITY]];
    let [zero, one] = [0, 1].map(|i| Index::<2>::new(i).unwrap());
    let y = Each::<f64>::zeros().forward(&x, &[zero, one, one]);
    let first = loss::cross_entropy(&x[0], zero).0;
    assert!((y[0] - first).abs() < 1e-15);
    assert_eq!(y[1..], [0.0; 2]);
    let y = Weighed::<f64>::zeros().forward(&x, &[zero, one, one], &[2.0, 3.0]);
    // The smoothed part weighs each class: 2 of the first, 3 of the second, over the weight 2 of the target.
    let second = loss::cross_entropy(&x[0], one).0;
    let expected = (0.75 * 2.0 * first + 0.125 * (2.0 * first + 3.0 * second)) / 2.0;
    assert!((y - expected).abs() < 1e-14, "{y}, not {expected}");
}

#[test]
fn the_least_magnitude_is_a_norm() {
    model! { Least: [4] -> [] { norm(p = f64::NEG_INFINITY) } }
    let net = Least::<f64>::zeros();
    let x = [2.0, -1.0, 3.0, -0.5];
    assert_eq!(net.forward(&x), 0.5);
    let (_, pullback) = net.vjp_inputs(&x);
    assert_eq!(pullback(&1.0), [0.0, 0.0, 0.0, -1.0]);
}

/// By more places than there are, along an axis whose length only rustc knows.
#[test]
fn rolls_go_round() {
    const THREE: usize = 3;
    model! {
        On: [THREE] -> [THREE] { roll(5, axis = 0) }
        Back: [THREE] -> [THREE] { roll(-5, axis = 0) }
        Round: [2, THREE] -> [2, THREE] { square, roll(6, axis = 1), roll(-3, axis = 1) }
    }
    let x = [1.0, 2.0, 3.0];
    assert_eq!(On::<f64>::zeros().forward(&x), [2.0, 3.0, 1.0]);
    assert_eq!(Back::<f64>::zeros().forward(&x), [3.0, 1.0, 2.0]);
    assert_eq!(Round::<f64>::zeros().forward(&[x, x]), [[1.0, 4.0, 9.0]; 2]);
    check::exactly::<On<Gf>, On<Dual<Gf>>>();
    check::exactly::<Back<Gf>, Back<Dual<Gf>>>();
    check::exactly::<Round<Gf>, Round<Dual<Gf>>>();
}

/// Lists of `const`s where the model's result is written in numbers, which then stand for them.
#[test]
fn consts_are_the_numbers_they_equal() {
    const ONE: usize = 1;
    const TWO: usize = 2;
    model! {
        Padded: [1, 2, 2] -> [1, 4, 6] { square, constant_pad2d([ONE, TWO]), square }
        PaddedByNumbers: [1, 2, 2] -> [1, 4, 6] { square, constant_pad2d([1, 2]), square }
        Transposed: [4, 3] -> [2, 5] {
            conv_transpose1d(3, groups = TWO, weight_norm = true) -> [TWO, 5]
        }
        TransposedByNumbers: [4, 3] -> [2, 5] {
            conv_transpose1d(3, groups = 2, weight_norm = true) -> [2, 5]
        }
        Grouped: [4, 3] -> [4, 3] { group_norm(TWO), square, conv1d(1, groups = TWO) -> [4, 3] }
        GroupedByNumbers: [4, 3] -> [4, 3] { group_norm(2), square, conv1d(1, groups = 2) -> [4, 3] }
    }
    alike::<Padded<f64>, PaddedByNumbers<f64>>();
    alike::<Transposed<f64>, TransposedByNumbers<f64>>();
    alike::<Grouped<f64>, GroupedByNumbers<f64>>();
    check::exactly::<Padded<Gf>, Padded<Dual<Gf>>>();
    check::exactly::<Grouped<Gf>, Grouped<Dual<Gf>>>();
}

/// Divisions by `const`s: what they certainly give, and what stands in for one that must equal something else.
#[test]
fn divisions_of_consts_are_as_those_of_numbers() {
    const C2: usize = 2;
    const C4: usize = 4;
    model! {
        Twice(x: [3, C4]) -> [3, C2] {
            conv1d(C2, stride = C2) -> [3, _],
            let f = linear -> [3, C2],
            f,
            f,
        }
        TwiceByNumbers(x: [3, 4]) -> [3, 2] {
            conv1d(2, stride = 2) -> [3, _],
            let f = linear -> [3, 2],
            f,
            f,
        }
        Whole: [1, 4] -> [1, 1] { conv1d(4, stride = C2) -> [1, 1] }
        WholeByNumbers: [1, 4] -> [1, 1] { conv1d(4, stride = 2) -> [1, 1] }
    }
    alike::<Twice<f64>, TwiceByNumbers<f64>>();
    alike::<Whole<f64>, WholeByNumbers<f64>>();
    check::exactly::<Twice<Gf>, Twice<Dual<Gf>>>();
}

/// Output and gradients of two models are the same numbers.
fn alike<A: Model<Scalar = f64>, B: Model<Scalar = f64>>() {
    assert_eq!(results::<A>(), results::<B>());
}

fn results<M: Model<Scalar = f64>>() -> [Vec<f64>; 3] {
    let mut rng = check::Rng64::new(11);
    let mut numbers = |len: usize| -> Vec<f64> { (0..len).map(|_| rng.unit_f64()).collect() };
    let size = |shape: &[usize]| shape.iter().product::<usize>();
    let mut net = zeros::<M>();
    net.flat_mut().copy_from_slice(&numbers(M::PARAMS));
    let (x, y_bar) = (numbers(size(M::INPUTS[0].shape)), numbers(size(M::OUTPUT)));
    let (mut y, mut x_bar, mut grad) = (y_bar.clone(), x.clone(), numbers(M::PARAMS));
    let cotangents = Cotangents { inputs: &mut [&mut x_bar], params: &mut grad };
    let ws = &mut Workspace::new();
    net.vjp_given_flat(Wrt::All, &[Data::Real(&x)], &y_bar, &mut y, cotangents, ws);
    [y, x_bar, grad]
}

model! {
    Product(x: [3], y: [3]) -> [3] { x * y }
}

/// The cotangents of so many inputs, of the lengths that are given.
fn cotangents(lens: &[usize]) {
    let (x, mut y) = ([1.0; 3], [0.0; 3]);
    let mut bars: Vec<Vec<f64>> = lens.iter().map(|len| vec![0.0; *len]).collect();
    let mut bars: Vec<&mut [f64]> = bars.iter_mut().map(Vec::as_mut_slice).collect();
    let cotangents = Cotangents { inputs: &mut bars, params: &mut [] };
    let (net, data) = (Product::<f64>::zeros(), [Data::Real(&x); 2]);
    net.vjp_given_flat(Wrt::Inputs, &data, &x, &mut y, cotangents, &mut Workspace::new());
}

#[test]
fn a_cotangent_for_each_input() {
    cotangents(&[3, 3]);
}

#[test]
#[should_panic(expected = "`Product` has 2 inputs, found 1 cotangent")]
fn a_cotangent_too_few() {
    cotangents(&[3]);
}

#[test]
#[should_panic(expected = "`Product` has 2 inputs, found 3 cotangents")]
fn a_cotangent_too_many() {
    cotangents(&[3, 3, 3]);
}

#[test]
#[should_panic(expected = "`Product`: `y` has 0 elements, needs 3")]
fn an_empty_cotangent() {
    cotangents(&[3, 0]);
}

#[test]
#[should_panic(expected = "`Product`: `y` has 0 elements, needs 3")]
fn an_empty_tangent() {
    let x = [1.0; 3];
    let tangents = Tangents { inputs: &[&x, &[]], params: &[] };
    let (net, data) = (Product::<f64>::zeros(), [Data::Real(&x); 2]);
    let ws = &mut Workspace::new();
    net.jvp_flat(Wrt::Inputs, &data, tangents, &mut [0.0; 3], &mut [0.0; 3], ws);
}

model! {
    /// A real input and an integer one.
    Mixed(x: [2], i: index(3)) -> [2] { w = embedding(i) -> [2], x * w }
}

fn flat(x: Data<'_, f64>, i: Data<'_, f64>) {
    // Copies of a workspace are workspaces.
    let mut ws: Workspace<_> = Mixed::<f64>::workspace().clone();
    Mixed::<f64>::zeros().forward_flat(&[x, i], &mut [0.0; 2], &mut ws);
}

#[test]
fn inputs_of_the_right_kind() {
    flat(Data::Real(&[1.0; 2]), Data::Index(&[2]));
}

#[test]
#[should_panic(expected = "`Mixed`: `x` takes real numbers, found integers")]
fn integers_for_real_numbers() {
    flat(Data::Index(&[0; 2]), Data::Index(&[2]));
}

#[test]
#[should_panic(expected = "`Mixed`: `i` takes integers below 3, found real numbers")]
fn real_numbers_for_integers() {
    flat(Data::Real(&[1.0; 2]), Data::Real(&[2.0]));
}

#[test]
#[should_panic(expected = "`Mixed`: `x` has 3 elements, needs 2")]
fn an_input_that_is_too_long() {
    flat(Data::Real(&[1.0; 3]), Data::Index(&[2]));
}

/// Copies whose axes are merged, stored between zeros; powers by product whose slopes are none by themselves.
#[test]
fn laws() {
    model! {
        Image: [4, 2, 2] -> [1, 4, 4] {
            reshape -> [2, 2, 2, 2], permute([2, 0, 3, 1]), reshape -> [1, 4, 4],
            conv2d(3, padding = 1) -> [1, _, _],
        }
        Channels: [6, 3, 3] -> [6, 3, 3] {
            reshape -> [2, 3, 3, 3], transpose(0, 1), reshape -> [6, 3, 3],
            conv2d(3, padding = 1, groups = 2) -> [6, _, _],
        }
        Again: [1, 4] -> [1, 10] { repeat([1, 2]), constant_pad1d(1) }
        High: [3] -> [3] { pow(17) }
        Low: [3] -> [3] { pow(-16) }
        Sixteen: [3] -> [3] { pow(16) }
        Norm: [3] -> [] { norm(p = 17) }
    }
    check::exactly::<Image<Gf>, Image<Dual<Gf>>>();
    check::exactly::<Channels<Gf>, Channels<Dual<Gf>>>();
    check::exactly::<Again<Gf>, Again<Dual<Gf>>>();
    check::exactly::<High<Gf>, High<Dual<Gf>>>();
    check::exactly::<Low<Gf>, Low<Dual<Gf>>>();
    check::exactly::<Sixteen<Gf>, Sixteen<Dual<Gf>>>();
    check::exactly::<Norm<Gf>, Norm<Dual<Gf>>>();
    let y = Again::<f64>::zeros().forward(&[[1.0, 2.0, 3.0, 4.0]]);
    assert_eq!(y, [[0.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0, 0.0]]);
}

/// A finite field has no infinities; they are constants like others to the laws.
#[test]
fn infinities_in_a_model_are_checked_exactly() {
    model! {
        Masked(x: [3, 4], mask: [3, 4]) -> [3, 4] {
            h = linear(x) -> [3, 4],
            masked_fill(h, mask, f64::NEG_INFINITY),
            softmax,
        }
    }
    check::exactly::<Masked<Gf>, Masked<Dual<Gf>>>();
}

/// Magnitudes of columns, and of kernels, begin as their lengths: so the weight begins as `weight_v`.
#[test]
fn magnitudes_begin_as_lengths() {
    model! {
        Directions(x: [4, 5], z: [2, 6]) -> [] {
            fc = linear(x, weight_norm = true) -> [4, 3],
            conv = conv1d(z, kernel = 2, weight_norm = true) -> [4, 5],
            sum(fc) + sum(conv),
        }
    }
    let net = Directions::<f64>::init(&mut SmallRng::seed_from_u64(4));
    for (i, g) in net.fc.weight_g.iter().enumerate() {
        let square: f64 = net.fc.weight_v.iter().map(|row| row[i] * row[i]).sum();
        assert!(square > 0.0 && (g * g - square).abs() < 1e-14, "{g}");
    }
    for (kernel, g) in net.conv.weight_v.iter().zip(&net.conv.weight_g) {
        let square: f64 = kernel.as_flattened().iter().map(|x| x * x).sum();
        assert!(square > 0.0 && (g * g - square).abs() < 1e-14, "{g}");
    }
}
