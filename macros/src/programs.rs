//! `programs`: what a model computes, as functions. They are all that a back end reads: generated Rust, text, an
//! interpreter.

use crate::bug::OrBug;
use crate::build::Builder;
use crate::ir::{Def, Func, Res, Source, Target, Var};
use crate::lin::LinFunc;
use crate::linearize::linearize;
use crate::lower::{Lowered, lower, lower_training};
use crate::recompute::Again;
use crate::shape::{Dim, Shape};
use crate::simplify::{interleave, simplify};
use crate::transpose::transpose;
use crate::typed::Typed;
use crate::verify::{About, Verify};

/// The functions of a model.
pub struct Programs {
    /// The output.
    pub forward: Func,
    /// The output and its tangent: towards the inputs, the parameters, and both.
    pub jvps: Vec<(Wrt, Func)>,
    /// The output, and the cotangents of all inputs and parameters.
    pub vjp: Func,
    /// Of statistics over the batch, how many values each takes from a sample.
    pub over_batch: Vec<Dim>,
}

/// Towards what a derivative is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wrt {
    /// What the runtime's entries call it.
    pub name: &'static str,
    pub inputs: bool,
    pub params: bool,
}

const INPUTS: Wrt = Wrt { name: "inputs", inputs: true, params: false };
const PARAMS: Wrt = Wrt { name: "params", inputs: false, params: true };
pub const ALL: Wrt = Wrt { name: "all", inputs: true, params: true };

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
        let forward = model.finish(model.tracer.b.defs(), Vec::new());
        // Each tangent leaves what it mentions in the primal program: the next one finds it there.
        let derived = |wrt| {
            let tangent = model.tangent(wrt);
            ((wrt, model.jvp(&tangent)), tangent)
        };
        let ((inputs, _), (params, _), (all, tangent)) =
            (derived(INPUTS), derived(PARAMS), derived(ALL));
        // One function for all cotangents: of a VJP, less can be run.
        let b = &model.tracer.b;
        let adjoint = about(b, transpose(&tangent, b), "transpose");
        let vjp = model.vjp(&adjoint);
        let jvps = vec![inputs, params, all];
        let over_batch = model.tracer.over_batch.borrow().clone();
        Programs { forward, jvps, vjp, over_batch }
    }

    /// Each with the name of its entry.
    #[cfg(test)]
    pub fn functions(&self) -> impl Iterator<Item = (String, &Func)> {
        let jvps = self.jvps.iter().map(|(wrt, jvp)| (format!("jvp_{}", wrt.name), jvp));
        [("forward".to_string(), &self.forward)]
            .into_iter()
            .chain(jvps)
            .chain([("vjp".to_string(), &self.vjp)])
    }
}

impl Lowered {
    /// The tangent of the output, linear in those of what is asked for.
    pub fn tangent(&self, wrt: Wrt) -> LinFunc {
        let inputs = self.inputs.iter().filter(|_| wrt.inputs);
        let trained = |(_, source): &&(Var, Source)| match source {
            Source::ParamTangent(i) => self.trained[*i],
            _ => true,
        };
        let params = self.params.iter().filter(|_| wrt.params).filter(trained);
        let active: Vec<(Var, Source)> = inputs.chain(params).copied().collect();
        let output = [(Target::OutputTangent, self.output)];
        let b = &self.tracer.b;
        about(b, linearize(b, &self.tracer.tape.borrow(), &active, &output), "linearize")
    }

    /// The primal program, and between its instructions those of a tangent.
    fn jvp(&self, tangent: &LinFunc) -> Func {
        let b = self.tracer.b.clone();
        let mut results = results(&b, tangent.write(&b, |var| var), |_| b.ty(self.output));
        if results.is_empty() {
            results.push(zero(&b, Target::OutputTangent, &b.ty(self.output)));
        }
        let (defs, results) =
            interleave(b.into_defs(), self.recomputed.len(), self.complete(results));
        simplify(defs, results).verified("simplify")
    }

    /// The primal program, and an adjoint one after it.
    fn vjp(&self, adjoint: &LinFunc) -> Func {
        let b = self.tracer.b.clone();
        let mut again = Again::new(&b, &self.recomputed);
        let written = adjoint.write(&b, |var| again.late(var));
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
        self.finish(b.into_defs(), results)
    }

    fn finish(&self, defs: Vec<Def>, results: Vec<Res>) -> Func {
        simplify(defs, self.complete(results)).verified("simplify")
    }

    /// Every function computes the output as well, and what state becomes.
    fn complete(&self, derived: Vec<Res>) -> Vec<Res> {
        let output = Res { target: Target::Output, value: self.output };
        let updates = self.tracer.updates.borrow();
        [output].into_iter().chain(derived).chain(updates.iter().cloned()).collect()
    }
}

/// What a linear program leads to, each as an array of its shape.
fn results(b: &Builder, written: Vec<(Target, Var)>, ty: impl Fn(Target) -> Shape) -> Vec<Res> {
    let result = |(target, value)| Res { target, value: b.fill(value, &ty(target)) };
    written.into_iter().map(result).collect()
}

fn zero(b: &Builder, target: Target, ty: &[Dim]) -> Res {
    Res { target, value: b.fill(b.int(0).var, ty) }
}

/// The linear program, after its invariants were checked.
fn about(b: &Builder, lin: LinFunc, pass: &str) -> LinFunc {
    About { lin, primal: b }.verified(pass).lin
}
