//! What it costs that sums of many numbers are exact to a few units of the last place.
//!
//! `cargo bench --bench sums` times sums and dot products of `f32` beside loops on the same vectors that add to four
//! sums and nothing else, and prints the relative errors of both.

#![allow(unsafe_code, reason = "lanes are read through pointers")]

use pullback::__private::lanes::OnIsa;
use pullback::__private::lanes::{Lanes, OnLanes};
use pullback::lanes::isa;
use pullback::model;
use std::hint::black_box;
use std::time::Instant;

model! {
    Sum4096: [4096] -> [] { sum }
    Sum65536: [65536] -> [] { sum }
    Sum1000000: [1000000] -> [] { sum }
    Dot4096(x: [4096], y: [4096]) -> [] { dot(x, y) }
    Dot65536(x: [65536], y: [65536]) -> [] { dot(x, y) }
    Dot1000000(x: [1000000], y: [1000000]) -> [] { dot(x, y) }
}

/// The sum of products, or without a second factor of numbers, in four vectors that only grow.
struct Plain<'a>(&'a [f32], Option<&'a [f32]>);

impl OnLanes<f32> for Plain<'_> {
    type Output = f32;
    #[inline(always)]
    fn run<V: Lanes<Scalar = f32>>(self) -> f32 {
        let Plain(x, y) = self;
        assert!(y.is_none_or(|y| y.len() == x.len()) && x.len().is_multiple_of(4 * V::N));
        let mut sums = [V::splat(0.0); 4];
        let mut at = 0;
        while at < x.len() {
            for sum in &mut sums {
                // SAFETY: four vectors divide the length of both.
                unsafe {
                    let a = V::load(x.as_ptr().add(at));
                    *sum = match y {
                        Some(y) => a.mul_add(V::load(y.as_ptr().add(at)), *sum),
                        None => a + *sum,
                    };
                }
                at += V::N;
            }
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
    }
}

fn plain(x: &[f32], y: Option<&[f32]>) -> f32 {
    f32::on_isa(isa(), Plain(x, y)).expect("the machine has what it runs on")
}

/// The least time of a call in microseconds, and what it returned.
fn least(mut f: impl FnMut() -> f32) -> (f64, f32) {
    let value = f();
    let passes = (0..60).map(|_| {
        let start = Instant::now();
        for _ in 0..20 {
            black_box(f());
        }
        start.elapsed().as_secs_f64() * 1e6 / 20.0
    });
    (passes.fold(f64::INFINITY, f64::min), value)
}

/// A line of the table; the numbers are equal, of which the rounding goes one way.
fn row(name: &str, exact: f64, ours: (f64, f32), plain: (f64, f32)) {
    let error = |value: f32| (f64::from(value) / exact - 1.0).abs();
    println!(
        "| {name} | {:.2} | {:.2} | {:.2} | {:.1e} | {:.1e} |",
        ours.0,
        plain.0,
        ours.0 / plain.0,
        error(ours.1),
        error(plain.1)
    );
}

fn main() {
    println!("| of | µs | plain µs | ratio | error | plain error |\n|---|--:|--:|--:|--:|--:|");
    let number = 0.1f32;
    macro_rules! sums {
        ($($Sum:ident $Dot:ident $n:literal),*) => {$({
            let xs: Box<[[f32; $n]]> = vec![[number; $n]].into();
            let x = &xs[0];
            let (net, exact) = (&$Sum::<f32>::zeros(), f64::from(number) * $n as f64);
            let ours = least(|| net.forward(black_box(x)));
            row(concat!("sum of ", $n), exact, ours, least(|| plain(black_box(x), None)));
            let (net, exact) = (&$Dot::<f32>::zeros(), exact * f64::from(number));
            let ours = least(|| net.forward(black_box(x), black_box(x)));
            row(concat!("dot product of ", $n), exact, ours, least(|| plain(black_box(x), Some(x))));
        })*};
    }
    sums!(Sum4096 Dot4096 4096, Sum65536 Dot65536 65536, Sum1000000 Dot1000000 1000000);
}
