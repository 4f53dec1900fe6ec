//! The greatest errors of the elementary functions, in units of the last place.
//!
//! `cargo bench --bench ulp [-- stride=N] [samples=N] [names]` prints a table: for `f32` over every
//! number there is (or every `stride`-th) and for `f64` over ten million samples, each on every set of
//! instructions that the machine has.
//!
//! `f32` is compared with `f64`. For `f64`, the samples furthest from the standard library are
//! compared with 200 bits; since the library is within an ulp, the worst are among them.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use pullback::__private::lanes::math::{self, Function};
use pullback::__private::lanes::{Lanes, OnIsa, OnLanes, OnWide};
use pullback::Real;
use pullback::lanes::Isa;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

type Big = FBig<HalfEven, 2>;

/// `to = f(from)`
struct Apply<'a, T, F> {
    from: &'a [T],
    to: &'a mut [T],
    f: PhantomData<F>,
}

impl<T: Real, F: Function> OnLanes<T> for Apply<'_, T, F> {
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

/// A function on some lanes; `false` where the machine lacks them.
type Run<T> = fn(Isa, &[T], &mut [T]) -> bool;

/// On `C` vectors side by side.
fn run<T: Real + OnIsa, F: Function, const C: usize>(isa: Isa, from: &[T], to: &mut [T]) -> bool {
    let apply = Apply { from, to, f: PhantomData::<F> };
    T::on_isa(isa, OnWide::<_, C>(apply)).is_some()
}

/// The greatest error of a function and where it is.
#[derive(Clone, Copy)]
struct Worst {
    error: f64,
    at: f64,
}

impl Worst {
    const NONE: Worst = Worst { error: 0.0, at: 0.0 };

    fn see(&mut self, error: f64, at: f64) {
        if error > self.error {
            *self = Worst { error, at };
        }
    }
}

/// The distance of `y` from what is right, in units of the last place of `f32`.
fn error_32(y: f32, right: f64) -> f64 {
    let rounded = right as f32;
    if y.is_nan() || right.is_nan() {
        return if y.is_nan() && right.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if right == 0.0 && y == 0.0 {
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

/// The worst of every `stride`-th number of type `f32`, for each of several lanes.
fn worst_32(runs: &[(Isa, Run<f32>)], right: fn(f64) -> f64, stride: u32) -> Vec<Worst> {
    /// Numbers at a time.
    const BLOCK: u32 = 1 << 12;
    let next = AtomicU32::new(0);
    let work = || {
        let mut worst = vec![Worst::NONE; runs.len()];
        let (mut from, mut to, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= 1 << 20 {
                return worst;
            }
            // Blocks begin at different numbers, so that all low bits occur.
            let shift = block.wrapping_mul(2_654_435_761) % stride;
            let numbers = (0..BLOCK).step_by(stride as usize);
            from.clear();
            from.extend(
                numbers.map(|i| f32::from_bits(block * BLOCK + (i + shift).min(BLOCK - 1))),
            );
            to.resize(from.len(), 0.0);
            wanted.clear();
            wanted.extend(from.iter().map(|x| right(f64::from(*x))));
            for ((isa, run), worst) in runs.iter().zip(&mut worst) {
                run(*isa, &from, &mut to);
                for ((x, y), right) in from.iter().zip(&to).zip(&wanted) {
                    worst.see(error_32(*y, *right), f64::from(*x));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut worst = vec![Worst::NONE; runs.len()];
        for handle in handles {
            for (all, one) in worst.iter_mut().zip(handle.join().expect("no panic")) {
                all.see(one.error, one.at);
            }
        }
        worst
    })
}

/// The unit of the last place of `f64` at `x`.
fn ulp_64(x: f64) -> f64 {
    let exponent = ((x.abs().to_bits() >> 52) as i32 - 1023).clamp(-1022, 1023);
    // 2^(exponent − 52), which may be subnormal.
    if exponent < -970 { f64::from_bits(1 << (exponent + 1022)) } else { 2f64.powi(exponent - 52) }
}

/// Whether special results agree; `None` where both are finite and not 0.
fn special_64(y: f64, right: f64) -> Option<f64> {
    if y.is_nan() || right.is_nan() {
        return Some(if y.is_nan() && right.is_nan() { 0.0 } else { f64::INFINITY });
    }
    if y == right && (y == 0.0 || y.is_infinite()) {
        return Some(if y.to_bits() == right.to_bits() { 0.0 } else { f64::INFINITY });
    }
    if y.is_infinite() || right.is_infinite() {
        // One step from the greatest number.
        let step = y.to_bits().abs_diff(right.to_bits()) as f64;
        return Some(if step > 1.0 { f64::INFINITY } else { step });
    }
    None
}

fn big(x: f64) -> Big {
    Big::try_from(x).expect("finite").with_precision(200).value()
}

/// The distance of `y` from what 200 bits say.
fn error_64(x: f64, y: f64, right: fn(Big) -> Big) -> f64 {
    let right = right(big(x));
    let near = right.to_f64().value();
    let distance = (big(y) - right).to_f64().value().abs();
    // Both may be subnormal: the quotient is exact.
    distance / ulp_64(near)
}

/// Numbers that are special to some function.
fn edges() -> Vec<f64> {
    let mut edges = vec![0.0, 1.0, 2.0, 0.5, 0.25, 0.75, 1.5, 4.0 / 3.0, f64::INFINITY, f64::NAN];
    edges.extend([f64::MIN_POSITIVE, f64::MAX, f64::EPSILON, 5e-324, 1e-310, 1e-300, 1e300]);
    // Where results overflow, underflow, saturate and where pieces meet.
    edges.extend([709.782712893384, 710.4758600739439, 745.1332191019412, 708.3964185322641]);
    edges.extend([19.2, 0.5494, 0.5493061443340549, 35.0, 36.7368005696771, 37.42994775023705]);
    edges.extend([38.0, 6.0, 5.921587195794507, 60.0, 1.5e6, std::f64::consts::PI]);
    edges.extend((1..2000).map(|n| f64::from(n) * std::f64::consts::FRAC_PI_2));
    edges.extend((1..3000).map(|n| f64::from(n) * 0.5 * std::f64::consts::LN_2));
    edges.extend((1..3000).map(|n| f64::from(n) * 0.03125 * std::f64::consts::LN_2));
    let mut all = Vec::new();
    for x in edges {
        let bits = x.to_bits();
        for bits in [bits.saturating_sub(1), bits, bits.saturating_add(1)] {
            all.extend([f64::from_bits(bits), -f64::from_bits(bits)]);
        }
    }
    all
}

/// A function of `f64` by several means.
struct Rights {
    quick: fn(f64) -> f64,
    exact: fn(Big) -> Big,
    /// Where 200 bits are enough, and dashu in time.
    domain: fn(f64) -> bool,
}

fn worst_64(runs: &[(Isa, Run<f64>)], rights: &Rights, samples: usize) -> Vec<Worst> {
    /// How many of the worst by the quick measure are measured again. Many are equally bad by that,
    /// so chance decides among them.
    const AGAIN: usize = 20_000;
    let mut random = SmallRng::seed_from_u64(7);
    let mut from = edges();
    let scales = [1.0, 2.0, 8.0, 40.0, 750.0];
    from.extend((0..samples).map(|i| match i % 8 {
        0..3 => f64::from_bits(random.random()),
        // Moderate exponents, all equally.
        3 => f64::exp2(random.random_range(-60.0..10.0)) * if i % 16 == 3 { 1.0 } else { -1.0 },
        scale => random.random_range(-1.0..1.0) * scales[scale - 3],
    }));
    // Lanes that share a vector with great numbers need not be computed as lanes.
    from.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let wanted: Vec<f64> = from.iter().map(|x| (rights.quick)(*x)).collect();
    let mut to = vec![0.0; from.len()];
    runs.iter()
        .map(|(isa, run)| {
            run(*isa, &from, &mut to);
            let mut worst = Worst::NONE;
            let mut suspects = Vec::new();
            for ((x, y), right) in from.iter().zip(&to).zip(&wanted) {
                if let Some(error) = special_64(*y, *right) {
                    worst.see(error, *x);
                } else {
                    let quick = (y - right).abs() / ulp_64(*right);
                    suspects.push((quick, random.random::<u64>(), *x, *y));
                }
            }
            suspects.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (quick, _, x, y) in suspects.into_iter().take(AGAIN) {
                let error = if x != 0.0 && (rights.domain)(x) {
                    error_64(x, y, rights.exact)
                } else {
                    quick
                };
                worst.see(error, x);
            }
            worst
        })
        .collect()
}

struct Options {
    stride: u32,
    samples: usize,
    names: Vec<String>,
}

fn cells(worst: &[Worst]) -> String {
    let cells: Vec<String> =
        worst.iter().map(|worst| format!("{:.3} at {:.4e}", worst.error, worst.at)).collect();
    cells.join(" | ")
}

/// A function on every set of instructions that this machine has, by their names.
struct Sets {
    names: Vec<String>,
    singles: Vec<(Isa, Run<f32>)>,
    doubles: Vec<(Isa, Run<f64>)>,
}

impl Sets {
    fn of<F: Function>() -> Sets {
        let mut sets = Sets { names: Vec::new(), singles: Vec::new(), doubles: Vec::new() };
        sets.add(Isa::Avx512, run::<f32, F, 2>, run::<f64, F, 2>);
        sets.add(Isa::Avx2, run::<f32, F, 1>, run::<f64, F, 1>);
        sets.add(Isa::Neon, run::<f32, F, 4>, run::<f64, F, 1>);
        sets.add(Isa::Portable, run::<f32, F, 1>, run::<f64, F, 2>);
        sets
    }

    fn add(&mut self, isa: Isa, single: Run<f32>, double: Run<f64>) {
        if single(isa, &[0.0], &mut [0.0]) {
            self.names.push(isa.to_string());
            self.singles.push((isa, single));
            self.doubles.push((isa, double));
        }
    }
}

fn row<F: Function>(name: &str, right: fn(f64) -> f64, rights: &Rights, options: &Options) {
    if !options.names.is_empty() && !options.names.iter().any(|word| word == name) {
        return;
    }
    let Sets { singles, doubles, .. } = Sets::of::<F>();
    let single = worst_32(&singles, right, options.stride);
    let double = worst_64(&doubles, rights, options.samples);
    println!("| {name} | {} | {} |", cells(&single), cells(&double));
}

fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

fn one() -> Big {
    big(1.0)
}

/// The Taylor series to 400 bits, because its terms grow and it may be near 1.
fn erf_exact(x: Big) -> Big {
    let x = x.with_precision(400).value();
    let (z, mut term, mut sum) = (&x * &x, x.clone(), x.clone());
    for n in 1..400u32 {
        term = -(term * &z) / Big::from(n).with_precision(400).value();
        sum += &term / Big::from(2 * n + 1).with_precision(400).value();
    }
    let pi = Big::try_from(0.5).expect("finite").with_precision(400).value().acos();
    // acos(1/2) = π/3
    let pi = pi * Big::from(3u32);
    sum * Big::from(2u32) / pi.sqrt()
}

fn erfc_exact(x: Big) -> Big {
    let x = x.with_precision(400).value();
    (one().with_precision(400).value() - erf_exact(x)).with_precision(200).value()
}

fn pi() -> Big {
    big(0.5).acos() * Big::from(3u32)
}

/// `e/(1 + e)²`
fn logistic_density(e: Big) -> Big {
    &e / ((one() + &e) * (one() + &e))
}

fn ln_2() -> Big {
    big(2.0).ln()
}

fn asinh_exact(x: Big) -> Big {
    let y = |x: Big| (&x + (&x * &x + one()).sqrt()).ln();
    if x < Big::ZERO { -y(-x) } else { y(x) }
}

fn main() {
    let mut options = Options { stride: 1, samples: 10_000_000, names: Vec::new() };
    for word in std::env::args().skip(1) {
        if let Some(stride) = word.strip_prefix("stride=") {
            options.stride = stride.parse().expect("a number");
        } else if let Some(samples) = word.strip_prefix("samples=") {
            options.samples = samples.parse().expect("a number");
        } else if !word.starts_with('-') {
            options.names.push(word);
        }
    }
    let names = Sets::of::<math::Sqrt>().names;
    println!("| function | f32 {0} | f64 {0} |", names.join(" | "));
    println!("|---{}|", "|---".repeat(2 * names.len()));
    macro_rules! rows {
        ($($Name:path, $name:ident, $quick:expr, $exact:expr, $domain:expr;)*) => {$(
            let rights = Rights { quick: $quick, exact: $exact, domain: $domain };
            row::<$Name>(stringify!($name), $quick, &rights, &options);
        )*};
    }
    rows! {
        math::Exp, exp, f64::exp, |x| x.exp(), |_| true;
        math::ExpM1, exp_m1, f64::exp_m1, |x| x.exp_m1(), |_| true;
        math::Ln, ln, f64::ln, |x| x.ln(), |_| true;
        math::Ln1p, ln_1p, f64::ln_1p, |x| x.ln_1p(), |_| true;
        math::Tanh, tanh, f64::tanh, |x| x.tanh(), |x| x.abs() > 1e-30;
        math::Sigmoid, sigmoid, sigmoid, |x| one() / (one() + (-x).exp()), |x| x < 100.0;
        math::Softplus, softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p(),
            |x| x.exp().ln_1p(), |x| x < 100.0;
        math::Erf, erf, Real::erf, |x| erf_exact(x).with_precision(200).value(), |x| x.abs() < 6.0 && x.abs() > 1e-30;
        math::Erfc, erfc, Real::erfc, erfc_exact, |x| x.abs() < 6.0 && x.abs() > 1e-30;
        math::NormalCdf, normal_cdf, Real::normal_cdf, |x| erfc_exact(-x * big(0.5).sqrt()) / big(2.0),
            |x| x.abs() < 8.0 && x.abs() > 1e-30;
        math::NormalPdf, normal_pdf, Real::normal_pdf, |x| (-(&x * &x) / big(2.0)).exp() / (big(2.0) * pi()).sqrt(),
            |x| x.abs() < 40.0 && x.abs() > 1e-30;
        math::Gaussian, gaussian, Real::gaussian, |x| (-(&x * &x)).exp(), |x| x.abs() < 40.0 && x.abs() > 1e-30;
        math::SigmoidSlope, sigmoid_slope, Real::sigmoid_slope, |x| logistic_density((-x).exp()), |x| x.abs() < 750.0;
        math::TanhSlope, tanh_slope, Real::tanh_slope,
            |x| big(4.0) * logistic_density((big(-2.0) * x).exp()), |x| x.abs() < 375.0;
        math::Sinh, sinh, f64::sinh, |x| x.sinh(), |x| x.abs() > 1e-30;
        math::Cosh, cosh, f64::cosh, |x| x.cosh(), |x| x.abs() > 1e-30;
        math::Sin, sin, f64::sin, |x| x.sin(), |x| x.abs() > 1e-30 && x.abs() < 1e20;
        math::Cos, cos, f64::cos, |x| x.cos(), |x| x.abs() > 1e-30 && x.abs() < 1e20;
        math::Exp2, exp2, f64::exp2, |x| (x * ln_2()).exp(), |_| true;
        math::Asinh, asinh, Real::asinh, asinh_exact, |x| x.abs() > 1e-20;
        math::Acosh, acosh, Real::acosh, |x| (&x + (&x * &x - one()).sqrt()).ln(), |x| x > 1.0;
        math::Atanh, atanh, Real::atanh, |x| ((one() + &x) / (one() - x)).ln() / big(2.0),
            |x| x.abs() > 1e-20 && x.abs() < 1.0;
        math::Floor, floor, f64::floor, |x| x.floor(), |_| true;
        math::Sqrt, sqrt, f64::sqrt, |x| x.sqrt(), |_| true;
    }
}
