use super::tables::{OPTIONS, WITHOUT};
use super::{Advice, Meaning, Seen, meaning, translate};
use crate::ast::Given;
use crate::diag::Diags;
use crate::elsewhere::{self, SENTENCES};
use crate::infer::infer;
use crate::library::Library;
use crate::ops::{self, Elsewhere, OpDef, OptKind};
use crate::parse::parse;
use proc_macro2::TokenStream;

/// What is wrong with a model, but for its result, which is not what is asked here.
fn mistakes(model: &str) -> Vec<String> {
    let mut diags = Diags::default();
    let file = parse(model.parse().expect("tokens"), &mut diags);
    let library = Library::new(file, TokenStream::new(), &mut diags);
    drop(infer(&library, 0, &mut diags));
    let result = |message: &String| message.contains("is declared to return");
    diags.messages().into_iter().filter(|message| !result(message)).collect()
}

/// An argument that a user may well give for what has a meaning here.
fn sample(op: &OpDef, arg: &str) -> String {
    let text = match meaning(op, arg) {
        Some(Meaning::Width) => "2",
        Some(Meaning::Input) => "2",
        Some(Meaning::Shape) => "2",
        Some(Meaning::Without(_)) => "False",
        Some(Meaning::Option(name)) => {
            let kind = op.options.iter().find(|option| option.name == name);
            match (name, kind.map(|option| option.kind)) {
                ("kernel" | "size" | "heads" | "repeats", _) => "2",
                ("output_padding" | "min" | "value", _) => "0",
                (_, Some(OptKind::Bool)) => "True",
                (_, Some(OptKind::Number)) => "0.25",
                (_, Some(OptKind::Axis | OptKind::Axes | OptKind::Order)) => "0",
                (_, Some(OptKind::OneOf(texts))) => return format!("{:?}", texts[0]),
                _ => "1",
            }
        }
        // It is said that there is none.
        None => "0.25",
    };
    text.to_string()
}

/// Calls of an op as it is called elsewhere, with the first of the arguments or all of them.
fn calls(op: &OpDef, elsewhere: &Elsewhere) -> Vec<(String, Vec<Given>)> {
    let args: Vec<&str> = elsewhere.args.split_whitespace().collect();
    let loose = |text: String| Given { name: None, text };
    let named = |arg: &&str| Given { name: Some((*arg).to_string()), text: sample(op, arg) };
    let mut all: Vec<Vec<Given>> = (0..=args.len())
        .map(|n| args[..n].iter().map(|arg| loose(sample(op, arg))).collect())
        .collect();
    all.push(args.iter().map(named).collect());
    let names = elsewhere.names.split_whitespace();
    names.flat_map(|name| all.iter().map(|given| (name.to_string(), given.clone()))).collect()
}

#[test]
fn what_is_suggested_compiles() {
    let mut tried = 0;
    for op in ops::all().filter(|op| !op.elsewhere.is_empty()) {
        // Values that the op takes, by the inputs of its first example.
        let example = format!("M{}", op.examples[0]);
        let (header, _) = example.split_once('{').expect("a body");
        let mut diags = Diags::default();
        let file = parse(example.parse().expect("tokens"), &mut diags);
        let library = Library::new(file, TokenStream::new(), &mut diags);
        let typed = infer(&library, 0, &mut diags);
        for (name, given) in op.elsewhere.iter().flat_map(|elsewhere| calls(op, elsewhere)) {
            assert_eq!(elsewhere::op(&name).map(|op| op.name), Some(op.name), "{name}");
            let inputs = typed.inputs.iter().cycle();
            let values = match op.arity {
                ops::Arity::Exactly(n) => inputs.take(n.max(typed.inputs.len())),
                _ => inputs.take(typed.inputs.len()),
            };
            let values: Vec<Given> =
                values.map(|input| Given { name: None, text: input.name.clone() }).collect();
            let all: Vec<Given> =
                if values.len() > 1 { values.into_iter().chain(given).collect() } else { given };
            let shape = typed.inputs.first().map(|input| input.shape.as_slice());
            let seen = Seen { shape, arrow: None };
            let Some(Advice::Write { code, .. }) = translate(&name, &all, seen) else {
                panic!("`{name}` has no translation");
            };
            // A shape of 2 elements or of none, or an image of another size, is not that of the example.
            if ["reshape", "broadcast", "fold"].contains(&op.name) {
                continue;
            }
            let code = code.replace("[..]", "[2]");
            let model = format!("{header}{{ {code} }}");
            assert_eq!(mistakes(&model), [""; 0], "{name} {all:?}: {model}");
            tried += 1;
        }
    }
    assert!(tried > 600, "{tried}");
}

#[test]
fn sentences_name_what_there_is() {
    let inputs = "x: [4], t: [4], a: [4], b: [4], c: [4], p: [4], n: [4], v: [4], y: [4], h: [4], \
                  ff: [4], attn: [4], mask: [4], log_p: [4]";
    let mut tried = 0;
    for (names, text) in SENTENCES {
        for name in names.split_whitespace() {
            assert_eq!(translate(name, &[], Seen::default()), Some(Advice::Say(text)));
            assert!(elsewhere::op(name).is_none(), "`{name}` is an op");
        }
        for code in text.split("write `").skip(1).filter_map(|rest| rest.split('`').next()) {
            if code.contains("..") || code.contains("…") || code.contains("axes = ") {
                continue;
            }
            let found = mistakes(&format!("M({inputs}) -> [4] {{ tanh(x), {code} }}"));
            assert_eq!(found, [""; 0], "{code}");
            tried += 1;
        }
        // What stands in quotes is an op, a value of the above, or Rust.
        for word in text.split('`').skip(1).step_by(2) {
            let word = word.split(['(', ' ']).next().unwrap_or_default();
            let plain =
                word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            let known = ["scan", "const", "pub", "t", "log_p", "x", "y", "h", "lt"];
            let option = ops::all().flat_map(|op| op.options).any(|option| option.name == word);
            if plain && word.len() > 1 && !known.contains(&word) && !option {
                assert!(ops::find(word).is_some(), "`{word}` in {text}");
            }
        }
    }
    assert!(tried > 5, "{tried}");
}

#[test]
fn options_by_other_names_are_options_here() {
    for (names, ours) in OPTIONS {
        for own in *ours {
            let has = |op: &OpDef| op.options.iter().any(|option| option.name == *own);
            let weight = |op: &OpDef| op.arity.weights().contains(own);
            assert!(ops::all().any(|op| has(op) || weight(op)), "no op has `{own}` for {names}");
        }
    }
    let names: Vec<&str> = WITHOUT.iter().flat_map(|(names, _)| names.split_whitespace()).collect();
    for (i, name) in names.iter().enumerate() {
        assert!(!names[..i].contains(name), "`{name}` stands in two rows");
    }
}

#[test]
fn shapes_and_axes_lose_the_batch() {
    let code = |name: &str, given: &[&str], shape: &[i64]| {
        let given: Vec<Given> =
            given.iter().map(|text| Given { name: None, text: (*text).to_string() }).collect();
        let shape: Vec<crate::shape::Dim> =
            shape.iter().map(|n| crate::shape::Dim::known(*n)).collect();
        match translate(name, &given, Seen { shape: Some(&shape), arrow: None }) {
            Some(Advice::Write { code, .. }) => code,
            other => panic!("{name}: {other:?}"),
        }
    };
    assert_eq!(code("view", &["x", "-1", "4"], &[8]), "reshape(x) -> [_, 4]");
    assert_eq!(code("view", &["x", "-1", "784"], &[28, 28]), "flatten(x)");
    assert_eq!(code("view", &["x", "x.size(0)", "-1"], &[28, 28]), "flatten(x)");
    assert_eq!(code("reshape", &["x", "(-1, 4, 7)"], &[28]), "reshape(x) -> [4, 7]");
    assert_eq!(code("permute", &["x", "0", "2", "1"], &[3, 4]), "permute(x, axes = [1, 0])");
    assert_eq!(code("permute", &["2", "0", "1"], &[3, 4, 5]), "permute(axes = [2, 0, 1])");
    assert_eq!(code("transpose", &["x", "1", "2"], &[3, 4]), "transpose(x, first = 0, second = 1)");
    assert_eq!(code("softmax", &["x", "1"], &[4]), "softmax(x, axis = 0)");
    assert_eq!(code("cat", &["[x, y]", "1"], &[4]), "concat(x, y, axis = 0)");
}
