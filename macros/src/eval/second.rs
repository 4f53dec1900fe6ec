//! Derivatives of derivatives: what `linearize` and `transpose` make is linearized and transposed again.

use super::func::add;
use super::laws::{Results, Trial, all_same, dot};
use super::world::Draw;
use crate::entries::ALL;
use crate::invariant::Verify;
use crate::ir::{Func, Inst, Res, Rule, Source, Target, Var};
use crate::lin::Linear;
use crate::linearize::{Unknown, linearize};
use crate::lower::Lowered;
use crate::prim::{ATAN2, POWF};
use crate::programs::adjoint;
use crate::transpose::transpose;

/// Where names of second tangents and cotangents begin.
const TANGENTS: usize = 100;
const COTANGENTS: usize = 200;

/// A function that is linear in some of its sources, as one of all of them; it still has the rules of the function
/// that it came from.
fn written(linear: Linear, rules: &[Rule]) -> Func {
    let Linear { primal: b, lin } = linear;
    let made = lin.write(&b, |var| var);
    let shapes = lin.results.iter().map(|(_, id)| &lin.defs[*id].ty);
    let results = made.into_iter().zip(shapes);
    let results = results.map(|((target, value), ty)| Res { target, value: b.fill(value, ty) });
    Func { results: results.collect(), rules: rules.to_vec(), defs: b.into_defs() }
        .verified("write")
}

/// Whether the laws hold exactly over the field. They do not where the two ways to a mixed derivative are one for
/// real numbers only: there a power and a logarithm, or a root and a square, have nothing to do with each other.
pub fn is_exact(model: &Lowered) -> bool {
    let defs = &model.func.defs;
    let is_num = |x: &Var| matches!(defs[*x].inst, Inst::Num(_));
    !defs.iter().any(|def| match &def.inst {
        Inst::Point { prim, args } => [ATAN2, POWF].contains(prim) && !args.iter().any(is_num),
        _ => false,
    })
}

/// What the derivatives of a model's tangents and cotangents have to be. `Err` where they hang on a user's op.
pub fn second<T: Draw>(
    name: &str,
    trial: &Trial<'_>,
    model: &Lowered,
    same: &impl Fn(T, T) -> bool,
) -> Result<(), Unknown> {
    let leaves = model.leaves(ALL);
    let tangent = model.linearize(ALL);
    let rules = &model.func.rules;
    let (jvp, gradient) = (written(tangent.clone(), rules), written(adjoint(tangent), rules));
    if gradient.results.is_empty() {
        return Ok(());
    }
    // The direction v: a leaf's tangent, which is another source for each.
    let of_leaf = |k: usize| leaves[k].1;
    let run = |func: &Func, direction: &dyn Fn(usize) -> Source| -> Results<T> {
        trial.run_with(func, &|source| match source {
            Source::Step(k) if k < TANGENTS => direction(k),
            other => other,
        })
    };
    let other = |k: usize| Source::Step(COTANGENTS + TANGENTS + k);

    // The derivative of the gradient: the one that dual numbers have, and symmetric.
    let along: Vec<(Var, Source)> =
        leaves.iter().enumerate().map(|(k, (var, _))| (*var, Source::Step(k))).collect();
    let bars: Vec<(Target, Var)> =
        gradient.results.iter().map(|res| (res.target, res.value)).collect();
    let hessian = linearize(&gradient, &along, &bars)?;
    let hvp = written(hessian.clone(), rules);
    let (hv, hu) = (run(&hvp, &of_leaf), run(&hvp, &other));
    let dual =
        trial.dual::<T>(&gradient, &|source| leaf_of(&leaves, &gradient, source).map(of_leaf));
    for (target, bar) in &dual {
        let zero = || bar.map(|_| T::ZERO);
        let found = hv.get(target).cloned().unwrap_or_else(zero);
        assert!(
            all_same(&found, &bar.map(|bar| bar.eps), same),
            "{name}: the product with the Hessian is not the derivative of the gradient: {target:?}\n{}\n{}",
            gradient.show(),
            hvp.show()
        );
    }
    let along_leaves = |bars: &Results<T>, direction: &dyn Fn(usize) -> Source| {
        (0..leaves.len()).fold(T::ZERO, |sum, k| match bars.get(&target_of(leaves[k].1)) {
            Some(bar) => sum + dot(bar, trial.source::<T>(direction(k), &bar.shape).real()),
            None => sum,
        })
    };
    assert!(
        same(along_leaves(&hv, &other), along_leaves(&hu, &of_leaf)),
        "{name}: the Hessian is not symmetric\n{}",
        hvp.show()
    );

    // Its adjoint is itself.
    let place = |target: Target| leaves.iter().position(|(_, leaf)| target_of(*leaf) == target);
    let turned = transpose(
        hessian,
        |target| Source::Step(COTANGENTS + place(target).expect("a leaf's cotangent")),
        |source| match source {
            Source::Step(k) => Some(target_of(leaves[k].1)),
            _ => None,
        },
    );
    let turned = trial.run_with(&written(turned, rules), &|source| match source {
        Source::Step(k) if k >= COTANGENTS => of_leaf(k - COTANGENTS),
        other => other,
    });
    agree(name, "the adjoint of the Hessian", &turned, &hv, same);

    // The gradient of a tangent.
    let dy = [(Target::OutputTangent, jvp.results[0].value)];
    let over_forward = transpose(
        linearize(&jvp, &along, &dy)?,
        |_| Source::Cotangent,
        |source| match source {
            Source::Step(k) => Some(target_of(leaves[k].1)),
            _ => None,
        },
    );
    let over_forward = run(&written(over_forward, rules), &of_leaf);
    agree(name, "reverse over forward", &over_forward, &hv, same);

    // The tangent of a tangent, in which the first direction changes as well.
    let sources = jvp.defs.iter().enumerate().filter_map(|(var, def)| match def.inst {
        Inst::Source(source) => {
            leaves.iter().position(|(_, leaf)| *leaf == source).map(|k| (var, k))
        }
        _ => None,
    });
    let directions = sources.map(|(var, k)| (var, Source::Step(TANGENTS + k)));
    let wrt: Vec<(Var, Source)> = along.iter().copied().chain(directions).collect();
    let twice = run(&written(linearize(&jvp, &wrt, &dy)?, rules), &other);
    let dual = trial.dual::<T>(&jvp, &|source| match source {
        Source::InputTangent(_) | Source::ParamTangent(_) => {
            leaves.iter().position(|(_, leaf)| *leaf == source).map(|k| Source::Step(TANGENTS + k))
        }
        source => leaf_of(&leaves, &jvp, source).map(other),
    });
    let dual = &dual[&Target::OutputTangent];
    let zero = || dual.map(|_| T::ZERO);
    let found = twice.get(&Target::OutputTangent).cloned().unwrap_or_else(zero);
    assert!(
        all_same(&found, &dual.map(|dy| dy.eps), same),
        "{name}: the tangent of the tangent is not its derivative\n{}",
        jvp.show()
    );
    Ok(())
}

/// Which leaf a source is.
fn leaf_of(leaves: &[(Var, Source)], func: &Func, source: Source) -> Option<usize> {
    leaves.iter().position(|(var, _)| func.defs[*var].inst == Inst::Source(source))
}

/// Where the cotangent of a leaf goes.
fn target_of(tangent: Source) -> Target {
    match tangent {
        Source::InputTangent(i) => Target::Input(i),
        Source::ParamTangent(i) => Target::Param(i),
        other => unreachable!("{other:?} is no tangent of a leaf"),
    }
}

/// That two things are the same; what is missing is zero.
fn agree<T: Draw>(
    name: &str,
    what: &str,
    found: &Results<T>,
    expected: &Results<T>,
    same: &impl Fn(T, T) -> bool,
) {
    for target in found.keys().chain(expected.keys()) {
        let zero = || {
            let known = found.get(target).or(expected.get(target));
            known.expect("one of them").map(|_| T::ZERO)
        };
        let of = |results: &Results<T>| results.get(target).cloned().unwrap_or_else(zero);
        let (a, b) = (of(found), of(expected));
        assert!(
            all_same(&a, &b, same),
            "{name}: {what} is not the product with the Hessian: {target:?} is {:?} more",
            add(&a, &b.map(|b| -*b)).data
        );
    }
}
