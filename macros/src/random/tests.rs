//! Random models are right.

use super::found::FOUND;
use super::generate::{Example, Model};
use super::{Outcome, examples, outcome, shrunk};
use std::time::Instant;

/// How many models there are; `PULLBACK_RANDOM=N` makes them more or fewer, `PULLBACK_SEED=S` others.
fn count() -> u64 {
    number("PULLBACK_RANDOM").unwrap_or(20_000)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs `test` on many seeds, in as many threads as there are processors; the first complaint of each is told.
fn each_seed(count: u64, test: impl Fn(u64, &[Example]) -> Result<(), String> + Sync) {
    let first = number("PULLBACK_SEED").unwrap_or(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    // What is caught is told at the end.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() != Some("random") {
            before(info);
        }
    }));
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads)
            .map(|thread| {
                let test = &test;
                let run = move || {
                    let examples = examples();
                    let mut seeds = (0..count).skip(thread as usize).step_by(threads as usize);
                    seeds.find_map(|seed| test(first + seed, &examples).err())
                };
                let named = std::thread::Builder::new().name("random".into()).stack_size(16 << 20);
                named.spawn_scoped(scope, run).expect("a thread")
            })
            .collect();
        runs.into_iter().filter_map(|run| run.join().expect("nothing escapes")).collect()
    });
    let _ = std::panic::take_hook();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn random_models_are_right() {
    let start = Instant::now();
    each_seed(count(), |seed, examples| {
        let model = Model::new(seed, examples);
        match outcome(&model.text()) {
            Outcome::Right => Ok(()),
            Outcome::Refused(messages) => {
                Err(format!("seed {seed} is no model:\n{}\n{}", messages.join("\n"), model.text()))
            }
            Outcome::Wrong(why) => {
                let (model, why) = shrunk(model, why);
                Err(format!("seed {seed}:\n{}\n{why}", model.text()))
            }
        }
    });
    println!("{:.0} models a second", count() as f64 / start.elapsed().as_secs_f64());
}

/// What was found once is right now.
#[test]
fn what_was_found_is_right() {
    let complaint = |text: &&str| match outcome(text) {
        Outcome::Right => None,
        Outcome::Refused(messages) => Some(format!("{text}\n{}", messages.join("\n"))),
        Outcome::Wrong(why) => Some(format!("{text}\n{why}")),
    };
    let complaints: Vec<String> = FOUND.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}
