//! The memory of a call.

use super::Model;
use crate::info::len_of;
use crate::scalar::Scalar;
use crate::tuning::{TILE_BYTES, TILE_LEAST, TILE_MOST};
use core::marker::PhantomData;

/// Memory for the batched calls of a model, made once: a call allocates nothing.
///
/// But for the first gradient of more than 32 tiles of samples, or of more than 1024, and so on: their sum is taken in
/// levels, so that it is as exact for a million samples as for a few, and each level is as long as the gradient.
///
/// It has room for a tile of samples: what lies between the layers of a few samples at a time, so
/// that it stays in the cache from the first layer to the last and back.
#[derive(Debug)]
pub struct Workspace<M: Model> {
    memory: Box<[M::Scalar]>,
    /// Where the gradients of many tiles add up, once there were so many.
    more: Vec<M::Scalar>,
    state: Box<[M::Scalar]>,
    tile: usize,
    threads: usize,
    model: PhantomData<fn() -> M>,
}

// Whatever the model is: it is not in it.
impl<M: Model> Clone for Workspace<M> {
    fn clone(&self) -> Self {
        let Workspace { memory, more, state, tile, threads, model } = self;
        Workspace {
            memory: memory.clone(),
            more: more.clone(),
            state: state.clone(),
            tile: *tile,
            threads: *threads,
            model: *model,
        }
    }
}

/// Alignment of what a thread works in, in bytes, and at least in elements.
const ALIGN: usize = 64;

impl<M: Model> Workspace<M> {
    /// Samples per tile of the default workspace: from 4 to 256, fewer where samples are large, more
    /// where the parameters are.
    pub fn default_tile() -> usize {
        let per_sample = (M::workspace_len(2) - M::workspace_len(1)).max(1);
        let bytes = TILE_BYTES.max(2 * M::PARAMS * size_of::<M::Scalar>());
        (bytes / (per_sample * size_of::<M::Scalar>())).clamp(TILE_LEAST, TILE_MOST) / TILE_LEAST
            * TILE_LEAST
    }

    /// A workspace for tiles of [`default_tile`](Self::default_tile) samples.
    #[expect(
        clippy::new_without_default,
        reason = "making one allocates, which a caller should see"
    )]
    pub fn new() -> Self {
        Self::with_tile(Self::default_tile())
    }

    /// A workspace for tiles of so many samples. A model with statistics of the batch
    /// ([`Model::LEAST_BATCH`]) needs one for the whole batch.
    ///
    /// # Panics
    /// If `tile` is 0.
    pub fn with_tile(tile: usize) -> Self {
        Self::make(tile, 1)
    }

    /// A workspace with which the batched methods share a batch among so many threads, the calling one and
    /// those of the current `rayon` pool: each takes one stretch of the samples, tile by tile. Where there are fewer
    /// samples than threads, those that are left share the products of a sample that are large enough to be worth it:
    /// rows of a matrix product, heads of an attention, channels of a convolution. A batch of which the model takes
    /// statistics is one such sample. It takes so many times the memory, and that of a gradient for every thread but
    /// the first. A call then allocates what it takes to hand out the work, some hundred bytes.
    ///
    /// The results are the same bits for the same number of threads, however they are scheduled. With
    /// another number, or in other tiles, sums may be taken in another order, and what is computed of a
    /// sample differs by rounding. A loss is asked for on the calling thread, in
    /// order within each round of tiles, while the others wait; one that is declared in the model, as its
    /// last step, is shared like everything else.
    ///
    /// # Panics
    /// If `tile` or `threads` is 0.
    #[cfg(feature = "rayon")]
    pub fn with_threads(tile: usize, threads: usize) -> Self {
        Self::make(tile, threads)
    }

    /// The elements that one thread works in, up to where the memory of the next one is aligned as well.
    pub(crate) fn room(tile: usize) -> usize {
        M::workspace_len(tile).next_multiple_of(ALIGN)
    }

    fn make(tile: usize, threads: usize) -> Self {
        assert!(tile > 0, "a tile has at least one sample");
        assert!(threads > 0, "a batch is for at least one thread");
        // The environment is read now, which may allocate, and not by the first call.
        crate::lanes::isa();
        let gradients = (threads - 1) * M::PARAMS;
        let len = threads * Self::room(tile) + gradients + ALIGN;
        let memory = vec![M::Scalar::ZERO; len].into_boxed_slice();
        let state = if M::LEAST_BATCH > 0 { len_of(M::STATE_INFO) } else { 0 };
        let state = vec![M::Scalar::ZERO; state].into_boxed_slice();
        Workspace { memory, more: Vec::new(), state, tile, threads, model: PhantomData }
    }

    #[doc(hidden)]
    #[inline]
    pub fn memory(&mut self) -> CallMemory<'_, M::Scalar, false> {
        let Workspace { tile, threads: all, .. } = *self;
        // A batch with statistics of its own is not divided: all threads share its loops.
        let (threads, inner) = if M::LEAST_BATCH > 0 { (1, all) } else { (all, 1) };
        // A scalar whose size does not divide the alignment has no such element.
        let start = self.memory.as_ptr().align_offset(ALIGN);
        let ws = &mut self.memory[if start < ALIGN { start } else { 0 }..];
        let ws = match (threads, inner) {
            (1, 1) => &mut ws[..M::workspace_len(tile)],
            (1, _) => &mut ws[..inner * Self::room(tile)],
            _ => ws,
        };
        CallMemory { tile, threads, inner, ws, state: &mut self.state, more: Some(&mut self.more) }
    }

    /// What the last call made of the state, if it changes it.
    pub fn state(&self) -> &[M::Scalar] {
        &self.state
    }

    /// Samples per tile.
    pub fn tile(&self) -> usize {
        self.tile
    }

    /// Threads that share a batch.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.memory) + size_of_val(self.more.as_slice())
    }
}

/// The memory of a call; `ONE` if it is for one sample, which the code of the call is then compiled for.
pub struct CallMemory<'a, T, const ONE: bool> {
    /// Samples per tile.
    pub tile: usize,
    /// Threads that share the batch.
    pub threads: usize,
    /// Threads for the loops of each tile.
    pub inner: usize,
    /// The workspace; of several threads, that of one after that of the other, and after them room
    /// for the gradients of all but the first.
    pub ws: &'a mut [T],
    /// What the state becomes, of a model that changes it.
    pub state: &'a mut [T],
    /// Room for the levels of a gradient that many tiles add to, as long as it has to be.
    pub more: Option<&'a mut Vec<T>>,
}

impl<T, const ONE: bool> CallMemory<'_, T, ONE> {
    /// Whether there is more than one thread.
    #[cfg(feature = "rayon")]
    pub(crate) fn is_shared(&self) -> bool {
        self.threads > 1
    }
}

impl<'a, T> CallMemory<'a, T, true> {
    /// For one sample.
    #[inline(always)]
    pub fn one(ws: &'a mut [T]) -> Self {
        CallMemory { tile: 1, threads: 1, inner: 1, ws, state: &mut [], more: None }
    }
}
