//! Kinds of generated text.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// Adds the kinds of text that there are in generated code.
pub fn collect(code: TokenStream, kinds: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        let before = |char| is_punct(i.checked_sub(1).map(|before| &tokens[before]), char);
        match token {
            TokenTree::Ident(name) if before(':') => {
                kinds.insert(format!("::{}", nameless(name)));
            }
            TokenTree::Ident(name) if before('.') => {
                kinds.insert(format!(".{}", nameless(name)));
            }
            TokenTree::Ident(name) if matches!(&*name.to_string(), "if" | "while" | "for") => {
                let condition =
                    tokens[i..].iter().take_while(|token| !is_group(token, Delimiter::Brace));
                kinds.insert(normal(&condition.cloned().collect::<Vec<_>>()));
            }
            TokenTree::Ident(name) => {
                if let Some(arguments) = arguments(&tokens[i + 1..]) {
                    call(&nameless(name), arguments, kinds);
                }
            }
            TokenTree::Punct(punct) if "+-*/&".contains(punct.as_char()) => {
                kinds.insert(punct.to_string());
            }
            _ => {}
        }
        if let TokenTree::Group(group) = token {
            collect(group.stream(), kinds);
        }
    }
}

/// The arguments of a call, after its name.
fn arguments(mut after: &[TokenTree]) -> Option<&Group> {
    // Between them there may be types.
    if is_punct(after.first(), ':') {
        let end = after.iter().position(|token| is_punct(Some(token), '>'))?;
        after = &after[end + 1..];
    }
    match after.first() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// The kinds of what a kernel is given, one by one.
fn call(name: &str, arguments: &Group, kinds: &mut BTreeSet<String>) {
    // Functions of lanes are told by their names, and where a loop runs is none of its kinds.
    if name.starts_with("__") && name != "__inline" {
        for (i, argument) in split(arguments.stream()).into_iter().enumerate() {
            // All loops are `__L`, which are given memory in any order.
            let place = if name == "__L" { "any".to_string() } else { i.to_string() };
            given(&format!("{name}, {place}"), &argument, kinds);
        }
    }
}

/// The kind of what is given; of a list those of its elements, and whether there are none, one or more; and those of fields.
fn given(place: &str, given: &[TokenTree], kinds: &mut BTreeSet<String>) {
    match given {
        [TokenTree::Group(list)] if list.delimiter() == Delimiter::Bracket => {
            let elements = split(list.stream());
            kinds.insert(format!("{place}: {} elements", elements.len().min(2)));
            for element in elements {
                kinds.insert(format!("{place}: [{}]", normal(&element)));
            }
        }
        [TokenTree::Ident(_), TokenTree::Group(fields)]
            if fields.delimiter() == Delimiter::Brace =>
        {
            for field in split(fields.stream()) {
                if let [TokenTree::Ident(name), TokenTree::Punct(_), value @ ..] = &field[..] {
                    self::given(&format!("{place}, {name}"), value, kinds);
                }
            }
        }
        _ => {
            kinds.insert(format!("{place}: {}", normal(given)));
        }
    }
}

fn split(list: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    // Commas of types are none of the list.
    let mut types = 0;
    for token in list {
        let punct = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match punct {
            '<' => types += 1,
            '>' => types -= 1,
            _ => {}
        }
        if punct == ',' && types == 0 {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A name without the numbers in it. What only rustc knows is a number.
fn nameless(name: &Ident) -> String {
    let name = name.to_string();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if name.ends_with("_CONST") { "N".into() } else { name.into() }
}

/// A text in which names have no numbers, all numbers but 0 and 1 are the same, as are all that is computed from numbers,
/// and what follows its like in a list is left out.
fn normal(code: &[TokenTree]) -> String {
    let mut words: Vec<String> = Vec::new();
    for token in code {
        words.push(match token {
            TokenTree::Ident(name) => nameless(name),
            TokenTree::Punct(punct) => punct.to_string(),
            TokenTree::Literal(number) => match &*number.to_string() {
                exact @ ("0" | "1") => exact.into(),
                _ => "N".into(),
            },
            TokenTree::Group(group) => {
                let mut items: Vec<String> =
                    split(group.stream()).iter().map(|item| normal(item)).collect();
                items.dedup();
                let items = items.join(", ");
                match group.delimiter() {
                    Delimiter::Parenthesis | Delimiter::Brace
                        if matches!(&*items, "N" | "n")
                            && !words.last().is_some_and(|word| is_name(word)) =>
                    {
                        items
                    }
                    Delimiter::Parenthesis => format!("({items})"),
                    Delimiter::Brace => format!("{{{items}}}"),
                    Delimiter::Bracket => format!("[{items}]"),
                    Delimiter::None => items,
                }
            }
        });
        computed(&mut words);
    }
    words.join(" ")
}

fn is_name(word: &str) -> bool {
    !matches!(word, "n" | "N") && word.ends_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Numbers that are computed at the end of some words are numbers, or so many for each sample.
fn computed(words: &mut Vec<String>) {
    loop {
        let made = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [.., "usize", ":", ":", "saturating_sub", "(N)" | "(N, 1)" | "(N, 0)"] => (5, "N"),
            [.., "usize", ":", ":", "saturating_sub", _] => (5, "n"),
            [.., "__pb", ":", ":", "block", _] => (5, "N"),
            [.., "N", "=", "=", "0" | "1"] => (4, "N"),
            [.., "N", "as", "usize"] => (3, "N"),
            [.., "N", "*" | "+" | "-" | "/", "N" | "1"] => (3, "N"),
            [.., "N" | "n", "*" | "+" | "-" | "/", "N" | "n" | "1"] => (3, "n"),
            _ => return,
        };
        words.truncate(words.len() - made.0);
        words.push(made.1.into());
    }
}
