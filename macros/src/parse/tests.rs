//! The language, its errors word by word, and noise.

mod show;

use super::parse;
use crate::ast::*;
use crate::diag::Diags;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use show::{show_model, show_step};

fn read(text: &str) -> (File, Vec<String>) {
    let mut diags = Diags::default();
    let file = parse(text.parse().expect("balanced tokens"), &mut diags);
    (file, diags.messages())
}

/// The steps of a model without errors, one a line.
fn steps(body: &str) -> String {
    let (file, errors) = read(&format!("M: [64] -> [10] {{ {body} }}"));
    assert_eq!(errors, [""; 0], "{body}");
    assert!(file.models[0].complete);
    file.models[0].body.iter().map(show_step).collect::<Vec<_>>().join("\n")
}

/// The errors of a body, which has to leave the model readable.
fn errors(body: &str) -> Vec<String> {
    let (file, errors) = read(&format!("M: [64] -> [10] {{ {body} }}"));
    assert_eq!(file.models.len(), 1, "{body}");
    errors
}

const EXAMPLES: &str = "
    /// LeNet-5.
    pub LeNet: [1, 28, 28] -> [10] {
        conv1 = conv2d(kernel = 5)   -> [6, 24, 24],
        relu,
        max_pool2d(2),
        conv2 = conv2d(kernel = 5)   -> [16, _, _],
        relu,
        max_pool2d(2)                -> [16, 4, 4],
        flatten                      -> [256],
        fc1 = linear                 -> [120],
        relu,
        fc3 = linear: [84]           -> [10],
    }

    /// Pre-norm feed-forward block with a skip connection.
    #[must_use]
    pub(crate) FeedForward(x: [T, D]) -> [T, D] {
        layer_norm,
        up = linear                  -> [T, 4 * D],
        gelu_tanh,
        down = linear                -> [T, D],
        x + down,
    }

    Distance(a: [64], b: index(N + 1)) -> [] {
        let encode = { linear -> [32], tanh, linear -> [16] },
        u = encode(a),
        v = encode(b),
        sum(square(u - v))
    }
";

#[test]
fn the_examples_of_the_design() {
    let (file, errors) = read(EXAMPLES);
    assert_eq!(errors, [""; 0]);
    let models = file.models.iter().map(show_model).collect::<Vec<_>>();
    assert_eq!(
        models.join("\n\n"),
        "\
1 attributes, `pub` LeNet([1, 28, 28]) -> [10]
conv1 = conv2d(kernel = 5) -> [6, 24, 24]
relu
max_pool2d(2)
conv2 = conv2d(kernel = 5) -> [16, _, _]
relu
max_pool2d(2) -> [16, 4, 4]
flatten -> [256]
fc1 = linear -> [120]
relu
fc3 = linear: [84] -> [10]

2 attributes, `pub (crate)` FeedForward(x: [T, D]) -> [T, D]
layer_norm
up = linear -> [T, (4 * D)]
gelu_tanh
down = linear -> [T, D]
(x + down)

0 attributes, `` Distance(a: [64], b: index((N + 1))) -> []
let encode = { linear -> [32], tanh, linear -> [16] }
u = encode(a)
v = encode(b)
sum(square((u - v)))"
    );
}

#[test]
fn expressions() {
    for (text, tree) in [
        ("a - b - c * d / e", "((a - b) - ((c * d) / e))"),
        ("-(a + b) * - -2", "(-(a + b) * --2)"),
        ("x + 0.5 * h", "(x + (5e-1 * h))"),
        ("slice(0..n - 1, axis = -1)", "slice(0..(n - 1), axis = -1)"),
        ("sum(axes = [0, 2,], keep = true,)", "sum(axes = [0, 2], keep = true)"),
        ("(a, b, c) = split(x, 3)", "a, b, c = split(x, 3)"),
        ("|v, w| v * sigmoid(1.702 * w)", "|v, w| (v * sigmoid((1702e-3 * w)))"),
        ("relu: [64] -> []", "relu: [64] -> []"),
        ("let f = |v| v * v: [3]", "let f = |v| (v * v): [3]"),
        ("relu(), [a, b]", "relu()\n[a, b]"),
        ("linear -> [(a + b) * 2 % c, Self::D, ::k::N, 3usize]", {
            "linear -> [(((a + b) * 2) % c), Self::D, ::k::N, 3]"
        }),
    ] {
        assert_eq!(steps(text), tree);
    }
}

#[test]
fn a_custom_op_is_told_from_a_constant() {
    for (text, tree) in [
        ("RELU {}", "custom RELU {}"),
        ("ops::relu -> [3]", "custom ops::relu -> [3]"),
        ("MyOp(0.5, -1)", "custom MyOp(0.5, -1)"),
        ("a = MyOp::<3, { N + 1 }>::new(3).frozen()", {
            "a = custom MyOp::<3, { N + 1 }>::new(3).frozen()"
        }),
        ("MyOp::<fn(A) -> B, 2>: [1]", "custom MyOp::<fn(A) -> B, 2>: [1]"),
        ("MyOp { rate: 0.5, x }, relu", "custom MyOp { rate: 0.5, x }\nrelu"),
        ("SCALE * x", "(SCALE * x)"),
        ("x * SCALE", "(x * SCALE)"),
        ("f64::EPSILON + x", "(path f64::EPSILON + x)"),
    ] {
        assert_eq!(steps(text), tree);
    }
}

#[test]
fn a_model_is_told_from_a_custom_op() {
    for (text, tree) in [
        ("Block", "model Block"),
        ("a = my::Block: [3] -> [3]", "a = model my::Block: [3] -> [3]"),
        ("MLP, relu", "model MLP\nrelu"),
        ("Distance(u, tanh(v))", "model Distance(u, tanh(v))"),
        ("Distance(2 * u)", "model Distance((2 * u))"),
        ("Wide<64, 4 * D, _> -> [3]", "model Wide<64, (4 * D), _> -> [3]"),
        ("Wide<2>(x)", "model Wide<2>(x)"),
        ("[Block; 6], relu", "[model Block; 6]\nrelu"),
        ("[linear -> [3]; 2 * N]", "[linear -> [3]; (2 * N)]"),
        ("[{ relu, tanh }; 2] -> [3]", "[{ relu, tanh }; 2] -> [3]"),
        ("#[frozen] a = Block", "a = model Block"),
        ("Scale(0.5)", "custom Scale(0.5)"),
        ("Scale(RATE)", "custom Scale(RATE)"),
        ("Scale(rate())", "custom Scale(rate())"),
        ("Scale::new(x)", "custom Scale::new(x)"),
    ] {
        assert_eq!(steps(text), tree);
    }
}

#[test]
fn numbers_are_exact() {
    for (text, number) in [
        ("1e-6", "1e-6"),
        ("1_000.5", "10005e-1"),
        ("2.50E+3", "250e1"),
        ("7f32", "7"),
        ("0x1f", "31"),
        ("0b101usize", "5"),
        ("0.1f64", "1e-1"),
        ("3_usize", "3"),
    ] {
        assert_eq!(steps(text), number);
    }
}

#[test]
fn fragments_of_an_outer_macro_are_one_operand() {
    let mut diags = Diags::default();
    let fragment =
        |text: &str| TokenTree::from(Group::new(Delimiter::None, text.parse().expect("tokens")));
    let (sum, op, name) = (fragment("a + b"), fragment("my::Op"), fragment("relu"));
    let tokens = quote::quote!(#name: [#sum * 2] -> [#name] { #sum * 2, #op, #name(3) });
    let file = parse(tokens, &mut diags);
    assert_eq!(diags.messages(), [""; 0]);
    assert_eq!(
        show_model(&file.models[0]),
        "0 attributes, `` relu([((a + b) * 2)]) -> [relu]\n((a + b) * 2)\nmodel my::Op\nrelu(3)"
    );
}

#[test]
fn errors_in_steps() {
    let many = vec!["x"; 300].join(" + ");
    let dims = format!("linear -> [{}]", vec!["D"; 300].join(" + "));
    for (body, error) in [
        ("", "the body of `M` has no steps"),
        ("let f = {}", "the block has no steps"),
        (", relu", "expected a step, found `,`"),
        ("relu; tanh; relu", "steps are separated by `,`\n\nhelp: write `,` for `;`"),
        (
            "fc = linear -> [3] relu -> [3]",
            "expected `,` between steps, found `relu`\n\nhelp: the step `fc = linear -> [3]` ends before it",
        ),
        ("linear [10]", "expected `->` before the shape `[10]`\n\nhelp: `-> [10]`"),
        (
            "linear -> [10]: [64]",
            "`: […]` stands before `-> […]`\n\nhelp: a step is `name = op: [its input] -> [its output]`",
        ),
        ("a = b = relu", "expected `,`, found `=`"),
        (
            "/// first\n/// layer\nrelu",
            "a step has no doc comments\n\nhelp: a plain comment begins with `//`",
        ),
        ("#[frosen] relu", "a step has no attribute `frosen`\n\nhelp: `#[frozen]`"),
        (
            "#[inline] #[cold] relu",
            "a step has no attribute `inline`\n\nhelp: there are `#[frozen]` and `#[recompute]`",
        ),
        ("[relu; 2, 3]", "expected `]`, found `,`"),
        (
            "[relu, tanh; 2]",
            "expected `;`, found `,`\n\nhelp: six in a row are written `[Block; 6]`",
        ),
        (
            "let (a, b) = split(2)",
            "`let` gives one name to one op\n\nhelp: results are named without `let`: `(a, b) = …`",
        ),
        ("let f linear", "expected `=`, found `linear`\n\nhelp: `let f = linear -> [10]`"),
        (
            "let mut y = relu",
            "values do not change, so a `let` has no `mut`\n\nhelp: leave `mut` out; a state that changes is that of a `scan`",
        ),
        (
            "let y: f32 = relu",
            "the `let` of `y` has no type\n\nhelp: a value gets its name without `let`: `y = ..`",
        ),
        ("type = relu", "`type` is a keyword of Rust and cannot name a step\n\nhelp: `type_`"),
        ("_ = relu", "expected the name of a step, found `_`"),
        ("(a, 1) = split(2)", "expected the name of a result, found `1`"),
        ("() = split(2)", "expected names between the parentheses"),
        ("fc1: linear -> [10]", "a step is named with `=`\n\nhelp: `fc1 = linear`"),
        ("fc1 =", "expected an op or a value, found `}`"),
        ("|| 3", "a closure needs at least one parameter\n\nhelp: `|v| v * v`"),
        (
            "|a: f32, b| a * b, relu",
            "the parameter `a` cannot have a type\n\nhelp: values are all of one type: `|a| …`",
        ),
        ("|a b| a", "expected `,` or `|`, found `b`"),
        (
            "|v| { v }",
            "expected an expression, found `{…}`\n\nhelp: the body of a closure has no braces: `|v| v * v`",
        ),
        ("linear => [10]", "expected `->`, found `=>`"),
        ("linear - > [10]", "expected `->`, found `- >`\n\nhelp: write `->` without a space"),
        ("linear -> 10", "a shape is written in brackets\n\nhelp: `[10]`"),
        ("linear: 4 * D -> [10]", "a shape is written in brackets\n\nhelp: `[4 * D]`"),
        ("linear -> (10, 20)", "a shape is written in brackets\n\nhelp: `[10, 20]`"),
        (
            "sum -> f32",
            "a shape is written in brackets\n\nhelp: the shape of a single number is `[]`",
        ),
        ("linear ->, relu", "expected a shape after `->`, found `,`\n\nhelp: `-> [10]`"),
        ("linear -> [-3]", "a dimension cannot be negative\n\nhelp: `3`"),
        ("linear -> [28.0]", "a dimension is an integer, found `28.0`\n\nhelp: `28`"),
        (
            "linear -> [1.5]",
            "a dimension is an integer, found `1.5`\n\nhelp: sizes are whole numbers",
        ),
        ("linear -> [3u32]", "a number cannot have the suffix `u32`\n\nhelp: `3`"),
        ("linear -> [\"a\"]", "expected a dimension, found the string `\"a\"`"),
        ("linear -> [[3]]", "expected a dimension, found `[…]`"),
        ("linear -> [3 4]", "expected `,` or `]`, found `4`"),
        ("linear -> [3; 4]", "dimensions are separated by `,`, not by `;`"),
        (
            "linear -> [2 * _]",
            "`_` cannot be a part of an expression\n\nhelp: it stands for a whole dimension: `[_]`",
        ),
        ("linear -> [20000000000000000000]", "`20000000000000000000` is too large for a dimension"),
        ("linear -> [a::]", "expected a name after `::`, found `]`"),
        ("0..3", "a range can only be an argument\n\nhelp: `slice(0..32)`"),
        ("slice(0..=3)", "a range excludes its end\n\nhelp: `0..4`"),
        ("slice(a..=b)", "a range excludes its end\n\nhelp: `a..b + 1`"),
        ("slice(..3)", "a range needs both its ends\n\nhelp: `0..32`"),
        ("slice(3..)", "a range needs both its ends\n\nhelp: `0..32`"),
        ("conv2d(kernel: 5)", "a named argument is written with `=`\n\nhelp: `kernel = 5`"),
        ("conv2d(kernel 5)", "expected `,` or `)`, found `5`"),
        ("conv2d(1; 2)", "arguments are separated by `,`, not by `;`"),
        ("x * (a, b)", "a list is written in brackets, not in parentheses\n\nhelp: `[a, b]`"),
        (
            "sum(axes = (1, 2,))",
            "a list is written in brackets, not in parentheses\n\nhelp: `[1, 2]`",
        ),
        ("x * ()", "expected an op or a value, found `)`"),
        ("x ** 2", "`**` is not an operation on values\n\nhelp: write `square(x)`"),
        ("2 * -f(x) ** y + 1", "`**` is not an operation on values\n\nhelp: write `pow(f(x), y)`"),
        ("a + b * c @ d", "`@` is not an operation on values\n\nhelp: write `matmul(b * c, d)`"),
        ("x.0", "values have no fields\n\nhelp: the parts of a result get names: `(a, b) = …`"),
        ("f(x).tanh", "only steps have parameters\n\nhelp: an op is called as `tanh(f(x))`"),
        (
            "a < b",
            "`<` is not an operation on values\n\nhelp: write `lt(a, b)`, which is 1 where that is so, else 0",
        ),
        (
            "f(A && b)",
            "`&&` is not an operation on values\n\nhelp: of two masks of 0 and 1, write `A * b`",
        ),
        ("a % 2", "`%` is not an operation on values\n\nhelp: write `remainder(a, 2)`"),
        (
            "x as f32",
            "`as` is not an operation on values\n\nhelp: values are all of one type: leave `as` out",
        ),
        (
            "A < b, relu",
            "`<` is not an operation on values\n\nhelp: write `lt(A, b)`, which is 1 where that is so, else 0",
        ),
        ("\"relu\"", "expected an op or a value, found the string `\"relu\"`"),
        ("'r'", "expected an op or a value, found `'r'`"),
        (
            "x + vec![1]",
            "`vec!` is a Rust macro, which a model cannot call\n\nhelp: a list is written `[1, 2]`, and several models in a row `[Block; 4]`",
        ),
        (
            "if x { y }",
            "expected an op or a value, found the keyword `if`\n\nhelp: `where(mask, a, b)` chooses for each element, as in `where(gt(x, 0), x, 0.1 * x)`",
        ),
        (
            "x + config::from(2)",
            "`config::from` cannot be called inside an expression\n\nhelp: a custom op is a step of its own: `y = config::from(2)`",
        ),
        ("2.0 * 3i32", "a number cannot have the suffix `i32`\n\nhelp: `3`"),
        (
            "999999999999999999999999999999999999999999 * x",
            "`999999999999999999999999999999999999999999` has too many digits\n\nhelp: 38 significant digits are kept exactly",
        ),
        ("1e999999999 * x", "`1e999999999` is beyond the range of `f64`"),
        (
            &many,
            "an expression has at most 256 operators\n\nhelp: give a part of it a name of its own",
        ),
        (
            &dims,
            "an expression has at most 256 operators\n\nhelp: give a part of it a name of its own",
        ),
    ] {
        assert_eq!(errors(body), [error], "{body}");
    }
}

#[test]
fn errors_in_headers() {
    const MODEL: &str = "help: a model is `Name: [28, 28] -> [10] { steps }`";
    for (text, error) in [
        (
            "N<T: usize>: [T] -> [1] { sum }",
            "the size `T` has no type or bound\n\nhelp: every size is a dimension: `N<T>`",
        ),
        (
            "N<T, T>: [T] -> [1] { sum }",
            "there are two sizes called `T`\n\nhelp: rename one of them",
        ),
        ("N<>: [2] -> [1] { sum }", "`N<>` has no sizes\n\nhelp: `N<T, D>`, or leave `<>` out"),
        (
            "N = Wide;",
            "`Wide` needs its sizes here\n\nhelp: `N = Wide<64, 128>;` with a number for each of its sizes",
        ),
        (
            "N = relu;",
            "expected a generic model, found `relu`\n\nhelp: `N = Generic<64, 128>;` names a generic model with its sizes",
        ),
        (
            "N() -> [1] { sum }",
            "`N` has no inputs, a model needs at least one\n\nhelp: `N(x: [64])`",
        ),
        (
            "N -> [1] { sum }",
            "expected the input of `N`, found `->`\n\nhelp: `N: [64] -> [10]`, or with names `N(x: [64]) -> [10]`",
        ),
        ("N(i: index) -> [1] { sum }", "`index` needs its bound\n\nhelp: `i: index(10)`"),
        ("N(i: index(2, 3)) -> [1] { sum }", "expected `)`, found `,`"),
        (
            "N(i: [4] of 10) -> [1] { sum }",
            "expected `index(..)` after `of`, found `10`\n\nhelp: integers are bounded: `[64] of index(10)` is 64 numbers below 10",
        ),
        (
            "N(i) -> [1] { sum }",
            "expected `:`, found `)`\n\nhelp: every input has a shape: `i: [64]`",
        ),
        ("N(i: [3] j: [4]) -> [1] { sum }", "expected `,` or `)`, found `j`"),
        ("N: 64 -> [1] { sum }", "a shape is written in brackets\n\nhelp: `[64]`"),
        (
            "N: [3] { sum }",
            "expected `->`, found `{…}`\n\nhelp: `N` needs its output as well: `-> [10]`",
        ),
        ("N: [3] -> { sum }", "expected a shape after `->`, found `{…}`\n\nhelp: `-> [10]`"),
        ("N: [3] -> [1]", "expected the steps of `N` in `{…}`, found the keyword `pub`"),
        ("N: [3] => [1] { sum }", "expected `->`, found `=>`"),
        ("fn n() {}", &format!("expected the name of a model, found the keyword `fn`\n\n{MODEL}")),
        ("def f(x): x", &format!("expected the name of a model, found `def f`\n\n{MODEL}")),
        ("class Net {}", &format!("expected the name of a model, found `class Net`\n\n{MODEL}")),
        ("3 {}", &format!("expected the name of a model, found `3`\n\n{MODEL}")),
        (
            "T: [8] -> [8] { relu }",
            "`T` is the scalar type of every model and cannot name one\n\nhelp: `Net`, and with its scalars `Net<T>`",
        ),
        ("#!N: [3] -> [1] { sum }", "expected an attribute `#[…]`, found `!`"),
        (
            "pub(x) N: [3] -> [1] { sum }",
            "expected `pub`, `pub(crate)` or `pub(in path)`, found `(…)`",
        ),
        (
            "N: [3] -> [1] { sum },",
            "expected a model, found `,`\n\nhelp: models follow each other without a separator",
        ),
    ] {
        // One mistake is reported once, and the model after it is read.
        let (file, errors) = read(&format!("{text} pub Next: [1] -> [1] {{ relu }}"));
        assert_eq!(errors, [error], "{text}");
        let next = file.models.last().expect("the next model");
        assert!(next.name == "Next" && next.complete, "{text}");
    }
    assert_eq!(
        read("pub").1,
        [format!("expected the name of a model, found the end of the macro\n\n{MODEL}")]
    );
}

#[test]
fn every_mistake_is_reported_and_the_rest_is_read() {
    let (file, errors) = read(
        "A(x: [3]) -> [3] { relu, linear -> 10, y = |a: f32, b| a, { tanh, x ** 2, relu }, x + y,
                            (a, b) = split(x.0) -> [2], let f = linear(1 2) -> [3, _] }
         B: 3 -> [3] { relu }
         pub C: [3] -> [3] { relu tanh }",
    );
    assert_eq!(
        errors,
        [
            "a shape is written in brackets\n\nhelp: `[10]`",
            "the parameter `a` cannot have a type\n\nhelp: values are all of one type: `|a| …`",
            "`**` is not an operation on values\n\nhelp: write `square(x)`",
            "values have no fields\n\nhelp: the parts of a result get names: `(a, b) = …`",
            "expected `,` or `)`, found `2`",
            "a shape is written in brackets\n\nhelp: `[3]`",
            "expected `,` between steps, found `tanh`\n\nhelp: the step `relu` ends before it",
        ]
    );
    let models = file.models.iter().map(show_model).collect::<Vec<_>>();
    assert_eq!(
        models,
        [
            "0 attributes, `` A(x: [3]) -> [3]\nrelu\nlinear -> [10]\ny = lost\n{ tanh, lost, relu }\n(x + y)\n\
             a, b = lost -> [2]\nlet f = lost -> [3, _]",
            "0 attributes, `` B([3]) -> [3]\nrelu",
            "0 attributes, `pub` C([3]) -> [3]\nrelu\ntanh",
        ]
    );
    assert!(!file.models[0].complete && file.models[1].complete && file.models[2].complete);
}

#[test]
fn depth_is_limited() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")")] {
        for depth in [62, 64, 10_000] {
            let body = format!("{}x{}", open.repeat(depth), close.repeat(depth));
            let (file, errors) = read(&format!("M: [64] -> [10] {{ {body} }}"));
            if depth < 64 {
                assert_eq!((file.models.len(), errors.len()), (1, 0), "{open}");
            } else {
                let message = "brackets are nested more than 64 levels deep\n\nhelp: name the inner parts as steps of their own";
                assert_eq!(errors, [message]);
            }
        }
    }
    let errors = errors(&format!("{}x", "- ".repeat(10_000)));
    assert!(errors[0].starts_with("an expression has at most 256 operators"));
}

/// Knuth's generator: the fuzzing has to be the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn delimiter(&mut self) -> Delimiter {
        use Delimiter::{Brace, Bracket, None, Parenthesis};
        [Brace, Bracket, None, Parenthesis][self.below(4)]
    }

    fn token(&mut self) -> TokenTree {
        const WORDS: &[&str] = &["let", "x", "pub", "index", "Self", "as", "_", "Op", "true", "fn"];
        const NUMBERS: &[&str] = &["0", "1.5", "1e9999", "0x_f", "\"s\"", "'c'", "2x", "1.", "1e5"];
        match self.below(4) {
            0 => Ident::new(WORDS[self.below(WORDS.len())], Span::call_site()).into(),
            1 => NUMBERS[self.below(NUMBERS.len())].parse::<Literal>().expect("a literal").into(),
            2 => Group::new(self.delimiter(), TokenStream::new()).into(),
            _ => {
                let c = b"+-*/%=<>!&|^,;:.#$?@~'"[self.below(22)] as char;
                let spacing = [Spacing::Alone, Spacing::Joint][self.below(2)];
                Punct::new(c, spacing).into()
            }
        }
    }

    /// One change somewhere in `tokens`, the deeper the likelier.
    pub(crate) fn mutate(&mut self, tokens: TokenStream) -> TokenStream {
        let mut list = tokens.into_iter().collect::<Vec<_>>();
        let (i, j) = (self.below(list.len()), self.below(list.len()));
        if let Some(TokenTree::Group(group)) = list.get(i)
            && self.below(4) > 0
        {
            let inside = self.mutate(group.stream());
            list[i] = Group::new(group.delimiter(), inside).into();
            return list.into_iter().collect();
        }
        let token = self.token();
        match self.below(7) {
            0 | 1 if !list.is_empty() => drop(list.remove(i)),
            2 if !list.is_empty() => list.insert(i, list[j].clone()),
            3 if !list.is_empty() => list.swap(i, j),
            4 if !list.is_empty() => list[i] = token,
            5 if i < j => {
                let inside = list.drain(i..j).collect();
                list.insert(i, Group::new(self.delimiter(), inside).into());
            }
            _ => list.insert(i, token),
        }
        list.into_iter().collect()
    }
}

#[test]
fn no_tokens_make_it_panic() {
    let texts = [
        EXAMPLES,
        "A(x: [3], i: index(N)) -> [] { (a, b) = split(x, 0..3), |v, w| v / -w, my::Op<3>(2).f() }",
        "pub(in a::b) B: [_ , a::B % 2] -> [1] { let f = { relu, y = X { a: 1 } }, sum(axes = [0]) }",
    ];
    let mut random = Random(1);
    let (mut broken, mut whole) = (0, 0);
    for round in 0..10_000 {
        let mut tokens = texts[round % texts.len()].parse::<TokenStream>().expect("tokens");
        for _ in 0..=random.below(8) {
            tokens = random.mutate(tokens);
        }
        let mut diags = Diags::default();
        let file = parse(tokens.clone(), &mut diags);
        assert!(!diags.is_empty() || file.models.iter().all(|model| model.complete), "{tokens}");
        *if diags.is_empty() { &mut whole } else { &mut broken } += 1;
    }
    // Both kinds have to be met for the test to mean anything.
    assert!(broken > 1_000 && whole > 100, "{broken} {whole}");
}
