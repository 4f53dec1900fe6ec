//! Small pieces of text.

use crate::nest::{Add, Body, Reg, Store};
use crate::number::Num;
use crate::shape::Dim;
use std::fmt::Write as _;

/// Whether a store adds, as an expression.
pub fn add(add: Add) -> &'static str {
    match add {
        Add::No => "false",
        Add::LaterTiles => "add",
        Add::Yes => "true",
    }
}

pub fn all_strides(body: &Body, stores: &[Store]) -> Vec<Vec<Dim>> {
    let loads = body.loads.iter().map(|load| load.strides.clone());
    loads.chain(stores.iter().map(|store| store.to.strides.clone())).collect()
}

pub fn dims(dims: &[Dim]) -> String {
    let mut text = String::from("[");
    for (i, dim) in dims.iter().enumerate() {
        text.push_str(if i == 0 { "" } else { ", " });
        dim.write_code(&mut text);
    }
    text.push(']');
    text
}

/// What a driver is told of an axis, given its length and the strides of accesses along it; no axis is one
/// of a single element.
pub fn axis<'d>(length: Option<&Dim>, strides: impl Iterator<Item = Option<&'d Dim>>) -> String {
    let plain = plain(strides);
    let one = Dim::known(1);
    let length = length.unwrap_or(&one);
    let (each, rest) = length.by_batch();
    let constant = |dim: &Dim| match dim.as_known() {
        Some(n) => n.to_string(),
        None => format!("{{ {} }}", dim.code()),
    };
    match (length.has_batch(), rest.is(0)) {
        (false, _) => format!("__Axis::<{0}, {0}, {plain}>", constant(length)),
        (true, true) if !each.has_batch() => format!("__Axis::<0, {}, {plain}>", constant(&each)),
        (true, _) => format!("__Axis::<0, 1, {plain}>"),
    }
}

/// Whether every access moves along an axis by at most 1.
pub fn plain<'d>(mut strides: impl Iterator<Item = Option<&'d Dim>>) -> bool {
    strides.all(|stride| stride.is_none_or(|s| s.is(0) || s.is(1)))
}

/// Patterns for `0 ..= last`, `_` where there is no name.
pub fn sparse(last: usize, name: impl Fn(usize) -> Option<String>) -> String {
    let names: Vec<String> = (0..=last).map(|i| name(i).unwrap_or_else(|| "_".into())).collect();
    names.join(", ")
}

pub fn names(prefix: &str, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("{prefix}{i}")).collect();
    names.join(", ")
}

pub fn lines(body: &Body) -> String {
    let mut text = String::new();
    for (i, (prim, args)) in body.lines.iter().enumerate() {
        let _ = write!(text, " let c{i} = ");
        prim.write(&mut text, |arg, text| write_reg(&args[arg], text));
        text.push(';');
    }
    text
}

/// A body whose values are these.
pub fn body_code<'r>(body: &Body, values: impl Iterator<Item = &'r Reg>) -> String {
    let mut text = lines(body);
    text.push_str(" [");
    for (i, value) in values.enumerate() {
        text.push_str(if i == 0 { "" } else { ", " });
        write_reg(value, &mut text);
    }
    text.push(']');
    text
}

pub fn reg_code(reg: &Reg) -> String {
    let mut text = String::new();
    write_reg(reg, &mut text);
    text
}

fn write_reg(reg: &Reg, text: &mut String) {
    let (kind, index) = match reg {
        Reg::Num(num) => return text.push_str(&number(num)),
        Reg::Load(i) => ('l', i),
        Reg::Acc(i) => ('a', i),
        Reg::Line(i) => ('c', i),
    };
    let _ = write!(text, "{kind}{index}");
}

pub fn number(num: &Num) -> String {
    match num {
        Num::Ratio(p, q) => {
            format!("V::constant({:?}f64, {p}, {q})", num.approx().unwrap_or(f64::NAN))
        }
        Num::Inverse(dim) => {
            let dim = dim.code();
            format!("V::constant(1f64 / ({dim}) as f64, 1, ({dim}) as i128)")
        }
        Num::Named { code, .. } => format!("V::from_f64({code})"),
        Num::Call(prim, args) => {
            let mut text = String::from("(");
            prim.write(&mut text, |arg, text| text.push_str(&number(&args[arg])));
            text.push(')');
            text
        }
    }
}
