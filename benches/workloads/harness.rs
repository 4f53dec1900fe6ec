//! What a workload is, and how it is timed and reported.

use crate::check::Check;
use crate::data::{Data, Group, Results};
use crate::float::Float;
use crate::system;
use pullback::optim::Sgd;
use pullback::{Model, Workspace};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// A workload by its types: in each precision the library's way and that of hand-written loops.
pub(crate) trait Family {
    const NAME: &'static str;
    /// What one call computes.
    const ABOUT: &'static str;
    /// The folder of its tensors in the data of the peer benchmarks, if they have it.
    const GROUP: Option<&'static str>;
    /// Whether there are hand-written loops. Where there are none, the library in `f64` tells what is
    /// right unless there is a reference, and the reference tells about `f64` as well.
    const LOOPS: bool = true;
    type Ours<T: Float>: Task;
    /// Without loops, the library's way again.
    type Plain<T: Float>: Task;
}

/// A computation with all that it needs.
pub(crate) trait Task: 'static {
    /// What a call returns; what it leaves in memory is the task's own.
    type Output;

    /// Reads or makes the inputs.
    fn new(group: &Group) -> Self;

    /// What is timed.
    fn call(&mut self) -> Self::Output;

    /// All results of one call, to be compared. The task may be in another state afterwards.
    fn results(&mut self) -> Results;
}

/// Any task.
pub(crate) trait Run {
    /// Calls it so many times. The loop is inside, so that the dynamic call is not timed.
    fn repeat(&mut self, times: usize);
    fn results(&mut self) -> Results;
}

impl<K: Task> Run for K {
    fn repeat(&mut self, times: usize) {
        for _ in 0..times {
            black_box(black_box(&mut *self).call());
        }
    }
    fn results(&mut self) -> Results {
        Task::results(self)
    }
}

type Prepare = fn(&Group) -> Box<dyn Run>;

fn prepare<K: Task>(group: &Group) -> Box<dyn Run> {
    Box::new(K::new(group))
}

/// A workload as a value.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    group: Option<&'static str>,
    pub(crate) variants: Vec<Variant>,
    /// Tells what is right where there is no reference: the loop, or the library in `f64`.
    truth: Prepare,
}

/// One way to compute a workload.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    prepare: Prepare,
    /// Whether it is compared with the reference, which was rounded to `f32`, at its tolerance.
    single: bool,
    /// The library's, not the loop that it is compared with.
    pub(crate) ours: bool,
}

impl Workload {
    pub(crate) fn of<F: Family>() -> Workload {
        let variant = |name, prepare, single, ours| Variant { name, prepare, single, ours };
        let mut variants = vec![
            variant("f32", prepare::<F::Ours<f32>>, true, true),
            variant("f64", prepare::<F::Ours<f64>>, !F::LOOPS, true),
        ];
        if F::LOOPS {
            variants.push(variant("plain-f32", prepare::<F::Plain<f32>>, true, false));
            variants.push(variant("plain-f64", prepare::<F::Plain<f64>>, false, false));
        }
        let truth = prepare::<F::Plain<f64>>;
        Workload { name: F::NAME, about: F::ABOUT, group: F::GROUP, variants, truth }
    }

    /// Whether there is something to share: all but the smallest network.
    pub(crate) fn supports(&self, threads: usize) -> bool {
        threads == 1 || threads > 1 && !self.name.starts_with("w1")
    }

    fn group(&self, data: &Data) -> Group {
        match self.group {
            Some(name) => data.group(name),
            None => data.own_group(self.name),
        }
    }

    /// Sets a variant up and compares its results.
    pub(crate) fn check(&self, variant: &Variant, data: &Data) -> (Box<dyn Run>, Check) {
        let group = self.group(data);
        let mut task = (variant.prepare)(&group);
        let mut check = Check::new(variant.single);
        let found = task.results();
        if group.has_reference() && variant.single {
            check.against(&found, |tensor| group.reference(tensor));
        } else {
            let truth = (self.truth)(&group).results();
            check.against(&found, |tensor| {
                let same = truth.iter().find(|other| other.name == tensor.name);
                same.expect("both ways have the same results").values.clone()
            });
        }
        (task, check)
    }

    /// Checks and times a variant, and describes it in one object.
    pub(crate) fn report(&self, variant: &Variant, data: &Data) -> Value {
        let mut line = self.header(variant.name, THREADS.load(Ordering::Relaxed));
        let (mut task, check) = self.check(variant, data);
        if let Err(error) = check.verdict() {
            line["error"] = json!(error);
            return line;
        }
        let found = Measured::of(&mut *task);
        let more = json!({
            "median_us": rounded(found.wall.median),
            "min_us": rounded(found.wall.min),
            "cpu_median_us": rounded(found.cpu.median),
            "cpu_min_us": rounded(found.cpu.min),
            "iters": found.iters,
            "batches": found.batches,
            "cpu_per_wall": rounded(found.cpu_per_wall),
            "check_err": check.worst(),
            "allocs_per_call": found.allocs,
            "alloc_bytes_per_call": found.alloc_bytes,
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
        }
        line
    }

    /// Where every line begins.
    pub(crate) fn header(&self, variant: &str, threads: usize) -> Value {
        header(self.name, variant, threads)
    }
}

/// To four decimals: more are noise.
fn rounded(x: f64) -> f64 {
    (1e4 * x).round() / 1e4
}

/// Threads that workspaces are made for.
static THREADS: AtomicUsize = AtomicUsize::new(1);

/// Makes the workspaces of this process for so many threads.
pub(crate) fn share_among(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

/// A workspace for the threads that were asked for.
pub(crate) fn workspace<M: Model>() -> Workspace<M> {
    Workspace::with_threads(Workspace::<M>::default_tile(), THREADS.load(Ordering::Relaxed))
}

/// Gradient descent on those threads.
pub(crate) fn sgd<T: Float>(params: usize, rate: f64) -> Sgd<T> {
    Sgd::new(params, rate).threads(THREADS.load(Ordering::Relaxed))
}

/// Where a line begins, also that of a workload which there is not.
pub(crate) fn header(workload: &str, variant: &str, threads: usize) -> Value {
    // For which processor it was compiled: any of its kind, or the one of this machine.
    let tag = if cfg!(target_feature = "avx512f") { "native" } else { "default" };
    json!({
        "peer": "pullback",
        "workload": workload,
        "variant": variant,
        "threads": threads,
        "tag": tag,
    })
}

/// How long to measure.
struct Plan {
    /// Seconds before anything is timed.
    warm_up: f64,
    /// Seconds of all batches together.
    total: f64,
    /// As many batches as there is time for, up to so many.
    batches: usize,
}

/// The smallest number of batches, of one call each where calls are slow.
const MIN_BATCHES: usize = 7;

impl Plan {
    /// `PEERS_QUICK` asks for a run that only shows that everything works.
    fn from_environment() -> Plan {
        match std::env::var_os("PEERS_QUICK") {
            Some(_) => Plan { warm_up: 0.02, total: 0.05, batches: 7 },
            None => Plan { warm_up: 0.25, total: 0.6, batches: 15 },
        }
    }

    /// The number of batches, and of calls in each, if one call takes so many seconds.
    fn batches(&self, call: f64) -> (usize, usize) {
        let calls = self.total / call;
        let batches = (calls as usize).clamp(MIN_BATCHES, self.batches);
        (batches, if calls < batches as f64 { 1 } else { (calls / batches as f64).ceil() as usize })
    }
}

/// Microseconds per call, over the batches.
struct Times {
    median: f64,
    min: f64,
}

impl Times {
    fn per_call(mut seconds: Vec<f64>, calls: usize) -> Times {
        seconds.sort_by(f64::total_cmp);
        let micros = |seconds: f64| seconds * 1e6 / calls as f64;
        Times { median: micros(seconds[seconds.len() / 2]), min: micros(seconds[0]) }
    }
}

/// What was found about a task.
struct Measured {
    wall: Times,
    cpu: Times,
    iters: usize,
    batches: usize,
    cpu_per_wall: f64,
    allocs: u64,
    alloc_bytes: u64,
}

impl Measured {
    fn of(task: &mut dyn Run) -> Measured {
        let plan = Plan::from_environment();
        let (batches, calls) = plan.batches(warm_up(task, plan.warm_up));
        let (mut wall, mut cpu) = (Vec::with_capacity(batches), Vec::with_capacity(batches));
        let (start, cpu_start) = (Instant::now(), system::cpu_seconds());
        for _ in 0..batches {
            let before = system::cpu_seconds();
            let clock = Instant::now();
            task.repeat(calls);
            wall.push(clock.elapsed().as_secs_f64());
            cpu.push(system::cpu_seconds() - before);
        }
        let cpu_per_wall = (system::cpu_seconds() - cpu_start) / start.elapsed().as_secs_f64();
        const COUNTED: u64 = 4;
        let (allocs, bytes) = system::allocations(|| task.repeat(COUNTED as usize));
        Measured {
            wall: Times::per_call(wall, calls),
            cpu: Times::per_call(cpu, calls),
            iters: batches * calls,
            batches,
            cpu_per_wall,
            allocs: allocs / COUNTED,
            alloc_bytes: bytes / COUNTED,
        }
    }
}

/// Runs until the processor and its caches are warm, and tells how many seconds a call takes then.
fn warm_up(task: &mut dyn Run, seconds: f64) -> f64 {
    let start = Instant::now();
    let mut calls = 1;
    loop {
        let chunk = Instant::now();
        task.repeat(calls);
        let took = chunk.elapsed().as_secs_f64();
        // The chunks double, so that the last one is about half of the time, and not the cold one.
        if calls > 1 && start.elapsed().as_secs_f64() >= seconds {
            return took / calls as f64;
        }
        calls *= 2;
    }
}
