//! The driver: the only place that knows the order of the passes.

use crate::build::Builder;
use crate::codegen::{self, Code, Half};
use crate::diag::Diags;
use crate::expand;
use crate::fuse::{Parts, fuse};
use crate::infer::infer;
use crate::ir::{Def, Func, Res, Source, Target, Var};
use crate::library::{Library, collect, foreign};
use crate::lin::LinFunc;
use crate::linearize::linearize;
use crate::lower::{Lowered, lower, lower_training};
use crate::parse::parse;
use crate::plan::{Plan, plan};
use crate::recompute::Again;
use crate::shape::{Dim, size};
use crate::simplify::{interleave, simplify};
use crate::transpose::transpose;
use crate::typed::{Param, Typed};
use proc_macro2::TokenStream;

/// `model! { … }`, given the path of the runtime crate and the definitions that were collected so far:
/// none in the first round, in which it is found out what there is to collect.
pub fn expand(
    krate: &TokenStream,
    definitions: Option<TokenStream>,
    tokens: TokenStream,
) -> TokenStream {
    // Nothing here should ever panic; if it does, that is an error message like any other.
    let run = std::panic::AssertUnwindSafe(|| passes(krate, definitions, tokens));
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let why = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
            (Some(text), _) => text,
            (_, Some(text)) => *text,
            _ => "no reason was given",
        };
        let message = format!("pullback has a bug, please report it with your model: {why}");
        quote::quote! { ::core::compile_error! { #message } }
    })
}

fn passes(
    krate: &TokenStream,
    definitions: Option<TokenStream>,
    tokens: TokenStream,
) -> TokenStream {
    let mut diags = Diags::default();
    let file = parse(tokens.clone(), &mut diags);
    let foreign = foreign(&file);
    if definitions.is_none() && !foreign.is_empty() {
        return collect(krate, &foreign, &tokens); // mistakes are reported in the next round
    }
    let own = file.models.len();
    let mut library = Library::new(file, definitions.unwrap_or_default(), &mut diags);
    let mut made: Vec<Option<Typed>> = (0..own).map(|_| None).collect();
    // What a model uses goes before it: after a mistake in the one, the other has nothing to add.
    for id in library.order(own) {
        let mut of_model = Diags::default();
        let typed = infer(&library, id, &mut of_model);
        library.models[id].broken |= !of_model.is_empty() || typed.broken.is_some();
        diags.append(of_model);
        made[id] = Some(typed);
    }
    // A name that no other call in this module uses.
    let error = library.models[..own].first().map(|m| expand::hidden(&m.ast.name, "ERROR"));
    let error = error.filter(|_| !diags.is_empty());
    let names = library.models[..own].iter().map(|entry| entry.ast.name.to_string());
    let mut taken: expand::Taken = names.collect();
    let mut items = TokenStream::new();
    for (id, typed) in made.into_iter().enumerate() {
        let (Some(typed), entry) = (typed, &library.models[id]) else { continue };
        let (ast, whole) = (&entry.ast, !entry.broken);
        items.extend(if whole && !ast.sizes.is_empty() {
            expand::generic(krate, ast, &typed)
        } else if whole {
            expand::model(krate, ast, &typed, &compile_modes(&typed), &mut taken)
        } else {
            expand::stub(krate, ast, &typed, error.as_ref(), &mut taken)
        });
        items.extend(library.definition(id, &typed, whole));
    }
    items.extend(diags.to_tokens(error.as_ref()));
    items
}

/// Everything a model's generated code is made from.
pub struct Compiled {
    /// The functions of `Tiles` and their bodies.
    pub code: Code,
    /// Elements of workspace for a tile: the largest of all entries.
    pub workspace: Vec<Dim>,
    pub flops: Dim,
    /// The plan in words, for `EXPLAIN`.
    pub explain: String,
    /// Whether some function needs `Real`.
    pub real: bool,
    /// Of statistics over the batch, how many values each takes from a sample.
    pub over_batch: Vec<Dim>,
    /// The program of training calls, if it is another one.
    pub training: Option<Box<Compiled>>,
}

impl Compiled {
    /// `loops` says whether they are listed: the JVPs towards the parameters are like that to the
    /// inputs, only longer.
    fn add(&mut self, name: &str, plan: &Plan, loops: bool) {
        self.workspace.push(plan.elements());
        self.real |= plan.program.is_real();
        self.explain += &describe(name, plan, loops);
    }

    /// What stands in for a model with mistakes, in one mode or two.
    pub fn broken(modes: bool) -> Compiled {
        let mut code = Code::default();
        for name in ["forward", "jvp_inputs", "jvp_params", "jvp_all", "primal", "pullback"] {
            let wanted = if name.starts_with('p') { ", W: __pb::Wanted" } else { "" };
            code.functions += &format!(
                "fn {name}_tile<V: __Lanes<Scalar = T>{wanted}>(_: __pb::Io<'_, T, __N>) {{ \
                 ::core::unreachable!(\"this model does not compile\") }}\n"
            );
        }
        Compiled {
            code,
            workspace: vec![Dim::known(0)],
            flops: Dim::known(0),
            explain: String::new(),
            real: true,
            over_batch: Vec::new(),
            training: modes.then(|| Box::new(Compiled::broken(false))),
        }
    }
}

/// Towards what a derivative is taken, by the names of the runtime's entries.
const WRT: [(&str, bool, bool); 3] =
    [("inputs", true, false), ("params", false, true), ("all", true, true)];

/// The programs of a model: one, or that of evaluation and with it that of training.
pub fn compile_modes(typed: &Typed) -> Compiled {
    let sizes = |params: &[Param]| params.iter().map(|param| size(&param.shape)).collect();
    let code = Code::new(sizes(typed.trained()), sizes(typed.state()), typed.inputs.len());
    let mut made = compile(code, &lower(typed));
    if typed.modes().is_some() {
        let training = compile(made.code.another(), &lower_training(typed));
        made.real |= training.real;
        made.training = Some(Box::new(training));
    }
    made
}

fn compile(mut code: Code, model: &Lowered) -> Compiled {
    let forward = planned(&finish(model, model.tracer.b.defs(), Vec::new(), false), Parts::One);
    code.function("forward", &forward, Half::Whole);
    let mut made = Compiled {
        code,
        workspace: vec![forward.elements()],
        flops: codegen::flops(&forward.program.nests),
        explain: describe("forward", &forward, true),
        real: forward.program.is_real(),
        over_batch: model.tracer.over_batch.borrow().clone(),
        training: None,
    };
    for (name, inputs, params) in WRT {
        let active: Vec<(Var, Source)> = [(&model.inputs, inputs), (&model.params, params)]
            .into_iter()
            .filter(|(_, wanted)| *wanted)
            .flat_map(|(leaves, _)| leaves.iter().copied())
            .filter(|(_, source)| match source {
                Source::ParamTangent(i) => model.trained[*i],
                _ => true,
            })
            .collect();
        let outputs = [(Target::OutputTangent, model.output)];
        let tangent = linearize(&model.tracer.b, &model.tracer.tape.borrow(), &active, &outputs);
        let jvp = planned(&build_with(model, &tangent, true), Parts::One);
        made.code.function(&format!("jvp_{name}"), &jvp, Half::Whole);
        made.add(&format!("jvp, {name}"), &jvp, !params);
        // One program for all cotangents: of a VJP, less can be run.
        if inputs && params {
            let adjoint = transpose(&tangent, &model.tracer.b);
            let program = build_with(model, &adjoint, false);
            let vjp = planned(&program, Parts::Halves);
            made.code.function("primal", &vjp, Half::Primal);
            made.code.function("pullback", &vjp, Half::Pullback);
            made.add("vjp", &vjp, true);
            if let Some(whole) = in_fewer_loops(&program, &vjp) {
                made.code.function("vjp", &whole, Half::Both);
                made.add("vjp, given the cotangents", &whole, true);
            }
        }
    }
    made
}

/// VJPs of more loops than this are not written a second time: what that saves is not felt.
const FEW: usize = 8;

/// A VJP whose cotangents are known beforehand, if it then takes fewer loops: what the output is made in
/// and what its cotangent goes into first can be one.
fn in_fewer_loops(program: &Func, halves: &Plan) -> Option<Plan> {
    let loops =
        |plan: &Plan| plan.program.nests.iter().map(|nest| nest.flat().len()).sum::<usize>();
    if loops(halves) > FEW {
        return None;
    }
    let whole = planned(program, Parts::One);
    (loops(&whole) < loops(halves)).then_some(whole)
}

fn planned(program: &Func, parts: Parts) -> Plan {
    plan(fuse(program, parts))
}

/// The primal program with a linear one behind it.
fn build_with(model: &Lowered, linear: &LinFunc, jvp: bool) -> Func {
    let b = model.tracer.b.clone();
    let mut again = Again::new(&b, &model.recomputed);
    let written = linear.write(&b, |var| if jvp { var } else { again.late(var) });
    let mut results: Vec<Res> =
        written.into_iter().map(|(target, value)| Res { target, value }).collect();
    for result in &mut results {
        let ty = match result.target {
            Target::Output | Target::OutputTangent | Target::Step(_) => b.ty(model.output),
            Target::State(_) => b.ty(result.value),
            Target::Input(i) => leaf_ty(&b, &model.inputs, Source::InputTangent(i)),
            Target::Param(i) => leaf_ty(&b, &model.params, Source::ParamTangent(i)),
        };
        result.value = b.fill(result.value, &ty);
    }
    // What nothing depends on has a derivative too: zero.
    let zero = |target: Target, ty: Vec<Dim>| Res { target, value: b.fill(b.int(0).var, &ty) };
    let mut missing = Vec::new();
    if jvp && results.is_empty() {
        missing.push(zero(Target::OutputTangent, b.ty(model.output)));
    }
    if !jvp {
        for (var, source) in model.inputs.iter().chain(&model.params) {
            let target = match source {
                Source::InputTangent(i) => Target::Input(*i),
                Source::ParamTangent(i) => Target::Param(*i),
                _ => continue,
            };
            if !results.iter().any(|result| result.target == target) {
                missing.push(zero(target, b.ty(*var)));
            }
        }
    }
    results.extend(missing);
    finish(model, b.into_defs(), results, jvp)
}

fn leaf_ty(b: &Builder, leaves: &[(Var, Source)], source: Source) -> Vec<Dim> {
    leaves.iter().find(|(_, s)| *s == source).map_or(Vec::new(), |(var, _)| b.ty(*var))
}

/// Every program computes the output as well, and what state becomes. Of a JVP, the tangents are moved
/// between the instructions of the primal program.
fn finish(model: &Lowered, mut defs: Vec<Def>, mut results: Vec<Res>, jvp: bool) -> Func {
    results.insert(0, Res { target: Target::Output, value: model.output });
    results.extend(model.tracer.updates.borrow().iter().cloned());
    if jvp {
        (defs, results) = interleave(defs, model.recomputed.len(), results);
    }
    verified(simplify(defs, results), "simplify")
}

/// The invariants of the IR, checked in debug builds after every pass that makes a function.
fn verified(func: Func, pass: &str) -> Func {
    if cfg!(debug_assertions) {
        func.verify(pass);
    }
    func
}

fn describe(name: &str, plan: &Plan, loops: bool) -> String {
    let (per_sample, fixed) = plan.elements().by_batch();
    let fixed = if fixed.is(0) { String::new() } else { format!(" and {fixed} at once") };
    let summary = plan.program.summary();
    let loops = if loops { plan.program.show() } else { String::new() };
    format!("{name}: {summary} of {per_sample} numbers per sample{fixed}\n{loops}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// The generated text of a model of so many steps, and how long the compiler took.
    fn chain(steps: usize) -> (usize, f64) {
        let body = "linear -> [16], tanh, ".repeat(steps / 2);
        let model = format!("pub Chain: [16] -> [16] {{ {body} }}");
        let start = Instant::now();
        let mut diags = Diags::default();
        let file = parse(model.parse().expect("tokens"), &mut diags);
        let library = Library::new(file, TokenStream::new(), &mut diags);
        let compiled = compile_modes(&infer(&library, 0, &mut diags));
        assert!(diags.is_empty());
        (
            compiled.code.functions.len() + compiled.code.items.len(),
            start.elapsed().as_secs_f64() * 1e3,
        )
    }

    /// The runtime crate may have another name: nothing is found by the one it usually has.
    #[test]
    fn the_runtime_crate_is_where_the_call_says() {
        /// The tokens side by side, without literals: documentation may name the crate.
        fn code(tokens: TokenStream) -> String {
            tokens
                .into_iter()
                .map(|token| match token {
                    proc_macro2::TokenTree::Group(group) => code(group.stream()),
                    proc_macro2::TokenTree::Literal(_) => String::new(),
                    other => other.to_string(),
                })
                .collect()
        }
        let models = "pub Whole(x: [A, 3], y: [B, 3], i: index(4)) -> [4] {
                x + y, Mine {} -> [2], fc = linear -> [4], softmax, cross_entropy(i), broadcast -> [4]
            }
            pub Bare: [3] -> [3] { tanh }
            pub Broken: [3] -> [4] { fc = linear -> [5] }";
        let (krate, models) =
            crate::split(format!("[::elsewhere] {models}").parse().expect("tokens"));
        let code = code(expand(&krate, None, models));
        assert!(code.contains("::elsewhere::__private") && code.contains("__op0"));
        assert!(!code.contains("pullback::"));
    }

    #[test]
    fn expansion_grows_linearly() {
        chain(2);
        let sizes: Vec<(usize, f64)> = [50, 100, 200, 400].into_iter().map(chain).collect();
        for (steps, (text, ms)) in [50, 100, 200, 400].iter().zip(&sizes) {
            println!("{steps} steps: {text} bytes of code, {ms:.1} ms");
        }
        // Time is printed and never decides; the code itself must not grow faster than the model.
        for pair in sizes.windows(2) {
            assert!(pair[1].0 < pair[0].0 * 21 / 10, "{sizes:?}");
        }
    }
}
