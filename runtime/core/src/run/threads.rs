//! Batches shared among threads.
//!
//! Thread `t` of `T`, which are no more than there are samples, takes those from `t·n/T` to `(t+1)·n/T`, in
//! memory of its own, so what it computes does not depend on the others. The gradients are added up in the
//! order of the threads.
//!
//! Where there are more threads than samples, those that are left share the large products of each sample.
//!
//! To wake a thread takes as long as a small network does, so a call does that as rarely as it can: once, and
//! once for each round of tiles if a loss is asked for.

use super::entry::Entry;
use super::gradient::{Gradient, Plus};
use super::vjp::{KnownSeed, LossFn, Seed, VjpCall};
use super::{CallMemory, ForwardCall, Io, Tiles, Wanted, inputs_of, no_slices, part, tangents_of};
use crate::at_once::{at_once, front, nothing};
use crate::kernel::update;
use crate::lanes::{Lanes, OnLanes};
use crate::model::{Data, Loss, Workspace};
use crate::scalar::Scalar;
use core::marker::PhantomData;
use core::ops::Range;

/// The memory of no more threads than there are samples. Those that are left share the loops of each sample.
fn at_most<M: Tiles<N>, const N: usize, const ONE: bool>(
    n: usize,
    memory: CallMemory<'_, M::Scalar, ONE>,
) -> CallMemory<'_, M::Scalar, ONE> {
    let CallMemory { tile, threads: all, inner, ws, state, more } = memory;
    let threads = all.min(n).max(1);
    let inner = inner * (all / threads);
    let ws = if threads == 1 { &mut ws[..room::<M, N>(tile, inner)[0]] } else { ws };
    CallMemory { tile, threads, inner, ws, state, more }
}

/// Elements of workspace for a tile and the threads that share it, and from one tile to the next.
fn room<M: Tiles<N>, const N: usize>(tile: usize, inner: usize) -> [usize; 2] {
    let all = inner * Workspace::<M>::room(tile);
    [if inner == 1 { M::workspace_len(tile) } else { all }, all]
}

/// How a batch is cut. Each thread has a sample.
///
/// What is done with a cut does not know the model: it is compiled once for each scalar and number of inputs, and
/// the generated code of a model is a function that it is given.
#[derive(Clone, Copy)]
struct Cut<const N: usize> {
    n: usize,
    threads: usize,
    tile: usize,
    /// Elements of each input, and of the output, per sample.
    sizes: [usize; N],
    out: usize,
    /// Elements of workspace for each thread, and of one to the next.
    room: [usize; 2],
    /// Elements of a gradient.
    params: usize,
}

impl<const N: usize> Cut<N> {
    fn of<M: Tiles<N>>(n: usize, [threads, inner]: [usize; 2], tile: usize) -> Self {
        let (room, (sizes, out)) = (room::<M, N>(tile, inner), M::SIZES);
        Cut { n, threads, tile, sizes, out, room, params: M::PARAMS }
    }

    /// The samples of a thread.
    fn samples(&self, thread: usize) -> Range<usize> {
        self.n * thread / self.threads..self.n * (thread + 1) / self.threads
    }

    /// Those of them in a round of tiles.
    fn tile(&self, thread: usize, round: usize) -> Range<usize> {
        let Range { start, end } = self.samples(thread);
        let from = end.min(start + round * self.tile);
        from..end.min(from + self.tile)
    }

    /// The rounds of those with the most samples.
    fn rounds(&self) -> usize {
        self.n.div_ceil(self.threads).div_ceil(self.tile)
    }
}

/// What a thread has of a forward map or a JVP.
struct Piece<'a, T> {
    samples: Range<usize>,
    y: &'a mut [T],
    dy: &'a mut [T],
    ws: &'a mut [T],
}

impl<const N: usize> Cut<N> {
    /// Runs each piece of a forward map or a JVP.
    fn straight<T: Scalar>(
        &self,
        [mut y, mut dy, mut ws]: [&mut [T]; 3],
        run: &(dyn Fn(Piece<'_, T>) + Sync),
    ) {
        let [len, room] = self.room;
        let pieces = (0..self.threads).map(|thread| {
            let samples = self.samples(thread);
            let elements = samples.len() * self.out;
            let dy_len = dy.len().min(elements);
            let ws = &mut front(&mut ws, room)[..len];
            Piece { samples, y: front(&mut y, elements), dy: front(&mut dy, dy_len), ws }
        });
        at_once(pieces, run, nothing);
    }
}

/// Runs a forward map or a JVP.
pub(super) fn straight<M, E, const N: usize, const ONE: bool>(job: ForwardCall<'_, M, E, N, ONE>)
where
    M: Tiles<N>,
    E: Entry,
{
    let memory = at_most::<M, N, ONE>(job.n, job.memory);
    let job = ForwardCall { memory, ..job };
    if job.memory.threads == 1 {
        return M::Scalar::dispatch(job);
    }
    let ForwardCall { n, params, d_params, inputs, d_inputs, y, dy, memory, entry } = job;
    let CallMemory { tile, threads, inner, ws, .. } = memory;
    let cut = Cut::<N>::of::<M>(n, [threads, inner], tile);
    cut.straight([y, dy, ws], &|Piece { samples: Range { start, end }, y, dy, ws }| {
        M::Scalar::dispatch(ForwardCall::<M, E, N, ONE> {
            n: end - start,
            params,
            d_params,
            inputs: inputs_of(inputs, start, end, &cut.sizes),
            d_inputs: tangents_of(d_inputs, start, end, &cut.sizes),
            y,
            dy,
            memory: CallMemory { tile, threads: 1, inner, ws, state: &mut [], more: None },
            entry,
        });
    });
}

/// What a thread writes in a VJP.
struct Share<'a, T, const N: usize> {
    thread: usize,
    /// The cotangents of the inputs, of its samples.
    bars: [&'a mut [T]; N],
    grad: &'a mut [T],
    /// The levels below that.
    levels: &'a mut [T],
    ws: &'a mut [T],
}

/// What all of them write.
struct Shares<'a, T, const N: usize> {
    bars: [&'a mut [T]; N],
    /// The gradient of the first thread, and those of the others.
    grad: &'a mut [T],
    more: &'a mut [T],
    /// The levels below the gradients, of each thread.
    levels: &'a mut [T],
    ws: &'a mut [T],
}

impl<'a, T: Scalar, const N: usize> Shares<'a, T, N> {
    fn new(
        cut: &Cut<N>,
        bars: [&'a mut [T]; N],
        [grad, levels]: [&'a mut [T]; 2],
        memory: &'a mut [T],
    ) -> Self {
        let (ws, more) = memory.split_at_mut(cut.threads * cut.room[1]);
        let gradients = if grad.is_empty() { 0 } else { (cut.threads - 1) * cut.params };
        Shares { bars, grad, more: &mut more[..gradients], levels, ws }
    }

    /// The same for one round.
    fn borrow(&mut self) -> Shares<'_, T, N> {
        let bars = self.bars.each_mut().map(|bar| &mut **bar);
        let Shares { grad, more, levels, ws, .. } = self;
        Shares { bars, grad, more, levels, ws }
    }

    /// That of each thread.
    fn each(mut self, cut: Cut<N>) -> impl ExactSizeIterator<Item = Share<'a, T, N>> {
        let of_each = self.levels.len() / cut.threads;
        (0..cut.threads).map(move |thread| {
            let mut bars = no_slices();
            for ((bar, rest), size) in bars.iter_mut().zip(&mut self.bars).zip(cut.sizes) {
                let len = rest.len().min(cut.samples(thread).len() * size);
                *bar = front(rest, len);
            }
            let grad = if thread == 0 {
                core::mem::take(&mut self.grad)
            } else {
                let len = self.more.len().min(cut.params);
                front(&mut self.more, len)
            };
            let [len, room] = cut.room;
            let levels = front(&mut self.levels, of_each);
            Share { thread, bars, grad, levels, ws: &mut front(&mut self.ws, room)[..len] }
        })
    }

    /// Adds the other gradients to the first, each thread some of the elements.
    fn add_up(self, cut: &Cut<N>) {
        let (len, more) = (self.grad.len().div_ceil(cut.threads).max(1), &*self.more);
        let some = |(i, grad): (usize, &mut [T])| {
            for other in more.chunks_exact(cut.params) {
                let other = &other[i * len..][..grad.len()];
                update([&mut *grad], other, Plus);
            }
        };
        at_once(self.grad.chunks_mut(len).enumerate(), &some, nothing);
    }
}

/// Runs a share of a VJP with its cotangents.
type RunShare<'r, T, K, const N: usize> =
    dyn Fn((Share<'_, T, N>, K)) -> <K as Seed<T>>::Made + Sync + 'r;

impl<const N: usize> Cut<N> {
    /// Runs each share of a VJP whose cotangents are known beforehand.
    fn beforehand<T: Scalar, K: KnownSeed<T>>(
        &self,
        mut shares: Shares<'_, T, N>,
        mut between: K,
        run: &RunShare<'_, T, K, N>,
    ) -> K::Made {
        let each = shares.borrow().each(*self);
        let parts = each.map(|share| {
            let between = between.front(self.samples(share.thread).len());
            (share, between)
        });
        let made = at_once(parts, run, K::add);
        shares.add_up(self);
        made.unwrap_or_else(|| between.made())
    }
}

/// Runs a VJP whose cotangents are known beforehand.
pub(super) fn beforehand<M, W, K, const N: usize, const ONE: bool>(
    job: VjpCall<'_, M, W, K, N, ONE>,
) -> K::Made
where
    M: Tiles<N>,
    W: Wanted,
    K: KnownSeed<M::Scalar>,
{
    let memory = at_most::<M, N, ONE>(job.n, job.memory);
    let job = VjpCall { memory, ..job };
    if job.memory.threads == 1 {
        return M::Scalar::dispatch(job);
    }
    let VjpCall { n, params, inputs, between, input_bars, params_bar, levels, memory, wanted } =
        job;
    let CallMemory { tile, threads, inner, ws, .. } = memory;
    let cut = Cut::of::<M>(n, [threads, inner], tile);
    let shares = Shares::new(&cut, input_bars, [params_bar, levels], ws);
    cut.beforehand(shares, between, &|(Share { thread, bars, grad, levels, ws }, between)| {
        let Range { start, end } = cut.samples(thread);
        M::Scalar::dispatch(VjpCall::<M, W, K, N, ONE> {
            n: end - start,
            params,
            inputs: inputs_of(inputs, start, end, &cut.sizes),
            between,
            input_bars: bars,
            params_bar: grad,
            levels,
            memory: CallMemory { tile, threads: 1, inner, ws, state: &mut [], more: None },
            wanted,
        })
    })
}

/// One half of a VJP for a tile.
struct HalfVjp<'a, M: Tiles<N>, W, const N: usize> {
    io: Io<'a, M::Scalar, N>,
    late: bool,
    wanted: PhantomData<W>,
}

impl<M: Tiles<N>, W: Wanted, const N: usize> OnLanes<M::Scalar> for HalfVjp<'_, M, W, N> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(self) {
        if self.late { M::pullback_tile::<V, W>(self.io) } else { M::primal_tile::<V, W>(self.io) }
    }
}

/// What all tiles of a VJP are given.
struct VjpArgs<'a, T, const N: usize> {
    params: &'a [T],
    inputs: [Data<'a, T>; N],
    /// Threads that share the loops of a tile.
    inner: usize,
}

impl<const N: usize> Cut<N> {
    /// Runs a half of a round's tile of a share, the second if it is late.
    fn half<T: Scalar>(
        &self,
        whole: &VjpArgs<'_, T, N>,
        share: &mut Share<'_, T, N>,
        (round, late): (usize, bool),
        run: &(dyn Fn(Io<'_, T, N>, bool) + Sync),
    ) {
        let samples = self.tile(share.thread, round);
        if samples.is_empty() {
            return;
        }
        let (ws, [y, y_bar]) = ends(share.ws, self.out * self.tile);
        let n = samples.len();
        let first = samples.start - self.samples(share.thread).start;
        let bars = part(&mut share.bars, first, first + n, &self.sizes);
        let mut gradient = Gradient { sum: &mut *share.grad, levels: &mut *share.levels };
        let (params_bar, add) = if late { gradient.of_tile(round) } else { Default::default() };
        let io = Io {
            n,
            params: whole.params,
            d_params: &[],
            inputs: inputs_of(whole.inputs, samples.start, samples.end, &self.sizes),
            d_inputs: [&[]; N],
            y_bar: if late { &y_bar[..n * self.out] } else { &[] },
            y: if late { &mut [] } else { &mut y[..n * self.out] },
            dy: &mut [],
            input_bars: if late { bars } else { no_slices() },
            params_bar,
            add,
            state: &mut [],
            ws,
            threads: whole.inner,
        };
        run(io, late);
        if late {
            gradient.done(round);
        }
    }

    /// Runs all rounds of a VJP, and asks for the loss between the halves of each.
    fn asked<T: Scalar>(
        &self,
        whole: &VjpArgs<'_, T, N>,
        mut shares: Shares<'_, T, N>,
        run: &(dyn Fn(Io<'_, T, N>, bool) + Sync),
        loss: Loss<'_, T>,
    ) {
        let rounds = self.rounds();
        for round in 0..rounds {
            let tile = |mut share: Share<'_, T, N>| {
                if round > 0 {
                    self.half(whole, &mut share, (round - 1, true), run);
                }
                self.half(whole, &mut share, (round, false), run);
            };
            at_once(shares.borrow().each(*self), &tile, nothing);
            for share in shares.borrow().each(*self) {
                let (_, [y, y_bar]) = ends(share.ws, self.out * self.tile);
                let samples = y.chunks_exact(self.out).zip(y_bar.chunks_exact_mut(self.out));
                for (i, (y, y_bar)) in self.tile(share.thread, round).zip(samples) {
                    loss(i, y, y_bar);
                }
            }
        }
        let last = |mut share: Share<'_, T, N>| {
            self.half(whole, &mut share, (rounds - 1, true), run);
            let tiles = self.samples(share.thread).len().div_ceil(self.tile);
            Gradient { sum: share.grad, levels: share.levels }.finish(tiles);
        };
        at_once(shares.borrow().each(*self), &last, nothing);
        shares.add_up(self);
    }
}

/// Runs a VJP whose cotangents a loss says. It is asked here, between the halves of a round.
pub(super) fn asked<M, W, F, const N: usize, const ONE: bool>(
    job: VjpCall<'_, M, W, LossFn<F>, N, ONE>,
) where
    M: Tiles<N>,
    W: Wanted,
    F: FnMut(usize, &[M::Scalar], &mut [M::Scalar]),
{
    let memory = at_most::<M, N, ONE>(job.n, job.memory);
    let job = VjpCall { memory, ..job };
    if job.memory.threads == 1 {
        return M::Scalar::dispatch(job);
    }
    let VjpCall { n, params, inputs, between, input_bars, params_bar, levels, memory, .. } = job;
    let CallMemory { tile, threads, inner, ws, .. } = memory;
    let (cut, LossFn(mut loss)) = (Cut::of::<M>(n, [threads, inner], tile), between);
    let shares = Shares::new(&cut, input_bars, [params_bar, levels], ws);
    let run = |io: Io<'_, M::Scalar, N>, late| {
        M::Scalar::dispatch(HalfVjp::<M, W, N> { io, late, wanted: PhantomData });
    };
    cut.asked(&VjpArgs { params, inputs, inner }, shares, &run, &mut loss);
}

/// The memory of a thread before the outputs and their cotangents, which are the last, and those.
fn ends<T>(ws: &mut [T], len: usize) -> (&mut [T], [&mut [T]; 2]) {
    let (ws, ends) = ws.split_at_mut(ws.len() - 2 * len);
    let (y, y_bar) = ends.split_at_mut(len);
    (ws, [y, y_bar])
}
