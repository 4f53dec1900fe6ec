//! Random models are right, and random mistakes are told.

use super::found::FOUND;
use super::generate::{Example, Model};
use super::{Outcome, examples, outcome, shrunk};
use pullback_core::check::Rng64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How many models there are; `PULLBACK_RANDOM=N` makes them more or fewer, `PULLBACK_SEED=S` others.
fn count() -> u64 {
    number("PULLBACK_RANDOM").unwrap_or(20_000)
}

/// What an environment variable says.
pub(super) fn number(name: &str) -> Option<u64> {
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

/// A number of a text in another size: one that is not part of a name.
fn with_another_number(text: &str, rng: &mut Rng64) -> String {
    let bytes = text.as_bytes();
    let in_name =
        |at: usize| at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let places: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit() && !in_name(*at)).collect();
    if places.is_empty() {
        return text.to_string();
    }
    let start = places[rng.next_u64() as usize % places.len()];
    let end = (start..bytes.len()).find(|at| !bytes[*at].is_ascii_digit()).unwrap_or(bytes.len());
    let number: u64 = text[start..end].parse().unwrap_or(0);
    let other =
        [0, number + 1, number.saturating_sub(1), 2 * number, 7][rng.next_u64() as usize % 5];
    format!("{}{other}{}", &text[..start], &text[end..])
}

/// A model with another number in it is another model, or the user is told what is wrong; nothing else.
#[test]
fn random_mistakes_are_told() {
    let told = AtomicUsize::new(0);
    each_seed(count() / 4, |seed, examples| {
        let mut rng = Rng64::new(seed);
        let text = with_another_number(&Model::new(seed, examples).text(), &mut rng);
        match outcome(&text) {
            Outcome::Right => Ok(()),
            Outcome::Refused(messages) => {
                told.fetch_add(1, Ordering::Relaxed);
                let empty = messages.iter().any(String::is_empty);
                if empty {
                    Err(format!("seed {seed}: a message says nothing\n{text}"))
                } else {
                    Ok(())
                }
            }
            Outcome::Wrong(why) => Err(format!("seed {seed}:\n{text}\n{why}")),
        }
    });
    let told = told.into_inner() as u64;
    assert!(told > count() / 16, "only {told} of {} are mistakes", count() / 4);
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
