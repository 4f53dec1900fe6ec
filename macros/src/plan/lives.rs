//! From when to when each buffer is needed.

use crate::nest::{BufId, Kind, Nest, Program};

/// From which event to which, in the order in which they happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    pub first: usize,
    pub last: usize,
    /// The outermost loop that it is of a single step of.
    pub within: Option<usize>,
    /// Whether it changes places with another after each step of a loop.
    pub changes_places: bool,
}

impl Life {
    pub fn meets(&self, other: &Life) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// The lives of all buffers that are used.
pub struct Lives {
    pub of: Vec<Option<Life>>,
    /// The first and the last event of each outermost loop.
    loops: Vec<(usize, usize)>,
}

impl Lives {
    pub fn of(program: &Program) -> Lives {
        let count = program.buffers.len();
        let mut walk =
            Walk { events: 0, lives: Lives { of: vec![None; count], loops: Vec::new() } };
        for nest in &program.nests {
            let start = walk.events;
            walk.nest(nest);
            if matches!(nest.kind, Kind::Loop { .. }) {
                walk.lives.loops.push((start, walk.events - 1));
            }
        }
        let mut lives = walk.lives;
        for life in lives.of.iter_mut().flatten() {
            let within = |(start, end): &(usize, usize)| *start < life.first && life.last < *end;
            life.within = lives.loops.iter().position(within);
        }
        lives
    }

    /// The life of what is there in all steps of a loop.
    pub fn of_loop(&self, number: usize) -> Life {
        let (first, last) = self.loops[number];
        Life { first, last, within: None, changes_places: false }
    }
}

struct Walk {
    events: usize,
    lives: Lives,
}

impl Walk {
    /// What a loop reads or makes lives from its beginning to its end; only what is of a single step can share memory
    /// inside it.
    fn nest(&mut self, nest: &Nest) {
        let touched: Vec<BufId> = nest.reads().into_iter().chain(nest.writes()).collect();
        let Kind::Loop { nests, carried, made, .. } = &nest.kind else {
            return self.event(&touched);
        };
        let is_known = |buf: &BufId| self.lives.of[*buf].is_some();
        let across: Vec<BufId> = touched.iter().copied().filter(is_known).collect();
        let pairs: Vec<BufId> = carried.iter().flat_map(|(before, now)| [*before, *now]).collect();
        let kept = [across, pairs.clone(), made.clone()].concat();
        self.event(&kept);
        nests.iter().for_each(|nest| self.nest(nest));
        self.event(&kept);
        for buf in pairs {
            if let Some(life) = &mut self.lives.of[buf] {
                life.changes_places = true;
            }
        }
    }

    fn event(&mut self, touched: &[BufId]) {
        let at = self.events;
        self.events += 1;
        for buf in touched {
            let new = Life { first: at, last: at, within: None, changes_places: false };
            self.lives.of[*buf].get_or_insert(new).last = at;
        }
    }
}
