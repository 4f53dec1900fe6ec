//! How fast the elementary functions are, on data in the cache nearby.
//!
//! `cargo bench --bench functions [-- NAMES]` prints it for all sets of instructions that this machine has,
//! with one vector after the other and with several side by side: the time of a pass over 2048
//! elements, and elements in a second.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use pullback::lanes::math::{self, Function};
#[cfg(target_arch = "aarch64")]
use pullback::lanes::neon::{F32x4, F64x2};
#[cfg(target_arch = "x86_64")]
use pullback::lanes::x86::{F32x8, F32x16, F64x4, F64x8};
use pullback::lanes::{Array, Float, Kernel, Lanes, Wide};
use pullback::{Real, Scalar};
use std::fmt;
use std::marker::PhantomData;

fn main() {
    divan::main();
}

/// Elements of an array: a quarter of the smallest usual cache of the first level.
const LEN: usize = 1 << 11;

/// `to = f(from)`
struct Apply<'a, T, F> {
    from: &'a [T],
    to: &'a mut [T],
    f: PhantomData<F>,
}

impl<T: Real, F: Function> Kernel<T> for Apply<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) {
        assert!(self.from.len() == self.to.len() && self.from.len().is_multiple_of(V::N));
        let mut i = 0;
        while i < self.from.len() {
            // SAFETY: N divides the length of both.
            unsafe {
                F::lanes(V::load(self.from.as_ptr().add(i))).store(self.to.as_mut_ptr().add(i))
            };
            i += V::N;
        }
    }
}

/// One call; `None` where the machine lacks the lanes.
fn apply<V: Lanes<Scalar: Real>, F: Function>(
    from: &[V::Scalar],
    to: &mut [V::Scalar],
) -> Option<()> {
    V::call(Apply { from, to, f: PhantomData::<F> })
}

fn time<V: Lanes<Scalar: Real>, F: Function>(bencher: Bencher<'_, '_>) {
    let at = |i: usize| (i * 7919 % LEN) as f64 / LEN as f64 * 8.0 - 4.0;
    let from: Vec<V::Scalar> = (0..LEN).map(|i| V::Scalar::from_f64(at(i).abs() + 0.01)).collect();
    let mut to = from.clone();
    bencher
        .counter(ItemsCount::new(LEN))
        .bench_local(|| apply::<V, F>(black_box(&from), black_box(&mut to)));
}

/// A function on some lanes.
struct Case {
    name: &'static str,
    time: fn(Bencher<'_, '_>),
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A function on all lanes that this machine has.
fn cases<F: Function>() -> Vec<Case> {
    let mut cases = Vec::new();
    macro_rules! on {
        ($($name:literal $V:ty,)*) => {$(
            if apply::<$V, F>(&[], &mut []).is_some() {
                cases.push(Case { name: $name, time: time::<$V, F> });
            }
        )*};
    }
    #[cfg(target_arch = "x86_64")]
    on! {
        "f32 avx512" F32x16,
        "f32 avx512 ×2" Wide<F32x16, 2>,
        "f32 avx512 ×4" Wide<F32x16, 4>,
        "f32 avx2" F32x8,
        "f32 avx2 ×2" Wide<F32x8, 2>,
        "f32 avx2 ×4" Wide<F32x8, 4>,
        "f64 avx512" F64x8,
        "f64 avx512 ×2" Wide<F64x8, 2>,
        "f64 avx512 ×4" Wide<F64x8, 4>,
        "f64 avx2" F64x4,
        "f64 avx2 ×2" Wide<F64x4, 2>,
        "f64 avx2 ×4" Wide<F64x4, 4>,
    }
    #[cfg(target_arch = "aarch64")]
    on! {
        "f32 neon" F32x4,
        "f32 neon ×2" Wide<F32x4, 2>,
        "f32 neon ×4" Wide<F32x4, 4>,
        "f64 neon" F64x2,
        "f64 neon ×2" Wide<F64x2, 2>,
        "f64 neon ×4" Wide<F64x2, 4>,
    }
    on! {
        "f32 portable" Array<f32, 4>,
        "f64 portable" Array<f64, 2>,
    }
    cases
}

/// The square root, which is an instruction.
struct Sqrt;

impl Function for Sqrt {
    fn float<V: Float>(x: V) -> V {
        x.root()
    }
    #[inline(always)]
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
        x.sqrt()
    }
}

macro_rules! functions {
    ($($name:ident $Name:path;)*) => {$(
        #[divan::bench(args = cases::<$Name>())]
        fn $name(bencher: Bencher<'_, '_>, case: &Case) {
            (case.time)(bencher);
        }
    )*};
}
functions! {
    exp math::Exp;
    exp_m1 math::ExpM1;
    ln math::Ln;
    ln_1p math::Ln1p;
    tanh math::Tanh;
    sigmoid math::Sigmoid;
    softplus math::Softplus;
    erf math::Erf;
    sinh math::Sinh;
    cosh math::Cosh;
    sin math::Sin;
    cos math::Cos;
    sqrt Sqrt;
}
