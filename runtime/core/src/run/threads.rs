//! Batches shared among threads.
//!
//! Thread `t` of `T` takes the samples from `t·n/T` to `(t+1)·n/T`, in memory of its own, so what it
//! computes does not depend on the others. The gradients are added up in the order of the threads.

use super::entry::Entry;
use super::vjp::{Asked, There};
use super::{Io, Memory, Straight, Tiles, Wanted, inputs_of, no_slices, part, tangents_of};
use crate::lanes::{Kernel, Lanes};
use crate::model::Workspace;
use crate::scalar::Scalar;
use core::ops::Range;

/// Runs a forward map or a JVP.
pub(super) fn straight<M, E, const N: usize, const ONE: bool>(job: Straight<'_, M, E, N, ONE>)
where
    M: Tiles<N>,
    E: Entry + Copy + Send,
{
    let Straight { n, params, d_params, inputs, d_inputs, y, dy, memory, entry } = job;
    // No model that changes its state divides a batch.
    let Memory { tile, threads, ws, .. } = memory;
    if threads == 1 || n < 2 {
        let ws = &mut ws[..M::workspace_len(tile)];
        let memory = Memory { tile, threads: 1, ws, state: &mut [] };
        return M::Scalar::dispatch(Straight::<M, E, N, ONE> {
            n,
            params,
            d_params,
            inputs,
            d_inputs,
            y,
            dy,
            memory,
            entry,
        });
    }
    let half = threads / 2;
    let at = n * half / threads;
    let (sizes, out) = M::SIZES;
    let (y, y_behind) = y.split_at_mut(at * out);
    let (dy, dy_behind) = dy.split_at_mut(dy.len().min(at * out));
    let (ws, ws_behind) = ws.split_at_mut(half * Workspace::<M>::room(tile));
    let first = Straight::<M, E, N, ONE> {
        n: at,
        params,
        d_params,
        inputs: inputs_of(inputs, 0, at, &sizes),
        d_inputs: tangents_of(d_inputs, 0, at, &sizes),
        y,
        dy,
        memory: Memory { tile, threads: half, ws, state: &mut [] },
        entry,
    };
    let second = Straight::<M, E, N, ONE> {
        n: n - at,
        params,
        d_params,
        inputs: inputs_of(inputs, at, n, &sizes),
        d_inputs: tangents_of(d_inputs, at, n, &sizes),
        y: y_behind,
        dy: dy_behind,
        memory: Memory { tile, threads: threads - half, ws: ws_behind, state: &mut [] },
        entry,
    };
    rayon::join(|| straight(first), || straight(second));
}

/// How a batch is cut.
struct Cut<const N: usize> {
    n: usize,
    threads: usize,
    tile: usize,
    /// Elements of each input per sample.
    sizes: [usize; N],
    /// Elements of workspace for each thread.
    room: usize,
    /// Elements of a gradient.
    params: usize,
}

impl<const N: usize> Cut<N> {
    /// Where the samples of a thread begin.
    fn start(&self, thread: usize) -> usize {
        self.n * thread / self.threads
    }

    /// The samples of a thread in a round of tiles.
    fn samples(&self, thread: usize, round: usize) -> Range<usize> {
        let end = self.start(thread + 1);
        let from = end.min(self.start(thread) + round * self.tile);
        from..end.min(from + self.tile)
    }
}

/// What several threads write.
struct Shares<'a, T, const N: usize> {
    threads: Range<usize>,
    /// The cotangents of the inputs, of the samples of these threads.
    bars: [&'a mut [T]; N],
    /// The gradient of the first of them, and those of the others.
    grad: &'a mut [T],
    more: &'a mut [T],
    ws: &'a mut [T],
}

impl<T: Scalar, const N: usize> Shares<'_, T, N> {
    fn borrow(&mut self) -> Shares<'_, T, N> {
        Shares {
            threads: self.threads.clone(),
            bars: self.bars.each_mut().map(|bar| &mut **bar),
            grad: self.grad,
            more: self.more,
            ws: self.ws,
        }
    }

    /// Does something for each thread, at the same time.
    fn each(self, cut: &Cut<N>, f: &(impl Fn(Self) + Sync)) {
        let Shares { threads, bars, grad, more, ws } = self;
        if threads.len() == 1 {
            return f(Shares { threads, bars, grad, more, ws });
        }
        let half = threads.len() / 2;
        let middle = threads.start + half;
        let samples = cut.start(middle) - cut.start(threads.start);
        let (mut front, mut behind) = (no_slices(), no_slices());
        for (i, bar) in bars.into_iter().enumerate() {
            let at = bar.len().min(samples * cut.sizes[i]);
            (front[i], behind[i]) = bar.split_at_mut(at);
        }
        let params = if grad.is_empty() { 0 } else { cut.params };
        let (more, rest) = more.split_at_mut((half - 1) * params);
        let (grad_behind, more_behind) = rest.split_at_mut(params);
        let (ws, ws_behind) = ws.split_at_mut(half * cut.room);
        let threads_behind = middle..threads.end;
        let first = Shares { threads: threads.start..middle, bars: front, grad, more, ws };
        let second = Shares {
            threads: threads_behind,
            bars: behind,
            grad: grad_behind,
            more: more_behind,
            ws: ws_behind,
        };
        rayon::join(|| first.each(cut, f), || second.each(cut, f));
    }
}

/// One half of a VJP for a tile.
struct Half<'a, M: Tiles<N>, W, const N: usize> {
    io: Io<'a, M::Scalar, N>,
    late: bool,
    wanted: core::marker::PhantomData<W>,
}

impl<M: Tiles<N>, W: Wanted, const N: usize> Kernel<M::Scalar> for Half<'_, M, W, N> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(self) {
        if self.late { M::pullback::<V, W>(self.io) } else { M::primal::<V, W>(self.io) }
    }
}

/// Runs a VJP.
pub(super) fn there<M, W, F, const N: usize, const ONE: bool>(
    job: There<'_, M, W, Asked<F>, N, ONE>,
) where
    M: Tiles<N>,
    W: Wanted,
    F: FnMut(usize, &[M::Scalar], &mut [M::Scalar]),
{
    let There { n, params, inputs, between, input_bars, params_bar, memory, .. } = job;
    let mut loss = between.loss;
    let Memory { tile, threads, ws, .. } = memory;
    let (sizes, out) = M::SIZES;
    let room = Workspace::<M>::room(tile);
    let cut = Cut { n, threads, tile, sizes, room, params: M::PARAMS };
    let (ws, more) = ws.split_at_mut(threads * room);
    let mut shares = Shares { threads: 0..threads, bars: input_bars, grad: params_bar, more, ws };
    let most = (0..threads).map(|t| cut.start(t + 1) - cut.start(t)).max().unwrap_or(0);
    for round in 0..most.div_ceil(tile) {
        let cut = &cut;
        let half = |late: bool| {
            move |share: Shares<'_, M::Scalar, N>| {
                let thread = share.threads.start;
                let samples = cut.samples(thread, round);
                if samples.is_empty() {
                    // Fewer samples than threads: nothing is added to this gradient.
                    if round == 0 {
                        share.grad.fill(M::Scalar::ZERO);
                    }
                    return;
                }
                let (ws, ends) = share.ws[..M::workspace_len(tile)]
                    .split_at_mut(M::workspace_len(tile) - 2 * out * tile);
                let (y, y_bar) = ends.split_at_mut(out * tile);
                let n = samples.len();
                let first = samples.start - cut.start(thread);
                let mut bars = share.bars;
                let bars = part(&mut bars, first, first + n, &cut.sizes);
                let inputs = inputs_of(inputs, samples.start, samples.end, &cut.sizes);
                let io = Io {
                    n,
                    params,
                    d_params: &[],
                    inputs,
                    d_inputs: [&[]; N],
                    y_bar: if late { &y_bar[..n * out] } else { &[] },
                    y: if late { &mut [] } else { &mut y[..n * out] },
                    dy: &mut [],
                    input_bars: if late { bars } else { no_slices() },
                    params_bar: if late { share.grad } else { &mut [] },
                    add: round > 0,
                    state: &mut [],
                    ws,
                };
                let wanted = core::marker::PhantomData::<W>;
                M::Scalar::dispatch(Half::<M, W, N> { io, late, wanted });
            }
        };
        shares.borrow().each(cut, &half(false));
        for thread in 0..threads {
            let ends = &mut shares.ws[thread * room..][..M::workspace_len(tile)];
            let (_, ends) = ends.split_at_mut(ends.len() - 2 * out * tile);
            let (y, y_bar) = ends.split_at_mut(out * tile);
            let samples = cut.samples(thread, round);
            let ends = y.chunks_exact(out).zip(y_bar.chunks_exact_mut(out));
            for (i, (y, y_bar)) in samples.zip(ends) {
                loss(i, y, y_bar);
            }
        }
        shares.borrow().each(cut, &half(true));
    }
    if !shares.grad.is_empty() {
        let more = &shares.more[..(threads - 1) * M::PARAMS];
        add_up(shares.grad, more, 0, M::PARAMS, threads);
    }
}

/// Adds the other gradients to the first, from element `at` on, each thread some of the elements.
fn add_up<T: Scalar>(grad: &mut [T], more: &[T], at: usize, params: usize, threads: usize) {
    if threads > 1 {
        let half = grad.len() / 2;
        let (front, behind) = grad.split_at_mut(half);
        rayon::join(
            || add_up(front, more, at, params, threads / 2),
            || add_up(behind, more, at + half, params, threads - threads / 2),
        );
        return;
    }
    for other in more.chunks_exact(params) {
        for (sum, x) in grad.iter_mut().zip(&other[at..]) {
            *sum = *sum + *x;
        }
    }
}
