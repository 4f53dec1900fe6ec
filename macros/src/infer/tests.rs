use super::infer;
use crate::compile::compile_modes;
use crate::diag::Diags;
use crate::library::Library;
use crate::ops;
use crate::parse::parse;
use crate::parse::tests::Random;
use crate::pipeline::expand;
use proc_macro2::TokenStream;

/// The messages for one model.
fn errors(text: &str) -> Vec<String> {
    let mut diags = Diags::default();
    let file = parse(text.parse().expect("tokens"), &mut diags);
    let own = file.models.len();
    let library = Library::new(file, TokenStream::new(), &mut diags);
    (0..own).for_each(|id| drop(infer(&library, id, &mut diags)));
    diags.messages()
}

/// The names of the parameter arrays.
fn params(text: &str) -> Vec<String> {
    let mut diags = Diags::default();
    let file = parse(text.parse().expect("tokens"), &mut diags);
    let library = Library::new(file, TokenStream::new(), &mut diags);
    let typed = infer(&library, 0, &mut diags);
    assert!(diags.is_empty(), "{:?}", diags.messages());
    compile_modes(&typed);
    typed.params.into_iter().map(|param| param.path).collect()
}

#[test]
fn shared_blocks_share_their_inner_blocks_as_well() {
    let inner =
        "let f = { let g = linear(bias = false) -> [3], g, tanh, g, linear(bias = false) -> [3] },";
    let names = ["f.g.weight", "f.linear1.weight"];
    assert_eq!(params(&format!("M: [3] -> [3] {{ {inner} f, f }}")), names);
    let outer = "let h = { f, relu, f }, h, u = h, f(u)";
    assert_eq!(params(&format!("M: [3] -> [3] {{ {inner} {outer} }}")), names);
}

/// Options that something is divided by.
#[test]
fn options_that_divide_by_zero_are_refused() {
    let one = |body: &str, message: &str| {
        let found = errors(&format!("M: [2, 4] -> [2, 2] {{ {body}, avg_pool1d(2) }}"));
        assert!(found.len() == 1 && found[0].contains(message), "{body}: {found:?}");
    };
    one("celu(alpha = 0)", "`alpha` of `celu` is not 0, found 0");
    one("celu(0.5 - 0.5)", "`alpha` of `celu` is not 0, found 0");
    assert_eq!(errors("M: [2] -> [2] { elu(alpha = 0), celu(alpha = -0.5) }"), [""; 0]);
    for rank in 1..=3 {
        let shape = vec!["2"; rank].join(", ");
        let ones = vec!["1"; rank].join(", ");
        let found = errors(&format!(
            "M: [2, {shape}] -> [2, {ones}] {{ smooth_max_pool{rank}d(2, beta = 0) }}"
        ));
        assert!(found.len() == 1 && found[0].contains("is not 0, found 0"), "{found:?}");
    }
}

#[test]
fn equalities_are_chained() {
    let model = |body| format!("M(x: [A], y: [B], z: [C]) -> [A] {{ {body} }}");
    assert_eq!(errors(&model("x + y + z -> [3]")), [""; 0]);
    // One equation may need another's solution.
    params(&model(
        "h = x + y -> [2], linear -> [C], relu -> [A + 4], u = linear -> [B * C], z + sum(u), linear -> [A], relu -> [B]",
    ));
    assert_eq!(errors("M(x: [A, B], y: [A]) -> [6] { y -> [2], flatten(x) -> [6] }"), [""; 0]);
    params(&model(
        "h = x + y, u = linear -> [C], h + z + sum(u), linear -> [B], linear -> [4], linear -> [A]",
    ));
    assert_eq!(
        errors(&model("h = x + y -> [3], z + h -> [4]")),
        ["the arrow of `+` needs `C` and `4` to be equal, but other steps need `C` to be `3`\n\n\
          help: write all of them with the same `const`s"]
    );
}

#[test]
fn one_mistake_is_reported_once() {
    for body in [
        "linear, relu, a = linear -> [4], a + x",
        "rleu, linear -> [5, 4], a = tanh, b = a * a, sum(b)",
        "tanh, linear -> [0], a = tanh, b = a * a, sum(b) -> []",
        "x + y, tanh -> [3], linear -> [7]",
        "(a, b) = split(axis = 3), u = a * b, c = softmax(u, axis = 9) -> [4], c",
        "let f = { linear }, f, f, f",
        "let f = linear(bias = 2) -> [3], f, tanh, f(x)",
        "linear: [8] -> [5], relu: [5]",
        "relu: [6], linear: [6] -> [5], relu: [5]",
        "tanh -> [9], tanh -> [9], linear: [9] -> [10]",
        "tanh -> [2, 2], flatten, x",
        "tanh, unused = linear -> [4, 4]",
        "x = tanh, x, x + x",
    ] {
        let found = errors(&format!("M(x: [4]) -> [10] {{ {body}, linear(x) -> [10] }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
    }
}

#[test]
fn no_model_makes_it_panic() {
    let examples: Vec<&str> = ops::all().flat_map(|op| op.examples).copied().collect();
    let more = [
        "(x: [4]) -> [4] { let f = { linear -> [4], let g = |v, w| v * w, g(x) }, u = f, f(u) + 2 * D }",
        "(x: [A, 4], i: index(3)) -> [] { y = { (a, b) = split(x, axis = 1), a + b: [A] }, linear -> [A, 3], sum(y) }",
        "(x: [2, 3]) -> [3] { My::op(2): [2, 3] -> [3], h = reshape -> [_, 3], slice(0..B), concat(h, x, axis = 0) }",
    ];
    let mut random = Random(7);
    let (mut broken, mut whole) = (0, 0);
    for round in 0..10_000 {
        let text = if round % 4 == 0 {
            more[round / 4 % more.len()]
        } else {
            examples[round % examples.len()]
        };
        let mut tokens = format!("M{text}").parse::<TokenStream>().expect("tokens");
        for _ in 0..random.below(4) {
            tokens = random.mutate(tokens);
        }
        let code = expand(&"::pullback".parse().expect("tokens"), None, tokens.clone()).to_string();
        assert!(
            !code.contains("pullback has a bug") && !code.contains("pullback wrote"),
            "{tokens}: {code}"
        );
        *if code.contains("compile_error") { &mut broken } else { &mut whole } += 1;
    }
    assert!(broken > 2_000 && whole > 2_000, "{broken} {whole}");
}

#[test]
fn what_is_used_in_any_way_is_used() {
    for body in [
        "s = linear(x) -> [3], stop_gradient(s) + x",
        "let f = linear -> [3], u = f(x), f(x)",
        "fc = linear(x) -> [3], matmul(x, fc.weight)",
        "p = parameter -> [3, 3], matmul(x, p.weight)",
        "b = { linear(x) -> [3], tanh }, x + b",
        "reshape(x) -> [1, 3], scan(h: [3]) { z = linear -> [3], h <- z + h }, flatten",
        "e = embedding(t) -> [2, 3], x * sum(e.weight)",
    ] {
        let model = format!("M(x: [3], t: [2] of index(4)) -> [3] {{ {body} }}");
        assert_eq!(errors(&model), [""; 0], "{body}");
    }
    assert_eq!(
        errors("M(x: [3], i: index(3)) -> [3] { e = embedding(i) -> [4], one_hot(i) }"),
        ["nothing uses the value of `e`, so its 12 parameters would never get a gradient\n\n\
          help: use `e` in a step after it, or remove this one"]
    );
}
