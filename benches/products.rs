//! How near matrix products come to the most that the processor can multiply and add.
//!
//! `cargo bench --bench products [-- SHAPE]` times the products that networks are made of, on one core, on the
//! instructions that [`isa`] names, and prints GFLOP/s and their share of a loop of fused multiplications and
//! additions that does nothing else. `PULLBACK_ISA=avx2` asks for those of AVX2.

use pullback::__private::k::{
    __Axis, __Body, __Lanes as Lanes, __OnLanes as OnLanes, __contract, __lanes, __packed, __read2,
    __scratch, __write2,
};
use pullback::__private::lanes::OnIsa;
use pullback::lanes::isa;
use std::hint::black_box;
use std::time::Instant;

/// Which way the factors lie in memory.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// `a[i][p] · b[p][j]`: a layer.
    Layer,
    /// `a[i][p] · b[j][p]`: the cotangent of its input.
    Input,
    /// `a[p][i] · b[p][j]`, added to what is there: that of its weight.
    Weight,
}

struct Shape {
    name: &'static str,
    sizes: [usize; 3],
    layout: Layout,
}

const fn shape(name: &'static str, sizes: [usize; 3], layout: Layout) -> Shape {
    Shape { name, sizes, layout }
}

/// Rows, columns and steps.
const SHAPES: &[Shape] = &[
    shape("tiles", [96, 16, 256], Layout::Layer),
    shape("W7", [256, 1024, 1024], Layout::Layer),
    shape("W7 x", [256, 1024, 1024], Layout::Input),
    shape("W7 W", [1024, 1024, 256], Layout::Weight),
    shape("W2 1", [64, 256, 784], Layout::Layer),
    shape("W2 2", [64, 128, 256], Layout::Layer),
    shape("W2 2 x", [64, 256, 128], Layout::Input),
    shape("W2 1 W", [784, 256, 64], Layout::Weight),
    shape("W2 2 W", [256, 128, 64], Layout::Weight),
    shape("W5 qkv", [64, 384, 128], Layout::Layer),
    shape("W5 qkv x", [64, 128, 384], Layout::Input),
    shape("W5 qkv W", [128, 384, 64], Layout::Weight),
    shape("W5 scores", [64, 64, 32], Layout::Input),
    shape("W5 values", [64, 32, 64], Layout::Layer),
    shape("W5 ff1", [64, 512, 128], Layout::Layer),
    shape("W5 ff1 x", [64, 128, 512], Layout::Input),
    shape("W5 ff1 W", [128, 512, 64], Layout::Weight),
    shape("W5 ff2", [64, 128, 512], Layout::Layer),
    shape("W5 ff2 W", [512, 128, 64], Layout::Weight),
    shape("W5 x8 ff1", [512, 512, 128], Layout::Layer),
    shape("W5 x8 ff2 W", [512, 128, 512], Layout::Weight),
    shape("MiniLM qkv", [32, 1152, 384], Layout::Layer),
    shape("MiniLM ff1", [32, 1536, 384], Layout::Layer),
    shape("MiniLM ff2", [32, 384, 1536], Layout::Layer),
    shape("MiniLM x16 ff1", [512, 1536, 384], Layout::Layer),
];

struct Biased;
impl<T: pullback::Scalar> __Body<T, 1, 1, 1> for Biased {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(made: [V; 1], read: [V; 1]) -> [V; 1] {
        [made[0] + read[0]]
    }
}

struct Sum;
impl<T: pullback::Scalar> __Body<T, 1, 0, 1> for Sum {
    const COPIES: bool = true;
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(made: [V; 1], _: [V; 0]) -> [V; 1] {
        made
    }
}

/// A product on its factors.
struct Product<'a, T> {
    shape: &'a Shape,
    a: &'a [T],
    b: &'a [T],
    bias: &'a [T],
    to: &'a mut [T],
    packed: &'a mut [T],
}

impl<T: pullback::Scalar> OnLanes<T> for Product<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) {
        let Product { shape: Shape { sizes: [m, n, k], layout, .. }, a, b, bias, to, packed } =
            self;
        let (m, n, k) = (*m, *n, *k);
        let (rows, columns) = (__Axis::<0, 1, false>, __Axis::<0, 1, true>);
        let sizes = [m, n, k];
        let mut scratch = __scratch(packed, m, false, 1);
        let (v, s) = (__lanes::<V>(), &mut scratch);
        let bias = [__read2(bias, [], [0, 1])];
        match layout {
            Layout::Layer => {
                let (a, b) = (__read2(a, [], [k, 1]), __read2(b, [], [n, 1]));
                let to = [__write2(to, [], [n, 1], false)];
                __contract(v, (rows, columns), s, [], sizes, a, b, bias, to, Biased);
            }
            Layout::Input => {
                let (a, b) = (__read2(a, [], [k, 1]), __read2(b, [], [1, k]));
                let to = [__write2(to, [], [n, 1], false)];
                __contract(v, (rows, columns), s, [], sizes, a, b, bias, to, Biased);
            }
            Layout::Weight => {
                let (a, b) = (__read2(a, [], [1, m]), __read2(b, [], [n, 1]));
                let to = [__write2(to, [], [n, 1], true)];
                __contract(v, (rows, columns), s, [], sizes, a, b, [], to, Sum);
            }
        }
    }
}

/// Fused multiplications and additions in registers; how many numbers go through each step.
struct Peak(usize);

impl<T: pullback::Scalar> OnLanes<T> for Peak {
    type Output = usize;
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) -> usize {
        const SUMS: usize = 12;
        let x = V::splat(black_box(T::ONE));
        let mut sums = [x; SUMS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = sum.mul_add(x, x);
            }
        }
        for sum in sums {
            black_box(sum.sum());
        }
        SUMS * V::N
    }
}

/// The least seconds of a call, in about half a second.
fn least(mut f: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut least = f64::INFINITY;
    while start.elapsed().as_secs_f64() < 0.4 {
        let (clock, mut calls) = (Instant::now(), 0);
        while clock.elapsed().as_secs_f64() < 2e-3 {
            f();
            calls += 1;
        }
        least = least.min(clock.elapsed().as_secs_f64() / f64::from(calls));
    }
    least
}

fn gflops<T: OnIsa>(shape: &Shape) -> f64 {
    let [m, n, k] = shape.sizes;
    let numbers = |len: usize| -> Vec<T> {
        (0..len).map(|i| T::from_f64(((i * 7919) % 1009) as f64 / 1009.0 - 0.5)).collect()
    };
    let (a, b, bias) = (numbers(m * k), numbers(k * n), numbers(n));
    let (mut to, mut packed) = (numbers(m * n), numbers(__packed(m, k, true)));
    let seconds = least(|| {
        let (to, packed) = (&mut to[..], &mut packed[..]);
        let product = Product { shape, a: &a, b: &b, bias: &bias, to, packed };
        T::on_isa(isa(), black_box(product)).expect("the machine has what it runs on");
    });
    2.0 * (m * n * k) as f64 / seconds * 1e-9
}

fn peak<T: OnIsa>() -> f64 {
    let mut numbers = 0;
    let seconds = least(|| {
        numbers =
            T::on_isa(isa(), Peak(black_box(10_000))).expect("the machine has what it runs on");
    });
    2.0 * (10_000 * numbers) as f64 / seconds * 1e-9
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let peaks = (peak::<f32>(), peak::<f64>());
    println!(
        "{}: fused multiplications and additions: f32 {:.1}, f64 {:.1} GFLOP/s",
        isa(),
        peaks.0,
        peaks.1
    );
    println!(
        "| product | rows × columns × steps | f32 GFLOP/s | of peak | f64 GFLOP/s | of peak |"
    );
    println!("|---|---|--:|--:|--:|--:|");
    for shape in SHAPES {
        if wanted.iter().any(|wanted| !shape.name.contains(&**wanted)) {
            continue;
        }
        let [m, n, k] = shape.sizes;
        let (single, double) = (gflops::<f32>(shape), gflops::<f64>(shape));
        println!(
            "| {} | {m} × {n} × {k} | {single:.1} | {:.0} % | {double:.1} | {:.0} % |",
            shape.name,
            100.0 * single / peaks.0,
            100.0 * double / peaks.1,
        );
    }
}
