//! VJPs: both halves for each tile, with the cotangents of its outputs in between.

#[cfg(feature = "rayon")]
use super::threads;
use super::{
    Io, Memory, Tiles, Wanted, check_inputs, check_len, check_whole, inputs_of, no_slices, part,
    samples,
};
use crate::lanes::{Kernel, Lanes};
use crate::model::Data;
use crate::scalar::Scalar;

/// Where the outputs of a tile go, and where their cotangents come from.
pub(super) trait Between<T> {
    /// The memory for the outputs of the samples from `from` on.
    fn y<'s>(&'s mut self, from: usize, room: &'s mut [T]) -> &'s mut [T];
    /// Their cotangents, when they are there. `room` is that of the outputs and as much again.
    fn y_bar<'s>(&'s mut self, from: usize, room: &'s mut [T]) -> &'s [T];
    /// Both at once for so many samples, if the cotangents do not depend on the outputs.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn both(&mut self, _from: usize, _n: usize) -> Option<(&mut [T], &[T])> {
        None
    }
}

/// A loss is asked for, sample by sample.
pub(super) struct Asked<F> {
    pub loss: F,
    /// Elements of an output.
    pub out: usize,
}

impl<T, F: FnMut(usize, &[T], &mut [T])> Between<T> for Asked<F> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn y<'s>(&'s mut self, _: usize, room: &'s mut [T]) -> &'s mut [T] {
        room
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn y_bar<'s>(&'s mut self, from: usize, room: &'s mut [T]) -> &'s [T] {
        let (y, y_bar) = room.split_at_mut(room.len() / 2);
        let samples = y.chunks_exact(self.out).zip(y_bar.chunks_exact_mut(self.out));
        for (i, (y, y_bar)) in samples.enumerate() {
            (self.loss)(from + i, y, y_bar);
        }
        y_bar
    }
}

/// Both are the caller's.
pub(super) struct Given<'a, T> {
    pub y: &'a mut [T],
    pub y_bar: &'a [T],
    /// Elements of an output.
    pub out: usize,
}

impl<T> Between<T> for Given<'_, T> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn y<'s>(&'s mut self, from: usize, room: &'s mut [T]) -> &'s mut [T] {
        &mut self.y[from * self.out..][..room.len()]
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn y_bar<'s>(&'s mut self, from: usize, room: &'s mut [T]) -> &'s [T] {
        &self.y_bar[from * self.out..][..room.len() / 2]
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn both(&mut self, from: usize, n: usize) -> Option<(&mut [T], &[T])> {
        let (from, len) = (from * self.out, n * self.out);
        Some((&mut self.y[from..][..len], &self.y_bar[from..][..len]))
    }
}

/// Both halves of a VJP with the cotangents in between.
pub(super) struct There<'a, M: Tiles<N>, W, F, const N: usize, const ONE: bool> {
    pub n: usize,
    pub params: &'a [M::Scalar],
    pub inputs: [Data<'a, M::Scalar>; N],
    pub between: F,
    pub input_bars: [&'a mut [M::Scalar]; N],
    pub params_bar: &'a mut [M::Scalar],
    pub memory: Memory<'a, M::Scalar, ONE>,
    pub wanted: W,
}

impl<M, W, F, const N: usize, const ONE: bool> Kernel<M::Scalar> for There<'_, M, W, F, N, ONE>
where
    M: Tiles<N>,
    W: Wanted,
    F: Between<M::Scalar>,
{
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(mut self) {
        let _ = self.wanted;
        let (sizes, out) = M::SIZES;
        // Behind what the tile needs there is room for its outputs and their cotangents.
        let Memory { tile, ws, state, .. } = self.memory;
        let (samples, tile) = if ONE { (1, 1) } else { (self.n, tile) };
        let (ws, ends) = ws.split_at_mut(ws.len() - 2 * out * tile);
        let mut from = 0;
        while from < samples {
            let to = samples.min(from + tile);
            let n = to - from;
            let inputs = inputs_of(self.inputs, from, to, &sizes);
            if let Some((y, y_bar)) = self.between.both(from, n) {
                M::vjp::<V, W>(Io {
                    n,
                    params: self.params,
                    d_params: &[],
                    inputs,
                    d_inputs: [&[]; N],
                    y_bar,
                    y,
                    dy: &mut [],
                    input_bars: part(&mut self.input_bars, from, to, &sizes),
                    params_bar: self.params_bar,
                    add: from > 0,
                    state,
                    ws,
                });
                from = to;
                continue;
            }
            M::primal::<V, W>(Io {
                n,
                params: self.params,
                d_params: &[],
                inputs,
                d_inputs: [&[]; N],
                y_bar: &[],
                y: self.between.y(from, &mut ends[..n * out]),
                dy: &mut [],
                input_bars: no_slices(),
                params_bar: &mut [],
                add: false,
                state,
                ws,
            });
            M::pullback::<V, W>(Io {
                n,
                params: self.params,
                d_params: &[],
                inputs,
                d_inputs: [&[]; N],
                y_bar: self.between.y_bar(from, &mut ends[..2 * n * out]),
                y: &mut [],
                dy: &mut [],
                input_bars: part(&mut self.input_bars, from, to, &sizes),
                params_bar: self.params_bar,
                add: from > 0,
                state: &mut [],
                ws,
            });
            from = to;
        }
    }
}

impl<M: Tiles<N>, W: Wanted, F, const N: usize, const ONE: bool> There<'_, M, W, F, N, ONE> {
    /// Checks that everything has the same number of samples.
    #[track_caller]
    #[inline]
    fn checked(self) -> Self {
        check_whole::<M>(self.n, self.memory.tile);
        check_inputs::<M, N>(&self.inputs, self.n);
        for (i, bar) in self.input_bars.iter().enumerate().filter(|(_, bar)| !bar.is_empty()) {
            check_len::<M>(M::INPUTS[i].name, bar.len(), M::SIZES.0[i], self.n);
        }
        if self.n == 0 {
            self.params_bar.fill(M::Scalar::ZERO);
        }
        self
    }
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
    memory: Memory<'_, M::Scalar, ONE>,
) {
    let params = model.flat();
    let between = Asked { loss, out: M::SIZES.1 };
    let there = There::<M, W, _, N, ONE> {
        n,
        params,
        inputs,
        between,
        input_bars,
        params_bar,
        memory,
        wanted,
    }
    .checked();
    #[cfg(feature = "rayon")]
    if there.memory.threads > 1 {
        return threads::asked(there);
    }
    M::Scalar::dispatch(there);
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
    memory: Memory<'_, M::Scalar, ONE>,
) {
    let n = samples::<M, N>(y);
    check_len::<M>("the cotangent of the output", y_bar.len(), M::SIZES.1, n);
    let out = M::SIZES.1;
    let params = model.flat();
    let between = Given { y, y_bar, out };
    let there = There::<M, W, _, N, ONE> {
        n,
        params,
        inputs,
        between,
        input_bars,
        params_bar,
        memory,
        wanted,
    }
    .checked();
    #[cfg(feature = "rayon")]
    if there.memory.threads > 1 {
        return threads::given(there);
    }
    M::Scalar::dispatch(there);
}
