//! `simplify`: dead code goes. Everything else is simplified as it is written (`builder`).

use crate::bug::OrBug;
use crate::ir::{Def, Func, Inst, Passing, Res, Scan, Source, Target, Var};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Keeps what the results need, in order.
pub fn simplify(defs: Vec<Def>, results: Vec<Res>) -> Func {
    let mut live = vec![false; defs.len()];
    // The results of loops that somebody needs, and the loops without the others.
    let mut wanted: FxHashMap<Var, FxHashSet<usize>> = FxHashMap::default();
    let mut loops: FxHashMap<Var, Loop> = FxHashMap::default();
    for result in &results {
        live[result.value] = true;
    }
    for (var, def) in defs.iter().enumerate().rev() {
        if !live[var] {
            continue;
        }
        match &def.inst {
            Inst::ScanResult { of, index } => {
                live[*of] = true;
                wanted.entry(*of).or_default().insert(*index);
            }
            Inst::Scan { scan, args } => {
                let small = shrink(scan, wanted.remove(&var).unwrap_or_default());
                small.args.iter().for_each(|arg| live[args[*arg]] = true);
                loops.insert(var, small);
            }
            inst => inst.each_arg(|arg| live[arg] = true),
        }
    }
    let mut names: Vec<Var> = vec![0; defs.len()];
    let mut kept = Vec::new();
    let mut known: FxHashMap<(Var, usize), Var> = FxHashMap::default();
    for (var, mut def) in defs.into_iter().enumerate() {
        if live[var] {
            names[var] = kept.len();
            match &mut def.inst {
                Inst::ScanResult { of, index } => {
                    *index = loops[of].results[index];
                    // Two results may have become one.
                    names[var] = *known.entry((*of, *index)).or_insert(kept.len());
                    if names[var] < kept.len() {
                        continue;
                    }
                }
                Inst::Scan { scan, args } => {
                    let small = &loops[&var];
                    *args = small.args.iter().map(|arg| args[*arg]).collect();
                    *scan = small.scan.clone();
                }
                _ => {}
            }
            def.inst.rename(|x| names[x]);
            kept.push(def);
        }
    }
    let results =
        results.into_iter().map(|result| Res { value: names[result.value], ..result }).collect();
    Func { defs: kept, results, rules: Vec::new() }
}

/// Moves the instructions after the first `primal` ones forward: each to where the first that reads it
/// could stand.
///
/// So the tangent of a value is computed next to it, while what both read is still there; otherwise all
/// that the tangents mention would be kept until the primal program has run.
pub fn interleave(defs: Vec<Def>, primal: usize, results: Vec<Res>) -> (Vec<Def>, Vec<Res>) {
    // After which primal instruction each has all it reads.
    let mut ready: Vec<Var> = Vec::with_capacity(defs.len());
    for (var, def) in defs.iter().enumerate() {
        let mut behind = 0;
        if var >= primal {
            def.inst.each_arg(|arg| behind = behind.max(ready[arg]));
        }
        ready.push(if var < primal { var } else { behind });
    }
    // A product of parameters and a tangent is ready long before it is of use: it waits for what is
    // computed from it element by element, in the same loop.
    let mut place: Vec<Option<Var>> = vec![None; defs.len()];
    for (var, def) in defs.iter().enumerate().rev() {
        let own = *place[var].get_or_insert(ready[var]);
        let wanted = if matches!(def.inst, Inst::Point { .. }) { own } else { ready[var] };
        if var < primal {
            continue; // reads nothing that moves
        }
        def.inst.each_arg(|arg| {
            if arg >= primal {
                place[arg] = Some(place[arg].map_or(wanted, |first| first.min(wanted)));
            }
        });
    }
    // Sorted by place, and in one place by whose tangent it is, else as they were: where the next of each kind goes.
    // What is of the parameters alone comes first, so that what ends in a loop with a product is in that of the
    // tangent that goes on.
    let kinds = kinds(&defs);
    let place =
        |var: Var| 4 * place[var].or_bug("interleave", "place of an instruction") + kinds[var];
    let mut next = vec![0; 4 * defs.len() + 1];
    (0..defs.len()).for_each(|var| next[place(var) + 1] += 1);
    (0..4 * defs.len()).for_each(|at| next[at + 1] += next[at]);
    let names: Vec<Var> = (0..defs.len())
        .map(|var| {
            let next = &mut next[place(var)];
            *next += 1;
            *next - 1
        })
        .collect();
    let mut moved: Vec<Option<Def>> = vec![None; defs.len()];
    for (var, mut def) in defs.into_iter().enumerate() {
        def.inst.rename(|x| names[x]);
        moved[names[var]] = Some(def);
    }
    let results = results.into_iter().map(|res| Res { value: names[res.value], ..res });
    (moved.into_iter().flatten().collect(), results.collect())
}

/// 0 for primal values, 1 for what is linear in tangents of parameters, 2 in those of inputs, 3 in both.
fn kinds(defs: &[Def]) -> Vec<usize> {
    let mut kinds: Vec<usize> = Vec::with_capacity(defs.len());
    for def in defs {
        let mut kind = match def.inst {
            Inst::Source(Source::ParamTangent(_)) => 1,
            Inst::Source(Source::InputTangent(_)) => 2,
            _ => 0,
        };
        def.inst.each_arg(|arg| kind |= kinds[arg]);
        kinds.push(kind);
    }
    kinds
}

/// A loop that was made smaller, which arguments it has left, and what became of its results.
struct Loop {
    scan: Rc<Scan>,
    args: Vec<usize>,
    results: FxHashMap<usize, usize>,
}

/// A loop that makes some of its results only.
fn shrink(scan: &Scan, mut wanted: FxHashSet<usize>) -> Loop {
    let carried = |flows: &[Passing]| -> Vec<usize> {
        (0..flows.len()).filter(|i| flows[*i] == Passing::Carry).collect()
    };
    let pairs: Vec<(usize, usize)> =
        carried(&scan.args).into_iter().zip(carried(&scan.results)).collect();
    // What a step reads of the step before, that one has to make.
    loop {
        let results: Vec<usize> =
            (0..scan.results.len()).filter(|result| wanted.contains(result)).collect();
        let place = |target: Target| results.iter().position(|i| target == Target::Step(*i));
        let body = scan.body.results.iter().filter_map(|res| {
            Some(Res { target: Target::Step(place(res.target)?), value: res.value })
        });
        let mut body: Vec<Res> = body.collect();
        body.sort_by_key(|res| res.target);
        let mut body = simplify(scan.body.defs.clone(), body);
        let read: FxHashSet<usize> = body
            .defs
            .iter()
            .filter_map(|def| match def.inst {
                Inst::Source(Source::Step(i)) => Some(i),
                _ => None,
            })
            .collect();
        let more: Vec<usize> = pairs
            .iter()
            .filter(|(arg, result)| read.contains(arg) && !wanted.contains(result))
            .map(|(_, result)| *result)
            .collect();
        if !more.is_empty() {
            wanted.extend(more);
            continue;
        }
        let kept = |arg: &usize| match pairs.iter().find(|(a, _)| a == arg) {
            Some((_, result)) => wanted.contains(result),
            None => read.contains(arg),
        };
        let args: Vec<usize> = (0..scan.args.len()).filter(kept).collect();
        for def in &mut body.defs {
            if let Inst::Source(Source::Step(i)) = &mut def.inst {
                let place = args.iter().position(|arg| arg == i);
                *i = place.or_bug("simplify", "argument that a step reads");
            }
        }
        let mut small = Scan {
            length: scan.length.clone(),
            reverse: scan.reverse,
            recompute: scan.recompute,
            args: args.iter().map(|arg| scan.args[*arg].clone()).collect(),
            results: Vec::new(),
            body,
        };
        // What leaves a step twice in the same way leaves it once.
        let mut left: Vec<Res> = Vec::new();
        let mut places = FxHashMap::default();
        for (result, res) in results.iter().zip(std::mem::take(&mut small.body.results)) {
            let flow = &scan.results[*result];
            let same = |i: &usize| left[*i].value == res.value && small.results[*i] == *flow;
            let known = (0..left.len()).find(same).filter(|_| *flow != Passing::Carry);
            let place = known.unwrap_or(left.len());
            if known.is_none() {
                left.push(Res { target: Target::Step(place), value: res.value });
                small.results.push(flow.clone());
            }
            places.insert(*result, place);
        }
        small.body.results = left;
        return Loop { scan: Rc::new(small), args, results: places };
    }
}
