//! How long the elementary functions take: nanoseconds per element, on data in the cache nearby.
//!
//! `cargo bench --bench functions [-- names]` prints a table for `f32` and one for `f64`.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use pullback::lanes::math::{self, Function};
use pullback::lanes::{Array, Kernel, Lanes, Wide};
use pullback::{Real, Scalar};
use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;

/// Elements of an array: a quarter of the smallest usual cache of the first level.
const LEN: usize = 1 << 11;
/// Passes over it per measurement.
const PASSES: usize = 200;
/// Measurements, of which the shortest counts.
const MEASUREMENTS: usize = 25;

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

/// Nanoseconds per element; `None` where the machine lacks the lanes.
fn time<V: Lanes<Scalar: Real>, F: Function>() -> Option<f64> {
    let at = |i: usize| (i * 7919 % LEN) as f64 / LEN as f64 * 8.0 - 4.0;
    let from: Vec<V::Scalar> = (0..LEN).map(|i| V::Scalar::from_f64(at(i).abs() + 0.01)).collect();
    let mut to = from.clone();
    let mut best = f64::INFINITY;
    for _ in 0..MEASUREMENTS {
        let start = Instant::now();
        for _ in 0..PASSES {
            V::call(Apply { from: black_box(&from), to: black_box(&mut to), f: PhantomData::<F> })?;
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    Some(best * 1e9 / (LEN * PASSES) as f64)
}

/// The square root, which is an instruction.
struct Sqrt;

impl Function for Sqrt {
    fn float<V: pullback::lanes::Float>(x: V) -> V {
        x.root()
    }
    #[inline(always)]
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
        x.sqrt()
    }
}

fn row<F: Function>(name: &str, single: bool, wanted: &[String]) {
    #[cfg(target_arch = "x86_64")]
    use pullback::lanes::x86::{F32x8, F32x16, F64x4, F64x8};
    if !wanted.is_empty() && !wanted.iter().any(|word| word == name) {
        return;
    }
    let mut times = Vec::new();
    if single {
        #[cfg(target_arch = "x86_64")]
        times.extend([
            time::<F32x16, F>(),
            time::<Wide<F32x16, 2>, F>(),
            time::<Wide<F32x16, 4>, F>(),
            time::<F32x8, F>(),
            time::<Wide<F32x8, 2>, F>(),
            time::<Wide<F32x8, 4>, F>(),
        ]);
        times.push(time::<Array<f32, 4>, F>());
    } else {
        #[cfg(target_arch = "x86_64")]
        times.extend([
            time::<F64x8, F>(),
            time::<Wide<F64x8, 2>, F>(),
            time::<Wide<F64x8, 4>, F>(),
            time::<F64x4, F>(),
            time::<Wide<F64x4, 2>, F>(),
            time::<Wide<F64x4, 4>, F>(),
        ]);
        times.push(time::<Array<f64, 2>, F>());
    }
    let cell = |time: &Option<f64>| time.map_or("–".to_string(), |time| format!("{time:.3}"));
    let cells: Vec<String> = times.iter().map(cell).collect();
    println!("| {name} | {} |", cells.join(" | "));
}

macro_rules! table {
    ($single:ident, $wanted:ident: $($Name:path, $name:ident;)*) => {
        $(row::<$Name>(stringify!($name), $single, &$wanted);)*
    };
}

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for single in [true, false] {
        println!(
            "| {} | avx512 | ×2 | ×4 | avx2 | ×2 | ×4 | portable |",
            if single { "f32" } else { "f64" }
        );
        println!("|---|---|---|---|---|---|---|---|");
        table! { single, wanted:
            math::Exp, exp; math::ExpM1, exp_m1; math::Ln, ln; math::Ln1p, ln_1p; math::Tanh, tanh;
            math::Sigmoid, sigmoid; math::Softplus, softplus; math::Erf, erf; math::Sinh, sinh;
            math::Cosh, cosh; math::Sin, sin; math::Cos, cos; Sqrt, sqrt;
        }
        println!();
    }
}
