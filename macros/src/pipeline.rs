//! The driver: from the text of models to items. What is between typing and loops is in `programs`.

use crate::codegen::{self, Code};
use crate::diag::Diags;
use crate::entries::{ALL, FORWARD, JVP, PRIMAL, PULLBACK, Tile, VJP};
use crate::expand;
use crate::fuse::{Parts, fuse};
use crate::infer::infer;
use crate::ir::Func;
use crate::library::{Library, collect, foreign};
use crate::nest::{Program, loops};
use crate::parse::parse;
use crate::plan::{Plan, plan};
use crate::programs::{Programs, programs, training_programs};
use crate::shape::{Dim, size};
use crate::typed::{Param, Typed};
use crate::verify::Verify;
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
    /// Adds a function of tiles, which `EXPLAIN` has under its titles.
    fn add(&mut self, tile: Tile, plan: &Plan) {
        self.code.function(tile, plan);
        self.workspace.push(plan.elements());
        self.real |= plan.program.is_real();
        for (i, (title, wrt)) in tile.titles.iter().enumerate() {
            self.explain += &describe(title, plan, &plan.program.asked(*wrt), i == 0);
        }
    }

    /// What stands in for a model with mistakes, in one mode or two.
    pub fn broken(modes: bool) -> Compiled {
        let mut code = Code::default();
        for tile in Tile::ALL {
            code.functions += &tile.head("_");
            code.functions += "{ ::core::unreachable!(\"this model does not compile\") }\n";
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

/// The code of a model: of one program, or of that of evaluation and with it that of training.
pub fn compile_modes(typed: &Typed) -> Compiled {
    let sizes = |params: &[Param]| params.iter().map(|param| size(&param.shape)).collect();
    let code = Code::new(sizes(typed.trained()), sizes(typed.state()), typed.inputs.len());
    let mut made = compile(code, programs(typed));
    if let Some(training) = training_programs(typed) {
        let training = compile(made.code.another(), training);
        made.real |= training.real;
        made.training = Some(Box::new(training));
    }
    made
}

fn compile(code: Code, programs: Programs) -> Compiled {
    let forward = planned(&programs.forward, Parts::One);
    let mut made = Compiled {
        code,
        workspace: Vec::new(),
        flops: codegen::flops(&forward.program.nests),
        explain: String::new(),
        real: false,
        over_batch: programs.over_batch,
        training: None,
    };
    made.add(FORWARD, &forward);
    made.add(JVP, &planned(&programs.jvp, Parts::One));
    let vjp = planned(&programs.vjp, Parts::Halves);
    made.code.function(PRIMAL, &vjp);
    made.add(PULLBACK, &vjp);
    if let Some(whole) = in_fewer_loops(&programs.vjp, &vjp) {
        made.add(VJP, &whole);
    }
    made
}

/// VJPs of more loops than this are not written a second time: what that saves is not felt.
const FEW: usize = 8;

/// A VJP whose cotangents are known beforehand, if it then takes fewer loops: what the output is made in
/// and what its cotangent goes into first can be one.
fn in_fewer_loops(program: &Func, halves: &Plan) -> Option<Plan> {
    let loops = |plan: &Plan| loops(&plan.program.nests, ALL);
    if loops(halves) > FEW {
        return None;
    }
    let whole = planned(program, Parts::One);
    (loops(&whole) < loops(halves)).then_some(whole)
}

fn planned(program: &Func, parts: Parts) -> Plan {
    plan(fuse(program, parts).verified("fuse")).verified("plan")
}

fn describe(name: &str, plan: &Plan, program: &Program, loops: bool) -> String {
    let (per_sample, fixed) = plan.elements().by_batch();
    let fixed = if fixed.is(0) { String::new() } else { format!(" and {fixed} at once") };
    let summary = program.summary();
    let loops = if loops { program.show() } else { String::new() };
    format!("{name}: {summary} of {per_sample} numbers per sample{fixed}\n{loops}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// Constants that are folded are arrays like any other: whatever is done to them, and wherever they go.
    #[test]
    fn folded_constants_stand_anywhere() {
        let constants = ["pow(z, 0)", "z - z", "mul(z, 0)", "exp(mul(z, 0))"];
        let bodies = [
            ("[]", "k + x"),
            ("[]", "k * x, linear -> [2, 4], slice(0..3, axis = 1)"),
            ("[]", "reshape(k) -> [1, 1], h = broadcast -> [2, 3], h + x"),
            ("[3]", "k + x"),
            ("[3]", "concat(unsqueeze(k, 0), unsqueeze(k, 0)), h = square, x + h"),
            ("[3]", "where(gt(x, 0), k, x)"),
            ("[3]", "where(k, x, k)"),
            ("[3]", "h = softmax(k), x * h"),
            ("[3]", "h = cumsum(k, axis = 0), x * h"),
            ("[3]", "h = layer_norm(k), x * h"),
            ("[3]", "h = flip(k, axes = 0), x * h"),
            ("[3]", "h = roll(k, 1, axis = 0), x * h"),
            ("[3]", "h = outer(k, k), matmul(x, h)"),
            ("[3]", "h = amax(k), x * h"),
            ("[3]", "h = norm(k), x * h"),
            ("[3]", "h = prod(k), x * h"),
            ("[3]", "h = logsumexp(k), x * h"),
            ("[3]", "reshape(k) -> [3, 1], h = transpose, x * h"),
            ("[3]", "unsqueeze(k, 0), h = repeat([2, 1]), x * h"),
            ("[3]", "reshape(k) -> [1, 3], constant_pad1d([1, 1]), h = conv1d(3) -> [2, 3], x * h"),
            (
                "[3]",
                "reshape(k) -> [1, 3], max_pool1d(2, stride = 1), h = conv1d(2, padding = 1) -> [1, 3], x * h",
            ),
            ("[3]", "reshape(k) -> [3, 1], broadcast -> [3, 2], h = transpose, x * h"),
            ("[3]", "h = dot(k, k), x * h"),
            ("[3]", "h = linear(k) -> [3], x * h"),
            ("[3]", "scan(x, h: [3] = k) { h <- h * x }"),
            ("[3]", "s = stack(k, k), g = scan(s, h: [3]) { h <- tanh(s + h + k) }, x * g"),
            ("[3]", "f = gather(k, i), x * f"),
            ("[3]", "f = index_select(k, i), g = scatter_add(k, i, f), x * g"),
            ("[3]", "h = einsum(\"a,b->ab\", k, k), einsum(\"ij,jk->ik\", x, h)"),
            ("[3]", "x, mse(k), h = sqrt, x * h"),
            ("[3]", "h = cross_entropy(k, k), x * h"),
            ("[3]", "h = minimum(k, x), maximum(h, k)"),
            ("[3]", "broadcast(k) -> [2, 3]"),
        ];
        for constant in constants {
            for (z, body) in bodies {
                // A loss compares values of one shape.
                let body = body.replace("x, mse(k)", "mean(x, axes = 0), mse(k)");
                compiled(&format!(
                    "pub M(z: {z}, x: [2, 3], i: [3] of index(3)) -> [2, 3] {{ k = {constant}, {body} }}"
                ));
            }
        }
    }

    /// The same models give the same text, whatever order a map has. `PULLBACK_DUMP=FILE` writes it to a file: what
    /// should change nothing is compared so.
    #[test]
    fn generated_text_is_reproducible() {
        let text = || {
            let mut text = String::new();
            for (name, typed) in crate::corpus::all() {
                let made = compile_modes(&typed);
                for made in [Some(&made), made.training.as_deref()].into_iter().flatten() {
                    let Code { functions, items, .. } = &made.code;
                    text += &format!("{name}\n{functions}\n{items}\n{}\n", made.explain);
                }
            }
            text
        };
        let once = text();
        assert!(once == text(), "another text");
        if let Ok(file) = std::env::var("PULLBACK_DUMP") {
            std::fs::write(file, once).expect("the text is written");
        }
    }

    /// The generated text of a model without mistakes.
    fn compiled(model: &str) -> Compiled {
        let mut diags = Diags::default();
        let file = parse(model.parse().expect("tokens"), &mut diags);
        let library = Library::new(file, TokenStream::new(), &mut diags);
        let typed = infer(&library, 0, &mut diags);
        assert!(diags.is_empty(), "{model}\n{}", diags.to_tokens(None));
        compile_modes(&typed)
    }

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
