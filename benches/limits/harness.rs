//! How two ways to compute a workload are compared and timed.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::hint::black_box;
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
use std::{sync::OnceLock, time::Instant};

/// Says that the machine has AVX2 and FMA: there is one only where they were found.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    pub(crate) fn found() -> Option<Avx2> {
        let found = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        found.then_some(Avx2(()))
    }
}

/// A workload with its inputs, in both ways.
pub(crate) trait Limit {
    const NAME: &'static str;

    /// With so many samples, if it has a batch.
    fn new(machine: Avx2, batch: Option<usize>) -> Self;

    fn by_hand(&mut self);

    fn pullback(&mut self);

    /// Runs both once and gives their results, the library's first.
    fn results(&mut self) -> Vec<Pair>;
}

/// A result of the library and of the program.
pub(crate) struct Pair {
    name: &'static str,
    pullback: Vec<f32>,
    by_hand: Vec<f32>,
}

impl Pair {
    pub(crate) fn new(name: &'static str, pullback: &[f32], by_hand: &[f32]) -> Pair {
        Pair { name, pullback: pullback.to_vec(), by_hand: by_hand.to_vec() }
    }

    /// The greatest difference, of the greatest number.
    fn difference(&self) -> f32 {
        assert_eq!(self.pullback.len(), self.by_hand.len(), "{}", self.name);
        // NaN is greater than anything, and `f32::max` would pass over it.
        let greater = |a: f32, b: f32| if a > b { a } else { b };
        let both = self.pullback.iter().zip(&self.by_hand);
        let most = both.clone().map(|(a, b)| (a - b).abs()).fold(0.0, greater);
        most / self.by_hand.iter().map(|b| b.abs()).fold(f32::MIN_POSITIVE, greater)
    }
}

/// The greatest difference that there may be.
const TOLERANCE: f32 = 1e-4;
/// Samples of a batch that is only compared; not a whole number of tiles.
const FEW: usize = 10;
/// How often both are timed, one after the other.
const ROUNDS: usize = 25;
/// How long a round of one of them is, in seconds, unless a single call is longer.
const ROUND: f64 = 0.02;

/// A table with a row for every workload.
pub(crate) struct Table {
    machine: Avx2,
    is_timed: bool,
    names: Vec<String>,
}

impl Table {
    /// A table of the workloads whose names contain one of these, or of all.
    pub(crate) fn new(machine: Avx2, is_timed: bool, names: Vec<String>) -> Table {
        if is_timed {
            println!("| workload | by hand µs | pullback µs | ratio |\n|---|--:|--:|--:|");
        }
        Table { machine, is_timed, names }
    }

    pub(crate) fn row<L: Limit>(&self) {
        if !self.names.is_empty() && !self.names.iter().any(|name| L::NAME.contains(&**name)) {
            return;
        }
        let mut limit = L::new(self.machine, if self.is_timed { None } else { Some(FEW) });
        for pair in limit.results() {
            let difference = pair.difference();
            let (name, result) = (L::NAME, pair.name);
            assert!(difference <= TOLERANCE, "{name}: {result} differs by {difference:.1e}");
        }
        if !self.is_timed {
            return;
        }
        let (mut by_hand, mut pullback) = (f64::INFINITY, f64::INFINITY);
        let (hand_calls, pullback_calls) =
            (calls(|| black_box(&mut limit).by_hand()), calls(|| black_box(&mut limit).pullback()));
        for _ in 0..ROUNDS {
            by_hand = by_hand.min(seconds(hand_calls, || black_box(&mut limit).by_hand()));
            pullback = pullback.min(seconds(pullback_calls, || black_box(&mut limit).pullback()));
        }
        let ratio = pullback / by_hand;
        let (by_hand, pullback) = (1e6 * by_hand, 1e6 * pullback);
        println!("| {} | {by_hand:.3} | {pullback:.3} | {ratio:.2} |", L::NAME);
    }
}

/// How many calls fill a round; by then everything is warm.
fn calls(mut f: impl FnMut()) -> usize {
    let mut calls = 1;
    loop {
        let took = seconds(calls, &mut f) * calls as f64;
        if took >= ROUND / 2.0 {
            return ((calls as f64 * ROUND / took) as usize).max(1);
        }
        calls *= 2;
    }
}

/// Seconds that each of so many calls takes.
fn seconds(calls: usize, mut f: impl FnMut()) -> f64 {
    let start = clock();
    for _ in 0..calls {
        f();
    }
    (clock() - start) / calls as f64
}

/// Seconds that this thread has run, so that other programs on the machine count little.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn clock() -> f64 {
    #[repr(C)]
    struct Timespec {
        seconds: i64,
        nanoseconds: i64,
    }
    unsafe extern "C" {
        safe fn clock_gettime(clock: i32, time: &mut Timespec) -> i32;
    }
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    assert_eq!(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time), 0, "the clock can be read");
    time.seconds as f64 + 1e-9 * time.nanoseconds as f64
}

/// Elsewhere the clock on the wall stands in for it.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Uniform numbers between two bounds, always the same for the same name.
pub(crate) fn numbers(name: &str, len: usize, low: f32, high: f32) -> Vec<f32> {
    let mix = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(byte.into());
    let mut rng = StdRng::seed_from_u64(name.bytes().fold(7, mix));
    (0..len).map(|_| rng.random_range(low..high)).collect()
}

/// Parameters of a layer with so many inputs.
pub(crate) fn parameters(name: &str, inputs: usize, len: usize) -> Vec<f32> {
    let most = 1.0 / (inputs as f32).sqrt();
    numbers(name, len, -most, most)
}
