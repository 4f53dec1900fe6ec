//! Parts of a job on several threads at the same time.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::Instant;

/// Does something with every part at the same time, and adds up what comes of it in the order of the parts.
pub(crate) fn at_once<P: Send, R: Send>(
    mut parts: impl ExactSizeIterator<Item = P>,
    f: &(dyn Fn(P) -> R + Sync),
    add: fn(R, R) -> R,
) -> Option<R> {
    if parts.len() < 2 {
        return parts.next().map(f);
    }
    let parts: Vec<Part<P, R>> = parts.map(|part| Mutex::new((Some(part), None))).collect();
    each(parts.len(), &|i| {
        // Nobody else ever locks it.
        if let Ok(mut part) = parts[i].lock()
            && let Some(given) = part.0.take()
        {
            part.1 = Some(f(given));
        }
    });
    parts.into_iter().filter_map(|part| part.into_inner().ok()?.1).reduce(add)
}

/// A part that is not done, or what came of it.
type Part<P, R> = Mutex<(Option<P>, Option<R>)>;

/// Does each of so many parts on a thread. It is not generic: what is done with threads is compiled once, and not for every
/// entry of every network.
///
/// The calling thread does the first part, and those of the pool the others. If it only waited, it would have to
/// be woken, and its place be taken by a thread that may have another one's processor.
fn each(parts: usize, f: &(dyn Fn(usize) + Sync)) {
    let progress = &Progress::of(parts);
    rayon::in_place_scope(|scope| {
        for part in 1..parts {
            scope.spawn(move |_| progress.follow(|| f(part)));
        }
        progress.follow(|| f(0));
    });
}

/// Adds nothing up.
pub(crate) fn nothing(_: (), _: ()) {}

/// The first elements of what is left of a slice, which is left without them.
pub(crate) fn front<'a, T>(rest: &mut &'a mut [T], len: usize) -> &'a mut [T] {
    rest.split_off_mut(..len).unwrap_or_default()
}

/// How many parts of a job are ahead of their threads, and how many are not done.
struct Progress {
    ahead: AtomicUsize,
    undone: AtomicUsize,
}

impl Progress {
    fn of(parts: usize) -> Self {
        Progress { ahead: AtomicUsize::new(parts), undone: AtomicUsize::new(parts) }
    }

    /// Does a part, and stays awake until all are done.
    ///
    /// To wake a thread takes 5 to 10 µs, and 100 µs where its processor is that of a virtual machine and has
    /// gone to sleep too. Those that stay awake meet at the end of a part, and take what follows at once: the
    /// sum of the gradients, the step of an optimiser, the next batch.
    fn follow(&self, part: impl FnOnce()) {
        self.ahead.fetch_sub(1, Ordering::Relaxed);
        // There is no clock on `wasm32-unknown-unknown`, nor another thread.
        let start = (!cfg!(target_family = "wasm")).then(Instant::now);
        part();
        self.undone.fetch_sub(1, Ordering::Release);
        if let Some(start) = start {
            self.wait(start);
        }
    }

    /// Waits for the parts that are not done, awake: a quarter of the time that has passed at most, and not if one
    /// of them has no thread yet, which may have to be this one.
    fn wait(&self, start: Instant) {
        let end = Instant::now();
        let patience = (end - start) / 4;
        while self.undone.load(Ordering::Acquire) > 0
            && self.ahead.load(Ordering::Relaxed) == 0
            && end.elapsed() < patience
        {
            for _ in 0..16 {
                spin_loop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::at_once;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn words(parts: usize) -> Option<String> {
        at_once((0..parts).map(|part| part * part), &|part| format!("{part} "), |a, b| a + &b)
    }

    /// In order, for more and for fewer parts than there are threads, on any thread.
    #[test]
    fn adds_up_in_order() {
        let expected = [None, Some("0 "), Some("0 1 "), Some("0 1 4 9 16 25 36 ")];
        let found = || [0, 1, 2, 7].map(words);
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for _ in 0..20 {
                assert_eq!(pool.install(found), expected.map(|words| words.map(String::from)));
            }
        }
        assert_eq!(found(), expected.map(|words| words.map(String::from)));
    }

    /// A part that panics, whosever it is, ends the call with its panic.
    #[test]
    fn panics_arrive() {
        for bad in 0..3 {
            let part = |part: usize| assert!(part != bad, "part {part} is bad");
            let caught = catch_unwind(AssertUnwindSafe(|| at_once(0..3, &part, |(), ()| ())));
            let message = caught.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(*message, format!("part {bad} is bad"));
        }
    }
}
