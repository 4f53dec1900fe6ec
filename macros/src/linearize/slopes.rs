//! The partial derivatives of scalar functions: in the primal stream, element by element.
//!
//! A coefficient is selected, never a product with something infinite that is not chosen.

use crate::builder::V;
use crate::ir::{Inst, Var};
use crate::prim::Arith;
use crate::prim::SELECT_GT;
use rustc_hash::FxHashMap;

/// `∂y/∂argᵢ`, where `y` is a tree of scalar functions of `args` and constants. `None` is zero. An argument that
/// stands there twice has its slope where it stands first.
pub fn derive<'b>(args: &[V<'b>], y: V<'b>) -> Vec<Option<V<'b>>> {
    let vars: Vec<Var> = args.iter().map(|x| x.var).collect();
    let is_first = |i: usize| !vars[..i].contains(&vars[i]);
    // One function of them: all slopes at once.
    if let Inst::Point { prim, args: of } = y.builder().inst(y.var)
        && of == vars
        && prim != SELECT_GT
        && (1..vars.len()).all(is_first)
    {
        return prim.slopes(args, y);
    }
    let slope = |i: usize| is_first(i).then(|| slope(vars[i], &vars, y, &mut FxHashMap::default()));
    (0..vars.len()).map(|i| slope(i).flatten()).collect()
}

/// `∂y/∂x`, where all of `args` count as independent.
fn slope<'b>(
    x: Var,
    args: &[Var],
    y: V<'b>,
    known: &mut FxHashMap<Var, Option<Var>>,
) -> Option<V<'b>> {
    let b = y.builder();
    if args.contains(&y.var) {
        return (y.var == x).then(|| b.int(1));
    }
    if let Some(slope) = known.get(&y.var) {
        return slope.map(|var| b.v(var));
    }
    let Inst::Point { prim, args: inner } = b.inst(y.var) else { return None };
    let inner: Vec<V<'b>> = inner.into_iter().map(|var| b.v(var)).collect();
    let chained: Vec<Option<V<'b>>> = inner.iter().map(|arg| slope(x, args, *arg, known)).collect();
    let total = if prim == SELECT_GT {
        // Select between the branches' slopes, so that the branch not taken cannot spoil the other.
        match (chained[2], chained[3]) {
            (None, None) => None,
            (yes, no) => {
                let zero = b.int(0);
                Some(inner[0].select_gt(inner[1], yes.unwrap_or(zero), no.unwrap_or(zero)))
            }
        }
    } else if chained.iter().all(Option::is_none) {
        None
    } else {
        prim.slopes(&inner, y)
            .into_iter()
            .zip(chained)
            .filter_map(|(outer, inner)| Some(b.compose(outer?, inner?)))
            .reduce(|sum, term| sum + term)
    };
    known.insert(y.var, total.map(|v| v.var));
    total
}
