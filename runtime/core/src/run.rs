//! Drivers of the generated code: a batch goes through a model tile by tile.
//!
//! The macro generates [`Tiles`]: straight-line calls of the kernels for one tile. What is the same for
//! every model is here: choosing the lanes once per call, cutting the batch into tiles, asking for the
//! cotangent between the two halves of a VJP.

mod flat;
mod gradient;
mod one;
#[cfg(feature = "rayon")]
mod threads;
mod vjp;

pub use flat::{forward_flat, jvp_flat, vjp_flat, vjp_given_flat};
pub use one::{primal, pullback, with_memory};
pub use vjp::{mean_and_grad, vjp, vjp_given};

use core::marker::PhantomData;

use crate::flat::Value;
use crate::info::len_of;
use crate::kernel::Sum;
use crate::lanes::{Lanes, OnLanes};
use crate::model::{CallMemory, Data, Model};
use crate::scalar::Scalar;

/// What a tile of samples is computed from, and to. What an entry does not use is empty.
pub struct Io<'a, T, const N: usize> {
    /// Samples in the tile.
    pub n: usize,
    /// The parameters, flat.
    pub params: &'a [T],
    /// Their tangent.
    pub d_params: &'a [T],
    /// The inputs of the tile.
    pub inputs: [Data<'a, T>; N],
    /// Their tangents.
    pub d_inputs: [&'a [T]; N],
    /// The cotangent of the output.
    pub y_bar: &'a [T],
    /// The output.
    pub y: &'a mut [T],
    /// Its tangent.
    pub dy: &'a mut [T],
    /// The cotangents of the inputs.
    pub input_bars: [&'a mut [T]; N],
    /// The cotangent of the parameters.
    pub params_bar: &'a mut [T],
    /// Whether it already holds that of other tiles, and is added to.
    pub add: bool,
    /// What the state becomes, of a model that changes it.
    pub state: &'a mut [T],
    /// The workspace.
    pub ws: &'a mut [T],
    /// Threads that may share the loops of the tile, each of which has a workspace in this one.
    pub threads: usize,
}

/// The generated code of a model of `N` inputs, for one tile.
pub trait Tiles<const N: usize>: Model {
    /// Elements of each input and of the output, per sample.
    const SIZES: ([usize; N], usize);
    /// `y`
    fn forward_tile<V: Lanes<Scalar = Self::Scalar>>(io: Io<'_, Self::Scalar, N>);
    /// `y` and `dy` from the tangents that are given.
    fn jvp_tile<V: Lanes<Scalar = Self::Scalar>, W: Wanted>(io: Io<'_, Self::Scalar, N>);
    /// `y`, leaving in the workspace what `pullback_tile` needs.
    fn primal_tile<V: Lanes<Scalar = Self::Scalar>, W: Wanted>(io: Io<'_, Self::Scalar, N>);
    /// From `y_bar` to the cotangents that are wanted.
    fn pullback_tile<V: Lanes<Scalar = Self::Scalar>, W: Wanted>(io: Io<'_, Self::Scalar, N>);
    /// Both, where `y_bar` is known beforehand. The macro writes it where that takes fewer loops.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn vjp_tile<V: Lanes<Scalar = Self::Scalar>, W: Wanted>(io: Io<'_, Self::Scalar, N>) {
        let Io { n, params, inputs, .. } = io;
        Self::primal_tile::<V, W>(Io {
            n,
            params,
            d_params: &[],
            inputs,
            d_inputs: [&[]; N],
            y_bar: &[],
            y: io.y,
            dy: &mut [],
            input_bars: no_slices(),
            params_bar: &mut [],
            add: false,
            state: io.state,
            ws: io.ws,
            threads: io.threads,
        });
        Self::pullback_tile::<V, W>(Io { y: &mut [], state: &mut [], ..io });
    }
}

/// Towards what a derivative is taken: which cotangents a VJP is asked for, and which tangents a JVP is given. The generated
/// code skips what only others need.
pub trait Wanted: Copy + Send + Sync {
    /// The inputs.
    const I: bool;
    /// The parameters.
    const P: bool;
}

/// The entries of [`Tiles`] as types.
pub mod entry {
    use super::{Io, Lanes, Tiles, Wanted};
    use core::marker::PhantomData;

    /// Which method of [`Tiles`] runs.
    pub trait Entry: Copy + Send + Sync {
        /// Runs it for one tile.
        fn tile<M: Tiles<N>, V: Lanes<Scalar = M::Scalar>, const N: usize>(
            io: Io<'_, M::Scalar, N>,
        );
    }

    macro_rules! entries {
        ($($(#[doc = $doc:literal])* $Entry:ident $(<$W:ident>)? $method:ident;)*) => {$(
            $(#[doc = $doc])*
            #[derive(Clone, Copy)]
            pub struct $Entry $(<$W>(pub(super) PhantomData<$W>))?;
            impl $(<$W: Wanted>)? Entry for $Entry $(<$W>)? {
                #[cfg_attr(not(debug_assertions), inline(always))]
                fn tile<M: Tiles<N>, V: Lanes<Scalar = M::Scalar>, const N: usize>(
                    io: Io<'_, M::Scalar, N>,
                ) {
                    M::$method::<V $(, $W)?>(io);
                }
            }
        )*};
    }
    entries! {
        /// The forward map.
        Forward forward_tile;
        /// The JVP.
        Jvp<W> jvp_tile;
        /// The first half of a VJP.
        Primal<W> primal_tile;
        /// The second.
        Pullback<W> pullback_tile;
    }

    macro_rules! wanted {
        ($($(#[doc = $doc:literal])* $W:ident $inputs:literal $params:literal;)*) => {$(
            $(#[doc = $doc])*
            #[derive(Clone, Copy)]
            pub struct $W;
            impl Wanted for $W {
                const I: bool = $inputs;
                const P: bool = $params;
            }
        )*};
    }
    wanted! {
        /// Towards the inputs.
        Inputs true false;
        /// Towards the parameters.
        Params false true;
        /// Both.
        All true true;
    }
}

use entry::Entry;

// Loops over arrays rather than `map`, which is not always inlined.

#[inline(always)]
fn no_slices<'a, T, const N: usize>() -> [&'a mut [T]; N] {
    std::array::from_fn(|_| Default::default())
}

/// A borrow of the mutable slices for one call.
#[inline(always)]
fn part<'s, T, const N: usize>(
    bars: &'s mut [&mut [T]; N],
    from: usize,
    to: usize,
    sizes: &[usize; N],
) -> [&'s mut [T]; N] {
    let mut parts = no_slices();
    for ((part, bar), size) in parts.iter_mut().zip(bars).zip(sizes) {
        // The slices of inputs without a cotangent are empty.
        if !bar.is_empty() {
            *part = &mut bar[from * size..to * size];
        }
    }
    parts
}

/// The inputs of some samples.
#[inline(always)]
fn inputs_of<'a, T: Copy, const N: usize>(
    mut inputs: [Data<'a, T>; N],
    from: usize,
    to: usize,
    sizes: &[usize; N],
) -> [Data<'a, T>; N] {
    for (x, size) in inputs.iter_mut().zip(sizes) {
        *x = x.part(from, to, *size);
    }
    inputs
}

/// The tangents of some samples; those of integers are empty.
#[inline(always)]
fn tangents_of<'a, T, const N: usize>(
    mut tangents: [&'a [T]; N],
    from: usize,
    to: usize,
    sizes: &[usize; N],
) -> [&'a [T]; N] {
    for (d, size) in tangents.iter_mut().zip(sizes) {
        if !d.is_empty() {
            *d = &d[from * size..to * size];
        }
    }
    tangents
}

/// Checks that all inputs have `n` samples, and that state and key come after them.
#[track_caller]
#[inline(always)]
fn check_inputs<M: Tiles<N>, const N: usize>(inputs: &[Data<'_, M::Scalar>; N], n: usize) {
    // Real inputs alone are the common case, which is decided at compile time for one sample. The slow
    // check is given a copy: a reference would keep the inputs of every call in memory.
    let fits = inputs.iter().enumerate().all(|(i, input)| match (M::INPUTS.get(i), input) {
        (Some(info), Data::Real(xs)) => info.index.is_none() && xs.len() == M::SIZES.0[i] * n,
        _ => false,
    });
    if !fits {
        check_each::<M, N>(*inputs, n);
    }
}

#[track_caller]
fn check_each<M: Tiles<N>, const N: usize>(inputs: [Data<'_, M::Scalar>; N], n: usize) {
    for (i, input) in inputs.iter().enumerate() {
        let Some(info) = M::INPUTS.get(i) else {
            match input {
                Data::State(state) if i == M::INPUTS.len() && !M::STATE_INFO.is_empty() => {
                    check_len::<M>("the state", state.len(), len_of(M::STATE_INFO), 1);
                }
                Data::Draws(_) if i + 1 == N && M::RANDOM => {}
                _ => panic!("`{}` is given its inputs, then its state, then a key", M::NAME),
            }
            continue;
        };
        match input {
            Data::State(_) | Data::Draws(_) => {
                panic!("`{}`: the input `{}` is missing", M::NAME, info.name)
            }
            Data::Real(xs) => {
                if let Some(bound) = info.index {
                    let (model, input) = (M::NAME, info.name);
                    panic!("`{model}`: `{input}` takes integers below {bound}, found real numbers");
                }
                check_len::<M>(info.name, xs.len(), M::SIZES.0[i], n);
            }
            Data::Index(xs) => {
                let Some(bound) = info.index else {
                    let (model, input) = (M::NAME, info.name);
                    panic!("`{model}`: `{input}` takes real numbers, found integers")
                };
                check_len::<M>(info.name, xs.len(), M::SIZES.0[i], n);
                if let Some(at) = xs.iter().position(|x| *x as usize >= bound) {
                    panic!(
                        "`{}`: the index {} at position {at} of `{}` is not below {bound}",
                        M::NAME,
                        xs[at],
                        info.name
                    );
                }
            }
        }
    }
}

/// Checks that a batch whose statistics enter every output is one tile.
#[track_caller]
fn check_whole<M: Model>(n: usize, tile: usize) {
    if M::LEAST_BATCH > 0 {
        assert!(
            n >= M::LEAST_BATCH,
            "`{}`: a variance over the batch takes at least {} samples, found {n}",
            M::NAME,
            M::LEAST_BATCH,
        );
        assert!(
            n <= tile,
            "`{}` has statistics over the whole batch: {n} samples need a workspace for as many, \
             but this one is for {tile}",
            M::NAME,
        );
    }
}

#[track_caller]
fn check_len<M: Model>(what: &str, found: usize, per_sample: usize, n: usize) {
    let needed = per_sample * n;
    if n == 1 {
        assert!(found == needed, "`{}`: `{what}` has {found} elements, needs {needed}", M::NAME);
    }
    if found != needed && found.is_multiple_of(per_sample) {
        let (model, found) = (M::NAME, found / per_sample);
        panic!("`{model}`: `{what}` has {found} samples, but what else is given has {n}");
    }
    assert!(
        found == needed,
        "`{}`: `{what}` has {found} elements, but {n} samples of {per_sample} have {needed}",
        M::NAME,
    );
}

/// How many samples an output holds.
#[track_caller]
fn samples<M: Tiles<N>, const N: usize>(y: &[M::Scalar]) -> usize {
    let per_sample = M::SIZES.1;
    assert!(
        y.len().is_multiple_of(per_sample),
        "`{}`: the output has {} elements, which are no whole samples of {per_sample}",
        M::NAME,
        y.len(),
    );
    y.len() / per_sample
}

/// Forward map and JVP.
struct ForwardCall<'a, M: Tiles<N>, E, const N: usize, const ONE: bool> {
    n: usize,
    params: &'a [M::Scalar],
    d_params: &'a [M::Scalar],
    inputs: [Data<'a, M::Scalar>; N],
    d_inputs: [&'a [M::Scalar]; N],
    y: &'a mut [M::Scalar],
    dy: &'a mut [M::Scalar],
    memory: CallMemory<'a, M::Scalar, ONE>,
    entry: E,
}

impl<M, E, const N: usize, const ONE: bool> ForwardCall<'_, M, E, N, ONE>
where
    M: Tiles<N>,
    E: Entry,
{
    #[track_caller]
    #[inline]
    fn start(self) {
        check_whole::<M>(self.n, self.memory.tile);
        #[cfg(feature = "rayon")]
        if !ONE && self.memory.is_shared() {
            return threads::straight(self);
        }
        M::Scalar::dispatch(self);
    }
}

impl<M, E, const N: usize, const ONE: bool> OnLanes<M::Scalar> for ForwardCall<'_, M, E, N, ONE>
where
    M: Tiles<N>,
    E: Entry,
{
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(self) {
        let _ = self.entry;
        let CallMemory { tile, inner: threads, ws, state, .. } = self.memory;
        // What is said here is known to everything that is inlined below.
        let (n, tile) = if ONE { (1, 1) } else { (self.n, tile) };
        let (sizes, out) = M::SIZES;
        let mut from = 0;
        while from < n {
            let to = n.min(from + tile);
            let inputs = inputs_of(self.inputs, from, to, &sizes);
            let d_inputs = tangents_of(self.d_inputs, from, to, &sizes);
            E::tile::<M, V, N>(Io {
                n: to - from,
                params: self.params,
                d_params: self.d_params,
                inputs,
                d_inputs,
                y_bar: &[],
                y: &mut self.y[from * out..to * out],
                dy: if self.dy.is_empty() { &mut [] } else { &mut self.dy[from * out..to * out] },
                input_bars: no_slices(),
                params_bar: &mut [],
                add: false,
                state,
                ws,
                threads,
            });
            from = to;
        }
    }
}

/// `y ← f(x)` for each sample.
#[track_caller]
#[inline]
pub fn forward<M: Tiles<N>, const N: usize, const ONE: bool>(
    model: &M,
    inputs: [Data<'_, M::Scalar>; N],
    y: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) {
    let n = samples::<M, N>(y);
    check_inputs::<M, N>(&inputs, n);
    ForwardCall::<M, _, N, ONE> {
        n,
        params: model.flat(),
        d_params: &[],
        inputs,
        d_inputs: [&[]; N],
        y,
        dy: &mut [],
        memory,
        entry: entry::Forward,
    }
    .start();
}

/// `y ← f(x)`, `dy ← Df(x)·dx` for each sample.
#[track_caller]
#[expect(clippy::too_many_arguments, reason = "the pieces of one call")]
#[inline]
pub fn jvp<M: Tiles<N>, W: Wanted, const N: usize, const ONE: bool>(
    _: W,
    model: &M,
    inputs: [Data<'_, M::Scalar>; N],
    d_inputs: [&[M::Scalar]; N],
    d_params: &[M::Scalar],
    y: &mut [M::Scalar],
    dy: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) {
    let n = samples::<M, N>(y);
    check_inputs::<M, N>(&inputs, n);
    for (i, d) in d_inputs.iter().enumerate().filter(|(_, d)| !d.is_empty()) {
        check_len::<M>(M::INPUTS[i].name, d.len(), M::SIZES.0[i], n);
    }
    check_len::<M>("the tangent of the output", dy.len(), M::SIZES.1, n);
    let (params, entry) = (model.flat(), entry::Jvp::<W>(PhantomData));
    ForwardCall::<M, _, N, ONE> { n, params, d_params, inputs, d_inputs, y, dy, memory, entry }
        .start();
}

/// The share of a sample in a mean over `n`.
#[track_caller]
fn share<M: Model>(n: usize) -> M::Scalar {
    assert!(n > 0, "`{}`: an empty batch has no mean loss", M::NAME);
    M::Scalar::ONE / M::Scalar::from_f64(n as f64)
}

/// A loss that returns its cotangent, as one that writes it.
#[inline(always)]
pub fn returned<T, Y>(
    mut loss: impl FnMut(usize, &Y) -> (T, Y),
) -> impl FnMut(usize, &Y, &mut Y) -> T {
    move |i, y, y_bar| {
        let (value, cotangent) = loss(i, y);
        *y_bar = cotangent;
        value
    }
}

/// A loss that writes its cotangent over zeros.
#[inline(always)]
pub fn written<T: Scalar, Y: Value<T>>(
    mut loss: impl FnMut(usize, &Y, &mut Y) -> T,
) -> impl FnMut(usize, &Y, &mut Y) -> T {
    move |i, y, y_bar| {
        Y::flat_mut(std::slice::from_mut(y_bar)).fill(T::ZERO);
        loss(i, y, y_bar)
    }
}

/// The mean of a loss over a batch, and its gradient with respect to the parameters. The loss writes the cotangent
/// of a sample's output.
#[track_caller]
pub fn value_and_grad<M: Tiles<N>, Y: Value<M::Scalar>, const N: usize, const ONE: bool>(
    model: &M,
    n: usize,
    inputs: [Data<'_, M::Scalar>; N],
    mut loss: impl FnMut(usize, &Y, &mut Y) -> M::Scalar,
    grad: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) -> M::Scalar {
    let share = share::<M>(n);
    let mut total = Sum::new();
    let ask = |i: usize, y: &[M::Scalar], y_bar: &mut [M::Scalar]| {
        total.push(loss(i, &Y::values(y)[0], &mut Y::values_mut(y_bar)[0]));
        for y_bar in y_bar {
            *y_bar = *y_bar * share;
        }
    };
    vjp(entry::Params, model, n, inputs, ask, no_slices(), grad, memory);
    total.total() * share
}
