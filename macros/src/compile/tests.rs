//! What is generated, and how long it takes.

use super::{Code, Compiled, compile_modes};
use crate::diag::Diags;
use crate::infer::infer;
use crate::library::Library;
use crate::parse::parse;
use proc_macro2::TokenStream;
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
    (compiled.code.functions.len() + compiled.code.items.len(), start.elapsed().as_secs_f64() * 1e3)
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
    let (krate, models) = crate::split(format!("[::elsewhere] {models}").parse().expect("tokens"));
    let code = code(crate::pipeline::expand(&krate, None, models));
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
