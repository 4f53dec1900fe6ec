//! Values at edges, worked out by hand: where PyTorch's reference files have nothing to compare.

use pullback::{Index, loss, model};

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
