//! The greatest errors of the elementary functions, in units of the last place.
//!
//! `cargo bench --bench ulp [-- stride=N] [names]` prints a table. With a stride of 1, which is the
//! default, it tries every number of type `f32` on every set of instructions that the machine has.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use pullback::Real;
use pullback::lanes::math::{self, Function};
use pullback::lanes::{Array, Kernel, Lanes, Wide};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

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
        assert_eq!(self.from.len(), self.to.len());
        let mut i = 0;
        while i < self.from.len() {
            let left = self.from.len() - i;
            // SAFETY: so many are left in both.
            unsafe {
                let x = V::load_part(self.from.as_ptr().add(i), left);
                F::lanes(x).store_part(self.to.as_mut_ptr().add(i), left);
            }
            i += V::N;
        }
    }
}

/// The distance of `y` from what is right, in units of the last place of `f32`.
fn error_32(y: f32, right: f64) -> f64 {
    let rounded = right as f32;
    if y.is_nan() || right.is_nan() {
        return if y.is_nan() && right.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if rounded == 0.0 && y == 0.0 && right == 0.0 {
        // The sign of zero counts.
        return if y.is_sign_negative() == right.is_sign_negative() { 0.0 } else { f64::INFINITY };
    }
    if y.is_infinite() || rounded.is_infinite() {
        if y == rounded {
            return 0.0;
        }
        if right.is_infinite() {
            return f64::INFINITY;
        }
        // Infinity stands for the number after the greatest.
        let value =
            |y: f32| if y.is_infinite() { 2f64.powi(128).copysign(y.into()) } else { y.into() };
        return (value(y) - right).abs() / 2f64.powi(104);
    }
    let exponent = ((right.abs().to_bits() >> 52) as i32 - 1023).max(-126);
    (f64::from(y) - right).abs() / 2f64.powi(exponent - 23)
}

/// The greatest error of a function and where it is.
#[derive(Clone, Copy)]
struct Worst {
    error: f64,
    at: f64,
}

impl Worst {
    fn worse(self, other: Worst) -> Worst {
        if other.error > self.error { other } else { self }
    }
}

/// Every `stride`-th number of type `f32`.
fn worst_32<V: Lanes<Scalar = f32>, F: Function>(
    right: fn(f64) -> f64,
    stride: u32,
) -> Option<Worst> {
    /// Numbers at a time.
    const BLOCK: u32 = 1 << 12;
    let next = AtomicU32::new(0);
    let work = || {
        let mut worst = Worst { error: 0.0, at: 0.0 };
        let (mut from, mut to) = (Vec::new(), Vec::new());
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= (1 << 20) {
                return Some(worst);
            }
            from.clear();
            from.extend((0..BLOCK).step_by(stride as usize).map(|i| {
                // Blocks are shifted so that all low bits occur.
                f32::from_bits(
                    block * BLOCK + (i + block.wrapping_mul(2_654_435_761) % stride).min(BLOCK - 1),
                )
            }));
            to.resize(from.len(), 0.0);
            V::call(Apply { from: &from, to: &mut to, f: PhantomData::<F> })?;
            for (x, y) in from.iter().zip(&to) {
                let error = error_32(*y, right(f64::from(*x)));
                worst = worst.worse(Worst { error, at: f64::from(*x) });
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = handles.into_iter().map(|handle| handle.join().expect("no panic"));
        results.reduce(|a, b| Some(a?.worse(b?))).flatten()
    })
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

struct Options {
    stride: u32,
    names: Vec<String>,
}

fn row<F: Function>(name: &str, right: fn(f64) -> f64, options: &Options) {
    #[cfg(target_arch = "x86_64")]
    use pullback::lanes::x86::{F32x8, F32x16};
    if !options.names.is_empty() && !options.names.iter().any(|word| word == name) {
        return;
    }
    let mut all = Vec::new();
    #[cfg(target_arch = "x86_64")]
    all.extend([
        worst_32::<Wide<F32x16, 2>, F>(right, options.stride),
        worst_32::<F32x8, F>(right, options.stride),
    ]);
    all.push(worst_32::<Array<f32, 4>, F>(right, options.stride));
    let cells: Vec<String> = all
        .iter()
        .map(|worst| {
            worst.map_or("–".to_string(), |w| format!("{:.3} at {:e}", w.error, w.at as f32))
        })
        .collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn main() {
    let mut options = Options { stride: 1, names: Vec::new() };
    for word in std::env::args().skip(1) {
        if let Some(stride) = word.strip_prefix("stride=") {
            options.stride = stride.parse().expect("a number");
        } else if !word.starts_with('-') {
            options.names.push(word);
        }
    }
    println!("| function | avx512 | avx2 | portable |");
    println!("|---|---|---|---|");
    row::<math::Exp>("exp", f64::exp, &options);
    row::<math::ExpM1>("exp_m1", f64::exp_m1, &options);
    row::<math::Ln>("ln", f64::ln, &options);
    row::<math::Ln1p>("ln_1p", f64::ln_1p, &options);
    row::<math::Tanh>("tanh", f64::tanh, &options);
    row::<math::Sigmoid>("sigmoid", |x| 1.0 / (1.0 + (-x).exp()), &options);
    row::<math::Softplus>("softplus", |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), &options);
    row::<math::Erf>("erf", Real::erf, &options);
    row::<math::Sinh>("sinh", f64::sinh, &options);
    row::<math::Cosh>("cosh", f64::cosh, &options);
    row::<math::Sin>("sin", f64::sin, &options);
    row::<math::Cos>("cos", f64::cos, &options);
    row::<Sqrt>("sqrt", f64::sqrt, &options);
}
