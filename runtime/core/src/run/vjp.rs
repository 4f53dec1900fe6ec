//! VJPs: both halves for each tile, with the cotangents of its outputs in between.

use super::gradient::{Gradient, levels};
#[cfg(feature = "rayon")]
use super::threads;
use super::{
    CallMemory, Io, Tiles, Wanted, check_inputs, check_len, check_whole, entry, inputs_of,
    no_slices, part, samples, share,
};
use crate::kernel::Sum;
use crate::lanes::{Lanes, OnLanes};
use crate::model::Data;
use crate::scalar::Scalar;

/// Where the outputs of a tile go, and where their cotangents come from.
pub(super) trait Seed<T> {
    /// What is left when all tiles are done.
    type Made;
    /// That.
    fn made(self) -> Self::Made;
    /// Both halves for a tile, the samples from `from` on. `io` is without the outputs and their cotangents, for
    /// each of which half of `room` may be used.
    fn tile<M: Tiles<N, Scalar = T>, V: Lanes<Scalar = T>, W: Wanted, const N: usize>(
        &mut self,
        from: usize,
        io: Io<'_, T, N>,
        room: &mut [T],
    );
}

/// Cotangents that are known before the outputs, so that several threads may each have some of the samples.
#[cfg(feature = "rayon")]
pub(super) trait KnownSeed<T>: Seed<T, Made: Send> + Send {
    /// The first samples of what is left, which is left without them.
    fn front(&mut self, samples: usize) -> Self;
    /// What is left of several.
    fn add(one: Self::Made, other: Self::Made) -> Self::Made;
}

/// A loss is asked for, sample by sample.
pub(super) struct LossFn<F>(pub F);

impl<T: Scalar, F: FnMut(usize, &[T], &mut [T])> Seed<T> for LossFn<F> {
    type Made = ();
    #[inline(always)]
    fn made(self) {}
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tile<M: Tiles<N, Scalar = T>, V: Lanes<Scalar = T>, W: Wanted, const N: usize>(
        &mut self,
        from: usize,
        io: Io<'_, T, N>,
        room: &mut [T],
    ) {
        let (y, y_bar) = room.split_at_mut(room.len() / 2);
        let Io { n, params, d_params, inputs, d_inputs, .. } = io;
        M::primal_tile::<V, W>(Io {
            n,
            params,
            d_params,
            inputs,
            d_inputs,
            y_bar: &[],
            y,
            dy: &mut [],
            input_bars: no_slices(),
            params_bar: &mut [],
            add: false,
            state: io.state,
            ws: io.ws,
            threads: io.threads,
        });
        let out = M::SIZES.1;
        let samples = y.chunks_exact(out).zip(y_bar.chunks_exact_mut(out));
        for (i, (y, y_bar)) in samples.enumerate() {
            (self.0)(from + i, y, y_bar);
        }
        M::pullback_tile::<V, W>(Io { y_bar, state: &mut [], ..io });
    }
}

/// Outputs and cotangents are the caller's.
pub(super) struct GivenSeed<'a, T> {
    y: &'a mut [T],
    y_bar: &'a [T],
    /// Elements of an output.
    out: usize,
}

impl<T: Scalar> Seed<T> for GivenSeed<'_, T> {
    type Made = ();
    #[inline(always)]
    fn made(self) {}
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tile<M: Tiles<N, Scalar = T>, V: Lanes<Scalar = T>, W: Wanted, const N: usize>(
        &mut self,
        from: usize,
        io: Io<'_, T, N>,
        _: &mut [T],
    ) {
        let (from, len) = (from * self.out, io.n * self.out);
        let (y, y_bar) = (&mut self.y[from..][..len], &self.y_bar[from..][..len]);
        M::vjp_tile::<V, W>(Io { y, y_bar, ..io });
    }
}

#[cfg(feature = "rayon")]
impl<T: Scalar> KnownSeed<T> for GivenSeed<'_, T> {
    fn front(&mut self, samples: usize) -> Self {
        let len = samples * self.out;
        let y = self.y.split_off_mut(..len).unwrap_or_default();
        let y_bar = self.y_bar.split_off(..len).unwrap_or_default();
        GivenSeed { y, y_bar, out: self.out }
    }
    fn add(_: (), _: ()) {}
}

/// The outputs are losses, of which the mean is wanted: each has the same share of it.
pub(super) struct Mean<T> {
    sum: Sum<T>,
    share: T,
}

impl<T: Scalar> Seed<T> for Mean<T> {
    type Made = T;
    #[inline(always)]
    fn made(self) -> T {
        self.sum.total()
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tile<M: Tiles<N, Scalar = T>, V: Lanes<Scalar = T>, W: Wanted, const N: usize>(
        &mut self,
        _: usize,
        io: Io<'_, T, N>,
        room: &mut [T],
    ) {
        let (y, y_bar) = room.split_at_mut(room.len() / 2);
        y_bar.fill(self.share);
        M::vjp_tile::<V, W>(Io { y, y_bar, ..io });
        y.iter().for_each(|y| self.sum.push(*y));
    }
}

#[cfg(feature = "rayon")]
impl<T: Scalar> KnownSeed<T> for Mean<T> {
    fn front(&mut self, _: usize) -> Self {
        Mean { sum: Sum::new(), share: self.share }
    }
    fn add(one: T, other: T) -> T {
        one + other
    }
}

/// Both halves of a VJP with the cotangents in between.
pub(super) struct VjpCall<'a, M: Tiles<N>, W, F, const N: usize, const ONE: bool> {
    pub n: usize,
    pub params: &'a [M::Scalar],
    pub inputs: [Data<'a, M::Scalar>; N],
    pub between: F,
    pub input_bars: [&'a mut [M::Scalar]; N],
    pub params_bar: &'a mut [M::Scalar],
    /// Levels below `params_bar`, of each thread.
    pub levels: &'a mut [M::Scalar],
    pub memory: CallMemory<'a, M::Scalar, ONE>,
    pub wanted: W,
}

impl<M, W, F, const N: usize, const ONE: bool> OnLanes<M::Scalar> for VjpCall<'_, M, W, F, N, ONE>
where
    M: Tiles<N>,
    W: Wanted,
    F: Seed<M::Scalar>,
{
    type Output = F::Made;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(mut self) -> F::Made {
        let _ = self.wanted;
        let (sizes, out) = M::SIZES;
        // After what the tile needs there is room for its outputs and their cotangents.
        let CallMemory { tile, inner: threads, ws, state, .. } = self.memory;
        let (samples, tile) = if ONE { (1, 1) } else { (self.n, tile) };
        let (ws, ends) = ws.split_at_mut(ws.len() - 2 * out * tile);
        let mut gradient = Gradient { sum: self.params_bar, levels: self.levels };
        let (mut from, mut tiles) = (0, 0);
        while from < samples {
            let to = samples.min(from + tile);
            let n = to - from;
            let (params_bar, add) = gradient.of_tile(tiles);
            let io = Io {
                n,
                params: self.params,
                d_params: &[],
                inputs: inputs_of(self.inputs, from, to, &sizes),
                d_inputs: [&[]; N],
                y_bar: &[],
                y: &mut [],
                dy: &mut [],
                input_bars: part(&mut self.input_bars, from, to, &sizes),
                params_bar,
                add,
                state,
                ws,
                threads,
            };
            self.between.tile::<M, V, W, N>(from, io, &mut ends[..2 * n * out]);
            gradient.done(tiles);
            (from, tiles) = (to, tiles + 1);
        }
        gradient.finish(tiles);
        self.between.made()
    }
}

impl<M: Tiles<N>, W: Wanted, F, const N: usize, const ONE: bool> VjpCall<'_, M, W, F, N, ONE> {
    /// Checks that everything has the same number of samples.
    #[track_caller]
    #[inline]
    fn checked(mut self) -> Self {
        check_samples::<M, N>(self.n, self.memory.tile, &self.inputs, &self.input_bars);
        if self.n == 0 {
            self.params_bar.fill(M::Scalar::ZERO);
        }
        if let Some(more) = self.memory.more.take() {
            let threads = self.memory.threads.min(self.n).max(1);
            let tiles = self.n.div_ceil(threads).div_ceil(self.memory.tile);
            self.levels = room(more, levels(tiles) * threads * self.params_bar.len());
        }
        self
    }
}

/// That inputs and cotangents have so many samples. It does not know what is wanted, and is compiled once for a model.
#[track_caller]
#[inline]
fn check_samples<M: Tiles<N>, const N: usize>(
    n: usize,
    tile: usize,
    inputs: &[Data<'_, M::Scalar>; N],
    input_bars: &[&mut [M::Scalar]; N],
) {
    check_whole::<M>(n, tile);
    check_inputs::<M, N>(inputs, n);
    for (i, bar) in input_bars.iter().enumerate().filter(|(_, bar)| !bar.is_empty()) {
        check_len::<M>(M::INPUTS[i].name, bar.len(), M::SIZES.0[i], n);
    }
}

/// So much of what may have to grow.
fn room<T: Scalar>(more: &mut Vec<T>, len: usize) -> &mut [T] {
    if more.len() < len {
        more.resize(len, T::ZERO);
    }
    &mut more[..len]
}

/// A VJP over `n` samples: see [`Model::vjp_flat`](crate::Model::vjp_flat).
#[track_caller]
#[expect(clippy::too_many_arguments, reason = "the pieces of one call")]
#[inline]
pub fn vjp<M: Tiles<N>, W: Wanted, const N: usize, const ONE: bool>(
    wanted: W,
    model: &M,
    n: usize,
    inputs: [Data<'_, M::Scalar>; N],
    loss: impl FnMut(usize, &[M::Scalar], &mut [M::Scalar]),
    input_bars: [&mut [M::Scalar]; N],
    params_bar: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) {
    let params = model.flat();
    let between = LossFn(loss);
    let call = VjpCall::<M, W, _, N, ONE> {
        n,
        params,
        inputs,
        between,
        input_bars,
        params_bar,
        levels: &mut [],
        memory,
        wanted,
    }
    .checked();
    #[cfg(feature = "rayon")]
    if !ONE && call.memory.is_shared() {
        return threads::asked(call);
    }
    M::Scalar::dispatch(call);
}

/// A VJP whose cotangents are known beforehand; the outputs are written to `y`.
#[track_caller]
#[expect(clippy::too_many_arguments, reason = "the pieces of one call")]
#[inline]
pub fn vjp_given<M: Tiles<N>, W: Wanted, const N: usize, const ONE: bool>(
    wanted: W,
    model: &M,
    inputs: [Data<'_, M::Scalar>; N],
    y_bar: &[M::Scalar],
    y: &mut [M::Scalar],
    input_bars: [&mut [M::Scalar]; N],
    params_bar: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) {
    let n = samples::<M, N>(y);
    check_len::<M>("the cotangent of the output", y_bar.len(), M::SIZES.1, n);
    let out = M::SIZES.1;
    let params = model.flat();
    let between = GivenSeed { y, y_bar, out };
    let call = VjpCall::<M, W, _, N, ONE> {
        n,
        params,
        inputs,
        between,
        input_bars,
        params_bar,
        levels: &mut [],
        memory,
        wanted,
    }
    .checked();
    #[cfg(feature = "rayon")]
    if !ONE && call.memory.is_shared() {
        return threads::beforehand(call);
    }
    M::Scalar::dispatch(call);
}

/// The mean of the outputs, which are losses, over `n` samples, and its gradient with respect to the parameters.
#[track_caller]
#[inline]
pub fn mean_and_grad<M: Tiles<N>, const N: usize, const ONE: bool>(
    model: &M,
    n: usize,
    inputs: [Data<'_, M::Scalar>; N],
    grad: &mut [M::Scalar],
    memory: CallMemory<'_, M::Scalar, ONE>,
) -> M::Scalar {
    let share = share::<M>(n);
    let call = VjpCall::<M, entry::Params, _, N, ONE> {
        n,
        params: model.flat(),
        inputs,
        between: Mean { sum: Sum::new(), share },
        input_bars: no_slices(),
        params_bar: grad,
        levels: &mut [],
        memory,
        wanted: entry::Params,
    }
    .checked();
    #[cfg(feature = "rayon")]
    if !ONE && call.memory.is_shared() {
        return threads::beforehand(call) * share;
    }
    M::Scalar::dispatch(call) * share
}
