//! Keeping what the user has in scope apart from what generated code calls its locals.
//!
//! A pattern `x` is no new variable where a `const`, a `static` or a unit struct of that name is in scope, and
//! a macro's tokens see the scope of its call. A function of that name is no hindrance: so generated code
//! stands in a block that imports one under the name of each of its variables. The primitive types are
//! imported there too, whatever else is called `usize` outside.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;

/// The types of Rust that generated code names without a path.
const PRIMITIVES: &str = "bool, f32, f64, str, u8, u32, u64, usize";

/// Words that are no names. Other words that are no variables do no harm.
const KEYWORDS: [&str; 52] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while", "abstract", "become", "box", "do", "final", "gen", "macro",
    "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
];

/// The imports of a block with this code in it, given as text without `__pb`'s own definition.
pub fn imports<'a>(code: impl IntoIterator<Item = &'a str>) -> TokenStream {
    let mut names = BTreeSet::new();
    code.into_iter().for_each(|text| variables(text, &mut names));
    let mut text = format!(
        "#[allow(unused_imports, reason = \"not every model needs all\")] use ::core::primitive::{{{PRIMITIVES}}};\n"
    );
    for name in names {
        text += &format!("#[allow(unused_imports)] use __pb::nothing as {name};\n");
    }
    super::text(&text)
}

/// The names in a text of Rust that may be variables: words that no path, method or literal is made of.
fn variables<'a>(code: &'a str, names: &mut BTreeSet<&'a str>) {
    let bytes = code.as_bytes();
    let is_word = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || !c.is_ascii();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &code[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            at += 3 + raw.find("\"#").map_or(raw.len(), |end| end + 2);
        } else if bytes[at] == b'"' {
            at += 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at += 1;
        } else if is_word(bytes[at]) {
            let end = bytes[at..].iter().position(|c| !is_word(*c)).map_or(bytes.len(), |n| at + n);
            let (before, word, after) = (code[..at].trim_end(), &code[at..end], &code[end..]);
            let follows = |sign: &str| after.trim_start().starts_with(sign);
            let is_path = before.ends_with("::") || follows("::") || before.ends_with('#');
            let is_member = before.ends_with('.') && !before.ends_with("..");
            let is_variable = !bytes[at].is_ascii_digit()
                && !word.starts_with("__")
                && word != "_"
                && !before.ends_with('\'')
                && !is_path
                && !after.starts_with('#')
                && !is_member
                && !KEYWORDS.contains(&word);
            if is_variable {
                names.insert(word);
            }
            at = end;
        } else {
            at += 1;
        }
    }
}

/// A unit struct, which is a type and a value, for each name that occurs in the expansion of a model: what a hostile
/// user has in scope. What the expansion defines itself is left out.
pub fn hostile(expansion: TokenStream) -> TokenStream {
    fn walk(tokens: TokenStream, found: &mut BTreeSet<String>, defined: &mut BTreeSet<String>) {
        let mut defines = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => walk(group.stream(), found, defined),
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    if defines {
                        defined.insert(name.clone());
                    }
                    defines = ["struct", "enum", "type", "trait"].contains(&name.as_str());
                    found.insert(name);
                    continue;
                }
                _ => {}
            }
            defines = false;
        }
    }
    let (mut found, mut defined) = (BTreeSet::new(), BTreeSet::new());
    walk(expansion, &mut found, &mut defined);
    let is_free = |name: &&String| {
        let name = name.as_str();
        let word = name.starts_with(|c: char| c == '_' || c.is_alphabetic());
        word && !name.starts_with("__")
            && name != "_"
            && !name.contains('#')
            && !KEYWORDS.contains(&name)
    };
    let structs = found.difference(&defined).filter(is_free).map(|name| {
        let name = quote::format_ident!("{name}");
        quote::quote! { #[allow(non_camel_case_types, dead_code)] struct #name; }
    });
    structs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_and_nothing_else_that_matters() {
        let code = r##"/// Prose.
            fn forward<'a>(&'a self, x: &[T; 3], r#type: usize) -> [T; 3] { let (y, mut d_x) = __pb::zero(x);
            const E: &str = r#"text of x2"#; const F: &str = "more \" words"; y.flat_mut(); 0f64; a..b }"##;
        let mut names = BTreeSet::new();
        variables(code, &mut names);
        let names: Vec<&str> = names.into_iter().collect();
        assert_eq!(names, ["E", "F", "T", "a", "b", "d_x", "forward", "str", "usize", "x", "y"]);
    }
}
