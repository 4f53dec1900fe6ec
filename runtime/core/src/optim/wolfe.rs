//! How far to go in a direction.

/// A point on the line of a search.
#[derive(Clone)]
pub(super) struct Point<T> {
    /// How far from the start, as a multiple of the direction.
    pub(super) at: f64,
    pub(super) loss: f64,
    /// The derivative of the loss along the line.
    pub(super) slope: f64,
    pub(super) gradient: Vec<T>,
}

/// When a search ends without success.
pub(super) struct Limits {
    /// The greatest element of the direction.
    pub(super) size: f64,
    /// How many points are evaluated after the first.
    pub(super) points: usize,
}

/// How much of the fall that the slope promises is enough, and what part of the slope may be left.
const ENOUGH: f64 = 1e-4;
const LEFT: f64 = 0.9;

/// A bracket in which no parameter moves by as much is not divided, whatever the tolerances, as in PyTorch.
const SMALL: f64 = 1e-9;

/// A point at which the loss is low enough and the slope flat enough, by the strong conditions of Wolfe: first a bracket
/// that grows from `first`, then one that shrinks (Nocedal and Wright, algorithms 3.5 and 3.6; PyTorch: `_strong_wolfe`).
/// If there is none within the limits, the lowest that was found. The slope at `start` is negative.
pub(super) fn search<T: Clone>(
    start: &Point<T>,
    first: f64,
    limits: &Limits,
    mut evaluate: impl FnMut(f64) -> Point<T>,
) -> Point<T> {
    let high = |point: &Point<T>| point.loss > start.loss + ENOUGH * point.at * start.slope;
    let flat = |point: &Point<T>| point.slope.abs() <= -LEFT * start.slope;
    let (mut before, mut new) = (start.clone(), evaluate(first));
    let mut points = 0;
    let mut bracket = loop {
        if points == limits.points {
            break [start.clone(), new];
        }
        if high(&new) || (points > 1 && new.loss >= before.loss) {
            break [before, new];
        }
        if flat(&new) {
            return new;
        }
        if new.slope >= 0.0 {
            break [before, new];
        }
        let least = new.at + 0.01 * (new.at - before.at);
        let at = cubic(&before, &new, least, 10.0 * new.at);
        before = core::mem::replace(&mut new, evaluate(at));
        points += 1;
    };

    let lower = |bracket: &[Point<T>; 2]| usize::from(bracket[0].loss > bracket[1].loss);
    let mut low = lower(&bracket);
    let mut at_border = false;
    while points < limits.points {
        let ats = bracket.each_ref().map(|point| point.at);
        let (from, to) = (ats[0].min(ats[1]), ats[0].max(ats[1]));
        if (to - from) * limits.size < SMALL {
            break;
        }
        let mut at = cubic(&bracket[0], &bracket[1], from, to);
        // A point close to a border makes the bracket little smaller. That is borne once.
        let margin = 0.1 * (to - from);
        let near = (to - at).min(at - from) < margin;
        if near && (at_border || at >= to || at <= from) {
            at = if (at - to).abs() < (at - from).abs() { to - margin } else { from + margin };
            at_border = false;
        } else {
            at_border = near;
        }
        let new = evaluate(at);
        points += 1;
        if high(&new) || new.loss >= bracket[low].loss {
            bracket[1 - low] = new;
            low = lower(&bracket);
        } else {
            let done = flat(&new);
            // The minimum lies on the side of the old low point.
            let turns = new.slope * (bracket[1 - low].at - bracket[low].at) >= 0.0;
            let old = core::mem::replace(&mut bracket[low], new);
            if done {
                break;
            }
            if turns {
                bracket[1 - low] = old;
            }
        }
    }
    let [first, second] = bracket;
    if low == 0 { first } else { second }
}

/// Where the cubic through two points with their slopes is lowest between `from` and `to`, or the middle if there is no
/// such place: it has none, or something is not finite.
fn cubic<T>(one: &Point<T>, other: &Point<T>, from: f64, to: f64) -> f64 {
    let (x, y) = if one.at <= other.at { (one, other) } else { (other, one) };
    let bend = x.slope + y.slope - 3.0 * (x.loss - y.loss) / (x.at - y.at);
    let root = (bend * bend - x.slope * y.slope).sqrt();
    let lowest =
        y.at - (y.at - x.at) * ((y.slope + root - bend) / (y.slope - x.slope + 2.0 * root));
    if lowest.is_nan() { (from + to) / 2.0 } else { lowest.min(to).max(from) }
}
