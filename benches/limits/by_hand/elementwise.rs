//! `silu(softplus(tanh(gelu_tanh(x))))` of many numbers, and its derivative.

use super::vectors::{LANES, Vectors, load};
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// Numbers of a block, which one function is applied to before the next one: a chain through all of them
/// would be so long that hardly anything of the next numbers could be begun before it ends.
const BLOCK: usize = 256;
/// Registers that go through a function side by side.
const SIDE: usize = 2;

/// What one function gives to the next one.
#[repr(align(64))]
struct Block([f32; BLOCK]);

/// The places of a block.
fn places() -> impl Iterator<Item = usize> {
    (0..BLOCK).step_by(SIDE * LANES)
}

/// Begins to load what lies at a place of the block after this one. The processor's own prefetching begins anew
/// with every block, which is too late.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn fetch_next(block: &[f32], at: usize) {
    for line in 0..SIDE * LANES * size_of::<f32>() / 64 {
        let next = block.as_ptr().wrapping_add(BLOCK + at).cast::<i8>();
        _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(64 * line));
    }
}

#[target_feature(enable = "avx2,fma")]
pub(crate) fn forward(x: &[f32], y: &mut [f32]) {
    let (mut value, mut exp) = (Block([0.0; BLOCK]), Block([0.0; BLOCK]));
    for (x, y) in x.chunks_exact(BLOCK).zip(y.chunks_exact_mut(BLOCK)) {
        for at in places() {
            load::<SIDE>(x, at).gelu_tanh().store(&mut value.0, at);
        }
        for at in places() {
            fetch_next(x, at);
            load::<SIDE>(&value.0, at).tanh().store(&mut value.0, at);
        }
        for at in places() {
            fetch_next(y, at);
            load::<SIDE>(&value.0, at).exp_of_minus_abs().store(&mut exp.0, at);
        }
        for at in places() {
            let exp = load(&exp.0, at);
            load::<SIDE>(&value.0, at).softplus(exp).store(&mut value.0, at);
        }
        for at in places() {
            load::<SIDE>(&value.0, at).silu().1.store(y, at);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub(crate) fn vjp(x: &[f32], c: &[f32], y: &mut [f32], x_bar: &mut [f32]) {
    let mut value = Block([0.0; BLOCK]);
    let (mut exp, mut bar) = (Block([0.0; BLOCK]), Block([0.0; BLOCK]));
    let inputs = x.chunks_exact(BLOCK).zip(c.chunks_exact(BLOCK));
    let outputs = y.chunks_exact_mut(BLOCK).zip(x_bar.chunks_exact_mut(BLOCK));
    for ((x, c), (y, x_bar)) in inputs.zip(outputs) {
        for at in places() {
            let (gelu, slope) = load::<SIDE>(x, at).gelu_tanh_and_slope();
            gelu.store(&mut value.0, at);
            slope.times(load(c, at)).store(&mut bar.0, at);
        }
        for at in places() {
            fetch_next(x, at);
            fetch_next(c, at);
            let tanh = load::<SIDE>(&value.0, at).tanh();
            tanh.store(&mut value.0, at);
            tanh.tanh_slope().times(load(&bar.0, at)).store(&mut bar.0, at);
        }
        for at in places() {
            fetch_next(y, at);
            fetch_next(x_bar, at);
            load::<SIDE>(&value.0, at).exp_of_minus_abs().store(&mut exp.0, at);
        }
        for at in places() {
            let (tanh, exp) = (load::<SIDE>(&value.0, at), load(&exp.0, at));
            tanh.softplus(exp).store(&mut value.0, at);
            tanh.sigmoid(exp).times(load(&bar.0, at)).store(&mut bar.0, at);
        }
        for at in places() {
            let softplus = load::<SIDE>(&value.0, at);
            let (sigmoid, silu): (Vectors<SIDE>, _) = softplus.silu();
            silu.store(y, at);
            let slope = silu.from(sigmoid, sigmoid).plus(silu);
            slope.times(load(&bar.0, at)).store(x_bar, at);
        }
    }
}
