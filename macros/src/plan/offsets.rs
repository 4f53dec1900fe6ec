//! Where blocks of memory go that do not all live at once.

use super::lives::Life;
use crate::bug::OrBug;
use crate::nest::BufId;
use std::cmp::Reverse;

/// Memory that is needed for a while, and the buffers that are in it, one after the other.
#[derive(Clone)]
pub struct Block {
    pub size: i64,
    pub life: Life,
    pub buffers: Vec<BufId>,
}

/// Blocks that live in single steps of loops, put together in few: each large enough for all that are in
/// it, and there in all steps.
pub fn pieces(mut blocks: Vec<Block>, of_loop: impl Fn(usize) -> Life) -> Vec<Block> {
    blocks.sort_by_key(|block| Reverse(block.size));
    let mut pieces: Vec<(Block, Vec<Life>)> = Vec::new();
    for block in blocks {
        let fits = |(piece, lives): &(Block, Vec<Life>)| {
            piece.life.within == block.life.within
                && lives.iter().all(|life| !life.meets(&block.life))
        };
        match pieces.iter_mut().find(|piece| fits(piece)) {
            Some((piece, lives)) => {
                piece.buffers.extend(&block.buffers);
                lives.push(block.life);
            }
            None => {
                let lives = vec![block.life];
                pieces.push((block, lives));
            }
        }
    }
    pieces
        .into_iter()
        .map(|(block, _)| Block { life: block.life.within.map_or(block.life, &of_loop), ..block })
        .collect()
}

/// The blocks with their places, and how much memory they take. The large ones are placed first; or they are placed in
/// another order, if that takes less.
pub fn arrange(mut blocks: Vec<Block>) -> (Vec<(Block, i64)>, i64) {
    type Order = fn(&Block) -> (i64, i64);
    const ORDERS: [Order; 3] = [
        |block| (-block.size, block.life.first as i64),
        |block| (block.life.first as i64, -block.size),
        |block| (block.life.first as i64 - block.life.last as i64, -block.size),
    ];
    let least = most_at_once(&blocks);
    let mut best: Option<(Vec<(Block, i64)>, i64)> = None;
    for order in ORDERS {
        blocks.sort_by_key(order);
        let (offsets, size) = place(&blocks);
        if best.as_ref().is_none_or(|(_, best)| size < *best) {
            best = Some((blocks.iter().cloned().zip(offsets).collect(), size));
        }
        if size == least {
            break;
        }
    }
    best.or_bug("plan", "order of blocks")
}

/// How much memory lives at once at most.
fn most_at_once(blocks: &[Block]) -> i64 {
    // At some beginning.
    let live = |at: usize| -> i64 {
        let is_live = |block: &&Block| block.life.first <= at && at <= block.life.last;
        blocks.iter().filter(is_live).map(|block| block.size).sum()
    };
    blocks.iter().map(|block| live(block.life.first)).fold(0, i64::max)
}

/// Gives each block the tightest gap among those before it that live when it does.
fn place(blocks: &[Block]) -> (Vec<i64>, i64) {
    let mut offsets: Vec<i64> = Vec::with_capacity(blocks.len());
    for block in blocks {
        // The memory that is taken while it lives, from the front.
        let mut taken: Vec<(i64, i64)> = blocks
            .iter()
            .zip(&offsets)
            .filter(|(other, _)| other.life.meets(&block.life))
            .map(|(other, offset)| (*offset, offset + other.size))
            .collect();
        taken.sort_unstable();
        let (mut end, mut best): (i64, Option<(i64, i64)>) = (0, None);
        for (from, to) in taken {
            let gap = from - end;
            if gap >= block.size && best.is_none_or(|(least, _)| gap < least) {
                best = Some((gap, end));
            }
            end = end.max(to);
        }
        offsets.push(best.map_or(end, |(_, offset)| offset));
    }
    let ends = blocks.iter().zip(&offsets).map(|(block, offset)| offset + block.size);
    let size = ends.fold(0, i64::max);
    (offsets, size)
}
