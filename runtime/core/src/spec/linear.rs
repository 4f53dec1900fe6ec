//! Products with captured matrices.

use super::{Op, expect_size};
use crate::Shape;
use crate::scalar::Scalar;

/// c ← c + a·b for row-major a: [m, k], b: [k, n], c: [m, n], each given by how element (row,
/// column) is found, so that a transposed matrix needs no copy.
fn add_product<T: Scalar>(
    [m, k, n]: [usize; 3],
    a: impl Fn(usize, usize) -> T,
    b: impl Fn(usize, usize) -> T,
    c: &mut [T],
) {
    for i in 0..m {
        for j in 0..n {
            for l in 0..k {
                c[i * n + j] = c[i * n + j] + a(i, l) * b(l, j);
            }
        }
    }
}

/// An affine map with captured weights: y = W·x + b, from `[IN]` to `[OUT]` with W: `[OUT, IN]`, b: `[OUT]`.
///
/// dy = W·dx, x̄ = Wᵀ·ȳ. PyTorch: `torch.nn.functional.linear` on one vector; for rows of a matrix
/// there is [`Each`](super::Each).
#[derive(Clone, Debug)]
pub struct Linear<T, const IN: usize, const OUT: usize> {
    weight: Vec<T>,
    bias: Vec<T>,
}

impl<T: Scalar, const IN: usize, const OUT: usize> Linear<T, IN, OUT> {
    /// The map with this `weight`, row-major of shape `[OUT, IN]`, and `bias` of shape `[OUT]`.
    ///
    /// # Panics
    /// If one of them has another size.
    #[must_use]
    #[track_caller]
    pub fn new(weight: Vec<T>, bias: Vec<T>) -> Self {
        expect_size::<Shape![OUT, IN], T>("weight", &weight);
        expect_size::<Shape![OUT], T>("bias", &bias);
        Self { weight, bias }
    }

    /// The pullback towards the parameters: W̄ ← ȳ⊗x (that is W̄ᵢⱼ = ȳᵢ·xⱼ), b̄ ← ȳ.
    ///
    /// # Panics
    /// If a slice has another size than its shape.
    pub fn vjp_params(x: &[T], y_bar: &[T], weight_bar: &mut [T], bias_bar: &mut [T]) {
        expect_size::<Shape![IN], T>("x", x);
        expect_size::<Shape![OUT], T>("y_bar", y_bar);
        expect_size::<Shape![OUT, IN], T>("weight_bar", weight_bar);
        expect_size::<Shape![OUT], T>("bias_bar", bias_bar);
        weight_bar.fill(T::ZERO);
        add_product([OUT, 1, IN], |i, _| y_bar[i], |_, j| x[j], weight_bar);
        bias_bar.copy_from_slice(y_bar);
    }
}

impl<T: Scalar, const IN: usize, const OUT: usize> Op<T> for Linear<T, IN, OUT> {
    type Dom = Shape![IN];
    type Cod = Shape![OUT];
    fn forward(&self, x: &[T], y: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y", y);
        y.copy_from_slice(&self.bias);
        add_product([OUT, IN, 1], |i, l| self.weight[i * IN + l], |l, _| x[l], y);
    }
    fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Dom, T>("dx", dx);
        expect_size::<Self::Cod, T>("dy", dy);
        dy.fill(T::ZERO);
        add_product([OUT, IN, 1], |i, l| self.weight[i * IN + l], |l, _| dx[l], dy);
    }
    fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
        expect_size::<Self::Dom, T>("x", x);
        expect_size::<Self::Cod, T>("y_bar", y_bar);
        expect_size::<Self::Dom, T>("x_bar", x_bar);
        x_bar.fill(T::ZERO);
        add_product([IN, OUT, 1], |i, l| self.weight[l * IN + i], |l, _| y_bar[l], x_bar);
    }
}

/// Products of a batch of matrices with captured ones on the right: Y = X·B for each of BATCH pairs,
/// X: `[M, K]`, B: `[K, N]`, Y: `[M, N]`.
///
/// dY = dX·B, X̄ = Ȳ·Bᵀ. PyTorch: `torch.bmm`.
#[derive(Clone, Debug)]
pub struct BmmRight<T, const BATCH: usize, const M: usize, const K: usize, const N: usize> {
    b: Vec<T>,
}

/// The product with a captured matrix on the right: Y = X·B, X: `[M, K]`, B: `[K, N]`, Y: `[M, N]`.
///
/// dY = dX·B, X̄ = Ȳ·Bᵀ. PyTorch: `torch.matmul`.
#[derive(Clone, Debug)]
pub struct MatmulRight<T, const M: usize, const K: usize, const N: usize>(BmmRight<T, 1, M, K, N>);

/// An embedding: rows of one-hot vectors `[LEN, VOCABULARY]` times the table `[VOCABULARY, DIM]`. The
/// table is captured; its cotangent is Xᵀ·Ȳ. PyTorch: `torch.nn.functional.embedding` of the
/// indices.
pub type EmbeddingOnehot<T, const LEN: usize, const VOCABULARY: usize, const DIM: usize> =
    MatmulRight<T, LEN, VOCABULARY, DIM>;

/// Products of a batch of matrices with captured ones on the left: Y = A·X for each of BATCH pairs,
/// A: `[M, K]`, X: `[K, N]`, Y: `[M, N]`.
///
/// dY = A·dX, X̄ = Aᵀ·Ȳ. PyTorch: `torch.bmm`.
#[derive(Clone, Debug)]
pub struct BmmLeft<T, const BATCH: usize, const M: usize, const K: usize, const N: usize> {
    a: Vec<T>,
}

/// The product with a captured matrix on the left: Y = A·X, A: `[M, K]`, X: `[K, N]`, Y: `[M, N]`.
///
/// dY = A·dX, X̄ = Aᵀ·Ȳ. PyTorch: `torch.matmul`.
#[derive(Clone, Debug)]
pub struct MatmulLeft<T, const M: usize, const K: usize, const N: usize>(BmmLeft<T, 1, M, K, N>);

impl<T: Scalar, const BATCH: usize, const M: usize, const K: usize, const N: usize>
    BmmRight<T, BATCH, M, K, N>
{
    /// The products with `b`, row-major of shape `[BATCH, K, N]`.
    ///
    /// # Panics
    /// If `b` has another size.
    #[must_use]
    #[track_caller]
    pub fn new(b: Vec<T>) -> Self {
        expect_size::<Shape![BATCH, K, N], T>("b", &b);
        Self { b }
    }

    fn apply(&self, x: &[T], y: &mut [T]) {
        y.fill(T::ZERO);
        for batch in 0..BATCH {
            let (x, b) = (&x[batch * M * K..], &self.b[batch * K * N..]);
            let y = &mut y[batch * M * N..];
            add_product([M, K, N], |i, l| x[i * K + l], |l, j| b[l * N + j], y);
        }
    }

    fn transposed(&self, y_bar: &[T], x_bar: &mut [T]) {
        x_bar.fill(T::ZERO);
        for batch in 0..BATCH {
            let (y_bar, b) = (&y_bar[batch * M * N..], &self.b[batch * K * N..]);
            let x_bar = &mut x_bar[batch * M * K..];
            add_product([M, N, K], |i, l| y_bar[i * N + l], |l, j| b[j * N + l], x_bar);
        }
    }
}

impl<T: Scalar, const BATCH: usize, const M: usize, const K: usize, const N: usize>
    BmmLeft<T, BATCH, M, K, N>
{
    /// The products with `a`, row-major of shape `[BATCH, M, K]`.
    ///
    /// # Panics
    /// If `a` has another size.
    #[must_use]
    #[track_caller]
    pub fn new(a: Vec<T>) -> Self {
        expect_size::<Shape![BATCH, M, K], T>("a", &a);
        Self { a }
    }

    fn apply(&self, x: &[T], y: &mut [T]) {
        y.fill(T::ZERO);
        for batch in 0..BATCH {
            let (x, a) = (&x[batch * K * N..], &self.a[batch * M * K..]);
            let y = &mut y[batch * M * N..];
            add_product([M, K, N], |i, l| a[i * K + l], |l, j| x[l * N + j], y);
        }
    }

    fn transposed(&self, y_bar: &[T], x_bar: &mut [T]) {
        x_bar.fill(T::ZERO);
        for batch in 0..BATCH {
            let (y_bar, a) = (&y_bar[batch * M * N..], &self.a[batch * M * K..]);
            let x_bar = &mut x_bar[batch * K * N..];
            add_product([K, M, N], |i, l| a[l * K + i], |l, j| y_bar[l * N + j], x_bar);
        }
    }
}

impl<T: Scalar, const M: usize, const K: usize, const N: usize> MatmulRight<T, M, K, N> {
    /// The product with `b`, row-major of shape `[K, N]`.
    ///
    /// # Panics
    /// If `b` has another size.
    #[must_use]
    #[track_caller]
    pub fn new(b: Vec<T>) -> Self {
        expect_size::<Shape![K, N], T>("b", &b);
        Self(BmmRight { b })
    }

    fn apply(&self, x: &[T], y: &mut [T]) {
        self.0.apply(x, y);
    }
    fn transposed(&self, y_bar: &[T], x_bar: &mut [T]) {
        self.0.transposed(y_bar, x_bar);
    }
}

impl<T: Scalar, const M: usize, const K: usize, const N: usize> MatmulLeft<T, M, K, N> {
    /// The product with `a`, row-major of shape `[M, K]`.
    ///
    /// # Panics
    /// If `a` has another size.
    #[must_use]
    #[track_caller]
    pub fn new(a: Vec<T>) -> Self {
        expect_size::<Shape![M, K], T>("a", &a);
        Self(BmmLeft { a })
    }

    fn apply(&self, x: &[T], y: &mut [T]) {
        self.0.apply(x, y);
    }
    fn transposed(&self, y_bar: &[T], x_bar: &mut [T]) {
        self.0.transposed(y_bar, x_bar);
    }
}

/// A linear op from what it does and what its transpose does: forward and jvp are the same map.
macro_rules! linear {
    ($([$($params:tt)*] $Type:ty: $Dom:ty => $Cod:ty;)*) => {$(
        impl<T: Scalar, $($params)*> Op<T> for $Type {
            type Dom = $Dom;
            type Cod = $Cod;
            fn forward(&self, x: &[T], y: &mut [T]) {
                expect_size::<$Dom, T>("x", x);
                expect_size::<$Cod, T>("y", y);
                self.apply(x, y);
            }
            fn jvp(&self, x: &[T], dx: &[T], dy: &mut [T]) {
                expect_size::<$Dom, T>("x", x);
                expect_size::<$Dom, T>("dx", dx);
                expect_size::<$Cod, T>("dy", dy);
                self.apply(dx, dy);
            }
            fn vjp(&self, x: &[T], y_bar: &[T], x_bar: &mut [T]) {
                expect_size::<$Dom, T>("x", x);
                expect_size::<$Cod, T>("y_bar", y_bar);
                expect_size::<$Dom, T>("x_bar", x_bar);
                self.transposed(y_bar, x_bar);
            }
        }
    )*};
}
pub(super) use linear;

linear! {
    [const BATCH: usize, const M: usize, const K: usize, const N: usize]
    BmmRight<T, BATCH, M, K, N>: Shape![BATCH, M, K] => Shape![BATCH, M, N];

    [const BATCH: usize, const M: usize, const K: usize, const N: usize]
    BmmLeft<T, BATCH, M, K, N>: Shape![BATCH, K, N] => Shape![BATCH, M, N];

    [const M: usize, const K: usize, const N: usize]
    MatmulRight<T, M, K, N>: Shape![M, K] => Shape![M, N];

    [const M: usize, const K: usize, const N: usize]
    MatmulLeft<T, M, K, N>: Shape![K, N] => Shape![M, N];
}
