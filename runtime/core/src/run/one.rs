//! Calls for one sample, and the two halves of its VJP.

use super::entry::{self, Entry};
use super::{CallMemory, Io, Tiles, Wanted, check_inputs, no_slices};
use crate::lanes::{Lanes, OnLanes};
use crate::model::{Data, Model};
use crate::scalar::Scalar;
use core::marker::PhantomData;

/// Memory for one sample: on the stack where it is small, so that a call allocates nothing. There are several
/// sizes, because it is cleared.
#[inline]
pub fn with_memory<M: Model, R>(f: impl FnOnce(CallMemory<'_, M::Scalar, true>) -> R) -> R {
    #[repr(align(64))]
    struct Aligned<T, const LEN: usize>([T; LEN]);

    let len = M::workspace_len(1);
    let zero = M::Scalar::ZERO;
    // One place that calls `f`, so that it is part of its caller: what it is given stays in registers.
    let (mut on_64, mut on_128, mut on_256, mut on_512, mut on_1024, mut on_heap);
    let ws: &mut [M::Scalar] = match len {
        0..=64 => {
            on_64 = Aligned([zero; 64]);
            &mut on_64.0
        }
        65..=128 => {
            on_128 = Aligned([zero; 128]);
            &mut on_128.0
        }
        129..=256 => {
            on_256 = Aligned([zero; 256]);
            &mut on_256.0
        }
        257..=512 => {
            on_512 = Aligned([zero; 512]);
            &mut on_512.0
        }
        513..=1024 => {
            on_1024 = Aligned([zero; 1024]);
            &mut on_1024.0
        }
        _ => {
            on_heap = vec![zero; len];
            &mut on_heap
        }
    };
    f(CallMemory::one(&mut ws[..len]))
}

/// An entry for a tile of one sample.
struct OneSample<'a, M: Tiles<N>, E, const N: usize>(Io<'a, M::Scalar, N>, PhantomData<E>);

impl<M: Tiles<N>, E: Entry, const N: usize> OnLanes<M::Scalar> for OneSample<'_, M, E, N> {
    type Output = ();
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run<V: Lanes<Scalar = M::Scalar>>(self) {
        // Said again, because nothing is known here of what was written into it.
        E::tile::<M, V, N>(Io { n: 1, add: false, ..self.0 });
    }
}

/// The first half of a VJP of one sample: the output, and the memory that the second half reads.
pub fn primal<M: Tiles<N>, W: Wanted, const N: usize>(
    _: W,
    model: &M,
    inputs: [Data<'_, M::Scalar>; N],
    y: &mut [M::Scalar],
) -> Box<[M::Scalar]> {
    check_inputs::<M, N>(&inputs, 1);
    let mut ws = vec![M::Scalar::ZERO; M::workspace_len(1)].into_boxed_slice();
    let io = Io {
        n: 1,
        params: model.flat(),
        d_params: &[],
        inputs,
        d_inputs: [&[]; N],
        y_bar: &[],
        y,
        dy: &mut [],
        input_bars: no_slices(),
        params_bar: &mut [],
        add: false,
        state: &mut [],
        ws: &mut ws,
        threads: 1,
    };
    M::Scalar::dispatch(OneSample::<M, entry::Primal<W>, N>(io, PhantomData));
    ws
}

/// The second half, on a copy of that memory, so that it can be run again with another cotangent.
pub fn pullback<M: Tiles<N>, W: Wanted, const N: usize>(
    _: W,
    model: &M,
    inputs: [Data<'_, M::Scalar>; N],
    y_bar: &[M::Scalar],
    input_bars: [&mut [M::Scalar]; N],
    params_bar: &mut [M::Scalar],
    ws: &[M::Scalar],
) {
    let mut ws: Box<[M::Scalar]> = ws.into();
    let io = Io {
        n: 1,
        params: model.flat(),
        d_params: &[],
        inputs,
        d_inputs: [&[]; N],
        y_bar,
        y: &mut [],
        dy: &mut [],
        input_bars,
        params_bar,
        add: false,
        state: &mut [],
        ws: &mut ws,
        threads: 1,
    };
    M::Scalar::dispatch(OneSample::<M, entry::Pullback<W>, N>(io, PhantomData));
}
