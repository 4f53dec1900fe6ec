//! `programs`: what a model computes, as functions. They are all that a back end reads: generated Rust, text, an
//! interpreter.

use crate::bug::OrBug;
use crate::builder::Builder;
use crate::entries::{ALL, Wrt};
use crate::invariant::Verify;
use crate::ir::{Def, Func, Res, Source, Target, Var};
use crate::lin::Linear;
use crate::linearize::linearize;
use crate::lower::{Lowered, lower, lower_training};
use crate::recompute::Recompute;
use crate::shape::{Dim, Shape};
use crate::simplify::{interleave, simplify};
use crate::transpose::transpose;
use crate::typed::Typed;

/// The functions of a model.
pub struct Programs {
    /// The output.
    pub forward: Func,
    /// The output and its tangent, from those of all inputs and parameters.
    pub jvp: Func,
    /// The output, and the cotangents of all inputs and parameters.
    pub vjp: Func,
    /// For each statistic over the batch, how many values it takes from a sample.
    pub over_batch: Vec<Dim>,
}

/// The functions of evaluation calls.
pub fn programs(typed: &Typed) -> Programs {
    Programs::of(&lower(typed))
}

/// The functions of training calls, if they are others.
pub fn training_programs(typed: &Typed) -> Option<Programs> {
    typed.modes().is_some().then(|| Programs::of(&lower_training(typed)))
}

impl Programs {
    fn of(model: &Lowered) -> Programs {
        let forward = simplified(model.func.defs.clone(), model.func.results.clone());
        // One function for all tangents and one for all cotangents, of which less can be run (`wanted`).
        let jvp = model.jvp(model.linearize(ALL));
        let vjp = model.vjp(adjoint(model.linearize(ALL)));
        Programs { forward, jvp, vjp, over_batch: model.over_batch.clone() }
    }

    /// Each with the name of its entry.
    #[cfg(test)]
    pub fn functions(&self) -> impl Iterator<Item = (&'static str, &Func)> {
        [("forward", &self.forward), ("jvp", &self.jvp), ("vjp", &self.vjp)].into_iter()
    }
}

impl Lowered {
    /// What a derivative is taken towards, and the names of the tangents.
    pub fn leaves(&self, wrt: Wrt) -> Vec<(Var, Source)> {
        let inputs = self.inputs.iter().filter(|_| wrt.inputs);
        let trained = |(_, source): &&(Var, Source)| match source {
            Source::ParamTangent(i) => self.trained[*i],
            _ => true,
        };
        let params = self.params.iter().filter(|_| wrt.params).filter(trained);
        inputs.chain(params).copied().collect()
    }

    /// The tangent of the output, linear in those of what is asked for.
    pub fn linearize(&self, wrt: Wrt) -> Linear {
        let output = [(Target::OutputTangent, self.output)];
        let made = linearize(&self.func, &self.leaves(wrt), &output);
        made.ok().or_bug("linearize", "derivative of a user's op")
    }

    /// The function, and between its instructions those of a tangent.
    fn jvp(&self, Linear { primal: b, lin: tangent }: Linear) -> Func {
        let ty = b.ty(self.output);
        let mut results = results(&b, tangent.write(&b, |var| var), |_| ty.clone());
        if results.is_empty() {
            results.push(zero(&b, Target::OutputTangent, &ty));
        }
        let (defs, results) =
            interleave(b.into_defs(), self.recomputed.len(), self.complete(results));
        simplified(defs, results)
    }

    /// The function, and an adjoint after it.
    fn vjp(&self, Linear { primal: b, lin: adjoint }: Linear) -> Func {
        let mut recompute = Recompute::new(&b, &self.recomputed);
        let written = adjoint.write(&b, |var| recompute.late(var));
        let leaves: Vec<(Target, Shape)> = self
            .inputs
            .iter()
            .chain(&self.params)
            .filter_map(|(var, source)| match source {
                Source::InputTangent(i) => Some((Target::Input(*i), b.ty(*var))),
                Source::ParamTangent(i) => Some((Target::Param(*i), b.ty(*var))),
                _ => None,
            })
            .collect();
        let of = |target| leaves.iter().find(|(leaf, _)| *leaf == target).map(|(_, ty)| ty.clone());
        let mut results =
            results(&b, written, |target| of(target).or_bug("vjp", "leaf for a cotangent"));
        // What nothing depends on has a derivative too: zero.
        for (target, ty) in &leaves {
            if !results.iter().any(|result| result.target == *target) {
                results.push(zero(&b, *target, ty));
            }
        }
        simplified(b.into_defs(), self.complete(results))
    }

    /// Every function leads to what the model's own leads to.
    fn complete(&self, derived: Vec<Res>) -> Vec<Res> {
        let (output, updates) = self.func.results.split_at(1);
        [output.to_vec(), derived, updates.to_vec()].concat()
    }
}

/// From the cotangent of the output to those of inputs and parameters.
pub fn adjoint(tangent: Linear) -> Linear {
    transpose(
        tangent,
        |_| Source::Cotangent,
        |source| match source {
            Source::InputTangent(i) => Some(Target::Input(i)),
            Source::ParamTangent(i) => Some(Target::Param(i)),
            _ => None,
        },
    )
}

fn simplified(defs: Vec<Def>, results: Vec<Res>) -> Func {
    simplify(defs, results).verified("simplify")
}

/// What a linear program leads to, each as an array of its shape.
fn results(b: &Builder, written: Vec<(Target, Var)>, ty: impl Fn(Target) -> Shape) -> Vec<Res> {
    let result = |(target, value)| Res { target, value: b.fill(value, &ty(target)) };
    written.into_iter().map(result).collect()
}

fn zero(b: &Builder, target: Target, ty: &[Dim]) -> Res {
    Res { target, value: b.fill(b.int(0).var, ty) }
}
