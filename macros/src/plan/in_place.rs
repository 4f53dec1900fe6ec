//! Element by element, a loop may write over what it reads, if nothing else needs that.

use super::lives::Lives;
use crate::nest::{BufId, Kind, Nest, Place, Program};
use crate::shape::size;

/// Lets what a loop makes take the place of what it reads last, where it can: both become one buffer.
pub fn work_in_place(program: &mut Program) {
    let mut takes =
        Takes { names: (0..program.buffers.len()).collect(), lives: Lives::of(program), at: 0 };
    takes.nests(program, &program.nests);
    let names = takes.names;
    program.nests.iter_mut().for_each(|nest| nest.rename(&|buf| names[buf]));
}

struct Takes {
    /// The buffer that each has become.
    names: Vec<BufId>,
    lives: Lives,
    /// The event that comes next.
    at: usize,
}

impl Takes {
    fn nests(&mut self, program: &Program, nests: &[Nest]) {
        for nest in nests {
            if let Kind::Loop { nests, .. } = &nest.kind {
                self.at += 1;
                self.nests(program, nests);
            } else {
                self.nest(program, nest);
            }
            self.at += 1;
        }
    }

    fn nest(&mut self, program: &Program, nest: &Nest) {
        let in_workspace = |buf: BufId| program.buffers[buf].place == Place::Workspace;
        for made in nest.stores.iter().map(|store| store.to.buf) {
            let whole = size(&nest.space) == program.buffers[made].size;
            if !whole || !in_workspace(made) || self.names[made] != made {
                continue;
            }
            let taken = nest.body.loads.iter().map(|load| self.names[load.buf]).find(|read| {
                let same_size = program.buffers[*read].size == program.buffers[made].size;
                in_workspace(*read) && same_size && self.is_handed_over(*read, made) && {
                    let mut renamed = nest.clone();
                    let name = |buf: BufId| if buf == made { *read } else { self.names[buf] };
                    renamed.rename(&name);
                    renamed.works_in_place(*read)
                }
            });
            if let Some(read) = taken {
                self.names[made] = read;
                let last = self.lives.of[made].map(|life| life.last);
                if let (Some(life), Some(last)) = (&mut self.lives.of[read], last) {
                    life.last = last;
                }
            }
        }
    }

    /// Whether one buffer is needed no longer, and another from now on.
    fn is_handed_over(&self, read: BufId, made: BufId) -> bool {
        let (Some(old), Some(new)) = (self.lives.of[read], self.lives.of[made]) else {
            return false;
        };
        let stays = !old.changes_places && !new.changes_places && old.within == new.within;
        stays && old.last == self.at && new.first == self.at
    }
}
