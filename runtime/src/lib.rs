//! Neural networks whose shapes are checked and whose gradients are generated while the crate compiles.
//!
//! [`model!`] takes a composition of ops written with shapes σ → τ and generates a struct of parameters
//! with fused forward, JVP and VJP code. A network is an ordinary Rust struct, its gradients are
//! ordinary Rust functions, and a shape mistake is an ordinary compile error.
//!
//! ```
//! use pullback::{Index, loss, model};
//!
//! model! {
//!     /// A classifier of two-dimensional points.
//!     pub Net: [2] -> [3] {
//!         hidden = linear -> [16],
//!         tanh,
//!         out = linear -> [3],
//!     }
//! }
//!
//! let mut net = Net::<f32>::zeros();
//! net.hidden.bias[0] = 1.0;
//! let logits: [f32; 3] = net.forward(&[0.5, -0.5]);
//!
//! // The output, and the function that takes its cotangent back.
//! let (_, pullback) = net.vjp(&[0.5, -0.5]);
//! let (x_bar, grad) = pullback(&[1.0, 0.0, 0.0]);
//! assert_eq!(grad.out.bias, [1.0, 0.0, 0.0]);
//! # let _ = (logits, x_bar);
//!
//! // A loss over a batch and its gradient, without an allocation.
//! let (points, labels) = ([[0.5, -0.5], [1.0, 2.0]], [Index::new(0)?, Index::new(2)?]);
//! let (mut grad, mut workspace) = (Net::zeros(), Net::workspace());
//! let mean = net.value_and_grad_batch(&points, |i, y| loss::cross_entropy(y, labels[i]), &mut grad, &mut workspace);
//! assert!((mean - 3f32.ln()).abs() < 1e-6);
//! # Ok::<(), pullback::index::IndexError>(())
//! ```
//!
//! The gradients can be checked exactly, over a finite field: [`check::exactly`].
//!
//! # Features
//!
//! None is on by itself.
//!
//! - `rayon`: threads share a batch, and the steps of optimisers.
//! - `safetensors`, `npz`: `weights`, parameters in files as PyTorch and NumPy have them.
//! - `serde`: networks, their layers and states, optimisers and all else that a run remembers are `Serialize` and
//!   `Deserialize`.
//! - `num-rational`: exact checks over rationals.

#[doc(inline)]
pub use pullback_core::{
    Boxed, Forward, Index, Key, Model, Real, Scalar, Shape, Workspace, check, data, flat, index,
    loss, model, optim, random, scalar, shape, spec,
};

#[cfg(any(feature = "safetensors", feature = "npz"))]
#[doc(inline)]
pub use pullback_core::weights;

/// Which instructions networks run on.
pub mod lanes {
    pub use pullback_core::lanes::{Isa, isa};
}

#[doc = include_str!("ops.md")]
pub mod ops {}

pub mod guide;

/// The blocks of the README are tested, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

/// What the expansion of `model!` refers to. Not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use pullback_core::__private::*;
    pub use pullback_macros::{hostile_scope_with, model_with};
}

/// Declares networks: one struct and its methods for each model.
///
/// # The language
///
/// `Name: [σ] -> [τ] { steps }` or `Name(a: [σ], b: [σ]) -> [τ] { steps }`, after attributes (no `derive`) and a
/// visibility; several models may stand in one call. A *step* is `[name =] op[(arguments)] [: σ] [-> τ]`:
///
/// - an op that is given no input takes the value of the step before it; an op of two inputs that is
///   given one takes that value first; names of inputs and steps are values;
/// - `-> τ` gives an op the freedom it has (how wide a `linear` is) and is checked elsewhere; `: σ` is
///   checked; `_` is inferred;
/// - the right-hand side may be arithmetic (`x + 0.5 * h`), a closure for an elementwise op
///   (`|v| v * sigmoid(1.702 * v)`), a block `{ steps }`, or an op of your own that implements
///   [`spec::Op`] (`MyOp(0.5) -> [10]`, `MyOp {} -> [10]`);
/// - another model is an op, by its name or path: `Attention`, `blocks::Distance(u, v)`;
/// - `[Block; 6]` is six in a row, each with its own parameters, of a model, an op or a block;
/// - before a step or a `let`, `#[frozen]` makes its parameters count as constants, and `#[recompute]` keeps
///   nothing inside it for the way back but computes it once more;
/// - `let f = op or { steps }` declares parameters once; each `f(v)` uses the same ones;
/// - `table.weight` is the parameter of the step `table` as a value, and `at = parameter -> [64]` an array of
///   parameters by itself;
/// - `(a, b) = split` names the parts of a value;
/// - an input `label: index(10)` is an [`Index`], an integer below 10, and `tokens: [64] of index(10)` an
///   array of them, for `embedding`, `gather`, `cross_entropy` and the like;
/// - `scan(x, h: [16]) { steps }` runs its steps for every element along the first axis of `x` (or of
///   the flowing value, if no sequence is named), from the first to the last, or with `reverse = true` from
///   the last to the first. `h` is a state: zeros at first, or a value (`h: [16] = h0`), and from then on
///   what the step before gave it by `h <- value`. The values of all steps, one after the other, are the
///   result. Sequences of integers may be among what it runs over, and what is random in it is drawn anew
///   in every step;
/// - a dimension is a literal, a `const` in scope, a size of a generic model, or arithmetic on those.
///
/// [`ops`] lists all ops, and the [`guide`] explains the language by example.
///
/// # Models of models
///
/// The steps of a model that is used as an op are compiled as if they stood there: shapes are inferred
/// through them and loops are fused across. Its parameters are a field whose type is its own struct, so
/// that `net.attn` is an `Attention`, with all its methods; `[Block; 6]` is a field `[Block<T>; 6]`, and its
/// views are called `blocks.0.attn.weight`. What its source names (`const`s, ops of your own, other models)
/// is looked up where it was written, and may be private there.
///
/// Next to its struct, every model is a hidden macro of the same name: `use blocks::Attention;` imports
/// both. So rustc speaks of a macro that it cannot find where a model's name is wrong, and reports models of
/// different modules that contain each other in the same words. An op of your own is told from a model by
/// what follows its name: `MyOp {}` and `MyOp(0.5)` are expressions of Rust.
///
/// `Name<T, D>(x: [T, D]) -> [T, D] { … }` is generic. It is checked with unknown sizes where it is declared,
/// and has no struct with parameters of its own: as an op its sizes follow from its inputs, or from its
/// arrow, or are written (`Mlp<_, 64, _>`); `pub Base = Name<16, 32>;` declares a model of given sizes.
/// Sizes are independent of each other. What hangs on how a division comes out (`D / H`) is checked where the
/// model is used.
///
/// ```
/// use pullback::model;
///
/// model! {
///     /// Two layers and a skip connection.
///     pub FeedForward<T, D>(x: [T, D]) -> [T, D] {
///         up = linear -> [T, 4 * D],
///         relu,
///         down = linear -> [T, D],
///         x + down,
///     }
///
///     /// Three of them, of which the first is not trained.
///     pub Stack: [2, 3] -> [2, 3] {
///         #[frozen]
///         base = FeedForward,
///         #[recompute]
///         rest = [FeedForward; 2],
///     }
///
///     /// One of other sizes.
///     pub Wide = FeedForward<2, 100>;
/// }
///
/// let mut net = Stack::<f64>::zeros();
/// net.rest[1].down.bias = [1.0, 2.0, 3.0];
/// let (y, pullback) = net.vjp_params(&[[0.5; 3]; 2]);
/// assert_eq!(y, [[1.5, 2.5, 3.5]; 2]);
/// let grad = pullback(&[[1.0; 3]; 2]);
/// assert_eq!((grad.base.down.bias, grad.rest[0].down.bias), ([0.0; 3], [2.0; 3]));
/// assert_eq!(Wide::<f32>::PARAMS, 2 * 4 * 100 * 100 + 500);
/// ```
///
/// A frozen parameter has the gradient zero and its tangent is taken as zero
/// ([`model::ParamInfo::frozen`]). An optimiser leaves it where it is, whatever the weight decay, if it is given
/// the model's own `flat_mut()`; a plain slice does not say what is frozen.
///
/// # What is generated
///
/// A struct with the parameters as nested arrays in named fields, the trait [`Model`], and, for one
/// sample and for batches of any length: `forward`, `jvp`, `jvp_params`, `jvp_all`, `vjp`, `vjp_inputs`,
/// `vjp_params`, `value_and_grad`, each also as `…_into`, which writes to memory of the caller's; `zeros`, `init`, `boxed`, `flat`, `views`, `workspace`; `PARAMS`,
/// `FLOPS`, `WORKSPACE_BYTES`, `EXPLAIN`.
///
/// A model with `batch_norm` also gets a struct `NameState`, which its calls are given after the inputs;
/// and one with `batch_norm` or a random op has other calls in training, those of `net.training()`, a
/// `NameTraining`: with `forward_batch`, the JVPs, VJPs and `value_and_grad_batch`, which take
/// `&mut NameState` and a [`Key`]. Statistics over a batch are over all of it, so the workspace of such a
/// model, `NameTraining::workspace(batch)`, has room for the whole batch, and no threads share it.
///
/// Calls for one sample return arrays by value. That is handy, and takes stack: a few times the bytes of the arrays,
/// where most threads have 2 MB. Large values are made on the heap by [`flat::zeros`], and `forward_into`,
/// `jvp_into`, `vjp_into`, `value_and_grad_into` and the calls for batches take the same stack whatever their size.
///
/// ```
/// use pullback::{flat, model};
///
/// model! {
///     /// 1.4 MB of numbers in, as many out.
///     pub Sharpen: [1, 600, 600] -> [1, 600, 600] { conv = conv2d(kernel = 3, padding = 1) -> [1, 600, 600] }
/// }
///
/// let mut net = Sharpen::<f32>::zeros();
/// net.conv.weight[0][0][1][1] = 2.0;
/// let mut x: Box<[[[f32; 600]; 600]; 1]> = flat::zeros();
/// x[0][300][300] = 1.0;
/// let mut y = flat::zeros();
/// net.forward_into(&x, &mut y);
/// assert_eq!(y[0][300][300], 2.0);
/// ```
///
/// NaN in inputs or parameters propagates to outputs, and to gradients but for those of maxima and thresholds.
///
/// ```
/// use pullback::model;
///
/// const WIDTH: usize = 8;
///
/// model! {
///     /// Two inputs and one shared encoder.
///     pub Distance(a: [WIDTH], b: [WIDTH]) -> [] {
///         let encode = { linear -> [2 * WIDTH], tanh, linear -> [WIDTH / 2] },
///         u = encode(a),
///         v = encode(b),
///         sum(square(u - v)),
///     }
/// }
///
/// let net = Distance::<f64>::zeros();
/// assert_eq!(net.encode.linear1.weight.len(), WIDTH);
/// assert_eq!(net.forward(&[1.0; WIDTH], &[2.0; WIDTH]), 0.0);
/// ```
///
/// A recurrent cell, step by step:
///
/// ```
/// use pullback::model;
///
/// model! {
///     /// A running mean that learns how fast to forget.
///     pub Smoother: [100, 1] -> [100, 1] {
///         scan(mean: [1]) {
///             gate = linear -> [1],
///             rate = sigmoid(gate),
///             mean <- mean + rate * (gate - mean),
///         }
///     }
/// }
///
/// let net = Smoother::<f32>::zeros();
/// let (means, pullback) = net.vjp(&[[1.0]; 100]);
/// let (_, grad) = pullback(&means);
/// assert_eq!(grad.gate.weight, [[0.0]]);
/// ```
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => { $crate::__private::model_with! { [$crate] $($tokens)* } };
}

/// Models in a scope in which every name of their expansion is taken, for tests.
#[doc(hidden)]
#[macro_export]
macro_rules! hostile_scope {
    ($($tokens:tt)*) => { $crate::__private::hostile_scope_with! { [$crate] $($tokens)* } };
}
