//! A sample of random models as rustc and the kernels make them: beside the interpreter, single and batched, on every
//! instruction set of the machine.

use super::generate::Model;
use super::tests::number;
use super::{examples, inferred};
use crate::entries::{ALL, INPUTS, PARAMS, Wrt};
use crate::eval::laws::{BATCH, Results, Trial};
use crate::eval::{Array, Value};
use crate::ir::{Func, Source, Target};
use crate::programs::{Programs, programs, training_programs};
use crate::shape::Dim;
use crate::typed::{Param, Typed};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::fs::{create_dir_all, write};
use std::path::Path;
use std::process::Command;

/// Models of a program: rustc takes memory for all of a program at once.
const TOGETHER: usize = 25;

/// By how much the numbers that a model is given are changed, and how far results may move by that: the rounding of a result
/// is smaller than the change, and what moves further says nothing about who is right.
const CHANGE: f64 = 1e-12;
const MOST: f64 = 1e-10;

#[test]
#[ignore = "rustc takes a quarter of an hour"]
fn random_models_are_compiled() {
    let (count, first) =
        (number("PULLBACK_RANDOM").unwrap_or(200), number("PULLBACK_SEED").unwrap_or(0));
    let examples = examples();
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut seed = first;
    while (chosen.len() as u64) < count {
        chosen.extend(Chosen::new(seed, &Model::new(seed, &examples).text()));
        seed += 1;
    }
    println!("{count} of {} models", seed - first);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("a folder");
    let folder = root.join("target/random");
    write_crate(&root, &folder, &chosen).expect("the crate is written");
    let cargo = Command::new(env!("CARGO"))
        .args(["test", "--no-fail-fast", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .status();
    assert!(cargo.expect("cargo runs").success(), "see above, and {}", folder.display());
}

/// A crate of tests that has the models, and what the interpreter makes of them.
fn write_crate(root: &Path, folder: &Path, models: &[Chosen]) -> std::io::Result<()> {
    for inner in ["src", "tests"] {
        let _ = std::fs::remove_dir_all(folder.join(inner));
        create_dir_all(folder.join(inner))?;
    }
    let [root, tests] = [root.to_path_buf(), root.join("tests/generated")];
    let manifest = format!(
        "[package]\nname = \"random-models\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [features]\ndefault = [\"every-isa\"]\nevery-isa = [\"pullback/every-isa\"]\n\
         [dependencies]\npullback = {{ path = {:?} }}\nserde_json = \"1\"\n\
         [profile.dev]\nopt-level = 1\ndebug = false\nincremental = false\n\
         [profile.dev.build-override]\nopt-level = 1\n[workspace]\n",
        root.join("runtime")
    );
    write(folder.join("Cargo.toml"), manifest)?;
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    write(folder.join("src/lib.rs"), "")?;
    for (part, models) in models.chunks(TOGETHER).enumerate() {
        let rows: Vec<&Json> = models.iter().flat_map(|model| &model.rows).collect();
        write(folder.join(format!("tests/rows_{part}.json")), json!(rows).to_string())?;
        let mut text = String::from("#![allow(dead_code)]\n");
        for file in ["cases", "instructions", "single"] {
            let path = tests.join(file).with_extension("rs");
            let _ = writeln!(text, "#[path = {path:?}]\nmod {file};");
        }
        let _ = writeln!(
            text,
            "static ROWS: std::sync::LazyLock<Vec<serde_json::Value>> = std::sync::LazyLock::new(|| \
             serde_json::from_str(include_str!(\"rows_{part}.json\")).expect(\"rows\"));"
        );
        let mut row = 0;
        for model in models {
            text += &model.module(&mut row);
        }
        write(folder.join(format!("tests/part_{part}.rs")), text)?;
    }
    Ok(())
}

/// A model that rustc compiles.
struct Chosen {
    seed: u64,
    text: String,
    typed: Typed,
    /// What it is given and makes; in training as well, if nothing is random there.
    rows: Vec<Json>,
}

impl Chosen {
    /// None if the interpreter cannot say what is right.
    fn new(seed: u64, text: &str) -> Option<Chosen> {
        let typed = inferred(text).ok()?;
        // The user's op `Mine` is only in the interpreter.
        if text.contains("Mine") {
            return None;
        }
        let mut rows = vec![row(seed, &typed, &programs(&typed))?];
        if typed.modes() == Some(false) {
            rows.push(row(seed, &typed, &training_programs(&typed)?)?);
        }
        Some(Chosen { seed, text: text.to_string(), typed, rows })
    }

    /// The model and its tests, whose rows start at some number.
    fn module(&self, row: &mut usize) -> String {
        let mut text = format!(
            "mod seed_{} {{\n\
             use crate::cases::{{Case, Close}};\nuse crate::single::*;\n\
             pullback::model! {{\n{}\n}}\n\
             #[test]\nfn batched() {{ Case::<M<f64>>::new(&crate::ROWS[{row}], Close::Relative).check(); }}\n\
             #[test]\nfn single() {{\nlet case = Case::<M<f64>>::new(&crate::ROWS[{row}], Close::Relative);\n{}}}\n",
            self.seed,
            self.text,
            self.single()
        );
        *row += 1;
        if self.rows.len() > 1 {
            let _ = writeln!(
                text,
                "#[test]\nfn training() {{ Case::<MTraining<f64>>::new(&crate::ROWS[{row}], Close::Relative).check(); }}"
            );
            *row += 1;
        }
        text + "}\n"
    }

    /// The body of a test that calls every method for one sample.
    fn single(&self) -> String {
        let mut text = String::new();
        let mut state = "";
        if !self.typed.state().is_empty() {
            text +=
                "let mut state = MState::new();\nstate.flat_mut().copy_from_slice(&case.state);\n";
            state = ", &state";
        }
        text += "let d_params = case.d_params();\nlet mut grads = Grads::default();\n\
                 for s in 0..case.batch {\n";
        let (mut given, mut tangents, mut bars) = (String::new(), String::new(), Vec::new());
        for (i, input) in self.typed.inputs.iter().enumerate() {
            let name = &input.name;
            let _ = write!(given, "{}&{name}", if i > 0 { ", " } else { "" });
            match &input.index {
                Some(bound) => {
                    let ty = array(&format!("pullback::Index<{}>", length(bound)), &input.shape);
                    let chunks: String = input
                        .shape
                        .iter()
                        .rev()
                        .map(|dim| format!(".as_chunks::<{}>().0", length(dim)))
                        .collect();
                    let _ = writeln!(
                        text,
                        "let {name}: {ty} = pullback::Index::slice(&case.integers[{i}]).expect(\"in range\"){chunks}[s];"
                    );
                }
                None => {
                    let ty = array("f64", &input.shape);
                    let _ =
                        writeln!(text, "let [{name}, d_{name}]: [{ty}; 2] = case.input({i}, s);");
                    let _ = write!(tangents, ", &d_{name}");
                    bars.push(i);
                }
            }
        }
        given += state;
        text += &format!(
            "let y_bar = case.one(\"y_bar\", s);\ncase.is(\"y\", s, &case.net.forward({given}));\n"
        );
        let _ = writeln!(
            text,
            "case.are([\"y\", \"dy_params\"], s, &case.net.jvp_params({given}, &d_params));"
        );
        let _ = writeln!(text, "grads.add(case.net.vjp_params({given}).1(&y_bar).flat());");
        if bars.is_empty() {
            return text + "}\ngrads.check(&case, 1);\n";
        }
        let told = |of: &str| -> String {
            let place = |at: usize| if bars.len() == 1 { String::new() } else { format!(".{at}") };
            let told = bars.iter().enumerate();
            told.map(|(at, i)| format!("case.bar({i}, s, &{of}{});\n", place(at))).collect()
        };
        let _ = writeln!(
            text,
            "case.are([\"y\", \"dy_inputs\"], s, &case.net.jvp({given}{tangents}));\n\
             case.are([\"y\", \"dy\"], s, &case.net.jvp_all({given}{tangents}, &d_params));\n\
             let bars = case.net.vjp_inputs({given}).1(&y_bar);\n{}\
             let (y, pullback) = case.net.vjp({given});\ncase.is(\"y\", s, &y);\n\
             let (bars, grad) = pullback(&y_bar);\ngrads.add(grad.flat());\n{}}}\ngrads.check(&case, 2);",
            told("bars"),
            told("bars"),
        );
        text
    }
}

fn length(dim: &Dim) -> usize {
    dim.as_known().expect("random models have numbers") as usize
}

fn lengths(shape: &[Dim]) -> Vec<usize> {
    shape.iter().map(length).collect()
}

fn array(of: &str, shape: &[Dim]) -> String {
    shape.iter().rev().fold(of.to_string(), |ty, dim| format!("[{ty}; {}]", length(dim)))
}

/// What a model is given, and what the interpreter makes of it; none if rounding may decide.
fn row(seed: u64, typed: &Typed, programs: &Programs) -> Option<Json> {
    let trial = Trial::new(typed);
    let mut row = Map::new();
    row.insert("case".into(), json!(format!("seed {seed}")));
    let source = |source: Source, shape: &[usize]| trial.source::<f64>(source, shape);
    let numbers = |of: Source, shape: &[usize]| source(of, shape).real().data.clone();
    let of_batch = |shape: &[Dim]| [vec![BATCH], lengths(shape)].concat();
    let of_input = |(i, tangent): (usize, bool)| {
        let input = &typed.inputs[i];
        let shape = of_batch(&input.shape);
        match (&input.index, tangent) {
            (None, false) => numbers(Source::Input(i), &shape),
            (None, true) => numbers(Source::InputTangent(i), &shape),
            (Some(_), true) => Vec::new(),
            (Some(_), false) => match source(Source::Integers(i), &shape) {
                Value::Integers(x) => x.data.iter().map(|x| *x as f64).collect(),
                _ => unreachable!("integers"),
            },
        }
    };
    let of_all = |arrays: &[Param], of: fn(usize) -> Source| -> Vec<f64> {
        let each = arrays.iter().enumerate();
        each.flat_map(|(i, array)| numbers(of(i), &lengths(&array.shape))).collect()
    };
    for (key, tangent) in [("inputs", false), ("d_inputs", true)] {
        let inputs: Vec<_> = (0..typed.inputs.len()).map(|i| of_input((i, tangent))).collect();
        row.insert(key.into(), json!(inputs));
    }
    row.insert("params".into(), json!(of_all(typed.trained(), Source::Param)));
    row.insert("d_params".into(), json!(of_all(typed.trained(), Source::ParamTangent)));
    row.insert("y_bar".into(), json!(numbers(Source::Cotangent, &of_batch(&typed.output))));
    if !typed.state().is_empty() {
        row.insert("state".into(), json!(of_all(typed.state(), Source::State)));
    }
    for (key, wrt) in [("dy", ALL), ("dy_inputs", INPUTS), ("dy_params", PARAMS)] {
        let made = certain(&trial, &programs.jvp, wrt)?;
        row.insert("y".into(), json!(made[&Target::Output].data));
        row.insert(key.into(), json!(made[&Target::OutputTangent].data));
    }
    let made = certain(&trial, &programs.vjp, ALL)?;
    let bar = |i: usize| made.get(&Target::Input(i)).map_or(Vec::new(), |bar| bar.data.clone());
    let bars: Vec<_> = (0..typed.inputs.len()).map(bar).collect();
    row.insert("input_bars".into(), json!(bars));
    let grad = typed.trained().iter().enumerate().flat_map(|(i, array)| match array.frozen {
        true => vec![0.0; lengths(&array.shape).iter().product()],
        false => made[&Target::Param(i)].data.clone(),
    });
    row.insert("params_bar".into(), json!(grad.collect::<Vec<_>>()));
    let state: Vec<f64> = (0..typed.state().len())
        .filter_map(|i| made.get(&Target::State(i)))
        .flat_map(|state| state.data.clone())
        .collect();
    if !state.is_empty() {
        row.insert("new_state".into(), json!(state));
    }
    Some(Json::Object(row))
}

/// What a function makes, given some tangents; none if something is not finite or moves too far when what is given
/// changes a little.
fn certain(trial: &Trial<'_>, func: &Func, wrt: Wrt) -> Option<Results<f64>> {
    let run = |change: f64| {
        trial.run_of::<f64>(func, &|source, shape| match (trial.source(source, shape), source) {
            (_, Source::InputTangent(_)) if !wrt.inputs => zeros(shape),
            (_, Source::ParamTangent(_)) if !wrt.params => zeros(shape),
            (Value::Real(mut x), _) => {
                for (i, x) in x.data.iter_mut().enumerate() {
                    *x *= 1.0 + change * ((7 * i % 13) as f64 / 6.0 - 1.0);
                }
                Value::Real(x)
            }
            (other, _) => other,
        })
    };
    let (made, moved) = (run(0.0), run(CHANGE));
    let is_certain = made.iter().all(|(target, made)| {
        let of_samples = !matches!(target, Target::Param(_) | Target::State(_));
        let size = made.data.len() / if of_samples { BATCH } else { 1 };
        let (made, moved) = (made.data.chunks(size), moved[target].data.chunks(size));
        made.zip(moved).all(|(made, moved)| {
            let greatest = made.iter().fold(1e-3, |max: f64, x| max.max(x.abs()));
            made.iter().zip(moved).all(|(a, b)| (a - b).abs() <= MOST * greatest)
        })
    });
    is_certain.then_some(made)
}

fn zeros(shape: &[usize]) -> Value<f64> {
    Value::Real(Array::of(shape, |_| 0.0))
}
