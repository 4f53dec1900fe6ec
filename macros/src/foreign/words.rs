//! What stands between the parentheses of a call, as text.

use super::{Advice, Seen, translate};
use crate::ast::{Arg, Expr, ExprKind, Given};
use crate::elsewhere::is_namespace;
use crate::number::Num;
use crate::parse::{corrected, expression};
use proc_macro2::Ident;

/// Longer arguments are not read.
const LONGEST: usize = 400;

/// Arguments as they are written.
pub fn given(args: &[Arg]) -> Vec<Given> {
    let one = |arg: &Arg| Given {
        name: arg.name.as_ref().map(Ident::to_string),
        text: spell_expr(&arg.value),
    };
    args.iter().map(one).collect()
}

/// An expression as it is written, up to parentheses, but for calls of other frameworks in it.
pub fn spell_expr(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(spell_expr).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Number(n) => match Num::decimal(n.digits, n.exponent) {
            Some(num) => num.to_string(),
            None => "0".into(),
        },
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Path { text, .. } => text.clone(),
        ExprKind::Member(names) => names.iter().map(Ident::to_string).collect::<Vec<_>>().join("."),
        ExprKind::Call { op, args } => {
            let args = given(args).into_iter().map(|given| match given.name {
                Some(name) => format!("{name} = {}", given.text),
                None => given.text,
            });
            format!("{op}({})", args.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Bin(op, a, b) => {
            let side = |expr: &Expr| match expr.kind {
                ExprKind::Bin(..) => format!("({})", spell_expr(expr)),
                _ => spell_expr(expr),
            };
            format!("{} {op} {}", side(a), side(b))
        }
        ExprKind::Neg(x) => match x.kind {
            ExprKind::Bin(..) => format!("-({})", spell_expr(x)),
            _ => format!("-{}", spell_expr(x)),
        },
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Range(start, end) => format!("{}..{}", spell_expr(start), spell_expr(end)),
        ExprKind::Bool(flag) => flag.to_string(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Method { receiver, name, given } => {
            let root = receiver.split(['.', '(', ':']).next().unwrap_or(receiver);
            let own = Given { name: None, text: receiver.clone() };
            let own = (!is_namespace(root)).then_some(own);
            let all: Vec<Given> = own.into_iter().chain(given.iter().cloned()).collect();
            match translate(&name.to_string(), &all, Seen::default()) {
                Some(Advice::Write { code, .. }) if !code.contains("->") => code,
                _ => {
                    let args: Vec<&str> = given.iter().map(|given| given.text.as_str()).collect();
                    format!("{receiver}.{name}({})", args.join(", "))
                }
            }
        }
        ExprKind::Index { text, items, .. } => format!("{text}[{}]", items.join(", ")),
    }
}

/// An argument in the words of the language.
pub fn tidy(text: &str) -> String {
    let text = text
        .replace("float(\"-inf\")", "f64::NEG_INFINITY")
        .replace("float(\"inf\")", "f64::INFINITY")
        .replace("f32::", "f64::")
        .replace("self.", "");
    // A chain of methods is as deep as it is long.
    if text.len() > LONGEST {
        return text;
    }
    let text = corrected(&text);
    match expression(&text) {
        Some(expr) if !matches!(expr.kind, ExprKind::Number(_)) => spell_expr(&expr),
        _ => text,
    }
}

/// Whether a text is a value and no number, constant or word.
pub fn is_value(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_lowercase() || c == '_');
    (begins || text.contains('(') && text.starts_with(char::is_uppercase))
        && (!text.starts_with("f64::") || text.contains('('))
        && !["true", "false", "none"].contains(&text)
        && !text.contains(".size(")
        && !text.contains(".shape")
}

/// The elements of `[a, b]` or `(a, b)`.
pub fn list(text: &str) -> Option<Vec<String>> {
    let inside = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .or_else(|| text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')))?;
    let (mut items, mut depth) = (vec![String::new()], 0usize);
    for c in inside.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == ',' && depth == 0 {
            items.push(String::new());
        } else if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    let items = items.into_iter().map(|item| item.trim().to_string());
    Some(items.filter(|item| !item.is_empty()).collect())
}

/// Numbers and lists of numbers as one list.
pub fn flattened(texts: &[String]) -> Vec<String> {
    let one = |text: &String| list(text).unwrap_or_else(|| vec![text.clone()]);
    texts.iter().flat_map(one).collect()
}
