//! Rules of the repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The longest that a source file may be.
const MAX_LINES: usize = 600;
const KEYWORD: &str = "unsafe";
/// Where the keyword may stand in code.
const MAY_USE_IT: [&str; 44] = [
    "benches/functions.rs",
    "benches/limits/by_hand/digits.rs",
    "benches/limits/by_hand/gemm.rs",
    "benches/limits/by_hand/vectors.rs",
    "benches/limits/digits.rs",
    "benches/limits/elementwise.rs",
    "benches/limits/harness.rs",
    "benches/limits/policy.rs",
    "benches/limits/wide.rs",
    "benches/sums.rs",
    "benches/ulp.rs",
    "benches/workloads/system.rs",
    "runtime/core/src/flat.rs",
    "runtime/core/src/flat/boxed.rs",
    "runtime/core/src/flat/impls.rs",
    "runtime/core/src/flat/value.rs",
    "runtime/core/src/index.rs",
    "runtime/core/src/kernel.rs",
    "runtime/core/src/kernel/blocked.rs",
    "runtime/core/src/kernel/blocks.rs",
    "runtime/core/src/kernel/compiled.rs",
    "runtime/core/src/kernel/contract.rs",
    "runtime/core/src/kernel/convolve.rs",
    "runtime/core/src/kernel/gather.rs",
    "runtime/core/src/kernel/im2col.rs",
    "runtime/core/src/kernel/levels.rs",
    "runtime/core/src/kernel/long.rs",
    "runtime/core/src/kernel/map.rs",
    "runtime/core/src/kernel/pack.rs",
    "runtime/core/src/kernel/panel.rs",
    "runtime/core/src/kernel/reduce.rs",
    "runtime/core/src/kernel/shared.rs",
    "runtime/core/src/kernel/update.rs",
    "runtime/core/src/lanes.rs",
    "runtime/core/src/lanes/array.rs",
    "runtime/core/src/lanes/isa.rs",
    "runtime/core/src/lanes/neon.rs",
    "runtime/core/src/lanes/pack.rs",
    "runtime/core/src/lanes/registers.rs",
    "runtime/core/src/lanes/tests.rs",
    "runtime/core/src/lanes/wide.rs",
    "runtime/core/src/lanes/x86/avx2.rs",
    "runtime/core/src/lanes/x86/avx512.rs",
    "tests/allocations.rs",
];

fn read(path: &str) -> String {
    let text = fs::read_to_string(Path::new(ROOT).join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder that end so, relative to the root and with `/`, in order.
fn files(folder: &str, ending: &str) -> Vec<String> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder that can be read") {
            let path = entry.expect("an entry that can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_symlink() || name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() { walk(&path, out) } else { out.push(path) }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(ROOT).join(folder), &mut paths);
    let relative = |path: PathBuf| {
        let path = path.strip_prefix(ROOT).expect("a path below the root").to_string_lossy();
        path.replace('\\', "/").trim_start_matches('/').to_string()
    };
    let mut names: Vec<String> = paths.into_iter().map(relative).collect();
    names.retain(|name| name.ends_with(ending));
    names.sort();
    assert!(!names.is_empty(), "found no {ending} in {folder}");
    names
}

#[track_caller]
fn none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// A source file in two parts: its code without comments and texts, and its texts.
fn code_and_texts(source: &str) -> (String, String) {
    let (mut code, mut texts) = (String::new(), String::new());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let word = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        // How many bytes the token takes that begins here, and where it goes.
        let raw = if word { None } else { raw_text(rest) };
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[rest.find("*/").map_or(rest.len(), |i| i + 2)..];
            code.push(' ');
        } else if let Some(len) = raw.or_else(|| quoted(rest)) {
            texts.push_str(&rest[..len]);
            texts.push('\n');
            code.push(' ');
            rest = &rest[len..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    (code, texts)
}

/// The length of the `r".."` or `r#".."#` that begins here.
fn raw_text(source: &str) -> Option<usize> {
    let after = source.strip_prefix("br").or_else(|| source.strip_prefix('r'))?;
    let inner = after.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(after.len() - inner.len()));
    let start = source.len() - inner.strip_prefix('"')?.len();
    Some(source[start..].find(&end).map_or(source.len(), |i| start + i + end.len()))
}

/// The length of the `".."` or `'.'` that begins here; a lifetime is none.
fn quoted(source: &str) -> Option<usize> {
    let mut chars = source.char_indices();
    let (_, quote) = chars.next().filter(|(_, c)| *c == '"' || *c == '\'')?;
    if quote == '\'' {
        let mut inner = source[1..].chars();
        let first = inner.next()?;
        if first != '\\' && inner.next() != Some('\'') {
            return None;
        }
    }
    while let Some((i, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(i + 1);
        }
    }
    Some(source.len())
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
}

#[test]
fn sources_are_taken_apart() {
    let source = "fn f<'a>() { '\"'; b'\\''; \"x\\\"y\" /* c */ r#\"z\"w\"# } // d \"e\"\nfor";
    let (code, texts) = code_and_texts(source);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&code), "fn f<'a>() { ; b ; } for");
    assert_eq!(texts, "'\"'\n'\\''\n\"x\\\"y\"\nr#\"z\"w\"#\n");
    assert!(has_word("a unit {", "unit") && !has_word("unit_b", "unit"));
}

/// What a user reads after a mistake with it has been looked at, for every op.
#[test]
fn every_op_has_a_mistake() {
    let errors: String = files("tests/ui", ".stderr")
        .iter()
        .flat_map(|path| read(path).lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("error"))
        .collect();
    let examples = json("tests/reference/examples.json");
    let names = examples.as_object().expect("ops").keys().map(String::as_str);
    let told = |name: &str| ["`", "("].iter().any(|end| errors.contains(&format!("`{name}{end}")));
    let untold: Vec<String> = names.filter(|name| !told(name)).map(str::to_owned).collect();
    none("no error in tests/ui is about the op", &untold);
}

fn json(path: &str) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The values of other systems are of examples that there are, and each example has some.
#[test]
fn references_are_of_examples() {
    let mut missing = BTreeSet::new();
    for (op, examples) in json("tests/reference/examples.json").as_object().expect("ops") {
        for example in examples.as_array().expect("examples") {
            missing.insert(format!("{op}: {}", example.as_str().expect("a model")));
        }
    }
    let all = missing.clone();
    let mut orphans = Vec::new();
    for case in json("tests/reference/ops.json").as_array().expect("cases") {
        let text = |key: &str| case[key].as_str().expect("a text");
        let name = text("case").trim_end_matches("_training");
        let (op, _) = name.rsplit_once('_').expect("an op and a number");
        let example = format!("{op}: {}", text("model"));
        missing.remove(&example);
        if !all.contains(&example) {
            orphans.push(example);
        }
    }
    none("there is no such example (tests/reference/make.py)", &orphans);
    none(
        "the example has no value of PyTorch's (tests/reference/make.py)",
        &Vec::from_iter(missing),
    );
}

/// A sentence that opens with "Of" is read twice.
#[test]
fn no_sentence_opens_with_of() {
    let opens = ["Of ", ". Of ", "! Of ", "? Of "];
    let mut broken = Vec::new();
    for path in [files("", ".rs"), files("", ".md")].concat() {
        for (i, line) in read(&path).lines().enumerate() {
            let text = match path.ends_with(".rs") {
                true => line.split_once("//").map_or("", |(_, text)| text),
                false => line,
            };
            let text = text.trim_start_matches(['/', '!', '-', '|', ' ']);
            let opens_here = opens[1..].iter().any(|open| text.contains(open));
            if text.starts_with(opens[0]) || opens_here || text.ends_with(". Of") {
                broken.push(format!("{path}:{}: {}", i + 1, text.trim()));
            }
        }
    }
    none("a sentence that opens with \"Of\"", &broken);
}

/// It is a page: what is long is in the guide.
#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines");
}

#[test]
fn the_readme_shows_a_real_error() {
    let readme = read("README.md").replace("\r\n", "\n");
    let (_, rest) = readme.split_once("```text\n").expect("README.md shows an error");
    let (shown, _) = rest.split_once("```").expect("the block ends");
    let real = files("tests/ui", ".stderr")
        .iter()
        .any(|path| read(path).replace("\r\n", "\n").contains(shown));
    assert!(real, "no file in tests/ui has the error that README.md shows:\n{shown}");
}

#[test]
fn source_files_are_short() {
    let mut broken = Vec::new();
    for path in files("", ".rs") {
        let lines = read(&path).lines().count();
        if lines > MAX_LINES && !path.starts_with("tests/ui/") {
            broken.push(format!("{path}: {lines} lines"));
        }
    }
    none(&format!("a source file has at most {MAX_LINES} lines"), &broken);
}

/// The modules of its crate that a piece of code imports.
fn imported(code: &str) -> Vec<&str> {
    let ends = |c: char| !(c.is_alphanumeric() || c == '_');
    let first = |path: &str| path.trim().split(ends).next().map(str::len);
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        // In a list, what stands at its own depth.
        let (mut depth, mut begins) = (0, true);
        for (at, c) in rest.char_indices() {
            if begins && !c.is_whitespace() && c != '{' {
                let item = &rest[at..];
                found.extend(first(item).map(|length| &item[..length]));
                begins = false;
            }
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => begins = depth == 1,
                _ => {}
            }
            if depth == 0 && !begins {
                break;
            }
        }
    }
    found
}

#[test]
fn imports_are_taken_apart() {
    assert_eq!(imported("use crate::ir::{Var, Inst}; use crate::bug;"), ["ir", "bug"]);
    assert_eq!(imported("use crate::{a::{b, c}, d, e::f};"), ["a", "d", "e"]);
}

/// Imports that point up on purpose, with the reason in lib.rs.
const MAY_POINT_UP: [(&str, &str); 1] = [("scalar", "lanes")];

/// Whoever reads a crate from its first module to its last has read what a module imports before it; so there is no
/// circle. Tests import what they need.
#[test]
fn modules_import_those_before_them() {
    let mut broken = Vec::new();
    for (root, least) in [("macros/src", 30), ("runtime/core/src", 15)] {
        let lib = read(&format!("{root}/lib.rs"));
        let lines: Vec<&str> = lib.lines().collect();
        let modules = lines.iter().enumerate().filter_map(|(at, line)| {
            let name = line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?;
            let is_test = at > 0 && lines[at - 1] == "#[cfg(test)]";
            (!is_test).then_some(name.trim_start_matches('_'))
        });
        let modules: Vec<&str> = modules.collect();
        let place = |name: &str| modules.iter().position(|module| *module == name);
        for path in files(root, ".rs") {
            let inner = path.strip_prefix(root).unwrap_or(&path).trim_start_matches('/');
            let module = inner.split(['/', '.']).next().unwrap_or(inner);
            let is_test = inner.ends_with("tests.rs") || inner.contains("/tests/");
            let Some(own) = place(module).filter(|_| !is_test) else { continue };
            let (code, _) = code_and_texts(&read(&path));
            let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or(&code);
            let later = |other: &&str| place(other).is_some_and(|at| at > own);
            for other in imported(code).into_iter().filter(later) {
                if !MAY_POINT_UP.contains(&(module, other)) {
                    broken.push(format!("{path} imports `{other}`, which comes after `{module}`"));
                }
            }
        }
        assert!(modules.len() > least, "{modules:?}");
    }
    none("a module imports those before it in lib.rs", &broken);
}

#[test]
fn only_the_memory_module_goes_around_the_compiler() {
    let mut broken = Vec::new();
    for path in files("", ".rs") {
        let (code, texts) = code_and_texts(&read(&path));
        if has_word(&code, KEYWORD) && !MAY_USE_IT.contains(&&*path) {
            broken.push(format!("{path}: in code"));
        }
        let generates = ["impl", "fn", "trait", "extern", "{"]
            .iter()
            .any(|next| texts.contains(&format!("{KEYWORD} {next}")));
        if generates {
            broken.push(format!("{path}: in generated code"));
        }
    }
    none(&format!("`{KEYWORD}` stands in few places"), &broken);
}

/// What may stand in for something that is not there, in the part of the compiler in which that is a bug otherwise:
/// the file, the line, and why it is right.
const RIGHT_DEFAULTS: [(&str, &str, &str); 11] = [
    ("fuse/scan.rs", "self.results.get(&var)", "nobody reads a result of the loop"),
    ("fuse/scan.rs", "of(*x).map(next)", "the stride of an axis of length 1 does not matter"),
    ("fuse/overlap.rs", "self.zeros.remove(&nest)", "no overlap begins there"),
    ("fuse/overlap.rs", "self.placed.get(&part)", "it is no part of anything"),
    ("fuse/groups.rs", ".unwrap_or(0)", "without leaves, the first nest"),
    ("codegen/convolve.rs", "strides[0].first()", "a product of one row"),
    ("codegen/stages.rs", ".max().unwrap_or(0)", "no long function before it"),
    ("codegen/contract.rs", "space.pop()", "one row, or one column"),
    ("codegen/contract.rs", "s.pop()", "one row, one column, or one step"),
    ("codegen/contract.rs", "summed.pop()", "one step"),
    ("simplify.rs", "wanted.remove(&var)", "nobody reads a result of the loop"),
];

/// After `infer`, what is missing is a bug of the compiler: that is told (`bug`), and nothing is put in its place.
#[test]
fn the_compiler_puts_nothing_in_place_of_what_is_missing() {
    let middle = [
        "builder",
        "codegen",
        "fuse",
        "layout",
        "lin",
        "linearize",
        "lower",
        "nest",
        "plan",
        "programs",
        "recompute",
        "simplify",
        "trace",
        "transpose",
    ];
    let defaults =
        [".unwrap_or(0)", ".unwrap_or(Dim::known(", ".unwrap_or_default()", ".map_or(Vec::new()"];
    let mut broken = Vec::new();
    for path in files("macros/src", ".rs") {
        let name = path.trim_start_matches("macros/src/");
        let module = name.split(['/', '.']).next().unwrap_or(name);
        if !middle.contains(&module) {
            continue;
        }
        for line in read(&path).lines().filter(|line| defaults.iter().any(|d| line.contains(d))) {
            let right = |(file, part, _): &(&str, &str, &str)| *file == name && line.contains(part);
            if !RIGHT_DEFAULTS.iter().any(right) {
                broken.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    none("something stands in for what is missing; `or_bug` tells of it", &broken);
}

#[test]
fn every_error_message_has_its_source() {
    let mut broken = Vec::new();
    let (sources, messages) = (files("tests/ui", ".rs"), files("tests/ui", ".stderr"));
    for path in &messages {
        if !sources.contains(&path.replace(".stderr", ".rs")) {
            broken.push(format!("{path} has no source"));
        }
    }
    for path in sources.iter().filter(|path| !path.starts_with("tests/ui/pass/")) {
        if !messages.contains(&path.replace(".rs", ".stderr")) {
            broken.push(format!("{path} has no message"));
        }
    }
    none("files in tests/ui come in pairs", &broken);
}

#[test]
fn error_messages_keep_the_rules() {
    /// What no message may hold: paths of a machine, and what a reader cannot make sense of.
    const NEVER: [&str; 10] = [
        env!("CARGO_MANIFEST_DIR"),
        "/home",
        "/Users",
        "/tmp",
        "/rustc",
        ":\\",
        "--> /",
        "UInt<",
        "__pb",
        "proc macro panicked",
    ];
    let mut broken = Vec::new();
    for path in files("tests/ui", ".stderr") {
        let text = read(&path);
        for (i, line) in text.lines().enumerate() {
            let mut complain = |what: &str| broken.push(format!("{path}:{}: {what}", i + 1));
            for bad in NEVER.iter().filter(|bad| line.contains(**bad)) {
                complain(&format!("holds `{bad}`"));
            }
            // Messages of the macro: rustc's own have a code and are its own affair.
            let message = line.strip_prefix("error: ");
            let help = line.strip_prefix("       help: ");
            let Some(said) = message.or(help) else { continue };
            if said.ends_with(['.', '!', ' ']) {
                complain("ends with punctuation");
            }
            if said.starts_with(char::is_uppercase) {
                complain("begins with a capital letter");
            }
            if said.contains(". ") {
                complain("is more than one sentence");
            }
            if said.matches('`').count() % 2 == 1 {
                complain("has an odd number of backticks");
            }
        }
    }
    none("error messages are one plain sentence", &broken);
}
