//! `simplify`: dead code goes. Everything else is simplified as it is written (`build`).

use crate::ir::{Def, Func, Res, Var};

/// Keeps what the results need, in order.
pub fn simplify(defs: Vec<Def>, results: Vec<Res>) -> Func {
    let mut live = vec![false; defs.len()];
    for result in &results {
        live[result.value] = true;
    }
    for (var, def) in defs.iter().enumerate().rev() {
        if live[var] {
            def.inst.args().into_iter().for_each(|arg| live[arg] = true);
        }
    }
    let mut names: Vec<Var> = vec![0; defs.len()];
    let mut kept = Vec::new();
    for (var, mut def) in defs.into_iter().enumerate() {
        if live[var] {
            names[var] = kept.len();
            def.inst.rename(|x| names[x]);
            kept.push(def);
        }
    }
    let results =
        results.into_iter().map(|result| Res { value: names[result.value], ..result }).collect();
    Func { defs: kept, results }
}
