//! Golden tests: what each pass makes of small programs, as texts that people read.
//!
//! `macros/goldens/PASS/NAME.txt` is what a pass is given and, after a line `====`, what it makes of that. Comments (`//`) say
//! what there is to see. `BLESS=1 cargo test -p pullback-macros goldens` writes what the passes make now; whoever does
//! that reads the difference.

use crate::builder::{Builder, V};
use crate::compile::compile_modes;
use crate::corpus;
use crate::fuse::{Split, fuse};
use crate::invariant::Verify;
use crate::ir::{Def, Func, Inst, Res, Source, Target, Var, View};
use crate::lin::Linear;
use crate::linearize::linearize;
use crate::plan::plan;
use crate::programs::{adjoint, programs};
use crate::simplify::{interleave, simplify};
use crate::text::read;
use crate::typed::Typed;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/goldens");
/// Between what a pass is given and what it makes.
const MADE: &str = "====\n";
/// Between two things that a pass is given.
const AND: &str = "----\n";

type Pass = fn(&str) -> String;

/// The passes that have goldens, in their order.
const PASSES: [(&str, Pass); 10] = [
    ("build", |text| rebuilt(&read::func(text).unwrap_or_else(|error| panic!("{error}"))).show()),
    ("linearize", |text| {
        let func = func(text);
        let wrt: Vec<(Var, Source)> = func.defs.iter().enumerate().filter_map(tangent_of).collect();
        let of = |res: &Res| (Target::OutputTangent, res.value);
        let outputs: Vec<(Target, Var)> =
            func.results.iter().filter(|res| res.target == Target::Output).map(of).collect();
        let Linear { primal, lin } = linearize(&func, &wrt, &outputs).expect("a derivative");
        let primal = Func { defs: primal.into_defs(), ..Func::default() };
        format!("{}{AND}{}", primal.show(), lin.show())
    }),
    ("transpose", |text| adjoint(linear(text)).lin.show()),
    ("write", |text| {
        let Linear { primal: b, lin } = linear(text);
        let results = lin.write(&b, |var| var);
        let results = results.into_iter().map(|(target, value)| Res { target, value }).collect();
        Func { results, defs: b.into_defs(), rules: Vec::new() }.verified("write").show()
    }),
    ("simplify", |text| {
        let func = func(text);
        simplify(func.defs, func.results).verified("simplify").show()
    }),
    ("interleave", |text| {
        let (primal, text) = text.split_once(AND).expect("how many instructions are primal");
        let func = func(text);
        let primal = primal.lines().last().and_then(|line| line.trim().parse().ok());
        let (defs, results) = interleave(func.defs, primal.expect("a number"), func.results);
        Func { defs, results, rules: Vec::new() }.verified("interleave").show()
    }),
    ("recompute", |text| programs(&model(text)).vjp.show()),
    ("fuse", |text| fuse(&func(text), Split::Whole).verified("fuse").text()),
    ("plan", |text| plan(fuse(&func(text), Split::Whole)).verified("plan").text()),
    ("emit", |text| {
        let made = compile_modes(&model(text));
        let [functions, items] = [&made.code.functions, &made.code.items];
        pretty(&format!("impl Tiles {{ {functions} }} {items}"))
    }),
];

fn func(text: &str) -> Func {
    let func = read::func(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    func.verified("the golden")
}

fn model(text: &str) -> Typed {
    let text: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    corpus::models(&text.join("\n")).last().expect("a model").1
}

/// A linear program after the function that it is about.
fn linear(text: &str) -> Linear {
    let (primal, lin) = text.split_once(AND).expect("primal values and a linear program");
    let lin = read::lin_func(lin).unwrap_or_else(|error| panic!("{error}\n{lin}"));
    Linear { primal: Builder::after(func(primal).defs), lin }.verified("the golden")
}

/// What the tangent of a value is called, if it is a real input or a parameter.
fn tangent_of((var, def): (Var, &Def)) -> Option<(Var, Source)> {
    match def.inst {
        Inst::Source(Source::Input(i)) => Some((var, Source::InputTangent(i))),
        Inst::Source(Source::Param(i)) => Some((var, Source::ParamTangent(i))),
        _ => None,
    }
}

/// The same function, every instruction of it written anew.
fn rebuilt(func: &Func) -> Func {
    let b = Builder::default();
    let mut names: Vec<Var> = Vec::new();
    for def in &func.defs {
        let ty = def.ty.clone();
        let x = |x: &Var| names[*x];
        let new = match &def.inst {
            Inst::Point { prim, args } => {
                let args: Vec<V<'_>> = args.iter().map(|arg| b.v(x(arg))).collect();
                b.point(*prim, &args).var
            }
            // A constant as an array is that, and not the number.
            Inst::View { x: from, view: View::Broadcast(_) } if b.as_num(x(from)).is_some() => {
                b.fill(x(from), &ty)
            }
            Inst::View { x: from, view: View::Broadcast(axes) } => {
                b.broadcast(x(from), axes.clone(), ty)
            }
            Inst::Reduce { fold, x: from, axes } => b.reduce(*fold, x(from), axes.clone()),
            Inst::View { x: from, view: View::Permute(perm) } => b.permute(x(from), perm.clone()),
            Inst::View { x: from, view: View::Reshape } => b.reshape(x(from), ty),
            Inst::View { x: from, view: View::Slice { axis, start } } => {
                b.slice(x(from), *axis, start.clone(), ty[*axis].clone())
            }
            Inst::View { x: from, view: View::Window(window) } => {
                b.window(x(from), window.clone(), ty)
            }
            Inst::Overlap { parts } => b.overlap(
                parts.iter().map(|(part, window)| (x(part), window.clone())).collect(),
                ty,
            ),
            Inst::Concat { parts, axis } => {
                let part = |part: &crate::ir::Part| match part {
                    crate::ir::Part::Value(value) => crate::ir::Part::Value(x(value)),
                    zeros => zeros.clone(),
                };
                b.concat(&parts.iter().map(part).collect::<Vec<_>>(), *axis, ty)
            }
            Inst::Contract { a, b: with, labels } => b.contract(x(a), x(with), (**labels).clone()),
            _ => b.copy(def, |arg| names[arg]),
        };
        names.push(new);
    }
    let results = func.results.iter().map(|res| Res { value: names[res.value], ..res.clone() });
    Func { results: results.collect(), defs: b.into_defs(), rules: Vec::new() }.verified("build")
}

fn pretty(code: &str) -> String {
    let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{error}\n{code}"));
    prettyplease::unparse(&file)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn passes_make_what_they_made() {
    let bless = std::env::var_os("BLESS").is_some();
    let (mut count, mut wrong) = (0, Vec::new());
    for (pass, run) in PASSES {
        for path in files(&Path::new(FOLDER).join(pass)) {
            let text = fs::read_to_string(&path).expect("a golden").replace("\r\n", "\n");
            let given = text.split_once(MADE).map_or(text.as_str(), |(given, _)| given);
            count += 1;
            let Ok(made) = std::panic::catch_unwind(|| run(given)) else {
                wrong.push(format!("{}: the pass panics", path.display()));
                continue;
            };
            let made = format!("{given}{MADE}{made}");
            if bless {
                fs::write(&path, made).expect("the golden is written");
            } else if made != text {
                wrong.push(format!("{}:\n{made}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not as blessed (BLESS=1 accepts it):\n{}", wrong.join("\n"));
    assert!(count >= 60, "only {count} goldens");
    let known: Vec<&str> = PASSES.iter().map(|(pass, _)| *pass).collect();
    for folder in files(Path::new(FOLDER)) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        assert!(known.contains(&&*name), "`{name}` is no pass");
    }
}

/// Every instruction and every linear operation stands in some golden, and is made by some pass.
#[test]
fn goldens_have_every_instruction() {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (pass, _) in PASSES {
        for path in files(&Path::new(FOLDER).join(pass)) {
            *texts.entry(pass).or_default() += &fs::read_to_string(&path).expect("a golden");
        }
    }
    let instructions = [
        "input ",
        "param ",
        "integers ",
        "state ",
        "broadcast(",
        "reduce_sum(",
        "reduce_max(",
        "permute(",
        "reshape(",
        "slice(",
        "window(",
        "overlap(",
        "concat(",
        "contract(",
        "gather(",
        "scatter(",
        "iota(",
        "random(",
        "custom(",
        "scan(",
        "result(",
    ];
    let linear = [
        "add(~",
        "scale(~",
        "broadcast(~",
        "sum(~",
        "permute(~",
        "reshape(~",
        "slice(~",
        "window(~",
        "overlap(~",
        "concat(~",
        "contract(~",
        "gather(~",
        "scatter(~",
        "custom(~",
        "scan(%",
        "result(~",
    ];
    for (pass, wanted) in [
        ("fuse", &instructions[..]),
        ("linearize", &linear),
        ("transpose", &linear),
        ("write", &linear),
    ] {
        for what in wanted {
            assert!(texts[pass].contains(what), "no golden of `{pass}` has `{what}`");
        }
    }
}
