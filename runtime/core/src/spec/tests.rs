//! Every op against the law of adjointness and against finite differences, and the values at kinks
//! against what PyTorch 2.15 gives.

use super::*;
use crate::Shape;

/// A small generator, so that tests are reproducible.
struct Numbers(u64);

impl Numbers {
    /// A number from −1 to 1
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn vector(&mut self, len: usize, from: f64, to: f64) -> Vec<f64> {
        (0..len).map(|_| from + (to - from) * (self.next() + 1.0) / 2.0).collect()
    }
}

fn numbers(len: usize) -> Vec<f64> {
    Numbers(7).vector(len, -1.0, 1.0)
}

fn forward<F: Op<f64>>(op: &F, x: &[f64]) -> Vec<f64> {
    let mut y = vec![f64::NAN; F::Cod::SIZE];
    op.forward(x, &mut y);
    y
}

#[track_caller]
fn assert_close(left: f64, right: f64, tolerance: f64) {
    let scale = 1.0 + left.abs().max(right.abs());
    assert!((left - right).abs() <= tolerance * scale, "{left} is not {right}");
}

/// Adjointness, and jvp against the central difference quotient, at inputs in an interval.
#[track_caller]
fn check_on<F: Op<f64>>(op: F, from: f64, to: f64) {
    let mut numbers = Numbers(1);
    for _ in 0..20 {
        let x = numbers.vector(F::Dom::SIZE, from, to);
        let dx = numbers.vector(F::Dom::SIZE, -1.0, 1.0);
        let delta = numbers.vector(F::Cod::SIZE, -1.0, 1.0);
        let (left, right) = adjoint_gap(&op, &x, &dx, &delta);
        assert_close(left, right, 1e-13);

        let h = 1e-5;
        let moved = |h: f64| -> Vec<f64> { x.iter().zip(&dx).map(|(x, dx)| x + h * dx).collect() };
        let mut dy = vec![f64::NAN; F::Cod::SIZE];
        op.jvp(&x, &dx, &mut dy);
        for ((dy, above), below) in
            dy.iter().zip(forward(&op, &moved(h))).zip(forward(&op, &moved(-h)))
        {
            assert_close(*dy, (above - below) / (2.0 * h), 1e-8);
        }
    }
}

#[track_caller]
fn check<F: Op<f64>>(op: F) {
    check_on(op, -2.5, 2.5);
}

type S = Shape![2, 3];

#[test]
fn elementwise_ops() {
    check(Identity::<S>::new());
    check(Neg::<S>::new());
    check(Scale::<S, _>::new(0.7));
    check(Constant::<S, _>::new(0.7));
    check(Square::<S>::new());
    check(Abs::<S>::new());
    check_on(Reciprocal::<S>::new(), 0.5, 3.0);
    check_on(SafeReciprocal::<S, _>::new(0.1), 0.5, 3.0);
    check(Exp::<S>::new());
    check(Expm1::<S>::new());
    check_on(Log::<S>::new(), 0.5, 3.0);
    check_on(Log1p::<S>::new(), -0.5, 3.0);
    check_on(Sqrt::<S>::new(), 0.5, 3.0);
    check_on(SafeSqrt::<S>::new(), 0.5, 3.0);
    check_on(SafeSqrt::<S>::new(), -3.0, -0.5);
    check_on(Pow::<S, _>::new(1.7), 0.5, 3.0);
    check(Pow::<S, _>::new(3.0));
    check(Sin::<S>::new());
    check(Cos::<S>::new());
    check(Sinh::<S>::new());
    check(Cosh::<S>::new());
    check(Erf::<S>::new());
    check(Erfc::<S>::new());
    check(Exp2::<S>::new());
    check_on(Log2::<S>::new(), 0.5, 3.0);
    check_on(Log10::<S>::new(), 0.5, 3.0);
    check_on(Logit::<S>::new(), 0.1, 0.9);
    check_on(Rsqrt::<S>::new(), 0.5, 3.0);
    check_on(Tan::<S>::new(), -1.2, 1.2);
    check(Sinc::<S>::new());
    check_on(Sinc::<S>::new(), -0.1, 0.1);
    check_on(Asin::<S>::new(), -0.8, 0.8);
    check_on(Acos::<S>::new(), -0.8, 0.8);
    check(Atan::<S>::new());
    check(Asinh::<S>::new());
    check_on(Acosh::<S>::new(), 1.3, 4.0);
    check_on(Atanh::<S>::new(), -0.8, 0.8);
}

#[test]
fn activations() {
    check(Relu::<S>::new());
    check(LeakyRelu::<S, _>::default());
    check_on(Relu6::<S>::new(), -1.0, 8.0);
    check(Clamp::<S, _>::new(-1.0, 1.5));
    check(Hardtanh::<S, _>::default());
    check_on(Hardsigmoid::<S>::new(), -5.0, 5.0);
    check_on(Hardswish::<S>::new(), -5.0, 5.0);
    check(Softsign::<S>::new());
    check(Elu::<S, _>::new(1.3));
    check(Selu::<S>::new());
    check(Sigmoid::<S>::new());
    check(Logistic::<S>::new());
    check(LogSigmoid::<S>::new());
    check(Tanh::<S>::new());
    check(Softplus::<S>::new());
    check(Silu::<S>::new());
    check(Mish::<S>::new());
    check(Gelu::<S>::new());
    check(GeluTanh::<S>::new());
    check(SafeLog::<S, _>::default());
    check(SmoothAbs::<S, _>::new(0.01));
    check(Celu::<S, _>::new(1.3));
    check(Tanhshrink::<S>::new());
    check(Softshrink::<S, _>::default());
    check(Hardshrink::<S, _>::new(0.7));
    check(Threshold::<S, _>::new(0.3, -2.0));
}

#[test]
fn ops_with_a_captured_operand() {
    check(AddRhs::<S, _>::new(numbers(6)));
    check(SubRhs::<S, _>::new(numbers(6)));
    check(MulRhs::<S, _>::new(numbers(6)));
    check(DivRhs::<S, _>::new(numbers(6)));
    check(SafeDivRhs::<S, _>::new(numbers(6)));
    check(Maximum::<S, _>::new(numbers(6)));
    check(Minimum::<S, _>::new(numbers(6)));
    check_on(PowRhs::<S, _>::new(numbers(6)), 0.5, 3.0);
    check(HypotRhs::<S, _>::new(numbers(6)));
    check(Atan2Rhs::<S, _>::new(numbers(6)));
    check(XlogyRhs::<S, _>::new(numbers(6).into_iter().map(f64::abs).collect()));
    let keep = vec![true, false, false, true, true, false];
    check(Mask::<S>::new(keep.clone()));
    check(Dropout::<S, _>::new(keep, 0.4));
}

#[test]
fn losses() {
    check(MseLoss::<S, _>::new(numbers(6)));
    check(MaeLoss::<S, _>::new(numbers(6)));
    check(HuberLoss::<S, _>::new(numbers(6), 1.0));
    check(BceWithLogitsLoss::<S, _>::new(numbers(6)));
    check(CrossEntropyLoss::<S, _>::new(numbers(6)));
    check(CrossEntropyLoss::<S, _>::with_labels(&[2, 0]));
    check(CrossEntropyLoss::<Shape![2, 2, 3], _>::with_labels(&[2, 0, 1, 1]));
}

#[test]
fn extrema() {
    check(Amax::<Shape![2, 3, 4], 0>::new());
    check(Amax::<Shape![2, 3, 4], 1>::new());
    check(Amin::<Shape![2, 3, 4], 1>::new());
    check(Amin::<Shape![2, 3, 4], 2>::new());
    check(Reshape::<S, Shape![6]>::new().then(Amin::<Shape![6], 0>::new()));
}

#[test]
fn linear_ops() {
    check(Linear::<_, 3, 2>::new(numbers(6), numbers(2)));
    check(Each::<4, _>::new(Linear::<_, 3, 2>::new(numbers(6), numbers(2))));
    check(MatmulRight::<_, 2, 3, 4>::new(numbers(12)));
    check(MatmulLeft::<_, 4, 2, 3>::new(numbers(8)));
    check(BmmRight::<_, 2, 2, 3, 4>::new(numbers(24)));
    check(BmmLeft::<_, 2, 4, 2, 3>::new(numbers(16)));
}

#[test]
fn structural_ops() {
    check(Sum::<S>::new());
    check(SumAxis::<Shape![2, 3, 4], 1>::new());
    check(Reshape::<S, Shape![3, 2]>::new());
    check(ExpandToCol::<2, Shape![3]>::new());
    check(Transpose::<2, 3>::new());
    check(Permute::<Shape![2, 3, 4], Shape![2, 0, 1]>::new());
    check(Replicate::<4, S>::new());
    check(Broadcast::<Shape![3, 1], Shape![2, 3, 4]>::new());
    check(SliceLeading::<5, 1, 3, Shape![2]>::new());
    check(ConcatLeading::<_, 2, 5, Shape![3]>::new(numbers(3), numbers(6)));
}

#[test]
fn normalizing_ops() {
    check(Softmax::<S>::new());
    check(Softmax::<Shape![]>::new());
    check(Softmax::<Shape![2, 0]>::new());
    check(LogSoftmax::<S>::new());
    check(LayerNorm::<Shape![2, 4], _>::new(numbers(4), numbers(4), 1e-5));
}

#[test]
fn compositions() {
    check(
        Linear::<_, 3, 4>::new(numbers(12), numbers(4))
            .then(Tanh::<Shape![4]>::new())
            .then(Linear::<_, 4, 2>::new(numbers(8), numbers(2)))
            .then(LogSoftmax::<Shape![2]>::new()),
    );
}

#[test]
fn moved_elements_are_where_they_belong() {
    let x: Vec<f64> = (0..24).map(f64::from).collect();
    // numpy: np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)[0]
    let y = forward(&Permute::<Shape![2, 3, 4], Shape![2, 0, 1]>::new(), &x);
    assert_eq!(y[..6], [0.0, 4.0, 8.0, 12.0, 16.0, 20.0]);
    assert_eq!(forward(&Transpose::<2, 3>::new(), &x[..6]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    assert_eq!(forward(&SumAxis::<S, 0>::new(), &x[..6]), [3.0, 5.0, 7.0]);
    assert_eq!(forward(&SumAxis::<S, 1>::new(), &x[..6]), [3.0, 12.0]);
    assert_eq!(
        forward(&Broadcast::<Shape![2, 1], S>::new(), &[1.0, 2.0]),
        [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    );
    assert_eq!(forward(&SliceLeading::<3, 1, 2, Shape![2]>::new(), &x[..6]), [2.0, 3.0, 4.0, 5.0]);
    let concat = ConcatLeading::<_, 1, 3, Shape![2]>::new(vec![8.0, 9.0], vec![6.0, 7.0]);
    assert_eq!(forward(&concat, &[0.0, 1.0]), [8.0, 9.0, 0.0, 1.0, 6.0, 7.0]);
}

#[test]
fn products_are_the_products() {
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let b = vec![1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
    assert_eq!(forward(&MatmulRight::<_, 2, 3, 2>::new(b.clone()), &a), [5.0, 11.0, 14.0, 23.0]);
    assert_eq!(forward(&MatmulLeft::<_, 2, 3, 2>::new(a.to_vec()), &b), [5.0, 11.0, 14.0, 23.0]);
    let (mut weight_bar, mut bias_bar) = ([0.0; 6], [0.0; 2]);
    Linear::<f64, 3, 2>::vjp_params(&[1.0, 2.0, 3.0], &[1.0, -1.0], &mut weight_bar, &mut bias_bar);
    assert_eq!((weight_bar, bias_bar), ([1.0, 2.0, 3.0, -1.0, -2.0, -3.0], [1.0, -1.0]));
}

#[test]
fn the_winners_of_an_extremum_share() {
    // torch.tensor([[1, 3, 3], [2, 0, 0]]).amax(1), and its gradient for [1, 10]
    let (x, top, bottom) =
        ([1.0, 3.0, 3.0, 2.0, 0.0, 0.0], Amax::<S, 1>::new(), Amin::<S, 1>::new());
    let mut x_bar = [f64::NAN; 6];
    assert_eq!(forward(&top, &x), [3.0, 2.0]);
    top.vjp(&x, &[1.0, 10.0], &mut x_bar);
    assert_eq!(x_bar, [0.0, 0.5, 0.5, 10.0, 0.0, 0.0]);
    assert_eq!(forward(&bottom, &x), [1.0, 0.0]);
    bottom.vjp(&x, &[1.0, 10.0], &mut x_bar);
    assert_eq!(x_bar, [1.0, 0.0, 0.0, 0.0, 5.0, 5.0]);
    assert!(forward(&bottom, &[1.0, f64::NAN, 0.0, 1.0, 1.0, 1.0])[0].is_nan());
}

#[test]
fn losses_are_those_of_pytorch() {
    type S = Shape![2, 3];
    let x = [0.5, -1.0, 2.0, 0.0, 3.0, -0.5];
    let t = vec![1.0, 0.0, 0.0, 0.25, 0.75, 0.0];
    for (found, expected) in [
        (forward(&MseLoss::<S, _>::new(t.clone()), &x), 1.7708333333333333),
        (forward(&MaeLoss::<S, _>::new(t.clone()), &x), 1.0833333333333333),
        (forward(&HuberLoss::<S, _>::new(t.clone(), 1.0), &x), 0.671875),
        (forward(&HuberLoss::<S, _>::new(t.clone(), 0.5), &x), 0.421875),
        (forward(&BceWithLogitsLoss::<S, _>::new(t.clone()), &x), 0.8133463665091828),
        (forward(&CrossEntropyLoss::<S, _>::new(t), &x), 1.2841289705995416),
        (forward(&CrossEntropyLoss::<S, _>::with_labels(&[2, 1]), &x), 0.15912897059954154),
    ] {
        assert_close(found[0], expected, 1e-14);
    }
    let far = [-1e4f32, 0.0, 1e4];
    let (mut y, mut x_bar) = ([f32::NAN], [f32::NAN; 3]);
    let bce = BceWithLogitsLoss::<Shape![3], f32>::new(vec![1.0, 1.0, 0.5]);
    bce.forward(&far, &mut y);
    bce.vjp(&far, &[1.0], &mut x_bar);
    assert!(y[0].is_finite() && x_bar.iter().all(|x| x.is_finite()), "{y:?} {x_bar:?}");
}

#[test]
#[should_panic(expected = "found the label 3, needs one below 3")]
fn a_label_that_is_no_class_panics() {
    let _ = CrossEntropyLoss::<S, f64>::with_labels(&[0, 3]);
}

#[test]
#[should_panic(expected = "found 3 labels, the shape [2, 3] needs 2")]
fn labels_for_other_slices_panic() {
    let _ = CrossEntropyLoss::<S, f64>::with_labels(&[0, 1, 2]);
}

/// f(x), f′(x)
fn at<F: Elementwise<f64>>(op: F, x: f64) -> (f64, f64) {
    (op.value(x), op.derivative(x))
}

#[test]
fn kinks_are_those_of_pytorch() {
    type S = Shape![];
    assert_eq!(at(Relu::<S>::new(), 0.0), (0.0, 0.0));
    assert_eq!(at(LeakyRelu::<S, _>::new(0.1), 0.0), (0.0, 0.1));
    assert_eq!(at(Elu::<S, _>::new(2.0), 0.0), (0.0, 2.0));
    assert_close(at(Selu::<S>::new(), 0.0).1, 1.7580993408473766, 1e-15);
    assert_eq!(at(Abs::<S>::new(), 0.0), (0.0, 0.0));
    assert_eq!(at(Clamp::<S, _>::new(-1.0, 1.0), -1.0), (-1.0, 0.0));
    assert_eq!(at(Clamp::<S, _>::new(-1.0, 1.0), 1.0), (1.0, 0.0));
    assert_eq!(at(Hardtanh::<S, _>::default(), 1.0), (1.0, 0.0));
    assert_eq!(at(Hardtanh::<S, _>::default(), -1.0), (-1.0, 0.0));
    assert_eq!(at(Relu6::<S>::new(), 6.0), (6.0, 0.0));
    assert_eq!(at(Hardsigmoid::<S>::new(), 3.0), (1.0, 0.0));
    assert_eq!(at(Hardsigmoid::<S>::new(), -3.0), (0.0, 0.0));
    assert_eq!(at(Hardswish::<S>::new(), 3.0), (3.0, 1.0));
    assert_eq!(at(Hardswish::<S>::new(), -3.0), (0.0, 0.0));
    assert_eq!(at(Sqrt::<S>::new(), 0.0), (0.0, f64::INFINITY));
    assert!(at(Sqrt::<S>::new(), -1.0).0.is_nan());
    assert_eq!(at(SafeSqrt::<S>::new(), 0.0), (0.0, 0.0));
    assert_eq!(at(SafeSqrt::<S>::new(), -1.0), (0.0, 0.0));
    assert_eq!(at(Pow::<S, _>::new(0.0), 0.0), (1.0, 0.0));
    assert_eq!(at(Pow::<S, _>::new(1.0), 0.0), (0.0, 1.0));
    assert_eq!(at(Pow::<S, _>::new(-1.0), 0.0), (f64::INFINITY, f64::NEG_INFINITY));
    assert_eq!(Maximum::<S, f64>::derivative(1.0, 1.0), 0.5);
    assert_eq!(Minimum::<S, f64>::derivative(1.0, 1.0), 0.5);
}

#[test]
fn nan_goes_through() {
    fn nan_in_nan_out<F: Elementwise<f64>>(op: F) {
        assert!(op.value(f64::NAN).is_nan());
    }
    nan_in_nan_out(Relu::<S>::new());
    nan_in_nan_out(LeakyRelu::<S, _>::default());
    nan_in_nan_out(Relu6::<S>::new());
    nan_in_nan_out(Clamp::<S, _>::new(-1.0, 1.0));
    nan_in_nan_out(Hardsigmoid::<S>::new());
    nan_in_nan_out(Hardswish::<S>::new());
    nan_in_nan_out(Elu::<S, _>::default());
    nan_in_nan_out(Selu::<S>::new());
    nan_in_nan_out(Abs::<S>::new());
    nan_in_nan_out(SafeSqrt::<S>::new());
    assert!(Minimum::<S, f64>::value(1.0, f64::NAN).is_nan());
    assert!(Maximum::<S, f64>::value(f64::NAN, 1.0).is_nan());
    assert!(forward(&Softmax::<Shape![2]>::new(), &[0.0, f64::NAN])[0].is_nan());
}

#[test]
fn values_are_those_of_pytorch() {
    type S = Shape![];
    for (found, expected) in [
        (at(Gelu::<S>::new(), 1.0), (0.841344746068543, 1.0833154705876864)),
        (at(Gelu::<S>::new(), -1.0), (-0.15865525393145702, -0.08331547058768635)),
        (at(GeluTanh::<S>::new(), 1.0), (0.8411919906082768, 1.0829640838457826)),
        (at(GeluTanh::<S>::new(), -1.0), (-0.15880800939172324, -0.08296408384578252)),
        (at(Mish::<S>::new(), 1.0), (0.8650983882673103, 1.0490362200997922)),
        (at(Mish::<S>::new(), 0.0), (0.0, 0.6)),
        (at(LogSigmoid::<S>::new(), -1000.0), (-1000.0, 1.0)),
    ] {
        assert_close(found.0, expected.0, 1e-14);
        assert_close(found.1, expected.1, 1e-14);
    }
}

#[test]
fn finite_far_from_zero() {
    fn finite<F: Elementwise<f32>>(op: F) {
        for x in [-1e4, 1e4] {
            assert!(op.value(x).is_finite() && op.derivative(x).is_finite(), "at {x}");
        }
    }
    finite(Sigmoid::<S>::new());
    finite(Logistic::<S>::new());
    finite(LogSigmoid::<S>::new());
    finite(Tanh::<S>::new());
    finite(Softplus::<S>::new());
    finite(Silu::<S>::new());
    finite(Mish::<S>::new());
    finite(Gelu::<S>::new());
    finite(GeluTanh::<S>::new());
    finite(Elu::<S, _>::default());
    finite(Selu::<S>::new());
    finite(SafeLog::<S, _>::default());
    finite(Celu::<S, _>::default());
    finite(Tanhshrink::<S>::new());
    finite(Erfc::<S>::new());
    finite(Atan::<S>::new());
    finite(Asinh::<S>::new());
    finite(Sinc::<S>::new());
    let mut y = [0.0f32; 3];
    LogSoftmax::<Shape![3]>::new().forward(&[-1e4, 0.0, 1e4], &mut y);
    assert_eq!(y, [-2e4, -1e4, 0.0]);
}

#[test]
#[should_panic(expected = "`x` has 5 elements, the shape [2, 3] needs 6")]
fn a_slice_of_the_wrong_length_panics() {
    forward(&Relu::<S>::new(), &[0.0; 5]);
}

#[cfg(feature = "num-rational")]
#[test]
fn algebraic_ops_are_adjoint_exactly() {
    use num_rational::Ratio;
    type Q = Ratio<i128>;
    let rationals = |len: usize, shift: i128| -> Vec<Q> {
        (0..len as i128).map(|i| Ratio::new(i * 5 % 7 - 3 + shift, 2 + i % 3)).collect()
    };
    fn assert_exact<F: Op<Q>>(op: F, rationals: impl Fn(usize, i128) -> Vec<Q>) {
        let (size, out) = (F::Dom::SIZE, F::Cod::SIZE);
        let (left, right) =
            adjoint_gap(&op, &rationals(size, 0), &rationals(size, 1), &rationals(out, 2));
        assert_eq!(left, right);
    }
    assert_exact(
        Linear::<Q, 3, 4>::new(rationals(12, 0), rationals(4, 1))
            .then(Relu::<Shape![4]>::new())
            .then(Linear::<Q, 4, 2>::new(rationals(8, 1), rationals(2, 0)))
            .then(Square::<Shape![2]>::new())
            .then(MseLoss::<Shape![2], Q>::new(rationals(2, 3))),
        rationals,
    );
    assert_exact(Maximum::<S, Q>::new(rationals(6, 0)), rationals);
    assert_exact(Hardswish::<S>::new(), rationals);
    assert_exact(Permute::<Shape![2, 3, 4], Shape![2, 0, 1]>::new(), rationals);
    assert_exact(BmmRight::<Q, 2, 2, 3, 4>::new(rationals(24, 0)), rationals);
}
